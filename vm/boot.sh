#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: boot.sh selftests|demo|throughput|bench|shell [--kernel=K]
#        [--debug=1 | --kcsan=1] [--args=WORDS]
#        boot.sh bench --arch=um
# The lanes with disks: build what is missing, make the disks, boot, judge.
# /dev/vda was formatted by the host's mkswap; the others are empty: /dev/vdb, the
# large /dev/vdc for data, and /dev/vdd to be pulled out.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

mode=$1
shift
parse_options "$@"
[ "$arch" = x86_64 ] || [ "$mode-$arch" = bench-um ] ||
	die "ARCH=$arch has no disks; use x86_64"

lane=$mode-$(basename "$kernel")$flavour
[ "$arch" = x86_64 ] || lane=$lane-$arch
room=$ROOT/build/run/$lane
console=$LOGS/$lane.console.log
output=$LOGS/$lane.log
status=$room/status
insns=$LOGS/$lane-insns.log
drivers=''
memory=2048
ram=''
# The bench swaps to ram disks of 1 TiB, of which next to nothing is ever written.
[ "$mode" != bench ] || memory=6144 ram=brd.rd_size=1073741824

find_kernel()
{
	if [ "$kernel" = stock ]; then
		ask stock "$VM/stock.sh"
		build=$stock/build image=$stock/vmlinuz drivers=$stock/drivers
		name=stock
	else
		ask build "$VM/build.sh" "--kernel=$kernel" "--arch=$arch" "--debug=$debug" \
			"--kcsan=$kcsan"
		image=$build/arch/x86/boot/bzImage
		name=$(basename "$build")
	fi
}

# The tests are the programs that selftests/Makefile builds and all scripts but
# those with a mode of their own and what the others source.
make_selftests()
{
	rm -rf "$room/selftests"
	mkdir -p "$room/selftests"
	run make -C "$ROOT/selftests" OUT="$room/selftests" >"$LOGS/selftests-build.log" 2>&1 </dev/null || {
		tail -n 30 "$LOGS/selftests-build.log" >&2
		die "the selftests do not build"
	}
	cp "$ROOT"/selftests/*.sh "$room/selftests/"
	chmod +x "$room"/selftests/*.sh
	(cd "$room/selftests" && find . -maxdepth 1 -type f -executable \
		! -name demo.sh ! -name throughput.sh ! -name 'lib*.sh' -printf '%P\n' |
		sort | select_tests) >"$room/list"
	[ -s "$room/list" ] || die "FILTER=$filter matches none of the selftests"
	mv "$room/list" "$room/selftests/list"
}

select_tests()
{
	local name

	while read -r name; do
		# shellcheck disable=SC2254
		case $name in
		${filter:-*}) echo "$name" ;;
		esac
	done
}

# In the shell the KUnit module can be inserted too, where the kernel has KUnit.
make_modules()
{
	rm -rf "$room/modules"
	mkdir -p "$room/modules"
	cp "$modules"/*.ko "$room/modules/"
	[ ! -f "$build/lib/kunit/kunit.ko" ] ||
		cp "$build/lib/kunit/kunit.ko" "$room/modules/"
	[ "$mode" != bench ] || [ -f "$modules/swaptbl_bench.ko" ] ||
		die "there is no swaptbl_bench.ko for KERNEL=$kernel; does it have CONFIG_KUNIT?"
}

make_disks()
{
	rm -f "$room"/vd?
	truncate -s 64M "$room/vda" "$room/vdb" "$room/vdd"
	truncate -s 320M "$room/vdc"
	mkswap -q -L swaptbl-demo "$room/vda"
}

# Two CPUs in two nodes, or in a single one an instruction each nanosecond: the guest's clock
# is then a count of them.
processors()
{
	case $accel in
	icount) echo "-accel tcg -icount shift=0,sleep=off -smp 1 -m $memory" ;;
	*) echo "-accel $accel $(two_nodes $memory)" ;;
	esac
}

machine()
{
	local limit=$1 append=$2 disk disks=()

	shift 2
	for disk in "$room"/vd?; do
		disks+=(-drive "file=$disk,if=virtio,format=raw")
	done
	# shellcheck disable=SC2046
	timeout --foreground -k 10 "$limit" qemu-system-x86_64 -nodefaults -nographic \
		-no-reboot -bios qboot.rom $(processors) \
		-kernel "$image" -initrd "$room/initrd" \
		-append "console=ttyS0 lab.mode=$mode oops=panic panic=-1 printk.devkmsg=on $ram $append" \
		"${disks[@]}" "$@"
}

boot()
{
	local rc=0 seconds=1800 append="loglevel=7 $args"

	[ -z "$flavour" ] || seconds=3600
	[ -z "$debug" ] || append="$append panic_on_warn=1"
	rm -f "$console" "$output"
	run machine "$seconds" "$append" -serial "file:$console" \
		-serial stdio > >(trap '' INT; tr -d '\r' | tee "$output") </dev/null || rc=$?
	echo $rc >"$status"
	sleep 0.2
}

# User mode Linux has no second serial port: what the module prints is in the log. It wants
# pipes, not files, as console.
user_mode()
{
	# shellcheck disable=SC2086
	timeout --foreground -k 10 600 "$build/linux" mem=${memory}M console=tty \
		seccomp=on ncpus=2 "initrd=$room/initrd" lab.mode=$mode loglevel=7 \
		printk.devkmsg=on oops=panic panic=-1 $ram $args </dev/null 2>&1 |
		tr -d '\r' | cat >"$console"
	return "${PIPESTATUS[0]}"
}

boot_user_mode()
{
	local rc=0

	rm -f "$console"
	output=$console
	run user_mode || rc=$?
	echo $rc >"$status"
}

# Where the guest is emulated anyway, once more for what does not depend on the host.
count_instructions()
{
	local accel=icount args="$args swaptbl_bench.insns=1"
	local console=${console/%.console.log/-insns.console.log} output=$insns
	local status=$status-insns

	boot >"$LOGS/$lane-insns.out"
	run "$VM/verdict.sh" --demo "$console" "$status" >/dev/null
}

# What the module printed, as a table, and as files for machines and for the eye.
report()
{
	local machine="QEMU with $accel" files=bench options=()

	[ "$arch" = x86_64 ] || machine='user mode' files=bench-$arch
	[ ! -f "$insns" ] ||
		options=("--insns=$insns" "--insns-csv=$ROOT/build/$files-insns.csv")
	"$VM/bench.py" "${options[@]}" "--rst=$ROOT/build/$files.rst" \
		"$output" "$ROOT/build/$files.csv" "$ROOT/build/$files.svg" \
		"commit $(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
		"kernel configuration $name, $machine, 2 CPUs" \
		"host $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
}

# Interactive: the terminal stays with this process group, so that the guest
# may read it; there is nothing to judge.
shell()
{
	say "leave the guest with 'exit'; end it by force with Ctrl-A X"
	machine 8h "loglevel=4 quiet $args" -serial mon:stdio -net none
}

lock "$room"
find_kernel
ask modules "$VM/module.sh" "$build" "$name" "$arch"
accel=
[ "$arch" = um ] || ask accel "$VM/probe-kvm.sh" "$image"
mkdir -p "$room"
make_selftests
make_modules
make_disks
run "$VM/initrd.sh" "$room/initrd" "$arch" "$room/modules" "$room/selftests" "$drivers"
case $mode in
shell) shell ;;
demo | throughput)
	boot
	run "$VM/verdict.sh" --demo "$console" "$status"
	;;
bench)
	rm -f "$insns"
	if [ "$arch" = um ]; then
		boot_user_mode
	else
		boot >"$LOGS/$lane.out"
	fi
	case $accel in
	tcg*) count_instructions || insns= ;;
	esac
	report
	run "$VM/verdict.sh" --demo "$console" "$status"
	[ -n "$insns" ] || die "no instructions were counted"
	;;
selftests)
	boot
	run "$VM/verdict.sh" "--tap=$output" "$console" "$status"
	;;
*) die "unknown mode $mode" ;;
esac
