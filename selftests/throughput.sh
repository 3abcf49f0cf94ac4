#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Throughput of the data file, and of the plain disk below it as dd would have it, in
# turns; on /dev/vdc, or $1. Says nothing about right or wrong: see data.sh.
#
# A direct read into /dev/null is done by the disk alone: no CPU ever touches the data. So
# there is a row for a read into a file in memory too, named copy.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"

disk=${1:-/dev/vdc}
mib=256
rounds=5
source=/tmp/swaptbl-source
target=/tmp/swaptbl-target
results=/tmp/swaptbl-results
COPY=$(dirname "$0")/bin/copy

gone_wrong()
{
	echo "throughput: FAILED: $*"
	module_out
	exit 1
}

# measure WHAT KIB ARGUMENT...: MiB per second of a copy in blocks of so many KiB.
measure()
{
	measure_what=$1 measure_kib=$2
	shift 2
	measure_rate=$("$COPY" "$@" bs="$measure_kib" count=$((mib * 1024 / measure_kib))) ||
		gone_wrong "copy $*"
	echo "$measure_what-$measure_kib $measure_rate" >>$results
}

forget_buffers()
{
	echo 3 >/proc/sys/vm/drop_caches
}

plain()
{
	measure direct-write "$1" if=$source of="$disk" oflag=direct
	measure direct-read "$1" if="$disk" of=/dev/null iflag=direct
	measure direct-copy "$1" if="$disk" of=$target iflag=direct
	forget_buffers
	measure buffered-read "$1" if="$disk" of=/dev/null
	forget_buffers
}

through_data()
{
	open_store "$disk" || gone_wrong "$(last_error)"
	knob data_order "$2"
	measure data-write "$1" if=$source of="$(data)"
	evict_all || gone_wrong 'evict all'
	[ "$(value "$device" io write)" -ge "$(mib $mib)" ] || gone_wrong 'not all written'
	measure data-read "$1" if="$(data)" of=/dev/null
	evict_all || gone_wrong 'evict all'
	measure data-copy "$1" if="$(data)" of=$target
	cmp -n 1048576 $source $target || gone_wrong 'wrong bytes'
	[ "$(value "$device" io read)" -ge "$(mib $((2 * mib)))" ] ||
		gone_wrong 'not all read'
	close_store drop || gone_wrong "$(last_error)"
}

median()
{
	sed -n "s/^$1 //p" $results | sort -n | sed -n "$(((rounds + 1) / 2))p"
}

ratio()
{
	awk "BEGIN { printf \"%.2f\", $1 / $2 }"
}

table()
{
	echo
	echo "MiB/s, median of $rounds rounds of $mib MiB; ratio of data to direct:"
	printf '%-6s %8s %6s %10s %10s %8s %6s\n' what block order direct buffered data ratio
	for row in 'write 64 4' 'read 64 4' 'copy 64 4' 'write 2048 9' 'read 2048 9' \
		'copy 2048 9'; do
		set -- $row
		direct=$(median "direct-$1-$2")
		buffered=$(median "buffered-$1-$2")
		through=$(median "data-$1-$2")
		printf '%-6s %4s KiB %6s %10s %10s %8s %6s\n' "$1" "$2" "$3" "$direct" \
			"${buffered:--}" "$through" "$(ratio "$through" "$direct")"
	done
}

module_out
[ -b "$disk" ] && is_ours "$disk" || gone_wrong "$disk is no empty disk"
needs_mkswap
use_all_cpus
insmod $MODULE || gone_wrong 'insmod'
"$PATTERN" write $source size=${mib}M block=1M >/dev/null || gone_wrong 'the source'
cp $source $target || gone_wrong 'the target'
: >$results
echo "Linux $(uname -r), $(grep -c ^processor /proc/cpuinfo) CPUs, $disk"
# The host's file of the disk gets its blocks now.
measure first-write 2048 if=$source of="$disk" oflag=direct
for round in $(seq $rounds); do
	plain 64
	through_data 64 4
	plain 2048
	through_data 2048 9
	echo "round $round done"
done
table
# A disk for the next one.
dd if=/dev/zero of="$disk" bs=64k count=1 conv=notrunc 2>/dev/null
rm -f $source $target $results
module_out
echo 'throughput: ok'
