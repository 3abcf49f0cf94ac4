// SPDX-License-Identifier: GPL-2.0
/*
 * A block device as a store. Its swap header is read, nothing is written.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/gfp.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "device.h"
#include "header.h"
#include "store.h"
#include "store_bdev.h"
#include "sync.h"

/*
 * Enough to see a header that was made for the largest usual page size, and
 * whole blocks of every size that the block layer has.
 */
#define READ_SIZE	max_t(size_t, SZ_64K, PAGE_SIZE)

static const char *why_not_opened(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENOTDIR:
		return "no such file";
	case -ENOTBLK:
		return "not a block device";
	case -EBUSY:
		return "in use: mounted, swapped on, or claimed by another driver";
	case -EROFS:
		return "the block device is read-only";
	case -EACCES:
	case -EPERM:
		return "access to the block device is denied";
	case -ENXIO:
	case -ENODEV:
		return "no device behind this block device file";
	case -ENOMEDIUM:
		return "no medium in the device";
	default:
		return "cannot open the block device";
	}
}

static int attach_pages(struct bio *bio, size_t len)
{
	struct page *page;
	size_t done, part;

	for (done = 0; done < len; done += part) {
		page = NULL;
		if (!swaptbl_should_fail(SWAPTBL_MEM_HEADER, GFP_KERNEL))
			page = alloc_page(GFP_KERNEL);
		if (!page)
			return -ENOMEM;
		part = min_t(size_t, len - done, PAGE_SIZE);
		__bio_add_page(bio, page, part, 0);
	}
	return 0;
}

static void copy_pages(struct bio *bio, char *buf)
{
	struct bvec_iter_all iter;
	struct bio_vec *bv;

	bio_for_each_segment_all(bv, bio, iter) {
		memcpy_from_bvec(buf, bv);
		buf += bv->bv_len;
	}
}

static int read_start(struct block_device *bdev, void *buf, size_t len)
{
	struct bio *bio;
	int err;

	bio = bio_alloc(bdev, DIV_ROUND_UP(len, PAGE_SIZE), REQ_OP_READ,
			GFP_KERNEL);
	err = attach_pages(bio, len);
	if (!err)
		err = submit_bio_wait(bio);
	if (!err)
		copy_pages(bio, buf);
	bio_free_pages(bio);
	bio_put(bio);
	return err;
}

static int read_header(struct block_device *bdev, void *buf,
		       struct swaptbl_header *header, const char **why)
{
	u64 bytes = bdev_nr_bytes(bdev);
	size_t len = min_t(u64, bytes, READ_SIZE);
	int err = 0;

	/* Only whole blocks can be read. */
	len = round_down(len, bdev_logical_block_size(bdev));
	if (len)
		err = read_start(bdev, buf, len);
	if (!err)
		return swaptbl_header_parse(buf, len, bytes, header, why);
	*why = err == -ENOMEM ? "no memory to read the swap header" :
				"cannot read the swap header";
	return err;
}

static int load_header(struct swaptbl_device *dev, const char **why)
{
	void *buf = NULL;
	int err = -ENOMEM;

	if (!swaptbl_should_fail(SWAPTBL_MEM_HEADER, GFP_KERNEL))
		buf = kvmalloc(READ_SIZE, GFP_KERNEL);
	if (buf)
		err = read_header(file_bdev(dev->bdev_file), buf, &dev->header,
				  why);
	else
		*why = "no memory to read the swap header";
	kvfree(buf);
	return err;
}

/* A slot could not be written alone. */
static int check_blocks(struct block_device *bdev, const char **why)
{
	if (bdev_logical_block_size(bdev) <= PAGE_SIZE)
		return 0;
	*why = "the blocks of the block device are larger than a page";
	return -EINVAL;
}

/**
 * swaptbl_bdev_open() - claim a block device and read its swap header
 * @dev: device in setup; gets the opened file and the header
 * @path: of the block device
 * @why: set to a static text on failure
 *
 * The claim is exclusive: swapon and mount are refused until it is dropped.
 *
 * Context: Process context. May sleep.
 * Return: 0; -EINVAL if its blocks are larger than a page; -ENOTBLK, -EBUSY and what
 * else opening gives; -EIO and what else reading gives; -ENOMEM; or the result of
 * swaptbl_header_parse().
 */
int swaptbl_bdev_open(struct swaptbl_device *dev, const char *path,
		      const char **why)
{
	struct file *file;
	int err;

	file = bdev_file_open_by_path(path, BLK_OPEN_READ | BLK_OPEN_WRITE, dev,
				      NULL);
	if (IS_ERR(file)) {
		*why = why_not_opened(PTR_ERR(file));
		return PTR_ERR(file);
	}
	dev->bdev_file = file;
	err = check_blocks(file_bdev(file), why) ?: load_header(dev, why);
	if (err)
		swaptbl_bdev_close(dev);
	return err;
}

/**
 * swaptbl_bdev_close() - undo swaptbl_bdev_open()
 * @dev: device, also one without a block device
 *
 * Context: Process context. May sleep.
 */
void swaptbl_bdev_close(struct swaptbl_device *dev)
{
	if (dev->bdev_file)
		bdev_fput(dev->bdev_file);
	dev->bdev_file = NULL;
	swaptbl_header_release(&dev->header);
}

static struct block_device *bdev_of(struct swaptbl_device *dev)
{
	return file_bdev(dev->bdev_file);
}

static sector_t sector_of(unsigned long offset)
{
	return (sector_t)offset << (PAGE_SHIFT - SECTOR_SHIFT);
}

/* Whatever the disk says: to who asked for the data it is one thing. */
static void bdev_end_io(struct bio *bio)
{
	struct swaptbl_io *io = container_of(bio, struct swaptbl_io, bio);
	int err = bio->bi_status ? -EIO : 0;

	bio_uninit(bio);
	swaptbl_io_end_any(io, err);
}

static void bdev_submit(struct swaptbl_io *io)
{
	enum req_op op = io->op == SWAPTBL_IO_READ ? REQ_OP_READ : REQ_OP_WRITE;
	struct bio *bio = &io->bio;

	bio_init(bio, bdev_of(io->dev), &io->bvec, 1, op | REQ_SWAP);
	bio->bi_iter.bi_sector = sector_of(io->offset);
	bio->bi_end_io = bdev_end_io;
	bio_add_folio_nofail(bio, io->folio, folio_size(io->folio), 0);
	submit_bio(bio);
}

static int bdev_discard(struct swaptbl_device *dev, unsigned long offset,
			unsigned int nr)
{
	return blkdev_issue_discard(bdev_of(dev), sector_of(offset),
				    sector_of(nr), GFP_NOIO);
}

static int bdev_flush(struct swaptbl_device *dev)
{
	return blkdev_issue_flush(bdev_of(dev));
}

const struct swaptbl_store_ops swaptbl_store_bdev = {
	.name = "bdev",
	.submit = bdev_submit,
	.discard = bdev_discard,
	.flush = bdev_flush,
	.close = swaptbl_bdev_close,
};
