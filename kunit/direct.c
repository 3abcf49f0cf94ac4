// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what a caller does without a reference to the device: where that is refused or
 * left to the slow path, and what each of both accounts. swaptbl/count_batch.c,
 * swaptbl/folio.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	4
#define ORDER	3
#define NR	((unsigned int)BIT(ORDER))

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

static struct swaptbl_device *device_of_width(struct kunit *test)
{
	return swaptbl_test_device(test, SLOTS, swaptbl_test_width(test->param_value));
}

/**
 * struct calls - one of each kind, and what came of it
 * @dev: the device
 * @folio: bound to it; locked by whoever calls
 * @entry: of its first slot
 * @dup: of the folio
 * @count: of the entry after that
 * @dup_page: of the folio's last page
 * @dup_entry: of the entry
 * @put_entry: of the entry
 * @put_page: of the folio's last page
 * @put: of the folio
 */
struct calls {
	struct swaptbl_device *dev;
	struct folio *folio;
	swp_entry_t entry;
	int dup;
	long count;
	int dup_page;
	int dup_entry;
	int put_entry;
	int put_page;
	int put;
};

/* The folio may have to be found by its entry later, so that is kept. */
static void calls_init(struct kunit *test, struct calls *calls)
{
	calls->dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	calls->folio = swaptbl_test_bound(test, calls->dev, ORDER);
	calls->entry = calls->folio->swap;
}

static void call(struct calls *calls)
{
	struct folio *folio = calls->folio;
	struct page *last = folio_page(folio, NR - 1);

	calls->dup = swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL);
	calls->count = swaptbl_count_direct(calls->entry);
	calls->dup_page = swaptbl_folio_dup_swap(folio, last, GFP_KERNEL);
	calls->dup_entry = swaptbl_dup_entries_direct(calls->entry, 1, GFP_KERNEL);
	calls->put_entry = swaptbl_put_entries_direct(calls->entry, 1);
	calls->put_page = swaptbl_folio_put_swap(folio, last);
	calls->put = swaptbl_folio_put_swap(folio, NULL);
}

static void actor_call(void *arg)
{
	struct calls *calls = arg;

	folio_lock(calls->folio);
	call(calls);
	folio_unlock(calls->folio);
}

static void expect_all(struct kunit *test, const struct calls *calls, int err, long count)
{
	KUNIT_EXPECT_EQ(test, calls->dup, err);
	KUNIT_EXPECT_EQ(test, calls->count, count);
	KUNIT_EXPECT_EQ(test, calls->dup_page, err);
	KUNIT_EXPECT_EQ(test, calls->dup_entry, err);
	KUNIT_EXPECT_EQ(test, calls->put_entry, err);
	KUNIT_EXPECT_EQ(test, calls->put_page, err);
	KUNIT_EXPECT_EQ(test, calls->put, err);
}

static int remove_at(struct kunit *test, struct calls *calls, bool drop,
		     enum swaptbl_sync_point point)
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor_call,
		.arg = calls,
	};
	int err;

	folio_unlock(calls->folio);
	swaptbl_test_hooks_begin(&hooks);
	err = swaptbl_test_device_destroy(test, calls->dev, drop);
	swaptbl_test_hooks_end(&hooks);
	folio_lock(calls->folio);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(calls->folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(calls->folio), 1);
	return err;
}

/* It will go, but so far it is as live as any. */
static void checked_device_serves(struct kunit *test)
{
	struct calls calls = {};

	calls_init(test, &calls);
	KUNIT_EXPECT_EQ(test, remove_at(test, &calls, false, SWAPTBL_DESTROY_CHECKED), 0);
	expect_all(test, &calls, 0, 1);
}

/* Nothing is to be had without a reference any more, but references are. */
static void draining_device_serves(struct kunit *test)
{
	struct calls calls = {};

	calls_init(test, &calls);
	KUNIT_EXPECT_EQ(test, remove_at(test, &calls, false, SWAPTBL_HOME_FOUND), 0);
	expect_all(test, &calls, 0, 1);
}

/* With counts that each of the calls could change by the word alone. */
static void killed_device_refuses(struct kunit *test)
{
	struct calls calls = {};

	calls_init(test, &calls);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(calls.folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(calls.folio, NULL, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, remove_at(test, &calls, true, SWAPTBL_DESTROY_KILLED), 0);
	expect_all(test, &calls, -ESHUTDOWN, -ESHUTDOWN);
}

/* Behind the engine's back the folio goes on naming what is not there any more. */
static void gone_device_is_not_found(struct kunit *test)
{
	struct calls calls = {};

	calls_init(test, &calls);
	folio_unlock(calls.folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_device_destroy(test, calls.dev, true));
	folio_lock(calls.folio);
	calls.folio->swap = calls.entry;
	call(&calls);
	calls.folio->swap.val = 0;
	expect_all(test, &calls, -ENODEV, -ENODEV);
}

/* In each state that is not live, whoever still gets a reference is served. */
static void states_leave_it_to_reference(struct kunit *test)
{
	static const enum swaptbl_state states[] = {
		SWAPTBL_SETUP, SWAPTBL_DRAINING, SWAPTBL_DEAD,
	};
	struct calls calls = {};
	unsigned int i;

	calls_init(test, &calls);
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		WRITE_ONCE(calls.dev->state, states[i]);
		call(&calls);
		WRITE_ONCE(calls.dev->state, SWAPTBL_LIVE);
		expect_all(test, &calls, 0, 1);
		swaptbl_expect_verified(test, calls.dev);
	}
}

/*
 * Counts are there, each path would find them, but the device ends before: where a look
 * at the size is missing, the words answer instead.
 */
static void device_that_ends_before(struct kunit *test)
{
	struct calls calls = {};
	struct swaptbl_test_snapshot *before;
	unsigned long size, offset;

	calls_init(test, &calls);
	offset = swp_offset(calls.entry);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(calls.folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(calls.folio, NULL, GFP_KERNEL));
	before = swaptbl_test_snapshot(test, calls.dev, offset);
	size = calls.dev->nr_slots;
	calls.dev->nr_slots = offset;
	call(&calls);
	calls.dev->nr_slots = size;
	expect_all(test, &calls, -ERANGE, -ERANGE);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(calls.dev, offset, before));
	swaptbl_expect_verified(test, calls.dev);
}

/* Of the folio the last slot is beyond the end, of its pages just that one. */
static void device_that_ends_within(struct kunit *test)
{
	struct swaptbl_test_snapshot *before;
	struct calls calls = {};
	unsigned long offset;

	calls_init(test, &calls);
	offset = swp_offset(calls.entry);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(calls.folio, NULL, GFP_KERNEL));
	before = swaptbl_test_snapshot(test, calls.dev, offset);
	calls.dev->nr_slots = offset + NR - 1;
	call(&calls);
	calls.dev->nr_slots = 2 * SLOTS;
	KUNIT_EXPECT_EQ(test, calls.dup, -ERANGE);
	KUNIT_EXPECT_EQ(test, calls.dup_page, -ERANGE);
	KUNIT_EXPECT_EQ(test, calls.put_page, -ERANGE);
	KUNIT_EXPECT_EQ(test, calls.put, -ERANGE);
	KUNIT_EXPECT_EQ(test, calls.count, 1);
	KUNIT_EXPECT_EQ(test, calls.dup_entry, 0);
	KUNIT_EXPECT_EQ(test, calls.put_entry, 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(calls.dev, offset, before));
	swaptbl_expect_verified(test, calls.dev);
}

/* The first cluster has its words in @table from now on. */
static void first_table(struct swaptbl_device *dev, struct swaptbl_table *table)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, 0);

	memcpy(table, __swaptbl_cluster_table(ci), sizeof(*table));
	rcu_assign_pointer(ci->table, table);
	swaptbl_cluster_unlock(ci);
}

/* The last of the slots is in the next cluster, and not behind the table of this one. */
static void folio_that_ends_beyond(struct kunit *test, struct swaptbl_device *dev,
				   atomic_long_t *behind)
{
	struct folio *folio = swaptbl_test_folio(test, ORDER);
	swp_entry_t last = swp_entry(dev->type, SLOTS);
	long word = swaptbl_test_word(dev, SLOTS);

	atomic_long_set(behind, word);
	folio->swap = swp_entry(dev->type, SLOTS - NR + 1);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(behind), word);
	KUNIT_EXPECT_EQ(test, swaptbl_count_direct(last), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(behind), word);
	KUNIT_EXPECT_EQ(test, swaptbl_count_direct(last), 1);
	folio->swap.val = 0;
}

/* No folio is bound like that, and words are not taken from there if one were. */
static void cluster_that_ends_within(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned int order = SWAPTBL_CLUSTER_ORDER - 1;
	struct swaptbl_table *table, *wide;
	struct swaptbl_cluster *ci;

	KUNIT_ASSERT_EQ(test, swaptbl_test_swapped(test, dev, order, 1), SLOTS / 2);
	KUNIT_ASSERT_EQ(test, swaptbl_test_swapped(test, dev, order + 1, 1), SLOTS);
	wide = kunit_kcalloc(test, 2, sizeof(*wide), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, wide);
	ci = swaptbl_cluster_lock(dev, 0);
	table = __swaptbl_cluster_table(ci);
	swaptbl_cluster_unlock(ci);
	first_table(dev, wide);
	folio_that_ends_beyond(test, dev, wide[1].word);
	first_table(dev, table);
	swaptbl_expect_verified(test, dev);
}

/* At each count, up into the store and down again. */
static void count_is_exact(struct kunit *test)
{
	struct swaptbl_device *dev = device_of_width(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);
	swp_entry_t entry = swp_entry(dev->type, offset);
	long count, top = dev->count_max + 2 * dev->count_carry + 1;

	for (count = 1; count < top; count++) {
		KUNIT_EXPECT_EQ(test, swaptbl_count_direct(entry), count);
		KUNIT_EXPECT_EQ(test, swaptbl_dup_entries_direct(entry, 1, GFP_KERNEL), 0);
	}
	for (; count; count--) {
		KUNIT_EXPECT_EQ(test, swaptbl_count_direct(entry), count);
		KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 1), 0);
	}
	KUNIT_EXPECT_EQ(test, swaptbl_count_direct(entry), 0);
	swaptbl_expect_verified(test, dev);
}

/* Each page has one count more than the one before, and none is taken for another. */
static void page_changes_its_slot(struct kunit *test)
{
	struct swaptbl_device *dev = device_of_width(test);
	struct folio *folio = swaptbl_test_bound(test, dev, ORDER);
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i, k;

	for (i = 0; i < NR; i++)
		for (k = 0; k <= i; k++)
			KUNIT_EXPECT_EQ(test,
					swaptbl_folio_dup_swap(folio, folio_page(folio, i),
							       GFP_KERNEL), 0);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i), (long)i + 1);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, folio_page(folio, i)), 0);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + i), (long)i);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, folio_page(folio, 0)), -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY), 1);
	swaptbl_expect_verified(test, dev);
}

/**
 * struct tally - what calls account
 * @dup: counts taken
 * @put: counts dropped
 * @lockless: those of both that took no lock
 * @cached_only: cached slots without a count
 * @refused: calls that were
 */
struct tally {
	long dup;
	long put;
	long lockless;
	long cached_only;
	long refused;
};

static struct tally tally_of(struct swaptbl_device *dev)
{
	return (struct tally) {
		.dup = swaptbl_stat_sum(dev, SWAPTBL_STAT_DUP),
		.put = swaptbl_stat_sum(dev, SWAPTBL_STAT_PUT),
		.lockless = swaptbl_stat_sum(dev, SWAPTBL_STAT_LOCKLESS),
		.cached_only = swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY),
		.refused = swaptbl_stat_sum(dev, SWAPTBL_STAT_REFUSED),
	};
}

/* Since @was, which becomes what is now. */
static void expect_tally(struct kunit *test, struct swaptbl_device *dev, struct tally *was,
			 struct tally more)
{
	struct tally now = tally_of(dev);

	KUNIT_EXPECT_EQ(test, now.dup - was->dup, more.dup);
	KUNIT_EXPECT_EQ(test, now.put - was->put, more.put);
	KUNIT_EXPECT_EQ(test, now.lockless - was->lockless, more.lockless);
	KUNIT_EXPECT_EQ(test, now.cached_only - was->cached_only, more.cached_only);
	KUNIT_EXPECT_EQ(test, now.refused - was->refused, more.refused);
	*was = now;
	swaptbl_expect_verified(test, dev);
}

/* With two bits the second count is the slow path's, with more it is the fast one's. */
static void folio_is_tallied(struct kunit *test)
{
	struct swaptbl_device *dev = device_of_width(test);
	struct folio *folio = swaptbl_test_bound(test, dev, ORDER);
	struct tally tally = tally_of(dev);

	KUNIT_EXPECT_EQ(test, tally.cached_only, (long)NR);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), -ENOENT);
	expect_tally(test, dev, &tally, (struct tally) { .refused = 1 });
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	expect_tally(test, dev, &tally, (struct tally) { .dup = NR, .cached_only = -(long)NR });
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	expect_tally(test, dev, &tally, (struct tally) { .dup = NR });
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	expect_tally(test, dev, &tally, (struct tally) { .put = NR });
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), 0);
	expect_tally(test, dev, &tally, (struct tally) { .put = NR, .cached_only = NR });
	KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), -ENOENT);
	expect_tally(test, dev, &tally, (struct tally) { .refused = 1 });
}

static void entry_is_tallied(struct kunit *test)
{
	struct swaptbl_device *dev = device_of_width(test);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);
	swp_entry_t entry = swp_entry(dev->type, offset);
	struct tally tally = tally_of(dev);
	long lockless = dev->count_max > 1;

	KUNIT_EXPECT_EQ(test, swaptbl_dup_entries_direct(entry, 1, GFP_KERNEL), 0);
	expect_tally(test, dev, &tally, (struct tally) { .dup = 1, .lockless = lockless });
	/* Of two counts one is in the word, by itself or besides that in the store. */
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 1), 0);
	expect_tally(test, dev, &tally, (struct tally) { .put = 1, .lockless = 1 });
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 1), 0);
	expect_tally(test, dev, &tally, (struct tally) { .put = 1 });
	KUNIT_EXPECT_EQ(test, swaptbl_dup_entries_direct(entry, 1, GFP_KERNEL), -ENOENT);
	KUNIT_EXPECT_EQ(test, swaptbl_put_entries_direct(entry, 1), -ENOENT);
	expect_tally(test, dev, &tally, (struct tally) { .refused = 2 });
}

/* A slot at the limit among others with no count, with one, and one short of full. */
static struct folio *folio_with_full(struct kunit *test, struct swaptbl_device *dev,
				     unsigned int at, unsigned long count)
{
	struct folio *folio = swaptbl_test_bound(test, dev, ORDER);
	unsigned long have[] = { 0, 1, dev->count_max - 1 };
	unsigned int i, k;

	for (i = 0; i < NR; i++)
		for (k = 0; k < (i == at ? count : have[i % ARRAY_SIZE(have)]); k++)
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_folio_dup_swap(folio, folio_page(folio, i),
							       GFP_KERNEL));
	return folio;
}

static void dup_refused_at(struct kunit *test, struct swaptbl_device *dev, unsigned int at)
{
	struct folio *folio = folio_with_full(test, dev, at, swaptbl_count_limit(dev));
	struct swaptbl_test_snapshot *before;
	struct tally tally = tally_of(dev);

	before = swaptbl_test_snapshot(test, dev, swaptbl_test_offset(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), -EOVERFLOW);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, swaptbl_test_offset(folio),
						       before));
	expect_tally(test, dev, &tally, (struct tally) { .refused = 1 });
}

static void dup_refused_changes_nothing(struct kunit *test)
{
	struct swaptbl_device *dev = device_of_width(test);

	dev->units_max = 1;
	dup_refused_at(test, dev, 0);
	dup_refused_at(test, dev, NR / 2);
	dup_refused_at(test, dev, NR - 1);
}

/* What the fast path undid when it met the full word, the slow one does once. */
static void dup_that_carries_at(struct kunit *test, struct swaptbl_device *dev,
				unsigned int at)
{
	struct folio *folio = folio_with_full(test, dev, at, dev->count_max);
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned long counts[NR];
	unsigned int i;

	for (i = 0; i < NR; i++)
		counts[i] = swaptbl_test_exact(dev, offset + i);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL), 0);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, swaptbl_test_exact(dev, offset + i), counts[i] + 1);
	swaptbl_expect_verified(test, dev);
}

static void dup_that_carries_is_done_once(struct kunit *test)
{
	struct swaptbl_device *dev = device_of_width(test);
	unsigned int at;

	for (at = 0; at < NR; at++)
		dup_that_carries_at(test, dev, at);
}

/* One slot without a count is enough, wherever it is. */
static void put_refused_changes_nothing(struct kunit *test)
{
	struct swaptbl_device *dev = device_of_width(test);
	struct folio *folio = swaptbl_test_bound(test, dev, ORDER);
	struct swaptbl_test_snapshot *before;
	unsigned int at;
	struct tally tally;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	for (at = 0; at < NR; at++) {
		KUNIT_ASSERT_EQ(test, 0,
				swaptbl_folio_put_swap(folio, folio_page(folio, at)));
		before = swaptbl_test_snapshot(test, dev, swaptbl_test_offset(folio));
		tally = tally_of(dev);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_put_swap(folio, NULL), -ENOENT);
		KUNIT_EXPECT_TRUE(test,
				  swaptbl_test_unchanged(dev, swaptbl_test_offset(folio),
							 before));
		expect_tally(test, dev, &tally, (struct tally) { .refused = 1 });
		KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, folio_page(folio, at),
								GFP_KERNEL));
	}
}

static struct kunit_case swaptbl_direct_cases[] = {
	KUNIT_CASE(checked_device_serves),
	KUNIT_CASE(draining_device_serves),
	KUNIT_CASE(killed_device_refuses),
	KUNIT_CASE(gone_device_is_not_found),
	KUNIT_CASE(states_leave_it_to_reference),
	KUNIT_CASE(device_that_ends_before),
	KUNIT_CASE(device_that_ends_within),
	KUNIT_CASE(cluster_that_ends_within),
	KUNIT_CASE_PARAM(count_is_exact, width_gen_params),
	KUNIT_CASE_PARAM(page_changes_its_slot, width_gen_params),
	KUNIT_CASE_PARAM(folio_is_tallied, width_gen_params),
	KUNIT_CASE_PARAM(entry_is_tallied, width_gen_params),
	KUNIT_CASE_PARAM(dup_refused_changes_nothing, width_gen_params),
	KUNIT_CASE_PARAM(dup_that_carries_is_done_once, width_gen_params),
	KUNIT_CASE_PARAM(put_refused_changes_nothing, width_gen_params),
	{}
};

static struct kunit_suite swaptbl_direct_suite = {
	.name = "swaptbl_direct",
	.test_cases = swaptbl_direct_cases,
};

kunit_test_suite(swaptbl_direct_suite);
