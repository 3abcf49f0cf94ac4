/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table as the swap cache: binding folios to slots.
 */
#ifndef _SWAPTBL_CACHE_H
#define _SWAPTBL_CACHE_H

struct folio;
struct swaptbl_cluster;
struct swaptbl_device;
struct swaptbl_shadow;

void __swaptbl_cache_add_folio(struct swaptbl_device *dev,
			       struct swaptbl_cluster *ci, struct folio *folio,
			       unsigned int slot);
void __swaptbl_cache_del_folio(struct swaptbl_device *dev,
			       struct swaptbl_cluster *ci, struct folio *folio,
			       unsigned int slot,
			       const struct swaptbl_shadow *shadow);
struct folio *swaptbl_cache_get_folio(struct swaptbl_device *dev,
				      unsigned long offset);
int swaptbl_cache_del_folio(struct folio *folio,
			    const struct swaptbl_shadow *shadow);
int swaptbl_cache_check_swapped(struct swaptbl_device *dev, unsigned long offset,
				unsigned int nr, unsigned long target);
int swaptbl_cache_add_swapped(struct swaptbl_device *dev, struct folio *folio,
			      unsigned long offset, unsigned long target,
			      unsigned long *shadows);
void swaptbl_cache_restore(struct swaptbl_device *dev, struct folio *folio,
			   const unsigned long *shadows);
int swaptbl_cache_replace_folio(struct folio *old, struct folio *new);
void __swaptbl_cache_replace_slots(struct swaptbl_device *dev,
				   struct swaptbl_cluster *ci,
				   struct folio *folio, unsigned int slot);

#endif /* _SWAPTBL_CACHE_H */
