/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: C++: a lambda, overloads of which one is const
#include <cstdio>
#define NOINLINE __attribute__((noinline))

struct scale {
	int factor;
	NOINLINE int by(int n) { return n * factor; }
	NOINLINE int by(double d, int n) const { return d * factor + n; }
};

int main(int argc, char **)
{
	scale s = { argc + 1 };
	auto twice = [&s](int n) NOINLINE { return s.by(n) * 2; };

	std::printf("%d %d\n", twice(argc), s.by(argc + 0.5, argc));
	return 0;
}
