/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: built with link-time optimisation
//# cc: gcc
//# opt: O2
//# flags: -g -flto
static volatile int hidden = 42;

__attribute__((noinline)) int look(int n)
{
	return n + hidden;
}

int main(int argc, char **argv)
{
	(void)argv;
	return look(argc) == 0;
}
