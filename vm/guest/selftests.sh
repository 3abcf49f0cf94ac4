# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode selftests: each test of /selftests/list, TAP to the second serial port.
# Its limit is generous: emulated CPUs with every check on are slow.

TEST_SECONDS=600

run_test()
{
	local rc=0

	echo "# selftest: $1"
	(cd /selftests && timeout -k 5 $TEST_SECONDS "./$1") </dev/null 2>&1 || rc=$?
	echo "# exit: $1 $rc"
}

mode_selftests()
{
	stty -F /dev/ttyS1 raw -echo
	leaks_forget
	while read -r name; do
		log "selftest $name"
		run_test "$name"
		[ ! -d /sys/module/swaptbl ] || fail "$name left the module inserted"
	done </selftests/list >/dev/ttyS1
	leaks_report
}
