// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the entry word: swaptbl/entry.h.
 */
#include <kunit/test.h>
#include <linux/bitops.h>

#include "../swaptbl/entry.h"
#include "util.h"

#define PFN_MAX		(BIT(SWAPTBL_PFN_BITS) - 1)
#define NODE_MAX	(BIT(SWAPTBL_NODE_BITS) - 1)

/* Bits of a word that hold flags; both at once when @flags is 3. */
static unsigned long flags_of(unsigned int flags)
{
	return (flags & 1 ? SWAPTBL_OVERFLOW_FLAG : 0) |
	       (flags & 2 ? SWAPTBL_ZERO_FLAG : 0);
}

static unsigned int nr_kinds(unsigned long entry)
{
	return swaptbl_entry_is_free(entry) + swaptbl_entry_is_swapped(entry) +
	       swaptbl_entry_is_cached(entry) + swaptbl_entry_is_pointer(entry) +
	       swaptbl_entry_is_bad(entry) + swaptbl_entry_is_exclusive(entry);
}

static unsigned long swapped_full(void)
{
	const struct swaptbl_shadow shadow = {
		.age = SWAPTBL_AGE_MAX,
		.group = SWAPTBL_GROUP_MAX,
		.node = NODE_MAX,
		.workingset = true,
	};

	return swaptbl_shadow_to_entry(&shadow);
}

static unsigned long swapped_empty(void)
{
	const struct swaptbl_shadow shadow = {};

	return swaptbl_shadow_to_entry(&shadow);
}

static void widths_cover_word(struct kunit *test)
{
	/* O | COUNT | Z | payload: no gap above the payload, no overlap. */
	KUNIT_EXPECT_EQ(test, SWAPTBL_OVERFLOW_FLAG & SWAPTBL_COUNT_MASK, 0);
	KUNIT_EXPECT_EQ(test, SWAPTBL_COUNT_MASK & SWAPTBL_ZERO_FLAG, 0);
	KUNIT_EXPECT_EQ(test, SWAPTBL_HIGH_MASK,
			~(BIT(SWAPTBL_ZERO_SHIFT) - 1));
	KUNIT_EXPECT_EQ(test, hweight_long(SWAPTBL_HIGH_MASK),
			SWAPTBL_COUNT_BITS_MAX + SWAPTBL_ZERO_BITS);
	KUNIT_EXPECT_EQ(test, hweight_long(SWAPTBL_COUNT_MASK),
			SWAPTBL_COUNT_BITS_MAX - 1);
	KUNIT_EXPECT_GE(test, SWAPTBL_COUNT_BITS_MAX,
			BITS_PER_LONG == 64 ? 8 : SWAPTBL_COUNT_BITS_MIN);
}

static void widths_hold_payloads(struct kunit *test)
{
	KUNIT_EXPECT_LE(test, SWAPTBL_PFN_BITS + SWAPTBL_CACHED_MARK_BITS,
			SWAPTBL_ZERO_SHIFT);
	KUNIT_EXPECT_EQ(test,
			SWAPTBL_AGE_BITS + SWAPTBL_GROUP_BITS +
			SWAPTBL_NODE_BITS + SWAPTBL_WORKINGSET_BITS +
			SWAPTBL_SWAPPED_MARK_BITS, SWAPTBL_ZERO_SHIFT);
	KUNIT_EXPECT_GE(test, SWAPTBL_AGE_BITS, 6);
	/* A word with every payload bit set has no bit above the payload. */
	KUNIT_EXPECT_EQ(test, swapped_full() & SWAPTBL_HIGH_MASK, 0);
	KUNIT_EXPECT_EQ(test, swapped_full(), BIT(SWAPTBL_ZERO_SHIFT) - 1);
	KUNIT_EXPECT_EQ(test, swaptbl_pfn_to_entry(PFN_MAX) & SWAPTBL_HIGH_MASK,
			0);
}

static void kinds_without_count_are_exclusive(struct kunit *test)
{
	static const u64 aligned __aligned(8);
	const unsigned long entry[] = {
		0, swaptbl_bad_entry(), swaptbl_exclusive_entry(),
		swaptbl_pointer_to_entry(&aligned),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(entry); i++) {
		KUNIT_EXPECT_EQ_MSG(test, nr_kinds(entry[i]), 1, "%lx", entry[i]);
		KUNIT_EXPECT_FALSE(test, swaptbl_entry_is_counted(entry[i]));
	}
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_free(entry[0]));
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_bad(entry[1]));
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_exclusive(entry[2]));
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_pointer(entry[3]));
}

static void expect_counted_kind(struct kunit *test, unsigned long entry,
				bool cached)
{
	KUNIT_EXPECT_EQ_MSG(test, nr_kinds(entry), 1, "%lx", entry);
	KUNIT_EXPECT_EQ(test, swaptbl_entry_is_cached(entry), cached);
	KUNIT_EXPECT_EQ(test, swaptbl_entry_is_swapped(entry), !cached);
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_counted(entry));
}

/* The edges of what a field of the width under test can hold. */
static void counts_of_width(unsigned int width, unsigned int count[4])
{
	count[0] = 0;
	count[1] = 1;
	count[2] = BIT(width - 1) - 2;
	count[3] = BIT(width - 1) - 1;
}

static void kinds_with_count_keep_kind(struct kunit *test)
{
	const unsigned long payload[] = {
		swapped_empty(), swapped_full(), swaptbl_pfn_to_entry(0),
		swaptbl_pfn_to_entry(PFN_MAX),
	};
	unsigned int i, count[4];

	counts_of_width(swaptbl_test_width(test->param_value), count);
	/* 4 payloads, 4 counts, 4 sets of flags. */
	for (i = 0; i < 64; i++) {
		unsigned long entry = payload[i / 16] | flags_of(i % 4);

		entry = swaptbl_entry_set_count(entry, count[i / 4 % 4]);
		expect_counted_kind(test, entry, i / 16 >= 2);
	}
}

static void set_count_changes_only_count(struct kunit *test)
{
	unsigned int width = swaptbl_test_width(test->param_value);
	unsigned int i, count[4];

	counts_of_width(width, count);
	for (i = 0; i < 16; i++) {
		unsigned long before = swapped_full() | flags_of(i % 4);
		unsigned long entry;

		entry = swaptbl_entry_set_count(before, count[i / 4]);
		KUNIT_EXPECT_EQ(test, swaptbl_entry_count(entry), count[i / 4]);
		KUNIT_EXPECT_EQ(test, entry & ~SWAPTBL_COUNT_MASK, before);
		KUNIT_EXPECT_EQ(test, swaptbl_entry_is_overflowed(entry), i & 1);
		KUNIT_EXPECT_EQ(test, swaptbl_entry_is_zero(entry),
				SWAPTBL_ZERO_BITS && i & 2);
		KUNIT_EXPECT_EQ(test, swaptbl_entry_set_count(entry, 0), before);
	}
}

static void set_count_every_value(struct kunit *test)
{
	unsigned int max = BIT(swaptbl_test_width(test->param_value) - 1) - 1;
	unsigned long entry = swaptbl_pfn_to_entry(PFN_MAX);
	unsigned int count;

	for (count = 1; count <= max; count++) {
		/* One more is one addition: what the lock-free path does. */
		entry += SWAPTBL_COUNT_ONE;
		KUNIT_ASSERT_EQ(test, swaptbl_entry_count(entry), count);
		KUNIT_ASSERT_EQ(test, swaptbl_entry_to_pfn(entry), PFN_MAX);
		KUNIT_ASSERT_FALSE(test, swaptbl_entry_is_overflowed(entry));
	}
}

static void pfn_round_trip(struct kunit *test)
{
	unsigned int i;

	/* Each single bit, then all bits up to it. */
	for (i = 0; i < 2 * SWAPTBL_PFN_BITS; i++) {
		unsigned long pfn = BIT(i / 2) - i % 2;
		unsigned long entry = swaptbl_pfn_to_entry(pfn);

		KUNIT_EXPECT_EQ(test, swaptbl_entry_to_pfn(entry), pfn);
		KUNIT_EXPECT_EQ(test, swaptbl_entry_to_pfn(entry |
							   SWAPTBL_HIGH_MASK), pfn);
	}
	KUNIT_EXPECT_EQ(test,
			swaptbl_entry_to_pfn(swaptbl_pfn_to_entry(PFN_MAX)),
			PFN_MAX);
}

static void folio_round_trip(struct kunit *test)
{
	unsigned int order;

	for (order = 0; order <= 4; order++) {
		struct folio *folio = swaptbl_test_folio(test, order);
		unsigned long entry = swaptbl_folio_to_entry(folio);

		KUNIT_EXPECT_EQ(test, swaptbl_entry_to_pfn(entry),
				folio_pfn(folio));
		KUNIT_EXPECT_PTR_EQ(test, swaptbl_entry_to_folio(entry), folio);
	}
}

static void shadow_round_trip(struct kunit *test)
{
	unsigned int i;

	/* Each field at 0, 1 or its maximum, with all others in all of these. */
	for (i = 0; i < 54; i++) {
		const unsigned int pick = i / 2;
		const struct swaptbl_shadow in = {
			.age = pick % 3 < 2 ? pick % 3 : SWAPTBL_AGE_MAX,
			.group = pick / 3 % 3 < 2 ? pick / 3 % 3 :
						    SWAPTBL_GROUP_MAX,
			.node = min(pick / 9 < 2 ? pick / 9 : UINT_MAX,
				    (unsigned int)NODE_MAX),
			.workingset = i % 2,
		};
		unsigned long entry = swaptbl_shadow_to_entry(&in);
		struct swaptbl_shadow out;

		swaptbl_entry_to_shadow(entry | SWAPTBL_HIGH_MASK, &out);
		KUNIT_EXPECT_EQ(test, out.age, in.age);
		KUNIT_EXPECT_EQ(test, out.group, in.group);
		KUNIT_EXPECT_EQ(test, out.node, in.node);
		KUNIT_EXPECT_EQ(test, out.workingset, in.workingset);
	}
}

static void shadow_age_wraps(struct kunit *test)
{
	const struct swaptbl_shadow in = { .age = SWAPTBL_AGE_MAX + 6 };
	unsigned long entry = swaptbl_shadow_to_entry(&in);
	struct swaptbl_shadow out;

	swaptbl_entry_to_shadow(entry, &out);
	KUNIT_EXPECT_EQ(test, out.age, 5);
	KUNIT_EXPECT_EQ(test, out.group, 0);
	KUNIT_EXPECT_EQ(test, out.node, 0);
	KUNIT_EXPECT_EQ(test, entry & SWAPTBL_HIGH_MASK, 0);
}

static void pointer_round_trip(struct kunit *test)
{
	u64 *ptr = kunit_kzalloc(test, sizeof(*ptr), GFP_KERNEL);
	unsigned long entry;

	KUNIT_ASSERT_NOT_NULL(test, ptr);
	entry = swaptbl_pointer_to_entry(ptr);
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_pointer(entry));
	KUNIT_EXPECT_PTR_EQ(test, swaptbl_entry_to_pointer(entry), (void *)ptr);
}

static void move_high_keeps_count_and_flags(struct kunit *test)
{
	const unsigned long kind[] = {
		swapped_full(), swaptbl_pfn_to_entry(PFN_MAX),
	};
	unsigned int i, count[4];

	counts_of_width(swaptbl_test_width(test->param_value), count);
	for (i = 0; i < 32; i++) {
		unsigned long to = kind[i / 16], moved;
		unsigned long from = kind[!(i / 16)] | flags_of(i % 4);

		from = swaptbl_entry_set_count(from, count[i / 4 % 4]);
		/* What @to has above its payload is not to survive. */
		moved = swaptbl_entry_move_high(to | SWAPTBL_HIGH_MASK, from);
		KUNIT_EXPECT_EQ(test, moved & ~SWAPTBL_HIGH_MASK, to);
		KUNIT_EXPECT_EQ(test, moved & SWAPTBL_HIGH_MASK,
				from & SWAPTBL_HIGH_MASK);
	}
}

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

static struct kunit_case swaptbl_entry_cases[] = {
	KUNIT_CASE(widths_cover_word),
	KUNIT_CASE(widths_hold_payloads),
	KUNIT_CASE(kinds_without_count_are_exclusive),
	KUNIT_CASE_PARAM(kinds_with_count_keep_kind, width_gen_params),
	KUNIT_CASE_PARAM(set_count_changes_only_count, width_gen_params),
	KUNIT_CASE_PARAM(set_count_every_value, width_gen_params),
	KUNIT_CASE(pfn_round_trip),
	KUNIT_CASE(folio_round_trip),
	KUNIT_CASE(shadow_round_trip),
	KUNIT_CASE(shadow_age_wraps),
	KUNIT_CASE(pointer_round_trip),
	KUNIT_CASE_PARAM(move_high_keeps_count_and_flags, width_gen_params),
	{}
};

static struct kunit_suite swaptbl_entry_suite = {
	.name = "swaptbl_entry",
	.test_cases = swaptbl_entry_cases,
};

kunit_test_suite(swaptbl_entry_suite);
