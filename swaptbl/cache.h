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

#endif /* _SWAPTBL_CACHE_H */
