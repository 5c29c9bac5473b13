#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lost updates: two CPUs count the same calls, in Sonde and in bpftrace.

    exact.py [CALLS]    calls on each CPU, default 5000000
"""
import re
import signal
import subprocess
import sys
import tempfile
import time

from common import BPFTRACE, SONDE, build_target, need_root

SCRIPT = """
global n, a, sum, s, parts, seen, taken
probe POINT { n++; a["k"]++; sum += 1; s <<< 1; parts[cpu()] <<< 1; seen["x"]++ }
probe timer.ms(50) {
    foreach (c in parts) taken += @count(parts[c])
    delete parts
    taken_elements += seen["x"]; delete seen
}
global taken_elements
probe end {
    foreach (c in parts) taken += @count(parts[c])
    taken_elements += seen["x"]
    printf("n++ %d\\na[k]++ %d\\n+= %d\\n<<< %d\\n", n, a["k"], sum, @count(s))
    printf("<<<, taken every 50 ms %d\\n++, taken every 50 ms %d\\n", taken, taken_elements)
}
"""
BT_SCRIPT = 'uprobe:%s:work { @plus++; @sum += 1; @key["k"]++; @count = count(); }'


def run(command, spin, calls):
    tracer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    time.sleep(2)
    subprocess.run([spin, str(calls), "2"], stderr=subprocess.DEVNULL, check=True)
    tracer.send_signal(signal.SIGINT)
    return tracer.communicate()[0]


def show(name, text, total):
    for label, number in re.findall(r"^(\S.*?):? (\d+)$", text, re.M):
        lost = total - int(number)
        print(f"{name:<10} {label:<26} {number:>9} of {total}: "
              f"lost {lost} ({100 * lost / total:.2f} %)")


def main():
    need_root()
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 5000000
    spin = build_target("spin", tempfile.mkdtemp(prefix="sonde-bench-"))
    script = SCRIPT.replace("POINT", f'process("{spin}").function("work")')
    show("sonde", run([SONDE, "-e", script], spin, calls), 2 * calls)
    show("bpftrace", run([BPFTRACE, "-e", BT_SCRIPT % spin], spin, calls), 2 * calls)


if __name__ == "__main__":
    main()
