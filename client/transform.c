/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/transform.c - transforms are functions of patterns and are applied here, when a program */
/* is compiled: `every 4 (fast 2) p` is EVERY over p and FAST over the same p. LANGUAGE 9.        */
#include "client/transform.h"

#include <math.h>
#include <string.h>

bool transform_takes(const struct function *f, uint32_t n_args)
{
    return n_args < 8 && (f->counts & FUNCTION_COUNT(n_args)) != 0;
}

/* ---- arguments ------------------------------------------------------------------------------- */

struct value applied_argument(const struct applied *t, uint32_t i)
{
    return evaluate(t->c, t->call->items[i], t->frame,
                    compiler_text(t->c, "%s.%u", t->path, i + 1));
}

/* LANGUAGE 4.1: what the -1 .. 1 of a signal becomes for a transform. */
static void range_of_argument(const char *name, struct ph_ratio *low, struct ph_ratio *high)
{
    const bool is_speed = strcmp(name, "fast") == 0 || strcmp(name, "slow") == 0;
    const bool is_shift = strcmp(name, "early") == 0 || strcmp(name, "late") == 0;

    *low = is_speed ? PH_RATIO(1, 4) : is_shift ? PH_RATIO(-1, 2) : PH_RATIO(0, 1);
    *high = is_speed ? PH_RATIO(4, 1) : is_shift ? PH_RATIO(1, 2) : PH_RATIO(1, 1);
}

/* A signal, read at the start of each cycle. */
static struct pat *read_signal(const struct applied *t, struct value v)
{
    const struct ph_ratio half = PH_RATIO(1, 2);
    struct ph_ratio low, high;
    struct pat *const x = sampled_pattern(t->c, v.signal, v.offset);

    range_of_argument(t->f->canonical, &low, &high);
    struct pat *const unit = applied_arithmetic(
        t, PH_PAT_MUL, applied_arithmetic(t, PH_PAT_ADD, x, applied_whole(t, 1)),
        pat_ratio(t->c, half, t->offset));
    struct pat *const ranged = PAT(t->c, PH_PAT_RANGE, t->offset, pat_ratio(t->c, low, t->offset),
                                   pat_ratio(t->c, high, t->offset), unit);
    return PAT(t->c, PH_PAT_SEGMENT, t->offset, applied_whole(t, 1), ranged);
}

struct pat *applied_pattern(const struct applied *t, uint32_t i)
{
    const struct value v = applied_argument(t, i);

    if (v.kind == VALUE_NUMBER || v.kind == VALUE_PATTERN || v.kind == VALUE_ERROR)
        return value_pattern(t->c, v);
    if (v.kind == VALUE_SIGNAL)
        return read_signal(t, v);
    diag_error(t->c->diag, t->call->items[i]->offset,
               "argument %u of `%s` is a number or a pattern, found %s", i + 1, t->f->name,
               value_kind_name(v.kind));
    return NULL;
}

/* A number known now, for what decides how many layers there are. */
bool applied_number(const struct applied *t, uint32_t i, double low, double high,
                            struct value *out)
{
    *out = applied_argument(t, i);
    if (out->kind == VALUE_ERROR)
        return false;
    if (out->kind != VALUE_NUMBER) {
        diag_error(t->c->diag, out->offset, "argument %u of `%s` must be a number, found %s", i + 1,
                   t->f->name, value_kind_name(out->kind));
        return false;
    }
    if (out->number >= low && out->number <= high)
        return true;
    diag_error(t->c->diag, out->offset, "argument %u of `%s` must lie between %g and %g", i + 1,
               t->f->name, low, high);
    return false;
}

struct pat *applied_whole(const struct applied *t, int64_t n)
{
    return pat_ratio(t->c, ph_ratio_of(n), t->offset);
}

struct pat *applied_arithmetic(const struct applied *t, enum ph_pattern_op op, struct pat *a,
                              struct pat *b)
{
    static const struct ph_value both = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };

    return pat_op_imm(t->c, op, (struct pat *[]){ a, b }, 2, &both, 1, t->offset);
}

struct pat *applied_control(const struct applied *t, const char *name, struct pat *x,
                           struct pat *p)
{
    return pat_with(t->c, p, pat_param(t->c, name, PAT_NUMBERS, x), false);
}

struct value applied_wrong(const struct applied *t, const char *what)
{
    diag_error(t->c->diag, t->offset, "`%s` %s", t->f->name, what);
    return value_error();
}

struct pat *applied_cycle(const struct applied *t, uint32_t i)
{
    struct pat *const p = applied_pattern(t, i);

    if (!p || p->kind == PAT_CONST)
        return p;
    return PAT(t->c, PH_PAT_SEGMENT, t->offset, applied_whole(t, 1), p);
}

/* ---- the inner transform --------------------------------------------------------------------- */

/** Applies the transform that is argument `i` to `v`. */
struct value applied_inner(const struct applied *t, uint32_t i, struct value v)
{
    const struct value f = applied_argument(t, i);

    if (f.kind == VALUE_ERROR || v.kind == VALUE_ERROR)
        return value_error();
    if (f.kind != VALUE_TRANSFORM && f.kind != VALUE_EFFECT) {
        diag_error(t->c->diag, t->call->items[i]->offset,
                   "argument %u of `%s` is a transform, found %s", i + 1, t->f->name,
                   value_kind_name(f.kind));
        return value_error();
    }
    return evaluate_apply(t->c, f.step, v, t->offset);
}

/* ---- kinds of transforms --------------------------------------------------------------------- */

/** Transforms that are one instruction: parameters first, then the pattern. */
struct plain {
    const char *name;
    enum ph_pattern_op op;
};
static const struct plain plain[] = {
    { "fast", PH_PAT_FAST },         { "slow", PH_PAT_SLOW },
    { "hurry", PH_PAT_HURRY },       { "early", PH_PAT_EARLY },
    { "late", PH_PAT_LATE },         { "rev", PH_PAT_REV },
    { "iter", PH_PAT_ITER },         { "compress", PH_PAT_COMPRESS },
    { "fastGap", PH_PAT_FAST_GAP },  { "zoom", PH_PAT_ZOOM },
    { "trunc", PH_PAT_TRUNC },       { "linger", PH_PAT_LINGER },
    { "swing", PH_PAT_SWING },       { "segment", PH_PAT_SEGMENT },
    { "brak", PH_PAT_BRAK },         { "ply", PH_PAT_PLY },
    { "chop", PH_PAT_CHOP },         { "striate", PH_PAT_STRIATE },
    { "slice", PH_PAT_SLICE },       { "splice", PH_PAT_SPLICE },
    { "bite", PH_PAT_BITE },         { "loopAt", PH_PAT_LOOP_AT },
    { "rot", PH_PAT_ROT },           { "struct", PH_PAT_STRUCT },
    { "mask", PH_PAT_KEEP_ONSETS },  { "scramble", PH_PAT_SCRAMBLE },
    { "range", PH_PAT_RANGE },       { "quantize", PH_PAT_QUANTISE },
    { "pressBy", PH_PAT_PRESS },     { "reset", PH_PAT_CYCLE_MOD },
    { "walk", PH_PAT_WALK },         { "smooth", PH_PAT_GLIDE },
};

static const struct plain *plain_find(const char *name)
{
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strcmp(plain[i].name, name) == 0)
            return &plain[i];
    return NULL;
}

/* These set or scale parameters of events, so words and notes become events first. */
static bool wants_events(const struct applied *t)
{
    static const char *const names[] = { "hurry", "chop",  "striate", "slice",      "splice",
                                         "loopAt", "echo", "jux",     "juxBy",      "spin",
                                         "ghost", "legato", "dur",    "accelerate", "stretch",
                                         "humanize" };
    const char *const name = t->f->canonical;

    if (strcmp(name, "chew") == 0)
        return t->call->n_items == 2;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* `slice n` of exactly n equal words reorders them: LANGUAGE 9.3. */
static bool slices_are_words(const struct pat *p, double n)
{
    while (p->kind == PAT_OP && p->op == PH_PAT_PARAM && p->n_args == 1)
        p = p->args[0];
    if (p->kind != PAT_MINI || p->mini->kind != MINI_SEQ || p->mini->n_items != n || n < 2)
        return false;
    for (uint32_t i = 0; i < p->mini->n_items; i++) {
        const struct mini *const item = p->mini->items[i];
        const bool is_equal = !p->mini->weights ||
                              ph_ratio_cmp(p->mini->weights[i], p->mini->weights[0]) == 0;
        if (!is_equal || (item->kind != MINI_WORD && item->kind != MINI_NUMBER))
            return false;
    }
    return true;
}

/* Speeds follow their pattern inside of the cycle, and indices are a structure: LANGUAGE 9. */
static bool holds_for_a_cycle(enum ph_pattern_op op)
{
    return op == PH_PAT_EARLY || op == PH_PAT_LATE || op == PH_PAT_FAST_GAP ||
           op == PH_PAT_SWING || op == PH_PAT_PLY || op == PH_PAT_LOOP_AT || op == PH_PAT_ROT;
}

static struct value apply_plain(const struct applied *t, const struct plain *row, struct value v)
{
    struct pat *args[4];
    const uint32_t n = t->call->n_items;
    enum ph_pattern_op op = row->op;

    for (uint32_t i = 0; i < n && i < 3; i++)
        args[i] = holds_for_a_cycle(op) ? applied_cycle(t, i) : applied_pattern(t, i);
    args[n] = v.pattern;
    if (op == PH_PAT_SLICE && args[0] && args[0]->kind == PAT_CONST &&
        slices_are_words(v.pattern, ph_ratio_to_double(args[0]->imms[0].ratio)))
        op = PH_PAT_BITE;
    return value_of_pattern(v.kind, pat_op(t->c, op, args, n + 1, t->offset), v.offset);
}
/* ---- the others ------------------------------------------------------------------------------ */

static struct value degrade(const struct applied *t, struct pat *probability, int64_t seed,
                            struct value v)
{
    const struct ph_value shift = { .kind = PH_VALUE_RATIO, .ratio = ph_ratio_of(seed) };
    struct pat *const args[] = { probability, v.pattern };

    return value_of_pattern(
        v.kind, pat_op_imm(t->c, PH_PAT_DEGRADE_BY, args, 2, &shift, 1, t->offset), v.offset);
}

/* An integer of 2 or more permutes slices; a fraction moves each onset by chance. */
static struct value shuffle(const struct applied *t, struct value v)
{
    const struct value x = applied_argument(t, 0);
    const bool moves = x.kind == VALUE_NUMBER && fabs(x.number) < 2;
    struct pat *const amount =
        x.kind == VALUE_NUMBER ? value_pattern(t->c, x) : applied_cycle(t, 0);

    return value_of_pattern(
        v.kind, PAT(t->c, moves ? PH_PAT_SHIFT_BY : PH_PAT_SHUFFLE, t->offset, amount, v.pattern),
        v.offset);
}

/* Events in the second half of each n-th of the cycle come x half parts later. */
static struct value swing_by(const struct applied *t, struct value v)
{
    struct pat *const x = applied_pattern(t, 0), *const n = applied_pattern(t, 1);
    struct pat *const half = pat_ratio(t->c, PH_RATIO(1, 2), t->offset);
    struct pat *const shift = applied_arithmetic(t, PH_PAT_MUL, x, half);
    struct pat *const slowed = PAT(t->c, PH_PAT_SLOW, t->offset, n, v.pattern);
    struct pat *const late = PAT(t->c, PH_PAT_LATE, t->offset, shift, slowed);
    struct pat *const within[] = { half, applied_whole(t, 1), slowed, late };
    struct pat *const made = pat_op(t->c, PH_PAT_WITHIN, within, 4, t->offset);

    return value_of_pattern(v.kind, PAT(t->c, PH_PAT_FAST, t->offset, n, made), v.offset);
}

static struct value halves(const struct applied *t, struct value v)
{
    static const struct ph_value weights[] = { { .kind = PH_VALUE_RATIO, .ratio = { 1, 1 } },
                                               { .kind = PH_VALUE_RATIO, .ratio = { 1, 1 } } };
    struct pat *const args[] = { v.pattern, PAT(t->c, PH_PAT_REV, t->offset, v.pattern) };

    return value_of_pattern(
        v.kind, pat_op_imm(t->c, PH_PAT_TIMECAT, args, 2, weights, 2, t->offset), v.offset);
}

static struct value euclid(const struct applied *t, struct value v)
{
    struct pat *const args[] = { applied_pattern(t, 0), applied_pattern(t, 1), applied_whole(t, 0),
                                 v.pattern };

    return value_of_pattern(v.kind, pat_op(t->c, PH_PAT_EUCLID_SAMPLE, args, 4, t->offset),
                            v.offset);
}

/* gap n: only cycles with c mod n = 0; trim b e: only onsets inside. */
static struct value only_where(const struct applied *t, enum ph_pattern_op op, struct pat *a,
                               struct pat *b, struct value v)
{
    struct pat *const silence = pat_op(t->c, PH_PAT_SILENCE, NULL, 0, t->offset);
    struct pat *const args[] = { a, b, silence, v.pattern };

    return value_of_pattern(v.kind, pat_op(t->c, op, args, 4, t->offset), v.offset);
}

/* Onsets moved by up to t cycles, gain by up to v, each event by draws of its own. */
static struct value humanize(const struct applied *t, struct value v)
{
    static const struct ph_value left = { .kind = PH_VALUE_RATIO, .ratio = { 1, 1 } };
    struct compiler *const c = t->c;
    struct pat *const way = applied_pattern(t, 0), *const amount = applied_pattern(t, 1);
    struct pat *p = v.pattern;

    if (v.kind == VALUE_EVENTS) { /* other draws than the onset's: a cycle away, LANGUAGE 7 */
        struct pat *const rand = PAT(c, PH_PAT_EARLY, t->offset, applied_whole(t, 1),
                                     pat_op(c, PH_PAT_RAND, NULL, 0, t->offset));
        struct pat *const sides = PAT(c, PH_PAT_RANGE, t->offset, applied_whole(t, -1),
                                      applied_whole(t, 1), rand);
        struct pat *const factor = applied_arithmetic(
            t, PH_PAT_ADD, applied_arithmetic(t, PH_PAT_MUL, sides, amount), applied_whole(t, 1));
        struct pat *const args[] = { p, pat_param(c, "gain", PAT_NUMBERS, factor) };
        p = pat_op_imm(c, PH_PAT_MUL, args, 2, &left, 1, t->offset);
        if (p)
            p->flags = v.pattern->flags;
    }
    return value_of_pattern(v.kind, PAT(c, PH_PAT_SHIFT_BY, t->offset, way, p), v.offset);
}

static struct value groove(const struct applied *t, struct value v)
{
    const struct ast *const name = t->call->items[0];
    uint32_t n = 0;

    if (name->kind != AST_STRING && name->kind != AST_NAME)
        return applied_wrong(t, "takes the name of a groove: groove \"mpc\"");
    const struct ph_value *const shifts = groove_find(t->c, name->text, name->offset, &n);
    struct pat *const amount = t->call->n_items > 1 ? applied_cycle(t, 1) : applied_whole(t, 1);
    struct pat *const args[] = { amount, v.pattern };
    if (!shifts)
        return v;
    return value_of_pattern(
        v.kind, pat_op_imm(t->c, PH_PAT_GROOVE, args, 2, shifts, n, t->offset), v.offset);
}

/* silence for n cycles, then the pattern from its cycle 0 on */
static struct pat *wait(const struct applied *t, struct pat *p)
{
    enum { FOR_EVER = INT32_MAX }; /* cycles */
    struct pat *const n = applied_pattern(t, 0);

    return PAT(t->c, PH_PAT_PLAY_FOR, t->offset, n, applied_whole(t, FOR_EVER),
               PAT(t->c, PH_PAT_LATE, t->offset, n, p));
}

/* Bit n is 1 in the upper half of each 2^(n + 1) cycles. */
static struct value binary(const struct applied *t, struct value v)
{
    struct value n;

    if (!applied_number(t, 0, 0, 60, &n))
        return value_error();
    const int64_t bit = INT64_C(1) << (int)n.number;
    return only_where(t, PH_PAT_WHENMOD, applied_whole(t, 2 * bit), applied_whole(t, bit), v);
}

static struct pat *iter_back(const struct applied *t, struct pat *p)
{
    struct pat *const n = applied_arithmetic(t, PH_PAT_MUL, applied_pattern(t, 0),
                                             applied_whole(t, -1));

    return PAT(t->c, PH_PAT_ITER, t->offset, n, p);
}

/* b to the power of the values, or their logarithm to the base b */
static struct pat *power(const struct applied *t, struct pat *p)
{
    static const struct ph_value right = { .kind = PH_VALUE_RATIO, .ratio = { 2, 1 } };
    struct pat *const args[] = { applied_pattern(t, 0), p };

    return pat_op_imm(t->c, PH_PAT_POW, args, 2, &right, 1, t->offset);
}

static struct pat *logarithm(const struct applied *t, struct pat *p)
{
    static const struct ph_value log = { .kind = PH_VALUE_WORD, .text = "log" };
    static const struct ph_value left = { .kind = PH_VALUE_RATIO, .ratio = { 1, 1 } };
    struct pat *const base = applied_pattern(t, 0);
    struct pat *const args[] = {
        pat_op_imm(t->c, PH_PAT_MATH, &p, 1, &log, 1, t->offset),
        pat_op_imm(t->c, PH_PAT_MATH, &base, 1, &log, 1, t->offset)
    };

    return pat_op_imm(t->c, PH_PAT_DIV, args, 2, &left, 1, t->offset);
}

/** Transforms that make one pattern of one, of the same kind. */
static struct pat *reshaped(const struct applied *t, struct pat *p)
{
    struct compiler *const c = t->c;
    const char *const name = t->f->canonical;

    if (strcmp(name, "palindrome") == 0)
        return PAT(c, PH_PAT_SLOWCAT, t->offset, p, PAT(c, PH_PAT_REV, t->offset, p));
    if (strcmp(name, "iterBack") == 0 || (strcmp(name, "chew") == 0 && t->call->n_items == 1))
        return iter_back(t, p);
    if (strcmp(name, "chew") == 0)
        return PAT(c, PH_PAT_CHEW, t->offset, applied_pattern(t, 0), applied_pattern(t, 1), p);
    if (strcmp(name, "stutter") == 0)
        return PAT(c, PH_PAT_PLY, t->offset, applied_cycle(t, 0), p);
    if (strcmp(name, "press") == 0)
        return PAT(c, PH_PAT_PRESS, t->offset, pat_ratio(c, PH_RATIO(1, 2), t->offset), p);
    if (strcmp(name, "loop") == 0)
        return PAT(c, PH_PAT_FAST, t->offset, applied_pattern(t, 0), p);
    if (strcmp(name, "wait") == 0)
        return wait(t, p);
    if (strcmp(name, "stripe") == 0) {
        struct pat *const n = applied_pattern(t, 0);
        return PAT(c, PH_PAT_SLOW, t->offset, n, PAT(c, PH_PAT_STRIPE, t->offset, n, p));
    }
    if (strcmp(name, "stretch") == 0)
        return applied_control(t, "legato", applied_whole(t, 1),
                               PAT(c, PH_PAT_STRETCH, t->offset, p));
    if (strcmp(name, "exp") == 0)
        return power(t, p);
    if (strcmp(name, "log") == 0)
        return logarithm(t, p);
    if (strcmp(name, "legato") == 0 || strcmp(name, "dur") == 0 || strcmp(name, "accelerate") == 0)
        return applied_control(t, name, applied_pattern(t, 0), p);
    applied_wrong(t, "can't be applied");
    return NULL;
}

static struct value apply_other(const struct applied *t, struct value v)
{
    const char *const name = t->f->canonical;
    struct compiler *const c = t->c;
    struct value n;

    if (strcmp(name, "loopback") == 0)
        return halves(t, v);
    if (strcmp(name, "swingBy") == 0)
        return swing_by(t, v);
    if (strcmp(name, "euclid") == 0)
        return euclid(t, v);
    if (strcmp(name, "degrade") == 0)
        return degrade(t, pat_number(c, 0.5, t->offset), 0, v);
    if (strcmp(name, "degradeBy") == 0)
        return degrade(t, applied_cycle(t, 0), 0, v);
    if (strcmp(name, "degradeSeed") == 0)
        return applied_number(t, 0, 0, 1e6, &n)
                   ? degrade(t, pat_number(c, 0.5, t->offset), (int64_t)n.number, v)
                   : value_error();
    if (strcmp(name, "undegrade") == 0)
        return v;
    if (strcmp(name, "shuffle") == 0)
        return shuffle(t, v);
    if (strcmp(name, "gap") == 0)
        return only_where(t, PH_PAT_EVERY, applied_pattern(t, 0), applied_whole(t, 0), v);
    if (strcmp(name, "trim") == 0)
        return only_where(t, PH_PAT_WITHIN, applied_pattern(t, 0), applied_pattern(t, 1), v);
    if (strcmp(name, "binary") == 0)
        return binary(t, v);
    if (strcmp(name, "humanize") == 0)
        return humanize(t, v);
    if (strcmp(name, "groove") == 0)
        return groove(t, v);
    if (strcmp(name, "weave") == 0) { /* reserved, LANGUAGE 9.3 */
        diag_warning(c->diag, t->offset, "`weave` has no meaning yet and changes nothing");
        return v;
    }
    return value_of_pattern(v.kind, reshaped(t, v.pattern), v.offset);
}

/* ---- targets --------------------------------------------------------------------------------- */

static struct value apply_pattern(const struct applied *t, struct value v)
{
    const char *const name = t->f->canonical;
    const struct plain *const row = plain_find(name);
    struct value made;

    if (v.kind == VALUE_NUMBER)
        v = value_of_pattern(VALUE_PATTERN, value_pattern(t->c, v), v.offset);
    if (v.kind == VALUE_ERROR)
        return v;
    const bool literal = v.literal;
    if (v.kind == VALUE_PATTERN && wants_events(t) && pattern_is_playable(v.pattern))
        v = value_events(t->c, v, v.literal);
    if (v.kind == VALUE_ERROR)
        return v;
    if (row) {
        made = apply_plain(t, row, v);
    } else if (!layer_apply(t, v, &made) && !condition_apply(t, v, &made)) {
        made = apply_other(t, v);
    }
    made.literal = literal && made.kind == VALUE_PATTERN;
    return made;
}

static struct pat *push_leaf(struct compiler *c, struct sig *leaf, void *context)
{
    const struct applied *const t = context;
    const bool events = leaf->kind == SIG_EVENTS, before = c->inside_signal;

    c->inside_signal = !events;
    const struct value v = apply_pattern(
        t, value_of_pattern(events ? VALUE_EVENTS : VALUE_PATTERN, leaf->pattern, leaf->offset));
    c->inside_signal = before;
    if (v.kind == VALUE_ERROR)
        return NULL;
    if (v.kind != (events ? VALUE_EVENTS : VALUE_PATTERN)) {
        applied_wrong(t, "can't be applied to the control patterns of this signal");
        return NULL;
    }
    return v.pattern;
}

/* `struct "t(3,8)" $ sine 440`: a percussive envelope at each true onset, LANGUAGE 16. */
static struct value struck(const struct applied *t, struct value v)
{
    struct compiler *const c = t->c;
    struct pat *const onsets =
        PAT(c, PH_PAT_STRUCT, t->offset, applied_pattern(t, 0), applied_whole(t, 0));
    const char *const path = compiler_text(c, "%s.gate", t->path);
    struct sig *const gate = onsets ? evaluate_onset_gate(c, onsets, path, t->offset) : NULL;
    struct sig *const args[PARAMS_MAX] = { sig_number(c, 0.001, t->offset),
                                           sig_number(c, 0.1, t->offset), gate };

    if (!gate || !args[1])
        return value_error();
    struct sig *const envelope = sig_call(c, signal_find("ad"), args, t->path, t->offset);
    return value_of_signal(sig_binary(c, AST_MUL, v.signal, envelope, t->path), v.offset);
}

/** LANGUAGE 9.1: into every pattern leaf of a copy; layers of what is continuous are copies. */
static struct value apply_signal(struct applied *t, struct value v)
{
    const uint32_t flags = v.signal->flags & (SIG_HAS_STEPS | SIG_HAS_EVENTS);
    struct value made;

    const bool copies = layer_makes(t);
    if ((copies || (t->f->flags & FUNCTION_TAKES_TRANSFORM)) &&
        (condition_makes(t) || (copies && flags != SIG_HAS_EVENTS)) &&
        (copies ? layer_apply(t, v, &made) : condition_apply(t, v, &made)))
        return made;
    if (strcmp(t->f->canonical, "struct") == 0 && !flags)
        return struck(t, v);
    if (!flags) {
        diag_warning(t->c->diag, t->offset, "`%s` changes nothing here: there is no pattern in "
                     "what it is applied to", t->f->name);
        return v;
    }
    return value_of_signal(sig_map(t->c, v.signal, push_leaf, t, NULL), v.offset);
}

struct value transform_apply(struct compiler *c, const struct ast *call, const struct frame *frame,
                             const char *path, struct value target)
{
    struct applied t = { c, function_find(call->text, strlen(call->text)), call, frame, path,
                         call->offset };

    if (target.kind == VALUE_ERROR || !compiler_work(c, call->offset))
        return value_error();
    if (c->inside_signal && layer_makes(&t))
        return applied_wrong(&t, "inside another transform of a signal is not supported yet");
    if (!transform_takes(t.f, call->n_items))
        return applied_wrong(&t, "has the wrong number of arguments");
    if (target.kind == VALUE_SIGNAL)
        return apply_signal(&t, target);
    return apply_pattern(&t, target);
}

