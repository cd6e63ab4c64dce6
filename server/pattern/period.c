/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/pattern/period.c - after how many cycles an instruction repeats, and where tables pay.  */
/* room: none. What is not in the table of rules is taken for something that never repeats.       */
#include <stdlib.h>

#include "server/pattern/eval.h"

enum rule {
    NEVER,
    COMMON,    /* with its arguments: their least common multiple */
    CYCLES_OF, /* SLOWCAT: its n arguments take turns */
    STEPS_OF,  /* POLYMETER: they take turns at a rate */
    FASTER,    /* argument 0 is a factor of time */
    SLOWER,    /* its inverse is */
    SLOTS,     /* argument 0 counts slots in a cycle, the same in each when it is whole */
    TURNS,     /* argument 0 says after how many cycles a choice repeats */
    ROUNDS,    /* so many cycles make a round, in which all arguments may advance by one */
    MODULO,    /* the same, and argument 1 is compared with the rest */
    PAIRS,     /* every other cycle */
    WRAPS,     /* FIT: the immediates come round, argument 0 a cycle */
    HOLDS,     /* REPEAT_CYCLES: each cycle argument 0 times */
    ONCE       /* one cycle again and again */
};

/** What is asked once a cycle for that cycle needs no table where its user has one. */
enum { DISCRETE = 7, OFTEN = 1 };

/**
 * first: arguments from here on may hand on that they are continuous, DISCRETE none.
 * often: it asks its arguments for more than once what they are in a cycle
 */
static const struct {
    uint8_t rule, first, often;
} traits[PH_PAT_COUNT] = {
    [PH_PAT_SILENCE] = { COMMON, 0, 0 },
    [PH_PAT_PURE] = { COMMON, 0, 0 },
    [PH_PAT_STACK] = { COMMON, 0, 0 },
    [PH_PAT_SLOWCAT] = { CYCLES_OF, 0, 0 },
    [PH_PAT_TIMECAT] = { COMMON, 0, 0 },
    [PH_PAT_POLYMETER] = { STEPS_OF, 0, 0 },
    [PH_PAT_FAST] = { FASTER, 1, OFTEN },
    [PH_PAT_SLOW] = { SLOWER, 1, OFTEN },
    [PH_PAT_EARLY] = { COMMON, 1, 0 },
    [PH_PAT_LATE] = { COMMON, 1, 0 },
    [PH_PAT_REV] = { COMMON, 0, 0 },
    [PH_PAT_PLY] = { SLOTS, 1, 0 },
    [PH_PAT_EUCLID] = { COMMON, 3, OFTEN },
    [PH_PAT_EUCLID_INV] = { COMMON, 3, OFTEN },
    [PH_PAT_EUCLID_BOOL] = { COMMON, DISCRETE, OFTEN },
    [PH_PAT_EUCLID_SAMPLE] = { COMMON, DISCRETE, OFTEN },
    [PH_PAT_DEGRADE_BY] = { NEVER, 1, 0 },
    [PH_PAT_UNDEGRADE_BY] = { NEVER, 1, 0 },
    [PH_PAT_DEGRADE_USING] = { COMMON, 2, OFTEN },
    [PH_PAT_EVERY] = { TURNS, 2, 0 },
    [PH_PAT_WHENMOD] = { MODULO, 2, 0 },
    [PH_PAT_SOME_CYCLES_BY] = { NEVER, 1, 0 },
    [PH_PAT_WITHIN] = { COMMON, 2, 0 },
    [PH_PAT_CHUNK] = { ROUNDS, 1, 0 },
    [PH_PAT_ITER] = { ROUNDS, 1, 0 },
    [PH_PAT_BRAK] = { PAIRS, 0, 0 },
    [PH_PAT_COMPRESS] = { COMMON, 2, 0 },
    [PH_PAT_FAST_GAP] = { COMMON, 1, 0 },
    [PH_PAT_ZOOM] = { COMMON, 2, 0 },
    [PH_PAT_TRUNC] = { COMMON, 1, 0 },
    [PH_PAT_LINGER] = { SLOWER, 1, OFTEN },
    [PH_PAT_SWING] = { COMMON, 1, 0 },
    [PH_PAT_INSIDE_CYCLE] = { COMMON, 1, OFTEN },
    [PH_PAT_SEGMENT] = { SLOTS, DISCRETE, OFTEN },
    [PH_PAT_STRUCT] = { COMMON, DISCRETE, OFTEN },
    [PH_PAT_STITCH] = { COMMON, DISCRETE, OFTEN },
    [PH_PAT_MASK] = { COMMON, 1, OFTEN },
    [PH_PAT_SEW] = { COMMON, 1, OFTEN },
    [PH_PAT_KEEP_ONSETS] = { COMMON, 1, OFTEN },
    [PH_PAT_SHUFFLE] = { NEVER, 1, OFTEN },
    [PH_PAT_SCRAMBLE] = { NEVER, 1, OFTEN },
    [PH_PAT_SHIFT_BY] = { NEVER, 1, 0 },
    [PH_PAT_ROT] = { COMMON, 1, 0 },
    [PH_PAT_BITE] = { COMMON, 2, OFTEN },
    [PH_PAT_CHEW] = { COMMON, 2, OFTEN },
    [PH_PAT_CHOP] = { COMMON, 1, 0 },
    [PH_PAT_STRIATE] = { COMMON, 1, OFTEN },
    [PH_PAT_STRIATE_BY] = { COMMON, 2, OFTEN },
    [PH_PAT_SLICE] = { COMMON, 1, OFTEN },
    [PH_PAT_SPLICE] = { COMMON, 1, OFTEN },
    [PH_PAT_LOOP_AT] = { SLOWER, 1, OFTEN },
    [PH_PAT_HURRY] = { FASTER, 1, OFTEN },
    [PH_PAT_ADD] = { COMMON, 0, OFTEN },
    [PH_PAT_SUB] = { COMMON, 0, OFTEN },
    [PH_PAT_MUL] = { COMMON, 0, OFTEN },
    [PH_PAT_DIV] = { COMMON, 0, OFTEN },
    [PH_PAT_MOD] = { COMMON, 0, OFTEN },
    [PH_PAT_POW] = { COMMON, 0, OFTEN },
    [PH_PAT_CONCAT] = { COMMON, 0, OFTEN },
    [PH_PAT_KEEP] = { COMMON, 0, OFTEN },
    [PH_PAT_UNION] = { COMMON, 0, OFTEN },
    [PH_PAT_UNION_LEFT] = { COMMON, 0, OFTEN },
    [PH_PAT_SET] = { COMMON, 0, OFTEN },
    [PH_PAT_PARAM] = { COMMON, 0, 0 },
    [PH_PAT_PARAM_MUL] = { COMMON, 1, 0 },
    [PH_PAT_PARAM_ADD] = { COMMON, 1, 0 },
    [PH_PAT_SCALE] = { COMMON, 1, 0 },
    [PH_PAT_CHORD] = { COMMON, 1, 0 },
    [PH_PAT_TO_SCALE] = { COMMON, 0, 0 },
    [PH_PAT_VOICES] = { COMMON, 0, OFTEN },
    [PH_PAT_FROM_TO] = { COMMON, 0, OFTEN },
    [PH_PAT_EVENT_LENGTH] = { COMMON, 0, 0 },
    [PH_PAT_RUN] = { COMMON, 1, 0 },
    [PH_PAT_SCAN] = { TURNS, 1, 0 },
    [PH_PAT_RANGE] = { COMMON, 2, 0 },
    [PH_PAT_QUANTISE] = { COMMON, 1, 0 },
    [PH_PAT_CHORD_NOTE] = { COMMON, 0, 0 },
    [PH_PAT_MATH] = { COMMON, 0, 0 },
    [PH_PAT_INV] = { COMMON, 0, 0 },
    [PH_PAT_FILTER_TRUE] = { COMMON, 0, 0 },
    [PH_PAT_PICK] = { COMMON, 0, OFTEN },
    [PH_PAT_SWITCH] = { COMMON, 0, OFTEN },
    [PH_PAT_WPICK] = { COMMON, 0, OFTEN },
    [PH_PAT_JOIN] = { COMMON, 0, OFTEN },
    [PH_PAT_VAR] = { COMMON, 0, 0 },
    [PH_PAT_PRESS] = { COMMON, 1, 0 },
    [PH_PAT_MATCH] = { COMMON, 1, OFTEN },
    [PH_PAT_ARP] = { NEVER, 1, 0 }, /* fragments of one event are a chord, so cuts decide */
    [PH_PAT_ROLLED] = { NEVER, 1, 0 },
    [PH_PAT_FIT] = { WRAPS, 1, 0 },
    [PH_PAT_SMOOTH] = { NEVER, 0, OFTEN },
    [PH_PAT_STRETCH] = { COMMON, 0, OFTEN },
    [PH_PAT_LOOP_FIRST] = { ONCE, 0, OFTEN },
    [PH_PAT_REPEAT_CYCLES] = { HOLDS, 1, 0 },
    [PH_PAT_CYCLE_MOD] = { TURNS, 1, OFTEN },
    [PH_PAT_GROOVE] = { COMMON, 1, 0 },
    [PH_PAT_GLIDE] = { NEVER, 1, OFTEN },
    [PH_PAT_WALK] = { NEVER, 1, OFTEN },
    [PH_PAT_NEXT] = { COMMON, 0, OFTEN },
    [PH_PAT_AT_BEGIN] = { COMMON, 0, OFTEN },
    [PH_PAT_PERLIN_WITH] = { COMMON, 0, 0 },
    [PH_PAT_PERLIN2_WITH] = { COMMON, 0, 0 },
    [PH_PAT_SINE] = { COMMON, 0, 0 },
    [PH_PAT_COSINE] = { COMMON, 0, 0 },
    [PH_PAT_SAW] = { COMMON, 0, 0 },
    [PH_PAT_ISAW] = { COMMON, 0, 0 },
    [PH_PAT_TRI] = { COMMON, 0, 0 },
    [PH_PAT_SQUARE] = { COMMON, 0, 0 },
};

/* ---- signals --------------------------------------------------------------------------------- */

static bool is_signal(uint8_t op)
{
    switch (op) {
    case PH_PAT_RAND: case PH_PAT_IRAND: case PH_PAT_PERLIN: case PH_PAT_SINE: case PH_PAT_COSINE:
    case PH_PAT_SAW: case PH_PAT_ISAW: case PH_PAT_TRI: case PH_PAT_SQUARE: case PH_PAT_TIME:
    case PH_PAT_SMOOTH: case PH_PAT_GLIDE:
        return true;
    default:
        return false;
    }
}

/** Operators that take the structure of one side have it from that side. */
static bool is_operator(uint8_t op)
{
    switch (op) {
    case PH_PAT_ADD: case PH_PAT_SUB: case PH_PAT_MUL: case PH_PAT_DIV: case PH_PAT_MOD:
    case PH_PAT_POW: case PH_PAT_CONCAT: case PH_PAT_KEEP: case PH_PAT_UNION:
    case PH_PAT_UNION_LEFT:
        return true;
    default:
        return false;
    }
}

static bool may_be_continuous(struct pat *p, const struct pat_node *node)
{
    uint32_t first = traits[node->op].first, end = node->n_args;
    int64_t structure = 0;

    if (is_signal(node->op))
        return true;
    if (is_operator(node->op) && pat_as_whole(p, pat_imm(p, node, 0), &structure) &&
        structure > 0) {
        first = structure == 2 ? 1 : 0;
        end = first + 1;
    } else if (node->op == PH_PAT_SET) {
        end = 1;
    } else if (pat_is_tidal(p) && (node->op == PH_PAT_STRUCT || node->op == PH_PAT_STITCH)) {
        first = 0; /* fragments of a signal that is true have no whole */
        end = 1;
    } else if (pat_is_tidal(p) && node->op == PH_PAT_EUCLID_BOOL) {
        first = 3;
    }
    for (uint32_t i = first; i < end; i++)
        if (pat_arg(p, node, i)->continuous)
            return true;
    return false;
}

/* ---- periods --------------------------------------------------------------------------------- */

/* A period is 0 as soon as it is not known or more than PAT_PERIOD_MAX. */

static int64_t bounded(int64_t period)
{
    return period <= PAT_PERIOD_MAX ? period : 0;
}

static int64_t lcm(int64_t a, int64_t b)
{
    return a == 0 || b == 0 ? 0 : bounded(a / (int64_t)pat_gcd((uint64_t)a, (uint64_t)b) * b);
}

static const int64_t term_max = INT64_C(1) << 40; /* times a period it stays in 64 bits */

/** Least t > 0 of which `factor` times is a multiple of `period`. */
static int64_t period_faster(struct ph_ratio factor, int64_t period)
{
    const uint64_t n = factor.num < 0 ? -(uint64_t)factor.num : (uint64_t)factor.num;

    if (period == 0 || n > (uint64_t)term_max || factor.den > term_max ||
        period > PH_PATTERN_ARGS_MAX)
        return 0;
    const int64_t d = factor.den * period;
    return bounded(d / (int64_t)pat_gcd(n, (uint64_t)d));
}

/** What argument 0 of an operation asks of the period, for one value of it. */
static int64_t period_for(enum rule rule, struct ph_ratio x, int64_t period)
{
    const int64_t whole = pat_floor(x);
    const int64_t n = whole > PAT_PERIOD_MAX || whole < -PAT_PERIOD_MAX ? 0
                      : whole == 0                                      ? 1
                                                                        : llabs(whole);

    switch (rule) {
    case FASTER:
        return period_faster(x, period);
    case SLOWER:
        return x.num == 0 || x.num == INT64_MIN ? 1
                                                : period_faster(PH_RATIO(x.den, llabs(x.num)),
                                                                period);
    case SLOTS:
        return lcm(bounded(x.den), period);
    case TURNS:
        return lcm(n, period);
    case ROUNDS:
        return bounded(n * period);
    case MODULO:
        return x.den != 1 || x.num < 0 ? 0 : lcm(n, period);
    default:
        return x.den != 1 || x.num <= 0 || x.num > PAT_PERIOD_MAX ? 0 : bounded(x.num * period);
    }
}

enum { FACTORS_MAX = 16, VISITS_MAX = 64 };

struct factors {
    struct ph_ratio list[FACTORS_MAX];
    uint32_t n, n_visits;
};

/** Collects the constants that a pattern is made of. @return false when there may be others */
static bool factors_of(struct pat *p, const struct pat_node *node, struct factors *f)
{
    const uint8_t rule = traits[node->op].rule;

    if (f->n_visits++ == VISITS_MAX)
        return false;
    if (node->constant)
        return f->n < FACTORS_MAX && pat_as_ratio(p, node->constant, &f->list[f->n++]);
    if (node->op != PH_PAT_STACK && node->op != PH_PAT_TIMECAT && rule != CYCLES_OF &&
        rule != STEPS_OF && node->op != PH_PAT_FAST && node->op != PH_PAT_SLOW)
        return false;
    for (uint32_t i = traits[node->op].first; i < node->n_args; i++)
        if (!factors_of(p, pat_arg(p, node, i), f))
            return false;
    return true;
}

/** The period with each of the values that argument 0 can have. */
static int64_t period_with_factors(struct pat *p, const struct pat_node *node, int64_t period)
{
    const enum rule rule = (enum rule)traits[node->op].rule;
    const int64_t common = period;
    struct factors f = { .n = 0 };

    if (!factors_of(p, pat_arg(p, node, 0), &f))
        return 0;
    for (uint32_t i = 0; i < f.n && period > 0; i++) {
        struct ph_ratio x = f.list[i];
        if (node->op == PH_PAT_SCAN) /* counts fractions from 1/2 on, as an enumeration does */
            x = pat_add(p, x, PH_RATIO(1, 2));
        period = lcm(period_for(rule, x, common), period);
    }
    return period;
}

/** Whether every value of argument 1 is a whole number. */
static bool is_whole(struct pat *p, const struct pat_node *node)
{
    struct factors f = { .n = 0 };

    if (!factors_of(p, pat_arg(p, node, 1), &f))
        return false;
    for (uint32_t i = 0; i < f.n; i++)
        if (f.list[i].den != 1)
            return false;
    return true;
}

/** A speed whose arguments have `period`: that of the factor itself counts in its own time. */
static int64_t period_at_speed(struct pat *p, const struct pat_node *node)
{
    const enum rule rule = (enum rule)traits[node->op].rule;
    const struct pat_node *const factor = pat_arg(p, node, 0);
    int64_t period = factor->period;
    struct factors f = { .n = 0 };

    if (!factors_of(p, factor, &f))
        return 0;
    for (uint32_t i = 0; i < f.n && period > 0; i++)
        period = lcm(period_for(rule, f.list[i], pat_arg(p, node, 1)->period), period);
    return period;
}

static int64_t period_of(struct pat *p, const struct pat_node *node)
{
    int64_t period = 1;
    struct ph_ratio rate;

    for (uint32_t i = 0; i < node->n_args; i++)
        period = lcm(period, pat_arg(p, node, i)->period);
    if (period == 0 && traits[node->op].rule != FASTER)
        return 0;
    switch ((enum rule)traits[node->op].rule) {
    case COMMON:
        return period;
    case ONCE:
        return 1;
    case CYCLES_OF:
        return bounded((int64_t)node->n_args * period);
    case STEPS_OF:
        return pat_as_ratio(p, pat_imm(p, node, 0), &rate) && rate.num > 0
                   ? period_faster(rate, (int64_t)node->n_args * period)
                   : 1;
    case FASTER:
    case SLOWER:
        return period_at_speed(p, node);
    case SLOTS:
    case TURNS:
    case ROUNDS:
        return period_with_factors(p, node, period);
    case MODULO:
        return is_whole(p, node) ? period_with_factors(p, node, period) : 0;
    case PAIRS:
        return lcm(2, period);
    case WRAPS:
        return is_whole(p, node) ? lcm(bounded(node->n_imms), period) : 0;
    case HOLDS:
        return pat_arg(p, node, 0)->constant ? period_with_factors(p, node, period) : 0;
    case NEVER:
        break;
    }
    return 0;
}

/** Tidal's zoom beyond a cycle answers with events of other cycles, which no table holds. */
static bool leaves_its_cycle(struct pat *p, const struct pat_node *node)
{
    struct ph_ratio begin = PH_RATIO(0, 1), end;

    if (!pat_is_tidal(p) || (node->op != PH_PAT_ZOOM && node->op != PH_PAT_LINGER &&
                             node->op != PH_PAT_INSIDE_CYCLE))
        return false;
    for (uint32_t i = 0; i + 1 < node->n_args; i++)
        if (!pat_arg(p, node, i)->constant)
            return true;
    if (node->op == PH_PAT_ZOOM && !pat_as_ratio(p, pat_arg(p, node, 0)->constant, &begin))
        return false;
    if (!pat_as_ratio(p, pat_arg(p, node, node->n_args - 2)->constant, &end))
        return false;
    return begin.num < 0 || end.num < -end.den || end.num > end.den;
}

/** How many arguments are parameters: queried first, over the span that is asked for. */
static uint32_t n_params(const struct pat_node *node)
{
    const uint32_t first = traits[node->op].first;

    if (first != DISCRETE)
        return first < node->n_args ? first : node->n_args;
    return node->n_args == 4 ? 3 : 1; /* Euclids; SEGMENT, STRUCT, STITCH */
}

/** In Tidal a signal as parameter is read where the query has its middle: cuts decide. */
static bool reads_signals(const struct pat *p, const struct pat_node *node)
{
    for (uint32_t i = 0; i < n_params(node) && pat_is_tidal(p); i++)
        if (pat_arg(p, node, i)->continuous)
            return true;
    return false;
}

/** Slots read inside; a JOIN binds its own in its second argument. */
static uint64_t vars_of(struct pat *p, const struct pat_node *node)
{
    uint64_t vars = 0, own = 0;
    int64_t number;

    if ((node->op == PH_PAT_VAR || node->op == PH_PAT_JOIN) &&
        pat_as_whole(p, pat_imm(p, node, 0), &number) && number >= 0 && number < 64)
        own = UINT64_C(1) << number;
    if (node->op == PH_PAT_VAR)
        return own;
    for (uint32_t i = 0; i < node->n_args; i++) {
        const uint64_t inner = pat_arg(p, node, i)->vars;
        vars |= node->op == PH_PAT_JOIN && i == 1 ? inner & ~own : inner;
    }
    return vars;
}

void pat_find_period(struct pat *p, struct pat_node *node)
{
    p->overflow = false;
    node->continuous = may_be_continuous(p, node);
    node->vars = vars_of(p, node);
    node->period = leaves_its_cycle(p, node) || reads_signals(p, node)
                       ? 0
                       : (uint8_t)period_of(p, node);
    p->overflow = false; /* of a factor that no time can be: the query will say so */
}

/* ---- tables ---------------------------------------------------------------------------------- */

static bool can_be_tabled(const struct pat_node *node)
{
    return node->period > 0 && node->vars == 0 && !node->continuous && !node->constant &&
           node->op != PH_PAT_SILENCE;
}

/**
 * A table pays at the root, where something without one asks again and again, where the user's own
 * table takes more cycles to fill, and where a pattern is used more than once.
 */
void pat_choose_tables(struct pat *p)
{
    const uint32_t n = p->code->n_instrs;

    for (uint32_t i = 0; i < n; i++) {
        const struct pat_node *const user = &p->nodes[i];
        for (uint32_t k = 0; k < user->n_args; k++) {
            struct pat_node *const node = &p->nodes[user->args[k]];
            node->tabled = node->tabled || node->is_used || traits[user->op].often ||
                           !can_be_tabled(user) || user->period != node->period;
            node->is_used = true;
        }
    }
    p->nodes[n - 1].tabled = true;
    for (uint32_t i = 0; i < n; i++)
        p->nodes[i].tabled = p->nodes[i].tabled && can_be_tabled(&p->nodes[i]);
}
