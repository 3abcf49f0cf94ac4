/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of groups and lruvecs share: trees and charged folios that clean up
 * after themselves, and the oracle.
 */
#ifndef _SWAPTBL_KUNIT_LRU_UTIL_H
#define _SWAPTBL_KUNIT_LRU_UTIL_H

#include <kunit/test.h>
#include <linux/mm.h>

#include "../swaptbl/group.h"
#include "../swaptbl/group_verify.h"
#include "../swaptbl/lru.h"
#include "../swaptbl/lruvec.h"
#include "util.h"

/* The oracle found nothing wrong. */
#define swaptbl_expect_tree_verified(test, tree) \
	KUNIT_EXPECT_EQ(test, swaptbl_tree_verify(tree, NULL), 0)

/* Of the trees that all cases make, but those that are about one kind. */
static inline enum swaptbl_tree_kind swaptbl_test_kind(void)
{
	return swaptbl_test_lru_gen ? SWAPTBL_TREE_GENS : SWAPTBL_TREE_LISTS;
}

/* All assert that they succeed, and go with the test. */
struct swaptbl_tree *swaptbl_test_tree(struct kunit *test);
struct swaptbl_tree *swaptbl_test_tree_of(struct kunit *test,
					  enum swaptbl_tree_kind kind);
struct swaptbl_group *swaptbl_test_child(struct kunit *test,
					 struct swaptbl_group *parent);
struct swaptbl_group *swaptbl_test_group(struct kunit *test);
struct folio *swaptbl_test_folio_on(struct kunit *test, unsigned int order, int nid);
struct folio *swaptbl_test_charged(struct kunit *test, struct swaptbl_group *group,
				   unsigned int order, int nid);
struct folio *swaptbl_test_on_lru(struct kunit *test, struct swaptbl_group *group,
				  unsigned int order, int nid, enum lru_list lru);

/* A second node with memory, or the first where there is none. */
int swaptbl_test_other_node(void);

long swaptbl_test_local(struct swaptbl_group *group, enum swaptbl_lru_stat stat);
long swaptbl_test_total(struct swaptbl_group *group, enum swaptbl_lru_stat stat);
unsigned long swaptbl_test_lru_size(struct swaptbl_group *group, int nid,
				    enum lru_list lru);
bool swaptbl_test_handles_down_to(unsigned long nr);

#endif /* _SWAPTBL_KUNIT_LRU_UTIL_H */
