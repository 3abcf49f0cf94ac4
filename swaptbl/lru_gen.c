// SPDX-License-Identifier: GPL-2.0
/*
 * Generations of a lruvec: which one a folio is in, and how they come and go.
 *
 * While a folio is on a list, two of its flags are the number of the generation modulo
 * SWAPTBL_LRU_GENS. Off the lists, one of them says whether it was active, as with other
 * trees.
 *
 * A group that is removed hands its folios over by generation, so that nothing of them
 * has to be written: each list goes to the parent's of the same number modulo
 * SWAPTBL_LRU_GENS. For that the parent needs all of them. Older ones can be opened at any
 * time, since they are empty: it costs a store, under the locks that are held anyway,
 * and ages nobody. Mainline opens younger ones instead, for which it may have to empty
 * the oldest one first, folio by folio, outside of the locks; so it has to look again
 * under them.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "folio.h"
#include "group.h"
#include "lru_gen.h"
#include "lruvec.h"
#include "sync.h"

/* Folios of the oldest generation that are moved before the lock is dropped. */
#define RETIRE_BATCH	256

/**
 * swaptbl_lru_gens_alloc() - make the generations of a lruvec
 * @nid: node that the memory should be of, or NUMA_NO_NODE
 *
 * All that there can be, with nothing in them.
 *
 * Context: Process context. May sleep. Undo with kfree().
 * Return: the generations, or NULL.
 */
struct swaptbl_lru_gens *swaptbl_lru_gens_alloc(int nid)
{
	struct swaptbl_lru_gens *gens = NULL;
	unsigned int gen, type;

	if (!swaptbl_should_fail(SWAPTBL_MEM_LRU_GENS, GFP_KERNEL))
		gens = kzalloc_node(sizeof(*gens), GFP_KERNEL, nid);
	if (!gens)
		return NULL;
	gens->max_seq = SWAPTBL_LRU_GENS - 1;
	for (gen = 0; gen < SWAPTBL_LRU_GENS; gen++)
		for (type = 0; type < ANON_AND_FILE; type++)
			INIT_LIST_HEAD(&gens->lists[gen][type]);
	return gens;
}

static bool gen_is_empty(const struct swaptbl_lru_gens *gens, unsigned int gen,
			 unsigned int type)
{
	int zid;

	for (zid = 0; zid < MAX_NR_ZONES; zid++)
		if (gens->size[gen][type][zid])
			return false;
	return list_empty(&gens->lists[gen][type]);
}

/**
 * swaptbl_lru_gens_empty() - whether nothing is in any generation
 * @gens: the generations, of a lruvec that nobody can find, or under its lru_lock
 *
 * Context: Any context.
 * Return: whether all lists are empty, and all sizes 0.
 */
bool swaptbl_lru_gens_empty(const struct swaptbl_lru_gens *gens)
{
	unsigned int gen, type;

	for (gen = 0; gen < SWAPTBL_LRU_GENS; gen++)
		for (type = 0; type < ANON_AND_FILE; type++)
			if (!gen_is_empty(gens, gen, type))
				return false;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_lru_gens_empty);

static unsigned int type_of(const struct folio *folio)
{
	return swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_FILE);
}

static unsigned int gen_of(const struct folio *folio)
{
	return swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ACTIVE) |
	       swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_OLDER) << 1;
}

static void set_flag(struct folio *folio, enum swaptbl_folio_flag flag, bool value)
{
	if (value)
		swaptbl_folio_set(folio, flag);
	else
		swaptbl_folio_clear(folio, flag);
}

static void set_gen(struct folio *folio, unsigned int gen)
{
	set_flag(folio, SWAPTBL_FOLIO_LRU_ACTIVE, gen & 1);
	set_flag(folio, SWAPTBL_FOLIO_LRU_OLDER, gen & 2);
}

static bool __is_active(const struct swaptbl_lruvec *lruvec, unsigned int gen)
{
	unsigned long age = lruvec->gens->max_seq - gen;

	lockdep_assert_held(&lruvec->lru_lock);
	return age % SWAPTBL_LRU_GENS < SWAPTBL_LRU_GENS_ACTIVE;
}

static enum lru_list __class(const struct swaptbl_lruvec *lruvec, unsigned int gen,
			     unsigned int type)
{
	lockdep_assert_held(&lruvec->lru_lock);
	return type * LRU_FILE + __is_active(lruvec, gen) * LRU_ACTIVE;
}

/**
 * __swaptbl_lru_gen_class() - which of the usual lists a folio would be on
 * @lruvec: a lruvec with generations
 * @folio: evictable folio on a list of it
 *
 * Context: Expects the lru_lock to be held by caller.
 * Return: the list.
 */
enum lru_list __swaptbl_lru_gen_class(const struct swaptbl_lruvec *lruvec,
				      const struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	return __class(lruvec, gen_of(folio), type_of(folio));
}

/**
 * __swaptbl_lru_gen_of() - list that a folio is on
 * @lruvec: a lruvec with generations
 * @folio: evictable folio on a list of it, or on its way there
 *
 * Context: Expects the lru_lock to be held by caller.
 * Return: the list.
 */
struct list_head *__swaptbl_lru_gen_of(struct swaptbl_lruvec *lruvec,
				       const struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	return &lruvec->gens->lists[gen_of(folio)][type_of(folio)];
}

/**
 * __swaptbl_lru_gen_nth() - lists that together are one of the usual ones
 * @lruvec: a lruvec with generations
 * @lru: the usual list, an evictable one
 * @nth: 0 for the oldest generation, and so on
 *
 * Context: Expects the lru_lock to be held by caller.
 * Return: the list, or NULL if there are no more.
 */
struct list_head *__swaptbl_lru_gen_nth(struct swaptbl_lruvec *lruvec,
					enum lru_list lru, unsigned int nth)
{
	struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned int type = is_file_lru(lru);
	unsigned long oldest = gens->min_seq[type];
	unsigned long end = gens->max_seq + 1;

	lockdep_assert_held(&lruvec->lru_lock);
	if (is_active_lru(lru))
		oldest = end - SWAPTBL_LRU_GENS_ACTIVE;
	else
		end -= SWAPTBL_LRU_GENS_ACTIVE;
	if (nth >= end - oldest)
		return NULL;
	return &gens->lists[swaptbl_lru_gen(oldest + nth)][type];
}

static unsigned long __seq_for(const struct swaptbl_lruvec *lruvec,
			       const struct folio *folio, bool cold)
{
	const struct swaptbl_lru_gens *gens = lruvec->gens;

	lockdep_assert_held(&lruvec->lru_lock);
	if (swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU_ACTIVE))
		return gens->max_seq;
	if (cold)
		return gens->min_seq[type_of(folio)];
	return gens->max_seq - SWAPTBL_LRU_GENS_ACTIVE;
}

/**
 * __swaptbl_lru_gen_enter() - choose the generation of a folio
 * @lruvec: a lruvec with generations
 * @folio: evictable folio on no list; set to the youngest generation if it is active, else
 *	to the youngest inactive one
 * @cold: if it is not active, set it to the oldest one instead
 *
 * Context: Expects the lru_lock to be held by caller.
 */
void __swaptbl_lru_gen_enter(struct swaptbl_lruvec *lruvec, struct folio *folio,
			     bool cold)
{
	lockdep_assert_held(&lruvec->lru_lock);
	set_gen(folio, swaptbl_lru_gen(__seq_for(lruvec, folio, cold)));
}

/**
 * __swaptbl_lru_gen_leave() - a folio is in no generation any more
 * @lruvec: a lruvec with generations
 * @folio: evictable folio that was on a list of it; set to whether it was active
 *
 * Context: Expects the lru_lock to be held by caller.
 */
void __swaptbl_lru_gen_leave(struct swaptbl_lruvec *lruvec, struct folio *folio)
{
	lockdep_assert_held(&lruvec->lru_lock);
	set_gen(folio, __is_active(lruvec, gen_of(folio)));
}

static void __size_add(struct swaptbl_lruvec *lruvec, unsigned int gen,
		       unsigned int type, int zid, long nr)
{
	unsigned long *size = &lruvec->gens->size[gen][type][zid];

	lockdep_assert_held(&lruvec->lru_lock);
	WARN_ON_ONCE(nr < 0 && *size < (unsigned long)-nr);
	WRITE_ONCE(*size, *size + nr);
}

/**
 * __swaptbl_lru_gen_account() - count a folio in or out of its generation
 * @lruvec: a lruvec with generations
 * @folio: evictable folio
 * @nr: its pages, negative for out
 *
 * Context: Expects the lru_lock to be held by caller.
 */
void __swaptbl_lru_gen_account(struct swaptbl_lruvec *lruvec,
			       const struct folio *folio, long nr)
{
	lockdep_assert_held(&lruvec->lru_lock);
	__size_add(lruvec, gen_of(folio), type_of(folio), folio_zonenum(folio), nr);
}

/* Pages of a generation count as another class from here on. */
static void __reclass(struct swaptbl_lruvec *lruvec, int zid, unsigned long nr,
		      enum lru_list from, enum lru_list to)
{
	lockdep_assert_held(&lruvec->lru_lock);
	if (!nr || from == to)
		return;
	__swaptbl_lruvec_count(lruvec, from, zid, -(long)nr);
	__swaptbl_lruvec_count(lruvec, to, zid, nr);
}

/* The youngest but one becomes inactive. */
static void __open_youngest(struct swaptbl_lruvec *lruvec)
{
	struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned long seq = gens->max_seq + 1 - SWAPTBL_LRU_GENS_ACTIVE;
	unsigned int gen = swaptbl_lru_gen(seq), type;
	enum lru_list lru;
	int zid;

	lockdep_assert_held(&lruvec->lru_lock);
	for (type = 0; type < ANON_AND_FILE; type++) {
		lru = type * LRU_FILE;
		for (zid = 0; zid < MAX_NR_ZONES; zid++)
			__reclass(lruvec, zid, gens->size[gen][type][zid],
				  lru + LRU_ACTIVE, lru);
	}
	WRITE_ONCE(gens->max_seq, gens->max_seq + 1);
}

/* To the cold end of the next generation, in their order. */
static void __retire_folio(struct swaptbl_lruvec *lruvec, struct folio *folio,
			   unsigned int gen)
{
	lockdep_assert_held(&lruvec->lru_lock);
	__swaptbl_lru_gen_account(lruvec, folio, -folio_nr_pages(folio));
	set_gen(folio, gen);
	__swaptbl_lru_gen_account(lruvec, folio, folio_nr_pages(folio));
	list_move_tail(&folio->lru, __swaptbl_lru_gen_of(lruvec, folio));
}

/* The hot end first: what is left of the generation is older than what has moved. */
static bool __retire_some(struct swaptbl_lruvec *lruvec, unsigned int type)
{
	struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned int gen = swaptbl_lru_gen(gens->min_seq[type]), nr;
	struct list_head *list = &gens->lists[gen][type];

	lockdep_assert_held(&lruvec->lru_lock);
	for (nr = 0; !list_empty(list) && nr < RETIRE_BATCH; nr++)
		__retire_folio(lruvec, list_first_entry(list, struct folio, lru),
			       swaptbl_lru_gen(gen + 1));
	return list_empty(list);
}

/* Return: whether a younger generation can be opened. */
static bool __has_room(struct swaptbl_lruvec *lruvec)
{
	struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned int type;

	lockdep_assert_held(&lruvec->lru_lock);
	for (type = 0; type < ANON_AND_FILE; type++) {
		if (gens->max_seq - gens->min_seq[type] < SWAPTBL_LRU_GENS - 1)
			continue;
		if (!__retire_some(lruvec, type))
			return false;
		WRITE_ONCE(gens->min_seq[type], gens->min_seq[type] + 1);
	}
	return true;
}

/**
 * swaptbl_group_age() - open a generation
 * @group: group of a tree with generations
 * @nid: the node
 *
 * Active folios that are older than the generation which is the youngest so far become
 * inactive. If there are as many generations as can be, the oldest one is added to the
 * next.
 *
 * Context: Process context. May sleep. The caller has a reference to @group and no
 * lru_lock.
 * Return: 0; -EOPNOTSUPP if the tree has no generations, -ESRCH if the group was removed.
 */
int swaptbl_group_age(struct swaptbl_group *group, int nid)
{
	struct swaptbl_lruvec *lruvec;
	bool done;

	if (group->tree->kind != SWAPTBL_TREE_GENS)
		return -EOPNOTSUPP;
	do {
		cond_resched();
		lruvec = swaptbl_group_lruvec_lock_irq(group, nid);
		if (!lruvec)
			return -ESRCH;
		done = __has_room(lruvec);
		if (done)
			__open_youngest(lruvec);
		swaptbl_lruvec_unlock_irq(lruvec);
		swaptbl_sync(SWAPTBL_LRU_AGED);
	} while (!done);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_age);

/**
 * __swaptbl_lru_gens_trim() - close the oldest generations that are empty
 * @lruvec: a lruvec with generations
 *
 * Context: Expects the lru_lock to be held by caller.
 */
void __swaptbl_lru_gens_trim(struct swaptbl_lruvec *lruvec)
{
	struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned int type, gen;
	unsigned long *seq;

	lockdep_assert_held(&lruvec->lru_lock);
	for (type = 0; type < ANON_AND_FILE; type++) {
		seq = &gens->min_seq[type];
		while (gens->max_seq - *seq >= SWAPTBL_LRU_GENS_MIN) {
			gen = swaptbl_lru_gen(*seq);
			if (!list_empty(&gens->lists[gen][type]))
				break;
			WRITE_ONCE(*seq, *seq + 1);
		}
	}
}
EXPORT_SYMBOL_IF_KUNIT(__swaptbl_lru_gens_trim);

/* As old as can be: below the oldest there is nothing, so nothing is made older. */
static void __open_oldest(struct swaptbl_lruvec *lruvec)
{
	struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned int type;

	lockdep_assert_held(&lruvec->lru_lock);
	for (type = 0; type < ANON_AND_FILE; type++)
		WRITE_ONCE(gens->min_seq[type],
			   gens->max_seq - (SWAPTBL_LRU_GENS - 1));
}

/*
 * The child first counts its pages as the parent will: a generation that is active here
 * may be inactive there. What was counted of it so far then moves as it is, so that the
 * sums of all ancestors change by the difference only.
 */
static void __splice_gen(struct swaptbl_lruvec *child, struct swaptbl_lruvec *parent,
			 unsigned int gen, unsigned int type)
{
	enum lru_list lru = __class(parent, gen, type);
	unsigned long nr;
	int zid;

	lockdep_assert_held(&child->lru_lock);
	lockdep_assert_held(&parent->lru_lock);
	list_splice_tail_init(&child->gens->lists[gen][type],
			      &parent->gens->lists[gen][type]);
	for (zid = 0; zid < MAX_NR_ZONES; zid++) {
		nr = child->gens->size[gen][type][zid];
		__reclass(child, zid, nr, __class(child, gen, type), lru);
		__size_add(parent, gen, type, zid, nr);
		__size_add(child, gen, type, zid, -(long)nr);
	}
}

/**
 * __swaptbl_lru_gens_splice() - move all generations of a child to the parent
 * @child: lruvec of the child; its sizes by list are afterwards what the parent gets
 * @parent: lruvec of its parent on the same node
 *
 * Each to the cold end of the parent's of the same number, which may be older or younger
 * there. Takes as long for any number of folios.
 *
 * Context: Expects both lru_locks to be held by caller.
 */
void __swaptbl_lru_gens_splice(struct swaptbl_lruvec *child,
			       struct swaptbl_lruvec *parent)
{
	unsigned int gen, type;

	lockdep_assert_held(&child->lru_lock);
	lockdep_assert_held(&parent->lru_lock);
	__open_oldest(parent);
	for (gen = 0; gen < SWAPTBL_LRU_GENS; gen++)
		for (type = 0; type < ANON_AND_FILE; type++)
			__splice_gen(child, parent, gen, type);
}
