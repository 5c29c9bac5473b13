# SPDX-License-Identifier: GPL-2.0-or-later
"""The initramfs of a lab machine: three cpio archives one behind the other.

libs    busybox, bash, the guest's first process and every shared library (changes seldom, large)
sonde   what `make install` installs, and the configured prefix with it
jobs    the tests of this boot
"""
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

MODULE_OF_LIBC = ["libgcc_s.so.1", "libnss_files.so.2"]  # loaded by name at run time
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


def copy_into(tree, path, mode=None):
    to = tree / str(path).lstrip("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(os.path.realpath(path), to)
    if mode:
        to.chmod(mode)


def library_file(name):
    for place in ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64"):
        if os.path.exists(f"{place}/{name}"):
            return f"{place}/{name}"
    return None


def make_libs(work, programs, guest_source):
    """The libs archive for these programs, rebuilt when the set or a file of it changes."""
    paths = set(TOOLS)
    for program in [*programs, *TOOLS]:
        paths |= shared_libraries(program)
    paths |= {p for p in map(library_file, MODULE_OF_LIBC) if p}
    busybox = shutil.which("busybox") or "/bin/busybox"
    stamp = hashlib.sha256()
    for path in sorted(paths | {busybox, str(guest_source)}):
        stat = os.stat(path)
        stamp.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    archive = work / "libs.cpio"
    key = work / "libs.key"
    if archive.exists() and key.exists() and key.read_text() == stamp.hexdigest():
        return archive
    tree = work / "libs"
    shutil.rmtree(tree, ignore_errors=True)
    # Merged /usr, as on the machine the paths come from.
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    for name in ("proc", "sys", "dev/pts", "tmp", "run", "root", "etc", "var"):
        (tree / name).mkdir(parents=True)
    for path in sorted(paths):
        copy_into(tree, path)
    copy_into(tree, busybox)
    shutil.copytree(LOCALE, tree / LOCALE.lstrip("/"))
    target = os.path.relpath(tree / busybox.lstrip("/"), tree / "usr/bin")
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True,
                                 check=True).stdout.split():
        if not os.path.lexists(tree / "usr/bin" / applet):
            (tree / "usr/bin" / applet).symlink_to(target)
    (tree / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n"
                                     "nobody:x:65534:65534:nobody:/:/bin/false\n")
    (tree / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    subprocess.run(["gcc", "-std=gnu17", "-O2", "-static", "-o", str(tree / "init"),
                    str(guest_source)], check=True)
    cpio(tree, archive)
    shutil.rmtree(tree)
    key.write_text(stamp.hexdigest())
    return archive


def make_sonde(work, build):
    """The sonde archive: an installation of the build tree."""
    archive = work / "sonde.cpio"
    built = [p for p in [build / "sonde", build / "sonde-translate", *build.glob(".libs/*.so"),
                         *build.glob("runtime/kern/*.bc"), *build.glob("tapsets/*")] if p.exists()]
    newest = max((p.stat().st_mtime for p in built), default=0)
    if archive.exists() and archive.stat().st_mtime > newest and not os.environ.get("LAB_FRESH"):
        return archive
    tree = work / "sonde"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    run = subprocess.run(["make", "-s", "install", f"DESTDIR={tree}"], cwd=build,
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"make install for the lab failed:\n{run.stdout}{run.stderr}")
    installed = next((p for p in tree.rglob("bin/sonde") if p.is_file()), None)
    link = tree / "usr/bin/sonde"
    if installed and installed != link:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to("/" + str(installed.relative_to(tree)))
    cpio(tree, archive)
    shutil.rmtree(tree)
    return archive


def make_initramfs(work, build, tests, jobs, programs):
    """Puts the archives together; JOBS is the directory that becomes /jobs."""
    work.mkdir(parents=True, exist_ok=True)
    programs = [p for p in [build / "sonde", build / "sonde-translate",
                            *build.glob(".libs/*.so")] if Path(p).exists()] + list(programs)
    parts = [make_libs(work, programs, tests / "lab/guest.c"), make_sonde(work, build)]
    cpio(jobs, work / "jobs.cpio")
    image = work / "initramfs"
    with open(image, "wb") as out:
        for part in [*parts, work / "jobs.cpio"]:
            with open(part, "rb") as data:
                shutil.copyfileobj(data, out, 1 << 20)
    return image
