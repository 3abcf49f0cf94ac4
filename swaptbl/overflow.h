/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a cluster's counts have beyond their inline part.
 */
#ifndef _SWAPTBL_OVERFLOW_H
#define _SWAPTBL_OVERFLOW_H

#include <linux/types.h>

#include "geometry.h"

/*
 * Up to this many overflowed slots of a cluster share one small array, which
 * is searched whole: half a cache line.
 */
#define SWAPTBL_OVERFLOW_SMALL		8

/* A cell of the small array holds the slot below the units. */
#define SWAPTBL_OVERFLOW_UNITS_MAX	((u32)BIT(32 - SWAPTBL_CLUSTER_ORDER) - 1)

/**
 * struct swaptbl_overflow - overflow store of one cluster
 * @cells: NULL while no slot overflows; SWAPTBL_OVERFLOW_SMALL cells, or one
 *	cell per slot of the cluster when @dense
 * @nr: overflowed slots
 * @dense: which of the two @cells is
 *
 * All fields are under the cluster lock. Units are what count.c carries out of
 * a word at a time, not single counts. A dense store stays dense until its last
 * slot leaves, so that entering and leaving never looks at other slots.
 */
struct swaptbl_overflow {
	u32 *cells;
	u16 nr;
	bool dense;
};

u32 swaptbl_overflow_get(const struct swaptbl_overflow *ovf, unsigned int slot);
void swaptbl_overflow_set(struct swaptbl_overflow *ovf, unsigned int slot,
			  u32 units);
void swaptbl_overflow_trim(struct swaptbl_overflow *ovf);
unsigned int swaptbl_overflow_room(const struct swaptbl_overflow *ovf);
size_t swaptbl_overflow_size(const struct swaptbl_overflow *ovf);
size_t swaptbl_overflow_size_for(const struct swaptbl_overflow *ovf,
				 unsigned int nr);
void *swaptbl_overflow_alloc(size_t size, gfp_t gfp);
void *swaptbl_overflow_attach(struct swaptbl_overflow *ovf, void *cells,
			      size_t size);

#endif /* _SWAPTBL_OVERFLOW_H */
