# SPDX-License-Identifier: GPL-2.0-or-later
## about: output that cannot be written: a message, status 1; -o, its conversions; devices stay
. "$SRCDIR/testsuite/lib/tap.sh"
echo 'probe begin { println("fine") exit() }' > good.stp

says "a full device" 1 'output cannot be written: No space' \
	sh -c '"$0" good.stp > /dev/full' "$SONDE"
says "a closed output" 1 'output cannot be written: Bad file' \
	sh -c '"$0" good.stp >&-' "$SONDE"
says "closed, not from the cache" 1 'output cannot be written: Bad file' \
	sh -c '"$0" --disable-cache good.stp >&-' "$SONDE"
run sh -c '"$0" --disable-cache good.stp 2>&- <&-' "$SONDE"
[ $status = 0 ] && grep -qx fine out
point "no standard error"
says "a reader that leaves" 0 '^status 1$' bash -c \
	'"$0" -e "probe timer.ms(1) { println(1) }" | head -1; echo status ${PIPESTATUS[0]}' \
	"$SONDE"
grep -q 'Broken pipe' err
point "and why"
for stage in -p1 -p2 -p3 --help --version --dump-functions "-l begin"; do
	says "$stage to a full device" 1 'cannot write.*No space' \
		sh -c "\"\$0\" $stage good.stp > /dev/full" "$SONDE"
done
says "-o where nothing can be" 1 'cannot write /nowhere/x' "$SONDE" -o /nowhere/x good.stp
says "-o of a directory" 1 'cannot write \.: Is a directory' "$SONDE" -o . good.stp
says "-o of a full device" 1 'output cannot be written: No space' \
	"$SONDE" -o /dev/full good.stp
run "$SONDE" -o 'at %Y 100%%' good.stp
[ $status = 0 ] && grep -qx fine "at $(date +%Y) 100%"
point "-o with the date"
says "-p4 where nothing can be" 1 'cannot write /nowhere/x' "$SONDE" -p4 -o /nowhere/x good.stp
mkfifo device
cat device > through &
run "$SONDE" -p4 -o device good.stp
wait $!
[ $status = 0 ] && [ -p device ] && "$SONDE" through | grep -qx fine
point "-p4 writes into what is no file, and leaves it there"
says "-p4 -m" 0 '^named\.sonde$' "$SONDE" -p4 -m named good.stp
"$SONDE" -p4 -o - good.stp > out 2> err
run "$SONDE" -p4 good.stp
"$SONDE" "$(cat out)" | grep -qx fine
point "-p4 names what lies in the cache"
plan
