// SPDX-License-Identifier: GPL-2.0
/*
 * What a caller does with a folio and with entries.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "alloc.h"
#include "cache.h"
#include "charge.h"
#include "cluster.h"
#include "count.h"
#include "count_lockless.h"
#include "count_word.h"
#include "device.h"
#include "entries.h"
#include "folio.h"
#include "reclaim.h"

static int alloc_check(struct folio *folio)
{
	if (!folio_test_locked(folio))
		return -EINVAL;
	if (folio_order(folio) > SWAPTBL_CLUSTER_ORDER)
		return -ERANGE;
	return swaptbl_folio_bound_anywhere(folio) ? -EEXIST : 0;
}

/* Mostly they are as they should be: a look is cheaper than an atomic operation. */
static void alloc_begin(struct folio *folio)
{
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_FAILED))
		swaptbl_folio_clear(folio, SWAPTBL_FOLIO_FAILED);
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_READAHEAD))
		swaptbl_folio_clear(folio, SWAPTBL_FOLIO_READAHEAD);
}

/* What the folio holds now is the data, and nobody else has it yet. */
static void alloc_end(struct folio *folio)
{
	if (!folio_test_uptodate(folio))
		folio_mark_uptodate(folio);
	if (!folio_test_dirty(folio))
		folio_set_dirty(folio);
}

static int alloc_on(struct swaptbl_device *dev, struct folio *folio)
{
	unsigned long offset;
	int err;

	alloc_begin(folio);
	err = swaptbl_alloc_slots(dev, folio, &offset);
	if (!err)
		alloc_end(folio);
	return err;
}

/**
 * swaptbl_folio_alloc_swap_on() - bind a folio to slots of one device
 * @dev: the device
 * @folio: the folio, see swaptbl_folio_init(); whatever it holds becomes the data
 *	of its slots
 *
 * Context: Process context. May sleep. Expects the lock of @folio to be held by
 * caller, who also has a reference to @dev.
 * Return: 0; -EINVAL if @folio is not locked, -ERANGE if no cluster is large
 * enough for it, -EEXIST if it is bound; or as swaptbl_alloc_slots().
 */
int swaptbl_folio_alloc_swap_on(struct swaptbl_device *dev, struct folio *folio)
{
	return alloc_check(folio) ?: alloc_on(dev, folio);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_alloc_swap_on);

/* Splitting the folio helps before memory does, and both before nothing does. */
static int hopeful_of(int err, int other)
{
	if (err == -E2BIG || other == -E2BIG)
		return -E2BIG;
	return err == -ENOMEM ? err : other;
}

/* From each device in turn, as its priority has it. */
static noinline int alloc_slow(struct folio *folio)
{
	struct swaptbl_device *dev;
	unsigned long tried = 0;
	int err, ret = -ENODEV;

	while ((dev = swaptbl_device_get_next(&tried))) {
		err = alloc_on(dev, folio);
		swaptbl_device_put(dev);
		if (!err)
			return 0;
		/* It began to go away after it was picked. */
		if (err == -ESHUTDOWN)
			continue;
		ret = ret == -ENODEV ? err : hopeful_of(err, ret);
	}
	return ret;
}

/**
 * swaptbl_folio_alloc_swap() - bind a folio to slots
 * @folio: the folio, see swaptbl_folio_init(); whatever it holds becomes the data
 *	of its slots
 *
 * Takes the device of the highest priority that has room. Its slots start with
 * count 0.
 *
 * Context: Process context. May sleep. Expects the lock of @folio to be held by
 * caller.
 * Return: 0; -EINVAL if @folio is not locked, -ERANGE if no cluster is large
 * enough for it, -EEXIST if it is bound; -ENODEV if there is no device; or, of
 * what swaptbl_alloc_slots() said for each device, -E2BIG before -ENOMEM before
 * -ENOSPC.
 */
int swaptbl_folio_alloc_swap(struct folio *folio)
{
	int err;

	might_sleep();
	err = alloc_check(folio);
	if (err)
		return err;
	alloc_begin(folio);
	if (!swaptbl_alloc_slots_first(folio))
		return alloc_slow(folio);
	alloc_end(folio);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_alloc_swap);

/* The slots of @folio, or of one page of it. */
static int folio_slots(struct folio *folio, struct page *subpage, swp_entry_t *entry,
		       unsigned int *nr)
{
	if (!folio_test_locked(folio) || !swaptbl_folio_bound(folio))
		return -EINVAL;
	*entry = folio->swap;
	*nr = folio_nr_pages(folio);
	if (!subpage)
		return 0;
	if (page_folio(subpage) != folio)
		return -EINVAL;
	entry->val += folio_page_idx(folio, subpage);
	*nr = 1;
	return 0;
}

static noinline int dup_entries(swp_entry_t entry, unsigned int nr, enum swaptbl_dup how,
				gfp_t gfp)
{
	struct swaptbl_device *dev = swaptbl_device_get_entry(entry, nr);
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = swaptbl_dup_entries(dev, swp_offset(entry), nr, how, gfp);
	swaptbl_device_put(dev);
	return err;
}

/**
 * swaptbl_folio_dup_swap() - take one more count of a folio's slots
 * @folio: bound folio
 * @subpage: page of @folio whose slot is meant, or NULL for all of them
 * @gfp: how to allocate when slots overflow
 *
 * The only way from 0 to 1.
 *
 * Context: Any context but interrupts that @gfp allows. Expects the lock of
 * @folio to be held by caller.
 * Return: 0; or, with nothing changed, -EINVAL if @folio is not locked, is bound
 * to no slot or does not have @subpage; -ESHUTDOWN if its device is going;
 * -EOVERFLOW if a count is at the maximum; -ENOMEM.
 */
int swaptbl_folio_dup_swap(struct folio *folio, struct page *subpage, gfp_t gfp)
{
	swp_entry_t entry;
	unsigned int nr;
	int err;

	err = folio_slots(folio, subpage, &entry, &nr);
	if (err)
		return err;
	return swaptbl_dup_folio_entries(entry, nr) ?
	       0 : dup_entries(entry, nr, SWAPTBL_DUP_CACHED, gfp);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_dup_swap);

/* What is cached only leaves the cache, but with its folio locked. */
static noinline int put_entries(swp_entry_t entry, unsigned int nr)
{
	struct swaptbl_device *dev = swaptbl_device_get_entry(entry, nr);
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = swaptbl_put_entries(dev, swp_offset(entry), nr);
	if (!err)
		swaptbl_reclaim_range(dev, swp_offset(entry), nr);
	swaptbl_device_put(dev);
	return err;
}

/**
 * swaptbl_folio_put_swap() - drop one count of a folio's slots
 * @folio: bound folio
 * @subpage: page of @folio whose slot is meant, or NULL for all of them
 *
 * Slots that come to 0 stay with the folio until it leaves.
 *
 * Context: Any context but interrupts. Expects the lock of @folio to be held by
 * caller, who owns the counts.
 * Return: 0; or, with nothing changed, -EINVAL if @folio is not locked, is bound
 * to no slot or does not have @subpage; -ESHUTDOWN if its device is going;
 * -ENOENT if a count is 0.
 */
int swaptbl_folio_put_swap(struct folio *folio, struct page *subpage)
{
	swp_entry_t entry;
	unsigned int nr;
	int err;

	err = folio_slots(folio, subpage, &entry, &nr);
	if (err)
		return err;
	return swaptbl_put_folio_entries(entry, nr) ? 0 : put_entries(entry, nr);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_put_swap);

static bool __have_counts(struct swaptbl_cluster *ci, unsigned int slot, unsigned int nr)
{
	const struct swaptbl_table *table = __swaptbl_cluster_table(ci);
	unsigned int end = slot + nr;

	lockdep_assert_held(&ci->lock);
	while (slot < end && !swaptbl_word_has_count(atomic_long_read(&table->word[slot])))
		slot++;
	return slot < end;
}

static int __free_swap(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		       struct folio *folio, unsigned int slot)
{
	const struct swaptbl_shadow none = {};

	lockdep_assert_held(&ci->lock);
	if (__have_counts(ci, slot, folio_nr_pages(folio)))
		return -EBUSY;
	__swaptbl_cache_del_folio(dev, ci, folio, slot, &none);
	return 0;
}

/**
 * swaptbl_folio_free_swap() - unbind a folio none of whose slots has a count
 * @folio: bound folio
 *
 * Its slots are freed in the same critical section.
 *
 * Context: Any context but interrupts. Expects the lock of @folio to be held by
 * caller, who also has a reference to it.
 * Return: 0; or, with nothing changed, -EINVAL if @folio is not locked or bound to
 * no slot, -ESHUTDOWN if its device is going, -EBUSY if a slot has a count.
 */
int swaptbl_folio_free_swap(struct folio *folio)
{
	struct swaptbl_device *dev;
	struct swaptbl_cluster *ci;
	swp_entry_t entry;
	unsigned int nr;
	int err;

	err = folio_slots(folio, NULL, &entry, &nr);
	if (err)
		return err;
	dev = swaptbl_device_get_entry(entry, nr);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ci = swaptbl_cluster_lock(dev, swp_offset(entry));
	err = __free_swap(dev, ci, folio, swaptbl_slot(swp_offset(entry)));
	swaptbl_cluster_unlock(ci);
	swaptbl_device_put(dev);
	if (err)
		return err;
	swaptbl_folio_unbound(folio);
	folio_put_refs(folio, nr);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_free_swap);

/* A live device is enough for that, and needs no reference. */
static __always_inline bool
change_lockless(swp_entry_t entry,
		bool (*change)(struct swaptbl_device *dev, unsigned long offset))
{
	unsigned long offset = swp_offset(entry);
	struct swaptbl_device *dev;
	bool done;

	swaptbl_rcu_read_lock();
	dev = swaptbl_device_peek(swp_type(entry));
	done = dev && offset < dev->nr_slots && change(dev, offset);
	swaptbl_rcu_read_unlock();
	return done;
}

/**
 * swaptbl_dup_entries_direct() - take one more count of each of some entries
 * @entry: the first
 * @nr: how many slots; they may lie in several clusters
 * @gfp: how to allocate when slots overflow
 *
 * Context: Any context but interrupts that @gfp allows. The caller owns a count of
 * each slot, and keeps whatever holds it from changing.
 * Return: 0; or, with nothing changed, -EINVAL if @nr is 0 or a slot is bad or
 * exclusive; -ENODEV, -ESHUTDOWN or -ERANGE if the device is not there, is going
 * or is smaller; -ENOENT if a slot has no count; -EOVERFLOW; -ENOMEM.
 */
int swaptbl_dup_entries_direct(swp_entry_t entry, unsigned int nr, gfp_t gfp)
{
	return nr == 1 && change_lockless(entry, swaptbl_lockless_dup) ?
	       0 : dup_entries(entry, nr, SWAPTBL_DUP_OWNED, gfp);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_dup_entries_direct);

/**
 * swaptbl_put_entries_direct() - drop one count of each of some entries
 * @entry: the first
 * @nr: how many slots; they may lie in several clusters
 *
 * A folio none of whose slots has a count any more leaves the cache, unless somebody
 * holds its lock.
 *
 * Context: Any context but interrupts. The caller owns the counts.
 * Return: 0; or, with nothing changed, -EINVAL if @nr is 0 or a slot is bad or
 * exclusive; -ENODEV, -ESHUTDOWN or -ERANGE if the device is not there, is going
 * or is smaller; -ENOENT if a slot has no count.
 */
int swaptbl_put_entries_direct(swp_entry_t entry, unsigned int nr)
{
	/* With counts left there is nothing to reclaim. */
	return nr == 1 && change_lockless(entry, swaptbl_lockless_put) ?
	       0 : put_entries(entry, nr);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_put_entries_direct);

/**
 * swaptbl_alloc_exclusive() - allocate one slot that is never shared or cached
 * @type: number of the device
 * @entry: set to the entry of the slot
 *
 * The device cannot be removed while it has exclusive slots.
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENODEV or -ESHUTDOWN if there is no such device or it is going; or
 * as swaptbl_alloc_slots().
 */
int swaptbl_alloc_exclusive(unsigned int type, swp_entry_t *entry)
{
	struct swaptbl_device *dev = swaptbl_device_get(type);
	unsigned long offset;
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = swaptbl_alloc_slots(dev, NULL, &offset);
	if (!err)
		*entry = swp_entry(type, offset);
	swaptbl_device_put(dev);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_alloc_exclusive);

static int __free_exclusive(struct swaptbl_device *dev,
			    struct swaptbl_cluster *ci, unsigned int slot)
{
	unsigned long word;
	int err;

	lockdep_assert_held(&ci->lock);
	word = __swaptbl_word_get(ci, slot);
	if (swaptbl_entry_is_free(word))
		return -ENOENT;
	if (!swaptbl_entry_is_exclusive(word))
		return -EINVAL;
	err = __swaptbl_cluster_free_entry(dev, ci, slot);
	if (!err)
		__swaptbl_cluster_release(dev, ci, slot, 1);
	return err;
}

/**
 * swaptbl_free_exclusive() - free a slot of swaptbl_alloc_exclusive()
 * @entry: its entry
 *
 * Context: Any context but interrupts.
 * Return: 0; or, with nothing changed, -ENODEV, -ESHUTDOWN or -ERANGE if the
 * device is not there, is going or is smaller; -ENOENT if the slot is free;
 * -EINVAL if it is not exclusive.
 */
int swaptbl_free_exclusive(swp_entry_t entry)
{
	struct swaptbl_device *dev = swaptbl_device_get_entry(entry, 1);
	struct swaptbl_cluster *ci;
	int err = -ENOENT;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ci = swaptbl_cluster_lock(dev, swp_offset(entry));
	if (ci) {
		err = __free_exclusive(dev, ci, swaptbl_slot(swp_offset(entry)));
		swaptbl_cluster_unlock(ci);
	}
	swaptbl_device_put(dev);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_free_exclusive);
