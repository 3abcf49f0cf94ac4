// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the counts of single slots: swaptbl/count.c.
 */
#include <kunit/test.h>

#include "../swaptbl/alloc.h"
#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/entries.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

/* All cases use one cluster, whose slot 0 is bad. */
static struct swaptbl_device *one_cluster(struct kunit *test)
{
	return swaptbl_test_device(test, SWAPTBL_CLUSTER_SLOTS,
				   swaptbl_test_width(test->param_value));
}

static int dup_locked(struct swaptbl_device *dev, unsigned long offset,
		      enum swaptbl_dup how)
{
	return swaptbl_dup_entries_cluster(dev, offset, 1, how, GFP_KERNEL);
}

static int dup_entry(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	int err = __swaptbl_cluster_dup_entry(dev, ci, swaptbl_slot(offset));

	swaptbl_cluster_unlock(ci);
	return err;
}

static int put_entry(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	int err = __swaptbl_cluster_put_entry(dev, ci, swaptbl_slot(offset));

	swaptbl_cluster_unlock(ci);
	return err;
}

static int alloc_entry(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	int err = __swaptbl_cluster_alloc_entry(dev, ci, swaptbl_slot(offset),
						swaptbl_exclusive_entry());

	swaptbl_cluster_unlock(ci);
	return err;
}

static int free_entry(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	int err = __swaptbl_cluster_free_entry(dev, ci, swaptbl_slot(offset));

	swaptbl_cluster_unlock(ci);
	return err;
}

/* @offset has @count, says so in every way, and its neighbours did not move. */
static void expect_step(struct kunit *test, struct swaptbl_device *dev,
			unsigned long offset, unsigned long count,
			const unsigned long neighbour[2])
{
	unsigned long entry = swaptbl_test_word(dev, offset);
	u32 units = swaptbl_test_units(dev, offset);

	KUNIT_ASSERT_EQ(test, swaptbl_test_exact(dev, offset), count);
	KUNIT_ASSERT_EQ(test, swaptbl_count(dev, offset), (long)count);
	KUNIT_ASSERT_EQ(test, swaptbl_entry_is_overflowed(entry), units > 0);
	KUNIT_ASSERT_LE(test, swaptbl_entry_count(entry), dev->count_max);
	KUNIT_ASSERT_EQ(test, swaptbl_entry_count(entry) +
			(unsigned long)units * dev->count_carry, count);
	KUNIT_ASSERT_EQ(test, swaptbl_test_exact(dev, offset - 1), neighbour[0]);
	KUNIT_ASSERT_EQ(test, swaptbl_test_exact(dev, offset + 1), neighbour[1]);
}

static bool at_edge(const struct swaptbl_device *dev, unsigned long count)
{
	unsigned long rest = count % (dev->count_max + 1);

	return rest <= 1 || rest == dev->count_max;
}

static void step(struct kunit *test, struct swaptbl_device *dev,
		 unsigned long offset, int err, unsigned long count,
		 const unsigned long neighbour[2])
{
	KUNIT_ASSERT_EQ(test, err, 0);
	expect_step(test, dev, offset, count, neighbour);
	if (at_edge(dev, count))
		swaptbl_expect_verified(test, dev);
}

/* Slots 1 and 3 of a bound folio in overflow, slot 2 goes 0 .. 3 MAX .. 0. */
static void walk_cached(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	unsigned long offset = swaptbl_test_offset(folio) + 2;
	unsigned long max = dev->count_max, count;
	const unsigned long neighbour[] = { max + 1, 2 * max + 1 };

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset, 1));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset - 1, max));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + 1, 2 * max));
	for (count = 1; count <= 3 * max; count++)
		step(test, dev, offset,
		     dup_locked(dev, offset, SWAPTBL_DUP_CACHED), count,
		     neighbour);
	while (count-- > 1)
		step(test, dev, offset,
		     swaptbl_put_entries_cluster(dev, offset, 1), count - 1,
		     neighbour);
	KUNIT_EXPECT_TRUE(test,
			  swaptbl_entry_is_cached(swaptbl_test_word(dev, offset)));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), 1);
	swaptbl_expect_verified(test, dev);
}

/* The same without a folio, by the calls that choose the lock-free path. */
static void walk_swapped(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long max = dev->count_max, count;
	const unsigned long neighbour[] = { max + 1, 2 * max };
	unsigned long offset = swaptbl_test_swapped(test, dev, 2, 1) + 2;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset - 1, max));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + 1, 2 * max - 1));
	for (count = 2; count <= 3 * max; count++)
		step(test, dev, offset, swaptbl_test_dup(dev, offset, 1), count,
		     neighbour);
	while (count-- > 1)
		step(test, dev, offset, swaptbl_test_put(dev, offset, 1),
		     count - 1, neighbour);
	/* A swapped slot without a count is free. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 3);
	swaptbl_expect_verified(test, dev);
}

/* Up and down again for every turning point around the border. */
static void walk_turns_anywhere(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);
	unsigned long max = dev->count_max, turn;
	unsigned long first = max > 4 ? max - 4 : 1;

	for (turn = first; turn < max + 6; turn++) {
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset, turn));
		KUNIT_EXPECT_EQ(test, swaptbl_test_exact(dev, offset), turn + 1);
		swaptbl_expect_verified(test, dev);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset, turn));
		KUNIT_EXPECT_EQ(test, swaptbl_test_exact(dev, offset), 1);
		/* No more units than the count is made of. */
		KUNIT_EXPECT_LE(test, swaptbl_test_units(dev, offset) *
				dev->count_carry, 1);
		swaptbl_expect_verified(test, dev);
	}
}

static void swing_at_border_keeps_store(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, dev->count_max);
	struct swaptbl_test_hooks hooks = {};
	unsigned int i;
	int err = 0;

	swaptbl_test_hooks_begin(&hooks);
	for (i = 0; i < 64; i++) {
		err |= swaptbl_test_dup(dev, offset, 1);
		err |= swaptbl_test_put(dev, offset, 1);
	}
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, hooks.site[SWAPTBL_MEM_OVERFLOW], 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_ENTER),
			1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_LEAVE),
			0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_exact(dev, offset), dev->count_max);
	swaptbl_expect_verified(test, dev);
}

static void dup_at_limit_refused(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);
	struct swaptbl_test_snapshot *before;

	dev->units_max = 2;
	KUNIT_ASSERT_EQ(test, 0,
			swaptbl_test_dup(dev, offset,
					 swaptbl_count_limit(dev) - 1));
	before = swaptbl_test_snapshot(test, dev, offset);
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(dev, offset, 1), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, dup_locked(dev, offset, SWAPTBL_DUP_OWNED),
			-EOVERFLOW);
	KUNIT_EXPECT_EQ(test, dup_entry(dev, offset), -EOVERFLOW);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	/* One less, and it is possible again. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, offset, 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(dev, offset, 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset),
			(long)swaptbl_count_limit(dev));
	swaptbl_expect_verified(test, dev);
}

static void dup_without_memory_refused(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, dev->count_max);
	struct swaptbl_test_snapshot *before;
	struct swaptbl_test_hooks hooks = { .fail_from = 1 };
	int err;

	before = swaptbl_test_snapshot(test, dev, offset);
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_test_dup(dev, offset, 1);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, -ENOMEM);
	/* Nor can the helper that must not allocate. */
	KUNIT_EXPECT_EQ(test, dup_entry(dev, offset), -ENOMEM);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	swaptbl_expect_verified(test, dev);
}

/* @dup and @put as what @offset is; neither leaves a trace. */
static void expect_refused(struct kunit *test, struct swaptbl_device *dev,
			   unsigned long offset, int err)
{
	struct swaptbl_test_snapshot *before;

	before = swaptbl_test_snapshot(test, dev, offset);
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(dev, offset, 1), err);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, offset, 1), err);
	KUNIT_EXPECT_EQ(test, dup_locked(dev, offset, SWAPTBL_DUP_OWNED), err);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_cluster(dev, offset, 1), err);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_lockless(dev, offset), -EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_put_lockless(dev, offset), -EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	swaptbl_expect_verified(test, dev);
}

static void free_slot_refused(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long last = SWAPTBL_CLUSTER_SLOTS - 1;
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);

	KUNIT_ASSERT_NE(test, offset, last);
	expect_refused(test, dev, last, -ENOENT);
	KUNIT_EXPECT_EQ(test, dup_entry(dev, last), -ENOENT);
	KUNIT_EXPECT_EQ(test, put_entry(dev, last), -ENOENT);
	KUNIT_EXPECT_EQ(test, free_entry(dev, last), -ENOENT);
	/* Two puts for one reference. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, offset, 1), 0);
	expect_refused(test, dev, offset, -ENOENT);
}

static void unused_cluster_refused(struct kunit *test)
{
	struct swaptbl_device *dev;

	dev = swaptbl_test_device(test, 3 * SWAPTBL_CLUSTER_SLOTS,
				  swaptbl_test_width(test->param_value));
	KUNIT_EXPECT_NULL(test, swaptbl_cluster_lookup(dev,
						       SWAPTBL_CLUSTER_SLOTS));
	expect_refused(test, dev, SWAPTBL_CLUSTER_SLOTS, -ENOENT);
	KUNIT_EXPECT_NULL(test, swaptbl_cluster_lookup(dev,
						       SWAPTBL_CLUSTER_SLOTS));
}

static void bad_slot_refused(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);

	KUNIT_ASSERT_TRUE(test, swaptbl_entry_is_bad(swaptbl_test_word(dev, 0)));
	expect_refused(test, dev, 0, -EINVAL);
	KUNIT_EXPECT_EQ(test, dup_entry(dev, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, put_entry(dev, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, free_entry(dev, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, alloc_entry(dev, 0), -EBUSY);
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_bad(swaptbl_test_word(dev, 0)));
}

static void cached_only_slot_refused(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	struct folio *folio = swaptbl_test_bound(test, dev, 0);
	unsigned long offset = swaptbl_test_offset(folio);

	expect_refused(test, dev, offset, -ENOENT);
	KUNIT_EXPECT_EQ(test, put_entry(dev, offset), -ENOENT);
	/* Who holds the folio's lock may take it from 0 to 1, and nobody else. */
	KUNIT_EXPECT_EQ(test, dup_locked(dev, offset, SWAPTBL_DUP_CACHED), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, offset, 1), 0);
	expect_refused(test, dev, offset, -ENOENT);
}

static void exclusive_slot_refused(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	swp_entry_t entry;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_alloc_exclusive(dev->type, &entry));
	expect_refused(test, dev, swp_offset(entry), -EINVAL);
	KUNIT_EXPECT_EQ(test, dup_entry(dev, swp_offset(entry)), -EINVAL);
	KUNIT_EXPECT_EQ(test, put_entry(dev, swp_offset(entry)), -EINVAL);
	KUNIT_EXPECT_EQ(test, alloc_entry(dev, swp_offset(entry)), -EBUSY);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry), -ENOENT);
}

static void expect_not_counted(struct kunit *test, struct swaptbl_device *dev,
			       unsigned long offset)
{
	struct swaptbl_test_snapshot *before;

	before = swaptbl_test_snapshot(test, dev, offset);
	KUNIT_EXPECT_EQ(test, dup_locked(dev, offset, SWAPTBL_DUP_CACHED), -EINVAL);
	KUNIT_EXPECT_EQ(test, dup_locked(dev, offset, SWAPTBL_DUP_OWNED), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_cluster(dev, offset, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_lockless(dev, offset), -EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_put_lockless(dev, offset), -EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_swapped(dev, offset));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
}

/*
 * It is the kind that says whether there is a count, not the bits where one would be. Only
 * a pointer has such bits, and nothing writes those yet, so that is done by hand.
 */
static void uncounted_kinds_refused(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);
	unsigned long pointer = SWAPTBL_POINTER_MARK | 2 * SWAPTBL_COUNT_ONE;
	unsigned long bits = swaptbl_test_word(dev, offset) ^ pointer;
	swp_entry_t exclusive;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_alloc_exclusive(dev->type, &exclusive));
	expect_not_counted(test, dev, 0);
	expect_not_counted(test, dev, swp_offset(exclusive));
	swaptbl_test_change_word(dev, offset, bits);
	expect_not_counted(test, dev, offset);
	swaptbl_test_change_word(dev, offset, bits);
	swaptbl_expect_verified(test, dev);
}

static void counted_slot_not_freed(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	struct folio *folio = swaptbl_test_bound(test, dev, 0);
	unsigned long offset = swaptbl_test_offset(folio);
	struct swaptbl_test_snapshot *before;

	KUNIT_ASSERT_EQ(test, 0, dup_locked(dev, offset, SWAPTBL_DUP_CACHED));
	before = swaptbl_test_snapshot(test, dev, offset);
	KUNIT_EXPECT_EQ(test, free_entry(dev, offset), -EBUSY);
	KUNIT_EXPECT_EQ(test, alloc_entry(dev, offset), -EBUSY);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_unbind(folio));
	KUNIT_EXPECT_EQ(test, free_entry(dev, offset), -EBUSY);
	/* In overflow with an inline part of 0 it has a count as well. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(dev, offset, dev->count_max), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, offset, dev->count_carry), 0);
	KUNIT_EXPECT_EQ(test, free_entry(dev, offset), -EBUSY);
	KUNIT_EXPECT_EQ(test, swaptbl_entry_count(before->word[offset]), 1);
	swaptbl_expect_verified(test, dev);
}

static void offset_beyond_device_refused(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long end = dev->nr_slots;

	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, end), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(dev, end, 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, end, 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_lockless(dev, end), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_put_lockless(dev, end), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, ULONG_MAX), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(dev, ULONG_MAX, 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, ULONG_MAX, 1), -ERANGE);
}

/* Counts in overflow survive the way from cached to swapped. */
static void unbind_keeps_counts(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	unsigned long offset = swaptbl_test_offset(folio), i;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	for (i = 1; i < 4; i++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + i,
							  i * dev->count_max));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset, 1));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_unbind(folio));
	/* free, then swapped with 1 + MAX, 1 + 2 MAX, 1 + 3 MAX */
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset), 0);
	for (i = 1; i < 4; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i),
				(long)(1 + i * dev->count_max));
	swaptbl_expect_verified(test, dev);
}

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

static struct kunit_case swaptbl_count_cases[] = {
	KUNIT_CASE_PARAM(walk_cached, width_gen_params),
	KUNIT_CASE_PARAM(walk_swapped, width_gen_params),
	KUNIT_CASE_PARAM(walk_turns_anywhere, width_gen_params),
	KUNIT_CASE_PARAM(swing_at_border_keeps_store, width_gen_params),
	KUNIT_CASE_PARAM(dup_at_limit_refused, width_gen_params),
	KUNIT_CASE_PARAM(dup_without_memory_refused, width_gen_params),
	KUNIT_CASE_PARAM(free_slot_refused, width_gen_params),
	KUNIT_CASE_PARAM(unused_cluster_refused, width_gen_params),
	KUNIT_CASE_PARAM(bad_slot_refused, width_gen_params),
	KUNIT_CASE_PARAM(cached_only_slot_refused, width_gen_params),
	KUNIT_CASE_PARAM(exclusive_slot_refused, width_gen_params),
	KUNIT_CASE_PARAM(uncounted_kinds_refused, width_gen_params),
	KUNIT_CASE_PARAM(counted_slot_not_freed, width_gen_params),
	KUNIT_CASE_PARAM(offset_beyond_device_refused, width_gen_params),
	KUNIT_CASE_PARAM(unbind_keeps_counts, width_gen_params),
	{}
};

static struct kunit_suite swaptbl_count_suite = {
	.name = "swaptbl_count",
	.test_cases = swaptbl_count_cases,
};

kunit_test_suite(swaptbl_count_suite);
