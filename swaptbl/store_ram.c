// SPDX-License-Identifier: GPL-2.0
/*
 * Memory as a store: an xarray of pages by slot.
 *
 * A page is allocated when its slot is first written, and freed when the cluster
 * is discarded after its last slot was freed.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/xarray.h>

#include "device.h"
#include "store.h"
#include "sync.h"

/* Writes are part of making memory free: they must not wait for others of it. */
#define GFP_STORE	(GFP_NOIO | __GFP_HIGHMEM | __GFP_NOWARN)

static struct page *page_of(struct swaptbl_device *dev, unsigned long offset)
{
	struct page *page = xa_load(&dev->pages, offset);
	int err;

	if (page)
		return page;
	if (swaptbl_should_fail(SWAPTBL_MEM_STORE, GFP_STORE))
		return NULL;
	page = alloc_page(GFP_STORE);
	if (!page)
		return NULL;
	err = xa_err(xa_store(&dev->pages, offset, page, GFP_NOIO));
	if (!err)
		return page;
	__free_page(page);
	return NULL;
}

static int ram_write(struct swaptbl_io *io, unsigned int i)
{
	struct page *page = page_of(io->dev, io->offset + i);

	if (!page)
		return -ENOMEM;
	copy_highpage(page, folio_page(io->folio, i));
	return 0;
}

/* No page: swaptbl_cache_del_folio() let go of a folio that was never written. */
static int ram_read(struct swaptbl_io *io, unsigned int i)
{
	struct page *page = xa_load(&io->dev->pages, io->offset + i);

	if (!page)
		return -EIO;
	copy_highpage(folio_page(io->folio, i), page);
	return 0;
}

static void ram_submit(struct swaptbl_io *io)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < folio_nr_pages(io->folio); i++)
		err = io->op == SWAPTBL_IO_READ ? ram_read(io, i) :
						  ram_write(io, i);
	swaptbl_io_end(io, err);
}

static void free_range(struct swaptbl_device *dev, unsigned long first,
		       unsigned long last)
{
	struct page *page;
	unsigned long i;

	xa_for_each_range(&dev->pages, i, page, first, last) {
		xa_erase(&dev->pages, i);
		__free_page(page);
	}
}

static int ram_discard(struct swaptbl_device *dev, unsigned long offset,
		       unsigned int nr)
{
	free_range(dev, offset, offset + nr - 1);
	return 0;
}

static int ram_flush(struct swaptbl_device *dev)
{
	return 0;
}

static void ram_close(struct swaptbl_device *dev)
{
	free_range(dev, 0, ULONG_MAX);
}

const struct swaptbl_store_ops swaptbl_store_ram = {
	.name = "ram",
	.submit = ram_submit,
	.discard = ram_discard,
	.flush = ram_flush,
	.close = ram_close,
};
