#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A sorted foreach in a kernel handler: time from before it to behind the last element."""
import subprocess
import tempfile

from common import SONDE, build_target, need_root

SCRIPT = """
global a, t
probe begin {{ for (i = 0; i < {count}; i++) a[i] = (i * 7919) % 1000003 }}
probe process("{spin}").function("work") {{
    from = gettimeofday_ns()
    foreach (k in a-)
        n++
    t <<< gettimeofday_ns() - from
    a[n % {count}] = n * from % 1000003
}}
probe end {{ printf("%d %d", @min(t), @avg(t)) }}
"""


def main():
    need_root()
    spin = build_target("spin", tempfile.mkdtemp(prefix="sonde-bench-"))
    for count in (10, 1000, 10000):
        script = SCRIPT.format(count=count, spin=spin)
        out = subprocess.run([SONDE, "-w", "-e", script, "-c", f"{spin} 20 1"], check=True,
                             capture_output=True, text=True).stdout.split()
        least, mean = (int(n) / 1000 for n in out[:2])
        print(f"{count} elements: least {least:.1f} us, mean {mean:.1f}")


if __name__ == "__main__":
    main()
