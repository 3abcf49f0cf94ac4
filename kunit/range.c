// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the counts of ranges: swaptbl/range.c.
 */
#include <kunit/test.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/entries.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define ORDER	3
#define NR	((unsigned int)BIT(ORDER))

/* 7 is the largest inline count, wide enough to put some below the border. */
#define BITS	4

static struct swaptbl_device *one_cluster(struct kunit *test)
{
	return swaptbl_test_device(test, SWAPTBL_CLUSTER_SLOTS, BITS);
}

static int dup_range(struct swaptbl_device *dev, unsigned long offset,
		     unsigned int nr)
{
	return swaptbl_dup_entries_cluster(dev, offset, nr, SWAPTBL_DUP_OWNED,
					   GFP_KERNEL);
}

/* Turn a swapped slot with count 1 into an exclusive one, in place. */
static void make_exclusive(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	unsigned int slot = swaptbl_slot(offset);

	__swaptbl_cluster_put_entry(dev, ci, slot);
	__swaptbl_cluster_free_entry(dev, ci, slot);
	__swaptbl_cluster_alloc_entry(dev, ci, slot, swaptbl_exclusive_entry());
	swaptbl_cluster_unlock(ci);
}

static void make_free(struct swaptbl_device *dev, unsigned long offset)
{
	swaptbl_put_entries(dev, offset, 1);
}

/* The others of the range stay below that limit. */
static void make_full(struct swaptbl_device *dev, unsigned long offset)
{
	swaptbl_test_dup(dev, offset, swaptbl_count_limit(dev) - 1);
}

static const struct apple {
	const char *name;
	void (*make)(struct swaptbl_device *dev, unsigned long offset);
	int dup;
	int put;
} apples[] = {
	{ "free", make_free, -ENOENT, -ENOENT },
	{ "exclusive", make_exclusive, -EINVAL, -EINVAL },
	{ "full", make_full, -EOVERFLOW, 0 },
};

KUNIT_ARRAY_PARAM_DESC(apple, apples, name);

/* All others at the border, so that a partial dup would show in the store. */
static unsigned long range_with_apple(struct kunit *test,
				      struct swaptbl_device *dev,
				      const struct apple *apple,
				      unsigned int at)
{
	unsigned long offset = swaptbl_test_swapped(test, dev, ORDER, 1);
	unsigned int i;

	apple->make(dev, offset + at);
	for (i = 0; i < NR; i++)
		if (i != at)
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_test_dup(dev, offset + i,
							 dev->count_max - 1));
	return offset;
}

static void dup_with_bad_apple_changes_nothing(struct kunit *test)
{
	const struct apple *apple = test->param_value;
	struct swaptbl_device *dev = one_cluster(test);
	struct swaptbl_test_snapshot *before;
	unsigned long offset;
	unsigned int at;

	dev->units_max = 1;
	for (at = 0; at < NR; at++) {
		offset = range_with_apple(test, dev, apple, at);
		before = swaptbl_test_snapshot(test, dev, offset);
		KUNIT_EXPECT_EQ(test, dup_range(dev, offset, NR), apple->dup);
		KUNIT_EXPECT_TRUE(test,
				  swaptbl_test_unchanged(dev, offset, before));
		KUNIT_EXPECT_EQ(test,
				swaptbl_dup_entries(dev, offset, NR,
						    SWAPTBL_DUP_OWNED,
						    GFP_KERNEL), apple->dup);
		KUNIT_EXPECT_TRUE(test,
				  swaptbl_test_unchanged(dev, offset, before));
		swaptbl_expect_verified(test, dev);
	}
}

static void put_with_bad_apple_changes_nothing(struct kunit *test)
{
	const struct apple *apple = test->param_value;
	struct swaptbl_device *dev = one_cluster(test);
	struct swaptbl_test_snapshot *before;
	unsigned long offset;
	unsigned int at;

	dev->units_max = 1;
	for (at = 0; at < NR; at++) {
		offset = range_with_apple(test, dev, apple, at);
		before = swaptbl_test_snapshot(test, dev, offset);
		KUNIT_EXPECT_EQ(test,
				swaptbl_put_entries_cluster(dev, offset, NR),
				apple->put);
		KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, NR),
				apple->put);
		/* A full slot is no obstacle to a put. */
		KUNIT_EXPECT_EQ(test,
				swaptbl_test_unchanged(dev, offset, before),
				apple->put != 0);
		swaptbl_expect_verified(test, dev);
	}
}

static void dup_with_cached_only_slot(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	struct folio *folio = swaptbl_test_bound(test, dev, ORDER);
	unsigned long offset = swaptbl_test_offset(folio);
	struct swaptbl_test_snapshot *before;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset + NR - 1, 1));
	before = swaptbl_test_snapshot(test, dev, offset);
	KUNIT_EXPECT_EQ(test, dup_range(dev, offset, NR), -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, NR), -ENOENT);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	/* With the folio's lock it is no obstacle. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + NR - 1), 1);
	swaptbl_expect_verified(test, dev);
}

/* 16 slots at the border want a dense store, more than the first attempt. */
static void dup_without_memory_changes_nothing(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, 4, dev->count_max);
	struct swaptbl_test_snapshot *before;
	int err = -ENOMEM;
	unsigned int k;

	before = swaptbl_test_snapshot(test, dev, offset);
	for (k = 1; err && k < 10; k++) {
		struct swaptbl_test_hooks hooks = { .fail_from = k };

		swaptbl_test_hooks_begin(&hooks);
		err = dup_range(dev, offset, 16);
		swaptbl_test_hooks_end(&hooks);
		swaptbl_expect_verified(test, dev);
		if (!err)
			break;
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		KUNIT_EXPECT_TRUE(test,
				  swaptbl_test_unchanged(dev, offset, before));
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GT(test, k, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + 15),
			(long)dev->count_max + 1);
}

/**
 * struct meddle - what the other actor needs
 * @dev: the device
 * @offset: slot that is being dupped
 * @other: another slot of the cluster, at the border
 * @err: of what the actor did
 */
struct meddle {
	struct swaptbl_device *dev;
	unsigned long offset;
	unsigned long other;
	int err;
};

/* Dup one slot at the border while @actor runs in the dropped lock. */
static int dup_meddled(struct kunit *test, struct meddle *meddle,
		       void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_EXT_UNLOCKED,
		.actor = actor,
		.arg = meddle,
	};
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = dup_range(meddle->dev, meddle->offset, 1);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, meddle->err, 0);
	swaptbl_expect_verified(test, meddle->dev);
	return err;
}

static bool has_store(struct swaptbl_device *dev, unsigned long offset)
{
	return swaptbl_overflow_size(&swaptbl_cluster_lookup(dev, offset)->overflow);
}

static void puts_below_border(void *arg)
{
	struct meddle *meddle = arg;

	meddle->err = swaptbl_test_put(meddle->dev, meddle->offset, 3);
}

static void dup_unlocked_others_put(struct kunit *test)
{
	struct meddle meddle = { .dev = one_cluster(test) };
	unsigned int max = meddle.dev->count_max;

	meddle.offset = swaptbl_test_swapped(test, meddle.dev, 0, max);
	KUNIT_EXPECT_EQ(test, dup_meddled(test, &meddle, puts_below_border), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(meddle.dev, meddle.offset),
			(long)max - 2);
	KUNIT_EXPECT_FALSE(test, has_store(meddle.dev, meddle.offset));
}

static void frees_slot(void *arg)
{
	struct meddle *meddle = arg;

	meddle->err = swaptbl_test_put(meddle->dev, meddle->offset,
				       meddle->dev->count_max);
}

/* The caller lost its reference: no count for it, and no store left behind. */
static void dup_unlocked_slot_freed(struct kunit *test)
{
	struct meddle meddle = { .dev = one_cluster(test) };
	unsigned int max = meddle.dev->count_max;

	meddle.other = swaptbl_test_swapped(test, meddle.dev, 0, 1);
	meddle.offset = swaptbl_test_swapped(test, meddle.dev, 0, max);
	KUNIT_EXPECT_EQ(test, dup_meddled(test, &meddle, frees_slot), -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(meddle.dev, meddle.offset), 0);
	KUNIT_EXPECT_FALSE(test, has_store(meddle.dev, meddle.offset));
	KUNIT_EXPECT_EQ(test, swaptbl_count(meddle.dev, meddle.other), 1);
}

/* In a cluster without bad slots the table goes with the last slot. */
static void dup_unlocked_cluster_emptied(struct kunit *test)
{
	struct meddle meddle = {};
	unsigned long offset;

	meddle.dev = swaptbl_test_device(test, 3 * SWAPTBL_CLUSTER_SLOTS, BITS);
	offset = swaptbl_test_swapped(test, meddle.dev, SWAPTBL_CLUSTER_ORDER, 1);
	KUNIT_ASSERT_GE(test, offset, SWAPTBL_CLUSTER_SLOTS);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(meddle.dev, offset + 1,
						     SWAPTBL_CLUSTER_SLOTS - 1));
	meddle.offset = offset;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(meddle.dev, offset,
						  meddle.dev->count_max - 1));
	KUNIT_EXPECT_EQ(test, dup_meddled(test, &meddle, frees_slot), -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(meddle.dev, SWAPTBL_STAT_TABLES),
			1);
	KUNIT_EXPECT_FALSE(test, has_store(meddle.dev, offset));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&meddle.dev->nr_used), 0);
}

static void dups_other_slot(void *arg)
{
	struct meddle *meddle = arg;

	meddle->err = dup_range(meddle->dev, meddle->other, 1);
}

static void dup_unlocked_store_attached(struct kunit *test)
{
	struct meddle meddle = { .dev = one_cluster(test) };
	long max = meddle.dev->count_max;

	meddle.other = swaptbl_test_swapped(test, meddle.dev, 0, max);
	meddle.offset = swaptbl_test_swapped(test, meddle.dev, 0, max);
	KUNIT_EXPECT_EQ(test, dup_meddled(test, &meddle, dups_other_slot), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(meddle.dev, meddle.offset), max + 1);
	KUNIT_EXPECT_EQ(test, swaptbl_count(meddle.dev, meddle.other), max + 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(meddle.dev,
					       SWAPTBL_STAT_OVERFLOW_ENTER), 2);
}

static void dups_eight_slots(void *arg)
{
	struct meddle *meddle = arg;

	meddle->err = dup_range(meddle->dev, meddle->other, 8);
}

/* The small store is there, and full: the dup has to come back for more. */
static void dup_unlocked_store_filled(struct kunit *test)
{
	struct meddle meddle = { .dev = one_cluster(test) };
	long max = meddle.dev->count_max;
	unsigned int i;

	meddle.other = swaptbl_test_swapped(test, meddle.dev, 3, max);
	meddle.offset = swaptbl_test_swapped(test, meddle.dev, 0, max);
	KUNIT_EXPECT_EQ(test, dup_meddled(test, &meddle, dups_eight_slots), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(meddle.dev, meddle.offset), max + 1);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(meddle.dev, meddle.other + i),
				max + 1);
}

static void takes_to_limit(void *arg)
{
	struct meddle *meddle = arg;

	meddle->err = swaptbl_test_dup(meddle->dev, meddle->offset,
				       swaptbl_count_limit(meddle->dev) -
				       meddle->dev->count_max);
}

static void dup_unlocked_limit_reached(struct kunit *test)
{
	struct meddle meddle = { .dev = one_cluster(test) };
	unsigned int max = meddle.dev->count_max;

	meddle.dev->units_max = 2;
	meddle.offset = swaptbl_test_swapped(test, meddle.dev, 0, max);
	KUNIT_EXPECT_EQ(test, dup_meddled(test, &meddle, takes_to_limit),
			-EOVERFLOW);
	KUNIT_EXPECT_EQ(test, swaptbl_count(meddle.dev, meddle.offset),
			(long)swaptbl_count_limit(meddle.dev));
}

static void range_malformed(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, ORDER, 1);
	unsigned long end = dev->nr_slots;
	struct swaptbl_test_snapshot *before;

	before = swaptbl_test_snapshot(test, dev, offset);
	KUNIT_EXPECT_EQ(test, dup_range(dev, offset, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, dup_range(dev, end - 1, 2), -ERANGE);
	KUNIT_EXPECT_EQ(test, dup_range(dev, end, 1), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, end - 1, 2), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, 1, ULONG_MAX), -ERANGE);
	/* The header page is a slot, and bad. */
	KUNIT_EXPECT_EQ(test, dup_range(dev, 0, 2), -EINVAL);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	swaptbl_expect_verified(test, dev);
}

/* | cluster 1: all of it | cluster 2: all of it | */
static unsigned long two_clusters(struct kunit *test, struct swaptbl_device **dev)
{
	unsigned long offset;

	*dev = swaptbl_test_device(test, 3 * SWAPTBL_CLUSTER_SLOTS, BITS);
	offset = swaptbl_test_swapped(test, *dev, SWAPTBL_CLUSTER_ORDER, 1);
	KUNIT_ASSERT_EQ(test, offset, SWAPTBL_CLUSTER_SLOTS);
	offset = swaptbl_test_swapped(test, *dev, SWAPTBL_CLUSTER_ORDER, 1);
	KUNIT_ASSERT_EQ(test, offset, 2 * SWAPTBL_CLUSTER_SLOTS);
	return offset;
}

static void range_crosses_clusters(struct kunit *test)
{
	struct swaptbl_device *dev;
	unsigned long border = two_clusters(test, &dev);

	KUNIT_EXPECT_EQ(test, dup_range(dev, border - 1, 2), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_entries(dev, border - 4, 8,
						  SWAPTBL_DUP_OWNED, GFP_KERNEL),
			0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, border - 5), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, border - 4), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, border + 3), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, border + 4), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, border - 4, 8), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, border - 4, 8), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used),
			2 * SWAPTBL_CLUSTER_SLOTS - 8);
	swaptbl_expect_verified(test, dev);
}

/* What a refusal must not move. */
static long changes(struct swaptbl_device *dev)
{
	return swaptbl_stat_sum(dev, SWAPTBL_STAT_DUP) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_PUT) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_LOCKLESS) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_FREE) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_ENTER) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_LEAVE) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_ALLOC);
}

/* The first cluster, at the border, has nothing against it. */
static void range_refused_in_second_cluster(struct kunit *test)
{
	struct swaptbl_test_snapshot *first, *second;
	struct swaptbl_device *dev;
	unsigned long border = two_clusters(test, &dev);
	unsigned int i;
	long before;

	for (i = 1; i <= 4; i++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, border - i,
							  dev->count_max - 1));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, border + 3, 1));
	first = swaptbl_test_snapshot(test, dev, border - 1);
	second = swaptbl_test_snapshot(test, dev, border);
	before = changes(dev);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_entries(dev, border - 4, 8,
						  SWAPTBL_DUP_OWNED, GFP_KERNEL),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, border - 4, 8), -ENOENT);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, border - 1, first));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, border, second));
	KUNIT_EXPECT_EQ(test, changes(dev), before);
	swaptbl_expect_verified(test, dev);
}

/* 2 1 1 2 1 1 1 2: what comes to 0 is freed, the rest stays. */
static void put_range_frees_runs(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, ORDER, 1);
	unsigned int i;

	for (i = 0; i < NR; i++)
		if (BIT(i) & 0x89)
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_test_dup(dev, offset + i, 1));
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_cluster(dev, offset, NR), 0);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i),
				!!(BIT(i) & 0x89));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FREE), 5);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 3);
	swaptbl_expect_verified(test, dev);
}

static bool is_cached(struct swaptbl_device *dev, unsigned long offset)
{
	return swaptbl_entry_is_cached(swaptbl_test_word(dev, offset));
}

/* In the middle of a folio nothing is freed as long as it is bound. */
static void put_range_inside_folio(struct kunit *test)
{
	struct swaptbl_device *dev = one_cluster(test);
	struct folio *folio = swaptbl_test_bound(test, dev, ORDER);
	unsigned long offset = swaptbl_test_offset(folio);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset + 2, 3), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), NR);
	KUNIT_EXPECT_TRUE(test, is_cached(dev, offset + 3));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), -EBUSY);
	swaptbl_expect_verified(test, dev);
	/* Without the folio, only the slots with a count are left. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_unbind(folio), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), NR - 3);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), 0);
	swaptbl_expect_verified(test, dev);
}

static void range_of_whole_cluster(struct kunit *test)
{
	struct swaptbl_device *dev;
	unsigned long offset = two_clusters(test, &dev);
	unsigned int i, nr = SWAPTBL_CLUSTER_SLOTS;

	for (i = 1; i <= 3 * dev->count_max; i++)
		KUNIT_ASSERT_EQ(test, 0, dup_range(dev, offset, nr));
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + nr - 1),
			3 * (long)dev->count_max + 1);
	swaptbl_expect_verified(test, dev);
	for (i = 0; i <= 3 * dev->count_max; i++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, offset, nr));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), nr);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES), 2);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_range_cases[] = {
	KUNIT_CASE_PARAM(dup_with_bad_apple_changes_nothing, apple_gen_params),
	KUNIT_CASE_PARAM(put_with_bad_apple_changes_nothing, apple_gen_params),
	KUNIT_CASE(dup_with_cached_only_slot),
	KUNIT_CASE(dup_without_memory_changes_nothing),
	KUNIT_CASE(dup_unlocked_others_put),
	KUNIT_CASE(dup_unlocked_slot_freed),
	KUNIT_CASE(dup_unlocked_cluster_emptied),
	KUNIT_CASE(dup_unlocked_store_attached),
	KUNIT_CASE(dup_unlocked_store_filled),
	KUNIT_CASE(dup_unlocked_limit_reached),
	KUNIT_CASE(range_malformed),
	KUNIT_CASE(range_crosses_clusters),
	KUNIT_CASE(range_refused_in_second_cluster),
	KUNIT_CASE(put_range_frees_runs),
	KUNIT_CASE(put_range_inside_folio),
	KUNIT_CASE(range_of_whole_cluster),
	{}
};

static struct kunit_suite swaptbl_range_suite = {
	.name = "swaptbl_range",
	.test_cases = swaptbl_range_cases,
};

kunit_test_suite(swaptbl_range_suite);
