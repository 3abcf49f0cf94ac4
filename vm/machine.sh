#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Stands in for QEMU (as qemu-system-*) or for the UML binary (as linux) where
# kunit.py starts one. Adds the time limit, leaves the exit status in
# LAB_STATUS, and takes care that a broken /dev/kvm is not used.
# Environment: LAB_PATH, LAB_LINUX, LAB_SECONDS, LAB_STATUS, LAB_ACCEL.
set -u

name=${0##*/}
arguments=()
if [ "$name" = linux ]; then
	program=$LAB_LINUX
	arguments=("$@")
else
	program=$(PATH=$LAB_PATH command -v "$name")
	while [ $# -gt 0 ]; do
		case $1 in
		-accel) shift ;;
		*) arguments+=("$1") ;;
		esac
		shift
	done
	arguments+=(-accel "$LAB_ACCEL")
fi

timeout --foreground -k 10 "$LAB_SECONDS" "$program" "${arguments[@]}"
status=$?
echo "$status" >"$LAB_STATUS"
exit "$status"
