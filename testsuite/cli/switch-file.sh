# SPDX-License-Identifier: GPL-2.0-or-later
## about: switch_file() goes on in the next file of -o
. "$SRCDIR/testsuite/lib/tap.sh"
run "$SONDE" -o log -S 1 -e 'global n; probe timer.ms(20) {
	println(++n)
	if (n == 2) switch_file()
	if (n == 4) exit()
}'
is "$status" 0 "the status"
is "$(cat log.0 log.1 | tr '\n' ' ')" "1 2 3 4 " "nothing is lost"
is "$(head -1 log.1)" 3 "the second file begins where it was asked for"
plan
