// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swap out: what is written, what is remembered, and what stays when it
 * fails. swaptbl/evict.c.
 */
#include <kunit/test.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/compat.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define SEED	0x5eed
#define POISON	0xdead

static const unsigned int orders[] = { 0, 1, 4, SWAPTBL_CLUSTER_ORDER };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static unsigned int order_of(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

/* Bound, with data, each slot of count 1. */
static struct folio *make_folio(struct kunit *test, struct swaptbl_device *dev,
				unsigned int order)
{
	struct folio *folio = swaptbl_test_bound(test, dev, order);

	swaptbl_test_fill(folio, SEED);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	return folio;
}

static void expect_let_go(struct kunit *test, struct folio *folio)
{
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

static void expect_stat(struct kunit *test, struct swaptbl_device *dev,
			enum swaptbl_stat stat, long expected)
{
	KUNIT_EXPECT_EQ_MSG(test, swaptbl_stat_sum(dev, stat), expected, "%s",
			    swaptbl_stat_name(stat));
}

static void dirty_folio_is_written(struct kunit *test)
{
	unsigned int order = order_of(test), nr = BIT(order);
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_let_go(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	expect_stat(test, dev, SWAPTBL_STAT_EVICT, nr);
	expect_stat(test, dev, SWAPTBL_STAT_WRITE, nr);
	expect_stat(test, dev, SWAPTBL_STAT_WRITE_IO, 1);
	expect_stat(test, dev, SWAPTBL_STAT_CACHED, 0);
	swaptbl_expect_verified(test, dev);
	/* Nothing of what comes back may be from the old memory. */
	swaptbl_test_fill(folio, POISON);
	swaptbl_test_folio_free(test, folio);
	folio = swaptbl_test_swapin(test, dev, offset, order);
	KUNIT_EXPECT_EQ(test, folio_order(folio), order);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	expect_stat(test, dev, SWAPTBL_STAT_READ, nr);
	expect_stat(test, dev, SWAPTBL_STAT_READ_IO, 1);
	swaptbl_expect_verified(test, dev);
}

static void clean_folio_is_not_written(struct kunit *test)
{
	unsigned int order = order_of(test), nr = BIT(order);
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, order, SEED);
	struct folio *folio = swaptbl_test_swapin(test, dev, offset, order);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_let_go(test, folio);
	expect_stat(test, dev, SWAPTBL_STAT_EVICT, 2 * nr);
	expect_stat(test, dev, SWAPTBL_STAT_EVICT_CLEAN, nr);
	expect_stat(test, dev, SWAPTBL_STAT_WRITE, nr);
	swaptbl_test_folio_free(test, folio);
	folio = swaptbl_test_swapin(test, dev, offset, order);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	swaptbl_expect_verified(test, dev);
}

static void changed_folio_is_written_again(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, order, SEED);
	struct folio *folio = swaptbl_test_swapin(test, dev, offset, order);

	swaptbl_test_fill(folio, SEED + 1);
	folio_set_dirty(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_stat(test, dev, SWAPTBL_STAT_EVICT_CLEAN, 0);
	swaptbl_test_folio_free(test, folio);
	folio = swaptbl_test_swapin(test, dev, offset, order);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED + 1));
	swaptbl_expect_verified(test, dev);
}

static bool folio_is_zero(struct folio *folio)
{
	unsigned int i;
	bool zero = true;

	for (i = 0; i < folio_nr_pages(folio); i++) {
		void *addr = kmap_local_folio(folio, i * PAGE_SIZE);

		zero &= !memchr_inv(addr, 0, PAGE_SIZE);
		kunmap_local(addr);
	}
	return zero;
}

static void expect_zero_flags(struct kunit *test, struct swaptbl_device *dev,
			      unsigned long offset, unsigned int nr, bool zero)
{
	unsigned long word;

	while (nr--) {
		word = swaptbl_test_word(dev, offset + nr);
		KUNIT_EXPECT_EQ(test, zero, swaptbl_entry_is_zero(word));
	}
}

/* A flag is all that is kept, and it goes when data comes. */
static void zeroes_are_a_flag(struct kunit *test)
{
	unsigned int order = order_of(test), nr = BIT(order);
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);

	if (!SWAPTBL_ZERO_BITS)
		kunit_skip(test, "the word has no bit for it");
	folio_zero_range(folio, 0, folio_size(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_zero_flags(test, dev, offset, nr, true);
	expect_stat(test, dev, SWAPTBL_STAT_WRITE_ZERO, nr);
	expect_stat(test, dev, SWAPTBL_STAT_WRITE_IO, 0);
	swaptbl_test_fill(folio, POISON);
	swaptbl_test_folio_free(test, folio);
	folio = swaptbl_test_swapin(test, dev, offset, order);
	KUNIT_EXPECT_TRUE(test, folio_is_zero(folio));
	KUNIT_EXPECT_EQ(test, folio_order(folio), order);
	expect_stat(test, dev, SWAPTBL_STAT_READ_ZERO, nr);
	expect_stat(test, dev, SWAPTBL_STAT_READ_IO, 0);
	/* Clean, it stays zero. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_zero_flags(test, dev, offset, nr, true);
	expect_stat(test, dev, SWAPTBL_STAT_EVICT_CLEAN, nr);
	swaptbl_expect_verified(test, dev);
}

static void zero_flag_goes_with_data(struct kunit *test)
{
	unsigned int order = order_of(test), nr = BIT(order);
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);

	folio_zero_range(folio, 0, folio_size(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	swaptbl_test_folio_free(test, folio);
	folio = swaptbl_test_swapin(test, dev, offset, order);
	swaptbl_test_fill(folio, SEED);
	folio_set_dirty(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_zero_flags(test, dev, offset, nr, false);
	swaptbl_test_folio_free(test, folio);
	folio = swaptbl_test_swapin(test, dev, offset, order);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	swaptbl_expect_verified(test, dev);
}

/* The flag is about the whole folio: one byte is enough. */
static void last_byte_counts(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);
	size_t last = folio_size(folio) - 1;
	u8 byte = 0x80, back = 0;

	folio_zero_range(folio, 0, folio_size(folio));
	memcpy_to_folio(folio, last, (char *)&byte, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_zero_flags(test, dev, offset, BIT(order), false);
	swaptbl_test_folio_free(test, folio);
	folio = swaptbl_test_swapin(test, dev, offset, order);
	memcpy_from_folio((char *)&back, folio, last, 1);
	KUNIT_EXPECT_EQ(test, back, byte);
	memcpy_from_folio((char *)&back, folio, 0, 1);
	KUNIT_EXPECT_EQ(test, back, 0);
	swaptbl_expect_verified(test, dev);
}

static void shadow_tells_whose_it_was(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 1);
	struct swaptbl_shadow shadow;
	unsigned long offset;
	unsigned int group;

	group = swaptbl_test_charge(test, folio, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_WORKINGSET);
	offset = swaptbl_test_offset(folio);
	swaptbl_test_fill(folio, SEED);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	swaptbl_entry_to_shadow(swaptbl_test_word(dev, offset), &shadow);
	KUNIT_EXPECT_EQ(test, shadow.group, group);
	KUNIT_EXPECT_EQ(test, shadow.node, folio_nid(folio));
	KUNIT_EXPECT_TRUE(test, shadow.workingset);
	KUNIT_EXPECT_NE(test, shadow.age, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset),
			swaptbl_test_word(dev, offset + 1));
	expect_stat(test, dev, SWAPTBL_STAT_SHADOWS, 2);
	swaptbl_expect_verified(test, dev);
}

/* Which slots of the folio have a count when it goes. */
static const struct counts {
	const char *name;
	unsigned int order;
	unsigned int mask;
} counts[] = {
	{ "0", 0, 0x0 },
	{ "1", 0, 0x1 },
	{ "0-0-0-0", 2, 0x0 },
	{ "0-1-0-1", 2, 0xa },
	{ "1-0-1-0", 2, 0x5 },
	{ "0-0-0-1", 2, 0x8 },
	{ "1-1-1-1", 2, 0xf },
};

static void counts_desc(const struct counts *counts, char *desc)
{
	strscpy(desc, counts->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(counts, counts, counts_desc);

/* Each slot has its shadow or is free, with nothing left of the owner. */
static void expect_words(struct kunit *test, struct swaptbl_device *dev,
			 unsigned long offset, const struct counts *counts,
			 unsigned int group)
{
	struct swaptbl_shadow shadow;
	unsigned long word;
	unsigned int i;

	for (i = 0; i < BIT(counts->order); i++) {
		word = swaptbl_test_word(dev, offset + i);
		if (!(counts->mask & BIT(i))) {
			KUNIT_EXPECT_EQ(test, word, 0);
			continue;
		}
		KUNIT_ASSERT_TRUE(test, swaptbl_entry_is_swapped(word));
		swaptbl_entry_to_shadow(word, &shadow);
		KUNIT_EXPECT_EQ(test, shadow.group, group);
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i), 1);
	}
}

/*
 * The statistics, the owner's record and the words agree, whichever slots are
 * freed; and the next owner of the slots is not taken for the last one.
 */
static void counts_decide_what_stays(struct kunit *test)
{
	const struct counts *counts = test->param_value;
	unsigned int i, nr = BIT(counts->order), stay = hweight32(counts->mask);
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, counts->order);
	unsigned int group = swaptbl_test_charge(test, folio, 0);
	unsigned long offset;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	offset = swaptbl_test_offset(folio);
	swaptbl_test_fill(folio, SEED);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	for (i = 0; i < nr; i++)
		if (!(counts->mask & BIT(i)))
			KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset + i,
								  1));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_let_go(test, folio);
	expect_words(test, dev, offset, counts, group);
	expect_stat(test, dev, SWAPTBL_STAT_CACHED, 0);
	expect_stat(test, dev, SWAPTBL_STAT_CACHED_ONLY, 0);
	expect_stat(test, dev, SWAPTBL_STAT_CACHE_DEL, nr);
	expect_stat(test, dev, SWAPTBL_STAT_SHADOWS, stay);
	expect_stat(test, dev, SWAPTBL_STAT_WRITE_IO, !!stay);
	expect_stat(test, dev, SWAPTBL_STAT_FREE, nr - stay);
	swaptbl_expect_verified(test, dev);
}

static void freed_slot_forgets_owner(struct kunit *test)
{
	const struct counts all = { .order = 1, .mask = 3 };
	struct swaptbl_device *dev = swaptbl_test_device(test, 4, BITS);
	struct folio *folio = swaptbl_test_folio(test, 1);
	unsigned int owner, group;

	/* One run of two is all the device has, so each round gets the same. */
	dev->discards = false;
	for (owner = 0; owner < SWAPTBL_TEST_OWNERS; owner++) {
		group = swaptbl_test_charge(test, folio, owner);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
		swaptbl_test_fill(folio, SEED);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL,
								GFP_KERNEL));
		KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
		expect_words(test, dev, 2, &all, group);
		KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, 2, 2), 0);
		expect_stat(test, dev, SWAPTBL_STAT_SHADOWS, 0);
		swaptbl_expect_verified(test, dev);
	}
}

static void batch_add(struct kunit *test, struct swaptbl_device *dev,
		      struct folio_batch *fbatch, unsigned int nr)
{
	while (nr--)
		folio_batch_add(fbatch, make_folio(test, dev, nr % 3));
}

static void batch_lets_all_go(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio_batch fbatch;
	unsigned int i;

	folio_batch_init(&fbatch);
	KUNIT_EXPECT_EQ(test, swaptbl_evict_folios(&fbatch), 0);
	batch_add(test, dev, &fbatch, 8);
	KUNIT_EXPECT_EQ(test, swaptbl_evict_folios(&fbatch), 0);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 8);
	for (i = 0; i < 8; i++) {
		expect_let_go(test, fbatch.folios[i]);
		KUNIT_EXPECT_TRUE(test, folio_test_locked(fbatch.folios[i]));
	}
	expect_stat(test, dev, SWAPTBL_STAT_WRITE_IO, 8);
	swaptbl_expect_verified(test, dev);
}

/* What is no business of evict is refused, and the others go all the same. */
static void batch_with_unbound_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio_batch fbatch;
	unsigned int i;

	folio_batch_init(&fbatch);
	batch_add(test, dev, &fbatch, 2);
	folio_batch_add(&fbatch, swaptbl_test_folio(test, 0));
	batch_add(test, dev, &fbatch, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_evict_folios(&fbatch), -EINVAL);
	for (i = 0; i < 5; i++)
		expect_let_go(test, fbatch.folios[i]);
	expect_stat(test, dev, SWAPTBL_STAT_CACHED, 0);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_folio_evict_cases[] = {
	KUNIT_CASE_PARAM(dirty_folio_is_written, order_gen_params),
	KUNIT_CASE_PARAM(clean_folio_is_not_written, order_gen_params),
	KUNIT_CASE_PARAM(changed_folio_is_written_again, order_gen_params),
	KUNIT_CASE_PARAM(zeroes_are_a_flag, order_gen_params),
	KUNIT_CASE_PARAM(zero_flag_goes_with_data, order_gen_params),
	KUNIT_CASE_PARAM(last_byte_counts, order_gen_params),
	KUNIT_CASE(shadow_tells_whose_it_was),
	KUNIT_CASE_PARAM(counts_decide_what_stays, counts_gen_params),
	KUNIT_CASE(freed_slot_forgets_owner),
	KUNIT_CASE(batch_lets_all_go),
	KUNIT_CASE(batch_with_unbound_folio),
	{}
};

static struct kunit_suite swaptbl_folio_evict_suite = {
	.name = "swaptbl_folio_evict",
	.test_cases = swaptbl_folio_evict_cases,
};

kunit_test_suite(swaptbl_folio_evict_suite);
