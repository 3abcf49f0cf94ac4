// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of a device.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "cache.h"
#include "charge.h"
#include "cluster.h"
#include "compat.h"
#include "count.h"
#include "data.h"
#include "device.h"
#include "discard.h"
#include "entries.h"
#include "folio.h"
#include "setup.h"
#include "stats.h"
#include "store.h"
#include "sync.h"
#include "workingset.h"

/* Knobs of a new device: slots, pages, and an order. */
#define READAHEAD_SLOTS		8
#define CACHE_MAX_PAGES		8192
#define DATA_ORDER		4

/* The largest count fits in what swaptbl_count() returns. */
static_assert((u64)SWAPTBL_OVERFLOW_UNITS_MAX
	      << (SWAPTBL_COUNT_BITS_MAX - 2) < LONG_MAX / 2);

static void device_release(struct percpu_ref *ref)
{
	struct swaptbl_device *dev = container_of(ref, struct swaptbl_device, ref);

	complete(&dev->drained);
}

static int check_params(const struct swaptbl_params *params, const char **why)
{
	if (params->count_bits < SWAPTBL_COUNT_BITS_MIN ||
	    params->count_bits > SWAPTBL_COUNT_BITS_MAX) {
		*why = "count_bits is less than 2 or more than this architecture has";
		return -ERANGE;
	}
	if (!params->path && (params->nr_slots < SWAPTBL_SLOTS_MIN ||
			      params->nr_slots > SWAPTBL_SLOTS_MAX)) {
		*why = "slots is less than 2 or more than the largest device has";
		return -ERANGE;
	}
	return 0;
}

static void list_init(struct swaptbl_cluster_list *list)
{
	INIT_LIST_HEAD(&list->head);
}

static void lists_init(struct swaptbl_device *dev)
{
	unsigned int order;

	spin_lock_init(&dev->list_lock);
	list_init(&dev->free);
	list_init(&dev->full);
	list_init(&dev->discard);
	for (order = 0; order < SWAPTBL_NR_ORDERS; order++) {
		list_init(&dev->nonfull[order]);
		list_init(&dev->frag[order]);
	}
}

static void links_init(struct swaptbl_device *dev)
{
	init_completion(&dev->drained);
	INIT_LIST_HEAD(&dev->active);
	INIT_LIST_HEAD(&dev->owners);
	INIT_WORK(&dev->discard_work, swaptbl_discard_work);
	INIT_WORK(&dev->shadow_work, swaptbl_workingset_work);
	xa_init(&dev->pages);
}

static struct swaptbl_device *device_alloc(const struct swaptbl_params *params)
{
	struct swaptbl_device *dev;

	if (swaptbl_should_fail(SWAPTBL_MEM_DEVICE, GFP_KERNEL))
		return NULL;
	dev = kzalloc_obj(*dev);
	if (!dev)
		return NULL;
	lists_init(dev);
	links_init(dev);
	dev->readahead = READAHEAD_SLOTS;
	dev->cache_max = CACHE_MAX_PAGES;
	dev->data_order = min(DATA_ORDER, SWAPTBL_CLUSTER_ORDER);
	dev->prio = params->prio;
	dev->count_bits = params->count_bits;
	dev->count_max = BIT(params->count_bits - 1) - 1;
	dev->count_carry = BIT(params->count_bits - 2);
	dev->units_max = SWAPTBL_OVERFLOW_UNITS_MAX;
	dev->nr_slots = params->nr_slots;
	return dev;
}

/* A removal that a signal ends wakes it up again. */
static int ref_alloc(struct swaptbl_device *dev)
{
	if (swaptbl_should_fail(SWAPTBL_MEM_REF, GFP_KERNEL))
		return -ENOMEM;
	return percpu_ref_init(&dev->ref, device_release,
			       PERCPU_REF_ALLOW_REINIT, GFP_KERNEL);
}

static int pcpu_alloc(struct swaptbl_device *dev)
{
	unsigned int cpu;

	if (swaptbl_should_fail(SWAPTBL_MEM_PCPU, GFP_KERNEL))
		return -ENOMEM;
	dev->pcpu = alloc_percpu(struct swaptbl_pcpu);
	if (!dev->pcpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		local_lock_init(&per_cpu_ptr(dev->pcpu, cpu)->lock);
	return 0;
}

static int clusters_alloc(struct swaptbl_device *dev)
{
	dev->nr_clusters = DIV_ROUND_UP(dev->nr_slots, SWAPTBL_CLUSTER_SLOTS);
	if (swaptbl_should_fail(SWAPTBL_MEM_CLUSTERS, GFP_KERNEL))
		return -ENOMEM;
	dev->clusters = kvcalloc(dev->nr_clusters, sizeof(*dev->clusters),
				 GFP_KERNEL);
	return dev->clusters ? 0 : -ENOMEM;
}

/* A cluster with a table, which the device has already or gets now. */
static struct swaptbl_cluster *cluster_with_table(struct swaptbl_device *dev,
						  unsigned int index)
{
	struct swaptbl_cluster *ci = dev->clusters[index];
	struct swaptbl_table *table;

	if (ci)
		return ci;
	ci = swaptbl_cluster_alloc(index, GFP_KERNEL);
	table = swaptbl_table_alloc(GFP_KERNEL);
	if (!ci || !table) {
		swaptbl_cluster_free(ci);
		swaptbl_table_free(table);
		return NULL;
	}
	swaptbl_cluster_lock_found(ci);
	__swaptbl_cluster_populate(dev, ci, table);
	swaptbl_cluster_unlock(ci);
	swaptbl_stat_inc(dev, SWAPTBL_STAT_CLUSTERS);
	dev->clusters[index] = ci;
	return ci;
}

static void __mark_bad(struct swaptbl_cluster *ci, unsigned int slot)
{
	unsigned long old = 0;

	lockdep_assert_held(&ci->lock);
	if (!__swaptbl_word_try_cmpxchg(ci, slot, &old, swaptbl_bad_entry()))
		return;
	__set_bit(slot, ci->used);
	ci->nr_used++;
	ci->nr_bad++;
}

static int mark_bad(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci;

	ci = cluster_with_table(dev, swaptbl_cluster_index(offset));
	if (!ci)
		return -ENOMEM;
	swaptbl_cluster_lock_found(ci);
	__mark_bad(ci, swaptbl_slot(offset));
	swaptbl_cluster_unlock(ci);
	return 0;
}

/* The last cluster may go on beyond the end of the device. */
static int mark_tail_bad(struct swaptbl_device *dev)
{
	unsigned long offset;
	int err = 0;

	for (offset = dev->nr_slots; !err && swaptbl_slot(offset); offset++)
		err = mark_bad(dev, offset);
	return err;
}

/* The header page is not in the header's own list. */
static int mark_all_bad(struct swaptbl_device *dev)
{
	unsigned int i;
	int err = mark_bad(dev, 0);

	for (i = 0; !err && i < dev->header.nr_bad; i++)
		err = mark_bad(dev, dev->header.bad[i]);
	dev->nr_bad = 1 + dev->header.nr_bad;
	return err ?: mark_tail_bad(dev);
}

/* Clusters with bad slots wait for use on a list, the others at the frontier. */
static void file_clusters(struct swaptbl_device *dev)
{
	struct swaptbl_cluster *ci;
	unsigned int i;

	for (i = 0; i < dev->nr_clusters; i++) {
		ci = dev->clusters[i];
		if (!ci)
			continue;
		swaptbl_cluster_lock_found(ci);
		__swaptbl_cluster_move(dev, ci,
				       ci->nr_used == SWAPTBL_CLUSTER_SLOTS ?
				       SWAPTBL_LIST_FULL : SWAPTBL_LIST_FREE,
				       SWAPTBL_ORDER_NONE);
		swaptbl_cluster_unlock(ci);
	}
}

/* A block device says in its header how large it is. */
static int store_open(struct swaptbl_device *dev,
		      const struct swaptbl_params *params, const char **why)
{
	int err = swaptbl_store_open(dev, params, why);

	if (err || !params->path)
		return err;
	dev->nr_slots = dev->header.nr_slots;
	dev->path = kstrdup(params->path, GFP_KERNEL);
	return dev->path ? 0 : -ENOMEM;
}

static int device_fill(struct swaptbl_device *dev,
		       const struct swaptbl_params *params, const char **why)
{
	int err;

	err = store_open(dev, params, why);
	if (err)
		return err;
	err = ref_alloc(dev) ?: pcpu_alloc(dev) ?: clusters_alloc(dev) ?:
	      swaptbl_data_create(dev);
	if (err)
		return err;
	err = mark_all_bad(dev);
	if (!err)
		file_clusters(dev);
	return err;
}

/**
 * swaptbl_device_setup() - make all of a device but its number
 * @params: what it is made from
 * @why: set to a sentence for people when it fails
 *
 * Context: Process context. May sleep.
 * Return: the device, which nobody can reach yet; -ERANGE if a parameter is
 * outside its range, -ENOMEM, or what swaptbl_store_open() says.
 */
struct swaptbl_device *swaptbl_device_setup(const struct swaptbl_params *params,
					    const char **why)
{
	struct swaptbl_device *dev;
	int err = check_params(params, why);

	if (err)
		return ERR_PTR(err);
	*why = "not enough memory for the device's metadata";
	dev = device_alloc(params);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	err = device_fill(dev, params, why);
	if (!err)
		return dev;
	swaptbl_device_teardown(dev);
	return ERR_PTR(err);
}

static void __frontier_add(struct swaptbl_device *dev,
			   struct swaptbl_cluster *ci)
{
	lockdep_assert_held(&dev->list_lock);
	ci->index = dev->frontier;
	ci->list = SWAPTBL_LIST_FREE;
	list_add(&ci->node, &dev->free.head);
	WRITE_ONCE(dev->free.nr, dev->free.nr + 1);
	WRITE_ONCE(dev->list_seq, dev->list_seq + 1);
	swaptbl_stat_inc(dev, SWAPTBL_STAT_CLUSTERS);
	/* Complete before swaptbl_cluster_lookup() can find it. */
	smp_store_release(&dev->clusters[dev->frontier], ci);
	WRITE_ONCE(dev->frontier, dev->frontier + 1);
}

/**
 * swaptbl_device_extend() - take the next cluster into use
 * @dev: the device
 * @spare: cluster that is on no list, or NULL; set to NULL if it was taken
 *
 * It becomes the first of the free clusters.
 *
 * Context: Any context but interrupts. Takes and releases the list lock.
 * Return: 0; -ENOSPC if every cluster is in use already; -EAGAIN if one is not,
 * but there is no spare.
 */
int swaptbl_device_extend(struct swaptbl_device *dev,
			  struct swaptbl_cluster **spare)
{
	int err = 0;

	spin_lock(&dev->list_lock);
	while (dev->frontier < dev->nr_clusters && dev->clusters[dev->frontier])
		WRITE_ONCE(dev->frontier, dev->frontier + 1);
	if (dev->frontier == dev->nr_clusters)
		err = -ENOSPC;
	else if (!*spare)
		err = -EAGAIN;
	else
		__frontier_add(dev, *spare);
	spin_unlock(&dev->list_lock);
	if (!err)
		*spare = NULL;
	return err;
}

static void __drop_slot(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			unsigned int slot)
{
	lockdep_assert_held(&ci->lock);
	__swaptbl_cluster_drop_counts(dev, ci, slot);
	if (!__swaptbl_cluster_free_entry(dev, ci, slot))
		__swaptbl_cluster_release(dev, ci, slot, 1);
}

/* The folio was found in the table and cannot have left: nobody else can act. */
static void drop_folio(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		       struct folio *folio)
{
	const struct swaptbl_shadow none = {};
	unsigned int i, slot, nr = folio_nr_pages(folio);

	folio_lock(folio);
	slot = swaptbl_slot(swp_offset(folio->swap));
	swaptbl_cluster_lock_found(ci);
	for (i = 0; i < nr; i++)
		__swaptbl_cluster_drop_counts(dev, ci, slot + i);
	__swaptbl_cache_del_folio(dev, ci, folio, slot, &none);
	swaptbl_cluster_unlock(ci);
	swaptbl_folio_unbound(folio);
	folio_unlock(folio);
	folio_put_refs(folio, nr);
}

static void drop_cluster(struct swaptbl_device *dev, struct swaptbl_cluster *ci)
{
	unsigned long word;
	unsigned int slot;

	for_each_set_bit(slot, ci->used, SWAPTBL_CLUSTER_SLOTS) {
		swaptbl_cluster_lock_found(ci);
		word = __swaptbl_word_get(ci, slot);
		if (!swaptbl_entry_is_cached(word)) {
			__drop_slot(dev, ci, slot);
			swaptbl_cluster_unlock(ci);
			continue;
		}
		swaptbl_cluster_unlock(ci);
		drop_folio(dev, ci, swaptbl_entry_to_folio(word));
	}
}

/**
 * swaptbl_device_drop_all() - free all slots of a device whatever is in them
 * @dev: device without users, which can get none any more
 *
 * Context: Process context. May sleep, for the lock of each folio among others.
 */
void swaptbl_device_drop_all(struct swaptbl_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->nr_clusters; i++) {
		if (!dev->clusters[i])
			continue;
		drop_cluster(dev, dev->clusters[i]);
		cond_resched();
	}
}

static void clusters_free(struct swaptbl_device *dev)
{
	unsigned int i;

	if (!dev->clusters)
		return;
	for (i = 0; i < dev->nr_clusters; i++)
		swaptbl_cluster_free(dev->clusters[i]);
	kvfree(dev->clusters);
}

/**
 * swaptbl_device_teardown() - undo swaptbl_device_setup(), whole or in part
 * @dev: device that nobody can reach, with no slot used
 *
 * Context: Process context. May sleep.
 */
void swaptbl_device_teardown(struct swaptbl_device *dev)
{
	/* No slot is used, so nothing is queued any more afterwards. */
	flush_work(&dev->discard_work);
	cancel_work_sync(&dev->shadow_work);
	swaptbl_data_destroy(dev);
	swaptbl_store_close(dev);
	clusters_free(dev);
	free_percpu(dev->pcpu);
	percpu_ref_exit(&dev->ref);
	kfree(dev->path);
	kfree(dev);
}
