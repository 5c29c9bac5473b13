# SPDX-License-Identifier: GPL-2.0-or-later
## about: the examples of sonde(1) work as they stand there
## need: root uprobe btf
## timeout: 60
. "$SRCDIR/testsuite/lib/tap.sh"

sed -n '/^\.SH EXAMPLES/,/^\.SH SEE ALSO/p' "$SRCDIR/doc/sonde.1" |
	sed -n "s/\\\\-/-/g; s/\\\\(aq/'/g; /^sonde /p" > examples
# What would not end by itself ends after a second, with a little work to see.
while read -r line; do
	case $line in
	*scp*) continue ;;
	*'exit()'* | *' -c '*) ;;
	*) line="$line -T 1 -c 'sleep 0.1; ls /'" ;;
	esac
	run bash -c "\"\$SONDE\" ${line#sonde }"
	[ "$status" = 0 ] && [ -s out ] && [ ! -s err ]
	point "$line"
done < examples
[ "$POINTS" = 3 ]
point "three examples were tried"
plan
