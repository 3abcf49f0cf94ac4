/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Measurements: lines for the log, each marked so that a script finds it.
 */
#ifndef _SWAPTBL_BENCH_H
#define _SWAPTBL_BENCH_H

#include <linux/printk.h>

#define bench_show(fmt, ...)	pr_info("swaptbl_bench: " fmt, ##__VA_ARGS__)

int bench_lruvec(void);

#endif /* _SWAPTBL_BENCH_H */
