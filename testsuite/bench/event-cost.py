#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Cost of an event: time inside the BPF program, net of an empty one on the same probe.

The kernel counts it (kernel.bpf_stats_enabled); the empty program is bpftrace's. A traced program
calls a
function that begins with push %rbp, which the kernel emulates, on CPU 0, the tracer sits on CPU 1.
Arguments: the actions wanted (parts of their names); none: all.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

from common import BPFTRACE, SONDE, build_target, need_root, stop

CALLS = 200000
STATS = "/proc/sys/kernel/bpf_stats_enabled"

ACTIONS = {
    "empty": (None, "{}"),
    "n++": ("global n probe POINT { n++ }", "{ @++ }"),
    "n <<< 1, count": ("global n probe POINT { n <<< 1 } probe end { println(@count(n)) }",
                       "{ @ = count() }"),
    "histogram": ("global n probe POINT { n <<< $arg1 } probe end { print(@hist_log(n)) }",
                  "{ @ = hist(arg0) }"),
    "a[pid()]++": ("global a probe POINT { a[pid()]++ }", "{ @[pid]++ }"),
    "a[pid()] <<< 1": ("global a probe POINT { a[pid()] <<< 1 } "
                       "probe end { foreach (k in a) println(@count(a[k])) }",
                       "{ @[pid] = count() }"),
    "a[execname()]++": ("global a probe POINT { a[execname()]++ }", "{ @[comm]++ }"),
    "filter by name": ('global n probe POINT { if (execname() == "spin") n++ }',
                       '/comm == "spin"/ { @++ }'),
    "printf one integer": ('probe POINT { printf("%d\\n", $arg1) }', '{ printf("%d\\n", arg0) }'),
    "printf three and a string": (
        'probe POINT { printf("%d %d %d %s\\n", pid(), $arg1, cpu(), execname()) }',
        '{ printf("%d %d %d %s\\n", pid, arg0, cpu, comm) }'),
}


def bpf_programs():
    """id -> (run time, run count) of every loaded program that has run."""
    text = subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True).stdout
    return {p["id"]: (p.get("run_time_ns", 0), p.get("run_cnt", 0)) for p in json.loads(text)}


def find_program(known, calls, spin):
    """The new program that ran about as often as the function was called, and its figures."""
    before = bpf_programs()
    subprocess.run([spin, str(calls)], stderr=subprocess.DEVNULL)
    for number, (time_ns, count) in bpf_programs().items():
        was = before.get(number, (0, 0))
        if number not in known and calls <= count - was[1] <= calls * 1.01:
            return (time_ns - was[0]) / (count - was[1])
    return None


def one_run(command, spin):
    """Nanoseconds a call inside the tracer's program, or None."""
    known = bpf_programs()
    tracer = subprocess.Popen(["taskset", "-c", "1", *command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):                # until calls are counted
            if find_program(known, 1000, spin) is not None:
                return min(filter(None, (find_program(known, CALLS, spin) for _ in range(3))),
                           default=None)
            time.sleep(0.1)
        return None
    finally:
        stop(tracer)


def main():
    need_root()
    directory = tempfile.mkdtemp(prefix="sonde-bench-")
    spin = build_target("spin", directory)
    with open(STATS) as f:
        was = f.read()
    with open(STATS, "w") as f:
        f.write("1")
    try:
        print(f"{'action':<28}{'sonde ns':>10}{'bpftrace ns':>12}{'ratio':>8}")
        empty = []
        for name, (ours, theirs) in ACTIONS.items():
            if ours and sys.argv[1:] and not any(part in name for part in sys.argv[1:]):
                continue
            peer, own = [], []
            for _ in range(3):
                peer.append(one_run([BPFTRACE, "-e", f"uprobe:{spin}:work {theirs}"], spin))
                if ours:
                    script = ours.replace("POINT", f'process("{spin}").function("work")')
                    own.append(one_run([SONDE, "-e", script], spin))
            peer = [v for v in peer if v is not None]
            own = [v for v in own if v is not None]
            if not ours:
                empty = peer
                print(f"{'(an empty program)':<28}{'':>10}{min(empty):12.1f}")
                continue
            base = min(empty)
            ours_ns = min(own) - base if own else float("nan")
            theirs_ns = min(peer) - base if peer else float("nan")
            print(f"{name:<28}{ours_ns:10.1f}{theirs_ns:12.1f}{ours_ns / theirs_ns:8.2f}")
    finally:
        with open(STATS, "w") as f:
            f.write(was)


if __name__ == "__main__":
    main()
