/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types, prototypes and tracepoints from BTF, by libbpf. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/btf.h"
#include "translator/debuginfo/type-priv.h"

struct dbtf {
	struct dsession *session;
	struct btf *btf;
	struct dbtf *base;
	const char *path;
	uint32_t first;			/* its own types begin here */
	struct dhash types;
	struct map funcs;		/* name → id; made for the first look-up */
	struct map enumerators;		/* name → int64_t *; likewise */
};

static int btf_quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
	return 0;
}

static struct dbtf *btf_add(struct dsession *ds, const char *path, struct dbtf *base)
{
	struct btf *base_btf = base ? base->btf : NULL;
	libbpf_print_fn_t old;
	struct btf *btf;
	struct dbtf *b;
	int error;

	for (size_t i = 0; i < ds->btfs.count; i++)
		if (!strcmp(ds->btfs.data[i]->path, path))
			return ds->btfs.data[i];
	old = libbpf_set_print(btf_quiet);
	btf = btf__parse_split(path, base_btf);
	error = btf ? 0 : errno;
	libbpf_set_print(old);
	if (!btf)
		return dsession_null(ds, "cannot read BTF from %s: %s", path,
				     error == ENODATA || error == EPROTO ? "it has none"
				     : error == EINVAL ? "it is damaged" : strerror(error));
	b = arena_alloc(ds->arena, sizeof(*b));
	b->session = ds;
	b->btf = btf;
	b->base = base;
	b->path = arena_strdup(ds->arena, path);
	b->first = base ? btf__type_cnt(base->btf) : 1;
	*vec_push(ds->arena, &ds->btfs) = b;
	return b;
}

struct dbtf *dbtf_open(struct dsession *ds, const char *path)
{
	if (!path)
		path = arena_printf(ds->arena, "%s/sys/kernel/btf/vmlinux", ds->sysroot);
	return btf_add(ds, path, NULL);
}

struct dbtf *dbtf_open_module(struct dsession *ds, const char *module, struct dbtf *base)
{
	return btf_add(ds, arena_printf(ds->arena, "%s/sys/kernel/btf/%s", ds->sysroot, module),
		       base);
}

void dbtf_close(struct dbtf *b)
{
	btf__free(b->btf);
	b->btf = NULL;
}

const char *dbtf_path(const struct dbtf *b)
{
	return b->path;
}

static const struct btf_type *btf_type(struct dbtf *b, uint32_t id)
{
	return btf__type_by_id(b->btf, id);
}

static const char *btf_name(struct dbtf *b, uint32_t offset)
{
	const char *s = offset ? btf__name_by_offset(b->btf, offset) : NULL;

	return s && *s ? arena_strdup(b->session->arena, s) : NULL;
}

static struct dtype *btf_make(struct dbtf *b, uint32_t id);

/* Multi-dimensional arrays are arrays of arrays in BTF already. */
static struct dtype *btf_target(struct dtype *t)
{
	const struct btf_type *bt = btf_type(t->priv->btf, t->priv->id);

	if (!bt)
		return NULL;
	if (btf_is_array(bt))
		return btf_make(t->priv->btf, btf_array(bt)->type);
	if (btf_is_func(bt))
		bt = btf_type(t->priv->btf, bt->type);
	return bt ? btf_make(t->priv->btf, bt->type) : NULL;
}

static void btf_members_of(struct dtype *t, struct dmember_list *out)
{
	struct dbtf *b = t->priv->btf;
	const struct btf_type *bt = btf_type(b, t->priv->id);
	const struct btf_member *m = btf_members(bt);

	for (int i = 0; i < btf_vlen(bt); i++) {
		uint64_t offset = btf_member_bit_offset(bt, i);
		uint32_t size = btf_member_bitfield_size(bt, i);
		struct dtype *type = btf_make(b, m[i].type);
		struct dtype *base = dtype_strip(type);
		const struct btf_type *raw = base->priv->btf ? btf_type(b, base->priv->id) : NULL;

		/* Old BTF has bit-fields as integers that know their own bits. */
		if (!size && raw && btf_is_int(raw) && btf_int_bits(raw) &&
		    btf_int_bits(raw) != 8 * raw->size) {
			size = btf_int_bits(raw);
			offset += btf_int_offset(raw);
		}
		*vec_push(b->session->arena, out) = (struct dmember){
			.name = btf_name(b, m[i].name_off), .type = type,
			.bit_offset = offset, .bit_size = size };
	}
}

static void btf_enumerators_of(struct dtype *t, struct denumerator_list *out)
{
	struct dbtf *b = t->priv->btf;
	const struct btf_type *bt = btf_type(b, t->priv->id);

	for (int i = 0; i < btf_vlen(bt); i++) {
		struct denumerator e;

		if (btf_is_enum64(bt)) {
			e.name = btf_name(b, btf_enum64(bt)[i].name_off);
			e.value = btf_enum64_value(&btf_enum64(bt)[i]);
		} else {
			e.name = btf_name(b, btf_enum(bt)[i].name_off);
			e.value = t->is_signed ? btf_enum(bt)[i].val
				: (int64_t)(uint32_t)btf_enum(bt)[i].val;
		}
		*vec_push(b->session->arena, out) = e;
	}
}

static void btf_params_of(struct dtype *t, struct dparam_list *out, bool *varargs)
{
	struct dbtf *b = t->priv->btf;
	const struct btf_type *bt = btf_type(b, t->priv->id);
	bool skip_first = t->priv->dimension;	/* a tracepoint's void *__data */

	if (bt && btf_is_func(bt))
		bt = btf_type(b, bt->type);
	for (int i = skip_first; bt && btf_is_func_proto(bt) && i < btf_vlen(bt); i++) {
		const struct btf_param *p = &btf_params(bt)[i];

		if (!p->type && !p->name_off) {
			*varargs = true;
			continue;
		}
		*vec_push(b->session->arena, out) = (struct dparam){
			btf_name(b, p->name_off), btf_make(b, p->type) };
	}
}

static struct dtype *btf_definition(struct dtype *t)
{
	struct dbtf *b = t->priv->btf;
	int id = t->name ? btf__find_by_name_kind(b->btf, t->name, t->kind == DTYPE_UNION ?
						  BTF_KIND_UNION : BTF_KIND_STRUCT) : 0;

	return id > 0 ? btf_make(b, id) : NULL;
}

static const struct dtype_ops btf_ops = {
	.target = btf_target, .members = btf_members_of, .enumerators = btf_enumerators_of,
	.params = btf_params_of, .definition = btf_definition,
};

static const struct { bool known; enum dtype_kind kind; bool sized; } btf_kinds[] = {
	[BTF_KIND_INT] = { true, DTYPE_BASE, true },
	[BTF_KIND_FLOAT] = { true, DTYPE_BASE, true },
	[BTF_KIND_PTR] = { true, DTYPE_POINTER, false },
	[BTF_KIND_ARRAY] = { true, DTYPE_ARRAY, false },
	[BTF_KIND_STRUCT] = { true, DTYPE_STRUCT, true },
	[BTF_KIND_UNION] = { true, DTYPE_UNION, true },
	[BTF_KIND_ENUM] = { true, DTYPE_ENUM, true },
	[BTF_KIND_ENUM64] = { true, DTYPE_ENUM, true },
	[BTF_KIND_FWD] = { true, DTYPE_STRUCT, false },
	[BTF_KIND_TYPEDEF] = { true, DTYPE_TYPEDEF, false },
	[BTF_KIND_VOLATILE] = { true, DTYPE_VOLATILE, false },
	[BTF_KIND_CONST] = { true, DTYPE_CONST, false },
	[BTF_KIND_RESTRICT] = { true, DTYPE_RESTRICT, false },
	[BTF_KIND_FUNC] = { true, DTYPE_FUNC, false },
	[BTF_KIND_FUNC_PROTO] = { true, DTYPE_FUNC, false },
	[BTF_KIND_TYPE_TAG] = { true, DTYPE_TYPEDEF, false },
};

static void btf_fill(struct dtype *t, const struct btf_type *bt)
{
	int enc = btf_is_int(bt) ? btf_int_encoding(bt) : 0;

	switch (btf_kind(bt)) {
	case BTF_KIND_INT:
		t->is_signed = enc & BTF_INT_SIGNED;
		t->encoding = enc & BTF_INT_BOOL ? DENC_BOOL : DENC_INT;
		/* pahole writes char without BTF_INT_CHAR; the names are the kernel's. */
		if (enc & BTF_INT_CHAR || (t->size == 1 && t->name && strstr(t->name, "char")))
			t->encoding = DENC_CHAR;
		break;
	case BTF_KIND_FLOAT:
		t->encoding = DENC_FLOAT;
		t->is_signed = true;
		break;
	case BTF_KIND_PTR:
		t->size = btf__pointer_size(t->priv->btf->btf) == 4 ? 4 : 8;
		break;
	case BTF_KIND_ARRAY:
		t->count = btf_array(bt)->nelems;
		t->size = t->count * dtype_strip(dtype_target(t))->size;
		break;
	case BTF_KIND_ENUM: case BTF_KIND_ENUM64:
		t->is_signed = btf_kflag(bt);
		for (int i = 0; btf_is_enum(bt) && !t->is_signed && i < btf_vlen(bt); i++)
			t->is_signed = btf_enum(bt)[i].val < 0 && t->size == 4;
		break;
	case BTF_KIND_FWD:
		t->is_incomplete = true;
		if (btf_kflag(bt))
			t->kind = DTYPE_UNION;
		break;
	case BTF_KIND_TYPEDEF: case BTF_KIND_CONST: case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT: case BTF_KIND_TYPE_TAG:
		t->size = dtype_strip(t)->size;
		break;
	}
}

static struct dtype *btf_make(struct dbtf *b, uint32_t id)
{
	const struct btf_type *bt = id ? btf_type(b, id) : NULL;
	uint32_t kind = bt ? btf_kind(bt) : 0;
	struct dtype *t;

	if (!bt || kind >= sizeof(btf_kinds) / sizeof(*btf_kinds) || !btf_kinds[kind].known)
		return dtype_void(b->session);
	/* A type tag is an annotation ("__user") in between. */
	if (kind == BTF_KIND_TYPE_TAG)
		return btf_make(b, bt->type < id || bt->type >= b->first ? bt->type : 0);
	t = dhash_get(&b->types, id);
	if (t)
		return t;
	t = dtype_new(b->session, btf_kinds[kind].kind, &btf_ops);
	t->priv->btf = b;
	t->priv->id = id;
	t->name = btf_name(b, bt->name_off);
	t->size = btf_kinds[kind].sized ? bt->size : 0;
	dhash_put(b->session->arena, &b->types, id, t);
	btf_fill(t, bt);
	return t;
}

uint32_t dbtf_type_id(const struct dtype *t)
{
	return t->priv->btf ? t->priv->id : 0;
}

static void btf_index_funcs(struct dbtf *b)
{
	uint32_t n = btf__type_cnt(b->btf);

	map_init(&b->funcs, b->session->arena);
	for (uint32_t id = b->first; id < n; id++) {
		const struct btf_type *bt = btf_type(b, id);

		const char *name = btf_is_func(bt) ? btf_name(b, bt->name_off) : NULL;

		if (name)
			map_put(&b->funcs, name, (void *)(uintptr_t)id);
	}
}

struct dtype *dbtf_func(struct dbtf *b, const char *name, uint32_t *id)
{
	uintptr_t hit;

	if (!b->funcs.arena)
		btf_index_funcs(b);
	hit = (uintptr_t)map_get(&b->funcs, name);
	if (!hit)
		return dsession_null(b->session, "no function '%s' in %s", name, b->path);
	if (id)
		*id = hit;
	return btf_make(b, hit);
}

struct names { const char **data; size_t count, capacity; };

static int btf_compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int btf_sorted(struct names *v, const char ***out)
{
	size_t kept = 0;

	if (v->count)
		qsort(v->data, v->count, sizeof(*v->data), btf_compare_names);
	for (size_t i = 0; i < v->count; i++)
		if (!kept || strcmp(v->data[kept - 1], v->data[i]))
			v->data[kept++] = v->data[i];
	*out = v->data;
	return kept;
}

int dbtf_match_funcs(struct dbtf *b, const char *glob, const char ***names)
{
	struct names v = { 0 };

	if (!b->funcs.arena)
		btf_index_funcs(b);
	for (size_t i = 0; i < b->funcs.count; i++)
		if (dglob_match(glob, b->funcs.entries[i].key))
			*vec_push(b->session->arena, &v) = b->funcs.entries[i].key;
	return btf_sorted(&v, names);
}

/*
 * The typedef's prototype has no names. The functions that the kernel makes
 * for each tracepoint have the same parameters, with names.
 */
static void btf_name_params(struct dbtf *b, const char *name, struct dtype *t)
{
	static const char *const makers[] = { "__traceiter_", "__probestub_", "__bpf_trace_" };
	const struct dparam *have, *named;
	int n = dtype_params(t, &have, NULL);

	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++) {
		struct dtype *f = dbtf_func(b, arena_printf(b->session->arena, "%s%s", makers[i],
							    name), NULL);

		if (!f || dtype_params(f, &named, NULL) != n + 1)
			continue;
		for (int j = 0; j < n; j++)
			t->priv->params.data[j].name = named[j + 1].name;
		return;
	}
}

struct dtype *dbtf_tracepoint(struct dbtf *b, const char *name, uint32_t *typedef_id)
{
	const char *full = arena_printf(b->session->arena, "btf_trace_%s", name);
	int id = btf__find_by_name_kind(b->btf, full, BTF_KIND_TYPEDEF);
	const struct btf_type *bt = id > 0 ? btf_type(b, id) : NULL;
	uint32_t proto;
	struct dtype *t;

	bt = bt ? btf_type(b, bt->type) : NULL;
	if (!bt || !btf_is_ptr(bt))
		return dsession_null(b->session, "no tracepoint '%s' in %s", name, b->path);
	proto = bt->type;
	bt = btf_type(b, proto);
	if (!bt || !btf_is_func_proto(bt))
		return dsession_null(b->session, "the tracepoint '%s' has no prototype in %s",
				     name, b->path);
	if (typedef_id)
		*typedef_id = id;
	t = dtype_new(b->session, DTYPE_FUNC, &btf_ops);
	t->priv->btf = b;
	t->priv->id = proto;
	t->priv->dimension = 1;
	t->name = arena_strdup(b->session->arena, name);
	btf_name_params(b, name, t);
	return t;
}

int dbtf_match_tracepoints(struct dbtf *b, const char *glob, const char ***names)
{
	static const char prefix[] = "btf_trace_";
	uint32_t n = btf__type_cnt(b->btf);
	struct names v = { 0 };

	for (uint32_t id = b->first; id < n; id++) {
		const struct btf_type *bt = btf_type(b, id);
		const char *name = btf_is_typedef(bt) ? btf__name_by_offset(b->btf, bt->name_off)
			: NULL;

		if (name && !strncmp(name, prefix, sizeof(prefix) - 1) &&
		    dglob_match(glob, name + sizeof(prefix) - 1))
			*vec_push(b->session->arena, &v) =
				arena_strdup(b->session->arena, name + sizeof(prefix) - 1);
	}
	return btf_sorted(&v, names);
}

static void btf_index_enumerators(struct dbtf *b)
{
	uint32_t n = btf__type_cnt(b->btf);
	const struct denumerator *v;

	map_init(&b->enumerators, b->session->arena);
	for (uint32_t id = 1; id < n; id++) {
		const struct btf_type *bt = btf_type(b, id);
		int count = btf_is_any_enum(bt) ? dtype_enumerators(btf_make(b, id), &v) : 0;

		for (int i = 0; i < count; i++)
			if (v[i].name && !map_get(&b->enumerators, v[i].name))
				map_put(&b->enumerators, v[i].name, (void *)&v[i].value);
	}
}

bool dbtf_enumerator(struct dbtf *b, const char *name, int64_t *value)
{
	const int64_t *hit;

	if (!b->enumerators.arena)
		btf_index_enumerators(b);
	hit = map_get(&b->enumerators, name);
	if (!hit) {
		dsession_fail(b->session, "no enumerator '%s' in %s", name, b->path);
		return false;
	}
	*value = *hit;
	return true;
}

bool dbtf_has_helper(struct dbtf *b, const char *helper)
{
	char name[128];
	int id = btf__find_by_name_kind(b->btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *bt = id > 0 ? btf_type(b, id) : NULL;

	snprintf(name, sizeof(name), "BPF_FUNC_%s", helper);
	for (int i = 0; bt && i < btf_vlen(bt); i++) {
		const char *s = btf__name_by_offset(b->btf, btf_enum(bt)[i].name_off);

		if (s && !strcmp(s, name))
			return true;
	}
	return false;
}

static const struct { const char *word; int kinds[4]; } btf_words[] = {
	{ "struct ", { BTF_KIND_STRUCT, BTF_KIND_FWD } },
	{ "union ", { BTF_KIND_UNION, BTF_KIND_FWD } },
	{ "enum ", { BTF_KIND_ENUM, BTF_KIND_ENUM64 } },
	{ "", { BTF_KIND_TYPEDEF, BTF_KIND_INT, BTF_KIND_STRUCT, BTF_KIND_UNION } },
};

struct dtype *dtype_find_btf(struct dbtf *b, const char *name)
{
	struct dsession *ds = b->session;
	struct dtype *t = NULL;
	const char *bare;
	size_t w = 0;
	int stars, id;

	bare = dtype_bare_name(ds->arena, name, &stars);
	while (strncmp(bare, btf_words[w].word, strlen(btf_words[w].word)))
		w++;
	if (!strcmp(bare, "void"))
		t = dtype_void(ds);
	for (int i = 0; i < 4 && !t && btf_words[w].kinds[i]; i++) {
		const char *p = bare + strlen(btf_words[w].word);

		id = btf__find_by_name_kind(b->btf, p + strspn(p, " "), btf_words[w].kinds[i]);
		if (id > 0)
			t = btf_make(b, id);
	}
	if (!t)
		return dsession_null(ds, "no type '%s' in %s", bare, b->path);
	while (stars-- > 0)
		t = dtype_pointer_to(ds, t, 8);
	return t;
}
