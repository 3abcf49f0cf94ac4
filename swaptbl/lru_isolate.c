// SPDX-License-Identifier: GPL-2.0
/*
 * Taking folios off LRU lists, and what becomes of them.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>

#include "charge.h"
#include "compat.h"
#include "group.h"
#include "lru.h"
#include "lruvec.h"

static void __count(struct swaptbl_lruvec *lruvec, const struct folio *folio,
		    enum swaptbl_lru_stat stat)
{
	lockdep_assert_held(&lruvec->lru_lock);
	swaptbl_lru_stat_add(lruvec, stat, folio_nr_pages(folio));
}

static void __isolate(struct swaptbl_lruvec *lruvec, struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	__swaptbl_lruvec_del_folio(lruvec, folio);
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU_ISOLATED);
	__count(lruvec, folio, SWAPTBL_LRU_STAT_ISOLATE);
	__count(lruvec, folio, SWAPTBL_LRU_STAT_ISOLATED);
}

/**
 * swaptbl_folio_isolate_lru() - take a folio off its list
 * @folio: charged folio
 *
 * Context: Any context but interrupts. The caller has a reference to @folio and no
 * lru_lock.
 * Return: 0, and the caller has the list's reference too; -EBUSY if it is on no list,
 * or somebody else takes it off or moves it.
 */
int swaptbl_folio_isolate_lru(struct folio *folio)
{
	struct swaptbl_lruvec *lruvec;
	unsigned long flags;

	if (!test_and_clear_bit(SWAPTBL_FOLIO_LRU, &folio->index))
		return -EBUSY;
	lruvec = swaptbl_folio_lruvec_lock_irqsave(folio, &flags);
	__isolate(lruvec, folio);
	swaptbl_lruvec_unlock_irqrestore(lruvec, flags);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_isolate_lru);

/*
 * From the cold end on. One that somebody else is moving stays, and is passed over; he
 * waits for the lock that is held here. Return: pages that are still wanted, 0 if no more
 * fit.
 */
static long __isolate_from(struct swaptbl_lruvec *lruvec, struct list_head *list,
			   long pages, struct folio_batch *fbatch)
{
	struct folio *folio, *next;

	lockdep_assert_held(&lruvec->lru_lock);
	list_for_each_entry_safe_reverse(folio, next, list, lru) {
		if (!test_and_clear_bit(SWAPTBL_FOLIO_LRU, &folio->index))
			continue;
		__isolate(lruvec, folio);
		pages -= folio_nr_pages(folio);
		if (!folio_batch_add(fbatch, folio) || pages <= 0)
			return 0;
	}
	return pages;
}

static void __isolate_pages(struct swaptbl_lruvec *lruvec, enum lru_list lru,
			    long pages, struct folio_batch *fbatch)
{
	struct list_head *list;
	unsigned int nth = 0;

	lockdep_assert_held(&lruvec->lru_lock);
	if (!folio_batch_space(fbatch))
		return;
	while (pages > 0 && (list = __swaptbl_lruvec_list(lruvec, lru, nth++)))
		pages = __isolate_from(lruvec, list, pages, fbatch);
	if (lruvec->gens)
		__swaptbl_lru_gens_trim(lruvec);
}

/**
 * swaptbl_isolate_lru_pages() - take folios off a list, from the cold end on
 * @group: the group
 * @nid: the node
 * @lru: which list
 * @pages: stop once they have that many
 * @fbatch: where to, as many as fit; the caller gets the list's references
 *
 * Of a group that was removed, nothing: its folios are another's.
 *
 * Context: Any context but interrupts, with interrupts enabled. The caller has a
 * reference to @group and no lru_lock.
 * Return: how many folios.
 */
unsigned int swaptbl_isolate_lru_pages(struct swaptbl_group *group, int nid,
				       enum lru_list lru, unsigned long pages,
				       struct folio_batch *fbatch)
{
	unsigned int before = folio_batch_count(fbatch);
	struct swaptbl_lruvec *lruvec = swaptbl_group_lruvec_lock_irq(group, nid);

	if (!lruvec)
		return 0;
	__isolate_pages(lruvec, lru, min_t(unsigned long, pages, LONG_MAX), fbatch);
	swaptbl_lruvec_unlock_irq(lruvec);
	return folio_batch_count(fbatch) - before;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_isolate_lru_pages);

/**
 * swaptbl_isolate_lru_folios() - take folios off a list, as many as fit
 * @group: the group
 * @nid: the node
 * @lru: which list
 * @fbatch: where to; the caller gets the list's references
 *
 * As swaptbl_isolate_lru_pages().
 *
 * Context: Any context but interrupts, with interrupts enabled. The caller has a
 * reference to @group and no lru_lock.
 * Return: how many folios.
 */
unsigned int swaptbl_isolate_lru_folios(struct swaptbl_group *group, int nid,
					enum lru_list lru,
					struct folio_batch *fbatch)
{
	return swaptbl_isolate_lru_pages(group, nid, lru, ULONG_MAX, fbatch);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_isolate_lru_folios);

static void __putback(struct swaptbl_lruvec *lruvec, struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	__swaptbl_lruvec_add_folio(lruvec, folio);
	__count(lruvec, folio, SWAPTBL_LRU_STAT_PUTBACK);
	swaptbl_lru_stat_add(lruvec, SWAPTBL_LRU_STAT_ISOLATED,
			     -folio_nr_pages(folio));
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU);
}

/* By reference only: they stay where they are. */
static void __get_from(struct swaptbl_lruvec *lruvec, enum lru_list lru,
		       struct folio_batch *fbatch)
{
	struct list_head *list;
	unsigned int nth = 0;
	struct folio *folio;

	lockdep_assert_held(&lruvec->lru_lock);
	while ((list = __swaptbl_lruvec_list(lruvec, lru, nth++))) {
		list_for_each_entry_reverse(folio, list, lru) {
			if (!folio_batch_space(fbatch))
				return;
			folio_get(folio);
			folio_batch_add(fbatch, folio);
		}
	}
}

/**
 * swaptbl_get_lru_folios() - look up folios on a list, from the cold end on
 * @group: the group
 * @nid: the node
 * @lru: which list
 * @fbatch: where to, as many as fit, with a reference each
 *
 * Context: Any context but interrupts, with interrupts enabled. The caller has a
 * reference to @group and no lru_lock.
 * Return: how many folios.
 */
unsigned int swaptbl_get_lru_folios(struct swaptbl_group *group, int nid,
				    enum lru_list lru, struct folio_batch *fbatch)
{
	unsigned int before = folio_batch_count(fbatch);
	struct swaptbl_lruvec *lruvec = swaptbl_group_lruvec_lock_irq(group, nid);

	if (!lruvec)
		return 0;
	__get_from(lruvec, lru, fbatch);
	swaptbl_lruvec_unlock_irq(lruvec);
	return folio_batch_count(fbatch) - before;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_get_lru_folios);

/**
 * swaptbl_putback_lru_folios() - put isolated folios back
 * @fbatch: isolated folios; the lists take the caller's references
 *
 * Each goes to the hot end of its list at the group that it belongs to by now. What was
 * not isolated stays in the batch.
 *
 * Context: Any context but interrupts. The caller has no lru_lock.
 * Return: 0; -EINVAL if a folio was not isolated.
 */
int swaptbl_putback_lru_folios(struct folio_batch *fbatch)
{
	struct swaptbl_lruvec *lruvec = NULL;
	struct folio_batch todo = *fbatch;
	unsigned long flags = 0;
	struct folio *folio;
	unsigned int i;

	folio_batch_reinit(fbatch);
	for (i = 0; i < folio_batch_count(&todo); i++) {
		folio = todo.folios[i];
		if (!test_and_clear_bit(SWAPTBL_FOLIO_LRU_ISOLATED, &folio->index)) {
			folio_batch_add(fbatch, folio);
			continue;
		}
		swaptbl_folio_lruvec_relock_irqsave(folio, &lruvec, &flags);
		__putback(lruvec, folio);
	}
	if (lruvec)
		swaptbl_lruvec_unlock_irqrestore(lruvec, flags);
	return folio_batch_count(fbatch) ? -EINVAL : 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_putback_lru_folios);

/**
 * swaptbl_folio_putback_lru() - put an isolated folio back
 * @folio: isolated folio; the list takes the reference that isolation gave
 *
 * As swaptbl_putback_lru_folios().
 *
 * Context: Any context but interrupts. The caller has no lru_lock.
 * Return: 0; or, with nothing changed, -EINVAL if @folio was not isolated.
 */
int swaptbl_folio_putback_lru(struct folio *folio)
{
	struct folio_batch fbatch;

	folio_batch_init(&fbatch);
	folio_batch_add(&fbatch, folio);
	return swaptbl_putback_lru_folios(&fbatch);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_putback_lru);

static void count_isolated(struct folio *folio, int sign)
{
	swaptbl_folio_lru_stat_add(folio, SWAPTBL_LRU_STAT_ISOLATED,
				   sign * folio_nr_pages(folio));
}

/* In one RCU read-side section, as in charge.c, what together is right. */
static void count_release(struct folio *folio)
{
	rcu_read_lock();
	count_isolated(folio, -1);
	swaptbl_folio_lru_stat_add(folio, SWAPTBL_LRU_STAT_DEL, folio_nr_pages(folio));
	rcu_read_unlock();
}

static void count_arrival(struct folio *folio)
{
	rcu_read_lock();
	count_isolated(folio, 1);
	swaptbl_folio_lru_stat_add(folio, SWAPTBL_LRU_STAT_ADD, folio_nr_pages(folio));
	swaptbl_folio_lru_stat_add(folio, SWAPTBL_LRU_STAT_ISOLATE,
				   folio_nr_pages(folio));
	rcu_read_unlock();
}

/**
 * swaptbl_folio_release_lru() - let go of an isolated folio for good
 * @folio: isolated folio; if it is not bound to slots it is uncharged
 *
 * Of a bound folio the charge is the cache's from here on, and goes when it leaves that.
 * The reference that isolation gave stays the caller's, to be dropped.
 *
 * Context: Any context but interrupts. Expects the lock of @folio to be held by caller.
 * Return: 0; or, with nothing changed, -EINVAL if @folio is not locked or was not
 * isolated.
 */
int swaptbl_folio_release_lru(struct folio *folio)
{
	if (!folio_test_locked(folio) ||
	    !test_and_clear_bit(SWAPTBL_FOLIO_LRU_ISOLATED, &folio->index))
		return -EINVAL;
	count_release(folio);
	swaptbl_folio_clear_lru_list(folio);
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_MANAGED);
	if (!swaptbl_folio_bound(folio))
		swaptbl_folio_uncharge(folio);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_release_lru);

static int migrate_check(struct folio *old, struct folio *new)
{
	if (!folio_test_locked(old) || !folio_test_locked(new) ||
	    !swaptbl_folio_test(old, SWAPTBL_FOLIO_LRU_ISOLATED))
		return -EINVAL;
	if (folio_order(old) != folio_order(new))
		return -ERANGE;
	/* Its slots were not charged. */
	if (swaptbl_folio_bound(new) && !swaptbl_folio_handle(new))
		return -EBUSY;
	return swaptbl_folio_test(new, SWAPTBL_FOLIO_LRU_MANAGED) ? -EEXIST : 0;
}

/**
 * swaptbl_folio_migrate_lru() - another folio takes the place of an isolated one
 * @old: isolated folio; as after swaptbl_folio_release_lru() on success
 * @new: folio of the same order, on any node, with the data; isolated on success, with
 *	a reference that belongs to the list
 *
 * @new is charged to the group of @old, unless it took that over with the slots of
 * @old, and goes to the same list when it is put back, but on its own node.
 *
 * Context: Any context but interrupts. Expects the locks of both folios to be held by
 * caller.
 * Return: 0; or, with nothing changed, -EINVAL if one is not locked or @old was not
 * isolated, -ERANGE if the orders differ, -EBUSY if @new is bound to slots of no group,
 * -EEXIST if it is on a list or was.
 */
int swaptbl_folio_migrate_lru(struct folio *old, struct folio *new)
{
	int err = migrate_check(old, new);

	if (err)
		return err;
	folio_get(new);
	if (!swaptbl_folio_handle(new))
		swaptbl_folio_inherit(new, old);
	swaptbl_folio_set(new, SWAPTBL_FOLIO_LRU_MANAGED);
	swaptbl_folio_set_lru_list(new, swaptbl_folio_lru_list(old));
	count_arrival(new);
	swaptbl_folio_set(new, SWAPTBL_FOLIO_LRU_ISOLATED);
	return swaptbl_folio_release_lru(old);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_migrate_lru);
