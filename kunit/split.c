// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of splitting a large cached folio: swaptbl/split.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/split.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define SEED	0x5eed

static const unsigned int orders[] = { 1, 2, 3, 4, SWAPTBL_CLUSTER_ORDER };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static unsigned int order_of(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

/* 0, 1, 2, and deep in overflow every now and then. */
static unsigned long count_of(unsigned int i)
{
	return i % 16 == 15 ? 12 : i % 3;
}

static void set_counts(struct kunit *test, struct swaptbl_device *dev,
		       struct folio *folio)
{
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	for (i = 0; i < folio_nr_pages(folio); i++) {
		if (!count_of(i))
			KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset + i,
								  1));
		else
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_test_dup(dev, offset + i,
							 count_of(i) - 1));
	}
}

static struct folio *make_folio(struct kunit *test, struct swaptbl_device *dev,
				unsigned int order)
{
	struct folio *folio = swaptbl_test_folio(test, order);

	swaptbl_test_charge(test, folio, 0);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	swaptbl_test_fill(folio, SEED);
	set_counts(test, dev, folio);
	return folio;
}

/* The part that begins @page pages into the range. */
static void expect_part(struct kunit *test, struct swaptbl_device *dev,
			unsigned long offset, unsigned int page,
			unsigned int order, bool dirty)
{
	struct folio *part = swaptbl_cache_get_folio(dev, offset + page);

	KUNIT_ASSERT_NOT_NULL(test, part);
	KUNIT_EXPECT_EQ(test, folio_order(part), order);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(part), offset + page);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(part));
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(part));
	KUNIT_EXPECT_EQ(test, folio_test_dirty(part), dirty);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(part),
			swaptbl_test_owner(0)->id);
	/* The cache's, and that of the lookup. */
	KUNIT_EXPECT_EQ(test, folio_ref_count(part), BIT(order) + 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(part, page, SEED));
	folio_put(part);
}

static void expect_split(struct kunit *test, struct swaptbl_device *dev,
			 struct folio *folio, unsigned int order, bool dirty)
{
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i, nr = folio_nr_pages(folio);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(folio, order), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	for (i = 0; i < nr; i += BIT(order))
		expect_part(test, dev, offset, i, order, dirty);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i),
				(long)count_of(i));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED), nr);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SPLIT), 1);
	swaptbl_expect_verified(test, dev);
}

static void drop_device(struct kunit *test, struct swaptbl_device *dev,
			struct folio *folio)
{
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
	swaptbl_test_folio_free(test, folio);
}

static void split_to_every_order(struct kunit *test)
{
	struct swaptbl_device *dev;
	struct folio *folio;
	unsigned int order;

	for (order = 0; order < order_of(test); order++) {
		dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
		folio = make_folio(test, dev, order_of(test));
		expect_split(test, dev, folio, order, true);
		drop_device(test, dev, folio);
	}
}

static void split_of_clean_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, order_of(test));

	folio_clear_dirty(folio);
	expect_split(test, dev, folio, 0, false);
}

/* The last slots of a cluster, which is full, and of the device. */
static void split_at_end_of_cluster(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *filler = swaptbl_test_folio(test, 2);
	struct folio *folio;
	long offset, last = 0;

	for (offset = swaptbl_test_swap_out(dev, filler); offset > 0;
	     offset = swaptbl_test_swap_out(dev, filler))
		last = max(last, offset);
	KUNIT_ASSERT_EQ(test, last, SLOTS - 4);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, last, 4));
	folio = make_folio(test, dev, 2);
	KUNIT_ASSERT_EQ(test, swaptbl_test_offset(folio), last);
	expect_split(test, dev, folio, 0, true);
}

/* The parts go on as folios of their own. */
static void parts_are_evicted_alone(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 3);
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i;

	swaptbl_test_fill(folio, SEED);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_split(folio, 1));
	for (i = 0; i < 8; i += 2)
		KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(dev, offset + i), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE_IO), 4);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED), 0);
	swaptbl_expect_verified(test, dev);
	folio = swaptbl_test_swapin(test, dev, offset, 3);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 3);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	swaptbl_expect_verified(test, dev);
}

/* The same as a part that was never written, but for what the store has. */
static void parts_of_clean_folio_need_no_write(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 2, SEED);
	struct folio *folio = swaptbl_test_swapin(test, dev, offset, 2);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_split(folio, 0));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(dev, offset + i), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE_IO), 1);
	swaptbl_test_expect_stored(test, dev, offset, 4, SEED);
	swaptbl_expect_verified(test, dev);
}

static void split_without_memory(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, 3);
	unsigned long offset = swaptbl_test_offset(folio);
	struct swaptbl_test_snapshot *before;
	unsigned int fail_at;

	before = swaptbl_test_snapshot(test, dev, offset);
	for (fail_at = 1; fail_at <= 4; fail_at++) {
		struct swaptbl_test_hooks hooks = { .fail_at = fail_at };

		swaptbl_test_hooks_begin(&hooks);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_split(folio, 1), -ENOMEM);
		swaptbl_test_hooks_end(&hooks);
		KUNIT_EXPECT_EQ(test, hooks.site[SWAPTBL_MEM_FOLIO], fail_at);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
		KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset);
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + 8);
		KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
		swaptbl_expect_verified(test, dev);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SPLIT), 0);
	expect_split(test, dev, folio, 1, true);
}

static void split_refused(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	struct folio *small = swaptbl_test_bound(test, dev, 0);
	struct folio *unbound = swaptbl_test_folio(test, 2);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(folio, 2), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(folio, 3), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(folio, UINT_MAX), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(small, 0), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(unbound, 0), -EINVAL);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(folio, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 5);
	KUNIT_EXPECT_EQ(test, folio_ref_count(unbound), 1);
	swaptbl_expect_verified(test, dev);
}

/**
 * struct scene - a split and who comes in between
 * @dev: the device
 * @offset: first of the folio's four slots
 * @found: what a lookup finds meanwhile
 * @err: of what the other actor did
 */
struct scene {
	struct swaptbl_device *dev;
	unsigned long offset;
	struct folio *found;
	int err;
};

static void actor_counts(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_test_dup(scene->dev, scene->offset, 5);
	scene->err |= swaptbl_test_put(scene->dev, scene->offset + 3, 1);
	scene->found = swaptbl_cache_get_folio(scene->dev, scene->offset + 3);
}

/* Counts that change while the data is copied are not those of before. */
static void counts_change_meanwhile(struct kunit *test)
{
	struct scene scene = { .dev = swaptbl_test_device(test, SLOTS, BITS) };
	struct folio *folio = swaptbl_test_bound(test, scene.dev, 2);
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_SPLIT_COPIED,
		.actor = actor_counts,
		.arg = &scene,
	};

	scene.offset = swaptbl_test_offset(folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(folio, 0), 0);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_PTR_EQ(test, scene.found, folio);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset), 6);
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset + 1), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset + 3), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev,
					       SWAPTBL_STAT_CACHED_ONLY), 1);
	swaptbl_expect_verified(test, scene.dev);
}

static struct kunit_case swaptbl_cache_split_cases[] = {
	KUNIT_CASE_PARAM(split_to_every_order, order_gen_params),
	KUNIT_CASE_PARAM(split_of_clean_folio, order_gen_params),
	KUNIT_CASE(split_at_end_of_cluster),
	KUNIT_CASE(parts_are_evicted_alone),
	KUNIT_CASE(parts_of_clean_folio_need_no_write),
	KUNIT_CASE(split_without_memory),
	KUNIT_CASE(split_refused),
	KUNIT_CASE(counts_change_meanwhile),
	{}
};

static struct kunit_suite swaptbl_cache_split_suite = {
	.name = "swaptbl_cache_split",
	.test_cases = swaptbl_cache_split_cases,
};

kunit_test_suite(swaptbl_cache_split_suite);
