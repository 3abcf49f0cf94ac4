// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of going from the lruvec of one folio to that of the next, and of the lruvec of
 * a group itself. swaptbl/lruvec.c.
 */
#include <kunit/test.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_watch.h"

/**
 * struct form - a way to go on to the next folio
 * @name: of the form
 * @relock: takes the lock of its lruvec and lets go of @locked; NULL with none held
 * @unlock: undoes that
 */
struct form {
	const char *name;
	struct swaptbl_lruvec *(*relock)(struct folio *folio,
					 struct swaptbl_lruvec *locked,
					 unsigned long *flags);
	void (*unlock)(struct swaptbl_lruvec *lruvec, unsigned long flags);
};

static struct swaptbl_lruvec *relock_irq(struct folio *folio,
					 struct swaptbl_lruvec *locked,
					 unsigned long *flags)
{
	return swaptbl_folio_lruvec_relock_irq(folio, locked);
}

static struct swaptbl_lruvec *relock_irqsave(struct folio *folio,
					     struct swaptbl_lruvec *locked,
					     unsigned long *flags)
{
	swaptbl_folio_lruvec_relock_irqsave(folio, &locked, flags);
	return locked;
}

static void unlock_irq(struct swaptbl_lruvec *lruvec, unsigned long flags)
{
	swaptbl_lruvec_unlock_irq(lruvec);
}

static const struct form forms[] = {
	{ "irq", relock_irq, unlock_irq },
	{ "irqsave", relock_irqsave, swaptbl_lruvec_unlock_irqrestore },
};

static void form_desc(const struct form *form, char *desc)
{
	strscpy(desc, form->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(form, forms, form_desc);

#define NR_STEPS	7

/**
 * struct walk - one folio after the other
 * @folio: the folios, up to the first that is NULL
 * @lruvec: what was locked for each
 * @watch: what was seen at each; before and after it, of the whole walk
 * @windows: removals between look-up and lock
 */
struct walk {
	struct folio *folio[NR_STEPS + 1];
	struct swaptbl_lruvec *lruvec[NR_STEPS];
	struct swaptbl_test_watch watch[NR_STEPS];
	struct swaptbl_test_windows windows;
};

static void watch_walk(const struct form *form, struct walk *walk)
{
	struct swaptbl_test_context before, after;
	struct swaptbl_lruvec *locked = NULL;
	unsigned long flags = 0;
	unsigned int i;

	swaptbl_test_context(&before);
	for (i = 0; walk->folio[i]; i++) {
		locked = form->relock(walk->folio[i], locked, &flags);
		walk->lruvec[i] = locked;
		swaptbl_test_watch_held(&walk->watch[i], locked);
	}
	if (locked)
		form->unlock(locked, flags);
	swaptbl_test_context(&after);
	for (i = 0; walk->folio[i]; i++) {
		walk->watch[i].before = before;
		walk->watch[i].after = after;
	}
}

/* Take the walk and see that at each step nothing but the one lock is held. */
static void take_walk(struct kunit *test, struct walk *walk)
{
	unsigned int i;

	swaptbl_test_windows_begin(&walk->windows, SWAPTBL_LRU_LOOKED_UP);
	watch_walk(test->param_value, walk);
	swaptbl_test_windows_end(test, &walk->windows);
	for (i = 0; walk->folio[i]; i++) {
		if (walk->lruvec[i])
			swaptbl_test_expect_taken(test, &walk->watch[i], true);
		else
			swaptbl_test_expect_not_taken(test, &walk->watch[i]);
	}
}

/* On the stack it would be too much. */
static struct walk *walk_alloc(struct kunit *test)
{
	struct walk *walk = kunit_kzalloc(test, sizeof(*walk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, walk);
	return walk;
}

static struct folio *folio_of(struct kunit *test, struct swaptbl_group *group)
{
	return swaptbl_test_on_lru(test, group, 0, first_memory_node,
				   LRU_INACTIVE_ANON);
}

/* The lock is kept from one to the next of the same lruvec, and taken once for both. */
static void relock_keeps_lock(struct kunit *test)
{
	struct walk *walk = walk_alloc(test);
	struct swaptbl_test_branch branch = {};
	unsigned int i;

	swaptbl_test_branch_grow(test, &branch, 1);
	walk->folio[0] = branch.folio;
	walk->folio[1] = folio_of(test, branch.level[1]);
	walk->folio[2] = branch.folio;
	take_walk(test, walk);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[i],
				    swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_EQ(test, walk->windows.passed, 1);
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* There and back, twice each; between parent and child too. */
static void relock_follows_folios(struct kunit *test)
{
	struct walk *walk = walk_alloc(test);
	struct swaptbl_test_branch branch = {};
	struct swaptbl_lruvec *beside;

	swaptbl_test_branch_grow(test, &branch, 2);
	beside = branch.beside->lruvec[first_memory_node];
	walk->folio[0] = branch.folio;
	walk->folio[1] = branch.other;
	walk->folio[2] = branch.other;
	walk->folio[3] = branch.folio;
	walk->folio[4] = folio_of(test, branch.level[1]);
	walk->folio[5] = branch.folio;
	take_walk(test, walk);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[0], swaptbl_test_lruvec(&branch, 2));
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[1], beside);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[2], beside);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[3], swaptbl_test_lruvec(&branch, 2));
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[4], swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[5], swaptbl_test_lruvec(&branch, 2));
	KUNIT_EXPECT_EQ(test, walk->windows.passed, 5);
	swaptbl_test_expect_retries(test, branch.level[2], 0);
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* Nothing is held at one that is not charged, and the next begins anew. */
static void relock_of_uncharged(struct kunit *test)
{
	struct walk *walk = walk_alloc(test);
	struct swaptbl_test_branch branch = {};
	struct folio *uncharged;

	uncharged = swaptbl_test_folio_on(test, 0, first_memory_node);
	swaptbl_test_branch_grow(test, &branch, 1);
	walk->folio[0] = uncharged;
	walk->folio[1] = branch.folio;
	walk->folio[2] = uncharged;
	walk->folio[3] = uncharged;
	walk->folio[4] = branch.folio;
	walk->folio[5] = uncharged;
	take_walk(test, walk);
	KUNIT_EXPECT_NULL(test, walk->lruvec[0]);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[1], swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_NULL(test, walk->lruvec[2]);
	KUNIT_EXPECT_NULL(test, walk->lruvec[3]);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[4], swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_NULL(test, walk->lruvec[5]);
	KUNIT_EXPECT_FALSE(test,
			   swaptbl_test_lru_locked(swaptbl_test_lruvec(&branch, 1)));
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* A group has a lock for each node. */
static void relock_goes_by_node(struct kunit *test)
{
	struct walk *walk = walk_alloc(test);
	struct swaptbl_test_branch branch = {};
	int nids[SWAPTBL_TEST_NODES];

	if (swaptbl_test_nodes(nids) < SWAPTBL_TEST_NODES)
		kunit_skip(test, "needs a second node with memory");
	swaptbl_test_branch_grow(test, &branch, 1);
	walk->folio[0] = branch.folio;
	walk->folio[1] = swaptbl_test_on_lru(test, branch.level[1], 0, nids[1],
					     LRU_INACTIVE_ANON);
	walk->folio[2] = branch.folio;
	take_walk(test, walk);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[0], branch.level[1]->lruvec[nids[0]]);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[1], branch.level[1]->lruvec[nids[1]]);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[2], branch.level[1]->lruvec[nids[0]]);
	KUNIT_EXPECT_EQ(test, walk->windows.passed, 3);
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* | child | beside | child |, where the child may be removed by the last one. */
static void walk_there_and_back(struct kunit *test, struct walk *walk,
				struct swaptbl_test_branch *branch)
{
	swaptbl_test_branch_grow(test, branch, 3);
	walk->folio[0] = branch->folio;
	walk->folio[1] = branch->other;
	walk->folio[2] = folio_of(test, branch->level[3]);
	walk->windows.next = branch->level[3];
	take_walk(test, walk);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[0], swaptbl_test_lruvec(branch, 3));
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[1],
			    branch->beside->lruvec[first_memory_node]);
	swaptbl_expect_tree_verified(test, branch->tree);
}

/* While the lock of another was wanted: looked up afterwards, so no retry. */
static void relock_after_removal(struct kunit *test)
{
	struct walk *walk = walk_alloc(test);
	struct swaptbl_test_branch branch = {};

	walk->windows.removals[1] = 1;
	walk_there_and_back(test, walk, &branch);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[2], swaptbl_test_lruvec(&branch, 2));
	KUNIT_EXPECT_EQ(test, walk->windows.passed, 3);
	swaptbl_test_expect_retries(test, branch.level[2], 0);
}

static void relock_meets_removal(struct kunit *test)
{
	struct walk *walk = walk_alloc(test);
	struct swaptbl_test_branch branch = {};

	walk->windows.removals[2] = 1;
	walk_there_and_back(test, walk, &branch);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[2], swaptbl_test_lruvec(&branch, 2));
	KUNIT_EXPECT_EQ(test, walk->windows.passed, 4);
	swaptbl_test_expect_retries(test, branch.level[2], 1);
}

/* One level in the window of the other, one in its own, one in that of the retry. */
static void relock_meets_removals(struct kunit *test)
{
	struct walk *walk = walk_alloc(test);
	struct swaptbl_test_branch branch = {};

	walk->windows.removals[1] = 1;
	walk->windows.removals[2] = 1;
	walk->windows.removals[3] = 1;
	walk_there_and_back(test, walk, &branch);
	KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[2], swaptbl_test_lruvec(&branch, 0));
	KUNIT_EXPECT_EQ(test, walk->windows.passed, 5);
	swaptbl_test_expect_retries(test, branch.level[0], 2);
}

/* What was the child's is the parent's by then: one lruvec, one lock. */
static void relock_of_parent_after_removal(struct kunit *test)
{
	struct walk *walk = walk_alloc(test);
	struct swaptbl_test_branch branch = {};
	unsigned int i;

	swaptbl_test_branch_grow(test, &branch, 2);
	walk->folio[0] = branch.folio;
	walk->folio[1] = folio_of(test, branch.level[1]);
	walk->folio[2] = folio_of(test, branch.level[2]);
	walk->windows.next = branch.level[2];
	walk->windows.removals[0] = 1;
	take_walk(test, walk);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, walk->lruvec[i],
				    swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_EQ(test, walk->windows.passed, 2);
	swaptbl_test_expect_retries(test, branch.level[1], 1);
	swaptbl_expect_tree_verified(test, branch.tree);
}

static struct swaptbl_lruvec *watch_group(struct swaptbl_group *group, int nid,
					  struct swaptbl_test_watch *watch)
{
	struct swaptbl_lruvec *lruvec;

	swaptbl_test_context(&watch->before);
	lruvec = swaptbl_group_lruvec_lock_irq(group, nid);
	swaptbl_test_watch_held(watch, lruvec);
	if (lruvec)
		swaptbl_lruvec_unlock_irq(lruvec);
	swaptbl_test_context(&watch->after);
	return lruvec;
}

static void expect_group_lock(struct kunit *test, struct swaptbl_group *group)
{
	struct swaptbl_test_watch watch;
	int nid;

	for_each_node(nid) {
		KUNIT_EXPECT_PTR_EQ(test, watch_group(group, nid, &watch),
				    group->lruvec[nid]);
		swaptbl_test_expect_taken(test, &watch, true);
	}
}

/* Its own or none, on each node: the parent's is not what is asked for. */
static void group_lock_of_each_node(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct swaptbl_test_watch watch;
	int nid;

	swaptbl_test_branch_grow(test, &branch, 2);
	expect_group_lock(test, branch.level[2]);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(branch.level[2]), 0);
	for_each_node(nid) {
		KUNIT_EXPECT_NULL(test, watch_group(branch.level[2], nid, &watch));
		swaptbl_test_expect_not_taken(test, &watch);
	}
	expect_group_lock(test, branch.level[1]);
	expect_group_lock(test, branch.level[0]);
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* The last group of the branch is removed when the lruvec of @level was looked up. */
static struct swaptbl_lruvec *group_lock_in_window(struct kunit *test,
						   struct swaptbl_test_branch *branch,
						   unsigned int level,
						   struct swaptbl_test_watch *watch)
{
	struct swaptbl_test_windows windows = { .removals = { 1 } };
	struct swaptbl_lruvec *lruvec;

	swaptbl_test_branch_grow(test, branch, 2);
	windows.next = branch->level[2];
	swaptbl_test_windows_begin(&windows, SWAPTBL_LRU_LOOKED_UP);
	lruvec = watch_group(branch->level[level], first_memory_node, watch);
	swaptbl_test_windows_end(test, &windows);
	KUNIT_EXPECT_EQ(test, windows.passed, 1);
	swaptbl_test_expect_retries(test, branch->level[1], 0);
	swaptbl_expect_tree_verified(test, branch->tree);
	return lruvec;
}

static void group_lock_meets_removal(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct swaptbl_test_watch watch;

	KUNIT_EXPECT_NULL(test, group_lock_in_window(test, &branch, 2, &watch));
	swaptbl_test_expect_not_taken(test, &watch);
	/* No lock was left behind on either. */
	expect_group_lock(test, branch.level[1]);
}

static void group_lock_meets_removal_of_child(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct swaptbl_test_watch watch;

	KUNIT_EXPECT_PTR_EQ(test, group_lock_in_window(test, &branch, 1, &watch),
			    branch.level[1]->lruvec[first_memory_node]);
	swaptbl_test_expect_taken(test, &watch, true);
}

static struct kunit_case swaptbl_lruvec_relock_cases[] = {
	KUNIT_CASE_PARAM(relock_keeps_lock, form_gen_params),
	KUNIT_CASE_PARAM(relock_follows_folios, form_gen_params),
	KUNIT_CASE_PARAM(relock_of_uncharged, form_gen_params),
	KUNIT_CASE_PARAM(relock_goes_by_node, form_gen_params),
	KUNIT_CASE_PARAM(relock_after_removal, form_gen_params),
	KUNIT_CASE_PARAM(relock_meets_removal, form_gen_params),
	KUNIT_CASE_PARAM(relock_meets_removals, form_gen_params),
	KUNIT_CASE_PARAM(relock_of_parent_after_removal, form_gen_params),
	KUNIT_CASE(group_lock_of_each_node),
	KUNIT_CASE(group_lock_meets_removal),
	KUNIT_CASE(group_lock_meets_removal_of_child),
	{}
};

static struct kunit_suite swaptbl_lruvec_relock_suite = {
	.name = "swaptbl_lruvec_relock",
	.test_cases = swaptbl_lruvec_relock_cases,
};

kunit_test_suite(swaptbl_lruvec_relock_suite);
