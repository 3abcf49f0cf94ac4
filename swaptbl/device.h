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
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "geometry.h"
#include "rcu.h"

struct dentry;
struct file;
struct folio;
struct swaptbl_cluster;
struct swaptbl_data;
struct swaptbl_store_ops;

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
 * @SWAPTBL_STAT_CACHED: cached slots now
 * @SWAPTBL_STAT_CACHE_ADD: slots that a folio was bound to, by allocation or swap in
 * @SWAPTBL_STAT_CACHE_DEL: slots that a folio was unbound from
 * @SWAPTBL_STAT_SWAPIN_HIT: swap-ins that found a folio
 * @SWAPTBL_STAT_SWAPIN_MISS: swap-ins that brought one
 * @SWAPTBL_STAT_SWAPIN_WAIT: swap-ins that waited for the lock of a folio they found
 * @SWAPTBL_STAT_SWAPIN_FALLBACK: orders that a swap-in gave up for a lower one
 * @SWAPTBL_STAT_READAHEAD: pages read ahead
 * @SWAPTBL_STAT_READAHEAD_HIT: pages of folios read ahead that were then asked for
 * @SWAPTBL_STAT_EVICT: pages that left for the store
 * @SWAPTBL_STAT_EVICT_CLEAN: those that were there already, not written again
 * @SWAPTBL_STAT_RECLAIM: slots that were cached only and freed for want of space
 * @SWAPTBL_STAT_SPLIT: folios split
 * @SWAPTBL_STAT_READ: pages read
 * @SWAPTBL_STAT_READ_IO: requests that they took
 * @SWAPTBL_STAT_READ_ZERO: pages zeroed instead of read
 * @SWAPTBL_STAT_READ_ERROR: requests to read that failed
 * @SWAPTBL_STAT_WRITE: pages written
 * @SWAPTBL_STAT_WRITE_IO: requests that they took
 * @SWAPTBL_STAT_WRITE_ZERO: pages marked as zero instead of written
 * @SWAPTBL_STAT_WRITE_ERROR: requests to write that failed
 * @SWAPTBL_STAT_DISCARD: clusters discarded
 * @SWAPTBL_STAT_DISCARD_SYNC: those that an allocation discarded for itself
 * @SWAPTBL_STAT_DISCARD_ERROR: clusters whose discard failed
 * @SWAPTBL_STAT_SHADOWS: swapped slots that remember an age now
 * @SWAPTBL_STAT_SHADOW_RECLAIM: ages forgotten over budget
 * @SWAPTBL_STAT_REFAULT: pages brought back that had an age
 * @SWAPTBL_STAT_ACTIVATE: those that came back soon enough to be active
 * @SWAPTBL_STAT_RESTORE: those that had been in the workingset before
 * @SWAPTBL_NR_STATS: number of counters
 *
 * In four blocks, one for each of the files stats, cache, io and workingset; the
 * first of a block is named in stats.h.
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
	SWAPTBL_STAT_CACHED,
	SWAPTBL_STAT_CACHE_ADD,
	SWAPTBL_STAT_CACHE_DEL,
	SWAPTBL_STAT_SWAPIN_HIT,
	SWAPTBL_STAT_SWAPIN_MISS,
	SWAPTBL_STAT_SWAPIN_WAIT,
	SWAPTBL_STAT_SWAPIN_FALLBACK,
	SWAPTBL_STAT_READAHEAD,
	SWAPTBL_STAT_READAHEAD_HIT,
	SWAPTBL_STAT_EVICT,
	SWAPTBL_STAT_EVICT_CLEAN,
	SWAPTBL_STAT_RECLAIM,
	SWAPTBL_STAT_SPLIT,
	SWAPTBL_STAT_READ,
	SWAPTBL_STAT_READ_IO,
	SWAPTBL_STAT_READ_ZERO,
	SWAPTBL_STAT_READ_ERROR,
	SWAPTBL_STAT_WRITE,
	SWAPTBL_STAT_WRITE_IO,
	SWAPTBL_STAT_WRITE_ZERO,
	SWAPTBL_STAT_WRITE_ERROR,
	SWAPTBL_STAT_DISCARD,
	SWAPTBL_STAT_DISCARD_SYNC,
	SWAPTBL_STAT_DISCARD_ERROR,
	SWAPTBL_STAT_SHADOWS,
	SWAPTBL_STAT_SHADOW_RECLAIM,
	SWAPTBL_STAT_REFAULT,
	SWAPTBL_STAT_ACTIVATE,
	SWAPTBL_STAT_RESTORE,
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
 * @discard: tell the block device of clusters that become free
 */
struct swaptbl_params {
	const char *path;
	unsigned long nr_slots;
	unsigned int count_bits;
	int prio;
	bool discard;
};

/**
 * struct swaptbl_owner - who can take back what is in the slots of a device
 * @bring_home: called with @folio locked, uptodate and bound to slots of the device
 *	that have counts: the owner puts those that are its own, with
 *	swaptbl_folio_put_swap(), and keeps the data some other way; it may take a
 *	reference to @folio. Returns 0 or an error that ends the removal.
 * @node: link of the device's owners; see home.c for its lock
 *
 * A removal asks all owners of a device, in the order in which they were added, to
 * take their data home. See swaptbl_device_destroy().
 */
struct swaptbl_owner {
	int (*bring_home)(struct swaptbl_owner *owner, struct folio *folio);
	struct list_head node;
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
 * @discard: likewise, clusters that are free once their discard is done
 * @nonfull: likewise, by order
 * @frag: likewise, by order
 * @nr_discarding: clusters off the lists whose discard is under way; under
 *	@list_lock
 * @discard_work: empties @discard
 * @store: where the data is
 * @discards: freed clusters that were written to are discarded
 * @pages: of the ram store: data by slot
 * @age: evictions and activations so far, in pages; see workingset.c
 * @shadow_budget: swapped slots that may remember their age; 0 for as many as
 *	workingset.c thinks fit
 * @readahead: window of readahead in slots, 0 for none
 * @cache_max: pages that may stay cached after a use of the data file
 * @data_order: largest order of the folios that writes to the data file make
 * @reclaim_hand: cluster where the search for folios to reclaim goes on
 * @shadow_work: forgets ages over budget
 * @owners: list of struct swaptbl_owner
 * @data: what the data file holds
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
	struct swaptbl_cluster_list discard;
	struct swaptbl_cluster_list nonfull[SWAPTBL_NR_ORDERS];
	struct swaptbl_cluster_list frag[SWAPTBL_NR_ORDERS];
	unsigned int nr_discarding;
	struct work_struct discard_work;
	const struct swaptbl_store_ops *store;
	bool discards;
	struct xarray pages;
	atomic_long_t age;
	unsigned long shadow_budget;
	unsigned int readahead;
	unsigned long cache_max;
	unsigned int data_order;
	unsigned int reclaim_hand;
	struct work_struct shadow_work;
	struct list_head owners;
	struct swaptbl_data *data;
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
int swaptbl_owner_add(struct swaptbl_device *dev, struct swaptbl_owner *owner);
void swaptbl_owner_del(struct swaptbl_owner *owner);

/* By number; read through swaptbl_device_get() or the function below. */
extern struct swaptbl_device __rcu *swaptbl_devices[SWAPTBL_DEVICES_MAX];

/* Of the highest priority; allocations begin there. As swaptbl_device_peek() has it. */
extern struct swaptbl_device __rcu *swaptbl_device_first;

/*
 * A live device without a reference, for as long as the caller's RCU read-side section: a
 * removal first ends that state, then waits for a grace period. NULL if there is none, or
 * it is not live: then swaptbl_device_get() may have it all the same, or knows why not.
 */
static inline struct swaptbl_device *swaptbl_device_peek(unsigned int type)
{
	struct swaptbl_device *dev = NULL;

	if (likely(type < SWAPTBL_DEVICES_MAX))
		dev = swaptbl_rcu_dereference(swaptbl_devices[type]);
	return dev && READ_ONCE(dev->state) == SWAPTBL_LIVE ? dev : NULL;
}

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
