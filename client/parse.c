/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/parse.c - expressions: LANGUAGE 3.                                                      */
#include "client/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/functions.h"

enum {
    DIGITS_MAX = 400,          /* of one number; no double needs more */
    SUM_BUSES_MAX = 1000,      /* of sum(~x[A..B]); the tree stays below AST_DEPTH_MAX */
    CONDITION_TOKENS_MAX = 64, /* between `if` and its `then` */
    SHOWN_MAX = 24             /* bytes of a token repeated in a message */
};

/* ---- the cursor ------------------------------------------------------------------------------ */

void parser_init(struct parser *p, const struct lexed *lexed, struct arena *arena,
                 struct diag *diag)
{
    *p = (struct parser){
        .source = lexed->source, .lexed = lexed, .arena = arena, .diag = diag};
}

void parser_finish(struct parser *p)
{
    free(p->scratch);
    p->scratch = NULL;
}

const struct token *parse_peek(const struct parser *p, uint32_t ahead)
{
    const struct token *t = &p->lexed->tokens[p->at];

    while (ahead-- > 0 && t->kind != TOKEN_END)
        t++;
    return t;
}

static enum token_kind peek_kind(const struct parser *p)
{
    return p->lexed->tokens[p->at].kind;
}

/* Whether the token behind the current one follows without a blank. */
static bool next_is_glued(const struct parser *p, enum token_kind kind)
{
    const struct token *const t = parse_peek(p, 0), *const next = parse_peek(p, 1);

    return next->kind == kind && next->offset == t->offset + t->length;
}

static uint32_t last_end(const struct parser *p)
{
    const struct token *const t = &p->lexed->tokens[p->at - 1];

    return t->offset + t->length;
}

bool parse_word_is(const struct parser *p, const struct token *t, const char *word)
{
    return t->kind == TOKEN_NAME && t->length == strlen(word) &&
           memcmp(p->source->text + t->offset, word, t->length) == 0;
}

const char *parse_text(struct parser *p, uint32_t offset, uint32_t length)
{
    return arena_text(p->arena, p->source->text + offset, length);
}

void *parse_fail(struct parser *p, uint32_t offset, const char *format, ...)
{
    char text[256];
    va_list arguments;

    if (p->failed)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    diag_error(p->diag, offset, "%s", text);
    p->failed = true;
    return NULL;
}

void *parse_expected(struct parser *p, const char *wanted)
{
    const struct token *const t = parse_peek(p, 0);

    if (t->kind == TOKEN_END)
        return parse_fail(p, t->offset, "%s expected, but the statement ends here", wanted);
    const bool cut = t->length > SHOWN_MAX;
    const char *const text = p->source->text + t->offset;
    size_t shown = cut ? SHOWN_MAX : t->length;
    while (cut && shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80)
        shown--;
    const char *const newline = memchr(text, '\n', shown);
    if (newline)
        shown = (size_t)(newline - text);
    return parse_fail(p, t->offset, "%s expected before '%.*s%s'", wanted, (int)shown, text,
                      cut || newline ? "..." : "");
}

void parse_push(struct parser *p, void *item)
{
    if (p->n_scratch == p->scratch_space) {
        p->scratch_space = p->scratch_space ? p->scratch_space * 2 : 256;
        p->scratch = realloc(p->scratch, p->scratch_space * sizeof *p->scratch);
        if (!p->scratch)
            abort(); /* as the arena: nothing can be compiled without memory */
    }
    p->scratch[p->n_scratch++] = item;
}

void **parse_take(struct parser *p, uint32_t mark, uint32_t *n_items)
{
    const uint32_t n = p->n_scratch - mark;

    *n_items = n;
    p->n_scratch = mark;
    if (n == 0)
        return NULL;
    void **const items = arena_alloc(p->arena, n * sizeof *items);
    memcpy(items, p->scratch + mark, n * sizeof *items);
    return items;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static struct ast *make(struct parser *p, enum ast_kind kind, uint32_t offset)
{
    struct ast *const a = arena_alloc(p->arena, sizeof *a);

    a->kind = kind;
    a->offset = a->end = offset;
    a->depth = 1;
    return a;
}

static void deepen(struct ast *a, const struct ast *child)
{
    if (child->depth >= a->depth)
        a->depth = child->depth + 1;
}

/* Completes a node whose children are known. */
static struct ast *close_node(struct parser *p, struct ast *a)
{
    a->end = last_end(p);
    for (uint32_t i = 0; i < a->n_items; i++)
        deepen(a, a->items[i]);
    for (uint32_t i = 0; i < a->n_keys; i++)
        deepen(a, a->keys[i].value);
    if (a->depth > AST_DEPTH_MAX)
        return parse_fail(p, a->end, "expression is too long: more than %d operators in a row",
                          AST_DEPTH_MAX);
    return a;
}

static struct ast *make_pair(struct parser *p, enum ast_kind kind, enum ast_op op,
                             struct ast *left, struct ast *right)
{
    if (!left || !right)
        return NULL;
    struct ast *const a = make(p, kind, left->offset);
    a->op = op;
    a->n_items = 2;
    a->items = arena_alloc(p->arena, 2 * sizeof *a->items);
    a->items[0] = left;
    a->items[1] = right;
    return close_node(p, a);
}

struct ast *parse_make_number(struct parser *p, uint32_t offset, struct ph_ratio value)
{
    struct ast *const a = make(p, AST_NUMBER, offset);

    a->ratio = value;
    a->number = ph_ratio_to_double(value);
    a->end = last_end(p);
    return a;
}

struct ast *parse_make_call(struct parser *p, const char *name, struct ast *argument)
{
    if (!argument)
        return NULL;
    struct ast *const a = make(p, AST_CALL, argument->offset);
    a->text = name;
    a->n_items = 1;
    a->items = arena_alloc(p->arena, sizeof *a->items);
    a->items[0] = argument;
    return close_node(p, a);
}

bool parse_decimal(const char *text, size_t length, struct ph_ratio *ratio, double *number)
{
    const int64_t exact = INT64_C(1) << 53; /* a double holds every whole number up to here */
    const char *const point = memchr(text, '.', length);
    const size_t least = point ? (size_t)(point - text) + 1 : length;
    char digits[DIGITS_MAX + 1];

    if (length <= least + 18 && ph_ratio_parse(text, length, ratio) == PH_OK &&
        llabs(ratio->num) <= exact && ratio->den <= exact && (ratio->num != 0 || text[0] != '-')) {
        *number = (double)ratio->num / (double)ratio->den; /* rounded once, as strtod() does */
        return true;
    }
    const size_t kept = length < DIGITS_MAX ? length : DIGITS_MAX;

    memcpy(digits, text, kept);
    digits[kept] = '\0';
    *number = strtod(digits, NULL);
    if (length > least + 18) /* digits of a 64-bit denominator */
        length = least + 18;
    for (; length >= least && length > 0; length--)
        if (ph_ratio_parse(text, length, ratio) == PH_OK)
            return true;
    return false;
}

/* The number under the cursor; `offset` is that of its sign where it has one. */
static struct ast *parse_number(struct parser *p, uint32_t offset)
{
    const struct token *const t = parse_peek(p, 0);
    struct ph_ratio ratio;
    double number;

    if (!parse_decimal(p->source->text + offset, t->offset + t->length - offset, &ratio, &number))
        return parse_fail(p, offset, "number is too large");
    p->at++;
    struct ast *const a = parse_make_number(p, offset, ratio);
    a->number = number;
    return a;
}

bool parse_constant(const struct ast *a, struct ph_ratio *out)
{
    struct ph_ratio x, y;
    bool overflow = false;

    if (a->kind == AST_NUMBER) {
        *out = a->ratio;
        return true;
    }
    if (a->kind == AST_NEG && parse_constant(a->items[0], &x)) {
        *out = ph_ratio_sub(PH_RATIO(0, 1), x, &overflow);
        return !overflow;
    }
    if (a->kind != AST_BINARY || !parse_constant(a->items[0], &x) ||
        !parse_constant(a->items[1], &y))
        return false;
    switch (a->op) {
    case AST_ADD:
        *out = ph_ratio_add(x, y, &overflow);
        break;
    case AST_SUB:
        *out = ph_ratio_sub(x, y, &overflow);
        break;
    case AST_MUL:
        *out = ph_ratio_mul(x, y, &overflow);
        break;
    case AST_DIV:
        *out = ph_ratio_div(x, y, &overflow);
        break;
    default:
        return false;
    }
    return !overflow;
}

/* ---- names ----------------------------------------------------------------------------------- */

static const struct loop_variable *find_loop(const struct parser *p, const struct token *t)
{
    for (uint32_t i = p->n_loops; i-- > 0;)
        if (parse_word_is(p, t, p->loops[i].name))
            return &p->loops[i];
    return NULL;
}

static bool is_parameter(const struct parser *p, const struct token *t)
{
    for (uint32_t i = 0; i < p->n_params; i++)
        if (parse_word_is(p, t, p->params[i]))
            return true;
    return false;
}

static uint32_t defined(const struct parser *p, uint32_t offset, uint32_t length)
{
    return lex_defined(p->lexed, p->source->text + offset, length);
}

static const struct function *built_in(const struct parser *p, const struct token *t)
{
    return t->kind == TOKEN_NAME
               ? lex_function(p->lexed, p->source->text + t->offset, t->length)
               : NULL;
}

static bool is_bare(const struct parser *p, const struct token *t)
{
    const uint32_t as = defined(p, t->offset, t->length);

    return (as & DEFINED_BARE) && !(as & DEFINED_FUNCTION);
}

static bool is_transform(const struct parser *p, const struct token *t)
{
    const struct function *const function = built_in(p, t);

    return function && function->classes & FUNCTION_TRANSFORM && !is_parameter(p, t) &&
           !is_bare(p, t);
}

/* `then` and `else` stay names outside a condition. */
static bool ends_condition(const struct parser *p, const struct token *t)
{
    return p->n_conditions > 0 && (parse_word_is(p, t, "then") || parse_word_is(p, t, "else"));
}

const char *parse_bus_name(struct parser *p)
{
    const struct token *const t = parse_peek(p, 0);
    const bool indexed = next_is_glued(p, TOKEN_OPEN_LIST);
    const char *const name = parse_text(p, t->offset + 1, t->length - 1);
    struct ph_ratio index;

    p->at++;
    if (!indexed)
        return name;
    const uint32_t offset = parse_peek(p, 0)->offset + 1;
    p->at++;
    const struct ast *const value = parse_sum(p);
    if (!value)
        return NULL;
    if (!parse_constant(value, &index) || index.den != 1 || index.num < 0)
        return parse_fail(p, offset, "the index of a bus is a whole number");
    if (peek_kind(p) != TOKEN_CLOSE_LIST)
        return parse_expected(p, "']'");
    p->at++;
    char *const full = arena_alloc(p->arena, t->length + 24);
    snprintf(full, t->length + 24, "%s%lld", name, (long long)index.num);
    return full;
}

/* ---- arguments ------------------------------------------------------------------------------- */

static struct ast *parse_unit(struct parser *p);
static struct ast *parse_atom(struct parser *p);

static bool enter(struct parser *p)
{
    if (++p->nesting <= PARSE_NESTING_MAX)
        return true;
    parse_fail(p, parse_peek(p, 0)->offset, "expression is nested more than %d deep",
               PARSE_NESTING_MAX);
    return false;
}

static bool is_minus(const struct token *t)
{
    return t->kind == TOKEN_ADD && t->op == AST_SUB;
}

/* LANGUAGE 3.3: a blank before and none behind makes the sign part of an argument. */
static bool at_negative_argument(const struct parser *p)
{
    const struct token *const t = parse_peek(p, 0);

    return is_minus(t) && t->space_before && next_is_glued(p, TOKEN_NUMBER);
}

static bool at_keyword(const struct parser *p)
{
    return peek_kind(p) == TOKEN_COLON && next_is_glued(p, TOKEN_NAME);
}

static bool at_argument(const struct parser *p, bool negative_numbers)
{
    const struct token *const t = parse_peek(p, 0);

    switch (t->kind) {
    case TOKEN_NUMBER:
    case TOKEN_STRING:
    case TOKEN_BUS:
    case TOKEN_TEMPLATE:
    case TOKEN_PATTERN:
    case TOKEN_OPEN:
    case TOKEN_OPEN_LIST:
        return true;
    case TOKEN_NAME:
        return !ends_condition(p, t);
    case TOKEN_COLON:
        return at_keyword(p);
    default:
        return negative_numbers && at_negative_argument(p);
    }
}

struct arguments {
    uint32_t mark; /* of positional arguments on the scratch stack */
    uint32_t n_keys, key_space;
    struct ast_key *keys;
};

static bool add_key(struct parser *p, struct arguments *a, struct ast_key key)
{
    if (!key.value)
        return false;
    if (a->n_keys == a->key_space) {
        a->key_space = a->key_space ? a->key_space * 2 : 4;
        struct ast_key *const keys = arena_alloc(p->arena, a->key_space * sizeof *keys);
        if (a->n_keys > 0)
            memcpy(keys, a->keys, a->n_keys * sizeof *keys);
        a->keys = keys;
    }
    a->keys[a->n_keys++] = key;
    return true;
}

/* `:name`, with the `=` that MIDI keywords carry. */
static struct ast_key parse_key_name(struct parser *p)
{
    const struct token *const name = parse_peek(p, 1);
    const struct ast_key key = {.name = parse_text(p, name->offset, name->length),
                                .offset = name->offset};

    p->at += 2;
    if (peek_kind(p) == TOKEN_EQUALS)
        p->at++;
    return key;
}

static struct ast *parse_argument(struct parser *p)
{
    if (is_minus(parse_peek(p, 0))) {
        const uint32_t offset = parse_peek(p, 0)->offset;
        p->at++;
        return peek_kind(p) == TOKEN_NUMBER ? parse_number(p, offset)
                                            : parse_expected(p, "a number");
    }
    return parse_atom(p);
}

/* f(a, :key b, c): the cursor is on the opening bracket. */
static bool parse_comma_arguments(struct parser *p, struct arguments *a)
{
    p->at++;
    if (peek_kind(p) == TOKEN_CLOSE) {
        p->at++;
        return true;
    }
    for (;;) {
        if (at_keyword(p)) {
            struct ast_key key = parse_key_name(p);
            key.value = parse_expr(p);
            if (!add_key(p, a, key))
                return false;
        } else {
            struct ast *const value = parse_expr(p);
            if (!value)
                return false;
            parse_push(p, value);
        }
        if (peek_kind(p) != TOKEN_COMMA)
            break;
        p->at++;
    }
    if (peek_kind(p) != TOKEN_CLOSE) {
        parse_expected(p, "',' or ')'");
        return false;
    }
    p->at++;
    return true;
}

/* `within (0, 0.5) rev` is `within 0 0.5 rev` for functions of this language. */
static void spread_tuples(struct parser *p, const struct ast *call, uint32_t mark)
{
    for (uint32_t i = mark; i < p->n_scratch; i++) {
        struct ast *const tuple = p->scratch[i];
        if (tuple->kind != AST_TUPLE)
            continue;
        if (!call->text || !function_find(call->text, strlen(call->text)))
            return;
        const uint32_t n_behind = p->n_scratch - i - 1;
        for (uint32_t k = 1; k < tuple->n_items; k++)
            parse_push(p, NULL);
        memmove(&p->scratch[i + tuple->n_items], &p->scratch[i + 1],
                n_behind * sizeof *p->scratch);
        memcpy(&p->scratch[i], tuple->items, tuple->n_items * sizeof *p->scratch);
        i += tuple->n_items - 1;
    }
}

static struct ast *close_call(struct parser *p, struct ast *call, struct arguments *a)
{
    spread_tuples(p, call, a->mark);
    call->items = (struct ast **)parse_take(p, a->mark, &call->n_items);
    call->n_keys = a->n_keys;
    call->keys = a->keys;
    return close_node(p, call);
}

/*
 * `every 4 fast 2`: the argument at `index` of `function` is the last one, a transform, and a bare
 * name stands there. `inside` takes its transform second or third: second if one stands there.
 */
static bool at_bare_transform(const struct parser *p, const struct function *function,
                              uint32_t index)
{
    return function && function->flags & FUNCTION_TAKES_TRANSFORM && index < 7 &&
           function->counts & FUNCTION_COUNT(index + 1) && is_transform(p, parse_peek(p, 0)) &&
           !next_is_glued(p, TOKEN_OPEN);
}

/* A transform's name with the arguments that are its own, no more: what follows is the caller's. */
static struct ast *parse_bare_transform(struct parser *p)
{
    const struct token *const t = parse_peek(p, 0);
    const struct function *const function = built_in(p, t);
    const uint32_t most = function_most_arguments(function);
    struct arguments a = {.mark = p->n_scratch};

    if (!enter(p))
        return NULL;
    struct ast *const call = make(p, AST_NAME, t->offset);
    call->text = parse_text(p, t->offset, t->length);
    p->at++;
    for (uint32_t k = 0; k < most && at_argument(p, true) && !at_keyword(p); k++) {
        const bool is_last = at_bare_transform(p, function, k);
        struct ast *const argument = is_last ? parse_bare_transform(p) : parse_argument(p);
        if (!argument)
            return NULL;
        parse_push(p, argument);
        call->kind = AST_CALL;
        if (is_last)
            break;
    }
    p->nesting--;
    return close_call(p, call, &a);
}

/* f a b :key c */
static bool parse_juxtaposed(struct parser *p, const struct function *function,
                             bool negative_numbers, struct arguments *a)
{
    uint32_t index = 0;

    while (at_argument(p, negative_numbers)) {
        if (at_keyword(p)) {
            struct ast_key key = parse_key_name(p);
            key.value = parse_argument(p);
            if (!add_key(p, a, key))
                return false;
            continue;
        }
        struct ast *const value = at_bare_transform(p, function, index) ? parse_bare_transform(p)
                                                                        : parse_argument(p);
        if (!value)
            return false;
        parse_push(p, value);
        index++;
    }
    return true;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* Constant side of a compile-time condition: a sum, `%` and another. */
static bool parse_condition_side(struct parser *p, struct ph_ratio *out)
{
    const uint32_t offset = parse_peek(p, 0)->offset;
    const struct ast *const left = parse_sum(p);
    struct ph_ratio right;
    bool overflow = false;

    if (!left)
        return false;
    if (!parse_constant(left, out)) {
        parse_fail(p, offset, "the condition of 'if ... then' compares numbers");
        return false;
    }
    if (peek_kind(p) != TOKEN_PERCENT)
        return true;
    p->at++;
    const struct ast *const divisor = parse_sum(p);
    if (!divisor)
        return false;
    if (!parse_constant(divisor, &right) || right.num == 0) {
        parse_fail(p, divisor->offset, "'%%' takes a number that is not 0");
        return false;
    }
    const struct ph_ratio whole =
        ph_ratio_of(ph_ratio_floor(ph_ratio_div(*out, right, &overflow)));
    *out = ph_ratio_sub(*out, ph_ratio_mul(whole, right, &overflow), &overflow);
    return true;
}

static bool compare(const char *op, uint32_t length, int order)
{
    if (length == 1)
        return op[0] == '<' ? order < 0 : order > 0;
    switch (op[0]) {
    case '=':
        return order == 0;
    case '!':
        return order != 0;
    case '<':
        return order <= 0;
    default:
        return order >= 0;
    }
}

static bool pass_word(struct parser *p, const char *word)
{
    if (!parse_word_is(p, parse_peek(p, 0), word)) {
        parse_expected(p, word);
        return false;
    }
    p->at++;
    return true;
}

/* `if A op B then e1 else e2`, known by its `then`; the run-time `if c a b` has none. */
static bool at_condition(const struct parser *p)
{
    if (!parse_word_is(p, parse_peek(p, 0), "if"))
        return false;
    for (uint32_t i = 1; i < CONDITION_TOKENS_MAX; i++) {
        const struct token *const t = &p->lexed->tokens[p->at + i];
        if (t->kind == TOKEN_COMPARE)
            return true;
        if (t->kind == TOKEN_END || t->kind == TOKEN_COMMA || t->kind == TOKEN_DOLLAR)
            return false;
    }
    return false;
}

static struct ast *parse_condition(struct parser *p)
{
    struct ph_ratio left, right;

    p->at++;
    p->n_conditions++;
    if (!parse_condition_side(p, &left))
        return NULL;
    const struct token *const op = parse_peek(p, 0);
    if (op->kind != TOKEN_COMPARE)
        return parse_expected(p, "a comparison");
    p->at++;
    if (!parse_condition_side(p, &right) || !pass_word(p, "then"))
        return NULL;
    struct ast *const yes = parse_expr(p);
    if (!yes || !pass_word(p, "else"))
        return NULL;
    p->n_conditions--;
    struct ast *const no = parse_expr(p);
    if (!no)
        return NULL;
    const char *const text = p->source->text + op->offset;
    return compare(text, op->length, ph_ratio_cmp(left, right)) ? yes : no;
}

/* sum(~x[A..B]) */
static bool at_sum(const struct parser *p)
{
    if (!parse_word_is(p, parse_peek(p, 0), "sum") || !next_is_glued(p, TOKEN_OPEN))
        return false;
    const struct token *const bus = parse_peek(p, 2), *const open = parse_peek(p, 3);
    return bus->kind == TOKEN_BUS && open->kind == TOKEN_OPEN_LIST &&
           open->offset == bus->offset + bus->length;
}

static bool parse_whole(struct parser *p, int64_t *out)
{
    const uint32_t offset = parse_peek(p, 0)->offset;
    const struct ast *const a = parse_sum(p);
    struct ph_ratio value;

    if (!a)
        return false;
    if (!parse_constant(a, &value) || value.den != 1) {
        parse_fail(p, offset, "a whole number is wanted here");
        return false;
    }
    *out = value.num;
    return true;
}

static struct ast *parse_bus_sum(struct parser *p)
{
    const uint32_t offset = parse_peek(p, 0)->offset;
    const struct token *const bus = parse_peek(p, 2);
    int64_t first, last;

    p->at += 4;
    if (!parse_whole(p, &first))
        return NULL;
    if (peek_kind(p) != TOKEN_RANGE)
        return parse_expected(p, "'..'");
    p->at++;
    if (!parse_whole(p, &last))
        return NULL;
    if (peek_kind(p) != TOKEN_CLOSE_LIST || parse_peek(p, 1)->kind != TOKEN_CLOSE)
        return parse_expected(p, "'])'");
    p->at += 2;
    if (first < 0 || last < first || last - first >= SUM_BUSES_MAX)
        return parse_fail(p, offset, "sum takes 1 to %d buses, in rising order", SUM_BUSES_MAX);
    struct ast *sum = NULL;
    for (int64_t i = first; i <= last; i++) {
        struct ast *const term = make(p, AST_BUS, bus->offset);
        char *const name = arena_alloc(p->arena, bus->length + 24);
        snprintf(name, bus->length + 24, "%.*s%lld", (int)bus->length - 1,
                 p->source->text + bus->offset + 1, (long long)i);
        term->text = name;
        term->end = last_end(p);
        sum = sum ? make_pair(p, AST_BINARY, AST_ADD, sum, term) : term;
    }
    if (sum)
        sum->parenthesised = true;
    return sum;
}

/* A name as an argument: alone, or with a bracket directly behind it. */
static struct ast *parse_name(struct parser *p)
{
    const struct token *const t = parse_peek(p, 0);
    const struct loop_variable *const loop = find_loop(p, t);
    struct arguments a = {.mark = p->n_scratch};

    if (at_sum(p))
        return parse_bus_sum(p);
    const bool called = next_is_glued(p, TOKEN_OPEN);
    p->at++;
    if (loop)
        return parse_make_number(p, t->offset, ph_ratio_of(loop->value));
    struct ast *const call = make(p, called ? AST_CALL : AST_NAME, t->offset);
    call->text = parse_text(p, t->offset, t->length);
    if (called && !parse_comma_arguments(p, &a))
        return NULL;
    return close_call(p, call, &a);
}

/* A name where it may take arguments. */
static struct ast *parse_call(struct parser *p)
{
    const struct token *const t = parse_peek(p, 0);
    const struct function *const function = built_in(p, t);
    const bool bare = is_bare(p, t);

    if (at_condition(p))
        return parse_condition(p);
    struct ast *const call = parse_name(p);
    if (!call || call->kind != AST_NAME)
        return call;
    /* A bare definition that hides no function takes no arguments; `x -1` is a difference then. */
    if (is_parameter(p, t) || (bare && !function) || !at_argument(p, !bare))
        return call;

    struct arguments a = {.mark = p->n_scratch};
    call->kind = AST_CALL;
    if (!parse_juxtaposed(p, bare ? NULL : function, !bare, &a))
        return NULL;
    return close_call(p, call, &a);
}

static bool is_arithmetic_bus(const char *name)
{
    return strcmp(name, "add") == 0 || strcmp(name, "sub") == 0 || strcmp(name, "mul") == 0 ||
           strcmp(name, "div") == 0;
}

/* A bus, called if it is a function bus. One that this text does not define may be either. */
static struct ast *parse_bus(struct parser *p, bool may_call)
{
    const struct token *const t = parse_peek(p, 0);
    struct ast *const bus = make(p, AST_BUS, t->offset);
    struct arguments a = {.mark = p->n_scratch};
    const char *const name = parse_bus_name(p);

    if (!name)
        return NULL;
    bus->text = name;
    const uint32_t as = lex_defined(p->lexed, name, strlen(name));
    /* LANGUAGE 2.2 reserves these four names. Programs define them all the same, ~sub above all: a
       definition takes the name, and the operators of that program are ~+ and its like. */
    const bool is_arithmetic = as == 0 && is_arithmetic_bus(name);
    const bool is_function = as & DEFINED_FUNCTION_BUS || is_arithmetic;
    const struct token *const next = parse_peek(p, 0);
    const bool called = is_function && next->kind == TOKEN_OPEN && next->offset == last_end(p);
    if (called) {
        bus->kind = AST_BUS_CALL;
        if (!parse_comma_arguments(p, &a))
            return NULL;
    } else if (may_call && (is_function || as == 0) && at_argument(p, is_function)) {
        bus->kind = AST_BUS_CALL;
        if (!parse_juxtaposed(p, NULL, is_function, &a))
            return NULL;
    }
    return close_call(p, bus, &a);
}

/* ---- atoms ----------------------------------------------------------------------------------- */

static struct ast *parse_string(struct parser *p)
{
    const struct token *const t = parse_peek(p, 0);
    struct ast *const a = make(p, AST_STRING, t->offset);

    a->text_offset = t->offset + 1;
    a->text = parse_text(p, t->offset + 1, t->length - 2);
    p->at++;
    return close_node(p, a);
}

/* "a" "b": one string a cycle. */
static struct ast *parse_strings(struct parser *p)
{
    struct ast *const first = parse_string(p);
    const uint32_t mark = p->n_scratch;

    if (peek_kind(p) != TOKEN_STRING)
        return first;
    struct ast *const all = make(p, AST_STRING, first->offset);
    all->text = first->text;
    all->text_offset = first->text_offset;
    parse_push(p, first);
    while (peek_kind(p) == TOKEN_STRING)
        parse_push(p, parse_string(p));
    all->items = (struct ast **)parse_take(p, mark, &all->n_items);
    return close_node(p, all);
}

static struct ast *parse_sigil(struct parser *p, enum ast_kind kind)
{
    const struct token *const t = parse_peek(p, 0);
    struct ast *const a = make(p, kind, t->offset);

    a->text = parse_text(p, t->offset + 1, t->length - 1);
    p->at++;
    return close_node(p, a);
}

static struct ast *parse_chain_argument(struct parser *p)
{
    switch (peek_kind(p)) {
    case TOKEN_NAME:
        return parse_call(p);
    case TOKEN_BUS:
        return parse_bus(p, true);
    case TOKEN_TEMPLATE:
    case TOKEN_PATTERN:
    case TOKEN_OPEN:
        return parse_atom(p);
    default:
        return parse_expected(p, "an effect, a modifier or a bus after '#'");
    }
}

static const char *link_name(enum ast_op op)
{
    switch (op) {
    case AST_ADD:
    case AST_AUDIO_ADD:
        return "add";
    case AST_SUB:
    case AST_AUDIO_SUB:
        return "sub";
    case AST_MUL:
    case AST_AUDIO_MUL:
        return "mul";
    case AST_DIV:
    case AST_AUDIO_DIV:
        return "div";
    default:
        return NULL;
    }
}

static struct ast *parse_term(struct parser *p);

/* Arithmetic in an effect section is a link of its chain: `# lpf 300 * 0.5` is `# mul 0.5`. */
static struct ast *parse_section_arithmetic(struct parser *p)
{
    const struct token *const t = parse_peek(p, 0);
    const char *const name = link_name(t->op);

    if (!name)
        return parse_fail(p, t->offset, "this operator has no place in an effect section");
    p->at++;
    return parse_make_call(p, name, t->kind == TOKEN_MUL ? parse_unit(p) : parse_term(p));
}

/* (# f args # g ...): the cursor is on the first `#`. */
static struct ast *parse_section(struct parser *p, uint32_t offset)
{
    struct ast *const section = make(p, AST_SECTION, offset);
    const uint32_t mark = p->n_scratch;

    for (;;) {
        struct ast *link;
        if (peek_kind(p) == TOKEN_CHAIN) {
            p->at++;
            link = parse_chain_argument(p);
        } else if (peek_kind(p) == TOKEN_MUL || peek_kind(p) == TOKEN_ADD) {
            link = parse_section_arithmetic(p);
        } else {
            break;
        }
        if (!link)
            return NULL;
        parse_push(p, link);
    }
    section->items = (struct ast **)parse_take(p, mark, &section->n_items);
    return close_node(p, section);
}

static bool is_operator(const struct token *t)
{
    return t->kind == TOKEN_OPERATOR || t->kind == TOKEN_ADD || t->kind == TOKEN_MUL;
}

/* An operator that the closing parenthesis cuts off: (1/8 ~>). */
static bool at_cut_operator(const struct parser *p)
{
    return is_operator(parse_peek(p, 0)) && parse_peek(p, 1)->kind == TOKEN_CLOSE;
}

/* The operand of (op x) or (x op); the cursor is on the operator. */
static struct ast *parse_operator_section(struct parser *p, uint32_t offset, struct ast *left)
{
    const struct token *const t = parse_peek(p, 0);
    struct ast *const section = make(p, AST_OPERATOR_SECTION, offset);

    section->text = parse_text(p, t->offset, t->length);
    section->on_left = left != NULL;
    p->at++;
    struct ast *const operand = left ? left : parse_expr(p);
    if (!operand)
        return NULL;
    section->n_items = 1;
    section->items = arena_alloc(p->arena, sizeof *section->items);
    section->items[0] = operand;
    return close_node(p, section);
}

/* (a, b): the cursor is on the first comma. */
static struct ast *parse_tuple(struct parser *p, uint32_t offset, struct ast *first)
{
    struct ast *const tuple = make(p, AST_TUPLE, offset);
    const uint32_t mark = p->n_scratch;

    parse_push(p, first);
    while (peek_kind(p) == TOKEN_COMMA) {
        p->at++;
        struct ast *const item = parse_expr(p);
        if (!item)
            return NULL;
        parse_push(p, item);
    }
    tuple->items = (struct ast **)parse_take(p, mark, &tuple->n_items);
    return close_node(p, tuple);
}

static struct ast *parse_inside(struct parser *p, uint32_t offset)
{
    const struct token *const t = parse_peek(p, 0);

    if (t->kind == TOKEN_CHAIN)
        return parse_section(p, offset);
    if ((is_operator(t) || t->kind == TOKEN_DOLLAR) && parse_peek(p, 1)->kind == TOKEN_CLOSE) {
        struct ast *const name = make(p, AST_NAME, t->offset); /* ($): the function itself */
        name->text = parse_text(p, t->offset, t->length);
        p->at++;
        return close_node(p, name);
    }
    if (is_operator(t) && !is_minus(t))
        return parse_operator_section(p, offset, NULL);
    struct ast *const inner = parse_expr(p);
    if (inner && at_cut_operator(p))
        return parse_operator_section(p, offset, inner);
    return inner && peek_kind(p) == TOKEN_COMMA ? parse_tuple(p, offset, inner) : inner;
}

static struct ast *parse_parenthesised(struct parser *p)
{
    const uint32_t offset = parse_peek(p, 0)->offset;

    p->at++;
    if (peek_kind(p) == TOKEN_CLOSE)
        return parse_fail(p, offset, "nothing between the parentheses");
    struct ast *const inner = parse_inside(p, offset);
    if (!inner)
        return NULL;
    if (peek_kind(p) != TOKEN_CLOSE)
        return parse_expected(p, "an operator or ')'");
    p->at++;
    inner->parenthesised = true;
    return inner;
}

static struct ast *parse_list(struct parser *p)
{
    struct ast *const list = make(p, AST_LIST, parse_peek(p, 0)->offset);
    const uint32_t mark = p->n_scratch;

    p->at++;
    while (peek_kind(p) != TOKEN_CLOSE_LIST) {
        struct ast *const item = parse_expr(p);
        if (!item)
            return NULL;
        parse_push(p, item);
        if (peek_kind(p) == TOKEN_CLOSE_LIST)
            break;
        if (peek_kind(p) != TOKEN_COMMA)
            return parse_expected(p, "',' or ']'");
        p->at++;
        if (peek_kind(p) == TOKEN_CLOSE_LIST)
            return parse_expected(p, "a value");
    }
    p->at++;
    list->items = (struct ast **)parse_take(p, mark, &list->n_items);
    return close_node(p, list);
}

static struct ast *parse_atom(struct parser *p)
{
    struct ast *a;

    if (!enter(p))
        return NULL;
    switch (peek_kind(p)) {
    case TOKEN_NUMBER:
        a = parse_number(p, parse_peek(p, 0)->offset);
        break;
    case TOKEN_STRING:
        a = parse_string(p);
        break;
    case TOKEN_BUS:
        a = parse_bus(p, false);
        break;
    case TOKEN_TEMPLATE:
        a = parse_sigil(p, AST_TEMPLATE);
        break;
    case TOKEN_PATTERN:
        a = parse_sigil(p, AST_PATTERN);
        break;
    case TOKEN_NAME:
        a = parse_name(p);
        break;
    case TOKEN_OPEN:
        a = parse_parenthesised(p);
        break;
    case TOKEN_OPEN_LIST:
        a = parse_list(p);
        break;
    default:
        a = parse_expected(p, "a value");
    }
    p->nesting--;
    return a;
}

/* ---- operators ------------------------------------------------------------------------------- */

static struct ast *parse_minus(struct parser *p)
{
    const uint32_t offset = parse_peek(p, 0)->offset;
    const bool is_sign = next_is_glued(p, TOKEN_NUMBER);

    p->at++;
    if (is_sign)
        return parse_number(p, offset);
    struct ast *const operand = parse_unit(p);
    if (!operand)
        return NULL;
    struct ast *const a = make(p, AST_NEG, offset);
    a->n_items = 1;
    a->items = arena_alloc(p->arena, sizeof *a->items);
    a->items[0] = operand;
    return close_node(p, a);
}

static struct ast *parse_single(struct parser *p)
{
    struct ast *a;

    if (!enter(p))
        return NULL;
    if (is_minus(parse_peek(p, 0)))
        a = parse_minus(p);
    else if (peek_kind(p) == TOKEN_NAME)
        a = parse_call(p);
    else if (peek_kind(p) == TOKEN_BUS)
        a = parse_bus(p, true);
    else if (peek_kind(p) == TOKEN_STRING)
        a = parse_strings(p);
    else
        a = parse_atom(p);
    p->nesting--;
    return a;
}

/* A unit, or several functions with points between: the right one comes first. */
static struct ast *parse_unit(struct parser *p)
{
    struct ast *const first = parse_single(p);

    if (!first || peek_kind(p) != TOKEN_COMPOSE)
        return first;
    if (!enter(p))
        return NULL;
    p->at++;
    struct ast *const composed = make_pair(p, AST_COMPOSE, AST_ADD, first, parse_unit(p));
    p->nesting--;
    return composed;
}

static struct ast *parse_term_tail(struct parser *p, struct ast *left)
{
    while (left && peek_kind(p) == TOKEN_MUL && !at_cut_operator(p)) {
        const enum ast_op op = parse_peek(p, 0)->op;
        p->at++;
        left = make_pair(p, AST_BINARY, op, left, parse_unit(p));
    }
    return left;
}

static struct ast *parse_term(struct parser *p)
{
    return parse_term_tail(p, parse_unit(p));
}

static struct ast *parse_sum_tail(struct parser *p, struct ast *left)
{
    left = parse_term_tail(p, left);
    while (left && (peek_kind(p) == TOKEN_ADD || peek_kind(p) == TOKEN_OPERATOR) &&
           !at_cut_operator(p)) {
        const struct token *const t = parse_peek(p, 0);
        const enum ast_kind kind = t->kind == TOKEN_ADD ? AST_BINARY : AST_OPERATOR;
        p->at++;
        left = make_pair(p, kind, (enum ast_op)t->op, left, parse_term(p));
        if (left && kind == AST_OPERATOR)
            left->text = parse_text(p, t->offset, t->length);
    }
    return left;
}

struct ast *parse_sum(struct parser *p)
{
    return parse_sum_tail(p, parse_unit(p));
}

/* e1 $ e2 $ ...: `first` has been read and the cursor is on a `$`. */
static struct ast *parse_dollar(struct parser *p, struct ast *first)
{
    struct ast *const run = make(p, AST_DOLLAR, first->offset);
    const uint32_t mark = p->n_scratch;

    parse_push(p, first);
    while (peek_kind(p) == TOKEN_DOLLAR) {
        p->at++;
        struct ast *const operand = parse_sum(p);
        if (!operand)
            return NULL;
        parse_push(p, operand);
    }
    run->items = (struct ast **)parse_take(p, mark, &run->n_items);
    return close_node(p, run);
}

struct ast *parse_expr(struct parser *p)
{
    struct ast *left = parse_unit(p);

    for (;;) {
        left = parse_sum_tail(p, left);
        if (left && peek_kind(p) == TOKEN_DOLLAR)
            left = parse_dollar(p, left);
        if (!left || peek_kind(p) != TOKEN_CHAIN)
            return left;
        p->at++;
        left = make_pair(p, AST_CHAIN, AST_ADD, left, parse_chain_argument(p));
    }
}
