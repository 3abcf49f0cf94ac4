/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is on the lists, and what batches do, for the suites of lruvecs and reparenting.
 */
#ifndef _SWAPTBL_KUNIT_LRU_LIST_H
#define _SWAPTBL_KUNIT_LRU_LIST_H

#include "../swaptbl/compat.h"
#include "lru_util.h"

/* Folios that a batch has room for. */
#define SWAPTBL_TEST_BATCH \
	(sizeof_field(struct folio_batch, folios) / sizeof(struct folio *))

/* All lists, as a parameter. */
extern const enum lru_list swaptbl_test_lrus[NR_LRU_LISTS];
void swaptbl_test_lru_desc(const enum lru_list *lru, char *desc);

/**
 * struct swaptbl_test_work - what batches are for
 * @name: of the work
 * @gather: gathers a folio for it
 * @from: list of the folio before; NR_LRU_LISTS for none
 * @to: list of the folio afterwards
 * @cold: it is at the cold end then, not at the hot one
 * @stat: counts its pages
 */
struct swaptbl_test_work {
	const char *name;
	int (*gather)(struct folio *folio);
	enum lru_list from;
	enum lru_list to;
	bool cold;
	enum swaptbl_lru_stat stat;
};

/* One of each kind, as a parameter. */
#define SWAPTBL_TEST_NR_WORKS	4
extern const struct swaptbl_test_work swaptbl_test_works[SWAPTBL_TEST_NR_WORKS];
void swaptbl_test_work_desc(const struct swaptbl_test_work *work, char *desc);

/* Up to two nodes with memory; the number of them. */
#define SWAPTBL_TEST_NODES	2
unsigned int swaptbl_test_nodes(int *nids);

/* A folio for @work to be gathered for. It goes with the test. */
struct folio *swaptbl_test_work_folio(struct kunit *test, struct swaptbl_group *group,
				      const struct swaptbl_test_work *work,
				      unsigned int order, int nid);

/* On lists; of groups that were removed, false. */
bool swaptbl_test_is_on(struct folio *folio, struct swaptbl_group *group,
			enum lru_list lru);
bool swaptbl_test_list_is(struct swaptbl_group *group, int nid, enum lru_list lru,
			  struct folio * const *folios, unsigned int nr);
bool swaptbl_test_sizes_are(struct swaptbl_group *group,
			    struct folio * const *folios, unsigned int nr);

/**
 * struct swaptbl_test_lru_state - all that an operation could change
 * @index: handle and flags
 * @refs: references to the folio
 * @usage: pages charged to the group
 * @stat: statistics of the group
 */
struct swaptbl_test_lru_state {
	unsigned long index;
	int refs;
	long usage;
	long stat[SWAPTBL_NR_LRU_STATS];
};

void swaptbl_test_lru_state(struct folio *folio, struct swaptbl_group *group,
			    struct swaptbl_test_lru_state *state);
bool swaptbl_test_lru_unchanged(struct folio *folio, struct swaptbl_group *group,
				const struct swaptbl_test_lru_state *before);

/* The normal way of a folio off its list: 0 or an error. */
int swaptbl_test_off_lru(struct folio *folio);
int swaptbl_test_remove(struct swaptbl_group *group);

#endif /* _SWAPTBL_KUNIT_LRU_LIST_H */
