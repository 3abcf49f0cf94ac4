/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Discard of clusters that became free.
 */
#ifndef _SWAPTBL_DISCARD_H
#define _SWAPTBL_DISCARD_H

struct swaptbl_device;
struct work_struct;

void swaptbl_discard_work(struct work_struct *work);
bool swaptbl_discard_one(struct swaptbl_device *dev);
bool swaptbl_discard_wait(struct swaptbl_device *dev);

#endif /* _SWAPTBL_DISCARD_H */
