// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of lruvecs: what is on which list, in which order, and how much of it.
 * swaptbl/lruvec.c.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_list.h"

static const unsigned int orders[] = { 0, 4, 9 };

#define NR_ORDERS	ARRAY_SIZE(orders)

KUNIT_ARRAY_PARAM(lru, swaptbl_test_lrus, swaptbl_test_lru_desc);

static enum lru_list lru_of(struct kunit *test)
{
	return *(const enum lru_list *)test->param_value;
}

/* One of each order, the last one hot; appended to @folios. */
static unsigned int fill(struct kunit *test, struct swaptbl_group *group, int nid,
			 enum lru_list lru, struct folio **folios, unsigned int nr)
{
	struct folio *hot_first[NR_ORDERS];
	unsigned int i;

	for (i = 0; i < NR_ORDERS; i++) {
		folios[nr + i] = swaptbl_test_on_lru(test, group, orders[i], nid, lru);
		hot_first[NR_ORDERS - 1 - i] = folios[nr + i];
		KUNIT_EXPECT_TRUE(test, swaptbl_test_is_on(folios[nr + i], group, lru));
		KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, folios,
							       nr + i + 1));
		swaptbl_expect_tree_verified(test, group->tree);
	}
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, nid, lru, hot_first,
						     NR_ORDERS));
	return nr + NR_ORDERS;
}

/* Each node for itself, each list for itself; the sizes go as they came. */
static void sizes_are_those_of_folios(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folios[SWAPTBL_TEST_NODES * NR_ORDERS];
	unsigned int nr = 0, i, nodes;
	int nids[SWAPTBL_TEST_NODES];

	nodes = swaptbl_test_nodes(nids);
	for (i = 0; i < nodes; i++)
		nr = fill(test, group, nids[i], lru_of(test), folios, nr);
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_LISTS +
						 lru_of(test)),
			nodes * (1 + 16 + 512));
	while (nr--) {
		KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(folios[nr]), 0);
		KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, folios, nr));
		swaptbl_expect_tree_verified(test, group->tree);
	}
	KUNIT_EXPECT_EQ(test, atomic_long_read(&group->usage), 0);
}

/* From the lowest zone of the first node, or the highest. */
static struct folio *on_lru_of_zone(struct kunit *test, struct swaptbl_group *group,
				    gfp_t gfp, unsigned int order, enum lru_list lru)
{
	struct folio *folio = __folio_alloc_node(gfp | __GFP_THISNODE, order,
						 first_memory_node);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	swaptbl_folio_init(folio);
	folio_lock(folio);
	swaptbl_test_folio_adopt(test, folio);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_charge(folio, group));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_add_lru(folio, lru));
	swaptbl_lru_drain_all();
	return folio;
}

/* A zone is included with all below it; there is none above the last one. */
static void sizes_add_up_to_zone(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct swaptbl_lruvec *lruvec = group->lruvec[first_memory_node];
	struct folio *folios[2];
	unsigned long pages;
	int zid;

	folios[0] = on_lru_of_zone(test, group, GFP_DMA, 0, lru_of(test));
	folios[1] = on_lru_of_zone(test, group, GFP_HIGHUSER, 4, lru_of(test));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, folios, 2));
	for (zid = 0; zid < MAX_NR_ZONES + 2; zid++) {
		pages = folio_zonenum(folios[0]) <= zid ? 1 : 0;
		pages += folio_zonenum(folios[1]) <= zid ? 16 : 0;
		KUNIT_EXPECT_EQ(test, swaptbl_lruvec_lru_size(lruvec, lru_of(test),
							      zid), pages);
	}
	swaptbl_expect_tree_verified(test, group->tree);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(folios[0]), 0);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, &folios[1], 1));
	swaptbl_expect_tree_verified(test, group->tree);
}

static void mark_for(struct folio *folio, enum lru_list lru)
{
	if (lru == LRU_UNEVICTABLE)
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU_UNEVICTABLE);
	if (is_file_lru(lru))
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU_FILE);
	if (is_active_lru(lru))
		swaptbl_folio_set(folio, SWAPTBL_FOLIO_LRU_ACTIVE);
}

static void clear_marks(struct folio *folio)
{
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_UNEVICTABLE);
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_FILE);
	swaptbl_folio_clear(folio, SWAPTBL_FOLIO_LRU_ACTIVE);
}

#define NR_RAW	4

/* @raw[3] hot, @raw[1] cold, as the calls below have it. */
static void add_raw(struct kunit *test, struct swaptbl_group *group,
		    struct folio **raw, enum lru_list lru)
{
	struct swaptbl_lruvec *lruvec;
	unsigned int i;

	for (i = 0; i < NR_RAW; i++) {
		raw[i] = swaptbl_test_charged(test, group, i & 1,
					      first_memory_node);
		mark_for(raw[i], lru);
		KUNIT_EXPECT_EQ(test, swaptbl_folio_lru_list(raw[i]), lru);
	}
	lruvec = swaptbl_folio_lruvec_lock_irq(raw[0]);
	KUNIT_ASSERT_NOT_NULL(test, lruvec);
	__swaptbl_lruvec_add_folio(lruvec, raw[0]);
	__swaptbl_lruvec_add_folio_tail(lruvec, raw[1]);
	__swaptbl_lruvec_add_folio(lruvec, raw[2]);
	__swaptbl_lruvec_add_folio(lruvec, raw[3]);
	swaptbl_lruvec_unlock_irq(lruvec);
}

/* Before anything may assert: their flags do not say that they are on a list. */
static void del_raw(struct folio **raw, unsigned int nr)
{
	struct swaptbl_lruvec *lruvec;
	unsigned int i;

	lruvec = swaptbl_folio_lruvec_lock_irq(raw[0]);
	for (i = 0; i < nr; i++)
		__swaptbl_lruvec_del_folio(lruvec, raw[i]);
	swaptbl_lruvec_unlock_irq(lruvec);
}

static void hot_end_is_the_head(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	enum lru_list lru = lru_of(test);
	struct folio *raw[NR_RAW], *order[NR_RAW];
	unsigned int i;

	add_raw(test, group, raw, lru);
	order[0] = raw[3];
	order[1] = raw[2];
	order[2] = raw[0];
	order[3] = raw[1];
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, first_memory_node, lru,
						     order, NR_RAW));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, order, NR_RAW));
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_LISTS + lru),
			6);
	/* From the middle. */
	del_raw(&raw[2], 1);
	order[1] = raw[0];
	order[2] = raw[1];
	KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(group, first_memory_node, lru,
						     order, NR_RAW - 1));
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, order, NR_RAW - 1));
	del_raw(order, NR_RAW - 1);
	KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(group, NULL, 0));
	for (i = 0; i < NR_RAW; i++)
		clear_marks(raw[i]);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* A list has one reference, and nothing else has: neither charge nor batch. */
static void list_has_one_reference(struct kunit *test)
{
	struct swaptbl_group *group = swaptbl_test_group(test);
	struct folio *folio = swaptbl_test_charged(test, group, 0, first_memory_node);

	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_add_lru(folio, lru_of(test)), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	swaptbl_lru_drain_all();
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	swaptbl_expect_tree_verified(test, group->tree);
	/* Isolation hands it over, the way back returns it. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_putback_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_folio_release_lru(folio), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	folio_put(folio);
	swaptbl_expect_tree_verified(test, group->tree);
}

/* Those of the group itself, not of one above, below or beside it. */
static void each_group_has_its_own(struct kunit *test)
{
	struct swaptbl_tree *tree = swaptbl_test_tree(test);
	enum lru_list lru = lru_of(test);
	struct swaptbl_group *groups[4];
	struct folio *folios[4];
	unsigned int i;

	groups[0] = tree->root;
	groups[1] = swaptbl_test_child(test, groups[0]);
	groups[2] = swaptbl_test_child(test, groups[1]);
	groups[3] = swaptbl_test_child(test, groups[1]);
	for (i = 0; i < 4; i++)
		folios[i] = swaptbl_test_on_lru(test, groups[i], i, first_memory_node,
						lru);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_TRUE(test, swaptbl_test_list_is(groups[i],
							     first_memory_node, lru,
							     &folios[i], 1));
		KUNIT_EXPECT_TRUE(test, swaptbl_test_sizes_are(groups[i], &folios[i],
							       1));
	}
	swaptbl_expect_tree_verified(test, tree);
}

static struct kunit_case swaptbl_lruvec_cases[] = {
	KUNIT_CASE_PARAM(sizes_are_those_of_folios, lru_gen_params),
	KUNIT_CASE_PARAM(sizes_add_up_to_zone, lru_gen_params),
	KUNIT_CASE_PARAM(hot_end_is_the_head, lru_gen_params),
	KUNIT_CASE_PARAM(list_has_one_reference, lru_gen_params),
	KUNIT_CASE_PARAM(each_group_has_its_own, lru_gen_params),
	{}
};

static struct kunit_suite swaptbl_lruvec_suite = {
	.name = "swaptbl_lruvec",
	.test_cases = swaptbl_lruvec_cases,
};

kunit_test_suite(swaptbl_lruvec_suite);
