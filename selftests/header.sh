#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Swap headers made by the real mkswap, as they are and with bytes patched; on
# /dev/vdb, or $1. Its first page size is taken to be 4096.
. "$(dirname "$0")/lib.sh"

disk=${1:-/dev/vdb}
other=/dev/vda

# Bytes of the header, see union swap_header; and lib.sh.
VERSION=1024
LAST_PAGE=1028
MAGIC=4086

start
needs_disk "$disk"
needs_mkswap
module_in

wipe()
{
	dd if=/dev/zero of="$disk" bs=64k count=1 conv=notrunc 2>/dev/null
}

format()
{
	wipe
	format_said=$($mkswap "$@" "$disk" 2>&1) || fail "mkswap $*" "$format_said"
}

# What mkswap made of the disk without options: kept, as each run of it waits
# for the disk.
plain=/tmp/swaptbl-header

restore()
{
	dd if=$plain of="$disk" bs=64k conv=notrunc 2>/dev/null
}

patch()
{
	patch_disk "$disk" "$1"
}

patch32()
{
	patch32_at=$1
	shift
	le32 "$@" | patch "$patch32_at"
}

sum()
{
	head -c 1048576 "$disk" | md5sum
}

# rejects NAME ERRNO TEXT: as the header is now; it stays so.
rejects()
{
	rejects_sum=$(sum)
	refused "$1" create "bdev path=$disk" "$2" "$3"
	is "$1: no device" "$(devices)" ''
	is "$1: nothing written" "$(sum)" "$rejects_sum"
}

accepts()
{
	accepts_sum=$(sum)
	check "$1" put create "bdev path=$disk"
}

gone()
{
	check "$1: verify" verified dev0
	check "$1: destroy" put destroy 'dev0 drop'
	is "$1: nothing written" "$(sum)" "$accepts_sum"
}

pages=$(($(cat "/sys/class/block/${disk#/dev/}/size") * 512 / 4096))

# As mkswap makes it
uuid=01234567-89ab-cdef-0123-456789abcdef
format -L 'a label' -U $uuid
accepts 'label and UUID'
is 'label' "$(value dev0 info label)" 'a label'
is 'uuid' "$(value dev0 info uuid)" $uuid
is 'path' "$(value dev0 info path)" "$disk"
is 'slots' "$(value dev0 info slots)" "$pages"
is 'bad slots' "$(value dev0 info bad)" 1
refused 'a disk in use' create "bdev path=$disk" EBUSY ''
check 'swapon is refused meanwhile' sh -c "! swapon $disk 2>/dev/null"
check 'use it' ctl dev0 'alloc order=0 nr=5000'
gone 'label and UUID'
format
head -c 65536 "$disk" >$plain
accepts 'no label'
is 'no label' "$(value dev0 info label)" -
gone 'no label'
restore
patch32 $LAST_PAGE 100
accepts 'smaller than the disk'
is 'as many slots as the header says' "$(value dev0 info slots)" 101
is 'no more than these' "$(ctl dev0 'exclusive alloc nr=200' | tail -n 2 | tr '\n' ' ')" \
	'100 stopped -ENOSPC '
check 'all of these' ctl dev0 'exclusive free offset=1 nr=100'
gone 'smaller than the disk'

# Bad pages
restore
bad_pages "$disk" 700 5 $((pages - 1)) 1
accepts 'bad pages'
is 'bad slots and the header' "$(value dev0 info bad)" 5
is 'bad slots are listed' \
	"$(sed -n 's/^\([0-9]*\) bad .*/\1/p' $ROOT/dev0/slots | tr '\n' ' ')" \
	"0 1 5 700 $((pages - 1)) "
is 'bad slots are not given out' "$(ctl dev0 'alloc order=0 nr=5' | tr '\n' ' ')" \
	'2 3 4 6 7 '
gone 'bad pages'
restore
# shellcheck disable=SC2046
bad_pages "$disk" $(seq 1 637)
accepts 'as many bad pages as a header can list'
is 'all of them are bad' "$(value dev0 info bad)" 638
gone 'as many bad pages as a header can list'
patch32 $NR_BAD 638
rejects 'more bad pages than a header can list' EUCLEAN 'more bad pages'
restore
bad_pages "$disk" 5 6 5
rejects 'a bad page listed twice' ENOTUNIQ twice
restore
bad_pages "$disk" 5 0
rejects 'bad page 0' ERANGE 'page 0'
restore
bad_pages "$disk" 5 "$pages"
rejects 'a bad page beyond the last' ERANGE beyond
restore
patch32 $LAST_PAGE 3
bad_pages "$disk" 1 2 3
rejects 'every page bad' EUCLEAN 'every page'

# Damage
restore
patch32 $LAST_PAGE "$pages"
rejects 'truncated' EFBIG truncated
restore
patch32 $LAST_PAGE 0
rejects 'no page to use' EUCLEAN damaged
restore
patch32 $VERSION 16777216
rejects 'other byte order' EILSEQ 'byte order'
restore
patch32 $VERSION 2
rejects 'unknown version' EPROTONOSUPPORT version
restore
printf 'SWAP-SPACE' | patch $MAGIC
rejects 'old format' EPROTONOSUPPORT 'old format'
restore
printf 'S1SUSPEND' | patch $MAGIC
rejects 'hibernation image' EMEDIUMTYPE hibernation
restore
printf 'X' | patch $MAGIC
rejects 'damaged signature' EMEDIUMTYPE signature
for size in 8192 65536; do
	format -p $size
	rejects "page size $size" EDOM 'page size'
done
restore
wipe
rejects 'foreign' EMEDIUMTYPE 'no swap signature'

# Not a disk
refused 'character device' create 'bdev path=/dev/null' ENOTBLK 'not a block'
refused 'directory' create 'bdev path=/dev' ENOTBLK 'not a block'
refused 'no such file' create 'bdev path=/dev/none' ENOENT 'no such file'

# In use by others
if [ -b $other ] && swapon $other 2>/dev/null; then
	refused 'swapped on' create "bdev path=$other" EBUSY 'in use'
	swapoff $other
	check 'swapped off' put create "bdev path=$other"
	check 'swapped off: destroy' put destroy dev0
else
	skip 'swapped on' "cannot swap on $other"
fi
wipe
rm -f $plain
finish
