#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: packages.sh
# Installs the Debian packages that the lab needs and that are missing, after
# saying which. Where that is not possible it says what is missing.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

NEEDED='bc bison busybox-static cpio dpkg-dev flex gcc kmod libc6-dev libelf-dev
	libssl-dev make pahole perl python3 qemu-system-x86 rsync shellcheck
	sparse util-linux xz-utils zstd'

missing()
{
	local package

	for package in $NEEDED; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null |
			grep -qx installed || echo "$package"
	done
}

# Elsewhere than on Debian the programs count, not the packages.
missing_programs()
{
	local program

	for program in bc bison busybox cpio flex gcc make perl python3 \
		qemu-system-x86_64 rsync mkswap xz; do
		command -v "$program" >/dev/null || echo "$program"
	done
}

other_system()
{
	local list

	list=$(missing_programs | xargs)
	[ -n "$list" ] || return 0
	say "This is no Debian, so nothing is installed. Missing programs: $list."
	die "install them, and point KERNEL= at an own kernel source tree"
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

install_missing()
{
	say "installing Debian packages: $*"
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		die "neither root nor sudo: ask for these packages to be installed"
	fi
	# A password can only be asked for by the process group of the terminal.
	[ "$(id -u)" = 0 ] || sudo -v
	run as_root apt-get update >"$LOGS/packages.log" 2>&1 ||
		say "apt-get update had problems, see $LOGS/packages.log"
	run as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends "$@" >>"$LOGS/packages.log" 2>&1 </dev/null || {
		tail -n 20 "$LOGS/packages.log" >&2
		die "could not install: $*"
	}
}

if ! command -v apt-get >/dev/null; then
	other_system
	exit
fi
list=$(missing | xargs)
if [ -n "$list" ]; then
	# shellcheck disable=SC2086
	install_missing $list
fi
