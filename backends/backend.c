/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From IR to a program on a file descriptor. LLVM is mapped only when a handler runs in the kernel.
 * */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/host/host.h"
#include "runtime/paths.h"
#include "translator/ir/ir.h"
#include "translator/session.h"
#include "translator/util/diag.h"

#define KERNEL_PLUGIN "sonde-backend-llvm.so"

static bool runs_in_kernel(const struct ir_program *program)
{
	for (size_t i = 0; i < program->handlers.count; i++)
		if (program->handlers.data[i]->entry != ENTRY_USER)
			return true;
	return false;
}

/* The plug-in stays mapped: the process is about to end. */
static const struct backend *load_kernel_backend(struct session *session)
{
	const struct backend *backend;
	char path[PATH_MAX];
	void *module;
	int error = path_plugin(KERNEL_PLUGIN, path, sizeof(path));

	if (error) {
		diag(session->diags, DIAG_BE_PLUGIN, (struct span){ 0 }, strerror(-error));
		return NULL;
	}
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	backend = module ? dlsym(module, BACKEND_SYMBOL) : NULL;
	if (!backend) {
		const char *text = dlerror();

		diag(session->diags, DIAG_BE_PLUGIN, (struct span){ 0 }, text ? text : path);
	}
	return backend;
}

bool backend_emit(struct session *session, struct ir_program *program, int fd)
{
	void *object = NULL;
	size_t size = 0;
	bool done;

	if (runs_in_kernel(program)) {
		const struct backend *backend = load_kernel_backend(session);

		if (!backend || !backend->emit(session, program, &object, &size))
			return false;
	}
	done = host_write(session, program, object, size, fd);
	free(object);
	return done;
}
