/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts of slots.
 */
#ifndef _SWAPTBL_COUNT_H
#define _SWAPTBL_COUNT_H

#include <linux/gfp_types.h>
#include <linux/mm_types.h>

#include "cluster.h"
#include "stats.h"

/**
 * enum swaptbl_dup - who may take a count
 * @SWAPTBL_DUP_OWNED: the caller owns a count of each slot
 * @SWAPTBL_DUP_CACHED: or the slot is cached, so that 0 may become 1. Who does it
 *	for a folio holds its lock, so that it stays bound; the count itself needs no
 *	more than the cluster lock, which decides between this and a free.
 */
enum swaptbl_dup {
	SWAPTBL_DUP_OWNED,
	SWAPTBL_DUP_CACHED,
};

/**
 * __swaptbl_cluster_cached_only_add() - count slots that have a folio and no count
 * @dev: the device
 * @ci: the cluster
 * @nr: how many more, negative for fewer
 *
 * Context: Expects the cluster lock to be held by caller.
 */
static inline void __swaptbl_cluster_cached_only_add(struct swaptbl_device *dev,
						     struct swaptbl_cluster *ci, int nr)
{
	lockdep_assert_held(&ci->lock);
	/* Reclaim looks at it without the lock. */
	WRITE_ONCE(ci->nr_cached_only, ci->nr_cached_only + nr);
	swaptbl_stat_add(dev, SWAPTBL_STAT_CACHED_ONLY, nr);
}

bool __swaptbl_cluster_dup_batch(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				 unsigned int slot, unsigned int nr, enum swaptbl_dup how);
bool __swaptbl_cluster_put_batch(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				 unsigned int slot, unsigned int nr);
bool swaptbl_dup_folio_entries(swp_entry_t entry, unsigned int nr);
bool swaptbl_put_folio_entries(swp_entry_t entry, unsigned int nr);

int __swaptbl_cluster_dup_check(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot,
				enum swaptbl_dup how);
int __swaptbl_cluster_dup_entry(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot);
int __swaptbl_cluster_put_check(struct swaptbl_cluster *ci, unsigned int slot);
int __swaptbl_cluster_put_entry(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot);
void __swaptbl_cluster_drop_counts(struct swaptbl_device *dev,
				   struct swaptbl_cluster *ci, unsigned int slot);
unsigned long __swaptbl_cluster_count(struct swaptbl_device *dev,
				      struct swaptbl_cluster *ci,
				      unsigned int slot);

int swaptbl_dup_entries_cluster(struct swaptbl_device *dev,
				unsigned long offset, unsigned int nr,
				enum swaptbl_dup how, gfp_t gfp);
int swaptbl_put_entries_cluster(struct swaptbl_device *dev,
				unsigned long offset, unsigned int nr);

int swaptbl_dup_entries(struct swaptbl_device *dev, unsigned long offset,
			unsigned long nr, enum swaptbl_dup how, gfp_t gfp);
int swaptbl_put_entries(struct swaptbl_device *dev, unsigned long offset,
			unsigned long nr);

int swaptbl_dup_lockless(struct swaptbl_device *dev, unsigned long offset);
int swaptbl_put_lockless(struct swaptbl_device *dev, unsigned long offset);

bool swaptbl_swapped(struct swaptbl_device *dev, unsigned long offset);
long swaptbl_count(struct swaptbl_device *dev, unsigned long offset);
long swaptbl_count_direct(swp_entry_t entry);
unsigned long swaptbl_count_limit(const struct swaptbl_device *dev);

#endif /* _SWAPTBL_COUNT_H */
