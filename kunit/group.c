// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of groups: creation, removal, lookup and the walk, and that what is refused
 * changes nothing. swaptbl/group.c.
 */
#include <kunit/test.h>
#include <linux/err.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/handle.h"
#include "group_util.h"

#define NODE	first_memory_node

/**
 * struct state - what a refused call must leave as it was
 * @groups: of the tree
 * @removals: of the tree
 * @tree_refs: references to the tree, one of each group whose memory is there
 * @refs: references to the group that it is about
 * @handles: ids taken
 */
struct state {
	unsigned long groups;
	unsigned long removals;
	unsigned int tree_refs;
	unsigned int refs;
	unsigned long handles;
};

static struct state state_of(struct swaptbl_group *group)
{
	unsigned long handles = swaptbl_test_handles_settled();
	struct swaptbl_tree *tree = group->tree;

	return (struct state){
		.groups = tree->nr_groups,
		.removals = tree->removals,
		.tree_refs = refcount_read(&tree->ref),
		.refs = refcount_read(&group->ref),
		.handles = handles,
	};
}

static void expect_state(struct kunit *test, struct swaptbl_group *group,
			 const struct state *before)
{
	struct state now = state_of(group);

	KUNIT_EXPECT_EQ(test, now.groups, before->groups);
	KUNIT_EXPECT_EQ(test, now.removals, before->removals);
	KUNIT_EXPECT_EQ(test, now.tree_refs, before->tree_refs);
	KUNIT_EXPECT_EQ(test, now.refs, before->refs);
	KUNIT_EXPECT_EQ(test, now.handles, before->handles);
	swaptbl_expect_tree_verified(test, group->tree);
}

static long create_error(struct swaptbl_group *parent, long limit)
{
	struct swaptbl_group *group = swaptbl_group_create(parent, limit);

	if (IS_ERR(group))
		return PTR_ERR(group);
	swaptbl_group_remove(group);
	swaptbl_group_put(group);
	return 0;
}

static void create_makes_group(struct kunit *test)
{
	struct swaptbl_group *parent = swaptbl_test_group(test), *group;
	unsigned long handles = swaptbl_test_handles_settled();
	int nid;

	group = swaptbl_test_limited(test, parent, 7);
	KUNIT_EXPECT_PTR_EQ(test, group->parent, parent);
	KUNIT_EXPECT_PTR_EQ(test, group->tree, parent->tree);
	KUNIT_EXPECT_EQ(test, group->depth, 2);
	KUNIT_EXPECT_TRUE(test, in_range(group->id, 1, SWAPTBL_GROUP_MAX));
	KUNIT_EXPECT_NE(test, group->id, parent->id);
	KUNIT_EXPECT_NE(test, group->id, parent->tree->root->id);
	KUNIT_EXPECT_EQ(test, group->tree->nr_groups, 3);
	KUNIT_EXPECT_EQ(test, swaptbl_handles_nr(), handles + 1);
	swaptbl_expect_usage(test, group, 0);
	swaptbl_expect_slots(test, group, 0);
	for_each_node(nid)
		KUNIT_EXPECT_EQ(test, group->lruvec[nid]->nid, nid);
	swaptbl_expect_tree_verified(test, group->tree);
}

static void create_takes_limit(struct kunit *test)
{
	struct swaptbl_group *parent = swaptbl_test_group(test), *group;
	static const long limits[] = { 0, 1, 4711, SWAPTBL_GROUP_NO_LIMIT };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		group = swaptbl_group_create(parent, limits[i]);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
		KUNIT_EXPECT_EQ(test, group->limit, limits[i]);
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
		swaptbl_group_put(group);
	}
	swaptbl_expect_tree_verified(test, parent->tree);
}

static void create_refuses_negative_limit(struct kunit *test)
{
	struct swaptbl_group *parent = swaptbl_test_group(test);
	struct state before = state_of(parent);

	KUNIT_EXPECT_EQ(test, create_error(parent, -1), -ERANGE);
	KUNIT_EXPECT_EQ(test, create_error(parent, LONG_MIN), -ERANGE);
	expect_state(test, parent, &before);
}

static void create_nested_too_deep(struct kunit *test)
{
	struct swaptbl_tree *tree = swaptbl_test_tree(test);
	struct swaptbl_group *group = tree->root;
	struct state before;
	unsigned int i;

	for (i = 1; i <= SWAPTBL_GROUP_DEPTH_MAX; i++) {
		group = swaptbl_test_child(test, group);
		KUNIT_EXPECT_EQ(test, group->depth, i);
	}
	before = state_of(group);
	KUNIT_EXPECT_EQ(test, create_error(group, 0), -EMLINK);
	expect_state(test, group, &before);
	/* It is the depth that is limited, not their number. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_child(test, group->parent)->depth,
			SWAPTBL_GROUP_DEPTH_MAX);
	KUNIT_EXPECT_EQ(test, tree->nr_groups, SWAPTBL_GROUP_DEPTH_MAX + 2);
	swaptbl_expect_tree_verified(test, tree);
}

static void nested_groups_are_removed_from_below(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_tree(test)->root;
	unsigned int i;

	for (i = 0; i < SWAPTBL_GROUP_DEPTH_MAX; i++)
		group = swaptbl_test_child(test, group);
	for (; i; i--, group = group->parent) {
		KUNIT_EXPECT_EQ(test, group->tree->nr_groups, i + 1);
		if (group->parent->parent)
			KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group->parent),
					-ENOTEMPTY);
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
		swaptbl_expect_tree_verified(test, group->tree);
	}
	KUNIT_EXPECT_EQ(test, group->tree->nr_groups, 1);
	KUNIT_EXPECT_EQ(test, group->tree->removals, SWAPTBL_GROUP_DEPTH_MAX);
}

static void create_below_removed_group(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct state before;

	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	before = state_of(group);
	KUNIT_EXPECT_EQ(test, create_error(group, 0), -ESRCH);
	expect_state(test, group, &before);
}

static void expect_sites(struct kunit *test, const unsigned int *site)
{
	unsigned int nodes = num_possible_nodes();

	KUNIT_EXPECT_EQ(test, site[SWAPTBL_MEM_GROUP], 1);
	KUNIT_EXPECT_EQ(test, site[SWAPTBL_MEM_HANDLE], 1);
	KUNIT_EXPECT_EQ(test, site[SWAPTBL_MEM_HANDLE_REF], 1);
	KUNIT_EXPECT_EQ(test, site[SWAPTBL_MEM_ID], 1);
	KUNIT_EXPECT_EQ(test, site[SWAPTBL_MEM_LRUVEC], nodes);
	KUNIT_EXPECT_EQ(test, site[SWAPTBL_MEM_LRU_STATS], nodes);
	KUNIT_EXPECT_EQ(test, site[SWAPTBL_MEM_LRU_GENS],
			swaptbl_test_lru_gen ? nodes : 0);
}

static unsigned int allocs_of_lruvecs(void)
{
	return (swaptbl_test_lru_gen ? 3 : 2) * num_possible_nodes();
}

static struct swaptbl_group *create_failing_at(struct swaptbl_group *parent,
					       struct swaptbl_test_hooks *hooks)
{
	struct swaptbl_group *group;

	swaptbl_test_hooks_begin(hooks);
	group = swaptbl_group_create(parent, 0);
	swaptbl_test_hooks_end(hooks);
	return group;
}

static void create_fails_at_each_allocation(struct kunit *test)
{
	struct swaptbl_group *parent = swaptbl_test_group(test), *group;
	unsigned int allocs = 4 + allocs_of_lruvecs(), at;
	struct state before = state_of(parent);
	struct swaptbl_test_hooks hooks;

	for (at = 1; at <= allocs; at++) {
		hooks = (struct swaptbl_test_hooks){ .fail_at = at };
		group = create_failing_at(parent, &hooks);
		KUNIT_ASSERT_TRUE_MSG(test, IS_ERR(group), "allocation %u", at);
		KUNIT_EXPECT_EQ(test, PTR_ERR(group), -ENOMEM);
		KUNIT_EXPECT_EQ(test, hooks.allocs, at);
		expect_state(test, parent, &before);
	}
	hooks = (struct swaptbl_test_hooks){ .fail_at = at };
	group = create_failing_at(parent, &hooks);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	expect_sites(test, hooks.site);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	swaptbl_group_put(group);
}

static struct swaptbl_tree *tree_failing_at(struct swaptbl_test_hooks *hooks)
{
	struct swaptbl_tree *tree;

	swaptbl_test_hooks_begin(hooks);
	tree = swaptbl_tree_create(swaptbl_test_kind());
	swaptbl_test_hooks_end(hooks);
	return tree;
}

static void tree_create_fails_at_each_allocation(struct kunit *test)
{
	unsigned long handles = swaptbl_test_handles_settled();
	unsigned int allocs = 5 + allocs_of_lruvecs(), at;
	struct swaptbl_test_hooks hooks;
	struct swaptbl_tree *tree;

	for (at = 1; at <= allocs; at++) {
		hooks = (struct swaptbl_test_hooks){ .fail_at = at };
		tree = tree_failing_at(&hooks);
		KUNIT_ASSERT_TRUE_MSG(test, IS_ERR(tree), "allocation %u", at);
		KUNIT_EXPECT_EQ(test, PTR_ERR(tree), -ENOMEM);
		KUNIT_EXPECT_EQ(test, hooks.allocs, at);
		KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles);
	}
	hooks = (struct swaptbl_test_hooks){ .fail_at = at };
	tree = tree_failing_at(&hooks);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tree);
	KUNIT_EXPECT_EQ(test, hooks.site[SWAPTBL_MEM_TREE], 1);
	expect_sites(test, hooks.site);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_destroy(tree), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles);
}

static void remove_refused(struct kunit *test)
{
	struct swaptbl_group *parent = swaptbl_test_group(test);
	struct swaptbl_group *group = swaptbl_test_child(test, parent);
	struct swaptbl_group *root = parent->tree->root;
	struct state before = state_of(parent);

	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(root), -EPERM);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(parent), -ENOTEMPTY);
	expect_state(test, parent, &before);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	before = state_of(parent);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), -ESRCH);
	expect_state(test, parent, &before);
	/* Also when it has nothing below it. */
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(parent), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(root), -EPERM);
	swaptbl_expect_tree_verified(test, root->tree);
}

static void remove_leaves_tree(struct kunit *test)
{
	struct swaptbl_tree *tree = swaptbl_test_tree(test);
	struct swaptbl_group *group = swaptbl_test_child(test, tree->root);
	struct swaptbl_group *sibling = swaptbl_test_child(test, tree->root);

	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	KUNIT_EXPECT_EQ(test, tree->nr_groups, 2);
	KUNIT_EXPECT_EQ(test, tree->removals, 1);
	KUNIT_EXPECT_TRUE(test, group->dying);
	KUNIT_EXPECT_FALSE(test, sibling->dying);
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(group->id));
	KUNIT_EXPECT_TRUE(test, list_is_singular(&tree->root->children));
	swaptbl_expect_tree_verified(test, tree);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(sibling), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&tree->root->children));
	swaptbl_expect_tree_verified(test, tree);
}

/**
 * struct dying - who comes while a group is being removed
 * @group: the group
 * @folio: what is charged to it, locked
 * @remove: of a second removal
 * @remove_parent: of a removal of its parent
 * @create: of a creation below it
 * @charge: of a charge
 */
struct dying {
	struct swaptbl_group *group;
	struct folio *folio;
	int remove;
	int remove_parent;
	long create;
	int charge;
};

static void actor_meets_dying(void *arg)
{
	struct dying *dying = arg;

	dying->remove = swaptbl_group_remove(dying->group);
	dying->remove_parent = swaptbl_group_remove(dying->group->parent);
	dying->create = create_error(dying->group, 0);
	dying->charge = swaptbl_folio_charge(dying->folio, dying->group);
}

static void dying_group_refuses_all(struct kunit *test)
{
	struct swaptbl_group *parent = swaptbl_test_group(test);
	struct dying dying = { .group = swaptbl_test_child(test, parent) };
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_GROUP_DYING,
		.actor = actor_meets_dying,
		.arg = &dying,
	};
	int err;

	dying.folio = swaptbl_test_folio_on(test, 0, NODE);
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_group_remove(dying.group);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, dying.remove, -ESRCH);
	KUNIT_EXPECT_EQ(test, dying.remove_parent, -ENOTEMPTY);
	KUNIT_EXPECT_EQ(test, dying.create, -ESRCH);
	KUNIT_EXPECT_EQ(test, dying.charge, -ESRCH);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(dying.folio));
	KUNIT_EXPECT_EQ(test, parent->tree->nr_groups, 2);
	KUNIT_EXPECT_EQ(test, parent->tree->removals, 1);
	swaptbl_expect_usage(test, parent, 0);
	swaptbl_expect_tree_verified(test, parent->tree);
}

static void get_unknown_id(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);

	KUNIT_EXPECT_NULL(test, swaptbl_group_get(0));
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(SWAPTBL_GROUP_MAX + 1));
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(UINT_MAX));
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(INT_MAX));
	/* What of it fits an id is one that is taken. */
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(group->id | (SWAPTBL_GROUP_MAX + 1)));
	if (!swaptbl_test_named(SWAPTBL_GROUP_MAX))
		KUNIT_EXPECT_NULL(test, swaptbl_group_get(SWAPTBL_GROUP_MAX));
}

static void get_takes_reference(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	unsigned int refs = refcount_read(&group->ref);

	KUNIT_EXPECT_PTR_EQ(test, swaptbl_group_get(group->id), group);
	KUNIT_EXPECT_EQ(test, refcount_read(&group->ref), refs + 1);
	swaptbl_group_put(group);
	KUNIT_EXPECT_EQ(test, refcount_read(&group->ref), refs);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(group->id));
	/* Of its own and of the one by which it existed, the latter is gone. */
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&group->ref), refs - 1);
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(group->id));
}

/* Where a walk is expected to come, and how often it came there. */
#define WALK_MAX	8

/**
 * struct walk - a walk, and what it saw
 * @group: groups that may be seen
 * @seen: how often each was
 * @others: how many others were seen
 * @last: id of the one before
 * @ordered: ids came in their order
 */
struct walk {
	struct swaptbl_group *group[WALK_MAX];
	unsigned int seen[WALK_MAX];
	unsigned int others;
	unsigned int last;
	bool ordered;
};

static void walk_sees(struct walk *walk, const struct swaptbl_group *group)
{
	unsigned int i;

	for (i = 0; i < WALK_MAX && walk->group[i] != group; i++)
		;
	if (i < WALK_MAX)
		walk->seen[i]++;
	else
		walk->others++;
	walk->ordered &= group->id > walk->last;
	walk->last = group->id;
}

/* All of @walk once, and no others. */
static void expect_walk(struct kunit *test, struct swaptbl_group *top,
			struct walk walk)
{
	struct swaptbl_group *group;
	unsigned int id = 0, i;

	walk.ordered = true;
	while ((group = swaptbl_group_next(top, &id))) {
		KUNIT_EXPECT_EQ(test, id, group->id);
		walk_sees(&walk, group);
		swaptbl_group_put(group);
	}
	KUNIT_EXPECT_TRUE(test, walk.ordered);
	KUNIT_EXPECT_EQ(test, walk.others, 0);
	for (i = 0; i < WALK_MAX; i++)
		KUNIT_EXPECT_EQ_MSG(test, walk.seen[i], !!walk.group[i], "group %u", i);
}

static void next_walks_what_is_below(struct kunit *test)
{
	struct swaptbl_group *root = swaptbl_test_tree(test)->root;
	struct swaptbl_group *a = swaptbl_test_child(test, root);
	struct swaptbl_group *b = swaptbl_test_child(test, root);
	struct swaptbl_group *aa = swaptbl_test_child(test, a);
	struct swaptbl_group *ba = swaptbl_test_child(test, b);
	struct swaptbl_group *aaa = swaptbl_test_child(test, aa);
	unsigned int refs = refcount_read(&aa->ref);

	expect_walk(test, root, (struct walk){ { root, a, b, aa, ba, aaa } });
	expect_walk(test, a, (struct walk){ { a, aa, aaa } });
	expect_walk(test, b, (struct walk){ { b, ba } });
	expect_walk(test, aaa, (struct walk){ { aaa } });
	KUNIT_EXPECT_EQ(test, refcount_read(&aa->ref), refs);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(aaa), 0);
	expect_walk(test, aaa, (struct walk){});
	expect_walk(test, a, (struct walk){ { a, aa } });
	expect_walk(test, root, (struct walk){ { root, a, b, aa, ba } });
}

/* The other tree's come in between. */
static void next_stays_in_its_tree(struct kunit *test)
{
	struct swaptbl_group *one = swaptbl_test_tree(test)->root;
	struct swaptbl_group *two = swaptbl_test_tree(test)->root;
	struct swaptbl_group *below_one = swaptbl_test_child(test, one);
	struct swaptbl_group *below_two = swaptbl_test_child(test, two);

	expect_walk(test, one, (struct walk){ { one, below_one } });
	expect_walk(test, two, (struct walk){ { two, below_two } });
}

/* All that stays is seen once; what comes may be, and what is elsewhere is not. */
static void next_while_groups_come_and_go(struct kunit *test)
{
	struct swaptbl_group *root = swaptbl_test_tree(test)->root, *group;
	struct swaptbl_group *top, *goes;
	unsigned int id = 0, i;
	struct walk walk = {};

	/* An id that gets free meanwhile may be below that of the top: then it comes before. */
	swaptbl_test_handles_settled();
	top = swaptbl_test_child(test, root);
	goes = swaptbl_test_child(test, top);
	walk.group[0] = top;
	for (i = 1; i < 4; i++)
		walk.group[i] = swaptbl_test_child(test, top);
	while ((group = swaptbl_group_next(top, &id))) {
		walk_sees(&walk, group);
		if (group == top)
			KUNIT_EXPECT_EQ(test, swaptbl_group_remove(goes), 0);
		if (!walk.group[4]) {
			walk.group[4] = swaptbl_test_child(test, top);
			swaptbl_test_child(test, root);
		}
		swaptbl_group_put(group);
	}
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ_MSG(test, walk.seen[i], 1, "group %u", i);
	KUNIT_EXPECT_LE(test, walk.seen[4], 1);
	KUNIT_EXPECT_EQ(test, walk.others, 0);
	swaptbl_expect_tree_verified(test, top->tree);
}

/* The one that the walk is at goes, and its memory with it; the walk goes on. */
static void next_removes_each(struct kunit *test)
{
	struct swaptbl_group *root = swaptbl_test_tree(test)->root, *group;
	unsigned int id = 0, nr = 0, i;

	for (i = 0; i < 5; i++) {
		group = swaptbl_group_create(root, 0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
		swaptbl_group_put(group);
	}
	while ((group = swaptbl_group_next(root, &id))) {
		nr += !swaptbl_group_remove(group);
		swaptbl_group_put(group);
		swaptbl_test_handles_settled();
	}
	KUNIT_EXPECT_EQ(test, nr, 5);
	KUNIT_EXPECT_EQ(test, root->tree->nr_groups, 1);
	swaptbl_expect_tree_verified(test, root->tree);
}

static void destroy_refused(struct kunit *test)
{
	struct swaptbl_tree *tree = swaptbl_test_tree(test);
	struct swaptbl_group *group = swaptbl_test_child(test, tree->root);
	struct folio *folio;
	struct state before = state_of(tree->root);

	KUNIT_EXPECT_EQ(test, swaptbl_tree_destroy(tree), -ENOTEMPTY);
	expect_state(test, tree->root, &before);
	folio = swaptbl_test_charged(test, group, 0, NODE);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	before = state_of(tree->root);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_destroy(tree), -EBUSY);
	expect_state(test, tree->root, &before);
	/* The root is as good as before. */
	KUNIT_EXPECT_EQ(test, create_error(tree->root, 0), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, tree->root), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_destroy(tree), -EBUSY);
	swaptbl_expect_tree_verified(test, tree);
}

/* Who has a reference to something of it may keep that, and finds nothing there. */
static void destroyed_tree_is_dead(struct kunit *test)
{
	struct folio *folio = swaptbl_test_folio_on(test, 0, NODE);
	unsigned long handles = swaptbl_test_handles_settled();
	struct swaptbl_tree *tree = swaptbl_tree_create(swaptbl_test_kind());
	long stats[SWAPTBL_NR_LRU_STATS];
	struct swaptbl_group *root;
	unsigned int id = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tree);
	root = swaptbl_group_get(tree->root->id);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_destroy(tree), 0);
	KUNIT_ASSERT_NOT_NULL(test, root);
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(root->id));
	KUNIT_EXPECT_EQ(test, create_error(root, 0), -ESRCH);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(root), -EPERM);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, root), -ESRCH);
	KUNIT_EXPECT_NULL(test, swaptbl_group_next(root, &id));
	swaptbl_group_stats(root, stats, NULL);
	KUNIT_EXPECT_NULL(test, memchr_inv(stats, 0, sizeof(stats)));
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles + 1);
	swaptbl_group_put(root);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles);
}

static struct kunit_case swaptbl_group_cases[] = {
	KUNIT_CASE(create_makes_group),
	KUNIT_CASE(create_takes_limit),
	KUNIT_CASE(create_refuses_negative_limit),
	KUNIT_CASE(create_nested_too_deep),
	KUNIT_CASE(nested_groups_are_removed_from_below),
	KUNIT_CASE(create_below_removed_group),
	KUNIT_CASE(create_fails_at_each_allocation),
	KUNIT_CASE(tree_create_fails_at_each_allocation),
	KUNIT_CASE(remove_refused),
	KUNIT_CASE(remove_leaves_tree),
	KUNIT_CASE(dying_group_refuses_all),
	KUNIT_CASE(get_unknown_id),
	KUNIT_CASE(get_takes_reference),
	KUNIT_CASE(next_walks_what_is_below),
	KUNIT_CASE(next_stays_in_its_tree),
	KUNIT_CASE(next_while_groups_come_and_go),
	KUNIT_CASE(next_removes_each),
	KUNIT_CASE(destroy_refused),
	KUNIT_CASE(destroyed_tree_is_dead),
	{}
};

static struct kunit_suite swaptbl_group_suite = {
	.name = "swaptbl_group",
	.test_cases = swaptbl_group_cases,
};

kunit_test_suite(swaptbl_group_suite);
