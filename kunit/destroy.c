// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the end of a device, and of what comes in between its steps:
 * swaptbl/device.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

/* As it was: allocates, counts, and is found by its number. */
static void expect_works(struct kunit *test, struct swaptbl_device *dev)
{
	struct folio *folio = swaptbl_test_folio(test, 0);
	struct swaptbl_device *found = swaptbl_device_get(dev->type);

	KUNIT_EXPECT_PTR_EQ(test, found, dev);
	if (!IS_ERR(found))
		swaptbl_device_put(found);
	KUNIT_EXPECT_STREQ(test, swaptbl_device_state_name(dev), "live");
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swp_type(folio->swap), dev->type);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	swaptbl_test_folio_free(test, folio);
	swaptbl_expect_verified(test, dev);
}

static void used_slots_hold(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_swapped(test, dev, 2, 5);

	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + 3), 5);
	expect_works(test, dev);
	while (atomic_long_read(&dev->nr_used))
		KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(dev, offset, 4));
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false), 0);
}

/* Nobody has a count of them, so nobody misses them. */
static void cached_only_slots_do_not_hold(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 1);

	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

static void drop_takes_everything(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 3 * SLOTS, BITS);
	struct folio *counted = swaptbl_test_bound(test, dev, 3);
	struct folio *uncounted = swaptbl_test_bound(test, dev, 0);
	struct folio *large = swaptbl_test_bound(test, dev, SWAPTBL_CLUSTER_ORDER);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(counted, NULL,
							GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev,
						  swaptbl_test_offset(counted) + 2,
						  40));
	swaptbl_test_swapped(test, dev, 4, 9);
	folio_unlock(counted);
	folio_unlock(uncounted);
	folio_unlock(large);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
	/* No folio points to what is gone, and no reference stays behind. */
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(counted));
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(uncounted));
	KUNIT_EXPECT_EQ(test, folio_ref_count(counted), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(uncounted), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(large), 1);
}

static void exclusive_slots_pin(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	swp_entry_t entry[2];

	KUNIT_ASSERT_EQ(test, 0, swaptbl_alloc_exclusive(dev->type, &entry[0]));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_alloc_exclusive(dev->type, &entry[1]));
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry[0]), 0);
	/* One is enough, and a failed free takes nothing off. */
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry[0]), -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true),
			-EBUSY);
	expect_works(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry[1]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, true), 0);
}

/* Entries of the first device say nothing to the second of its number. */
static void number_is_reused(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned int type = dev->type;
	swp_entry_t old;

	old = swp_entry(type, swaptbl_test_swapped(test, dev, 0, 2));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_device_destroy(test, dev, true));
	KUNIT_EXPECT_EQ(test, swaptbl_device_destroy(type, true), -ENODEV);
	KUNIT_EXPECT_EQ(test, swaptbl_device_destroy(UINT_MAX, true), -ENODEV);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(old, 1), -ENODEV);
	dev = swaptbl_test_device(test, SLOTS, BITS);
	KUNIT_EXPECT_EQ(test, dev->type, type);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(old, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_entries_direct(old, 1, GFP_KERNEL),
			-ENOENT);
	swaptbl_expect_verified(test, dev);
}

/**
 * struct removal - a device that goes, and who comes in between
 * @dev: the device
 * @folio: of the other actor
 * @entry: of the other actor
 * @offset: a swapped slot
 * @err: of what the actor did
 */
struct removal {
	struct swaptbl_device *dev;
	struct folio *folio;
	swp_entry_t entry;
	unsigned long offset;
	int err;
};

static int remove_at(struct kunit *test, struct removal *removal, bool drop,
		     enum swaptbl_sync_point point, void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor,
		.arg = removal,
	};
	int err;

	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_test_device_destroy(test, removal->dev, drop);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.passed, 1);
	return err;
}

static void actor_alloc(void *arg)
{
	struct removal *removal = arg;

	removal->err = swaptbl_folio_alloc_swap(removal->folio);
}

/* Were the removal to look at the folio, it would wait for its lock. */
static void actor_alloc_unlocked(void *arg)
{
	struct removal *removal = arg;

	actor_alloc(arg);
	folio_unlock(removal->folio);
}

static void actor_alloc_counted(void *arg)
{
	struct removal *removal = arg;

	actor_alloc(arg);
	removal->err = removal->err ?: swaptbl_folio_dup_swap(removal->folio,
							      NULL, GFP_KERNEL);
	folio_unlock(removal->folio);
}

static void actor_alloc_exclusive(void *arg)
{
	struct removal *removal = arg;

	removal->err = swaptbl_alloc_exclusive(removal->dev->type,
					       &removal->entry);
}

static void actor_dup(void *arg)
{
	struct removal *removal = arg;

	removal->err = swaptbl_dup_entries_direct(removal->entry, 1, GFP_KERNEL);
}

/* It was idle when looked at, and is not any more: what came in stays. */
static void checked_then_counted(struct kunit *test)
{
	struct removal removal = {};

	removal.dev = swaptbl_test_device(test, SLOTS, BITS);
	removal.folio = swaptbl_test_folio(test, 2);
	KUNIT_ASSERT_EQ(test, remove_at(test, &removal, false,
					SWAPTBL_DESTROY_CHECKED,
					actor_alloc_counted),
			-EBUSY);
	folio_lock(removal.folio);
	KUNIT_EXPECT_EQ(test, removal.err, 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(removal.folio));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&removal.dev->nr_used), 4);
	expect_works(test, removal.dev);
	/* A device that came back can go again. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(removal.folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_free_swap(removal.folio), 0);
	KUNIT_EXPECT_EQ(test,
			swaptbl_test_device_destroy(test, removal.dev, false), 0);
}

static void checked_then_allocated(struct kunit *test)
{
	struct removal removal = {};

	removal.dev = swaptbl_test_device(test, SLOTS, BITS);
	removal.folio = swaptbl_test_folio(test, 2);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, false,
					SWAPTBL_DESTROY_CHECKED,
					actor_alloc_unlocked), 0);
	KUNIT_EXPECT_EQ(test, removal.err, 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(removal.folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(removal.folio), 1);
}

static void checked_then_pinned(struct kunit *test)
{
	struct removal removal = {};

	removal.dev = swaptbl_test_device(test, SLOTS, BITS);
	swaptbl_test_swapped(test, removal.dev, 0, 3);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, true,
					SWAPTBL_DESTROY_CHECKED,
					actor_alloc_exclusive), -EBUSY);
	KUNIT_EXPECT_EQ(test, removal.err, 0);
	/* Nothing was dropped. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&removal.dev->nr_used), 2);
	expect_works(test, removal.dev);
	KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(removal.entry), 0);
	KUNIT_EXPECT_EQ(test,
			swaptbl_test_device_destroy(test, removal.dev, true), 0);
}

/* The count that came in between is dropped with the others. */
static void checked_then_dupped(struct kunit *test)
{
	struct removal removal = {};

	removal.dev = swaptbl_test_device(test, SLOTS, BITS);
	removal.offset = swaptbl_test_swapped(test, removal.dev, 0, 1);
	removal.entry = swp_entry(removal.dev->type, removal.offset);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, true,
					SWAPTBL_DESTROY_CHECKED, actor_dup), 0);
	KUNIT_EXPECT_EQ(test, removal.err, 0);
}

static void killed_refuses_allocation(struct kunit *test)
{
	struct removal removal = {};

	removal.dev = swaptbl_test_device(test, SLOTS, BITS);
	removal.folio = swaptbl_test_folio(test, 0);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, false,
					SWAPTBL_DESTROY_KILLED, actor_alloc), 0);
	KUNIT_EXPECT_EQ(test, removal.err, -ENODEV);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(removal.folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(removal.folio), 1);
}

static void actor_alloc_on(void *arg)
{
	struct removal *removal = arg;

	removal->err = swaptbl_folio_alloc_swap_on(removal->dev, removal->folio);
}

/* Also for those who have found the device before. */
static void killed_refuses_allocation_on_it(struct kunit *test)
{
	struct removal removal = {};

	removal.dev = swaptbl_test_device(test, SLOTS, BITS);
	removal.folio = swaptbl_test_folio(test, 0);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, false,
					SWAPTBL_DESTROY_KILLED, actor_alloc_on),
			0);
	KUNIT_EXPECT_EQ(test, removal.err, -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(removal.folio));
}

static void killed_refuses_pin(struct kunit *test)
{
	struct removal removal = {};

	removal.dev = swaptbl_test_device(test, SLOTS, BITS);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, false,
					SWAPTBL_DESTROY_KILLED,
					actor_alloc_exclusive), 0);
	KUNIT_EXPECT_EQ(test, removal.err, -ESHUTDOWN);
}

/* The drop takes what nobody could put any more. */
static void actor_put(void *arg)
{
	struct removal *removal = arg;

	removal->err = swaptbl_put_entries_direct(removal->entry, 1);
}

static void actor_swapin(void *arg)
{
	struct removal *removal = arg;

	removal->err = PTR_ERR_OR_ZERO(swaptbl_swapin(removal->entry, 1,
						      GFP_KERNEL));
}

static void actor_evict(void *arg)
{
	struct removal *removal = arg;

	folio_lock(removal->folio);
	removal->err = swaptbl_folio_evict(removal->folio);
	folio_unlock(removal->folio);
}

static void (* const killed_actors[])(void *arg) = {
	actor_dup, actor_put, actor_swapin, actor_evict,
};

static void killed_refuses_users(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(killed_actors); i++) {
		struct removal removal = {};

		removal.dev = swaptbl_test_device(test, SLOTS, BITS);
		removal.offset = swaptbl_test_evicted(test, removal.dev, 0, 1);
		removal.entry = swp_entry(removal.dev->type, removal.offset);
		removal.folio = swaptbl_test_bound(test, removal.dev, 1);
		folio_unlock(removal.folio);
		KUNIT_EXPECT_EQ(test, remove_at(test, &removal, true,
						SWAPTBL_DESTROY_KILLED,
						killed_actors[i]), 0);
		KUNIT_EXPECT_EQ(test, removal.err, -ESHUTDOWN);
		KUNIT_EXPECT_EQ(test, folio_ref_count(removal.folio), 1);
	}
}

/* The other device takes what the one that goes would have got. */
static void killed_spills(struct kunit *test)
{
	struct swaptbl_device *other = swaptbl_test_device_prio(test, SLOTS, -5);
	struct removal removal = {};

	removal.dev = swaptbl_test_device_prio(test, SLOTS, 5);
	removal.folio = swaptbl_test_folio(test, 0);
	KUNIT_EXPECT_EQ(test, remove_at(test, &removal, false,
					SWAPTBL_DESTROY_KILLED, actor_alloc), 0);
	KUNIT_EXPECT_EQ(test, removal.err, 0);
	KUNIT_EXPECT_EQ(test, swp_type(removal.folio->swap), other->type);
	swaptbl_expect_verified(test, other);
}

static struct kunit_case swaptbl_destroy_cases[] = {
	KUNIT_CASE(used_slots_hold),
	KUNIT_CASE(cached_only_slots_do_not_hold),
	KUNIT_CASE(drop_takes_everything),
	KUNIT_CASE(exclusive_slots_pin),
	KUNIT_CASE(number_is_reused),
	KUNIT_CASE(checked_then_counted),
	KUNIT_CASE(checked_then_allocated),
	KUNIT_CASE(checked_then_pinned),
	KUNIT_CASE(checked_then_dupped),
	KUNIT_CASE(killed_refuses_allocation),
	KUNIT_CASE(killed_refuses_allocation_on_it),
	KUNIT_CASE(killed_refuses_pin),
	KUNIT_CASE(killed_refuses_users),
	KUNIT_CASE(killed_spills),
	{}
};

static struct kunit_suite swaptbl_destroy_suite = {
	.name = "swaptbl_destroy",
	.test_cases = swaptbl_destroy_cases,
};

kunit_test_suite(swaptbl_destroy_suite);
