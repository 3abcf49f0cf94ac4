# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tests that move data, after lib.sh: stores of each sort, their data
# file, and what must be left when it is empty again.

# Content by place and seed; see pattern.c.
PATTERN=$(dirname "$0")/bin/pattern
LOOP_FILE=/tmp/swaptbl-loop
ZRAM=/sys/block/zram0
TRACING=/sys/kernel/tracing

format()
{
	"$mkswap" -L $LABEL "$1" >/dev/null 2>&1
}

# opened NAME SORT MIB [WORDS]: makes a device of about that size; its name is in $device,
# its disk in $store_disk. Not by check, which would forget both.
opened()
{
	opened_name=$1
	shift
	if open_store "$@"; then
		pass "$opened_name"
	else
		fail "$opened_name" "$(last_error)"
	fi
}

open_store()
{
	case $1 in
	ram)
		store_disk=
		create "ram slots=$(($2 * 256)) $3"
		return
		;;
	loop)
		truncate -s "$2M" $LOOP_FILE
		store_disk=$(losetup -f) && losetup "$store_disk" $LOOP_FILE || return
		;;
	zram)
		echo "$2M" >$ZRAM/disksize || return
		store_disk=/dev/zram0
		;;
	*) store_disk=$1 ;;
	esac
	format "$store_disk" && create "bdev path=$store_disk $3"
}

# close_store [drop]: the device and what was made below it.
close_store()
{
	put destroy "$device${1:+ $1}" && release_disk
}

release_disk()
{
	case $store_disk in
	/dev/loop*) losetup -d "$store_disk" && rm $LOOP_FILE ;;
	/dev/zram0) echo 1 >$ZRAM/reset ;;
	esac
}

has_store()
{
	case $1 in
	loop) [ -e /dev/loop-control ] ;;
	zram) [ "$(cat $ZRAM/disksize 2>/dev/null)" = 0 ] ;;
	esac
}

data()
{
	echo $ROOT/"$device"/data
}

knob()
{
	put "$device/$1" "$2"
}

# Everything in the cache goes to the store. Folios that were used lately are spared
# once, and one that somebody holds may need another turn.
evict_all()
{
	for evict_turn in 1 2 3 4 5 6 7 8 9 10; do
		ctl "$device" 'shrink nr=1048576' >/dev/null || return
		[ "$(value "$device" cache cached)" != 0 ] || return 0
	done
	echo "$(value "$device" cache cached) pages are still cached"
	return 1
}

# What is in use: equal before the data came and after it went.
in_use()
{
	for in_use_name in used bytes_tables bytes_overflow; do
		echo "$in_use_name=$(value "$device" info $in_use_name)"
	done
	for in_use_name in cached_only exclusive tables; do
		echo "$in_use_name=$(value "$device" stats $in_use_name)"
	done
	echo "cached=$(value "$device" cache cached)"
	echo "shadows=$(value "$device" workingset shadows)"
}

# Readers may have left pages behind that they asked for and did not read.
empty_data()
{
	: >"$(data)" && evict_all
}

# trace_on EVENT, and what it has recorded since.
trace_on()
{
	[ -d $TRACING ] || return 0
	echo >$TRACING/trace
	echo 1 >"$TRACING/events/swaptbl/swaptbl_$1/enable"
}

traced()
{
	[ ! -d $TRACING ] || grep -q "swaptbl_$1: .*$2" $TRACING/trace
}

trace_off()
{
	[ ! -d $TRACING ] || echo 0 >$TRACING/events/swaptbl/enable
}

# mib NUMBER: as many pages.
mib()
{
	echo $(($1 * 256))
}

# nonzero FILE NAME: a counter that has to have moved by now.
nonzero()
{
	[ "$(value "$device" "$1" "$2")" -gt 0 ]
}

# Every check on a kernel with all debugging takes its time.
slow_kernel()
{
	[ -e /sys/kernel/debug/kmemleak ]
}
