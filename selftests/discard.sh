#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Slots that become free give the memory below a block device back, if asked to.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

mib=32

start
needs_mkswap
module_in

# KiB that the store takes.
taken()
{
	case $1 in
	zram) awk '{ print int($2 / 1024) }' $ZRAM/mm_stat ;;
	loop) echo $(($(stat -c %b $LOOP_FILE) / 2)) ;;
	esac
}

# The worker does it in its own time.
given_back()
{
	for turn in $(seq 100); do
		[ "$(taken "$1")" -gt 2048 ] || return 0
		sleep 0.1
	done
	taken "$1"
	return 1
}

still_taken()
{
	sleep 1
	[ "$(taken "$1")" -gt $((mib * 1000)) ]
}

fill_and_empty()
{
	"$PATTERN" write "$(data)" size=${mib}M block=2M && evict_all &&
		[ "$(taken "$1")" -gt $((mib * 1000)) ] && verified "$device" &&
		empty_data
}

with_discard()
{
	opened "$1: make the device" "$1" $((mib * 2)) discard=1
	check "$1: fill and empty it" fill_and_empty "$1"
	check "$1: what was taken is given back" given_back "$1"
	check "$1: discards were counted" nonzero io discard
	check "$1: verify" verified "$device"
	check "$1: fill and empty it again" fill_and_empty "$1"
	check "$1: destroy meanwhile" put destroy "$device"
	check "$1: the header is still there" put create "bdev path=$store_disk"
	check "$1: destroy" close_store
}

without_discard()
{
	opened "$1: make the device without discard" "$1" $((mib * 2))
	check "$1: fill and empty that" fill_and_empty "$1"
	check "$1: nothing is given back" still_taken "$1"
	is "$1: no discards" "$(value "$device" io discard)" 0
	check "$1: destroy that" close_store
}

# More written than fits, if freed clusters were not there again at once.
turn_over()
{
	opened "$1: make a small device" "$1" 8 discard=1
	for turn in 1 2 3 4 5 6 7 8; do
		check "$1: fill it, $turn" "$PATTERN" write "$(data)" size=7M block=64K \
			seed=$turn
		check "$1: empty it, $turn" empty_data
	done
	check "$1: verify that" verified "$device"
	check "$1: destroy the small device" close_store
}

for store in zram loop; do
	if has_store $store; then
		with_discard $store
		without_discard $store
		turn_over $store
	else
		skip "$store" 'this kernel has none'
	fi
done
finish
