# SPDX-License-Identifier: GPL-2.0-or-later
## about: files of procfs probes are pipes: what is written and who reads, one after the other
## timeout: 30
. "$SRCDIR/testsuite/lib/tap.sh"

export XDG_RUNTIME_DIR=$PWD
cat > script.stp <<'END'
global value = "start\n"
probe procfs("x").read { $value = value; $value .= "more\n" }
probe procfs("x").write { value = $value; printf("got %s", $value) if (value == "stop\n") exit() }
probe procfs.umask(0).read.maxsize(2000) { for (i = 0; i < 300; i++) $value .= "0123456789" }
END
"$SONDE" -m files script.stp > out 2> err &
for ((i = 0; i < 200; i++)); do [ -p sonde/files/command ] && break; sleep 0.05; done

is "$(timeout 5 cat sonde/files/x)" "$(printf 'start\nmore')" "a reader gets \$value"
timeout 5 bash -c 'echo hello > sonde/files/x.write'
is "$(timeout 5 cat sonde/files/x)" "$(printf 'hello\nmore')" "what was written is there"
is "$(timeout 5 cat sonde/files/command | wc -c)" 2000 "maxsize may be more than a string"
is "$(stat -c %a sonde/files/command)" 644 "umask says who may read"
timeout 5 bash -c 'echo stop > sonde/files/x.write'
wait
is "$(cat out)" "$(printf 'got hello\ngot stop')" "each write ran the handler"
is "$(ls sonde)" "" "and the files are gone"
where="WARNING: procfs(\"x\") is read and written: what is written goes to $PWD/sonde/files/x.write"
is "$(cat err)" "$where" "a file that is both is two"
plan
