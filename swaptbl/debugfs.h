/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control and view below /sys/kernel/debug/swaptbl.
 */
#ifndef _SWAPTBL_DEBUGFS_H
#define _SWAPTBL_DEBUGFS_H

struct swaptbl_device;

void swaptbl_debugfs_create(void);
void swaptbl_debugfs_destroy(void);
void swaptbl_debugfs_add(struct swaptbl_device *dev);
void swaptbl_debugfs_remove(struct swaptbl_device *dev);

#endif /* _SWAPTBL_DEBUGFS_H */
