// SPDX-License-Identifier: GPL-2.0
/*
 * How the pages of a data file come into slots and to the store.
 *
 * A write into a hole takes a folio as large as the place in the file allows and
 * binds it to slots before anything is copied: if there is no space, this write
 * says so. Pages of the folio become part of the file, and their slots get a count,
 * as they are written. Between two writes the folio is in the cache as any other;
 * it may be evicted, and then the fill is over.
 *
 * Full folios are sent to the store without waiting. A write that fails leaves its
 * folio in the cache, where reads find it; nothing is lost.
 */
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/uio.h>

#include "count.h"
#include "data.h"
#include "data_fill.h"
#include "data_map.h"
#include "device.h"
#include "evict.h"
#include "folio.h"
#include "sync.h"

static loff_t fill_start(const struct swaptbl_fill *fill)
{
	return (loff_t)fill->index << PAGE_SHIFT;
}

/* These pages belong to no task: killing one would not help. */
static struct folio *folio_new(unsigned int order)
{
	gfp_t gfp = GFP_HIGHUSER | __GFP_NOWARN |
		    (order ? __GFP_NORETRY : __GFP_RETRY_MAYFAIL);

	if (swaptbl_should_fail(SWAPTBL_MEM_DATA, gfp))
		return NULL;
	return folio_alloc(gfp, order);
}

/*
 * The largest folio that begins at @index, overlaps nothing, and is not larger than
 * what is written at once, unless more is likely to follow.
 */
static unsigned int fill_order(struct swaptbl_device *dev, loff_t pos,
			       size_t count)
{
	struct swaptbl_data *data = dev->data;
	unsigned int order = READ_ONCE(dev->data_order);
	pgoff_t index = pos >> PAGE_SHIFT, next;
	unsigned long pages = DIV_ROUND_UP(offset_in_page(pos) + count,
					   PAGE_SIZE);

	if (index)
		order = min_t(unsigned int, order, __ffs(index));
	if (pos != data->fill.end && pos != data->size)
		order = min_t(unsigned int, order, ilog2(pages));
	next = swaptbl_map_next(data, index, index + BIT(order));
	return min_t(unsigned int, order, ilog2(next - index));
}

static int fill_try(struct swaptbl_device *dev, loff_t pos, unsigned int order)
{
	struct swaptbl_fill *fill = &dev->data->fill;
	struct folio *folio = folio_new(order);
	int err;

	if (!folio)
		return -ENOMEM;
	folio_lock(folio);
	swaptbl_folio_init(folio);
	err = swaptbl_folio_alloc_swap_on(dev, folio);
	if (err) {
		folio_unlock(folio);
		folio_put(folio);
		return err;
	}
	folio_zero_range(folio, 0, offset_in_page(pos));
	*fill = (struct swaptbl_fill){
		.folio = folio,
		.slot = swp_offset(folio->swap),
		.index = pos >> PAGE_SHIFT,
		.end = pos,
	};
	return 0;
}

/* Leaves the folio locked. */
static int fill_begin(struct swaptbl_device *dev, loff_t pos, size_t count)
{
	unsigned int order = fill_order(dev, pos, count);
	int err;

	for (;;) {
		err = fill_try(dev, pos, order);
		if (!order || (err != -E2BIG && err != -ENOMEM))
			return err;
		order--;
	}
}

/* What was filled stays in the file, and is now all that the folio had to get. */
static struct folio *fill_take(struct swaptbl_data *data)
{
	struct swaptbl_fill *fill = &data->fill;
	struct folio *folio = fill->folio;

	fill->folio = NULL;
	if (fill->nr && fill->nr < folio_nr_pages(folio))
		swaptbl_map_cut(data, fill->index, fill->nr);
	return folio;
}

static void folio_release(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
}

/* With the folio locked, which it is not on return. */
static void fill_close(struct swaptbl_device *dev)
{
	bool empty = !dev->data->fill.nr;
	struct folio *folio = fill_take(dev->data);

	if (!empty) {
		swaptbl_flight_send(dev->data, folio);
		return;
	}
	/* No slot got a count. If the device is going, they go with it. */
	swaptbl_folio_free_swap(folio);
	folio_release(folio);
}

/* Return: 0 with the folio locked; -EAGAIN if it was evicted; -EINTR. */
static int fill_lock(struct swaptbl_device *dev)
{
	struct swaptbl_fill *fill = &dev->data->fill;

	if (folio_lock_killable(fill->folio))
		return -EINTR;
	if (swaptbl_folio_has(fill->folio, dev->type, fill->slot))
		return 0;
	folio_release(fill_take(dev->data));
	return -EAGAIN;
}

/**
 * swaptbl_fill_end() - stop to fill a folio
 * @dev: the device of the data file
 *
 * What was filled is sent to the store. Does nothing if no folio is being filled.
 *
 * Context: Process context. May sleep. Expects dev->data->lock to be held by caller
 * for a change.
 */
void swaptbl_fill_end(struct swaptbl_device *dev)
{
	if (!dev->data->fill.folio)
		return;
	switch (fill_lock(dev)) {
	case 0:
		fill_close(dev);
		break;
	case -EINTR:
		folio_put(fill_take(dev->data));
		break;
	}
}

/* Make the pages that have bytes before @end of the folio part of the file. */
static int fill_extend(struct swaptbl_device *dev, size_t end)
{
	struct swaptbl_fill *fill = &dev->data->fill;
	unsigned int nr = DIV_ROUND_UP(end, PAGE_SIZE), more = nr - fill->nr;
	struct swaptbl_place place = {
		.slot = fill->slot + fill->nr,
		.order = folio_order(fill->folio),
	};
	int err;

	if (nr == fill->nr)
		return 0;
	err = swaptbl_dup_entries(dev, place.slot, more, SWAPTBL_DUP_CACHED,
				  GFP_KERNEL);
	if (err)
		return err;
	err = swaptbl_map_add(dev->data, fill->index + fill->nr, more, place);
	if (!err)
		fill->nr = nr;
	else
		swaptbl_put_entries(dev, place.slot, more);
	return err;
}

/* Nobody may see, and no store get, what the pages held before. */
static void fill_zero(struct swaptbl_fill *fill, size_t from)
{
	folio_zero_range(fill->folio, from, folio_size(fill->folio) - from);
	fill->zeroed = true;
}

/**
 * swaptbl_fill_copy() - copy into a folio
 * @folio: the folio
 * @offset: where to in it, in bytes
 * @len: how many bytes, not beyond its end
 * @iter: where from
 *
 * In one go, but where pages have no address of their own.
 *
 * Context: Process context. May sleep.
 * Return: bytes copied, less than @len if the rest cannot be read.
 */
size_t swaptbl_fill_copy(struct folio *folio, size_t offset, size_t len,
			 struct iov_iter *iter)
{
	if (folio_test_highmem(folio))
		return copy_folio_from_iter(folio, offset, len, iter);
	return copy_from_iter(folio_address(folio) + offset, len, iter);
}

/* No page fault needs the folio's lock: it is mapped nowhere. */
static ssize_t fill_some(struct swaptbl_device *dev, struct iov_iter *iter,
			 loff_t pos)
{
	struct swaptbl_fill *fill = &dev->data->fill;
	size_t offset = pos - fill_start(fill);
	size_t len = min(iov_iter_count(iter),
			 folio_size(fill->folio) - offset);
	size_t copied = swaptbl_fill_copy(fill->folio, offset, len, iter);
	int err = copied ? fill_extend(dev, offset + copied) : -EFAULT;

	if (err) {
		iov_iter_revert(iter, copied);
		fill_zero(fill, offset);
		return err;
	}
	if (copied < len || !fill->zeroed)
		fill_zero(fill, offset + copied);
	fill->end = pos + copied;
	folio_set_dirty(fill->folio);
	return copied;
}

/**
 * swaptbl_fill_write() - write where a data file has a hole, or its fill goes on
 * @dev: the device of the data file
 * @iter: where the data is
 * @pos: position in the file in bytes; the end of the fill if a folio is being
 *	filled, else in a hole
 *
 * Context: Process context. May sleep. Expects dev->data->lock to be held by caller
 * for a change.
 * Return: bytes written, at least one; or, with nothing changed, -EAGAIN if the fill
 * is over, -EINTR if the task was killed while it waited, -EFAULT if the data cannot
 * be read; or as swaptbl_folio_alloc_swap_on() and swaptbl_dup_entries().
 */
ssize_t swaptbl_fill_write(struct swaptbl_device *dev, struct iov_iter *iter,
			   loff_t pos)
{
	struct swaptbl_fill *fill = &dev->data->fill;
	ssize_t ret;

	ret = fill->folio ? fill_lock(dev) :
			    fill_begin(dev, pos, iov_iter_count(iter));
	if (ret)
		return ret;
	ret = fill_some(dev, iter, pos);
	if (!fill->nr ||
	    fill->end == fill_start(fill) + folio_size(fill->folio))
		fill_close(dev);
	else
		folio_unlock(fill->folio);
	return ret;
}

/* A task that is killed need not wait: the folio arrives without it. */
static void flight_pop(struct swaptbl_flight *flight)
{
	struct folio *folio = flight->folio[flight->first];

	folio_wait_locked_killable(folio);
	flight->first = (flight->first + 1) % SWAPTBL_DATA_FLIGHT;
	flight->nr--;
	flight->bytes -= folio_size(folio);
	folio_put(folio);
}

static bool flight_full(const struct swaptbl_flight *flight, size_t more)
{
	return flight->nr == SWAPTBL_DATA_FLIGHT ||
	       (flight->nr && flight->bytes + more > SWAPTBL_DATA_FLIGHT_BYTES);
}

/**
 * swaptbl_flight_send() - send a folio to the store, behind the writer's back
 * @data: the content that it is part of
 * @folio: bound folio; its lock and the caller's reference are handed over
 *
 * Waits for the oldest ones if too many are under way.
 *
 * Context: Process context. May sleep. Expects @data->lock to be held by caller for
 * a change, and the lock of no other folio.
 */
void swaptbl_flight_send(struct swaptbl_data *data, struct folio *folio)
{
	struct swaptbl_flight *flight = &data->flight;

	if (swaptbl_folio_evict_async(folio)) {
		folio_release(folio);
		return;
	}
	while (flight_full(flight, folio_size(folio)))
		flight_pop(flight);
	flight->folio[(flight->first + flight->nr) % SWAPTBL_DATA_FLIGHT] =
		folio;
	flight->nr++;
	flight->bytes += folio_size(folio);
}

/**
 * swaptbl_flight_reap() - let go of the folios that have arrived
 * @data: the content
 *
 * Context: Process context. Expects @data->lock to be held by caller for a change.
 */
void swaptbl_flight_reap(struct swaptbl_data *data)
{
	struct swaptbl_flight *flight = &data->flight;

	while (flight->nr && !folio_test_locked(flight->folio[flight->first]))
		flight_pop(flight);
}

/**
 * swaptbl_flight_drain() - wait for all folios that are under way
 * @data: the content
 *
 * Context: Process context. May sleep, unless the task is killed. Expects
 * @data->lock to be held by caller for a change.
 */
void swaptbl_flight_drain(struct swaptbl_data *data)
{
	while (data->flight.nr)
		flight_pop(&data->flight);
}
