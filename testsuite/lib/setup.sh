# SPDX-License-Identifier: GPL-2.0-or-later
# For ./quickstart and ./check (bash, sourced): installing Debian's packages, building out of tree.

BUILD_PACKAGES="gcc g++ clang make autoconf automake libtool pkg-config flex bison llvm-dev
libdw-dev libelf-dev libbpf-dev libiberty-dev zlib1g-dev linux-libc-dev libc6-dev"
TEST_PACKAGES="python3 qemu-system-x86 busybox-static cpio libclang-rt-dev xz-utils procps"

say() { printf '\n== %s\n' "$*"; }

# packages_missing PACKAGE…: those not installed.
packages_missing() {
	for p in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null |
			grep -qx installed || echo "$p"
	done
}

# packages_install PACKAGE…: needs a network only if something is missing.
packages_install() {
	local missing
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	say "Installing Debian packages:" $missing
	[ "$(id -u)" = 0 ] || { echo "not root: run  apt-get install" $missing >&2; return 1; }
	apt-get -q update &&
		DEBIAN_FRONTEND=noninteractive \
			apt-get -q install -y --no-install-recommends $missing
	missing=$(packages_missing $missing)
	[ -z "$missing" ] || { echo "apt could not install:" $missing >&2; return 1; }
}

# tree_copy TOP DIR: the source without what was built in it (a tree configured in place).
tree_copy() {
	rm -rf "$2" && mkdir -p "$2" &&
		tar -C "$1" --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.lo' \
			--exclude=.libs --exclude=.deps --exclude='./config.*' \
			--exclude=./Makefile --exclude=./testsuite/out -cf - . | tar -C "$2" -xf -
	cp "$1/configure.ac" "$2"
	[ ! -e "$1/config.h.in" ] || cp "$1/config.h.in" "$2"
}

# tree_build TOP DIR CONFIGURE-OPTION…: configures and builds in DIR; the log is DIR/build.log.
tree_build() {
	local top=$1 dir=$2
	shift 2
	mkdir -p "$dir" || return
	if [ -e "$top/config.status" ]; then
		tree_copy "$top" "$dir/source" || return
		top=$dir/source
	fi
	# Again only when an input of autoreconf is newer.
	if [ ! -e "$top/configure" ] || [ ! -e "$top/Makefile.in" ] ||
	   [ -n "$(find "$top" -name '*.ac' -newer "$top/Makefile.in" -o -name '*.am' \
		-newer "$top/Makefile.in" -o -name local.mk -newer "$top/Makefile.in")" ]; then
		(cd "$top" && autoreconf -i) > "$dir/build.log" 2>&1 ||
			{ build_failed "$dir"; return 1; }
	fi
	(cd "$dir" && "$top/configure" -q "$@" && make -s -j2) > "$dir/build.log" 2>&1 </dev/null ||
		{ build_failed "$dir"; return 1; }
}

build_failed() {
	echo "the build in $1 failed; the end of $1/build.log:" >&2
	tail -40 "$1/build.log" >&2
	return 1
}
