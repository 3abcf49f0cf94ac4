// SPDX-License-Identifier: GPL-2.0
/*
 * What is done with folios on LRU lists, in batches per CPU.
 *
 * A batch has a reference to each of its folios and nothing else: by the time that it is
 * worked off, the folio may have been moved, isolated, or handed to the parent of its
 * group. It resolves then to where it is then.
 *
 * Each CPU's batches have a lock of their own, so that another CPU can take them away
 * for a drain, also when that CPU is offline. A batch is worked off after it was taken
 * out of there: no lru_lock is taken under that lock.
 */
#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/percpu.h>

#include "compat.h"
#include "lru.h"
#include "lruvec.h"
#include "sync.h"

enum lru_work {
	LRU_WORK_ADD,
	LRU_WORK_ROTATE,
	LRU_WORK_ACTIVATE,
	LRU_WORK_DEACTIVATE,
	NR_LRU_WORK,
};

/**
 * struct lru_pcpu - what a CPU has gathered
 * @lock: protects what follows; no other lock is taken under it
 * @fbatch: folios by what is to be done with them
 */
struct lru_pcpu {
	spinlock_t lock; /* see above */
	struct folio_batch fbatch[NR_LRU_WORK];
};

static DEFINE_PER_CPU(struct lru_pcpu, lru_pcpu);

/**
 * swaptbl_lru_init() - prepare the batches of all CPUs
 *
 * Context: Process context, before anything else of this file.
 */
void swaptbl_lru_init(void)
{
	struct lru_pcpu *pcpu;
	unsigned int cpu, i;

	for_each_possible_cpu(cpu) {
		pcpu = per_cpu_ptr(&lru_pcpu, cpu);
		spin_lock_init(&pcpu->lock);
		for (i = 0; i < NR_LRU_WORK; i++)
			folio_batch_init(&pcpu->fbatch[i]);
	}
}

static void __count(struct swaptbl_lruvec *lruvec, const struct folio *folio,
		    enum swaptbl_lru_stat stat)
{
	lockdep_assert_held(&lruvec->lru_lock);
	swaptbl_lru_stat_add(lruvec, stat, folio_nr_pages(folio));
}

static void __work_add(struct swaptbl_lruvec *lruvec, struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	__swaptbl_lruvec_add_folio(lruvec, folio);
	__count(lruvec, folio, SWAPTBL_LRU_STAT_ADD);
}

/* It may have been evictable when it was gathered, and left the list and come back. */
static bool __is_unevictable(struct swaptbl_lruvec *lruvec, const struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	return swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_UNEVICTABLE);
}

static bool __is_active(struct swaptbl_lruvec *lruvec, const struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	return is_active_lru(__swaptbl_lruvec_class(lruvec, folio));
}

/* To the cold end of the inactive list: the next to go. */
static void __work_rotate(struct swaptbl_lruvec *lruvec, struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (__is_unevictable(lruvec, folio))
		return;
	__swaptbl_lruvec_del_folio(lruvec, folio);
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_ACTIVE);
	__swaptbl_lruvec_add_folio_tail(lruvec, folio);
	__count(lruvec, folio, SWAPTBL_LRU_STAT_ROTATE);
}

static void __work_activate(struct swaptbl_lruvec *lruvec, struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (__is_unevictable(lruvec, folio) || __is_active(lruvec, folio))
		return;
	__swaptbl_lruvec_del_folio(lruvec, folio);
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU_ACTIVE);
	__swaptbl_lruvec_add_folio(lruvec, folio);
	__count(lruvec, folio, SWAPTBL_LRU_STAT_ACTIVATE);
}

static void __work_deactivate(struct swaptbl_lruvec *lruvec, struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (__is_unevictable(lruvec, folio) || !__is_active(lruvec, folio))
		return;
	__swaptbl_lruvec_del_folio(lruvec, folio);
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_ACTIVE);
	__swaptbl_lruvec_add_folio(lruvec, folio);
	__count(lruvec, folio, SWAPTBL_LRU_STAT_DEACTIVATE);
}

static void (* const work_fns[NR_LRU_WORK])(struct swaptbl_lruvec *lruvec,
					    struct folio *folio) = {
	[LRU_WORK_ADD]		= __work_add,
	[LRU_WORK_ROTATE]	= __work_rotate,
	[LRU_WORK_ACTIVATE]	= __work_activate,
	[LRU_WORK_DEACTIVATE]	= __work_deactivate,
};

/* A folio that is to be added is on no list; others may have left theirs. */
static bool work_begin(struct folio *folio, enum lru_work work)
{
	return work == LRU_WORK_ADD ||
	       test_and_clear_bit(SWAPTBL_FOLIO_LRU, &folio->index);
}

/*
 * The flag is set with the lock held: who clears it next waits for the lock, and finds
 * the folio where it was put.
 */
static void work_off(struct folio_batch *fbatch, enum lru_work work)
{
	struct swaptbl_lruvec *lruvec = NULL;
	unsigned long flags = 0;
	struct folio *folio;
	unsigned int i;

	swaptbl_sync(SWAPTBL_BATCH_FLUSH);
	for (i = 0; i < folio_batch_count(fbatch); i++) {
		folio = fbatch->folios[i];
		if (!work_begin(folio, work))
			continue;
		swaptbl_folio_lruvec_relock_irqsave(folio, &lruvec, &flags);
		work_fns[work](lruvec, folio);
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU);
	}
	if (lruvec)
		swaptbl_lruvec_unlock_irqrestore(lruvec, flags);
}

/* A list keeps the reference by which it got the folio. */
static void work_end(struct folio_batch *fbatch, enum lru_work work)
{
	unsigned int i;

	work_off(fbatch, work);
	for (i = 0; work != LRU_WORK_ADD && i < folio_batch_count(fbatch); i++)
		folio_put(fbatch->folios[i]);
}

/* Large folios do not wait for others: as many pages as a batch of small ones. */
static bool __gather(struct lru_pcpu *pcpu, struct folio *folio,
		     enum lru_work work, struct folio_batch *full)
{
	struct folio_batch *fbatch = &pcpu->fbatch[work];

	lockdep_assert_held(&pcpu->lock);
	if (folio_batch_add(fbatch, folio) && !folio_test_large(folio))
		return false;
	*full = *fbatch;
	folio_batch_reinit(fbatch);
	return true;
}

static void gather(struct folio *folio, enum lru_work work)
{
	struct lru_pcpu *pcpu = raw_cpu_ptr(&lru_pcpu);
	struct folio_batch full;
	bool is_full;

	folio_get(folio);
	/* Another CPU's by now, if this task was moved: as good as this one's. */
	spin_lock(&pcpu->lock);
	is_full = __gather(pcpu, folio, work, &full);
	spin_unlock(&pcpu->lock);
	if (is_full)
		work_end(&full, work);
}

static void drain_cpu(struct lru_pcpu *pcpu)
{
	struct folio_batch fbatch;
	enum lru_work work;

	for (work = 0; work < NR_LRU_WORK; work++) {
		/* What comes meanwhile may be missed with the lock as well. */
		if (!data_race(folio_batch_count(&pcpu->fbatch[work])))
			continue;
		spin_lock(&pcpu->lock);
		fbatch = pcpu->fbatch[work];
		folio_batch_reinit(&pcpu->fbatch[work]);
		spin_unlock(&pcpu->lock);
		work_end(&fbatch, work);
	}
}

/**
 * swaptbl_lru_drain() - work off what this CPU has gathered
 *
 * Context: Any context but interrupts. The caller has no lru_lock.
 */
void swaptbl_lru_drain(void)
{
	drain_cpu(raw_cpu_ptr(&lru_pcpu));
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_lru_drain);

/**
 * swaptbl_lru_drain_all() - work off what all CPUs have gathered
 *
 * By this CPU, which waits for no other. Of what another gathers meanwhile, it may be
 * all or nothing.
 *
 * Context: Any context but interrupts. The caller has no lru_lock.
 */
void swaptbl_lru_drain_all(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		drain_cpu(per_cpu_ptr(&lru_pcpu, cpu));
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_lru_drain_all);

/* What a folio names that is not charged may be of a tree that is gone. */
static bool has_lruvec(const struct folio *folio)
{
	bool has;

	rcu_read_lock();
	has = swaptbl_folio_lruvec(folio);
	rcu_read_unlock();
	return has;
}

/**
 * swaptbl_folio_add_lru() - put a folio on an LRU list
 * @folio: charged folio; the list takes a reference to it
 * @lru: which list
 *
 * Gathered per CPU: it may be a while until it is there.
 *
 * Context: Any context but interrupts. Expects the lock of @folio to be held by caller,
 * who also has a reference to it and no lru_lock.
 * Return: 0; -EINVAL if @folio is not locked, not charged, or there is no such list;
 * -EEXIST if it is on a list, on its way there, or isolated; -ESRCH if it is swapped in for
 * a tree that is gone.
 */
int swaptbl_folio_add_lru(struct folio *folio, enum lru_list lru)
{
	if (!folio_test_locked(folio) || !swaptbl_folio_handle(folio) ||
	    lru >= NR_LRU_LISTS)
		return -EINVAL;
	if (!has_lruvec(folio))
		return -ESRCH;
	if (test_and_set_bit(SWAPTBL_FOLIO_LRU_MANAGED, &folio->index))
		return -EEXIST;
	swaptbl_folio_set_lru_list(folio, lru);
	gather(folio, LRU_WORK_ADD);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_add_lru);

static int move_later(struct folio *folio, enum lru_work work)
{
	if (!swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU))
		return -EBUSY;
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_UNEVICTABLE))
		return -EINVAL;
	gather(folio, work);
	return 0;
}

/**
 * swaptbl_folio_rotate_lru() - make a folio the next to be reclaimed
 * @folio: folio on a list
 *
 * Gathered per CPU. If it has left the list by then, nothing happens.
 *
 * Context: Any context but interrupts. The caller has a reference to @folio and no
 * lru_lock.
 * Return: 0; -EBUSY if it is on no list or somebody is moving it, -EINVAL if it is
 * unevictable.
 */
int swaptbl_folio_rotate_lru(struct folio *folio)
{
	return move_later(folio, LRU_WORK_ROTATE);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_rotate_lru);

/**
 * swaptbl_folio_activate() - move a folio to the active list of its kind
 * @folio: folio on a list
 *
 * As swaptbl_folio_rotate_lru().
 *
 * Context: Any context but interrupts. The caller has a reference to @folio and no
 * lru_lock.
 * Return: 0; -EBUSY if it is on no list or somebody is moving it, -EINVAL if it is
 * unevictable.
 */
int swaptbl_folio_activate(struct folio *folio)
{
	return move_later(folio, LRU_WORK_ACTIVATE);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_activate);

/**
 * swaptbl_folio_deactivate() - move a folio to the inactive list of its kind
 * @folio: folio on a list
 *
 * As swaptbl_folio_rotate_lru().
 *
 * Context: Any context but interrupts. The caller has a reference to @folio and no
 * lru_lock.
 * Return: 0; -EBUSY if it is on no list or somebody is moving it, -EINVAL if it is
 * unevictable.
 */
int swaptbl_folio_deactivate(struct folio *folio)
{
	return move_later(folio, LRU_WORK_DEACTIVATE);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_deactivate);
