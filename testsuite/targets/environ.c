/* SPDX-License-Identifier: GPL-2.0-or-later */
struct tagged {
	char tag[4];
	int n;
};

__attribute__((noinline)) int work(struct tagged *t)
{
	__asm__ volatile("" : : "r"(t) : "memory");
	return t->n;
}

int main(void)
{
	struct tagged t = { "abcd", 0x64636261 };

	return work(&t) ? 0 : 1;
}
