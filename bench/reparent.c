// SPDX-License-Identifier: GPL-2.0
/*
 * How long the removal of a group takes, by the number of folios that it hands over. The
 * kernel does that in the midst of taking a cgroup offline, and has no function of it.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/group.h"
#include "../swaptbl/lru.h"
#include "../swaptbl/compat.h"
#include "bench.h"

/* The first removal of a branch is the warm-up. */
#define REMOVALS	9

static const struct size {
	unsigned long nr;
	const char *name;
} sizes[] = {
	{ 1000, "reparent 1000 folios" },
	{ 100000, "reparent 100000 folios" },
	{ 1000000, "reparent 1000000 folios" },
};

static struct folio *folio_on_list(struct swaptbl_group *group, int nid,
				   enum lru_list lru)
{
	gfp_t gfp = GFP_HIGHUSER | __GFP_NORETRY | __GFP_NOWARN;
	struct folio *folio = __folio_alloc_node(gfp, 0, nid);
	int err;

	if (!folio)
		return NULL;
	swaptbl_folio_init(folio);
	folio_lock(folio);
	folio_set_dirty(folio);
	err = swaptbl_folio_charge(folio, group) ?:
	      swaptbl_folio_add_lru(folio, lru);
	folio_unlock(folio);
	folio_put(folio);
	return err ? NULL : folio;
}

static bool fill(struct swaptbl_group *group, unsigned long nr)
{
	int nid = first_node(node_states[N_MEMORY]);

	for (; nr; nr--) {
		if (!folio_on_list(group, nid, nr % NR_LRU_LISTS))
			return false;
		nid = next_node_in(nid, node_states[N_MEMORY]);
		cond_resched();
	}
	swaptbl_lru_drain_all();
	return true;
}

static void drop_batch(struct folio_batch *fbatch)
{
	unsigned int i;

	for (i = 0; i < folio_batch_count(fbatch); i++) {
		folio_lock(fbatch->folios[i]);
		swaptbl_folio_release_lru(fbatch->folios[i]);
		folio_unlock(fbatch->folios[i]);
		folio_put(fbatch->folios[i]);
	}
}

static void empty(struct swaptbl_group *group)
{
	struct folio_batch fbatch;
	enum lru_list lru;
	int nid;

	swaptbl_lru_drain_all();
	for_each_node(nid) {
		for_each_lru(lru) {
			do {
				folio_batch_init(&fbatch);
				swaptbl_isolate_lru_folios(group, nid, lru, &fbatch);
				drop_batch(&fbatch);
				cond_resched();
			} while (folio_batch_count(&fbatch));
		}
	}
}

/* A branch, of which each group below its first holds the next one. */
static int grow(struct swaptbl_tree *tree, struct swaptbl_group **branch)
{
	struct swaptbl_group *parent = tree->root;
	unsigned int i;

	for (i = 0; i < REMOVALS; i++) {
		branch[i] = swaptbl_group_create(parent, SWAPTBL_GROUP_NO_LIMIT);
		if (IS_ERR(branch[i]))
			return PTR_ERR(branch[i]);
		parent = branch[i];
	}
	return 0;
}

/* From the deepest on: each removal hands all folios over to the next one. */
static int time_removals(struct swaptbl_group **branch, const char *name)
{
	struct bench_result *result = name ? bench_result(name, 0, 1, 0) : NULL;
	int err = 0, i;
	u64 start;

	for (i = REMOVALS - 1; i >= 0; i--) {
		start = ktime_get_ns();
		err = swaptbl_group_remove(branch[i]) ?: err;
		bench_add(result, BENCH_OWN, ktime_get_ns() - start, 0, 1);
		swaptbl_group_put(branch[i]);
		cond_resched();
	}
	return err;
}

/* Without the memory for so many folios there is no result. */
static int bench_size(struct swaptbl_tree *tree, const struct size *size)
{
	struct swaptbl_group *branch[REMOVALS];
	int err = grow(tree, branch);
	bool filled;

	if (err)
		return err;
	filled = fill(branch[REMOVALS - 1], size->nr);
	if (!filled)
		bench_show("%s: not enough memory\n", size->name);
	err = time_removals(branch, filled ? size->name : NULL);
	empty(tree->root);
	return err;
}

/**
 * bench_reparent() - time removals of groups that have folios
 *
 * Context: Process context. May sleep. The largest takes 4 GB.
 * Return: 0, also if there is not so much memory; else the error of the operation that
 * failed.
 */
int bench_reparent(void)
{
	struct swaptbl_tree *tree = swaptbl_tree_create(SWAPTBL_TREE_LISTS);
	unsigned int i;
	int err = 0;

	if (IS_ERR(tree))
		return PTR_ERR(tree);
	for (i = 0; !err && i < ARRAY_SIZE(sizes); i++)
		err = bench_size(tree, &sizes[i]);
	return swaptbl_tree_destroy(tree) ?: err;
}
