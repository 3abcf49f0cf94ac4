/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Swap out: from cached to swapped.
 */
#ifndef _SWAPTBL_EVICT_H
#define _SWAPTBL_EVICT_H

struct folio;
struct folio_batch;

int swaptbl_folio_evict(struct folio *folio);
int swaptbl_folio_evict_async(struct folio *folio);
int swaptbl_evict_folios(struct folio_batch *fbatch);

#endif /* _SWAPTBL_EVICT_H */
