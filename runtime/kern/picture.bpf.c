/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A histogram as text in a kernel handler, as runtime/hist.c makes it. Everything is counted in
 * scratch memory, where the verifier knows nothing of it.
 */
#include "runtime/kern/format.h"
#include "runtime/kern/picture.h"

#define MARGIN 2			/* empty rows shown on either side of the data */
#define VALUE_WIDTH_LEAST 5		/* "value" */
#define NUMBER_END 64			/* of area B: numbers end there */

static const char bars[PAD_MOST] = PADDING('@'), lines[PAD_MOST] = PADDING('-');

struct picture_walk {
	struct kern_work *work;
	struct kern_picture *picture;
};

static inline u64 bucket_of(volatile struct kern_picture *p, s64 row)
{
	u64 index = row;

	barrier_of(index);
	return p->bucket[index & (PICTURE_BUCKETS - 1)];
}

static inline int is_linear(volatile struct kern_picture *p)
{
	return p->hist == ABI_HIST_LINEAR;
}

/* ---- which rows ---- */

static __attribute__((noinline)) long range_step(u32 i, void *ctx)
{
	struct picture_walk *w = ctx;
	volatile struct kern_picture *p = w->picture;
	u64 count;

	if (i >= p->buckets)
		return 1;
	count = bucket_of(p, i);
	if (!count)
		return 0;
	if (!p->found)
		p->first = i;
	p->found = 1;
	p->last = i;
	if (count > p->greatest)
		p->greatest = count;
	return 0;
}

static inline void range_find(struct picture_walk *w)
{
	volatile struct kern_picture *p = w->picture;
	s64 last = p->buckets - 1;

	p->first = p->last = p->found = p->greatest = 0;
	bpf_loop(PICTURE_BUCKETS, range_step, w, 0);
	for (int i = 0; i < MARGIN; i++) {
		/* A logarithmic one shows no negative rows unless there are negative values. */
		if (p->first > 0 && (is_linear(p) || p->first != 64))
			p->first--;
		if (p->last < last)
			p->last++;
	}
	/* Under- and overflow rows are shown only when something fell there. */
	if (is_linear(p) && p->first == 0 && !bucket_of(p, 0))
		p->first++;
	if (is_linear(p) && p->last == last && !bucket_of(p, last))
		p->last--;
}

/* ---- numbers ---- */

/* The number at the end of area B; STATE(WORK_AT) says how long it is. */
static __attribute__((noinline)) long number_make(struct kern_work *work, s64 value)
{
	u64 negative = value >> 63, count;

	count = digits_make(work, ((u64)value ^ negative) - negative, 10, 0);
	count = forgotten(work, count);
	if (negative) {
		count++;
		byte_put(work, AREA_B, (NUMBER_END - count) & (NUMBER_END - 1), '-');
	}
	STATE(work, WORK_AT) = count;
	return 0;
}

static inline s64 number_width(struct kern_work *work, s64 value)
{
	number_make(work, value);
	return STATE(work, WORK_AT);
}

static inline void number_append(struct kern_work *work)
{
	u64 count = STATE(work, WORK_AT);

	barrier_of(count);
	if (count > NUMBER_END)
		count = NUMBER_END;
	append(work, area(work, AREA_B) + NUMBER_END - count, count);
}

static inline s64 row_value(volatile struct kern_picture *p, s64 row)
{
	if (!is_linear(p)) {
		if (row == 64)
			return 0;
		return row > 64 ? 1ull << ((row - 65) & 63) : -(1ull << ((63 - row) & 63));
	}
	if (row == 0)
		return p->low;
	if (row == (s64)p->buckets - 1)
		row--;
	return p->low + (row - 1) * p->step;
}

static inline void widths_find(struct picture_walk *w)
{
	volatile struct kern_picture *p = w->picture;
	s64 left, right;
	u64 width = p->width;

	if (is_linear(p)) {
		left = number_width(w->work, p->low) + (p->first == 0);
		right = number_width(w->work, p->low + p->step * p->last) +
			(p->last == (s64)p->buckets - 1);
	} else {
		left = number_width(w->work, row_value(p, p->first));
		right = number_width(w->work, row_value(p, p->last));
	}
	left = left > right ? left : right;
	p->value_width = left > VALUE_WIDTH_LEAST ? left : VALUE_WIDTH_LEAST;
	p->count_width = number_width(w->work, p->greatest);
	p->scale = p->greatest <= width ? 1 : (p->greatest + width - 1) / width;
}

/* ---- rows ---- */

static __attribute__((noinline)) long shown_step(u32 i, void *ctx)
{
	struct picture_walk *w = ctx;
	volatile struct kern_picture *p = w->picture;
	s64 at = p->at;

	(void)i;
	if (at > p->end)
		return 1;
	p->at = at + 1;
	if (!bucket_of(p, at))
		return 0;
	p->shown = 1;
	return 1;
}

/* A row is left out when so many on both sides are empty, too. */
static inline int row_is_shown(struct picture_walk *w)
{
	volatile struct kern_picture *p = w->picture;
	s64 from = p->row - p->elision, to = p->row + p->elision;

	p->at = from > p->first ? from : p->first;
	p->end = to < p->last ? to : p->last;
	p->shown = p->elision < 0;
	bpf_loop(PICTURE_BUCKETS, shown_step, w, 0);
	return p->shown != 0;
}

static __attribute__((noinline)) long repeat(struct kern_work *work, s64 count, u64 line)
{
	fill(work, count, line ? lines : bars);
	return 0;
}

static inline void row_put(struct picture_walk *w)
{
	volatile struct kern_picture *p = w->picture;
	struct kern_work *work = w->work;
	s64 row = p->row, width = number_width(work, row_value(p, row));
	u64 scale = p->scale, count = bucket_of(p, row), bar = scale ? count / scale : 0;
	int marked = is_linear(p) && (row == 0 || row == (s64)p->buckets - 1);

	pad(work, p->value_width - width - marked, ' ');
	if (marked)
		append(work, row ? ">" : "<", 1);
	number_append(work);
	append(work, " |", 2);
	repeat(work, bar, 0);
	width = number_width(work, count);
	pad(work, p->width - (s64)bar + 1 + p->count_width - width, ' ');
	number_append(work);
	append(work, "\n", 1);
}

static __attribute__((noinline)) long row_step(u32 i, void *ctx)
{
	struct picture_walk *w = ctx;
	volatile struct kern_picture *p = w->picture;

	(void)i;
	if (p->row > p->last)
		return 1;
	if (!row_is_shown(w)) {
		p->eliding = 1;
		p->row++;
		return 0;
	}
	if (p->eliding) {
		pad(w->work, p->value_width, ' ');
		append(w->work, " ~\n", 3);
	}
	p->eliding = 0;
	row_put(w);
	p->row++;
	return 0;
}

/* The whole picture into AREA_OUT. @line: println's end of line, too. */
KERN void sonde_picture(struct kern_work *work, struct kern_picture *picture, u64 line)
{
	struct picture_walk w = { work, picture };
	volatile struct kern_picture *p = picture;

	STATE(work, WORK_OUT) = 0;
	STATE(work, WORK_SHUT) = 0;
	range_find(&w);
	widths_find(&w);
	pad(work, p->value_width - VALUE_WIDTH_LEAST, ' ');
	append(work, "value |", 7);
	repeat(work, p->width, 1);
	append(work, " count\n", 7);
	p->row = p->first;
	p->eliding = 0;
	bpf_loop(PICTURE_BUCKETS, row_step, &w, 0);
	append(work, "\n\n", 1 + line);
}
