// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics of lruvecs.
 */
#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "group.h"
#include "lruvec.h"
#include "sync.h"

static const char * const stat_names[SWAPTBL_NR_LRU_STATS] = {
	[SWAPTBL_LRU_STAT_LISTS + LRU_INACTIVE_ANON]	= "inactive_anon",
	[SWAPTBL_LRU_STAT_LISTS + LRU_ACTIVE_ANON]	= "active_anon",
	[SWAPTBL_LRU_STAT_LISTS + LRU_INACTIVE_FILE]	= "inactive_file",
	[SWAPTBL_LRU_STAT_LISTS + LRU_ACTIVE_FILE]	= "active_file",
	[SWAPTBL_LRU_STAT_LISTS + LRU_UNEVICTABLE]	= "unevictable",
	[SWAPTBL_LRU_STAT_ISOLATED]			= "isolated",
	[SWAPTBL_LRU_STAT_CHARGED]			= "charged",
	[SWAPTBL_LRU_STAT_ADD]				= "add",
	[SWAPTBL_LRU_STAT_DEL]				= "del",
	[SWAPTBL_LRU_STAT_ISOLATE]			= "isolate",
	[SWAPTBL_LRU_STAT_PUTBACK]			= "putback",
	[SWAPTBL_LRU_STAT_ACTIVATE]			= "activate",
	[SWAPTBL_LRU_STAT_DEACTIVATE]			= "deactivate",
	[SWAPTBL_LRU_STAT_ROTATE]			= "rotate",
	[SWAPTBL_LRU_STAT_RECLAIM]			= "reclaim",
	[SWAPTBL_LRU_STAT_LOCK_RETRY]			= "lock_retry",
};

/**
 * swaptbl_lru_stat_name() - name of a statistic
 * @stat: the statistic
 *
 * Context: Any context.
 * Return: the name, as debugfs shows it; of a list, also that of the list.
 */
const char *swaptbl_lru_stat_name(enum swaptbl_lru_stat stat)
{
	return stat_names[stat];
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_lru_stat_name);

/**
 * swaptbl_lru_stats_alloc() - prepare the statistics of a lruvec
 * @stats: zeroed
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int swaptbl_lru_stats_alloc(struct swaptbl_lru_stats *stats)
{
	if (!swaptbl_should_fail(SWAPTBL_MEM_LRU_STATS, GFP_KERNEL))
		stats->cpu = alloc_percpu(struct swaptbl_lru_stat_cpu);
	return stats->cpu ? 0 : -ENOMEM;
}

/**
 * swaptbl_lru_stats_free() - undo swaptbl_lru_stats_alloc()
 * @stats: the statistics
 *
 * Context: Any context.
 */
void swaptbl_lru_stats_free(struct swaptbl_lru_stats *stats)
{
	free_percpu(stats->cpu);
}

static struct swaptbl_lruvec *lruvec_above(const struct swaptbl_lruvec *lruvec)
{
	const struct swaptbl_group *parent = lruvec->group->parent;

	return parent ? parent->lruvec[lruvec->nid] : NULL;
}

/*
 * What is collected goes to the lruvec while it exists, else to the first ancestor
 * that does. Both are told apart by the pointer which the removal clears under the
 * same lock. The parents of one that exists exist.
 */
static void __collect(struct swaptbl_lruvec *lruvec,
		      struct swaptbl_lru_stat_cpu *cpu)
{
	struct swaptbl_lruvec *target;
	unsigned int i;
	long nr;

	lockdep_assert_held(&lruvec->group->tree->stat_lock);
	for (i = 0; i < SWAPTBL_NR_LRU_STATS; i++) {
		nr = READ_ONCE(cpu->now[i]) - cpu->seen[i];
		if (!nr)
			continue;
		WRITE_ONCE(cpu->seen[i], cpu->seen[i] + nr);
		target = swaptbl_handle_lruvec(lruvec->group->handle, lruvec->nid);
		if (WARN_ON_ONCE(!target))
			return;
		target->stat.local[i] += nr;
		for (; target; target = lruvec_above(target))
			target->stat.total[i] += nr;
	}
}

/**
 * __swaptbl_lru_stats_flush() - collect what all CPUs have counted
 * @lruvec: the lruvec; its memory is there, but it may have been removed
 *
 * Context: Expects the tree's stat_lock to be held by caller, in an RCU read-side
 * section.
 */
void __swaptbl_lru_stats_flush(struct swaptbl_lruvec *lruvec)
{
	unsigned int cpu;

	lockdep_assert_held(&lruvec->group->tree->stat_lock);
	for_each_possible_cpu(cpu)
		__collect(lruvec, per_cpu_ptr(lruvec->stat.cpu, cpu));
}

/**
 * swaptbl_lru_stats_flush() - collect what all CPUs have counted
 * @lruvec: the lruvec; its memory is there, but it may have been removed
 *
 * Context: Any context. Takes and releases the tree's stat_lock.
 */
void swaptbl_lru_stats_flush(struct swaptbl_lruvec *lruvec)
{
	spinlock_t *lock = &lruvec->group->tree->stat_lock;
	unsigned long flags;

	rcu_read_lock();
	spin_lock_irqsave(lock, flags);
	__swaptbl_lru_stats_flush(lruvec);
	spin_unlock_irqrestore(lock, flags);
	rcu_read_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_lru_stats_flush);

/**
 * __swaptbl_lru_stats_move() - the parent takes over what a child has collected
 * @child: the lruvec, that exists still
 * @parent: lruvec of its parent on the same node
 *
 * Values move as they are, also negative ones: another CPU may have counted the other
 * half. The parent's total includes them already. The caller clears the pointer to
 * @child before it unlocks, so that what CPUs count from here on is the parent's.
 *
 * Context: Expects the tree's stat_lock to be held by caller, in an RCU read-side
 * section.
 */
void __swaptbl_lru_stats_move(struct swaptbl_lruvec *child,
			      struct swaptbl_lruvec *parent)
{
	unsigned int i;

	lockdep_assert_held(&child->group->tree->stat_lock);
	__swaptbl_lru_stats_flush(child);
	for (i = 0; i < SWAPTBL_NR_LRU_STATS; i++) {
		parent->stat.local[i] += child->stat.local[i];
		child->stat.local[i] = 0;
		child->stat.total[i] = 0;
	}
}

/* A CPU that has a batch collects it, of all statistics. */
static noinline void collect_batch(struct swaptbl_lruvec *lruvec)
{
	spinlock_t *lock = &lruvec->group->tree->stat_lock;
	unsigned long flags;

	swaptbl_sync(SWAPTBL_STAT_BATCH);
	spin_lock_irqsave(lock, flags);
	__collect(lruvec, this_cpu_ptr(lruvec->stat.cpu));
	spin_unlock_irqrestore(lock, flags);
}

/**
 * swaptbl_lru_stat_add() - count
 * @lruvec: the lruvec; it may have been removed since it was looked up
 * @stat: what
 * @nr: how many, negative for fewer
 *
 * Context: Any context. The caller is in an RCU read-side section that looked up
 * @lruvec, or holds its lru_lock.
 */
void swaptbl_lru_stat_add(struct swaptbl_lruvec *lruvec,
			  enum swaptbl_lru_stat stat, long nr)
{
	struct swaptbl_lru_stat_cpu __percpu *cpu = lruvec->stat.cpu;
	long pending;

	pending = this_cpu_add_return(cpu->now[stat], nr) -
		  this_cpu_read(cpu->seen[stat]);
	/* A guess, if this task has just changed CPUs. */
	if (unlikely(abs(pending) >= SWAPTBL_LRU_STAT_BATCH))
		collect_batch(lruvec);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_lru_stat_add);

/**
 * swaptbl_folio_lru_stat_add() - count where a folio is
 * @folio: charged folio
 * @stat: what
 * @nr: how many, negative for fewer
 *
 * Without the lock: the lruvec may be removed before it was counted. Then what is
 * counted there is collected for the first ancestor that exists.
 *
 * Context: Any context.
 */
void swaptbl_folio_lru_stat_add(struct folio *folio, enum swaptbl_lru_stat stat,
				long nr)
{
	struct swaptbl_lruvec *lruvec;

	rcu_read_lock();
	lruvec = swaptbl_folio_lruvec(folio);
	swaptbl_sync(SWAPTBL_STAT_CHECKED);
	if (lruvec)
		swaptbl_lru_stat_add(lruvec, stat, nr);
	rcu_read_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_lru_stat_add);

static void sum(long *to, const long *from)
{
	unsigned int i;

	for (i = 0; to && i < SWAPTBL_NR_LRU_STATS; i++)
		to[i] += from[i];
}

static void flush_group(struct swaptbl_group *group)
{
	struct swaptbl_lruvec *lruvec;
	int nid;

	rcu_read_lock();
	for_each_node(nid) {
		lruvec = swaptbl_handle_own_lruvec(group->handle, nid);
		if (lruvec)
			swaptbl_lru_stats_flush(lruvec);
	}
	rcu_read_unlock();
}

static void flush_below(struct swaptbl_group *top)
{
	struct swaptbl_group *group;
	unsigned int id = 0;

	while ((group = swaptbl_group_next(top, &id))) {
		flush_group(group);
		swaptbl_group_put(group);
	}
}

/**
 * swaptbl_group_stats() - statistics of a group
 * @group: the group
 * @local: set to its own, SWAPTBL_NR_LRU_STATS of them, or NULL
 * @total: set to those of all groups from it on down, or NULL
 *
 * Collects first. A group that was removed has none.
 *
 * Context: Any context but interrupts. The caller has a reference to @group.
 */
void swaptbl_group_stats(struct swaptbl_group *group, long *local, long *total)
{
	flush_below(group);
	swaptbl_group_stats_seen(group, local, total);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_stats);

/**
 * swaptbl_group_stats_seen() - statistics of a group, as far as they were collected
 * @group: the group
 * @local: set to its own, SWAPTBL_NR_LRU_STATS of them, or NULL
 * @total: set to those of all groups from it on down, or NULL
 *
 * Context: Any context. The caller has a reference to @group.
 */
void swaptbl_group_stats_seen(struct swaptbl_group *group, long *local, long *total)
{
	struct swaptbl_lruvec *lruvec;
	unsigned long flags;
	int nid;

	if (local)
		memset(local, 0, SWAPTBL_NR_LRU_STATS * sizeof(*local));
	if (total)
		memset(total, 0, SWAPTBL_NR_LRU_STATS * sizeof(*total));
	rcu_read_lock();
	spin_lock_irqsave(&group->tree->stat_lock, flags);
	for_each_node(nid) {
		lruvec = swaptbl_handle_own_lruvec(group->handle, nid);
		if (!lruvec)
			continue;
		sum(local, lruvec->stat.local);
		sum(total, lruvec->stat.total);
	}
	spin_unlock_irqrestore(&group->tree->stat_lock, flags);
	rcu_read_unlock();
}
