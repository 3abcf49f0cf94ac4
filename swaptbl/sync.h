/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sync points: where a test runs the other actor inside a dropped lock, or
 * makes one allocation fail. Without CONFIG_KUNIT they compile to nothing.
 */
#ifndef _SWAPTBL_SYNC_H
#define _SWAPTBL_SYNC_H

#include <linux/jump_label.h>
#include <linux/kconfig.h>
#include <linux/types.h>

/**
 * enum swaptbl_sync_point - places that act on what they read or unlocked before
 * @SWAPTBL_EXT_UNLOCKED: cluster lock dropped to allocate the overflow store
 * @SWAPTBL_RANGE_CHECKED: range dup or put: all slots checked, room made, no word changed
 *	yet; with the cluster lock held, so that only lock-free changes may run
 * @SWAPTBL_BATCH_LOADED: range dup: a word read and judged, not exchanged yet; likewise
 * @SWAPTBL_TABLE_SLEEP: all locks dropped to allocate a cluster or its table
 * @SWAPTBL_CLUSTER_PICKED: cluster found on a list, its lock not taken yet; with
 *	the local lock of the allocator held, so that no hook may allocate from or
 *	remove the same device
 * @SWAPTBL_WORD_LOADED: lock-free count: word read, not exchanged yet; in an RCU
 *	read-side section
 * @SWAPTBL_LOOKUP_LOADED: lock-free lookup: word read, no reference taken yet; in
 *	an RCU read-side section
 * @SWAPTBL_LOOKUP_GOT: lock-free lookup: reference taken, word not read again yet;
 *	in an RCU read-side section
 * @SWAPTBL_SWAPIN_FOUND: swap in: folio found, its lock not taken yet
 * @SWAPTBL_SWAPIN_ALLOCATED: swap in: slot found without a folio, folio allocated,
 *	not bound yet
 * @SWAPTBL_SWAPIN_ADDED: swap in: folio bound and locked, read not begun
 * @SWAPTBL_EVICT_CHECKED: evict: decided whether to write, nothing written yet
 * @SWAPTBL_EVICT_WRITTEN: evict: data is in the store, words not changed yet
 * @SWAPTBL_SPLIT_COPIED: split: data copied to the new folios, words not changed yet
 * @SWAPTBL_RECLAIM_UNLOCKED: reclaim: slot that is cached only found, no lock held
 * @SWAPTBL_DISCARD_UNLOCKED: discard: cluster taken off its list, no lock held
 * @SWAPTBL_HOME_FOUND: removal: used slot found, nothing done about it yet
 * @SWAPTBL_DESTROY_CHECKED: device found idle, its reference not killed yet
 * @SWAPTBL_DESTROY_KILLED: reference killed, users waited for
 * @SWAPTBL_LRU_LOOKED_UP: lruvec found, its lock not taken yet; in an RCU read-side
 *	section
 * @SWAPTBL_BATCH_FLUSH: batch of folios taken from its CPU, not worked off yet
 * @SWAPTBL_STAT_CHECKED: lruvec to count on found, nothing counted yet; in an RCU
 *	read-side section
 * @SWAPTBL_STAT_BATCH: CPU has a batch of counts, about to collect it; as in the context
 *	that counts
 * @SWAPTBL_GROUP_DYING: group marked as dying, nothing moved yet
 * @SWAPTBL_REPARENT_NODE: one more node's folios moved to the parent
 * @SWAPTBL_LRU_AGED: a generation was opened, or some of the folios moved for which there
 *	was no room else; no lock is held
 * @SWAPTBL_GROUP_RECLAIM: limit reached, nothing reclaimed yet
 * @SWAPTBL_SWAPIN_CHARGE: swap in: folio bound, not charged yet
 */
enum swaptbl_sync_point {
	SWAPTBL_EXT_UNLOCKED,
	SWAPTBL_RANGE_CHECKED,
	SWAPTBL_BATCH_LOADED,
	SWAPTBL_TABLE_SLEEP,
	SWAPTBL_CLUSTER_PICKED,
	SWAPTBL_WORD_LOADED,
	SWAPTBL_LOOKUP_LOADED,
	SWAPTBL_LOOKUP_GOT,
	SWAPTBL_SWAPIN_FOUND,
	SWAPTBL_SWAPIN_ALLOCATED,
	SWAPTBL_SWAPIN_ADDED,
	SWAPTBL_EVICT_CHECKED,
	SWAPTBL_EVICT_WRITTEN,
	SWAPTBL_SPLIT_COPIED,
	SWAPTBL_RECLAIM_UNLOCKED,
	SWAPTBL_DISCARD_UNLOCKED,
	SWAPTBL_HOME_FOUND,
	SWAPTBL_DESTROY_CHECKED,
	SWAPTBL_DESTROY_KILLED,
	SWAPTBL_LRU_LOOKED_UP,
	SWAPTBL_BATCH_FLUSH,
	SWAPTBL_STAT_CHECKED,
	SWAPTBL_STAT_BATCH,
	SWAPTBL_GROUP_DYING,
	SWAPTBL_REPARENT_NODE,
	SWAPTBL_LRU_AGED,
	SWAPTBL_GROUP_RECLAIM,
	SWAPTBL_SWAPIN_CHARGE,
};

/**
 * enum swaptbl_alloc_site - every kind of memory that the engine allocates
 * @SWAPTBL_MEM_DEVICE: struct swaptbl_device
 * @SWAPTBL_MEM_CLUSTERS: the device's array of cluster pointers
 * @SWAPTBL_MEM_PCPU: the device's per-CPU hints and statistics
 * @SWAPTBL_MEM_REF: the device's percpu_ref
 * @SWAPTBL_MEM_CLUSTER: struct swaptbl_cluster
 * @SWAPTBL_MEM_TABLE: struct swaptbl_table
 * @SWAPTBL_MEM_OVERFLOW: an overflow store
 * @SWAPTBL_MEM_HEADER: the pages that the swap header is read into
 * @SWAPTBL_MEM_FOLIO: a folio, to swap in to or to split into
 * @SWAPTBL_MEM_SHADOWS: what is kept of the words of a large folio while it is read
 * @SWAPTBL_MEM_STORE: a page of the ram store
 * @SWAPTBL_MEM_DATA: what the data file keeps
 * @SWAPTBL_MEM_TREE: struct swaptbl_tree
 * @SWAPTBL_MEM_GROUP: struct swaptbl_group
 * @SWAPTBL_MEM_HANDLE: struct swaptbl_handle
 * @SWAPTBL_MEM_HANDLE_REF: the handle's percpu_ref
 * @SWAPTBL_MEM_ID: the place of the handle among the others
 * @SWAPTBL_MEM_LRUVEC: struct swaptbl_lruvec
 * @SWAPTBL_MEM_LRU_GENS: its generations
 * @SWAPTBL_MEM_LRU_STATS: its per-CPU statistics
 * @SWAPTBL_NR_MEM: number of sites
 */
enum swaptbl_alloc_site {
	SWAPTBL_MEM_DEVICE,
	SWAPTBL_MEM_CLUSTERS,
	SWAPTBL_MEM_PCPU,
	SWAPTBL_MEM_REF,
	SWAPTBL_MEM_CLUSTER,
	SWAPTBL_MEM_TABLE,
	SWAPTBL_MEM_OVERFLOW,
	SWAPTBL_MEM_HEADER,
	SWAPTBL_MEM_FOLIO,
	SWAPTBL_MEM_SHADOWS,
	SWAPTBL_MEM_STORE,
	SWAPTBL_MEM_DATA,
	SWAPTBL_MEM_TREE,
	SWAPTBL_MEM_GROUP,
	SWAPTBL_MEM_HANDLE,
	SWAPTBL_MEM_HANDLE_REF,
	SWAPTBL_MEM_ID,
	SWAPTBL_MEM_LRUVEC,
	SWAPTBL_MEM_LRU_GENS,
	SWAPTBL_MEM_LRU_STATS,
	SWAPTBL_NR_MEM,
};

/**
 * enum swaptbl_io_op - what is asked of a store
 * @SWAPTBL_IO_READ: a folio from its slots
 * @SWAPTBL_IO_WRITE: a folio to its slots
 * @SWAPTBL_IO_DISCARD: that slots hold nothing any more
 */
enum swaptbl_io_op {
	SWAPTBL_IO_READ,
	SWAPTBL_IO_WRITE,
	SWAPTBL_IO_DISCARD,
};

#if IS_ENABLED(CONFIG_KUNIT)

/**
 * struct swaptbl_sync_hooks - what a test installs
 * @sync: runs at a sync point; may sleep only where the point says that no
 *	lock is held; NULL for none
 * @fail: whether the allocation at @site with @gfp is to fail; NULL for none
 * @fail_io: whether the request to do @op at slot @offset is to fail with -EIO;
 *	NULL for none
 * @data: for the hooks
 */
struct swaptbl_sync_hooks {
	void (*sync)(void *data, enum swaptbl_sync_point point);
	bool (*fail)(void *data, enum swaptbl_alloc_site site, gfp_t gfp);
	bool (*fail_io)(void *data, enum swaptbl_io_op op, unsigned long offset);
	void *data;
};

DECLARE_STATIC_KEY_FALSE(swaptbl_sync_key);

void swaptbl_sync_install(const struct swaptbl_sync_hooks *hooks);
void swaptbl_sync_remove(void);
void swaptbl_sync_run(enum swaptbl_sync_point point);
bool swaptbl_sync_fail(enum swaptbl_alloc_site site, gfp_t gfp);
bool swaptbl_sync_fail_io(enum swaptbl_io_op op, unsigned long offset);

static inline void swaptbl_sync(enum swaptbl_sync_point point)
{
	if (static_branch_unlikely(&swaptbl_sync_key))
		swaptbl_sync_run(point);
}

static inline bool swaptbl_should_fail(enum swaptbl_alloc_site site, gfp_t gfp)
{
	return static_branch_unlikely(&swaptbl_sync_key) &&
	       swaptbl_sync_fail(site, gfp);
}

static inline bool swaptbl_should_fail_io(enum swaptbl_io_op op,
					  unsigned long offset)
{
	return static_branch_unlikely(&swaptbl_sync_key) &&
	       swaptbl_sync_fail_io(op, offset);
}

#else

static inline void swaptbl_sync(enum swaptbl_sync_point point)
{
}

static inline bool swaptbl_should_fail(enum swaptbl_alloc_site site, gfp_t gfp)
{
	return false;
}

static inline bool swaptbl_should_fail_io(enum swaptbl_io_op op,
					  unsigned long offset)
{
	return false;
}

#endif /* CONFIG_KUNIT */
#endif /* _SWAPTBL_SYNC_H */
