// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what shadows tell: swaptbl/workingset.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "../swaptbl/workingset.h"
#include "lru_util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

static long total(struct swaptbl_device *dev, enum swaptbl_stat stat)
{
	return swaptbl_stat_sum(dev, stat);
}

static struct swaptbl_shadow shadow_of(struct swaptbl_device *dev,
				       unsigned long offset)
{
	struct swaptbl_shadow shadow;

	swaptbl_entry_to_shadow(swaptbl_test_word(dev, offset), &shadow);
	return shadow;
}

static unsigned long distance_of(struct swaptbl_device *dev,
				 unsigned long offset)
{
	struct swaptbl_shadow shadow = shadow_of(dev, offset);

	return swaptbl_workingset_distance(dev, &shadow);
}

/* One page at a time leaves, @nr in all. */
static void evict_pages(struct kunit *test, struct swaptbl_device *dev,
			unsigned int nr)
{
	while (nr--)
		swaptbl_test_evicted(test, dev, 0, nr);
}

/* The flags that a folio has when it comes back; it leaves its lock behind. */
static unsigned long back(struct kunit *test, struct swaptbl_device *dev,
			  unsigned long offset, unsigned int order)
{
	struct folio *folio = swaptbl_swapin(swp_entry(dev->type, offset),
					     BIT(order), GFP_KERNEL);
	unsigned long flags;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	flags = swaptbl_folio_flags(folio) & SWAPTBL_FOLIO_USE_FLAGS;
	KUNIT_EXPECT_EQ(test, folio_order(folio), order);
	folio_unlock(folio);
	folio_put(folio);
	return flags;
}

static void shadow_remembers(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 2);
	unsigned int group = swaptbl_test_charge(test, folio, 0), i;
	unsigned long offset;

	swaptbl_test_fill(folio, 1);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	offset = swaptbl_test_offset(folio);
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_WORKINGSET);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	for (i = 0; i < 4; i++) {
		struct swaptbl_shadow shadow = shadow_of(dev, offset + i);

		KUNIT_EXPECT_EQ(test, shadow.group, group);
		KUNIT_EXPECT_EQ(test, shadow.node, folio_nid(folio));
		KUNIT_EXPECT_TRUE(test, shadow.workingset);
		KUNIT_EXPECT_NE(test, shadow.age, 0);
	}
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 4);
	swaptbl_expect_verified(test, dev);
}

/* The clock counts pages, whatever their folios are. */
static void distance_counts_pages(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 0, 1);
	unsigned long first = distance_of(dev, offset);

	KUNIT_EXPECT_LE(test, first, 1);
	evict_pages(test, dev, 5);
	KUNIT_EXPECT_EQ(test, distance_of(dev, offset), first + 5);
	swaptbl_test_evicted(test, dev, 4, 2);
	KUNIT_EXPECT_EQ(test, distance_of(dev, offset), first + 21);
	/* What is dropped, not evicted, took no room from anybody. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(swaptbl_test_bound(test, dev, 3)),
			0);
	KUNIT_EXPECT_EQ(test, distance_of(dev, offset), first + 21);
}

static const unsigned int wrap_orders[] = { 0, 1, 3 };

static void wrap_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(wrap, wrap_orders, wrap_desc);

/*
 * Around the border of the clock that a shadow has room for: 0 would be no age,
 * and who left a moment ago was not away for a whole turn.
 */
static void age_is_never_zero(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned int order = *(const unsigned int *)test->param_value, i;
	unsigned long offset[8];

	atomic_long_set(&dev->age, 7 * (SWAPTBL_AGE_MAX + 1) - (4UL << order));
	for (i = 0; i < ARRAY_SIZE(offset); i++) {
		offset[i] = swaptbl_test_evicted(test, dev, order, i);
		KUNIT_EXPECT_NE(test, shadow_of(dev, offset[i]).age, 0);
		KUNIT_EXPECT_LE(test, distance_of(dev, offset[i]), BIT(order));
	}
	/* One tick more or less does not matter. */
	for (i = 0; i < ARRAY_SIZE(offset); i++)
		KUNIT_EXPECT_LE(test, distance_of(dev, offset[i]),
				((ARRAY_SIZE(offset) - 1 - i) << order) + 1);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 8 << order);
	swaptbl_expect_verified(test, dev);
	for (i = 0; i < ARRAY_SIZE(offset); i++)
		back(test, dev, offset[i], order);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_REFAULT), 8 << order);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 0);
}

/* Whole turns of the clock cannot be told from none; nothing else gets lost. */
static void clock_may_be_anywhere(struct kunit *test)
{
	const unsigned long clocks[] = {
		0, 1, SWAPTBL_AGE_MAX - 1, SWAPTBL_AGE_MAX, SWAPTBL_AGE_MAX + 1,
		LONG_MAX - 2, LONG_MAX, ULONG_MAX - 2, ULONG_MAX,
	};
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		unsigned long offset;

		atomic_long_set(&dev->age, clocks[i]);
		offset = swaptbl_test_evicted(test, dev, 0, i);
		evict_pages(test, dev, 6);
		KUNIT_EXPECT_GE(test, distance_of(dev, offset), 6);
		KUNIT_EXPECT_LE(test, distance_of(dev, offset), 8);
		swaptbl_expect_verified(test, dev);
	}
}

/* Pages that left since, compared to those that are cached when it comes back. */
static const int beyond[] = { -1, 0, 1, 2 };

static void beyond_desc(const int *beyond, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "distance=cached%+d", *beyond);
}

KUNIT_ARRAY_PARAM(beyond, beyond, beyond_desc);

#define NR_CACHED	10

static void close_refault_activates(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	int extra = *(const int *)test->param_value;
	unsigned long offset, age, flags;
	unsigned int i;

	/* The one that comes back is cached by then, too. */
	for (i = 1; i < NR_CACHED; i++)
		folio_unlock(swaptbl_test_bound(test, dev, 0));
	offset = swaptbl_test_evicted(test, dev, 0, 1);
	evict_pages(test, dev, NR_CACHED + extra - distance_of(dev, offset));
	KUNIT_ASSERT_EQ(test, distance_of(dev, offset), NR_CACHED + extra);
	age = atomic_long_read(&dev->age);
	flags = back(test, dev, offset, 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_CACHED), NR_CACHED);
	KUNIT_EXPECT_EQ(test, !!(flags & BIT(SWAPTBL_FOLIO_ACTIVE)), extra <= 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_REFAULT), 1);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_ACTIVATE), extra <= 0);
	/* An activation pushes the others on. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->age) - age, extra <= 0);
}

static void workingset_is_restored(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	unsigned long offset = swaptbl_test_offset(folio), flags;

	swaptbl_test_fill(folio, 1);
	swaptbl_folio_set(folio, SWAPTBL_FOLIO_WORKINGSET);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	flags = back(test, dev, offset, 2);
	KUNIT_EXPECT_TRUE(test, flags & BIT(SWAPTBL_FOLIO_WORKINGSET));
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_RESTORE), 4);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_REFAULT), 4);
	/* It leaves and comes back as one of the workingset. */
	KUNIT_EXPECT_EQ(test, swaptbl_test_evict_slot(dev, offset), 0);
	KUNIT_EXPECT_TRUE(test, shadow_of(dev, offset + 3).workingset);
	/* Away for too long, it has to begin anew. */
	evict_pages(test, dev, 40);
	flags = back(test, dev, offset, 2);
	KUNIT_EXPECT_FALSE(test, flags & BIT(SWAPTBL_FOLIO_WORKINGSET));
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_RESTORE), 4);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_REFAULT), 8);
	swaptbl_expect_verified(test, dev);
}

static void without_flag_nothing_is_restored(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 1, 1);
	unsigned long flags = back(test, dev, offset, 1);

	KUNIT_EXPECT_TRUE(test, flags & BIT(SWAPTBL_FOLIO_ACTIVE));
	KUNIT_EXPECT_FALSE(test, flags & BIT(SWAPTBL_FOLIO_WORKINGSET));
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_ACTIVATE), 2);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_RESTORE), 0);
}

/* Found in the cache: nothing came back. */
static void hit_is_no_refault(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 2, 1);
	unsigned int i;

	back(test, dev, offset, 2);
	for (i = 0; i < 4; i++)
		back(test, dev, offset + i, 2);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_REFAULT), 4);
}

static void shadows_are_counted(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 3, 1);
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	struct folio *folio;

	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 8);
	swaptbl_test_hooks_begin(&hooks);
	folio = swaptbl_swapin(swp_entry(dev->type, offset), BIT(3), GFP_KERNEL);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_PTR_EQ(test, folio, ERR_PTR(-EIO));
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 8);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries(dev, offset, 3), 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 5);
	back(test, dev, offset + 5, 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 4);
	KUNIT_EXPECT_EQ(test, swaptbl_test_dup(dev, offset + 6, 20), 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 4);
	KUNIT_EXPECT_EQ(test, swaptbl_test_put(dev, offset + 6, 21), 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 3);
	swaptbl_expect_verified(test, dev);
}

/* Whoever never had an age is no shadow. */
static void slots_without_age_are_none(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);

	swaptbl_test_swapped(test, dev, 2, 3);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_workingset_reclaim(dev), 0);
	swaptbl_expect_verified(test, dev);
}

#define NR_PAGES	40
#define BUDGET		16

static void oldest_ages_are_forgotten(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 0);
	unsigned long offset[NR_PAGES];
	unsigned int group, i;

	dev->shadow_budget = BUDGET;
	for (i = 0; i < NR_PAGES; i++) {
		swaptbl_test_fill(folio, i);
		group = swaptbl_test_charge(test, folio, 2);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
		offset[i] = swaptbl_test_offset(folio);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL,
								GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	}
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset[0], 7));
	swaptbl_workingset_reclaim(dev);
	flush_work(&dev->shadow_work);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), BUDGET);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOW_RECLAIM),
			NR_PAGES - BUDGET);
	for (i = 0; i < NR_PAGES; i++) {
		struct swaptbl_shadow shadow = shadow_of(dev, offset[i]);

		KUNIT_EXPECT_EQ(test, !!shadow.age, i >= NR_PAGES - BUDGET);
		KUNIT_EXPECT_EQ(test, shadow.group, group);
		KUNIT_EXPECT_EQ(test, shadow.node, folio_nid(folio));
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset[i]), i ? 1 : 8);
	}
	swaptbl_expect_verified(test, dev);
	/* Who has no age is not judged, and has all else. */
	back(test, dev, offset[1], 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_REFAULT), 0);
	for (i = 0; i < NR_PAGES; i++) {
		folio = swaptbl_swapin(swp_entry(dev->type, offset[i]), 1,
				       GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, i));
		KUNIT_EXPECT_EQ(test, swaptbl_folio_group(folio), group);
		folio_unlock(folio);
		folio_put(folio);
	}
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_REFAULT), BUDGET);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), 0);
}

static void within_budget_nothing_is_forgotten(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);

	dev->shadow_budget = BUDGET;
	evict_pages(test, dev, BUDGET);
	KUNIT_EXPECT_EQ(test, swaptbl_workingset_reclaim(dev), 0);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), BUDGET);
	evict_pages(test, dev, 1);
	KUNIT_EXPECT_EQ(test, swaptbl_workingset_reclaim(dev), 1);
	KUNIT_EXPECT_EQ(test, total(dev, SWAPTBL_STAT_SHADOWS), BUDGET);
	swaptbl_expect_verified(test, dev);
}

/* Nobody has to ask: evictions themselves see to it. */
static void budget_is_kept_by_itself(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 8 * SLOTS, BITS);
	unsigned int i;

	dev->shadow_budget = BUDGET;
	for (i = 0; i < 3 * SLOTS / 16; i++)
		swaptbl_test_evicted(test, dev, 4, i);
	flush_work(&dev->shadow_work);
	KUNIT_EXPECT_GT(test, total(dev, SWAPTBL_STAT_SHADOW_RECLAIM), 0);
	KUNIT_EXPECT_LT(test, total(dev, SWAPTBL_STAT_SHADOWS), 2 * SLOTS);
	swaptbl_expect_verified(test, dev);
}

static void budget_has_limits(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);

	/* Beyond half a turn of the clock, old could not be told from new. */
	KUNIT_EXPECT_GT(test, swaptbl_workingset_budget(dev), 0);
	KUNIT_EXPECT_LE(test, swaptbl_workingset_budget(dev), SWAPTBL_AGE_MAX / 2);
	dev->shadow_budget = 1;
	KUNIT_EXPECT_EQ(test, swaptbl_workingset_budget(dev), 1);
	dev->shadow_budget = ULONG_MAX;
	KUNIT_EXPECT_LE(test, swaptbl_workingset_budget(dev), SWAPTBL_AGE_MAX / 2);
}

/* No folios are needed: what the lruvec says of its lists is what counts. */
static void expect_budget_follows(struct kunit *test, struct swaptbl_device *dev,
				  struct swaptbl_lruvec *lruvec, enum lru_list lru,
				  unsigned long pages)
{
	unsigned long others = swaptbl_groups_lru_size();
	unsigned long before = swaptbl_workingset_budget(dev);
	unsigned long expected = before;

	if (lru != LRU_UNEVICTABLE)
		expected = min(2 * (others + pages), SWAPTBL_AGE_MAX / 2);
	lruvec->size[MAX_NR_ZONES - 1][lru] += pages;
	KUNIT_EXPECT_EQ_MSG(test, swaptbl_workingset_budget(dev), expected, "%s",
			    swaptbl_lru_stat_name(SWAPTBL_LRU_STAT_LISTS + lru));
	lruvec->size[MAX_NR_ZONES - 1][lru] -= pages;
	KUNIT_EXPECT_EQ(test, swaptbl_workingset_budget(dev), before);
}

static void budget_follows_list_sizes(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct swaptbl_group *group = swaptbl_test_group(test);
	unsigned long pages = swaptbl_workingset_budget(dev);
	enum lru_list lru;
	int nid;

	if (pages == SWAPTBL_AGE_MAX / 2)
		kunit_skip(test, "the clock is too small: %lu", SWAPTBL_AGE_MAX);
	for_each_node_state(nid, N_MEMORY)
		for_each_lru(lru)
			expect_budget_follows(test, dev, group->lruvec[nid], lru,
					      pages);
}

/* Let one page come and go until the clock has passed @ticks. */
static void clock_pass(struct kunit *test, struct swaptbl_device *dev,
		       unsigned long offset, unsigned long ticks)
{
	atomic_long_set(&dev->age, ticks - 4);
	while (atomic_long_read(&dev->age) < ticks + 4) {
		back(test, dev, offset, 0);
		KUNIT_ASSERT_EQ(test, 0, swaptbl_test_evict_slot(dev, offset));
	}
	flush_work(&dev->shadow_work);
}

/* Few ages are kept, none is over budget; but one is of a turn of the clock ago. */
static void age_is_not_lapped(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	unsigned long offset = swaptbl_test_evicted(test, dev, 0, 1);
	unsigned long other = swaptbl_test_evicted(test, dev, 0, 2);
	unsigned long flags, i;

	for (i = 1; i < 10; i++)
		folio_unlock(swaptbl_test_bound(test, dev, 0));
	for (i = 1; i <= 4; i++)
		clock_pass(test, dev, other, i * ((SWAPTBL_AGE_MAX + 1) / 4));
	flags = back(test, dev, offset, 0);
	KUNIT_EXPECT_FALSE(test, flags & BIT(SWAPTBL_FOLIO_ACTIVE));
	KUNIT_EXPECT_EQ(test,
			swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOW_RECLAIM), 1);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_workingset_cases[] = {
	KUNIT_CASE(shadow_remembers),
	KUNIT_CASE(distance_counts_pages),
	KUNIT_CASE_PARAM(age_is_never_zero, wrap_gen_params),
	KUNIT_CASE(clock_may_be_anywhere),
	KUNIT_CASE_PARAM(close_refault_activates, beyond_gen_params),
	KUNIT_CASE(workingset_is_restored),
	KUNIT_CASE(without_flag_nothing_is_restored),
	KUNIT_CASE(hit_is_no_refault),
	KUNIT_CASE(shadows_are_counted),
	KUNIT_CASE(slots_without_age_are_none),
	KUNIT_CASE(oldest_ages_are_forgotten),
	KUNIT_CASE(within_budget_nothing_is_forgotten),
	KUNIT_CASE(budget_is_kept_by_itself),
	KUNIT_CASE(budget_has_limits),
	KUNIT_CASE(budget_follows_list_sizes),
	KUNIT_CASE(age_is_not_lapped),
	{}
};

static struct kunit_suite swaptbl_workingset_suite = {
	.name = "swaptbl_workingset",
	.test_cases = swaptbl_workingset_cases,
};

kunit_test_suite(swaptbl_workingset_suite);
