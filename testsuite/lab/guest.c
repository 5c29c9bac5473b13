/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first process of a lab machine. It mounts what tracing needs, runs the jobs of /jobs/list,
 * two at a time, each in its own process group with a time limit, writes every result to the second
 * serial port as
 *
 *	@@ NAME EXIT-STATUS STDOUT-BYTES STDERR-BYTES MILLISECONDS\n<stdout><stderr>
 *
 * (and "@+ NAME\n" when it starts, to know whom to blame should the kernel die), and powers the
 * machine off. The reader is testsuite/lib/lab.py. A line of /jobs/list is "NAME SECONDS PREEMPT";
 * the job is /jobs/NAME/cmd, run by sh in its directory, while the kernel, if it can, preempts as
 * PREEMPT says: with "full" handlers preempt each other as often as may be, and the kernel skips
 * those that other jobs' threads hit meanwhile; with "voluntary" it skips none. Exit status 124 is
 * "time limit", as timeout(1).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_AT_ONCE = 2, NAME_BYTES = 200, PREEMPT_BYTES = 16, OUTPUT_MAX = 8 << 20 };

struct job {
	char name[NAME_BYTES];
	int limit;		/* seconds */
	char preempt[PREEMPT_BYTES];
	pid_t pid;		/* 0: this slot is free */
	struct timespec started;
	int timed_out;
};

static FILE *results;

/* Not /tmp: the root is memory already, and the tests may lie below it. */
static const struct mount_row {
	const char *type, *dir;
} mounts[] = {
	{ "proc", "/proc" },	  { "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },	  { "tracefs", "/sys/kernel/tracing" },
	{ "bpf", "/sys/fs/bpf" }, { "debugfs", "/sys/kernel/debug" },
	{ "tmpfs", "/dev/shm" },  { "devpts", "/dev/pts" },
};

static void mount_all(void)
{
	umask(0);
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].dir, 0755);
		if (mount(mounts[i].type, mounts[i].dir, mounts[i].type, 0, NULL))
			fprintf(stderr, "guest: mount %s: %s\n", mounts[i].dir, strerror(errno));
	}
	umask(022);
	if (symlink("/proc/self/fd", "/dev/fd"))
		perror("guest: /dev/fd");
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "guest: %s: %s\n", path, strerror(errno));
	close(fd);
}

/* The result port passes every byte as it is. */
static FILE *port_open(const char *path)
{
	FILE *f = fopen(path, "we");
	struct termios t;

	if (!f || tcgetattr(fileno(f), &t))
		return NULL;
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	tcsetattr(fileno(f), TCSANOW, &t);
	return f;
}

static void job_child(const struct job *job)
{
	char dir[NAME_BYTES + 16];
	int in, out, err;

	setsid();
	snprintf(dir, sizeof(dir), "/jobs/%.*s", NAME_BYTES - 1, job->name);
	if (chdir(dir))
		_exit(126);
	in = open("/dev/null", O_RDONLY);
	/* Appending: or what cat's sendfile() writes comes over what others write meanwhile. */
	out = open("stdout", O_WRONLY | O_CREAT | O_APPEND, 0600);
	err = open("stderr", O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (in < 0 || out < 0 || err < 0)
		_exit(126);
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	execl("/bin/sh", "sh", "./cmd", NULL);
	_exit(127);
}

static void job_start(struct job *job)
{
	clock_gettime(CLOCK_MONOTONIC, &job->started);
	job->timed_out = 0;
	fprintf(results, "@+ %s\n", job->name);
	fflush(results);
	job->pid = fork();
	if (job->pid == 0)
		job_child(job);
	if (job->pid < 0)
		job->pid = 0;
}

static long job_ms(const struct job *job)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - job->started.tv_sec) * 1000 +
	       (now.tv_nsec - job->started.tv_nsec) / 1000000;
}

static char *file_read(const char *job, const char *name, size_t *size)
{
	char path[NAME_BYTES + 32];
	char *data = malloc(OUTPUT_MAX);
	FILE *f;

	snprintf(path, sizeof(path), "/jobs/%s/%s", job, name);
	f = fopen(path, "re");
	*size = f && data ? fread(data, 1, OUTPUT_MAX, f) : 0;
	if (f)
		fclose(f);
	unlink(path);
	return data;
}

static void job_report(const struct job *job, int status)
{
	size_t out_size, err_size;
	char *out = file_read(job->name, "stdout", &out_size);
	char *err = file_read(job->name, "stderr", &err_size);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

	fprintf(results, "@@ %s %d %zu %zu %ld\n", job->name, job->timed_out ? 124 : code,
		out_size, err_size, job_ms(job));
	fwrite(out, 1, out_size, results);
	fwrite(err, 1, err_size, results);
	fflush(results);
	free(out);
	free(err);
}

/* Takes one ended child, if there is one; orphans of the jobs come here too. */
static int job_reap(struct job *jobs)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	for (int i = 0; pid > 0 && i < JOBS_AT_ONCE; i++) {
		if (jobs[i].pid != pid)
			continue;
		kill(-pid, SIGKILL);
		job_report(&jobs[i], status);
		jobs[i].pid = 0;
	}
	return pid > 0;
}

static void jobs_limit(struct job *jobs)
{
	for (int i = 0; i < JOBS_AT_ONCE; i++) {
		if (!jobs[i].pid || job_ms(&jobs[i]) < jobs[i].limit * 1000L)
			continue;
		jobs[i].timed_out = 1;
		kill(-jobs[i].pid, SIGKILL);
	}
}

static int job_read(FILE *list, struct job *job)
{
	return fscanf(list, "%199s %d %15s", job->name, &job->limit, job->preempt) == 3;
}

/* May the job start beside those that run? If none does, the kernel is told how to preempt. */
static int job_fits(const struct job *job, int running)
{
	static char mode[PREEMPT_BYTES];

	if (strcmp(mode, job->preempt) == 0)
		return 1;
	if (running)
		return 0;
	snprintf(mode, sizeof(mode), "%s", job->preempt);
	write_file("/sys/kernel/debug/sched/preempt", mode);
	return 1;
}

static void jobs_run(FILE *list)
{
	struct job jobs[JOBS_AT_ONCE] = { 0 }, next = { 0 };
	int running = 0, more = job_read(list, &next);

	while (running || more) {
		for (int i = 0; i < JOBS_AT_ONCE; i++) {
			if (jobs[i].pid || !more || !job_fits(&next, running))
				continue;
			jobs[i] = next;
			job_start(&jobs[i]);
			more = job_read(list, &next);
			running += jobs[i].pid != 0;
		}
		if (job_reap(jobs)) {
			running = 0;
			for (int i = 0; i < JOBS_AT_ONCE; i++)
				running += jobs[i].pid != 0;
		} else {
			jobs_limit(jobs);
			usleep(2000);
		}
	}
}

int main(void)
{
	FILE *list;

	mount_all();
	write_file("/proc/sys/kernel/kptr_restrict", "0");
	write_file("/proc/sys/kernel/perf_event_paranoid", "-1");
	if (system("ip link set lo up"))
		fprintf(stderr, "guest: no loopback interface\n");
	setenv("HOME", "/root", 1);
	setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("SONDE", "/usr/bin/sonde", 1);
	results = port_open("/dev/ttyS1");
	list = fopen("/jobs/list", "re");
	if (results && list) {
		jobs_run(list);
		fputs("@@end\n", results);
		fflush(results);
		tcdrain(fileno(results));
	} else {
		fprintf(stderr, "guest: no result port or no list of jobs\n");
	}
	reboot(RB_POWER_OFF);
	return 1;
}
