/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/parse.c - tokens -> expressions, by Haskell's precedences: Tidal's own operators  */
/* declare none and so bind tightest of all, to the left.                                         */
#include "client/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/tidal/syntax.h"

enum { NESTING_MAX = 200, TOP = 9, LOWEST = 0 };

enum associativity { LEFT, RIGHT, NONE };

struct fixity {
    int level;
    enum associativity associativity;
};

static struct fixity fixity_of(const char *text, size_t length)
{
    static const struct {
        const char *name;
        struct fixity fixity;
    } table[] = {
        { ".", { 9, RIGHT } },  { "!!", { 9, LEFT } },  { "*", { 7, LEFT } },
        { "/", { 7, LEFT } },   { "%", { 7, LEFT } },   { "div", { 7, LEFT } },
        { "mod", { 7, LEFT } }, { "rem", { 7, LEFT } }, { "+", { 6, LEFT } },
        { "-", { 6, LEFT } },   { "<>", { 6, RIGHT } }, { "++", { 5, RIGHT } },
        { "<$>", { 4, LEFT } }, { "<$", { 4, LEFT } },  { "<*>", { 4, LEFT } },
        { "<*", { 4, LEFT } },  { "*>", { 4, LEFT } },  { "==", { 4, NONE } },
        { "/=", { 4, NONE } },  { "<", { 4, NONE } },   { "<=", { 4, NONE } },
        { ">", { 4, NONE } },   { ">=", { 4, NONE } },  { "&&", { 3, RIGHT } },
        { "||", { 2, RIGHT } }, { "$", { 0, RIGHT } },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, text, length) == 0)
            return table[i].fixity;
    return (struct fixity){ 9, LEFT };
}

/* ---- the cursor ------------------------------------------------------------------------------ */

static const struct hs_token end_token = { .kind = HS_END };

const struct hs_token *hs_peek(const struct hs_parser *p)
{
    const struct hs_token *const t = &p->tokens->tokens[p->at];

    /* a line that begins with an operator or a closing bracket goes on with the one before */
    const bool goes_on = t->kind == HS_OPERATOR || t->kind == HS_CLOSE ||
                         t->kind == HS_CLOSE_LIST || t->kind == HS_COMMA;
    const bool ends = t->first_on_line && t->column <= p->indent && p->at != p->begin;
    return ends && !goes_on ? &end_token : t;
}

bool hs_token_is(const struct hs_parser *p, const struct hs_token *t, const char *text)
{
    return (t->kind == HS_NAME || t->kind == HS_OPERATOR) && t->length == strlen(text) &&
           memcmp(p->source->text + t->offset, text, t->length) == 0;
}

static void *fail(struct hs_parser *p, uint32_t offset, const char *text)
{
    if (!p->failed)
        diag_error(p->diag, offset, "%s", text);
    p->failed = true;
    return NULL;
}

void *hs_expected(struct hs_parser *p, const char *wanted)
{
    enum { SHOWN_MAX = 24 };
    const struct hs_token *const t = &p->tokens->tokens[p->at];
    char text[128];

    if (hs_peek(p)->kind == HS_END)
        snprintf(text, sizeof text, "%s expected, but the expression ends here", wanted);
    else
        snprintf(text, sizeof text, "%s expected before '%.*s'", wanted,
                 t->length < SHOWN_MAX ? (int)t->length : SHOWN_MAX, p->source->text + t->offset);
    return fail(p, t->offset, text);
}

static bool accept(struct hs_parser *p, enum hs_token_kind kind)
{
    if (hs_peek(p)->kind != kind)
        return false;
    p->at++;
    return true;
}

static bool accept_word(struct hs_parser *p, const char *word)
{
    if (!hs_token_is(p, hs_peek(p), word))
        return false;
    p->at++;
    return true;
}

static bool at_keyword(const struct hs_parser *p, const struct hs_token *t)
{
    static const char *const words[] = { "let", "in", "if", "then", "else", "do", "where", "of",
                                         "case", "=", "->", "<-", "|", "::", "=>" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (hs_token_is(p, t, words[i]))
            return true;
    return false;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static struct hs_expr *make(struct hs_parser *p, enum hs_kind kind, uint32_t offset)
{
    struct hs_expr *const e = arena_alloc(p->arena, sizeof *e);

    e->kind = kind;
    e->offset = offset;
    e->depth = 1;
    return e;
}

static struct hs_expr *close_node(struct hs_parser *p, struct hs_expr *e)
{
    const struct hs_expr *const children[] = { e->a, e->b, e->next };

    for (size_t i = 0; i < 3; i++)
        if (children[i] && children[i]->depth >= e->depth)
            e->depth = children[i]->depth + 1;
    for (uint32_t i = 0; i < e->n_items; i++)
        if (e->items[i]->depth >= e->depth)
            e->depth = e->items[i]->depth + 1;
    if (e->depth > HS_DEPTH_MAX)
        return fail(p, e->offset, "expression is too long or nested too deeply");
    return e;
}

static struct hs_expr *make_name(struct hs_parser *p, const struct hs_token *t)
{
    struct hs_expr *const e = make(p, HS_E_NAME, t->offset);

    e->text = arena_text(p->arena, p->source->text + t->offset, t->length);
    return e;
}

static struct hs_expr *make_builtin(struct hs_parser *p, const char *name, uint32_t offset)
{
    struct hs_expr *const e = make(p, HS_E_NAME, offset);

    e->text = name;
    return e;
}

static struct hs_expr *make_apply(struct hs_parser *p, struct hs_expr *f, struct hs_expr *x)
{
    if (!f || !x)
        return NULL;
    struct hs_expr *const e = make(p, HS_E_APPLY, f->offset < x->offset ? f->offset : x->offset);
    e->a = f;
    e->b = x;
    return close_node(p, e);
}

static struct hs_expr *make_binary(struct hs_parser *p, const struct hs_token *op,
                                   struct hs_expr *left, struct hs_expr *right)
{
    if (!left || !right)
        return NULL;
    if (op->length == 1 && p->source->text[op->offset] == '$')
        return make_apply(p, left, right);
    return make_apply(p, make_apply(p, make_name(p, op), left), right);
}

/* ---- atoms ----------------------------------------------------------------------------------- */

/* 1.25e-3: parse_decimal() reads up to the exponent, which is a power of ten. */
static bool number_value(const char *text, uint32_t length, struct hs_expr *e)
{
    const char *const mark = memchr(text, 'e', length) ? memchr(text, 'e', length)
                                                       : memchr(text, 'E', length);
    const size_t plain = mark ? (size_t)(mark - text) : length;
    bool overflow = false;

    e->whole = !mark && !memchr(text, '.', plain);
    if (!parse_decimal(text, plain, &e->ratio, &e->number))
        return false;
    if (!mark)
        return true;
    const long power = strtol(mark + 1, NULL, 10);
    if (power > 18 || power < -18)
        return false;
    for (long i = 0; i < labs(power); i++)
        e->ratio = power > 0 ? ph_ratio_mul(e->ratio, ph_ratio_of(10), &overflow)
                             : ph_ratio_div(e->ratio, ph_ratio_of(10), &overflow);
    e->number = ph_ratio_to_double(e->ratio);
    return !overflow;
}

static struct hs_expr *parse_number(struct hs_parser *p)
{
    const struct hs_token *const t = hs_peek(p);
    struct hs_expr *const e = make(p, HS_E_NUMBER, t->offset);

    if (!number_value(p->source->text + t->offset, t->length, e))
        return fail(p, t->offset, "number is too large");
    p->at++;
    return e;
}

/* The text between the quotes. Escapes keep their length: a position in it is one in the source. */
/* Blanks for the escape at `i`, so that places stay: \n \t, and a gap. @return its end */
static uint32_t blank_escape(char *text, uint32_t i)
{
    const bool is_gap = text[i + 1] == ' ' || (text[i + 1] >= '\t' && text[i + 1] <= '\r');

    text[i++] = ' ';
    if (!is_gap && (text[i] == '"' || text[i] == '\\' || text[i] == '\''))
        return i;
    while (is_gap && text[i] != '\\')
        text[i++] = ' ';
    text[i] = ' ';
    return i;
}

static struct hs_expr *parse_string(struct hs_parser *p)
{
    const struct hs_token *const t = hs_peek(p);
    struct hs_expr *const e = make(p, HS_E_STRING, t->offset);
    char *const text = arena_text(p->arena, p->source->text + t->offset + 1, t->length - 2);

    for (uint32_t i = 0; i + 1 < t->length - 2; i++)
        if (text[i] == '\\')
            i = blank_escape(text, i);
    e->text = text;
    e->length = t->length - 2;
    e->text_offset = t->offset + 1;
    p->at++;
    return e;
}

static bool push_item(struct hs_parser *p, struct hs_expr *list, uint32_t *space,
                      struct hs_expr *item)
{
    if (!item)
        return false;
    if (list->n_items == *space) {
        *space = *space ? 2 * *space : 8;
        struct hs_expr **const larger = arena_alloc(p->arena, *space * sizeof(struct hs_expr *));
        if (list->n_items)
            memcpy(larger, list->items, list->n_items * sizeof(struct hs_expr *));
        list->items = larger;
    }
    list->items[list->n_items++] = item;
    return true;
}

static struct hs_expr *parse_range(struct hs_parser *p, struct hs_expr *list)
{
    struct hs_expr *const e = make(p, HS_E_RANGE, list->offset);

    p->at++;
    if (list->n_items > 2)
        return fail(p, list->offset, "`..` stands after one or two items");
    e->a = list->items[0];
    e->next = list->n_items == 2 ? list->items[1] : NULL;
    if (hs_peek(p)->kind == HS_CLOSE_LIST)
        return fail(p, hs_peek(p)->offset, "a list without an end can't be played");
    e->b = hs_parse_expression(p);
    if (!e->b)
        return NULL;
    return accept(p, HS_CLOSE_LIST) ? close_node(p, e) : hs_expected(p, "`]`");
}

static struct hs_expr *parse_list(struct hs_parser *p)
{
    struct hs_expr *const e = make(p, HS_E_LIST, hs_peek(p)->offset);
    uint32_t space = 0;

    p->at++;
    if (accept(p, HS_CLOSE_LIST))
        return e;
    do {
        if (!push_item(p, e, &space, hs_parse_expression(p)))
            return NULL;
        if (hs_token_is(p, hs_peek(p), ".."))
            return parse_range(p, e);
        if (hs_token_is(p, hs_peek(p), "|"))
            return fail(p, hs_peek(p)->offset, "list comprehensions need more of Haskell than "
                                               "there is here; write the list out, or use `map`");
    } while (accept(p, HS_COMMA));
    return accept(p, HS_CLOSE_LIST) ? close_node(p, e) : hs_expected(p, "`,` or `]`");
}

static struct hs_expr *parse_level(struct hs_parser *p, int level);

/* (op), (op e): the operator under the cursor stands first in its parentheses. */
static struct hs_expr *parse_right_section(struct hs_parser *p)
{
    const struct hs_token op = *hs_peek(p);

    p->at++;
    if (accept(p, HS_CLOSE))
        return make_name(p, &op);
    struct hs_expr *const right = hs_parse_expression(p);
    if (!right)
        return NULL;
    if (!accept(p, HS_CLOSE))
        return hs_expected(p, "`)`");
    struct hs_expr *const flip = make_builtin(p, "flip", op.offset);
    return make_apply(p, make_apply(p, flip, make_name(p, &op)), right);
}

/* (e op): what stands left of an operator that the parenthesis cuts off. */
static bool at_left_section(const struct hs_parser *p)
{
    const struct hs_token *const t = hs_peek(p);

    return t->kind == HS_OPERATOR && !at_keyword(p, t) &&
           p->tokens->tokens[p->at + 1].kind == HS_CLOSE;
}

static struct hs_expr *parse_inside(struct hs_parser *p, uint32_t offset)
{
    struct hs_expr *e = hs_parse_expression(p);

    if (e && at_left_section(p)) {
        const struct hs_token op = *hs_peek(p);
        p->at += 2;
        return make_apply(p, make_name(p, &op), e);
    }
    if (e && hs_peek(p)->kind == HS_COMMA) {
        struct hs_expr *const tuple = make(p, HS_E_TUPLE, offset);
        uint32_t space = 0;
        push_item(p, tuple, &space, e);
        while (accept(p, HS_COMMA))
            if (!push_item(p, tuple, &space, hs_parse_expression(p)))
                return NULL;
        e = close_node(p, tuple);
    }
    if (!e)
        return NULL;
    if (!accept(p, HS_CLOSE))
        return hs_expected(p, "`)`");
    e->parenthesised = true;
    return e;
}

static struct hs_expr *parse_parentheses(struct hs_parser *p)
{
    const struct hs_token *const open = hs_peek(p);

    p->at++;
    const struct hs_token *const t = hs_peek(p);
    if (t->kind == HS_CLOSE) {
        p->at++;
        return make(p, HS_E_TUPLE, open->offset);
    }
    const bool negative = hs_token_is(p, t, "-") && p->tokens->tokens[p->at + 1].kind != HS_CLOSE;
    if (t->kind == HS_OPERATOR && !negative && !at_keyword(p, t))
        return parse_right_section(p);
    return parse_inside(p, open->offset);
}

/* Brackets suspend the layout rule: what is inside may stand in any column. */
static struct hs_expr *parse_bracketed(struct hs_parser *p)
{
    const uint32_t indent = p->indent;

    if (++p->nesting > NESTING_MAX)
        return fail(p, hs_peek(p)->offset, "expression is nested too deeply");
    const bool is_list = hs_peek(p)->kind == HS_OPEN_LIST;
    p->indent = 0;
    struct hs_expr *const e = is_list ? parse_list(p) : parse_parentheses(p);
    p->indent = indent;
    p->nesting--;
    return e;
}

static bool at_atom(const struct hs_parser *p)
{
    const struct hs_token *const t = hs_peek(p);

    switch (t->kind) {
    case HS_NUMBER: case HS_STRING: case HS_CHAR: case HS_OPEN: case HS_OPEN_LIST:
    case HS_UNDERSCORE:
        return true;
    case HS_NAME:
        return !at_keyword(p, t);
    default:
        return false;
    }
}

static struct hs_expr *parse_atom(struct hs_parser *p)
{
    const struct hs_token *const t = hs_peek(p);
    struct hs_expr *e;

    switch (t->kind) {
    case HS_NUMBER:
        return parse_number(p);
    case HS_STRING:
        return parse_string(p);
    case HS_CHAR:
        e = make(p, HS_E_CHAR, t->offset);
        e->text = arena_text(p->arena, p->source->text + t->offset + 1, 1);
        p->at++;
        return e;
    case HS_OPEN:
    case HS_OPEN_LIST:
        return parse_bracketed(p);
    case HS_NAME:
        p->at++;
        return make_name(p, t);
    default:
        return hs_expected(p, "an expression");
    }
}

/* ---- lambda, let, if ------------------------------------------------------------------------- */

static bool parse_parameter(struct hs_parser *p, struct hs_pattern *out)
{
    const struct hs_token *const t = hs_peek(p);

    *out = (struct hs_pattern){ .offset = t->offset };
    if (t->kind == HS_UNDERSCORE) {
        p->at++;
        return true;
    }
    if (t->kind == HS_NAME && !at_keyword(p, t)) {
        out->text = arena_text(p->arena, p->source->text + t->offset, t->length);
        p->at++;
        return true;
    }
    if (t->kind != HS_OPEN || p->nesting >= NESTING_MAX) {
        hs_expected(p, "a parameter");
        return false;
    }
    p->nesting++;
    do {
        struct hs_pattern item;
        p->at++;
        if (!parse_parameter(p, &item))
            return false;
        struct hs_pattern *const larger =
            arena_alloc(p->arena, (out->n_items + 1) * sizeof *larger);
        if (out->n_items)
            memcpy(larger, out->items, out->n_items * sizeof *larger);
        larger[out->n_items++] = item;
        out->items = larger;
    } while (hs_peek(p)->kind == HS_COMMA);
    p->nesting--;
    if (!accept(p, HS_CLOSE)) {
        hs_expected(p, "`)`");
        return false;
    }
    if (out->n_items == 1)
        *out = out->items[0];
    return true;
}

/* Parameters up to `stop`, then the body. */
static struct hs_expr *parse_function(struct hs_parser *p, uint32_t offset, const char *stop)
{
    enum { PARAMS_MAX = 16 };
    struct hs_pattern params[PARAMS_MAX];
    uint32_t n = 0;

    while (!accept_word(p, stop)) {
        if (n == PARAMS_MAX)
            return fail(p, offset, "too many parameters");
        if (!parse_parameter(p, &params[n]))
            return NULL;
        n++;
    }
    struct hs_expr *const body = hs_parse_expression(p);
    if (!body || n == 0)
        return body;
    struct hs_expr *const e = make(p, HS_E_LAMBDA, offset);
    e->a = body;
    e->n_params = n;
    e->params = arena_alloc(p->arena, n * sizeof *e->params);
    memcpy(e->params, params, n * sizeof *e->params);
    return close_node(p, e);
}

struct hs_bind *hs_parse_bindings(struct hs_parser *p)
{
    struct hs_bind *first = NULL, **last = &first;
    const uint32_t outside = p->indent;
    const uint32_t column = p->tokens->tokens[p->at].column;

    p->indent = column;
    for (;;) {
        const struct hs_token *const t = &p->tokens->tokens[p->at];
        if (t->kind != HS_NAME || at_keyword(p, t)) {
            hs_expected(p, "a name");
            break;
        }
        struct hs_bind *const bind = arena_alloc(p->arena, sizeof *bind);
        bind->name = arena_text(p->arena, p->source->text + t->offset, t->length);
        bind->offset = t->offset;
        p->at++;
        bind->value = parse_function(p, t->offset, "=");
        if (!bind->value)
            break;
        *last = bind;
        last = &bind->next;
        const bool goes_on = accept(p, HS_SEMICOLON);
        const struct hs_token *const next = &p->tokens->tokens[p->at];
        if (next->kind != HS_NAME || (!goes_on && next->column != column) ||
            hs_token_is(p, next, "in"))
            break;
    }
    p->indent = outside;
    return p->failed ? NULL : first;
}

static struct hs_expr *parse_let(struct hs_parser *p)
{
    struct hs_expr *const e = make(p, HS_E_LET, hs_peek(p)->offset);

    p->at++;
    e->binds = hs_parse_bindings(p);
    if (!e->binds)
        return NULL;
    const uint32_t indent = p->indent;
    p->indent = 0; /* `in` may stand in the column of the names */
    const bool has_in = accept_word(p, "in");
    p->indent = indent;
    if (!has_in)
        return hs_expected(p, "`in`");
    e->a = hs_parse_expression(p);
    return e->a ? close_node(p, e) : NULL;
}

static struct hs_expr *parse_if(struct hs_parser *p)
{
    static const char *const words[] = { "if", "then", "else" };
    static const char *const wanted[] = { "`if`", "`then`", "`else`" };
    struct hs_expr *const e = make(p, HS_E_IF, hs_peek(p)->offset);
    uint32_t space = 0;

    for (int i = 0; i < 3; i++) {
        if (!accept_word(p, words[i]))
            return hs_expected(p, wanted[i]);
        if (!push_item(p, e, &space, hs_parse_expression(p)))
            return NULL;
    }
    return close_node(p, e);
}

/* ---- operators ------------------------------------------------------------------------------- */

static bool at_block(const struct hs_parser *p)
{
    const struct hs_token *const t = hs_peek(p);

    return t->kind == HS_BACKSLASH || hs_token_is(p, t, "let") || hs_token_is(p, t, "if");
}

static struct hs_expr *parse_block(struct hs_parser *p)
{
    const uint32_t offset = hs_peek(p)->offset;

    if (++p->nesting > NESTING_MAX)
        return fail(p, offset, "expression is nested too deeply");
    struct hs_expr *e;
    if (accept(p, HS_BACKSLASH))
        e = parse_function(p, offset, "->");
    else
        e = hs_token_is(p, hs_peek(p), "let") ? parse_let(p) : parse_if(p);
    p->nesting--;
    return e;
}

/* f x y, or a lambda, which may also be the last operand of an operator. */
static struct hs_expr *parse_application(struct hs_parser *p)
{
    if (at_block(p))
        return parse_block(p);
    struct hs_expr *e = parse_atom(p);
    while (e && (at_atom(p) || at_block(p)))
        e = make_apply(p, e, at_block(p) ? parse_block(p) : parse_atom(p));
    return e;
}

static struct hs_expr *parse_negative(struct hs_parser *p)
{
    const struct hs_token minus = *hs_peek(p);

    p->at++;
    struct hs_expr *const e = parse_level(p, 7);
    if (e && e->kind == HS_E_NUMBER) {
        e->ratio.num = -e->ratio.num;
        e->number = -e->number;
        e->offset = minus.offset;
        return e;
    }
    return make_apply(p, make_builtin(p, "negate", minus.offset), e);
}

/* Operands and operators of one level, in the order of the text. */
struct chain {
    uint32_t n, space; /* operators; operands are one more */
    struct hs_token *operators;
    struct hs_expr **operands;
};

static void push_operand(struct hs_parser *p, struct chain *chain, struct hs_expr *operand)
{
    if (chain->n + 1 >= chain->space) {
        const uint32_t n = chain->n, space = chain->space ? 2 * chain->space : 4;
        struct hs_token *const operators = arena_alloc(p->arena, space * sizeof *operators);
        struct hs_expr **const operands =
            arena_alloc(p->arena, (space + 1) * sizeof(struct hs_expr *));
        if (n) {
            memcpy(operators, chain->operators, n * sizeof *operators);
            memcpy(operands, chain->operands, n * sizeof(struct hs_expr *));
        }
        chain->operators = operators;
        chain->operands = operands;
        chain->space = space;
    }
    chain->operands[chain->n] = operand;
}

static struct hs_expr *fold_chain(struct hs_parser *p, const struct chain *chain,
                                  enum associativity associativity)
{
    struct hs_expr *e;

    if (associativity == RIGHT) {
        e = chain->operands[chain->n];
        for (uint32_t i = chain->n; i-- > 0;)
            e = make_binary(p, &chain->operators[i], chain->operands[i], e);
        return e;
    }
    e = chain->operands[0];
    for (uint32_t i = 0; i < chain->n; i++)
        e = make_binary(p, &chain->operators[i], e, chain->operands[i + 1]);
    return e;
}

static struct hs_expr *parse_operand(struct hs_parser *p, int level)
{
    const bool negative = level == 6 && hs_token_is(p, hs_peek(p), "-");

    return negative ? parse_negative(p) : parse_level(p, level + 1);
}

/* Operators of `level` and tighter. */
static struct hs_expr *parse_level(struct hs_parser *p, int level)
{
    struct chain chain = { 0 };
    enum associativity associativity = NONE;

    if (level > TOP)
        return parse_application(p);
    struct hs_expr *operand = parse_operand(p, level);
    while (operand) {
        const struct hs_token op = *hs_peek(p);
        const struct fixity f = fixity_of(p->source->text + op.offset, op.length);
        if (op.kind != HS_OPERATOR || f.level != level || at_keyword(p, &op) ||
            hs_token_is(p, &op, "..") || at_left_section(p))
            break;
        if (chain.n > 0 && (associativity != f.associativity || associativity == NONE))
            return fail(p, op.offset, "these operators don't say which comes first: put "
                                      "parentheses around one");
        if (chain.n == HS_DEPTH_MAX)
            return fail(p, op.offset, "expression is too long or nested too deeply");
        associativity = f.associativity;
        push_operand(p, &chain, operand);
        chain.operators[chain.n++] = op;
        p->at++;
        operand = parse_operand(p, level);
    }
    if (!operand || chain.n == 0)
        return operand;
    push_operand(p, &chain, operand);
    return fold_chain(p, &chain, associativity);
}

struct hs_expr *hs_parse_expression(struct hs_parser *p)
{
    struct hs_expr *const e = parse_level(p, LOWEST);

    if (e && hs_token_is(p, hs_peek(p), "::"))
        return fail(p, hs_peek(p)->offset, "type annotations are not needed here: leave it out");
    return e;
}
