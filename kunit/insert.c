// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the table as the swap cache: folios that come to swapped slots, what
 * stands in their way, and that they leave no trace. swaptbl/cache.c.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/charge.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define NR	4

static void make_cached(struct kunit *test, struct swaptbl_device *dev,
			unsigned long offset)
{
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned long shadow;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_cache_add_swapped(dev, folio, offset,
							   offset, &shadow));
}

static void make_free(struct kunit *test, struct swaptbl_device *dev,
		      unsigned long offset)
{
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset, 1));
}

static void make_exclusive(struct kunit *test, struct swaptbl_device *dev,
			   unsigned long offset)
{
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_make_exclusive(dev, offset));
}

static void make_zero(struct kunit *test, struct swaptbl_device *dev,
		      unsigned long offset)
{
	if (!SWAPTBL_ZERO_BITS)
		kunit_skip(test, "the word has no bit for it");
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

/**
 * struct kind - a slot that does not go with its neighbours
 * @name: of the case
 * @make: turn a swapped slot of count 1 into it
 * @err: what a large folio gets that is wanted for this slot
 * @alone: what a folio of one page gets for it
 */
struct kind {
	const char *name;
	void (*make)(struct kunit *test, struct swaptbl_device *dev,
		     unsigned long offset);
	int err;
	int alone;
};

static const struct kind kinds[] = {
	{ "cached", make_cached, -EEXIST, -EEXIST },
	{ "free", make_free, -ENOENT, -ENOENT },
	{ "exclusive", make_exclusive, -EINVAL, -EINVAL },
	{ "zero", make_zero, -EBUSY, 0 },
	{ "group", make_other_group, -EBUSY, 0 },
};

static void kind_desc(const struct kind *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kind, kinds, kind_desc);

/* @folio gets @err for each target but @odd, which gets its own. */
static void expect_refused(struct kunit *test, struct swaptbl_device *dev,
			   unsigned long offset, unsigned int odd, int err)
{
	struct swaptbl_test_snapshot *before;
	struct folio *folio = swaptbl_test_folio(test, 2);
	unsigned long shadows[NR];
	unsigned int i;

	before = swaptbl_test_snapshot(test, dev, offset);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ_MSG(test, i == odd ? err : -EBUSY,
				    swaptbl_cache_add_swapped(dev, folio, offset,
							      offset + i,
							      shadows),
				    "target %u, odd slot %u", i, odd);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	swaptbl_expect_verified(test, dev);
	swaptbl_test_folio_free(test, folio);
}

static void odd_slot_in_range(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	unsigned int odd;

	for (odd = 0; odd < NR; odd++) {
		struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
		unsigned long offset = swaptbl_test_swapped(test, dev, 2, 1);

		kind->make(test, dev, offset + odd);
		expect_refused(test, dev, offset, odd, kind->err);
	}
}

/* A folio of one page has no neighbours that could be in the way. */
static void odd_slot_alone(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_swapped(test, dev, 2, 1), shadow;
	struct folio *folio;
	unsigned int i;
	int err;

	kind->make(test, dev, offset + 1);
	for (i = 0; i < NR; i++) {
		folio = swaptbl_test_folio(test, 0);
		err = i == 1 ? kind->alone : 0;
		KUNIT_EXPECT_EQ(test, err,
				swaptbl_cache_add_swapped(dev, folio, offset + i,
							  offset + i, &shadow));
		KUNIT_EXPECT_EQ(test, swaptbl_folio_bound(folio), !err);
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), err ? 1 : 2);
		swaptbl_expect_verified(test, dev);
	}
}

/* The header slot below, what the last cluster has beyond the end above. */
static void bad_slots_refuse(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS + 2, BITS);
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned long shadow, shadows[NR];
	unsigned int i;

	for (i = 0; i < SLOTS + 1; i++)
		KUNIT_ASSERT_GT(test, swaptbl_test_swap_out(dev, folio), 0);
	expect_refused(test, dev, 0, 0, -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_add_swapped(dev, folio, 0, 0, &shadow),
			-EINVAL);
	folio = swaptbl_test_folio(test, 2);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, i < 2 ? -EBUSY : -EINVAL,
				swaptbl_cache_add_swapped(dev, folio, SLOTS,
							  SLOTS + i, shadows));
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	swaptbl_expect_verified(test, dev);
}

static void cluster_without_slots(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 3 * SLOTS, BITS);
	unsigned long offset = swaptbl_test_swapped(test, dev,
						    SWAPTBL_CLUSTER_ORDER, 1);
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned long shadow, next = offset == SLOTS ? 2 * SLOTS : SLOTS;

	/* One that was never used, and one that has lost its table. */
	KUNIT_EXPECT_EQ(test, swaptbl_cache_add_swapped(dev, folio, next, next,
							&shadow), -ENOENT);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, offset, SLOTS));
	KUNIT_EXPECT_EQ(test, swaptbl_cache_add_swapped(dev, folio, offset, offset,
							&shadow), -ENOENT);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	swaptbl_expect_verified(test, dev);
}

/* Swapped slots with something in every field of their shadows, each its own age. */
static unsigned long swapped_with_shadow(struct kunit *test,
					 struct swaptbl_device *dev,
					 unsigned int order)
{
	const struct swaptbl_shadow shadow = {
		.age = SWAPTBL_AGE_MAX - 3,
		.workingset = true,
	};
	struct folio *folio = swaptbl_test_folio(test, order);
	unsigned long offset, i;

	swaptbl_test_charge(test, folio, 2);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	offset = swaptbl_test_offset(folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_cache_del_folio(folio, &shadow));
	swaptbl_test_folio_free(test, folio);
	for (i = 0; i < BIT(order); i++)
		swaptbl_test_change_word(dev, offset + i,
					 (i & 3) << (SWAPTBL_SWAPPED_MARK_BITS +
						     SWAPTBL_AGE_SHIFT));
	return offset;
}

static const unsigned int orders[] = { 0, 2, 4, SWAPTBL_CLUSTER_ORDER };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static unsigned long *shadows_alloc(struct kunit *test)
{
	unsigned long *shadows = kunit_kcalloc(test, SLOTS, sizeof(*shadows),
					       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shadows);
	return shadows;
}

static void add_swapped_binds(struct kunit *test)
{
	unsigned int order = *(const unsigned int *)test->param_value;
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned long offset = swapped_with_shadow(test, dev, order);
	struct folio *folio = swaptbl_test_folio(test, order);
	unsigned long *shadows = shadows_alloc(test);
	unsigned long entry = swaptbl_folio_to_entry(folio);
	struct swaptbl_group *refused, *over;
	unsigned int i, nr = BIT(order);

	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOWS), nr);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_cache_add_swapped(dev, folio, offset,
							   offset + nr - 1,
							   shadows));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_charge_named(folio, &refused, &over));
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset);
	KUNIT_EXPECT_EQ(test, swp_type(folio->swap), dev->type);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio),
			swaptbl_test_owner(2)->id);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + nr);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset + i),
				swaptbl_entry_move_high(entry, shadows[i]));
		KUNIT_EXPECT_TRUE(test, swaptbl_entry_has_age(shadows[i]));
	}
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOWS), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED), nr);
	swaptbl_expect_verified(test, dev);
}

/* Slot i gets @count + i, so that a range has words of several sorts. */
static void set_counts(struct kunit *test, struct swaptbl_device *dev,
		       unsigned long offset, unsigned int nr,
		       unsigned long count)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + i,
							  count + i - 1));
}

/* In and out again: nothing of it is to be seen. */
static void expect_restored(struct kunit *test, unsigned int bits,
			    unsigned int order, unsigned long count,
			    unsigned long flags)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, bits);
	unsigned long offset = swapped_with_shadow(test, dev, order);
	struct folio *folio = swaptbl_test_folio(test, order);
	struct swaptbl_test_snapshot *before;
	unsigned int i, nr = BIT(order);
	unsigned long shadows[NR];
	int err;

	set_counts(test, dev, offset, nr, count);
	for (i = 0; i < nr; i++)
		swaptbl_test_change_word(dev, offset + i, flags);
	before = swaptbl_test_snapshot(test, dev, offset);
	err = swaptbl_cache_add_swapped(dev, folio, offset, offset, shadows);
	KUNIT_ASSERT_EQ(test, err, 0);
	swaptbl_cache_restore(dev, folio, shadows);
	swaptbl_folio_unname(folio);
	KUNIT_EXPECT_TRUE_MSG(test, swaptbl_test_unchanged(dev, offset, before),
			      "count %lu", count);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOWS), nr);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED), 0);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
	swaptbl_test_folio_free(test, folio);
}

static void restore_is_exact(struct kunit *test)
{
	unsigned int bits = swaptbl_test_width(test->param_value);
	unsigned long max = BIT(bits - 1) - 1;
	const unsigned long counts[] = { 1, 2, max, max + 1, 2 * max + 3 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		expect_restored(test, bits, 0, counts[i], 0);
		expect_restored(test, bits, 2, counts[i], 0);
		expect_restored(test, bits, 0, counts[i], SWAPTBL_ZERO_FLAG);
		expect_restored(test, bits, 2, counts[i], SWAPTBL_ZERO_FLAG);
	}
}

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

/* What happened to the counts meanwhile stays; the rest is as it was. */
static void restore_keeps_new_counts(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swapped_with_shadow(test, dev, 2);
	struct folio *folio = swaptbl_test_folio(test, 2);
	unsigned long shadows[NR], words[NR];
	unsigned int i;

	for (i = 0; i < NR; i++)
		words[i] = swaptbl_test_word(dev, offset + i);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_cache_add_swapped(dev, folio, offset,
							   offset, shadows));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + 1, 5));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset + 2, 1));
	swaptbl_cache_restore(dev, folio, shadows);
	swaptbl_folio_unname(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset), words[0]);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset + 2), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset + 3), words[3]);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset + 1),
			swaptbl_entry_move_high(words[1],
						swaptbl_test_word(dev, offset + 1)));
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + 1), 6);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOWS), 3);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_cache_insert_cases[] = {
	KUNIT_CASE_PARAM(odd_slot_in_range, kind_gen_params),
	KUNIT_CASE_PARAM(odd_slot_alone, kind_gen_params),
	KUNIT_CASE(bad_slots_refuse),
	KUNIT_CASE(cluster_without_slots),
	KUNIT_CASE_PARAM(add_swapped_binds, order_gen_params),
	KUNIT_CASE_PARAM(restore_is_exact, width_gen_params),
	KUNIT_CASE(restore_keeps_new_counts),
	{}
};

static struct kunit_suite swaptbl_cache_insert_suite = {
	.name = "swaptbl_cache_insert",
	.test_cases = swaptbl_cache_insert_cases,
};

kunit_test_suite(swaptbl_cache_insert_suite);
