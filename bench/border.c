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

/* How far from the border deep is. */
#define DEEP		100

/**
 * struct border - one folio of an engine
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

/* A pair of dup and put, with so many counts before. */
static int time_pairs(struct border *b, const char *name, long counts)
{
	int err = raise(b, counts - 1), round;

	for (round = 0; !err && round <= bench_rounds(); round++)
		bench_add(bench_result(name, 0, 1, 0), b->side, run_pairs(b, &err), 0,
			  PAIRS);
	return err ?: raise(b, 1 - counts);
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

static int time_ranges(struct border *b)
{
	struct bench_result *dup = bench_result("dup_512", RANGE_ORDER, 1, 0);
	struct bench_result *put = bench_result("put_512", RANGE_ORDER, 1, 0);
	int err = 0, round;

	/* Without reaching the nearer border. */
	for (round = 0; !err && round <= bench_rounds(); round++) {
		bench_add(dup, b->side, run_ranges(b, dup_range, &err), 0, RANGES);
		bench_add(put, b->side, run_ranges(b, put_range, &err), 0, RANGES);
		cond_resched();
	}
	return err;
}

static int border_time(struct border *b)
{
	return time_pairs(b, "dup+put", 1) ?:
	       time_pairs(b, "dup+put at border", b->border) ?:
	       time_pairs(b, "dup+put deep", b->border + DEEP) ?:
	       (folio_order(b->folio) == RANGE_ORDER ? time_ranges(b) : 0);
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

static int border_run(struct border *b)
{
	int err = b->ops->alloc(b->folio);

	if (err)
		return err;
	err = b->ops->dup_folio(b->folio, NULL) ?: border_time(b);
	return unbind(b) ?: err;
}

static int bench_side_borders(enum bench_side side)
{
	struct border b = {
		.ops = &bench_engine[side]->ops,
		.side = side,
		.border = bench_engine[side]->border,
	};
	int err;

	b.folio = b.ops->folio_new(order_of(side));
	if (!b.folio)
		return -ENOMEM;
	err = border_run(&b);
	folio_unlock(b.folio);
	folio_put(b.folio);
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
	enum bench_side side;
	int err = 0;

	for (side = 0; !err && side < BENCH_NR_SIDES; side++)
		if (bench_engine[side])
			err = bench_side_borders(side);
	return err;
}
