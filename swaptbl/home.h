/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bringing home what is in the slots of a device that goes.
 */
#ifndef _SWAPTBL_HOME_H
#define _SWAPTBL_HOME_H

#include <linux/types.h>

struct swaptbl_device;

bool swaptbl_home_possible(struct swaptbl_device *dev);
int swaptbl_bring_home(struct swaptbl_device *dev);
void swaptbl_owners_forget(struct swaptbl_device *dev);

#endif /* _SWAPTBL_HOME_H */
