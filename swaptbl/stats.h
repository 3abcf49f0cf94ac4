/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-device counters, kept per CPU and summed when read.
 */
#ifndef _SWAPTBL_STATS_H
#define _SWAPTBL_STATS_H

#include "device.h"

/* First counters of the blocks that a debugfs file each shows. */
#define SWAPTBL_STAT_FIRST_CACHE	SWAPTBL_STAT_CACHED
#define SWAPTBL_STAT_FIRST_IO		SWAPTBL_STAT_READ
#define SWAPTBL_STAT_FIRST_WORKINGSET	SWAPTBL_STAT_SHADOWS

static inline void swaptbl_stat_add(struct swaptbl_device *dev,
				    enum swaptbl_stat stat, long nr)
{
	this_cpu_add(dev->pcpu->stat[stat], nr);
}

static inline void swaptbl_stat_inc(struct swaptbl_device *dev,
				    enum swaptbl_stat stat)
{
	swaptbl_stat_add(dev, stat, 1);
}

const char *swaptbl_stat_name(enum swaptbl_stat stat);
long swaptbl_stat_sum(struct swaptbl_device *dev, enum swaptbl_stat stat);

#endif /* _SWAPTBL_STATS_H */
