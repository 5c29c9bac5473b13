/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a global ten times and reads another five times, adding to it. */
//# opt: O1
//# cc: gcc
//# flags: -g
#include <stdio.h>

volatile int counter, other;

int main(void)
{
	int sum = 0;

	for (int i = 0; i < 10; i++)
		counter = i;
	for (int i = 0; i < 5; i++)
		sum += other++;
	return sum != 10;
}
