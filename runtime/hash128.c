/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/hash128.h"

#include <string.h>

#define MULTIPLIER_1 0x87c37b91114253d5ull
#define MULTIPLIER_2 0x4cf5ad432745937full

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static uint64_t finish(uint64_t k)
{
	k = (k ^ k >> 33) * 0xff51afd7ed558ccdull;
	k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53ull;
	return k ^ k >> 33;
}

static uint64_t mix_1(uint64_t k)
{
	return rotate(k * MULTIPLIER_1, 31) * MULTIPLIER_2;
}

static uint64_t mix_2(uint64_t k)
{
	return rotate(k * MULTIPLIER_2, 33) * MULTIPLIER_1;
}

struct hash128 hash128(const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	struct hash128 h = { 0, 0 };
	uint64_t k[2];
	size_t left = size;

	for (; left >= sizeof(k); left -= sizeof(k), at += sizeof(k)) {
		memcpy(k, at, sizeof(k));
		h.a = (rotate(h.a ^ mix_1(k[0]), 27) + h.b) * 5 + 0x52dce729;
		h.b = (rotate(h.b ^ mix_2(k[1]), 31) + h.a) * 5 + 0x38495ab5;
	}
	memset(k, 0, sizeof(k));
	memcpy(k, at, left);
	h.b ^= mix_2(k[1]);
	h.a ^= mix_1(k[0]);
	h.a ^= size;
	h.b ^= size;
	h.a += h.b;
	h.b += h.a;
	h.a = finish(h.a);
	h.b = finish(h.b);
	h.a += h.b;
	h.b += h.a;
	return h;
}
