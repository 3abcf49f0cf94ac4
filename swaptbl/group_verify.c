// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle of groups: walks a tree and names every broken invariant.
 *
 * Each lruvec is checked with its lock held for as long as that takes: tens of
 * milliseconds with a million folios on it. What holds under a lock is judged always,
 * what needs several to stand still only if nothing was counted meanwhile.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "group.h"
#include "group_verify.h"
#include "handle.h"
#include "lru.h"
#include "lruvec.h"
#include "report.h"

/**
 * struct verify - one walk
 * @tree: the tree
 * @report: broken invariants so far
 * @groups: groups seen
 * @pages: pages seen on lists
 */
struct verify {
	struct swaptbl_tree *tree;
	struct swaptbl_report report;
	unsigned long groups;
	unsigned long pages;
};

static const char *list_name(enum lru_list lru)
{
	return swaptbl_lru_stat_name(SWAPTBL_LRU_STAT_LISTS + lru);
}

static void __verify_folio(struct verify *v, struct swaptbl_lruvec *lruvec,
			   enum lru_list lru, struct list_head *list,
			   struct folio *folio)
{
	struct swaptbl_report *report = &v->report;
	unsigned int id = lruvec->group->id;

	lockdep_assert_held(&lruvec->lru_lock);
	if (swaptbl_folio_lruvec(folio) != lruvec)
		swaptbl_report_broken(report, "folio-lruvec",
				      "group %u node %d %s has a folio of group %u node %d",
				      id, lruvec->nid, list_name(lru),
				      swaptbl_folio_group(folio), folio_nid(folio));
	if (__swaptbl_lruvec_list_of(lruvec, folio) != list)
		swaptbl_report_broken(report, "folio-list",
				      "group %u node %d %s has a folio of %s",
				      id, lruvec->nid, list_name(lru),
				      list_name(__swaptbl_lruvec_class(lruvec, folio)));
	if (!swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED) ||
	    swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ISOLATED))
		swaptbl_report_broken(report, "folio-state",
				      "group %u node %d %s has a folio with flags %lx",
				      id, lruvec->nid, list_name(lru),
				      swaptbl_folio_flags(folio));
}

static void __verify_sizes(struct verify *v, struct swaptbl_lruvec *lruvec,
			   enum lru_list lru, const unsigned long *counted)
{
	int zid;

	lockdep_assert_held(&lruvec->lru_lock);
	for (zid = 0; zid < MAX_NR_ZONES; zid++)
		if (lruvec->size[zid][lru] != counted[zid])
			swaptbl_report_broken(&v->report, "size",
					      "group %u node %d zone %d %s says %lu, has %lu",
					      lruvec->group->id, lruvec->nid, zid,
					      list_name(lru),
					      lruvec->size[zid][lru], counted[zid]);
}

static void __verify_list(struct verify *v, struct swaptbl_lruvec *lruvec,
			  enum lru_list lru)
{
	unsigned long counted[MAX_NR_ZONES] = {};
	struct list_head *list;
	unsigned int nth = 0;
	struct folio *folio;

	lockdep_assert_held(&lruvec->lru_lock);
	while ((list = __swaptbl_lruvec_list(lruvec, lru, nth++))) {
		list_for_each_entry(folio, list, lru) {
			counted[folio_zonenum(folio)] += folio_nr_pages(folio);
			v->pages += folio_nr_pages(folio);
			__verify_folio(v, lruvec, lru, list, folio);
		}
	}
	__verify_sizes(v, lruvec, lru, counted);
}

/* Generations that are none have been looked at by nobody yet. */
static void __verify_gen(struct verify *v, struct swaptbl_lruvec *lruvec,
			 unsigned long seq, unsigned int type)
{
	struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned int gen = swaptbl_lru_gen(seq);
	const unsigned long *size = gens->size[gen][type];
	bool is_none = gens->max_seq - seq > gens->max_seq - gens->min_seq[type];
	unsigned long counted[MAX_NR_ZONES] = {};
	struct folio *folio;
	int zid;

	lockdep_assert_held(&lruvec->lru_lock);
	list_for_each_entry(folio, &gens->lists[gen][type], lru)
		counted[folio_zonenum(folio)] += folio_nr_pages(folio);
	for (zid = 0; zid < MAX_NR_ZONES; zid++)
		if (size[zid] != counted[zid] || (is_none && counted[zid]))
			swaptbl_report_broken(&v->report, "gen-size",
					      "group %u node %d zone %d generation %lu type %u says %lu, has %lu",
					      lruvec->group->id, lruvec->nid, zid, seq,
					      type, size[zid], counted[zid]);
}

static void __verify_gens(struct verify *v, struct swaptbl_lruvec *lruvec)
{
	unsigned long seq = lruvec->gens->max_seq;
	unsigned int type, age;

	lockdep_assert_held(&lruvec->lru_lock);
	for (type = 0; type < ANON_AND_FILE; type++)
		for (age = 0; age < SWAPTBL_LRU_GENS; age++)
			__verify_gen(v, lruvec, seq - age, type);
}

/* Return: whether the lists can be walked. */
static bool __verify_windows(struct verify *v, struct swaptbl_lruvec *lruvec)
{
	const struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned int type, errors = v->report.errors;
	unsigned long nr;

	lockdep_assert_held(&lruvec->lru_lock);
	for (type = 0; type < ANON_AND_FILE; type++) {
		nr = gens->max_seq - gens->min_seq[type] + 1;
		if (nr < SWAPTBL_LRU_GENS_MIN || nr > SWAPTBL_LRU_GENS)
			swaptbl_report_broken(&v->report, "gen-window",
					      "group %u node %d type %u has generations %lu to %lu",
					      lruvec->group->id, lruvec->nid, type,
					      gens->min_seq[type], gens->max_seq);
	}
	return v->report.errors == errors;
}

static void __verify_lists(struct verify *v, struct swaptbl_lruvec *lruvec)
{
	enum lru_list lru;

	lockdep_assert_held(&lruvec->lru_lock);
	for_each_lru(lru)
		__verify_list(v, lruvec, lru);
	if (lruvec->gens)
		__verify_gens(v, lruvec);
}

/* What is on the lists is counted under the lock that it changes under. */
static void __verify_list_stats(struct verify *v, struct swaptbl_lruvec *lruvec)
{
	enum lru_list lru;
	unsigned long size;
	long local;

	lockdep_assert_held(&lruvec->lru_lock);
	swaptbl_lru_stats_flush(lruvec);
	for_each_lru(lru) {
		size = swaptbl_lruvec_lru_size(lruvec, lru, MAX_NR_ZONES - 1);
		local = READ_ONCE(lruvec->stat.local[SWAPTBL_LRU_STAT_LISTS + lru]);
		if (local != (long)size)
			swaptbl_report_broken(&v->report, "stat-size",
					      "group %u node %d %s counted %ld, size %lu",
					      lruvec->group->id, lruvec->nid,
					      list_name(lru), local, size);
	}
}

static void verify_lruvec(struct verify *v, struct swaptbl_group *group, int nid)
{
	struct swaptbl_lruvec *lruvec = swaptbl_group_lruvec_lock_irq(group, nid);

	/* Its folios are the parent's by now. */
	if (!lruvec)
		return;
	if (!lruvec->gens || __verify_windows(v, lruvec))
		__verify_lists(v, lruvec);
	__verify_list_stats(v, lruvec);
	swaptbl_lruvec_unlock_irq(lruvec);
}

/* A statistic of all children, on one node. */
static long __children_total(struct swaptbl_group *group, int nid, unsigned int stat)
{
	struct swaptbl_group *child;
	long total = 0;

	lockdep_assert_held(&group->tree->stat_lock);
	list_for_each_entry(child, &group->children, sibling)
		total += child->lruvec[nid]->stat.total[stat];
	return total;
}

static void __verify_totals(struct verify *v, struct swaptbl_group *group, int nid)
{
	const struct swaptbl_lru_stats *stat = &group->lruvec[nid]->stat;
	unsigned int i;
	long below;

	lockdep_assert_held(&group->tree->stat_lock);
	for (i = 0; i < SWAPTBL_NR_LRU_STATS; i++) {
		below = __children_total(group, nid, i);
		if (stat->total[i] != stat->local[i] + below)
			swaptbl_report_broken(&v->report, "stat-total",
					      "group %u node %d %s has %ld, not %ld and %ld below",
					      group->id, nid, swaptbl_lru_stat_name(i),
					      stat->total[i], stat->local[i], below);
	}
}

/* The tree's lock keeps the children and, once it is not dying, the group in place. */
static void verify_totals(struct verify *v, struct swaptbl_group *group)
{
	struct swaptbl_tree *tree = v->tree;
	int nid;

	spin_lock(&tree->lock);
	if (!group->dying) {
		spin_lock_irq(&tree->stat_lock);
		for_each_node(nid)
			__verify_totals(v, group, nid);
		spin_unlock_irq(&tree->stat_lock);
	}
	if (group->depth != (group->parent ? group->parent->depth + 1 : 0))
		swaptbl_report_broken(&v->report, "depth", "group %u has %u",
				      group->id, group->depth);
	spin_unlock(&tree->lock);
}

static long on_lists(const long *stat)
{
	enum lru_list lru;
	long pages = 0;

	for_each_lru(lru)
		pages += stat[SWAPTBL_LRU_STAT_LISTS + lru];
	return pages;
}

/* All that was counted so far, in one number that changes with each of them. */
static unsigned long activity(struct swaptbl_tree *tree)
{
	long total[SWAPTBL_NR_LRU_STATS];
	unsigned long sum = 0;
	unsigned int i;

	swaptbl_group_stats(tree->root, NULL, total);
	for (i = 0; i < SWAPTBL_NR_LRU_STATS; i++)
		sum = sum * 31 + total[i];
	return sum * 31 + READ_ONCE(tree->removals);
}

/**
 * struct snapshot - what a group counted
 * @id: of the group
 * @usage: pages charged
 * @swap: slots charged
 * @local: see swaptbl_group_stats()
 * @total: likewise
 */
struct snapshot {
	unsigned int id;
	long usage;
	long swap;
	long local[SWAPTBL_NR_LRU_STATS];
	long total[SWAPTBL_NR_LRU_STATS];
};

static void judge_signs(struct verify *v, const struct snapshot *snap)
{
	unsigned int i;

	for (i = 0; i < SWAPTBL_NR_LRU_STATS; i++)
		if (snap->local[i] < 0 || snap->total[i] < 0)
			swaptbl_report_broken(&v->report, "stat-negative",
					      "group %u %s is %ld, total %ld",
					      snap->id, swaptbl_lru_stat_name(i),
					      snap->local[i], snap->total[i]);
	if (snap->swap < 0)
		swaptbl_report_broken(&v->report, "swap", "group %u has %ld slots",
				      snap->id, snap->swap);
}

static void judge_equal(struct verify *v, const struct snapshot *snap,
			const char *name, long is, long shall)
{
	if (is != shall)
		swaptbl_report_broken(&v->report, name, "group %u has %ld, not %ld",
				      snap->id, is, shall);
}

/* What came is here, or left. */
static void judge(struct verify *v, const struct snapshot *snap)
{
	const long *local = snap->local;

	judge_signs(v, snap);
	judge_equal(v, snap, "stat-lists",
		    on_lists(local) + local[SWAPTBL_LRU_STAT_ISOLATED],
		    local[SWAPTBL_LRU_STAT_ADD] - local[SWAPTBL_LRU_STAT_DEL]);
	judge_equal(v, snap, "stat-isolated", local[SWAPTBL_LRU_STAT_ISOLATED],
		    local[SWAPTBL_LRU_STAT_ISOLATE] -
		    local[SWAPTBL_LRU_STAT_PUTBACK] -
		    local[SWAPTBL_LRU_STAT_DEL]);
	judge_equal(v, snap, "usage", snap->usage,
		    snap->total[SWAPTBL_LRU_STAT_CHARGED]);
}

static void snapshot_take(struct snapshot *snap, struct swaptbl_group *group)
{
	snap->id = group->id;
	snap->usage = atomic_long_read(&group->usage);
	snap->swap = atomic_long_read(&group->swap);
	swaptbl_group_stats_seen(group, snap->local, snap->total);
}

/* All has just been collected. */
static unsigned long snapshots_take(struct verify *v, struct snapshot *snaps,
				    unsigned long max)
{
	struct swaptbl_group *group;
	unsigned long nr = 0;
	unsigned int id = 0;

	while (nr < max && (group = swaptbl_group_next(v->tree->root, &id))) {
		snapshot_take(&snaps[nr], group);
		/* Of one that is being removed, some of it is its parent's by now. */
		nr += !READ_ONCE(group->dying);
		swaptbl_group_put(group);
		cond_resched();
	}
	return nr;
}

/*
 * Usage changes a moment before its statistic does, and what goes back a moment after, in
 * one RCU read-side section. So what is wrong has to be so also a grace period later, by
 * when whoever was in between is done, and that so often that it cannot be another one
 * each time.
 */
#define ROUNDS		10

/*
 * Lruvecs of removed groups have counts until they are freed; batches have folios that
 * are on no list yet. Return: whether nothing was counted while @snaps were taken.
 */
static bool snapshots_stable(struct verify *v, struct snapshot *snaps,
			     unsigned long max, unsigned long *nr)
{
	unsigned long removals = READ_ONCE(v->tree->removals), before;

	swaptbl_lru_drain_all();
	rcu_barrier();
	before = activity(v->tree);
	*nr = snapshots_take(v, snaps, max);
	return activity(v->tree) == before &&
	       READ_ONCE(v->tree->removals) == removals;
}

/* Return: whether what needs all to stand still could be judged. */
static bool verify_rounds(struct verify *v, struct snapshot *snaps, unsigned long max)
{
	unsigned int errors = v->report.errors, round;
	unsigned long nr;

	for (round = 1; round <= ROUNDS; round++) {
		if (!snapshots_stable(v, snaps, max, &nr))
			return false;
		v->report.quiet = round < ROUNDS;
		while (nr--)
			judge(v, &snaps[nr]);
		if (v->report.errors == errors || !v->report.quiet)
			break;
		v->report.errors = errors;
		synchronize_rcu();
	}
	return true;
}

static bool verify_identities(struct verify *v)
{
	unsigned long max = READ_ONCE(v->tree->nr_groups);
	struct snapshot *snaps = kvcalloc(max, sizeof(*snaps), GFP_KERNEL);
	bool stable;

	if (!snaps)
		return false;
	stable = verify_rounds(v, snaps, max);
	v->report.quiet = false;
	kvfree(snaps);
	return stable;
}

static void verify_group(struct verify *v, struct swaptbl_group *group)
{
	int nid;

	for_each_node(nid) {
		verify_lruvec(v, group, nid);
		cond_resched();
	}
	verify_totals(v, group);
}

static void verify_groups(struct verify *v)
{
	struct swaptbl_group *group;
	unsigned int id = 0;

	while ((group = swaptbl_group_next(v->tree->root, &id))) {
		verify_group(v, group);
		v->groups++;
		swaptbl_group_put(group);
	}
}

/**
 * swaptbl_tree_verify() - check every invariant of a tree
 * @tree: the tree
 * @m: where to report; NULL to log what is broken
 *
 * Context: Process context. May sleep. Takes and releases each lru_lock and the locks
 * of the tree. The caller keeps @tree in place.
 * Return: number of broken invariants.
 */
unsigned int swaptbl_tree_verify(struct swaptbl_tree *tree, struct seq_file *m)
{
	struct verify v = {
		.tree = tree,
		.report = { .m = m, .what = "group", .number = tree->root->id },
	};
	bool stable;

	verify_groups(&v);
	stable = verify_identities(&v);
	if (m && !stable)
		seq_puts(m, "unstable: in use meanwhile, sums not compared\n");
	if (m && !v.report.errors)
		seq_printf(m, "ok: %lu groups, %lu pages on lists\n", v.groups,
			   v.pages);
	swaptbl_report_end(&v.report);
	return v.report.errors;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_tree_verify);
