// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what is particular to a block device as a store: store_bdev.c. They
 * overwrite the one that the module parameter "disk" names.
 */
#include <kunit/test.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/string.h>
#include <linux/swap.h>

#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "spy.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

/* Behind the engine's back: one page of the disk. */
static int page_io(struct block_device *bdev, enum req_op op,
		   unsigned long offset, struct page *page)
{
	struct bio_vec bvec;
	struct bio bio;
	int err;

	bio_init(&bio, bdev, &bvec, 1, op);
	bio.bi_iter.bi_sector = (sector_t)offset << (PAGE_SHIFT - SECTOR_SHIFT);
	__bio_add_page(&bio, page, PAGE_SIZE, 0);
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}

static void header_make(struct page *page, unsigned long nr_slots,
			const u32 *bad, unsigned int nr_bad)
{
	union swap_header *header = kmap_local_page(page);

	memset(header, 0, PAGE_SIZE);
	header->info.version = 1;
	header->info.last_page = nr_slots - 1;
	header->info.nr_badpages = nr_bad;
	if (nr_bad)
		memcpy((void *)header + offsetof(union swap_header, info.badpages),
		       bad, nr_bad * sizeof(*bad));
	memcpy((void *)header + PAGE_SIZE - 10, "SWAPSPACE2", 10);
	kunmap_local(header);
}

/* A page of no folio that the engine ever had. */
static void page_mark(struct page *page, unsigned long offset)
{
	swaptbl_test_fill_page(page_folio(page), 0, offset, U32_MAX);
}

static int disk_write(struct block_device *bdev, struct page *page,
		      const u32 *bad, unsigned int nr_bad)
{
	unsigned long pages = bdev_nr_bytes(bdev) >> PAGE_SHIFT;
	unsigned int i;
	int err;

	/* Small ones fill up in no time. */
	pages = min(pages, 4UL * SLOTS);
	header_make(page, pages, bad, nr_bad);
	err = page_io(bdev, REQ_OP_WRITE, 0, page);
	for (i = 0; !err && i < nr_bad; i++) {
		page_mark(page, bad[i]);
		err = page_io(bdev, REQ_OP_WRITE, bad[i], page);
	}
	return err;
}

static struct file *disk_open(blk_mode_t mode, void *holder)
{
	struct file *file;

	swaptbl_test_fs_swap(swaptbl_test_disk);
	file = bdev_file_open_by_path(swaptbl_test_disk, mode, holder, NULL);
	swaptbl_test_fs_swap(swaptbl_test_disk);
	return file;
}

static int disk_format(const u32 *bad, unsigned int nr_bad)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);
	struct file *file;
	int err;

	if (!folio)
		return -ENOMEM;
	file = disk_open(BLK_OPEN_READ | BLK_OPEN_WRITE, &swaptbl_test_disk);
	err = PTR_ERR_OR_ZERO(file);
	if (!err) {
		err = disk_write(file_bdev(file), folio_page(folio, 0), bad,
				 nr_bad);
		bdev_fput(file);
	}
	folio_put(folio);
	return err;
}

static bool can_discard(void)
{
	struct file *file = disk_open(BLK_OPEN_READ, NULL);
	bool can;

	if (IS_ERR(file))
		return false;
	can = bdev_max_discard_sectors(file_bdev(file));
	bdev_fput(file);
	return can;
}

/*
 * A device on the disk, with a new header. Skips the case without a disk
 * that can do it.
 */
struct swaptbl_device *swaptbl_test_device_disk(struct kunit *test, bool discard,
						const u32 *bad,
						unsigned int nr_bad)
{
	const struct swaptbl_params params = {
		.path = swaptbl_test_disk,
		.count_bits = BITS,
		.discard = discard,
	};

	if (!swaptbl_test_disk)
		kunit_skip(test, "no disk= to overwrite");
	if (discard && !can_discard())
		kunit_skip(test, "the disk cannot discard");
	KUNIT_ASSERT_EQ(test, 0, disk_format(bad, nr_bad));
	return swaptbl_test_device_make(test, &params);
}

static const u32 bad_pages[] = { 1, 2, 77, SLOTS - 1 };

/* A page of the disk as it is, in a folio that goes with the test. */
static struct folio *raw_page(struct kunit *test, struct swaptbl_device *dev,
			      unsigned long offset)
{
	struct folio *folio = swaptbl_test_folio(test, 0);

	KUNIT_ASSERT_EQ(test, 0, page_io(file_bdev(dev->bdev_file), REQ_OP_READ,
					 offset, folio_page(folio, 0)));
	return folio;
}

static bool same_pages(struct folio *a, struct folio *b)
{
	void *x = kmap_local_folio(a, 0), *y = kmap_local_folio(b, 0);
	bool same = !memcmp(x, y, PAGE_SIZE);

	kunmap_local(y);
	kunmap_local(x);
	return same;
}

static void expect_marks(struct kunit *test, struct swaptbl_device *dev)
{
	struct folio *expected = swaptbl_test_folio(test, 0);
	unsigned int i;

	header_make(folio_page(expected, 0), dev->nr_slots, bad_pages,
		    ARRAY_SIZE(bad_pages));
	KUNIT_EXPECT_TRUE(test, same_pages(raw_page(test, dev, 0), expected));
	for (i = 0; i < ARRAY_SIZE(bad_pages); i++) {
		struct folio *folio = raw_page(test, dev, bad_pages[i]);

		KUNIT_EXPECT_TRUE(test,
				  swaptbl_test_page_filled(folio, 0, bad_pages[i],
							   U32_MAX));
	}
}

/* Fill all slots with data, and free them again. */
static void use_all_slots(struct kunit *test, struct swaptbl_device *dev)
{
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned long offset;
	unsigned int nr;

	for (nr = 0; !swaptbl_folio_alloc_swap_on(dev, folio); nr++) {
		swaptbl_test_fill(folio, swaptbl_test_offset(folio));
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL,
								GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	}
	KUNIT_EXPECT_EQ(test, nr, dev->nr_slots - dev->nr_bad);
	for (offset = 1; offset < dev->nr_slots; offset++)
		if (swaptbl_count(dev, offset))
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_put_entries(dev, offset, 1));
	flush_work(&dev->discard_work);
	swaptbl_expect_verified(test, dev);
}

static void header_is_obeyed(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device_disk(test, false,
							      bad_pages, 4);

	KUNIT_EXPECT_EQ(test, dev->nr_bad, 5);
	use_all_slots(test, dev);
	expect_marks(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_DISCARD), 0);
}

/* As swapon would find it: slot n is page n of the disk. */
static void slot_is_page_of_disk(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device_disk(test, false, NULL,
							      0);
	unsigned long offset = swaptbl_test_evicted(test, dev, 3, 21);
	unsigned int i;

	for (i = 0; i < 8; i++) {
		struct folio *folio = raw_page(test, dev, offset + i);

		KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, i, 21));
	}
}

static struct swaptbl_device *discarding(struct kunit *test)
{
	return swaptbl_test_device_disk(test, true, bad_pages,
					ARRAY_SIZE(bad_pages));
}

static void bad_slots_are_not_discarded(struct kunit *test)
{
	struct swaptbl_spy *spy = swaptbl_spy_alloc(test);
	struct swaptbl_device *dev = discarding(test);
	unsigned int i;

	swaptbl_spy_on(spy, dev);
	use_all_slots(test, dev);
	KUNIT_EXPECT_GT(test, spy->discards, 0);
	KUNIT_EXPECT_LT(test, spy->discards, SWAPTBL_SPY_RUNS);
	KUNIT_EXPECT_FALSE(test, spy->atomic);
	KUNIT_EXPECT_FALSE(test, swaptbl_spy_discarded(spy, 0));
	for (i = 0; i < ARRAY_SIZE(bad_pages); i++)
		KUNIT_EXPECT_FALSE(test, swaptbl_spy_discarded(spy, bad_pages[i]));
	/* 3 to 76, 78 to the last but one; then the other clusters. */
	KUNIT_EXPECT_TRUE(test, swaptbl_spy_discarded(spy, 3));
	KUNIT_EXPECT_TRUE(test, swaptbl_spy_discarded(spy, 78));
	KUNIT_EXPECT_TRUE(test, swaptbl_spy_discarded(spy, dev->nr_slots - 2));
	KUNIT_EXPECT_FALSE(test, swaptbl_spy_discarded(spy, dev->nr_slots));
	expect_marks(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_DISCARD_ERROR),
			0);
}

/* Written after a discard, read as written. */
static void discarded_slots_serve_again(struct kunit *test)
{
	struct swaptbl_device *dev = discarding(test);
	unsigned long offset;
	u32 seed;

	for (seed = 0; seed < 3; seed++) {
		use_all_slots(test, dev);
		offset = swaptbl_test_evicted(test, dev, 4, seed);
		swaptbl_test_expect_stored(test, dev, offset, 16, seed);
		KUNIT_EXPECT_EQ(test, 0,
				swaptbl_put_entries_direct(swp_entry(dev->type,
								     offset),
							   16));
	}
	expect_marks(test, dev);
	KUNIT_EXPECT_GT(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_DISCARD), 2);
}

static void destroy_flushes(struct kunit *test)
{
	struct swaptbl_spy *spy = swaptbl_spy_alloc(test);
	struct swaptbl_device *dev = swaptbl_test_device_disk(test, false, NULL,
							      0);

	swaptbl_spy_on(spy, dev);
	swaptbl_test_evicted(test, dev, 0, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
	KUNIT_EXPECT_EQ(test, spy->flushes, 1);
}

/* Requests under way hold the device until they have ended. */
static void destroy_waits_for_writes(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device_disk(test, false, NULL,
							      0);
	struct folio *folio[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(folio); i++) {
		folio[i] = swaptbl_test_bound(test, dev, 2);
		swaptbl_test_fill(folio[i], i);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio[i], NULL,
								GFP_KERNEL));
	}
	for (i = 0; i < ARRAY_SIZE(folio); i++)
		KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(folio[i]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
	for (i = 0; i < ARRAY_SIZE(folio); i++) {
		folio_lock(folio[i]);
		KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio[i]));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio[i]), 1);
	}
}

static void disk_serves_one_device(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device_disk(test, false, NULL,
							      0);
	const struct swaptbl_params params = {
		.path = swaptbl_test_disk,
		.count_bits = BITS,
	};
	unsigned long offset = swaptbl_test_evicted(test, dev, 0, 4);
	struct swaptbl_device *other;
	const char *why = NULL;

	swaptbl_test_fs_swap(swaptbl_test_disk);
	other = swaptbl_device_create(&params, &why);
	swaptbl_test_fs_swap(swaptbl_test_disk);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(other), -EBUSY);
	KUNIT_EXPECT_NOT_NULL(test, why);
	swaptbl_test_expect_stored(test, dev, offset, 1, 4);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
	dev = swaptbl_test_device_make(test, &params);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_store_bdev_cases[] = {
	KUNIT_CASE(header_is_obeyed),
	KUNIT_CASE(slot_is_page_of_disk),
	KUNIT_CASE(bad_slots_are_not_discarded),
	KUNIT_CASE(discarded_slots_serve_again),
	KUNIT_CASE(destroy_flushes),
	KUNIT_CASE(destroy_waits_for_writes),
	KUNIT_CASE(disk_serves_one_device),
	{}
};

static struct kunit_suite swaptbl_store_bdev_suite = {
	.name = "swaptbl_store_bdev",
	.suite_init = swaptbl_test_fs_init,
	.test_cases = swaptbl_store_bdev_cases,
};

kunit_test_suite(swaptbl_store_bdev_suite);
