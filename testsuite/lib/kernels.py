# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's kernels: which Debian suites they come from, and fetching and unpacking them.

Nothing is installed. The mirror is the one apt is configured with; apt's own downloader is used, so
that its proxies hold. Everything is kept in ${XDG_CACHE_HOME:-~/.cache}/sonde-lab.
"""
import fcntl
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

ARCH = "amd64"
INDEX_MAX_AGE = 7 * 24 * 3600  # seconds before a suite's index is asked for again

# name -> suites that may carry it, and what its configuration has (the needs of tests)
KERNELS = {
    "5.10": {"suites": ["bullseye", "bullseye-security"],
             "has": {"btf", "kprobe", "uprobe", "fentry"}},
    "6.1": {"suites": ["bookworm", "bookworm-security"],
            "has": {"btf", "kprobe", "uprobe", "fentry", "bpf-lsm"}},
    "6.12": {"suites": ["bookworm-backports"],
             "has": {"btf", "kprobe", "uprobe", "fentry", "fprobe", "uprobe-multi",
                     "bpf-lsm"}},
}


class LabUnavailable(Exception):
    """The kernel cannot be had here; the text says why."""


class LabBroken(Exception):
    """The lab cannot be set up although all it needs is there: a failure."""


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = Path(base) / "sonde-lab"
    path.mkdir(parents=True, exist_ok=True)
    return path


def apt_mirrors():
    """Base addresses of Debian archives in apt's own sources: (ordinary, security)."""
    try:
        lines = subprocess.run(
            ["apt-get", "indextargets", "--no-release-info", "--format",
             "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
            capture_output=True, text=True, check=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError) as error:
        raise LabUnavailable(f"apt's sources cannot be read: {error}") from error
    ordinary = security = None
    for line in lines:
        fields = line.split()
        if len(fields) != 3 or fields[2] != "main":
            continue
        if fields[1].endswith("-security"):
            security = security or fields[0]
        elif re.fullmatch(r"[a-z]+", fields[1]):
            ordinary = ordinary or fields[0]
    if not ordinary:
        raise LabUnavailable("apt's sources name no Debian archive")
    return ordinary, security


def download(uri, to):
    part = to.with_name(to.name + ".part")
    run = subprocess.run(["/usr/lib/apt/apt-helper", "-o", "APT::Sandbox::User=root",
                          "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20",
                          "download-file", uri, str(part)], capture_output=True, text=True,
                         stdin=subprocess.DEVNULL)
    if run.returncode != 0 or not part.exists():
        part.unlink(missing_ok=True)
        said = (run.stderr.strip() or run.stdout.strip()).split("\n")[-1]
        raise LabUnavailable(f"offline? {to.name} could not be downloaded: {said}")
    part.rename(to)


def filter_index(packed, base, to):
    """Keeps the kernel images of a package index, and where their packages are."""
    with lzma.open(packed, "rt", encoding="utf-8") as index:
        stanzas = [s for s in index.read().split("\n\n")
                   if s.startswith("Package: linux-image-")]
    to.write_text("\n\n".join(f"{s}\nBase: {base}" for s in stanzas), encoding="utf-8")


def suite_index(suite):
    """The kernel images of a suite as {package: {field: value}}."""
    path = cache_dir() / f"images-{suite}"
    if not path.exists() or time.time() - path.stat().st_mtime > INDEX_MAX_AGE:
        ordinary, security = apt_mirrors()
        base = security if suite.endswith("-security") else ordinary
        if not base:
            return {}
        packed = cache_dir() / f"Packages-{suite}.xz"
        try:
            download(f"{base}dists/{suite}/main/binary-{ARCH}/Packages.xz", packed)
            filter_index(packed, base, path)
        except LabUnavailable:
            if not path.exists():
                raise
        packed.unlink(missing_ok=True)
    packages = {}
    for stanza in path.read_text(encoding="utf-8").split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z0-9-]+): (.*)$", stanza, re.M))
        packages[fields["Package"]] = fields
    return packages


def version_key(package):
    return [int(n) for n in re.findall(r"\d+", package)]


def newest_package(name, suffix=""):
    """The newest cloud kernel NAME in its suites; suffix "-dbg" for its debug package."""
    pattern = re.compile(rf"linux-image-{re.escape(name)}[.+~-].*cloud-{ARCH}{suffix}")
    found, why = {}, None
    for suite in KERNELS[name]["suites"]:
        try:
            index = suite_index(suite)
        except LabUnavailable as error:
            why = error
            continue
        found.update({p: f for p, f in index.items() if pattern.fullmatch(p)})
    if not found:
        raise why or LabUnavailable(f"no cloud kernel {name} in {KERNELS[name]['suites']}")
    return found[max(found, key=version_key)]


def fetch_package(fields):
    """Downloads and unpacks one package; returns the directory it was unpacked into."""
    tree = cache_dir() / fields["Package"]
    with open(cache_dir() / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (tree / ".complete").exists():
            return tree
        deb = cache_dir() / (fields["Package"] + ".deb")
        download(fields["Base"] + fields["Filename"], deb)
        with open(deb, "rb") as data:
            digest = hashlib.file_digest(data, "sha256").hexdigest()
        if digest != fields["SHA256"]:
            deb.unlink()
            raise LabUnavailable(f"{deb.name}: checksum is not the index's")
        shutil.rmtree(tree, ignore_errors=True)
        subprocess.run(["dpkg", "-x", str(deb), str(tree)], check=True)
        deb.unlink()
        (tree / ".complete").touch()
    return tree


def newest_unpacked(name):
    """The newest kernel NAME already in the cache, for working offline."""
    trees = [t for t in cache_dir().glob(f"linux-image-{name}*cloud-{ARCH}")
             if (t / ".complete").exists()
             and re.match(rf"linux-image-{re.escape(name)}[.+~-]", t.name)]
    return max(trees, key=lambda t: version_key(t.name)) if trees else None


def fetch_kernel(name):
    """Returns the path of the kernel's vmlinuz; LabUnavailable if it cannot be had."""
    try:
        tree = fetch_package(newest_package(name))
    except LabUnavailable:
        tree = newest_unpacked(name)
        if not tree:
            raise
    return next((tree / "boot").glob("vmlinuz-*"))


def debug_directory(release):
    """Where the debug package of RELEASE has its files, as below /usr/lib/debug; None: not here."""
    tree = cache_dir() / f"linux-image-{release}-dbg"
    return tree / "usr/lib/debug" if (tree / ".complete").exists() else None


def fetch_vmlinux(name):
    """The same kernel's vmlinux with DWARF, from its debug package (large)."""
    release = fetch_kernel(name).name.removeprefix("vmlinuz-")
    tree = cache_dir() / f"linux-image-{release}-dbg"
    if not (tree / ".complete").exists():
        fields = newest_package(name, "-dbg")
        if fields["Package"] != tree.name:
            raise LabUnavailable(f"{tree.name} is not in the index")
        fetch_package(fields)
    return next((tree / "usr/lib/debug/boot").glob("vmlinux-*"))
