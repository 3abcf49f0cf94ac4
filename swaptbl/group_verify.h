/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle of groups: walks a tree and names every broken invariant.
 */
#ifndef _SWAPTBL_GROUP_VERIFY_H
#define _SWAPTBL_GROUP_VERIFY_H

struct seq_file;
struct swaptbl_tree;

unsigned int swaptbl_tree_verify(struct swaptbl_tree *tree, struct seq_file *m);

#endif /* _SWAPTBL_GROUP_VERIFY_H */
