// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what may be done with a folio in which state, and that what is refused
 * changes nothing. swaptbl/lru.c, swaptbl/lru_isolate.c.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/sched/task.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_watch.h"

enum state {
	UNCHARGED,
	CHARGED,
	IN_BATCH,
	ON_LIST,
	GATHERED,
	ISOLATED,
	NR_STATES,
};

/**
 * struct scene - a folio in some state
 * @group: its group, if it is charged
 * @folio: the folio
 * @fresh: another one, that is not charged
 * @isolated: another one of the group, isolated
 */
struct scene {
	struct swaptbl_group *group;
	struct folio *folio;
	struct folio *fresh;
	struct folio *isolated;
};

static int charge(struct scene *scene)
{
	return swaptbl_folio_charge(scene->folio, scene->group);
}

static int uncharge(struct scene *scene)
{
	return swaptbl_folio_uncharge(scene->folio);
}

static int add(struct scene *scene)
{
	return swaptbl_folio_add_lru(scene->folio, LRU_ACTIVE_FILE);
}

static int rotate(struct scene *scene)
{
	return swaptbl_folio_rotate_lru(scene->folio);
}

static int activate(struct scene *scene)
{
	return swaptbl_folio_activate(scene->folio);
}

static int deactivate(struct scene *scene)
{
	return swaptbl_folio_deactivate(scene->folio);
}

static int isolate(struct scene *scene)
{
	return swaptbl_folio_isolate_lru(scene->folio);
}

static int putback(struct scene *scene)
{
	return swaptbl_folio_putback_lru(scene->folio);
}

/* The reference that isolation gave is dropped as well. */
static int release(struct scene *scene)
{
	int err = swaptbl_folio_release_lru(scene->folio);

	if (!err)
		folio_put(scene->folio);
	return err;
}

static int migrate_from(struct scene *scene)
{
	int err = swaptbl_folio_migrate_lru(scene->folio, scene->fresh);

	if (!err)
		folio_put(scene->folio);
	return err;
}

static int migrate_to(struct scene *scene)
{
	int err = swaptbl_folio_migrate_lru(scene->isolated, scene->folio);

	if (!err)
		folio_put(scene->isolated);
	return err;
}

/**
 * struct op - one operation
 * @name: of the operation
 * @run: does it with the folio of a scene
 * @right: a state in which that goes well
 * @locked: it needs the folio lock
 * @err: what it returns, by state
 */
struct op {
	const char *name;
	int (*run)(struct scene *scene);
	enum state right;
	bool locked;
	int err[NR_STATES];
};

static const struct op ops[] = {
	/* uncharged, charged, in a batch, on a list, the same and gathered, isolated */
	{ "charge", charge, UNCHARGED, true,
	  { 0, -EEXIST, -EEXIST, -EEXIST, -EEXIST, -EEXIST } },
	{ "uncharge", uncharge, CHARGED, true,
	  { -EINVAL, 0, -EBUSY, -EBUSY, -EBUSY, -EBUSY } },
	{ "add", add, CHARGED, true,
	  { -EINVAL, 0, -EEXIST, -EEXIST, -EEXIST, -EEXIST } },
	{ "rotate", rotate, ON_LIST, false,
	  { -EBUSY, -EBUSY, -EBUSY, 0, 0, -EBUSY } },
	{ "activate", activate, ON_LIST, false,
	  { -EBUSY, -EBUSY, -EBUSY, 0, 0, -EBUSY } },
	{ "deactivate", deactivate, ON_LIST, false,
	  { -EBUSY, -EBUSY, -EBUSY, 0, 0, -EBUSY } },
	{ "isolate", isolate, ON_LIST, false,
	  { -EBUSY, -EBUSY, -EBUSY, 0, 0, -EBUSY } },
	{ "putback", putback, ISOLATED, false,
	  { -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0 } },
	{ "release", release, ISOLATED, true,
	  { -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0 } },
	{ "migrate_from", migrate_from, ISOLATED, true,
	  { -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0 } },
	{ "migrate_to", migrate_to, UNCHARGED, true,
	  { 0, 0, -EEXIST, -EEXIST, -EEXIST, -EEXIST } },
};

static void op_desc(const struct op *op, char *desc)
{
	strscpy(desc, op->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(op, ops, op_desc);

static int bring(struct scene *scene, enum state state)
{
	int err = 0;

	if (state >= CHARGED)
		err = charge(scene);
	if (state >= IN_BATCH && !err)
		err = add(scene);
	if (state >= ON_LIST)
		swaptbl_lru_drain_all();
	if (state == GATHERED && !err)
		err = rotate(scene);
	if (state == ISOLATED && !err)
		err = isolate(scene);
	return err;
}

static void scene_set(struct kunit *test, struct scene *scene, enum state state)
{
	int nid = first_memory_node;

	scene->group = swaptbl_test_group(test);
	scene->folio = swaptbl_test_folio_on(test, 0, nid);
	scene->fresh = swaptbl_test_folio_on(test, 0, nid);
	scene->isolated = swaptbl_test_on_lru(test, scene->group, 0, nid,
					      LRU_INACTIVE_ANON);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_isolate_lru(scene->isolated));
	KUNIT_ASSERT_EQ(test, 0, bring(scene, state));
}

static void do_in_state(struct kunit *test, const struct op *op, enum state state)
{
	struct swaptbl_test_lru_state before;
	struct scene scene;

	scene_set(test, &scene, state);
	swaptbl_test_lru_state(scene.folio, scene.group, &before);
	KUNIT_EXPECT_EQ_MSG(test, op->run(&scene), op->err[state], "state %d", state);
	if (op->err[state])
		KUNIT_EXPECT_TRUE_MSG(test,
				      swaptbl_test_lru_unchanged(scene.folio,
								 scene.group,
								 &before),
				      "state %d", state);
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

static void each_state(struct kunit *test)
{
	enum state state;

	for (state = 0; state < NR_STATES; state++)
		do_in_state(test, test->param_value, state);
}

/* What is under the folio lock is refused without it. */
static void folio_not_locked(struct kunit *test)
{
	const struct op *op = test->param_value;
	struct swaptbl_test_lru_state before;
	struct scene scene;

	scene_set(test, &scene, op->right);
	folio_unlock(scene.folio);
	swaptbl_test_lru_state(scene.folio, scene.group, &before);
	KUNIT_EXPECT_EQ(test, op->run(&scene), op->locked ? -EINVAL : 0);
	if (op->locked)
		KUNIT_EXPECT_TRUE(test, swaptbl_test_lru_unchanged(scene.folio,
								   scene.group,
								   &before));
	folio_lock(scene.folio);
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

static void expect_same_context(struct kunit *test, const struct op *op)
{
	struct swaptbl_test_context before, after;
	struct scene scene;
	int err;

	scene_set(test, &scene, op->right);
	local_irq_disable();
	swaptbl_test_context(&before);
	err = op->run(&scene);
	swaptbl_lru_drain_all();
	swaptbl_test_context(&after);
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, before.irqs_off);
	swaptbl_test_expect_same(test, &before, &after);
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* Interrupts that were disabled before stay so, but a charge may sleep. */
static void irqs_stay_disabled(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if (ops[i].run != charge)
			expect_same_context(test, &ops[i]);
}

/* Both folios of a migration have to be. */
static void other_folio_not_locked(struct kunit *test)
{
	struct swaptbl_test_lru_state before;
	struct scene scene;

	scene_set(test, &scene, ISOLATED);
	folio_unlock(scene.fresh);
	swaptbl_test_lru_state(scene.folio, scene.group, &before);
	KUNIT_EXPECT_EQ(test, migrate_from(&scene), -EINVAL);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_lru_unchanged(scene.folio, scene.group,
							   &before));
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene.fresh), 1);
	KUNIT_EXPECT_EQ(test, scene.fresh->index, 0);
	folio_lock(scene.fresh);
	KUNIT_EXPECT_EQ(test, migrate_from(&scene), 0);
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

static void add_to_no_list(struct kunit *test)
{
	static const unsigned int no_list[] = {
		NR_LRU_LISTS, NR_LRU_LISTS + 1, 64, INT_MAX, UINT_MAX,
	};
	struct swaptbl_test_lru_state before;
	struct scene scene;
	unsigned int i;

	scene_set(test, &scene, CHARGED);
	swaptbl_test_lru_state(scene.folio, scene.group, &before);
	for (i = 0; i < ARRAY_SIZE(no_list); i++)
		KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(scene.folio, no_list[i]),
				-EINVAL);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_lru_unchanged(scene.folio, scene.group,
							   &before));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* It has one list only, and no end of that which means anything. */
static void unevictable_stays(struct kunit *test)
{
	struct swaptbl_test_lru_state before;
	struct scene scene;

	scene_set(test, &scene, CHARGED);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(scene.folio, LRU_UNEVICTABLE), 0);
	swaptbl_lru_drain_all();
	swaptbl_test_lru_state(scene.folio, scene.group, &before);
	KUNIT_EXPECT_EQ(test, rotate(&scene), -EINVAL);
	KUNIT_EXPECT_EQ(test, activate(&scene), -EINVAL);
	KUNIT_EXPECT_EQ(test, deactivate(&scene), -EINVAL);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_lru_unchanged(scene.folio, scene.group,
							   &before));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(scene.folio, scene.group,
						   LRU_UNEVICTABLE));
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

/* Larger or smaller, in either state of the new one. */
static void migrate_to_other_order(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *old, *small, *large;
	struct swaptbl_test_lru_state before;

	old = swaptbl_test_on_lru(test, group, 2, first_memory_node, LRU_ACTIVE_ANON);
	small = swaptbl_test_folio_on(test, 1, first_memory_node);
	large = swaptbl_test_charged(test, group, 3, first_memory_node);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(old), 0);
	swaptbl_test_lru_state(old, group, &before);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_migrate_lru(old, small), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_migrate_lru(old, large), -ERANGE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_migrate_lru(old, old), -EEXIST);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_lru_unchanged(old, group, &before));
	KUNIT_EXPECT_EQ(test, folio_ref_count(small), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(large), 1);
	KUNIT_EXPECT_EQ(test, small->index, 0);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* One that has slots of nobody cannot be charged to anybody. */
static void migrate_to_bound(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SWAPTBL_CLUSTER_SLOTS,
							 SWAPTBL_COUNT_BITS_MIN);
	struct folio *bound = swaptbl_test_bound(test, dev, 0);
	struct swaptbl_test_lru_state before;
	struct scene scene;

	scene_set(test, &scene, ISOLATED);
	swaptbl_test_lru_state(scene.folio, scene.group, &before);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_migrate_lru(scene.folio, bound), -EBUSY);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_lru_unchanged(scene.folio, scene.group,
							   &before));
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_test(bound, SWAPTBL_FOLIO_LRU_MANAGED));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(bound), 0);
	swaptbl_expect_tree_verified(test, scene.group->tree);
	swaptbl_expect_verified(test, dev);
}

/**
 * struct mover - somebody else, while a folio is taken off its list or put back
 * @scene: see struct scene
 * @err: what he is told
 */
struct mover {
	struct scene scene;
	int err[5];
};

/* Maybe with interrupts disabled; all of that is refused before it comes to a lock. */
static void actor_moves(void *arg)
{
	struct mover *mover = arg;

	mover->err[0] = isolate(&mover->scene);
	mover->err[1] = rotate(&mover->scene);
	mover->err[2] = putback(&mover->scene);
	mover->err[3] = release(&mover->scene);
	mover->err[4] = uncharge(&mover->scene);
}

/* Who comes first has the folio to himself until it is where he puts it. */
static void expect_alone(struct kunit *test, enum state state,
			 int (*run)(struct scene *scene))
{
	struct mover mover = {};
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_LRU_LOOKED_UP,
		.actor = actor_moves,
		.arg = &mover,
	};
	int err;

	scene_set(test, &mover.scene, state);
	swaptbl_test_hooks_begin(&hooks);
	err = run(&mover.scene);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, mover.err[0], -EBUSY);
	KUNIT_EXPECT_EQ(test, mover.err[1], -EBUSY);
	KUNIT_EXPECT_EQ(test, mover.err[2], -EINVAL);
	KUNIT_EXPECT_EQ(test, mover.err[3], -EINVAL);
	KUNIT_EXPECT_EQ(test, mover.err[4], -EBUSY);
	KUNIT_EXPECT_EQ(test, folio_ref_count(mover.scene.folio), 2);
	swaptbl_expect_tree_verified(test, mover.scene.group->tree);
}

static int drain(struct scene *scene)
{
	swaptbl_lru_drain_all();
	return 0;
}

static void moved_by_one_at_a_time(struct kunit *test)
{
	expect_alone(test, ON_LIST, isolate);
	expect_alone(test, ISOLATED, putback);
	expect_alone(test, IN_BATCH, drain);
	expect_alone(test, GATHERED, drain);
}

#define ROUNDS	20000

/**
 * struct rivals - two tasks that want the same folio
 * @folio: the folio, on a list
 * @met: how often one of them has come to where they meet
 * @got: the other one got it
 * @over: this was the last time
 * @done: completed when that one is at its end
 */
struct rivals {
	struct folio *folio;
	atomic_t met;
	bool got;
	bool over;
	struct completion done;
};

/* Both go on as soon as both are there, @nth time; to relax would take too long. */
static void meet(struct rivals *rivals, unsigned int nth)
{
	atomic_inc_return(&rivals->met);
	while (atomic_read_acquire(&rivals->met) < 2 * (nth + 1))
		barrier();
}

/* Some instructions; other ones each round, so that all of them meet. */
static void lag(unsigned int nr)
{
	for (; nr; nr--)
		barrier();
}

static int rival_thread(void *arg)
{
	struct rivals *rivals = arg;
	unsigned int nth = 0;

	do {
		meet(rivals, nth);
		lag(nth / 128 % 64);
		rivals->got = !swaptbl_folio_isolate_lru(rivals->folio);
		meet(rivals, nth + 1);
		nth += 2;
	} while (!rivals->over);
	complete(&rivals->done);
	return 0;
}

/* Return: how often not just one of them got it. */
static unsigned int compete(struct rivals *rivals)
{
	unsigned long end = jiffies + 3 * HZ;
	unsigned int nth, wrong = 0;
	bool got;

	for (nth = 0; !rivals->over; nth += 2) {
		meet(rivals, nth);
		lag(nth / 2 % 64);
		got = !swaptbl_folio_isolate_lru(rivals->folio);
		rivals->over = nth / 2 == ROUNDS || time_after(jiffies, end);
		meet(rivals, nth + 1);
		wrong += got == rivals->got || swaptbl_folio_putback_lru(rivals->folio);
	}
	return wrong;
}

static void isolated_by_one_of_two(struct kunit *test)
{
	struct rivals rivals = {};
	struct task_struct *task;
	struct scene scene;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs a second CPU");
	scene_set(test, &scene, ON_LIST);
	rivals.folio = scene.folio;
	init_completion(&rivals.done);
	task = kthread_create(rival_thread, &rivals, "swaptbl_rival");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);
	migrate_disable();
	kthread_bind(task, cpumask_any_but(cpu_online_mask, raw_smp_processor_id()));
	wake_up_process(task);
	KUNIT_EXPECT_EQ(test, compete(&rivals), 0);
	migrate_enable();
	wait_for_completion(&rivals.done);
	kthread_stop_put(task);
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

static struct kunit_case swaptbl_lru_state_cases[] = {
	KUNIT_CASE_PARAM(each_state, op_gen_params),
	KUNIT_CASE_PARAM(folio_not_locked, op_gen_params),
	KUNIT_CASE(irqs_stay_disabled),
	KUNIT_CASE(other_folio_not_locked),
	KUNIT_CASE(add_to_no_list),
	KUNIT_CASE(unevictable_stays),
	KUNIT_CASE(migrate_to_other_order),
	KUNIT_CASE(migrate_to_bound),
	KUNIT_CASE(moved_by_one_at_a_time),
	KUNIT_CASE(isolated_by_one_of_two),
	{}
};

static struct kunit_suite swaptbl_lru_state_suite = {
	.name = "swaptbl_lru_state",
	.test_cases = swaptbl_lru_state_cases,
};

kunit_test_suite(swaptbl_lru_state_suite);
