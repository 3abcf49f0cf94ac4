/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the cases of the contract share. They know an engine by its table only.
 */
#ifndef _SWAPTBL_KUNIT_CONTRACT_H
#define _SWAPTBL_KUNIT_CONTRACT_H

#include <kunit/test.h>
#include <linux/mm.h>

#include "../swaptbl/engine.h"

/* The device of a case. The lab's ram disk for the kernel's engine has as many. */
#define CONTRACT_SLOTS	1023

/**
 * struct contract_subject - what a case is run with
 * @engine: name of the engine
 * @order: of its folios
 */
struct contract_subject {
	const char *engine;
	unsigned int order;
};

#define CONTRACT_NR_ORDERS	3
#define CONTRACT_NR_SUBJECTS	(2 * CONTRACT_NR_ORDERS)

/* All orders of one engine, then of the other; every third one is of order 0. */
extern const struct contract_subject contract_subjects[CONTRACT_NR_SUBJECTS];
void contract_desc(const struct contract_subject *subject, char *desc);

/**
 * struct contract - an engine under test
 * @test: the case
 * @engine: the engine, whose device is open
 * @ops: its operations
 * @order: of folios
 * @nr: their pages
 * @nr_free: slots that were free at the beginning
 */
struct contract {
	struct kunit *test;
	struct swaptbl_engine *engine;
	const struct swaptbl_engine_ops *ops;
	unsigned int order;
	unsigned int nr;
	unsigned long nr_free;
};

/* Skips the case, with the reason, where there is no such engine. */
void contract_begin(struct kunit *test, struct contract *c);

/* All slots are free again. */
void contract_end(struct contract *c);

/* A locked folio with slots, without them, and without a reference to it. */
struct folio *contract_bound(struct contract *c);
int contract_unbind(struct contract *c, struct folio *folio);
void contract_drop(struct folio *folio);

swp_entry_t contract_entry(const struct folio *folio, unsigned int i);
unsigned long contract_slots_used(const struct contract *c);

/* Each slot of the folio has this count, and is bound to it. */
void contract_expect_counts(struct contract *c, struct folio *folio, long count);

/* Each of @nr slots has this count, and no folio. */
void contract_expect_swapped(struct contract *c, swp_entry_t entry, unsigned int nr,
			     long count);

#endif /* _SWAPTBL_KUNIT_CONTRACT_H */
