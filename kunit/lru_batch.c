// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the batches in which each CPU gathers what is to be done with folios on
 * lists. swaptbl/lru.c.
 *
 * Where it matters whose batch it is the task stays on its CPU.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_watch.h"

#define BATCH	SWAPTBL_TEST_BATCH

KUNIT_ARRAY_PARAM(work, swaptbl_test_works, swaptbl_test_work_desc);

static const struct swaptbl_test_work *work_of(struct kunit *test)
{
	return test->param_value;
}

/* Those for folios on a list, which may leave it before. */
static const unsigned int moves[] = { 1, 2, 3 };

static void move_desc(const unsigned int *move, char *desc)
{
	swaptbl_test_work_desc(&swaptbl_test_works[*move], desc);
}

KUNIT_ARRAY_PARAM(move, moves, move_desc);

static const struct swaptbl_test_work *move_of(struct kunit *test)
{
	return &swaptbl_test_works[*(const unsigned int *)test->param_value];
}

/**
 * struct scene - folios of one group, and what is to be done with them
 * @group: the group
 * @work: what
 * @folio: the folios
 * @err: of gathering them
 * @before: pages for which that was done before
 */
struct scene {
	struct swaptbl_group *group;
	const struct swaptbl_test_work *work;
	struct folio *folio[BATCH];
	int err;
	long before;
};

/* Pages for which it was done since. */
static long done(const struct scene *scene)
{
	return swaptbl_test_local(scene->group, scene->work->stat) - scene->before;
}

/* Nothing is done yet and nothing gathered. */
static void scene_set(struct kunit *test, struct scene *scene,
		      const struct swaptbl_test_work *work, unsigned int nr,
		      unsigned int order)
{
	unsigned int i;

	scene->group = swaptbl_test_group(test);
	scene->work = work;
	for (i = 0; i < nr; i++)
		scene->folio[i] = swaptbl_test_work_folio(test, scene->group, work,
							  order, first_memory_node);
	swaptbl_lru_drain_all();
	scene->before = done(scene);
}

static void gather(struct scene *scene, unsigned int i)
{
	scene->err |= scene->work->gather(scene->folio[i]);
}

static bool all_arrived(const struct scene *scene, unsigned int nr)
{
	bool arrived = true;
	unsigned int i;

	for (i = 0; i < nr; i++)
		arrived &= swaptbl_test_is_on(scene->folio[i], scene->group,
					      scene->work->to) &&
			   folio_ref_count(scene->folio[i]) == 2;
	return arrived;
}

/* One fewer than there is room for: nothing. The last one: all of them, in order. */
static void full_batch_is_worked_off(struct kunit *test)
{
	struct scene scene = {};
	long early;
	unsigned int i;

	scene_set(test, &scene, work_of(test), BATCH, 0);
	migrate_disable();
	swaptbl_lru_drain();
	for (i = 0; i < BATCH - 1; i++)
		gather(&scene, i);
	early = done(&scene);
	gather(&scene, BATCH - 1);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_EQ(test, done(&scene), BATCH);
	KUNIT_EXPECT_TRUE(test, all_arrived(&scene, BATCH));
	for (i = 0; !scene.work->cold && i < BATCH / 2; i++)
		swap(scene.folio[i], scene.folio[BATCH - 1 - i]);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(scene.group, first_memory_node,
						     scene.work->to, scene.folio,
						     BATCH));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* A large folio waits for no others. */
static void large_folio_at_once(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene, work_of(test), 1, 4);
	gather(&scene, 0);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, done(&scene), 16);
	KUNIT_EXPECT_TRUE(test, all_arrived(&scene, 1));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(scene.group, scene.folio, 1));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* A drain has no need of a full one. The reference of the batch goes with it. */
static void drain_works_off(struct kunit *test)
{
	struct scene scene = {};
	int refs, gathered;
	long early;

	scene_set(test, &scene, work_of(test), 1, 0);
	refs = folio_ref_count(scene.folio[0]);
	migrate_disable();
	gather(&scene, 0);
	gathered = folio_ref_count(scene.folio[0]);
	early = done(&scene);
	swaptbl_lru_drain();
	migrate_enable();
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, gathered, refs + 1);
	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_EQ(test, done(&scene), 1);
	KUNIT_EXPECT_TRUE(test, all_arrived(&scene, 1));
	swaptbl_expect_tree_verified(test, scene.group->tree);
	/* What was worked off is not there a second time. */
	swaptbl_lru_drain();
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, done(&scene), 1);
	KUNIT_EXPECT_TRUE(test, all_arrived(&scene, 1));
}

/**
 * struct gatherer - task on another CPU
 * @scene: what it gathers
 * @done: completed when it has
 */
struct gatherer {
	struct scene *scene;
	struct completion done;
};

static int gatherer_thread(void *arg)
{
	struct gatherer *gatherer = arg;

	gather(gatherer->scene, 0);
	complete(&gatherer->done);
	return 0;
}

/* For a case that stays on its CPU. */
static void gather_elsewhere(struct scene *scene)
{
	unsigned int cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	struct gatherer gatherer = { .scene = scene };
	struct task_struct *task;

	init_completion(&gatherer.done);
	task = kthread_create(gatherer_thread, &gatherer, "swaptbl_gather/%u", cpu);
	if (IS_ERR(task)) {
		scene->err = PTR_ERR(task);
		return;
	}
	kthread_bind(task, cpu);
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&gatherer.done);
	kthread_stop_put(task);
}

/* With what another CPU has, a drain of this one does nothing, one of all everything. */
static void drain_all_takes_from_other_cpu(struct kunit *test)
{
	struct scene scene = {};
	long early;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs a second CPU");
	scene_set(test, &scene, work_of(test), 1, 0);
	migrate_disable();
	gather_elsewhere(&scene);
	swaptbl_lru_drain();
	early = done(&scene);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, early, 0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, done(&scene), 1);
	KUNIT_EXPECT_TRUE(test, all_arrived(&scene, 1));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* | by @work | there before |, or the other way round. */
static void folio_goes_to_its_end(struct kunit *test)
{
	const struct swaptbl_test_work *work = work_of(test);
	struct scene scene = {};
	struct folio *order[2];

	scene_set(test, &scene, work, 1, 0);
	order[0] = scene.folio[0];
	order[1] = swaptbl_test_on_lru(test, scene.group, 0, first_memory_node,
				       work->to);
	if (work->cold)
		swap(order[0], order[1]);
	gather(&scene, 0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(scene.group, first_memory_node,
						     work->to, order, 2));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(scene.group, order, 2));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* Active or not as the work says, but always of the same kind. */
static void folio_stays_of_its_kind(struct kunit *test)
{
	const struct swaptbl_test_work *work = move_of(test);
	struct swaptbl_group *group = swaptbl_test_group(test);
	bool active = is_active_lru(work->to);
	struct folio *folio;
	enum lru_list lru;
	long before = 0;

	for_each_evictable_lru(lru) {
		folio = swaptbl_test_on_lru(test, group, 2, first_memory_node, lru);
		KUNIT_EXPECT_EQ(test, work->gather(folio), 0);
		swaptbl_lru_drain_all();
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio, group,
							   LRU_FILE * is_file_lru(lru) +
							   LRU_ACTIVE * active));
		/* Who is there already is not moved, unless it is to the other end. */
		if (work->cold || is_active_lru(lru) != active)
			before += 4;
		KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, work->stat), before);
		swaptbl_expect_tree_verified(test, group->tree);
	}
}

static void expect_stays(struct kunit *test, const struct swaptbl_test_work *work)
{
	struct scene scene = {};
	struct folio *order[2];

	scene_set(test, &scene, work, 0, 0);
	order[1] = swaptbl_test_on_lru(test, scene.group, 0, first_memory_node,
				       work->to);
	order[0] = swaptbl_test_on_lru(test, scene.group, 0, first_memory_node,
				       work->to);
	scene.folio[0] = order[1];
	gather(&scene, 0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, done(&scene), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(scene.group, first_memory_node,
						     work->to, order, 2));
	KUNIT_EXPECT_TRUE(test, all_arrived(&scene, 1));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* Who is active already stays where it is among the others, and so who is not. */
static void folio_that_is_there_stays(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(moves); i++)
		if (!swaptbl_test_works[moves[i]].cold)
			expect_stays(test, &swaptbl_test_works[moves[i]]);
}

/* Each folio goes where it belongs, whatever the others of the batch are. */
static void batch_of_many_lruvecs(struct kunit *test)
{
	const struct swaptbl_test_work *work = work_of(test);
	struct swaptbl_test_branch branch = {};
	struct swaptbl_group *group[6];
	struct folio *folio[6];
	unsigned int i;
	int nid;

	swaptbl_test_branch_grow(test, &branch, 2);
	for (i = 0; i < 6; i++) {
		group[i] = i % 3 ? branch.level[i % 3] : branch.beside;
		nid = i & 1 ? swaptbl_test_other_node() : first_memory_node;
		folio[i] = swaptbl_test_work_folio(test, group[i], work, 0, nid);
	}
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, work->gather(folio[i]), 0);
	swaptbl_lru_drain_all();
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio[i], group[i],
							   work->to));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio[i]), 2);
	}
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* Two references of two batches, and the folio is on one list in the end. */
static void gathered_for_several_works(struct kunit *test)
{
	const struct swaptbl_test_work *work = move_of(test);
	struct scene scene = {};
	unsigned int i;

	scene_set(test, &scene, work, 1, 0);
	gather(&scene, 0);
	gather(&scene, 0);
	for (i = 1; i < SWAPTBL_TEST_NR_WORKS; i++)
		scene.err |= swaptbl_test_works[i].gather(scene.folio[0]);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio[0]), 2 + 5);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio[0]), 2);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(scene.group, scene.folio, 1));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* The batch leaves it alone and drops its reference: it is somebody's. */
static void isolated_in_between(struct kunit *test)
{
	struct scene scene = {};
	unsigned long flags;

	scene_set(test, &scene, move_of(test), 1, 0);
	gather(&scene, 0);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(scene.folio[0]), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio[0]), 3);
	flags = swaptbl_folio_flags(scene.folio[0]);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, swaptbl_folio_flags(scene.folio[0]), flags);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio[0]), 2);
	KUNIT_EXPECT_EQ(test, done(&scene), 0);
	swaptbl_expect_tree_verified(test, scene.group->tree);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(scene.folio[0]), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(scene.folio[0], scene.group,
						   scene.work->from));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

static void released_in_between(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene, move_of(test), 1, 0);
	gather(&scene, 0);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(scene.folio[0]), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio[0]), 2);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio[0]), 1);
	KUNIT_EXPECT_EQ(test, scene.folio[0]->index, 0);
	KUNIT_EXPECT_EQ(test, done(&scene), 0);
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* The one that took its place is not meant. */
static void migrated_in_between(struct kunit *test)
{
	struct scene scene = {};
	struct folio *new;

	scene_set(test, &scene, move_of(test), 1, 0);
	new = swaptbl_test_folio_on(test, 0, swaptbl_test_other_node());
	gather(&scene, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(scene.folio[0]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_migrate_lru(scene.folio[0], new), 0);
	folio_put(scene.folio[0]);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(new), 0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio[0]), 1);
	KUNIT_EXPECT_EQ(test, done(&scene), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(new, scene.group,
						   scene.work->from));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

static void actor_isolates(void *arg)
{
	struct scene *scene = arg;

	scene->err |= swaptbl_folio_isolate_lru(scene->folio[1]);
}

/* The batch was taken from its CPU already: one of three is not there any more. */
static void isolated_before_it_is_moved(struct kunit *test)
{
	struct scene scene = {};
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_BATCH_FLUSH,
		.actor = actor_isolates,
		.arg = &scene,
	};
	unsigned int i;

	scene_set(test, &scene, move_of(test), 3, 0);
	swaptbl_test_hooks_begin(&hooks);
	for (i = 0; i < 3; i++)
		gather(&scene, i);
	swaptbl_lru_drain_all();
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, scene.err, 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.folio[1]), 2);
	KUNIT_EXPECT_EQ(test, done(&scene), 2);
	swap(scene.folio[1], scene.folio[2]);
	KUNIT_EXPECT_TRUE(test, all_arrived(&scene, 2));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(scene.group, scene.folio, 2));
	swaptbl_expect_tree_verified(test, scene.group->tree);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(scene.folio[2]), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(scene.folio[2], scene.group,
						   scene.work->from));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/*
 * It has left the list by then, and is on another one, which it could not have been
 * gathered on.
 */
static void came_back_unevictable(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, move_of(test), 1, 0);
	folio = scene.folio[0];
	gather(&scene, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, scene.group), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, LRU_UNEVICTABLE), 0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio, scene.group,
						   LRU_UNEVICTABLE));
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ACTIVE));
	KUNIT_EXPECT_EQ(test, done(&scene), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

static struct kunit_case swaptbl_lru_batch_cases[] = {
	KUNIT_CASE_PARAM(full_batch_is_worked_off, work_gen_params),
	KUNIT_CASE_PARAM(large_folio_at_once, work_gen_params),
	KUNIT_CASE_PARAM(drain_works_off, work_gen_params),
	KUNIT_CASE_PARAM(drain_all_takes_from_other_cpu, work_gen_params),
	KUNIT_CASE_PARAM(folio_goes_to_its_end, work_gen_params),
	KUNIT_CASE_PARAM(folio_stays_of_its_kind, move_gen_params),
	KUNIT_CASE(folio_that_is_there_stays),
	KUNIT_CASE_PARAM(batch_of_many_lruvecs, work_gen_params),
	KUNIT_CASE_PARAM(gathered_for_several_works, move_gen_params),
	KUNIT_CASE_PARAM(isolated_in_between, move_gen_params),
	KUNIT_CASE_PARAM(released_in_between, move_gen_params),
	KUNIT_CASE_PARAM(migrated_in_between, move_gen_params),
	KUNIT_CASE_PARAM(isolated_before_it_is_moved, move_gen_params),
	KUNIT_CASE_PARAM(came_back_unevictable, move_gen_params),
	{}
};

static struct kunit_suite swaptbl_lru_batch_suite = {
	.name = "swaptbl_lru_batch",
	.test_cases = swaptbl_lru_batch_cases,
};

kunit_test_suite(swaptbl_lru_batch_suite);
