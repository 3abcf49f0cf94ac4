// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing home what is in the slots of a device that goes.
 *
 * With allocations stopped, a slot that is free stays free. So one walk is enough
 * that goes on from a slot only once it is free. Everybody else may use the device
 * meanwhile: what they do to a slot is seen when it is looked at again.
 */
#include <kunit/visibility.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "cache.h"
#include "cluster.h"
#include "device.h"
#include "folio.h"
#include "home.h"
#include "stats.h"
#include "swapin.h"
#include "sync.h"

/*
 * A device that cannot be brought home stays; no task shall be killed for it, least
 * of all one that owns what is in it.
 */
#define GFP_HOME	(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Protects the owners of all devices, and keeps them while they are asked. */
static DEFINE_MUTEX(swaptbl_owners_mutex);

/**
 * swaptbl_owner_add() - register who can take back what is in a device
 * @dev: the device
 * @owner: the owner, of no device yet
 *
 * When the device is gone, @owner is of no device again.
 *
 * Context: Process context. May sleep. The caller has a reference to @dev, and no
 * lock of a folio that is bound to it.
 * Return: 0; -ESHUTDOWN if the device is going away; -EINTR if the task was killed
 * while it waited for a removal to ask the owners.
 */
int swaptbl_owner_add(struct swaptbl_device *dev, struct swaptbl_owner *owner)
{
	int err = -ESHUTDOWN;

	if (mutex_lock_killable(&swaptbl_owners_mutex))
		return -EINTR;
	if (READ_ONCE(dev->state) == SWAPTBL_LIVE) {
		list_add_tail(&owner->node, &dev->owners);
		err = 0;
	}
	mutex_unlock(&swaptbl_owners_mutex);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_owner_add);

/**
 * swaptbl_owner_del() - undo swaptbl_owner_add()
 * @owner: the owner; its device may be gone already
 *
 * Waits for the end of a removal that asks the owners: afterwards @owner is not
 * called any more.
 *
 * Context: Process context. May sleep. The caller has no lock of a folio that is
 * bound to the device.
 */
void swaptbl_owner_del(struct swaptbl_owner *owner)
{
	mutex_lock(&swaptbl_owners_mutex);
	list_del_init(&owner->node);
	mutex_unlock(&swaptbl_owners_mutex);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_owner_del);

/**
 * swaptbl_owners_forget() - part with the owners of a device that is gone
 * @dev: the device
 *
 * Context: Process context. May sleep.
 */
void swaptbl_owners_forget(struct swaptbl_device *dev)
{
	struct swaptbl_owner *owner, *next;

	mutex_lock(&swaptbl_owners_mutex);
	list_for_each_entry_safe(owner, next, &dev->owners, node)
		list_del_init(&owner->node);
	mutex_unlock(&swaptbl_owners_mutex);
}

static bool has_owners(struct swaptbl_device *dev)
{
	bool has;

	mutex_lock(&swaptbl_owners_mutex);
	has = !list_empty(&dev->owners);
	mutex_unlock(&swaptbl_owners_mutex);
	return has;
}

/* Whether a slot has a count, or is exclusive. Under the lock the two numbers agree. */
static bool has_counts(struct swaptbl_cluster *ci)
{
	bool has;

	swaptbl_cluster_lock_found(ci);
	has = ci->nr_used > ci->nr_bad + ci->nr_cached_only;
	swaptbl_cluster_unlock(ci);
	return has;
}

/**
 * swaptbl_home_possible() - whether it makes sense to bring everything home
 * @dev: the device
 *
 * A device in use may change its mind; swaptbl_bring_home() finds out. What it says was so,
 * though, while it looked: sums of the device, read one after the other, would have counts
 * where folios without any come and go.
 *
 * Context: Process context. May sleep. The caller keeps @dev in place.
 * Return: false if slots have counts that nobody can be asked to drop.
 */
bool swaptbl_home_possible(struct swaptbl_device *dev)
{
	struct swaptbl_cluster *ci;
	unsigned int i;

	if (has_owners(dev))
		return true;
	for (i = 0; i < dev->nr_clusters; i++) {
		ci = READ_ONCE(dev->clusters[i]);
		if (ci && has_counts(ci))
			return false;
		cond_resched();
	}
	return true;
}

/*
 * The first used slot from @slot on, with its word, or SWAPTBL_CLUSTER_SLOTS. Who
 * frees a slot accounts it under the same lock.
 */
static unsigned int next_used(struct swaptbl_cluster *ci, unsigned int slot,
			      unsigned long *word)
{
	swaptbl_cluster_lock_found(ci);
	for_each_set_bit_from(slot, ci->used, SWAPTBL_CLUSTER_SLOTS) {
		*word = __swaptbl_word_get(ci, slot);
		if (!swaptbl_entry_is_bad(*word))
			break;
	}
	swaptbl_cluster_unlock(ci);
	return slot;
}

/* Each owner drops its own counts; then nobody may be left. */
static int home_folio(struct swaptbl_device *dev, struct folio *folio)
{
	struct swaptbl_owner *owner;
	int err = swaptbl_folio_free_swap(folio);

	list_for_each_entry(owner, &dev->owners, node) {
		if (err != -EBUSY)
			break;
		err = owner->bring_home(owner, folio);
		if (err)
			break;
		err = swaptbl_folio_free_swap(folio);
	}
	return err;
}

static int home_cached(struct swaptbl_device *dev, unsigned long offset)
{
	struct folio *folio = swaptbl_cache_get_folio(dev, offset);
	int err = 0;

	if (!folio)
		return 0;
	if (folio_lock_killable(folio)) {
		folio_put(folio);
		return -EINTR;
	}
	if (swaptbl_folio_has(folio, dev->type, offset))
		err = home_folio(dev, folio);
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

/* Of the order that the cluster serves, if that can be had. */
static int home_swapped(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			unsigned long offset)
{
	unsigned int order = READ_ONCE(ci->order);
	unsigned long orders = BIT(0);
	struct folio *folio;
	int err;

	if (list_empty(&dev->owners))
		return -EBUSY;
	if (order <= SWAPTBL_CLUSTER_ORDER)
		orders |= BIT(order);
	folio = swaptbl_swapin(swp_entry(dev->type, offset), orders, GFP_HOME);
	/* Somebody dropped the last count meanwhile. */
	if (folio == ERR_PTR(-ENOENT))
		return 0;
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	err = home_folio(dev, folio);
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

/* Return: 0 if the slot is to be looked at again, or an error. */
static int home_slot(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		     unsigned int slot, unsigned long word)
{
	unsigned long offset = swaptbl_cluster_start(ci) + slot;

	/* Any signal: the swap-ins may take long, and nothing is lost so far. */
	if (signal_pending(current))
		return -EINTR;
	swaptbl_sync(SWAPTBL_HOME_FOUND);
	if (swaptbl_entry_is_cached(word))
		return home_cached(dev, offset);
	if (swaptbl_entry_is_swapped(word))
		return home_swapped(dev, ci, offset);
	return -EBUSY;
}

static int home_cluster(struct swaptbl_device *dev, struct swaptbl_cluster *ci)
{
	unsigned int slot = 0;
	unsigned long word;
	int err = 0;

	for (; !err; cond_resched()) {
		slot = next_used(ci, slot, &word);
		if (slot == SWAPTBL_CLUSTER_SLOTS)
			break;
		err = home_slot(dev, ci, slot, word);
	}
	return err;
}

/**
 * swaptbl_bring_home() - have the owners take back all that is in a device
 * @dev: the device, from which nobody can allocate any more
 *
 * Swapped slots are swapped in, owners drop their counts of what is cached, and
 * what is cached only is freed. What was freed before an error stays so.
 *
 * Context: Process context. May sleep, for the lock of each folio among others. The
 * caller keeps @dev in place, with its reference alive.
 * Return: 0 with no slot used; -EBUSY if a slot is exclusive or a count stays; -EINTR
 * if a signal came; what an owner said; or as swaptbl_swapin().
 */
int swaptbl_bring_home(struct swaptbl_device *dev)
{
	struct swaptbl_cluster *ci;
	unsigned int i;
	int err = 0;

	if (mutex_lock_killable(&swaptbl_owners_mutex))
		return -EINTR;
	for (i = 0; i < dev->nr_clusters && !err; i++) {
		ci = READ_ONCE(dev->clusters[i]);
		if (ci)
			err = home_cluster(dev, ci);
	}
	mutex_unlock(&swaptbl_owners_mutex);
	return err;
}
