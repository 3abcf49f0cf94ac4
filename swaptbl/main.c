// SPDX-License-Identifier: GPL-2.0
/*
 * Module lifecycle.
 */
#include <linux/module.h>

#include "cluster.h"
#include "compat.h"
#include "debugfs.h"
#include "device.h"
#include "engine.h"
#include "groups.h"
#include "handle.h"
#include "lru.h"
#include "store.h"

static int __init swaptbl_init(void)
{
	int err;

	swaptbl_lru_init();
	err = swaptbl_cluster_caches_create();
	if (err)
		return err;
	err = swaptbl_stores_create();
	if (err)
		goto no_stores;
	err = swaptbl_handles_create();
	if (err)
		goto no_handles;
	err = swaptbl_groups_create();
	if (err)
		goto no_groups;
	swaptbl_engine_own_add();
	swaptbl_debugfs_create();
	return 0;

no_groups:
	swaptbl_handles_destroy();
no_handles:
	swaptbl_stores_destroy();
no_stores:
	swaptbl_cluster_caches_destroy();
	return err;
}
module_init(swaptbl_init);

static void __exit swaptbl_exit(void)
{
	/* Controls first, so that no device or group is made any more. */
	swaptbl_debugfs_destroy();
	swaptbl_engine_own_del();
	swaptbl_devices_destroy();
	swaptbl_groups_destroy();
	swaptbl_handles_destroy();
	swaptbl_stores_destroy();
	swaptbl_cluster_caches_destroy();
}
module_exit(swaptbl_exit);

MODULE_DESCRIPTION("Experimental swap-count engine");
MODULE_LICENSE("GPL");
