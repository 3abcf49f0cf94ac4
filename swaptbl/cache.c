// SPDX-License-Identifier: GPL-2.0
/*
 * The table as the swap cache.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "cache.h"
#include "cluster.h"
#include "count.h"
#include "device.h"
#include "folio.h"
#include "sync.h"

/**
 * __swaptbl_cache_add_folio() - bind a folio to free slots
 * @dev: the device
 * @ci: the cluster, with a table
 * @folio: folio that is bound to no slot
 * @slot: first of as many free slots of the cluster as @folio has pages
 *
 * The cache takes a reference for each slot. The caller accounts the slots with
 * __swaptbl_cluster_claim() before it unlocks.
 *
 * Context: Expects the cluster lock and the lock of @folio to be held by caller.
 */
void __swaptbl_cache_add_folio(struct swaptbl_device *dev,
			       struct swaptbl_cluster *ci, struct folio *folio,
			       unsigned int slot)
{
	unsigned long entry = swaptbl_folio_to_entry(folio);
	unsigned int i, nr = folio_nr_pages(folio);

	lockdep_assert_held(&ci->lock);
	folio_ref_add(folio, nr);
	folio->swap = swp_entry(dev->type, swaptbl_cluster_start(ci) + slot);
	for (i = 0; i < nr; i++)
		WARN_ON_ONCE(__swaptbl_cluster_alloc_entry(dev, ci, slot + i,
							   entry));
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cache_add_folio);

/* Free the slot if it has no count, else let it remember the folio. */
static bool __cache_del_slot(struct swaptbl_device *dev,
			     struct swaptbl_cluster *ci, unsigned int slot,
			     unsigned long swapped)
{
	unsigned long old, new;

	lockdep_assert_held(&ci->lock);
	if (!__swaptbl_cluster_free_entry(dev, ci, slot))
		return true;
	old = __swaptbl_word_get(ci, slot);
	do {
		new = swaptbl_entry_move_high(swapped, old);
	} while (!__swaptbl_word_try_cmpxchg(ci, slot, &old, new));
	return false;
}

/**
 * __swaptbl_cache_del_folio() - unbind a folio from its slots
 * @dev: the device
 * @ci: the cluster
 * @folio: bound to the slots from @slot on
 * @slot: first slot of the cluster
 * @shadow: what slots that have a count remember of the folio
 *
 * Slots without a count are freed. The caller drops the cache's references, one
 * a slot, after it unlocked.
 *
 * Context: Expects the cluster lock and the lock of @folio to be held by caller.
 */
void __swaptbl_cache_del_folio(struct swaptbl_device *dev,
			       struct swaptbl_cluster *ci, struct folio *folio,
			       unsigned int slot,
			       const struct swaptbl_shadow *shadow)
{
	unsigned int end = slot + folio_nr_pages(folio);
	unsigned int freed = 0;
	unsigned long swapped;

	lockdep_assert_held(&ci->lock);
	swapped = swaptbl_shadow_to_entry(shadow);
	folio->swap.val = 0;
	for (; slot < end; slot++) {
		if (__cache_del_slot(dev, ci, slot, swapped)) {
			freed++;
			continue;
		}
		if (freed)
			__swaptbl_cluster_release(dev, ci, slot - freed, freed);
		freed = 0;
	}
	if (freed)
		__swaptbl_cluster_release(dev, ci, slot - freed, freed);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cache_del_folio);

/**
 * swaptbl_cache_del_folio() - let go of a folio and keep its counts
 * @folio: bound folio
 * @shadow: what slots that have a count remember of it
 *
 * Context: Process context. Expects the lock of @folio to be held by caller, who
 * also has a reference to it. Takes and releases the cluster lock.
 * Return: 0; -EINVAL if @folio is not locked or bound to no slot; -ERANGE if
 * @shadow names a group or node that cannot be; -ENODEV or -ESHUTDOWN if its
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
	if (shadow->group > SWAPTBL_GROUP_MAX || shadow->node >= MAX_NUMNODES)
		return -ERANGE;
	dev = swaptbl_device_get_entry(entry, folio_nr_pages(folio));
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ci = swaptbl_cluster_lock(dev, swp_offset(entry));
	__swaptbl_cache_del_folio(dev, ci, folio,
				  swaptbl_slot(swp_offset(entry)), shadow);
	swaptbl_cluster_unlock(ci);
	swaptbl_device_put(dev);
	folio_put_refs(folio, folio_nr_pages(folio));
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cache_del_folio);

static unsigned long word_of(struct swaptbl_cluster *ci, unsigned int slot)
{
	struct swaptbl_table *table = rcu_dereference(ci->table);

	/* Pairs with the exchange that wrote the word: the folio is complete. */
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
	rcu_read_lock();
	for (word = word_of(ci, slot); swaptbl_entry_is_cached(word);
	     word = again) {
		swaptbl_sync(SWAPTBL_LOOKUP_LOADED);
		folio = swaptbl_entry_to_folio(word);
		if (!folio_try_get(folio))
			folio = NULL;
		swaptbl_sync(SWAPTBL_LOOKUP_GOT);
		again = word_of(ci, slot);
		if (folio && swaptbl_entry_is_cached(again) &&
		    swaptbl_entry_to_folio(again) == folio)
			break;
		if (folio)
			folio_put(folio);
		folio = NULL;
	}
	rcu_read_unlock();
	return folio;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cache_get_folio);
