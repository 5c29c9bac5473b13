# SPDX-License-Identifier: GPL-2.0-or-later
## about: without privilege: what needs none works, what needs some says so
## target: one
## variants: gcc-O2
## need: root tool:setpriv
. "$SRCDIR/testsuite/lib/tap.sh"
dir=$(mktemp -d /tmp/sonde-cli.XXXXXX)
trap 'rm -rf "$dir"' EXIT
cp target "$dir/target"
chmod 755 "$dir" "$dir/target"
echo 'probe begin { println("fine") exit() }' > "$dir/mine.stp"
chmod 600 "$dir/mine.stp"
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups env -C $dir"
$nobody test -x "$SONDE" || { echo "nobody cannot run $SONDE"; exit 77; }

says "a script of somebody else" 1 'cannot read mine\.stp: Permission denied' \
	$nobody "$SONDE" mine.stp
says "begin and end" 0 '^fine$' $nobody "$SONDE" -e 'probe begin { println("fine") exit() }'
says "translating" 0 'function\("hit' \
	$nobody "$SONDE" -l 'process("./target").function("hit")'
says "probing" 1 'ERROR: tracing takes root' \
	$nobody "$SONDE" -c ./target -e 'probe process("./target").function("hit") { println(1) }'
says "a tracepoint" 1 'ERROR: tracing takes root' \
	$nobody "$SONDE" -T 1 -e 'probe kernel.trace("sched_switch") { exit() }'
says "-o where it may not write" 1 'cannot write x: Permission denied' \
	$nobody "$SONDE" -o x -e 'probe begin { exit() }'
says "another user's home" 0 '^fine$' \
	$nobody env HOME=/root "$SONDE" -e 'probe begin { println("fine") exit() }'
plan
