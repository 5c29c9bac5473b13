/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The string hash that intern.c and map.c share (FNV-1a): names are short, so no setup cost. */
#ifndef SONDE_UTIL_HASH_H
#define SONDE_UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t hash_bytes(const char *text, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash;
}

#endif
