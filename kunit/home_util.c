// SPDX-License-Identifier: GPL-2.0
/*
 * A make-believe page table.
 */
#include <kunit/resource.h>
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

static int pte_bring(struct swaptbl_home_pte *pte, struct folio *folio)
{
	unsigned long offset = swp_offset(pte->entry);
	struct page *page;

	page = folio_page(folio, offset - swaptbl_test_offset(folio));
	copy_highpage(folio_page(pte->page, 0), page);
	pte->entry.val = 0;
	return swaptbl_folio_put_swap(folio, page);
}

static int bring_home(struct swaptbl_owner *owner, struct folio *folio)
{
	struct swaptbl_home *home = container_of(owner, struct swaptbl_home, owner);
	unsigned int i;
	int err = 0;

	home->stray |= !folio_test_locked(folio) || !folio_test_uptodate(folio) ||
		       !swaptbl_folio_bound(folio);
	if (++home->calls == home->fail_at)
		return -EACCES;
	for (i = 0; i < home->nr && !err; i++) {
		struct swaptbl_home_pte *pte = &home->pte[i];

		if (pte->entry.val &&
		    swaptbl_folio_has(folio, swp_type(pte->entry),
				      swp_offset(pte->entry)))
			err = pte_bring(pte, folio);
	}
	return err;
}

static void owner_release(void *ctx)
{
	swaptbl_owner_del(ctx);
}

/* Before the device, so that the device goes first. */
struct swaptbl_home *swaptbl_home_alloc(struct kunit *test)
{
	struct swaptbl_home *home = kunit_kzalloc(test, sizeof(*home), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, home);
	home->owner.bring_home = bring_home;
	return home;
}

void swaptbl_home_register(struct kunit *test, struct swaptbl_home *home,
			   struct swaptbl_device *dev)
{
	home->dev = dev;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_owner_add(dev, &home->owner));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, owner_release,
							   &home->owner));
}

void swaptbl_home_add_page(struct kunit *test, struct swaptbl_home *home,
			   unsigned long offset, unsigned int number, u32 seed)
{
	struct swaptbl_home_pte *pte = &home->pte[home->nr++];

	KUNIT_ASSERT_LE(test, home->nr, SWAPTBL_HOME_PTES);
	pte->entry = swp_entry(home->dev->type, offset + number);
	pte->number = number;
	pte->seed = seed;
	pte->page = swaptbl_test_folio(test, 0);
}

/* Pages of one folio, each in the page table @counts times. */
unsigned long swaptbl_home_add(struct kunit *test, struct swaptbl_home *home,
			       unsigned int order, unsigned int counts,
			       enum swaptbl_home_where where)
{
	struct folio *folio = swaptbl_test_bound(test, home->dev, order);
	unsigned long offset = swaptbl_test_offset(folio);
	u32 seed = 100 + home->nr;
	unsigned int i;

	swaptbl_test_fill(folio, seed);
	while (counts--) {
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL,
								GFP_KERNEL));
		for (i = 0; i < BIT(order); i++)
			swaptbl_home_add_page(test, home, offset, i, seed);
	}
	if (where != SWAPTBL_HOME_CACHED)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	folio_unlock(folio);
	if (where == SWAPTBL_HOME_CLEAN)
		swaptbl_test_expect_stored(test, home->dev, offset, BIT(order),
					   seed);
	return offset;
}

void swaptbl_home_expect(struct kunit *test, const struct swaptbl_home *home)
{
	unsigned int i;

	for (i = 0; i < home->nr; i++) {
		const struct swaptbl_home_pte *pte = &home->pte[i];

		KUNIT_EXPECT_EQ(test, pte->entry.val, 0);
		KUNIT_EXPECT_TRUE(test,
				  swaptbl_test_page_filled(pte->page, 0,
							   pte->number,
							   pte->seed));
	}
	KUNIT_EXPECT_FALSE(test, home->stray);
}

/* What is not home yet is where it was: each page in its slot, with its count. */
void swaptbl_home_expect_works(struct kunit *test, const struct swaptbl_home *home)
{
	struct swaptbl_device *dev = home->dev, *found;
	unsigned int i;

	KUNIT_EXPECT_STREQ(test, swaptbl_device_state_name(dev), "live");
	found = swaptbl_device_get(dev->type);
	KUNIT_EXPECT_PTR_EQ(test, found, dev);
	if (!IS_ERR(found))
		swaptbl_device_put(found);
	swaptbl_expect_verified(test, dev);
	for (i = 0; i < home->nr; i++) {
		const struct swaptbl_home_pte *pte = &home->pte[i];
		struct folio *folio;

		if (!pte->entry.val)
			continue;
		folio = swaptbl_swapin(pte->entry, 1, GFP_KERNEL);
		if (IS_ERR(folio)) {
			KUNIT_FAIL(test, "page %u: error %ld", i, PTR_ERR(folio));
			continue;
		}
		KUNIT_EXPECT_TRUE(test,
				  swaptbl_test_page_filled(folio,
							   swp_offset(pte->entry) -
							   swaptbl_test_offset(folio),
							   pte->number, pte->seed));
		folio_unlock(folio);
		folio_put(folio);
	}
	folio_unlock(swaptbl_test_bound(test, dev, 0));
	swaptbl_expect_verified(test, dev);
}

struct swaptbl_home *swaptbl_home_make(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_alloc(test);

	swaptbl_home_register(test, home, swaptbl_test_device(test, 2 * SLOTS, BITS));
	return home;
}

int swaptbl_home_destroy(struct kunit *test, struct swaptbl_home *home)
{
	return swaptbl_test_device_destroy(test, home->dev, false);
}

int swaptbl_home_destroy_with(struct kunit *test, struct swaptbl_home *home,
			      struct swaptbl_test_hooks *hooks)
{
	int err;

	hooks->arg = home;
	swaptbl_test_hooks_begin(hooks);
	err = swaptbl_home_destroy(test, home);
	swaptbl_test_hooks_end(hooks);
	return err;
}
