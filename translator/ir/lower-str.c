/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings: concatenation, regular expressions. */
#include "translator/ir/lower-priv.h"
#include "translator/session.h"
#include "translator/util/diag.h"

uint32_t lower_concat(struct lower *l, struct expr *expr, bool wanted)
{
	uint32_t left = lower_stable(l, expr->binary.left, expr->binary.right);
	uint32_t right = lower_value(l, expr->binary.right);
	uint32_t result = lower_temp_slot(l, lower_width(l, left) + lower_width(l, right) - 1);

	(void)wanted;
	EMIT(l, IR_SCAT, result, left, right);
	return result;
}

uint32_t lower_regex(struct lower *l, struct expr *expr, bool wanted)
{
	(void)wanted;
	lower_value(l, expr->regex.left);
	diag(l->session->diags, DIAG_LOWER_UNSUPPORTED, expr->span, "a regular expression");
	return lower_number(l, 0);
}
