// SPDX-License-Identifier: GPL-2.0
/*
 * Devices: their place among the others and their lifetime.
 */
#define pr_fmt(fmt) "swaptbl: " fmt

#include <kunit/visibility.h>
#include <linux/mutex.h>

#include "debugfs.h"
#include "device.h"
#include "home.h"
#include "setup.h"
#include "stats.h"
#include "sync.h"

/* Serialises creation and removal. */
static DEFINE_MUTEX(swaptbl_devices_mutex);
/* By number; changed under the mutex, read under RCU. */
struct swaptbl_device __rcu *swaptbl_devices[SWAPTBL_DEVICES_MAX];
/* Protects the list and the state of each device. */
static DEFINE_SPINLOCK(swaptbl_devices_lock);
/* Live devices, those of higher priority first. */
static LIST_HEAD(active_devices);
/* The first of them; changed with the list, read under RCU. */
struct swaptbl_device __rcu *swaptbl_device_first;

/* A device that was tried is a bit in a word. */
static_assert(SWAPTBL_DEVICES_MAX <= BITS_PER_LONG);

static void __first_update(void)
{
	struct swaptbl_device *first;

	lockdep_assert_held(&swaptbl_devices_lock);
	first = list_first_entry_or_null(&active_devices, struct swaptbl_device, active);
	/* With a single device it is the same after each turn: leave the line to its readers. */
	if (first != rcu_access_pointer(swaptbl_device_first))
		rcu_assign_pointer(swaptbl_device_first, first);
}

static void __active_insert(struct swaptbl_device *dev)
{
	struct swaptbl_device *next;

	lockdep_assert_held(&swaptbl_devices_lock);
	list_for_each_entry(next, &active_devices, active)
		if (next->prio < dev->prio)
			break;
	list_add_tail(&dev->active, &next->active);
	__first_update();
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
	__first_update();
	spin_unlock(&swaptbl_devices_lock);
}

/**
 * swaptbl_device_rotate() - put a device behind those of equal priority
 * @dev: the device
 *
 * Context: Any context but interrupts. The caller has a reference to @dev, or saw it
 * live in an RCU read-side section that goes on.
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
	dev = rcu_dereference(swaptbl_devices[type]);
	if (!dev)
		dev = ERR_PTR(-ENODEV);
	else if (!percpu_ref_tryget_live_rcu(&dev->ref))
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
	return rcu_dereference_protected(swaptbl_devices[type],
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

static int device_publish(struct swaptbl_device *dev, const char **why)
{
	int err;

	/* A removal may hold it for as long as it takes to swap a device in. */
	*why = "killed while another device was being removed";
	if (mutex_lock_killable(&swaptbl_devices_mutex))
		return -EINTR;
	*why = "all device numbers are taken; destroy a device first";
	err = __device_number(dev);
	if (!err) {
		/* Before anybody can find it by its number. */
		WRITE_ONCE(dev->state, SWAPTBL_LIVE);
		rcu_assign_pointer(swaptbl_devices[dev->type], dev);
		device_go_live(dev);
		swaptbl_debugfs_add(dev);
	}
	mutex_unlock(&swaptbl_devices_mutex);
	return err;
}

/**
 * swaptbl_device_create() - make a device
 * @params: what it is made from
 * @why: set to a sentence for people when it fails
 *
 * Context: Process context. May sleep.
 * Return: the device, which lives until swaptbl_device_destroy(); -ERANGE if a
 * parameter is outside its range, -EUSERS if all SWAPTBL_DEVICES_MAX numbers are
 * taken, -EINTR if the task was killed while it waited for a removal to end, -ENOMEM,
 * or what swaptbl_store_open() says.
 */
struct swaptbl_device *swaptbl_device_create(const struct swaptbl_params *params,
					     const char **why)
{
	struct swaptbl_device *dev = swaptbl_device_setup(params, why);
	int err;

	if (IS_ERR(dev))
		return dev;
	err = device_publish(dev, why);
	if (!err)
		return dev;
	swaptbl_device_teardown(dev);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_device_create);

/* What becomes of that which is in a device that goes. */
enum removal {
	REMOVAL_HOME,	/* its owners take it back, or the device stays */
	REMOVAL_DROP,	/* it is dropped; exclusive slots keep the device */
	REMOVAL_FORCE,	/* all is dropped */
};

static int removal_check(struct swaptbl_device *dev, enum removal how)
{
	if (how == REMOVAL_FORCE)
		return 0;
	if (swaptbl_stat_sum(dev, SWAPTBL_STAT_EXCLUSIVE) > 0)
		return -EBUSY;
	if (how == REMOVAL_HOME && !swaptbl_home_possible(dev))
		return -EBUSY;
	return 0;
}

/*
 * After a grace period nobody is left who saw the device live without a reference to it:
 * no search for slots, see __alloc_try(), and no lock-free change of a count. What is free
 * from then on stays free.
 */
static int device_empty(struct swaptbl_device *dev, enum removal how)
{
	int err;

	synchronize_rcu();
	err = removal_check(dev, how);
	if (!err && how == REMOVAL_HOME)
		err = swaptbl_bring_home(dev);
	return err;
}

/* Nobody is put off by a signal when the module goes. */
static int wait_drained(struct swaptbl_device *dev, enum removal how)
{
	if (how == REMOVAL_FORCE) {
		wait_for_completion(&dev->drained);
		return 0;
	}
	return wait_for_completion_killable(&dev->drained) ? -EINTR : 0;
}

static int device_kill(struct swaptbl_device *dev, enum removal how)
{
	int err;

	percpu_ref_kill(&dev->ref);
	err = wait_drained(dev, how);
	if (!err) {
		swaptbl_sync(SWAPTBL_DESTROY_KILLED);
		return 0;
	}
	percpu_ref_resurrect(&dev->ref);
	/* The last user may be just about to complete, in an RCU section. */
	synchronize_rcu();
	reinit_completion(&dev->drained);
	return err;
}

/*
 * Allocations stop first, for good or until the device turns out to stay. Whoever
 * has slots goes on with them until the answer is final: no dup, put or free is
 * told -ESHUTDOWN by a device that stays, but where a signal ended the wait for
 * its last users. An allocation may be, or may find no device.
 */
static int __device_drain(struct swaptbl_device *dev, enum removal how)
{
	int err;

	lockdep_assert_held(&swaptbl_devices_mutex);
	err = removal_check(dev, how);
	if (err)
		return err;
	swaptbl_sync(SWAPTBL_DESTROY_CHECKED);
	device_leave(dev, SWAPTBL_DRAINING);
	err = device_empty(dev, how) ?: device_kill(dev, how);
	if (err)
		device_go_live(dev);
	return err;
}

static int __device_unlink(struct swaptbl_device *dev, enum removal how)
{
	int err;

	lockdep_assert_held(&swaptbl_devices_mutex);
	err = __device_drain(dev, how);
	if (err)
		return err;
	device_leave(dev, SWAPTBL_DEAD);
	swaptbl_owners_forget(dev);
	swaptbl_debugfs_remove(dev);
	swaptbl_device_drop_all(dev);
	rcu_assign_pointer(swaptbl_devices[dev->type], NULL);
	return 0;
}

static int devices_lock(enum removal how)
{
	if (how == REMOVAL_FORCE) {
		mutex_lock(&swaptbl_devices_mutex);
		return 0;
	}
	return mutex_lock_killable(&swaptbl_devices_mutex) ? -EINTR : 0;
}

static int device_remove(unsigned int type, enum removal how)
{
	struct swaptbl_device *dev;
	int err = devices_lock(how);

	if (err)
		return err;
	dev = __device_of(type);
	err = dev ? __device_unlink(dev, how) : -ENODEV;
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
 * Without @drop everything is brought home: what is swapped is swapped in, each of
 * the device's owners is asked to drop its counts, and slots that are cached only
 * are freed. Counts that nobody drops keep the device. Others may go on using it
 * until no slot is left, but for allocations.
 *
 * Context: Process context. May sleep; a signal ends it, but where it waits for
 * somebody else, only a fatal one does. The caller has no reference to the device and
 * holds the lock of no folio that is bound to it.
 * Return: 0; -ENODEV if there is no such device; or, with the device live again but
 * without what was brought home by then, -EBUSY if it has exclusive slots or a count
 * that stays; -EINTR if a signal came; what an owner said; or as
 * swaptbl_swapin().
 */
int swaptbl_device_destroy(unsigned int type, bool drop)
{
	return device_remove(type, drop ? REMOVAL_DROP : REMOVAL_HOME);
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
		device_remove(type, REMOVAL_FORCE);
}
