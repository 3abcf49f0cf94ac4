// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites share.
 */
#include <kunit/resource.h>
#include <linux/hash.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/charge.h"
#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/entries.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/lru.h"
#include "../swaptbl/stats.h"
#include "../swaptbl/swapin.h"
#include "util.h"

const char swaptbl_test_widths[SWAPTBL_TEST_NR_WIDTHS];

unsigned int swaptbl_test_width(const void *param)
{
	return SWAPTBL_COUNT_BITS_MIN + ((const char *)param - swaptbl_test_widths);
}

void swaptbl_test_width_desc(const char *width, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "count_bits=%u",
		 swaptbl_test_width(width));
}

/* Exclusive slots pin a device, also one that an aborted case leaves behind. */
static void free_exclusive_slots(struct swaptbl_device *dev)
{
	unsigned long offset;

	if (!swaptbl_stat_sum(dev, SWAPTBL_STAT_EXCLUSIVE))
		return;
	for (offset = 1; offset < dev->nr_slots; offset++)
		if (swaptbl_entry_is_exclusive(swaptbl_test_word(dev, offset)))
			swaptbl_free_exclusive(swp_entry(dev->type, offset));
}

static void device_release(void *ctx)
{
	struct swaptbl_device *dev = ctx;

	free_exclusive_slots(dev);
	WARN_ON(swaptbl_device_destroy(dev->type, true));
}

static struct fs_struct *user_fs;

/* For suites that open disks: who runs them sees the files of a user. */
int swaptbl_test_fs_init(struct kunit_suite *suite)
{
	user_fs = current->fs;
	return 0;
}

/*
 * Cases run in kernel threads, which see no file of a user. With a @path to open,
 * take the view of who runs the suite, or give it back.
 */
void swaptbl_test_fs_swap(const char *path)
{
	if (!path || !user_fs)
		return;
	task_lock(current);
	swap(current->fs, user_fs);
	task_unlock(current);
}

struct swaptbl_device *swaptbl_test_device_make(struct kunit *test,
						const struct swaptbl_params *params)
{
	struct swaptbl_device *dev;
	const char *why = NULL;

	swaptbl_test_fs_swap(params->path);
	dev = swaptbl_device_create(params, &why);
	swaptbl_test_fs_swap(params->path);
	KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, dev, "%s", why ?: "no reason");
	/* Cases that want it say so. */
	dev->readahead = 0;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, device_release, dev));
	return dev;
}

struct swaptbl_device *swaptbl_test_device(struct kunit *test,
					   unsigned long nr_slots,
					   unsigned int count_bits)
{
	const struct swaptbl_params params = {
		.nr_slots = nr_slots,
		.count_bits = count_bits,
	};

	return swaptbl_test_device_make(test, &params);
}

struct swaptbl_device *swaptbl_test_device_prio(struct kunit *test,
						unsigned long nr_slots,
						int prio)
{
	const struct swaptbl_params params = {
		.nr_slots = nr_slots,
		.count_bits = SWAPTBL_COUNT_BITS_MIN,
		.prio = prio,
	};

	return swaptbl_test_device_make(test, &params);
}

/* For cases about the end of a device; a failure leaves it to the cleanup. */
int swaptbl_test_device_destroy(struct kunit *test, struct swaptbl_device *dev,
				bool drop)
{
	int err = swaptbl_device_destroy(dev->type, drop);

	if (!err)
		kunit_remove_action(test, device_release, dev);
	return err;
}

/* For cases where another task removes the device. */
void swaptbl_test_device_gone(struct kunit *test, struct swaptbl_device *dev)
{
	kunit_remove_action(test, device_release, dev);
}

/* Off its list, if it is on one. */
static void lru_release(struct folio *folio)
{
	swaptbl_lru_drain_all();
	if (!swaptbl_folio_isolate_lru(folio) ||
	    swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ISOLATED)) {
		swaptbl_folio_release_lru(folio);
		folio_put(folio);
	}
}

static void folio_release(void *ctx)
{
	struct folio *folio = ctx;

	/* An aborted case may leave it in either state. */
	folio_trylock(folio);
	if (swaptbl_folio_bound(folio))
		swaptbl_test_unbind(folio);
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED))
		lru_release(folio);
	swaptbl_folio_uncharge(folio);
	folio_unlock(folio);
	folio_put(folio);
}

struct folio *swaptbl_test_folio(struct kunit *test, unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_HIGHUSER, order);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	swaptbl_folio_init(folio);
	folio_lock(folio);
	swaptbl_test_folio_adopt(test, folio);
	return folio;
}

/* A locked folio with a reference goes with the test from here on. */
void swaptbl_test_folio_adopt(struct kunit *test, struct folio *folio)
{
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, folio_release, folio));
}

void swaptbl_test_folio_free(struct kunit *test, struct folio *folio)
{
	kunit_release_action(test, folio_release, folio);
}

struct folio *swaptbl_test_bound(struct kunit *test, struct swaptbl_device *dev,
				 unsigned int order)
{
	struct folio *folio = swaptbl_test_folio(test, order);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	return folio;
}

unsigned long swaptbl_test_offset(const struct folio *folio)
{
	return swp_offset(folio->swap);
}

int swaptbl_test_unbind(struct folio *folio)
{
	const struct swaptbl_shadow shadow = {};

	return swaptbl_cache_del_folio(folio, &shadow);
}

/*
 * Swap out: @folio gets slots, each gets one count, and @folio leaves them, so
 * that it can serve again. Returns the offset of the first slot or an error.
 */
long swaptbl_test_swap_out(struct swaptbl_device *dev, struct folio *folio)
{
	unsigned long offset;
	int err;

	err = swaptbl_folio_alloc_swap_on(dev, folio);
	if (err)
		return err;
	offset = swaptbl_test_offset(folio);
	err = swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL);
	swaptbl_test_unbind(folio);
	return err ?: offset;
}

/* New swapped slots with @count each. */
unsigned long swaptbl_test_swapped(struct kunit *test,
				   struct swaptbl_device *dev,
				   unsigned int order, unsigned long count)
{
	struct folio *folio = swaptbl_test_folio(test, order);
	long offset = swaptbl_test_swap_out(dev, folio);
	unsigned int i;

	KUNIT_ASSERT_GT(test, offset, 0);
	swaptbl_test_folio_free(test, folio);
	for (i = 0; i < BIT(order); i++)
		KUNIT_ASSERT_EQ(test, 0,
				swaptbl_test_dup(dev, offset + i, count - 1));
	return offset;
}

int swaptbl_test_dup(struct swaptbl_device *dev, unsigned long offset,
		     unsigned long count)
{
	int err = 0;

	while (count-- && !err)
		err = swaptbl_dup_entries(dev, offset, 1, SWAPTBL_DUP_OWNED,
					  GFP_KERNEL);
	return err;
}

int swaptbl_test_put(struct swaptbl_device *dev, unsigned long offset,
		     unsigned long count)
{
	int err = 0;

	while (count-- && !err)
		err = swaptbl_put_entries(dev, offset, 1);
	return err;
}

unsigned long swaptbl_test_word(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	unsigned long entry;

	if (!ci)
		return 0;
	entry = __swaptbl_word_get(ci, swaptbl_slot(offset));
	swaptbl_cluster_unlock(ci);
	return entry;
}

unsigned long swaptbl_test_exact(struct swaptbl_device *dev,
				 unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	unsigned long count;

	if (!ci)
		return 0;
	count = __swaptbl_cluster_count(dev, ci, swaptbl_slot(offset));
	swaptbl_cluster_unlock(ci);
	return count;
}

u32 swaptbl_test_units(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	u32 units;

	if (!ci)
		return 0;
	units = swaptbl_overflow_get(&ci->overflow, swaptbl_slot(offset));
	swaptbl_cluster_unlock(ci);
	return units;
}

/* The folio of a slot leaves it, as long as nobody else has it locked for good. */
int swaptbl_test_evict_slot(struct swaptbl_device *dev, unsigned long offset)
{
	struct folio *folio = swaptbl_cache_get_folio(dev, offset);
	int err;

	if (!folio)
		return -ENOENT;
	folio_lock(folio);
	err = swaptbl_folio_evict(folio);
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

/* The folio of a slot, of @order if there is none yet; locked, goes with the test. */
struct folio *swaptbl_test_swapin(struct kunit *test,
				  struct swaptbl_device *dev,
				  unsigned long offset, unsigned int order)
{
	struct folio *folio = swaptbl_swapin(swp_entry(dev->type, offset),
					     BIT(order), GFP_HIGHUSER);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, folio);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, folio_release, folio));
	return folio;
}

/* Swap in page by page: no assertion may leave a folio locked. */
void swaptbl_test_expect_stored(struct kunit *test, struct swaptbl_device *dev,
				unsigned long offset, unsigned int nr, u32 seed)
{
	struct folio *folio;
	unsigned int i, page;

	for (i = 0; i < nr; i++) {
		folio = swaptbl_swapin(swp_entry(dev->type, offset + i), BIT(0),
				       GFP_KERNEL);
		if (IS_ERR(folio)) {
			KUNIT_FAIL(test, "slot %lu: error %ld", offset + i,
				   PTR_ERR(folio));
			return;
		}
		page = offset + i - swaptbl_test_offset(folio);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_page_filled(folio, page, i,
								 seed));
		folio_unlock(folio);
		folio_put(folio);
	}
}

/* Behind the engine's back: @bits of the word of a slot are flipped. */
void swaptbl_test_change_word(struct swaptbl_device *dev, unsigned long offset,
			      unsigned long bits)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);

	atomic_long_xor(bits,
			&__swaptbl_cluster_table(ci)->word[swaptbl_slot(offset)]);
	swaptbl_cluster_unlock(ci);
}

/* A slot of count 1 is freed, and allocated as an exclusive one is. */
int swaptbl_test_make_exclusive(struct swaptbl_device *dev, unsigned long offset)
{
	struct swaptbl_cluster *ci;
	int err = swaptbl_test_put(dev, offset, 1);

	if (err)
		return err;
	ci = swaptbl_cluster_lock(dev, offset);
	err = __swaptbl_cluster_alloc_entry(dev, ci, swaptbl_slot(offset),
					    swaptbl_exclusive_entry());
	__swaptbl_cluster_claim(dev, ci, swaptbl_slot(offset), 1, 0);
	swaptbl_stat_inc(dev, SWAPTBL_STAT_ALLOC_EXCLUSIVE);
	swaptbl_cluster_unlock(ci);
	return err;
}

static void snapshot_take(struct swaptbl_device *dev, unsigned long offset,
			  struct swaptbl_test_snapshot *snapshot)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	unsigned int slot;

	memset(snapshot, 0, sizeof(*snapshot));
	if (!ci)
		return;
	for (slot = 0; slot < SWAPTBL_CLUSTER_SLOTS; slot++) {
		snapshot->word[slot] = __swaptbl_word_get(ci, slot);
		snapshot->units[slot] = swaptbl_overflow_get(&ci->overflow, slot);
	}
	snapshot->nr_overflowed = ci->overflow.nr;
	swaptbl_cluster_unlock(ci);
}

struct swaptbl_test_snapshot *swaptbl_test_snapshot(struct kunit *test,
						    struct swaptbl_device *dev,
						    unsigned long offset)
{
	struct swaptbl_test_snapshot *snapshot;

	snapshot = kunit_kmalloc(test, sizeof(*snapshot), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, snapshot);
	snapshot_take(dev, offset, snapshot);
	return snapshot;
}

bool swaptbl_test_unchanged(struct swaptbl_device *dev, unsigned long offset,
			    const struct swaptbl_test_snapshot *before)
{
	struct swaptbl_test_snapshot *now = kmalloc(sizeof(*now), GFP_KERNEL);
	bool same;

	if (!now)
		return false;
	snapshot_take(dev, offset, now);
	same = !memcmp(now, before, sizeof(*now));
	kfree(now);
	return same;
}

static void hooks_sync(void *data, enum swaptbl_sync_point point)
{
	struct swaptbl_test_hooks *hooks = data;

	if (hooks->acting || point != hooks->point)
		return;
	if (hooks->passed++ || !hooks->actor)
		return;
	hooks->acting = true;
	hooks->actor(hooks->arg);
	hooks->acting = false;
}

static bool hooks_fail(void *data, enum swaptbl_alloc_site site, gfp_t gfp)
{
	struct swaptbl_test_hooks *hooks = data;

	if (hooks->acting)
		return false;
	hooks->site[site]++;
	hooks->allocs++;
	if (hooks->fail_from && hooks->allocs >= hooks->fail_from)
		return true;
	return hooks->allocs == hooks->fail_at;
}

static bool hooks_fail_io(void *data, enum swaptbl_io_op op,
			  unsigned long offset)
{
	struct swaptbl_test_hooks *hooks = data;

	if (hooks->acting)
		return false;
	hooks->io[op]++;
	return ++hooks->ios == hooks->fail_io_at;
}

void swaptbl_test_hooks_begin(struct swaptbl_test_hooks *hooks)
{
	hooks->hooks.sync = hooks_sync;
	hooks->hooks.fail = hooks_fail;
	hooks->hooks.fail_io = hooks_fail_io;
	hooks->hooks.data = hooks;
	swaptbl_sync_install(&hooks->hooks);
}

void swaptbl_test_hooks_end(struct swaptbl_test_hooks *hooks)
{
	swaptbl_sync_remove();
	hooks->acting = false;
}

static u32 fill_word(unsigned int page, unsigned int i, u32 seed)
{
	return hash_32(seed, 32) + page * SWAPTBL_CLUSTER_SLOTS * 3 + i;
}

/* Page @page of @folio gets what @seed says of page @number. */
void swaptbl_test_fill_page(struct folio *folio, unsigned int page,
			    unsigned int number, u32 seed)
{
	u32 *word = kmap_local_folio(folio, page * PAGE_SIZE);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		word[i] = fill_word(number, i, seed);
	kunmap_local(word);
}

bool swaptbl_test_page_filled(struct folio *folio, unsigned int page,
			      unsigned int number, u32 seed)
{
	u32 *word = kmap_local_folio(folio, page * PAGE_SIZE);
	bool same = true;
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		same &= word[i] == fill_word(number, i, seed);
	kunmap_local(word);
	return same;
}

void swaptbl_test_fill(struct folio *folio, u32 seed)
{
	unsigned int page;

	for (page = 0; page < folio_nr_pages(folio); page++)
		swaptbl_test_fill_page(folio, page, page, seed);
}

/* @folio has what swaptbl_test_fill() puts into the pages from @page on. */
bool swaptbl_test_filled(struct folio *folio, unsigned int page, u32 seed)
{
	unsigned int i;

	for (i = 0; i < folio_nr_pages(folio); i++)
		if (!swaptbl_test_page_filled(folio, i, page + i, seed))
			return false;
	return true;
}

/* New swapped slots of count 1, and their data in the store. */
unsigned long swaptbl_test_evicted(struct kunit *test,
				   struct swaptbl_device *dev,
				   unsigned int order, u32 seed)
{
	struct folio *folio = swaptbl_test_bound(test, dev, order);
	unsigned long offset = swaptbl_test_offset(folio);

	swaptbl_test_fill(folio, seed);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	swaptbl_test_folio_free(test, folio);
	return offset;
}

void swaptbl_test_random(struct kunit *test, struct rnd_state *rnd)
{
	unsigned long seed = swaptbl_test_seed ?: get_random_long();

	kunit_info(test, "seed=%lu", seed);
	prandom_seed_state(rnd, seed);
}

unsigned int swaptbl_test_below(struct rnd_state *rnd, unsigned int limit)
{
	return prandom_u32_state(rnd) % limit;
}
