# SPDX-License-Identifier: GPL-2.0-or-later
## about: every public tapset function has a doc comment, and its example compiles without a warning
## need: tool:python3 btf
## timeout: 120
cd "$SRCDIR/tapsets" && exec python3 -B - <<'END'
import os
import pathlib
import re
import subprocess

DOC = re.compile(r"/\*\*\s*(\w+)(.*?)\*/\s*(?=function\s+(\w+))?", re.S)
points = 0


def point(good, what):
    global points
    points += 1
    print("ok" if good else "not ok", points, "-", what)


def example(doc):
    found = re.search(r"Example:(.*)", doc, re.S)
    return re.sub(r"\n \*", "\n", found.group(1)).strip() if found else None


for path in sorted(pathlib.Path(".").rglob("*.stp")):
    text = path.read_text()
    documented = set()
    for name, doc, function in DOC.findall(text):
        documented.add(name)
        script = example(doc)
        if script is None:
            point(False, f"{path}: {name} has no example")
            continue
        done = subprocess.run([os.environ["SONDE"], "-p2", "-e", script], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        good = done.returncode == 0 and "warning" not in done.stdout
        point(good, f"{path}: {name}")
        if not good:
            print("#", script, *done.stdout.splitlines()[:6], sep="\n# ")
    names = re.findall(r"^function (\w+)", text, re.M)
    for name in names:
        if not name.startswith("_") and name not in documented:
            if not re.search(r"/\*\* [^*]*\b" + name + r"\b", text):
                point(False, f"{path}: {name} has no documentation")
print(f"1..{points}")
END
