// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of charging folios to groups: who is charged, what is refused, limits at each
 * level. swaptbl/charge.c.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched/task.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "group_util.h"

#define NODE	first_memory_node
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define LEVELS	SWAPTBL_TEST_LEVELS

static const struct order {
	const char *name;
	unsigned int order;
} orders[] = {
	{ "order=0", 0 },
	{ "order=2", 2 },
	{ "order=5", 5 },
};

KUNIT_ARRAY_PARAM_DESC(order, orders, name);

static unsigned int order_of(struct kunit *test)
{
	return ((const struct order *)test->param_value)->order;
}

/* @nr pages that group @own has itself, if it has any. */
static void expect_charged(struct kunit *test, struct swaptbl_test_levels *levels,
			   unsigned int own, long nr)
{
	unsigned int i;

	for (i = 0; i < LEVELS; i++) {
		swaptbl_expect_usage(test, levels->group[i], i <= own ? nr : 0);
		swaptbl_expect_stat(test, levels->group[i], SWAPTBL_LRU_STAT_CHARGED,
				    i == own ? nr : 0, i <= own ? nr : 0);
	}
	swaptbl_expect_tree_verified(test, levels->tree);
}

static void charge_counts_for_ancestors(struct kunit *test)
{
	unsigned int order = order_of(test), i;
	struct folio *folio = swaptbl_test_folio_on(test, order, NODE);
	struct swaptbl_test_levels levels;

	swaptbl_test_levels(test, &levels);
	for (i = 0; i < LEVELS; i++) {
		KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, levels.group[i]), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), levels.group[i]->id);
		expect_charged(test, &levels, i, BIT(order));
		KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), 0);
		expect_charged(test, &levels, i, 0);
	}
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

static void charge_spares_siblings(struct kunit *test)
{
	struct swaptbl_test_levels levels;
	struct swaptbl_group *sibling;

	swaptbl_test_levels(test, &levels);
	sibling = swaptbl_test_child(test, levels.group[1]);
	swaptbl_test_charged(test, levels.group[2], 1, NODE);
	swaptbl_expect_usage(test, sibling, 0);
	swaptbl_test_charged(test, sibling, 2, NODE);
	swaptbl_expect_usage(test, sibling, 4);
	swaptbl_expect_usage(test, levels.group[2], 2);
	swaptbl_expect_usage(test, levels.group[1], 6);
	swaptbl_expect_usage(test, levels.group[0], 6);
	swaptbl_expect_tree_verified(test, levels.tree);
}

static void charge_refused(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct swaptbl_group *other = swaptbl_test_group(test);
	struct folio *folio = swaptbl_test_folio_on(test, 0, NODE);

	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, group), -EINVAL);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	swaptbl_expect_usage(test, group, 0);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, group), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, group), -EEXIST);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, other), -EEXIST);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), group->id);
	swaptbl_expect_usage(test, group, 1);
	swaptbl_expect_usage(test, other, 0);
	swaptbl_expect_tree_verified(test, group->tree);
	swaptbl_expect_tree_verified(test, other->tree);
}

/* Also when there is room for it at its parent. */
static void charge_to_removed_group(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folio = swaptbl_test_folio_on(test, 0, NODE);

	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, group), -ESRCH);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	swaptbl_expect_usage(test, group, 0);
	swaptbl_expect_usage(test, group->tree->root, 0);
	swaptbl_expect_tree_verified(test, group->tree);
}

/*
 * What slots name is settled when they are allocated: a charge that comes then must not
 * make their group out of it, for nobody has counted them.
 */
static void charge_of_bound_folio(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct swaptbl_device *dev = swaptbl_test_device(test, 64, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 0);
	unsigned long handles = swaptbl_test_handles_settled();
	long slots;
	int err;

	err = swaptbl_folio_charge(folio, group);
	slots = atomic_long_read(&group->swap);
	KUNIT_EXPECT_EQ(test, slots, err ? 0 : 1);
	swaptbl_expect_usage(test, group, err ? 0 : 1);
	swaptbl_expect_tree_verified(test, group->tree);
	/* Freed, such a slot would take away a reference that it never got. */
	if (!err && !slots) {
		swaptbl_handle_get_many(group->handle, 1);
		atomic_long_inc(&group->swap);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	swaptbl_expect_slots(test, group, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles);
}

static void uncharge_refused(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folio = swaptbl_test_folio_on(test, 1, NODE);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, group), 0);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), -EINVAL);
	swaptbl_expect_usage(test, group, 2);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), -EINVAL);
	swaptbl_expect_usage(test, group, 0);
	swaptbl_expect_tree_verified(test, group->tree);
}

static void expect_busy(struct kunit *test, struct folio *folio,
			struct swaptbl_group *group)
{
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), -EBUSY);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), group->id);
	swaptbl_expect_usage(test, group, folio_nr_pages(folio));
}

static void uncharge_refused_on_list(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folio = swaptbl_test_charged(test, group, 0, NODE);

	/* On its way there, there, and taken off. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, LRU_UNEVICTABLE), 0);
	expect_busy(test, folio, group);
	swaptbl_lru_drain_all();
	expect_busy(test, folio, group);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	expect_busy(test, folio, group);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(folio), 0);
	folio_put(folio);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	swaptbl_expect_usage(test, group, 0);
	swaptbl_expect_tree_verified(test, group->tree);
}

static void uncharge_refused_in_cache(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct swaptbl_device *dev = swaptbl_test_device(test, 64, BITS);
	struct folio *folio = swaptbl_test_charged(test, group, 2, NODE);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, folio), 0);
	expect_busy(test, folio, group);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	swaptbl_expect_usage(test, group, 0);
	swaptbl_expect_tree_verified(test, group->tree);
	swaptbl_expect_verified(test, dev);
}

/* Whoever lets go last uncharges: the list, or the cache. */
static void last_one_uncharges(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct swaptbl_device *dev = swaptbl_test_device(test, 64, BITS);
	struct folio *folio = swaptbl_test_on_lru(test, group, 1, NODE,
						  LRU_ACTIVE_ANON);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(dev, folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(folio), 0);
	folio_put(folio);
	expect_busy(test, folio, group);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, LRU_ACTIVE_ANON), 0);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	/* Somebody has isolated it: it leaves the cache, and stays his. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	expect_busy(test, folio, group);
	swaptbl_expect_tree_verified(test, group->tree);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(folio), 0);
	folio_put(folio);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	swaptbl_expect_usage(test, group, 0);
	swaptbl_expect_tree_verified(test, group->tree);
}

static int charge_one(struct kunit *test, struct swaptbl_group *group,
		      unsigned int order)
{
	struct folio *folio = swaptbl_test_folio_on(test, order, NODE);

	/* Nothing that reclaim could let go of. */
	folio_set_dirty(folio);
	return swaptbl_folio_charge(folio, group);
}

/* The last page that fits, and the first that does not. */
static void limit_is_exact(struct kunit *test)
{
	struct swaptbl_group *root = swaptbl_test_tree(test)->root;
	unsigned int order = order_of(test);
	long nr = BIT(order);
	struct swaptbl_group *group;

	group = swaptbl_test_limited(test, root, 3 * nr - 1);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, order), 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, order), 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, order), -EDQUOT);
	swaptbl_expect_usage(test, group, 2 * nr);
	swaptbl_test_limit(group, 3 * nr);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, order), 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, 0), -EDQUOT);
	swaptbl_test_limit(group, 3 * nr + 1);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, 0), 0);
	swaptbl_expect_usage(test, group, 3 * nr + 1);
	swaptbl_expect_usage(test, root, 3 * nr + 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->failures), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&root->failures), 0);
	swaptbl_expect_tree_verified(test, root->tree);
}

static void limit_of_nothing(struct kunit *test)
{
	struct swaptbl_group *root = swaptbl_test_tree(test)->root;
	struct swaptbl_group *group = swaptbl_test_limited(test, root, 0);

	KUNIT_EXPECT_EQ(test, charge_one(test, group, 0), -EDQUOT);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, 4), -EDQUOT);
	swaptbl_expect_usage(test, group, 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, root, 0), 0);
	swaptbl_expect_tree_verified(test, root->tree);
}

/* It applies to what comes, not to what is there. */
static void limit_below_usage(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folio = swaptbl_test_charged(test, group, 3, NODE);

	swaptbl_test_limit(group, 2);
	swaptbl_expect_usage(test, group, 8);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, 0), -EDQUOT);
	swaptbl_expect_usage(test, group, 8);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, group, 0), 0);
	swaptbl_expect_usage(test, group, 1);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* Refused by whom, and counted there; nobody keeps anything of it. */
static void limit_of_ancestor(struct kunit *test)
{
	struct swaptbl_test_levels levels;
	unsigned int at, i;

	swaptbl_test_levels(test, &levels);
	for (at = 0; at < LEVELS; at++) {
		swaptbl_test_limit(levels.group[at], 3);
		KUNIT_EXPECT_EQ(test, charge_one(test, levels.group[3], 2), -EDQUOT);
		for (i = 0; i < LEVELS; i++)
			KUNIT_EXPECT_EQ(test,
					atomic_long_read(&levels.group[i]->failures),
					i <= at);
		expect_charged(test, &levels, 3, 0);
		swaptbl_test_limit(levels.group[at], SWAPTBL_GROUP_NO_LIMIT);
	}
	KUNIT_EXPECT_EQ(test, charge_one(test, levels.group[3], 2), 0);
	expect_charged(test, &levels, 3, 4);
}

/* The lowest one that is in the way: those above it are not even asked. */
static void limit_of_several(struct kunit *test)
{
	struct swaptbl_test_levels levels;

	swaptbl_test_levels(test, &levels);
	swaptbl_test_limit(levels.group[1], 0);
	swaptbl_test_limit(levels.group[2], 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, levels.group[3], 0), -EDQUOT);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&levels.group[2]->failures), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&levels.group[1]->failures), 0);
	/* What is above the limits does not have them. */
	KUNIT_EXPECT_EQ(test, charge_one(test, levels.group[0], 0), 0);
	expect_charged(test, &levels, 0, 1);
}

/* Pages of a removed group count for the limits that they did before. */
static void limit_counts_removed_groups(struct kunit *test)
{
	struct swaptbl_test_levels levels;
	struct folio *folio;

	swaptbl_test_levels(test, &levels);
	swaptbl_test_limit(levels.group[2], 4);
	folio = swaptbl_test_charged(test, levels.group[3], 2, NODE);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[3]), 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, levels.group[2], 0), -EDQUOT);
	swaptbl_expect_usage(test, levels.group[2], 4);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio), 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, levels.group[2], 2), 0);
	swaptbl_expect_usage(test, levels.group[2], 4);
	swaptbl_expect_usage(test, levels.group[0], 4);
	swaptbl_expect_tree_verified(test, levels.tree);
}

#define WORKERS	2
#define FOLIOS	3
#define ROUNDS	3000

/**
 * struct race - threads that charge more than fits
 * @group: what they charge to
 * @limit: the limit that applies
 * @charged: pages that they have charged
 * @failed: charges that were refused
 * @mistakes: of the engine
 */
struct race {
	struct swaptbl_group *group;
	long limit;
	atomic_long_t charged;
	atomic_long_t failed;
	atomic_t mistakes;
};

/**
 * struct worker - one of them
 * @race: what they share
 * @folio: of orders 0, 1 and so on
 * @task: the thread
 * @done: completed when it is
 */
struct worker {
	struct race *race;
	struct folio *folio[FOLIOS];
	struct task_struct *task;
	struct completion done;
};

static void worker_charge(struct race *race, struct folio *folio)
{
	int err = swaptbl_folio_charge(folio, race->group);

	if (err == -EDQUOT)
		atomic_long_inc(&race->failed);
	else if (err || atomic_long_add_return(folio_nr_pages(folio),
					       &race->charged) > race->limit)
		atomic_inc(&race->mistakes);
}

static void worker_uncharge(struct race *race, struct folio *folio)
{
	if (!swaptbl_test_is_charged(folio))
		return;
	atomic_long_sub(folio_nr_pages(folio), &race->charged);
	if (swaptbl_folio_uncharge(folio))
		atomic_inc(&race->mistakes);
}

static int worker_thread(void *arg)
{
	struct worker *worker = arg;
	unsigned int round, i;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < FOLIOS; i++)
			worker_charge(worker->race, worker->folio[i]);
		for (i = 0; i < FOLIOS; i++)
			worker_uncharge(worker->race, worker->folio[i]);
		cond_resched();
	}
	complete(&worker->done);
	return 0;
}

static void worker_start(struct kunit *test, struct worker *worker,
			 struct race *race)
{
	unsigned int i;

	worker->race = race;
	init_completion(&worker->done);
	for (i = 0; i < FOLIOS; i++) {
		worker->folio[i] = swaptbl_test_folio_on(test, i, NODE);
		folio_set_dirty(worker->folio[i]);
	}
	worker->task = kthread_create(worker_thread, worker, "swaptbl_charger");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, worker->task);
	/* A thread that ended is waited for until it has left this module. */
	get_task_struct(worker->task);
}

/* Each alone needs 7 of 10 pages; the limit is one of a group above. */
static void threads_charge_at_limit(struct kunit *test)
{
	struct worker worker[WORKERS];
	struct swaptbl_test_levels levels;
	struct race race = { .limit = 10 };
	unsigned int i;

	swaptbl_test_levels(test, &levels);
	swaptbl_test_limit(levels.group[1], race.limit);
	race.group = levels.group[2];
	for (i = 0; i < WORKERS; i++)
		worker_start(test, &worker[i], &race);
	for (i = 0; i < WORKERS; i++)
		wake_up_process(worker[i].task);
	for (i = 0; i < WORKERS; i++) {
		wait_for_completion(&worker[i].done);
		kthread_stop_put(worker[i].task);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&race.mistakes), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&race.charged), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&levels.group[1]->failures),
			atomic_long_read(&race.failed));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&levels.group[2]->failures), 0);
	expect_charged(test, &levels, 2, 0);
	/* All of it is there again. */
	KUNIT_EXPECT_EQ(test, charge_one(test, levels.group[2], 3), 0);
	KUNIT_EXPECT_EQ(test, charge_one(test, levels.group[2], 1), 0);
	expect_charged(test, &levels, 2, 10);
}

static struct kunit_case swaptbl_charge_cases[] = {
	KUNIT_CASE_PARAM(charge_counts_for_ancestors, order_gen_params),
	KUNIT_CASE(charge_spares_siblings),
	KUNIT_CASE(charge_refused),
	KUNIT_CASE(charge_to_removed_group),
	KUNIT_CASE(charge_of_bound_folio),
	KUNIT_CASE(uncharge_refused),
	KUNIT_CASE(uncharge_refused_on_list),
	KUNIT_CASE(uncharge_refused_in_cache),
	KUNIT_CASE(last_one_uncharges),
	KUNIT_CASE_PARAM(limit_is_exact, order_gen_params),
	KUNIT_CASE(limit_of_nothing),
	KUNIT_CASE(limit_below_usage),
	KUNIT_CASE(limit_of_ancestor),
	KUNIT_CASE(limit_of_several),
	KUNIT_CASE(limit_counts_removed_groups),
	KUNIT_CASE(threads_charge_at_limit),
	{}
};

static struct kunit_suite swaptbl_charge_suite = {
	.name = "swaptbl_charge",
	.test_cases = swaptbl_charge_cases,
};

kunit_test_suite(swaptbl_charge_suite);
