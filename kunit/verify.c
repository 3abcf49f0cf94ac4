// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the oracle that all others rely on: each invariant broken by hand is
 * found and named. swaptbl/verify.c.
 */
#include <kunit/test.h>
#include <linux/seq_file.h>

#include "../swaptbl/cluster.h"
#include "../swaptbl/count.h"
#include "../swaptbl/folio.h"
#include "util.h"

/**
 * struct scene - a device with some of everything
 * @dev: the device
 * @ci: the one cluster with used slots
 * @folio: bound, without a count
 * @cached: first slot of @folio
 * @swapped: slot with count 1
 * @overflowed: slot in overflow
 */
struct scene {
	struct swaptbl_device *dev;
	struct swaptbl_cluster *ci;
	struct folio *folio;
	unsigned int cached;
	unsigned int swapped;
	unsigned int overflowed;
};

static void change_word(struct scene *scene, unsigned int slot,
			unsigned long bits)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(scene->dev, slot);

	atomic_long_xor(bits, &__swaptbl_cluster_table(ci)->word[slot]);
	swaptbl_cluster_unlock(ci);
}

static void change_bit_of_map(struct scene *scene)
{
	__change_bit(scene->swapped, scene->ci->used);
}

static void change_used(struct scene *scene)
{
	scene->ci->nr_used ^= 1;
}

static void change_bad(struct scene *scene)
{
	scene->ci->nr_bad ^= 2;
}

static void change_cached_only(struct scene *scene)
{
	scene->ci->nr_cached_only ^= 1;
}

/* There are free slots. */
static void change_absent(struct scene *scene)
{
	scene->ci->absent = scene->ci->absent ? 0 : SWAPTBL_NR_ORDERS;
}

static void change_order(struct scene *scene)
{
	scene->ci->order ^= 1;
}

static void change_list(struct scene *scene)
{
	scene->ci->list ^= SWAPTBL_LIST_NONFULL ^ SWAPTBL_LIST_FULL;
}

static void change_list_length(struct scene *scene)
{
	scene->dev->nonfull[scene->ci->order].nr ^= 2;
}

static void change_flag(struct scene *scene)
{
	change_word(scene, scene->overflowed, SWAPTBL_OVERFLOW_FLAG);
}

static void change_units(struct scene *scene)
{
	scene->dev->units_max ^= SWAPTBL_OVERFLOW_UNITS_MAX;
}

static void change_count(struct scene *scene)
{
	change_word(scene, scene->swapped, SWAPTBL_COUNT_ONE);
}

static void change_count_to_large(struct scene *scene)
{
	change_word(scene, scene->swapped, 2 * SWAPTBL_COUNT_ONE);
}

static void change_entry_of_folio(struct scene *scene)
{
	scene->folio->swap.val ^= 4;
}

static void change_slot_of_folio(struct scene *scene)
{
	change_word(scene, scene->cached + 1, swaptbl_folio_to_entry(scene->folio));
}

static void change_header_slot(struct scene *scene)
{
	change_word(scene, 0, swaptbl_bad_entry());
}

static void change_frontier(struct scene *scene)
{
	scene->dev->frontier ^= 2;
}

static void change_index(struct scene *scene)
{
	scene->ci->index ^= 1;
}

static void change_to_frag(struct scene *scene)
{
	struct swaptbl_cluster *ci = scene->ci;

	swaptbl_cluster_lock_found(ci);
	__swaptbl_cluster_move(scene->dev, ci,
			       ci->list == SWAPTBL_LIST_FRAG ?
			       SWAPTBL_LIST_NONFULL : SWAPTBL_LIST_FRAG,
			       ci->order);
	swaptbl_cluster_unlock(ci);
}

static void change_units_of_free_slot(struct scene *scene)
{
	struct swaptbl_overflow *ovf = &scene->ci->overflow;
	unsigned int slot = SWAPTBL_CLUSTER_SLOTS - 1;

	swaptbl_overflow_set(ovf, slot, !swaptbl_overflow_get(ovf, slot));
}

static void change_used_of_device(struct scene *scene)
{
	atomic_long_xor(1, &scene->dev->nr_used);
}

static void change_bad_of_device(struct scene *scene)
{
	scene->dev->nr_bad ^= 2;
}

static void change_stat(struct scene *scene, enum swaptbl_stat stat)
{
	per_cpu_ptr(scene->dev->pcpu, 0)->stat[stat] ^= 1;
}

static void change_stat_tables(struct scene *scene)
{
	change_stat(scene, SWAPTBL_STAT_TABLES);
}

static void change_stat_cached_only(struct scene *scene)
{
	change_stat(scene, SWAPTBL_STAT_CACHED_ONLY);
}

static void change_stat_exclusive(struct scene *scene)
{
	change_stat(scene, SWAPTBL_STAT_EXCLUSIVE);
}

static void change_stat_overflow(struct scene *scene)
{
	change_stat(scene, SWAPTBL_STAT_OVERFLOW_LEAVE);
}

static void change_stat_free(struct scene *scene)
{
	change_stat(scene, SWAPTBL_STAT_FREE);
}

/* The second call takes back what the first one did. */
static const struct fault {
	const char *name;
	void (*change)(struct scene *scene);
} faults[] = {
	{ "used-bit", change_bit_of_map },
	{ "used", change_used },
	{ "bad", change_bad },
	{ "cached-only", change_cached_only },
	{ "absent-run", change_absent },
	{ "list-order", change_order },
	{ "list-flag", change_list },
	{ "list-length", change_list_length },
	{ "overflow-flag", change_flag },
	{ "overflow-units", change_units },
	{ "swapped-count", change_count },
	{ "count-max", change_count_to_large },
	{ "folio-entry", change_entry_of_folio },
	{ "folio-slots", change_slot_of_folio },
	{ "header-slot", change_header_slot },
	{ "frontier", change_frontier },
	{ "index", change_index },
	{ "frag-run", change_to_frag },
	{ "overflow-stale", change_units_of_free_slot },
	{ "sum-used", change_used_of_device },
	{ "sum-bad", change_bad_of_device },
	{ "sum-tables", change_stat_tables },
	{ "sum-cached-only", change_stat_cached_only },
	{ "sum-exclusive", change_stat_exclusive },
	{ "sum-overflowed", change_stat_overflow },
	{ "sum-allocated", change_stat_free },
};

KUNIT_ARRAY_PARAM_DESC(fault, faults, name);

static void scene_set(struct kunit *test, struct scene *scene)
{
	scene->dev = swaptbl_test_device(test, 2 * SWAPTBL_CLUSTER_SLOTS,
					 SWAPTBL_COUNT_BITS_MIN);
	scene->folio = swaptbl_test_bound(test, scene->dev, 2);
	scene->cached = swaptbl_test_offset(scene->folio);
	scene->ci = swaptbl_cluster_lookup(scene->dev, scene->cached);
	scene->swapped = swaptbl_test_swapped(test, scene->dev, 2, 1);
	scene->overflowed = scene->swapped + 1;
	KUNIT_ASSERT_EQ(test, 0,
			swaptbl_test_dup(scene->dev, scene->overflowed, 9));
	KUNIT_ASSERT_PTR_EQ(test, scene->ci,
			    swaptbl_cluster_lookup(scene->dev, scene->swapped));
	swaptbl_expect_verified(test, scene->dev);
}

static void fault_is_named(struct kunit *test)
{
	const struct fault *fault = test->param_value;
	char *line = kunit_kzalloc(test, 64, GFP_KERNEL);
	struct seq_file m = { .size = PAGE_SIZE };
	struct scene scene = {};
	unsigned int errors;

	m.buf = kunit_kzalloc(test, m.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.buf);
	KUNIT_ASSERT_NOT_NULL(test, line);
	scene_set(test, &scene);
	fault->change(&scene);
	errors = swaptbl_verify(scene.dev, &m);
	fault->change(&scene);
	KUNIT_EXPECT_GT(test, errors, 0);
	snprintf(line, 64, "\n%s: ", fault->name);
	/* At the start of a line, be it the first one. */
	KUNIT_EXPECT_TRUE_MSG(test, !strncmp(m.buf, line + 1, strlen(line + 1)) ||
			      strstr(m.buf, line), "not named: %s", m.buf);
	swaptbl_expect_verified(test, scene.dev);
}

static void nothing_wrong(struct kunit *test)
{
	struct seq_file m = { .size = PAGE_SIZE };
	struct scene scene = {};

	m.buf = kunit_kzalloc(test, m.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.buf);
	scene_set(test, &scene);
	KUNIT_EXPECT_EQ(test, swaptbl_verify(scene.dev, &m), 0);
	KUNIT_EXPECT_EQ(test, strncmp(m.buf, "ok: ", 4), 0);
}

static struct kunit_case swaptbl_verify_cases[] = {
	KUNIT_CASE_PARAM(fault_is_named, fault_gen_params),
	KUNIT_CASE(nothing_wrong),
	{}
};

static struct kunit_suite swaptbl_verify_suite = {
	.name = "swaptbl_verify",
	.test_cases = swaptbl_verify_cases,
};

kunit_test_suite(swaptbl_verify_suite);
