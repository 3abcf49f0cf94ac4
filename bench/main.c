// SPDX-License-Identifier: GPL-2.0
/*
 * Benchmark module: runs when it is inserted.
 */
#include <linux/module.h>
#include <linux/utsname.h>

#include "../swaptbl/compat.h"
#include "bench.h"

/* What a debug kernel costs says nothing. */
static bool is_debug_kernel(void)
{
	return IS_ENABLED(CONFIG_KASAN) || IS_ENABLED(CONFIG_KCSAN) ||
	       IS_ENABLED(CONFIG_LOCKDEP) || IS_ENABLED(CONFIG_DEBUG_VM);
}

static int __init swaptbl_bench_init(void)
{
	if (is_debug_kernel()) {
		pr_err("swaptbl_bench: not on a debug kernel\n");
		return -EOPNOTSUPP;
	}
	bench_show("Linux %s\n", utsname()->release);
	return bench_lruvec();
}
module_init(swaptbl_bench_init);

static void __exit swaptbl_bench_exit(void)
{
}
module_exit(swaptbl_bench_exit);

SWAPTBL_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("Benchmarks of swaptbl");
MODULE_LICENSE("GPL");
