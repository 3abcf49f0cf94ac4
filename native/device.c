// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's swap devices: found by type, pinned by the kernel's own means.
 */
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "../swaptbl/compat.h"
#include "symbols.h"

#if SWAPTBL_NATIVE_LAYOUT
#include "device.h"

/**
 * native_device_get() - look up a device that is swapped to
 * @type: its type
 *
 * Context: Any context. Undo with native_device_put(); a swapoff waits for that.
 * Return: the device, or NULL if nothing is swapped to under that type.
 */
struct swap_info_struct *native_device_get(unsigned int type)
{
	/* It complains in the log about a type that never was. */
	if (type >= MAX_SWAPFILES || !READ_ONCE(native.swap_info[type]))
		return NULL;
	return native.get_swap_device(swp_entry(type, 1));
}

/**
 * native_device_put() - undo native_device_get()
 * @si: the device
 *
 * Context: Any context.
 */
void native_device_put(struct swap_info_struct *si)
{
	percpu_ref_put(&si->users);
}

/**
 * native_nr_clusters() - how many clusters a device has
 * @si: the device, pinned
 *
 * Context: Any context.
 * Return: the number.
 */
unsigned int native_nr_clusters(const struct swap_info_struct *si)
{
	return DIV_ROUND_UP(si->max, NATIVE_CLUSTER_SLOTS);
}

/**
 * native_cluster() - a cluster of a device
 * @si: the device, pinned
 * @index: number of the cluster, less than native_nr_clusters()
 *
 * Context: Any context.
 * Return: the cluster.
 */
struct native_cluster *native_cluster(const struct swap_info_struct *si,
				      unsigned int index)
{
	return (struct native_cluster *)si->cluster_info + index;
}

/*
 * Where it should be: whole clusters from the first one. Who moves a cluster says to which
 * list only after it dropped this lock, so that may be any.
 */
static bool __is_cluster(struct swap_info_struct *si, const struct list_head *node)
{
	const struct native_cluster *ci = container_of(node, struct native_cluster, list);
	unsigned long index = ci - native_cluster(si, 0);

	lockdep_assert_held(&si->lock);
	return index < native_nr_clusters(si) && &native_cluster(si, index)->list == node &&
	       READ_ONCE(ci->flags) < NATIVE_NR_LISTS &&
	       READ_ONCE(ci->count) <= NATIVE_CLUSTER_SLOTS;
}

static bool __list_is_known(struct swap_info_struct *si, const struct list_head *head)
{
	lockdep_assert_held(&si->lock);
	return list_empty(head) ||
	       (__is_cluster(si, head->next) && __is_cluster(si, head->prev));
}

/**
 * native_device_is_known() - whether the clusters of a device are what they are read as
 * @si: the device, pinned
 *
 * The kernel's lists are found from a structure that its headers do show. Each of their
 * ends has to be a member of the array of clusters, at the place where one is: so neither
 * the size of a cluster nor the place of its link may be others than known.
 *
 * Context: Process context. Takes and releases the device's lock.
 * Return: whether they are.
 */
bool native_device_is_known(struct swap_info_struct *si)
{
	unsigned int order;
	bool known;

	spin_lock(&si->lock);
	known = __list_is_known(si, &si->free_clusters) &&
		__list_is_known(si, &si->full_clusters);
	for (order = 0; known && order < SWAP_NR_ORDERS; order++)
		known = __list_is_known(si, &si->nonfull_clusters[order]) &&
			__list_is_known(si, &si->frag_clusters[order]);
	spin_unlock(&si->lock);
	return known;
}
#endif
