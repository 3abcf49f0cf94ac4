/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first and the last word of a slot.
 */
#ifndef _SWAPTBL_ENTRIES_H
#define _SWAPTBL_ENTRIES_H

struct swaptbl_cluster;
struct swaptbl_device;

int __swaptbl_cluster_alloc_entries(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				    unsigned int slot, unsigned int nr,
				    unsigned long entry);
int __swaptbl_cluster_free_entry(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
				 unsigned int slot);
void __swaptbl_cluster_free_dropped(struct swaptbl_device *dev,
				    struct swaptbl_cluster *ci, unsigned int slot,
				    unsigned int nr);

static inline int __swaptbl_cluster_alloc_entry(struct swaptbl_device *dev,
						struct swaptbl_cluster *ci,
						unsigned int slot, unsigned long entry)
{
	return __swaptbl_cluster_alloc_entries(dev, ci, slot, 1, entry);
}

#endif /* _SWAPTBL_ENTRIES_H */
