// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle: walks a device and names every broken invariant.
 *
 * Each cluster is checked with its own lock held, each list with the list lock
 * held for as long as it is walked: on a device with hundreds of thousands of
 * clusters in use that takes tens of milliseconds. Sums over clusters are
 * compared only if nothing was counted meanwhile.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "cluster.h"
#include "device.h"
#include "entry.h"
#include "folio.h"
#include "overflow.h"
#include "report.h"
#include "run.h"
#include "stats.h"
#include "verify.h"
#include "view.h"

/**
 * struct tally - what the words of one cluster, or of all, add up to
 * @clusters: clusters
 * @tables: their tables
 * @used: words that are not free
 * @bad: bad words
 * @exclusive: exclusive words
 * @cached_only: cached words with count 0
 * @overflowed: words with the O flag
 * @cached: cached words
 * @ages: swapped words that have an age
 */
struct tally {
	long clusters;
	long tables;
	long used;
	long bad;
	long exclusive;
	long cached_only;
	long overflowed;
	long cached;
	long ages;
};

/**
 * struct sum - a number that the device keeps, and what its clusters have
 * @name: of the invariant that they are equal
 * @is: what the device says
 * @shall: what was counted
 */
struct sum {
	const char *name;
	long is;
	long shall;
};

#define NR_SUMS		11

/**
 * struct verify - one walk
 * @dev: the device
 * @report: broken invariants so far
 * @total: of all clusters
 */
struct verify {
	struct swaptbl_device *dev;
	struct swaptbl_report report;
	struct tally total;
};

#define broken(v, ...)	swaptbl_report_broken(&(v)->report, __VA_ARGS__)

static void check_equal(struct verify *v, const char *name, unsigned int index,
			long is, long shall)
{
	if (is != shall)
		broken(v, name, "cluster %u has %ld, not %ld", index, is, shall);
}

/* @nr slots from @first on all hold the same folio. */
static bool __same_folio(struct swaptbl_cluster *ci, unsigned int first,
			 unsigned int nr, unsigned long pfn)
{
	unsigned long word;
	unsigned int i;

	lockdep_assert_held(&ci->lock);
	for (i = first; i < first + nr; i++) {
		word = __swaptbl_word_get(ci, i);
		if (!swaptbl_entry_is_cached(word) ||
		    swaptbl_entry_to_pfn(word) != pfn)
			return false;
	}
	return true;
}

/* The reference that the table has keeps the folio and its entry in place. */
static void __check_folio(struct verify *v, struct swaptbl_cluster *ci,
			  unsigned int slot, unsigned long word)
{
	unsigned long offset = swaptbl_cluster_start(ci) + slot;
	unsigned long pfn = swaptbl_entry_to_pfn(word);
	unsigned int nr, first;
	struct folio *folio;

	lockdep_assert_held(&ci->lock);
	folio = pfn_valid(pfn) ? pfn_folio(pfn) : NULL;
	if (!folio || folio_pfn(folio) != pfn ||
	    folio_order(folio) > SWAPTBL_CLUSTER_ORDER) {
		broken(v, "folio-pfn", "slot %lu has pfn %lx", offset, pfn);
		return;
	}
	nr = folio_nr_pages(folio);
	first = round_down(slot, nr);
	if (folio->swap.val !=
	    swp_entry(v->dev->type, round_down(offset, nr)).val)
		broken(v, "folio-entry", "slot %lu, folio says %lx", offset,
		       folio->swap.val);
	if (folio_ref_count(folio) < nr)
		broken(v, "folio-refs", "slot %lu, %d references", offset,
		       folio_ref_count(folio));
	/* All slots once, from the first; the others only that the first is. */
	if (!__same_folio(ci, first, slot == first ? nr : 1, pfn))
		broken(v, "folio-slots", "slot %lu of %u", offset, nr);
}

static void __check_count(struct verify *v, struct swaptbl_cluster *ci,
			  unsigned int slot, unsigned long word)
{
	unsigned long offset = swaptbl_cluster_start(ci) + slot;
	u32 units = swaptbl_overflow_get(&ci->overflow, slot);

	lockdep_assert_held(&ci->lock);
	if (swaptbl_entry_count(word) > v->dev->count_max)
		broken(v, "count-max", "slot %lu has %u inline", offset,
		       swaptbl_entry_count(word));
	if (swaptbl_entry_is_overflowed(word) != !!units)
		broken(v, "overflow-flag", "slot %lu has %u units", offset,
		       units);
	if (units > v->dev->units_max)
		broken(v, "overflow-units", "slot %lu has %u units", offset,
		       units);
}

static void __check_counted(struct verify *v, struct swaptbl_cluster *ci,
			    unsigned int slot, unsigned long word,
			    struct tally *sum)
{
	bool cached = swaptbl_entry_is_cached(word);
	bool overflowed = swaptbl_entry_is_overflowed(word);
	bool none = !swaptbl_entry_count(word) && !overflowed;

	lockdep_assert_held(&ci->lock);
	sum->overflowed += overflowed;
	sum->cached_only += cached && none;
	sum->cached += cached;
	sum->ages += swaptbl_entry_has_age(word);
	__check_count(v, ci, slot, word);
	if (cached)
		__check_folio(v, ci, slot, word);
	else if (none)
		broken(v, "swapped-count", "slot %lu has none",
		       swaptbl_cluster_start(ci) + slot);
}

static void __check_word(struct verify *v, struct swaptbl_cluster *ci,
			 unsigned int slot, struct tally *sum)
{
	unsigned long offset = swaptbl_cluster_start(ci) + slot;
	unsigned long word = __swaptbl_word_get(ci, slot);
	bool bad = swaptbl_entry_is_bad(word);
	bool exclusive = swaptbl_entry_is_exclusive(word);

	lockdep_assert_held(&ci->lock);
	sum->used += !swaptbl_entry_is_free(word);
	sum->bad += bad;
	sum->exclusive += exclusive;
	if (test_bit(slot, ci->used) == swaptbl_entry_is_free(word))
		broken(v, "used-bit", "slot %lu has word %lx", offset, word);
	if (offset >= v->dev->nr_slots && !bad)
		broken(v, "tail", "slot %lu has word %lx", offset, word);
	if (!offset && !bad)
		broken(v, "header-slot", "slot 0 has word %lx", word);
	if (swaptbl_entry_is_counted(word)) {
		__check_counted(v, ci, slot, word, sum);
		return;
	}
	if (word && !bad && !exclusive)
		broken(v, "kind", "slot %lu has word %lx", offset, word);
	if (swaptbl_overflow_get(&ci->overflow, slot))
		broken(v, "overflow-stale", "slot %lu carries no count", offset);
}

static void __check_fill(struct verify *v, struct swaptbl_cluster *ci,
			 const struct tally *sum)
{
	lockdep_assert_held(&ci->lock);
	check_equal(v, "used-weight", ci->index, ci->nr_used,
		    bitmap_weight(ci->used, SWAPTBL_CLUSTER_SLOTS));
	check_equal(v, "used", ci->index, ci->nr_used, sum->used);
	check_equal(v, "bad", ci->index, ci->nr_bad, sum->bad);
	check_equal(v, "cached-only", ci->index, ci->nr_cached_only,
		    sum->cached_only);
	check_equal(v, "overflow-nr", ci->index, ci->overflow.nr,
		    sum->overflowed);
	check_equal(v, "overflow-memory", ci->index, !!ci->overflow.cells,
		    !!ci->overflow.nr);
	if (ci->nr_used && !sum->tables)
		broken(v, "table", "cluster %u has none", ci->index);
}

/* Searches pass by what is said to have no run. */
static void __check_absent(struct verify *v, struct swaptbl_cluster *ci)
{
	unsigned int slot = SWAPTBL_NO_RUN;

	lockdep_assert_held(&ci->lock);
	if (ci->absent < SWAPTBL_NR_ORDERS)
		slot = swaptbl_run_find(ci->used, ci->absent, 0);
	if (slot != SWAPTBL_NO_RUN)
		broken(v, "absent-run", "cluster %u has a run of order %u at %u",
		       ci->index, ci->absent, slot);
}

/* What an empty cluster must not hold any more. */
static void __check_free(struct verify *v, struct swaptbl_cluster *ci)
{
	lockdep_assert_held(&ci->lock);
	check_equal(v, "free-order", ci->index, ci->order,
		    SWAPTBL_ORDER_NONE);
	check_equal(v, "free-table", ci->index, !!__swaptbl_cluster_table(ci),
		    !!ci->nr_bad);
	check_equal(v, "free-overflow", ci->index, ci->overflow.nr, 0);
}

/* Nothing was freed since it had none; for as long no run can have come up. */
static void __check_frag(struct verify *v, struct swaptbl_cluster *ci)
{
	unsigned int nr = BIT(ci->order), slot;

	lockdep_assert_held(&ci->lock);
	for (slot = 0; slot < SWAPTBL_CLUSTER_SLOTS; slot += nr)
		if (find_next_bit(ci->used, slot + nr, slot) >= slot + nr)
			broken(v, "frag-run", "cluster %u has slot %u free",
			       ci->index, slot);
}

/* Free, or on its way there. */
static unsigned int list_of_empty(const struct swaptbl_cluster *ci)
{
	if (ci->list == SWAPTBL_LIST_DISCARD ||
	    ci->list == SWAPTBL_LIST_DISCARDING)
		return ci->list;
	return SWAPTBL_LIST_FREE;
}

/* A cluster of bad slots only is full for ever, and serves no order. */
static void __check_list(struct verify *v, struct swaptbl_cluster *ci)
{
	bool full = ci->nr_used == SWAPTBL_CLUSTER_SLOTS;
	bool empty = ci->nr_used == ci->nr_bad && !full;
	unsigned int list = SWAPTBL_LIST_NONFULL;

	lockdep_assert_held(&ci->lock);
	if (empty) {
		list = list_of_empty(ci);
		__check_free(v, ci);
	} else if (ci->order > SWAPTBL_CLUSTER_ORDER &&
		   ci->nr_bad < SWAPTBL_CLUSTER_SLOTS) {
		broken(v, "order", "cluster %u has %u", ci->index, ci->order);
	}
	if (full)
		list = SWAPTBL_LIST_FULL;
	if (ci->list == SWAPTBL_LIST_FRAG && ci->order <= SWAPTBL_CLUSTER_ORDER)
		__check_frag(v, ci);
	if (ci->list != list &&
	    (list != SWAPTBL_LIST_NONFULL || ci->list != SWAPTBL_LIST_FRAG))
		broken(v, "list-flag", "cluster %u is %s, not %s", ci->index,
		       swaptbl_list_name(ci->list), swaptbl_list_name(list));
}

static void tally_add(struct tally *to, const struct tally *sum)
{
	to->clusters += sum->clusters;
	to->tables += sum->tables;
	to->used += sum->used;
	to->bad += sum->bad;
	to->exclusive += sum->exclusive;
	to->cached_only += sum->cached_only;
	to->overflowed += sum->overflowed;
	to->cached += sum->cached;
	to->ages += sum->ages;
}

static void verify_cluster(struct verify *v, struct swaptbl_cluster *ci)
{
	struct tally sum = { .clusters = 1 };
	unsigned int slot;

	swaptbl_cluster_lock_found(ci);
	sum.tables = !!__swaptbl_cluster_table(ci);
	for (slot = 0; slot < SWAPTBL_CLUSTER_SLOTS; slot++)
		__check_word(v, ci, slot, &sum);
	__check_fill(v, ci, &sum);
	__check_absent(v, ci);
	__check_list(v, ci);
	swaptbl_cluster_unlock(ci);
	tally_add(&v->total, &sum);
}

static void verify_clusters(struct verify *v)
{
	struct swaptbl_device *dev = v->dev;
	struct swaptbl_cluster *ci;
	unsigned int frontier, i;

	/* The lock, so that all clusters below it are seen. */
	spin_lock(&dev->list_lock);
	frontier = dev->frontier;
	spin_unlock(&dev->list_lock);
	if (frontier > dev->nr_clusters)
		broken(v, "frontier", "%u of %u", frontier, dev->nr_clusters);
	for (i = 0; i < dev->nr_clusters; i++) {
		ci = READ_ONCE(dev->clusters[i]);
		if (!ci && i < frontier)
			broken(v, "frontier", "cluster %u is not there", i);
		if (!ci)
			continue;
		check_equal(v, "index", i, ci->index, i);
		verify_cluster(v, ci);
		cond_resched();
	}
}

/* A broken list may be a ring without its head: no list has more than all. */
static long verify_list(struct verify *v, enum swaptbl_list name,
			unsigned int order, struct swaptbl_cluster_list *list)
{
	struct swaptbl_cluster *ci;
	unsigned int nr = 0;

	spin_lock(&v->dev->list_lock);
	list_for_each_entry(ci, &list->head, node) {
		if (ci->list != name)
			broken(v, "list-member", "cluster %u on %s says %s",
			       ci->index, swaptbl_list_name(name),
			       swaptbl_list_name(ci->list));
		if (name != SWAPTBL_LIST_FULL && ci->order != order)
			broken(v, "list-order", "cluster %u on %s of %u says %u",
			       ci->index, swaptbl_list_name(name), order,
			       ci->order);
		if (++nr > v->dev->nr_clusters)
			break;
	}
	if (nr != list->nr)
		broken(v, "list-length", "%s of %u has %u, not %u",
		       swaptbl_list_name(name), order, nr, list->nr);
	spin_unlock(&v->dev->list_lock);
	cond_resched();
	return nr;
}

static long verify_lists(struct verify *v)
{
	struct swaptbl_device *dev = v->dev;
	unsigned int i;
	long nr;

	nr = verify_list(v, SWAPTBL_LIST_FREE, SWAPTBL_ORDER_NONE, &dev->free);
	nr += verify_list(v, SWAPTBL_LIST_FULL, SWAPTBL_ORDER_NONE, &dev->full);
	nr += verify_list(v, SWAPTBL_LIST_DISCARD, SWAPTBL_ORDER_NONE,
			  &dev->discard);
	/* On no list while their discard is under way. */
	nr += READ_ONCE(dev->nr_discarding);
	for (i = 0; i < SWAPTBL_NR_ORDERS; i++) {
		nr += verify_list(v, SWAPTBL_LIST_NONFULL, i, &dev->nonfull[i]);
		nr += verify_list(v, SWAPTBL_LIST_FRAG, i, &dev->frag[i]);
	}
	return nr;
}

/* Bad words beyond the end of the device, which its own number leaves out. */
static long tail_slots(const struct swaptbl_device *dev)
{
	return (unsigned long)dev->nr_clusters * SWAPTBL_CLUSTER_SLOTS -
	       dev->nr_slots;
}

/* Counted so far of @add, less @sub. */
static long stat_less(struct swaptbl_device *dev, enum swaptbl_stat add,
		      enum swaptbl_stat sub)
{
	return swaptbl_stat_sum(dev, add) - swaptbl_stat_sum(dev, sub);
}

static void read_sums(const struct verify *v, long listed, struct sum *sums)
{
	struct swaptbl_device *dev = v->dev;
	const struct tally *total = &v->total;
	long used = total->used - total->bad;
	const struct sum read[NR_SUMS] = {
		{ "sum-used", atomic_long_read(&dev->nr_used), used },
		{ "sum-bad", dev->nr_bad, total->bad - tail_slots(dev) },
		{ "sum-listed", listed, total->clusters },
		{ "sum-clusters", swaptbl_stat_sum(dev, SWAPTBL_STAT_CLUSTERS),
		  total->clusters },
		{ "sum-tables", swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES),
		  total->tables },
		{ "sum-cached-only",
		  swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED_ONLY),
		  total->cached_only },
		{ "sum-exclusive",
		  swaptbl_stat_sum(dev, SWAPTBL_STAT_EXCLUSIVE),
		  total->exclusive },
		{ "sum-cached", swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHED),
		  total->cached },
		{ "sum-shadows", swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOWS),
		  total->ages },
		{ "sum-overflowed",
		  stat_less(dev, SWAPTBL_STAT_OVERFLOW_ENTER,
			    SWAPTBL_STAT_OVERFLOW_LEAVE), total->overflowed },
		{ "sum-allocated",
		  stat_less(dev, SWAPTBL_STAT_ALLOC, SWAPTBL_STAT_FREE) +
		  swaptbl_stat_sum(dev, SWAPTBL_STAT_ALLOC_EXCLUSIVE), used },
	};

	memcpy(sums, read, sizeof(read));
}

/*
 * Counters that only grow, and move with everything that changes a sum: equal
 * before and after, nothing did.
 */
static u64 activity(struct swaptbl_device *dev)
{
	return READ_ONCE(dev->list_seq) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_ALLOC) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_ALLOC_EXCLUSIVE) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_FREE) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_DUP) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_PUT) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_ENTER) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_OVERFLOW_LEAVE) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHE_ADD) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_CACHE_DEL) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_SHADOW_RECLAIM) +
	       swaptbl_stat_sum(dev, SWAPTBL_STAT_CLUSTERS);
}

/* Who has changed a sum has counted that too once the lock is free again. */
static void settle(struct swaptbl_device *dev)
{
	struct swaptbl_cluster *ci;
	unsigned int i;

	for (i = 0; i < dev->nr_clusters; i++) {
		ci = READ_ONCE(dev->clusters[i]);
		if (!ci)
			continue;
		swaptbl_cluster_lock_found(ci);
		swaptbl_cluster_unlock(ci);
		cond_resched();
	}
	spin_lock(&dev->list_lock);
	spin_unlock(&dev->list_lock);
}

/*
 * Return: whether the sums could be judged. What changes one is counted under the
 * cluster or list lock that it changes under, and the walk took each of them.
 */
static bool verify_sums(struct verify *v, u64 before, long listed)
{
	struct sum sums[NR_SUMS];
	unsigned int i;

	read_sums(v, listed, sums);
	settle(v->dev);
	if (activity(v->dev) != before)
		return false;
	for (i = 0; i < NR_SUMS; i++)
		if (sums[i].is != sums[i].shall)
			broken(v, sums[i].name,
			       "device says %ld, clusters have %ld",
			       sums[i].is, sums[i].shall);
	return true;
}

static void verify_report(const struct verify *v, bool stable)
{
	const struct tally *total = &v->total;
	struct seq_file *m = v->report.m;

	if (m && !stable)
		seq_puts(m, "unstable: in use meanwhile, sums not compared\n");
	if (m && !v->report.errors)
		seq_printf(m, "ok: %ld clusters, %ld tables, %ld used, %ld bad, %ld cached only, %ld overflowed, %ld exclusive\n",
			   total->clusters, total->tables,
			   total->used - total->bad, total->bad,
			   total->cached_only, total->overflowed,
			   total->exclusive);
	swaptbl_report_end(&v->report);
}

/**
 * swaptbl_verify() - check every invariant of a device
 * @dev: the device
 * @m: where to report; NULL to log what is broken
 *
 * Context: Process context. May sleep. Takes and releases each cluster lock and
 * the list lock, one at a time. The caller keeps @dev in place.
 * Return: number of broken invariants.
 */
unsigned int swaptbl_verify(struct swaptbl_device *dev, struct seq_file *m)
{
	struct verify v = {
		.dev = dev,
		.report = { .m = m, .what = "dev", .number = dev->type },
	};
	u64 before = activity(dev);
	bool stable;
	long listed;

	verify_clusters(&v);
	listed = verify_lists(&v);
	stable = verify_sums(&v, before, listed);
	verify_report(&v, stable);
	return v.report.errors;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_verify);
