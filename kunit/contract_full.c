// SPDX-License-Identifier: GPL-2.0
/*
 * The contract at its limits: a full device, a fragmented one, slots that are used again.
 */
#include <linux/bitmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "../swaptbl/geometry.h"
#include "contract.h"

KUNIT_ARRAY_PARAM(subject, contract_subjects, contract_desc);

/* More than fit, with the slots that no aligned run begins at. */
#define MOST	(CONTRACT_SLOTS + 1)

/**
 * struct fill - a device that is being filled
 * @c: the engine
 * @nr: folios so far
 * @folio: they
 * @used: slots of theirs, by offset
 */
struct fill {
	struct contract c;
	unsigned int nr;
	struct folio *folio[MOST];
	DECLARE_BITMAP(used, 8192);
};

static struct fill *fill_begin(struct kunit *test)
{
	struct fill *fill = kunit_kzalloc(test, sizeof(*fill), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fill);
	contract_begin(test, &fill->c);
	if (fill->c.nr_free >= MOST)
		kunit_skip(test, "the device is too large: %lu slots", fill->c.nr_free);
	return fill;
}

static void mark_used(struct fill *fill, struct folio *folio)
{
	unsigned long offset = swp_offset(folio->swap);
	unsigned int i;

	KUNIT_ASSERT_LE(fill->c.test, offset + fill->c.nr, 8192);
	for (i = 0; i < fill->c.nr; i++)
		KUNIT_EXPECT_FALSE(fill->c.test,
				   __test_and_set_bit(offset + i, fill->used));
}

/* Return: what the first alloc said that failed. */
static int fill_up(struct fill *fill)
{
	struct folio *folio;
	int err;

	for (;;) {
		folio = fill->c.ops->folio_new(fill->c.order);
		KUNIT_ASSERT_NOT_NULL(fill->c.test, folio);
		err = fill->c.ops->alloc(folio);
		if (err)
			break;
		mark_used(fill, folio);
		fill->folio[fill->nr++] = folio;
	}
	KUNIT_EXPECT_EQ(fill->c.test, folio->swap.val, 0);
	KUNIT_EXPECT_EQ(fill->c.test, folio_ref_count(folio), 1);
	contract_drop(folio);
	return err;
}

static void fill_empty(struct fill *fill)
{
	while (fill->nr)
		if (fill->folio[--fill->nr])
			KUNIT_EXPECT_EQ(fill->c.test,
					contract_unbind(&fill->c, fill->folio[fill->nr]),
					0);
	contract_end(&fill->c);
}

/* Named expectation runs: those of clusters that are in use for other orders, or not. */
static unsigned long runs(const struct contract *c)
{
	if (!c->order || c->engine->mixes)
		return c->nr_free / c->nr;
	return c->nr_free / SWAPTBL_CLUSTER_SLOTS * (SWAPTBL_CLUSTER_SLOTS / c->nr);
}

/*
 * Every slot, or every aligned run, once; the first slot of all is never used. Named
 * expectations full and fragmented: which error says so.
 */
static void full_device(struct kunit *test)
{
	struct fill *fill = fill_begin(test);
	unsigned long left;
	int err = fill_up(fill);

	left = fill->c.engine->nr_free();
	KUNIT_EXPECT_EQ(test, err, left ? fill->c.engine->err_fragmented :
					  fill->c.engine->err_full);
	KUNIT_EXPECT_EQ(test, fill->nr, runs(&fill->c));
	KUNIT_EXPECT_EQ(test, left, fill->c.nr_free - fill->nr * fill->c.nr);
	fill_empty(fill);
}

/* Of a full device only what was freed can be had. */
static void freed_slots_are_used_again(struct kunit *test)
{
	struct fill *fill = fill_begin(test);
	struct folio **folio;
	swp_entry_t entry;

	fill_up(fill);
	folio = &fill->folio[fill->nr / 2];
	entry = (*folio)->swap;
	KUNIT_EXPECT_EQ(test, contract_unbind(&fill->c, *folio), 0);
	*folio = contract_bound(&fill->c);
	KUNIT_EXPECT_EQ(test, (*folio)->swap.val, entry.val);
	contract_expect_counts(&fill->c, *folio, 0);
	fill_empty(fill);
}

/* Named expectation fragmented: half of the slots are free, no two side by side. */
static void fragmented_device(struct kunit *test)
{
	struct fill *fill = fill_begin(test);
	struct folio *large;
	unsigned int i;

	if (fill->c.order)
		return;
	fill_up(fill);
	for (i = 0; i < fill->nr; i++) {
		if (swp_offset(fill->folio[i]->swap) % 2)
			continue;
		KUNIT_EXPECT_EQ(test, contract_unbind(&fill->c, fill->folio[i]), 0);
		fill->folio[i] = NULL;
	}
	large = fill->c.ops->folio_new(2);
	KUNIT_ASSERT_NOT_NULL(test, large);
	KUNIT_EXPECT_EQ(test, fill->c.ops->alloc(large),
			fill->c.engine->err_fragmented);
	contract_drop(large);
	KUNIT_EXPECT_EQ(test, contract_unbind(&fill->c, contract_bound(&fill->c)), 0);
	fill_empty(fill);
}

/* A slot that is used again has nothing of its past. */
static void new_user_has_no_past(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	unsigned int i;

	contract_begin(test, &c);
	for (i = 0; i < 40; i++) {
		folio = contract_bound(&c);
		contract_expect_counts(&c, folio, 0);
		KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
		KUNIT_EXPECT_EQ(test, c.ops->dup_range ?
				      c.ops->dup_range(folio->swap, c.nr) :
				      c.ops->dup_folio(folio, NULL), 0);
		KUNIT_EXPECT_EQ(test, c.ops->put_range(folio->swap, c.nr), 0);
		KUNIT_EXPECT_EQ(test, c.ops->put_range(folio->swap, c.nr), 0);
		KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	}
	contract_end(&c);
}

static struct kunit_case swaptbl_contract_full_cases[] = {
	KUNIT_CASE_PARAM(full_device, subject_gen_params),
	KUNIT_CASE_PARAM(freed_slots_are_used_again, subject_gen_params),
	KUNIT_CASE_PARAM(fragmented_device, subject_gen_params),
	KUNIT_CASE_PARAM(new_user_has_no_past, subject_gen_params),
	{}
};

static struct kunit_suite swaptbl_contract_full_suite = {
	.name = "swaptbl_contract_full",
	.test_cases = swaptbl_contract_full_cases,
};

kunit_test_suite(swaptbl_contract_full_suite);
