// SPDX-License-Identifier: GPL-2.0
/*
 * Reparenting: a group's folios become its parent's.
 *
 * Once for each node, with the locks of both lruvecs held: the lists, the sizes, the
 * statistics, and the one pointer by which the folios find their lruvec. A locker comes
 * either before all of it or after.
 *
 * Between two nodes a folio may be copied from one to the other. It resolves by the node
 * that it is on: on one that is done it is found, and put back, at the parent, on
 * the other at the child, from where it goes with the rest.
 */
#include <linux/nodemask.h>

#include "group.h"
#include "handle.h"
#include "lruvec.h"
#include "reparent.h"
#include "sync.h"
#include "trace.h"

static unsigned long pages(struct swaptbl_lruvec *lruvec)
{
	unsigned long nr = 0;
	enum lru_list lru;

	for_each_lru(lru)
		nr += swaptbl_lruvec_lru_size(lruvec, lru,
					      MAX_NR_ZONES - 1);
	return nr;
}

static void __move(struct swaptbl_lruvec *child, struct swaptbl_lruvec *parent)
{
	struct swaptbl_handle *handle = child->group->handle;

	lockdep_assert_held(&child->lru_lock);
	lockdep_assert_held(&parent->lru_lock);
	__swaptbl_lruvec_splice(child, parent);
	spin_lock(&child->group->tree->stat_lock);
	__swaptbl_lru_stats_move(child, parent);
	rcu_assign_pointer(handle->lruvec[child->nid], NULL);
	spin_unlock(&child->group->tree->stat_lock);
}

static void reparent_node(struct swaptbl_group *group, int nid)
{
	struct swaptbl_lruvec *child = group->lruvec[nid];
	struct swaptbl_lruvec *parent = group->parent->lruvec[nid];
	unsigned long flags, nr;

	rcu_read_lock();
	spin_lock_irqsave(&child->lru_lock, flags);
	spin_lock_nested(&parent->lru_lock, SINGLE_DEPTH_NESTING);
	nr = pages(child);
	__move(child, parent);
	spin_unlock(&parent->lru_lock);
	spin_unlock_irqrestore(&child->lru_lock, flags);
	rcu_read_unlock();
	trace_swaptbl_reparent(group->id, group->parent->id, nid, nr);
}

/**
 * swaptbl_reparent() - hand all folios of a group over to its parent
 * @group: group that is being removed; its parent cannot be removed meanwhile
 *
 * Takes as long for any number of folios.
 *
 * Context: Any context but interrupts. Takes and releases the lru_locks of the group and
 * of its parent.
 */
void swaptbl_reparent(struct swaptbl_group *group)
{
	int nid;

	for_each_node(nid) {
		reparent_node(group, nid);
		swaptbl_sync(SWAPTBL_REPARENT_NODE);
	}
}
