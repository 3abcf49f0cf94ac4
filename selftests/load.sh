#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module comes and goes: empty, with files open, with devices in use.
. "$(dirname "$0")/lib.sh"

start
module_in

no_trace_left()
{
	! module_is_in && [ ! -e $ROOT ]
}

check 'rmmod' rmmod swaptbl
check 'rmmod leaves nothing' no_trace_left
check 'insmod again' insmod $MODULE
is 'a new module has no devices' "$(devices)" ''
is 'a new module has no last error' "$(last_error)" none

twice()
{
	! insmod $MODULE 2>/dev/null
}
check 'a second insmod is refused' twice

create 'ram slots=1000'
refused_while_open()
{
	! rmmod swaptbl 2>/dev/null 3<"$1" && module_is_in
}
for file in create destroy groups/destroy; do
	open_for_write()
	{
		! rmmod swaptbl 2>/dev/null 3>"$ROOT/$file" && module_is_in
	}
	check "rmmod while $file is open is refused" open_for_write
done
for file in last_error dev0/info dev0/slots dev0/clusters dev0/lists \
	dev0/stats dev0/cache dev0/io dev0/workingset dev0/verify dev0/ctl \
	dev0/data dev0/readahead groups/create groups/tree groups/verify groups/1/ctl \
	groups/1/limit groups/1/lruvecs groups/1/stats; do
	check "rmmod while $file is open is refused" \
		refused_while_open "$ROOT/$file"
done

fill()
{
	create 'ram slots=100000 count_bits=2' &&
		ctl "$device" 'alloc order=0 nr=700' &&
		ctl "$device" 'alloc order=9 nr=2' &&
		ctl "$device" 'dup offset=1 nr=500' &&
		ctl "$device" 'dup offset=1 nr=500' &&
		ctl "$device" 'exclusive alloc nr=5'
}
check 'fill a device' fill
check 'fill another' fill
check 'rmmod with devices, used, overflowed and exclusive slots' rmmod swaptbl
check 'rmmod leaves nothing then' no_trace_left
check 'insmod after that' insmod $MODULE
check 'fill a device after that' fill
check 'verify' verified "$device"
finish
