# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs jobs in a qemu machine with one of the lab's kernels and brings their results back."""
import re
import shutil
import subprocess
from pathlib import Path

import image
import kernels

BOOT_SECONDS = 60     # to the first job, on a busy machine
SLOWER = 4            # a job's time limit, times this, in an emulated machine
KERNEL_TROUBLE = re.compile(r"BUG:|Oops|WARNING: CPU|Kernel panic|general protection fault")


def qemu_command(kernel, initramfs, console, results):
    # Without -cx16, 6.12 panics at boot in one run of five under Debian 12's qemu.
    return ["qemu-system-x86_64", "-smp", "2", "-cpu", "max,-cx16", "-m", "1280M",
            "-display", "none", "-monitor", "none", "-no-reboot", "-nodefaults",
            "-serial", f"file:{console}", "-serial", f"file:{results}",
            "-kernel", str(kernel), "-initrd", str(initramfs),
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off"]


def parse_results(data):
    """The guest's stream (testsuite/lab/guest.c) as {name: (status, stdout, stderr, ms)}."""
    results, at = {}, 0
    header = re.compile(rb"@@ (\S+) (\d+) (\d+) (\d+) (\d+)\n")
    while match := header.match(data, at):
        out_end = match.end() + int(match[3])
        err_end = out_end + int(match[4])
        if err_end > len(data):
            break
        results[match[1].decode()] = (int(match[2]), data[match.end():out_end],
                                      data[out_end:err_end], int(match[5]))
        at = err_end
    return results


def boot(vmlinuz, work, jobs_tree, names_limits, build, tests, programs):
    """One boot: runs the named jobs; returns (results, console text)."""
    (jobs_tree / "jobs/list").write_text(
        "".join(f"{name} {limit * SLOWER}\n" for name, limit in names_limits))
    initramfs = image.make_initramfs(work, build, tests, jobs_tree, programs)
    console, results = work / "console", work / "results"
    for path in (console, results):
        path.unlink(missing_ok=True)
    longest = BOOT_SECONDS + sum(limit * SLOWER for _, limit in names_limits)
    machine = subprocess.Popen(qemu_command(vmlinuz, initramfs, console, results),
                               stdin=subprocess.DEVNULL)
    try:
        machine.wait(timeout=longest)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if machine.poll() is None:
            machine.kill()
            machine.wait()
    text = console.read_text(errors="replace") if console.exists() else ""
    data = results.read_bytes() if results.exists() else b""
    return parse_results(data), text


def check_tools():
    missing = [package for tool, package in (("qemu-system-x86_64", "qemu-system-x86"),
                                             ("busybox", "busybox-static"), ("cpio", "cpio"),
                                             ("ldd", "libc-bin"), ("gcc", "gcc"))
               if not shutil.which(tool)]
    if missing:
        raise kernels.LabUnavailable(f"the lab needs {' '.join(missing)}")


class LabExecutor:
    """Runs cases in the lab kernel NAME; the same interface as local.LocalExecutor."""

    def __init__(self, name, out, build, tests):
        self.name = name
        self.out, self.build, self.tests = out, build, tests
        self.work = out / f"lab-{name}"
        check_tools()
        self.vmlinuz = kernels.fetch_kernel(name)
        self.release = self.vmlinuz.name.removeprefix("vmlinuz-")
        self.has = {"root", "lab"} | kernels.KERNELS[name]["has"]
        self.console = ""

    def run(self, jobs, done):
        """Runs every job, calling DONE(job, status, stdout, stderr, ms) for each."""
        left = {job.name: job for job in jobs}
        while left:
            results, console = self.boot_once(list(left.values()))
            self.console += console
            for name, result in results.items():
                job = left.pop(name, None)
                if job:
                    done(job, *result)
            trouble = KERNEL_TROUBLE.search(console)
            if left and (not results or trouble is None):
                self.give_up(left, console, done)
                return
            if left:  # the kernel died in one of the jobs that were running: the next in the list
                victim = next(iter(left.values()))
                del left[victim.name]
                done(victim, -1, b"", console[-4000:].encode(), 0)

    def give_up(self, left, console, done):
        why = f"machine {self.name} ended before this job\n{console[-2000:]}"
        for job in left.values():
            done(job, -1, b"", why.encode(), 0)

    def boot_once(self, jobs):
        tree = self.work / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        (tree / "jobs").mkdir(parents=True)
        programs = set()
        for job in jobs:
            shutil.copytree(job.dir, tree / "jobs" / job.name, symlinks=True)
        shutil.copytree(self.out / "targets", tree / "targets", symlinks=True,
                        dirs_exist_ok=True)
        for path in (self.out / "targets").glob("*/*"):
            programs.add(path)
        limits = [(job.name, job.limit) for job in jobs]
        return boot(self.vmlinuz, self.work, tree, limits, self.build, self.tests,
                    sorted(programs))
