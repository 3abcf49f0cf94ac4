// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of reclaim: slots that are cached only, when space is short, and cached
 * pages: swaptbl/reclaim.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>
#include <linux/workqueue.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/reclaim.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

/**
 * struct scene - a device without a free slot, and who comes in between
 * @dev: the device
 * @cached: folios that are cached only, unlocked, by slot
 * @nr: number of @cached
 * @folio: gets slots
 * @other: of the other actor
 * @err: of what the other actor did
 */
struct scene {
	struct swaptbl_device *dev;
	struct folio **cached;
	unsigned int nr;
	struct folio *folio;
	struct folio *other;
	int err;
};

static long total(struct swaptbl_device *dev, enum swaptbl_stat stat)
{
	return swaptbl_stat_sum(dev, stat);
}

/* Each slot of @nr that are free gets a folio of @order, or is part of one. */
static void cache_all(struct kunit *test, struct scene *scene, unsigned int nr,
		      unsigned int order)
{
	unsigned int i;

	scene->nr = nr >> order;
	scene->cached = kunit_kcalloc(test, scene->nr, sizeof(*scene->cached),
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, scene->cached);
	for (i = 0; i < scene->nr; i++) {
		scene->cached[i] = swaptbl_test_bound(test, scene->dev, order);
		folio_unlock(scene->cached[i]);
	}
}

/* | cluster 0: swapped | cluster 1: cached only, a folio each | */
static void scene_set(struct kunit *test, struct scene *scene)
{
	unsigned int i;

	scene->dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	scene->folio = swaptbl_test_folio(test, 0);
	for (i = 1; i < SLOTS; i++)
		KUNIT_ASSERT_GT(test, swaptbl_test_swap_out(scene->dev,
							    scene->folio), 0);
	cache_all(test, scene, SLOTS, 0);
	KUNIT_ASSERT_EQ(test, scene->dev->full.nr, 2);
	for (i = 0; i < SLOTS; i++)
		KUNIT_ASSERT_EQ(test, swaptbl_test_offset(scene->cached[i]),
				SLOTS + i);
}

static unsigned int nr_bound(const struct scene *scene)
{
	unsigned int i, nr = 0;

	for (i = 0; i < scene->nr; i++)
		nr += swaptbl_folio_bound(scene->cached[i]);
	return nr;
}

/* What lost its slots lost the references of the cache too. */
static void expect_released(struct kunit *test, const struct scene *scene)
{
	unsigned int i;

	for (i = 0; i < scene->nr; i++)
		KUNIT_EXPECT_EQ(test, folio_ref_count(scene->cached[i]),
				swaptbl_folio_bound(scene->cached[i]) ?
				1 + folio_nr_pages(scene->cached[i]) : 1);
	swaptbl_expect_verified(test, scene->dev);
}

/* Allocate, with the other actor between the find and the lock. */
static int play(struct kunit *test, struct scene *scene,
		void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_RECLAIM_UNLOCKED,
		.actor = actor,
		.arg = scene,
	};
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_alloc_swap_on(scene->dev, scene->folio);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GT(test, hooks.passed, 0);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_bound(scene->folio), !err);
	expect_released(test, scene);
	return err;
}

static void nothing_comes_between(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, play(test, &scene, NULL), 0);
	KUNIT_EXPECT_GE(test, swaptbl_test_offset(scene.folio), SLOTS);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_RECLAIM),
			SLOTS - nr_bound(&scene));
	KUNIT_EXPECT_GT(test, total(scene.dev, SWAPTBL_STAT_RECLAIM), 0);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_FAIL_NOSPC), 0);
}

static void actor_free_all(void *arg)
{
	struct scene *scene = arg;
	unsigned int i;

	for (i = 0; i < scene->nr; i++) {
		folio_lock(scene->cached[i]);
		scene->err |= swaptbl_folio_free_swap(scene->cached[i]);
		folio_unlock(scene->cached[i]);
	}
}

/* Pitfall 27: the cluster is empty and its table gone. */
static void all_freed(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, play(test, &scene, actor_free_all), 0);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_cluster_lookup(scene.dev, SLOTS)->nr_used,
			1);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_RECLAIM), 0);
}

static void actor_free_and_reuse(void *arg)
{
	struct scene *scene = arg;

	actor_free_all(arg);
	scene->err |= swaptbl_folio_alloc_swap_on(scene->dev, scene->other);
}

static void all_freed_and_reused_at_other_order(struct kunit *test)
{
	struct scene scene = {};
	struct swaptbl_cluster *ci;

	scene_set(test, &scene);
	scene.other = swaptbl_test_folio(test, 3);
	KUNIT_EXPECT_EQ(test, play(test, &scene, actor_free_and_reuse), 0);
	ci = swaptbl_cluster_lookup(scene.dev, SLOTS);
	KUNIT_EXPECT_EQ(test, ci->order, 3);
	KUNIT_EXPECT_EQ(test, ci->nr_used, 9);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.other) / SLOTS, 1);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_STEAL), 1);
}

/* It held data once, so that it is not free before its discard. */
static void all_freed_with_discard_pending(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	disable_work_sync(&scene.dev->discard_work);
	swaptbl_cluster_lookup(scene.dev, SLOTS)->stored = true;
	KUNIT_EXPECT_EQ(test, play(test, &scene, actor_free_all), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.folio) / SLOTS, 1);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_DISCARD_SYNC), 1);
}

/* One goes, and another folio takes its slot. */
static void actor_replace(void *arg)
{
	struct scene *scene = arg;

	folio_lock(scene->cached[0]);
	scene->err = swaptbl_folio_free_swap(scene->cached[0]) ?:
		     swaptbl_folio_alloc_swap_on(scene->dev, scene->other);
	folio_unlock(scene->cached[0]);
}

static void slot_got_other_folio(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	scene.other = swaptbl_test_folio(test, 0);
	KUNIT_EXPECT_EQ(test, play(test, &scene, actor_replace), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(scene.other), SLOTS);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.other), 2);
}

static void count_folios(struct scene *scene, unsigned int nr)
{
	while (nr--) {
		folio_lock(scene->cached[nr]);
		scene->err |= swaptbl_folio_dup_swap(scene->cached[nr], NULL,
						     GFP_KERNEL);
		folio_unlock(scene->cached[nr]);
	}
}

static void actor_count_first(void *arg)
{
	count_folios(arg, 1);
}

static void first_got_count(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, play(test, &scene, actor_count_first), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_has(scene.cached[0],
						  scene.dev->type, SLOTS));
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, SLOTS), 1);
}

static void actor_count_all(void *arg)
{
	struct scene *scene = arg;

	count_folios(scene, scene->nr);
}

static void all_got_counts(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, play(test, &scene, actor_count_all), -ENOSPC);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), SLOTS);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_RECLAIM), 0);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_FAIL_NOSPC), 1);
}

static void actor_lock_first(void *arg)
{
	struct scene *scene = arg;

	folio_lock(scene->cached[0]);
}

static void first_is_locked(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, play(test, &scene, actor_lock_first), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(scene.cached[0]));
	folio_unlock(scene.cached[0]);
}

static void actor_lock_all(void *arg)
{
	struct scene *scene = arg;
	unsigned int i;

	for (i = 0; i < scene->nr; i++)
		folio_lock(scene->cached[i]);
}

/* Nobody waits for a lock, however many there are. */
static void all_are_locked(struct kunit *test)
{
	struct scene scene = {};
	unsigned int i;

	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, play(test, &scene, actor_lock_all), -ENOSPC);
	for (i = 0; i < scene.nr; i++)
		folio_unlock(scene.cached[i]);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), SLOTS);
}

/**
 * struct space_case - a device full of folios that are cached only
 * @has: order of those
 * @wants: order of the one that needs room
 */
struct space_case {
	unsigned int has;
	unsigned int wants;
};

static const struct space_case spaces[] = {
	{ 0, 0 }, { 0, 4 }, { 4, 0 }, { 4, 4 }, { 2, 5 }, { 3, 8 },
	{ 0, SWAPTBL_CLUSTER_ORDER }, { 4, SWAPTBL_CLUSTER_ORDER },
};

static void space_desc(const struct space_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "has=%u wants=%u", c->has, c->wants);
}

KUNIT_ARRAY_PARAM(space, spaces, space_desc);

static void full_of_cached_only(struct kunit *test)
{
	const struct space_case *c = test->param_value;
	unsigned int nr = 2 * SLOTS - BIT(c->has), freed;
	struct scene scene = {};

	scene.dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	cache_all(test, &scene, nr, c->has);
	/* What is left beside the header page. */
	while (atomic_long_read(&scene.dev->nr_used) < 2 * SLOTS - 1)
		KUNIT_ASSERT_GT(test, swaptbl_test_swapped(test, scene.dev, 0, 1),
				0);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), scene.nr);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_CACHED_ONLY), nr);
	scene.folio = swaptbl_test_folio(test, c->wants);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(scene.dev, scene.folio),
			0);
	freed = (scene.nr - nr_bound(&scene)) << c->has;
	KUNIT_EXPECT_GE(test, freed, BIT(c->wants));
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_RECLAIM), freed);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_CACHED_ONLY),
			nr - freed + BIT(c->wants));
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_FAIL_NOSPC), 0);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_FAIL_2BIG), 0);
	expect_released(test, &scene);
}

/* Nothing is given up for an allocation that has room. */
static void room_comes_first(struct kunit *test)
{
	struct scene scene = {};

	scene.dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	cache_all(test, &scene, SLOTS, 0);
	scene.folio = swaptbl_test_bound(test, scene.dev, 2);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), SLOTS);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_RECLAIM), 0);
}

/* One turn around the device, and no more: too large stays too large. */
static void too_large_ends(struct kunit *test)
{
	struct scene scene = {};
	unsigned int i;

	scene_set(test, &scene);
	for (i = 0; i < SLOTS; i += 64) {
		folio_lock(scene.cached[i]);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(scene.cached[i],
								NULL, GFP_KERNEL));
		folio_unlock(scene.cached[i]);
	}
	scene.folio = swaptbl_test_folio(test, 6);
	KUNIT_EXPECT_EQ(test, play(test, &scene, NULL), -E2BIG);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), SLOTS / 64);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_FAIL_2BIG), 1);
}

static void counted_slot_keeps_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	struct folio *other = swaptbl_test_bound(test, dev, 2);
	unsigned int clusters = 2;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio,
							folio_page(folio, 2),
							GFP_KERNEL));
	folio_unlock(folio);
	folio_unlock(other);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_slots(dev, &clusters), 4);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(other));
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_CACHED_ONLY), 3);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_RECLAIM), 4);
	swaptbl_expect_verified(test, dev);
	clusters = 2;
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_slots(dev, &clusters), 0);
	KUNIT_EXPECT_EQ(test, clusters, 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 5);
}

static void clusters_are_counted_down(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 5 * SLOTS, BITS);
	unsigned int clusters = 3;

	folio_unlock(swaptbl_test_bound(test, dev, 0));
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_slots(dev, &(unsigned int){ 0 }), 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_CACHED_ONLY), 1);
	dev->reclaim_hand = 1;
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_slots(dev, &clusters), 0);
	KUNIT_EXPECT_EQ(test, clusters, 0);
	clusters = 2;
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_slots(dev, &clusters), 1);
	KUNIT_EXPECT_EQ(test, clusters, 0);
	swaptbl_expect_verified(test, dev);
}

/* The last put by entry lets go of the folio, unless that is locked. */
static void last_put_reclaims(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	swp_entry_t entry = folio->swap;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 4), 0);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 3), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	entry.val += 3;
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 1), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
	swaptbl_expect_verified(test, dev);
}

/* Folios with data and a count each. */
static void cache_data(struct kunit *test, struct scene *scene, unsigned int nr,
		       unsigned int order)
{
	unsigned int i;

	scene->dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	cache_all(test, scene, nr << order, order);
	count_folios(scene, nr);
	for (i = 0; i < nr; i++)
		swaptbl_test_fill(scene->cached[i], i);
}

static void pages_are_evicted(struct kunit *test)
{
	struct scene scene = {};
	unsigned long offset;

	cache_data(test, &scene, 40, 0);
	offset = swaptbl_test_offset(scene.cached[0]);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 0), 0);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), 40);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 10), 10);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), 30);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_CACHED), 30);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 1000), 30);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_EVICT), 40);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 1000), 0);
	expect_released(test, &scene);
	swaptbl_test_expect_stored(test, scene.dev, offset, 1, 0);
}

static void large_folios_are_evicted_whole(struct kunit *test)
{
	struct scene scene = {};
	unsigned long offset;

	cache_data(test, &scene, 10, 3);
	offset = swaptbl_test_offset(scene.cached[4]);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 9), 16);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), 8);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 64), 64);
	expect_released(test, &scene);
	swaptbl_test_expect_stored(test, scene.dev, offset, 8, 4);
}

static void locked_folio_is_left_alone(struct kunit *test)
{
	struct scene scene = {};

	cache_data(test, &scene, 20, 1);
	folio_lock(scene.cached[7]);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 1000), 38);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(scene.cached[7]));
	folio_unlock(scene.cached[7]);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 1000), 2);
	expect_released(test, &scene);
}

static void active_folio_is_spared_once(struct kunit *test)
{
	struct scene scene = {};
	unsigned int i;

	cache_data(test, &scene, 20, 0);
	for (i = 5; i < 10; i++)
		swaptbl_folio_set(scene.cached[i], SWAPTBL_FOLIO_ACTIVE);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 15), 15);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_folio_bound(scene.cached[i]),
				i >= 5 && i < 10);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_test(scene.cached[7],
						    SWAPTBL_FOLIO_ACTIVE));
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 5), 5);
	expect_released(test, &scene);
}

static void failing_write_ends_it(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = { .fail_io_at = 3 };
	struct scene scene = {};
	unsigned long evicted;

	cache_data(test, &scene, 100, 0);
	swaptbl_test_hooks_begin(&hooks);
	evicted = swaptbl_reclaim_pages(scene.dev, 100);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_LT(test, evicted, 100);
	KUNIT_EXPECT_EQ(test, nr_bound(&scene), 100 - evicted);
	KUNIT_EXPECT_EQ(test, total(scene.dev, SWAPTBL_STAT_WRITE_ERROR), 1);
	expect_released(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_reclaim_pages(scene.dev, 100),
			100 - evicted);
}

static struct kunit_case swaptbl_reclaim_cases[] = {
	KUNIT_CASE(nothing_comes_between),
	KUNIT_CASE(all_freed),
	KUNIT_CASE(all_freed_and_reused_at_other_order),
	KUNIT_CASE(all_freed_with_discard_pending),
	KUNIT_CASE(slot_got_other_folio),
	KUNIT_CASE(first_got_count),
	KUNIT_CASE(all_got_counts),
	KUNIT_CASE(first_is_locked),
	KUNIT_CASE(all_are_locked),
	KUNIT_CASE_PARAM(full_of_cached_only, space_gen_params),
	KUNIT_CASE(room_comes_first),
	KUNIT_CASE(too_large_ends),
	KUNIT_CASE(counted_slot_keeps_folio),
	KUNIT_CASE(clusters_are_counted_down),
	KUNIT_CASE(last_put_reclaims),
	KUNIT_CASE(pages_are_evicted),
	KUNIT_CASE(large_folios_are_evicted_whole),
	KUNIT_CASE(locked_folio_is_left_alone),
	KUNIT_CASE(active_folio_is_spared_once),
	KUNIT_CASE(failing_write_ends_it),
	{}
};

static struct kunit_suite swaptbl_reclaim_suite = {
	.name = "swaptbl_reclaim",
	.test_cases = swaptbl_reclaim_cases,
};

kunit_test_suite(swaptbl_reclaim_suite);
