// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of freeing in runs: which slots are freed, and who is told of how many.
 * swaptbl/entries.c, swaptbl/cache.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/handle.h"
#include "../swaptbl/stats.h"
#include "group_util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	4
#define SEED	0xf4eed

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

/*
 * One letter for each slot: its group, or '-' for none; a capital has a second count, so
 * that it stays and ends a run.
 */
static const char row[] = "aabb-abBbAa--a-BAbbaaa-b";

#define NR	((unsigned int)sizeof(row) - 1)

/**
 * struct neighbours - swapped slots of several groups side by side
 * @dev: the device
 * @root: above the groups
 * @group: the groups
 * @handles: how many there were before
 * @first: the first slot
 */
struct neighbours {
	struct swaptbl_device *dev;
	struct swaptbl_group *root;
	struct swaptbl_group *group[2];
	unsigned long handles;
	unsigned long first;
};

static bool stays(unsigned int i)
{
	return row[i] == 'A' || row[i] == 'B';
}

static struct swaptbl_group *group_of(struct neighbours *all, unsigned int i)
{
	return row[i] == '-' ? NULL : all->group[(row[i] | 0x20) == 'b'];
}

static bool has_age(unsigned int i)
{
	return i % 3;
}

/* Where the folio leaves without a word of when, the slot has no age. */
static unsigned long slot_add(struct kunit *test, struct neighbours *all, unsigned int i)
{
	struct swaptbl_group *group = group_of(all, i);
	struct folio *folio;
	unsigned long offset;

	folio = group ? swaptbl_test_charged(test, group, 0, first_memory_node) :
			swaptbl_test_folio(test, 0);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(all->dev, folio));
	offset = swaptbl_test_offset(folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, has_age(i) ? swaptbl_folio_evict(folio) :
					      swaptbl_test_unbind(folio));
	swaptbl_test_folio_free(test, folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(all->dev, offset, stays(i)));
	return offset;
}

/* The groups that @make makes, which go with the test or are its own to put. */
static void neighbours_init(struct kunit *test, struct neighbours *all,
			    struct swaptbl_group *(*make)(struct kunit *test,
							  struct swaptbl_group *parent))
{
	unsigned int i;

	all->handles = swaptbl_test_handles_settled();
	all->dev = swaptbl_test_device(test, SLOTS, BITS);
	all->root = swaptbl_test_tree(test)->root;
	all->group[0] = make(test, all->root);
	all->group[1] = make(test, all->root);
	for (i = 0; i < NR; i++) {
		unsigned long offset = slot_add(test, all, i);

		all->first = all->first ?: offset;
		KUNIT_ASSERT_EQ(test, offset, all->first + i);
	}
}

/* All of @row, or of them what stays. */
static void expect_charged(struct kunit *test, struct neighbours *all, bool put)
{
	long slots[2] = {}, used = 0, ages = 0;
	unsigned int i;

	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ_MSG(test, !swaptbl_test_word(all->dev, all->first + i),
				    put && !stays(i), "slot %u", i);
		if (put && !stays(i))
			continue;
		used++;
		ages += has_age(i);
		if (group_of(all, i))
			slots[group_of(all, i) == all->group[1]]++;
	}
	swaptbl_expect_slots(test, all->group[0], slots[0]);
	swaptbl_expect_slots(test, all->group[1], slots[1]);
	swaptbl_expect_slots(test, all->root, slots[0] + slots[1]);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&all->dev->nr_used), used);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(all->dev, SWAPTBL_STAT_SHADOWS), ages);
	swaptbl_expect_tree_verified(test, all->root->tree);
	swaptbl_expect_verified(test, all->dev);
}

static void put_tells_each_group(struct kunit *test)
{
	struct neighbours all = {};

	neighbours_init(test, &all, swaptbl_test_child);
	expect_charged(test, &all, false);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(all.dev, all.first, NR), 0);
	expect_charged(test, &all, true);
}

static void put_those_that_stayed(struct kunit *test, struct neighbours *all)
{
	unsigned int i;

	for (i = 0; i < NR; i++)
		if (stays(i))
			KUNIT_EXPECT_EQ(test,
					swaptbl_test_put(all->dev, all->first + i, 1), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&all->dev->nr_used), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(all->dev, SWAPTBL_STAT_SHADOWS), 0);
}

static struct swaptbl_group *make_group(struct kunit *test, struct swaptbl_group *parent)
{
	struct swaptbl_group *group = swaptbl_group_create(parent, SWAPTBL_GROUP_NO_LIMIT);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	return group;
}

/* Slots are all that still names the groups: the last one of each is its end. */
static void put_lets_go_of_removed_groups(struct kunit *test)
{
	struct neighbours all = {};
	unsigned int i, id[2];

	neighbours_init(test, &all, make_group);
	for (i = 0; i < 2; i++) {
		id[i] = all.group[i]->id;
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(all.group[i]), 0);
		swaptbl_group_put(all.group[i]);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(all.dev, all.first, NR), 0);
	swaptbl_test_handles_settled();
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_TRUE(test, swaptbl_test_named(id[i]));
	put_those_that_stayed(test, &all);
	swaptbl_expect_slots(test, all.root, 0);
	swaptbl_test_handles_settled();
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_FALSE(test, swaptbl_test_named(id[i]));
	KUNIT_EXPECT_EQ(test, swaptbl_handles_nr(), all.handles + 1);
	swaptbl_expect_tree_verified(test, all.root->tree);
}

/* A cluster of slots, each second one with two counts; its table goes at the end only. */
static void put_frees_each_second_slot(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS,
							 swaptbl_test_width(test->param_value));
	long tables = swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES);
	unsigned long offset = swaptbl_test_swapped(test, dev, SWAPTBL_CLUSTER_ORDER, 1);
	unsigned long i;

	for (i = 1; i < SLOTS; i += 2)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + i, 1));
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, SLOTS), 0);
	for (i = 0; i < SLOTS; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i), (long)(i % 2));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FREE), SLOTS / 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), SLOTS / 2);
	swaptbl_expect_verified(test, dev);
	for (i = 1; i < SLOTS; i += 2) {
		KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES), tables + 1);
		KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset + i, 1), 0);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES), tables);
	swaptbl_expect_verified(test, dev);
}

/* What one put empties: in one run, by words alone or with counts in the store. */
static void put_empties_cluster(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS,
							 swaptbl_test_width(test->param_value));
	long tables = swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES);
	unsigned long offset = swaptbl_test_swapped(test, dev, SWAPTBL_CLUSTER_ORDER, 2);

	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, SLOTS), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FREE), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, SLOTS), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FREE), SLOTS);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES), tables);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
	swaptbl_expect_verified(test, dev);
}

/* Slot i has a count where bit i % 8 of @counts is set. */
static const struct pattern {
	const char *name;
	unsigned int order;
	unsigned int counts;
} patterns[] = {
	{ "order=4 01010101", 4, 0xaa },
	{ "order=4 10101010", 4, 0x55 },
	{ "order=4 00011001", 4, 0x98 },
	{ "order=4 11000110", 4, 0x63 },
	{ "order=4 00000000", 4, 0x00 },
	{ "order=4 11111111", 4, 0xff },
	{ "order=9 01010101", 9, 0xaa },
	{ "order=9 11000110", 9, 0x63 },
	{ "order=9 00000000", 9, 0x00 },
	{ "order=9 11111111", 9, 0xff },
};

KUNIT_ARRAY_PARAM_DESC(pattern, patterns, name);

static struct folio *folio_of_pattern(struct kunit *test, struct swaptbl_device *dev,
				      struct swaptbl_group *group,
				      const struct pattern *pattern)
{
	unsigned int i, order = min(pattern->order, SWAPTBL_CLUSTER_ORDER);
	struct folio *folio = swaptbl_test_charged(test, group, order, first_memory_node);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	for (i = 0; i < BIT(order); i++)
		if (pattern->counts & BIT(i % 8))
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_folio_dup_swap(folio, folio_page(folio, i),
							       GFP_KERNEL));
	return folio;
}

/* With an age, so that just those that stay are shadows. */
static void unbind_frees_uncounted(struct kunit *test)
{
	const struct swaptbl_shadow shadow = { .age = 1 };
	const struct pattern *pattern = test->param_value;
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folio = folio_of_pattern(test, dev, group, pattern);
	long nr = folio_nr_pages(folio), stay = nr / 8 * hweight32(pattern->counts), i;
	unsigned long word, offset = swaptbl_test_offset(folio);

	swaptbl_expect_slots(test, group, nr);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_del_folio(folio, &shadow), 0);
	for (i = 0; i < nr; i++) {
		word = swaptbl_test_word(dev, offset + i);
		KUNIT_EXPECT_EQ(test, swaptbl_entry_is_swapped(word),
				!!(pattern->counts & BIT(i % 8)));
		KUNIT_EXPECT_EQ(test, !word, !(pattern->counts & BIT(i % 8)));
	}
	swaptbl_expect_slots(test, group, stay);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOWS), stay);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FREE), nr - stay);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), stay);
	swaptbl_expect_tree_verified(test, group->tree);
	swaptbl_expect_verified(test, dev);
}

/* The exclusive slot in between is neither counted nor told of, and stays. */
static void exclusive_slot_is_told_apart(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_swapped(test, dev, 2, 1);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_make_exclusive(dev, offset + 1));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_EXCLUSIVE), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset + 2, 2), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_EXCLUSIVE), 1);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(swp_entry(dev->type, offset + 1)), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_EXCLUSIVE), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset + 1), 0);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_freed_cases[] = {
	KUNIT_CASE(put_tells_each_group),
	KUNIT_CASE(put_lets_go_of_removed_groups),
	KUNIT_CASE_PARAM(put_frees_each_second_slot, width_gen_params),
	KUNIT_CASE_PARAM(put_empties_cluster, width_gen_params),
	KUNIT_CASE_PARAM(unbind_frees_uncounted, pattern_gen_params),
	KUNIT_CASE(exclusive_slot_is_told_apart),
	{}
};

static struct kunit_suite swaptbl_freed_suite = {
	.name = "swaptbl_freed",
	.test_cases = swaptbl_freed_cases,
};

kunit_test_suite(swaptbl_freed_suite);
