#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The commands that move data, and the knobs: good and bad input; on /dev/vdc, or $1, and
# in memory.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

disk=${1:-/dev/vdc}
page=/tmp/swaptbl-page

start
needs_disk "$disk"
needs_mkswap
module_in

# answers COMMAND EXPECTED: the words of the answer, newlines as spaces.
answers()
{
	is "$store: $1" "$(ctl "$device" "$1" | tr '\n' ' ')" "$2"
}

bad_ctl()
{
	refused "$store: $1" "$device/ctl" "$1" "$2" "$3"
}

bad_knob()
{
	refused "$store: $1=$2" "$device/$1" "$2" "$3" ''
	is "$store: $1 is as before" "$(cat $ROOT/"$device"/"$1")" "$4"
}

kinds()
{
	awk -v from="$1" -v to=$(($1 + $2)) '$1 >= from && $1 < to { print $2 }' \
		$ROOT/"$device"/slots | uniq -c | awk '{ printf "%s %s ", $1, $2 }'
}

# crc_of FILL: of a page of that byte, as another program sees it.
crc_of()
{
	head -c 4096 /dev/zero | tr '\000' "\\$(printf %03o "$1")" >$page
	crc32 $page | cut -d ' ' -f 1
}

# all_have CRC OFFSET NR: each page, in order.
all_have()
{
	ctl "$device" "crc offset=$2 nr=$3" |
		awk -v crc="$1" -v next_at="$2" -v end=$(($2 + $3)) '
			$1 != next_at++ || $2 "" != crc "" { print; exit bad = 1 }
			END { exit bad || next_at != end }'
}

crcs()
{
	check "$store: crc of $2 pages at $1" all_have "$3" "$1" "$2"
}

# A folio of each order goes out, comes back whole and in parts.
there_and_back()
{
	nr=$((1 << $1))
	fill=$((100 + $1))
	at=$(ctl "$device" "alloc order=$1 nr=1 fill=$fill")
	ctl "$device" "dup offset=$at nr=$nr" >/dev/null
	answers "evict offset=$at nr=$nr" 'evicted 1 '
	is "$store: order $1 is swapped" "$(kinds "$at" $nr)" "$nr swapped "
	answers "evict offset=$at nr=$nr" 'evicted 0 '
	answers "swapin offset=$at order=$1" "$at $1 "
	is "$store: order $1 is cached" "$(kinds "$at" $nr)" "$nr cached "
	crcs "$at" $nr "$(crc_of $fill)"
	answers "evict offset=$at nr=$nr" 'evicted 1 '
	crcs "$at" $nr "$(crc_of $fill)"
	check "$store: verify with order $1" verified "$device"
	ctl "$device" "put offset=$at nr=$nr" >/dev/null
	check "$store: evict order $1 without a count" ctl "$device" "evict offset=$at nr=$nr"
	is "$store: order $1 is gone" "$(kinds "$at" $nr)" ''
}

clean_is_not_written()
{
	at=$(ctl "$device" 'alloc order=0 nr=1 fill=9')
	ctl "$device" "dup offset=$at" >/dev/null
	answers "evict offset=$at" 'evicted 1 '
	answers "swapin offset=$at" "$at 0 "
	written=$(value "$device" io write)
	answers "evict offset=$at" 'evicted 1 '
	is "$store: a clean page is not written again" "$(value "$device" io write)" \
		"$written"
	check "$store: but counted" nonzero cache evict_clean
}

zero_is_not_written()
{
	written=$(value "$device" io write)
	at=$(ctl "$device" 'alloc order=4 nr=1')
	ctl "$device" "dup offset=$at nr=16" >/dev/null
	answers "evict offset=$at nr=16" 'evicted 1 '
	is "$store: zero pages are not written" "$(value "$device" io write)" "$written"
	is "$store: but counted" "$(value "$device" io write_zero)" 16
	case $(slot "$device" "$at") in
	*zero*) pass "$store: the flag says so" ;;
	*) fail "$store: the flag says so" "$(slot "$device" "$at")" ;;
	esac
	crcs "$at" 16 "$(crc_of 0)"
}

split_a_folio()
{
	at=$(ctl "$device" 'alloc order=4 nr=1 fill=33')
	ctl "$device" "dup offset=$at nr=16" >/dev/null
	check "$store: split" ctl "$device" "split offset=$at order=2"
	is "$store: four folios of order 2" "$(awk -v from="$at" \
		'$1 >= from && $1 < from + 16 && $4 == 2 { print $6 }' \
		$ROOT/"$device"/slots | sort -u | wc -l)" 4
	answers "evict offset=$at nr=16" 'evicted 4 '
	crcs "$at" 16 "$(crc_of 33)"
	bad_ctl "split offset=$at order=4" ERANGE ''
	bad_ctl "split offset=$at order=99" ERANGE ''
}

shrink_a_device()
{
	at=$(ctl "$device" 'alloc order=2 nr=1 fill=5')
	ctl "$device" "dup offset=$at nr=4" >/dev/null
	check "$store: evict all" evict_all
	is "$store: nothing is cached" "$(value "$device" cache cached)" 0
	answers 'shrink nr=10' 'evicted 0 '
}

bad_commands()
{
	for command in evict swapin crc; do
		bad_ctl "$command" EINVAL 'offset is missing'
		bad_ctl "$command offset=99999999" ERANGE 'offset is not within'
		bad_ctl "$command offset=1 nr=0" ERANGE 'nr is not within'
		bad_ctl "$command offset=1 group=1" EINVAL 'unknown word: group'
	done
	bad_ctl shrink EINVAL 'nr is missing'
	bad_ctl 'split offset=5' EINVAL 'order is missing'
	bad_ctl 'alloc order=0 nr=1 fill=256' ERANGE 'fill is not within 0 to 255'
	bad_ctl 'swapin offset=4000' ENOENT ''
	bad_ctl 'swapin offset=0' EINVAL ''
	bad_ctl 'crc offset=4000' ENOENT ''
	exclusive=$(ctl "$device" 'exclusive alloc')
	bad_ctl "swapin offset=$exclusive" EINVAL ''
	ctl "$device" "exclusive free offset=$exclusive" >/dev/null
}

knobs()
{
	for name in readahead cache_max data_order shadow_budget; do
		is "$store: $name has a mode" "$(stat -c %a $ROOT/"$device"/$name)" 600
		before=$(cat $ROOT/"$device"/$name)
		bad_knob $name '' EINVAL "$before"
		bad_knob $name many EINVAL "$before"
		bad_knob $name -1 ERANGE "$before"
		bad_knob $name 99999999999999999999999 ERANGE "$before"
		check "$store: $name=3" knob $name 3
		is "$store: $name is 3" "$(cat $ROOT/"$device"/$name)" 3
		knob $name "$before"
	done
	bad_knob data_order 10 ERANGE "$(cat $ROOT/"$device"/data_order)"
	bad_knob readahead 513 ERANGE "$(cat $ROOT/"$device"/readahead)"
}

# What is in the window comes with the page that was asked for.
read_ahead()
{
	first=$(ctl "$device" 'alloc order=0 nr=64 fill=77' | sort -n | head -n 1)
	for at in $(sed -n 's/^\([0-9]*\) cached .*/\1/p' $ROOT/"$device"/slots); do
		ctl "$device" "dup offset=$at" >/dev/null
	done
	check "$store: evict those to read ahead" evict_all
	knob readahead 0
	ctl "$device" "swapin offset=$first" >/dev/null
	is "$store: no readahead" "$(value "$device" cache cached)" 1
	check "$store: evict that" evict_all
	knob readahead 16
	ctl "$device" "swapin offset=$((first + 20))" >/dev/null
	check "$store: readahead" nonzero cache readahead
	crcs "$first" 64 "$(crc_of 77)"
	check "$store: readahead was of use" nonzero cache readahead_hit
}

for store in "$disk" ram; do
	opened "$store: make the device" "$store" 64
	knob readahead 0
	bad_commands
	knobs
	for order in 0 1 2 4 9; do
		there_and_back $order
	done
	zero_is_not_written
	clean_is_not_written
	split_a_folio
	shrink_a_device
	read_ahead
	check "$store: refaults" nonzero workingset refault
	check "$store: verify" verified "$device"
	check "$store: destroy drop" close_store drop
done
rm -f $page
finish
