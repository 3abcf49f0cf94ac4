/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a caller does with a folio and with entries.
 *
 * A folio goes through swaptbl_folio_alloc_swap(), which binds it to slots of
 * count 0; swaptbl_folio_dup_swap() and swaptbl_folio_put_swap() as references
 * to its entries come and go; and swaptbl_folio_free_swap() once none is left.
 * Who has entries but no folio uses the _direct forms.
 *
 * Where the engine keeps its state of a folio: the entry of the first page in
 * folio->swap while it is bound, 0 otherwise; the owner group's id in
 * folio->index. PG_swapcache, PG_lru and folio->mapping stay clear, so core mm
 * reads neither. Both are under the folio lock.
 */
#ifndef _SWAPTBL_FOLIO_H
#define _SWAPTBL_FOLIO_H

#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

struct swaptbl_device;

static inline bool swaptbl_folio_bound(const struct folio *folio)
{
	return folio->swap.val;
}

static inline unsigned int swaptbl_folio_group(const struct folio *folio)
{
	return folio->index;
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
