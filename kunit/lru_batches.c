// SPDX-License-Identifier: GPL-2.0
/*
 * What a task of kunit/stress_lru.c does with lists, one operation at a time.
 */
#include <linux/gfp.h>
#include <linux/nodemask.h>
#include <linux/pagemap.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/lru.h"
#include "../swaptbl/lru_stat.h"
#include "lru_load.h"
#include "lru_util.h"

#define check	swaptbl_lru_check
#define below	swaptbl_lru_below

static struct swaptbl_lru_batches *ledger_of(struct swaptbl_lru_worker *worker)
{
	return worker->ledger;
}

static int random_node(struct swaptbl_lru_worker *worker)
{
	return below(worker, 2) ? swaptbl_test_other_node() : first_memory_node;
}

static struct folio *random_folio(struct swaptbl_lru_worker *worker)
{
	return swaptbl_lru_folio_get(swaptbl_lru_slot_pick(worker));
}

/* The slot of a folio that we have isolated, so that nobody else can replace it. */
static struct swaptbl_lru_slot *slot_of(struct swaptbl_lru_worker *worker,
					const struct folio *folio)
{
	struct swaptbl_lru_load *load = worker->load;
	unsigned int i;

	for (i = 0; i < load->nr_slots; i++)
		if (READ_ONCE(load->slot[i].folio) == folio)
			return &load->slot[i];
	return NULL;
}

static void add_locked(struct swaptbl_lru_worker *worker, struct folio *folio)
{
	struct swaptbl_group *group;
	bool charged = true;

	if (!swaptbl_folio_handle(folio)) {
		group = swaptbl_lru_group_get(worker);
		charged = swaptbl_lru_charge(worker, folio, group);
		swaptbl_group_put(group);
	}
	if (!charged)
		return;
	check(worker, !swaptbl_folio_add_lru(folio, below(worker, NR_LRU_LISTS)));
	ledger_of(worker)->pages.added += folio_nr_pages(folio);
}

/*
 * Whether it is on a list, or somebody has isolated it, is under its lock. So is whether
 * it still is in the pool, or another one took its place since it was picked.
 */
static void op_add(struct swaptbl_lru_worker *worker)
{
	struct folio *folio = random_folio(worker);

	if (folio_trylock(folio)) {
		if (!slot_of(worker, folio)) {
			check(worker, !swaptbl_folio_handle(folio));
		} else if (!swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED)) {
			add_locked(worker, folio);
		} else {
			check(worker, swaptbl_folio_add_lru(folio, 0) == -EEXIST);
			check(worker, swaptbl_folio_uncharge(folio) == -EBUSY);
		}
		folio_unlock(folio);
	}
	folio_put(folio);
}

/* What is on no list may be charged or not. */
static void op_uncharge(struct swaptbl_lru_worker *worker)
{
	struct folio *folio = random_folio(worker);

	if (folio_trylock(folio)) {
		if (!swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_MANAGED))
			check(worker, swaptbl_folio_uncharge(folio) ==
				      (swaptbl_folio_handle(folio) ? 0 : -EINVAL));
		folio_unlock(folio);
	}
	folio_put(folio);
}

static void op_move_later(struct swaptbl_lru_worker *worker)
{
	static int (* const how[])(struct folio *folio) = {
		swaptbl_folio_rotate_lru,
		swaptbl_folio_activate,
		swaptbl_folio_deactivate,
	};
	struct folio *folio = random_folio(worker);
	int err = how[below(worker, ARRAY_SIZE(how))](folio);

	check(worker, !err || err == -EBUSY || err == -EINVAL);
	folio_put(folio);
}

static void hold(struct swaptbl_lru_worker *worker, struct folio *folio)
{
	struct swaptbl_lru_batches *ledger = ledger_of(worker);

	check(worker, slot_of(worker, folio));
	check(worker, swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ISOLATED));
	check(worker, !swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU));
	check(worker, swaptbl_folio_isolate_lru(folio) == -EBUSY);
	ledger->pages.isolated += folio_nr_pages(folio);
	ledger->held[ledger->nr_held++] = folio;
}

static void op_isolate(struct swaptbl_lru_worker *worker)
{
	struct folio *folio = random_folio(worker);
	int err;

	if (ledger_of(worker)->nr_held < SWAPTBL_LRU_HELD) {
		err = swaptbl_folio_isolate_lru(folio);
		check(worker, !err || err == -EBUSY);
		if (!err)
			hold(worker, folio);
	}
	folio_put(folio);
}

static void op_isolate_batch(struct swaptbl_lru_worker *worker)
{
	enum lru_list lru = below(worker, NR_LRU_LISTS);
	struct swaptbl_group *group;
	struct folio_batch fbatch;
	unsigned int nr, i;

	if (ledger_of(worker)->nr_held + ARRAY_SIZE(fbatch.folios) > SWAPTBL_LRU_HELD)
		return;
	folio_batch_init(&fbatch);
	group = swaptbl_lru_group_get(worker);
	nr = swaptbl_isolate_lru_folios(group, random_node(worker), lru, &fbatch);
	swaptbl_group_put(group);
	check(worker, nr == folio_batch_count(&fbatch));
	for (i = 0; i < nr; i++)
		hold(worker, fbatch.folios[i]);
}

/* One that we hold, and that is locked now if need be; NULL if there is none. */
static struct folio *let_go(struct swaptbl_lru_worker *worker, bool locked)
{
	struct swaptbl_lru_batches *ledger = ledger_of(worker);
	struct folio *folio;
	unsigned int i;

	if (!ledger->nr_held)
		return NULL;
	i = below(worker, ledger->nr_held);
	folio = ledger->held[i];
	if (locked && !folio_trylock(folio))
		return NULL;
	ledger->held[i] = ledger->held[--ledger->nr_held];
	return folio;
}

static void op_putback(struct swaptbl_lru_worker *worker)
{
	struct folio *folio = let_go(worker, false);

	if (!folio)
		return;
	ledger_of(worker)->pages.putback += folio_nr_pages(folio);
	check(worker, !swaptbl_folio_putback_lru(folio));
}

static void op_putback_batch(struct swaptbl_lru_worker *worker)
{
	struct folio_batch fbatch;
	struct folio *folio;

	folio_batch_init(&fbatch);
	while (folio_batch_space(&fbatch)) {
		folio = let_go(worker, false);
		if (!folio)
			break;
		ledger_of(worker)->pages.putback += folio_nr_pages(folio);
		folio_batch_add(&fbatch, folio);
	}
	check(worker, !swaptbl_putback_lru_folios(&fbatch));
	check(worker, !folio_batch_count(&fbatch));
}

/* Off the lists and charged to nobody; one in two is another's right away. */
static void op_release(struct swaptbl_lru_worker *worker)
{
	struct folio *folio = let_go(worker, true);

	if (!folio)
		return;
	check(worker, swaptbl_folio_uncharge(folio) == -EBUSY);
	check(worker, !swaptbl_folio_release_lru(folio));
	check(worker, !swaptbl_folio_handle(folio));
	check(worker, swaptbl_folio_release_lru(folio) == -EINVAL);
	ledger_of(worker)->pages.deleted += folio_nr_pages(folio);
	if (below(worker, 2))
		add_locked(worker, folio);
	folio_unlock(folio);
	/* That of the list which it left. */
	folio_put(folio);
}

/* Expects both locked, and @old isolated by us, who keep a reference to it. */
static void replace(struct swaptbl_lru_worker *worker, struct folio *old,
		    struct folio *new)
{
	struct swaptbl_lru_slot *slot = slot_of(worker, old);
	struct swaptbl_lru_batches *ledger = ledger_of(worker);
	unsigned int group = swaptbl_folio_group(old);

	check(worker, !swaptbl_folio_migrate_lru(old, new));
	check(worker, swaptbl_folio_group(new) == group);
	check(worker, !swaptbl_folio_handle(old));
	spin_lock(&slot->lock);
	WRITE_ONCE(slot->folio, new);
	spin_unlock(&slot->lock);
	ledger->pages.migrated += folio_nr_pages(old);
	ledger->held[ledger->nr_held++] = new;
	ledger->grave[ledger->nr_graves++] = old;
	/* That of the pool; the other one was the list's. */
	folio_put(old);
}

/* To any node, also the one where it is. */
static void op_migrate(struct swaptbl_lru_worker *worker)
{
	struct folio *old, *new;

	if (ledger_of(worker)->nr_graves == SWAPTBL_LRU_GRAVES)
		return;
	old = let_go(worker, true);
	if (!old)
		return;
	new = __folio_alloc_node(GFP_KERNEL | __GFP_THISNODE, folio_order(old),
				 random_node(worker));
	check(worker, new);
	if (new) {
		swaptbl_folio_init(new);
		folio_lock(new);
		replace(worker, old, new);
		folio_unlock(new);
	}
	folio_unlock(old);
}

static void op_drain(struct swaptbl_lru_worker *worker)
{
	if (below(worker, 2))
		swaptbl_lru_drain();
	else
		swaptbl_lru_drain_all();
}

/* What is counted under the lock is there from then on; this worker's is a part of it. */
static void op_stats(struct swaptbl_lru_worker *worker)
{
	struct swaptbl_group *group = swaptbl_lru_group_get(worker);
	long local[SWAPTBL_NR_LRU_STATS], total[SWAPTBL_NR_LRU_STATS];
	const struct swaptbl_lru_batches *ledger = ledger_of(worker);

	swaptbl_group_stats(group, local, total);
	swaptbl_group_put(group);
	swaptbl_group_stats(worker->load->top, NULL, total);
	check(worker, total[SWAPTBL_LRU_STAT_PUTBACK] >= ledger->pages.putback);
	check(worker, total[SWAPTBL_LRU_STAT_ISOLATE] >= ledger->pages.isolated);
}

void swaptbl_lru_batches_work(struct swaptbl_lru_worker *worker)
{
	static void (* const ops[])(struct swaptbl_lru_worker *worker) = {
		op_add, op_add, op_add, op_uncharge, op_move_later, op_move_later,
		op_move_later, op_isolate, op_isolate, op_isolate_batch, op_putback,
		op_putback, op_putback, op_putback_batch, op_release, op_release,
		op_migrate, op_drain, op_stats,
	};

	ops[below(worker, ARRAY_SIZE(ops))](worker);
	swaptbl_lru_count_op(worker);
}

/* By who has the load alone: nothing is isolated any more. */
void swaptbl_lru_batches_end(struct swaptbl_lru_worker *worker)
{
	while (ledger_of(worker)->nr_held)
		op_putback_batch(worker);
}
