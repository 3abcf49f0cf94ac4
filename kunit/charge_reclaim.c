// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of reclaim for the limit of a group: whose folios go, which of them, and that
 * nothing is lost. swaptbl/group_reclaim.c, swaptbl/charge.c.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/pagemap.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/group_reclaim.h"
#include "../swaptbl/stats.h"
#include "group_util.h"

#define NODE	first_memory_node
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define LIST	LRU_INACTIVE_ANON
#define SEED	0x11ea

/* More than two batches of folios. */
#define MANY	70

/**
 * struct scene - a group at its limit
 * @tree: its tree
 * @group: the group
 * @dev: device that folios are bound to
 * @folio: on a list of the group, from the cold end on; unlocked
 * @offset: their slots
 * @nr: how many there are
 * @spare: what is charged to it next, locked
 */
struct scene {
	struct swaptbl_tree *tree;
	struct swaptbl_group *group;
	struct swaptbl_device *dev;
	struct folio *folio[MANY];
	unsigned long offset[MANY];
	unsigned int nr;
	struct folio *spare;
};

/* Without a limit so far. */
static struct scene *scene_make(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->tree = swaptbl_test_tree(test);
	scene->group = swaptbl_test_child(test, scene->tree->root);
	scene->dev = swaptbl_test_device(test, 2 * MANY, BITS);
	scene->spare = swaptbl_test_folio_on(test, 0, NODE);
	folio_set_dirty(scene->spare);
	return scene;
}

static void scene_add(struct kunit *test, struct scene *scene,
		      struct swaptbl_group *group, enum lru_list lru)
{
	unsigned int i = scene->nr++;

	scene->folio[i] = swaptbl_test_bound_on_lru(test, scene->dev, group, lru,
						    SEED + i);
	scene->offset[i] = swaptbl_test_offset(scene->folio[i]);
}

/* @nr bound folios on one list, and no room for more. */
static struct scene *scene_full(struct kunit *test, unsigned int nr)
{
	struct scene *scene = scene_make(test);

	while (scene->nr < nr)
		scene_add(test, scene, scene->group, LIST);
	swaptbl_test_limit(scene->group, nr);
	return scene;
}

static bool is_gone(const struct folio *folio)
{
	return !swaptbl_folio_bound(folio) && !swaptbl_test_is_charged(folio) &&
	       !swaptbl_test_is_on_lru(folio);
}

static bool is_there(const struct folio *folio)
{
	return swaptbl_folio_bound(folio) && swaptbl_test_is_charged(folio) &&
	       swaptbl_test_is_on_lru(folio);
}

/* Each is either as it was or gone altogether. Returns how many are gone. */
static unsigned int expect_whole(struct kunit *test, struct scene *scene)
{
	unsigned int i, gone = 0;

	for (i = 0; i < scene->nr; i++) {
		gone += is_gone(scene->folio[i]);
		KUNIT_EXPECT_NE_MSG(test, is_gone(scene->folio[i]),
				    is_there(scene->folio[i]), "folio %u", i);
		KUNIT_EXPECT_FALSE(test, folio_test_locked(scene->folio[i]));
		KUNIT_EXPECT_EQ(test, folio_ref_count(scene->folio[i]),
				is_gone(scene->folio[i]) ? 1 : 3);
		KUNIT_EXPECT_EQ(test, swaptbl_count(scene->dev, scene->offset[i]), 1);
	}
	swaptbl_expect_tree_verified(test, scene->tree);
	swaptbl_expect_verified(test, scene->dev);
	return gone;
}

static void expect_data(struct kunit *test, struct scene *scene)
{
	struct swaptbl_group *group;
	unsigned int id = 0, i;

	while ((group = swaptbl_group_next(scene->tree->root, &id))) {
		swaptbl_test_limit(group, SWAPTBL_GROUP_NO_LIMIT);
		swaptbl_group_put(group);
	}
	for (i = 0; i < scene->nr; i++)
		swaptbl_test_expect_stored(test, scene->dev, scene->offset[i], 1,
					   SEED + i);
	swaptbl_expect_tree_verified(test, scene->tree);
}

static void charge_evicts_coldest(struct kunit *test)
{
	struct scene *scene = scene_full(test, MANY);
	unsigned int gone, i;

	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group), 0);
	gone = expect_whole(test, scene);
	KUNIT_EXPECT_TRUE(test, in_range(gone, 1, MANY - 1));
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ_MSG(test, is_gone(scene->folio[i]), i < gone,
				    "folio %u", i);
	swaptbl_expect_usage(test, scene->group, MANY - gone + 1);
	swaptbl_expect_usage(test, scene->tree->root, MANY - gone + 1);
	swaptbl_expect_slots(test, scene->group, MANY);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->group->reclaims), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->group->failures), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(scene->group,
						 SWAPTBL_LRU_STAT_RECLAIM), gone);
	expect_data(test, scene);
}

/* A folio goes whole; other than that it is not more than what was asked for. */
static void reclaim_takes_no_more_than_it_takes(struct kunit *test)
{
	struct scene *scene = scene_full(test, 20);

	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, 1), 1);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, 5), 5);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 6);
	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, 0), 0);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 6);
	/* What there is, and then nothing. */
	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, 100), 14);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 20);
	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, 1), 0);
	swaptbl_expect_usage(test, scene->group, 0);
	expect_data(test, scene);
}

static void reclaim_takes_large_folio_whole(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct folio *folio;

	swaptbl_test_limit(scene->group, 5);
	folio = swaptbl_test_bound_of(test, scene->dev, scene->group, 2, SEED);
	scene->offset[0] = swaptbl_test_offset(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, LRU_ACTIVE_ANON), 0);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, 1), 4);
	KUNIT_EXPECT_TRUE(test, is_gone(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	swaptbl_expect_usage(test, scene->group, 0);
	swaptbl_expect_slots(test, scene->group, 4);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(scene->group,
						 SWAPTBL_LRU_STAT_RECLAIM), 4);
	swaptbl_test_expect_stored(test, scene->dev, scene->offset[0], 4, SEED);
	swaptbl_expect_tree_verified(test, scene->tree);
}

/* On their way to the list they count as well, and are found. */
static void reclaim_finds_what_is_in_batches(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct folio *folio;

	swaptbl_test_limit(scene->group, 1);
	folio = swaptbl_test_bound_of(test, scene->dev, scene->group, 0, SEED);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, LIST), 0);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group), 0);
	KUNIT_EXPECT_TRUE(test, is_gone(folio));
	swaptbl_expect_usage(test, scene->group, 1);
	swaptbl_expect_tree_verified(test, scene->tree);
}

static void reclaim_spares_sibling(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct swaptbl_group *sibling = swaptbl_test_child(test, scene->tree->root);

	/* The sibling's and the parent's are colder. */
	scene_add(test, scene, sibling, LIST);
	scene_add(test, scene, scene->tree->root, LIST);
	scene_add(test, scene, scene->group, LIST);
	swaptbl_test_limit(scene->group, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group), 0);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 1);
	KUNIT_EXPECT_TRUE(test, is_gone(scene->folio[2]));
	swaptbl_expect_usage(test, sibling, 1);
	swaptbl_expect_usage(test, scene->group, 1);
	swaptbl_expect_usage(test, scene->tree->root, 3);
	expect_data(test, scene);
}

/* The limit is the parent's, all pages are a grandchild's. */
static void reclaim_below_for_limit_above(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct swaptbl_group *child = swaptbl_test_child(test, scene->group);
	struct swaptbl_group *below = swaptbl_test_child(test, child);
	unsigned int i;

	for (i = 0; i < 3; i++)
		scene_add(test, scene, below, LIST);
	swaptbl_test_limit(scene->group, 3);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, child), 0);
	KUNIT_EXPECT_GE(test, expect_whole(test, scene), 1);
	KUNIT_EXPECT_TRUE(test, is_gone(scene->folio[0]));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->group->reclaims), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&child->reclaims), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(scene->group,
						 SWAPTBL_LRU_STAT_RECLAIM), 0);
	KUNIT_EXPECT_GE(test, swaptbl_test_local(below, SWAPTBL_LRU_STAT_RECLAIM), 1);
	expect_data(test, scene);
}

static void reclaim_takes_from_each_node(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct folio *folio;
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		folio = swaptbl_test_on_lru(test, scene->group, 0, nid, LIST);
		folio_clear_dirty(folio);
		folio_unlock(folio);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, MAX_NUMNODES),
			num_node_state(N_MEMORY));
	swaptbl_expect_usage(test, scene->group, 0);
	swaptbl_expect_tree_verified(test, scene->tree);
}

static const struct kind {
	const char *name;
	enum lru_list inactive;
	enum lru_list active;
} kinds[] = {
	{ "anon", LRU_INACTIVE_ANON, LRU_ACTIVE_ANON },
	{ "file", LRU_INACTIVE_FILE, LRU_ACTIVE_FILE },
	{ "anon_and_file", LRU_INACTIVE_ANON, LRU_ACTIVE_FILE },
	{ "file_and_anon", LRU_INACTIVE_FILE, LRU_ACTIVE_ANON },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

/* Even if the active ones are colder. */
static void reclaim_takes_inactive_first(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct scene *scene = scene_make(test);
	unsigned int i;

	for (i = 0; i < 4; i++)
		scene_add(test, scene, scene->group,
			  i < 2 ? kind->active : kind->inactive);
	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, 2), 2);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 2);
	KUNIT_EXPECT_TRUE(test, is_there(scene->folio[0]));
	KUNIT_EXPECT_TRUE(test, is_there(scene->folio[1]));
	KUNIT_EXPECT_EQ(test, swaptbl_test_lru_size(scene->group, NODE, kind->active),
			2);
	KUNIT_EXPECT_EQ(test, swaptbl_group_reclaim(scene->group, 2), 2);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 4);
	expect_data(test, scene);
}

static void reclaim_spares_unevictable(struct kunit *test)
{
	struct scene *scene = scene_make(test);

	scene_add(test, scene, scene->group, LRU_UNEVICTABLE);
	swaptbl_test_limit(scene->group, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group),
			-EDQUOT);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_lru_size(scene->group, NODE,
						    LRU_UNEVICTABLE), 1);
	swaptbl_expect_usage(test, scene->group, 1);
}

static void reclaim_spares_locked(struct kunit *test)
{
	struct scene *scene = scene_full(test, 3);

	folio_lock(scene->folio[0]);
	folio_lock(scene->folio[2]);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group), 0);
	KUNIT_EXPECT_TRUE(test, is_there(scene->folio[0]));
	KUNIT_EXPECT_TRUE(test, is_gone(scene->folio[1]));
	KUNIT_EXPECT_TRUE(test, is_there(scene->folio[2]));
	/* Locked still, by who locked them. */
	KUNIT_EXPECT_TRUE(test, folio_test_locked(scene->folio[0]));
	folio_unlock(scene->folio[0]);
	folio_unlock(scene->folio[2]);
	swaptbl_expect_usage(test, scene->group, 3);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 1);
	expect_data(test, scene);
}

static void reclaim_spares_isolated(struct kunit *test)
{
	struct scene *scene = scene_full(test, 1);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(scene->folio[0]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group),
			-EDQUOT);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(scene->folio[0]));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(scene->folio[0]), 0);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group), 0);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 1);
}

/* Bound to no slots, so their data is nowhere else. */
static void reclaim_without_device(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *spare = swaptbl_test_folio_on(test, 0, NODE), *folio[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(folio); i++) {
		folio[i] = swaptbl_test_on_lru(test, group, 0, NODE, LIST);
		swaptbl_test_fill(folio[i], SEED + i);
		folio_unlock(folio[i]);
	}
	swaptbl_test_limit(group, ARRAY_SIZE(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(spare, group), -EDQUOT);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->failures), 1);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(spare));
	for (i = 0; i < ARRAY_SIZE(folio); i++) {
		KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio[i]), group->id);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on_lru(folio[i]));
		KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio[i]));
		KUNIT_EXPECT_FALSE(test, folio_test_locked(folio[i]));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio[i]), 2);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio[i], 0, SEED + i));
	}
	swaptbl_expect_usage(test, group, ARRAY_SIZE(folio));
	swaptbl_expect_tree_verified(test, group->tree);
}

static void reclaim_lets_clean_ones_go(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *spare = swaptbl_test_folio_on(test, 0, NODE);
	struct folio *dirty = swaptbl_test_on_lru(test, group, 0, NODE, LIST);
	struct folio *clean = swaptbl_test_on_lru(test, group, 1, NODE,
						  LRU_ACTIVE_FILE);

	folio_clear_dirty(clean);
	folio_unlock(clean);
	folio_unlock(dirty);
	swaptbl_test_limit(group, 3);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(spare, group), 0);
	KUNIT_EXPECT_TRUE(test, is_gone(clean));
	KUNIT_EXPECT_EQ(test, folio_ref_count(clean), 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on_lru(dirty));
	swaptbl_expect_usage(test, group, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_test_total(group->tree->root,
						 SWAPTBL_LRU_STAT_RECLAIM), 2);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* Nobody has a count of its slot: it goes, and so does the slot. */
static void reclaim_frees_slots_without_counts(struct kunit *test)
{
	struct scene *scene = scene_full(test, 1);

	folio_lock(scene->folio[0]);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(scene->folio[0], NULL), 0);
	folio_unlock(scene->folio[0]);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group), 0);
	KUNIT_EXPECT_TRUE(test, is_gone(scene->folio[0]));
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(scene->dev, scene->offset[0]), 0);
	swaptbl_expect_slots(test, scene->group, 0);
	swaptbl_expect_usage(test, scene->group, 1);
	swaptbl_expect_tree_verified(test, scene->tree);
	swaptbl_expect_verified(test, scene->dev);
}

/* Let go of while somebody had it isolated, it is found here, whatever it holds. */
static void reclaim_finds_what_left_while_isolated(struct kunit *test)
{
	struct scene *scene = scene_full(test, 1);
	struct folio *folio = scene->folio[0];

	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_charged(folio));
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(scene->spare, scene->group), 0);
	KUNIT_EXPECT_TRUE(test, is_gone(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	swaptbl_expect_usage(test, scene->group, 1);
	swaptbl_expect_tree_verified(test, scene->tree);
}

static int charge_failing_io(struct scene *scene, unsigned int at)
{
	struct swaptbl_test_hooks hooks = { .fail_io_at = at };
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_charge(scene->spare, scene->group);
	swaptbl_test_hooks_end(&hooks);
	return err;
}

/* What could not be written stays, with all that it has. */
static void reclaim_meets_io_error(struct kunit *test)
{
	struct scene *scene = scene_full(test, 1);

	KUNIT_EXPECT_EQ(test, charge_failing_io(scene, 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 0);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(scene->folio[0]));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(scene->folio[0], 0, SEED));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->group->failures), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(scene->group,
						 SWAPTBL_LRU_STAT_RECLAIM), 0);
	swaptbl_expect_usage(test, scene->group, 1);
	KUNIT_EXPECT_EQ(test, charge_failing_io(scene, 0), 0);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 1);
	expect_data(test, scene);
}

/* The others do as well. */
static void reclaim_goes_on_after_io_error(struct kunit *test)
{
	struct scene *scene = scene_full(test, 3);

	KUNIT_EXPECT_EQ(test, charge_failing_io(scene, 1), 0);
	KUNIT_EXPECT_GE(test, expect_whole(test, scene), 1);
	KUNIT_EXPECT_TRUE(test, is_there(scene->folio[0]));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(scene->folio[0]));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->group->failures), 0);
	expect_data(test, scene);
}

/**
 * struct window - a charge that reclaims, and what is removed meanwhile
 * @remove: the group
 * @err: of that
 */
struct window {
	struct swaptbl_group *remove;
	int err;
};

static void actor_removes(void *arg)
{
	struct window *window = arg;

	window->err = swaptbl_group_remove(window->remove);
}

static int charge_with_removal(struct kunit *test, struct folio *folio,
			       struct swaptbl_group *group,
			       struct swaptbl_group *remove)
{
	struct window window = { .remove = remove };
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_GROUP_RECLAIM,
		.actor = actor_removes,
		.arg = &window,
	};
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_charge(folio, group);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, window.err, 0);
	return err;
}

/* Its limit went with it: whichever way that ends, all that is counted is there. */
static void removal_of_group_that_reclaims(struct kunit *test)
{
	struct scene *scene = scene_full(test, 2);
	struct swaptbl_group *root = scene->tree->root;
	unsigned int gone;
	int err;

	err = charge_with_removal(test, scene->spare, scene->group, scene->group);
	KUNIT_EXPECT_TRUE(test, !err || err == -EDQUOT || err == -ESRCH);
	KUNIT_EXPECT_EQ(test, swaptbl_test_is_charged(scene->spare), !err);
	gone = expect_whole(test, scene);
	swaptbl_expect_usage(test, root, 2 - gone + !err);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(root, SWAPTBL_LRU_STAT_CHARGED),
			2 - gone + !err);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(scene->spare), err ? -EINVAL : 0);
	swaptbl_expect_usage(test, root, 2 - gone);
	expect_data(test, scene);
}

/* The pages in question are the parent's by then, whose limit it is. */
static void removal_of_group_that_is_reclaimed(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct swaptbl_group *child = swaptbl_test_child(test, scene->group);
	unsigned int i;

	for (i = 0; i < 2; i++)
		scene_add(test, scene, child, LIST);
	swaptbl_test_limit(scene->group, 2);
	KUNIT_EXPECT_EQ(test, charge_with_removal(test, scene->spare, scene->group,
						  child), 0);
	KUNIT_EXPECT_GE(test, expect_whole(test, scene), 1);
	KUNIT_EXPECT_TRUE(test, is_gone(scene->folio[0]));
	swaptbl_expect_slots(test, scene->group, 2);
	KUNIT_EXPECT_GE(test, swaptbl_test_local(scene->group,
						 SWAPTBL_LRU_STAT_RECLAIM), 1);
	expect_data(test, scene);
}

/* The child is removed, the limit is the parent's: the charge is the parent's then. */
static void removal_of_group_below_limit(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct swaptbl_group *child = swaptbl_test_child(test, scene->group);
	int err;

	scene_add(test, scene, child, LIST);
	swaptbl_test_limit(scene->group, 1);
	err = charge_with_removal(test, scene->spare, child, child);
	KUNIT_EXPECT_TRUE(test, !err || err == -ESRCH);
	KUNIT_EXPECT_EQ(test, swaptbl_test_is_charged(scene->spare), !err);
	KUNIT_EXPECT_EQ(test, expect_whole(test, scene), 1);
	swaptbl_expect_usage(test, scene->group, !err);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(scene->group,
						 SWAPTBL_LRU_STAT_CHARGED), !err);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(scene->spare), err ? -EINVAL : 0);
	swaptbl_expect_usage(test, scene->group, 0);
	swaptbl_expect_usage(test, scene->tree->root, 0);
	expect_data(test, scene);
}

static struct kunit_case swaptbl_charge_reclaim_cases[] = {
	KUNIT_CASE(charge_evicts_coldest),
	KUNIT_CASE(reclaim_takes_no_more_than_it_takes),
	KUNIT_CASE(reclaim_takes_large_folio_whole),
	KUNIT_CASE(reclaim_finds_what_is_in_batches),
	KUNIT_CASE(reclaim_spares_sibling),
	KUNIT_CASE(reclaim_below_for_limit_above),
	KUNIT_CASE(reclaim_takes_from_each_node),
	KUNIT_CASE_PARAM(reclaim_takes_inactive_first, kind_gen_params),
	KUNIT_CASE(reclaim_spares_unevictable),
	KUNIT_CASE(reclaim_spares_locked),
	KUNIT_CASE(reclaim_spares_isolated),
	KUNIT_CASE(reclaim_without_device),
	KUNIT_CASE(reclaim_lets_clean_ones_go),
	KUNIT_CASE(reclaim_frees_slots_without_counts),
	KUNIT_CASE(reclaim_finds_what_left_while_isolated),
	KUNIT_CASE(reclaim_meets_io_error),
	KUNIT_CASE(reclaim_goes_on_after_io_error),
	KUNIT_CASE(removal_of_group_that_reclaims),
	KUNIT_CASE(removal_of_group_that_is_reclaimed),
	KUNIT_CASE(removal_of_group_below_limit),
	{}
};

static struct kunit_suite swaptbl_charge_reclaim_suite = {
	.name = "swaptbl_charge_reclaim",
	.test_cases = swaptbl_charge_reclaim_cases,
};

kunit_test_suite(swaptbl_charge_reclaim_suite);
