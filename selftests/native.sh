#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's own swap as native/ shows it: what is swapped out and what is cached, whose
# it is, while it comes and goes, and with the device taken away under the reader; on a
# device of millions of slots too. And what it is inserted with, and says of that.
. "$(dirname "$0")/lib.sh"

NATIVE=/lib/swaptbl/swaptbl_native.ko
DISK=/dev/vdb
BIG=/dev/zram0
ZRAM=/sys/block/zram0
CGROUP=/tmp/cgroup
FILES=/tmp/files
MIB=32

start
module_in
[ -f $NATIVE ] || skip_all "no $NATIVE"

native_out()
{
	[ ! -d /sys/module/swaptbl_native ] || rmmod swaptbl_native
}

undo()
{
	umount $FILES 2>/dev/null
	swapoff $DISK 2>/dev/null
	swapoff $BIG 2>/dev/null
	[ ! -d $ZRAM ] || echo 1 >$ZRAM/reset
	umount $CGROUP 2>/dev/null
	[ ! -f /tmp/head ] || dd if=/tmp/head of=$DISK bs=64k count=1 conv=notrunc 2>/dev/null
	native_out
	module_out
}

# used: slots that the kernel says are in use.
used()
{
	awk -v disk=$DISK '$1 == disk { print $4 / 4 }' /proc/swaps
}

# lines [KIND [FIELD VALUE]]: of slots, without the heading.
lines()
{
	awk -v kind="$1" -v field="${2:-0}" -v value="$3" '!/#/ &&
		(kind == "" || $2 == kind) && (!field || $field == value)' $VIEW/slots | wc -l
}

unknown_kernel()
{
	case $(uname -r) in
	7.3.* | 7.3-*) return ;;
	7.[12].* | 7.[12]-*) skip_all 'the structures of this kernel are not known' ;;
	esac
	if insmod $NATIVE 2>/dev/null; then
		fail 'an unknown kernel is refused' "inserted into $(uname -r)"
	else
		pass 'an unknown kernel is refused'
	fi
	check 'and the log says so' sh -c \
		'dmesg | grep -q "swaptbl_native: Linux .* is not known"'
	finish
}

# A file of so many MiB that may not stay in memory.
swap_out()
{
	mkdir -p $CGROUP $FILES
	mount -t cgroup2 none $CGROUP && echo +memory >$CGROUP/cgroup.subtree_control &&
		mkdir -p $CGROUP/test && echo 8M >$CGROUP/test/memory.max &&
		mount -t tmpfs none $FILES &&
		sh -c "echo \$\$ >$CGROUP/test/cgroup.procs
			exec dd if=/dev/urandom of=$FILES/data bs=1M count=$MIB 2>/dev/null"
}

# settles COMMAND...: what comes and goes between two looks is over at one of the next.
settles()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		"$@" >/tmp/said && return
		sleep 1
	done
	cat /tmp/said
	return 1
}

agrees()
{
	listed=$(lines swapped) cached=$(lines cached)
	in_use=$(used)
	[ $((listed + cached)) = "$in_use" ] || {
		echo "$listed swapped and $cached cached are listed, $in_use are in use"
		return 1
	}
}

# not_at ADDRESS THERE: something else is there, and nothing is called.
not_at()
{
	not_at_said=$(insmod $NATIVE "kallsyms=0x$1" 2>&1)
	case $not_at_said in
	*nvalid*) pass "$2 is refused" ;;
	*) fail "$2 is refused" "insmod said: $not_at_said" ;;
	esac
	native_out
	check 'and the log says why' sh -c "dmesg |
		grep 'swaptbl_native: kallsyms=: $2.* is not the start of kallsyms_lookup_name()'"
}

symbol()
{
	awk -v name="$1" '$3 == name { print $1 }' /proc/kallsyms
}

# What the kernel says of itself has to agree: this is one that is known.
inserted()
{
	lookup=$(symbol kallsyms_lookup_name)
	not_at "$(symbol kallsyms_lookup)" kallsyms_lookup+0x0/
	not_at "${lookup%?}4" kallsyms_lookup_name+0x4/
	not_at 1234 0x1234
	check 'insert with its address' insmod $NATIVE "kallsyms=0x$lookup"
	checked='no BTF here: checked against the kernel.s version only'
	[ ! -f /sys/kernel/btf/vmlinux ] || checked='checked against the kernel.s version and BTF'
	check 'the log says what was checked' sh -c "dmesg | grep 'swaptbl_native: $checked'"
	is 'nothing is missing' "$(dmesg | grep 'swaptbl_native: .*without')" ''
	check 'and out' rmmod swaptbl_native
}

# view_of SLOTS: the directory of the type that has as many.
view_of()
{
	view_of_file=$(grep -l "^slots $1\$" $ROOT/native/*/summary 2>/dev/null)
	echo "${view_of_file%/summary}"
}

views()
{
	mkswap $DISK >/dev/null
	check 'swap to a disk' swapon $DISK
	check 'insert' insmod $NATIVE
	VIEW=$(view_of $((64 * 256)))
	is 'one type is in use' "$(cat $ROOT/native/*/summary 2>/dev/null | grep -c '^type ')" 1
	is 'modes' "$(cd "$VIEW" && stat -c '%n %a' * | tr '\n' ' ')" 'slots 400 summary 400 '
	is 'heading' "$(head -n 1 "$VIEW/slots")" \
		"$(put create 'ram slots=100' && head -n 1 $ROOT/dev0/slots)"
	is 'only the header page' "$(sed 1d "$VIEW/slots")" '0 bad - - - - -'
	is 'summary' "$(grep -v '^priority' "$VIEW/summary" | tr '\n' ';')" \
		"type ${VIEW##*/};slots 16384;usable 16383;used 0;clusters 32;\
# cluster used cached order list;0 1 0 0 nonfull;"
}

cached_agrees()
{
	by_cluster=$(awk '/^[0-9]/ { sum += $3 } END { print sum }' $VIEW/summary)
	by_slot=$(lines cached)
	[ "$by_cluster" = "$by_slot" ] || {
		echo "summary has $by_cluster cached, slots $by_slot"
		return 1
	}
}

# Twice the same, while nothing comes or goes.
swapped()
{
	check 'swap out' swap_out
	check 'a good part of it is in use' [ "$(used)" -gt $((MIB * 128)) ]
	check 'as many slots are listed as are in use' agrees
	is 'each has a count of 1' "$(lines swapped 3 1)" "$(lines swapped)"
	is 'all lines are of a known form' "$(sed 1d $VIEW/slots | grep -vcE \
'^[0-9]+ (bad - - - - -|(swapped [0-9]+ [0-9] - -|cached [0-9]+ [0-9] [0-9]+ pfn:[0-9a-f]+) [a-z,-]+)$')" 0
	is 'offsets ascend' "$(sed 1d $VIEW/slots | cut -d ' ' -f 1 | sort -nc 2>&1)" ''
	is 'used slots by cluster' "$(awk '/^[0-9]/ { sum += $2 } END { print sum }' \
		$VIEW/summary)" "$(($(used) + 1))"
	cat $VIEW/slots >/tmp/once
	is 'reading changes nothing' "$(cmp /tmp/once $VIEW/slots 2>&1)" ''
	check 'it takes several buffers' [ "$(wc -c </tmp/once)" -gt $((2 << 16)) ]
	for size in 23 4096 1048576; do
		is "in pieces of $size" "$(dd if=$VIEW/slots bs=$size 2>/dev/null |
			cmp - /tmp/once 2>&1)" ''
	done
	is 'from within' "$(dd if=$VIEW/slots bs=1111 skip=99 2>/dev/null | md5sum)" \
		"$(tail -c +$((99 * 1111 + 1)) /tmp/once | md5sum)"
}

# A task with more than it may have in memory: what it looks at again comes back into the
# swap cache, charged to it. It stops when nobody takes what it says.
cached()
{
	mkfifo /tmp/in /tmp/out
	sh -c "echo \$\$ >$CGROUP/test/cgroup.procs
		{ head -c 20971520 /dev/urandom; cat /tmp/in; } | tail -c 20971520 >/tmp/out" &
	exec 6</tmp/out 5>/tmp/in 5>&-
	check 'let it look' dd bs=64k count=64 of=/dev/null <&6
	check 'as many slots are listed as are in use' settles agrees
	check 'some are cached' [ "$(lines cached)" -gt 0 ]
	owner=$(stat -c %i $CGROUP/test)
	is 'they belong to the group' \
		"$(awk -v owner="$owner" '$2 == "cached" && $5 != owner' $VIEW/slots)" ''
	check 'cached by cluster' settles cached_agrees
	exec 6<&-
	wait
}

# The reader goes on until there is nothing to read any more, and the device goes.
taken_away()
{
	(while cat $VIEW/slots >/dev/null 2>&1; do :; done; echo done >/tmp/reader) &
	check 'the file goes' rm $FILES/data
	check 'swapoff under a reader' swapoff $DISK
	wait
	is 'the reader got an error' "$(cat /tmp/reader)" 'done'
	check 'nothing to open' sh -c "! cat $VIEW/slots 2>/dev/null"
	check 'and back' swapon $DISK
	is 'as new' "$(sed 1d $VIEW/slots)" '0 bad - - - - -'
	check 'remove it while swapped to' rmmod swaptbl_native
	check 'no view is left' [ ! -e $ROOT/native ]
}

# Every so many slots a bad one, and where clusters begin and end. Where UBSAN checks bounds
# just the last: all but the first in the header are beyond the array that swapon has for them.
BIG_SLOTS=$((4 << 20))

big_places()
{
	[ -z "$(symbol __ubsan_handle_out_of_bounds)" ] || {
		echo $((BIG_SLOTS - 1))
		return
	}
	{
		seq 6991 6991 $((BIG_SLOTS - 1))
		echo 1 511 512 1023 $((BIG_SLOTS - 1)) | tr ' ' '\n'
	} | sort -n
}

big_on()
{
	# shellcheck disable=SC2046
	echo $((BIG_SLOTS * 4096)) >$ZRAM/disksize && "$mkswap" $BIG >/dev/null &&
		bad_pages $BIG $(big_places) && swapon $BIG
}

# cluster, used slots: of the places, the header page among them.
big_clusters()
{
	{
		echo 0
		big_places
	} | awk -v per=$((BIG_SLOTS / $(sed -n 's/^clusters //p' $VIEW/summary))) \
		'{ n[int($1 / per)]++ } END { for (i in n) print i, n[i] }' | sort -n
}

# Nothing but what is used.
big()
{
	[ "$(cat $ZRAM/disksize 2>/dev/null)" = 0 ] || {
		skip 'a device of millions of slots' 'no zram'
		return
	}
	check 'insert again' insmod $NATIVE
	check 'swap to 16 GiB' big_on
	VIEW=$(view_of $BIG_SLOTS)
	is 'its used slots are listed' "$(sed '1,2d; s/ - - - - -$//' $VIEW/slots)" \
		"$(big_places | sed 's/$/ bad/')"
	is 'and its used clusters' "$(sed -n 's/^\([0-9]* [0-9]*\) .*/\1/p' $VIEW/summary)" \
		"$(big_clusters)"
}

unknown_kernel
needs_disk $DISK
needs_mkswap
trap undo EXIT
head -c 65536 $DISK >/tmp/head
inserted
views
swapped
cached
taken_away
big
undo
finish
