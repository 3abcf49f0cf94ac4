#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: verdict.sh (--kunit=OUTPUT | --tap=OUTPUT | --demo) CONSOLE-LOG STATUS-FILE
# The one judge of all guests. A run passes only if it printed its token, saw
# at least one pass and no failure, QEMU (or UML) ended by itself and the
# kernel reported nothing; races of the kernel's own, which KCSAN finds, are counted only.
# Prints "result: N passed, N failed, N skipped".
set -u
. "$(dirname "$0")/lib.sh"

counts=$1 console=$2 status_file=$3
passed=0 failed=0 skipped=0
reasons=()

TOKEN='swaptbl-lab: success'

# What a kernel prints when something is wrong with it.
REPORTS='\bWARNING: |\bBUG: |\bBUG\b.* at |\bOops\b|Kernel panic|KASAN: |KFENCE: |UBSAN: |'
REPORTS+='INFO: possible |INFO: rcu|INFO: task |INFO: trying to register|'
REPORTS+='possible recursive locking|inconsistent lock state|suspicious RCU|'
REPORTS+='sleeping function called|scheduling while atomic|held lock freed|'
REPORTS+='lock held when returning|DEBUG_LOCKS_WARN|bad unlock balance|'
REPORTS+='unreferenced object|list_(add|del) corruption|refcount_t: |'
REPORTS+='Bad page |general protection fault|unable to handle|soft lockup|'
REPORTS+='detected stall|self-detected|swaptbl-lab: failed'

RACE='BUG: KCSAN: '

# The log, less the races that are not ours.
relevant_log()
{
	if grep -aq "$RACE" "$console" 2>/dev/null; then
		awk -f "$VM/kcsan.awk" "$console" || echo 'BUG: kcsan.awk failed'
	else
		cat "$console" 2>/dev/null
	fi
}

count_races()
{
	local all ours

	grep -aqi 'kcsan: ' "$console" 2>/dev/null || return 0
	all=$(grep -ac "$RACE" "$console")
	ours=$(relevant_log | grep -ac "$RACE")
	echo "KCSAN: $all reports, $ours about swaptbl"
	relevant_log | sed -n "s/.*$RACE/   /p" | sort | uniq -c >&2
}

# kunit.py: "Ran 12 tests: passed: 10, failed: 1, crashed: 1, skipped: 1".
count_kunit()
{
	local line

	line=$(grep -a 'Testing complete. Ran' "$1" | tail -n 1)
	number()
	{
		grep -o "$1: [0-9]*" <<<"$line" | grep -o '[0-9]*$' || echo 0
	}
	passed=$(number passed)
	skipped=$(number skipped)
	failed=$(($(number failed) + $(number crashed)))
	# A crashed case is an error of the parser as well.
	[ "$failed" -gt 0 ] || failed=$(number errors)
}

count_tap()
{
	read -r passed failed skipped <<<"$(awk -f "$VM/tap.awk" "$1")"
}

count_demo()
{
	! grep -aq "$TOKEN" "$console" || passed=1
}

count()
{
	case $counts in
	--kunit=*) count_kunit "${counts#*=}" ;;
	--tap=*) count_tap "${counts#*=}" ;;
	--demo) count_demo ;;
	*) die "unknown option $counts" ;;
	esac
}

judge()
{
	local status report

	status=$(cat "$status_file" 2>/dev/null || echo none)
	report=$(relevant_log | grep -aE -m 1 "$REPORTS")
	[ -z "$report" ] || reasons+=("the kernel reported: $report")
	case $status in
	0) ;;
	124 | 137) reasons+=("it ran into its time limit") ;;
	none) reasons+=("it was never started") ;;
	*) reasons+=("it ended with status $status") ;;
	esac
	[ "$failed" = 0 ] || reasons+=("$failed failed")
	[ "$passed" -gt 0 ] || reasons+=("nothing passed; does FILTER match anything?")
	grep -aq "$TOKEN" "$console" 2>/dev/null ||
		reasons+=("it did not print its success token")
}

if [ -f "${counts#*=}" ] || [ "$counts" = --demo ]; then
	count
fi
judge
count_races
if [ ${#reasons[@]} -gt 0 ]; then
	# A run without a failed test is still one that failed.
	[ "$failed" -gt 0 ] || failed=1
	say "last lines of $console:"
	tail -n 50 "$console" >&2
	for reason in "${reasons[@]}"; do
		say "FAILED: $reason"
	done
fi
echo "result: $passed passed, $failed failed, $skipped skipped"
[ ${#reasons[@]} = 0 ]
