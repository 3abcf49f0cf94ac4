// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites of groups and lruvecs share.
 */
#include <kunit/resource.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/nodemask.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/handle.h"
#include "lru_util.h"

/* A case may have removed some of the groups itself, or none as it was aborted. */
static void remove_all(struct swaptbl_tree *tree)
{
	struct swaptbl_group *group;
	unsigned long left;
	unsigned int id;

	do {
		left = READ_ONCE(tree->nr_groups);
		id = 0;
		while ((group = swaptbl_group_next(tree->root, &id))) {
			swaptbl_group_remove(group);
			swaptbl_group_put(group);
		}
	} while (READ_ONCE(tree->nr_groups) < left);
}

static void tree_release(void *ctx)
{
	struct swaptbl_tree *tree = ctx;

	remove_all(tree);
	WARN_ON(swaptbl_tree_destroy(tree));
}

struct swaptbl_tree *swaptbl_test_tree_of(struct kunit *test,
					  enum swaptbl_tree_kind kind)
{
	struct swaptbl_tree *tree = swaptbl_tree_create(kind);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tree);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, tree_release, tree));
	return tree;
}

struct swaptbl_tree *swaptbl_test_tree(struct kunit *test)
{
	return swaptbl_test_tree_of(test, swaptbl_test_kind());
}

static void group_release(void *ctx)
{
	swaptbl_group_put(ctx);
}

struct swaptbl_group *swaptbl_test_child(struct kunit *test,
					 struct swaptbl_group *parent)
{
	struct swaptbl_group *group;

	group = swaptbl_group_create(parent, SWAPTBL_GROUP_NO_LIMIT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, group_release, group));
	return group;
}

/* A child of the root of a tree of its own. */
struct swaptbl_group *swaptbl_test_group(struct kunit *test)
{
	return swaptbl_test_child(test, swaptbl_test_tree(test)->root);
}

struct folio *swaptbl_test_folio_on(struct kunit *test, unsigned int order, int nid)
{
	struct folio *folio = __folio_alloc_node(GFP_KERNEL | __GFP_THISNODE, order,
						 nid);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	swaptbl_folio_init(folio);
	folio_lock(folio);
	swaptbl_test_folio_adopt(test, folio);
	return folio;
}

struct folio *swaptbl_test_charged(struct kunit *test, struct swaptbl_group *group,
				   unsigned int order, int nid)
{
	struct folio *folio = swaptbl_test_folio_on(test, order, nid);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_charge(folio, group));
	folio_set_dirty(folio);
	return folio;
}

struct folio *swaptbl_test_on_lru(struct kunit *test, struct swaptbl_group *group,
				  unsigned int order, int nid, enum lru_list lru)
{
	struct folio *folio = swaptbl_test_charged(test, group, order, nid);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_add_lru(folio, lru));
	swaptbl_lru_drain_all();
	return folio;
}

int swaptbl_test_other_node(void)
{
	int nid = next_node(first_memory_node, node_states[N_MEMORY]);

	return nid < MAX_NUMNODES ? nid : first_memory_node;
}

long swaptbl_test_local(struct swaptbl_group *group, enum swaptbl_lru_stat stat)
{
	long local[SWAPTBL_NR_LRU_STATS];

	swaptbl_group_stats(group, local, NULL);
	return local[stat];
}

long swaptbl_test_total(struct swaptbl_group *group, enum swaptbl_lru_stat stat)
{
	long total[SWAPTBL_NR_LRU_STATS];

	swaptbl_group_stats(group, NULL, total);
	return total[stat];
}

/* Of a group that was not removed. */
unsigned long swaptbl_test_lru_size(struct swaptbl_group *group, int nid,
				    enum lru_list lru)
{
	return swaptbl_lruvec_lru_size(group->lruvec[nid], lru, MAX_NR_ZONES - 1);
}

/* Ids are given back in interrupts, some grace periods after their last use. */
bool swaptbl_test_handles_down_to(unsigned long nr)
{
	unsigned int tries;

	for (tries = 0; tries < 1000 && swaptbl_handles_nr() > nr; tries++) {
		rcu_barrier();
		usleep_range(500, 1000);
	}
	return swaptbl_handles_nr() <= nr;
}
