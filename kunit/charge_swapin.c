// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swap in as a charge: who is charged, where the folio is afterwards, and that
 * a charge which is refused leaves everything as it was. swaptbl/swapin.c,
 * swaptbl/charge.c.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/charge.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "group_util.h"

#define NODE	first_memory_node
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define LEVELS	SWAPTBL_TEST_LEVELS
#define SEED	0x5ca1
#define OTHER	0x07e2

/**
 * struct scene - swapped slots of a group, and who comes in between
 * @levels: the groups; the last one's are the slots
 * @group: the last of them
 * @other: a sibling of it
 * @dev: the device
 * @offset: first of the slots
 * @order: of the folio that they are from
 * @spare: folio of the other actor, locked
 * @bound: folio that was bound in the window, with a reference
 * @err: of what the other actor did
 */
struct scene {
	struct swaptbl_test_levels levels;
	struct swaptbl_group *group;
	struct swaptbl_group *other;
	struct swaptbl_device *dev;
	unsigned long offset;
	unsigned int order;
	struct folio *spare;
	struct folio *bound;
	int err;
};

/* The device has no more slots than these, so that what is freed is allocated next. */
static void scene_set(struct kunit *test, struct scene *scene, unsigned int order,
		      unsigned int bits)
{
	swaptbl_test_levels(test, &scene->levels);
	scene->group = scene->levels.group[LEVELS - 1];
	scene->other = swaptbl_test_child(test, scene->group->parent);
	scene->dev = swaptbl_test_device(test, 2 * BIT(order), bits);
	scene->dev->discards = false;
	scene->order = order;
	scene->offset = swaptbl_test_evicted_of(test, scene->dev, scene->group, order,
						SEED);
	scene->spare = swaptbl_test_folio_on(test, order, NODE);
	swaptbl_test_fill(scene->spare, OTHER);
}

static struct folio *swapin(struct scene *scene)
{
	return swaptbl_swapin(swp_entry(scene->dev->type, scene->offset),
			      BIT(scene->order), GFP_KERNEL);
}

static struct folio *play(struct kunit *test, struct scene *scene,
			  enum swaptbl_sync_point point, void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor,
		.arg = scene,
	};
	struct folio *folio;

	swaptbl_test_hooks_begin(&hooks);
	folio = swapin(scene);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	swaptbl_expect_tree_verified(test, scene->levels.tree);
	swaptbl_expect_verified(test, scene->dev);
	return folio;
}

static void expect_folio(struct kunit *test, struct folio *folio, u32 seed)
{
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, seed));
	folio_unlock(folio);
	folio_put(folio);
}

/* Pages that group @own and its ancestors have; the others have none. */
static void expect_pages(struct kunit *test, struct scene *scene, unsigned int own,
			 long nr)
{
	unsigned int i;

	for (i = 0; i < LEVELS; i++) {
		swaptbl_expect_usage(test, scene->levels.group[i], i <= own ? nr : 0);
		swaptbl_expect_stat(test, scene->levels.group[i],
				    SWAPTBL_LRU_STAT_CHARGED, i == own ? nr : 0,
				    i <= own ? nr : 0);
	}
	swaptbl_expect_usage(test, scene->other, 0);
	swaptbl_expect_tree_verified(test, scene->levels.tree);
	swaptbl_expect_verified(test, scene->dev);
}

static const struct order {
	const char *name;
	unsigned int order;
} orders[] = {
	{ "order=0", 0 },
	{ "order=2", 2 },
};

KUNIT_ARRAY_PARAM_DESC(order, orders, name);

static unsigned int order_of(struct kunit *test)
{
	return ((const struct order *)test->param_value)->order;
}

/* Pages on either list where swapped in folios go. */
static unsigned long listed(struct swaptbl_group *group)
{
	unsigned long nr = 0;
	int nid;

	swaptbl_lru_drain_all();
	for_each_node(nid) {
		nr += swaptbl_test_lru_size(group, nid, LRU_INACTIVE_ANON);
		nr += swaptbl_test_lru_size(group, nid, LRU_ACTIVE_ANON);
	}
	return nr;
}

static void swapin_charges_owner(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, order, BITS);
	expect_pages(test, &scene, LEVELS - 1, 0);
	folio = swapin(&scene);
	expect_folio(test, folio, SEED);
	expect_pages(test, &scene, LEVELS - 1, BIT(order));
	KUNIT_EXPECT_EQ(test, listed(scene.group), BIT(order));
	/* Who finds it does not charge it once more. */
	expect_folio(test, swapin(&scene), SEED);
	expect_pages(test, &scene, LEVELS - 1, BIT(order));
	KUNIT_EXPECT_EQ(test, listed(scene.group), BIT(order));
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene.dev, scene.offset), 0);
	expect_pages(test, &scene, LEVELS - 1, 0);
	KUNIT_EXPECT_EQ(test, listed(scene.group), 0);
}

/* Zeroes are not read, but they are pages as well. */
static void swapin_charges_zeroes(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, 0, BITS);
	folio = swaptbl_test_swapin(test, scene.dev, scene.offset, 0);
	folio_zero_range(folio, 0, PAGE_SIZE);
	folio_set_dirty(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	swaptbl_test_folio_free(test, folio);
	expect_pages(test, &scene, LEVELS - 1, 0);
	folio = swaptbl_test_swapin(test, scene.dev, scene.offset, 0);
	expect_pages(test, &scene, LEVELS - 1, 1);
	KUNIT_EXPECT_EQ(test, listed(scene.group), 1);
	swaptbl_test_folio_free(test, folio);
	expect_pages(test, &scene, LEVELS - 1, 0);
}

/* Part of what was one folio, one by one; each is the same group's. */
static void swapin_of_parts(struct kunit *test)
{
	struct scene scene = {};
	unsigned int i;

	scene_set(test, &scene, 2, BITS);
	scene.order = 0;
	for (i = 0; i < 4; i++, scene.offset++) {
		struct folio *folio = swapin(&scene);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_page_filled(folio, 0, i, SEED));
		folio_unlock(folio);
		folio_put(folio);
		expect_pages(test, &scene, LEVELS - 1, i + 1);
	}
	KUNIT_EXPECT_EQ(test, listed(scene.group), 4);
}

/* By what its shadow tells of how it was used; one that was unbound tells nothing. */
static void swapped_in_folio_goes_to_list(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;
	unsigned int i;

	scene_set(test, &scene, 0, BITS);
	for (i = 0; i < 2; i++) {
		folio = swaptbl_test_swapin(test, scene.dev, scene.offset, 0);
		swaptbl_lru_drain_all();
		KUNIT_EXPECT_EQ(test, swaptbl_folio_test(folio, SWAPTBL_FOLIO_ACTIVE),
				!i);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_lru(folio),
				i ? LRU_INACTIVE_ANON : LRU_ACTIVE_ANON);
		KUNIT_EXPECT_EQ(test, listed(scene.group), 1);
		swaptbl_expect_tree_verified(test, scene.levels.tree);
		KUNIT_EXPECT_EQ(test, swaptbl_test_unbind(folio), 0);
		swaptbl_test_folio_free(test, folio);
	}
	expect_pages(test, &scene, LEVELS - 1, 0);
}

/* By eviction, by the last count, or let go of as it is; on the list, or on its way. */
static int leave_evicted(struct folio *folio)
{
	return swaptbl_folio_evict(folio);
}

static int leave_free(struct folio *folio)
{
	return swaptbl_folio_put_swap(folio, NULL) ?: swaptbl_folio_free_swap(folio);
}

static int leave_unbound(struct folio *folio)
{
	return swaptbl_test_unbind(folio);
}

static const struct leave {
	const char *name;
	int (*leave)(struct folio *folio);
	bool drain;
} leaves[] = {
	{ "evicted_from_list", leave_evicted, true },
	{ "evicted_from_batch", leave_evicted, false },
	{ "freed_from_list", leave_free, true },
	{ "freed_from_batch", leave_free, false },
	{ "unbound_from_list", leave_unbound, true },
	{ "unbound_from_batch", leave_unbound, false },
};

KUNIT_ARRAY_PARAM_DESC(leave, leaves, name);

static void swapped_in_folio_leaves_list(struct kunit *test)
{
	const struct leave *leave = test->param_value;
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, 0, BITS);
	swaptbl_lru_drain_all();
	folio = swaptbl_test_swapin(test, scene.dev, scene.offset, 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_on_lru(folio));
	if (leave->drain)
		swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, swaptbl_test_is_on_lru(folio), leave->drain);
	KUNIT_EXPECT_EQ(test, leave->leave(folio), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_flags(folio) &
			~SWAPTBL_FOLIO_USE_FLAGS, 0);
	expect_pages(test, &scene, LEVELS - 1, 0);
	KUNIT_EXPECT_EQ(test, listed(scene.group), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

static void failed_read_uncharges(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	struct swaptbl_test_snapshot *before;
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, order, BITS);
	before = swaptbl_test_snapshot(test, scene.dev, scene.offset);
	swaptbl_test_hooks_begin(&hooks);
	folio = swapin(&scene);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, PTR_ERR(folio), -EIO);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(scene.dev, scene.offset,
						       before));
	expect_pages(test, &scene, LEVELS - 1, 0);
	KUNIT_EXPECT_EQ(test, listed(scene.group), 0);
	swaptbl_expect_slots(test, scene.group, BIT(order));
	expect_folio(test, swapin(&scene), SEED);
	expect_pages(test, &scene, LEVELS - 1, BIT(order));
}

/* Room is made by what the group has already. */
static void swapin_reclaims(struct kunit *test)
{
	struct scene scene = {};
	struct swaptbl_device *dev;
	struct folio *cold;

	scene_set(test, &scene, 0, BITS);
	dev = swaptbl_test_device(test, 64, BITS);
	cold = swaptbl_test_bound_on_lru(test, dev, scene.group, LRU_INACTIVE_ANON,
					 OTHER);
	swaptbl_test_limit(scene.group, 1);
	expect_folio(test, swapin(&scene), SEED);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(cold));
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(cold));
	expect_pages(test, &scene, LEVELS - 1, 1);
	swaptbl_expect_slots(test, scene.group, 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.group->failures), 0);
	swaptbl_expect_verified(test, dev);
}

/* For what nobody has asked for yet, nothing is thrown out, and nobody is refused. */
static void readahead_does_not_reclaim(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, 2, BITS);
	scene.order = 0;
	scene.dev->readahead = 4;
	swaptbl_test_limit(scene.group, 2);
	folio = swapin(&scene);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_page_filled(folio, 0, 0, SEED));
	folio_unlock(folio);
	folio_put(folio);
	expect_pages(test, &scene, LEVELS - 1, 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.group->reclaims), 0);
	KUNIT_EXPECT_EQ(test, listed(scene.group), 2);
	swaptbl_expect_slots(test, scene.group, 4);
}

/* Pitfall 5: the slot is another's by the time that the folio is bound. */

static void give_to_other(struct scene *scene, bool evict)
{
	scene->err |= swaptbl_put_entries(scene->dev, scene->offset,
					  BIT(scene->order));
	scene->err |= swaptbl_folio_charge(scene->spare, scene->other);
	scene->err |= swaptbl_folio_alloc_swap_on(scene->dev, scene->spare);
	scene->err |= swaptbl_folio_dup_swap(scene->spare, NULL, GFP_KERNEL);
	if (swaptbl_test_offset(scene->spare) != scene->offset)
		scene->err = -EXDEV;
	if (evict)
		scene->err |= swaptbl_folio_evict(scene->spare);
	else
		folio_unlock(scene->spare);
}

static void actor_gives_swapped_to_other(void *arg)
{
	give_to_other(arg, true);
}

static void actor_gives_cached_to_other(void *arg)
{
	give_to_other(arg, false);
}

static void actor_frees(void *arg)
{
	struct scene *scene = arg;

	scene->err |= swaptbl_put_entries(scene->dev, scene->offset,
					  BIT(scene->order));
}

static void expect_other_is_charged(struct kunit *test, struct scene *scene)
{
	unsigned int nr = BIT(scene->order);

	swaptbl_expect_usage(test, scene->group, 0);
	swaptbl_expect_slots(test, scene->group, 0);
	swaptbl_expect_usage(test, scene->other, nr);
	swaptbl_expect_slots(test, scene->other, nr);
	swaptbl_expect_usage(test, scene->levels.group[LEVELS - 2], nr);
	swaptbl_expect_usage(test, scene->levels.tree->root, nr);
	swaptbl_expect_stat(test, scene->group, SWAPTBL_LRU_STAT_CHARGED, 0, 0);
	swaptbl_expect_stat(test, scene->other, SWAPTBL_LRU_STAT_CHARGED, nr, nr);
	KUNIT_EXPECT_EQ(test, listed(scene->group), 0);
}

static void slot_swapped_by_other(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, order_of(test), BITS);
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED,
		     actor_gives_swapped_to_other);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_PTR_NE(test, folio, scene.spare);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), scene.other->id);
	expect_folio(test, folio, OTHER);
	expect_other_is_charged(test, &scene);
	KUNIT_EXPECT_EQ(test, listed(scene.other), BIT(scene.order));
}

static void slot_cached_by_other(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, order_of(test), BITS);
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED,
		     actor_gives_cached_to_other);
	KUNIT_EXPECT_PTR_EQ(test, folio, scene.spare);
	expect_folio(test, folio, OTHER);
	expect_other_is_charged(test, &scene);
}

static void slot_freed(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, order_of(test), BITS);
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED, actor_frees);
	KUNIT_EXPECT_EQ(test, PTR_ERR(folio), -ENOENT);
	expect_pages(test, &scene, LEVELS - 1, 0);
	swaptbl_expect_slots(test, scene.group, 0);
	KUNIT_EXPECT_EQ(test, listed(scene.group), 0);
}

/* At its limit, but the slot is not its any more. */
static void other_has_room(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, 0, BITS);
	swaptbl_test_limit(scene.group, 0);
	folio = play(test, &scene, SWAPTBL_SWAPIN_ALLOCATED,
		     actor_gives_swapped_to_other);
	expect_folio(test, folio, OTHER);
	expect_other_is_charged(test, &scene);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.group->failures), 0);
}

/* Slots of a group that is gone, some levels up. */
static void removed_group_is_not_charged(struct kunit *test)
{
	struct scene scene = {};
	unsigned int left;

	scene_set(test, &scene, 1, BITS);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(scene.other), 0);
	for (left = LEVELS - 1; left; left--) {
		KUNIT_EXPECT_EQ(test, swaptbl_group_remove(scene.levels.group[left]),
				0);
		swaptbl_expect_usage(test, scene.levels.group[left], 0);
		expect_folio(test, swapin(&scene), SEED);
		expect_pages(test, &scene, left - 1, 2);
		KUNIT_EXPECT_EQ(test, listed(scene.levels.group[left - 1]), 2);
		KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene.dev, scene.offset),
				0);
		expect_pages(test, &scene, left - 1, 0);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_test_slot_group(scene.dev, scene.offset),
			scene.group->id);
	swaptbl_expect_slots(test, scene.levels.tree->root, 2);
}

static void actor_removes(void *arg)
{
	struct scene *scene = arg;

	scene->err |= swaptbl_group_remove(scene->group);
	scene->err |= swaptbl_group_remove(scene->other);
	scene->err |= swaptbl_group_remove(scene->levels.group[LEVELS - 2]);
}

static const struct window {
	const char *name;
	enum swaptbl_sync_point point;
} windows[] = {
	{ "allocated", SWAPTBL_SWAPIN_ALLOCATED },
	{ "bound", SWAPTBL_SWAPIN_CHARGE },
	{ "charged", SWAPTBL_SWAPIN_ADDED },
};

KUNIT_ARRAY_PARAM_DESC(window, windows, name);

/* Whenever it goes: its first ancestor that is left has the pages. */
static void group_removed_meanwhile(struct kunit *test)
{
	const struct window *window = test->param_value;
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, 0, BITS);
	folio = play(test, &scene, window->point, actor_removes);
	expect_folio(test, folio, SEED);
	swaptbl_expect_usage(test, scene.levels.group[1], 1);
	swaptbl_expect_usage(test, scene.levels.group[0], 1);
	swaptbl_expect_slots(test, scene.levels.group[1], 1);
	swaptbl_expect_stat(test, scene.levels.group[1], SWAPTBL_LRU_STAT_CHARGED, 1,
			    1);
	KUNIT_EXPECT_EQ(test, listed(scene.levels.group[1]), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene.dev, scene.offset), 0);
	swaptbl_expect_usage(test, scene.levels.group[1], 0);
	swaptbl_expect_usage(test, scene.levels.group[0], 0);
	swaptbl_expect_tree_verified(test, scene.levels.tree);
	swaptbl_expect_verified(test, scene.dev);
}

static struct kunit_case swaptbl_charge_swapin_cases[] = {
	KUNIT_CASE_PARAM(swapin_charges_owner, order_gen_params),
	KUNIT_CASE(swapin_charges_zeroes),
	KUNIT_CASE(swapin_of_parts),
	KUNIT_CASE(swapped_in_folio_goes_to_list),
	KUNIT_CASE_PARAM(swapped_in_folio_leaves_list, leave_gen_params),
	KUNIT_CASE_PARAM(failed_read_uncharges, order_gen_params),
	KUNIT_CASE(swapin_reclaims),
	KUNIT_CASE(readahead_does_not_reclaim),
	KUNIT_CASE_PARAM(slot_swapped_by_other, order_gen_params),
	KUNIT_CASE_PARAM(slot_cached_by_other, order_gen_params),
	KUNIT_CASE_PARAM(slot_freed, order_gen_params),
	KUNIT_CASE(other_has_room),
	KUNIT_CASE(removed_group_is_not_charged),
	KUNIT_CASE_PARAM(group_removed_meanwhile, window_gen_params),
	{}
};

static struct kunit_suite swaptbl_charge_swapin_suite = {
	.name = "swaptbl_charge_swapin",
	.test_cases = swaptbl_charge_swapin_cases,
};

kunit_test_suite(swaptbl_charge_swapin_suite);
