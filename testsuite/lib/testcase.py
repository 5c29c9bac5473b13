# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading a test: the directory says the verdict, the header comment says the rest.

The header's grammar is in testsuite/README.md. A test file becomes one case or several: one per
variant of its target program, and for run-both one per place where the handler runs.
"""
import re
from dataclasses import dataclass, field

KEYS = {"args", "script-args", "env", "expect", "expect-some", "expect-sorted", "stderr",
        "stderr-some", "status", "diag", "need", "root", "target", "run", "variants", "timeout",
        "link", "seeds", "lab", "preempt", "about"}
LISTS = {"expect", "expect-some", "expect-sorted", "stderr", "stderr-some"}
DEFAULT_TIMEOUT = 20


class BadTest(Exception):
    """The test file itself is wrong."""


@dataclass
class Expectation:
    """Lines wanted on one stream. mode: "" whole, "some" in this order, "sorted" in any order."""
    mode: str
    lines: list = field(default_factory=list)  # (is_regex, text)


@dataclass
class Header:
    values: dict = field(default_factory=dict)    # key -> text (the last one)
    diags: list = field(default_factory=list)     # "id@line:col"
    needs: list = field(default_factory=list)
    stdout: Expectation = None
    stderr: Expectation = None

    def get(self, key, default=None):
        return self.values.get(key, default)


def parse_header(text, mark):
    """MARK is "//" or "#": lines MARK# key: value, then MARK| text or MARK~ regex."""
    header, current = Header(), None
    line_form = re.compile(rf"^{re.escape(mark)}([#|~])(?: ?)(.*)$")
    for number, line in enumerate(text.split("\n"), 1):
        match = line_form.match(line)
        if not match:
            continue
        kind, rest = match[1], match[2]
        if kind in "|~":
            if current is None:
                raise BadTest(f"line {number}: a line of output without expect: or stderr:")
            current.lines.append((kind == "~", rest))
            continue
        current = header_key(header, rest, number)
    return header


def header_key(header, rest, number):
    """Takes one "key: value"; returns the expectation it opens, if any."""
    key, colon, value = rest.partition(":")
    key, value = key.strip(), value.strip()
    if key not in KEYS or not colon and key not in ("root", "lab"):
        raise BadTest(f"line {number}: unknown header '{rest}'")
    if key in LISTS:
        stream, _, mode = key.partition("-")
        opened = Expectation(mode)
        setattr(header, "stdout" if stream == "expect" else "stderr", opened)
        return opened
    if key == "diag":
        if not re.fullmatch(r"[a-z][a-z0-9-]*@\d+:\d+", value):
            raise BadTest(f"line {number}: diag is id@line:column, not '{value}'")
        header.diags.append(value)
    elif key == "need":
        header.needs += value.split()
    elif key == "root":
        header.needs.append("root")
    header.values[key] = value
    return None


@dataclass
class Job:
    """One case, ready to run: a directory with a file cmd for sh."""
    name: str                 # unique, fit for a file name
    title: str                # what is printed
    path: object              # the test file
    header: Header
    judge: object             # function(job, status, stdout, stderr) -> None or what is wrong
    needs: list
    limit: int
    preempt: str = "voluntary"  # how the lab's kernels preempt meanwhile; "full" needs 5.12
    dir: object = None
    command: str = ""
    translate: str = ""       # the same in two steps, for the lab: translate here for KERNEL_TREE
    run_translated: str = ""  # and run that there; both empty: the machine does all of it
    outside: bool = False     # it was translated here
    warnings: bytes = b""     # what that said
    result: tuple = None      # why it need not run: (status, stdout, stderr, ms)
    files: dict = field(default_factory=dict)  # name in the job's directory -> text
    target: str = ""          # directory name below targets/ that becomes ./target
    build: object = None      # function(job) -> None, run before the job (unit programs)
