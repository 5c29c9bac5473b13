# SPDX-License-Identifier: GPL-2.0-or-later
## about: seven loops in one another run in the kernel; an eighth is refused with its place
## need: root
. "$SRCDIR/testsuite/lib/tap.sh"
nest()
{
	echo 'global c probe kernel.trace("sched_switch") {'
	for i in $(seq "$1"); do
		echo "for (i$i = 0; i$i < 2; i$i++)"
	done
	echo 'c++; exit() }'
}
nest 7 > seven.stp
nest 8 > eight.stp
says 'seven loops' 0 'c=' "$SONDE" seven.stp
where='eight.stp:9:1: error: this loop cannot run in a kernel handler'
says 'eight loops' 1 "$where" "$SONDE" eight.stp
plan
