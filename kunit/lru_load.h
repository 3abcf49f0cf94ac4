/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks that use a tree of groups and its lists while groups come and go, and know
 * what they did.
 */
#ifndef _SWAPTBL_KUNIT_LRU_LOAD_H
#define _SWAPTBL_KUNIT_LRU_LOAD_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/prandom.h>
#include <linux/spinlock.h>

#include "../swaptbl/compat.h"
#include "../swaptbl/device.h"
#include "../swaptbl/group.h"

struct folio;
struct kunit;

#define SWAPTBL_LRU_POOL	128
#define SWAPTBL_LRU_RUN		24
#define SWAPTBL_LRU_PLACES	SWAPTBL_GROUP_DEPTH_MAX
#define SWAPTBL_LRU_WORKERS	6

/**
 * struct swaptbl_lru_slot - one folio of the pool
 * @lock: protects @folio
 * @folio: with a reference; who has it locked and isolated may put another in its place
 * @locker: worker that has the lruvec of the folio locked, 0 for none
 */
struct swaptbl_lru_slot {
	spinlock_t lock; /* see above */
	struct folio *folio;
	atomic_t locker;
};

/**
 * struct swaptbl_lru_load - what the workers share
 * @tree: the tree
 * @dev: device that folios are bound to, if any
 * @top: group above all that come and go, with a reference; the root, or has a limit
 * @slot: the pool, folios of which each is charged to one of the groups
 * @nr_slots: number of @slot in use
 * @lock: protects @group
 * @group: groups that may be removed, each with a reference, or NULL
 * @limits: half of them have limits
 * @falls: groups are removed, not made; for those who make and remove one branch
 * @hot: where in the pool folios were last moved
 * @worker: all workers
 * @nr_workers: number of them
 * @busy: workers that those who stay wait for
 * @over: all stop at once
 * @done: completed by each worker
 * @mistakes: of the engine
 * @what: the first of them
 */
struct swaptbl_lru_load {
	struct swaptbl_tree *tree;
	struct swaptbl_device *dev;
	struct swaptbl_group *top;
	struct swaptbl_lru_slot slot[SWAPTBL_LRU_POOL];
	unsigned int nr_slots;
	spinlock_t lock; /* see above */
	struct swaptbl_group *group[SWAPTBL_LRU_PLACES];
	bool limits;
	bool falls;
	unsigned int hot;
	struct swaptbl_lru_worker *worker[SWAPTBL_LRU_WORKERS];
	unsigned int nr_workers;
	atomic_t busy;
	bool over;
	struct completion done;
	atomic_t mistakes;
	const char *what;
};

/**
 * struct swaptbl_lru_worker - one task
 * @load: see struct swaptbl_lru_load
 * @id: from 1
 * @rnd: its random numbers
 * @work: one step
 * @stays: it goes on until all that do not stay are done
 * @goal: of @ops, at least
 * @ops: operations so far; of who removes groups, groups removed
 * @moved: pages that it moved to another group
 * @ledger: what else it has, by what it does
 */
struct swaptbl_lru_worker {
	struct swaptbl_lru_load *load;
	unsigned int id;
	struct rnd_state rnd;
	void (*work)(struct swaptbl_lru_worker *worker);
	bool stays;
	unsigned long goal;
	unsigned long ops;
	unsigned long moved;
	void *ledger;
};

/* How workers are made and run; kunit/lru_run.c. All but the last two may assert. */
struct swaptbl_lru_load *swaptbl_lru_load_make(struct kunit *test);
void swaptbl_lru_pool_fill(struct kunit *test, struct swaptbl_lru_load *load);
void swaptbl_lru_workers_make(struct kunit *test, struct swaptbl_lru_load *load,
			      void (*work)(struct swaptbl_lru_worker *worker),
			      unsigned int nr,
			      void (*remove)(struct swaptbl_lru_worker *worker),
			      unsigned int nr_removers);
void swaptbl_lru_ledgers_make(struct kunit *test, struct swaptbl_lru_load *load,
			      size_t size);
void swaptbl_lru_goals_add(struct swaptbl_lru_load *load, unsigned long ops,
			   unsigned long removals);
void swaptbl_lru_run(struct kunit *test, struct swaptbl_lru_load *load);
void swaptbl_lru_pool_free(struct swaptbl_lru_load *load);
int swaptbl_lru_tree_free(struct swaptbl_lru_load *load);

/* What they share; kunit/lru_load.c. */
void swaptbl_lru_note(struct swaptbl_lru_load *load, bool right, const char *what);

#define swaptbl_lru_check(worker, right)				\
	swaptbl_lru_note((worker)->load, right,				\
			 #right " at " __FILE__ ":" __stringify(__LINE__))

unsigned int swaptbl_lru_below(struct swaptbl_lru_worker *worker, unsigned int limit);
void swaptbl_lru_count_op(struct swaptbl_lru_worker *worker);
unsigned long swaptbl_lru_ops(const struct swaptbl_lru_load *load, bool stays);
void swaptbl_lru_work(struct swaptbl_lru_worker *worker);

struct swaptbl_lru_slot *swaptbl_lru_slot_pick(struct swaptbl_lru_worker *worker);
struct folio *swaptbl_lru_folio_get(struct swaptbl_lru_slot *slot);
struct swaptbl_group *swaptbl_lru_group_get(struct swaptbl_lru_worker *worker);
bool swaptbl_lru_charge(struct swaptbl_lru_worker *worker, struct folio *folio,
			struct swaptbl_group *group);
void swaptbl_lru_groups_remove(struct swaptbl_lru_load *load);

/* What a worker does; kunit/lru_load.c, lru_lockers.c. */
void swaptbl_lru_remover_work(struct swaptbl_lru_worker *worker);
void swaptbl_lru_branch_work(struct swaptbl_lru_worker *worker);
void swaptbl_lru_locker_work(struct swaptbl_lru_worker *worker);

/* Folios that a worker of lru_batches.c has isolated, and put others in place of. */
#define SWAPTBL_LRU_HELD	64
#define SWAPTBL_LRU_GRAVES	256

/**
 * struct swaptbl_lru_pages - what was done, in pages
 * @added: added to lists
 * @deleted: released
 * @isolated: isolated
 * @putback: put back
 * @migrated: replaced by others
 */
struct swaptbl_lru_pages {
	long added;
	long deleted;
	long isolated;
	long putback;
	long migrated;
};

/**
 * struct swaptbl_lru_batches - ledger of a worker of lru_batches.c
 * @held: folios that it has isolated
 * @nr_held: number of them
 * @grave: folios that others took the place of, with the last reference
 * @nr_graves: number of them
 * @pages: what it did
 */
struct swaptbl_lru_batches {
	struct folio *held[SWAPTBL_LRU_HELD];
	unsigned int nr_held;
	struct folio *grave[SWAPTBL_LRU_GRAVES];
	unsigned int nr_graves;
	struct swaptbl_lru_pages pages;
};

void swaptbl_lru_batches_work(struct swaptbl_lru_worker *worker);
void swaptbl_lru_batches_end(struct swaptbl_lru_worker *worker);

#define SWAPTBL_LRU_HOLDINGS	24
#define SWAPTBL_LRU_ORDERS	4

/**
 * struct swaptbl_lru_holding - slots that a worker has a count of, of one folio once
 * @offset: first slot of the device
 * @nr: slots
 * @seed: what they hold, see swaptbl_test_fill()
 */
struct swaptbl_lru_holding {
	unsigned long offset;
	unsigned int nr;
	u32 seed;
};

/**
 * struct swaptbl_lru_charges - ledger of a worker of lru_charges.c
 * @holding: what it has
 * @nr: number of them
 * @refused: how often a limit was in the way
 * @no_run: how often there was no run for a large folio
 */
struct swaptbl_lru_charges {
	struct swaptbl_lru_holding holding[SWAPTBL_LRU_HOLDINGS];
	unsigned int nr;
	unsigned long refused;
	unsigned long no_run;
};

void swaptbl_lru_charges_work(struct swaptbl_lru_worker *worker);
void swaptbl_lru_charges_check(struct swaptbl_lru_worker *worker);
void swaptbl_lru_charges_end(struct swaptbl_lru_worker *worker);

#endif /* _SWAPTBL_KUNIT_LRU_LOAD_H */
