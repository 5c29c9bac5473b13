/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls with known arguments, between two calls of getppid(): each the way a test expects to
 * see it as text. Some succeed, some fail; none changes anything that stays.
 */
//# cc: gcc
//# opt: O0
//# flags: -g -no-pie
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define NOWHERE "/nowhere/at all"
#define AT(n) ((void *)(uintptr_t)(n))

static void files(void)
{
	char text[4] = "";

	syscall(SYS_open, NOWHERE, O_RDONLY, 0);
	syscall(SYS_openat, AT_FDCWD, NOWHERE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	syscall(SYS_openat, 77, "x\ty\"\\\001", O_RDWR | O_APPEND | O_NONBLOCK, 0);
	syscall(SYS_openat, AT_FDCWD, AT(16), O_PATH, 0);
	syscall(SYS_openat, AT_FDCWD, NULL, O_DIRECTORY, 0);
	syscall(SYS_creat, NOWHERE, 0644);
	syscall(SYS_read, 77, AT(4096), 10);
	syscall(SYS_write, 77, "some text\n", 10);
	syscall(SYS_write, 77, "0123456789012345678901234567890123456789012345678901234567890", 61);
	syscall(SYS_pread64, 77, AT(4096), 8, -1L);
	syscall(SYS_close, 77);
	syscall(SYS_access, "/", R_OK | X_OK);
	syscall(SYS_faccessat, AT_FDCWD, NOWHERE, F_OK);
	syscall(SYS_lseek, 77, -5L, SEEK_END);
	syscall(SYS_stat, NOWHERE, AT(4096));
	syscall(SYS_newfstatat, AT_FDCWD, NOWHERE, AT(4096), AT_SYMLINK_NOFOLLOW);
	syscall(SYS_fcntl, 77, F_GETFL, 0);
	syscall(SYS_ioctl, 77, 21505, AT(4096));
	syscall(SYS_dup3, 77, 78, O_CLOEXEC);
	syscall(SYS_mkdir, NOWHERE, 0755);
	syscall(SYS_unlinkat, AT_FDCWD, NOWHERE, AT_REMOVEDIR);
	syscall(SYS_renameat2, AT_FDCWD, NOWHERE, 77, "b", 1);
	syscall(SYS_linkat, AT_FDCWD, NOWHERE, AT_FDCWD, "b", 0);
	syscall(SYS_symlinkat, "a", 77, "b");
	syscall(SYS_readlink, NOWHERE, AT(4096), 20);
	syscall(SYS_chmod, NOWHERE, 04755);
	syscall(SYS_fchownat, 77, "b", -1, 10, 0);
	syscall(SYS_umask, 022);
	syscall(SYS_umask, 022);
	syscall(SYS_truncate, NOWHERE, 100L);
	syscall(SYS_mount, "a", NOWHERE, "none", MS_RDONLY | MS_NOSUID, NULL);
	syscall(SYS_umount2, NOWHERE, MNT_DETACH);
	syscall(SYS_getxattr, NOWHERE, "user.x", text, 0);
	syscall(SYS_flock, 77, LOCK_EX | LOCK_NB);
	syscall(SYS_utimensat, AT_FDCWD, NOWHERE, NULL, 0);
}

static void memory(void)
{
	syscall(SYS_mmap, NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, 77, 8192);
	syscall(SYS_mmap, NULL, 0, PROT_READ | PROT_EXEC, MAP_SHARED, 77, 0);
	syscall(SYS_mprotect, AT(1), 4096, PROT_READ | PROT_WRITE);
	syscall(SYS_munmap, AT(1), 4096);
	syscall(SYS_madvise, AT(1), 4096, MADV_DONTNEED);
	syscall(SYS_shmget, 0, 0, IPC_CREAT | 0600);
	syscall(SYS_shmat, -1, NULL, SHM_RDONLY);
}

static void processes(void)
{
	struct timespec none = { 0, 1 };
	struct itimerval timer = { { 0, 0 }, { 0, 0 } };
	uint64_t mask = 1 << (SIGUSR1 - 1) | 1 << (SIGCHLD - 1);
	uint32_t word = 5;

	syscall(SYS_kill, -12345678, SIGUSR1);
	syscall(SYS_tgkill, 1, 12345678, SIGTERM);
	syscall(SYS_wait4, -1, NULL, WNOHANG | WUNTRACED, NULL);
	syscall(SYS_nanosleep, &none, NULL);
	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &none, NULL);
	syscall(SYS_setitimer, ITIMER_REAL, &timer, NULL);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, NULL, 8);
	syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, NULL, AT(1), 8);
	syscall(SYS_setrlimit, RLIMIT_NOFILE, NULL);
	syscall(SYS_getpriority, PRIO_PROCESS, 12345678);
	syscall(SYS_sched_setscheduler, 12345678, SCHED_FIFO, NULL);
	syscall(SYS_unshare, 0x10000000 | CLONE_FS | 1);
	syscall(SYS_futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 4, NULL, NULL, 0);
	syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
	syscall(SYS_execve, NOWHERE, ((char *[]){ "a", "b c", NULL }),
		((char *[]){ "X=1", "Y=2", "Z=3", NULL }));
	syscall(SYS_prctl, 99999, 1L, 2L, 3L, 4L);
}

static void sockets(void)
{
	struct sockaddr_in four = { AF_INET, htons(8080), { htonl(0x7f000102) }, { 0 } };
	struct sockaddr_in6 six = { AF_INET6, htons(443), 0, IN6ADDR_LOOPBACK_INIT, 0 };
	struct sockaddr_un local = { AF_UNIX, "/nowhere/socket" };
	struct sockaddr odd = { 250, "" };

	syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 99);
	syscall(SYS_connect, 77, &four, sizeof(four));
	syscall(SYS_bind, 77, &six, sizeof(six));
	syscall(SYS_connect, 77, &local, sizeof(local));
	syscall(SYS_connect, 77, &odd, sizeof(odd));
	syscall(SYS_connect, 77, NULL, 16);
	syscall(SYS_sendto, 77, "hello", 5, MSG_DONTWAIT | MSG_NOSIGNAL, &four, sizeof(four));
	syscall(SYS_setsockopt, 77, SOL_SOCKET, SO_REUSEADDR, AT(1), 4);
	syscall(SYS_shutdown, 77, SHUT_WR);
	syscall(SYS_epoll_ctl, 77, EPOLL_CTL_ADD, 78, AT(1));
	syscall(SYS_timerfd_create, -2, TFD_NONBLOCK);
}

int main(void)
{
	volatile char c;

	/* what is not in memory yet cannot be read by a handler */
	for (const char *text = NOWHERE; *text; text++)
		c = *text;
	(void)c;
	syscall(SYS_getppid);
	files();
	memory();
	processes();
	sockets();
	syscall(SYS_getppid);
	return 0;
}
