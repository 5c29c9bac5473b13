# SPDX-License-Identifier: GPL-2.0-or-later
## about: interrupts in each state; nothing is left behind
## need: tool:pgrep
## timeout: 90
. "$SRCDIR/testsuite/lib/tap.sh"

# after WHAT STATUS "SIGNAL…" OPTION…: sends them half a second apart.
after() {
	local what=$1 want=$2 signals=$3 pid guard
	shift 3
	"$SONDE" "$@" > out 2> err < /dev/null &
	pid=$!
	for i in $(seq 50); do
		[ -z "$ready" ] || grep -q "$ready" out || sleep 0.1
	done
	for signal in $signals; do
		sleep 0.7
		kill -$signal $pid
	done
	(sleep 8; kill -KILL $pid) > /dev/null 2>&1 &
	guard=$!
	wait $pid
	status=$?
	kill $guard 2> /dev/null
	wait $guard 2> /dev/null
	[ $status = "$want" ]
	point "$what (status $status)"
}

ready='^a$'
# Under nohup the hang-up signal is ignored, and sonde leaves it so.
ignored=$(awk '/^SigIgn/ { print $2 }' /proc/$$/status)
[ $((0x$ignored & 1)) = 0 ] && hup=HUP || hup=
for signal in INT TERM $hup QUIT; do
	after "$signal while tracing" 0 $signal \
		-e 'probe begin { println("a") } probe end { println("end") }'
	[ "$(cat out)" = "a
end" ]
	point "end handlers have run"
done
ready=
long='for (i = 0; i >= 0; i++) n += i'
after "in a long begin handler: leaves at the second" 0 "INT INT" \
	-DMAXACTION=100000000000 \
	-e "global n probe begin { $long } probe end { println(\"end\", n) }"
after "in an end handler that goes on for long" 0 "INT INT" \
	-DMAXACTION=100000000000 -e "global n probe begin { n = 1 } probe end { $long println(n) }"
after "while the command runs" 0 INT -c 'sleep 1234' -e 'probe end { println("end") }'
! pgrep -xf 'sleep 1234' > out
point "the command has ended"
after "while system() runs: leaves at the second" 0 "INT INT" \
	-e 'probe begin { system("exec sleep 4") } probe end { println("end") }'
mkfifo never
sleep 20 > never &
holder=$!
after "while it reads the script" 130 INT never
after "likewise" 143 TERM --disable-cache never
kill $holder 2> /dev/null
"$SONDE" -e 'probe timer.s(1) { }' -c 'sleep 4321' > out 2> err &
pid=$!
sleep 0.5
kill -KILL $pid
wait $pid 2> /dev/null
! pgrep -f 'sonde-translate.*timer.s.1. . .' > out
point "killed: the translator has ended"
kill $(pgrep -xf 'sleep 4321') 2> /dev/null
sleep 30 &
victim=$!
"$SONDE" -x $victim -e 'probe begin { println("a") } probe end { println("end") }' > out 2> err &
pid=$!
for i in $(seq 50); do grep -q a out && break; sleep 0.1; done
kill $victim
wait $pid
[ $? = 0 ] && grep -qx end out
point "the target is killed: the session ends"
"$SONDE" -c 'sleep 5432' -e 'probe end { println("end") }' > out 2> err &
pid=$!
for i in $(seq 50); do pgrep -xf 'sleep 5432' > found && break; sleep 0.1; done
kill -KILL $(cat found)
wait $pid
[ $? = 1 ] && grep -q 'signal 9' err && grep -qx end out
point "the command is killed: said, and status 1"
plan
