/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Variables of probed code: from DWARF; $return and $arg1 … by the ABI where there is none. */
#include "translator/probes/process.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/dscope.h"
#include "translator/debuginfo/dtype.h"
#include "translator/elab/access.h"
#include "translator/elab/debuginfo.h"
#include "translator/session.h"

enum { REG_SP = 7, ABI_REGISTERS = 6 };

static enum mem_space space_of(const struct site *site)
{
	return site->user_space ? SPACE_USER : SPACE_KERNEL;
}

struct expr *process_abi_argument(struct session *session, struct span span,
				  const struct site *site, int n)
{
	struct build b = { .session = session, .span = span, .tok = span };
	bool at_entry = site->func && site->pc == site->func->entry;

	if (n < ABI_REGISTERS)
		return build_argument(&b, n);
	if (!at_entry)
		return NULL;
	/* above the return address */
	struct expr *address = build_binary(&b, OP_ADD, build_register(&b, REG_SP),
					    build_number(&b, 8 * (n - ABI_REGISTERS + 1)));

	return build_read(&b, space_of(site), 8, true, address);
}

static struct dscope *scope_of(struct site *site)
{
	return site->module && dmodule_has_dwarf(site->module)
		       ? dscope_at_site(site->module, site->detail)
		       : NULL;
}

static bool return_value(struct session *session, struct site *site, const struct build *b,
			 struct access *out, const char **why)
{
	struct dtype *type = site->func ? dfunc_return_type(site->func) : NULL;

	if (!site->is_return) {
		*why = "only .return probes have a return value";
		return false;
	}
	if (!type) {
		*out = access_of_value(build_register(b, 0), NULL, space_of(site));
		return true;
	}
	if (dtype_strip(type)->kind == DTYPE_VOID) {
		*why = arena_printf(session->arena, "'%s' returns nothing", site->func->name);
		return false;
	}
	return access_from_loc(b, access_base_at(b, site), dloc_return_value(site->module, type),
			       type, out, why);
}

/* "arg1" … "arg99": the number from 0; -1: not of that form. */
static int argument_number(const char *name)
{
	if (strncmp(name, "arg", 3) || !isdigit((unsigned char)name[3]) || strlen(name) > 5)
		return -1;
	return atoi(name + 3) - 1;
}

static bool abi_argument(struct session *session, struct site *site, int n, struct span span,
			 struct access *out, const char **why)
{
	*why = "arguments by the ABI are known at a function's entry only";
	if (site->is_return || !site->func)
		return false;
	struct expr *value = process_abi_argument(session, span, site, n);

	if (value)
		*out = access_of_value(value, NULL, space_of(site));
	return value != NULL;
}

bool process_variable(struct elab *elab, struct site *site, const char *name, struct span span,
		      struct access *out, const char **why)
{
	struct session *session = elab_session(elab);
	struct build b = { .session = session, .span = span, .tok = span };
	int argument = argument_number(name);

	if (site->user_space && site->module && site->module->address_size != 8) {
		*why = "variables of 32-bit programs cannot be read";
		return false;
	}
	if (strcmp(name, "return") == 0)
		return return_value(session, site, &b, out, why);
	struct dscope *scope = scope_of(site);
	struct dvar *var = scope ? dscope_lookup(scope, name) : NULL;

	if (!var && argument >= 0)
		return abi_argument(session, site, argument, span, out, why);
	if (!scope && site->module && !dmodule_has_dwarf(site->module)) {
		*why = arena_printf(session->arena, "%s; $arg1, $arg2 … give the arguments by the "
						    "ABI", dmodule_no_dwarf_reason(site->module));
		return false;
	}
	if (!var) {
		*why = arena_strdup(session->arena, dsession_error(elab_debuginfo(session)));
		return false;
	}
	return access_from_loc(&b, access_base_at(&b, site), dscope_location(scope, var), var->type,
			       out, why);
}

size_t process_variables(struct elab *elab, struct site *site, const struct site_var **vars)
{
	struct arena *arena = elab_session(elab)->arena;
	struct dscope *scope = scope_of(site);
	struct dvar_list list = { 0 };
	VEC(struct site_var) out = { 0 };

	if (!scope || dscope_vars(scope, DSCOPE_VARS, &list) < 0)
		return 0;
	for (size_t i = 0; i < list.count; i++) {
		struct dvar *v = list.data[i];

		if (!site->is_return || v->is_param)
			*vec_push(arena, &out) = (struct site_var){ v->name, v->type, v->is_param };
	}
	*vars = out.data;
	return out.count;
}
