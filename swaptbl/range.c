// SPDX-License-Identifier: GPL-2.0
/*
 * Counts of ranges of slots: all of a range changes, or nothing.
 */
#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "cluster.h"
#include "count.h"
#include "device.h"
#include "entries.h"
#include "stats.h"
#include "sync.h"
#include "trace.h"

/* Memory for an overflow store, allocated while no lock was held. */
struct spare {
	void *cells;
	size_t size;
};

static int range_check(const struct swaptbl_device *dev, unsigned long offset,
		       unsigned long nr)
{
	if (!nr)
		return -EINVAL;
	if (offset >= dev->nr_slots || nr > dev->nr_slots - offset)
		return -ERANGE;
	return 0;
}

static int refuse(struct swaptbl_device *dev, int err)
{
	swaptbl_stat_inc(dev, SWAPTBL_STAT_REFUSED);
	return err;
}

/* How many of @nr slots from @offset on lie in the cluster of @offset. */
static unsigned int range_in_cluster(unsigned long offset, unsigned long nr)
{
	return min_t(unsigned long, nr,
		     SWAPTBL_CLUSTER_SLOTS - swaptbl_slot(offset));
}

static struct swaptbl_cluster *range_lock(struct swaptbl_device *dev,
					  unsigned long offset, unsigned int nr)
{
	struct swaptbl_cluster *ci;
	int err = range_check(dev, offset, nr);

	if (!err && range_in_cluster(offset, nr) != nr)
		err = -ERANGE;
	if (err)
		return ERR_PTR(err);
	ci = swaptbl_cluster_lock(dev, offset);
	/* A cluster that was never used has free slots only. */
	return ci ?: ERR_PTR(-ENOENT);
}

/* Return: slots that would enter the overflow store, or the first error. */
static int __dup_range_check(struct swaptbl_device *dev,
			     struct swaptbl_cluster *ci, unsigned int slot,
			     unsigned int nr, enum swaptbl_dup how)
{
	unsigned int i;
	int enters = 0;
	int ret;

	lockdep_assert_held(&ci->lock);
	for (i = 0; i < nr; i++) {
		ret = __swaptbl_cluster_dup_check(dev, ci, slot + i, how);
		if (ret < 0)
			return ret;
		enters += ret;
	}
	return enters;
}

static int __dup_range_grow(struct swaptbl_device *dev,
			    struct swaptbl_cluster *ci, unsigned int enters,
			    struct spare *spare)
{
	size_t size;

	lockdep_assert_held(&ci->lock);
	if (swaptbl_overflow_room(&ci->overflow) >= enters)
		return 0;
	size = swaptbl_overflow_size_for(&ci->overflow, enters);
	if (!spare->cells || spare->size < size) {
		spare->size = size;
		return -ENOMEM;
	}
	spare->cells = swaptbl_overflow_attach(&ci->overflow, spare->cells,
					       spare->size);
	/* What comes back is the smaller store that was replaced. */
	spare->size = 0;
	swaptbl_stat_inc(dev, SWAPTBL_STAT_OVERFLOW_ALLOC);
	return 0;
}

/*
 * Counts come back, words perhaps not: what was carried out is not borrowed back
 * at once. A slot whose owner lied and put meanwhile comes to 0 here, and is freed. If that
 * was the cluster's last, the table goes: what follows asks for it anew.
 */
static void __dup_undo(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		       unsigned int slot, unsigned int nr)
{
	unsigned int i;

	lockdep_assert_held(&ci->lock);
	for (i = 0; i < nr; i++)
		WARN_ON_ONCE(__swaptbl_cluster_put_entry(dev, ci, slot + i));
	__swaptbl_cluster_free_dropped(dev, ci, slot, nr);
}

/*
 * Fails after the check only if lock-free dups filled words up in between, so
 * that a slot needs the overflow store which did not need it before.
 */
static int __dup_range_do(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
			  unsigned int slot, unsigned int nr)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&ci->lock);
	for (i = 0; i < nr; i++) {
		err = __swaptbl_cluster_dup_entry(dev, ci, slot + i);
		if (err) {
			__dup_undo(dev, ci, slot, i);
			return err;
		}
	}
	return 0;
}

static int __dup_range(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		       unsigned int slot, unsigned int nr, enum swaptbl_dup how,
		       struct spare *spare)
{
	int enters, err;

	lockdep_assert_held(&ci->lock);
	if (__swaptbl_cluster_dup_batch(dev, ci, slot, nr, how))
		return 0;
	do {
		enters = __dup_range_check(dev, ci, slot, nr, how);
		if (enters < 0)
			return enters;
		err = __dup_range_grow(dev, ci, enters, spare);
		if (err)
			return err;
		swaptbl_sync(SWAPTBL_RANGE_CHECKED);
		/* -ENOMEM: the check now sees the slots that filled up. */
		err = __dup_range_do(dev, ci, slot, nr);
	} while (err == -ENOMEM);
	/* Under the lock, so that verify sees change and counter together. */
	if (!err)
		swaptbl_stat_add(dev, SWAPTBL_STAT_DUP, nr);
	return err;
}

/* Called without a lock; the caller re-checks all it knew of the cluster. */
static int spare_alloc(struct spare *spare, gfp_t gfp)
{
	kfree(spare->cells);
	spare->cells = swaptbl_overflow_alloc(spare->size, gfp);
	swaptbl_sync(SWAPTBL_EXT_UNLOCKED);
	return spare->cells ? 0 : -ENOMEM;
}

/**
 * swaptbl_dup_entries_cluster() - take one more count of each slot of a range
 * @dev: the device
 * @offset: first slot of the device
 * @nr: number of slots, all in one cluster
 * @how: what the caller has of the slots
 * @gfp: how to allocate when slots overflow
 *
 * All of the slots get their count or none does. The cluster lock is dropped to
 * allocate; by then the slots may have got or lost counts, been freed and even
 * been reused if the caller did not own them, the cluster may have lost its
 * table, and another may have enlarged the store. So the whole range is checked
 * again, and memory that is of no use at all by then is freed. That takes two
 * rounds at most: the second allocates for every slot of the cluster.
 *
 * Context: Any context but interrupts that @gfp allows. The caller has a
 * reference to @dev and what @how says. Takes and releases the cluster lock.
 * Return: 0; or, with nothing changed, -EINVAL if @nr is 0 or a slot is bad or
 * exclusive, -ERANGE if the range leaves the device or the cluster, -ENOENT if a
 * slot is free or has no count that @how asks for, -EOVERFLOW if a count is at
 * the maximum, -ENOMEM.
 */
int swaptbl_dup_entries_cluster(struct swaptbl_device *dev,
				unsigned long offset, unsigned int nr,
				enum swaptbl_dup how, gfp_t gfp)
{
	struct swaptbl_cluster *ci = range_lock(dev, offset, nr);
	struct spare spare = {};
	int err;

	if (IS_ERR(ci))
		return refuse(dev, PTR_ERR(ci));
	for (;;) {
		err = __dup_range(dev, ci, swaptbl_slot(offset), nr, how, &spare);
		if (err != -ENOMEM)
			break;
		swaptbl_cluster_unlock(ci);
		err = spare_alloc(&spare, gfp);
		swaptbl_cluster_lock_found(ci);
		if (err)
			break;
	}
	/* An attached store may have become superfluous before it was used. */
	if (ci->overflow.cells)
		swaptbl_overflow_trim(&ci->overflow);
	swaptbl_cluster_unlock(ci);
	kfree(spare.cells);
	if (err)
		return refuse(dev, err);
	trace_swaptbl_dup(dev->type, offset, nr);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_dup_entries_cluster);

static int __put_each(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		      unsigned int slot, unsigned int nr)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&ci->lock);
	for (i = 0; i < nr; i++) {
		err = __swaptbl_cluster_put_check(ci, slot + i);
		if (err)
			return err;
	}
	for (i = 0; i < nr; i++)
		WARN_ON_ONCE(__swaptbl_cluster_put_entry(dev, ci, slot + i));
	return 0;
}

static int __put_range(struct swaptbl_device *dev, struct swaptbl_cluster *ci,
		       unsigned int slot, unsigned int nr)
{
	int err;

	lockdep_assert_held(&ci->lock);
	if (__swaptbl_cluster_put_batch(dev, ci, slot, nr))
		return 0;
	err = __put_each(dev, ci, slot, nr);
	if (err)
		return err;
	__swaptbl_cluster_free_dropped(dev, ci, slot, nr);
	swaptbl_stat_add(dev, SWAPTBL_STAT_PUT, nr);
	return 0;
}

/**
 * swaptbl_put_entries_cluster() - drop one count of each slot of a range
 * @dev: the device
 * @offset: first slot of the device
 * @nr: number of slots, all in one cluster
 *
 * Swapped slots that come to 0 are freed in batches. Cached ones stay with their
 * folio.
 *
 * Context: Any context but interrupts. The caller has a reference to @dev and
 * owns the counts. Takes and releases the cluster lock.
 * Return: 0; or, with nothing changed, -EINVAL if @nr is 0 or a slot is bad or
 * exclusive, -ERANGE if the range leaves the device or the cluster, -ENOENT if a
 * slot is free or has count 0.
 */
int swaptbl_put_entries_cluster(struct swaptbl_device *dev,
				unsigned long offset, unsigned int nr)
{
	struct swaptbl_cluster *ci = range_lock(dev, offset, nr);
	int err;

	if (IS_ERR(ci)) {
		err = PTR_ERR(ci);
	} else {
		err = __put_range(dev, ci, swaptbl_slot(offset), nr);
		swaptbl_cluster_unlock(ci);
	}
	if (err)
		return refuse(dev, err);
	trace_swaptbl_put(dev->type, offset, nr);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_put_entries_cluster);

/* What a range operation does to its part in one cluster. */
struct range_op {
	int (*fn)(struct swaptbl_device *dev, unsigned long offset,
		  unsigned int nr, const struct range_op *op);
	enum swaptbl_dup how;
	gfp_t gfp;
};

/* Return: 0, or the first error, with *@done slots done before it. */
static int range_parts(struct swaptbl_device *dev, unsigned long offset,
		       unsigned long nr, const struct range_op *op,
		       unsigned long *done)
{
	unsigned int part;
	int err = 0;

	for (*done = 0; *done < nr; *done += part) {
		part = range_in_cluster(offset + *done, nr - *done);
		err = op->fn(dev, offset + *done, part, op);
		if (err)
			break;
	}
	return err;
}

static int dup_part(struct swaptbl_device *dev, unsigned long offset,
		    unsigned int nr, const struct range_op *op)
{
	return swaptbl_dup_entries_cluster(dev, offset, nr, op->how, op->gfp);
}

static int put_part(struct swaptbl_device *dev, unsigned long offset,
		    unsigned int nr, const struct range_op *op)
{
	return swaptbl_put_entries_cluster(dev, offset, nr);
}

static int dup_check_part(struct swaptbl_device *dev, unsigned long offset,
			  unsigned int nr, const struct range_op *op)
{
	struct swaptbl_cluster *ci = range_lock(dev, offset, nr);
	int ret;

	if (IS_ERR(ci))
		return PTR_ERR(ci);
	ret = __dup_range_check(dev, ci, swaptbl_slot(offset), nr, op->how);
	swaptbl_cluster_unlock(ci);
	return min(ret, 0);
}

static int put_check_part(struct swaptbl_device *dev, unsigned long offset,
			  unsigned int nr, const struct range_op *op)
{
	struct swaptbl_cluster *ci = range_lock(dev, offset, nr);
	unsigned int i;
	int err = 0;

	if (IS_ERR(ci))
		return PTR_ERR(ci);
	for (i = 0; i < nr && !err; i++)
		err = __swaptbl_cluster_put_check(ci, swaptbl_slot(offset) + i);
	swaptbl_cluster_unlock(ci);
	return err;
}

/* One cluster checks for itself, under the lock that it changes under. */
static int check_parts(struct swaptbl_device *dev, unsigned long offset,
		       unsigned long nr, const struct range_op *check)
{
	unsigned long done;
	int err = range_check(dev, offset, nr);

	if (!err && range_in_cluster(offset, nr) != nr)
		err = range_parts(dev, offset, nr, check, &done);
	return err ? refuse(dev, err) : 0;
}

/*
 * Slot by slot: what somebody dropped meanwhile without owning it is gone, which
 * must not keep the other slots from being undone.
 */
static void dup_undo(struct swaptbl_device *dev, unsigned long offset,
		     unsigned long nr)
{
	while (nr--)
		swaptbl_put_entries_cluster(dev, offset + nr, 1);
}

/**
 * swaptbl_dup_entries() - take one more count of each slot of any range
 * @dev: the device
 * @offset: first slot of the device
 * @nr: number of slots
 * @how: what the caller has of the slots
 * @gfp: how to allocate when slots overflow
 *
 * As swaptbl_dup_entries_cluster(), cluster by cluster. All clusters are checked
 * before the first is changed. If one runs out of memory, or of counts since, the
 * counts taken in those before it are dropped again. One owned slot takes no lock where
 * none is needed.
 *
 * Context: Any context but interrupts that @gfp allows. The caller has a
 * reference to @dev and what @how says. Takes and releases cluster locks.
 * Return: as swaptbl_dup_entries_cluster(), with -ERANGE for the device only.
 */
int swaptbl_dup_entries(struct swaptbl_device *dev, unsigned long offset,
			unsigned long nr, enum swaptbl_dup how, gfp_t gfp)
{
	const struct range_op check = { .fn = dup_check_part, .how = how };
	const struct range_op dup = { .fn = dup_part, .how = how, .gfp = gfp };
	unsigned long done;
	int err;

	/* Who has the folio mostly takes the first count, which needs the lock. */
	if (nr == 1 && how == SWAPTBL_DUP_OWNED && !swaptbl_dup_lockless(dev, offset))
		return 0;
	if (range_in_cluster(offset, nr) == nr)
		return swaptbl_dup_entries_cluster(dev, offset, nr, how, gfp);
	err = check_parts(dev, offset, nr, &check);
	if (err)
		return err;
	err = range_parts(dev, offset, nr, &dup, &done);
	if (err)
		dup_undo(dev, offset, done);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_dup_entries);

/**
 * swaptbl_put_entries() - drop one count of each slot of any range
 * @dev: the device
 * @offset: first slot of the device
 * @nr: number of slots
 *
 * As swaptbl_put_entries_cluster(), cluster by cluster. All clusters are checked
 * before the first is changed: counts that the caller owns do not go away in
 * between. One slot takes no lock where none is needed.
 *
 * Context: Any context but interrupts. The caller has a reference to @dev and
 * owns the counts. Takes and releases cluster locks.
 * Return: as swaptbl_put_entries_cluster(), with -ERANGE for the device only.
 */
int swaptbl_put_entries(struct swaptbl_device *dev, unsigned long offset,
			unsigned long nr)
{
	const struct range_op check = { .fn = put_check_part };
	const struct range_op put = { .fn = put_part };
	unsigned long done;
	int err;

	if (nr == 1 && !swaptbl_put_lockless(dev, offset))
		return 0;
	if (range_in_cluster(offset, nr) == nr)
		return swaptbl_put_entries_cluster(dev, offset, nr);
	err = check_parts(dev, offset, nr, &check);
	return err ?: range_parts(dev, offset, nr, &put, &done);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_put_entries);
