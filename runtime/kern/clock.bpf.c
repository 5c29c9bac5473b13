/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Creation numbers before 5.12, where they cannot be counted. */
#include "runtime/kern/clock.h"

KERN u64 sonde_time_number(void)
{
	return clock_number();
}
