# SPDX-License-Identifier: GPL-2.0-or-later
"""The initramfs of a lab machine: three cpio archives one behind the other.

libs    busybox, bash, the guest's first process and every shared library (changes seldom, large)
sonde   what `make install` installs, or `sonde` alone if no test translates in the machine
jobs    the tests of this boot
"""
import hashlib
import os
import re
import shutil
import subprocess

from kernels import LabBroken

SYMBOLS = ".libs/sonde-symbols.so"  # the plug-in that names addresses of processes
LOADED_BY_NAME = ["libgcc_s.so.1"]  # by libc, for ending threads
TOOLS = ["/bin/bash"]
LOCALE = "/usr/lib/locale/C.utf8"


def cpio(tree, to):
    """Packs a directory, owned by root."""
    find = subprocess.run(["find", ".", "-print0"], cwd=tree, capture_output=True, check=True)
    part = to.with_name(to.name + ".part")
    with open(part, "wb") as out:
        subprocess.run(["cpio", "--null", "--create", "--format=newc", "--quiet",
                        "--owner=+0:+0"], cwd=tree, input=find.stdout, stdout=out, check=True)
    part.rename(to)


def shared_libraries(program):
    """Absolute paths of what a program or library maps, the loader too."""
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    return set(re.findall(r"(?:=> |^\s*)(/\S+) \(", said.stdout, re.M))


def copy_into(tree, path):
    to = tree / str(path).lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(os.path.realpath(path), to)


def library_file(name):
    for place in ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64"):
        if os.path.exists(f"{place}/{name}"):
            return f"{place}/{name}"
    return None


class Image:
    """Makes initramfs files in WORK from the build tree BUILD."""

    def __init__(self, work, build, tests):
        self.work, self.build = work, build
        self.guest_source = tests / "lab/guest.c"
        work.mkdir(parents=True, exist_ok=True)

    def make(self, out, limits, translator):
        """An initramfs with OUT/jobs and OUT/targets, under the same absolute path as here.

        LIMITS is [(job, seconds, how the kernel preempts)]; TRANSLATOR says whether
        sonde-translate and LLVM are needed.
        """
        programs = [self.build / "sonde", self.build / SYMBOLS]
        if translator:
            programs += [self.build / "sonde-translate", *self.build.glob(".libs/*.so")]
        targets = sorted(p for p in out.glob("targets/*/*") if os.access(p, os.X_OK))
        parts = [self.make_libs("full" if translator else "lean",
                                [p for p in programs + targets if p.is_file()]),
                 self.make_sonde(translator), self.make_jobs(out, limits)]
        image = self.work / "initramfs"
        with open(image, "wb") as to:
            for part in parts:
                with open(part, "rb") as data:
                    shutil.copyfileobj(data, to, 1 << 20)
        return image

    def make_libs(self, name, programs):
        """The libs archive for these programs, rebuilt when the set or a file of it changes."""
        paths = set(TOOLS)
        for program in [*programs, *TOOLS]:
            paths |= shared_libraries(program)
        paths |= {p for p in map(library_file, LOADED_BY_NAME) if p}
        busybox = shutil.which("busybox") or "/bin/busybox"
        stamp = hashlib.sha256()
        for path in sorted(paths | {busybox, str(self.guest_source)}):
            stat = os.stat(path)
            stamp.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
        archive, key = self.work / f"libs-{name}.cpio", self.work / f"libs-{name}.key"
        if archive.exists() and key.exists() and key.read_text() == stamp.hexdigest():
            return archive
        tree = self.work / "libs"
        shutil.rmtree(tree, ignore_errors=True)
        make_root(tree)
        for path in [*sorted(paths), busybox]:
            copy_into(tree, path)
        add_applets(tree, busybox)
        subprocess.run(["gcc", "-std=gnu17", "-O2", "-static", "-o", str(tree / "init"),
                        str(self.guest_source)], check=True)
        cpio(tree, archive)
        shutil.rmtree(tree)
        key.write_text(stamp.hexdigest())
        return archive

    def make_sonde(self, translator):
        """The sonde archive: an installation of the build tree, or `sonde` alone."""
        archive = self.work / ("sonde-full.cpio" if translator else "sonde-lean.cpio")
        built = [p for p in [self.build / "sonde", self.build / "sonde-translate",
                             *self.build.glob(".libs/*.so"), *self.build.glob("runtime/kern/*.bc"),
                             *self.build.glob("tapsets/*")] if p.exists()]
        newest = max((p.stat().st_mtime for p in built), default=0)
        if archive.exists() and archive.stat().st_mtime > newest:
            return archive
        tree = self.work / "sonde"
        shutil.rmtree(tree, ignore_errors=True)
        (tree / "usr/bin").mkdir(parents=True)
        if translator:
            install(self.build, tree)
        else:
            shutil.copy(self.build / "sonde", tree / "usr/bin")
            (tree / "usr/local/lib/sonde").mkdir(parents=True)
            shutil.copy(self.build / SYMBOLS, tree / "usr/local/lib/sonde")
        cpio(tree, archive)
        shutil.rmtree(tree)
        return archive

    def make_jobs(self, out, limits):
        """OUT's jobs and targets where they are here, and /jobs, which leads there."""
        tree = self.work / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        here = tree / str(out).lstrip("/")
        here.mkdir(parents=True)
        for name in ("jobs", "targets"):
            if (out / name).exists():
                shutil.copytree(out / name, here / name, symlinks=True)
        (here / "jobs/list").write_text("".join(" ".join(map(str, row)) + "\n" for row in limits))
        (tree / "jobs").symlink_to(out / "jobs")
        cpio(tree, self.work / "jobs.cpio")
        return self.work / "jobs.cpio"


def make_root(tree):
    """The directories of a system with merged /usr, as on the machine the paths come from."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    for name in ("proc", "sys", "dev/pts", "tmp", "run", "root", "etc", "var"):
        (tree / name).mkdir(parents=True)
    (tree / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n"
                                     "nobody:x:65534:65534:nobody:/:/bin/false\n")
    (tree / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    shutil.copytree(LOCALE, tree / LOCALE.lstrip("/"))


def add_applets(tree, busybox):
    target = os.path.relpath(tree / busybox.lstrip("/"), tree / "usr/bin")
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True,
                                 check=True).stdout.split():
        if not os.path.lexists(tree / "usr/bin" / applet):
            (tree / "usr/bin" / applet).symlink_to(target)


def install(build, tree):
    """`make install`, and /usr/bin/sonde whatever the prefix."""
    run = subprocess.run(["make", "-s", "install", f"DESTDIR={tree}"], cwd=build,
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise LabBroken(f"make install for the lab failed:\n{run.stderr[-3000:]}")
    installed = next((p for p in tree.rglob("bin/sonde") if p.is_file()), None)
    link = tree / "usr/bin/sonde"
    if installed and installed != link:
        link.symlink_to("/" + str(installed.relative_to(tree)))
