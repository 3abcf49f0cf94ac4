// SPDX-License-Identifier: GPL-2.0
/*
 * How a case of the contract gets an engine, and folios.
 */
#include <kunit/resource.h>
#include <linux/err.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "contract.h"

const struct contract_subject contract_subjects[CONTRACT_NR_SUBJECTS] = {
	{ SWAPTBL_ENGINE_OWN, 0 },
	{ SWAPTBL_ENGINE_OWN, 4 },
	{ SWAPTBL_ENGINE_OWN, 9 },
	{ SWAPTBL_ENGINE_NATIVE, 0 },
	{ SWAPTBL_ENGINE_NATIVE, 4 },
	{ SWAPTBL_ENGINE_NATIVE, 9 },
};

void contract_desc(const struct contract_subject *subject, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s order=%u", subject->engine,
		 subject->order);
}

static void engine_put(void *engine)
{
	swaptbl_engine_put(engine);
}

static void engine_close(void *ctx)
{
	struct swaptbl_engine *engine = ctx;

	engine->close();
}

static struct swaptbl_engine *engine_get(struct kunit *test, const char *name)
{
	struct swaptbl_engine *engine = swaptbl_engine_get(name);
	int err;

	if (engine == ERR_PTR(-ENOENT))
		kunit_skip(test, "swaptbl_native is not inserted, or refused this kernel");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, engine);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, engine_put, engine));
	err = engine->open(CONTRACT_SLOTS);
	if (err == -ENOSPC)
		kunit_skip(test, "nothing is swapped to here, or it is too small");
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, engine_close, engine));
	return engine;
}

static bool has_order(const struct contract *c)
{
	return !c->order || !strcmp(c->engine->name, SWAPTBL_ENGINE_OWN) ||
	       IS_ENABLED(CONFIG_THP_SWAP);
}

void contract_begin(struct kunit *test, struct contract *c)
{
	const struct contract_subject *subject = test->param_value;

	c->test = test;
	c->engine = engine_get(test, subject->engine);
	c->ops = &c->engine->ops;
	c->order = subject->order;
	c->nr = 1U << c->order;
	c->nr_free = c->engine->nr_free();
	if (!has_order(c))
		kunit_skip(test, "this kernel swaps single pages only");
}

void contract_end(struct contract *c)
{
	KUNIT_EXPECT_EQ(c->test, contract_slots_used(c), 0);
}

unsigned long contract_slots_used(const struct contract *c)
{
	return c->nr_free - c->engine->nr_free();
}

struct folio *contract_bound(struct contract *c)
{
	struct folio *folio = c->ops->folio_new(c->order);

	KUNIT_ASSERT_NOT_NULL(c->test, folio);
	KUNIT_ASSERT_EQ(c->test, c->ops->alloc(folio), 0);
	KUNIT_EXPECT_NE(c->test, folio->swap.val, 0);
	return folio;
}

/* Also drops the folio. */
int contract_unbind(struct contract *c, struct folio *folio)
{
	int err = c->ops->free(folio);

	if (!err) {
		KUNIT_EXPECT_EQ(c->test, folio_ref_count(folio), 1);
		contract_drop(folio);
	}
	return err;
}

void contract_drop(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
}

swp_entry_t contract_entry(const struct folio *folio, unsigned int i)
{
	return swp_entry(swp_type(folio->swap), swp_offset(folio->swap) + i);
}

static void expect_found(struct contract *c, swp_entry_t entry, struct folio *folio)
{
	struct folio *found = c->ops->lookup(entry);

	KUNIT_EXPECT_PTR_EQ(c->test, found, folio);
	if (found)
		folio_put(found);
}

void contract_expect_counts(struct contract *c, struct folio *folio, long count)
{
	unsigned int i;

	for (i = 0; i < c->nr; i++) {
		KUNIT_EXPECT_EQ(c->test, c->ops->count(contract_entry(folio, i)),
				count);
		expect_found(c, contract_entry(folio, i), folio);
	}
}

void contract_expect_swapped(struct contract *c, swp_entry_t entry, unsigned int nr,
			     long count)
{
	for (; nr; nr--, entry.val++) {
		KUNIT_EXPECT_EQ(c->test, c->ops->count(entry), count);
		expect_found(c, entry, NULL);
	}
}
