/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Measurements: lines for the log, each marked so that a script finds it.
 *
 * An operation is timed in rounds, one after the other on each engine, so that a drift of
 * the host is everybody's. What is printed of it are a median, the least, and the spread.
 */
#ifndef _SWAPTBL_BENCH_H
#define _SWAPTBL_BENCH_H

#include <linux/mm_types.h>
#include <linux/printk.h>
#include <linux/types.h>

#include "../swaptbl/engine.h"

#define bench_show(fmt, ...)	pr_info("swaptbl_bench: " fmt, ##__VA_ARGS__)

/* At most; see bench_rounds(). */
#define BENCH_ROUNDS		30

/* Slots of the device that each engine has. */
#define BENCH_SLOTS		65000

enum bench_side {
	BENCH_OWN,
	BENCH_NATIVE,
	BENCH_NR_SIDES,
};

/**
 * struct bench_result - what an operation took
 * @name: of the operation; it ends in a unit if that is not time
 * @order: of the folio, or of the range
 * @threads: how many did it at once
 * @occupancy: percent of the slots in use meanwhile, 0 for next to none
 * @nr: rounds so far, by side; the first one is the warm-up
 * @ps: picoseconds of one operation, by side and round; or thousandths of percents, or
 *	millionths of bytes
 */
struct bench_result {
	const char *name;
	unsigned int order;
	unsigned int threads;
	unsigned int occupancy;
	unsigned int nr[BENCH_NR_SIDES];
	u64 ps[BENCH_NR_SIDES][BENCH_ROUNDS + 1];
};

/* By side; NULL if there is none. */
extern struct swaptbl_engine *bench_engine[BENCH_NR_SIDES];

unsigned int bench_rounds(void);
bool bench_has_order(enum bench_side side, unsigned int order);
int bench_folios_make(enum bench_side side, unsigned int order, struct folio **folio,
		      unsigned int nr);
void bench_folios_free(struct folio **folio, unsigned int nr);
struct bench_result *bench_result(const char *name, unsigned int order,
				  unsigned int threads, unsigned int occupancy);
void bench_add(struct bench_result *result, enum bench_side side, u64 ns, u64 empty_ns,
	       unsigned int calls);
void bench_report(void);
void bench_forget(void);

/* All return 0 or the error that ended them. */
int bench_stages(void);
int bench_borders(void);
int bench_occupancies(void);
int bench_threads(void);
int bench_aged(void);
int bench_lruvec(void);
int bench_reparent(void);
int bench_memory(char *program);

#endif /* _SWAPTBL_BENCH_H */
