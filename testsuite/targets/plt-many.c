/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: calls many functions of a library, a few of them at all
//# flags: -g -fno-builtin -Wl,-z,lazy
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long sum = labs(-5) + atoi(argv[0]) + !getenv("NOTHING");

	if (argc > 100) {
		sum += strlen(argv[1]) + abs(argc) + atol(argv[2]) + tolower(argc) + toupper(argc);
		sum += !!strchr(argv[3], 'x') + !!strstr(argv[4], "y") + getpid() + getppid();
		sum += strtol(argv[5], NULL, 0) + strcmp(argv[6], argv[7]) + puts(argv[8]);
		sum += rand() + getuid() + geteuid() + getgid() + isatty(0) + putchar(argc);
	}
	return sum > 1000000;
}
