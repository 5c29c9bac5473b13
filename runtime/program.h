/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program: what the translator hands to the runtime, plain data.
 *
 * On disk (a .sonde file) it is an ELF object: the BPF programs, maps, BTF and line info as any BPF
 * object has them (absent when no handler runs in the kernel), and one section `.sonde` with the
 * tables below. program-write.c makes the section's bytes, program-read.c checks and reads them;
 * both are driven by program.def, which lists the fields of each table once. Reading trusts
 * nothing: every count, index and offset is checked, and a damaged file gives an error text, never
 * a crash.
 *
 * Ownership: everything a struct program points to belongs to one block (reading) or to the arena
 * of the translation (writing); program_free() releases the block.
 */
#ifndef SONDE_PROGRAM_H
#define SONDE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/abi.h"

#define PROGRAM_MAGIC "sonde\0\1"	/* 8 bytes with the closing NUL */
#define PROGRAM_VERSION 1
#define PROGRAM_SECTION ".sonde"

/* Operands of instructions: a tag in the top three bits, an index or number in the rest. */
enum operand_tag {
	OPERAND_RAW,		/* i, g, b, f, p, n, t: the number itself */
	OPERAND_REG,
	OPERAND_SLOT,
	OPERAND_LONG,		/* index into program.longs */
	OPERAND_TEXT,		/* index into program.texts: a string constant */
	OPERAND_WILD,		/* '*' among keys */
	OPERAND_NONE,		/* no result, no limit */
};
#define OPERAND(tag, index) ((uint32_t)(tag) << 29 | (uint32_t)(index))
#define OPERAND_TAG(o) ((enum operand_tag)((uint32_t)(o) >> 29))
#define OPERAND_INDEX(o) ((uint32_t)(o) & 0x1fffffff)
#define ITER_BY_VALUE 0xffffffffu	/* ITER's sort operand: by value */

enum ir_op {
#define IR(id, name, result, args, effects) IR_##id,
#include "runtime/ir.def"
	IR_OP_COUNT
};
enum ir_effect { PURE = 0, READS = 1, WRITES = 2, FAULT = 4, TERM = 8 };
enum ir_stat {
	IR_STAT_COUNT,
	IR_STAT_SUM,
	IR_STAT_MIN,
	IR_STAT_MAX,
	IR_STAT_AVG,
	IR_STAT_VARIANCE
};

enum program_type { PROGRAM_LONG, PROGRAM_STRING, PROGRAM_STATS };

/* A place in a script, as run-time errors name it: token text ("operator '/'") and position. */
struct program_place {
	const char *token;
	const char *file;
	uint32_t line, column;
};

/* Where a global lives: with no kernel handler using it, in the VM only. */
enum program_home { HOME_VM, HOME_DATA /* sonde_globals[slot] */, HOME_MAP };

/* What kernel handlers do with a global in a map, or-ed: decides what the runtime may keep on its
 * side of it (runtime/vm-maps.c). 0, not known, counts as all. */
enum program_use {
	USE_ADD = 1,		/* RMW of ADD or SUB whose result nobody reads, AGG */
	USE_STORE = 2,		/* STORE, SSTORE, DELETE, CLEAR, other RMW */
	USE_READ = 4,		/* LOAD, SLOAD, HAS, STAT, BUCKET, ITER, an RMW's result */
};

struct program_key {
	uint32_t type;		/* enum program_type, not STATS */
	uint32_t width;		/* string: bytes in the key, a multiple of 8; long: 8 */
};

#define PROGRAM_TIMING "sonde_timing"	/* map_name of -t's: nanoseconds, by index of the handler */

struct program_global {
	const char *name;
	const char *map_name;	/* HOME_MAP: the ELF symbol of the map */
	uint32_t type;		/* of the value */
	uint32_t width;		/* string value: bytes with NUL, unrounded */
	uint32_t home;
	uint32_t slot;		/* HOME_DATA */
	bool is_array, wraps;
	bool autoprint;		/* written, never read: shown at the end */
	bool tabulated;		/* shown as a table, or with the picture of its histogram */
	bool swapped;		/* HOME_MAP behind a map-in-map: user space takes it away whole, see
				   runtime/vm-maps */
	bool ordered;		/* has an order ring, see abi.h */
	bool fronted;		/* may have a front (kern/front.h); not in the file */
	uint32_t kernel_use;	/* HOME_MAP: enum program_use */
	bool size_given;	/* max_entries by the script, not by MAXMAPENTRIES */
	uint32_t max_entries;
	struct abi_agg agg;	/* STATS */
	const struct program_key *keys;
	uint32_t key_count;
	bool has_init;
	int64_t init_long;
	const char *init_text;
	uint32_t place;		/* declaration */
};

/* What is done with the text of a print. */
enum program_action { ACTION_STDOUT, ACTION_WARN, ACTION_LOG, ACTION_SYSTEM, ACTION_PRINTK };

struct program_piece {
	uint32_t conv;		/* 0: literal; else d u o x X p c s b m M */
	uint32_t flag;		/* 0 or a character */
	uint32_t width_kind, precision_kind;	/* 0 none, 1 the number, 2 an argument */
	int32_t width, precision;
	const char *literal;
	uint32_t literal_length;
};

struct program_print {
	uint32_t action;
	const struct program_piece *pieces;
	uint32_t piece_count;
	const uint32_t *arg_types;	/* enum program_type, in order, with those of '*' */
	const uint32_t *arg_widths;	/* greatest bytes of strings, 8 for longs */
	uint32_t arg_count;
	bool is_hist; /* a picture of @hist, then the pieces (literals): no arguments */
};

struct program_insn {
	uint16_t op;
	uint16_t operand_count;		/* with the result */
	uint32_t place;
	uint32_t catch_block;		/* 0: errors leave the function (block 0 is the entry) */
	const uint32_t *operands; /* result first where the table has one ("-": OPERAND_NONE) */
};

struct program_block {
	const struct program_insn *insns;
	uint32_t insn_count;
};

/* A function or handler of the VM. Parameters arrive in the first registers and slots. */
struct program_func {
	const char *name;
	uint32_t reg_count, iter_count;
	const uint32_t *slot_widths;	/* bytes with NUL */
	uint32_t slot_count;
	const uint32_t *params;		/* operands: registers and slots */
	uint32_t param_count;
	uint32_t result;		/* 0 none, 1 long, 2 string */
	uint32_t result_width;
	const struct program_block *blocks;
	uint32_t block_count;
};

/* What starts a handler. USER triggers run in the VM. */
enum program_trigger { TRIGGER_BEGIN, TRIGGER_END, TRIGGER_ERROR, TRIGGER_NEVER, TRIGGER_TIMER,
	TRIGGER_KERNEL, TRIGGER_INPUT, TRIGGER_PROCFS };

struct program_handler {
	const char *name;		/* the probe point as resolved: pp() */
	const char *origin;		/* as written, with the alias chain: for reports */
	uint32_t trigger;
	int32_t priority;		/* begin, end, error */
	uint32_t func;			/* USER: index into funcs */
	uint32_t place;
};

/* How the kernel is asked to call a handler: a row each in runtime/attach-*. */
enum program_mech {
#define MECH(id, name, help) MECH_##id,
#include "runtime/mech.def"
#undef MECH
	MECH_COUNT
};

/* One concrete place. A handler may have many. Alternatives: the sites of one `group` number are
 * tried in order, the first mechanism that the kernel has is used (fentry, else kprobe). */
struct program_site {
	uint32_t handler;
	uint32_t mech;
	uint32_t group;			/* 0: no alternatives */
	const char *program;		/* ELF symbol of the BPF program */
	const char *name;		/* pp() of this site */
	const char *function;		/* probefunc(), ppfunc() */
	const char *path;		/* file of a user probe */
	const char *build_id;		/* hex; "" unknown: checked when attaching */
	uint64_t offset; /* in the file; or the address or offset in the kernel symbol */
	uint64_t ref_ctr_offset;	/* USDT semaphore in the file; 0: none */
	const char *symbol;		/* kernel function, tracepoint name */
	int32_t pid;			/* only this process; 0: all; -1: the target */
	bool is_return, optional;
	uint64_t interval_ns, random_ns;	/* timers */
	/* WATCH: perf_config HW_BREAKPOINT_W, _R, _RW or _X; perf_period: bytes watched; offset:
	 * address or, behind symbol or where path is loaded, an offset */
	uint32_t perf_type;
	uint64_t perf_config, perf_period;	/* period, or frequency with perf_is_freq */
	/* FILE: path its name, perf_config its mode, perf_period the greatest answer or 0 */
	bool perf_is_freq;
	bool one_cpu;			/* perf: on the first CPU only, not on every one */
	bool slow;			/* the probed instruction is single-stepped: -v says so */
	uint32_t place;
};

/* A run-time address that code needs: filled in by the runtime at load. */
#define SYMREF_INODE "inode of"		/* of the file `path` */
#define SYMREF_DEVICE "device of"	/* the same, as the kernel's super_block.s_dev */

struct program_symref {
	const char *symbol, *path;	/* path "": a symbol of the kernel */
	int64_t addend;
};

struct program_regex {
	const char *pattern;
	const uint8_t *table;		/* serialised DFA: runtime/regex.h */
	uint32_t table_size;
	uint32_t group_count;
};

struct program_need {
	const char *feature;		/* row name of runtime/features */
	uint32_t place;			/* what in the script needs it */
};

struct program {
	uint32_t version;
	const char *name;		/* of the script, for reports */
	const char *kernel_release;	/* translated for */
	const char *warnings;		/* of the translation, as printed */
	bool autoprint;			/* no --no-global-var-display */
	bool suppress_errors;
	int64_t max_errors, max_skipped, max_action, max_action_user, max_nesting, max_string,
		max_map_entries, max_backtrace, stack_bytes, hist_width, hist_elision;
	int64_t ring_bytes;		/* -s, 0: the runtime's choice */
	uint32_t scratch_bytes; /* size of one scratch block of kernel handlers; 0: none is used */
	bool has_bpf;
	bool kernel_silent; /* no kernel handler prints: a small ring, for errors and exit(), will
			       do */
	/* files read besides those of the sites (tapsets, debug files, and the directories
	 * searched): a change of one outdates the cache's copy */
	const char *const *deps;
	uint32_t dep_count;
	const int64_t *longs;
	uint32_t long_count;
	const char *const *texts;
	uint32_t text_count;
	const struct program_place *places;
	uint32_t place_count;
	const struct program_global *globals;
	uint32_t global_count;
	const struct program_print *prints;
	uint32_t print_count;
	const struct program_func *funcs;
	uint32_t func_count;
	const struct program_handler *handlers;
	uint32_t handler_count;
	const struct program_site *sites;
	uint32_t site_count;
	const struct program_symref *symrefs;
	uint32_t symref_count;
	const struct program_regex *regexes;
	uint32_t regex_count;
	const struct program_need *needs;
	uint32_t need_count;
};

/* Serialises the tables: the bytes of the `.sonde` section, malloc'ed. NULL: out of memory. */
uint8_t *program_pack(const struct program *program, size_t *size);

/* Reads the bytes of a `.sonde` section. NULL: *error says what is wrong (a static text).
 * No text of the result is NULL: "" stands for none. Functions that only kernel handlers call have
 * no blocks. */
struct program *program_unpack(const uint8_t *bytes, size_t size, const char **error);
void program_free(struct program *program);

/* The `.sonde` section of an ELF image in memory (it points into the image). NULL: *error says why
 * not. */
const uint8_t *program_section(const void *image, size_t size, size_t *section_size,
			       const char **error);
/* Both: reads the program out of an ELF image. */
struct program *program_read(const void *image, size_t size, const char **error);

/* Writes an ELF object to @fd: the sections of @object (a BPF object in memory; size 0: none) and
 * the program's tables. 0, or a negative errno. */
int program_write(const struct program *program, const void *object, size_t object_size, int fd);

/* The names and signatures of the operations, from ir.def. */
struct ir_op_info {
	const char *name, *result, *args;
	unsigned int effects;
};
extern const struct ir_op_info ir_ops[IR_OP_COUNT];

#endif
