// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation on a device that folios of three orders came to and left at random, until the
 * free slots are in pieces.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/timekeeping.h>

#include "bench.h"

/* In percent of the slots: it is filled up to one, and thinned out to the other. */
#define MOST	95
#define LEAST	90

/* Folios that are allocated at once: those of order 4 would fit, were free slots in one piece. */
#define SOME	(BENCH_SLOTS / 100 * (100 - LEAST) >> 4)

/* How often: each time, some five percent of the slots change hands. */
#define CYCLES	100

/*
 * How many devices are aged, one after the other. What is left of one is chance: in eight of
 * them the share that fails was 16 to 44 percent here, and 22 to 42 with the kernel.
 */
#define AGES	5

static const unsigned int orders[] = { 0, 4, 9 };

/**
 * struct run - slots of a folio that was swapped out
 * @entry: the first one; each has a count
 * @order: of the folio
 */
struct run {
	swp_entry_t entry;
	unsigned int order;
};

/**
 * struct aged - a device under ageing
 * @ops: of the engine
 * @side: which one it is
 * @rnd: what comes and goes; the same for each engine
 * @out: folios to swap out, by place in orders[]
 * @used: slots in use
 * @nr: runs in use
 * @run: they
 * @folio: what is allocated on the aged device
 * @bound: which of them were
 */
struct aged {
	const struct swaptbl_engine_ops *ops;
	enum bench_side side;
	struct rnd_state rnd;
	struct folio *out[ARRAY_SIZE(orders)];
	unsigned int used;
	unsigned int nr;
	struct run run[BENCH_SLOTS];
	struct folio *folio[SOME];
	bool bound[SOME];
};

/* So that each order gets as many slots as the others. */
static unsigned int random_order(struct aged *a)
{
	unsigned int r = prandom_u32_state(&a->rnd) % (512 + 32 + 1);

	return r < 512 ? 0 : r < 512 + 32 ? 1 : 2;
}

/* What is in pieces may not have room for a large one: then something else comes. */
static int come(struct aged *a)
{
	struct folio *folio = a->out[random_order(a)];
	int err;

	if (a->ops->alloc(folio))
		return folio_order(folio) ? 0 : -ENOSPC;
	a->run[a->nr].entry = folio->swap;
	a->run[a->nr].order = folio_order(folio);
	err = a->ops->dup_folio(folio, NULL) ?: a->ops->delete(folio);
	a->used += err ? 0 : folio_nr_pages(folio);
	a->nr += !err;
	return err;
}

static int go(struct aged *a)
{
	unsigned int i = prandom_u32_state(&a->rnd) % a->nr;
	unsigned int nr = 1U << a->run[i].order;
	int err = a->ops->put_range(a->run[i].entry, nr);

	a->used -= nr;
	a->run[i] = a->run[--a->nr];
	return err;
}

static int go_until(struct aged *a, unsigned int percent)
{
	int err = 0;

	while (!err && a->used > BENCH_SLOTS / 100 * percent)
		err = go(a);
	return err;
}

static int age(struct aged *a)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < CYCLES; i++) {
		while (!err && a->used < BENCH_SLOTS / 100 * MOST)
			err = come(a);
		err = err ?: go_until(a, LEAST);
		cond_resched();
	}
	return err;
}

static noinline u64 alloc_some(struct aged *a)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < SOME; i++)
		a->bound[i] = !a->ops->alloc(a->folio[i]);
	return ktime_get_ns() - start;
}

/* Return: how many there were, or an error. */
static int free_some(struct aged *a)
{
	unsigned int i;
	int nr = 0, err;

	for (i = 0; i < SOME; i++) {
		err = a->bound[i] ? a->ops->free(a->folio[i]) : 0;
		if (err)
			return err;
		nr += a->bound[i];
	}
	return nr;
}

/*
 * An attempt that fails counts as one: it is what the caller waits for, too. A single page
 * always fits.
 */
static int time_round(struct aged *a, unsigned int order)
{
	u64 ns = alloc_some(a);
	int nr = free_some(a);

	if (nr < 0)
		return nr;
	bench_add(bench_result("alloc aged", order, 1, LEAST), a->side, ns, 0, SOME);
	if (order)
		bench_add(bench_result("alloc aged fails (percent)", order, 1, LEAST),
			  a->side, 100 * (SOME - nr), 0, SOME);
	cond_resched();
	return 0;
}

/* In turns, so that a drift of the host is everybody's. */
static int time_allocs(struct aged **aged, unsigned int order)
{
	enum bench_side side;
	unsigned int round;
	int err = 0;

	for (side = 0; !err && side < BENCH_NR_SIDES; side++)
		err = aged[side] ? bench_folios_make(side, order, aged[side]->folio, SOME) : 0;
	for (round = 0; round < bench_rounds() / AGES; round++)
		for (side = 0; !err && side < BENCH_NR_SIDES; side++)
			err = aged[side] ? time_round(aged[side], order) : 0;
	for (side = 0; side < BENCH_NR_SIDES; side++)
		if (aged[side])
			bench_folios_free(aged[side]->folio, SOME);
	return err;
}

static int out_make(struct aged *a)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(orders); i++)
		err = bench_folios_make(a->side, orders[i], &a->out[i], 1);
	return err;
}

static int aged_make(struct aged **aged, enum bench_side side, u64 seed)
{
	struct aged *a = kvzalloc(sizeof(*a), GFP_KERNEL);

	if (!a)
		return -ENOMEM;
	aged[side] = a;
	a->ops = &bench_engine[side]->ops;
	a->side = side;
	prandom_seed_state(&a->rnd, seed);
	return out_make(a) ?: age(a);
}

/* What came is let go, however far it came. */
static int aged_free(struct aged *a)
{
	int err;

	if (!a)
		return 0;
	err = go_until(a, 0);
	bench_folios_free(a->out, ARRAY_SIZE(orders));
	kvfree(a);
	return err;
}

static int time_aged(u64 seed)
{
	struct aged *aged[BENCH_NR_SIDES] = {};
	enum bench_side side;
	int err = 0;

	for (side = 0; !err && side < BENCH_NR_SIDES; side++)
		if (bench_has_order(side, orders[ARRAY_SIZE(orders) - 1]))
			err = aged_make(aged, side, seed);
	err = err ?: time_allocs(aged, 0) ?: time_allocs(aged, 4);
	for (side = 0; side < BENCH_NR_SIDES; side++)
		err = aged_free(aged[side]) ?: err;
	return err;
}

/**
 * bench_aged() - time allocation where free slots are in pieces, and count what fails
 *
 * Context: Process context. May sleep.
 * Return: 0, also where an engine has no slots for large folios; else the error of the
 * operation that failed.
 */
int bench_aged(void)
{
	u64 seed;
	int err = 0;

	for (seed = 1; !err && seed <= AGES; seed++)
		err = time_aged(seed);
	return err;
}
