/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/mini.c - sequences and brackets of TidalCycles' strings, as its typed parser      */
/* reads them: what stands where one of its rules doesn't expect it is an error. PATTERNS 4.      */
#include <stdlib.h>
#include <string.h>

#include "client/lex.h"
#include "client/tidal/mini.h"

static bool sequence(struct mini_reader *r, struct mini_reading reading,
                     struct mini_sequence *out);

/* ---- what stands where it must not ----------------------------------------------------------- */

/* Fails at a sign that would be right elsewhere. @return false if the sign is none */
static bool misplaced_sign(struct mini_reader *r, char c, char close)
{
    static const struct {
        char sign;
        const char *text;
    } rows[] = {
        { '*', "`*` must stand directly behind a step, and once: [bd*2]*3" },
        { '/', "`/` must stand directly behind a step, and once: [bd/2]/3" },
        { '(', "a rhythm must stand directly behind its step, before `?` `@` `!`: bd(3,8)" },
        { '!', "`!` has no step before it, or one with `@`: [a@2]!2" },
        { '@', "`@` has no step before it, or one with `!`: [a!2]@2" },
        { '_', "`_` has no step before it, or one with `!`: [a!2] _" },
        { '?', "a sequence takes one `?`" },
        { ',', "`,` plays at once only inside brackets: [a, b]" },
        { '|', "`|` chooses only inside square brackets: [a | b]" },
        { '%', "`%` stands directly behind `}` or between whole numbers: {a b c}%4" },
        { '~', "no rests are allowed here" },
        { '\'', "chords are made of notes, and this is no pattern of notes" },
        { '#', "a sharp is written `s`: cs" },
        { '-', "a rest is written `~`" },
        { '.', "a group ends with `.` alone, its steps before it" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].sign == c) {
            mini_fail(r, r->at, "%s", rows[i].text);
            return true;
        }
    if (strchr("])}>", c)) {
        if (close)
            mini_fail(r, r->at, "`%c` where `%c` must come first", c, close);
        else
            mini_fail(r, r->at, "`%c` closes nothing", c);
        return true;
    }
    return false;
}

/* The sequence is over, and neither `close` nor, where that is 0, the end of the text follows. */
static void *fail_here(struct mini_reader *r, enum mini_atom atom, char close, uint32_t open)
{
    static const char *const wanted[] = { "a word", "a note", "a number", "a whole number",
                                          "a rational number", "`t` or `f`",
                                          "a letter or digit", "a whole number",
                                          "the name of a chord", "a modifier of a chord" };
    const char c = mini_peek(r, 0);
    uint32_t n = 1;

    if (r->at >= r->length)
        return mini_fail(r, open, "`%c` is never closed: `%c` is missing", r->text[open], close);
    if (mini_is_blank(c))
        return mini_fail(r, r->at, "nothing may follow this range: put it in brackets, [a .. b]");
    if (misplaced_sign(r, c, close))
        return NULL;
    while (((unsigned char)mini_peek(r, n) & 0xC0) == 0x80)
        n++;
    return mini_fail(r, r->at, "%s is wanted here, found `%.*s`", wanted[atom], (int)n,
                     r->text + r->at);
}

/* ---- brackets -------------------------------------------------------------------------------- */

static bool enter(struct mini_reader *r)
{
    if (++r->nesting > MINI_DEPTH_MAX) {
        mini_fail(r, r->at, "brackets are nested more than %d deep", MINI_DEPTH_MAX);
        return false;
    }
    r->at++;
    mini_white(r);
    return !r->failed;
}

static bool leave(struct mini_reader *r, enum mini_atom atom, char close, uint32_t open)
{
    if (mini_peek(r, 0) != close) {
        fail_here(r, atom, close, open);
        return false;
    }
    r->nesting--;
    r->at++;
    mini_white(r);
    return !r->failed;
}

static void list_add(struct mini_reader *r, struct mini_list *list, struct mini_sequence s)
{
    if (list->n == list->space) {
        const uint32_t space = list->space ? list->space * 2 : 4;
        struct mini_sequence *const items = arena_alloc(r->c->arena, space * sizeof *items);
        if (list->n)
            memcpy(items, list->items, list->n * sizeof *items);
        list->items = items;
        list->space = space;
    }
    list->items[list->n++] = s;
}

/* Sequences with `separator` between them; '\0': none or the one that comes first, `,` or `|`. */
static bool sequences(struct mini_reader *r, struct mini_reading reading, char *separator,
                      struct mini_list *list)
{
    for (;;) {
        struct mini_sequence s;
        if (!sequence(r, reading, &s))
            return false;
        list_add(r, list, s);
        const char c = mini_peek(r, 0);
        if (*separator == '\0' && (c == ',' || c == '|'))
            *separator = c;
        if (c == '\0' || c != *separator)
            return true;
        r->at++;
        mini_white(r);
    }
}

/* [a b, c] [a | b] */
static struct pat *square(struct mini_reader *r, struct mini_reading reading)
{
    const uint32_t open = r->at;
    struct mini_list list = { 0 };
    char separator = '\0';

    if (!enter(r) || !sequences(r, reading, &separator, &list))
        return NULL;
    const char c = mini_peek(r, 0);
    if (separator && (c == ',' || c == '|'))
        return mini_fail(r, r->at, "`,` and `|` in one bracket: inner brackets must say which "
                                   "comes first");
    if (!leave(r, reading.atom, ']', open))
        return NULL;
    return mini_build_stack(r, &list, separator == '|', open);
}

/* <a b, c> {a b, c} {a b, c}%4 */
static struct pat *polymeter(struct mini_reader *r, struct mini_reading reading)
{
    const uint32_t open = r->at;
    const bool is_angle = mini_peek(r, 0) == '<';
    const struct mini_reading counts = { .atom = ATOM_RATIONAL };
    struct mini_sequence steps = { .size = PH_RATIO(1, 1) };
    struct mini_list list = { 0 };
    char separator = ',';

    if (!enter(r) || !sequences(r, reading, &separator, &list) ||
        !leave(r, reading.atom, is_angle ? '>' : '}', open))
        return NULL;
    for (uint32_t i = 0; i < list.n; i++)
        if (list.items[i].is_empty)
            return mini_fail(r, open, "nothing to play inside `%s`", is_angle ? "< >" : "{ }");
    if (!is_angle && mini_peek(r, 0) == '%') {
        r->at++;
        if (!sequence(r, counts, &steps))
            return NULL;
        return mini_build_polymeter(r, &list, steps.pat, open);
    }
    const struct ph_ratio rate = is_angle ? PH_RATIO(1, 1) : list.items[0].size;
    return mini_build_polymeter(r, &list,
                                mini_made(r, pat_ratio(r->c, rate, r->offset + open)), open);
}

static bool is_bracket(char c)
{
    return c == '[' || c == '<' || c == '{';
}

bool mini_is_closed(const struct mini_reader *r)
{
    return r->at > 0 && strchr("]>})", r->text[r->at - 1]) != NULL;
}

/* ---- what follows a value -------------------------------------------------------------------- */

static bool drop(struct mini_reader *r, struct mini_drop *d)
{
    struct mini_number n;

    d->at = r->at;
    if (mini_peek(r, 0) != '?')
        return true;
    r->at++;
    d->probability = 0.5;
    switch (mini_float(r, &n)) {
    case MINI_BROKEN:
        mini_fail(r, r->at, "how often a step is dropped is written with a point: ?0.5");
        return false;
    case MINI_FOUND:
        d->probability = n.number;
        break;
    default:
        break;
    }
    mini_spaces(r);
    d->seed = r->n_seeds++;
    d->is_set = true;
    return !r->failed;
}

/* * or /, and the factor: at most one of them. */
static bool speed(struct mini_reader *r, struct mini_suffix *s)
{
    const struct mini_reading factors = { .atom = ATOM_RATIONAL };
    const char sign = mini_peek(r, 0);

    s->speed_at = r->at;
    if (sign != '*' && sign != '/')
        return true;
    r->at++;
    mini_spaces(r);
    s->slow = sign == '/';
    s->factor = is_bracket(mini_peek(r, 0)) ? mini_bracket(r, factors)
                                            : mini_atom(r, ATOM_RATIONAL);
    if (!s->factor)
        mini_fail(r, r->at, "a number or a bracket of numbers is missing behind `%c`", sign);
    return s->factor != NULL;
}

/* One of the numbers of a rhythm, which may be a sequence. */
static struct pat *rhythm_number(struct mini_reader *r)
{
    const struct mini_reading numbers = { .atom = ATOM_WHOLE };
    struct mini_sequence s;

    mini_spaces(r);
    return sequence(r, numbers, &s) ? s.pat : NULL;
}

/* (k,n) or (k,n,turn) */
static bool rhythm(struct mini_reader *r, struct mini_suffix *s)
{
    const uint32_t open = r->at;

    s->rhythm_at = open;
    if (mini_peek(r, 0) != '(')
        return true;
    if (!enter(r) || !(s->k = rhythm_number(r)))
        return false;
    if (mini_peek(r, 0) == ')') {
        mini_fail(r, r->at, "a rhythm needs hits and steps: (3,8)");
        return false;
    }
    if (mini_peek(r, 0) != ',')
        return leave(r, ATOM_WHOLE, ',', open);
    r->at++;
    mini_white(r);
    s->n = rhythm_number(r);
    if (s->n && mini_peek(r, 0) == ',') {
        r->at++;
        mini_white(r);
        s->turn = rhythm_number(r);
    } else if (s->n) {
        s->turn = mini_made(r, pat_ratio(r->c, PH_RATIO(0, 1), r->offset + open));
    }
    if (!s->turn)
        return false;
    if (mini_peek(r, 0) == ',') {
        mini_fail(r, r->at, "a rhythm has two or three numbers: hits, steps and turn");
        return false;
    }
    return leave(r, ATOM_WHOLE, ')', open);
}

bool mini_suffix(struct mini_reader *r, bool is_bracket, struct mini_suffix *s)
{
    *s = (struct mini_suffix){ 0 };
    if (!is_bracket && (!drop(r, &s->before) || !speed(r, s)))
        return false;
    if (!rhythm(r, s) || !drop(r, &s->after))
        return false;
    s->is_set = s->before.is_set || s->factor || s->k || s->after.is_set;
    return true;
}

struct pat *mini_bracket(struct mini_reader *r, struct mini_reading reading)
{
    struct mini_suffix s = { 0 };
    struct pat *const p =
        mini_peek(r, 0) == '[' ? square(r, reading) : polymeter(r, reading);

    if (!p || !speed(r, &s))
        return NULL;
    return s.factor ? mini_build_speed(r, s.factor, s.slow, p, s.speed_at) : p;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* ^name stands for a pattern that someone sets from outside; nobody can here. */
static struct pat *variable(struct mini_reader *r)
{
    const uint32_t at = r->at++;

    mini_name(r, ":.-_");
    return mini_silence(r, at);
}

/*
 * A chord begins directly behind its root. A duration is none, nor what the numbers of a factor
 * have taken in, as in "{0 7}%4 0'maj".
 */
static bool has_chord(const struct mini_reader *r, struct mini_reading reading, char first,
                      const struct mini_suffix *s)
{
    const bool is_root = mini_is_numeric(reading.atom) && first != '~' && first != '^' &&
                         !(reading.atom == ATOM_NOTE && strchr("whqstx", first));

    if (mini_peek(r, 0) != '\'' || !is_root)
        return false;
    return (!is_bracket(first) && !s->is_set) || mini_is_closed(r);
}

/* One step with all that follows it. NULL with `failed` unset: none begins here. */
static struct pat *part(struct mini_reader *r, struct mini_reading reading)
{
    const uint32_t at = r->at;
    const char first = mini_peek(r, 0);
    struct mini_suffix s = { 0 };
    struct pat *p;

    if (is_bracket(first)) {
        p = mini_bracket(r, reading);
    } else if (first == '^') {
        p = variable(r);
    } else if (first == '~' && reading.rests) {
        r->at++;
        mini_white(r);
        p = r->failed ? NULL : mini_silence(r, at);
    } else {
        p = mini_atom(r, reading.atom);
    }
    if (!p || r->failed)
        return NULL;
    if (!mini_suffix(r, is_bracket(first) || first == '^', &s))
        return NULL;
    const bool chord = has_chord(r, reading, first, &s);
    p = mini_build_suffix(r, &s, reading.atom, p);
    return p && chord ? mini_chord(r, p, reading.atom, at) : p;
}

/* `.. b` behind a step. */
static bool range(struct mini_reader *r, struct mini_reading reading, struct mini_step *s)
{
    const uint32_t at = r->at;

    r->at += 2;
    mini_white(r);
    struct pat *const last = part(r, reading);
    if (!last) {
        mini_fail(r, r->at, "the end of the range is missing behind `..`");
        return false;
    }
    s->pat = mini_build_range(r, reading.atom, s->pat, last, at);
    return s->pat != NULL;
}

/* @3 _ _: weights add up. */
static bool elongate(struct mini_reader *r, struct mini_step *s)
{
    bool overflow = false;

    while (mini_peek(r, 0) == '@' || mini_peek(r, 0) == '_') {
        const uint32_t at = r->at;
        const bool is_line = mini_peek(r, 0) == '_';
        struct mini_number n;
        r->at++;
        enum mini_found found = MINI_NONE;
        if (!is_line || !mini_is_blank(mini_peek(r, 0))) /* "0 _ 2": the 2 is a step */
            found = mini_ratio(r, &n);
        if (found == MINI_NONE)
            n = (struct mini_number){ .ratio = PH_RATIO(2, 1), .exact = true };
        n.ratio = ph_ratio_sub(n.ratio, PH_RATIO(1, 1), &overflow);
        s->weight = ph_ratio_add(s->weight, n.ratio, &overflow);
        if (!n.exact || overflow)
            mini_fail(r, at, "the weight is too large");
        if (r->failed)
            return false;
        mini_spaces(r);
    }
    if (s->weight.num == 0)
        mini_fail(r, s->at, "a step has a weight other than 0");
    return !r->failed;
}

/* !3 ! !: copies add up. */
static bool repeat(struct mini_reader *r, struct mini_step *s)
{
    uint64_t count = 1;

    while (mini_peek(r, 0) == '!') {
        const uint32_t at = r->at++;
        uint64_t n = 0;
        const bool has_number = mini_peek(r, 0) >= '0' && mini_peek(r, 0) <= '9';
        for (; mini_peek(r, 0) >= '0' && mini_peek(r, 0) <= '9'; r->at++)
            if (n <= MINI_SIZE_MAX)
                n = n * 10 + (uint64_t)(mini_peek(r, 0) - '0');
        count += has_number ? n : 2;
        count -= count > 0;
        if (count > MINI_SIZE_MAX) {
            mini_fail(r, at, "more than %d steps in one string", MINI_SIZE_MAX);
            return false;
        }
        mini_spaces(r);
    }
    s->count = (uint32_t)count;
    return true;
}

static bool push(struct mini_reader *r, struct mini_step step)
{
    if (r->n_steps == r->step_space) {
        r->step_space = r->step_space ? r->step_space * 2 : 64;
        struct mini_step *const steps = realloc(r->steps, r->step_space * sizeof *steps);
        if (!steps)
            abort(); /* as the arena: nothing can be compiled without memory */
        r->steps = steps;
    }
    r->n_items += step.count;
    if (r->n_items > MINI_SIZE_MAX) {
        mini_fail(r, step.at, "more than %d steps in one string", MINI_SIZE_MAX);
        return false;
    }
    r->steps[r->n_steps++] = step;
    return true;
}

/* A step and what is said about it. False when none begins here, or after an error. */
static bool step(struct mini_reader *r, struct mini_reading reading)
{
    struct mini_step s = { .weight = PH_RATIO(1, 1), .count = 1, .at = r->at };

    if (mini_peek(r, 0) == '.') {
        r->at++;
        mini_white(r);
        return !r->failed && push(r, s);
    }
    s.pat = part(r, reading);
    if (!s.pat)
        return false;
    mini_spaces(r);
    bool ok = true;
    if (mini_peek(r, 0) == '.' && mini_peek(r, 1) == '.')
        ok = range(r, reading, &s);
    else if (mini_peek(r, 0) == '@' || mini_peek(r, 0) == '_')
        ok = elongate(r, &s);
    else if (mini_peek(r, 0) == '!')
        ok = repeat(r, &s);
    return ok && push(r, s);
}

/* Steps up to what can't be one. A `?` behind them, after a blank, is for all of them. */
static bool sequence(struct mini_reader *r, struct mini_reading reading, struct mini_sequence *out)
{
    const uint32_t mark = r->n_steps, at = r->at;
    struct mini_drop d = { 0 };

    mini_spaces(r);
    while (step(r, reading))
        ;
    const struct mini_step *const first = r->steps ? r->steps + mark : NULL;
    if (r->failed || !mini_build_sequence(r, first, r->n_steps - mark, at, out) || !drop(r, &d))
        return false;
    out->is_empty = r->n_steps == mark;
    r->n_steps = mark;
    if (!d.is_set)
        return true;
    out->pat = mini_build_drop(r, &d, out->pat);
    out->size = PH_RATIO(1, 1); /* its steps can't be counted any more */
    return out->pat != NULL;
}

struct pat *tidal_string(struct compiler *c, const char *text, uint32_t length, uint32_t offset,
                         enum tidal_atom atom)
{
    struct mini_reader r = { .c = c, .text = text, .length = length, .offset = offset };
    const struct mini_reading reading = { .atom = (enum mini_atom)atom, .rests = true };
    const size_t bad = lex_bad_utf8(text, length);
    struct mini_sequence all = { 0 };

    _Static_assert((int)ATOM_CHAR == (int)TIDAL_CHAR, "the types of events come first");
    if (bad < length)
        return mini_fail(&r, (uint32_t)bad, "invalid UTF-8: byte 0x%02x", (unsigned char)text[bad]);
    if (sequence(&r, reading, &all) && r.at < r.length)
        fail_here(&r, reading.atom, '\0', 0);
    free(r.steps);
    return r.failed ? NULL : all.pat;
}
