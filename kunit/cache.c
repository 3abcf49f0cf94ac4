// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the table as the swap cache: binding, letting go, and the lookup
 * without a lock. swaptbl/cache.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN

static void lookup_finds_every_slot(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 2);
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_PTR_EQ(test,
				    swaptbl_cache_get_folio(dev, offset + i), folio);
		/* Ours, the cache's, and one of each lookup so far. */
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + 4 + i + 1);
	}
	folio_put_refs(folio, 4);
	KUNIT_EXPECT_NULL(test, swaptbl_cache_get_folio(dev, offset + 4));
	KUNIT_EXPECT_NULL(test, swaptbl_cache_get_folio(dev, 0));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 5);
}

static void lookup_without_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned long offset = swaptbl_test_swapped(test, dev, 0, 1);
	swp_entry_t entry;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_alloc_exclusive(dev->type, &entry));
	KUNIT_EXPECT_NULL(test, swaptbl_cache_get_folio(dev, offset));
	KUNIT_EXPECT_NULL(test, swaptbl_cache_get_folio(dev, swp_offset(entry)));
	/* A cluster that was never used. */
	KUNIT_EXPECT_NULL(test, swaptbl_cache_get_folio(dev, SLOTS + 1));
}

static void unbind_keeps_shadow(struct kunit *test)
{
	const struct swaptbl_shadow in = {
		.age = SWAPTBL_AGE_MAX,
		.workingset = true,
	};
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 1);
	unsigned int group = swaptbl_test_charge(test, folio, 1);
	struct swaptbl_shadow out;
	unsigned long offset, entry;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	offset = swaptbl_test_offset(folio);
	/* The second slot in overflow, the first without a count. */
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio,
							folio_page(folio, 1),
							GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset + 1, 5));
	KUNIT_EXPECT_EQ(test, swaptbl_cache_del_folio(folio, &in), 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(dev, offset), 0);
	entry = swaptbl_test_word(dev, offset + 1);
	KUNIT_ASSERT_TRUE(test, swaptbl_entry_is_swapped(entry));
	swaptbl_entry_to_shadow(entry, &out);
	KUNIT_EXPECT_EQ(test, out.age, in.age);
	KUNIT_EXPECT_EQ(test, out.group, group);
	KUNIT_EXPECT_TRUE(test, out.workingset);
	KUNIT_EXPECT_EQ(test, swaptbl_count(dev, offset + 1), 6);
	swaptbl_expect_verified(test, dev);
}

/* Free, counted, free, counted: each free run is given back, the rest stays. */
static void unbind_frees_runs(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 3);
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i, counts = 0xb2;

	for (i = 0; i < 8; i++) {
		struct page *page = folio_page(folio, i);

		if (counts & BIT(i))
			KUNIT_ASSERT_EQ(test, 0,
					swaptbl_folio_dup_swap(folio, page,
							       GFP_KERNEL));
	}
	KUNIT_EXPECT_EQ(test, swaptbl_test_unbind(folio), 0);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, !!(counts & BIT(i)),
				!!swaptbl_test_word(dev, offset + i));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FREE), 4);
	swaptbl_expect_verified(test, dev);
}

static void unbind_refused(struct kunit *test)
{
	const struct swaptbl_shadow node = { .node = MAX_NUMNODES };
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = swaptbl_test_folio(test, 0);

	KUNIT_EXPECT_EQ(test, swaptbl_test_unbind(folio), -EINVAL);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_test_unbind(folio), -EINVAL);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, swaptbl_cache_del_folio(folio, &node), -ERANGE);
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	swaptbl_expect_verified(test, dev);
}

/**
 * struct lookup - a slot that changes hands while it is looked up
 * @dev: the device
 * @offset: the slot
 * @folio: what is bound to it at first
 * @next: folio that takes the slot over, if any
 * @err: of what the other actor did
 */
struct lookup {
	struct swaptbl_device *dev;
	unsigned long offset;
	struct folio *folio;
	struct folio *next;
	int err;
};

static struct folio *look_up(struct kunit *test, struct lookup *lookup,
			     enum swaptbl_sync_point point,
			     void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = point,
		.actor = actor,
		.arg = lookup,
	};
	struct folio *found;

	lookup->dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	lookup->folio = swaptbl_test_bound(test, lookup->dev, 0);
	lookup->next = swaptbl_test_folio(test, 0);
	lookup->offset = swaptbl_test_offset(lookup->folio);
	swaptbl_test_hooks_begin(&hooks);
	found = swaptbl_cache_get_folio(lookup->dev, lookup->offset);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, lookup->err, 0);
	swaptbl_expect_verified(test, lookup->dev);
	return found;
}

static void actor_frees(void *arg)
{
	struct lookup *lookup = arg;

	lookup->err = swaptbl_folio_free_swap(lookup->folio);
}

static void actor_swaps_out(void *arg)
{
	struct lookup *lookup = arg;

	lookup->err = swaptbl_dup_entries(lookup->dev, lookup->offset, 1,
					  SWAPTBL_DUP_CACHED, GFP_ATOMIC);
	lookup->err |= swaptbl_test_unbind(lookup->folio);
}

/*
 * The slot goes to another folio. An allocation may sleep, which no actor may
 * here; so the word is written as one does it.
 */
static void actor_replaces(void *arg)
{
	struct lookup *lookup = arg;
	struct swaptbl_cluster *ci;

	actor_frees(arg);
	ci = swaptbl_cluster_lock(lookup->dev, lookup->offset);
	__swaptbl_cache_add_folio(lookup->dev, ci, lookup->next,
				  swaptbl_slot(lookup->offset));
	__swaptbl_cluster_claim(lookup->dev, ci, swaptbl_slot(lookup->offset), 1,
				0);
	swaptbl_stat_inc(lookup->dev, SWAPTBL_STAT_ALLOC);
	swaptbl_cluster_unlock(ci);
}

static const enum swaptbl_sync_point windows[] = {
	SWAPTBL_LOOKUP_LOADED,
	SWAPTBL_LOOKUP_GOT,
};

static void window_desc(const enum swaptbl_sync_point *window, char *desc)
{
	strscpy(desc, *window == SWAPTBL_LOOKUP_LOADED ? "loaded" : "got",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(window, windows, window_desc);

static enum swaptbl_sync_point window_of(struct kunit *test)
{
	return *(const enum swaptbl_sync_point *)test->param_value;
}

/* The folio left the cache: not returned, and no reference to it kept. */
static void lookup_meets_free(struct kunit *test)
{
	struct lookup lookup = {};

	KUNIT_EXPECT_NULL(test, look_up(test, &lookup, window_of(test),
					actor_frees));
	KUNIT_EXPECT_EQ(test, folio_ref_count(lookup.folio), 1);
}

static void lookup_meets_swap_out(struct kunit *test)
{
	struct lookup lookup = {};

	KUNIT_EXPECT_NULL(test, look_up(test, &lookup, window_of(test),
					actor_swaps_out));
	KUNIT_EXPECT_EQ(test, folio_ref_count(lookup.folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_count(lookup.dev, lookup.offset), 1);
}

/* It is the slot that decides: its folio of now is returned. */
static void lookup_meets_other_folio(struct kunit *test)
{
	struct lookup lookup = {};

	KUNIT_EXPECT_PTR_EQ(test, look_up(test, &lookup, window_of(test),
					  actor_replaces), lookup.next);
	KUNIT_EXPECT_EQ(test, folio_ref_count(lookup.folio), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(lookup.next), 3);
	folio_put(lookup.next);
}

/**
 * struct part - a slot that names a page inside a folio
 * @word: where
 * @value: what belongs there
 * @loaded: how often a lookup read it
 */
struct part {
	atomic_long_t *word;
	long value;
	unsigned int loaded;
};

/* The second time around, the slot names a folio again. */
static void part_restore(void *data, enum swaptbl_sync_point point)
{
	struct part *part = data;

	if (point == SWAPTBL_LOOKUP_LOADED && ++part->loaded == 2)
		atomic_long_set(part->word, part->value);
}

/*
 * Between a read of the word and the reference, the page that it names may become a part of
 * a folio that has nothing to do with the slot: that both reads name it is not enough.
 */
static void lookup_finds_part(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = swaptbl_test_bound(test, dev, 0);
	struct folio *large = swaptbl_test_folio(test, 1);
	unsigned long offset = swaptbl_test_offset(folio);
	struct part part = {};
	const struct swaptbl_sync_hooks hooks = { .sync = part_restore, .data = &part };
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	struct folio *found;

	part.word = &__swaptbl_cluster_table(ci)->word[swaptbl_slot(offset)];
	part.value = atomic_long_read(part.word);
	atomic_long_set(part.word, swaptbl_pfn_to_entry(folio_pfn(large) + 1));
	swaptbl_cluster_unlock(ci);
	swaptbl_sync_install(&hooks);
	found = swaptbl_cache_get_folio(dev, offset);
	swaptbl_sync_remove();
	atomic_long_set(part.word, part.value);
	KUNIT_EXPECT_PTR_EQ(test, found, folio);
	KUNIT_EXPECT_EQ(test, folio_ref_count(large), 1);
	KUNIT_EXPECT_GE(test, part.loaded, 3);
	if (found)
		folio_put(found);
}

/* Nobody has it any more: no reference is to be had. */
static void actor_frees_folio(void *arg)
{
	struct lookup *lookup = arg;

	actor_frees(arg);
	folio_unlock(lookup->folio);
	folio_put(lookup->folio);
}

static void lookup_meets_last_put(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = { .point = SWAPTBL_LOOKUP_LOADED };
	struct lookup lookup = {};

	lookup.dev = swaptbl_test_device(test, SLOTS, BITS);
	lookup.folio = folio_alloc(GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, lookup.folio);
	swaptbl_folio_init(lookup.folio);
	folio_lock(lookup.folio);
	lookup.err = swaptbl_folio_alloc_swap_on(lookup.dev, lookup.folio);
	KUNIT_ASSERT_EQ(test, lookup.err, 0);
	lookup.offset = swaptbl_test_offset(lookup.folio);
	hooks.actor = actor_frees_folio;
	hooks.arg = &lookup;
	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_NULL(test, swaptbl_cache_get_folio(lookup.dev,
							lookup.offset));
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, lookup.err, 0);
	swaptbl_expect_verified(test, lookup.dev);
}

/* The folio of the word is in the cache, but of another slot. */
static void actor_moves(void *arg)
{
	struct lookup *lookup = arg;
	struct swaptbl_cluster *ci;
	unsigned int slot = swaptbl_slot(lookup->offset) + 1;

	actor_swaps_out(arg);
	ci = swaptbl_cluster_lock(lookup->dev, lookup->offset);
	__swaptbl_cache_add_folio(lookup->dev, ci, lookup->folio, slot);
	__swaptbl_cluster_claim(lookup->dev, ci, slot, 1, 0);
	swaptbl_stat_inc(lookup->dev, SWAPTBL_STAT_ALLOC);
	swaptbl_cluster_unlock(ci);
}

static void lookup_meets_move(struct kunit *test)
{
	struct lookup lookup = {};

	KUNIT_EXPECT_NULL(test, look_up(test, &lookup, window_of(test),
					actor_moves));
	KUNIT_EXPECT_EQ(test, swaptbl_test_offset(lookup.folio),
			lookup.offset + 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(lookup.folio), 2);
}

/* As swap in and split do it: the slot stays, its folio is another. */
static void actor_puts_other_in_place(void *arg)
{
	struct lookup *lookup = arg;

	folio_mark_uptodate(lookup->next);
	lookup->err = swaptbl_cache_replace_folio(lookup->folio, lookup->next);
}

static void lookup_meets_replace(struct kunit *test)
{
	struct lookup lookup = {};

	KUNIT_EXPECT_PTR_EQ(test, look_up(test, &lookup, window_of(test),
					  actor_puts_other_in_place),
			    lookup.next);
	KUNIT_EXPECT_EQ(test, folio_ref_count(lookup.folio), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(lookup.next), 3);
	folio_put(lookup.next);
}

static struct kunit_case swaptbl_cache_cases[] = {
	KUNIT_CASE(lookup_finds_every_slot),
	KUNIT_CASE(lookup_without_folio),
	KUNIT_CASE(unbind_keeps_shadow),
	KUNIT_CASE(unbind_frees_runs),
	KUNIT_CASE(unbind_refused),
	KUNIT_CASE_PARAM(lookup_meets_free, window_gen_params),
	KUNIT_CASE_PARAM(lookup_meets_swap_out, window_gen_params),
	KUNIT_CASE_PARAM(lookup_meets_other_folio, window_gen_params),
	KUNIT_CASE(lookup_finds_part),
	KUNIT_CASE(lookup_meets_last_put),
	KUNIT_CASE_PARAM(lookup_meets_move, window_gen_params),
	KUNIT_CASE_PARAM(lookup_meets_replace, window_gen_params),
	{}
};

static struct kunit_suite swaptbl_cache_suite = {
	.name = "swaptbl_cache",
	.test_cases = swaptbl_cache_cases,
};

kunit_test_suite(swaptbl_cache_suite);
