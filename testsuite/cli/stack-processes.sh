# SPDX-License-Identifier: GPL-2.0-or-later
## about: stacks of processes that are gone when they are shown, of stripped programs, of code that
## about: a program made itself, of C++
## need: root uprobe
. "$SRCDIR/testsuite/lib/tap.sh"
stack='print_ubacktrace_brief()'
cat > short.c <<'F'
#include <unistd.h>
__attribute__((noinline)) int work(int n) { return n + (getppid() != 0); }
__attribute__((noinline)) int caller(int n) { return work(n) + 1; }
int main(void) { _exit(caller(1) != 3); }
F
gcc -O2 -o short short.c || exit 77
run "$SONDE" -c 'sh -c "./short; ./short; ./short"' \
	-e "probe process(\"$PWD/short\").function(\"work\") { $stack }"
[ "$(grep -c '^caller+0x' out)" = 3 ] && [ "$(grep -c '^main+0x' out)" = 3 ]
point "programs that end at once"

# Its own symbols are in .gnu_debugdata only.
if command -v xz > tool; then
	nm short | awk '$2 == "T" { print $3 }' > keep
	objcopy -S --keep-symbols=keep short mini.syms
	strip -s -o mini short
	xz -f mini.syms
	objcopy --add-section .gnu_debugdata=mini.syms.xz mini
	run "$SONDE" -c ./mini \
		-e "probe process(\"libc.so.6\").function(\"getppid\") {
			if (pid() == target()) $stack }"
	[ "$(sed -n 2,4p out | sed 's/+.*//' | tr '\n' ' ')" = "work caller main " ]
	point "a stripped program with .gnu_debugdata"
fi

cat > made.c <<'F'
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
void hit(void) { __asm__ volatile(""); }
/* push rbp; mov rbp, rsp; call rdi; pop rbp; ret */
static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3 };
int main(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char name[64];
	FILE *map;

	snprintf(name, sizeof(name), "/tmp/perf-%d.map", (int)getpid());
	map = fopen(name, "w");
	memcpy(at, code, sizeof(code));
	fprintf(map, "%lx %x made by us\n", (unsigned long)at, 16);
	fclose(map);
	((void (*)(void (*)(void)))at)(hit);
	usleep(300000);
	return remove(name);
}
F
gcc -O2 -fno-omit-frame-pointer -o made made.c
run "$SONDE" -c ./made -e "probe process(\"$PWD/made\").function(\"hit\") { $stack }"
grep -q '^made by us+0x6$' out && grep -q '^main+0x' out
point "code that a program made, named by a perf map"

cat > plus.cc <<'F'
namespace ns {
template <typename T> struct Box { __attribute__((noinline)) int get(T n); };
template <typename T> int Box<T>::get(T n) { __asm__ volatile(""); return n + 1; }
}
extern "C" __attribute__((noinline)) int leaf_c(int n) { __asm__ volatile(""); return n; }
struct Shape { virtual int area(int n); virtual ~Shape() {} };
__attribute__((noinline)) int Shape::area(int n) { return leaf_c(n) + ns::Box<int>().get(n); }
int main(int n, char **) { Shape *s = new Shape; return s->area(n) == 0; }
F
if g++ -O2 -o plus plus.cc; then
	run "$SONDE" -c ./plus -e "probe process(\"$PWD/plus\").function(\"leaf_c\") { $stack }"
	grep -q '^Shape::area+0x' out
	point "C++ names without mangling"
fi
plan
