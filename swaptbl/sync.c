// SPDX-License-Identifier: GPL-2.0
/*
 * Sync points for deterministic tests; built only with CONFIG_KUNIT.
 */
#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/sched.h>

#include "sync.h"

struct static_key_false swaptbl_sync_key = STATIC_KEY_FALSE_INIT;
EXPORT_SYMBOL_IF_KUNIT(swaptbl_sync_key);

/* Other tasks compare sync_task only and never follow the pointer. */
static const struct swaptbl_sync_hooks *sync_hooks;
static struct task_struct *sync_task;

/**
 * swaptbl_sync_install() - call the hooks of a test from now on
 * @hooks: stays valid until swaptbl_sync_remove(); one set at a time, for the
 *	sync points that the calling task passes
 *
 * Context: Process context. May sleep.
 */
void swaptbl_sync_install(const struct swaptbl_sync_hooks *hooks)
{
	if (WARN_ON_ONCE(READ_ONCE(sync_task)))
		return;
	sync_hooks = hooks;
	WRITE_ONCE(sync_task, current);
	static_branch_enable(&swaptbl_sync_key);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_sync_install);

/**
 * swaptbl_sync_remove() - call no hooks any more
 *
 * Only the installing task runs hooks, so that none is running when it gets here,
 * or a cleanup that KUnit runs after it ended, and nothing has to be waited for.
 *
 * Context: Process context, the task that installed or its heir. May sleep.
 */
void swaptbl_sync_remove(void)
{
	if (!READ_ONCE(sync_task))
		return;
	static_branch_disable(&swaptbl_sync_key);
	WRITE_ONCE(sync_task, NULL);
	sync_hooks = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_sync_remove);

static const struct swaptbl_sync_hooks *sync_hooks_of_current(void)
{
	return READ_ONCE(sync_task) == current ? sync_hooks : NULL;
}

/**
 * swaptbl_sync_run() - run the hook of a sync point
 * @point: the place
 *
 * Context: That of the place.
 */
void swaptbl_sync_run(enum swaptbl_sync_point point)
{
	const struct swaptbl_sync_hooks *hooks = sync_hooks_of_current();

	if (hooks && hooks->sync)
		hooks->sync(hooks->data, point);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_sync_run);

/**
 * swaptbl_sync_fail() - ask the test whether an allocation is to fail
 * @site: what is allocated
 * @gfp: how
 *
 * Context: That of the allocation.
 * Return: true to fail it.
 */
bool swaptbl_sync_fail(enum swaptbl_alloc_site site, gfp_t gfp)
{
	const struct swaptbl_sync_hooks *hooks = sync_hooks_of_current();

	return hooks && hooks->fail && hooks->fail(hooks->data, site, gfp);
}

/**
 * swaptbl_sync_fail_io() - ask the test whether a request is to fail
 * @op: what is asked of the store
 * @offset: first slot of the device
 *
 * Context: That of the request.
 * Return: true to fail it.
 */
bool swaptbl_sync_fail_io(enum swaptbl_io_op op, unsigned long offset)
{
	const struct swaptbl_sync_hooks *hooks = sync_hooks_of_current();

	return hooks && hooks->fail_io && hooks->fail_io(hooks->data, op, offset);
}
