// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of several tasks that want the same entry at once: one reads, the others
 * wait for the folio lock, and each of them wakes once. swaptbl/swapin.c.
 *
 * The reader starts the others when its folio is bound and its read has not begun,
 * and goes on when all of them sleep; so there is no luck in it.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS		SWAPTBL_CLUSTER_SLOTS
#define BITS		SWAPTBL_COUNT_BITS_MIN
#define SEED		0x5eed
#define NR_WAITERS	4

/**
 * struct waiter - task that wants an entry
 * @crowd: see struct crowd
 * @slot: which of the slots
 * @task: the task, with a reference
 * @done: completed when it has an answer
 * @left: it has been waited for
 * @err: the answer: 0 for the right folio with the right data, or an errno
 * @sleeps: how often it slept for it
 */
struct waiter {
	struct crowd *crowd;
	unsigned int slot;
	struct task_struct *task;
	struct completion done;
	bool left;
	int err;
	unsigned long sleeps;
};

/**
 * struct crowd - tasks that want a folio while it is read
 * @dev: the device
 * @offset: first of the four slots of the folio
 * @nr: how many of @waiter take part
 * @kill: how many of them are killed while they wait
 * @act: what happens besides, once all of them wait; NULL for nothing
 * @bound: folio that is being read, with a reference
 * @err: of what could not be done
 * @waiter: the tasks
 */
struct crowd {
	struct swaptbl_device *dev;
	unsigned long offset;
	unsigned int nr;
	unsigned int kill;
	void (*act)(struct crowd *crowd);
	struct folio *bound;
	int err;
	struct waiter waiter[NR_WAITERS];
};

static int judge(struct waiter *waiter, struct folio *folio)
{
	struct crowd *crowd = waiter->crowd;
	int err = 0;

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	if (!folio_test_locked(folio) ||
	    !swaptbl_folio_has(folio, crowd->dev->type,
			       crowd->offset + waiter->slot))
		err = -ESTALE;
	else if (!swaptbl_test_filled(folio, swaptbl_test_offset(folio) -
				      crowd->offset, SEED))
		err = -EILSEQ;
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

static int waiter_thread(void *arg)
{
	struct waiter *waiter = arg;
	struct crowd *crowd = waiter->crowd;
	unsigned long offset = crowd->offset + waiter->slot;
	struct folio *folio;

	allow_signal(SIGKILL);
	waiter->sleeps = current->nvcsw;
	folio = swaptbl_swapin(swp_entry(crowd->dev->type, offset), BIT(2),
			       GFP_KERNEL);
	waiter->sleeps = current->nvcsw - waiter->sleeps;
	waiter->err = judge(waiter, folio);
	complete(&waiter->done);
	return 0;
}

/* Not where the reader is: there, a waiter that wakes would wait for the CPU. */
static unsigned int other_cpu(void)
{
	unsigned int cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());

	return cpu < nr_cpu_ids ? cpu : raw_smp_processor_id();
}

static int waiter_start(struct crowd *crowd, unsigned int i)
{
	struct waiter *waiter = &crowd->waiter[i];

	waiter->crowd = crowd;
	waiter->slot = i % 4;
	init_completion(&waiter->done);
	waiter->task = kthread_create(waiter_thread, waiter, "swaptbl_waiter/%u",
				      i);
	if (IS_ERR(waiter->task))
		return PTR_ERR(waiter->task);
	kthread_bind(waiter->task, other_cpu());
	get_task_struct(waiter->task);
	wake_up_process(waiter->task);
	return 0;
}

/* A test may poll; that the engine does not is what it is about. */
static bool asleep(const struct crowd *crowd)
{
	unsigned int i;

	if (swaptbl_stat_sum(crowd->dev, SWAPTBL_STAT_SWAPIN_WAIT) < crowd->nr)
		return false;
	for (i = 0; i < crowd->nr; i++)
		if (!(READ_ONCE(crowd->waiter[i].task->__state) & TASK_WAKEKILL))
			return false;
	return true;
}

static void wait_until_asleep(struct crowd *crowd)
{
	unsigned int ms;

	for (ms = 0; !asleep(crowd); ms++) {
		if (ms == 10000) {
			crowd->err = -ETIME;
			return;
		}
		fsleep(1000);
	}
}

static void kill_some(struct crowd *crowd)
{
	struct waiter *waiter = crowd->waiter;

	for (; waiter < crowd->waiter + crowd->kill; waiter++) {
		send_sig(SIGKILL, waiter->task, 1);
		waiter->left = wait_for_completion_timeout(&waiter->done, 10 * HZ);
		if (!waiter->left)
			crowd->err = -ETIME;
	}
}

static void actor_crowd(void *arg)
{
	struct crowd *crowd = arg;
	unsigned int i;

	crowd->bound = swaptbl_cache_get_folio(crowd->dev, crowd->offset);
	for (i = 0; i < crowd->nr && !crowd->err; i++)
		crowd->err = waiter_start(crowd, i);
	if (crowd->err) {
		crowd->nr = i - 1;
		return;
	}
	wait_until_asleep(crowd);
	kill_some(crowd);
	if (crowd->act)
		crowd->act(crowd);
}

static void crowd_leaves(struct crowd *crowd)
{
	struct waiter *waiter = crowd->waiter;

	for (; waiter < crowd->waiter + crowd->nr; waiter++) {
		if (!waiter->left)
			wait_for_completion(&waiter->done);
		kthread_stop_put(waiter->task);
	}
}

/* Return: what the reader gets, after all the others got theirs. */
static int run(struct kunit *test, struct crowd *crowd, unsigned int fail_io_at)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_SWAPIN_ADDED,
		.actor = actor_crowd,
		.arg = crowd,
		.fail_io_at = fail_io_at,
	};
	struct waiter reader = { .crowd = crowd };
	struct folio *folio;
	int err;

	crowd->dev = swaptbl_test_device(test, SLOTS, BITS);
	crowd->dev->readahead = 0;
	crowd->nr = NR_WAITERS;
	crowd->offset = swaptbl_test_evicted(test, crowd->dev, 2, SEED);
	swaptbl_test_hooks_begin(&hooks);
	migrate_disable();
	folio = swaptbl_swapin(swp_entry(crowd->dev->type, crowd->offset), BIT(2),
			       GFP_KERNEL);
	migrate_enable();
	swaptbl_test_hooks_end(&hooks);
	/* It keeps the lock for a while: who was woken for nothing notices. */
	fsleep(20000);
	err = judge(&reader, folio);
	crowd_leaves(crowd);
	KUNIT_EXPECT_EQ(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, crowd->err, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(crowd->dev,
					       SWAPTBL_STAT_SWAPIN_WAIT),
			NR_WAITERS);
	swaptbl_expect_verified(test, crowd->dev);
	return err;
}

static void expect_io(struct kunit *test, struct crowd *crowd, long reads,
		      long errors)
{
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(crowd->dev, SWAPTBL_STAT_READ_IO),
			reads);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(crowd->dev,
					       SWAPTBL_STAT_READ_ERROR), errors);
}

/* Nobody but the case has the folio any more, and the cache if it is bound. */
static void expect_left(struct kunit *test, struct crowd *crowd, int cached)
{
	KUNIT_ASSERT_NOT_NULL(test, crowd->bound);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(crowd->bound));
	KUNIT_EXPECT_EQ(test, folio_ref_count(crowd->bound), 1 + cached);
	folio_put(crowd->bound);
}

static void first_reads_others_wait(struct kunit *test)
{
	struct crowd crowd = {};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run(test, &crowd, 0), 0);
	for (i = 0; i < crowd.nr; i++)
		KUNIT_EXPECT_EQ(test, crowd.waiter[i].err, 0);
	expect_io(test, &crowd, 1, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(crowd.dev,
					       SWAPTBL_STAT_SWAPIN_MISS), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(crowd.dev, SWAPTBL_STAT_SWAPIN_HIT),
			NR_WAITERS);
	expect_left(test, &crowd, 4);
}

/* Woken for nothing, a waiter would sleep again. */
static void waiters_sleep_once(struct kunit *test)
{
	struct crowd crowd = {};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run(test, &crowd, 0), 0);
	for (i = 0; i < crowd.nr; i++)
		KUNIT_EXPECT_EQ(test, crowd.waiter[i].sleeps, 1);
	expect_left(test, &crowd, 4);
}

/* It is one read, and all of them hear of it; nobody tries it once more. */
static void read_error_reaches_all(struct kunit *test)
{
	struct crowd crowd = {};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run(test, &crowd, 1), -EIO);
	for (i = 0; i < crowd.nr; i++) {
		KUNIT_EXPECT_EQ(test, crowd.waiter[i].err, -EIO);
		KUNIT_EXPECT_EQ(test, crowd.waiter[i].sleeps, 1);
	}
	expect_io(test, &crowd, 0, 1);
	expect_left(test, &crowd, 0);
	/* For who comes later it is another read. */
	swaptbl_test_expect_stored(test, crowd.dev, crowd.offset, 4, SEED);
	swaptbl_expect_verified(test, crowd.dev);
}

/* It goes while the read goes on, and takes nothing with it. */
static void killed_waiter_leaves(struct kunit *test)
{
	struct crowd crowd = { .kill = 2 };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run(test, &crowd, 0), 0);
	for (i = 0; i < crowd.nr; i++)
		KUNIT_EXPECT_EQ(test, crowd.waiter[i].err,
				i < crowd.kill ? -EINTR : 0);
	expect_io(test, &crowd, 1, 0);
	expect_left(test, &crowd, 4);
}

static void killed_waiter_and_read_error(struct kunit *test)
{
	struct crowd crowd = { .kill = NR_WAITERS - 1 };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run(test, &crowd, 1), -EIO);
	for (i = 0; i < crowd.nr; i++)
		KUNIT_EXPECT_EQ(test, crowd.waiter[i].err,
				i < crowd.kill ? -EINTR : -EIO);
	expect_left(test, &crowd, 0);
	swaptbl_test_expect_stored(test, crowd.dev, crowd.offset, 4, SEED);
}

static void put_all(struct crowd *crowd)
{
	crowd->err = swaptbl_put_entries(crowd->dev, crowd->offset, 4);
}

/* They came for a slot that has no count by the time they get the lock. */
static void slots_put_while_waited_for(struct kunit *test)
{
	struct crowd crowd = { .act = put_all };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run(test, &crowd, 0), 0);
	for (i = 0; i < crowd.nr; i++)
		KUNIT_EXPECT_EQ(test, crowd.waiter[i].err, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(crowd.dev,
					       SWAPTBL_STAT_CACHED_ONLY), 4);
	expect_left(test, &crowd, 4);
}

/* And with the read gone wrong, nothing at all is left. */
static void slots_put_and_read_error(struct kunit *test)
{
	struct crowd crowd = { .act = put_all };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run(test, &crowd, 1), -EIO);
	for (i = 0; i < crowd.nr; i++)
		KUNIT_EXPECT_EQ(test, crowd.waiter[i].err, -EIO);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&crowd.dev->nr_used), 0);
	expect_left(test, &crowd, 0);
	swaptbl_expect_verified(test, crowd.dev);
}

static struct kunit_case swaptbl_swapin_wait_cases[] = {
	KUNIT_CASE(first_reads_others_wait),
	KUNIT_CASE(waiters_sleep_once),
	KUNIT_CASE(read_error_reaches_all),
	KUNIT_CASE(killed_waiter_leaves),
	KUNIT_CASE(killed_waiter_and_read_error),
	KUNIT_CASE(slots_put_while_waited_for),
	KUNIT_CASE(slots_put_and_read_error),
	{}
};

static struct kunit_suite swaptbl_swapin_wait_suite = {
	.name = "swaptbl_swapin_wait",
	.test_cases = swaptbl_swapin_wait_cases,
};

kunit_test_suite(swaptbl_swapin_wait_suite);
