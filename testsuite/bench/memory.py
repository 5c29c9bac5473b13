#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Resident memory while tracing: the process, and of it the ring buffer's pages (mapped twice)."""
import os
import re
import signal
import subprocess
import time

from common import BPFTRACE, SONDE, need_root

SCRIPT = ('global h probe process("libc.so.6").function("malloc") { h[execname()] <<< ulong_arg(1) '
          'if (ulong_arg(1) > 100000000) println("large") }')
BT_SCRIPT = ('uprobe:/lib/x86_64-linux-gnu/libc.so.6:malloc { @h[comm] = hist(arg0); '
             'if (arg0 > 100000000) { printf("large\\n") } }')


def resident(pid):
    """(all, ring) in kilobytes, once the process has settled."""
    with open(f"/proc/{pid}/smaps") as f:
        text = f.read()
    whole = ring = 0
    name = ""
    for line in text.splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            name = line.split(None, 5)[5] if len(line.split(None, 5)) > 5 else ""
        elif line.startswith("Rss:"):
            kilobytes = int(line.split()[1])
            whole += kilobytes
            # A ring is the only map of BPF this large.
            if "bpf-map" in name or "bpf_ringbuf" in name:
                ring += kilobytes if kilobytes > 64 else 0
    return whole, ring


def measure(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(30):         # some events, too
            time.sleep(0.1)
            subprocess.run(["/bin/true"], check=True)
        return resident(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def main():
    need_root()
    sides = (("sonde", [SONDE, "-e", SCRIPT]), ("bpftrace", [BPFTRACE, "-e", BT_SCRIPT]))
    for name, command in sides:
        whole, ring = measure(command)
        print(f"{name:<10} {whole / 1024:7.1f} MB resident, "
              f"without the ring {(whole - ring) / 1024:6.1f} MB")


if __name__ == "__main__":
    main()
