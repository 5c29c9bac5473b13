#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
## about: variables of a 32-bit program are refused, not read from the wrong registers
## need: tool:gcc
set -u
echo 'int look(int n) { return n; } int _start(void) { return look(1); }' > x.c
gcc -m32 -g -nostdlib -static -o small x.c 2> /dev/null || { echo "no 32-bit gcc"; exit 77; }
"$SONDE" -l 'process("./small").function("look")' > /dev/null || exit 1
"$SONDE" -p2 -e 'probe process("./small").function("look") { println($n) }' > out 2>&1 && exit 1
grep -q '32-bit' out
