// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the table as the swap cache: one folio in the place of another.
 * swaptbl/cache.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

static const unsigned int orders[] = { 0, 2, SWAPTBL_CLUSTER_ORDER };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

/* A folio with data that is bound to no slot. */
static struct folio *make_new(struct kunit *test, unsigned int order)
{
	struct folio *folio = swaptbl_test_folio(test, order);

	folio_mark_uptodate(folio);
	return folio;
}

static void expect_names(struct kunit *test, struct swaptbl_device *dev,
			 unsigned long offset, struct folio *folio)
{
	unsigned int i;

	for (i = 0; i < folio_nr_pages(folio); i++) {
		unsigned long word = swaptbl_test_word(dev, offset + i);

		KUNIT_ASSERT_TRUE(test, swaptbl_entry_is_cached(word));
		KUNIT_EXPECT_PTR_EQ(test, swaptbl_entry_to_folio(word), folio);
	}
}

static void replace_takes_over(struct kunit *test)
{
	unsigned int order = *(const unsigned int *)test->param_value;
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *old = swaptbl_test_folio(test, order);
	struct folio *new = make_new(test, order);
	unsigned long offset, last = BIT(order) - 1;
	unsigned int group;

	group = swaptbl_test_charge(test, old, 0);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, old));
	swaptbl_folio_set(old, SWAPTBL_FOLIO_WORKINGSET);
	offset = swaptbl_test_offset(old);
	/* The last slot overflows, the others have no count. */
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(old, folio_page(old, last),
							GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + last, 6));
	KUNIT_EXPECT_EQ(test, swaptbl_cache_replace_folio(old, new), 0);
	expect_names(test, dev, offset, new);
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(new), offset);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_group(new), group);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_test(new,
						   SWAPTBL_FOLIO_WORKINGSET));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(new));
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(old));
	KUNIT_EXPECT_EQ(test, folio_ref_count(old), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(new), 2 + last);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + last), 7);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED), 1 + last);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), last);
	swaptbl_expect_verified(test, dev);
}

/* What the store has already need not be written again. */
static void replace_keeps_clean(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *old = swaptbl_test_bound(test, dev, 1);
	struct folio *new = make_new(test, 1);

	folio_clear_dirty(old);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_replace_folio(old, new), 0);
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(new));
	swaptbl_expect_verified(test, dev);
}

/**
 * struct refusal - why a folio does not take the place of another
 * @name: of the case
 * @order: of the new folio
 * @err: what is said
 */
struct refusal {
	const char *name;
	unsigned int order;
	int err;
};

static const struct refusal refusals[] = {
	{ "old unlocked", 1, -EINVAL },
	{ "new unlocked", 1, -EINVAL },
	{ "old unbound", 1, -EINVAL },
	{ "new without data", 1, -EINVAL },
	{ "larger", 2, -ERANGE },
	{ "smaller", 0, -ERANGE },
	{ "new bound", 1, -EEXIST },
};

static void refusal_desc(const struct refusal *refusal, char *desc)
{
	strscpy(desc, refusal->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusal, refusals, refusal_desc);

static void stand_in_the_way(struct kunit *test, struct swaptbl_device *dev,
			     struct folio *old, struct folio *new)
{
	const struct refusal *refusal = test->param_value;

	if (refusal == &refusals[0])
		folio_unlock(old);
	else if (refusal == &refusals[1])
		folio_unlock(new);
	else if (refusal == &refusals[2])
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_unbind(old));
	else if (refusal == &refusals[3])
		folio_clear_uptodate(new);
	else if (refusal == &refusals[6])
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, new));
}

static void replace_refused(struct kunit *test)
{
	const struct refusal *refusal = test->param_value;
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *old = swaptbl_test_bound(test, dev, 1);
	struct folio *new = make_new(test, refusal->order);
	struct swaptbl_test_snapshot *before;

	stand_in_the_way(test, dev, old, new);
	before = swaptbl_test_snapshot(test, dev, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_replace_folio(old, new),
			refusal->err);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, 1, before));
	if (refusal != &refusals[2])
		KUNIT_EXPECT_EQ(test, folio_ref_count(old), 3);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_cache_replace_cases[] = {
	KUNIT_CASE_PARAM(replace_takes_over, order_gen_params),
	KUNIT_CASE(replace_keeps_clean),
	KUNIT_CASE_PARAM(replace_refused, refusal_gen_params),
	{}
};

static struct kunit_suite swaptbl_cache_replace_suite = {
	.name = "swaptbl_cache_replace",
	.test_cases = swaptbl_cache_replace_cases,
};

kunit_test_suite(swaptbl_cache_replace_suite);
