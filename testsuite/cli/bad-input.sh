# SPDX-License-Identifier: GPL-2.0-or-later
## about: bad scripts and bad targets: a message that names them, status 1, no crash, no hang
## timeout: 60
. "$SRCDIR/testsuite/lib/tap.sh"
echo 'probe begin { println("fine") exit() }' > good.stp

says "no script" 1 'a script is wanted' "$SONDE"
says "a directory" 1 'cannot read \.: Is a directory' "$SONDE" .
says "an empty name" 1 'cannot read' "$SONDE" ''
: > empty.stp
says "an empty file" 1 'empty\.stp:1:1: .*parse-empty' "$SONDE" empty.stp
says "a syntax error" 1 '<input>:1:18: error: .*parse-syntax' "$SONDE" -e 'probe begin { if ) }'
says "an unknown function" 1 "unknown function 'prinln'" "$SONDE" -e 'probe begin { prinln(1) }'
says "an unknown point" 1 'error: ' "$SONDE" -e 'probe begn { exit() }'
printf 'probe begin { println(1) \0 exit() }\n' > nul.stp
says "a NUL byte" 1 'nul\.stp:1:26: error: byte 0x00' "$SONDE" nul.stp
printf '\xef\xbb\xbfprobe begin { println("fine") exit() }\n' > mark.stp
says "a byte order mark" 0 '^fine$' "$SONDE" mark.stp
printf 'probe begin {\r\n println("fine")\r\n exit()\r\n}\r\n' > crlf.stp
says "lines of another system" 0 '^fine$' "$SONDE" crlf.stp
printf 'probe begin {\r\n x = )\r\n}\r\n' > crlf-bad.stp
run "$SONDE" crlf-bad.stp
! grep -q '?' err
point "their ends are not shown"
head -c 200000 /dev/urandom > noise.stp
says "noise" 1 'more of these are not shown' "$SONDE" noise.stp
awk 'BEGIN { print "probe begin { x = 0"; for (i = 0; i < 20000; i++) print "x += " i;
	print "println(x) exit() }" }' > long.stp
says "20000 statements" 0 '^199990000$' "$SONDE" long.stp
awk 'BEGIN { printf "probe begin { x = 0"; for (i = 0; i < 20000; i++) printf "+1";
	print " println(x) exit() }" }' > deep.stp
says "20000 operands" 1 'nested too deeply' "$SONDE" deep.stp
mkfifo pipe
cat good.stp > pipe &
says "a script from a named pipe" 0 '^fine$' "$SONDE" pipe
says "a script from <(…)" 0 '^fine$' bash -c '"$0" <(cat good.stp)' "$SONDE"
says "standard input" 0 '^fine$' sh -c '"$0" - < good.stp' "$SONDE"
says "no standard input" 1 'cannot read standard input' sh -c '"$0" - <&-' "$SONDE"

says "a program that is not there" 1 'cannot open /nowhere: No such file' \
	"$SONDE" -e 'probe process("/nowhere").function("main") { println(1) }'
says "a program that is no program" 1 'good\.stp is not an ELF file' \
	"$SONDE" -e 'probe process("./good.stp").function("main") { println(1) }'
says "a program that is a directory" 1 '/ is a directory' \
	"$SONDE" -e 'probe process("/").function("main") { println(1) }'
head -c 4000 /bin/true > half
says "half a program" 1 'error: ' \
	"$SONDE" -e 'probe process("./half").function("main") { println(1) }'
cp /bin/true stripped
strip stripped 2>/dev/null
says "a stripped program" 1 'no function matches .main.* in .*stripped' \
	"$SONDE" -e 'probe process("./stripped").function("main") { println(1) }'
says "and what would help" 1 'hint: .*debug' \
	"$SONDE" -e 'probe process("./stripped").function("main") { println(1) }'
says "-l of nothing" 1 'no function matches' "$SONDE" -l 'process("/bin/sh").function("nosuch")'
says "a command of the shell" 1 'exited with status 3' "$SONDE" -c 'exit 3' \
	-e 'probe begin { println(1) }'
says "a missing command" 1 'command of -c cannot be run: No such file' \
	"$SONDE" -c /nowhere/command -e 'probe begin { println(1) }'
says "a missing process" 1 'no process 999999999' "$SONDE" -x 999999999 good.stp
says "a program with words behind" 1 'takes no arguments' \
	sh -c '"$0" -p4 -o p.sonde good.stp && "$0" p.sonde word' "$SONDE"
plan
