#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Data through a disk that fails one request in ten, by the block layer's fault
# injection; on /dev/vdc, or $1.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

disk=${1:-/dev/vdc}
mib=32
! slow_kernel || mib=8
injector=/sys/kernel/debug/fail_make_request
victim=/sys/class/block/${disk#/dev/}/make-it-fail

start
needs_disk "$disk"
needs_mkswap
[ -d $injector ] && [ -e "$victim" ] || skip_all 'no CONFIG_FAIL_MAKE_REQUEST'
use_all_cpus
module_in

injection()
{
	echo 0 >$injector/verbose
	echo 1 >$injector/interval
	echo -1 >$injector/times
	echo "$1" >$injector/probability
	echo "$2" >"$victim"
}

faults_on()
{
	injection 10 1
}

faults_off()
{
	injection 0 0
}

# A write that fails leaves its folio in the cache, for the next turn.
evict_in_the_end()
{
	for attempt in $(seq 1 100); do
		! evict_all >/dev/null || return 0
	done
	echo "$(value "$device" cache cached) pages are still cached"
	return 1
}

# reads_right SEED: however often a block has to be asked for.
reads_right()
{
	"$PATTERN" check "$(data)" size="${mib}M" zeros=1 seed="$1" retries=1000 \
		block="$block"
}

no_slot_lost()
{
	is "$1: slots used" "$(value "$device" info used)" "$(mib $mib)"
	check "$1: verify" verified "$device"
}

failing()
{
	faults_on
	check "$1: write" "$PATTERN" write "$(data)" size="${mib}M" zeros=1 seed="$2" \
		retries=1000 block=$block
	no_slot_lost "$1: written"
	check "$1: evict all" evict_in_the_end
	no_slot_lost "$1: evicted"
	check "$1: read back" reads_right "$2"
	check "$1: read again" reads_right "$2"
	no_slot_lost "$1: read"
	check "$1: overwrite a part" "$PATTERN" write "$(data)" at=1000000 size=1M \
		seed=99 retries=1000 block=10000
	check "$1: evict that" evict_in_the_end
	check "$1: read that" "$PATTERN" check "$(data)" at=1000000 size=1M seed=99 \
		retries=1000
	no_slot_lost "$1: overwritten"
	faults_off
}

mended()
{
	check "$1: write anew" "$PATTERN" write "$(data)" size="${mib}M" zeros=1 seed=7
	check "$1: all can be evicted" evict_all
	check "$1: all can be read" "$PATTERN" check "$(data)" size="${mib}M" zeros=1 seed=7
	no_slot_lost "$1"
}

opened 'make the device' "$disk"
idle=$(in_use)
trace_on io_error
seed=0
for order in 0 4 9; do
	name="order $order, $mib MiB"
	block=$((4096 << order))
	seed=$((seed + 1))
	knob data_order $order
	failing "$name" $seed
	check "$name: writes failed" nonzero io write_error
	check "$name: reads failed" nonzero io read_error
	mended "$name, mended"
	check "$name: truncate" empty_data
	is "$name: nothing is left" "$(in_use)" "$idle"
done
trace_off
check 'swaptbl_io_error of a write' traced io_error 'write=1 error=-5'
check 'swaptbl_io_error of a read' traced io_error 'write=0 error=-5'
for counter in read_io read_error write_io write_error; do
	echo "# $counter $(value "$device" io $counter)"
done
check 'destroy' close_store
finish
