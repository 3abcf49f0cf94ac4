// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the oracle of groups: what can be wrong with generations is found and named.
 * swaptbl/group_verify.c.
 */
#include <kunit/test.h>
#include <linux/seq_file.h>

#include "../swaptbl/folio.h"
#include "group_util.h"
#include "lru_gen_util.h"

#define NODE	first_memory_node

/**
 * struct scene - a group with folios
 * @spots: where these have to be
 * @group: child of the root
 * @young: on an active list
 * @old: in the oldest generation, which is one of four
 * @file: inactive
 */
struct scene {
	struct swaptbl_test_spots *spots;
	struct swaptbl_group *group;
	struct folio *young;
	struct folio *old;
	struct folio *file;
};

static struct swaptbl_lru_gens *gens_of(struct scene *scene)
{
	return scene->group->lruvec[NODE]->gens;
}

static void change_flag(struct folio *folio, enum swaptbl_folio_flag flag)
{
	change_bit(flag, &folio->index);
}

/* Into the generation beside it, of the same class. */
static void change_low_bit_of_gen(struct scene *scene)
{
	change_flag(scene->old, SWAPTBL_FOLIO_LRU_ACTIVE);
}

static void change_high_bit_of_gen(struct scene *scene)
{
	change_flag(scene->file, SWAPTBL_FOLIO_LRU_OLDER);
}

static void change_type(struct scene *scene)
{
	change_flag(scene->young, SWAPTBL_FOLIO_LRU_FILE);
}

/* To the list of the other inactive generation, or back. */
static void change_list(struct scene *scene)
{
	struct swaptbl_lru_gens *gens = gens_of(scene);
	unsigned int gen = swaptbl_lru_gen(gens->min_seq[0]);

	if (list_empty(&gens->lists[gen][0]))
		list_move(&scene->old->lru, &gens->lists[gen][0]);
	else
		list_move(&scene->old->lru, &gens->lists[swaptbl_lru_gen(gen + 1)][0]);
}

static void change_size(struct scene *scene)
{
	struct swaptbl_lru_gens *gens = gens_of(scene);
	int zid = folio_zonenum(scene->young);

	gens->size[swaptbl_lru_gen(gens->max_seq)][0][zid] ^= 4;
}

static void change_size_of_empty_one(struct scene *scene)
{
	struct swaptbl_lru_gens *gens = gens_of(scene);

	gens->size[swaptbl_lru_gen(gens->min_seq[1])][1][MAX_NR_ZONES - 1] ^= 1;
}

/* From one zone to another: the sum is right. */
static void change_zone_of_size(struct scene *scene)
{
	struct swaptbl_lru_gens *gens = gens_of(scene);
	unsigned int gen = swaptbl_lru_gen(gens->max_seq);
	int zid = folio_zonenum(scene->young);

	swap(gens->size[gen][0][zid],
	     gens->size[gen][0][(zid + 1) % MAX_NR_ZONES]);
}

/* From one generation of the same class to another: the class is right. */
static void change_gen_of_size(struct scene *scene)
{
	struct swaptbl_lru_gens *gens = gens_of(scene);
	unsigned int gen = swaptbl_lru_gen(gens->min_seq[0]);
	int zid = folio_zonenum(scene->old);

	swap(gens->size[gen][0][zid],
	     gens->size[swaptbl_lru_gen(gen + 1)][0][zid]);
}

static void close_with_folio(struct scene *scene)
{
	gens_of(scene)->min_seq[0] ^= 1;
}

static void close_too_many(struct scene *scene)
{
	gens_of(scene)->min_seq[1] ^= 2;
}

static void open_too_many(struct scene *scene)
{
	gens_of(scene)->min_seq[1] ^= 4;
}

static void open_youngest(struct scene *scene)
{
	gens_of(scene)->max_seq ^= 8;
}

/* The second call takes back what the first one did. */
static const struct fault {
	const char *name;
	void (*change)(struct scene *scene);
	const char *what;
} faults[] = {
	{ "folio-list", change_low_bit_of_gen, "low bit of generation" },
	{ "folio-list", change_high_bit_of_gen, "high bit of generation" },
	{ "folio-list", change_type, "type" },
	{ "folio-list", change_list, "list" },
	{ "gen-size", change_list, "size of list" },
	{ "gen-size", change_size, "size" },
	{ "gen-size", change_size_of_empty_one, "size of empty one" },
	{ "gen-size", change_zone_of_size, "zone" },
	{ "gen-size", change_gen_of_size, "generation of size" },
	{ "gen-size", close_with_folio, "folio in none" },
	{ "gen-window", close_too_many, "too few" },
	{ "gen-window", open_too_many, "too many" },
	{ "gen-window", open_youngest, "too young" },
};

KUNIT_ARRAY_PARAM_DESC(fault, faults, what);

/* Numbers 4 to 7 of each type: what is flipped above is known. */
static void scene_set(struct kunit *test, struct scene *scene)
{
	struct swaptbl_test_spots *spots = swaptbl_test_spots(test);
	unsigned int i;

	scene->spots = spots;
	scene->group = swaptbl_test_child(test, spots->tree->root);
	KUNIT_EXPECT_EQ(test, swaptbl_test_spots_age(spots, scene->group, NODE), 0);
	scene->old = swaptbl_test_spot_new(test, spots, scene->group, 1, NODE,
					   LRU_ACTIVE_ANON);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_spots_age(spots, scene->group, NODE),
				0);
	scene->young = swaptbl_test_spot_new(test, spots, scene->group, 0, NODE,
					     LRU_ACTIVE_ANON);
	scene->file = swaptbl_test_spot_new(test, spots, scene->group, 0, NODE,
					    LRU_INACTIVE_FILE);
	KUNIT_ASSERT_EQ(test, gens_of(scene)->max_seq, 7);
	swaptbl_test_spots_verify(test, spots);
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
	errors = swaptbl_tree_verify(scene.spots->tree, &m);
	fault->change(&scene);
	KUNIT_EXPECT_GT(test, errors, 0);
	KUNIT_EXPECT_TRUE_MSG(test, swaptbl_test_report_names(&m, fault->name), "not named: %s",
			      m.buf);
	swaptbl_test_spots_verify(test, scene.spots);
}

/* Of another generation of the same class, it is the only one that can tell. */
static void wrong_flag_is_all(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene);
	change_low_bit_of_gen(&scene);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_verify(scene.spots->tree, NULL), 1);
	change_low_bit_of_gen(&scene);
	swaptbl_test_spots_verify(test, scene.spots);
}

/* The first look at a group that nobody has used, and at one that is trimmed. */
static void nothing_wrong(struct kunit *test)
{
	struct swaptbl_test_spots *spots = swaptbl_test_spots(test);
	struct seq_file m = {};

	swaptbl_test_report_init(test, &m);
	swaptbl_test_gens_trim(swaptbl_test_child(test, spots->tree->root), NODE);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_verify(spots->tree, &m), 0);
	KUNIT_EXPECT_STREQ(test, m.buf, "ok: 2 groups, 0 pages on lists\n0 errors\n");
}

static struct kunit_case swaptbl_lru_gen_verify_cases[] = {
	KUNIT_CASE_PARAM(fault_is_named, fault_gen_params),
	KUNIT_CASE(wrong_flag_is_all),
	KUNIT_CASE(nothing_wrong),
	{}
};

static struct kunit_suite swaptbl_lru_gen_verify_suite = {
	.name = "swaptbl_lru_gen_verify",
	.test_cases = swaptbl_lru_gen_verify_cases,
};

kunit_test_suite(swaptbl_lru_gen_verify_suite);
