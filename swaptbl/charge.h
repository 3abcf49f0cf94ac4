/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Charging folios and slots to groups.
 */
#ifndef _SWAPTBL_CHARGE_H
#define _SWAPTBL_CHARGE_H

#include <linux/types.h>

struct folio;
struct swaptbl_group;
struct swaptbl_handle;

int swaptbl_folio_charge(struct folio *folio, struct swaptbl_group *group);
int swaptbl_folio_uncharge(struct folio *folio);
void swaptbl_folio_inherit(struct folio *folio, struct folio *from);
void swaptbl_folio_name(struct folio *folio, struct swaptbl_handle *handle);
int swaptbl_folio_charge_named(struct folio *folio, bool reclaim);
void swaptbl_folio_unname(struct folio *folio);
void swaptbl_folio_unbound(struct folio *folio);

void swaptbl_swap_charge(struct swaptbl_handle *handle, unsigned long nr);
void swaptbl_swap_uncharge(struct swaptbl_handle *handle, unsigned long nr);

#endif /* _SWAPTBL_CHARGE_H */
