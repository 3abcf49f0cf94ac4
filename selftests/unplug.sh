#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A disk that is pulled out under use: errors, and an end. On the virtio disk /dev/vdd,
# or $1.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

disk=${1:-/dev/vdd}
mib=48
used_mib=8
driver=/sys/bus/virtio/drivers/virtio_blk
patience=60

start
needs_disk "$disk"
needs_mkswap
socket=$(basename "$(readlink -f "/sys/class/block/${disk#/dev/}/device")")
[ -e "$driver/$socket" ] || skip_all "$disk is no virtio disk"
use_all_cpus
module_in

pull_out()
{
	echo "$socket" >$driver/unbind
}

put_in()
{
	echo "$socket" >$driver/bind
}

# Until they fail; forever if they do not. They use more than the cache holds, but not so
# much that what is read ahead comes near the end of the file.
read_on()
{
	while "$PATTERN" check "$(data)" size=${used_mib}M block=64K; do :; done
}

write_on()
{
	while "$PATTERN" write "$(data)" size=${used_mib}M block=64K &&
		ctl "$device" 'shrink nr=100000' && nothing_failed; do
		:
	done
}

nothing_failed()
{
	[ "$(value "$device" io write_error)" = 0 ]
}

# ended PID: not even SIGKILL ends a task that hangs in the kernel, so do not wait for
# one.
ended()
{
	for second in $(seq $patience); do
		grep -q '^State:.*[^Z] (' "/proc/$1/status" 2>/dev/null || return 0
		sleep 1
	done
	cat "/proc/$1/stack"
	return 1
}

# in_time COMMAND...: its result, if there is one.
in_time()
{
	"$@" >/tmp/swaptbl-said 2>&1 &
	in_time_task=$!
	ended $in_time_task && wait $in_time_task
}

# ends COMMAND...: whatever its result.
ends()
{
	"$@" >/tmp/swaptbl-said 2>&1 &
	ended $!
}

read_of_swapped()
{
	! in_time dd if="$(data)" of=/dev/null bs=1M skip=$((mib - 1)) &&
		grep -q 'Input/output error' /tmp/swaptbl-said
}

stays_cached()
{
	ctl "$device" 'shrink nr=100000' >/dev/null
	[ "$(value "$device" cache cached)" -gt 0 ] && ! nothing_failed
}

opened 'make the device' "$disk"
knob cache_max 1024
check 'write' "$PATTERN" write "$(data)" size=${mib}M
check 'evict all' evict_all
read_on >/dev/null 2>&1 &
reader=$!
write_on >/dev/null 2>&1 &
writer=$!
sleep 1
check 'pull the disk out' in_time pull_out
check 'the reader ends' ended $reader
check 'the writer ends' ended $writer
check 'verify without a disk' verified "$device"
is 'no slot is lost' "$(value "$device" info used)" "$(mib $mib)"
check 'errors were counted' nonzero io read_error
check 'a read of what is swapped fails' read_of_swapped
check 'a read of all ends' ends dd if="$(data)" of=/dev/null bs=64k
check 'a write over it ends' ends dd if=/dev/zero of="$(data)" bs=64k conv=notrunc
check 'a write behind it ends' ends dd if=/bin/busybox of="$(data)" bs=1M seek=$mib
check 'what cannot be written stays cached' stays_cached
check 'verify after that' verified "$device"
refused 'destroy: the slots are used' destroy "$device" EBUSY ''
check 'destroy drop' in_time put destroy "$device drop"
is 'the device is gone' "$(devices)" ''
check 'rmmod' in_time rmmod swaptbl
check 'put the disk in again' put_in
check 'insmod' insmod $MODULE
opened 'a new device on it' "$disk"
check 'write to it' "$PATTERN" write "$(data)" size=${mib}M seed=3
check 'evict all of it' evict_all
check 'read it' "$PATTERN" check "$(data)" size=${mib}M seed=3
check 'destroy it' close_store drop
rm -f /tmp/swaptbl-said
finish
