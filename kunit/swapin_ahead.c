// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of readahead at swap in: how far it goes, where it stops, and that nobody
 * but statistics notices. swaptbl/swapin.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define SEED	0x5eed
#define NR	48

/* A device whose first slots are swapped, and hold what their number says. */
static struct swaptbl_device *make_device(struct kunit *test,
					  unsigned int readahead)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset;

	for (offset = 1; offset < NR; offset++)
		KUNIT_ASSERT_EQ(test, swaptbl_test_evicted(test, dev, 0,
							   SEED + offset), offset);
	dev->readahead = readahead;
	return dev;
}

static bool is_cached(struct swaptbl_device *dev, unsigned long offset)
{
	return swaptbl_entry_is_cached(swaptbl_test_word(dev, offset));
}

/* Swap one in and let it be. */
static void bring(struct kunit *test, struct swaptbl_device *dev,
		  unsigned long offset, unsigned int order)
{
	struct folio *folio = swaptbl_swapin(swp_entry(dev->type, offset),
					     BIT(order), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio),
			1 + folio_nr_pages(folio));
	folio_unlock(folio);
	folio_put(folio);
}

static void expect_cached(struct kunit *test, struct swaptbl_device *dev,
			  unsigned long first, unsigned long last)
{
	unsigned long offset;

	for (offset = 0; offset < dev->nr_slots; offset++)
		KUNIT_EXPECT_EQ_MSG(test, is_cached(dev, offset),
				    offset >= first && offset <= last,
				    "slot %lu", offset);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_READAHEAD),
			(long)(last - first));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SWAPIN_MISS), 1);
	swaptbl_expect_verified(test, dev);
}

static void expect_data(struct kunit *test, struct swaptbl_device *dev,
			unsigned long first, unsigned long last)
{
	for (; first <= last; first++)
		swaptbl_test_expect_stored(test, dev, first, 1, SEED + first);
}

static void expect_window(struct kunit *test, unsigned long target,
			  unsigned int window)
{
	struct swaptbl_device *dev = make_device(test, window);
	unsigned long first = target, last = target;

	bring(test, dev, target, 0);
	while (is_cached(dev, first - 1))
		first--;
	while (is_cached(dev, last + 1))
		last++;
	KUNIT_EXPECT_LE(test, last - first + 1, max(window, 1U));
	KUNIT_EXPECT_GT(test, 2 * (last - first + 1), window);
	expect_cached(test, dev, first, last);
	expect_data(test, dev, 1, NR - 1);
	swaptbl_expect_verified(test, dev);
}

static const unsigned int windows[] = { 0, 1, 2, 5, 8, 16 };

static void window_desc(const unsigned int *window, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "window=%u", *window);
}

KUNIT_ARRAY_PARAM(window, windows, window_desc);

static void window_is_kept(struct kunit *test)
{
	unsigned int window = *(const unsigned int *)test->param_value;

	expect_window(test, 16, window);
	expect_window(test, 23, window);
	expect_window(test, 31, window);
}

/* What the knob does not allow cannot be had by it either. */
static void window_beyond_cluster(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, UINT_MAX);

	bring(test, dev, 20, 0);
	expect_cached(test, dev, 1, NR - 1);
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

/**
 * struct stop - slot that ends readahead
 * @name: of the case
 * @make: turn a swapped slot of count 1 into it
 */
struct stop {
	const char *name;
	void (*make)(struct kunit *test, struct swaptbl_device *dev,
		     unsigned long offset);
};

static const struct stop stops[] = {
	{ "free", make_free },
	{ "exclusive", make_exclusive },
};

static void stop_desc(const struct stop *stop, char *desc)
{
	strscpy(desc, stop->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(stop, stops, stop_desc);

/* In both directions, to the first such slot and not beyond. */
static void readahead_stops(struct kunit *test)
{
	const struct stop *stop = test->param_value;
	struct swaptbl_device *dev = make_device(test, SLOTS);
	unsigned long low, high;

	stop->make(test, dev, 9);
	stop->make(test, dev, 30);
	low = swaptbl_test_word(dev, 9);
	high = swaptbl_test_word(dev, 30);
	bring(test, dev, 20, 0);
	expect_cached(test, dev, 10, 29);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, 9), low);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, 30), high);
	expect_data(test, dev, 10, 29);
}

static void readahead_stops_next_to_target(struct kunit *test)
{
	const struct stop *stop = test->param_value;
	struct swaptbl_device *dev = make_device(test, SLOTS);

	stop->make(test, dev, 19);
	stop->make(test, dev, 21);
	bring(test, dev, 20, 0);
	expect_cached(test, dev, 20, 20);
}

/* The exclusive slot among them is as it was, and its owner frees it. */
static void exclusive_slot_survives(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, 8);
	swp_entry_t entry = swp_entry(dev->type, 21);

	make_exclusive(test, dev, 21);
	bring(test, dev, 20, 0);
	bring(test, dev, 22, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, 21),
			swaptbl_exclusive_entry());
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, 21), 0);
	swaptbl_expect_verified(test, dev);
}

/* The header slot is bad; what is below it is not there. */
static void header_slot_stops(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, 8);

	bring(test, dev, 1, 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_entry_is_bad(swaptbl_test_word(dev, 0)));
	expect_cached(test, dev, 1, 7);
}

/* | cluster 0: all swapped | cluster 1: ten slots, then the end of the device | */
static struct swaptbl_device *make_two_clusters(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS + 10, BITS);
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned int i;

	for (i = 0; i < SLOTS + 9; i++)
		KUNIT_ASSERT_GT(test, swaptbl_test_swap_out(dev, folio), 0);
	swaptbl_test_folio_free(test, folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, SLOTS - 20, 30));
	for (i = 0; i < 30; i++)
		swaptbl_test_evicted(test, dev, 0, SEED);
	dev->readahead = SLOTS;
	return dev;
}

static void device_end_stops(struct kunit *test)
{
	struct swaptbl_device *dev = make_two_clusters(test);

	bring(test, dev, SLOTS + 3, 0);
	expect_cached(test, dev, SLOTS, SLOTS + 9);
}

static void cluster_end_stops(struct kunit *test)
{
	struct swaptbl_device *dev = make_two_clusters(test);

	/* What is below was swapped out without data: not to be read. */
	make_free(test, dev, SLOTS - 20);
	bring(test, dev, SLOTS - 2, 0);
	expect_cached(test, dev, SLOTS - 19, SLOTS - 1);
}

/* A neighbour that has its folio already is no reason to stop. */
static void cached_slot_is_passed(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, 0);
	struct folio *folio;

	bring(test, dev, 18, 0);
	dev->readahead = 8;
	bring(test, dev, 20, 0);
	KUNIT_EXPECT_TRUE(test, is_cached(dev, 17));
	/* That one was asked for, not read ahead. */
	folio = swaptbl_test_swapin(test, dev, 18, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_READAHEAD_HIT),
			0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED + 18));
	swaptbl_expect_verified(test, dev);
}

/* Neighbours come as folios of the order that the target came as. */
static void large_folios_are_read_ahead(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 4, SEED);
	struct folio *folio;
	unsigned int i;

	dev->readahead = 16;
	bring(test, dev, offset + 5, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_READAHEAD), 12);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_READ_IO), 4);
	for (i = 0; i < 16; i += 4) {
		folio = swaptbl_test_swapin(test, dev, offset + i, 0);
		KUNIT_EXPECT_EQ(test, folio_order(folio), 2);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, i, SEED));
		folio_unlock(folio);
	}
	swaptbl_expect_verified(test, dev);
}

/* A page is a hit once, the first time that somebody wants it. */
static void hits_are_counted_once(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 3, SEED);

	dev->readahead = 8;
	bring(test, dev, offset, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_READAHEAD), 4);
	bring(test, dev, offset + 1, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_READAHEAD_HIT),
			0);
	bring(test, dev, offset + 6, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_READAHEAD_HIT),
			4);
	bring(test, dev, offset + 7, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_READAHEAD_HIT),
			4);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SWAPIN_HIT), 3);
	swaptbl_expect_verified(test, dev);
}

static void async_reads_nothing_ahead(struct kunit *test)
{
	struct swaptbl_device *dev = make_device(test, 8);
	swp_entry_t entry = swp_entry(dev->type, 20);

	KUNIT_EXPECT_EQ(test, swaptbl_swapin_async(entry, BIT(0), GFP_KERNEL), 0);
	expect_cached(test, dev, 20, 20);
}

/* One read fails: the target's error is the caller's, any other nobody's. */
static void readahead_meets_error(struct kunit *test)
{
	unsigned int fail_at;

	for (fail_at = 1; fail_at <= 8; fail_at++) {
		struct swaptbl_test_hooks hooks = { .fail_io_at = fail_at };
		struct swaptbl_device *dev = make_device(test, 8);
		struct folio *folio;

		swaptbl_test_hooks_begin(&hooks);
		folio = swaptbl_swapin(swp_entry(dev->type, 20), BIT(0),
				       GFP_KERNEL);
		swaptbl_test_hooks_end(&hooks);
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(folio),
				fail_at == 1 ? -EIO : 0);
		KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev,
						       SWAPTBL_STAT_READ_ERROR), 1);
		swaptbl_expect_verified(test, dev);
		if (!IS_ERR(folio)) {
			folio_unlock(folio);
			folio_put(folio);
		}
		expect_data(test, dev, 1, NR - 1);
		swaptbl_expect_verified(test, dev);
	}
}

/* No memory for a neighbour is no error. */
static void readahead_without_memory(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = { .fail_from = 2 };
	struct swaptbl_device *dev = make_device(test, 8);

	swaptbl_test_hooks_begin(&hooks);
	bring(test, dev, 20, 0);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.allocs, 2);
	expect_cached(test, dev, 20, 20);
	expect_data(test, dev, 1, NR - 1);
}

static struct kunit_case swaptbl_swapin_ahead_cases[] = {
	KUNIT_CASE_PARAM(window_is_kept, window_gen_params),
	KUNIT_CASE(window_beyond_cluster),
	KUNIT_CASE_PARAM(readahead_stops, stop_gen_params),
	KUNIT_CASE_PARAM(readahead_stops_next_to_target, stop_gen_params),
	KUNIT_CASE(exclusive_slot_survives),
	KUNIT_CASE(header_slot_stops),
	KUNIT_CASE(device_end_stops),
	KUNIT_CASE(cluster_end_stops),
	KUNIT_CASE(cached_slot_is_passed),
	KUNIT_CASE(large_folios_are_read_ahead),
	KUNIT_CASE(hits_are_counted_once),
	KUNIT_CASE(async_reads_nothing_ahead),
	KUNIT_CASE(readahead_meets_error),
	KUNIT_CASE(readahead_without_memory),
	{}
};

static struct kunit_suite swaptbl_swapin_ahead_suite = {
	.name = "swaptbl_swapin_ahead",
	.test_cases = swaptbl_swapin_ahead_cases,
};

kunit_test_suite(swaptbl_swapin_ahead_suite);
