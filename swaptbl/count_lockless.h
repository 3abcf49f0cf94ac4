/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts that change without a lock: from at least 1 to at least 1, in the word alone.
 */
#ifndef _SWAPTBL_COUNT_LOCKLESS_H
#define _SWAPTBL_COUNT_LOCKLESS_H

#include "cluster.h"
#include "count_word.h"
#include "device.h"
#include "stats.h"
#include "sync.h"
#include "trace.h"

static __always_inline bool swaptbl_lockless_dup_word(struct swaptbl_device *dev,
						      atomic_long_t *word)
{
	long old = atomic_long_read(word);

	do {
		if (!swaptbl_word_dup_stays_inline(dev, old))
			return false;
		swaptbl_sync(SWAPTBL_WORD_LOADED);
	} while (!atomic_long_try_cmpxchg_relaxed(word, &old,
						  old + SWAPTBL_COUNT_ONE));
	return true;
}

static __always_inline bool swaptbl_lockless_put_word(struct swaptbl_device *dev,
						      atomic_long_t *word)
{
	long old = atomic_long_read(word);

	do {
		if (!swaptbl_word_put_stays_inline(old))
			return false;
		swaptbl_sync(SWAPTBL_WORD_LOADED);
	} while (!atomic_long_try_cmpxchg_release(word, &old,
						  old - SWAPTBL_COUNT_ONE));
	return true;
}

/*
 * Why no lock is needed:
 *
 * - The device. The caller has a reference, or found it live in the RCU section that all
 *   of this is in, see swaptbl_device_peek(). Where the section is one without preemption,
 *   that is one too.
 * - The table. The caller owns a count, so the slot is not free, so its cluster
 *   is not empty and keeps its table. A caller who lies about that may meet a
 *   cluster that just lost its table: RCU keeps the memory, and all words in it
 *   are free, which is refused.
 * - The races. Kind, payload, O and the step between 0 and 1 change under the
 *   cluster lock, by cmpxchg too while there is a count. If one of them, or another
 *   lock-free change, comes between the read and the exchange here, the exchange fails
 *   and the new word is judged. If the word came back to the same value meanwhile, the
 *   change is right for that value: nothing but the word is read. A word without a count
 *   is nobody's to change but the lock's holder, who may write it as it is.
 * - The result. It stays in 1..count_max inline, or O is set. So no lock-free
 *   change makes a count 0, and one that the lock's holder saw as at least 1
 *   stays so until it unlocks: a locked range put that was checked cannot fail.
 * - The overflow store. Not touched. While the holder of the lock is between its
 *   exchange of the word and its change of the units, a lock-free change sees the
 *   new c and the new O and needs no units.
 * - The order. Taking one more reference publishes nothing: relaxed, as in
 *   refcount_inc(). Dropping one must not let the owner's earlier accesses slip
 *   behind it, into the time after another's last put freed the slot: release.
 *   That last put exchanges the word under the lock with full order.
 */
static __always_inline bool
swaptbl_lockless_change(struct swaptbl_device *dev, unsigned long offset,
			bool (*change)(struct swaptbl_device *dev, atomic_long_t *word))
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lookup(dev, offset);
	struct swaptbl_table *table = ci ? swaptbl_rcu_dereference(ci->table) : NULL;

	if (!table || !change(dev, &table->word[swaptbl_slot(offset)]))
		return false;
	swaptbl_stat_inc(dev, SWAPTBL_STAT_LOCKLESS);
	return true;
}

/* In an RCU read-side section, of a slot below the size of the device. */
static __always_inline bool swaptbl_lockless_dup(struct swaptbl_device *dev,
						 unsigned long offset)
{
	if (!swaptbl_lockless_change(dev, offset, swaptbl_lockless_dup_word))
		return false;
	swaptbl_stat_inc(dev, SWAPTBL_STAT_DUP);
	trace_swaptbl_dup(dev->type, offset, 1);
	return true;
}

static __always_inline bool swaptbl_lockless_put(struct swaptbl_device *dev,
						 unsigned long offset)
{
	if (!swaptbl_lockless_change(dev, offset, swaptbl_lockless_put_word))
		return false;
	swaptbl_stat_inc(dev, SWAPTBL_STAT_PUT);
	trace_swaptbl_put(dev->type, offset, 1);
	return true;
}

#endif /* _SWAPTBL_COUNT_LOCKLESS_H */
