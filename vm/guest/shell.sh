# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Mode shell: a shell with the modules inserted; leaving it ends the guest.

mode_shell()
{
	insert swaptbl
	echo "swaptbl is inserted: see /sys/kernel/debug/swaptbl, /selftests, /dev/vda (mkswap), /dev/vdb to vdd"
	cd /
	setsid cttyhack sh -l
}
