// SPDX-License-Identifier: GPL-2.0
/*
 * Charging folios and slots to groups.
 *
 * What is charged to a group counts for all its ancestors too, from the start. So
 * nothing has to be moved when the group is removed: whoever uncharges begins at the
 * first ancestor that exists, and each from there on has it.
 *
 * A charged folio names the group by its handle. It stays charged as long as it is on an
 * LRU list or isolated from one; otherwise, if it is bound to slots, until it leaves
 * them; otherwise until whoever charged it thinks fit. All of that is under the folio
 * lock.
 *
 * A slot is charged as long as it is used, by the handle of the folio that it was
 * allocated for. It does not keep the group, but only the handle, with its id.
 *
 * What is added to the usage and what is counted as charged changes in one RCU read-side
 * section: who finds that they differ, waits for a grace period and finds the same again
 * has found a mistake.
 */
#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "charge.h"
#include "folio.h"
#include "group.h"
#include "group_reclaim.h"
#include "handle.h"
#include "lru.h"
#include "lru_stat.h"
#include "trace.h"

static void usage_sub(struct swaptbl_group *group, const struct swaptbl_group *end,
		      unsigned long nr)
{
	for (; group != end; group = group->parent)
		atomic_long_sub(nr, &group->usage);
}

/*
 * Added first and taken back if it was too much, so that no two get the last page; one
 * that would have fitted may be refused while another one is being refused.
 * Return: the group whose limit is in the way, or NULL.
 */
static struct swaptbl_group *usage_try_add(struct swaptbl_group *group,
					   unsigned long nr)
{
	struct swaptbl_group *over;

	for (over = group; over; over = over->parent) {
		if (atomic_long_add_return(nr, &over->usage) <=
		    READ_ONCE(over->limit))
			continue;
		usage_sub(group, over->parent, nr);
		return over;
	}
	return NULL;
}

static int charge_fail(struct swaptbl_group *group, struct swaptbl_group *over,
		       unsigned long nr)
{
	atomic_long_inc(&over->failures);
	trace_swaptbl_charge_fail(group->id, over->id, nr,
				  atomic_long_read(&over->usage),
				  READ_ONCE(over->limit));
	return -EDQUOT;
}

/**
 * swaptbl_charge_make_room() - reclaim for a charge that a limit is in the way of
 * @group: the group to be charged
 * @over: the one whose limit it is: @group or one above it
 * @nr: pages to be charged
 * @rounds: how often it may still be tried; counted down
 *
 * Context: Process context. May sleep. The caller has references to both groups, and may
 * hold the lock of any folio.
 * Return: 0 if it is worth another try; -ESRCH if @group was removed, -EINTR if the task
 * was killed, -EDQUOT.
 */
int swaptbl_charge_make_room(struct swaptbl_group *group, struct swaptbl_group *over,
			     unsigned long nr, unsigned int *rounds)
{
	if (READ_ONCE(group->dying))
		return -ESRCH;
	if (*rounds) {
		--*rounds;
		atomic_long_inc(&over->reclaims);
		if (swaptbl_group_reclaim(over, nr))
			return 0;
	}
	if (fatal_signal_pending(current))
		return -EINTR;
	return READ_ONCE(group->dying) ? -ESRCH : charge_fail(group, over, nr);
}

static void count_charged(struct folio *folio, int sign)
{
	swaptbl_folio_lru_stat_add(folio, SWAPTBL_LRU_STAT_CHARGED,
				   sign * folio_nr_pages(folio));
}

/* Return: as usage_try_add(). */
static struct swaptbl_group *try_charge(struct folio *folio,
					struct swaptbl_group *group)
{
	struct swaptbl_group *over;

	rcu_read_lock();
	over = usage_try_add(group, folio_nr_pages(folio));
	if (!over) {
		swaptbl_folio_name(folio, group->handle);
		count_charged(folio, 1);
	}
	rcu_read_unlock();
	return over;
}

/* Each group is there as long as the one below it is. */
static int charge(struct folio *folio, struct swaptbl_group *group)
{
	unsigned int rounds = SWAPTBL_CHARGE_ROUNDS;
	struct swaptbl_group *over;
	int err = 0;

	while (!err && (over = try_charge(folio, group)))
		err = swaptbl_charge_make_room(group, over, folio_nr_pages(folio),
					       &rounds);
	return err;
}

/**
 * swaptbl_folio_charge() - charge a folio to a group
 * @folio: the folio, see swaptbl_folio_init()
 * @group: the group
 *
 * Over the limit of the group, or of one above it, that one's own folios are evicted to
 * make room.
 *
 * Context: Process context. May sleep. Expects the lock of @folio to be held by caller,
 * who has a reference to @group.
 * Return: 0; or, with nothing changed, -EINVAL if @folio is not locked, -EEXIST if it is
 * charged, -EBUSY if it is bound to slots, which would not be charged, -ESRCH if @group was
 * removed, -EDQUOT if a limit is in the way, -EINTR if the task was killed.
 */
int swaptbl_folio_charge(struct folio *folio, struct swaptbl_group *group)
{
	if (!folio_test_locked(folio))
		return -EINVAL;
	if (swaptbl_folio_handle(folio))
		return -EEXIST;
	if (swaptbl_folio_bound(folio))
		return -EBUSY;
	/* A removal from here on finds a folio that names the group, or will. */
	if (READ_ONCE(group->dying))
		return -ESRCH;
	return charge(folio, group);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_charge);

static void uncharge(struct folio *folio)
{
	struct swaptbl_group *group;

	rcu_read_lock();
	count_charged(folio, -1);
	group = swaptbl_handle_group(swaptbl_folio_handle(folio));
	usage_sub(group, NULL, folio_nr_pages(folio));
	rcu_read_unlock();
	swaptbl_folio_unname(folio);
}

/**
 * swaptbl_folio_uncharge() - undo swaptbl_folio_charge()
 * @folio: charged folio
 *
 * Context: Any context. Expects the lock of @folio to be held by caller.
 * Return: 0; or, with nothing changed, -EINVAL if @folio is not locked or not charged,
 * -EBUSY if it is on a list, on its way there, isolated, or bound to slots.
 */
int swaptbl_folio_uncharge(struct folio *folio)
{
	if (!folio_test_locked(folio) || !swaptbl_folio_handle(folio))
		return -EINVAL;
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED) ||
	    swaptbl_folio_bound(folio))
		return -EBUSY;
	uncharge(folio);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_uncharge);

/**
 * swaptbl_folio_inherit() - a folio takes over what is known of another
 * @folio: folio that is not charged
 * @from: the other one
 *
 * How it was used, and its group, which may be over its limit until @from is uncharged.
 *
 * Context: Any context. Expects the locks of both folios to be held by caller.
 */
void swaptbl_folio_inherit(struct folio *folio, struct folio *from)
{
	struct swaptbl_handle *handle = swaptbl_folio_handle(from);
	struct swaptbl_group *group;

	WRITE_ONCE(folio->index,
		   swaptbl_folio_flags(from) & SWAPTBL_FOLIO_USE_FLAGS);
	if (!handle)
		return;
	rcu_read_lock();
	for (group = swaptbl_handle_group(handle); group; group = group->parent)
		atomic_long_add(folio_nr_pages(folio), &group->usage);
	swaptbl_folio_name(folio, handle);
	count_charged(folio, 1);
	rcu_read_unlock();
}

/**
 * swaptbl_folio_name() - have a folio name a group, without a charge
 * @folio: folio that names none
 * @handle: of the group, or NULL
 *
 * Context: Any context. Expects the lock of @folio to be held by caller, who knows of
 * something that has a reference to @handle.
 */
void swaptbl_folio_name(struct folio *folio, struct swaptbl_handle *handle)
{
	if (!handle)
		return;
	swaptbl_handle_get_many(handle, 1);
	swaptbl_folio_set_handle(folio, handle);
}

/**
 * swaptbl_folio_unname() - undo swaptbl_folio_name()
 * @folio: the folio
 *
 * Context: Any context. Expects the lock of @folio to be held by caller.
 */
void swaptbl_folio_unname(struct folio *folio)
{
	struct swaptbl_handle *handle = swaptbl_folio_handle(folio);

	if (!handle)
		return;
	swaptbl_folio_set_handle(folio, NULL);
	swaptbl_handle_put_many(handle, 1);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_unname);

/* The group that a handle leads to, with a reference, or NULL if its tree is gone. */
static struct swaptbl_group *group_of(struct swaptbl_handle *handle)
{
	struct swaptbl_group *group;

	rcu_read_lock();
	do {
		group = swaptbl_handle_group(handle);
	} while (group && !refcount_inc_not_zero(&group->ref));
	rcu_read_unlock();
	return group;
}

/**
 * swaptbl_folio_charge_named() - charge a folio to the group that it names
 * @folio: the folio
 * @refused: set to the group that was to be charged, with a reference, if a limit is in
 *	the way; swaptbl_charge_make_room() may help
 * @over: set to the group whose limit it is
 *
 * For swap in, where the folio is bound to the slots first: that pins whose they are.
 * If the group was removed, the first ancestor that exists is charged.
 *
 * Context: Any context but interrupts. Expects the lock of @folio to be held by caller.
 * Return: 0, also if it names none; or, with nothing changed, -EDQUOT if a limit is in
 * the way.
 */
int swaptbl_folio_charge_named(struct folio *folio, struct swaptbl_group **refused,
			       struct swaptbl_group **over)
{
	struct swaptbl_handle *handle = swaptbl_folio_handle(folio);
	struct swaptbl_group *group = handle ? group_of(handle) : NULL;

	if (!group)
		return 0;
	rcu_read_lock();
	*over = usage_try_add(group, folio_nr_pages(folio));
	if (!*over)
		count_charged(folio, 1);
	rcu_read_unlock();
	if (*over) {
		*refused = group;
		return -EDQUOT;
	}
	swaptbl_group_put(group);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_folio_charge_named);

/* It may be on its way to the list, in a batch. Return: whether it was taken off. */
static bool take_off_list(struct folio *folio)
{
	if (!swaptbl_folio_isolate_lru(folio))
		return true;
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ISOLATED))
		return false;
	swaptbl_lru_drain_all();
	return !swaptbl_folio_isolate_lru(folio);
}

/**
 * swaptbl_folio_unbound() - see to the charge of a folio that has left its slots
 * @folio: the folio
 *
 * On a list it is of no more use: its data is in the store, or nobody wants it. It stays
 * there only if somebody else has isolated it or is moving it; then it is clean, so that
 * reclaim lets go of it.
 *
 * Context: Any context but interrupts. Expects the lock of @folio to be held by caller,
 * who also has a reference to it, and no cluster lock.
 */
void swaptbl_folio_unbound(struct folio *folio)
{
	if (!swaptbl_folio_handle(folio))
		return;
	if (!swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED)) {
		uncharge(folio);
	} else if (take_off_list(folio)) {
		swaptbl_folio_release_lru(folio);
		folio_put(folio);
	} else {
		folio_clear_dirty(folio);
	}
}

static void swap_add(struct swaptbl_handle *handle, long nr)
{
	struct swaptbl_group *group;

	rcu_read_lock();
	for (group = swaptbl_handle_group(handle); group; group = group->parent)
		atomic_long_add(nr, &group->swap);
	rcu_read_unlock();
}

/**
 * swaptbl_swap_charge() - charge slots
 * @handle: what the slots name, or NULL
 * @nr: how many slots
 *
 * Context: Any context. The caller knows of something that has a reference to @handle.
 */
void swaptbl_swap_charge(struct swaptbl_handle *handle, unsigned long nr)
{
	if (!handle)
		return;
	swaptbl_handle_get_many(handle, nr);
	swap_add(handle, nr);
}

/**
 * swaptbl_swap_uncharge() - undo swaptbl_swap_charge()
 * @handle: what the slots named, or NULL
 * @nr: how many slots
 *
 * Context: Any context.
 */
void swaptbl_swap_uncharge(struct swaptbl_handle *handle, unsigned long nr)
{
	if (!handle)
		return;
	swap_add(handle, -(long)nr);
	swaptbl_handle_put_many(handle, nr);
}
