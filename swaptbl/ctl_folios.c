// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of the ctl file that move folios between the cache and the store. What
 * they do half way is as in ctl_slots.c.
 */
#include <linux/crc32.h>
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "cache.h"
#include "compat.h"
#include "count.h"
#include "ctl.h"
#include "device.h"
#include "evict.h"
#include "folio.h"
#include "parse.h"
#include "reclaim.h"
#include "split.h"
#include "swapin.h"

#define GFP_CTL	(GFP_HIGHUSER | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static void folio_release(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
}

static unsigned long folio_next_slot(const struct folio *folio)
{
	return swp_offset(folio->swap) + folio_nr_pages(folio);
}

/*
 * The folio of a slot, locked and with a reference, or NULL. With @try, -EAGAIN
 * instead of waiting for the lock.
 */
static struct folio *lock_slot(struct swaptbl_device *dev, unsigned long offset,
			       bool try)
{
	struct folio *folio;

	while ((folio = swaptbl_cache_get_folio(dev, offset))) {
		if (try ? !folio_trylock(folio) : folio_lock_killable(folio)) {
			folio_put(folio);
			return ERR_PTR(try ? -EAGAIN : -EINTR);
		}
		if (swaptbl_folio_has(folio, dev->type, offset))
			break;
		folio_release(folio);
	}
	return folio;
}

static void release_all(struct folio **folios, long nr)
{
	while (nr--)
		folio_release(folios[nr]);
}

/*
 * Lock the folios of all slots of a range, from the first on, as all who wait for one
 * lock with another held do. Return: how many, or an error.
 */
static long lock_all(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		     struct folio **folios)
{
	unsigned long offset = cmd->offset, last = offset + cmd->nr - 1;
	struct folio *folio;
	long nr = 0;
	int err = 0;

	while (!err && offset <= last) {
		folio = lock_slot(dev, offset, false);
		if (IS_ERR(folio)) {
			err = PTR_ERR(folio);
			break;
		}
		offset = folio ? folio_next_slot(folio) : offset + 1;
		if (folio)
			folios[nr++] = folio;
		err = swaptbl_ctl_breathe();
	}
	if (!err)
		return nr;
	release_all(folios, nr);
	return err;
}

/* The step from 0 to 1 is only for who holds the folio. */
static int dup_locked(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd)
{
	struct folio **folios;
	long nr;
	int err;

	folios = kvmalloc_array(cmd->nr, sizeof(*folios), GFP_KERNEL);
	if (!folios)
		return -ENOMEM;
	nr = lock_all(dev, cmd, folios);
	if (nr < 0) {
		err = nr;
	} else {
		err = swaptbl_dup_entries(dev, cmd->offset, cmd->nr,
					  SWAPTBL_DUP_CACHED, GFP_KERNEL);
		release_all(folios, nr);
	}
	kvfree(folios);
	return err;
}

/**
 * swaptbl_run_dup() - the command "dup"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets each slot and its count
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -EINTR, or as swaptbl_dup_entries().
 */
int swaptbl_run_dup(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		    struct swaptbl_answer *answer)
{
	int err = dup_locked(dev, cmd);

	if (!err)
		swaptbl_ctl_counts(dev, cmd, answer);
	return err;
}

/*
 * Gather folios, and move *@offset behind the slots that were looked at. Who holds
 * the lock of one folio does not wait for that of another.
 */
static int gather(struct swaptbl_device *dev, unsigned long *offset,
		  unsigned long last, struct folio_batch *fbatch)
{
	struct folio *folio;
	int err = 0;

	while (!err && *offset <= last && folio_batch_space(fbatch)) {
		folio = lock_slot(dev, *offset, folio_batch_count(fbatch));
		if (IS_ERR(folio))
			return folio == ERR_PTR(-EAGAIN) ? 0 : PTR_ERR(folio);
		if (folio) {
			*offset = folio_next_slot(folio);
			folio_batch_add(fbatch, folio);
		} else {
			++*offset;
			err = swaptbl_ctl_breathe();
		}
	}
	return err;
}

/* Return: 0 or the first error; *@evicted counts the folios that have left. */
static int evict_batch(struct folio_batch *fbatch, long *evicted)
{
	int err = 0;
	unsigned int i;

	if (folio_batch_count(fbatch))
		err = swaptbl_evict_folios(fbatch);
	for (i = 0; i < folio_batch_count(fbatch); i++) {
		*evicted += !swaptbl_folio_bound(fbatch->folios[i]);
		folio_release(fbatch->folios[i]);
	}
	return err;
}

/**
 * swaptbl_run_evict() - the command "evict"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets the number of folios evicted
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0, also if there was no folio in any of the slots; or, if nothing was done,
 * -EINTR, or as swaptbl_evict_folios().
 */
int swaptbl_run_evict(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		      struct swaptbl_answer *answer)
{
	unsigned long offset = cmd->offset, last = offset + cmd->nr - 1;
	struct folio_batch fbatch;
	long evicted = 0;
	int err, ret;

	do {
		folio_batch_init(&fbatch);
		ret = gather(dev, &offset, last, &fbatch);
		err = evict_batch(&fbatch, &evicted) ?: ret;
	} while (!err && offset <= last);
	if (!err || evicted)
		swaptbl_answer(answer, "evicted %ld\n", evicted);
	return swaptbl_answer_stopped(answer, err, evicted);
}

/**
 * swaptbl_run_shrink() - the command "shrink"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets the number of pages evicted
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0, also if nothing could be evicted.
 */
int swaptbl_run_shrink(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		       struct swaptbl_answer *answer)
{
	swaptbl_answer(answer, "evicted %lu\n",
		       swaptbl_reclaim_pages(dev, cmd->nr));
	return 0;
}

static struct folio *swapin(struct swaptbl_device *dev, unsigned long offset,
			    const struct swaptbl_cmd *cmd)
{
	struct folio *folio;

	folio = swaptbl_swapin(swp_entry(dev->type, offset),
			       GENMASK(cmd->order, 0), GFP_CTL);
	if (folio == ERR_PTR(-ENOENT))
		swaptbl_why(cmd->why, -ENOENT, "slot %lu is free", offset);
	else if (folio == ERR_PTR(-EIO))
		swaptbl_why(cmd->why, -EIO, "slot %lu cannot be read", offset);
	else if (folio == ERR_PTR(-EINVAL))
		swaptbl_why(cmd->why, -EINVAL, "slot %lu is bad or exclusive",
			    offset);
	return folio;
}

/**
 * swaptbl_run_swapin() - the command "swapin"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets the first slot and the order of each folio
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -EINTR, or as
 * swaptbl_swapin().
 */
int swaptbl_run_swapin(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		       struct swaptbl_answer *answer)
{
	unsigned long offset = cmd->offset, last = offset + cmd->nr - 1;
	struct folio *folio;
	long folios = 0;
	int err;

	do {
		folio = swapin(dev, offset, cmd);
		err = PTR_ERR_OR_ZERO(folio);
		if (err)
			break;
		offset = folio_next_slot(folio);
		swaptbl_answer(answer, "%lu %u\n", swp_offset(folio->swap),
			       folio_order(folio));
		folio_release(folio);
		folios++;
		err = swaptbl_ctl_breathe();
	} while (!err && offset <= last);
	return swaptbl_answer_stopped(answer, err, folios);
}

/* As cksum, zlib and others compute it. */
static u32 page_crc(struct page *page)
{
	void *addr = kmap_local_page(page);
	u32 crc = ~crc32_le(~0, addr, PAGE_SIZE);

	kunmap_local(addr);
	return crc;
}

/* The pages of a locked folio from slot @offset to @last. Return: how many. */
static unsigned long show_crcs(struct folio *folio, unsigned long offset,
			       unsigned long last, struct swaptbl_answer *answer)
{
	unsigned long first = swp_offset(folio->swap);
	unsigned long end = min(last + 1, folio_next_slot(folio)), i;

	for (i = offset; i < end; i++)
		swaptbl_answer(answer, "%lu %08x\n", i,
			       page_crc(folio_page(folio, i - first)));
	return end - offset;
}

/**
 * swaptbl_run_crc() - the command "crc"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets each slot and the checksum of its page
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -EINTR, or as
 * swaptbl_swapin().
 */
int swaptbl_run_crc(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		    struct swaptbl_answer *answer)
{
	unsigned long offset = cmd->offset, last = offset + cmd->nr - 1;
	struct folio *folio;
	int err;

	do {
		folio = swapin(dev, offset, cmd);
		err = PTR_ERR_OR_ZERO(folio);
		if (err)
			break;
		offset += show_crcs(folio, offset, last, answer);
		folio_release(folio);
		err = swaptbl_ctl_breathe();
	} while (!err && offset <= last);
	return swaptbl_answer_stopped(answer, err, offset - cmd->offset);
}

static int split_locked(struct folio *folio, const struct swaptbl_cmd *cmd,
			struct swaptbl_answer *answer)
{
	unsigned int order = folio_order(folio);
	int err;

	if (cmd->order >= order)
		return swaptbl_why(cmd->why, -ERANGE,
				   "the folio of slot %ld has order %u",
				   cmd->offset, order);
	err = swaptbl_folio_split(folio, cmd->order);
	if (!err)
		swaptbl_answer(answer, "split %lu\n", BIT(order - cmd->order));
	return err;
}

/**
 * swaptbl_run_split() - the command "split"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets the number of folios that there are instead
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -ENOENT if the slot
 * has no folio, -EINVAL if it is bad or exclusive, -ERANGE if the order is not less
 * than that of the folio, -EINTR, or as swaptbl_folio_split().
 */
int swaptbl_run_split(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		      struct swaptbl_answer *answer)
{
	struct folio *folio = lock_slot(dev, cmd->offset, false);
	int err;

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	if (!folio)
		return swaptbl_no_folio(dev, cmd->offset, cmd->why);
	err = split_locked(folio, cmd, answer);
	folio_release(folio);
	return err;
}
