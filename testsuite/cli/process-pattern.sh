# SPDX-License-Identifier: GPL-2.0-or-later
## about: a pattern of programs: begin, end and system calls of each; no such process
## need: root btf
. "$SRCDIR/testsuite/lib/tap.sh"
cp /bin/true ./prog1
cp /bin/true ./prog2
cp /bin/true ./other
cat > a.stp <<'END'
global begun, ended, called
probe process("./prog[12]").begin { begun++ }
probe process("./prog[12]").end { ended++ }
probe process("./prog[12]").syscall { if (!calls[pid()]++) called++ }
global calls
probe end { delete calls; printf("%d %d %d\n", begun, ended, called) }
END
run "$SONDE" -c './prog1; ./prog2; ./other; ./prog1' a.stp
is "$(cat out)" "3 3 3" "each program"
says "no such process" 1 "cannot probe .99999999.: there is no such process" "$SONDE" \
	-p2 -e 'probe process(99999999).begin { println(1) }'
plan
