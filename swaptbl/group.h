/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Groups: owners of folios and slots, in a tree.
 */
#ifndef _SWAPTBL_GROUP_H
#define _SWAPTBL_GROUP_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct swaptbl_handle;
struct swaptbl_lruvec;

/* Levels of groups below a root. */
#define SWAPTBL_GROUP_DEPTH_MAX	16

/* Pages of a group without a limit. */
#define SWAPTBL_GROUP_NO_LIMIT	LONG_MAX

/**
 * enum swaptbl_tree_kind - what the lists of a tree are
 * @SWAPTBL_TREE_LISTS: active and inactive ones
 * @SWAPTBL_TREE_GENS: generations, see lru_gen.h
 */
enum swaptbl_tree_kind {
	SWAPTBL_TREE_LISTS,
	SWAPTBL_TREE_GENS,
};

/**
 * struct swaptbl_tree - groups that have one root
 * @lock: protects which groups there are, and whose children they are
 * @stat_lock: protects the sums of all statistics; innermost
 * @kind: what its lists are; constant
 * @root: the group without a parent
 * @nr_groups: how many there are, the root included; under @lock
 * @removals: groups removed so far; under @lock
 * @ref: one of each group whose memory is there
 */
struct swaptbl_tree {
	spinlock_t lock; /* see above */
	spinlock_t stat_lock; /* see above */
	enum swaptbl_tree_kind kind;
	struct swaptbl_group *root;
	unsigned long nr_groups;
	unsigned long removals;
	refcount_t ref;
};

/**
 * struct swaptbl_group - one owner of folios and slots
 * @tree: where it belongs
 * @parent: NULL for a root; constant, with a reference
 * @children: groups whose parent it is; under the tree's lock
 * @sibling: link of @children; likewise
 * @dying: it is being removed, or was; likewise, set once
 * @id: number of its handle; constant
 * @depth: levels above it; constant
 * @ref: one while it exists, and one of each child and user
 * @handle: what its folios and slots name; constant, with a reference until the
 *	memory of a removed group goes
 * @usage: pages charged to it and below it, removed groups included
 * @swap: slots likewise
 * @limit: most pages of @usage
 * @failures: charges refused for its limit
 * @reclaims: how often its limit made a charge reclaim
 * @rcu: frees its lruvecs, and then itself
 * @lruvec: by node; NULL for nodes that cannot be
 */
struct swaptbl_group {
	struct swaptbl_tree *tree;
	struct swaptbl_group *parent;
	struct list_head children;
	struct list_head sibling;
	bool dying;
	unsigned int id;
	unsigned int depth;
	refcount_t ref;
	struct swaptbl_handle *handle;
	atomic_long_t usage;
	atomic_long_t swap;
	long limit;
	atomic_long_t failures;
	atomic_long_t reclaims;
	struct rcu_head rcu;
	struct swaptbl_lruvec *lruvec[];
};

struct swaptbl_tree *swaptbl_tree_create(enum swaptbl_tree_kind kind);
int swaptbl_tree_destroy(struct swaptbl_tree *tree);

struct swaptbl_group *swaptbl_group_create(struct swaptbl_group *parent, long limit);
int swaptbl_group_remove(struct swaptbl_group *group);
struct swaptbl_group *swaptbl_group_get(unsigned int id);
void swaptbl_group_put(struct swaptbl_group *group);
unsigned long swaptbl_groups_lru_size(void);

struct swaptbl_group *swaptbl_group_next(struct swaptbl_group *top,
					 unsigned int *id);

#endif /* _SWAPTBL_GROUP_H */
