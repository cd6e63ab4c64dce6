/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/value.c - numbers, notes, chords, words: reading, making, arithmetic.           */
/* room: none.                                                                                    */
#include <math.h>
#include <string.h>

#include "server/pattern/eval.h"

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_exact(const struct ph_value *v)
{
    return v->kind == PH_VALUE_RATIO || v->kind == PH_VALUE_BOOL || v->kind == PH_VALUE_INT;
}

bool pat_is_number(const struct ph_value *v)
{
    return is_exact(v) || v->kind == PH_VALUE_NUMBER || v->kind == PH_VALUE_NOTE;
}

static double number_of(const struct ph_value *v)
{
    if (v->kind == PH_VALUE_CHORD)
        return v->n_notes > 0 ? (double)v->notes[0] : 0;
    return v->number;
}

bool pat_as_double(const struct pat_value *value, double *out)
{
    if (value->is_controls || value->plain.kind == PH_VALUE_WORD)
        return false;
    *out = number_of(&value->plain);
    return isfinite(*out);
}

bool pat_as_ratio(struct pat *p, const struct pat_value *value, struct ph_ratio *out)
{
    double number;

    if (!pat_as_double(value, &number))
        return false;
    *out = is_exact(&value->plain) ? value->plain.ratio
                                   : ph_ratio_from_double(number, &p->overflow);
    return true;
}

bool pat_as_whole(struct pat *p, const struct pat_value *value, int64_t *out)
{
    struct ph_ratio r;
    double number;

    if (!pat_as_double(value, &number))
        return false;
    if (!is_exact(&value->plain) && fabs(number) < 0x1p53) {
        *out = (int64_t)floor(number); /* a ratio would round 2.9999999 up */
        return true;
    }
    if (!pat_as_ratio(p, value, &r))
        return false;
    *out = pat_floor(r);
    return true;
}

bool pat_is_true(const struct pat_value *value)
{
    if (value->is_controls)
        return true;
    if (value->plain.kind != PH_VALUE_WORD)
        return number_of(&value->plain) != 0 || value->plain.kind == PH_VALUE_NOTE;
    const char *const text = value->plain.text;
    return strcmp(text, "f") != 0 && strcmp(text, "false") != 0;
}

bool pat_equal(const struct ph_value *a, const struct ph_value *b)
{
    if (a->kind == PH_VALUE_WORD && b->kind == PH_VALUE_WORD)
        return strcmp(a->text, b->text) == 0;
    if (is_exact(a) && is_exact(b))
        return pat_cmp(a->ratio, b->ratio) == 0;
    return pat_is_number(a) && pat_is_number(b) && a->number == b->number;
}

/* ---- making ---------------------------------------------------------------------------------- */

struct ph_value pat_number_value(double number)
{
    return (struct ph_value){ .kind = PH_VALUE_NUMBER, .number = number };
}

struct ph_value pat_ratio_value(struct ph_ratio ratio)
{
    return (struct ph_value){ .kind = PH_VALUE_RATIO, .number = ph_ratio_to_double(ratio),
                              .ratio = ratio };
}

struct ph_value pat_int_value(int64_t number)
{
    return (struct ph_value){ .kind = PH_VALUE_INT, .number = (double)number,
                              .ratio = ph_ratio_of(number) };
}

struct ph_value pat_word_value(const char *text)
{
    return (struct ph_value){ .kind = PH_VALUE_WORD, .text = text };
}

const struct pat_value *pat_plain(struct pat *p, struct ph_value value)
{
    struct pat_value *const v = pat_alloc(p, sizeof *v);

    if (v)
        *v = (struct pat_value){ .plain = value };
    return v;
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/** Remainder with the sign of b. */
static double mod_double(double a, double b)
{
    const double r = b == 0 ? 0 : fmod(a, b);

    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static double arith_double(enum ph_pattern_op op, double a, double b)
{
    switch (op) {
    case PH_PAT_ADD: return a + b;
    case PH_PAT_SUB: return a - b;
    case PH_PAT_MUL: return a * b;
    case PH_PAT_MOD: return mod_double(a, b);
    case PH_PAT_POW: return pow(a, b);
    default: return b == 0 ? 0 : a / b;
    }
}

static struct ph_ratio mod_ratio(struct ph_ratio a, struct ph_ratio b, bool *overflow)
{
    const struct ph_ratio times = ph_ratio_of(ph_ratio_floor(ph_ratio_div(a, b, overflow)));

    return ph_ratio_sub(a, ph_ratio_mul(b, times, overflow), overflow);
}

/** Exact while the result fits; a value, unlike a time, may go on as a double where it does not. */
static struct ph_value arith_exact(enum ph_pattern_op op, const struct ph_value *a,
                                   const struct ph_value *b)
{
    bool overflow = false;
    struct ph_ratio r = PH_RATIO(0, 1);

    switch (op) {
    case PH_PAT_ADD: r = ph_ratio_add(a->ratio, b->ratio, &overflow); break;
    case PH_PAT_SUB: r = ph_ratio_sub(a->ratio, b->ratio, &overflow); break;
    case PH_PAT_MUL: r = ph_ratio_mul(a->ratio, b->ratio, &overflow); break;
    case PH_PAT_POW: overflow = true; break;
    case PH_PAT_MOD:
        if (b->ratio.num != 0)
            r = mod_ratio(a->ratio, b->ratio, &overflow);
        break;
    default:
        if (b->ratio.num != 0)
            r = ph_ratio_div(a->ratio, b->ratio, &overflow);
        break;
    }
    if (overflow)
        return pat_number_value(arith_double(op, a->number, b->number));
    const bool whole = a->kind == PH_VALUE_INT && b->kind == PH_VALUE_INT;
    return whole && r.den == 1 ? pat_int_value(r.num) : pat_ratio_value(r);
}

/** Each note by itself. A chord stays relative only while nothing absolute has been added. */
static struct ph_value arith_chord(enum ph_pattern_op op, const struct ph_value *left,
                                   const struct ph_value *right)
{
    const bool chord_left = left->kind == PH_VALUE_CHORD;
    const struct ph_value *const other = chord_left ? right : left;
    const bool absolute = other->kind == PH_VALUE_NOTE ||
                          (other->kind == PH_VALUE_CHORD && !other->relative);
    struct ph_value out = chord_left ? *left : *right;

    for (uint32_t i = 0; i < out.n_notes; i++) {
        const double note = (double)out.notes[i], x = number_of(other);
        out.notes[i] = (float)(chord_left ? arith_double(op, note, x) : arith_double(op, x, note));
    }
    out.relative = out.relative && !absolute;
    return out;
}

struct ph_value pat_arith(enum ph_pattern_op op, const struct ph_value *left,
                          const struct ph_value *right)
{
    if (left->kind == PH_VALUE_WORD || right->kind == PH_VALUE_WORD)
        return *left;
    if (left->kind == PH_VALUE_CHORD || right->kind == PH_VALUE_CHORD)
        return arith_chord(op, left, right);
    if (is_exact(left) && is_exact(right))
        return arith_exact(op, left, right);
    struct ph_value out = pat_number_value(arith_double(op, left->number, right->number));
    const bool note = left->kind == PH_VALUE_NOTE || right->kind == PH_VALUE_NOTE;
    if (note && (op == PH_PAT_ADD || op == PH_PAT_SUB))
        out.kind = PH_VALUE_NOTE;
    return out;
}
