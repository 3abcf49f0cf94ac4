// SPDX-License-Identifier: GPL-2.0
/*
 * Counts that change without a lock, of a device that the caller has a reference to.
 */
#include <kunit/visibility.h>

#include "count.h"
#include "count_lockless.h"
#include "device.h"

/**
 * swaptbl_dup_lockless() - take one more count of a slot without a lock
 * @dev: the device
 * @offset: slot of the device
 *
 * Context: Any context. The caller has a reference to @dev and owns a count of
 * the slot.
 * Return: 0; -EAGAIN if it takes the lock to do or to refuse it; -ERANGE if
 * @offset is beyond the device.
 */
int swaptbl_dup_lockless(struct swaptbl_device *dev, unsigned long offset)
{
	bool done;

	if (offset >= dev->nr_slots)
		return -ERANGE;
	swaptbl_rcu_read_lock();
	done = swaptbl_lockless_dup(dev, offset);
	swaptbl_rcu_read_unlock();
	return done ? 0 : -EAGAIN;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_dup_lockless);

/**
 * swaptbl_put_lockless() - drop one of several counts of a slot without a lock
 * @dev: the device
 * @offset: slot of the device
 *
 * Context: Any context. The caller has a reference to @dev and owns the count.
 * Return: 0; -EAGAIN if it takes the lock to do or to refuse it; -ERANGE if
 * @offset is beyond the device.
 */
int swaptbl_put_lockless(struct swaptbl_device *dev, unsigned long offset)
{
	bool done;

	if (offset >= dev->nr_slots)
		return -ERANGE;
	swaptbl_rcu_read_lock();
	done = swaptbl_lockless_put(dev, offset);
	swaptbl_rcu_read_unlock();
	return done ? 0 : -EAGAIN;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_put_lockless);
