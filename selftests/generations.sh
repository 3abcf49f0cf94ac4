#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Groups with generations: where folios are as their group is aged and removed, and that
# all commands are as they are without.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libdata.sh"
. "$(dirname "$0")/libgroups.sh"

start

# gens GROUP NODE: pages of anon and file by generation, from the youngest on.
gens()
{
	awk -v node="$2" '$1 == node { printf "%s%s/%s", sep, $4, $5; sep = " " }' \
		"$ROOT/groups/$1/generations"
}

# seqs GROUP NODE: numbers of the youngest and the oldest line.
seqs()
{
	awk -v node="$2" '$1 == node { if (!n++) first = $2; last = $2 }
		END { print first, last }' "$ROOT/groups/$1/generations"
}

advance()
{
	is "group $1: advance $2" "$(ctl "groups/$1" "advance nr=$2")" "advanced $2"
}

without_generations()
{
	module_in
	check 'a group without generations' group
	refused 'advance is refused' groups/2/ctl 'advance nr=1' EOPNOTSUPP \
		'these groups have no generations'
	check 'there is no such file' [ ! -e $ROOT/groups/2/generations ]
	is 'the parameter says so' "$(cat /sys/module/swaptbl/parameters/lru_gen)" N
	module_in lru_gen=1
	needs_two_nodes
	is 'and so with them' "$(cat /sys/module/swaptbl/parameters/lru_gen)" Y
	is 'heading' "$(head -n 1 $ROOT/groups/1/generations)" \
		'# node generation class anon file'
	is 'classes' "$(awk -v node="$near" '$1 == node { print $3 }' \
		$ROOT/groups/1/generations | tr '\n' ' ')" 'active active inactive inactive '
	is 'a new group' "$(gens 1 "$near"), $(seqs 1 "$near")" '0/0 0/0 0/0 0/0, 3 0'
}

# Active folios become inactive as younger generations are opened, on that node only.
ageing()
{
	check 'parent' group
	check 'child' group parent=2
	for list in $LISTS; do
		check "populate $list" populate 3 "$list" "$near" 0 10
	done
	check 'populate the other node' populate 3 active_anon "$far" 4 2
	is 'populated' "$(gens 3 "$near")" '10/10 0/0 10/10 0/0'
	is 'by list' "$(lists 3 "$near")" '10 10 10 10 10'
	is 'advance one node' "$(ctl groups/3 "advance nr=1 node=$near")" 'advanced 1'
	is 'a new youngest one' "$(gens 3 "$near"), $(seqs 3 "$near")" \
		'0/0 10/10 0/0 10/10, 4 1'
	is 'active still' "$(lists 3 "$near")" '10 10 10 10 10'
	is 'the other node has none' "$(gens 3 "$far")" '32/0 0/0 0/0 0/0'
	advance 3 1
	is 'inactive, and the oldest ones together' "$(gens 3 "$near")" \
		'0/0 0/0 10/10 10/10'
	is 'counted so' "$(lists 3 "$near")" '20 0 20 0 10'
	is 'and above' "$(total 1 active_anon) $(total 1 inactive_anon)" '32 20'
	advance 3 1
	is 'the oldest ones go together' "$(gens 3 "$near")" '0/0 0/0 0/0 20/20'
	well 'aged'
}

commands()
{
	is 'isolate from the cold end' \
		"$(ctl groups/3 "isolate lru=inactive_anon nr=5 node=$near")" 'isolated 5'
	is 'isolated' "$(gens 3 "$near")" '0/0 0/0 0/0 15/20'
	is 'putback' "$(ctl groups/3 'putback lru=inactive_anon nr=9')" 'putback 5'
	is 'to the youngest inactive one' "$(gens 3 "$near")" '0/0 0/0 5/0 15/20'
	is 'drop' "$(ctl groups/3 "drop lru=inactive_file nr=99 node=$near")" 'dropped 20'
	is 'a closed generation' "$(gens 3 "$near")" '0/0 0/0 5/0 15/-'
	is 'both nodes were aged twice' "$(lists 3 "$far")" '32 0 0 0 0'
	check 'populate the other node again' populate 3 active_anon "$far" 0 4
	is 'age' "$(ctl groups/3 'age nr=1')" 'aged 1'
	is 'one is inactive' "$(lists 3 "$far"), $(gens 3 "$far")" \
		'33 3 0 0 0, 3/0 0/0 33/0 0/0'
	well 'commands'
}

# Each generation to the one of the same number, and what is closed is opened.
removal()
{
	check 'populate the parent' populate 2 active_file "$near" 0 7
	is 'the parent' "$(gens 2 "$near"), $(seqs 2 "$near")" '0/7 0/0 0/0 0/0, 3 0'
	is 'the child' "$(seqs 3 "$near")" '6 3'
	check 'remove the child' ungroup 3
	is 'the parent has it' "$(gens 2 "$near")" '15/7 0/0 0/0 5/0'
	is 'by class at the parent' "$(lists 2 "$near")" '5 15 0 7 10'
	is 'on the other node' "$(lists 2 "$far"), $(gens 2 "$far")" \
		'3 33 0 0 0, 33/0 0/0 3/0 0/0'
	is 'and above' "$(total 1 active_anon) $(total 1 inactive_anon)" '48 8'
	well 'removed'
	is 'reclaim leaves dirty folios' "$(ctl groups/2 'reclaim nr=1000')" 'reclaimed 0'
	well 'reclaimed'
	check 'remove the parent' ungroup 2
	well 'all removed'
}

# A device, a limit, and removal of groups whose folios are being worked on.
in_use()
{
	check 'device' put create 'ram slots=4000'
	top=$(group limit=600)
	check 'more than its limit, with slots' \
		ctl "groups/$top" 'populate lru=inactive_anon nr=1000 dev=0'
	check 'the oldest were evicted' [ "$(list "$top" inactive_anon)" -le 600 ]
	below=$(group "parent=$top")
	check 'populate below' ctl "groups/$below" 'populate lru=active_anon nr=200 dev=0'
	echo 'churn nr=100000' >"$ROOT/groups/$below/ctl" 2>/dev/null &
	for _ in 1 2 3 4 5 6; do
		ctl "groups/$below" 'advance nr=1' >/dev/null
	done
	check 'remove a group in use' ungroup "$below"
	wait
	well 'in use'
}

without_generations
ageing
commands
removal
in_use
finish
