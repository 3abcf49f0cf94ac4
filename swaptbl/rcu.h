/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RCU read-side sections of a few instructions.
 *
 * Without preemption is such a section, and is entered and left by an instruction or two,
 * where rcu_read_lock() of a kernel that preempts such sections is a call. Spinlocks are taken
 * inside, so it is not rcu_read_lock_sched(), in which lockdep allows none for the sake of
 * CONFIG_PREEMPT_RT, where they sleep. There the section is the real thing.
 */
#ifndef _SWAPTBL_RCU_H
#define _SWAPTBL_RCU_H

#include <linux/preempt.h>
#include <linux/rcupdate.h>

static __always_inline void swaptbl_rcu_read_lock(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		rcu_read_lock();
	else
		preempt_disable();
}

static __always_inline void swaptbl_rcu_read_unlock(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		rcu_read_unlock();
	else
		preempt_enable();
}

/* In a section of any kind. */
#define swaptbl_rcu_dereference(p)	rcu_dereference_check(p, rcu_read_lock_any_held())

#endif /* _SWAPTBL_RCU_H */
