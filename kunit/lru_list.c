// SPDX-License-Identifier: GPL-2.0
/*
 * What is on the lists, and what batches do.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>

#include "../swaptbl/folio.h"
#include "lru_list.h"

const enum lru_list swaptbl_test_lrus[NR_LRU_LISTS] = {
	LRU_INACTIVE_ANON,
	LRU_ACTIVE_ANON,
	LRU_INACTIVE_FILE,
	LRU_ACTIVE_FILE,
	LRU_UNEVICTABLE,
};

void swaptbl_test_lru_desc(const enum lru_list *lru, char *desc)
{
	strscpy(desc, swaptbl_lru_stat_name(SWAPTBL_LRU_STAT_LISTS + *lru),
		KUNIT_PARAM_DESC_SIZE);
}

static int gather_add(struct folio *folio)
{
	return swaptbl_folio_add_lru(folio, LRU_INACTIVE_FILE);
}

const struct swaptbl_test_work swaptbl_test_works[SWAPTBL_TEST_NR_WORKS] = {
	{
		.name = "add",
		.gather = gather_add,
		.from = NR_LRU_LISTS,
		.to = LRU_INACTIVE_FILE,
		.stat = SWAPTBL_LRU_STAT_ADD,
	}, {
		.name = "rotate",
		.gather = swaptbl_folio_rotate_lru,
		.from = LRU_ACTIVE_FILE,
		.to = LRU_INACTIVE_FILE,
		.cold = true,
		.stat = SWAPTBL_LRU_STAT_ROTATE,
	}, {
		.name = "activate",
		.gather = swaptbl_folio_activate,
		.from = LRU_INACTIVE_ANON,
		.to = LRU_ACTIVE_ANON,
		.stat = SWAPTBL_LRU_STAT_ACTIVATE,
	}, {
		.name = "deactivate",
		.gather = swaptbl_folio_deactivate,
		.from = LRU_ACTIVE_ANON,
		.to = LRU_INACTIVE_ANON,
		.stat = SWAPTBL_LRU_STAT_DEACTIVATE,
	},
};

void swaptbl_test_work_desc(const struct swaptbl_test_work *work, char *desc)
{
	strscpy(desc, work->name, KUNIT_PARAM_DESC_SIZE);
}

unsigned int swaptbl_test_nodes(int *nids)
{
	nids[0] = first_memory_node;
	nids[1] = swaptbl_test_other_node();
	return nids[0] == nids[1] ? 1 : SWAPTBL_TEST_NODES;
}

struct folio *swaptbl_test_work_folio(struct kunit *test, struct swaptbl_group *group,
				      const struct swaptbl_test_work *work,
				      unsigned int order, int nid)
{
	if (work->from == NR_LRU_LISTS)
		return swaptbl_test_charged(test, group, order, nid);
	return swaptbl_test_on_lru(test, group, order, nid, work->from);
}

/* It is there, says so, and resolves to that. */
bool swaptbl_test_is_on(struct folio *folio, struct swaptbl_group *group,
			enum lru_list lru)
{
	struct swaptbl_lruvec *lruvec;
	struct list_head *list;
	unsigned int nth = 0;
	struct folio *other;
	bool there = false;

	lruvec = swaptbl_group_lruvec_lock_irq(group, folio_nid(folio));
	if (!lruvec)
		return false;
	while ((list = __swaptbl_lruvec_list(lruvec, lru, nth++)))
		list_for_each_entry(other, list, lru)
			there |= other == folio;
	there &= swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU) &&
		 swaptbl_folio_lruvec(folio) == lruvec;
	swaptbl_lruvec_unlock_irq(lruvec);
	return there;
}

/* From the hot end to the cold one, these and no others. */
bool swaptbl_test_list_is(struct swaptbl_group *group, int nid, enum lru_list lru,
			  struct folio * const *folios, unsigned int nr)
{
	struct swaptbl_lruvec *lruvec = swaptbl_group_lruvec_lock_irq(group, nid);
	struct list_head *list;
	unsigned int nth = 0;
	struct folio *folio;
	bool same = true;

	if (!lruvec)
		return false;
	while ((list = __swaptbl_lruvec_list(lruvec, lru, nth++)))
		list_for_each_entry_reverse(folio, list, lru)
			same &= nr && folios[--nr] == folio;
	swaptbl_lruvec_unlock_irq(lruvec);
	return same && !nr;
}

static enum lru_list list_of(struct folio *folio)
{
	struct swaptbl_lruvec *lruvec = swaptbl_folio_lruvec_lock_irq(folio);
	enum lru_list lru;

	if (!lruvec)
		return NR_LRU_LISTS;
	lru = __swaptbl_lruvec_class(lruvec, folio);
	swaptbl_lruvec_unlock_irq(lruvec);
	return lru;
}

static bool size_is(struct swaptbl_lruvec *lruvec, enum lru_list lru, int zid,
		    struct folio * const *folios, unsigned int nr)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (folio_nid(folios[i]) == lruvec->nid &&
		    folio_zonenum(folios[i]) == zid &&
		    list_of(folios[i]) == lru)
			pages += folio_nr_pages(folios[i]);
	return READ_ONCE(lruvec->size[zid][lru]) == pages;
}

/* By node, zone and list, the sizes are those of these folios, on lists, and no others. */
bool swaptbl_test_sizes_are(struct swaptbl_group *group,
			    struct folio * const *folios, unsigned int nr)
{
	enum lru_list lru;
	bool same = true;
	int nid, zid;

	for_each_node(nid)
		for (zid = 0; zid < MAX_NR_ZONES; zid++)
			for_each_lru(lru)
				same &= size_is(group->lruvec[nid], lru, zid,
						folios, nr);
	return same;
}

void swaptbl_test_lru_state(struct folio *folio, struct swaptbl_group *group,
			    struct swaptbl_test_lru_state *state)
{
	memset(state, 0, sizeof(*state));
	state->index = folio->index;
	state->refs = folio_ref_count(folio);
	state->usage = atomic_long_read(&group->usage);
	swaptbl_group_stats(group, state->stat, NULL);
}

bool swaptbl_test_lru_unchanged(struct folio *folio, struct swaptbl_group *group,
				const struct swaptbl_test_lru_state *before)
{
	struct swaptbl_test_lru_state now;

	swaptbl_test_lru_state(folio, group, &now);
	return !memcmp(&now, before, sizeof(now));
}

int swaptbl_test_off_lru(struct folio *folio)
{
	int err = swaptbl_folio_isolate_lru(folio);

	if (err)
		return err;
	err = swaptbl_folio_release_lru(folio);
	folio_put(folio);
	return err;
}

static bool lists_empty(struct swaptbl_group *group)
{
	enum lru_list lru;
	bool empty = true;
	int nid;

	for_each_node(nid) {
		for_each_lru(lru)
			empty &= list_empty(&group->lruvec[nid]->lists[lru]);
		empty &= !group->lruvec[nid]->gens ||
			 swaptbl_lru_gens_empty(group->lruvec[nid]->gens);
	}
	return empty;
}

/*
 * The lruvecs of the group, which go a grace period later, describe nothing afterwards,
 * else -EUCLEAN. No other actor may sleep meanwhile.
 */
int swaptbl_test_remove(struct swaptbl_group *group)
{
	int err;

	rcu_read_lock();
	err = swaptbl_group_remove(group);
	if (!err && !(lists_empty(group) && swaptbl_test_sizes_are(group, NULL, 0)))
		err = -EUCLEAN;
	rcu_read_unlock();
	return err;
}
