/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites about the first device share.
 */
#ifndef _SWAPTBL_KUNIT_FIRST_H
#define _SWAPTBL_KUNIT_FIRST_H

#include <kunit/test.h>

#include "util.h"

/* Of devices that nobody else has made. */
#define SWAPTBL_FIRST_PRIO	10
/* What is bound to no device has this type. */
#define SWAPTBL_FIRST_NONE	SWAPTBL_DEVICES_MAX

int swaptbl_first_stay_here(struct kunit *test);
void swaptbl_first_skip_unless_none(struct kunit *test);
unsigned int swaptbl_first_type(const struct folio *folio);
struct swaptbl_device *swaptbl_first_device(struct kunit *test, unsigned int clusters,
					    int prio);
struct folio *swaptbl_first_hint(struct kunit *test, struct swaptbl_device *dev,
				 unsigned int order);
void swaptbl_first_expect(struct kunit *test, struct swaptbl_device *dev);
void swaptbl_first_expect_failures(struct kunit *test, struct swaptbl_device *dev,
				   long nospc, long too_big, long nomem);

#endif /* _SWAPTBL_KUNIT_FIRST_H */
