/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings of 16- and 32-bit characters, in memory. */
//# cc: gcc
//# opt: O1
#include <stdint.h>

static const volatile uint16_t pairs[] = { 'a', 0xe9, 0x20ac, 0xd83d, 0xde00, 0 };
static const volatile uint32_t wide[] = { 'x', 0x1f600, 0 };

void __attribute__((noinline)) hit(const volatile uint16_t *s, const volatile uint32_t *w)
{
	__asm__ volatile("" : : "r"(s), "r"(w));
}

int main(void)
{
	volatile uint32_t touched = pairs[0] + wide[0];

	hit(pairs, wide);
	return touched == 0;
}
