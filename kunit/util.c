// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites share.
 */
#include <kunit/resource.h>
#include <linux/pagemap.h>
#include <linux/random.h>
#include <linux/rcupdate.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
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

static struct swaptbl_device *device_make(struct kunit *test,
					  const struct swaptbl_params *params)
{
	const char *why = NULL;
	struct swaptbl_device *dev = swaptbl_device_create(params, &why);

	KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, dev, "%s", why ?: "no reason");
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

	return device_make(test, &params);
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

	return device_make(test, &params);
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

static void folio_release(void *ctx)
{
	struct folio *folio = ctx;

	/* An aborted case may leave it in either state. */
	folio_trylock(folio);
	if (swaptbl_folio_bound(folio))
		swaptbl_test_unbind(folio);
	folio_unlock(folio);
	folio_put(folio);
}

struct folio *swaptbl_test_folio(struct kunit *test, unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, order);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	folio_lock(folio);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, folio_release, folio));
	return folio;
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

void swaptbl_test_hooks_begin(struct swaptbl_test_hooks *hooks)
{
	hooks->hooks.sync = hooks_sync;
	hooks->hooks.fail = hooks_fail;
	hooks->hooks.data = hooks;
	swaptbl_sync_install(&hooks->hooks);
}

void swaptbl_test_hooks_end(struct swaptbl_test_hooks *hooks)
{
	swaptbl_sync_remove();
	hooks->acting = false;
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
