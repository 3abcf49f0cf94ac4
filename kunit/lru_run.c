// SPDX-License-Identifier: GPL-2.0
/*
 * How the tasks of kunit/stress_lru.c are made and run, and what they have in common.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/nodemask.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_load.h"
#include "lru_util.h"

static int worker_thread(void *arg)
{
	struct swaptbl_lru_worker *worker = arg;

	swaptbl_lru_work(worker);
	complete(&worker->load->done);
	return 0;
}

static unsigned int workers_start(struct swaptbl_lru_load *load,
				  struct task_struct **task)
{
	unsigned int i;

	init_completion(&load->done);
	atomic_set(&load->busy, 0);
	for (i = 0; i < load->nr_workers; i++)
		atomic_add(!load->worker[i]->stays, &load->busy);
	for (i = 0; i < load->nr_workers; i++) {
		task[i] = kthread_create(worker_thread, load->worker[i],
					 "swaptbl_lru/%u", i);
		if (IS_ERR(task[i])) {
			WRITE_ONCE(load->over, true);
			break;
		}
		get_task_struct(task[i]);
		wake_up_process(task[i]);
	}
	return i;
}

/* While they are at it, what the oracle says has to be right. */
static void workers_wait(struct kunit *test, struct swaptbl_lru_load *load,
			 unsigned int left)
{
	while (left) {
		swaptbl_expect_tree_verified(test, load->tree);
		if (load->dev)
			swaptbl_expect_verified(test, load->dev);
		while (left && wait_for_completion_timeout(&load->done, HZ / 20))
			left--;
	}
}

/* See kunit/stress.c for the reference. */
void swaptbl_lru_run(struct kunit *test, struct swaptbl_lru_load *load)
{
	struct task_struct *task[SWAPTBL_LRU_WORKERS];
	unsigned int i, started;

	started = workers_start(load, task);
	KUNIT_EXPECT_EQ(test, started, load->nr_workers);
	workers_wait(test, load, started);
	for (i = 0; i < started; i++)
		kthread_stop_put(task[i]);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&load->mistakes), 0, "%s", load->what);
	swaptbl_lru_drain_all();
	rcu_barrier();
}

/* Off its list, uncharged, unlocked. */
static void folio_release(struct folio *folio)
{
	folio_lock(folio);
	if (!swaptbl_folio_isolate_lru(folio) ||
	    swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ISOLATED)) {
		swaptbl_folio_release_lru(folio);
		folio_put(folio);
	}
	swaptbl_folio_uncharge(folio);
	folio_unlock(folio);
}

void swaptbl_lru_pool_free(struct swaptbl_lru_load *load)
{
	unsigned int i;

	swaptbl_lru_drain_all();
	for (i = 0; i < load->nr_slots; i++) {
		folio_release(load->slot[i].folio);
		folio_put(load->slot[i].folio);
	}
	load->nr_slots = 0;
}

int swaptbl_lru_tree_free(struct swaptbl_lru_load *load)
{
	swaptbl_lru_groups_remove(load);
	if (load->top != load->tree->root)
		swaptbl_group_remove(load->top);
	swaptbl_group_put(load->top);
	return swaptbl_tree_destroy(load->tree);
}

/* What an aborted case leaves. */
static void load_release(void *ctx)
{
	struct swaptbl_lru_load *load = ctx;

	if (!load->tree)
		return;
	swaptbl_lru_pool_free(load);
	WARN_ON(swaptbl_lru_tree_free(load));
}

static void load_init(struct swaptbl_lru_load *load)
{
	unsigned int i;

	spin_lock_init(&load->lock);
	for (i = 0; i < SWAPTBL_LRU_POOL; i++)
		spin_lock_init(&load->slot[i].lock);
}

struct swaptbl_lru_load *swaptbl_lru_load_make(struct kunit *test)
{
	struct swaptbl_lru_load *load = kunit_kzalloc(test, sizeof(*load), GFP_KERNEL);
	struct swaptbl_tree *tree;

	KUNIT_ASSERT_NOT_NULL(test, load);
	load_init(load);
	tree = swaptbl_tree_create(swaptbl_test_kind());
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tree);
	load->tree = tree;
	load->top = swaptbl_group_get(tree->root->id);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, load_release, load));
	KUNIT_ASSERT_NOT_NULL(test, load->top);
	return load;
}

/* On both nodes and all lists; one in eight is large. */
void swaptbl_lru_pool_fill(struct kunit *test, struct swaptbl_lru_load *load)
{
	const int node[] = { first_memory_node, swaptbl_test_other_node() };
	struct folio *folio;
	unsigned int i;

	for (i = 0; i < SWAPTBL_LRU_POOL; i++) {
		folio = __folio_alloc_node(GFP_KERNEL | __GFP_THISNODE, i % 8 ? 0 : 2,
					   node[i % 2]);
		KUNIT_ASSERT_NOT_NULL(test, folio);
		swaptbl_folio_init(folio);
		load->slot[load->nr_slots++].folio = folio;
		folio_lock(folio);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, load->top), 0);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, i % NR_LRU_LISTS), 0);
		folio_unlock(folio);
	}
	swaptbl_lru_drain_all();
}

static void worker_make(struct kunit *test, struct swaptbl_lru_load *load,
			struct rnd_state *rnd,
			void (*work)(struct swaptbl_lru_worker *worker), bool stays)
{
	struct swaptbl_lru_worker *worker;

	worker = kunit_kzalloc(test, sizeof(*worker), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, worker);
	worker->load = load;
	worker->work = work;
	worker->stays = stays;
	prandom_seed_state(&worker->rnd, prandom_u32_state(rnd));
	load->worker[load->nr_workers++] = worker;
	worker->id = load->nr_workers;
}

void swaptbl_lru_workers_make(struct kunit *test, struct swaptbl_lru_load *load,
			      void (*work)(struct swaptbl_lru_worker *worker),
			      unsigned int nr,
			      void (*remove)(struct swaptbl_lru_worker *worker),
			      unsigned int nr_removers)
{
	struct rnd_state rnd;

	swaptbl_test_random(test, &rnd);
	while (nr--)
		worker_make(test, load, &rnd, work, true);
	while (nr_removers--)
		worker_make(test, load, &rnd, remove, false);
}

void swaptbl_lru_ledgers_make(struct kunit *test, struct swaptbl_lru_load *load,
			      size_t size)
{
	unsigned int i;

	for (i = 0; i < load->nr_workers; i++) {
		load->worker[i]->ledger = kunit_kzalloc(test, size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, load->worker[i]->ledger);
	}
}

/* That many operations and removals more, in all. */
void swaptbl_lru_goals_add(struct swaptbl_lru_load *load, unsigned long ops,
			   unsigned long removals)
{
	unsigned int i, nr_stay = 0;

	for (i = 0; i < load->nr_workers; i++)
		nr_stay += load->worker[i]->stays;
	for (i = 0; i < load->nr_workers; i++)
		if (load->worker[i]->stays)
			load->worker[i]->goal += ops / nr_stay;
		else
			load->worker[i]->goal += removals / (load->nr_workers - nr_stay);
}
