/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A store that notes what it is asked, and passes it on to the real one.
 */
#ifndef _SWAPTBL_KUNIT_SPY_H
#define _SWAPTBL_KUNIT_SPY_H

#include <kunit/test.h>

#include "../swaptbl/store.h"

#define SWAPTBL_SPY_RUNS	32

/**
 * struct swaptbl_spy - what a store was asked
 * @ops: what the device calls
 * @real: what that calls
 * @flushes: how often to flush
 * @discards: how often to discard
 * @run: the first of those
 * @atomic: one came where nobody may sleep
 *
 * Made before its device, so that it is there until that has gone.
 */
struct swaptbl_spy {
	struct swaptbl_store_ops ops;
	const struct swaptbl_store_ops *real;
	unsigned int flushes;
	unsigned int discards;
	struct {
		unsigned long offset;
		unsigned int nr;
	} run[SWAPTBL_SPY_RUNS];
	bool atomic;
};

struct swaptbl_spy *swaptbl_spy_alloc(struct kunit *test);
void swaptbl_spy_on(struct swaptbl_spy *spy, struct swaptbl_device *dev);
bool swaptbl_spy_discarded(const struct swaptbl_spy *spy, unsigned long offset);

#endif /* _SWAPTBL_KUNIT_SPY_H */
