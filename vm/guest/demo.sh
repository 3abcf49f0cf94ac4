# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode demo: what the user sees goes to the second serial port.

mode_demo()
{
	stty -F /dev/ttyS1 raw -echo
	leaks_forget
	(cd /selftests && ./demo.sh) </dev/null >/dev/ttyS1 2>&1 || fail "demo.sh"
	[ ! -d /sys/module/swaptbl ] || fail "the module is still inserted"
	leaks_report
}
