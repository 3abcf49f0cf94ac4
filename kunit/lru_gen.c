// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of generations: which one a folio is in, and how they come and go.
 * swaptbl/lru_gen.c, and who uses it.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/nodemask.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "group_util.h"
#include "lru_gen_util.h"
#include "lru_watch.h"

#define NODE	first_memory_node
#define WINDOWS	SWAPTBL_TEST_WINDOWS

KUNIT_ARRAY_PARAM(mover, swaptbl_test_movers, swaptbl_test_mover_desc);

static enum swaptbl_test_move move_of(struct kunit *test)
{
	const struct swaptbl_test_mover *mover = test->param_value;

	return mover - swaptbl_test_movers;
}

/**
 * struct scene - one group that is looked at
 * @spots: where all folios have to be
 * @group: child of the root
 * @crowd: folios of it
 */
struct scene {
	struct swaptbl_test_spots *spots;
	struct swaptbl_group *group;
	struct swaptbl_test_crowd crowd;
};

static struct scene *scene_make(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->spots = swaptbl_test_spots(test);
	scene->group = swaptbl_test_child(test, scene->spots->tree->root);
	return scene;
}

static void scene_set(struct kunit *test, struct scene *scene, unsigned int window)
{
	while (scene->spots->nr)
		KUNIT_ASSERT_EQ(test, swaptbl_test_spot_off(scene->spots,
							    scene->spots->spot[0].folio),
				0);
	swaptbl_test_crowd_come(test, &scene->crowd, scene->spots, scene->group, window);
}

static struct swaptbl_lru_gens *gens_of(const struct scene *scene)
{
	return scene->group->lruvec[NODE]->gens;
}

static unsigned int nr_gens(const struct scene *scene, unsigned int type)
{
	return swaptbl_test_gens(scene->group, NODE, type);
}

static int age(struct scene *scene, unsigned int times)
{
	int err = 0;

	for (; times; times--)
		err |= swaptbl_test_spots_age(scene->spots, scene->group, NODE);
	return err;
}

/* Off the lists nothing of a generation is left, and what was its class is kept. */
static void expect_off_and_on(struct kunit *test, struct folio *folio,
			      enum lru_list lru)
{
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_lru_list(folio), lru);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_lru(folio), lru);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_OLDER));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(folio), 0);
}

static void expect_moved(struct kunit *test, struct scene *scene, struct folio *folio)
{
	struct swaptbl_test_spot *spot = swaptbl_test_spot_of(scene->spots, folio);
	bool stays = spot->type == SWAPTBL_TEST_UNEVICTABLE;
	const struct swaptbl_test_mover *mover = test->param_value;

	if (mover->gather)
		KUNIT_EXPECT_EQ(test, mover->gather(folio), stays ? -EINVAL : 0);
	else
		expect_off_and_on(test, folio, swaptbl_test_spot_class(spot));
	swaptbl_lru_drain_all();
	swaptbl_test_spot_move(scene->spots, folio, move_of(test));
	swaptbl_test_spots_expect(test, scene->spots);
}

/* Of each generation in each window, those of all kinds. */
static void moves_by_class(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	unsigned int window, i;

	for (window = 0; window < WINDOWS; window++) {
		scene_set(test, scene, window);
		for (i = 0; i < SWAPTBL_TEST_CROWD; i++)
			if (swaptbl_test_spot_of(scene->spots, scene->crowd.folio[i]))
				expect_moved(test, scene, scene->crowd.folio[i]);
		swaptbl_test_spots_verify(test, scene->spots);
	}
}

/* The hot end of its generation, and the class, of one that is added. */
static void added_by_class(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	unsigned int window;
	enum lru_list lru;

	for (window = 0; window < WINDOWS; window++) {
		scene_set(test, scene, window);
		for_each_lru(lru) {
			swaptbl_test_spot_new(test, scene->spots, scene->group, lru & 1,
					      swaptbl_test_other_node(), lru);
			swaptbl_test_spots_expect(test, scene->spots);
		}
		swaptbl_test_spots_verify(test, scene->spots);
	}
}

static const bool active_at[] = { true, true, false, false, false, false, false };

#define NR_AGES	ARRAY_SIZE(active_at)

/* One of each list of a group; where it is after so many ages of it. */
static void expect_classes(struct kunit *test, struct folio **folio, unsigned int ages)
{
	bool active = active_at[ages];

	KUNIT_EXPECT_EQ(test, swaptbl_folio_lru(folio[LRU_ACTIVE_ANON]),
			active ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_lru(folio[LRU_ACTIVE_FILE]),
			active ? LRU_ACTIVE_FILE : LRU_INACTIVE_FILE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_lru(folio[LRU_INACTIVE_ANON]),
			LRU_INACTIVE_ANON);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_lru(folio[LRU_INACTIVE_FILE]),
			LRU_INACTIVE_FILE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_lru(folio[LRU_UNEVICTABLE]),
			LRU_UNEVICTABLE);
}

/* The child's age is its own, and so is the parent's; ancestors count both. */
static void class_follows_age(struct kunit *test)
{
	struct folio *above[NR_LRU_LISTS], *below[NR_LRU_LISTS];
	struct scene *scene = scene_make(test);
	struct swaptbl_group *parent = scene->group;
	enum lru_list lru;
	unsigned int i;

	scene->group = swaptbl_test_child(test, parent);
	for_each_lru(lru) {
		above[lru] = swaptbl_test_spot_new(test, scene->spots, parent, 1, NODE,
						   lru);
		below[lru] = swaptbl_test_spot_new(test, scene->spots, scene->group, lru,
						   NODE, lru);
	}
	for (i = 1; i < NR_AGES; i++) {
		KUNIT_EXPECT_EQ(test, age(scene, 1), 0);
		expect_classes(test, below, i);
		expect_classes(test, above, 0);
		swaptbl_test_spots_verify(test, scene->spots);
	}
	for (i = 1; i < NR_AGES; i++) {
		KUNIT_EXPECT_EQ(test, swaptbl_test_spots_age(scene->spots, parent, NODE),
				0);
		expect_classes(test, above, i);
		expect_classes(test, below, NR_AGES - 1);
		swaptbl_test_spots_verify(test, scene->spots);
	}
}

/* From each window on: one younger each time, and as many as there can be. */
static void oldest_joins_next(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	unsigned long youngest;
	unsigned int window, i;

	for (window = 0; window < WINDOWS; window++) {
		scene_set(test, scene, window);
		youngest = gens_of(scene)->max_seq;
		for (i = 1; i <= 6; i++) {
			KUNIT_EXPECT_EQ(test, age(scene, 1), 0);
			KUNIT_EXPECT_EQ(test, gens_of(scene)->max_seq, youngest + i);
			KUNIT_EXPECT_EQ(test, nr_gens(scene, 0), 4);
			KUNIT_EXPECT_EQ(test, nr_gens(scene, 1), 4);
			swaptbl_test_spots_expect(test, scene->spots);
		}
		swaptbl_test_spots_verify(test, scene->spots);
	}
}

/* As many as are moved with the lock held, and when that is done. */
#define PART	256

/* What of them fill_oldest() adds to those that it is asked for. */
#define OTHERS	3

static const unsigned int amounts[] = {
	OTHERS, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1,
};

static void amount_desc(const unsigned int *amount, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *amount);
}

KUNIT_ARRAY_PARAM(amount, amounts, amount_desc);

/* Others are in the next generation, and of the other type. */
static void fill_oldest(struct kunit *test, struct scene *scene, enum lru_list lru,
			unsigned int nr)
{
	struct swaptbl_test_spots *spots = scene->spots;
	enum lru_list other;

	for (; nr; nr--)
		swaptbl_test_spot_new(test, spots, scene->group, nr % 64 == 0, NODE, lru);
	for_each_evictable_lru(other)
		swaptbl_test_spot_new(test, spots, scene->group, 1, NODE, other);
	KUNIT_EXPECT_EQ(test, age(scene, 1), 0);
	for_each_evictable_lru(other)
		swaptbl_test_spot_new(test, spots, scene->group, 0, NODE, other);
	KUNIT_EXPECT_EQ(test, age(scene, 2), 0);
}

static void expect_parts(struct kunit *test, enum lru_list lru, unsigned int nr)
{
	struct swaptbl_test_hooks hooks = { .point = SWAPTBL_LRU_AGED };
	struct scene *scene = scene_make(test);
	int err;

	fill_oldest(test, scene, lru, nr - OTHERS);
	swaptbl_test_hooks_begin(&hooks);
	err = age(scene, 1);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, hooks.passed, DIV_ROUND_UP(nr, PART));
	swaptbl_test_spots_verify(test, scene->spots);
	KUNIT_EXPECT_EQ(test, age(scene, 3), 0);
	swaptbl_test_spots_verify(test, scene->spots);
}

/* Others can have the lock in between. */
static void oldest_joins_in_parts(struct kunit *test)
{
	unsigned int nr = *(const unsigned int *)test->param_value;

	expect_parts(test, LRU_ACTIVE_ANON, nr);
	expect_parts(test, LRU_ACTIVE_FILE, nr);
}

/* Never fewer than what is active, and one more. */
static void empty_ones_are_closed(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	unsigned long youngest;
	unsigned int i;

	for (i = 0; i < 9; i++) {
		KUNIT_EXPECT_EQ(test, nr_gens(scene, 0), 4);
		KUNIT_EXPECT_EQ(test, nr_gens(scene, 1), 4);
		youngest = gens_of(scene)->max_seq;
		swaptbl_test_gens_trim(scene->group, NODE);
		swaptbl_test_gens_trim(scene->group, NODE);
		KUNIT_EXPECT_EQ(test, nr_gens(scene, 0), 3);
		KUNIT_EXPECT_EQ(test, nr_gens(scene, 1), 3);
		KUNIT_EXPECT_EQ(test, gens_of(scene)->max_seq, youngest);
		swaptbl_test_spots_verify(test, scene->spots);
		KUNIT_EXPECT_EQ(test, age(scene, 1), 0);
	}
}

/* The coldest one that is on a list, by the model. */
static struct folio *coldest(struct scene *scene, enum lru_list lru)
{
	static const unsigned int ages[] = { 3, 2, 1, 0 };
	struct swaptbl_test_spot *spot;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(ages); i++) {
		for (k = scene->spots->nr; k--;) {
			spot = &scene->spots->spot[k];
			if (folio_nid(spot->folio) == NODE &&
			    swaptbl_test_spot_class(spot) == lru &&
			    spot->gen == ((gens_of(scene)->max_seq - ages[i]) & 3))
				return spot->folio;
		}
	}
	return NULL;
}

static unsigned int isolate(struct scene *scene, enum lru_list lru, unsigned long pages,
			    struct folio_batch *fbatch)
{
	folio_batch_init(fbatch);
	return swaptbl_isolate_lru_pages(scene->group, NODE, lru, pages, fbatch);
}

static void expect_isolated(struct kunit *test, struct scene *scene, enum lru_list lru,
			    struct folio_batch *fbatch)
{
	struct folio *folio;
	unsigned int i;

	for (i = 0; i < folio_batch_count(fbatch); i++) {
		folio = coldest(scene, lru);
		KUNIT_ASSERT_PTR_EQ(test, fbatch->folios[i], folio);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_lru_list(folio), lru);
		swaptbl_test_spot_take(scene->spots, folio);
	}
	swaptbl_test_spots_expect(test, scene->spots);
}

static void expect_back(struct kunit *test, struct scene *scene, enum lru_list lru,
			struct folio_batch *fbatch)
{
	unsigned int i;

	for (i = 0; i < folio_batch_count(fbatch); i++)
		swaptbl_test_spot_come(scene->spots, fbatch->folios[i], scene->group,
				       lru);
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(fbatch), 0);
	swaptbl_test_spots_verify(test, scene->spots);
}

/* In each window all of a list; what has gone cannot keep its generation. */
static void isolated_from_cold_end(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct folio_batch fbatch;
	unsigned int window, type, lists;
	enum lru_list lru;

	for (window = 0; window < WINDOWS; window++) {
		for_each_evictable_lru(lru) {
			scene_set(test, scene, window);
			type = is_file_lru(lru);
			lists = nr_gens(scene, type) - 2;
			if (is_active_lru(lru))
				lists = 2;
			KUNIT_EXPECT_EQ(test, isolate(scene, lru, ULONG_MAX, &fbatch),
					3 * lists);
			expect_isolated(test, scene, lru, &fbatch);
			KUNIT_EXPECT_PTR_EQ(test, coldest(scene, lru), NULL);
			KUNIT_EXPECT_EQ(test, nr_gens(scene, type),
					is_active_lru(lru) && !(window & 4 << type) ?
					4 : 3);
			KUNIT_EXPECT_EQ(test, nr_gens(scene, !type),
					window & 4 << !type ? 3 : 4);
			expect_back(test, scene, lru, &fbatch);
		}
	}
}

/* None but the last folio. */
static void closed_with_last_folio(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct folio_batch fbatch;

	scene_set(test, scene, 0);
	/* One page twice, and four of a large one. */
	KUNIT_EXPECT_EQ(test, isolate(scene, LRU_INACTIVE_FILE, 5, &fbatch), 2);
	expect_isolated(test, scene, LRU_INACTIVE_FILE, &fbatch);
	KUNIT_EXPECT_EQ(test, nr_gens(scene, 1), 4);
	expect_back(test, scene, LRU_INACTIVE_FILE, &fbatch);
	KUNIT_EXPECT_EQ(test, isolate(scene, LRU_INACTIVE_FILE, 1, &fbatch), 1);
	expect_isolated(test, scene, LRU_INACTIVE_FILE, &fbatch);
	KUNIT_EXPECT_EQ(test, nr_gens(scene, 1), 3);
	KUNIT_EXPECT_EQ(test, nr_gens(scene, 0), 4);
	expect_back(test, scene, LRU_INACTIVE_FILE, &fbatch);
}

/* Who moves a folio finds it where it was. */
static void passed_over_keeps_generation(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct folio_batch fbatch;
	struct folio *folio;

	scene_set(test, scene, 0);
	folio = coldest(scene, LRU_INACTIVE_ANON);
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU);
	KUNIT_EXPECT_EQ(test, isolate(scene, LRU_INACTIVE_ANON, ULONG_MAX, &fbatch), 5);
	KUNIT_EXPECT_EQ(test, nr_gens(scene, 0), 4);
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU);
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(&fbatch), 0);
	KUNIT_EXPECT_EQ(test, isolate(scene, LRU_INACTIVE_ANON, 1, &fbatch), 1);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[0], folio);
	KUNIT_EXPECT_EQ(test, nr_gens(scene, 0), 3);
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(&fbatch), 0);
	swaptbl_expect_tree_verified(test, scene->spots->tree);
}

/* By reference: the same ones in the same order, and nothing is closed. */
static void looked_up_from_cold_end(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct folio_batch looked_up, fbatch;
	enum lru_list lru;
	unsigned int i;

	scene_set(test, scene, 2);
	for_each_evictable_lru(lru) {
		folio_batch_init(&looked_up);
		KUNIT_EXPECT_EQ(test, swaptbl_get_lru_folios(scene->group, NODE, lru,
							     &looked_up), 6);
		swaptbl_test_spots_expect(test, scene->spots);
		KUNIT_EXPECT_EQ(test, isolate(scene, lru, ULONG_MAX, &fbatch), 6);
		for (i = 0; i < folio_batch_count(&looked_up); i++) {
			KUNIT_EXPECT_PTR_EQ(test, looked_up.folios[i], fbatch.folios[i]);
			folio_put(looked_up.folios[i]);
		}
		expect_isolated(test, scene, lru, &fbatch);
		expect_back(test, scene, lru, &fbatch);
	}
}

/* Other trees have none. */
static void age_of_lists(struct kunit *test)
{
	struct swaptbl_tree *tree = swaptbl_test_tree_of(test, SWAPTBL_TREE_LISTS);
	struct swaptbl_test_lru_state before;
	struct folio *folio;
	int nid;

	folio = swaptbl_test_on_lru(test, tree->root, 0, NODE, LRU_ACTIVE_ANON);
	swaptbl_test_lru_state(folio, tree->root, &before);
	for_each_node(nid) {
		KUNIT_EXPECT_PTR_EQ(test, tree->root->lruvec[nid]->gens, NULL);
		KUNIT_EXPECT_EQ(test, swaptbl_group_age(tree->root, nid), -EOPNOTSUPP);
	}
	KUNIT_EXPECT_TRUE(test, swaptbl_test_lru_unchanged(folio, tree->root, &before));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio, tree->root, LRU_ACTIVE_ANON));
	swaptbl_expect_tree_verified(test, tree);
}

/* Its folios are the parent's, whom nobody has asked. */
static void age_of_removed_group(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct swaptbl_lru_gens *above = scene->spots->tree->root->lruvec[NODE]->gens;
	unsigned long youngest = above->max_seq;
	int nid;

	scene_set(test, scene, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_spots_remove(scene->spots, scene->group), 0);
	for_each_node(nid)
		KUNIT_EXPECT_EQ(test, swaptbl_group_age(scene->group, nid), -ESRCH);
	KUNIT_EXPECT_EQ(test, above->max_seq, youngest);
	swaptbl_test_spots_verify(test, scene->spots);
}

/* Between the look at the lruvec and its lock. */
static void removed_before_lock(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1 } };
	struct scene *scene = scene_make(test);
	int err, nid;

	swaptbl_test_crowd_come(test, &scene->crowd, scene->spots, scene->group, 6);
	windows.next = scene->group;
	swaptbl_test_windows_begin(&windows, SWAPTBL_LRU_LOOKED_UP);
	err = swaptbl_group_age(scene->group, NODE);
	swaptbl_test_windows_end(test, &windows);
	KUNIT_EXPECT_EQ(test, err, -ESRCH);
	for_each_node(nid)
		swaptbl_test_spots_moved(scene->spots, scene->group, nid);
	swaptbl_test_spots_verify(test, scene->spots);
}

static struct swaptbl_group *create_failing_at(struct swaptbl_group *parent,
					       struct swaptbl_test_hooks *hooks)
{
	struct swaptbl_group *group;

	swaptbl_test_hooks_begin(hooks);
	group = swaptbl_group_create(parent, SWAPTBL_GROUP_NO_LIMIT);
	swaptbl_test_hooks_end(hooks);
	return group;
}

/* Each of the nodes' is the one that cannot be had. */
static void no_memory_for_generations(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	unsigned long handles = swaptbl_test_handles_settled();
	int refs = refcount_read(&scene->group->ref);
	struct swaptbl_test_hooks hooks = {};
	unsigned int at = 0, failed = 0, before;
	struct swaptbl_group *group;

	do {
		before = hooks.site[SWAPTBL_MEM_LRU_GENS];
		hooks = (struct swaptbl_test_hooks){ .fail_at = ++at };
		group = create_failing_at(scene->group, &hooks);
		failed += IS_ERR(group) && hooks.site[SWAPTBL_MEM_LRU_GENS] > before;
		if (!IS_ERR(group))
			break;
		KUNIT_ASSERT_EQ(test, PTR_ERR(group), -ENOMEM);
		KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles);
		KUNIT_EXPECT_EQ(test, refcount_read(&scene->group->ref), refs);
		swaptbl_test_spots_verify(test, scene->spots);
	} while (at < 100);
	KUNIT_EXPECT_EQ(test, failed, num_possible_nodes());
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	swaptbl_group_put(group);
}

static struct kunit_case swaptbl_lru_gen_cases[] = {
	KUNIT_CASE_PARAM(moves_by_class, mover_gen_params),
	KUNIT_CASE(added_by_class),
	KUNIT_CASE(class_follows_age),
	KUNIT_CASE(oldest_joins_next),
	KUNIT_CASE_PARAM(oldest_joins_in_parts, amount_gen_params),
	KUNIT_CASE(empty_ones_are_closed),
	KUNIT_CASE(isolated_from_cold_end),
	KUNIT_CASE(closed_with_last_folio),
	KUNIT_CASE(passed_over_keeps_generation),
	KUNIT_CASE(looked_up_from_cold_end),
	KUNIT_CASE(age_of_lists),
	KUNIT_CASE(age_of_removed_group),
	KUNIT_CASE(removed_before_lock),
	KUNIT_CASE(no_memory_for_generations),
	{}
};

static struct kunit_suite swaptbl_lru_gen_suite = {
	.name = "swaptbl_lru_gen",
	.test_cases = swaptbl_lru_gen_cases,
};

kunit_test_suite(swaptbl_lru_gen_suite);
