// SPDX-License-Identifier: GPL-2.0
/*
 * The table as the swap cache.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "cache.h"
#include "charge.h"
#include "cluster.h"
#include "count.h"
#include "count_word.h"
#include "device.h"
#include "entries.h"
#include "folio.h"
#include "stats.h"
#include "sync.h"
#include "trace.h"

static void account_add(struct swaptbl_device *dev, unsigned long offset,
			unsigned int nr)
{
	swaptbl_stat_add(dev, SWAPTBL_STAT_CACHED, nr);
	swaptbl_stat_add(dev, SWAPTBL_STAT_CACHE_ADD, nr);
	trace_swaptbl_cache_add(dev->type, offset, nr);
}

static void account_del(struct swaptbl_device *dev, unsigned long offset,
			unsigned int nr)
{
	swaptbl_stat_add(dev, SWAPTBL_STAT_CACHED, -(long)nr);
	swaptbl_stat_add(dev, SWAPTBL_STAT_CACHE_DEL, nr);
	trace_swaptbl_cache_del(dev->type, offset, nr);
}

/* The cache has a reference for each slot. */
static void __bind(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		   struct folio *folio, unsigned int slot)
{
	lockdep_assert_held(&ci->lock);
	folio_ref_add(folio, folio_nr_pages(folio));
	folio->swap = swp_entry(dev->type, swaptbl_cluster_start(ci) + slot);
}

/**
 * __swaptbl_cache_add_folio() - bind a folio to free slots
 * @dev: the device
 * @ci: the cluster, with a table
 * @folio: folio that is bound to no slot
 * @slot: first of as many free slots of the cluster as @folio has pages
 *
 * The cache takes a reference for each slot. The slots are charged to the group of the
 * folio. The caller accounts them with __swaptbl_cluster_claim() before it unlocks.
 *
 * Context: Expects the cluster lock and the lock of @folio to be held by caller.
 */
void __swaptbl_cache_add_folio(struct swaptbl_device *dev,
			       struct swaptbl_cluster *ci, struct folio *folio,
			       unsigned int slot)
{
	unsigned long entry = swaptbl_folio_to_entry(folio);
	unsigned int nr = folio_nr_pages(folio);

	lockdep_assert_held(&ci->lock);
	__bind(dev, ci, folio, slot);
	WARN_ON_ONCE(__swaptbl_cluster_alloc_entries(dev, ci, slot, nr, entry));
	swaptbl_swap_charge(swaptbl_folio_handle(folio), nr);
	account_add(dev, swaptbl_cluster_start(ci) + slot, nr);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cache_add_folio);

/* Another kind and payload; count, O and Z stay as they are by now. */
static unsigned long __change_kind(struct swaptbl_cluster *ci,
				   unsigned int slot, unsigned long to)
{
	unsigned long old = __swaptbl_word_get(ci, slot);

	lockdep_assert_held(&ci->lock);
	while (!__swaptbl_word_try_cmpxchg(ci, slot, &old,
					   swaptbl_entry_move_high(to, old)))
		;
	return old;
}

/*
 * Free the slot if it has no count, else let it remember the folio. From 0 a count does not
 * rise without the lock.
 */
static bool __cache_del_slot(struct swaptbl_cluster *ci, unsigned int slot,
			     unsigned long swapped)
{
	atomic_long_t *word = &__swaptbl_cluster_table(ci)->word[slot];
	long old = atomic_long_read(word);

	lockdep_assert_held(&ci->lock);
	while (swaptbl_word_has_count(old))
		if (atomic_long_try_cmpxchg(word, &old,
					    swaptbl_entry_move_high(swapped, old)))
			return false;
	atomic_long_set(word, 0);
	return true;
}

/* The @nr slots before @slot were freed with the folio. */
static void __cache_del_freed(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			      struct folio *folio, unsigned int slot, unsigned int nr)
{
	lockdep_assert_held(&ci->lock);
	if (!nr)
		return;
	__swaptbl_cluster_cached_only_add(dev, ci, -(int)nr);
	swaptbl_swap_uncharge(swaptbl_folio_handle(folio), nr);
	__swaptbl_cluster_release(dev, ci, slot - nr, nr);
}

/* Slot i gets @swapped[i * @stride]; those without a count are freed, in runs. */
static void __cache_del(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			struct folio *folio, unsigned int slot,
			const unsigned long *swapped, unsigned int stride)
{
	unsigned int end = slot + folio_nr_pages(folio);
	unsigned int freed = 0;
	long ages = 0;

	lockdep_assert_held(&ci->lock);
	account_del(dev, swaptbl_cluster_start(ci) + slot, end - slot);
	folio->swap.val = 0;
	for (; slot < end; slot++, swapped += stride) {
		if (__cache_del_slot(ci, slot, *swapped)) {
			freed++;
			continue;
		}
		ages += swaptbl_entry_has_age(*swapped);
		__cache_del_freed(dev, ci, folio, slot, freed);
		freed = 0;
	}
	__cache_del_freed(dev, ci, folio, slot, freed);
	swaptbl_stat_add(dev, SWAPTBL_STAT_SHADOWS, ages);
}

/**
 * __swaptbl_cache_del_folio() - unbind a folio from its slots
 * @dev: the device
 * @ci: the cluster
 * @folio: bound to the slots from @slot on
 * @slot: first slot of the cluster
 * @shadow: what slots that have a count remember of the folio; the group is that of the
 *	folio, whatever it says
 *
 * Slots without a count are freed. The statistics come first and the words last,
 * so that nothing is written about a slot that is free already. The caller drops
 * the cache's references, one a slot, after it unlocked.
 *
 * Context: Expects the cluster lock and the lock of @folio to be held by caller.
 */
void __swaptbl_cache_del_folio(struct swaptbl_device *dev,
			       struct swaptbl_cluster *ci, struct folio *folio,
			       unsigned int slot,
			       const struct swaptbl_shadow *shadow)
{
	struct swaptbl_shadow own = *shadow;
	unsigned long swapped;

	lockdep_assert_held(&ci->lock);
	own.group = swaptbl_folio_group(folio);
	swapped = swaptbl_shadow_to_entry(&own);
	__cache_del(dev, ci, folio, slot, &swapped, 0);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cache_del_folio);

/**
 * swaptbl_cache_del_folio() - let go of a folio and keep its counts
 * @folio: bound folio
 * @shadow: what slots that have a count remember of it, but for the group
 *
 * Context: Process context. Expects the lock of @folio to be held by caller, who
 * also has a reference to it. Takes and releases the cluster lock.
 * Return: 0; -EINVAL if @folio is not locked or bound to no slot; -ERANGE if
 * @shadow names a node that cannot be; -ENODEV or -ESHUTDOWN if its
 * device is gone or going.
 */
int swaptbl_cache_del_folio(struct folio *folio,
			    const struct swaptbl_shadow *shadow)
{
	swp_entry_t entry = folio->swap;
	struct swaptbl_device *dev;
	struct swaptbl_cluster *ci;

	if (!folio_test_locked(folio) || !swaptbl_folio_bound(folio))
		return -EINVAL;
	if (shadow->node >= MAX_NUMNODES)
		return -ERANGE;
	dev = swaptbl_device_get_entry(entry, folio_nr_pages(folio));
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ci = swaptbl_cluster_lock(dev, swp_offset(entry));
	__swaptbl_cache_del_folio(dev, ci, folio,
				  swaptbl_slot(swp_offset(entry)), shadow);
	swaptbl_cluster_unlock(ci);
	swaptbl_device_put(dev);
	swaptbl_folio_unbound(folio);
	folio_put_refs(folio, folio_nr_pages(folio));
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cache_del_folio);

static int target_check(unsigned long word)
{
	if (swaptbl_entry_is_cached(word))
		return -EEXIST;
	if (swaptbl_entry_is_free(word))
		return -ENOENT;
	return swaptbl_entry_is_swapped(word) ? 0 : -EINVAL;
}

static int __add_swapped_check(struct swaptbl_cluster *ci, unsigned int slot,
			       unsigned int nr, unsigned int target)
{
	unsigned long word = __swaptbl_word_get(ci, target);
	int err = target_check(word);

	lockdep_assert_held(&ci->lock);
	for (; !err && nr; slot++, nr--)
		if (!swaptbl_entry_fits(__swaptbl_word_get(ci, slot), word))
			err = -EBUSY;
	return err;
}

static void __add_swapped(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			  struct folio *folio, unsigned int slot,
			  unsigned long *shadows)
{
	unsigned long entry = swaptbl_folio_to_entry(folio);
	unsigned int i, nr = folio_nr_pages(folio);
	long ages = 0;

	lockdep_assert_held(&ci->lock);
	__bind(dev, ci, folio, slot);
	for (i = 0; i < nr; i++) {
		shadows[i] = __change_kind(ci, slot + i, entry);
		ages += swaptbl_entry_has_age(shadows[i]);
	}
	swaptbl_stat_add(dev, SWAPTBL_STAT_SHADOWS, -ages);
	account_add(dev, swaptbl_cluster_start(ci) + slot, nr);
}

/* Mostly the ends tell: what was one folio is swapped as a whole. */
static int __ends_check(struct swaptbl_cluster *ci, unsigned int slot,
			unsigned int nr, unsigned int target)
{
	lockdep_assert_held(&ci->lock);
	return __add_swapped_check(ci, slot, 1, target) ?:
	       __add_swapped_check(ci, slot + nr - 1, 1, target);
}

/**
 * swaptbl_cache_check_swapped() - whether a folio could be bound to swapped slots
 * @dev: the device
 * @offset: first slot of the device, below its size
 * @nr: number of slots, all in one cluster and below the size of the device
 * @target: the slot that the caller is after, one of them
 *
 * A guess that saves the caller a folio: it is about the target and both ends, and may
 * be outdated on return.
 *
 * Context: Any context but interrupts. The caller has a reference to @dev. Takes
 * and releases the cluster lock.
 * Return: as swaptbl_cache_add_swapped().
 */
int swaptbl_cache_check_swapped(struct swaptbl_device *dev, unsigned long offset,
				unsigned int nr, unsigned long target)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	int err;

	if (!ci)
		return -ENOENT;
	err = __ends_check(ci, swaptbl_slot(offset), nr, swaptbl_slot(target));
	swaptbl_cluster_unlock(ci);
	return err;
}

/**
 * swaptbl_cache_add_swapped() - bind a folio to swapped slots
 * @dev: the device
 * @folio: folio that is bound to no slot
 * @offset: first slot of the device, a multiple of the size of @folio; all slots
 *	are below the size of the device
 * @target: the slot that the caller is after, one of them
 * @shadows: set to the words that the slots had, one for each page of @folio
 *
 * The folio names the group that the slots name from the same critical section on that
 * binds it: before that, slots may be freed and used again by another. The caller sees
 * to the charge. The cache takes a reference for each slot.
 *
 * Context: Any context but interrupts. Expects the lock of @folio to be held by
 * caller, who has a reference to @dev. Takes and releases the cluster lock.
 * Return: 0; or, with nothing changed, -EEXIST if the target has a folio, -ENOENT
 * if it is free, -EINVAL if it is bad or exclusive; -EBUSY, never for one page, if
 * another of the slots is not swapped, or differs from the target in its owner or
 * in whether it is all zero.
 */
int swaptbl_cache_add_swapped(struct swaptbl_device *dev, struct folio *folio,
			      unsigned long offset, unsigned long target,
			      unsigned long *shadows)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	unsigned int slot = swaptbl_slot(offset);
	struct swaptbl_shadow shadow;
	int err;

	if (!ci)
		return -ENOENT;
	err = __add_swapped_check(ci, slot, folio_nr_pages(folio),
				  swaptbl_slot(target));
	if (!err) {
		__add_swapped(dev, ci, folio, slot, shadows);
		swaptbl_entry_to_shadow(shadows[target - offset], &shadow);
		swaptbl_folio_name(folio, swaptbl_handle_find(shadow.group));
	}
	swaptbl_cluster_unlock(ci);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cache_add_swapped);

/**
 * swaptbl_cache_restore() - undo swaptbl_cache_add_swapped()
 * @dev: the device
 * @folio: the folio, which got no data
 * @shadows: what swaptbl_cache_add_swapped() set
 *
 * The words become what they were, with the counts that they have by now. Slots
 * without a count are freed. Drops the references of the cache. The caller sees to the
 * charge.
 *
 * Context: Any context but interrupts. Expects the lock of @folio to be held by
 * caller, who has references to it and to @dev. Takes and releases the cluster
 * lock.
 */
void swaptbl_cache_restore(struct swaptbl_device *dev, struct folio *folio,
			   const unsigned long *shadows)
{
	unsigned long offset = swp_offset(folio->swap);
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);

	__cache_del(dev, ci, folio, swaptbl_slot(offset), shadows, 1);
	swaptbl_cluster_unlock(ci);
	folio_put_refs(folio, folio_nr_pages(folio));
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cache_restore);

/**
 * __swaptbl_cache_replace_slots() - have slots name another folio
 * @dev: the device
 * @ci: the cluster
 * @folio: folio that is bound to no slot, with the data
 * @slot: first of as many cached slots of the cluster as @folio has pages
 *
 * The cache takes a reference to @folio for each slot. The caller unbinds the folio
 * that the slots named before, and drops the references to that.
 *
 * Context: Expects the cluster lock and the locks of both folios to be held by
 * caller.
 */
void __swaptbl_cache_replace_slots(struct swaptbl_device *dev,
				   struct swaptbl_cluster *ci,
				   struct folio *folio, unsigned int slot)
{
	unsigned long entry = swaptbl_folio_to_entry(folio);
	unsigned int i;

	lockdep_assert_held(&ci->lock);
	__bind(dev, ci, folio, slot);
	for (i = 0; i < folio_nr_pages(folio); i++)
		__change_kind(ci, slot + i, entry);
}

static int replace_check(struct folio *old, struct folio *new)
{
	if (!folio_test_locked(old) || !folio_test_locked(new) ||
	    !swaptbl_folio_bound(old) || !folio_test_uptodate(new))
		return -EINVAL;
	if (folio_order(old) != folio_order(new))
		return -ERANGE;
	return swaptbl_folio_bound_anywhere(new) || swaptbl_folio_handle(new) ?
	       -EEXIST : 0;
}

/**
 * swaptbl_cache_replace_folio() - have another folio take over all slots of one
 * @old: bound folio, unbound on success
 * @new: folio of the same order that is bound to no slot and not charged, with the
 *	data; gets group and state of @old
 *
 * Context: Any context but interrupts. Expects the locks of both folios to be held
 * by caller, who has references to both. Takes and releases the cluster lock.
 * Return: 0; or, with nothing changed, -EINVAL if a folio is not locked, @old is
 * bound to no slot or @new does not hold data, -ERANGE if the orders differ,
 * -EEXIST if @new is bound or charged; -ENODEV or -ESHUTDOWN if the device is gone or
 * going.
 */
int swaptbl_cache_replace_folio(struct folio *old, struct folio *new)
{
	unsigned int nr = folio_nr_pages(old);
	struct swaptbl_device *dev;
	struct swaptbl_cluster *ci;
	unsigned long offset;
	int err = replace_check(old, new);

	if (err)
		return err;
	offset = swp_offset(old->swap);
	dev = swaptbl_device_get_entry(old->swap, nr);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	swaptbl_folio_inherit(new, old);
	if (folio_test_dirty(old))
		folio_set_dirty(new);
	ci = swaptbl_cluster_lock(dev, offset);
	__swaptbl_cache_replace_slots(dev, ci, new, swaptbl_slot(offset));
	old->swap.val = 0;
	swaptbl_cluster_unlock(ci);
	swaptbl_device_put(dev);
	swaptbl_folio_unbound(old);
	folio_put_refs(old, nr);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cache_replace_folio);

static unsigned long word_of(struct swaptbl_cluster *ci, unsigned int slot)
{
	struct swaptbl_table *table = swaptbl_rcu_dereference(ci->table);

	/* Pairs with the store that bound the folio: it is complete. */
	return table ? atomic_long_read_acquire(&table->word[slot]) : 0;
}

/**
 * swaptbl_cache_get_folio() - folio that a slot is bound to
 * @dev: the device
 * @offset: slot of the device, below its size
 *
 * Between the read of the word and the reference the folio may leave the cache,
 * be freed and be reused, as a folio of its own or inside another. Only the slot
 * can tell: its word is read again. A folio that has left the cache since is not
 * excluded; who relies on it locks the folio and looks at folio->swap.
 *
 * Context: Any context. The caller has a reference to @dev.
 * Return: the folio with a reference, or NULL.
 */
struct folio *swaptbl_cache_get_folio(struct swaptbl_device *dev,
				      unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, offset);
	unsigned int slot = swaptbl_slot(offset);
	struct folio *folio = NULL;
	unsigned long word, again;

	if (!ci)
		return NULL;
	swaptbl_rcu_read_lock();
	for (word = word_of(ci, slot); swaptbl_entry_is_cached(word);
	     word = again) {
		swaptbl_sync(SWAPTBL_LOOKUP_LOADED);
		folio = swaptbl_entry_to_folio(word);
		if (!folio_try_get(folio))
			folio = NULL;
		swaptbl_sync(SWAPTBL_LOOKUP_GOT);
		again = word_of(ci, slot);
		/* By its page, not by @word, whose page was perhaps another's part. */
		if (folio && !((again ^ swaptbl_folio_to_entry(folio)) & ~SWAPTBL_HIGH_MASK))
			break;
		if (folio)
			folio_put(folio);
		folio = NULL;
	}
	swaptbl_rcu_read_unlock();
	return folio;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cache_get_folio);
