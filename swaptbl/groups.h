/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree of groups that debugfs shows and drives.
 */
#ifndef _SWAPTBL_GROUPS_H
#define _SWAPTBL_GROUPS_H

#include <linux/list.h>
#include <linux/mutex.h>

struct dentry;
struct swaptbl_group;

/**
 * struct swaptbl_group_dir - directory of a group
 * @group: the group, with a reference; it may have been removed
 * @dir: the directory
 * @lock: protects @isolated
 * @isolated: folios that the command "isolate" took
 */
struct swaptbl_group_dir {
	struct swaptbl_group *group;
	struct dentry *dir;
	struct mutex lock; /* see above */
	struct list_head isolated;
};

int swaptbl_groups_create(void);
void swaptbl_groups_destroy(void);
void swaptbl_groups_add(struct dentry *root);
void swaptbl_groups_remove(void);

void swaptbl_group_views_add(struct swaptbl_group_dir *gdir);
void swaptbl_group_ctl_add(struct swaptbl_group_dir *gdir);
void swaptbl_group_ctl_end(struct swaptbl_group_dir *gdir);

#endif /* _SWAPTBL_GROUPS_H */
