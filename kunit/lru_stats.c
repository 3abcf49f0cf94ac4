// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the statistics of lruvecs: batches per CPU, both levels, and what a removal
 * moves. swaptbl/lru_stat.c.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/lru_stat.h"
#include "group_util.h"

#define NODE	first_memory_node
#define BATCH	SWAPTBL_LRU_STAT_BATCH
#define LEVELS	SWAPTBL_TEST_LEVELS

/* The oracle has nothing to compare these with. */
#define STAT	SWAPTBL_LRU_STAT_ROTATE
#define OTHER	SWAPTBL_LRU_STAT_DEACTIVATE

/**
 * struct deed - something to count on one CPU
 * @lruvec: where
 * @stat: what
 * @nr: how many each time
 * @times: how often
 */
struct deed {
	struct swaptbl_lruvec *lruvec;
	enum swaptbl_lru_stat stat;
	long nr;
	unsigned int times;
};

static long deed_do(void *arg)
{
	struct deed *deed = arg;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < deed->times; i++)
		swaptbl_lru_stat_add(deed->lruvec, deed->stat, deed->nr);
	rcu_read_unlock();
	return 0;
}

static void count_on(unsigned int cpu, struct swaptbl_lruvec *lruvec,
		     enum swaptbl_lru_stat stat, long nr, unsigned int times)
{
	struct deed deed = {
		.lruvec = lruvec,
		.stat = stat,
		.nr = nr,
		.times = times,
	};

	work_on_cpu(cpu, deed_do, &deed);
}

static unsigned int first_cpu(void)
{
	return cpumask_first(cpu_online_mask);
}

static unsigned int second_cpu(struct kunit *test)
{
	unsigned int cpu = cpumask_next(first_cpu(), cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "only one CPU");
	return cpu;
}

/* What was collected, without collecting anything. */
static long collected(struct swaptbl_lruvec *lruvec, enum swaptbl_lru_stat stat)
{
	return READ_ONCE(lruvec->stat.local[stat]);
}

static const struct sign {
	const char *name;
	long value;
} signs[] = {
	{ "up", 1 },
	{ "down", -1 },
};

KUNIT_ARRAY_PARAM_DESC(sign, signs, name);

static long sign_of(struct kunit *test)
{
	return ((const struct sign *)test->param_value)->value;
}

static void batch_is_collected(struct kunit *test)
{
	struct swaptbl_lruvec *lruvec = swaptbl_test_group(test)->lruvec[NODE];
	struct swaptbl_lruvec *root = lruvec->group->parent->lruvec[NODE];
	long sign = sign_of(test);

	count_on(first_cpu(), lruvec, STAT, sign, BATCH - 1);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), 0);
	KUNIT_EXPECT_EQ(test, lruvec->stat.total[STAT], 0);
	count_on(first_cpu(), lruvec, STAT, sign, 1);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), sign * BATCH);
	KUNIT_EXPECT_EQ(test, lruvec->stat.total[STAT], sign * BATCH);
	KUNIT_EXPECT_EQ(test, collected(root, STAT), 0);
	KUNIT_EXPECT_EQ(test, root->stat.total[STAT], sign * BATCH);
	/* The next one begins anew. */
	count_on(first_cpu(), lruvec, STAT, sign, BATCH - 1);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), sign * BATCH);
	count_on(first_cpu(), lruvec, STAT, -sign, 2 * BATCH - 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(lruvec->group, STAT), 0);
	swaptbl_expect_tree_verified(test, lruvec->group->tree);
}

static void batch_is_of_one_statistic(struct kunit *test)
{
	struct swaptbl_lruvec *lruvec = swaptbl_test_group(test)->lruvec[NODE];

	count_on(first_cpu(), lruvec, STAT, 1, BATCH - 1);
	count_on(first_cpu(), lruvec, OTHER, 1, BATCH - 1);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), 0);
	KUNIT_EXPECT_EQ(test, collected(lruvec, OTHER), 0);
	/* All in one go, and back: what counts is how far it is from what was seen. */
	count_on(first_cpu(), lruvec, STAT, -(BATCH - 1), 2);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), 0);
	count_on(first_cpu(), lruvec, STAT, 10 * BATCH, 1);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), 9 * BATCH + 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(lruvec->group, OTHER), BATCH - 1);
	swaptbl_expect_tree_verified(test, lruvec->group->tree);
}

static void batch_is_of_one_cpu(struct kunit *test)
{
	struct swaptbl_lruvec *lruvec = swaptbl_test_group(test)->lruvec[NODE];
	unsigned int cpu = second_cpu(test);

	count_on(first_cpu(), lruvec, STAT, 1, BATCH - 1);
	count_on(cpu, lruvec, STAT, 1, BATCH - 1);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), 0);
	count_on(cpu, lruvec, STAT, 1, 1);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), BATCH);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(lruvec->group, STAT), 2 * BATCH - 1);
	KUNIT_EXPECT_EQ(test, collected(lruvec, STAT), 2 * BATCH - 1);
	swaptbl_expect_tree_verified(test, lruvec->group->tree);
}

static struct swaptbl_lruvec *lruvec_at(const struct swaptbl_test_levels *levels,
					unsigned int i)
{
	return levels->group[i]->lruvec[NODE];
}

/* Level i has 2^i pages, the odd ones on another node where there is one. */
static void levels_fill(struct kunit *test, struct swaptbl_test_levels *levels)
{
	unsigned int i;

	swaptbl_test_levels(test, levels);
	for (i = 0; i < LEVELS; i++)
		swaptbl_test_on_lru(test, levels->group[i], i,
				    i % 2 ? swaptbl_test_other_node() : NODE,
				    LRU_ACTIVE_ANON);
}

/* The first @left of them are there; the last one has what the others had. */
static void expect_levels(struct kunit *test, struct swaptbl_test_levels *levels,
			  unsigned int left)
{
	static const enum swaptbl_lru_stat stats[] = {
		SWAPTBL_LRU_STAT_LISTS + LRU_ACTIVE_ANON,
		SWAPTBL_LRU_STAT_CHARGED,
		SWAPTBL_LRU_STAT_ADD,
	};
	unsigned int i, s;
	long total;

	for (i = 0; i < LEVELS; i++) {
		total = i < left ? BIT(LEVELS) - BIT(i) : 0;
		for (s = 0; s < ARRAY_SIZE(stats); s++)
			swaptbl_expect_stat(test, levels->group[i], stats[s],
					    i < left - 1 ? BIT(i) : total, total);
	}
	swaptbl_expect_tree_verified(test, levels->tree);
}

static void levels_add_up(struct kunit *test)
{
	struct swaptbl_test_levels levels;
	unsigned int left;

	levels_fill(test, &levels);
	expect_levels(test, &levels, LEVELS);
	for (left = LEVELS - 1; left; left--) {
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[left]), 0);
		expect_levels(test, &levels, left);
	}
}

static void stats_take_what_is_asked(struct kunit *test)
{
	long local[SWAPTBL_NR_LRU_STATS], total[SWAPTBL_NR_LRU_STATS];
	struct swaptbl_test_levels levels;

	levels_fill(test, &levels);
	memset(local, 0xff, sizeof(local));
	memset(total, 0xff, sizeof(total));
	swaptbl_group_stats(levels.group[1], local, total);
	KUNIT_EXPECT_EQ(test, local[SWAPTBL_LRU_STAT_CHARGED], 2);
	KUNIT_EXPECT_EQ(test, total[SWAPTBL_LRU_STAT_CHARGED], 14);
	KUNIT_EXPECT_EQ(test, local[SWAPTBL_LRU_STAT_ISOLATED], 0);
	swaptbl_group_stats(levels.group[1], NULL, NULL);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[3]), 0);
	swaptbl_group_stats(levels.group[3], local, total);
	KUNIT_EXPECT_NULL(test, memchr_inv(local, 0, sizeof(local)));
	KUNIT_EXPECT_NULL(test, memchr_inv(total, 0, sizeof(total)));
}

/* Pending when it is removed, on both sides of 0 and of a batch. */
static void remove_collects_pending(struct kunit *test)
{
	unsigned int cpu = second_cpu(test);
	struct swaptbl_test_levels levels;

	swaptbl_test_levels(test, &levels);
	count_on(first_cpu(), lruvec_at(&levels, 3), STAT, 1, 50);
	count_on(cpu, lruvec_at(&levels, 3), STAT, -1, 40);
	KUNIT_EXPECT_EQ(test, collected(lruvec_at(&levels, 3), STAT), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[3]), 0);
	KUNIT_EXPECT_EQ(test, collected(lruvec_at(&levels, 2), STAT), 10);
	KUNIT_EXPECT_EQ(test, lruvec_at(&levels, 2)->stat.total[STAT], 10);
	KUNIT_EXPECT_EQ(test, lruvec_at(&levels, 0)->stat.total[STAT], 10);
	KUNIT_EXPECT_EQ(test, collected(lruvec_at(&levels, 1), STAT), 0);
	swaptbl_expect_tree_verified(test, levels.tree);
}

/*
 * One half before the removal and the other after it, by different CPUs: what the child
 * had then is below 0, or was, and counts as it is.
 */
static void remove_moves_half_of_it(struct kunit *test)
{
	static const int sizes[] = { 1, BATCH - 1, BATCH, 5 * BATCH };
	unsigned int cpu = second_cpu(test), i;
	long sign = sign_of(test);
	struct swaptbl_test_levels levels;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		swaptbl_test_levels(test, &levels);
		count_on(first_cpu(), lruvec_at(&levels, 3), STAT, sign, sizes[i]);
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[3]), 0);
		KUNIT_EXPECT_EQ(test, collected(lruvec_at(&levels, 2), STAT),
				sign * sizes[i]);
		count_on(cpu, lruvec_at(&levels, 2), STAT, -sign, sizes[i]);
		swaptbl_expect_stat(test, levels.group[2], STAT, 0, 0);
		swaptbl_expect_stat(test, levels.group[0], STAT, 0, 0);
		swaptbl_expect_tree_verified(test, levels.tree);
	}
}

/* The parent has the other half already. */
static void remove_moves_negative_values(struct kunit *test)
{
	struct swaptbl_test_levels levels;

	swaptbl_test_levels(test, &levels);
	count_on(first_cpu(), lruvec_at(&levels, 2), STAT, BATCH, 3);
	count_on(first_cpu(), lruvec_at(&levels, 3), STAT, -BATCH, 2);
	swaptbl_expect_stat(test, levels.group[3], STAT, -2 * BATCH, -2 * BATCH);
	swaptbl_expect_stat(test, levels.group[2], STAT, 3 * BATCH, BATCH);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[3]), 0);
	swaptbl_expect_stat(test, levels.group[2], STAT, BATCH, BATCH);
	swaptbl_expect_stat(test, levels.group[1], STAT, 0, BATCH);
	swaptbl_expect_tree_verified(test, levels.tree);
}

static void uncharge_all(struct kunit *test, struct folio **folio, unsigned int nr)
{
	while (nr--)
		KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(folio[nr]), 0);
}

/* Charged in the child, gone from the parent; in few pages and in more than a batch. */
static void uncharge_after_removal(struct kunit *test)
{
	struct swaptbl_test_levels levels;
	struct folio *folio[3];
	unsigned int order, i;

	for (order = 0; order <= 6; order += 3) {
		levels_fill(test, &levels);
		for (i = 0; i < ARRAY_SIZE(folio); i++)
			folio[i] = swaptbl_test_charged(test, levels.group[3], order,
							NODE);
		swaptbl_expect_stat(test, levels.group[1], SWAPTBL_LRU_STAT_CHARGED,
				    2, 14 + 3 * BIT(order));
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[3]), 0);
		uncharge_all(test, folio, ARRAY_SIZE(folio));
		expect_levels(test, &levels, 3);
	}
}

/* What was moved is not collected once more when the memory goes. */
static void freed_group_is_not_counted_twice(struct kunit *test)
{
	struct swaptbl_group *parent = swaptbl_test_group(test), *group;
	unsigned long nr = parent->tree->nr_groups;
	unsigned int refs = refcount_read(&parent->ref);

	group = swaptbl_group_create(parent, SWAPTBL_GROUP_NO_LIMIT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	count_on(first_cpu(), group->lruvec[NODE], STAT, 1, BATCH + 9);
	count_on(first_cpu(), parent->lruvec[NODE], STAT, 1, 5);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(group), 0);
	swaptbl_expect_stat(test, parent, STAT, BATCH + 14, BATCH + 14);
	swaptbl_group_put(group);
	swaptbl_test_handles_settled();
	KUNIT_EXPECT_EQ(test, parent->tree->nr_groups, nr);
	KUNIT_EXPECT_EQ(test, refcount_read(&parent->ref), refs);
	swaptbl_expect_stat(test, parent, STAT, BATCH + 14, BATCH + 14);
	swaptbl_expect_stat(test, parent->tree->root, STAT, 0, BATCH + 14);
	swaptbl_expect_tree_verified(test, parent->tree);
}

static const struct large {
	const char *name;
	unsigned int bits;
	long less;
} larges[] = {
	{ "2^30", 30, 0 },
	{ "2^31-1", 31, 1 },
	{ "2^31", 31, 0 },
	{ "2^32+1", 32, -1 },
	{ "2^40", 40, 0 },
	{ "2^61", 61, 0 },
};

KUNIT_ARRAY_PARAM_DESC(large, larges, name);

static void large_values_move(struct kunit *test)
{
	const struct large *large = test->param_value;
	struct swaptbl_test_levels levels;
	long nr;
	int sign;

	if (large->bits >= BITS_PER_LONG - 1)
		kunit_skip(test, "a long has %u bits", BITS_PER_LONG);
	nr = BIT(large->bits % BITS_PER_LONG) - large->less;
	for (sign = 1; sign >= -1; sign -= 2, nr = -nr) {
		swaptbl_test_levels(test, &levels);
		count_on(first_cpu(), lruvec_at(&levels, 3), STAT, nr, 1);
		swaptbl_expect_stat(test, levels.group[3], STAT, nr, nr);
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[3]), 0);
		swaptbl_expect_stat(test, levels.group[2], STAT, nr, nr);
		swaptbl_expect_stat(test, levels.group[0], STAT, 0, nr);
		count_on(first_cpu(), lruvec_at(&levels, 2), STAT, -nr, 1);
		swaptbl_expect_stat(test, levels.group[2], STAT, 0, 0);
		swaptbl_expect_tree_verified(test, levels.tree);
	}
}

static void expect_sizes(struct kunit *test, struct swaptbl_group *group, int nid)
{
	struct swaptbl_lruvec *lruvec = group->lruvec[nid];
	enum lru_list lru;

	swaptbl_lru_stats_flush(lruvec);
	for_each_lru(lru)
		KUNIT_EXPECT_EQ(test, swaptbl_test_lru_size(group, nid, lru),
				collected(lruvec, SWAPTBL_LRU_STAT_LISTS + lru));
}

/* The sizes are one source, what was counted is another. */
static void list_sizes_are_the_statistic(struct kunit *test)
{
	struct swaptbl_test_levels levels;
	enum lru_list lru;
	int nid;

	swaptbl_test_levels(test, &levels);
	for_each_lru(lru)
		for_each_node_state(nid, N_MEMORY)
			swaptbl_test_on_lru(test, levels.group[3], lru % 3, nid, lru);
	for_each_node_state(nid, N_MEMORY) {
		expect_sizes(test, levels.group[3], nid);
		for_each_lru(lru)
			KUNIT_EXPECT_EQ(test,
					swaptbl_test_lru_size(levels.group[3], nid,
							      lru),
					BIT(lru % 3));
	}
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(levels.group[3]), 0);
	for_each_node_state(nid, N_MEMORY) {
		expect_sizes(test, levels.group[2], nid);
		for_each_lru(lru)
			KUNIT_EXPECT_EQ(test,
					swaptbl_test_lru_size(levels.group[2], nid,
							      lru),
					BIT(lru % 3));
	}
	swaptbl_expect_tree_verified(test, levels.tree);
}

static void list_size_up_to_a_zone(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct swaptbl_lruvec *lruvec = group->lruvec[NODE];
	struct folio *folio = swaptbl_test_on_lru(test, group, 2, NODE,
						  LRU_INACTIVE_FILE);
	int zone = folio_zonenum(folio);

	KUNIT_EXPECT_EQ(test, swaptbl_lruvec_lru_size(lruvec, LRU_INACTIVE_FILE,
						      zone), 4);
	KUNIT_EXPECT_EQ(test, swaptbl_lruvec_lru_size(lruvec, LRU_INACTIVE_FILE,
						      zone - 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_lruvec_lru_size(lruvec, LRU_INACTIVE_FILE,
						      MAX_NR_ZONES), 4);
	KUNIT_EXPECT_EQ(test, swaptbl_lruvec_lru_size(lruvec, LRU_ACTIVE_FILE,
						      MAX_NR_ZONES - 1), 0);
}

static void folio_without_group_counts_nowhere(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folio = swaptbl_test_folio_on(test, 0, NODE);

	swaptbl_folio_lru_stat_add(folio, STAT, BATCH);
	swaptbl_expect_stat(test, group->tree->root, STAT, 0, 0);
}

static void names_differ(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < SWAPTBL_NR_LRU_STATS; i++) {
		KUNIT_ASSERT_NOT_NULL(test, swaptbl_lru_stat_name(i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, swaptbl_lru_stat_name(i),
					    swaptbl_lru_stat_name(j));
	}
}

static struct kunit_case swaptbl_stats_cases[] = {
	KUNIT_CASE_PARAM(batch_is_collected, sign_gen_params),
	KUNIT_CASE(batch_is_of_one_statistic),
	KUNIT_CASE(batch_is_of_one_cpu),
	KUNIT_CASE(levels_add_up),
	KUNIT_CASE(stats_take_what_is_asked),
	KUNIT_CASE(remove_collects_pending),
	KUNIT_CASE_PARAM(remove_moves_half_of_it, sign_gen_params),
	KUNIT_CASE(remove_moves_negative_values),
	KUNIT_CASE(uncharge_after_removal),
	KUNIT_CASE(freed_group_is_not_counted_twice),
	KUNIT_CASE_PARAM(large_values_move, large_gen_params),
	KUNIT_CASE(list_sizes_are_the_statistic),
	KUNIT_CASE(list_size_up_to_a_zone),
	KUNIT_CASE(folio_without_group_counts_nowhere),
	KUNIT_CASE(names_differ),
	{}
};

static struct kunit_suite swaptbl_stats_suite = {
	.name = "swaptbl_stats",
	.test_cases = swaptbl_stats_cases,
};

kunit_test_suite(swaptbl_stats_suite);
