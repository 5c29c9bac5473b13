# SPDX-License-Identifier: GPL-2.0-or-later
## about: a .sonde file: without a translator, cut short, with a bit changed, of another version
## target: one
## variants: gcc-O2
## need: root uprobe btf
## timeout: 120
. "$SRCDIR/testsuite/lib/tap.sh"
cat > count.stp <<'END'
global n, a
probe process("./target").function("hit") { n++; a[execname()] <<< 3 }
probe end { println(n, " ", @count(a["target"])) }
END
"$SONDE" -p4 -o count.sonde count.stp > out 2> err
point "translated"
export SONDE_LIBEXEC=/nowhere SONDE_PLUGINS=/nowhere SONDE_KERN=/nowhere SONDE_TAPSETS=/nowhere
says "runs without translator, back end and tapsets" 0 '^2 2$' "$SONDE" -c './target 2' count.sonde
mkdir elsewhere
(cd elsewhere && "$SONDE" -c '../target 2' ../count.sonde) | grep -qx '2 2'
point "and from another directory"
says "options of the translation have no effect" 0 'WARNING: -u has no effect' \
	"$SONDE" -u -c ./target count.sonde
size=$(stat -c %s count.sonde)
bad=0
for n in $(seq 0 $((size / 60 + 1)) $((size - 1))) $((size - 1)); do
	head -c $n count.sonde > cut.sonde
	run "$SONDE" -T 1 cut.sonde
	[ $status = 1 ] && [ -s err ] || { bad=$((bad + 1)); echo "# $n bytes: status $status"; }
done
[ $bad = 0 ]
point "cut short anywhere"
for n in $(seq 7 $((size / 60 + 1)) $((size - 1))); do
	cp count.sonde changed.sonde
	byte=$(od -An -tu1 -j$n -N1 count.sonde)
	printf "\\x$(printf %x $((byte ^ 16)))" |
		dd of=changed.sonde bs=1 seek=$n conv=notrunc status=none
	run "$SONDE" -T 1 changed.sonde
	[ $status = 1 ] && [ -s err ] || { bad=$((bad + 1)); echo "# byte $n: status $status"; }
done
[ $bad = 0 ]
point "with a bit changed anywhere"
at=$(grep -aboP 'sonde\x00\x01' count.sonde | head -1 | cut -d: -f1)
cp count.sonde old.sonde
printf '\xee\x00\x00\x00' | dd of=old.sonde bs=1 seek=$((at + 8)) conv=notrunc status=none
says "of another version" 1 'another version of Sonde' "$SONDE" old.sonde
says "an ELF file that is none" 1 'not a Sonde program' "$SONDE" /bin/true
plan
