/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: many functions, whose parameters are of all kinds; each is called once
struct pair { int a, b; };

#ifdef __clang__
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE __attribute__((noinline, noclone))
#endif
#define KEEP(x) __asm__ volatile("" : : "r"((long)(x)) : "memory")

NOINLINE void f_none(void) { KEEP(0); }
NOINLINE int f_int(int i) { KEEP(i); return -i; }
NOINLINE unsigned int f_unsigned(unsigned int u) { KEEP(u); return ~u; }
NOINLINE long f_long(long l) { KEEP(l); return l + 1; }
NOINLINE signed char f_char(signed char c) { KEEP(c); return c; }
NOINLINE unsigned char f_byte(unsigned char b) { KEEP(b); return b; }
NOINLINE short f_short(short s) { KEEP(s); return s; }
NOINLINE unsigned short f_ushort(unsigned short s) { KEEP(s); return s; }
NOINLINE _Bool f_bool(_Bool b) { KEEP(b); return !b; }
NOINLINE const char *f_text(const char *text) { KEEP(text[0]); return 0; }
NOINLINE long f_two(int first, long second) { KEEP(first + second); return first + second; }
NOINLINE int f_six(int a, char b, short c, long d, unsigned int e, int f)
{
	KEEP(a + b + c + d + e + f);
	return a + b + c + d + e + f;
}
NOINLINE long f_eight(long a, long b, long c, long d, long e, long f, long g, int h)
{
	KEEP(a + b + c + d + e + f + g + h);
	return g + h;
}
NOINLINE int f_pair(struct pair pair) { KEEP(pair.a + pair.b); return pair.b; }
NOINLINE int f_pointer(struct pair *pair) { KEEP(pair->a); return pair->a; }
NOINLINE int f_array(int list[]) { KEEP(list[0]); return list[1]; }
NOINLINE double f_double(double d) { KEEP(d); return d; }
NOINLINE enum { RED, GREEN, BLUE } f_enum(int n) { KEEP(n); return n ? BLUE : RED; }

int main(void)
{
	struct pair pair = { 7, 8 };
	int list[] = { 9, 10 };

	f_none();
	f_int(-5);
	f_unsigned(5);
	f_long(-6);
	f_char(-7);
	f_byte(200);
	f_short(-300);
	f_ushort(60000);
	f_bool(1);
	f_text("x");
	f_two(-1, 2);
	f_six(1, 2, -3, 4, 5, -6);
	f_eight(1, 2, 3, 4, 5, 6, 7, -8);
	f_pair(pair);
	f_pointer(&pair);
	f_array(list);
	f_double(1.5);
	f_enum(1);
	return 0;
}
