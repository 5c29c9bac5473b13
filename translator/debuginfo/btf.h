/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DBTF_H
#define SONDE_DBTF_H

/*
 * The kernel's BTF: types, prototypes, tracepoints. Opened once per session
 * and path; closed with the session.
 */
#include "translator/debuginfo/debuginfo.h"
#include "translator/debuginfo/dtype.h"

/* PATH: raw BTF or an ELF file with .BTF; NULL: the running kernel's. */
struct dbtf *dbtf_open(struct dsession *ds, const char *path);
/* A kernel module's, that builds on BASE. */
struct dbtf *dbtf_open_module(struct dsession *ds, const char *module, struct dbtf *base);
/* Called by dsession_close(). */
void dbtf_close(struct dbtf *b);
const char *dbtf_path(const struct dbtf *b);

/* A DTYPE_FUNC type; its id (for attaching) in *ID if not NULL. NULL: none. */
struct dtype *dbtf_func(struct dbtf *b, const char *name, uint32_t *id);
/* Functions whose names match GLOB, sorted; returns how many. */
int dbtf_match_funcs(struct dbtf *b, const char *glob, const char ***names);

/*
 * A tracepoint's prototype without the leading data pointer, that is the
 * arguments as a raw tracepoint's context holds them. NULL: none.
 */
struct dtype *dbtf_tracepoint(struct dbtf *b, const char *name, uint32_t *typedef_id);
int dbtf_match_tracepoints(struct dbtf *b, const char *glob, const char ***names);

/* Every enumerator by name, of any enum. */
bool dbtf_enumerator(struct dbtf *b, const char *name, int64_t *value);
/* Is there enum bpf_func_id's BPF_FUNC_<helper> ("loop")? */
bool dbtf_has_helper(struct dbtf *b, const char *helper);
/* The id of type T when it came from BTF; 0 otherwise. */
uint32_t dbtf_type_id(const struct dtype *t);

#endif
