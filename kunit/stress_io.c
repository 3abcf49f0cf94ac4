// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that compete for one device through every entry point there is: each page
 * holds what its owner put into it, no slot is handed out twice, no count is lost
 * or made up. The module parameters "long" and "seed" apply.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/reclaim.h"
#include "../swaptbl/stats.h"
#include "load.h"
#include "util.h"

#define SLOTS		SWAPTBL_CLUSTER_SLOTS
#define NR_ROUNDS	4

/* With "long", ten million operations in all. */
#define NR_CASES	4
#define OPS_LONG \
	(10 * 1000 * 1000 / NR_CASES / SWAPTBL_LOAD_WORKERS / NR_ROUNDS)
#define OPS_SAMPLE	2000

static int worker_thread(void *arg)
{
	struct swaptbl_worker *worker = arg;
	unsigned int i;

	for (i = 0; i < worker->load->nr_ops; i++) {
		swaptbl_worker_work(worker);
		cond_resched();
	}
	complete(&worker->load->done);
	return 0;
}

static int bring_home(struct swaptbl_owner *owner, struct folio *folio)
{
	return -EACCES;
}

/* The device stays live, or becomes so again, until all workers are done. */
static void remove_until_done(struct kunit *test, struct swaptbl_load *load)
{
	unsigned int left = SWAPTBL_LOAD_WORKERS;

	while (left) {
		KUNIT_EXPECT_EQ(test, -EACCES,
				swaptbl_device_destroy(load->dev->type, false));
		left -= wait_for_completion_timeout(&load->done, 1) > 0;
	}
}

static void wait_until_done(struct swaptbl_load *load, unsigned int left)
{
	while (left--)
		wait_for_completion(&load->done);
}

/* See kunit/stress.c for the reference. */
static void run_round(struct kunit *test, struct swaptbl_load *load,
		      struct swaptbl_worker *workers)
{
	struct task_struct *task[SWAPTBL_LOAD_WORKERS];
	unsigned int i, started;

	init_completion(&load->done);
	for (started = 0; started < SWAPTBL_LOAD_WORKERS; started++) {
		task[started] = kthread_create(worker_thread, &workers[started],
					       "swaptbl_io/%u", started);
		if (IS_ERR(task[started]))
			break;
		get_task_struct(task[started]);
		wake_up_process(task[started]);
	}
	KUNIT_EXPECT_EQ(test, started, SWAPTBL_LOAD_WORKERS);
	/* While they are at it, each cluster has to be right under its lock. */
	swaptbl_expect_verified(test, load->dev);
	if (load->removals && started == SWAPTBL_LOAD_WORKERS)
		remove_until_done(test, load);
	else
		wait_until_done(load, started);
	for (i = 0; i < started; i++)
		kthread_stop_put(task[i]);
}

/* Requests that nobody waits for end before the lock of their folio is free. */
static void wait_for_requests(struct swaptbl_device *dev)
{
	unsigned long offset;
	struct folio *folio;

	for (offset = 1; offset < dev->nr_slots; offset++) {
		folio = swaptbl_cache_get_folio(dev, offset);
		if (!folio)
			continue;
		folio_lock(folio);
		folio_unlock(folio);
		folio_put(folio);
	}
}

static long total(struct swaptbl_load *load, enum swaptbl_stat stat)
{
	return swaptbl_stat_sum(load->dev, stat);
}

static void expect_ledger(struct kunit *test, struct swaptbl_load *load,
			  struct swaptbl_worker *workers)
{
	long expected = load->kept, used = load->kept;
	long exclusive = 0, sum = 0;
	unsigned long offset;
	unsigned int i, j;

	for (i = 0; i < SWAPTBL_LOAD_WORKERS; i++) {
		exclusive += workers[i].nr_exclusive;
		for (j = 0; j < workers[i].nr; j++) {
			const struct swaptbl_holding *holding = &workers[i].holding[j];

			expected += holding->nr * holding->count;
			used += holding->nr;
		}
	}
	for (offset = 1; offset < load->dev->nr_slots; offset++)
		sum += swaptbl_count(load->dev, offset);
	KUNIT_EXPECT_EQ(test, sum, expected);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&load->dev->nr_used),
			used + exclusive + total(load, SWAPTBL_STAT_CACHED_ONLY));
	KUNIT_EXPECT_EQ(test, total(load, SWAPTBL_STAT_EXCLUSIVE), exclusive);
	KUNIT_EXPECT_EQ(test, total(load, SWAPTBL_STAT_DUP) -
			total(load, SWAPTBL_STAT_PUT), expected);
	KUNIT_EXPECT_EQ(test, total(load, SWAPTBL_STAT_WRITE_ERROR), 0);
	KUNIT_EXPECT_EQ(test, total(load, SWAPTBL_STAT_READ_ERROR), 0);
}

static void pause_workers(struct kunit *test, struct swaptbl_load *load,
			  struct swaptbl_worker *workers)
{
	unsigned int i;

	wait_for_requests(load->dev);
	swaptbl_expect_verified(test, load->dev);
	expect_ledger(test, load, workers);
	for (i = 0; i < SWAPTBL_LOAD_WORKERS; i++)
		swaptbl_worker_check_data(&workers[i]);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&load->mistakes), 0,
			    "first found in line %d", atomic_read(&load->line));
	swaptbl_expect_verified(test, load->dev);
}

/* Nobody has anything any more, and nothing is left. */
static void expect_empty(struct kunit *test, struct swaptbl_load *load)
{
	struct swaptbl_device *dev = load->dev;
	unsigned int clusters = dev->nr_clusters;
	unsigned long i;

	while (clusters)
		swaptbl_reclaim_slots(dev, &clusters);
	flush_work(&dev->discard_work);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
	KUNIT_EXPECT_EQ(test, total(load, SWAPTBL_STAT_CACHED), 0);
	KUNIT_EXPECT_EQ(test, total(load, SWAPTBL_STAT_SHADOWS), 0);
	KUNIT_EXPECT_EQ(test, total(load, SWAPTBL_STAT_ALLOC) +
			total(load, SWAPTBL_STAT_ALLOC_EXCLUSIVE),
			total(load, SWAPTBL_STAT_FREE));
	KUNIT_EXPECT_TRUE(test, xa_empty(&dev->pages));
	for (i = 0; i < dev->nr_slots; i++)
		KUNIT_EXPECT_EQ(test, atomic_read(&load->owner[i]), 0);
	swaptbl_expect_verified(test, dev);
}

static struct swaptbl_worker *workers_alloc(struct kunit *test, struct swaptbl_load *load)
{
	struct swaptbl_worker *workers;
	struct rnd_state rnd;
	unsigned int i;

	workers = kunit_kcalloc(test, SWAPTBL_LOAD_WORKERS, sizeof(*workers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, workers);
	swaptbl_test_random(test, &rnd);
	for (i = 0; i < SWAPTBL_LOAD_WORKERS; i++) {
		workers[i].load = load;
		workers[i].id = i + 1;
		prandom_seed_state(&workers[i].rnd, prandom_u32_state(&rnd));
	}
	return workers;
}

static void stress_release(void *ctx)
{
	struct swaptbl_load *load = ctx;

	swaptbl_owner_del(&load->owner_of_kept);
}

static void keep_device(struct kunit *test, struct swaptbl_load *load)
{
	load->owner_of_kept.bring_home = bring_home;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_owner_add(load->dev,
						   &load->owner_of_kept));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stress_release,
							   load));
	load->kept = 1;
	swaptbl_test_evicted(test, load->dev, 0, 1);
}

/* Made before the device, so that it is there until that has gone. */
static struct swaptbl_load *stress_alloc(struct kunit *test, bool removals)
{
	struct swaptbl_load *load = kunit_kzalloc(test, sizeof(*load), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, load);
	load->nr_ops = swaptbl_test_long ? OPS_LONG : OPS_SAMPLE;
	load->removals = removals;
	return load;
}

static void run_rounds(struct kunit *test, struct swaptbl_load *load,
		       struct swaptbl_device *dev)
{
	struct swaptbl_worker *workers = workers_alloc(test, load);
	unsigned int i;

	load->dev = dev;
	load->owner = kunit_kcalloc(test, dev->nr_slots, sizeof(*load->owner),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, load->owner);
	dev->readahead = 8;
	dev->shadow_budget = 200;
	if (load->removals)
		keep_device(test, load);
	for (i = 0; i < NR_ROUNDS; i++) {
		run_round(test, load, workers);
		pause_workers(test, load, workers);
	}
	for (i = 0; i < SWAPTBL_LOAD_WORKERS; i++)
		swaptbl_worker_give_back(&workers[i]);
	KUNIT_EXPECT_EQ(test, atomic_read(&load->mistakes), 0);
	if (!load->kept)
		expect_empty(test, load);
}

/* What they may hold at once is 1500 slots on average, 3000 at most. */
static void workers_with_room(struct kunit *test)
{
	struct swaptbl_load *load = stress_alloc(test, false);

	run_rounds(test, load, swaptbl_test_device(test, 8 * SLOTS, 3));
}

static void workers_without_room(struct kunit *test)
{
	struct swaptbl_load *load = stress_alloc(test, false);

	run_rounds(test, load, swaptbl_test_device(test, SLOTS + 150,
						   SWAPTBL_COUNT_BITS_MIN));
}

/* Each removal stops allocations for a moment, and lets go of what is cached only. */
static void workers_under_removal(struct kunit *test)
{
	struct swaptbl_load *load = stress_alloc(test, true);

	run_rounds(test, load, swaptbl_test_device(test, 4 * SLOTS, 3));
}

static void workers_on_disk(struct kunit *test)
{
	struct swaptbl_load *load = stress_alloc(test, false);

	run_rounds(test, load, swaptbl_test_device_disk(test, true, NULL, 0));
}

static struct kunit_case swaptbl_stress_io_cases[] = {
	KUNIT_CASE_SLOW(workers_with_room),
	KUNIT_CASE_SLOW(workers_without_room),
	KUNIT_CASE_SLOW(workers_under_removal),
	KUNIT_CASE_SLOW(workers_on_disk),
	{}
};

static struct kunit_suite swaptbl_stress_io_suite = {
	.name = "swaptbl_stress_io",
	.suite_init = swaptbl_test_fs_init,
	.test_cases = swaptbl_stress_io_cases,
};

kunit_test_suite(swaptbl_stress_io_suite);
