/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workingset: what shadows tell about folios that come back.
 */
#ifndef _SWAPTBL_WORKINGSET_H
#define _SWAPTBL_WORKINGSET_H

struct folio;
struct swaptbl_device;
struct swaptbl_shadow;
struct work_struct;

void swaptbl_workingset_evict(struct swaptbl_device *dev, struct folio *folio,
			      struct swaptbl_shadow *shadow);
void swaptbl_workingset_refault(struct swaptbl_device *dev, struct folio *folio,
				const struct swaptbl_shadow *shadow);
unsigned long swaptbl_workingset_distance(struct swaptbl_device *dev,
					  const struct swaptbl_shadow *shadow);
unsigned long swaptbl_workingset_budget(struct swaptbl_device *dev);
unsigned long swaptbl_workingset_reclaim(struct swaptbl_device *dev);
void swaptbl_workingset_check(struct swaptbl_device *dev, unsigned int nr);
void swaptbl_workingset_work(struct work_struct *work);

#endif /* _SWAPTBL_WORKINGSET_H */
