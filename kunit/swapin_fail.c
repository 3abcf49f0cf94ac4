// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swap in with failing reads and allocations: swaptbl/swapin.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define SEED	0x5eed

/**
 * struct scene - a swap in that goes wrong, and who is there meanwhile
 * @dev: the device
 * @offset: the slot that is asked for, first of its range
 * @orders: as for swaptbl_swapin()
 * @hooks: what goes wrong
 * @bound: folio that was bound when its read began, with a reference
 * @err: of what the other actor did
 */
struct scene {
	struct swaptbl_device *dev;
	unsigned long offset;
	unsigned long orders;
	struct swaptbl_test_hooks hooks;
	struct folio *bound;
	int err;
};

static struct folio *play(struct scene *scene)
{
	swp_entry_t entry = swp_entry(scene->dev->type, scene->offset);
	struct folio *folio;

	swaptbl_test_hooks_begin(&scene->hooks);
	folio = swaptbl_swapin(entry, scene->orders, GFP_KERNEL);
	swaptbl_test_hooks_end(&scene->hooks);
	return folio;
}

/* Four swapped slots with data, a shadow with a group, and count @count + i. */
static void scene_set(struct kunit *test, struct scene *scene,
		      unsigned int bits, unsigned int order,
		      unsigned long count)
{
	struct folio *folio = swaptbl_test_folio(test, order);
	unsigned int i;

	scene->dev = swaptbl_test_device(test, SLOTS, bits);
	scene->dev->readahead = 0;
	scene->orders = BIT(order);
	swaptbl_test_charge(test, folio, 0);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(scene->dev, folio));
	scene->offset = swaptbl_test_offset(folio);
	swaptbl_test_fill(folio, SEED);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	swaptbl_test_folio_free(test, folio);
	for (i = 0; i < BIT(order); i++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(scene->dev,
							  scene->offset + i,
							  count + i - 1));
}

static void actor_looks(void *arg)
{
	struct scene *scene = arg;

	scene->bound = swaptbl_cache_get_folio(scene->dev, scene->offset);
}

/* Who waits for its lock learns it from the folio, which is nothing else now. */
static void expect_failed(struct kunit *test, struct folio *folio)
{
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_test(folio, SWAPTBL_FOLIO_FAILED));
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	folio_put(folio);
}

static void expect_restored(struct kunit *test, unsigned int order,
			    unsigned long count)
{
	struct scene scene = { .hooks = { .fail_io_at = 1 } };
	unsigned int bits = swaptbl_test_width(test->param_value);
	struct swaptbl_test_snapshot *before;
	struct folio *folio;

	scene.hooks.point = SWAPTBL_SWAPIN_ADDED;
	scene.hooks.actor = actor_looks;
	scene.hooks.arg = &scene;
	scene_set(test, &scene, bits, order, count);
	before = swaptbl_test_snapshot(test, scene.dev, scene.offset);
	folio = play(&scene);
	KUNIT_EXPECT_EQ(test, PTR_ERR(folio), -EIO);
	KUNIT_EXPECT_EQ(test, scene.hooks.io[SWAPTBL_IO_READ], 1);
	KUNIT_EXPECT_TRUE_MSG(test, swaptbl_test_unchanged(scene.dev, scene.offset,
							   before),
			      "order %u, count %lu", order, count);
	expect_failed(test, scene.bound);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev,
					       SWAPTBL_STAT_READ_ERROR), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_CACHED), 0);
	swaptbl_expect_verified(test, scene.dev);
	swaptbl_test_expect_stored(test, scene.dev, scene.offset, BIT(order), SEED);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, scene.dev, true),
			0);
}

static void read_error_restores_words(struct kunit *test)
{
	unsigned long max = BIT(swaptbl_test_width(test->param_value) - 1) - 1;
	const unsigned long counts[] = { 1, max, max + 1, 2 * max + 3 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		expect_restored(test, 0, counts[i]);
		expect_restored(test, 2, counts[i]);
	}
}

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

static void actor_counts(void *arg)
{
	struct scene *scene = arg;

	actor_looks(arg);
	scene->err = swaptbl_test_dup(scene->dev, scene->offset, 9);
	scene->err |= swaptbl_test_put(scene->dev, scene->offset + 1, 2);
}

static void counts_change_under_read(struct kunit *test, struct scene *scene)
{
	scene->hooks.point = SWAPTBL_SWAPIN_ADDED;
	scene->hooks.actor = actor_counts;
	scene->hooks.arg = scene;
	scene_set(test, scene, BITS, 2, 1);
}

/* The words come back with the counts of now; who has none is free. */
static void failed_read_keeps_new_counts(struct kunit *test)
{
	struct scene scene = { .hooks = { .fail_io_at = 1 } };
	unsigned long last;

	counts_change_under_read(test, &scene);
	last = swaptbl_test_word(scene.dev, scene.offset + 3);
	KUNIT_EXPECT_EQ(test, PTR_ERR(play(&scene)), -EIO);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	expect_failed(test, scene.bound);
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset), 10);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(scene.dev, scene.offset + 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(scene.dev, scene.offset + 3), last);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_SHADOWS), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.dev->nr_used), 3);
	swaptbl_expect_verified(test, scene.dev);
	swaptbl_test_expect_stored(test, scene.dev, scene.offset, 1, SEED);
}

static void read_keeps_new_counts(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	counts_change_under_read(test, &scene);
	folio = play(&scene);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_PTR_EQ(test, folio, scene.bound);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset), 10);
	/* Its folio keeps the slot that lost its count. */
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset + 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev,
					       SWAPTBL_STAT_CACHED_ONLY), 1);
	swaptbl_expect_verified(test, scene.dev);
	folio_unlock(folio);
	folio_put_refs(folio, 2);
}

/* Whichever request fails: an error or the data, and nothing in between. */
static void each_read_fails_in_turn(struct kunit *test)
{
	unsigned int fail_at = 0;
	struct scene scene;
	struct folio *folio;

	do {
		scene = (struct scene){ .hooks = { .fail_io_at = ++fail_at } };
		scene_set(test, &scene, BITS, 4, 1);
		scene.orders = BIT(2);
		scene.dev->readahead = 16;
		folio = play(&scene);
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(folio),
				fail_at == 1 ? -EIO : 0);
		swaptbl_expect_verified(test, scene.dev);
		if (!IS_ERR(folio)) {
			folio_unlock(folio);
			folio_put(folio);
		}
		swaptbl_test_expect_stored(test, scene.dev, scene.offset, 16, SEED);
		swaptbl_expect_verified(test, scene.dev);
		KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, scene.dev,
								  true), 0);
	} while (scene.hooks.ios >= fail_at);
	KUNIT_EXPECT_EQ(test, fail_at, 5);
}

/* A large folio is a bonus: without memory for it a small one does. */
static void each_allocation_fails_in_turn(struct kunit *test)
{
	unsigned int fail_at;
	struct scene scene;
	struct folio *folio;

	for (fail_at = 1; fail_at <= 2; fail_at++) {
		scene = (struct scene){ .hooks = { .fail_at = fail_at } };
		scene_set(test, &scene, BITS, 2, 1);
		folio = play(&scene);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
		KUNIT_EXPECT_EQ(test, folio_order(folio), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), scene.offset);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
		/* The cache's, the LRU list's and the caller's. */
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 3);
		KUNIT_EXPECT_EQ(test, 1,
				swaptbl_stat_sum(scene.dev,
						 SWAPTBL_STAT_SWAPIN_FALLBACK));
		swaptbl_expect_verified(test, scene.dev);
		folio_unlock(folio);
		folio_put(folio);
	}
	KUNIT_EXPECT_EQ(test, scene.hooks.site[SWAPTBL_MEM_SHADOWS], 1);
}

static void no_memory_at_all(struct kunit *test)
{
	struct swaptbl_test_snapshot *before;
	unsigned int fail_from;

	for (fail_from = 1; fail_from <= 2; fail_from++) {
		struct scene scene = { .hooks = { .fail_from = fail_from } };

		scene_set(test, &scene, BITS, 2, 1);
		before = swaptbl_test_snapshot(test, scene.dev, scene.offset);
		KUNIT_EXPECT_EQ(test, PTR_ERR(play(&scene)), -ENOMEM);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(scene.dev,
							       scene.offset,
							       before));
		swaptbl_expect_verified(test, scene.dev);
		swaptbl_test_expect_stored(test, scene.dev, scene.offset, 4, SEED);
	}
}

static void async_without_memory(struct kunit *test)
{
	struct scene scene = { .hooks = { .fail_from = 1 } };
	struct swaptbl_test_snapshot *before;
	swp_entry_t entry;

	scene_set(test, &scene, BITS, 2, 1);
	before = swaptbl_test_snapshot(test, scene.dev, scene.offset);
	entry = swp_entry(scene.dev->type, scene.offset);
	swaptbl_test_hooks_begin(&scene.hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_swapin_async(entry, BIT(2), GFP_KERNEL),
			-ENOMEM);
	swaptbl_test_hooks_end(&scene.hooks);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(scene.dev, scene.offset,
						       before));
	swaptbl_expect_verified(test, scene.dev);
}

/* Nobody is told; who wants the data reads it again. */
static void async_read_error(struct kunit *test)
{
	struct scene scene = { .hooks = { .fail_io_at = 1 } };
	struct swaptbl_test_snapshot *before;
	swp_entry_t entry;

	scene_set(test, &scene, BITS, 2, 1);
	before = swaptbl_test_snapshot(test, scene.dev, scene.offset);
	entry = swp_entry(scene.dev->type, scene.offset);
	swaptbl_test_hooks_begin(&scene.hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_swapin_async(entry, BIT(2), GFP_KERNEL), 0);
	swaptbl_test_hooks_end(&scene.hooks);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(scene.dev, scene.offset,
						       before));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev,
					       SWAPTBL_STAT_READ_ERROR), 1);
	swaptbl_test_expect_stored(test, scene.dev, scene.offset, 4, SEED);
	swaptbl_expect_verified(test, scene.dev);
}

static struct kunit_case swaptbl_swapin_fail_cases[] = {
	KUNIT_CASE_PARAM(read_error_restores_words, width_gen_params),
	KUNIT_CASE(failed_read_keeps_new_counts),
	KUNIT_CASE(read_keeps_new_counts),
	KUNIT_CASE(each_read_fails_in_turn),
	KUNIT_CASE(each_allocation_fails_in_turn),
	KUNIT_CASE(no_memory_at_all),
	KUNIT_CASE(async_without_memory),
	KUNIT_CASE(async_read_error),
	{}
};

static struct kunit_suite swaptbl_swapin_fail_suite = {
	.name = "swaptbl_swapin_fail",
	.test_cases = swaptbl_swapin_fail_cases,
};

kunit_test_suite(swaptbl_swapin_fail_suite);
