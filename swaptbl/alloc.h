/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slot allocator.
 */
#ifndef _SWAPTBL_ALLOC_H
#define _SWAPTBL_ALLOC_H

struct folio;
struct swaptbl_device;

bool swaptbl_alloc_slots_first(struct folio *folio);
int swaptbl_alloc_slots(struct swaptbl_device *dev, struct folio *folio,
			unsigned long *offset);

#endif /* _SWAPTBL_ALLOC_H */
