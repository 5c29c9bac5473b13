/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: functions that have the same registers for parameters of different types
struct near { int pad, x; };
struct far { long pad[4]; int x; };

#define NOINLINE __attribute__((noinline))
#define KEEP(x) __asm__ volatile("" : : "r"((long)(x)) : "memory")

NOINLINE void s_near(struct near *p) { KEEP(p->x); }
NOINLINE void s_far(struct far *p) { KEEP(p->x); }
NOINLINE void s_near_too(struct near *p) { KEEP(p->x); }
NOINLINE void s_value(long p) { KEEP(p); }

int main(void)
{
	struct near near = { 0, 11 };
	struct far far = { { 0 }, 22 };

	s_near(&near);
	s_far(&far);
	s_near_too(&near);
	s_value(33);
	return 0;
}
