/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reclaim for the limit of a group.
 */
#ifndef _SWAPTBL_GROUP_RECLAIM_H
#define _SWAPTBL_GROUP_RECLAIM_H

struct swaptbl_group;

unsigned long swaptbl_group_reclaim(struct swaptbl_group *top, unsigned long nr);

#endif /* _SWAPTBL_GROUP_RECLAIM_H */
