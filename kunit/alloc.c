// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the slot allocator: swaptbl/alloc.c.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/pagemap.h>

#include "../swaptbl/alloc.h"
#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

static long used(struct swaptbl_device *dev)
{
	return atomic_long_read(&dev->nr_used);
}

/* Swap out order 0 until nothing is free; each slot once, none of them bad. */
static unsigned long fill(struct kunit *test, struct swaptbl_device *dev)
{
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned long *seen, nr = 0;
	long offset;

	seen = kunit_kcalloc(test, BITS_TO_LONGS(dev->nr_slots), sizeof(*seen),
			     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	while ((offset = swaptbl_test_swap_out(dev, folio)) > 0) {
		KUNIT_ASSERT_LT(test, offset, (long)dev->nr_slots);
		KUNIT_ASSERT_FALSE(test, test_and_set_bit(offset, seen));
		nr++;
	}
	KUNIT_EXPECT_EQ(test, offset, -ENOSPC);
	swaptbl_test_folio_free(test, folio);
	return nr;
}

static void drain(struct kunit *test, struct swaptbl_device *dev)
{
	unsigned long offset;

	for (offset = 1; offset < dev->nr_slots; offset++)
		if (swaptbl_count(dev, offset))
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_put_entries(dev, offset, 1));
	KUNIT_EXPECT_EQ(test, used(dev), 0);
}

static void order_is_aligned(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 12 * SLOTS, BITS);
	unsigned int order, i;

	for (order = 0; order < SWAPTBL_NR_ORDERS; order++) {
		struct folio *folio = swaptbl_test_bound(test, dev, order);
		unsigned long offset = swaptbl_test_offset(folio);

		KUNIT_EXPECT_EQ(test, offset % BIT(order), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_cluster_lookup(dev, offset)->order,
				order);
		for (i = 0; i < BIT(order); i++)
			KUNIT_ASSERT_EQ(test, swaptbl_test_word(dev, offset + i),
					swaptbl_folio_to_entry(folio));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + BIT(order));
		swaptbl_expect_verified(test, dev);
	}
	KUNIT_EXPECT_EQ(test, used(dev), BIT(SWAPTBL_NR_ORDERS) - 1);
}

/* A neighbour of each order, then all of them in the holes of one cluster. */
static void orders_share_last_cluster(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long expected = 0;
	int order;

	for (order = SWAPTBL_CLUSTER_ORDER - 1; order >= 0; order--) {
		struct folio *folio = swaptbl_test_bound(test, dev, order);

		KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio) % BIT(order), 0);
		expected += BIT(order);
		KUNIT_EXPECT_EQ(test, used(dev), expected);
		swaptbl_expect_verified(test, dev);
	}
	/* 256 + 128 + ... + 1, and the header page: not a hole is left. */
	KUNIT_EXPECT_EQ(test, used(dev), SLOTS - 1);
	KUNIT_EXPECT_EQ(test, swaptbl_cluster_lookup(dev, 0)->list,
			SWAPTBL_LIST_FULL);
}

static void largest_order_takes_cluster(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 3 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, SWAPTBL_CLUSTER_ORDER);
	struct folio *other = swaptbl_test_bound(test, dev, SWAPTBL_CLUSTER_ORDER);
	struct folio *late = swaptbl_test_folio(test, SWAPTBL_CLUSTER_ORDER);

	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio) % SLOTS, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio) +
			swaptbl_test_offset(other), 3 * SLOTS);
	/* The first cluster has a bad slot, so there is no third one. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, late), -E2BIG);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FAIL_2BIG), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, late), 0);
	swaptbl_expect_verified(test, dev);
}

static const unsigned long sizes[] = {
	2, 3, 65, SLOTS - 1, SLOTS, SLOTS + 1, SLOTS + 2, 2 * SLOTS - 1, 3 * SLOTS,
};

static void size_desc(const unsigned long *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "slots=%lu", *size);
}

KUNIT_ARRAY_PARAM(size, sizes, size_desc);

static void fill_to_last_slot(struct kunit *test)
{
	const unsigned long *size = test->param_value;
	struct swaptbl_device *dev = swaptbl_test_device(test, *size, BITS);
	struct folio *folio = swaptbl_test_folio(test, 0);
	struct folio *large = swaptbl_test_folio(test, 2);
	unsigned int round;

	for (round = 0; round < 2; round++) {
		KUNIT_EXPECT_EQ(test, fill(test, dev), *size - 1);
		KUNIT_EXPECT_EQ(test, used(dev), (long)*size - 1);
		swaptbl_expect_verified(test, dev);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, folio),
				-ENOSPC);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, large),
				-ENOSPC);
		drain(test, dev);
		swaptbl_expect_verified(test, dev);
	}
	/* Header and tail are what is left in the tables. */
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES),
			*size > SLOTS && *size % SLOTS ? 2 : 1);
}

static void fragmented_is_too_big(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 0);
	struct folio *pair = swaptbl_test_folio(test, 1);
	unsigned long offset;

	fill(test, dev);
	for (offset = 2; offset < dev->nr_slots; offset += 2)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, offset, 1));
	/* .X.X.X.X: every second slot is free. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, pair), -E2BIG);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(pair));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, folio), 0);
	swaptbl_expect_verified(test, dev);
	/* XX: one whole pair. */
	offset = swaptbl_test_offset(folio) == SLOTS + 8 ? SLOTS + 16 : SLOTS + 8;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, offset + 1, 1));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, pair), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(pair), offset);
	swaptbl_expect_verified(test, dev);
}

/* Return: clusters that a search for @folio locked. */
static unsigned int look_for(struct kunit *test, struct swaptbl_device *dev,
			     struct folio *folio, int expected)
{
	struct swaptbl_test_hooks hooks = { .point = SWAPTBL_CLUSTER_PICKED };
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_alloc_swap_on(dev, folio);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, expected);
	swaptbl_expect_verified(test, dev);
	return hooks.passed;
}

/* What a search found to have no run is passed by, until a slot there is freed. */
static void search_remembers(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 4 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 2);
	struct folio *larger = swaptbl_test_folio(test, 3);
	struct folio *smaller = swaptbl_test_folio(test, 1);
	unsigned long offset;

	fill(test, dev);
	for (offset = 4; offset < dev->nr_slots; offset += 4)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, offset, 2));
	/* ..XX..XX */
	KUNIT_EXPECT_EQ(test, look_for(test, dev, folio, -E2BIG), 4);
	KUNIT_EXPECT_EQ(test, look_for(test, dev, folio, -E2BIG), 0);
	KUNIT_EXPECT_EQ(test, look_for(test, dev, larger, -E2BIG), 0);
	KUNIT_EXPECT_GT(test, look_for(test, dev, smaller, 0), 0);
	KUNIT_EXPECT_EQ(test, look_for(test, dev, folio, -E2BIG), 0);
	offset = 2 * SLOTS + 8;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, offset + 2, 2));
	KUNIT_EXPECT_EQ(test, look_for(test, dev, larger, -E2BIG), 1);
	KUNIT_EXPECT_EQ(test, look_for(test, dev, folio, 0), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset);
}

/*
 * Nor is it looked for where this CPU allocated last, which goes by no list: here there is
 * one, against what was said behind the engine's back.
 */
static void hint_remembers(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	struct folio *next = swaptbl_test_folio(test, 2);
	struct swaptbl_cluster *ci;

	ci = swaptbl_cluster_lookup(dev, swaptbl_test_offset(folio));
	WRITE_ONCE(ci->absent, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, next), 0);
	KUNIT_EXPECT_NE(test, swaptbl_test_offset(next) / SLOTS, ci->index);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, ci->absent, SWAPTBL_NR_ORDERS);
	swaptbl_expect_verified(test, dev);
}

static void aligned_hole_is_found(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned int order;

	fill(test, dev);
	for (order = 1; order < SWAPTBL_CLUSTER_ORDER; order++) {
		struct folio *folio = swaptbl_test_folio(test, order);
		unsigned long nr = BIT(order), hole = 2 * SLOTS - nr;

		/* Half a run too early: as many slots, no run. */
		KUNIT_ASSERT_EQ(test, 0,
				swaptbl_put_entries(dev, hole - nr / 2, nr));
		KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, folio),
				-E2BIG);
		KUNIT_ASSERT_EQ(test, 0,
				swaptbl_put_entries(dev, hole + nr / 2, nr / 2));
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
		KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), hole);
		swaptbl_expect_verified(test, dev);
		swaptbl_test_folio_free(test, folio);
		KUNIT_EXPECT_EQ(test, fill(test, dev), nr + nr / 2);
	}
}

/* Without memory: the table of the first cluster is there, for its bad slot. */
static void no_memory_is_told_apart(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *large = swaptbl_test_folio(test, SWAPTBL_CLUSTER_ORDER);
	struct folio *small = swaptbl_test_folio(test, 0);
	struct swaptbl_test_hooks hooks = { .fail_from = 1 };
	int err_large, err_small;

	swaptbl_test_hooks_begin(&hooks);
	err_large = swaptbl_folio_alloc_swap_on(dev, large);
	err_small = swaptbl_folio_alloc_swap_on(dev, small);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err_large, -ENOMEM);
	KUNIT_EXPECT_EQ(test, err_small, 0);
	KUNIT_EXPECT_EQ(test, used(dev), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FAIL_NOMEM), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FAIL_2BIG), 0);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, large), 0);
}

static void full_comes_before_no_memory(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 0);
	struct swaptbl_test_hooks hooks = { .fail_from = 1 };
	int err;

	fill(test, dev);
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_alloc_swap_on(dev, folio);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, -ENOSPC);
	KUNIT_EXPECT_EQ(test, hooks.allocs, 0);
}

/* What an attempt must leave as it was unless it succeeds. */
static void attempt(struct kunit *test, struct swaptbl_device *dev,
		    struct folio *folio, struct swaptbl_test_hooks *hooks)
{
	long tables = swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES);
	int err;

	swaptbl_test_hooks_begin(hooks);
	err = swaptbl_folio_alloc_swap_on(dev, folio);
	swaptbl_test_hooks_end(hooks);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_TRUE(test, !err || err == -ENOMEM);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_bound(folio), !err);
	if (!err)
		KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, used(dev), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES), tables);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	swaptbl_expect_verified(test, dev);
}

/*
 * The k-th allocation fails, and with @all those after it too, until there are
 * fewer than k. A fresh device each time, as what one attempt made is there for
 * the next.
 */
static void fail_each(struct kunit *test, bool all)
{
	struct folio *folio = swaptbl_test_folio(test, SWAPTBL_CLUSTER_ORDER);
	struct swaptbl_test_hooks hooks;
	unsigned int k = 0;

	do {
		struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS,
								 BITS);

		k++;
		hooks = (struct swaptbl_test_hooks){
			.fail_at = all ? 0 : k,
			.fail_from = all ? k : 0,
		};
		attempt(test, dev, folio, &hooks);
		KUNIT_ASSERT_EQ(test, 0,
				swaptbl_test_device_destroy(test, dev, false));
	} while (hooks.allocs >= k && k < 20);
	KUNIT_EXPECT_GT(test, k, 2);
	KUNIT_EXPECT_LT(test, k, 20);
}

static void every_allocation_fails_once(struct kunit *test)
{
	fail_each(test, false);
}

static void every_allocation_fails_from(struct kunit *test)
{
	fail_each(test, true);
}

static void exclusive_slots_are_neighbours(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 4 * SLOTS, BITS);
	unsigned long first = 0, last = 0;
	swp_entry_t entry;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				swaptbl_alloc_exclusive(dev->type, &entry));
		KUNIT_EXPECT_GT(test, swp_offset(entry), last);
		last = swp_offset(entry);
		first = first ?: last;
	}
	KUNIT_EXPECT_LE(test, swaptbl_cluster_index(last) -
			swaptbl_cluster_index(first), 1);
	KUNIT_EXPECT_EQ(test, last - first, SLOTS - 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_EXCLUSIVE),
			SLOTS);
	swaptbl_expect_verified(test, dev);
	for (; last >= first; last--)
		KUNIT_ASSERT_EQ(test, 0,
				swaptbl_free_exclusive(swp_entry(dev->type,
								 last)));
	KUNIT_EXPECT_EQ(test, used(dev), 0);
	swaptbl_expect_verified(test, dev);
}

/* Order 0 ends up in the cluster that serves order 4, and nowhere else. */
static void order_zero_steals(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *filler = swaptbl_test_bound(test, dev, 4);
	struct folio *folio = swaptbl_test_bound(test, dev, 4);
	unsigned int index = swaptbl_cluster_index(swaptbl_test_offset(folio));
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);

	/* Whichever of the two serves order 4, order 0 opens the other one. */
	KUNIT_EXPECT_EQ(test, swaptbl_cluster_index(offset), !index);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_STEAL), 0);
	KUNIT_EXPECT_EQ(test, fill(test, dev), 2 * SLOTS - 1 - 32 - 1);
	KUNIT_EXPECT_GT(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_STEAL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(filler), 0);
	KUNIT_EXPECT_EQ(test, fill(test, dev), 16);
	swaptbl_expect_verified(test, dev);
}

/* Only clusters of order 4 have room, 128 slots each. */
static void stealing_stays_in_cluster(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 8 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 4);
	unsigned long touched = 0, offset;
	unsigned int i;

	while (swaptbl_test_swap_out(dev, folio) > 0)
		;
	for (offset = 128; offset < dev->nr_slots; offset += SLOTS)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, offset, 128));
	KUNIT_EXPECT_EQ(test, dev->free.nr, 0);
	for (i = 0; i < 64; i++) {
		offset = swaptbl_test_swapped(test, dev, 0, 1);
		touched |= BIT(swaptbl_cluster_index(offset));
	}
	KUNIT_EXPECT_LE(test, hweight_long(touched), 2);
	swaptbl_expect_verified(test, dev);
}

static void bound_or_unlocked_is_refused(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 0);
	struct folio *unlocked = swaptbl_test_folio(test, 0);

	folio_unlock(unlocked);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, folio), -EEXIST);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, unlocked), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(unlocked, NULL, GFP_KERNEL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(unlocked), -EINVAL);
	folio_lock(unlocked);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(unlocked, NULL, GFP_KERNEL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(unlocked, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(unlocked), -EINVAL);
	KUNIT_EXPECT_EQ(test, used(dev), 1);
	swaptbl_expect_verified(test, dev);
}

static void subpage_counts_alone(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	struct folio *other = swaptbl_test_folio(test, 0);
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, folio_page(folio, 2),
						     GFP_KERNEL), 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i), i == 2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, folio_page(other, 0),
						     GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), -EBUSY);
	KUNIT_EXPECT_EQ(test,
			swaptbl_folio_put_swap(folio, folio_page(folio, 1)),
			-ENOENT);
	KUNIT_EXPECT_EQ(test,
			swaptbl_folio_put_swap(folio, folio_page(folio, 2)), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, used(dev), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_alloc_cases[] = {
	KUNIT_CASE(order_is_aligned),
	KUNIT_CASE(orders_share_last_cluster),
	KUNIT_CASE(largest_order_takes_cluster),
	KUNIT_CASE_PARAM(fill_to_last_slot, size_gen_params),
	KUNIT_CASE(fragmented_is_too_big),
	KUNIT_CASE(search_remembers),
	KUNIT_CASE(hint_remembers),
	KUNIT_CASE(aligned_hole_is_found),
	KUNIT_CASE(no_memory_is_told_apart),
	KUNIT_CASE(full_comes_before_no_memory),
	KUNIT_CASE(every_allocation_fails_once),
	KUNIT_CASE(every_allocation_fails_from),
	KUNIT_CASE(exclusive_slots_are_neighbours),
	KUNIT_CASE(order_zero_steals),
	KUNIT_CASE(stealing_stays_in_cluster),
	KUNIT_CASE(bound_or_unlocked_is_refused),
	KUNIT_CASE(subpage_counts_alone),
	{}
};

static struct kunit_suite swaptbl_alloc_suite = {
	.name = "swaptbl_alloc",
	.test_cases = swaptbl_alloc_cases,
};

kunit_test_suite(swaptbl_alloc_suite);
