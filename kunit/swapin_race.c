// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swap in with the other actor in each of its windows: swaptbl/swapin.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/charge.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/split.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define BITS	SWAPTBL_COUNT_BITS_MIN
#define SEED	0x5eed
#define OTHER	0x07e2

/**
 * struct scene - a swap in and who comes in between
 * @dev: the device; two or eight slots, so that what is freed is allocated next
 * @offset: the slot that is asked for
 * @order: of the folio that is there or is asked for
 * @folio: in the cache when it all begins, if any; unlocked
 * @other: spare folio of the other actor, locked
 * @err: of what the other actor did
 */
struct scene {
	struct swaptbl_device *dev;
	unsigned long offset;
	unsigned int order;
	struct folio *folio;
	struct folio *other;
	int err;
};

static struct folio *play(struct kunit *test, struct scene *scene,
			  enum swaptbl_sync_point point,
			  void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor,
		.arg = scene,
	};
	struct folio *folio;

	swaptbl_test_hooks_begin(&hooks);
	folio = swaptbl_swapin(swp_entry(scene->dev->type, scene->offset),
			       BIT(scene->order), GFP_KERNEL);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	swaptbl_expect_verified(test, scene->dev);
	return folio;
}

static void scene_swapped(struct kunit *test, struct scene *scene,
			  unsigned int order)
{
	scene->dev = swaptbl_test_device(test, 2 * BIT(order), BITS);
	scene->dev->readahead = 0;
	/* What is freed can be had at once. */
	scene->dev->discards = false;
	scene->order = order;
	scene->offset = swaptbl_test_evicted(test, scene->dev, order, SEED);
	scene->other = swaptbl_test_folio(test, order);
	swaptbl_test_fill(scene->other, OTHER);
}

static void scene_cached(struct kunit *test, struct scene *scene,
			 unsigned int order)
{
	scene_swapped(test, scene, order);
	scene->folio = swaptbl_test_swapin(test, scene->dev, scene->offset, order);
	folio_unlock(scene->folio);
}

static void expect_result(struct kunit *test, struct scene *scene,
			  struct folio *folio, unsigned int order, u32 seed)
{
	unsigned int page = scene->offset % BIT(order);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_EQ(test, folio_order(folio), order);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), scene->offset - page);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, seed));
	folio_unlock(folio);
	folio_put(folio);
}

static void evict_cached(struct scene *scene)
{
	folio_lock(scene->folio);
	scene->err |= swaptbl_folio_evict(scene->folio);
	folio_unlock(scene->folio);
}

static void put_all(struct scene *scene)
{
	scene->err |= swaptbl_put_entries(scene->dev, scene->offset,
					  BIT(scene->order));
}

/* The slots go to another owner, whose data is in the cache. */
static void take_cached(struct scene *scene)
{
	scene->err |= swaptbl_folio_charge(scene->other, swaptbl_test_owner(0));
	scene->err |= swaptbl_folio_alloc_swap_on(scene->dev, scene->other);
	scene->err |= swaptbl_folio_dup_swap(scene->other, NULL, GFP_KERNEL);
	if (swaptbl_test_offset(scene->other) != scene->offset)
		scene->err = -EXDEV;
}

static void actor_evicts(void *arg)
{
	evict_cached(arg);
}

static void found_then_evicted(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_cached(test, &scene, 2);
	folio = play(test, &scene, SWAPTBL_SWAPIN_FOUND, actor_evicts);
	KUNIT_EXPECT_PTR_NE(test, folio, scene.folio);
	expect_result(test, &scene, folio, 2, SEED);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(scene.folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_READ_IO), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev,
					       SWAPTBL_STAT_SWAPIN_HIT), 0);
}

static void actor_frees(void *arg)
{
	struct scene *scene = arg;

	put_all(scene);
	folio_lock(scene->folio);
	scene->err |= swaptbl_folio_free_swap(scene->folio);
	folio_unlock(scene->folio);
}

static void found_then_freed(struct kunit *test)
{
	struct scene scene = {};

	scene_cached(test, &scene, 2);
	KUNIT_EXPECT_EQ(test, PTR_ERR(play(test, &scene, SWAPTBL_SWAPIN_FOUND,
					   actor_frees)), -ENOENT);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio), 1);
}

static void actor_frees_and_takes(void *arg)
{
	struct scene *scene = arg;

	actor_frees(arg);
	take_cached(scene);
	folio_unlock(scene->other);
}

static void found_then_taken(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_cached(test, &scene, 0);
	folio = play(test, &scene, SWAPTBL_SWAPIN_FOUND, actor_frees_and_takes);
	KUNIT_EXPECT_PTR_EQ(test, folio, scene.other);
	expect_result(test, &scene, folio, 0, OTHER);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.other), 2);
}

static void actor_splits(void *arg)
{
	struct scene *scene = arg;

	folio_lock(scene->folio);
	scene->err = swaptbl_folio_split(scene->folio, 1);
	folio_unlock(scene->folio);
}

/* The part that has the slot, not the one that begins where the whole did. */
static void found_then_split(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_cached(test, &scene, 2);
	scene.offset += 3;
	folio = play(test, &scene, SWAPTBL_SWAPIN_FOUND, actor_splits);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), scene.offset - 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 2, SEED));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + 2);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio), 1);
	folio_unlock(folio);
	folio_put(folio);
}

static void actor_replaces(void *arg)
{
	struct scene *scene = arg;

	folio_mark_uptodate(scene->other);
	folio_lock(scene->folio);
	scene->err = swaptbl_cache_replace_folio(scene->folio, scene->other);
	folio_unlock(scene->folio);
	folio_unlock(scene->other);
}

static void found_then_replaced(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_cached(test, &scene, 1);
	folio = play(test, &scene, SWAPTBL_SWAPIN_FOUND, actor_replaces);
	KUNIT_EXPECT_PTR_EQ(test, folio, scene.other);
	expect_result(test, &scene, folio, 1, OTHER);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio), 1);
}

/* Same folio, other slot: being bound is not enough, it must be bound here. */
static void actor_moves(void *arg)
{
	struct scene *scene = arg;

	put_all(scene);
	folio_lock(scene->folio);
	scene->err |= swaptbl_folio_free_swap(scene->folio);
	take_cached(scene);
	scene->err |= swaptbl_folio_alloc_swap_on(scene->dev, scene->folio);
	folio_unlock(scene->folio);
	folio_unlock(scene->other);
}

static void found_then_moved(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene.dev = swaptbl_test_device(test, 3, BITS);
	scene.offset = swaptbl_test_evicted(test, scene.dev, 0, SEED);
	scene.other = swaptbl_test_folio(test, 0);
	swaptbl_test_fill(scene.other, OTHER);
	scene.dev->readahead = 0;
	scene.folio = swaptbl_test_swapin(test, scene.dev, scene.offset, 0);
	folio_unlock(scene.folio);
	folio = play(test, &scene, SWAPTBL_SWAPIN_FOUND, actor_moves);
	KUNIT_EXPECT_PTR_EQ(test, folio, scene.other);
	expect_result(test, &scene, folio, 0, OTHER);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio), 2);
}

static const unsigned int orders[] = { 0, 2 };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static unsigned int order_of(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

static void actor_puts(void *arg)
{
	put_all(arg);
}

/* What was allocated for the slot is given back. */
static void allocated_then_freed(struct kunit *test)
{
	struct scene scene = {};

	scene_swapped(test, &scene, order_of(test));
	KUNIT_EXPECT_EQ(test, PTR_ERR(play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED,
					   actor_puts)), -ENOENT);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.dev->nr_used), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_READ_IO), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_CACHED), 0);
}

/* Freed, allocated for another owner, swapped out: the entry is the same. */
static void actor_gives_to_other(void *arg)
{
	struct scene *scene = arg;

	put_all(scene);
	take_cached(scene);
	scene->err |= swaptbl_folio_evict(scene->other);
}

static void allocated_then_given_to_other(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_swapped(test, &scene, order_of(test));
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED,
		     actor_gives_to_other);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio),
			swaptbl_test_owner(0)->id);
	expect_result(test, &scene, folio, order_of(test), OTHER);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.other), 1);
}

static void actor_puts_and_takes(void *arg)
{
	struct scene *scene = arg;

	put_all(scene);
	take_cached(scene);
	folio_unlock(scene->other);
}

/* The cache has a folio by now, of whomever: that is the answer. */
static void allocated_then_taken(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_swapped(test, &scene, order_of(test));
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED, actor_puts_and_takes);
	KUNIT_EXPECT_PTR_EQ(test, folio, scene.other);
	expect_result(test, &scene, folio, order_of(test), OTHER);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.other),
			1 + BIT(order_of(test)));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_READ_IO), 0);
}

static void actor_makes_exclusive(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_test_make_exclusive(scene->dev, scene->offset);
}

/* The slot went to somebody who shares it with nobody. */
static void allocated_then_made_exclusive(struct kunit *test)
{
	struct scene scene = {};

	scene_swapped(test, &scene, order_of(test));
	KUNIT_EXPECT_EQ(test, PTR_ERR(play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED,
					   actor_makes_exclusive)), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(scene.dev, scene.offset),
			swaptbl_exclusive_entry());
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_CACHED), 0);
}

static void actor_swaps_in(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_swapin_async(swp_entry(scene->dev->type,
						    scene->offset),
					  BIT(0), GFP_KERNEL);
}

/* Somebody else was faster: one read, one folio, of the order that he liked. */
static void allocated_then_swapped_in(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_swapped(test, &scene, order_of(test));
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED, actor_swaps_in);
	expect_result(test, &scene, folio, 0, SEED);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_READ_IO), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_CACHED), 1);
}

static void actor_puts_neighbour(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_put_entries(scene->dev, scene->offset + 1, 1);
}

static void allocated_then_neighbour_freed(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_swapped(test, &scene, 2);
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED, actor_puts_neighbour);
	expect_result(test, &scene, folio, 0, SEED);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev,
					       SWAPTBL_STAT_SWAPIN_FALLBACK), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_CACHED), 1);
}

static void actor_swaps_neighbour_in(void *arg)
{
	struct scene *scene = arg;

	scene->offset++;
	actor_swaps_in(arg);
	scene->offset--;
}

static void allocated_then_neighbour_cached(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_swapped(test, &scene, 2);
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED,
		     actor_swaps_neighbour_in);
	expect_result(test, &scene, folio, 0, SEED);
	swaptbl_test_expect_stored(test, scene.dev, scene.offset, 4, SEED);
}

static struct kunit_case swaptbl_swapin_race_cases[] = {
	KUNIT_CASE(found_then_evicted),
	KUNIT_CASE(found_then_freed),
	KUNIT_CASE(found_then_taken),
	KUNIT_CASE(found_then_split),
	KUNIT_CASE(found_then_replaced),
	KUNIT_CASE(found_then_moved),
	KUNIT_CASE_PARAM(allocated_then_freed, order_gen_params),
	KUNIT_CASE_PARAM(allocated_then_given_to_other, order_gen_params),
	KUNIT_CASE_PARAM(allocated_then_taken, order_gen_params),
	KUNIT_CASE_PARAM(allocated_then_made_exclusive, order_gen_params),
	KUNIT_CASE_PARAM(allocated_then_swapped_in, order_gen_params),
	KUNIT_CASE(allocated_then_neighbour_freed),
	KUNIT_CASE(allocated_then_neighbour_cached),
	{}
};

static struct kunit_suite swaptbl_swapin_race_suite = {
	.name = "swaptbl_swapin_race",
	.test_cases = swaptbl_swapin_race_cases,
};

kunit_test_suite(swaptbl_swapin_race_suite);
