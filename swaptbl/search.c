// SPDX-License-Identifier: GPL-2.0
/*
 * The allocator's search for a run of slots, under the local lock of its device.
 *
 * A run of 2^order slots, aligned to its size, comes from the first of these
 * that has one: where this CPU allocated the order last; clusters that serve the
 * order; an empty cluster, which then serves it; any other cluster.
 *
 * Clusters live as long as their device. So one that was picked from a list is
 * locked after the list lock was dropped, and what was known of it is checked
 * again: lists need no trylock, and no cluster is missed because it was locked.
 */
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/lockdep.h>

#include "cache.h"
#include "cluster.h"
#include "device.h"
#include "entries.h"
#include "run.h"
#include "search.h"
#include "stats.h"
#include "sync.h"
#include "trace.h"

/*
 * How many clusters of a list a search for order > 0 looks into before it lets
 * go of the local lock. What it looked into in vain goes to the end of the list
 * or off it, so the next search looks further.
 */
#define SCAN_MAX	64

static unsigned int __find_run(struct swaptbl_cluster *ci, unsigned int order,
			       unsigned int from)
{
	unsigned int slot = SWAPTBL_NO_RUN;

	lockdep_assert_held(&ci->lock);
	if (order >= ci->absent)
		return SWAPTBL_NO_RUN;
	if (ci->nr_used + BIT(order) <= SWAPTBL_CLUSTER_SLOTS)
		slot = swaptbl_run_find(ci->used, order, from);
	/* Until a slot is freed, nobody has to look again. */
	if (slot == SWAPTBL_NO_RUN)
		WRITE_ONCE(ci->absent, order);
	return slot;
}

static void hint_set(struct swaptbl_alloc_request *req, unsigned int serves)
{
	struct swaptbl_pcpu *pcpu = this_cpu_ptr(req->dev->pcpu);
	unsigned long next = req->offset + BIT(req->order);

	lockdep_assert_held(this_cpu_ptr(&req->dev->pcpu->lock));
	/* At the end of a cluster there is nothing to go on with. */
	pcpu->next[req->order] = swaptbl_slot(next) ? next : 0;
	pcpu->serves[req->order] = serves;
	pcpu->run += BIT(req->order);
}

static void __take_run(struct swaptbl_alloc_request *req, struct swaptbl_cluster *ci,
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
	hint_set(req, ci->order);
}

static int __alloc_from_cluster(struct swaptbl_alloc_request *req,
				struct swaptbl_cluster *ci, unsigned int from)
{
	unsigned int slot;

	lockdep_assert_held(&ci->lock);
	slot = __find_run(ci, req->order, from);
	if (slot == SWAPTBL_NO_RUN)
		return -ENOSPC;
	__take_run(req, ci, slot);
	return 0;
}

/*
 * A cluster that has no run of our order has none of a larger one that it serves
 * either. What stays on its list goes to the end.
 */
static void __cluster_failed(struct swaptbl_alloc_request *req,
			     struct swaptbl_cluster *ci)
{
	enum swaptbl_list list = ci->list;

	lockdep_assert_held(&ci->lock);
	if (list == SWAPTBL_LIST_NONFULL && req->order <= ci->order)
		list = SWAPTBL_LIST_FRAG;
	__swaptbl_cluster_move(req->dev, ci, list, ci->order);
	req->moves++;
}

/**
 * __swaptbl_search_hint() - take a run where this CPU allocated the order last
 * @req: the allocation
 *
 * Context: Expects the local lock of the device to be held by caller, in an RCU read-side
 * section that saw it live. Takes and releases a cluster lock and the list lock.
 * Return: 0; -ENOSPC if there is none.
 */
int __swaptbl_search_hint(struct swaptbl_alloc_request *req)
{
	struct swaptbl_pcpu *pcpu = this_cpu_ptr(req->dev->pcpu);
	unsigned long next = pcpu->next[req->order];
	struct swaptbl_cluster *ci;
	int err = -ENOSPC;

	lockdep_assert_held(this_cpu_ptr(&req->dev->pcpu->lock));
	if (!next)
		return -ENOSPC;
	ci = swaptbl_cluster_lock(req->dev, next);
	/* By now it may be full, empty, or serve another order than then. */
	if (ci->list != SWAPTBL_LIST_FULL &&
	    ci->order == pcpu->serves[req->order]) {
		err = __alloc_from_cluster(req, ci, swaptbl_slot(next));
		if (err)
			__cluster_failed(req, ci);
	}
	swaptbl_cluster_unlock(ci);
	if (err)
		pcpu->next[req->order] = 0;
	return err;
}

static struct swaptbl_cluster *__list_first(struct swaptbl_alloc_request *req,
					    struct swaptbl_cluster_list *list)
{
	lockdep_assert_held(&req->dev->list_lock);
	return list_first_entry_or_null(&list->head, struct swaptbl_cluster, node);
}

static void __rotate(struct swaptbl_alloc_request *req, struct swaptbl_cluster_list *list,
		     struct swaptbl_cluster *ci)
{
	lockdep_assert_held(&req->dev->list_lock);
	list_move_tail(&ci->node, &list->head);
	WRITE_ONCE(req->dev->list_seq, req->dev->list_seq + 1);
	req->moves++;
}

/*
 * The first cluster of a list that may have a run. Those before it go to the end. With
 * @rotate it does too, so that CPUs spread out over the clusters of their order. @max is how
 * many to look at, and is counted down: it bounds how long the list is locked.
 */
static struct swaptbl_cluster *pick(struct swaptbl_alloc_request *req,
				    struct swaptbl_cluster_list *list,
				    bool rotate, unsigned int *max)
{
	struct swaptbl_device *dev = req->dev;
	struct swaptbl_cluster *ci = NULL;

	spin_lock(&dev->list_lock);
	while (*max && (ci = __list_first(req, list))) {
		--*max;
		if (req->order < READ_ONCE(ci->absent))
			break;
		__rotate(req, list, ci);
		ci = NULL;
	}
	if (ci && rotate)
		__rotate(req, list, ci);
	spin_unlock(&dev->list_lock);
	if (ci)
		swaptbl_sync(SWAPTBL_CLUSTER_PICKED);
	return ci;
}

/* Order 0 finds a slot in the first cluster of any list but the full one. */
static unsigned int scan_max(struct swaptbl_alloc_request *req,
			     struct swaptbl_cluster_list *list)
{
	unsigned int nr = READ_ONCE(list->nr);

	if (!req->order || nr <= SCAN_MAX)
		return nr;
	req->truncated = true;
	return SCAN_MAX;
}

/*
 * @kind and @order say which list it is. A cluster that left it between pick and
 * lock counts too, which bounds the loop. From clusters of another order one is
 * used up before the next is broken into.
 */
static int alloc_from_list(struct swaptbl_alloc_request *req,
			   struct swaptbl_cluster_list *list,
			   enum swaptbl_list kind, unsigned int order)
{
	unsigned int max = scan_max(req, list);
	bool own = order == req->order;
	struct swaptbl_cluster *ci;
	int err = -ENOSPC;

	while (err && max && (ci = pick(req, list, own, &max))) {
		swaptbl_cluster_lock_found(ci);
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
static int frontier_extend(struct swaptbl_alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;
	int err;

	if (READ_ONCE(dev->frontier) == dev->nr_clusters)
		return -ENOSPC;
	if (req->no_memory) {
		req->did_without = true;
		return -ENOSPC;
	}
	err = swaptbl_device_extend(dev, &req->cluster);
	if (err == -EAGAIN) {
		req->cluster = swaptbl_cluster_alloc(0, GFP_NOWAIT);
		if (req->cluster)
			err = swaptbl_device_extend(dev, &req->cluster);
	}
	req->moves += !err;
	return err;
}

static int __cluster_need_table(struct swaptbl_alloc_request *req,
				struct swaptbl_cluster *ci)
{
	lockdep_assert_held(&ci->lock);
	if (__swaptbl_cluster_table(ci))
		return 0;
	if (!req->table)
		req->table = swaptbl_table_alloc(GFP_NOWAIT);
	if (!req->table) {
		req->did_without = req->no_memory;
		return req->no_memory ? -ENOSPC : -EAGAIN;
	}
	__swaptbl_cluster_populate(req->dev, ci, req->table);
	req->table = NULL;
	return 0;
}

static int __alloc_from_empty(struct swaptbl_alloc_request *req,
			      struct swaptbl_cluster *ci)
{
	int err;

	lockdep_assert_held(&ci->lock);
	if (ci->list != SWAPTBL_LIST_FREE)
		return -ENOSPC;
	/* Look first: bad slots may leave no such run, and no table is lost. */
	if (__find_run(ci, req->order, 0) == SWAPTBL_NO_RUN)
		return -ENOSPC;
	err = __cluster_need_table(req, ci);
	return err ?: __alloc_from_cluster(req, ci, 0);
}

static int alloc_from_one_free(struct swaptbl_alloc_request *req)
{
	unsigned int max = 1;
	struct swaptbl_cluster *ci = pick(req, &req->dev->free, true, &max);
	int err;

	if (!ci)
		return -ENOSPC;
	swaptbl_cluster_lock_found(ci);
	err = __alloc_from_empty(req, ci);
	swaptbl_cluster_unlock(ci);
	return err;
}

/*
 * Only clusters with bad slots can fail here, and there may be hundreds of them.
 * So after one that did a new cluster comes first, and the rest of the list last.
 */
static int alloc_from_free(struct swaptbl_alloc_request *req)
{
	unsigned int max;
	int err = alloc_from_one_free(req);

	while (err == -ENOSPC) {
		err = frontier_extend(req);
		if (err)
			break;
		/* The new one is in front, unless another CPU was faster. */
		err = alloc_from_one_free(req);
	}
	max = READ_ONCE(req->dev->free.nr);
	while (err == -ENOSPC && max--)
		err = alloc_from_one_free(req);
	return err;
}

/*
 * From clusters that serve another order. Those of larger orders first, the
 * fragmented ones before the others; a cluster that lacks a run of a smaller
 * order than ours lacks one of ours.
 */
static int alloc_steal(struct swaptbl_alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;
	int order, err = -ENOSPC;

	for (order = req->order + 1; err && order < SWAPTBL_NR_ORDERS; order++)
		err = alloc_from_list(req, &dev->frag[order], SWAPTBL_LIST_FRAG,
				      order);
	for (order = req->order + 1; err && order < SWAPTBL_NR_ORDERS; order++)
		err = alloc_from_list(req, &dev->nonfull[order],
				      SWAPTBL_LIST_NONFULL, order);
	for (order = req->order - 1; err && order >= 0; order--)
		err = alloc_from_list(req, &dev->nonfull[order],
				      SWAPTBL_LIST_NONFULL, order);
	if (!err)
		swaptbl_stat_inc(dev, SWAPTBL_STAT_STEAL);
	return err;
}

/**
 * __swaptbl_search() - take a run from wherever there is one
 * @req: the allocation
 *
 * Context: As __swaptbl_search_hint().
 * Return: 0; -ENOSPC if none was found; -EAGAIN if it takes memory that is not to be had
 * under a lock: a cluster, a table or both in @req.
 */
int __swaptbl_search(struct swaptbl_alloc_request *req)
{
	struct swaptbl_cluster_list *own = &req->dev->nonfull[req->order];
	int err;

	lockdep_assert_held(this_cpu_ptr(&req->dev->pcpu->lock));
	err = __swaptbl_search_hint(req);
	if (err == -ENOSPC)
		err = alloc_from_list(req, own, SWAPTBL_LIST_NONFULL, req->order);
	if (err == -ENOSPC)
		err = alloc_from_free(req);
	if (err == -ENOSPC)
		err = alloc_steal(req);
	return err;
}
