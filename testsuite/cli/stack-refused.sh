# SPDX-License-Identifier: GPL-2.0-or-later
## about: looking into the text of a stack in a kernel handler is refused, all else is not
## need: root
. "$SRCDIR/testsuite/lib/tap.sh"
refused()
{
	says "$1" 1 'looking into the text of a stack or symbol' \
		"$SONDE" -p4 -o /dev/null -e "global g; probe kernel.trace(\"sched_switch\") { $1 }"
}
taken()
{
	run "$SONDE" -p4 -o /dev/null -e "global g; probe kernel.trace(\"sched_switch\") { $1 }"
	[ $status = 0 ]
	point "$1"
}
refused 'if (symname(stack(0)) == "schedule") println(1)'
refused 's = sprint_backtrace(); println(strlen(s))'
refused 'println(tokenize(backtrace(), " "))'
refused 's = sprintf("%-20s", symname(stack(0))); println(s . s)'
refused 'if (symdata(stack(0)) =~ "x") println(1)'
refused 'g[pid()] = backtrace(); if (g[1] == "x") println(1)'
refused 'g[backtrace()]++; foreach (s+ in g) println(g[s])'
taken 'printf("%-20s %s", symname(stack(0)), sprintf("%s@%s", execname(), backtrace()))'
taken 'g[pid()] = backtrace(); if (g[1] == "") println(1)'
taken 'g[execname(), backtrace()] <<< 1; if (execname() == "x") print_backtrace()'
taken 's = symname(stack(0)); print(s); s = execname(); if (s == "x") println(1)'
taken 'if (stack(0) == 4) print(symname(4) . " " . symdata(5))'
plan
