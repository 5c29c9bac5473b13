/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "translator/parse/gram.h"
#include "translator/parse/node.h"
#include "translator/parse/print-op.h"
#include "translator/parse/state.h"
#include "translator/util/intern.h"

/* Precedences of ast.def that mean more than an order. */
enum {
	PREC_ASSIGN = 1,
	PREC_OR = 3,
	PREC_AND = 4,
	PREC_COMPARE = 9,
	PREC_CONCAT = 11,
};

const char *const op_spelling[OP_COUNT] = {
#define OP(id, spelling, prec) [OP_##id] = spelling,
#define EXPR(id, name)
#define STMT(id, name)
#include "translator/parse/ast.def"
};

static const unsigned char op_precedence[OP_COUNT] = {
#define OP(id, spelling, prec) [OP_##id] = prec,
#define EXPR(id, name)
#define STMT(id, name)
#include "translator/parse/ast.def"
};

void node_nest(struct parser *p, uint16_t *depth, unsigned int child)
{
	if (child < *depth)
		return;
	if (child >= PARSER_DEPTH) {
		if (!p->too_deep)
			diag(p->diags, DIAG_PARSE_DEPTH, p->tokens[p->at].span);
		p->too_deep = true;
		child = PARSER_DEPTH - 1;
	}
	*depth = (uint16_t)(child + 1);
}

void node_expr_nest(struct parser *p, struct expr *expr, const struct expr *child)
{
	if (child)
		node_nest(p, &expr->depth, child->depth);
}

void node_item_end(struct parser *p)
{
	for (size_t i = 0; i < p->histograms.count; i++) {
		const struct expr *expr = p->histograms.data[i];

		if (!expr->hist.bucket && !expr->hist.whole)
			diag(p->diags, DIAG_SEM_HIST_USE, expr->span);
	}
	p->histograms.count = 0;
	p->item = p->last;
}

void node_expected(struct parser *p, const char *wanted)
{
	const struct token *found = &p->tokens[p->last];

	if (!found->spoiled)
		diag(p->diags, DIAG_PARSE_SYNTAX, found->span,
		     arena_printf(p->arena, "expected %s, found %s", wanted,
				  token_describe(p->session, found)));
}

struct expr *node_expr(struct parser *p, enum expr_kind kind, struct span span,
		       const struct token *token, enum tok_kind tok_kind)
{
	struct expr *expr = arena_new_of(p->arena, struct expr);

	expr->kind = kind;
	expr->span = span;
	expr->tok = token->span;
	expr->tok_kind = tok_kind;
	return expr;
}

struct expr *node_number(struct parser *p, const struct token *token)
{
	struct expr *expr = node_expr(p, EXPR_NUMBER, token->span, token, TOK_NUMBER);

	expr->number = token->number;
	return expr;
}

struct expr *node_negative(struct parser *p, struct span span, const struct token *token)
{
	struct expr *expr = node_number(p, token);

	if ((uint64_t)token->number > (uint64_t)INT64_MAX + 1)
		diag(p->diags, DIAG_PARSE_NUMBER, span,
		     arena_printf(p->arena, "-%s", token->text));
	expr->span = span;
	expr->number = (int64_t)-(uint64_t)token->number;
	return expr;
}

struct expr *node_string(struct parser *p, const struct token *token)
{
	struct expr *expr = node_expr(p, EXPR_STRING, token->span, token, TOK_STRING);

	expr->string.text = token->text;
	expr->string.length = token->length;
	return expr;
}

struct expr *node_symbol(struct parser *p, const struct token *token)
{
	struct expr *expr = node_expr(p, EXPR_SYMBOL, token->span, token, TOK_IDENTIFIER);

	if (print_op_find(token->text))
		diag(p->diags, DIAG_PARSE_SYNTAX, token->span,
		     arena_printf(p->arena, "expected '(' behind '%s'", token->text));
	expr->symbol.name = token->text;
	return expr;
}

/* Takes up to two '$' off the end of a name: how much is to be printed. */
static const char *split_pretty(struct parser *p, const char *name, uint8_t *pretty)
{
	size_t length = strlen(name), least = strspn(name, "$") + 1;

	for (*pretty = 0; *pretty < 2 && length > least && name[length - 1] == '$'; length--)
		++*pretty;
	return *pretty ? intern_strn(p->session->names, name, length) : name;
}

struct expr *node_target(struct parser *p, const struct token *token)
{
	struct expr *expr = node_expr(p, EXPR_TARGET, token->span, token, TOK_IDENTIFIER);

	expr->target.name = split_pretty(p, token->text, &expr->target.pretty);
	return expr;
}

struct expr *node_embedded(struct parser *p, const struct token *token)
{
	struct expr *expr = node_expr(p, EXPR_EMBEDDED, token->span, token, TOK_EMBEDDED);

	node_embedded_allowed(p, token);
	expr->named.text = token->text;
	return expr;
}

struct expr *node_parens(struct expr *inner, struct span span)
{
	inner->parenthesised = true;
	inner->span = span;
	return inner;
}

struct expr *node_unary(struct parser *p, struct span span, enum op op, const struct token *token,
			struct expr *operand)
{
	struct expr *expr = node_expr(p, EXPR_UNARY, span, token, TOK_OPERATOR);

	expr->unary.op = op;
	expr->unary.operand = operand;
	node_expr_nest(p, expr, operand);
	return expr;
}

struct expr *node_step(struct parser *p, struct span span, enum expr_kind kind, enum op op,
		       const struct token *token, struct expr *operand)
{
	struct expr *expr = node_unary(p, span, op, token, operand);

	expr->kind = kind;
	return expr;
}

static enum expr_kind binary_kind(enum op op)
{
	switch (op_precedence[op]) {
	case PREC_ASSIGN:
		return EXPR_ASSIGN;
	case PREC_OR:
	case PREC_AND:
		return EXPR_LOGICAL;
	case PREC_COMPARE:
		return EXPR_COMPARE;
	case PREC_CONCAT:
		return EXPR_CONCAT;
	default:
		return EXPR_BINARY;
	}
}

/* Before 4.0 `c ? a : b = e` assigned to b. */
static bool is_old_ternary(const struct parser *p, enum op op, const struct expr *left)
{
	return op_precedence[op] == PREC_ASSIGN && left->kind == EXPR_TERNARY &&
	       !left->parenthesised && state_is_before(p->session, left->span.source, "4.0");
}

struct expr *node_binary(struct parser *p, enum op op, struct expr *left,
			 const struct token *token, struct expr *right)
{
	if (is_old_ternary(p, op, left)) {
		left->ternary.no = node_binary(p, op, left->ternary.no, token, right);
		left->span = span_join(left->span, right->span);
		node_expr_nest(p, left, left->ternary.no);
		return left;
	}
	struct expr *expr = node_expr(p, binary_kind(op), span_join(left->span, right->span), token,
				      TOK_OPERATOR);

	expr->binary.op = op;
	expr->binary.left = left;
	expr->binary.right = right;
	node_expr_nest(p, expr, left);
	node_expr_nest(p, expr, right);
	return expr;
}

struct expr *node_ternary(struct parser *p, struct expr *cond, const struct token *token,
			  struct expr *yes, struct expr *no)
{
	struct expr *expr = node_expr(p, EXPR_TERNARY, span_join(cond->span, no->span), token,
				      TOK_OPERATOR);

	expr->ternary.cond = cond;
	expr->ternary.yes = yes;
	expr->ternary.no = no;
	node_expr_nest(p, expr, cond);
	node_expr_nest(p, expr, yes);
	node_expr_nest(p, expr, no);
	return expr;
}

struct expr *node_regex(struct parser *p, struct expr *left, const struct token *token,
			const struct token *pattern, bool negated)
{
	struct expr *expr = node_expr(p, EXPR_REGEX, span_join(left->span, pattern->span), token,
				      TOK_OPERATOR);

	p->bound = expr;
	expr->regex.left = left;
	expr->regex.pattern = pattern->text;
	expr->regex.negated = negated;
	node_expr_nest(p, expr, left);
	return expr;
}

struct expr *node_in(struct parser *p, struct span span, const expr_vec *keys,
		     const struct token *token, struct expr *array)
{
	struct expr *expr = node_expr(p, EXPR_IN, span, token, TOK_OPERATOR);

	p->bound = expr;
	expr->in.keys = *keys;
	expr->in.array = array;
	node_expr_nest(p, expr, array);
	for (size_t i = 0; i < keys->count; i++)
		node_expr_nest(p, expr, keys->data[i]);
	return expr;
}

/* Where a base keeps what is written behind it; components NULL: a DEREF must wrap it. */
struct access_slots {
	component_vec *components;
	uint8_t *pretty;
	bool *address_of;
};

static struct access_slots access_of(struct expr *base)
{
	switch (base->parenthesised ? EXPR_KIND_COUNT : base->kind) {
	case EXPR_TARGET:
		return (struct access_slots){ &base->target.components, &base->target.pretty,
					      &base->target.address_of };
	case EXPR_CAST:
	case EXPR_ATVAR:
		return (struct access_slots){ &base->cast.components, &base->cast.pretty,
					      &base->cast.address_of };
	case EXPR_DEREF:
		return (struct access_slots){ &base->deref.components, &base->deref.pretty,
					      &base->deref.address_of };
	default:
		return (struct access_slots){ NULL, NULL, NULL };
	}
}

/* Puts @base, or a DEREF of it, in *@base; returns its slots. */
static struct access_slots access_base(struct parser *p, struct expr **base,
				       const struct token *token)
{
	struct access_slots slots = access_of(*base);
	struct expr *expr;

	if (slots.components)
		return slots;
	expr = node_expr(p, EXPR_DEREF, (*base)->span, token, TOK_OPERATOR);
	expr->deref.operand = *base;
	node_expr_nest(p, expr, *base);
	*base = expr;
	return access_of(expr);
}

static void access_extend(struct parser *p, struct expr *base, const struct access_slots *slots,
			  const struct component *step)
{
	if (*slots->pretty)
		diag(p->diags, DIAG_PARSE_PRETTY, step->span);
	*vec_push(p->arena, slots->components) = *step;
	base->span = span_join(base->span, step->span);
	node_expr_nest(p, base, step->index);
}

struct expr *node_member(struct parser *p, struct expr *base, const struct token *token,
			 const struct token *member)
{
	struct component step = { .kind = COMPONENT_MEMBER, .span = member->span };
	struct access_slots slots = access_base(p, &base, token);
	uint8_t suffix;

	step.member = split_pretty(p, member->text, &suffix);
	access_extend(p, base, &slots, &step);
	*slots.pretty = suffix;
	return base;
}

struct expr *node_pretty(struct parser *p, struct expr *base, const struct token *token)
{
	struct access_slots slots = access_base(p, &base, token);

	if (*slots.pretty)
		diag(p->diags, DIAG_PARSE_PRETTY, token->span);
	*slots.pretty = (uint8_t)(token->span.end - token->span.begin == 2 ? 2 : 1);
	base->span = span_join(base->span, token->span);
	return base;
}

/* The single index that @what takes. */
static struct expr *one_index(struct parser *p, struct span span, const char *what,
			      const expr_vec *keys)
{
	struct token zero = { .span = span };

	if (keys->count == 1 && keys->data[0])
		return keys->data[0];
	diag(p->diags, DIAG_PARSE_INDEX, span, what);
	return node_number(p, &zero);
}

struct expr *node_subscript(struct parser *p, struct span span, struct expr *base,
			    const expr_vec *keys)
{
	struct token place = { .span = span };
	struct component step = { .kind = COMPONENT_INDEX, .span = span };
	struct access_slots slots;
	struct expr *expr;

	if (base->kind == EXPR_HIST && !base->hist.bucket && !base->parenthesised) {
		base->hist.bucket = one_index(p, span, "a histogram", keys);
		base->span = span;
		node_expr_nest(p, base, base->hist.bucket);
		return base;
	}
	if (base->kind == EXPR_SYMBOL && !base->parenthesised) {
		expr = node_expr(p, EXPR_INDEX, span, &place, TOK_IDENTIFIER);
		expr->tok = base->tok;
		expr->index.base = base;
		expr->index.keys = *keys;
		node_expr_nest(p, expr, base);
		for (size_t i = 0; i < keys->count; i++)
			node_expr_nest(p, expr, keys->data[i]);
		return expr;
	}
	place.span = base->tok;
	slots = access_base(p, &base, &place);
	step.index = one_index(p, span, "a target variable", keys);
	access_extend(p, base, &slots, &step);
	base->span = span;
	return base;
}

struct expr *node_address(struct parser *p, struct span span, const struct token *token,
			  struct expr *operand)
{
	struct access_slots slots = access_base(p, &operand, token);

	*slots.address_of = true;
	operand->span = span;
	return operand;
}

struct expr *node_call(struct parser *p, struct span span, const struct token *name,
		       const expr_vec *args)
{
	const struct print_op *op = print_op_find(name->text);
	struct expr *expr;

	if (op)
		return print_op_node(p, span, op, name, args);
	expr = node_expr(p, EXPR_CALL, span, name, TOK_IDENTIFIER);
	expr->call.name = name->text;
	expr->call.args = *args;
	for (size_t i = 0; i < args->count; i++)
		node_expr_nest(p, expr, args->data[i]);
	return expr;
}
