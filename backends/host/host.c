/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "backends/host/host.h"
#include "runtime/program.h"
#include "translator/ir/ir.h"
#include "translator/session.h"
#include "translator/util/diag.h"

bool host_write(struct session *session, struct ir_program *program, const void *object,
		size_t size, int fd)
{
	struct program tables;
	int error;

	ir_finish(program, &tables);
	tables.has_bpf = size != 0;
	error = program_write(&tables, object, size, fd);
	return !error || diag(session->diags, DIAG_BE_WRITE, (struct span){ 0 }, strerror(-error));
}
