// SPDX-License-Identifier: GPL-2.0
/*
 * Swap out: from cached to swapped.
 *
 * The folio lock is held from the look at the data until the words have changed,
 * over the write too. So a swap in that comes meanwhile waits for the lock, as for
 * every other change, and finds either the folio still bound or the slot swapped.
 */
#include <kunit/visibility.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/string.h>

#include "cache.h"
#include "charge.h"
#include "cluster.h"
#include "compat.h"
#include "count.h"
#include "device.h"
#include "evict.h"
#include "folio.h"
#include "stats.h"
#include "store.h"
#include "sync.h"
#include "trace.h"
#include "workingset.h"

/* What has to be done to let go of a folio. */
enum evict_how {
	EVICT_DROP,	/* nobody has a count: nothing to keep */
	EVICT_CLEAN,	/* the store has the data */
	EVICT_ZERO,	/* a flag in the words is all the data there is */
	EVICT_WRITE,
};

/**
 * struct evict_wait - who waits for some folios to be evicted
 * @pending: folios under way, and one for the waiter while it adds more
 * @done: completed when none is left
 * @err: the first error
 */
struct evict_wait {
	atomic_t pending;
	struct completion done;
	int err;
};

static void wait_init(struct evict_wait *wait)
{
	atomic_set(&wait->pending, 1);
	init_completion(&wait->done);
	wait->err = 0;
}

static void wait_ended(struct evict_wait *wait, int err)
{
	if (err)
		cmpxchg(&wait->err, 0, err);
	if (atomic_dec_and_test(&wait->pending))
		complete(&wait->done);
}

static int wait_for_all(struct evict_wait *wait)
{
	wait_ended(wait, 0);
	wait_for_completion_io(&wait->done);
	return wait->err;
}

static bool page_is_zero(struct page *page)
{
	void *addr = kmap_local_page(page);
	bool zero = !memchr_inv(addr, 0, PAGE_SIZE);

	kunmap_local(addr);
	return zero;
}

/* Where words have no Z flag, zeroes are data like any other. */
static bool folio_is_zero(struct folio *folio)
{
	long i;

	if (!SWAPTBL_ZERO_FLAG)
		return false;
	for (i = 0; i < folio_nr_pages(folio); i++)
		if (!page_is_zero(folio_page(folio, i)))
			return false;
	return true;
}

static bool __has_counts(struct swaptbl_cluster *ci, unsigned int slot,
			 unsigned int nr)
{
	lockdep_assert_held(&ci->lock);
	while (nr--)
		if (!__swaptbl_cluster_put_check(ci, slot + nr))
			return true;
	return false;
}

/*
 * Slots without a count get none while the folio is locked. That the cluster holds
 * data is noted before the first of it is written.
 */
static enum evict_how decide(struct swaptbl_device *dev, struct folio *folio)
{
	unsigned long offset = swp_offset(folio->swap);
	enum evict_how how = EVICT_CLEAN;
	struct swaptbl_cluster *ci;

	if (folio_test_dirty(folio))
		how = folio_is_zero(folio) ? EVICT_ZERO : EVICT_WRITE;
	ci = swaptbl_cluster_lock(dev, offset);
	if (!__has_counts(ci, swaptbl_slot(offset), folio_nr_pages(folio)))
		how = EVICT_DROP;
	if (how == EVICT_WRITE)
		ci->stored = true;
	swaptbl_cluster_unlock(ci);
	return how;
}

static void __set_zero(struct swaptbl_cluster *ci, unsigned int slot, bool zero)
{
	unsigned long old = __swaptbl_word_get(ci, slot);
	unsigned long new;

	lockdep_assert_held(&ci->lock);
	do {
		new = zero ? old | SWAPTBL_ZERO_FLAG : old & ~SWAPTBL_ZERO_FLAG;
	} while (!__swaptbl_word_try_cmpxchg(ci, slot, &old, new));
}

static void account(struct swaptbl_device *dev, unsigned int nr,
		    enum evict_how how)
{
	if (how == EVICT_DROP)
		return;
	swaptbl_stat_add(dev, SWAPTBL_STAT_EVICT, nr);
	if (how == EVICT_CLEAN)
		swaptbl_stat_add(dev, SWAPTBL_STAT_EVICT_CLEAN, nr);
	else if (how == EVICT_ZERO)
		swaptbl_stat_add(dev, SWAPTBL_STAT_WRITE_ZERO, nr);
}

/*
 * In this order, in one critical section: statistics, owner record, words. What
 * nobody had a count of is not let go if somebody has one now, who took it without
 * the folio lock that this takes: better once more than to lose the data.
 */
static int __commit(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		    struct folio *folio, enum evict_how how)
{
	unsigned int i, slot = swaptbl_slot(swp_offset(folio->swap));
	unsigned int nr = folio_nr_pages(folio);
	struct swaptbl_shadow shadow = {};

	lockdep_assert_held(&ci->lock);
	if (how == EVICT_DROP && __has_counts(ci, slot, nr))
		return -EAGAIN;
	account(dev, nr, how);
	if (how != EVICT_DROP)
		swaptbl_workingset_evict(dev, folio, &shadow);
	for (i = 0; i < nr && (how == EVICT_ZERO || how == EVICT_WRITE); i++)
		__set_zero(ci, slot + i, how == EVICT_ZERO);
	__swaptbl_cache_del_folio(dev, ci, folio, slot, &shadow);
	return 0;
}

static int commit(struct swaptbl_device *dev, struct folio *folio,
		  enum evict_how how)
{
	unsigned long offset = swp_offset(folio->swap);
	unsigned int nr = folio_nr_pages(folio);
	struct swaptbl_cluster *ci;
	int err;

	swaptbl_sync(SWAPTBL_EVICT_WRITTEN);
	ci = swaptbl_cluster_lock(dev, offset);
	err = __commit(dev, ci, folio, how);
	swaptbl_cluster_unlock(ci);
	if (err)
		return err;
	folio_clear_dirty(folio);
	trace_swaptbl_evict(dev->type, offset, nr, how == EVICT_CLEAN,
			    how == EVICT_ZERO);
	swaptbl_folio_unbound(folio);
	folio_put_refs(folio, nr);
	swaptbl_workingset_check(dev, nr);
	return 0;
}

/* Without a waiter the folio was handed over with its lock. */
static void ended(struct folio *folio, struct evict_wait *wait, int err)
{
	if (!wait)
		folio_unlock(folio);
	folio_put(folio);
	if (wait)
		wait_ended(wait, err);
}

static void write_end(struct swaptbl_io *io)
{
	struct evict_wait *wait = io->data;
	struct folio *folio = io->folio;
	int err = io->err;

	if (!err)
		err = commit(io->dev, folio, EVICT_WRITE);
	swaptbl_io_put(io);
	ended(folio, wait, err);
}

static void write_begin(struct swaptbl_device *dev, struct folio *folio,
			struct evict_wait *wait)
{
	struct swaptbl_io *io;

	io = swaptbl_io_alloc(dev, folio, swp_offset(folio->swap),
			      SWAPTBL_IO_WRITE, GFP_NOIO);
	io->data = wait;
	io->end = write_end;
	swaptbl_io_submit(io);
}

static void evict(struct swaptbl_device *dev, struct folio *folio,
		  struct evict_wait *wait)
{
	enum evict_how how;

	do {
		how = decide(dev, folio);
		swaptbl_sync(SWAPTBL_EVICT_CHECKED);
	} while (how != EVICT_WRITE && commit(dev, folio, how));
	if (how == EVICT_WRITE)
		write_begin(dev, folio, wait);
	else
		ended(folio, wait, 0);
}

/* Return: 0 if @wait, or the folio without it, will be told; or an error. */
static int evict_begin(struct folio *folio, struct evict_wait *wait)
{
	struct swaptbl_device *dev;

	if (!folio_test_locked(folio) || !swaptbl_folio_bound(folio))
		return -EINVAL;
	dev = swaptbl_device_get_entry(folio->swap, folio_nr_pages(folio));
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	folio_get(folio);
	if (wait)
		atomic_inc(&wait->pending);
	evict(dev, folio, wait);
	swaptbl_device_put(dev);
	return 0;
}

/**
 * swaptbl_folio_evict() - let go of a folio, with its data in the store
 * @folio: bound folio; it stays locked, and is unbound on success
 *
 * A dirty folio is written, unless it is all zero; a clean one is not. Slots that
 * have a count remember the folio by a shadow, the others are freed. If the write
 * fails, the folio stays as it was: bound, dirty, with its data and its counts.
 *
 * Context: Process context. May sleep. Expects the lock of @folio to be held by
 * caller, who also has a reference to it.
 * Return: 0; -EINVAL if @folio is not locked or bound to no slot; -ENODEV or
 * -ESHUTDOWN if its device is gone or going; -EIO if the write failed; -ENOMEM if
 * the store had no room in memory.
 */
int swaptbl_folio_evict(struct folio *folio)
{
	struct evict_wait wait;
	int err;

	might_sleep();
	wait_init(&wait);
	err = evict_begin(folio, &wait);
	return err ?: wait_for_all(&wait);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_evict);

/**
 * swaptbl_folio_evict_async() - let go of a folio without waiting for the write
 * @folio: bound folio
 *
 * As swaptbl_folio_evict(). On success the lock is not the caller's any more: the
 * folio is unlocked when all is done. Whether the write succeeded is counted, and
 * can be seen of the folio, which stays bound and dirty if it did not.
 *
 * Context: Process context. May sleep. Expects the lock of @folio to be held by
 * caller, who also has a reference to it.
 * Return: 0; or, with the folio as it was, -EINVAL if it is not locked or bound to
 * no slot, -ENODEV or -ESHUTDOWN if its device is gone or going.
 */
int swaptbl_folio_evict_async(struct folio *folio)
{
	might_sleep();
	return evict_begin(folio, NULL);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_evict_async);

/**
 * swaptbl_evict_folios() - let go of several folios at once
 * @fbatch: bound folios; they stay in it, and locked
 *
 * As swaptbl_folio_evict() for each, with all writes under way together. Those that
 * could not be let go are bound still.
 *
 * Context: Process context. May sleep. Expects the locks of all folios to be held
 * by caller, who also has references to them.
 * Return: 0 or the first error, as swaptbl_folio_evict().
 */
int swaptbl_evict_folios(struct folio_batch *fbatch)
{
	struct evict_wait wait;
	struct blk_plug plug;
	unsigned int i;
	int err;

	might_sleep();
	wait_init(&wait);
	blk_start_plug(&plug);
	for (i = 0; i < folio_batch_count(fbatch); i++) {
		err = evict_begin(fbatch->folios[i], &wait);
		if (err)
			cmpxchg(&wait.err, 0, err);
	}
	blk_finish_plug(&plug);
	return wait_for_all(&wait);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_evict_folios);
