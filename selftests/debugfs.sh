#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each control file with good and bad input, each view with known contents.
. "$(dirname "$0")/lib.sh"

start
module_in

bad_create()
{
	before=$(devices)
	refused "create: $1" create "$1" "$2" "$3"
	[ "$(devices)" = "$before" ] || fail "create: $1 made a device"
}

bad_destroy()
{
	refused "destroy: $1" destroy "$1" "$2" "$3"
}

bad_ctl()
{
	refused "ctl: $1" dev0/ctl "$1" "$2" "$3"
}

# answers COMMAND EXPECTED: the words of the answer, newlines as spaces.
answers()
{
	is "ctl: $1" "$(ctl dev0 "$1" | tr '\n' ' ')" "$2"
}

is 'modes of the root' "$(modes create destroy last_error)" \
	'create 200 destroy 200 last_error 400 '
is 'nothing else but groups' "$(ls $ROOT | tr '\n' ' ')" \
	'create destroy groups last_error '
is 'no error yet' "$(last_error)" none

# create
bad_create '' EINVAL 'empty line'
bad_create '   ' EINVAL 'empty line'
bad_create 'disk slots=10' EINVAL 'unknown store: disk'
bad_create 'ram' EINVAL 'slots is missing'
bad_create 'ram slots' EINVAL 'slots without a value'
bad_create 'ram slots=' EINVAL 'slots without a value'
bad_create 'ram slots=ten' EINVAL 'slots is not a number: ten'
bad_create 'ram slots=10x' EINVAL 'slots is not a number: 10x'
bad_create 'ram slots=10 slots=10' EINVAL 'slots given twice'
bad_create 'ram slots=1' ERANGE 'slots is not within 2 to'
bad_create 'ram slots=-5' ERANGE 'slots is not within 2 to'
bad_create 'ram slots=99999999999999999999999' ERANGE 'slots is not within'
bad_create 'ram slots=10 count_bits=1' ERANGE 'count_bits is not within 2 to'
bad_create 'ram slots=10 count_bits=64' ERANGE 'count_bits is not within 2 to'
bad_create 'ram slots=10 prio=40000' ERANGE 'prio is not within'
bad_create 'ram slots=10 colour=red' EINVAL 'unknown word: colour'
bad_create 'ram slots=10 junk' EINVAL 'unknown word: junk'
bad_create 'ram path=/dev/vda' EINVAL 'unknown word: path'
bad_create 'bdev' EINVAL 'path is missing'
bad_create 'bdev path=' EINVAL 'path without a value'
bad_create 'bdev path=/dev/vda slots=10' EINVAL 'unknown word: slots'
bad_create 'bdev path=/nowhere/at/all' ENOENT ''
bad_create "ram slots=10
ram slots=10" EINVAL 'more than one line'

check 'create without a newline' sh -c "printf 'ram slots=2' >$ROOT/create"
is 'the first device is dev0' "$(devices)" dev0
is 'views of a device' "$(cd $ROOT/dev0 && find * -perm 400 | tr '\n' ' ')" \
	'cache clusters info io lists slots stats verify workingset '
is 'knobs of a device' "$(cd $ROOT/dev0 && find * -perm 600 | tr '\n' ' ')" \
	'cache_max ctl data data_order readahead shadow_budget '
is 'nothing else' "$(ls $ROOT/dev0 | wc -l)" 15
check 'destroy' put destroy dev0
check 'spaces around words' put create '  ram   slots=1000  count_bits=3 prio=-7 '
is 'slots' "$(value dev0 info slots)" 1000
is 'free slots' "$(value dev0 info free)" 999
is 'count_bits' "$(value dev0 info count_bits)" 3
is 'prio' "$(value dev0 info prio)" -7
is 'store' "$(value dev0 info store)" ram
is 'state' "$(value dev0 info state)" live
is 'no path' "$(value dev0 info path)" -

# destroy
bad_destroy '' EINVAL 'empty line'
bad_destroy dev EINVAL 'not a device name: dev'
bad_destroy 0 EINVAL 'not a device name: 0'
bad_destroy dev-1 EINVAL 'not a device name'
bad_destroy dev+0 EINVAL 'not a device name'
bad_destroy dev00 EINVAL 'not a device name'
bad_destroy dev0x EINVAL 'not a device name'
bad_destroy dev1 ENODEV 'no such device'
bad_destroy dev99999999999 ENODEV 'no such device'
bad_destroy 'dev0 all' EINVAL 'unknown word: all'
bad_destroy 'dev0 drop now' EINVAL 'unknown word: now'

# ctl: what is wrong with the line
bad_ctl '' EINVAL 'empty line'
bad_ctl 'eat offset=1' EINVAL 'unknown command: eat'
bad_ctl 'exclusive' EINVAL 'unknown command: exclusive'
bad_ctl 'exclusive eat' EINVAL 'unknown command: exclusive eat'
bad_ctl 'alloc nr=1' EINVAL 'order is missing'
bad_ctl 'alloc order=0' EINVAL 'nr is missing'
bad_ctl 'alloc order=0 nr=0' ERANGE 'nr is not within 1 to'
bad_ctl 'alloc order=0 nr=65537' ERANGE 'nr is not within 1 to'
bad_ctl 'alloc order=99 nr=1' ERANGE 'order is not within 0 to'
bad_ctl 'alloc order=-1 nr=1' ERANGE 'order is not within 0 to'
bad_ctl 'alloc order=0 nr=1 group=-1' ERANGE 'group is not within 0 to'
bad_ctl 'alloc order=0 nr=1 group=65536' ERANGE 'group is not within 0 to'
bad_ctl 'alloc order=0 nr=1 group=2' ESRCH 'no such group: 2'
bad_ctl 'alloc order=0 nr=1 offset=1' EINVAL 'unknown word: offset'
bad_ctl 'alloc order=0 nr=1 order=0' EINVAL 'order given twice'
bad_ctl 'dup' EINVAL 'offset is missing'
bad_ctl 'dup offset=1 order=0' EINVAL 'unknown word: order'
bad_ctl 'dup offset=1000' ERANGE 'offset is not within 0 to 999'
bad_ctl 'dup offset=990 nr=11' ERANGE 'only 10 slots'
bad_ctl 'exclusive free' EINVAL 'offset is missing'

# ctl: what is wrong with the slot
for command in dup put; do
	bad_ctl "$command offset=0" EINVAL 'kind'
	bad_ctl "$command offset=7" ENOENT 'without a reference'
	bad_ctl "$command offset=999" ENOENT 'without a reference'
done
bad_ctl 'free offset=0' EINVAL 'bad or exclusive'
bad_ctl 'free offset=7' ENOENT 'no folio'
bad_ctl 'exclusive free offset=0' EINVAL 'slot 0 is not exclusive'
is 'refused commands use nothing' "$(value dev0 info used)" 0
check 'verify after refusals' verified dev0

# ctl: what works
check 'make a group' put groups/create group
answers 'alloc order=0 nr=3 group=2' '1 2 3 '
answers 'count offset=1 nr=3' '1 0 2 0 3 0 '
bad_ctl 'put offset=1' ENOENT 'without a reference'
answers 'dup offset=1 nr=2' '1 1 2 1 '
bad_ctl 'dup offset=2 nr=3' ENOENT 'without a reference'
answers 'count offset=1 nr=3' '1 1 2 1 3 0 '
bad_ctl 'free offset=1' EBUSY 'has counts'
answers 'free offset=3' 'freed 1 '
bad_ctl 'free offset=3' ENOENT 'no folio'
for count in 2 3 4 5 6 7; do
	answers 'dup offset=1' "1 $count "
done
case $(slot dev0 1) in
'1 cached 7 0 2 pfn:'*' overflow') pass 'an overflowed slot' ;;
*) fail 'an overflowed slot' "$(slot dev0 1)" ;;
esac
is 'clusters' "$(sed 1d $ROOT/dev0/clusters | head -n 1)" \
	'0 nonfull 0 3 1 0 1 32 yes'
check 'verify with overflow' verified dev0
bad_destroy dev0 EBUSY 'slots are used'
check 'a refused destroy changes nothing' verified dev0
for count in 6 5 4 3 2 1 0; do
	answers 'put offset=1' "1 $count "
done
answers 'put offset=2' '2 0 '
answers 'free offset=1 nr=2' 'freed 2 '
answers 'alloc order=2 nr=2' "$(ctl dev0 'alloc order=2 nr=1' |
	{ read -r at && echo $((at + 4)) $((at + 8)); }) "
check 'verify with large folios' verified dev0
is 'used' "$(value dev0 info used)" 12
is 'cached only' "$(value dev0 stats cached_only)" 12
is 'stats are names and numbers' \
	"$(grep -vc '^[a-z_0-9]* -*[0-9]*$' $ROOT/dev0/stats)" 0
is 'stats: slots allocated' "$(value dev0 stats alloc)" 15
is 'stats: slots freed' "$(value dev0 stats free)" 3
is 'stats: dups' "$(value dev0 stats dup)" 8
is 'stats: puts' "$(value dev0 stats put)" 8
is 'lists hold each cluster once' \
	"$(awk '!/#/ { sum += $3 } END { print sum }' $ROOT/dev0/lists)" \
	"$(grep -vc '#' $ROOT/dev0/clusters)"
bad_ctl 'alloc order=9 nr=1' E2BIG 'no free run of that order'

# every order
check 'a larger device' put create 'ram slots=100000'
all_orders()
{
	for order in 0 1 2 3 4 5 6 7 8 9; do
		for offset in $(ctl dev1 "alloc order=$order nr=3"); do
			[ $((offset % (1 << order))) = 0 ] || return
			ctl dev1 "dup offset=$offset nr=$((1 << order))" >/dev/null
		done
	done
	[ "$(value dev1 info used)" = $((3 * 1023)) ]
}
check 'folios of all orders, aligned' all_orders
check 'verify with all orders' verified dev1
check 'drop them all' put destroy 'dev1 drop'

# exclusive slots
exclusive=$(ctl dev0 'exclusive alloc')
is 'an exclusive slot' "$(slot dev0 "$exclusive")" "$exclusive exclusive - - - - -"
bad_ctl "dup offset=$exclusive" EINVAL kind
bad_ctl "put offset=$exclusive" EINVAL kind
bad_ctl "free offset=$exclusive" EINVAL 'bad or exclusive'
refused 'destroy: exclusive slots pin the device' destroy 'dev0 drop' EBUSY \
	'exclusive slots are used'
answers "exclusive free offset=$exclusive" 'freed 1 '
refused 'ctl: exclusive free of a free slot' dev0/ctl \
	"exclusive free offset=$exclusive" ENOENT 'is free'

# a full device: what is cached only makes way, what has a count does not
check 'destroy drop' put destroy 'dev0 drop'
check 'a small device' put create 'ram slots=5'
is 'more folios than slots' "$(ctl dev0 'alloc order=0 nr=9' | wc -l)" 9
check 'some made way' [ "$(value dev0 cache reclaim)" -ge 5 ]
check 'destroy it' put destroy dev0
check 'another small device' put create 'ram slots=5'
answers 'alloc order=0 nr=4' '1 2 3 4 '
answers 'dup offset=1 nr=4' '1 1 2 1 3 1 4 1 '
bad_ctl 'alloc order=0 nr=1' ENOSPC 'no free slot'
bad_ctl 'exclusive alloc' ENOSPC 'no free slot'
answers 'put offset=1 nr=4' '1 0 2 0 3 0 4 0 '
answers 'free offset=1 nr=4' 'freed 4 '

# half done is done
answers 'exclusive alloc nr=9' '1 2 3 4 stopped -ENOSPC '
answers 'exclusive free offset=2 nr=2' 'freed 2 '
answers 'exclusive free offset=1 nr=2' 'freed 1 stopped -ENOENT '
answers 'exclusive free offset=4' 'freed 1 '
is 'nothing is left' "$(value dev0 info used)" 0
check 'verify at the end' verified dev0
check 'destroy of an empty device' put destroy dev0
is 'no devices are left' "$(devices)" ''
finish
