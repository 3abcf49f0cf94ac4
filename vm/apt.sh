# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced: a private view of the machine's own Debian archive with its newer
# suites added. Nothing of the system's apt state is touched.

APT_STATE=$CACHE/apt
KEYRINGS=/usr/share/keyrings/debian-archive-keyring

# Which suites besides the machine's own: kernels of the next releases, and the
# long-term kernel backported to the previous one. By code name: what a mirror
# serves under the alias (stable, testing) was seen to lag behind.
SUITES='bookworm-backports trixie trixie-backports forky sid'

# Prints "URI SUITE LABEL" of each Debian index that the machine is set up for.
apt_targets()
{
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN) $(LABEL)' \
		'MetaKey: main/binary-amd64/Packages' |
		awk '$3 == "Debian" { print $1, $2, $4 }' | sort -u
}

apt_sources()
{
	local signed='' keyring uri suite label targets

	targets=$(apt_targets)
	[ -n "$targets" ] ||
		die "no Debian archive in the apt sources; point KERNEL= at a kernel tree"
	for keyring in "$KEYRINGS.gpg" "$KEYRINGS.pgp"; do
		[ ! -f "$keyring" ] || signed=" signed-by=$keyring"
	done
	while read -r uri suite label; do
		if [ "$label" != Debian ]; then
			echo "deb [arch=amd64$signed] $uri $suite main"
			continue
		fi
		# The guest of ARCH=i386 needs a shell of its own word size.
		echo "deb [arch=amd64,i386$signed] $uri $suite main"
		for suite in $SUITES; do
			[[ $targets == *"$uri $suite "* ]] ||
				echo "deb [arch=amd64$signed] $uri $suite main"
		done
	done <<<"$targets" | sort -u
}

apt_configure()
{
	# What interrupted runs left; no download takes hours.
	find "$CACHE" -maxdepth 1 \( -name 'download.*' -o -name 'unpack.*' \) -mmin +180 \
		-exec rm -rf {} +
	mkdir -p "$APT_STATE/lists/partial" "$APT_STATE/cache/archives/partial"
	apt_sources >"$APT_STATE/sources.list"
	cat >"$APT_STATE/apt.conf" <<-EOF
		Dir::Etc::sourcelist "$APT_STATE/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$APT_STATE/lists";
		Dir::Cache "$APT_STATE/cache";
		APT::Architectures { "amd64"; "i386"; };
		APT::Sandbox::User "root";
		APT::Get::AllowUnauthenticated "false";
		Acquire::AllowInsecureRepositories "false";
		Acquire::Languages "none";
	EOF
}

# apt_refresh: read the indexes, at most once an hour.
apt_refresh()
{
	export APT_CONFIG=$APT_STATE/apt.conf
	[ -z "$(find "$APT_STATE/fresh" -mmin -60 2>/dev/null)" ] || return 0
	unset APT_CONFIG
	apt_configure
	export APT_CONFIG=$APT_STATE/apt.conf
	say "reading the Debian archive's indexes"
	# A mirror may lack a suite: what is missing shows when it is needed.
	if run apt-get update >"$LOGS/apt.log" 2>&1; then
		touch "$APT_STATE/fresh"
	fi
}

# apt_newest PATTERN: "package version" of the newest match.
apt_newest()
{
	local package

	apt-cache pkgnames | grep -E "^$1\$" | while read -r package; do
		apt-cache madison "$package" | awk -F ' *[|] *' '{ print $2, $1 }'
	done | sort -V | awk '{ print $2, $1 }' | tail -n 1
}

# apt_unpack PACKAGE[=VERSION] DIRECTORY: fetch, verified by apt, and unpack.
apt_unpack()
{
	local work rc=0

	work=$(mktemp -d "$CACHE/download.XXXXXX")
	say "fetching $1"
	(cd "$work" && run apt-get download "$1") >>"$LOGS/apt.log" 2>&1 || rc=$?
	if [ $rc = 0 ]; then
		mkdir -p "$2"
		run dpkg-deb -x "$work"/*.deb "$2" || rc=$?
	fi
	rm -rf "$work"
	[ $rc = 0 ] && return
	tail -n 20 "$LOGS/apt.log" >&2
	die "$1 could not be fetched and verified"
}
