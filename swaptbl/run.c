// SPDX-License-Identifier: GPL-2.0
/*
 * Runs of free slots in the occupancy map of a cluster.
 */
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/log2.h>
#include <linux/math.h>

#include "run.h"

#define WORD_ORDER	ilog2(BITS_PER_LONG)

/* Of a word, the bits at which an aligned run of 2^order may start. */
#define STARTS(order)	(~0UL / (BIT(BIT(order)) - 1))

static const unsigned long starts[] = {
	STARTS(0), STARTS(1), STARTS(2), STARTS(3), STARTS(4),
#if BITS_PER_LONG == 64
	STARTS(5),
#endif
};

static_assert(ARRAY_SIZE(starts) == WORD_ORDER);

/* In @used, the aligned starts of 2^@order clear bits, @order < WORD_ORDER. */
static unsigned long word_runs(unsigned long used, unsigned int order)
{
	unsigned long runs = ~used;
	unsigned int i;

	for (i = 0; i < order; i++)
		runs &= runs >> BIT(i);
	return runs & starts[order];
}

/* A run within one word of the map, starting in [@from, @end). */
static unsigned int find_small(const unsigned long *used, unsigned int order,
			       unsigned int from, unsigned int end)
{
	unsigned int word = from / BITS_PER_LONG;
	unsigned long ahead = ~0UL << (from % BITS_PER_LONG);
	unsigned long runs;

	for (; word * BITS_PER_LONG < end; word++, ahead = ~0UL) {
		runs = word_runs(used[word], order) & ahead;
		if (runs)
			return word * BITS_PER_LONG + __ffs(runs);
	}
	return SWAPTBL_NO_RUN;
}

/* A run of whole words, starting in [@from, @end). */
static unsigned int find_large(const unsigned long *used, unsigned int order,
			       unsigned int from, unsigned int end)
{
	unsigned int nr = BIT(order);
	unsigned int slot;

	for (slot = round_up(from, nr); slot < end; slot += nr)
		if (find_next_bit(used, slot + nr, slot) >= slot + nr)
			return slot;
	return SWAPTBL_NO_RUN;
}

/* A run is within one word, or of whole words. */
static unsigned int find(const unsigned long *used, unsigned int order, unsigned int from,
			 unsigned int end)
{
	return order < WORD_ORDER ? find_small(used, order, from, end) :
				    find_large(used, order, from, end);
}

/**
 * swaptbl_run_find() - find a run of free slots in a cluster
 * @used: occupancy map of SWAPTBL_CLUSTER_SLOTS bits, set where a slot is used
 * @order: of the run: 2^@order slots, aligned to their number
 * @from: slot of the cluster where the search begins; it wraps, so that a hint
 *	costs no run in front of it
 *
 * Context: Any context. The caller keeps @used from changing.
 * Return: first slot of the run, or SWAPTBL_NO_RUN.
 */
unsigned int swaptbl_run_find(const unsigned long *used, unsigned int order,
			      unsigned int from)
{
	unsigned int slot = find(used, order, from, SWAPTBL_CLUSTER_SLOTS);

	if (slot == SWAPTBL_NO_RUN && from)
		slot = find(used, order, 0, from);
	return slot;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_run_find);
