/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the suites of locks and removals: one branch of a tree, what a task may do
 * before, while and after it has a lock, and groups that are removed in the windows in
 * between.
 */
#ifndef _SWAPTBL_KUNIT_LRU_WATCH_H
#define _SWAPTBL_KUNIT_LRU_WATCH_H

#include "lru_list.h"

#define SWAPTBL_TEST_DEPTH	SWAPTBL_GROUP_DEPTH_MAX

/**
 * struct swaptbl_test_branch - groups one below the other, and one beside them
 * @tree: the tree
 * @level: groups of the branch from the root down
 * @depth: which is the last one
 * @beside: child of the root, not of the branch
 * @folio: on a list of the last one
 * @other: on a list of @beside
 */
struct swaptbl_test_branch {
	struct swaptbl_tree *tree;
	struct swaptbl_group *level[SWAPTBL_TEST_DEPTH + 1];
	unsigned int depth;
	struct swaptbl_group *beside;
	struct folio *folio;
	struct folio *other;
};

void swaptbl_test_branch_grow(struct kunit *test, struct swaptbl_test_branch *branch,
			      unsigned int depth);

/* Where its folios are: they are of the first node. */
static inline struct swaptbl_lruvec *
swaptbl_test_lruvec(const struct swaptbl_test_branch *branch, unsigned int level)
{
	return branch->level[level]->lruvec[first_memory_node];
}

/* All retries are of the group that was locked in the end, and nobody else's. */
void swaptbl_test_expect_retries(struct kunit *test, struct swaptbl_group *group,
				 long nr);

/**
 * struct swaptbl_test_context - what a task may do
 * @preempt: count of what disables preemption
 * @rcu: depth of RCU read-side sections, where it can be told
 * @reader: in an RCU read-side section of any kind, or that cannot be told
 * @irqs_off: interrupts are disabled
 */
struct swaptbl_test_context {
	unsigned int preempt;
	int rcu;
	bool reader;
	bool irqs_off;
};

void swaptbl_test_context(struct swaptbl_test_context *context);
void swaptbl_test_expect_same(struct kunit *test,
			      const struct swaptbl_test_context *before,
			      const struct swaptbl_test_context *after);

/**
 * struct swaptbl_test_watch - what was seen around a lock
 * @before: it was taken
 * @held: it was held, or was not taken
 * @after: it was dropped
 * @locked: it was locked when @held was seen
 *
 * Nothing may be expected with the lock held: what failed would be reported under it.
 */
struct swaptbl_test_watch {
	struct swaptbl_test_context before;
	struct swaptbl_test_context held;
	struct swaptbl_test_context after;
	bool locked;
};

bool swaptbl_test_lru_locked(struct swaptbl_lruvec *lruvec);
void swaptbl_test_watch_held(struct swaptbl_test_watch *watch,
			     struct swaptbl_lruvec *lruvec);
void swaptbl_test_expect_taken(struct kunit *test,
			       const struct swaptbl_test_watch *watch, bool irqs_off);
void swaptbl_test_expect_not_taken(struct kunit *test,
				   const struct swaptbl_test_watch *watch);

/**
 * struct swaptbl_test_windows - removals each time that a sync point is passed
 * @point: the place
 * @skip: passings that come before, and do not count
 * @removals: by window, how many groups are removed in it
 * @next: group to be removed next, then its parent
 * @passed: windows so far
 * @unread: one of them was in no RCU read-side section, and had to be
 * @err: of the removals
 * @hooks: for the engine
 * @acting: a removal is under way
 *
 * As with struct swaptbl_test_hooks, nothing may assert from _begin() to _end(), which
 * expects that all went well.
 */
struct swaptbl_test_windows {
	enum swaptbl_sync_point point;
	unsigned int skip;
	unsigned int removals[SWAPTBL_TEST_DEPTH + 1];
	struct swaptbl_group *next;
	unsigned int passed;
	bool unread;
	int err;
	struct swaptbl_sync_hooks hooks;
	bool acting;
};

void swaptbl_test_windows_begin(struct swaptbl_test_windows *windows,
				enum swaptbl_sync_point point);
void swaptbl_test_windows_end(struct kunit *test,
			      const struct swaptbl_test_windows *windows);

#endif /* _SWAPTBL_KUNIT_LRU_WATCH_H */
