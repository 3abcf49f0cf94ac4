// SPDX-License-Identifier: GPL-2.0
/*
 * Results, and how they are printed.
 */
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "../swaptbl/compat.h"
#include "bench.h"

struct entry {
	struct bench_result result;
	struct list_head node;
};

static LIST_HEAD(results);

static bool is_of(const struct bench_result *result, const char *name,
		  unsigned int order, unsigned int threads, unsigned int occupancy)
{
	return !strcmp(result->name, name) && result->order == order &&
	       result->threads == threads && result->occupancy == occupancy;
}

/**
 * bench_result() - look up a result, or begin it
 * @name: constant name of the operation
 * @order: of the folio, or of the range
 * @threads: how many do it at once
 * @occupancy: percent of slots in use meanwhile
 *
 * Context: Process context. May sleep.
 * Return: the result; NULL if there is no memory.
 */
struct bench_result *bench_result(const char *name, unsigned int order,
				  unsigned int threads, unsigned int occupancy)
{
	struct entry *entry;

	list_for_each_entry(entry, &results, node)
		if (is_of(&entry->result, name, order, threads, occupancy))
			return &entry->result;
	entry = kzalloc_obj(*entry);
	if (!entry)
		return NULL;
	entry->result.name = name;
	entry->result.order = order;
	entry->result.threads = threads;
	entry->result.occupancy = occupancy;
	list_add_tail(&entry->node, &results);
	return &entry->result;
}

/**
 * bench_add() - add a round to a result
 * @result: the result, or NULL
 * @side: of which engine
 * @ns: what the loop took
 * @empty_ns: what it takes without the operation
 * @calls: operations in the loop
 *
 * Context: Any context.
 */
void bench_add(struct bench_result *result, enum bench_side side, u64 ns, u64 empty_ns,
	       unsigned int calls)
{
	if (!result || result->nr[side] > BENCH_ROUNDS)
		return;
	ns -= min(ns, empty_ns);
	result->ps[side][result->nr[side]++] = div_u64(1000 * ns, calls);
}

static int compare(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Median, least, and how far the middle half of the rounds is apart. */
static void show_side(struct bench_result *result, enum bench_side side, char *text,
		      size_t size)
{
	unsigned int nr = result->nr[side];
	u64 *ps = result->ps[side] + 1;

	if (nr < 2) {
		strscpy(text, "-,-,-", size);
		return;
	}
	nr--;
	sort(ps, nr, sizeof(*ps), compare, NULL);
	scnprintf(text, size, "%llu,%llu,%llu", ps[nr / 2], ps[0],
		  ps[3 * nr / 4] - ps[nr / 4]);
}

static void show(struct bench_result *result)
{
	char own[64], native[64];

	show_side(result, BENCH_OWN, own, sizeof(own));
	show_side(result, BENCH_NATIVE, native, sizeof(native));
	bench_show("row %s,%u,%u,%u,%s,%s\n", result->name, result->order,
		   result->threads, result->occupancy, own, native);
}

/**
 * bench_report() - print all results
 *
 * Lines "row operation,order,threads,occupancy" and for each side median, least and spread
 * in picoseconds.
 *
 * Context: Process context.
 */
void bench_report(void)
{
	struct entry *entry;

	list_for_each_entry(entry, &results, node)
		show(&entry->result);
}

/**
 * bench_forget() - free all results
 *
 * Context: Process context.
 */
void bench_forget(void)
{
	struct entry *entry, *next;

	list_for_each_entry_safe(entry, next, &results, node) {
		list_del(&entry->node);
		kfree(entry);
	}
}
