#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: busybox32.sh
# Prints the path of a busybox for the i386 guest, fetched once and not installed.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/apt.sh"

busybox=$CACHE/busybox32
lock "$busybox"
if [ ! -f "$busybox" ]; then
	work=$(mktemp -d "$CACHE/unpack.XXXXXX")
	apt_refresh
	apt_unpack busybox-static:i386 "$work"
	mv "$work/bin/busybox" "$busybox.new" 2>/dev/null ||
		mv "$work/usr/bin/busybox" "$busybox.new"
	mv "$busybox.new" "$busybox"
	rm -rf "$work"
fi
echo "$busybox"
