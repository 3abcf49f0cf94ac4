// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit module of the engine: parameters of all suites.
 */
#include <linux/module.h>

#include "../swaptbl/compat.h"
#include "util.h"

bool swaptbl_test_long;
module_param_named(long, swaptbl_test_long, bool, 0444);
MODULE_PARM_DESC(long, "run the long forms of the random and threaded cases");

unsigned long swaptbl_test_seed;
module_param_named(seed, swaptbl_test_seed, ulong, 0444);
MODULE_PARM_DESC(seed, "seed of the random cases, 0 for one at random");

bool swaptbl_test_lru_gen;
module_param_named(lru_gen, swaptbl_test_lru_gen, bool, 0444);
MODULE_PARM_DESC(lru_gen, "let the trees of all cases have generations");

char *swaptbl_test_disk;
module_param_named(disk, swaptbl_test_disk, charp, 0444);
MODULE_PARM_DESC(disk, "block device that cases may overwrite");

static int __init swaptbl_kunit_init(void)
{
	return swaptbl_test_owners_create();
}
module_init(swaptbl_kunit_init);

static void __exit swaptbl_kunit_exit(void)
{
	swaptbl_test_owners_destroy();
}
module_exit(swaptbl_kunit_exit);

SWAPTBL_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
SWAPTBL_IMPORT_NS(SWAPTBL);
MODULE_DESCRIPTION("KUnit tests of swaptbl");
MODULE_LICENSE("GPL");
