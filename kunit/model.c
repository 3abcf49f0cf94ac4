// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations against a model that is an array of counts; after each one
 * the oracle, and every count. The module parameters "long" and "seed" apply.
 */
#include <kunit/test.h>
#include <linux/pagemap.h>

#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "util.h"

/* One cluster, most of whose slots are beyond the end. */
#define NR_SLOTS	40
#define NR_FOLIOS	5

enum kind {
	IS_FREE,
	IS_BAD,
	IS_EXCLUSIVE,
	IS_CACHED,
	IS_SWAPPED,
};

/**
 * struct model - a device, and what it has to be like
 * @test: the case
 * @rnd: random numbers
 * @dev: the device
 * @kind: by slot
 * @count: by slot
 * @folio: of several orders
 * @first: by folio, its first slot; 0 while it is not bound
 */
struct model {
	struct kunit *test;
	struct rnd_state rnd;
	struct swaptbl_device *dev;
	enum kind kind[NR_SLOTS];
	unsigned long count[NR_SLOTS];
	struct folio *folio[NR_FOLIOS];
	unsigned long first[NR_FOLIOS];
};

static unsigned int below(struct model *model, unsigned int limit)
{
	return swaptbl_test_below(&model->rnd, limit);
}

static bool counted(const struct model *model, unsigned long slot)
{
	return model->kind[slot] == IS_CACHED || model->kind[slot] == IS_SWAPPED;
}

/* The first slot of the range that is wrong says what is wrong. */
static int range_error(const struct model *model, unsigned long slot,
		       unsigned int nr, bool dup, bool owned)
{
	unsigned long limit = swaptbl_count_limit(model->dev);

	if (slot + nr > NR_SLOTS)
		return -ERANGE;
	for (; nr--; slot++) {
		if (model->kind[slot] == IS_FREE)
			return -ENOENT;
		if (!counted(model, slot))
			return -EINVAL;
		if (owned && !model->count[slot])
			return -ENOENT;
		if (dup && model->count[slot] == limit)
			return -EOVERFLOW;
	}
	return 0;
}

static void range_add(struct model *model, unsigned long slot, unsigned int nr,
		      int add)
{
	for (; nr--; slot++) {
		model->count[slot] += add;
		if (!model->count[slot] && model->kind[slot] == IS_SWAPPED)
			model->kind[slot] = IS_FREE;
	}
}

static void op_dup(struct model *model)
{
	unsigned int slot = below(model, NR_SLOTS), nr = 1 + below(model, 6);
	int err = range_error(model, slot, nr, true, true);

	KUNIT_EXPECT_EQ(model->test, err,
			swaptbl_dup_entries(model->dev, slot, nr,
					    SWAPTBL_DUP_OWNED, GFP_KERNEL));
	if (!err)
		range_add(model, slot, nr, 1);
}

static void op_put(struct model *model)
{
	unsigned int slot = below(model, NR_SLOTS), nr = 1 + below(model, 4);
	int err = range_error(model, slot, nr, false, true);

	KUNIT_EXPECT_EQ(model->test, err,
			swaptbl_put_entries(model->dev, slot, nr));
	if (!err)
		range_add(model, slot, nr, -1);
}

/* It may refuse what takes the lock, and nothing else; it never does wrong. */
static void op_lockless(struct model *model)
{
	unsigned int slot = below(model, NR_SLOTS);
	bool dup = below(model, 2);
	int err, right = range_error(model, slot, 1, dup, true);

	err = dup ? swaptbl_dup_lockless(model->dev, slot) :
		    swaptbl_put_lockless(model->dev, slot);
	KUNIT_EXPECT_TRUE(model->test, err == -EAGAIN || (!err && !right));
	if (!dup && model->count[slot] == 1)
		KUNIT_EXPECT_EQ(model->test, err, -EAGAIN);
	if (!err)
		range_add(model, slot, 1, dup ? 1 : -1);
}

static bool has_run(const struct model *model, unsigned int nr)
{
	unsigned int slot, i;

	for (slot = 0; slot + nr <= NR_SLOTS; slot += nr) {
		for (i = 0; i < nr && model->kind[slot + i] == IS_FREE; i++)
			;
		if (i == nr)
			return true;
	}
	return false;
}

static void set_kind(struct model *model, unsigned long slot, unsigned int nr,
		     enum kind kind)
{
	for (; nr--; slot++) {
		model->kind[slot] = kind;
		if (kind == IS_SWAPPED && !model->count[slot])
			model->kind[slot] = IS_FREE;
	}
}

static int alloc_error(const struct model *model, unsigned int nr)
{
	if (has_run(model, nr))
		return 0;
	return has_run(model, 1) ? -E2BIG : -ENOSPC;
}

static void op_bind(struct model *model, unsigned int i)
{
	struct folio *folio = model->folio[i];
	unsigned int nr = folio_nr_pages(folio);
	int err = model->first[i] ? -EEXIST : alloc_error(model, nr);

	KUNIT_EXPECT_EQ(model->test, err,
			swaptbl_folio_alloc_swap_on(model->dev, folio));
	if (err || !swaptbl_folio_bound(folio))
		return;
	model->first[i] = swaptbl_test_offset(folio);
	KUNIT_ASSERT_EQ(model->test, model->first[i] % nr, 0);
	KUNIT_ASSERT_LE(model->test, model->first[i] + nr, NR_SLOTS);
	for (i = swaptbl_test_offset(folio); nr--; i++) {
		KUNIT_EXPECT_EQ(model->test, model->kind[i], IS_FREE);
		model->kind[i] = IS_CACHED;
	}
}

static void op_unbind(struct model *model, unsigned int i)
{
	struct folio *folio = model->folio[i];

	KUNIT_EXPECT_EQ(model->test, model->first[i] ? 0 : -EINVAL,
			swaptbl_test_unbind(folio));
	if (model->first[i])
		set_kind(model, model->first[i], folio_nr_pages(folio), IS_SWAPPED);
	model->first[i] = 0;
}

static void op_free_swap(struct model *model, unsigned int i)
{
	struct folio *folio = model->folio[i];
	unsigned int j, nr = folio_nr_pages(folio);
	int err = model->first[i] ? 0 : -EINVAL;

	for (j = 0; j < nr && !err; j++)
		if (model->count[model->first[i] + j])
			err = -EBUSY;
	KUNIT_EXPECT_EQ(model->test, err, swaptbl_folio_free_swap(folio));
	if (err)
		return;
	set_kind(model, model->first[i], nr, IS_FREE);
	model->first[i] = 0;
}

/* All pages or one of them. */
static void op_folio_dup(struct model *model, unsigned int i)
{
	struct folio *folio = model->folio[i];
	unsigned int page, nr = folio_nr_pages(folio);
	bool all = below(model, 2);
	int err = -EINVAL;

	page = all ? 0 : below(model, nr);
	nr = all ? nr : 1;
	if (model->first[i])
		err = range_error(model, model->first[i] + page, nr, true, false);
	KUNIT_EXPECT_EQ(model->test, err,
			swaptbl_folio_dup_swap(folio, all ? NULL :
					       folio_page(folio, page),
					       GFP_KERNEL));
	if (!err)
		range_add(model, model->first[i] + page, nr, 1);
}

static void op_alloc_exclusive(struct model *model)
{
	int err = alloc_error(model, 1);
	swp_entry_t entry;

	KUNIT_EXPECT_EQ(model->test, err,
			swaptbl_alloc_exclusive(model->dev->type, &entry));
	if (err)
		return;
	KUNIT_ASSERT_LT(model->test, swp_offset(entry), NR_SLOTS);
	KUNIT_EXPECT_EQ(model->test, model->kind[swp_offset(entry)], IS_FREE);
	model->kind[swp_offset(entry)] = IS_EXCLUSIVE;
}

static void op_free_exclusive(struct model *model)
{
	unsigned int slot = below(model, NR_SLOTS);
	int err = -EINVAL;

	if (model->kind[slot] == IS_FREE)
		err = -ENOENT;
	if (model->kind[slot] == IS_EXCLUSIVE)
		err = 0;
	KUNIT_EXPECT_EQ(model->test, err,
			swaptbl_free_exclusive(swp_entry(model->dev->type,
							 slot)));
	if (!err)
		model->kind[slot] = IS_FREE;
}

static void step(struct model *model)
{
	unsigned int i = below(model, NR_FOLIOS);
	unsigned int op = below(model, 16);

	if (op < 2)
		op_bind(model, i);
	else if (op < 4)
		op_folio_dup(model, i);
	else if (op == 4)
		op_unbind(model, i);
	else if (op == 5)
		op_free_swap(model, i);
	else if (op == 6)
		op_alloc_exclusive(model);
	else if (op == 7)
		op_free_exclusive(model);
	else if (op < 11)
		op_dup(model);
	else if (op < 14)
		op_put(model);
	else
		op_lockless(model);
}

static enum kind kind_of(unsigned long entry)
{
	if (swaptbl_entry_is_free(entry))
		return IS_FREE;
	if (swaptbl_entry_is_bad(entry))
		return IS_BAD;
	if (swaptbl_entry_is_exclusive(entry))
		return IS_EXCLUSIVE;
	return swaptbl_entry_is_cached(entry) ? IS_CACHED : IS_SWAPPED;
}

static void compare(struct model *model)
{
	unsigned int slot;

	for (slot = 0; slot < NR_SLOTS; slot++) {
		KUNIT_EXPECT_EQ(model->test, model->kind[slot],
				kind_of(swaptbl_test_word(model->dev, slot)));
		KUNIT_EXPECT_EQ(model->test, model->count[slot],
				swaptbl_test_exact(model->dev, slot));
	}
	swaptbl_expect_verified(model->test, model->dev);
}

static struct model *model_alloc(struct kunit *test)
{
	struct model *model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, model);
	model->test = test;
	swaptbl_test_random(test, &model->rnd);
	model->dev = swaptbl_test_device(test, NR_SLOTS,
					 swaptbl_test_width(test->param_value));
	/* Low, to be reached by chance. */
	model->dev->units_max = 3;
	model->kind[0] = IS_BAD;
	for (i = 0; i < NR_FOLIOS; i++)
		model->folio[i] = swaptbl_test_folio(test, i % 4);
	return model;
}

static void random_operations(struct kunit *test)
{
	unsigned int i, nr = swaptbl_test_long ? 30000 : 1500;
	struct model *model = model_alloc(test);

	compare(model);
	for (i = 0; i < nr; i++) {
		step(model);
		compare(model);
		if (test->status == KUNIT_FAILURE)
			break;
	}
	kunit_info(test, "%u operations", i);
}

KUNIT_ARRAY_PARAM(width, swaptbl_test_widths, swaptbl_test_width_desc);

static struct kunit_case swaptbl_model_cases[] = {
	KUNIT_CASE_PARAM(random_operations, width_gen_params),
	{}
};

static struct kunit_suite swaptbl_model_suite = {
	.name = "swaptbl_model",
	.test_cases = swaptbl_model_cases,
};

kunit_test_suite(swaptbl_model_suite);
