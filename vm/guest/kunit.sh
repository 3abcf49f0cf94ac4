# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode kunit: the suites run while their module is inserted.

mode_kunit()
{
	leaks_forget
	insert kunit
	insert swaptbl
	insert swaptbl_kunit
	remove swaptbl_kunit
	remove swaptbl
	remove kunit
	leaks_report
}
