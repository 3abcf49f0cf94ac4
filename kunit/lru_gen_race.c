// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of generations that somebody else opens, closes, fills or takes away in the
 * middle of something. swaptbl/lru_gen.c.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/preempt.h>

#include "../swaptbl/folio.h"
#include "lru_gen_util.h"

#define NODE	first_memory_node
#define WINDOWS	SWAPTBL_TEST_WINDOWS
#define PART	256

/**
 * struct scene - three groups one below the other, and what is done to one of them
 * @spots: where all folios have to be
 * @group: from a child of the root on down
 * @target: the one
 * @plan: what is done
 * @nid: the nodes with memory
 * @nodes: how many there are
 * @begin: what the model has to know before; NULL for nothing
 * @isolated: taken off the lists of @target
 * @fresh: charged to nobody so far
 * @lost: so many of the nodes are the parent's by now
 * @below: how often the last group is aged before it is removed
 * @above: how often its parent is aged after that
 * @crowd: folios of each
 * @err: of all that
 */
struct scene {
	struct swaptbl_test_spots *spots;
	struct swaptbl_group *group[3];
	struct swaptbl_group *target;
	const struct plan *plan;
	int nid[SWAPTBL_TEST_NODES];
	unsigned int nodes;
	void (*begin)(struct scene *scene);
	struct folio_batch isolated;
	struct folio *fresh[NR_LRU_LISTS];
	unsigned int lost;
	unsigned int below;
	unsigned int above;
	struct swaptbl_test_crowd crowd[3];
	int err;
};

/* Other groups, and nothing on any list. */
static void scene_reset(struct kunit *test, struct scene *scene)
{
	struct swaptbl_test_spots *spots = scene->spots;
	struct swaptbl_group *parent = spots->tree->root;
	unsigned int i;

	while (spots->nr)
		KUNIT_ASSERT_EQ(test, swaptbl_test_spot_off(spots, spots->spot[0].folio),
				0);
	/* One of them may have gone before. */
	for (i = 3; i-- && scene->group[i];)
		swaptbl_group_remove(scene->group[i]);
	KUNIT_ASSERT_EQ(test, spots->tree->nr_groups, 1);
	for (i = 0; i < 3; i++, parent = scene->group[i - 1])
		scene->group[i] = swaptbl_test_child(test, parent);
	folio_batch_init(&scene->isolated);
	scene->lost = 0;
}

static struct scene *scene_make(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->spots = swaptbl_test_spots(test);
	for (i = 0; i < NR_LRU_LISTS; i++)
		scene->fresh[i] = swaptbl_test_folio_on(test, i & 1, NODE);
	scene->nodes = swaptbl_test_nodes(scene->nid);
	scene_reset(test, scene);
	return scene;
}

/**
 * struct plan - what is done in the middle of something
 * @name: of it
 * @act: does it; NULL for nothing
 * @err: what the other one gets for it
 */
struct plan {
	const char *name;
	void (*act)(struct scene *scene);
	int err;
};

static void age_all(struct scene *scene, struct swaptbl_group *group)
{
	unsigned int i;
	int err;

	for (i = 0; i < scene->nodes; i++) {
		err = swaptbl_test_spots_age(scene->spots, group, scene->nid[i]);
		if (err != (group == scene->group[2] && i < scene->lost ? -ESRCH : 0))
			scene->err = err ?: -ENOEXEC;
	}
}

static void act_age(struct scene *scene)
{
	age_all(scene, scene->target);
}

static void act_age_often(struct scene *scene)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		age_all(scene, scene->target);
}

static void act_age_above(struct scene *scene)
{
	age_all(scene, scene->target->parent);
}

static void act_add(struct scene *scene)
{
	enum lru_list lru;

	for_each_lru(lru)
		scene->err |= swaptbl_test_spot_add(scene->spots, scene->fresh[lru],
						    scene->target, lru);
}

/* What fits, of one list of one node. */
static void isolate(struct scene *scene, int nid, enum lru_list lru)
{
	unsigned int i = folio_batch_count(&scene->isolated), nr;

	nr = swaptbl_isolate_lru_folios(scene->target, nid, lru, &scene->isolated);
	for (; nr; nr--)
		swaptbl_test_spot_take(scene->spots, scene->isolated.folios[i++]);
}

static void act_isolate(struct scene *scene)
{
	unsigned int i;

	for (i = 0; i < scene->nodes; i++) {
		isolate(scene, scene->nid[i], LRU_INACTIVE_ANON);
		isolate(scene, scene->nid[i], LRU_INACTIVE_FILE);
	}
}

/* Until what is left of the oldest is gone. */
static void act_empty_oldest(struct scene *scene)
{
	struct folio *folio;
	unsigned int tries;

	for (tries = 0; tries < 8; tries++) {
		act_isolate(scene);
		while (folio_batch_count(&scene->isolated)) {
			folio = scene->isolated.folios[--scene->isolated.nr];
			scene->err |= swaptbl_folio_release_lru(folio);
			folio_put(folio);
		}
	}
}

static void move(struct scene *scene, struct folio *folio, enum swaptbl_test_move how)
{
	scene->err |= swaptbl_test_movers[how].gather(folio);
	swaptbl_lru_drain_all();
	swaptbl_test_spot_move(scene->spots, folio, how);
}

/* Whose folios are there, in the order that they were in before. */
static void move_some(struct scene *scene, enum swaptbl_test_move how, unsigned int nr)
{
	struct folio *folio;
	unsigned int i;

	for (i = 0; nr && i < scene->spots->nr; i++) {
		folio = scene->spots->spot[i].folio;
		if (scene->spots->spot[i].group != scene->target ||
		    scene->spots->spot[i].type == SWAPTBL_TEST_UNEVICTABLE)
			continue;
		move(scene, folio, how);
		nr--;
	}
}

static void act_rotate(struct scene *scene)
{
	move_some(scene, SWAPTBL_TEST_ROTATE, 20);
}

/* More than fit before the lock is dropped once more. */
static void act_rotate_many(struct scene *scene)
{
	move_some(scene, SWAPTBL_TEST_ROTATE, 2 * PART);
}

static void act_activate(struct scene *scene)
{
	move_some(scene, SWAPTBL_TEST_ACTIVATE, 40);
}

static void act_deactivate(struct scene *scene)
{
	move_some(scene, SWAPTBL_TEST_DEACTIVATE, 40);
}

/* Its child opens again what is being closed. */
static void act_take_over(struct scene *scene)
{
	scene->err |= swaptbl_test_spots_remove(scene->spots, scene->group[2]);
}

static void act_remove(struct scene *scene)
{
	act_take_over(scene);
	scene->err |= swaptbl_test_spots_remove(scene->spots, scene->group[1]);
}

static void act_trim(struct scene *scene)
{
	unsigned int i;

	for (i = 0; i < scene->nodes; i++)
		swaptbl_test_gens_trim(scene->target, scene->nid[i]);
}

static void actor(void *arg)
{
	struct scene *scene = arg;

	if (scene->begin)
		scene->begin(scene);
	if (scene->plan->act)
		scene->plan->act(scene);
}

/* What was isolated goes back, each to where it came from or the parent of that. */
static void putback(struct kunit *test, struct scene *scene, struct swaptbl_group *group)
{
	struct folio *folio;
	unsigned int i;

	for (i = 0; i < folio_batch_count(&scene->isolated); i++) {
		folio = scene->isolated.folios[i];
		swaptbl_test_spot_come(scene->spots, folio, group,
				       swaptbl_folio_lru_list(folio));
	}
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(&scene->isolated), 0);
}

static const struct plan age_plans[] = {
	{ "nothing" },
	{ "age", act_age },
	{ "age often", act_age_often },
	{ "age parent", act_age_above },
	{ "trim", act_trim },
	{ "add", act_add },
	{ "isolate", act_isolate },
	{ "empty oldest", act_empty_oldest },
	{ "rotate", act_rotate },
	{ "rotate many", act_rotate_many },
	{ "activate", act_activate },
	{ "deactivate", act_deactivate },
	{ "take over", act_take_over },
	{ "remove", act_remove, -ESRCH },
};

static void plan_desc(const struct plan *plan, char *desc)
{
	strscpy(desc, plan->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(age_plan, age_plans, plan_desc);

static unsigned int oldest(struct scene *scene)
{
	return (scene->target->lruvec[NODE]->gens->max_seq + 1) & 3;
}

/* Those of anon come first. */
static void begin_anon(struct scene *scene)
{
	swaptbl_test_spots_retire(scene->spots, scene->target, NODE, 0, oldest(scene),
				  PART);
}

static void begin_file(struct scene *scene)
{
	swaptbl_test_spots_retire(scene->spots, scene->target, NODE, 0, oldest(scene),
				  UINT_MAX);
	swaptbl_test_spots_retire(scene->spots, scene->target, NODE, 1, oldest(scene),
				  PART);
}

/* The oldest generation has more than are moved at a time. */
static void scene_fill(struct kunit *test, struct scene *scene, enum lru_list lru)
{
	unsigned int i;

	scene->target = scene->group[1];
	for (i = 0; i < PART + 44; i++)
		swaptbl_test_spot_new(test, scene->spots, scene->target, i % 50 == 0,
				      NODE, lru);
	/* The youngest becomes the oldest while these come. */
	for (i = 0; i < 3; i++)
		swaptbl_test_crowd_come(test, &scene->crowd[i], scene->spots,
					scene->group[i], i == 1 ? 2 : 3 * i);
	swaptbl_test_spots_verify(test, scene->spots);
}

static void age_with(struct kunit *test, void (*begin)(struct scene *scene),
		     enum lru_list lru)
{
	struct scene *scene = scene_make(test);
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_LRU_AGED,
		.actor = actor,
		.arg = scene,
	};
	int err;

	scene->plan = test->param_value;
	scene->begin = begin;
	scene_fill(test, scene, lru);
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_test_spots_age(scene->spots, scene->target, NODE);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, scene->plan->err);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	KUNIT_EXPECT_GE(test, hooks.passed, err ? 1 : 2);
	swaptbl_test_spots_verify(test, scene->spots);
	putback(test, scene, scene->target);
	swaptbl_test_spots_verify(test, scene->spots);
}

/* The oldest generation of one type is moved in part. */
static void in_the_middle_of_age(struct kunit *test)
{
	age_with(test, begin_anon, LRU_ACTIVE_ANON);
	age_with(test, begin_file, LRU_ACTIVE_FILE);
}

static const struct plan removal_plans[] = {
	{ "nothing" },
	{ "age", act_age },
	{ "age often", act_age_often },
	{ "trim", act_trim },
	{ "isolate", act_isolate },
	{ "rotate", act_rotate },
	{ "activate", act_activate },
	{ "deactivate", act_deactivate },
};

KUNIT_ARRAY_PARAM(removal_plan, removal_plans, plan_desc);

static void begin_node(struct scene *scene)
{
	scene->lost = 1;
	swaptbl_test_spots_moved(scene->spots, scene->group[2], scene->nid[0]);
}

static void remove_with(struct kunit *test, struct scene *scene,
			enum swaptbl_sync_point point)
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor,
		.arg = scene,
	};
	unsigned int i;
	int err;

	scene->begin = point == SWAPTBL_REPARENT_NODE ? begin_node : NULL;
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_group_remove(scene->group[2]);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	KUNIT_EXPECT_GT(test, hooks.passed, 0);
	for (i = 0; i < scene->nodes; i++)
		swaptbl_test_spots_moved(scene->spots, scene->group[2], scene->nid[i]);
	swaptbl_test_spots_verify(test, scene->spots);
	putback(test, scene, scene->group[1]);
	swaptbl_test_spots_verify(test, scene->spots);
}

/* It is done to the parent, or to the group itself, as far as that still is. */
static void in_the_middle_of_removal(struct kunit *test, enum swaptbl_sync_point point,
				     unsigned int target)
{
	struct scene *scene = scene_make(test);
	unsigned int window, i;

	scene->plan = test->param_value;
	for (window = 0; window < WINDOWS; window++) {
		scene_reset(test, scene);
		scene->target = scene->group[target];
		for (i = 0; i < 3; i++)
			swaptbl_test_crowd_come(test, &scene->crowd[i], scene->spots,
						scene->group[i],
						i * window % WINDOWS);
		remove_with(test, scene, point);
	}
}

static void parent_while_dying(struct kunit *test)
{
	in_the_middle_of_removal(test, SWAPTBL_GROUP_DYING, 1);
}

static void group_while_dying(struct kunit *test)
{
	in_the_middle_of_removal(test, SWAPTBL_GROUP_DYING, 2);
}

static void parent_between_nodes(struct kunit *test)
{
	in_the_middle_of_removal(test, SWAPTBL_REPARENT_NODE, 1);
}

static void group_between_nodes(struct kunit *test)
{
	in_the_middle_of_removal(test, SWAPTBL_REPARENT_NODE, 2);
}

/* So often, the group first, and its parent after it was removed. */
static void actor_removes(void *arg)
{
	struct scene *scene = arg;
	unsigned int i;

	for (i = 0; i < scene->below; i++)
		age_all(scene, scene->group[2]);
	scene->err |= swaptbl_test_spots_remove(scene->spots, scene->group[2]);
	for (i = 0; i < scene->above; i++)
		age_all(scene, scene->group[1]);
}

#define TIMES	(4 * WINDOWS)

/* Each window of the group four times, with others of the parent. */
static void scene_time(struct kunit *test, struct scene *scene, unsigned int time)
{
	unsigned int window = time / 4;

	scene_reset(test, scene);
	scene->target = scene->group[2];
	scene->below = time % 4;
	scene->above = time % 3;
	swaptbl_test_crowd_come(test, &scene->crowd[1], scene->spots, scene->group[1],
				(5 * window + 3) % WINDOWS);
	swaptbl_test_crowd_come(test, &scene->crowd[2], scene->spots, scene->group[2],
				window);
}

/* What it was when it was taken off is what it is put back as. */
static void isolated_meanwhile(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	enum lru_list lru;
	unsigned int i;

	for (i = 0; i < TIMES; i++) {
		scene_time(test, scene, i);
		for_each_evictable_lru(lru)
			isolate(scene, NODE, lru);
		KUNIT_EXPECT_GT(test, folio_batch_count(&scene->isolated), 12);
		actor_removes(scene);
		KUNIT_EXPECT_EQ(test, scene->err, 0);
		swaptbl_test_spots_expect(test, scene->spots);
		putback(test, scene, scene->group[1]);
		swaptbl_test_spots_verify(test, scene->spots);
	}
}

/* Returns when the batch of this CPU has been worked off: it was taken before. */
static unsigned int drain_with_removal(struct scene *scene)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_BATCH_FLUSH,
		.actor = actor_removes,
		.arg = scene,
	};

	swaptbl_test_hooks_begin(&hooks);
	swaptbl_lru_drain_all();
	swaptbl_test_hooks_end(&hooks);
	return hooks.passed;
}

/* Small ones of all generations and nodes, that fit into one batch. */
static unsigned int gather(struct scene *scene, enum swaptbl_test_move how,
			   struct folio **pending)
{
	unsigned int i, nr = 0;
	struct folio *folio;

	for (i = 0; i < SWAPTBL_TEST_CROWD; i++) {
		folio = scene->crowd[2].folio[i];
		if (!folio || folio_test_large(folio) ||
		    !swaptbl_test_spot_of(scene->spots, folio))
			continue;
		scene->err |= swaptbl_test_movers[how].gather(folio);
		pending[nr++] = folio;
	}
	return nr;
}

static const struct swaptbl_test_mover *movers[] = {
	&swaptbl_test_movers[SWAPTBL_TEST_ROTATE],
	&swaptbl_test_movers[SWAPTBL_TEST_ACTIVATE],
	&swaptbl_test_movers[SWAPTBL_TEST_DEACTIVATE],
};

static void mover_desc(const struct swaptbl_test_mover **mover, char *desc)
{
	swaptbl_test_mover_desc(*mover, desc);
}

KUNIT_ARRAY_PARAM(mover, movers, mover_desc);

/* It is judged by where it is when its turn comes. */
static void gathered_meanwhile(struct kunit *test)
{
	const struct swaptbl_test_mover * const *mover = test->param_value;
	enum swaptbl_test_move how = *mover - swaptbl_test_movers;
	struct folio *pending[SWAPTBL_TEST_BATCH];
	struct scene *scene = scene_make(test);
	unsigned int i, k, nr, passed;

	for (i = 0; i < TIMES; i++) {
		scene_time(test, scene, i);
		migrate_disable();
		nr = gather(scene, how, pending);
		passed = drain_with_removal(scene);
		migrate_enable();
		KUNIT_EXPECT_EQ(test, passed, 1);
		KUNIT_EXPECT_EQ(test, scene->err, 0);
		for (k = 0; k < nr; k++)
			swaptbl_test_spot_move(scene->spots, pending[k], how);
		swaptbl_test_spots_verify(test, scene->spots);
	}
}

/* On no list yet: it comes as what it was to come. */
static void added_meanwhile(struct kunit *test)
{
	struct scene *scene = scene_make(test);
	struct folio *folio[NR_LRU_LISTS];
	enum lru_list lru;
	unsigned int i;

	for (i = 0; i < TIMES; i++) {
		scene_time(test, scene, i);
		for_each_lru(lru)
			folio[lru] = swaptbl_test_charged(test, scene->group[2], 0, NODE);
		migrate_disable();
		for_each_lru(lru)
			scene->err |= swaptbl_folio_add_lru(folio[lru], lru);
		KUNIT_EXPECT_EQ(test, drain_with_removal(scene), 1);
		migrate_enable();
		KUNIT_EXPECT_EQ(test, scene->err, 0);
		for_each_lru(lru)
			swaptbl_test_spot_come(scene->spots, folio[lru], scene->group[1],
					       lru);
		swaptbl_test_spots_verify(test, scene->spots);
	}
}

static struct kunit_case swaptbl_lru_gen_race_cases[] = {
	KUNIT_CASE_PARAM(in_the_middle_of_age, age_plan_gen_params),
	KUNIT_CASE_PARAM(parent_while_dying, removal_plan_gen_params),
	KUNIT_CASE_PARAM(group_while_dying, removal_plan_gen_params),
	KUNIT_CASE_PARAM(parent_between_nodes, removal_plan_gen_params),
	KUNIT_CASE_PARAM(group_between_nodes, removal_plan_gen_params),
	KUNIT_CASE(isolated_meanwhile),
	KUNIT_CASE_PARAM(gathered_meanwhile, mover_gen_params),
	KUNIT_CASE(added_meanwhile),
	{}
};

static struct kunit_suite swaptbl_lru_gen_race_suite = {
	.name = "swaptbl_lru_gen_race",
	.test_cases = swaptbl_lru_gen_race_cases,
};

kunit_test_suite(swaptbl_lru_gen_race_suite);
