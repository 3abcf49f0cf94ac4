// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of charging slots to groups: from their allocation to the last of all that has
 * to do with them, and whose they are when the group is gone. swaptbl/charge.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/charge.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/split.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "group_util.h"

#define NODE	first_memory_node
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define LEVELS	SWAPTBL_TEST_LEVELS
#define SEED	0x5107

/**
 * struct scene - slots of a group three levels below the root
 * @levels: the groups
 * @group: the last of them
 * @dev: the device
 */
struct scene {
	struct swaptbl_test_levels levels;
	struct swaptbl_group *group;
	struct swaptbl_device *dev;
};

static void scene_set(struct kunit *test, struct scene *scene)
{
	swaptbl_test_levels(test, &scene->levels);
	scene->group = scene->levels.group[LEVELS - 1];
	scene->dev = swaptbl_test_device(test, 2 * SWAPTBL_CLUSTER_SLOTS, BITS);
}

/* All levels have the slots, as nobody else has any; and the pages. */
static void expect_all(struct kunit *test, struct scene *scene, long slots,
		       long pages)
{
	unsigned int i;

	for (i = 0; i < LEVELS; i++) {
		swaptbl_expect_slots(test, scene->levels.group[i], slots);
		swaptbl_expect_usage(test, scene->levels.group[i], pages);
	}
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene->dev->nr_used), slots);
	swaptbl_expect_tree_verified(test, scene->levels.tree);
	swaptbl_expect_verified(test, scene->dev);
}

static const struct order {
	const char *name;
	unsigned int order;
} orders[] = {
	{ "order=0", 0 },
	{ "order=2", 2 },
	{ "order=4", 4 },
};

KUNIT_ARRAY_PARAM_DESC(order, orders, name);

static unsigned int order_of(struct kunit *test)
{
	return ((const struct order *)test->param_value)->order;
}

static void slots_from_alloc_to_free(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct scene scene = {};
	struct folio *folio;
	long nr = BIT(order);

	scene_set(test, &scene);
	folio = swaptbl_test_charged(test, scene.group, order, NODE);
	expect_all(test, &scene, 0, nr);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(scene.dev, folio), 0);
	expect_all(test, &scene, nr, nr);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	expect_all(test, &scene, nr, nr);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), -EBUSY);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	/* Without a count they are its still, until it leaves. */
	expect_all(test, &scene, nr, nr);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	expect_all(test, &scene, 0, 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
}

static void slots_out_and_in_again(struct kunit *test)
{
	unsigned int order = order_of(test), round;
	long nr = BIT(order);
	struct scene scene = {};
	unsigned long offset;
	struct folio *folio;

	scene_set(test, &scene);
	offset = swaptbl_test_evicted_of(test, scene.dev, scene.group, order, SEED);
	for (round = 0; round < 3; round++) {
		expect_all(test, &scene, nr, 0);
		KUNIT_EXPECT_EQ(test, swaptbl_test_slot_group(scene.dev, offset),
				scene.group->id);
		folio = swaptbl_test_swapin(test, scene.dev, offset, order);
		expect_all(test, &scene, nr, nr);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), scene.group->id);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
		swaptbl_test_folio_free(test, folio);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(scene.dev, offset, 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(scene.dev, offset, nr), 0);
	expect_all(test, &scene, 1, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(scene.dev, offset, 1), 0);
	expect_all(test, &scene, 0, 0);
}

static void slots_put_by_entry(struct kunit *test)
{
	struct scene scene = {};
	unsigned long offset;
	struct folio *folio;
	swp_entry_t entry;

	scene_set(test, &scene);
	offset = swaptbl_test_evicted_of(test, scene.dev, scene.group, 2, SEED);
	entry = swp_entry(scene.dev->type, offset);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_entries_direct(entry, 4, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 4), 0);
	expect_all(test, &scene, 4, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 1), 0);
	expect_all(test, &scene, 3, 0);
	/* A folio that nobody has a count of leaves, and its charge with it. */
	entry = swp_entry(scene.dev->type, offset + 1);
	folio = swaptbl_test_swapin(test, scene.dev, offset + 1, 0);
	folio_unlock(folio);
	expect_all(test, &scene, 3, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 3), 0);
	expect_all(test, &scene, 0, 0);
}

static const struct counts {
	const char *name;
	unsigned int order;
	unsigned int mask;
} counts[] = {
	{ "0", 0, 0x0 },
	{ "1", 0, 0x1 },
	{ "0000", 2, 0x0 },
	{ "0101", 2, 0xa },
	{ "1010", 2, 0x5 },
	{ "1111", 2, 0xf },
};

KUNIT_ARRAY_PARAM_DESC(counts, counts, name);

static struct folio *folio_with_counts(struct kunit *test, struct scene *scene,
				       const struct counts *counts)
{
	struct folio *folio = swaptbl_test_charged(test, scene->group, counts->order,
						   NODE);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(scene->dev, folio));
	swaptbl_test_fill(folio, SEED);
	for (i = 0; i < BIT(counts->order); i++)
		if (counts->mask & BIT(i))
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_folio_dup_swap(folio,
							       folio_page(folio, i),
							       GFP_KERNEL));
	return folio;
}

/* Statistics, owner and words, in that order: none is lost, none says too much. */
static void evict_by_counts(struct kunit *test)
{
	const struct counts *counts = test->param_value;
	unsigned int i, nr = BIT(counts->order), stay = hweight32(counts->mask);
	struct scene scene = {};
	unsigned long offset;
	struct folio *folio;

	scene_set(test, &scene);
	folio = folio_with_counts(test, &scene, counts);
	offset = swaptbl_test_offset(folio);
	expect_all(test, &scene, nr, nr);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	expect_all(test, &scene, stay, 0);
	swaptbl_expect_stat(test, scene.group, SWAPTBL_LRU_STAT_CHARGED, 0, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_CACHED), 0);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_slot_group(scene.dev, offset + i),
				counts->mask & BIT(i) ? scene.group->id : 0);
	for (i = 0; i < nr; i++)
		if (counts->mask & BIT(i))
			KUNIT_EXPECT_EQ(test, swaptbl_test_put(scene.dev, offset + i,
							       1), 0);
	expect_all(test, &scene, 0, 0);
}

/* Two slots are all there is, so they change hands. */
static void freed_slots_are_the_next_ones(struct kunit *test)
{
	struct swaptbl_group *root = swaptbl_test_tree(test)->root, *group[2];
	struct swaptbl_device *dev = swaptbl_test_device(test, 4, BITS);
	unsigned long offset, first = 0;
	unsigned int i;

	dev->discards = false;
	group[0] = swaptbl_test_child(test, root);
	group[1] = swaptbl_test_child(test, root);
	for (i = 0; i < 6; i++) {
		offset = swaptbl_test_evicted_of(test, dev, group[i % 2], 1, SEED);
		first = first ?: offset;
		KUNIT_EXPECT_EQ(test, offset, first);
		KUNIT_EXPECT_EQ(test, swaptbl_test_slot_group(dev, offset),
				group[i % 2]->id);
		swaptbl_expect_slots(test, group[i % 2], 2);
		swaptbl_expect_slots(test, group[1 - i % 2], 0);
		swaptbl_expect_slots(test, root, 2);
		KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, 2), 0);
	}
	swaptbl_expect_slots(test, group[0], 0);
	swaptbl_expect_slots(test, group[1], 0);
	swaptbl_expect_tree_verified(test, root->tree);
	swaptbl_expect_verified(test, dev);
}

static void split_keeps_slots(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio, *part;
	unsigned long offset, i;

	scene_set(test, &scene);
	folio = swaptbl_test_bound_of(test, scene.dev, scene.group, 3, SEED);
	offset = swaptbl_test_offset(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_split(folio, 1), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	expect_all(test, &scene, 8, 8);
	for (i = 0; i < 8; i += 2) {
		part = swaptbl_cache_get_folio(scene.dev, offset + i);
		KUNIT_ASSERT_NOT_NULL(test, part);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_group(part), scene.group->id);
		folio_put(part);
		KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene.dev, offset + i), 0);
		expect_all(test, &scene, 8, 6 - i);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(scene.dev, offset, 8), 0);
	expect_all(test, &scene, 0, 0);
}

static void failed_split_changes_nothing(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;
	unsigned int at;
	int err;

	scene_set(test, &scene);
	folio = swaptbl_test_bound_of(test, scene.dev, scene.group, 2, SEED);
	for (at = 1; at <= 4; at++) {
		struct swaptbl_test_hooks hooks = { .fail_at = at };

		swaptbl_test_hooks_begin(&hooks);
		err = swaptbl_folio_split(folio, 0);
		swaptbl_test_hooks_end(&hooks);
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), scene.group->id);
		expect_all(test, &scene, 4, 4);
	}
}

static void replace_keeps_slots(struct kunit *test)
{
	struct scene scene = {};
	struct folio *old, *new;

	scene_set(test, &scene);
	old = swaptbl_test_bound_of(test, scene.dev, scene.group, 1, SEED);
	new = swaptbl_test_folio_on(test, 1, swaptbl_test_other_node());
	folio_mark_uptodate(new);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_replace_folio(old, new), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(old));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(new), scene.group->id);
	expect_all(test, &scene, 2, 2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(new, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(new), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(new));
	expect_all(test, &scene, 0, 0);
}

static void replace_refuses_charged_folio(struct kunit *test)
{
	struct scene scene = {};
	struct folio *old, *new;

	scene_set(test, &scene);
	old = swaptbl_test_bound_of(test, scene.dev, scene.group, 0, SEED);
	new = swaptbl_test_charged(test, scene.levels.group[1], 0, NODE);
	folio_mark_uptodate(new);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_replace_folio(old, new), -EEXIST);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(old), scene.group->id);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(new), scene.levels.group[1]->id);
	swaptbl_expect_usage(test, scene.group, 1);
	swaptbl_expect_usage(test, scene.levels.group[1], 2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(new), 0);
	expect_all(test, &scene, 1, 1);
}

/* With folios, swapped slots and such in overflow; all of it goes with the device. */
static void device_takes_slots_with_it(struct kunit *test)
{
	unsigned long handles = swaptbl_test_handles_settled();
	struct scene scene = {};
	unsigned long offset;
	struct folio *folio;
	unsigned int i;

	scene_set(test, &scene);
	offset = swaptbl_test_evicted_of(test, scene.dev, scene.group, 2, SEED);
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(scene.dev, offset + 1, 20), 0);
	swaptbl_test_bound_on_lru(test, scene.dev, scene.group, LRU_ACTIVE_ANON, SEED);
	folio = swaptbl_test_bound_of(test, scene.dev, scene.group, 1, SEED);
	folio_unlock(folio);
	expect_all(test, &scene, 7, 3);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, scene.dev, true), 0);
	for (i = 0; i < LEVELS; i++) {
		swaptbl_expect_slots(test, scene.levels.group[i], 0);
		swaptbl_expect_usage(test, scene.levels.group[i], 0);
	}
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles + LEVELS);
	swaptbl_expect_tree_verified(test, scene.levels.tree);
}

/* Of swapped slots and of cached ones: those that are left have them as before. */
static void removed_group_leaves_slots_to_parent(struct kunit *test)
{
	struct scene scene = {};
	unsigned long offset;
	struct folio *folio;
	unsigned int left, i;

	scene_set(test, &scene);
	offset = swaptbl_test_evicted_of(test, scene.dev, scene.group, 1, SEED);
	folio = swaptbl_test_bound_of(test, scene.dev, scene.group, 2, SEED);
	for (left = LEVELS - 1; left; left--) {
		KUNIT_EXPECT_EQ(test,
				swaptbl_group_remove(scene.levels.group[left]), 0);
		for (i = 0; i < left; i++) {
			swaptbl_expect_slots(test, scene.levels.group[i], 6);
			swaptbl_expect_usage(test, scene.levels.group[i], 4);
		}
		swaptbl_expect_tree_verified(test, scene.levels.tree);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	swaptbl_expect_slots(test, scene.levels.tree->root, 2);
	swaptbl_expect_usage(test, scene.levels.tree->root, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(scene.dev, offset, 2), 0);
	swaptbl_expect_slots(test, scene.levels.tree->root, 0);
	swaptbl_expect_tree_verified(test, scene.levels.tree);
	swaptbl_expect_verified(test, scene.dev);
}

/* Allocated for a folio whose group is gone by then. */
static void slots_of_folio_of_removed_group(struct kunit *test)
{
	struct scene scene = {};
	unsigned long offset;
	struct folio *folio;

	scene_set(test, &scene);
	folio = swaptbl_test_charged(test, scene.group, 1, NODE);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(scene.group), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(scene.levels.group[2]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap_on(scene.dev, folio), 0);
	offset = swaptbl_test_offset(folio);
	swaptbl_expect_slots(test, scene.group, 0);
	swaptbl_expect_slots(test, scene.levels.group[2], 0);
	swaptbl_expect_slots(test, scene.levels.group[1], 2);
	swaptbl_expect_slots(test, scene.levels.group[0], 2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	swaptbl_expect_slots(test, scene.levels.group[1], 2);
	swaptbl_expect_usage(test, scene.levels.group[1], 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(scene.dev, offset, 2), 0);
	swaptbl_expect_slots(test, scene.levels.group[1], 0);
	swaptbl_expect_slots(test, scene.levels.group[0], 0);
	swaptbl_expect_tree_verified(test, scene.levels.tree);
	swaptbl_expect_verified(test, scene.dev);
}

/* Slots of nobody, and the one kind that never has an owner. */
static void slots_without_group(struct kunit *test)
{
	struct scene scene = {};
	unsigned long offset;
	swp_entry_t entry;

	scene_set(test, &scene);
	offset = swaptbl_test_evicted(test, scene.dev, 2, SEED);
	KUNIT_EXPECT_EQ(test, swaptbl_alloc_exclusive(scene.dev->type, &entry), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_slot_group(scene.dev, offset), 0);
	swaptbl_expect_slots(test, scene.levels.tree->root, 0);
	swaptbl_test_expect_stored(test, scene.dev, offset, 4, SEED);
	swaptbl_expect_usage(test, scene.levels.tree->root, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(scene.dev, offset, 4), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry), 0);
	swaptbl_expect_slots(test, scene.levels.tree->root, 0);
	swaptbl_expect_tree_verified(test, scene.levels.tree);
	swaptbl_expect_verified(test, scene.dev);
}

static struct kunit_case swaptbl_charge_swap_cases[] = {
	KUNIT_CASE_PARAM(slots_from_alloc_to_free, order_gen_params),
	KUNIT_CASE_PARAM(slots_out_and_in_again, order_gen_params),
	KUNIT_CASE(slots_put_by_entry),
	KUNIT_CASE_PARAM(evict_by_counts, counts_gen_params),
	KUNIT_CASE(freed_slots_are_the_next_ones),
	KUNIT_CASE(split_keeps_slots),
	KUNIT_CASE(failed_split_changes_nothing),
	KUNIT_CASE(replace_keeps_slots),
	KUNIT_CASE(replace_refuses_charged_folio),
	KUNIT_CASE(device_takes_slots_with_it),
	KUNIT_CASE(removed_group_leaves_slots_to_parent),
	KUNIT_CASE(slots_of_folio_of_removed_group),
	KUNIT_CASE(slots_without_group),
	{}
};

static struct kunit_suite swaptbl_charge_swap_suite = {
	.name = "swaptbl_charge_swap",
	.test_cases = swaptbl_charge_swap_cases,
};

kunit_test_suite(swaptbl_charge_swap_suite);
