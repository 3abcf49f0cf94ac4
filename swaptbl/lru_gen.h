/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generations: lists by age, in place of active and inactive ones.
 *
 * A tree that was made for it has, per lruvec, some generations of evictable folios. The
 * youngest ones are what other code knows as the active lists, the older ones are the
 * inactive lists. So a folio becomes inactive by the mere opening of a new generation:
 * nothing is moved, only counted anew.
 */
#ifndef _SWAPTBL_LRU_GEN_H
#define _SWAPTBL_LRU_GEN_H

#include <linux/build_bug.h>
#include <linux/mmzone.h>
#include <linux/types.h>

struct folio;
struct swaptbl_group;
struct swaptbl_lruvec;

/*
 * Most generations that there are at a time, the fewest, and how many of them are active
 * ones. As in mainline, but there the active ones may be all; here a folio that is said
 * to be inactive always has a place.
 */
#define SWAPTBL_LRU_GENS	4
#define SWAPTBL_LRU_GENS_MIN	3
#define SWAPTBL_LRU_GENS_ACTIVE	2

/* Two bits of a folio name the generation. */
static_assert(SWAPTBL_LRU_GENS == 4);

/**
 * struct swaptbl_lru_gens - generations of a lruvec
 * @max_seq: number of the youngest one
 * @min_seq: number of the oldest one, by type
 * @lists: folios by number modulo SWAPTBL_LRU_GENS, and by type; the hot end is the head
 * @size: pages likewise, and by zone
 *
 * All under the lru_lock. Lists of generations that there are not are empty.
 */
struct swaptbl_lru_gens {
	unsigned long max_seq;
	unsigned long min_seq[ANON_AND_FILE];
	struct list_head lists[SWAPTBL_LRU_GENS][ANON_AND_FILE];
	unsigned long size[SWAPTBL_LRU_GENS][ANON_AND_FILE][MAX_NR_ZONES];
};

static inline unsigned int swaptbl_lru_gen(unsigned long seq)
{
	return seq % SWAPTBL_LRU_GENS;
}

struct swaptbl_lru_gens *swaptbl_lru_gens_alloc(int nid);
bool swaptbl_lru_gens_empty(const struct swaptbl_lru_gens *gens);

int swaptbl_group_age(struct swaptbl_group *group, int nid);

enum lru_list __swaptbl_lru_gen_class(const struct swaptbl_lruvec *lruvec,
				      const struct folio *folio);
struct list_head *__swaptbl_lru_gen_of(struct swaptbl_lruvec *lruvec,
				       const struct folio *folio);
struct list_head *__swaptbl_lru_gen_nth(struct swaptbl_lruvec *lruvec,
					enum lru_list lru, unsigned int nth);
void __swaptbl_lru_gen_enter(struct swaptbl_lruvec *lruvec, struct folio *folio,
			     bool cold);
void __swaptbl_lru_gen_leave(struct swaptbl_lruvec *lruvec, struct folio *folio);
void __swaptbl_lru_gen_account(struct swaptbl_lruvec *lruvec,
			       const struct folio *folio, long nr);
void __swaptbl_lru_gens_trim(struct swaptbl_lruvec *lruvec);
void __swaptbl_lru_gens_splice(struct swaptbl_lruvec *child,
			       struct swaptbl_lruvec *parent);

#endif /* _SWAPTBL_LRU_GEN_H */
