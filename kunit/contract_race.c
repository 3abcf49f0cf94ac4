// SPDX-License-Identifier: GPL-2.0
/*
 * The contract under two tasks, on two CPUs where there are: nothing is lost, and nothing
 * is anybody's twice.
 */
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "contract.h"
#include "util.h"

KUNIT_ARRAY_PARAM(subject, contract_subjects, contract_desc);

#define NR_TASKS	2

/* Counts that a task may have of one slot: together beyond the kernel's border. */
#define HELD_MAX	12

/**
 * struct racer - one of the tasks
 * @race: what they share
 * @rnd: its random numbers
 * @held: counts of each of the first slots that it has
 * @task: the task
 */
struct racer {
	struct race *race;
	struct rnd_state rnd;
	unsigned int held[2];
	struct task_struct *task;
};

/**
 * struct race - tasks and what they share
 * @c: the engine
 * @folio: bound folio, of which each slot has a count
 * @rounds: of each task
 * @mistakes: what went wrong
 * @taken: slots that somebody has, by offset
 * @done: completed by each
 * @racer: the tasks
 */
struct race {
	struct contract c;
	struct folio *folio;
	unsigned int rounds;
	atomic_t mistakes;
	DECLARE_BITMAP(taken, 8192);
	struct completion done;
	struct racer racer[NR_TASKS];
};

static void check(struct race *race, bool right)
{
	if (!right)
		atomic_inc(&race->mistakes);
}

/* The kernel's dup may have no memory to overflow to: then it took nothing. */
static void dup_or_put(struct racer *racer)
{
	const struct swaptbl_engine_ops *ops = racer->race->c.ops;
	unsigned int i = swaptbl_test_below(&racer->rnd,
					    min(racer->race->c.nr, 2U));
	swp_entry_t entry = contract_entry(racer->race->folio, i);
	int err;

	if (racer->held[i] == HELD_MAX ||
	    (racer->held[i] && swaptbl_test_below(&racer->rnd, 2))) {
		check(racer->race, !ops->put(entry));
		racer->held[i]--;
		return;
	}
	err = ops->dup(entry);
	check(racer->race, !err || err == -ENOMEM);
	racer->held[i] += !err;
}

static void put_all(struct racer *racer)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(racer->held); i++)
		for (; racer->held[i]; racer->held[i]--)
			check(racer->race,
			      !racer->race->c.ops->put(contract_entry(racer->race->folio,
								      i)));
}

static int counter_thread(void *arg)
{
	struct racer *racer = arg;
	unsigned int i;

	for (i = 0; i < racer->race->rounds; i++) {
		dup_or_put(racer);
		cond_resched();
	}
	put_all(racer);
	complete(&racer->race->done);
	return 0;
}

static void take(struct race *race, struct folio *folio, bool take)
{
	unsigned long offset = swp_offset(folio->swap);
	unsigned int i;

	for (i = 0; i < race->c.nr; i++)
		if (take)
			check(race, !test_and_set_bit(offset + i, race->taken));
		else
			check(race, test_and_clear_bit(offset + i, race->taken));
}

/* With a count in between, so that it is the last put that frees, or the folio. */
static void alloc_and_free(struct racer *racer)
{
	struct race *race = racer->race;
	const struct swaptbl_engine_ops *ops = race->c.ops;
	struct folio *folio = ops->folio_new(race->c.order);

	if (!folio)
		return;
	if (!ops->alloc(folio)) {
		take(race, folio, true);
		check(race, !ops->dup_folio(folio, NULL));
		check(race, !ops->put_folio(folio, NULL));
		take(race, folio, false);
		check(race, !ops->free(folio));
	}
	contract_drop(folio);
}

static int allocator_thread(void *arg)
{
	struct racer *racer = arg;
	unsigned int i;

	for (i = 0; i < racer->race->rounds; i++) {
		alloc_and_free(racer);
		cond_resched();
	}
	complete(&racer->race->done);
	return 0;
}

static void racer_start(struct race *race, struct racer *racer, unsigned int i,
			int (*thread)(void *arg))
{
	racer->race = race;
	racer->task = kthread_create(thread, racer, "swaptbl_contract/%u", i);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(race->c.test, racer->task);
	get_task_struct(racer->task);
	if (cpu_online(i))
		kthread_bind(racer->task, i);
	wake_up_process(racer->task);
}

static void race_run(struct race *race, int (*thread)(void *arg), unsigned int rounds)
{
	struct rnd_state rnd;
	unsigned int i;

	race->rounds = rounds * (swaptbl_test_long ? 50 : 1);
	init_completion(&race->done);
	swaptbl_test_random(race->c.test, &rnd);
	for (i = 0; i < NR_TASKS; i++)
		prandom_seed_state(&race->racer[i].rnd, prandom_u32_state(&rnd));
	for (i = 0; i < NR_TASKS; i++)
		racer_start(race, &race->racer[i], i, thread);
	for (i = 0; i < NR_TASKS; i++)
		wait_for_completion(&race->done);
	for (i = 0; i < NR_TASKS; i++)
		kthread_stop_put(race->racer[i].task);
	KUNIT_EXPECT_EQ(race->c.test, atomic_read(&race->mistakes), 0);
}

static struct race *race_begin(struct kunit *test)
{
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, race);
	contract_begin(test, &race->c);
	return race;
}

static void counts_of_two_tasks(struct kunit *test)
{
	struct race *race = race_begin(test);
	struct contract *c = &race->c;

	race->folio = contract_bound(c);
	KUNIT_EXPECT_EQ(test, c->ops->dup_folio(race->folio, NULL), 0);
	race_run(race, counter_thread, 4000);
	contract_expect_counts(c, race->folio, 1);
	KUNIT_EXPECT_EQ(test, c->ops->put_folio(race->folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, contract_unbind(c, race->folio), 0);
	contract_end(c);
}

/* Swapped out: nothing but the counts holds the slots. */
static void counts_without_a_folio(struct kunit *test)
{
	struct race *race = race_begin(test);
	struct contract *c = &race->c;
	struct folio place = {};
	struct folio *folio;

	folio = contract_bound(c);
	place.swap = folio->swap;
	KUNIT_EXPECT_EQ(test, c->ops->dup_folio(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, c->ops->delete(folio), 0);
	contract_drop(folio);
	race->folio = &place;
	race_run(race, counter_thread, 4000);
	contract_expect_swapped(c, place.swap, c->nr, 1);
	KUNIT_EXPECT_EQ(test, c->ops->put_range(place.swap, c->nr), 0);
	contract_end(c);
}

static void slots_of_two_tasks(struct kunit *test)
{
	struct race *race = race_begin(test);

	race_run(race, allocator_thread, 1000 / race->c.nr + 100);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(race->taken, 8192));
	contract_end(&race->c);
}

static struct kunit_case swaptbl_contract_race_cases[] = {
	KUNIT_CASE_PARAM(counts_of_two_tasks, subject_gen_params),
	KUNIT_CASE_PARAM(counts_without_a_folio, subject_gen_params),
	KUNIT_CASE_PARAM(slots_of_two_tasks, subject_gen_params),
	{}
};

static struct kunit_suite swaptbl_contract_race_suite = {
	.name = "swaptbl_contract_race",
	.test_cases = swaptbl_contract_race_cases,
};

kunit_test_suite(swaptbl_contract_race_suite);
