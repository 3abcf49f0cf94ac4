#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each tracepoint fires, with the slot that it is about; but for those of waiting and
# of I/O errors, which need more than this: see parallel.sh and faults.sh.
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
at=$(ctl dev0 'alloc order=2 nr=1 fill=1')
ctl dev0 "dup offset=$at nr=4" >/dev/null
ctl dev0 "evict offset=$at nr=4" >/dev/null
ctl dev0 "swapin offset=$at order=2" >/dev/null
ctl dev0 "swapin offset=$at order=2" >/dev/null
ctl dev0 "evict offset=$at nr=4" >/dev/null
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

known='alloc cache_add cache_del dup evict free io_error overflow_enter overflow_leave'
known="$known put refault swapin_hit swapin_miss swapin_wait"
others=$(cd $events && ls -d swaptbl_* | sed 's/swaptbl_//' | tr '\n' ' ')
is 'there are no other events' "$others" "$known "
echo >$tracing/trace
ctl dev0 'alloc order=0 nr=1' >/dev/null
is 'nothing fires when disabled' "$(grep -c swaptbl_ $tracing/trace)" 0
finish
