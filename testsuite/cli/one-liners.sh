# SPDX-License-Identifier: GPL-2.0-or-later
## about: each row of doc/one-liners.md translates, and runs where this kernel has what it takes
## target: one
## variants: gcc-O2
## need: root uprobe btf tool:python3
## timeout: 120
cat > a.c <<'END'
#include <stdlib.h>
#include <stdio.h>
struct point { int x, y; };
__attribute__((noinline)) int work(struct point *p, int n)
{
	__asm__ volatile("" : : "r"(p), "r"(n) : "memory");
	return n * 2;
}
int main(void)
{
	struct point p = { 1, 2 };
	volatile char *page;
	FILE *null = fopen("/dev/null", "w");

	for (int i = 0; i < 5; i++) {
		page = malloc(1 << 20);
		page[i] = 1;
		fprintf(null, "%d\n", work(&p, i));
		fflush(null);
	}
	return 0;
}
END
gcc -g -O1 -o a a.c || { echo "no compiler"; exit 77; }
exec python3 -B - <<'END'
import os
import re
import subprocess

sonde = os.environ["SONDE"]
points = 0
LACKS = re.compile(r"(this kernel.* lacks .*|cannot open .*No such file.*|no mark matches.*)")


def sonde_run(*args):
    return subprocess.run([sonde, *args], text=True, stdin=subprocess.DEVNULL, timeout=30,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


rows = []
for line in open(os.environ["SRCDIR"] + "/doc/one-liners.md"):
    cells = re.split(r"(?<!\\)\|", line.strip())
    if line.startswith("| ") and "`" in cells[-2]:
        rows.append((cells[1].strip(), cells[-2].strip().strip("`").replace("\\|", "|")))
for what, script in rows:
    points += 1
    seconds = "1.5" if "timer.s(" in script else "0.5"
    # Two ways: as a bare argument, and with -e; every second row each.
    how = [script] if points % 2 else ["-e", script]
    if "./a" in script or "libc" in script:
        done = sonde_run("-c", "./a", *how)
    else:
        done = sonde_run("-T", seconds, *how)
    lacks = LACKS.search(done.stderr)
    if done.returncode == 1 and lacks:
        print("ok", points, "-", what, "# SKIP", lacks.group(1)[:100])
        continue
    good = done.returncode == 0 and "rror" not in done.stderr and "warning" not in done.stderr
    needs_output = "./a" in script and "42" not in script or "sys_enter" in script
    if needs_output and not done.stdout:
        good = False
    print("ok" if good else "not ok", points, "-", what)
    if not good:
        print("#", script, *done.stdout.splitlines()[:3], *done.stderr.splitlines()[:6], sep="\n# ")
print(f"1..{points}")
END
