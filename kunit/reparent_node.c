// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of a group whose folios of one node are its parent's already, and those of the
 * other node not yet. swaptbl/reparent.c.
 *
 * A folio that is copied from one to the other must be found where it was put: at the
 * parent on the node that is done, at the child on the other one.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_watch.h"

#define LRU	LRU_ACTIVE_FILE

enum when {
	BEFORE,
	BETWEEN,
	AFTER,
	NEVER,
};

/**
 * struct plan - when what is done with a folio, with regard to the removal
 * @isolate: it is taken off its list
 * @migrate: another one on the other node takes its place
 * @putback: that one is put on a list
 */
struct plan {
	enum when isolate;
	enum when migrate;
	enum when putback;
};

static const struct plan plans[] = {
	{ NEVER, NEVER, NEVER },
	{ BEFORE, NEVER, BETWEEN },
	{ BEFORE, NEVER, AFTER },
	{ BETWEEN, NEVER, BETWEEN },
	{ BETWEEN, NEVER, AFTER },
	{ BEFORE, BEFORE, BEFORE },
	{ BEFORE, BEFORE, BETWEEN },
	{ BEFORE, BEFORE, AFTER },
	{ BEFORE, BETWEEN, BETWEEN },
	{ BEFORE, BETWEEN, AFTER },
	{ BEFORE, AFTER, AFTER },
	{ BETWEEN, BETWEEN, BETWEEN },
	{ BETWEEN, BETWEEN, AFTER },
	{ BETWEEN, AFTER, AFTER },
	{ AFTER, AFTER, AFTER },
};

static const char * const when_name[] = {
	[BEFORE]	= "before",
	[BETWEEN]	= "between",
	[AFTER]		= "after",
	[NEVER]		= "never",
};

static void plan_desc(const struct plan *plan, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "isolate %s, migrate %s, putback %s",
		 when_name[plan->isolate], when_name[plan->migrate],
		 when_name[plan->putback]);
}

KUNIT_ARRAY_PARAM(plan, plans, plan_desc);
KUNIT_ARRAY_PARAM(work, swaptbl_test_works, swaptbl_test_work_desc);

#define NR_NODES	SWAPTBL_TEST_NODES

/**
 * struct scene - a removal in the middle, and folios of both nodes
 * @plan: what is done with @folio
 * @work: what is gathered for the folios of @late in the middle
 * @drain: it is also worked off there
 * @tree: the tree
 * @parent: takes over
 * @child: is removed
 * @nid: the nodes, in the order in which they are done
 * @done: how many of them are done in the middle
 * @folio: by node; then, what took its place
 * @fresh: by node, what will
 * @late: by node, what something else is done with
 * @stay: by node, of the parent
 * @err: of all that
 * @stranded: where a folio was found in the middle was not where it is to be
 */
struct scene {
	const struct plan *plan;
	const struct swaptbl_test_work *work;
	bool drain;
	struct swaptbl_tree *tree;
	struct swaptbl_group *parent;
	struct swaptbl_group *child;
	int nid[NR_NODES];
	unsigned int done;
	struct folio *folio[NR_NODES];
	struct folio *fresh[NR_NODES];
	struct folio *late[NR_NODES];
	struct folio *stay[NR_NODES];
	int err;
	bool stranded;
};

/* Each of the two to the other's node. */
static void migrate(struct scene *scene)
{
	struct folio *old;
	unsigned int i;

	for (i = 0; i < NR_NODES; i++) {
		old = scene->folio[i];
		scene->folio[i] = scene->fresh[i];
		scene->err |= swaptbl_folio_migrate_lru(old, scene->folio[i]);
		folio_put(old);
	}
}

static void follow_plan(struct scene *scene, enum when now)
{
	unsigned int i;

	for (i = 0; i < NR_NODES; i++)
		if (scene->plan->isolate == now)
			scene->err |= swaptbl_folio_isolate_lru(scene->folio[i]);
	if (scene->plan->migrate == now)
		migrate(scene);
	for (i = 0; i < NR_NODES; i++)
		if (scene->plan->putback == now)
			scene->err |= swaptbl_folio_putback_lru(scene->folio[i]);
}

static struct swaptbl_group *group_of_node(const struct scene *scene, int nid)
{
	unsigned int i;

	for (i = 0; i < scene->done; i++)
		if (scene->nid[i] == nid)
			return scene->parent;
	return scene->child;
}

static bool is_where_it_belongs(const struct scene *scene, struct folio *folio,
				enum lru_list lru)
{
	return swaptbl_test_is_on(folio, group_of_node(scene, folio_nid(folio)), lru);
}

static bool plan_has_it_on_a_list(const struct plan *plan)
{
	return plan->isolate >= AFTER || plan->putback <= BETWEEN;
}

static void actor_plan(void *arg)
{
	struct scene *scene = arg;
	unsigned int i;

	follow_plan(scene, BETWEEN);
	for (i = 0; i < NR_NODES; i++)
		if (plan_has_it_on_a_list(scene->plan))
			scene->stranded |= !is_where_it_belongs(scene, scene->folio[i],
								LRU);
}

static void scene_set(struct kunit *test, struct scene *scene, bool at_root)
{
	unsigned int i;

	scene->tree = swaptbl_test_tree(test);
	scene->parent = scene->tree->root;
	if (!at_root)
		scene->parent = swaptbl_test_child(test, scene->tree->root);
	scene->child = swaptbl_test_child(test, scene->parent);
	swaptbl_test_nodes(scene->nid);
	for (i = 0; i < NR_NODES; i++) {
		scene->folio[i] = swaptbl_test_on_lru(test, scene->child, 2,
						      scene->nid[i], LRU);
		scene->fresh[i] = swaptbl_test_folio_on(test, 2, scene->nid[1 - i]);
		scene->stay[i] = swaptbl_test_on_lru(test, scene->parent, 0,
						     scene->nid[i], LRU);
	}
}

/* By the normal way, until nothing is charged to anybody. */
static void let_go(struct kunit *test, struct scene *scene, struct folio **folio,
		   unsigned int order)
{
	unsigned int i;

	for (i = 0; i < NR_NODES; i++) {
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio[i]), 2);
		KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(folio[i]), 0);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->parent->usage),
				(NR_NODES - 1 - i) << order);
	}
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->tree->root->usage), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(scene->parent, NULL, 0));
	swaptbl_expect_tree_verified(test, scene->tree);
}

/* Nothing is left behind at the child, and nothing was charged or uncharged. */
static void expect_taken_over(struct kunit *test, struct scene *scene)
{
	struct folio *all[] = { scene->folio[0], scene->folio[1], scene->stay[0],
				scene->stay[1] };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(all[i], scene->parent, LRU));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(scene->parent, all,
						       ARRAY_SIZE(all)));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->parent->usage), 4 + 4 + 1 + 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->tree->root->usage), 10);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(scene->parent,
						 SWAPTBL_LRU_STAT_CHARGED), 10);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(scene->parent,
						 SWAPTBL_LRU_STAT_ISOLATED), 0);
	for (i = 0; i < NR_NODES; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(scene->stay[i]), 0);
	let_go(test, scene, scene->folio, 2);
}

static int remove_with(struct scene *scene, enum swaptbl_sync_point point,
		       void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor,
		.arg = scene,
	};
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_test_remove(scene->child);
	swaptbl_test_hooks_end(&hooks);
	return hooks.passed ? err : -ENOEXEC;
}

static void play(struct kunit *test, struct scene *scene, enum swaptbl_sync_point point,
		 bool at_root)
{
	scene->plan = test->param_value;
	scene_set(test, scene, at_root);
	follow_plan(scene, BEFORE);
	swaptbl_expect_tree_verified(test, scene->tree);
	KUNIT_EXPECT_EQ(test, remove_with(scene, point, actor_plan), 0);
	swaptbl_expect_tree_verified(test, scene->tree);
	follow_plan(scene, AFTER);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	KUNIT_EXPECT_FALSE(test, scene->stranded);
	swaptbl_expect_tree_verified(test, scene->tree);
	expect_taken_over(test, scene);
}

static void need_two_nodes(struct kunit *test)
{
	int nids[SWAPTBL_TEST_NODES];

	if (swaptbl_test_nodes(nids) < NR_NODES)
		kunit_skip(test, "needs a second node with memory");
}

static void between_nodes(struct kunit *test)
{
	struct scene scene = { .done = 1 };

	need_two_nodes(test);
	play(test, &scene, SWAPTBL_REPARENT_NODE, false);
}

/* Nothing is above the one that is charged in the end. */
static void between_nodes_below_root(struct kunit *test)
{
	struct scene scene = { .done = 1 };

	need_two_nodes(test);
	play(test, &scene, SWAPTBL_REPARENT_NODE, true);
}

/* No node is done, but there is no way back. */
static void while_dying(struct kunit *test)
{
	struct scene scene = {};

	play(test, &scene, SWAPTBL_GROUP_DYING, false);
}

static void actor_gathers(void *arg)
{
	struct scene *scene = arg;
	unsigned int i;

	for (i = 0; i < NR_NODES; i++)
		scene->err |= scene->work->gather(scene->late[i]);
	if (!scene->drain)
		return;
	swaptbl_lru_drain_all();
	for (i = 0; i < NR_NODES; i++)
		scene->stranded |= !is_where_it_belongs(scene, scene->late[i],
							scene->work->to);
}

/* Folios of both nodes are gathered between these, to be added or moved. */
static void gather_between_nodes(struct kunit *test, bool drain, bool at_root)
{
	struct scene scene = { .work = test->param_value, .drain = drain, .done = 1 };
	unsigned int i;

	need_two_nodes(test);
	scene_set(test, &scene, at_root);
	for (i = 0; i < NR_NODES; i++)
		scene.late[i] = swaptbl_test_work_folio(test, scene.child, scene.work,
							0, scene.nid[i]);
	KUNIT_EXPECT_EQ(test, remove_with(&scene, SWAPTBL_REPARENT_NODE, actor_gathers),
			0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_FALSE(test, scene.stranded);
	for (i = 0; i < NR_NODES; i++) {
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(scene.late[i], scene.parent,
							   scene.work->to));
		KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(scene.folio[i]), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(scene.stay[i]), 0);
	}
	swaptbl_expect_tree_verified(test, scene.tree);
	let_go(test, &scene, scene.late, 0);
}

static void batch_between_nodes(struct kunit *test)
{
	gather_between_nodes(test, true, false);
	gather_between_nodes(test, true, true);
}

/* It is worked off when both nodes are done. */
static void batch_outlasts_removal(struct kunit *test)
{
	gather_between_nodes(test, false, false);
	gather_between_nodes(test, false, true);
}

static void actor_releases(void *arg)
{
	struct scene *scene = arg;
	unsigned int i;

	for (i = 0; i < NR_NODES; i++)
		scene->err |= swaptbl_test_off_lru(scene->folio[i]);
}

static void release_between_nodes(struct kunit *test)
{
	struct scene scene = {};

	need_two_nodes(test);
	scene_set(test, &scene, false);
	KUNIT_EXPECT_EQ(test, remove_with(&scene, SWAPTBL_REPARENT_NODE,
					  actor_releases), 0);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(scene.parent, scene.stay,
						       NR_NODES));
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(scene.parent,
						 SWAPTBL_LRU_STAT_ISOLATED), 0);
	swaptbl_expect_tree_verified(test, scene.tree);
	let_go(test, &scene, scene.stay, 0);
}

/* The parent stays until the last node is done, and nobody removes the child twice. */
static void actor_removes(void *arg)
{
	struct scene *scene = arg;

	if (swaptbl_group_remove(scene->parent) != -ENOTEMPTY ||
	    swaptbl_group_remove(scene->child) != -ESRCH)
		scene->err = -EINVAL;
}

static void remove_while_removed(struct kunit *test)
{
	static const enum swaptbl_sync_point points[] = {
		SWAPTBL_GROUP_DYING, SWAPTBL_REPARENT_NODE,
	};
	struct scene scene;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		scene = (struct scene){};
		scene_set(test, &scene, false);
		KUNIT_EXPECT_EQ(test, remove_with(&scene, points[i], actor_removes), 0);
		KUNIT_EXPECT_EQ(test, scene.err, 0);
		swaptbl_expect_tree_verified(test, scene.tree);
		KUNIT_EXPECT_EQ(test, swaptbl_test_remove(scene.parent), 0);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(scene.folio[1],
							   scene.tree->root, LRU));
		swaptbl_expect_tree_verified(test, scene.tree);
	}
}

static struct kunit_case swaptbl_reparent_node_cases[] = {
	KUNIT_CASE_PARAM(between_nodes, plan_gen_params),
	KUNIT_CASE_PARAM(between_nodes_below_root, plan_gen_params),
	KUNIT_CASE_PARAM(while_dying, plan_gen_params),
	KUNIT_CASE_PARAM(batch_between_nodes, work_gen_params),
	KUNIT_CASE_PARAM(batch_outlasts_removal, work_gen_params),
	KUNIT_CASE(release_between_nodes),
	KUNIT_CASE(remove_while_removed),
	{}
};

static struct kunit_suite swaptbl_reparent_node_suite = {
	.name = "swaptbl_reparent_node",
	.test_cases = swaptbl_reparent_node_cases,
};

kunit_test_suite(swaptbl_reparent_node_suite);
