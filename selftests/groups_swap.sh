#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Groups and slots: what a limit sends to a device, what comes back, whose slots are whose,
# also after the group or the device was removed; then rmmod with all of it in use.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libgroups.sh"

start
module_in
needs_two_nodes

# answers FILE COMMAND EXPECTED: the words of the answer, newlines as spaces.
answers()
{
	is "$1: $2" "$(ctl "$1" "$2" | tr '\n' ' ')" "$3 "
}

# between NAME VALUE LOW HIGH
between()
{
	if [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then
		pass "$1"
	else
		fail "$1" "$2 is not within $3 to $4"
	fi
}

# Folios that are added are what is evicted later; nothing is read that nobody asks for.
device_of()
{
	check "a device of $1 slots" create "ram slots=$1"
	device=$(devices | tail -n 1)
	put "$device/readahead" 0
}

# first_slot OWNER KIND
first_slot()
{
	awk -v owner="$1" -v kind="$2" '$5 == owner && $2 == kind { print $1; exit }' \
		$ROOT/dev0/slots
}

empty_groups()
{
	for gone in $(groups | sort -rn); do
		[ "$gone" = 1 ] || ungroup "$gone" || return
	done
}

# Nothing is left of groups and devices.
all_gone()
{
	for gone_device in $(devices); do
		check "$1: destroy $gone_device" put destroy "$gone_device drop"
	done
	check "$1: destroy all groups" empty_groups
	for gone_list in $LISTS; do
		ctl groups/1 "drop lru=$gone_list nr=100000" >/dev/null
	done
	settle
	is "$1: nothing is left" "$(row 1), $(lists 1), $(ids_in_use) ids" \
		'0 0 max 0, 0 0 0 0 0, 1 ids'
	well "$1: the end"
}

over_limit()
{
	device_of 4000
	above=$(group)
	limited=$(group parent="$above" limit=64)
	is 'populate beyond the limit' \
		"$(populate "$limited" inactive_anon "$near" 0 100 dev=0)" 'populated 100'
	pages=$(usage "$limited")
	between 'as many pages as the limit are left' "$pages" 1 64
	is 'the others are in the store' \
		"$(owned "$limited" swapped) $(owned "$limited" cached)" \
		"$((100 - pages)) $pages"
	is 'by kind, count, owner and flag' "$(grep -c "^[0-9]* swapped 1 0 $limited age:[0-9]* zero" \
		$ROOT/dev0/slots)" $((100 - pages))
	is 'the tree says so' "$(row "$limited"), $(row "$above"), $(row 1)" \
		"$pages 100 64 0, $pages 100 max 0, $pages 100 max 0"
	is 'reclaimed pages are counted' "$(own "$limited" reclaim)" $((100 - pages))
	check 'and how often that was' [ "$(total "$limited" limit_reclaim)" -gt 0 ]
	is 'the device has evicted them' "$(value dev0 cache evict)" $((100 - pages))
	well 'over the limit'
	is 'folios of order 4' "$(populate "$limited" active_file "$far" 4 20 dev=0)" 'populated 20'
	between 'the limit holds' "$(usage "$limited")" 16 64
	is 'all have slots' "$(swap_of "$limited")" 420
	well 'order 4 over the limit'
	refused 'a folio that is larger than the limit' "groups/$limited/ctl" \
		'populate lru=active_anon nr=1 order=9 dev=0' EDQUOT 'limit of the group'
	is 'has no slots' "$(swap_of "$limited")" 420
	is 'is one failure' "$(total "$limited" charge_fail)" 1
	is 'folios that have none stay' "$(populate "$limited" active_anon "$near" 0 200 |
		tr '\n' ' ')" 'populated 64 stopped -EDQUOT '
	is 'and all others went' "$(usage "$limited") $(owned "$limited" cached)" '64 0'
	well 'no room'
	slot=$(first_slot "$limited" swapped)
	refused 'nor can one come in' dev0/ctl "swapin offset=$slot" EDQUOT \
		'limit of the group'
	refused 'nor its checksum' dev0/ctl "crc offset=$slot" EDQUOT 'limit of the group'
	is 'it stays in the store' "$(slot dev0 "$slot" | cut -d ' ' -f 2-3)" 'swapped 1'
	answers "groups/$limited" 'drop lru=active_anon nr=100' 'dropped 64'
	answers dev0 "swapin offset=$slot" "$slot 0"
	is 'now it can' "$(usage "$limited") $(owned "$limited" cached)" '1 1'
	well 'room again'
	all_gone 'over the limit'
}

lower_limit()
{
	device_of 4000
	limited=$(group)
	for list in $LISTS; do
		populate "$limited" "$list" "$near" 0 40 dev=0 >/dev/null
	done
	is 'without a limit all stays' "$(row "$limited")" '200 200 max 0'
	check 'a limit of 150' put "groups/$limited/limit" 150
	between 'evicts as many at once' "$(usage "$limited")" 110 150
	is 'inactive file first, active ones last' \
		"$(lists "$limited" | cut -d ' ' -f 2-5)" '40 0 40 40'
	answers "groups/$limited" 'age nr=1000' 'aged 80'
	between 'reclaim of 20 pages' \
		"$(ctl "groups/$limited" 'reclaim nr=20' | cut -d ' ' -f 2)" 20 51
	is 'reclaim of all' "$(ctl "groups/$limited" 'reclaim nr=100000' | cut -d ' ' -f 1)" \
		reclaimed
	is 'leaves what is not evictable' "$(lists "$limited")" '0 0 0 0 40'
	is 'and that it was told' "$(own "$limited" reclaim) $(total "$limited" charge_fail)" \
		'160 0'
	well 'lower limit'
	above=$(group)
	for below in 1 2 3; do
		below=$(group parent="$above")
		populate "$below" active_anon "$far" 2 10 dev=0 >/dev/null
	done
	answers "groups/$above" 'reclaim nr=1000' 'reclaimed 120'
	is 'reclaim reaches those below' "$(row "$above")" '0 120 max 0'
	populate "$below" active_anon "$far" 2 10 dev=0 >/dev/null
	check 'a limit of 0 for all of them' put "groups/$above/limit" 0
	is 'does so too' "$(row "$above")" '0 160 0 0'
	well 'reclaim below'
	is 'the device has no room for that' "$(populate "$limited" active_anon "$near" 0 4000 dev=0 |
		tail -n 1)" 'stopped -ENOSPC'
	well 'the device is full'
	all_gone 'lower limit'
}

# The byte 7 a page through.
CRC7=5bd6b657

comes_back()
{
	device_of 4000
	owner=$(group)
	refused 'alloc: no such group' dev0/ctl 'alloc order=0 nr=1 group=9' ESRCH \
		'no such group: 9'
	refused 'alloc: no group can have that id' dev0/ctl 'alloc order=0 nr=1 group=65536' \
		ERANGE 'group is not within 0 to 65535'
	at=$(ctl dev0 "alloc order=4 nr=1 group=$owner fill=7")
	is 'alloc charges the group' "$(row "$owner")" '16 16 max 0'
	is 'and puts the folio on its list' "$(lists "$owner")" '16 0 0 0 0'
	is 'which the slot names' "$(slot dev0 "$at" | cut -d ' ' -f 2-5)" "cached 0 4 $owner"
	is 'alloc for the root' "$(ctl dev0 'alloc order=0 nr=2 group=1' | wc -l)" 2
	settle
	is 'charges it' "$(row 1), $(lists 1)" '18 18 max 0, 2 0 0 0 0'
	is 'alloc for nobody' "$(ctl dev0 'alloc order=0 nr=2' | wc -l)" 2
	is 'charges nobody' "$(row 1)" '18 18 max 0'
	well alloc
	ctl dev0 "dup offset=$at nr=16" >/dev/null
	answers dev0 "evict offset=$at" 'evicted 1'
	is 'evicted folios are not charged, their slots are' "$(row "$owner")" '0 16 max 0'
	is 'and are on no list' "$(lists "$owner")" '0 0 0 0 0'
	well evict
	answers dev0 "swapin offset=$at order=4" "$at 4"
	is 'what is brought in is charged' "$(row "$owner"), $(owned "$owner" cached)" \
		'16 16 max 0, 16'
	is 'and on a list' "$(lists "$owner" | tr ' ' '\n' | grep -c '^16$')" 1
	well swapin
	answers dev0 "split offset=$at order=2" 'split 4'
	is 'split folios stay charged' "$(row "$owner")" '16 16 max 0'
	is 'and on lists' "$(lists "$owner" | tr ' ' '\n' | grep -c '^16$')" 1
	well split
	ctl dev0 "evict offset=$at nr=16" >/dev/null
	check 'a limit of 8' put "groups/$owner/limit" 8
	fallback=$(value dev0 cache swapin_fallback)
	answers dev0 "swapin offset=$((at + 5)) order=4" "$at 3"
	is 'the order that fits is brought in' \
		"$(usage "$owner") $(($(value dev0 cache swapin_fallback) - fallback))" '8 1'
	is 'all data can be had within it' \
		"$(ctl dev0 "crc offset=$at nr=16" | grep -c " $CRC7\$")" 16
	between 'and the limit holds' "$(usage "$owner")" 1 8
	well 'swapin with a limit'
	check 'a limit of 0' put "groups/$owner/limit" 0
	is 'leaves nothing' "$(row "$owner" | cut -d ' ' -f 1-3)" '0 16 0'
	refused 'nor brings anything' dev0/ctl "swapin offset=$at order=4" EDQUOT \
		'limit of the group'
	refused 'nor lets allocate' dev0/ctl "alloc order=0 nr=1 group=$owner" EDQUOT \
		'limit of the group'
	is 'nor takes a slot' "$(swap_of "$owner")" 16
	well 'a limit of 0'
	check 'a limit of 3' put "groups/$owner/limit" 3
	is 'what nobody has a count of makes way' \
		"$(ctl dev0 "alloc order=0 nr=50 group=$owner" | wc -l)" 50
	between 'with its slots' "$(swap_of "$owner")" 17 19
	well 'cached only'
	is 'counts are dropped' "$(ctl dev0 "put offset=$at nr=16" | grep -c ' 0$')" 16
	between 'slots without a count are not charged' "$(swap_of "$owner")" 1 3
	is 'nor owned' "$(owned "$owner")" "$(swap_of "$owner")"
	well put
	all_gone 'what comes back'
}

# A folio that somebody has isolated while it is evicted.
isolated_evicted()
{
	device_of 1000
	holder=$(group)
	populate "$holder" active_anon "$far" 2 4 dev=0 >/dev/null
	answers "groups/$holder" 'isolate lru=active_anon nr=3' 'isolated 3'
	answers dev0 'shrink nr=1000' 'evicted 16'
	is 'is not bound any more' "$(owned "$holder" cached) $(owned "$holder" swapped)" '0 16'
	is 'stays charged' "$(row "$holder")" '12 16 max 0'
	well 'isolated and evicted'
	answers "groups/$holder" 'putback lru=active_anon nr=2' 'putback 2'
	is 'can be put back' "$(lists "$holder")" '0 8 0 0 0'
	answers "groups/$holder" 'reclaim nr=5' 'reclaimed 8'
	is 'is clean, so reclaim lets it go' "$(row "$holder")" '4 16 max 0'
	check 'destroy with one isolated still' ungroup "$holder"
	is 'which is on the list of the root' "$(lists 1), $(row 1)" '0 4 0 0 0, 4 16 max 0'
	well 'isolated, evicted, removed'
	answers groups/1 'drop lru=active_anon nr=10' 'dropped 1'
	all_gone 'isolated'
}

# What is on the lists of a removed group, and in its slots, is the parent's.
removed_owner()
{
	device_of 4000
	parent=$(group)
	child=$(group parent="$parent")
	at=$(ctl dev0 "alloc order=2 nr=1 group=$child fill=7")
	ctl dev0 "dup offset=$at nr=4" >/dev/null
	populate "$child" inactive_file "$near" 0 20 dev=0 >/dev/null
	ctl dev0 'shrink nr=1000' >/dev/null
	populate "$child" active_file "$near" 0 10 dev=0 >/dev/null
	is 'slots of both sorts' "$(owned "$child" swapped) $(owned "$child" cached)" '24 10'
	check 'destroy of a group with slots' ungroup "$child"
	is 'they count for the parent' "$(row "$parent"), $(lists "$parent")" \
		'10 34 max 0, 0 0 0 10 0'
	is 'and name the child still' "$(owned "$child" swapped) $(owned "$child" cached)" '24 10'
	settle
	is 'so its id is in use' "$(ids_in_use)" 3
	well 'a removed owner'
	other=$(group)
	check 'and not given to another' [ "$other" -gt "$child" ]
	refused 'nobody can be charged by it' dev0/ctl "alloc order=0 nr=1 group=$child" ESRCH \
		"no such group: $child"
	answers dev0 "swapin offset=$at order=2" "$at 2"
	is 'what is brought in is charged to the parent' "$(row "$parent")" '14 34 max 0'
	is 'on whose lists it is' "$(lists "$parent" | tr ' ' '\n' |
		awk '{ sum += $1 } END { print sum }')" 14
	is 'with the data' "$(ctl dev0 "crc offset=$at nr=4" | grep -c " $CRC7\$")" 4
	is 'it names the child' "$(slot dev0 "$at" | cut -d ' ' -f 5)" "$child"
	answers dev0 "evict offset=$at" 'evicted 1'
	is 'also when it was evicted again' "$(owned "$child" swapped)" 24
	check 'a limit of the parent' put "groups/$parent/limit" 0
	refused 'holds for the slots of the child' dev0/ctl "swapin offset=$at" EDQUOT \
		'limit of the group'
	is 'and for its folios' "$(row "$parent")" '0 34 0 1'
	well 'back from a removed owner'
	check 'destroy of the parent' ungroup "$parent"
	is 'all is the root'\''s' "$(row 1)" '0 34 max 0'
	answers dev0 "swapin offset=$at order=2" "$at 2"
	is 'by whatever name' "$(row 1), $(slot dev0 "$at" | cut -d ' ' -f 5)" \
		"4 34 max 0, $child"
	settle
	is 'ids of two removed groups' "$(ids_in_use)" 4
	well 'no owner but the root'
	for offset in $(awk -v id="$child" '$5 == id { print $1 }' $ROOT/dev0/slots); do
		ctl dev0 "put offset=$offset" >/dev/null
	done
	ctl dev0 'shrink nr=100' >/dev/null
	is 'the slots are free' "$(row 1)" '0 0 max 0'
	settle
	is 'the ids too' "$(ids_in_use)" 2
	is 'and reused, the lowest first' "$(group) $(group)" "$parent $child"
	well 'ids reused'
	all_gone 'removed owner'
}

removed_device()
{
	device_of 4000
	device_of 1000
	user=$(group)
	for device in dev=0 dev=1; do
		populate "$user" inactive_anon "$near" 0 20 $device >/dev/null
		populate "$user" active_file "$far" 4 2 $device >/dev/null
	done
	populate "$user" unevictable "$far" 0 5 >/dev/null
	ctl dev0 'shrink nr=10' >/dev/null
	answers "groups/$user" 'isolate lru=active_file nr=3' 'isolated 3'
	refused 'destroy of a device with slots of a group' destroy dev0 EBUSY 'slots are used'
	is 'changes nothing' "$(swap_of "$user")" 104
	well 'a device that stays'
	held=$(own "$user" isolated)
	check 'destroy drop' put destroy 'dev0 drop'
	is 'frees its slots, not the others' "$(swap_of "$user") $(owned "$user")" '52 52'
	is 'what was isolated is so still' "$(own "$user" isolated)" "$held"
	well 'a device dropped'
	check 'destroy drop of the other' put destroy 'dev1 drop'
	is 'only what had no slots or was isolated is left' \
		"$(lists "$user"), $(row "$user")" "0 0 0 0 5, $((5 + held)) 0 max 0"
	answers "groups/$user" 'putback lru=active_file nr=3' 'putback 3'
	well 'both devices dropped'
	answers "groups/$user" 'drop lru=active_file nr=9' 'dropped 3'
	device_of 1000
	ctl dev0 "alloc order=0 nr=20 group=$user" >/dev/null
	check 'a device of slots without counts goes at once' put destroy dev0
	is 'with their folios' "$(lists "$user"), $(row "$user")" '0 0 0 0 5, 5 0 max 0'
	well 'a device without counts'
	all_gone 'removed device'
}

# Memory in kB that is free, give or take what the kernel keeps.
free_memory()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/MemFree/ { print $2 }' /proc/meminfo
}

use_it_all()
{
	put create 'ram slots=40000' && put create 'ram slots=1000' || return
	use_parent=1
	for use in 1 2 3 4; do
		use_group=$(group parent=$use_parent) && fill "$use_group" || return
		populate "$use_group" inactive_anon "$near" 9 8 dev=0 &&
			populate "$use_group" active_anon "$far" 0 100 dev=1 &&
			ctl dev0 "alloc order=4 nr=10 group=$use_group" || return
		for list in $LISTS; do
			ctl "groups/$use_group" "isolate lru=$list nr=2" || return
		done
		use_parent=$use_group
	done
	ctl dev0 'shrink nr=4096' && put groups/2/limit 25000 && ungroup "$use_group" &&
		ctl dev1 'exclusive alloc nr=3' &&
		ctl dev0 "swapin offset=$(first_slot 3 swapped) order=9"
}

# round N: load, use, unload. Sets used and left, in kB.
round()
{
	check "round $1: insmod" insmod $MODULE
	is "round $1: nothing is left of what was" "$(row 1), $(groups)" '0 0 max 0, 1'
	check "round $1: groups, folios, isolated ones, devices" use_it_all
	well "round $1"
	used=$((memory - $(free_memory)))
	check "round $1: rmmod with all of it" rmmod swaptbl
	left=$((memory - $(free_memory)))
	echo "# $used kB were in use, $left are left"
}

# What is lost is lost in every round. The kernel takes and gives back some for itself
# at any time, so one round without a loss is enough; the first one has to fill its
# caches.
rmmod_in_use()
{
	before='' lost=yes
	check 'rmmod' rmmod swaptbl
	memory=$(free_memory)
	for number in 1 2 3 4 5 6; do
		round $number
		[ -z "$before" ] || [ $((left - before)) -ge $((used / 10)) ] || lost=''
		before=$left
		[ -n "$lost" ] || break
	done
	check 'the memory is free again' [ -z "$lost" ]
	module_in
}

over_limit
lower_limit
comes_back
isolated_evicted
removed_owner
removed_device
rmmod_in_use
finish
