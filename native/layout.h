/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Structures of the kernel's swap that no header of it shows to modules: what a cluster is,
 * and how a word of its table is read. As of Linux 7.3, see compat.h.
 */
#ifndef _SWAPTBL_NATIVE_LAYOUT_H
#define _SWAPTBL_NATIVE_LAYOUT_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <linux/types.h>

#include "../swaptbl/geometry.h"

#if IS_ENABLED(CONFIG_THP_SWAP)
#define NATIVE_CLUSTER_SLOTS	HPAGE_PMD_NR
#else
#define NATIVE_CLUSTER_SLOTS	256
#endif

#if defined(MAX_POSSIBLE_PHYSMEM_BITS)
#define NATIVE_PFN_BITS		(MAX_POSSIBLE_PHYSMEM_BITS - PAGE_SHIFT)
#elif defined(MAX_PHYSMEM_BITS)
#define NATIVE_PFN_BITS		(MAX_PHYSMEM_BITS - PAGE_SHIFT)
#else
#define NATIVE_PFN_BITS		(BITS_PER_LONG - PAGE_SHIFT)
#endif

/* From the top: the count, the zero flag if there is room, pfn or shadow, the kind. */
#define NATIVE_HAS_ZERO		(BITS_PER_LONG - 2 - NATIVE_PFN_BITS > 2)
#define NATIVE_FLAG_BITS	MIN(5, BITS_PER_LONG - 2 - NATIVE_PFN_BITS)
#define NATIVE_COUNT_BITS	(NATIVE_FLAG_BITS - NATIVE_HAS_ZERO)
#define NATIVE_COUNT_SHIFT	(BITS_PER_LONG - NATIVE_COUNT_BITS)
#define NATIVE_COUNT_MAX	((1U << NATIVE_COUNT_BITS) - 1)
#define NATIVE_ZERO_FLAG	BIT(BITS_PER_LONG - NATIVE_FLAG_BITS)
#define NATIVE_VALUE_MASK	(~0UL >> NATIVE_FLAG_BITS)
#define NATIVE_BAD		(~0UL << 3)

/* Set in the device's count of used slots while it is on no list of devices to use. */
#define NATIVE_OFFLIST		BIT(BITS_PER_LONG - 2)

/**
 * enum native_list - lists of clusters, by struct native_cluster.flags
 * @NATIVE_LIST_NONE: on none for a moment
 * @NATIVE_LIST_FREE: has no used slot
 * @NATIVE_LIST_NONFULL: has free slots
 * @NATIVE_LIST_FRAG: has free slots, but no run of its order was found
 * @NATIVE_LIST_FULL: has none
 * @NATIVE_LIST_DISCARD: is to be discarded
 * @NATIVE_NR_LISTS: number of them
 */
enum native_list {
	NATIVE_LIST_NONE,
	NATIVE_LIST_FREE,
	NATIVE_LIST_NONFULL,
	NATIVE_LIST_FRAG,
	NATIVE_LIST_FULL,
	NATIVE_LIST_DISCARD,
	NATIVE_NR_LISTS,
};

/**
 * struct native_cluster - struct swap_cluster_info
 * @lock: protects all but @list
 * @count: used slots, bad ones included
 * @flags: an enum native_list
 * @order: of the runs that it serves
 * @table: words; NULL while no slot is used
 * @extend_table: larger counts, by slot; or NULL
 * @memcg_table: owners of swapped slots
 * @zero_bitmap: where words have no zero flag
 * @list: link of the list; under the device's lock
 */
struct native_cluster {
	spinlock_t lock; /* see above */
	u16 count;
	u8 flags;
	u8 order;
	atomic_long_t __rcu *table;
	unsigned int *extend_table;
#if IS_ENABLED(CONFIG_MEMCG)
	void *memcg_table;
#endif
#if !NATIVE_HAS_ZERO
	unsigned long *zero_bitmap;
#endif
	struct list_head list;
};

static inline bool native_is_cached(unsigned long word)
{
	return (word & 3) == 2;
}

static inline bool native_is_swapped(unsigned long word)
{
	return word & 1;
}

static inline unsigned int native_word_count(unsigned long word)
{
	return word >> NATIVE_COUNT_SHIFT;
}

static inline unsigned long native_word_pfn(unsigned long word)
{
	return (word & NATIVE_VALUE_MASK) >> 2;
}

struct native_struct;

/**
 * struct native_layout - structures that are read, as they are taken to be
 * @known: the structures
 * @nr: how many
 */
struct native_layout {
	const struct native_struct *known;
	unsigned int nr;
};

extern const struct native_layout native_layout;

bool native_struct_is_known(const struct native_struct *known);
bool native_layout_is_known(const struct native_layout *layout);

#endif /* _SWAPTBL_NATIVE_LAYOUT_H */
