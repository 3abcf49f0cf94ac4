// SPDX-License-Identifier: GPL-2.0
/*
 * What the tasks of kunit/stress_lru.c share, and those that make and remove groups.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/handle.h"
#include "../swaptbl/lru.h"
#include "lru_load.h"
#include "util.h"

#define check	swaptbl_lru_check

void swaptbl_lru_note(struct swaptbl_lru_load *load, bool right, const char *what)
{
	if (right)
		return;
	cmpxchg(&load->what, NULL, what);
	atomic_inc(&load->mistakes);
}

unsigned int swaptbl_lru_below(struct swaptbl_lru_worker *worker, unsigned int limit)
{
	return swaptbl_test_below(&worker->rnd, limit);
}

void swaptbl_lru_count_op(struct swaptbl_lru_worker *worker)
{
	WRITE_ONCE(worker->ops, worker->ops + 1);
}

/* Of those who stay, or of the others. */
unsigned long swaptbl_lru_ops(const struct swaptbl_lru_load *load, bool stays)
{
	unsigned long ops = 0;
	unsigned int i;

	for (i = 0; i < load->nr_workers; i++)
		if (load->worker[i]->stays == stays)
			ops += READ_ONCE(load->worker[i]->ops);
	return ops;
}

static bool goes_on(const struct swaptbl_lru_worker *worker)
{
	if (READ_ONCE(worker->load->over))
		return false;
	return worker->ops < worker->goal ||
	       (worker->stays && atomic_read(&worker->load->busy));
}

/* All that a thread does. */
void swaptbl_lru_work(struct swaptbl_lru_worker *worker)
{
	while (goes_on(worker)) {
		worker->work(worker);
		cond_resched();
	}
	if (!worker->stays)
		atomic_dec(&worker->load->busy);
}

/* Half of the time where folios were moved last, whose group is soon removed. */
struct swaptbl_lru_slot *swaptbl_lru_slot_pick(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lru_load *load = worker->load;
	unsigned int i = swaptbl_lru_below(worker, load->nr_slots);

	if (swaptbl_lru_below(worker, 2))
		i = READ_ONCE(load->hot) + i % SWAPTBL_LRU_RUN;
	return &load->slot[i % load->nr_slots];
}

struct folio *swaptbl_lru_folio_get(struct swaptbl_lru_slot *slot)
{
	struct folio *folio;

	spin_lock(&slot->lock);
	folio = slot->folio;
	folio_get(folio);
	spin_unlock(&slot->lock);
	return folio;
}

/* With a reference; NULL if there is none, or it was just removed. */
static struct swaptbl_group *place_get(struct swaptbl_lru_load *load, unsigned int i)
{
	struct swaptbl_group *group;

	spin_lock(&load->lock);
	group = load->group[i];
	if (group)
		group = swaptbl_group_get(group->id);
	spin_unlock(&load->lock);
	return group;
}

static struct swaptbl_group *top_get(struct swaptbl_lru_load *load)
{
	return swaptbl_group_get(load->top->id);
}

/* Any group, with a reference. */
struct swaptbl_group *swaptbl_lru_group_get(struct swaptbl_lru_worker *worker)
{
	unsigned int i = swaptbl_lru_below(worker, SWAPTBL_LRU_PLACES);

	return place_get(worker->load, i) ?: top_get(worker->load);
}

/* The reference goes to the place. Return: whether there was room. */
static bool place_take(struct swaptbl_lru_load *load, struct swaptbl_group *group,
		       unsigned int first, unsigned int last)
{
	unsigned int i;

	spin_lock(&load->lock);
	for (i = first; i <= last && load->group[i]; i++)
		;
	if (i <= last)
		load->group[i] = group;
	spin_unlock(&load->lock);
	return i <= last;
}

static bool place_leave(struct swaptbl_lru_load *load, struct swaptbl_group *group)
{
	unsigned int i;

	spin_lock(&load->lock);
	for (i = 0; i < SWAPTBL_LRU_PLACES && load->group[i] != group; i++)
		;
	if (i < SWAPTBL_LRU_PLACES)
		load->group[i] = NULL;
	spin_unlock(&load->lock);
	if (i < SWAPTBL_LRU_PLACES)
		swaptbl_group_put(group);
	return i < SWAPTBL_LRU_PLACES;
}

/* Expects @folio locked. Return: false if @group was removed meanwhile. */
bool swaptbl_lru_charge(struct swaptbl_lru_worker *worker, struct folio *folio,
			struct swaptbl_group *group)
{
	int err = swaptbl_folio_charge(folio, group);

	check(worker, !err || (err == -ESRCH && READ_ONCE(group->dying)));
	if (!err)
		check(worker, swaptbl_folio_group(folio) == group->id);
	return !err;
}

/* Expects @folio locked and isolated, by us. */
static void move_isolated(struct swaptbl_lru_worker *worker, struct folio *folio,
			  struct swaptbl_group *group)
{
	enum lru_list lru = swaptbl_lru_below(worker, NR_LRU_LISTS);

	check(worker, !swaptbl_folio_release_lru(folio));
	check(worker, swaptbl_folio_uncharge(folio) == -EINVAL);
	check(worker, swaptbl_lru_charge(worker, folio, group));
	check(worker, !swaptbl_folio_add_lru(folio, lru));
	worker->moved += folio_nr_pages(folio);
	/* That of the list which it left. */
	folio_put(folio);
}

static void move_slot(struct swaptbl_lru_worker *worker, struct swaptbl_lru_slot *slot,
		      struct swaptbl_group *group)
{
	struct folio *folio = swaptbl_lru_folio_get(slot);

	if (folio_trylock(folio)) {
		if (!swaptbl_folio_isolate_lru(folio))
			move_isolated(worker, folio, group);
		folio_unlock(folio);
	}
	folio_put(folio);
}

static void move_some(struct swaptbl_lru_worker *worker, struct swaptbl_group *group)
{
	struct swaptbl_lru_load *load = worker->load;
	unsigned int first, nr;

	if (!load->nr_slots)
		return;
	first = swaptbl_lru_below(worker, load->nr_slots);
	WRITE_ONCE(load->hot, first);
	for (nr = swaptbl_lru_below(worker, SWAPTBL_LRU_RUN); nr; nr--)
		move_slot(worker, &load->slot[(first + nr) % load->nr_slots], group);
}

/* An id is free again only some grace periods after its last use. */
static bool may_not_be_made(const struct swaptbl_group *parent, int err)
{
	switch (err) {
	case -ESRCH:
		return READ_ONCE(parent->dying);
	case -EMLINK:
		return parent->depth == SWAPTBL_GROUP_DEPTH_MAX;
	case -EUSERS:
		return swaptbl_handles_nr() > SWAPTBL_GROUP_MAX / 2;
	}
	return false;
}

/* With folios, and known to nobody else. */
static struct swaptbl_group *group_make(struct swaptbl_lru_worker *worker,
					struct swaptbl_group *parent)
{
	long limit = SWAPTBL_GROUP_NO_LIMIT;
	struct swaptbl_group *group;

	if (worker->load->limits && swaptbl_lru_below(worker, 2))
		limit = 16 + swaptbl_lru_below(worker, 100);
	group = swaptbl_group_create(parent, limit);
	if (IS_ERR(group)) {
		check(worker, may_not_be_made(parent, PTR_ERR(group)));
		if (PTR_ERR(group) == -EUSERS)
			rcu_barrier();
		return NULL;
	}
	move_some(worker, group);
	return group;
}

static void removed(struct swaptbl_lru_worker *worker, struct swaptbl_group *group)
{
	check(worker, READ_ONCE(group->dying));
	check(worker, swaptbl_group_remove(group) == -ESRCH);
	check(worker, !swaptbl_group_get(group->id));
	swaptbl_lru_count_op(worker);
}

/* Nobody else knows it, so that nobody has made a child of it. */
static void group_unmake(struct swaptbl_lru_worker *worker, struct swaptbl_group *group)
{
	check(worker, !swaptbl_group_remove(group));
	removed(worker, group);
	swaptbl_group_put(group);
}

/* The group in a place, if any, unless it has children or another was faster. */
static void place_clear(struct swaptbl_lru_worker *worker, unsigned int i)
{
	struct swaptbl_group *group = place_get(worker->load, i);
	int err;

	if (!group)
		return;
	err = swaptbl_group_remove(group);
	check(worker, !err || err == -ENOTEMPTY || err == -ESRCH);
	if (!err) {
		removed(worker, group);
		check(worker, place_leave(worker->load, group));
	}
	swaptbl_group_put(group);
}

static void grow(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_group *parent = swaptbl_lru_group_get(worker);
	struct swaptbl_group *group = group_make(worker, parent);

	if (group && !place_take(worker->load, group, 0, SWAPTBL_LRU_PLACES - 1))
		group_unmake(worker, group);
	swaptbl_group_put(parent);
}

static unsigned long goals(const struct swaptbl_lru_load *load)
{
	unsigned long goal = 0;
	unsigned int i;

	for (i = 0; i < load->nr_workers; i++)
		if (load->worker[i]->stays)
			goal += load->worker[i]->goal;
	return goal;
}

/* Removals are spread over all that the others do. */
static bool is_ahead(const struct swaptbl_lru_worker *worker)
{
	return (u64)worker->ops * goals(worker->load) >
	       (u64)worker->goal * swaptbl_lru_ops(worker->load, true);
}

void swaptbl_lru_remover_work(struct swaptbl_lru_worker *worker)
{
	if (is_ahead(worker))
		usleep_range(50, 100);
	else if (swaptbl_lru_below(worker, 2))
		grow(worker);
	else
		place_clear(worker, swaptbl_lru_below(worker, SWAPTBL_LRU_PLACES));
}

/* How many groups the branch has. */
static unsigned int branch_length(struct swaptbl_lru_load *load)
{
	unsigned int length = 0;

	spin_lock(&load->lock);
	while (length < SWAPTBL_LRU_PLACES && load->group[length])
		length++;
	spin_unlock(&load->lock);
	return length;
}

/* Of those who do the same at once, one is the first; the others undo what they did. */
static void branch_grow(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lru_load *load = worker->load;
	unsigned int length = branch_length(load);
	struct swaptbl_group *parent, *group;

	if (length == SWAPTBL_LRU_PLACES) {
		WRITE_ONCE(load->falls, true);
		return;
	}
	parent = length ? place_get(load, length - 1) : top_get(load);
	if (!parent)
		return;
	group = group_make(worker, parent);
	if (group && !place_take(load, group, length, length))
		group_unmake(worker, group);
	swaptbl_group_put(parent);
}

void swaptbl_lru_branch_work(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lru_load *load = worker->load;

	if (is_ahead(worker))
		usleep_range(50, 100);
	else if (!READ_ONCE(load->falls))
		branch_grow(worker);
	else if (branch_length(load))
		place_clear(worker, swaptbl_lru_below(worker, SWAPTBL_LRU_PLACES));
	else
		WRITE_ONCE(load->falls, false);
}

/* By who has the load alone: each time around, those that have no children. */
void swaptbl_lru_groups_remove(struct swaptbl_lru_load *load)
{
	unsigned int i, round;

	for (round = 0; round < SWAPTBL_LRU_PLACES; round++) {
		for (i = 0; i < SWAPTBL_LRU_PLACES; i++) {
			struct swaptbl_group *group = load->group[i];

			if (group && !swaptbl_group_remove(group))
				place_leave(load, group);
		}
	}
}
