// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the allocator with another actor in the windows where it holds no
 * lock of the cluster: swaptbl/alloc.c.
 *
 * Where a cluster was picked, the allocator has preemption disabled. So there
 * the other actor cannot be an allocation; it does by hand what one does on
 * another CPU.
 */
#include <kunit/test.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/entries.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

/**
 * struct scene - an allocation and who comes in between
 * @dev: the device
 * @folio: what slots are allocated for
 * @other: folio of the other actor
 * @table: spare table of the other actor
 * @offset: what the other actor puts or takes
 * @nr: how many slots of it
 * @order: order at which it takes them
 * @err: of what it did
 */
struct scene {
	struct swaptbl_device *dev;
	struct folio *folio;
	struct folio *other;
	struct swaptbl_table *table;
	unsigned long offset;
	unsigned int nr;
	unsigned int order;
	int err;
};

static int play(struct kunit *test, struct scene *scene,
		enum swaptbl_sync_point point, void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor,
		.arg = scene,
		/* Without memory at hand it has to sleep for it. */
		.fail_at = point == SWAPTBL_TABLE_SLEEP,
	};
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_alloc_swap_on(scene->dev, scene->folio);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	swaptbl_expect_verified(test, scene->dev);
	return err;
}

/* Take free slots as an allocation of exclusive ones does. */
static void actor_take(void *arg)
{
	struct scene *scene = arg;
	struct swaptbl_device *dev = scene->dev;
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, scene->offset);
	unsigned int i, slot = swaptbl_slot(scene->offset);

	if (!rcu_access_pointer(ci->table)) {
		__swaptbl_cluster_populate(dev, ci, scene->table);
		scene->table = NULL;
	}
	for (i = 0; i < scene->nr; i++)
		scene->err |= __swaptbl_cluster_alloc_entry(dev, ci, slot + i,
						swaptbl_exclusive_entry());
	__swaptbl_cluster_claim(dev, ci, slot, scene->nr, scene->order);
	swaptbl_stat_add(dev, SWAPTBL_STAT_ALLOC_EXCLUSIVE, scene->nr);
	swaptbl_cluster_unlock(ci);
}

static void actor_put(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_put_entries(scene->dev, scene->offset, scene->nr);
}

/* The whole cluster comes free and serves order 3 from then on. */
static void actor_put_and_take(void *arg)
{
	struct scene *scene = arg;

	actor_put(arg);
	scene->nr = 8;
	scene->order = 3;
	actor_take(arg);
}

/* A case may have moved between CPUs; what comes next is to be from a list. */
static void forget_hints(struct swaptbl_device *dev)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(dev->pcpu, cpu)->next, 0,
		       sizeof(dev->pcpu->next));
}

/* | cluster 0: full | cluster 1: order 0, only @free slots free | cluster 2 | */
static void scene_set(struct kunit *test, struct scene *scene,
		      unsigned int clusters, unsigned int free)
{
	unsigned int i;
	long offset;

	scene->dev = swaptbl_test_device(test, clusters * SLOTS, BITS);
	scene->folio = swaptbl_test_folio(test, 0);
	for (i = 0; i < 2 * SLOTS - 1; i++) {
		offset = swaptbl_test_swap_out(scene->dev, scene->folio);
		KUNIT_ASSERT_GT(test, offset, 0);
	}
	KUNIT_ASSERT_EQ(test, scene->dev->full.nr, 2);
	forget_hints(scene->dev);
	scene->offset = SLOTS + 64;
	scene->nr = free;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene->dev, scene->offset,
						     free));
}

static void picked_last_slots_taken(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene, 3, 1);
	KUNIT_EXPECT_EQ(test,
			play(test, &scene, SWAPTBL_CLUSTER_PICKED, actor_take), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.folio) / SLOTS, 2);
	KUNIT_EXPECT_EQ(test, scene.dev->full.nr, 2);
}

static void picked_last_slots_of_device_taken(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene, 2, 3);
	KUNIT_EXPECT_EQ(test,
			play(test, &scene, SWAPTBL_CLUSTER_PICKED, actor_take),
			-ENOSPC);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(scene.folio));
	KUNIT_EXPECT_EQ(test, scene.dev->full.nr, 2);
}

static void picked_run_taken(struct kunit *test)
{
	struct scene scene = {};

	/* A pair is wanted, and one slot of the only one goes. */
	scene_set(test, &scene, 2, 2);
	scene.nr = 1;
	scene.folio = swaptbl_test_folio(test, 1);
	KUNIT_EXPECT_EQ(test,
			play(test, &scene, SWAPTBL_CLUSTER_PICKED, actor_take),
			-E2BIG);
	KUNIT_EXPECT_EQ(test, scene.dev->nonfull[0].nr, 1);
}

static void picked_all_freed(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene, 2, 64);
	scene.offset = SLOTS + 128;
	scene.nr = SLOTS - 128;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene.dev, SLOTS, 64));
	KUNIT_EXPECT_EQ(test,
			play(test, &scene, SWAPTBL_CLUSTER_PICKED, actor_put), 0);
	/* It had left its list; it was found again among the free ones. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.folio) / SLOTS, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_cluster_lookup(scene.dev, SLOTS)->nr_used, 1);
}

static void picked_reused_at_other_order(struct kunit *test)
{
	struct scene scene = {};
	struct swaptbl_cluster *ci;

	scene_set(test, &scene, 3, 64);
	scene.offset = SLOTS + 128;
	scene.nr = SLOTS - 128;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene.dev, SLOTS, 64));
	scene.table = swaptbl_table_alloc(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, scene.table);
	KUNIT_EXPECT_EQ(test, play(test, &scene, SWAPTBL_CLUSTER_PICKED,
				   actor_put_and_take), 0);
	/* Nothing is taken from a cluster that now serves order 3. */
	ci = swaptbl_cluster_lookup(scene.dev, SLOTS);
	KUNIT_EXPECT_EQ(test, ci->order, 3);
	KUNIT_EXPECT_EQ(test, ci->nr_used, 8);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.folio) / SLOTS, 2);
	swaptbl_table_free(scene.table);
}

/* The free cluster that was picked is no longer free. */
static void picked_free_cluster_taken(struct kunit *test)
{
	struct scene scene = { .nr = SLOTS / 2, .order = 2 };

	scene.dev = swaptbl_test_device(test, SLOTS, BITS);
	scene.folio = swaptbl_test_folio(test, 0);
	scene.offset = SLOTS / 2;
	KUNIT_EXPECT_EQ(test,
			play(test, &scene, SWAPTBL_CLUSTER_PICKED, actor_take), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_cluster_lookup(scene.dev, 0)->order, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_STEAL), 1);
}

static void actor_alloc(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_folio_alloc_swap_on(scene->dev, scene->other);
}

static void sleep_scene(struct kunit *test, struct scene *scene,
			unsigned int clusters, unsigned int other)
{
	scene->dev = swaptbl_test_device(test, clusters * SLOTS, BITS);
	scene->folio = swaptbl_test_folio(test, SWAPTBL_CLUSTER_ORDER);
	scene->other = swaptbl_test_folio(test, other);
}

static void sleep_other_allocates(struct kunit *test)
{
	struct scene scene = {};

	sleep_scene(test, &scene, 3, SWAPTBL_CLUSTER_ORDER);
	KUNIT_EXPECT_EQ(test,
			play(test, &scene, SWAPTBL_TABLE_SLEEP, actor_alloc), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.other), SLOTS);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.folio), 2 * SLOTS);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_TABLES), 3);
}

/* The memory for the cluster that went to another is given back. */
static void sleep_last_cluster_taken(struct kunit *test)
{
	struct scene scene = {};

	sleep_scene(test, &scene, 2, SWAPTBL_CLUSTER_ORDER);
	KUNIT_EXPECT_EQ(test,
			play(test, &scene, SWAPTBL_TABLE_SLEEP, actor_alloc),
			-E2BIG);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(scene.folio));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_TABLES), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_CLUSTERS),
			2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(scene.other), 0);
	KUNIT_EXPECT_EQ(test,
			swaptbl_folio_alloc_swap_on(scene.dev, scene.folio), 0);
}

static void actor_fill(void *arg)
{
	struct scene *scene = arg;
	long offset;

	do {
		offset = swaptbl_test_swap_out(scene->dev, scene->other);
	} while (offset > 0);
	scene->err = offset == -ENOSPC ? 0 : offset;
}

static void sleep_device_filled(struct kunit *test)
{
	struct scene scene = {};

	sleep_scene(test, &scene, 2, 0);
	KUNIT_EXPECT_EQ(test, play(test, &scene, SWAPTBL_TABLE_SLEEP, actor_fill),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.dev->nr_used),
			2 * SLOTS - 1);
}

static void actor_destroy(void *arg)
{
	struct scene *scene = arg;
	int err = swaptbl_device_destroy(scene->dev->type, false);

	scene->err = err == -EBUSY ? 0 : -EINVAL;
}

static void sleep_destroy_refused(struct kunit *test)
{
	struct scene scene = {};

	sleep_scene(test, &scene, 2, 0);
	KUNIT_ASSERT_EQ(test, 0,
			swaptbl_folio_alloc_swap_on(scene.dev, scene.other));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(scene.other, NULL,
							GFP_KERNEL));
	KUNIT_EXPECT_EQ(test,
			play(test, &scene, SWAPTBL_TABLE_SLEEP, actor_destroy), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.folio), SLOTS);
}

static struct kunit_case swaptbl_race_cases[] = {
	KUNIT_CASE(picked_last_slots_taken),
	KUNIT_CASE(picked_last_slots_of_device_taken),
	KUNIT_CASE(picked_run_taken),
	KUNIT_CASE(picked_all_freed),
	KUNIT_CASE(picked_reused_at_other_order),
	KUNIT_CASE(picked_free_cluster_taken),
	KUNIT_CASE(sleep_other_allocates),
	KUNIT_CASE(sleep_last_cluster_taken),
	KUNIT_CASE(sleep_device_filled),
	KUNIT_CASE(sleep_destroy_refused),
	{}
};

static struct kunit_suite swaptbl_race_suite = {
	.name = "swaptbl_race",
	.test_cases = swaptbl_race_cases,
};

kunit_test_suite(swaptbl_race_suite);
