// SPDX-License-Identifier: GPL-2.0
/*
 * Groups for cases that are not about groups: whose folios and slots are.
 */
#include <linux/err.h>

#include "../swaptbl/charge.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/group.h"
#include "lru_util.h"

static struct swaptbl_tree *tree;
static struct swaptbl_group *owners[SWAPTBL_TEST_OWNERS];

static int owner_create(unsigned int owner)
{
	struct swaptbl_group *group;

	group = swaptbl_group_create(tree->root, SWAPTBL_GROUP_NO_LIMIT);
	if (IS_ERR(group))
		return PTR_ERR(group);
	owners[owner] = group;
	return 0;
}

int swaptbl_test_owners_create(void)
{
	unsigned int i;
	int err = 0;

	tree = swaptbl_tree_create(swaptbl_test_kind());
	if (IS_ERR(tree))
		return PTR_ERR(tree);
	for (i = 0; i < SWAPTBL_TEST_OWNERS && !err; i++)
		err = owner_create(i);
	if (err)
		swaptbl_test_owners_destroy();
	return err;
}

void swaptbl_test_owners_destroy(void)
{
	unsigned int i;

	for (i = 0; i < SWAPTBL_TEST_OWNERS && owners[i]; i++) {
		WARN_ON(swaptbl_group_remove(owners[i]));
		swaptbl_group_put(owners[i]);
	}
	WARN_ON(swaptbl_tree_destroy(tree));
}

struct swaptbl_group *swaptbl_test_owner(unsigned int owner)
{
	return owners[owner];
}

/* Until the folio leaves the slots that it is bound to. Returns the group's id. */
unsigned int swaptbl_test_charge(struct kunit *test, struct folio *folio,
				 unsigned int owner)
{
	KUNIT_ASSERT_EQ(test, 0, swaptbl_folio_charge(folio, owners[owner]));
	return owners[owner]->id;
}
