/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks that use a device through every entry point, and know what they have.
 */
#ifndef _SWAPTBL_KUNIT_LOAD_H
#define _SWAPTBL_KUNIT_LOAD_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/prandom.h>
#include <linux/swapops.h>

#include "../swaptbl/device.h"

#define SWAPTBL_LOAD_WORKERS	8
#define SWAPTBL_LOAD_HOLDINGS	24
#define SWAPTBL_LOAD_ORDERS	5
#define SWAPTBL_LOAD_PAGES	BIT(SWAPTBL_LOAD_ORDERS - 1)
#define SWAPTBL_LOAD_EXCLUSIVE	2

/**
 * struct swaptbl_holding - slots that a worker owns counts of
 * @offset: first slot of the device
 * @nr: slots
 * @count: what each of them has
 * @seed: what the page of each holds, see swaptbl_test_fill_page(); 0 for zeros
 */
struct swaptbl_holding {
	unsigned long offset;
	unsigned int nr;
	unsigned int count;
	u32 seed[SWAPTBL_LOAD_PAGES];
};

/**
 * struct swaptbl_load - what the workers share
 * @dev: the device
 * @owner: by slot, the worker that was given it, from 1; 0 for none
 * @removals: somebody tries to remove the device all the time; exclusive slots would
 *	end that early
 * @owner_of_kept: says no to that
 * @kept: slots with a count that are no worker's, so that it has to ask
 * @nr_ops: operations of each worker in a round
 * @done: completed by each worker
 * @mistakes: of the engine
 * @line: where the first of them was found
 */
struct swaptbl_load {
	struct swaptbl_device *dev;
	atomic_t *owner;
	bool removals;
	struct swaptbl_owner owner_of_kept;
	unsigned int kept;
	unsigned int nr_ops;
	struct completion done;
	atomic_t mistakes;
	atomic_t line;
};

/**
 * struct swaptbl_worker - one task, and its ledger
 * @load: see struct swaptbl_load
 * @id: from 1
 * @rnd: its random numbers
 * @holding: what it owns
 * @nr: number of @holding
 * @exclusive: exclusive slots that it has
 * @nr_exclusive: number of @exclusive
 */
struct swaptbl_worker {
	struct swaptbl_load *load;
	unsigned int id;
	struct rnd_state rnd;
	struct swaptbl_holding holding[SWAPTBL_LOAD_HOLDINGS];
	unsigned int nr;
	swp_entry_t exclusive[SWAPTBL_LOAD_EXCLUSIVE];
	unsigned int nr_exclusive;
};

void swaptbl_worker_work(struct swaptbl_worker *worker);
void swaptbl_worker_check_data(struct swaptbl_worker *worker);
void swaptbl_worker_give_back(struct swaptbl_worker *worker);

#endif /* _SWAPTBL_KUNIT_LOAD_H */
