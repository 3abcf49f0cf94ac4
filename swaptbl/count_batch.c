// SPDX-License-Identifier: GPL-2.0
/*
 * Counts of many slots at once, where each change touches its word alone: no overflow store
 * is entered, left or asked. That is what nearly all ranges are; count.c has the others,
 * and says why words change as they do.
 */
#include "cluster.h"
#include "count.h"
#include "count_lockless.h"
#include "count_word.h"
#include "device.h"
#include "entries.h"
#include "stats.h"
#include "sync.h"
#include "trace.h"

/* When the lock was taken, no swapped word was without a count, see entry.h. */
static __always_inline bool dup_is_plain(unsigned long word, unsigned long full,
					 enum swaptbl_dup how)
{
	return (word & SWAPTBL_COUNT_MASK) != full && swaptbl_entry_is_counted(word) &&
	       (how == SWAPTBL_DUP_CACHED || swaptbl_word_has_count(word));
}

/*
 * A word without a count is the lock holder's alone, and is written: that is what the dup of
 * a folio that was just allocated meets, and spares it an atomic operation for each slot.
 * Return: how many, from the first on; @firsts is set to those that had no count.
 */
static __always_inline unsigned int
dup_words(atomic_long_t *word, unsigned int nr, unsigned long full,
	  enum swaptbl_dup how, unsigned int *firsts)
{
	unsigned int i;
	long old;

	for (i = 0; i < nr; i++) {
		old = atomic_long_read(&word[i]);
		do {
			if (!dup_is_plain(old, full, how))
				return i;
			swaptbl_sync(SWAPTBL_BATCH_LOADED);
			if (!swaptbl_word_has_count(old)) {
				atomic_long_set(&word[i], old + SWAPTBL_COUNT_ONE);
				++*firsts;
				break;
			}
		} while (!atomic_long_try_cmpxchg(&word[i], &old,
						  old + SWAPTBL_COUNT_ONE));
	}
	return nr;
}

static __always_inline bool put_is_plain(unsigned long word)
{
	return swaptbl_entry_is_counted(word) && word & SWAPTBL_COUNT_MASK;
}

static __always_inline bool puts_are_plain(const atomic_long_t *word, unsigned int nr)
{
	while (nr && put_is_plain(atomic_long_read(word))) {
		word++;
		nr--;
	}
	return !nr;
}

/* Lock-free puts may have left nothing of the count but O. */
static __always_inline bool put_word(atomic_long_t *word, long *old)
{
	*old = atomic_long_read(word);
	do {
		if (!(*old & SWAPTBL_COUNT_MASK))
			return false;
	} while (!atomic_long_try_cmpxchg(word, old, *old - SWAPTBL_COUNT_ONE));
	return true;
}

/* Return: how many cached slots came to 0; @dropped is set to whether a swapped one may. */
static __always_inline unsigned int
__put_words(struct swaptbl_device *dev, struct swaptbl_cluster *ci, atomic_long_t *word,
	    unsigned int slot, unsigned int nr, bool *dropped)
{
	unsigned int i, lasts = 0;
	long old;

	lockdep_assert_held(&ci->lock);
	for (i = 0; i < nr; i++) {
		if (unlikely(!put_word(&word[i], &old))) {
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
	return lasts;
}

/*
 * Sums that verify compares are not touched, unless a slot's owner lied and put meanwhile: a
 * dup that is refused moves no counter that tells verify of it. Counts come back, words
 * perhaps not: see __dup_undo() in range.c.
 */
static noinline void __dup_undo(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				unsigned int slot, unsigned int nr, unsigned int firsts)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);
	bool dropped = false;
	unsigned int lasts;

	lockdep_assert_held(&ci->lock);
	lasts = __put_words(dev, ci, &table->word[slot], slot, nr, &dropped);
	if (lasts != firsts)
		__swaptbl_cluster_cached_only_add(dev, ci, (int)lasts - (int)firsts);
	if (dropped)
		__swaptbl_cluster_free_dropped(dev, ci, slot, nr);
}

static __always_inline bool
__dup_batch(struct swaptbl_device *dev, struct swaptbl_cluster *ci, unsigned int slot,
	    unsigned int nr, enum swaptbl_dup how)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);
	unsigned int done, firsts = 0;

	lockdep_assert_held(&ci->lock);
	if (!table)
		return false;
	done = dup_words(&table->word[slot], nr, swaptbl_word_full(dev), how, &firsts);
	if (unlikely(done < nr)) {
		__dup_undo(dev, ci, slot, done, firsts);
		return false;
	}
	if (firsts)
		__swaptbl_cluster_cached_only_add(dev, ci, -(int)firsts);
	swaptbl_stat_add(dev, SWAPTBL_STAT_DUP, nr);
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
 * Context: Expects the cluster lock to be held by caller, who changed nothing under it yet
 * and has what @how says.
 * Return: whether each slot got its count, which is accounted; if not, one of them cannot by
 * its word alone, and the counts are what they were.
 */
bool __swaptbl_cluster_dup_batch(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				 unsigned int slot, unsigned int nr, enum swaptbl_dup how)
{
	lockdep_assert_held(&ci->lock);
	return how == SWAPTBL_DUP_CACHED ?
	       __dup_batch(dev, ci, slot, nr, SWAPTBL_DUP_CACHED) :
	       __dup_batch(dev, ci, slot, nr, SWAPTBL_DUP_OWNED);
}

static __always_inline bool
__put_batch(struct swaptbl_device *dev, struct swaptbl_cluster *ci, unsigned int slot,
	    unsigned int nr)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);
	bool dropped = false;
	unsigned int lasts;

	lockdep_assert_held(&ci->lock);
	if (!table || !puts_are_plain(&table->word[slot], nr))
		return false;
	swaptbl_sync(SWAPTBL_RANGE_CHECKED);
	lasts = __put_words(dev, ci, &table->word[slot], slot, nr, &dropped);
	if (lasts)
		__swaptbl_cluster_cached_only_add(dev, ci, lasts);
	if (dropped)
		__swaptbl_cluster_free_dropped(dev, ci, slot, nr);
	swaptbl_stat_add(dev, SWAPTBL_STAT_PUT, nr);
	return true;
}

/**
 * __swaptbl_cluster_put_batch() - drop one count of each slot of a range
 * @dev: the device
 * @ci: the cluster
 * @slot: first slot of the cluster
 * @nr: number of slots, all of the cluster
 *
 * Swapped slots that come to 0 are freed.
 *
 * Context: Expects the cluster lock to be held by caller, who owns the counts.
 * Return: whether each slot lost its count, which is accounted; if not, nothing was
 * changed.
 */
bool __swaptbl_cluster_put_batch(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				 unsigned int slot, unsigned int nr)
{
	lockdep_assert_held(&ci->lock);
	return __put_batch(dev, ci, slot, nr);
}

/*
 * What is done to a folio's slots, under the lock of their cluster, on a device that is live
 * for as long as this takes and so needs no reference. Return: whether it was done.
 */
static __always_inline bool
change_folio(swp_entry_t entry, unsigned int nr,
	     bool (*change)(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			    unsigned long offset, unsigned int nr))
{
	unsigned long offset = swp_offset(entry);
	struct swaptbl_cluster *ci = NULL;
	struct swaptbl_device *dev;
	bool done;

	swaptbl_rcu_read_lock();
	dev = swaptbl_device_peek(swp_type(entry));
	if (dev && offset + nr <= dev->nr_slots &&
	    swaptbl_slot(offset) + nr <= SWAPTBL_CLUSTER_SLOTS)
		ci = swaptbl_cluster_lookup(dev, offset);
	done = ci && change(dev, ci, offset, nr);
	swaptbl_rcu_read_unlock();
	return done;
}

static __always_inline bool dup_folio(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				      unsigned long offset, unsigned int nr)
{
	bool done;

	swaptbl_cluster_lock_found(ci);
	done = __dup_batch(dev, ci, swaptbl_slot(offset), nr, SWAPTBL_DUP_CACHED);
	swaptbl_cluster_unlock(ci);
	if (done)
		trace_swaptbl_dup(dev->type, offset, nr);
	return done;
}

/**
 * swaptbl_dup_folio_entries() - take one more count of a folio's slots, if that is simple
 * @entry: the first
 * @nr: how many slots, at least one
 *
 * Context: Any context but interrupts. The caller has the lock of the folio that is bound
 * to the slots. Takes and releases the cluster lock.
 * Return: whether it is done; if not, nothing was changed, and swaptbl_dup_entries() does
 * it, or says why not.
 */
bool swaptbl_dup_folio_entries(swp_entry_t entry, unsigned int nr)
{
	return change_folio(entry, nr, dup_folio);
}

static __always_inline bool put_folio(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				      unsigned long offset, unsigned int nr)
{
	bool done;

	/* Of a page that is shared, more counts are left. */
	if (nr == 1 && swaptbl_lockless_put(dev, offset))
		return true;
	swaptbl_cluster_lock_found(ci);
	done = __put_batch(dev, ci, swaptbl_slot(offset), nr);
	swaptbl_cluster_unlock(ci);
	if (done)
		trace_swaptbl_put(dev->type, offset, nr);
	return done;
}

/**
 * swaptbl_put_folio_entries() - drop one count of a folio's slots, if that is simple
 * @entry: the first
 * @nr: how many slots, at least one
 *
 * Context: As swaptbl_dup_folio_entries(); the caller owns the counts.
 * Return: as there, with swaptbl_put_entries().
 */
bool swaptbl_put_folio_entries(swp_entry_t entry, unsigned int nr)
{
	return change_folio(entry, nr, put_folio);
}
