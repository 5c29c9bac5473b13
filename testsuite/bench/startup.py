#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Start-up: a whole process and its first output, cold and from the cache, beside bpftrace."""
import os
import subprocess
import tempfile
import time

from common import BPFTRACE, SONDE, Run, alternate, need_root, report

HELLO = 'probe begin { println("hello"); exit() }'
MALLOC = ('global h, seen probe process("libc.so.6").function("malloc") { h <<< ulong_arg(1) '
          'if (!seen++) println("first") } probe timer.s(1) { exit() } '
          'probe end { print(@hist_log(h)) }')
BT_MALLOC = ('uprobe:/lib/x86_64-linux-gnu/libc.so.6:malloc { @h = hist(arg0); '
             'if (@seen == 0) { printf("first\\n"); @seen = 1 } } interval:s:1 { exit() }')


def figures(run, traced=0.0):
    return {"first output": run.first, "whole": run.total - traced}


def main():
    need_root()
    cache = tempfile.mkdtemp(prefix="sonde-bench-")
    env = dict(os.environ, XDG_CACHE_HOME=cache)
    noise = subprocess.Popen(["sh", "-c", "while :; do /bin/true; done"])

    def sonde(script, traced, *options):
        return lambda: figures(Run([SONDE, *options, "-e", script], env), traced)

    def bpftrace(script, traced):
        return lambda: figures(Run([BPFTRACE, "-e", script]), traced)

    try:
        noise.send_signal(19)
        time.sleep(0.1)
        report("hello world", alternate({
            "bpftrace": bpftrace('BEGIN { printf("hello\\n"); exit() }', 0),
            "sonde cold": sonde(HELLO, 0, "--disable-cache"),
            "sonde cached": sonde(HELLO, 0),
        }, 9), "bpftrace")
        noise.send_signal(18)
        report("malloc histogram, less the traced second", alternate({
            "bpftrace": bpftrace(BT_MALLOC, 1.0),
            "sonde cold": sonde(MALLOC, 1.0, "--disable-cache"),
            "sonde cached": sonde(MALLOC, 1.0),
        }, 5), "bpftrace")
    finally:
        noise.kill()
        noise.wait()


if __name__ == "__main__":
    main()
