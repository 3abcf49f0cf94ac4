// SPDX-License-Identifier: GPL-2.0
/*
 * Counts around and beyond what is in a slot itself, and ranges of 512 slots.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/timekeeping.h>

#include "bench.h"

#define RANGE_ORDER	9
#define PAIRS		2000
#define RANGES		12

/**
 * struct pairs - a pair of dup and put, with so many counts before
 * @name: of the operation
 * @at_border: as many as fit into the slot itself; else one
 * @more: and so many more
 */
struct pairs {
	const char *name;
	bool at_border;
	long more;
};

static const struct pairs pairs[] = {
	{ "dup+put", false, 0 },
	{ "dup+put at border", true, 0 },
	{ "dup+put deep", true, 100 },
};

/**
 * struct border - one folio of an engine, if there is such an engine
 * @ops: of the engine
 * @side: which one it is
 * @border: see struct swaptbl_engine
 * @folio: bound folio, of 512 pages if there can be, each with a count
 */
struct border {
	const struct swaptbl_engine_ops *ops;
	enum bench_side side;
	unsigned long border;
	struct folio *folio;
};

/* Where large folios cannot be swapped, ranges cannot be had. */
static unsigned int order_of(enum bench_side side)
{
	return bench_has_order(side, RANGE_ORDER) ? RANGE_ORDER : 0;
}

static swp_entry_t slot_of(const struct border *b, unsigned int i)
{
	return swp_entry(swp_type(b->folio->swap), swp_offset(b->folio->swap) + i);
}

static int raise(const struct border *b, long nr)
{
	int err = 0;

	for (; !err && nr > 0; nr--)
		err = b->ops->dup(slot_of(b, 0));
	for (; !err && nr < 0; nr++)
		err = b->ops->put(slot_of(b, 0));
	return err;
}

static noinline u64 run_pairs(const struct border *b, int *err)
{
	swp_entry_t entry = slot_of(b, 0);
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < PAIRS && !*err; i++)
		*err = b->ops->dup(entry) ?: b->ops->put(entry);
	return ktime_get_ns() - start;
}

static int pairs_round(struct border *b, const struct pairs *p)
{
	int err = 0;
	u64 ns = run_pairs(b, &err);

	bench_add(bench_result(p->name, 0, 1, 0), b->side, ns, 0, PAIRS);
	return err;
}

static int raise_all(struct border *borders, const struct pairs *p, int sign)
{
	struct border *b;
	int err = 0;

	for (b = borders; !err && b < borders + BENCH_NR_SIDES; b++)
		if (b->folio)
			err = raise(b, sign * ((p->at_border ? b->border - 1 : 0) + p->more));
	return err;
}

/* In turns, so that a drift of the host is everybody's. */
static int time_pairs(struct border *borders, const struct pairs *p)
{
	int err = raise_all(borders, p, 1);
	unsigned int round;
	struct border *b;

	for (round = 0; round <= bench_rounds(); round++)
		for (b = borders; !err && b < borders + BENCH_NR_SIDES; b++)
			err = b->folio ? pairs_round(b, p) : 0;
	return err ?: raise_all(borders, p, -1);
}

/* Slot by slot, where there is no range form. */
static int dup_range(const struct border *b)
{
	unsigned int i;
	int err = 0;

	if (b->ops->dup_range)
		return b->ops->dup_range(slot_of(b, 0), 1U << RANGE_ORDER);
	for (i = 0; !err && i < 1U << RANGE_ORDER; i++)
		err = b->ops->dup(slot_of(b, i));
	return err;
}

/* As a process that exits, whose entries lie side by side: one call for either. */
static int put_range(const struct border *b)
{
	return b->ops->put_range(slot_of(b, 0), 1U << RANGE_ORDER);
}

static noinline u64 run_ranges(const struct border *b, int (*fn)(const struct border *b),
			       int *err)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < RANGES && !*err; i++)
		*err = fn(b);
	return ktime_get_ns() - start;
}

/* A few, without reaching the nearer border. */
static int ranges_round(struct border *b)
{
	struct bench_result *dup = bench_result("dup_512", RANGE_ORDER, 1, 0);
	struct bench_result *put = bench_result("put_512", RANGE_ORDER, 1, 0);
	int err = 0;

	bench_add(dup, b->side, run_ranges(b, dup_range, &err), 0, RANGES);
	bench_add(put, b->side, run_ranges(b, put_range, &err), 0, RANGES);
	cond_resched();
	return err;
}

static int time_ranges(struct border *borders)
{
	unsigned int round;
	struct border *b;
	int err = 0;

	for (round = 0; round <= bench_rounds(); round++)
		for (b = borders; !err && b < borders + BENCH_NR_SIDES; b++)
			if (b->folio && folio_order(b->folio) == RANGE_ORDER)
				err = ranges_round(b);
	return err;
}

/* An error leaves some slots with more counts than others: put each until it has none. */
static int unbind(const struct border *b)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < folio_nr_pages(b->folio); i++)
		while (!err && b->ops->count(slot_of(b, i)) > 0)
			err = b->ops->put(slot_of(b, i));
	return b->ops->free(b->folio) ?: err;
}

static int border_make(struct border *b, enum bench_side side)
{
	struct folio *folio;
	int err;

	b->ops = &bench_engine[side]->ops;
	b->side = side;
	b->border = bench_engine[side]->border;
	folio = b->ops->folio_new(order_of(side));
	if (!folio)
		return -ENOMEM;
	err = b->ops->alloc(folio);
	if (!err) {
		b->folio = folio;
		return b->ops->dup_folio(folio, NULL);
	}
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

static int border_free(struct border *b)
{
	int err;

	if (!b->folio)
		return 0;
	err = unbind(b);
	folio_unlock(b->folio);
	folio_put(b->folio);
	return err;
}

/**
 * bench_borders() - time counts at each engine's own border, and ranges
 *
 * Context: Process context. May sleep.
 * Return: 0, or the error of the operation that failed.
 */
int bench_borders(void)
{
	struct border borders[BENCH_NR_SIDES] = {};
	enum bench_side side;
	unsigned int i;
	int err = 0;

	for (side = 0; !err && side < BENCH_NR_SIDES; side++)
		err = bench_engine[side] ? border_make(&borders[side], side) : 0;
	for (i = 0; !err && i < ARRAY_SIZE(pairs); i++)
		err = time_pairs(borders, &pairs[i]);
	err = err ?: time_ranges(borders);
	for (side = 0; side < BENCH_NR_SIDES; side++)
		err = border_free(&borders[side]) ?: err;
	return err;
}
