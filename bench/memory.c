// SPDX-License-Identifier: GPL-2.0
/*
 * What a device takes of memory: with nothing in it, with every slot swapped, and with one
 * slot of each cluster beyond the border.
 *
 * What is counted are the pages that the machine has less of: everything is in it, slab,
 * vmalloc and per-CPU areas too, and whatever an allocator takes for itself. Nothing else
 * runs meanwhile, and the room that was left in slabs is used up first. What remains is a
 * page more or less, well below a percent of what thousands of clusters take.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/llist.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/pagemap.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/umh.h>
#include <linux/vmstat.h>

#include "../swaptbl/compat.h"
#include "bench.h"

/* As large as can be, so that what each device has once is nothing to it: 1 TiB. */
#define SLOTS		BIT(28)

/* A cluster at a time; none has more slots. */
#define ORDER		9

/* Clusters that are filled. */
#define CLUSTERS	16384

/* The first one warms up: structures that an engine keeps for the next device. */
#define ROUNDS		3

/* Bytes in objects of each size that use up the room in slabs of a node. */
#define HOARD		SZ_1M

/* Until what was freed is free, in ms. */
#define SETTLE		200

/**
 * struct memory - a device that is filled in part
 * @ops: of the engine
 * @side: which one it is
 * @folio: what is swapped out
 * @empty: millionths of a byte that each slot takes with nothing in it
 * @nr: clusters that are in use
 * @entry: first slot of each; all have a count
 */
struct memory {
	const struct swaptbl_engine_ops *ops;
	enum bench_side side;
	struct folio *folio;
	u64 empty;
	unsigned int nr;
	swp_entry_t entry[CLUSTERS];
};

/* With those that wait on a CPU for who needs one there. */
static unsigned long zone_free(struct zone *zone)
{
	unsigned long nr = zone_page_state_snapshot(zone, NR_FREE_PAGES);
	int cpu;

	for_each_online_cpu(cpu)
		nr += READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
	return nr;
}

static unsigned long pages_free(void)
{
	struct zone *zone, *zones;
	unsigned long nr = 0;
	int nid;

	rcu_barrier();
	msleep(SETTLE);
	for_each_online_node(nid) {
		zones = NODE_DATA(nid)->node_zones;
		for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
			if (populated_zone(zone))
				nr += zone_free(zone);
	}
	return nr;
}

/* Return: millionths of a byte that each of some is larger, since there were free pages. */
static u64 taken(unsigned long before, unsigned long nr)
{
	unsigned long after = pages_free();

	return div_u64(1000000ULL * PAGE_SIZE * (before - min(before, after)), nr);
}

static void add(const struct memory *m, const char *name, u64 millionths)
{
	bench_add(bench_result(name, 0, 1, 0), m->side, millionths, 0, 1000);
}

static void hoard_on(struct llist_head *hoard, int nid)
{
	struct llist_node *object;
	size_t size;
	int i;

	for (size = sizeof(*object); size <= PAGE_SIZE; size *= 2) {
		for (i = 0; i < HOARD / size; i++) {
			object = kmalloc_node(size, GFP_KERNEL, nid);
			if (object)
				__llist_add(object, hoard);
		}
		cond_resched();
	}
}

static void hoard_free(struct llist_head *hoard)
{
	struct llist_node *object, *next;

	llist_for_each_safe(object, next, __llist_del_all(hoard))
		kfree(object);
}

static int use_cluster(struct memory *m)
{
	int err = m->ops->alloc(m->folio);

	if (err)
		return err;
	m->entry[m->nr] = m->folio->swap;
	err = m->ops->dup_folio(m->folio, NULL) ?: m->ops->delete(m->folio);
	m->nr += !err;
	return err;
}

static int fill(struct memory *m)
{
	int err = 0;

	while (!err && m->nr < CLUSTERS) {
		err = use_cluster(m);
		cond_resched();
	}
	return err;
}

/* One slot of each, by so many counts. */
static int raise(struct memory *m, int (*fn)(swp_entry_t entry), unsigned long counts)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < m->nr * counts; i++) {
		err = fn(m->entry[i / counts]);
		if (i % counts == 0)
			cond_resched();
	}
	return err;
}

/* What was filled is freed, however far it came. */
static int empty(struct memory *m)
{
	int err = 0;

	while (m->nr)
		err = m->ops->put_range(m->entry[--m->nr], 1U << ORDER) ?: err;
	return err;
}

static int measure_overflow(struct memory *m)
{
	unsigned long border = bench_engine[m->side]->border, before = pages_free();
	int err = raise(m, m->ops->dup, border);

	if (err)
		return err;
	add(m, "memory overflow (bytes)", taken(before, m->nr));
	return raise(m, m->ops->put, border);
}

/* What a slot of a full cluster takes is in addition to its share of the empty device. */
static int measure_used(struct memory *m)
{
	unsigned long before = pages_free();
	int err = fill(m);

	if (!err) {
		add(m, "memory populated (bytes)",
		    m->empty + taken(before, (unsigned long)m->nr << ORDER));
		err = measure_overflow(m);
	}
	return empty(m) ?: err;
}

static int run_program(char *program, char *what)
{
	char *argv[3] = { program, what, NULL };
	char *envp[2] = { "PATH=/usr/sbin:/sbin:/bin", NULL };
	int err = call_usermodehelper(program, argv, envp, UMH_WAIT_PROC);

	return err > 0 ? -ENXIO : err;
}

/* The kernel's device is there once the program has run. */
static int device_open(const struct memory *m, char *program)
{
	int err = m->side == BENCH_NATIVE ? run_program(program, "on") : 0;

	return err ?: bench_engine[m->side]->open(SLOTS - (1U << ORDER));
}

static int device_close(const struct memory *m, char *program)
{
	bench_engine[m->side]->close();
	return m->side == BENCH_NATIVE ? run_program(program, "off") : 0;
}

static int measure(struct memory *m, char *program)
{
	unsigned long before = pages_free();
	int err = device_open(m, program), nid;
	LLIST_HEAD(hoard);

	if (err)
		return err;
	m->empty = taken(before, bench_engine[m->side]->nr_free());
	add(m, "memory static (bytes)", m->empty);
	for_each_online_node(nid)
		hoard_on(&hoard, nid);
	err = measure_used(m);
	hoard_free(&hoard);
	return device_close(m, program) ?: err;
}

static int bench_side_memory(enum bench_side side, char *program)
{
	struct memory *m = kvzalloc(sizeof(*m), GFP_KERNEL);
	unsigned int round;
	int err;

	if (!m)
		return -ENOMEM;
	m->ops = &bench_engine[side]->ops;
	m->side = side;
	m->folio = m->ops->folio_new(ORDER);
	err = m->folio ? 0 : -ENOMEM;
	for (round = 0; !err && round < ROUNDS; round++)
		err = measure(m, program);
	if (m->folio) {
		folio_unlock(m->folio);
		folio_put(m->folio);
	}
	kvfree(m);
	return err;
}

/**
 * bench_memory() - measure what devices take of memory
 * @program: path of the program that makes the kernel's device, with argument "on", and
 *	removes it, with "off"; nothing else may be swapped to
 *
 * Context: Process context. May sleep.
 * Return: 0, or the error of what failed.
 */
int bench_memory(char *program)
{
	enum bench_side side;
	int err = 0;

	for (side = 0; !err && side < BENCH_NR_SIDES; side++)
		if (bench_engine[side])
			err = bench_side_memory(side, program);
	return err;
}
