# SPDX-License-Identifier: GPL-2.0-or-later
## about: which arrays have a front: those that kernel handlers only add to, from Linux 5.12
## need: root btf
. "$SRCDIR/testsuite/lib/tap.sh"
P='kernel.trace("sched_switch")'
fronted() { says "$1: a front" 0 '^global a:.* fronted' "$SONDE" -p3 -e "$2"; }
bare()
{
	run "$SONDE" -p3 -e "$2"
	[ "$status" = 0 ] && grep -q '^global a:' out && ! grep -q '^global a:.* fronted' out
	point "$1: no front"
}
fronted 'counted' "global a probe $P { a[cpu()]++ }"
fronted 'subtracted' "global a probe $P { a[execname(), cpu()] -= 3 }"
fronted 'taken away' "global a probe $P { a[cpu()]++ } probe timer.s(1) { println(a[0]); delete a }"
fronted 'deleted and stored by user space' \
	"global a probe $P { a[cpu()]++ } probe timer.s(1) { delete a[0]; a[1] = 2; a[2]++ }"
fronted 'an aggregate' "global a probe $P { a[cpu()] <<< 1 }"
bare 'a histogram' \
	"global a probe $P { a[cpu()] <<< 1 } probe end { print(@hist_log(a[0])) }"
bare 'read by a kernel handler' "global a probe $P { if (a[cpu()]++ > 5) exit() }"
bare 'deleted by a kernel handler' "global a probe $P { a[cpu()]++; delete a[9] }"
bare 'multiplied' "global a probe $P { a[cpu()]++ } probe timer.s(1) { a[0] *= 2 }"
bare 'wraps' "global a%[8] probe $P { a[cpu()]++ }"
fronts()
{
	"$SONDE" -p4 -r "$1" -o x.sonde -e "$2" > out 2> err || return
	grep -q -a "_a\.f" x.sonde && echo yes || echo no
}
is "$(fronts 5.12 "global a probe $P { a[cpu()]++ }")" yes 'made for 5.12'
is "$(fronts 5.10 "global a probe $P { a[cpu()]++ }")" no 'not made for 5.10'
is "$(fronts 6.1 "global a probe $P { a[\"$(printf '%070d' 1)\"]++ }")" no 'not for a long key'
plan
