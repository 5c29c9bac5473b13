/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings: words of 8 bytes, zero up to the end of the word that holds the NUL. Equality and order
 * therefore go by words.
 */
#include "runtime/kern/kern.h"

/* A bit for each byte that is not 0, the lowest of the byte. */
static inline u64 word_bytes(u64 word)
{
	u64 low = 0x7f7f7f7f7f7f7f7full;

	return (((word & low) + low) | word) >> 7 & 0x0101010101010101ull;
}

/*
 * Length of a string of @words words; if they are few, zero behind its end. Those without a branch:
 * the verifier would follow each length to the end of the handler. The bytes are counted in the
 * bytes of one word, which the multiplication adds up.
 */
KERN_PURE u64 sonde_str_length(const u64 *s, u64 words)
{
	u64 bytes = 0;

	if (words <= 8) {
#pragma unroll
		for (u32 i = 0; i < 8; i++)
			if (i < words)
				bytes += word_bytes(s[i]);
		return bytes * 0x0101010101010101ull >> 56;
	}
	for (u32 i = 0; i < words; i++) {
		u64 w = s[i];

		if ((w - 0x0101010101010101ull) & ~w & 0x8080808080808080ull)
			return i * 8 + (word_bytes(w) * 0x0101010101010101ull >> 56);
	}
	return words * 8;
}

/* The first words without a loop: names are short, and before 6.2 the verifier refuses a loop whose
 * end falls into its beginning, which is how a short one may be laid out. */
#define STRAIGHT_WORDS 4
#define COMPARE_WORD(i)                                                                      \
	if ((i) >= words || (i) * 8 > a_length)                                              \
		return 1;                                                                    \
	if (a[i] != b[i])                                                                    \
		return 0;

KERN_PURE u64 sonde_str_equal(const u64 *a, u64 a_length, const u64 *b, u64 b_length, u64 words)
{
	if (a_length != b_length)
		return 0;
	COMPARE_WORD(0)
	COMPARE_WORD(1)
	COMPARE_WORD(2)
	COMPARE_WORD(3)
	for (u64 i = STRAIGHT_WORDS; i < words; i++) {
		if (i * 8 > a_length)
			return 1;
		if (a[i] != b[i])
			return 0;
	}
	return 1;
}

KERN_PURE s64 sonde_str_compare(const u64 *a, const u64 *b, u64 words)
{
	for (u64 i = 0; i < words; i++) {
		u64 x = a[i], y = b[i];

		if (x != y) {
			x = __builtin_bswap64(x);
			y = __builtin_bswap64(y);
			return x < y ? -1 : 1;
		}
		if ((x - 0x0101010101010101ull) & ~x & 0x8080808080808080ull)
			return 0;
		/* Or this check and that of the end become one, of their bits or-ed: old verifiers
		 * do not see that it ends the loop. */
		asm volatile("");
	}
	return 0;
}

KERN u64 sonde_string_sum(const u64 *text, u64 words)
{
	u64 sum = 0x9e3779b97f4a7c15ull;

	u64 i = 0;

	for (; i + 8 <= words; i += 8)
#pragma unroll
		for (u32 k = 0; k < 8; k++)
			sum = (sum ^ text[i + k]) * 0x100000001b3ull;
	for (; i < words; i++)
		sum = (sum ^ text[i]) * 0x100000001b3ull;
	return sum;
}

/*
 * The text of an element: 1 found, 0 absent (then ""), 2 it kept changing. Long ones are copied at
 * once, then summed up; and are tried less often, for the verifier follows each try.
 */
KERN u64 sonde_string_load(void *map, const void *key, u64 *to, u64 words)
{
	for (u32 tries = 0; tries < (words > 16 ? 4 : 16); tries++) {
		volatile u64 *value = bpf_map_lookup_elem(map, key);
		u64 sum;

		if (!value) {
			for (u64 i = 0; i < (words > 8 ? 1 : words); i++)
				to[i] = 0;
			return 0;
		}
		sum = value[ABI_VALUE_SUM / 8];
		if (words > 16)
			bpf_probe_read_kernel(to, words * 8,
					      (const void *)(value + ABI_VALUE_TEXT / 8));
		else
			for (u64 i = 0; i < words; i++)
				to[i] = value[ABI_VALUE_TEXT / 8 + i];
		if (sonde_string_sum(to, words) == sum)
			return 1;
	}
	return 2;
}
