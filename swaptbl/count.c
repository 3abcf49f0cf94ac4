// SPDX-License-Identifier: GPL-2.0
/*
 * Counts of slots.
 *
 * A count is c + units * carry: c stands in the word, units in the cluster's
 * overflow store, and the O flag of the word says that units is not 0. A dup
 * that finds c at its maximum carries one unit, half of what c can hold, over
 * into the store; a put that finds c at 0 borrows one back. Both look at one
 * slot only. Between a carry and a borrow lie at least carry changes that touch
 * the word alone, so a count that swings around the border neither allocates
 * nor frees each time, and a count deep in overflow is still lock-free most of
 * the time.
 *
 * Invariants, under the cluster lock: O is set if and only if units > 0, hence
 * O alone says that the count is at least 1. A swapped word has a count.
 *
 * A word with a count changes by atomic read-modify-write only; without one it is the lock
 * holder's alone, who may write it. Kind, payload, O, units, and every change between count
 * 0 and 1 are under the cluster lock; the rest is open to the lock-free path, see
 * count_lockless.h.
 */
#include <kunit/visibility.h>

#include "charge.h"
#include "cluster.h"
#include "count.h"
#include "count_word.h"
#include "device.h"
#include "folio.h"
#include "stats.h"
#include "sync.h"
#include "trace.h"

static bool dup_carries(const struct swaptbl_device *dev, unsigned long word)
{
	return swaptbl_entry_count(word) == dev->count_max;
}

static unsigned long dup_word(const struct swaptbl_device *dev,
			      unsigned long word)
{
	unsigned int count = swaptbl_entry_count(word);

	if (!dup_carries(dev, word))
		return swaptbl_entry_set_count(word, count + 1);
	word = swaptbl_entry_set_count(word, count + 1 - dev->count_carry);
	return word | SWAPTBL_OVERFLOW_FLAG;
}

static int dup_check(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		     unsigned int slot, unsigned long word, enum swaptbl_dup how)
{
	int err = swaptbl_word_counted_check(word);

	if (err)
		return err;
	if (!swaptbl_word_has_count(word) &&
	    (how != SWAPTBL_DUP_CACHED || !swaptbl_entry_is_cached(word)))
		return -ENOENT;
	if (dup_carries(dev, word) &&
	    swaptbl_overflow_get(&ci->overflow, slot) >= dev->units_max)
		return -EOVERFLOW;
	return 0;
}

static bool dup_enters(const struct swaptbl_device *dev, unsigned long word)
{
	return dup_carries(dev, word) && !swaptbl_entry_is_overflowed(word);
}

static void __dup_account(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			  unsigned int slot, unsigned long old)
{
	u32 units;

	lockdep_assert_held(&ci->lock);
	if (!swaptbl_word_has_count(old))
		__swaptbl_cluster_cached_only_add(dev, ci, -1);
	if (!dup_carries(dev, old))
		return;
	units = swaptbl_overflow_get(&ci->overflow, slot) + 1;
	swaptbl_overflow_set(&ci->overflow, slot, units);
	if (units == 1) {
		swaptbl_stat_inc(dev, SWAPTBL_STAT_OVERFLOW_ENTER);
		trace_swaptbl_overflow_enter(dev->type,
					     swaptbl_cluster_start(ci) + slot);
	}
}

/**
 * __swaptbl_cluster_dup_check() - whether a slot can take one more count
 * @dev: the device
 * @ci: the cluster
 * @slot: slot of the cluster
 * @how: what the caller has of the slot
 *
 * Changes nothing.
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: 0; 1 if the slot would enter the overflow store; -ENOENT if the slot is
 * free or has no count that @how asks for, -EINVAL if it is bad or exclusive,
 * -EOVERFLOW if its count is at the maximum.
 */
int __swaptbl_cluster_dup_check(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot,
				enum swaptbl_dup how)
{
	unsigned long word;

	lockdep_assert_held(&ci->lock);
	word = __swaptbl_word_get(ci, slot);
	return dup_check(dev, ci, slot, word, how) ?: dup_enters(dev, word);
}

/**
 * __swaptbl_cluster_dup_entry() - take one more count of a slot
 * @dev: the device
 * @ci: the cluster
 * @slot: slot of the cluster
 *
 * Context: Expects the cluster lock to be held by caller, who owns a count of
 * the slot, or the lock of the folio that it is bound to.
 * Return: 0; or, with the word as it was, -ENOENT if the slot is free, -EINVAL
 * if it is bad or exclusive, -EOVERFLOW if its count is at the maximum, -ENOMEM
 * if the overflow store has no room for it.
 */
int __swaptbl_cluster_dup_entry(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot)
{
	unsigned long old;
	int err;

	lockdep_assert_held(&ci->lock);
	old = __swaptbl_word_get(ci, slot);
	do {
		err = dup_check(dev, ci, slot, old, SWAPTBL_DUP_CACHED);
		if (err)
			return err;
		if (dup_enters(dev, old) && !swaptbl_overflow_room(&ci->overflow))
			return -ENOMEM;
	} while (!__swaptbl_word_try_cmpxchg(ci, slot, &old, dup_word(dev, old)));
	__dup_account(dev, ci, slot, old);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_dup_entry);

static bool put_borrows(unsigned long word)
{
	return !swaptbl_entry_count(word) && swaptbl_entry_is_overflowed(word);
}

static int put_check(unsigned long word)
{
	int err = swaptbl_word_counted_check(word);

	if (err)
		return err;
	return swaptbl_word_has_count(word) ? 0 : -ENOENT;
}

static unsigned long put_word(const struct swaptbl_device *dev,
			      unsigned long word, u32 units)
{
	unsigned int count = swaptbl_entry_count(word);

	if (!put_borrows(word))
		return swaptbl_entry_set_count(word, count - 1);
	if (units == 1)
		word &= ~SWAPTBL_OVERFLOW_FLAG;
	return swaptbl_entry_set_count(word, dev->count_carry - 1);
}

static void __put_account(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			  unsigned int slot, unsigned long old,
			  unsigned long new, u32 units)
{
	lockdep_assert_held(&ci->lock);
	if (!swaptbl_word_has_count(new) && swaptbl_entry_is_cached(new))
		__swaptbl_cluster_cached_only_add(dev, ci, 1);
	if (!put_borrows(old))
		return;
	swaptbl_overflow_set(&ci->overflow, slot, units - 1);
	if (units == 1) {
		swaptbl_stat_inc(dev, SWAPTBL_STAT_OVERFLOW_LEAVE);
		trace_swaptbl_overflow_leave(dev->type,
					     swaptbl_cluster_start(ci) + slot);
	}
}

/**
 * __swaptbl_cluster_put_check() - whether a slot has a count to drop
 * @ci: the cluster
 * @slot: slot of the cluster
 *
 * What it allows stays allowed until the caller unlocks: lock-free puts leave a
 * count of at least 1.
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: 0; -ENOENT if the slot is free or has count 0, -EINVAL if it is bad or
 * exclusive.
 */
int __swaptbl_cluster_put_check(struct swaptbl_cluster *ci, unsigned int slot)
{
	lockdep_assert_held(&ci->lock);
	return put_check(__swaptbl_word_get(ci, slot));
}

/**
 * __swaptbl_cluster_put_entry() - drop one count of a slot
 * @dev: the device
 * @ci: the cluster
 * @slot: slot of the cluster
 *
 * Does not free: a swapped slot that comes to 0 the caller frees before it
 * unlocks.
 *
 * Context: Expects the cluster lock to be held by caller, who owns the count.
 * Return: 0; or, with the word as it was, -ENOENT if the slot is free or has
 * count 0, -EINVAL if it is bad or exclusive.
 */
int __swaptbl_cluster_put_entry(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot)
{
	unsigned long old, new;
	u32 units;
	int err;

	lockdep_assert_held(&ci->lock);
	old = __swaptbl_word_get(ci, slot);
	units = swaptbl_overflow_get(&ci->overflow, slot);
	do {
		err = put_check(old);
		if (err)
			return err;
		new = put_word(dev, old, units);
	} while (!__swaptbl_word_try_cmpxchg(ci, slot, &old, new));
	__put_account(dev, ci, slot, old, new, units);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_put_entry);

/**
 * __swaptbl_cluster_drop_counts() - drop all counts of a slot at once
 * @dev: the device, with no user left
 * @ci: the cluster
 * @slot: slot of the cluster
 *
 * For a device that goes with all that is in it. The caller frees the slot.
 *
 * Context: Expects the cluster lock to be held by caller.
 */
void __swaptbl_cluster_drop_counts(struct swaptbl_device *dev,
				   struct swaptbl_cluster *ci, unsigned int slot)
{
	unsigned long old, new;

	lockdep_assert_held(&ci->lock);
	old = __swaptbl_word_get(ci, slot);
	do {
		if (!swaptbl_entry_is_counted(old) || !swaptbl_word_has_count(old))
			return;
		new = swaptbl_entry_set_count(old, 0) & ~SWAPTBL_OVERFLOW_FLAG;
	} while (!__swaptbl_word_try_cmpxchg(ci, slot, &old, new));
	swaptbl_overflow_set(&ci->overflow, slot, 0);
	if (swaptbl_entry_is_cached(new))
		__swaptbl_cluster_cached_only_add(dev, ci, 1);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_drop_counts);

/**
 * __swaptbl_cluster_count() - exact count of a slot
 * @dev: the device
 * @ci: the cluster
 * @slot: slot of the cluster
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: the count, 0 for a word that carries none.
 */
unsigned long __swaptbl_cluster_count(struct swaptbl_device *dev,
				      struct swaptbl_cluster *ci,
				      unsigned int slot)
{
	unsigned long word;

	lockdep_assert_held(&ci->lock);
	word = __swaptbl_word_get(ci, slot);
	if (!swaptbl_entry_is_counted(word))
		return 0;
	return swaptbl_entry_count(word) + (unsigned long)dev->count_carry *
	       swaptbl_overflow_get(&ci->overflow, slot);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_count);

/**
 * swaptbl_swapped() - whether anybody has a count of a slot
 * @dev: the device
 * @offset: slot of the device, any value
 *
 * Context: Any context. The caller has a reference to @dev.
 * Return: false also if the slot is free, carries no count or is beyond the device.
 */
bool swaptbl_swapped(struct swaptbl_device *dev, unsigned long offset)
{
	unsigned long word;

	if (offset >= dev->nr_slots)
		return false;
	word = swaptbl_word_now(swaptbl_cluster_lookup(dev, offset),
				swaptbl_slot(offset));
	return swaptbl_entry_is_counted(word) && swaptbl_word_has_count(word);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_swapped);

static noinline long count_overflowed(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				      unsigned int slot)
{
	long count;

	swaptbl_cluster_lock_found(ci);
	count = __swaptbl_cluster_count(dev, ci, slot);
	swaptbl_cluster_unlock(ci);
	return count;
}

static __always_inline long count_of(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci;
	unsigned long word;

	if (offset >= dev->nr_slots)
		return -ERANGE;
	ci = swaptbl_cluster_lookup(dev, offset);
	word = swaptbl_word_now(ci, swaptbl_slot(offset));
	if (!swaptbl_entry_is_counted(word))
		return 0;
	if (!swaptbl_entry_is_overflowed(word))
		return swaptbl_entry_count(word);
	return count_overflowed(dev, ci, swaptbl_slot(offset));
}

/**
 * swaptbl_count() - exact count of a slot
 * @dev: the device
 * @offset: slot of the device
 *
 * Context: Any context but interrupts. The caller has a reference to @dev.
 * Takes the cluster lock only if the slot overflows.
 * Return: the count, 0 if the slot is free or carries none; -ERANGE if @offset is
 * beyond the device.
 */
long swaptbl_count(struct swaptbl_device *dev, unsigned long offset)
{
	return count_of(dev, offset);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_count);

static noinline long count_unless_gone(swp_entry_t entry)
{
	struct swaptbl_device *dev = swaptbl_device_get(swp_type(entry));
	long count;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	count = swaptbl_count(dev, swp_offset(entry));
	swaptbl_device_put(dev);
	return count;
}

/**
 * swaptbl_count_direct() - exact count of an entry
 * @entry: the entry, any value
 *
 * Context: Any context but interrupts. Takes a reference to the device only if it is going
 * away.
 * Return: as swaptbl_count(); -ENODEV if there is no such device, -ESHUTDOWN if it is going
 * away and nothing can be said of its slots any more.
 */
long swaptbl_count_direct(swp_entry_t entry)
{
	struct swaptbl_device *dev;
	long count = 0;

	swaptbl_rcu_read_lock();
	dev = swaptbl_device_peek(swp_type(entry));
	if (likely(dev))
		count = count_of(dev, swp_offset(entry));
	swaptbl_rcu_read_unlock();
	return likely(dev) ? count : count_unless_gone(entry);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_count_direct);

/**
 * swaptbl_count_limit() - largest count of a slot
 * @dev: the device
 *
 * Context: Any context.
 * Return: the count at which a dup is refused with -EOVERFLOW.
 */
unsigned long swaptbl_count_limit(const struct swaptbl_device *dev)
{
	return (unsigned long)dev->units_max * dev->count_carry + dev->count_max;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_count_limit);
