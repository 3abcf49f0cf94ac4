# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode bench: what the module measures while it is inserted goes to the second serial port.

mode_bench()
{
	stty -F /dev/ttyS1 raw -echo
	insert swaptbl
	mkswap /dev/ram1 >/dev/null 2>&1 && swapon /dev/ram1 || log "nothing to swap to"
	insmod "$MODULES/swaptbl_native.ko" || log "no native engine here"
	insert swaptbl_bench
	dmesg | sed -n 's/^.*\(swaptbl_bench: \)/\1/p' >/dev/ttyS1
	remove swaptbl_bench
	[ ! -d /sys/module/swaptbl_native ] || remove swaptbl_native
	swapoff -a
	remove swaptbl
}
