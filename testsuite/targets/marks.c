/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: two USDT marks, one with a semaphore, written without <sys/sdt.h>
//# opt: O2
#include <stdio.h>

unsigned short demo_first_semaphore __attribute__((section(".probes"), used));
static volatile int table[4] = { 10, 20, 30, 40 };

/* What the DTRACE_PROBE macros expand to: a nop, and a note that describes it. */
#define MARK(name, semaphore, args, ...) \
	__asm__ volatile("990:	nop\n" \
		".pushsection .note.stapsdt,\"?\",\"note\"\n" \
		".balign 4\n .4byte 992f-991f, 994f-993f, 3\n" \
		"991:	.asciz \"stapsdt\"\n" \
		"992:	.balign 4\n" \
		"993:	.8byte 990b, _.stapsdt.base, " semaphore "\n" \
		"	.asciz \"demo\", \"" name "\", \"" args "\"\n" \
		"994:	.balign 4\n .popsection\n" \
		".ifndef _.stapsdt.base\n" \
		".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
		".weak _.stapsdt.base\n .hidden _.stapsdt.base\n" \
		"_.stapsdt.base: .space 1\n .size _.stapsdt.base, 1\n .popsection\n .endif\n" \
		: : __VA_ARGS__)

__attribute__((noinline)) void hit(int n, long big)
{
	MARK("first", "demo_first_semaphore", "-4@%0 8@%1 -1@$-5 4@table+8(%%rip) 8@8(%%rsp)",
	     "r"(n), "r"(big));
	MARK("second", "0", "");
}

int main(int argc, char **argv)
{
	(void)argv;
	for (int i = 0; i < argc; i++)
		hit(i, table[i % 4]);
	return 0;
}
