#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: style.sh
# The kernel's own judges of style on all of our files: checkpatch, W=1, sparse,
# kernel-doc; then shellcheck and the check of the lab itself.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

passed=0 failed=0
log=$LOGS/style.log

# judged NAME COMMAND...: passes when the command succeeds and prints nothing.
judged()
{
	local name=$1 rc=0

	shift
	"$@" >"$log" 2>&1 || rc=$?
	if [ $rc = 0 ] && [ ! -s "$log" ]; then
		passed=$((passed + 1))
		echo "ok $name"
		return
	fi
	failed=$((failed + 1))
	head -n 60 "$log" >&2
	echo "not ok $name"
}

files()
{
	local part

	for part in swaptbl kunit native bench selftests; do
		[ ! -d "$ROOT/$part" ] || find "$ROOT/$part" -name "*.[$1]" ! -name '*.mod.c'
	done | sort
}

# checkpatch writes a cache where it stands.
checkpatch()
{
	(cd "$LOGS" && xargs -r "$source/scripts/checkpatch.pl" --no-tree --quiet --terse \
		--show-types "$@" -f) | sed "/^total: /d; s|$ROOT/||"
}

# Two headers cannot please --strict: the layout of a trace header is that of its
# macros, and a version test is what a patch does not need and compat.h is for.
run_checkpatch()
{
	local rc=0

	files ch | grep -vE '/(trace|compat)[.]h$' | checkpatch --strict || rc=1
	files ch | grep '/trace[.]h$' | checkpatch || rc=1
	files ch | grep '/compat[.]h$' | checkpatch --strict \
		--ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON || rc=1
	return $rc
}

# Built once, from scratch, with every warning on and sparse over each file.
build_noisily()
{
	rm -rf "$ROOT/build/module/style"
	ask copy "$VM/module.sh" "$build" style x86_64 W=1 C=2 \
		'CF=-D__CHECK_ENDIAN__' "CHECK=$VM/sparse.sh"
}

# Complaints about the kernel's own headers, which have absolute paths, are not
# about this project. Only the compiler names the option behind a warning.
complaints()
{
	grep -E '^[a-z].*: (warning|error): |^(WARNING|ERROR): modpost' \
		"$LOGS/module-style.log" || true
}

compiler_complaints()
{
	complaints | grep -E '\[-W|modpost' || true
}

sparse_complaints()
{
	complaints | grep -vE '\[-W|modpost' || true
	grep 'sparse is not available' "$LOGS/module-style.log" || true
}

run_kernel_doc()
{
	files ch | xargs "$source/scripts/kernel-doc" -none -Wall 2>&1 | sed "s|$ROOT/||"
}

run_shellcheck()
{
	shellcheck -S warning -e SC2034,SC2154,SC3043,SC1091 -x "$VM"/*.sh "$VM"/guest/* \
		"$ROOT/.ci/run"
}

# Its count line is of interest only when one of its cases fails.
run_selfcheck()
{
	"$VM/selfcheck.sh" >"$LOGS/selfcheck.log" 2>&1 || cat "$LOGS/selfcheck.log"
}

judged 'lab self-check' run_selfcheck
judged shellcheck run_shellcheck
ask resolved "$VM/fetch.sh" 7
read -r _ source <<<"$resolved"
judged checkpatch run_checkpatch
judged kernel-doc run_kernel_doc
ask build "$VM/build.sh"
judged build build_noisily
judged W=1 compiler_complaints
judged sparse sparse_complaints
echo "result: $passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
