/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Only in a build with --enable-sanitizers: the arena goes with the process, so it is no leak. */
const char *__asan_default_options(void);

__attribute__((used, visibility("default"))) const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
