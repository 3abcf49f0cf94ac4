/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The entry word: one per slot, pure, no state, no lock.
 */
#ifndef _SWAPTBL_ENTRY_H
#define _SWAPTBL_ENTRY_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmdebug.h>
#include <linux/nodemask.h>

/*
 * A word is free or one of five other kinds, told apart by its lowest bits,
 * so that a pointer to eight-byte aligned memory needs no shift:
 *
 *  Free:      |-------------------------- 0 --------------------------|
 *  Swapped:   |O| COUNT |Z|-------------- SHADOW --------------------|1|
 *  Cached:    |O| COUNT |Z|------ 0 ------|---------- PFN ----------|10|
 *  Pointer:   |---------------------- POINTER ---------------------|100|
 *  Bad:       |------------------------- 0 ------------------------|1000|
 *  Exclusive: |------------------------- 0 -----------------------|10000|
 *
 *  SHADOW:    | AGE | GROUP | NODE | W |
 *
 * - Free: nobody refers to the slot, its bit in the occupancy map is clear.
 * - Swapped: the data is in the store; SHADOW says whose it was and when it
 *   left, AGE 0 that this was forgotten. Its count is never 0 outside of the
 *   cluster lock.
 * - Cached: a folio is bound to the slot; PFN is that of the folio's head page
 *   in every slot of the folio. The count may be 0 ("cached only").
 * - Pointer: reserved, never written yet.
 * - Bad: unusable for good: the header page, what the swap header lists, and
 *   what the last cluster has beyond the end of the device.
 * - Exclusive: one owner, no count, never cached (hibernation-like).
 *
 * COUNT is the inline part of the count. O says that the cluster's overflow
 * store holds more of it, see count.c. Z says that the data is all zero.
 *
 * Where the physical address leaves too few bits, Z does not exist.
 */
#define SWAPTBL_SWAPPED_MARK		0x1UL
#define SWAPTBL_SWAPPED_MARK_BITS	1
#define SWAPTBL_CACHED_MARK		0x2UL
#define SWAPTBL_CACHED_MARK_BITS	2
#define SWAPTBL_POINTER_MARK		0x4UL
#define SWAPTBL_POINTER_MARK_BITS	3
#define SWAPTBL_BAD_MARK		0x8UL
#define SWAPTBL_EXCLUSIVE_MARK		0x10UL

#if defined(MAX_POSSIBLE_PHYSMEM_BITS)
#define SWAPTBL_PFN_BITS		(MAX_POSSIBLE_PHYSMEM_BITS - PAGE_SHIFT)
#elif defined(MAX_PHYSMEM_BITS)
#define SWAPTBL_PFN_BITS		(MAX_PHYSMEM_BITS - PAGE_SHIFT)
#else
#define SWAPTBL_PFN_BITS		(BITS_PER_LONG - PAGE_SHIFT)
#endif

/* What the widest payload, a pfn, leaves for the flag and the count field. */
#define SWAPTBL_HIGH_BITS \
	(BITS_PER_LONG - SWAPTBL_PFN_BITS - SWAPTBL_CACHED_MARK_BITS)

#define SWAPTBL_ZERO_BITS		(SWAPTBL_HIGH_BITS > 2 ? 1 : 0)

/*
 * The count field with its O bit. More than 12 bits would buy nothing (2047
 * owners of one slot fit inline) and take them from the age.
 */
#define SWAPTBL_COUNT_BITS_MIN		2
#define SWAPTBL_COUNT_BITS_MAX \
	(SWAPTBL_HIGH_BITS - SWAPTBL_ZERO_BITS < 12 ? \
	 SWAPTBL_HIGH_BITS - SWAPTBL_ZERO_BITS : 12)

#define SWAPTBL_COUNT_SHIFT		(BITS_PER_LONG - SWAPTBL_COUNT_BITS_MAX)
#define SWAPTBL_ZERO_SHIFT		(SWAPTBL_COUNT_SHIFT - SWAPTBL_ZERO_BITS)

#define SWAPTBL_OVERFLOW_FLAG		BIT(BITS_PER_LONG - 1)
#define SWAPTBL_COUNT_MASK \
	GENMASK(BITS_PER_LONG - 2, SWAPTBL_COUNT_SHIFT)
#define SWAPTBL_COUNT_ONE		BIT(SWAPTBL_COUNT_SHIFT)
#define SWAPTBL_ZERO_FLAG \
	(SWAPTBL_ZERO_BITS ? BIT(SWAPTBL_ZERO_SHIFT) : 0UL)

/* Everything above the payload: what a change of kind has to keep. */
#define SWAPTBL_HIGH_MASK \
	(SWAPTBL_OVERFLOW_FLAG | SWAPTBL_COUNT_MASK | SWAPTBL_ZERO_FLAG)

#define SWAPTBL_SHADOW_BITS	(SWAPTBL_ZERO_SHIFT - SWAPTBL_SWAPPED_MARK_BITS)
#define SWAPTBL_WORKINGSET_BITS	1
#define SWAPTBL_NODE_BITS	NODES_SHIFT
/* A 16-bit group id, as a memcg has, where half of the word allows it. */
#define SWAPTBL_GROUP_BITS	(BITS_PER_LONG == 64 ? 16 : 10)
#define SWAPTBL_AGE_BITS \
	(SWAPTBL_SHADOW_BITS - SWAPTBL_GROUP_BITS - SWAPTBL_NODE_BITS - \
	 SWAPTBL_WORKINGSET_BITS)

#define SWAPTBL_NODE_SHIFT	SWAPTBL_WORKINGSET_BITS
#define SWAPTBL_GROUP_SHIFT	(SWAPTBL_NODE_SHIFT + SWAPTBL_NODE_BITS)
#define SWAPTBL_AGE_SHIFT	(SWAPTBL_GROUP_SHIFT + SWAPTBL_GROUP_BITS)

#define SWAPTBL_GROUP_MAX	(BIT(SWAPTBL_GROUP_BITS) - 1)
#define SWAPTBL_AGE_MAX		(BIT(SWAPTBL_AGE_BITS) - 1)

/* 0, 1 and "more" are the fewest states a count can do with. */
static_assert(SWAPTBL_COUNT_BITS_MAX >= SWAPTBL_COUNT_BITS_MIN);
static_assert(BITS_PER_LONG == 32 || SWAPTBL_COUNT_BITS_MAX >= 8);
static_assert(SWAPTBL_PFN_BITS + SWAPTBL_CACHED_MARK_BITS <= SWAPTBL_ZERO_SHIFT);
/* Refault distances of fewer than 64 ages say nothing. */
static_assert(SWAPTBL_AGE_BITS >= 6);

/**
 * struct swaptbl_shadow - what a swapped word remembers of its folio
 * @age: eviction age, 1 to SWAPTBL_AGE_MAX; 0 for none
 * @group: id of the owner group, 0 for none
 * @node: NUMA node of the folio
 * @workingset: the folio belonged to the workingset
 */
struct swaptbl_shadow {
	unsigned long age;
	unsigned int group;
	unsigned int node;
	bool workingset;
};

/* Cast into a word. */

static inline unsigned long swaptbl_pfn_to_entry(unsigned long pfn)
{
	VM_WARN_ON_ONCE(pfn >> SWAPTBL_PFN_BITS);
	return pfn << SWAPTBL_CACHED_MARK_BITS | SWAPTBL_CACHED_MARK;
}

static inline unsigned long swaptbl_folio_to_entry(struct folio *folio)
{
	return swaptbl_pfn_to_entry(folio_pfn(folio));
}

static inline unsigned long
swaptbl_shadow_to_entry(const struct swaptbl_shadow *shadow)
{
	unsigned long val = shadow->workingset;

	VM_WARN_ON_ONCE(shadow->group > SWAPTBL_GROUP_MAX);
	val |= (unsigned long)shadow->node << SWAPTBL_NODE_SHIFT;
	val |= (unsigned long)shadow->group << SWAPTBL_GROUP_SHIFT;
	val |= (shadow->age & SWAPTBL_AGE_MAX) << SWAPTBL_AGE_SHIFT;
	return val << SWAPTBL_SWAPPED_MARK_BITS | SWAPTBL_SWAPPED_MARK;
}

static inline unsigned long swaptbl_pointer_to_entry(const void *ptr)
{
	unsigned long val = (unsigned long)ptr;

	VM_WARN_ON_ONCE(val & GENMASK(SWAPTBL_POINTER_MARK_BITS - 1, 0));
	return val | SWAPTBL_POINTER_MARK;
}

static inline unsigned long swaptbl_bad_entry(void)
{
	return SWAPTBL_BAD_MARK;
}

static inline unsigned long swaptbl_exclusive_entry(void)
{
	return SWAPTBL_EXCLUSIVE_MARK;
}

/* Count, O and Z of @from with the kind and payload of @to. */
static inline unsigned long swaptbl_entry_move_high(unsigned long to,
						    unsigned long from)
{
	return (to & ~SWAPTBL_HIGH_MASK) | (from & SWAPTBL_HIGH_MASK);
}

/* Predicates. */

static inline bool swaptbl_entry_is_free(unsigned long entry)
{
	return !entry;
}

static inline bool swaptbl_entry_is_swapped(unsigned long entry)
{
	return entry & SWAPTBL_SWAPPED_MARK;
}

static inline bool swaptbl_entry_is_cached(unsigned long entry)
{
	return (entry & GENMASK(SWAPTBL_CACHED_MARK_BITS - 1, 0)) ==
	       SWAPTBL_CACHED_MARK;
}

static inline bool swaptbl_entry_is_pointer(unsigned long entry)
{
	return (entry & GENMASK(SWAPTBL_POINTER_MARK_BITS - 1, 0)) ==
	       SWAPTBL_POINTER_MARK;
}

static inline bool swaptbl_entry_is_bad(unsigned long entry)
{
	return entry == SWAPTBL_BAD_MARK;
}

static inline bool swaptbl_entry_is_exclusive(unsigned long entry)
{
	return entry == SWAPTBL_EXCLUSIVE_MARK;
}

/*
 * Whether two slots can be one folio's: both are swapped, of one owner, and either
 * read or zeroed. @target is swapped.
 */
static inline bool swaptbl_entry_fits(unsigned long entry, unsigned long target)
{
	const unsigned long group = SWAPTBL_GROUP_MAX <<
				    (SWAPTBL_GROUP_SHIFT +
				     SWAPTBL_SWAPPED_MARK_BITS);

	return !((entry ^ target) &
		 (SWAPTBL_SWAPPED_MARK | SWAPTBL_ZERO_FLAG | group));
}

/* Only these two kinds carry a count: the lowest two bits are not both 0. */
static inline bool swaptbl_entry_is_counted(unsigned long entry)
{
	return entry & (SWAPTBL_SWAPPED_MARK | SWAPTBL_CACHED_MARK);
}

static inline bool swaptbl_entry_is_overflowed(unsigned long entry)
{
	return entry & SWAPTBL_OVERFLOW_FLAG;
}

/* Whether a swapped word still knows when its folio left. */
static inline bool swaptbl_entry_has_age(unsigned long entry)
{
	return swaptbl_entry_is_swapped(entry) &&
	       (entry & ~SWAPTBL_HIGH_MASK) >>
	       (SWAPTBL_SWAPPED_MARK_BITS + SWAPTBL_AGE_SHIFT);
}

static inline bool swaptbl_entry_is_zero(unsigned long entry)
{
	return entry & SWAPTBL_ZERO_FLAG;
}

/* Cast out of a word. */

static inline unsigned int swaptbl_entry_count(unsigned long entry)
{
	return (entry & SWAPTBL_COUNT_MASK) >> SWAPTBL_COUNT_SHIFT;
}

static inline unsigned long swaptbl_entry_set_count(unsigned long entry,
						    unsigned int count)
{
	return (entry & ~SWAPTBL_COUNT_MASK) |
	       (unsigned long)count << SWAPTBL_COUNT_SHIFT;
}

static inline unsigned long swaptbl_entry_to_pfn(unsigned long entry)
{
	VM_WARN_ON_ONCE(!swaptbl_entry_is_cached(entry));
	return (entry & ~SWAPTBL_HIGH_MASK) >> SWAPTBL_CACHED_MARK_BITS;
}

static inline struct folio *swaptbl_entry_to_folio(unsigned long entry)
{
	return pfn_folio(swaptbl_entry_to_pfn(entry));
}

static inline void swaptbl_entry_to_shadow(unsigned long entry,
					   struct swaptbl_shadow *shadow)
{
	unsigned long val = (entry & ~SWAPTBL_HIGH_MASK) >>
			    SWAPTBL_SWAPPED_MARK_BITS;

	VM_WARN_ON_ONCE(!swaptbl_entry_is_swapped(entry));
	shadow->workingset = val & 1;
	shadow->node = (val >> SWAPTBL_NODE_SHIFT) &
		       (BIT(SWAPTBL_NODE_BITS) - 1);
	shadow->group = (val >> SWAPTBL_GROUP_SHIFT) & SWAPTBL_GROUP_MAX;
	shadow->age = val >> SWAPTBL_AGE_SHIFT;
}

/* Id of the owner group of a swapped word. */
static inline unsigned int swaptbl_entry_to_group(unsigned long entry)
{
	VM_WARN_ON_ONCE(!swaptbl_entry_is_swapped(entry));
	return entry >> (SWAPTBL_SWAPPED_MARK_BITS + SWAPTBL_GROUP_SHIFT) &
	       SWAPTBL_GROUP_MAX;
}

static inline void *swaptbl_entry_to_pointer(unsigned long entry)
{
	VM_WARN_ON_ONCE(!swaptbl_entry_is_pointer(entry));
	return (void *)(entry & ~SWAPTBL_POINTER_MARK);
}

#endif /* _SWAPTBL_ENTRY_H */
