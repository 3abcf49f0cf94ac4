// SPDX-License-Identifier: GPL-2.0
/*
 * What a task of kunit/stress_io.c does, one operation at a time.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "../swaptbl/cache.h"
#include "../swaptbl/compat.h"
#include "../swaptbl/count.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/reclaim.h"
#include "../swaptbl/split.h"
#include "../swaptbl/swapin.h"
#include "../swaptbl/workingset.h"
#include "load.h"
#include "util.h"

#define NR_BATCH	8
#define COUNT_MAX	9

static void note(struct swaptbl_worker *worker, bool right, int line)
{
	if (right)
		return;
	atomic_cmpxchg(&worker->load->line, 0, line);
	atomic_inc(&worker->load->mistakes);
}

#define check(worker, right)	note(worker, right, __LINE__)

static unsigned int below(struct swaptbl_worker *worker, unsigned int limit)
{
	return swaptbl_test_below(&worker->rnd, limit);
}

/* Slots that come from the device have no owner yet. */
static void own(struct swaptbl_worker *worker, unsigned long offset, unsigned int nr)
{
	atomic_t *owner = &worker->load->owner[offset];

	while (nr--)
		check(worker, !atomic_cmpxchg(&owner[nr], 0, worker->id));
}

/* Before the last put: right after it the slots may be another's. */
static void disown(struct swaptbl_worker *worker, unsigned long offset, unsigned int nr)
{
	atomic_t *owner = &worker->load->owner[offset];

	while (nr--)
		check(worker, atomic_cmpxchg(&owner[nr], worker->id, 0) ==
			      worker->id);
}

static swp_entry_t entry_of(struct swaptbl_worker *worker, unsigned long offset)
{
	return swp_entry(worker->load->dev->type, offset);
}

static bool page_is_zero(struct folio *folio, unsigned int page)
{
	void *data = kmap_local_folio(folio, page * PAGE_SIZE);
	bool zero = !memchr_inv(data, 0, PAGE_SIZE);

	kunmap_local(data);
	return zero;
}

/* One page in four is all zero. */
static void page_write(struct swaptbl_worker *worker, struct folio *folio,
		       unsigned int page, u32 *seed)
{
	*seed = below(worker, 4) ? prandom_u32_state(&worker->rnd) | 1 : 0;
	if (*seed)
		swaptbl_test_fill_page(folio, page, 0, *seed);
	else
		folio_zero_range(folio, page * PAGE_SIZE, PAGE_SIZE);
}

static bool page_is_right(struct folio *folio, unsigned int page, u32 seed)
{
	return seed ? swaptbl_test_page_filled(folio, page, 0, seed) :
		      page_is_zero(folio, page);
}

/* The folio, locked and bound, may have slots of others too. */
static void check_pages(struct swaptbl_worker *worker, struct folio *folio,
			const struct swaptbl_holding *holding)
{
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i;

	for (i = 0; i < holding->nr; i++)
		if (swaptbl_folio_has(folio, worker->load->dev->type,
				      holding->offset + i))
			check(worker, page_is_right(folio,
						    holding->offset + i - offset,
						    holding->seed[i]));
}

static void rewrite_pages(struct swaptbl_worker *worker, struct folio *folio,
			  struct swaptbl_holding *holding)
{
	unsigned long offset = swaptbl_test_offset(folio);
	unsigned int i;

	for (i = 0; i < holding->nr; i++)
		if (swaptbl_folio_has(folio, worker->load->dev->type,
				      holding->offset + i))
			page_write(worker, folio, holding->offset + i - offset,
				   &holding->seed[i]);
	folio_set_dirty(folio);
}

static void folio_done(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
}

/* Another folio takes over all slots, with the data. */
static void replace(struct swaptbl_worker *worker, struct folio *folio)
{
	struct folio *new = folio_alloc(GFP_KERNEL, folio_order(folio));
	unsigned int i;

	check(worker, new);
	if (!new)
		return;
	swaptbl_folio_init(new);
	folio_lock(new);
	for (i = 0; i < folio_nr_pages(folio); i++)
		copy_highpage(folio_page(new, i), folio_page(folio, i));
	folio_mark_uptodate(new);
	check(worker, !swaptbl_cache_replace_folio(folio, new));
	check(worker, !swaptbl_folio_bound(folio));
	check(worker, swaptbl_folio_bound(new));
	folio_done(new);
}

/* Let go of a folio, locked and bound, in one of the ways that there are. */
static void folio_leave(struct swaptbl_worker *worker, struct folio *folio)
{
	unsigned int order = folio_order(folio);

	switch (below(worker, 5)) {
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
		if (order)
			check(worker, !swaptbl_folio_split(folio,
							   below(worker, order)));
		break;
	case 3:
		replace(worker, folio);
		break;
	}
	folio_done(folio);
}

static bool alloc_may_fail(struct swaptbl_worker *worker, int err)
{
	return err == -ENOSPC || err == -E2BIG ||
	       (err == -ESHUTDOWN && worker->load->removals);
}

static void op_alloc(struct swaptbl_worker *worker)
{
	unsigned int order = below(worker, SWAPTBL_LOAD_ORDERS), i;
	struct folio *folio = folio_alloc(GFP_KERNEL, order);
	struct swaptbl_holding *holding = &worker->holding[worker->nr];
	int err;

	check(worker, folio);
	if (!folio)
		return;
	swaptbl_folio_init(folio);
	folio_lock(folio);
	for (i = 0; i < BIT(order); i++)
		page_write(worker, folio, i, &holding->seed[i]);
	err = swaptbl_folio_alloc_swap_on(worker->load->dev, folio);
	if (err) {
		check(worker, alloc_may_fail(worker, err));
		folio_done(folio);
		return;
	}
	holding->offset = swaptbl_test_offset(folio);
	holding->nr = BIT(order);
	holding->count = 1;
	own(worker, holding->offset, holding->nr);
	worker->nr++;
	check(worker, !swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	folio_leave(worker, folio);
}

static void op_dup(struct swaptbl_worker *worker, struct swaptbl_holding *holding)
{
	if (holding->count == COUNT_MAX)
		return;
	check(worker, !swaptbl_dup_entries_direct(entry_of(worker, holding->offset),
						  holding->nr, GFP_KERNEL));
	holding->count++;
}

static void op_put(struct swaptbl_worker *worker, struct swaptbl_holding *holding)
{
	swp_entry_t entry = entry_of(worker, holding->offset);
	unsigned int nr = holding->nr;

	if (!--holding->count) {
		disown(worker, holding->offset, nr);
		*holding = worker->holding[--worker->nr];
	}
	check(worker, !swaptbl_put_entries_direct(entry, nr));
}

/* One slot has a count more, for a moment; most of the time without a lock. */
static void op_one_slot(struct swaptbl_worker *worker,
			const struct swaptbl_holding *holding)
{
	unsigned long offset = holding->offset + below(worker, holding->nr);
	swp_entry_t entry = entry_of(worker, offset);

	check(worker, !swaptbl_dup_entries_direct(entry, 1, GFP_KERNEL));
	check(worker, swaptbl_count(worker->load->dev, offset) ==
		      holding->count + 1L);
	check(worker, !swaptbl_put_entries_direct(entry, 1));
}

static void op_swapin(struct swaptbl_worker *worker, struct swaptbl_holding *holding)
{
	unsigned long offset = holding->offset + below(worker, holding->nr);
	unsigned long orders = below(worker, BIT(SWAPTBL_LOAD_ORDERS));
	struct folio *folio = swaptbl_swapin(entry_of(worker, offset), orders,
					     GFP_KERNEL);
	unsigned int what = below(worker, 8);

	check(worker, !IS_ERR(folio));
	if (IS_ERR(folio))
		return;
	check(worker, folio_test_locked(folio) && folio_test_uptodate(folio));
	check(worker, swaptbl_folio_has(folio, worker->load->dev->type, offset));
	check_pages(worker, folio, holding);
	if (what < 2)
		rewrite_pages(worker, folio, holding);
	else if (what == 2)
		check(worker, swaptbl_folio_free_swap(folio) == -EBUSY);
	if (what & 1)
		folio_leave(worker, folio);
	else
		folio_done(folio);
}

static void op_swapin_async(struct swaptbl_worker *worker, struct swaptbl_holding *holding)
{
	unsigned long offset = holding->offset + below(worker, holding->nr);
	unsigned long orders = below(worker, BIT(SWAPTBL_LOAD_ORDERS));

	check(worker, !swaptbl_swapin_async(entry_of(worker, offset), orders,
					    GFP_KERNEL));
}

/* The folio of a slot, locked, if there is one and nobody else has its lock. */
static struct folio *trylock_slot(struct swaptbl_worker *worker, unsigned long offset)
{
	struct swaptbl_device *dev = worker->load->dev;
	struct folio *folio = swaptbl_cache_get_folio(dev, offset);

	if (!folio)
		return NULL;
	if (folio_trylock(folio)) {
		if (swaptbl_folio_has(folio, dev->type, offset))
			return folio;
		folio_unlock(folio);
	}
	folio_put(folio);
	return NULL;
}

static void op_leave(struct swaptbl_worker *worker, struct swaptbl_holding *holding)
{
	struct folio *folio = trylock_slot(worker, holding->offset);

	if (!folio)
		return;
	check_pages(worker, folio, holding);
	folio_leave(worker, folio);
}

/* One page of the folio has a count more, for a moment. */
static void op_subpage(struct swaptbl_worker *worker, struct swaptbl_holding *holding)
{
	struct folio *folio = trylock_slot(worker, holding->offset);
	struct page *page;

	if (!folio)
		return;
	page = folio_page(folio, holding->offset - swaptbl_test_offset(folio));
	check(worker, !swaptbl_folio_dup_swap(folio, page, GFP_KERNEL));
	check(worker, swaptbl_count(worker->load->dev, holding->offset) ==
		      holding->count + 1L);
	check(worker, !swaptbl_folio_put_swap(folio, page));
	folio_done(folio);
}

static void op_batch(struct swaptbl_worker *worker)
{
	struct folio_batch fbatch;
	unsigned int i;

	folio_batch_init(&fbatch);
	for (i = 0; i < min(worker->nr, NR_BATCH); i++) {
		struct folio *folio = trylock_slot(worker,
						   worker->holding[i].offset);

		if (folio)
			folio_batch_add(&fbatch, folio);
	}
	check(worker, !swaptbl_evict_folios(&fbatch));
	for (i = 0; i < folio_batch_count(&fbatch); i++) {
		check(worker, !swaptbl_folio_bound(fbatch.folios[i]));
		folio_done(fbatch.folios[i]);
	}
}

static void op_exclusive(struct swaptbl_worker *worker)
{
	swp_entry_t *entry = &worker->exclusive[worker->nr_exclusive];
	int err;

	if (worker->load->removals)
		return;
	if (worker->nr_exclusive == SWAPTBL_LOAD_EXCLUSIVE) {
		entry = &worker->exclusive[--worker->nr_exclusive];
		disown(worker, swp_offset(*entry), 1);
		check(worker, !swaptbl_free_exclusive(*entry));
		return;
	}
	err = swaptbl_alloc_exclusive(worker->load->dev->type, entry);
	check(worker, !err || err == -ENOSPC);
	if (err)
		return;
	own(worker, swp_offset(*entry), 1);
	check(worker, swaptbl_swapin(*entry, 1, GFP_KERNEL) == ERR_PTR(-EINVAL));
	worker->nr_exclusive++;
}

static void op_reclaim(struct swaptbl_worker *worker)
{
	struct swaptbl_device *dev = worker->load->dev;
	unsigned int clusters = below(worker, dev->nr_clusters + 1);

	switch (below(worker, 3)) {
	case 0:
		swaptbl_reclaim_slots(dev, &clusters);
		break;
	case 1:
		swaptbl_reclaim_pages(dev, below(worker, 32));
		break;
	default:
		swaptbl_workingset_reclaim(dev);
	}
}

static void op_look(struct swaptbl_worker *worker, const struct swaptbl_holding *holding)
{
	unsigned long offset = holding->offset + below(worker, holding->nr);
	struct swaptbl_device *dev = worker->load->dev;

	check(worker, swaptbl_count(dev, offset) == holding->count);
	check(worker, swaptbl_swapped(dev, offset));
}

static void work_on(struct swaptbl_worker *worker, struct swaptbl_holding *holding,
		    unsigned int op)
{
	if (op < 14)
		op_swapin(worker, holding);
	else if (op < 18)
		op_swapin_async(worker, holding);
	else if (op < 21)
		op_dup(worker, holding);
	else if (op < 27)
		op_put(worker, holding);
	else if (op < 30)
		op_leave(worker, holding);
	else if (op < 32)
		op_subpage(worker, holding);
	else if (op < 34)
		op_one_slot(worker, holding);
	else
		op_look(worker, holding);
}

void swaptbl_worker_work(struct swaptbl_worker *worker)
{
	unsigned int op = below(worker, 40);

	if (op == 39)
		op_reclaim(worker);
	else if (op == 38)
		op_batch(worker);
	else if (op == 37)
		op_exclusive(worker);
	else if (worker->nr < SWAPTBL_LOAD_HOLDINGS && (!worker->nr || op > 33))
		op_alloc(worker);
	else if (worker->nr)
		work_on(worker, &worker->holding[below(worker, worker->nr)], op);
}

/* Every page of every worker, from wherever it is. */
void swaptbl_worker_check_data(struct swaptbl_worker *worker)
{
	struct folio *folio;
	unsigned int i, j;

	for (i = 0; i < worker->nr; i++) {
		for (j = 0; j < worker->holding[i].nr; j++) {
			folio = swaptbl_swapin(entry_of(worker,
							worker->holding[i].offset + j),
					       0, GFP_KERNEL);
			check(worker, !IS_ERR(folio));
			if (IS_ERR(folio))
				continue;
			check_pages(worker, folio, &worker->holding[i]);
			folio_done(folio);
		}
	}
}

void swaptbl_worker_give_back(struct swaptbl_worker *worker)
{
	while (worker->nr)
		op_put(worker, &worker->holding[0]);
	while (worker->nr_exclusive) {
		swp_entry_t entry = worker->exclusive[--worker->nr_exclusive];

		disown(worker, swp_offset(entry), 1);
		check(worker, !swaptbl_free_exclusive(entry));
	}
}
