#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Shows the engine at work on a disk that mkswap formatted (/dev/vda, or $1).
# Ends with "demo: ok" only if every step did what it should.
. "$(dirname "$0")/lib.sh"

disk=${1:-/dev/vda}
out=/tmp/swaptbl-demo.$$

died()
{
	echo "demo: FAILED: $*"
	[ ! -e $ROOT/last_error ] || echo "last_error: $(last_error)"
	module_out
	rm -f "$out"
	exit 1
}

say()
{
	echo
	echo "# $*"
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

verify()
{
	show "cat $1/verify"
	grep -qx '0 errors' "$out" || died "verify of $1"
}

insert_and_create()
{
	say "Insert the module; make a device of the disk $disk."
	show "insmod $MODULE"
	show "echo 'bdev path=$disk' >$ROOT/create"
	show "cd $ROOT"
	cd $ROOT || died "cd $ROOT"
	show 'ls'
	show 'cat dev0/info'
	grep -q '^store bdev$' "$out" || died 'not a device of the disk'
}

allocate()
{
	say 'Bind real folios of orders 0, 2, 4 and 9 to slots.'
	say "(ctl DEVICE COMMAND writes the command to DEVICE/ctl and reads the answer.)"
	show "ctl dev0 'alloc order=0 nr=4'"
	small=$(first)
	show "ctl dev0 'alloc order=2 nr=2 group=7'"
	medium=$(first)
	show "ctl dev0 'alloc order=4 nr=1'"
	large=$(first)
	show "ctl dev0 'alloc order=9 nr=1'"
	huge=$(first)
	show "ctl dev0 'exclusive alloc'"
	exclusive=$(first)
}

count()
{
	say 'Take and drop counts: all slots of a folio, one of them, a range.'
	show "ctl dev0 'dup offset=$medium nr=4'"
	show "ctl dev0 'dup offset=$medium'"
	show "ctl dev0 'put offset=$medium nr=2'"
	show "ctl dev0 'dup offset=$huge nr=512' | tail -n 2"
	refuse "ctl dev0 'put offset=$small'" ENOENT
	refuse "ctl dev0 'free offset=$medium'" EBUSY
}

look()
{
	say 'Look into it.'
	show 'head -n 20 dev0/slots'
	show 'cat dev0/clusters'
	show "grep -v ' 0\$' dev0/lists"
	show 'cat dev0/stats'
	verify dev0
}

# With 2 count bits a word holds counts up to 1.
overflow()
{
	say 'A second device, in memory, whose words hold counts up to 1 only: overflow.'
	show "echo 'ram slots=4096 count_bits=2' >$ROOT/create"
	show "ctl dev1 'alloc order=0 nr=2'"
	swing=$(first)
	for count in 1 2 3 4 5; do
		show "ctl dev1 'dup offset=$swing'"
		[ "$(first)" = "$swing $count" ] || died "count is not $count"
	done
	show 'cat dev1/slots'
	grep -q "^$swing cached 5 .*overflow" "$out" || died 'no overflow'
	show 'cat dev1/clusters'
	for count in 4 3 2 1 0; do
		show "ctl dev1 'put offset=$swing'"
		[ "$(first)" = "$swing $count" ] || died "count is not $count"
	done
	show "grep overflow dev1/stats"
	verify dev1
}

give_back()
{
	say 'Drop the counts, free the slots, remove the devices and the module.'
	refuse 'echo dev0 >destroy' EBUSY
	show "ctl dev0 'exclusive free offset=$exclusive'"
	show "ctl dev0 'put offset=$medium'"
	show "ctl dev0 'put offset=$((medium + 2)) nr=2'"
	refuse "ctl dev0 'put offset=$medium nr=4'" ENOENT
	show "ctl dev0 'put offset=$huge nr=512' | tail -n 1"
	show "ctl dev0 'free offset=$huge'"
	show "ctl dev0 'free offset=$large'"
	show "ctl dev0 'free offset=$medium nr=8'"
	show "ctl dev0 'free offset=$small nr=4'"
	show 'grep -v bad dev0/slots'
	show 'grep used dev0/info'
	grep -qx 'used 0' "$out" || died 'slots are left'
	verify dev0
	show 'echo dev0 >destroy'
	show 'echo dev1 drop >destroy'
	show 'ls'
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
count
look
overflow
give_back
rm -f "$out"
echo
echo 'demo: ok'
