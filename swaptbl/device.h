/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices: what a set of clusters belongs to, its lifetime and its place among
 * the others.
 */
#ifndef _SWAPTBL_DEVICE_H
#define _SWAPTBL_DEVICE_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/local_lock.h>
#include <linux/percpu.h>
#include <linux/percpu-refcount.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/types.h>
#include <linux/uuid.h>

#include "geometry.h"

struct dentry;
struct file;
struct swaptbl_cluster;

/**
 * enum swaptbl_stat - counters of a device
 * @SWAPTBL_STAT_ALLOC: slots allocated for folios
 * @SWAPTBL_STAT_ALLOC_EXCLUSIVE: exclusive slots allocated
 * @SWAPTBL_STAT_FREE: slots freed, of both sorts
 * @SWAPTBL_STAT_DUP: counts taken, in slots
 * @SWAPTBL_STAT_PUT: counts dropped, in slots
 * @SWAPTBL_STAT_LOCKLESS: those of the two that took no lock
 * @SWAPTBL_STAT_OVERFLOW_ENTER: slots that entered the overflow store
 * @SWAPTBL_STAT_OVERFLOW_LEAVE: slots that left it
 * @SWAPTBL_STAT_OVERFLOW_ALLOC: overflow stores allocated or grown
 * @SWAPTBL_STAT_CACHED_ONLY: cached slots with count 0 now
 * @SWAPTBL_STAT_EXCLUSIVE: exclusive slots now
 * @SWAPTBL_STAT_TABLES: tables now
 * @SWAPTBL_STAT_CLUSTERS: clusters made so far
 * @SWAPTBL_STAT_STEAL: times that a cluster of another order was broken into
 * @SWAPTBL_STAT_FAIL_NOSPC: allocations that found nothing free
 * @SWAPTBL_STAT_FAIL_2BIG: allocations that found no run of their order
 * @SWAPTBL_STAT_FAIL_NOMEM: allocations without memory for metadata
 * @SWAPTBL_STAT_REFUSED: dups and puts refused
 * @SWAPTBL_NR_STATS: number of counters
 */
enum swaptbl_stat {
	SWAPTBL_STAT_ALLOC,
	SWAPTBL_STAT_ALLOC_EXCLUSIVE,
	SWAPTBL_STAT_FREE,
	SWAPTBL_STAT_DUP,
	SWAPTBL_STAT_PUT,
	SWAPTBL_STAT_LOCKLESS,
	SWAPTBL_STAT_OVERFLOW_ENTER,
	SWAPTBL_STAT_OVERFLOW_LEAVE,
	SWAPTBL_STAT_OVERFLOW_ALLOC,
	SWAPTBL_STAT_CACHED_ONLY,
	SWAPTBL_STAT_EXCLUSIVE,
	SWAPTBL_STAT_TABLES,
	SWAPTBL_STAT_CLUSTERS,
	SWAPTBL_STAT_STEAL,
	SWAPTBL_STAT_FAIL_NOSPC,
	SWAPTBL_STAT_FAIL_2BIG,
	SWAPTBL_STAT_FAIL_NOMEM,
	SWAPTBL_STAT_REFUSED,
	SWAPTBL_NR_STATS,
};

/**
 * enum swaptbl_state - life of a device
 * @SWAPTBL_SETUP: not visible yet
 * @SWAPTBL_LIVE: in use
 * @SWAPTBL_DRAINING: being removed; may become live again
 * @SWAPTBL_DEAD: gone but for its memory
 */
enum swaptbl_state {
	SWAPTBL_SETUP,
	SWAPTBL_LIVE,
	SWAPTBL_DRAINING,
	SWAPTBL_DEAD,
};

/**
 * struct swaptbl_pcpu - what a device keeps per CPU
 * @lock: protects @next, @serves and @run
 * @next: by order, the offset (slots) to try first; 0, never usable, for none
 * @serves: by order, the order that the cluster of @next served at the time
 * @run: slots allocated since the device was last rotated behind its equals
 * @stat: by enum swaptbl_stat, changed by this_cpu_add()
 */
struct swaptbl_pcpu {
	local_lock_t lock;
	unsigned long next[SWAPTBL_NR_ORDERS];
	u8 serves[SWAPTBL_NR_ORDERS];
	unsigned int run;
	long stat[SWAPTBL_NR_STATS];
};

/**
 * struct swaptbl_cluster_list - one list of clusters
 * @head: the clusters; under the device's list lock
 * @nr: how many; under the same lock, read without it for guesses
 */
struct swaptbl_cluster_list {
	struct list_head head;
	unsigned int nr;
};

/**
 * struct swaptbl_header - what a swap header says
 * @nr_slots: slots, the header page included
 * @nr_bad: number of @bad
 * @bad: bad slots, ascending; kvfree() it
 * @label: volume label, NUL-terminated
 * @uuid: of the volume
 */
struct swaptbl_header {
	unsigned long nr_slots;
	unsigned int nr_bad;
	u32 *bad;
	char label[17];
	uuid_t uuid;
};

/**
 * struct swaptbl_params - what a device is made from
 * @path: block device with a swap header, or NULL for a device in memory
 * @nr_slots: size in slots; only without @path, whose header says it
 * @count_bits: width of the count, SWAPTBL_COUNT_BITS_MIN to _MAX
 * @prio: higher ones are used first
 */
struct swaptbl_params {
	const char *path;
	unsigned long nr_slots;
	unsigned int count_bits;
	int prio;
};

/**
 * struct swaptbl_device - one swap device
 * @ref: users; killed when the device goes
 * @drained: completed when the last user has gone
 * @type: number of the device, the type of its entries
 * @state: an enum swaptbl_state; under swaptbl_devices_lock
 * @prio: see struct swaptbl_params
 * @count_bits: see struct swaptbl_params
 * @count_max: largest inline count
 * @count_carry: counts in a unit of the overflow store
 * @units_max: most units that a slot may have
 * @nr_slots: size in slots, bad ones included
 * @nr_bad: bad slots below @nr_slots, the header page included
 * @nr_used: used slots, bad ones excluded
 * @nr_clusters: number of @clusters
 * @clusters: by index; NULL until first used; set once under @list_lock
 * @pcpu: see struct swaptbl_pcpu
 * @list_lock: protects the lists, @frontier, and list and order of each cluster
 * @list_seq: how often a cluster changed its place on the lists; under @list_lock,
 *	read without it for guesses
 * @frontier: clusters from here on were never used, but for those with bad slots
 * @free: lists by enum swaptbl_list
 * @full: likewise
 * @nonfull: likewise, by order
 * @frag: likewise, by order
 * @active: link of the list of live devices; under swaptbl_devices_lock
 * @bdev_file: the opened block device or NULL
 * @header: its swap header
 * @path: what the user called the block device; NULL for a device in memory
 * @dir: debugfs directory
 */
struct swaptbl_device {
	struct percpu_ref ref;
	struct completion drained;
	unsigned int type;
	enum swaptbl_state state;
	int prio;
	unsigned int count_bits;
	unsigned int count_max;
	unsigned int count_carry;
	u32 units_max;
	unsigned long nr_slots;
	unsigned long nr_bad;
	atomic_long_t nr_used;
	unsigned int nr_clusters;
	struct swaptbl_cluster **clusters;
	struct swaptbl_pcpu __percpu *pcpu;
	spinlock_t list_lock; /* the lists and @frontier; see above */
	unsigned int list_seq;
	unsigned int frontier;
	struct swaptbl_cluster_list free;
	struct swaptbl_cluster_list full;
	struct swaptbl_cluster_list nonfull[SWAPTBL_NR_ORDERS];
	struct swaptbl_cluster_list frag[SWAPTBL_NR_ORDERS];
	struct list_head active;
	struct file *bdev_file;
	struct swaptbl_header header;
	char *path;
	struct dentry *dir;
};

struct swaptbl_device *swaptbl_device_create(const struct swaptbl_params *params,
					     const char **why);
int swaptbl_device_destroy(unsigned int type, bool drop);
void swaptbl_devices_destroy(void);

struct swaptbl_device *swaptbl_device_get(unsigned int type);
struct swaptbl_device *swaptbl_device_get_entry(swp_entry_t entry,
						unsigned int nr);
struct swaptbl_device *swaptbl_device_get_next(unsigned long *tried);
void swaptbl_device_put(struct swaptbl_device *dev);
void swaptbl_device_rotate(struct swaptbl_device *dev);
int swaptbl_device_extend(struct swaptbl_device *dev,
			  struct swaptbl_cluster **spare);
const char *swaptbl_device_state_name(struct swaptbl_device *dev);

#endif /* _SWAPTBL_DEVICE_H */
