/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts of slots.
 */
#ifndef _SWAPTBL_COUNT_H
#define _SWAPTBL_COUNT_H

#include <linux/gfp_types.h>
#include <linux/mm_types.h>

struct swaptbl_cluster;
struct swaptbl_device;

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

void __swaptbl_cluster_cached_only_add(struct swaptbl_device *dev,
				       struct swaptbl_cluster *ci, int nr);
unsigned int __swaptbl_cluster_dup_batch(struct swaptbl_device *dev,
					 struct swaptbl_cluster *ci, unsigned int slot,
					 unsigned int nr, enum swaptbl_dup how);
bool __swaptbl_cluster_put_batch(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				 unsigned int slot, unsigned int nr, bool *dropped);

int __swaptbl_cluster_dup_check(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot,
				enum swaptbl_dup how);
int __swaptbl_cluster_dup_entry(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot);
int __swaptbl_cluster_put_check(struct swaptbl_cluster *ci, unsigned int slot);
int __swaptbl_cluster_put_entry(struct swaptbl_device *dev,
				struct swaptbl_cluster *ci, unsigned int slot);
int __swaptbl_cluster_alloc_entry(struct swaptbl_device *dev,
				  struct swaptbl_cluster *ci, unsigned int slot,
				  unsigned long entry);
int __swaptbl_cluster_free_entry(struct swaptbl_device *dev,
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

bool swaptbl_dup_entry_lockless(swp_entry_t entry);
bool swaptbl_put_entry_lockless(swp_entry_t entry);
int swaptbl_dup_lockless(struct swaptbl_device *dev, unsigned long offset);
int swaptbl_put_lockless(struct swaptbl_device *dev, unsigned long offset);

bool swaptbl_swapped(struct swaptbl_device *dev, unsigned long offset);
long swaptbl_count(struct swaptbl_device *dev, unsigned long offset);
unsigned long swaptbl_count_limit(const struct swaptbl_device *dev);

#endif /* _SWAPTBL_COUNT_H */
