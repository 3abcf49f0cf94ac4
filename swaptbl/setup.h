/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of a device: what is made before it is visible and undone after.
 */
#ifndef _SWAPTBL_SETUP_H
#define _SWAPTBL_SETUP_H

struct swaptbl_device;
struct swaptbl_params;

struct swaptbl_device *swaptbl_device_setup(const struct swaptbl_params *params,
					    const char **why);
void swaptbl_device_drop_all(struct swaptbl_device *dev);
void swaptbl_device_teardown(struct swaptbl_device *dev);

#endif /* _SWAPTBL_SETUP_H */
