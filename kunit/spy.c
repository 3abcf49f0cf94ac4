// SPDX-License-Identifier: GPL-2.0
/*
 * A store that notes what it is asked.
 */
#include <linux/container_of.h>
#include <linux/kernel.h>
#include <linux/preempt.h>

#include "../swaptbl/device.h"
#include "spy.h"

static struct swaptbl_spy *spy_of(struct swaptbl_device *dev)
{
	return (struct swaptbl_spy *)container_of_const(dev->store,
							struct swaptbl_spy, ops);
}

static int spy_discard(struct swaptbl_device *dev, unsigned long offset,
		       unsigned int nr)
{
	struct swaptbl_spy *spy = spy_of(dev);

	might_sleep();
	spy->atomic |= preempt_count() != 0;
	if (spy->discards < SWAPTBL_SPY_RUNS) {
		spy->run[spy->discards].offset = offset;
		spy->run[spy->discards].nr = nr;
	}
	spy->discards++;
	return spy->real->discard(dev, offset, nr);
}

static int spy_flush(struct swaptbl_device *dev)
{
	struct swaptbl_spy *spy = spy_of(dev);

	spy->flushes++;
	return spy->real->flush(dev);
}

struct swaptbl_spy *swaptbl_spy_alloc(struct kunit *test)
{
	struct swaptbl_spy *spy = kunit_kzalloc(test, sizeof(*spy), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, spy);
	return spy;
}

void swaptbl_spy_on(struct swaptbl_spy *spy, struct swaptbl_device *dev)
{
	spy->real = dev->store;
	spy->ops = *spy->real;
	spy->ops.discard = spy_discard;
	spy->ops.flush = spy_flush;
	dev->store = &spy->ops;
}

bool swaptbl_spy_discarded(const struct swaptbl_spy *spy, unsigned long offset)
{
	unsigned int i;

	for (i = 0; i < min(spy->discards, SWAPTBL_SPY_RUNS); i++)
		if (offset - spy->run[i].offset < spy->run[i].nr)
			return true;
	return false;
}
