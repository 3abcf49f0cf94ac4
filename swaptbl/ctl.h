/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that take commands.
 */
#ifndef _SWAPTBL_CTL_H
#define _SWAPTBL_CTL_H

struct swaptbl_device;
struct swaptbl_why;

void swaptbl_ctl_add(struct swaptbl_device *dev);
int swaptbl_refuse(const char *file, int err, const struct swaptbl_why *why);

#endif /* _SWAPTBL_CTL_H */
