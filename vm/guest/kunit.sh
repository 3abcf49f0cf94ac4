# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode kunit: the suites run while their module is inserted. Those of the contract run on
# the kernel's engine too, where it is known, with a ram disk of 1024 pages to swap to.

swap_on()
{
	mkswap /dev/ram1 >/dev/null 2>&1 && swapon /dev/ram1 ||
		log "nothing to swap to"
}

# Without kprobes it has to be told where to look for names.
insert_native()
{
	local lookup

	lookup=$(awk '$3 == "kallsyms_lookup_name" { print $1 }' /proc/kallsyms)
	insmod "$MODULES/swaptbl_native.ko" ||
		insmod "$MODULES/swaptbl_native.ko" "kallsyms=0x$lookup" ||
		log "no native engine here"
}

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
