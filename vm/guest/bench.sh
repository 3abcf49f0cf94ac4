# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode bench: what the module measures while it is inserted goes to the second serial port.

# The ram disks are larger, for what is measured of memory.
KBYTES=262144

send_results()
{
	stty -F /dev/ttyS1 raw -echo
	dmesg | sed -n 's/^.*\(swaptbl_bench: \)/\1/p' >/dev/ttyS1
}

# It fills clusters with folios as large as they are, which not every kernel has; and takes
# long where instructions are counted, which memory is not.
measure_memory()
{
	[ -d /sys/kernel/mm/transparent_hugepage ] || return 0
	[ -z "$(argument swaptbl_bench.insns)" ] || return 0
	insmod "$MODULES/swaptbl_bench.ko" memory=/lab/memory.sh || fail "insmod swaptbl_bench"
	remove swaptbl_bench
}

mode_bench()
{
	insert swaptbl
	swap_on $KBYTES
	insert_native
	insert swaptbl_bench
	remove swaptbl_bench
	swapoff -a
	measure_memory
	[ ! -e /dev/ttyS1 ] || send_results
	[ ! -d /sys/module/swaptbl_native ] || remove swaptbl_native
	remove swaptbl
}
