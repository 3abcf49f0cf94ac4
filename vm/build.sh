#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: build.sh [--kernel=K] [--arch=A] [--debug=1 | --kcsan=1]
# Makes sure that the kernel is built; prints its build directory.
# The key of a build: version of the source, configuration, compiler.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

parse_options "$@"

fragments()
{
	echo "$VM/config/base.config"
	case $arch in
	um) ;;
	*) echo "$VM/config/x86.config" ;;
	esac
	echo "$VM/config/$arch.config"
	[ ! -f "$VM/config/$arch-$kernel.config" ] || echo "$VM/config/$arch-$kernel.config"
	if [ -n "$flavour" ]; then
		echo "$VM/config/${flavour#-}.config"
	elif [ -f "$VM/config/$arch-$kernel-plain.config" ]; then
		echo "$VM/config/$arch-$kernel-plain.config"
	fi
}

fingerprint()
{
	{
		fragments | xargs cat
		gcc -dumpmachine -v 2>&1
		ld --version | head -n 1
		# Two own trees of one version are two kernels.
		echo "$source"
	} | sha256sum | cut -c -10
}

# Own trees change under their build; make finds out what that means.
is_current()
{
	[ -f "$1.complete" ] && case $kernel in 7 | 6.12) ;; *) return 1 ;; esac
}

# Builds of the same kind with another key will not be asked for again. A version starts
# with a digit: what has a flavour there is of another kind.
drop_stale()
{
	local old

	for old in "$CACHE/kernel/$kind-"[0-9]*.complete; do
		[ -f "$old" ] || continue
		[ "$old" != "$build.complete" ] || continue
		say "dropping the superseded build ${old%.complete}"
		rm -rf "$old" "${old%.complete}"
	done
}

build()
{
	local config file log=$LOGS/build-$name.log

	config=()
	for file in $(fragments); do
		config+=("--kunitconfig=$file")
	done
	mkdir -p "$build"
	say "building Linux $version for $arch${debug:+ with DEBUG=1}${kcsan:+ with KCSAN=1}: some $minutes minutes, log in $log"
	run_shown "$log" "$name" "find '$build' -name '*.o' | wc -l | sed 's/\$/ objects/'" -- \
		timeout -k 10 3600 "$source/tools/testing/kunit/kunit.py" build \
		--arch="$arch" --build_dir="$build" --jobs="$JOBS" "${config[@]}" || {
		tail -n 50 "$log" >&2
		die "the kernel does not build"
	}
	touch "$build.complete"
}

ask resolved "$VM/fetch.sh" "$kernel"
read -r version source <<<"$resolved"
name=${version%%-*}-$arch$flavour
kind=$(basename "$kernel")-$arch$flavour
build=$CACHE/kernel/$kind-${version%%-*}-$(fingerprint)
minutes=4
[ "$arch" != um ] || minutes=2
[ -z "$flavour" ] || minutes=8

lock "$CACHE/build-$kind"
if ! is_current "$build"; then
	build
	drop_stale
fi
echo "$build"
