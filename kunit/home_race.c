// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of a removal with the other actor at a slot that it has found.
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

static int found_then(struct kunit *test, struct swaptbl_home *home,
		      void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_HOME_FOUND,
		.actor = actor,
	};
	int err = swaptbl_home_destroy_with(test, home, &hooks);

	KUNIT_EXPECT_GT(test, hooks.passed, 0);
	return err;
}

static void actor_dup(void *arg)
{
	struct swaptbl_home *home = arg;

	home->err = swaptbl_dup_entries_direct(home->pte[0].entry, 1, GFP_KERNEL);
}

static void found_then_dupped(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);
	unsigned long offset = swaptbl_home_add(test, home, 0, 1, SWAPTBL_HOME_STORED);

	KUNIT_EXPECT_EQ(test, found_then(test, home, actor_dup), -EBUSY);
	KUNIT_EXPECT_EQ(test, home->err, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(home->dev, offset), 1);
	swaptbl_home_expect_works(test, home);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(home->dev, offset, 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_home_destroy(test, home), 0);
}

static void actor_put(void *arg)
{
	struct swaptbl_home *home = arg;

	home->err = swaptbl_put_entries_direct(home->pte[0].entry, 1);
	home->pte[0].entry.val = 0;
	swaptbl_test_fill_page(home->pte[0].page, 0, home->pte[0].number,
			       home->pte[0].seed);
}

static void found_then_freed(struct kunit *test)
{
	enum swaptbl_home_where where;

	for (where = SWAPTBL_HOME_CACHED; where <= SWAPTBL_HOME_STORED; where++) {
		struct swaptbl_home *home = swaptbl_home_make(test);

		swaptbl_home_add(test, home, 0, 1, where);
		swaptbl_home_add(test, home, 1, 1, where);
		KUNIT_EXPECT_EQ(test, found_then(test, home, actor_put), 0);
		KUNIT_EXPECT_EQ(test, home->err, 0);
		swaptbl_home_expect(test, home);
	}
}

static void actor_alloc(void *arg)
{
	struct swaptbl_home *home = arg;

	home->err = swaptbl_folio_alloc_swap_on(home->dev, home->folio);
}

static void found_then_allocated(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	home->folio = swaptbl_test_folio(test, 0);
	swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_STORED);
	KUNIT_EXPECT_EQ(test, found_then(test, home, actor_alloc), 0);
	KUNIT_EXPECT_EQ(test, home->err, -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(home->folio));
	swaptbl_home_expect(test, home);
}

static void actor_alloc_exclusive(void *arg)
{
	struct swaptbl_home *home = arg;
	swp_entry_t entry;

	home->err = swaptbl_alloc_exclusive(home->dev->type, &entry);
}

static void found_then_pinned(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_STORED);
	KUNIT_EXPECT_EQ(test, found_then(test, home, actor_alloc_exclusive), 0);
	KUNIT_EXPECT_EQ(test, home->err, -ESHUTDOWN);
	swaptbl_home_expect(test, home);
}

static void actor_swapin(void *arg)
{
	struct swaptbl_home *home = arg;
	struct folio *folio = swaptbl_swapin(home->pte[0].entry, 1, GFP_KERNEL);

	home->err = PTR_ERR_OR_ZERO(folio);
	if (home->err)
		return;
	folio_unlock(folio);
	folio_put(folio);
}

static void found_then_swapped_in(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	swaptbl_home_add(test, home, 0, 1, SWAPTBL_HOME_STORED);
	swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_STORED);
	KUNIT_EXPECT_EQ(test, found_then(test, home, actor_swapin), 0);
	KUNIT_EXPECT_EQ(test, home->err, 0);
	swaptbl_home_expect(test, home);
}

static void actor_evict(void *arg)
{
	struct swaptbl_home *home = arg;

	home->err = swaptbl_test_evict_slot(home->dev,
					    swp_offset(home->pte[0].entry));
}

static void found_then_evicted(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	swaptbl_home_add(test, home, 2, 1, SWAPTBL_HOME_CACHED);
	swaptbl_home_add(test, home, 0, 1, SWAPTBL_HOME_CACHED);
	KUNIT_EXPECT_EQ(test, found_then(test, home, actor_evict), 0);
	KUNIT_EXPECT_EQ(test, home->err, 0);
	swaptbl_home_expect(test, home);
}

/* The other one frees the folio that was found, which had no counts. */
static void actor_free(void *arg)
{
	struct swaptbl_home *home = arg;

	folio_lock(home->folio);
	home->err = swaptbl_folio_free_swap(home->folio);
	folio_unlock(home->folio);
}

static void found_then_let_go(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	home->folio = swaptbl_test_bound(test, home->dev, 2);
	folio_unlock(home->folio);
	KUNIT_EXPECT_EQ(test, found_then(test, home, actor_free), 0);
	KUNIT_EXPECT_EQ(test, home->err, 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(home->folio), 1);
}

/* Cached only when it was found, and somebody's by the time of its lock. */
static void actor_count(void *arg)
{
	struct swaptbl_home *home = arg;

	folio_lock(home->folio);
	home->err = swaptbl_folio_dup_swap(home->folio, NULL, GFP_KERNEL);
	folio_unlock(home->folio);
}

static void found_then_counted(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_make(test);

	home->folio = swaptbl_test_bound(test, home->dev, 2);
	folio_unlock(home->folio);
	KUNIT_EXPECT_EQ(test, found_then(test, home, actor_count), -EBUSY);
	KUNIT_EXPECT_EQ(test, home->err, 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(home->folio));
	swaptbl_home_expect_works(test, home);
}

static struct kunit_case swaptbl_home_race_cases[] = {
	KUNIT_CASE(found_then_dupped),
	KUNIT_CASE(found_then_freed),
	KUNIT_CASE(found_then_allocated),
	KUNIT_CASE(found_then_pinned),
	KUNIT_CASE(found_then_swapped_in),
	KUNIT_CASE(found_then_evicted),
	KUNIT_CASE(found_then_let_go),
	KUNIT_CASE(found_then_counted),
	{}
};

static struct kunit_suite swaptbl_home_race_suite = {
	.name = "swaptbl_home_race",
	.test_cases = swaptbl_home_race_cases,
};

kunit_test_suite(swaptbl_home_race_suite);
