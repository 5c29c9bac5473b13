/* SPDX-License-Identifier: GPL-2.0-or-later */
//# about: texts and numbers on pages that nobody has touched yet; then on one that is gone
//# opt: O2
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

__attribute__((noinline)) void show(const char *text, const long *number)
{
	__asm__ volatile("" : : "r"(text), "r"(number) : "memory");
}

int main(void)
{
	static char content[3 * PAGE];
	char name[] = "pages-XXXXXX", *pages;
	int fd = mkstemp(name);

	unlink(name);
	strcpy(content + 100, "within");
	strcpy(content + PAGE - 3, "across");
	strcpy(content + 2 * PAGE - 4, "end");
	*(long *)(content + 2 * PAGE) = 42;
	if (write(fd, content, sizeof(content)) != sizeof(content))
		return 1;
	pages = mmap(NULL, sizeof(content), PROT_READ, MAP_PRIVATE, fd, 0);
	/* No page comes for its neighbour's sake. */
	madvise(pages, sizeof(content), MADV_RANDOM);
	show(pages + 100, (long *)(pages + 2 * PAGE));
	madvise(pages, sizeof(content), MADV_DONTNEED);
	show(pages + PAGE - 3, (long *)(pages + 2 * PAGE));
	munmap(pages + 2 * PAGE, PAGE);
	madvise(pages, 2 * PAGE, MADV_DONTNEED);
	show(pages + 2 * PAGE - 4, (long *)(pages + 2 * PAGE));
	return 0;
}
