#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: probe-kvm.sh KERNEL-IMAGE
# Prints the accelerator that works here: "kvm" or "tcg,thread=multi".
# A /dev/kvm may exist, open, run a handful of instructions, and then never get
# on. So a kernel has some seconds to come as far as its panic for want of a
# root file system; the answer is remembered until the host boots.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

image=$1
seconds=15
answer=$CACHE/accel-$(cut -c -13 /proc/sys/kernel/random/boot_id)

trial()
{
	timeout -k 1 $seconds qemu-system-x86_64 -accel kvm -nodefaults -m 512 -smp 2 \
		-display none -no-reboot -serial stdio -kernel "$image" \
		-append 'console=ttyS0 panic=-1' </dev/null 2>&1 |
		grep -c 'Kernel panic.*root fs' >/dev/null
}

probe()
{
	local accel=tcg,thread=multi

	if [ ! -w /dev/kvm ]; then
		say "no usable /dev/kvm: guests are emulated (TCG)"
	elif say "trying /dev/kvm for at most $seconds s" && trial; then
		accel=kvm
	else
		say "/dev/kvm exists but runs no guest: guests are emulated (TCG)"
	fi
	rm -f "$CACHE"/accel-*
	echo "$accel" >"$answer.new"
	mv "$answer.new" "$answer"
}

[ -f "$answer" ] || probe
cat "$answer"
