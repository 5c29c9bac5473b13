#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Listing functions of a file with much DWARF, cold and from the index, beside libdw's own walk.

    listing.py [VMLINUX]        default: the newest that testsuite/lab/fetch dbg has brought
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time

from common import BENCH, SONDE, Run, alternate, report

CACHE = os.path.expanduser("~/.cache/sonde-lab")


def find_vmlinux():
    found = glob.glob(f"{CACHE}/linux-image-*-dbg/usr/lib/debug/boot/vmlinux-*")
    if not found:
        sys.exit("no vmlinux with DWARF: give one, or run testsuite/lab/fetch dbg")
    return max(found)


def build_walker(directory):
    path = os.path.join(directory, "listing")
    subprocess.run(["gcc", "-O2", "-o", path, os.path.join(BENCH, "listing.c"), "-ldw"], check=True)
    return path


def main():
    vmlinux = sys.argv[1] if len(sys.argv) > 1 else find_vmlinux()
    directory = tempfile.mkdtemp(prefix="sonde-bench-")
    walker = build_walker(directory)
    point = f'process("{vmlinux}").function("vfs_*")'
    env = dict(os.environ, XDG_CACHE_HOME=os.path.join(directory, "cache"))

    def timed(command, before=lambda: None):
        def measure():
            before()
            run = Run(command, env)
            return {"whole": run.total, "cpu": run.cpu}
        return measure

    def forget():
        shutil.rmtree(env["XDG_CACHE_HOME"], ignore_errors=True)

    try:
        report(f"{point} of {os.path.getsize(vmlinux) >> 20} MB", alternate({
            "libdw, units": timed([walker, vmlinux, "vfs_*"]),
            "libdw, nested": timed([walker, vmlinux, "vfs_*", "nested"]),
            "sonde cold": timed([SONDE, "-l", point], forget),
            "sonde indexed": timed([SONDE, "-l", point]),
        }, 5), "libdw, units")
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
