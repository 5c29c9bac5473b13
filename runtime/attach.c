/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/attach.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/bpf-syscall.h"
#include "runtime/features.h"
#include "runtime/load.h"
#include "runtime/say.h"

#define MECH(id, name, help) extern const struct attach_mech attach_mech_##id;
#include "runtime/mech.def"
#undef MECH

const struct attach_mech *const attach_mechs[MECH_COUNT] = {
#define MECH(id, name, help) [MECH_##id] = &attach_mech_##id,
#include "runtime/mech.def"
#undef MECH
};

static const char *const mech_names[MECH_COUNT] = {
#define MECH(id, name, help) [MECH_##id] = name,
#include "runtime/mech.def"
#undef MECH
};

int attach_keep(struct attach *attach, int fd)
{
	if (fd < 0)
		return fd;
	if (attach->fd_count == attach->fd_room) {
		size_t room = attach->fd_room ? attach->fd_room * 2 : 16;
		int *fds = reallocarray(attach->fds, room, sizeof(*fds));

		if (!fds) {
			close(fd);
			return -ENOMEM;
		}
		attach->fds = fds;
		attach->fd_room = room;
	}
	attach->fds[attach->fd_count++] = fd;
	return 0;
}

const char *attach_feature_missing(int feature, char *buf, size_t size)
{
	return feature_has((enum feature)feature) ? NULL
						  : feature_text((enum feature)feature, buf, size);
}

/* ---- failures ---- */

static const char *error_text(int error)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
		{ EPERM, "not permitted" },
		{ EACCES, "not permitted" },
		{ ENOENT, "there is no such place" },
		{ ESRCH, "there is no such process or function" },
		{ EADDRNOTAVAIL, "there is no such function in the kernel" },
		{ EILSEQ, "it is not an instruction's beginning, or is blacklisted" },
		{ ENOTSUP, "the instruction there cannot be probed" },
		{ EMFILE, "too many open files: raise the limit (ulimit -n)" },
		{ ENOSPC, "all breakpoint registers are in use" },
		{ EINVAL, "the kernel refuses this place" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == error)
			return texts[i].text;
	return strerror(error);
}

/* Sites that one probe of the script stands for have the same place in it. */
static bool same_probe(const struct attach *attach, uint32_t a, uint32_t b)
{
	const struct program *program = attach->program;
	const struct program_handler *x = &program->handlers[program->sites[a].handler];
	const struct program_handler *y = &program->handlers[program->sites[b].handler];

	return x->place == y->place && strcmp(x->origin, y->origin) == 0;
}

/* How many sites the probe of site @index has; with @failed: of which none could be attached. */
static uint32_t siblings(const struct attach *attach, uint32_t index, bool failed)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < attach->program->site_count; i++)
		count += attach->load->programs[i] && (!failed || attach->failures[i]) &&
			 same_probe(attach, i, index);
	return count;
}

static void site_failed(struct attach *attach, uint32_t index, int rc)
{
	const struct program_site *site = &attach->program->sites[index];
	const char *why = *attach->reason ? attach->reason : error_text(-rc);

	attach->failed++;
	attach->failures[index] = rc;
	if (site->optional) {
		say_verbose(1, "Probe %s is optional and was not attached: %s.", site->name, why);
		return;
	}
	if (siblings(attach, index, false) > 1)
		say_verbose(1, "Probe %s cannot be attached by %s: %s (%s).", site->name,
			    mech_names[site->mech], why, strerror(-rc));
	else
		say_warning("probe %s cannot be attached by %s: %s (%s)", site->name,
			    mech_names[site->mech], why, strerror(-rc));
}

/* Of a pattern some functions can nearly always not be probed: one line for all of them. */
static void failures_report(const struct attach *attach)
{
	const struct program *program = attach->program;

	for (uint32_t i = 0; i < program->site_count; i++) {
		const char *origin = program->handlers[program->sites[i].handler].origin;
		uint32_t all, first = 0;

		if (!attach->failures[i] || program->sites[i].optional)
			continue;
		all = siblings(attach, i, false);
		if (all < 2)
			continue;
		while (!attach->failures[first] || !same_probe(attach, first, i))
			first++;
		if (first == i)
			say_warning("%u of the %u places of %s cannot be probed: %s (-v names "
				    "them)", siblings(attach, i, true), all, origin,
				    error_text(-attach->failures[i]));
	}
}

static void site_attached(struct attach *attach, uint32_t index)
{
	const struct program_site *site = &attach->program->sites[index];

	attach->attached++;
	say_verbose(2, "Attached %s by %s.", site->name, mech_names[site->mech]);
	if (site->slow)
		say_verbose(1,
			    "Probe %s is slow: its instruction takes a single step each time.",
			    site->name);
}

/* ---- attaching ---- */

/* Attaches a batch; when that fails, halves of it, so that the sites that fail are found and
 * only those. */
static void batch_attach(struct attach *attach, const struct attach_batch *batch)
{
	const struct program_site *first = &attach->program->sites[batch->sites[0]];
	struct attach_batch half = *batch;
	int rc;

	attach->reason[0] = 0;
	rc = attach_mechs[first->mech]->attach(attach, batch);
	if (rc && batch->count > 1) {
		half.count = batch->count / 2;
		batch_attach(attach, &half);
		half.sites += half.count;
		half.count = batch->count - half.count;
		batch_attach(attach, &half);
		return;
	}
	if (rc) {
		site_failed(attach, batch->sites[0], rc);
		return;
	}
	for (uint32_t i = 0; i < batch->count; i++)
		site_attached(attach, batch->sites[i]);
}

#define MANY 16		/* sites of a batch from which on each is checked first */

/* Sites that cannot be attached, found without trying. */
static void batch_check(struct attach *attach, struct attach_batch *batch, uint32_t *sites)
{
	const struct attach_mech *mech =
		attach_mechs[attach->program->sites[batch->sites[0]].mech];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < batch->count; i++) {
		int rc = 0;

		attach->reason[0] = 0;
		if (mech->check && batch->count >= MANY)
			rc = mech->check(attach, &attach->program->sites[sites[i]]);
		if (rc)
			site_failed(attach, sites[i], rc);
		else
			sites[kept++] = sites[i];
	}
	batch->count = kept;
}

/* Collects in @sites what goes with site @first, itself included, and is not done yet. */
static uint32_t batch_collect(const struct attach *attach, uint32_t first, bool *done,
			      uint32_t *sites)
{
	const struct program *program = attach->program;
	const struct program_site *a = &program->sites[first];
	const struct attach_mech *mech = attach_mechs[a->mech];
	uint32_t count = 0;

	for (uint32_t i = mech->together ? 0 : first; i < program->site_count; i++) {
		const struct program_site *b = &program->sites[i];

		if (!mech->together && i > first)
			break;
		if (done[i] || (i != first && (b->mech != a->mech ||
			attach->load->programs[i] != attach->load->programs[first] ||
			!mech->together(a, b))))
			continue;
		done[i] = true;
		sites[count++] = i;
	}
	return count;
}

/* A handler of which the script wants at least one place, but none could be attached. */
static int handlers_check(const struct attach *attach)
{
	if (attach->attached || !attach->failed)
		return 0;
	say_error("no probe could be attached");
	return -ENOENT;
}

static bool newest_first(const struct program_site *site)
{
	const struct attach_mech *mech = attach_mechs[site->mech];

	return site->is_return ? mech->newest_returns_first : mech->newest_first;
}

/* Attaches a site with all that go with it. */
static void site_attach(struct attach *attach, uint32_t index, bool *done, uint32_t *sites)
{
	struct attach_batch batch = { .sites = sites };

	batch.prog_fd = bpf_program__fd(attach->load->programs[index]);
	batch.count = batch_collect(attach, index, done, sites);
	batch_check(attach, &batch, sites);
	if (batch.count)
		batch_attach(attach, &batch);
}

int attach_all(struct attach *attach)
{
	const struct program *program = attach->program;
	uint32_t *sites = calloc(program->site_count + 1, sizeof(*sites));
	bool *done = calloc(program->site_count + 1, sizeof(*done));
	int rc = -ENOMEM;

	attach->failures = calloc(program->site_count + 1, sizeof(*attach->failures));
	if (!sites || !done || !attach->failures)
		goto out;
	for (uint32_t i = 0; i < program->site_count; i++)
		done[i] = !attach->load->programs[i];
	/* Handlers of one place run in the order of the script: some places want them in that
	 * order, others backwards. */
	for (uint32_t i = 0; i < program->site_count; i++)
		if (!done[i] && !newest_first(&program->sites[i]))
			site_attach(attach, i, done, sites);
	for (uint32_t i = program->site_count; i--;)
		if (!done[i])
			site_attach(attach, i, done, sites);
	if (attach->failed)
		failures_report(attach);
	rc = handlers_check(attach);
out:
	free(done);
	free(sites);
	return rc;
}

/* ---- detaching ---- */

/* Closing a probe waits until the kernel is sure that no CPU is in it; many wait together as
 * well as one. */
#define CLOSERS 32

struct attach_closer {
	struct attach *attach;
	size_t next, started;
	pthread_t threads[CLOSERS];
};

static void *closer_run(void *data)
{
	struct attach_closer *closer = data;
	struct attach *attach = closer->attach;
	size_t i;

	while ((i = __atomic_fetch_add(&closer->next, 1, __ATOMIC_RELAXED)) < attach->fd_count)
		close(attach->fds[i]);
	return NULL;
}

void attach_close_begin(struct attach *attach)
{
	struct attach_closer *closer;
	sigset_t all, before;

	if (attach->closer || !attach->fd_count)
		return;
	closer = calloc(1, sizeof(*closer));
	if (!closer)
		return;
	closer->attach = attach;
	attach->closer = closer;
	/* Signals are for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (closer->started < CLOSERS && closer->started < attach->fd_count) {
		if (pthread_create(&closer->threads[closer->started], NULL, closer_run, closer))
			break;
		closer->started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void attach_close(struct attach *attach)
{
	struct attach_closer *closer;

	attach_close_begin(attach);
	closer = attach->closer;
	if (closer) {
		closer_run(closer);
		while (closer->started)
			pthread_join(closer->threads[--closer->started], NULL);
		free(closer);
	}
	free(attach->fds);
	free(attach->failures);
	attach->failures = NULL;
	attach->fds = NULL;
	attach->closer = NULL;
	attach->fd_count = attach->fd_room = 0;
}

uint64_t attach_missed(const struct attach *attach)
{
	uint64_t missed = 0;

	for (size_t i = 0; i < attach->fd_count; i++)
		missed += bpfsys_link_missed(attach->fds[i]);
	return missed;
}
