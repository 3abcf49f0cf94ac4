/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reparenting: a group's folios become its parent's.
 */
#ifndef _SWAPTBL_REPARENT_H
#define _SWAPTBL_REPARENT_H

struct swaptbl_group;

void swaptbl_reparent(struct swaptbl_group *group);

#endif /* _SWAPTBL_REPARENT_H */
