# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benchmarks share: running two sides in turn, medians, tables."""
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BENCH = os.path.dirname(os.path.abspath(__file__))
SONDE = os.environ.get("SONDE", "sonde")
BPFTRACE = os.environ.get("BPFTRACE", "bpftrace")


def need_root():
    if os.geteuid():
        sys.exit("the benchmarks trace: run them as root")
    for program in (SONDE, BPFTRACE):
        if not shutil.which(program):
            sys.exit(f"{program} is not here: set SONDE or BPFTRACE, or install it")


def build_target(name, directory):
    """Compiles a program of testsuite/targets; returns its path."""
    source = os.path.join(BENCH, "..", "targets", name + ".c")
    path = os.path.join(directory, name)
    subprocess.run(["gcc", "-O2", "-g", "-fno-omit-frame-pointer", "-pthread", "-o", path, source],
                   check=True)
    return path


def stop(process, seconds=20):
    """Interrupts a tracer and waits. bpftrace 0.17 now and then loses the signal (it goes back into
    its epoll_wait()); it is asked again then."""
    for _ in range(seconds // 2):
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(2)
        except subprocess.TimeoutExpired:
            pass
    print(f"killed, as it does not end: {' '.join(process.args)}", file=sys.stderr)
    process.kill()
    return process.wait()


class Run:
    """One timed run of a command: seconds in all, to its first byte of output, peak memory."""

    def __init__(self, command, env=None, stdin=None):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env=env)
        self.first = None
        while True:
            select.select([process.stdout], [], [])
            data = os.read(process.stdout.fileno(), 65536)
            if data and self.first is None:
                self.first = time.perf_counter() - start
            if not data:
                break
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        process.stdout.close()
        self.total = time.perf_counter() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.rss = usage.ru_maxrss / 1024


def alternate(sides, runs):
    """sides: name -> function that gives a dict of figures. Returns name -> figure -> list."""
    figures = {name: {} for name in sides}
    for turn in range(runs + 1):
        for name, measure in sides.items():
            for key, value in measure().items():
                if turn and value is not None:      # the first turn warms up
                    figures[name].setdefault(key, []).append(value)
    return figures


def median(values):
    return statistics.median(values) if values else float("nan")


def report(title, figures, peer, unit="ms", scale=1000.0):
    """A table of medians, and of each side's ratio to the peer."""
    print(f"\n{title}")
    for name, rows in figures.items():
        for key, values in rows.items():
            middle = median(values) * scale
            base = median(figures[peer].get(key, [])) * scale
            ratio = f"{middle / base:8.3f} of {peer}" if base == base and base else ""
            spread = f"{min(values) * scale:.1f}..{max(values) * scale:.1f}"
            print(f"  {name:<16} {key:<14} {middle:10.1f} {unit} ({spread}) {ratio}")
