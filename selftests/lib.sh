# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tests: TAP output, the module, the control files.

ROOT=/sys/kernel/debug/swaptbl
MODULE=/lib/swaptbl/swaptbl.ko
KSFT_SKIP=4

tests=0
failed=0

# result WORD NAME [COMMENT]: the only place that prints a TAP line.
result()
{
	tests=$((tests + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $tests $2${3:+ # $3}"
}

pass()
{
	result ok "$1"
}

fail()
{
	fail_name=$1
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
	result 'not ok' "$fail_name"
}

skip()
{
	result ok "$1" "SKIP $2"
}

# check NAME COMMAND...: passes if the command does; shows what it said if not.
check()
{
	check_name=$1
	shift
	if check_said=$("$@" 2>&1); then
		pass "$check_name"
	else
		fail "$check_name" "$*" "$check_said"
	fi
}

# is NAME VALUE EXPECTED
is()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got:      $2" "expected: $3"
	fi
}

# CPUs allocate from clusters of their own: which slots a command gets is known
# only if it runs on one of them throughout.
stay_on_one_cpu()
{
	taskset -p 1 $$ >/dev/null
}

use_all_cpus()
{
	taskset -p ffffffff $$ >/dev/null
}

start()
{
	echo 'TAP version 13'
	stay_on_one_cpu
	[ "$(id -u)" = 0 ] || skip_all 'needs root'
	[ -d /sys/kernel/debug ] || skip_all 'no debugfs'
}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit $KSFT_SKIP
}

# The plan stands last: it is what was run.
finish()
{
	trap - EXIT
	module_out
	echo "1..$tests"
	[ "$failed" -eq 0 ]
	exit
}

module_is_in()
{
	[ -d /sys/module/swaptbl ]
}

# module_in [PARAMETER...]. A test that dies half way must not take the next one with it.
module_in()
{
	trap module_out EXIT
	module_out
	insmod $MODULE "$@" || skip_all "cannot insert $MODULE"
	[ -e $ROOT/create ] || skip_all "no $ROOT"
}

module_out()
{
	! module_is_in || rmmod swaptbl
}

LABEL=swaptbl-test

# Bytes of the label in a swap header.
LABEL_AT=1052
LABEL_LEN=12

# Of its bad pages.
NR_BAD=1032
BAD=1536

# A disk may be written to if it starts with zeros only, or with our swap header.
is_ours()
{
	[ "$(head -c 65536 "$1" | tr -d '\000' | wc -c)" = 0 ] ||
		[ "$(dd if="$1" bs=1 skip=$LABEL_AT count=$LABEL_LEN 2>/dev/null)" = $LABEL ]
}

needs_disk()
{
	[ -b "$1" ] || skip_all "no $1"
	is_ours "$1" || skip_all "$1 is not empty"
}

# patch_disk DISK AT: with what comes.
patch_disk()
{
	dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# le32 NUMBER...: as the bytes of a little-endian machine.
le32()
{
	for number; do
		for shift in 0 8 16 24; do
			byte=$((number >> shift & 255))
			# shellcheck disable=SC2059
			printf "\\$((byte >> 6))$((byte >> 3 & 7))$((byte & 7))"
		done
	done
}

# bad_pages DISK PAGE...: its swap header says that they are.
bad_pages()
{
	bad_pages_disk=$1
	shift
	le32 $# | patch_disk "$bad_pages_disk" $NR_BAD
	le32 "$@" | patch_disk "$bad_pages_disk" $BAD
}

# By its path: a shell may have a lesser one of the same name built in.
needs_mkswap()
{
	mkswap=$(ls /usr/sbin/mkswap /sbin/mkswap 2>/dev/null | head -n 1)
	[ -n "$mkswap" ] || skip_all 'no mkswap'
}

# put FILE LINE: one write of one line.
put()
{
	echo "$2" 2>/dev/null >"$ROOT/$1"
}

last_error()
{
	cat $ROOT/last_error
}

devices()
{
	(cd $ROOT && ls -d dev* 2>/dev/null)
}

# create LINE: leaves the name of the new device in $device.
create()
{
	create_before=" $(devices | tr '\n' ' ')"
	device=
	put create "$1" || return
	for create_name in $(devices); do
		case $create_before in
		*" $create_name "*) ;;
		*) device=$create_name ;;
		esac
	done
}

# ctl DEVICE COMMAND: gives the command to the ctl file and reads the result
# from the same open file.
ctl()
{
	{ echo "$2" 2>/dev/null >&3 && cat <&3; } 3<>"$ROOT/$1/ctl"
}

# value DEVICE FILE NAME: of info or stats.
value()
{
	sed -n "s/^$3 //p" "$ROOT/$1/$2"
}

# slot DEVICE OFFSET: its line in slots.
slot()
{
	grep "^$2 " "$ROOT/$1/slots"
}

verified()
{
	[ "$(tail -n 1 "$ROOT/$1/verify")" = '0 errors' ] || {
		cat "$ROOT/$1/verify"
		false
	}
}

# error_is NAME FILE ERRNO TEXT: what last_error says of a write that was refused.
error_is()
{
	case $(last_error) in
	"$2: -$3: "*"$4"*) pass "$1" ;;
	*) fail "$1" "last_error: $(last_error)" "expected:   $2: -$3: ...$4" ;;
	esac
}

# refused NAME FILE LINE ERRNO TEXT: the write fails, and last_error says so.
refused()
{
	if put "$2" "$3"; then
		fail "$1" "accepted: $3"
	else
		error_is "$1" "$2" "$4" "$5"
	fi
}

# modes FILE...: their names and modes, on one line.
modes()
{
	(cd $ROOT && stat -c '%n %a' "$@" | tr '\n' ' ')
}
