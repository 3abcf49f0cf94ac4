#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Files through the data file of a device and back, on each sort of store, in folios of
# order 0, 4 and 9; on the disk /dev/vdc, or $1.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

disk=${1:-/dev/vdc}
source=/tmp/swaptbl-source
mib=256
! slow_kernel || mib=32

start
needs_disk "$disk"
needs_mkswap
use_all_cpus
module_in
"$PATTERN" write $source size=${mib}M block=1M >/dev/null || fail 'a file to copy'
sum=$(sha256sum <$source)

# out_and_in NAME CHECK...: what was written is all in the store, and comes back right.
out_and_in()
{
	name=$1
	shift
	is "$name: slots used" "$(value "$device" info used)" "$(mib "$size")"
	check "$name: verify after writing" verified "$device"
	check "$name: evict all" evict_all
	is "$name: swapped slots" "$(grep -c ' swapped ' "$ROOT/$device/slots")" \
		"$(mib "$size")"
	check "$name: read back" "$@"
	check "$name: verify after reading" verified "$device"
}

same_sum()
{
	[ "$(sha256sum <"$(data)")" = "$sum" ]
}

gone()
{
	check "$1: truncate" empty_data
	is "$1: nothing is left" "$(in_use)" "$idle"
	check "$1: verify when empty" verified "$device"
}

# Pages of their own, then some of zeros, then other ones in the same places.
small_folios()
{
	knob data_order 0
	check "$1: write" "$PATTERN" write "$(data)" size="${mib}M" block=4K
	out_and_in "$1" "$PATTERN" check "$(data)" size="${mib}M" block=4K
	check "$1: write again" "$PATTERN" write "$(data)" size="${mib}M" \
		block=100000 seed=1 zeros=1
	out_and_in "$1 again" "$PATTERN" check "$(data)" size="${mib}M" \
		block=64K seed=1 zeros=1
	check "$1: zero pages were not written" nonzero io write_zero
	check "$1: nor read" nonzero io read_zero
	gone "$1"
}

medium_folios()
{
	knob data_order 4
	check "$1: cp" cp $source "$(data)"
	out_and_in "$1" same_sum
	gone "$1"
}

large_folios()
{
	knob data_order 9
	check "$1: dd" dd if=$source of="$(data)" bs=2M
	out_and_in "$1" "$PATTERN" check "$(data)" size="${mib}M" block=2M
	case $1 in
	*/dev/*) check "$1: cmp" cmp $source "$(data)" ;;
	esac
	gone "$1"
	check "$1: dd of partly zero content" \
		"$PATTERN" write "$(data)" size="${mib}M" block=2M zeros=1
	out_and_in "$1, partly zero" \
		"$PATTERN" check "$(data)" size="${mib}M" block=4K zeros=1
	gone "$1, partly zero"
}

no_errors()
{
	[ "$(value "$device" io read_error)$(value "$device" io write_error)" = 00 ]
}

on_store()
{
	size=$mib
	opened "$1: make the device" "$1" $((mib + mib / 4)) || return
	idle=$(in_use)
	small_folios "$1, order 0, $mib MiB"
	medium_folios "$1, order 4, $mib MiB"
	large_folios "$1, order 9, $mib MiB"
	check "$1: no errors" no_errors
	check "$1: destroy" close_store
}

for store in "$disk" loop zram ram; do
	if has_store $store; then
		on_store $store
	else
		skip "$store" 'this kernel has none'
	fi
done
rm -f $source
finish
