// SPDX-License-Identifier: GPL-2.0
/*
 * Reclaim: slots that are cached only, and pages that are cached.
 *
 * Both walk the clusters from where the last walk stopped. They find a folio
 * without a lock and only try for the folio's own, so that a caller may have
 * locked another one. Nothing that was known of a cluster outlives a step.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "cache.h"
#include "cluster.h"
#include "compat.h"
#include "device.h"
#include "evict.h"
#include "folio.h"
#include "reclaim.h"
#include "stats.h"
#include "sync.h"

static bool is_cached_only(unsigned long word)
{
	return swaptbl_entry_is_cached(word) && !swaptbl_entry_count(word) &&
	       !swaptbl_entry_is_overflowed(word);
}

/*
 * The next cluster of the walk, or NULL if it was never used. Two walks at once
 * may share the clusters or get the same ones; both are harmless.
 */
static struct swaptbl_cluster *hand_next(struct swaptbl_device *dev)
{
	unsigned int hand = READ_ONCE(dev->reclaim_hand) % dev->nr_clusters;

	WRITE_ONCE(dev->reclaim_hand, hand + 1);
	return READ_ONCE(dev->clusters[hand]);
}

/*
 * Last slot of the cluster that a folio has which somebody else locked: with one of its slots
 * none is to be had. Runs are aligned. A guess, since it may be about to be split.
 */
static unsigned int slots_end(const struct folio *folio, unsigned int slot)
{
	return min(slot | ((unsigned int)folio_nr_pages(folio) - 1),
		   SWAPTBL_CLUSTER_SLOTS - 1);
}

/*
 * The folio that is bound to a slot, locked and with a reference, or NULL, with @slot moved
 * to the last one that is not worth a try. It
 * stays bound as long as it is locked, so its size says how far to go on.
 */
static struct folio *trylock_slot(struct swaptbl_device *dev,
				  struct swaptbl_cluster *ci, unsigned int *slot)
{
	unsigned long offset = swaptbl_cluster_start(ci) + *slot;
	struct folio *folio = swaptbl_cache_get_folio(dev, offset);

	if (!folio)
		return NULL;
	swaptbl_sync(SWAPTBL_RECLAIM_UNLOCKED);
	if (folio_trylock(folio)) {
		if (swaptbl_folio_has(folio, dev->type, offset))
			return folio;
		folio_unlock(folio);
	} else {
		*slot = slots_end(folio, *slot);
	}
	folio_put(folio);
	return NULL;
}

/* Last slot of the cluster that @folio, locked and bound, has. */
static unsigned int last_slot(const struct folio *folio)
{
	return swaptbl_slot(swp_offset(folio->swap)) + folio_nr_pages(folio) - 1;
}

/* Return: slots freed; *@slot is moved to the last slot that is done with. */
static unsigned int reclaim_slot(struct swaptbl_device *dev,
				 struct swaptbl_cluster *ci, unsigned int *slot)
{
	struct folio *folio;
	unsigned int nr;

	folio = trylock_slot(dev, ci, slot);
	if (!folio)
		return 0;
	nr = folio_nr_pages(folio);
	*slot = last_slot(folio);
	if (swaptbl_folio_free_swap(folio))
		nr = 0;
	folio_unlock(folio);
	folio_put(folio);
	return nr;
}

/* The first slot from @slot on that is cached only, or @end. */
static unsigned int find_cached_only(struct swaptbl_cluster *ci, unsigned int slot,
				     unsigned int end)
{
	struct swaptbl_table *table;

	swaptbl_rcu_read_lock();
	table = swaptbl_rcu_dereference(ci->table);
	if (!table)
		slot = end;
	while (slot < end && !is_cached_only(atomic_long_read(&table->word[slot])))
		slot++;
	swaptbl_rcu_read_unlock();
	return slot;
}

/* Slots from @slot on, up to @end. */
static unsigned int reclaim_part(struct swaptbl_device *dev,
				 struct swaptbl_cluster *ci, unsigned int slot,
				 unsigned int end)
{
	unsigned int nr = 0;

	/* A guess; a slot that is missed is found the next time around. */
	if (!READ_ONCE(ci->nr_cached_only))
		return 0;
	for (; (slot = find_cached_only(ci, slot, end)) < end; slot++)
		nr += reclaim_slot(dev, ci, &slot);
	return nr;
}

/**
 * swaptbl_reclaim_range() - free slots of a range that are cached only
 * @dev: the device
 * @offset: first slot of the device
 * @nr: number of slots, none of them beyond the device
 *
 * A folio none of whose slots has a count loses them, also those outside of the
 * range. Folios that are locked are left alone.
 *
 * Context: Any context but interrupts. The caller has a reference to @dev, and may
 * hold the lock of any folio. Takes and releases cluster locks.
 */
void swaptbl_reclaim_range(struct swaptbl_device *dev, unsigned long offset,
			   unsigned long nr)
{
	struct swaptbl_cluster *ci;
	unsigned int slot, end;

	for (; nr; offset += end - slot, nr -= end - slot) {
		slot = swaptbl_slot(offset);
		end = min_t(unsigned long, slot + nr, SWAPTBL_CLUSTER_SLOTS);
		ci = swaptbl_cluster_lookup(dev, offset);
		if (ci)
			reclaim_part(dev, ci, slot, end);
	}
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_reclaim_range);

/**
 * swaptbl_reclaim_slots() - free slots that are cached only
 * @dev: the device
 * @clusters_left: clusters that may be looked into; counted down
 *
 * A folio none of whose slots has a count loses them. Folios that are locked, and
 * those with a count anywhere, are left alone. Stops after the first cluster where
 * it freed something.
 *
 * Context: Process context. May sleep. The caller has a reference to @dev, and may
 * hold the lock of any folio. Takes and releases cluster locks.
 * Return: slots freed; 0 only with no cluster left.
 */
unsigned long swaptbl_reclaim_slots(struct swaptbl_device *dev,
				    unsigned int *clusters_left)
{
	struct swaptbl_cluster *ci;
	unsigned long nr = 0;

	while (!nr && *clusters_left) {
		--*clusters_left;
		ci = hand_next(dev);
		if (ci)
			nr = reclaim_part(dev, ci, 0, SWAPTBL_CLUSTER_SLOTS);
		cond_resched();
	}
	swaptbl_stat_add(dev, SWAPTBL_STAT_RECLAIM, nr);
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_reclaim_slots);

/**
 * struct shrink - pages that are evicted
 * @dev: the device
 * @fbatch: folios to evict together, locked and with references
 * @pages: pages in @fbatch
 * @evicted: pages evicted so far
 * @wanted: pages to evict
 * @err: of the first folio that could not be evicted
 */
struct shrink {
	struct swaptbl_device *dev;
	struct folio_batch fbatch;
	unsigned long pages;
	unsigned long evicted;
	unsigned long wanted;
	int err;
};

static void shrink_flush(struct shrink *shrink)
{
	struct folio *folio;
	unsigned int i;

	if (!folio_batch_count(&shrink->fbatch))
		return;
	shrink->err = swaptbl_evict_folios(&shrink->fbatch);
	for (i = 0; i < folio_batch_count(&shrink->fbatch); i++) {
		folio = shrink->fbatch.folios[i];
		if (!swaptbl_folio_bound(folio))
			shrink->evicted += folio_nr_pages(folio);
		folio_unlock(folio);
		folio_put(folio);
	}
	folio_batch_reinit(&shrink->fbatch);
	shrink->pages = 0;
}

/* What came back to be kept once more is spared, once, and was in the workingset. */
static void shrink_add(struct shrink *shrink, struct folio *folio)
{
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_ACTIVE)) {
		swaptbl_folio_clear(folio, SWAPTBL_FOLIO_ACTIVE);
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_WORKINGSET);
		folio_unlock(folio);
		folio_put(folio);
		return;
	}
	shrink->pages += folio_nr_pages(folio);
	if (!folio_batch_add(&shrink->fbatch, folio))
		shrink_flush(shrink);
}

static bool shrink_done(const struct shrink *shrink)
{
	return shrink->err ||
	       shrink->evicted + shrink->pages >= shrink->wanted;
}

static void shrink_cluster(struct shrink *shrink, struct swaptbl_cluster *ci)
{
	struct folio *folio;
	unsigned int slot;

	for (slot = 0; slot < SWAPTBL_CLUSTER_SLOTS; slot++) {
		if (shrink_done(shrink))
			break;
		if (!swaptbl_entry_is_cached(swaptbl_word_now(ci, slot)))
			continue;
		folio = trylock_slot(shrink->dev, ci, &slot);
		if (!folio)
			continue;
		slot = last_slot(folio);
		shrink_add(shrink, folio);
	}
}

/**
 * swaptbl_reclaim_pages() - evict cached pages
 * @dev: the device
 * @nr: how many pages
 *
 * Folios are evicted whole, so it may be more, by less than a folio. Those that are
 * locked are left alone. Stops at the first that cannot be evicted, or when it has
 * been around the device twice.
 *
 * Context: Process context. May sleep. The caller has a reference to @dev, and may
 * hold the lock of any folio. Takes and releases cluster locks.
 * Return: pages evicted.
 */
unsigned long swaptbl_reclaim_pages(struct swaptbl_device *dev,
				    unsigned long nr)
{
	struct shrink shrink = { .dev = dev, .wanted = nr };
	unsigned long left = 2UL * dev->nr_clusters;
	struct swaptbl_cluster *ci;

	folio_batch_init(&shrink.fbatch);
	for (; left && !shrink_done(&shrink); left--) {
		ci = hand_next(dev);
		if (ci)
			shrink_cluster(&shrink, ci);
		cond_resched();
	}
	shrink_flush(&shrink);
	return shrink.evicted;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_reclaim_pages);
