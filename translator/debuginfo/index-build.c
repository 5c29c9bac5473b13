/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds a module's function index: the scan's entries joined to functions,
 * then to the symbol table's names, then laid out flat (see index.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "translator/debuginfo/index.h"
#include "translator/debuginfo/priv.h"
#include "translator/debuginfo/scan.h"

/* The same inlined-only function in another unit. */
struct build_twin {
	struct build_twin *next;
	uint64_t die;
	uint32_t ninlines;
};

/* One function on its way into the index. */
struct build_func {
	uint64_t entry, size;
	const char *name, *linkage, *file, *cu;
	uint32_t line, ninlines, flags, ndies;
	uint64_t die[2];		/* concrete, abstract; or abstract only */
	struct build_twin *twins;	/* of an inlined-only function, in other units */
	uint32_t first_alias, naliases;
};

struct build_funcs { struct build_func *data; size_t count, capacity; };

struct build {
	struct dmodule *m;
	struct arena *a;		/* freed when the image stands */
	struct scan scan[2];		/* main and alternate file */
	struct build_funcs funcs;
	struct { const char **data; size_t count, capacity; } aliases;
	struct { char *data; size_t count, capacity; } strings;
	struct { uint32_t *slots; size_t size, used; } interned;
};

/* A scanned entry and the scan that it is from. */
struct build_ref { struct scan *s; struct scan_func *f; };

static struct build_ref build_origin(struct build *b, struct build_ref r)
{
	struct build_ref o = { r.s, NULL };

	if (!r.f->origin)
		return o;
	if (r.f->flags & SCAN_ORIGIN_ALT)
		o.s = &b->scan[1];
	o.f = scan_find(o.s, r.f->origin);
	return o;
}

/* Name, symbol and place: the nearest entry that says it, along the origins. */
static struct build_ref build_describe(struct build *b, struct build_ref r,
				       struct build_func *out)
{
	struct build_ref last = r;

	for (int depth = 0; r.f && depth < 8; depth++) {
		if (!out->name)
			out->name = r.f->name;
		if (!out->linkage)
			out->linkage = r.f->linkage;
		if (!out->line && r.f->line) {
			out->line = r.f->line;
			if (r.f->file != UINT32_MAX)
				out->file = scan_file(r.s, r.f->unit, r.f->file);
		}
		if (!out->file && out->line && r.f->file != UINT32_MAX)
			out->file = scan_file(r.s, r.f->unit, r.f->file);
		if (r.f->flags & SCAN_EXTERNAL)
			out->flags |= DINDEX_EXPORTED;
		last = r;
		r = build_origin(b, r);
	}
	return last;
}

static bool build_is_code(struct dmodule *m, uint64_t vaddr)
{
	if (m->is_relocatable || !m->priv->nsegs)
		return true;
	for (int i = 0; i < m->priv->nsegs; i++) {
		const struct dsegment *s = &m->priv->segs[i];

		if (s->flags & PF_X && vaddr >= s->vaddr && vaddr - s->vaddr < s->memsz)
			return true;
	}
	return false;
}

/* The first range is the one that is entered: the others are cold parts. */
static bool build_ranges(struct build *b, struct scan_func *f)
{
	Dwarf_Addr base, lo, hi, entry;
	Dwarf_Die die;
	ptrdiff_t next;

	if (!dmodule_die(b->m, f->die, false, &die))
		return false;
	next = dwarf_ranges(&die, 0, &base, &lo, &hi);
	if (next <= 0)
		return false;
	f->low = lo;
	f->size = hi - lo;
	if (!dwarf_entrypc(&die, &entry) && entry >= lo && entry < hi) {
		f->low = entry;
		f->size = hi - entry;
	}
	return true;
}

static void build_concrete(struct build *b, struct scan_func *f)
{
	struct build_func *out, made = { .die = { f->die }, .ndies = 1,
					 .flags = DINDEX_CONCRETE };
	struct build_ref r = { &b->scan[0], f }, root;
	const struct scan_unit *u = &b->scan[0].units.data[f->unit];

	if (f->flags & SCAN_RANGES && !build_ranges(b, f))
		return;
	made.entry = f->low + b->m->priv->delta;
	made.size = f->size;
	if (!build_is_code(b->m, made.entry))
		return;
	root = build_describe(b, r, &made);
	if (!made.name)
		made.name = made.linkage;
	if (!made.name)
		return;
	root = build_origin(b, r);
	if (root.f && root.s == r.s && root.f->ninlines && !(root.f->flags & SCAN_USED)) {
		root.f->flags |= SCAN_USED;
		made.die[made.ndies++] = root.f->die;
		made.ninlines = root.f->ninlines;
		made.flags |= DINDEX_INLINED;
	}
	if (dproducer_optimized(u->producer) > 0)
		made.flags |= DINDEX_OPTIMIZED;
	out = vec_push(b->a, &b->funcs);
	*out = made;
	out->cu = u->name;
}

static bool build_same_place(const struct build_func *x, const struct build_func *y)
{
	return x->line == y->line && !strcmp(x->name, y->name) &&
	       (x->flags & DINDEX_ALT) == (y->flags & DINDEX_ALT) &&
	       !strcmp(x->linkage ? x->linkage : "", y->linkage ? y->linkage : "") &&
	       !strcmp(x->file ? x->file : "", y->file ? y->file : "");
}

static uint32_t build_hash(const char *s, uint32_t h)
{
	while (*s)
		h = (h ^ (unsigned char)*s++) * 16777619u;
	return h;
}

struct build_inlined { struct build_func **slots; size_t size, used; };

static void build_inlined_grow(struct build *b, struct build_inlined *t)
{
	size_t size = t->size ? 4 * t->size : 1 << 12;
	struct build_func **slots = arena_alloc(b->a, size * sizeof(*slots));

	for (size_t i = 0; i < t->size; i++) {
		size_t h;

		if (!t->slots[i])
			continue;
		h = build_hash(t->slots[i]->name, t->slots[i]->line);
		while (slots[h & (size - 1)])
			h++;
		slots[h & (size - 1)] = t->slots[i];
	}
	t->slots = slots;
	t->size = size;
}

static void build_inlined_add(struct build *b, struct build_inlined *t,
			      const struct build_func *made)
{
	struct build_func *known;
	struct build_twin *twin;
	size_t h = build_hash(made->name, made->line);

	if (2 * t->used >= t->size)
		build_inlined_grow(b, t);
	while ((known = t->slots[h & (t->size - 1)]) && !build_same_place(known, made))
		h++;
	if (known) {
		twin = arena_alloc(b->a, sizeof(*twin));
		*twin = (struct build_twin){ known->twins, made->die[0], made->ninlines };
		known->twins = twin;
		return;
	}
	t->used++;
	t->slots[h & (t->size - 1)] = arena_alloc(b->a, sizeof(*made));
	*t->slots[h & (t->size - 1)] = *made;
}

/* Functions that exist only inlined: one for all units that have a copy. */
static void build_inlined_only(struct build *b)
{
	struct build_inlined t = { 0 };

	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; i < b->scan[k].funcs.count; i++) {
			struct build_ref r = { &b->scan[k], &b->scan[k].funcs.data[i] };
			struct build_func made = { .entry = D_NO_OFFSET, .ndies = 1,
				.flags = DINDEX_INLINED | (k ? DINDEX_ALT : 0),
				.die = { r.f->die }, .ninlines = r.f->ninlines };

			if (!r.f->ninlines || r.f->flags & SCAN_USED)
				continue;
			build_describe(b, r, &made);
			if (made.name)
				build_inlined_add(b, &t, &made);
		}
	}
	for (size_t i = 0; i < t.size; i++)
		if (t.slots[i])
			*vec_push(b->a, &b->funcs) = *t.slots[i];
}

static void build_count_inlines(struct build *b, struct scan *from)
{
	for (size_t i = 0; i < from->inlined.count; i++) {
		uint64_t origin = from->inlined.data[i];
		struct scan *s = origin & SCAN_ALT_BIT ? &b->scan[1] : from;
		struct scan_func *f = scan_find(s, origin & ~SCAN_ALT_BIT);

		if (f)
			f->ninlines++;
	}
}

/* Room for all at once: growing would copy them, and use several times the memory. */
static void build_reserve(struct build *b, const struct scan *s)
{
	size_t wanted = 64;

	for (size_t i = 0; i < s->funcs.count; i++)
		wanted += s->funcs.data[i].flags & (SCAN_CONCRETE | SCAN_RANGES) ||
			  s->funcs.data[i].ninlines;
	b->funcs.data = arena_alloc(b->a, wanted * sizeof(*b->funcs.data));
	b->funcs.capacity = wanted;
}

static void build_from_dwarf(struct build *b)
{
	Dwarf *dw = dmodule_dwarf(b->m), *alt;
	struct scan *s = &b->scan[0];

	if (!dw)
		return;
	scan_init(s, b->a, dwarf_getelf(dw));
	alt = dwarf_getalt(dw);
	if (alt) {
		scan_init(&b->scan[1], b->a, dwarf_getelf(alt));
		s->alt_str = &b->scan[1].section[SCAN_STR];
		scan_run(&b->scan[1]);
	}
	scan_run(s);
	build_count_inlines(b, s);
	build_count_inlines(b, &b->scan[1]);
	build_reserve(b, s);
	for (size_t i = 0; i < s->funcs.count; i++)
		if (s->funcs.data[i].flags & (SCAN_CONCRETE | SCAN_RANGES))
			build_concrete(b, &s->funcs.data[i]);
	build_inlined_only(b);
}

static int build_compare(const void *a, const void *b)
{
	const struct build_func *x = a, *y = b;
	int c;

	if (x->entry != y->entry)
		return x->entry < y->entry ? -1 : 1;
	c = strcmp(x->name, y->name);
	if (c)
		return c;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->die[0] < y->die[0] ? -1 : x->die[0] > y->die[0];
}

static void build_alias(struct build *b, struct build_func *f, const char *name)
{
	if (!strcmp(f->name, name) || (f->linkage && !strcmp(f->linkage, name)))
		return;
	if (!f->naliases)
		f->first_alias = b->aliases.count;
	for (uint32_t i = 0; i < f->naliases; i++)
		if (!strcmp(b->aliases.data[f->first_alias + i], name))
			return;
	if (f->naliases == UINT16_MAX)
		return;
	*vec_push(b->a, &b->aliases) = name;
	f->naliases++;
}

/* Twins at one address (folded code, C1/C2 constructors) become aliases. In place: what is left is
 * not more than was read. */
static void build_merge(struct build *b, struct build_funcs *out)
{
	*out = (struct build_funcs){ b->funcs.data, 0, b->funcs.capacity };
	for (size_t i = 0; i < b->funcs.count; i++) {
		struct build_func *f = &b->funcs.data[i];
		struct build_func *last = out->count ? &out->data[out->count - 1] : NULL;

		if (last && f->entry != D_NO_OFFSET && f->entry == last->entry) {
			build_alias(b, last, f->linkage ? f->linkage : f->name);
			continue;
		}
		*vec_push(b->a, out) = *f;
	}
}

/* "f.cold" is a part of f, not a function that anyone calls. */
static bool build_is_part(const char *name)
{
	const char *p = strstr(name, ".cold");

	return p && (!p[5] || p[5] == '.');
}

/* Joins the sorted functions with the sorted symbols. */
static void build_symbols(struct build *b)
{
	struct build_funcs out = { 0 }, only = { 0 };
	const struct elfsym *syms;
	int nsyms = elfsym_list(b->m, &syms);
	size_t f = 0;

	build_merge(b, &out);
	b->funcs = out;
	for (int i = 0; i < nsyms; i++) {
		const struct elfsym *s = &syms[i];
		struct build_func *last = only.count ? &only.data[only.count - 1] : NULL;

		if ((s->kind != ELFSYM_FUNC && s->kind != ELFSYM_IFUNC) || build_is_part(s->name))
			continue;
		while (f < out.count && out.data[f].entry < s->vaddr)
			f++;
		if (f < out.count && out.data[f].entry == s->vaddr) {
			if (!out.data[f].linkage && strcmp(out.data[f].name, s->name))
				out.data[f].linkage = s->name;
			build_alias(b, &out.data[f], s->name);
			continue;
		}
		if (last && last->entry == s->vaddr) {
			build_alias(b, last, s->name);
			continue;
		}
		if (!build_is_code(b->m, s->vaddr))
			continue;
		*vec_push(b->a, &only) = (struct build_func){
			.entry = s->vaddr, .size = s->size, .name = s->name,
			.flags = DINDEX_SYMTAB | (s->is_global ? DINDEX_EXPORTED : 0) |
				 (s->kind == ELFSYM_IFUNC ? DINDEX_IFUNC : 0),
		};
	}
	for (size_t i = 0; i < only.count; i++)
		*vec_push(b->a, &b->funcs) = only.data[i];
	if (only.count)
		qsort(b->funcs.data, b->funcs.count, sizeof(*b->funcs.data), build_compare);
}

static void build_intern_grow(struct build *b)
{
	size_t size = b->interned.size ? 2 * b->interned.size : 1 << 14;
	uint32_t *slots = arena_alloc(b->a, size * sizeof(*slots));

	for (size_t i = 0; i < b->interned.size; i++) {
		uint32_t at = b->interned.slots[i], h;

		if (!at)
			continue;
		h = build_hash(b->strings.data + at, 2166136261u);
		while (slots[h & (size - 1)])
			h++;
		slots[h & (size - 1)] = at;
	}
	b->interned.slots = slots;
	b->interned.size = size;
}

static uint32_t build_string(struct build *b, const char *s)
{
	size_t n, mask;
	uint32_t h;

	if (!s || !*s)
		return 0;
	if (2 * b->interned.used >= b->interned.size)
		build_intern_grow(b);
	mask = b->interned.size - 1;
	for (h = build_hash(s, 2166136261u); b->interned.slots[h & mask]; h++)
		if (!strcmp(b->strings.data + b->interned.slots[h & mask], s))
			return b->interned.slots[h & mask];
	n = strlen(s) + 1;
	while (b->strings.count + n > b->strings.capacity)
		b->strings.data = vec_grow(b->a, b->strings.data, b->strings.count,
					   &b->strings.capacity, 1);
	b->interned.slots[h & mask] = b->strings.count;
	b->interned.used++;
	memcpy(b->strings.data + b->strings.count, s, n);
	b->strings.count += n;
	return b->interned.slots[h & mask];
}

static void build_records(struct build *b, struct dindex_func *funcs, uint64_t *dies)
{
	uint32_t ndies = 0;

	for (size_t i = 0; i < b->funcs.count; i++) {
		const struct build_func *f = &b->funcs.data[i];
		struct dindex_func *r = &funcs[i];

		*r = (struct dindex_func){
			.entry = f->entry, .size = f->size, .line = f->line,
			.name = build_string(b, f->name), .linkage = build_string(b, f->linkage),
			.file = build_string(b, f->file), .cu = build_string(b, f->cu),
			.first_die = ndies, .flags = f->flags,
			.first_alias = f->first_alias, .naliases = f->naliases,
		};
		for (uint32_t j = 0; j < f->ndies; j++)
			dies[ndies++] = f->die[j];
		r->ninlines = f->ninlines;
		for (const struct build_twin *t = f->twins; t; t = t->next) {
			dies[ndies++] = t->die;
			r->ninlines += t->ninlines;
		}
		r->ndies = ndies - r->first_die;
	}
}

static void *build_image(struct build *b, size_t *size)
{
	struct dmodule_priv *p = b->m->priv;
	struct dindex_head head = { .magic = DINDEX_MAGIC };
	struct dfile_id debug = { 0 };
	struct dindex_func *funcs;
	uint32_t *aliases;
	uint64_t *dies;
	char *image, *at;

	for (size_t i = 0; i < b->funcs.count; i++) {
		head.ndies += b->funcs.data[i].ndies;
		for (const struct build_twin *t = b->funcs.data[i].twins; t; t = t->next)
			head.ndies++;
	}
	*vec_push(b->a, &b->strings) = 0;
	funcs = arena_alloc(b->a, b->funcs.count * sizeof(*funcs) + 1);
	dies = arena_alloc(b->a, head.ndies * sizeof(*dies) + 1);
	aliases = arena_alloc(b->a, b->aliases.count * sizeof(*aliases) + 1);
	build_records(b, funcs, dies);
	for (size_t i = 0; i < b->aliases.count; i++)
		aliases[i] = build_string(b, b->aliases.data[i]);
	if (p->dw) {
		head.debug_path = build_string(b, p->debug_file);
		dfile_id_of(p->debug_file, &debug);
	}
	head.main_size = p->file_id.size;
	head.main_mtime_ns = p->file_id.mtime_ns;
	head.debug_size = debug.size;
	head.debug_mtime_ns = debug.mtime_ns;
	head.nfuncs = b->funcs.count;
	head.naliases = b->aliases.count;
	head.nstrings = b->strings.count;
	head.total = sizeof(head) + head.nfuncs * sizeof(*funcs) + head.ndies * 8ull +
		     head.naliases * 4ull + head.nstrings;
	head.checksum = dindex_checksum(funcs, head.nfuncs);
	image = malloc(head.total);
	if (!image)
		return NULL;
	at = mempcpy(image, &head, sizeof(head));
	at = mempcpy(at, funcs, head.nfuncs * sizeof(*funcs));
	at = mempcpy(at, dies, head.ndies * 8ull);
	at = mempcpy(at, aliases, head.naliases * 4ull);
	memcpy(at, b->strings.data, head.nstrings);
	*size = head.total;
	return image;
}

void *dindex_build(struct dmodule *m, size_t *size)
{
	struct build b = { .m = m, .a = arena_new() };
	void *image;

	build_from_dwarf(&b);
	if (b.funcs.count)
		qsort(b.funcs.data, b.funcs.count, sizeof(*b.funcs.data), build_compare);
	build_symbols(&b);
	image = build_image(&b, size);
	scan_done(&b.scan[0]);
	scan_done(&b.scan[1]);
	arena_free(b.a);
	if (!image)
		dsession_fail(m->session, "out of memory for the function index of %s", m->path);
	return image;
}
