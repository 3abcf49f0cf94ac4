/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lruvecs: the LRU lists of a group on one node, and the lock that they are under.
 */
#ifndef _SWAPTBL_LRUVEC_H
#define _SWAPTBL_LRUVEC_H

#include <linux/list.h>
#include <linux/mmzone.h>
#include <linux/spinlock.h>

#include "folio.h"
#include "handle.h"
#include "lru_gen.h"
#include "lru_stat.h"
#include "rcu.h"
#include "sync.h"

struct swaptbl_group;

/**
 * struct swaptbl_lruvec - LRU lists of one group on one node
 * @lists: by enum lru_list; the hot end is the head; under @lru_lock. With @gens, only
 *	the unevictable one.
 * @lru_lock: see above and below; taken with interrupts disabled
 * @nid: the node; constant
 * @group: the group; constant
 * @size: pages by zone and list; under @lru_lock, read without it for guesses
 * @stat: what happened here, see lru_stat.h
 * @gens: evictable folios, of a tree with generations; else NULL; constant
 *
 * The lock of a child is taken before that of its parent; nobody has more than these
 * two. The memory goes a grace period after the folios went to the parent.
 */
struct swaptbl_lruvec {
	struct list_head lists[NR_LRU_LISTS];
	spinlock_t lru_lock; /* see above */
	int nid;
	struct swaptbl_group *group;
	unsigned long size[MAX_NR_ZONES][NR_LRU_LISTS];
	struct swaptbl_lru_stats stat;
	struct swaptbl_lru_gens *gens;
};

struct swaptbl_lruvec *swaptbl_lruvec_alloc(struct swaptbl_group *group, int nid);
void swaptbl_lruvec_free(struct swaptbl_lruvec *lruvec);

unsigned long swaptbl_lruvec_lru_size(struct swaptbl_lruvec *lruvec,
				      enum lru_list lru, int zone_idx);

struct swaptbl_lruvec *swaptbl_group_lruvec_lock_irq(struct swaptbl_group *group,
						     int nid);
struct swaptbl_lruvec *
swaptbl_folio_lruvec_relock_irq(struct folio *folio,
				struct swaptbl_lruvec *locked);
void swaptbl_folio_lruvec_relock_irqsave(struct folio *folio,
					 struct swaptbl_lruvec **locked,
					 unsigned long *flags);

enum lru_list swaptbl_folio_lru(struct folio *folio);
enum lru_list __swaptbl_lruvec_class(const struct swaptbl_lruvec *lruvec,
				     const struct folio *folio);
struct list_head *__swaptbl_lruvec_list_of(struct swaptbl_lruvec *lruvec,
					   const struct folio *folio);
struct list_head *__swaptbl_lruvec_list(struct swaptbl_lruvec *lruvec,
					enum lru_list lru, unsigned int nth);
void __swaptbl_lruvec_count(struct swaptbl_lruvec *lruvec, enum lru_list lru, int zid,
			    long nr);
void __swaptbl_lruvec_add_folio(struct swaptbl_lruvec *lruvec,
				struct folio *folio);
void __swaptbl_lruvec_add_folio_tail(struct swaptbl_lruvec *lruvec,
				     struct folio *folio);
void __swaptbl_lruvec_del_folio(struct swaptbl_lruvec *lruvec,
				struct folio *folio);
void __swaptbl_lruvec_splice(struct swaptbl_lruvec *child,
			     struct swaptbl_lruvec *parent);

/*
 * The lruvec that a folio is on, as far as can be told without its lock; NULL if it
 * was not charged. The caller is in an RCU read-side section of any kind.
 */
static inline struct swaptbl_lruvec *swaptbl_folio_lruvec(const struct folio *folio)
{
	const struct swaptbl_handle *handle = swaptbl_folio_handle(folio);

	return handle ? swaptbl_handle_lruvec(handle, folio_nid(folio)) : NULL;
}

enum swaptbl_lock_how {
	SWAPTBL_LOCK_PLAIN,
	SWAPTBL_LOCK_IRQ,
	SWAPTBL_LOCK_IRQSAVE,
};

/*
 * From the first look at a lruvec until its lock is held. Without interrupts is a short RCU
 * read-side section as well, but with CONFIG_PREEMPT_RT, where they stay enabled: see rcu.h.
 */
static __always_inline void swaptbl_lruvec_look(enum swaptbl_lock_how how,
						unsigned long *flags)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || how == SWAPTBL_LOCK_PLAIN)
		swaptbl_rcu_read_lock();
	else if (how == SWAPTBL_LOCK_IRQ)
		local_irq_disable();
	else
		local_irq_save(*flags);
}

/* The lock goes on where the looking ends, if there is one. */
static __always_inline void swaptbl_lruvec_looked(struct swaptbl_lruvec *lruvec,
						  enum swaptbl_lock_how how,
						  unsigned long *flags)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || how == SWAPTBL_LOCK_PLAIN)
		swaptbl_rcu_read_unlock();
	else if (likely(lruvec))
		return;
	else if (how == SWAPTBL_LOCK_IRQ)
		local_irq_enable();
	else
		local_irq_restore(*flags);
}

struct swaptbl_lruvec *swaptbl_folio_lruvec_lock_again(struct folio *folio);

/*
 * The one body of all that lock for a folio; see the top of lruvec.c for why it is right.
 * Inline, since what it adds to the lock is some twenty instructions.
 *
 * The RCU read-side section lasts from the first look to the unlock, but in two parts: a
 * lock that is held is one itself. Interrupts stay disabled from one try to the next.
 */
static __always_inline struct swaptbl_lruvec *
swaptbl_folio_lruvec_lock_how(struct folio *folio, enum swaptbl_lock_how how,
			      unsigned long *flags)
{
	struct swaptbl_lruvec *lruvec;

	swaptbl_lruvec_look(how, flags);
	lruvec = swaptbl_folio_lruvec(folio);
	if (likely(lruvec)) {
		swaptbl_sync(SWAPTBL_LRU_LOOKED_UP);
		spin_lock(&lruvec->lru_lock);
		if (unlikely(swaptbl_folio_lruvec(folio) != lruvec)) {
			spin_unlock(&lruvec->lru_lock);
			lruvec = swaptbl_folio_lruvec_lock_again(folio);
		}
	}
	swaptbl_lruvec_looked(lruvec, how, flags);
	return lruvec;
}

/**
 * swaptbl_folio_lruvec_lock() - lock the lruvec that a folio is on
 * @folio: charged folio, to which the caller has a reference
 *
 * Until the lock is dropped, the folio resolves to that lruvec, and if it is on a list,
 * it is on one of its.
 *
 * Context: Interrupts disabled, or in a caller who knows that no interrupt takes the
 * lock. Takes the lru_lock, until swaptbl_lruvec_unlock().
 * Return: the lruvec; or, with nothing taken, NULL if the folio is not charged.
 */
static inline struct swaptbl_lruvec *swaptbl_folio_lruvec_lock(struct folio *folio)
{
	return swaptbl_folio_lruvec_lock_how(folio, SWAPTBL_LOCK_PLAIN, NULL);
}

/**
 * swaptbl_folio_lruvec_lock_irq() - lock the lruvec that a folio is on
 * @folio: charged folio, to which the caller has a reference
 *
 * As swaptbl_folio_lruvec_lock(), and disables interrupts.
 *
 * Context: Interrupts enabled. Takes the lru_lock, until swaptbl_lruvec_unlock_irq().
 * Return: the lruvec; or, with nothing taken, NULL if the folio is not charged.
 */
static inline struct swaptbl_lruvec *
swaptbl_folio_lruvec_lock_irq(struct folio *folio)
{
	return swaptbl_folio_lruvec_lock_how(folio, SWAPTBL_LOCK_IRQ, NULL);
}

/**
 * swaptbl_folio_lruvec_lock_irqsave() - lock the lruvec that a folio is on
 * @folio: charged folio, to which the caller has a reference
 * @flags: set to the state of interrupts
 *
 * As swaptbl_folio_lruvec_lock(), and disables interrupts.
 *
 * Context: Any context. Takes the lru_lock, until swaptbl_lruvec_unlock_irqrestore().
 * Return: the lruvec; or, with nothing taken, NULL if the folio is not charged.
 */
static inline struct swaptbl_lruvec *
swaptbl_folio_lruvec_lock_irqsave(struct folio *folio, unsigned long *flags)
{
	return swaptbl_folio_lruvec_lock_how(folio, SWAPTBL_LOCK_IRQSAVE, flags);
}

/* Undo swaptbl_folio_lruvec_lock(). */
static inline void swaptbl_lruvec_unlock(struct swaptbl_lruvec *lruvec)
{
	spin_unlock(&lruvec->lru_lock);
}

/* Undo swaptbl_folio_lruvec_lock_irq(). */
static inline void swaptbl_lruvec_unlock_irq(struct swaptbl_lruvec *lruvec)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		spin_unlock(&lruvec->lru_lock);
	else
		spin_unlock_irq(&lruvec->lru_lock);
}

/* Undo swaptbl_folio_lruvec_lock_irqsave(). */
static inline void swaptbl_lruvec_unlock_irqrestore(struct swaptbl_lruvec *lruvec,
						    unsigned long flags)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		spin_unlock(&lruvec->lru_lock);
	else
		spin_unlock_irqrestore(&lruvec->lru_lock, flags);
}

/*
 * Which list a folio goes to, by who has it: it is on no list. See swaptbl_folio_lru() and
 * __swaptbl_lruvec_class() for one that may be, or is.
 */
static inline enum lru_list swaptbl_folio_lru_list(const struct folio *folio)
{
	enum lru_list lru = LRU_INACTIVE_ANON;

	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_UNEVICTABLE))
		return LRU_UNEVICTABLE;
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_FILE))
		lru += LRU_FILE;
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ACTIVE))
		lru += LRU_ACTIVE;
	return lru;
}

/* By who has the folio: it is on no list. */
static inline void swaptbl_folio_set_lru_list(struct folio *folio,
					      enum lru_list lru)
{
	if (lru == LRU_UNEVICTABLE)
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU_UNEVICTABLE);
	else if (is_file_lru(lru))
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU_FILE);
	if (is_active_lru(lru))
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU_ACTIVE);
}

static inline void swaptbl_folio_clear_lru_list(struct folio *folio)
{
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_UNEVICTABLE);
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_FILE);
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_ACTIVE);
}

#endif /* _SWAPTBL_LRUVEC_H */
