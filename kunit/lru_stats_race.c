// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of counts that meet the removal of the group that they are about: each lands
 * once, at the first group that is left. swaptbl/lru_stat.c.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/lru_stat.h"
#include "group_util.h"

#define NODE	first_memory_node
#define BATCH	SWAPTBL_LRU_STAT_BATCH
#define LEVELS	SWAPTBL_TEST_LEVELS

/* The oracle has nothing to compare this with. */
#define STAT	SWAPTBL_LRU_STAT_ROTATE

/**
 * struct window - a count, and removals in between
 * @levels: the groups; @folio is the last one's
 * @folio: where is counted
 * @removals: groups to remove in the window, from the last one on
 * @nr: how many are counted
 * @err: of the removals
 */
struct window {
	struct swaptbl_test_levels levels;
	struct folio *folio;
	unsigned int removals;
	long nr;
	int err;
};

static void actor_removes(void *arg)
{
	struct window *window = arg;
	unsigned int i;

	for (i = 0; i < window->removals; i++)
		window->err |= swaptbl_group_remove(window->levels.group[3 - i]);
}

static void window_play(struct kunit *test, struct window *window,
			enum swaptbl_sync_point point)
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor_removes,
		.arg = window,
	};

	swaptbl_test_levels(test, &window->levels);
	window->folio = swaptbl_test_charged(test, window->levels.group[3], 0, NODE);
	window->err = 0;
	swaptbl_test_hooks_begin(&hooks);
	swaptbl_folio_lru_stat_add(window->folio, STAT, window->nr);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, window->err, 0);
}

/* All of it is the first one's that was left, and nobody else's. */
static void expect_landed(struct kunit *test, struct window *window,
			  unsigned int left)
{
	unsigned int i;

	for (i = 0; i < LEVELS; i++)
		swaptbl_expect_stat(test, window->levels.group[i], STAT,
				    i == left - 1 ? window->nr : 0,
				    i < left ? window->nr : 0);
	swaptbl_expect_tree_verified(test, window->levels.tree);
}

static const long counts[] = { 1, BATCH - 1, BATCH, 7 * BATCH + 3 };

static void count_meets_removal(struct kunit *test)
{
	struct window window = {};
	unsigned int i;

	for (window.removals = 1; window.removals < LEVELS; window.removals++)
		for (i = 0; i < ARRAY_SIZE(counts); i++) {
			window.nr = counts[i];
			window_play(test, &window, SWAPTBL_STAT_CHECKED);
			rcu_barrier();
			expect_landed(test, &window, LEVELS - window.removals);
		}
}

/* Where it would have landed goes too, before it has landed there. */
static void count_meets_removal_before_another(struct kunit *test)
{
	struct window window = { .removals = 1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		window.nr = counts[i];
		window_play(test, &window, SWAPTBL_STAT_CHECKED);
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(window.levels.group[2]), 0);
		rcu_barrier();
		expect_landed(test, &window, 2);
	}
}

/* Who collects comes too late: the removal has collected, or else it is the parent's. */
static void batch_meets_removal(struct kunit *test)
{
	struct window window = { .nr = BATCH };

	for (window.removals = 1; window.removals < LEVELS; window.removals++) {
		window_play(test, &window, SWAPTBL_STAT_BATCH);
		expect_landed(test, &window, LEVELS - window.removals);
		rcu_barrier();
		expect_landed(test, &window, LEVELS - window.removals);
	}
}

/* Counted late, it is the root's, which has to be there until it is collected. */
static void tree_goes_after_late_count(struct kunit *test)
{
	struct swaptbl_tree *tree = swaptbl_tree_create(swaptbl_test_kind());
	struct folio *folio = swaptbl_test_folio_on(test, 0, NODE);
	struct window window = { .removals = 1 };
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_STAT_CHECKED,
		.actor = actor_removes,
		.arg = &window,
	};
	struct swaptbl_group *group;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tree);
	group = swaptbl_group_create(tree->root, SWAPTBL_GROUP_NO_LIMIT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	window.levels.group[3] = group;
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, group), 0);
	swaptbl_test_hooks_begin(&hooks);
	window.err |= swaptbl_folio_uncharge(folio);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, window.err, 0);
	swaptbl_group_put(group);
	KUNIT_EXPECT_EQ(test, swaptbl_tree_destroy(tree), 0);
	/* The engine warns of a count that has nowhere to go. */
	rcu_barrier();
}

#define WORKERS	2
#define ROUNDS	20000

/**
 * struct worker - a thread that counts
 * @folio: where
 * @nr: how many each time; the mean of a round of three
 * @begun: completed when it is at it
 * @done: completed when it is not any more
 */
struct worker {
	struct folio *folio;
	long nr;
	struct completion begun;
	struct completion done;
};

/* Up and down, so that each CPU's part of it is off the sum. */
static int worker_thread(void *arg)
{
	struct worker *worker = arg;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		swaptbl_folio_lru_stat_add(worker->folio, STAT, worker->nr + 70);
		swaptbl_folio_lru_stat_add(worker->folio, STAT, worker->nr - 90);
		swaptbl_folio_lru_stat_add(worker->folio, STAT, worker->nr + 20);
		if (i == ROUNDS / 8)
			complete(&worker->begun);
		cond_resched();
	}
	complete(&worker->done);
	return 0;
}

/* The reference keeps a thread that ended for kthread_stop_put(). */
static struct task_struct *worker_start(struct worker *worker, unsigned int i)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);
	struct task_struct *task;

	init_completion(&worker->begun);
	init_completion(&worker->done);
	task = kthread_create(worker_thread, worker, "swaptbl_counter/%u", i);
	if (IS_ERR(task))
		return NULL;
	if (i && cpumask_next(cpu, cpu_online_mask) < nr_cpu_ids)
		cpu = cpumask_next(cpu, cpu_online_mask);
	kthread_bind(task, cpu);
	get_task_struct(task);
	wake_up_process(task);
	return task;
}

static void expect_sum(struct kunit *test, struct swaptbl_test_levels *levels,
		       long sum)
{
	unsigned int i;

	rcu_barrier();
	swaptbl_expect_stat(test, levels->group[0], STAT, sum, sum);
	for (i = 1; i < LEVELS; i++)
		swaptbl_expect_stat(test, levels->group[i], STAT, 0, 0);
	swaptbl_expect_tree_verified(test, levels->tree);
}

static void threads_count_through_removals(struct kunit *test)
{
	struct task_struct *task[WORKERS];
	struct worker worker[WORKERS];
	struct swaptbl_test_levels levels;
	struct folio *folio;
	unsigned int i;

	swaptbl_test_levels(test, &levels);
	folio = swaptbl_test_charged(test, levels.group[3], 0, NODE);
	for (i = 0; i < WORKERS; i++) {
		worker[i].folio = folio;
		worker[i].nr = 1 + 2 * i;
		task[i] = worker_start(&worker[i], i);
		KUNIT_EXPECT_NOT_NULL(test, task[i]);
	}
	for (i = 0; i < WORKERS && task[i]; i++)
		wait_for_completion(&worker[i].begun);
	for (i = LEVELS - 1; i; i--) {
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[i]), 0);
		rcu_barrier();
	}
	for (i = 0; i < WORKERS && task[i]; i++) {
		wait_for_completion(&worker[i].done);
		kthread_stop_put(task[i]);
	}
	expect_sum(test, &levels, 3 * ROUNDS * (1 + 3));
}

static struct kunit_case swaptbl_stats_race_cases[] = {
	KUNIT_CASE(count_meets_removal),
	KUNIT_CASE(count_meets_removal_before_another),
	KUNIT_CASE(batch_meets_removal),
	KUNIT_CASE(tree_goes_after_late_count),
	KUNIT_CASE(threads_count_through_removals),
	{}
};

static struct kunit_suite swaptbl_stats_race_suite = {
	.name = "swaptbl_stats_race",
	.test_cases = swaptbl_stats_race_cases,
};

kunit_test_suite(swaptbl_stats_race_suite);
