#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""End to end: what a probed call takes with a counter in its handler, beside an empty handler.

Both are Sonde's, attached alike; they take turns. The probed program is on CPU 0, sonde on CPU 1.
Aim: within 5 % of the empty one. CPU time of the calling thread, the kernel's part included.

    end-to-end.py [TURNS]    default 5
"""
import subprocess
import sys
import tempfile

from common import SONDE, build_target, median, need_root, stop

ROUNDS = 20         # timings in one turn
POINTS = {
    "uprobe": ('process("SPIN").function("work")', ["20000", "1"]),
    "raw tracepoint": ('kernel.trace("sys_enter")', ["100000", "1", "s"]),
}
HANDLERS = {
    "empty": "probe POINT { next }",
    "n++": "global n probe POINT { n++ }",
    "n <<< 1": "global n probe POINT { n <<< 1 } probe end { println(@count(n)) }",
    "histogram": "global n probe POINT { n <<< 1 } probe end { print(@hist_log(n)) }",
}
ARMED = ' global armed probe timer.ms(20) { if (!armed) { armed = 1; println("armed") } }'


def timings(script, command):
    """Nanoseconds a call, of each round, while the script traces."""
    tracer = subprocess.Popen(["taskset", "-c", "1", SONDE, "-e", script + ARMED],
                              stdout=subprocess.PIPE, text=True)
    try:
        if tracer.stdout.readline() != "armed\n":
            sys.exit("sonde does not start")
        return [float(subprocess.run(command, stderr=subprocess.PIPE, text=True).stderr)
                for _ in range(ROUNDS)]
    finally:
        stop(tracer)


def main():
    need_root()
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    spin = build_target("spin", tempfile.mkdtemp(prefix="sonde-bench-"))
    print(f"{'ns a call':<28}{'median':>9}{'ratio':>8}{'least':>9}{'ratio':>8}")
    for point, (spelling, arguments) in POINTS.items():
        taken = {name: [] for name in HANDLERS}
        for _ in range(turns):
            for name, script in HANDLERS.items():
                script = script.replace("POINT", spelling.replace("SPIN", spin))
                taken[name] += timings(script, [spin, *arguments])
        middle, least = median(taken["empty"]), min(taken["empty"])
        for name, values in taken.items():
            print(f"{point + ', ' + name:<28}{median(values):9.1f}{median(values) / middle:8.3f}"
                  f"{min(values):9.1f}{min(values) / least:8.3f}")


if __name__ == "__main__":
    main()
