# SPDX-License-Identifier: GPL-2.0-or-later
"""The directories of tests: one row each says how a file there becomes jobs and who judges them."""
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import judge
import targets
from testcase import DEFAULT_TIMEOUT, BadTest, Header, Job, parse_header

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
HANDLER = re.compile(r"\bprobe(\s+)HANDLER\b")


@dataclass
class Suite:
    ext: tuple        # what test files are called
    mark: str         # how a header line starts; in .sh always "#"
    plan: object      # function(suite, path, header, text) -> [Job]
    judge: object
    needs: tuple = ()
    lab: str = "no"   # runs in the lab: "yes", "no", "asked" (header line lab)
    preempt: str = "voluntary"  # unless the header says


def command(header, script, extra=""):
    """The sonde command line of a test: "args" stand before the script, "script-args" behind it."""
    env = header.get("env", "")
    words = [env, '"$SONDE"', extra, header.get("args", ""), script, header.get("script-args", "")]
    return " ".join(word for word in words if word)


# Options that matter to the run of a translated program; those that take a value have a ":".
RUN_OPTIONS = ("-c:", "-x:", "-T:", "-s:", "-t", "-v", "-w", "--suppress-handler-errors",
               "--no-global-var-display", "--color")
# The other short options that take a value, to know what to step over.
VALUE_LETTERS = "eEDGIrapmlLoSdRBP"


def run_options(words):
    """Those of a command line's options that RUN_OPTIONS names."""
    kept, words = [], list(words)
    while words:
        word = words.pop(0)
        name = word.partition("=")[0] if word.startswith("--") else word[:2]
        takes = name + ":" in RUN_OPTIONS
        wanted = takes or name in RUN_OPTIONS
        value = (takes or name[1:] in list(VALUE_LETTERS)) and word == name and words
        kept += [word] * wanted + ([words[0]] if value and wanted else [])
        del words[:1 if value else 0]
    return kept


def two_steps(header, script, extra=""):
    """(translate, run_translated) of a test whose command line can be split, else two times ""."""
    args = header.get("args", "")
    if "$" in args or re.search(r"(^| )-p", args) or header.get("lab") == "inside":
        return "", ""
    words = shlex.split(extra) + shlex.split(args)
    run = Header({"env": header.get("env", ""), "args": shlex.join(run_options(words))})
    return (command(header, script, f'-r "$KERNEL_TREE" -p4 -o prog.sonde {extra}'),
            command(run, "prog.sonde"))


def make_job(suite, path, header, tag="", **fields):
    title = f"{path.parent.name}/{path.name}" + (f" [{tag}]" if tag else "")
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", title).strip("_")
    return Job(name=name, title=title, path=path, header=header, judge=suite.judge,
               needs=[*suite.needs, *header.needs],
               limit=int(header.get("timeout", DEFAULT_TIMEOUT)),
               preempt=header.get("preempt", suite.preempt), **fields)


def with_target(header, cmd_of):
    """[(tag, target, -c option)]: one per variant of the test's target program."""
    if not header.get("target"):
        return [("", "", "")]
    program = header.get("target")
    run = header.get("run", "./target")
    option = "" if run == "none" else f"-c {shlex.quote(run)}"
    variants = targets.variants(program, header.get("variants"))
    return [(v if len(variants) > 1 else "", f"{program}.{v}", option if cmd_of else "")
            for v in variants]


def plan_parse_ok(suite, path, header, text):
    """Accepted by -p1, and what that prints parses back to the same tree."""
    first = command(header, path.name, "-p1") + " > first"
    again = command({"args": header.get("args", "")}, "first", "-p1") + " > second"
    # "# file NAME" names another file the second time.
    lines = [f"{first} || exit", "cat first", f"{again} || {{ echo 'not parsed back'; exit 1; }}",
             "sed -i '/^# file /d' first second",
             "cmp first second || { diff first second; exit 1; }"]
    return [make_job(suite, path, header, command="\n".join(lines), files={path.name: text})]


def plan_pass(number):
    def plan(suite, path, header, text):
        cmd = command(header, path.name, f"-p{number}")
        return [make_job(suite, path, header, tag, command=cmd, target=target,
                         files={path.name: text})
                for tag, target, _ in with_target(header, False)]
    return plan


def plan_run(suite, path, header, text):
    jobs = []
    for tag, target, option in with_target(header, True):
        job = make_job(suite, path, header, tag, command=command(header, path.name, option),
                       target=target, files={path.name: text})
        job.translate, job.run_translated = two_steps(header, path.name, option)
        jobs.append(job)
    return jobs


def plan_both(suite, path, header, text):
    """`probe HANDLER` in the runtime's VM, and as a BPF program behind a uprobe."""
    if not HANDLER.search(text):
        raise BadTest("no 'probe HANDLER'")
    here = HANDLER.sub(r"probe\1begin", text) + "probe begin(1000000) { exit() }\n"
    there = HANDLER.sub(r'probe\1process("./target").function("hit")', text)
    vm = make_job(suite, path, header, "vm", command=command(header, path.name),
                  files={path.name: here})
    bpf = make_job(suite, path, header, "bpf", command=command(header, path.name, "-c ./target"),
                   files={path.name: there}, target="one.gcc-O2")
    bpf.translate, bpf.run_translated = two_steps(header, path.name, "-c ./target")
    vm.needs = [*header.needs]
    vm.needs.append("machine")
    bpf.needs.append("root")
    return [vm, bpf]


def plan_list(suite, path, header, text):
    return [make_job(suite, path, header, tag, command=command(header, ""), target=target,
                     files={path.name: text})
            for tag, target, _ in with_target(header, False)]


def plan_shell(suite, path, header, text):
    return [make_job(suite, path, header, tag, command=f"exec bash ./{path.name}", target=target,
                     files={path.name: text})
            for tag, target, _ in with_target(header, False)]


def plan_unit(suite, path, header, _text):
    cmd = ("export SONDE_LIBEXEC=$BUILDDIR SONDE_PLUGINS=$BUILDDIR/.libs "
           "SONDE_KERN=$BUILDDIR/runtime/kern SONDE_TAPSETS=$BUILDDIR/tapsets\nexec ./unit")
    return [make_job(suite, path, header, tag, command=cmd, target=target,
                     build=targets.build_unit)
            for tag, target, _ in with_target(header, False)]


def plan_fuzz(suite, path, header, text):
    """A libFuzzer program, or a script, for FUZZ_SECONDS; what it finds stays in its directory."""
    seconds = int(os.environ.get("FUZZ_SECONDS", "20"))
    if path.suffix == ".sh":
        job, = plan_shell(suite, path, header, text)
    else:
        seeds = [str(path.parent.parent / name) for name in header.get("seeds", "").split()]
        job = make_job(suite, path, header, command="mkdir corpus && exec ./unit "
                       f"-max_total_time={seconds} -rss_limit_mb=2000 -timeout=10 "
                       "-print_final_stats=1 -error_exitcode=1 " + shlex.join(["corpus", *seeds]))
        job.build = targets.build_unit
    job.limit = 3 * seconds + 60
    return [job]


SUITES = {
    "parse-ok": Suite((".stp",), "//", plan_parse_ok, judge.judge_ok),
    "parse-ko": Suite((".stp",), "//", plan_pass(1), judge.judge_ko),
    "sem-ok": Suite((".stp",), "//", plan_pass(2), judge.judge_ok),
    "sem-ko": Suite((".stp",), "//", plan_pass(2), judge.judge_ko),
    "list": Suite((".stp",), "//", plan_list, judge.judge_run),
    "run-host": Suite((".stp",), "//", plan_run, judge.judge_run),
    "run-both": Suite((".stp",), "//", plan_both, judge.judge_run, lab="yes",
                      preempt="full"),
    "run-bpf": Suite((".stp",), "//", plan_run, judge.judge_run, ("root",), lab="yes"),
    "run-kernel": Suite((".stp",), "//", plan_run, judge.judge_run, ("root", "kprobe"), lab="yes"),
    "examples": Suite((".stp",), "#", plan_run, judge.judge_run, ("root",)),
    "cli": Suite((".sh",), "#", plan_shell, judge.judge_script, lab="asked"),
    "unit": Suite((".c",), "//", plan_unit, judge.judge_script),
    "fuzz": Suite((".c", ".sh"), "//", plan_fuzz, judge.judge_script, ("fuzzing",)),
}


def suite_of(path):
    """A file's suite: the directory it is in, or examples, whose directories are topics."""
    if EXAMPLES in path.resolve().parents:
        return SUITES["examples"]
    return SUITES.get(path.parent.name)


def plan_file(path):
    """The jobs of one test file."""
    suite = suite_of(path)
    if not suite:
        raise BadTest(f"{path.parent.name} is not a directory of tests")
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    header = parse_header(text, "#" if path.suffix == ".sh" else suite.mark)
    jobs = suite.plan(suite, path, header, text)
    for job in jobs:
        if suite.lab == "no" or suite.lab == "asked" and header.get("lab") is None:
            job.needs.append("machine")
    return jobs


def find_files(tests, names):
    """Test files named, or below the directories named; all of them by default."""
    roots = names or [*(tests / name for name in SUITES if name != "fuzz"), EXAMPLES]
    files = []
    for root in roots:
        if not root.exists() and (tests.parent / root).exists():
            root = tests.parent / root  # named from the top of the source, run in a build directory
        if root.is_dir():
            files += [p for p in sorted(root.rglob("*")) if p.is_file()
                      and (suite := suite_of(p)) and p.suffix in suite.ext]
        elif root.exists():
            files.append(root)
        elif root.name not in SUITES:
            raise BadTest(f"{root}: no such file")
    return files
