/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: globals that a function changes
struct both {
	int a, b;
};

struct both both;
static volatile int plain;

__attribute__((noinline)) int change(int to)
{
	both.a = plain = to;
	both.b = to + 1;
	return to;
}

int main(int argc, char **argv)
{
	(void)argv;
	return change(argc + 6) != 7;
}
