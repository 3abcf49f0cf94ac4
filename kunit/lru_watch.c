// SPDX-License-Identifier: GPL-2.0
/*
 * For the suites of locks and removals.
 */
#include <kunit/test.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>

#include "lru_watch.h"

void swaptbl_test_branch_grow(struct kunit *test, struct swaptbl_test_branch *branch,
			      unsigned int depth)
{
	unsigned int i;

	branch->tree = swaptbl_test_tree(test);
	branch->level[0] = branch->tree->root;
	for (i = 0; i < depth; i++)
		branch->level[i + 1] = swaptbl_test_child(test, branch->level[i]);
	branch->depth = depth;
	branch->beside = swaptbl_test_child(test, branch->tree->root);
	branch->folio = swaptbl_test_on_lru(test, branch->level[depth], 0,
					    first_memory_node, LRU_INACTIVE_ANON);
	branch->other = swaptbl_test_on_lru(test, branch->beside, 0,
					    first_memory_node, LRU_INACTIVE_ANON);
}

void swaptbl_test_expect_retries(struct kunit *test, struct swaptbl_group *group,
				 long nr)
{
	KUNIT_EXPECT_EQ(test, swaptbl_test_local(group, SWAPTBL_LRU_STAT_LOCK_RETRY),
			nr);
	KUNIT_EXPECT_EQ(test, swaptbl_test_total(group->tree->root,
						 SWAPTBL_LRU_STAT_LOCK_RETRY), nr);
}

void swaptbl_test_context(struct swaptbl_test_context *context)
{
	context->preempt = preempt_count();
	context->rcu = rcu_preempt_depth();
	context->reader = rcu_read_lock_any_held();
	context->irqs_off = irqs_disabled();
}

void swaptbl_test_expect_same(struct kunit *test,
			      const struct swaptbl_test_context *before,
			      const struct swaptbl_test_context *after)
{
	KUNIT_EXPECT_EQ(test, after->preempt, before->preempt);
	KUNIT_EXPECT_EQ(test, after->rcu, before->rcu);
	KUNIT_EXPECT_EQ(test, after->reader, before->reader);
	KUNIT_EXPECT_EQ(test, after->irqs_off, before->irqs_off);
}

/* By anybody. Without other CPUs a lock is nothing that could be told. */
bool swaptbl_test_lru_locked(struct swaptbl_lruvec *lruvec)
{
	bool unlocked = spin_trylock(&lruvec->lru_lock);

	if (unlocked)
		spin_unlock(&lruvec->lru_lock);
	return !unlocked;
}

void swaptbl_test_watch_held(struct swaptbl_test_watch *watch,
			     struct swaptbl_lruvec *lruvec)
{
	swaptbl_test_context(&watch->held);
	watch->locked = lruvec && swaptbl_test_lru_locked(lruvec);
}

/* The lock: what it points to outlasts it, as that is an RCU read-side section too. */
void swaptbl_test_expect_taken(struct kunit *test,
			       const struct swaptbl_test_watch *watch, bool irqs_off)
{
	const struct swaptbl_test_context *before = &watch->before;
	const struct swaptbl_test_context *held = &watch->held;

	if (IS_ENABLED(CONFIG_SMP))
		KUNIT_EXPECT_TRUE(test, watch->locked);
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT))
		KUNIT_EXPECT_GT(test, held->preempt, before->preempt);
	KUNIT_EXPECT_TRUE(test, held->reader);
	KUNIT_EXPECT_EQ(test, held->irqs_off, irqs_off);
	swaptbl_test_expect_same(test, before, &watch->after);
}

void swaptbl_test_expect_not_taken(struct kunit *test,
				   const struct swaptbl_test_watch *watch)
{
	KUNIT_EXPECT_FALSE(test, watch->locked);
	swaptbl_test_expect_same(test, &watch->before, &watch->held);
	swaptbl_test_expect_same(test, &watch->before, &watch->after);
}

static void act(struct swaptbl_test_windows *windows)
{
	unsigned int nr = 0;

	if (windows->passed < ARRAY_SIZE(windows->removals))
		nr = windows->removals[windows->passed];
	windows->passed++;
	windows->unread |= windows->point == SWAPTBL_LRU_LOOKED_UP &&
			   !rcu_read_lock_any_held();
	windows->acting = true;
	for (; nr; nr--) {
		windows->err |= swaptbl_test_remove(windows->next);
		windows->next = windows->next->parent;
	}
	windows->acting = false;
}

static void windows_sync(void *data, enum swaptbl_sync_point point)
{
	struct swaptbl_test_windows *windows = data;

	if (windows->acting || point != windows->point)
		return;
	if (windows->skip)
		windows->skip--;
	else
		act(windows);
}

void swaptbl_test_windows_begin(struct swaptbl_test_windows *windows,
				enum swaptbl_sync_point point)
{
	windows->point = point;
	windows->hooks.sync = windows_sync;
	windows->hooks.data = windows;
	swaptbl_sync_install(&windows->hooks);
}

/* What was looked up must not go before its lock is held. */
void swaptbl_test_windows_end(struct kunit *test,
			      const struct swaptbl_test_windows *windows)
{
	swaptbl_sync_remove();
	KUNIT_EXPECT_EQ(test, windows->err, 0);
	KUNIT_EXPECT_FALSE(test, windows->unread);
}
