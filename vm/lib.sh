# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by every script of the lab: places, messages, locks, bounded children.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VM=$ROOT/vm
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/swaptbl
LOGS=$ROOT/build/log
JOBS=$(nproc)

# The caller's make must not steer kunit.py or kbuild: its ARCH or O would
# reach every sub-make.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS
unset ARCH SUBARCH CROSS_COMPILE KERNEL DEBUG KCSAN FILTER KDIR M O V W C
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

mkdir -p "$CACHE" "$LOGS"

say()
{
	printf '%s\n' "$*" >&2
}

die()
{
	say "${0##*/}: $*"
	exit 1
}

# A child runs in a process group of its own, so that an interrupt here ends
# all that it started, QEMU and compilers included.
child=
interrupted()
{
	trap '' INT TERM HUP
	if [ -n "$child" ]; then
		kill -TERM -- "-$child" 2>/dev/null || true
		for _ in {1..50}; do
			kill -0 -- "-$child" 2>/dev/null || break
			sleep 0.2
		done
		kill -KILL -- "-$child" 2>/dev/null || true
	fi
	say "${0##*/}: interrupted"
	exit 130
}
trap interrupted INT TERM HUP

# run COMMAND...: wait for it, but stay open for signals. Returns its status.
run()
{
	local rc=0

	set -m
	"$@" 9>&- &
	child=$!
	set +m
	wait "$child" || rc=$?
	child=
	return $rc
}

# run_shown LOG WHAT COUNT-COMMAND -- COMMAND...: output to LOG; a line of
# progress, whose figure COUNT-COMMAND prints, every half minute.
run_shown()
{
	local log=$1 what=$2 count=$3 rc=0 start=$SECONDS next=$((SECONDS + 30))

	shift 4
	set -m
	"$@" >"$log" 2>&1 </dev/null 9>&- &
	child=$!
	set +m
	while kill -0 "$child" 2>/dev/null; do
		sleep 1 9>&- &
		wait $! || true
		[ $SECONDS -ge $next ] || continue
		next=$((SECONDS + 30))
		say "   $what: $(eval "$count"), $((SECONDS - start)) s"
	done
	wait "$child" || rc=$?
	child=
	return $rc
}

# lock PATH: until this script ends, nobody else makes what is at PATH.
lock()
{
	mkdir -p "$(dirname "$1")"
	exec 9>"$1.lock"
	flock -n 9 && return
	say "waiting for another run that holds $1.lock"
	flock 9
}

# parse_options ARGUMENTS: the options that all lanes share.
parse_options()
{
	kernel=7 arch=x86_64 debug='' kcsan='' filter='' long='' args=''
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel=*) kernel=${1#*=} ;;
		--arch=*) arch=${1#*=} ;;
		--debug=*) debug=${1#*=} ;;
		--kcsan=*) kcsan=${1#*=} ;;
		--filter=*) filter=${1#*=} ;;
		--args=*) args=${1#*=} ;;
		--long) long=1 ;;
		*) die "unknown option $1" ;;
		esac
		shift
	done
	check_options
	check_flavour
}

check_options()
{
	case $kernel in
	7 | 6.12 | stock) ;;
	*) [ -f "$kernel/Kbuild" ] ||
		die "KERNEL=$kernel is neither 7, 6.12, stock nor a kernel source tree" ;;
	esac
	case $arch in
	x86_64 | i386 | um) ;;
	*) die "ARCH=$arch is not one of x86_64, i386, um" ;;
	esac
	case $debug in
	0) debug='' ;;
	'' | 1) ;;
	*) die "DEBUG=$debug is neither 0 nor 1" ;;
	esac
	case $kcsan in
	0) kcsan='' ;;
	'' | 1) ;;
	*) die "KCSAN=$kcsan is neither 0 nor 1" ;;
	esac
}

# A kernel is plain or one of these. KASAN and KCSAN exclude each other in its Kconfig.
check_flavour()
{
	local option=${debug:+DEBUG=1}${kcsan:+KCSAN=1}

	flavour=${debug:+-debug}${kcsan:+-kcsan}
	[ -n "$option" ] || return 0
	[ -z "$debug" ] || [ -z "$kcsan" ] ||
		die "DEBUG=1 and KCSAN=1 are two kernels; ask for one of them"
	[ "$arch" = x86_64 ] || die "$option exists for ARCH=x86_64 only"
	[ "$kernel" != stock ] || die "$option needs a kernel built here"
}

# two_nodes MIB: QEMU's arguments for two CPUs and so much memory, in two nodes that have
# one CPU and half of the memory each. A socket each too: the kernel warns of CPUs that
# share a cache and not the node.
two_nodes()
{
	local node words="-smp 2,sockets=2 -m $1"

	for node in 0 1; do
		words+=" -object memory-backend-ram,id=ram$node,size=$(($1 / 2))M"
		words+=" -numa node,nodeid=$node,cpus=$node,memdev=ram$node"
	done
	echo "$words"
}

# ask VARIABLE COMMAND...: the command's standard output, without the deafness
# to signals of a command substitution.
ask()
{
	local variable=$1 out rc=0

	shift
	out=$(mktemp)
	run "$@" >"$out" || rc=$?
	printf -v "$variable" %s "$(cat "$out")"
	rm -f "$out"
	return $rc
}
