# SPDX-License-Identifier: GPL-2.0-or-later
# For tests of cli (bash, sourced): one line for each thing that is claimed.

POINTS=0

# point WHAT: the last command's status is the verdict.
point() {
	local good=$?
	POINTS=$((POINTS + 1))
	[ $good = 0 ] && { echo "ok $POINTS - $1"; return; }
	echo "not ok $POINTS - $1"
	sed 's/^/# out: /' out 2>/dev/null | head -5
	sed 's/^/# err: /' err 2>/dev/null | head -5
}

# run COMMAND…: with its output in ./out and ./err and its status in $status; never for long.
run() {
	timeout -s KILL 15 "$@" > out 2> err < /dev/null
	status=$?
}

# says WHAT STATUS REGEX COMMAND…: the status, and a line of stdout or stderr.
says() {
	local what=$1 want=$2 regex=$3
	shift 3
	run "$@"
	[ $status = "$want" ] && grep -qE -- "$regex" out err
	point "$what (status $status)"
}

# is GOT WANTED WHAT: two texts.
is() {
	[ "$1" = "$2" ]
	point "$3"
	[ "$1" = "$2" ] || printf '%s\n' "got:" "$1" "wanted:" "$2" | sed 's/^/# /'
}

plan() { echo "1..$POINTS"; }
