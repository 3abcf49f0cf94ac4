// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the overflow store: swaptbl/overflow.c alone, and its memory as the
 * counts of a cluster grow and shrink.
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/slab.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/overflow.h"
#include "../swaptbl/stats.h"
#include "util.h"

static void cells_free(void *ctx)
{
	struct swaptbl_overflow *ovf = ctx;

	kfree(ovf->cells);
}

static struct swaptbl_overflow *store(struct kunit *test)
{
	struct swaptbl_overflow *ovf;

	ovf = kunit_kzalloc(test, sizeof(*ovf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ovf);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, cells_free, ovf));
	return ovf;
}

static void grow(struct kunit *test, struct swaptbl_overflow *ovf,
		 unsigned int nr)
{
	size_t size = swaptbl_overflow_size_for(ovf, nr);
	void *cells = swaptbl_overflow_alloc(size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cells);
	kfree(swaptbl_overflow_attach(ovf, cells, size));
	KUNIT_ASSERT_EQ(test, swaptbl_overflow_size(ovf), size);
	KUNIT_ASSERT_GE(test, swaptbl_overflow_room(ovf), nr);
}

static void set(struct kunit *test, struct swaptbl_overflow *ovf,
		unsigned int slot, u32 units)
{
	if (units && !swaptbl_overflow_get(ovf, slot) &&
	    !swaptbl_overflow_room(ovf))
		grow(test, ovf, 1);
	swaptbl_overflow_set(ovf, slot, units);
}

/* What holds whatever has happened. */
static void expect_store(struct kunit *test, const struct swaptbl_overflow *ovf,
			 const u32 *model)
{
	unsigned int slot, nr = 0;

	for (slot = 0; slot < SWAPTBL_CLUSTER_SLOTS; slot++) {
		KUNIT_ASSERT_EQ(test, swaptbl_overflow_get(ovf, slot),
				model[slot]);
		nr += !!model[slot];
	}
	KUNIT_ASSERT_EQ(test, ovf->nr, nr);
	KUNIT_ASSERT_EQ(test, !ovf->cells, !nr);
	KUNIT_ASSERT_EQ(test, !swaptbl_overflow_size(ovf), !nr);
	if (!nr)
		KUNIT_ASSERT_FALSE(test, ovf->dense);
}

static u32 *model_alloc(struct kunit *test)
{
	u32 *model = kunit_kcalloc(test, SWAPTBL_CLUSTER_SLOTS, sizeof(*model),
				   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, model);
	return model;
}

static void store_empty(struct kunit *test)
{
	struct swaptbl_overflow *ovf = store(test);

	expect_store(test, ovf, model_alloc(test));
	KUNIT_EXPECT_EQ(test, swaptbl_overflow_room(ovf), 0);
	/* Nothing to leave, nothing to give back. */
	swaptbl_overflow_set(ovf, 3, 0);
	swaptbl_overflow_trim(ovf);
	expect_store(test, ovf, model_alloc(test));
}

/* Entering in one order and leaving in another, through both forms. */
static void store_enters_and_leaves(struct kunit *test)
{
	struct swaptbl_overflow *ovf = store(test);
	u32 *model = model_alloc(test);
	unsigned int i, slot, nr = SWAPTBL_CLUSTER_SLOTS;

	for (i = 0; i < nr; i++) {
		slot = (i * 5 + 3) % nr;
		model[slot] = 1 + i;
		set(test, ovf, slot, model[slot]);
		KUNIT_EXPECT_EQ(test, ovf->dense, i >= SWAPTBL_OVERFLOW_SMALL);
		if (i < 20)
			expect_store(test, ovf, model);
	}
	expect_store(test, ovf, model);
	for (i = 0; i < nr; i++) {
		slot = (i * 7 + 1) % nr;
		model[slot] = 0;
		set(test, ovf, slot, 0);
		if (i + 20 > nr)
			expect_store(test, ovf, model);
	}
}

static void store_holds_largest_units(struct kunit *test)
{
	const unsigned int last = SWAPTBL_CLUSTER_SLOTS - 1;
	struct swaptbl_overflow *ovf = store(test);
	u32 *model = model_alloc(test);
	unsigned int i;

	model[0] = SWAPTBL_OVERFLOW_UNITS_MAX;
	model[last] = SWAPTBL_OVERFLOW_UNITS_MAX;
	set(test, ovf, 0, model[0]);
	set(test, ovf, last, model[last]);
	expect_store(test, ovf, model);
	/* They survive the change to the dense form. */
	for (i = 1; i <= SWAPTBL_OVERFLOW_SMALL; i++) {
		model[i] = i;
		set(test, ovf, i, i);
	}
	KUNIT_EXPECT_TRUE(test, ovf->dense);
	expect_store(test, ovf, model);
}

/* Memory for a store that has grown meanwhile comes back untouched. */
static void store_refuses_smaller_memory(struct kunit *test)
{
	struct swaptbl_overflow *ovf = store(test);
	size_t small = swaptbl_overflow_size_for(ovf, 1);
	u32 *model = model_alloc(test);
	void *late;

	late = kunit_kzalloc(test, small, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, late);
	model[7] = 5;
	set(test, ovf, 7, 5);
	KUNIT_EXPECT_PTR_EQ(test, swaptbl_overflow_attach(ovf, late, small),
			    late);
	expect_store(test, ovf, model);
	grow(test, ovf, SWAPTBL_OVERFLOW_SMALL);
	KUNIT_EXPECT_TRUE(test, ovf->dense);
	KUNIT_EXPECT_PTR_EQ(test, swaptbl_overflow_attach(ovf, late, small),
			    late);
	expect_store(test, ovf, model);
}

static void store_random_against_model(struct kunit *test)
{
	struct swaptbl_overflow *ovf = store(test);
	u32 *model = model_alloc(test);
	struct rnd_state rnd;
	unsigned int i, slot;

	swaptbl_test_random(test, &rnd);
	for (i = 0; i < (swaptbl_test_long ? 20000 : 1000); i++) {
		/* Few slots, so that the form changes back and forth. */
		slot = swaptbl_test_below(&rnd, 12) * 37 % SWAPTBL_CLUSTER_SLOTS;
		model[slot] = swaptbl_test_below(&rnd, 3);
		if (!swaptbl_test_below(&rnd, 40))
			memset(model, 0, SWAPTBL_CLUSTER_SLOTS * sizeof(*model));
		for (slot = 0; slot < SWAPTBL_CLUSTER_SLOTS; slot++)
			if (swaptbl_overflow_get(ovf, slot) != model[slot])
				set(test, ovf, slot, model[slot]);
		expect_store(test, ovf, model);
	}
}

/* A cluster of slots at the border; slot 0 of a device is bad, so not the first. */
static unsigned long border_cluster(struct kunit *test,
				    struct swaptbl_device **dev)
{
	*dev = swaptbl_test_device(test, 2 * SWAPTBL_CLUSTER_SLOTS,
				   SWAPTBL_COUNT_BITS_MIN);
	return swaptbl_test_swapped(test, *dev, SWAPTBL_CLUSTER_ORDER,
				    (*dev)->count_max);
}

static void expect_memory(struct kunit *test, struct swaptbl_device *dev,
			  unsigned long offset, unsigned int nr, size_t size)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	size_t says = swaptbl_overflow_size(&ci->overflow);
	size_t takes = ksize(ci->overflow.cells);
	unsigned int has = ci->overflow.nr;

	swaptbl_cluster_unlock(ci);
	KUNIT_EXPECT_EQ(test, has, nr);
	KUNIT_EXPECT_EQ(test, says, size);
	KUNIT_EXPECT_GE(test, takes, says);
	/* The allocator rounds up to its next size at most. */
	KUNIT_EXPECT_LE(test, takes, roundup_pow_of_two(max_t(size_t, size, 64)));
	kunit_info(test, "%u of %u slots in overflow: %zu bytes, %zu with slack",
		   nr, SWAPTBL_CLUSTER_SLOTS, says, takes);
}

static void memory_by_overflowed_slots(struct kunit *test)
{
	const size_t small = SWAPTBL_OVERFLOW_SMALL * sizeof(u32);
	const size_t dense = SWAPTBL_CLUSTER_SLOTS * sizeof(u32);
	struct swaptbl_device *dev;
	unsigned long offset = border_cluster(test, &dev);
	unsigned int i, nr = SWAPTBL_CLUSTER_SLOTS;

	for (i = 0; i < nr; i++) {
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + i, 1));
		if (i == 0 || i == 7)
			expect_memory(test, dev, offset, i + 1, small);
		if (i == 8 || i == nr - 1)
			expect_memory(test, dev, offset, i + 1, dense);
	}
	swaptbl_expect_verified(test, dev);
	/* One slot does not pay for the whole cluster. */
	KUNIT_EXPECT_LE(test, small, 64);
	KUNIT_EXPECT_EQ(test,
			swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_ALLOC), 2);
}

static void memory_goes_with_last_slot(struct kunit *test)
{
	struct swaptbl_device *dev;
	unsigned long offset = border_cluster(test, &dev);
	const struct swaptbl_overflow *ovf =
		&swaptbl_cluster_lookup(dev, offset)->overflow;
	unsigned int i, nr = 20;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + i, 1));
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_NOT_NULL(test, ovf->cells);
		/* To 0: the slot leaves the store and is freed. */
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_put(dev, offset + i, 2));
		swaptbl_expect_verified(test, dev);
	}
	KUNIT_EXPECT_NULL(test, ovf->cells);
	KUNIT_EXPECT_EQ(test, swaptbl_overflow_size(ovf), 0);
	KUNIT_EXPECT_EQ(test,
			swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_LEAVE), nr);
}

static struct kunit_case swaptbl_overflow_cases[] = {
	KUNIT_CASE(store_empty),
	KUNIT_CASE(store_enters_and_leaves),
	KUNIT_CASE(store_holds_largest_units),
	KUNIT_CASE(store_refuses_smaller_memory),
	KUNIT_CASE(store_random_against_model),
	KUNIT_CASE(memory_by_overflowed_slots),
	KUNIT_CASE(memory_goes_with_last_slot),
	{}
};

static struct kunit_suite swaptbl_overflow_suite = {
	.name = "swaptbl_overflow",
	.test_cases = swaptbl_overflow_cases,
};

kunit_test_suite(swaptbl_overflow_suite);
