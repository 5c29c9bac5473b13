# SPDX-License-Identifier: GPL-2.0-or-later
## about: the runner's own judges: failing for another reason than the one named is a failure
## need: tool:python3
cd "$SRCDIR/testsuite/lib" && exec python3 -B - <<'END'
from judge import compare, found_diags, judge_ko, judge_run, judge_script
from testcase import BadTest, Expectation, Job, parse_header

points = []


def ok(good, what):
    points.append(good)
    print("ok" if good else "not ok", len(points), "-", what)


def job(text):
    return Job("x", "x", None, parse_header(text, "//"), None, [], 1)


said = b"x.stp:2:7: error: 'f' is not known [sem-unknown]\n   2 | f\n"
ok(found_diags(said) == [("error", "sem-unknown@2:7")], "a diagnostic is read")
ok(judge_ko(job("//# diag: sem-unknown@2:7"), 1, b"", said) is None, "the reason named")
ok(judge_ko(job("//# diag: sem-unknown@2:8"), 1, b"", said), "another place")
ok(judge_ko(job("//# diag: sem-other@2:7"), 1, b"", said), "another id")
ok(judge_ko(job("//# diag: sem-unknown@2:7"), 1, b"", said + said), "twice")
ok(judge_ko(job("//# diag: sem-unknown@2:7"), 0, b"", said), "accepted")
ok(judge_ko(job(""), 1, b"", said), "no reason named")
ok(judge_run(job("//# expect:\n//| a\n//~ b+"), 0, b"a\nbbb\n", b"") is None, "lines and a regex")
ok(judge_run(job("//# expect:\n//| a"), 0, b"a\nb\n", b""), "a line too many")
ok(judge_run(job(""), 0, b"", b"noise\n"), "noise on stderr")
ok(judge_run(job("//# status: 1"), 139, b"", b""), "a crash is no exit status")
ok(judge_run(job(""), 124, b"", b""), "time limit")
ok(not compare("x", Expectation("some", [(False, "b"), (False, "d")]), b"a\nb\nc\nd\n"), "some")
ok(compare("x", Expectation("some", [(False, "d"), (False, "b")]), b"a\nb\nc\nd\n"), "some, order")
ok(not compare("x", Expectation("sorted", [(True, ".*"), (False, "b")]), b"b\na\n"), "any order")
ok(judge_script(job(""), 0, b"1..2\nok 1\n", b""), "a TAP point is missing")
ok(judge_script(job(""), 77, b"", b"no foo\n") == ("skip", "no foo"), "skip")
try:
    job("//# expct: x")
    ok(False, "a misspelt key")
except BadTest:
    ok(True, "a misspelt key")
print(f"1..{len(points)}")
END
