/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the pages of a data file are.
 */
#ifndef _SWAPTBL_DATA_MAP_H
#define _SWAPTBL_DATA_MAP_H

#include <linux/types.h>

struct swaptbl_data;

/**
 * struct swaptbl_place - where a page of a data file is
 * @slot: its slot
 * @order: it and its neighbours in the file, aligned to this order, are in
 *	neighbouring slots
 */
struct swaptbl_place {
	unsigned long slot;
	unsigned int order;
};

bool swaptbl_map_find(struct swaptbl_data *data, pgoff_t index,
		      struct swaptbl_place *place);
pgoff_t swaptbl_map_next(struct swaptbl_data *data, pgoff_t index, pgoff_t end);
int swaptbl_map_add(struct swaptbl_data *data, pgoff_t index, unsigned int nr,
		    struct swaptbl_place place);
void swaptbl_map_cut(struct swaptbl_data *data, pgoff_t index, unsigned int nr);
unsigned int swaptbl_map_take(struct swaptbl_data *data, pgoff_t index,
			      struct swaptbl_place *place);

#endif /* _SWAPTBL_DATA_MAP_H */
