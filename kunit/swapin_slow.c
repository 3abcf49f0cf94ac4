// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swap in and swap out on a store that takes its time: what can be seen
 * while a request is under way, and who may leave before it has ended.
 * swaptbl/swapin.c, swaptbl/evict.c.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/compat.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/store.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS		SWAPTBL_CLUSTER_SLOTS
#define BITS		SWAPTBL_COUNT_BITS_MIN
#define SEED		0x5eed
#define NR_TASKS	3
#define NR_REQUESTS	8

/**
 * struct slow - store that keeps requests until it is told to go on
 * @ops: what the device calls
 * @real: the store that does it in the end
 * @dev: the device
 * @io: requests that wait
 * @nr: number of @io; only grows while one that adds to it sleeps
 */
struct slow {
	struct swaptbl_store_ops ops;
	const struct swaptbl_store_ops *real;
	struct swaptbl_device *dev;
	struct swaptbl_io *io[NR_REQUESTS];
	atomic_t nr;
};

static void slow_submit(struct swaptbl_io *io)
{
	struct slow *slow = container_of((struct swaptbl_store_ops *)io->dev->store,
					 struct slow, ops);
	int i = atomic_read(&slow->nr);

	if (i == NR_REQUESTS) {
		slow->real->submit(io);
		return;
	}
	slow->io[i] = io;
	atomic_inc(&slow->nr);
}

/* All that wait go on, and end with @err or as the real store says. */
static void slow_release(struct slow *slow, int err)
{
	int i, nr = atomic_xchg(&slow->nr, 0);

	for (i = 0; i < nr; i++) {
		if (err)
			swaptbl_io_end(slow->io[i], err);
		else
			slow->real->submit(slow->io[i]);
	}
}

static void slow_off(void *ctx)
{
	struct slow *slow = ctx;

	slow->dev->store = slow->real;
	slow_release(slow, 0);
}

static struct slow *slow_on(struct kunit *test, struct swaptbl_device *dev)
{
	struct slow *slow = kunit_kzalloc(test, sizeof(*slow), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slow);
	slow->dev = dev;
	slow->real = dev->store;
	slow->ops = *slow->real;
	slow->ops.submit = slow_submit;
	dev->store = &slow->ops;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, slow_off, slow));
	return slow;
}

/**
 * struct task - somebody who uses the device at the same time
 * @dev: the device
 * @offset: slot that it swaps in
 * @fbatch: or folios, locked, that it evicts
 * @thread: the thread, with a reference
 * @done: completed when it has an answer
 * @err: the answer; 0 from a swap in says that the data is right
 * @sleeps: how often it slept for it
 */
struct task {
	struct swaptbl_device *dev;
	unsigned long offset;
	struct folio_batch *fbatch;
	struct task_struct *thread;
	struct completion done;
	int err;
	unsigned long sleeps;
};

static int swap_in(struct task *task)
{
	struct folio *folio;
	int err = 0;

	folio = swaptbl_swapin(swp_entry(task->dev->type, task->offset), BIT(2),
			       GFP_KERNEL);
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	if (!swaptbl_test_filled(folio, swaptbl_test_offset(folio) % 4, SEED))
		err = -EILSEQ;
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

static int task_thread(void *arg)
{
	struct task *task = arg;

	allow_signal(SIGKILL);
	task->sleeps = current->nvcsw;
	task->err = task->fbatch ? swaptbl_evict_folios(task->fbatch) :
				   swap_in(task);
	task->sleeps = current->nvcsw - task->sleeps;
	complete(&task->done);
	return 0;
}

static void task_start(struct kunit *test, struct task *task)
{
	init_completion(&task->done);
	task->thread = kthread_create(task_thread, task, "swaptbl_task");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task->thread);
	get_task_struct(task->thread);
	wake_up_process(task->thread);
}

static int task_end(struct task *task)
{
	wait_for_completion(&task->done);
	kthread_stop_put(task->thread);
	return task->err;
}

/* If it does not go, its request does, and the answer is another one. */
static int task_kill(struct slow *slow, struct task *task)
{
	send_sig(SIGKILL, task->thread, 1);
	if (wait_for_completion_timeout(&task->done, 10 * HZ))
		complete(&task->done);
	else
		slow_release(slow, 0);
	return task_end(task);
}

static bool asleep(const struct task *task)
{
	return READ_ONCE(task->thread->__state) &
	       (TASK_UNINTERRUPTIBLE | TASK_INTERRUPTIBLE);
}

/* @nr requests wait, and @task for one of them, or for a lock. */
static void wait_until_asleep(struct kunit *test, const struct slow *slow, int nr,
			      const struct task *task)
{
	unsigned int ms;

	for (ms = 0; atomic_read(&slow->nr) < nr || !asleep(task); ms++) {
		if (ms == 10000) {
			KUNIT_FAIL(test, "%d requests, state %x",
				   atomic_read(&slow->nr),
				   READ_ONCE(task->thread->__state));
			return;
		}
		fsleep(1000);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->nr), nr);
}

static void expect_stat(struct kunit *test, struct swaptbl_device *dev,
			enum swaptbl_stat stat, long expected)
{
	KUNIT_EXPECT_EQ_MSG(test, swaptbl_stat_sum(dev, stat), expected, "%s",
			    swaptbl_stat_name(stat));
}

/* The folio of a slot is left to the cache, with the data. */
static void expect_cached(struct kunit *test, struct swaptbl_device *dev,
			  unsigned long offset)
{
	struct folio *folio = swaptbl_cache_get_folio(dev, offset);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + folio_nr_pages(folio));
	folio_put(folio);
	swaptbl_expect_verified(test, dev);
}

static struct slow *make_swapped(struct kunit *test, unsigned long *offset)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);

	dev->readahead = 0;
	*offset = swaptbl_test_evicted(test, dev, 2, SEED);
	return slow_on(test, dev);
}

/* Begun and not waited for; who comes next begins no other one. */
static void async_read_is_under_way(struct kunit *test)
{
	unsigned long offset;
	struct slow *slow = make_swapped(test, &offset);
	swp_entry_t entry = swp_entry(slow->dev->type, offset);
	struct folio *folio;

	KUNIT_EXPECT_EQ(test, swaptbl_swapin_async(entry, BIT(2), GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_swapin_async(entry, BIT(2), GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->nr), 1);
	folio = swaptbl_cache_get_folio(slow->dev, offset + 3);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_uptodate(folio));
	folio_put(folio);
	swaptbl_expect_verified(test, slow->dev);
	slow_release(slow, 0);
	expect_cached(test, slow->dev, offset);
}

/* The reader goes, its read goes on: the folio serves whoever comes next. */
static void reader_is_killed(struct kunit *test)
{
	struct task reader = {}, other;
	struct slow *slow = make_swapped(test, &reader.offset);

	reader.dev = slow->dev;
	other = reader;
	other.offset += 2;
	task_start(test, &reader);
	wait_until_asleep(test, slow, 1, &reader);
	task_start(test, &other);
	wait_until_asleep(test, slow, 1, &other);
	KUNIT_EXPECT_EQ(test, task_kill(slow, &reader), -EINTR);
	swaptbl_expect_verified(test, slow->dev);
	slow_release(slow, 0);
	KUNIT_EXPECT_EQ(test, task_end(&other), 0);
	expect_stat(test, slow->dev, SWAPTBL_STAT_READ_IO, 1);
	expect_cached(test, slow->dev, reader.offset);
}

static void killed_reader_and_read_error(struct kunit *test)
{
	struct task reader = {};
	struct slow *slow = make_swapped(test, &reader.offset);
	struct swaptbl_test_snapshot *before;

	reader.dev = slow->dev;
	before = swaptbl_test_snapshot(test, reader.dev, reader.offset);
	task_start(test, &reader);
	wait_until_asleep(test, slow, 1, &reader);
	KUNIT_EXPECT_EQ(test, task_kill(slow, &reader), -EINTR);
	slow_release(slow, -EIO);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(reader.dev, reader.offset,
						       before));
	expect_stat(test, reader.dev, SWAPTBL_STAT_READ_ERROR, 1);
	swaptbl_expect_verified(test, reader.dev);
}

static void tasks_share_read(struct kunit *test, int err)
{
	struct task task[NR_TASKS] = {};
	unsigned long offset;
	struct slow *slow = make_swapped(test, &offset);
	unsigned int i;

	for (i = 0; i < NR_TASKS; i++) {
		task[i].dev = slow->dev;
		task[i].offset = offset + i;
		task_start(test, &task[i]);
		wait_until_asleep(test, slow, 1, &task[i]);
	}
	slow_release(slow, err);
	for (i = 0; i < NR_TASKS; i++) {
		KUNIT_EXPECT_EQ(test, task_end(&task[i]), err);
		KUNIT_EXPECT_EQ(test, task[i].sleeps, 1);
	}
	expect_stat(test, slow->dev, SWAPTBL_STAT_SWAPIN_WAIT, NR_TASKS - 1);
	expect_stat(test, slow->dev, SWAPTBL_STAT_READ_IO, !err);
	swaptbl_expect_verified(test, slow->dev);
}

/* The reader too: each sleeps once for the one read. */
static void all_sleep_once(struct kunit *test)
{
	tasks_share_read(test, 0);
}

static void late_error_reaches_all(struct kunit *test)
{
	tasks_share_read(test, -EIO);
}

static struct folio *make_folio(struct kunit *test, struct swaptbl_device *dev,
				unsigned int order)
{
	struct folio *folio = swaptbl_test_bound(test, dev, order);

	swaptbl_test_fill(folio, SEED);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	return folio;
}

/* Locked, bound and dirty until the data is safe; who wants it waits. */
static void swapin_waits_for_write(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct slow *slow = slow_on(test, dev);
	struct folio *folio = make_folio(test, dev, 2);
	struct task task = { .dev = dev, .offset = swaptbl_test_offset(folio) };

	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(folio), 0);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	expect_stat(test, dev, SWAPTBL_STAT_EVICT, 0);
	task_start(test, &task);
	wait_until_asleep(test, slow, 1, &task);
	swaptbl_expect_verified(test, dev);
	slow_release(slow, 0);
	/* It finds the slot swapped, and reads it. */
	wait_until_asleep(test, slow, 1, &task);
	folio_lock(folio);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	slow_release(slow, 0);
	KUNIT_EXPECT_EQ(test, task_end(&task), 0);
	expect_stat(test, dev, SWAPTBL_STAT_READ_IO, 1);
	expect_cached(test, dev, task.offset);
}

/* The write failed, so the folio is still there for who waited. */
static void swapin_after_failed_write(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct slow *slow = slow_on(test, dev);
	struct folio *folio = make_folio(test, dev, 2);
	struct task task = { .dev = dev, .offset = swaptbl_test_offset(folio) };

	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(folio), 0);
	task_start(test, &task);
	wait_until_asleep(test, slow, 1, &task);
	slow_release(slow, -EIO);
	KUNIT_EXPECT_EQ(test, task_end(&task), 0);
	folio_lock(folio);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	expect_stat(test, dev, SWAPTBL_STAT_READ_IO, 0);
	expect_stat(test, dev, SWAPTBL_STAT_WRITE_ERROR, 1);
	swaptbl_expect_verified(test, dev);
}

/* Each request is made before the first one is waited for. */
static void batch_is_written_at_once(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct slow *slow = slow_on(test, dev);
	struct folio_batch fbatch;
	struct task task = { .fbatch = &fbatch };
	unsigned int i;

	folio_batch_init(&fbatch);
	for (i = 0; i < NR_REQUESTS; i++)
		folio_batch_add(&fbatch, make_folio(test, dev, 1));
	task_start(test, &task);
	wait_until_asleep(test, slow, NR_REQUESTS, &task);
	expect_stat(test, dev, SWAPTBL_STAT_EVICT, 0);
	swaptbl_expect_verified(test, dev);
	slow_release(slow, 0);
	KUNIT_EXPECT_EQ(test, task_end(&task), 0);
	KUNIT_EXPECT_EQ(test, task.sleeps, 1);
	expect_stat(test, dev, SWAPTBL_STAT_CACHED, 0);
	expect_stat(test, dev, SWAPTBL_STAT_WRITE_IO, NR_REQUESTS);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_swapin_slow_cases[] = {
	KUNIT_CASE(async_read_is_under_way),
	KUNIT_CASE(reader_is_killed),
	KUNIT_CASE(killed_reader_and_read_error),
	KUNIT_CASE(all_sleep_once),
	KUNIT_CASE(late_error_reaches_all),
	KUNIT_CASE(swapin_waits_for_write),
	KUNIT_CASE(swapin_after_failed_write),
	KUNIT_CASE(batch_is_written_at_once),
	{}
};

static struct kunit_suite swaptbl_swapin_slow_suite = {
	.name = "swaptbl_swapin_slow",
	.test_cases = swaptbl_swapin_slow_cases,
};

kunit_test_suite(swaptbl_swapin_slow_suite);
