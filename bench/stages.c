// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a folio, and of its slots without it, one operation after the other: each is
 * timed over all folios of a field.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "bench.h"

#define FIELD_SLOTS	4096

struct item {
	struct folio *folio;
	swp_entry_t entry;
};

/**
 * struct field - folios of one engine and order
 * @ops: of the engine
 * @side: which one it is
 * @order: of the folios
 * @nr: how many there are
 * @empty_ns: what the loop takes by itself, at least
 * @failed: operations that did not succeed
 * @item: the folios
 */
struct field {
	const struct swaptbl_engine_ops *ops;
	enum bench_side side;
	unsigned int order;
	unsigned int nr;
	u64 empty_ns;
	unsigned int failed;
	struct item item[FIELD_SLOTS];
};

typedef int (*stage_fn)(struct field *field, struct item *item);

static int stage_nothing(struct field *field, struct item *item)
{
	barrier();
	return 0;
}

static int stage_alloc(struct field *field, struct item *item)
{
	return field->ops->alloc(item->folio);
}

static int stage_note(struct field *field, struct item *item)
{
	item->entry = item->folio->swap;
	return 0;
}

static int stage_dup_folio(struct field *field, struct item *item)
{
	return field->ops->dup_folio(item->folio, NULL);
}

static int stage_put_folio(struct field *field, struct item *item)
{
	return field->ops->put_folio(item->folio, NULL);
}

static int stage_dup(struct field *field, struct item *item)
{
	return field->ops->dup(item->entry);
}

static int stage_put(struct field *field, struct item *item)
{
	return field->ops->put(item->entry);
}

static int stage_put_all(struct field *field, struct item *item)
{
	return field->ops->put_range(item->entry, 1U << field->order);
}

static int stage_count(struct field *field, struct item *item)
{
	return field->ops->count(item->entry) <= 0;
}

static int stage_lookup(struct field *field, struct item *item)
{
	struct folio *folio = field->ops->lookup(item->entry);

	if (!folio)
		return -ENOENT;
	folio_put(folio);
	return 0;
}

static int stage_unlock(struct field *field, struct item *item)
{
	folio_unlock(item->folio);
	return 0;
}

/* The lock that it takes is kept for what follows. */
static int stage_swapin(struct field *field, struct item *item)
{
	struct folio *folio = field->ops->swapin(item->entry);

	if (!folio)
		return -ENOENT;
	folio_put(folio);
	return 0;
}

static int stage_lock(struct field *field, struct item *item)
{
	folio_trylock(item->folio);
	return 0;
}

static int stage_delete(struct field *field, struct item *item)
{
	return field->ops->delete(item->folio);
}

static int stage_free(struct field *field, struct item *item)
{
	return field->ops->free(item->folio);
}

/* In their order; what has no name is done and not timed. */
static const struct stage {
	const char *name;
	stage_fn fn;
} stages[] = {
	{ NULL, stage_nothing },
	{ "alloc", stage_alloc },
	{ NULL, stage_note },
	{ "dup_folio", stage_dup_folio },
	{ "dup", stage_dup },
	{ "count", stage_count },
	{ "put", stage_put },
	{ "lookup", stage_lookup },
	{ NULL, stage_unlock },
	{ "swapin_hit", stage_swapin },
	{ NULL, stage_lock },
	{ "put_folio", stage_put_folio },
	{ "free", stage_free },
	{ NULL, stage_alloc },
	{ NULL, stage_note },
	{ "delete", stage_delete },
	{ NULL, stage_alloc },
	{ NULL, stage_note },
	{ NULL, stage_dup_folio },
	{ NULL, stage_delete },
	{ "put_frees", stage_put_all },
};

static bool has(const struct field *field, stage_fn fn)
{
	return fn != stage_swapin || field->ops->swapin;
}

static noinline u64 run_loop(struct field *field, stage_fn fn)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < field->nr; i++)
		field->failed += !!fn(field, &field->item[i]);
	return ktime_get_ns() - start;
}

static void run_stage(struct field *field, const struct stage *stage)
{
	u64 ns;

	if (!has(field, stage->fn))
		return;
	ns = run_loop(field, stage->fn);
	/* The least: what came in between is not the loop's. */
	if (stage->fn == stage_nothing)
		field->empty_ns = min_not_zero(field->empty_ns, ns);
	if (stage->name)
		bench_add(bench_result(stage->name, field->order, 1, 0), field->side, ns,
			  field->empty_ns, field->nr);
	cond_resched();
}

static void run_stages(struct field *field)
{
	unsigned int i;

	/* An engine may not survive an operation on what the one before failed to make. */
	for (i = 0; i < ARRAY_SIZE(stages) && !field->failed; i++)
		run_stage(field, &stages[i]);
}

static void field_free(struct field *field)
{
	while (field && field->nr--) {
		folio_unlock(field->item[field->nr].folio);
		folio_put(field->item[field->nr].folio);
	}
	kvfree(field);
}

static struct field *field_make(enum bench_side side, unsigned int order)
{
	struct field *field = kvzalloc(sizeof(*field), GFP_KERNEL);
	struct folio *folio;

	if (!field)
		return NULL;
	field->ops = &bench_engine[side]->ops;
	field->side = side;
	field->order = order;
	while (field->nr < FIELD_SLOTS >> order) {
		folio = field->ops->folio_new(order);
		if (!folio) {
			field_free(field);
			return NULL;
		}
		field->item[field->nr++].folio = folio;
		cond_resched();
	}
	return field;
}

static int fields_make(struct field **field, unsigned int order)
{
	enum bench_side side;

	for (side = 0; side < BENCH_NR_SIDES; side++) {
		if (!bench_has_order(side, order))
			continue;
		field[side] = field_make(side, order);
		if (!field[side])
			return -ENOMEM;
	}
	return 0;
}

static void fields_run(struct field **field)
{
	unsigned int round, side;

	for (round = 0; round <= bench_rounds(); round++)
		for (side = 0; side < BENCH_NR_SIDES; side++)
			if (field[side])
				run_stages(field[side]);
}

static int bench_order(unsigned int order)
{
	struct field *field[BENCH_NR_SIDES] = {};
	unsigned int failed = 0;
	enum bench_side side;
	int err;

	err = fields_make(field, order);
	if (!err)
		fields_run(field);
	for (side = 0; side < BENCH_NR_SIDES; side++) {
		failed += field[side] ? field[side]->failed : 0;
		field_free(field[side]);
	}
	if (failed)
		bench_show("order %u: %u operations failed\n", order, failed);
	return err ?: failed ? -EIO : 0;
}

/**
 * bench_stages() - time each operation on folios of orders 0, 4 and 9
 *
 * Context: Process context. May sleep.
 * Return: 0; -ENOMEM, or -EIO if an operation failed.
 */
int bench_stages(void)
{
	return bench_order(0) ?: bench_order(4) ?: bench_order(9);
}
