// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what becomes of the generations of a group that is removed.
 * swaptbl/lru_gen.c, and __swaptbl_lruvec_splice() of swaptbl/lruvec.c.
 *
 * A generation of the child is another age at the parent.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>

#include "../swaptbl/folio.h"
#include "lru_gen_util.h"

#define WINDOWS	SWAPTBL_TEST_WINDOWS

static const unsigned int windows[WINDOWS] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
};

static void window_desc(const unsigned int *window, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "youngest %u, %u of anon, %u of file",
		 *window & 3, *window & 4 ? 3 : 4, *window & 8 ? 3 : 4);
}

KUNIT_ARRAY_PARAM(window, windows, window_desc);

static unsigned int window_of(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

#define LEVELS	3

/**
 * struct scene - a child, its parent and its grandparent, with folios
 * @spots: where these have to be
 * @group: from the grandparent on down
 * @crowd: folios of each
 */
struct scene {
	struct swaptbl_test_spots *spots;
	struct swaptbl_group *group[LEVELS];
	struct swaptbl_test_crowd crowd[LEVELS];
};

static struct scene *scene_make(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->spots = swaptbl_test_spots(test);
	return scene;
}

static void scene_set(struct kunit *test, struct scene *scene,
		      struct swaptbl_group *top, const unsigned int *window)
{
	unsigned int i;

	scene->group[0] = top;
	for (i = 1; i < LEVELS; i++)
		scene->group[i] = swaptbl_test_child(test, scene->group[i - 1]);
	for (i = 0; i < LEVELS; i++)
		swaptbl_test_crowd_come(test, &scene->crowd[i], scene->spots,
					scene->group[i], window[i]);
	swaptbl_test_spots_expect(test, scene->spots);
}

/* By the normal way: every other one, then the rest. */
static void all_leave(struct kunit *test, struct swaptbl_test_spots *spots)
{
	unsigned int i;

	for (i = 0; i < spots->nr; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_spot_off(spots, spots->spot[i].folio),
				0);
	swaptbl_test_spots_expect(test, spots);
	while (spots->nr)
		KUNIT_EXPECT_EQ(test, swaptbl_test_spot_off(spots, spots->spot[0].folio),
				0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&spots->tree->root->usage), 0);
	swaptbl_test_spots_verify(test, spots);
}

/* All pages on lists: none comes or goes, whatever class it is. */
static long on_lists(struct scene *scene)
{
	struct swaptbl_group *root = scene->spots->tree->root;
	enum lru_list lru;
	long pages = 0;

	for_each_lru(lru)
		pages += swaptbl_test_total(root, SWAPTBL_LRU_STAT_LISTS + lru);
	return pages;
}

static void expect_handed_up(struct kunit *test, struct scene *scene)
{
	long pages = on_lists(scene);
	unsigned int level, type;
	int nid;

	for (level = LEVELS - 1; level; level--) {
		KUNIT_EXPECT_EQ(test, swaptbl_test_spots_remove(scene->spots,
								scene->group[level]), 0);
		for_each_node(nid)
			for (type = 0; type < ANON_AND_FILE; type++)
				KUNIT_EXPECT_EQ(test,
						swaptbl_test_gens(scene->group[level - 1],
								  nid, type), 4);
		swaptbl_test_spots_expect(test, scene->spots);
		KUNIT_EXPECT_EQ(test, on_lists(scene), pages);
	}
}

static void need_several(struct kunit *test, unsigned int nodes, unsigned int zones)
{
	if (nodes < 2)
		kunit_skip(test, "all the others have one node only");
	if (zones < 2)
		kunit_skip(test, "all the others have one zone only");
}

/* What all the others rely on, or are told that it is missing. */
static void of_two_nodes_and_zones(struct kunit *test)
{
	unsigned long nodes = 0, zones = 0;
	struct scene *scene = scene_make(test);
	struct folio *folio;
	unsigned int i;

	swaptbl_test_crowd_come(test, scene->crowd, scene->spots,
				scene->spots->tree->root, 0);
	for (i = 0; i < scene->spots->nr; i++) {
		folio = scene->spots->spot[i].folio;
		nodes |= BIT(folio_nid(folio));
		zones |= BIT(folio_zonenum(folio));
	}
	all_leave(test, scene->spots);
	need_several(test, hweight_long(nodes), hweight_long(zones));
}

/* Each window of the child with each of the parent. */
static void pairs_of_windows(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct swaptbl_group *root = scene->spots->tree->root, *top;
	unsigned int window[LEVELS];

	for (window[1] = 0; window[1] < WINDOWS; window[1]++) {
		window[2] = window_of(test);
		window[0] = (7 * window[1] + 3 * window[2]) % WINDOWS;
		top = window[1] & 1 ? root : swaptbl_test_child(test, root);
		scene_set(test, scene, top, window);
		expect_handed_up(test, scene);
		all_leave(test, scene->spots);
	}
}

/* What was handed over ages with the parent's own. */
static void aged_at_parent(struct kunit *test)
{
	unsigned int window[LEVELS] = { 3, 2, window_of(test) }, i;
	struct scene *scene = scene_make(test);
	int nid;

	scene_set(test, scene, scene->spots->tree->root, window);
	KUNIT_EXPECT_EQ(test, swaptbl_test_spots_remove(scene->spots, scene->group[2]),
			0);
	for (i = 0; i < 5; i++) {
		for_each_node_state(nid, N_MEMORY)
			KUNIT_EXPECT_EQ(test,
					swaptbl_test_spots_age(scene->spots,
							       scene->group[1], nid), 0);
		swaptbl_test_spots_verify(test, scene->spots);
	}
	all_leave(test, scene->spots);
}

/* A parent that has nothing, and a child that has nothing. */
static void empty_ones(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct swaptbl_group *parent, *child, *none;
	int nid;

	parent = swaptbl_test_child(test, scene->spots->tree->root);
	child = swaptbl_test_child(test, parent);
	none = swaptbl_test_child(test, parent);
	for_each_node(nid) {
		swaptbl_test_gens_trim(parent, nid);
		swaptbl_test_gens_trim(none, nid);
	}
	swaptbl_test_crowd_come(test, scene->crowd, scene->spots, child, window_of(test));
	KUNIT_EXPECT_EQ(test, swaptbl_test_spots_remove(scene->spots, none), 0);
	swaptbl_test_spots_verify(test, scene->spots);
	KUNIT_EXPECT_EQ(test, swaptbl_test_spots_remove(scene->spots, child), 0);
	swaptbl_test_spots_verify(test, scene->spots);
	all_leave(test, scene->spots);
}

/**
 * struct watch - who reads sizes without a lock
 * @parent: whose
 * @below_zero: one of them was
 */
struct watch {
	struct swaptbl_group *parent;
	bool below_zero;
};

static void actor_reads_sizes(void *arg)
{
	struct watch *watch = arg;
	enum lru_list lru;

	for_each_lru(lru)
		watch->below_zero |= (long)swaptbl_test_lru_size(watch->parent,
								 first_memory_node,
								 lru) < 0;
}

/* What the parent has none of is not taken from it. As many pages as are batched. */
static void no_size_below_zero(struct kunit *test)
{
	struct swaptbl_test_spots *spots = swaptbl_test_spots(test);
	struct watch watch = { .parent = spots->tree->root };
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_STAT_BATCH,
		.actor = actor_reads_sizes,
		.arg = &watch,
	};
	struct swaptbl_group *child = swaptbl_test_child(test, watch.parent);
	unsigned int order = order_base_2(SWAPTBL_LRU_STAT_BATCH), i;
	int err;

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_spots_age(spots, child,
							     first_memory_node), 0);
	swaptbl_test_spot_new(test, spots, child, order, first_memory_node,
			      LRU_ACTIVE_FILE);
	swaptbl_test_spots_verify(test, spots);
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_test_spots_remove(spots, child);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GT(test, hooks.passed, 0);
	KUNIT_EXPECT_FALSE(test, watch.below_zero);
	swaptbl_test_spots_verify(test, spots);
}

/* Counted, by who is sure that it is taken back. */
static void count_extra(struct swaptbl_test_spot *spot, long nr)
{
	int nid = folio_nid(spot->folio), zid = folio_zonenum(spot->folio);
	enum lru_list lru = swaptbl_test_spot_class(spot);
	struct swaptbl_lruvec *lruvec;

	lruvec = swaptbl_group_lruvec_lock_irq(spot->group, nid);
	lruvec->gens->size[spot->gen][spot->type][zid] += nr;
	lruvec->size[zid][lru] += nr;
	swaptbl_lru_stat_add(lruvec, SWAPTBL_LRU_STAT_LISTS + lru, nr);
	swaptbl_lruvec_unlock_irq(lruvec);
	spot->extra += nr;
}

#if BITS_PER_LONG == 64
#define MANY(nr)	(nr)
#else
#define MANY(nr)	0
#endif

static const struct {
	unsigned long nr;
	const char *name;
} counts[] = {
	{ MANY((1UL << 31) - 2), "below 2^31" },
	{ MANY(1UL << 31), "2^31" },
	{ MANY((1UL << 32) - 1), "2^32 with the folio" },
	{ MANY((1UL << 32) + 1), "above 2^32" },
	{ MANY(5UL << 40), "all of them high" },
};

KUNIT_ARRAY_PARAM_DESC(count, counts, name);

/* In each generation of the child, and then of those above. */
static void expect_counts(struct kunit *test, struct scene *scene, unsigned long nr)
{
	struct swaptbl_test_spot *spot;
	unsigned int i, level;

	for (i = 0; i < scene->spots->nr; i++) {
		spot = &scene->spots->spot[i];
		if (spot->group == scene->group[2] &&
		    spot->type != SWAPTBL_TEST_UNEVICTABLE)
			count_extra(spot, nr);
	}
	swaptbl_test_spots_expect(test, scene->spots);
	for (level = LEVELS - 1; level; level--) {
		KUNIT_EXPECT_EQ(test, swaptbl_test_spots_remove(scene->spots,
								scene->group[level]), 0);
		swaptbl_test_spots_expect(test, scene->spots);
	}
	for (i = 0; i < scene->spots->nr; i++) {
		spot = &scene->spots->spot[i];
		if (spot->extra)
			count_extra(spot, -spot->extra);
	}
}

static void counts_of_all_bits(struct kunit *test)
{
	unsigned long nr = *(const unsigned long *)test->param_value;
	struct scene *scene = scene_make(test);
	unsigned int window[LEVELS];

	if (BITS_PER_LONG < 64)
		kunit_skip(test, "a count of pages has 32 bits");
	for (window[1] = 0; window[1] < 4; window[1]++) {
		window[0] = 2 * window[1] % WINDOWS;
		window[2] = 1;
		scene_set(test, scene, scene->spots->tree->root, window);
		expect_counts(test, scene, nr);
		all_leave(test, scene->spots);
	}
}

/* The same where a generation becomes inactive. */
static void counts_of_all_bits_aged(struct kunit *test)
{
	unsigned long nr = *(const unsigned long *)test->param_value;
	struct scene *scene = scene_make(test);
	struct swaptbl_test_spots *spots = scene->spots;
	struct swaptbl_group *group = swaptbl_test_child(test, spots->tree->root);
	unsigned int i;

	if (BITS_PER_LONG < 64)
		kunit_skip(test, "a count of pages has 32 bits");
	swaptbl_test_spot_new(test, spots, group, 0, first_memory_node, LRU_ACTIVE_ANON);
	swaptbl_test_spot_new(test, spots, group, 1, first_memory_node, LRU_ACTIVE_FILE);
	for (i = 0; i < spots->nr; i++)
		count_extra(&spots->spot[i], nr);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, swaptbl_test_spots_age(spots, group,
							     first_memory_node), 0);
		swaptbl_test_spots_expect(test, spots);
	}
	for (i = 0; i < spots->nr; i++)
		count_extra(&spots->spot[i], -spots->spot[i].extra);
	all_leave(test, spots);
}

static struct kunit_case swaptbl_lru_gen_move_cases[] = {
	KUNIT_CASE(of_two_nodes_and_zones),
	KUNIT_CASE_PARAM(pairs_of_windows, window_gen_params),
	KUNIT_CASE_PARAM(aged_at_parent, window_gen_params),
	KUNIT_CASE_PARAM(empty_ones, window_gen_params),
	KUNIT_CASE(no_size_below_zero),
	KUNIT_CASE_PARAM(counts_of_all_bits, count_gen_params),
	KUNIT_CASE_PARAM(counts_of_all_bits_aged, count_gen_params),
	{}
};

static struct kunit_suite swaptbl_lru_gen_move_suite = {
	.name = "swaptbl_lru_gen_move",
	.test_cases = swaptbl_lru_gen_move_cases,
};

kunit_test_suite(swaptbl_lru_gen_move_suite);
