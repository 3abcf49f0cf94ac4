#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each tracepoint fires, with the slot that it is about.
. "$(dirname "$0")/lib.sh"

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
echo 0 >$events/enable

for event in dup put free overflow_enter overflow_leave; do
	check "swaptbl_$event" traced $event 'dev=0 offset=1'
done
check 'swaptbl_alloc' traced alloc 'dev=0 offset=1 order=0 exclusive=0'
check 'swaptbl_alloc of an exclusive slot' traced alloc 'exclusive=1'

known='alloc dup free overflow_enter overflow_leave put'
others=$(cd $events && ls -d swaptbl_* | sed 's/swaptbl_//' | tr '\n' ' ')
is 'there are no other events' "$others" "$known "
echo >$tracing/trace
ctl dev0 'alloc order=0 nr=1' >/dev/null
is 'nothing fires when disabled' "$(grep -c swaptbl_ $tracing/trace)" 0
finish
