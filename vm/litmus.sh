#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: litmus.sh [--kernel=K] [--filter=GLOB]
# Runs the litmus tests under the memory model in the kernel's source, and compares
# the result that each of them names with what herd7 finds.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/apt.sh"

parse_options "$@"
[ "$kernel" != stock ] || die "Debian's own kernel comes without its memory model"

place=$CACHE/herd
log=$LOGS/litmus.log
passed=0 failed=0

# The package needs the libc of its own release, which is newer than Debian 12's. So
# libc is unpacked beside it, and herd7 started by the loader that belongs to that. Of
# each the newest: it is at least what the package asks for.
fetch()
{
	local package version

	command -v apt-get >/dev/null || die "there is no herd7: install it, 7.58 or newer"
	apt_refresh
	rm -rf "$place"
	for package in herdtools7 libc6 libgmp10; do
		read -r _ version <<<"$(apt_newest "$package")"
		[ -n "$version" ] || die "the Debian archive offers no $package: install herd7"
		apt_unpack "$package=$version" "$place"
	done
	find "$place/usr/bin" -type f ! -name herd7 -delete
	run "${herd[@]}" -version >>"$LOGS/apt.log" 2>&1 || {
		tail -n 5 "$LOGS/apt.log" >&2
		die "the herd7 of the Debian archive does not run here"
	}
	touch "$place.complete"
}

find_herd()
{
	local libraries=$place/usr/lib/x86_64-linux-gnu

	herd=(herd7)
	! command -v herd7 >/dev/null || return 0
	herd=("$libraries/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$libraries"
		"$place/usr/bin/herd7" -set-libdir "$place/usr/share/herdtools7/herd")
	lock "$place"
	[ -f "$place.complete" ] || fetch
}

# The files of the model are looked for where herd7 stands.
simulate()
{
	cd "$source/tools/memory-model"
	exec timeout -k 10 120 "${herd[@]}" -conf linux-kernel.cfg "$1"
}

# found NAME: the observation, and flags, of which that of a data race has the name that
# the kernel's own tests use. Nothing if there was no execution: that proves anything.
found()
{
	awk -v name="$1" '
		$1 == "Flag" { flags = flags " " ($2 == "data-race" ? "DATARACE" : $2) }
		$1 == "Observation" && $2 == name && $4 + $5 > 0 { seen = $3 }
		END { print seen flags }' "$log"
}

judge()
{
	local file=$1 name=$2 expected was=''

	expected=$(sed -n 's/^ \* Result: //p' "$file")
	! run simulate "$file" >"$log" 2>&1 </dev/null || was=$(found "$name")
	if [ -n "$was" ] && [ "$was" = "$expected" ]; then
		passed=$((passed + 1))
		echo "ok $name"
		return
	fi
	failed=$((failed + 1))
	tail -n 30 "$log" >&2
	echo "not ok $name (expected ${expected:-nothing}, was ${was:-nothing})"
}

find_herd
ask resolved "$VM/fetch.sh" "$kernel"
read -r _ source <<<"$resolved"
for file in "$ROOT"/litmus/*.litmus; do
	name=$(basename "$file" .litmus)
	# shellcheck disable=SC2254
	case $name in
	${filter:-*}) judge "$file" "$name" ;;
	esac
done
[ $((passed + failed)) -gt 0 ] || say "FILTER=$filter matches none of the litmus tests"
echo "result: $passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
