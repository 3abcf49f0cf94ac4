/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Splitting a large cached folio.
 */
#ifndef _SWAPTBL_SPLIT_H
#define _SWAPTBL_SPLIT_H

struct folio;

int swaptbl_folio_split(struct folio *folio, unsigned int order);

#endif /* _SWAPTBL_SPLIT_H */
