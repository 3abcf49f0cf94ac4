// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of ids: nobody else gets one as long as anything names it, and what names a
 * removed group keeps no more than the id. swaptbl/handle.c, swaptbl/group.c.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/pagemap.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/handle.h"
#include "../swaptbl/swapin.h"
#include "group_util.h"

#define NODE	first_memory_node
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define SEED	0x1d

/**
 * struct scene - a group that is removed, and what names it
 * @tree: its tree
 * @group: the group; what it points to may be gone
 * @id: its id
 * @handles: ids taken without it
 * @dev: device of the slots
 * @folio: what is charged to it, if anything, locked
 * @child: a group below it, if any
 * @offset: slot that names it, if any
 * @err: of the other actor
 */
struct scene {
	struct swaptbl_tree *tree;
	struct swaptbl_group *group;
	unsigned int id;
	unsigned long handles;
	struct swaptbl_device *dev;
	struct folio *folio;
	struct swaptbl_group *child;
	unsigned long offset;
	int err;
};

static struct swaptbl_group *create(struct kunit *test, struct swaptbl_group *parent)
{
	struct swaptbl_group *group;

	group = swaptbl_group_create(parent, SWAPTBL_GROUP_NO_LIMIT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	return group;
}

static void scene_set(struct kunit *test, struct scene *scene)
{
	scene->tree = swaptbl_test_tree(test);
	scene->dev = swaptbl_test_device(test, SWAPTBL_CLUSTER_SLOTS, BITS);
	scene->handles = swaptbl_test_handles_settled();
	scene->group = create(test, scene->tree->root);
	scene->id = scene->group->id;
}

/* Who made it lets go as well. */
static int remove_and_put(struct swaptbl_group *group)
{
	int err = swaptbl_group_remove(group);

	swaptbl_group_put(group);
	return err;
}

static void name_by_folio(struct kunit *test, struct scene *scene)
{
	scene->folio = swaptbl_test_charged(test, scene->group, 1, NODE);
}

static void drop_folio(struct kunit *test, struct scene *scene)
{
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(scene->folio), 0);
}

static void name_by_folio_on_list(struct kunit *test, struct scene *scene)
{
	scene->folio = swaptbl_test_on_lru(test, scene->group, 0, NODE,
					   LRU_ACTIVE_FILE);
}

static void name_by_folio_in_batch(struct kunit *test, struct scene *scene)
{
	scene->folio = swaptbl_test_charged(test, scene->group, 0, NODE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(scene->folio, LRU_UNEVICTABLE), 0);
}

static void name_by_isolated_folio(struct kunit *test, struct scene *scene)
{
	name_by_folio_on_list(test, scene);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(scene->folio), 0);
}

/* Off its list, if it is not isolated already. */
static void drop_folio_on_list(struct kunit *test, struct scene *scene)
{
	swaptbl_folio_isolate_lru(scene->folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(scene->folio), 0);
	folio_put(scene->folio);
}

/* A slot without a count, and the folio that is bound to it. */
static void name_by_cached_slot(struct kunit *test, struct scene *scene)
{
	name_by_folio(test, scene);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(scene->dev, scene->folio),
			0);
}

static void drop_cached_slot(struct kunit *test, struct scene *scene)
{
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(scene->folio), 0);
}

static void name_by_swapped_slot(struct kunit *test, struct scene *scene)
{
	scene->offset = swaptbl_test_evicted_of(test, scene->dev, scene->group, 0,
						SEED);
	KUNIT_EXPECT_EQ(test, swaptbl_test_slot_group(scene->dev, scene->offset),
			scene->id);
}

static void drop_swapped_slot(struct kunit *test, struct scene *scene)
{
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(scene->dev, scene->offset, 1), 0);
}

/* The child was removed before, but a folio names that. */
static void name_by_child(struct kunit *test, struct scene *scene)
{
	struct swaptbl_group *child = create(test, scene->group);

	scene->folio = swaptbl_test_charged(test, child, 0, NODE);
	KUNIT_EXPECT_EQ(test, remove_and_put(child), 0);
	scene->handles++;
}

static void drop_child(struct kunit *test, struct scene *scene)
{
	drop_folio(test, scene);
	scene->handles--;
}

static void name_by_reference(struct kunit *test, struct scene *scene)
{
	KUNIT_EXPECT_PTR_EQ(test, swaptbl_group_get(scene->id), scene->group);
}

static void drop_reference(struct kunit *test, struct scene *scene)
{
	swaptbl_group_put(scene->group);
}

static const struct keeper {
	const char *name;
	void (*keep)(struct kunit *test, struct scene *scene);
	void (*drop)(struct kunit *test, struct scene *scene);
} keepers[] = {
	{ "folio", name_by_folio, drop_folio },
	{ "folio_on_list", name_by_folio_on_list, drop_folio_on_list },
	{ "folio_in_batch", name_by_folio_in_batch, drop_folio_on_list },
	{ "isolated_folio", name_by_isolated_folio, drop_folio_on_list },
	{ "cached_slot", name_by_cached_slot, drop_cached_slot },
	{ "swapped_slot", name_by_swapped_slot, drop_swapped_slot },
	{ "removed_child", name_by_child, drop_child },
	{ "reference", name_by_reference, drop_reference },
};

KUNIT_ARRAY_PARAM_DESC(keeper, keepers, name);

/* It is not to be found, and nobody else gets its id. */
static void expect_kept(struct kunit *test, const struct scene *scene)
{
	struct swaptbl_group *other;

	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), scene->handles + 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_named(scene->id));
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(scene->id));
	other = create(test, scene->tree->root);
	KUNIT_EXPECT_NE(test, other->id, scene->id);
	KUNIT_EXPECT_EQ(test, remove_and_put(other), 0);
	swaptbl_expect_tree_verified(test, scene->tree);
	swaptbl_expect_verified(test, scene->dev);
}

static void expect_given_back(struct kunit *test, const struct scene *scene)
{
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), scene->handles);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_named(scene->id));
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(scene->id));
	swaptbl_expect_tree_verified(test, scene->tree);
	swaptbl_expect_verified(test, scene->dev);
}

static void id_is_given_back_at_once(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_handles_nr(), scene.handles + 1);
	KUNIT_EXPECT_EQ(test, remove_and_put(scene.group), 0);
	expect_given_back(test, &scene);
	/* The lowest that is free is given next. */
	scene.group = create(test, scene.tree->root);
	KUNIT_EXPECT_LE(test, scene.group->id, scene.id);
	swaptbl_group_put(scene.group);
}

static void id_is_kept(struct kunit *test)
{
	const struct keeper *keeper = test->param_value;
	struct scene scene = {};

	scene_set(test, &scene);
	keeper->keep(test, &scene);
	KUNIT_EXPECT_EQ(test, remove_and_put(scene.group), 0);
	expect_kept(test, &scene);
	keeper->drop(test, &scene);
	expect_given_back(test, &scene);
}

/* Each two of them, in both orders: the first that goes does not matter. */
static void id_is_kept_until_the_last(struct kunit *test)
{
	const struct keeper *keeper = test->param_value;
	struct scene scene = {}, other = {};
	unsigned int i;

	scene_set(test, &scene);
	other = scene;
	for (i = 0; i < ARRAY_SIZE(keepers); i++) {
		keeper->keep(test, &scene);
		other.handles = scene.handles;
		keepers[i].keep(test, &other);
		scene.handles = other.handles;
		KUNIT_EXPECT_EQ(test, remove_and_put(scene.group), 0);
		expect_kept(test, &scene);
		keeper->drop(test, &scene);
		other.handles = scene.handles;
		expect_kept(test, &other);
		keepers[i].drop(test, &other);
		expect_given_back(test, &other);
		scene.handles = other.handles;
		scene.group = create(test, scene.tree->root);
		scene.id = scene.group->id;
		other = scene;
	}
	KUNIT_EXPECT_EQ(test, remove_and_put(scene.group), 0);
}

/* Swapped in and evicted again, it is the same name. */
static void id_is_kept_by_slot_that_comes_and_goes(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	name_by_swapped_slot(test, &scene);
	KUNIT_EXPECT_EQ(test, remove_and_put(scene.group), 0);
	swaptbl_test_expect_stored(test, scene.dev, scene.offset, 1, SEED);
	expect_kept(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene.dev, scene.offset), 0);
	expect_kept(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_test_slot_group(scene.dev, scene.offset),
			scene.id);
	drop_swapped_slot(test, &scene);
	expect_given_back(test, &scene);
}

/* A reference to the tree is one to the memory of a group. */
static void slots_keep_no_group(struct kunit *test)
{
	struct scene scene = {};
	unsigned int refs;

	scene_set(test, &scene);
	refs = refcount_read(&scene.tree->ref);
	name_by_swapped_slot(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(scene.group), 0);
	swaptbl_test_handles_settled();
	KUNIT_EXPECT_EQ(test, refcount_read(&scene.tree->ref), refs);
	swaptbl_group_put(scene.group);
	KUNIT_EXPECT_EQ(test, refcount_read(&scene.tree->ref), refs - 1);
	KUNIT_EXPECT_EQ(test, scene.tree->nr_groups, 1);
	expect_kept(test, &scene);
	drop_swapped_slot(test, &scene);
	expect_given_back(test, &scene);
}

/* Slots of a group that is gone, in a tree that has no more than its root. */
static void scene_of_last(struct kunit *test, struct scene *scene)
{
	scene->dev = swaptbl_test_device(test, SWAPTBL_CLUSTER_SLOTS, BITS);
	scene->tree = swaptbl_tree_create(swaptbl_test_kind());
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, scene->tree);
	scene->group = create(test, scene->tree->root);
	scene->id = scene->group->id;
	name_by_swapped_slot(test, scene);
	KUNIT_EXPECT_EQ(test, remove_and_put(scene->group), 0);
}

/* What is done with slots whose tree is gone. */

static void later_put(struct kunit *test, struct scene *scene)
{
	drop_swapped_slot(test, scene);
}

static void later_swapin(struct kunit *test, struct scene *scene)
{
	swaptbl_test_expect_stored(test, scene->dev, scene->offset, 1, SEED);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene->dev, scene->offset), 0);
	swaptbl_expect_verified(test, scene->dev);
	swaptbl_test_expect_stored(test, scene->dev, scene->offset, 1, SEED);
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene->dev, scene->offset), 0);
	drop_swapped_slot(test, scene);
}

/* Put to 0 with the folio there, which then leaves. */
static void later_free_swap(struct kunit *test, struct scene *scene)
{
	struct folio *folio = swaptbl_test_swapin(test, scene->dev, scene->offset, 0);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	swaptbl_test_folio_free(test, folio);
}

static void later_failed_read(struct kunit *test, struct scene *scene)
{
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	struct folio *folio;

	swaptbl_test_hooks_begin(&hooks);
	folio = swaptbl_swapin(swp_entry(scene->dev->type, scene->offset), BIT(0),
			       GFP_KERNEL);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, PTR_ERR(folio), -EIO);
	drop_swapped_slot(test, scene);
}

static void later_drop_device(struct kunit *test, struct scene *scene)
{
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, scene->dev, true), 0);
	scene->dev = NULL;
}

static const struct later {
	const char *name;
	void (*act)(struct kunit *test, struct scene *scene);
} laters[] = {
	{ "put", later_put },
	{ "swapin", later_swapin },
	{ "free_swap", later_free_swap },
	{ "failed_read", later_failed_read },
	{ "drop_device", later_drop_device },
};

KUNIT_ARRAY_PARAM_DESC(later, laters, name);

static void slots_outlive_tree(struct kunit *test)
{
	unsigned long handles = swaptbl_test_handles_settled();
	const struct later *later = test->param_value;
	struct scene scene = {};

	scene_of_last(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_destroy(scene.tree), 0);
	/* Of the group, and of the root above it. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles + 2);
	KUNIT_EXPECT_NULL(test, swaptbl_group_get(scene.id));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_named(scene.id));
	later->act(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_named(scene.id));
	if (scene.dev)
		swaptbl_expect_verified(test, scene.dev);
}

static void actor_destroys_tree(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_tree_destroy(scene->tree);
}

static const struct window {
	const char *name;
	enum swaptbl_sync_point point;
	int err;
} windows[] = {
	{ "allocated", SWAPTBL_SWAPIN_ALLOCATED, 0 },
	{ "bound", SWAPTBL_SWAPIN_CHARGE, 0 },
	{ "charged", SWAPTBL_SWAPIN_ADDED, -EBUSY },
};

KUNIT_ARRAY_PARAM_DESC(window, windows, name);

static void tree_goes_during_swapin(struct kunit *test)
{
	unsigned long handles = swaptbl_test_handles_settled();
	const struct window *window = test->param_value;
	struct scene scene = {};
	struct swaptbl_test_hooks hooks = {
		.point = window->point,
		.actor = actor_destroys_tree,
		.arg = &scene,
	};
	struct folio *folio;

	scene_of_last(test, &scene);
	swaptbl_test_hooks_begin(&hooks);
	folio = swaptbl_swapin(swp_entry(scene.dev->type, scene.offset), BIT(0),
			       GFP_KERNEL);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, scene.err, window->err);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	folio_unlock(folio);
	folio_put(folio);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene.dev, scene.offset), 0);
	swaptbl_expect_verified(test, scene.dev);
	if (window->err)
		KUNIT_EXPECT_EQ(test, swaptbl_tree_destroy(scene.tree), 0);
	drop_swapped_slot(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles);
}

/* Whom the limit is of is gone, whatever that means for the charge. */
static void tree_goes_during_reclaim(struct kunit *test)
{
	unsigned long handles = swaptbl_test_handles_settled();
	struct scene scene = {};
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_GROUP_RECLAIM,
		.actor = actor_destroys_tree,
		.arg = &scene,
	};
	struct folio *folio;

	scene_of_last(test, &scene);
	swaptbl_test_limit(scene.tree->root, 0);
	swaptbl_test_hooks_begin(&hooks);
	folio = swaptbl_swapin(swp_entry(scene.dev->type, scene.offset), BIT(0),
			       GFP_KERNEL);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, hooks.passed, 1);
	if (!IS_ERR(folio)) {
		folio_unlock(folio);
		folio_put(folio);
		KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene.dev, scene.offset),
				0);
	}
	swaptbl_expect_verified(test, scene.dev);
	drop_swapped_slot(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles);
}

/* All ids but those that others have; they go with the tree. */
static unsigned long take_all_ids(struct swaptbl_tree *tree, long *err)
{
	struct swaptbl_group *group;
	unsigned long nr = 0;

	while (!IS_ERR(group = swaptbl_group_create(tree->root, 0))) {
		swaptbl_group_put(group);
		nr++;
	}
	*err = PTR_ERR(group);
	return nr;
}

static void ids_come_back(void *ctx)
{
	swaptbl_test_handles_down_to((unsigned long)ctx);
}

/*
 * Where there are many ids this takes some hundred MB, and long. What is done last is
 * what was asked for first: once the tree is gone, the next case waits for its ids.
 */
static void all_ids_taken(struct kunit *test)
{
	void *handles = (void *)swaptbl_test_handles_settled();
	struct scene scene = {};
	unsigned long nr;
	long err;

	if (SWAPTBL_GROUP_MAX > 1023)
		kunit_skip(test, "too many ids here: %lu", SWAPTBL_GROUP_MAX);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action(test, ids_come_back, handles));
	scene_set(test, &scene);
	name_by_swapped_slot(test, &scene);
	nr = take_all_ids(scene.tree, &err);
	KUNIT_EXPECT_EQ(test, err, -EUSERS);
	KUNIT_EXPECT_EQ(test, scene.handles + 1 + nr, SWAPTBL_GROUP_MAX);
	KUNIT_EXPECT_EQ(test, PTR_ERR(swaptbl_tree_create(swaptbl_test_kind())), -EUSERS);
	KUNIT_EXPECT_EQ(test, remove_and_put(scene.group), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), SWAPTBL_GROUP_MAX);
	KUNIT_EXPECT_EQ(test, take_all_ids(scene.tree, &err), 0);
	KUNIT_EXPECT_EQ(test, err, -EUSERS);
	drop_swapped_slot(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), SWAPTBL_GROUP_MAX - 1);
	scene.group = create(test, scene.tree->root);
	KUNIT_EXPECT_EQ(test, scene.group->id, scene.id);
	swaptbl_group_put(scene.group);
	swaptbl_expect_tree_verified(test, scene.tree);
}

static struct kunit_case swaptbl_group_id_cases[] = {
	KUNIT_CASE(id_is_given_back_at_once),
	KUNIT_CASE_PARAM(id_is_kept, keeper_gen_params),
	KUNIT_CASE_PARAM(id_is_kept_until_the_last, keeper_gen_params),
	KUNIT_CASE(id_is_kept_by_slot_that_comes_and_goes),
	KUNIT_CASE(slots_keep_no_group),
	KUNIT_CASE_PARAM(slots_outlive_tree, later_gen_params),
	KUNIT_CASE_PARAM(tree_goes_during_swapin, window_gen_params),
	KUNIT_CASE(tree_goes_during_reclaim),
	KUNIT_CASE_SLOW(all_ids_taken),
	{}
};

static struct kunit_suite swaptbl_group_id_suite = {
	.name = "swaptbl_group_id",
	.test_cases = swaptbl_group_id_cases,
};

kunit_test_suite(swaptbl_group_id_suite);
