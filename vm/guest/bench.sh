# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode bench: what the module measures while it is inserted goes to the second serial port.

mode_bench()
{
	stty -F /dev/ttyS1 raw -echo
	insert swaptbl
	insert swaptbl_bench
	dmesg | sed -n 's/^.*\(swaptbl_bench: \)/\1/p' >/dev/ttyS1
	remove swaptbl_bench
	remove swaptbl
}
