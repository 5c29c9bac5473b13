# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that tests compile: the traced ones of testsuite/targets/, and unit tests.

A target's header says how it is built: `//# cc: gcc clang`, `//# opt: O0 O2`, `//# flags: …`,
`//# libs: …`. A variant is called gcc-O2; TARGET.VARIANT is a directory below OUT/targets.
"""
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from testcase import BadTest

TARGETS = Path(__file__).resolve().parent.parent / "targets"
CPLUSPLUS = {"gcc": "g++", "clang": "clang++"}


def source_of(program):
    for ext in (".c", ".cc", ".S"):
        path = TARGETS / (program + ext)
        if path.exists():
            return path
    raise BadTest(f"no target {program} in testsuite/targets")


def build_header(path):
    pairs = re.findall(r"^//# ?(cc|opt|flags|libs|about): *(.*)$", path.read_text(), re.M)
    return {"cc": "gcc clang", "opt": "O0 O2", "flags": "-g", "libs": "", **dict(pairs)}


def variants(program, wanted):
    """Variants a test runs with: those it names, else all of the target's."""
    header = build_header(source_of(program))
    every = [f"{cc}-{opt}" for cc in header["cc"].split() for opt in header["opt"].split()]
    return wanted.split() if wanted else every


def compile_or_fail(argv, cwd=None):
    run = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=cwd)
    if run.returncode != 0:
        raise BadTest(f"{shlex.join(map(str, argv))}\n{run.stderr}")


def build_target(out, target):
    """Builds OUT/targets/PROGRAM.VARIANT/PROGRAM unless it is newer than its source."""
    program, _, variant = target.rpartition(".")
    source = source_of(program)
    header = build_header(source)
    cc, _, opt = variant.partition("-")
    to = out / "targets" / target / program
    if to.exists() and to.stat().st_mtime > source.stat().st_mtime:
        return
    tool = CPLUSPLUS[cc] if source.suffix == ".cc" else cc
    if not shutil.which(tool):
        raise BadTest(f"no {tool}: apt-get install {cc}")
    to.parent.mkdir(parents=True, exist_ok=True)
    # By its bare name, in its own directory: file:line in debug information is then short.
    shutil.copy(source, to.parent)
    compile_or_fail([tool, f"-{opt}", *shlex.split(header["flags"]), "-o", program, source.name,
                     *shlex.split(header["libs"])], cwd=to.parent)


def build_unit(job, conf):
    """Compiles a unit test or fuzzer against the objects of the program it names.

    The translator's are all linked: the plug-in, once loaded, looks for what it needs there.
    """
    which = job.header.get("link", "translate")
    archive = Path(conf["BUILDDIR"]) / "testsuite" / f"unit-{which}.a"
    if not archive.exists():
        raise BadTest(f"{archive.name} is not built (make unit-archives)")
    fuzzer = ["-fsanitize=fuzzer"] if job.path.parent.name == "fuzz" else []
    words = [shlex.split(conf[k]) for k in ("CC", "CPPFLAGS", "CFLAGS", "LDFLAGS")]
    compile_or_fail([*words[0], *words[1], "-D_GNU_SOURCE=", f"-I{conf['SRCDIR']}",
                     f"-I{conf['BUILDDIR']}", *words[2], *words[3], *fuzzer, "-rdynamic", "-o",
                     str(job.dir / "unit"), str(job.path),
                     *(["-Wl,--whole-archive", str(archive), "-Wl,--no-whole-archive"]
                       if which == "translate" else [str(archive)]),
                     *shlex.split(conf["LIBS"])])
