/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Charging folios and slots to groups.
 */
#ifndef _SWAPTBL_CHARGE_H
#define _SWAPTBL_CHARGE_H

/* Rounds of reclaim before a charge is refused. */
#define SWAPTBL_CHARGE_ROUNDS	4

struct folio;
struct swaptbl_group;
struct swaptbl_handle;

int swaptbl_folio_charge(struct folio *folio, struct swaptbl_group *group);
int swaptbl_folio_uncharge(struct folio *folio);
void swaptbl_folio_inherit(struct folio *folio, struct folio *from);
void swaptbl_folio_name(struct folio *folio, struct swaptbl_handle *handle);
int swaptbl_folio_charge_named(struct folio *folio, struct swaptbl_group **refused,
			       struct swaptbl_group **over);
int swaptbl_charge_make_room(struct swaptbl_group *group, struct swaptbl_group *over,
			     unsigned long nr, unsigned int *rounds);
void swaptbl_folio_unname(struct folio *folio);
void swaptbl_folio_unbound(struct folio *folio);

void swaptbl_swap_charge(struct swaptbl_handle *handle, unsigned long nr);
void swaptbl_swap_uncharge(struct swaptbl_handle *handle, unsigned long nr);

#endif /* _SWAPTBL_CHARGE_H */
