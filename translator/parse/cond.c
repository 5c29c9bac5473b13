/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conditions of %( … %?: always three tokens a test, joined by && and ||. */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "translator/parse/gram.h"
#include "translator/parse/preproc.h"
#include "translator/parse/state.h"
#include "translator/session.h"

/* What a test compares: one of the names below, or two literals. */
struct cond_name {
	const char *name;
	const char *(*value)(struct session *session);
	bool is_version;	/* ordered as versions are; else only matched */
};

static const char *value_kernel_v(struct session *session)
{
	return session->kernel.version;
}

static const char *value_kernel_vr(struct session *session)
{
	return session->kernel.release;
}

static const char *value_arch(struct session *session)
{
	return session->kernel.arch;
}

static const char *value_runtime(struct session *session)
{
	(void)session;
	return "bpf";	/* scripts and tapsets test for this name */
}

static const char *value_privilege(struct session *session)
{
	(void)session;
	return "stapdev";
}

static const struct cond_name cond_names[] = {
	{ "kernel_v", value_kernel_v, true },
	{ "kernel_vr", value_kernel_vr, true },
	{ "systemtap_v", state_language_version, true },
	{ "arch", value_arch, false },
	{ "runtime", value_runtime, false },
	{ "systemtap_privilege", value_privilege, false },
};

enum { COND_NAMES = sizeof cond_names / sizeof cond_names[0] };

struct test {
	struct session *session;
	const struct token *left, *op, *right;
};

static bool bad(const struct test *test, const struct token *where, const char *why)
{
	return diag(test->session->diags, DIAG_PRE_CONDITION, where->span, why);
}

static bool is_order(int op)
{
	return op == '<' || op == '>' || op == TOKEN_LE || op == TOKEN_GE;
}

/* @sign is that of left minus right. */
static bool holds(int op, int sign)
{
	switch (op) {
	case '<':
		return sign < 0;
	case '>':
		return sign > 0;
	case TOKEN_LE:
		return sign <= 0;
	case TOKEN_GE:
		return sign >= 0;
	case TOKEN_EQ:
		return !sign;
	default:
		return sign;
	}
}

static int sign_of(int64_t left, int64_t right)
{
	return (left > right) - (left < right);
}

static bool test_match(const struct test *test, const char *value, bool *result)
{
	if (is_order(test->op->kind))
		return bad(test, test->op, "a wildcard or name is compared by == or != only");
	*result = holds(test->op->kind, fnmatch(test->right->text, value, 0));
	return true;
}

static bool test_name(const struct test *test, const struct cond_name *row, bool *result)
{
	const char *value = row->value(test->session);

	if (test->right->kind != TOKEN_STRING)
		return bad(test, test->right, "expected a string");
	if (!row->is_version || strpbrk(test->right->text, "*?["))
		return test_match(test, value ? value : "", result);
	*result = holds(test->op->kind, strverscmp(value ? value : "", test->right->text));
	return true;
}

static bool test_guru(const struct test *test, bool *result)
{
	if (test->right->kind != TOKEN_NUMBER || is_order(test->op->kind) ||
	    (uint64_t)test->right->number > 1)
		return bad(test, test->op, "guru_mode is compared with 0 or 1 by == or !=");
	*result = holds(test->op->kind,
			sign_of(test->session->options.guru, test->right->number));
	return true;
}

static bool test_config(const struct test *test, bool *result)
{
	const char *value = state_kconfig(test->session, test->left->text), *other;

	if (test->right->kind == TOKEN_STRING)
		return test_match(test, value, result);
	if (test->right->kind == TOKEN_NUMBER) {
		*result = holds(test->op->kind,
				sign_of(strtoll(value, NULL, 0), test->right->number));
		return true;
	}
	if (test->right->kind != TOKEN_IDENT || strncmp(test->right->text, "CONFIG_", 7))
		return bad(test, test->right, "expected a string, a number or a CONFIG_… name");
	other = state_kconfig(test->session, test->right->text);
	*result = holds(test->op->kind, is_order(test->op->kind)
						? sign_of(strtoll(value, NULL, 0),
							  strtoll(other, NULL, 0))
						: strcmp(value, other));
	return true;
}

static bool test_literals(const struct test *test, bool *result)
{
	const struct token *left = test->left, *right = test->right;
	uint32_t shorter = left->length < right->length ? left->length : right->length;
	int sign;

	if (left->kind != right->kind)
		return bad(test, right, "expected two strings or two numbers");
	if (left->kind == TOKEN_NUMBER) {
		*result = holds(test->op->kind, sign_of(left->number, right->number));
		return true;
	}
	sign = memcmp(left->text, right->text, shorter);
	*result = holds(test->op->kind, sign ? sign : sign_of(left->length, right->length));
	return true;
}

static bool test_identifier(const struct test *test, bool *result)
{
	const char *names[COND_NAMES + 1], *near;
	const char *left = test->left->text;

	for (int i = 0; i < COND_NAMES; i++) {
		names[i] = cond_names[i].name;
		if (!strcmp(names[i], left))
			return test_name(test, &cond_names[i], result);
	}
	names[COND_NAMES] = "guru_mode";
	if (!strcmp(left, names[COND_NAMES]))
		return test_guru(test, result);
	if (!strncmp(left, "CONFIG_", 7))
		return test_config(test, result);
	bad(test, test->left, "expected kernel_v, kernel_vr, arch, runtime, systemtap_v, "
			      "systemtap_privilege, guru_mode, CONFIG_…, or a literal");
	near = diag_nearest(left, names, COND_NAMES + 1);
	if (near)
		diag_hint(test->session->diags, "did you mean '%s'?", near);
	return false;
}

static bool test_evaluate(const struct test *test, bool *result)
{
	int op = test->op->kind;

	if (test->left->kind == TOKEN_JUNK || test->right->kind == TOKEN_JUNK) {
		token_report_junk(test->session, test->left->kind == TOKEN_JUNK ? test->left
										: test->right);
		return false;
	}
	if (test->left->kind != TOKEN_IDENT && test->left->kind != TOKEN_STRING &&
	    test->left->kind != TOKEN_NUMBER)
		return bad(test, test->left, "expected a name, a string or a number");
	if (!is_order(op) && op != TOKEN_EQ && op != TOKEN_NE)
		return bad(test, test->op, "expected a comparison: == != < <= > >=");
	if (test->left->kind == TOKEN_IDENT)
		return test_identifier(test, result);
	return test_literals(test, result);
}

bool cond_evaluate(struct session *session, const token_vec *in, size_t *at, bool *result)
{
	bool all = true, any = false;	/* && binds tighter than || */

	for (;;) {
		struct test test = { session, &in->data[*at], NULL, NULL };
		bool one = false;

		/* END is the last token: never look behind it. */
		for (int i = 0; i < 3; i++)
			if (test.left[i].kind == TOKEN_END)
				return bad(&test, &test.left[i], "the text ends in it");
		test.op = test.left + 1;
		test.right = test.left + 2;
		/* A bad test is left unread: it may hold the "%)" where reading goes on. */
		if (!test_evaluate(&test, &one))
			return false;
		*at += 3;
		all = all && one;
		switch (in->data[*at].kind) {
		case TOKEN_LOGICAL_AND:
			break;
		case TOKEN_LOGICAL_OR:
			any = any || all;
			all = true;
			break;
		case TOKEN_PP_THEN:
			++*at;
			*result = any || all;
			return true;
		default:
			return bad(&test, &in->data[*at], "expected '%?', '&&' or '||'");
		}
		++*at;
	}
}

void cond_skip_arm(const token_vec *in, size_t *at)
{
	int depth = 0;

	for (; in->data[*at].kind != TOKEN_END; ++*at) {
		int kind = in->data[*at].kind;

		if (!depth && (kind == TOKEN_PP_ELSE || kind == TOKEN_PP_END))
			return;
		depth += (kind == TOKEN_PP_IF) - (kind == TOKEN_PP_END);
	}
}
