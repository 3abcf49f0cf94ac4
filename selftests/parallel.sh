#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tasks that read the same and different parts of the data file at once, while another
# evicts what they read, and one that overwrites a part; on /dev/vdc, or $1, and in memory.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

disk=${1:-/dev/vdc}
mib=8
! slow_kernel || mib=2

start
needs_disk "$disk"
needs_mkswap
use_all_cpus
module_in

# Until the file $busy is gone.
keep_evicting()
{
	while [ -e $busy ]; do
		ctl "$device" 'shrink nr=1024' >/dev/null
		sleep 0.05
	done
}

keep_verifying()
{
	while [ -e $busy ]; do
		verified "$device" || return
		sleep 0.2
	done
}

busy=/tmp/swaptbl-busy

# Runs the commands, one per line of standard input, together with who disturbs them.
together()
{
	together_bad=0
	touch $busy
	keep_evicting &
	evictor=$!
	keep_verifying &
	verifier=$!
	tasks=
	while read -r command; do
		$command >/dev/null </dev/null &
		tasks="$tasks $!"
	done
	for task in $tasks; do
		wait "$task" || together_bad=$((together_bad + 1))
	done
	rm $busy
	wait $verifier || together_bad=$((together_bad + 1))
	wait $evictor
	[ $together_bad = 0 ]
}

# Four tasks go through all of it side by side, four pick blocks at random.
reading_tasks()
{
	all="$PATTERN check $(data) size=${mib}M zeros=1"
	for block in 4K 64K; do
		echo "$all block=$block rounds=2"
		echo "$all block=$block rounds=2"
		echo "$all block=$block rounds=2 random=1"
		echo "$all block=$block rounds=2 random=1"
	done
}

# The middle is written over and over with the same bytes, the ends are read.
writing_tasks()
{
	quarter=$((mib / 4))
	echo "$PATTERN write $(data) at=${quarter}M size=$((mib / 2))M zeros=1" \
		"block=50000 rounds=3"
	echo "$PATTERN check $(data) size=${quarter}M zeros=1 rounds=4 random=1"
	echo "$PATTERN check $(data) size=${mib}M zeros=1 rounds=2 random=1 block=4K"
	echo "$PATTERN check $(data) at=$((3 * quarter))M size=${quarter}M zeros=1 rounds=4"
}

run_tasks()
{
	"$1" >/tmp/swaptbl-tasks
	together </tmp/swaptbl-tasks
}

# Whether one had to wait is a matter of luck.
waits_were_traced()
{
	! nonzero cache swapin_wait || traced swapin_wait dev=
}

in_folios_of_order()
{
	knob data_order "$2"
	check "$1: write" "$PATTERN" write "$(data)" size=${mib}M zeros=1 block=2M
	check "$1: evict all" evict_all
	check "$1: eight readers" run_tasks reading_tasks
	is "$1: no slot lost" "$(value "$device" info used)" "$(mib $mib)"
	check "$1: a writer and readers" run_tasks writing_tasks
	is "$1: no slot lost to the writer" "$(value "$device" info used)" "$(mib $mib)"
	check "$1: verify" verified "$device"
	check "$1: truncate" empty_data
	is "$1: nothing is left" "$(in_use)" "$idle"
}

for store in "$disk" ram; do
	opened "$store: make the device" "$store" $((mib * 2))
	idle=$(in_use)
	trace_on swapin_wait
	for order in 0 4 9; do
		in_folios_of_order "$store, order $order, $mib MiB" $order
	done
	check "$store: no task waited without a trace" waits_were_traced
	for name in swapin_hit swapin_miss swapin_wait readahead; do
		echo "# $store: $name $(value "$device" cache $name)"
	done
	trace_off
	check "$store: destroy" close_store
done
rm -f /tmp/swaptbl-tasks
finish
