/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: one of each: types, bit-fields, inlined copies, labels, a thread-local, a by-value struct
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum colour { RED = 1, BLUE = -2, GREEN = 200 };

struct inner {
	int low : 3;
	unsigned int mid : 5;
	long wide;
};

struct rec {
	char name[16];
	struct inner in;
	struct inner *link;
	union {
		int as_int;
		unsigned char as_bytes[4];
	};
	int grid[2][3];
	enum colour colour;
	int (*call)(int, void *);
	struct rec *next;
};

struct pair {
	long first, second;
};

struct large {
	long v[5];
};

int counter = 41;
static struct rec records[2];
static __thread int per_thread = 7;

#define NOINLINE __attribute__((noinline))

static inline __attribute__((always_inline)) int square(int x)
{
	int doubled = x + x;

	per_thread += doubled;
	return x * x;
}

NOINLINE long walk(struct rec *r, int n, const char *text, unsigned short small)
{
	long total = n + small;

	for (int i = 0; i < n; i++)
		total += square(i + r->grid[0][i % 3]);
	if (total < 0)
		goto out;
	total += text[0] + r->in.wide;
out:
	printf("%ld %s\n", total, r->name);
	return total;
}

NOINLINE struct pair make_pair(long a, long b)
{
	struct pair p = { a, b };

	return p;
}

NOINLINE struct large make_large(int n)
{
	struct large l = { { n, n + 1 } };

	return l;
}

NOINLINE double half(double x)
{
	return x / 2;
}

static NOINLINE int callback(int a, void *b)
{
	return a + (b != NULL);
}

int main(int argc, char **argv)
{
	struct rec *r = &records[0];
	struct pair p;

	strcpy(r->name, "first");
	r->in = (struct inner){ -2, 21, 1234567890123L };
	r->link = &r->in;
	r->as_int = 0x01020304;
	memcpy(r->grid, (int[2][3]){ { 1, 2, 3 }, { 4, 5, 6 } }, sizeof(r->grid));
	r->colour = GREEN;
	r->call = callback;
	r->next = &records[1];
	counter += argc;
	p = make_pair(walk(r, 3, argv[0], 9), make_large(argc).v[1]);
	return p.first + half(p.second) + r->call(1, r) == 0;
}
