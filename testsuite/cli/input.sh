# SPDX-License-Identifier: GPL-2.0-or-later
## about: input.line and input.char: from a pipe, from a file, at its end
. "$SRCDIR/testsuite/lib/tap.sh"

line='probe input.line { printf("[%s]", line) if (line == "end") exit() }'
got=$(printf 'one\ntwo\nend' | "$SONDE" -e "$line")
is "$got" "$(printf '[one\n][two\n][end]')" "lines of a pipe"
printf 'one\nend' > file
is "$("$SONDE" -e "$line" < file)" "$(printf '[one\n][end]')" "lines of a file"
char='probe input.char { printf("<%s>", char) if (char == "b") exit() }'
is "$(printf 'a.b' | "$SONDE" -e "$char")" "<a><.><b>" "characters"
both='global n probe input.char { n++ } probe input.line { println(n) exit() }'
is "$(printf 'ab\n' | "$SONDE" -e "$both")" 3 "both in one script"
length='probe input.line { println(strlen(line)) if (line == "next\n") exit() }'
got=$(printf '%600s\nnext\n' x | "$SONDE" -e "$length")
is "$got" "$(printf '511\n5')" "a line longer than a string is cut"
plan
