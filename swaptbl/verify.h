/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle: walks a device and names every broken invariant.
 */
#ifndef _SWAPTBL_VERIFY_H
#define _SWAPTBL_VERIFY_H

#include <linux/types.h>

struct seq_file;
struct swaptbl_device;

unsigned int swaptbl_verify(struct swaptbl_device *dev, struct seq_file *m);

#endif /* _SWAPTBL_VERIFY_H */
