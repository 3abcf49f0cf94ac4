// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of a removal that has to wait, and of one that is killed while it does.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "../swaptbl/count.h"
#include "../swaptbl/engine.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

/**
 * struct remover - a task that removes a device
 * @type: number of the device
 * @drop: drop what is in it
 * @task: the task
 * @done: completed at the end
 * @err: result
 */
struct remover {
	unsigned int type;
	bool drop;
	struct task_struct *task;
	struct completion done;
	int err;
};

static int remover_thread(void *arg)
{
	struct remover *remover = arg;

	allow_signal(SIGKILL);
	remover->err = swaptbl_device_destroy(remover->type, remover->drop);
	complete(&remover->done);
	return 0;
}

/* Return: once it waits for something that a signal ends. */
static void remover_start(struct kunit *test, struct remover *remover,
			  struct swaptbl_device *dev)
{
	unsigned int i;

	remover->type = dev->type;
	init_completion(&remover->done);
	remover->task = kthread_create(remover_thread, remover,
				       "swaptbl_remover");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, remover->task);
	get_task_struct(remover->task);
	wake_up_process(remover->task);
	for (i = 0; i < 250; i++) {
		if (READ_ONCE(remover->task->__state) & TASK_WAKEKILL)
			return;
		msleep(20);
	}
	KUNIT_FAIL(test, "it does not wait");
}

static int remover_end(struct remover *remover)
{
	wait_for_completion(&remover->done);
	kthread_stop_put(remover->task);
	return remover->err;
}

static int remover_kill(struct remover *remover)
{
	send_sig(SIGKILL, remover->task, 1);
	return remover_end(remover);
}

static void expect_works(struct kunit *test, struct swaptbl_device *dev,
			 long used)
{
	struct folio *folio = swaptbl_test_folio(test, 2);

	KUNIT_EXPECT_STREQ(test, swaptbl_device_state_name(dev), "live");
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), used);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swp_type(folio->swap), dev->type);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	swaptbl_test_folio_free(test, folio);
	swaptbl_expect_verified(test, dev);
}

static void waits_for_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	struct remover remover = {};

	remover_start(test, &remover, dev);
	KUNIT_EXPECT_FALSE(test, completion_done(&remover.done));
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, remover_end(&remover), 0);
	if (!remover.err)
		swaptbl_test_device_gone(test, dev);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

static void killed_at_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	struct remover remover = {};

	remover_start(test, &remover, dev);
	KUNIT_EXPECT_EQ(test, remover_kill(&remover), -EINTR);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 5);
	expect_works(test, dev, 4);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false), 0);
}

/* All slots are free, but somebody has the device. */
static void waits_for_user(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct remover remover = {};

	KUNIT_ASSERT_PTR_EQ(test, dev, swaptbl_device_get(dev->type));
	remover_start(test, &remover, dev);
	KUNIT_EXPECT_PTR_EQ(test, swaptbl_device_get(dev->type),
			    ERR_PTR(-ESHUTDOWN));
	swaptbl_device_put(dev);
	KUNIT_EXPECT_EQ(test, remover_end(&remover), 0);
	if (!remover.err)
		swaptbl_test_device_gone(test, dev);
}

static void killed_at_user(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct remover remover = {};
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_PTR_EQ(test, dev, swaptbl_device_get(dev->type));
		remover_start(test, &remover, dev);
		KUNIT_EXPECT_EQ(test, remover_kill(&remover), -EINTR);
		expect_works(test, dev, 0);
		swaptbl_device_put(dev);
		expect_works(test, dev, 0);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false), 0);
}

/* A removal that drops can be killed as well; nothing was dropped by then. */
static void killed_at_user_before_drop(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 2, 5);
	struct remover remover = { .drop = true };

	KUNIT_ASSERT_PTR_EQ(test, dev, swaptbl_device_get(dev->type));
	remover_start(test, &remover, dev);
	KUNIT_EXPECT_EQ(test, remover_kill(&remover), -EINTR);
	expect_works(test, dev, 4);
	swaptbl_device_put(dev);
	swaptbl_test_expect_stored(test, dev, offset, 4, 5);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
}

/* Removals wait for each other. The second one is killed, the first one goes on. */
static void killed_behind_other(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct swaptbl_device *other = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 0);
	struct remover first = {}, second = {};

	remover_start(test, &first, dev);
	remover_start(test, &second, other);
	KUNIT_EXPECT_EQ(test, remover_kill(&second), -EINTR);
	expect_works(test, other, 0);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, remover_end(&first), 0);
	if (!first.err)
		swaptbl_test_device_gone(test, dev);
}

/* Killed before it began, it does nothing. */
static int killed_thread(void *arg)
{
	struct remover *remover = arg;

	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	remover->err = swaptbl_device_destroy(remover->type, remover->drop);
	complete(&remover->done);
	return 0;
}

static void killed_before(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct remover remover = { .type = dev->type };
	struct folio *folio = swaptbl_test_bound(test, dev, 0);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	folio_unlock(folio);
	init_completion(&remover.done);
	remover.task = kthread_create(killed_thread, &remover, "swaptbl_remover");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, remover.task);
	get_task_struct(remover.task);
	wake_up_process(remover.task);
	remover_end(&remover);
	KUNIT_EXPECT_TRUE(test, remover.err == -EINTR || remover.err == -EBUSY);
	expect_works(test, dev, 1);
}

/* Who uses an engine has its device, whatever others do to it. */
static void killed_at_engine(struct kunit *test)
{
	struct swaptbl_engine *engine = swaptbl_engine_get(SWAPTBL_ENGINE_OWN);
	struct remover remover = { .drop = true };
	struct swaptbl_device *dev;
	struct folio *folio;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, engine);
	KUNIT_EXPECT_EQ(test, PTR_ERR(swaptbl_engine_get(SWAPTBL_ENGINE_OWN)), -EBUSY);
	KUNIT_EXPECT_EQ(test, PTR_ERR(swaptbl_engine_get("none")), -ENOENT);
	KUNIT_ASSERT_EQ(test, engine->open(SLOTS), 0);
	folio = swaptbl_test_folio(test, 0);
	KUNIT_ASSERT_EQ(test, engine->ops.alloc(folio), 0);
	dev = swaptbl_device_get(swp_type(folio->swap));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	swaptbl_device_put(dev);
	KUNIT_EXPECT_EQ(test, engine->ops.free(folio), 0);
	remover_start(test, &remover, dev);
	KUNIT_EXPECT_EQ(test, remover_kill(&remover), -EINTR);
	expect_works(test, dev, 0);
	engine->close();
	swaptbl_engine_put(engine);
}

static struct kunit_case swaptbl_remover_cases[] = {
	KUNIT_CASE(waits_for_folio),
	KUNIT_CASE(killed_at_folio),
	KUNIT_CASE(killed_at_engine),
	KUNIT_CASE(waits_for_user),
	KUNIT_CASE(killed_at_user),
	KUNIT_CASE(killed_at_user_before_drop),
	KUNIT_CASE(killed_behind_other),
	KUNIT_CASE(killed_before),
	{}
};

static struct kunit_suite swaptbl_remover_suite = {
	.name = "swaptbl_remover",
	.test_cases = swaptbl_remover_cases,
};

kunit_test_suite(swaptbl_remover_suite);
