// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the removal of a device with something in it: owners bring home what
 * is theirs, or the device stays: swaptbl/home.c and device.c.
 */
#include <kunit/test.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "home.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

static long pages_read(struct swaptbl_device *dev)
{
	return swaptbl_stat_sum(dev, SWAPTBL_STAT_READ);
}

/* Refused at once: nothing is read, and nobody loses what is cached only. */
static void nobody_to_ask(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 0);
	unsigned long offset = swaptbl_test_evicted(test, dev, 2, 6);

	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, pages_read(dev), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 5);
	swaptbl_expect_verified(test, dev);
	swaptbl_test_expect_stored(test, dev, offset, 4, 6);
}

static void everything_comes_home(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	enum swaptbl_home_where where;

	for (where = SWAPTBL_HOME_CACHED; where <= SWAPTBL_HOME_STORED; where++) {
		swaptbl_home_add(test, home, 0, 1, where);
		swaptbl_home_add(test, home, 0, 2, where);
		swaptbl_home_add(test, home, 1, 1, where);
		swaptbl_home_add(test, home, 2, 2, where);
		swaptbl_home_add(test, home, 4, 1, where);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	swaptbl_home_expect(test, home);
}

/* More counts than the word has room for. */
static void overflowed_slot_comes_home(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	swaptbl_home_add(test, home, 0, 40, SWAPTBL_HOME_STORED);
	swaptbl_home_add(test, home, 0, 40, SWAPTBL_HOME_CACHED);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	swaptbl_home_expect(test, home);
}

static void zero_page_comes_home(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	struct folio *folio = swaptbl_test_bound(test, home->dev, 0);

	folio_zero_range(folio, 0, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	swaptbl_home_add_page(test, home, swaptbl_test_offset(folio), 0, 1);
	swaptbl_test_fill(home->pte[0].page, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	KUNIT_EXPECT_EQ(test, home->pte[0].entry.val, 0);
	/* Zeros overwrote what was there. */
	KUNIT_EXPECT_FALSE(test, swaptbl_test_filled(home->pte[0].page, 0, 1));
}

/* Its folio may be anybody's: it is let go of. */
static void cached_only_slot_needs_no_owner(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	struct folio *folio = swaptbl_test_bound(test, home->dev, 3);

	folio_unlock(folio);
	swaptbl_home_add(test, home, 0, 1, SWAPTBL_HOME_STORED);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	KUNIT_EXPECT_EQ(test, home->calls, 1);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	swaptbl_home_expect(test, home);
}

/* Each takes its own; the pages of the second are in folios of the first. */
static void two_owners_take_their_own(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_alloc(test), *other = swaptbl_home_alloc(test);
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned int i;

	swaptbl_home_register(test, home, dev);
	swaptbl_home_register(test, other, dev);
	for (i = 0; i < 3; i++) {
		unsigned int last = home->nr + 3;

		swaptbl_home_add(test, home, 2, 1, i);
		/* The last page is the other one's. */
		other->pte[other->nr++] = home->pte[last];
		home->nr--;
		swaptbl_home_add(test, other, 1, 1, i);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	swaptbl_home_expect(test, home);
	swaptbl_home_expect(test, other);
}

static void foreign_count_keeps_device(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	unsigned long offset = swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_STORED);

	/* Somebody else's, whom nobody knows. */
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(home->dev, offset + 1, 1));
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), -EBUSY);
	KUNIT_EXPECT_EQ(test, swaptbl_count(home->dev, offset + 1), 1);
	swaptbl_home_expect_works(test, home);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(home->dev, offset + 1, 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	swaptbl_home_expect(test, home);
}

static void owner_refuses(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	unsigned int i;

	for (i = 0; i < 6; i++)
		swaptbl_home_add(test, home, 2, 1, i % 3);
	home->fail_at = 1;
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), -EACCES);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&home->dev->nr_used), 24);
	swaptbl_home_expect_works(test, home);
	/* In the middle of it: the rest stays. */
	home->fail_at = home->calls + 3;
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), -EACCES);
	swaptbl_home_expect_works(test, home);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	swaptbl_home_expect(test, home);
}

static void owner_that_left_is_not_asked(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	swaptbl_home_add(test, home, 0, 1, SWAPTBL_HOME_STORED);
	swaptbl_owner_del(&home->owner);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), -EBUSY);
	KUNIT_EXPECT_EQ(test, home->calls, 0);
	KUNIT_EXPECT_EQ(test, pages_read(home->dev), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_owner_add(home->dev, &home->owner), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	swaptbl_home_expect(test, home);
}

static void dropped_without_owner(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_STORED);
	swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_CACHED);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, home->dev, true),
			0);
	KUNIT_EXPECT_EQ(test, home->calls, 0);
}

static void exclusive_slot_comes_before_io(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	swp_entry_t entry;

	swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_STORED);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_alloc_exclusive(home->dev->type, &entry));
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), -EBUSY);
	KUNIT_EXPECT_EQ(test, pages_read(home->dev), 0);
	KUNIT_EXPECT_EQ(test, home->calls, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry), 0);
	swaptbl_home_expect_works(test, home);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	swaptbl_home_expect(test, home);
}

/* After an error it is asked for slots as before. */
static void place_among_others_is_kept(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_alloc(test);
	struct swaptbl_device *low = swaptbl_test_device_prio(test, SLOTS, -7);
	struct folio *folio;

	swaptbl_home_register(test, home, swaptbl_test_device_prio(test, SLOTS, 7));
	folio = swaptbl_test_folio(test, 0);
	swaptbl_home_add(test, home, 0, 1, SWAPTBL_HOME_STORED);
	home->fail_at = 1;
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), -EACCES);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swp_type(folio->swap), home->dev->type);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&low->nr_used), 0);
	swaptbl_expect_verified(test, home->dev);
}

static void read_error_keeps_device(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	unsigned int k, i;
	int err;

	for (i = 0; i < 4; i++)
		swaptbl_home_add(test, home, 0, 1, SWAPTBL_HOME_STORED);
	for (k = 1; ; k++) {
		struct swaptbl_test_hooks hooks = { .fail_io_at = 1 + k % 2 };

		err = swaptbl_home_destroy_with(test, home, &hooks);
		if (!err || k > 20)
			break;
		KUNIT_EXPECT_EQ(test, err, -EIO);
		swaptbl_home_expect_works(test, home);
		for (i = 0; i < home->nr; i++)
			if (home->pte[i].entry.val)
				swaptbl_test_evict_slot(home->dev,
							swp_offset(home->pte[i].entry));
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	swaptbl_home_expect(test, home);
}

/* Any allocation on the way: an error, and all is as it was. */
static void no_memory_keeps_device(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	struct swaptbl_test_hooks hooks = { .fail_from = 1 };

	swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_STORED);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy_with(test, home, &hooks), -ENOMEM);
	swaptbl_home_expect_works(test, home);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
	swaptbl_home_expect(test, home);
}

static struct kunit_case swaptbl_home_cases[] = {
	KUNIT_CASE(nobody_to_ask),
	KUNIT_CASE(everything_comes_home),
	KUNIT_CASE(overflowed_slot_comes_home),
	KUNIT_CASE(zero_page_comes_home),
	KUNIT_CASE(cached_only_slot_needs_no_owner),
	KUNIT_CASE(two_owners_take_their_own),
	KUNIT_CASE(foreign_count_keeps_device),
	KUNIT_CASE(owner_refuses),
	KUNIT_CASE(owner_that_left_is_not_asked),
	KUNIT_CASE(dropped_without_owner),
	KUNIT_CASE(exclusive_slot_comes_before_io),
	KUNIT_CASE(place_among_others_is_kept),
	KUNIT_CASE(read_error_keeps_device),
	KUNIT_CASE(no_memory_keeps_device),
	{}
};

static struct kunit_suite swaptbl_home_suite = {
	.name = "swaptbl_home",
	.test_cases = swaptbl_home_cases,
};

kunit_test_suite(swaptbl_home_suite);
