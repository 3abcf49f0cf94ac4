/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is done with folios on LRU lists.
 *
 * A charged folio goes to a list by swaptbl_folio_add_lru(), which takes a reference to
 * it for as long as it is there. Whoever isolates it gets that reference, and gives it
 * back by putting the folio back, or drops it by swaptbl_folio_release_lru().
 *
 * SWAPTBL_FOLIO_LRU says that a folio is on a list. Who clears it by an atomic operation
 * is the one who takes the folio off, or moves it; all others leave it alone. So the
 * flags that say which list, and the handle, have one writer at a time.
 * SWAPTBL_FOLIO_LRU_MANAGED is set from the first to the last of all that, and changes
 * under the folio lock. While it is set the folio stays charged.
 */
#ifndef _SWAPTBL_LRU_H
#define _SWAPTBL_LRU_H

#include <linux/mmzone.h>

struct folio;
struct folio_batch;
struct swaptbl_group;

int swaptbl_folio_add_lru(struct folio *folio, enum lru_list lru);
int swaptbl_folio_rotate_lru(struct folio *folio);
int swaptbl_folio_activate(struct folio *folio);
int swaptbl_folio_deactivate(struct folio *folio);
void swaptbl_lru_drain(void);
void swaptbl_lru_drain_all(void);
void swaptbl_lru_init(void);

int swaptbl_folio_isolate_lru(struct folio *folio);
unsigned int swaptbl_isolate_lru_pages(struct swaptbl_group *group, int nid,
				       enum lru_list lru, unsigned long pages,
				       struct folio_batch *fbatch);
unsigned int swaptbl_isolate_lru_folios(struct swaptbl_group *group, int nid,
					enum lru_list lru,
					struct folio_batch *fbatch);
unsigned int swaptbl_get_lru_folios(struct swaptbl_group *group, int nid,
				    enum lru_list lru, struct folio_batch *fbatch);
int swaptbl_folio_putback_lru(struct folio *folio);
int swaptbl_putback_lru_folios(struct folio_batch *fbatch);
int swaptbl_folio_release_lru(struct folio *folio);
int swaptbl_folio_migrate_lru(struct folio *old, struct folio *new);

#endif /* _SWAPTBL_LRU_H */
