#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Translating a long script and a pattern of many functions; an end probe that sorts and prints a
large array."""
import os
import re
import subprocess
import sys
import tempfile

from common import SONDE, Run, build_target, median, need_root

LINES = 500
SORT = """
global a
probe begin { for (i = 0; i < 100000; i++) a[i] = (i * 7919) % 100003; exit() }
probe end {
    from = gettimeofday_us()
    foreach (k in a-) printf("%d %d\\n", k, a[k])
    warn(sprintf("%d", gettimeofday_us() - from))
}
"""


def long_script(spin):
    """A function and a global for each handler, 12 lines in all."""
    text = []
    for i in range(LINES // 12 + 1):
        text.append(f"""global total{i}, calls{i}
function difference{i}(x, y) {{
    if (x > y)
        return x - y
    return y * {i} + x
}}
probe process("{spin}").function("work") {{
    total{i} += difference{i}($arg1, {i})
    calls{i}[pid(), execname()]++
    if (total{i} > 100)
        printf("%d %s\\n", total{i}, execname())
}}""")
    return "\n".join(text) + "\n"


CALLS = """
probe process("{0}").function("f*").call {{ printf("%s %s\\n", ppfunc(), $$parms) }}
probe process("{0}").function("f*").return {{ printf("%s %s\\n", ppfunc(), $$return) }}
"""


def many_functions(directory, count):
    """A program of so many functions, and a script that shows the calls of all."""
    source, program = (os.path.join(directory, name) for name in ("many.c", "many"))
    with open(source, "w") as f:
        for i in range(count):
            f.write(f"int f{i}(int a{i}, long b, char *c) {{ return a{i} + b + *c; }}\n")
        f.write('int main(void) { return f0(1, 2, ""); }\n')
    subprocess.run(["cc", "-g", "-O1", "-o", program, source], check=True)
    return CALLS.format(program)


def measure_many(directory):
    """Cold, index of the program included; then the whole run of it, from the cache."""
    script = many_functions(directory, 1000)
    os.environ["XDG_CACHE_HOME"] = os.path.join(directory, "cache")
    cold = Run([SONDE, "-p4", "-e", script])
    warm = [Run([SONDE, "-c", os.path.join(directory, "many"), "-e", script]) for _ in range(5)]
    print(f"1000 functions and their returns: {cold.total * 1000:.0f} ms, "
          f"run {median([r.total for r in warm]) * 1000:.0f} ms")


def main():
    need_root()
    directory = tempfile.mkdtemp(prefix="sonde-bench-")
    script = os.path.join(directory, "long.stp")
    with open(script, "w") as f:
        f.write(long_script(build_target("spin", directory)))
    with open(script) as f:
        lines = sum(1 for _ in f)
    command = [SONDE, "--disable-cache", "-p4", "-o", os.path.join(directory, "long.sonde"), script]
    runs = [Run(command) for _ in range(9)]
    print(f"{lines} lines: {median([r.total for r in runs]) * 1000:.0f} ms, least "
          f"{min(r.total for r in runs) * 1000:.0f}, CPU {min(r.cpu for r in runs) * 1000:.0f}")
    measure_many(directory)
    times = []
    for _ in range(7):
        limits = ["-D", "MAXACTION=100000000", "-D", "MAXMAPENTRIES=200000"]
        said = subprocess.run([SONDE, *limits, "-e", SORT], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True).stderr
        found = re.search(r"WARNING: (\d+)", said)
        if not found:
            sys.exit(said)
        times.append(int(found.group(1)))
    print(f"sorting and printing 100000 elements: {median(times) / 1000:.0f} ms, "
          f"least {min(times) / 1000:.0f}")


if __name__ == "__main__":
    main()
