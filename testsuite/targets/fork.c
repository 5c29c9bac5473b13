/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: a function that is entered once and returns twice, in the child too
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) int twice(int n)
{
	int child = fork();

	if (child > 0)
		wait(NULL);
	return child > 0 ? n : 0;
}

int main(void)
{
	if (twice(3))
		twice(4);
	return 0;
}
