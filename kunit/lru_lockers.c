// SPDX-License-Identifier: GPL-2.0
/*
 * What a task of kunit/stress_lru.c does that only locks lruvecs.
 *
 * Who moves a folio to another group has it locked and isolated. So there are two
 * cases in which a lock that was got for a folio is that of the folio until it is
 * dropped: if the folio itself is locked, or if it is on a list of that lruvec.
 */
#include <linux/irqflags.h>
#include <linux/pagemap.h>

#include "../swaptbl/folio.h"
#include "../swaptbl/lruvec.h"
#include "lru_load.h"

#define check	swaptbl_lru_check

/**
 * struct grip - a folio of the pool, with a reference
 * @slot: where it is in the pool
 * @folio: the folio
 * @firm: it is locked, too
 */
struct grip {
	struct swaptbl_lru_slot *slot;
	struct folio *folio;
	bool firm;
};

static void grip_take(struct swaptbl_lru_worker *worker, struct grip *grip)
{
	grip->slot = swaptbl_lru_slot_pick(worker);
	grip->folio = swaptbl_lru_folio_get(grip->slot);
	grip->firm = swaptbl_lru_below(worker, 2) && folio_trylock(grip->folio);
}

static void grip_drop(const struct grip *grip)
{
	if (grip->firm)
		folio_unlock(grip->folio);
	folio_put(grip->folio);
}

/* Handle and flag are of one moment: the folio is on a list of who it resolves to. */
static bool __is_held(const struct grip *grip, struct swaptbl_lruvec *lruvec)
{
	unsigned long index = READ_ONCE(grip->folio->index);
	const struct swaptbl_handle *handle;

	if (grip->firm)
		return true;
	if (!(index & BIT(SWAPTBL_FOLIO_LRU)))
		return false;
	handle = (const struct swaptbl_handle *)(index & ~SWAPTBL_FOLIO_FLAGS);
	return swaptbl_handle_lruvec(handle, folio_nid(grip->folio)) == lruvec;
}

static bool __is_linked(const struct folio *folio)
{
	const struct list_head *lru = &folio->lru;

	return lru->next->prev == lru && lru->prev->next == lru;
}

static bool __is_on(struct swaptbl_lruvec *lruvec, const struct folio *folio)
{
	const struct folio *other;

	list_for_each_entry(other, __swaptbl_lruvec_list_of(lruvec, folio), lru)
		if (other == folio)
			return true;
	return false;
}

static void __look(struct swaptbl_lru_worker *worker, const struct grip *grip,
		   struct swaptbl_lruvec *lruvec)
{
	struct folio *folio = grip->folio;
	int id = worker->id;

	check(worker, lruvec->nid == folio_nid(folio));
	if (!__is_held(grip, lruvec))
		return;
	check(worker, !atomic_cmpxchg(&grip->slot->locker, 0, id));
	check(worker, swaptbl_folio_lruvec(folio) == lruvec);
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU)) {
		check(worker, __is_linked(folio));
		if (!swaptbl_lru_below(worker, 32))
			check(worker, __is_on(lruvec, folio));
	}
	check(worker, swaptbl_folio_lruvec(folio) == lruvec);
	check(worker, atomic_cmpxchg(&grip->slot->locker, id, 0) == id);
}

/* Only while it is moved from one group to another a folio is charged to none. */
static void look(struct swaptbl_lru_worker *worker, const struct grip *grip,
		 struct swaptbl_lruvec *lruvec)
{
	if (lruvec) {
		swaptbl_lru_count_op(worker);
		__look(worker, grip, lruvec);
	} else {
		check(worker, !grip->firm);
	}
}

static void lock_plain(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lruvec *lruvec;
	struct grip grip;

	grip_take(worker, &grip);
	local_irq_disable();
	lruvec = swaptbl_folio_lruvec_lock(grip.folio);
	look(worker, &grip, lruvec);
	if (lruvec)
		swaptbl_lruvec_unlock(lruvec);
	local_irq_enable();
	grip_drop(&grip);
}

static void lock_irq(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lruvec *lruvec;
	struct grip grip;

	grip_take(worker, &grip);
	lruvec = swaptbl_folio_lruvec_lock_irq(grip.folio);
	look(worker, &grip, lruvec);
	if (lruvec)
		swaptbl_lruvec_unlock_irq(lruvec);
	grip_drop(&grip);
}

static void lock_irqsave(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lruvec *lruvec;
	unsigned long flags;
	struct grip grip;

	grip_take(worker, &grip);
	lruvec = swaptbl_folio_lruvec_lock_irqsave(grip.folio, &flags);
	look(worker, &grip, lruvec);
	if (lruvec)
		swaptbl_lruvec_unlock_irqrestore(lruvec, flags);
	grip_drop(&grip);
}

#define RELOCKS	8

static void relock_irq(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lruvec *lruvec = NULL;
	struct grip grip;
	unsigned int i;

	for (i = 0; i < RELOCKS; i++) {
		grip_take(worker, &grip);
		lruvec = swaptbl_folio_lruvec_relock_irq(grip.folio, lruvec);
		look(worker, &grip, lruvec);
		grip_drop(&grip);
	}
	if (lruvec)
		swaptbl_lruvec_unlock_irq(lruvec);
}

static void relock_irqsave(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lruvec *lruvec = NULL;
	unsigned long flags;
	struct grip grip;
	unsigned int i;

	for (i = 0; i < RELOCKS; i++) {
		grip_take(worker, &grip);
		swaptbl_folio_lruvec_relock_irqsave(grip.folio, &lruvec, &flags);
		look(worker, &grip, lruvec);
		grip_drop(&grip);
	}
	if (lruvec)
		swaptbl_lruvec_unlock_irqrestore(lruvec, flags);
}

void swaptbl_lru_locker_work(struct swaptbl_lru_worker *worker)
{
	static void (* const how[])(struct swaptbl_lru_worker *worker) = {
		lock_plain, lock_plain, lock_irq, lock_irq, lock_irqsave,
		lock_irqsave, relock_irq, relock_irqsave,
	};

	how[swaptbl_lru_below(worker, ARRAY_SIZE(how))](worker);
}
