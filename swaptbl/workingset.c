// SPDX-License-Identifier: GPL-2.0
/*
 * Workingset: what shadows tell about folios that come back.
 *
 * A clock counts the pages that a device evicts and activates. A shadow holds the
 * time of its eviction; how far the clock has moved on until the page comes back is
 * the refault distance: as many more cached pages would have kept the page. If no
 * more than that many pages are cached, the page could compete with them, and is
 * activated.
 *
 * Shadows are in words that are there anyway, and cost no memory. They are budgeted
 * because the clock in a word is short: an age that was kept for a turn of it would be
 * taken for a recent one. So what is half a turn old is forgotten in any case. Of the
 * slots evicted in the last n ticks there are n at most, so that to forget the ages
 * beyond a distance of n is to keep n.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "cluster.h"
#include "device.h"
#include "folio.h"
#include "group.h"
#include "stats.h"
#include "store.h"
#include "trace.h"
#include "workingset.h"

/* Without more to go by: a device that caches little keeps the ages of 128 MiB. */
#define BUDGET_MIN	32768UL

/* Half of the clock's range at most, so that no distance is ambiguous. */
#define BUDGET_MAX	(SWAPTBL_AGE_MAX / 2)

/* Ticks between two looks at the budget. */
#define CHECK_TICKS	512

/* Likewise at ages beyond the budget's maximum: a quarter of the clock's range. */
#define STALE_TICKS	((SWAPTBL_AGE_MAX + 1) / 4)

static unsigned long cached_pages(struct swaptbl_device *dev)
{
	return max(swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED), 0L);
}

/**
 * swaptbl_workingset_evict() - make the shadow of a folio
 * @dev: the device
 * @folio: the folio
 * @shadow: set to what its slots are to remember
 *
 * Moves the clock on by the pages of the folio.
 *
 * Context: Any context. Expects the lock of @folio to be held by caller.
 */
void swaptbl_workingset_evict(struct swaptbl_device *dev, struct folio *folio,
			      struct swaptbl_shadow *shadow)
{
	unsigned long age = atomic_long_add_return(folio_nr_pages(folio),
						   &dev->age);

	/* 0 says that there is no age: one tick older does not matter. */
	shadow->age = (age & SWAPTBL_AGE_MAX) ?: SWAPTBL_AGE_MAX;
	shadow->group = swaptbl_folio_group(folio);
	shadow->node = folio_nid(folio);
	shadow->workingset = swaptbl_folio_test(folio,
						SWAPTBL_FOLIO_WORKINGSET);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_workingset_evict);

/**
 * swaptbl_workingset_distance() - refault distance of a shadow
 * @dev: the device
 * @shadow: shadow with an age
 *
 * Context: Any context.
 * Return: pages that were evicted and activated since.
 */
unsigned long swaptbl_workingset_distance(struct swaptbl_device *dev,
					  const struct swaptbl_shadow *shadow)
{
	return (atomic_long_read(&dev->age) - shadow->age) & SWAPTBL_AGE_MAX;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_workingset_distance);

/**
 * swaptbl_workingset_refault() - judge a folio that comes back
 * @dev: the device
 * @folio: the folio, in the cache already
 * @shadow: what its slots remembered
 *
 * Activates it if the refault distance is at most the number of pages that are
 * cached, itself included; then it also gets its place in the workingset back.
 *
 * Context: Any context. Expects the lock of @folio to be held by caller.
 */
void swaptbl_workingset_refault(struct swaptbl_device *dev, struct folio *folio,
				const struct swaptbl_shadow *shadow)
{
	unsigned int nr = folio_nr_pages(folio);
	unsigned long distance;
	bool active;

	if (!shadow->age)
		return;
	distance = swaptbl_workingset_distance(dev, shadow);
	active = distance <= cached_pages(dev);
	swaptbl_stat_add(dev, SWAPTBL_STAT_REFAULT, nr);
	trace_swaptbl_refault(dev->type, swp_offset(folio->swap), distance,
			      active, shadow->workingset);
	if (!active)
		return;
	atomic_long_add(nr, &dev->age);
	swaptbl_workingset_check(dev, nr);
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_ACTIVE);
	swaptbl_stat_add(dev, SWAPTBL_STAT_ACTIVATE, nr);
	if (!shadow->workingset)
		return;
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_WORKINGSET);
	swaptbl_stat_add(dev, SWAPTBL_STAT_RESTORE, nr);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_workingset_refault);

/**
 * swaptbl_workingset_budget() - how many slots may remember their age
 * @dev: the device
 *
 * By itself twice as many as pages are cached, or are on the LRU lists of all groups if
 * that is more: of a greater distance no shadow can activate its page, unless the cache
 * grows meanwhile.
 *
 * Context: Any context.
 * Return: the budget in slots.
 */
unsigned long swaptbl_workingset_budget(struct swaptbl_device *dev)
{
	unsigned long budget = READ_ONCE(dev->shadow_budget);

	if (!budget)
		budget = max3(2 * cached_pages(dev), 2 * swaptbl_groups_lru_size(),
			      BUDGET_MIN);
	return min(budget, BUDGET_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_workingset_budget);

static bool over_budget(struct swaptbl_device *dev)
{
	return swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOWS) >
	       (long)swaptbl_workingset_budget(dev);
}

/* Owner, node and count stay. Return: whether an age was forgotten. */
static bool __forget_slot(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			  unsigned int slot, unsigned long budget)
{
	unsigned long old = __swaptbl_word_get(ci, slot);
	struct swaptbl_shadow shadow;
	unsigned long new;

	lockdep_assert_held(&ci->lock);
	if (!swaptbl_entry_has_age(old))
		return false;
	swaptbl_entry_to_shadow(old, &shadow);
	if (swaptbl_workingset_distance(dev, &shadow) < budget)
		return false;
	shadow.age = 0;
	shadow.workingset = false;
	do {
		new = swaptbl_entry_move_high(swaptbl_shadow_to_entry(&shadow),
					      old);
	} while (!__swaptbl_word_try_cmpxchg(ci, slot, &old, new));
	return true;
}

static unsigned long forget_cluster(struct swaptbl_device *dev,
				    struct swaptbl_cluster *ci,
				    unsigned long budget)
{
	unsigned int slot, nr = 0;

	swaptbl_cluster_lock_found(ci);
	for_each_set_bit(slot, ci->used, SWAPTBL_CLUSTER_SLOTS)
		nr += __forget_slot(dev, ci, slot, budget);
	swaptbl_stat_add(dev, SWAPTBL_STAT_SHADOWS, -(long)nr);
	swaptbl_stat_add(dev, SWAPTBL_STAT_SHADOW_RECLAIM, nr);
	swaptbl_cluster_unlock(ci);
	return nr;
}

/**
 * swaptbl_workingset_reclaim() - forget ages over budget, the oldest
 * @dev: the device
 *
 * Within the budget only those that the clock would lap.
 *
 * Context: Process context. May sleep. The caller keeps @dev in place. Takes and
 * releases each cluster lock, one at a time.
 * Return: how many slots forgot their age.
 */
unsigned long swaptbl_workingset_reclaim(struct swaptbl_device *dev)
{
	unsigned long budget = BUDGET_MAX;
	struct swaptbl_cluster *ci;
	unsigned long nr = 0;
	unsigned int i;

	if (over_budget(dev))
		budget = swaptbl_workingset_budget(dev);
	for (i = 0; i < dev->nr_clusters; i++) {
		ci = READ_ONCE(dev->clusters[i]);
		if (ci)
			nr += forget_cluster(dev, ci, budget);
		cond_resched();
	}
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_workingset_reclaim);

/**
 * swaptbl_workingset_work() - swaptbl_workingset_reclaim() as a work item
 * @work: shadow_work of a device
 *
 * Context: Process context. May sleep.
 */
void swaptbl_workingset_work(struct work_struct *work)
{
	swaptbl_workingset_reclaim(container_of(work, struct swaptbl_device,
						shadow_work));
}

static bool passed(unsigned long age, unsigned int nr, unsigned long ticks)
{
	return age / ticks != (age - nr) / ticks;
}

/**
 * swaptbl_workingset_check() - see to the budget now and then
 * @dev: the device
 * @nr: pages that were just evicted
 *
 * Context: Any context. The caller has a reference to @dev.
 */
void swaptbl_workingset_check(struct swaptbl_device *dev, unsigned int nr)
{
	unsigned long age = atomic_long_read(&dev->age);

	if (passed(age, nr, STALE_TICKS) ||
	    (passed(age, nr, CHECK_TICKS) && over_budget(dev)))
		swaptbl_store_queue(&dev->shadow_work);
}
