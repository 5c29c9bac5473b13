/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: C++: namespaces, overloads, a template, inheritance, statics
#include <cstdio>
#include <string>

#define NOINLINE __attribute__((noinline))

namespace zoo {

enum class size : short { small = -1, big = 300 };

struct animal {
	int legs;
	virtual ~animal() {}
};

class cat : public animal {
public:
	int lives;
	unsigned int sleepy : 3;
	static int count;

	explicit cat(int n) : lives(n), sleepy(5) { legs = 4; }
	NOINLINE int feed(int grams) { return grams + lives; }
	NOINLINE int feed(const std::string &what) { return what.size() + lives; }
};

int cat::count = 9;
int visitors = 12;

struct point {
	int x, y;
	long z;
};

template <typename T> NOINLINE T twice(T v, size s)
{
	return v + v + static_cast<int>(s);
}

NOINLINE point at(int x)
{
	return point{ x, x + 1, 3 };
}

NOINLINE std::string label(int n)
{
	return std::string(n, 'x');
}

}

int main(int argc, char **)
{
	zoo::cat c(argc + 8);

	std::printf("%d %d %ld %ld %s %d\n", c.feed(3), c.feed(std::string("fish")),
		    zoo::twice(4L, zoo::size::big), zoo::at(argc).z, zoo::label(2).c_str(),
		    zoo::cat::count + zoo::visitors);
	return 0;
}
