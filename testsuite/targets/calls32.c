/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: system calls as 32-bit programs make them: getpid, setpgid (number 57, which is fork's of
//# about: 64-bit programs), close
//# cc: gcc
//# opt: O2
static long call(long number, long a, long b)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(0)
			 : "memory");
	return result;
}

int main(void)
{
	call(20, 0, 0);
	call(57, 0, 0);
	call(6, -1, 0);
	return 0;
}
