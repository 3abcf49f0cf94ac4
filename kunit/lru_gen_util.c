// SPDX-License-Identifier: GPL-2.0
/*
 * For the suites of generations: a model of where each folio has to be.
 *
 * It knows of no windows: a generation is told by its number modulo SWAPTBL_LRU_GENS, and
 * the one that was just opened has the number of the one that had to go for it.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_gen_util.h"

struct swaptbl_test_spots *swaptbl_test_spots(struct kunit *test)
{
	struct swaptbl_test_spots *spots;

	spots = kunit_kzalloc(test, sizeof(*spots), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, spots);
	spots->tree = swaptbl_test_tree_of(test, SWAPTBL_TREE_GENS);
	return spots;
}

static struct swaptbl_lru_gens *gens_of(struct swaptbl_group *group, int nid)
{
	return group->lruvec[nid]->gens;
}

static unsigned int gen_by_age(struct swaptbl_group *group, int nid, unsigned int age)
{
	return (gens_of(group, nid)->max_seq - age) & 3;
}

static unsigned int age_of(const struct swaptbl_test_spot *spot)
{
	int nid = folio_nid(spot->folio);

	return (gens_of(spot->group, nid)->max_seq - spot->gen) & 3;
}

void swaptbl_test_spot_put(struct swaptbl_test_spots *spots, struct folio *folio,
			   struct swaptbl_group *group, unsigned int type,
			   unsigned int age, bool cold)
{
	struct swaptbl_test_spot *spot = &spots->spot[cold ? spots->nr : 0];

	if (WARN_ON(spots->nr == SWAPTBL_TEST_SPOTS))
		return;
	if (!cold)
		memmove(spot + 1, spot, spots->nr * sizeof(*spot));
	spots->nr++;
	*spot = (struct swaptbl_test_spot){
		.folio = folio,
		.group = group,
		.type = type,
		.gen = gen_by_age(group, folio_nid(folio), age),
	};
}

static unsigned int type_of(enum lru_list lru)
{
	if (lru == LRU_UNEVICTABLE)
		return SWAPTBL_TEST_UNEVICTABLE;
	return is_file_lru(lru);
}

/* To where one goes that comes from no list. */
void swaptbl_test_spot_come(struct swaptbl_test_spots *spots, struct folio *folio,
			    struct swaptbl_group *group, enum lru_list lru)
{
	swaptbl_test_spot_put(spots, folio, group, type_of(lru),
			      is_active_lru(lru) ? 0 : 2, false);
}

struct swaptbl_test_spot *swaptbl_test_spot_of(struct swaptbl_test_spots *spots,
					       const struct folio *folio)
{
	unsigned int i;

	for (i = 0; i < spots->nr; i++)
		if (spots->spot[i].folio == folio)
			return &spots->spot[i];
	return NULL;
}

static void take(struct swaptbl_test_spots *spots, unsigned int i)
{
	spots->nr--;
	memmove(&spots->spot[i], &spots->spot[i + 1],
		(spots->nr - i) * sizeof(spots->spot[0]));
}

void swaptbl_test_spot_take(struct swaptbl_test_spots *spots, const struct folio *folio)
{
	struct swaptbl_test_spot *spot = swaptbl_test_spot_of(spots, folio);

	if (!WARN_ON(!spot))
		take(spots, spot - spots->spot);
}

/* By age, and by nothing else. */
enum lru_list swaptbl_test_spot_class(const struct swaptbl_test_spot *spot)
{
	static const enum lru_list classes[ANON_AND_FILE][SWAPTBL_LRU_GENS] = {
		{ LRU_ACTIVE_ANON, LRU_ACTIVE_ANON, LRU_INACTIVE_ANON,
		  LRU_INACTIVE_ANON },
		{ LRU_ACTIVE_FILE, LRU_ACTIVE_FILE, LRU_INACTIVE_FILE,
		  LRU_INACTIVE_FILE },
	};

	if (spot->type == SWAPTBL_TEST_UNEVICTABLE)
		return LRU_UNEVICTABLE;
	return classes[spot->type][age_of(spot)];
}

/* Behind all others, in the order that they are in. */
static struct swaptbl_test_spot *to_end(struct swaptbl_test_spots *spots,
					unsigned int i)
{
	struct swaptbl_test_spot spot = spots->spot[i];

	take(spots, i);
	spots->spot[spots->nr] = spot;
	return &spots->spot[spots->nr++];
}

static bool is_in(const struct swaptbl_test_spot *spot, struct swaptbl_group *group,
		  int nid, unsigned int type, unsigned int gen)
{
	return spot->group == group && folio_nid(spot->folio) == nid &&
	       spot->type == type && spot->gen == gen;
}

/* The first @nr of a generation, to the cold end of the next. */
void swaptbl_test_spots_retire(struct swaptbl_test_spots *spots,
			       struct swaptbl_group *group, int nid, unsigned int type,
			       unsigned int gen, unsigned int nr)
{
	unsigned int left = spots->nr, i = 0;

	for (; left && nr; left--) {
		if (is_in(&spots->spot[i], group, nid, type, gen)) {
			to_end(spots, i)->gen = (gen + 1) & 3;
			nr--;
		} else {
			i++;
		}
	}
}

void swaptbl_test_spots_aged(struct swaptbl_test_spots *spots,
			     struct swaptbl_group *group, int nid)
{
	unsigned int gen = gen_by_age(group, nid, 0);

	swaptbl_test_spots_retire(spots, group, nid, 0, gen, UINT_MAX);
	swaptbl_test_spots_retire(spots, group, nid, 1, gen, UINT_MAX);
}

/* Folios of one node, to the parent. */
void swaptbl_test_spots_moved(struct swaptbl_test_spots *spots,
			      struct swaptbl_group *group, int nid)
{
	unsigned int left = spots->nr, i = 0;
	struct swaptbl_test_spot *spot;

	for (; left; left--) {
		spot = &spots->spot[i];
		if (spot->group == group && folio_nid(spot->folio) == nid)
			to_end(spots, i)->group = group->parent;
		else
			i++;
	}
}

const struct swaptbl_test_mover swaptbl_test_movers[SWAPTBL_TEST_NR_MOVES] = {
	[SWAPTBL_TEST_ROTATE]		= { "rotate", swaptbl_folio_rotate_lru },
	[SWAPTBL_TEST_ACTIVATE]		= { "activate", swaptbl_folio_activate },
	[SWAPTBL_TEST_DEACTIVATE]	= { "deactivate", swaptbl_folio_deactivate },
	[SWAPTBL_TEST_PUTBACK]		= { "putback", NULL },
};

void swaptbl_test_mover_desc(const struct swaptbl_test_mover *mover, char *desc)
{
	strscpy(desc, mover->name, KUNIT_PARAM_DESC_SIZE);
}

static bool has_moved(enum swaptbl_test_move move, bool was_active)
{
	if (move == SWAPTBL_TEST_ACTIVATE)
		return !was_active;
	return move != SWAPTBL_TEST_DEACTIVATE || was_active;
}

static unsigned int age_after(enum swaptbl_test_move move, bool was_active)
{
	if (move == SWAPTBL_TEST_PUTBACK)
		return was_active ? 0 : 2;
	return move == SWAPTBL_TEST_ACTIVATE ? 0 : 2;
}

void swaptbl_test_spot_move(struct swaptbl_test_spots *spots, struct folio *folio,
			    enum swaptbl_test_move move)
{
	struct swaptbl_test_spot spot = *swaptbl_test_spot_of(spots, folio);
	bool active = is_active_lru(swaptbl_test_spot_class(&spot));
	bool cold = move == SWAPTBL_TEST_ROTATE;
	unsigned int age;

	if (spot.type == SWAPTBL_TEST_UNEVICTABLE || !has_moved(move, active))
		return;
	age = age_after(move, active);
	if (cold)
		age = swaptbl_test_gens(spot.group, folio_nid(folio), spot.type) - 1;
	swaptbl_test_spot_take(spots, folio);
	swaptbl_test_spot_put(spots, folio, spot.group, spot.type, age, cold);
}

int swaptbl_test_spot_add(struct swaptbl_test_spots *spots, struct folio *folio,
			  struct swaptbl_group *group, enum lru_list lru)
{
	int err = swaptbl_folio_charge(folio, group);

	if (!err)
		err = swaptbl_folio_add_lru(folio, lru);
	swaptbl_lru_drain_all();
	swaptbl_test_spot_come(spots, folio, group, lru);
	return err;
}

struct folio *swaptbl_test_spot_new(struct kunit *test,
				    struct swaptbl_test_spots *spots,
				    struct swaptbl_group *group, unsigned int order,
				    int nid, enum lru_list lru)
{
	struct folio *folio = swaptbl_test_folio_on(test, order, nid);

	KUNIT_ASSERT_EQ(test, swaptbl_test_spot_add(spots, folio, group, lru), 0);
	return folio;
}

int swaptbl_test_spot_off(struct swaptbl_test_spots *spots, struct folio *folio)
{
	swaptbl_test_spot_take(spots, folio);
	return swaptbl_test_off_lru(folio);
}

int swaptbl_test_spots_age(struct swaptbl_test_spots *spots,
			   struct swaptbl_group *group, int nid)
{
	int err = swaptbl_group_age(group, nid);

	if (!err)
		swaptbl_test_spots_aged(spots, group, nid);
	return err;
}

static bool counts_nothing(struct swaptbl_group *group)
{
	bool nothing = true;
	int nid;

	for_each_node(nid)
		nothing &= !memchr_inv(gens_of(group, nid)->size, 0,
				       sizeof(gens_of(group, nid)->size));
	return nothing;
}

/* As swaptbl_test_remove(), and no generation of the group is counted any more. */
int swaptbl_test_spots_remove(struct swaptbl_test_spots *spots,
			      struct swaptbl_group *group)
{
	int err, nid;

	rcu_read_lock();
	err = swaptbl_test_remove(group);
	if (!err && !counts_nothing(group))
		err = -EUCLEAN;
	rcu_read_unlock();
	for_each_node(nid)
		swaptbl_test_spots_moved(spots, group, nid);
	return err;
}

/**
 * struct sums - what has to be counted at a lruvec
 * @gen: pages, as struct swaptbl_lru_gens has them
 * @size: pages, as struct swaptbl_lruvec has them
 * @local: statistics of the lists
 * @total: likewise, with all groups below
 */
struct sums {
	unsigned long gen[SWAPTBL_LRU_GENS][ANON_AND_FILE][MAX_NR_ZONES];
	unsigned long size[MAX_NR_ZONES][NR_LRU_LISTS];
	long local[NR_LRU_LISTS];
	long total[NR_LRU_LISTS];
};

static bool is_below(const struct swaptbl_group *group, const struct swaptbl_group *top)
{
	while (group && group != top)
		group = group->parent;
	return group;
}

static void sum_up(const struct swaptbl_test_spot *spot, struct swaptbl_group *group,
		   struct sums *sums)
{
	unsigned long pages = folio_nr_pages(spot->folio) + spot->extra;
	enum lru_list lru = swaptbl_test_spot_class(spot);
	int zid = folio_zonenum(spot->folio);

	if (is_below(spot->group, group))
		sums->total[lru] += pages;
	if (spot->group != group)
		return;
	sums->local[lru] += pages;
	sums->size[zid][lru] += pages;
	if (spot->type != SWAPTBL_TEST_UNEVICTABLE)
		sums->gen[spot->gen][spot->type][zid] += pages;
}

static void sums_take(const struct swaptbl_test_spots *spots,
		      struct swaptbl_group *group, int nid, struct sums *sums)
{
	unsigned int i;

	memset(sums, 0, sizeof(*sums));
	for (i = 0; i < spots->nr; i++)
		if (folio_nid(spots->spot[i].folio) == nid)
			sum_up(&spots->spot[i], group, sums);
}

/* From the hot end to the cold one, those of the model and no others. */
static bool __list_is(const struct swaptbl_test_spots *spots,
		      struct swaptbl_lruvec *lruvec, struct list_head *list,
		      unsigned int type, unsigned int gen)
{
	struct list_head *pos = list;
	unsigned int i;

	lockdep_assert_held(&lruvec->lru_lock);
	for (i = 0; i < spots->nr; i++) {
		if (!is_in(&spots->spot[i], lruvec->group, lruvec->nid, type,
			   type == SWAPTBL_TEST_UNEVICTABLE ? spots->spot[i].gen : gen))
			continue;
		pos = pos->next;
		if (pos != &spots->spot[i].folio->lru)
			return false;
	}
	return pos->next == list;
}

static bool __lists_are(const struct swaptbl_test_spots *spots,
			struct swaptbl_lruvec *lruvec)
{
	unsigned int type, gen;
	enum lru_list lru;
	bool same;

	lockdep_assert_held(&lruvec->lru_lock);
	same = __list_is(spots, lruvec, &lruvec->lists[LRU_UNEVICTABLE],
			 SWAPTBL_TEST_UNEVICTABLE, 0);
	for_each_evictable_lru(lru)
		same &= list_empty(&lruvec->lists[lru]);
	for (gen = 0; gen < SWAPTBL_LRU_GENS; gen++)
		for (type = 0; type < ANON_AND_FILE; type++)
			same &= __list_is(spots, lruvec, &lruvec->gens->lists[gen][type],
					  type, gen);
	return same;
}

static bool lists_are(const struct swaptbl_test_spots *spots,
		      struct swaptbl_group *group, int nid)
{
	struct swaptbl_lruvec *lruvec = swaptbl_group_lruvec_lock_irq(group, nid);
	bool same;

	if (!lruvec)
		return false;
	same = __lists_are(spots, lruvec);
	swaptbl_lruvec_unlock_irq(lruvec);
	return same;
}

#define expect_at(test, condition, group, nid) \
	KUNIT_EXPECT_TRUE_MSG(test, condition, "at depth %u node %d", \
			      (group)->depth, nid)

static void expect_node(struct kunit *test, const struct swaptbl_test_spots *spots,
			struct swaptbl_group *group, int nid)
{
	struct swaptbl_lruvec *lruvec = group->lruvec[nid];
	const struct swaptbl_lru_stats *stat = &lruvec->stat;
	enum lru_list lru;
	struct sums sums;

	sums_take(spots, group, nid, &sums);
	expect_at(test, lists_are(spots, group, nid), group, nid);
	expect_at(test, !memcmp(lruvec->gens->size, sums.gen, sizeof(sums.gen)), group,
		  nid);
	expect_at(test, !memcmp(lruvec->size, sums.size, sizeof(sums.size)), group, nid);
	for_each_lru(lru) {
		expect_at(test, swaptbl_test_lru_size(group, nid, lru) ==
				sums.local[lru], group, nid);
		expect_at(test, stat->local[SWAPTBL_LRU_STAT_LISTS + lru] ==
				sums.local[lru], group, nid);
		expect_at(test, stat->total[SWAPTBL_LRU_STAT_LISTS + lru] ==
				sums.total[lru], group, nid);
	}
}

/* It says so itself, and is in a generation that there is. */
static bool spot_is_right(const struct swaptbl_test_spot *spot)
{
	int nid = folio_nid(spot->folio);

	if (swaptbl_folio_lru(spot->folio) != swaptbl_test_spot_class(spot))
		return false;
	return spot->type == SWAPTBL_TEST_UNEVICTABLE ||
	       age_of(spot) < swaptbl_test_gens(spot->group, nid, spot->type);
}

void swaptbl_test_spots_expect(struct kunit *test, struct swaptbl_test_spots *spots)
{
	struct swaptbl_group *group;
	unsigned int id = 0, i;
	int nid;

	swaptbl_group_stats(spots->tree->root, NULL, NULL);
	while ((group = swaptbl_group_next(spots->tree->root, &id))) {
		for_each_node(nid)
			expect_node(test, spots, group, nid);
		swaptbl_group_put(group);
	}
	for (i = 0; i < spots->nr; i++)
		KUNIT_EXPECT_TRUE(test, spot_is_right(&spots->spot[i]));
	/* What comes after that is wrong too. */
	KUNIT_ASSERT_EQ(test, READ_ONCE(test->status), KUNIT_SUCCESS);
}

void swaptbl_test_spots_verify(struct kunit *test, struct swaptbl_test_spots *spots)
{
	swaptbl_test_spots_expect(test, spots);
	swaptbl_expect_tree_verified(test, spots->tree);
}

unsigned long swaptbl_test_gens(struct swaptbl_group *group, int nid, unsigned int type)
{
	const struct swaptbl_lru_gens *gens = gens_of(group, nid);

	return gens->max_seq - gens->min_seq[type] + 1;
}

/* By an isolation of nothing. */
void swaptbl_test_gens_trim(struct swaptbl_group *group, int nid)
{
	struct folio_batch fbatch;

	folio_batch_init(&fbatch);
	swaptbl_isolate_lru_pages(group, nid, LRU_INACTIVE_ANON, 0, &fbatch);
	WARN_ON(folio_batch_count(&fbatch));
}

static unsigned int nr_gens(unsigned int window, unsigned int type)
{
	return window & 4 << type ? 3 : 4;
}

static const struct kind {
	gfp_t gfp;
	unsigned int order;
} kinds[] = {
	{ GFP_KERNEL, 0 },
	{ GFP_KERNEL, 2 },
	{ GFP_DMA, 0 },
};

static struct folio *folio_make(struct kunit *test, const struct kind *kind, int nid)
{
	struct folio *folio = __folio_alloc_node(kind->gfp | __GFP_THISNODE, kind->order,
						 nid);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	swaptbl_folio_init(folio);
	folio_lock(folio);
	swaptbl_test_folio_adopt(test, folio);
	return folio;
}

static void come(struct kunit *test, struct swaptbl_test_spots *spots,
		 struct folio **folio, const struct kind *kind, int nid,
		 struct swaptbl_group *group, enum lru_list lru)
{
	if (!*folio)
		*folio = folio_make(test, kind, nid);
	KUNIT_ASSERT_EQ(test, swaptbl_test_spot_add(spots, *folio, group, lru), 0);
}

/* The lowest zone is one of the first node. */
static void come_to_gen(struct kunit *test, struct swaptbl_test_spots *spots,
			struct folio **folio, int nid, struct swaptbl_group *group,
			unsigned int type)
{
	enum lru_list lru = type ? LRU_ACTIVE_FILE : LRU_ACTIVE_ANON;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].gfp != GFP_DMA || nid == first_memory_node)
			come(test, spots, &folio[i], &kinds[i], nid, group, lru);
}

static void come_to_node(struct kunit *test, struct swaptbl_test_spots *spots,
			 struct folio **folio, int nid, struct swaptbl_group *group,
			 unsigned int window)
{
	unsigned int age, type;

	while (((gens_of(group, nid)->max_seq + 3) & 3) != (window & 3))
		KUNIT_ASSERT_EQ(test, swaptbl_test_spots_age(spots, group, nid), 0);
	for (age = SWAPTBL_LRU_GENS; age--;) {
		for (type = 0; type < ANON_AND_FILE; type++, folio += ARRAY_SIZE(kinds))
			if (age < nr_gens(window, type))
				come_to_gen(test, spots, folio, nid, group, type);
		if (age)
			KUNIT_ASSERT_EQ(test, swaptbl_test_spots_age(spots, group, nid),
					0);
	}
	swaptbl_test_gens_trim(group, nid);
	for (type = 0; type < ANON_AND_FILE; type++)
		KUNIT_ASSERT_EQ(test, swaptbl_test_gens(group, nid, type),
				nr_gens(window, type));
	KUNIT_ASSERT_EQ(test, gens_of(group, nid)->max_seq & 3, window & 3);
}

/* Another window on each node. */
void swaptbl_test_crowd_come(struct kunit *test, struct swaptbl_test_crowd *crowd,
			     struct swaptbl_test_spots *spots,
			     struct swaptbl_group *group, unsigned int window)
{
	unsigned int i, nodes, each = SWAPTBL_TEST_CROWD / SWAPTBL_TEST_NODES;
	int nids[SWAPTBL_TEST_NODES];

	nodes = swaptbl_test_nodes(nids);
	for (i = 0; i < nodes; i++)
		come_to_node(test, spots, &crowd->folio[i * each], nids[i], group,
			     (window + 5 * i) % SWAPTBL_TEST_WINDOWS);
	come(test, spots, &crowd->folio[SWAPTBL_TEST_CROWD - 1], &kinds[1], nids[0],
	     group, LRU_UNEVICTABLE);
}
