#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The data file as a file: size, holes, ends, parts written over, a full device.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

plain=/tmp/swaptbl-plain

start
module_in

size()
{
	stat -c %s "$(data)"
}

# Does the same to the data file and to a plain file.
both()
{
	dd "$@" of=$plain conv=notrunc 2>/dev/null &&
		dd "$@" of="$(data)" conv=notrunc 2>/dev/null
}

alike()
{
	cmp $plain "$(data)" && [ "$(size)" = "$(stat -c %s $plain)" ]
}

# both_ways NAME DD-ARGUMENT...: right from the cache, right from the store.
both_ways()
{
	name=$1
	shift
	check "order $order: $name" both "$@"
	check "order $order: $name: content" alike
	check "order $order: $name: evict all" evict_all
	check "order $order: $name: content from the store" alike
	check "order $order: $name: verify" verified "$device"
}

for order in 0 4 9; do
	opened "order $order: make the device" ram 64
	idle=$(in_use)
	knob data_order $order
	: >$plain
	is "order $order: a new file is empty" "$(size) $(wc -c <"$(data)")" '0 0'
	both_ways 'one byte' if=/bin/busybox bs=1 count=1
	both_ways 'three pages and a bit' if=/bin/busybox bs=12345 count=1
	both_ways 'small writes' if=/bin/busybox bs=1000 count=100 skip=5 seek=12
	both_ways 'over the middle' if=/bin/busybox bs=5000 count=3 skip=50 seek=7
	both_ways 'behind the end' if=/bin/busybox bs=4096 count=5 seek=1001
	both_ways 'into the hole' if=/bin/busybox bs=3000 count=2 skip=9 seek=900
	both_ways 'to the end of a large folio' if=/bin/busybox bs=1M count=1 seek=3
	both_ways 'across it' if=/bin/busybox bs=70000 count=1 seek=59
	is "order $order: nothing behind the end" \
		"$(dd if="$(data)" bs=1M skip=9 2>/dev/null | wc -c)" 0
	check "order $order: truncate" empty_data
	is "order $order: empty again" "$(size) $(wc -c <"$(data)")" '0 0'
	is "order $order: nothing is left" "$(in_use)" "$idle"
	check "order $order: destroy" close_store
done

# 100 slots, as one is the header's.
fill_up()
{
	dd if=/bin/busybox of="$(data)" bs=4k count=200 2>&1
}

check 'a device of 100 pages' create 'ram slots=101'
device=dev0
case $(fill_up) in
*'No space left'*) pass 'more does not fit' ;;
*) fail 'more does not fit' ;;
esac
is 'what fits is there' "$(size)" 409600
is 'and right' "$(head -c 409600 /bin/busybox | md5sum)" "$(md5sum <"$(data)")"
check 'verify when full' verified dev0
check 'empty it' empty_data
check 'what was full takes data again' both if=/bin/busybox bs=4k count=50
check 'destroy it' put destroy 'dev0 drop'
rm -f $plain
finish
