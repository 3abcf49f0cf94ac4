// SPDX-License-Identifier: GPL-2.0
/*
 * Lruvecs: who has the right lock, and what it protects.
 *
 * A folio may go to the parent's lists at any time, with all others of its group, until
 * the lock of the lists that it is on is held. So a locker finds the lruvec, takes its
 * lock, and looks again. Why that is sufficient:
 *
 * - Lifetime. The lruvec was found in an RCU read-side section that lasts until the
 *   second look, here until the lock is dropped, and is freed a grace period after the
 *   last pointer to it went. That the lock is held would not be enough.
 * - Stability. A pointer to a lruvec, handle->lruvec[nid], is cleared under the lock of
 *   that lruvec only. Who holds the lock and still finds the pointer came before the
 *   removal, which then waits for it; who finds it cleared came after, and goes on to
 *   the parent. That a pointer is never set again makes the second look final: there is
 *   no way back to a value that was seen before.
 * - The folio's part. Its node cannot change. Its handle changes only while it is not on
 *   a list, by who isolated it. So the one pointer decides; the second look resolves the
 *   folio anew all the same, so that it needs to rely on neither.
 *
 * Each retry is one removal further up, so there are at most as many as levels.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "group.h"
#include "lruvec.h"
#include "sync.h"
#include "trace.h"

/**
 * swaptbl_lruvec_alloc() - make the lruvec of a group on a node
 * @group: the group
 * @nid: the node
 *
 * With generations, if those of the tree have them.
 *
 * Context: Process context. May sleep.
 * Return: the lruvec, with nothing on its lists, or NULL.
 */
struct swaptbl_lruvec *swaptbl_lruvec_alloc(struct swaptbl_group *group, int nid)
{
	int near = node_state(nid, N_MEMORY) ? nid : NUMA_NO_NODE;
	struct swaptbl_lruvec *lruvec = NULL;
	enum lru_list lru;

	if (!swaptbl_should_fail(SWAPTBL_MEM_LRUVEC, GFP_KERNEL))
		lruvec = kzalloc_node(sizeof(*lruvec), GFP_KERNEL, near);
	if (!lruvec)
		return NULL;
	if (group->tree->kind == SWAPTBL_TREE_GENS) {
		lruvec->gens = swaptbl_lru_gens_alloc(near);
		if (!lruvec->gens)
			goto fail;
	}
	if (swaptbl_lru_stats_alloc(&lruvec->stat))
		goto fail;
	for_each_lru(lru)
		INIT_LIST_HEAD(&lruvec->lists[lru]);
	spin_lock_init(&lruvec->lru_lock);
	lruvec->nid = nid;
	lruvec->group = group;
	return lruvec;
fail:
	kfree(lruvec->gens);
	kfree(lruvec);
	return NULL;
}

/**
 * swaptbl_lruvec_free() - undo swaptbl_lruvec_alloc()
 * @lruvec: lruvec with nothing on its lists that nobody can find, or NULL
 *
 * Context: Any context.
 */
void swaptbl_lruvec_free(struct swaptbl_lruvec *lruvec)
{
	enum lru_list lru;

	if (!lruvec)
		return;
	for_each_lru(lru)
		WARN_ON_ONCE(!list_empty(&lruvec->lists[lru]) ||
			     swaptbl_lruvec_lru_size(lruvec, lru, MAX_NR_ZONES - 1));
	WARN_ON_ONCE(lruvec->gens && !swaptbl_lru_gens_empty(lruvec->gens));
	swaptbl_lru_stats_free(&lruvec->stat);
	kfree(lruvec->gens);
	kfree(lruvec);
}

/**
 * swaptbl_lruvec_lru_size() - size of a list
 * @lruvec: the lruvec
 * @lru: which list
 * @zone_idx: highest zone to be included
 *
 * The one source of list sizes. Exact under lru_lock.
 *
 * Context: Any context.
 * Return: pages.
 */
unsigned long swaptbl_lruvec_lru_size(struct swaptbl_lruvec *lruvec,
				      enum lru_list lru, int zone_idx)
{
	unsigned long size = 0;
	int zid;

	for (zid = 0; zid <= min(zone_idx, MAX_NR_ZONES - 1); zid++)
		size += READ_ONCE(lruvec->size[zid][lru]);
	return size;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_lruvec_lru_size);

/* Counted where the way ended, by who then holds that lock. */
static void __count_retries(struct swaptbl_lruvec *lruvec, unsigned int from,
			    unsigned int retries)
{
	lockdep_assert_held(&lruvec->lru_lock);
	swaptbl_lru_stat_add(lruvec, SWAPTBL_LRU_STAT_LOCK_RETRY, retries);
	trace_swaptbl_lruvec_lock_retry(from, lruvec->group->id, lruvec->nid,
					retries);
}

/**
 * swaptbl_folio_lruvec_lock_again() - lock a lruvec after the first was the wrong one
 * @folio: the folio
 *
 * Context: As after swaptbl_lruvec_look(), without preemption or interrupts.
 * Return: the lruvec, locked, or NULL if the folio is not charged any more.
 */
struct swaptbl_lruvec *swaptbl_folio_lruvec_lock_again(struct folio *folio)
{
	struct swaptbl_lruvec *lruvec;
	unsigned int retries;

	for (retries = 1; (lruvec = swaptbl_folio_lruvec(folio)); retries++) {
		swaptbl_sync(SWAPTBL_LRU_LOOKED_UP);
		spin_lock(&lruvec->lru_lock);
		if (swaptbl_folio_lruvec(folio) == lruvec) {
			__count_retries(lruvec, swaptbl_folio_group(folio), retries);
			break;
		}
		spin_unlock(&lruvec->lru_lock);
	}
	return lruvec;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_lruvec_lock_again);

/* Once cleared, the pointer stays so: there is nothing to look for again. */
static struct swaptbl_lruvec *group_lock(struct swaptbl_group *group, int nid)
{
	struct swaptbl_lruvec *lruvec = swaptbl_handle_own_lruvec(group->handle, nid);

	if (!lruvec)
		return NULL;
	swaptbl_sync(SWAPTBL_LRU_LOOKED_UP);
	spin_lock(&lruvec->lru_lock);
	if (swaptbl_handle_own_lruvec(group->handle, nid) == lruvec)
		return lruvec;
	spin_unlock(&lruvec->lru_lock);
	return NULL;
}

/**
 * swaptbl_group_lruvec_lock_irq() - lock the lruvec of a group itself
 * @group: the group
 * @nid: the node
 *
 * Context: Interrupts enabled. The caller has a reference to @group. Takes the lru_lock,
 * until swaptbl_lruvec_unlock_irq().
 * Return: the lruvec; or, with nothing taken, NULL if its folios are its parent's by now.
 */
struct swaptbl_lruvec *swaptbl_group_lruvec_lock_irq(struct swaptbl_group *group,
						     int nid)
{
	struct swaptbl_lruvec *lruvec;

	swaptbl_lruvec_look(SWAPTBL_LOCK_IRQ, NULL);
	lruvec = group_lock(group, nid);
	swaptbl_lruvec_looked(lruvec, SWAPTBL_LOCK_IRQ, NULL);
	return lruvec;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_lruvec_lock_irq);

/* With the lock held, what a folio resolves to can only change to and from others. */
static bool __matches(const struct folio *folio, struct swaptbl_lruvec *lruvec)
{
	lockdep_assert_held(&lruvec->lru_lock);
	return swaptbl_folio_lruvec(folio) == lruvec;
}

/**
 * swaptbl_folio_lruvec_relock_irq() - lock the lruvec of the next folio
 * @folio: charged folio, to which the caller has a reference
 * @locked: lruvec of another folio, by swaptbl_folio_lruvec_lock_irq(), or NULL
 *
 * Keeps the lock where both are on the same lruvec, else drops it first.
 *
 * Context: As swaptbl_folio_lruvec_lock_irq(), but for @locked.
 * Return: the lruvec of @folio; or, with nothing held, NULL if it is not charged.
 */
struct swaptbl_lruvec *
swaptbl_folio_lruvec_relock_irq(struct folio *folio,
				struct swaptbl_lruvec *locked)
{
	if (locked) {
		if (__matches(folio, locked))
			return locked;
		swaptbl_lruvec_unlock_irq(locked);
	}
	return swaptbl_folio_lruvec_lock_irq(folio);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_lruvec_relock_irq);

/**
 * swaptbl_folio_lruvec_relock_irqsave() - lock the lruvec of the next folio
 * @folio: charged folio, to which the caller has a reference
 * @locked: lruvec of another folio, by swaptbl_folio_lruvec_lock_irqsave(), or NULL;
 *	set to that of @folio, or, with nothing held, to NULL if it is not charged
 * @flags: state of interrupts
 *
 * Keeps the lock where both are on the same lruvec, else drops it first.
 *
 * Context: As swaptbl_folio_lruvec_lock_irqsave(), but for @locked.
 */
void swaptbl_folio_lruvec_relock_irqsave(struct folio *folio,
					 struct swaptbl_lruvec **locked,
					 unsigned long *flags)
{
	if (*locked) {
		if (__matches(folio, *locked))
			return;
		swaptbl_lruvec_unlock_irqrestore(*locked, *flags);
	}
	*locked = swaptbl_folio_lruvec_lock_irqsave(folio, flags);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_lruvec_relock_irqsave);

static void __size_add(struct swaptbl_lruvec *lruvec, enum lru_list lru, int zid,
		       long nr)
{
	unsigned long *size = &lruvec->size[zid][lru];

	lockdep_assert_held(&lruvec->lru_lock);
	WARN_ON_ONCE(nr < 0 && *size < (unsigned long)-nr);
	WRITE_ONCE(*size, *size + nr);
}

/**
 * __swaptbl_lruvec_count() - count pages in or out of a list
 * @lruvec: the lruvec
 * @lru: which list
 * @zid: their zone
 * @nr: how many, negative for out
 *
 * Context: Expects the lru_lock to be held by caller.
 */
void __swaptbl_lruvec_count(struct swaptbl_lruvec *lruvec, enum lru_list lru, int zid,
			    long nr)
{
	lockdep_assert_held(&lruvec->lru_lock);
	__size_add(lruvec, lru, zid, nr);
	swaptbl_lru_stat_add(lruvec, SWAPTBL_LRU_STAT_LISTS + lru, nr);
}

static bool __is_in_gen(const struct swaptbl_lruvec *lruvec, const struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	return lruvec->gens &&
	       !swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_UNEVICTABLE);
}

/**
 * __swaptbl_lruvec_class() - which list a folio is on
 * @lruvec: the lruvec that @folio resolves to
 * @folio: folio on a list of it
 *
 * Context: Expects the lru_lock to be held by caller.
 * Return: the list; with generations, the one that its generation is a part of.
 */
enum lru_list __swaptbl_lruvec_class(const struct swaptbl_lruvec *lruvec,
				     const struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (__is_in_gen(lruvec, folio))
		return __swaptbl_lru_gen_class(lruvec, folio);
	return swaptbl_folio_lru_list(folio);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_lruvec_class);

/**
 * swaptbl_folio_lru() - which list a folio is on, or goes to
 * @folio: charged folio, to which the caller has a reference
 *
 * Context: Any context. Takes and releases the lru_lock.
 * Return: the list, now; if somebody else is moving it, a guess.
 */
enum lru_list swaptbl_folio_lru(struct folio *folio)
{
	struct swaptbl_lruvec *lruvec;
	unsigned long flags;
	enum lru_list lru;

	lruvec = swaptbl_folio_lruvec_lock_irqsave(folio, &flags);
	if (!lruvec)
		return swaptbl_folio_lru_list(folio);
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU))
		lru = __swaptbl_lruvec_class(lruvec, folio);
	else
		lru = swaptbl_folio_lru_list(folio);
	swaptbl_lruvec_unlock_irqrestore(lruvec, flags);
	return lru;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_lru);

/**
 * __swaptbl_lruvec_list_of() - head of the list that a folio is on
 * @lruvec: the lruvec that @folio resolves to
 * @folio: folio on a list of it, or on its way there
 *
 * Context: Expects the lru_lock to be held by caller.
 * Return: the list's head.
 */
struct list_head *__swaptbl_lruvec_list_of(struct swaptbl_lruvec *lruvec,
					   const struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (__is_in_gen(lruvec, folio))
		return __swaptbl_lru_gen_of(lruvec, folio);
	return &lruvec->lists[swaptbl_folio_lru_list(folio)];
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_lruvec_list_of);

/**
 * __swaptbl_lruvec_list() - heads of a list, from the cold end on
 * @lruvec: the lruvec
 * @lru: which list
 * @nth: 0 for the first; with generations, there may be more, or none
 *
 * Context: Expects the lru_lock to be held by caller.
 * Return: the head, or NULL if there are no more.
 */
struct list_head *__swaptbl_lruvec_list(struct swaptbl_lruvec *lruvec,
					enum lru_list lru, unsigned int nth)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (lruvec->gens && lru != LRU_UNEVICTABLE)
		return __swaptbl_lru_gen_nth(lruvec, lru, nth);
	return nth ? NULL : &lruvec->lists[lru];
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_lruvec_list);

static void __account(struct swaptbl_lruvec *lruvec, const struct folio *folio,
		      long nr)
{
	lockdep_assert_held(&lruvec->lru_lock);
	__swaptbl_lruvec_count(lruvec, __swaptbl_lruvec_class(lruvec, folio),
			       folio_zonenum(folio), nr);
	if (__is_in_gen(lruvec, folio))
		__swaptbl_lru_gen_account(lruvec, folio, nr);
}

/**
 * __swaptbl_lruvec_add_folio() - put a folio on the hot end of its list
 * @lruvec: the lruvec that @folio resolves to
 * @folio: folio on no list; its flags say which it goes to
 *
 * Context: Expects the lru_lock to be held by caller.
 */
void __swaptbl_lruvec_add_folio(struct swaptbl_lruvec *lruvec,
				struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (__is_in_gen(lruvec, folio))
		__swaptbl_lru_gen_enter(lruvec, folio, false);
	list_add(&folio->lru, __swaptbl_lruvec_list_of(lruvec, folio));
	__account(lruvec, folio, folio_nr_pages(folio));
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_lruvec_add_folio);

/**
 * __swaptbl_lruvec_add_folio_tail() - put a folio on the cold end of its list
 * @lruvec: the lruvec that @folio resolves to
 * @folio: folio on no list; its flags say which it goes to
 *
 * Context: Expects the lru_lock to be held by caller.
 */
void __swaptbl_lruvec_add_folio_tail(struct swaptbl_lruvec *lruvec,
				     struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (__is_in_gen(lruvec, folio))
		__swaptbl_lru_gen_enter(lruvec, folio, true);
	list_add_tail(&folio->lru, __swaptbl_lruvec_list_of(lruvec, folio));
	__account(lruvec, folio, folio_nr_pages(folio));
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_lruvec_add_folio_tail);

/**
 * __swaptbl_lruvec_del_folio() - take a folio off its list
 * @lruvec: the lruvec that @folio resolves to
 * @folio: folio on one of its lists; its flags say which, also afterwards
 *
 * Context: Expects the lru_lock to be held by caller.
 */
void __swaptbl_lruvec_del_folio(struct swaptbl_lruvec *lruvec,
				struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	list_del(&folio->lru);
	__account(lruvec, folio, -folio_nr_pages(folio));
	if (__is_in_gen(lruvec, folio))
		__swaptbl_lru_gen_leave(lruvec, folio);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_lruvec_del_folio);

/**
 * __swaptbl_lruvec_splice() - move all that is on the lists of a child to the parent
 * @child: lruvec of the child
 * @parent: lruvec of its parent on the same node
 *
 * To the cold end: what is in front of it at the parent is younger. Sizes are moved,
 * not copied: the child describes nothing afterwards. Takes as long for any number of
 * folios.
 *
 * Context: Expects both lru_locks to be held by caller.
 */
void __swaptbl_lruvec_splice(struct swaptbl_lruvec *child,
			     struct swaptbl_lruvec *parent)
{
	unsigned long size;
	enum lru_list lru;
	int zid;

	lockdep_assert_held(&child->lru_lock);
	lockdep_assert_held(&parent->lru_lock);
	if (child->gens)
		__swaptbl_lru_gens_splice(child, parent);
	for_each_lru(lru) {
		list_splice_tail_init(&child->lists[lru], &parent->lists[lru]);
		for (zid = 0; zid < MAX_NR_ZONES; zid++) {
			size = child->size[zid][lru];
			__size_add(parent, lru, zid, size);
			__size_add(child, lru, zid, -(long)size);
		}
	}
}
