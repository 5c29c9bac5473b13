#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A flood of printf: events of one thread, how many lines come out, how many losses are reported.

    flood.py [EVENTS [MEGABYTES]]   default 3000000; the second run has a ring that holds all
                                    of them, and is interrupted as soon as the last event has
                                    happened
"""
import re
import subprocess
import sys
import tempfile
import time

from common import BPFTRACE, SONDE, build_target, need_root, stop

SCRIPT = 'probe process("%s").function("work") { printf("%%d\\n", $arg1) }'
BT_SCRIPT = 'uprobe:%s:work { printf("%%d\\n", arg0) }'


def armed(spin):
    """Probed functions begin with a breakpoint: a call then costs more than a few nanoseconds."""
    out = subprocess.run([spin, "1000"], capture_output=True, text=True).stderr
    return float(out) > 100


def flood(name, command, spin, events, env=None):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        tracer = subprocess.Popen(["taskset", "-c", "1", *command], stdout=out, stderr=err)
        time.sleep(1)
        calls = 0
        while not armed(spin):
            time.sleep(0.1)
        calls += 1000
        time.sleep(0.2)
        start = time.perf_counter()
        ns = subprocess.run([spin, str(events)], capture_output=True, text=True).stderr.strip()
        stop(tracer, 60)
        seconds = time.perf_counter() - start
        out.seek(0)
        lines = sum(block.count(b"\n") for block in iter(lambda: out.read(1 << 20), b""))
        if name.startswith("bpftrace"):
            lines -= 2              # "Attaching …" and the empty line at its end
        err.seek(0)
        out.seek(0)
        said = err.read().decode() + (out.read().decode() if name.startswith("bpftrace") else "")
    pattern = r"Lost (\d+)|(?<!\d)(\d+) (?:records?|events?) (?:were )?lost"
    lost = sum(int(n) for n in re.findall(pattern, said) for n in n if n) if said else 0
    total = events + calls
    print(f"{name:<22} {lines:9d} lines {lost:9d} reported lost "
          f"{total - lines - lost:9d} unaccounted for, "
          f"{ns} ns a call, {seconds:.2f} s")


def main():
    need_root()
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 3000000
    whole = sys.argv[2] if len(sys.argv) > 2 else str((events * 48 >> 20) + 1)
    spin = build_target("spin", tempfile.mkdtemp(prefix="sonde-bench-"))
    flood("sonde", [SONDE, "-e", SCRIPT % spin], spin, events)
    flood(f"sonde -s {whole}", [SONDE, "-s", whole, "-e", SCRIPT % spin], spin, events)
    flood("bpftrace", [BPFTRACE, "-e", BT_SCRIPT % spin], spin, events)


if __name__ == "__main__":
    main()
