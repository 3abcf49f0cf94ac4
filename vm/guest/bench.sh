# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode bench: what the module measures while it is inserted goes to the second serial port.

send_results()
{
	stty -F /dev/ttyS1 raw -echo
	dmesg | sed -n 's/^.*\(swaptbl_bench: \)/\1/p' >/dev/ttyS1
}

mode_bench()
{
	insert swaptbl
	swap_on
	insert_native
	insert swaptbl_bench
	[ ! -e /dev/ttyS1 ] || send_results
	remove swaptbl_bench
	[ ! -d /sys/module/swaptbl_native ] || remove swaptbl_native
	swapoff -a
	remove swaptbl
}
