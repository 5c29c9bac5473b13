# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs jobs in a qemu machine with one of the lab's kernels and brings their results back."""
import gzip
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import kernels
from image import Image
from local import environment

BOOT_SECONDS = 60     # to the first job, on a busy machine
BOOTS = 6             # in one run, the kernel dying in between
SLOWER = 4            # a job's time limit, times this, in an emulated machine
KERNEL_TROUBLE = re.compile(r"BUG:|Oops|WARNING: CPU|Kernel panic|general protection fault")


def qemu_command(kernel, initramfs, console, results):
    # Without -cx16, 6.12 panics at boot in one run of five under Debian 12's qemu. With a thread
    # for each processor that qemu now and then runs a breakpoint that the kernel, patching its
    # code for a trampoline, has taken away already on the other one ("Oops: int3"). On a busy
    # machine the kernel's check of its timer comes too late ("timer doesn't work").
    return ["qemu-system-x86_64", "-accel", "tcg,thread=single", "-smp", "2",
            "-cpu", "max,-cx16", "-m", "1280M",
            "-display", "none", "-monitor", "none", "-no-reboot", "-nodefaults",
            "-serial", f"file:{console}", "-serial", f"file:{results}",
            "-kernel", str(kernel), "-initrd", str(initramfs),
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check"]


def parse_results(data):
    """The guest's stream (testsuite/lab/guest.c): {name: (status, stdout, stderr, ms)}, and the
    names of jobs that were running when it ended."""
    results, running, at = {}, [], 0
    header = re.compile(rb"@\+ (\S+)\n|@@ (\S+) (\d+) (\d+) (\d+) (\d+)\n")
    while match := header.match(data, at):
        at = match.end()
        if match[1]:
            running.append(match[1].decode())
            continue
        out_end = at + int(match[4])
        err_end = out_end + int(match[5])
        if err_end > len(data):
            break
        name = match[2].decode()
        results[name] = (int(match[3]), data[at:out_end], data[out_end:err_end], int(match[6]))
        running.remove(name)
        at = err_end
    return results, running


def boot(vmlinuz, initramfs, work, longest):
    """One boot; returns (results, running, console text)."""
    console, results = work / "console", work / "results"
    for path in (console, results):
        path.unlink(missing_ok=True)
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
    return *parse_results(data), text


def check_tools():
    missing = [package for tool, package in (("qemu-system-x86_64", "qemu-system-x86"),
                                             ("busybox", "busybox-static"), ("cpio", "cpio"),
                                             ("ldd", "libc-bin"), ("gcc", "gcc"))
               if not shutil.which(tool)]
    if missing:
        raise kernels.LabUnavailable(f"the lab needs {' '.join(missing)}")


class LabExecutor:
    """Runs cases in the lab kernel NAME; the same interface as local.LocalExecutor."""

    def __init__(self, name, out, build, tests, inside=False):
        self.name, self.inside = name, inside
        self.out, self.build, self.tests = out, build, tests
        self.work = out / f"lab-{name}"
        check_tools()
        self.vmlinuz = kernels.fetch_kernel(name)
        self.release = self.vmlinuz.name.removeprefix("vmlinuz-")
        self.has = {"root", "lab"} | kernels.KERNELS[name]["has"]
        self.debug = kernels.debug_directory(self.release)
        if self.debug:
            self.has.add("vmlinux")
        self.console = ""

    def module_file(self, name):
        """A module of this kernel, which a test loads there; None: it has no such module."""
        tree = self.vmlinuz.parents[1] / "lib/modules" / self.release
        return next(tree.rglob(f"{name}.ko*"), None)

    def run(self, jobs, done):
        """Runs every job, calling DONE(job, status, stdout, stderr, ms) for each. A job under
        which the kernel dies has failed, and the machine boots again for the rest."""
        left = {job.name: job for job in jobs if not job.result}
        for job in jobs:
            if job.result:
                done(job, *job.result)
        for _ in range(BOOTS):
            if not left:
                return
            results, running, console = self.boot_once(list(left.values()))
            self.console += console
            for name, (status, stdout, stderr, ms) in results.items():
                job = left.pop(name)
                done(job, status, stdout, job.warnings + stderr, ms)
            if not running:
                break
            for name in running:
                done(left.pop(name), -1, b"", console[-4000:].encode(), 0)
        for job in left.values():
            why = f"machine {self.name} ended before this job\n{self.console[-2000:]}"
            done(job, -1, b"", why.encode(), 0)

    def boot_once(self, jobs):
        limits = [(job.name, job.limit * SLOWER, job.preempt)
                  for job in sorted(jobs, key=lambda job: job.preempt)]
        image = Image(self.work, self.build, self.tests)
        initramfs = image.make(self.out, limits, translator=any(not job.outside for job in jobs))
        longest = BOOT_SECONDS + sum(limit for _, limit, _ in limits)
        return boot(self.vmlinuz, initramfs, self.work, longest)

    def prepare(self, jobs):
        """Translates here what can be: in an emulated machine LLVM takes seconds for each. A
        translation that fails is the job's result: the machine would say the same."""
        env = environment(self.build, self.out)

        def translate(job):
            # The kernel's debug information only for those that ask: others have to do without.
            where = {"SONDE_DEBUGINFO_PATH": str(self.debug)} if "vmlinux" in job.needs else {}
            try:
                run = subprocess.run(["sh", "-c", job.translate], cwd=job.dir, env=env | where,
                                     stdin=subprocess.DEVNULL, capture_output=True, check=False,
                                     timeout=job.limit)
            except subprocess.TimeoutExpired as late:
                job.result = (124, late.stdout or b"", late.stderr or b"", job.limit * 1000)
                return
            status = run.returncode if run.returncode >= 0 else 128 - run.returncode
            job.warnings = run.stderr
            if status:
                job.result = (status, run.stdout, run.stderr, 0)
            else:
                job.outside = True
                (job.dir / "cmd").write_text(job.run_translated + "\n")

        wanted = [job for job in jobs if job.translate]
        if wanted and not self.inside:
            env["KERNEL_TREE"] = str(self.kernel_tree())
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(translate, wanted))

    def kernel_tree(self):
        """A directory for sonde -r: the kernel's release, BTF, configuration and symbols."""
        tree = kernels.cache_dir() / f"tree-{self.release}"
        if (tree / "complete").exists():
            return tree
        (tree / "include/config").mkdir(parents=True, exist_ok=True)
        (tree / "include/config/kernel.release").write_text(self.release + "\n")
        shutil.copy(self.vmlinuz.with_name(f"config-{self.release}"), tree / ".config")
        self.copy_out({"vmlinux": "/sys/kernel/btf/vmlinux", "System.map": "/proc/kallsyms"}, tree)
        (tree / "complete").touch()
        return tree

    def copy_out(self, files, to):
        """Copies files of the machine into the directory TO, under the names given; packed,
        because the serial port is slow."""
        scratch = self.work / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        for name, path in files.items():
            (scratch / "jobs" / name).mkdir(parents=True)
            (scratch / "jobs" / name / "cmd").write_text(f"gzip -c < {path}\n")
        initramfs = Image(self.work, self.build, self.tests).make(
            scratch, [(name, 120, "voluntary") for name in files], translator=False)
        results, _, console = boot(self.vmlinuz, initramfs, self.work, BOOT_SECONDS + 240)
        for name in files:
            if results.get(name, (1,))[0] != 0:
                raise kernels.LabBroken(
                    f"kernel {self.name} does not boot:\n{console[-1000:]}")
            (to / name).write_bytes(gzip.decompress(results[name][1]))
