// SPDX-License-Identifier: GPL-2.0
/*
 * Swap in: from swapped to cached.
 *
 * The cache is what synchronises: whoever binds a folio to the slots first reads,
 * everybody else finds that folio and waits for its lock. Nobody polls. Who reads
 * keeps the lock over the read, so that the others are woken one by one, each by who had
 * it before, and never for nothing. A read that failed first gives the slots their words
 * back, and marks the folio for who waits.
 */
#include <kunit/visibility.h>
#include <linux/blkdev.h>
#include <linux/highmem.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "cache.h"
#include "charge.h"
#include "device.h"
#include "folio.h"
#include "group.h"
#include "lru.h"
#include "stats.h"
#include "store.h"
#include "swapin.h"
#include "sync.h"
#include "trace.h"
#include "workingset.h"

/* Large folios and what is read ahead are a bonus, not worth any effort. */
#define GFP_BONUS	(__GFP_NORETRY | __GFP_NOWARN)

/**
 * struct swapin - one swap in under way
 * @dev: the device, with a reference
 * @offset: the slot that is asked for
 * @order: of the folio to bring
 * @gfp: how to allocate
 * @readahead: nobody asked for it
 * @wait: somebody will wait for the read, and take over the lock
 * @io: the read, if there is one that is waited for
 * @refused: group that was to be charged when a limit was in the way, with a reference
 * @over: the group whose limit it is
 * @rounds: how often reclaim may still make room for it
 */
struct swapin {
	struct swaptbl_device *dev;
	unsigned long offset;
	unsigned int order;
	gfp_t gfp;
	bool readahead;
	bool wait;
	struct swaptbl_io *io;
	struct swaptbl_group *refused;
	struct swaptbl_group *over;
	unsigned int rounds;
};

/**
 * enum swaptbl_reader_state - who releases the lock of a folio that was read
 * @READER_WAITS: the reader, as it waits
 * @READER_SERVED: the reader, as it was told that the read has ended
 * @READER_GONE: the end of the read, as nobody waits, or the one who did was killed
 */
enum swaptbl_reader_state {
	READER_WAITS,
	READER_SERVED,
	READER_GONE,
};

static unsigned long first_slot(const struct swapin *in)
{
	return round_down(in->offset, BIT(in->order));
}

static unsigned long *words_of(struct swaptbl_io *io)
{
	return io->shadows ?: &io->shadow;
}

/* Whichever comes first decides: the end of the read, or a signal to the reader. */
static bool reader_is(struct swaptbl_io *io, enum swaptbl_reader_state state)
{
	return atomic_cmpxchg(&io->reader, READER_WAITS, state) == READER_WAITS;
}

/* An interrupt as a rule if the read succeeded, else process context. */
static void read_end(struct swaptbl_io *io)
{
	struct folio *folio = io->folio;

	if (io->err) {
		swaptbl_cache_restore(io->dev, folio, words_of(io));
		swaptbl_folio_unbound(folio);
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_FAILED);
	} else {
		folio_mark_uptodate(folio);
	}
	if (reader_is(io, READER_SERVED))
		complete(&io->done);
	else
		folio_unlock(folio);
	folio_put(folio);
	swaptbl_io_put(io);
}

static void read_zeroes(struct swaptbl_io *io)
{
	folio_zero_range(io->folio, 0, folio_size(io->folio));
	swaptbl_stat_add(io->dev, SWAPTBL_STAT_READ_ZERO,
			 folio_nr_pages(io->folio));
	read_end(io);
}

static void read_begin(struct swapin *in, struct swaptbl_io *io)
{
	folio_get(io->folio);
	io->end = read_end;
	atomic_set(&io->reader, in->wait ? READER_WAITS : READER_GONE);
	init_completion(&io->done);
	if (in->wait) {
		refcount_inc(&io->users);
		in->io = io;
	}
	if (swaptbl_entry_is_zero(*words_of(io)))
		read_zeroes(io);
	else
		swaptbl_io_submit(io);
}

static struct folio *folio_new(const struct swapin *in)
{
	gfp_t gfp = in->gfp;
	struct folio *folio;

	if (in->order || in->readahead)
		gfp |= GFP_BONUS;
	if (swaptbl_should_fail(SWAPTBL_MEM_FOLIO, gfp))
		return NULL;
	folio = folio_alloc(gfp, in->order);
	if (!folio)
		return NULL;
	__folio_set_locked(folio);
	swaptbl_folio_init(folio);
	if (in->readahead)
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_READAHEAD);
	return folio;
}

static void folio_drop(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
}

static int io_add_words(struct swaptbl_io *io, const struct swapin *in)
{
	/* Without what only pages can be, as in high memory. */
	gfp_t gfp = (in->gfp & GFP_KERNEL) | GFP_BONUS;

	if (!in->order)
		return 0;
	if (!swaptbl_should_fail(SWAPTBL_MEM_SHADOWS, gfp))
		io->shadows = kmalloc_array(BIT(in->order), sizeof(*io->shadows),
					    gfp);
	return io->shadows ? 0 : -ENOMEM;
}

static void forget_refusal(struct swapin *in)
{
	if (in->refused)
		swaptbl_group_put(in->refused);
	in->refused = NULL;
}

/*
 * Only now that the folio is bound it is sure whose it is. The words go back if it may
 * not be charged; who found it meanwhile waits for its lock, and then looks again. Nothing
 * is reclaimed here: to evict takes requests, and who has one must not wait for another.
 */
static int charge_folio(struct swapin *in, struct swaptbl_io *io)
{
	int err;

	forget_refusal(in);
	swaptbl_sync(SWAPTBL_SWAPIN_CHARGE);
	err = swaptbl_folio_charge_named(io->folio, &in->refused, &in->over);
	if (!err)
		return 0;
	swaptbl_cache_restore(in->dev, io->folio, words_of(io));
	swaptbl_folio_unname(io->folio);
	return err;
}

static void to_lru(struct folio *folio)
{
	if (swaptbl_folio_handle(folio))
		swaptbl_folio_add_lru(folio, swaptbl_folio_test(folio,
								SWAPTBL_FOLIO_ACTIVE) ?
				      LRU_ACTIVE_ANON : LRU_INACTIVE_ANON);
}

static int add_folio(struct swapin *in, struct swaptbl_io *io)
{
	struct swaptbl_shadow shadow;
	int err;

	swaptbl_sync(SWAPTBL_SWAPIN_ALLOCATED);
	err = swaptbl_cache_add_swapped(in->dev, io->folio, first_slot(in),
					in->offset, words_of(io));
	if (!err)
		err = charge_folio(in, io);
	if (err)
		return err;
	swaptbl_entry_to_shadow(words_of(io)[in->offset - first_slot(in)],
				&shadow);
	swaptbl_workingset_refault(in->dev, io->folio, &shadow);
	to_lru(io->folio);
	swaptbl_sync(SWAPTBL_SWAPIN_ADDED);
	return 0;
}

/* Return: a folio with a reference that is being read, or an error. */
static struct folio *bring(struct swapin *in)
{
	struct folio *folio = folio_new(in);
	struct swaptbl_io *io;
	int err;

	if (!folio)
		return ERR_PTR(-ENOMEM);
	/* The one who reads ahead has a request already, and must not wait for one. */
	io = swaptbl_io_alloc(in->dev, folio, first_slot(in), SWAPTBL_IO_READ,
			      in->readahead ? GFP_NOWAIT : GFP_NOIO);
	err = io ? io_add_words(io, in) ?: add_folio(in, io) : -ENOMEM;
	if (!err) {
		read_begin(in, io);
		return folio;
	}
	swaptbl_io_put(io);
	folio_drop(folio);
	return ERR_PTR(err);
}

/* Look before a folio is allocated; the device may end within the range. */
static int check(const struct swapin *in)
{
	unsigned long first = first_slot(in);

	if (BIT(in->order) > in->dev->nr_slots - first)
		return -EBUSY;
	return swaptbl_cache_check_swapped(in->dev, first, BIT(in->order),
					   in->offset);
}

static struct folio *try_order(struct swapin *in)
{
	int err = in->order || in->readahead ? check(in) : 0;

	return err ? ERR_PTR(err) : bring(in);
}

/* Return: whether the next slot in this direction may be read ahead too. */
static bool readahead_one(struct swapin *in, unsigned long offset)
{
	struct folio *folio;

	in->offset = offset;
	folio = try_order(in);
	if (IS_ERR(folio))
		return PTR_ERR(folio) == -EEXIST;
	swaptbl_stat_add(in->dev, SWAPTBL_STAT_READAHEAD, BIT(in->order));
	folio_put(folio);
	return true;
}

/*
 * The window is aligned to its size, a power of two that is not larger than a
 * cluster, so it does not reach beyond the cluster.
 */
static void readahead(struct swapin in)
{
	unsigned long size = READ_ONCE(in.dev->readahead);
	unsigned long nr = BIT(in.order);
	unsigned long first = first_slot(&in);
	unsigned long start, end, offset;

	size = min_t(unsigned long, size, SWAPTBL_CLUSTER_SLOTS);
	if (size <= nr)
		return;
	size = rounddown_pow_of_two(size);
	start = round_down(first, size);
	end = min(start + size, in.dev->nr_slots);
	in.readahead = true;
	in.wait = false;
	in.refused = NULL;
	for (offset = first + nr; offset < end; offset += nr)
		if (!readahead_one(&in, offset))
			break;
	for (offset = first; offset > start; offset -= nr)
		if (!readahead_one(&in, offset - nr))
			break;
	forget_refusal(&in);
}

/* Return: whether it is worth another try; if not, *@err says why. */
static bool make_room(struct swapin *in, int *err)
{
	if (*err != -EDQUOT || !in->refused)
		return false;
	*err = swaptbl_charge_make_room(in->refused, in->over, BIT(in->order),
					&in->rounds);
	forget_refusal(in);
	/* Its parent is charged instead. */
	return !*err || *err == -ESRCH;
}

static bool try_lower(int err)
{
	return err == -EBUSY || err == -ENOMEM || err == -EDQUOT;
}

/*
 * From the highest order to the lowest, each once: what makes a range unsuitable
 * may last, so that to try an order again might go on for ever.
 */
static struct folio *miss(struct swapin *in, unsigned long orders)
{
	struct folio *folio;

	for (orders |= BIT(0);; orders &= ~BIT(in->order)) {
		in->order = __fls(orders);
		folio = try_order(in);
		if (!in->order || !IS_ERR(folio) || !try_lower(PTR_ERR(folio)))
			break;
		swaptbl_stat_inc(in->dev, SWAPTBL_STAT_SWAPIN_FALLBACK);
	}
	if (IS_ERR(folio))
		return folio;
	swaptbl_stat_inc(in->dev, SWAPTBL_STAT_SWAPIN_MISS);
	trace_swaptbl_swapin_miss(in->dev->type, in->offset, BIT(in->order));
	return folio;
}

/* The neighbours' reads go with the first one's. */
static struct folio *miss_with_readahead(struct swapin *in, unsigned long orders)
{
	struct blk_plug plug;
	struct folio *folio;

	blk_start_plug(&plug);
	folio = miss(in, orders);
	if (!IS_ERR(folio))
		readahead(*in);
	blk_finish_plug(&plug);
	return folio;
}

/* Return: 0 with the folio locked, or -EINTR. */
static int wait_for_read(struct swapin *in)
{
	struct swaptbl_io *io = in->io;
	int err = wait_for_completion_killable(&io->done);

	/* Too late to go: the end of the read is about to hand the lock over. */
	if (err && !reader_is(io, READER_GONE)) {
		wait_for_completion(&io->done);
		err = 0;
	}
	in->io = NULL;
	swaptbl_io_put(io);
	return err ? -EINTR : 0;
}

static int lock_found(const struct swapin *in, struct folio *folio)
{
	swaptbl_sync(SWAPTBL_SWAPIN_FOUND);
	if (folio_trylock(folio))
		return 0;
	swaptbl_stat_inc(in->dev, SWAPTBL_STAT_SWAPIN_WAIT);
	trace_swaptbl_swapin_wait(in->dev->type, in->offset,
				  folio_nr_pages(folio));
	return folio_lock_killable(folio) ? -EINTR : 0;
}

/* The folio was in the slot before its lock was taken. Is it still? */
static int judge(const struct swapin *in, struct folio *folio)
{
	/* With data it was used again since, and the mark is not of this read. */
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_FAILED) &&
	    !folio_test_uptodate(folio))
		return -EIO;
	if (!swaptbl_folio_has(folio, in->dev->type, in->offset))
		return -EAGAIN;
	return 0;
}

static void account_hit(const struct swapin *in, struct folio *folio)
{
	unsigned int nr = folio_nr_pages(folio);

	swaptbl_stat_inc(in->dev, SWAPTBL_STAT_SWAPIN_HIT);
	trace_swaptbl_swapin_hit(in->dev->type, in->offset, nr);
	if (!swaptbl_folio_test(folio, SWAPTBL_FOLIO_READAHEAD))
		return;
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_READAHEAD);
	swaptbl_stat_add(in->dev, SWAPTBL_STAT_READAHEAD_HIT, nr);
}

/* Return: the folio of the slot, locked; -EAGAIN if there was another one. */
static struct folio *swapin_once(struct swapin *in, unsigned long orders)
{
	struct folio *folio = swaptbl_cache_get_folio(in->dev, in->offset);
	bool found = folio;
	int err;

	if (!found)
		folio = miss_with_readahead(in, orders);
	if (IS_ERR(folio)) {
		err = PTR_ERR(folio);
		return err == -EEXIST || make_room(in, &err) ? ERR_PTR(-EAGAIN) :
							       ERR_PTR(err);
	}
	err = found ? lock_found(in, folio) : wait_for_read(in);
	if (err) {
		folio_put(folio);
		return ERR_PTR(err);
	}
	err = judge(in, folio);
	if (err) {
		folio_drop(folio);
		return ERR_PTR(err);
	}
	if (found)
		account_hit(in, folio);
	return folio;
}

/**
 * swaptbl_swapin() - get the folio of an entry, from the store if need be
 * @entry: the entry
 * @orders: bit per order of folio that the caller likes, tried from the highest on;
 *	order 0 is always tried. An order is given up for the next one if the slots
 *	around @entry cannot be one folio or if there is no such folio.
 * @gfp: how to allocate folios
 *
 * Over the limit of the group, its folios are evicted to make room. Slots in the
 * neighbourhood may be read ahead. The folio holds the data; it is
 * clean if it was just read.
 *
 * Context: Process context. May sleep. The caller holds the lock of no folio that
 * is bound to the device. It owns a count of the slot, or else must expect the slot
 * to be free, or another's, by now.
 * Return: the folio, locked, with a reference, bound to the slot; -EIO if it could
 * not be read, by this or by another task that this one waited for; -ENOENT if the
 * slot is free; -EINVAL if it is bad or exclusive; -EINTR if the task was killed
 * while it waited; -EDQUOT if the limit of its group is in the way; -ENOMEM; -ENODEV,
 * -ESHUTDOWN or -ERANGE if the device is not there, is going or is smaller.
 */
struct folio *swaptbl_swapin(swp_entry_t entry, unsigned long orders, gfp_t gfp)
{
	struct swapin in = {
		.offset = swp_offset(entry),
		.gfp = gfp,
		.wait = true,
		.rounds = SWAPTBL_CHARGE_ROUNDS,
	};
	struct folio *folio;

	might_sleep();
	in.dev = swaptbl_device_get_entry(entry, 1);
	if (IS_ERR(in.dev))
		return ERR_CAST(in.dev);
	orders &= GENMASK(SWAPTBL_CLUSTER_ORDER, 0);
	do {
		folio = swapin_once(&in, orders);
	} while (folio == ERR_PTR(-EAGAIN));
	forget_refusal(&in);
	swaptbl_device_put(in.dev);
	return folio;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_swapin);

/**
 * swaptbl_swapin_async() - begin to read the folio of an entry
 * @entry: the entry
 * @orders: as for swaptbl_swapin()
 * @gfp: how to allocate folios
 *
 * For who will want it soon. Nothing else is read ahead.
 *
 * Context: Process context. May sleep, but not for the read.
 * Return: 0 if there is a folio now, whose read may be under way; -ENOENT if the
 * slot is free; -EINVAL if it is bad or exclusive; -EDQUOT if the limit of its group is
 * in the way; -ENOMEM; -ENODEV, -ESHUTDOWN or -ERANGE if the device is not there, is
 * going or is smaller.
 */
int swaptbl_swapin_async(swp_entry_t entry, unsigned long orders, gfp_t gfp)
{
	struct swapin in = { .offset = swp_offset(entry), .gfp = gfp };
	struct folio *folio;

	might_sleep();
	in.dev = swaptbl_device_get_entry(entry, 1);
	if (IS_ERR(in.dev))
		return PTR_ERR(in.dev);
	folio = swaptbl_cache_get_folio(in.dev, in.offset);
	if (!folio)
		folio = miss(&in, orders & GENMASK(SWAPTBL_CLUSTER_ORDER, 0));
	forget_refusal(&in);
	swaptbl_device_put(in.dev);
	if (!IS_ERR(folio))
		folio_put(folio);
	return PTR_ERR_OR_ZERO(folio) == -EEXIST ? 0 : PTR_ERR_OR_ZERO(folio);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_swapin_async);
