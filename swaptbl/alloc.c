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
 *
 * A search that fails lets go of all locks. Then slots that are cached only are
 * reclaimed, and for order 0 a cluster is discarded that waits for it; and whatever
 * came of that, the search starts anew.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "alloc.h"
#include "cache.h"
#include "cluster.h"
#include "count.h"
#include "device.h"
#include "discard.h"
#include "entries.h"
#include "reclaim.h"
#include "run.h"
#include "stats.h"
#include "sync.h"
#include "trace.h"

/*
 * How many clusters of a list a search for order > 0 looks into before it lets
 * go of the local lock. What it looked into in vain goes to the end of the list
 * or off it, so the next search looks further.
 */
#define SCAN_MAX	64

/*
 * How many clusters it looks into for slots to reclaim before it fails: who asks for a run can
 * do with less, and the next one goes on from there. Order 0 goes around the device.
 */
#define RECLAIM_MAX	8

/* How often a search for order > 0 is repeated that may have missed a run. */
#define REPEAT_MAX	3

/* Order 0 does not lose that often against others: something is broken. */
#define REPEAT_BROKEN	1000000

/**
 * struct alloc_request - one allocation under way
 * @dev: the device
 * @folio: what gets the slots; NULL for an exclusive slot
 * @order: order of the run
 * @offset: first slot of the device, once found
 * @cluster: spare cluster, allocated while no lock was held
 * @table: spare table, likewise
 * @no_memory: there is no memory for spares; do without clusters that need one
 * @did_without: a cluster was left out for that
 * @truncated: a list had more clusters than one search looks into
 * @seq: the device's list_seq when this search began
 * @moves: clusters that this search moved on the lists
 * @repeats: searches that were repeated
 * @reclaim_left: clusters that may still be looked into for slots to reclaim
 */
struct alloc_request {
	struct swaptbl_device *dev;
	struct folio *folio;
	unsigned int order;
	unsigned long offset;
	struct swaptbl_cluster *cluster;
	struct swaptbl_table *table;
	bool no_memory;
	bool did_without;
	bool truncated;
	unsigned int seq;
	unsigned int moves;
	unsigned int repeats;
	unsigned int reclaim_left;
};

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

static void hint_set(struct alloc_request *req, unsigned int serves)
{
	struct swaptbl_pcpu *pcpu = this_cpu_ptr(req->dev->pcpu);
	unsigned long next = req->offset + BIT(req->order);

	lockdep_assert_held(this_cpu_ptr(&req->dev->pcpu->lock));
	/* At the end of a cluster there is nothing to go on with. */
	pcpu->next[req->order] = swaptbl_slot(next) ? next : 0;
	pcpu->serves[req->order] = serves;
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
	hint_set(req, ci->order);
}

static int __alloc_from_cluster(struct alloc_request *req,
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
static void __cluster_failed(struct alloc_request *req,
			     struct swaptbl_cluster *ci)
{
	enum swaptbl_list list = ci->list;

	lockdep_assert_held(&ci->lock);
	if (list == SWAPTBL_LIST_NONFULL && req->order <= ci->order)
		list = SWAPTBL_LIST_FRAG;
	__swaptbl_cluster_move(req->dev, ci, list, ci->order);
	req->moves++;
}

static int alloc_from_hint(struct alloc_request *req)
{
	struct swaptbl_pcpu *pcpu = this_cpu_ptr(req->dev->pcpu);
	unsigned long next = pcpu->next[req->order];
	struct swaptbl_cluster *ci;
	int err = -ENOSPC;

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

static struct swaptbl_cluster *__list_first(struct alloc_request *req,
					    struct swaptbl_cluster_list *list)
{
	lockdep_assert_held(&req->dev->list_lock);
	return list_first_entry_or_null(&list->head, struct swaptbl_cluster, node);
}

static void __rotate(struct alloc_request *req, struct swaptbl_cluster_list *list,
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
static struct swaptbl_cluster *pick(struct alloc_request *req,
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
static unsigned int scan_max(struct alloc_request *req,
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
static int alloc_from_list(struct alloc_request *req,
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
static int frontier_extend(struct alloc_request *req)
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

static int __cluster_need_table(struct alloc_request *req,
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

static int __alloc_from_empty(struct alloc_request *req,
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

static int alloc_from_one_free(struct alloc_request *req)
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
static int alloc_from_free(struct alloc_request *req)
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
static int alloc_steal(struct alloc_request *req)
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

static int alloc_search(struct alloc_request *req)
{
	struct swaptbl_cluster_list *own = &req->dev->nonfull[req->order];
	int err;

	err = alloc_from_hint(req);
	if (err == -ENOSPC)
		err = alloc_from_list(req, own, SWAPTBL_LIST_NONFULL, req->order);
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

/* RCU: see device_empty(), which waits for those that saw the device live. */
static int alloc_try(struct alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;
	bool rotate = false;
	int err = -ESHUTDOWN;

	swaptbl_rcu_read_lock();
	local_lock(&dev->pcpu->lock);
	if (READ_ONCE(dev->state) == SWAPTBL_LIVE) {
		err = alloc_search(req);
		rotate = alloc_ran_enough(req);
	}
	local_unlock(&dev->pcpu->lock);
	swaptbl_rcu_read_unlock();
	if (rotate)
		swaptbl_device_rotate(dev);
	return err;
}

/*
 * Both are allocated, as no more is known than that one was missing. Nothing of
 * the search is kept: it starts anew with what it now has.
 */
static void alloc_refill(struct alloc_request *req)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL;

	if (!req->cluster)
		req->cluster = swaptbl_cluster_alloc(0, gfp);
	if (!req->table)
		req->table = swaptbl_table_alloc(gfp);
	req->no_memory = !req->cluster || !req->table;
	swaptbl_sync(SWAPTBL_TABLE_SLEEP);
}

static bool device_has_free(struct swaptbl_device *dev)
{
	return dev->nr_slots - dev->nr_bad > atomic_long_read(&dev->nr_used);
}

/*
 * Others moved clusters, maybe to where this search had been; or there were more
 * than it looks into at a time. Order 0 fails only if nothing is free: every free
 * slot is in a cluster on a list that it searches, beyond the frontier, or to be
 * discarded. So with slots free it lost against somebody.
 */
static bool search_missed(struct alloc_request *req)
{
	if (!req->order)
		return !WARN_ON_ONCE(req->repeats++ == REPEAT_BROKEN);
	if (READ_ONCE(req->dev->list_seq) - req->seq == req->moves &&
	    !req->truncated)
		return false;
	return req->repeats++ < REPEAT_MAX;
}

/* Drop what is cached only, in as many clusters as the search may look into. */
static bool alloc_reclaim(struct alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;

	while (req->reclaim_left &&
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY) > 0)
		if (swaptbl_reclaim_slots(dev, &req->reclaim_left))
			return true;
	return false;
}

/* What is free may be so only once it is discarded: then it is worth a wait. */
static bool alloc_discard(struct alloc_request *req)
{
	if (!swaptbl_discard_one(req->dev))
		return false;
	swaptbl_stat_inc(req->dev, SWAPTBL_STAT_DISCARD_SYNC);
	return true;
}

/* Return: whether another search may find what the last one did not. */
static bool search_again_slot(struct alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;

	/* With others reclaiming too, what they found may have been enough. */
	if (!device_has_free(dev))
		return alloc_reclaim(req) || device_has_free(dev);
	if (alloc_discard(req))
		return true;
	if (READ_ONCE(dev->nr_discarding))
		return alloc_reclaim(req) || swaptbl_discard_wait(dev);
	return search_missed(req);
}

static bool search_again_run(struct alloc_request *req)
{
	if (device_has_free(req->dev) && search_missed(req))
		return true;
	return alloc_reclaim(req);
}

static void search_begin(struct alloc_request *req)
{
	req->did_without = false;
	req->truncated = false;
	req->moves = 0;
	req->seq = READ_ONCE(req->dev->list_seq);
}

static bool search_again(struct alloc_request *req)
{
	return req->order ? search_again_run(req) : search_again_slot(req);
}

static int alloc_run(struct alloc_request *req)
{
	int err;

	for (;; cond_resched()) {
		search_begin(req);
		err = alloc_try(req);
		if (err == -EAGAIN) {
			alloc_refill(req);
			continue;
		}
		if (err != -ENOSPC)
			return err;
		if (req->did_without && device_has_free(req->dev))
			return -ENOMEM;
		if (search_again(req))
			continue;
		return req->order && device_has_free(req->dev) ? -E2BIG :
								 -ENOSPC;
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
 * Before it fails for want of space, folios that are cached only and not locked lose
 * their slots, in one turn around the device at most, and in a few clusters for a run.
 *
 * Context: Process context. May sleep. The caller has a reference to @dev and the
 * lock of @folio.
 * Return: 0; -ENOSPC if no slot is free, or others are discarding all that is and
 * take longer than a few seconds; -E2BIG if slots are free, but no run of the
 * folio's order was found; -ENOMEM if only empty clusters could serve it and
 * there is no memory for their metadata; -ESHUTDOWN if the device is going away.
 */
int swaptbl_alloc_slots(struct swaptbl_device *dev, struct folio *folio,
			unsigned long *offset)
{
	struct alloc_request req = {
		.dev = dev,
		.folio = folio,
		.order = folio ? folio_order(folio) : 0,
		.reclaim_left = dev->nr_clusters,
	};
	int err;

	might_sleep();
	if (req.order)
		req.reclaim_left = min(req.reclaim_left, RECLAIM_MAX);
	err = alloc_run(&req);
	/* Mostly there was no need of any. */
	if (unlikely(req.cluster || req.table)) {
		swaptbl_cluster_free(req.cluster);
		swaptbl_table_free(req.table);
	}
	if (err)
		alloc_count_failure(dev, err);
	else
		*offset = req.offset;
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_alloc_slots);
