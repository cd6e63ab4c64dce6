/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/mini_atom.c - characters, numbers, notes, words and chords in such strings.       */
/*                                                                                                */
/* TidalCycles passes blanks and comments behind some of its tokens and not behind others, and    */
/* what may follow hangs on it: "1 *2" is one step, "c *2" an error.                              */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/tidal/mini.h"
#include "server/pattern/scale.h"

/* ---- messages -------------------------------------------------------------------------------- */

void *mini_fail(struct mini_reader *r, uint32_t at, const char *format, ...)
{
    char text[256];
    va_list arguments;

    if (r->failed)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    diag_error(r->c->diag, r->offset + at, "%s", text);
    r->failed = true;
    return NULL;
}

struct pat *mini_made(struct mini_reader *r, struct pat *p)
{
    r->failed = r->failed || !p;
    return p;
}

/* ---- characters ------------------------------------------------------------------------------ */

char mini_peek(const struct mini_reader *r, uint32_t ahead)
{
    return r->length - r->at > ahead ? r->text[r->at + ahead] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool mini_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The code point at the cursor; the text is valid UTF-8. */
static uint32_t code_point(const struct mini_reader *r, uint32_t ahead, uint32_t *length)
{
    const unsigned char first = (unsigned char)mini_peek(r, ahead);
    uint32_t code = first < 0xE0 ? first & 0x1Fu : first < 0xF0 ? first & 0x0Fu : first & 0x07u;

    *length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (*length == 1)
        return first;
    for (uint32_t i = 1; i < *length; i++)
        code = code << 6 | ((unsigned char)mini_peek(r, ahead + i) & 0x3Fu);
    return code;
}

/* Outside ASCII all counts as a letter but the blocks of signs, blanks and pictures. */
uint32_t mini_letter(const struct mini_reader *r, uint32_t ahead)
{
    const char c = mini_peek(r, ahead);
    uint32_t length;

    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return 1;
    if ((unsigned char)c < 0x80)
        return 0;
    const uint32_t code = code_point(r, ahead, &length);
    const bool is_sign = (code < 0xC0 && code != 0xAA && code != 0xB5 && code != 0xBA) ||
                         code == 0xD7 || code == 0xF7 || (code >= 0x2000 && code < 0x2C00) ||
                         (code >= 0x3000 && code < 0x3005) || (code >= 0xE000 && code < 0xF900) ||
                         (code >= 0xFE00 && code < 0xFE70) || code >= 0x1F000;
    return is_sign ? 0 : length;
}

void mini_spaces(struct mini_reader *r)
{
    while (mini_is_blank(mini_peek(r, 0)))
        r->at++;
}

/* A comment {- -} with comments inside; the cursor is on its begin. */
static bool pass_comment(struct mini_reader *r)
{
    const uint32_t at = r->at;
    uint32_t depth = 0;

    do {
        if (mini_peek(r, 0) == '{' && mini_peek(r, 1) == '-') {
            depth++;
            r->at += 2;
        } else if (mini_peek(r, 0) == '-' && mini_peek(r, 1) == '}') {
            depth--;
            r->at += 2;
        } else if (r->at++ >= r->length) {
            mini_fail(r, at, "the comment `{-` is never closed: `-}` is missing");
            r->at = r->length;
            return false;
        }
    } while (depth > 0);
    return true;
}

void mini_white(struct mini_reader *r)
{
    for (;;) {
        mini_spaces(r);
        if (mini_peek(r, 0) == '{' && mini_peek(r, 1) == '-') {
            if (!pass_comment(r))
                return;
        } else if (mini_peek(r, 0) == '-' && mini_peek(r, 1) == '-') {
            while (r->at < r->length && mini_peek(r, 0) != '\n')
                r->at++;
        } else {
            return;
        }
    }
}

bool mini_is_numeric(enum mini_atom atom)
{
    return atom == ATOM_NOTE || atom == ATOM_DOUBLE || atom == ATOM_INT || atom == ATOM_WHOLE;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static const char *slice(const struct mini_reader *r, uint32_t from)
{
    return arena_text(r->c->arena, r->text + from, r->at - from);
}

static void pass_digits(struct mini_reader *r)
{
    while (is_digit(mini_peek(r, 0)))
        r->at++;
}

static void multiply(struct mini_number *n, struct ph_ratio factor)
{
    bool overflow = false;

    n->number *= ph_ratio_to_double(factor);
    n->ratio = ph_ratio_mul(n->ratio, factor, &overflow);
    n->exact = n->exact && !overflow;
}

static void apply_sign(struct mini_number *n, char sign)
{
    if (sign == '-')
        multiply(n, PH_RATIO(-1, 1));
}

/* "1.25e-3", all of it a number, as a decimal fraction. */
static struct mini_number decimal(const char *text)
{
    struct mini_number n = { .number = strtod(text, NULL), .exact = true };
    const size_t digits = strcspn(text, "eE");
    const long exponent = text[digits] ? strtol(text + digits + 1, NULL, 10) : 0;

    n.exact = ph_ratio_parse(text, digits, &n.ratio) == PH_OK && exponent < 19 && exponent > -19;
    for (long i = 0; n.exact && i < labs(exponent); i++) {
        bool overflow = false;
        n.ratio = ph_ratio_mul(n.ratio, exponent < 0 ? PH_RATIO(1, 10) : PH_RATIO(10, 1),
                               &overflow);
        n.exact = !overflow;
    }
    return n;
}

enum mini_found mini_float(struct mini_reader *r, struct mini_number *n)
{
    const uint32_t at = r->at;
    bool has_part = false;

    pass_digits(r);
    if (r->at == at)
        return MINI_NONE;
    if (mini_peek(r, 0) == '.' && is_digit(mini_peek(r, 1))) {
        has_part = true;
        r->at++;
        pass_digits(r);
    }
    if (mini_peek(r, 0) == 'e' || mini_peek(r, 0) == 'E') {
        const bool has_sign = mini_peek(r, 1) == '-' || mini_peek(r, 1) == '+';
        has_part = is_digit(mini_peek(r, 1 + has_sign));
        r->at += 1 + has_sign;
        pass_digits(r);
    }
    if (!has_part) {
        r->at = at;
        return MINI_BROKEN;
    }
    *n = decimal(slice(r, at));
    mini_white(r);
    return MINI_FOUND;
}

static int digit_value(char c)
{
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                 : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                        : 99;
}

/* 12, 0x1f, 0o17: no sign. Blanks behind it are passed. */
static enum mini_found natural(struct mini_reader *r, struct mini_number *n)
{
    const char kind = mini_peek(r, 0) == '0' ? mini_peek(r, 1) : '\0';
    const int base = kind == 'x' || kind == 'X' ? 16 : kind == 'o' || kind == 'O' ? 8 : 10;
    const uint32_t skip = base == 10 ? 0 : 2, begin = r->at + skip;
    bool overflow = false;

    *n = (struct mini_number){ .ratio = PH_RATIO(0, 1) };
    if (!is_digit(mini_peek(r, 0)))
        return MINI_NONE;
    r->at = begin;
    for (; digit_value(mini_peek(r, 0)) < base; r->at++) {
        const struct ph_ratio digit = ph_ratio_of(digit_value(mini_peek(r, 0)));
        n->ratio = ph_ratio_mul(n->ratio, ph_ratio_of(base), &overflow);
        n->ratio = ph_ratio_add(n->ratio, digit, &overflow);
        n->number = n->number * base + (double)digit.num;
    }
    n->exact = !overflow;
    if (r->at == begin)
        return MINI_BROKEN;
    mini_white(r);
    return MINI_FOUND;
}

/* A sign, blanks, and a natural number. */
static enum mini_found integer(struct mini_reader *r, struct mini_number *n)
{
    const uint32_t at = r->at;
    const char sign = mini_peek(r, 0);

    if (sign == '-' || sign == '+')
        r->at++;
    mini_white(r);
    const uint32_t begin = r->at;
    const enum mini_found found = natural(r, n);
    if (found == MINI_FOUND) {
        apply_sign(n, sign);
        return found;
    }
    r->at = at;
    return begin == at ? found : MINI_BROKEN;
}

static enum mini_found float_or_integer(struct mini_reader *r, struct mini_number *n)
{
    const enum mini_found found = mini_float(r, n);

    return found == MINI_FOUND ? found : integer(r, n);
}

static char pass_sign(struct mini_reader *r)
{
    const char c = mini_peek(r, 0);

    if (c != '-' && c != '+')
        return '\0';
    r->at++;
    return c;
}

/* w h q e s t f x, with no letter behind it: 1 1/2 1/4 ... of a cycle. */
static bool pass_duration(struct mini_reader *r, struct mini_number *n)
{
    static const char letters[] = "whqestfx";
    static const int8_t parts[] = { 1, 2, 4, 8, 16, 3, 5, 6 };
    const char c = mini_peek(r, 0);
    const char *const found = c ? strchr(letters, c) : NULL;

    if (!found || mini_letter(r, 1) > 0)
        return false;
    multiply(n, PH_RATIO(1, parts[found - letters]));
    r->at++;
    return true;
}

/* The divisor of 3%4: the cursor is on the sign. */
static bool divide(struct mini_reader *r, struct mini_number *n)
{
    const uint32_t at = r->at++;
    struct mini_number below;
    bool overflow = false;

    if (integer(r, &below) != MINI_FOUND) {
        mini_fail(r, r->at, "the divisor of a fraction is missing: 3%%4");
        return false;
    }
    if (n->number != nearbyint(n->number)) {
        mini_fail(r, at, "`%%` stands between whole numbers: 3%%4");
        return false;
    }
    if (below.number == 0) {
        mini_fail(r, at, "a fraction can't be divided by 0");
        return false;
    }
    n->number /= below.number;
    n->ratio = ph_ratio_div(n->ratio, below.ratio, &overflow);
    n->exact = n->exact && below.exact && !overflow;
    return true;
}

enum mini_found mini_ratio(struct mini_reader *r, struct mini_number *n)
{
    const uint32_t at = r->at;
    const char sign = pass_sign(r);
    const uint32_t begin = r->at;

    if (float_or_integer(r, n) == MINI_FOUND) {
        if (mini_peek(r, 0) == '%' && !divide(r, n))
            return MINI_BROKEN;
        if (!mini_is_blank(r->text[r->at - 1])) /* "2 e" is a number and a word */
            pass_duration(r, n);
    } else {
        r->at = begin;
        *n = (struct mini_number){ .number = 1, .ratio = PH_RATIO(1, 1), .exact = true };
        if (!pass_duration(r, n)) {
            if (begin == at)
                return MINI_NONE;
            mini_fail(r, begin, "a number is missing behind `%c`", sign);
            return MINI_BROKEN;
        }
    }
    apply_sign(n, sign);
    return r->failed ? MINI_BROKEN : MINI_FOUND;
}

/* c, ef, gs4: semitones above c5. */
static enum mini_found note_name(struct mini_reader *r, struct mini_number *n)
{
    static const int8_t classes[] = { 9, 11, 0, 2, 4, 5, 7 }; /* a b c d e f g */
    const char c = mini_peek(r, 0);
    struct mini_number octave;
    double semitones;

    if (c < 'a' || c > 'g')
        return MINI_NONE;
    semitones = classes[c - 'a'];
    for (r->at++; mini_peek(r, 0) && strchr("sfn", mini_peek(r, 0)); r->at++)
        semitones += mini_peek(r, 0) == 's' ? 1 : mini_peek(r, 0) == 'f' ? -1 : 0;
    const uint32_t at = r->at;
    switch (natural(r, &octave)) {
    case MINI_FOUND:
        semitones += 12 * (octave.number - 5);
        break;
    case MINI_BROKEN:
        mini_fail(r, at, "the octave of a note is a number");
        return MINI_BROKEN;
    default:
        break;
    }
    if (fabs(semitones) > 1e9) {
        mini_fail(r, at, "the octave is too large");
        return MINI_BROKEN;
    }
    *n = (struct mini_number){ semitones, ph_ratio_of((int64_t)semitones), true };
    return MINI_FOUND;
}

/* A note name, or any number of the type behind a sign of its own. */
static enum mini_found number_or_note(struct mini_reader *r, enum mini_atom atom,
                                      struct mini_number *n)
{
    const uint32_t at = r->at;
    enum mini_found found = MINI_NONE;

    if (atom == ATOM_DOUBLE)
        found = mini_ratio(r, n);
    else
        found = float_or_integer(r, n);
    if (found == MINI_BROKEN)
        mini_fail(r, at, "a number or the name of a note is wanted here");
    return found == MINI_NONE ? note_name(r, n) : found;
}

/* A value of a type that counts as a number and knows notes and chords. */
static struct pat *pitch(struct mini_reader *r, enum mini_atom atom)
{
    const uint32_t at = r->at;
    struct mini_number n;

    if (mini_peek(r, 0) == '\'')
        return mini_semitones(r, atom, 0, at); /* a chord on 0 */
    const char sign = pass_sign(r);
    enum mini_found found = number_or_note(r, atom, &n);
    if (found == MINI_NONE && sign)
        return mini_fail(r, r->at, "a number is missing behind `%c`", sign);
    if (found == MINI_NONE && atom == ATOM_NOTE)
        found = mini_ratio(r, &n);
    if (found != MINI_FOUND || r->failed)
        return NULL;
    apply_sign(&n, sign);
    return mini_value(r, atom, &n, at);
}

/* ---- values ---------------------------------------------------------------------------------- */

void mini_name(struct mini_reader *r, const char *also)
{
    while (r->at < r->length) {
        const uint32_t letter = mini_letter(r, 0);
        const char c = mini_peek(r, 0);
        if (letter == 0 && !is_digit(c) && !(c && strchr(also, c)))
            return;
        r->at += letter ? letter : 1;
    }
}

static struct pat *word(struct mini_reader *r, const char *also)
{
    const uint32_t at = r->at;

    if (mini_letter(r, 0) == 0 && !is_digit(mini_peek(r, 0)))
        return NULL;
    mini_name(r, also);
    return mini_made(r, pat_word(r->c, slice(r, at), r->offset + at));
}

static struct pat *character(struct mini_reader *r)
{
    const uint32_t at = r->at, letter = mini_letter(r, 0);

    if (letter == 0 && !is_digit(mini_peek(r, 0)))
        return NULL;
    r->at += letter ? letter : 1;
    return mini_made(r, pat_word(r->c, slice(r, at), r->offset + at));
}

/* One letter: "tf" is two steps. */
static struct pat *truth(struct mini_reader *r)
{
    const char c = mini_peek(r, 0);
    const bool is_true = c == 't' || c == '1';

    if (!is_true && c != 'f' && c != '0')
        return NULL;
    const struct ph_value value = { .kind = PH_VALUE_BOOL, .ratio = { is_true, 1 },
                                    .number = is_true };
    return mini_made(r, pat_const(r->c, value, r->offset + r->at++));
}

static struct pat *voicing(struct mini_reader *r)
{
    struct pat_voicing v;
    const uint32_t at = r->at;
    const size_t length = pat_voicing_parse(r->text + at, r->length - at, &v);

    if (length == 0)
        return NULL;
    r->at += (uint32_t)length;
    struct pat *const p = pat_word(r->c, slice(r, at), r->offset + at);
    if (is_digit(r->text[r->at - 1]))
        mini_white(r);
    return mini_made(r, p);
}

struct pat *mini_atom(struct mini_reader *r, enum mini_atom atom)
{
    const uint32_t at = r->at;
    struct mini_number n;

    switch (atom) {
    case ATOM_STRING:
        return word(r, ":.-_");
    case ATOM_NAME:
        return word(r, "");
    case ATOM_CHAR:
        return character(r);
    case ATOM_BOOL:
        return truth(r);
    case ATOM_VOICING:
        return voicing(r);
    case ATOM_RATIONAL:
        return mini_ratio(r, &n) == MINI_FOUND ? mini_value(r, atom, &n, at) : NULL;
    case ATOM_NOTE: case ATOM_DOUBLE: case ATOM_INT: case ATOM_WHOLE:
        break;
    }
    return pitch(r, atom);
}

/* ---- chords ---------------------------------------------------------------------------------- */

/** Root, name and modifiers, each with what follows it. */
struct parts {
    uint32_t n;
    struct pat *pats[2 + PAT_CHORD_MODIFIERS_MAX];
    struct mini_suffix suffixes[2 + PAT_CHORD_MODIFIERS_MAX];
};

static void warn_unknown(struct mini_reader *r, const char *name, uint32_t offset)
{
    enum { NAMES_MAX = 256 };
    const char *names[NAMES_MAX];
    const uint8_t *semitones;
    unsigned n_semitones;
    uint32_t n = 0;

    if (pat_chord_semitones(name, strlen(name), &semitones, &n_semitones))
        return;
    for (size_t i = 0; pat_chord_names(i, true); i++)
        for (const char *at = pat_chord_names(i, true); *at && n < NAMES_MAX;) {
            const size_t length = strcspn(at, " ");
            names[n++] = arena_text(r->c->arena, at, length);
            at += length;
            at += strspn(at, " ");
        }
    const char *const near = diag_nearest(name, names, n);
    diag_warning(r->c->diag, offset, "no chord is called `%s`%s%s%s", name,
                 near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

/* The name of the chord or a modifier, the cursor behind its quote. */
static bool read_part(struct mini_reader *r, struct parts *parts)
{
    const enum mini_atom atom = parts->n == 1 ? ATOM_NAME : ATOM_VOICING;
    const uint32_t at = r->at;
    const char c = mini_peek(r, 0);
    const bool is_bracket = c == '[' || c == '<' || c == '{';
    struct pat *p;

    if (parts->n == 2 + PAT_CHORD_MODIFIERS_MAX) {
        mini_fail(r, at, "a chord has at most %d modifiers", PAT_CHORD_MODIFIERS_MAX);
        return false;
    }
    if (is_bracket)
        p = mini_bracket(r, (struct mini_reading){ .atom = atom });
    else
        p = mini_atom(r, atom);
    if (!p && atom == ATOM_NAME)
        mini_fail(r, at, "the name of a chord is missing behind `'`: c'maj");
    else if (!p)
        mini_fail(r, at, "a modifier of the chord is missing behind `'`: a number of notes, "
                         "`i`, `o`, or `d` and a number");
    if (!p)
        return false;
    if (!is_bracket && atom == ATOM_NAME)
        warn_unknown(r, p->imms[0].text, p->offset);
    parts->pats[parts->n] = p;
    return mini_suffix(r, is_bracket, &parts->suffixes[parts->n++]);
}

/* Whether it is one chord: nothing in it changes, and what follows it is meant for all of it. */
static bool is_plain(const struct parts *parts)
{
    for (uint32_t i = 0; i < parts->n; i++)
        if (!mini_constant(parts->pats[i]) ||
            (i + 1 < parts->n && parts->suffixes[i].is_set))
            return false;
    return true;
}

static struct pat *plain_chord(struct mini_reader *r, const struct parts *parts,
                               enum mini_atom atom, uint32_t at)
{
    const struct ph_value *const root = mini_constant(parts->pats[0]);
    const char *const name = mini_constant(parts->pats[1])->text;
    struct mini_list notes = { 0 };
    struct pat_voicing change;
    struct pat_voices v;

    pat_voices_init(&v, name, strlen(name), root->kind == PH_VALUE_NUMBER
                                                ? root->number
                                                : (double)root->ratio.num);
    for (uint32_t i = 2; i < parts->n; i++) {
        const char *const text = mini_constant(parts->pats[i])->text;
        pat_voicing_parse(text, strlen(text), &change);
        if (change.openings > 1) /* in one piece "oo" opens once */
            change.openings = 1;
        if (!pat_voices_apply(&v, &change))
            return mini_fail(r, at, "a chord has at most %d notes", PAT_VOICES_MAX);
        if (change.openings > 0 && v.n == 0)
            return mini_fail(r, at, "`o` opens chords of three notes or more");
    }
    notes.items = arena_alloc(r->c->arena, (v.n + 1) * sizeof *notes.items);
    for (; notes.n < v.n; notes.n++)
        notes.items[notes.n].pat = mini_semitones(r, atom, v.notes[notes.n], at);
    return r->failed ? NULL : mini_build_stack(r, &notes, false, at);
}

struct pat *mini_chord(struct mini_reader *r, struct pat *root, enum mini_atom atom, uint32_t at)
{
    struct parts *const parts = arena_alloc(r->c->arena, sizeof *parts);

    parts->pats[parts->n++] = root;
    do {
        r->at++;
        if (!read_part(r, parts))
            return NULL;
    } while (mini_peek(r, 0) == '\'' &&
             (parts->suffixes[parts->n - 1].is_set ? mini_is_closed(r)
                                                   : !mini_is_blank(r->text[r->at - 1])));
    if (is_plain(parts))
        return mini_build_suffix(r, &parts->suffixes[parts->n - 1], atom,
                                 plain_chord(r, parts, atom, at));
    for (uint32_t i = 1; i < parts->n && !r->failed; i++)
        parts->pats[i] = mini_build_suffix(r, &parts->suffixes[i],
                                           i == 1 ? ATOM_NAME : ATOM_VOICING, parts->pats[i]);
    return r->failed ? NULL : mini_made(r, pat_op(r->c, PH_PAT_VOICES, parts->pats, parts->n,
                                                  r->offset + at));
}
