// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the lock of the lruvec that a folio is on, in all its forms, and of groups
 * that are removed while it is looked up. swaptbl/lruvec.c.
 */
#include <kunit/test.h>
#include <linux/irqflags.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "lru_watch.h"

/**
 * struct call - one call of a form of locking
 * @folio: whose lruvec is wanted
 * @before: folio of another one, whose lock some forms have before
 * @flags: state of interrupts
 */
struct call {
	struct folio *folio;
	struct folio *before;
	unsigned long flags;
};

static struct swaptbl_lruvec *lock_plain(struct call *call)
{
	return swaptbl_folio_lruvec_lock(call->folio);
}

static struct swaptbl_lruvec *lock_irq(struct call *call)
{
	return swaptbl_folio_lruvec_lock_irq(call->folio);
}

static struct swaptbl_lruvec *lock_irqsave(struct call *call)
{
	return swaptbl_folio_lruvec_lock_irqsave(call->folio, &call->flags);
}

static struct swaptbl_lruvec *relock_irq_first(struct call *call)
{
	return swaptbl_folio_lruvec_relock_irq(call->folio, NULL);
}

static struct swaptbl_lruvec *relock_irqsave_first(struct call *call)
{
	struct swaptbl_lruvec *lruvec = NULL;

	swaptbl_folio_lruvec_relock_irqsave(call->folio, &lruvec, &call->flags);
	return lruvec;
}

static struct swaptbl_lruvec *relock_irq_next(struct call *call)
{
	struct swaptbl_lruvec *held = swaptbl_folio_lruvec_lock_irq(call->before);

	return swaptbl_folio_lruvec_relock_irq(call->folio, held);
}

static struct swaptbl_lruvec *relock_irqsave_next(struct call *call)
{
	struct swaptbl_lruvec *lruvec;

	lruvec = swaptbl_folio_lruvec_lock_irqsave(call->before, &call->flags);
	swaptbl_folio_lruvec_relock_irqsave(call->folio, &lruvec, &call->flags);
	return lruvec;
}

static void unlock_plain(struct swaptbl_lruvec *lruvec, unsigned long flags)
{
	swaptbl_lruvec_unlock(lruvec);
}

static void unlock_irq(struct swaptbl_lruvec *lruvec, unsigned long flags)
{
	swaptbl_lruvec_unlock_irq(lruvec);
}

/**
 * struct form - a way to lock the lruvec of a folio
 * @name: of the form
 * @lock: takes it; NULL with nothing taken
 * @unlock: undoes that
 * @disables: interrupts are disabled meanwhile
 * @nests: may be called with interrupts disabled
 * @goes_on: from the lruvec of another folio, which is locked first
 */
struct form {
	const char *name;
	struct swaptbl_lruvec *(*lock)(struct call *call);
	void (*unlock)(struct swaptbl_lruvec *lruvec, unsigned long flags);
	bool disables;
	bool nests;
	bool goes_on;
};

static const struct form forms[] = {
	{ "plain", lock_plain, unlock_plain, .nests = true },
	{ "irq", lock_irq, unlock_irq, .disables = true },
	{ "irqsave", lock_irqsave, swaptbl_lruvec_unlock_irqrestore,
	  .disables = true, .nests = true },
	{ "relock_irq_first", relock_irq_first, unlock_irq, .disables = true },
	{ "relock_irqsave_first", relock_irqsave_first,
	  swaptbl_lruvec_unlock_irqrestore, .disables = true, .nests = true },
	{ "relock_irq_next", relock_irq_next, unlock_irq, .disables = true,
	  .goes_on = true },
	{ "relock_irqsave_next", relock_irqsave_next,
	  swaptbl_lruvec_unlock_irqrestore, .disables = true, .nests = true,
	  .goes_on = true },
};

static void form_desc(const struct form *form, char *desc)
{
	strscpy(desc, form->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(form, forms, form_desc);

static const struct form *form_of(struct kunit *test)
{
	return test->param_value;
}

static struct swaptbl_lruvec *watch_form(const struct form *form, struct call *call,
					 struct swaptbl_test_watch *watch)
{
	struct swaptbl_lruvec *lruvec;

	swaptbl_test_context(&watch->before);
	lruvec = form->lock(call);
	swaptbl_test_watch_held(watch, lruvec);
	if (lruvec)
		form->unlock(lruvec, call->flags);
	swaptbl_test_context(&watch->after);
	return lruvec;
}

static struct call call_of(const struct swaptbl_test_branch *branch)
{
	return (struct call){ .folio = branch->folio, .before = branch->other };
}

static void lock_finds_lruvec(struct kunit *test)
{
	const struct form *form = form_of(test);
	struct swaptbl_test_branch branch = {};
	struct swaptbl_test_watch watch;
	struct call call;

	swaptbl_test_branch_grow(test, &branch, 2);
	call = call_of(&branch);
	KUNIT_EXPECT_PTR_EQ(test, watch_form(form, &call, &watch),
			    swaptbl_test_lruvec(&branch, 2));
	swaptbl_test_expect_taken(test, &watch, form->disables);
	/* It need not be on a list for that. */
	KUNIT_EXPECT_EQ(test, swaptbl_folio_isolate_lru(branch.folio), 0);
	KUNIT_EXPECT_PTR_EQ(test, watch_form(form, &call, &watch),
			    swaptbl_test_lruvec(&branch, 2));
	swaptbl_test_expect_taken(test, &watch, form->disables);
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* On the node of the folio, whichever the task is on. */
static void lock_finds_node(struct kunit *test)
{
	const struct form *form = form_of(test);
	struct swaptbl_test_branch branch = {};
	struct swaptbl_test_watch watch;
	int nids[SWAPTBL_TEST_NODES];
	struct call call;

	if (swaptbl_test_nodes(nids) < SWAPTBL_TEST_NODES)
		kunit_skip(test, "needs a second node with memory");
	swaptbl_test_branch_grow(test, &branch, 1);
	call.before = branch.folio;
	call.folio = swaptbl_test_charged(test, branch.level[1], 0, nids[1]);
	KUNIT_EXPECT_PTR_EQ(test, watch_form(form, &call, &watch),
			    branch.level[1]->lruvec[nids[1]]);
	swaptbl_test_expect_taken(test, &watch, form->disables);
}

static void expect_nests(struct kunit *test, const struct form *form,
			 const struct swaptbl_test_branch *branch)
{
	struct call call = call_of(branch);
	struct swaptbl_test_watch watch;
	struct swaptbl_lruvec *lruvec;
	unsigned long flags;

	local_irq_save(flags);
	lruvec = watch_form(form, &call, &watch);
	local_irq_restore(flags);
	KUNIT_EXPECT_PTR_EQ(test, lruvec, swaptbl_test_lruvec(branch, 1));
	KUNIT_EXPECT_TRUE(test, watch.before.irqs_off);
	swaptbl_test_expect_taken(test, &watch, true);
}

/* Interrupts that were disabled before stay so, where that is allowed. */
static void lock_with_irqs_disabled(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	unsigned int i;

	swaptbl_test_branch_grow(test, &branch, 1);
	for (i = 0; i < ARRAY_SIZE(forms); i++)
		if (forms[i].nests)
			expect_nests(test, &forms[i], &branch);
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* Nothing is taken then, and nothing that was held before is kept. */
static void lock_of_uncharged(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct swaptbl_test_watch watch;
	struct swaptbl_lruvec *beside;
	struct call call;

	swaptbl_test_branch_grow(test, &branch, 1);
	call.before = branch.other;
	call.folio = swaptbl_test_folio_on(test, 0, first_memory_node);
	KUNIT_EXPECT_NULL(test, watch_form(form_of(test), &call, &watch));
	swaptbl_test_expect_not_taken(test, &watch);
	beside = branch.beside->lruvec[first_memory_node];
	KUNIT_EXPECT_FALSE(test, swaptbl_test_lru_locked(beside));
	swaptbl_expect_tree_verified(test, branch.tree);
}

/* As before its charge, so after it. */
static void lock_after_uncharge(struct kunit *test)
{
	struct swaptbl_test_branch branch = {};
	struct swaptbl_test_watch watch;
	struct call call;

	swaptbl_test_branch_grow(test, &branch, 1);
	call = call_of(&branch);
	KUNIT_EXPECT_EQ(test, swaptbl_test_off_lru(branch.folio), 0);
	KUNIT_EXPECT_NULL(test, watch_form(form_of(test), &call, &watch));
	swaptbl_test_expect_not_taken(test, &watch);
}

static struct swaptbl_lruvec *lock_in_windows(struct kunit *test,
					      struct swaptbl_test_branch *branch,
					      struct swaptbl_test_windows *windows)
{
	const struct form *form = form_of(test);
	struct call call = call_of(branch);
	struct swaptbl_test_watch watch;
	struct swaptbl_lruvec *lruvec;

	windows->skip = form->goes_on;
	windows->next = branch->level[branch->depth];
	swaptbl_test_windows_begin(windows, SWAPTBL_LRU_LOOKED_UP);
	lruvec = watch_form(form, &call, &watch);
	swaptbl_test_windows_end(test, windows);
	swaptbl_test_expect_taken(test, &watch, form->disables);
	swaptbl_expect_tree_verified(test, branch->tree);
	return lruvec;
}

static void lock_meets_nobody(struct kunit *test)
{
	struct swaptbl_test_windows windows = {};
	struct swaptbl_test_branch branch = {};

	swaptbl_test_branch_grow(test, &branch, 3);
	KUNIT_EXPECT_PTR_EQ(test, lock_in_windows(test, &branch, &windows),
			    swaptbl_test_lruvec(&branch, 3));
	KUNIT_EXPECT_EQ(test, windows.passed, 1);
	swaptbl_test_expect_retries(test, branch.level[3], 0);
}

/* What was removed before is not a retry: the folio resolves to the parent. */
static void lock_after_removal(struct kunit *test)
{
	struct swaptbl_test_windows windows = {};
	struct swaptbl_test_branch branch = {};

	swaptbl_test_branch_grow(test, &branch, 3);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(branch.level[3]), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_test_remove(branch.level[2]), 0);
	KUNIT_EXPECT_PTR_EQ(test, lock_in_windows(test, &branch, &windows),
			    swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_EQ(test, windows.passed, 1);
	swaptbl_test_expect_retries(test, branch.level[1], 0);
}

static void lock_meets_removal(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1 } };
	struct swaptbl_test_branch branch = {};

	swaptbl_test_branch_grow(test, &branch, 3);
	KUNIT_EXPECT_PTR_EQ(test, lock_in_windows(test, &branch, &windows),
			    swaptbl_test_lruvec(&branch, 2));
	KUNIT_EXPECT_EQ(test, windows.passed, 2);
	swaptbl_test_expect_retries(test, branch.level[2], 1);
}

/* Child, then parent, before the lock is taken: found gone once only. */
static void lock_meets_two_removals(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 2 } };
	struct swaptbl_test_branch branch = {};

	swaptbl_test_branch_grow(test, &branch, 3);
	KUNIT_EXPECT_PTR_EQ(test, lock_in_windows(test, &branch, &windows),
			    swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_EQ(test, windows.passed, 2);
	swaptbl_test_expect_retries(test, branch.level[1], 1);
}

/* The child in the first window, the parent in the second. */
static void lock_meets_removals_in_turn(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1, 1 } };
	struct swaptbl_test_branch branch = {};

	swaptbl_test_branch_grow(test, &branch, 3);
	KUNIT_EXPECT_PTR_EQ(test, lock_in_windows(test, &branch, &windows),
			    swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_EQ(test, windows.passed, 3);
	swaptbl_test_expect_retries(test, branch.level[1], 2);
}

/* The second window passes without a removal, so there is no third. */
static void lock_goes_on_as_long_as_needed(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1, 0, 1 } };
	struct swaptbl_test_branch branch = {};

	swaptbl_test_branch_grow(test, &branch, 3);
	KUNIT_EXPECT_PTR_EQ(test, lock_in_windows(test, &branch, &windows),
			    swaptbl_test_lruvec(&branch, 2));
	KUNIT_EXPECT_EQ(test, windows.passed, 2);
	swaptbl_test_expect_retries(test, branch.level[2], 1);
}

/* The whole branch goes step by step: as many retries as levels, and no more. */
static void lock_meets_removal_of_branch(struct kunit *test)
{
	struct swaptbl_test_windows windows = {};
	struct swaptbl_test_branch branch = {};
	unsigned int i;

	for (i = 0; i < SWAPTBL_TEST_DEPTH; i++)
		windows.removals[i] = 1;
	swaptbl_test_branch_grow(test, &branch, SWAPTBL_TEST_DEPTH);
	KUNIT_EXPECT_PTR_EQ(test, lock_in_windows(test, &branch, &windows),
			    swaptbl_test_lruvec(&branch, 0));
	KUNIT_EXPECT_EQ(test, windows.passed, SWAPTBL_TEST_DEPTH + 1);
	swaptbl_test_expect_retries(test, branch.level[0], SWAPTBL_TEST_DEPTH);
}

/* Another group's removal is none of its business. */
static void lock_meets_removal_beside(struct kunit *test)
{
	struct swaptbl_test_windows windows = { .removals = { 1 } };
	struct swaptbl_test_branch branch = {};
	struct swaptbl_test_watch watch;
	struct swaptbl_lruvec *lruvec;
	struct call call;

	swaptbl_test_branch_grow(test, &branch, 1);
	call = (struct call){ .folio = branch.folio, .before = branch.folio };
	windows.next = branch.beside;
	swaptbl_test_windows_begin(&windows, SWAPTBL_LRU_LOOKED_UP);
	lruvec = watch_form(form_of(test), &call, &watch);
	swaptbl_test_windows_end(test, &windows);
	KUNIT_EXPECT_PTR_EQ(test, lruvec, swaptbl_test_lruvec(&branch, 1));
	KUNIT_EXPECT_EQ(test, windows.passed, 1);
	swaptbl_test_expect_taken(test, &watch, form_of(test)->disables);
	swaptbl_test_expect_retries(test, branch.level[1], 0);
	swaptbl_expect_tree_verified(test, branch.tree);
}

static struct kunit_case swaptbl_lruvec_lock_cases[] = {
	KUNIT_CASE_PARAM(lock_finds_lruvec, form_gen_params),
	KUNIT_CASE_PARAM(lock_finds_node, form_gen_params),
	KUNIT_CASE(lock_with_irqs_disabled),
	KUNIT_CASE_PARAM(lock_of_uncharged, form_gen_params),
	KUNIT_CASE_PARAM(lock_after_uncharge, form_gen_params),
	KUNIT_CASE_PARAM(lock_meets_nobody, form_gen_params),
	KUNIT_CASE_PARAM(lock_after_removal, form_gen_params),
	KUNIT_CASE_PARAM(lock_meets_removal, form_gen_params),
	KUNIT_CASE_PARAM(lock_meets_two_removals, form_gen_params),
	KUNIT_CASE_PARAM(lock_meets_removals_in_turn, form_gen_params),
	KUNIT_CASE_PARAM(lock_goes_on_as_long_as_needed, form_gen_params),
	KUNIT_CASE_PARAM(lock_meets_removal_of_branch, form_gen_params),
	KUNIT_CASE_PARAM(lock_meets_removal_beside, form_gen_params),
	{}
};

static struct kunit_suite swaptbl_lruvec_lock_suite = {
	.name = "swaptbl_lruvec_lock",
	.test_cases = swaptbl_lruvec_lock_cases,
};

kunit_test_suite(swaptbl_lruvec_lock_suite);
