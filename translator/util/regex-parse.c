/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a POSIX extended regular expression. */
#include <ctype.h>
#include <string.h>

#include "translator/util/regex.h"

#define MAX_NODES 4096
#define MAX_REPEAT 32767 /* as in the C library */
#define MAX_DEPTH 64

enum tree_kind { TREE_EMPTY, TREE_SET, TREE_BEGIN, TREE_END, TREE_CAT, TREE_ALT, TREE_REPEAT,
	TREE_GROUP };

struct tree {
	enum tree_kind kind;
	struct tree *left, *right;
	int least, most;		/* REPEAT; most -1: no limit */
	unsigned int group;
	struct regex_set set;
};

struct parser {
	struct regex_nfa *nfa;
	const char *at;
	const char *error;
	unsigned int depth;
};

static struct tree *tree_new(struct parser *p, enum tree_kind kind, struct tree *left,
			     struct tree *right)
{
	struct tree *tree = arena_new_of(p->nfa->arena, struct tree);

	tree->kind = kind;
	tree->left = left;
	tree->right = right;
	return tree;
}

static void set_add(struct regex_set *set, unsigned char c)
{
	set->bits[c / 64] |= 1ull << c % 64;
}

static void set_invert(struct regex_set *set)
{
	for (int i = 0; i < 4; i++)
		set->bits[i] = ~set->bits[i];
	/* Strings end at a NUL: it is never among their bytes. */
	set->bits[0] &= ~1ull;
}

static struct tree *fail(struct parser *p, const char *error)
{
	if (!p->error)
		p->error = error;
	return tree_new(p, TREE_EMPTY, NULL, NULL);
}

/* ---- [ … ] ---- */

static const struct {
	const char *name;
	int (*is)(int c);
} named_classes[] = {
	{ "alpha", isalpha }, { "digit", isdigit }, { "alnum", isalnum }, { "upper", isupper },
	{ "lower", islower }, { "space", isspace }, { "blank", isblank }, { "punct", ispunct },
	{ "print", isprint }, { "graph", isgraph }, { "cntrl", iscntrl }, { "xdigit", isxdigit },
};

/* p->at is behind "[:". */
static void named_class(struct parser *p, struct regex_set *set)
{
	const char *end = strstr(p->at, ":]");

	for (size_t i = 0; end && i < sizeof(named_classes) / sizeof(named_classes[0]); i++) {
		size_t length = strlen(named_classes[i].name);

		if ((size_t)(end - p->at) != length ||
		    strncmp(p->at, named_classes[i].name, length))
			continue;
		for (int c = 1; c < 128; c++)
			if (named_classes[i].is(c))
				set_add(set, c);
		p->at = end + 2;
		return;
	}
	fail(p, "no such class of characters");
	p->at += strlen(p->at);
}

static unsigned char bracket_char(struct parser *p)
{
	if (*p->at == '\\' && p->at[1])
		p->at++;
	return *p->at ? *p->at++ : 0;
}

static struct tree *bracket(struct parser *p)
{
	struct tree *tree = tree_new(p, TREE_SET, NULL, NULL);
	bool inverted = *p->at == '^', first = true;

	p->at += inverted;
	for (; *p->at && (*p->at != ']' || first); first = false) {
		unsigned char low, high;

		if (p->at[0] == '[' && p->at[1] == ':') {
			p->at += 2;
			named_class(p, &tree->set);
			continue;
		}
		low = high = bracket_char(p);
		if (p->at[0] == '-' && p->at[1] && p->at[1] != ']') {
			p->at++;
			high = bracket_char(p);
		}
		if (high < low)
			return fail(p, "a range of characters runs backwards");
		for (unsigned int c = low; c <= high; c++)
			set_add(&tree->set, c);
	}
	if (*p->at != ']')
		return fail(p, "'[' without its ']'");
	p->at++;
	if (inverted)
		set_invert(&tree->set);
	return tree;
}

/* ---- atoms ---- */

static struct tree *one_char(struct parser *p, unsigned char c)
{
	struct tree *tree = tree_new(p, TREE_SET, NULL, NULL);

	set_add(&tree->set, c);
	return tree;
}

static struct tree *alternatives(struct parser *p);

static struct tree *group(struct parser *p)
{
	struct tree *tree = tree_new(p, TREE_GROUP, NULL, NULL);
	bool is_plain = strncmp(p->at, "?:", 2) == 0;

	p->at += is_plain ? 2 : 0;
	tree->group = is_plain ? 0 : ++p->nfa->groups;
	if (++p->depth > MAX_DEPTH)
		return fail(p, "groups are nested too deeply");
	tree->left = alternatives(p);
	p->depth--;
	if (*p->at != ')')
		return fail(p, "'(' without its ')'");
	p->at++;
	return is_plain ? tree->left : tree;
}

static struct tree *atom(struct parser *p)
{
	struct tree *tree;
	unsigned char c = *p->at++;

	switch (c) {
	case '(':
		return group(p);
	case '[':
		return bracket(p);
	case '.':
		tree = tree_new(p, TREE_SET, NULL, NULL);
		set_invert(&tree->set);
		return tree;
	case '^':
		return tree_new(p, TREE_BEGIN, NULL, NULL);
	case '$':
		return tree_new(p, TREE_END, NULL, NULL);
	case '*':
	case '+':
	case '?':
	case '{':
		return fail(p, "nothing to repeat");
	case '\\':
		if (!*p->at)
			return fail(p, "a backslash at the end");
		if (isdigit((unsigned char)*p->at))
			return fail(p, "back-references cannot be matched");
		return one_char(p, *p->at++);
	default:
		return one_char(p, c);
	}
}

static bool number(struct parser *p, int *value)
{
	int digits = 0;

	for (*value = 0; isdigit((unsigned char)*p->at) && digits < 5; digits++)
		*value = *value * 10 + *p->at++ - '0';
	return digits > 0;
}

/* p->at is behind '{'. */
static bool interval(struct parser *p, int *least, int *most)
{
	if (!number(p, least))
		return false;
	*most = *least;
	if (*p->at == ',') {
		p->at++;
		if (!number(p, most))
			*most = -1;
	}
	if (*p->at != '}' || *least > MAX_REPEAT || *most > MAX_REPEAT ||
	    (*most >= 0 && *most < *least))
		return false;
	p->at++;
	return true;
}

static struct tree *repeated(struct parser *p)
{
	struct tree *tree = atom(p);

	while (*p->at && strchr("*+?{", *p->at) && !p->error) {
		struct tree *outer = tree_new(p, TREE_REPEAT, tree, NULL);
		char c = *p->at++;

		if (tree->kind == TREE_BEGIN || tree->kind == TREE_END)
			return fail(p, "nothing to repeat");
		outer->least = c == '+';
		outer->most = c == '?' ? 1 : -1;
		if (c == '{' && !interval(p, &outer->least, &outer->most))
			return fail(p, "bad interval of '{'");
		tree = outer;
	}
	return tree;
}

static struct tree *sequence(struct parser *p)
{
	struct tree *tree = NULL;

	while (*p->at && *p->at != '|' && *p->at != ')' && !p->error) {
		struct tree *next = repeated(p);

		tree = tree ? tree_new(p, TREE_CAT, tree, next) : next;
	}
	return tree ? tree : tree_new(p, TREE_EMPTY, NULL, NULL);
}

static struct tree *alternatives(struct parser *p)
{
	struct tree *tree = sequence(p);

	while (*p->at == '|' && !p->error) {
		p->at++;
		tree = tree_new(p, TREE_ALT, tree, sequence(p));
	}
	return tree;
}

/* ---- automaton: each piece is built towards the state that follows it ---- */

static uint32_t node_new(struct parser *p, enum regex_node_kind kind, uint32_t next,
			 uint32_t other)
{
	struct regex_node *node;

	if (p->nfa->nodes.count >= MAX_NODES)
		fail(p, "it is too large");
	node = vec_push(p->nfa->arena, &p->nfa->nodes);
	node->kind = kind;
	node->next = next;
	node->other = other;
	return p->nfa->nodes.count - 1;
}

static uint32_t tag_new(struct parser *p, uint32_t tag, uint32_t next)
{
	uint32_t node = node_new(p, NODE_TAG, next, 0);

	p->nfa->nodes.data[node].tag = tag;
	return node;
}

static uint32_t emit(struct parser *p, const struct tree *tree, uint32_t next);

static uint32_t emit_repeat(struct parser *p, const struct tree *tree, uint32_t next)
{
	uint32_t end = next;

	if (tree->most < 0) {
		uint32_t loop = node_new(p, NODE_SPLIT, 0, next), body;

		body = emit(p, tree->left, loop);
		p->nfa->nodes.data[loop].next = body;
		next = loop;
	}
	for (int i = tree->least; i < tree->most && !p->error; i++)
		next = node_new(p, NODE_SPLIT, emit(p, tree->left, next), end);
	for (int i = 0; i < tree->least && !p->error; i++)
		next = emit(p, tree->left, next);
	return next;
}

static uint32_t emit(struct parser *p, const struct tree *tree, uint32_t next)
{
	uint32_t node, left;

	if (p->error)
		return next;
	switch (tree->kind) {
	case TREE_SET:
		node = node_new(p, NODE_SET, next, 0);
		p->nfa->nodes.data[node].set = tree->set;
		return node;
	case TREE_BEGIN:
		return node_new(p, NODE_BEGIN, next, 0);
	case TREE_END:
		return node_new(p, NODE_END, next, 0);
	case TREE_CAT:
		return emit(p, tree->left, emit(p, tree->right, next));
	case TREE_ALT:
		left = emit(p, tree->left, next);
		return node_new(p, NODE_SPLIT, left, emit(p, tree->right, next));
	case TREE_REPEAT:
		return emit_repeat(p, tree, next);
	case TREE_GROUP:
		next = emit(p, tree->left, tag_new(p, 2 * tree->group + 1, next));
		return tag_new(p, 2 * tree->group, next);
	default:
		return next;
	}
}

/* The whole is tag 0 to 1, and may begin anywhere: earlier is preferred. */
bool regex_parse(struct regex_nfa *nfa, const char *pattern, const char **error)
{
	struct parser p = { .nfa = nfa, .at = pattern };
	struct tree *tree = alternatives(&p), *any = tree_new(&p, TREE_SET, NULL, NULL);
	uint32_t body;

	if (*p.at && !p.error)
		fail(&p, "')' without its '('");
	if (nfa->groups > REGEX_MAX_GROUPS)
		fail(&p, "more than 15 groups");
	body = emit(&p, tree, tag_new(&p, 1, node_new(&p, NODE_ACCEPT, 0, 0)));
	body = tag_new(&p, 0, body);
	nfa->start = node_new(&p, NODE_SPLIT, body, 0);
	set_invert(&any->set);
	body = emit(&p, any, nfa->start);
	nfa->nodes.data[nfa->start].other = body;
	*error = p.error;
	return !p.error;
}
