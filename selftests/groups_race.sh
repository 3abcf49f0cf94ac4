#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tasks that isolate, move and put back folios on both CPUs, while others make groups, fill
# them, and remove all of a branch at once. In the end everything is on the root.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"
. "$(dirname "$0")/libgroups.sh"

branches=12
! slow_kernel || branches=3
dir=/tmp/swaptbl-race
busy=$dir/busy

# Each task is this script again, with the name of one of the functions that follow and
# arguments: the first says who it is, so that its notes and errors have files of their own.
task()
{
	taskset "$@" 2>"$dir/errors.$3.$4" &
}

note()
{
	echo "$2" >>"$dir/$1.$me"
}

# Without a process for it.
random()
{
	random=$(((random * 1103515245 + 12345) % 2147483648))
	drawn=$((random / 65536 % $1))
}

# one_of WORD...
one_of()
{
	random $#
	shift "$drawn"
	picked=$1
}

some_group()
{
	cd $ROOT/groups && one_of [0-9]*
}

# Half of the time the newest, which will not be there for long.
churner()
{
	while [ -e $busy ]; do
		some_group
		echo "churn nr=300" >"$ROOT/groups/$picked/ctl"
	done
}

# What is not put back by it is put back when the group goes.
isolator()
{
	while [ -e $busy ]; do
		some_group
		for list in $LISTS; do
			echo "isolate lru=$list nr=9" >"$ROOT/groups/$picked/ctl"
			echo 'age nr=9' >"$ROOT/groups/$picked/ctl"
			echo "putback lru=$list nr=5" >"$ROOT/groups/$picked/ctl"
		done
	done
}

# Sums need everybody to stand still, all else holds at any time.
verifier()
{
	while [ -e $busy ]; do
		cat $ROOT/groups/verify >$dir/verify
		grep -qx '0 errors' $dir/verify || cat $dir/verify >&2
		cat $ROOT/groups/tree $ROOT/groups/*/stats $ROOT/groups/*/lruvecs >/dev/null 2>&1
		sleep 0.05
	done
}

# One folio at a time: a write that succeeded has added one, whatever became of the group.
populate_one()
{
	echo "populate lru=$1 node=$2 order=$3 nr=1 $5" >"$ROOT/groups/$group/ctl" &&
		note "$4" "$1 $2 $((1 << $3))"
}

# populator ID GROUP: until the group is gone, but not for long.
populator()
{
	for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		for list in $LISTS; do
			for node in $nodes; do
				random 4
				populate_one "$list" "$node" "$drawn" added || return
			done
		done
		populate_one inactive_anon "$near" 0 bound dev=0 || return
	done
}

# remover ID GROUP: as often as it takes, while there are children.
remover()
{
	until echo "$group" >$ROOT/groups/destroy; do
		[ -e "$ROOT/groups/$group" ] || return
		note retries
	done
	note removed
}

# branch NAME: four groups, one below the other, which all go at once while folios come.
branch()
{
	members=
	group=1
	for level in 1 2 3 4; do
		group=$(group parent="$group") || return
		members="$members $group"
		note made
	done
	for group in $members; do
		task $((group % 2 + 1)) "$0" populator "$1.$group" "$group"
	done
	sleep 0.1
	for group in $members; do
		task $((group % 2 + 1)) "$0" remover "$1.$group.r" "$group"
	done
	wait
}

brancher()
{
	for turn in $(seq $branches); do
		branch "$me.$turn"
	done
}

all_tasks()
{
	rm -rf $dir
	mkdir -p $dir
	touch $busy
	for name in 'churner a 1' 'churner b 2' 'isolator c 3' 'verifier d 3'; do
		set -- $name
		task "$3" "$0" "$1" "$2"
	done
	branchers=
	for name in 1 2; do
		task $name "$0" brancher $name
		branchers="$branchers $!"
	done
	for name in $branchers; do
		wait "$name"
	done
	rm $busy
	wait
}

# A task may lose its group at any time, its directory too, in which nobody can make the
# file that is missing; and a group may have children.
unexpected()
{
	cat $dir/errors.* | grep -vE 'No such process|nput/output error|nonexistent directory|Permission denied|not empty' |
		sort | uniq -c | head -n 20
}

# noted WHAT: how often, by all tasks.
noted()
{
	cat $dir/"$1".* 2>/dev/null | wc -l
}

# added KIND NODE: pages that were added to lists of that kind.
added()
{
	cat $dir/added.* | awk -v list="$1\$" -v node="$2" \
		'$1 ~ list && $2 == node { sum += $3 } END { print sum + 0 }'
}

# on_root KIND NODE: pages that are there.
on_root()
{
	on_root_sum=0
	for on_root_list in $LISTS; do
		case $on_root_list in
		*"$1") on_root_sum=$((on_root_sum + $(list 1 "$on_root_list" "$2"))) ;;
		esac
	done
	echo $on_root_sum
}

traced_retries()
{
	sed -n 's/.*swaptbl_lruvec_lock_retry: .* retries=//p' $TRACING/trace |
		awk '{ sum += $1 } END { print sum + 0 }'
}

if [ $# -gt 0 ]; then
	me=$2
	group=$3
	random=$(cut -d ' ' -f 1 /proc/self/stat)
	needs_two_nodes
	"$1" "$2"
	exit
fi

start
module_in
needs_two_nodes
use_all_cpus
check 'a device' put create 'ram slots=100000'
trace_on lruvec_lock_retry
all_tasks
for list in $LISTS; do
	ctl groups/1 "putback lru=$list nr=1000000" >/dev/null
done
made=$((8 * branches))
is 'no task met an error, nor verify' "$(unexpected)" ''
is 'all groups were removed, by the tree' \
	"$(sed -n 's/^# \(.* removed\).*/\1/p' $ROOT/groups/tree)" "1 groups, $made removed"
is 'and by who did it' "$(noted made) $(noted removed)" "$made $made"
well 'afterwards'
is 'nothing is isolated' "$(own 1 isolated)" 0
slots=$(noted bound)
is "all $slots slots are the root's" "$(swap_of 1) $(value dev0 info used)" "$slots $slots"
check 'evict what has slots' ctl dev0 'shrink nr=100000'
for node in $nodes; do
	for kind in anon file unevictable; do
		is "node $node: all of $kind is on the root" "$(on_root $kind "$node")" \
			"$(added $kind "$node")"
	done
done
retries=$(own 1 lock_retry)
[ ! -d $TRACING ] || is 'each lock retry was traced' "$(traced_retries)" "$retries"
trace_off
echo "# $made groups removed with $(usage 1) pages, isolated $(own 1 isolate)," \
	"activated $(own 1 activate), rotated $(own 1 rotate)"
echo "# $(noted retries) removals had to wait for children, $retries lock retries"
for list in $LISTS; do
	ctl groups/1 "drop lru=$list nr=1000000" >/dev/null
done
is 'all of it can be dropped' "$(row 1)" "0 $slots max 0"
check 'and the device' put destroy 'dev0 drop'
settle
is 'which frees slots and ids' "$(row 1) $(ids_in_use)" '0 0 max 0 1'
well 'dropped'
rm -rf $dir
finish
