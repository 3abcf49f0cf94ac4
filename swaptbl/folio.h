/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a caller does with a folio and with entries.
 *
 * A folio goes, after swaptbl_folio_init(), through swaptbl_folio_alloc_swap(), which
 * binds it to slots of count 0; swaptbl_folio_dup_swap() and swaptbl_folio_put_swap()
 * as references to its entries come and go; and swaptbl_folio_free_swap() once none is
 * left. Meanwhile it may be evicted and swapped in again, see evict.h and swapin.h. Who
 * has entries but no folio uses the _direct forms.
 *
 * Where the engine keeps its state of a folio: the entry of the first page in
 * folio->swap while it is bound, 0 otherwise; the owner group's id and the flags
 * below in folio->index; and PG_uptodate and PG_dirty with their usual meaning,
 * "holds the data" and "the store does not". PG_swapcache, PG_lru and folio->mapping
 * stay clear, so core mm reads none of it. All are under the folio lock.
 */
#ifndef _SWAPTBL_FOLIO_H
#define _SWAPTBL_FOLIO_H

#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "entry.h"

struct swaptbl_device;

static inline bool swaptbl_folio_bound(const struct folio *folio)
{
	return folio->swap.val;
}

/**
 * enum swaptbl_folio_flag - bits of folio->index above the group's id
 * @SWAPTBL_FOLIO_FAILED: its read failed; it has left the cache for good
 * @SWAPTBL_FOLIO_READAHEAD: read ahead, nobody has asked for it yet
 * @SWAPTBL_FOLIO_WORKINGSET: belongs to the workingset
 * @SWAPTBL_FOLIO_ACTIVE: came back soon enough to be kept once more
 */
enum swaptbl_folio_flag {
	SWAPTBL_FOLIO_FAILED		= SWAPTBL_GROUP_BITS,
	SWAPTBL_FOLIO_READAHEAD,
	SWAPTBL_FOLIO_WORKINGSET,
	SWAPTBL_FOLIO_ACTIVE,
};

static inline unsigned int swaptbl_folio_group(const struct folio *folio)
{
	return folio->index & SWAPTBL_GROUP_MAX;
}

/*
 * Once for each folio, before its first use: of a fresh page the field holds what the
 * page allocator left there.
 */
static inline void swaptbl_folio_init(struct folio *folio, unsigned int group)
{
	folio->index = group;
}

/* Only before the folio is bound: afterwards the slots follow their folio. */
static inline void swaptbl_folio_set_group(struct folio *folio,
					   unsigned int group)
{
	folio->index = (folio->index & ~SWAPTBL_GROUP_MAX) | group;
}

static inline bool swaptbl_folio_test(const struct folio *folio,
				      enum swaptbl_folio_flag flag)
{
	return folio->index & BIT(flag);
}

static inline void swaptbl_folio_set(struct folio *folio,
				     enum swaptbl_folio_flag flag)
{
	folio->index |= BIT(flag);
}

static inline void swaptbl_folio_clear(struct folio *folio,
				       enum swaptbl_folio_flag flag)
{
	folio->index &= ~BIT(flag);
}

/* Whether the slot at @offset of device @type is one of @folio's, which is locked. */
static inline bool swaptbl_folio_has(const struct folio *folio,
				     unsigned int type, unsigned long offset)
{
	return swaptbl_folio_bound(folio) && swp_type(folio->swap) == type &&
	       offset - swp_offset(folio->swap) < folio_nr_pages(folio);
}

int swaptbl_folio_alloc_swap(struct folio *folio);
int swaptbl_folio_alloc_swap_on(struct swaptbl_device *dev, struct folio *folio);
int swaptbl_folio_dup_swap(struct folio *folio, struct page *subpage, gfp_t gfp);
int swaptbl_folio_put_swap(struct folio *folio, struct page *subpage);
int swaptbl_folio_free_swap(struct folio *folio);

int swaptbl_dup_entries_direct(swp_entry_t entry, unsigned int nr, gfp_t gfp);
int swaptbl_put_entries_direct(swp_entry_t entry, unsigned int nr);

int swaptbl_alloc_exclusive(unsigned int type, swp_entry_t *entry);
int swaptbl_free_exclusive(swp_entry_t entry);

#endif /* _SWAPTBL_FOLIO_H */
