// SPDX-License-Identifier: GPL-2.0
/*
 * Slot allocator.
 *
 * It searches under the local lock of a device, see search.c. A search that fails lets go of
 * all locks. Then slots that are cached only are reclaimed, and for order 0 a cluster is
 * discarded that waits for it; and whatever came of that, the search starts anew.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "alloc.h"
#include "cluster.h"
#include "device.h"
#include "discard.h"
#include "reclaim.h"
#include "search.h"
#include "stats.h"
#include "sync.h"

/*
 * How many clusters order > 0 looks into for slots to reclaim before it fails: who asks for a
 * run can do with less, and the next one goes on from there. Order 0 goes around the device.
 */
#define RECLAIM_MAX	8

/* How often a search for order > 0 is repeated that may have missed a run. */
#define REPEAT_MAX	3

/* Order 0 does not lose that often against others: something is broken. */
#define REPEAT_BROKEN	1000000

/* Return: whether the device is due behind its equals. */
static bool alloc_ran_enough(struct swaptbl_alloc_request *req)
{
	struct swaptbl_pcpu *pcpu = this_cpu_ptr(req->dev->pcpu);

	if (pcpu->run < SWAPTBL_CLUSTER_SLOTS)
		return false;
	pcpu->run = 0;
	return true;
}

/* RCU: see device_empty(), which waits for those that saw the device live. */
static __always_inline int __alloc_try(struct swaptbl_alloc_request *req,
				       int (*search)(struct swaptbl_alloc_request *req))
{
	struct swaptbl_device *dev = req->dev;
	bool rotate = false;
	int err = -ESHUTDOWN;

	RCU_LOCKDEP_WARN(!rcu_read_lock_any_held(), "a device may go");
	local_lock(&dev->pcpu->lock);
	/* Of what is the first in this very section, the grace period alone would do. */
	if (READ_ONCE(dev->state) == SWAPTBL_LIVE) {
		err = search(req);
		rotate = alloc_ran_enough(req);
	}
	local_unlock(&dev->pcpu->lock);
	if (rotate)
		swaptbl_device_rotate(dev);
	return err;
}

static int alloc_try(struct swaptbl_alloc_request *req)
{
	int err;

	swaptbl_rcu_read_lock();
	err = __alloc_try(req, __swaptbl_search);
	swaptbl_rcu_read_unlock();
	return err;
}

/**
 * swaptbl_alloc_slots_first() - allocate from the device of the highest priority
 * @folio: folio that is bound to no slot, of an order up to SWAPTBL_CLUSTER_ORDER; see
 *	swaptbl_alloc_slots()
 *
 * Where this CPU allocated the order last, and nowhere else: with no reference to the
 * device, and of the locks that CPUs share mostly that of the cluster only.
 *
 * Context: Any context but interrupts. The caller has the lock of @folio. Takes and
 * releases the local lock, a cluster lock, the list lock when a cluster is full, and that
 * of the devices when another is due.
 * Return: whether @folio is bound; if not, swaptbl_alloc_slots() finds out why.
 */
bool swaptbl_alloc_slots_first(struct folio *folio)
{
	struct swaptbl_alloc_request req = {
		.folio = folio,
		.order = folio_order(folio),
	};
	int err = -ENODEV;

	swaptbl_rcu_read_lock();
	req.dev = swaptbl_rcu_dereference(swaptbl_device_first);
	if (req.dev)
		err = __alloc_try(&req, __swaptbl_search_hint);
	swaptbl_rcu_read_unlock();
	return !err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_alloc_slots_first);

/*
 * Both are allocated, as no more is known than that one was missing. Nothing of
 * the search is kept: it starts anew with what it now has.
 */
static void alloc_refill(struct swaptbl_alloc_request *req)
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
static bool search_missed(struct swaptbl_alloc_request *req)
{
	if (!req->order)
		return !WARN_ON_ONCE(req->repeats++ == REPEAT_BROKEN);
	if (READ_ONCE(req->dev->list_seq) - req->seq == req->moves &&
	    !req->truncated)
		return false;
	return req->repeats++ < REPEAT_MAX;
}

/* Drop what is cached only, in as many clusters as the search may look into. */
static bool alloc_reclaim(struct swaptbl_alloc_request *req)
{
	struct swaptbl_device *dev = req->dev;

	while (req->reclaim_left &&
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY) > 0)
		if (swaptbl_reclaim_slots(dev, &req->reclaim_left))
			return true;
	return false;
}

/* What is free may be so only once it is discarded: then it is worth a wait. */
static bool alloc_discard(struct swaptbl_alloc_request *req)
{
	if (!swaptbl_discard_one(req->dev))
		return false;
	swaptbl_stat_inc(req->dev, SWAPTBL_STAT_DISCARD_SYNC);
	return true;
}

/* Return: whether another search may find what the last one did not. */
static bool search_again_slot(struct swaptbl_alloc_request *req)
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

static bool search_again_run(struct swaptbl_alloc_request *req)
{
	if (device_has_free(req->dev) && search_missed(req))
		return true;
	return alloc_reclaim(req);
}

static void search_begin(struct swaptbl_alloc_request *req)
{
	req->did_without = false;
	req->truncated = false;
	req->moves = 0;
	req->seq = READ_ONCE(req->dev->list_seq);
}

static bool search_again(struct swaptbl_alloc_request *req)
{
	return req->order ? search_again_run(req) : search_again_slot(req);
}

static int alloc_run(struct swaptbl_alloc_request *req)
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
	struct swaptbl_alloc_request req = {
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
