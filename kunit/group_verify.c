// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the oracle of groups that all others rely on: each invariant broken by hand is
 * found and named. swaptbl/group_verify.c.
 */
#include <kunit/test.h>
#include <linux/seq_file.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "group_util.h"

#define NODE	first_memory_node
#define LRU	LRU_INACTIVE_ANON

/**
 * struct scene - a tree with some of everything
 * @tree: the tree
 * @group: a group of it
 * @folio: on a list of the group
 * @isolated: charged to it, and isolated
 * @moved: @folio is on a list of the root
 */
struct scene {
	struct swaptbl_tree *tree;
	struct swaptbl_group *group;
	struct folio *folio;
	struct folio *isolated;
	bool moved;
};

static struct swaptbl_lruvec *lruvec_of(struct scene *scene)
{
	return scene->group->lruvec[NODE];
}

static void change_size(struct scene *scene)
{
	lruvec_of(scene)->size[folio_zonenum(scene->folio)][LRU] ^= 4;
}

static void change_size_of_empty_list(struct scene *scene)
{
	lruvec_of(scene)->size[0][LRU_UNEVICTABLE] ^= 4;
}

static void change_local(struct scene *scene, unsigned int stat, long bits)
{
	lruvec_of(scene)->stat.local[stat] ^= bits;
}

static void change_total(struct scene *scene, unsigned int stat, long bits)
{
	lruvec_of(scene)->stat.total[stat] ^= bits;
}

static void change_local_of_list(struct scene *scene)
{
	change_local(scene, SWAPTBL_LRU_STAT_LISTS + LRU, 4);
}

static void change_local_only(struct scene *scene)
{
	change_local(scene, SWAPTBL_LRU_STAT_ROTATE, 4);
}

static void change_total_only(struct scene *scene)
{
	change_total(scene, SWAPTBL_LRU_STAT_LOCK_RETRY, 4);
}

static void change_total_of_root(struct scene *scene)
{
	scene->tree->root->lruvec[NODE]->stat.total[SWAPTBL_LRU_STAT_ADD] ^= 4;
}

static void change_added(struct scene *scene)
{
	change_local(scene, SWAPTBL_LRU_STAT_ADD, 8);
}

static void change_isolated(struct scene *scene)
{
	change_local(scene, SWAPTBL_LRU_STAT_ISOLATE, 8);
}

static void change_sign_of_local(struct scene *scene)
{
	change_local(scene, SWAPTBL_LRU_STAT_RECLAIM, LONG_MIN);
}

static void change_sign_of_total(struct scene *scene)
{
	change_total(scene, SWAPTBL_LRU_STAT_RECLAIM, LONG_MIN);
}

static void change_charged(struct scene *scene)
{
	change_total(scene, SWAPTBL_LRU_STAT_CHARGED, 8);
}

static void change_usage(struct scene *scene)
{
	atomic_long_xor(8, &scene->group->usage);
}

static void change_usage_of_root(struct scene *scene)
{
	atomic_long_xor(8, &scene->tree->root->usage);
}

static void change_swap(struct scene *scene)
{
	atomic_long_xor(LONG_MIN, &scene->group->swap);
}

static void change_flag(struct scene *scene, enum swaptbl_folio_flag flag)
{
	change_bit(flag, &scene->folio->index);
}

static void change_list_of_folio(struct scene *scene)
{
	change_flag(scene, SWAPTBL_FOLIO_LRU_ACTIVE);
}

static void change_kind_of_folio(struct scene *scene)
{
	change_flag(scene, SWAPTBL_FOLIO_LRU_FILE);
}

static void change_managed(struct scene *scene)
{
	change_flag(scene, SWAPTBL_FOLIO_LRU_MANAGED);
}

static void change_isolation(struct scene *scene)
{
	change_flag(scene, SWAPTBL_FOLIO_LRU_ISOLATED);
}

static void change_depth(struct scene *scene)
{
	scene->group->depth ^= 2;
}

/*
 * To the root's list or back, with all that is counted of it, so that nothing but the
 * folio itself tells.
 */
static void change_lruvec(struct scene *scene)
{
	struct swaptbl_lruvec *from = lruvec_of(scene);
	struct swaptbl_lruvec *to = scene->tree->root->lruvec[NODE];

	if (scene->moved)
		swap(from, to);
	scene->moved = !scene->moved;
	rcu_read_lock();
	spin_lock_irq(&from->lru_lock);
	__swaptbl_lruvec_del_folio(from, scene->folio);
	swaptbl_lru_stat_add(from, SWAPTBL_LRU_STAT_ADD, -1);
	spin_unlock_irq(&from->lru_lock);
	spin_lock_irq(&to->lru_lock);
	__swaptbl_lruvec_add_folio(to, scene->folio);
	swaptbl_lru_stat_add(to, SWAPTBL_LRU_STAT_ADD, 1);
	spin_unlock_irq(&to->lru_lock);
	rcu_read_unlock();
}

/* The second call takes back what the first one did. */
static const struct fault {
	const char *name;
	void (*change)(struct scene *scene);
	const char *what;
} faults[] = {
	{ "size", change_size, "size" },
	{ "size", change_size_of_empty_list, "size of empty list" },
	{ "stat-size", change_size, "size against statistic" },
	{ "stat-size", change_local_of_list, "statistic of list" },
	{ "stat-total", change_local_only, "local" },
	{ "stat-total", change_total_only, "total" },
	{ "stat-total", change_total_of_root, "total of root" },
	{ "stat-lists", change_added, "added" },
	{ "stat-isolated", change_isolated, "isolated" },
	{ "stat-negative", change_sign_of_local, "sign of local" },
	{ "stat-negative", change_sign_of_total, "sign of total" },
	{ "usage", change_charged, "charged" },
	{ "usage", change_usage, "usage" },
	{ "usage", change_usage_of_root, "usage of root" },
	{ "swap", change_swap, "swap" },
	{ "folio-list", change_list_of_folio, "active flag" },
	{ "folio-list", change_kind_of_folio, "file flag" },
	{ "folio-state", change_managed, "managed flag" },
	{ "folio-state", change_isolation, "isolated flag" },
	{ "folio-lruvec", change_lruvec, "lruvec" },
	{ "depth", change_depth, "depth" },
};

KUNIT_ARRAY_PARAM_DESC(fault, faults, what);

static void scene_set(struct kunit *test, struct scene *scene)
{
	scene->tree = swaptbl_test_tree(test);
	scene->group = swaptbl_test_child(test, scene->tree->root);
	scene->folio = swaptbl_test_on_lru(test, scene->group, 0, NODE, LRU);
	scene->isolated = swaptbl_test_on_lru(test, scene->group, 1, NODE,
					      LRU_ACTIVE_FILE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(scene->isolated), 0);
	swaptbl_test_on_lru(test, scene->tree->root, 0, NODE, LRU);
	swaptbl_expect_tree_verified(test, scene->tree);
}

static void fault_is_named(struct kunit *test)
{
	const struct fault *fault = test->param_value;
	struct seq_file m = {};
	struct scene scene = {};
	unsigned int errors;

	swaptbl_test_report_init(test, &m);
	scene_set(test, &scene);
	fault->change(&scene);
	errors = swaptbl_tree_verify(scene.tree, &m);
	fault->change(&scene);
	KUNIT_EXPECT_GT(test, errors, 0);
	KUNIT_EXPECT_TRUE_MSG(test, swaptbl_test_report_names(&m, fault->name), "not named: %s",
			      m.buf);
	swaptbl_expect_tree_verified(test, scene.tree);
}

/* What is counted is right: but for the folio there is nothing to complain about. */
static void folio_on_wrong_lruvec_is_all(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	change_lruvec(&scene);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_verify(scene.tree, NULL), 1);
	change_lruvec(&scene);
	swaptbl_expect_tree_verified(test, scene.tree);
}

static void nothing_wrong(struct kunit *test)
{
	struct seq_file m = {};
	struct scene scene = {};

	swaptbl_test_report_init(test, &m);
	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_verify(scene.tree, &m), 0);
	KUNIT_EXPECT_STREQ(test, m.buf, "ok: 2 groups, 2 pages on lists\n0 errors\n");
}

static struct kunit_case swaptbl_group_verify_cases[] = {
	KUNIT_CASE_PARAM(fault_is_named, fault_gen_params),
	KUNIT_CASE(folio_on_wrong_lruvec_is_all),
	KUNIT_CASE(nothing_wrong),
	{}
};

static struct kunit_suite swaptbl_group_verify_suite = {
	.name = "swaptbl_group_verify",
	.test_cases = swaptbl_group_verify_cases,
};

kunit_test_suite(swaptbl_group_verify_suite);
