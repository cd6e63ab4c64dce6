/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/transform.c - transforms are functions of patterns and are applied here, at compile time: */
/* `every 4 (fast 2) p` becomes EVERY over p and FAST over the same p. LANGUAGE 9 and 18.         */
#include <math.h>
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"

/* One transform about to be applied. */
struct applied {
    struct compiler *c;
    const struct function *f;
    const struct ast *call;
    const struct frame *frame;
    const char *path;
    uint32_t offset;
};

bool transform_takes(const struct function *f, uint32_t n_args)
{
    return n_args < 8 && (f->counts & FUNCTION_COUNT(n_args)) != 0;
}

/* ---- arguments ------------------------------------------------------------------------------- */

static struct value argument(const struct applied *t, uint32_t i)
{
    return evaluate(t->c, t->call->items[i], t->frame,
                    compiler_text(t->c, "%s.%u", t->path, i + 1));
}

static struct pat *pattern_argument(const struct applied *t, uint32_t i)
{
    return value_pattern(t->c, argument(t, i));
}

/* A number known now, for what decides how many layers there are. */
static bool number_argument(const struct applied *t, uint32_t i, double low, double high,
                            struct value *out)
{
    *out = argument(t, i);
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

static struct pat *whole(const struct applied *t, int64_t n)
{
    return pat_ratio(t->c, ph_ratio_of(n), t->offset);
}

static struct pat *arithmetic(const struct applied *t, enum ph_pattern_op op, struct pat *a,
                              struct pat *b)
{
    static const struct ph_value both = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };

    return pat_op_imm(t->c, op, (struct pat *[]){ a, b }, 2, &both, 1, t->offset);
}

static struct pat *control(const struct applied *t, const char *name, struct pat *x,
                           struct pat *p)
{
    return pat_with(t->c, p, pat_param(t->c, name, PAT_NUMBERS, x), false);
}

static struct value wrong(const struct applied *t, const char *what)
{
    diag_error(t->c->diag, t->offset, "`%s` %s", t->f->name, what);
    return value_error();
}

/* ---- the inner transform --------------------------------------------------------------------- */

/** Applies the transform that is argument `i` to `v`. */
static struct value inner(const struct applied *t, uint32_t i, struct value v)
{
    const struct value f = argument(t, i);

    if (f.kind == VALUE_ERROR || v.kind == VALUE_ERROR)
        return value_error();
    if (f.kind != VALUE_TRANSFORM && f.kind != VALUE_EFFECT) {
        diag_error(t->c->diag, t->call->items[i]->offset, "`%s` wants a transform here, found %s",
                   t->f->name, value_kind_name(f.kind));
        return value_error();
    }
    return evaluate_apply(t->c, f.step, v, t->offset);
}

/* f(p) as a pattern beside p: both become events when one of them does. */
static bool inner_pattern(const struct applied *t, uint32_t i, struct value *p, struct pat **made)
{
    struct value v = inner(t, i, *p);

    if (v.kind == VALUE_ERROR)
        return false;
    if (v.kind == VALUE_SIGNAL) {
        diag_error(t->c->diag, t->call->items[i]->offset, "an effect inside `%s` is not supported "
                   "yet; parameters of events are (gain, pan, speed ...)", t->f->name);
        return false;
    }
    if (v.kind == VALUE_EVENTS && p->kind != VALUE_EVENTS) {
        *p = value_events(t->c, *p, p->literal);
        v = inner(t, i, *p);
    }
    *made = value_pattern(t->c, v);
    return *made && p->kind != VALUE_ERROR;
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
    { "pressBy", PH_PAT_PRESS },
};

static const struct plain *plain_find(const char *name)
{
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strcmp(plain[i].name, name) == 0)
            return &plain[i];
    return NULL;
}

/* These set or scale parameters of events, so words and notes become events first. */
static bool wants_events(const char *name)
{
    static const char *const names[] = { "hurry", "chop", "striate", "slice", "splice", "loopAt",
                                         "echo",  "jux",  "juxBy",   "spin",  "ghost",  "legato",
                                         "dur",   "accelerate" };

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

static struct value apply_plain(const struct applied *t, const struct plain *row, struct value v)
{
    struct pat *args[4];
    const uint32_t n = t->call->n_items;
    enum ph_pattern_op op = row->op;

    for (uint32_t i = 0; i < n && i < 3; i++)
        args[i] = pattern_argument(t, i);
    args[n] = v.pattern;
    if (op == PH_PAT_SLICE && args[0] && args[0]->kind == PAT_CONST &&
        slices_are_words(v.pattern, ph_ratio_to_double(args[0]->imms[0].ratio)))
        op = PH_PAT_BITE;
    return value_of_pattern(v.kind, pat_op(t->c, op, args, n + 1, t->offset), v.offset);
}

/* Two instructions of one condition: parameters, p, f(p). */
static struct value conditional(const struct applied *t, enum ph_pattern_op op,
                                struct pat *const *params, uint32_t n, uint32_t f_at,
                                struct value v)
{
    struct pat *args[4], *made;

    if (!inner_pattern(t, f_at, &v, &made))
        return value_error();
    for (uint32_t i = 0; i < n; i++)
        args[i] = params[i];
    args[n] = v.pattern;
    args[n + 1] = made;
    return value_of_pattern(v.kind, pat_op(t->c, op, args, n + 2, t->offset), v.offset);
}

/* ---- conditions: LANGUAGE 9.5 ---------------------------------------------------------------- */

static struct value apply_every(const struct applied *t, struct value v)
{
    const bool with_offset = strcmp(t->f->canonical, "every'") == 0;
    struct pat *const params[] = { pattern_argument(t, 0),
                                   with_offset ? pattern_argument(t, 1) : whole(t, 0) };

    return conditional(t, PH_PAT_EVERY, params, 2, with_offset ? 2 : 1, v);
}

/* foldEvery [a, b] f: once per match; foldEvery [f, g] n: the next transform each time. */
static struct value apply_fold_every(const struct applied *t, struct value v)
{
    const struct ast *const list = t->call->items[0];

    if (list->kind != AST_LIST)
        return wrong(t, "wants a list of numbers first: foldEvery [2, 3] rev");
    for (uint32_t i = 0; i < list->n_items; i++) {
        const struct value n = evaluate(t->c, list->items[i], t->frame, t->path);
        if (n.kind == VALUE_TRANSFORM || n.kind == VALUE_EFFECT)
            return wrong(t, "with a list of transforms is not supported yet");
        struct pat *const params[] = { value_pattern(t->c, n), whole(t, 0) };
        v = conditional(t, PH_PAT_EVERY, params, 2, 1, v);
        if (v.kind == VALUE_ERROR)
            return v;
    }
    return v;
}

static struct value apply_whenmod(const struct applied *t, struct value v)
{
    struct pat *const params[] = { pattern_argument(t, 0), pattern_argument(t, 1) };

    return conditional(t, PH_PAT_WHENMOD, params, 2, 2, v);
}

static struct value sometimes(const struct applied *t, struct pat *probability, uint32_t f_at,
                              struct value v)
{
    static const struct ph_value seed = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };
    struct pat *made;

    struct pat *const keep[] = { probability, v.pattern };
    struct value drawn = value_of_pattern(
        v.kind, pat_op_imm(t->c, PH_PAT_UNDEGRADE_BY, keep, 2, &seed, 1, t->offset), v.offset);
    const enum value_kind before = v.kind;
    if (drawn.kind == VALUE_ERROR || !inner_pattern(t, f_at, &drawn, &made))
        return value_error();
    if (drawn.kind != before)
        v = value_events(t->c, v, v.literal);
    if (v.kind == VALUE_ERROR)
        return v;
    struct pat *const rest[] = { probability, v.pattern };
    struct pat *const others =
        pat_op_imm(t->c, PH_PAT_DEGRADE_BY, rest, 2, &seed, 1, t->offset);
    return value_of_pattern(v.kind, PAT(t->c, PH_PAT_STACK, t->offset, others, made), v.offset);
}

static struct value apply_within(const struct applied *t, struct value v, bool inverted)
{
    struct pat *const begin = pattern_argument(t, 0), *const end = pattern_argument(t, 1);
    struct pat *made;

    if (!inner_pattern(t, 2, &v, &made))
        return value_error();
    struct pat *const args[] = { begin, end, inverted ? made : v.pattern,
                                 inverted ? v.pattern : made };
    return value_of_pattern(v.kind, pat_op(t->c, PH_PAT_WITHIN, args, 4, t->offset), v.offset);
}

/* inside n f: fast n (f (slow n p)); with three arguments, `within`. */
static struct value apply_inside(const struct applied *t, struct value v, bool outside)
{
    if (t->call->n_items == 3)
        return apply_within(t, v, outside);
    struct pat *const n = pattern_argument(t, 0);
    const enum ph_pattern_op before = outside ? PH_PAT_FAST : PH_PAT_SLOW;
    const enum ph_pattern_op after = outside ? PH_PAT_SLOW : PH_PAT_FAST;
    struct value slowed =
        value_of_pattern(v.kind, PAT(t->c, before, t->offset, n, v.pattern), v.offset);
    struct pat *made;
    if (slowed.kind == VALUE_ERROR || !inner_pattern(t, 1, &slowed, &made))
        return value_error();
    return value_of_pattern(slowed.kind, PAT(t->c, after, t->offset, n, made), v.offset);
}

static struct value apply_chunk(const struct applied *t, struct value v)
{
    struct pat *const params[] = { pattern_argument(t, 0) };

    return conditional(t, PH_PAT_CHUNK, params, 1, 1, v);
}

/* ---- layers ---------------------------------------------------------------------------------- */

/** A copy of the value: shifted, softer, panned. For signals whole copies, LANGUAGE 9.1. */
struct layer {
    struct pat *late;   /* cycles; NULL: none */
    struct pat *gain;   /* NULL: 1 */
    double gain_number; /* the same for signals */
    bool panned;
    double pan;
};

static struct pat *late_leaf(struct compiler *c, struct sig *leaf, void *context)
{
    return PAT(c, PH_PAT_LATE, leaf->offset, context, leaf->pattern);
}

static struct pat *same_leaf(struct compiler *c, struct sig *leaf, void *context)
{
    (void)c;
    (void)context;
    return leaf->pattern;
}

static struct value signal_layer(const struct applied *t, const struct layer *l, struct value v,
                                 const char *path)
{
    struct compiler *const c = t->c;
    struct sig *s = sig_map(c, v.signal, l->late ? late_leaf : same_leaf, l->late, path);

    if (l->gain)
        s = sig_binary(c, AST_MUL, s, sig_number(c, l->gain_number, t->offset), path);
    if (l->panned && s) {
        struct sig *const args[PARAMS_MAX] = { s, sig_number(c, l->pan, t->offset) };
        s = args[1] ? sig_call(c, signal_find("pan"), args, path, t->offset) : NULL;
    }
    return value_of_signal(s, v.offset);
}

static struct value make_layer(const struct applied *t, const struct layer *l, struct value v,
                               uint32_t i)
{
    if (v.kind == VALUE_ERROR)
        return v;
    if (v.kind == VALUE_SIGNAL)
        return signal_layer(t, l, v, compiler_text(t->c, "%s|%u", t->path, i));
    struct pat *p = v.pattern;
    if (l->late)
        p = PAT(t->c, PH_PAT_LATE, t->offset, l->late, p);
    if (v.kind == VALUE_EVENTS && l->gain)
        p = pat_param_op(t->c, PH_PAT_PARAM_MUL, "gain", l->gain, p);
    if (v.kind == VALUE_EVENTS && l->panned && p)
        p = control(t, "pan", pat_number(t->c, l->pan, t->offset), p);
    return value_of_pattern(v.kind, p, v.offset);
}

/* Sum of layers: a stack of events, or the sum of the copies. */
static struct value stack_layers(const struct applied *t, struct value *layers, uint32_t n)
{
    bool signal = false, events = false;
    struct pat *patterns[LAYERS_MAX + 1];

    for (uint32_t i = 0; i < n; i++) {
        if (layers[i].kind == VALUE_ERROR)
            return value_error();
        signal |= layers[i].kind == VALUE_SIGNAL;
        events |= layers[i].kind == VALUE_EVENTS;
    }
    if (!signal) {
        for (uint32_t i = 0; i < n; i++) {
            if (events)
                layers[i] = value_events(t->c, layers[i], layers[i].literal);
            patterns[i] = value_pattern(t->c, layers[i]);
            if (!patterns[i])
                return value_error();
        }
        return value_of_pattern(layers[0].kind, pat_stack(t->c, patterns, n, t->offset), t->offset);
    }
    struct sig *sum = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const char *const path = compiler_text(t->c, "%s|%u", t->path, i);
        struct sig *const s = value_signal(t->c, layers[i], CONTEXT_AUDIO, 0, path);
        if (!s)
            return value_error();
        sum = sum ? sig_binary(t->c, AST_ADD, sum, s, path) : s;
    }
    return value_of_signal(sum, t->offset);
}

/* A copy of a signal keeps apart from the original: its patterns and units have their own places. */
static struct value apply_echo(const struct applied *t, struct value v, uint32_t n,
                               const struct value *time, double decay)
{
    struct value layers[LAYERS_MAX];
    double gain = 1;

    for (uint32_t i = 0; i < n; i++, gain *= decay) {
        struct pat *const shift = value_pattern(t->c, *time);
        struct layer l = { 0 };
        if (i > 0) {
            l.late = arithmetic(t, PH_PAT_MUL, shift, whole(t, i));
            l.gain = pat_number(t->c, gain, t->offset);
            l.gain_number = gain;
            if (!l.late || !l.gain)
                return value_error();
        }
        layers[i] = i == 0 ? v : make_layer(t, &l, v, i);
    }
    return stack_layers(t, layers, n);
}

static struct value echo(const struct applied *t, struct value v)
{
    struct value n, decay;
    const struct value time = argument(t, 1);

    if (time.kind == VALUE_ERROR || !number_argument(t, 0, 1, LAYERS_MAX, &n) ||
        !number_argument(t, 2, 0, 4, &decay))
        return value_error();
    return apply_echo(t, v, (uint32_t)floor(n.number), &time, decay.number);
}

static struct value off(const struct applied *t, struct value v)
{
    struct value layers[2] = { v };
    const struct layer l = { .late = pattern_argument(t, 0) };

    if (!l.late)
        return value_error();
    layers[1] = inner(t, 1, make_layer(t, &l, v, 1));
    return stack_layers(t, layers, 2);
}

static struct value superimpose(const struct applied *t, struct value v)
{
    const struct layer l = { 0 };
    struct value layers[2] = { v, inner(t, 0, make_layer(t, &l, v, 1)) };

    return stack_layers(t, layers, 2);
}

static struct value layer_list(const struct applied *t, struct value v)
{
    const struct ast *const list = t->call->items[0];
    struct value layers[LAYERS_MAX];

    if (list->kind != AST_LIST || list->n_items == 0 || list->n_items > LAYERS_MAX)
        return wrong(t, "wants a list of transforms: layer [rev, fast 2]");
    for (uint32_t i = 0; i < list->n_items; i++) {
        const struct value f = evaluate(t->c, list->items[i], t->frame, t->path);
        const struct layer l = { 0 };
        if (f.kind != VALUE_TRANSFORM && f.kind != VALUE_EFFECT)
            return f.kind == VALUE_ERROR ? f : wrong(t, "wants a list of transforms");
        layers[i] = evaluate_apply(t->c, f.step, make_layer(t, &l, v, i), t->offset);
    }
    return stack_layers(t, layers, list->n_items);
}

static struct value jux(const struct applied *t, struct value v, double amount, uint32_t f_at)
{
    const struct layer left = { .panned = true, .pan = -amount };
    const struct layer right = { .panned = true, .pan = amount }, copy = { 0 };
    const struct value changed = inner(t, f_at, make_layer(t, &copy, v, 1));
    struct value layers[2] = { make_layer(t, &left, v, 0), make_layer(t, &right, changed, 2) };

    return stack_layers(t, layers, 2);
}

static struct value spin(const struct applied *t, struct value v)
{
    struct value n, layers[LAYERS_MAX];
    bool overflow = false;

    if (!number_argument(t, 0, 1, LAYERS_MAX, &n))
        return value_error();
    const uint32_t count = (uint32_t)n.number;
    for (uint32_t i = 0; i < count; i++) {
        const struct layer l = {
            .late = pat_ratio(t->c, ph_ratio_make(-(int64_t)i, count, &overflow), t->offset),
            .panned = true, .pan = count > 1 ? 2.0 * i / (count - 1) - 1 : 0
        };
        layers[i] = l.late ? make_layer(t, &l, v, i) : value_error();
    }
    return stack_layers(t, layers, count);
}

/* Quieter, shorter, higher copies 1.5, 2.5 and 4 steps of `t` later; with f instead for ghostWith. */
static struct value ghost_copy(const struct applied *t, struct value v, uint32_t f_at)
{
    if (f_at > 0)
        return inner(t, f_at, v);
    if (v.kind != VALUE_EVENTS)
        return v.kind == VALUE_ERROR ? v : wrong(t, "wants sound events");
    struct pat *p = pat_param_op(t->c, PH_PAT_PARAM_MUL, "gain",
                                 pat_number(t->c, 0.7, t->offset), v.pattern);
    p = p ? control(t, "end", pat_number(t->c, 0.2, t->offset), p) : NULL;
    p = pat_param_op(t->c, PH_PAT_PARAM_MUL, "speed", pat_number(t->c, 1.25, t->offset), p);
    return value_of_pattern(VALUE_EVENTS, p, v.offset);
}

static struct value ghost(const struct applied *t, struct value v, uint32_t f_at)
{
    struct value layers[4] = { v };
    struct pat *const step = t->call->n_items > 0 ? pattern_argument(t, 0)
                                                  : pat_ratio(t->c, PH_RATIO(1, 8), t->offset);
    static const struct ph_ratio times[] = { { 3, 2 }, { 5, 2 }, { 4, 1 } };

    for (uint32_t i = 0; i < 3; i++) {
        const struct layer l = { .late = arithmetic(t, PH_PAT_MUL, step,
                                                    pat_ratio(t->c, times[i], t->offset)) };
        if (!l.late)
            return value_error();
        layers[i + 1] = ghost_copy(t, v, f_at);
        if (i == 2)
            layers[i + 1] = ghost_copy(t, layers[i + 1], f_at);
        layers[i + 1] = make_layer(t, &l, layers[i + 1], i + 1);
    }
    return stack_layers(t, layers, 4);
}

/** True (and *out set) when the transform makes layers. */
static bool apply_layers(const struct applied *t, struct value v, struct value *out)
{
    const char *const name = t->f->canonical;
    const bool two = strcmp(name, "stutter") == 0 && t->call->n_items == 2;
    struct value n;

    if (strcmp(name, "echo") == 0) {
        *out = echo(t, v);
    } else if (two) {
        const struct value time = argument(t, 1);
        *out = number_argument(t, 0, 1, LAYERS_MAX, &n) && time.kind != VALUE_ERROR
                   ? apply_echo(t, v, (uint32_t)n.number, &time, 1)
                   : value_error();
    } else if (strcmp(name, "off") == 0) {
        *out = off(t, v);
    } else if (strcmp(name, "superimpose") == 0) {
        *out = superimpose(t, v);
    } else if (strcmp(name, "layer") == 0) {
        *out = layer_list(t, v);
    } else if (strcmp(name, "jux") == 0) {
        *out = jux(t, v, 1, 0);
    } else if (strcmp(name, "juxBy") == 0) {
        *out = number_argument(t, 0, -1, 1, &n) ? jux(t, v, n.number, 1) : value_error();
    } else if (strcmp(name, "spin") == 0) {
        *out = spin(t, v);
    } else if (strcmp(name, "ghost") == 0) {
        *out = ghost(t, v, 0);
    } else if (strcmp(name, "ghostWith") == 0) {
        *out = ghost(t, v, 1);
    } else {
        return false;
    }
    return true;
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
    const struct value x = argument(t, 0);
    const bool moves = x.kind == VALUE_NUMBER && fabs(x.number) < 2;
    struct pat *const amount = value_pattern(t->c, x);

    return value_of_pattern(
        v.kind, PAT(t->c, moves ? PH_PAT_SHIFT_BY : PH_PAT_SHUFFLE, t->offset, amount, v.pattern),
        v.offset);
}

/* Events in the second half of each n-th of the cycle come x half parts later. */
static struct value swing_by(const struct applied *t, struct value v)
{
    struct pat *const x = pattern_argument(t, 0), *const n = pattern_argument(t, 1);
    struct pat *const half = pat_ratio(t->c, PH_RATIO(1, 2), t->offset);
    struct pat *const shift = arithmetic(t, PH_PAT_MUL, x, half);
    struct pat *const slowed = PAT(t->c, PH_PAT_SLOW, t->offset, n, v.pattern);
    struct pat *const late = PAT(t->c, PH_PAT_LATE, t->offset, shift, slowed);
    struct pat *const within[] = { half, whole(t, 1), slowed, late };
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
    struct pat *const args[] = { pattern_argument(t, 0), pattern_argument(t, 1), whole(t, 0),
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

/* 0.5, 0.75, ... of `sometimes` and its relatives; below 0 for other names. */
static double named_probability(const char *name)
{
    static const struct {
        const char *name;
        double probability;
    } table[] = { { "sometimes", 0.5 },   { "often", 0.75 }, { "rarely", 0.25 },
                  { "almostAlways", 0.9 }, { "almostNever", 0.1 }, { "always", 1 }, { "never", 0 } };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].probability;
    return -1;
}

static struct value apply_condition(const struct applied *t, struct value v, bool *known)
{
    const char *const name = t->f->canonical;
    const double probability = named_probability(name);

    *known = true;
    if (probability == 0)
        return v;
    if (probability == 1)
        return inner(t, 0, v);
    if (probability > 0)
        return sometimes(t, pat_number(t->c, probability, t->offset), 0, v);
    if (strcmp(name, "every") == 0 || strcmp(name, "every'") == 0)
        return apply_every(t, v);
    if (strcmp(name, "foldEvery") == 0)
        return apply_fold_every(t, v);
    if (strcmp(name, "whenmod") == 0)
        return apply_whenmod(t, v);
    if (strcmp(name, "sometimesBy") == 0)
        return sometimes(t, pattern_argument(t, 0), 1, v);
    if (strcmp(name, "someCyclesBy") == 0)
        return conditional(t, PH_PAT_SOME_CYCLES_BY, (struct pat *[]){ pattern_argument(t, 0) }, 1,
                           1, v);
    if (strcmp(name, "someCycles") == 0)
        return conditional(t, PH_PAT_SOME_CYCLES_BY,
                           (struct pat *[]){ pat_number(t->c, 0.5, t->offset) }, 1, 0, v);
    if (strcmp(name, "within") == 0)
        return apply_within(t, v, false);
    if (strcmp(name, "chunk") == 0)
        return apply_chunk(t, v);
    if (strcmp(name, "inside") == 0 || strcmp(name, "outside") == 0)
        return apply_inside(t, v, name[0] == 'o');
    *known = false;
    return value_error();
}

static struct value apply_other(const struct applied *t, struct value v)
{
    const char *const name = t->f->canonical;
    struct compiler *const c = t->c;
    struct value n;

    if (strcmp(name, "palindrome") == 0)
        return value_of_pattern(v.kind,
                                PAT(c, PH_PAT_SLOWCAT, t->offset, v.pattern,
                                    PAT(c, PH_PAT_REV, t->offset, v.pattern)),
                                v.offset);
    if (strcmp(name, "loopback") == 0)
        return halves(t, v);
    if (strcmp(name, "iterBack") == 0)
        return value_of_pattern(
            v.kind,
            PAT(c, PH_PAT_ITER, t->offset,
                arithmetic(t, PH_PAT_MUL, pattern_argument(t, 0), whole(t, -1)), v.pattern),
            v.offset);
    if (strcmp(name, "swingBy") == 0)
        return swing_by(t, v);
    if (strcmp(name, "stutter") == 0)
        return value_of_pattern(
            v.kind, PAT(c, PH_PAT_PLY, t->offset, pattern_argument(t, 0), v.pattern), v.offset);
    if (strcmp(name, "press") == 0)
        return value_of_pattern(v.kind,
                                PAT(c, PH_PAT_PRESS, t->offset,
                                    pat_ratio(c, PH_RATIO(1, 2), t->offset), v.pattern),
                                v.offset);
    if (strcmp(name, "loop") == 0)
        return value_of_pattern(
            v.kind, PAT(c, PH_PAT_FAST, t->offset, pattern_argument(t, 0), v.pattern), v.offset);
    if (strcmp(name, "euclid") == 0)
        return euclid(t, v);
    if (strcmp(name, "degrade") == 0)
        return degrade(t, pat_number(c, 0.5, t->offset), 0, v);
    if (strcmp(name, "degradeBy") == 0)
        return degrade(t, pattern_argument(t, 0), 0, v);
    if (strcmp(name, "degradeSeed") == 0)
        return number_argument(t, 0, 0, 1e6, &n)
                   ? degrade(t, pat_number(c, 0.5, t->offset), (int64_t)n.number, v)
                   : value_error();
    if (strcmp(name, "undegrade") == 0)
        return v;
    if (strcmp(name, "shuffle") == 0)
        return shuffle(t, v);
    if (strcmp(name, "gap") == 0)
        return only_where(t, PH_PAT_EVERY, pattern_argument(t, 0), whole(t, 0), v);
    if (strcmp(name, "trim") == 0)
        return only_where(t, PH_PAT_WITHIN, pattern_argument(t, 0), pattern_argument(t, 1), v);
    if (strcmp(name, "legato") == 0 || strcmp(name, "dur") == 0 || strcmp(name, "accelerate") == 0)
        return value_of_pattern(v.kind, control(t, name, pattern_argument(t, 0), v.pattern),
                                v.offset);
    return wrong(t, "is not supported yet");
}

/* ---- targets --------------------------------------------------------------------------------- */

static struct value apply_pattern(const struct applied *t, struct value v)
{
    const char *const name = t->f->canonical;
    const struct plain *const row = plain_find(name);
    struct value made;
    bool known;

    if (v.kind == VALUE_NUMBER)
        v = value_of_pattern(VALUE_PATTERN, value_pattern(t->c, v), v.offset);
    if (v.kind == VALUE_ERROR)
        return v;
    const bool literal = v.literal;
    if (v.kind == VALUE_PATTERN && wants_events(name) && pattern_is_playable(v.pattern))
        v = value_events(t->c, v, v.literal);
    if (v.kind == VALUE_ERROR)
        return v;
    if (row) {
        made = apply_plain(t, row, v);
    } else if (!apply_layers(t, v, &made)) {
        made = apply_condition(t, v, &known);
        if (!known)
            made = apply_other(t, v);
    }
    made.literal = literal && made.kind == VALUE_PATTERN;
    return made;
}

static bool makes_layers(const struct function *f)
{
    static const char *const names[] = { "echo", "off",  "superimpose", "layer", "jux",
                                         "juxBy", "spin", "ghost",       "ghostWith" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], f->canonical) == 0)
            return true;
    return false;
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
        wrong(t, "can't be applied to the control patterns of this signal");
        return NULL;
    }
    return v.pattern;
}

/* `struct "t(3,8)" $ sine 440`: a percussive envelope at each true onset, LANGUAGE 16. */
static struct value struck(const struct applied *t, struct value v)
{
    struct compiler *const c = t->c;
    struct pat *const onsets = PAT(c, PH_PAT_STRUCT, t->offset, pattern_argument(t, 0), whole(t, 0));
    const char *const path = compiler_text(c, "%s.gate", t->path);
    struct sig *const gate = onsets ? evaluate_onset_gate(c, onsets, path, t->offset) : NULL;
    struct sig *const args[PARAMS_MAX] = { sig_number(c, 0.001, t->offset),
                                           sig_number(c, 0.1, t->offset), gate };

    if (!gate || !args[1])
        return value_error();
    struct sig *const envelope = sig_call(c, signal_find("ad"), args, t->path, t->offset);
    return value_of_signal(sig_binary(c, AST_MUL, v.signal, envelope, t->path), v.offset);
}

/** LANGUAGE 9.1: into every pattern leaf of a copy; layers of what is continuous are whole copies. */
static struct value apply_signal(struct applied *t, struct value v)
{
    const uint32_t flags = v.signal->flags & (SIG_HAS_STEPS | SIG_HAS_EVENTS);
    struct value made;
    bool layered = makes_layers(t->f);

    if (strcmp(t->f->canonical, "stutter") == 0 && t->call->n_items == 2)
        layered = true;
    if (layered && flags != SIG_HAS_EVENTS) {
        apply_layers(t, v, &made);
        return made;
    }
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
    if (c->inside_signal && makes_layers(t.f))
        return wrong(&t, "inside another transform of a signal is not supported yet");
    if (!transform_takes(t.f, call->n_items))
        return wrong(&t, "has the wrong number of arguments");
    if (target.kind == VALUE_SIGNAL)
        return apply_signal(&t, target);
    return apply_pattern(&t, target);
}

/* ---- combinators: LANGUAGE 18 ---------------------------------------------------------------- */

static struct value list_items(const struct applied *t, const struct ast *list,
                               struct value *values)
{
    bool signal = false, events = false;

    for (uint32_t i = 0; i < list->n_items; i++) {
        values[i] = evaluate(t->c, list->items[i], t->frame,
                             compiler_text(t->c, "%s.%u", t->path, i + 1));
        if (values[i].kind == VALUE_ERROR)
            return value_error();
        signal |= values[i].kind == VALUE_SIGNAL || values[i].kind == VALUE_EFFECT;
        events |= values[i].kind == VALUE_EVENTS;
    }
    return (struct value){ .kind = signal   ? VALUE_SIGNAL
                                   : events ? VALUE_EVENTS
                                            : VALUE_PATTERN };
}

static struct pat **item_patterns(const struct applied *t, struct value *values, uint32_t n,
                                  enum value_kind kind)
{
    struct pat **const patterns = arena_alloc(t->c->arena, (n + 1) * sizeof *patterns);

    for (uint32_t i = 0; i < n; i++) {
        if (kind == VALUE_EVENTS)
            values[i] = value_events(t->c, values[i], true);
        patterns[i] = value_pattern(t->c, values[i]);
    }
    return patterns;
}

static struct value stack_signals(const struct applied *t, struct value *values, uint32_t n)
{
    struct sig *sum = NULL;

    for (uint32_t i = 0; i < n; i++) {
        const char *const path = compiler_text(t->c, "%s.%u", t->path, i + 1);
        struct sig *const s = value_signal(t->c, values[i], CONTEXT_AUDIO, 0, path);
        if (!s)
            return value_error();
        sum = sum ? sig_binary(t->c, AST_ADD, sum, s, path) : s;
    }
    return value_of_signal(sum, t->offset);
}

static struct value sew(const struct applied *t, enum ph_pattern_op op)
{
    struct value values[3];
    enum value_kind kind = VALUE_PATTERN;

    if (t->call->n_items != 3)
        return wrong(t, "needs three arguments: booleans and two patterns");
    for (uint32_t i = 0; i < 3; i++)
        values[i] = argument(t, i);
    if (values[1].kind == VALUE_EVENTS || values[2].kind == VALUE_EVENTS) {
        kind = VALUE_EVENTS;
        values[1] = value_events(t->c, values[1], true);
        values[2] = value_events(t->c, values[2], true);
    }
    struct pat *const args[] = { value_pattern(t->c, values[0]), value_pattern(t->c, values[1]),
                                 value_pattern(t->c, values[2]) };
    return value_of_pattern(kind, pat_op(t->c, op, args, 3, t->offset), t->offset);
}

/* timecat [[w, p], ...] */
static struct value timecat(const struct applied *t, const struct ast *list)
{
    const uint32_t n = list->n_items;
    struct value *const values = arena_alloc(t->c->arena, n * sizeof *values);
    struct ph_value *const weights = arena_alloc(t->c->arena, n * sizeof *weights);
    struct ast parts = *list;

    parts.items = arena_alloc(t->c->arena, n * sizeof *parts.items);
    for (uint32_t i = 0; i < n; i++) {
        const struct ast *const pair = list->items[i];
        const struct value w = pair->kind == AST_LIST && pair->n_items == 2
                                   ? evaluate(t->c, pair->items[0], t->frame, t->path)
                                   : value_error();
        if (w.kind != VALUE_NUMBER || w.number <= 0)
            return wrong(t, "wants pairs of a weight above 0 and a pattern: [[3, \"a\"], [1, \"b\"]]");
        weights[i] = (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = w.ratio };
        parts.items[i] = pair->items[1];
    }
    const struct value kind = list_items(t, &parts, values);
    if (kind.kind == VALUE_ERROR)
        return kind;
    if (kind.kind == VALUE_SIGNAL)
        return wrong(t, "wants patterns, found a signal");
    struct pat **const patterns = item_patterns(t, values, n, kind.kind);
    return value_of_pattern(
        kind.kind, pat_op_imm(t->c, PH_PAT_TIMECAT, patterns, n, weights, n, t->offset), t->offset);
}

static struct value concatenate(const struct applied *t, const char *name, struct pat **patterns,
                                uint32_t n, enum value_kind kind)
{
    if (strcmp(name, "stack") == 0)
        return value_of_pattern(kind, pat_stack(t->c, patterns, n, t->offset), t->offset);
    if (strcmp(name, "slowcat") == 0 || strcmp(name, "randcat") == 0)
        return value_of_pattern(
            kind, pat_op(t->c, name[0] == 's' ? PH_PAT_SLOWCAT : PH_PAT_RANDCAT, patterns, n,
                         t->offset), t->offset);
    struct ph_value *const weights = arena_alloc(t->c->arena, n * sizeof *weights);
    for (uint32_t i = 0; i < n; i++)
        weights[i] = (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = { 1, 1 } };
    return value_of_pattern(
        kind, pat_op_imm(t->c, PH_PAT_TIMECAT, patterns, n, weights, n, t->offset), t->offset);
}

struct value transform_combinator(struct compiler *c, const struct function *f,
                                  const struct ast *call, const struct frame *frame,
                                  const char *path)
{
    const char *const name = f->canonical;
    const struct applied t = { c, f, call, frame, compiler_text(c, "%s/%s", path, name),
                               call->offset };

    if (strcmp(name, "sew") == 0 || strcmp(name, "stitch") == 0)
        return sew(&t, name[1] == 'e' ? PH_PAT_SEW : PH_PAT_STITCH);
    if (strcmp(name, "stack") != 0 && strcmp(name, "cat") != 0 && strcmp(name, "slowcat") != 0 &&
        strcmp(name, "randcat") != 0 && strcmp(name, "timecat") != 0)
        return wrong(&t, "is not supported yet");
    if (call->n_items != 1 || call->items[0]->kind != AST_LIST || call->items[0]->n_items == 0)
        return wrong(&t, "wants one list: [a, b, ...]");
    const struct ast *const list = call->items[0];
    if (strcmp(name, "timecat") == 0)
        return timecat(&t, list);
    struct value *const values = arena_alloc(c->arena, list->n_items * sizeof *values);
    const struct value kind = list_items(&t, list, values);
    if (kind.kind == VALUE_ERROR)
        return kind;
    if (kind.kind == VALUE_SIGNAL) {
        if (strcmp(name, "stack") != 0)
            return wrong(&t, "wants patterns, found a signal");
        return stack_signals(&t, values, list->n_items);
    }
    return concatenate(&t, name, item_patterns(&t, values, list->n_items, kind.kind), list->n_items,
                       kind.kind);
}
