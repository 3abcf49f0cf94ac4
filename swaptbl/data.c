// SPDX-License-Identifier: GPL-2.0
/*
 * The content of a data file: a plain file, as far as its reader and writer see, whose
 * pages are in slots, each with a count that the file owns.
 *
 * New pages are what data_fill.c makes. Here is what finds pages again, changes and
 * drops them.
 */
#include <kunit/visibility.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "compat.h"
#include "count.h"
#include "data.h"
#include "data_fill.h"
#include "data_map.h"
#include "device.h"
#include "folio.h"
#include "geometry.h"
#include "reclaim.h"
#include "stats.h"
#include "swapin.h"
#include "sync.h"

#define GFP_DATA	(GFP_HIGHUSER | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Page numbers do not wrap, not even those a little behind the largest file. */
#define DATA_SIZE_MAX	(MAX_LFS_FILESIZE - SZ_1G)

/* How far a sequential reader's pages are asked for ahead. */
#define AHEAD_PAGES	(SZ_8M >> PAGE_SHIFT)

/* Pages that may stay cached beyond the limit while they are on their way. */
#define FLIGHT_PAGES	(2 * SWAPTBL_DATA_FLIGHT_BYTES >> PAGE_SHIFT)

/* Pages beyond the limit that may wait to be evicted by somebody else. */
#define SHRINK_LAG	AHEAD_PAGES

/* How often in a row to try in vain to evict something. */
#define EVICT_TRIES	3

static int breathe(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static unsigned long cached_beyond(struct swaptbl_device *dev,
				   unsigned long limit)
{
	long cached = swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED);

	return cached > 0 && cached > limit ? cached - limit : 0;
}

/* What does not fit in the cache leaves it, or else stays for the next time. */
static void shrink_now(struct swaptbl_device *dev)
{
	unsigned long nr = cached_beyond(dev, READ_ONCE(dev->cache_max));

	if (nr)
		swaptbl_reclaim_pages(dev, nr);
}

/* A device that goes has no use for it. Its memory stays until this has ended. */
static void shrink_work(struct work_struct *work)
{
	struct swaptbl_data *data = container_of(work, struct swaptbl_data,
						 shrink_work);

	if (!percpu_ref_tryget_live(&data->dev->ref))
		return;
	shrink_now(data->dev);
	swaptbl_device_put(data->dev);
}

/* The reader or writer goes on meanwhile, unless it is too far ahead. */
static void shrink_cache(struct swaptbl_device *dev)
{
	unsigned long nr = cached_beyond(dev, READ_ONCE(dev->cache_max));

	if (nr > SHRINK_LAG)
		swaptbl_reclaim_pages(dev, nr - SHRINK_LAG);
	if (nr)
		queue_work(system_dfl_wq, &dev->data->shrink_work);
}

/**
 * swaptbl_data_create() - make the content of a data file
 * @dev: device in setup
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int swaptbl_data_create(struct swaptbl_device *dev)
{
	struct swaptbl_data *data = NULL;

	if (!swaptbl_should_fail(SWAPTBL_MEM_DATA, GFP_KERNEL))
		data = kzalloc_obj(*data);
	if (!data)
		return -ENOMEM;
	init_rwsem(&data->lock);
	xa_init(&data->map);
	INIT_WORK(&data->shrink_work, shrink_work);
	data->dev = dev;
	dev->data = data;
	return 0;
}

/**
 * swaptbl_data_destroy() - undo swaptbl_data_create()
 * @dev: device that nobody can reach, with no slot used; also one without content
 *
 * Context: Process context. May sleep.
 */
void swaptbl_data_destroy(struct swaptbl_device *dev)
{
	struct swaptbl_data *data = dev->data;

	if (!data)
		return;
	cancel_work_sync(&data->shrink_work);
	if (data->fill.folio)
		folio_put(data->fill.folio);
	swaptbl_flight_drain(data);
	xa_destroy(&data->map);
	kfree(data);
	dev->data = NULL;
}

/**
 * swaptbl_data_size() - size of a data file
 * @dev: the device
 *
 * Context: Process context. May sleep. The caller has a reference to @dev. Takes and
 * releases dev->data->lock.
 * Return: bytes.
 */
loff_t swaptbl_data_size(struct swaptbl_device *dev)
{
	loff_t size;

	down_read(&dev->data->lock);
	size = dev->data->size;
	up_read(&dev->data->lock);
	return size;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_data_size);

static long write_errors(struct swaptbl_device *dev)
{
	return swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE_ERROR);
}

/*
 * Folios that cannot be written must not pile up without end. Those that somebody
 * else is evicting are no reason to give up.
 */
static int make_room(struct swaptbl_device *dev)
{
	unsigned long limit = READ_ONCE(dev->cache_max) + FLIGHT_PAGES, nr;
	long errors = write_errors(dev);
	unsigned int vain = 0;

	while ((nr = cached_beyond(dev, limit)) && vain < EVICT_TRIES) {
		if (fatal_signal_pending(current))
			return -EINTR;
		swaptbl_flight_drain(dev->data);
		if (!swaptbl_reclaim_pages(dev, nr))
			vain++;
	}
	return nr && write_errors(dev) != errors ? -EIO : 0;
}

/* Folios up to @order in which a page was written. */
static unsigned long orders_upto(unsigned int order)
{
	return GENMASK(order, 0);
}

/**
 * struct span - bytes of a file that are in one folio
 * @folio: locked, with a reference
 * @offset: in the folio, in bytes
 * @len: how many
 */
struct span {
	struct folio *folio;
	size_t offset;
	size_t len;
};

/*
 * The neighbours of a page in the folio are its neighbours in the file as far as the
 * order goes that they were written with.
 */
static int span_get(struct swaptbl_device *dev, loff_t pos,
		    struct swaptbl_place place, struct span *span)
{
	unsigned long index = pos >> PAGE_SHIFT, run = BIT(place.order);
	struct folio *folio;
	unsigned long first;

	folio = swaptbl_swapin(swp_entry(dev->type, place.slot),
			       orders_upto(place.order), GFP_DATA);
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	first = place.slot - swp_offset(folio->swap);
	run = min(run - (index & (run - 1)), folio_nr_pages(folio) - first);
	span->folio = folio;
	span->offset = (first << PAGE_SHIFT) + offset_in_page(pos);
	span->len = (run << PAGE_SHIFT) - offset_in_page(pos);
	return 0;
}

/* In one go, but where pages have no address of their own. */
static size_t copy_out(struct folio *folio, size_t offset, size_t len,
		       struct iov_iter *iter)
{
	if (folio_test_highmem(folio))
		return copy_folio_to_iter(folio, offset, len, iter);
	return copy_to_iter(folio_address(folio) + offset, len, iter);
}

/*
 * No page fault needs the folio's lock: it is mapped nowhere. It is held so that no
 * half of what is copied gets to the store and is taken for clean.
 */
static ssize_t overwrite(struct swaptbl_device *dev, struct iov_iter *iter,
			 loff_t pos, struct swaptbl_place place)
{
	struct span span;
	size_t copied;
	int err = span_get(dev, pos, place, &span);

	if (err)
		return err;
	copied = swaptbl_fill_copy(span.folio, span.offset,
				   min(span.len, iov_iter_count(iter)), iter);
	if (copied)
		folio_set_dirty(span.folio);
	swaptbl_flight_send(dev->data, span.folio);
	return copied ?: -EFAULT;
}

static ssize_t write_some(struct swaptbl_device *dev, struct iov_iter *iter,
			  loff_t pos)
{
	struct swaptbl_data *data = dev->data;
	struct swaptbl_place place;
	int err = make_room(dev);

	if (err)
		return err;
	if (data->fill.folio && pos == data->fill.end)
		return swaptbl_fill_write(dev, iter, pos);
	swaptbl_fill_end(dev);
	if (swaptbl_map_find(data, pos >> PAGE_SHIFT, &place))
		return overwrite(dev, iter, pos, place);
	return swaptbl_fill_write(dev, iter, pos);
}

/* Return: bytes written; *@err says why they are not all. */
static size_t write_all(struct swaptbl_device *dev, struct iov_iter *iter,
			loff_t pos, int *err)
{
	struct swaptbl_data *data = dev->data;
	size_t done = 0;
	ssize_t ret;

	while (!*err && iov_iter_count(iter)) {
		ret = write_some(dev, iter, pos + done);
		if (ret > 0) {
			done += ret;
			data->size = max_t(loff_t, data->size, pos + done);
		} else if (ret != -EAGAIN) {
			*err = ret;
		}
		*err = *err ?: breathe();
	}
	return done;
}

/**
 * swaptbl_data_write() - write to a data file
 * @dev: the device
 * @iter: where the data is
 * @pos: position in the file, in bytes
 *
 * The data may be on its way to the store on return. If it does not get there, it
 * stays in the cache.
 *
 * Context: Process context. May sleep. The caller has a reference to @dev. Takes and
 * releases dev->data->lock.
 * Return: bytes written; or, if none was, -EFBIG if the file would be too large,
 * -EINTR if the task was killed, -EFAULT if the data cannot be read, -EIO if what is
 * in the place cannot be read or the cache is full of what cannot be written, -ENOSPC
 * or -ENOMEM; or else as swaptbl_folio_alloc_swap_on() and swaptbl_swapin().
 */
ssize_t swaptbl_data_write(struct swaptbl_device *dev, struct iov_iter *iter,
			   loff_t pos)
{
	struct swaptbl_data *data = dev->data;
	struct blk_plug plug;
	size_t done;
	int err = 0;

	if (pos < 0 || pos > DATA_SIZE_MAX ||
	    iov_iter_count(iter) > DATA_SIZE_MAX - pos)
		return -EFBIG;
	if (down_write_killable(&data->lock))
		return -EINTR;
	swaptbl_flight_reap(data);
	blk_start_plug(&plug);
	done = write_all(dev, iter, pos, &err);
	blk_finish_plug(&plug);
	up_write(&data->lock);
	shrink_cache(dev);
	return done ?: err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_data_write);

/* More than half of the cache would be evicted before it was read. */
static unsigned long ahead_max(struct swaptbl_device *dev)
{
	return min_t(unsigned long, AHEAD_PAGES, READ_ONCE(dev->cache_max) / 2);
}

/* The page to ask for first; @end if enough was asked for already. */
static pgoff_t ahead_from(struct swaptbl_device *dev, pgoff_t index, pgoff_t end,
			  const struct swaptbl_reader *reader)
{
	pgoff_t ahead = READ_ONCE(reader->ahead);

	/* It may be more than asked for by as much as a folio, or be of long ago. */
	if (READ_ONCE(reader->next) != index || ahead <= index ||
	    ahead - index > AHEAD_PAGES + SWAPTBL_CLUSTER_SLOTS)
		return index;
	return ahead - index > ahead_max(dev) / 2 ? end : ahead;
}

/*
 * All of this is a hint: what fails now fails again, and is told, when it is wanted.
 */
static void ahead_ask(struct swaptbl_device *dev, pgoff_t from, pgoff_t end,
		      struct swaptbl_reader *reader)
{
	struct swaptbl_place place;
	struct blk_plug plug;

	blk_start_plug(&plug);
	while (from < end) {
		from = swaptbl_map_next(dev->data, from, end);
		if (from == end ||
		    !swaptbl_map_find(dev->data, from, &place) ||
		    swaptbl_swapin_async(swp_entry(dev->type, place.slot),
					 orders_upto(place.order), GFP_DATA))
			break;
		from = round_down(from, BIT(place.order)) + BIT(place.order);
		WRITE_ONCE(reader->ahead, from);
	}
	blk_finish_plug(&plug);
}

/*
 * Ask for the pages from @index on that this read will want, which ends before page
 * @want; and, if it goes on where the last one ended, for those of the next ones.
 */
static void read_ahead(struct swaptbl_device *dev, pgoff_t index, pgoff_t want,
		       struct swaptbl_reader *reader)
{
	pgoff_t last = DIV_ROUND_UP_ULL(dev->data->size, PAGE_SIZE);
	bool sequential = !index || READ_ONCE(reader->next) == index;
	pgoff_t end = min(index + ahead_max(dev), sequential ? last : want);

	ahead_ask(dev, ahead_from(dev, index, end, reader), end, reader);
}

static ssize_t read_hole(struct swaptbl_data *data, struct iov_iter *iter,
			 loff_t pos)
{
	size_t len = iov_iter_count(iter);
	pgoff_t next = swaptbl_map_next(data, pos >> PAGE_SHIFT,
					((pos + len - 1) >> PAGE_SHIFT) + 1);

	len = min_t(loff_t, len, ((loff_t)next << PAGE_SHIFT) - pos);
	return iov_iter_zero(len, iter) ?: -EFAULT;
}

/* The reference keeps the data; whoever would change it waits for the file. */
static ssize_t read_some(struct swaptbl_device *dev, struct iov_iter *iter,
			 loff_t pos)
{
	struct swaptbl_place place;
	struct span span;
	size_t copied;
	int err;

	if (!swaptbl_map_find(dev->data, pos >> PAGE_SHIFT, &place))
		return read_hole(dev->data, iter, pos);
	err = span_get(dev, pos, place, &span);
	if (err)
		return err;
	folio_unlock(span.folio);
	copied = copy_out(span.folio, span.offset,
			  min(span.len, iov_iter_count(iter)), iter);
	folio_put(span.folio);
	return copied ?: -EFAULT;
}

/* Return: bytes read; *@err says why they are not all. */
static size_t read_all(struct swaptbl_device *dev, struct iov_iter *iter,
		       loff_t pos, struct swaptbl_reader *reader, int *err)
{
	pgoff_t want = ((pos + iov_iter_count(iter) - 1) >> PAGE_SHIFT) + 1;
	size_t done = 0;
	ssize_t ret;

	while (!*err && iov_iter_count(iter)) {
		read_ahead(dev, (pos + done) >> PAGE_SHIFT, want, reader);
		ret = read_some(dev, iter, pos + done);
		if (ret > 0)
			done += ret;
		else
			*err = ret;
		WRITE_ONCE(reader->next, (pos + done) >> PAGE_SHIFT);
		*err = *err ?: breathe();
	}
	return done;
}

static ssize_t read_locked(struct swaptbl_device *dev, struct iov_iter *iter,
			   loff_t pos, struct swaptbl_reader *reader)
{
	loff_t size = dev->data->size;
	size_t done;
	int err = 0;

	if (pos >= size || !iov_iter_count(iter))
		return 0;
	iov_iter_truncate(iter, size - pos);
	done = read_all(dev, iter, pos, reader, &err);
	return done ?: err;
}

/**
 * swaptbl_data_read() - read from a data file
 * @dev: the device
 * @iter: where the data goes
 * @pos: position in the file, in bytes
 * @reader: what the reader did before
 *
 * Holes read as zeroes.
 *
 * Context: Process context. May sleep. The caller has a reference to @dev. Takes and
 * releases dev->data->lock.
 * Return: bytes read, 0 at the end of the file; or, if none was, -EINVAL if @pos is
 * negative, -EINTR if the task was killed, -EFAULT if @iter cannot be written; or as
 * swaptbl_swapin().
 */
ssize_t swaptbl_data_read(struct swaptbl_device *dev, struct iov_iter *iter,
			  loff_t pos, struct swaptbl_reader *reader)
{
	ssize_t ret;

	if (pos < 0)
		return -EINVAL;
	if (down_read_killable(&dev->data->lock))
		return -EINTR;
	ret = read_locked(dev, iter, pos, reader);
	up_read(&dev->data->lock);
	shrink_cache(dev);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_data_read);

/**
 * swaptbl_data_flush() - send what was written to the store, and wait
 * @dev: the device
 *
 * What cannot be written stays in the cache.
 *
 * Context: Process context. May sleep. The caller has a reference to @dev. Takes and
 * releases dev->data->lock.
 * Return: 0; -EINTR if the task was killed.
 */
int swaptbl_data_flush(struct swaptbl_device *dev)
{
	struct swaptbl_data *data = dev->data;

	if (down_write_killable(&data->lock))
		return -EINTR;
	swaptbl_fill_end(dev);
	swaptbl_flight_drain(data);
	up_write(&data->lock);
	return breathe();
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_data_flush);

/* Somebody may have dropped counts of the file behind its back: drop the others. */
static void put_run(struct swaptbl_device *dev, unsigned long slot,
		    unsigned int nr)
{
	unsigned int i;

	if (swaptbl_put_entries(dev, slot, nr))
		for (i = 0; i < nr; i++)
			swaptbl_put_entries(dev, slot + i, 1);
	swaptbl_reclaim_range(dev, slot, nr);
}

static int drop_all(struct swaptbl_device *dev)
{
	struct swaptbl_data *data = dev->data;
	struct swaptbl_place place;
	unsigned long index = 0;
	unsigned int nr;
	int err = 0;

	while (!err && xa_find(&data->map, &index, ULONG_MAX, XA_PRESENT)) {
		nr = swaptbl_map_take(data, index, &place);
		put_run(dev, place.slot, nr);
		err = breathe();
	}
	if (!err)
		data->size = 0;
	return err;
}

/**
 * swaptbl_data_truncate() - drop all content of a data file
 * @dev: the device
 *
 * Context: Process context. May sleep. The caller has a reference to @dev. Takes and
 * releases dev->data->lock.
 * Return: 0; -EINTR if the task was killed, with some of the content gone, in whose
 * place there are holes.
 */
int swaptbl_data_truncate(struct swaptbl_device *dev)
{
	struct swaptbl_data *data = dev->data;
	int err;

	if (down_write_killable(&data->lock))
		return -EINTR;
	swaptbl_fill_end(dev);
	/* What is under way is locked, and would stay in the cache. */
	swaptbl_flight_drain(data);
	err = drop_all(dev);
	up_write(&data->lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_data_truncate);
