/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: C++: members of a class template
//# opt: O0
namespace box {
template <typename T> struct holder {
	T value;
	__attribute__((noinline)) long get(int scale) { return value * scale; }
};
}

int main(int argc, char **)
{
	box::holder<int> small = { argc };
	box::holder<unsigned long> large = { 5 };

	return small.get(2) + large.get(3) == 17 ? 0 : 1;
}
