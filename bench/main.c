// SPDX-License-Identifier: GPL-2.0
/*
 * Benchmark module: runs when it is inserted. What it compares is this module's engine and,
 * if swaptbl_native is there and something large enough is swapped to, the kernel's.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/utsname.h>

#include "../swaptbl/compat.h"
#include "bench.h"

/* Enough where a round is like the other. */
#define INSNS_ROUNDS	6

static bool insns;
module_param(insns, bool, 0400);
MODULE_PARM_DESC(insns, "time is a count of instructions: few rounds, nothing that takes long");

static char *memory;
module_param(memory, charp, 0400);
MODULE_PARM_DESC(memory, "measure memory only; program that gives the kernel a large device to swap to, with argument \"on\", or takes it away, with \"off\"");

struct swaptbl_engine *bench_engine[BENCH_NR_SIDES];

/* What a debug kernel costs says nothing. */
static bool is_debug_kernel(void)
{
	return IS_ENABLED(CONFIG_KASAN) || IS_ENABLED(CONFIG_KCSAN) ||
	       IS_ENABLED(CONFIG_LOCKDEP) || IS_ENABLED(CONFIG_DEBUG_VM);
}

static struct swaptbl_engine *engine_get(const char *name)
{
	struct swaptbl_engine *engine = swaptbl_engine_get(name);

	if (!IS_ERR(engine))
		return engine;
	bench_show("no engine %s: %pe\n", name, engine);
	return NULL;
}

static void engine_put(enum bench_side side)
{
	if (bench_engine[side])
		swaptbl_engine_put(bench_engine[side]);
	bench_engine[side] = NULL;
}

static void engines_get(void)
{
	bench_engine[BENCH_OWN] = engine_get(SWAPTBL_ENGINE_OWN);
	bench_engine[BENCH_NATIVE] = engine_get(SWAPTBL_ENGINE_NATIVE);
}

static void engine_open(enum bench_side side)
{
	int err = bench_engine[side] ? bench_engine[side]->open(BENCH_SLOTS) : 0;

	if (!err)
		return;
	bench_show("engine %s has no device: %pe\n", bench_engine[side]->name,
		   ERR_PTR(err));
	engine_put(side);
}

/**
 * bench_rounds() - how often to time, after the warm-up
 *
 * Context: Any context.
 * Return: the number of rounds, BENCH_ROUNDS at most.
 */
unsigned int bench_rounds(void)
{
	return insns ? INSNS_ROUNDS : BENCH_ROUNDS;
}

/**
 * bench_has_order() - whether an engine is there and gives slots to folios of an order
 * @side: which engine
 * @order: the order
 *
 * Context: Process context. May sleep.
 * Return: whether it does.
 */
bool bench_has_order(enum bench_side side, unsigned int order)
{
	const struct swaptbl_engine_ops *ops;
	struct folio *folio;
	bool has;

	if (!bench_engine[side])
		return false;
	ops = &bench_engine[side]->ops;
	folio = ops->folio_new(order);
	if (!folio)
		return false;
	has = !ops->alloc(folio) && !ops->free(folio);
	folio_unlock(folio);
	folio_put(folio);
	return has;
}

/**
 * bench_folios_make() - make folios for an engine, locked
 * @side: which engine
 * @order: of the folios
 * @folio: set to them; those that were not made stay NULL
 * @nr: how many
 *
 * Context: Process context. May sleep. Undo with bench_folios_free().
 * Return: 0, or -ENOMEM.
 */
int bench_folios_make(enum bench_side side, unsigned int order, struct folio **folio,
		      unsigned int nr)
{
	for (; nr--; folio++) {
		*folio = bench_engine[side]->ops.folio_new(order);
		if (!*folio)
			return -ENOMEM;
	}
	return 0;
}

/**
 * bench_folios_free() - let go of folios that are bound to nothing
 * @folio: they, or NULL; set to that
 * @nr: how many
 *
 * Context: Process context.
 */
void bench_folios_free(struct folio **folio, unsigned int nr)
{
	for (; nr--; folio++) {
		if (!*folio)
			continue;
		folio_unlock(*folio);
		folio_put(*folio);
		*folio = NULL;
	}
}

static int bench_times(void)
{
	enum bench_side side;
	int err;

	for (side = 0; side < BENCH_NR_SIDES; side++)
		engine_open(side);
	err = bench_stages() ?: bench_borders() ?: bench_threads() ?:
	      bench_occupancies() ?: bench_aged() ?: bench_lruvec();
	for (side = 0; side < BENCH_NR_SIDES; side++)
		if (bench_engine[side])
			bench_engine[side]->close();
	return err ?: insns ? 0 : bench_reparent();
}

static int __init swaptbl_bench_init(void)
{
	enum bench_side side;
	int err;

	if (is_debug_kernel()) {
		pr_err("swaptbl_bench: not on a debug kernel\n");
		return -EOPNOTSUPP;
	}
	bench_show("# Linux %s\n", utsname()->release);
	engines_get();
	err = memory ? bench_memory(memory) : bench_times();
	for (side = 0; side < BENCH_NR_SIDES; side++)
		engine_put(side);
	bench_report();
	bench_forget();
	if (err)
		bench_show("ended early: %pe\n", ERR_PTR(err));
	return err;
}
module_init(swaptbl_bench_init);

static void __exit swaptbl_bench_exit(void)
{
}
module_exit(swaptbl_bench_exit);

SWAPTBL_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
SWAPTBL_IMPORT_NS(SWAPTBL);
MODULE_DESCRIPTION("Benchmarks of swaptbl");
MODULE_LICENSE("GPL");
