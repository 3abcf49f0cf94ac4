#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Shows the engine at work on a disk that mkswap formatted (/dev/vda, or $1), in memory, and
# with groups. Ends with "demo: ok" only if every step did what it should.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libgroups.sh"

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
	say 'Bind folios of orders 0, 2 and 9 to slots, one for a group, and take counts: of all' \
		'slots of a folio, of one. (ctl DEVICE COMMAND writes the command to DEVICE/ctl' \
		'and reads the answer; group WORDS does so with groups/create.)'
	show group
	owner=$(first)
	show "ctl dev0 'alloc order=0 nr=2'"
	small=$(first)
	show "ctl dev0 'alloc order=2 nr=1 group=$owner fill=42'"
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
	grep -q "^$medium swapped 2 .* $owner age:" "$out" || died 'not swapped'
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
	show "echo $owner >groups/destroy"
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

# lists_of GROUP...: pages on the lists of all of them, by node.
lists_of()
{
	for lists_node in $nodes; do
		for lists_group in "$@"; do
			lists "$lists_group" "$lists_node"
		done | awk -v node="$lists_node" '{ anon += $1 + $2; file += $3 + $4; rest += $5 }
			END { print "node", node ": anon", anon, "file", file, "unevictable", rest }'
	done
}

# stats_of GROUP...: pages that they counted, summed up.
stats_of()
{
	for stats_name in charged isolated add del; do
		stats_sum=0
		for stats_group in "$@"; do
			stats_sum=$((stats_sum + $(own "$stats_group" $stats_name)))
		done
		echo "$stats_name $stats_sum"
	done
}

verify_groups()
{
	show 'tail -n 1 groups/verify'
	said '0 errors' 'verify of the groups'
}

# fill_lists GROUP: folios of orders 0, 4 and 9 on three lists of each node.
fill_lists()
{
	for fill_node in $nodes; do
		populate "$1" inactive_anon "$fill_node" 0 300 &&
			populate "$1" active_file "$fill_node" 4 20 &&
			populate "$1" unevictable "$fill_node" 9 1 || return
	done
}

tree_of_groups()
{
	nodes=$(awk '!/#/ { print $1 }' groups/1/lruvecs | uniq | tr '\n' ' ')
	say "Groups: a tree of them, filled with real folios on the nodes ${nodes% }, of orders" \
		'0, 4 and 9. (fill_lists GROUP writes "populate lru=LIST node=NODE order=N nr=N"' \
		'to the ctl of the group.) Group 1 is the root; ids are given anew once nothing' \
		'names them.'
	show group
	parent=$(first)
	show "group parent=$parent"
	child=$(first)
	show "group parent=$parent limit=5000"
	other=$(first)
	show "for i in $parent $child $other; do fill_lists \$i; done | sort | uniq -c"
	show 'cat groups/tree'
	grep -qx "    $other [1-9][0-9]* 0 5000 0" "$out" || died 'the tree is wrong'
	show "cat groups/$child/lruvecs"
	verify_groups
}

# churn_and_remove GROUP: two tasks, one on each CPU, have begun to churn its folios, and
# have not ended, when it is removed.
churn_and_remove()
{
	churn_tasks=
	for churn_cpu in 1 2; do
		taskset $churn_cpu sh -c "echo 'churn nr=$churn_rounds' >groups/$1/ctl" &
		churn_tasks="$churn_tasks $!"
	done
	while [ "$(own "$1" isolate)" -lt 2000 ]; do
		kill -0 $churn_tasks || return
	done
	echo "$1" >groups/destroy &
	churn_remover=$!
	while grep -q "^ *$1 " groups/tree; do
		:
	done
	for churn_task in $churn_tasks $churn_remover; do
		wait "$churn_task" || return
	done
}

remove_under_use()
{
	say "Remove group $child while a task on each CPU isolates, moves and puts back its folios" \
		'through batches: both are at it when it goes. What the ctl has isolated goes' \
		'too.'
	churn_rounds=20000
	show "lists_of $parent $child"
	lists_before=$(cat "$out")
	show "stats_of $parent $child"
	stats_before=$(cat "$out")
	show "ctl groups/$child 'isolate lru=inactive_anon nr=100'"
	show "own $child isolated"
	said 100 'not isolated'
	retries_before=$(total 1 lock_retry)
	show "churn_and_remove $child"
	say "Every folio is on the lists of its parent, group $parent:"
	show 'cat groups/tree'
	show "cat groups/$parent/lruvecs"
	show "lists_of $parent"
	[ "$(cat "$out")" = "$lists_before" ] || died 'folios are not on the lists of the parent'
	echo '  yes: as above'
	show "stats_of $parent"
	[ "$(cat "$out")" = "$stats_before" ] || died 'statistics are not conserved'
	echo '  yes: as above'
	verify_groups
}

# A locker that finds the lists gone to the parent tries again there. That takes one which
# waits for the lock in the few microseconds that a removal has it: luck.
count_retries()
{
	say 'Lock retries: tasks that waited for the lock of the child while its folios went to' \
		'the parent, and so had to lock that one, since then.'
	show "grep lock_retry groups/$parent/stats"
	count_children=1
	while [ "$(($(total 1 lock_retry) - retries_before))" = 0 ] &&
		[ $count_children -lt 40 ]; do
		child=$(group parent="$parent") && fill_lists "$child" >/dev/null &&
			churn_and_remove "$child" || died 'a further child'
		count_children=$((count_children + 1))
	done
	count_retries=$(($(total 1 lock_retry) - retries_before))
	echo "  $count_retries lock retries in $count_children removals"
	[ $count_children = 1 ] || verify_groups
}

limit_evicts()
{
	say "A limit: of 160 pages that are charged to a group, 64 may stay. The others go to $disk," \
		'those that are zero but for a flag.'
	show "echo 'bdev path=$disk' >create"
	show "group parent=$parent limit=64"
	child=$(first)
	show "ctl dev0 'alloc order=4 nr=3 group=$child fill=42'"
	data=$(first)
	folios=$(tr '\n' ' ' <"$out")
	show "for i in ${folios% }; do ctl dev0 \"dup offset=\$i nr=16\"; done | tail -n 1"
	show "ctl groups/$child 'populate lru=active_file nr=112 dev=0'"
	show 'cat groups/tree'
	[ "$(usage "$child")" -le 64 ] || died 'over the limit'
	[ "$(swap_of "$child")" = 160 ] || died 'not as many slots'
	show "grep -E 'reclaim|charge_fail' groups/$child/stats"
	said 'charge_fail - 0' 'a charge failed'
	show "grep write dev0/io"
	show "awk '\$5 == $child && n++ % 40 == 0' dev0/slots"
	say 'Swap in what it needs: that makes other folios go. But what has no place to go to' \
		'stays, and what would not fit is refused.'
	show "ctl dev0 'crc offset=$data nr=16' | cut -d ' ' -f 2 | uniq -c"
	[ "$(usage "$child")" -le 64 ] || died 'over the limit'
	refuse "ctl groups/$child 'populate lru=active_file order=9 nr=1'" EDQUOT
	show "ctl groups/$child 'populate lru=active_anon nr=100'"
	said 'stopped -EDQUOT' 'no limit'
	refuse "ctl dev0 'swapin offset=$data'" EDQUOT
	verify_groups
	verify dev0
}

slots_of_removed()
{
	say "Remove group $child: its slots are the parent's, which has no limit. They name it" \
		'still, so that its id is not given to another.'
	show "echo $child >groups/destroy"
	show 'cat groups/tree'
	[ "$(swap_of "$parent")" = 160 ] || died 'the slots are not those of the parent'
	parent_usage=$(usage "$parent")
	show "ctl dev0 'swapin offset=$data order=4'"
	show "grep '^$data ' dev0/slots"
	grep -q "^$data cached 1 4 $child " "$out" || died 'not of that group'
	[ "$(usage "$parent")" -ge $((parent_usage + 16)) ] || died 'the parent is not charged'
	show group
	[ "$(first)" != "$child" ] || died 'the id was given to another'
	show "echo 'dev0 drop' >destroy"
	show 'cat groups/tree'
	[ "$(swap_of 1)" = 0 ] || died 'slots are left'
	verify_groups
}

groups_part()
{
	tree_of_groups
	remove_under_use
	count_retries
	limit_evicts
	slots_of_removed
}

remove()
{
	say 'Remove the module, with all folios that are still in groups.'
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
groups_part
remove
rm -f "$out" $files
echo
echo 'demo: ok'
