// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the way to slots without list, lock or reference: who takes it, and who falls
 * back. swaptbl_alloc_slots_first(). Which device is the first is in first_device.c.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/pagemap.h>
#include <linux/workqueue.h>

#include "../swaptbl/alloc.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "first.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define PRIO	SWAPTBL_FIRST_PRIO
#define NONE	SWAPTBL_FIRST_NONE

static unsigned int other_cpu(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "only one CPU");
	return cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
}

/* What got no slots is as it was. */
static void expect_untouched(struct kunit *test, const struct folio *folio)
{
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

/*
 * While nobody gets a reference to @dev nor memory: then there is one way to slots only. The
 * reference of our own keeps the other from zero, so that it can be revived.
 */
static int alloc_without(struct kunit *test, struct swaptbl_device *dev,
			 struct folio *folio)
{
	struct swaptbl_test_hooks hooks = { .fail_from = 1 };
	int err;

	KUNIT_ASSERT_PTR_EQ(test, swaptbl_device_get(dev->type), dev);
	percpu_ref_kill(&dev->ref);
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_folio_alloc_swap(folio);
	swaptbl_test_hooks_end(&hooks);
	percpu_ref_resurrect(&dev->ref);
	swaptbl_device_put(dev);
	KUNIT_EXPECT_EQ(test, hooks.allocs, 0);
	return err;
}

static const unsigned int orders[] = {
	0, 4, SWAPTBL_CLUSTER_ORDER - 1, SWAPTBL_CLUSTER_ORDER,
};

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static unsigned int order_of(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

/* Return: the first slot behind those of @folio. */
static unsigned long take(struct kunit *test, struct swaptbl_device *dev,
			  struct folio *folio, unsigned long next)
{
	int err = alloc_without(test, dev, folio);

	/* At the end of a cluster, and before the first one, there is no hint. */
	if (swaptbl_slot(next)) {
		KUNIT_EXPECT_EQ(test, err, 0);
		KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), next);
	} else {
		KUNIT_EXPECT_EQ(test, err, -ENODEV);
		KUNIT_ASSERT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	}
	return swaptbl_test_offset(folio) + folio_nr_pages(folio);
}

static void neighbours_need_no_reference(struct kunit *test)
{
	unsigned int i, order = order_of(test);
	long pages = 4 << order;
	struct swaptbl_device *dev;
	unsigned long next = 0;

	swaptbl_first_skip_unless_none(test);
	dev = swaptbl_first_device(test, 8, PRIO);
	for (i = 0; i < 4; i++)
		next = take(test, dev, swaptbl_test_folio(test, order), next);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_ALLOC), pages);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHE_ADD), pages);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), pages);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_STEAL), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), pages);
	swaptbl_first_expect_failures(test, dev, 0, 0, 0);
	swaptbl_expect_verified(test, dev);
}

/* The folio is made what it would be made on any other way. */
static void folio_is_as_ever(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO);
	struct folio *folio = swaptbl_test_folio(test, 4);
	unsigned int i, group = swaptbl_test_charge(test, folio, 0);
	unsigned long offset;

	swaptbl_first_hint(test, dev, 4);
	for (i = SWAPTBL_FOLIO_FAILED; i <= SWAPTBL_FOLIO_ACTIVE; i++)
		swaptbl_folio_set(folio, i);
	KUNIT_ASSERT_EQ(test, alloc_without(test, dev, folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_flags(folio),
			BIT(SWAPTBL_FOLIO_WORKINGSET) | BIT(SWAPTBL_FOLIO_ACTIVE));
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), group);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 17);
	offset = swaptbl_test_offset(folio);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset + i),
				swaptbl_folio_to_entry(folio));
	swaptbl_expect_verified(test, dev);
}

static void orders_have_hints_of_their_own(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 4, PRIO);
	struct folio *small = swaptbl_test_folio(test, 0);
	struct folio *middle = swaptbl_test_folio(test, 2);
	struct folio *large = swaptbl_test_folio(test, 4);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);
	struct folio *other;

	KUNIT_EXPECT_FALSE(test, swaptbl_alloc_slots_first(large));
	other = swaptbl_first_hint(test, dev, 4);
	KUNIT_EXPECT_FALSE(test, swaptbl_alloc_slots_first(middle));
	KUNIT_EXPECT_TRUE(test, swaptbl_alloc_slots_first(small));
	KUNIT_EXPECT_TRUE(test, swaptbl_alloc_slots_first(large));
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(small), offset + 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(large),
			swaptbl_test_offset(other) + 16);
	expect_untouched(test, middle);
	swaptbl_first_expect_failures(test, dev, 0, 0, 0);
	swaptbl_expect_verified(test, dev);
}

static void exclusive_slots_leave_hint(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO);
	struct folio *folio = swaptbl_test_folio(test, 0);
	swp_entry_t entry;

	KUNIT_ASSERT_EQ(test, swaptbl_alloc_exclusive(dev->type, &entry), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_alloc_slots_first(folio));
	KUNIT_EXPECT_EQ(test, folio->swap.val, entry.val + 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_ALLOC), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_ALLOC_EXCLUSIVE), 1);
	swaptbl_expect_verified(test, dev);
}

static long first_here(void *folio)
{
	return swaptbl_alloc_slots_first(folio);
}

static long alloc_here(void *folio)
{
	return swaptbl_folio_alloc_swap(folio);
}

static void cpus_have_hints_of_their_own(struct kunit *test)
{
	unsigned int cpu = other_cpu(test);
	struct swaptbl_device *dev = swaptbl_first_device(test, 4, PRIO);
	struct folio *folio = swaptbl_test_folio(test, 0);
	struct folio *theirs = swaptbl_test_folio(test, 0);
	unsigned long offset;

	swaptbl_first_hint(test, dev, 0);
	KUNIT_EXPECT_EQ(test, work_on_cpu(cpu, first_here, folio), false);
	KUNIT_ASSERT_EQ(test, work_on_cpu(cpu, alloc_here, theirs), 0);
	offset = swaptbl_test_offset(theirs);
	KUNIT_EXPECT_EQ(test, work_on_cpu(cpu, first_here, folio), true);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset + 1);
	swaptbl_first_expect(test, dev);
	swaptbl_test_folio_free(test, folio);
}

static void fill(struct kunit *test, struct swaptbl_device *dev)
{
	struct folio *folio = swaptbl_test_folio(test, 0);

	while (swaptbl_test_swap_out(dev, folio) > 0)
		;
	swaptbl_test_folio_free(test, folio);
}

/* Order 0 took the rest of the cluster; there is room in the other one only. */
static void hint_of_full_cluster(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO);
	struct folio *folio = swaptbl_test_folio(test, 4);
	unsigned long full = swaptbl_test_swapped(test, dev, 4, 1);
	unsigned long offset;

	fill(test, dev);
	for (offset = 1; offset < dev->nr_slots; offset++)
		if (swaptbl_cluster_index(offset) != swaptbl_cluster_index(full))
			swaptbl_test_put(dev, offset, 1);
	KUNIT_EXPECT_FALSE(test, swaptbl_alloc_slots_first(folio));
	expect_untouched(test, folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_EXPECT_NE(test, swaptbl_cluster_index(swaptbl_test_offset(folio)),
			swaptbl_cluster_index(full));
	/* From filling it. */
	swaptbl_first_expect_failures(test, dev, 1, 0, 0);
	swaptbl_expect_verified(test, dev);
}

/* .X.X.X.X: half of the cluster is free, and no run. */
static void hint_without_run(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 1, PRIO);
	struct folio *folio = swaptbl_test_folio(test, 4);
	unsigned long offset = swaptbl_test_swapped(test, dev, 4, 1);
	unsigned long slot;

	fill(test, dev);
	for (slot = offset + 16; slot < SLOTS; slot += 2)
		KUNIT_ASSERT_EQ(test, swaptbl_test_put(dev, slot, 1), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_alloc_slots_first(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -E2BIG);
	expect_untouched(test, folio);
	swaptbl_first_expect_failures(test, dev, 1, 1, 0);
	for (slot = SLOTS - 15; slot < SLOTS; slot += 2)
		KUNIT_ASSERT_EQ(test, swaptbl_test_put(dev, slot, 1), 0);
	/* The hint is gone, but not the run. */
	KUNIT_EXPECT_FALSE(test, swaptbl_alloc_slots_first(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), SLOTS - 16);
	swaptbl_first_expect_failures(test, dev, 1, 1, 0);
	swaptbl_expect_verified(test, dev);
}

/* The cluster was empty meanwhile, and serves another order: that is worth a search. */
static void hint_of_stolen_cluster(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 1, PRIO);
	struct folio *folio = swaptbl_test_bound(test, dev, 4);
	struct folio *other = swaptbl_test_folio(test, 4);

	KUNIT_ASSERT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_alloc_slots_first(other));
	KUNIT_ASSERT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_ASSERT_EQ(test, swaptbl_folio_free_swap(folio), 0);
	swaptbl_test_swapped(test, dev, 0, 1);
	KUNIT_EXPECT_FALSE(test, swaptbl_alloc_slots_first(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_STEAL), 1);
	/* Where it stole once there is a hint again. */
	KUNIT_EXPECT_TRUE(test, swaptbl_alloc_slots_first(other));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_STEAL), 1);
	swaptbl_expect_verified(test, dev);
}

/* Return: the device that it was on, or NONE. */
static unsigned int leave_swapped(struct folio *folio)
{
	unsigned int type = swaptbl_first_type(folio);

	if (type == NONE)
		return type;
	swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL);
	swaptbl_test_unbind(folio);
	return type;
}

/* The slot that ends a turn is within a cluster, where only a hint leads to it. */
static void turns_end_with_hint(struct kunit *test)
{
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned int i, left = SLOTS - 16 - 1, wrong = 0;
	struct swaptbl_device *dev[2];

	for (i = 0; i < 2; i++) {
		dev[i] = swaptbl_first_device(test, 4, PRIO);
		swaptbl_test_swapped(test, dev[i], 4, 1);
		swaptbl_test_swapped(test, dev[i], 0, 1);
	}
	/* Two of the next turn, which has begun anew. */
	for (i = 0; i < 2 * left + 2; i++) {
		wrong += !swaptbl_alloc_slots_first(folio);
		wrong += leave_swapped(folio) != dev[i / left % 2]->type;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev[0]->nr_used), SLOTS + 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev[1]->nr_used), SLOTS);
	swaptbl_expect_verified(test, dev[0]);
	swaptbl_expect_verified(test, dev[1]);
}

static unsigned int swap_out_on(unsigned int cpu, struct folio *folio)
{
	work_on_cpu(cpu, alloc_here, folio);
	return leave_swapped(folio);
}

/* What one CPU allocates is no part of another's turn. */
static void turns_are_per_cpu(struct kunit *test)
{
	unsigned int cpu = other_cpu(test), here = raw_smp_processor_id();
	struct folio *folio = swaptbl_test_folio(test, 4);
	struct swaptbl_device *dev[2];
	unsigned int i;

	dev[0] = swaptbl_first_device(test, 8, PRIO);
	dev[1] = swaptbl_first_device(test, 8, PRIO);
	for (i = 1; i < SLOTS / 16; i++) {
		KUNIT_EXPECT_EQ(test, swap_out_on(here, folio), dev[0]->type);
		KUNIT_EXPECT_EQ(test, swap_out_on(cpu, folio), dev[0]->type);
	}
	KUNIT_EXPECT_EQ(test, swap_out_on(cpu, folio), dev[0]->type);
	/* The other CPU's turn ends, and with it everybody's. */
	for (i = 0; i < SLOTS / 16; i++)
		KUNIT_EXPECT_EQ(test, swap_out_on(cpu, folio), dev[1]->type);
	/* Here there is one left of what was begun. */
	KUNIT_EXPECT_EQ(test, swap_out_on(here, folio), dev[0]->type);
	KUNIT_EXPECT_EQ(test, swap_out_on(here, folio), dev[1]->type);
}

/* All slots taken, one of them by a run of @order, to which there is a hint. */
static struct swaptbl_device *full(struct kunit *test, unsigned int order, int prio)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, prio);

	swaptbl_test_swapped(test, dev, order, 1);
	fill(test, dev);
	swaptbl_first_expect_failures(test, dev, 1, 0, 0);
	return dev;
}

/* A failed allocation is one failure of each device, whatever was tried. */
static void failures_count_once(struct kunit *test)
{
	struct swaptbl_device *high = full(test, order_of(test), PRIO + 1);
	struct swaptbl_device *low = full(test, order_of(test), PRIO);
	struct folio *folio = swaptbl_test_folio(test, order_of(test));
	bool run = order_of(test);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -ENOSPC);
	swaptbl_first_expect_failures(test, high, 2, 0, 0);
	swaptbl_first_expect_failures(test, low, 2, 0, 0);
	expect_untouched(test, folio);
	/* Slot 1 is never part of a run. */
	KUNIT_ASSERT_EQ(test, swaptbl_test_put(low, 1, 1), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), run ? -E2BIG : 0);
	swaptbl_first_expect_failures(test, high, 3, 0, 0);
	swaptbl_first_expect_failures(test, low, 2, run, 0);
	if (run)
		expect_untouched(test, folio);
	swaptbl_expect_verified(test, high);
	swaptbl_expect_verified(test, low);
}

/* No memory for the table of another cluster; where the hint leads it takes none. */
static void no_memory_counts_once(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_first_device(test, 2, PRIO);
	struct folio *large = swaptbl_test_folio(test, SWAPTBL_CLUSTER_ORDER);
	struct folio *small = swaptbl_test_folio(test, 0);
	struct swaptbl_test_hooks hooks = { .fail_from = 1 };
	int err_large, err_small;

	swaptbl_first_hint(test, dev, 0);
	swaptbl_test_hooks_begin(&hooks);
	err_large = swaptbl_folio_alloc_swap(large);
	err_small = swaptbl_folio_alloc_swap(small);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, err_large, -ENOMEM);
	KUNIT_EXPECT_EQ(test, err_small, 0);
	expect_untouched(test, large);
	swaptbl_first_expect_failures(test, dev, 0, 0, 1);
	swaptbl_expect_verified(test, dev);
}

/* With a hint at hand, what must not get slots gets none. */
static void refused_in_spite_of_hint(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct swaptbl_device *dev = swaptbl_first_device(test, 4, PRIO);
	struct folio *folio = swaptbl_first_hint(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);
	struct folio *unlocked = swaptbl_test_folio(test, order);

	folio_unlock(unlocked);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(unlocked), -EINVAL);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -EINVAL);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -EEXIST);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(folio), offset);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + BIT(order));
	expect_untouched(test, unlocked);
	if (SWAPTBL_CLUSTER_ORDER < MAX_PAGE_ORDER) {
		folio = swaptbl_test_folio(test, SWAPTBL_CLUSTER_ORDER + 1);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_alloc_swap(folio), -ERANGE);
		expect_untouched(test, folio);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_ALLOC), BIT(order));
	swaptbl_first_expect_failures(test, dev, 0, 0, 0);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_first_cases[] = {
	KUNIT_CASE_PARAM(neighbours_need_no_reference, order_gen_params),
	KUNIT_CASE(folio_is_as_ever),
	KUNIT_CASE(orders_have_hints_of_their_own),
	KUNIT_CASE(exclusive_slots_leave_hint),
	KUNIT_CASE(cpus_have_hints_of_their_own),
	KUNIT_CASE(hint_of_full_cluster),
	KUNIT_CASE(hint_without_run),
	KUNIT_CASE(hint_of_stolen_cluster),
	KUNIT_CASE(turns_end_with_hint),
	KUNIT_CASE(turns_are_per_cpu),
	KUNIT_CASE_PARAM(failures_count_once, order_gen_params),
	KUNIT_CASE(no_memory_counts_once),
	KUNIT_CASE_PARAM(refused_in_spite_of_hint, order_gen_params),
	{}
};

static struct kunit_suite swaptbl_first_suite = {
	.name = "swaptbl_first",
	.init = swaptbl_first_stay_here,
	.test_cases = swaptbl_first_cases,
};

kunit_test_suite(swaptbl_first_suite);
