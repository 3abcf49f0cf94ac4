// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites about groups, charges and statistics share.
 */
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/evict.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/handle.h"
#include "group_util.h"

/*
 * The memory of a removed group goes after a grace period, its handle is killed then and
 * switches after another one, and is freed after a third.
 */
unsigned long swaptbl_test_handles_settled(void)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		rcu_barrier();
	return swaptbl_handles_nr();
}

/* Somebody names the id, so that no other group can get it. */
bool swaptbl_test_named(unsigned int id)
{
	bool named;

	rcu_read_lock();
	named = swaptbl_handle_find(id);
	rcu_read_unlock();
	return named;
}

struct swaptbl_group *swaptbl_test_limited(struct kunit *test,
					   struct swaptbl_group *parent, long limit)
{
	struct swaptbl_group *group = swaptbl_test_child(test, parent);

	swaptbl_test_limit(group, limit);
	return group;
}

/* Bound, each slot with one count, not on a list; locked. */
struct folio *swaptbl_test_bound_of(struct kunit *test, struct swaptbl_device *dev,
				    struct swaptbl_group *group,
				    unsigned int order, u32 seed)
{
	struct folio *folio = swaptbl_test_charged(test, group, order,
						   first_memory_node);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_alloc_swap_on(dev, folio));
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL));
	swaptbl_test_fill(folio, seed);
	return folio;
}

/* The same of one page on a list and unlocked, as reclaim wants it. */
struct folio *swaptbl_test_bound_on_lru(struct kunit *test,
					struct swaptbl_device *dev,
					struct swaptbl_group *group,
					enum lru_list lru, u32 seed)
{
	struct folio *folio = swaptbl_test_bound_of(test, dev, group, 0, seed);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_add_lru(folio, lru));
	swaptbl_lru_drain_all();
	folio_unlock(folio);
	return folio;
}

/* Swapped slots of count 1 that name the group, and their data in the store. */
unsigned long swaptbl_test_evicted_of(struct kunit *test,
				      struct swaptbl_device *dev,
				      struct swaptbl_group *group,
				      unsigned int order, u32 seed)
{
	struct folio *folio = swaptbl_test_bound_of(test, dev, group, order, seed);
	unsigned long offset = swaptbl_test_offset(folio);

	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_evict(folio));
	swaptbl_test_folio_free(test, folio);
	return offset;
}

void swaptbl_test_levels(struct kunit *test, struct swaptbl_test_levels *levels)
{
	unsigned int i;

	levels->tree = swaptbl_test_tree(test);
	levels->group[0] = levels->tree->root;
	for (i = 1; i < SWAPTBL_TEST_LEVELS; i++)
		levels->group[i] = swaptbl_test_child(test, levels->group[i - 1]);
}

void swaptbl_expect_stat(struct kunit *test, struct swaptbl_group *group,
			 enum swaptbl_lru_stat stat, long local, long total)
{
	KUNIT_EXPECT_EQ_MSG(test, swaptbl_test_local(group, stat), local,
			    "%s at depth %u", swaptbl_lru_stat_name(stat),
			    group->depth);
	KUNIT_EXPECT_EQ_MSG(test, swaptbl_test_total(group, stat), total,
			    "%s at depth %u", swaptbl_lru_stat_name(stat),
			    group->depth);
}

void swaptbl_test_limit(struct swaptbl_group *group, long limit)
{
	WRITE_ONCE(group->limit, limit);
}

bool swaptbl_test_is_charged(const struct folio *folio)
{
	return swaptbl_folio_handle(folio);
}

bool swaptbl_test_is_on_lru(const struct folio *folio)
{
	return swaptbl_folio_test(folio, SWAPTBL_FOLIO_LRU);
}

/* Id that a swapped slot names. */
unsigned int swaptbl_test_slot_group(struct swaptbl_device *dev,
				     unsigned long offset)
{
	unsigned long word = swaptbl_test_word(dev, offset);
	struct swaptbl_shadow shadow = {};

	if (swaptbl_entry_is_swapped(word))
		swaptbl_entry_to_shadow(word, &shadow);
	return shadow.group;
}

/* What an oracle reports, without a file. */
void swaptbl_test_report_init(struct kunit *test, struct seq_file *m)
{
	m->size = PAGE_SIZE;
	m->buf = kunit_kzalloc(test, m->size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m->buf);
}

/* At the start of a line, be it the first one. */
bool swaptbl_test_report_names(const struct seq_file *m, const char *name)
{
	const char *line = m->buf;
	size_t len = strlen(name);

	while (strncmp(line, name, len) || line[len] != ':') {
		line = strchr(line, '\n');
		if (!line)
			return false;
		line++;
	}
	return true;
}
