// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites about the first device share.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "../swaptbl/alloc.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/stats.h"
#include "first.h"

/* Hints are per CPU. Each case has a thread of its own, which ends with it. */
int swaptbl_first_stay_here(struct kunit *test)
{
	return set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
}

/* The device that the list has first, or NULL. */
static struct swaptbl_device *listed_first(void)
{
	unsigned long tried = 0;
	struct swaptbl_device *dev = swaptbl_device_get_next(&tried);

	if (dev)
		swaptbl_device_put(dev);
	return dev;
}

void swaptbl_first_skip_unless_none(struct kunit *test)
{
	if (listed_first())
		kunit_skip(test, "somebody has made a device");
}

unsigned int swaptbl_first_type(const struct folio *folio)
{
	return swaptbl_folio_bound(folio) ? swp_type(folio->swap) : SWAPTBL_FIRST_NONE;
}

struct swaptbl_device *swaptbl_first_device(struct kunit *test, unsigned int clusters,
					    int prio)
{
	return swaptbl_test_device_prio(test, clusters * SWAPTBL_CLUSTER_SLOTS, prio);
}

/* This CPU gets a hint on @dev, and keeps it until the cluster is empty or full. */
struct folio *swaptbl_first_hint(struct kunit *test, struct swaptbl_device *dev,
				 unsigned int order)
{
	struct folio *folio = swaptbl_test_bound(test, dev, order);

	/* A removal would wait for the lock. */
	folio_unlock(folio);
	return folio;
}

/* List and pointer agree; this CPU has a hint on @dev. */
void swaptbl_first_expect(struct kunit *test, struct swaptbl_device *dev)
{
	struct folio *folio = swaptbl_test_folio(test, 0);

	KUNIT_EXPECT_PTR_EQ(test, listed_first(), dev);
	KUNIT_EXPECT_TRUE(test, swaptbl_alloc_slots_first(folio));
	KUNIT_EXPECT_EQ(test, swaptbl_first_type(folio), dev->type);
	swaptbl_test_folio_free(test, folio);
	swaptbl_expect_verified(test, dev);
}

void swaptbl_first_expect_failures(struct kunit *test, struct swaptbl_device *dev,
				   long nospc, long too_big, long nomem)
{
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FAIL_NOSPC), nospc);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FAIL_2BIG), too_big);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(dev, SWAPTBL_STAT_FAIL_NOMEM), nomem);
}
