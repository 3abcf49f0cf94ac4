#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Usage: memory.sh on|off
# Run by swaptbl_bench.ko: the large device that the kernel's engine is measured on. None of
# its pages is ever written to but for the header, so that it may be larger than memory.
set -eu

device=/dev/ram2
header=/tmp/memory.header

# What is swapped to at this moment takes what is measured, and no more.
case $1 in
on)
	[ -f $header ] || mkswap $device >$header 2>&1
	swapon $device
	;;
off) swapoff $device ;;
esac
