// SPDX-License-Identifier: GPL-2.0
/*
 * Reclaim for the limit of a group: from its own lists, and those below it.
 *
 * A folio can go if its data is somewhere else, or has a place to go to: if it is bound
 * to slots of a device it is evicted to that, and if it is bound to none and clean it is
 * let go. All others stay, as anonymous pages without swap do.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "evict.h"
#include "folio.h"
#include "group.h"
#include "group_reclaim.h"
#include "lru.h"
#include "lruvec.h"
#include "sync.h"

/**
 * struct reclaim - what a reclaim has to do
 * @group: whose lists it is at
 * @wanted: pages to let go of
 * @done: pages so far
 */
struct reclaim {
	struct swaptbl_group *group;
	unsigned long wanted;
	unsigned long done;
};

static bool may_go(struct folio *folio)
{
	return swaptbl_folio_bound(folio) || !folio_test_dirty(folio);
}

/*
 * Lock those that may go, into @fbatch; the others go back, before they are unlocked: who
 * unbinds a folio next is to find it on its list. Only tried: who charges has a folio
 * lock already.
 */
static void sort(struct folio_batch *isolated, struct folio_batch *fbatch)
{
	struct folio_batch stay;
	struct folio *folio;
	unsigned int i;

	folio_batch_init(&stay);
	for (i = 0; i < folio_batch_count(isolated); i++) {
		folio = isolated->folios[i];
		if (!folio_trylock(folio)) {
			folio_batch_add(&stay, folio);
		} else if (may_go(folio)) {
			folio_batch_add(fbatch, folio);
		} else {
			swaptbl_folio_putback_lru(folio);
			folio_unlock(folio);
		}
	}
	swaptbl_putback_lru_folios(&stay);
}

static void evict_bound(struct folio_batch *fbatch)
{
	struct folio_batch bound;
	unsigned int i;

	folio_batch_init(&bound);
	for (i = 0; i < folio_batch_count(fbatch); i++)
		if (swaptbl_folio_bound(fbatch->folios[i]))
			folio_batch_add(&bound, fbatch->folios[i]);
	/* Those that could not be evicted are bound still. */
	if (folio_batch_count(&bound))
		swaptbl_evict_folios(&bound);
}

/* Expects @folio locked and isolated; drops both. */
static void let_go(struct reclaim *reclaim, struct folio *folio)
{
	unsigned int nr = folio_nr_pages(folio);

	if (swaptbl_folio_bound(folio)) {
		swaptbl_folio_putback_lru(folio);
		folio_unlock(folio);
		return;
	}
	swaptbl_folio_lru_stat_add(folio, SWAPTBL_LRU_STAT_RECLAIM, nr);
	swaptbl_folio_release_lru(folio);
	folio_unlock(folio);
	folio_put(folio);
	reclaim->done += nr;
}

static unsigned long batch_pages(const struct folio_batch *fbatch)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < fbatch->nr; i++)
		pages += folio_nr_pages(fbatch->folios[i]);
	return pages;
}

/* Return: pages looked at, 0 at the end of the list. */
static unsigned long reclaim_batch(struct reclaim *reclaim, int nid,
				   enum lru_list lru)
{
	struct folio_batch isolated, fbatch;
	unsigned long pages;
	unsigned int i;

	folio_batch_init(&isolated);
	folio_batch_init(&fbatch);
	swaptbl_isolate_lru_pages(reclaim->group, nid, lru,
				  reclaim->wanted - reclaim->done, &isolated);
	pages = batch_pages(&isolated);
	sort(&isolated, &fbatch);
	evict_bound(&fbatch);
	for (i = 0; i < folio_batch_count(&fbatch); i++)
		let_go(reclaim, fbatch.folios[i]);
	return pages;
}

static bool reclaim_is_over(const struct reclaim *reclaim)
{
	return reclaim->done >= reclaim->wanted || fatal_signal_pending(current);
}

static unsigned long list_size(struct swaptbl_group *group, int nid,
			       enum lru_list lru)
{
	struct swaptbl_lruvec *lruvec;
	unsigned long size = 0;

	rcu_read_lock();
	lruvec = swaptbl_handle_own_lruvec(group->handle, nid);
	if (lruvec)
		size = swaptbl_lruvec_lru_size(lruvec, lru, MAX_NR_ZONES - 1);
	rcu_read_unlock();
	return size;
}

/* Once through the list, as long as it is now: what stays goes to its other end. */
static void reclaim_list(struct reclaim *reclaim, int nid, enum lru_list lru)
{
	unsigned long left = list_size(reclaim->group, nid, lru);
	unsigned long pages;

	while (left && !reclaim_is_over(reclaim)) {
		pages = reclaim_batch(reclaim, nid, lru);
		if (!pages)
			break;
		left -= min(left, pages);
		cond_resched();
	}
}

static void reclaim_group(struct reclaim *reclaim)
{
	static const enum lru_list order[] = {
		LRU_INACTIVE_FILE, LRU_INACTIVE_ANON, LRU_ACTIVE_FILE,
		LRU_ACTIVE_ANON,
	};
	unsigned int i;
	int nid;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		for_each_node(nid)
			reclaim_list(reclaim, nid, order[i]);
}

/**
 * swaptbl_group_reclaim() - evict folios of a group and of those below it
 * @top: the group
 * @nr: how many pages
 *
 * Inactive ones first, from the cold end on. A folio goes whole, so it may be more.
 *
 * Context: Process context. May sleep. The caller has a reference to @top and may hold
 * the lock of any folio.
 * Return: pages that are not charged any more.
 */
unsigned long swaptbl_group_reclaim(struct swaptbl_group *top, unsigned long nr)
{
	struct reclaim reclaim = { .wanted = nr };
	unsigned int id = 0;

	might_sleep();
	swaptbl_sync(SWAPTBL_GROUP_RECLAIM);
	swaptbl_lru_drain_all();
	while (!reclaim_is_over(&reclaim)) {
		reclaim.group = swaptbl_group_next(top, &id);
		if (!reclaim.group)
			break;
		reclaim_group(&reclaim);
		swaptbl_group_put(reclaim.group);
	}
	return reclaim.done;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_reclaim);
