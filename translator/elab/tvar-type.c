/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where types, enumerators and global variables are looked for: the probed file, a named one, the
 * kernel. */
#include <string.h>

#include "translator/elab/tvar-priv.h"

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/dfunc.h"
#include "translator/debuginfo/dscope.h"
#include "translator/debuginfo/dtype.h"
#include "translator/elab/debuginfo.h"
#include "translator/probes/probe-kind.h"
#include "translator/session.h"

/* One name of a module list: "kernel", "kernel<linux/fs.h>", "<sys/stat.h>", a path or library. */
static bool names_kernel(const char *module)
{
	return strncmp(module, "kernel", 6) == 0;
}

static struct dtype *type_in_kernel(struct tvar *t, const char *name, const char **why)
{
	struct dsession *ds = elab_debuginfo(t->session);
	struct dbtf *btf = elab_btf(t->session);
	struct dtype *type = btf ? dtype_find_btf(btf, name) : NULL;

	if (!type && t->site && t->site->module && t->site->module->is_kernel)
		type = dtype_find(t->site->module, name);
	if (!type)
		*why = arena_strdup(t->session->arena, dsession_error(ds));
	return type;
}

static struct dtype *type_in_file(struct tvar *t, const char *name, struct dmodule *module,
				  const char **why)
{
	struct dtype *type = NULL;

	if (module && !dmodule_has_dwarf(module)) {
		*why = dmodule_no_dwarf_reason(module);
		return NULL;
	}
	if (module)
		type = dtype_find(module, name);
	if (!type)
		*why = arena_strdup(t->session->arena, dsession_error(elab_debuginfo(t->session)));
	return type;
}

static struct dmodule *open_file(struct tvar *t, const char *name)
{
	struct dsession *ds = elab_debuginfo(t->session);
	const struct dmodule *probed = t->site ? t->site->module : NULL;

	if (*name == '<')
		return dmodule_open_header(ds, name, probed ? probed->address_size : 0);
	struct dmodule *module = dmodule_open(ds, name);

	return module ? module : dmodule_open_library(ds, name, NULL);
}

/* The types of a loaded kernel module, or the kernel's where it has none. NULL: it is none. */
static struct dbtf *module_types(struct tvar *t, const char *name)
{
	struct dbtf *kernel = elab_btf(t->session), *types;

	if (!kernel || !*name || strpbrk(name, "/.<"))
		return NULL;
	types = dbtf_open_module(elab_debuginfo(t->session), name, kernel);
	if (types || elab_kernel_at_least(t->session, 5, 11))
		return types;
	return elab_module_loaded(t->session, name) ? kernel : NULL;
}

static struct dtype *type_in_one(struct tvar *t, const char *name, const char *module,
				 enum mem_space *space, const char **why)
{
	struct dbtf *types = names_kernel(module) ? NULL : module_types(t, module);
	struct dtype *type = NULL;

	*space = types || names_kernel(module) ? SPACE_KERNEL : SPACE_USER;
	if (*space == SPACE_USER)
		return type_in_file(t, name, open_file(t, module), why);
	if (types)
		type = dtype_find_btf(types, name);
	return type ? type : type_in_kernel(t, name, why);
}

/* "a:b": the first that knows the type. */
static struct dtype *type_in_list(struct tvar *t, const char *name, const char *list,
				  enum mem_space *space, const char **why)
{
	struct dtype *type = NULL;

	for (const char *p = list; !type && *p;) {
		size_t length = strcspn(p, ":");
		const char *one = arena_strndup(t->session->arena, p, length);

		type = type_in_one(t, name, one, space, why);
		p += length + (p[length] == ':');
	}
	return type;
}

struct dtype *tvar_type(struct tvar *t, const char *type_name, const char *module,
			enum mem_space *space, const char **why)
{
	struct dtype *type;

	if (module && *module)
		return type_in_list(t, type_name, module, space, why);
	*space = t->site && t->site->user_space ? SPACE_USER : SPACE_KERNEL;
	if (*space == SPACE_KERNEL)
		return type_in_kernel(t, type_name, why);
	type = type_in_file(t, type_name, t->site->module, why);
	if (type)
		return type;
	const char *kernel_why;

	*space = SPACE_KERNEL;
	return type_in_kernel(t, type_name, &kernel_why);
}

bool tvar_enumerator(struct tvar *t, const char *name, int64_t *value)
{
	struct dbtf *btf;

	if (t->site && t->site->module && !t->site->module->is_kernel &&
	    dmodule_has_dwarf(t->site->module) &&
	    dtype_find_enumerator(t->site->module, name, value))
		return true;
	if (t->site && t->site->user_space)
		return false;
	btf = elab_btf(t->session);
	return btf && dbtf_enumerator(btf, name, value);
}

struct access_base *access_base_at(const struct build *b, const struct site *site)
{
	struct access_base *base = arena_new_of(b->session->arena, struct access_base);

	base->space = site && site->user_space ? SPACE_USER : SPACE_KERNEL;
	base->no_bias = "where its file is loaded is not known in this probe";
	if (!site || !site->module)
		return base;
	struct dmodule *module = site->module;
	uint64_t vaddr = module->is_kernel ? D_NO_OFFSET
					   : dmodule_vaddr(module, site->attach.offset);

	base->tls_offset = module->is_library ? 0 : dmodule_tls_offset(module);
	if (module->is_kernel && !module->is_vmlinux) {
		base->no_bias = "where the data of a kernel module is loaded is not known";
	} else if (module->is_kernel) {
		base->load_bias = build_mach(b, MACH_SYMBOL, 0);
		base->load_bias->mach.symbol = "_stext";
		base->load_bias->mach.number = -(int64_t)elab_kernel_text(b->session);
	} else if (!module->is_pie) {
		base->load_bias = build_number(b, 0);
	} else if (!site->is_return && vaddr != D_NO_OFFSET) {
		/* the probed instruction's address tells */
		base->load_bias = build_binary(b, OP_SUB, build_register(b, 16),
					       build_number(b, vaddr));
	}
	return base;
}

/* The file that @var("x", "@module") looks in; without one the probe's own, or the kernel. */
static struct dmodule *module_of_global(struct tvar *t, const char *module, bool *kernel)
{
	bool given = module && *module;

	*kernel = given ? names_kernel(module) : !t->site || !t->site->user_space;
	if (!given && t->site && t->site->module)
		return t->site->module;
	return *kernel ? elab_kernel(t->session) : given ? open_file(t, module) : NULL;
}

/* A return probe is somewhere in the caller: where its function's file is loaded is kept from the
 * entry. */
static struct expr *bias_at_entry(struct tvar *t, const struct build *b, struct dmodule *module)
{
	const struct probe_kind *kind = t->handler->kind;
	struct site *entry = kind->entry ? kind->entry(t->elab, t->site) : NULL;
	uint64_t vaddr = entry ? dmodule_vaddr(module, entry->attach.offset) : D_NO_OFFSET;
	const char *why;

	if (vaddr == D_NO_OFFSET)
		return NULL;
	return tvar_entry(t, b, build_binary(b, OP_SUB, build_register(b, 16),
					     build_number(b, vaddr)), &why);
}

bool tvar_global(struct tvar *t, const struct build *b, const char *name, const char *module,
		 struct access *out, const char **why)
{
	struct dsession *ds = elab_debuginfo(t->session);
	const char *at = strchr(name, '@');
	const char *cu = at && at[1] ? at + 1 : NULL;
	const char *variable = at ? arena_strndup(t->session->arena, name, at - name) : name;
	struct site elsewhere = { 0 };
	const struct site *site = t->site;
	struct dscope *scope = NULL;
	bool kernel;
	struct dmodule *m = module_of_global(t, module, &kernel);

	*why = "name the file that defines it as the second argument";
	if (!m || !dmodule_has_dwarf(m)) {
		*why = m ? dmodule_no_dwarf_reason(m) : *why;
		return false;
	}
	if (!site || site->module != m) {
		elsewhere.module = m;
		elsewhere.user_space = !kernel;
		elsewhere.is_return = true;	/* its load address cannot be told from here */
		site = &elsewhere;
	}
	if (site->func)
		scope = dscope_at(m, site->func, site->pc);
	struct dvar *v = dscope_global(m, scope, variable, cu);

	if (!v) {
		*why = arena_strdup(t->session->arena, dsession_error(ds));
		return false;
	}
	struct access_base *base = access_base_at(b, site);

	if (!base->load_bias && site == t->site && site->is_return && site->user_space)
		base->load_bias = bias_at_entry(t, b, m);
	return access_from_loc(b, base, dscope_location(scope, v), v->type, out, why);
}
