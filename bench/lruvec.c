// SPDX-License-Identifier: GPL-2.0
/*
 * What the lock of a lruvec costs: this module's, the kernel's, and a bare one.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/group.h"
#include "bench.h"

#define LOOPS		20000
#define NR_FORMS	3

typedef void (*lock_fn)(struct folio *folio);

static DEFINE_SPINLOCK(bare_lock);

static void nothing(struct folio *folio)
{
	barrier();
}

static void bare(struct folio *folio)
{
	spin_lock(&bare_lock);
	spin_unlock(&bare_lock);
}

static void bare_irq(struct folio *folio)
{
	spin_lock_irq(&bare_lock);
	spin_unlock_irq(&bare_lock);
}

static void bare_irqsave(struct folio *folio)
{
	unsigned long flags;

	spin_lock_irqsave(&bare_lock, flags);
	spin_unlock_irqrestore(&bare_lock, flags);
}

/**
 * struct form - one way to take the lock
 * @name: of the operation
 * @bare: lock and unlock without a lruvec
 * @fn: the same of each engine, NULL if it has none
 * @bare_ns: what rounds of @bare took, without the loop
 * @own_ns: likewise, of this module's lruvec
 */
struct form {
	const char *name;
	lock_fn bare;
	lock_fn fn[BENCH_NR_SIDES];
	u64 bare_ns[BENCH_ROUNDS + 1];
	u64 own_ns[BENCH_ROUNDS + 1];
};

static struct form forms[NR_FORMS] = {
	{ .name = "lruvec_lock", .bare = bare },
	{ .name = "lruvec_lock_irq", .bare = bare_irq },
	{ .name = "lruvec_lock_irqsave", .bare = bare_irqsave },
};

static noinline u64 time_lock(lock_fn fn, struct folio *folio)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < LOOPS; i++)
		fn(folio);
	return ktime_get_ns() - start;
}

static void time_sides(struct form *form, struct folio **folio, unsigned int round,
		       u64 empty_ns)
{
	struct bench_result *result = bench_result(form->name, 0, 1, 0);
	enum bench_side side;
	u64 ns;

	for (side = 0; side < BENCH_NR_SIDES; side++) {
		if (!form->fn[side])
			continue;
		ns = time_lock(form->fn[side], folio[side]);
		bench_add(result, side, ns, empty_ns, LOOPS);
		if (side == BENCH_OWN)
			form->own_ns[round] = ns - min(ns, empty_ns);
	}
}

/* In turns, so that a drift of the host is everybody's. */
static void run(struct folio **folio)
{
	unsigned int round;
	struct form *form;
	u64 empty_ns, ns;

	for (round = 0; round <= bench_rounds(); round++) {
		empty_ns = time_lock(nothing, folio[BENCH_OWN]);
		for (form = forms; form < forms + NR_FORMS; form++) {
			ns = time_lock(form->bare, folio[BENCH_OWN]);
			form->bare_ns[round] = ns - min(ns, empty_ns);
			time_sides(form, folio, round, empty_ns);
			cond_resched();
		}
	}
}

static int compare(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Without the warm-up. Return: picoseconds of one operation. */
static unsigned long median(u64 *ns)
{
	sort(ns + 1, bench_rounds(), sizeof(*ns), compare, NULL);
	return (unsigned long)ns[1 + bench_rounds() / 2] / (LOOPS / 1000);
}

static void show(struct form *form)
{
	unsigned long lock = median(form->bare_ns), lruvec = median(form->own_ns);
	unsigned long ratio = lock ? lruvec * 100 / lock : 0;

	bench_show("%-20s %4lu.%02lu ns, bare lock %4lu.%02lu ns, ratio %lu.%02lu\n",
		   form->name, lruvec / 1000, lruvec % 1000 / 10, lock / 1000,
		   lock % 1000 / 10, ratio / 100, ratio % 100);
}

static void forms_fill(enum bench_side side)
{
	const struct swaptbl_engine_ops *ops = &bench_engine[side]->ops;

	forms[0].fn[side] = ops->lruvec_lock;
	forms[1].fn[side] = ops->lruvec_lock_irq;
	forms[2].fn[side] = ops->lruvec_lock_irqsave;
}

static int folios_make(struct folio **folio)
{
	enum bench_side side;

	for (side = 0; side < BENCH_NR_SIDES; side++) {
		if (!bench_engine[side])
			continue;
		folio[side] = bench_engine[side]->ops.folio_new(0);
		if (!folio[side])
			return -ENOMEM;
		forms_fill(side);
	}
	return 0;
}

static void folios_free(struct folio **folio)
{
	enum bench_side side;

	for (side = 0; side < BENCH_NR_SIDES; side++) {
		if (!folio[side])
			continue;
		folio_unlock(folio[side]);
		folio_put(folio[side]);
	}
}

/* The kernel's folio has an owner already. */
static int run_charged(struct folio **folio, struct swaptbl_group *group)
{
	int err = swaptbl_folio_charge(folio[BENCH_OWN], group);
	unsigned int i;

	if (err)
		return err;
	run(folio);
	for (i = 0; i < NR_FORMS; i++)
		show(&forms[i]);
	return swaptbl_folio_uncharge(folio[BENCH_OWN]);
}

/**
 * bench_lruvec() - time the lock of a lruvec, and set it against a bare lock
 *
 * Context: Process context. May sleep.
 * Return: 0, also without this module's engine; else the error of the operation that
 * failed.
 */
int bench_lruvec(void)
{
	struct folio *folio[BENCH_NR_SIDES] = {};
	struct swaptbl_tree *tree;
	int err;

	if (!bench_engine[BENCH_OWN])
		return 0;
	tree = swaptbl_tree_create(SWAPTBL_TREE_LISTS);
	if (IS_ERR(tree))
		return PTR_ERR(tree);
	err = folios_make(folio) ?: run_charged(folio, tree->root);
	folios_free(folio);
	return swaptbl_tree_destroy(tree) ?: err;
}
