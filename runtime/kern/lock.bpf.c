/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lock of a global (lock.h), for what is changed in place. */
#include "runtime/kern/lock.h"

KERN u64 sonde_lock(void *locks, u64 id)
{
	return lock_take(locks, id);
}

KERN void sonde_unlock(void *locks, u64 id)
{
	lock_release(locks, id);
}
