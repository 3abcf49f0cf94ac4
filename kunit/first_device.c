// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of which device is the first, while devices come, leave, and turn out to stay:
 * swaptbl_device_first, in swaptbl/device.c.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "../swaptbl/alloc.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "first.h"
#include "home.h"
#include "util.h"

#define PRIO	SWAPTBL_FIRST_PRIO
#define NONE	SWAPTBL_FIRST_NONE

static const struct newcomer {
	const char *name;
	int prio;
	bool first;
} newcomers[] = {
	{ "higher", PRIO + 1, true },
	{ "equal", PRIO, false },
	{ "lower", PRIO - 1, false },
};

KUNIT_ARRAY_PARAM_DESC(newcomer, newcomers, name);

static void newcomer_by_priority(struct kunit *test)
{
	const struct newcomer *param = test->param_value;
	struct swaptbl_device *old = swaptbl_first_device(test, 2, PRIO), *new;
	struct folio *folio = swaptbl_test_folio(test, 0);

	swaptbl_first_hint(test, old, 0);
	swaptbl_first_expect(test, old);
	new = swaptbl_first_device(test, 2, param->prio);
	/* The hint on the other one is none on this. */
	KUNIT_EXPECT_EQ(test, swaptbl_alloc_slots_first(folio), !param->first);
	if (!swaptbl_folio_bound(folio))
		KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_first_type(folio), param->first ? new->type : old->type);
	swaptbl_test_folio_free(test, folio);
	swaptbl_first_hint(test, new, 0);
	if (!param->first)
		swap(old, new);
	swaptbl_first_expect(test, new);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, new, false), 0);
	swaptbl_first_expect(test, old);
}

/**
 * struct removal - a device that goes, and who allocates meanwhile
 * @dev: the device
 * @folio: what gets slots: at once or not at all, from any device, from @dev
 * @type: the device that each was bound to then, or NONE
 * @err: results of the last two
 * @entry: of an exclusive slot
 */
struct removal {
	struct swaptbl_device *dev;
	struct folio *folio[3];
	unsigned int type[3];
	int err[2];
	swp_entry_t entry;
};

static void removal_init(struct kunit *test, struct removal *removal,
			 struct swaptbl_device *dev)
{
	unsigned int i;

	removal->dev = dev;
	for (i = 0; i < ARRAY_SIZE(removal->folio); i++)
		removal->folio[i] = swaptbl_test_folio(test, 0);
}

static int remove_at(struct kunit *test, struct removal *removal, bool drop,
		     enum swaptbl_sync_point point, void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor,
		.arg = removal,
	};
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_test_device_destroy(test, removal->dev, drop);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GT(test, hooks.passed, 0);
	return err;
}

/* A removal waits for the locks of what is bound to its device. */
static void actor_alloc(void *arg)
{
	struct removal *removal = arg;
	unsigned int i;

	swaptbl_alloc_slots_first(removal->folio[0]);
	removal->err[0] = swaptbl_folio_alloc_swap(removal->folio[1]);
	removal->err[1] = swaptbl_folio_alloc_swap_on(removal->dev, removal->folio[2]);
	for (i = 0; i < ARRAY_SIZE(removal->folio); i++) {
		removal->type[i] = swaptbl_first_type(removal->folio[i]);
		folio_unlock(removal->folio[i]);
	}
}

static void actor_alloc_exclusive(void *arg)
{
	struct removal *removal = arg;

	removal->err[0] = swaptbl_alloc_exclusive(removal->dev->type, &removal->entry);
}

static void actor_alloc_counted(void *arg)
{
	struct removal *removal = arg;
	struct folio *folio = removal->folio[0];

	removal->err[0] = swaptbl_folio_alloc_swap(folio) ?:
			  swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL);
	folio_unlock(folio);
}

static const struct moment {
	const char *name;
	enum swaptbl_sync_point point;
	bool drop;
	bool live;
} moments[] = {
	{ "checked", SWAPTBL_DESTROY_CHECKED, false, true },
	{ "checked, drop", SWAPTBL_DESTROY_CHECKED, true, true },
	{ "draining", SWAPTBL_HOME_FOUND, false, false },
	{ "killed", SWAPTBL_DESTROY_KILLED, false, false },
	{ "killed, drop", SWAPTBL_DESTROY_KILLED, true, false },
};

KUNIT_ARRAY_PARAM_DESC(moment, moments, name);

/* Up to a moment all is had from it, and from then on nothing. */
static void leaver_is_not_first(struct kunit *test)
{
	const struct moment *param = test->param_value;
	struct swaptbl_device *low = swaptbl_first_device(test, 2, PRIO);
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO + 1);
	unsigned int type = param->live ? dev->type : low->type;
	struct removal removal = {};

	swaptbl_first_hint(test, low, 0);
	swaptbl_first_hint(test, dev, 0);
	removal_init(test, &removal, dev);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, param->drop, param->point,
					actor_alloc), 0);
	KUNIT_EXPECT_EQ(test, removal.type[0], type);
	KUNIT_EXPECT_EQ(test, removal.type[1], type);
	KUNIT_EXPECT_EQ(test, removal.err[0], 0);
	KUNIT_EXPECT_EQ(test, removal.err[1], param->live ? 0 : -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, removal.type[2], param->live ? type : NONE);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&low->nr_used), param->live ? 1 : 3);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_bound(removal.folio[0]), !param->live);
	swaptbl_first_expect_failures(test, low, 0, 0, 0);
	swaptbl_first_expect(test, low);
}

static void last_one_leaves(struct kunit *test)
{
	const struct moment *param = test->param_value;
	struct removal removal = {};
	struct swaptbl_device *dev;

	swaptbl_first_skip_unless_none(test);
	dev = swaptbl_first_device(test, 2, PRIO);
	swaptbl_first_hint(test, dev, 0);
	removal_init(test, &removal, dev);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, param->drop, param->point,
					actor_alloc), 0);
	KUNIT_EXPECT_EQ(test, removal.type[0] == NONE, !param->live);
	KUNIT_EXPECT_EQ(test, removal.err[0], param->live ? 0 : -ENODEV);
	folio_lock(removal.folio[0]);
	KUNIT_EXPECT_FALSE(test, swaptbl_alloc_slots_first(removal.folio[0]));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(removal.folio[0]), -ENODEV);
	KUNIT_EXPECT_EQ(test, folio_ref_count(removal.folio[0]), 1);
}

static const struct obstacle {
	const char *name;
	void (*actor)(void *arg);
	bool drop;
} obstacles[] = {
	{ "exclusive slot", actor_alloc_exclusive, false },
	{ "exclusive slot, drop", actor_alloc_exclusive, true },
	{ "count", actor_alloc_counted, false },
};

KUNIT_ARRAY_PARAM_DESC(obstacle, obstacles, name);

/* It has left already when it turns out that it stays; the second time it does not leave. */
static void given_up_is_first_again(struct kunit *test)
{
	const struct obstacle *param = test->param_value;
	struct swaptbl_device *low = swaptbl_first_device(test, 2, PRIO);
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO + 1);
	struct removal removal = {};

	swaptbl_first_hint(test, low, 0);
	swaptbl_first_hint(test, dev, 0);
	removal_init(test, &removal, dev);
	KUNIT_ASSERT_EQ(test, remove_at(test, &removal, param->drop,
					SWAPTBL_DESTROY_CHECKED, param->actor), -EBUSY);
	KUNIT_EXPECT_EQ(test, removal.err[0], 0);
	swaptbl_first_expect(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, param->drop),
			-EBUSY);
	swaptbl_first_expect(test, dev);
}

/* As one that is new. */
static void given_up_is_behind_equals(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO);
	struct swaptbl_device *equal = swaptbl_first_device(test, 2, PRIO);
	struct removal removal = {};

	swaptbl_first_hint(test, dev, 0);
	swaptbl_first_hint(test, equal, 0);
	swaptbl_first_expect(test, dev);
	removal_init(test, &removal, dev);
	KUNIT_ASSERT_EQ(test, remove_at(test, &removal, true, SWAPTBL_DESTROY_CHECKED,
					actor_alloc_exclusive), -EBUSY);
	swaptbl_first_expect(test, equal);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, equal, true), 0);
	swaptbl_first_expect(test, dev);
}

/* The next one is first for as long as the owner is asked. */
static void refused_by_owner_is_first_again(struct kunit *test)
{
	struct swaptbl_home *home = swaptbl_home_alloc(test);
	struct swaptbl_device *low = swaptbl_first_device(test, 2, PRIO);
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO + 1);
	struct removal removal = {};

	swaptbl_home_register(test, home, dev);
	swaptbl_home_add(test, home, 0, 1, SWAPTBL_HOME_CACHED);
	home->fail_at = 1;
	swaptbl_first_hint(test, low, 0);
	swaptbl_first_hint(test, dev, 0);
	removal_init(test, &removal, dev);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, false, SWAPTBL_HOME_FOUND,
					actor_alloc), -EACCES);
	KUNIT_EXPECT_EQ(test, removal.type[0], low->type);
	KUNIT_EXPECT_EQ(test, removal.type[1], low->type);
	swaptbl_first_expect(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false), 0);
	swaptbl_first_expect(test, low);
}

/**
 * struct victim - a task that is killed as soon as its removal has begun
 * @type: number of the device
 * @done: completed at the end
 * @err: result
 */
struct victim {
	unsigned int type;
	struct completion done;
	int err;
};

static void actor_kill(void *arg)
{
	send_sig(SIGKILL, current, 1);
}

static int victim_thread(void *arg)
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_DESTROY_CHECKED,
		.actor = actor_kill,
	};
	struct victim *victim = arg;

	allow_signal(SIGKILL);
	swaptbl_test_hooks_begin(&hooks);
	victim->err = swaptbl_device_destroy(victim->type, true);
	swaptbl_test_hooks_end(&hooks);
	complete(&victim->done);
	return 0;
}

static int victim_run(struct victim *victim)
{
	struct task_struct *task;

	init_completion(&victim->done);
	task = kthread_create(victim_thread, victim, "swaptbl_victim");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&victim->done);
	kthread_stop_put(task);
	return victim->err;
}

/* The reference is dead by then, and the device not on the list: both come back. */
static void killed_is_first_again(struct kunit *test)
{
	struct swaptbl_device *low = swaptbl_first_device(test, 2, PRIO);
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO + 1);
	struct victim victim = { .type = dev->type };

	swaptbl_first_hint(test, low, 0);
	swaptbl_first_hint(test, dev, 0);
	/* A user that stays is what the removal waits for. */
	KUNIT_ASSERT_PTR_EQ(test, swaptbl_device_get(dev->type), dev);
	KUNIT_EXPECT_EQ(test, victim_run(&victim), -EINTR);
	swaptbl_device_put(dev);
	swaptbl_first_expect(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
	swaptbl_first_expect(test, low);
}

static struct kunit_case swaptbl_first_device_cases[] = {
	KUNIT_CASE_PARAM(newcomer_by_priority, newcomer_gen_params),
	KUNIT_CASE_PARAM(leaver_is_not_first, moment_gen_params),
	KUNIT_CASE_PARAM(last_one_leaves, moment_gen_params),
	KUNIT_CASE_PARAM(given_up_is_first_again, obstacle_gen_params),
	KUNIT_CASE(given_up_is_behind_equals),
	KUNIT_CASE(refused_by_owner_is_first_again),
	KUNIT_CASE(killed_is_first_again),
	{}
};

static struct kunit_suite swaptbl_first_device_suite = {
	.name = "swaptbl_first_device",
	.init = swaptbl_first_stay_here,
	.test_cases = swaptbl_first_device_cases,
};

kunit_test_suite(swaptbl_first_device_suite);
