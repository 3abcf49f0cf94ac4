// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swap in, one task at a time: hit and miss, orders, and what it refuses.
 * swaptbl/swapin.c.
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
#define NR	4

/* Without readahead, which would bring more than a case asks for. */
static struct swaptbl_device *make_device(struct kunit *test,
					  unsigned long nr_slots)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, nr_slots, BITS);

	dev->readahead = 0;
	return dev;
}

static void expect_stat(struct kunit *test, struct swaptbl_device *dev,
			enum swaptbl_stat stat, long expected)
{
	KUNIT_EXPECT_EQ_MSG(test, swaptbl_stat_sum(dev, stat), expected, "%s",
			    swaptbl_stat_name(stat));
}

static void miss_then_hit(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 2, SEED);
	struct folio *folio = swaptbl_test_swapin(test, dev, offset + 3, 2);
	struct folio *again;

	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset);
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_MISS, 1);
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_HIT, 0);
	folio_unlock(folio);
	/* What it is asked for does not matter: it is there. */
	again = swaptbl_test_swapin(test, dev, offset + 1, 0);
	KUNIT_EXPECT_PTR_EQ(test, again, folio);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(again));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2 + 4);
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_MISS, 1);
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_HIT, 1);
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_WAIT, 0);
	expect_stat(test, dev, SWAPTBL_STAT_READ_IO, 1);
	swaptbl_expect_verified(test, dev);
	folio_unlock(folio);
}

/* A folio that was never swapped out is a hit as well, dirty as it is. */
static void hit_of_bound_folio(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS);
	struct folio *folio = swaptbl_test_bound(test, dev, 1);

	folio_unlock(folio);
	KUNIT_EXPECT_PTR_EQ(test, folio,
			    swaptbl_test_swapin(test, dev,
						swaptbl_test_offset(folio), 0));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	expect_stat(test, dev, SWAPTBL_STAT_READ_IO, 0);
	swaptbl_expect_verified(test, dev);
	folio_unlock(folio);
}

static void expect_refused(struct kunit *test, swp_entry_t entry, int err)
{
	KUNIT_EXPECT_EQ(test, err, PTR_ERR(swaptbl_swapin(entry, BIT(2),
							  GFP_KERNEL)));
	KUNIT_EXPECT_EQ(test, err, swaptbl_swapin_async(entry, BIT(2),
							GFP_KERNEL));
}

/* An entry that cannot be is an error, and nothing is touched for it. */
static void impossible_entries(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS + 9);
	struct swaptbl_test_hooks hooks = {};
	unsigned int type = dev->type;

	swaptbl_test_hooks_begin(&hooks);
	expect_refused(test, swp_entry(type, SLOTS + 9), -ERANGE);
	expect_refused(test, swp_entry(type, BIT(SWP_TYPE_SHIFT) - 1), -ERANGE);
	expect_refused(test, swp_entry(SWAPTBL_DEVICES_MAX - 1, 1), -ENODEV);
	expect_refused(test, swp_entry(type, SLOTS + 8), -ENOENT);
	expect_refused(test, swp_entry(type, 1), -ENOENT);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.ios, 0);
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_MISS, 0);
	expect_stat(test, dev, SWAPTBL_STAT_CACHED, 0);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false), 0);
	expect_refused(test, swp_entry(type, 1), -ENODEV);
}

static void header_slot_is_refused(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS);

	/* With a neighbour, so that there is a table. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_evicted(test, dev, 0, SEED), 1);
	expect_refused(test, swp_entry(dev->type, 0), -EINVAL);
	expect_stat(test, dev, SWAPTBL_STAT_CACHED, 0);
	swaptbl_expect_verified(test, dev);
}

/* Its content is its owner's alone: there is no folio for it, by no way. */
static void exclusive_slot_is_refused(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS);
	swp_entry_t entry;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_alloc_exclusive(dev->type, &entry));
	expect_refused(test, entry, -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, swp_offset(entry)),
			swaptbl_exclusive_entry());
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry), 0);
	expect_refused(test, entry, -ENOENT);
}

static void free_slot_is_refused(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 2, SEED);
	struct swaptbl_test_snapshot *before;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset + 1, 1));
	before = swaptbl_test_snapshot(test, dev, offset);
	expect_refused(test, swp_entry(dev->type, offset + 1), -ENOENT);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	swaptbl_expect_verified(test, dev);
}

/* Bits of orders that no cluster can have say nothing. */
static void all_orders_allowed(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, 2 * SLOTS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 4, SEED);
	swp_entry_t entry = swp_entry(dev->type, offset + 9);
	struct folio *folio = swaptbl_swapin(entry, ~0UL, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 4);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_FALLBACK,
		    SWAPTBL_CLUSTER_ORDER - 4);
	swaptbl_expect_verified(test, dev);
	folio_unlock(folio);
	folio_put(folio);
}

static void make_zero(struct kunit *test, struct swaptbl_device *dev,
		      unsigned long offset)
{
	swaptbl_test_change_word(dev, offset, SWAPTBL_ZERO_FLAG);
}

/* An id that no group has, so that nothing is charged to one. */
static void make_other_group(struct kunit *test, struct swaptbl_device *dev,
			     unsigned long offset)
{
	swaptbl_test_change_word(dev, offset,
				 BIT(SWAPTBL_SWAPPED_MARK_BITS +
				     SWAPTBL_GROUP_SHIFT +
				     SWAPTBL_GROUP_BITS - 1));
}

static void make_free(struct kunit *test, struct swaptbl_device *dev,
		      unsigned long offset)
{
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset, 1));
}

static void make_cached(struct kunit *test, struct swaptbl_device *dev,
			unsigned long offset)
{
	folio_unlock(swaptbl_test_swapin(test, dev, offset, 0));
}

/**
 * struct kind - a slot that keeps its range from being one folio, for good
 * @name: of the case
 * @make: turn a swapped slot of count 1 into it
 * @err: what is said of the slot itself; 0 if it can be swapped in alone
 * @hit: it has a folio already
 */
struct kind {
	const char *name;
	void (*make)(struct kunit *test, struct swaptbl_device *dev,
		     unsigned long offset);
	int err;
	bool hit;
};

static const struct kind kinds[] = {
	{ "zero", make_zero },
	{ "group", make_other_group },
	{ "free", make_free, -ENOENT },
	{ "cached", make_cached, 0, true },
};

static void kind_desc(const struct kind *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kind, kinds, kind_desc);

static void expect_fallback(struct kunit *test, unsigned int odd,
			    unsigned int target)
{
	const struct kind *kind = test->param_value;
	struct swaptbl_device *dev = make_device(test, SLOTS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 2, SEED);
	swp_entry_t entry = swp_entry(dev->type, offset + target);
	struct folio *folio;
	int err = odd == target ? kind->err : 0;

	kind->make(test, dev, offset + odd);
	folio = swaptbl_swapin(entry, BIT(2), GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(folio), err);
	if (!IS_ERR(folio)) {
		/* The slot that was asked for, not where its range begins. */
		KUNIT_EXPECT_EQ(test, folio_order(folio), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset + target);
		KUNIT_EXPECT_TRUE(test, (kind->make == make_zero && odd == target) ||
				  swaptbl_test_filled(folio, target, SEED));
		folio_unlock(folio);
		folio_put(folio);
	}
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_FALLBACK,
		    !err && !(kind->hit && odd == target));
	swaptbl_expect_verified(test, dev);
}

static void unsuitable_range_falls_back(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	unsigned int odd, target;

	if (kind->make == make_zero && !SWAPTBL_ZERO_BITS)
		kunit_skip(test, "the word has no bit for it");
	for (odd = 0; odd < NR; odd++)
		for (target = 0; target < NR; target++)
			expect_fallback(test, odd, target);
}

/* Each order once, from the highest on; the first that fits is taken. */
static void orders_descend(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 4, SEED);
	swp_entry_t entry = swp_entry(dev->type, offset + 7);
	struct folio *folio;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset, 1));
	/* 16 and 8 slots have the free one among them, 4 do not. */
	folio = swaptbl_swapin(entry, BIT(4) | BIT(3) | BIT(2) | BIT(1),
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset + 4);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 4, SEED));
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_FALLBACK, 2);
	expect_stat(test, dev, SWAPTBL_STAT_READ_IO, 1);
	swaptbl_expect_verified(test, dev);
	folio_unlock(folio);
	folio_put(folio);
}

/* A range that reaches beyond the end of the device is no folio. */
static void device_ends_in_range(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS + 3);
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned int i;

	for (i = 0; i < SLOTS + 2; i++)
		KUNIT_ASSERT_GT(test, swaptbl_test_swap_out(dev, folio), 0);
	swaptbl_test_folio_free(test, folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, SLOTS, 3));
	for (i = 0; i < 3; i++)
		swaptbl_test_evicted(test, dev, 0, SEED);
	folio = swaptbl_test_swapin(test, dev, SLOTS + 1, 2);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), SLOTS + 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	swaptbl_expect_verified(test, dev);
}

static void async_brings_folio(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 2, SEED);
	swp_entry_t entry = swp_entry(dev->type, offset + 2);
	struct folio *folio;

	KUNIT_EXPECT_EQ(test, swaptbl_swapin_async(entry, BIT(2), GFP_KERNEL), 0);
	/* Nothing to do for the second: there is a folio. */
	KUNIT_EXPECT_EQ(test, swaptbl_swapin_async(entry, BIT(2), GFP_KERNEL), 0);
	expect_stat(test, dev, SWAPTBL_STAT_CACHED, 4);
	folio = swaptbl_test_swapin(test, dev, offset, 0);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 2);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + 4);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	expect_stat(test, dev, SWAPTBL_STAT_READ_IO, 1);
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_MISS, 1);
	expect_stat(test, dev, SWAPTBL_STAT_SWAPIN_HIT, 1);
	swaptbl_expect_verified(test, dev);
}

/* The folio is its owner's from the start, whose name is in the slot. */
static void owner_comes_back(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, SLOTS);
	struct folio *folio = swaptbl_test_folio(test, 1);
	unsigned int group = swaptbl_test_charge(test, folio, 0);
	unsigned long offset;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	swaptbl_test_fill(folio, SEED);
	offset = swaptbl_test_offset(folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	folio = swaptbl_test_swapin(test, dev, offset, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), group);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_swapin_cases[] = {
	KUNIT_CASE(miss_then_hit),
	KUNIT_CASE(hit_of_bound_folio),
	KUNIT_CASE(impossible_entries),
	KUNIT_CASE(header_slot_is_refused),
	KUNIT_CASE(exclusive_slot_is_refused),
	KUNIT_CASE(free_slot_is_refused),
	KUNIT_CASE(all_orders_allowed),
	KUNIT_CASE_PARAM(unsuitable_range_falls_back, kind_gen_params),
	KUNIT_CASE(orders_descend),
	KUNIT_CASE(device_ends_in_range),
	KUNIT_CASE(async_brings_folio),
	KUNIT_CASE(owner_comes_back),
	{}
};

static struct kunit_suite swaptbl_swapin_suite = {
	.name = "swaptbl_swapin",
	.test_cases = swaptbl_swapin_cases,
};

kunit_test_suite(swaptbl_swapin_suite);
