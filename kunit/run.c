// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the search for free runs, against one that looks at each bit: swaptbl/run.c.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>

#include "../swaptbl/run.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS

static bool is_free(const unsigned long *used, unsigned int slot, unsigned int nr)
{
	while (nr && !test_bit(slot + nr - 1, used))
		nr--;
	return !nr;
}

/* The first aligned run from @from on, or else the first at all. */
static unsigned int model_find(const unsigned long *used, unsigned int order,
			       unsigned int from)
{
	unsigned int slot, first = SWAPTBL_NO_RUN, nr = BIT(order);

	for (slot = 0; slot < SLOTS; slot += nr) {
		if (!is_free(used, slot, nr))
			continue;
		if (slot >= from)
			return slot;
		if (first == SWAPTBL_NO_RUN)
			first = slot;
	}
	return first;
}

static void expect_same(struct kunit *test, const unsigned long *used, unsigned int from)
{
	unsigned int order;

	for (order = 0; order <= SWAPTBL_CLUSTER_ORDER; order++)
		KUNIT_EXPECT_EQ_MSG(test, swaptbl_run_find(used, order, from),
				    model_find(used, order, from), "order %u from %u",
				    order, from);
}

/* Each slot is the only used one once, and the only free one once. */
static void run_around_one_slot(struct kunit *test)
{
	DECLARE_BITMAP(used, SLOTS);
	unsigned int slot;

	for (slot = 0; slot < SLOTS; slot++) {
		bitmap_zero(used, SLOTS);
		__set_bit(slot, used);
		expect_same(test, used, 0);
		expect_same(test, used, slot);
		bitmap_complement(used, used, SLOTS);
		expect_same(test, used, slot);
		expect_same(test, used, SLOTS - 1 - slot);
	}
}

/* For each order the one run there is, wherever it is and wherever the search begins. */
static void run_is_the_only_one(struct kunit *test)
{
	DECLARE_BITMAP(used, SLOTS);
	unsigned int order, slot;

	for (order = 0; order <= SWAPTBL_CLUSTER_ORDER; order++) {
		for (slot = 0; slot < SLOTS; slot += BIT(order)) {
			bitmap_fill(used, SLOTS);
			bitmap_clear(used, slot, BIT(order));
			expect_same(test, used, 0);
			expect_same(test, used, slot);
			expect_same(test, used, (slot + 1) % SLOTS);
			/* As long, but not aligned. */
			__set_bit(slot, used);
			__clear_bit((slot + BIT(order)) % SLOTS, used);
			expect_same(test, used, slot);
		}
	}
}

/* From nearly empty to nearly full. */
static void run_of_random_map(struct kunit *test)
{
	DECLARE_BITMAP(used, SLOTS);
	struct rnd_state rnd;
	unsigned int i, k;

	swaptbl_test_random(test, &rnd);
	for (i = 0; i < 200; i++) {
		bitmap_zero(used, SLOTS);
		for (k = swaptbl_test_below(&rnd, 5 * i + 1); k; k--)
			__set_bit(swaptbl_test_below(&rnd, SLOTS), used);
		for (k = 0; k < 20; k++)
			expect_same(test, used, swaptbl_test_below(&rnd, SLOTS));
	}
}

static struct kunit_case swaptbl_run_cases[] = {
	KUNIT_CASE(run_around_one_slot),
	KUNIT_CASE(run_is_the_only_one),
	KUNIT_CASE(run_of_random_map),
	{}
};

static struct kunit_suite swaptbl_run_suite = {
	.name = "swaptbl_run",
	.test_cases = swaptbl_run_cases,
};

kunit_test_suite(swaptbl_run_suite);
