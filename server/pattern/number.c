/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/number.c - numbers mapped one by one: functions, degrees of a list, choices.    */
/* room: none.                                                                                    */
#include <math.h>
#include <string.h>

#include "server/pattern/eval.h"

/* ---- functions ------------------------------------------------------------------------------- */

static double math_double(enum ph_math f, double x)
{
    switch (f) {
    case PH_MATH_ABS: return fabs(x);
    case PH_MATH_FLOOR: return floor(x);
    case PH_MATH_CEIL: return ceil(x);
    case PH_MATH_ROUND: return nearbyint(x);
    case PH_MATH_SQRT: return sqrt(x);
    case PH_MATH_EXP: return exp(x);
    case PH_MATH_LOG: return log(x);
    case PH_MATH_SIN: return sin(x);
    case PH_MATH_COS: return cos(x);
    case PH_MATH_TAN: return tan(x);
    case PH_MATH_NEG: return -x;
    case PH_MATH_RECIP: return x == 0 ? 0 : 1 / x;
    case PH_MATH_CLAMP: return fmax(0, fmin(1, x));
    case PH_MATH_SIGN: return (x > 0) - (x < 0);
    default: return x;
    }
}

/** To the nearest whole number, ties to the even one. */
static int64_t rounded(struct ph_ratio r)
{
    const int64_t below = ph_ratio_floor(r);
    const struct ph_ratio rest = PH_RATIO(r.num - below * r.den, r.den);
    const int side = ph_ratio_cmp(rest, PH_RATIO(1, 2));

    return below + (side > 0 || (side == 0 && (below & 1)));
}

/** What stays exact; false for the rest. */
static bool math_ratio(enum ph_math f, struct ph_ratio r, struct ph_ratio *out)
{
    const struct ph_ratio zero = PH_RATIO(0, 1), one = PH_RATIO(1, 1);

    if (r.num == INT64_MIN)
        return false;
    switch (f) {
    case PH_MATH_ABS: *out = r.num < 0 ? PH_RATIO(-r.num, r.den) : r; break;
    case PH_MATH_NEG: *out = PH_RATIO(-r.num, r.den); break;
    case PH_MATH_FLOOR: *out = ph_ratio_of(ph_ratio_floor(r)); break;
    case PH_MATH_CEIL: *out = ph_ratio_of(ph_ratio_ceil(r)); break;
    case PH_MATH_ROUND: *out = ph_ratio_of(rounded(r)); break;
    case PH_MATH_SIGN: *out = ph_ratio_of((r.num > 0) - (r.num < 0)); break;
    case PH_MATH_CLAMP: *out = pat_max(zero, pat_min(one, r)); break;
    case PH_MATH_RECIP:
        *out = r.num == 0  ? zero
               : r.num < 0 ? PH_RATIO(-r.den, -r.num)
                           : PH_RATIO(r.den, r.num);
        break;
    default: return false;
    }
    return true;
}

/** Rounding makes an INT of any number. */
static struct ph_value math_plain(enum ph_math f, const struct ph_value *v)
{
    const bool rounds = f == PH_MATH_FLOOR || f == PH_MATH_CEIL || f == PH_MATH_ROUND;
    const bool exact = v->kind == PH_VALUE_RATIO || v->kind == PH_VALUE_INT;
    struct ph_ratio r;

    if (!pat_is_number(v))
        return *v;
    if (exact && math_ratio(f, v->ratio, &r))
        return r.den == 1 && (rounds || v->kind == PH_VALUE_INT) ? pat_int_value(r.num)
                                                                 : pat_ratio_value(r);
    const double x = math_double(f, v->number);
    if (rounds && fabs(x) < 0x1p53)
        return pat_int_value((int64_t)x);
    struct ph_value out = pat_number_value(isfinite(x) ? x : 0);
    if (v->kind == PH_VALUE_NOTE)
        out.kind = PH_VALUE_NOTE;
    return out;
}

static enum ph_math math_of(const struct pat_value *word)
{
    uint32_t f = 0;

    while (f < PH_MATH_COUNT && strcmp(word->plain.text, ph_math_names[f]) != 0)
        f++;
    return (enum ph_math)f;
}

const struct pat_value *pat_math_value(struct pat *p, const struct pat_node *node,
                                       const struct pat_value *value)
{
    const enum ph_math f = math_of(pat_imm(p, node, 0));

    if (!value->is_controls)
        return pat_plain(p, math_plain(f, &value->plain));
    struct pat_control *const list = pat_alloc(p, (value->n_controls + 1) * sizeof *list);
    if (!list)
        return NULL;
    for (uint32_t i = 0; i < value->n_controls; i++)
        list[i] = (struct pat_control){ value->controls[i].key,
                                        math_plain(f, &value->controls[i].value) };
    return pat_set(p, value, list, value->n_controls);
}

/* ---- lists ----------------------------------------------------------------------------------- */

const struct pat_value *pat_scale_value(struct pat *p, const struct pat_node *node,
                                        const struct pat_value *value)
{
    const int64_t n = node->n_imms;
    int64_t degree;

    if (!pat_as_whole(p, value, &degree))
        return value;
    if (degree > INT64_MAX / 16 || degree < -INT64_MAX / 16) {
        pat_fail(p, PH_OVERFLOW);
        return NULL;
    }
    const struct ph_value *const step = &pat_imm(p, node, (uint32_t)pat_mod(degree, n))->plain;
    const struct ph_value octaves = pat_int_value(12 * pat_floor_div(degree, n));
    return pat_plain(p, pat_arith(PH_PAT_ADD, step, &octaves));
}

static void fit_body(struct pat *p, const struct pat_node *node, pat_params params,
                     struct pat_span span)
{
    const int64_t count = node->n_imms;
    const uint32_t mark = p->n_haps;
    uint32_t kept = mark;
    int64_t n, number;

    if (count == 0 || !pat_as_whole(p, params[0], &n))
        return;
    pat_eval(p, pat_arg(p, node, 1), span);
    for (uint32_t i = mark; i < p->n_haps && pat_step(p); i++) {
        struct pat_hap h = p->haps[i];
        if (!pat_as_whole(p, h.value, &number))
            continue;
        const int64_t cycle = pat_mod(pat_floor(h.part_begin), count);
        const int64_t ahead = pat_mod(pat_mod(n, count) * cycle, count);
        h.value = pat_imm(p, node, (uint32_t)pat_mod(pat_mod(number, count) + ahead, count));
        p->haps[kept++] = h;
    }
    p->n_haps = kept;
}

void pat_op_FIT(struct pat *p, const struct pat_node *node, struct pat_span span)
{
    pat_join(p, node, 1, span, fit_body);
}
