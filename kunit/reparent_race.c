// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of folios that are being moved while their group is removed: each of the
 * places where who moves them has looked but not locked yet. swaptbl/reparent.c,
 * swaptbl/lru.c, swaptbl/lru_isolate.c.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/sched/task.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_watch.h"

KUNIT_ARRAY_PARAM(lru, swaptbl_test_lrus, swaptbl_test_lru_desc);
KUNIT_ARRAY_PARAM(work, swaptbl_test_works, swaptbl_test_work_desc);

static enum lru_list lru_of(struct kunit *test)
{
	return *(const enum lru_list *)test->param_value;
}

#define LAST	3

/**
 * struct load - a batch for three lruvecs, and what is on the lists already
 * @branch: see struct swaptbl_test_branch; its last group will be removed
 * @work: what the batch is for
 * @folio: two of the last group, around one of the group beside
 * @far: of the last group too, on the other node if there is one
 * @above: of the group which takes over, on the list that the others go to
 * @own: of the last group, on the same list
 */
struct load {
	struct swaptbl_test_branch branch;
	const struct swaptbl_test_work *work;
	struct folio *folio[3];
	struct folio *far;
	struct folio *above;
	struct folio *own;
};

static void load_make(struct kunit *test, struct load *load, unsigned int heir)
{
	const struct swaptbl_test_work *work = test->param_value;
	struct swaptbl_test_branch *branch = &load->branch;
	struct swaptbl_group *group;
	unsigned int i;

	swaptbl_test_branch_grow(test, branch, LAST);
	load->work = work;
	for (i = 0; i < 3; i++) {
		group = i == 1 ? branch->beside : branch->level[LAST];
		load->folio[i] = swaptbl_test_work_folio(test, group, work, 0,
							 first_memory_node);
	}
	load->far = swaptbl_test_work_folio(test, branch->level[LAST], work, 0,
					    swaptbl_test_other_node());
	load->above = swaptbl_test_on_lru(test, branch->level[heir], 0,
					  first_memory_node, work->to);
	load->own = swaptbl_test_on_lru(test, branch->level[LAST], 0,
					first_memory_node, work->to);
	/* Which would stand in the way of the order below. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(branch->folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(branch->other), 0);
}

/* The removals of @windows come when @point is passed. */
static void load_fire(struct kunit *test, struct load *load,
		      struct swaptbl_test_windows *windows,
		      enum swaptbl_sync_point point)
{
	unsigned int i;
	int err = 0;

	windows->next = load->branch.level[LAST];
	swaptbl_test_windows_begin(windows, point);
	/* One batch, of one CPU. */
	migrate_disable();
	for (i = 0; i < 3; i++)
		err |= load->work->gather(load->folio[i]);
	err |= load->work->gather(load->far);
	migrate_enable();
	swaptbl_lru_drain_all();
	swaptbl_test_windows_end(test, windows);
	KUNIT_EXPECT_EQ(test, err, 0);
	swaptbl_expect_tree_verified(test, load->branch.tree);
}

/* Behind what was spliced, or in front of it: they come last. */
static void expect_order(struct kunit *test, struct load *load,
			 struct swaptbl_group *group)
{
	struct folio *hot[] = { load->folio[2], load->folio[0], load->above,
				load->own };
	struct folio *cold[] = { load->above, load->own, load->folio[0],
				 load->folio[2] };

	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, first_memory_node,
						     load->work->to,
						     load->work->cold ? cold : hot, 4));
}

static void expect_arrived(struct kunit *test, struct load *load, unsigned int heir)
{
	struct swaptbl_test_branch *branch = &load->branch;
	struct swaptbl_group *group = branch->level[heir];
	enum lru_list to = load->work->to;
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(load->folio[0], group, to));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(load->folio[1], branch->beside, to));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(load->folio[2], group, to));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(load->far, group, to));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, folio_ref_count(load->folio[i]), 2);
	KUNIT_EXPECT_EQ(test, folio_ref_count(load->far), 2);
	if (swaptbl_test_other_node() != first_memory_node)
		expect_order(test, load, group);
}

/* The batch was taken from its CPU, so that the removal does not find it there. */
static void batch_meets_removal(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1 } };
	struct load load = {};

	load_make(test, &load, LAST - 1);
	load_fire(test, &load, &windows, SWAPTBL_BATCH_FLUSH);
	KUNIT_EXPECT_EQ(test, windows.passed, 1);
	expect_arrived(test, &load, LAST - 1);
	swaptbl_test_expect_retries(test, load.branch.level[LAST - 1], 0);
}

static void batch_meets_two_removals(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 2 } };
	struct load load = {};

	load_make(test, &load, LAST - 2);
	load_fire(test, &load, &windows, SWAPTBL_BATCH_FLUSH);
	KUNIT_EXPECT_EQ(test, windows.passed, 1);
	expect_arrived(test, &load, LAST - 2);
}

/* Now they are marked as being moved, and go to the parent as they are. */
static void batch_lock_meets_removal(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1 } };
	struct load load = {};

	load_make(test, &load, LAST - 1);
	load_fire(test, &load, &windows, SWAPTBL_LRU_LOOKED_UP);
	expect_arrived(test, &load, LAST - 1);
	swaptbl_test_expect_retries(test, load.branch.level[LAST - 1], 1);
}

/* When the lock of the one in the middle is wanted: between two of the same batch. */
static void batch_meets_removal_half_way(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 0, 1 } };
	struct load load = {};

	load_make(test, &load, LAST - 1);
	load_fire(test, &load, &windows, SWAPTBL_LRU_LOOKED_UP);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(load.folio[0],
						   load.branch.level[LAST - 1],
						   load.work->to));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(load.folio[2],
						   load.branch.level[LAST - 1],
						   load.work->to));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(load.far,
						   load.branch.level[LAST - 1],
						   load.work->to));
	swaptbl_test_expect_retries(test, load.branch.level[LAST - 1], 0);
}

static void large_folio_meets_removal(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1 } };
	const struct swaptbl_test_work *work = test->param_value;
	struct swaptbl_test_branch branch = {};
	struct folio *folio;
	int err;

	swaptbl_test_branch_grow(test, &branch, LAST);
	folio = swaptbl_test_work_folio(test, branch.level[LAST], work, 4,
					first_memory_node);
	windows.next = branch.level[LAST];
	swaptbl_test_windows_begin(&windows, SWAPTBL_BATCH_FLUSH);
	err = work->gather(folio);
	swaptbl_test_windows_end(test, &windows);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, windows.passed, 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio, branch.level[LAST - 1],
						   work->to));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	swaptbl_expect_tree_verified(test, branch.tree);
}

/**
 * struct turn - what is done with a folio when its group is removed in between
 * @branch: see struct swaptbl_test_branch
 * @folio: of its last group
 * @fresh: one to take its place, on the other node if there is one
 * @windows: when the group is removed
 * @err: of what was done
 */
struct turn {
	struct swaptbl_test_branch branch;
	struct folio *folio;
	struct folio *fresh;
	struct swaptbl_test_windows windows;
	int err;
};

static struct turn *turn_make(struct kunit *test, enum lru_list lru)
{
	struct turn *turn = kunit_kzalloc(test, sizeof(*turn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, turn);
	swaptbl_test_branch_grow(test, &turn->branch, LAST);
	turn->windows.next = turn->branch.level[LAST];
	turn->folio = swaptbl_test_on_lru(test, turn->branch.level[LAST], 2,
					  first_memory_node, lru);
	turn->fresh = swaptbl_test_folio_on(test, 2, swaptbl_test_other_node());
	return turn;
}

/* From the parent's list: it was the child's when it was asked. */
static void isolate_meets_removal(struct kunit *test)
{
	struct turn *turn = turn_make(test, lru_of(test));
	struct swaptbl_group *parent = turn->branch.level[LAST - 1];

	turn->windows.removals[0] = 1;
	swaptbl_test_windows_begin(&turn->windows, SWAPTBL_LRU_LOOKED_UP);
	turn->err = swaptbl_folio_isolate_lru(turn->folio);
	swaptbl_test_windows_end(test, &turn->windows);
	KUNIT_EXPECT_EQ(test, turn->err, 0);
	KUNIT_EXPECT_EQ(test, turn->windows.passed, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(parent, SWAPTBL_LRU_STAT_ISOLATED), 4);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_on(turn->folio, parent, lru_of(test)));
	swaptbl_test_expect_retries(test, parent, 1);
	swaptbl_expect_tree_verified(test, turn->branch.tree);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(turn->folio), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(turn->folio, parent, lru_of(test)));
	swaptbl_expect_tree_verified(test, turn->branch.tree);
}

/* Two removals on the way back, one in each window. */
static void putback_meets_removals(struct kunit *test)
{
	struct turn *turn = turn_make(test, lru_of(test));
	struct swaptbl_group *heir = turn->branch.level[LAST - 2];

	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(turn->folio), 0);
	turn->windows.removals[0] = 1;
	turn->windows.removals[1] = 1;
	swaptbl_test_windows_begin(&turn->windows, SWAPTBL_LRU_LOOKED_UP);
	turn->err = swaptbl_folio_putback_lru(turn->folio);
	swaptbl_test_windows_end(test, &turn->windows);
	KUNIT_EXPECT_EQ(test, turn->err, 0);
	KUNIT_EXPECT_EQ(test, turn->windows.passed, 3);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(turn->folio, heir, lru_of(test)));
	swaptbl_test_expect_retries(test, heir, 2);
	swaptbl_expect_tree_verified(test, turn->branch.tree);
}

/* | child | beside | child |, which is the parent's by the time of the last one. */
static void putback_of_many_meets_removal(struct kunit *test)
{
	struct turn *turn = turn_make(test, lru_of(test));
	struct swaptbl_test_branch *branch = &turn->branch;
	struct folio *last = swaptbl_test_on_lru(test, branch->level[LAST], 0,
						 first_memory_node, lru_of(test));
	struct folio_batch fbatch;

	folio_batch_init(&fbatch);
	folio_batch_add(&fbatch, turn->folio);
	folio_batch_add(&fbatch, branch->other);
	folio_batch_add(&fbatch, last);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(turn->folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(branch->other), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(last), 0);
	turn->windows.removals[1] = 1;
	swaptbl_test_windows_begin(&turn->windows, SWAPTBL_LRU_LOOKED_UP);
	turn->err = swaptbl_putback_lru_folios(&fbatch);
	swaptbl_test_windows_end(test, &turn->windows);
	KUNIT_EXPECT_EQ(test, turn->err, 0);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 0);
	KUNIT_EXPECT_EQ(test, turn->windows.passed, 3);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(turn->folio, branch->level[LAST - 1],
						   lru_of(test)));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(last, branch->level[LAST - 1],
						   lru_of(test)));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(branch->other, branch->beside,
						   LRU_INACTIVE_ANON));
	swaptbl_expect_tree_verified(test, branch->tree);
}

/* Release and migration count without a lock, several times each. */
#define NR_COUNTS	10

static void expect_released(struct kunit *test, struct turn *turn)
{
	struct swaptbl_group *parent = turn->branch.level[LAST - 1];

	KUNIT_EXPECT_EQ(test, turn->err, 0);
	if (!turn->branch.level[LAST]->dying)
		KUNIT_EXPECT_EQ(test, swaptbl_test_remove(turn->branch.level[LAST]), 0);
	swaptbl_expect_tree_verified(test, turn->branch.tree);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&parent->usage), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(parent, SWAPTBL_LRU_STAT_ISOLATED), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(parent, SWAPTBL_LRU_STAT_CHARGED), 1);
	KUNIT_EXPECT_EQ(test, turn->folio->index, 0);
}

static void release_meets_removal(struct kunit *test)
{
	struct turn *turn;
	unsigned int i;

	for (i = 0; i < NR_COUNTS; i++) {
		turn = turn_make(test, LRU_ACTIVE_FILE);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(turn->folio), 0);
		turn->windows.removals[i] = 1;
		swaptbl_test_windows_begin(&turn->windows, SWAPTBL_STAT_CHECKED);
		turn->err = swaptbl_folio_release_lru(turn->folio);
		swaptbl_test_windows_end(test, &turn->windows);
		folio_put(turn->folio);
		expect_released(test, turn);
		KUNIT_EXPECT_LT(test, turn->windows.passed, NR_COUNTS);
	}
}

static void migrate_meets_removal(struct kunit *test)
{
	struct swaptbl_group *parent;
	struct turn *turn;
	unsigned int i;

	for (i = 0; i < NR_COUNTS; i++) {
		turn = turn_make(test, LRU_ACTIVE_FILE);
		parent = turn->branch.level[LAST - 1];
		KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(turn->folio), 0);
		turn->windows.removals[i] = 1;
		swaptbl_test_windows_begin(&turn->windows, SWAPTBL_STAT_CHECKED);
		turn->err = swaptbl_folio_migrate_lru(turn->folio, turn->fresh);
		swaptbl_test_windows_end(test, &turn->windows);
		folio_put(turn->folio);
		KUNIT_EXPECT_LT(test, turn->windows.passed, NR_COUNTS);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&parent->usage), 1 + 4);
		turn->err |= swaptbl_folio_putback_lru(turn->fresh);
		swaptbl_expect_tree_verified(test, turn->branch.tree);
		turn->err |= swaptbl_test_off_lru(turn->fresh);
		expect_released(test, turn);
	}
}

/**
 * struct remover - a task that removes a group, on another CPU
 * @group: the group
 * @task: the task
 * @done: completed at the end
 * @err: result
 */
struct remover {
	struct swaptbl_group *group;
	struct task_struct *task;
	struct completion done;
	int err;
};

static int remover_thread(void *arg)
{
	struct remover *remover = arg;

	remover->err = swaptbl_group_remove(remover->group);
	complete(&remover->done);
	return 0;
}

static void remover_make(struct kunit *test, struct remover *remover,
			 struct swaptbl_group *group)
{
	remover->group = group;
	init_completion(&remover->done);
	remover->task = kthread_create(remover_thread, remover, "swaptbl_remover");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, remover->task);
	/* A thread that ended is waited for until it has left this module. */
	get_task_struct(remover->task);
}

static bool has_folios(const struct swaptbl_group *group)
{
	return rcu_access_pointer(group->handle->lruvec[first_memory_node]);
}

/* Microseconds for it to do what it must not. */
#define GO_ON	20000

/* With a lock held that it needs. Return: whether it waits, once it has begun. */
static bool waits(const struct swaptbl_group *group)
{
	unsigned int i;

	while (!READ_ONCE(group->dying))
		cpu_relax();
	for (i = 0; i < GO_ON && has_folios(group); i++)
		udelay(1);
	return has_folios(group);
}

static void expect_waits(struct kunit *test, struct remover *remover,
			 struct swaptbl_group *locked)
{
	struct swaptbl_lruvec *lruvec;
	bool waited;

	migrate_disable();
	kthread_bind(remover->task,
		     cpumask_any_but(cpu_online_mask, raw_smp_processor_id()));
	lruvec = swaptbl_group_lruvec_lock_irq(locked, first_memory_node);
	wake_up_process(remover->task);
	waited = waits(remover->group);
	swaptbl_lruvec_unlock_irq(lruvec);
	migrate_enable();
	KUNIT_EXPECT_TRUE(test, waited);
	wait_for_completion(&remover->done);
	kthread_stop_put(remover->task);
	KUNIT_EXPECT_EQ(test, remover->err, 0);
}

/* It waits for the child's and for the parent's, with the folios where they were. */
static void removal_has_both_locks(struct kunit *test)
{
	struct swaptbl_test_branch branch;
	struct remover remover;
	unsigned int up;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs a second CPU");
	for (up = 0; up < 2; up++) {
		swaptbl_test_branch_grow(test, &branch, LAST);
		remover_make(test, &remover, branch.level[LAST]);
		expect_waits(test, &remover, branch.level[LAST - up]);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(branch.folio,
							   branch.level[LAST - 1],
							   LRU_INACTIVE_ANON));
		swaptbl_expect_tree_verified(test, branch.tree);
	}
}

static struct kunit_case swaptbl_reparent_race_cases[] = {
	KUNIT_CASE_PARAM(batch_meets_removal, work_gen_params),
	KUNIT_CASE_PARAM(batch_meets_two_removals, work_gen_params),
	KUNIT_CASE_PARAM(batch_lock_meets_removal, work_gen_params),
	KUNIT_CASE_PARAM(batch_meets_removal_half_way, work_gen_params),
	KUNIT_CASE_PARAM(large_folio_meets_removal, work_gen_params),
	KUNIT_CASE_PARAM(isolate_meets_removal, lru_gen_params),
	KUNIT_CASE_PARAM(putback_meets_removals, lru_gen_params),
	KUNIT_CASE_PARAM(putback_of_many_meets_removal, lru_gen_params),
	KUNIT_CASE(release_meets_removal),
	KUNIT_CASE(migrate_meets_removal),
	KUNIT_CASE(removal_has_both_locks),
	{}
};

static struct kunit_suite swaptbl_reparent_race_suite = {
	.name = "swaptbl_reparent_race",
	.test_cases = swaptbl_reparent_race_cases,
};

kunit_test_suite(swaptbl_reparent_race_suite);
