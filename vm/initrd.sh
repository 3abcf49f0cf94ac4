#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: initrd.sh OUTPUT ARCH MODULES [SELFTESTS [DRIVERS]]
# Packs busybox, the guest scripts, the .ko files of the directory MODULES, the
# tests of SELFTESTS with the host's mkswap, and the drivers of DRIVERS.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

output=$1 arch=$2 modules=$3 selftests=${4:-} drivers=${5:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# copy_program FILE: with the libraries that it is linked to, same places.
copy_program()
{
	local file

	for file in "$1" $(ldd "$1" | grep -o '/[^ ]*'); do
		mkdir -p "$work$(dirname "$file")"
		cp -L "$file" "$work$file"
	done
}

busybox_of_guest()
{
	case $arch in
	i386) "$VM/busybox32.sh" ;;
	*) command -v busybox ;;
	esac
}

mkdir -p "$work"/{bin,sbin,usr/sbin,dev,proc,sys,tmp,lab/drivers,lib/swaptbl}
cp "$(busybox_of_guest)" "$work/bin/busybox"
cp "$VM/guest/init" "$work/init"
cp "$VM"/guest/*.sh "$work/lab/"
cp "$modules"/*.ko "$work/lib/swaptbl/"
if [ -n "$selftests" ]; then
	cp -r "$selftests" "$work/selftests"
	copy_program "$(command -v mkswap)"
fi
[ -z "$drivers" ] || cp "$drivers"/*.ko "$work/lab/drivers/"

(cd "$work" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >"$output.new"
mv "$output.new" "$output"
