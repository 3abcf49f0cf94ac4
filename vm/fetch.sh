#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: fetch.sh 7|6.12|DIR
# Makes sure that the kernel source is there; prints "VERSION DIRECTORY".
# REFRESH=1 looks for a newer version than the remembered one.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/apt.sh"

# An own tree is used as it is. kbuild builds out of a clean tree only.
own_tree()
{
	local dir

	dir=$(cd "$1" && pwd)
	[ ! -e "$dir/.config" ] && [ ! -d "$dir/include/config" ] ||
		die "$dir is not clean: run make mrproper there"
	[ -f "$dir/tools/testing/kunit/kunit.py" ] || die "$dir has no kunit.py"
	echo "$(make -s -C "$dir" kernelversion) $dir"
}

pattern_of()
{
	case $1 in
	7) echo 'linux-source-7[.][0-9]+' ;;
	*) echo "linux-source-${1//./[.]}" ;;
	esac
}

unpack()
{
	local package=$1 version=$2 work

	work=$(mktemp -d "$CACHE/unpack.XXXXXX")
	apt_unpack "$package=$version" "$work"
	say "unpacking $package $version, about half a minute"
	run tar -C "$work" -xf "$work/usr/src/$package.tar.xz"
	rm -rf "$CACHE/src/$package"
	mkdir -p "$CACHE/src"
	mv "$work/$package" "$CACHE/src/$package"
	rm -rf "$work"
}

resolve()
{
	local package version

	apt_refresh
	read -r package version <<<"$(apt_newest "$(pattern_of "$1")")"
	if [ -z "$package" ]; then
		tail -n 20 "$LOGS/apt.log" >&2
		die "the Debian archive offers no source of Linux $1, or none with a good signature"
	fi
	if [ "$(cat "$CACHE/src/$package.version" 2>/dev/null)" != "$version" ]; then
		rm -f "$CACHE/src/$package.version"
		unpack "$package" "$version"
		echo "$version" >"$CACHE/src/$package.version"
	fi
	# Written last: its presence means that all before it is complete.
	echo "$version $CACHE/src/$package" >"$CACHE/src/$1.new"
	mv "$CACHE/src/$1.new" "$CACHE/src/$1.resolved"
}

case $1 in
7 | 6.12)
	lock "$CACHE/source"
	mkdir -p "$CACHE/src"
	if [ -n "${REFRESH:-}" ] || [ ! -f "$CACHE/src/$1.resolved" ]; then
		resolve "$1"
	fi
	cat "$CACHE/src/$1.resolved"
	;;
*) own_tree "$1" ;;
esac
