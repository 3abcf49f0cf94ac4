/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clusters: a lock, a table of words, an occupancy map and a place on a list.
 */
#ifndef _SWAPTBL_CLUSTER_H
#define _SWAPTBL_CLUSTER_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "device.h"
#include "entry.h"
#include "geometry.h"
#include "overflow.h"

/**
 * struct swaptbl_table - the words of one cluster, one page
 * @word: see entry.h
 */
struct swaptbl_table {
	atomic_long_t word[SWAPTBL_CLUSTER_SLOTS];
};

static_assert(sizeof(struct swaptbl_table) == PAGE_SIZE);

/**
 * enum swaptbl_list - which list of its device a cluster is on
 * @SWAPTBL_LIST_NONE: none, while it is being set up
 * @SWAPTBL_LIST_FREE: no slot but bad ones is used
 * @SWAPTBL_LIST_NONFULL: of its order; may have a free run of that order
 * @SWAPTBL_LIST_FRAG: of its order; had no free run of that order when searched,
 *	and nothing was freed since
 * @SWAPTBL_LIST_FULL: every slot is used
 * @SWAPTBL_LIST_DISCARD: free once its discard is done
 * @SWAPTBL_LIST_DISCARDING: on no list while its discard is under way
 */
enum swaptbl_list {
	SWAPTBL_LIST_NONE,
	SWAPTBL_LIST_FREE,
	SWAPTBL_LIST_NONFULL,
	SWAPTBL_LIST_FRAG,
	SWAPTBL_LIST_FULL,
	SWAPTBL_LIST_DISCARD,
	SWAPTBL_LIST_DISCARDING,
};

/* Order of a cluster that serves none: any may take it. */
#define SWAPTBL_ORDER_NONE	U8_MAX

/**
 * struct swaptbl_cluster - SWAPTBL_CLUSTER_SLOTS neighbouring slots
 * @lock: protects all that follows, but see @node and @table
 * @nr_used: used slots, bad ones included; bits set in @used
 * @nr_bad: bad slots
 * @nr_cached_only: cached slots with count 0
 * @order: order of the runs that it serves, or SWAPTBL_ORDER_NONE when empty;
 *	changed with the device's list lock held as well
 * @list: an enum swaptbl_list; changed with the list lock held as well
 * @absent: no aligned run of free slots is of this order or a larger one, as a search found
 *	since the last slot was freed; SWAPTBL_NR_ORDERS if none did. Searches read it
 *	without the lock too
 * @stored: something was written to the store since the last discard
 * @index: number of the cluster in its device; constant
 * @table: words; NULL while only free slots are in it. Set and cleared under
 *	@lock, read under @lock or RCU, freed through RCU. For the words themselves
 *	see count.c.
 * @overflow: what counts have beyond the words
 * @node: link of @list; under the device's list lock
 * @used: occupancy map, one bit per slot
 *
 * Made at first use, it lives as long as its device.
 */
struct swaptbl_cluster {
	spinlock_t lock; /* all but @node; see above */
	u16 nr_used;
	u16 nr_bad;
	u16 nr_cached_only;
	u8 order;
	u8 list;
	u8 absent;
	bool stored;
	unsigned int index;
	struct swaptbl_table __rcu *table;
	struct swaptbl_overflow overflow;
	struct list_head node;
	DECLARE_BITMAP(used, SWAPTBL_CLUSTER_SLOTS);
};

int swaptbl_cluster_caches_create(void);
void swaptbl_cluster_caches_destroy(void);

struct swaptbl_cluster *swaptbl_cluster_alloc(unsigned int index, gfp_t gfp);
void swaptbl_cluster_free(struct swaptbl_cluster *ci);
struct swaptbl_table *swaptbl_table_alloc(gfp_t gfp);
void swaptbl_table_free(struct swaptbl_table *table);

void __swaptbl_cluster_populate(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci,
				struct swaptbl_table *table);
void __swaptbl_cluster_assert_empty(struct swaptbl_cluster *ci);
void __swaptbl_cluster_move(struct swaptbl_device *dev,
			    struct swaptbl_cluster *ci, enum swaptbl_list list,
			    unsigned int order);
void __swaptbl_cluster_claim(struct swaptbl_device *dev,
			     struct swaptbl_cluster *ci, unsigned int slot,
			     unsigned int nr, unsigned int order);
void __swaptbl_cluster_release(struct swaptbl_device *dev,
			       struct swaptbl_cluster *ci, unsigned int slot,
			       unsigned int nr);

/**
 * swaptbl_cluster_lookup() - cluster of a slot, if it was ever used
 * @dev: the device
 * @offset: slot of the device, below its size
 *
 * Context: Any context. The caller has a reference to @dev, or found it live in the RCU
 * read-side section that this is in.
 * Return: the cluster or NULL; it stays as long as @dev does.
 */
static inline struct swaptbl_cluster *swaptbl_cluster_lookup(struct swaptbl_device *dev,
							     unsigned long offset)
{
	/* The address dependency orders it after the cluster's setup. */
	return READ_ONCE(dev->clusters[swaptbl_cluster_index(offset)]);
}

/* For a cluster that was looked up before; swaptbl_cluster_unlock() undoes it. */
static inline void swaptbl_cluster_lock_found(struct swaptbl_cluster *ci)
{
	spin_lock(&ci->lock);
}

/**
 * swaptbl_cluster_lock() - look up and lock the cluster of a slot
 * @dev: the device
 * @offset: slot of the device, below its size
 *
 * Context: Any context but interrupts. As swaptbl_cluster_lookup().
 * Return: the cluster with its lock held, or NULL if it was never used.
 */
static inline struct swaptbl_cluster *swaptbl_cluster_lock(struct swaptbl_device *dev,
							   unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, offset);

	if (ci)
		swaptbl_cluster_lock_found(ci);
	return ci;
}

/* Undo swaptbl_cluster_lock(). */
static inline void swaptbl_cluster_unlock(struct swaptbl_cluster *ci)
{
	spin_unlock(&ci->lock);
}

static inline unsigned long swaptbl_cluster_start(const struct swaptbl_cluster *ci)
{
	return (unsigned long)ci->index * SWAPTBL_CLUSTER_SLOTS;
}

static inline struct swaptbl_table *
__swaptbl_cluster_table(struct swaptbl_cluster *ci)
{
	return rcu_dereference_protected(ci->table, lockdep_is_held(&ci->lock));
}

/* The word of @slot, free if the cluster has no table. */
static inline unsigned long __swaptbl_word_get(struct swaptbl_cluster *ci,
					       unsigned int slot)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);

	/* Who holds the lock sees all locked changes; relaxed does. */
	return table ? atomic_long_read(&table->word[slot]) : 0;
}

/*
 * The word of @slot without the lock, free if the cluster was never used. It may have
 * changed on return, and RCU ends here: what it says is a hint, or has to be asked again
 * under a lock.
 */
static inline unsigned long swaptbl_word_now(struct swaptbl_cluster *ci,
					     unsigned int slot)
{
	struct swaptbl_table *table;
	unsigned long word = 0;

	swaptbl_rcu_read_lock();
	table = ci ? swaptbl_rcu_dereference(ci->table) : NULL;
	if (table)
		word = atomic_long_read(&table->word[slot]);
	swaptbl_rcu_read_unlock();
	return word;
}

/*
 * Replace the word of @slot if it still is *@old, else load *@old again: a
 * holder of the lock competes with the lock-free changes of counts.
 */
static inline bool __swaptbl_word_try_cmpxchg(struct swaptbl_cluster *ci,
					      unsigned int slot,
					      unsigned long *old,
					      unsigned long new)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);

	return atomic_long_try_cmpxchg(&table->word[slot], (long *)old, new);
}

#endif /* _SWAPTBL_CLUSTER_H */
