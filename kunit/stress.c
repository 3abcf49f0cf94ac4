// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that compete for one device: no slot is handed out twice, no count is
 * lost or made up. The module parameters "long" and "seed" apply.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define NR_WORKERS	4
#define NR_ORDERS	5
#define NR_HOLDINGS	48

/**
 * struct holding - slots that a worker owns counts of
 * @offset: first slot of the device
 * @nr: slots
 * @count: what each of them has
 */
struct holding {
	unsigned long offset;
	unsigned int nr;
	unsigned long count;
};

/**
 * struct stress - what the workers share
 * @dev: the device
 * @owner: by slot, the worker that was given it, from 1; 0 for none
 * @work: what a worker does
 * @nr_ops: how often
 * @done: completed by each worker
 * @mistakes: of the engine
 * @shared: slot that all of them count, if any
 */
struct stress {
	struct swaptbl_device *dev;
	atomic_t *owner;
	void (*work)(void *worker);
	unsigned int nr_ops;
	struct completion done;
	atomic_t mistakes;
	unsigned long shared;
};

/**
 * struct worker - one thread, and its ledger
 * @stress: see struct stress
 * @id: from 1
 * @rnd: its random numbers
 * @folio: by order; what it allocates slots for
 * @holding: what it owns
 * @nr: number of @holding
 * @balance: counts that it has taken and not dropped of the shared slot
 */
struct worker {
	struct stress *stress;
	unsigned int id;
	struct rnd_state rnd;
	struct folio *folio[NR_ORDERS];
	struct holding holding[NR_HOLDINGS];
	unsigned int nr;
	unsigned int balance;
};

static void check(struct worker *worker, bool right)
{
	if (!right)
		atomic_inc(&worker->stress->mistakes);
}

/* Slots that come from the device have no owner yet. */
static void own(struct worker *worker, const struct holding *holding)
{
	atomic_t *owner = &worker->stress->owner[holding->offset];
	unsigned int i;

	for (i = 0; i < holding->nr; i++)
		check(worker, !atomic_cmpxchg(&owner[i], 0, worker->id));
}

/* Before the last put: right after it the slots may be another's. */
static void disown(struct worker *worker, const struct holding *holding)
{
	atomic_t *owner = &worker->stress->owner[holding->offset];
	unsigned int i;

	for (i = 0; i < holding->nr; i++)
		check(worker, atomic_cmpxchg(&owner[i], worker->id, 0) ==
			      worker->id);
}

static void worker_alloc(struct worker *worker)
{
	unsigned int order = swaptbl_test_below(&worker->rnd, NR_ORDERS);
	struct folio *folio = worker->folio[order];
	struct swaptbl_device *dev = worker->stress->dev;
	struct holding *holding = &worker->holding[worker->nr];
	int err = swaptbl_folio_alloc_swap_on(dev, folio);

	if (err) {
		check(worker, err == -ENOSPC || err == -E2BIG);
		return;
	}
	holding->offset = swaptbl_test_offset(folio);
	holding->nr = BIT(order);
	holding->count = 1;
	own(worker, holding);
	worker->nr++;
	check(worker, !swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	check(worker, !swaptbl_test_unbind(folio));
	check(worker, !swaptbl_folio_bound(folio));
}

static void worker_dup(struct worker *worker, struct holding *holding)
{
	check(worker, !swaptbl_dup_entries(worker->stress->dev, holding->offset,
					   holding->nr, SWAPTBL_DUP_OWNED,
					   GFP_KERNEL));
	holding->count++;
}

static void worker_put(struct worker *worker, struct holding *holding)
{
	unsigned long offset = holding->offset;
	unsigned int nr = holding->nr;

	if (!--holding->count) {
		disown(worker, holding);
		*holding = worker->holding[--worker->nr];
	}
	check(worker, !swaptbl_put_entries(worker->stress->dev, offset, nr));
}

static void worker_check(struct worker *worker, const struct holding *holding)
{
	unsigned int i = swaptbl_test_below(&worker->rnd, holding->nr);

	check(worker, swaptbl_count(worker->stress->dev, holding->offset + i) ==
		      (long)holding->count);
}

static void work_own_slots(void *arg)
{
	struct worker *worker = arg;
	struct holding *holding;
	unsigned int op = swaptbl_test_below(&worker->rnd, 16);

	if (worker->nr < NR_HOLDINGS && (!worker->nr || op < 3)) {
		worker_alloc(worker);
		return;
	}
	if (!worker->nr)
		return;
	holding = &worker->holding[swaptbl_test_below(&worker->rnd, worker->nr)];
	if (op < 8)
		worker_dup(worker, holding);
	else if (op < 15)
		worker_put(worker, holding);
	else
		worker_check(worker, holding);
}

/* Up to six more counts each, so that the sum keeps crossing the border. */
static void work_shared_slot(void *arg)
{
	struct worker *worker = arg;
	struct stress *stress = worker->stress;
	bool dup = swaptbl_test_below(&worker->rnd, 2);

	if (dup && worker->balance < 6) {
		worker->balance++;
		check(worker, !swaptbl_test_dup(stress->dev, stress->shared, 1));
	} else if (!dup && worker->balance) {
		worker->balance--;
		check(worker, !swaptbl_test_put(stress->dev, stress->shared, 1));
	}
}

static int worker_thread(void *arg)
{
	struct worker *worker = arg;
	unsigned int i;

	for (i = 0; i < worker->stress->nr_ops; i++) {
		worker->stress->work(worker);
		cond_resched();
	}
	complete(&worker->stress->done);
	return 0;
}

/*
 * One round: all workers until they are done. The reference keeps a thread that
 * ended for kthread_stop(), which waits until it has left this module.
 */
static void run_round(struct kunit *test, struct stress *stress,
		      struct worker *workers)
{
	struct task_struct *task[NR_WORKERS];
	unsigned int i, started;

	init_completion(&stress->done);
	for (started = 0; started < NR_WORKERS; started++) {
		task[started] = kthread_create(worker_thread, &workers[started],
					       "swaptbl_worker/%u", started);
		if (IS_ERR(task[started]))
			break;
		get_task_struct(task[started]);
		wake_up_process(task[started]);
	}
	KUNIT_EXPECT_EQ(test, started, NR_WORKERS);
	/* While they are at it, each cluster has to be right under its lock. */
	swaptbl_expect_verified(test, stress->dev);
	for (i = 0; i < started; i++)
		wait_for_completion(&stress->done);
	for (i = 0; i < started; i++)
		kthread_stop_put(task[i]);
}

static struct worker *workers_alloc(struct kunit *test, struct stress *stress)
{
	struct worker *workers;
	struct rnd_state rnd;
	unsigned int i, order;

	workers = kunit_kcalloc(test, NR_WORKERS, sizeof(*workers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, workers);
	swaptbl_test_random(test, &rnd);
	for (i = 0; i < NR_WORKERS; i++) {
		workers[i].stress = stress;
		workers[i].id = i + 1;
		prandom_seed_state(&workers[i].rnd, prandom_u32_state(&rnd));
		for (order = 0; order < NR_ORDERS; order++)
			workers[i].folio[order] = swaptbl_test_folio(test, order);
	}
	return workers;
}

static struct stress *stress_alloc(struct kunit *test, unsigned long nr_slots,
				   unsigned int count_bits)
{
	struct stress *stress = kunit_kzalloc(test, sizeof(*stress), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, stress);
	stress->owner = kunit_kcalloc(test, nr_slots, sizeof(*stress->owner),
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, stress->owner);
	stress->dev = swaptbl_test_device(test, nr_slots, count_bits);
	stress->nr_ops = swaptbl_test_long ? 50000 : 3000;
	return stress;
}

static void expect_ledger(struct kunit *test, const struct stress *stress,
			  const struct worker *workers)
{
	unsigned long offset, sum = 0, expected = 0, used = 0;
	unsigned int i, j;

	for (i = 0; i < NR_WORKERS; i++) {
		for (j = 0; j < workers[i].nr; j++) {
			const struct holding *holding = &workers[i].holding[j];

			expected += holding->nr * holding->count;
			used += holding->nr;
			KUNIT_EXPECT_EQ(test,
					swaptbl_count(stress->dev, holding->offset),
					(long)holding->count);
		}
	}
	for (offset = 1; offset < stress->dev->nr_slots; offset++)
		sum += swaptbl_count(stress->dev, offset);
	KUNIT_EXPECT_EQ(test, sum, expected);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&stress->dev->nr_used), used);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(stress->dev, SWAPTBL_STAT_DUP) -
			swaptbl_stat_sum(stress->dev, SWAPTBL_STAT_PUT), expected);
	KUNIT_EXPECT_EQ(test, atomic_read(&stress->mistakes), 0);
	swaptbl_expect_verified(test, stress->dev);
}

static void run_rounds(struct kunit *test, unsigned long nr_slots,
		       unsigned int count_bits)
{
	struct stress *stress = stress_alloc(test, nr_slots, count_bits);
	struct worker *workers = workers_alloc(test, stress);
	unsigned int i;

	stress->work = work_own_slots;
	for (i = 0; i < 3; i++) {
		run_round(test, stress, workers);
		expect_ledger(test, stress, workers);
	}
	for (i = 0; i < NR_WORKERS; i++)
		while (workers[i].nr)
			worker_put(&workers[i], &workers[i].holding[0]);
	expect_ledger(test, stress, workers);
	for (i = 0; i < nr_slots; i++)
		KUNIT_EXPECT_EQ(test, atomic_read(&stress->owner[i]), 0);
}

/* Room for all: clusters come and go. */
static void workers_with_room(struct kunit *test)
{
	run_rounds(test, 8 * SWAPTBL_CLUSTER_SLOTS, SWAPTBL_COUNT_BITS_MIN);
}

/* Room for some: allocations fail, search to the end, and steal. */
static void workers_without_room(struct kunit *test)
{
	run_rounds(test, SWAPTBL_CLUSTER_SLOTS + 150, 3);
}

static void workers_share_slot(struct kunit *test)
{
	struct stress *stress;
	unsigned int i, expected;
	struct worker *workers;

	stress = stress_alloc(test, SWAPTBL_CLUSTER_SLOTS,
			      swaptbl_test_width(test->param_value));
	workers = workers_alloc(test, stress);
	/* Held at the border from below, so that all of them cross it. */
	expected = stress->dev->count_max > 4 ? stress->dev->count_max - 4 : 1;
	stress->shared = swaptbl_test_swapped(test, stress->dev, 0, expected);
	stress->work = work_shared_slot;
	run_round(test, stress, workers);
	for (i = 0; i < NR_WORKERS; i++)
		expected += workers[i].balance;
	KUNIT_EXPECT_EQ(test, swaptbl_count(stress->dev, stress->shared),
			(long)expected);
	KUNIT_EXPECT_EQ(test, atomic_read(&stress->mistakes), 0);
	swaptbl_expect_verified(test, stress->dev);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(stress->dev, stress->shared,
					       expected), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&stress->dev->nr_used), 0);
	swaptbl_expect_verified(test, stress->dev);
}

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

static struct kunit_case swaptbl_stress_cases[] = {
	KUNIT_CASE_SLOW(workers_with_room),
	KUNIT_CASE_SLOW(workers_without_room),
	KUNIT_CASE_PARAM(workers_share_slot, width_gen_params),
	{}
};

static struct kunit_suite swaptbl_stress_suite = {
	.name = "swaptbl_stress",
	.test_cases = swaptbl_stress_cases,
};

kunit_test_suite(swaptbl_stress_suite);
