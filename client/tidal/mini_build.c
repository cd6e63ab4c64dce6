/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/mini_build.c - what was read in a TidalCycles string -> pattern nodes.            */
#include <math.h>
#include <string.h>

#include "client/tidal/mini.h"
#include "server/pattern/scale.h"

static const struct ph_ratio zero = { 0, 1 }, one = { 1, 1 };

static struct ph_value ratio_value(struct ph_ratio ratio)
{
    return (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = ratio };
}

static struct pat *op(struct mini_reader *r, enum ph_pattern_op op, struct pat *const *args,
                      uint32_t n, uint32_t at)
{
    for (uint32_t i = 0; i < n; i++)
        if (!args[i])
            r->failed = true;
    return r->failed ? NULL : mini_made(r, pat_op(r->c, op, args, n, r->offset + at));
}

#define OP(r, id, at, ...)                                                                         \
    op(r, id, (struct pat *[]){ __VA_ARGS__ },                                                     \
       sizeof((struct pat *[]){ __VA_ARGS__ }) / sizeof(struct pat *), at)

static struct pat *op_imm(struct mini_reader *r, enum ph_pattern_op op, struct pat *const *args,
                          uint32_t n, struct ph_value imm, uint32_t at)
{
    if (r->failed)
        return NULL;
    return mini_made(r, pat_op_imm(r->c, op, args, n, &imm, 1, r->offset + at));
}

static struct pat *ratio(struct mini_reader *r, struct ph_ratio value, uint32_t at)
{
    return mini_made(r, pat_ratio(r->c, value, r->offset + at));
}

struct pat *mini_silence(struct mini_reader *r, uint32_t at)
{
    return mini_made(r, pat_op(r->c, PH_PAT_SILENCE, NULL, 0, r->offset + at));
}

const struct ph_value *mini_constant(const struct pat *p)
{
    return p->kind == PAT_CONST ? &p->imms[0] : NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

struct pat *mini_value(struct mini_reader *r, enum mini_atom atom, const struct mini_number *n,
                       uint32_t at)
{
    const bool is_double = atom == ATOM_NOTE || atom == ATOM_DOUBLE;
    const bool is_whole = atom == ATOM_INT || atom == ATOM_WHOLE;

    if (is_whole && n->number != nearbyint(n->number))
        return mini_fail(r, at, "a whole number is wanted here");
    if (is_double ? !isfinite(n->number) : !n->exact)
        return mini_fail(r, at, "the number is too large");
    if (is_double)
        return mini_made(r, pat_number(r->c, n->number, r->offset + at));
    struct ph_value v = ratio_value(n->ratio);
    if (atom == ATOM_INT)
        v.kind = PH_VALUE_INT;
    return mini_made(r, pat_const(r->c, v, r->offset + at));
}

struct pat *mini_semitones(struct mini_reader *r, enum mini_atom atom, double value, uint32_t at)
{
    const bool fits = fabs(value) < 0x1p53;
    const struct mini_number n = { .number = value, .exact = fits,
                                   .ratio = ph_ratio_of(fits ? (int64_t)value : 0) };

    return mini_value(r, atom, &n, at);
}

/* ---- sequences ------------------------------------------------------------------------------- */

/* Items with their weights, copies written out. */
struct weighted {
    uint32_t n;
    struct pat **pats;
    struct ph_value *weights;
    struct ph_ratio total;
    bool all_positive;
};

static bool weigh(struct mini_reader *r, const struct mini_step *steps, uint32_t n,
                  struct weighted *w)
{
    uint32_t space = 1;
    bool overflow = false;

    for (uint32_t i = 0; i < n; i++)
        space += steps[i].count;
    *w = (struct weighted){ .total = zero, .all_positive = true };
    w->pats = arena_alloc(r->c->arena, space * sizeof *w->pats);
    w->weights = arena_alloc(r->c->arena, space * sizeof *w->weights);
    for (uint32_t i = 0; i < n; i++) {
        w->all_positive = w->all_positive && steps[i].weight.num > 0;
        for (uint32_t k = 0; k < steps[i].count; k++) {
            w->pats[w->n] = steps[i].pat;
            w->weights[w->n++] = ratio_value(steps[i].weight);
            w->total = ph_ratio_add(w->total, steps[i].weight, &overflow);
        }
    }
    if (overflow)
        mini_fail(r, steps[0].at, "the weights of these steps do not fit");
    return !overflow;
}

/* Negative weights lead back in time; what then lies outside the cycle is left out. */
static struct pat *overlapping(struct mini_reader *r, const struct weighted *w, uint32_t at)
{
    struct pat **const layers = arena_alloc(r->c->arena, w->n * sizeof *layers);
    struct ph_ratio begin = zero;
    uint32_t n = 0;
    bool overflow = false;

    for (uint32_t i = 0; i < w->n && w->total.num != 0; i++) {
        const struct ph_ratio share = ph_ratio_div(w->weights[i].ratio, w->total, &overflow);
        const struct ph_ratio end = ph_ratio_add(begin, share, &overflow);
        if (begin.num >= 0 && ph_ratio_cmp(begin, end) < 0 && ph_ratio_cmp(end, one) <= 0)
            layers[n++] = OP(r, PH_PAT_COMPRESS, at, ratio(r, begin, at), ratio(r, end, at),
                             w->pats[i]);
        begin = end;
    }
    if (overflow)
        return mini_fail(r, at, "the weights of these steps do not fit");
    return n == 0 ? mini_silence(r, at) : n == 1 ? layers[0] : op(r, PH_PAT_STACK, layers, n, at);
}

static bool build_steps(struct mini_reader *r, const struct mini_step *steps, uint32_t n,
                        uint32_t at, struct mini_sequence *out)
{
    struct weighted w;

    if (!weigh(r, steps, n, &w))
        return false;
    out->size = w.total;
    if (w.n == 0)
        out->pat = mini_silence(r, at);
    else if (w.n == 1)
        out->pat = w.pats[0];
    else if (!w.all_positive)
        out->pat = overlapping(r, &w, at);
    else
        out->pat = mini_made(r, pat_op_imm(r->c, PH_PAT_TIMECAT, w.pats, w.n, w.weights, w.n,
                                           r->offset + at));
    return out->pat != NULL;
}

/* Groups with `.` behind each but the last: each is one step. */
static bool build_feet(struct mini_reader *r, const struct mini_step *steps, uint32_t n,
                       uint32_t at, struct mini_sequence *out)
{
    struct mini_step *const feet = arena_alloc(r->c->arena, n * sizeof *feet);
    uint32_t n_feet = 0, begin = 0;

    for (uint32_t i = 0; i <= n; i++) {
        struct mini_sequence foot;
        if (i < n ? steps[i].pat != NULL : begin == n)
            continue;
        if (!build_steps(r, steps + begin, i - begin, begin < n ? steps[begin].at : at, &foot))
            return false;
        feet[n_feet++] = (struct mini_step){ .pat = foot.pat, .weight = one, .count = 1,
                                             .at = at };
        begin = i + 1;
    }
    if (n_feet < 2) {
        mini_fail(r, steps[n - 1].at, "`.` stands between two groups of steps");
        return false;
    }
    return build_steps(r, feet, n_feet, at, out);
}

bool mini_build_sequence(struct mini_reader *r, const struct mini_step *steps, uint32_t n,
                         uint32_t at, struct mini_sequence *out)
{
    for (uint32_t i = 0; i < n; i++)
        if (!steps[i].pat)
            return build_feet(r, steps, n, at, out);
    return build_steps(r, steps, n, at, out);
}

struct pat *mini_build_stack(struct mini_reader *r, const struct mini_list *list, bool is_choice,
                             uint32_t at)
{
    struct pat **const layers = arena_alloc(r->c->arena, (list->n + 1) * sizeof *layers);

    if (list->n == 0)
        return mini_silence(r, at);
    for (uint32_t i = 0; i < list->n; i++)
        layers[i] = list->items[i].pat;
    if (is_choice)
        return op_imm(r, PH_PAT_CHOOSE, layers, list->n, ratio_value(ph_ratio_of(r->n_seeds++)),
                      at);
    return list->n == 1 ? layers[0] : op(r, PH_PAT_STACK, layers, list->n, at);
}

static struct pat *at_rate(struct mini_reader *r, struct mini_sequence s, struct pat *steps,
                           uint32_t at)
{
    const struct ph_value *const constant = mini_constant(steps);
    bool overflow = false;

    if (s.size.num == 0)
        return mini_silence(r, at);
    if (!constant) {
        const struct ph_value mapped = ratio_value(ph_ratio_of(3));
        struct pat *const sides[] = { steps, ratio(r, s.size, at) };
        return mini_build_speed(r, op_imm(r, PH_PAT_DIV, sides, 2, mapped, at), false, s.pat, at);
    }
    const struct ph_ratio factor = ph_ratio_div(constant->ratio, s.size, &overflow);
    if (overflow)
        return mini_fail(r, at, "the steps of these brackets do not fit");
    return mini_build_speed(r, ratio(r, factor, at), false, s.pat, at);
}

struct pat *mini_build_polymeter(struct mini_reader *r, const struct mini_list *list,
                                 struct pat *steps, uint32_t at)
{
    struct mini_list layers = { .n = list->n };

    if (!steps)
        return NULL;
    layers.items = arena_alloc(r->c->arena, (list->n + 1) * sizeof *layers.items);
    for (uint32_t i = 0; i < list->n; i++) {
        layers.items[i].pat = at_rate(r, list->items[i], steps, at);
        if (!layers.items[i].pat)
            return NULL;
    }
    return mini_build_stack(r, &layers, false, at);
}

/* ---- what follows a value -------------------------------------------------------------------- */

struct pat *mini_build_drop(struct mini_reader *r, const struct mini_drop *drop, struct pat *p)
{
    bool overflow = false;
    const struct ph_ratio later = ph_ratio_make(drop->seed, 10000, &overflow);

    if (!drop->is_set || !p)
        return p;
    struct pat *const args[] = {
        mini_made(r, pat_number(r->c, drop->probability, r->offset + drop->at)), p
    };
    return op_imm(r, PH_PAT_DEGRADE_BY, args, 2, ratio_value(later), drop->at);
}

struct pat *mini_build_speed(struct mini_reader *r, struct pat *factor, bool slow, struct pat *p,
                             uint32_t at)
{
    const struct ph_value *const constant = factor ? mini_constant(factor) : NULL;

    if (constant && constant->ratio.num == 0)
        return mini_silence(r, at);
    if (constant && ph_ratio_cmp(constant->ratio, one) == 0)
        return p;
    return OP(r, slow ? PH_PAT_SLOW : PH_PAT_FAST, at, factor, p);
}

struct pat *mini_build_suffix(struct mini_reader *r, const struct mini_suffix *s,
                              enum mini_atom atom, struct pat *p)
{
    p = mini_build_drop(r, &s->before, p);
    if (p && s->factor)
        p = mini_build_speed(r, s->factor, s->slow, p, s->speed_at);
    if (p && s->k) /* truths are negated on the rests of a rhythm */
        p = OP(r, atom == ATOM_BOOL ? PH_PAT_EUCLID_BOOL : PH_PAT_EUCLID, s->rhythm_at, s->k, s->n,
               s->turn, p);
    return mini_build_drop(r, &s->after, p);
}

/* ---- ranges ---------------------------------------------------------------------------------- */

/* Number of values from `low` to `high`; fractions go on until half a step beyond. */
static double range_length(enum mini_atom atom, double low, double high)
{
    const bool is_whole = atom == ATOM_INT || atom == ATOM_WHOLE || atom == ATOM_CHAR;

    return floor(high - low + (is_whole ? 0 : 0.5)) + 1;
}

static double position(enum mini_atom atom, const struct ph_value *v)
{
    return atom == ATOM_CHAR                 ? (double)(unsigned char)v->text[0]
           : v->kind == PH_VALUE_NUMBER ? v->number
                                        : ph_ratio_to_double(v->ratio);
}

/* Value `i` above the lower end. */
static struct pat *range_value(struct mini_reader *r, enum mini_atom atom,
                               const struct ph_value *low, uint32_t i, uint32_t at)
{
    struct mini_number n = { .number = low->number + i, .exact = true };
    bool overflow = false;

    if (atom == ATOM_CHAR) {
        const char c = (char)(low->text[0] + (char)i);
        return mini_made(r, pat_word(r->c, arena_text(r->c->arena, &c, 1), r->offset + at));
    }
    if (low->kind != PH_VALUE_NUMBER)
        n.ratio = ph_ratio_add(low->ratio, ph_ratio_of(i), &overflow);
    if (atom != ATOM_RATIONAL && low->kind != PH_VALUE_NUMBER)
        n.number = (double)n.ratio.num;
    n.exact = !overflow;
    return mini_value(r, atom, &n, at);
}

/* a .. b of two constants, all values written out. */
static struct pat *plain_range(struct mini_reader *r, enum mini_atom atom,
                               const struct ph_value *a, const struct ph_value *b, uint32_t at)
{
    const bool down = position(atom, a) > position(atom, b);
    const struct ph_value *const low = down ? b : a;
    const double n =
        range_length(atom, position(atom, low), position(atom, down ? a : b));

    if (n > MINI_SIZE_MAX || r->n_items + n > MINI_SIZE_MAX)
        return mini_fail(r, at, "the range has more than %d steps", MINI_SIZE_MAX);
    const uint32_t count = (uint32_t)n;
    struct mini_step *const steps = arena_alloc(r->c->arena, count * sizeof *steps);
    struct mini_sequence out;
    for (uint32_t i = 0; i < count; i++) {
        struct pat *const p = range_value(r, atom, low, down ? count - 1 - i : i, at);
        if (!p)
            return NULL;
        steps[i] = (struct mini_step){ .pat = p, .weight = one, .count = 1, .at = at };
    }
    r->n_items += count;
    return build_steps(r, steps, count, at, &out) ? out.pat : NULL;
}

struct pat *mini_build_range(struct mini_reader *r, enum mini_atom atom, struct pat *a,
                             struct pat *b, uint32_t at)
{
    const bool has_run = mini_is_numeric(atom) || atom == ATOM_RATIONAL || atom == ATOM_CHAR;
    const struct ph_value *const from = mini_constant(a), *const to = mini_constant(b);
    struct pat *const ends[] = { a, b };

    if (has_run && from && to)
        return plain_range(r, atom, from, to, at);
    return op_imm(r, PH_PAT_FROM_TO, ends, 2, ratio_value(ph_ratio_of(atom == ATOM_CHAR)), at);
}
