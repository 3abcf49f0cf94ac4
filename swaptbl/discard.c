// SPDX-License-Identifier: GPL-2.0
/*
 * Discard of clusters that became free.
 *
 * A cluster that is discarded is on no list, so nobody can allocate from it, and
 * all its slots but bad ones are free, so nobody else can reach them. Therefore no
 * lock is held over the request.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "cluster.h"
#include "device.h"
#include "discard.h"
#include "stats.h"
#include "store.h"
#include "sync.h"

/* A disk that takes longer does not give slots back in time for anybody. */
#define DISCARD_WAIT	(5 * HZ)

static struct swaptbl_cluster *discard_first(struct swaptbl_device *dev)
{
	struct swaptbl_cluster *ci;

	spin_lock(&dev->list_lock);
	ci = list_first_entry_or_null(&dev->discard.head,
				      struct swaptbl_cluster, node);
	spin_unlock(&dev->list_lock);
	return ci;
}

/* Somebody else may take it between the list's lock and its own. */
static struct swaptbl_cluster *discard_take(struct swaptbl_device *dev)
{
	struct swaptbl_cluster *ci;
	bool taken = false;

	while (!taken) {
		ci = discard_first(dev);
		if (!ci)
			return NULL;
		swaptbl_cluster_lock_found(ci);
		taken = ci->list == SWAPTBL_LIST_DISCARD;
		if (taken)
			__swaptbl_cluster_move(dev, ci, SWAPTBL_LIST_DISCARDING,
					       SWAPTBL_ORDER_NONE);
		swaptbl_cluster_unlock(ci);
	}
	return ci;
}

/*
 * The map has the bad slots only, among them the header page and what is beyond
 * the end of the device; it does not change while the cluster is off the lists.
 * One run that fails does not keep the others.
 */
static int discard_runs(struct swaptbl_device *dev, struct swaptbl_cluster *ci)
{
	unsigned long start = swaptbl_cluster_start(ci);
	unsigned int from, to;
	int err = 0, ret;

	for_each_clear_bitrange(from, to, ci->used, SWAPTBL_CLUSTER_SLOTS) {
		ret = swaptbl_store_discard(dev, start + from, to - from);
		err = err ?: ret;
	}
	swaptbl_stat_inc(dev, err ? SWAPTBL_STAT_DISCARD_ERROR :
				    SWAPTBL_STAT_DISCARD);
	return err;
}

/* What failed is tried again when the cluster becomes empty the next time. */
static void discard_done(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			 int err)
{
	swaptbl_cluster_lock_found(ci);
	if (!err)
		ci->stored = false;
	__swaptbl_cluster_move(dev, ci, SWAPTBL_LIST_FREE, SWAPTBL_ORDER_NONE);
	swaptbl_cluster_unlock(ci);
	/* Pairs with the barrier of who goes to sleep in swaptbl_discard_wait(). */
	smp_mb();
	wake_up_var(&dev->nr_discarding);
}

/**
 * swaptbl_discard_one() - discard a cluster that waits for it
 * @dev: the device
 *
 * A discard that fails is counted; the cluster is free all the same.
 *
 * Context: Process context. May sleep. The caller keeps @dev in place.
 * Return: whether there was one, which was free at the end.
 */
bool swaptbl_discard_one(struct swaptbl_device *dev)
{
	struct swaptbl_cluster *ci;

	might_sleep();
	ci = discard_take(dev);
	if (!ci)
		return false;
	swaptbl_sync(SWAPTBL_DISCARD_UNLOCKED);
	discard_done(dev, ci, discard_runs(dev, ci));
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_discard_one);

/**
 * swaptbl_discard_wait() - wait for a discard that others have begun
 * @dev: the device
 *
 * Context: Process context. May sleep, for a few seconds at most. The caller has a
 * reference to @dev.
 * Return: whether there is a free cluster, or none to wait for any more.
 */
bool swaptbl_discard_wait(struct swaptbl_device *dev)
{
	return wait_var_event_timeout(&dev->nr_discarding,
				      READ_ONCE(dev->free.nr) ||
				      !READ_ONCE(dev->nr_discarding),
				      DISCARD_WAIT);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_discard_wait);

/**
 * swaptbl_discard_work() - discard all clusters of a device that wait for it
 * @work: its discard_work, which is cancelled before the device goes
 *
 * Context: Process context. May sleep.
 */
void swaptbl_discard_work(struct work_struct *work)
{
	struct swaptbl_device *dev = container_of(work, struct swaptbl_device,
						  discard_work);

	while (swaptbl_discard_one(dev))
		cond_resched();
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_discard_work);
