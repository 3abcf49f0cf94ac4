# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tests of groups, after lib.sh: groups, their folios, their numbers.

LISTS='inactive_anon active_anon inactive_file active_file unevictable'

# The two nodes that tests put folios on.
needs_two_nodes()
{
	nodes=$(awk '!/#/ { print $1 }' $ROOT/groups/1/lruvecs | uniq | head -n 2)
	[ "$(echo "$nodes" | wc -l)" = 2 ] || skip_all 'needs two nodes with memory'
	near=$(echo "$nodes" | head -n 1)
	far=$(echo "$nodes" | tail -n 1)
}

# group [WORD...]: makes a group, and prints its id.
group()
{
	{ echo "group $*" 2>/dev/null >&3 && cat <&3; } 3<>$ROOT/groups/create
}

ungroup()
{
	put groups/destroy "$1"
}

groups()
{
	awk '!/#/ { print $1 }' $ROOT/groups/tree
}

# populate GROUP LIST NODE ORDER NR [WORDS]
populate()
{
	ctl "groups/$1" "populate lru=$2 node=$3 order=$4 nr=$5 $6"
}

# fill GROUP: folios of orders 0, 4 and 9 on each list of both nodes.
FILL_PAGES=$((3 + 2 * 16 + 512))
FILL_FOLIOS=6
fill()
{
	for fill_node in $nodes; do
		for fill_list in $LISTS; do
			populate "$1" "$fill_list" "$fill_node" 0 3 &&
				populate "$1" "$fill_list" "$fill_node" 4 2 &&
				populate "$1" "$fill_list" "$fill_node" 9 1 || return
		done
	done
}

# row GROUP: usage, swap, limit and failures, by the tree.
row()
{
	awk -v id="$1" '$1 == id { print $2, $3, $4, $5 }' $ROOT/groups/tree
}

usage()
{
	row "$1" | cut -d ' ' -f 1
}

swap_of()
{
	row "$1" | cut -d ' ' -f 2
}

ids_in_use()
{
	sed -n 's/.* \([0-9]*\) ids in use$/\1/p' $ROOT/groups/tree
}

# own GROUP NAME, and total GROUP NAME with all below it: of its stats.
own()
{
	awk -v name="$2" '$1 == name { print $2 }' "$ROOT/groups/$1/stats"
}

total()
{
	awk -v name="$2" '$1 == name { print $3 }' "$ROOT/groups/$1/stats"
}

# lists GROUP [NODE]: pages on each list, in the order of $LISTS.
lists()
{
	awk -v node="$2" '!/#/ && (node == "" || $1 == node) {
			for (i = 3; i <= 7; i++)
				sum[i] += $i
		}
		END { print sum[3] + 0, sum[4] + 0, sum[5] + 0, sum[6] + 0, sum[7] + 0 }
		' "$ROOT/groups/$1/lruvecs"
}

# list GROUP LIST [NODE]: pages on it.
list()
{
	list_column=$(echo "$LISTS" | tr ' ' '\n' | sed -n "/^$2\$/=")
	lists "$1" "$3" | cut -d ' ' -f "$list_column"
}

# What has been freed is freed after grace periods: of the group, of its id, of its name.
# Each verify waits for those that have begun.
settle()
{
	cat $ROOT/groups/verify $ROOT/groups/verify $ROOT/groups/verify >/dev/null
}

tree_verified()
{
	tree_said=$(cat $ROOT/groups/verify)
	case $tree_said in
	ok:*'
0 errors') ;;
	*) echo "$tree_said" && return 1 ;;
	esac
}

# agrees GROUP: what its files and its line of the tree say.
agrees()
{
	awk -v id="$1" '
	function differ(what, one, other) {
		if (one == other)
			return
		print "group " id ": " what " is " one " and " other
		bad = 1
	}
	FILENAME ~ /stats$/ { own[$1] = $2; total[$1] = $3 }
	FILENAME ~ /limit$/ { limit = $1 }
	FILENAME ~ /tree$/ && $1 == id { split($0, row) }
	FILENAME ~ /lruvecs$/ && /#/ { for (i = 4; i <= NF; i++) name[i - 1] = $i }
	FILENAME ~ /lruvecs$/ && !/#/ { for (i = 3; i <= NF; i++) size[name[i]] += $i }
	END {
		for (n in size) {
			differ(n, size[n], own[n])
			sum += size[n]
		}
		differ("charged to it", sum + own["isolated"], own["charged"])
		differ("charged", total["charged"], total["usage"])
		differ("usage", row[2], total["usage"])
		differ("swap", row[3], total["swap"])
		differ("limit", row[4], limit)
		differ("failures", row[5], total["charge_fail"])
		exit bad
	}' "$ROOT/groups/$1/stats" "$ROOT/groups/$1/limit" "$ROOT/groups/tree" \
		"$ROOT/groups/$1/lruvecs"
}

# owned PATTERN [KIND]: slots of all devices whose owner matches.
owned()
{
	for owned_device in $(devices); do
		sed 1d "$ROOT/$owned_device/slots"
	done | awk -v owner="^$1\$" -v kind="$2" \
		'$5 ~ owner && (kind == "" || $2 == kind)' | wc -l
}

# Nothing is broken, and all that is shown agrees; only while nobody changes anything, and
# all folios are on lists or isolated.
all_well()
{
	tree_verified || return
	for well_group in $(groups); do
		agrees "$well_group" || return
	done
	for well_device in $(devices); do
		verified "$well_device" || return
	done
	well_owned=$(owned '[1-9].*')
	[ "$(swap_of 1)" = "$well_owned" ] || {
		echo "$(swap_of 1) slots are charged, $well_owned have an owner"
		return 1
	}
}

# well STEP
well()
{
	check "$1: all is well" all_well
}
