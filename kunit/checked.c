// SPDX-License-Identifier: GPL-2.0
/*
 * Lock-free changes between the check of a range dup or put and its changes: the
 * only ones that the cluster lock, which is held there, does not keep out.
 */
#include <kunit/test.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "util.h"

/* 7 is the largest inline count, a unit of the store is 4. */
#define BITS	4

/**
 * struct between - a range dup or put of two slots, and what comes in between
 * @dev: the device
 * @first: the first slot; has count 1
 * @second: the second slot
 * @point: where that comes
 * @changed: the slot that @change changes
 * @change: lock-free change
 * @err: its result
 */
struct between {
	struct swaptbl_device *dev;
	unsigned long first;
	unsigned long second;
	enum swaptbl_sync_point point;
	unsigned long changed;
	int (*change)(struct swaptbl_device *dev, unsigned long offset);
	int err;
};

static void between_init(struct kunit *test, struct between *between,
			 unsigned int bits, unsigned long count)
{
	between->dev = swaptbl_test_device(test, SWAPTBL_CLUSTER_SLOTS, bits);
	between->first = swaptbl_test_swapped(test, between->dev, 1, 1);
	between->second = between->first + 1;
	between->changed = between->second;
	between->point = SWAPTBL_RANGE_CHECKED;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(between->dev, between->second,
						  count - 1));
}

static void change_slot(void *arg)
{
	struct between *between = arg;

	between->err = between->change(between->dev, between->changed);
}

static int dup_range(struct between *between)
{
	return swaptbl_dup_entries_cluster(between->dev, between->first, 2,
					   SWAPTBL_DUP_OWNED, GFP_KERNEL);
}

static int put_range(struct between *between)
{
	return swaptbl_put_entries_cluster(between->dev, between->first, 2);
}

static int change_both(struct kunit *test, struct between *between,
		       int (*range)(struct between *between),
		       int (*change)(struct swaptbl_device *dev, unsigned long offset))
{
	struct swaptbl_test_hooks hooks = {
		.point = between->point,
		.actor = change_slot,
		.arg = between,
	};
	int err;

	between->change = change;
	swaptbl_test_hooks_begin(&hooks);
	err = range(between);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, between->err, 0);
	swaptbl_expect_verified(test, between->dev);
	return err;
}

static bool has_store(struct between *between)
{
	return swaptbl_overflow_size(&swaptbl_cluster_lookup(between->dev,
							     between->first)->overflow);
}

/* The store was attached for a slot that no longer needs it. */
static void put_leaves_no_store(struct kunit *test)
{
	struct between between = {};

	between_init(test, &between, BITS, 7);
	KUNIT_EXPECT_EQ(test, change_both(test, &between, dup_range, swaptbl_put_lockless), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.first), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.second), 7);
	KUNIT_EXPECT_FALSE(test, has_store(&between));
}

/* The first slot needs the store, and by then the second one too: there is room. */
static void dup_to_border_after_check(struct kunit *test)
{
	struct between between = {};

	between_init(test, &between, BITS, 6);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(between.dev, between.first, 6));
	KUNIT_EXPECT_EQ(test, change_both(test, &between, dup_range, swaptbl_dup_lockless), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.first), 8);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.second), 8);
}

/* Units go up to 1, so 11 is the limit: the first slot, which carried, is undone. */
static void dup_to_limit_after_check(struct kunit *test)
{
	struct between between = {};

	between_init(test, &between, BITS, 10);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(between.dev, between.first, 6));
	between.dev->units_max = 1;
	KUNIT_EXPECT_EQ(test, swaptbl_count_limit(between.dev), 11);
	KUNIT_EXPECT_EQ(test, change_both(test, &between, dup_range, swaptbl_dup_lockless),
			-EOVERFLOW);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.first), 7);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.second), 11);
}

/* The first slot has its count when the second one turns out to be full: it goes back. */
static void dup_to_border_in_batch(struct kunit *test)
{
	struct between between = {};

	between_init(test, &between, BITS, 6);
	between.point = SWAPTBL_BATCH_LOADED;
	KUNIT_EXPECT_EQ(test, change_both(test, &between, dup_range, swaptbl_dup_lockless), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.first), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.second), 8);
	KUNIT_EXPECT_TRUE(test, has_store(&between));
}

/* 11 is the limit, as above. */
static void dup_to_limit_in_batch(struct kunit *test)
{
	struct between between = {};

	between_init(test, &between, BITS, 10);
	between.point = SWAPTBL_BATCH_LOADED;
	between.dev->units_max = 1;
	KUNIT_EXPECT_EQ(test, change_both(test, &between, dup_range, swaptbl_dup_lockless),
			-EOVERFLOW);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.first), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.second), 11);
}

/* The word that was loaded is another one by now, and is judged anew. */
static void dup_of_loaded_word(struct kunit *test)
{
	struct between between = {};

	between_init(test, &between, BITS, 1);
	between.point = SWAPTBL_BATCH_LOADED;
	between.changed = between.first;
	KUNIT_EXPECT_EQ(test, change_both(test, &between, dup_range, swaptbl_dup_lockless), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.first), 3);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.second), 2);
}

/* It even became full, so that the store is needed after all. */
static void dup_fills_loaded_word(struct kunit *test)
{
	struct between between = {};

	between_init(test, &between, BITS, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(between.dev, between.first, 5));
	between.point = SWAPTBL_BATCH_LOADED;
	between.changed = between.first;
	KUNIT_EXPECT_EQ(test, change_both(test, &between, dup_range, swaptbl_dup_lockless), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.first), 8);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.second), 2);
	KUNIT_EXPECT_TRUE(test, has_store(&between));
}

/*
 * Of two counts, one is in the store: the other goes without the lock, so that the range
 * has to borrow the one that it drops. With the fewest bits that leaves nothing.
 */
static void last_count_is_borrowed(struct kunit *test)
{
	struct between between = {};

	between_init(test, &between, SWAPTBL_COUNT_BITS_MIN, 2);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(between.dev, between.first, 1));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(between.dev, between.first, 1));
	KUNIT_EXPECT_EQ(test, change_both(test, &between, put_range,
					  swaptbl_put_lockless), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(between.dev, between.first), 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&between.dev->nr_used), 1);
}

static struct kunit_case swaptbl_checked_cases[] = {
	KUNIT_CASE(put_leaves_no_store),
	KUNIT_CASE(dup_to_border_after_check),
	KUNIT_CASE(dup_to_limit_after_check),
	KUNIT_CASE(dup_to_border_in_batch),
	KUNIT_CASE(dup_to_limit_in_batch),
	KUNIT_CASE(dup_of_loaded_word),
	KUNIT_CASE(dup_fills_loaded_word),
	KUNIT_CASE(last_count_is_borrowed),
	{}
};

static struct kunit_suite swaptbl_checked_suite = {
	.name = "swaptbl_checked",
	.test_cases = swaptbl_checked_cases,
};

kunit_test_suite(swaptbl_checked_suite);
