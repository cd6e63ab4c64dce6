/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/mini.c - mini-notation: LANGUAGE 6.                                                     */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ast.h"
#include "client/lex.h"
#include "client/parse.h"

/* One step of a sequence while it is being read. */
struct step {
    struct mini *node;
    struct ph_ratio weight;
    struct ph_ratio stretch; /* added by `_` to the last of the copies */
    uint32_t count;          /* copies, by `!` */
};

struct reader {
    const char *text;
    uint32_t at, length;
    uint32_t text_offset; /* of text[0] in the source */
    struct arena *arena;
    struct diag *diag;
    bool failed;
    uint32_t nesting;
    uint32_t in_argument; /* inside the argument of a modifier, where only numbers stand */
    uint32_t n_seeds;
    uint32_t n_steps, step_space; /* stack: a sequence takes what lies above its mark */
    struct step *steps;
    uint32_t n_parts, part_space; /* the same for the parts of stacks */
    struct mini **parts;
};

/* What a bracket makes of each of its sequences. */
enum wrap { WRAP_SEQ, WRAP_ALTERNATE, WRAP_POLYMETER };

/* ---- characters and messages ----------------------------------------------------------------- */

static char peek(const struct reader *r, uint32_t ahead)
{
    return r->length - r->at > ahead ? r->text[r->at + ahead] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '#' || c == '-';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A character behind which nothing of a word goes on; '\0' at the end of the text included. */
static bool ends_step(char c)
{
    return c == '\0' || is_blank(c) || strchr("[](){}<>,|*/!@?.", c) != NULL;
}

static void skip_blanks(struct reader *r)
{
    while (is_blank(peek(r, 0)))
        r->at++;
}

static void *fail(struct reader *r, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void *fail(struct reader *r, uint32_t at, const char *format, ...)
{
    char text[256];
    va_list arguments;

    if (r->failed)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    diag_error(r->diag, r->text_offset + at, "%s", text);
    r->failed = true;
    return NULL;
}

static void *must(void *memory)
{
    if (!memory)
        abort(); /* as the arena: nothing can be compiled without memory */
    return memory;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static struct mini *make(struct reader *r, enum mini_kind kind, uint32_t at)
{
    struct mini *const m = arena_alloc(r->arena, sizeof *m);

    m->kind = kind;
    m->offset = r->text_offset + at;
    m->size = m->depth = 1;
    return m;
}

static void add_child(struct mini *m, uint64_t *size, const struct mini *child)
{
    if (!child)
        return;
    *size += child->size;
    if (child->depth >= m->depth)
        m->depth = child->depth + 1;
}

/* Completes a node whose children are known. `at` is where too large a one is reported. */
static struct mini *close_node(struct reader *r, struct mini *m, uint32_t at)
{
    uint64_t size = 0;

    for (uint32_t i = 0; i < m->n_items; i++)
        add_child(m, &size, m->items[i]);
    add_child(m, &size, m->argument);
    add_child(m, &size, m->argument2);
    add_child(m, &size, m->argument3);
    if (size > MINI_SIZE_MAX)
        return fail(r, at, "more than %d steps in one string", MINI_SIZE_MAX);
    if (m->depth > MINI_DEPTH_MAX)
        return fail(r, at, "nested more than %d deep", MINI_DEPTH_MAX);
    m->size = size > 0 ? (uint32_t)size : 1;
    return m;
}

static struct mini *make_on(struct reader *r, enum mini_kind kind, uint32_t at, struct mini *item)
{
    struct mini *const m = make(r, kind, at);

    m->offset = item->offset;
    m->n_items = 1;
    m->items = arena_alloc(r->arena, sizeof *m->items);
    m->items[0] = item;
    return m;
}

static struct mini *make_list(struct reader *r, enum mini_kind kind, uint32_t at, uint32_t mark)
{
    struct mini *const m = make(r, kind, at);

    m->n_items = r->n_parts - mark;
    m->items = arena_alloc(r->arena, m->n_items * sizeof *m->items);
    memcpy(m->items, r->parts + mark, m->n_items * sizeof *m->items);
    r->n_parts = mark;
    return m;
}

static void push_part(struct reader *r, struct mini *part)
{
    if (r->n_parts == r->part_space) {
        r->part_space = r->part_space ? r->part_space * 2 : 16;
        r->parts = must(realloc(r->parts, r->part_space * sizeof *r->parts));
    }
    r->parts[r->n_parts++] = part;
}

static bool push_step(struct reader *r, struct mini *node)
{
    if (r->n_steps >= MINI_SIZE_MAX) {
        fail(r, node->offset - r->text_offset, "more than %d steps in one string", MINI_SIZE_MAX);
        return false;
    }
    if (r->n_steps == r->step_space) {
        r->step_space = r->step_space ? r->step_space * 2 : 64;
        r->steps = must(realloc(r->steps, r->step_space * sizeof *r->steps));
    }
    r->steps[r->n_steps++] = (struct step){
        .node = node, .weight = PH_RATIO(1, 1), .stretch = PH_RATIO(0, 1), .count = 1};
    return true;
}

/* ---- words and numbers ----------------------------------------------------------------------- */

/* Length of a number at `at`: sign, digits, fraction, `%` and divisor; 0 if none stands there. */
static uint32_t number_length(const struct reader *r, uint32_t ahead, bool *has_point)
{
    uint32_t n = ahead;

    if (peek(r, n) == '-' || peek(r, n) == '+')
        n++;
    const uint32_t digits = n;
    while (is_digit(peek(r, n)))
        n++;
    const bool whole = n > digits;
    *has_point = false;
    if (peek(r, n) == '.' && is_digit(peek(r, n + 1))) {
        *has_point = true;
        for (n++; is_digit(peek(r, n)); n++)
            ;
    } else if (whole && peek(r, n) == '.' && peek(r, n + 1) != '.' && ends_step(peek(r, n + 1)) &&
               !is_blank(peek(r, n + 1)) && peek(r, n + 1) != '\0') {
        *has_point = true;
        n++;
    }
    return whole || *has_point ? n - ahead : 0;
}

/* The number of `length` bytes under the cursor, which it passes, with a divisor `%d` behind it. */
static bool read_number(struct reader *r, uint32_t length, struct ph_ratio *ratio, double *number)
{
    const uint32_t at = r->at;
    const bool plus = peek(r, 0) == '+';
    bool has_point, overflow = false;

    if (!parse_decimal(r->text + at + plus, length - plus, ratio, number)) {
        fail(r, at, "number is too large");
        return false;
    }
    r->at += length;
    if (peek(r, 0) != '%' || !is_digit(peek(r, 1)))
        return true;
    struct ph_ratio divisor;
    double below;
    const uint32_t n = number_length(r, 1, &has_point);
    if (!parse_decimal(r->text + r->at + 1, n, &divisor, &below) || divisor.num == 0) {
        fail(r, r->at, "'%%' divides by a number that is not 0");
        return false;
    }
    *ratio = ph_ratio_div(*ratio, divisor, &overflow);
    *number /= below;
    if (overflow)
        fail(r, at, "number is too large");
    r->at += 1 + n;
    return !overflow;
}

/* c4'maj'i: the cursor is on the first quote. */
static struct mini *parse_chord(struct reader *r, uint32_t at)
{
    struct mini *const m = make(r, MINI_CHORD, at);
    uint32_t part, begin;

    m->text = arena_text(r->arena, r->text + at, r->at - at);
    begin = r->at + 1;
    while (peek(r, 0) == '\'') {
        part = ++r->at;
        while (is_letter(peek(r, 0)) || is_digit(peek(r, 0)) || peek(r, 0) == '#')
            r->at++;
        if (r->at == part)
            return fail(r, part, "the name of a chord is missing after '");
        /* `/` slows down, but in these two names it is a letter */
        const char *const rest = r->text + r->at;
        const uint32_t left = r->length - r->at, n = r->at - part;
        if (n == 1 && r->text[part] == '6' && left >= 2 && memcmp(rest, "/9", 2) == 0)
            r->at += 2;
        else if (n == 1 && r->text[part] == 'm' && left >= 5 && memcmp(rest, "/maj7", 5) == 0)
            r->at += 5;
    }
    m->quality = arena_text(r->arena, r->text + begin, r->at - begin);
    return m;
}

/* The index behind a word, `bd:3`; the cursor is on the colon. */
static bool pass_index(struct reader *r)
{
    bool has_point;
    const uint32_t n = number_length(r, 1, &has_point);

    if (n == 0 || peek(r, 1) == '+') {
        fail(r, r->at, "the number of a sample is missing after ':'");
        return false;
    }
    r->at += 1 + n;
    return true;
}

static struct mini *parse_word(struct reader *r)
{
    const uint32_t at = r->at;

    while (in_word(peek(r, 0)))
        r->at++;
    if (peek(r, 0) == ':' && !pass_index(r))
        return NULL;
    if (peek(r, 0) == '\'')
        return parse_chord(r, at);
    struct mini *const m = make(r, MINI_WORD, at);
    m->text = arena_text(r->arena, r->text + at, r->at - at);
    return m;
}

/* A number, or a word that begins with digits (808bd, 808:3), or a chord on a number (-24'maj7). */
static struct mini *parse_number(struct reader *r, uint32_t length, bool has_point)
{
    const uint32_t at = r->at;
    const bool is_plain = is_digit(peek(r, 0)) && !has_point;
    const char next = peek(r, length);

    if (is_plain && (is_letter(next) || next == '#' || next == ':'))
        return parse_word(r);
    if (is_letter(next) || next == '#')
        return fail(r, at + length, "letters directly after a number");
    if (next == '\'') {
        r->at += length;
        return parse_chord(r, at);
    }
    struct mini *const m = make(r, MINI_NUMBER, at);
    if (!read_number(r, length, &m->ratio, &m->number))
        return NULL;
    m->text = arena_text(r->arena, r->text + at, r->at - at);
    return m;
}

/* ~name */
static struct mini *parse_bus(struct reader *r)
{
    const uint32_t at = r->at++;
    struct mini *const m = make(r, MINI_BUS, at);

    while (is_letter(peek(r, 0)) || is_digit(peek(r, 0)))
        r->at++;
    m->text = arena_text(r->arena, r->text + at, r->at - at);
    return m;
}

/* ---- brackets -------------------------------------------------------------------------------- */

static bool parse_steps(struct reader *r);
static struct mini *parse_argument(struct reader *r);

/* Number of a sequence's steps, copies of `!` counted. */
static uint64_t count_items(const struct reader *r, uint32_t mark)
{
    uint64_t n = 0;

    for (uint32_t i = mark; i < r->n_steps; i++)
        n += r->steps[i].count;
    return n;
}

/* Takes the steps above `mark` as one node. A lone step of weight 1 needs no node around it. */
static struct mini *take_steps(struct reader *r, uint32_t mark, enum mini_kind kind, uint32_t at,
                               bool keep)
{
    const uint64_t n = count_items(r, mark);
    bool overflow = false;

    if (n > MINI_SIZE_MAX)
        return fail(r, at, "more than %d steps in one string", MINI_SIZE_MAX);
    if (n == 0 && !keep) {
        r->n_steps = mark;
        return make(r, MINI_SILENCE, at);
    }
    if (n == 1 && r->n_steps == mark + 1 && !keep) {
        const struct step *const lone = &r->steps[mark];
        if (kind == MINI_SEQ || (ph_ratio_cmp(lone->weight, PH_RATIO(1, 1)) == 0 &&
                                 ph_ratio_cmp(lone->stretch, PH_RATIO(0, 1)) == 0)) {
            r->n_steps = mark;
            return lone->node;
        }
    }
    struct mini *const m = make(r, kind, at);
    m->items = arena_alloc(r->arena, (n + 1) * sizeof *m->items);
    m->weights = arena_alloc(r->arena, (n + 1) * sizeof *m->weights);
    for (uint32_t i = mark; i < r->n_steps; i++) {
        const struct step *const s = &r->steps[i];
        for (uint32_t k = 0; k < s->count; k++) {
            m->items[m->n_items] = s->node;
            m->weights[m->n_items++] =
                k + 1 == s->count ? ph_ratio_add(s->weight, s->stretch, &overflow) : s->weight;
        }
    }
    r->n_steps = mark;
    if (overflow)
        return fail(r, at, "the weights of these steps do not fit");
    return close_node(r, m, at);
}

/* One sequence, up to `,`, `|` or a closing bracket. Sets *empty if there was no step at all. */
static struct mini *parse_sequence(struct reader *r, enum wrap wrap, bool *empty)
{
    const uint32_t at = r->at, mark = r->n_steps;
    const enum mini_kind kind = wrap == WRAP_ALTERNATE ? MINI_ALTERNATE : MINI_SEQ;

    if (!parse_steps(r))
        return NULL;
    *empty = *empty && r->n_steps == mark;
    return take_steps(r, mark, kind, at, wrap == WRAP_POLYMETER);
}

static struct mini *finish_polymeter(struct reader *r, uint32_t at, uint32_t mark, char separator)
{
    struct mini *argument = NULL;

    /* The part that | chose is a polymeter of its own. */
    uint32_t seed = 0;
    if (separator == '|') {
        seed = r->n_seeds++;
        for (uint32_t i = mark; i < r->n_parts; i++)
            r->parts[i] = make_on(r, MINI_POLYMETER, at, r->parts[i]);
    }
    if (peek(r, 0) == '%') {
        r->at++;
        argument = parse_argument(r);
        if (!argument)
            return NULL;
    }
    if (separator != '|') {
        struct mini *const m = make_list(r, MINI_POLYMETER, at, mark);
        m->argument = argument;
        return close_node(r, m, at);
    }
    for (uint32_t i = mark; i < r->n_parts; i++) {
        r->parts[i]->argument = argument;
        if (!close_node(r, r->parts[i], at))
            return NULL;
    }
    struct mini *const choice = make_list(r, MINI_CHOICE, at, mark);
    choice->seed = seed;
    return close_node(r, choice, at);
}

/* Parts up to a closing bracket or the end of the text; *separator stands between them. */
static bool parse_parts(struct reader *r, enum wrap wrap, char *separator, bool *empty)
{
    *separator = '\0';
    *empty = true;
    for (;;) {
        struct mini *const part = parse_sequence(r, wrap, empty);
        if (!part)
            return false;
        push_part(r, part);
        if (r->n_parts > MINI_SIZE_MAX) {
            fail(r, r->at, "more than %d steps in one string", MINI_SIZE_MAX);
            return false;
        }
        const char c = peek(r, 0);
        if (c != ',' && c != '|')
            return true;
        if (*separator && c != *separator) {
            fail(r, r->at, "',' and '|' at one level: brackets must say which comes first");
            return false;
        }
        *separator = c;
        r->at++;
    }
}

/* A bracket whose parts begin under the cursor and end with `close`; '\0': the whole string. */
static struct mini *parse_bracket(struct reader *r, uint32_t at, enum wrap wrap, char close)
{
    const uint32_t mark = r->n_parts;
    char separator;
    bool empty;

    if (++r->nesting > MINI_DEPTH_MAX)
        return fail(r, at, "brackets are nested more than %d deep", MINI_DEPTH_MAX);
    if (!parse_parts(r, wrap, &separator, &empty))
        return NULL;
    if (r->at >= r->length) {
        if (close)
            return fail(r, at, "'%c' is never closed: '%c' is missing", r->text[at], close);
    } else if (peek(r, 0) != close) {
        if (!close)
            return fail(r, r->at, "'%c' closes nothing", peek(r, 0));
        return fail(r, r->at, "'%c' where '%c' must come first", peek(r, 0), close);
    } else {
        r->at++;
    }
    r->nesting--;
    if (wrap == WRAP_ALTERNATE && empty)
        return fail(r, at, "nothing between '<' and '>'");
    if (wrap == WRAP_POLYMETER)
        return finish_polymeter(r, at, mark, separator);
    if (r->n_parts - mark == 1)
        return r->parts[--r->n_parts];
    struct mini *const m = make_list(r, separator == '|' ? MINI_CHOICE : MINI_STACK, at, mark);
    if (separator == '|')
        m->seed = r->n_seeds++;
    return close_node(r, m, at);
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* Skips what is no character of the notation. */
static void skip_unknown(struct reader *r)
{
    uint32_t n = 1;

    while (((unsigned char)peek(r, n) & 0xC0) == 0x80)
        n++;
    diag_warning(r->diag, r->text_offset + r->at, "unknown character '%.*s' is skipped", (int)n,
                 r->text + r->at);
    r->at += n;
}

static struct mini *only_number(struct reader *r, struct mini *m)
{
    const bool is_number = !m || m->kind == MINI_NUMBER || m->kind == MINI_SILENCE;

    if (!is_number && r->in_argument > 0 &&
        (m->kind == MINI_WORD || m->kind == MINI_BUS || m->kind == MINI_CHORD))
        return fail(r, m->offset - r->text_offset, "a number is wanted here");
    return m;
}

/* Element under the cursor; NULL with `failed` unset: none stands there. */
static struct mini *parse_element(struct reader *r)
{
    const uint32_t at = r->at;
    const char c = peek(r, 0);
    bool has_point;

    switch (c) {
    case '[':
        r->at++;
        return parse_bracket(r, at, WRAP_SEQ, ']');
    case '(':
        r->at++;
        return parse_bracket(r, at, WRAP_SEQ, ')');
    case '<':
        r->at++;
        return parse_bracket(r, at, WRAP_ALTERNATE, '>');
    case '{':
        r->at++;
        return parse_bracket(r, at, WRAP_POLYMETER, '}');
    case '~':
        if (is_letter(peek(r, 1)))
            return only_number(r, parse_bus(r));
        r->at++;
        return make(r, MINI_SILENCE, at);
    default:
        break;
    }
    const uint32_t length = number_length(r, 0, &has_point);
    if (length > 0)
        return only_number(r, parse_number(r, length, has_point));
    if (is_letter(c))
        return only_number(r, parse_word(r));
    if (c == '-' && ends_step(peek(r, 1))) {
        r->at++;
        return make(r, MINI_SILENCE, at);
    }
    return NULL;
}

/* Argument of a modifier: a number or a bracket of numbers. */
static struct mini *parse_argument(struct reader *r)
{
    skip_blanks(r);
    const uint32_t at = r->at;
    const char c = peek(r, 0);
    bool has_point;

    if (c != '<' && c != '[' && c != '{' && number_length(r, 0, &has_point) == 0)
        return fail(r, at, "a number or a bracket of numbers is missing here");
    r->in_argument++;
    struct mini *const m = parse_element(r);
    r->in_argument--;
    return m;
}

/* Element `* f`, `/ f`: the cursor is on the sign. */
static struct mini *parse_speed(struct reader *r, struct mini *item)
{
    const uint32_t at = r->at;
    struct mini *const m = make_on(r, peek(r, 0) == '*' ? MINI_FAST : MINI_SLOW, at, item);

    r->at++;
    m->argument = parse_argument(r);
    return m->argument ? close_node(r, m, at) : NULL;
}

static struct mini *parse_degrade(struct reader *r, struct mini *item)
{
    const uint32_t at = r->at;
    struct mini *const m = make_on(r, MINI_DEGRADE, at, item);
    bool has_point;

    r->at++;
    m->number = 0.5;
    m->ratio = PH_RATIO(1, 2);
    const bool has_number = is_digit(peek(r, 0)) || (peek(r, 0) == '.' && is_digit(peek(r, 1)));
    if (has_number && !read_number(r, number_length(r, 0, &has_point), &m->ratio, &m->number))
        return NULL;
    m->seed = r->n_seeds++;
    return close_node(r, m, at);
}

/* Argument of a euclid, which may be sped up or thinned itself: bd(<3 5>/2,8). */
static struct mini *parse_euclid_argument(struct reader *r)
{
    struct mini *m = parse_argument(r);

    r->in_argument++;
    for (char c; m && (c = peek(r, 0), c == '*' || c == '/' || c == '?');)
        m = c == '?' ? parse_degrade(r, m) : parse_speed(r, m);
    r->in_argument--;
    return m;
}

/* (k,n) or (k,n,r) behind an element, with commas or blanks between. */
static struct mini *parse_euclid(struct reader *r, struct mini *item)
{
    const uint32_t at = r->at;
    struct mini *const m = make_on(r, MINI_EUCLID, at, item);
    struct mini **const arguments[] = {&m->argument, &m->argument2, &m->argument3};

    r->at++;
    for (uint32_t n = 0;; n++) {
        skip_blanks(r);
        if (r->at >= r->length)
            return fail(r, at, "'(' is never closed: ')' is missing");
        if (peek(r, 0) == ')' && n >= 2)
            break;
        if (n == 3)
            return fail(r, r->at, "a rhythm has two or three numbers: (hits, steps, rotation)");
        if (n > 0 && peek(r, 0) == ',') {
            r->at++;
        } else if (peek(r, 0) == ')') {
            return fail(r, r->at, "a rhythm needs hits and steps: (3,8)");
        }
        *arguments[n] = parse_euclid_argument(r);
        if (!*arguments[n])
            return NULL;
    }
    r->at++;
    return close_node(r, m, at);
}

/* !n or !: the copies share their node. */
static bool parse_repeat(struct reader *r, struct step *s)
{
    const uint32_t at = r->at++;
    uint64_t n = 0;

    if (!is_digit(peek(r, 0))) {
        n = 2;
    } else {
        for (; is_digit(peek(r, 0)); r->at++)
            if (n <= MINI_SIZE_MAX)
                n = n * 10 + (uint64_t)(peek(r, 0) - '0');
        if (peek(r, 0) == '.' && is_digit(peek(r, 1))) {
            fail(r, at, "'!' takes a whole number");
            return false;
        }
    }
    n = s->count + n - (n > 0 || s->count > 0 ? 1 : 0);
    if (n * s->node->size > MINI_SIZE_MAX) {
        fail(r, at, "more than %d steps in one string", MINI_SIZE_MAX);
        return false;
    }
    s->count = (uint32_t)n;
    return true;
}

/* @w: the last weight written counts. */
static bool parse_weight(struct reader *r, struct step *s)
{
    const uint32_t at = r->at++;
    bool has_point;
    double number;
    const uint32_t n = number_length(r, 0, &has_point);

    if (n == 0) {
        fail(r, at, "the weight is missing after '@'");
        return false;
    }
    if (!read_number(r, n, &s->weight, &number))
        return false;
    if (s->weight.num <= 0) {
        fail(r, at, "a weight is larger than 0");
        return false;
    }
    return true;
}

/* .. and the other end of the run. */
static bool parse_range(struct reader *r, struct step *s)
{
    const uint32_t at = r->at;

    if (s->count != 1 || s->node->kind == MINI_RANGE) {
        fail(r, at, "'..' stands between two steps");
        return false;
    }
    r->at += 2;
    skip_blanks(r);
    struct mini *const last = parse_element(r);
    if (!last) {
        fail(r, at, "the end of the run is missing after '..'");
        return false;
    }
    struct mini *const m = make(r, MINI_RANGE, at);
    m->offset = s->node->offset;
    m->n_items = 2;
    m->items = arena_alloc(r->arena, 2 * sizeof *m->items);
    m->items[0] = s->node;
    m->items[1] = last;
    s->node = close_node(r, m, at);
    return s->node != NULL;
}

static bool is_modifier(const struct reader *r)
{
    const char c = peek(r, 0);

    return c == '*' || c == '/' || c == '!' || c == '@' || c == '?' || c == ':' ||
           (c == '.' && peek(r, 1) == '.');
}

static bool parse_modifier(struct reader *r, struct step *s)
{
    switch (peek(r, 0)) {
    case '*':
    case '/':
        s->node = parse_speed(r, s->node);
        return s->node != NULL;
    case '?':
        s->node = parse_degrade(r, s->node);
        return s->node != NULL;
    case '!':
        return parse_repeat(r, s);
    case '@':
        return parse_weight(r, s);
    case ':':
        fail(r, r->at, "':' and the number of a sample stand directly behind a word");
        return false;
    default:
        return parse_range(r, s);
    }
}

/* `_` alone; with letters or digits behind it it begins a word. */
static bool is_elongation(const struct reader *r)
{
    return peek(r, 0) == '_' && !in_word(peek(r, 1)) && peek(r, 1) != ':' && peek(r, 1) != '\'';
}

/* What changes the step before it. */
static bool change_last_step(struct reader *r, uint32_t mark)
{
    bool overflow = false;

    if (r->n_steps == mark) {
        fail(r, r->at, "'%c' has no step before it", peek(r, 0));
        return false;
    }
    /* Parsing may move the array: work on a copy. */
    struct step s = r->steps[r->n_steps - 1];
    if (is_elongation(r)) {
        s.stretch = ph_ratio_add(s.stretch, PH_RATIO(1, 1), &overflow);
        r->at++;
    } else if (!parse_modifier(r, &s)) {
        return false;
    }
    r->steps[r->n_steps - 1] = s;
    return true;
}

/* `.` ends a foot: what came since `mark` becomes one step. */
static bool close_foot(struct reader *r, uint32_t mark, uint32_t at)
{
    struct mini *const foot = take_steps(r, mark, MINI_SEQ, at, false);

    return foot && push_step(r, foot);
}

static bool parse_step(struct reader *r)
{
    struct mini *node = parse_element(r);

    if (!node) {
        if (!r->failed)
            skip_unknown(r);
        return !r->failed;
    }
    while (node && peek(r, 0) == '(')
        node = parse_euclid(r, node);
    return node && push_step(r, node);
}

static bool ends_sequence(const struct reader *r)
{
    return r->at >= r->length || strchr(",|])>}", peek(r, 0)) != NULL;
}

/* Pushes the steps of one sequence, its feet already folded. */
static bool parse_steps(struct reader *r)
{
    const uint32_t begin = r->n_steps;
    uint32_t mark = begin, foot_at = r->at, point = 0;
    bool has_feet = false;

    for (skip_blanks(r); !ends_sequence(r); skip_blanks(r)) {
        const bool is_point =
            peek(r, 0) == '.' && peek(r, 1) != '.' && !is_digit(peek(r, 1));
        if (is_point) {
            if (r->n_steps == begin)
                return fail(r, r->at, "'.' has no step before it") != NULL;
            if (!close_foot(r, mark, foot_at))
                return false;
            has_feet = true;
            mark = r->n_steps;
            point = r->at++;
            foot_at = r->at;
        } else if (is_modifier(r) || is_elongation(r)) {
            if (!change_last_step(r, mark))
                return false;
        } else if (!parse_step(r)) {
            return false;
        }
        /* A rhythm may follow other modifiers: bd*2(3,8). */
        while (peek(r, 0) == '(' && r->n_steps > mark && !is_blank(r->text[r->at - 1]) &&
               !is_point) {
            struct mini *const node = parse_euclid(r, r->steps[r->n_steps - 1].node);
            if (!node)
                return false;
            r->steps[r->n_steps - 1].node = node;
        }
    }
    if (!has_feet)
        return true;
    if (r->n_steps == mark)
        return fail(r, point, "'.' has no step behind it") != NULL;
    return close_foot(r, mark, foot_at);
}

struct mini *parse_mini(const char *text, uint32_t length, uint32_t text_offset,
                        struct arena *arena, struct diag *diag)
{
    struct reader r = {
        .text = text, .length = length, .text_offset = text_offset, .arena = arena, .diag = diag};
    const size_t bad = lex_bad_utf8(text, length);

    if (bad < length)
        return fail(&r, (uint32_t)bad, "invalid UTF-8: byte 0x%02x", (unsigned char)text[bad]);
    struct mini *const m = parse_bracket(&r, 0, WRAP_SEQ, '\0');
    free(r.steps);
    free(r.parts);
    return r.failed ? NULL : m;
}
