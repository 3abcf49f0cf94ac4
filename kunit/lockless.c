// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the lock-free path of counts, and of what may come between its read
 * of a word and its exchange: swaptbl/count.c.
 */
#include <kunit/test.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

/**
 * struct race - one lock-free change and what happens meanwhile
 * @dev: the device
 * @offset: slot that is changed
 * @folio: folio that is bound to it, if any
 * @nr: how many times the actor acts
 * @err: of what the actor did
 */
struct race {
	struct swaptbl_device *dev;
	unsigned long offset;
	struct folio *folio;
	unsigned int nr;
	int err;
};

static void race_init(struct kunit *test, struct race *race, unsigned int nr)
{
	/* Inline counts up to 7, units of 4. */
	race->dev = swaptbl_test_device(test, SWAPTBL_CLUSTER_SLOTS, 4);
	race->nr = nr;
}

static void race_swapped(struct kunit *test, struct race *race,
			 unsigned long count, unsigned int nr)
{
	race_init(test, race, nr);
	race->offset = swaptbl_test_swapped(test, race->dev, 0, count);
}

static int run(struct kunit *test, struct race *race, void (*actor)(void *arg),
	       int (*change)(struct swaptbl_device *dev, unsigned long offset))
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_WORD_LOADED,
		.actor = actor,
		.arg = race,
	};
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = change(race->dev, race->offset);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, race->err, 0);
	swaptbl_expect_verified(test, race->dev);
	return err;
}

/* The actors run in an RCU read-side section. */
static void actor_dup(void *arg)
{
	struct race *race = arg;
	unsigned int i;

	for (i = 0; i < race->nr && !race->err; i++)
		race->err = swaptbl_dup_entries(race->dev, race->offset, 1,
						SWAPTBL_DUP_OWNED, GFP_ATOMIC);
}

static void actor_put(void *arg)
{
	struct race *race = arg;

	race->err = swaptbl_test_put(race->dev, race->offset, race->nr);
}

static void actor_dup_and_put(void *arg)
{
	actor_dup(arg);
	actor_put(arg);
}

static void actor_unbind(void *arg)
{
	struct race *race = arg;

	race->err = swaptbl_test_unbind(race->folio);
}

static void dup_meets_dup(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 1, 1);
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_dup, swaptbl_dup_lockless),
			0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 3);
}

static void dup_meets_put(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 3, 2);
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_put, swaptbl_dup_lockless),
			0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 2);
}

static void put_meets_dup(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 2, 3);
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_dup, swaptbl_put_lockless),
			0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 4);
}

/* The word is what was read: right, whatever it was in between. */
static void dup_meets_dup_and_put(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 2, 4);
	KUNIT_EXPECT_EQ(test,
			run(test, &race, actor_dup_and_put, swaptbl_dup_lockless),
			0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 3);
}

/* 6 was read, 7 is there: one more has to carry, which takes the lock. */
static void dup_meets_dup_to_border(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 6, 1);
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_dup, swaptbl_dup_lockless),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 7);
}

/* 6 was read, the inline part is 4 and there is a unit in the store. */
static void dup_meets_dup_into_overflow(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 6, 2);
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_dup, swaptbl_dup_lockless),
			0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 9);
}

/* 2 was read, 1 is there: the last put is not for the lock-free path. */
static void put_meets_put_to_one(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 2, 1);
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_put, swaptbl_put_lockless),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 1);
}

/* Overflow with inline 1 was read; inline 0 has to borrow. */
static void put_meets_put_to_borrow(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 8, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(race.dev, race.offset, 3));
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_put, swaptbl_put_lockless),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 4);
	KUNIT_EXPECT_EQ(test, swaptbl_test_units(race.dev, race.offset), 1);
}

/* Overflow with inline 1 was read; the slot left overflow with inline 1. */
static void put_meets_leave(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 8, 4);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(race.dev, race.offset, 3));
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_put, swaptbl_put_lockless),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_units(race.dev, race.offset), 0);
}

/* Whoever owned no count after all finds a free word, or no table. */
static void dup_meets_free(struct kunit *test)
{
	struct race race = {};

	race_swapped(test, &race, 2, 2);
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_put, swaptbl_dup_lockless),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(race.dev, race.offset), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&race.dev->nr_used), 0);
}

static void dup_meets_empty_cluster(struct kunit *test)
{
	struct race race = { .nr = 2 };
	unsigned int order = SWAPTBL_CLUSTER_ORDER;

	race.dev = swaptbl_test_device(test, 2 * SWAPTBL_CLUSTER_SLOTS, 4);
	race.offset = swaptbl_test_swapped(test, race.dev, order, 1);
	KUNIT_ASSERT_EQ(test, race.offset, SWAPTBL_CLUSTER_SLOTS);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(race.dev, race.offset + 1,
						     BIT(order) - 1));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(race.dev, race.offset, 1));
	/* The table leaves the cluster, its memory stays for the reader. */
	KUNIT_EXPECT_EQ(test, run(test, &race, actor_put, swaptbl_dup_lockless),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(race.dev, SWAPTBL_STAT_TABLES), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&race.dev->nr_used), 0);
}

static void race_cached(struct kunit *test, struct race *race, unsigned int nr)
{
	race_init(test, race, 0);
	race->folio = swaptbl_test_bound(test, race->dev, 0);
	race->offset = swaptbl_test_offset(race->folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(race->folio, NULL,
							GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(race->dev, race->offset, nr - 1));
}

static void dup_meets_unbind(struct kunit *test)
{
	struct race race = {};
	unsigned long entry;

	race_cached(test, &race, 2);
	KUNIT_EXPECT_EQ(test,
			run(test, &race, actor_unbind, swaptbl_dup_lockless), 0);
	entry = swaptbl_test_word(race.dev, race.offset);
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_swapped(entry));
	KUNIT_EXPECT_EQ(test, swaptbl_entry_count(entry), 3);
}

static void put_meets_unbind(struct kunit *test)
{
	struct race race = {};
	unsigned long entry;

	race_cached(test, &race, 9);
	KUNIT_EXPECT_EQ(test,
			run(test, &race, actor_unbind, swaptbl_put_lockless), 0);
	entry = swaptbl_test_word(race.dev, race.offset);
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_swapped(entry));
	KUNIT_EXPECT_EQ(test, swaptbl_count(race.dev, race.offset), 8);
}

/* Each change of one slot from 1 to 20 and back: who may do what. */
static void path_by_count(struct kunit *test)
{
	struct race race = {};
	unsigned long count, entry;
	struct swaptbl_device *dev;
	int err;

	race_swapped(test, &race, 1, 0);
	dev = race.dev;
	for (count = 1; count < 20; count++) {
		entry = swaptbl_test_word(dev, race.offset);
		err = swaptbl_entry_count(entry) == dev->count_max ? -EAGAIN : 0;
		KUNIT_EXPECT_EQ(test, swaptbl_dup_lockless(dev, race.offset), err);
		if (err)
			KUNIT_EXPECT_EQ(test,
					swaptbl_test_dup(dev, race.offset, 1), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_test_exact(dev, race.offset),
				count + 1);
	}
	for (; count > 1; count--) {
		entry = swaptbl_test_word(dev, race.offset);
		err = swaptbl_entry_count(entry) ? 0 : -EAGAIN;
		KUNIT_EXPECT_EQ(test, swaptbl_put_lockless(dev, race.offset), err);
		if (err)
			KUNIT_EXPECT_EQ(test,
					swaptbl_test_put(dev, race.offset, 1), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_test_exact(dev, race.offset),
				count - 1);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_put_lockless(dev, race.offset), -EAGAIN);
	swaptbl_expect_verified(test, dev);
}

/* 0 to 1 and 1 to 0 of a bound folio are for the lock. */
static void cached_zero_is_locked(struct kunit *test)
{
	struct race race = {};

	race_cached(test, &race, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_put_lockless(race.dev, race.offset), -EAGAIN);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(race.dev, race.offset, 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_lockless(race.dev, race.offset), -EAGAIN);
	KUNIT_EXPECT_EQ(test,
			swaptbl_stat_sum(race.dev, SWAPTBL_STAT_CACHED_ONLY), 1);
	swaptbl_expect_verified(test, race.dev);
}

static void stats_tell_paths_apart(struct kunit *test)
{
	struct race race = {};

	/* 8: seven dups, one of them a carry; the first from 0 to 1. */
	race_cached(test, &race, 8);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(race.dev, SWAPTBL_STAT_DUP), 8);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(race.dev, SWAPTBL_STAT_LOCKLESS),
			6);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(race.dev, race.offset, 8), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(race.dev, SWAPTBL_STAT_PUT), 8);
	/* The borrow and the last one take the lock. */
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(race.dev, SWAPTBL_STAT_LOCKLESS),
			6 + 6);
}

static struct kunit_case swaptbl_lockless_cases[] = {
	KUNIT_CASE(path_by_count),
	KUNIT_CASE(cached_zero_is_locked),
	KUNIT_CASE(stats_tell_paths_apart),
	KUNIT_CASE(dup_meets_dup),
	KUNIT_CASE(dup_meets_put),
	KUNIT_CASE(put_meets_dup),
	KUNIT_CASE(dup_meets_dup_and_put),
	KUNIT_CASE(dup_meets_dup_to_border),
	KUNIT_CASE(dup_meets_dup_into_overflow),
	KUNIT_CASE(put_meets_put_to_one),
	KUNIT_CASE(put_meets_put_to_borrow),
	KUNIT_CASE(put_meets_leave),
	KUNIT_CASE(dup_meets_free),
	KUNIT_CASE(dup_meets_empty_cluster),
	KUNIT_CASE(dup_meets_unbind),
	KUNIT_CASE(put_meets_unbind),
	{}
};

static struct kunit_suite swaptbl_lockless_suite = {
	.name = "swaptbl_lockless",
	.test_cases = swaptbl_lockless_cases,
};

kunit_test_suite(swaptbl_lockless_suite);
