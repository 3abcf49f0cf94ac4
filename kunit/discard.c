// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the discard of clusters that became free: swaptbl/discard.c. Its worker
 * is kept from running, so that it is certain who discards what and when.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched/task.h>
#include <linux/workqueue.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/discard.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "spy.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

/**
 * struct scene - a device and what its store was asked
 * @dev: the device; discards nothing by itself
 * @spy: its store
 * @folio: of the other actor
 * @offset: a slot that was freed
 * @err: of what the other actor did
 * @done: completed by the other actor if it is a task
 */
struct scene {
	struct swaptbl_device *dev;
	struct swaptbl_spy *spy;
	struct folio *folio;
	unsigned long offset;
	int err;
	struct completion done;
};

static void scene_make(struct kunit *test, struct scene *scene,
		       unsigned long nr_slots)
{
	scene->spy = swaptbl_spy_alloc(test);
	scene->dev = swaptbl_test_device(test, nr_slots, BITS);
	swaptbl_spy_on(scene->spy, scene->dev);
	disable_work_sync(&scene->dev->discard_work);
}

static enum swaptbl_list list_of(struct scene *scene)
{
	return swaptbl_cluster_lookup(scene->dev, scene->offset)->list;
}

/* A cluster that held data is empty now. */
static void make_pending(struct kunit *test, struct scene *scene)
{
	scene->offset = swaptbl_test_evicted(test, scene->dev,
					     SWAPTBL_CLUSTER_ORDER, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene->dev, scene->offset,
						     SLOTS));
	KUNIT_ASSERT_EQ(test, list_of(scene), SWAPTBL_LIST_DISCARD);
}

static void fill(struct kunit *test, struct scene *scene, unsigned long nr)
{
	struct folio *folio = swaptbl_test_folio(test, 0);

	while (nr--)
		KUNIT_ASSERT_GT(test, swaptbl_test_swap_out(scene->dev, folio),
				0);
	swaptbl_test_folio_free(test, folio);
}

/* | cluster 0: full | @clusters that wait for their discard | */
static void scene_set(struct kunit *test, struct scene *scene,
		      unsigned int clusters)
{
	unsigned long offset[4];
	unsigned int i;

	scene_make(test, scene, (clusters + 1) * SLOTS);
	for (i = 0; i < clusters; i++)
		offset[i] = swaptbl_test_evicted(test, scene->dev,
						 SWAPTBL_CLUSTER_ORDER, i);
	fill(test, scene, SLOTS - 1);
	for (i = 0; i < clusters; i++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene->dev,
							     offset[i], SLOTS));
	scene->offset = clusters ? offset[0] : 1;
	KUNIT_ASSERT_EQ(test, scene->dev->discard.nr, clusters);
	swaptbl_expect_verified(test, scene->dev);
}

static void expect_discards(struct kunit *test, struct scene *scene,
			    unsigned int nr, unsigned int sync)
{
	struct swaptbl_device *dev = scene->dev;

	KUNIT_EXPECT_EQ(test, scene->spy->discards, nr);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_DISCARD), nr);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_DISCARD_SYNC),
			sync);
	KUNIT_EXPECT_FALSE(test, scene->spy->atomic);
	KUNIT_EXPECT_EQ(test, dev->nr_discarding, 0);
	swaptbl_expect_verified(test, dev);
}

static void written_cluster_waits(struct kunit *test)
{
	struct scene scene = {};
	struct swaptbl_cluster *ci;

	scene_make(test, &scene, 3 * SLOTS);
	make_pending(test, &scene);
	ci = swaptbl_cluster_lookup(scene.dev, scene.offset);
	KUNIT_EXPECT_EQ(test, ci->order, SWAPTBL_ORDER_NONE);
	KUNIT_EXPECT_TRUE(test, ci->stored);
	expect_discards(test, &scene, 0, 0);
	swaptbl_discard_work(&scene.dev->discard_work);
	KUNIT_EXPECT_EQ(test, list_of(&scene), SWAPTBL_LIST_FREE);
	KUNIT_EXPECT_FALSE(test, ci->stored);
	KUNIT_EXPECT_EQ(test, scene.spy->run[0].offset, scene.offset);
	KUNIT_EXPECT_EQ(test, scene.spy->run[0].nr, SLOTS);
	expect_discards(test, &scene, 1, 0);
}

static void unwritten_cluster_is_free(struct kunit *test)
{
	struct scene scene = {};

	scene_make(test, &scene, 2 * SLOTS);
	scene.offset = swaptbl_test_swapped(test, scene.dev, 2, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene.dev, scene.offset, 4));
	KUNIT_EXPECT_EQ(test, list_of(&scene), SWAPTBL_LIST_FREE);
	KUNIT_EXPECT_FALSE(test, swaptbl_discard_one(scene.dev));
	expect_discards(test, &scene, 0, 0);
}

/* The slots that are left keep their data, and the cluster its place. */
static void used_cluster_is_not_discarded(struct kunit *test)
{
	struct scene scene = {};
	unsigned long keep;

	scene_make(test, &scene, 2 * SLOTS);
	keep = swaptbl_test_evicted(test, scene.dev, 2, 1);
	scene.offset = swaptbl_test_evicted(test, scene.dev, 2, 2);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene.dev, scene.offset, 4));
	KUNIT_EXPECT_EQ(test, list_of(&scene), SWAPTBL_LIST_NONFULL);
	KUNIT_EXPECT_FALSE(test, swaptbl_discard_one(scene.dev));
	swaptbl_test_expect_stored(test, scene.dev, keep, 4, 1);
	expect_discards(test, &scene, 0, 0);
}

static void worker_runs_by_itself(struct kunit *test)
{
	struct scene scene = {};

	scene_make(test, &scene, 3 * SLOTS);
	enable_work(&scene.dev->discard_work);
	scene.offset = swaptbl_test_evicted(test, scene.dev, 3, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene.dev, scene.offset, 8));
	flush_work(&scene.dev->discard_work);
	KUNIT_EXPECT_EQ(test, scene.dev->discard.nr, 0);
	expect_discards(test, &scene, 1, 0);
}

/* Neither the header page nor what is beyond the end of the device. */
static void bad_slots_are_left_out(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;
	unsigned long offset;

	scene_make(test, &scene, SLOTS + 100);
	folio = swaptbl_test_folio(test, 0);
	while (!swaptbl_folio_alloc_swap_on(scene.dev, folio)) {
		swaptbl_test_fill(folio, 1);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL,
								GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	}
	for (offset = 1; offset < SLOTS + 100; offset++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene.dev, offset,
							     1));
	swaptbl_discard_work(&scene.dev->discard_work);
	expect_discards(test, &scene, 2, 0);
	KUNIT_EXPECT_EQ(test, scene.spy->run[0].offset, 1);
	KUNIT_EXPECT_EQ(test, scene.spy->run[0].nr, SLOTS - 1);
	KUNIT_EXPECT_EQ(test, scene.spy->run[1].offset, SLOTS);
	KUNIT_EXPECT_EQ(test, scene.spy->run[1].nr, 100);
}

/* Pitfall 29: all that is free waits for its discard, in one cluster or in two. */
static void order_zero_discards_one(struct kunit *test, unsigned int clusters)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, clusters);
	folio = swaptbl_test_bound(test, scene.dev, 0);
	KUNIT_EXPECT_GE(test, swaptbl_test_offset(folio), SLOTS);
	KUNIT_EXPECT_EQ(test, scene.dev->discard.nr, clusters - 1);
	expect_discards(test, &scene, 1, 1);
	/* There is room now. */
	swaptbl_test_bound(test, scene.dev, 0);
	expect_discards(test, &scene, 1, 1);
}

static void order_zero_discards_the_last(struct kunit *test)
{
	order_zero_discards_one(test, 1);
}

static void order_zero_discards_only_one(struct kunit *test)
{
	order_zero_discards_one(test, 3);
}

static void exclusive_slot_discards(struct kunit *test)
{
	struct scene scene = {};
	swp_entry_t entry;

	scene_set(test, &scene, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_alloc_exclusive(scene.dev->type, &entry),
			0);
	KUNIT_EXPECT_GE(test, swp_offset(entry), SLOTS);
	expect_discards(test, &scene, 1, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry), 0);
}

static const unsigned int larger[] = { 1, 2, 4, SWAPTBL_CLUSTER_ORDER };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(larger, larger, order_desc);

static void larger_orders_do_not_discard(struct kunit *test)
{
	const unsigned int *order = test->param_value;
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, 1);
	folio = swaptbl_test_folio(test, *order);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(scene.dev, folio),
			-E2BIG);
	KUNIT_EXPECT_EQ(test, list_of(&scene), SWAPTBL_LIST_DISCARD);
	expect_discards(test, &scene, 0, 0);
	swaptbl_discard_work(&scene.dev->discard_work);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(scene.dev, folio), 0);
	expect_discards(test, &scene, 1, 0);
}

static void nothing_to_discard_ends(struct kunit *test)
{
	struct folio *folio = swaptbl_test_folio(test, 0);
	struct scene scene = {};

	scene_set(test, &scene, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(scene.dev, folio),
			-ENOSPC);
	KUNIT_EXPECT_FALSE(test, swaptbl_discard_one(scene.dev));
	expect_discards(test, &scene, 0, 0);
}

/* An allocation that has another free cluster leaves it alone. */
static void free_cluster_comes_first(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_make(test, &scene, 3 * SLOTS);
	make_pending(test, &scene);
	fill(test, &scene, 2 * SLOTS - 1);
	expect_discards(test, &scene, 0, 0);
	folio = swaptbl_test_bound(test, scene.dev, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_cluster_index(swaptbl_test_offset(folio)),
			swaptbl_cluster_index(scene.offset));
	expect_discards(test, &scene, 1, 1);
}

/* The hint of this CPU points to it still. */
static void hint_does_not_lead_there(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_make(test, &scene, 2 * SLOTS);
	scene.offset = swaptbl_test_evicted(test, scene.dev, 0, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene.dev, scene.offset, 1));
	KUNIT_ASSERT_EQ(test, list_of(&scene), SWAPTBL_LIST_DISCARD);
	folio = swaptbl_test_bound(test, scene.dev, 0);
	KUNIT_EXPECT_NE(test, swaptbl_cluster_index(swaptbl_test_offset(folio)),
			swaptbl_cluster_index(scene.offset));
	expect_discards(test, &scene, 0, 0);
}

static int discard_with(struct scene *scene, struct swaptbl_test_hooks *hooks)
{
	bool was;

	hooks->arg = scene;
	swaptbl_test_hooks_begin(hooks);
	was = swaptbl_discard_one(scene->dev);
	swaptbl_test_hooks_end(hooks);
	return was;
}

static void failed_discard_frees(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, 1);
	KUNIT_EXPECT_TRUE(test, discard_with(&scene, &hooks));
	KUNIT_EXPECT_EQ(test, hooks.io[SWAPTBL_IO_DISCARD], 1);
	KUNIT_EXPECT_EQ(test, scene.spy->discards, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev,
					       SWAPTBL_STAT_DISCARD_ERROR), 1);
	KUNIT_EXPECT_EQ(test, list_of(&scene), SWAPTBL_LIST_FREE);
	swaptbl_expect_verified(test, scene.dev);
	/* What is left of the old data does not show. */
	folio = swaptbl_test_bound(test, scene.dev, 2);
	scene.offset = swaptbl_test_offset(folio);
	swaptbl_test_fill(folio, 77);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	swaptbl_test_expect_stored(test, scene.dev, scene.offset, 4, 77);
}

static void failed_discard_serves_order_zero(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	struct scene scene = {};
	struct folio *folio;
	int err;

	scene_set(test, &scene, 1);
	folio = swaptbl_test_folio(test, 0);
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_alloc_swap_on(scene.dev, folio);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, hooks.ios, 1);
	swaptbl_expect_verified(test, scene.dev);
}

/* The other actor finds the device right, and nothing in the cluster. */
static void actor_look(void *arg)
{
	struct scene *scene = arg;
	struct swaptbl_device *dev = scene->dev;
	swp_entry_t entry = swp_entry(dev->type, scene->offset);

	scene->err = list_of(scene) != SWAPTBL_LIST_DISCARDING ||
		     dev->nr_discarding != 1 || swaptbl_verify(dev, NULL) ||
		     swaptbl_put_entries_direct(entry, 1) != -ENOENT ||
		     swaptbl_dup_entries_direct(entry, 1, GFP_KERNEL) != -ENOENT ||
		     swaptbl_swapin(entry, 1, GFP_KERNEL) != ERR_PTR(-ENOENT) ||
		     swaptbl_cache_get_folio(dev, scene->offset) ||
		     swaptbl_count(dev, scene->offset);
}

static void unlocked_nothing_is_there(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_DISCARD_UNLOCKED,
		.actor = actor_look,
	};
	struct scene scene = { .err = -1 };

	scene_set(test, &scene, 1);
	KUNIT_EXPECT_TRUE(test, discard_with(&scene, &hooks));
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, list_of(&scene), SWAPTBL_LIST_FREE);
	expect_discards(test, &scene, 1, 0);
}

static void actor_discard(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_discard_one(scene->dev);
}

static void unlocked_nobody_else_takes_it(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_DISCARD_UNLOCKED,
		.actor = actor_discard,
	};
	struct scene scene = { .err = -1 };

	scene_set(test, &scene, 1);
	KUNIT_EXPECT_TRUE(test, discard_with(&scene, &hooks));
	KUNIT_EXPECT_EQ(test, scene.err, false);
	expect_discards(test, &scene, 1, 0);
}

static void unlocked_other_takes_next(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_DISCARD_UNLOCKED,
		.actor = actor_discard,
	};
	struct scene scene = { .err = -1 };

	scene_set(test, &scene, 2);
	KUNIT_EXPECT_TRUE(test, discard_with(&scene, &hooks));
	KUNIT_EXPECT_EQ(test, scene.err, true);
	KUNIT_EXPECT_EQ(test, scene.dev->free.nr, 2);
	KUNIT_EXPECT_NE(test, scene.spy->run[0].offset,
			scene.spy->run[1].offset);
	expect_discards(test, &scene, 2, 0);
}

static void actor_alloc(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_folio_alloc_swap_on(scene->dev, scene->folio);
}

static void unlocked_run_is_refused(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_DISCARD_UNLOCKED,
		.actor = actor_alloc,
	};
	struct scene scene = {};

	scene_set(test, &scene, 1);
	scene.folio = swaptbl_test_folio(test, 2);
	KUNIT_EXPECT_TRUE(test, discard_with(&scene, &hooks));
	KUNIT_EXPECT_EQ(test, scene.err, -E2BIG);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(scene.folio));
	expect_discards(test, &scene, 1, 0);
}

/* A slot elsewhere comes free meanwhile: nobody has to wait. */
static void actor_free_and_alloc(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_put_entries(scene->dev, 5, 1) ?:
		     swaptbl_folio_alloc_swap_on(scene->dev, scene->folio);
}

static void unlocked_other_slot_is_found(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_DISCARD_UNLOCKED,
		.actor = actor_free_and_alloc,
	};
	struct scene scene = {};

	scene_set(test, &scene, 1);
	scene.folio = swaptbl_test_folio(test, 0);
	KUNIT_EXPECT_TRUE(test, discard_with(&scene, &hooks));
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.folio), 5);
	expect_discards(test, &scene, 1, 0);
}

static int alloc_thread(void *arg)
{
	struct scene *scene = arg;

	actor_alloc(scene);
	complete(&scene->done);
	return 0;
}

/* Time enough for the other task to find that it has to wait. */
static void actor_start_thread(void *arg)
{
	struct scene *scene = arg;
	struct task_struct *task = kthread_run(alloc_thread, scene,
					       "swaptbl_alloc");

	if (IS_ERR(task))
		return;
	msleep(50);
	if (completion_done(&scene->done))
		scene->err = -EINVAL;
}

/* Only a cluster that another task is discarding has room: order 0 waits for it. */
static void unlocked_order_zero_waits(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_DISCARD_UNLOCKED,
		.actor = actor_start_thread,
	};
	struct scene scene = {};

	init_completion(&scene.done);
	scene_set(test, &scene, 1);
	scene.folio = swaptbl_test_folio(test, 0);
	KUNIT_EXPECT_TRUE(test, discard_with(&scene, &hooks));
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&scene.done, 30 * HZ),
			0);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(scene.folio));
	expect_discards(test, &scene, 1, 0);
}

static void device_goes_while_pending(struct kunit *test)
{
	struct scene scene = {};

	scene_make(test, &scene, 3 * SLOTS);
	make_pending(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, scene.dev, false),
			0);
}

/* The worker is at it, or about to be, or done: whichever it is. */
static void device_goes_while_discarding(struct kunit *test)
{
	unsigned int round;

	for (round = 0; round < 20; round++) {
		struct scene scene = {};

		scene_make(test, &scene, 4 * SLOTS);
		enable_work(&scene.dev->discard_work);
		scene.offset = swaptbl_test_evicted(test, scene.dev, 2, round);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(scene.dev,
							     scene.offset, 4));
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_device_destroy(test,
								     scene.dev,
								     false));
	}
}

static struct kunit_case swaptbl_discard_cases[] = {
	KUNIT_CASE(written_cluster_waits),
	KUNIT_CASE(unwritten_cluster_is_free),
	KUNIT_CASE(used_cluster_is_not_discarded),
	KUNIT_CASE(worker_runs_by_itself),
	KUNIT_CASE(bad_slots_are_left_out),
	KUNIT_CASE(order_zero_discards_the_last),
	KUNIT_CASE(order_zero_discards_only_one),
	KUNIT_CASE(exclusive_slot_discards),
	KUNIT_CASE_PARAM(larger_orders_do_not_discard, larger_gen_params),
	KUNIT_CASE(nothing_to_discard_ends),
	KUNIT_CASE(free_cluster_comes_first),
	KUNIT_CASE(hint_does_not_lead_there),
	KUNIT_CASE(failed_discard_frees),
	KUNIT_CASE(failed_discard_serves_order_zero),
	KUNIT_CASE(unlocked_nothing_is_there),
	KUNIT_CASE(unlocked_nobody_else_takes_it),
	KUNIT_CASE(unlocked_other_takes_next),
	KUNIT_CASE(unlocked_run_is_refused),
	KUNIT_CASE(unlocked_other_slot_is_found),
	KUNIT_CASE(unlocked_order_zero_waits),
	KUNIT_CASE(device_goes_while_pending),
	KUNIT_CASE(device_goes_while_discarding),
	{}
};

static struct kunit_suite swaptbl_discard_suite = {
	.name = "swaptbl_discard",
	.test_cases = swaptbl_discard_cases,
};

kunit_test_suite(swaptbl_discard_suite);
