#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: stock.sh
# Makes sure that Debian's own 6.12 kernel is there: image, headers and drivers,
# unpacked and not installed. Prints their directory, which holds vmlinuz, build/
# and drivers/.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/apt.sh"

stock=$CACHE/stock

# What the kernels built here have built in: the disks of QEMU, and those that the
# tests make in the guest's memory.
DRIVERS='virtio_pci virtio_blk loop zram brd'

# The programs in linux-kbuild need the libc of the release they were built
# for: prefer the flavour of this machine's release.
newest_image()
{
	local release found=''

	release=$(. /etc/os-release && echo "${VERSION_ID:-}")
	[ -z "$release" ] ||
		found=$(apt_newest "linux-image-6[.]12[.][0-9]+[+]deb$release([.][0-9]+)?-amd64")
	[ -n "$found" ] || found=$(apt_newest 'linux-image-6[.]12[.][0-9.]+[+]deb[0-9.]+-amd64')
	[ -n "$found" ] || die "the Debian archive offers no 6.12 kernel image"
	echo "$found"
}

# The headers name each other by the places where they would be installed.
relocate()
{
	local headers=$1/usr/src/linux-headers-$2

	find "$headers" "${headers%-amd64}-common" -maxdepth 1 -name 'Makefile*' \
		-exec sed -i "s|/usr/src/|$1/usr/src/|g" {} +
	ln -s "usr/src/linux-headers-$2" "$1/build"
	cp "$1/boot/vmlinuz-$2" "$1/vmlinuz"
}

# In the order in which they have to be inserted.
drivers()
{
	local module number=10

	mkdir "$1/drivers"
	depmod -b "$1" "$2"
	for module in $DRIVERS; do
		modprobe -d "$1" -S "$2" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
		number=$((number + 1))
		unpack_driver "$module" "$1/drivers/$number-$(basename "${module%%.ko*}").ko"
	done
}

unpack_driver()
{
	case $1 in
	*.xz) xz -dc "$1" >"$2" ;;
	*.zst) zstd -dcq "$1" >"$2" ;;
	*) cp "$1" "$2" ;;
	esac
}

fetch()
{
	local image version release

	apt_refresh
	read -r image version <<<"$(newest_image)"
	release=${image#linux-image-}
	rm -rf "$stock"
	apt_unpack "$image=$version" "$stock"
	apt_unpack "linux-headers-$release" "$stock"
	apt_unpack "linux-headers-${release%-amd64}-common" "$stock"
	apt_unpack "linux-kbuild-${release%-amd64}" "$stock"
	[ -d "$stock/lib" ] || ln -s usr/lib "$stock/lib"
	relocate "$stock" "$release"
	drivers "$stock" "$release"
	find "$stock/lib/modules" -name '*.ko*' -delete
	echo "$DRIVERS" >"$stock.complete"
}

lock "$stock"
if [ "$(cat "$stock.complete" 2>/dev/null)" != "$DRIVERS" ]; then
	fetch
fi
echo "$stock"
