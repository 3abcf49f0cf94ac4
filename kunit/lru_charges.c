// SPDX-License-Identifier: GPL-2.0
/*
 * What a task of kunit/stress_lru.c does to groups with limits, and with a device that
 * takes what has to go.
 *
 * Usage is added first and taken back if it was too much. So at any moment it may be
 * above the limit, by what is being charged then: at most one folio for each task.
 */
#include <linux/gfp.h>
#include <linux/pagemap.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/group_reclaim.h"
#include "../swaptbl/lru.h"
#include "../swaptbl/reclaim.h"
#include "../swaptbl/swapin.h"
#include "lru_load.h"
#include "util.h"

#define check	swaptbl_lru_check
#define below	swaptbl_lru_below

#define PAGES_MAX	BIT(SWAPTBL_LRU_ORDERS - 1)

static struct swaptbl_lru_charges *ledger_of(struct swaptbl_lru_worker *worker)
{
	return worker->ledger;
}

static swp_entry_t entry_of(struct swaptbl_lru_worker *worker, unsigned long offset)
{
	return swp_entry(worker->load->dev->type, offset);
}

/* None of the lists that reclaim leaves alone. */
static enum lru_list random_list(struct swaptbl_lru_worker *worker)
{
	return below(worker, LRU_UNEVICTABLE);
}

static struct folio *folio_make(struct swaptbl_lru_worker *worker)
{
	struct folio *folio = folio_alloc(GFP_KERNEL,
					  below(worker, SWAPTBL_LRU_ORDERS));

	check(worker, folio);
	if (!folio)
		return NULL;
	swaptbl_folio_init(folio);
	folio_lock(folio);
	return folio;
}

static void folio_done(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
}

static void refused(struct swaptbl_lru_worker *worker, int err)
{
	check(worker, err == -EDQUOT);
	ledger_of(worker)->refused++;
}

/* Expects @folio locked. Return: whether it was charged to a group. */
static bool charge(struct swaptbl_lru_worker *worker, struct folio *folio)
{
	struct swaptbl_group *group = swaptbl_lru_group_get(worker);
	int err = swaptbl_folio_charge(folio, group);

	if (err == -ESRCH)
		check(worker, READ_ONCE(group->dying));
	else if (err)
		refused(worker, err);
	check(worker, !swaptbl_folio_handle(folio) == !!err);
	swaptbl_group_put(group);
	return !err;
}

/*
 * What waits for its discard serves order 0 only: at times it is all that is free. Expects
 * @folio locked and charged; one that gets no slots is charged no longer.
 */
static bool bind(struct swaptbl_lru_worker *worker, struct folio *folio)
{
	int err = swaptbl_folio_alloc_swap_on(worker->load->dev, folio);

	if (!err)
		return true;
	check(worker, err == -E2BIG && folio_test_large(folio));
	check(worker, !swaptbl_folio_uncharge(folio));
	ledger_of(worker)->no_run++;
	return false;
}

/* Mostly it is the list's from here on, else the cache's alone. */
static void fill(struct swaptbl_lru_worker *worker, struct folio *folio)
{
	struct swaptbl_lru_charges *ledger = ledger_of(worker);
	struct swaptbl_lru_holding *holding = &ledger->holding[ledger->nr++];

	holding->seed = prandom_u32_state(&worker->rnd);
	swaptbl_test_fill(folio, holding->seed);
	check(worker, !swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	holding->offset = swaptbl_test_offset(folio);
	holding->nr = folio_nr_pages(folio);
	if (below(worker, 8))
		check(worker, !swaptbl_folio_add_lru(folio, random_list(worker)));
}

static void op_new(struct swaptbl_lru_worker *worker)
{
	struct folio *folio;

	if (ledger_of(worker)->nr == SWAPTBL_LRU_HOLDINGS)
		return;
	folio = folio_make(worker);
	if (!folio)
		return;
	if (charge(worker, folio) && bind(worker, folio))
		fill(worker, folio);
	folio_done(folio);
}

/* Clean, and with no slots: the list has it, until its group needs room. */
static void op_filler(struct swaptbl_lru_worker *worker)
{
	struct folio *folio = folio_make(worker);

	if (!folio)
		return;
	if (charge(worker, folio))
		check(worker, !swaptbl_folio_add_lru(folio, random_list(worker)));
	folio_done(folio);
}

static void op_charge(struct swaptbl_lru_worker *worker)
{
	struct folio *folio = folio_make(worker);

	if (!folio)
		return;
	if (charge(worker, folio)) {
		check(worker, !swaptbl_folio_uncharge(folio));
		check(worker, swaptbl_folio_uncharge(folio) == -EINVAL);
	}
	folio_done(folio);
}

/* The folio, locked and bound, may have slots of others too. */
static void check_pages(struct swaptbl_lru_worker *worker, struct folio *folio,
			const struct swaptbl_lru_holding *holding)
{
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i;

	for (i = 0; i < holding->nr; i++)
		if (swaptbl_folio_has(folio, worker->load->dev->type,
				      holding->offset + i))
			check(worker,
			      swaptbl_test_page_filled(folio,
						       holding->offset + i - offset,
						       i, holding->seed));
}

/* What is read again is written again the next time. */
static void folio_leave(struct swaptbl_lru_worker *worker, struct folio *folio)
{
	switch (below(worker, 6)) {
	case 0:
		check(worker, !swaptbl_folio_evict(folio));
		check(worker, !swaptbl_folio_bound(folio));
		break;
	case 1:
		/* The lock is the engine's from here on. */
		check(worker, !swaptbl_folio_evict_async(folio));
		folio_put(folio);
		return;
	case 2:
		check(worker, swaptbl_folio_free_swap(folio) == -EBUSY);
		break;
	case 3:
		folio_set_dirty(folio);
		break;
	}
	folio_done(folio);
}

static void op_swapin(struct swaptbl_lru_worker *worker,
		      const struct swaptbl_lru_holding *holding)
{
	unsigned long offset = holding->offset + below(worker, holding->nr);
	unsigned long orders = below(worker, BIT(SWAPTBL_LRU_ORDERS));
	struct folio *folio = swaptbl_swapin(entry_of(worker, offset), orders,
					     GFP_KERNEL);

	if (IS_ERR(folio)) {
		refused(worker, PTR_ERR(folio));
		return;
	}
	check(worker, swaptbl_folio_has(folio, worker->load->dev->type, offset));
	check(worker, swaptbl_folio_handle(folio));
	check_pages(worker, folio, holding);
	folio_leave(worker, folio);
}

static void op_put(struct swaptbl_lru_worker *worker,
		   struct swaptbl_lru_holding *holding)
{
	struct swaptbl_lru_charges *ledger = ledger_of(worker);
	unsigned long offset = holding->offset;
	unsigned int nr = holding->nr;

	*holding = ledger->holding[--ledger->nr];
	check(worker, !swaptbl_put_entries_direct(entry_of(worker, offset), nr));
}

static void op_reclaim(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_group *group = swaptbl_lru_group_get(worker);

	if (below(worker, 2))
		swaptbl_group_reclaim(group, below(worker, 2 * PAGES_MAX));
	else
		swaptbl_reclaim_pages(worker->load->dev, below(worker, PAGES_MAX));
	swaptbl_group_put(group);
}

static void op_look(struct swaptbl_lru_worker *worker)
{
	const long slack = SWAPTBL_LRU_WORKERS * PAGES_MAX;
	struct swaptbl_group *group = swaptbl_lru_group_get(worker);
	long limit = READ_ONCE(group->limit);

	if (limit != SWAPTBL_GROUP_NO_LIMIT)
		check(worker, atomic_long_read(&group->usage) <= limit + slack);
	check(worker, atomic_long_read(&group->usage) >= 0);
	check(worker, atomic_long_read(&group->swap) >= 0);
	swaptbl_group_put(group);
}

static void work_on(struct swaptbl_lru_worker *worker,
		    struct swaptbl_lru_holding *holding, unsigned int op)
{
	if (op < 4)
		op_put(worker, holding);
	else
		op_swapin(worker, holding);
}

void swaptbl_lru_charges_work(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lru_charges *ledger = ledger_of(worker);
	unsigned int op = below(worker, 24);

	swaptbl_lru_count_op(worker);
	if (op == 23)
		op_reclaim(worker);
	else if (op > 20)
		op_look(worker);
	else if (op > 18)
		op_charge(worker);
	else if (op > 16)
		op_filler(worker);
	else if (op > 11 || !ledger->nr)
		op_new(worker);
	else
		work_on(worker, &ledger->holding[below(worker, ledger->nr)], op);
}

/* By who has the load alone: there is always something that can go. */
void swaptbl_lru_charges_check(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lru_charges *ledger = ledger_of(worker);
	const struct swaptbl_lru_holding *holding;
	struct folio *folio;
	unsigned int i, j;

	for (i = 0; i < ledger->nr; i++) {
		holding = &ledger->holding[i];
		for (j = 0; j < holding->nr; j++) {
			folio = swaptbl_swapin(entry_of(worker, holding->offset + j),
					       0, GFP_KERNEL);
			check(worker, !IS_ERR(folio));
			if (IS_ERR(folio))
				continue;
			check_pages(worker, folio, holding);
			folio_done(folio);
		}
	}
}

void swaptbl_lru_charges_end(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_lru_charges *ledger = ledger_of(worker);

	while (ledger->nr)
		op_put(worker, &ledger->holding[0]);
}
