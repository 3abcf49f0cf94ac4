#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A device of 2^28 slots, 1 TiB of 4K pages: made, used a little, listed.
. "$(dirname "$0")/lib.sh"

start
module_in

now_ms()
{
	sed 's/\([0-9]*\)\.\([0-9][0-9]\).*/\1\20/' /proc/uptime
}

timed()
{
	timed_from=$(now_ms)
	"$@" || return
	echo "# $* took $(($(now_ms) - timed_from)) ms"
}

list()
{
	wc -l <"$ROOT/$1" >/tmp/lines
}

slots=268435456
refused 'more slots than there can be' create 'ram slots=99999999999' ERANGE \
	'slots is not within'
if ! put create "ram slots=$slots"; then
	case $(last_error) in
	*ERANGE*) skip 'create' 'this architecture has smaller devices' ;;
	*) fail 'create' "$(last_error)" ;;
	esac
	finish
fi
pass 'create'
is 'slots' "$(value dev0 info slots)" $slots

per_slot=$(value dev0 info bytes_idle_per_slot)
echo "# idle metadata: $per_slot bytes per slot"
check 'idle metadata takes at most 0.02 bytes per slot' \
	awk "BEGIN { exit !($per_slot <= 0.02) }"

ctl dev0 'alloc order=0 nr=3' >/dev/null
ctl dev0 'alloc order=4 nr=1' >/dev/null
for file in slots clusters lists info verify; do
	if timed list dev0/$file; then
		pass "read $file"
	else
		fail "read $file"
	fi
done
is 'used slots' "$(grep -c cached $ROOT/dev0/slots)" 19
is 'clusters in existence' "$(value dev0 info clusters)" 2
check 'verify' verified dev0

timed put destroy 'dev0 drop'
is 'destroy' "$(devices)" ''
finish
