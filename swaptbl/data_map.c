// SPDX-License-Identifier: GPL-2.0
/*
 * Where the pages of a data file are: an xarray of slots by page of the file.
 *
 * With its slot, each page remembers the order of the folio that it was written
 * with, so that a read can ask for a folio of the same order at once.
 */
#include <linux/bits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/xarray.h>

#include "data.h"
#include "data_map.h"
#include "geometry.h"
#include "sync.h"

/* The order stands in the low bits of an entry, the slot above. */
#define MAP_ORDER_BITS	4

static_assert(BIT(MAP_ORDER_BITS) > SWAPTBL_CLUSTER_ORDER);
static_assert(SWAPTBL_SLOTS_MAX - 1 <= (LONG_MAX >> MAP_ORDER_BITS));

static void *place_to_entry(struct swaptbl_place place)
{
	return xa_mk_value(place.slot << MAP_ORDER_BITS | place.order);
}

static struct swaptbl_place entry_to_place(const void *entry)
{
	unsigned long value = xa_to_value(entry);

	return (struct swaptbl_place){
		.slot = value >> MAP_ORDER_BITS,
		.order = value & (BIT(MAP_ORDER_BITS) - 1),
	};
}

/**
 * swaptbl_map_find() - find a page
 * @data: the content
 * @index: page of the file
 * @place: set to where it is
 *
 * Context: Process context. Expects @data->lock to be held by caller.
 * Return: false if there is a hole.
 */
bool swaptbl_map_find(struct swaptbl_data *data, pgoff_t index,
		      struct swaptbl_place *place)
{
	void *entry = xa_load(&data->map, index);

	if (entry)
		*place = entry_to_place(entry);
	return entry;
}

/**
 * swaptbl_map_next() - find where a hole ends
 * @data: the content
 * @index: page of the file to begin with
 * @end: page of the file to stop before
 *
 * Context: Process context. Expects @data->lock to be held by caller.
 * Return: the first page from @index on that is not a hole, @end if there is none
 * before it.
 */
pgoff_t swaptbl_map_next(struct swaptbl_data *data, pgoff_t index, pgoff_t end)
{
	unsigned long found = index;

	if (index < end && xa_find(&data->map, &found, end - 1, XA_PRESENT))
		return found;
	return end;
}

/**
 * swaptbl_map_add() - fill a hole with pages
 * @data: the content
 * @index: first page of the file
 * @nr: number of pages
 * @place: where the first one is; the others follow in the slots behind it
 *
 * Context: Process context. May sleep. Expects @data->lock to be held by caller for
 * a change.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int swaptbl_map_add(struct swaptbl_data *data, pgoff_t index, unsigned int nr,
		    struct swaptbl_place place)
{
	XA_STATE(xas, &data->map, index);
	unsigned int done = 0;

	if (swaptbl_should_fail(SWAPTBL_MEM_DATA, GFP_KERNEL))
		return -ENOMEM;
	do {
		xas_lock(&xas);
		while (done < nr) {
			xas_store(&xas, place_to_entry(place));
			if (xas_error(&xas))
				break;
			place.slot++;
			done++;
			xas_next(&xas);
		}
		xas_unlock(&xas);
	} while (xas_nomem(&xas, GFP_KERNEL));
	if (done == nr)
		return 0;
	while (done)
		xa_erase(&data->map, index + --done);
	return -ENOMEM;
}

/**
 * swaptbl_map_cut() - have pages remember smaller orders
 * @data: the content
 * @index: first page of the file, aligned to the order that it remembers
 * @nr: number of pages, less than that order has
 *
 * For a folio that was not filled: its first @nr pages are as many aligned runs,
 * each as large as can be, as @nr has bits that are set.
 *
 * Context: Process context. Expects @data->lock to be held by caller for a change.
 */
void swaptbl_map_cut(struct swaptbl_data *data, pgoff_t index, unsigned int nr)
{
	XA_STATE(xas, &data->map, index);
	struct swaptbl_place place;
	unsigned int done = 0;
	void *entry;

	xas_lock(&xas);
	xas_for_each(&xas, entry, index + nr - 1) {
		place = entry_to_place(entry);
		/* The highest bit in which the page differs from the end. */
		place.order = __fls(done ^ nr);
		xas_store(&xas, place_to_entry(place));
		done++;
	}
	xas_unlock(&xas);
}

/**
 * swaptbl_map_take() - make a hole
 * @data: the content
 * @index: page of the file that is not in a hole
 * @place: set to where it was
 *
 * Takes pages from @index on as long as they are in neighbouring slots, at most a
 * cluster's worth.
 *
 * Context: Process context. Expects @data->lock to be held by caller for a change.
 * Return: number of pages taken.
 */
unsigned int swaptbl_map_take(struct swaptbl_data *data, pgoff_t index,
			      struct swaptbl_place *place)
{
	XA_STATE(xas, &data->map, index);
	unsigned int nr = 0;
	void *entry;

	xas_lock(&xas);
	xas_for_each(&xas, entry, index + SWAPTBL_CLUSTER_SLOTS - 1) {
		if (!nr)
			*place = entry_to_place(entry);
		if (xas.xa_index != index + nr ||
		    entry_to_place(entry).slot != place->slot + nr)
			break;
		xas_store(&xas, NULL);
		nr++;
	}
	xas_unlock(&xas);
	return nr;
}
