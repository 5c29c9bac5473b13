/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grammar, over shaped tokens (shape.c). Precedence is SystemTap's, not C's: 'in' binds looser
 * than comparison, '.' looser than '+', and the false arm of ?: tighter than '='.
 *
 * A ';' between statements is optional: a statement goes on for as long as the next token can
 * continue it. That is what the lowest precedence says, of every rule where an expression may end.
 */
%code requires {
#include "translator/parse/node.h"
}

%define api.pure full
%define api.prefix {gram_}
%define api.token.prefix {TOKEN_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct parser *p}

%code {
#define YYLLOC_DEFAULT(current, rhs, n)                                                      \
	((current) = (n) ? span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n)) : YYRHSLOC(rhs, 0))
#define YYMAXDEPTH 20000
/* The tables are in the binary; the stack begins small and grows to YYMAXDEPTH. */

static int gram_lex(GRAM_STYPE *value, struct span *span, struct parser *p);
static void gram_error(const struct span *span, struct parser *p, const char *message);
}

%union {
	const struct token *token;
	struct expr *expr;
	struct stmt *stmt;
	expr_vec exprs;
	stmt_vec stmts;
	path_vec paths;
	point_vec points;
	struct probe_parts probe;
	struct global_parts global;
	struct function_parts function;
	local_vec locals;
	struct foreach_head *foreach;
	foreach_name_vec foreach_names;
	struct foreach_name foreach_name;
	struct foreach_sort sort;
	struct typed { int type; struct span span; } typed;
	int code;
}

%token END 0
%token START_FILE START_SIGNATURE
/* Of the scanner and the preprocessor; none reaches the grammar. */
%token JUNK ARGUMENT PP_IF PP_THEN PP_ELSE PP_END

%token <token> PROBE GLOBAL PRIVATE FUNCTION IF ELSE FOR FOREACH IN LIMIT RETURN DELETE WHILE
%token <token> BREAK CONTINUE NEXT STRING_TYPE LONG TRY CATCH
%token <token> NUMBER STRING IDENT TARGET AT_NAME EMBEDDED PRETTY ARROW
%token <token> COMPONENT OPTIONAL SUFFICIENT GROUP_OPEN GROUP_CLOSE
%token <token> PREDICATE_OPEN PREDICATE_CLOSE IMPLICIT_PROBE
%token <token> '=' ADD_ASSIGN SUB_ASSIGN MUL_ASSIGN DIV_ASSIGN MOD_ASSIGN SHL_ASSIGN SAR_ASSIGN
%token <token> AND_ASSIGN XOR_ASSIGN OR_ASSIGN CAT_ASSIGN AGGREGATE
%token <token> LOGICAL_OR LOGICAL_AND '|' '^' '&' '<' '>' LE GE EQ NE MATCH NOMATCH
%token <token> SHL SAR SHR '.' '+' '-' '*' '/' '%' '!' '~' INC DEC
%token <token> '?' ':' ';' ',' '(' ')' '[' ']' '{' '}'

%precedence LOW
%precedence THEN
%precedence ELSE
%precedence ';'
%right '=' ADD_ASSIGN SUB_ASSIGN MUL_ASSIGN DIV_ASSIGN MOD_ASSIGN SHL_ASSIGN SAR_ASSIGN AND_ASSIGN
	XOR_ASSIGN OR_ASSIGN CAT_ASSIGN AGGREGATE
%right '?'
%left LOGICAL_OR
%left LOGICAL_AND
%left '|'
%left '^'
%left '&'
%precedence '<' '>' LE GE EQ NE
%left SHL SAR SHR
%left '.'
%left '+' '-'
%left '*' '/' '%'
%precedence UNARY '!' '~'
%precedence INC DEC
%precedence NUMBER STRING IDENT TARGET AT_NAME EMBEDDED '(' '['

%type <expr> expr relation comparison arith value postfix primary array key literal number
%type <expr> expr_opt condition_opt
%type <expr> priority_opt limit_opt init_opt predicate_opt argument_opt
%type <exprs> keys args args_opt slice_opt
%type <stmt> stmt block handler_opt foreach
%type <stmts> stmts
%type <paths> path path_suffixed piece group
%type <points> point points
%type <probe> aliases probe
%type <code> suffix_opt type direction
%type <typed> type_opt
%type <global> global size_opt
%type <function> function_head
%type <locals> params params_opt
%type <foreach> foreach_head foreach_array
%type <foreach_names> foreach_keys foreach_list
%type <foreach_name> foreach_key
%type <sort> sort_opt sort_array

%%

start:
	START_FILE items {
		(void)yynerrs; /* bison counts in it and clang >= 15 warns that nobody reads it */
	}
|	START_SIGNATURE type_opt '(' params_opt ')' {
		struct function_parts parts = { .type = $2.type, .type_span = $2.span,
						.params = $4 };

		p->signature = node_function(p, &parts);
	}
;

items:
	%empty
|	items item { node_item_end(p); }
;

item:
	probe_word probe { node_probe(p, @$, &$2); }
|	global_word globals semicolon_opt
|	function
|	EMBEDDED { node_embedded_add(p, $1); }
;

semicolon_opt: %empty | ';' ;

/* Probes and aliases */

probe_word: PROBE | IMPLICIT_PROBE ;

probe:
	points predicate_opt handler_opt {
		$$ = (struct probe_parts){ .points = $1, .predicate = $2, .body = $3 };
	}
|	aliases points predicate_opt handler_opt {
		$$ = $1;
		$$.points = $2;
		$$.predicate = $3;
		$$.body = $4;
	}
|	aliases points predicate_opt block ',' block {
		$$ = $1;
		$$.points = $2;
		$$.predicate = $3;
		$$.body = $4;
		$$.comma = $5;
		$$.epilogue = $6;
	}
;

aliases:
	points '=' {
		$$ = (struct probe_parts){ 0 };
		node_alias_name(p, &$$, &$1);
	}
|	points ADD_ASSIGN {
		$$ = (struct probe_parts){ .is_epilogue = true };
		node_alias_name(p, &$$, &$1);
	}
|	aliases points '=' { $$ = $1; node_alias_name(p, &$$, &$2); }
|	aliases points ADD_ASSIGN {
		$$ = $1;
		$$.is_epilogue = true;
		node_alias_name(p, &$$, &$2);
	}
;

handler_opt: %empty { $$ = NULL; } | block ;

predicate_opt:
	%empty { $$ = NULL; }
|	PREDICATE_OPEN expr PREDICATE_CLOSE { $$ = $2; }
;

points:
	point
|	points ',' point {
		$$ = $1;
		for (size_t i = 0; i < $3.count; i++)
			*vec_push(p->arena, &$$) = $3.data[i];
	}
;

point: path_suffixed condition_opt { $$ = node_points(p, @$, &$1, $2); } ;

path_suffixed: path suffix_opt { $$ = $1; node_path_suffix(&$$, $2); } ;

suffix_opt:
	%empty { $$ = 0; }
|	OPTIONAL { $$ = TOKEN_OPTIONAL; }
|	SUFFICIENT { $$ = TOKEN_SUFFICIENT; }
;

condition_opt: %empty { $$ = NULL; } | IF '(' expr ')' { $$ = $3; } ;

path:
	piece
|	path '.' piece { $$ = $1; node_path_append(p, @1, &$$, &$3); }
;

piece:
	COMPONENT argument_opt { $$ = node_path(p, @$, $1, $2); }
|	GROUP_OPEN group GROUP_CLOSE { $$ = $2; }
;

group:
	path_suffixed
|	group ',' path_suffixed { $$ = $1; node_path_join(p, &$$, &$3); }
;

argument_opt: %empty { $$ = NULL; } | '(' literal ')' { $$ = $2; } ;

literal: number | STRING { $$ = node_string(p, $1); } ;

number:
	NUMBER { $$ = node_number(p, $1); }
|	'-' NUMBER { $$ = node_negative(p, @$, $2); }
;

/* Globals */

global_word:
	GLOBAL { p->in_private = false; }
|	PRIVATE GLOBAL { p->in_private = true; }
|	PRIVATE { p->in_private = true; }
;

globals:
	global { node_global(p, @1, &$1, p->in_private); }
|	globals ',' global { node_global(p, @3, &$3, p->in_private); }
;

global:
	IDENT size_opt init_opt { $$ = $2; $$.name = $1; $$.init = $3; }
;

size_opt:
	%empty { $$ = (struct global_parts){ 0 }; }
|	'%' { $$ = (struct global_parts){ .wraps = $1 }; }
|	'[' number ']' { $$ = (struct global_parts){ .size = $2 }; }
|	'%' '[' number ']' { $$ = (struct global_parts){ .wraps = $1, .size = $3 }; }
|	'[' number ']' '%' { $$ = (struct global_parts){ .wraps = $4, .size = $2 }; }
;

init_opt: %empty { $$ = NULL; } | '=' literal { $$ = $2; } ;

/* Functions */

function:
	function_head block { $1.body = $2; node_function_add(p, &$1); }
|	function_head EMBEDDED { $1.embedded = $2; node_function_add(p, &$1); }
;

function_head:
	function_word IDENT type_opt_colon '(' params_opt ')' priority_opt {
		$$ = (struct function_parts){ .name = $2, .params = $5, .priority = $7,
					      .type = $<typed>3.type, .type_span = $<typed>3.span,
					      .is_private = p->in_private };
	}
;

function_word:
	FUNCTION { p->in_private = false; }
|	PRIVATE FUNCTION { p->in_private = true; }
;

type_opt_colon:
	%empty { $<typed>$ = (struct typed){ 0 }; }
|	':' type { $<typed>$ = (struct typed){ $2, @2 }; }
;

type_opt: %empty { $$ = (struct typed){ 0 }; } | type { $$ = (struct typed){ $1, @1 }; } ;

type: LONG { $$ = TOKEN_LONG; } | STRING_TYPE { $$ = TOKEN_STRING_TYPE; } ;

params_opt: %empty { $$ = (local_vec){ 0 }; } | params | params ',' ;

params:
	IDENT type_opt_colon {
		$$ = (local_vec){ 0 };
		node_param(p, &$$, $1, $<typed>2.type);
	}
|	params ',' IDENT type_opt_colon { $$ = $1; node_param(p, &$$, $3, $<typed>4.type); }
;

priority_opt: %empty { $$ = NULL; } | ':' number { $$ = $2; } ;

/* Statements */

block: '{' stmts '}' { $$ = node_block(p, @$, $1, &$2); } ;

stmts:
	%empty { $$ = (stmt_vec){ 0 }; }
|	stmts stmt { $$ = $1; *vec_push(p->arena, &$$) = $2; }
;

stmt:
	';' { $$ = node_stmt(p, STMT_EMPTY, @$, $1); }
|	block
|	expr %prec LOW { $$ = node_expr_stmt(p, @$, $1); }
|	expr ';' { $$ = node_expr_stmt(p, @1, $1); }
|	IF '(' expr ')' stmt %prec THEN { $$ = node_if(p, @$, $1, $3, $5, NULL); }
|	IF '(' expr ')' stmt ELSE stmt { $$ = node_if(p, @$, $1, $3, $5, $7); }
|	WHILE '(' expr ')' stmt {
		struct expr *header[3] = { NULL, $3, NULL };

		$$ = node_loop(p, STMT_WHILE, @$, $1, header, $5);
	}
|	FOR '(' expr_opt ';' expr_opt ';' expr_opt ')' stmt {
		struct expr *header[3] = { $3, $5, $7 };

		$$ = node_loop(p, STMT_FOR, @$, $1, header, $9);
	}
|	foreach
|	BREAK semicolon { $$ = node_stmt(p, STMT_BREAK, @1, $1); }
|	CONTINUE semicolon { $$ = node_stmt(p, STMT_CONTINUE, @1, $1); }
|	NEXT semicolon { $$ = node_stmt(p, STMT_NEXT, @1, $1); }
|	RETURN ';' { $$ = node_return(p, @1, $1, NULL); }
|	RETURN %prec LOW {
		/* Where ';' may be left out an expression would go on. */
		if (p->tokens[p->last].kind != '}')
			node_expected(p, "an expression, ';' or '}'");
		$$ = node_return(p, @1, $1, NULL);
	}
|	RETURN expr semicolon { $$ = node_return(p, span_join(@1, @2), $1, $2); }
|	DELETE expr semicolon {
		$$ = node_stmt(p, STMT_DELETE, span_join(@1, @2), $1);
		$$->expr = $2;
		node_nest(p, &$$->depth, $2->depth);
	}
|	TRY block CATCH block { $$ = node_try(p, @$, $1, $2, NULL, $4); }
|	TRY block CATCH '(' IDENT ')' block { $$ = node_try(p, @$, $1, $2, $5, $7); }
;

semicolon: %empty %prec LOW | ';' ;

expr_opt: %empty { $$ = NULL; } | expr ;

foreach: FOREACH '(' foreach_head ')' stmt { $$ = node_foreach(p, @$, $1, $3, $5); } ;

foreach_head:
	foreach_keys IN foreach_array { $$ = $3; $$->keys = $1; }
|	IDENT direction '=' foreach_keys IN foreach_array {
		$$ = $6;
		$$->keys = $4;
		$$->value = (struct foreach_name){ $1, { $2, $1, NULL } };
	}
|	IDENT ADD_ASSIGN foreach_keys IN foreach_array {
		$$ = $5;
		$$->keys = $3;
		$$->value = (struct foreach_name){ $1, { '+', $2, NULL } };
	}
|	IDENT SUB_ASSIGN foreach_keys IN foreach_array {
		$$ = $5;
		$$->keys = $3;
		$$->value = (struct foreach_name){ $1, { '-', $2, NULL } };
	}
;

foreach_keys:
	foreach_key { $$ = (foreach_name_vec){ 0 }; *vec_push(p->arena, &$$) = $1; }
|	'[' foreach_list ']' { $$ = $2; }
;

foreach_list:
	foreach_key { $$ = (foreach_name_vec){ 0 }; *vec_push(p->arena, &$$) = $1; }
|	foreach_list ',' foreach_key { $$ = $1; *vec_push(p->arena, &$$) = $3; }
;

foreach_key:
	IDENT direction { $$ = (struct foreach_name){ $1, { $2, $1, NULL } }; }
;

direction: %empty { $$ = 0; } | '+' { $$ = '+'; } | '-' { $$ = '-'; } ;

foreach_array:
	array slice_opt sort_opt limit_opt {
		$$ = arena_new_of(p->arena, struct foreach_head);
		$$->array = $1;
		$$->slice = $2;
		$$->sort = $3;
		$$->limit = $4;
	}
;

slice_opt: %empty { $$ = (expr_vec){ 0 }; } | '[' keys ']' { $$ = $2; } ;

sort_opt:
	%empty { $$ = (struct foreach_sort){ 0 }; }
|	sort_array
|	AT_NAME sort_array { $$ = $2; $$.op = $1; }
;

sort_array:
	'+' { $$ = (struct foreach_sort){ '+', $1, NULL }; }
|	'-' { $$ = (struct foreach_sort){ '-', $1, NULL }; }
;

limit_opt: %empty { $$ = NULL; } | LIMIT expr { $$ = $2; } ;

/* What 'in' and foreach look into: an array, or a histogram. */
array:
	IDENT { $$ = node_symbol(p, $1); }
|	AT_NAME '(' args ')' { $$ = node_histogram(p, @$, $1, &$3); }
;

/* Expressions */

/*
 * 'in' and a match take nothing tighter behind them: "x in a -b" is two statements.
 */
expr:
	relation %prec LOW
|	relation IN array {
		expr_vec keys = { 0 };

		*vec_push(p->arena, &keys) = $1;
		$$ = node_in(p, @$, &keys, $2, $3);
	}
|	'[' keys ']' IN array { $$ = node_in(p, @$, &$2, $4, $5); }
|	expr '&' expr { $$ = node_binary(p, OP_AND, $1, $2, $3); }
|	expr '^' expr { $$ = node_binary(p, OP_XOR, $1, $2, $3); }
|	expr '|' expr { $$ = node_binary(p, OP_OR, $1, $2, $3); }
|	expr LOGICAL_AND expr { $$ = node_binary(p, OP_LOGICAL_AND, $1, $2, $3); }
|	expr LOGICAL_OR expr { $$ = node_binary(p, OP_LOGICAL_OR, $1, $2, $3); }
|	expr '?' expr ':' expr %prec '?' { $$ = node_ternary(p, $1, $2, $3, $5); }
|	expr '=' expr { $$ = node_binary(p, OP_ASSIGN, $1, $2, $3); }
|	expr AGGREGATE expr { $$ = node_binary(p, OP_AGGREGATE, $1, $2, $3); }
|	expr ADD_ASSIGN expr { $$ = node_binary(p, OP_ADD_ASSIGN, $1, $2, $3); }
|	expr SUB_ASSIGN expr { $$ = node_binary(p, OP_SUB_ASSIGN, $1, $2, $3); }
|	expr MUL_ASSIGN expr { $$ = node_binary(p, OP_MUL_ASSIGN, $1, $2, $3); }
|	expr DIV_ASSIGN expr { $$ = node_binary(p, OP_DIV_ASSIGN, $1, $2, $3); }
|	expr MOD_ASSIGN expr { $$ = node_binary(p, OP_MOD_ASSIGN, $1, $2, $3); }
|	expr SHL_ASSIGN expr { $$ = node_binary(p, OP_SHL_ASSIGN, $1, $2, $3); }
|	expr SAR_ASSIGN expr { $$ = node_binary(p, OP_SAR_ASSIGN, $1, $2, $3); }
|	expr AND_ASSIGN expr { $$ = node_binary(p, OP_AND_ASSIGN, $1, $2, $3); }
|	expr XOR_ASSIGN expr { $$ = node_binary(p, OP_XOR_ASSIGN, $1, $2, $3); }
|	expr OR_ASSIGN expr { $$ = node_binary(p, OP_OR_ASSIGN, $1, $2, $3); }
|	expr CAT_ASSIGN expr { $$ = node_binary(p, OP_CAT_ASSIGN, $1, $2, $3); }
;

relation:
	comparison %prec LOW
|	arith MATCH STRING { $$ = node_regex(p, $1, $2, $3, false); }
|	arith NOMATCH STRING { $$ = node_regex(p, $1, $2, $3, true); }
;

comparison:
	arith %prec LOW
|	comparison '<' arith { $$ = node_binary(p, OP_LT, $1, $2, $3); }
|	comparison '>' arith { $$ = node_binary(p, OP_GT, $1, $2, $3); }
|	comparison LE arith { $$ = node_binary(p, OP_LE, $1, $2, $3); }
|	comparison GE arith { $$ = node_binary(p, OP_GE, $1, $2, $3); }
|	comparison EQ arith { $$ = node_binary(p, OP_EQ, $1, $2, $3); }
|	comparison NE arith { $$ = node_binary(p, OP_NE, $1, $2, $3); }
;

arith:
	value %prec LOW
|	value INC { $$ = node_step(p, @$, EXPR_POSTINC, OP_INC, $2, $1); }
|	value DEC { $$ = node_step(p, @$, EXPR_POSTINC, OP_DEC, $2, $1); }
|	INC value %prec UNARY { $$ = node_step(p, @$, EXPR_PREINC, OP_INC, $1, $2); }
|	DEC value %prec UNARY { $$ = node_step(p, @$, EXPR_PREINC, OP_DEC, $1, $2); }
|	'+' arith %prec UNARY { $$ = node_unary(p, @$, OP_PLUS, $1, $2); }
|	'-' arith %prec UNARY { $$ = node_unary(p, @$, OP_NEG, $1, $2); }
|	'!' arith { $$ = node_unary(p, @$, OP_NOT, $1, $2); }
|	'~' arith { $$ = node_unary(p, @$, OP_COMPL, $1, $2); }
|	arith '*' arith { $$ = node_binary(p, OP_MUL, $1, $2, $3); }
|	arith '/' arith { $$ = node_binary(p, OP_DIV, $1, $2, $3); }
|	arith '%' arith { $$ = node_binary(p, OP_MOD, $1, $2, $3); }
|	arith '+' arith { $$ = node_binary(p, OP_ADD, $1, $2, $3); }
|	arith '-' arith { $$ = node_binary(p, OP_SUB, $1, $2, $3); }
|	arith '.' arith { $$ = node_binary(p, OP_CAT, $1, $2, $3); }
|	arith SHL arith { $$ = node_binary(p, OP_SHL, $1, $2, $3); }
|	arith SAR arith { $$ = node_binary(p, OP_SAR, $1, $2, $3); }
|	arith SHR arith { $$ = node_binary(p, OP_SHR, $1, $2, $3); }
;

value:
	postfix %prec LOW
|	'&' postfix %prec UNARY { $$ = node_address(p, @$, $1, $2); }
;

postfix:
	primary
|	postfix ARROW IDENT { $$ = node_member(p, $1, $2, $3); }
|	postfix ARROW PRETTY { $$ = node_pretty(p, $1, $3); }
|	postfix PRETTY { $$ = node_pretty(p, $1, $2); }
|	postfix '[' keys ']' { $$ = node_subscript(p, @$, $1, &$3); }
;

primary:
	NUMBER { $$ = node_number(p, $1); }
|	STRING { $$ = node_string(p, $1); }
|	IDENT %prec LOW { $$ = node_symbol(p, $1); }
|	IDENT '(' args_opt ')' { $$ = node_call(p, @$, $1, &$3); }
|	TARGET { $$ = node_target(p, $1); }
|	AT_NAME %prec LOW { $$ = node_at(p, @$, $1, NULL); }
|	AT_NAME '(' args_opt ')' { $$ = node_at(p, @$, $1, &$3); }
|	EMBEDDED { $$ = node_embedded(p, $1); }
|	'(' expr ')' { $$ = node_parens($2, @$); }
;

keys:
	key { $$ = (expr_vec){ 0 }; *vec_push(p->arena, &$$) = $1; }
|	keys ',' key { $$ = $1; *vec_push(p->arena, &$$) = $3; }
;

key: expr | '*' { $$ = NULL; } ;

args_opt: %empty { $$ = (expr_vec){ 0 }; } | args ;

args:
	expr { $$ = (expr_vec){ 0 }; *vec_push(p->arena, &$$) = $1; }
|	args ',' expr { $$ = $1; *vec_push(p->arena, &$$) = $3; }
;

%%

static int gram_lex(GRAM_STYPE *value, struct span *span, struct parser *p)
{
	const struct token *token = &p->tokens[p->at];
	int start = p->start;

	*span = token->span;
	if (start) {
		p->start = 0;
		return start;
	}
	if (p->too_deep)
		return TOKEN_END;
	p->last = p->at;
	if (token->kind != TOKEN_END)
		p->at++;
	/* Known one token ahead of the grammar; no declaration is that short. */
	if (token->kind == TOKEN_FUNCTION)
		p->in_function = true;
	else if (token->kind == TOKEN_PROBE || token->kind == TOKEN_IMPLICIT_PROBE)
		p->in_function = false;
	value->token = token;
	return token->kind;
}

/* Only for a stack that would grow past YYMAXDEPTH. */
static void gram_error(const struct span *span, struct parser *p, const char *message)
{
	(void)message;
	p->too_deep = true;
	diag(p->diags, DIAG_PARSE_DEPTH, *span);
}

/* Bison numbers its symbols anew; back to the codes of tokens. */
static int token_code(yysymbol_kind_t symbol)
{
	for (int code = 0; code <= YYMAXUTOK; code++)
		if (YYTRANSLATE(code) == symbol)
			return code;
	return TOKEN_END;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *p)
{
	yysymbol_kind_t symbols[YYNTOKENS];
	int codes[YYNTOKENS];
	int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);

	if (p->too_deep)
		return 0;
	for (int i = 0; i < count; i++)
		codes[i] = token_code(symbols[i]);
	parser_syntax_error(p, codes, count > 0 ? count : 0);
	return 0;
}
