// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation on a device whose slots are in use at random, as after long use.
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

/* Folios that are allocated at once. */
#define SOME	256

/**
 * struct filled - a device that is full, and then less so
 * @ops: of the engine
 * @side: which one it is
 * @rnd: which slots are freed
 * @nr: slots in use
 * @entry: they, without folios, each with a count
 * @folio: what is allocated
 */
struct filled {
	const struct swaptbl_engine_ops *ops;
	enum bench_side side;
	struct rnd_state rnd;
	unsigned int nr;
	swp_entry_t entry[BENCH_SLOTS];
	struct folio *folio[SOME];
};

/* Swapped out: used, and nothing in memory. */
static int use_slot(struct filled *f, struct folio *folio)
{
	int err = f->ops->alloc(folio);

	if (err)
		return err;
	f->entry[f->nr] = folio->swap;
	err = f->ops->dup_folio(folio, NULL) ?: f->ops->delete(folio);
	f->nr += !err;
	return err;
}

static int fill(struct filled *f)
{
	struct folio *folio = f->folio[0];
	int err = 0;

	while (!err && f->nr < BENCH_SLOTS) {
		err = use_slot(f, folio);
		cond_resched();
	}
	return err;
}

/* At random, until so many percent are in use. */
static int thin_out(struct filled *f, unsigned int percent)
{
	unsigned int i;
	int err = 0;

	while (!err && f->nr > BENCH_SLOTS / 100 * percent) {
		i = prandom_u32_state(&f->rnd) % f->nr;
		err = f->ops->put(f->entry[i]);
		f->entry[i] = f->entry[--f->nr];
	}
	return err;
}

static int free_some(struct filled *f, unsigned int nr)
{
	int err = 0;

	while (!err && nr)
		err = f->ops->free(f->folio[--nr]);
	return err;
}

static noinline u64 alloc_some(struct filled *f, unsigned int *nr)
{
	u64 start = ktime_get_ns();

	for (*nr = 0; *nr < SOME && !f->ops->alloc(f->folio[*nr]); ++*nr)
		;
	return ktime_get_ns() - start;
}

static int time_round(struct filled *f, unsigned int percent)
{
	unsigned int nr;
	u64 ns = alloc_some(f, &nr);

	if (nr == SOME)
		bench_add(bench_result("alloc", 0, 1, percent), f->side, ns, 0, nr);
	cond_resched();
	return free_some(f, nr);
}

/* In turns, so that a drift of the host is everybody's. */
static int time_allocs(struct filled **filled, unsigned int percent)
{
	enum bench_side side;
	unsigned int round;
	int err = 0;

	for (side = 0; !err && side < BENCH_NR_SIDES; side++)
		err = filled[side] ? thin_out(filled[side], percent) : 0;
	for (round = 0; round <= bench_rounds(); round++)
		for (side = 0; !err && side < BENCH_NR_SIDES; side++)
			err = filled[side] ? time_round(filled[side], percent) : 0;
	return err;
}

static int filled_make(struct filled **filled, enum bench_side side)
{
	struct filled *f = kvzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	filled[side] = f;
	f->ops = &bench_engine[side]->ops;
	f->side = side;
	prandom_seed_state(&f->rnd, 1);
	return bench_folios_make(side, 0, f->folio, SOME) ?: fill(f);
}

/* What was filled is freed, however far it came. */
static int filled_free(struct filled *f)
{
	int err;

	if (!f)
		return 0;
	err = thin_out(f, 0);
	bench_folios_free(f->folio, SOME);
	kvfree(f);
	return err;
}

/**
 * bench_occupancies() - time allocation at 99, 90 and 50 percent of slots in use
 *
 * Context: Process context. May sleep.
 * Return: 0, or the error of the operation that failed.
 */
int bench_occupancies(void)
{
	struct filled *filled[BENCH_NR_SIDES] = {};
	enum bench_side side;
	int err = 0;

	for (side = 0; !err && side < BENCH_NR_SIDES; side++)
		err = bench_engine[side] ? filled_make(filled, side) : 0;
	err = err ?: time_allocs(filled, 99) ?: time_allocs(filled, 90) ?:
	      time_allocs(filled, 50);
	for (side = 0; side < BENCH_NR_SIDES; side++)
		err = filled_free(filled[side]) ?: err;
	return err;
}
