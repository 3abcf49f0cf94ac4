/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites about groups, charges and statistics share: groups with a limit, folios
 * and slots that are charged to them, and which ids are named.
 */
#ifndef _SWAPTBL_KUNIT_GROUP_UTIL_H
#define _SWAPTBL_KUNIT_GROUP_UTIL_H

#include <linux/atomic.h>

#include "lru_util.h"

struct seq_file;

/* Once all that is under way has been given back. */
unsigned long swaptbl_test_handles_settled(void);
bool swaptbl_test_named(unsigned int id);

/* All assert that they succeed, and go with the test. */
struct swaptbl_group *swaptbl_test_limited(struct kunit *test,
					   struct swaptbl_group *parent, long limit);
struct folio *swaptbl_test_bound_of(struct kunit *test, struct swaptbl_device *dev,
				    struct swaptbl_group *group,
				    unsigned int order, u32 seed);
struct folio *swaptbl_test_bound_on_lru(struct kunit *test,
					struct swaptbl_device *dev,
					struct swaptbl_group *group,
					enum lru_list lru, u32 seed);
unsigned long swaptbl_test_evicted_of(struct kunit *test,
				      struct swaptbl_device *dev,
				      struct swaptbl_group *group,
				      unsigned int order, u32 seed);

#define SWAPTBL_TEST_LEVELS	4

/**
 * struct swaptbl_test_levels - a root and three groups in a row below it
 * @tree: the tree
 * @group: from the root on down
 */
struct swaptbl_test_levels {
	struct swaptbl_tree *tree;
	struct swaptbl_group *group[SWAPTBL_TEST_LEVELS];
};

void swaptbl_test_levels(struct kunit *test, struct swaptbl_test_levels *levels);

/* Local and total of one statistic. */
void swaptbl_expect_stat(struct kunit *test, struct swaptbl_group *group,
			 enum swaptbl_lru_stat stat, long local, long total);

void swaptbl_test_limit(struct swaptbl_group *group, long limit);
bool swaptbl_test_is_charged(const struct folio *folio);
bool swaptbl_test_is_on_lru(const struct folio *folio);
unsigned int swaptbl_test_slot_group(struct swaptbl_device *dev,
				     unsigned long offset);

void swaptbl_test_report_init(struct kunit *test, struct seq_file *m);
bool swaptbl_test_report_names(const struct seq_file *m, const char *name);

#define swaptbl_expect_usage(test, group, nr) \
	KUNIT_EXPECT_EQ(test, atomic_long_read(&(group)->usage), (long)(nr))

#define swaptbl_expect_slots(test, group, nr) \
	KUNIT_EXPECT_EQ(test, atomic_long_read(&(group)->swap), (long)(nr))

#endif /* _SWAPTBL_KUNIT_GROUP_UTIL_H */
