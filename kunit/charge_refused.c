// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swap in whose charge is refused: words, counts and statistics are bit by bit
 * what they were, nobody keeps the folio, and it works once there is room.
 * swaptbl/swapin.c, swaptbl/cache.c, swaptbl/charge.c.
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
#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define SEED	0xed07

/**
 * struct scene - a swap in that is refused, and who comes in between
 * @parent: parent of @group
 * @group: whose the slots are
 * @dev: the device
 * @offset: first of the slots
 * @orders: as for swaptbl_swapin()
 * @spare: folio of the other actor, locked
 * @bound: folio that was bound in the window, with a reference
 * @err: of what the other actor did
 */
struct scene {
	struct swaptbl_group *parent;
	struct swaptbl_group *group;
	struct swaptbl_device *dev;
	unsigned long offset;
	unsigned long orders;
	struct folio *spare;
	struct folio *bound;
	int err;
};

/* A folio with @seed, or all zero without; each slot has @count counts. */
static void scene_swap_out(struct kunit *test, struct scene *scene,
			   unsigned int order, unsigned long count, u32 seed)
{
	struct folio *folio = swaptbl_test_bound_of(test, scene->dev, scene->group,
						    order, seed);
	unsigned int i;

	scene->offset = swaptbl_test_offset(folio);
	scene->orders = BIT(order);
	if (!seed)
		folio_zero_range(folio, 0, folio_size(folio));
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_WORKINGSET);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	swaptbl_test_folio_free(test, folio);
	for (i = 0; i < BIT(order); i++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(scene->dev,
							  scene->offset + i,
							  count - 1));
}

static void scene_set(struct kunit *test, struct scene *scene, unsigned int bits)
{
	scene->parent = swaptbl_test_group(test);
	scene->group = swaptbl_test_child(test, scene->parent);
	scene->dev = swaptbl_test_device(test, SLOTS, bits);
	scene->spare = swaptbl_test_folio_on(test, 0, NODE);
}

static struct folio *swapin(struct scene *scene)
{
	return swaptbl_swapin(swp_entry(scene->dev->type, scene->offset),
			      scene->orders, GFP_KERNEL);
}

static struct folio *play(struct kunit *test, struct scene *scene,
			  void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = SWAPTBL_SWAPIN_CHARGE,
		.actor = actor,
		.arg = scene,
	};
	struct folio *folio;

	swaptbl_test_hooks_begin(&hooks);
	folio = swapin(scene);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	swaptbl_expect_tree_verified(test, scene->group->tree);
	swaptbl_expect_verified(test, scene->dev);
	return folio;
}

static void swapin_and_drop(struct kunit *test, struct scene *scene)
{
	struct folio *folio = swapin(scene);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	folio_unlock(folio);
	folio_put(folio);
}

static void actor_looks(void *arg)
{
	struct scene *scene = arg;

	scene->bound = swaptbl_cache_get_folio(scene->dev, scene->offset);
}

/* Of what was bound and is nothing any more, the one reference is the looker's. */
static void expect_dropped(struct kunit *test, struct folio *folio)
{
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_FALSE(test, swaptbl_test_is_charged(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_flags(folio), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	folio_put(folio);
}

/**
 * struct sums - what a refused charge must leave as it was
 * @local: statistics of the group
 * @total: of its parent and below
 * @usage: of the group
 * @usage_above: of its parent
 * @swap: slots of the group
 * @cached: slots that have a folio
 * @shadows: slots with an age
 * @used: slots of the device
 */
struct sums {
	long local[SWAPTBL_NR_LRU_STATS];
	long total[SWAPTBL_NR_LRU_STATS];
	long usage;
	long usage_above;
	long swap;
	long cached;
	long shadows;
	long used;
};

static void sums_take(const struct scene *scene, struct sums *sums)
{
	memset(sums, 0, sizeof(*sums));
	swaptbl_group_stats(scene->group, sums->local, NULL);
	swaptbl_group_stats(scene->parent, NULL, sums->total);
	sums->usage = atomic_long_read(&scene->group->usage);
	sums->usage_above = atomic_long_read(&scene->parent->usage);
	sums->swap = atomic_long_read(&scene->group->swap);
	sums->cached = swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_CACHED);
	sums->shadows = swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_SHADOWS);
	sums->used = atomic_long_read(&scene->dev->nr_used);
}

static void expect_sums(struct kunit *test, const struct scene *scene,
			const struct sums *before)
{
	struct sums now;

	sums_take(scene, &now);
	KUNIT_EXPECT_MEMEQ(test, &now, before, sizeof(now));
}

static void expect_refused(struct kunit *test, struct scene *scene)
{
	struct swaptbl_test_snapshot *before;
	struct folio *folio;
	struct sums sums;

	before = swaptbl_test_snapshot(test, scene->dev, scene->offset);
	sums_take(scene, &sums);
	folio = play(test, scene, actor_looks);
	KUNIT_EXPECT_EQ(test, PTR_ERR(folio), -EDQUOT);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(scene->dev, scene->offset,
						       before));
	expect_sums(test, scene, &sums);
	expect_dropped(test, scene->bound);
	KUNIT_EXPECT_EQ(test, swaptbl_swapin_async(swp_entry(scene->dev->type,
							     scene->offset),
						   scene->orders, GFP_KERNEL),
			-EDQUOT);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(scene->dev, scene->offset,
						       before));
	expect_sums(test, scene, &sums);
}

static void expect_works(struct kunit *test, struct scene *scene)
{
	unsigned long nr = scene->orders;
	struct folio *folio = swapin(scene);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio), nr);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), scene->group->id);
	folio_unlock(folio);
	folio_put(folio);
	swaptbl_expect_tree_verified(test, scene->group->tree);
	swaptbl_expect_verified(test, scene->dev);
}

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

/* Inline and in overflow, of one page and of more, with data and without. */
static void refused_charge_restores_words(struct kunit *test)
{
	unsigned int bits = swaptbl_test_width(test->param_value), order, i;
	struct scene scene = {};
	unsigned long counts[3];
	u32 seed;

	scene_set(test, &scene, bits);
	counts[0] = 1;
	counts[1] = scene.dev->count_max;
	counts[2] = 2 * scene.dev->count_max + 3;
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		for (order = 0; order <= 2; order += 2)
			for (seed = 0; seed <= SEED; seed += SEED) {
				scene_swap_out(test, &scene, order, counts[i], seed);
				swaptbl_test_limit(scene.group, 0);
				expect_refused(test, &scene);
				swaptbl_test_limit(scene.group, SWAPTBL_GROUP_NO_LIMIT);
				expect_works(test, &scene);
				swaptbl_test_evict_slot(scene.dev, scene.offset);
			}
}

/* The limit is above; neither of the two keeps anything of it. */
static void refused_by_parent(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 1, 1, SEED);
	swaptbl_test_limit(scene.parent, 0);
	expect_refused(test, &scene);
	KUNIT_EXPECT_GE(test, atomic_long_read(&scene.parent->failures), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.group->failures), 0);
	swaptbl_test_limit(scene.parent, 2);
	expect_works(test, &scene);
	swaptbl_expect_usage(test, scene.parent, 2);
}

/* What is in the way cannot go: it is locked, or its data has no other place. */
static void refused_for_what_is_there(struct kunit *test)
{
	struct scene scene = {};
	struct folio *locked, *unbound;

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 0, 1, SEED);
	locked = swaptbl_test_bound_on_lru(test, scene.dev, scene.group,
					   LRU_INACTIVE_ANON, SEED);
	folio_lock(locked);
	unbound = swaptbl_test_on_lru(test, scene.group, 0, NODE, LRU_ACTIVE_FILE);
	folio_unlock(unbound);
	swaptbl_test_limit(scene.group, 2);
	KUNIT_EXPECT_EQ(test, PTR_ERR(swapin(&scene)), -EDQUOT);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(locked));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on_lru(locked));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on_lru(unbound));
	swaptbl_expect_usage(test, scene.group, 2);
	swaptbl_expect_tree_verified(test, scene.group->tree);
	swaptbl_expect_verified(test, scene.dev);
	folio_unlock(locked);
	expect_works(test, &scene);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(locked));
	swaptbl_expect_usage(test, scene.group, 2);
}

/* There is room for one page, but not for all: it is the one that was asked for. */
static void refused_order_falls_back(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 2, 1, SEED);
	scene.offset += 2;
	swaptbl_test_limit(scene.group, 3);
	folio = swapin(&scene);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), scene.offset);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_page_filled(folio, 0, 2, SEED));
	folio_unlock(folio);
	folio_put(folio);
	swaptbl_expect_usage(test, scene.group, 1);
	swaptbl_expect_usage(test, scene.parent, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_CACHED), 1);
	swaptbl_expect_tree_verified(test, scene.group->tree);
	swaptbl_expect_verified(test, scene.dev);
}

/* What is there already is not charged once more, so nothing refuses it. */
static void cached_folio_needs_no_room(struct kunit *test)
{
	struct scene scene = {};

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 0, 1, SEED);
	swapin_and_drop(test, &scene);
	swaptbl_test_limit(scene.group, 0);
	swapin_and_drop(test, &scene);
	swaptbl_expect_usage(test, scene.group, 1);
	swaptbl_expect_tree_verified(test, scene.group->tree);
}

static void actor_takes_room(void *arg)
{
	struct scene *scene = arg;

	folio_set_dirty(scene->spare);
	scene->err |= swaptbl_folio_charge(scene->spare, scene->group);
}

/* The last page goes to somebody else, after the folio was bound. */
static void room_is_taken_meanwhile(struct kunit *test)
{
	struct swaptbl_test_snapshot *before;
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 0, 3, SEED);
	swaptbl_test_limit(scene.group, 1);
	before = swaptbl_test_snapshot(test, scene.dev, scene.offset);
	folio = play(test, &scene, actor_takes_room);
	KUNIT_EXPECT_EQ(test, PTR_ERR(folio), -EDQUOT);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(scene.dev, scene.offset,
						       before));
	swaptbl_expect_usage(test, scene.group, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_uncharge(scene.spare), 0);
	expect_works(test, &scene);
}

static void actor_raises_limit(void *arg)
{
	struct scene *scene = arg;

	swaptbl_test_limit(scene->group, 1);
}

static void room_is_made_meanwhile(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 0, 1, SEED);
	swaptbl_test_limit(scene.group, 0);
	folio = play(test, &scene, actor_raises_limit);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	folio_unlock(folio);
	folio_put(folio);
	swaptbl_expect_usage(test, scene.group, 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.group->failures), 0);
}

static void actor_dups(void *arg)
{
	struct scene *scene = arg;

	scene->err |= swaptbl_test_dup(scene->dev, scene->offset, 7);
}

/* Counts that came meanwhile stay, whoever is refused. */
static void counts_come_meanwhile(struct kunit *test)
{
	struct scene scene = {};
	unsigned long word;
	struct folio *folio;

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 0, 1, SEED);
	swaptbl_test_limit(scene.group, 0);
	word = swaptbl_test_word(scene.dev, scene.offset);
	folio = play(test, &scene, actor_dups);
	KUNIT_EXPECT_EQ(test, PTR_ERR(folio), -EDQUOT);
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset), 8);
	KUNIT_EXPECT_EQ(test, swaptbl_test_slot_group(scene.dev, scene.offset),
			scene.group->id);
	swaptbl_expect_slots(test, scene.group, 1);
	/* But for the count the word is what it was. */
	word ^= swaptbl_test_word(scene.dev, scene.offset);
	KUNIT_EXPECT_EQ(test, word & ~(SWAPTBL_COUNT_MASK | SWAPTBL_OVERFLOW_FLAG), 0);
}

static void actor_puts(void *arg)
{
	struct scene *scene = arg;

	scene->err |= swaptbl_test_put(scene->dev, scene->offset, 1);
}

/* The last count goes: so does the slot, as nobody keeps it. */
static void counts_go_meanwhile(struct kunit *test)
{
	unsigned long handles = swaptbl_test_handles_settled();
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 0, 1, SEED);
	swaptbl_test_limit(scene.group, 0);
	folio = play(test, &scene, actor_puts);
	KUNIT_EXPECT_EQ(test, PTR_ERR(folio), -EDQUOT);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(scene.dev, scene.offset), 0);
	swaptbl_expect_slots(test, scene.group, 0);
	swaptbl_expect_slots(test, scene.parent, 0);
	swaptbl_expect_usage(test, scene.group, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_group_remove(scene.group), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_handles_settled(), handles + 3);
}

static void actor_removes(void *arg)
{
	struct scene *scene = arg;

	scene->err |= swaptbl_group_remove(scene->group);
}

/* Its limit goes with it, and what is left of the way up has room; or none has. */
static void limited_group_is_removed_meanwhile(struct kunit *test)
{
	struct scene scene = {};
	struct folio *folio;

	scene_set(test, &scene, BITS);
	scene_swap_out(test, &scene, 0, 1, SEED);
	swaptbl_test_limit(scene.group, 0);
	folio = play(test, &scene, actor_removes);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	folio_unlock(folio);
	folio_put(folio);
	swaptbl_expect_usage(test, scene.parent, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(scene.dev, scene.offset), 0);
	swaptbl_expect_usage(test, scene.parent, 0);
	swaptbl_test_limit(scene.parent, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(swapin(&scene)), -EDQUOT);
	swaptbl_expect_usage(test, scene.parent, 0);
	swaptbl_expect_slots(test, scene.parent, 1);
	swaptbl_expect_tree_verified(test, scene.parent->tree);
	swaptbl_expect_verified(test, scene.dev);
}

static struct kunit_case swaptbl_charge_refused_cases[] = {
	KUNIT_CASE_PARAM(refused_charge_restores_words, width_gen_params),
	KUNIT_CASE(refused_by_parent),
	KUNIT_CASE(refused_for_what_is_there),
	KUNIT_CASE(refused_order_falls_back),
	KUNIT_CASE(cached_folio_needs_no_room),
	KUNIT_CASE(room_is_taken_meanwhile),
	KUNIT_CASE(room_is_made_meanwhile),
	KUNIT_CASE(counts_come_meanwhile),
	KUNIT_CASE(counts_go_meanwhile),
	KUNIT_CASE(limited_group_is_removed_meanwhile),
	{}
};

static struct kunit_suite swaptbl_charge_refused_suite = {
	.name = "swaptbl_charge_refused",
	.test_cases = swaptbl_charge_refused_cases,
};

kunit_test_suite(swaptbl_charge_refused_suite);
