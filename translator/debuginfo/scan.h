/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_DSCAN_H
#define SONDE_DSCAN_H

/*
 * One pass over a whole .debug_info, for the index: which functions there are,
 * and how often each is inlined. It reads the sections itself because libdw's
 * walk of nested entries alone takes longer than all of this, and it checks
 * every length, because the sections are input. DWARF 2 to 5; what it does not
 * know (a form, a version) ends that unit and is counted, not guessed.
 *
 * Strings point into the sections; the rest lives in the scan's own arena.
 */
#include <libelf.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;

enum {
	SCAN_CONCRETE = 1,	/* has code at low */
	SCAN_RANGES = 2,	/* has code, but only libdw can say where */
	SCAN_EXTERNAL = 4, SCAN_DECLARATION = 8, SCAN_ORIGIN_ALT = 16, SCAN_USED = 32,
};

struct scan_func {
	uint64_t die, low, size;
	uint64_t origin;	/* abstract origin or specification; 0: none */
	const char *name, *linkage;
	uint32_t unit, line, file, ninlines;
	uint32_t flags;
};

/* A list of names in .debug_line: where its columns are described (DWARF 5; else 0) and each row
 * begins. The rows are read when they are asked for. */
struct scan_names { uint32_t columns, count; uint32_t *rows; };

struct scan_unit {
	uint64_t offset, stmt_list, str_offsets_base, addr_base;
	const char *name, *comp_dir, *producer;
	uint8_t version, address_size, offset_size;
	bool files_done;
	uint8_t line_version, line_offset_size;
	bool plain_types;	/* no functions inside types: C */
	struct scan_names dirs, files;
};

struct scan_section { const uint8_t *data; uint64_t size; };

enum scan_section_id {
	SCAN_INFO, SCAN_ABBREV, SCAN_STR, SCAN_LINE_STR, SCAN_STR_OFFSETS, SCAN_ADDR, SCAN_LINE,
	SCAN_SECTIONS
};

struct scan {
	struct arena *arena;
	struct scan_section section[SCAN_SECTIONS];
	const struct scan_section *alt_str;	/* .debug_str of the alternate file, or NULL */
	/* These two until scan_done(): */
	struct { struct scan_func *data; size_t count, capacity; } funcs;
	struct { uint64_t *data; size_t count, capacity; } inlined;	/* origins; bit 63: alt */
	struct { struct scan_unit *data; size_t count, capacity; } units;
	struct { uint32_t *data; size_t count, capacity; } rows; /* of the table being read */
	struct { uint32_t unit, file; const char *path; } paths[64];	/* asked for lately */
	struct { uint32_t *slots; size_t mask; } by_die;
	int bad_units;
};

#define SCAN_ALT_BIT (1ull << 63)

void scan_init(struct scan *s, struct arena *arena, Elf *elf);
void scan_run(struct scan *s);
void scan_done(struct scan *s);
/* The function whose entry is at DIE, or NULL. */
struct scan_func *scan_find(struct scan *s, uint64_t die);
/* scan-line.c: the whole path of a unit's file, or NULL. */
const char *scan_file(struct scan *s, uint32_t unit, uint32_t file);

/* A bounded reader: beyond the end it gives zeros and sets bad. */
struct scan_cur { const uint8_t *p, *end; bool bad; };

static inline uint64_t scan_fixed(struct scan_cur *c, unsigned int n)
{
	uint64_t v = 0;

	if ((uint64_t)(c->end - c->p) < n) {
		c->bad = true;
		c->p = c->end;
		return 0;
	}
	for (unsigned int i = 0; i < n; i++)
		v |= (uint64_t)c->p[i] << 8 * i;
	c->p += n;
	return v;
}

static inline uint64_t scan_uleb(struct scan_cur *c)
{
	uint64_t v = 0;

	if (c->p < c->end && *c->p < 0x80)
		return *c->p++;
	for (unsigned int shift = 0; c->p < c->end; shift += 7) {
		uint8_t b = *c->p++;

		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	c->bad = true;
	return v;
}

static inline void scan_skip(struct scan_cur *c, uint64_t n)
{
	if ((uint64_t)(c->end - c->p) < n) {
		c->bad = true;
		c->p = c->end;
	} else {
		c->p += n;
	}
}

const char *scan_cstr(struct scan_cur *c);	/* NULL when not terminated */
const char *scan_string_at(const struct scan_section *s, uint64_t offset);

/* What an attribute's form held. */
enum scan_class { SCAN_C_NONE, SCAN_C_NUMBER, SCAN_C_ADDRESS, SCAN_C_STRING, SCAN_C_REF,
		  SCAN_C_ALT_REF };
struct scan_value { enum scan_class class; uint64_t u; const char *s; };

/* Reads, or skips, one attribute; false if the form is not known. */
bool scan_attr(struct scan *s, const struct scan_unit *u, struct scan_cur *c, uint32_t form,
	       int64_t implicit, struct scan_value *v);
/* The size of FORM's data when it is always the same; -1: varies or unknown. */
int scan_form_size(uint32_t form, const struct scan_unit *u);

#endif
