// SPDX-License-Identifier: GPL-2.0
/*
 * The running kernel's own swap: its engine behind the table of operations, and a view of
 * its devices.
 */
#define pr_fmt(fmt) "swaptbl_native: " fmt

#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/utsname.h>

#include "../swaptbl/compat.h"
#include "engine.h"
#include "layout.h"
#include "slots.h"
#include "symbols.h"

static ulong kallsyms;
module_param(kallsyms, ulong, 0400);
MODULE_PARM_DESC(kallsyms, "address of kallsyms_lookup_name(), from /proc/kallsyms, where kprobes cannot find it");

/* It may have been inserted by force into another kernel than the one it is for. */
static bool is_known_kernel(void)
{
	unsigned int major, minor;

	return SWAPTBL_NATIVE_CALLS &&
	       sscanf(utsname()->release, "%u.%u", &major, &minor) == 2 &&
	       major == LINUX_VERSION_MAJOR && minor == LINUX_VERSION_PATCHLEVEL;
}

static struct dentry *native_dir;

/* Beside the devices of this project. */
static void view_add(void)
{
	struct dentry *root = debugfs_lookup("swaptbl", NULL);

	native_dir = debugfs_create_dir("native", root);
	dput(root);
	if (native.get_swap_device && native.swap_info)
		native_slots_add(native_dir, &native_layout);
}

static int __init native_init(void)
{
	int err;

	if (!is_known_kernel()) {
		pr_err("Linux %s is not known here\n", utsname()->release);
		return -EOPNOTSUPP;
	}
	err = native_symbols_find(kallsyms);
	if (err)
		return err;
	err = native_engine_add();
	if (!err)
		view_add();
	return err;
}
module_init(native_init);

static void __exit native_exit(void)
{
	debugfs_remove(native_dir);
	native_engine_del();
}
module_exit(native_exit);

SWAPTBL_IMPORT_NS(SWAPTBL);
MODULE_DESCRIPTION("The kernel's own swap counts, for comparison with swaptbl");
MODULE_LICENSE("GPL");
