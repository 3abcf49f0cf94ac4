// SPDX-License-Identifier: GPL-2.0
/*
 * The first and the last word of a slot: allocation and freeing, in runs.
 *
 * A free word, and one without a count, is changed by the holder of the cluster lock only:
 * a lock-free change asks for a count first. So these need no exchange, see count_lockless.h.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>

#include "charge.h"
#include "cluster.h"
#include "count.h"
#include "count_word.h"
#include "entries.h"
#include "folio.h"
#include "handle.h"
#include "stats.h"

/**
 * __swaptbl_cluster_alloc_entries() - write the first words of a run of free slots
 * @dev: the device
 * @ci: the cluster, with a table
 * @slot: first slot of the cluster
 * @nr: number of slots
 * @entry: cached with count 0, or exclusive
 *
 * The caller accounts the slots with __swaptbl_cluster_claim() before it unlocks.
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: 0; or, with the words as they were, -EBUSY if a slot is not free.
 */
int __swaptbl_cluster_alloc_entries(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				    unsigned int slot, unsigned int nr,
				    unsigned long entry)
{
	atomic_long_t *word = &__swaptbl_cluster_table(ci)->word[slot];
	unsigned int i;

	lockdep_assert_held(&ci->lock);
	for (i = 0; i < nr; i++)
		if (!swaptbl_entry_is_free(atomic_long_read(&word[i])))
			return -EBUSY;
	/* Who finds the folio there without the lock finds it complete. */
	for (i = 0; i < nr; i++)
		atomic_long_set_release(&word[i], entry);
	if (swaptbl_entry_is_cached(entry))
		__swaptbl_cluster_cached_only_add(dev, ci, nr);
	else
		swaptbl_stat_add(dev, SWAPTBL_STAT_EXCLUSIVE, nr);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_alloc_entries);

static int free_check(unsigned long word)
{
	if (swaptbl_entry_is_free(word))
		return -ENOENT;
	if (swaptbl_entry_is_exclusive(word))
		return 0;
	if (!swaptbl_entry_is_counted(word))
		return -EINVAL;
	return swaptbl_word_has_count(word) ? -EBUSY : 0;
}

/* Whose a swapped slot is. It keeps the handle until it is uncharged. */
static struct swaptbl_handle *handle_of(unsigned long word)
{
	unsigned int group = swaptbl_entry_to_group(word);

	return group ? swaptbl_handle_find(group) : NULL;
}

/**
 * __swaptbl_cluster_free_entry() - clear the word of a slot without counts
 * @dev: the device
 * @ci: the cluster
 * @slot: slot of the cluster
 *
 * The caller accounts the slot with __swaptbl_cluster_release() before it unlocks.
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: 0; or, with the word as it was, -ENOENT if the slot is free, -EBUSY if
 * it has a count, -EINVAL if it is bad.
 */
int __swaptbl_cluster_free_entry(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				 unsigned int slot)
{
	unsigned long word = __swaptbl_word_get(ci, slot);
	int err = free_check(word);

	lockdep_assert_held(&ci->lock);
	if (err)
		return err;
	atomic_long_set(&__swaptbl_cluster_table(ci)->word[slot], 0);
	if (swaptbl_entry_is_cached(word)) {
		swaptbl_swap_uncharge(swaptbl_folio_handle(swaptbl_entry_to_folio(word)), 1);
		__swaptbl_cluster_cached_only_add(dev, ci, -1);
	} else if (swaptbl_entry_is_swapped(word)) {
		swaptbl_swap_uncharge(handle_of(word), 1);
		swaptbl_stat_add(dev, SWAPTBL_STAT_SHADOWS,
				 -(long)swaptbl_entry_has_age(word));
	} else {
		swaptbl_stat_add(dev, SWAPTBL_STAT_EXCLUSIVE, -1);
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_free_entry);

/**
 * struct freed - what a run of swapped slots was
 * @ages: those that knew when their folio left
 * @handle: whose the last of them were
 * @charged: how many of the last ones were so
 */
struct freed {
	unsigned int ages;
	struct swaptbl_handle *handle;
	unsigned int charged;
};

/* Neighbours mostly have one owner, who is told of all of them at once. */
static void freed_add(struct freed *freed, unsigned long word)
{
	struct swaptbl_handle *handle = handle_of(word);

	if (handle != freed->handle) {
		swaptbl_swap_uncharge(freed->handle, freed->charged);
		freed->handle = handle;
		freed->charged = 0;
	}
	freed->charged++;
	freed->ages += swaptbl_entry_has_age(word);
}

/* The @nr slots before @slot, whose words are cleared. */
static void __freed_run(struct freed *freed, struct swaptbl_device *dev,
			struct swaptbl_cluster *ci, unsigned int slot, unsigned int nr)
{
	lockdep_assert_held(&ci->lock);
	if (!nr)
		return;
	swaptbl_swap_uncharge(freed->handle, freed->charged);
	swaptbl_stat_add(dev, SWAPTBL_STAT_SHADOWS, -(long)freed->ages);
	memset(freed, 0, sizeof(*freed));
	__swaptbl_cluster_release(dev, ci, slot - nr, nr);
}

/**
 * __swaptbl_cluster_free_dropped() - free the swapped slots of a range without counts
 * @dev: the device
 * @ci: the cluster
 * @slot: first slot of the cluster
 * @nr: number of slots
 *
 * Run by run. With the cluster's last slot its table goes; its memory lasts until the caller
 * unlocks, and has free words only.
 *
 * Context: Expects the cluster lock to be held by caller, who may not assume a table
 * afterwards.
 */
void __swaptbl_cluster_free_dropped(struct swaptbl_device *dev,
				    struct swaptbl_cluster *ci, unsigned int slot,
				    unsigned int nr)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);
	unsigned int end = slot + nr, run = 0;
	struct freed freed = {};
	unsigned long word;

	lockdep_assert_held(&ci->lock);
	for (; table && slot < end; slot++) {
		word = atomic_long_read(&table->word[slot]);
		if (swaptbl_entry_is_swapped(word) && !swaptbl_word_has_count(word)) {
			freed_add(&freed, word);
			atomic_long_set(&table->word[slot], 0);
			run++;
			continue;
		}
		__freed_run(&freed, dev, ci, slot, run);
		run = 0;
	}
	__freed_run(&freed, dev, ci, slot, run);
}
