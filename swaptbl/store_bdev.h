/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block device as a store.
 */
#ifndef _SWAPTBL_STORE_BDEV_H
#define _SWAPTBL_STORE_BDEV_H

struct swaptbl_device;

int swaptbl_bdev_open(struct swaptbl_device *dev, const char *path,
		      const char **why);
void swaptbl_bdev_close(struct swaptbl_device *dev);

#endif /* _SWAPTBL_STORE_BDEV_H */
