/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the suites of generations: a model of where each folio has to be.
 */
#ifndef _SWAPTBL_KUNIT_LRU_GEN_UTIL_H
#define _SWAPTBL_KUNIT_LRU_GEN_UTIL_H

#include "lru_list.h"

/* Type of those that are in no generation. */
#define SWAPTBL_TEST_UNEVICTABLE	ANON_AND_FILE

/**
 * struct swaptbl_test_spot - where a folio has to be
 * @folio: the folio
 * @group: whose it is
 * @type: anon, file, or unevictable
 * @gen: its generation, modulo SWAPTBL_LRU_GENS
 * @extra: pages that are counted for it and are none
 */
struct swaptbl_test_spot {
	struct folio *folio;
	struct swaptbl_group *group;
	unsigned int type;
	unsigned int gen;
	unsigned long extra;
};

#define SWAPTBL_TEST_SPOTS	640

/**
 * struct swaptbl_test_spots - where all folios of a tree have to be
 * @tree: the tree
 * @nr: number of folios on its lists
 * @spot: the folios; those of a generation are from the hot end to the cold one
 */
struct swaptbl_test_spots {
	struct swaptbl_tree *tree;
	unsigned int nr;
	struct swaptbl_test_spot spot[SWAPTBL_TEST_SPOTS];
};

/* Nothing in a tree with generations; goes with the test. */
struct swaptbl_test_spots *swaptbl_test_spots(struct kunit *test);

/* What the model says, and only that. */
void swaptbl_test_spot_put(struct swaptbl_test_spots *spots, struct folio *folio,
			   struct swaptbl_group *group, unsigned int type,
			   unsigned int age, bool cold);
void swaptbl_test_spot_come(struct swaptbl_test_spots *spots, struct folio *folio,
			    struct swaptbl_group *group, enum lru_list lru);
void swaptbl_test_spot_take(struct swaptbl_test_spots *spots,
			    const struct folio *folio);
struct swaptbl_test_spot *swaptbl_test_spot_of(struct swaptbl_test_spots *spots,
					       const struct folio *folio);
enum lru_list swaptbl_test_spot_class(const struct swaptbl_test_spot *spot);
void swaptbl_test_spots_retire(struct swaptbl_test_spots *spots,
			       struct swaptbl_group *group, int nid, unsigned int type,
			       unsigned int gen, unsigned int nr);
void swaptbl_test_spots_aged(struct swaptbl_test_spots *spots,
			     struct swaptbl_group *group, int nid);
void swaptbl_test_spots_moved(struct swaptbl_test_spots *spots,
			      struct swaptbl_group *group, int nid);

/* What is done with a folio on a list. */
enum swaptbl_test_move {
	SWAPTBL_TEST_ROTATE,
	SWAPTBL_TEST_ACTIVATE,
	SWAPTBL_TEST_DEACTIVATE,
	SWAPTBL_TEST_PUTBACK,
	SWAPTBL_TEST_NR_MOVES,
};

/**
 * struct swaptbl_test_mover - how it is done
 * @name: of the move
 * @gather: gathers a folio for it; NULL if there is no batch
 */
struct swaptbl_test_mover {
	const char *name;
	int (*gather)(struct folio *folio);
};

extern const struct swaptbl_test_mover swaptbl_test_movers[SWAPTBL_TEST_NR_MOVES];
void swaptbl_test_mover_desc(const struct swaptbl_test_mover *mover, char *desc);
void swaptbl_test_spot_move(struct swaptbl_test_spots *spots, struct folio *folio,
			    enum swaptbl_test_move move);

/* The same, and it is done. Errors as of what does it. */
struct folio *swaptbl_test_spot_new(struct kunit *test,
				    struct swaptbl_test_spots *spots,
				    struct swaptbl_group *group, unsigned int order,
				    int nid, enum lru_list lru);
int swaptbl_test_spot_add(struct swaptbl_test_spots *spots, struct folio *folio,
			  struct swaptbl_group *group, enum lru_list lru);
int swaptbl_test_spot_off(struct swaptbl_test_spots *spots, struct folio *folio);
int swaptbl_test_spots_age(struct swaptbl_test_spots *spots,
			   struct swaptbl_group *group, int nid);
int swaptbl_test_spots_remove(struct swaptbl_test_spots *spots,
			      struct swaptbl_group *group);

/* Lists, sizes and statistics of all groups are what the model says. */
void swaptbl_test_spots_expect(struct kunit *test, struct swaptbl_test_spots *spots);

/* And the oracle found nothing wrong. */
void swaptbl_test_spots_verify(struct kunit *test, struct swaptbl_test_spots *spots);

/* Generations that there are. */
unsigned long swaptbl_test_gens(struct swaptbl_group *group, int nid,
				unsigned int type);

/* Closes what can be closed. */
void swaptbl_test_gens_trim(struct swaptbl_group *group, int nid);

/* The youngest one modulo SWAPTBL_LRU_GENS, and by type, whether there are 3 or 4. */
#define SWAPTBL_TEST_WINDOWS	16

#define SWAPTBL_TEST_CROWD \
	(SWAPTBL_TEST_NODES * SWAPTBL_LRU_GENS * ANON_AND_FILE * 3 + 1)

/**
 * struct swaptbl_test_crowd - folios that are used again and again
 * @folio: two orders, and two zones, for each generation and type of each node; the last
 *	one is unevictable
 */
struct swaptbl_test_crowd {
	struct folio *folio[SWAPTBL_TEST_CROWD];
};

/* Charged to @group, and in all the generations of each node. */
void swaptbl_test_crowd_come(struct kunit *test, struct swaptbl_test_crowd *crowd,
			     struct swaptbl_test_spots *spots,
			     struct swaptbl_group *group, unsigned int window);

#endif /* _SWAPTBL_KUNIT_LRU_GEN_UTIL_H */
