/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SWAPTBL_NATIVE_SLOTS_H
#define _SWAPTBL_NATIVE_SLOTS_H

struct dentry;
struct native_layout;

void native_slots_add(struct dentry *dir, const struct native_layout *layout);

#endif /* _SWAPTBL_NATIVE_SLOTS_H */
