#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each tracepoint fires, with the slot or the group that it is about; but for those of
# waiting, of I/O errors and of lock retries, which need more than this: see parallel.sh,
# faults.sh and groups_race.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libgroups.sh"

start
module_in

tracing=/sys/kernel/tracing
events=$tracing/events/swaptbl
[ -d $tracing/events ] || skip_all 'no tracefs'
check 'the events are there' [ -d $events ]

traced()
{
	grep -q "swaptbl_$1: .*$2" $tracing/trace
}

create 'ram slots=1000 count_bits=2'
echo >$tracing/trace
echo 1 >$events/enable
ctl dev0 'alloc order=0 nr=1' >/dev/null
ctl dev0 'dup offset=1' >/dev/null
ctl dev0 'dup offset=1' >/dev/null
ctl dev0 'put offset=1' >/dev/null
ctl dev0 'put offset=1' >/dev/null
ctl dev0 'free offset=1' >/dev/null
ctl dev0 'exclusive alloc' >/dev/null
at=$(ctl dev0 'alloc order=2 nr=1 fill=1')
ctl dev0 "dup offset=$at nr=4" >/dev/null
ctl dev0 "evict offset=$at nr=4" >/dev/null
ctl dev0 "swapin offset=$at order=2" >/dev/null
ctl dev0 "swapin offset=$at order=2" >/dev/null
ctl dev0 "evict offset=$at nr=4" >/dev/null
parent=$(group limit=10)
child=$(group parent="$parent")
ctl "groups/$child" 'populate lru=active_file order=2 nr=2' >/dev/null
ctl "groups/$child" 'populate lru=inactive_anon order=2 nr=1' >/dev/null 2>&1
ungroup "$child"
echo 0 >$events/enable

for event in dup put free overflow_enter overflow_leave; do
	check "swaptbl_$event" traced $event 'dev=0 offset=1'
done
check 'swaptbl_alloc' traced alloc 'dev=0 offset=1 order=0 exclusive=0'
check 'swaptbl_alloc of an exclusive slot' traced alloc 'exclusive=1'
for event in cache_add swapin_miss swapin_hit cache_del; do
	check "swaptbl_$event" traced $event "dev=0 offset=$at nr=4"
done
check 'swaptbl_evict, written' traced evict "dev=0 offset=$at nr=4 clean=0 zero=0"
check 'swaptbl_evict, clean' traced evict "dev=0 offset=$at nr=4 clean=1 zero=0"
check 'swaptbl_refault' traced refault "dev=0 offset=$at distance="
check 'swaptbl_charge_fail' traced charge_fail \
	"group=$child over=$parent pages=4 usage=8 limit=10"
is 'swaptbl_reparent, once a node, of all pages' "$(sed -n \
	"s/.*swaptbl_reparent: from=$child to=$parent node=[0-9]* pages=//p" $tracing/trace |
	awk '{ sum += $1 } END { print NR, sum }')" \
	"$(find /sys/devices/system/node/node* -maxdepth 0 | wc -l) 8"

known='alloc cache_add cache_del charge_fail dup evict free io_error lruvec_lock_retry'
known="$known overflow_enter overflow_leave put refault reparent swapin_hit swapin_miss"
known="$known swapin_wait"
others=$(cd $events && ls -d swaptbl_* | sed 's/swaptbl_//' | tr '\n' ' ')
is 'there are no other events' "$others" "$known "
echo >$tracing/trace
ctl dev0 'alloc order=0 nr=1' >/dev/null
is 'nothing fires when disabled' "$(grep -c swaptbl_ $tracing/trace)" 0
finish
