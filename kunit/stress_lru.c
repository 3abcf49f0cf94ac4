// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that use the lists of a tree while its groups are removed under them: a lock is
 * that of the list that the folio is on, and no folio, page, count or reference is lost
 * or made up. The module parameters "long" and "seed" apply.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/math64.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/group_reclaim.h"
#include "../swaptbl/handle.h"
#include "../swaptbl/reclaim.h"
#include "lru_load.h"
#include "lru_util.h"

#define SLOTS		SWAPTBL_CLUSTER_SLOTS
#define NR_ROUNDS	3

/**
 * struct tally - where the folios of the pool are
 * @charged: pages charged
 * @listed: pages on lists
 * @isolated: pages isolated
 * @entries: folios on lists
 */
struct tally {
	long charged;
	long listed;
	long isolated;
	unsigned long entries;
};

static unsigned int __times_on(struct swaptbl_lruvec *lruvec, const struct folio *folio)
{
	const struct folio *other;
	unsigned int times = 0;

	list_for_each_entry(other, __swaptbl_lruvec_list_of(lruvec, folio), lru)
		times += other == folio;
	return times;
}

/* How often a folio is on the list that it says it is on. */
static unsigned int times_listed(struct folio *folio)
{
	struct swaptbl_lruvec *lruvec = swaptbl_folio_lruvec_lock_irq(folio);
	unsigned int times;

	if (!lruvec)
		return 0;
	times = __times_on(lruvec, folio);
	swaptbl_lruvec_unlock_irq(lruvec);
	return times;
}

static void tally_slot(struct kunit *test, struct folio *folio, struct tally *tally)
{
	bool managed = swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED);
	bool listed = swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU);
	bool isolated = swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ISOLATED);
	long nr = folio_nr_pages(folio);

	KUNIT_EXPECT_EQ(test, managed, listed || isolated);
	KUNIT_EXPECT_FALSE(test, listed && isolated);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + managed);
	KUNIT_EXPECT_EQ(test, times_listed(folio), listed);
	tally->charged += swaptbl_folio_handle(folio) ? nr : 0;
	tally->listed += listed ? nr : 0;
	tally->isolated += isolated ? nr : 0;
	tally->entries += listed;
}

static unsigned long __count_folios(struct swaptbl_lruvec *lruvec, enum lru_list lru)
{
	unsigned long entries = 0;
	struct list_head *list;
	unsigned int nth = 0;

	while ((list = __swaptbl_lruvec_list(lruvec, lru, nth++)))
		entries += list_count_nodes(list);
	return entries;
}

static unsigned long entries_of(struct swaptbl_group *group)
{
	struct swaptbl_lruvec *lruvec;
	unsigned long entries = 0;
	enum lru_list lru;
	int nid;

	for_each_node(nid) {
		lruvec = swaptbl_group_lruvec_lock_irq(group, nid);
		if (!lruvec)
			continue;
		for_each_lru(lru)
			entries += __count_folios(lruvec, lru);
		swaptbl_lruvec_unlock_irq(lruvec);
	}
	return entries;
}

static unsigned long entries_of_all(struct swaptbl_tree *tree)
{
	struct swaptbl_group *group;
	unsigned long entries = 0;
	unsigned int id = 0;

	while ((group = swaptbl_group_next(tree->root, &id))) {
		entries += entries_of(group);
		swaptbl_group_put(group);
	}
	return entries;
}

static long on_lists(const long *stat)
{
	enum lru_list lru;
	long pages = 0;

	for_each_lru(lru)
		pages += stat[SWAPTBL_LRU_STAT_LISTS + lru];
	return pages;
}

/* Each folio of the pool once, where it says that it is, and nothing else. */
static void expect_pool(struct kunit *test, struct swaptbl_lru_load *load)
{
	struct swaptbl_group *root = load->tree->root;
	long total[SWAPTBL_NR_LRU_STATS];
	struct tally tally = {};
	unsigned int i;

	for (i = 0; i < load->nr_slots; i++)
		tally_slot(test, load->slot[i].folio, &tally);
	swaptbl_group_stats(root, NULL, total);
	KUNIT_EXPECT_EQ(test, entries_of_all(load->tree), tally.entries);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&root->usage), tally.charged);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_CHARGED], tally.charged);
	KUNIT_EXPECT_EQ(test, on_lists(total), tally.listed);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_ISOLATED], tally.isolated);
	swaptbl_expect_tree_verified(test, load->tree);
}

static long pool_pages(const struct swaptbl_lru_load *load)
{
	unsigned int i;
	long nr = 0;

	for (i = 0; i < load->nr_slots; i++)
		nr += folio_nr_pages(load->slot[i].folio);
	return nr;
}

/* Nothing is left of all that was on lists, charged, and named. */
static void expect_gone(struct kunit *test, struct swaptbl_lru_load *load,
			unsigned long handles)
{
	struct swaptbl_group *root = load->tree->root;
	long total[SWAPTBL_NR_LRU_STATS];

	swaptbl_group_stats(root, NULL, total);
	KUNIT_EXPECT_EQ(test, entries_of_all(load->tree), 0);
	KUNIT_EXPECT_EQ(test, on_lists(total), 0);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_ISOLATED], 0);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_CHARGED], 0);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_ADD],
			total[SWAPTBL_LRU_STAT_DEL]);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&root->usage), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&root->swap), 0);
	swaptbl_expect_tree_verified(test, load->tree);
	KUNIT_EXPECT_EQ(test, swaptbl_lru_tree_free(load), 0);
	load->tree = NULL;
	KUNIT_EXPECT_TRUE(test, swaptbl_test_handles_down_to(handles));
}

/* Ids that are taken by others, once those that are on their way have come back. */
static unsigned long handles_before(void)
{
	unsigned long nr;

	do {
		nr = swaptbl_handles_nr();
		rcu_barrier();
		msleep(20);
	} while (swaptbl_handles_nr() < nr);
	return nr;
}

static void report(struct kunit *test, struct swaptbl_lru_load *load, const char *what)
{
	long retries = swaptbl_test_total(load->tree->root, SWAPTBL_LRU_STAT_LOCK_RETRY);
	unsigned long ops = swaptbl_lru_ops(load, true);

	kunit_info(test, "%lu %s, %lu removals, %ld retries, %llu per million", ops,
		   what, swaptbl_lru_ops(load, false), retries,
		   div64_u64(1000000ULL * retries, ops ?: 1));
}

/* Of so many chances each test of a CPU against another has to meet some. */
static void expect_retries(struct kunit *test, struct swaptbl_lru_load *load)
{
	if (swaptbl_test_long && num_online_cpus() > 1)
		KUNIT_EXPECT_GT(test, swaptbl_test_total(load->tree->root,
							 SWAPTBL_LRU_STAT_LOCK_RETRY),
				0);
}

/* What was moved to other groups was released and added, and all else stayed. */
static void expect_moves(struct kunit *test, struct swaptbl_lru_load *load)
{
	long total[SWAPTBL_NR_LRU_STATS], moved = 0;
	unsigned int i;

	for (i = 0; i < load->nr_workers; i++)
		moved += load->worker[i]->moved;
	swaptbl_group_stats(load->tree->root, NULL, total);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_ADD], pool_pages(load) + moved);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_DEL], moved);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_ISOLATE], moved);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_PUTBACK], 0);
}

static void run_lockers(struct kunit *test, struct swaptbl_lru_load *load,
			unsigned long handles)
{
	swaptbl_lru_goals_add(load, swaptbl_test_long ? 10 * 1000 * 1000 : 100 * 1000,
			      swaptbl_test_long ? 10 * 1000 : 200);
	swaptbl_lru_run(test, load);
	expect_pool(test, load);
	expect_moves(test, load);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&load->tree->root->usage),
			pool_pages(load));
	report(test, load, "lock operations");
	expect_retries(test, load);
	swaptbl_lru_pool_free(load);
	expect_gone(test, load, handles);
}

static void lockers_and_remover(struct kunit *test)
{
	unsigned long handles = handles_before();
	struct swaptbl_lru_load *load = swaptbl_lru_load_make(test);

	swaptbl_lru_pool_fill(test, load);
	swaptbl_lru_workers_make(test, load, swaptbl_lru_locker_work, 4,
				 swaptbl_lru_remover_work, 1);
	run_lockers(test, load, handles);
}

/* All levels that there may be, at once. */
static void removers_of_one_branch(struct kunit *test)
{
	unsigned long handles = handles_before();
	struct swaptbl_lru_load *load = swaptbl_lru_load_make(test);

	swaptbl_lru_pool_fill(test, load);
	swaptbl_lru_workers_make(test, load, swaptbl_lru_locker_work, 2,
				 swaptbl_lru_branch_work, 4);
	run_lockers(test, load, handles);
}

/* Folios that others took the place of are nobody's any more. */
static void expect_graves(struct kunit *test, struct swaptbl_lru_batches *ledger)
{
	struct folio *folio;

	while (ledger->nr_graves) {
		folio = ledger->grave[--ledger->nr_graves];
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
		KUNIT_EXPECT_EQ(test, folio->index, 0);
		folio_put(folio);
	}
}

/* Those who remove groups move folios too. */
static void pages_add(struct swaptbl_lru_pages *sum,
		      const struct swaptbl_lru_worker *worker)
{
	const struct swaptbl_lru_batches *ledger = worker->ledger;

	sum->added += ledger->pages.added + worker->moved;
	sum->deleted += ledger->pages.deleted + worker->moved;
	sum->isolated += ledger->pages.isolated + worker->moved;
	sum->putback += ledger->pages.putback;
	sum->migrated += ledger->pages.migrated;
}

/* What is counted where it is known, not when a batch is worked off. */
static void expect_batches(struct kunit *test, struct swaptbl_lru_load *load)
{
	long total[SWAPTBL_NR_LRU_STATS], initial = pool_pages(load);
	struct swaptbl_lru_pages sum = {};
	unsigned int i;

	for (i = 0; i < load->nr_workers; i++) {
		expect_graves(test, load->worker[i]->ledger);
		pages_add(&sum, load->worker[i]);
	}
	swaptbl_group_stats(load->tree->root, NULL, total);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_ADD],
			initial + sum.added + sum.migrated);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_DEL], sum.deleted + sum.migrated);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_PUTBACK], sum.putback);
	KUNIT_EXPECT_GE(test, total[SWAPTBL_LRU_STAT_ISOLATE], sum.isolated);
	KUNIT_EXPECT_LE(test, total[SWAPTBL_LRU_STAT_ISOLATE],
			sum.isolated + sum.migrated);
}

static void batches_and_remover(struct kunit *test)
{
	unsigned long handles = handles_before();
	struct swaptbl_lru_load *load = swaptbl_lru_load_make(test);
	unsigned int i;

	swaptbl_lru_pool_fill(test, load);
	swaptbl_lru_workers_make(test, load, swaptbl_lru_batches_work, 4,
				 swaptbl_lru_remover_work, 2);
	swaptbl_lru_ledgers_make(test, load, sizeof(struct swaptbl_lru_batches));
	for (i = 0; i < NR_ROUNDS; i++) {
		swaptbl_lru_goals_add(load, swaptbl_test_long ? 1000 * 1000 : 30 * 1000,
				      swaptbl_test_long ? 3000 : 100);
		swaptbl_lru_run(test, load);
		expect_pool(test, load);
		expect_batches(test, load);
	}
	report(test, load, "operations");
	for (i = 0; i < load->nr_workers; i++)
		swaptbl_lru_batches_end(load->worker[i]);
	expect_pool(test, load);
	expect_batches(test, load);
	swaptbl_lru_pool_free(load);
	expect_gone(test, load, handles);
}

/* Pages that a charge pays for: those in the cache, and those that only a list has. */
static long bound_pages(struct swaptbl_device *dev)
{
	unsigned long offset;
	struct folio *folio;
	long nr = 0;

	for (offset = 1; offset < dev->nr_slots; offset++) {
		folio = swaptbl_cache_get_folio(dev, offset);
		if (!folio)
			continue;
		nr += !!swaptbl_folio_handle(folio);
		folio_put(folio);
	}
	return nr;
}

static long __unbound_pages(struct swaptbl_lruvec *lruvec)
{
	struct list_head *list;
	struct folio *folio;
	unsigned int nth;
	enum lru_list lru;
	long nr = 0;

	for_each_lru(lru)
		for (nth = 0; (list = __swaptbl_lruvec_list(lruvec, lru, nth)); nth++)
			list_for_each_entry(folio, list, lru)
				nr += swaptbl_folio_bound(folio) ? 0 : folio_nr_pages(folio);
	return nr;
}

static long unbound_pages(struct swaptbl_tree *tree)
{
	struct swaptbl_lruvec *lruvec;
	struct swaptbl_group *group;
	unsigned int id = 0;
	long nr = 0;
	int nid;

	while ((group = swaptbl_group_next(tree->root, &id))) {
		for_each_node(nid) {
			lruvec = swaptbl_group_lruvec_lock_irq(group, nid);
			if (!lruvec)
				continue;
			nr += __unbound_pages(lruvec);
			swaptbl_lruvec_unlock_irq(lruvec);
		}
		swaptbl_group_put(group);
	}
	return nr;
}

static void expect_charges(struct kunit *test, struct swaptbl_lru_load *load)
{
	long pages = bound_pages(load->dev) + unbound_pages(load->tree);

	KUNIT_EXPECT_EQ(test, atomic_long_read(&load->top->usage), pages);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&load->tree->root->usage), pages);
	KUNIT_EXPECT_LE(test, atomic_long_read(&load->top->usage), load->top->limit);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&load->top->swap),
			atomic_long_read(&load->dev->nr_used));
	swaptbl_expect_tree_verified(test, load->tree);
	swaptbl_expect_verified(test, load->dev);
}

static void report_charges(struct kunit *test, struct swaptbl_lru_load *load)
{
	struct swaptbl_lru_charges *ledger;
	unsigned long refused = 0, no_run = 0;
	unsigned int i;

	for (i = 0; i < load->nr_workers; i++) {
		ledger = load->worker[i]->ledger;
		refused += ledger->refused;
		no_run += ledger->no_run;
	}
	report(test, load, "operations");
	kunit_info(test, "%ld pages reclaimed, the top group was full %ld times, %lu refused, %lu without a run",
		   swaptbl_test_total(load->tree->root, SWAPTBL_LRU_STAT_RECLAIM),
		   atomic_long_read(&load->top->reclaims), refused, no_run);
}

/* All data, from where it is; then nothing is left but what reclaim can take. */
static void charges_end(struct kunit *test, struct swaptbl_lru_load *load)
{
	struct swaptbl_device *dev = load->dev;
	unsigned int i, clusters;

	swaptbl_reclaim_pages(dev, LONG_MAX);
	for (i = 0; i < load->nr_workers; i++)
		swaptbl_lru_charges_check(load->worker[i]);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&load->mistakes), 0, "%s", load->what);
	expect_charges(test, load);
	for (i = 0; i < load->nr_workers; i++)
		swaptbl_lru_charges_end(load->worker[i]);
	clusters = 2 * dev->nr_clusters;
	while (swaptbl_reclaim_slots(dev, &clusters))
		;
	swaptbl_group_reclaim(load->tree->root, LONG_MAX);
	expect_charges(test, load);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
}

/* Groups below it have less, or no limit of their own. */
static void make_top(struct kunit *test, struct swaptbl_lru_load *load, long limit)
{
	struct swaptbl_group *top = swaptbl_group_create(load->tree->root, limit);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, top);
	swaptbl_group_put(load->top);
	load->top = top;
	load->limits = true;
}

static void charges_and_remover(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 8 * SLOTS, 3);
	unsigned long handles = handles_before();
	struct swaptbl_lru_load *load = swaptbl_lru_load_make(test);
	unsigned int i;

	load->dev = dev;
	dev->readahead = 8;
	make_top(test, load, 256);
	swaptbl_lru_workers_make(test, load, swaptbl_lru_charges_work, 4,
				 swaptbl_lru_remover_work, 1);
	swaptbl_lru_ledgers_make(test, load, sizeof(struct swaptbl_lru_charges));
	for (i = 0; i < NR_ROUNDS; i++) {
		swaptbl_lru_goals_add(load, swaptbl_test_long ? 500 * 1000 : 6 * 1000,
				      swaptbl_test_long ? 2000 : 50);
		swaptbl_lru_run(test, load);
		expect_charges(test, load);
	}
	report_charges(test, load);
	KUNIT_EXPECT_GT(test, swaptbl_test_total(load->tree->root,
						 SWAPTBL_LRU_STAT_RECLAIM), 0);
	KUNIT_EXPECT_GT(test, atomic_long_read(&load->top->reclaims), 0);
	charges_end(test, load);
	expect_gone(test, load, handles);
}

static struct kunit_case swaptbl_stress_lru_cases[] = {
	KUNIT_CASE_SLOW(lockers_and_remover),
	KUNIT_CASE_SLOW(batches_and_remover),
	KUNIT_CASE_SLOW(charges_and_remover),
	KUNIT_CASE_SLOW(removers_of_one_branch),
	{}
};

static struct kunit_suite swaptbl_stress_lru_suite = {
	.name = "swaptbl_stress_lru",
	.test_cases = swaptbl_stress_lru_cases,
};

kunit_test_suite(swaptbl_stress_lru_suite);
