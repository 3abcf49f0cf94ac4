// SPDX-License-Identifier: GPL-2.0
/*
 * Clusters: their memory, lock, occupancy and lists.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "cluster.h"
#include "device.h"
#include "stats.h"
#include "store.h"
#include "sync.h"
#include "trace.h"

static struct kmem_cache *cluster_cache;

/**
 * swaptbl_cluster_caches_create() - set up the memory of clusters
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int swaptbl_cluster_caches_create(void)
{
	cluster_cache = KMEM_CACHE(swaptbl_cluster, SLAB_HWCACHE_ALIGN);
	return cluster_cache ? 0 : -ENOMEM;
}

/**
 * swaptbl_cluster_caches_destroy() - undo swaptbl_cluster_caches_create()
 *
 * Waits for tables that RCU still holds: their callback is in this module.
 *
 * Context: Process context. May sleep.
 */
void swaptbl_cluster_caches_destroy(void)
{
	rcu_barrier();
	kmem_cache_destroy(cluster_cache);
}

/**
 * swaptbl_cluster_alloc() - allocate a cluster that is on no list
 * @index: number of the cluster in its device
 * @gfp: how
 *
 * Context: Any context that @gfp allows.
 * Return: the cluster or NULL.
 */
struct swaptbl_cluster *swaptbl_cluster_alloc(unsigned int index, gfp_t gfp)
{
	struct swaptbl_cluster *ci;

	if (swaptbl_should_fail(SWAPTBL_MEM_CLUSTER, gfp))
		return NULL;
	ci = kmem_cache_zalloc(cluster_cache, gfp | __GFP_NOWARN);
	if (!ci)
		return NULL;
	spin_lock_init(&ci->lock);
	INIT_LIST_HEAD(&ci->node);
	ci->index = index;
	ci->order = SWAPTBL_ORDER_NONE;
	ci->absent = SWAPTBL_NR_ORDERS;
	return ci;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cluster_alloc);

/**
 * swaptbl_cluster_free() - free a cluster and what it holds
 * @ci: cluster that nobody can reach, or NULL
 *
 * Context: Any context.
 */
void swaptbl_cluster_free(struct swaptbl_cluster *ci)
{
	if (!ci)
		return;
	swaptbl_table_free(rcu_dereference_protected(ci->table, true));
	kfree(ci->overflow.cells);
	kmem_cache_free(cluster_cache, ci);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_cluster_free);

/**
 * swaptbl_table_alloc() - allocate a table of free words
 * @gfp: how
 *
 * Context: Any context that @gfp allows.
 * Return: the table or NULL.
 */
struct swaptbl_table *swaptbl_table_alloc(gfp_t gfp)
{
	if (swaptbl_should_fail(SWAPTBL_MEM_TABLE, gfp))
		return NULL;
	return (struct swaptbl_table *)get_zeroed_page(gfp | __GFP_NOWARN);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_table_alloc);

/**
 * swaptbl_table_free() - free a table that nobody can reach
 * @table: the table or NULL
 *
 * Context: Any context.
 */
void swaptbl_table_free(struct swaptbl_table *table)
{
	free_page((unsigned long)table);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_table_free);

static void table_free_rcu(struct rcu_head *head)
{
	__free_page(container_of(head, struct page, rcu_head));
}

/**
 * __swaptbl_cluster_populate() - publish the table of a cluster
 * @dev: its device
 * @ci: cluster without a table
 * @table: complete table, the cluster's from now on
 *
 * Context: Expects the cluster lock to be held by caller.
 */
void __swaptbl_cluster_populate(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci,
				struct swaptbl_table *table)
{
	lockdep_assert_held(&ci->lock);
	VM_WARN_ON_ONCE(__swaptbl_cluster_table(ci));
	rcu_assign_pointer(ci->table, table);
	swaptbl_stat_inc(dev, SWAPTBL_STAT_TABLES);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_populate);

/*
 * Lock-free users may still have the table: they find free words in it, which
 * they refuse.
 */
static void __cluster_depopulate(struct swaptbl_device *dev,
				 struct swaptbl_cluster *ci)
{
	struct swaptbl_table *table = __swaptbl_cluster_table(ci);

	lockdep_assert_held(&ci->lock);
	rcu_assign_pointer(ci->table, NULL);
	swaptbl_stat_add(dev, SWAPTBL_STAT_TABLES, -1);
	call_rcu(&virt_to_page(table)->rcu_head, table_free_rcu);
}

/**
 * __swaptbl_cluster_assert_empty() - warn if an empty cluster holds anything
 * @ci: cluster whose used slots are all bad
 *
 * Walks the words only where CONFIG_DEBUG_VM is set.
 *
 * Context: Expects the cluster lock to be held by caller.
 */
void __swaptbl_cluster_assert_empty(struct swaptbl_cluster *ci)
{
	unsigned long word;
	unsigned int slot;

	lockdep_assert_held(&ci->lock);
	WARN_ON_ONCE(ci->nr_used != ci->nr_bad);
	WARN_ON_ONCE(ci->nr_cached_only || ci->overflow.cells);
	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		return;
	for (slot = 0; slot < SWAPTBL_CLUSTER_SLOTS; slot++) {
		word = __swaptbl_word_get(ci, slot);
		VM_WARN_ON_ONCE(word && !swaptbl_entry_is_bad(word));
	}
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_assert_empty);

static struct swaptbl_cluster_list *
list_of(struct swaptbl_device *dev, enum swaptbl_list list, unsigned int order)
{
	switch (list) {
	case SWAPTBL_LIST_FREE:
		return &dev->free;
	case SWAPTBL_LIST_NONFULL:
		return &dev->nonfull[order];
	case SWAPTBL_LIST_FRAG:
		return &dev->frag[order];
	case SWAPTBL_LIST_FULL:
		return &dev->full;
	case SWAPTBL_LIST_DISCARD:
		return &dev->discard;
	default:
		return NULL;
	}
}

static void list_leave(struct swaptbl_cluster_list *list,
		       struct swaptbl_cluster *ci)
{
	if (!list)
		return;
	list_del_init(&ci->node);
	WRITE_ONCE(list->nr, list->nr - 1);
}

static void list_enter(struct swaptbl_cluster_list *list,
		       struct swaptbl_cluster *ci)
{
	if (!list)
		return;
	list_add_tail(&ci->node, &list->head);
	WRITE_ONCE(list->nr, list->nr + 1);
}

/**
 * __swaptbl_cluster_move() - put a cluster on another list
 * @dev: its device
 * @ci: the cluster
 * @list: where it goes
 * @order: order that it serves from now on
 *
 * List, flag and order change in one critical section of the list lock, so that
 * whoever holds either lock sees them agree.
 *
 * Context: Expects the cluster lock to be held by caller. Takes and releases the
 * list lock.
 */
void __swaptbl_cluster_move(struct swaptbl_device *dev,
			    struct swaptbl_cluster *ci, enum swaptbl_list list,
			    unsigned int order)
{
	unsigned int nr_discarding;

	lockdep_assert_held(&ci->lock);
	spin_lock(&dev->list_lock);
	nr_discarding = dev->nr_discarding +
			(list == SWAPTBL_LIST_DISCARDING) -
			(ci->list == SWAPTBL_LIST_DISCARDING);
	list_leave(list_of(dev, ci->list, ci->order), ci);
	ci->list = list;
	WRITE_ONCE(ci->order, order);
	list_enter(list_of(dev, list, order), ci);
	WRITE_ONCE(dev->nr_discarding, nr_discarding);
	WRITE_ONCE(dev->list_seq, dev->list_seq + 1);
	spin_unlock(&dev->list_lock);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_move);

/**
 * __swaptbl_cluster_claim() - account slots whose words were just taken
 * @dev: the device
 * @ci: the cluster
 * @slot: first slot of the cluster
 * @nr: number of slots
 * @order: what an empty cluster serves from now on
 *
 * Context: Expects the cluster lock to be held by caller. Takes and releases the
 * list lock.
 */
void __swaptbl_cluster_claim(struct swaptbl_device *dev,
			     struct swaptbl_cluster *ci, unsigned int slot,
			     unsigned int nr, unsigned int order)
{
	enum swaptbl_list list = SWAPTBL_LIST_NONFULL;

	lockdep_assert_held(&ci->lock);
	if (nr == 1)
		__set_bit(slot, ci->used);
	else
		bitmap_set(ci->used, slot, nr);
	ci->nr_used += nr;
	atomic_long_add(nr, &dev->nr_used);
	if (ci->nr_used == SWAPTBL_CLUSTER_SLOTS)
		list = SWAPTBL_LIST_FULL;
	if (ci->list != SWAPTBL_LIST_FREE)
		order = ci->order;
	if (ci->list == SWAPTBL_LIST_FREE || list == SWAPTBL_LIST_FULL)
		__swaptbl_cluster_move(dev, ci, list, order);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_claim);

static void __cluster_became_empty(struct swaptbl_device *dev,
				   struct swaptbl_cluster *ci)
{
	bool discard = dev->discards && ci->stored;

	lockdep_assert_held(&ci->lock);
	__swaptbl_cluster_assert_empty(ci);
	if (!ci->nr_bad)
		__cluster_depopulate(dev, ci);
	__swaptbl_cluster_move(dev, ci, discard ? SWAPTBL_LIST_DISCARD :
						  SWAPTBL_LIST_FREE,
			       SWAPTBL_ORDER_NONE);
	if (discard)
		swaptbl_store_queue(&dev->discard_work);
}

/**
 * __swaptbl_cluster_release() - account slots whose words were just freed
 * @dev: the device
 * @ci: the cluster
 * @slot: first slot of the cluster
 * @nr: number of slots
 *
 * An empty cluster loses its table, unless that says which slots are bad. If
 * something was written to it and its device discards, it waits for its discard
 * before it is free.
 *
 * Context: Expects the cluster lock to be held by caller. Takes and releases the
 * list lock.
 */
void __swaptbl_cluster_release(struct swaptbl_device *dev,
			       struct swaptbl_cluster *ci, unsigned int slot,
			       unsigned int nr)
{
	lockdep_assert_held(&ci->lock);
	if (nr == 1)
		__clear_bit(slot, ci->used);
	else
		bitmap_clear(ci->used, slot, nr);
	ci->nr_used -= nr;
	WRITE_ONCE(ci->absent, SWAPTBL_NR_ORDERS);
	if (ci->nr_used == ci->nr_bad)
		__cluster_became_empty(dev, ci);
	else if (ci->list != SWAPTBL_LIST_NONFULL)
		__swaptbl_cluster_move(dev, ci, SWAPTBL_LIST_NONFULL, ci->order);
	/* Last, so that whoever sees the slots free mostly finds their cluster. */
	atomic_long_sub(nr, &dev->nr_used);
	swaptbl_stat_add(dev, SWAPTBL_STAT_FREE, nr);
	trace_swaptbl_free(dev->type, swaptbl_cluster_start(ci) + slot, nr);
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_cluster_release);
