#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: check.sh
# Every lane in turn, going on after a failure. The details of each are in
# build/log; the last line counts all tests.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

passed=0 failed=0 skipped=0

# lane NAME COMMAND...: its last "result:" line is what counts.
lane()
{
	local name=$1 log result start=$SECONDS rc=0 good bad skip

	log=$LOGS/check-${1//[ =]/-}.log
	shift
	echo "== $name"
	run "$@" >"$log" </dev/null || rc=$?
	result=$(grep '^result: ' "$log" | tail -n 1) || result='result: 0 passed, 0 failed, 0 skipped'
	read -r _ good _ bad _ skip _ <<<"${result//,/}"
	[ $rc = 0 ] || [ "$bad" -gt 0 ] || bad=1
	if [ "$bad" -gt 0 ]; then
		grep -aE -A 3 '\[(FAILED|CRASHED|ERROR)\]|^ *not ok |(EXPECTATION|ASSERTION) FAILED' \
			"$log" | head -n 80 || true
	fi
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
	echo "   $good passed, $bad failed, $skip skipped in $((SECONDS - start)) s: ${log#"$ROOT/"}"
}

lane 'style' "$VM/style.sh"
lane 'litmus' "$VM/litmus.sh"
lane 'kunit 7 x86_64' "$VM/kunit.sh"
lane 'kunit 7 x86_64 DEBUG=1' "$VM/kunit.sh" --debug=1
# The suites of groups, lruvecs, charges and statistics with their stress, and of counts
# without a lock; the rest, swaptbl_stress_io above all, takes more time than there is.
lane 'kunit 7 x86_64 KCSAN=1' "$VM/kunit.sh" --kcsan=1 --filter='swaptbl_*[rla][rostu]*'
lane 'kunit 7 x86_64 lru_gen=1' "$VM/kunit.sh" --args=swaptbl_kunit.lru_gen=1 \
	--filter='swaptbl_*[rla][rostu]*'
lane 'selftests 7' "$VM/boot.sh" selftests
lane 'demo 7' "$VM/boot.sh" demo
lane 'kunit 6.12 x86_64' "$VM/kunit.sh" --kernel=6.12
lane 'selftests on Debian 6.12' "$VM/boot.sh" selftests --kernel=stock
lane 'kunit 7 i386' "$VM/kunit.sh" --arch=i386
lane 'kunit 7 um' "$VM/kunit.sh" --arch=um

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
