/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reclaim: slots that are cached only, and pages that are cached.
 */
#ifndef _SWAPTBL_RECLAIM_H
#define _SWAPTBL_RECLAIM_H

struct swaptbl_device;

unsigned long swaptbl_reclaim_slots(struct swaptbl_device *dev,
				    unsigned int *clusters_left);
void swaptbl_reclaim_range(struct swaptbl_device *dev, unsigned long offset,
			   unsigned long nr);
unsigned long swaptbl_reclaim_pages(struct swaptbl_device *dev,
				    unsigned long nr);

#endif /* _SWAPTBL_RECLAIM_H */
