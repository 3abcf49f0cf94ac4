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
 * folio->swap while it is bound, 0 otherwise; a pointer to the handle of its group, with
 * the flags below in its lowest bits, in folio->index; its place on an LRU list in
 * folio->lru; and PG_uptodate and PG_dirty with their usual meaning, "holds the data"
 * and "the store does not". PG_swapcache, PG_lru, PG_active, PG_unevictable and
 * folio->mapping stay clear, so core mm reads none of it. All are under the folio lock,
 * but for what lru.h says of its part. Flags change by atomic operations, as the two
 * halves have different locks.
 */
#ifndef _SWAPTBL_FOLIO_H
#define _SWAPTBL_FOLIO_H

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "entry.h"
#include "handle.h"

struct swaptbl_device;

/* To slots of any engine: the kernel's own uses the same field. */
static inline bool swaptbl_folio_bound_anywhere(const struct folio *folio)
{
	return folio->swap.val;
}

/* To slots of this engine: it never sets PG_swapcache, the kernel's always. */
static inline bool swaptbl_folio_bound(const struct folio *folio)
{
	return swaptbl_folio_bound_anywhere(folio) && !folio_test_swapcache(folio);
}

/**
 * enum swaptbl_folio_flag - lowest bits of folio->index
 * @SWAPTBL_FOLIO_FAILED: its read failed; it has left the cache for good
 * @SWAPTBL_FOLIO_READAHEAD: read ahead, nobody has asked for it yet
 * @SWAPTBL_FOLIO_WORKINGSET: belongs to the workingset
 * @SWAPTBL_FOLIO_ACTIVE: came back soon enough to be kept once more
 * @SWAPTBL_FOLIO_LRU: on an LRU list, and nobody is about to move it or take it off
 * @SWAPTBL_FOLIO_LRU_MANAGED: on a list, on its way to one, or isolated from one
 * @SWAPTBL_FOLIO_LRU_ISOLATED: taken off a list, by somebody who has it now
 * @SWAPTBL_FOLIO_LRU_ACTIVE: which list, as PG_active in mainline; while it is on one of a
 *	tree with generations, bit 0 of which generation
 * @SWAPTBL_FOLIO_LRU_OLDER: bit 1 of that
 * @SWAPTBL_FOLIO_LRU_FILE: likewise, as PG_swapbacked, the other way round
 * @SWAPTBL_FOLIO_LRU_UNEVICTABLE: likewise, as PG_unevictable
 * @SWAPTBL_FOLIO_NR_FLAGS: number of flags
 */
enum swaptbl_folio_flag {
	SWAPTBL_FOLIO_FAILED,
	SWAPTBL_FOLIO_READAHEAD,
	SWAPTBL_FOLIO_WORKINGSET,
	SWAPTBL_FOLIO_ACTIVE,
	SWAPTBL_FOLIO_LRU,
	SWAPTBL_FOLIO_LRU_MANAGED,
	SWAPTBL_FOLIO_LRU_ISOLATED,
	SWAPTBL_FOLIO_LRU_ACTIVE,
	SWAPTBL_FOLIO_LRU_OLDER,
	SWAPTBL_FOLIO_LRU_FILE,
	SWAPTBL_FOLIO_LRU_UNEVICTABLE,
	SWAPTBL_FOLIO_NR_FLAGS,
};

#define SWAPTBL_FOLIO_FLAGS	GENMASK(SWAPTBL_FOLIO_NR_FLAGS - 1, 0)

/* Those that say how a folio was used, and go where its data goes. */
#define SWAPTBL_FOLIO_USE_FLAGS	GENMASK(SWAPTBL_FOLIO_ACTIVE, 0)

/* What a folio that was charged names as its group, or NULL. */
static inline struct swaptbl_handle *
swaptbl_folio_handle(const struct folio *folio)
{
	return (struct swaptbl_handle *)(READ_ONCE(folio->index) &
					 ~SWAPTBL_FOLIO_FLAGS);
}

static inline unsigned long swaptbl_folio_flags(const struct folio *folio)
{
	return READ_ONCE(folio->index) & SWAPTBL_FOLIO_FLAGS;
}

/* Id of the group that a folio was charged to, 0 for none. */
static inline unsigned int swaptbl_folio_group(const struct folio *folio)
{
	const struct swaptbl_handle *handle = swaptbl_folio_handle(folio);

	return handle ? handle->id : 0;
}

/*
 * Once for each folio, before its first use: of a fresh page the field holds what the
 * page allocator left there.
 */
static inline void swaptbl_folio_init(struct folio *folio)
{
	WRITE_ONCE(folio->index, 0);
}

/* See charge.c, which has the references and the pages right as well. */
static inline void swaptbl_folio_set_handle(struct folio *folio,
					    const struct swaptbl_handle *handle)
{
	WRITE_ONCE(folio->index,
		   (unsigned long)handle | swaptbl_folio_flags(folio));
}

static inline bool swaptbl_folio_test(const struct folio *folio,
				      enum swaptbl_folio_flag flag)
{
	return test_bit(flag, &folio->index);
}

static inline void swaptbl_folio_set(struct folio *folio,
				     enum swaptbl_folio_flag flag)
{
	set_bit(flag, &folio->index);
}

static inline void swaptbl_folio_clear(struct folio *folio,
				       enum swaptbl_folio_flag flag)
{
	clear_bit(flag, &folio->index);
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
