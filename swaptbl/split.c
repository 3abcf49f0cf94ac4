// SPDX-License-Identifier: GPL-2.0
/*
 * Splitting a large cached folio.
 *
 * A module cannot take a compound page apart: nothing that does is exported. So the
 * parts are new folios, which get the data copied. The slots and their counts stay
 * where they are.
 */
#include <kunit/visibility.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "cache.h"
#include "charge.h"
#include "cluster.h"
#include "device.h"
#include "folio.h"
#include "lru.h"
#include "lruvec.h"
#include "split.h"
#include "stats.h"
#include "sync.h"

/**
 * struct split - one split under way
 * @folio: what is split
 * @part: the parts, as many as were made so far
 * @nr: how many parts there are to be
 * @order: of the parts
 */
struct split {
	struct folio *folio;
	struct folio **part;
	unsigned int nr;
	unsigned int order;
};

static struct folio *part_alloc(const struct split *split, gfp_t gfp)
{
	struct folio *part;

	if (swaptbl_should_fail(SWAPTBL_MEM_FOLIO, gfp))
		return NULL;
	part = __folio_alloc_node(gfp, split->order, folio_nid(split->folio));
	if (!part)
		return NULL;
	__folio_set_locked(part);
	swaptbl_folio_inherit(part, split->folio);
	if (folio_test_dirty(split->folio))
		folio_set_dirty(part);
	return part;
}

static void part_fill(const struct split *split, unsigned int i)
{
	unsigned int nr = BIT(split->order), page;

	for (page = 0; page < nr; page++)
		copy_highpage(folio_page(split->part[i], page),
			      folio_page(split->folio, i * nr + page));
	folio_mark_uptodate(split->part[i]);
}

static int parts_make(struct split *split)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_HIGHMEM | __GFP_RETRY_MAYFAIL |
			  __GFP_NOWARN;
	unsigned int i;

	split->part = kvcalloc(split->nr, sizeof(*split->part), GFP_KERNEL);
	if (!split->part)
		return -ENOMEM;
	for (i = 0; i < split->nr; i++) {
		split->part[i] = part_alloc(split, gfp);
		if (!split->part[i])
			return -ENOMEM;
		part_fill(split, i);
	}
	return 0;
}

static void parts_release(struct split *split)
{
	unsigned int i;

	for (i = 0; split->part && i < split->nr && split->part[i]; i++) {
		/* Of a split that failed. */
		if (!swaptbl_folio_bound(split->part[i]))
			swaptbl_folio_unbound(split->part[i]);
		folio_unlock(split->part[i]);
		folio_put(split->part[i]);
	}
	kvfree(split->part);
}

static void replace(struct swaptbl_device *dev, struct split *split)
{
	struct folio *folio = split->folio;
	unsigned long offset = swp_offset(folio->swap);
	struct swaptbl_cluster *ci;
	enum lru_list lru;
	unsigned int i;
	bool listed;

	listed = swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED);
	lru = swaptbl_folio_lru(folio);
	swaptbl_sync(SWAPTBL_SPLIT_COPIED);
	ci = swaptbl_cluster_lock(dev, offset);
	for (i = 0; i < split->nr; i++)
		__swaptbl_cache_replace_slots(dev, ci, split->part[i],
					      swaptbl_slot(offset) +
					      (i << split->order));
	folio->swap.val = 0;
	swaptbl_cluster_unlock(ci);
	swaptbl_stat_inc(dev, SWAPTBL_STAT_SPLIT);
	swaptbl_folio_unbound(folio);
	for (i = 0; listed && i < split->nr; i++)
		swaptbl_folio_add_lru(split->part[i], lru);
	folio_put_refs(folio, folio_nr_pages(folio));
}

/**
 * swaptbl_folio_split() - replace a large folio by smaller ones
 * @folio: bound folio; unbound on success
 * @order: order of the new folios, less than that of @folio
 *
 * The new folios are bound to the slots of @folio, unlocked, and held by the cache;
 * look them up by slot. They have its data, group and state, and are on its LRU list; the
 * counts of the slots stay as they are.
 *
 * Context: Process context. May sleep. Expects the lock of @folio to be held by
 * caller, who also has a reference to it.
 * Return: 0; or, with nothing changed, -EINVAL if @folio is not locked or bound to
 * no slot, -ERANGE if @order is not less than its order, -ENOMEM; -ENODEV or
 * -ESHUTDOWN if its device is gone or going.
 */
int swaptbl_folio_split(struct folio *folio, unsigned int order)
{
	struct split split = { .folio = folio, .order = order };
	struct swaptbl_device *dev;
	int err;

	might_sleep();
	if (!folio_test_locked(folio) || !swaptbl_folio_bound(folio))
		return -EINVAL;
	if (order >= folio_order(folio))
		return -ERANGE;
	dev = swaptbl_device_get_entry(folio->swap, folio_nr_pages(folio));
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	split.nr = folio_nr_pages(folio) >> order;
	err = parts_make(&split);
	if (!err)
		replace(dev, &split);
	parts_release(&split);
	swaptbl_device_put(dev);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_split);
