/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the in-kernel library (runtime/kern/), the code that the LLVM back end makes and the runtime
 * agree on byte for byte: records in the ring buffer, the layout of map keys and values, the
 * session block. The only header shared with runtime/kern/. All integers are native-endian;
 * everything is aligned to 8.
 */
#ifndef SONDE_ABI_H
#define SONDE_ABI_H

#ifdef __bpf__
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;
#else
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
#endif

#define ABI_ROUND8(n) (((n) + 7u) & ~7u)

/* ---- the session block: symbol `sonde_session` in .bss, mapped by the runtime ---- */

/* LEAVING: exit() was called; handlers that run may still finish. */
enum abi_state { STATE_STARTING, STATE_RUNNING, STATE_STOPPING, STATE_LEAVING };

/* Why a handler run was skipped; indexes abi_session.skipped. Texts: runtime/events. */
enum abi_skip { SKIP_SCRATCH, SKIP_TORN, SKIP_OTHER, SKIP_COUNT };

struct abi_session {
	u64 state;			/* enum abi_state; handlers leave at once unless RUNNING */
	s64 errors;			/* soft errors so far, all CPUs */
	s64 max_errors;			/* MAXERRORS; past it the state becomes STOPPING */
	u64 suppress_errors;		/* --suppress-handler-errors */
	u64 lost;			/* records that found the ring buffer full */
	u64 skipped[SKIP_COUNT];
	u64 sequence;			/* creation numbers of array elements */
	u64 target;			/* target(): -x PID or the -c child */
	u64 exit_called;
	u64 wrapped;			/* elements dropped by wrapping arrays, for -v */
	u64 start_ns;			/* CLOCK_MONOTONIC when the session began */
	u64 wall_offset_ns;		/* CLOCK_REALTIME - CLOCK_MONOTONIC, kept fresh */
	u64 pid;			/* of sonde itself (stp_pid()) */
	s64 gmtoff;			/* seconds east of Greenwich */
	char zone[8];			/* name of the time zone, NUL-terminated */
	u64 stacks_lost;		/* stacks that found sonde_stacks or the ring full */
	u64 reserved[5];
};

/* Scalar long globals: symbol `sonde_globals` in .bss, an array of s64 indexed by
 * program_global.slot. Scalar strings and aggregates are maps. */

/* ---- maps ----
 *
 * Key: the index expressions in order; a long is 8 bytes, a string its inferred width (length +
 * NUL) rounded up to 8 and zero-padded, so that equal strings are equal bytes. A scalar kept in a
 * map has one 8-byte key, 0.
 *
 * Value of an array of longs:      { u64 sequence; s64 value }
 * Value of an array of strings:    { u64 sequence; u64 sum; char text[ROUND8(width)] }
 *     sum is abi_string_sum(text), by which a reader on another CPU sees a half-written string
 *     and tries again.
 * Value of an aggregate (per CPU): { u64 sequence; u64 words[] }, see struct abi_agg.
 *     In a per-CPU element only the CPU that created it has a sequence other than 0.
 *
 * `sequence` is the creation number (from abi_session.sequence, or a time stamp, later than the
 * CPU's last, on kernels without atomic fetch-add): unsorted foreach runs in its order.
 */
#define ABI_VALUE_SEQUENCE 0
#define ABI_VALUE_LONG 8
#define ABI_VALUE_SUM 8
#define ABI_VALUE_TEXT 16
#define ABI_VALUE_WORDS 8


/* Map types, by program_global:
 *   array of longs or strings    HASH; a scalar string: the same with the one key 0
 *   array of aggregates          PERCPU_HASH
 *   scalar aggregate             ARRAY, memory-mappable, one value per possible CPU (key: u32 CPU);
 *                                the value is rounded up to 64 bytes. Its sequence stays 0; what
 *                                was never added to has count 0.
 * Before loading the runtime sets max_entries: every map whose value says "per possible CPU" to
 * libbpf_num_possible_cpus(), "sonde_scratch" to ABI_SCRATCH_PER_CPU times that, "sonde_ring" to
 * the ring's size; arrays stay as emitted.
 *
 * Names of ELF symbols, with M a global's map_name:
 *   M        the map; for `swapped` globals an ARRAY_OF_MAPS with one slot (key 0) that holds the
 *            inner map
 *   M.i      swapped: the template of the inner map, an ordinary map definition; the runtime makes
 *            inner maps like it, gives one to bpf_map__set_inner_map_fd() before loading and puts
 *            it into slot 0
 *   M.o      ring of keys in creation order (below); for swapped globals that keep one, M.o is an
 *            ARRAY_OF_MAPS too and M.oi its template, swapped together with M
 *   M.f      the front of M (kern/front.h); swapped likewise, with M.fi its template. Of an array
 *            of aggregates it has as many slots as are emitted for each possible CPU: the runtime
 *            multiplies them
 *   sonde_ring      RINGBUF: all records
 *   sonde_scratch   ARRAY of blocks of program.scratch_bytes, each claimed by a bit of sonde_claims
 *   sonde_claims    in .bss, a word for each CPU
 *   sonde_clocks    in .bss, likewise: the last creation number by time
 *   sonde_locks     HASH, before 5.12: an element for each global (key: its index) that is locked
 *   sonde_symrefs   u64[] in .bss: program.symrefs resolved, filled before attaching
 */
#define ABI_SCRATCH_PER_CPU 4
#define ABI_CPU_SLOTS 256	/* words of sonde_claims; CPUs beyond share them */
#define ABI_CACHE_LINE 64

/* Ring of keys in creation order beside an array that wraps, or that kernel handlers iterate:
 * an ARRAY map "<name>.o" of { u64 sequence; key } with as many slots as the array has, rounded up
 * to a power of two; slot = position & mask. Head and tail: struct abi_order in the map's extra
 * last slot. */
struct abi_order {
	u64 head, tail;
};

static inline u64 abi_string_sum(const u64 *words, u32 count)
{
	u64 sum = 0x9e3779b97f4a7c15ull;
	for (u32 i = 0; i < count; i++)
		sum = (sum ^ words[i]) * 0x100000001b3ull;
	return sum;
}

/* ---- aggregates ---- */

/* Which words an aggregate keeps; only what the script extracts is collected. Order in memory is
 * the order of these bits, each one word except the last two. A zeroed block is the empty
 * aggregate. The first word is there always, but kernel handlers keep no count where this bit is
 * not set: there is a histogram then, whose buckets add up to it. */
enum abi_agg_word {
	AGG_COUNT = 1,		/* number of values */
	AGG_SUM = 2,
	AGG_MAX = 4,		/* v ^ 1<<63 as unsigned: 0 is below everything */
	AGG_MIN = 8,		/* ~(v ^ 1<<63): so that min, too, is an unsigned maximum from 0 */
	AGG_VARIANCE = 16,	/* ABI_VARIANCE_PARTS of struct abi_variance */
	AGG_HIST = 32,		/* the buckets */
};

/*
 * Mean and squares change together (Welford's method, as SystemTap's), which no atomic instruction
 * does, and handlers preempt each other: each takes a part that nobody is at work in. They are put
 * together as those of several CPUs are. User space uses the first only.
 */
#define ABI_VARIANCE_PARTS 4
struct abi_variance {
	u64 busy, count;
	u64 mean;		/* << shift */
	u64 squares;		/* M2 */
};
#define ABI_VARIANCE_WORDS (ABI_VARIANCE_PARTS * (u32)sizeof(struct abi_variance) / 8)

enum abi_hist { ABI_HIST_NONE, ABI_HIST_LOG, ABI_HIST_LINEAR };

/* bucket of v: 64 for 0, 64 + bits(v) above, 64 - bits(-v) below */
#define ABI_HIST_LOG_BUCKETS 128

struct abi_agg {
	u32 words;		/* mask of enum abi_agg_word */
	u32 hist;		/* enum abi_hist */
	u32 buckets;		/* 128, or (high - low) / step + 3: 0 is under, the last over */
	u32 shift;		/* @variance(v, shift) */
	s64 low, high, step;
};

/* Index of @word's first word in an aggregate block, after the sequence. */
static inline u32 abi_agg_offset(const struct abi_agg *agg, u32 word)
{
	u32 at = word > AGG_COUNT;
	for (u32 bit = AGG_SUM; bit < word; bit <<= 1)
		if (agg->words & bit)
			at += bit == AGG_VARIANCE ? ABI_VARIANCE_WORDS : 1;
	return at;
}

static inline u32 abi_agg_words(const struct abi_agg *agg)
{
	return abi_agg_offset(agg, AGG_HIST) + (agg->words & AGG_HIST ? agg->buckets : 0);
}

/* ---- stacks: kern/stack.h ---- */

/* Frames of a stack, at most: what bpf_get_stack() gives. */
#define STACK_FRAMES_MOST 127
#define STACK_FRAMES_DEFAULT 64
/* What is sent of a user stack that cannot be unwound in the kernel yet. */
#define STACK_BYTES_DEFAULT 16384

/* ---- ring-buffer records ----
 *
 * One record is the output of one handler run where it fits. A record is a struct abi_record and
 * then `size` bytes of items, each a struct abi_item and its arguments:
 *   long    8 bytes
 *   string  struct abi_text { length, stride } and then stride bytes (a multiple of 8) of which the
 *           first `length` count
 * Of a print of a histogram (program_print.is_hist): the number of the global, 8 bytes, and the
 * buckets of all CPUs put together, 8 bytes each.
 */
enum abi_record_kind {
	RECORD_OUTPUT,		/* items */
	RECORD_ERROR,		/* one struct abi_error */
	RECORD_EXIT,		/* nothing: exit() was called; wakes the reader */
	RECORD_STACK,		/* registers and memory of a user stack: kern/stack.h */
	RECORD_SPACE,		/* a new address space */
};

struct abi_record {
	u16 kind;
	u16 handler;		/* index into the program's handlers */
	u32 size;		/* of what follows */
};

struct abi_item {
	u32 print;		/* index into the program's prints */
	u32 size;		/* of the arguments that follow */
};

struct abi_text {
	u32 length, stride;
};

#define ABI_CHAIN_MAX 12

enum abi_fault {
	FAULT_NONE,
	FAULT_USER,		/* error("…"): the text follows */
	FAULT_DIVISION,
	FAULT_EMPTY_AGGREGATE,
	FAULT_OVERFLOW,		/* detail: index of the global */
	FAULT_ADDRESS,		/* detail: the address */
	FAULT_ACTIONS,		/* MAXACTION; not catchable */
	FAULT_NESTING,		/* MAXNESTING */
	FAULT_HIST_INDEX,
	FAULT_OVERLOADS,	/* all functions exhausted */
	FAULT_ABORT,		/* abort(): not catchable */
	FAULT_STRING,		/* detail: enum abi_string_fault */
	FAULT_COUNT
};

enum abi_string_fault {
	STRING_FAULT_RANGE,
	STRING_FAULT_MATCH,	/* matched(n): no such sub-match, or nothing has matched yet */
	STRING_FAULT_COUNT
};

/* Where __path() finds members: twelve bits each, the first in the lowest. */
enum abi_path_member {
	ABI_PATH_D_PARENT, ABI_PATH_D_NAME, ABI_PATH_MNT_PARENT, ABI_PATH_MNT_MOUNTPOINT,
	ABI_PATH_MNT,
};
#define ABI_PATH_OFFSET(places, member) ((places) >> (member) * 12 & 0xfff)

struct abi_error {
	u32 fault;		/* enum abi_fault */
	u32 place;		/* index into the program's places */
	u64 detail;
	u32 chain_length;
	u32 chain[ABI_CHAIN_MAX];	/* places of the calls that led there, innermost first */
	u32 frames_at;			/* 1 + where in chain those of abi_frames belong, which
					 * follows; 0: none does */
	struct abi_text text;	/* FAULT_USER; `stride` bytes follow */
};

/* Calls of functions that call themselves, which only the run knows. */
struct abi_frames {
	u32 count;		/* may be more than there is room for */
	u32 chain[ABI_CHAIN_MAX];	/* as in abi_error */
	u32 pad;
};

#endif
