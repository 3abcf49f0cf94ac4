// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swap out when it fails, when nobody waits for it, and when somebody
 * comes in between: swaptbl/evict.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/compat.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define SEED	0x5eed

static const unsigned int orders[] = { 0, 2, SWAPTBL_CLUSTER_ORDER };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static unsigned int order_of(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

static struct folio *make_folio(struct kunit *test, struct swaptbl_device *dev,
				unsigned int order)
{
	struct folio *folio = swaptbl_test_bound(test, dev, order);

	swaptbl_test_fill(folio, SEED);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	return folio;
}

/* As before the write that failed: still the only one that has the data. */
static void expect_kept(struct kunit *test, struct folio *folio)
{
	KUNIT_EXPECT_TRUE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(folio, 0, SEED));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + folio_nr_pages(folio));
}

static void write_error_keeps_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, order_of(test));
	unsigned long offset = swaptbl_test_offset(folio);
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	struct swaptbl_test_snapshot *before;

	KUNIT_ASSERT_EQ(test, 0, swaptbl_test_dup(dev, offset, 6));
	before = swaptbl_test_snapshot(test, dev, offset);
	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), -EIO);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	expect_kept(test, folio);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE_ERROR), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_EVICT), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE), 0);
	swaptbl_expect_verified(test, dev);
	/* It was the store's fault, and it is over. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	swaptbl_test_folio_free(test, folio);
	swaptbl_test_expect_stored(test, dev, offset, BIT(order_of(test)), SEED);
	swaptbl_expect_verified(test, dev);
}

/* Nothing is asked of the store, so nothing of it can fail. */
static void zeroes_cannot_fail(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, 2);
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };

	if (!SWAPTBL_ZERO_BITS)
		kunit_skip(test, "the word has no bit for it");
	folio_zero_range(folio, 0, folio_size(folio));
	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.ios, 0);
	swaptbl_expect_verified(test, dev);
}

/* The lock of a folio that was given away comes back by itself. */
static void async_hands_lock_over(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);

	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(folio), 0);
	folio_lock(folio);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE_IO), 1);
	swaptbl_test_folio_free(test, folio);
	swaptbl_test_expect_stored(test, dev, offset, BIT(order), SEED);
	swaptbl_expect_verified(test, dev);
}

static void make_clean(struct swaptbl_device *dev, struct folio *folio)
{
	folio_clear_dirty(folio);
}

static void make_zero(struct swaptbl_device *dev, struct folio *folio)
{
	folio_zero_range(folio, 0, folio_size(folio));
}

static void make_uncounted(struct swaptbl_device *dev, struct folio *folio)
{
	swaptbl_put_entries(dev, swaptbl_test_offset(folio),
			    folio_nr_pages(folio));
}

/**
 * struct silent - folio that is let go of without a write
 * @name: of the case
 * @make: make it one
 * @used: of its four slots
 */
struct silent {
	const char *name;
	void (*make)(struct swaptbl_device *dev, struct folio *folio);
	unsigned int used;
};

static const struct silent silents[] = {
	{ "clean", make_clean, 4 },
	{ "zero", make_zero, 4 },
	{ "uncounted", make_uncounted, 0 },
};

static void silent_desc(const struct silent *silent, char *desc)
{
	strscpy(desc, silent->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(silent, silents, silent_desc);

static void async_without_write(struct kunit *test)
{
	const struct silent *silent = test->param_value;
	struct swaptbl_device *dev = swaptbl_test_device(test, SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, 2);

	if (silent->make == make_zero && !SWAPTBL_ZERO_BITS)
		kunit_skip(test, "the word has no bit for it");
	silent->make(dev, folio);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(folio), 0);
	folio_lock(folio);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE_IO), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), silent->used);
	swaptbl_expect_verified(test, dev);
}

static void async_error_keeps_folio(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	struct folio *folio = make_folio(test, dev, order_of(test));
	unsigned long offset = swaptbl_test_offset(folio);
	struct swaptbl_test_hooks hooks = { .fail_io_at = 1 };
	struct swaptbl_test_snapshot *before;

	before = swaptbl_test_snapshot(test, dev, offset);
	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict_async(folio), 0);
	swaptbl_test_hooks_end(&hooks);
	folio_lock(folio);
	expect_kept(test, folio);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_unchanged(dev, offset, before));
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE_ERROR), 1);
	swaptbl_expect_verified(test, dev);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(folio), 0);
	swaptbl_test_folio_free(test, folio);
	swaptbl_test_expect_stored(test, dev, offset, BIT(order_of(test)), SEED);
}

#define NR_BATCH	5

static void expect_batch(struct kunit *test, struct swaptbl_device *dev,
			 unsigned int fail_at)
{
	struct swaptbl_test_hooks hooks = { .fail_io_at = fail_at };
	unsigned long offset[NR_BATCH];
	struct folio_batch fbatch;
	unsigned int i;

	folio_batch_init(&fbatch);
	for (i = 0; i < NR_BATCH; i++) {
		folio_batch_add(&fbatch, make_folio(test, dev, i % 3));
		offset[i] = swaptbl_test_offset(fbatch.folios[i]);
	}
	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_evict_folios(&fbatch), -EIO);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.io[SWAPTBL_IO_WRITE], NR_BATCH);
	for (i = 0; i < NR_BATCH; i++) {
		KUNIT_EXPECT_TRUE(test, folio_test_locked(fbatch.folios[i]));
		KUNIT_EXPECT_EQ(test, swaptbl_folio_bound(fbatch.folios[i]),
				i == fail_at - 1);
	}
	swaptbl_expect_verified(test, dev);
	expect_kept(test, fbatch.folios[fail_at - 1]);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(fbatch.folios[fail_at - 1]), 0);
	for (i = 0; i < NR_BATCH; i++) {
		swaptbl_test_folio_free(test, fbatch.folios[i]);
		swaptbl_test_expect_stored(test, dev, offset[i], BIT(i % 3), SEED);
	}
}

static void batch_with_one_error(struct kunit *test)
{
	struct swaptbl_device *dev = swaptbl_test_device(test, 2 * SLOTS, BITS);
	unsigned int fail_at;

	for (fail_at = 1; fail_at <= NR_BATCH; fail_at++)
		expect_batch(test, dev, fail_at);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_WRITE_ERROR),
			NR_BATCH);
	swaptbl_expect_verified(test, dev);
}

/**
 * struct scene - an evict and who comes in between
 * @dev: the device
 * @offset: first of the folio's two slots
 * @folio: the folio
 * @uncounted: nobody has a count at first
 * @err: of what the other actor did
 */
struct scene {
	struct swaptbl_device *dev;
	unsigned long offset;
	struct folio *folio;
	bool uncounted;
	int err;
};

static void play(struct kunit *test, struct scene *scene,
		 void (*actor)(void *arg))
{
	struct swaptbl_test_hooks hooks = {
		.point = *(const enum swaptbl_sync_point *)test->param_value,
		.actor = actor,
		.arg = scene,
	};

	scene->dev = swaptbl_test_device(test, SLOTS, BITS);
	scene->folio = make_folio(test, scene->dev, 1);
	scene->offset = swaptbl_test_offset(scene->folio);
	if (scene->uncounted)
		make_uncounted(scene->dev, scene->folio);
	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_evict(scene->folio), 0);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_GE(test, hooks.passed, 1);
	KUNIT_EXPECT_EQ(test, scene->err, 0);
	KUNIT_EXPECT_FALSE(test, swaptbl_folio_bound(scene->folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(scene->folio), 1);
	swaptbl_expect_verified(test, scene->dev);
}

static const enum swaptbl_sync_point windows[] = {
	SWAPTBL_EVICT_CHECKED,
	SWAPTBL_EVICT_WRITTEN,
};

static void window_desc(const enum swaptbl_sync_point *window, char *desc)
{
	strscpy(desc, *window == SWAPTBL_EVICT_CHECKED ? "checked" : "written",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(window, windows, window_desc);

static void actor_counts(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_test_dup(scene->dev, scene->offset, 7);
	scene->err |= swaptbl_test_put(scene->dev, scene->offset + 1, 1);
}

/* The counts are those of the end; the slot that nobody wants any more is free. */
static void counts_change_meanwhile(struct kunit *test)
{
	struct scene scene = {};

	play(test, &scene, actor_counts);
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset), 8);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(scene.dev, scene.offset + 1), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.dev->nr_used), 1);
	swaptbl_test_expect_stored(test, scene.dev, scene.offset, 1, SEED);
}

static void actor_puts_all(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_put_entries(scene->dev, scene->offset, 2);
}

static void all_freed_meanwhile(struct kunit *test)
{
	struct scene scene = {};

	play(test, &scene, actor_puts_all);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&scene.dev->nr_used), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_SHADOWS), 0);
}

static void actor_counts_first(void *arg)
{
	struct scene *scene = arg;

	scene->err = swaptbl_dup_entries(scene->dev, scene->offset + 1, 1,
					 SWAPTBL_DUP_CACHED, GFP_KERNEL);
}

/* It was not worth a write, and is now: the data must not be lost. */
static void first_count_comes_meanwhile(struct kunit *test)
{
	struct scene scene = { .uncounted = true };

	play(test, &scene, actor_counts_first);
	KUNIT_EXPECT_EQ(test, swaptbl_test_word(scene.dev, scene.offset), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_count(scene.dev, scene.offset + 1), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_EVICT), 2);
	scene.folio = swaptbl_test_swapin(test, scene.dev, scene.offset + 1, 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_filled(scene.folio, 1, SEED));
	swaptbl_expect_verified(test, scene.dev);
}

/* Until the words change, the folio is what the cache says, and locked. */
static void actor_looks_up(void *arg)
{
	struct scene *scene = arg;
	struct folio *folio = swaptbl_cache_get_folio(scene->dev, scene->offset);
	swp_entry_t entry = swp_entry(scene->dev->type, scene->offset);

	if (folio != scene->folio || !folio_test_locked(folio))
		scene->err = -EINVAL;
	if (folio)
		folio_put(folio);
	scene->err |= swaptbl_swapin_async(entry, BIT(1), GFP_KERNEL);
}

static void folio_found_meanwhile(struct kunit *test)
{
	struct scene scene = {};

	play(test, &scene, actor_looks_up);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene.dev, SWAPTBL_STAT_READ_IO), 0);
	swaptbl_test_expect_stored(test, scene.dev, scene.offset, 2, SEED);
}

static struct kunit_case swaptbl_folio_fail_cases[] = {
	KUNIT_CASE_PARAM(write_error_keeps_folio, order_gen_params),
	KUNIT_CASE(zeroes_cannot_fail),
	KUNIT_CASE_PARAM(async_hands_lock_over, order_gen_params),
	KUNIT_CASE_PARAM(async_without_write, silent_gen_params),
	KUNIT_CASE_PARAM(async_error_keeps_folio, order_gen_params),
	KUNIT_CASE(batch_with_one_error),
	KUNIT_CASE_PARAM(counts_change_meanwhile, window_gen_params),
	KUNIT_CASE_PARAM(all_freed_meanwhile, window_gen_params),
	KUNIT_CASE_PARAM(first_count_comes_meanwhile, window_gen_params),
	KUNIT_CASE_PARAM(folio_found_meanwhile, window_gen_params),
	{}
};

static struct kunit_suite swaptbl_folio_fail_suite = {
	.name = "swaptbl_folio_fail",
	.test_cases = swaptbl_folio_fail_cases,
};

kunit_test_suite(swaptbl_folio_fail_suite);
