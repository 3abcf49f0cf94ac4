/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Swap in: from swapped to cached.
 */
#ifndef _SWAPTBL_SWAPIN_H
#define _SWAPTBL_SWAPIN_H

#include <linux/swapops.h>

struct folio *swaptbl_swapin(swp_entry_t entry, unsigned long orders, gfp_t gfp);
int swaptbl_swapin_async(swp_entry_t entry, unsigned long orders, gfp_t gfp);

#endif /* _SWAPTBL_SWAPIN_H */
