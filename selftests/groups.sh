#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Groups: each file with good and bad input, each command, and where the folios of a group
# are once it was removed. What has to do with slots is in groups_swap.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"
. "$(dirname "$0")/libgroups.sh"

start
module_in
needs_two_nodes

bad_create()
{
	refused "create: $1" groups/create "$1" "$2" "$3"
}

bad_destroy()
{
	refused "destroy: $1" groups/destroy "$1" "$2" "$3"
}

bad_limit()
{
	refused "limit: $1" groups/2/limit "$1" "$2" "$3"
}

bad_ctl()
{
	refused "ctl: $1" groups/2/ctl "$1" "$2" "$3"
}

# answers GROUP COMMAND EXPECTED: the words of the answer, newlines as spaces.
answers()
{
	is "group $1: $2" "$(ctl "groups/$1" "$2" | tr '\n' ' ')" "$3 "
}

views()
{
	is 'modes of groups/' \
		"$(modes groups/create groups/destroy groups/tree groups/verify)" \
		'groups/create 600 groups/destroy 200 groups/tree 400 groups/verify 400 '
	is 'nothing else but the root' "$(ls $ROOT/groups | tr '\n' ' ')" \
		'1 create destroy tree verify '
	is 'modes of a group' "$(cd $ROOT/groups/1 && stat -c '%n %a' * | tr '\n' ' ')" \
		'ctl 600 limit 600 lruvecs 400 stats 400 '
	is 'the tree of a new module' "$(cat $ROOT/groups/tree)" \
		'# group usage swap limit failures
1 0 0 max 0
# 1 groups, 0 removed, 1 ids in use'
	is 'verify of a new module' "$(cat $ROOT/groups/verify)" \
		'ok: 1 groups, 0 pages on lists
0 errors'
	is 'heading of lruvecs' "$(head -n 1 $ROOT/groups/1/lruvecs)" "# node zone $LISTS"
	is 'lruvecs are nodes, zones and numbers' \
		"$(sed 1d $ROOT/groups/1/lruvecs | grep -vcE '^[0-9]+ [A-Za-z0-9]+( 0){5}$')" 0
	is 'heading of stats' "$(head -n 1 $ROOT/groups/1/stats)" '# name local total'
	is 'names of stats' \
		"$(sed 1d $ROOT/groups/1/stats | cut -d ' ' -f 1 | tr '\n' ' ')" \
		"$LISTS isolated charged add del isolate putback activate deactivate rotate \
reclaim lock_retry usage swap charge_fail limit_reclaim "
	is 'stats are zero' "$(sed 1d $ROOT/groups/1/stats | grep -vcE ' (0|-) 0$')" 0
	is 'the root has no limit' "$(cat $ROOT/groups/1/limit)" max
}

# What comes before and after a command belongs to the open file.
create_answers()
{
	is 'create answers with the id' "$(group)" 2
	exec 3<>$ROOT/groups/create
	echo 'group parent=2' >&3
	is 'create answers on an open file' "$(cat <&3)" 3
	is 'another open file has no answer' "$(cat $ROOT/groups/create)" ''
	printf '  group  limit=100   parent=2 ' >&3
	is 'create without a newline, with spaces' "$(cat <&3)" 4
	echo 'grup' 2>/dev/null >&3
	error_is 'create: refused on an open file' groups/create EINVAL 'not a group: grup'
	is 'a refused create has no answer' "$(cat <&3)" ''
	exec 3>&-
	check 'create by a file open for writing only' put groups/create 'group limit=0'
	is 'the tree' "$(cat $ROOT/groups/tree)" \
		'# group usage swap limit failures
1 0 0 max 0
  2 0 0 max 0
    3 0 0 max 0
    4 0 0 100 0
  5 0 0 0 0
# 5 groups, 0 removed, 5 ids in use'
	is 'a directory each' "$(ls $ROOT/groups | tr '\n' ' ')" \
		'1 2 3 4 5 create destroy tree verify '
	is 'files of a group' "$(ls $ROOT/groups/5 | tr '\n' ' ')" 'ctl limit lruvecs stats '
	well create
}

refused_creates()
{
	tree_before=$(cat $ROOT/groups/tree)
	bad_create '' EINVAL 'empty line'
	bad_create '   ' EINVAL 'empty line'
	bad_create 'groups' EINVAL 'not a group: groups'
	bad_create 'parent=1' EINVAL 'not a group: parent=1'
	bad_create 'group 1' EINVAL 'unknown word: 1'
	bad_create 'group colour=red' EINVAL 'unknown word: colour'
	bad_create 'group parent' EINVAL 'parent without a value'
	bad_create 'group parent=' EINVAL 'parent without a value'
	bad_create 'group parent=two' EINVAL 'parent is not a number: two'
	bad_create 'group parent=2x' EINVAL 'parent is not a number: 2x'
	bad_create 'group parent=2 parent=2' EINVAL 'parent given twice'
	bad_create 'group parent=0' ERANGE 'parent is not within 1 to'
	bad_create 'group parent=-1' ERANGE 'parent is not within 1 to'
	bad_create 'group parent=10000000' ERANGE 'parent is not within 1 to'
	bad_create 'group parent=6' ESRCH 'no such group: 6'
	bad_create 'group limit' EINVAL 'limit without a value'
	bad_create 'group limit=max' EINVAL 'limit is not a number: max'
	bad_create 'group limit=-1' ERANGE 'limit is not within 0 to'
	bad_create 'group limit=99999999999999999999' ERANGE 'limit is not within 0 to'
	refused 'create: two lines' groups/create 'group
group' EINVAL 'more than one line'
	refused 'create: a long line' groups/create "group $(printf '%600s' '')" EINVAL \
		'longer than 512 bytes'
	printf 'group\0' 2>/dev/null >$ROOT/groups/create
	error_is 'create: a NUL byte' groups/create EINVAL 'NUL byte'
	is 'refused creates make nothing' "$(cat $ROOT/groups/tree)" "$tree_before"
}

refused_destroys()
{
	bad_destroy '' EINVAL 'empty line'
	bad_destroy '  ' EINVAL 'empty line'
	bad_destroy two EINVAL 'not a group: two'
	bad_destroy 2x EINVAL 'not a group: 2x'
	bad_destroy -1 EINVAL 'not a group: -1'
	bad_destroy group=3 EINVAL 'not a group: group=3'
	bad_destroy '3 4' EINVAL 'unknown word: 4'
	bad_destroy '3 drop' EINVAL 'unknown word: drop'
	bad_destroy 0 ESRCH 'no such group: 0'
	bad_destroy 6 ESRCH 'no such group: 6'
	bad_destroy 65536 ESRCH 'no such group: 65536'
	bad_destroy 99999999999999999999 ESRCH 'no such group: 9999'
	bad_destroy 1 EPERM root
	bad_destroy 2 ENOTEMPTY children
	is 'refused destroys change nothing' "$(cat $ROOT/groups/tree)" "$tree_before"
	well 'refused destroys'
}

refused_limits()
{
	bad_limit '' EINVAL 'empty line'
	bad_limit many EINVAL 'limit is not a number: many'
	bad_limit 10k EINVAL 'limit is not a number: 10k'
	bad_limit limit=10 EINVAL 'limit is not a number: limit=10'
	bad_limit '1 2' EINVAL 'unknown word: 2'
	bad_limit 'max 2' EINVAL 'unknown word: 2'
	bad_limit -1 ERANGE 'limit is not within 0 to'
	bad_limit 99999999999999999999 ERANGE 'limit is not within 0 to'
	is 'refused limits change nothing' "$(cat $ROOT/groups/2/limit)" max
	for limit in 0 1 9223372036854775806 max; do
		check "limit: $limit" put groups/2/limit $limit
		is "limit: $limit is read back" "$(cat $ROOT/groups/2/limit)" $limit
		is "limit: $limit is in the tree" "$(row 2)" "0 0 $limit 0"
	done
}

refused_commands()
{
	bad_ctl '' EINVAL 'empty line'
	bad_ctl 'eat nr=1' EINVAL 'unknown command: eat'
	bad_ctl 'nr=1' EINVAL 'unknown command: nr=1'
	for command in populate isolate putback drop; do
		lru='lru=active_anon'
		bad_ctl "$command nr=1" EINVAL 'lru is missing'
		bad_ctl "$command nr=1 lru" EINVAL 'lru without a value'
		bad_ctl "$command nr=1 lru=" EINVAL 'lru without a value'
		bad_ctl "$command nr=1 $lru $lru" EINVAL 'lru given twice'
		for list in anon ACTIVE_ANON inactive_ isolated charged 0; do
			bad_ctl "$command nr=1 lru=$list" EINVAL "no such list: $list"
		done
		refused_numbers "$command" "$lru"
		refused_nodes "$command" "$lru"
	done
	refused_nodes age
	refused_nodes churn
	for command in age reclaim churn; do
		bad_ctl "$command nr=1 lru=active_anon" EINVAL 'unknown word: lru'
		refused_numbers "$command"
	done
	bad_ctl 'reclaim nr=1 node=0' EINVAL 'unknown word: node'
	for command in isolate putback drop; do
		bad_ctl "$command nr=1 lru=active_anon order=0" EINVAL 'unknown word: order'
		bad_ctl "$command nr=1 lru=active_anon dev=0" EINVAL 'unknown word: dev'
	done
	for order in -1 10; do
		bad_ctl "populate nr=1 lru=active_anon order=$order" ERANGE \
			'order is not within 0 to 9'
	done
	for dev in -1 32; do
		bad_ctl "populate nr=1 lru=active_anon dev=$dev" ERANGE \
			'dev is not within 0 to 31'
	done
	bad_ctl 'populate nr=1 lru=active_anon dev=0' ENODEV 'no such device'
	bad_ctl 'populate nr=1 lru=active_anon dev=31' ENODEV 'no such device'
	is 'refused commands change nothing' "$(cat $ROOT/groups/tree)" "$tree_before"
	well 'refused commands'
}

# refused_numbers COMMAND [WORD]
refused_numbers()
{
	bad_ctl "$1 $2" EINVAL 'nr is missing'
	bad_ctl "$1 nr $2" EINVAL 'nr without a value'
	bad_ctl "$1 nr=all $2" EINVAL 'nr is not a number: all'
	bad_ctl "$1 nr=1 nr=1 $2" EINVAL 'nr given twice'
	bad_ctl "$1 nr=1 colour=red $2" EINVAL 'unknown word: colour'
	for nr in -1 0 1073741825; do
		bad_ctl "$1 nr=$nr $2" ERANGE 'nr is not within 1 to 1073741824'
	done
}

refused_nodes()
{
	bad_ctl "$1 nr=1 node=here $2" EINVAL 'node is not a number: here'
	bad_ctl "$1 nr=1 node=-1 $2" ERANGE 'node is not within 0 to'
	bad_ctl "$1 nr=1 node=100000 $2" ERANGE 'node is not within 0 to'
	bad_ctl "$1 nr=1 node=$((far + 1)) $2" ERANGE "node $((far + 1)) has no memory"
}

destroys()
{
	check 'destroy' ungroup 5
	is 'its directory is gone' "$(ls $ROOT/groups | tr '\n' ' ')" \
		'1 2 3 4 create destroy tree verify '
	bad_destroy 5 ESRCH 'no such group: 5'
	bad_create 'group parent=5' ESRCH 'no such group: 5'
	is 'the tree without it' "$(sed '2,$!d' $ROOT/groups/tree | cut -d , -f 1-2)" \
		'1 0 0 max 0
  2 0 0 max 0
    3 0 0 max 0
    4 0 0 100 0
# 4 groups, 1 removed'
	settle
	is 'its id is free' "$(ids_in_use)" 4
	is 'and given to the next one' "$(group)" 5
	check 'destroy, without a newline' sh -c "printf ' 5 ' >$ROOT/groups/destroy"
	well destroy
}

# The files of a removed group that are open still.
removed_while_open()
{
	open=$(group)
	exec 3<>"$ROOT/groups/$open/ctl" 4<>"$ROOT/groups/$open/limit"
	echo 'churn nr=1' >&3
	error_before=$(last_error)
	check 'destroy of a group whose files are open' ungroup "$open"
	# shellcheck disable=SC2016
	for what in 'echo "age nr=1" >&3' 'cat <&3' 'echo 1 >&4' 'cat <&4'; do
		what_said=$(eval "$what" 2>&1)
		case $what_said in
		*'nput/output error'*) pass "files of a removed group: $what" ;;
		*) fail "files of a removed group: $what" "$what_said" ;;
		esac
	done
	is 'which is no refusal' "$(last_error)" "$error_before"
	exec 3>&- 4>&-
}

levels()
{
	deepest=1
	for level in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		deepest=$(group parent="$deepest")
	done
	check '16 levels' [ -d "$ROOT/groups/$deepest" ]
	is 'the 16th is indented that much' "$(grep " $deepest 0 0 max 0" $ROOT/groups/tree)" \
		"$(printf '%32s' '')$deepest 0 0 max 0"
	bad_create "group parent=$deepest" EMLINK level
	check 'folios of the deepest' fill "$deepest"
	is 'they count for all above' "$(awk '$2 == 5470' $ROOT/groups/tree | wc -l)" 17
	well '16 levels'
	for level in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		levels_parent=$((deepest - 1))
		ungroup "$deepest"
		deepest=$levels_parent
		[ "$level" = 16 ] ||
			[ "$(list "$deepest" unevictable)" = $((2 * FILL_PAGES)) ] ||
			fail "level $level: all folios go to the parent" "$(lists "$deepest")"
	done
	is 'in the end all is on the root' "$(lists 1 "$far")" "$filled"
	well '16 levels removed'
	drop_all 1
}

# drop_all GROUP: what is on its lists.
drop_all()
{
	for drop_list in $LISTS; do
		ctl "groups/$1" "drop lru=$drop_list nr=1000000" >/dev/null || return
	done
	is "group $1: nothing is left of what was dropped" "$(lists "$1")" '0 0 0 0 0'
}

populates()
{
	root_added=$(own 1 add)
	for node in $nodes; do
		for list in $LISTS; do
			on="lru=$list node=$node"
			answers 2 "populate $on nr=3" 'populated 3'
			is "node $node $list: order 0" "$(list 2 "$list" "$node")" 3
			answers 2 "populate $on nr=2 order=4" 'populated 2'
			is "node $node $list: order 4" "$(list 2 "$list" "$node")" 35
			answers 2 "populate $on nr=1 order=9" 'populated 1'
			is "node $node $list: order 9" "$(list 2 "$list" "$node")" $FILL_PAGES
		done
		is "all of node $node" "$(lists 2 "$node")" "$filled"
	done
	is 'they are charged' "$(usage 2)" $((10 * FILL_PAGES))
	is 'to those above too' "$(usage 1)" $((10 * FILL_PAGES))
	is 'but on no list there' "$(lists 1)" '0 0 0 0 0'
	is 'to none below' "$(usage 3)" 0
	is 'added' "$(own 2 add)" $((10 * FILL_PAGES))
	is 'added, of the root' "$(own 1 add) $(total 1 add)" \
		"$root_added $((root_added + 10 * FILL_PAGES))"
	well populate
	answers 3 'populate lru=active_anon nr=200' 'populated 200'
	is 'on whatever node' "$(list 3 active_anon)" 200
	answers 3 'drop lru=active_anon nr=200' 'dropped 200'
}

# isolates LIST: of group 2, which has folios of all orders there.
isolates()
{
	answers 2 "isolate lru=$1 node=$near nr=2" 'isolated 2'
	isolated=$(own 2 isolated)
	is "$1: the list is shorter" "$(list 2 "$1" "$near")" $((FILL_PAGES - isolated))
	answers 2 "isolate lru=$1 node=$far nr=100" "isolated $FILL_FOLIOS"
	is "$1: the other is empty" "$(list 2 "$1" "$far")" 0
	is "$1: isolated" "$(own 2 isolated)" $((isolated + FILL_PAGES))
	is "$1: what is isolated stays charged" "$(usage 2)" $((10 * FILL_PAGES))
	well "$1 isolated"
	answers 2 "isolate lru=$1 node=$far nr=1" 'isolated 0'
	for list in $LISTS; do
		[ "$list" = "$1" ] || answers 2 "putback lru=$list nr=100" 'putback 0'
	done
	answers 2 "putback lru=$1 node=$near nr=1" 'putback 1'
	answers 2 "putback lru=$1 node=$far nr=4" 'putback 4'
	answers 2 "putback lru=$1 nr=100" 'putback 3'
	answers 2 "putback lru=$1 nr=100" 'putback 0'
	is "$1: all are back" "$(lists 2 "$near"), $(lists 2 "$far")" "$filled, $filled"
	is "$1: none is isolated" "$(own 2 isolated)" 0
	well "$1 put back"
}

# Folios of 1, 2 and 4 pages: isolation takes the coldest, and comes back as the hottest.
cold_end()
{
	for order in 0 1 2; do
		populate 3 inactive_file "$far" "$order" 1 >/dev/null
	done
	for pages in 1 2 4 1 2; do
		before=$(own 3 isolate)
		answers 3 'isolate lru=inactive_file nr=1' 'isolated 1'
		is "the coldest is isolated, of $pages pages" "$(own 3 isolated)" "$pages"
		is 'and nothing else was' "$(own 3 isolate)" $((before + pages))
		answers 3 'putback lru=inactive_file nr=1' 'putback 1'
	done
	answers 3 'drop lru=inactive_file nr=1' 'dropped 1'
	is 'the coldest is dropped' "$(list 3 inactive_file)" 3
	answers 3 'drop lru=inactive_file nr=9' 'dropped 2'
	well 'the cold end'
}

ages()
{
	for node in $nodes; do
		populate 3 active_file "$node" 0 20 >/dev/null
		populate 3 active_anon "$node" 2 20 >/dev/null
		populate 3 unevictable "$node" 0 20 >/dev/null
	done
	answers 3 "age nr=5 node=$far" 'aged 5'
	is 'aged of the other node' "$(lists 3 "$far")" '0 80 5 15 20'
	is 'none of this one' "$(lists 3 "$near")" '0 80 0 20 20'
	answers 3 'age nr=22' 'aged 22'
	is 'aged, file before anon' "$(lists 3 "$near")" '8 72 20 0 20'
	answers 3 'age nr=1000' 'aged 53'
	is 'aged, all' "$(lists 3)" '160 0 40 0 40'
	answers 3 'age nr=1' 'aged 0'
	is 'aged pages are counted' "$(own 3 deactivate)" 200
	well age
	deleted=$(own 3 del)
	answers 3 "drop lru=inactive_anon nr=7 node=$near" 'dropped 7'
	is 'dropped of that node' "$(list 3 inactive_anon "$near")" $((13 * 4))
	answers 3 'drop lru=inactive_anon nr=15' 'dropped 15'
	is 'dropped of both' "$(list 3 inactive_anon)" $((18 * 4))
	is 'what was dropped is charged no more' "$(usage 3)" $((18 * 4 + 80))
	is 'what was dropped is counted' $(($(own 3 del) - deleted)) $((22 * 4))
	well drop
	drop_all 3
	is 'nothing of it is charged' "$(usage 3)" 0
}

churns()
{
	answers 3 'churn nr=10' 'churned 0 folios 0 times'
	answers 2 'churn nr=1000' 'churned 24 folios 1000 times'
	answers 2 "churn nr=10 node=$far" 'churned 12 folios 10 times'
	is 'no page is lost of anon' $(($(list 2 active_anon) + $(list 2 inactive_anon))) \
		$((4 * FILL_PAGES))
	is 'no page is lost of file' $(($(list 2 active_file) + $(list 2 inactive_file))) \
		$((4 * FILL_PAGES))
	is 'none is moved of unevictable' "$(list 2 unevictable)" $((2 * FILL_PAGES))
	for name in isolate putback activate deactivate rotate; do
		check "churn does $name" [ "$(own 2 $name)" -gt 0 ]
	done
	well churn
	# As long as it would take, it ends when it is killed.
	sh -c "echo 'churn nr=1000000000' >$ROOT/groups/2/ctl" 2>/dev/null &
	sleep 1
	kill -9 $!
	wait $! 2>/dev/null
	well 'a killed churn'
	is 'reclaim finds nothing: all is dirty' "$(ctl groups/2 'reclaim nr=100000')" \
		'reclaimed 0'
	well reclaim
}

# lasting GROUP...: what does not depend on what is put back when a group goes, summed up.
lasting()
{
	for name in add del isolate activate deactivate rotate reclaim charged; do
		lasting_sum=0
		for lasting_group in "$@"; do
			lasting_sum=$((lasting_sum + $(own "$lasting_group" $name)))
		done
		echo $name=$lasting_sum
	done
}

# sum_lists NODE GROUP...
sum_lists()
{
	sum_node=$1
	shift
	for sum_group in "$@"; do
		lists "$sum_group" "$sum_node"
	done | awk '{ for (i = 1; i <= 5; i++) sum[i] += $i }
		END { print sum[1], sum[2], sum[3], sum[4], sum[5] }'
}

# Group 4, with the parent 2: some of each list are isolated, by both.
removal()
{
	check 'limit of the child: none' put groups/4/limit max
	check 'folios of the child' fill 4
	ctl groups/4 'churn nr=100' >/dev/null
	near_before=$(sum_lists "$near" 2 4)
	far_before=$(sum_lists "$far" 2 4)
	for list in $LISTS; do
		answers 4 "isolate lru=$list nr=2" 'isolated 2'
		answers 2 "isolate lru=$list nr=1" 'isolated 1'
	done
	held=$(own 2 isolated)
	well 'child with isolated folios'
	lasting_before=$(lasting 2 4)
	total_before=$(total 1 charged)
	removed_before=$(sed -n 's/.* \([0-9]*\) removed.*/\1/p' $ROOT/groups/tree)
	check 'destroy of a child with folios' ungroup 4
	check 'its directory is gone' [ ! -e $ROOT/groups/4 ]
	is 'one more was removed' \
		"$(sed -n 's/.* \([0-9]*\) removed.*/\1/p' $ROOT/groups/tree)" \
		$((removed_before + 1))
	is "what the child isolated is back, what the parent did is not" \
		"$(own 2 isolated)" "$held"
	well 'child removed'
	is 'statistics are the sums' "$(lasting 2)" "$lasting_before"
	is 'nothing changes for the root' "$(total 1 charged)" "$total_before"
	for list in $LISTS; do
		answers 2 "putback lru=$list nr=100" 'putback 1'
	done
	is 'all folios are on the lists of the parent' \
		"$(lists 2 "$near"), $(lists 2 "$far")" "$near_before, $far_before"
	well 'parent has it all'
	is 'the folios name the child, so its id is taken' "$(group) $(ids_in_use)" '5 5'
	check 'destroy another one' ungroup 5
}

# statistics GROUP COLUMN: all that go to the parent.
statistics()
{
	sed -n '/^[a-z_]* [0-9]/p' "$ROOT/groups/$1/stats" | cut -d ' ' -f "1,$2"
}

sum_statistics()
{
	for sum_group in "$@"; do
		statistics "$sum_group" 2
	done | awk '{
			if (!($1 in sum))
				name[n++] = $1
			sum[$1] += $2
		}
		END { for (i = 0; i < n; i++) print name[i], sum[name[i]] }'
}

conservation()
{
	check 'folios of the other child' fill 3
	ctl groups/3 'churn nr=100' >/dev/null
	own_before=$(sum_statistics 2 3)
	all_before=$(sum_statistics 1 2 3)
	total_before=$(statistics 2 3)
	root_before=$(statistics 1 2 && statistics 1 3)
	check 'destroy the other child' ungroup 3
	is 'all statistics are the sums' "$(statistics 2 2)" "$own_before"
	is 'all totals of the parent stay' "$(statistics 2 3)" "$total_before"
	is 'all of the root stay' "$(statistics 1 2 && statistics 1 3)" "$root_before"
	well conservation
	check 'destroy the parent' ungroup 2
	is 'all is on the root' "$(statistics 1 2)" "$all_before"
	settle
	is 'the ids of the three are taken' "$(ids_in_use)" 4
	well 'nothing but the root'
	drop_all 1
	is 'nothing is charged' "$(row 1)" '0 0 max 0'
	settle
	is 'all ids are free but one' "$(ids_in_use)" 1
	is 'the lowest is the next' "$(group)" 2
	well 'nothing left'
}

limits()
{
	limited=$(group limit=100)
	below=$(group parent="$limited")
	is 'up to the limit, and no further' \
		"$(populate "$limited" inactive_anon "$far" 0 200 | tr '\n' ' ')" \
		'populated 100 stopped -EDQUOT '
	is 'one failure' "$(row "$limited")" '100 0 100 1'
	refused 'over the limit' "groups/$limited/ctl" 'populate nr=1 lru=inactive_anon' EDQUOT \
		'limit of the group or of one above'
	refused 'over the limit of the one above' "groups/$below/ctl" \
		'populate nr=1 lru=active_file order=2' EDQUOT 'limit of the group or of one above'
	is 'counted where the limit is' "$(row "$limited"), $(row "$below")" \
		'100 0 100 3, 0 0 max 0'
	is 'in stats too' "$(total "$limited" charge_fail) $(total "$below" charge_fail)" '3 0'
	is 'reclaim was tried' "$(total "$limited" limit_reclaim)" 3
	is 'and had nothing to give' "$(own "$limited" reclaim)" 0
	well limit
	check 'a limit below the usage' put "groups/$limited/limit" 10
	is 'lets what is there stay' "$(row "$limited")" '100 0 10 3'
	check 'a higher limit' put "groups/$limited/limit" 116
	is 'makes room' "$(populate "$below" active_file "$near" 4 1)" 'populated 1'
	refused 'but not for more' "groups/$below/ctl" 'populate nr=1 lru=active_file' EDQUOT ''
	check 'no limit' put "groups/$limited/limit" max
	is 'makes room for all' "$(populate "$below" active_file "$near" 9 2)" 'populated 2'
	check 'a limit of 0' put "groups/$below/limit" 0
	refused 'lets nothing in' "groups/$below/ctl" 'populate nr=1 lru=active_file' EDQUOT ''
	check 'a limit of the child does not bind the parent' \
		populate "$limited" unevictable "$near" 0 10
	well 'other limits'
	check 'a limit for both' put "groups/$limited/limit" 200
	check 'the child goes' ungroup "$below"
	is 'usage of the parent stays, as its failures' "$(row "$limited")" '1150 0 200 4'
	refused 'the limit holds for what came from the child' "groups/$limited/ctl" \
		'populate nr=1 lru=active_file' EDQUOT ''
	well 'limits removed'
	check 'the parent goes' ungroup "$limited"
	drop_all 1
}

# As many as ids: 65535, of which the root has one.
all_ids()
{
	if slow_kernel; then
		skip 'as many groups as ids' 'takes long on this kernel'
		return
	fi
	exec 3>$ROOT/groups/create
	while echo group >&3; do
		:
	done 2>/dev/null
	error_is 'as many groups as ids' groups/create EUSERS 'all numbers are taken'
	exec 3>&-
	is 'that many' "$(tail -n 1 $ROOT/groups/tree | sed 's/ [0-9]* removed,//')" \
		'# 65535 groups, 65535 ids in use'
	check 'one of them goes' ungroup 12345
	for attempt in 1 2 3 4 5 6 7 8 9 10; do
		last=$(group) && break
		sleep 1
	done
	is 'its id is given to another' "$last" 12345
	refused 'which was the last one' groups/create group EUSERS 'all numbers are taken'
	check 'rmmod with all of them' rmmod swaptbl
}

filled="$FILL_PAGES $FILL_PAGES $FILL_PAGES $FILL_PAGES $FILL_PAGES"
views
create_answers
refused_creates
refused_destroys
refused_limits
refused_commands
destroys
removed_while_open
settle
levels
settle
populates
for which in $LISTS; do
	isolates "$which"
done
cold_end
ages
churns
removal
conservation
limits
all_ids
finish
