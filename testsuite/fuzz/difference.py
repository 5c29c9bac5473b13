#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Proof by difference: random well-typed scripts run in the VM and as BPF must say the same.

    difference.py --sonde ./sonde --target ./target [--seed N] [--count N] [--seconds N] [--size N]

A script is a function of (seed, size). Its handler runs in `probe begin` and behind a uprobe on
hit() of testsuite/targets/one.c, each with optimisation and with -u; stdout, errors with their
places, and the exit status are compared. What differs is minimised by dropping statements, and
kept in DIRECTORY/seed-N.stp in run-both's form. Scripts that the BPF back end refuses, saying so,
are are counted. The exit status is 1 if anything differed.

    difference.py … --count N --kernel 6.1      the same in a kernel of the lab

What the VM says here is what is expected of both places there: the scripts become tests in
DIRECTORY/run-both, which testsuite/run runs.
"""
import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
from scripts import Writer, render  # noqa: E402

PLACES = {"vm": "begin", "bpf": 'process("./target").function("hit")'}
VARIANTS = [("vm", ""), ("vm", "-u"), ("bpf", ""), ("bpf", "-u")]
CRASH = rb"AddressSanitizer|runtime error:|ended by signal"
LIMITS = ("refused", "too large")


class Runner:
    """Runs scripts and tells what differs."""

    def __init__(self, sonde, target, directory):
        self.sonde, self.directory = sonde, directory
        self.bad = {}
        # A copy: a uprobe would also see those of another run that had the same file.
        if target.exists():
            shutil.copy(target, directory / "target")

    def run(self, text, place, option):
        """(class, stdout, stderr, status); the class is ran, refused or crashed."""
        text = text.replace("probe HANDLER", "probe " + PLACES[place])
        if place == "vm":
            text += "probe begin(1000000) { exit() }\n"
        (self.directory / "case.stp").write_text(text)
        command = [self.sonde, "--disable-cache", "--no-global-var-display", "-w",
                   *option.split(), *options_of(text), "case.stp"]
        command[-1:-1] = ["-c", "./target"] if place == "bpf" else []
        try:
            done = subprocess.run(command, cwd=self.directory, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=180, check=False)
        except subprocess.TimeoutExpired:
            return "hung", b"", b"", 0
        err = re.sub(rb"in probe .*", b"in probe", done.stderr)
        kind = "ran"
        if re.search(rb"\[be-kernel\]", err):
            kind = "refused"
        elif done.returncode not in (0, 1) or re.search(CRASH, err):
            kind = "crashed"
        elif re.search(rb"\[[a-z]+-[a-z-]+\]\n", err):
            kind = "invalid"
        elif re.search(rb"BPF program is too large|BPF stack limit|sequence of [0-9]+ jumps", err):
            kind = "too large"
        elif re.search(rb"verifier|cannot load", err):
            kind = "unloaded"
        return kind, done.stdout, err, done.returncode

    def difference(self, text):
        """None, or what is wrong: a short text that stays the same while a script is minimised."""
        results, self.bad = [], {}
        for place, option in VARIANTS:
            result = self.run(text, place, option)
            name = f"{place} {option}".strip()
            if result[0] in LIMITS:
                return result[0]
            if result[0] != "ran":
                self.bad = {name: result}
                return f"{result[0]} ({name})"
            results.append((name, result))
            for aspect, one, two in zip(("", "stdout", "stderr", "status"), results[0][1], result):
                if one != two:
                    self.bad = {results[0][0]: results[0][1], name: result}
                    return f"{aspect} of {results[0][0]} and {name}"
        return None

    def minimise(self, nodes, wrong, until):
        """Drops statements, and bodies' heads, as long as the same is wrong."""
        changed = True
        while changed and time.monotonic() < until:
            changed = False
            for place, index in list(places(nodes)):
                if index >= len(place) or time.monotonic() > until:
                    continue
                node = place[index]
                bodies = [] if node.head.startswith(("function", "probe")) else node.bodies
                for instead in ([], *bodies):
                    place[index:index + 1] = instead
                    if self.difference(render(nodes)) == wrong:
                        changed = True
                        break
                    place[index:index + len(instead)] = [node]
        return nodes


def places(nodes):
    """Every list of statements with every index, the last first, and the outer before the inner."""
    for index in reversed(range(len(nodes))):
        yield nodes, index
        for body in nodes[index].bodies if index < len(nodes) else ():
            yield from places(body)


def expected_errors(err, script, shift):
    """Lines of a header for what the VM said; in @script everything stands @shift lines lower."""
    for line in err.splitlines():
        line = re.sub(r"case\.stp:(\d+)", lambda m: f"{script}:{int(m[1]) + shift}", line)
        line = re.sub(r"skipped\\ probes:\\ \d+$", "skipped probes: [0-9]+", re.escape(line))
        yield "//~ " + re.sub(r"in\\ probe$", "in probe .*", line)


def options_of(text):
    found = re.match(r"// options: (.*)", text)
    return found[1].split() if found else []


def as_test(runner, nodes, name):
    """A script as a test that expects what the VM says, or None if it is unfit for one."""
    text = render(nodes)
    kind, out, err, status = runner.run(text, "vm", "")
    if kind != "ran" or not (out + err).isascii() or b"\r" in out or out[-1:] not in (b"", b"\n"):
        return None
    out, err = out.decode(), err.decode()
    options = " ".join(["--no-global-var-display", "-w", *options_of(text)])
    header = [f"//# args: {options}", "//# timeout: 60", f"//# status: {status}",
              "//# expect:", *("//| " + line for line in out.split("\n")[:-1]), "//# stderr:"]
    header += expected_errors(err, name, len(header) + len(err.splitlines()))
    return "\n".join(header) + "\n" + text


def run_in_lab(runner, args):
    """The scripts as tests, in a kernel of the lab."""
    tests = Path(args.keep).resolve() / "run-both"
    shutil.rmtree(tests, ignore_errors=True)
    tests.mkdir()
    for seed in range(args.seed, args.seed + args.count):
        test = as_test(runner, Writer(seed, args.size).script(), f"seed-{seed}.stp")
        if test:
            (tests / f"seed-{seed}.stp").write_text(test)
    return subprocess.run([Path(__file__).resolve().parents[1] / "run", "--build",
                           Path(args.sonde).resolve().parent, "--kernel", args.kernel, "-q", tests],
                          check=False).returncode


def report(runner, args, seed, nodes, wrong):
    print(f"seed {seed} size {args.size}: {wrong}", flush=True)
    first = runner.bad
    if not wrong.startswith("invalid"):
        nodes = runner.minimise(nodes, wrong, time.monotonic() + args.minimise)
    text = render(nodes)
    if runner.difference(text) is None:
        runner.bad = first
        print("(not every time)")
    path = Path(args.keep) / f"seed-{seed}.stp"
    path.write_text(f"//# about: seed {seed} size {args.size}: {wrong}\n{text}")
    print(f"--- {path}\n{text}", end="")
    for name, (_, out, err, status) in runner.bad.items():
        print(f"--- {name}: status {status}\n{out.decode('latin-1')}{err.decode('latin-1')[:3000]}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sonde", default="./sonde")
    parser.add_argument("--target", default="./target", help="targets/one.c, built")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--count", type=int, default=1 << 62, help="of seeds")
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--size", type=int, default=3, help="statements in the handler, about")
    parser.add_argument("--minimise", type=float, default=120, help="seconds for each difference")
    parser.add_argument("--keep", default=".", help="directory for what is found, and for work")
    parser.add_argument("--kernel", help="of the lab: 5.10, 6.1 or 6.12; needs --count")
    parser.add_argument("--print", action="store_true", help="print the first seed's script only")
    args = parser.parse_args()
    if args.print:
        print(render(Writer(args.seed, args.size).script()), end="")
        return 0
    Path(args.keep).mkdir(parents=True, exist_ok=True)
    runner = Runner(Path(args.sonde).resolve(), Path(args.target).resolve(),
                    Path(args.keep).resolve())
    if args.kernel:
        return run_in_lab(runner, args)
    until = time.monotonic() + args.seconds
    seeds, different = 0, 0
    limits = dict.fromkeys(LIMITS, 0)
    while seeds < args.count and time.monotonic() < until:
        nodes = Writer(args.seed + seeds, args.size).script()
        wrong = runner.difference(render(nodes))
        if wrong in LIMITS:
            limits[wrong] += 1
        elif wrong:
            different += 1
            report(runner, args, args.seed + seeds, nodes, wrong)
        seeds += 1
    told = ", ".join(f"{number} {what}" for what, number in limits.items())
    print(f"{seeds} seeds, {told}, {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
