// SPDX-License-Identifier: GPL-2.0
/*
 * Overflow store of a cluster: small until nine slots need it at once.
 */
#include <kunit/visibility.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "overflow.h"
#include "sync.h"

#define OVERFLOW_SMALL_SIZE	(SWAPTBL_OVERFLOW_SMALL * sizeof(u32))
#define OVERFLOW_DENSE_SIZE	(SWAPTBL_CLUSTER_SLOTS * sizeof(u32))

static u32 small_cell(unsigned int slot, u32 units)
{
	return units << SWAPTBL_CLUSTER_ORDER | slot;
}

static unsigned int small_cell_slot(u32 cell)
{
	return cell % SWAPTBL_CLUSTER_SLOTS;
}

static u32 small_cell_units(u32 cell)
{
	return cell >> SWAPTBL_CLUSTER_ORDER;
}

/* The cell of @slot, or the first unused one: used cells have no gap. */
static u32 *small_find(const struct swaptbl_overflow *ovf, unsigned int slot)
{
	unsigned int i;

	for (i = 0; i < ovf->nr; i++)
		if (small_cell_slot(ovf->cells[i]) == slot)
			break;
	return &ovf->cells[i];
}

static bool small_holds(const struct swaptbl_overflow *ovf, const u32 *cell)
{
	return cell < ovf->cells + ovf->nr;
}

/**
 * swaptbl_overflow_get() - units of one slot
 * @ovf: the store
 * @slot: slot of the cluster
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: the units, 0 if the slot does not overflow.
 */
u32 swaptbl_overflow_get(const struct swaptbl_overflow *ovf, unsigned int slot)
{
	const u32 *cell;

	if (!ovf->cells)
		return 0;
	if (ovf->dense)
		return ovf->cells[slot];
	cell = small_find(ovf, slot);
	return small_holds(ovf, cell) ? small_cell_units(*cell) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_overflow_get);

static void dense_set(struct swaptbl_overflow *ovf, unsigned int slot, u32 units)
{
	ovf->nr += !!units - !!ovf->cells[slot];
	ovf->cells[slot] = units;
}

static void small_set(struct swaptbl_overflow *ovf, unsigned int slot, u32 units)
{
	u32 *cell = small_find(ovf, slot);

	if (units) {
		ovf->nr += !small_holds(ovf, cell);
		*cell = small_cell(slot, units);
	} else if (small_holds(ovf, cell)) {
		*cell = ovf->cells[--ovf->nr];
	}
}

/**
 * swaptbl_overflow_set() - change the units of one slot
 * @ovf: the store; with room if @slot is to enter it
 * @slot: slot of the cluster
 * @units: new value up to SWAPTBL_OVERFLOW_UNITS_MAX, 0 to leave the store
 *
 * Takes the same few steps whatever the other slots hold. The memory goes with
 * the last slot.
 *
 * Context: Expects the cluster lock to be held by caller.
 */
void swaptbl_overflow_set(struct swaptbl_overflow *ovf, unsigned int slot,
			  u32 units)
{
	if (!ovf->cells)
		return;
	if (ovf->dense)
		dense_set(ovf, slot, units);
	else
		small_set(ovf, slot, units);
	swaptbl_overflow_trim(ovf);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_overflow_set);

/**
 * swaptbl_overflow_trim() - give back the memory of a store without slots
 * @ovf: the store
 *
 * Context: Expects the cluster lock to be held by caller.
 */
void swaptbl_overflow_trim(struct swaptbl_overflow *ovf)
{
	if (ovf->nr)
		return;
	kfree(ovf->cells);
	ovf->cells = NULL;
	ovf->dense = false;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_overflow_trim);

/**
 * swaptbl_overflow_room() - how many further slots fit
 * @ovf: the store
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: slots that may enter before swaptbl_overflow_attach() is needed.
 */
unsigned int swaptbl_overflow_room(const struct swaptbl_overflow *ovf)
{
	if (!ovf->cells)
		return 0;
	return (ovf->dense ? SWAPTBL_CLUSTER_SLOTS : SWAPTBL_OVERFLOW_SMALL) -
	       ovf->nr;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_overflow_room);

/**
 * swaptbl_overflow_size() - memory of the store
 * @ovf: the store
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: size in bytes.
 */
size_t swaptbl_overflow_size(const struct swaptbl_overflow *ovf)
{
	if (!ovf->cells)
		return 0;
	return ovf->dense ? OVERFLOW_DENSE_SIZE : OVERFLOW_SMALL_SIZE;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_overflow_size);

/**
 * swaptbl_overflow_size_for() - what a store needs to take more slots
 * @ovf: the store
 * @nr: number of further slots
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: size in bytes, for swaptbl_overflow_alloc().
 */
size_t swaptbl_overflow_size_for(const struct swaptbl_overflow *ovf,
				 unsigned int nr)
{
	return ovf->nr + nr > SWAPTBL_OVERFLOW_SMALL ? OVERFLOW_DENSE_SIZE :
						       OVERFLOW_SMALL_SIZE;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_overflow_size_for);

/**
 * swaptbl_overflow_alloc() - allocate memory for a store
 * @size: size in bytes, from swaptbl_overflow_size_for()
 * @gfp: how
 *
 * Context: Any context that @gfp allows; the caller frees with kfree() what it
 * does not attach.
 * Return: the memory or NULL.
 */
void *swaptbl_overflow_alloc(size_t size, gfp_t gfp)
{
	if (swaptbl_should_fail(SWAPTBL_MEM_OVERFLOW, gfp))
		return NULL;
	return kzalloc(size, gfp | __GFP_NOWARN);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_overflow_alloc);

static void overflow_spread(u32 *dense, const struct swaptbl_overflow *small)
{
	unsigned int i;

	for (i = 0; i < small->nr; i++)
		dense[small_cell_slot(small->cells[i])] =
			small_cell_units(small->cells[i]);
}

/**
 * swaptbl_overflow_attach() - let a store grow
 * @ovf: the store
 * @cells: from swaptbl_overflow_alloc()
 * @size: its size in bytes
 *
 * Memory that is no more than what the store has is handed back, since another
 * may have attached some while the caller allocated.
 *
 * Context: Expects the cluster lock to be held by caller.
 * Return: memory that the caller has to kfree(), or NULL.
 */
void *swaptbl_overflow_attach(struct swaptbl_overflow *ovf, void *cells,
			      size_t size)
{
	void *unused = ovf->cells;

	if (size <= swaptbl_overflow_size(ovf))
		return cells;
	ovf->dense = size == OVERFLOW_DENSE_SIZE;
	if (ovf->dense)
		overflow_spread(cells, ovf);
	ovf->cells = cells;
	return unused;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_overflow_attach);
