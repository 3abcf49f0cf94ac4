// SPDX-License-Identifier: GPL-2.0
/*
 * Slot allocator.
 *
 * A run of 2^order slots, aligned to its size, comes from the first of these
 * that has one: where this CPU allocated the order last; clusters that serve the
 * order; an empty cluster, which then serves it; any other cluster.
 *
 * Clusters live as long as their device. So one that was picked from a list is
 * locked after the list lock was dropped, and what was known of it is checked
 * again: lists need no trylock, and no cluster is missed because it was locked.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "alloc.h"
#include "cache.h"
#include "cluster.h"
#include "count.h"
#include "device.h"
#include "stats.h"
#include "sync.h"
#include "trace.h"

/*
 * How many clusters of another order one failing allocation of order > 0 looks
 * into, per list. Each look rotates the list, so the next ones look further.
 */
#define STEAL_SCAN_MAX	64

/**
 * struct alloc_request - one allocation under way
 * @dev: the device
 * @folio: what gets the slots; NULL for an exclusive slot
 * @order: order of the run
 * @offset: first slot of the device, once found
 * @cluster: spare cluster, allocated while no lock was held
 * @table: spare table, likewise
 * @no_memory: there is no memory for spares; do without empty clusters
 */
struct alloc_request {
	struct swaptbl_device *dev;
	struct folio *folio;
	unsigned int order;
	unsigned long offset;
	struct swaptbl_cluster *cluster;
	struct swaptbl_table *table;
	bool no_memory;
};

#define NO_SLOT		SWAPTBL_CLUSTER_SLOTS
#define WORD_ORDER	ilog2(BITS_PER_LONG)

/* In @used, the aligned starts of 2^@order clear bits, @order < WORD_ORDER. */
static unsigned long word_runs(unsigned long used, unsigned int order)
{
	unsigned long runs = ~used;
	unsigned int i;

	for (i = 0; i < order; i++)
		runs &= runs >> BIT(i);
	return runs & (~0UL / (BIT(BIT(order)) - 1));
}

/* A run within one word of the map, starting in [@from, @end). */
static unsigned int find_small(const unsigned long *used, unsigned int order,
			       unsigned int from, unsigned int end)
{
	unsigned int word = from / BITS_PER_LONG;
	unsigned long ahead = ~0UL << (from % BITS_PER_LONG);
	unsigned long runs;

	for (; word * BITS_PER_LONG < end; word++, ahead = ~0UL) {
		runs = word_runs(used[word], order) & ahead;
		if (runs)
			return word * BITS_PER_LONG + __ffs(runs);
	}
	return NO_SLOT;
}

/* A run of whole words, starting in [@from, @end). */
static unsigned int find_large(const unsigned long *used, unsigned int order,
			       unsigned int from, unsigned int end)
{
	unsigned int nr = BIT(order);
	unsigned int slot;

	for (slot = round_up(from, nr); slot < end; slot += nr)
		if (find_next_bit(used, slot + nr, slot) >= slot + nr)
			return slot;
	return NO_SLOT;
}

/* The search wraps, so that a hint costs no run in front of it. */
static unsigned int __find_run(struct swaptbl_cluster *ci, unsigned int order,
			       unsigned int from)
{
	unsigned int (*find)(const unsigned long *used, unsigned int order,
			     unsigned int from, unsigned int end);
	unsigned int slot;

	lockdep_assert_held(&ci->lock);
	if (ci->nr_used + BIT(order) > SWAPTBL_CLUSTER_SLOTS)
		return NO_SLOT;
	/* With 2^order == BITS_PER_LONG the masks of find_small() overflow. */
	find = order < WORD_ORDER ? find_small : find_large;
	slot = find(ci->used, order, from, SWAPTBL_CLUSTER_SLOTS);
	if (slot == NO_SLOT && from)
		slot = find(ci->used, order, 0, from);
	return slot;
}

static void hint_set(struct alloc_request *req, unsigned long next)
{
	struct swaptbl_pcpu *pcpu = this_cpu_ptr(req->dev->pcpu);

	lockdep_assert_held(this_cpu_ptr(&req->dev->pcpu->lock));
	/* At the end of a cluster there is nothing to go on with. */
	pcpu->next[req->order] = swaptbl_slot(next) ? next : 0;
	pcpu->run += BIT(req->order);
}

static void __take_run(struct alloc_request *req, struct swaptbl_cluster *ci,
		       unsigned int slot)
{
	struct swaptbl_device *dev = req->dev;
	unsigned int nr = BIT(req->order);

	lockdep_assert_held(&ci->lock);
	req->offset = swaptbl_cluster_start(ci) + slot;
	if (req->folio)
		__swaptbl_cache_add_folio(dev, ci, req->folio, slot);
	else
		WARN_ON_ONCE(__swaptbl_cluster_alloc_entry(dev, ci, slot,
							   swaptbl_exclusive_entry()));
	__swaptbl_cluster_claim(dev, ci, slot, nr, req->order);
	swaptbl_stat_add(dev, req->folio ? SWAPTBL_STAT_ALLOC :
					   SWAPTBL_STAT_ALLOC_EXCLUSIVE, nr);
	trace_swaptbl_alloc(dev->type, req->offset, req->order, !req->folio);
	hint_set(req, req->offset + nr);
}

static int __alloc_from_cluster(struct alloc_request *req,
				struct swaptbl_cluster *ci, unsigned int from)
{
	unsigned int slot = __find_run(ci, req->order, from);

	lockdep_assert_held(&ci->lock);
	if (slot == NO_SLOT)
		return -ENOSPC;
	__take_run(req, ci, slot);
	return 0;
}

/*
 * A cluster that serves order @ci->order and has no run of an order that is not
 * larger cannot serve its own either.
 */
static void __cluster_failed(struct alloc_request *req,
			     struct swaptbl_cluster *ci)
{
	lockdep_assert_held(&ci->lock);
	if (ci->list == SWAPTBL_LIST_NONFULL && req->order <= ci->order)
		__swaptbl_cluster_move(req->dev, ci, SWAPTBL_LIST_FRAG,
				       ci->order);
}

static int alloc_from_hint(struct alloc_request *req)
{
	unsigned long next = this_cpu_ptr(req->dev->pcpu)->next[req->order];
	struct swaptbl_cluster *ci;
	int err = -ENOSPC;

	if (!next)
		return -ENOSPC;
	ci = swaptbl_cluster_lock(req->dev, next);
	/* By now it may be full, empty, or serve another order. */
	if (ci->list == SWAPTBL_LIST_NONFULL && ci->order == req->order) {
		err = __alloc_from_cluster(req, ci, swaptbl_slot(next));
		if (err)
			__cluster_failed(req, ci);
	}
	swaptbl_cluster_unlock(ci);
	return err;
}

/* The first cluster of a list goes to its end, so that CPUs spread out. */
static struct swaptbl_cluster *pick(struct swaptbl_device *dev,
				    struct swaptbl_cluster_list *list)
{
	struct swaptbl_cluster *ci;

	spin_lock(&dev->list_lock);
	ci = list_first_entry_or_null(&list->head, struct swaptbl_cluster, node);
	if (ci)
		list_move_tail(&ci->node, &list->head);
	spin_unlock(&dev->list_lock);
	if (ci)
		swaptbl_sync(SWAPTBL_CLUSTER_PICKED);
	return ci;
}

/*
 * Try up to @max clusters of a list: @kind and @order say which one it is. A
 * cluster that left it between pick and lock counts too, which bounds the loop;
 * who moved it got a run or freed one.
 */
static int alloc_from_list(struct alloc_request *req,
			   struct swaptbl_cluster_list *list,
			   enum swaptbl_list kind, unsigned int order,
			   unsigned int max)
{
	struct swaptbl_cluster *ci;
	int err = -ENOSPC;

	while (err && max-- && (ci = pick(req->dev, list))) {
		spin_lock(&ci->lock);
		if (ci->list == kind && ci->order == order) {
			err = __alloc_from_cluster(req, ci, 0);
			if (err)
				__cluster_failed(req, ci);
		}
		swaptbl_cluster_unlock(ci);
	}
	return err;
}

/* Make the first cluster that was never used the first free one. */
static int frontier_extend(struct alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;

	if (req->no_memory || READ_ONCE(dev->frontier) >= dev->nr_clusters)
		return -ENOSPC;
	if (!req->cluster)
		req->cluster = swaptbl_cluster_alloc(0, GFP_NOWAIT);
	if (!req->cluster)
		return -EAGAIN;
	return swaptbl_device_extend(dev, &req->cluster);
}

static int __cluster_need_table(struct alloc_request *req,
				struct swaptbl_cluster *ci)
{
	lockdep_assert_held(&ci->lock);
	if (__swaptbl_cluster_table(ci))
		return 0;
	if (!req->table)
		req->table = swaptbl_table_alloc(GFP_NOWAIT);
	if (!req->table)
		return req->no_memory ? -ENOSPC : -EAGAIN;
	__swaptbl_cluster_populate(req->dev, ci, req->table);
	req->table = NULL;
	return 0;
}

static int __alloc_from_empty(struct alloc_request *req,
			      struct swaptbl_cluster *ci)
{
	int err;

	lockdep_assert_held(&ci->lock);
	if (ci->list != SWAPTBL_LIST_FREE)
		return -ENOSPC;
	/* Look first: bad slots may leave no such run, and no table is lost. */
	if (__find_run(ci, req->order, 0) == NO_SLOT)
		return -ENOSPC;
	err = __cluster_need_table(req, ci);
	return err ?: __alloc_from_cluster(req, ci, 0);
}

static int alloc_from_free(struct alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;
	unsigned int max = READ_ONCE(dev->free.nr);
	struct swaptbl_cluster *ci;
	int err = -ENOSPC;

	while (err == -ENOSPC) {
		/* What was tried went to the end, what is new is in front. */
		if (!max || !READ_ONCE(dev->free.nr)) {
			err = frontier_extend(req);
			if (err)
				return err;
			max = 1;
		}
		max--;
		ci = pick(dev, &dev->free);
		err = -ENOSPC;
		if (!ci)
			continue;
		spin_lock(&ci->lock);
		err = __alloc_from_empty(req, ci);
		swaptbl_cluster_unlock(ci);
	}
	return err;
}

static unsigned int steal_max(struct alloc_request *req,
			      struct swaptbl_cluster_list *list)
{
	unsigned int nr = READ_ONCE(list->nr);

	return req->order ? min(nr, STEAL_SCAN_MAX) : nr;
}

/*
 * From clusters that serve another order. Those of larger orders first, the
 * fragmented ones before the others; a cluster that lacks a run of a smaller
 * order than ours lacks one of ours. Order 0 finds a slot in any of them.
 */
static int alloc_steal(struct alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;
	int order, err = -ENOSPC;

	for (order = req->order + 1; err && order < SWAPTBL_NR_ORDERS; order++)
		err = alloc_from_list(req, &dev->frag[order], SWAPTBL_LIST_FRAG,
				      order, steal_max(req, &dev->frag[order]));
	for (order = req->order + 1; err && order < SWAPTBL_NR_ORDERS; order++)
		err = alloc_from_list(req, &dev->nonfull[order],
				      SWAPTBL_LIST_NONFULL, order,
				      steal_max(req, &dev->nonfull[order]));
	for (order = req->order - 1; err && order >= 0; order--)
		err = alloc_from_list(req, &dev->nonfull[order],
				      SWAPTBL_LIST_NONFULL, order,
				      steal_max(req, &dev->nonfull[order]));
	if (!err)
		swaptbl_stat_inc(dev, SWAPTBL_STAT_STEAL);
	return err;
}

static int alloc_search(struct alloc_request *req)
{
	struct swaptbl_cluster_list *own = &req->dev->nonfull[req->order];
	int err;

	err = alloc_from_hint(req);
	if (err == -ENOSPC)
		err = alloc_from_list(req, own, SWAPTBL_LIST_NONFULL, req->order,
				      UINT_MAX);
	if (err == -ENOSPC)
		err = alloc_from_free(req);
	if (err == -ENOSPC)
		err = alloc_steal(req);
	return err;
}

/* Return: whether the device is due behind its equals. */
static bool alloc_ran_enough(struct alloc_request *req)
{
	struct swaptbl_pcpu *pcpu = this_cpu_ptr(req->dev->pcpu);

	if (pcpu->run < SWAPTBL_CLUSTER_SLOTS)
		return false;
	pcpu->run = 0;
	return true;
}

static int alloc_try(struct alloc_request *req)
{
	bool rotate;
	int err;

	local_lock(&req->dev->pcpu->lock);
	err = alloc_search(req);
	rotate = alloc_ran_enough(req);
	local_unlock(&req->dev->pcpu->lock);
	if (rotate)
		swaptbl_device_rotate(req->dev);
	return err;
}

/*
 * Both are allocated, as no more is known than that one was missing. Nothing of
 * the search is kept: it starts anew with what it now has.
 */
static void alloc_refill(struct alloc_request *req)
{
	if (!req->cluster)
		req->cluster = swaptbl_cluster_alloc(0, GFP_KERNEL);
	if (!req->table)
		req->table = swaptbl_table_alloc(GFP_KERNEL);
	req->no_memory = !req->cluster || !req->table;
	swaptbl_sync(SWAPTBL_TABLE_SLEEP);
}

static bool device_has_free(struct swaptbl_device *dev)
{
	return dev->nr_slots - dev->nr_bad > atomic_long_read(&dev->nr_used);
}

/*
 * A search that lost against frees behind its back is repeated. Order 0 fails
 * then only if nothing is free: every free slot is in a cluster on a list that
 * it searches to the end, or beyond the frontier.
 */
static int alloc_run(struct alloc_request *req)
{
	int err;

	for (;;) {
		err = alloc_try(req);
		if (err == -EAGAIN) {
			alloc_refill(req);
			continue;
		}
		if (err != -ENOSPC || !device_has_free(req->dev))
			return err;
		if (req->no_memory)
			return -ENOMEM;
		if (req->order)
			return -E2BIG;
		cond_resched();
	}
}

static void alloc_count_failure(struct swaptbl_device *dev, int err)
{
	if (err == -ENOSPC)
		swaptbl_stat_inc(dev, SWAPTBL_STAT_FAIL_NOSPC);
	else if (err == -E2BIG)
		swaptbl_stat_inc(dev, SWAPTBL_STAT_FAIL_2BIG);
	else if (err == -ENOMEM)
		swaptbl_stat_inc(dev, SWAPTBL_STAT_FAIL_NOMEM);
}

/**
 * swaptbl_alloc_slots() - allocate a run of slots and bind a folio to it
 * @dev: the device
 * @folio: folio that is bound to no slot, of an order up to
 *	SWAPTBL_CLUSTER_ORDER; it gets as many slots as it has pages, bound in the
 *	critical section that finds them. NULL for one exclusive slot.
 * @offset: set to the first slot of the device
 *
 * Context: Process context. May sleep. The caller has a reference to @dev and the
 * lock of @folio.
 * Return: 0; -ENOSPC if no slot is free; -E2BIG if slots are free, but no run of
 * the folio's order was found; -ENOMEM if only empty clusters could serve it and
 * there is no memory for their metadata.
 */
int swaptbl_alloc_slots(struct swaptbl_device *dev, struct folio *folio,
			unsigned long *offset)
{
	struct alloc_request req = {
		.dev = dev,
		.folio = folio,
		.order = folio ? folio_order(folio) : 0,
	};
	int err;

	might_sleep();
	err = alloc_run(&req);
	swaptbl_cluster_free(req.cluster);
	swaptbl_table_free(req.table);
	if (err)
		alloc_count_failure(dev, err);
	else
		*offset = req.offset;
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_alloc_slots);
