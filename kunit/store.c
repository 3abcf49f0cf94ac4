// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what every store owes: swaptbl/store.c, store_ram.c, store_bdev.c.
 */
#include <kunit/test.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/pagemap.h>
#include <linux/xarray.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/compat.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define NR_BATCH	12

/**
 * struct store_case - one order of folios on one store
 * @disk: on a block device, not in memory
 * @order: of the folios
 */
struct store_case {
	bool disk;
	unsigned int order;
};

static const struct store_case orders[] = {
	{ false, 0 }, { false, 1 }, { false, 4 },
	{ false, SWAPTBL_CLUSTER_ORDER - 1 }, { false, SWAPTBL_CLUSTER_ORDER },
	{ true, 0 }, { true, 1 }, { true, 4 },
	{ true, SWAPTBL_CLUSTER_ORDER - 1 },
};

static const struct store_case stores[] = { { false, 2 }, { true, 2 } };

static void case_desc(const struct store_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s order=%u",
		 c->disk ? "disk" : "ram", c->order);
}

KUNIT_ARRAY_PARAM(order, orders, case_desc);
KUNIT_ARRAY_PARAM(store, stores, case_desc);

static struct swaptbl_device *make(struct kunit *test)
{
	const struct store_case *c = test->param_value;

	return c->disk ? swaptbl_test_device_disk(test, false, NULL, 0) :
			 swaptbl_test_device(test, 3 * SLOTS, BITS);
}

static unsigned int order_of(struct kunit *test)
{
	return ((const struct store_case *)test->param_value)->order;
}

static long total(struct swaptbl_device *dev, enum swaptbl_stat stat)
{
	return swaptbl_stat_sum(dev, stat);
}

/* Pages that the ram store holds. */
static unsigned long pages_held(struct swaptbl_device *dev)
{
	unsigned long index, nr = 0;
	void *page;

	xa_for_each(&dev->pages, index, page)
		nr++;
	return nr;
}

/* Large folios as far as there is memory for them. */
static void expect_data(struct kunit *test, struct swaptbl_device *dev,
			unsigned long offset, unsigned int order, u32 seed)
{
	unsigned int nr, i;
	struct folio *folio;

	for (i = 0; i < BIT(order); i += nr) {
		folio = swaptbl_swapin(swp_entry(dev->type, offset + i),
				       BIT(order) | BIT(0), GFP_KERNEL);
		if (IS_ERR(folio)) {
			KUNIT_FAIL(test, "slot %lu: error %ld", offset + i,
				   PTR_ERR(folio));
			return;
		}
		KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
		KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
		KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset + i);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, i, seed));
		nr = folio_nr_pages(folio);
		folio_unlock(folio);
		folio_put(folio);
	}
}

static void expect_io(struct kunit *test, struct swaptbl_device *dev,
		      long written, long read)
{
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_WRITE), written);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_READ), read);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_WRITE_ERROR), 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_READ_ERROR), 0);
	swaptbl_expect_verified(test, dev);
}

static void written_is_read(struct kunit *test)
{
	unsigned int order = order_of(test), nr = BIT(order);
	struct swaptbl_device *dev = make(test);
	unsigned long offset;

	if (2 * nr > dev->nr_slots)
		kunit_skip(test, "the disk is too small");
	offset = swaptbl_test_evicted(test, dev, order, 7);
	expect_io(test, dev, nr, 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_WRITE_IO), 1);
	expect_data(test, dev, offset, order, 7);
	expect_io(test, dev, nr, nr);
	if (order <= PAGE_ALLOC_COSTLY_ORDER)
		KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_READ_IO), 1);
	/* From the cache now. */
	expect_data(test, dev, offset, order, 7);
	expect_io(test, dev, nr, nr);
}

/* Its data changes and it leaves again, through the same slots. */
static void rewrite(struct kunit *test, struct swaptbl_device *dev,
		    unsigned long offset, u32 seed)
{
	struct folio *folio = swaptbl_swapin(swp_entry(dev->type, offset),
					     BIT(order_of(test)) | BIT(0),
					     GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	swaptbl_test_fill(folio, seed);
	folio_set_dirty(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	folio_unlock(folio);
	folio_put(folio);
}

static void latest_write_is_read(struct kunit *test)
{
	unsigned int order = order_of(test), nr = BIT(order);
	struct swaptbl_device *dev = make(test);
	unsigned long offset = swaptbl_test_evicted(test, dev, order, 1);
	u32 seed;

	for (seed = 2; seed < 5; seed++) {
		rewrite(test, dev, offset, seed);
		expect_data(test, dev, offset, order, seed);
	}
	expect_io(test, dev, 4 * nr, 4 * nr);
	if (!dev->path)
		KUNIT_EXPECT_EQ(test, pages_held(dev), nr);
}

static void folios_to_last_slot(struct kunit *test)
{
	unsigned int order = order_of(test), i, nr;
	struct swaptbl_device *dev = make(test);
	struct folio *folio = swaptbl_test_folio(test, order);
	unsigned long *offset;

	offset = kunit_kcalloc(test, dev->nr_slots >> order, sizeof(*offset),
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, offset);
	for (nr = 0; !swaptbl_folio_alloc_swap_on(dev, folio); nr++) {
		KUNIT_ASSERT_LT(test, nr, dev->nr_slots >> order);
		offset[nr] = swaptbl_test_offset(folio);
		swaptbl_test_fill(folio, 1000 + nr);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL,
								GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	}
	KUNIT_EXPECT_EQ(test, nr, (dev->nr_slots >> order) - 1);
	for (i = nr; i--; )
		expect_data(test, dev, offset[i], order, 1000 + i);
	expect_io(test, dev, nr << order, nr << order);
}

static void zero_is_not_stored(struct kunit *test)
{
	unsigned int order = order_of(test), nr = BIT(order), i;
	struct swaptbl_device *dev = make(test);
	struct folio *folio = swaptbl_test_bound(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);

	if (!SWAPTBL_ZERO_BITS)
		kunit_skip(test, "words have no bit for it");
	folio_zero_range(folio, 0, folio_size(folio));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_NE(test, 0, swaptbl_test_word(dev, offset + i) &
					 SWAPTBL_ZERO_FLAG);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_WRITE_ZERO), nr);
	KUNIT_EXPECT_TRUE(test, xa_empty(&dev->pages));
	KUNIT_EXPECT_FALSE(test, swaptbl_cluster_lookup(dev, offset)->stored);
	expect_io(test, dev, 0, 0);
}

static bool is_zero(struct folio *folio)
{
	unsigned int page, i;
	bool zero = true;

	for (page = 0; page < folio_nr_pages(folio); page++) {
		u8 *data = kmap_local_folio(folio, page * PAGE_SIZE);

		for (i = 0; i < PAGE_SIZE; i++)
			zero &= !data[i];
		kunmap_local(data);
	}
	return zero;
}

/* Swap in, expect zeros, write @seed instead, or zeros again if it is 0. */
static void pass(struct kunit *test, struct swaptbl_device *dev,
		 unsigned long offset, bool zero, u32 seed)
{
	struct folio *folio = swaptbl_swapin(swp_entry(dev->type, offset),
					     BIT(order_of(test)) | BIT(0),
					     GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, is_zero(folio), zero);
	if (seed)
		swaptbl_test_fill(folio, seed);
	else
		folio_zero_range(folio, 0, folio_size(folio));
	folio_set_dirty(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	folio_unlock(folio);
	folio_put(folio);
}

/* What the store still has of an older time must not come back. */
static void zero_replaces_data(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct swaptbl_device *dev = make(test);
	unsigned long offset = swaptbl_test_evicted(test, dev, order, 5);

	pass(test, dev, offset, false, 0);
	pass(test, dev, offset, true, 0);
	pass(test, dev, offset, true, 6);
	expect_data(test, dev, offset, order, 6);
	swaptbl_expect_verified(test, dev);
}

static void one_byte_is_data(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct swaptbl_device *dev = make(test);
	struct folio *folio = swaptbl_test_bound(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);
	const u8 byte = 1;

	folio_zero_range(folio, 0, folio_size(folio));
	memcpy_to_folio(folio, folio_size(folio) - 1, &byte, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_io(test, dev, BIT(order), 0);
	pass(test, dev, offset, false, 0);
	swaptbl_expect_verified(test, dev);
}

static void write_error_keeps_folio(struct kunit *test)
{
	unsigned int order = order_of(test), i;
	struct swaptbl_device *dev = make(test);
	struct folio *folio = swaptbl_test_bound(test, dev, order);
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	unsigned long offset = swaptbl_test_offset(folio);
	int err;

	swaptbl_test_fill(folio, 9);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_evict(folio);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, -EIO);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_has(folio, dev->type, offset));
	for (i = 0; i < BIT(order); i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i), 1);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_WRITE_ERROR), 1);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_EVICT), 0);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_data(test, dev, offset, order, 9);
}

/* For a swap-in that is to fail; one that does not leaves no lock behind. */
static int swapin_error(struct swaptbl_device *dev, unsigned long offset,
			unsigned long orders)
{
	struct folio *folio = swaptbl_swapin(swp_entry(dev->type, offset), orders,
					     GFP_KERNEL);

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

static void read_error_keeps_slots(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct swaptbl_device *dev = make(test);
	unsigned long offset = swaptbl_test_evicted(test, dev, order, 3);
	struct swaptbl_test_snapshot *before =
		swaptbl_test_snapshot(test, dev, offset);
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swapin_error(dev, offset, BIT(order) | BIT(0));
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, -EIO);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_READ_ERROR), 1);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_CACHED), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	swaptbl_expect_verified(test, dev);
	expect_data(test, dev, offset, order, 3);
}

/* The engine unlocks each folio; the swap-ins wait for that. */
static void async_is_read(struct kunit *test)
{
	unsigned int order = order_of(test), i;
	struct swaptbl_device *dev = make(test);
	unsigned long offset[8];

	for (i = 0; i < ARRAY_SIZE(offset); i++) {
		struct folio *folio = swaptbl_test_bound(test, dev, order);

		offset[i] = swaptbl_test_offset(folio);
		swaptbl_test_fill(folio, i);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL,
								GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict_async(folio));
	}
	for (i = 0; i < ARRAY_SIZE(offset); i++)
		expect_data(test, dev, offset[i], order, i);
	expect_io(test, dev, i << order, total(dev, SWAPTBL_STAT_READ));
}

static void batch_is_read(struct kunit *test)
{
	unsigned int order = order_of(test), i, written = 0;
	struct swaptbl_device *dev = make(test);
	unsigned long offset[NR_BATCH];
	struct folio_batch fbatch;

	folio_batch_init(&fbatch);
	for (i = 0; i < NR_BATCH; i++) {
		struct folio *folio = swaptbl_test_bound(test, dev, i % (order + 1));

		offset[i] = swaptbl_test_offset(folio);
		swaptbl_test_fill(folio, 50 + i);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL,
								GFP_KERNEL));
		folio_batch_add(&fbatch, folio);
		written += folio_nr_pages(folio);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_evict_folios(&fbatch), 0);
	for (i = 0; i < NR_BATCH; i++) {
		KUNIT_EXPECT_TRUE(test, folio_test_locked(fbatch.folios[i]));
		KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(fbatch.folios[i]));
		expect_data(test, dev, offset[i], i % (order + 1), 50 + i);
	}
	expect_io(test, dev, written, written);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_WRITE_IO), NR_BATCH);
}

/**
 * struct page_fault - a page that the ram store does not get
 * @at: ordinal of the page, from 1
 * @seen: pages asked for
 */
struct page_fault {
	unsigned int at;
	unsigned int seen;
};

static bool fail_page(void *data, enum swaptbl_alloc_site site, gfp_t gfp)
{
	struct page_fault *fault = data;

	return site == SWAPTBL_MEM_STORE && ++fault->seen == fault->at;
}

static int evict_failing(struct folio *folio, struct page_fault *fault)
{
	const struct swaptbl_sync_hooks hooks = {
		.fail = fail_page,
		.data = fault,
	};
	int err;

	swaptbl_sync_install(&hooks);
	err = swaptbl_folio_evict(folio);
	swaptbl_sync_remove();
	return err;
}

static void ram_without_memory(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	unsigned long offset = swaptbl_test_offset(folio);
	struct page_fault fault;
	unsigned int i;

	swaptbl_test_fill(folio, 8);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	for (i = 0; i < 4; i++) {
		/* Page i is missing: all before it are there from last time but one. */
		fault = (struct page_fault){ .at = i ? 2 : 1 };
		KUNIT_EXPECT_EQ(test, evict_failing(folio, &fault), -ENOMEM);
		KUNIT_EXPECT_EQ(test, pages_held(dev), i);
		KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
		KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i), 1);
		KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_WRITE_ERROR), i + 1);
		swaptbl_expect_verified(test, dev);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_data(test, dev, offset, 2, 8);
	KUNIT_EXPECT_EQ(test, pages_held(dev), 4);
}

static void put_all(struct kunit *test, struct swaptbl_device *dev,
		    unsigned long offset, unsigned int nr)
{
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, nr), 0);
}

/* All of a cluster has to be free; then its pages go. */
static void ram_memory_is_freed(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned long first = swaptbl_test_evicted(test, dev, 3, 1);
	unsigned long second = swaptbl_test_evicted(test, dev, 3, 2);

	KUNIT_EXPECT_EQ(test, pages_held(dev), 16);
	put_all(test, dev, first, 8);
	flush_work(&dev->discard_work);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_DISCARD), 0);
	expect_data(test, dev, second, 3, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(dev, second), 0);
	put_all(test, dev, second, 8);
	flush_work(&dev->discard_work);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_DISCARD), 1);
	KUNIT_EXPECT_TRUE(test, xa_empty(&dev->pages));
	swaptbl_expect_verified(test, dev);
}

/* A slot that is used again gets no second page. */
static void ram_page_is_reused(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long keep = swaptbl_test_evicted(test, dev, 0, 1), offset;
	unsigned int i;

	for (i = 0; i < 3 * SLOTS; i++) {
		offset = swaptbl_test_evicted(test, dev, 0, i);
		put_all(test, dev, offset, 1);
	}
	KUNIT_EXPECT_LT(test, pages_held(dev), SLOTS);
	expect_data(test, dev, keep, 0, 1);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_store_cases[] = {
	KUNIT_CASE_PARAM(written_is_read, order_gen_params),
	KUNIT_CASE_PARAM(latest_write_is_read, store_gen_params),
	KUNIT_CASE_PARAM(folios_to_last_slot, store_gen_params),
	KUNIT_CASE_PARAM(zero_is_not_stored, store_gen_params),
	KUNIT_CASE_PARAM(zero_replaces_data, store_gen_params),
	KUNIT_CASE_PARAM(one_byte_is_data, store_gen_params),
	KUNIT_CASE_PARAM(write_error_keeps_folio, store_gen_params),
	KUNIT_CASE_PARAM(read_error_keeps_slots, store_gen_params),
	KUNIT_CASE_PARAM(async_is_read, store_gen_params),
	KUNIT_CASE_PARAM(batch_is_read, store_gen_params),
	KUNIT_CASE(ram_without_memory),
	KUNIT_CASE(ram_memory_is_freed),
	KUNIT_CASE(ram_page_is_reused),
	{}
};

static struct kunit_suite swaptbl_store_suite = {
	.name = "swaptbl_store",
	.suite_init = swaptbl_test_fs_init,
	.test_cases = swaptbl_store_cases,
};

kunit_test_suite(swaptbl_store_suite);
