// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that allocate while devices come, go, and turn out to stay: no folio is left without
 * its device, and no slot without its folio. The module parameters "long" and "seed" apply.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "../swaptbl/alloc.h"
#include "../swaptbl/folio.h"
#include "first.h"
#include "util.h"

#define SLOTS		SWAPTBL_CLUSTER_SLOTS
#define PRIO		SWAPTBL_FIRST_PRIO
#define NR_DEVICES	3
#define NR_WORKERS	3
#define NR_FOLIOS	12
#define NR_ROUNDS	24

/**
 * struct churn - tasks that allocate while devices come and go
 * @dev: the devices, or NULL
 * @removals: of them
 * @stop: that they shall end
 * @done: completed by each of them
 * @mistakes: of the engine
 */
struct churn {
	struct swaptbl_device *dev[NR_DEVICES];
	unsigned int removals;
	bool stop;
	struct completion done;
	atomic_t mistakes;
};

/**
 * struct worker - one of the tasks
 * @churn: see struct churn
 * @task: the task
 * @rnd: its random numbers
 * @folio: what it allocates slots for
 * @hits: how often the first device was enough
 */
struct worker {
	struct churn *churn;
	struct task_struct *task;
	struct rnd_state rnd;
	struct folio *folio[NR_FOLIOS];
	unsigned long hits;
};

static void check(struct worker *worker, bool right)
{
	if (!right)
		atomic_inc(&worker->churn->mistakes);
}

/* With its lock held, no device goes away from under a folio. */
static void worker_check(struct worker *worker, struct folio *folio)
{
	struct swaptbl_device *dev = swaptbl_device_get(swp_type(folio->swap));

	if (dev == ERR_PTR(-ESHUTDOWN))
		return;
	check(worker, !IS_ERR(dev));
	if (IS_ERR(dev))
		return;
	check(worker, swaptbl_test_word(dev, swaptbl_test_offset(folio)) ==
		      swaptbl_folio_to_entry(folio));
	swaptbl_device_put(dev);
}

static void worker_alloc(struct worker *worker, struct folio *folio)
{
	int err = 0;

	if (swaptbl_test_below(&worker->rnd, 2) && swaptbl_alloc_slots_first(folio))
		worker->hits++;
	else
		err = swaptbl_folio_alloc_swap(folio);
	check(worker, !err || err == -ENODEV || err == -ENOSPC || err == -E2BIG);
	check(worker, swaptbl_folio_bound(folio) == !err);
}

static void worker_free(struct worker *worker, struct folio *folio)
{
	int err = swaptbl_folio_free_swap(folio);

	/* Then the removal waits for the folio. */
	check(worker, !err || err == -ESHUTDOWN);
	check(worker, swaptbl_folio_bound(folio) == !!err);
}

static int worker_thread(void *arg)
{
	struct worker *worker = arg;
	struct folio *folio;

	while (!READ_ONCE(worker->churn->stop)) {
		folio = worker->folio[swaptbl_test_below(&worker->rnd, NR_FOLIOS)];
		folio_lock(folio);
		if (!swaptbl_folio_bound(folio))
			worker_alloc(worker, folio);
		else if (swaptbl_test_below(&worker->rnd, 2))
			worker_free(worker, folio);
		if (swaptbl_folio_bound(folio))
			worker_check(worker, folio);
		folio_unlock(folio);
		cond_resched();
	}
	complete(&worker->churn->done);
	return 0;
}

/* Asserts nothing: there are tasks. */
static struct swaptbl_device *churn_device(struct kunit *test, struct rnd_state *rnd)
{
	const struct swaptbl_params params = {
		.nr_slots = 4 * SLOTS,
		.count_bits = SWAPTBL_COUNT_BITS_MIN,
		.prio = PRIO + swaptbl_test_below(rnd, 2),
	};
	const char *why = NULL;
	struct swaptbl_device *dev = swaptbl_device_create(&params, &why);

	KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(dev), "%s", why ?: "no reason");
	return IS_ERR(dev) ? NULL : dev;
}

/**
 * struct pin - an exclusive slot
 * @type: number of the device
 * @entry: of the slot
 * @err: of its allocation
 */
struct pin {
	unsigned int type;
	swp_entry_t entry;
	int err;
};

static void actor_pin(void *arg)
{
	struct pin *pin = arg;

	pin->err = swaptbl_alloc_exclusive(pin->type, &pin->entry);
}

/* What comes in between keeps the device, until it is freed. */
static void churn_give_up(struct kunit *test, struct swaptbl_device *dev, bool drop)
{
	struct pin pin = { .type = dev->type };
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_DESTROY_CHECKED,
		.actor = actor_pin,
		.arg = &pin,
	};

	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_device_destroy(dev->type, drop), -EBUSY);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, pin.err, 0);
	KUNIT_EXPECT_EQ(test, hooks.passed, 1);
	if (hooks.passed && !pin.err)
		KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(pin.entry), 0);
}

/* Nothing in it has a count, and whoever takes slots meanwhile adds none. */
static void churn_remove(struct kunit *test, struct swaptbl_device *dev, bool drop)
{
	KUNIT_EXPECT_EQ(test, swaptbl_device_destroy(dev->type, drop), 0);
}

static void churn_round(struct kunit *test, struct churn *churn, struct rnd_state *rnd)
{
	struct swaptbl_device **dev = &churn->dev[swaptbl_test_below(rnd, NR_DEVICES)];
	bool drop = swaptbl_test_below(rnd, 2);

	if (*dev && !swaptbl_test_below(rnd, 3)) {
		churn_give_up(test, *dev, drop);
		return;
	}
	if (*dev)
		churn_remove(test, *dev, drop);
	churn->removals += !!*dev;
	*dev = NULL;
	/* Now and then there is one less, or none. */
	if (swaptbl_test_below(rnd, 3))
		*dev = churn_device(test, rnd);
}

static struct worker *workers_alloc(struct kunit *test, struct churn *churn,
				    struct rnd_state *rnd)
{
	struct worker *worker;
	unsigned int i, j;

	worker = kunit_kcalloc(test, NR_WORKERS, sizeof(*worker), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, worker);
	for (i = 0; i < NR_WORKERS; i++) {
		worker[i].churn = churn;
		prandom_seed_state(&worker[i].rnd, prandom_u32_state(rnd));
		for (j = 0; j < NR_FOLIOS; j++) {
			worker[i].folio[j] = swaptbl_test_folio(test, j % 3 * 2);
			folio_unlock(worker[i].folio[j]);
		}
	}
	return worker;
}

static unsigned int workers_start(struct kunit *test, struct worker *worker)
{
	unsigned int i;

	for (i = 0; i < NR_WORKERS; i++) {
		worker[i].task = kthread_create(worker_thread, &worker[i],
						"swaptbl_worker/%u", i);
		if (IS_ERR(worker[i].task))
			break;
		get_task_struct(worker[i].task);
		wake_up_process(worker[i].task);
	}
	KUNIT_EXPECT_EQ(test, i, NR_WORKERS);
	return i;
}

static void workers_stop(struct churn *churn, struct worker *worker, unsigned int nr)
{
	unsigned int i;

	WRITE_ONCE(churn->stop, true);
	for (i = 0; i < nr; i++)
		wait_for_completion(&churn->done);
	for (i = 0; i < nr; i++)
		kthread_stop_put(worker[i].task);
}

/* Whatever a folio is bound to is there, and nothing else is used. */
static void expect_conserved(struct kunit *test, struct churn *churn,
			     struct worker *worker)
{
	long used[SWAPTBL_DEVICES_MAX + 1] = {};
	unsigned int i, j;

	for (i = 0; i < NR_WORKERS; i++)
		for (j = 0; j < NR_FOLIOS; j++)
			used[swaptbl_first_type(worker[i].folio[j])] +=
				folio_nr_pages(worker[i].folio[j]);
	for (i = 0; i < NR_DEVICES; i++) {
		if (!churn->dev[i])
			continue;
		swaptbl_expect_verified(test, churn->dev[i]);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&churn->dev[i]->nr_used),
				used[churn->dev[i]->type]);
		used[churn->dev[i]->type] = 0;
	}
	for (i = 0; i < SWAPTBL_DEVICES_MAX; i++)
		KUNIT_EXPECT_EQ(test, used[i], 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&churn->mistakes), 0);
}

static void free_all(struct kunit *test, struct worker *worker)
{
	unsigned int i, j;

	for (i = 0; i < NR_WORKERS; i++) {
		for (j = 0; j < NR_FOLIOS; j++) {
			struct folio *folio = worker[i].folio[j];

			folio_lock(folio);
			if (swaptbl_folio_bound(folio))
				KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
			KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
		}
	}
}

/* "seed" says how the devices come and go; "long" how often. */
static void allocators_meet_removals(struct kunit *test)
{
	unsigned int i, nr, rounds = swaptbl_test_long ? 100 * NR_ROUNDS : NR_ROUNDS;
	struct churn *churn = kunit_kzalloc(test, sizeof(*churn), GFP_KERNEL);
	struct worker *worker;
	struct rnd_state rnd;

	swaptbl_first_skip_unless_none(test);
	KUNIT_ASSERT_NOT_NULL(test, churn);
	init_completion(&churn->done);
	swaptbl_test_random(test, &rnd);
	worker = workers_alloc(test, churn, &rnd);
	nr = workers_start(test, worker);
	for (i = 0; i < rounds; i++)
		churn_round(test, churn, &rnd);
	workers_stop(churn, worker, nr);
	expect_conserved(test, churn, worker);
	free_all(test, worker);
	for (i = 0; i < NR_DEVICES; i++) {
		if (!churn->dev[i])
			continue;
		KUNIT_EXPECT_EQ(test, atomic_long_read(&churn->dev[i]->nr_used), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_device_destroy(churn->dev[i]->type, false),
				0);
	}
	kunit_info(test, "%u removals, %lu hits", churn->removals,
		   worker[0].hits + worker[1].hits + worker[2].hits);
}

static struct kunit_case swaptbl_first_race_cases[] = {
	KUNIT_CASE_SLOW(allocators_meet_removals),
	{}
};

static struct kunit_suite swaptbl_first_race_suite = {
	.name = "swaptbl_first_race",
	.test_cases = swaptbl_first_race_cases,
};

kunit_test_suite(swaptbl_first_race_suite);
