/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: eight integer arguments, no debug information, only symbols
//# opt: O2
//# flags: -fcf-protection=none
__attribute__((noinline)) long eight(long a, unsigned long b, int c, long d, long e, long f, long g,
				     long h)
{
	__asm__ volatile("" : : "r"(a + b + c + d + e + f) : "memory");
	return g + h;
}

int main(void)
{
	return eight(1, 2, 3, 4, 5, 6, 7, 8) != 15;
}
