/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Engines: what counts the references to swap slots, behind one table of operations.
 *
 * There is this module's own, and the running kernel's where native/ knows it. Contract
 * and benchmark work on either, and cannot tell which.
 */
#ifndef _SWAPTBL_ENGINE_H
#define _SWAPTBL_ENGINE_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/types.h>

struct module;

/**
 * struct swaptbl_engine_ops - what an engine does for its callers
 * @folio_new: a locked folio of an order that can be given slots, or NULL; undone by
 *	unlocking it and dropping the reference
 * @alloc: bind a locked folio to new slots, whose counts are 0
 * @dup_folio: one more count for one page of a locked and bound folio, or all if NULL
 * @put_folio: undo that; the slots stay bound
 * @dup: one more count for a slot that has one
 * @put: one count less; without a count or a folio the slot is free
 * @dup_range: the same for some slots from one on, all or none
 * @put_range: likewise
 * @count: count of a slot
 * @lookup: the folio bound to a slot, with a reference, or NULL
 * @swapin: likewise and locked, as for an access to the slot's data
 * @delete: unbind a locked folio; slots that have no count are free
 * @free: unbind a locked folio, if no slot of it has a count
 * @lruvec_lock: take and drop the lock of the lruvec of a folio that is charged
 * @lruvec_lock_irq: likewise, with interrupts disabled meanwhile
 * @lruvec_lock_irqsave: likewise, whatever the state of interrupts is
 *
 * An operation that an engine does not have is NULL. All may sleep. They return 0 or an
 * error; what an engine cannot refuse is the caller's to avoid, see @refuses below.
 */
struct swaptbl_engine_ops {
	struct folio *(*folio_new)(unsigned int order);
	int (*alloc)(struct folio *folio);
	int (*dup_folio)(struct folio *folio, struct page *page);
	int (*put_folio)(struct folio *folio, struct page *page);
	int (*dup)(swp_entry_t entry);
	int (*put)(swp_entry_t entry);
	int (*dup_range)(swp_entry_t entry, unsigned int nr);
	int (*put_range)(swp_entry_t entry, unsigned int nr);
	long (*count)(swp_entry_t entry);
	struct folio *(*lookup)(swp_entry_t entry);
	struct folio *(*swapin)(swp_entry_t entry);
	int (*delete)(struct folio *folio);
	int (*free)(struct folio *folio);
	void (*lruvec_lock)(struct folio *folio);
	void (*lruvec_lock_irq)(struct folio *folio);
	void (*lruvec_lock_irqsave)(struct folio *folio);
};

/**
 * struct swaptbl_engine - an engine
 * @name: its name
 * @owner: module that its code is in
 * @ops: its operations
 * @open: have a device of at least so many slots, which stays until @close, and which
 *	nobody else uses; 0 or an error
 * @close: undo that
 * @nr_free: slots that the open device has free
 * @border: largest count that is in the slot itself
 * @err_full: what @alloc returns if nothing is free
 * @err_fragmented: what it returns if no run of the order is free
 * @refuses: bad input to any operation gets an error and changes nothing
 * @mixes: a cluster may have runs of any orders; else of one, once it has any
 * @used: somebody has it
 * @node: link of the list of all
 */
struct swaptbl_engine {
	const char *name;
	struct module *owner;
	struct swaptbl_engine_ops ops;
	int (*open)(unsigned long slots);
	void (*close)(void);
	unsigned long (*nr_free)(void);
	unsigned long border;
	int err_full;
	int err_fragmented;
	bool refuses;
	bool mixes;
	bool used;
	struct list_head node;
};

#define SWAPTBL_ENGINE_OWN	"swaptbl"

/* By native/. */
#define SWAPTBL_ENGINE_NATIVE	"kernel"

int swaptbl_engine_register(struct swaptbl_engine *engine);
void swaptbl_engine_unregister(struct swaptbl_engine *engine);
struct swaptbl_engine *swaptbl_engine_get(const char *name);
void swaptbl_engine_put(struct swaptbl_engine *engine);

void swaptbl_engine_own_add(void);
void swaptbl_engine_own_del(void);

#endif /* _SWAPTBL_ENGINE_H */
