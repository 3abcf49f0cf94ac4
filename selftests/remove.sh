#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Removal of a device that holds data and is in use: refused, and nothing has changed; on
# /dev/vdc, or $1, and in memory.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

disk=${1:-/dev/vdc}
mib=16
busy=/tmp/swaptbl-busy

start
needs_disk "$disk"
needs_mkswap
use_all_cpus
module_in

refused_each_time()
{
	for attempt in $(seq 20); do
		! put destroy "$device" || return
		case $(last_error) in
		'destroy: -EBUSY: '*) ;;
		*) last_error && return 1 ;;
		esac
		[ "$(value "$device" info state)" = live ] || return
		verified "$device" || return
	done
}

read_on()
{
	while [ -e $busy ]; do
		"$PATTERN" check "$(data)" size=${mib}M random=1 >/dev/null || return
		ctl "$device" 'shrink nr=1000' >/dev/null
	done
}

write_on()
{
	while [ -e $busy ]; do
		"$PATTERN" write "$(data)" size=${mib}M block=50000 >/dev/null || return
	done
}

under_use()
{
	touch $busy
	read_on &
	first_reader=$!
	read_on &
	second_reader=$!
	write_on &
	writer=$!
	refused_each_time
	under_use_result=$?
	rm $busy
	wait $first_reader && wait $second_reader && wait $writer &&
		[ $under_use_result = 0 ]
}

# What a refused removal must leave as it was, when nobody else changes it.
counters()
{
	in_use
	for counter in alloc free dup put; do
		echo "$counter=$(value "$device" stats $counter)"
	done
}

when_idle()
{
	counters_before=$(counters)
	refused "$1: destroy when idle" destroy "$device" EBUSY ''
	is "$1: destroy when idle changes nothing" "$(counters)" "$counters_before"
	check "$1: read" "$PATTERN" check "$(data)" size=${mib}M
	check "$1: verify" verified "$device"
}

goes_when_empty()
{
	check "$1: truncate" empty_data
	is "$1: nothing is left" "$(in_use)" "$idle"
	check "$1: destroy" close_store
	is "$1: the device is gone" "$(devices)" ''
}

for store in "$disk" ram; do
	opened "$store: make the device" "$store" 64
	idle=$(in_use)
	check "$store: write" "$PATTERN" write "$(data)" size=${mib}M
	check "$store: destroy under use is refused" under_use
	check "$store: evict all" evict_all
	when_idle "$store, swapped"
	when_idle "$store, cached"
	goes_when_empty "$store"
	opened "$store: make the device again" "$store" 64
	check "$store: write again" "$PATTERN" write "$(data)" size=${mib}M
	check "$store: destroy drop" close_store drop
	is "$store: the device is gone then" "$(devices)" ''
done

# Folios in the cache that nobody has a count of are in nobody's way.
opened 'a device in memory' ram 64
ctl "$device" 'alloc order=4 nr=10 fill=1' >/dev/null
is 'cached only' "$(value "$device" stats cached_only)" 160
check 'destroy a device of cached-only slots' close_store
finish
