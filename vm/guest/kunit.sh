# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode kunit: the suites run while their module is inserted. Those of the contract run on
# the kernel's engine too, where it is known, with a ram disk of 1024 pages to swap to.

mode_kunit()
{
	leaks_forget
	insert kunit
	insert swaptbl
	swap_on
	insert_native
	insert swaptbl_kunit
	remove swaptbl_kunit
	[ ! -d /sys/module/swaptbl_native ] || remove swaptbl_native
	swapoff -a
	remove swaptbl
	remove kunit
	leaks_report
}
