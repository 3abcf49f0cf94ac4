// SPDX-License-Identifier: GPL-2.0
/*
 * Devices: their place among the others and their lifetime.
 */
#define pr_fmt(fmt) "swaptbl: " fmt

#include <kunit/visibility.h>
#include <linux/mutex.h>

#include "debugfs.h"
#include "device.h"
#include "setup.h"
#include "stats.h"
#include "sync.h"

/* Serialises creation and removal. */
static DEFINE_MUTEX(swaptbl_devices_mutex);
/* By number; changed under the mutex, read under RCU. */
static struct swaptbl_device __rcu *devices[SWAPTBL_DEVICES_MAX];
/* Protects the list and the state of each device. */
static DEFINE_SPINLOCK(swaptbl_devices_lock);
/* Live devices, those of higher priority first. */
static LIST_HEAD(active_devices);

/* A device that was tried is a bit in a word. */
static_assert(SWAPTBL_DEVICES_MAX <= BITS_PER_LONG);

static void __active_insert(struct swaptbl_device *dev)
{
	struct swaptbl_device *next;

	lockdep_assert_held(&swaptbl_devices_lock);
	list_for_each_entry(next, &active_devices, active)
		if (next->prio < dev->prio)
			break;
	list_add_tail(&dev->active, &next->active);
}

static void device_go_live(struct swaptbl_device *dev)
{
	spin_lock(&swaptbl_devices_lock);
	WRITE_ONCE(dev->state, SWAPTBL_LIVE);
	__active_insert(dev);
	spin_unlock(&swaptbl_devices_lock);
}

static void device_leave(struct swaptbl_device *dev, enum swaptbl_state state)
{
	spin_lock(&swaptbl_devices_lock);
	WRITE_ONCE(dev->state, state);
	list_del_init(&dev->active);
	spin_unlock(&swaptbl_devices_lock);
}

/**
 * swaptbl_device_rotate() - put a device behind those of equal priority
 * @dev: the device
 *
 * Context: Any context but interrupts. The caller has a reference to @dev.
 */
void swaptbl_device_rotate(struct swaptbl_device *dev)
{
	spin_lock(&swaptbl_devices_lock);
	/* Not on the list: it is still coming, or going already. */
	if (!list_empty(&dev->active)) {
		list_del(&dev->active);
		__active_insert(dev);
	}
	spin_unlock(&swaptbl_devices_lock);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_rotate);

/**
 * swaptbl_device_get_next() - next device to allocate from
 * @tried: bit per device number: those had before; the result is added
 *
 * Context: Any context but interrupts. Undo with swaptbl_device_put().
 * Return: the live device of the highest priority that is not in @tried, with a
 * reference, or NULL.
 */
struct swaptbl_device *swaptbl_device_get_next(unsigned long *tried)
{
	struct swaptbl_device *dev, *found = NULL;

	spin_lock(&swaptbl_devices_lock);
	list_for_each_entry(dev, &active_devices, active) {
		if (*tried & BIT(dev->type) || !percpu_ref_tryget_live(&dev->ref))
			continue;
		*tried |= BIT(dev->type);
		found = dev;
		break;
	}
	spin_unlock(&swaptbl_devices_lock);
	return found;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_get_next);

/**
 * swaptbl_device_get() - look up a device by number
 * @type: number of the device, any value
 *
 * Context: Any context. Undo with swaptbl_device_put().
 * Return: the device with a reference; -ENODEV if there is none of that number,
 * -ESHUTDOWN if it is going away.
 */
struct swaptbl_device *swaptbl_device_get(unsigned int type)
{
	struct swaptbl_device *dev;

	if (type >= SWAPTBL_DEVICES_MAX)
		return ERR_PTR(-ENODEV);
	rcu_read_lock();
	dev = rcu_dereference(devices[type]);
	if (!dev)
		dev = ERR_PTR(-ENODEV);
	else if (!percpu_ref_tryget_live(&dev->ref))
		dev = ERR_PTR(-ESHUTDOWN);
	rcu_read_unlock();
	return dev;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_get);

/**
 * swaptbl_device_get_entry() - look up the device of a range of entries
 * @entry: the first, any value
 * @nr: how many slots
 *
 * Context: Any context. Undo with swaptbl_device_put().
 * Return: the device with a reference; -EINVAL if @nr is 0, -ENODEV if there is
 * no such device, -ESHUTDOWN if it is going away, -ERANGE if it is too small.
 */
struct swaptbl_device *swaptbl_device_get_entry(swp_entry_t entry,
						unsigned int nr)
{
	unsigned long offset = swp_offset(entry);
	struct swaptbl_device *dev;

	if (!nr)
		return ERR_PTR(-EINVAL);
	dev = swaptbl_device_get(swp_type(entry));
	if (IS_ERR(dev))
		return dev;
	if (offset < dev->nr_slots && nr <= dev->nr_slots - offset)
		return dev;
	swaptbl_device_put(dev);
	return ERR_PTR(-ERANGE);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_get_entry);

/**
 * swaptbl_device_put() - drop a reference
 * @dev: the device
 *
 * Context: Any context.
 */
void swaptbl_device_put(struct swaptbl_device *dev)
{
	percpu_ref_put(&dev->ref);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_put);

/**
 * swaptbl_device_state_name() - state of a device in words
 * @dev: the device
 *
 * Context: Any context.
 * Return: the name.
 */
const char *swaptbl_device_state_name(struct swaptbl_device *dev)
{
	static const char * const names[] = {
		[SWAPTBL_SETUP]		= "setup",
		[SWAPTBL_LIVE]		= "live",
		[SWAPTBL_DRAINING]	= "draining",
		[SWAPTBL_DEAD]		= "dead",
	};

	return names[READ_ONCE(dev->state)];
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_state_name);

static struct swaptbl_device *__device_of(unsigned int type)
{
	lockdep_assert_held(&swaptbl_devices_mutex);
	if (type >= SWAPTBL_DEVICES_MAX)
		return NULL;
	return rcu_dereference_protected(devices[type],
					 lockdep_is_held(&swaptbl_devices_mutex));
}

static int __device_number(struct swaptbl_device *dev)
{
	unsigned int type;

	lockdep_assert_held(&swaptbl_devices_mutex);
	for (type = 0; type < SWAPTBL_DEVICES_MAX; type++) {
		if (__device_of(type))
			continue;
		dev->type = type;
		return 0;
	}
	return -EUSERS;
}

/**
 * swaptbl_device_create() - make a device
 * @params: what it is made from
 * @why: set to a sentence for people when it fails
 *
 * Context: Process context. May sleep.
 * Return: the device, which lives until swaptbl_device_destroy(); -ERANGE if a
 * parameter is outside its range, -EUSERS if all SWAPTBL_DEVICES_MAX numbers are
 * taken, -ENOMEM, or what swaptbl_bdev_open() says.
 */
struct swaptbl_device *swaptbl_device_create(const struct swaptbl_params *params,
					     const char **why)
{
	struct swaptbl_device *dev = swaptbl_device_setup(params, why);
	int err;

	if (IS_ERR(dev))
		return dev;
	mutex_lock(&swaptbl_devices_mutex);
	err = __device_number(dev);
	if (!err) {
		/* Before anybody can find it by its number. */
		WRITE_ONCE(dev->state, SWAPTBL_LIVE);
		rcu_assign_pointer(devices[dev->type], dev);
		device_go_live(dev);
		swaptbl_debugfs_add(dev);
	}
	mutex_unlock(&swaptbl_devices_mutex);
	if (!err)
		return dev;
	*why = "all device numbers are taken; destroy a device first";
	swaptbl_device_teardown(dev);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_create);

/* What keeps a device from going. */
enum keep {
	KEEP_USED,
	KEEP_EXCLUSIVE,
	KEEP_NOTHING,
};

static bool device_is_busy(struct swaptbl_device *dev, enum keep keep)
{
	switch (keep) {
	case KEEP_USED:
		return atomic_long_read(&dev->nr_used);
	case KEEP_EXCLUSIVE:
		return swaptbl_stat_sum(dev, SWAPTBL_STAT_EXCLUSIVE) > 0;
	default:
		return false;
	}
}

/*
 * Allocations stop first, for good or until the device turns out to be busy: they
 * look at the state in an RCU read-side section, so none is left after a grace
 * period. Whoever has slots goes on with them until the answer is final: no dup,
 * put or free is told -ESHUTDOWN by a device that stays. An allocation may be, or
 * may find no device, if it comes while another one made this device busy.
 */
static int __device_drain(struct swaptbl_device *dev, enum keep keep)
{
	lockdep_assert_held(&swaptbl_devices_mutex);
	if (device_is_busy(dev, keep))
		return -EBUSY;
	swaptbl_sync(SWAPTBL_DESTROY_CHECKED);
	device_leave(dev, SWAPTBL_DRAINING);
	synchronize_rcu();
	if (device_is_busy(dev, keep)) {
		device_go_live(dev);
		return -EBUSY;
	}
	percpu_ref_kill(&dev->ref);
	wait_for_completion(&dev->drained);
	swaptbl_sync(SWAPTBL_DESTROY_KILLED);
	return 0;
}

static int device_remove(unsigned int type, enum keep keep)
{
	struct swaptbl_device *dev;
	int err;

	mutex_lock(&swaptbl_devices_mutex);
	dev = __device_of(type);
	err = dev ? __device_drain(dev, keep) : -ENODEV;
	if (!err) {
		device_leave(dev, SWAPTBL_DEAD);
		swaptbl_debugfs_remove(dev);
		swaptbl_device_drop_all(dev);
		rcu_assign_pointer(devices[type], NULL);
	}
	mutex_unlock(&swaptbl_devices_mutex);
	if (err)
		return err;
	/* Lookups by number may still try to get a reference. */
	synchronize_rcu();
	swaptbl_device_teardown(dev);
	return 0;
}

/**
 * swaptbl_device_destroy() - remove a device
 * @type: number of the device
 * @drop: drop what is in its slots
 *
 * Context: Process context. May sleep. The caller has no reference to the device
 * and, with @drop, holds the lock of no folio that is bound to it.
 * Return: 0; -ENODEV if there is no such device; -EBUSY, with the device as it
 * was, if it has exclusive slots or, without @drop, any used ones.
 */
int swaptbl_device_destroy(unsigned int type, bool drop)
{
	return device_remove(type, drop ? KEEP_EXCLUSIVE : KEEP_USED);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_destroy);

/**
 * swaptbl_devices_destroy() - remove all devices with all that is in them
 *
 * For the end of the module, when nobody else can reach them.
 *
 * Context: Process context. May sleep.
 */
void swaptbl_devices_destroy(void)
{
	unsigned int type;

	for (type = 0; type < SWAPTBL_DEVICES_MAX; type++)
		device_remove(type, KEEP_NOTHING);
}
