/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DEBUGINFO_PRIV_H
#define SONDE_DEBUGINFO_PRIV_H

/*
 * What the files of this directory share, and nobody else includes: the
 * elfutils handles behind a module, private halves of public structs.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/dfunc.h"
#include "translator/debuginfo/dscope.h"
#include "translator/debuginfo/dtype.h"
#include "translator/debuginfo/elfsym.h"
#include "translator/util/arena.h"
#include "translator/util/map.h"
#include "translator/util/vec.h"

struct dindex;
struct dsdt;
struct dmodule_vec { struct dmodule **data; size_t count, capacity; };

struct dsession {
	struct arena *arena;
	const char *error;
	const char *sysroot;		/* "" if none */
	const char *debug_path;
	const char *index_dir;		/* NULL: keep none */
	char *dwfl_path;		/* what libdwfl's callbacks point to */
	struct dmodule_vec modules;
	VEC(struct dbtf *) btfs;
	struct kallsyms *kallsyms;
	struct dtype *void_type;
	VEC(const char *) depends;	/* headers that were compiled, and what they include */
	VEC(const char *) absent;	/* places of a kernel's debug information that were empty */
};

/* Identifies a version of a file without reading it. */
struct dfile_id { uint64_t size, mtime_ns; };

struct dsegment {
	uint64_t vaddr, offset, filesz, memsz;
	uint32_t flags;
};

/* From 64-bit keys (DIE offsets) to pointers. */
struct dhash {
	size_t used, size;
	struct dhash_slot { uint64_t key; void *value; } *slots;
};

struct dmodule_priv {
	Dwfl *dwfl;
	Dwfl_Module *mod;
	Elf *elf;			/* the dwfl module's */
	GElf_Addr elf_bias;
	struct dfile_id file_id;
	int nsegs;
	struct dsegment *segs;
	struct dsegment tls;		/* memsz 0: none */
	uint64_t tls_align;
	bool header;			/* made of headers; its file is gone already */

	bool dwarf_tried;
	Dwarf *dw;			/* NULL: none */
	uint64_t delta;			/* vaddr = DWARF's address + delta */
	const char *debug_file;
	const char *no_dwarf;

	bool index_tried;
	struct dindex *index;
	struct dfunc **funcs;		/* by index record, made on demand */
	struct dhash func_by_die;	/* resolved inline origins */
	struct dhash types[2];		/* by DIE offset, in the main and alternate file */
	int type_depth;			/* guards against circular types */
	struct map types_by_name;	/* what dtype_find() found */

	int nsyms;			/* -1: not read yet */
	struct elfsym *syms;
	int nplt;
	struct dplt *plt;
	int nsdt;
	struct dsdt *sdt;
	struct dbtf *btf;		/* kernels */
};

struct dfunc_priv {
	int record;			/* in the index */
	bool site_done, inlines_done, optimized_done;
	struct dinline_list inlines;
};

struct dinline_priv {
	Dwarf_Die die;			/* DW_TAG_inlined_subroutine */
};

struct dvar_priv {
	struct dmodule *module;
	Dwarf_Die die;
	bool type_lost;			/* in a file that was not found */
};
struct dscope {
	struct dmodule *module;
	struct dfunc *func;		/* NULL outside known functions */
	uint64_t pc;
	Dwarf_Die cu;
	int ndies;			/* innermost first; the last one is the function */
	Dwarf_Die *dies;
	bool has_function;
	bool cfa_done, fb_busy;
	int var_depth;
	struct dexpr *cfa;
	const char *cfa_error;
};

/* session.c: sets the error; returns -1 (dsession_fail) or NULL (the macro). */
int dsession_fail(struct dsession *ds, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
#define dsession_null(...) (dsession_fail(__VA_ARGS__), NULL)
/* module.c: without links; what cannot be resolved as it is. */
const char *module_realpath(struct arena *a, const char *path);

void *dhash_get(const struct dhash *h, uint64_t key);
void dhash_put(struct arena *a, struct dhash *h, uint64_t key, void *value);

/* glob.c */
bool dglob_is(const char *text);
/* PATH ends in the glob TAIL, beginning after a '/' or at its start. */
bool dglob_path(const char *tail, const char *path);

/* search.c: paths as seen from here, that is with the sysroot; NULL if none. */
const char *search_program(struct dsession *ds, const char *name);
const char *search_library(struct dsession *ds, const char *name, struct dmodule *for_exe);
const char *search_vmlinux(struct dsession *ds, const char *release);
const char *search_kmod(struct dsession *ds, const char *name, const char *release);
const char *search_interpreter(struct dsession *ds, const char *path);	/* of a script, or PATH */
int search_glob(struct dsession *ds, const char *pattern, const char ***paths);

/* dwarf.c */
Dwarf *dmodule_dwarf(struct dmodule *m);
void dfile_id_of(const char *path, struct dfile_id *id);
/* The DIE at OFFSET of the main (or alternate) DWARF file; false if there is none. */
bool dmodule_die(struct dmodule *m, uint64_t offset, bool alt, Dwarf_Die *die);
/* The unit whose code holds PC (an address of DWARF's). */
bool dmodule_cu_at(struct dmodule *m, Dwarf_Addr pc, Dwarf_Die *out);
static inline uint64_t dmodule_dwarf_pc(const struct dmodule *m, uint64_t vaddr)
{
	return vaddr - m->priv->delta;
}
bool die_is_alt(struct dmodule *m, Dwarf_Die *die);
/* Attributes, following abstract origins and specifications. */
bool die_flag(Dwarf_Die *die, unsigned int attr);
bool die_number(Dwarf_Die *die, unsigned int attr, uint64_t *value);
bool die_ref(Dwarf_Die *die, unsigned int attr, Dwarf_Die *out);
const char *die_name(Dwarf_Die *die);
const char *die_decl_file(Dwarf_Die *die);
int die_decl_line(Dwarf_Die *die);

/* index.c */
struct dindex *dmodule_index(struct dmodule *m);

/* func.c */
struct dfunc *dfunc_of_record(struct dmodule *m, int record);
/* The function that DIE (concrete, abstract or an inlined copy) belongs to. */
struct dfunc *dfunc_of_die(struct dmodule *m, Dwarf_Die *die);
/* The DIEs of F, its concrete one first; how many. */
int dfunc_dies(struct dfunc *f, Dwarf_Die **out);
bool dfunc_concrete_die(struct dfunc *f, Dwarf_Die *out);

/* frame.c: malloc'ed, or NULL; loc.c */
Dwarf_Frame *dmodule_frame(struct dmodule *m, uint64_t pc);
struct dloc *dloc_none(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
struct dexpr *dscope_frame_base(struct dscope *sc, const char **error);

/* loc-eval.c: a location's operations (ATTR: where from; NULL: a CFA) as trees. Never NULL. */
struct dloc *dloc_eval(struct dscope *sc, Dwarf_Attribute *attr, const Dwarf_Op *ops, size_t n);

/* expr.c: tree building with constant folding. */
struct dexpr *dexpr_const(struct arena *a, uint64_t value);
struct dexpr *dexpr_reg(struct arena *a, int reg);
struct dexpr *dexpr_op1(struct arena *a, enum dexpr_op op, struct dexpr *x, int size);
struct dexpr *dexpr_op2(struct arena *a, enum dexpr_op op, struct dexpr *x, struct dexpr *y);
struct dexpr *dexpr_add(struct arena *a, struct dexpr *x, int64_t n);
struct dexpr *dexpr_addr(struct arena *a, uint64_t vaddr);

/* type-find.c: FN for each entry at unit or namespace level, until it is non-zero. */
typedef int die_fn(struct dmodule *m, Dwarf_Die *die, void *ctx);
int unit_each(struct dmodule *m, Dwarf_Die *unit, die_fn *fn, void *ctx);
int module_each(struct dmodule *m, die_fn *fn, void *ctx);
/* type-dwarf.c; dtype_of(): its DW_AT_type, void without one. */
bool dtype_is_tag(int tag);
struct dtype *dtype_of_die(struct dmodule *m, Dwarf_Die *type_die);
struct dtype *dtype_of(struct dmodule *m, Dwarf_Die *die);

#endif
