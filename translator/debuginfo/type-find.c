/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types and enumerators by name, across compilation units. */
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/type-priv.h"

enum { FIND_MAX_DEPTH = 32 };

static int find_each(struct dmodule *m, Dwarf_Die *parent, die_fn *fn, void *ctx, int depth)
{
	Dwarf_Die die;
	int stop;

	if (depth > FIND_MAX_DEPTH || dwarf_child(parent, &die))
		return 0;
	do {
		stop = fn(m, &die, ctx);
		if (!stop && (dwarf_tag(&die) == DW_TAG_namespace ||
			      dwarf_tag(&die) == DW_TAG_module))
			stop = find_each(m, &die, fn, ctx, depth + 1);
		if (stop)
			return stop;
	} while (!dwarf_siblingof(&die, &die));
	return 0;
}

int unit_each(struct dmodule *m, Dwarf_Die *unit, die_fn *fn, void *ctx)
{
	return find_each(m, unit, fn, ctx, 0);
}

int module_each(struct dmodule *m, die_fn *fn, void *ctx)
{
	Dwarf *dw = dmodule_dwarf(m);
	int stop = 0;

	/* The main file, then what it shares with others (dwz). */
	for (int i = 0; i < 2 && dw && !stop; i++) {
		Dwarf_CU *cu = NULL;
		Dwarf_Die unit;

		while (!stop && !dwarf_get_units(dw, cu, &cu, NULL, NULL, &unit, NULL))
			stop = unit_each(m, &unit, fn, ctx);
		dw = dwarf_getalt(dw);
	}
	return stop;
}

static const struct { const char *word; int tags[3]; } find_words[] = {
	{ "struct ", { DW_TAG_structure_type, DW_TAG_class_type } },
	{ "class ", { DW_TAG_class_type, DW_TAG_structure_type } },
	{ "union ", { DW_TAG_union_type } },
	{ "enum ", { DW_TAG_enumeration_type } },
	{ "", { DW_TAG_typedef, DW_TAG_base_type, DW_TAG_class_type } },
};

struct find {
	const char *name;
	const char *last;		/* behind the last "::" */
	const int *tags;
	bool any_compound;		/* a bare name may be a struct's, too */
	struct dtype *weak, *found;	/* weak: a declaration, or a second choice */
};

static bool find_scope_matches(struct find *f, Dwarf_Die *die)
{
	size_t room = f->last - f->name;
	Dwarf_Die *scopes;
	bool ok = true;
	int n;

	if (!room)
		return true;
	n = dwarf_getscopes_die(die, &scopes);
	for (int i = 1; i < n && room && ok; i++) {
		const char *name = die_name(&scopes[i]);
		size_t len = name ? strlen(name) : 0;

		if (dwarf_tag(&scopes[i]) == DW_TAG_compile_unit)
			break;
		ok = len && len + 2 <= room && !memcmp(f->name + room - 2 - len, name, len);
		room -= ok ? len + 2 : 0;
	}
	if (n > 0)
		free(scopes);
	return ok && !room;
}

static int find_type(struct dmodule *m, Dwarf_Die *die, void *ctx)
{
	struct find *f = ctx;
	int tag = dwarf_tag(die);
	bool hit = false, second;
	const char *name;
	struct dtype *t;

	for (int i = 0; i < 3; i++)
		hit |= f->tags[i] == tag;
	second = !hit && f->any_compound &&
		 (tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
		  tag == DW_TAG_enumeration_type);
	if (!hit && !second)
		return 0;
	name = die_name(die);
	if (!name || strcmp(name, f->last) || !find_scope_matches(f, die))
		return 0;
	t = dtype_of_die(m, die);
	if (t->is_incomplete || second) {
		if (!f->weak || f->weak->is_incomplete)
			f->weak = t;
		return 0;
	}
	f->found = t;
	return 1;
}

static struct dtype *find_in_module(struct dmodule *m, const char *name)
{
	struct find f = { .name = name };
	struct dtype *t = map_get(&m->priv->types_by_name, name);
	size_t i = 0;

	if (t)
		return t;
	while (strncmp(name, find_words[i].word, strlen(find_words[i].word)))
		i++;
	f.tags = find_words[i].tags;
	f.any_compound = !*find_words[i].word;
	f.name += strlen(find_words[i].word);
	f.name += strspn(f.name, " ");
	for (const char *p = f.last = f.name; (p = strstr(p, "::")); )
		f.last = p += 2;
	module_each(m, find_type, &f);
	t = f.found ? f.found : f.weak;
	if (!t)
		return NULL;
	if (!m->priv->types_by_name.arena)
		map_init(&m->priv->types_by_name, m->session->arena);
	map_put(&m->priv->types_by_name, arena_strdup(m->session->arena, name), t);
	return t;
}

/* Takes "const" off the front, and stars and blanks off the end. */
const char *dtype_bare_name(struct arena *a, const char *name, int *stars)
{
	size_t n;

	*stars = 0;
	name += strspn(name, " ");
	if (!strncmp(name, "const ", 6))
		name += 6 + strspn(name + 6, " ");
	n = strlen(name);
	while (n && strchr(" *&", name[n - 1]))
		*stars += name[--n] == '*';
	return arena_strndup(a, name, n);
}

struct dtype *dtype_find(struct dmodule *m, const char *name)
{
	struct dsession *ds = m->session;
	const char *bare;
	struct dbtf *btf;
	struct dtype *t;
	int stars;

	if (!dmodule_dwarf(m)) {
		btf = m->is_kernel ? dbtf_open(ds, m->path) : NULL;
		if (btf)
			return dtype_find_btf(btf, name);
		return dsession_null(ds, "cannot look for type '%s': %s", name,
				     m->priv->no_dwarf);
	}
	bare = dtype_bare_name(ds->arena, name, &stars);
	t = !strcmp(bare, "void") ? dtype_void(ds) : find_in_module(m, bare);
	if (!t)
		return dsession_null(ds, "no type '%s' in the debug information of %s", bare,
				     m->path);
	while (stars-- > 0)
		t = dtype_pointer_to(ds, t, m->address_size);
	return t;
}

struct find_value { const char *name; int64_t value; };

static int find_enumerator(struct dmodule *m, Dwarf_Die *die, void *ctx)
{
	struct find_value *f = ctx;
	const struct denumerator *v;
	Dwarf_Die child;
	const char *name;
	bool hit = false;
	int n;

	if (dwarf_tag(die) != DW_TAG_enumeration_type || dwarf_child(die, &child))
		return 0;
	do {
		name = die_name(&child);
		hit = name && !strcmp(name, f->name);
	} while (!hit && !dwarf_siblingof(&child, &child));
	n = hit ? dtype_enumerators(dtype_of_die(m, die), &v) : 0;
	for (int i = 0; i < n; i++) {
		if (!strcmp(v[i].name, f->name)) {
			f->value = v[i].value;
			return 1;
		}
	}
	return 0;
}

bool dtype_find_enumerator(struct dmodule *m, const char *name, int64_t *value)
{
	struct find_value f = { .name = name };
	struct dbtf *btf;

	if (!dmodule_dwarf(m)) {
		btf = m->is_kernel ? dbtf_open(m->session, m->path) : NULL;
		return btf && dbtf_enumerator(btf, name, value);
	}
	if (!module_each(m, find_enumerator, &f)) {
		dsession_fail(m->session, "no enumerator '%s' in %s", name, m->path);
		return false;
	}
	*value = f.value;
	return true;
}

struct each_name { int (*fn)(const char *name, void *ctx); void *ctx; };

static int find_name(struct dmodule *m, Dwarf_Die *die, void *ctx)
{
	struct each_name *e = ctx;
	const char *name;

	(void)m;
	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type: case DW_TAG_class_type: case DW_TAG_union_type:
	case DW_TAG_enumeration_type: case DW_TAG_typedef: case DW_TAG_base_type:
		name = die_name(die);
		return name ? e->fn(name, e->ctx) : 0;
	}
	return 0;
}

int dtype_each_name(struct dmodule *m, int (*fn)(const char *name, void *ctx), void *ctx)
{
	struct each_name e = { fn, ctx };

	return module_each(m, find_name, &e);
}
