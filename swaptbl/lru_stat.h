/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics of lruvecs: counted per CPU, collected in batches.
 *
 * Each CPU counts for itself and never goes back; who collects remembers how far it
 * had come with that CPU. So a count is never lost between the two, and may be
 * collected at any time, also after the lruvec was removed: what comes then is the
 * first ancestor's that still exists.
 */
#ifndef _SWAPTBL_LRU_STAT_H
#define _SWAPTBL_LRU_STAT_H

#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/types.h>

struct folio;
struct swaptbl_group;
struct swaptbl_lruvec;

/**
 * enum swaptbl_lru_stat - statistics of a lruvec, in pages but for the last
 * @SWAPTBL_LRU_STAT_LISTS: on the lists now, by enum lru_list from here on
 * @SWAPTBL_LRU_STAT_ISOLATED: charged and taken off a list by somebody now
 * @SWAPTBL_LRU_STAT_CHARGED: charged now
 * @SWAPTBL_LRU_STAT_ADD: put on a list for the first time
 * @SWAPTBL_LRU_STAT_DEL: taken off a list for good
 * @SWAPTBL_LRU_STAT_ISOLATE: taken off a list
 * @SWAPTBL_LRU_STAT_PUTBACK: put back
 * @SWAPTBL_LRU_STAT_ACTIVATE: moved to an active list
 * @SWAPTBL_LRU_STAT_DEACTIVATE: moved to an inactive list
 * @SWAPTBL_LRU_STAT_ROTATE: moved to the cold end
 * @SWAPTBL_LRU_STAT_RECLAIM: evicted for the limit of a group
 * @SWAPTBL_LRU_STAT_LOCK_RETRY: lockers that found the lists gone to the parent, once
 *	for each time
 * @SWAPTBL_NR_LRU_STATS: number of statistics
 */
enum swaptbl_lru_stat {
	SWAPTBL_LRU_STAT_LISTS,
	SWAPTBL_LRU_STAT_ISOLATED = SWAPTBL_LRU_STAT_LISTS + NR_LRU_LISTS,
	SWAPTBL_LRU_STAT_CHARGED,
	SWAPTBL_LRU_STAT_ADD,
	SWAPTBL_LRU_STAT_DEL,
	SWAPTBL_LRU_STAT_ISOLATE,
	SWAPTBL_LRU_STAT_PUTBACK,
	SWAPTBL_LRU_STAT_ACTIVATE,
	SWAPTBL_LRU_STAT_DEACTIVATE,
	SWAPTBL_LRU_STAT_ROTATE,
	SWAPTBL_LRU_STAT_RECLAIM,
	SWAPTBL_LRU_STAT_LOCK_RETRY,
	SWAPTBL_NR_LRU_STATS,
};

/* What one CPU may keep to itself of one statistic, as MEMCG_CHARGE_BATCH. */
#define SWAPTBL_LRU_STAT_BATCH	64

/**
 * struct swaptbl_lru_stat_cpu - what one CPU counted
 * @now: since the lruvec exists; only that CPU changes it
 * @seen: how far it was collected; under the tree's stat_lock
 */
struct swaptbl_lru_stat_cpu {
	long now[SWAPTBL_NR_LRU_STATS];
	long seen[SWAPTBL_NR_LRU_STATS];
};

/**
 * struct swaptbl_lru_stats - statistics of a lruvec
 * @cpu: see struct swaptbl_lru_stat_cpu
 * @local: collected here; moves to the parent with the lists
 * @total: collected here and in all descendants, also those removed since
 *
 * Both sums are under the tree's stat_lock. At any moment @total is @local and the
 * @total of all children.
 */
struct swaptbl_lru_stats {
	struct swaptbl_lru_stat_cpu __percpu *cpu;
	long local[SWAPTBL_NR_LRU_STATS];
	long total[SWAPTBL_NR_LRU_STATS];
};

int swaptbl_lru_stats_alloc(struct swaptbl_lru_stats *stats);
void swaptbl_lru_stats_free(struct swaptbl_lru_stats *stats);

const char *swaptbl_lru_stat_name(enum swaptbl_lru_stat stat);
void swaptbl_lru_stat_add(struct swaptbl_lruvec *lruvec,
			  enum swaptbl_lru_stat stat, long nr);
void swaptbl_folio_lru_stat_add(struct folio *folio, enum swaptbl_lru_stat stat,
				long nr);
void swaptbl_lru_stats_flush(struct swaptbl_lruvec *lruvec);
void __swaptbl_lru_stats_flush(struct swaptbl_lruvec *lruvec);
void __swaptbl_lru_stats_move(struct swaptbl_lruvec *child,
			      struct swaptbl_lruvec *parent);
void swaptbl_group_stats(struct swaptbl_group *group, long *local, long *total);
void swaptbl_group_stats_seen(struct swaptbl_group *group, long *local, long *total);

#endif /* _SWAPTBL_LRU_STAT_H */
