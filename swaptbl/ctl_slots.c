// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of the ctl file that find, count and free slots.
 */
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "cache.h"
#include "charge.h"
#include "cluster.h"
#include "count.h"
#include "ctl.h"
#include "device.h"
#include "entry.h"
#include "folio.h"
#include "group.h"
#include "lru.h"
#include "parse.h"

/**
 * swaptbl_no_folio() - say why there is no folio in a slot
 * @dev: the device
 * @offset: the slot
 * @why: where to
 *
 * Context: Process context. Takes and releases the cluster lock.
 * Return: -EINVAL if the slot is bad or exclusive, else -ENOENT.
 */
int swaptbl_no_folio(struct swaptbl_device *dev, unsigned long offset,
		     struct swaptbl_why *why)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	unsigned long word = 0;

	if (ci) {
		word = __swaptbl_word_get(ci, swaptbl_slot(offset));
		swaptbl_cluster_unlock(ci);
	}
	if (swaptbl_entry_is_bad(word) || swaptbl_entry_is_exclusive(word))
		return swaptbl_why(why, -EINVAL, "slot %lu is bad or exclusive",
				   offset);
	return swaptbl_why(why, -ENOENT, "no folio in slot %lu", offset);
}

static void fill_pages(struct folio *folio, int byte)
{
	long i;

	for (i = 0; i < folio_nr_pages(folio); i++)
		memset_page(folio_page(folio, i), 0, byte, PAGE_SIZE);
}

/* These pages belong to no task: killing one would not help. */
static struct folio *folio_new(unsigned int order, int byte)
{
	gfp_t gfp = GFP_HIGHUSER | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	struct folio *folio = folio_alloc(byte ? gfp : gfp | __GFP_ZERO, order);

	if (folio && byte)
		fill_pages(folio, byte);
	return folio;
}

/* Charged, bound, and on the list where reclaim for a limit finds it. */
static int bind_folio(struct swaptbl_device *dev, struct folio *folio,
		      struct swaptbl_group *group)
{
	int err = group ? swaptbl_folio_charge(folio, group) : 0;

	if (err)
		return err;
	err = swaptbl_folio_alloc_swap_on(dev, folio);
	if (!group)
		return err;
	if (err)
		swaptbl_folio_uncharge(folio);
	else
		swaptbl_folio_add_lru(folio, LRU_INACTIVE_ANON);
	return err;
}

/* The reference that the table takes is what holds the folio from here on. */
static int alloc_folio(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		       struct swaptbl_group *group, unsigned long *offset)
{
	struct folio *folio = folio_new(cmd->order, cmd->fill);
	int err;

	if (!folio)
		return -ENOMEM;
	folio_lock(folio);
	swaptbl_folio_init(folio);
	err = bind_folio(dev, folio, group);
	*offset = swp_offset(folio->swap);
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

static int alloc_folios(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
			struct swaptbl_group *group, struct swaptbl_answer *answer)
{
	unsigned long offset;
	int err = 0;
	long i;

	for (i = 0; i < cmd->nr; i++) {
		err = swaptbl_ctl_breathe() ?: alloc_folio(dev, cmd, group, &offset);
		if (err)
			break;
		swaptbl_answer(answer, "%lu\n", offset);
	}
	return swaptbl_answer_stopped(answer, err, i);
}

/**
 * swaptbl_run_alloc() - the command "alloc"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets the first slot of each folio
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -ESRCH if there is no such group, -EDQUOT if a limit
 * is in the way, -ENOMEM, -EINTR, or as swaptbl_folio_alloc_swap_on().
 */
int swaptbl_run_alloc(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		      struct swaptbl_answer *answer)
{
	struct swaptbl_group *group;
	int err;

	if (!cmd->group)
		return alloc_folios(dev, cmd, NULL, answer);
	group = swaptbl_group_get(cmd->group);
	if (!group)
		return swaptbl_why(cmd->why, -ESRCH, "no such group: %ld",
				   cmd->group);
	err = alloc_folios(dev, cmd, group, answer);
	swaptbl_group_put(group);
	return err;
}

/**
 * swaptbl_run_count() - the command "count"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets each slot and its count
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -EINTR, or as
 * swaptbl_count().
 */
int swaptbl_run_count(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		      struct swaptbl_answer *answer)
{
	long count;
	int err = 0;
	long i;

	for (i = 0; i < cmd->nr; i++) {
		err = swaptbl_ctl_breathe();
		if (err)
			break;
		count = swaptbl_count(dev, cmd->offset + i);
		if (count < 0)
			return count;
		swaptbl_answer(answer, "%lu %ld\n", cmd->offset + i, count);
	}
	return swaptbl_answer_stopped(answer, err, i);
}

/**
 * swaptbl_ctl_counts() - answer with the counts after a change
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets each slot and its count; a slot that the change freed has none
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 */
void swaptbl_ctl_counts(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
			struct swaptbl_answer *answer)
{
	long count, i;

	for (i = 0; i < cmd->nr; i++) {
		count = swaptbl_count(dev, cmd->offset + i);
		swaptbl_answer(answer, "%lu %ld\n", cmd->offset + i,
			       max(count, 0L));
		cond_resched();
	}
}

/**
 * swaptbl_run_put() - the command "put"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets each slot and its count
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, as swaptbl_put_entries().
 */
int swaptbl_run_put(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		    struct swaptbl_answer *answer)
{
	int err = swaptbl_put_entries(dev, cmd->offset, cmd->nr);

	if (!err)
		swaptbl_ctl_counts(dev, cmd, answer);
	return err;
}

/* Frees all slots of the folio at *@offset, and moves *@offset behind them. */
static int free_folio(struct swaptbl_device *dev, unsigned long *offset)
{
	struct folio *folio = swaptbl_cache_get_folio(dev, *offset);
	unsigned long next;
	int err = -ENOENT;

	if (!folio)
		return -ENOENT;
	if (folio_lock_killable(folio)) {
		folio_put(folio);
		return -EINTR;
	}
	/* It may have left the slot before the lock was taken. */
	if (swaptbl_folio_has(folio, dev->type, *offset)) {
		next = swp_offset(folio->swap) + folio_nr_pages(folio);
		err = swaptbl_folio_free_swap(folio);
		if (!err)
			*offset = next;
	}
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

/**
 * swaptbl_run_free() - the command "free"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets the number of folios freed
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -ENOENT if a slot has no
 * folio, -EINVAL if it is bad or exclusive, -EBUSY if its folio has counts, -EINTR.
 */
int swaptbl_run_free(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		     struct swaptbl_answer *answer)
{
	unsigned long offset = cmd->offset, last = offset + cmd->nr - 1;
	long folios = 0;
	int err;

	do {
		err = swaptbl_ctl_breathe() ?: free_folio(dev, &offset);
		folios += !err;
	} while (!err && offset <= last);
	if (err == -ENOENT)
		err = swaptbl_no_folio(dev, offset, cmd->why);
	else if (err == -EBUSY)
		swaptbl_why(cmd->why, err, "the folio of slot %lu has counts",
			    offset);
	if (folios)
		swaptbl_answer(answer, "freed %ld\n", folios);
	return swaptbl_answer_stopped(answer, err, folios);
}

/**
 * swaptbl_run_exclusive_alloc() - the command "exclusive alloc"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets each slot
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -EINTR, or as
 * swaptbl_alloc_exclusive().
 */
int swaptbl_run_exclusive_alloc(struct swaptbl_device *dev,
				const struct swaptbl_cmd *cmd,
				struct swaptbl_answer *answer)
{
	swp_entry_t entry;
	int err = 0;
	long i;

	for (i = 0; i < cmd->nr; i++) {
		err = swaptbl_ctl_breathe() ?:
		      swaptbl_alloc_exclusive(dev->type, &entry);
		if (err)
			break;
		swaptbl_answer(answer, "%lu\n", swp_offset(entry));
	}
	return swaptbl_answer_stopped(answer, err, i);
}

/**
 * swaptbl_run_exclusive_free() - the command "exclusive free"
 * @dev: the device
 * @cmd: what was asked for
 * @answer: gets the number of slots freed
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; or, if nothing was done, -EINTR, or as
 * swaptbl_free_exclusive().
 */
int swaptbl_run_exclusive_free(struct swaptbl_device *dev,
			       const struct swaptbl_cmd *cmd,
			       struct swaptbl_answer *answer)
{
	int err = 0;
	long i;

	for (i = 0; i < cmd->nr; i++) {
		err = swaptbl_ctl_breathe() ?:
		      swaptbl_free_exclusive(swp_entry(dev->type,
						       cmd->offset + i));
		if (err)
			break;
	}
	if (err == -ENOENT)
		swaptbl_why(cmd->why, err, "slot %ld is free", cmd->offset + i);
	else if (err == -EINVAL)
		swaptbl_why(cmd->why, err, "slot %ld is not exclusive",
			    cmd->offset + i);
	if (i)
		swaptbl_answer(answer, "freed %ld\n", i);
	return swaptbl_answer_stopped(answer, err, i);
}
