# SPDX-License-Identifier: GPL-2.0-or-later
## about: process.begin tells once of a process that is there already: by number, by file, target
## need: root btf
. "$SRCDIR/testsuite/lib/tap.sh"
cp "$(command -v bash)" ./shell
./shell -c 'while :; do read -t 0.02; done < <(sleep 60)' &
there=$!
trap 'kill $there' EXIT
cat > a.stp <<'END'
global number, file, target, ended
probe process($1).begin { number++ }
probe process("./shell").begin { file += pid() == $1 }
probe process.begin { target += pid() == target() }
probe timer.ms(100) { if (number && file && target && ++ended == 5) exit() }
probe end { printf("%d %d %d\n", number, file, target) }
END
run "$SONDE" -x $there a.stp $there
is "$(cat out)" "1 1 1" "each once"
says "once of a program that is run" 0 '^1$' "$SONDE" -c true \
	-e 'global n probe process.begin { n++ } probe end { println(n) }'
plan
