/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SWAPTBL_NATIVE_SLOTS_H
#define _SWAPTBL_NATIVE_SLOTS_H

struct dentry;

void native_slots_add(struct dentry *dir);

#endif /* _SWAPTBL_NATIVE_SLOTS_H */
