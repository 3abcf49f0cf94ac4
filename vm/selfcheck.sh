#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: selfcheck.sh
# Feeds made-up runs to the verdict and checks each answer. Needs no kernel.
set -eu
. "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

TOKEN='[    2.5] swaptbl-lab: success'
GOOD='[05:00:00] Testing complete. Ran 3 tests: passed: 2, skipped: 1'

# expect ANSWER STATUS SUMMARY LINE...: lines of the console log.
expect()
{
	local answer=$1 name=${4:-empty log} got=FAIL

	echo "$2" >"$work/status"
	echo "$3" >"$work/kunit"
	shift 3
	printf '%s\n' "$@" >"$work/console"
	if "$VM/verdict.sh" "--kunit=$work/kunit" "$work/console" "$work/status" \
		>"$work/out" 2>&1; then
		got=PASS
	fi
	score "$answer" "$got" "verdict: $name"
}

# expect_tap COUNTS LINE...: what the awk script makes of the runner's output.
expect_tap()
{
	local counts=$1 got

	shift
	got=$(printf '%s\n' "$@" | awk -f "$VM/tap.awk")
	score "$counts" "$got" "tap: $*"
}

# race HEADING FRAME...: a report of KCSAN; a frame of - begins the second stack.
race()
{
	local s='[    2.0]' frame

	echo "$s =================================================================="
	echo "$s BUG: KCSAN: $1"
	echo "$s "
	echo "$s write to 0xffff888000000000 of 8 bytes by task 60 on cpu 1:"
	shift
	for frame in "$@"; do
		if [ "$frame" = - ]; then
			echo "$s "
			echo "$s read to 0xffff888000000000 of 8 bytes by task 61 on cpu 0:"
		else
			echo "$s  $frame"
		fi
	done
	echo "$s "
	echo "$s Reported by Kernel Concurrency Sanitizer on:"
	echo "$s =================================================================="
}

# expect_race ANSWER COUNT LINES: the verdict on a log with these reports in it, and
# the line that counts them.
expect_race()
{
	expect "$1" 0 "$GOOD" "$3" "$TOKEN"
	score "KCSAN: $2" "$(grep '^KCSAN: ' "$work/out")" "count of races: $3"
}

score()
{
	if [ "$1" = "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok $3: expected $1, got $2"
	fi
}

reports()
{
	cat <<-'EOF'
		[    1.0] WARNING: CPU: 0 PID: 1 at swaptbl/count.c:10 f+0x1/0x2
		[    1.0] BUG: kernel NULL pointer dereference, address: 0000000000000000
		[    1.0] kernel BUG at swaptbl/count.c:10!
		[    1.0] Oops: 0000 [#1] SMP
		[    1.0] Kernel panic - not syncing: Fatal exception
		[    1.0] BUG: KASAN: slab-out-of-bounds in f+0x1/0x2
		[    1.0] UBSAN: shift-out-of-bounds in swaptbl/entry.h:10:5
		[    1.0] INFO: possible circular locking dependency detected
		[    1.0] WARNING: possible recursive locking detected
		[    1.0] WARNING: inconsistent lock state
		[    1.0] WARNING: suspicious RCU usage
		[    1.0] BUG: sleeping function called from invalid context at mm/slab.h:1
		[    1.0] BUG: scheduling while atomic: insmod/10/0x00000002
		[    1.0] list_add corruption. prev->next should be next
		[    1.0] refcount_t: underflow; use-after-free.
		[    1.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
		[    1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 22s!
		[    1.0] swaptbl-lab: unreferenced object 0xffff888000000000 (size 64):
		[    1.0] swaptbl-lab: failed: rmmod swaptbl
	EOF
}

verdicts()
{
	local line

	expect PASS 0 "$GOOD" "$TOKEN"
	expect FAIL 0 "$GOOD" 'no token'
	expect FAIL 1 "$GOOD" "$TOKEN"
	expect FAIL 124 "$GOOD" "$TOKEN"
	expect FAIL 137 "$GOOD" "$TOKEN"
	expect FAIL '' "$GOOD" "$TOKEN"
	expect FAIL 0 'Testing complete. Ran 0 tests: errors: 1' "$TOKEN"
	expect FAIL 0 'Testing complete. Ran 1 tests: skipped: 1' "$TOKEN"
	expect FAIL 0 'Testing complete. Ran 3 tests: passed: 2, failed: 1' "$TOKEN"
	expect FAIL 0 'Testing complete. Ran 3 tests: passed: 2, crashed: 1' "$TOKEN"
	expect FAIL 0 'Testing complete. Ran 2 tests: passed: 2, errors: 1' "$TOKEN"
	expect FAIL 0 '' "$TOKEN"
	while read -r line; do
		expect FAIL 0 "$GOOD" "$line" "$TOKEN"
	done < <(reports)
}

races()
{
	local core ours tick sleeper

	core=$(race 'data-race in f / g' 'f+0x1/0x9' 'h+0x1/0x9' - 'g+0x1/0x9' 'kthread+0x1/0x9')
	ours=$(race 'data-race in f / s [swaptbl]' 'f+0x1/0x9' - 's+0x1/0x9 [swaptbl]')
	tick=$(race 'data-race in f / g' 'f+0x1/0x9' 'asm_sysvec_apic_timer_interrupt+0x1/0x9' \
		's+0x1/0x9 [swaptbl]' - 'g+0x1/0x9')
	sleeper=$(race 'data-race in wakeup / schedule_hrtimeout_range_clock' 'wakeup+0x1/0x9' \
		- 'schedule_hrtimeout_range_clock+0x1/0x9' 'usleep_range_state+0x1/0x9' \
		's+0x1/0x9 [swaptbl_kunit]')
	expect_race PASS '0 reports, 0 about swaptbl' '[    0.0] kcsan: enabled early'
	expect_race PASS '1 reports, 0 about swaptbl' "$core"
	expect_race PASS '2 reports, 0 about swaptbl' "$core"$'\n'"$core"
	expect_race PASS '1 reports, 0 about swaptbl' "$tick"
	expect_race PASS '1 reports, 0 about swaptbl' "$sleeper"
	expect_race PASS '1 reports, 0 about swaptbl' "$(race 'data-race in f / g' 'f+0x1/0x9' \
		'schedule+0x1/0x9' 's+0x1/0x9 [swaptbl]' - 'g+0x1/0x9')"
	expect_race FAIL '1 reports, 1 about swaptbl' "$ours"
	expect_race FAIL '3 reports, 1 about swaptbl' "$core"$'\n'"$ours"$'\n'"$core"
	# Ours is called deeper down: in the first stack, in the second; the other module.
	expect_race FAIL '1 reports, 1 about swaptbl' \
		"$(race 'data-race in f / g' 'f+0x1/0x9' 's+0x1/0x9 [swaptbl]' - 'g+0x1/0x9')"
	expect_race FAIL '1 reports, 1 about swaptbl' \
		"$(race 'data-race in f / g' 'g+0x1/0x9' - 'f+0x1/0x9' 's+0x1/0x9 [swaptbl_kunit]')"
	# The interrupt came into one stack only; the interrupt itself was in our code.
	expect_race FAIL '2 reports, 1 about swaptbl' "$tick"$'\n'"$ours"
	expect_race FAIL '1 reports, 1 about swaptbl' "$(race 'data-race in f / g' 'f+0x1/0x9' \
		'asm_common_interrupt+0x1/0x9' 'h+0x1/0x9' - 'g+0x1/0x9' 's+0x1/0x9 [swaptbl]')"
	expect_race FAIL '1 reports, 1 about swaptbl' "$(race 'data-race in f / g' 'f+0x1/0x9' \
		's+0x1/0x9 [swaptbl]' 'asm_common_interrupt+0x1/0x9' 'h+0x1/0x9')"
	# Asleep in one stack only; a name that but resembles one.
	expect_race FAIL '2 reports, 1 about swaptbl' "$sleeper"$'\n'"$ours"
	expect_race FAIL '1 reports, 1 about swaptbl' "$(race 'data-race in f / g' 'f+0x1/0x9' \
		'schedule+0x1/0x9' 'h+0x1/0x9' - 'g+0x1/0x9' 's+0x1/0x9 [swaptbl]')"
	expect_race FAIL '1 reports, 1 about swaptbl' "$(race 'data-race in f / g' \
		'schedule_work_on+0x1/0x9' 's+0x1/0x9 [swaptbl]' - 'g+0x1/0x9')"
	# Its end is missing; another report stands within it.
	expect_race FAIL '1 reports, 1 about swaptbl' "$(head -n 6 <<<"$core")"
	expect_race FAIL '1 reports, 0 about swaptbl' \
		"$(sed '5a [    2.0] BUG: unable to handle page fault' <<<"$core")"
}

taps()
{
	local s='# selftest: a.sh' e='# exit: a.sh'

	expect_tap '2 0 0' "$s" '1..2' 'ok 1 a' 'ok 2 b' "$e 0"
	expect_tap '1 1 0' "$s" '1..2' 'ok 1 a' 'not ok 2 b' "$e 1"
	expect_tap '1 0 1' "$s" '1..2' 'ok 1 a' 'ok 2 b # SKIP no disk' "$e 0"
	expect_tap '1 1 0' "$s" '1..2' 'ok 1 a' "$e 0"
	expect_tap '1 1 0' "$s" 'ok 1 a' "$e 139"
	expect_tap '1 1 0' "$s" '1..1' 'ok 1 a'
	expect_tap '0 1 0' "$s" "$e 0"
	expect_tap '0 0 1' "$s" "$e 4"
	expect_tap '0 0 1' "$s" '1..0 # SKIP no module' "$e 4"
	expect_tap '2 1 0' "$s" '1..1' 'ok 1 a' "$e 0" "$s" '1..1' 'ok 1 a' "$e 1"
}

syntax()
{
	local file

	for file in "$VM"/*.sh "$ROOT/.ci/run"; do
		score 0 "$(bash -n "$file" >&2 && echo 0)" "syntax of $file"
	done
	for file in "$VM"/guest/*; do
		score 0 "$(sh -n "$file" >&2 && echo 0)" "syntax of $file"
	done
}

verdicts
races
taps
syntax
echo "result: $passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
