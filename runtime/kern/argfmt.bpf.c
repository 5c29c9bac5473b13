/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of system calls as text: walks a table (runtime/argfmt.h). A step does one row, looks
 * at one name, makes a number, or quotes up to eight bytes of a string; so no walk is within
 * another. Without bpf_loop() the verifier follows each step all ways: what several rows need (a
 * number, say) is a step of its own rather than code in each.
 */
#include "runtime/argfmt.h"
#include "runtime/kern/walk.h"

enum {
	FMT_ROW = 23,		/* offset of the row */
	FMT_MODE,		/* enum mode: what the next step does */
	FMT_BACK,		/* the mode after a string */
	FMT_VALUE, FMT_INDEX,
	FMT_LEFT,		/* names to come; of a string: the length to cut it at */
	FMT_PRINTED,
	FMT_NUMBER, FMT_FORMAT,	/* MODE_NUMBER; least digits above bit 16 */
	FMT_THEN = WORK_SET,	/* the mode after a number */
};

enum mode {
	MODE_ROW, MODE_NAMES, MODE_QUOTE, MODE_STRINGS, MODE_COUNT, MODE_BITS, MODE_NUMBER,
	MODE_COUNTED, MODE_ERROR, MODE_FAULT,
};

#define TEXT_NULL 0x4c4c554eull

#define PLACE_REGISTERS 0
#define PLACE_STRUCT 176
#define STRINGS_MOST 64
#define STEPS_MOST 36			/* without bpf_loop() */

#define NEXT_ROW(work) (STATE(work, FMT_ROW) += sizeof(struct argfmt_row))

static inline void table_read(struct kern_work *work, void *to, u32 size, u64 offset)
{
	bpf_probe_read_kernel(to, size, (void *)(STATE(work, WORK_TABLE) + offset));
}

/* For the verifier, without a jump: OUT never is more than kern_most; behind area OUT are three. */
static inline u64 masked(u64 value)
{
	u64 mask = kern_most;

	mask |= mask >> 1;
	mask |= mask >> 2;
	mask |= mask >> 4;
	mask |= mask >> 8;
	mask |= mask >> 16;
	barrier_of(value);
	return value & mask;
}

/* The lesser, without a jump: both are small. */
static inline u64 least_of(u64 a, u64 b)
{
	u64 more = (b - a) >> 63;

	barrier_of(more);
	return a - ((a - b) & -more);
}

static inline void add(struct kern_work *work, const void *from, u64 length)
{
	u64 at = masked(STATE(work, WORK_OUT));

	length = least_of(length, kern_most - at);
	bpf_probe_read_kernel(area(work, AREA_OUT) + at, masked(length), from);
	STATE(work, WORK_OUT) = at + length;
}

/* Up to eight bytes of @text; what is behind them does not matter. */
static inline void add_short(struct kern_work *work, u64 text, u64 length)
{
	u64 at = masked(STATE(work, WORK_OUT));

	*(volatile u64 *)(area(work, AREA_OUT) + at) = text;
	STATE(work, WORK_OUT) = least_of(at + length, kern_most);
}

/* @a where @bit is set in @bits, else @b; without a jump. */
static inline u64 choose(u64 bits, u64 bit, u64 a, u64 b)
{
	u64 mask = -((bits & bit) / bit);

	barrier_of(mask);
	return b ^ ((a ^ b) & mask);
}

static inline u64 value_of(struct kern_work *work, u64 source, u64 at)
{
	u64 place = (source & ARGFMT_FIELD) / ARGFMT_FIELD * PLACE_STRUCT + (at & 0xff), value;
	u64 bits = (64 - 8 * (source & ARGFMT_SIZE)) & 63;

	place &= 0x1ff;
	barrier_of(place);
	value = *(volatile u64 *)(area(work, AREA_C) + (place & 0x1ff));
	value = choose(source, ARGFMT_SWAPPED, __builtin_bswap64(value), value << bits);
	return choose(source, ARGFMT_NEGATIVE, (s64)value >> bits, value >> bits);
}

/* ---- numbers ---- */

/* Digits end at byte 64 of area B. Without bpf_loop() the verifier follows every way out of the
 * loop in every step, so there is only one. */
static inline u64 digits_make(struct kern_work *work, u64 value, u64 base, u64 least)
{
	u64 count = 0;

#pragma unroll
	for (u32 i = 0; i < 22; i++) {
		u64 digit = value % base;

		*(volatile u8 *)(area(work, AREA_B) + 63 - i) =
			'0' + digit + ((9 - digit) >> 63) * ('a' - '0' - 10);
		count += (value | -value | ((u64)i - least)) >> 63;
		value /= base;
		if (kern_loops && !value && i + 1 >= least)
			break;
	}
	return count | ((count - 1) >> 63);
}

/* The next step prints a number, and after that goes on with @then. */
static inline void number_start(struct kern_work *work, u64 value, u64 format, enum mode then)
{
	STATE(work, FMT_NUMBER) = value;
	STATE(work, FMT_FORMAT) = format;
	STATE(work, FMT_THEN) = then;
	STATE(work, FMT_MODE) = MODE_NUMBER;
}

static inline void hex_start(struct kern_work *work, u64 value, enum mode then)
{
	number_start(work, value, 16 | ARGFMT_PREFIX, then);
}

static inline void step_number(struct kern_work *work)
{
	u64 value = STATE(work, FMT_NUMBER), format = STATE(work, FMT_FORMAT);
	u64 base = format & 0xff, count;
	u64 minus = format / ARGFMT_SIGNED & value >> 63 & 1;
	u64 prefix = format / ARGFMT_PREFIX & 1, some = (value | -value) >> 63;

	barrier_of(minus);
	add_short(work, '-', minus);
	value = (value ^ -minus) + minus;
	add_short(work, '0' | 'x' << 8, prefix * (base / 16 * 2 | (some & base / 8 & 1)));
	STATE(work, WORK_AT) = digits_make(work, value, base, format >> 16);
	count = STATE(work, WORK_AT) & 31;
	barrier_of(count);
	add(work, area(work, AREA_B) + 64 - (count & 31), count & 31);
	STATE(work, FMT_MODE) = STATE(work, FMT_THEN);
}

/* ---- strings of the process ---- */

#define ONES 0x0101010101010101ull
#define TOPS (ONES * 0x80)

/* Bytes of @word that are @byte have their top bit set in the result. */
static inline u64 bytes_equal(u64 word, u8 byte)
{
	word ^= ONES * byte;
	return (word - ONES) & ~word & TOPS;
}

/* Is any byte not to be copied as it is? May say so of more than there are. */
static inline u64 needs_escape(u64 word)
{
	return (word & TOPS) | ((word - ONES * ' ') & ~word & TOPS) | bytes_equal(word, 0x7f) |
	       bytes_equal(word, '"') | bytes_equal(word, '\\');
}

static inline void escape_add(struct kern_work *work, u8 byte)
{
	const u64 letters = 0x7266766e746261ull;	/* a b t n v f r for 7 to 13 */
	u64 octal = '\\' | ('0' + (byte >> 6)) << 8 | ('0' + (byte >> 3 & 7)) << 16 |
		    (u64)('0' + (byte & 7)) << 24;

	if (byte == '"' || byte == '\\')
		add_short(work, '\\' | byte << 8, 2);
	else if (byte >= 7 && byte <= 13)
		add_short(work, '\\' | (letters >> (byte - 7) * 8 & 0xff) << 8, 2);
	else if (byte < ' ' || byte > '~')
		add_short(work, octal, 4);
	else
		add_short(work, byte, 1);
}

/* What is in area A is quoted by the next steps. */
static inline void quote_start(struct kern_work *work, u64 length, u64 cut, enum mode back)
{
	STATE(work, WORK_LENGTH) = length;
	STATE(work, WORK_IN) = cut;
	STATE(work, WORK_AT) = 0;
	STATE(work, FMT_BACK) = back;
	STATE(work, FMT_MODE) = MODE_QUOTE;
	STATE(work, FMT_LEFT) = kern_most - 12;
	add_short(work, '"', 1);
}

static inline void step_quote(struct kern_work *work)
{
	u64 at = STATE(work, WORK_AT), length = STATE(work, WORK_LENGTH), word, size;

	if (at < length && STATE(work, WORK_OUT) > STATE(work, FMT_LEFT))
		STATE(work, WORK_IN) = 1, at = length;
	if (at >= length) {
		if (STATE(work, WORK_IN))
			add_short(work, '"' | '.' << 8 | '.' << 16 | (u64)'.' << 24, 4);
		else
			add_short(work, '"', 1);
		STATE(work, FMT_MODE) = STATE(work, FMT_BACK);
		return;
	}
	word = *(volatile u64 *)(area(work, AREA_A) + masked(at));
	size = least_of(length - at, 8);
	/* what is behind the end does not need any */
	if (!needs_escape(word ^ ((word ^ ONES * 'a') & -(size >> 3 ^ 1) << (size * 8 & 63)))) {
		add_short(work, word, size);
		STATE(work, WORK_AT) = at + size;
		return;
	}
	escape_add(work, word);
	STATE(work, WORK_AT) = at + 1;
}

/* The string at a user address, quoted; NULL, or the address if it cannot be read. */
static inline void string_add(struct kern_work *work, u64 address, u64 most, enum mode back)
{
	long got;

	STATE(work, FMT_MODE) = back;
	if (!address) {
		add_short(work, TEXT_NULL, 4);
		return;
	}
	got = bpf_probe_read_user_str(area(work, AREA_A), limited(kern_most - 1) + 1,
				      (void *)address);
	if (got <= 0) {
		hex_start(work, address, back);
		return;
	}
	got--;
	if (most && (u64)got > most)
		quote_start(work, most, 1, back);
	else
		quote_start(work, got, (u64)got >= kern_most - 1, back);
}

static inline void buffer_add(struct kern_work *work, u64 address, u64 length, u64 most)
{
	/* two quotes belong to it, and three dots if it is cut */
	u64 size = limited(length <= most - 2 ? length : most - 5);

	if (!address) {
		add_short(work, TEXT_NULL, 4);
	} else if (bpf_probe_read_user(area(work, AREA_A), size, (void *)address)) {
		hex_start(work, address, MODE_ROW);
	} else {
		quote_start(work, size, length > size, MODE_ROW);
		STATE(work, FMT_LEFT) = STATE(work, WORK_OUT) + most - 5;
	}
}

/* An array of pointers to strings: its next one. */
static inline void step_strings(struct kern_work *work)
{
	u64 index = STATE(work, FMT_INDEX), address = 0;
	long bad = bpf_probe_read_user(&address, 8, (void *)(STATE(work, FMT_VALUE) + index * 8));

	if (bad || !address || index >= STRINGS_MOST || STATE(work, WORK_OUT) + 24 > kern_most) {
		if (address)
			add_short(work, ',' | ' ' << 8 | '.' << 16 | (u64)'.' << 24 |
						(u64)'.' << 32, 5);
		add_short(work, ']', 1);
		STATE(work, FMT_MODE) = MODE_ROW;
		return;
	}
	add_short(work, ',' | ' ' << 8, 2 * (-index >> 63));
	STATE(work, FMT_INDEX) = index + 1;
	string_add(work, address, 0, MODE_STRINGS);
}

static inline void step_count(struct kern_work *work)
{
	u64 index = STATE(work, FMT_INDEX), address = 0;
	long bad = bpf_probe_read_user(&address, 8, (void *)(STATE(work, FMT_VALUE) + index * 8));

	STATE(work, FMT_INDEX) = index + 1;
	if (!bad && address && index < 4096)
		return;
	add_short(work, '[' | '/' << 8 | '*' << 16 | (u64)' ' << 24, 4);
	number_start(work, index, 10, MODE_COUNTED);
}

/* ---- names ---- */

static inline void names_end(struct kern_work *work, u64 how)
{
	u64 rest = STATE(work, FMT_VALUE), printed = STATE(work, FMT_PRINTED);

	STATE(work, FMT_MODE) = MODE_ROW;
	if (printed && !rest)
		return;
	add_short(work, '|', printed);
	number_start(work, rest, choose(how, ARGFMT_DECIMAL, 10 | ARGFMT_SIGNED,
					16 | ARGFMT_PREFIX), MODE_ROW);
}

/* The next row of names; after the last what has none. */
static inline void step_names(struct kern_work *work)
{
	u64 value = STATE(work, FMT_VALUE), left = STATE(work, FMT_LEFT), how;
	struct argfmt_name name = { 0 };

	how = STATE(work, WORK_RESULT);
	if (!left) {
		names_end(work, how);
		return;
	}
	table_read(work, &name, sizeof(name), STATE(work, FMT_INDEX));
	STATE(work, FMT_INDEX) += sizeof(name);
	STATE(work, FMT_LEFT) = left - 1;
	/* of flags one that is 0 counts only where there is no other */
	if ((value & name.mask) != name.value || (!name.value && STATE(work, FMT_PRINTED)))
		return;
	add_short(work, '|', STATE(work, FMT_PRINTED));
	add(work, (void *)(STATE(work, WORK_TABLE) + name.text), name.length);
	STATE(work, FMT_PRINTED) = 1;
	value = choose(how, ARGFMT_FLAGS, value & ~(u64)name.value, 0);
	STATE(work, FMT_VALUE) = value;
	STATE(work, FMT_LEFT) = (left - 1) * ((value | -value) >> 63);
}

static inline void names_start(struct kern_work *work, const struct argfmt_row *row, u64 value)
{
	STATE(work, FMT_VALUE) = value;
	STATE(work, FMT_INDEX) = row->text;
	STATE(work, FMT_LEFT) = row->arg;
	STATE(work, WORK_RESULT) = row->more;
	STATE(work, FMT_PRINTED) = 0;
	STATE(work, FMT_MODE) = MODE_NAMES;
}

static inline void name_add(struct kern_work *work, u64 rows, u64 index)
{
	struct argfmt_name name = { 0 };

	table_read(work, &name, sizeof(name), rows + index * sizeof(name));
	add(work, (void *)(STATE(work, WORK_TABLE) + name.text), name.length);
}

/* Signals: the next bit that is set. */
static inline void step_bits(struct kern_work *work)
{
	u64 bits = STATE(work, FMT_VALUE), index = STATE(work, FMT_LEFT);

	if (!bits) {
		add_short(work, ']', 1);
		STATE(work, FMT_MODE) = MODE_ROW;
		return;
	}
	STATE(work, FMT_VALUE) = bits >> 1;
	STATE(work, FMT_LEFT) = index + 1;
	if (!(bits & 1))
		return;
	add_short(work, '|', STATE(work, FMT_PRINTED));
	STATE(work, FMT_PRINTED) = 1;
	name_add(work, STATE(work, FMT_INDEX), index);
}

static inline void result_add(struct kern_work *work, const struct argfmt_row *row, u64 value)
{
	u64 error = -value;

	if (error - 1 >= 4095) {
		number_start(work, value, row->arg, MODE_ROW);
		return;
	}
	number_start(work, value, 10 | ARGFMT_SIGNED, error <= row->more ? MODE_ERROR : MODE_ROW);
	STATE(work, FMT_INDEX) = row->text;
	STATE(work, FMT_LEFT) = error;
}

/* The name of an error behind its number. */
static inline void step_error(struct kern_work *work)
{
	add_short(work, ' ' | '(' << 8, 2);
	name_add(work, STATE(work, FMT_INDEX), STATE(work, FMT_LEFT));
	add_short(work, ')', 1);
	STATE(work, FMT_MODE) = MODE_ROW;
}

/* ---- rows ---- */

static inline void fetch(struct kern_work *work, const struct argfmt_row *row, u64 address)
{
	u64 size = row->more, length = row->text ? value_of(work, 4, row->text) : size;

#pragma unroll
	for (u32 i = 0; i < ARGFMT_STRUCT_MOST; i += 8)
		*(volatile u64 *)(area(work, AREA_C) + PLACE_STRUCT + i) = 0;
	if (length < size)
		size = length;
	barrier_of(size);
	if (size > ARGFMT_STRUCT_MOST)
		size = ARGFMT_STRUCT_MOST;
	if (address && !bpf_probe_read_user(area(work, AREA_C) + PLACE_STRUCT, size,
					    (void *)address))
		return;
	STATE(work, FMT_ROW) += row->arg * sizeof(*row);
	if (address)
		hex_start(work, address, MODE_ROW);
	else
		add_short(work, TEXT_NULL, 4);
}

/* WORK_LONG: what could not be read. */
static inline void peek(struct kern_work *work, const struct argfmt_row *row, u64 address)
{
	u64 size = row->more & 15;

	address += (s32)row->text;
	barrier_of(size);
	if (!bpf_probe_read_user(area(work, AREA_C) + PLACE_STRUCT, size & 15, (void *)address))
		return;
	STATE(work, WORK_LONG) = address;
	STATE(work, FMT_MODE) = MODE_FAULT;
}

static inline void inline_add(struct kern_work *work, const struct argfmt_row *row)
{
	u64 at = PLACE_STRUCT + (row->at & 0xff), size = row->more & 0x7f;
	long got;

	barrier_of(at);
	if (at > PLACE_STRUCT + 255)
		return;
	got = bpf_probe_read_kernel_str(area(work, AREA_A), size + 1, area(work, AREA_C) + at);
	quote_start(work, got > 0 ? got - 1 : 0, 0, MODE_ROW);
}

static inline void array_start(struct kern_work *work, u64 value, enum mode mode)
{
	if (!value) {
		add_short(work, mode == MODE_COUNT ? TEXT_NULL : '[' | ']' << 8,
			  mode == MODE_COUNT ? 4 : 2);
		return;
	}
	STATE(work, FMT_VALUE) = value;
	STATE(work, FMT_INDEX) = 0;
	STATE(work, FMT_MODE) = mode;
	if (mode == MODE_STRINGS)
		add_short(work, '[', 1);
}

static inline void bits_start(struct kern_work *work, const struct argfmt_row *row, u64 value)
{
	if (!value) {
		add_short(work, 0x5d5954504d455bull /* [EMPTY] */, 7);
		return;
	}
	STATE(work, FMT_VALUE) = value;
	STATE(work, FMT_INDEX) = row->text;
	STATE(work, FMT_LEFT) = 1;
	STATE(work, FMT_PRINTED) = 0;
	STATE(work, FMT_MODE) = MODE_BITS;
	add_short(work, '[', 1);
}

static inline void row_do(struct kern_work *work, const struct argfmt_row *row, u64 value)
{
	switch (row->op) {
	case ARGFMT_NUMBER:
		number_start(work, value, row->arg | (u64)row->more << 16, MODE_ROW);
		break;
	case ARGFMT_TEXT:
		add(work, (void *)(STATE(work, WORK_TABLE) + row->text), row->more);
		break;
	case ARGFMT_NAMES:
		names_start(work, row, value);
		break;
	case ARGFMT_STRING:
		string_add(work, value, row->more, MODE_ROW);
		break;
	case ARGFMT_BUFFER:
		buffer_add(work, value, value_of(work, 8, row->arg), row->more);
		break;
	case ARGFMT_FETCH:
		fetch(work, row, value);
		break;
	case ARGFMT_PEEK:
		peek(work, row, value);
		break;
	case ARGFMT_SKIP:
		if (((value & row->text) == row->more) != !!(row->arg & ARGFMT_NOT))
			STATE(work, FMT_ROW) += (row->arg & 0xff) * sizeof(*row);
		break;
	case ARGFMT_STRINGS:
		array_start(work, value, MODE_STRINGS);
		break;
	case ARGFMT_COUNT:
		array_start(work, value, MODE_COUNT);
		break;
	case ARGFMT_RESULT:
		result_add(work, row, value);
		break;
	case ARGFMT_BITS:
		bits_start(work, row, value);
		break;
	case ARGFMT_INLINE:
		inline_add(work, row);
		break;
	}
}

static inline long step_row(struct kern_work *work)
{
	struct argfmt_row row = { 0 };

	table_read(work, &row, sizeof(row), STATE(work, FMT_ROW));
	if (row.op == ARGFMT_END)
		return walk_done(work);
	NEXT_ROW(work);
	add_short(work, ',' | ' ' << 8,
		  2 * (row.source / ARGFMT_COMMA & -STATE(work, WORK_OUT) >> 63));
	row_do(work, &row, value_of(work, row.source, row.at));
	return 0;
}

static __attribute__((noinline)) long argfmt_step(u32 n, void *ctx)
{
	struct kern_work *work = work_of(ctx);

	(void)n;
	switch (STATE(work, FMT_MODE)) {
	case MODE_QUOTE:
		step_quote(work);
		break;
	case MODE_NUMBER:
		step_number(work);
		break;
	case MODE_NAMES:
		step_names(work);
		break;
	case MODE_STRINGS:
		step_strings(work);
		break;
	case MODE_COUNT:
		step_count(work);
		break;
	case MODE_COUNTED:
		add(work, " vars */]", 9);
		STATE(work, FMT_MODE) = MODE_ROW;
		break;
	case MODE_BITS:
		step_bits(work);
		break;
	case MODE_ERROR:
		step_error(work);
		break;
	case MODE_FAULT:
		return walk_done(work);
	default:
		return step_row(work);
	}
	return 0;
}

/* 0: there were too many steps. Without bpf_loop() the verifier takes some 20 ms for each. */
static inline u64 steps_run(struct kern_work *work)
{
	struct kern_work *ctx = work;

	if (kern_loops)
		return walk(work, argfmt_step);
	for (u32 n = 0; n < STEPS_MOST && n < sonde_bound((void *)argfmt_step); n++)
		if (argfmt_step(n, &ctx))
			return 1;
	return 0;
}

/* WORK_LONG: which call of the table, address of its registers */
static inline u32 argfmt_start(struct kern_work *work, const void *table)
{
	u32 start = 0;

	STATE(work, WORK_TABLE) = (u64)table;
	STATE(work, WORK_OUT) = 0;
	STATE(work, FMT_MODE) = MODE_ROW;
	table_read(work, &start, sizeof(start), STATE(work, WORK_LONG) * sizeof(start));
	STATE(work, FMT_ROW) = start;
	return start;
}

static inline u64 registers_read(struct kern_work *work)
{
	u64 address = STATE(work, WORK_LONG + 1);

	if (!bpf_probe_read_kernel(area(work, AREA_C), ARGFMT_REGISTERS, (void *)address))
		return 0;
	STATE(work, WORK_LONG) = address;
	return 1;
}

/* WORK_FAILED: WORK_LONG is the address that could not be read. */
KERN s64 sonde_argfmt(struct kern_work *work, const void *table)
{
	if (registers_read(work))
		return WORK_FAILED;
	/* without bpf_loop() it may be too long: "..." says so */
	if (argfmt_start(work, table) && !steps_run(work))
		add_short(work, '.' | '.' << 8 | '.' << 16, 3);
	if (STATE(work, FMT_MODE) == MODE_FAULT)
		return WORK_FAILED;
	return limited(STATE(work, WORK_OUT));
}

/* Of a table whose calls have one row each, a text. */
KERN s64 sonde_argtext(struct kern_work *work, const void *table)
{
	struct argfmt_row row = { 0 };
	u32 start = argfmt_start(work, table);

	if (start) {
		table_read(work, &row, sizeof(row), start);
		add(work, (void *)(STATE(work, WORK_TABLE) + row.text), row.more);
	}
	return limited(STATE(work, WORK_OUT));
}

/* Of one whose calls have one row each, a result. */
KERN s64 sonde_argresult(struct kern_work *work, const void *table)
{
	struct argfmt_row row = { 0 };
	u32 start = argfmt_start(work, table);

	if (registers_read(work))
		return WORK_FAILED;
	if (start) {
		table_read(work, &row, sizeof(row), start);
		result_add(work, &row, value_of(work, row.source, row.at));
		step_number(work);
		if (STATE(work, FMT_MODE) == MODE_ERROR)
			step_error(work);
	}
	return limited(STATE(work, WORK_OUT));
}
