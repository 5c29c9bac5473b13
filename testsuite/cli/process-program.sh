#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
## about: which program process() is: the interpreter of a script, -c's first word with its quotes
## need: root uprobe tool:gcc
set -eu
mkdir 'two words'
cat > x.c <<'END'
int look(int n) { return n; }
int main(int argc, char **argv) { return look(argc) != 2; }
END
gcc -g -O0 -o 'two words/a "prog"' x.c
for command in "'two words/a \"prog\"' arg" '"two words/a \"prog\"" arg' \
	'two\ words/a\ \"prog\" arg'; do
	out=$("$SONDE" -c "$command" -e 'probe process.function("look") { println("look ", $n) }')
	[ "$out" = "look 2" ] || { echo "$command: $out"; exit 1; }
done
printf '#!/usr/bin/env -S bash -e\n:\n' > script
chmod +x script
out=$("$SONDE" -l 'process("./script").function("main")')
case "$out" in
'process("'*'/bash").function("main'*) ;;
*) echo "script: $out"; exit 1 ;;
esac
