/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of formats: rows, then names, then texts, and offsets of the calls before all. */
#include "translator/probes/syscall-format.h"

#include <errno.h>
#include <string.h>

#include "translator/util/arena.h"

/* ---- calls ---- */

void format_arg(struct format *format, const struct syscall_machine *machine,
		const struct syscall_arg *arg, bool comma)
{
	const struct syscall_kind *kind = arg->kind;
	uint8_t source = (kind->size < 0 ? -kind->size | ARGFMT_NEGATIVE : kind->size) |
			 (comma ? ARGFMT_COMMA : 0);
	uint16_t length_at = arg->length < 0 ? 0 : machine->args[arg->length];

	kind->put(format, kind, machine->args[arg->index], source, length_at);
}

void format_argstr(struct format *format, const struct syscall_machine *machine,
		   const syscall_arg_vec *args)
{
	for (size_t i = 0; i < args->count; i++) {
		const struct syscall_arg *arg = &args->data[i];
		size_t skip = format->rows.count;

		if (arg->hidden)
			continue;
		if (arg->test >= 0) {
			struct argfmt_row *row = format_row(format, ARGFMT_SKIP,
							    machine->args[arg->test], 8);

			row->text = arg->test_mask;
			row->more = arg->test_any ? 0 : arg->test_value;
			row->arg = arg->test_any ? 0 : ARGFMT_NOT;
		}
		format_arg(format, machine, arg, true);
		if (arg->test >= 0)
			format->rows.data[skip].arg |= format->rows.count - skip - 1;
	}
	format_row(format, ARGFMT_END, 0, 8);
}

static const char *const errors[] = {
	"", "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF",
	"ECHILD", "EAGAIN", "ENOMEM", "EACCES", "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV",
	"ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG",
	"ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK",
	"ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP", "", "ENOMSG", "EIDRM", "ECHRNG",
	"EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG", "EUNATCH", "ENOCSI", "EL2HLT", "EBADE", "EBADR",
	"EXFULL", "ENOANO", "EBADRQC", "EBADSLT", "", "EBFONT", "ENOSTR", "ENODATA", "ETIME",
	"ENOSR", "ENONET", "ENOPKG", "EREMOTE", "ENOLINK", "EADV", "ESRMNT", "ECOMM", "EPROTO",
	"EMULTIHOP", "EDOTDOT", "EBADMSG", "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG",
	"ELIBACC", "ELIBBAD", "ELIBSCN", "ELIBMAX", "ELIBEXEC", "EILSEQ", "ERESTART", "ESTRPIPE",
	"EUSERS", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE", "ENOPROTOOPT",
	"EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT", "EAFNOSUPPORT",
	"EADDRINUSE", "EADDRNOTAVAIL", "ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED",
	"ECONNRESET", "ENOBUFS", "EISCONN", "ENOTCONN", "ESHUTDOWN", "ETOOMANYREFS", "ETIMEDOUT",
	"ECONNREFUSED", "EHOSTDOWN", "EHOSTUNREACH", "EALREADY", "EINPROGRESS", "ESTALE",
	"EUCLEAN", "ENOTNAM", "ENAVAIL", "EISNAM", "EREMOTEIO", "EDQUOT", "ENOMEDIUM",
	"EMEDIUMTYPE", "ECANCELED", "ENOKEY", "EKEYEXPIRED", "EKEYREVOKED", "EKEYREJECTED",
	"EOWNERDEAD", "ENOTRECOVERABLE", "ERFKILL", "EHWPOISON",
};
#define ERRORS (sizeof(errors) / sizeof(errors[0]))

/* The kernel's own: interrupted calls that will be started again. */
static const char *const restarts[] = { "ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND",
					"ENOIOCTLCMD", "ERESTART_RESTARTBLOCK" };
#define RESTART_FIRST 512

static uint32_t error_names(struct format *format)
{
	uint32_t first = format_set_find(format, errors);

	if (first != UINT32_MAX)
		return first;
	first = format->names.count;
	for (size_t i = 0; i < RESTART_FIRST; i++)
		format_name(format, 0, 0, i < ERRORS ? errors[i] : "");
	for (size_t i = 0; i < sizeof(restarts) / sizeof(restarts[0]); i++)
		format_name(format, 0, 0, restarts[i]);
	format_set_add(format, errors, first);
	return first;
}

void format_retstr(struct format *format, const struct syscall_machine *machine, int base)
{
	struct argfmt_row *row = format_row(format, ARGFMT_RESULT, machine->result, 8);
	uint32_t first = error_names(format);

	row = &vec_last(&format->rows);
	row->arg = base == 10 ? base | ARGFMT_SIGNED : base | ARGFMT_PREFIX;
	row->more = format->names.count - first - 1;
	row->text = first;
	format_row(format, ARGFMT_END, 0, 8);
}
