// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of folios that are taken off their lists, put back, let go of, and replaced.
 * swaptbl/lru_isolate.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_watch.h"

KUNIT_ARRAY_PARAM(lru, swaptbl_test_lrus, swaptbl_test_lru_desc);

static enum lru_list lru_of(struct kunit *test)
{
	return *(const enum lru_list *)test->param_value;
}

static long listed(struct swaptbl_group *group, enum lru_list lru)
{
	return swaptbl_test_local(group, SWAPTBL_LRU_STAT_LISTS + lru);
}

/* As many as are wanted, of order 0 but for the first, from the cold end on. */
static void fill(struct kunit *test, struct swaptbl_group *group, enum lru_list lru,
		 struct folio **folios, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		folios[i] = swaptbl_test_on_lru(test, group, i ? 0 : 4,
						first_memory_node, lru);
}

static void isolate_takes_one_off(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	enum lru_list lru = lru_of(test);
	struct folio *folios[3];

	fill(test, group, lru, folios, 3);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folios[0]), 0);
	swap(folios[1], folios[2]);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, first_memory_node, lru,
						     &folios[1], 2));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, &folios[1], 2));
	KUNIT_EXPECT_EQ(test, listed(group, lru), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_ISOLATE), 16);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_ISOLATED),
			16);
	/* Its charge stays. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->usage), 18);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folios[0]), group->id);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* From the cold end to the hot one of the same list. */
static void putback_to_hot_end(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	enum lru_list lru = lru_of(test);
	struct folio *folios[3];

	fill(test, group, lru, folios, 3);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folios[0]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(folios[0]), 0);
	swap(folios[1], folios[2]);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, first_memory_node, lru,
						     folios, 3));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, folios, 3));
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_PUTBACK), 16);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_ISOLATED), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folios[0], group, lru));
	swaptbl_expect_tree_verified(test, group->tree);
}

/* Each to its own: groups and nodes change from one to the next. */
static void putback_of_many_lruvecs(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct folio_batch fbatch;
	struct folio *folio[6];
	struct swaptbl_group *group;
	unsigned int i;
	int nid;

	swaptbl_test_branch_grow(test, &branch, 2);
	folio_batch_init(&fbatch);
	for (i = 0; i < 6; i++) {
		group = i % 3 ? branch.level[i % 3] : branch.beside;
		nid = i & 1 ? swaptbl_test_other_node() : first_memory_node;
		folio[i] = swaptbl_test_on_lru(test, group, 0, nid, LRU_ACTIVE_FILE);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio[i]), 0);
		folio_batch_add(&fbatch, folio[i]);
	}
	swaptbl_expect_tree_verified(test, branch.tree);
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(&fbatch), 0);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 0);
	for (i = 0; i < 6; i++) {
		group = i % 3 ? branch.level[i % 3] : branch.beside;
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio[i], group,
							   LRU_ACTIVE_FILE));
	}
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* What was not isolated stays in the batch, in its order, and as it was. */
static void putback_leaves_the_rest(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct swaptbl_test_lru_state before;
	struct folio *folios[3], *charged;
	struct folio_batch fbatch;

	fill(test, group, LRU_INACTIVE_FILE, folios, 3);
	charged = swaptbl_test_charged(test, group, 0, first_memory_node);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folios[0]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folios[2]), 0);
	folio_batch_init(&fbatch);
	folio_batch_add(&fbatch, folios[0]);
	folio_batch_add(&fbatch, charged);
	folio_batch_add(&fbatch, folios[2]);
	folio_batch_add(&fbatch, folios[1]);
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(&fbatch), -EINVAL);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 2);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[0], charged);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[1], folios[1]);
	swap(folios[0], folios[2]);
	swap(folios[1], folios[2]);
	/* The two that were put back, the last one hot, and the one that was there. */
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, first_memory_node,
						     LRU_INACTIVE_FILE, folios, 3));
	swaptbl_test_lru_state(charged, group, &before);
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(&fbatch), -EINVAL);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 2);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_lru_unchanged(charged, group, &before));
	swaptbl_expect_tree_verified(test, group->tree);
}

static void putback_of_nothing(struct kunit *test)
{
	struct folio_batch fbatch;

	folio_batch_init(&fbatch);
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(&fbatch), 0);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 0);
}

/* Then it is as before its charge, and may go to any list of any group. */
static void release_lets_go(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct swaptbl_group *group;
	struct folio *folio;

	swaptbl_test_branch_grow(test, &branch, 1);
	group = branch.level[1];
	folio = swaptbl_test_on_lru(test, group, 4, first_memory_node, lru_of(test));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, folio->index, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_DEL), 16);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_ISOLATED), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->usage), 1);
	swaptbl_expect_tree_verified(test, branch.tree);
	/* By the reference of the list, which is the caller's. */
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_charge(folio, branch.beside), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, LRU_INACTIVE_FILE), 0);
	swaptbl_expect_tree_verified(test, branch.tree);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio, branch.beside,
						   LRU_INACTIVE_FILE));
}

/* Of a folio in the cache the charge stays, until it leaves that. */
static void release_of_bound(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SWAPTBL_CLUSTER_SLOTS,
							 SWAPTBL_COUNT_BITS_MIN);
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folio;

	folio = swaptbl_test_on_lru(test, group, 2, first_memory_node, lru_of(test));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(folio), 0);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), group->id);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->usage), 4);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED));
	swaptbl_expect_tree_verified(test, group->tree);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->usage), 0);
	swaptbl_expect_tree_verified(test, group->tree);
	swaptbl_expect_verified(test, dev);
}

/**
 * struct migration - one folio in the place of another, on the other node if any
 * @group: their group
 * @old: the one that was isolated
 * @new: the one that takes its place
 */
struct migration {
	struct swaptbl_group *group;
	struct folio *old;
	struct folio *new;
};

static void migrate(struct kunit *test, struct migration *migration, bool charged)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	int to = swaptbl_test_other_node();

	migration->group = group;
	migration->old = swaptbl_test_on_lru(test, group, 4, first_memory_node,
					     lru_of(test));
	migration->new = charged ? swaptbl_test_charged(test, group, 4, to) :
				   swaptbl_test_folio_on(test, 4, to);
	swaptbl_folio_set(migration->old, SWAPTBL_FOLIO_WORKINGSET);
	swaptbl_folio_set(migration->old, SWAPTBL_FOLIO_ACTIVE);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(migration->old), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_migrate_lru(migration->old,
							migration->new), 0);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* Isolated, charged, with a reference for the list; the old one is free of all. */
static void migrate_hands_over(struct kunit *test)
{
	struct migration m;

	migrate(test, &m, false);
	KUNIT_EXPECT_EQ(test, folio_ref_count(m.new), 2);
	KUNIT_EXPECT_EQ(test, folio_ref_count(m.old), 2);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_test(m.new, SWAPTBL_FOLIO_LRU_ISOLATED));
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_test(m.new, SWAPTBL_FOLIO_WORKINGSET));
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_test(m.new, SWAPTBL_FOLIO_ACTIVE));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(m.new), m.group->id);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(m.old), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_flags(m.old) & ~SWAPTBL_FOLIO_USE_FLAGS,
			0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&m.group->usage), 16);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(m.group, SWAPTBL_LRU_STAT_ISOLATED),
			16);
	folio_put(m.old);
}

/* To the list that the old one was on, on its own node. */
static void migrate_keeps_list(struct kunit *test)
{
	struct migration m;

	migrate(test, &m, false);
	folio_put(m.old);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(m.new), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(m.new, m.group, lru_of(test)));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(m.group, &m.new, 1));
	swaptbl_expect_tree_verified(test, m.group->tree);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(m.new), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(m.new), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&m.group->usage), 0);
	swaptbl_expect_tree_verified(test, m.group->tree);
}

/* One that has a charge of its own is not charged twice. */
static void migrate_to_charged(struct kunit *test)
{
	struct migration m;

	migrate(test, &m, true);
	folio_put(m.old);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&m.group->usage), 16);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(m.new), 0);
	folio_put(m.new);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&m.group->usage), 0);
	swaptbl_expect_tree_verified(test, m.group->tree);
}

#define NR_LISTED	4

static unsigned int isolate_some(struct swaptbl_group *group, enum lru_list lru,
				 struct folio_batch *fbatch)
{
	return swaptbl_isolate_lru_folios(group, first_memory_node, lru, fbatch);
}

static void putback_all(struct kunit *test, struct folio_batch *fbatch)
{
	KUNIT_EXPECT_EQ(test, swaptbl_putback_lru_folios(fbatch), 0);
	KUNIT_EXPECT_EQ(test, folio_batch_count(fbatch), 0);
}

/* The coldest comes first; other lists and nodes are left alone. */
static void isolate_folios_from_cold_end(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folios[NR_LISTED], *others[NR_LRU_LISTS + 1];
	enum lru_list lru = lru_of(test), other;
	struct folio_batch fbatch;
	unsigned int i, nr = 0;

	fill(test, group, lru, folios, NR_LISTED);
	for_each_lru(other)
		if (other != lru)
			fill(test, group, other, &others[nr++], 1);
	if (swaptbl_test_other_node() != first_memory_node)
		others[nr++] = swaptbl_test_on_lru(test, group, 0,
						   swaptbl_test_other_node(), lru);
	folio_batch_init(&fbatch);
	KUNIT_EXPECT_EQ(test, isolate_some(group, lru, &fbatch), NR_LISTED);
	KUNIT_ASSERT_EQ(test, folio_batch_count(&fbatch), NR_LISTED);
	for (i = 0; i < NR_LISTED; i++) {
		KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[i], folios[i]);
		KUNIT_EXPECT_EQ(test, folio_ref_count(folios[i]), 2);
	}
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, others, nr));
	KUNIT_EXPECT_EQ(test, isolate_some(group, lru, &fbatch), 0);
	swaptbl_expect_tree_verified(test, group->tree);
	putback_all(test, &fbatch);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* What is in the batch stays there, and counts for its space and not for the result. */
static void isolate_folios_as_fit(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	enum lru_list lru = lru_of(test);
	struct folio *folios[NR_LISTED];
	struct folio_batch fbatch;
	unsigned int i;

	fill(test, group, lru, folios, NR_LISTED);
	folio_batch_init(&fbatch);
	for (i = 0; i < SWAPTBL_TEST_BATCH - 2; i++)
		folio_batch_add(&fbatch, folios[3]);
	KUNIT_EXPECT_EQ(test, isolate_some(group, lru, &fbatch), 2);
	KUNIT_EXPECT_EQ(test, folio_batch_space(&fbatch), 0);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[0], folios[3]);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[i], folios[0]);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[i + 1], folios[1]);
	KUNIT_EXPECT_EQ(test, isolate_some(group, lru, &fbatch), 0);
	swap(folios[2], folios[3]);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, first_memory_node, lru,
						     &folios[2], 2));
	swaptbl_expect_tree_verified(test, group->tree);
}

/* One that somebody is about to take off, or to move, stays where it is for him. */
static void isolate_folios_passes_one_over(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	enum lru_list lru = lru_of(test);
	struct folio_batch fbatch;
	struct folio *folios[3];

	fill(test, group, lru, folios, 3);
	folio_batch_init(&fbatch);
	swaptbl_folio_clear(folios[1], SWAPTBL_FOLIO_LRU);
	KUNIT_EXPECT_EQ(test, isolate_some(group, lru, &fbatch), 2);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[0], folios[0]);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[1], folios[2]);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, first_memory_node, lru,
						     &folios[1], 1));
	swaptbl_folio_set(folios[1], SWAPTBL_FOLIO_LRU);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folios[1]), 2);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, &folios[1], 1));
	swaptbl_expect_tree_verified(test, group->tree);
	putback_all(test, &fbatch);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* They are the parent's: of the group itself there is nothing to be had any more. */
static void isolate_folios_of_removed(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	enum lru_list lru = lru_of(test);
	struct folio *folios[NR_LISTED];
	struct folio_batch fbatch;

	swaptbl_test_branch_grow(test, &branch, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(branch.folio), 0);
	fill(test, branch.level[2], lru, folios, NR_LISTED);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(branch.level[2]), 0);
	folio_batch_init(&fbatch);
	KUNIT_EXPECT_EQ(test, isolate_some(branch.level[2], lru, &fbatch), 0);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 0);
	KUNIT_EXPECT_EQ(test, isolate_some(branch.level[1], lru, &fbatch), NR_LISTED);
	swaptbl_expect_tree_verified(test, branch.tree);
	putback_all(test, &fbatch);
	swaptbl_expect_tree_verified(test, branch.tree);
}

static void isolate_folios_meets_removal(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1 } };
	struct swaptbl_test_branch branch = {};
	enum lru_list lru = lru_of(test);
	struct folio_batch fbatch;
	struct folio *folio;
	unsigned int nr;

	swaptbl_test_branch_grow(test, &branch, 2);
	folio = swaptbl_test_on_lru(test, branch.level[2], 0, first_memory_node, lru);
	folio_batch_init(&fbatch);
	windows.next = branch.level[2];
	swaptbl_test_windows_begin(&windows, SWAPTBL_LRU_LOOKED_UP);
	nr = isolate_some(branch.level[2], lru, &fbatch);
	swaptbl_test_windows_end(test, &windows);
	KUNIT_EXPECT_EQ(test, nr, 0);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folio, branch.level[1], lru));
	swaptbl_expect_tree_verified(test, branch.tree);
}

static unsigned int get_some(struct swaptbl_group *group, enum lru_list lru,
			     struct folio_batch *fbatch)
{
	return swaptbl_get_lru_folios(group, first_memory_node, lru, fbatch);
}

/* They stay where they are; who looks has a reference to each, and no more than fit. */
static void get_folios_from_cold_end(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	enum lru_list lru = lru_of(test);
	struct folio *folios[NR_LISTED];
	struct folio_batch fbatch;
	unsigned int i;

	fill(test, group, lru, folios, NR_LISTED);
	folio_batch_init(&fbatch);
	for (i = 0; i < SWAPTBL_TEST_BATCH - 2; i++)
		folio_batch_add(&fbatch, folios[3]);
	KUNIT_EXPECT_EQ(test, get_some(group, lru, &fbatch), 2);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[i], folios[0]);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[i + 1], folios[1]);
	KUNIT_EXPECT_EQ(test, get_some(group, lru, &fbatch), 0);
	for (i = 0; i < NR_LISTED; i++) {
		KUNIT_EXPECT_EQ(test, folio_ref_count(folios[i]), i < 2 ? 3 : 2);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folios[i], group, lru));
	}
	folio_put(folios[0]);
	folio_put(folios[1]);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_ISOLATE), 0);
	swaptbl_expect_tree_verified(test, group->tree);
}

static void get_folios_of_removed(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct folio_batch fbatch;

	swaptbl_test_branch_grow(test, &branch, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(branch.level[2]), 0);
	folio_batch_init(&fbatch);
	KUNIT_EXPECT_EQ(test, get_some(branch.level[2], LRU_INACTIVE_ANON, &fbatch), 0);
	KUNIT_EXPECT_EQ(test, get_some(branch.level[1], LRU_INACTIVE_ANON, &fbatch), 1);
	KUNIT_EXPECT_PTR_EQ(test, fbatch.folios[0], branch.folio);
	KUNIT_EXPECT_EQ(test, folio_ref_count(branch.folio), 3);
	folio_put(branch.folio);
	swaptbl_expect_tree_verified(test, branch.tree);
}

static struct kunit_case swaptbl_lru_isolate_cases[] = {
	KUNIT_CASE_PARAM(isolate_takes_one_off, lru_gen_params),
	KUNIT_CASE_PARAM(putback_to_hot_end, lru_gen_params),
	KUNIT_CASE(putback_of_many_lruvecs),
	KUNIT_CASE(putback_leaves_the_rest),
	KUNIT_CASE(putback_of_nothing),
	KUNIT_CASE_PARAM(release_lets_go, lru_gen_params),
	KUNIT_CASE_PARAM(release_of_bound, lru_gen_params),
	KUNIT_CASE_PARAM(migrate_hands_over, lru_gen_params),
	KUNIT_CASE_PARAM(migrate_keeps_list, lru_gen_params),
	KUNIT_CASE_PARAM(migrate_to_charged, lru_gen_params),
	KUNIT_CASE_PARAM(isolate_folios_from_cold_end, lru_gen_params),
	KUNIT_CASE_PARAM(isolate_folios_as_fit, lru_gen_params),
	KUNIT_CASE_PARAM(isolate_folios_passes_one_over, lru_gen_params),
	KUNIT_CASE_PARAM(isolate_folios_of_removed, lru_gen_params),
	KUNIT_CASE_PARAM(isolate_folios_meets_removal, lru_gen_params),
	KUNIT_CASE_PARAM(get_folios_from_cold_end, lru_gen_params),
	KUNIT_CASE(get_folios_of_removed),
	{}
};

static struct kunit_suite swaptbl_lru_isolate_suite = {
	.name = "swaptbl_lru_isolate",
	.test_cases = swaptbl_lru_isolate_cases,
};

kunit_test_suite(swaptbl_lru_isolate_suite);
