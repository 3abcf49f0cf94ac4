# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode throughput: the table goes to the second serial port.

mode_throughput()
{
	stty -F /dev/ttyS1 raw -echo
	(cd /selftests && ./throughput.sh) </dev/null >/dev/ttyS1 2>&1 || fail "throughput.sh"
	[ ! -d /sys/module/swaptbl ] || fail "the module is still inserted"
}
