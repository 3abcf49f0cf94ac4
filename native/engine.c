// SPDX-License-Identifier: GPL-2.0
/*
 * The running kernel's engine. Its device is whatever is swapped to: the one who opens it
 * sees to it that this is one device, and that nobody else swaps.
 */
#include <linux/err.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "../swaptbl/engine.h"
#include "engine.h"
#include "layout.h"
#include "symbols.h"

/* As an anonymous one that is about to be swapped out. */
static struct folio *native_folio_new(unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
					  order);

	if (!folio)
		return NULL;
	if (!mem_cgroup_disabled() && native.charge &&
	    native.charge(folio, NULL, GFP_KERNEL)) {
		folio_put(folio);
		return NULL;
	}
	folio_lock(folio);
	__folio_set_swapbacked(folio);
	folio_mark_uptodate(folio);
	return folio;
}

static int native_alloc(struct folio *folio)
{
	return native.folio_alloc_swap(folio);
}

static int native_dup_folio(struct folio *folio, struct page *page)
{
	return native.folio_dup_swap(folio, page);
}

static int native_put_folio(struct folio *folio, struct page *page)
{
	native.folio_put_swap(folio, page);
	return 0;
}

static int native_dup(swp_entry_t entry)
{
	return native.swap_dup_entry_direct(entry);
}

static int native_put(swp_entry_t entry)
{
	native.swap_put_entries_direct(entry, 1);
	return 0;
}

static int native_put_range(swp_entry_t entry, unsigned int nr)
{
	native.swap_put_entries_direct(entry, nr);
	return 0;
}

static long native_count(swp_entry_t entry)
{
	return native.swp_swapcount(entry);
}

static struct folio *native_lookup(swp_entry_t entry)
{
	return native.swap_cache_get_folio(entry);
}

/* The folio may have left the slot before its lock was taken. */
static struct folio *lock_found(struct folio *folio, swp_entry_t entry)
{
	native.swap_update_readahead(folio, NULL, 0);
	folio_lock(folio);
	if (folio_test_swapcache(folio) &&
	    folio->swap.val == round_down(entry.val, folio_nr_pages(folio)))
		return folio;
	folio_unlock(folio);
	folio_put(folio);
	return NULL;
}

/*
 * What a page fault does once it has found the folio in the cache, which the kernel has no
 * function of: those that are named for swap in are called when nothing was found.
 */
static struct folio *native_swapin(swp_entry_t entry)
{
	struct swap_info_struct *si = native.get_swap_device(entry);
	struct folio *folio;

	if (!si)
		return NULL;
	folio = native.swap_cache_get_folio(entry);
	if (folio)
		folio = lock_found(folio, entry);
	put_swap_device(si);
	return folio;
}

static int native_delete(struct folio *folio)
{
	native.swap_cache_del_folio(folio);
	return 0;
}

static int native_free(struct folio *folio)
{
	return native.folio_free_swap(folio) ? 0 : -EBUSY;
}

static unsigned long native_nr_free(void)
{
	return get_nr_swap_pages();
}

static int native_open(unsigned long slots)
{
	return native_nr_free() < slots ? -ENOSPC : 0;
}

static void native_close(void)
{
}

/* As of Linux 7.3, where RCU goes with the lock. */
#if SWAPTBL_NATIVE_LAYOUT
static void native_lruvec_lock(struct folio *folio)
{
	lruvec_unlock(native.lruvec_lock(folio));
}

static void native_lruvec_lock_irq(struct folio *folio)
{
	lruvec_unlock_irq(native.lruvec_lock_irq(folio));
}

static void native_lruvec_lock_irqsave(struct folio *folio)
{
	unsigned long flags;
	struct lruvec *lruvec = native.lruvec_lock_irqsave(folio, &flags);

	lruvec_unlock_irqrestore(lruvec, flags);
}

static void fill_lruvec_ops(struct swaptbl_engine_ops *ops)
{
	ops->lruvec_lock = native.lruvec_lock ? native_lruvec_lock : NULL;
	ops->lruvec_lock_irq = native.lruvec_lock_irq ? native_lruvec_lock_irq : NULL;
	ops->lruvec_lock_irqsave = native.lruvec_lock_irqsave ?
				   native_lruvec_lock_irqsave : NULL;
}
#else
static void fill_lruvec_ops(struct swaptbl_engine_ops *ops)
{
}
#endif

static struct swaptbl_engine native_engine = {
	.name = SWAPTBL_ENGINE_NATIVE,
	.owner = THIS_MODULE,
	.open = native_open,
	.close = native_close,
	.nr_free = native_nr_free,
	/* All bits set means that there is more. */
	.border = NATIVE_COUNT_MAX - 1,
	.err_full = -ENOMEM,
	/* Or no large folios at all. */
	.err_fragmented = IS_ENABLED(CONFIG_THP_SWAP) ? -ENOMEM : -EAGAIN,
};

/* There is no range form of dup. */
static void fill_ops(struct swaptbl_engine_ops *ops)
{
	ops->folio_new = native_folio_new;
	ops->alloc = native.folio_alloc_swap ? native_alloc : NULL;
	ops->dup_folio = native.folio_dup_swap ? native_dup_folio : NULL;
	ops->put_folio = native.folio_put_swap ? native_put_folio : NULL;
	ops->dup = native.swap_dup_entry_direct ? native_dup : NULL;
	ops->put = native.swap_put_entries_direct ? native_put : NULL;
	ops->put_range = native.swap_put_entries_direct ? native_put_range : NULL;
	ops->count = native.swp_swapcount ? native_count : NULL;
	ops->lookup = native.swap_cache_get_folio ? native_lookup : NULL;
	ops->swapin = native.swap_cache_get_folio && native.get_swap_device &&
		      native.swap_update_readahead ? native_swapin : NULL;
	ops->delete = native.swap_cache_del_folio ? native_delete : NULL;
	ops->free = native.folio_free_swap ? native_free : NULL;
}

/**
 * native_engine_add() - make the kernel's engine known
 *
 * Context: Process context. May sleep. After native_symbols_find().
 * Return: 0, or -EEXIST.
 */
int native_engine_add(void)
{
	fill_ops(&native_engine.ops);
	fill_lruvec_ops(&native_engine.ops);
	return swaptbl_engine_register(&native_engine);
}

/**
 * native_engine_del() - undo native_engine_add()
 *
 * Context: Process context. May sleep.
 */
void native_engine_del(void)
{
	swaptbl_engine_unregister(&native_engine);
}
