// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what a caller does with a folio, from the allocation of its slots to
 * their end: swaptbl/folio.c. What the counts do is in count.c and range.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

static const unsigned int orders[] = { 0, 1, 4, SWAPTBL_CLUSTER_ORDER };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static unsigned int order_of(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

/* In the cache from the allocation on, and nowhere else. */
static void alloc_caches(struct kunit *test)
{
	unsigned int i, nr = BIT(order_of(test));
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, order_of(test));
	unsigned int group = swaptbl_test_charge(test, folio, 0);
	unsigned long offset;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	offset = swaptbl_test_offset(folio);
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_swapcache(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), group);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset + i),
				swaptbl_folio_to_entry(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED), nr);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), nr);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHE_ADD), nr);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHE_DEL), nr);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
	swaptbl_expect_verified(test, dev);
}

/* The way there and back: alloc, dup, evict, swap in, put, free. */
static void folio_goes_round(struct kunit *test)
{
	unsigned int order = order_of(test), nr = BIT(order);
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, order, 1);
	struct folio *folio;

	swaptbl_expect_verified(test, dev);
	folio = swaptbl_test_swapin(test, dev, offset, order);
	KUNIT_EXPECT_EQ(test, folio_order(folio), order);
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, 1));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + nr);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), -EBUSY);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	/* A put does not free what is cached. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), nr);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, 1));
	swaptbl_expect_verified(test, dev);
}

/* With the last count the folio leaves too, unless its lock says that it is used. */
static void last_put_direct_reclaims(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	swp_entry_t entry = folio->swap;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	folio_unlock(folio);
	/* One slot with a count keeps the folio. */
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 3), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), 3);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 1), -ENOENT);
	entry = swp_entry(dev->type, swp_offset(entry) + 3);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 1), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
	swaptbl_expect_verified(test, dev);
	folio_lock(folio);
}

/* What is put while somebody has the folio locked stays until the folio leaves. */
static void put_direct_leaves_locked(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	swp_entry_t entry = folio->swap;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 4), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 4), -ENOENT);
	/* Nor does a count come back by another way than the folio. */
	KUNIT_EXPECT_EQ(test, swaptbl_dup_entries_direct(entry, 4, GFP_KERNEL),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), 4);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	swaptbl_expect_verified(test, dev);
}

/* Whether anybody has a count; what is bad or exclusive is nobody's. */
static void swapped_is_about_counts(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 0, 1);
	struct folio *folio = swaptbl_test_bound(test, dev, 1);
	unsigned long cached = swaptbl_test_offset(folio);
	swp_entry_t entry;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_alloc_exclusive(dev->type, &entry));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, folio_page(folio, 1),
							GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, swaptbl_swapped(dev, offset));
	KUNIT_EXPECT_FALSE(test, swaptbl_swapped(dev, cached));
	KUNIT_EXPECT_TRUE(test, swaptbl_swapped(dev, cached + 1));
	KUNIT_EXPECT_FALSE(test, swaptbl_swapped(dev, 0));
	KUNIT_EXPECT_FALSE(test, swaptbl_swapped(dev, swp_offset(entry)));
	KUNIT_EXPECT_FALSE(test, swaptbl_swapped(dev, SLOTS - 1));
	KUNIT_EXPECT_FALSE(test, swaptbl_swapped(dev, SLOTS));
	KUNIT_EXPECT_FALSE(test, swaptbl_swapped(dev, ULONG_MAX));
}

/* Each call on a folio that is unlocked, unbound, or not the page's. */
static void calls_on_wrong_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *unbound = swaptbl_test_folio(test, 0);
	struct folio *unlocked = swaptbl_test_bound(test, dev, 1);
	struct folio *folio = swaptbl_test_bound(test, dev, 1);
	struct page *other = folio_page(unlocked, 1);

	folio_unlock(unlocked);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(unbound, NULL, GFP_KERNEL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(unbound, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(unbound), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(unbound), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(unbound), -EINVAL);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(unbound));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(unlocked), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(unlocked), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, other, GFP_KERNEL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, other), -EINVAL);
	KUNIT_EXPECT_EQ(test, folio_ref_count(unbound), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(unlocked), 3);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 3);
	swaptbl_expect_verified(test, dev);
}

/* As one that the kernel's engine has at the entry of @own, which is one here, too. */
static struct folio *kernels_folio(struct kunit *test, struct folio *own)
{
	struct folio *folio = swaptbl_test_folio(test, 0);

	folio->swap = own->swap;
	__folio_set_swapbacked(folio);
	folio_set_swapcache(folio);
	return folio;
}

static void kernels_folio_end(struct folio *folio)
{
	folio_clear_swapcache(folio);
	__folio_clear_swapbacked(folio);
	folio->swap.val = 0;
}

/* The slots that such a folio names are somebody else's. */
static void calls_on_kernels_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *own = swaptbl_test_bound(test, dev, 0);
	struct folio *folio = kernels_folio(test, own);
	const struct swaptbl_shadow none = {};
	unsigned long word;

	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(own, NULL, GFP_KERNEL), 0);
	word = swaptbl_test_word(dev, swaptbl_test_offset(own));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -EEXIST);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(folio), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_del_folio(folio, &none), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_replace_folio(folio, own), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_replace_folio(own, folio), -EINVAL);
	folio_mark_uptodate(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_replace_folio(own, folio), -EEXIST);
	KUNIT_EXPECT_EQ(test, folio->swap.val, own->swap.val);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, swaptbl_test_offset(own)), word);
	kernels_folio_end(folio);
	swaptbl_expect_verified(test, dev);
}

/* What is not locked, bound already, or too large gets no slots. */
static void alloc_refused(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 4 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 0);

	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -EINVAL);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -EEXIST);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	if (SWAPTBL_CLUSTER_ORDER < MAX_PAGE_ORDER) {
		folio = swaptbl_test_folio(test, SWAPTBL_CLUSTER_ORDER + 1);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -ERANGE);
		KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	}
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_folio_cases[] = {
	KUNIT_CASE_PARAM(alloc_caches, order_gen_params),
	KUNIT_CASE_PARAM(folio_goes_round, order_gen_params),
	KUNIT_CASE(last_put_direct_reclaims),
	KUNIT_CASE(put_direct_leaves_locked),
	KUNIT_CASE(swapped_is_about_counts),
	KUNIT_CASE(calls_on_wrong_folio),
	KUNIT_CASE(calls_on_kernels_folio),
	KUNIT_CASE(alloc_refused),
	{}
};

static struct kunit_suite swaptbl_folio_suite = {
	.name = "swaptbl_folio",
	.test_cases = swaptbl_folio_cases,
};

kunit_test_suite(swaptbl_folio_suite);
