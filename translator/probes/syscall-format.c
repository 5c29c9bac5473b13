/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of formats: rows, then names, then texts, and offsets of the calls before all. */
#include "translator/probes/syscall-format.h"

#include <errno.h>
#include <string.h>

#include "translator/util/arena.h"

static uint32_t text_place(struct format *format, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; format->texts && i + length <= format->text_size; i++)
		if (!memcmp(format->texts + i, text, length))
			return i;
	if (!format->texts || format->text_size + length > format->text_room) {
		size_t room = (format->text_room + length) * 2 + 1024;
		char *grown = arena_alloc(format->arena, room);

		if (format->text_size)
			memcpy(grown, format->texts, format->text_size);
		format->texts = grown;
		format->text_room = room;
	}
	memcpy(format->texts + format->text_size, text, length);
	format->text_size += length;
	return format->text_size - length;
}

void format_begin(struct format *format, uint32_t number)
{
	while (format->starts.count <= number)
		*vec_push(format->arena, &format->starts) = 0;
	format->starts.data[number] = format->rows.count + 1;
}

struct argfmt_row *format_row(struct format *format, enum argfmt_op op, uint16_t at,
			      uint8_t source)
{
	struct argfmt_row *row = vec_push(format->arena, &format->rows);

	*row = (struct argfmt_row){ .op = op, .at = at, .source = source };
	return row;
}

void format_text(struct format *format, const char *text, uint8_t source)
{
	struct argfmt_row *row;

	if (!*text)
		return;
	row = format_row(format, ARGFMT_TEXT, 0, 8 | (source & ARGFMT_COMMA));
	row->more = strlen(text);
	row->text = text_place(format, text);
}

uint32_t format_name(struct format *format, uint32_t mask, uint32_t value, const char *text)
{
	*vec_push(format->arena, &format->names) = (struct argfmt_name){
		mask, value, text_place(format, text), strlen(text) };
	return format->names.count - 1;
}

uint32_t format_set_find(const struct format *format, const void *set)
{
	for (size_t i = 0; i < format->sets.count; i++)
		if (format->sets.data[i].set == set)
			return format->sets.data[i].first;
	return UINT32_MAX;
}

void format_set_add(struct format *format, const void *set, uint32_t first)
{
	*vec_push(format->arena, &format->sets) = (struct format_set){ set, first };
}

const uint8_t *format_finish(struct format *format, size_t *size)
{
	size_t rows = (format->starts.count * sizeof(uint32_t) + 15) & ~15ul;
	size_t names = rows + format->rows.count * sizeof(struct argfmt_row);
	size_t texts = names + format->names.count * sizeof(struct argfmt_name);
	uint8_t *table = arena_alloc(format->arena, texts + format->text_size + 1);
	uint32_t *starts = (uint32_t *)table;
	struct argfmt_row *row = (struct argfmt_row *)(table + rows);
	struct argfmt_name *name = (struct argfmt_name *)(table + names);

	for (size_t i = 0; i < format->starts.count; i++)
		if (format->starts.data[i])
			starts[i] = rows + (format->starts.data[i] - 1) * sizeof(*row);
	for (size_t i = 0; i < format->rows.count; i++) {
		row[i] = format->rows.data[i];
		if (row[i].op == ARGFMT_TEXT)
			row[i].text += texts;
		if (row[i].op == ARGFMT_NAMES || row[i].op == ARGFMT_RESULT ||
		    row[i].op == ARGFMT_BITS)
			row[i].text = names + row[i].text * sizeof(*name);
	}
	for (size_t i = 0; i < format->names.count; i++) {
		name[i] = format->names.data[i];
		name[i].text += texts;
	}
	if (format->text_size)
		memcpy(table + texts, format->texts, format->text_size);
	*size = texts + format->text_size;
	return table;
}

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
