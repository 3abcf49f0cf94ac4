/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sizes that follow from the architecture, and the limits that follow from them.
 */
#ifndef _SWAPTBL_GEOMETRY_H
#define _SWAPTBL_GEOMETRY_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

/*
 * A cluster has as many slots as a page has words, so that its table is one
 * page: 512 with 64-bit words and 4K pages. A page table of the PMD level is
 * made the same way, so a PMD-sized folio fits, with PAE twice.
 */
#define SWAPTBL_CLUSTER_ORDER	(PAGE_SHIFT - ilog2(sizeof(atomic_long_t)))
#define SWAPTBL_CLUSTER_SLOTS	((unsigned int)BIT(SWAPTBL_CLUSTER_ORDER))
#define SWAPTBL_NR_ORDERS	(SWAPTBL_CLUSTER_ORDER + 1)

/* A device has the header page and at least one usable slot. */
#define SWAPTBL_SLOTS_MIN	2UL
/* 1 TiB of 4K pages, or what an entry can name where that is less. */
#define SWAPTBL_SLOTS_MAX \
	(SWP_TYPE_SHIFT < 28 ? BIT(SWP_TYPE_SHIFT) : BIT(28))

/* As many devices as an entry can name. */
#define SWAPTBL_DEVICES_MAX	((unsigned int)BIT(MAX_SWAPFILES_SHIFT))

static inline unsigned int swaptbl_slot(unsigned long offset)
{
	return offset % SWAPTBL_CLUSTER_SLOTS;
}

static inline unsigned int swaptbl_cluster_index(unsigned long offset)
{
	return offset / SWAPTBL_CLUSTER_SLOTS;
}

#endif /* _SWAPTBL_GEOMETRY_H */
