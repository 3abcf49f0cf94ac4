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

static __always_inline int free_check(unsigned long word)
{
	if (swaptbl_entry_is_free(word))
		return -ENOENT;
	if (swaptbl_entry_is_exclusive(word))
		return 0;
	if (!swaptbl_entry_is_counted(word))
		return -EINVAL;
	return swaptbl_word_has_count(word) ? -EBUSY : 0;
}

/* Whose a slot was: its folio says, or its shadow. The slot keeps the handle so far. */
static __always_inline struct swaptbl_handle *handle_of(unsigned long word)
{
	unsigned int group = 0;

	if (swaptbl_entry_is_cached(word))
		return swaptbl_folio_handle(swaptbl_entry_to_folio(word));
	if (swaptbl_entry_is_swapped(word))
		group = swaptbl_entry_to_group(word);
	return group ? swaptbl_handle_find(group) : NULL;
}

/**
 * struct freed - what a run of words was
 * @cached: slots that had a folio
 * @ages: slots that knew when their folio left
 * @exclusive: slots of that kind
 * @handle: whose the last of them were
 * @charged: how many of the last ones were so
 */
struct freed {
	unsigned int cached;
	unsigned int ages;
	unsigned int exclusive;
	struct swaptbl_handle *handle;
	unsigned int charged;
};

/* Neighbours mostly have one owner, who is told of all of them at once. */
static __always_inline void freed_add(struct freed *freed, unsigned long word)
{
	struct swaptbl_handle *handle = handle_of(word);

	if (handle != freed->handle) {
		swaptbl_swap_uncharge(freed->handle, freed->charged);
		freed->handle = handle;
		freed->charged = 0;
	}
	freed->charged++;
	if (swaptbl_entry_is_cached(word))
		freed->cached++;
	else if (swaptbl_entry_has_age(word))
		freed->ages++;
	else if (swaptbl_entry_is_exclusive(word))
		freed->exclusive++;
}

static void __freed_account(struct freed *freed, struct swaptbl_device *dev,
			    struct swaptbl_cluster *ci)
{
	lockdep_assert_held(&ci->lock);
	swaptbl_swap_uncharge(freed->handle, freed->charged);
	if (freed->cached)
		__swaptbl_cluster_cached_only_add(dev, ci, -(int)freed->cached);
	if (freed->ages)
		swaptbl_stat_add(dev, SWAPTBL_STAT_SHADOWS, -(long)freed->ages);
	if (freed->exclusive)
		swaptbl_stat_add(dev, SWAPTBL_STAT_EXCLUSIVE, -(long)freed->exclusive);
}

/**
 * __swaptbl_cluster_free_entries() - clear the words of a run of slots without counts
 * @dev: the device
 * @ci: the cluster
 * @slot: first slot of the cluster
 * @nr: number of slots
 *
 * The caller accounts the slots with __swaptbl_cluster_release() before it unlocks.
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: 0; or, with the words as they were, -ENOENT if a slot is free, -EBUSY if
 * it has a count, -EINVAL if it is bad.
 */
int __swaptbl_cluster_free_entries(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				   unsigned int slot, unsigned int nr)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);
	struct freed freed = {};
	unsigned int i;
	int err;

	lockdep_assert_held(&ci->lock);
	if (!table)
		return -ENOENT;
	for (i = slot; i < slot + nr; i++) {
		err = free_check(atomic_long_read(&table->word[i]));
		if (err)
			return err;
	}
	for (i = slot; i < slot + nr; i++) {
		freed_add(&freed, atomic_long_read(&table->word[i]));
		atomic_long_set(&table->word[i], 0);
	}
	__freed_account(&freed, dev, ci);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_free_entries);

/* The @nr slots before @slot, whose words are cleared. */
static void __freed_run(struct freed *freed, struct swaptbl_device *dev,
			struct swaptbl_cluster *ci, unsigned int slot, unsigned int nr)
{
	lockdep_assert_held(&ci->lock);
	if (!nr)
		return;
	__freed_account(freed, dev, ci);
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
