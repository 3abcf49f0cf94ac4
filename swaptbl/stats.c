// SPDX-License-Identifier: GPL-2.0
/*
 * Per-device counters.
 */
#include <kunit/visibility.h>
#include <linux/cpumask.h>

#include "stats.h"

static const char * const stat_names[SWAPTBL_NR_STATS] = {
	[SWAPTBL_STAT_ALLOC]		= "alloc",
	[SWAPTBL_STAT_ALLOC_EXCLUSIVE]	= "alloc_exclusive",
	[SWAPTBL_STAT_FREE]		= "free",
	[SWAPTBL_STAT_DUP]		= "dup",
	[SWAPTBL_STAT_PUT]		= "put",
	[SWAPTBL_STAT_LOCKLESS]		= "lockless",
	[SWAPTBL_STAT_OVERFLOW_ENTER]	= "overflow_enter",
	[SWAPTBL_STAT_OVERFLOW_LEAVE]	= "overflow_leave",
	[SWAPTBL_STAT_OVERFLOW_ALLOC]	= "overflow_alloc",
	[SWAPTBL_STAT_CACHED_ONLY]	= "cached_only",
	[SWAPTBL_STAT_EXCLUSIVE]	= "exclusive",
	[SWAPTBL_STAT_TABLES]		= "tables",
	[SWAPTBL_STAT_CLUSTERS]		= "clusters",
	[SWAPTBL_STAT_STEAL]		= "steal",
	[SWAPTBL_STAT_FAIL_NOSPC]	= "fail_nospc",
	[SWAPTBL_STAT_FAIL_2BIG]	= "fail_2big",
	[SWAPTBL_STAT_FAIL_NOMEM]	= "fail_nomem",
	[SWAPTBL_STAT_REFUSED]		= "refused",
	[SWAPTBL_STAT_CACHED]		= "cached",
	[SWAPTBL_STAT_CACHE_ADD]	= "cache_add",
	[SWAPTBL_STAT_CACHE_DEL]	= "cache_del",
	[SWAPTBL_STAT_SWAPIN_HIT]	= "swapin_hit",
	[SWAPTBL_STAT_SWAPIN_MISS]	= "swapin_miss",
	[SWAPTBL_STAT_SWAPIN_WAIT]	= "swapin_wait",
	[SWAPTBL_STAT_SWAPIN_FALLBACK]	= "swapin_fallback",
	[SWAPTBL_STAT_READAHEAD]	= "readahead",
	[SWAPTBL_STAT_READAHEAD_HIT]	= "readahead_hit",
	[SWAPTBL_STAT_EVICT]		= "evict",
	[SWAPTBL_STAT_EVICT_CLEAN]	= "evict_clean",
	[SWAPTBL_STAT_RECLAIM]		= "reclaim",
	[SWAPTBL_STAT_SPLIT]		= "split",
	[SWAPTBL_STAT_READ]		= "read",
	[SWAPTBL_STAT_READ_IO]		= "read_io",
	[SWAPTBL_STAT_READ_ZERO]	= "read_zero",
	[SWAPTBL_STAT_READ_ERROR]	= "read_error",
	[SWAPTBL_STAT_WRITE]		= "write",
	[SWAPTBL_STAT_WRITE_IO]		= "write_io",
	[SWAPTBL_STAT_WRITE_ZERO]	= "write_zero",
	[SWAPTBL_STAT_WRITE_ERROR]	= "write_error",
	[SWAPTBL_STAT_DISCARD]		= "discard",
	[SWAPTBL_STAT_DISCARD_SYNC]	= "discard_sync",
	[SWAPTBL_STAT_DISCARD_ERROR]	= "discard_error",
	[SWAPTBL_STAT_SHADOWS]		= "shadows",
	[SWAPTBL_STAT_SHADOW_RECLAIM]	= "shadow_reclaim",
	[SWAPTBL_STAT_REFAULT]		= "refault",
	[SWAPTBL_STAT_ACTIVATE]		= "activate",
	[SWAPTBL_STAT_RESTORE]		= "restore",
};

/**
 * swaptbl_stat_name() - name of a counter
 * @stat: the counter
 *
 * Context: Any context.
 * Return: the name, as debugfs shows it.
 */
const char *swaptbl_stat_name(enum swaptbl_stat stat)
{
	return stat_names[stat];
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_stat_name);

/**
 * swaptbl_stat_sum() - value of a counter
 * @dev: the device
 * @stat: the counter
 *
 * Changes that run meanwhile may be in it or not.
 *
 * Context: Any context. The caller has a reference to @dev.
 * Return: the sum over all CPUs.
 */
long swaptbl_stat_sum(struct swaptbl_device *dev, enum swaptbl_stat stat)
{
	unsigned int cpu;
	long sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(dev->pcpu, cpu)->stat[stat]);
	return sum;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_stat_sum);
