# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the guest's init: arguments, modules, leaks, the end.

MODULES=/lib/swaptbl
KMEMLEAK=/sys/kernel/debug/kmemleak
failed=

# The kernel's log is the one place where a line is never torn apart.
log()
{
	echo "swaptbl-lab: $*" >/dev/kmsg
}

fail()
{
	log "failed: $*"
	failed=1
}

# argument NAME: its value on the kernel's command line.
argument()
{
	tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | tail -n 1
}

# parameters MODULE: insmod does not read the command line, so do it here.
parameters()
{
	tr ' ' '\n' </proc/cmdline | sed -n "s/^$1[.]//p"
}

# A distribution's kernel has its disk drivers as modules.
insert_drivers()
{
	local driver

	for driver in /lab/drivers/*.ko; do
		[ ! -f "$driver" ] || insmod "$driver" || fail "insmod $driver"
	done
}

insert()
{
	# shellcheck disable=SC2046
	insmod "$MODULES/$1.ko" $(parameters "$1") || fail "insmod $1"
}

remove()
{
	rmmod "$1" || fail "rmmod $1"
}

# swap_on [KBYTES]: what the kernel's own engine has its device on; all of it by default.
swap_on()
{
	# shellcheck disable=SC2086
	mkswap /dev/ram1 ${1-} >/dev/null 2>&1 && swapon /dev/ram1 ||
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

leaks_forget()
{
	[ ! -f $KMEMLEAK ] || echo clear >$KMEMLEAK
}

# An object counts as leaked only when it is some seconds old and two scans in
# a row found no reference.
leaks_report()
{
	[ -f $KMEMLEAK ] || return
	sleep 6
	echo scan >$KMEMLEAK
	sleep 1
	echo scan >$KMEMLEAK
	cat $KMEMLEAK >/tmp/leaks
	[ ! -s /tmp/leaks ] || fail "memory leaked"
	while read -r line; do
		log "$line"
	done </tmp/leaks
}

# reboot ends QEMU, whose machine only halts on a power-off; UML is the other
# way round.
finish()
{
	[ -n "$failed" ] || log "success"
	sync
	if grep -q 'User Mode Linux' /proc/cpuinfo; then
		poweroff -f
	else
		reboot -f
	fi
}
