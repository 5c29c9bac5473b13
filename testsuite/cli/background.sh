# SPDX-License-Identifier: GPL-2.0-or-later
## about: -F goes on in the background; -S and SIGUSR2 begin new files; nothing is lost between them
. "$SRCDIR/testsuite/lib/tap.sh"
echo 'probe begin { println("fine") exit() }' > good.stp

says "-F without -o" 1 '^ERROR: -F needs -o FILE' "$SONDE" -F good.stp
says "-S without -o" 1 '^ERROR: -S needs -o FILE' "$SONDE" -S 1 good.stp
for value in '' 0 x 1, 1,0 1,x 1x -1 1,2,3; do
	says "-S '$value'" 1 '^ERROR: -S: ' "$SONDE" -S "$value" -o x good.stp
done

# Three and a half megabytes: lines 0 to 458751 of eight bytes.
cat > lines.stp <<'END'
probe begin {
	for (i = 0; i < 458752; i++)
		printf("%07d\n", i)
	exit()
}
END
run "$SONDE" -S 1 -o all lines.stp
[ $status = 0 ] && [ "$(echo all.*)" = "all.0 all.1 all.2 all.3" ] &&
	[ "$(stat -c %s all.0 all.1 all.2 all.3 | sort -n | tail -1)" = 1048576 ] &&
	cat all.? | cmp - <(seq -f %07g 0 458751)
point "-S: files of a megabyte, whole lines, nothing lost"
run "$SONDE" -S 1,2 -o last lines.stp
[ $status = 0 ] && [ "$(echo last.*)" = "last.2 last.3" ] &&
	[ "$(tail -1 last.3)" = 0458751 ]
point "-S with a number: the last files only"

wait_for() {	# FILE WORD: in that file, soon
	for _ in $(seq 150); do
		grep -qs "$2" "$1" && return
		sleep .1
	done
	return 1
}

cat > long.stp <<'END'
probe begin { println("first"); warn("careful") }
probe timer.ms(20) { printf("tick\n") }
probe end { println("last") }
END
# What it prints is read by a pipe: it must not be held open.
pid=$("$SONDE" -F -o log long.stp 2> err)
[ "$pid" -gt 1 ] && kill -0 "$pid" && grep -q first log
point "-F: the number of a process, which runs; begin handlers are done"
wait_for log tick
point "-F: it goes on"
mv log old && kill -USR2 "$pid" && wait_for log tick
point "SIGUSR2: the file is opened again"
kill -INT "$pid" && wait_for log last
point "-F: SIGINT ends it, end handlers run"
grep -q 'WARNING: careful' err
point "-F: what begin handlers warn of is seen"
cat > bad.stp <<'END'
probe begin { error("no") }
END
says "-F: what fails at the start" 1 '^ERROR: no' "$SONDE" -F -o log bad.stp
cat > later.stp <<'END'
probe timer.ms(50) { warn("late"); exit() }
END
run "$SONDE" -F -o said later.stp
[ $status = 0 ] && wait_for said 'WARNING: late'
point "-F: later messages are in the file"
plan
