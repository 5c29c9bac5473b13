/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 128-bit hash for names of cache entries and for noticing damage: Austin Appleby's MurmurHash3
 * (x64, 128 bits), which is in the public domain. It is no defence against somebody who makes
 * collisions on purpose.
 */
#ifndef SONDE_RUNTIME_HASH128_H
#define SONDE_RUNTIME_HASH128_H

#include <stddef.h>
#include <stdint.h>

struct hash128 {
	uint64_t a, b;
};

struct hash128 hash128(const void *bytes, size_t size);

#endif
