// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of devices: sizes, numbers, priorities, entries, removal.
 * swaptbl/device.c, swaptbl/setup.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

static unsigned int nr_devices(void)
{
	struct swaptbl_device *dev;
	unsigned int type, nr = 0;

	for (type = 0; type < SWAPTBL_DEVICES_MAX; type++) {
		dev = swaptbl_device_get(type);
		if (IS_ERR(dev))
			continue;
		swaptbl_device_put(dev);
		nr++;
	}
	return nr;
}

static const unsigned long sizes[] = {
	SWAPTBL_SLOTS_MIN, SLOTS, SLOTS + 1, 3 * SLOTS, SWAPTBL_SLOTS_MAX,
};

static void size_desc(const unsigned long *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "slots=%lu", *size);
}

KUNIT_ARRAY_PARAM(size, sizes, size_desc);

static void size_accepted(struct kunit *test)
{
	unsigned long size = *(const unsigned long *)test->param_value;
	struct swaptbl_device *dev = swaptbl_test_device(test, size, BITS);

	KUNIT_EXPECT_EQ(test, dev->nr_slots, size);
	KUNIT_EXPECT_EQ(test, dev->nr_bad, 1);
	KUNIT_EXPECT_EQ(test, dev->nr_clusters, (size + SLOTS - 1) / SLOTS);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
	KUNIT_EXPECT_STREQ(test, swaptbl_device_state_name(dev), "live");
	swaptbl_expect_verified(test, dev);
	/* It holds a folio, gives it back, and goes. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_swapped(test, dev, 0, 3), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, 1, 3), 0);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device_destroy(test, dev, false), 0);
}

static void idle_metadata_is_small(struct kunit *test)
{
	struct swaptbl_device *dev;
	unsigned long tables, clusters;
	u64 bytes;

	dev = swaptbl_test_device(test, SWAPTBL_SLOTS_MAX, BITS);
	tables = swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES);
	clusters = swaptbl_stat_sum(dev, SWAPTBL_STAT_CLUSTERS);
	bytes = sizeof(*dev) + num_possible_cpus() * sizeof(*dev->pcpu) +
		(u64)dev->nr_clusters * sizeof(*dev->clusters) +
		clusters * sizeof(struct swaptbl_cluster) + tables * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, tables, 1);
	KUNIT_EXPECT_EQ(test, clusters, 1);
	/* 0.02 bytes per slot. */
	KUNIT_EXPECT_LE(test, 50 * bytes, (u64)dev->nr_slots);
	kunit_info(test, "%llu bytes for %lu idle slots", bytes, dev->nr_slots);
}

static void params_refused(struct kunit *test)
{
	static const struct swaptbl_params params[] = {
		{ .nr_slots = 0, .count_bits = BITS },
		{ .nr_slots = 1, .count_bits = BITS },
		{ .nr_slots = SWAPTBL_SLOTS_MAX + 1, .count_bits = BITS },
		{ .nr_slots = ULONG_MAX, .count_bits = BITS },
		{ .nr_slots = 8, .count_bits = 0 },
		{ .nr_slots = 8, .count_bits = SWAPTBL_COUNT_BITS_MIN - 1 },
		{ .nr_slots = 8, .count_bits = SWAPTBL_COUNT_BITS_MAX + 1 },
		{ .nr_slots = 8, .count_bits = UINT_MAX },
	};
	unsigned int i, nr = nr_devices();

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		const char *why = NULL;
		struct swaptbl_device *dev;

		dev = swaptbl_device_create(&params[i], &why);
		KUNIT_ASSERT_TRUE(test, IS_ERR(dev));
		KUNIT_EXPECT_EQ(test, PTR_ERR(dev), -ERANGE);
		KUNIT_EXPECT_NOT_NULL(test, why);
	}
	KUNIT_EXPECT_EQ(test, nr_devices(), nr);
}

static void width_sets_limits(struct kunit *test)
{
	unsigned int bits;

	for (bits = SWAPTBL_COUNT_BITS_MIN; bits <= SWAPTBL_COUNT_BITS_MAX;
	     bits++) {
		struct swaptbl_device *dev = swaptbl_test_device(test, 8, bits);

		KUNIT_EXPECT_EQ(test, dev->count_max, BIT(bits - 1) - 1);
		KUNIT_EXPECT_EQ(test, dev->count_carry, BIT(bits - 2));
		KUNIT_EXPECT_EQ(test, swaptbl_count_limit(dev),
				(unsigned long)dev->units_max * dev->count_carry +
				dev->count_max);
		KUNIT_ASSERT_EQ(test, 0,
				swaptbl_test_device_destroy(test, dev, false));
	}
}

static void numbers_run_out(struct kunit *test)
{
	const struct swaptbl_params params = { .nr_slots = 8, .count_bits = BITS };
	struct swaptbl_device *dev = NULL;
	unsigned int type, nr = nr_devices();
	const char *why = NULL;
	unsigned long seen = 0;

	for (; nr < SWAPTBL_DEVICES_MAX; nr++) {
		dev = swaptbl_test_device(test, 8, BITS);
		KUNIT_ASSERT_LT(test, dev->type, SWAPTBL_DEVICES_MAX);
		KUNIT_EXPECT_FALSE(test, seen & BIT(dev->type));
		seen |= BIT(dev->type);
	}
	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(swaptbl_device_create(&params, &why)),
			-EUSERS);
	KUNIT_EXPECT_NOT_NULL(test, why);
	/* A number that comes free serves again. */
	type = dev->type;
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_device_destroy(test, dev, false));
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(swaptbl_device_get(type)), -ENODEV);
	KUNIT_EXPECT_EQ(test, swaptbl_test_device(test, 8, BITS)->type, type);
	KUNIT_EXPECT_EQ(test, nr_devices(), SWAPTBL_DEVICES_MAX);
}

/* Header and tail are bad: two clusters and two tables at once. */
static int create_with(struct kunit *test, struct swaptbl_test_hooks *hooks)
{
	const struct swaptbl_params params = {
		.nr_slots = SLOTS + 1,
		.count_bits = BITS,
	};
	const char *why = NULL;
	struct swaptbl_device *dev;

	swaptbl_test_hooks_begin(hooks);
	dev = swaptbl_device_create(&params, &why);
	swaptbl_test_hooks_end(hooks);
	if (IS_ERR(dev)) {
		KUNIT_EXPECT_NOT_NULL(test, why);
		return PTR_ERR(dev);
	}
	swaptbl_expect_verified(test, dev);
	return swaptbl_device_destroy(dev->type, false);
}

static void create_every_allocation_fails(struct kunit *test)
{
	unsigned int k, nr = nr_devices();
	int err = -ENOMEM;

	for (k = 1; err && k < 20; k++) {
		struct swaptbl_test_hooks once = { .fail_at = k };
		struct swaptbl_test_hooks from = { .fail_from = k };

		err = create_with(test, &once);
		KUNIT_EXPECT_EQ(test, err, once.allocs >= k ? -ENOMEM : 0);
		KUNIT_EXPECT_EQ(test, create_with(test, &from), err);
		KUNIT_EXPECT_EQ(test, nr_devices(), nr);
	}
	/* Device, reference, per-CPU data, array, file, two clusters, two tables. */
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, k - 2, 9);
}

static unsigned int swap_out_anywhere(struct folio *folio)
{
	unsigned int type;

	if (swaptbl_folio_alloc_swap(folio))
		return SWAPTBL_DEVICES_MAX;
	type = swp_type(folio->swap);
	swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL);
	swaptbl_test_unbind(folio);
	return type;
}

static void higher_priority_first(struct kunit *test)
{
	struct swaptbl_device *low = swaptbl_test_device_prio(test, 8, -1);
	struct swaptbl_device *high = swaptbl_test_device_prio(test, 8, 5);
	struct swaptbl_device *mid = swaptbl_test_device_prio(test, 8, 3);
	const struct swaptbl_device *order[] = { high, mid, low };
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned int i;

	/* Seven usable slots each. */
	for (i = 0; i < 21; i++)
		KUNIT_EXPECT_EQ(test, swap_out_anywhere(folio),
				order[i / 7]->type);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -ENOSPC);
	/* Room where the priority is higher is used before all others. */
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(low, 3, 1));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(mid, 3, 1));
	KUNIT_EXPECT_EQ(test, swap_out_anywhere(folio), mid->type);
	KUNIT_EXPECT_EQ(test, swap_out_anywhere(folio), low->type);
}

static void errors_of_several_devices(struct kunit *test)
{
	struct swaptbl_device *high = swaptbl_test_device_prio(test, 8, 5);
	struct swaptbl_device *low = swaptbl_test_device_prio(test, 8, 1);
	struct folio *folio = swaptbl_test_folio(test, 0);
	struct folio *pair = swaptbl_test_folio(test, 1);
	unsigned int i;

	for (i = 0; i < 14; i++)
		swap_out_anywhere(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(pair), -ENOSPC);
	/* Splitting would help, on either of them. */
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(low, 4, 1));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(pair), -E2BIG);
	KUNIT_EXPECT_EQ(test, swap_out_anywhere(folio), low->type);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_put_entries(high, 4, 1));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(pair), -E2BIG);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(pair));
}

static void no_device_at_all(struct kunit *test)
{
	struct folio *folio = swaptbl_test_folio(test, 0);

	if (nr_devices())
		kunit_skip(test, "somebody has made a device");
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -ENODEV);
}

/* A cluster's worth of slots from each in turn. */
static void equals_take_turns(struct kunit *test)
{
	unsigned int first, type, i, wrong = 0;
	struct swaptbl_device *dev[2];
	struct folio *folio;

	dev[0] = swaptbl_test_device_prio(test, 4 * SLOTS, 7);
	dev[1] = swaptbl_test_device_prio(test, 4 * SLOTS, 7);
	folio = swaptbl_test_folio(test, 0);
	/* Each CPU counts for itself. */
	migrate_disable();
	first = swap_out_anywhere(folio);
	for (i = 1; i < 6 * SLOTS; i++) {
		type = swap_out_anywhere(folio);
		wrong += (type == first) != (i / SLOTS % 2 == 0);
	}
	migrate_enable();
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev[0]->nr_used), 3 * SLOTS);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev[1]->nr_used), 3 * SLOTS);
	swaptbl_expect_verified(test, dev[0]);
	swaptbl_expect_verified(test, dev[1]);
}

/* All ways in by entry refuse @entry with @err. */
static void expect_refused(struct kunit *test, swp_entry_t entry,
			   unsigned int nr, int err)
{
	struct swaptbl_device *dev = swaptbl_device_get_entry(entry, nr);

	/* A free slot is the caller's mistake; the device is there. */
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(dev), err == -ENOENT ? 0 : err);
	if (!IS_ERR(dev))
		swaptbl_device_put(dev);
	KUNIT_EXPECT_EQ(test, swaptbl_dup_entries_direct(entry, nr, GFP_KERNEL),
			err);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, nr), err);
	if (nr == 1)
		KUNIT_EXPECT_EQ(test, swaptbl_free_exclusive(entry), err);
}

static void impossible_entries_refused(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS + 9, BITS);
	unsigned int type = dev->type;
	const swp_entry_t last = swp_entry(type, SLOTS + 8);
	swp_entry_t none;

	expect_refused(test, swp_entry(type, SLOTS + 9), 1, -ERANGE);
	expect_refused(test, last, 2, -ERANGE);
	expect_refused(test, swp_entry(type, 1), UINT_MAX, -ERANGE);
	expect_refused(test, swp_entry(type, BIT(SWP_TYPE_SHIFT) - 1), 1, -ERANGE);
	expect_refused(test, swp_entry(type, 1), 0, -EINVAL);
	expect_refused(test, swp_entry(SWAPTBL_DEVICES_MAX - 1, 1), 1, -ENODEV);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(swaptbl_device_get(UINT_MAX)),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, swaptbl_alloc_exclusive(SWAPTBL_DEVICES_MAX, &none),
			-ENODEV);
	/* The last slot there is: valid, and free. */
	expect_refused(test, last, 1, -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CLUSTERS), 2);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_device_cases[] = {
	KUNIT_CASE_PARAM(size_accepted, size_gen_params),
	KUNIT_CASE(idle_metadata_is_small),
	KUNIT_CASE(params_refused),
	KUNIT_CASE(width_sets_limits),
	KUNIT_CASE(numbers_run_out),
	KUNIT_CASE(create_every_allocation_fails),
	KUNIT_CASE(higher_priority_first),
	KUNIT_CASE(errors_of_several_devices),
	KUNIT_CASE(no_device_at_all),
	KUNIT_CASE(equals_take_turns),
	KUNIT_CASE(impossible_entries_refused),
	{}
};

static struct kunit_suite swaptbl_device_suite = {
	.name = "swaptbl_device",
	.test_cases = swaptbl_device_cases,
};

kunit_test_suite(swaptbl_device_suite);
