/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's swap devices, by type.
 */
#ifndef _SWAPTBL_NATIVE_DEVICE_H
#define _SWAPTBL_NATIVE_DEVICE_H

#include "layout.h"

struct swap_info_struct *native_device_get(unsigned int type);
void native_device_put(struct swap_info_struct *si);
bool native_device_is_known(struct swap_info_struct *si);

unsigned int native_nr_clusters(const struct swap_info_struct *si);
struct native_cluster *native_cluster(const struct swap_info_struct *si,
				      unsigned int index);

#endif /* _SWAPTBL_NATIVE_DEVICE_H */
