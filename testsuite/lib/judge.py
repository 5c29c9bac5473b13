# SPDX-License-Identifier: GPL-2.0-or-later
"""Verdicts: each function looks at one finished job.

They return None, ("skip", why) or the lines that say what is wrong.
"""
import difflib
import re

DIAG = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?P<col>\d+): (?P<kind>error|warning): "
                  r".*\[(?P<id>[a-z0-9-]+)\]$")
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:")


REFUSED = re.compile(r"^[^ ]*:\d+:\d+: error: .*\(Linux (?P<since>\d+\.\d+)\).*\[be-kernel\]$")


def lines_of(data):
    text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    return lines[:-1] if lines and lines[-1] == "" else lines


def same(want, line):
    is_regex, text = want
    return re.fullmatch(text, line) is not None if is_regex else text == line


def matches(wanted, lines, mode):
    if mode == "some":
        rest = iter(lines)
        return all(any(same(want, line) for line in rest) for want in wanted)
    if mode == "sorted":
        left = list(lines)
        for want in sorted(wanted):  # plain text before patterns: it takes no line a pattern needs
            found = next((line for line in left if same(want, line)), None)
            if found is None:
                return False
            left.remove(found)
        return not left
    return len(wanted) == len(lines) and all(map(same, wanted, lines))


def compare(stream, expectation, data):
    lines = lines_of(data)
    if expectation is None or matches(expectation.lines, lines, expectation.mode):
        return []
    wanted = [("~ " if regex else "") + text for regex, text in expectation.lines]
    how = f" ({expectation.mode})" if expectation.mode else ""
    return list(difflib.unified_diff(wanted, lines, f"expected {stream}{how}", f"{stream}",
                                     lineterm="", n=2))


def crashed(status, stderr):
    text = stderr.decode("utf-8", "replace")
    if SANITIZER.search(text):
        return "a sanitizer complained"
    if status == 124:
        return "time limit reached, killed"
    if status >= 128:
        return f"killed by signal {status - 128}"
    if status < 0:
        return "the machine ended during this test"
    return None


def show(stdout, stderr):
    said = []
    for name, data in (("stdout", stdout), ("stderr", stderr)):
        if data:
            said += [f"--- {name}"] + lines_of(data)[:40]
    return said


def judge_status(job, status, stdout, stderr, default=0):
    """What is common to all: no crash, and the exit status asked for."""
    bad = crashed(status, stderr)
    if bad:
        return [bad] + show(stdout, stderr)
    want = int(job.header.get("status", default))
    if status != want:
        return [f"exit status {status}, expected {want}"] + show(stdout, stderr)
    return []


def judge_run(job, status, stdout, stderr):
    """A program that runs: stdout, stderr (silent unless the header says more) and status."""
    wrong = judge_status(job, status, stdout, stderr)
    wrong += compare("stdout", job.header.stdout, stdout)
    if job.header.stderr:
        wrong += compare("stderr", job.header.stderr, stderr)
    elif stderr and not wrong and int(job.header.get("status", 0)) == 0:
        wrong += ["unexpected stderr:"] + lines_of(stderr)
    return wrong or None


def refused_since(stderr):
    """The Linux version that a refused handler wants, when nothing else was wrong; or None.

    The refusal is the documented answer of an older kernel: whether it is one, the caller knows.
    """
    errors = [line for line in lines_of(stderr) if re.match(r"^(\S+: )?error:|^ERROR:", line)]
    found = [REFUSED.match(line) for line in errors]
    if not found or not all(found):
        return None
    return max((match["since"] for match in found),
               key=lambda since: [int(n) for n in since.split(".")])


def found_diags(stderr):
    """[(kind, "id@line:col")] in the order printed."""
    found = []
    for line in lines_of(stderr):
        match = DIAG.match(line)
        if match:
            found.append((match["kind"], f"{match['id']}@{match['line']}:{match['col']}"))
    return found


def judge_ok(job, status, stdout, stderr):
    """Accepted; warnings only where the header names them."""
    wrong = judge_status(job, status, stdout, stderr)
    wrong += compare("stdout", job.header.stdout, stdout)
    got = [diag for _, diag in found_diags(stderr)]
    if not wrong and got != job.header.diags:
        wrong = [f"diagnostics {got}, expected {job.header.diags}"] + show(b"", stderr)
    return wrong or None


def judge_ko(job, status, stdout, stderr):
    """Refused, for exactly the reasons named: every error's id and position, in order."""
    if not job.header.diags:
        return ["the test names no diag: id@line:col"] + show(stdout, stderr)
    wrong = judge_status(job, status, stdout, stderr, default=1)
    named = set(job.header.diags)
    got = [d for kind, d in found_diags(stderr) if kind == "error" or d in named]
    if got != job.header.diags:
        wrong += [f"diagnostics {got}", f"   expected {job.header.diags}"] + show(b"", stderr)
    wrong += compare("stderr", job.header.stderr, stderr)
    return wrong or None


def judge_script(job, status, stdout, stderr):
    """A shell or C program: exit 0, 77 (skip, the last line says why), or TAP with "not ok"."""
    bad = crashed(status, stderr)
    lines = lines_of(stdout)
    if bad:
        return [bad] + show(stdout, stderr)
    if status == 77:
        last = (lines_of(stderr) + lines)[-1:] or ["no reason given"]
        return ("skip", re.sub(r"^(skip|1\.\.0 # skip)[: ]*", "", last[0], flags=re.I))
    if status != 0:
        return [f"exit status {status}"] + show(stdout, stderr)
    plan = next((int(m[1]) for m in map(re.compile(r"1\.\.(\d+)$").match, lines) if m), None)
    points = [line for line in lines if re.match(r"(not )?ok\b", line)]
    failed = [line for line in points if line.startswith("not ok")
              and not re.search(r"# (todo|skip)", line, re.I)]
    if failed or plan is not None and plan != len(points):
        return [f"{len(failed)} of {len(points)} points failed, planned {plan}"] + \
            show(stdout, stderr)
    return None
