# SPDX-License-Identifier: GPL-2.0-or-later
## about: --target-namespaces: process numbers as another name space has them
## need: root btf tool:unshare
. "$SRCDIR/testsuite/lib/tap.sh"
unshare --pid --fork sh -c ': & while kill -0 $$; do sleep 0.02; done' 2> unshared &
outside=$!
trap 'kill $inside $outside' EXIT
inside=
for i in 1 2 3 4 5 6 7 8 9 10; do
	read -r inside < /proc/$outside/task/$outside/children && break
	sleep 0.1
done
[ -n "$inside" ] || { cat unshared; exit 77; }
inside=${inside% }
cat > a.stp <<'END'
probe process($1).syscall {
	printf("%d %d %d %d\n", ns_pid() == pid(), ns_pid(), ns_ppid(), task_ns_tid(task_current()))
	exit()
}
END
run "$SONDE" -T 10 --target-namespaces=$inside a.stp $inside
is "$(head -n 1 out)" "0 1 0 1" "as seen there"
says "as seen here" 0 "^1 $inside $outside $inside$" "$SONDE" -T 10 a.stp $inside
says "no number" 1 'a process number is wanted' "$SONDE" --target-namespaces=1x a.stp 1
says "no process" 1 'cannot be read' "$SONDE" --target-namespaces=99999999 a.stp 1
plan
