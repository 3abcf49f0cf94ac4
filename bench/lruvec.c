// SPDX-License-Identifier: GPL-2.0
/*
 * What the lock of a lruvec costs, and how long the removal of a group takes.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/group.h"
#include "../swaptbl/lru.h"
#include "../swaptbl/lruvec.h"
#include "../swaptbl/compat.h"
#include "bench.h"

#define LOCK_LOOPS	20000
#define LOCK_ROUNDS	31

/* The first removal of a branch is the warm-up. */
#define REMOVALS	9

static DEFINE_SPINLOCK(bare_lock);

static void loop_nothing(struct folio *folio)
{
	barrier();
}

static void loop_bare(struct folio *folio)
{
	spin_lock(&bare_lock);
	spin_unlock(&bare_lock);
}

static void loop_bare_irq(struct folio *folio)
{
	spin_lock_irq(&bare_lock);
	spin_unlock_irq(&bare_lock);
}

static void loop_bare_irqsave(struct folio *folio)
{
	unsigned long flags;

	spin_lock_irqsave(&bare_lock, flags);
	spin_unlock_irqrestore(&bare_lock, flags);
}

static void loop_lock(struct folio *folio)
{
	swaptbl_lruvec_unlock(swaptbl_folio_lruvec_lock(folio));
}

static void loop_lock_irq(struct folio *folio)
{
	swaptbl_lruvec_unlock_irq(swaptbl_folio_lruvec_lock_irq(folio));
}

static void loop_lock_irqsave(struct folio *folio)
{
	unsigned long flags;
	struct swaptbl_lruvec *lruvec;

	lruvec = swaptbl_folio_lruvec_lock_irqsave(folio, &flags);
	swaptbl_lruvec_unlock_irqrestore(lruvec, flags);
}

/* Against which of them each is compared, by place in the table. */
static const struct {
	const char *name;
	void (*fn)(struct folio *folio);
	unsigned int base;
} lock_ops[] = {
	{ "(empty loop)", loop_nothing, 0 },
	{ "spin_lock", loop_bare, 1 },
	{ "folio_lruvec_lock", loop_lock, 1 },
	{ "spin_lock_irq", loop_bare_irq, 3 },
	{ "folio_lruvec_lock_irq", loop_lock_irq, 3 },
	{ "spin_lock_irqsave", loop_bare_irqsave, 5 },
	{ "folio_lruvec_lock_irqsave", loop_lock_irqsave, 5 },
};

static unsigned long lock_times[ARRAY_SIZE(lock_ops)][LOCK_ROUNDS];

static noinline unsigned long time_lock(void (*fn)(struct folio *folio), struct folio *folio)
{
	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < LOCK_LOOPS; i++)
		fn(folio);
	return ktime_get_ns() - start;
}

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a;
	unsigned long y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

/* Picoseconds of one operation, the loop's own subtracted. */
static unsigned long lock_cost(unsigned int op)
{
	return (lock_times[op][LOCK_ROUNDS / 2] -
		lock_times[0][LOCK_ROUNDS / 2]) / (LOCK_LOOPS / 1000);
}

static void show_lock(unsigned int op)
{
	unsigned long cost = lock_cost(op), base = lock_cost(lock_ops[op].base);
	unsigned long ratio = base ? cost * 100 / base : 0;

	bench_show("%-28s %4lu.%02lu ns  %lu.%02lu\n", lock_ops[op].name,
		   cost / 1000, cost % 1000 / 10, ratio / 100, ratio % 100);
}

/* In turns, so that a drift of the host is everybody's. */
static void bench_locks(struct folio *folio)
{
	unsigned int op, round;

	for (round = 0; round < LOCK_ROUNDS; round++)
		for (op = 0; op < ARRAY_SIZE(lock_ops); op++)
			lock_times[op][round] = time_lock(lock_ops[op].fn, folio);
	for (op = 0; op < ARRAY_SIZE(lock_ops); op++)
		sort(lock_times[op], LOCK_ROUNDS, sizeof(unsigned long), compare, NULL);
	bench_show("lock and unlock, median of %d rounds of %d, against the one above\n",
		   LOCK_ROUNDS, LOCK_LOOPS);
	for (op = 1; op < ARRAY_SIZE(lock_ops); op++)
		show_lock(op);
}

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
static void time_removals(struct swaptbl_group **branch, unsigned long *times)
{
	u64 start;
	int i;

	for (i = REMOVALS - 1; i >= 0; i--) {
		start = ktime_get_ns();
		WARN_ON(swaptbl_group_remove(branch[i]));
		times[i] = ktime_get_ns() - start;
		swaptbl_group_put(branch[i]);
		cond_resched();
	}
}

/* Return: nanoseconds, the median, or 0 if there was no memory. */
static unsigned long bench_removal(struct swaptbl_tree *tree, unsigned long nr)
{
	struct swaptbl_group *branch[REMOVALS];
	unsigned long times[REMOVALS];
	bool filled;

	if (grow(tree, branch))
		return 0;
	filled = fill(branch[REMOVALS - 1], nr);
	time_removals(branch, times);
	empty(tree->root);
	if (!filled)
		return 0;
	/* The warm-up is the last one of the array. */
	sort(times, REMOVALS - 1, sizeof(unsigned long), compare, NULL);
	bench_show("%8lu folios  %6lu ns  (%lu to %lu)\n", nr,
		   times[(REMOVALS - 1) / 2], times[0], times[REMOVALS - 2]);
	return times[(REMOVALS - 1) / 2];
}

static void bench_removals(struct swaptbl_tree *tree)
{
	static const unsigned long sizes[] = { 1000, 100000, 1000000 };
	unsigned long least = ULONG_MAX, most = 0, ns;
	unsigned int i;

	bench_show("removal of a group, median of %d (least to most)\n", REMOVALS - 1);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ns = bench_removal(tree, sizes[i]);
		if (!ns) {
			bench_show("%8lu folios: not enough memory\n", sizes[i]);
			return;
		}
		least = min(least, ns);
		most = max(most, ns);
	}
	bench_show("most to least: %lu.%02lu\n", most / least,
		   most % least * 100 / least);
}

int bench_lruvec(void)
{
	struct swaptbl_tree *tree = swaptbl_tree_create(SWAPTBL_TREE_LISTS);
	struct folio *folio;

	if (IS_ERR(tree))
		return PTR_ERR(tree);
	folio = folio_on_list(tree->root, first_node(node_states[N_MEMORY]),
			      LRU_INACTIVE_ANON);
	if (folio)
		bench_locks(folio);
	empty(tree->root);
	bench_removals(tree);
	return swaptbl_tree_destroy(tree);
}
