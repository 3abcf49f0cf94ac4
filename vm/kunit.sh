#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: kunit.sh [--kernel=K] [--arch=A] [--debug=1 | --kcsan=1] [--filter=GLOB]
#        [--args=WORDS] [--long]
# The KUnit lane: build what is missing, boot through kunit.py, judge.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

parse_options "$@"
[ "$kernel" != stock ] || die "Debian's own kernel has no KUnit"

lane=kunit-$(basename "$kernel")-$arch$flavour${long:+-long}
room=$ROOT/build/run/$lane
log=$LOGS/$lane.log

# kunit.py wants a build directory; it gets one with just what it starts, so
# that its log goes here and our stand-ins are found.
make_room()
{
	rm -rf "$room"
	mkdir -p "$room/modules" "$room/bin" "$room/arch/x86/boot"
	cp "$build/.config" "$build/last_used_kunitconfig" "$room/"
	cp "$build/last_used_kunitconfig" "$room/.kunitconfig"
	if [ "$arch" = um ]; then
		ln -s "$VM/machine.sh" "$room/linux"
	else
		ln -s "$VM/machine.sh" "$room/bin/qemu-system-$arch"
		ln -s "$build/arch/x86/boot/bzImage" "$room/arch/x86/boot/bzImage"
	fi
}

# panic_on_warn: a report ends the guest, and the log ends with its cause. Not so with
# KCSAN, which finds races of the kernel's own too. The cases on a block device get the
# guest's ram disk.
kernel_arguments()
{
	printf '%s\n' lab.mode=kunit loglevel=7 printk.devkmsg=on oops=panic panic=-1 \
		swaptbl_kunit.disk=/dev/ram0
	[ -z "$debug" ] || echo panic_on_warn=1
	[ -z "$long" ] || echo swaptbl_kunit.long=1
	# shellcheck disable=SC2086
	[ -z "$args" ] || printf '%s\n' $args
	[ "$arch" != um ] || printf '%s\n' "initrd=$room/initrd" seccomp=on ncpus=2
}

limits()
{
	seconds=900 memory=1024
	[ -z "$flavour" ] || seconds=2400 memory=2048
	[ -z "$long" ] || seconds=3600
}

# Nodes are for 64 bits.
hardware()
{
	case $arch in
	x86_64) two_nodes $memory ;;
	*) echo "-smp 2 -m $memory" ;;
	esac
}

execute()
{
	local argument arguments=()

	for argument in $(kernel_arguments); do
		arguments+=("--kernel_args=$argument")
	done
	[ "$arch" = um ] || arguments+=("--qemu_args=-initrd $room/initrd $(hardware)")
	export LAB_PATH=$PATH LAB_LINUX=$build/linux LAB_STATUS=$room/status
	export LAB_SECONDS=$seconds LAB_ACCEL=$accel PATH=$room/bin:$PATH
	run timeout -k 10 $((seconds + 60)) "$source/tools/testing/kunit/kunit.py" exec \
		--arch="$arch" --build_dir="$room" --timeout=$((seconds + 30)) \
		"${arguments[@]}" ${filter:+"$filter"} </dev/null > >(tee -i "$log") 2>&1 || true
	# tee is not waited for by anybody.
	sleep 0.2
}

lock "$room"
ask resolved "$VM/fetch.sh" "$kernel"
read -r _ source <<<"$resolved"
ask build "$VM/build.sh" "--kernel=$kernel" "--arch=$arch" "--debug=$debug" "--kcsan=$kcsan"
ask modules "$VM/module.sh" "$build" "$(basename "$build")" "$arch"
accel=
[ "$arch" = um ] || ask accel "$VM/probe-kvm.sh" "$build/arch/x86/boot/bzImage"
make_room
cp "$modules"/*.ko "$build/lib/kunit/kunit.ko" "$room/modules/"
run "$VM/initrd.sh" "$room/initrd" "$arch" "$room/modules"
limits
execute
cp "$room/test.log" "$LOGS/$lane.console.log" 2>/dev/null || true
run "$VM/verdict.sh" "--kunit=$log" "$LOGS/$lane.console.log" "$room/status"
