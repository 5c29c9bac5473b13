/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builtins about who, where and when: in user space, sonde itself.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "runtime/vm-intrinsics.h"

/* A row that takes nothing and gives a number. */
#define NUMBER(name, value) \
	BUILTIN(name) \
	{ \
		(void)vm; \
		(void)args; \
		result->number = (int64_t)(value); \
		return 0; \
	}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static unsigned int where(bool node)
{
	unsigned int here[2] = { 0 };

	getcpu(&here[0], &here[1]);
	return here[node];
}

static uint64_t random_next(struct vm *vm)
{
	vm->random ^= vm->random << 13;
	vm->random ^= vm->random >> 7;
	vm->random ^= vm->random << 17;
	return vm->random >> 32;
}

static int64_t session_leave(struct abi_session *session)
{
	u64 running = STATE_RUNNING;

	__atomic_compare_exchange_n(&session->state, &running, STATE_LEAVING, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	return session->exit_called = 1;
}

NUMBER(in_user, 1)
NUMBER(pid_tgid, (uint64_t)getpid() << 32 | (uint32_t)syscall(SYS_gettid))
NUMBER(uid_gid, (uint64_t)getgid() << 32 | getuid())
NUMBER(cpu, where(false))
NUMBER(node, where(true))
NUMBER(ppid, getppid())
NUMBER(euid, geteuid())
NUMBER(egid, getegid())
NUMBER(pgrp, getpgrp())
NUMBER(sid, getsid(0))
NUMBER(page_size, sysconf(_SC_PAGESIZE))
NUMBER(ktime_ns, clock_ns(CLOCK_MONOTONIC))
NUMBER(boot_ns, clock_ns(CLOCK_BOOTTIME))
NUMBER(wall_ns, clock_ns(CLOCK_REALTIME))
NUMBER(jiffies, clock_ns(CLOCK_MONOTONIC) / (1000000000 / sysconf(_SC_CLK_TCK)))
NUMBER(gmtoff, vm->config.session->gmtoff)
NUMBER(target, vm->config.session->target)
NUMBER(stp_pid, getpid())
NUMBER(random, random_next(vm))
NUMBER(exit, session_leave(vm->config.session))
NUMBER(switch_file, raise(SIGUSR2))

static int kept_result(struct vm *vm, struct maps_value *result)
{
	result->text = vm->text.data ? vm->text.data : "";
	result->length = (uint32_t)vm->text.size;
	return 0;
}

/* $value of input and procfs handlers. */
static int value_result(struct vm *vm, struct maps_value *result)
{
	result->text = vm_get_value(vm, &result->length);
	return 0;
}

BUILTIN(value)
{
	(void)args;
	return value_result(vm, result);
}

BUILTIN(set_value)
{
	vm_set_value(vm, args[0].text, args[0].length);
	return value_result(vm, result);
}

/* It may grow longer than a string can. */
BUILTIN(add_value)
{
	buf_add(&vm->value, args[0].text, args[0].length);
	return value_result(vm, result);
}

/* The contents of a small file, at most MAXSTRINGLEN. */
static void file_read(struct vm *vm, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t room = (size_t)vm->program->max_string;
	ssize_t size;

	buf_clear(&vm->text);
	if (fd < 0)
		return;
	size = read(fd, buf_reserve(&vm->text, room), room);
	if (size > 0)
		vm->text.size = (size_t)size;
	close(fd);
}

BUILTIN(comm)
{
	char name[16] = "";

	(void)args;
	prctl(PR_GET_NAME, name);
	buf_clear(&vm->text);
	buf_text(&vm->text, name);
	return kept_result(vm, result);
}

BUILTIN(pexecname)
{
	char path[32];

	(void)args;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)getppid());
	file_read(vm, path);
	if (vm->text.size && vm->text.data[vm->text.size - 1] == '\n')
		vm->text.size--;
	return kept_result(vm, result);
}

BUILTIN(cmdline)
{
	(void)args;
	file_read(vm, "/proc/self/cmdline");
	if (vm->text.size && !vm->text.data[vm->text.size - 1])
		vm->text.size--;
	for (size_t i = 0; i < vm->text.size; i++)
		if (!vm->text.data[i])
			vm->text.data[i] = ' ';
	return kept_result(vm, result);
}

BUILTIN(env)
{
	const char *value = getenv(args[0].text);

	buf_clear(&vm->text);
	buf_text(&vm->text, value ? value : "");
	return kept_result(vm, result);
}

BUILTIN(uname)
{
	struct utsname names;
	const char *const fields[] = { names.sysname, names.nodename, names.release,
				       names.version, names.machine,  names.domainname };
	int64_t field = args[0].number;

	buf_clear(&vm->text);
	if (!uname(&names) && field >= 0 && field < (int64_t)(sizeof(fields) / sizeof(*fields)))
		buf_text(&vm->text, fields[field]);
	return kept_result(vm, result);
}

BUILTIN(zone)
{
	const struct abi_session *session = vm->config.session;

	(void)args;
	buf_clear(&vm->text);
	buf_add(&vm->text, session->zone, strnlen(session->zone, sizeof(session->zone)));
	return kept_result(vm, result);
}
