// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what becomes of the folios of a group that is removed.
 * swaptbl/reparent.c, and __swaptbl_lruvec_splice() of swaptbl/lruvec.c.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_watch.h"

#define DEPTH	SWAPTBL_TEST_DEPTH

KUNIT_ARRAY_PARAM(lru, swaptbl_test_lrus, swaptbl_test_lru_desc);
KUNIT_ARRAY_PARAM(work, swaptbl_test_works, swaptbl_test_work_desc);

static enum lru_list lru_of(struct kunit *test)
{
	return *(const enum lru_list *)test->param_value;
}

/**
 * struct family - a group that will be removed, and those above and beside it
 * @tree: the tree
 * @grand: parent of @parent
 * @parent: parent of the other two
 * @child: will be removed
 * @sister: will not
 */
struct family {
	struct swaptbl_tree *tree;
	struct swaptbl_group *grand;
	struct swaptbl_group *parent;
	struct swaptbl_group *child;
	struct swaptbl_group *sister;
};

static void family_found(struct kunit *test, struct family *family)
{
	family->tree = swaptbl_test_tree(test);
	family->grand = swaptbl_test_child(test, family->tree->root);
	family->parent = swaptbl_test_child(test, family->grand);
	family->child = swaptbl_test_child(test, family->parent);
	family->sister = swaptbl_test_child(test, family->parent);
}

/* | parent, hot to cold | child, hot to cold |, and nothing of the sister's. */
static void expect_spliced(struct kunit *test, struct family *family, int nid,
			   enum lru_list lru)
{
	struct folio *folio[5], *other;
	unsigned int i;

	for (i = 0; i < 5; i++)
		folio[4 - i] = swaptbl_test_on_lru(test, i < 3 ? family->child :
							 family->parent, i, nid, lru);
	other = swaptbl_test_on_lru(test, family->sister, 0, nid, lru);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(family->parent, nid, lru, folio,
						     2));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(family->child, nid, lru,
						     &folio[2], 3));
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family->child), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(family->parent, nid, lru, folio,
						     5));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(family->sister, nid, lru, &other,
						     1));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(family->parent, folio, 5));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(family->sister, &other, 1));
	swaptbl_expect_tree_verified(test, family->tree);
}

static void child_goes_to_cold_end(struct kunit *test)
{
	struct family family;
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		family_found(test, &family);
		expect_spliced(test, &family, nid, lru_of(test));
	}
}

/* Where one of the two has nothing. */
static void child_goes_to_empty_list(struct kunit *test)
{
	enum lru_list lru = lru_of(test);
	struct family family;
	struct folio *folio;

	family_found(test, &family);
	folio = swaptbl_test_on_lru(test, family.child, 0, first_memory_node, lru);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.child), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(family.parent, first_memory_node,
						     lru, &folio, 1));
	swaptbl_expect_tree_verified(test, family.tree);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.sister), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(family.parent, first_memory_node,
						     lru, &folio, 1));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(family.parent, &folio, 1));
	swaptbl_expect_tree_verified(test, family.tree);
}

static const unsigned int orders[] = { 0, 4, 9 };

#define NR_FOLIOS \
	(NR_LRU_LISTS * (SWAPTBL_TEST_NODES * (ARRAY_SIZE(orders) + 1) + 1))

/**
 * struct crowd - folios on all lists of all nodes and zones
 * @folio: the folios
 * @nr: number of them
 * @pages: pages of all of them
 */
struct crowd {
	struct folio *folio[NR_FOLIOS];
	unsigned int nr;
	long pages;
};

static void crowd_add(struct crowd *crowd, struct folio *folio)
{
	crowd->folio[crowd->nr++] = folio;
	crowd->pages += folio_nr_pages(folio);
}

/* Of the lowest zone, where there are several. */
static struct folio *on_lru_of_low_zone(struct kunit *test,
					struct swaptbl_group *group,
					enum lru_list lru)
{
	struct folio *folio = __folio_alloc_node(GFP_DMA | __GFP_THISNODE, 0,
						 first_memory_node);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	swaptbl_folio_init(folio);
	folio_lock(folio);
	swaptbl_test_folio_adopt(test, folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_charge(folio, group));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_add_lru(folio, lru));
	swaptbl_lru_drain_all();
	return folio;
}

static void crowd_come(struct kunit *test, struct crowd *crowd, struct family *family,
		       enum lru_list lru)
{
	unsigned int i, n, nodes;
	int nids[SWAPTBL_TEST_NODES];

	nodes = swaptbl_test_nodes(nids);
	for (n = 0; n < nodes; n++) {
		for (i = 0; i < ARRAY_SIZE(orders); i++)
			crowd_add(crowd, swaptbl_test_on_lru(test, family->child,
							     orders[i], nids[n], lru));
		crowd_add(crowd, swaptbl_test_on_lru(test, family->parent, 1, nids[n],
						     lru));
	}
	crowd_add(crowd, on_lru_of_low_zone(test, family->child, lru));
}

static bool is_at(struct folio *folio, struct swaptbl_group *group)
{
	return swaptbl_test_is_on(folio, group, swaptbl_folio_lru(folio));
}

static void expect_all_at(struct kunit *test, const struct crowd *crowd,
			  struct swaptbl_group *group)
{
	unsigned int i;

	for (i = 0; i < crowd->nr; i++)
		KUNIT_EXPECT_TRUE(test, is_at(crowd->folio[i], group));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, crowd->folio, crowd->nr));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->usage), crowd->pages);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_CHARGED),
			crowd->pages);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* The sizes go as each folio does by the normal way. */
static void crowd_leave(struct kunit *test, struct crowd *crowd,
			struct swaptbl_group *group)
{
	while (crowd->nr) {
		crowd->nr--;
		KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(crowd->folio[crowd->nr]),
				0);
		KUNIT_EXPECT_EQ(test, folio_ref_count(crowd->folio[crowd->nr]), 1);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, crowd->folio,
							       crowd->nr));
	}
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->usage), 0);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* Child to parent, parent to grandparent; then each folio is let go of. */
static void sizes_are_moved(struct kunit *test)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	struct family family;
	enum lru_list lru;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	family_found(test, &family);
	for_each_lru(lru)
		crowd_come(test, crowd, &family, lru);
	swaptbl_expect_tree_verified(test, family.tree);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.child), 0);
	expect_all_at(test, crowd, family.parent);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.sister), 0);
	expect_all_at(test, crowd, family.parent);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.parent), 0);
	expect_all_at(test, crowd, family.grand);
	crowd_leave(test, crowd, family.grand);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&family.tree->root->usage), 0);
}

/* The same with nothing above the parent. */
static void sizes_are_moved_to_root(struct kunit *test)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	struct swaptbl_tree *tree = swaptbl_test_tree(test);
	struct family family = { .tree = tree, .parent = tree->root };
	enum lru_list lru;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	family.child = swaptbl_test_child(test, tree->root);
	for_each_lru(lru)
		crowd_come(test, crowd, &family, lru);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.child), 0);
	expect_all_at(test, crowd, tree->root);
	crowd_leave(test, crowd, tree->root);
}

/* What is gathered is not on a list, or not where it is to be; it comes there. */
static void pending_work_is_done_at_parent(struct kunit *test)
{
	const struct swaptbl_test_work *work = test->param_value;
	struct folio *folio[SWAPTBL_TEST_NODES];
	int nids[SWAPTBL_TEST_NODES];
	struct family family;
	unsigned int i, nodes;

	nodes = swaptbl_test_nodes(nids);
	family_found(test, &family);
	for (i = 0; i < nodes; i++)
		folio[i] = swaptbl_test_work_folio(test, family.child, work, 0,
						   nids[i]);
	for (i = 0; i < nodes; i++)
		KUNIT_EXPECT_EQ(test, work->gather(folio[i]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.child), 0);
	swaptbl_lru_drain_all();
	for (i = 0; i < nodes; i++) {
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio[i], family.parent,
							   work->to));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio[i]), 2);
	}
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(family.parent, folio, nodes));
	swaptbl_expect_tree_verified(test, family.tree);
}

/* | the one that was away | parent | child |, in front as it comes last. */
static void isolated_is_put_back_at_parent(struct kunit *test)
{
	enum lru_list lru = lru_of(test);
	struct family family;
	struct folio *folio[3];

	family_found(test, &family);
	folio[0] = swaptbl_test_on_lru(test, family.child, 4, first_memory_node, lru);
	folio[1] = swaptbl_test_on_lru(test, family.parent, 0, first_memory_node, lru);
	folio[2] = swaptbl_test_on_lru(test, family.child, 0, first_memory_node, lru);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio[0]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.child), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(family.parent, first_memory_node,
						     lru, &folio[1], 2));
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(family.parent,
						 SWAPTBL_LRU_STAT_ISOLATED), 16);
	swaptbl_expect_tree_verified(test, family.tree);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(folio[0]), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(family.parent, first_memory_node,
						     lru, folio, 3));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(family.parent, folio, 3));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio[0]), 2);
	swaptbl_expect_tree_verified(test, family.tree);
}

static void isolated_is_released_at_parent(struct kunit *test)
{
	struct family family;
	struct folio *folio;

	family_found(test, &family);
	folio = swaptbl_test_on_lru(test, family.child, 4, first_memory_node,
				    lru_of(test));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.child), 0);
	swaptbl_expect_tree_verified(test, family.tree);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&family.parent->usage), 16);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(folio), 0);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, folio->index, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&family.parent->usage), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&family.tree->root->usage), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(family.parent,
						 SWAPTBL_LRU_STAT_ISOLATED), 0);
	swaptbl_expect_tree_verified(test, family.tree);
}

/* One that is on no list yet goes to one of the parent's. */
static void charged_is_added_at_parent(struct kunit *test)
{
	struct family family;
	struct folio *folio;

	family_found(test, &family);
	folio = swaptbl_test_charged(test, family.child, 4, first_memory_node);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.child), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.sister), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(family.parent), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, lru_of(test)), 0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio, family.grand, lru_of(test)));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(family.grand, &folio, 1));
	swaptbl_expect_tree_verified(test, family.tree);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&family.grand->usage), 0);
	swaptbl_expect_tree_verified(test, family.tree);
}

static void expect_same_context(struct kunit *test, bool irqs_off)
{
	struct swaptbl_test_context before, after;
	struct family family;
	struct folio *folio;
	int err;

	family_found(test, &family);
	folio = swaptbl_test_on_lru(test, family.child, 0, first_memory_node,
				    LRU_ACTIVE_ANON);
	/* Something for the drain to do. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_deactivate(folio), 0);
	if (irqs_off)
		local_irq_disable();
	swaptbl_test_context(&before);
	err = swaptbl_test_remove(family.child);
	swaptbl_test_context(&after);
	if (irqs_off)
		local_irq_enable();
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, before.irqs_off, irqs_off);
	swaptbl_test_expect_same(test, &before, &after);
	swaptbl_expect_tree_verified(test, family.tree);
}

/* It takes and leaves interrupts and all else as they are. */
static void removal_in_any_context(struct kunit *test)
{
	expect_same_context(test, false);
	expect_same_context(test, true);
}

/* One folio of each level, the deepest one cold in the end; one more is away. */
static void each_level_of_a_branch(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct folio *folio[DEPTH + 1], *away;
	enum lru_list lru = lru_of(test);
	unsigned int i;

	swaptbl_test_branch_grow(test, &branch, DEPTH);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(branch.folio), 0);
	for (i = 0; i <= DEPTH; i++)
		folio[i] = swaptbl_test_on_lru(test, branch.level[i], 0,
					       first_memory_node, lru);
	away = swaptbl_test_on_lru(test, branch.level[DEPTH], 0, first_memory_node,
				   lru);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(away), 0);
	for (i = DEPTH; i > 0; i--) {
		KUNIT_EXPECT_EQ(test, swaptbl_test_remove(branch.level[i]), 0);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(branch.level[i - 1],
							     first_memory_node, lru,
							     &folio[i - 1],
							     DEPTH - i + 2));
		swaptbl_expect_tree_verified(test, branch.tree);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(away), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(away, branch.level[0], lru));
	swaptbl_expect_tree_verified(test, branch.tree);
}

/**
 * struct remover - task that removes one group of a branch
 * @group: the group
 * @task: the task, with a reference
 * @done: completed when it has
 * @err: of the removal
 */
struct remover {
	struct swaptbl_group *group;
	struct task_struct *task;
	struct completion done;
	int err;
};

/* Those above have to wait until those below are gone. */
static int remover_thread(void *arg)
{
	struct remover *remover = arg;

	while ((remover->err = swaptbl_test_remove(remover->group)) == -ENOTEMPTY)
		cond_resched();
	complete(&remover->done);
	return 0;
}

static int remover_start(struct remover *remover, struct swaptbl_group *group)
{
	remover->group = group;
	init_completion(&remover->done);
	remover->task = kthread_create(remover_thread, remover, "swaptbl_remover/%u",
				       group->depth);
	if (IS_ERR(remover->task))
		return PTR_ERR(remover->task);
	get_task_struct(remover->task);
	wake_up_process(remover->task);
	return 0;
}

#define NR_EACH		3
#define NR_ALL		(NR_EACH * DEPTH)

enum place {
	LISTED,
	AWAY,
	GATHERED,
};

static enum place place_of(unsigned int i)
{
	return i % NR_EACH;
}

/* In each group one on a list, one isolated, one in a batch that has room for all. */
static void populate(struct kunit *test, struct swaptbl_test_branch *branch,
		     struct folio **folio)
{
	enum lru_list lru;
	unsigned int i;
	int nid;

	for (i = 0; i < NR_ALL; i++) {
		nid = i & 1 ? swaptbl_test_other_node() : first_memory_node;
		lru = i % NR_LRU_LISTS;
		folio[i] = swaptbl_test_charged(test, branch->level[1 + i / NR_EACH], 0,
						nid);
		if (place_of(i) == GATHERED)
			continue;
		KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio[i], lru), 0);
		swaptbl_lru_drain_all();
		if (place_of(i) == AWAY)
			KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio[i]), 0);
	}
	for (i = 0; i < NR_ALL; i++)
		if (place_of(i) == GATHERED)
			KUNIT_EXPECT_EQ(test,
					swaptbl_folio_add_lru(folio[i],
							      LRU_INACTIVE_FILE), 0);
}

/* What those do who know nothing of a removal. Who has a folio puts it back. */
static int use(struct folio **folio)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < NR_ALL; i++) {
		if (place_of(i) == AWAY)
			continue;
		swaptbl_folio_rotate_lru(folio[i]);
		if (!swaptbl_folio_isolate_lru(folio[i]))
			err |= swaptbl_folio_putback_lru(folio[i]);
		swaptbl_folio_activate(folio[i]);
	}
	return err;
}

/* Parents first, so that all but the last one find a child. */
static unsigned int removers_start(struct swaptbl_test_branch *branch,
				   struct remover *remover)
{
	unsigned int i, started = 0;

	while (started < DEPTH &&
	       !remover_start(&remover[started], branch->level[1 + started]))
		started++;
	/* Those who were started wait for those who could not be. */
	for (i = DEPTH; i > started; i--)
		swaptbl_group_remove(branch->level[i]);
	return started;
}

static void remove_branch(struct kunit *test, struct swaptbl_test_branch *branch,
			  struct remover *remover, struct folio **folio)
{
	unsigned int i, started, rounds;
	int err = 0;

	started = removers_start(branch, remover);
	for (rounds = 0; rounds < 50; rounds++) {
		err |= use(folio);
		cond_resched();
	}
	for (i = 0; i < started; i++) {
		wait_for_completion(&remover[i].done);
		kthread_stop_put(remover[i].task);
		KUNIT_EXPECT_EQ(test, remover[i].err, 0);
	}
	KUNIT_EXPECT_EQ(test, started, DEPTH);
	KUNIT_EXPECT_EQ(test, err, 0);
}

static void branch_removed_at_once(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct folio **folio;
	struct remover *remover;
	unsigned int i;

	folio = kunit_kcalloc(test, NR_ALL, sizeof(*folio), GFP_KERNEL);
	remover = kunit_kcalloc(test, DEPTH, sizeof(*remover), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_NOT_NULL(test, remover);
	swaptbl_test_branch_grow(test, &branch, DEPTH);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(branch.folio), 0);
	populate(test, &branch, folio);
	remove_branch(test, &branch, remover, folio);
	swaptbl_expect_tree_verified(test, branch.tree);
	for (i = AWAY; i < NR_ALL; i += NR_EACH)
		KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(folio[i]), 0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(branch.level[0], folio, NR_ALL));
	for (i = 0; i < NR_ALL; i++) {
		KUNIT_EXPECT_TRUE(test, is_at(folio[i], branch.level[0]));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio[i]), 2);
	}
	KUNIT_EXPECT_EQ(test, branch.tree->removals, DEPTH);
	swaptbl_expect_tree_verified(test, branch.tree);
}

static struct kunit_case swaptbl_reparent_cases[] = {
	KUNIT_CASE_PARAM(child_goes_to_cold_end, lru_gen_params),
	KUNIT_CASE_PARAM(child_goes_to_empty_list, lru_gen_params),
	KUNIT_CASE(sizes_are_moved),
	KUNIT_CASE(sizes_are_moved_to_root),
	KUNIT_CASE_PARAM(pending_work_is_done_at_parent, work_gen_params),
	KUNIT_CASE_PARAM(isolated_is_put_back_at_parent, lru_gen_params),
	KUNIT_CASE_PARAM(isolated_is_released_at_parent, lru_gen_params),
	KUNIT_CASE_PARAM(charged_is_added_at_parent, lru_gen_params),
	KUNIT_CASE(removal_in_any_context),
	KUNIT_CASE_PARAM(each_level_of_a_branch, lru_gen_params),
	KUNIT_CASE(branch_removed_at_once),
	{}
};

static struct kunit_suite swaptbl_reparent_suite = {
	.name = "swaptbl_reparent",
	.test_cases = swaptbl_reparent_cases,
};

kunit_test_suite(swaptbl_reparent_suite);
