// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of clusters: tables, occupancy, lists. swaptbl/cluster.c.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

static void expect_on(struct kunit *test, const struct swaptbl_cluster *ci,
		      enum swaptbl_list list, unsigned int order,
		      const struct swaptbl_cluster_list *head)
{
	struct swaptbl_cluster *member;
	unsigned int found = 0;

	KUNIT_EXPECT_EQ(test, ci->list, list);
	KUNIT_EXPECT_EQ(test, ci->order, order);
	list_for_each_entry(member, &head->head, node)
		found += member == ci;
	KUNIT_EXPECT_EQ(test, found, 1);
	KUNIT_EXPECT_EQ(test, list_count_nodes((struct list_head *)&head->head),
			head->nr);
}

static bool has_table(const struct swaptbl_cluster *ci)
{
	return rcu_access_pointer(ci->table);
}

static void cluster_starts_empty(struct kunit *test)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_alloc(7, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ci);
	KUNIT_EXPECT_EQ(test, swaptbl_cluster_start(ci), 7UL * SLOTS);
	KUNIT_EXPECT_EQ(test, ci->list, SWAPTBL_LIST_NONE);
	KUNIT_EXPECT_EQ(test, ci->order, SWAPTBL_ORDER_NONE);
	KUNIT_EXPECT_FALSE(test, has_table(ci));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(ci->used, SLOTS));
	swaptbl_cluster_lock_found(ci);
	KUNIT_EXPECT_EQ(test, __swaptbl_word_get(ci, 5), 0);
	__swaptbl_cluster_assert_empty(ci);
	swaptbl_cluster_unlock(ci);
	swaptbl_cluster_free(ci);
}

static void table_starts_free(struct kunit *test)
{
	struct swaptbl_table *table = swaptbl_table_alloc(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_EXPECT_NULL(test, memchr_inv(table, 0, PAGE_SIZE));
	swaptbl_table_free(table);
	swaptbl_table_free(NULL);
	swaptbl_cluster_free(NULL);
}

/* Metadata of a populated cluster, without what lock debugging adds. */
static void populated_cluster_is_small(struct kunit *test)
{
	const size_t lock = sizeof(spinlock_t) - sizeof(arch_spinlock_t);
	const size_t bytes = PAGE_SIZE + sizeof(struct swaptbl_cluster) - lock +
			     sizeof(struct swaptbl_cluster *);

	/* A word, and three tenths of a byte for the rest. */
	KUNIT_EXPECT_LE(test, 10 * bytes, (10 * sizeof(long) + 3) * SLOTS);
	kunit_info(test, "%zu bytes in a populated cluster of %u slots", bytes,
		   SLOTS);
}

static void cluster_made_at_first_use(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 3 * SLOTS, BITS);
	struct folio *folio;

	/* Only the first one has something to tell: the bad slot. */
	KUNIT_ASSERT_NOT_NULL(test, swaptbl_cluster_lookup(dev, 0));
	KUNIT_EXPECT_NULL(test, swaptbl_cluster_lookup(dev, SLOTS));
	KUNIT_EXPECT_NULL(test, swaptbl_cluster_lock(dev, 3 * SLOTS - 1));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES), 1);
	folio = swaptbl_test_bound(test, dev, SWAPTBL_CLUSTER_ORDER);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), SLOTS);
	KUNIT_ASSERT_NOT_NULL(test, swaptbl_cluster_lookup(dev, SLOTS));
	KUNIT_EXPECT_PTR_EQ(test, swaptbl_cluster_lookup(dev, SLOTS),
			    swaptbl_cluster_lookup(dev, 2 * SLOTS - 1));
	KUNIT_EXPECT_NULL(test, swaptbl_cluster_lookup(dev, 2 * SLOTS));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CLUSTERS), 2);
	swaptbl_expect_verified(test, dev);
}

static void table_lives_with_used_slots(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, SWAPTBL_CLUSTER_ORDER);
	struct swaptbl_cluster *ci;
	unsigned int round;

	for (round = 0; round < 3; round++) {
		KUNIT_ASSERT_EQ(test, swaptbl_test_swap_out(dev, folio), SLOTS);
		ci = swaptbl_cluster_lookup(dev, SLOTS);
		KUNIT_EXPECT_TRUE(test, has_table(ci));
		KUNIT_EXPECT_EQ(test, 0, swaptbl_put_entries(dev, SLOTS,
							     SLOTS - 1));
		KUNIT_EXPECT_TRUE(test, has_table(ci));
		KUNIT_EXPECT_EQ(test, 0, swaptbl_put_entries(dev, 2 * SLOTS - 1,
							     1));
		KUNIT_EXPECT_FALSE(test, has_table(ci));
		expect_on(test, ci, SWAPTBL_LIST_FREE, SWAPTBL_ORDER_NONE,
			  &dev->free);
		swaptbl_expect_verified(test, dev);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CLUSTERS), 2);
}

static void table_stays_with_bad_slots(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 3);
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, 0);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_TRUE(test, has_table(ci));
	KUNIT_EXPECT_EQ(test, ci->nr_used, 1);
	KUNIT_EXPECT_EQ(test, ci->nr_bad, 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_bad(swaptbl_test_word(dev, 0)));
	expect_on(test, ci, SWAPTBL_LIST_FREE, SWAPTBL_ORDER_NONE, &dev->free);
	swaptbl_expect_verified(test, dev);
}

/* What the last cluster has beyond the end is bad, and not the device's. */
static void tail_is_bad(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS + 3, BITS);
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, SLOTS);
	unsigned int slot, nr = 0;

	KUNIT_ASSERT_NOT_NULL(test, ci);
	KUNIT_EXPECT_EQ(test, ci->nr_bad, SLOTS - 3);
	KUNIT_EXPECT_EQ(test, dev->nr_bad, 1);
	swaptbl_cluster_lock_found(ci);
	for (slot = 3; slot < SLOTS; slot++)
		nr += swaptbl_entry_is_bad(__swaptbl_word_get(ci, slot));
	KUNIT_EXPECT_FALSE(test,
			   swaptbl_entry_is_bad(__swaptbl_word_get(ci, 2)));
	swaptbl_cluster_unlock(ci);
	KUNIT_EXPECT_EQ(test, nr, SLOTS - 3);
	swaptbl_expect_verified(test, dev);
}

static void map_follows_words(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 4);
	unsigned long offset = swaptbl_test_offset(folio);
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, 0);

	/* The bad slot and the folio's, then only those with a count. */
	KUNIT_EXPECT_EQ(test, bitmap_weight(ci->used, SLOTS), 17);
	KUNIT_EXPECT_EQ(test, find_next_bit(ci->used, SLOTS, 1), offset);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_dup_entries(dev, offset + 5, 3,
						     SWAPTBL_DUP_CACHED,
						     GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_unbind(folio));
	KUNIT_EXPECT_EQ(test, bitmap_weight(ci->used, SLOTS), 4);
	KUNIT_EXPECT_EQ(test, find_next_bit(ci->used, SLOTS, 1), offset + 5);
	KUNIT_EXPECT_EQ(test, find_next_zero_bit(ci->used, SLOTS, offset + 5),
			offset + 8);
	KUNIT_EXPECT_EQ(test, ci->nr_used, 4);
	swaptbl_expect_verified(test, dev);
}

/* free -> nonfull -> full -> nonfull -> free */
static void lists_follow_use(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, 0);
	unsigned long offset;

	expect_on(test, ci, SWAPTBL_LIST_FREE, SWAPTBL_ORDER_NONE, &dev->free);
	for (offset = 1; offset < SLOTS; offset++) {
		KUNIT_ASSERT_EQ(test, swaptbl_test_swapped(test, dev, 0, 1),
				offset);
		if (offset == 1 || offset == SLOTS - 2)
			expect_on(test, ci, SWAPTBL_LIST_NONFULL, 0,
				  &dev->nonfull[0]);
	}
	expect_on(test, ci, SWAPTBL_LIST_FULL, 0, &dev->full);
	KUNIT_EXPECT_EQ(test, dev->nonfull[0].nr, 0);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, 9, 1));
	expect_on(test, ci, SWAPTBL_LIST_NONFULL, 0, &dev->nonfull[0]);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, 1, 8));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, 10, SLOTS - 10));
	expect_on(test, ci, SWAPTBL_LIST_FREE, SWAPTBL_ORDER_NONE, &dev->free);
	KUNIT_EXPECT_EQ(test, dev->full.nr + dev->nonfull[0].nr, 0);
	swaptbl_expect_verified(test, dev);
}

/* nonfull -> frag when no run of its order is left, and back by a free */
static void frag_list_is_left_by_free(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, 0);
	struct folio *pair = swaptbl_test_folio(test, 1);
	struct folio *late = swaptbl_test_folio(test, 1);
	unsigned int i;

	/* Slot 1 is alone: its neighbour is bad. */
	for (i = 0; i < SLOTS / 2 - 1; i++)
		KUNIT_ASSERT_GT(test, swaptbl_test_swap_out(dev, pair), 0);
	expect_on(test, ci, SWAPTBL_LIST_NONFULL, 1, &dev->nonfull[1]);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, pair), -E2BIG);
	expect_on(test, ci, SWAPTBL_LIST_FRAG, 1, &dev->frag[1]);
	swaptbl_expect_verified(test, dev);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, 6, 2));
	expect_on(test, ci, SWAPTBL_LIST_NONFULL, 1, &dev->nonfull[1]);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, pair), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(pair), 6);
	/* Order 0 takes the last slot out of a fragmented cluster. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, late), -E2BIG);
	KUNIT_EXPECT_EQ(test, swaptbl_test_swapped(test, dev, 0, 1), 1);
	expect_on(test, ci, SWAPTBL_LIST_FULL, 1, &dev->full);
	swaptbl_expect_verified(test, dev);
}

/* An empty cluster may serve any order again. */
static void order_is_forgotten(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, 0);
	unsigned int order;

	for (order = 0; order < SWAPTBL_CLUSTER_ORDER; order++) {
		struct folio *folio = swaptbl_test_bound(test, dev, order);

		expect_on(test, ci, SWAPTBL_LIST_NONFULL, order,
			  &dev->nonfull[order]);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
		expect_on(test, ci, SWAPTBL_LIST_FREE, SWAPTBL_ORDER_NONE,
			  &dev->free);
		swaptbl_expect_verified(test, dev);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_STEAL), 0);
}

/*
 * All short sequences of four operations on a device with eight usable slots:
 * four of a cluster that never empties, and all four of the next, which does.
 */
#define SMALL_FIRST	4
#define SMALL_NR	4

/**
 * struct small - the device, and the model that is a bit per usable slot
 * @dev: the device
 * @folio: what slots are allocated for, by order
 * @used: the model
 * @run: what was allocated and is not freed: first slot and order
 * @nr: number of @run
 */
struct small {
	struct swaptbl_device *dev;
	struct folio *folio[2];
	unsigned long used;
	struct {
		unsigned int bit;
		unsigned int order;
	} run[2 * SMALL_NR];
	unsigned int nr;
};

static unsigned long small_offset(unsigned int bit)
{
	return bit < SMALL_NR ? SMALL_FIRST + bit : SLOTS + bit - SMALL_NR;
}

static unsigned int small_bit(unsigned long offset)
{
	return offset < SLOTS ? offset - SMALL_FIRST : offset - SLOTS + SMALL_NR;
}

static void small_set_up(struct kunit *test, struct small *small)
{
	unsigned int order;

	small->dev = swaptbl_test_device(test, SLOTS + SMALL_NR, BITS);
	for (order = 0; order < 2; order++)
		small->folio[order] = swaptbl_test_folio(test, order);
	while (swaptbl_test_swap_out(small->dev, small->folio[0]) > 0)
		;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(small->dev, SMALL_FIRST,
						     SMALL_NR));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(small->dev, SLOTS,
						     SMALL_NR));
}

/* What the model says: 0, or the one error that is right. */
static int small_expected(const struct small *small, unsigned int order)
{
	unsigned int bit;

	for (bit = 0; bit < 2 * SMALL_NR; bit += BIT(order))
		if (!(small->used & (BIT(BIT(order)) - 1) << bit))
			return 0;
	return small->used == BIT(2 * SMALL_NR) - 1 ? -ENOSPC : -E2BIG;
}

static void small_alloc(struct kunit *test, struct small *small,
			unsigned int order)
{
	int expected = small_expected(small, order);
	long offset = swaptbl_test_swap_out(small->dev, small->folio[order]);
	unsigned long bits;

	KUNIT_ASSERT_EQ(test, min(offset, 0L), expected);
	if (expected)
		return;
	bits = (BIT(BIT(order)) - 1) << small_bit(offset);
	KUNIT_ASSERT_EQ(test, offset % BIT(order), 0);
	KUNIT_ASSERT_EQ(test, small->used & bits, 0);
	small->used |= bits;
	small->run[small->nr].bit = small_bit(offset);
	small->run[small->nr++].order = order;
}

static void small_free(struct kunit *test, struct small *small, unsigned int i)
{
	unsigned int bit, order;

	if (!small->nr)
		return;
	bit = small->run[i].bit;
	order = small->run[i].order;
	small->used &= ~((BIT(BIT(order)) - 1) << bit);
	small->run[i] = small->run[--small->nr];
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(small->dev,
						     small_offset(bit),
						     BIT(order)));
}

static void small_step(struct kunit *test, struct small *small, unsigned int op)
{
	if (op < 2)
		small_alloc(test, small, op);
	else
		small_free(test, small, op == 2 ? 0 : max(small->nr, 1U) - 1);
	KUNIT_ASSERT_EQ(test, swaptbl_verify(small->dev, NULL), 0);
	KUNIT_ASSERT_EQ(test, atomic_long_read(&small->dev->nr_used),
			SLOTS - 1 - SMALL_NR + hweight_long(small->used));
}

static void all_short_sequences(struct kunit *test)
{
	unsigned int depth = swaptbl_test_long ? 7 : 5;
	struct small small = {};
	unsigned long sequence;
	unsigned int i;

	small_set_up(test, &small);
	for (sequence = 0; sequence < BIT(2 * depth); sequence++) {
		for (i = 0; i < depth; i++)
			small_step(test, &small, sequence >> 2 * i & 3);
		while (small.nr)
			small_free(test, &small, 0);
	}
	swaptbl_expect_verified(test, small.dev);
}

/* More allocations than frees, to reach the states where little is free. */
static void random_long_sequence(struct kunit *test)
{
	static const unsigned int ops[] = { 0, 0, 1, 1, 2, 3 };
	unsigned int i, nr = swaptbl_test_long ? 50000 : 3000;
	struct small small = {};
	struct rnd_state rnd;

	swaptbl_test_random(test, &rnd);
	small_set_up(test, &small);
	for (i = 0; i < nr; i++)
		small_step(test, &small,
			   ops[swaptbl_test_below(&rnd, ARRAY_SIZE(ops))]);
}

static struct kunit_case swaptbl_cluster_cases[] = {
	KUNIT_CASE(cluster_starts_empty),
	KUNIT_CASE(table_starts_free),
	KUNIT_CASE(populated_cluster_is_small),
	KUNIT_CASE(cluster_made_at_first_use),
	KUNIT_CASE(table_lives_with_used_slots),
	KUNIT_CASE(table_stays_with_bad_slots),
	KUNIT_CASE(tail_is_bad),
	KUNIT_CASE(map_follows_words),
	KUNIT_CASE(lists_follow_use),
	KUNIT_CASE(frag_list_is_left_by_free),
	KUNIT_CASE(order_is_forgotten),
	KUNIT_CASE_SLOW(all_short_sequences),
	KUNIT_CASE(random_long_sequence),
	{}
};

static struct kunit_suite swaptbl_cluster_suite = {
	.name = "swaptbl_cluster",
	.test_cases = swaptbl_cluster_cases,
};

kunit_test_suite(swaptbl_cluster_suite);
