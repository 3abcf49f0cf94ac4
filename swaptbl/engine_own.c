// SPDX-License-Identifier: GPL-2.0
/*
 * This module's engine, as one among others. Its device is in memory, and used first.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "cache.h"
#include "count.h"
#include "device.h"
#include "engine.h"
#include "entry.h"
#include "folio.h"
#include "lruvec.h"
#include "swapin.h"

/* Between own_open() and own_close(), which are one user's, with a reference. */
static struct swaptbl_device *own_dev;

static struct folio *own_folio_new(unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
					  order);

	if (!folio)
		return NULL;
	swaptbl_folio_init(folio);
	folio_lock(folio);
	return folio;
}

static int own_dup_folio(struct folio *folio, struct page *page)
{
	return swaptbl_folio_dup_swap(folio, page, GFP_KERNEL);
}

static int own_dup(swp_entry_t entry)
{
	return swaptbl_dup_entries_direct(entry, 1, GFP_KERNEL);
}

static int own_put(swp_entry_t entry)
{
	return swaptbl_put_entries_direct(entry, 1);
}

static int own_dup_range(swp_entry_t entry, unsigned int nr)
{
	return swaptbl_dup_entries_direct(entry, nr, GFP_KERNEL);
}

/* Who looks up pins the device, here and in the kernel. */
static struct folio *own_lookup(swp_entry_t entry)
{
	if (swp_type(entry) != own_dev->type)
		return NULL;
	return swaptbl_cache_get_folio(own_dev, swp_offset(entry));
}

static struct folio *own_swapin(swp_entry_t entry)
{
	struct folio *folio = swaptbl_swapin(entry, BIT(0), GFP_KERNEL);

	return IS_ERR(folio) ? NULL : folio;
}

static int own_delete(struct folio *folio)
{
	const struct swaptbl_shadow nothing = {};

	return swaptbl_cache_del_folio(folio, &nothing);
}

static void own_lruvec_lock(struct folio *folio)
{
	swaptbl_lruvec_unlock(swaptbl_folio_lruvec_lock(folio));
}

static void own_lruvec_lock_irq(struct folio *folio)
{
	swaptbl_lruvec_unlock_irq(swaptbl_folio_lruvec_lock_irq(folio));
}

static void own_lruvec_lock_irqsave(struct folio *folio)
{
	unsigned long flags;
	struct swaptbl_lruvec *lruvec;

	lruvec = swaptbl_folio_lruvec_lock_irqsave(folio, &flags);
	swaptbl_lruvec_unlock_irqrestore(lruvec, flags);
}

static int own_open(unsigned long slots)
{
	const struct swaptbl_params params = {
		/* The first one is never used. */
		.nr_slots = slots + 1,
		.count_bits = SWAPTBL_COUNT_BITS_MAX,
		.prio = SHRT_MAX,
	};
	struct swaptbl_device *dev;
	const char *why;

	dev = swaptbl_device_create(&params, &why);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	/* It has files too: without a reference anybody could destroy it. */
	dev = swaptbl_device_get(dev->type);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	own_dev = dev;
	return 0;
}

/* Who asked for it to be destroyed meanwhile may be first, then there is none any more. */
static void own_close(void)
{
	unsigned int type = own_dev->type;

	swaptbl_device_put(own_dev);
	own_dev = NULL;
	swaptbl_device_destroy(type, true);
}

static unsigned long own_nr_free(void)
{
	return own_dev->nr_slots - own_dev->nr_bad -
	       atomic_long_read(&own_dev->nr_used);
}

static struct swaptbl_engine own_engine = {
	.name = SWAPTBL_ENGINE_OWN,
	.owner = THIS_MODULE,
	.ops = {
		.folio_new = own_folio_new,
		.alloc = swaptbl_folio_alloc_swap,
		.dup_folio = own_dup_folio,
		.put_folio = swaptbl_folio_put_swap,
		.dup = own_dup,
		.put = own_put,
		.dup_range = own_dup_range,
		.put_range = swaptbl_put_entries_direct,
		.count = swaptbl_count_direct,
		.lookup = own_lookup,
		.swapin = own_swapin,
		.delete = own_delete,
		.free = swaptbl_folio_free_swap,
		.lruvec_lock = own_lruvec_lock,
		.lruvec_lock_irq = own_lruvec_lock_irq,
		.lruvec_lock_irqsave = own_lruvec_lock_irqsave,
	},
	.open = own_open,
	.close = own_close,
	.nr_free = own_nr_free,
	/* One of the bits says that there is more elsewhere. */
	.border = BIT(SWAPTBL_COUNT_BITS_MAX - 1) - 1,
	.err_full = -ENOSPC,
	.err_fragmented = -E2BIG,
	.refuses = true,
	.mixes = true,
};

/**
 * swaptbl_engine_own_add() - make this module's engine known
 *
 * Context: Process context, when the module is inserted.
 */
void swaptbl_engine_own_add(void)
{
	swaptbl_engine_register(&own_engine);
}

/**
 * swaptbl_engine_own_del() - undo swaptbl_engine_own_add()
 *
 * Context: Process context, when the module is removed.
 */
void swaptbl_engine_own_del(void)
{
	swaptbl_engine_unregister(&own_engine);
}
