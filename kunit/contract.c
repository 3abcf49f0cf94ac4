// SPDX-License-Identifier: GPL-2.0
/*
 * The contract: what callers may rely on, of whichever engine. Where two differ by intent,
 * what is expected of each has a name; see Documentation/contract.rst.
 */
#include <linux/bitmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "contract.h"

KUNIT_ARRAY_PARAM(subject, contract_subjects, contract_desc);

/* Slots of their own, bound, and without a count. */
static void alloc_binds_new_slots(struct kunit *test)
{
	struct folio *folio, *other;
	struct contract c;
	long distance;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	contract_expect_counts(&c, folio, 0);
	KUNIT_EXPECT_EQ(test, contract_slots_used(&c), c.nr);
	KUNIT_EXPECT_EQ(test, swp_offset(folio->swap) % c.nr, 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1 + c.nr);
	if (c.order < 9) {
		other = contract_bound(&c);
		distance = swp_offset(other->swap) - swp_offset(folio->swap);
		KUNIT_EXPECT_GE(test, abs(distance), c.nr);
		KUNIT_EXPECT_EQ(test, contract_unbind(&c, other), 0);
	}
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

static void counts_go_up_and_down(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	int i;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	for (i = 1; i <= 3; i++) {
		KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
		contract_expect_counts(&c, folio, i);
	}
	while (i-- > 1) {
		KUNIT_EXPECT_EQ(test, c.ops->put_folio(folio, NULL), 0);
		contract_expect_counts(&c, folio, i - 1);
	}
	KUNIT_EXPECT_EQ(test, contract_slots_used(&c), c.nr);
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

/* A count of one page is that page's only. */
static void page_has_its_own_count(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	unsigned int i;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, folio_page(folio, c.nr / 2)), 0);
	for (i = 0; i < c.nr; i++)
		KUNIT_EXPECT_EQ(test, c.ops->count(contract_entry(folio, i)),
				i == c.nr / 2);
	KUNIT_EXPECT_EQ(test, c.ops->put_folio(folio, folio_page(folio, c.nr / 2)), 0);
	contract_expect_counts(&c, folio, 0);
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

/* Who has the entry but not the folio. */
static void entry_is_shared(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	swp_entry_t last;
	long i;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	last = contract_entry(folio, c.nr - 1);
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
	for (i = 2; i <= 9; i++) {
		KUNIT_EXPECT_EQ(test, c.ops->dup(last), 0);
		KUNIT_EXPECT_EQ(test, c.ops->count(last), i);
	}
	while (--i > 1) {
		KUNIT_EXPECT_EQ(test, c.ops->put(last), 0);
		KUNIT_EXPECT_EQ(test, c.ops->count(last), i - 1);
	}
	contract_expect_counts(&c, folio, 1);
	KUNIT_EXPECT_EQ(test, c.ops->put_folio(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

/* Beyond what is in the slot itself, exactly, and nothing of it is the neighbour's. */
static void count_overflows(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	swp_entry_t entry;
	long i, top;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	entry = contract_entry(folio, 0);
	top = c.engine->border + 20;
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
	for (i = 2; i <= top; i++) {
		KUNIT_ASSERT_EQ(test, c.ops->dup(entry), 0);
		KUNIT_ASSERT_EQ(test, c.ops->count(entry), i);
	}
	if (c.nr > 1)
		KUNIT_EXPECT_EQ(test, c.ops->count(contract_entry(folio, 1)), 1);
	for (i = top - 1; i; i--) {
		KUNIT_ASSERT_EQ(test, c.ops->put(entry), 0);
		KUNIT_ASSERT_EQ(test, c.ops->count(entry), i);
	}
	contract_expect_counts(&c, folio, 1);
	KUNIT_EXPECT_EQ(test, c.ops->put_folio(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

static void count_swings_around_border(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	long i;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	for (i = 0; i < c.engine->border; i++)
		KUNIT_ASSERT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
		contract_expect_counts(&c, folio, c.engine->border + 1);
		KUNIT_EXPECT_EQ(test, c.ops->put_folio(folio, NULL), 0);
		contract_expect_counts(&c, folio, c.engine->border);
	}
	for (i = 0; i < c.engine->border; i++)
		KUNIT_ASSERT_EQ(test, c.ops->put_folio(folio, NULL), 0);
	contract_expect_counts(&c, folio, 0);
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

/* The last count of a slot without a folio frees it, by itself and in a range. */
static void last_put_frees(struct kunit *test)
{
	unsigned int some;
	struct folio *folio;
	struct contract c;
	swp_entry_t entry;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	entry = folio->swap;
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, c.ops->delete(folio), 0);
	KUNIT_EXPECT_EQ(test, folio->swap.val, 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	contract_drop(folio);
	contract_expect_swapped(&c, entry, c.nr, 1);
	KUNIT_EXPECT_EQ(test, contract_slots_used(&c), c.nr);
	some = c.nr / 3;
	if (some) {
		KUNIT_EXPECT_EQ(test, c.ops->put_range(entry, some), 0);
		contract_expect_swapped(&c, entry, some, 0);
		KUNIT_EXPECT_EQ(test, contract_slots_used(&c), c.nr - some);
	}
	entry.val += some;
	contract_expect_swapped(&c, entry, c.nr - some, 1);
	for (; some < c.nr; some++, entry.val++)
		KUNIT_EXPECT_EQ(test, c.ops->put(entry), 0);
	contract_end(&c);
}

/* Slots of one range may have different counts. */
static void range_has_different_counts(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	swp_entry_t entry;
	unsigned int i;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	entry = folio->swap;
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
	for (i = 0; i < c.nr; i += 3)
		KUNIT_EXPECT_EQ(test, c.ops->dup(contract_entry(folio, i)), 0);
	KUNIT_EXPECT_EQ(test, c.ops->delete(folio), 0);
	contract_drop(folio);
	KUNIT_EXPECT_EQ(test, c.ops->put_range(entry, c.nr), 0);
	for (i = 0; i < c.nr; i++, entry.val++)
		contract_expect_swapped(&c, entry, 1, !(i % 3));
	KUNIT_EXPECT_EQ(test, contract_slots_used(&c), DIV_ROUND_UP(c.nr, 3));
	for (entry.val -= c.nr, i = 0; i < c.nr; i++, entry.val++)
		if (!(i % 3))
			KUNIT_EXPECT_EQ(test, c.ops->put(entry), 0);
	contract_end(&c);
}

/* A folio keeps its slots, whatever their counts. */
static void put_keeps_what_is_bound(struct kunit *test)
{
	struct folio *folio;
	struct contract c;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, c.ops->put_range(folio->swap, c.nr), 0);
	contract_expect_counts(&c, folio, 0);
	KUNIT_EXPECT_EQ(test, contract_slots_used(&c), c.nr);
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

static void free_is_refused_with_a_count(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	struct page *last;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	last = folio_page(folio, c.nr - 1);
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, last), 0);
	KUNIT_EXPECT_EQ(test, c.ops->free(folio), -EBUSY);
	KUNIT_EXPECT_EQ(test, contract_slots_used(&c), c.nr);
	KUNIT_EXPECT_EQ(test, c.ops->count(contract_entry(folio, c.nr - 1)), 1);
	KUNIT_EXPECT_EQ(test, c.ops->put_folio(folio, last), 0);
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

/* What has no count goes with the folio, what has one stays. */
static void delete_keeps_what_is_counted(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	swp_entry_t last;

	contract_begin(test, &c);
	folio = contract_bound(&c);
	last = contract_entry(folio, c.nr - 1);
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, folio_page(folio, c.nr - 1)), 0);
	KUNIT_EXPECT_EQ(test, c.ops->delete(folio), 0);
	contract_drop(folio);
	contract_expect_swapped(&c, last, 1, 1);
	KUNIT_EXPECT_EQ(test, contract_slots_used(&c), 1);
	KUNIT_EXPECT_EQ(test, c.ops->put(last), 0);
	contract_end(&c);
}

/* Named expectation range-dup: there is none, or it is all or nothing. */
static void range_dup(struct kunit *test)
{
	struct folio *folio;
	struct contract c;

	contract_begin(test, &c);
	KUNIT_EXPECT_EQ(test, !!c.ops->dup_range, c.engine->refuses);
	if (!c.ops->dup_range)
		return;
	folio = contract_bound(&c);
	KUNIT_EXPECT_EQ(test, c.ops->dup_folio(folio, NULL), 0);
	KUNIT_EXPECT_EQ(test, c.ops->dup_range(folio->swap, c.nr), 0);
	contract_expect_counts(&c, folio, 2);
	KUNIT_EXPECT_EQ(test, c.ops->put_folio(folio, folio_page(folio, 0)), 0);
	KUNIT_EXPECT_EQ(test, c.ops->put_folio(folio, folio_page(folio, 0)), 0);
	KUNIT_EXPECT_NE(test, c.ops->dup_range(folio->swap, c.nr), 0);
	if (c.nr > 1) {
		KUNIT_EXPECT_EQ(test, c.ops->count(contract_entry(folio, 1)), 2);
		KUNIT_EXPECT_EQ(test, c.ops->put_range(contract_entry(folio, 1),
						       c.nr - 1), 0);
		KUNIT_EXPECT_EQ(test, c.ops->put_range(contract_entry(folio, 1),
						       c.nr - 1), 0);
	}
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	contract_end(&c);
}

/*
 * Named expectation bad-input: refused with an error, and nothing changed. Of an engine
 * that does not, it is the caller's duty, and a test has nothing to call.
 */
static void bad_input(struct kunit *test)
{
	struct folio *folio;
	struct contract c;
	swp_entry_t entry;

	contract_begin(test, &c);
	if (!c.engine->refuses)
		return;
	folio = contract_bound(&c);
	entry = folio->swap;
	KUNIT_EXPECT_EQ(test, c.ops->alloc(folio), -EEXIST);
	KUNIT_EXPECT_NE(test, c.ops->put_folio(folio, NULL), 0);
	KUNIT_EXPECT_NE(test, c.ops->put(entry), 0);
	KUNIT_EXPECT_NE(test, c.ops->dup(entry), 0);
	contract_expect_counts(&c, folio, 0);
	KUNIT_EXPECT_EQ(test, contract_unbind(&c, folio), 0);
	KUNIT_EXPECT_EQ(test, c.ops->dup(entry), -ENOENT);
	KUNIT_EXPECT_EQ(test, c.ops->put(entry), -ENOENT);
	KUNIT_EXPECT_NE(test, c.ops->dup(swp_entry(swp_type(entry), 1UL << 20)), 0);
	contract_end(&c);
}

static struct kunit_case swaptbl_contract_cases[] = {
	KUNIT_CASE_PARAM(alloc_binds_new_slots, subject_gen_params),
	KUNIT_CASE_PARAM(counts_go_up_and_down, subject_gen_params),
	KUNIT_CASE_PARAM(page_has_its_own_count, subject_gen_params),
	KUNIT_CASE_PARAM(entry_is_shared, subject_gen_params),
	KUNIT_CASE_PARAM(count_overflows, subject_gen_params),
	KUNIT_CASE_PARAM(count_swings_around_border, subject_gen_params),
	KUNIT_CASE_PARAM(last_put_frees, subject_gen_params),
	KUNIT_CASE_PARAM(range_has_different_counts, subject_gen_params),
	KUNIT_CASE_PARAM(put_keeps_what_is_bound, subject_gen_params),
	KUNIT_CASE_PARAM(free_is_refused_with_a_count, subject_gen_params),
	KUNIT_CASE_PARAM(delete_keeps_what_is_counted, subject_gen_params),
	KUNIT_CASE_PARAM(range_dup, subject_gen_params),
	KUNIT_CASE_PARAM(bad_input, subject_gen_params),
	{}
};

static struct kunit_suite swaptbl_contract_suite = {
	.name = "swaptbl_contract",
	.test_cases = swaptbl_contract_cases,
};

kunit_test_suite(swaptbl_contract_suite);
