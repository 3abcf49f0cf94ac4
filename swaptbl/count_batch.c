// SPDX-License-Identifier: GPL-2.0
/*
 * Counts of many slots at once, where each change touches its word alone: no overflow store
 * is entered, left or asked. That is what nearly all ranges are; count.c has the others,
 * and says why words change as they do.
 */
#include "cluster.h"
#include "count.h"
#include "count_word.h"
#include "sync.h"

static bool dup_is_plain(const struct swaptbl_device *dev, unsigned long word,
			 enum swaptbl_dup how)
{
	return swaptbl_entry_is_counted(word) &&
	       swaptbl_entry_count(word) < dev->count_max &&
	       (swaptbl_word_has_count(word) ||
		(how == SWAPTBL_DUP_CACHED && swaptbl_entry_is_cached(word)));
}

static bool dups_are_plain(const struct swaptbl_device *dev, const atomic_long_t *word,
			   unsigned int nr, enum swaptbl_dup how)
{
	while (nr && dup_is_plain(dev, atomic_long_read(word), how)) {
		word++;
		nr--;
	}
	return !nr;
}

/* Lock-free dups may have filled the word since it was looked at. */
static bool dup_word(const struct swaptbl_device *dev, atomic_long_t *word, long *old)
{
	*old = atomic_long_read(word);
	do {
		if (swaptbl_entry_count(*old) == dev->count_max)
			return false;
	} while (!atomic_long_try_cmpxchg(word, old, *old + SWAPTBL_COUNT_ONE));
	return true;
}

/**
 * __swaptbl_cluster_dup_batch() - take one more count of each slot of a range
 * @dev: the device
 * @ci: the cluster
 * @slot: first slot of the cluster
 * @nr: number of slots, all of the cluster
 * @how: what the caller has of the slots
 *
 * Context: Expects the cluster lock to be held by caller, who has what @how says.
 * Return: how many slots got their count, from the first on: all; or 0 if one of them
 * cannot by its word alone; or fewer, if one no longer could when it came to it: then the
 * caller takes those counts back.
 */
unsigned int __swaptbl_cluster_dup_batch(struct swaptbl_device *dev,
					 struct swaptbl_cluster *ci, unsigned int slot,
					 unsigned int nr, enum swaptbl_dup how)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);
	unsigned int i, firsts = 0;
	long old;

	lockdep_assert_held(&ci->lock);
	if (!table || !dups_are_plain(dev, &table->word[slot], nr, how))
		return 0;
	swaptbl_sync(SWAPTBL_RANGE_CHECKED);
	for (i = 0; i < nr && dup_word(dev, &table->word[slot + i], &old); i++)
		firsts += !swaptbl_word_has_count(old);
	if (firsts)
		__swaptbl_cluster_cached_only_add(dev, ci, -(int)firsts);
	return i;
}

static bool put_is_plain(unsigned long word)
{
	return swaptbl_entry_is_counted(word) && swaptbl_entry_count(word);
}

static bool puts_are_plain(const atomic_long_t *word, unsigned int nr)
{
	while (nr && put_is_plain(atomic_long_read(word))) {
		word++;
		nr--;
	}
	return !nr;
}

/* Lock-free puts may have left nothing of the count but O. */
static bool put_word(atomic_long_t *word, long *old)
{
	*old = atomic_long_read(word);
	do {
		if (!swaptbl_entry_count(*old))
			return false;
	} while (!atomic_long_try_cmpxchg(word, old, *old - SWAPTBL_COUNT_ONE));
	return true;
}

/**
 * __swaptbl_cluster_put_batch() - drop one count of each slot of a range
 * @dev: the device
 * @ci: the cluster
 * @slot: first slot of the cluster
 * @nr: number of slots, all of the cluster
 * @dropped: set to whether a swapped slot may have come to 0, which the caller frees
 *
 * Context: Expects the cluster lock to be held by caller, who owns the counts.
 * Return: whether each slot lost its count; if not, nothing was changed.
 */
bool __swaptbl_cluster_put_batch(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				 unsigned int slot, unsigned int nr, bool *dropped)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);
	unsigned int i, lasts = 0;
	long old;

	lockdep_assert_held(&ci->lock);
	*dropped = false;
	if (!table || !puts_are_plain(&table->word[slot], nr))
		return false;
	swaptbl_sync(SWAPTBL_RANGE_CHECKED);
	for (i = 0; i < nr; i++) {
		if (!put_word(&table->word[slot + i], &old)) {
			/* The store had one count more, or several. */
			WARN_ON_ONCE(__swaptbl_cluster_put_entry(dev, ci, slot + i));
			*dropped = true;
			continue;
		}
		if (swaptbl_word_has_count(old - SWAPTBL_COUNT_ONE))
			continue;
		if (swaptbl_entry_is_cached(old))
			lasts++;
		else
			*dropped = true;
	}
	if (lasts)
		__swaptbl_cluster_cached_only_add(dev, ci, lasts);
	return true;
}
