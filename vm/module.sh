#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: module.sh KERNEL-BUILD NAME ARCH [MAKE-ARGUMENT...]
# Builds the modules against that kernel, in a copy of the sources, so that
# several kernels and the user's own build do not disturb each other.
# Prints the directory of the .ko files.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

kernel_build=$1 name=$2 arch=$3
shift 3
copy=$ROOT/build/module/$name
log=$LOGS/module-$name.log

# Compared by content and without times: an older file from another branch
# must be built as well.
copy_sources()
{
	local part parts=(Kbuild)

	for part in swaptbl kunit native bench; do
		[ ! -d "$ROOT/$part" ] || parts+=("$part")
	done
	mkdir -p "$copy"
	(cd "$ROOT" && rsync -rlpc --delete --include='*/' --include='*.[chS]' \
		--include='Kbuild' --include='Makefile' --exclude='*' \
		"${parts[@]}" "$copy/")
}

# Objects of another kernel build are of no use to this one.
check_kernel()
{
	[ "$(cat "$copy/.kernel" 2>/dev/null)" != "$kernel_build" ] || return 0
	rm -rf "$copy"
	mkdir -p "$copy"
	echo "$kernel_build" >"$copy/.kernel"
}

lock "$copy"
check_kernel
copy_sources
if ! run timeout -k 10 1200 make -C "$kernel_build" ARCH="$arch" M="$copy" \
	-j"$JOBS" modules "$@" >"$log" 2>&1 </dev/null; then
	tail -n 50 "$log" >&2
	die "the modules do not build"
fi
echo "$copy"
