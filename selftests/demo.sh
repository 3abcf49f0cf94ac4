#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Shows the engine at work on a disk that mkswap formatted (/dev/vda, or $1), and in
# memory. Ends with "demo: ok" only if every step did what it should.
. "$(dirname "$0")/lib.sh"

disk=${1:-/dev/vda}
out=/tmp/swaptbl-demo.$$
files=/tmp/files

died()
{
	echo "demo: FAILED: $*"
	[ ! -e $ROOT/last_error ] || echo "last_error: $(last_error)"
	cd /
	module_out
	rm -f "$out" $files
	exit 1
}

# say LINE...: a heading.
say()
{
	echo
	printf '# %s\n' "$@"
}

# show COMMAND: the command, then what it says, of which $out keeps a copy.
show()
{
	echo "\$ $1"
	eval "$1" >"$out" 2>&1
	show_status=$?
	sed 's/^/  /' "$out"
	[ $show_status -eq 0 ] || died "$1"
}

# refuse COMMAND ERRNO: it has to fail, with that errno.
refuse()
{
	echo "\$ $1"
	! eval "$1" 2>/dev/null || died "not refused: $1"
	sed 's/^/  /' $ROOT/last_error
	grep -q -- "-$2:" $ROOT/last_error || died "expected -$2"
}

first()
{
	head -n 1 "$out"
}

# said LINE WHAT
said()
{
	grep -qx "$1" "$out" || died "$2"
}

verify()
{
	show "tail -n 1 $1/verify"
	said '0 errors' "verify of $1"
}

insert_and_create()
{
	say "Insert the module; make a device of the disk $disk and one in memory, whose" \
		'words hold counts up to 1 only.'
	show "insmod $MODULE"
	show "cd $ROOT"
	cd $ROOT || died "cd $ROOT"
	show "echo 'bdev path=$disk' >create"
	show "echo 'ram slots=16384 count_bits=2' >create"
	show 'ls . dev0'
	show 'cat dev0/info'
	said 'store bdev' 'not a device of the disk'
}

allocate()
{
	say 'Bind folios of orders 0, 2 and 9 to slots, and take counts: of all slots of a' \
		'folio, of one. (ctl DEVICE COMMAND writes the command to DEVICE/ctl and reads' \
		'the answer.)'
	show "ctl dev0 'alloc order=0 nr=2'"
	small=$(first)
	show "ctl dev0 'alloc order=2 nr=1 group=7 fill=42'"
	medium=$(first)
	show "ctl dev0 'alloc order=9 nr=1'"
	huge=$(first)
	show "ctl dev0 'exclusive alloc'"
	exclusive=$(first)
	show "ctl dev0 'dup offset=$medium nr=4'"
	show "ctl dev0 'dup offset=$medium'"
	show "ctl dev0 'dup offset=$huge nr=512' | tail -n 1"
	refuse "ctl dev0 'put offset=$small'" ENOENT
	refuse "ctl dev0 'free offset=$medium'" EBUSY
}

look()
{
	say 'Evict the folio of order 2, and look.'
	show "ctl dev0 'evict offset=$medium nr=4'"
	show 'head -n 10 dev0/slots'
	grep -q "^$medium swapped 2 .* 7 age:" "$out" || died 'not swapped'
	show 'cat dev0/clusters'
	show "grep -v ' 0\$' dev0/lists"
	show "grep -v ' 0\$' dev0/stats"
	verify dev0
}

overflow()
{
	say 'Counts that the word does not hold: overflow.'
	show "ctl dev1 'alloc order=0 nr=1'"
	swing=$(first)
	show "for i in 1 2 3 4 5; do ctl dev1 'dup offset=$swing'; done"
	show 'grep -v bad dev1/slots'
	grep -q "^$swing cached 5 .*overflow" "$out" || died 'no overflow'
	show "for i in 1 2 3 4 5; do ctl dev1 'put offset=$swing'; done"
	said "$swing 0" 'count is not 0'
	show "ctl dev1 'free offset=$swing'"
}

give_back()
{
	say 'Drop the counts, free the slots.'
	show "ctl dev0 'exclusive free offset=$exclusive'"
	show "ctl dev0 'put offset=$medium nr=4'"
	show "ctl dev0 'put offset=$medium'"
	refuse "ctl dev0 'put offset=$medium nr=4'" ENOENT
	show "ctl dev0 'put offset=$huge nr=512' | tail -n 1"
	show "ctl dev0 'free offset=$huge'"
	show "ctl dev0 'free offset=$small nr=2'"
	show 'grep used dev0/info'
	said 'used 0' 'slots are left'
	verify dev0
}

# sums FILE: of the whole, and of each quarter.
sums()
{
	dd if="$1" bs=1M count=8 2>/dev/null | sha256sum
	for part in 0 2 4 6; do
		dd if="$1" bs=1M skip=$part count=2 2>/dev/null | sha256sum
	done
}

# The same at the same time, by six tasks: two read it all, four a part each.
sums_at_once()
{
	for task in 0 1; do
		dd if="$1" bs=64k count=128 2>/dev/null | sha256sum >"$out.all$task" &
	done
	for part in 0 2 4 6; do
		dd if="$1" bs=1M skip=$part count=2 2>/dev/null | sha256sum >"$out.part$part" &
	done
	wait
	cat "$out".all1 "$out".part0 "$out".part2 "$out".part4 "$out".part6
	cmp "$out".all0 "$out".all1
	rm -f "$out".all? "$out".part?
}

collect_files()
{
	say 'Files of this machine, to be swapped: 8 MiB. (sums FILE prints the SHA-256 of' \
		'the whole and of each quarter.)'
	show "for i in 1 2 3; do cat /bin/busybox $MODULE /proc/kallsyms; done |
 head -c 8388608 >$files"
	show "wc -c <$files"
	said 8388608 'too few files'
	show "sums $files"
	sums=$(cat "$out")
}

swap_out()
{
	say "Swap them out to $1, in folios of order 0, 4 and 9. What is in the store is" \
		'not in the cache any more, but remembers its age.'
	show "echo 0 >$1/data_order"
	show "dd if=$files of=$1/data bs=2M count=1"
	show "echo 4 >$1/data_order"
	show "dd if=$files of=$1/data bs=2M count=1 skip=1 seek=1 conv=notrunc"
	show "echo 9 >$1/data_order"
	show "dd if=$files of=$1/data bs=2M count=2 skip=2 seek=2 conv=notrunc"
	show "grep '^cached ' $1/cache"
	said 'cached 0' 'folios are left'
	show "awk '\$2 == \"swapped\" && n++ % 400 == 0' $1/slots"
	grep -q 'age:[1-9]' "$out" || died 'no shadows'
	show "grep write $1/io"
	show "grep shadows $1/workingset"
	verify "$1"
}

swap_in()
{
	say 'Swap the same and different parts in again, by six tasks at once: two read it' \
		'all, four a quarter each. Is every byte right? (The sums of the two are' \
		'compared, and shown once.)'
	show "sums_at_once $1/data"
	[ "$(cat "$out")" = "$sums" ] || died 'wrong bytes'
	echo '  yes: as above'
	show "grep -E '^(cached|cache_add|swapin|readahead)' $1/cache"
	show "grep read $1/io"
	show "cat $1/workingset"
	grep -q '^refault [1-9]' "$out" || died 'no refaults'
	verify "$1"
}

shrink()
{
	say 'Evict all that is cached. It is clean: nothing is written. What came back soon' \
		'enough to be active is flagged workingset.'
	show "ctl $1 'shrink nr=4096'"
	show "grep -E '^(cached|evict)' $1/cache"
	said 'cached 0' 'folios are left'
	show "grep write $1/io"
	show "awk '\$2 == \"swapped\" && n++ % 400 == 0' $1/slots"
}

read_ahead()
{
	say 'Swap one page in: its neighbours are read ahead, and then asked for.'
	page=$(awk '$2 == "swapped" { print $1; exit }' "$1/slots")
	show "ctl $1 'swapin offset=$page'"
	show "grep -m 3 cached $1/slots"
	show "ctl $1 'swapin offset=$((page + 1))'"
	show "grep readahead $1/cache"
	grep -q '^readahead_hit [1-9]' "$out" || died 'nothing was read ahead'
	show "grep -E 'refault|activate|restore' $1/workingset"
}

swap()
{
	swap_out "$1"
	swap_in "$1"
	shrink "$1"
	read_ahead "$1"
	say "Drop what is in the file: only then $1 can go."
	refuse "echo $1 >destroy" EBUSY
	show ": >$1/data"
	show "grep used $1/info"
	said 'used 0' 'slots are left'
	show "echo $1 >destroy"
}

remove()
{
	say 'Remove the module.'
	show 'cd /'
	cd / || died 'cd /'
	show 'rmmod swaptbl'
	! module_is_in || died 'the module is still there'
}

module_out
stay_on_one_cpu
[ -b "$disk" ] || died "$disk is no block device"
insert_and_create
allocate
look
overflow
give_back
use_all_cpus
collect_files
swap dev0
swap dev1
remove
rm -f "$out" $files
echo
echo 'demo: ok'
