/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/condition.c - transforms that hold only sometimes: LANGUAGE 9.5. Of patterns they       */
/* choose between two; an audio effect they gate: its input comes and goes, itself it runs on.    */
#include "client/transform.h"

#include <math.h>
#include <string.h>

enum { CHAIN_DEPTH_MAX = 32 }; /* of effects that name effects, when one asks what they are */

/** What a condition is about: its instruction and the parameters that stand before p and f(p). */
struct condition {
    enum ph_pattern_op op;
    uint32_t n;
    struct pat *params[2];
};

/* ---- what a transform makes of a signal ------------------------------------------------------ */

enum making {
    MAKES_AUDIO = 1, /* it is an effect: a signal comes out whatever goes in */
    MAKES_LAYERS = 2 /* it sums copies, which no control pattern inside of a signal can be */
};

static unsigned link_makes(struct compiler *c, const struct ast *a, const struct frame *frame,
                           bool of_signal, uint32_t depth);

static unsigned step_makes(struct compiler *c, const struct step *step, bool of_signal,
                           uint32_t depth)
{
    unsigned made = 0;

    if (depth >= CHAIN_DEPTH_MAX)
        return 0;
    if (!step->ast)
        return step_makes(c, step->first, of_signal, depth + 1) |
               step_makes(c, step->second, of_signal, depth + 1);
    if (step->ast->kind == AST_OPERATOR_SECTION)
        return 0;
    if (step->ast->kind != AST_SECTION)
        return link_makes(c, step->ast, step->frame, of_signal, depth + 1);
    for (uint32_t i = 0; i < step->ast->n_items; i++)
        made |= link_makes(c, step->ast->items[i], step->frame, of_signal, depth + 1);
    return made;
}

static unsigned value_makes(struct compiler *c, struct value v, bool of_signal, uint32_t depth)
{
    const bool waits = v.kind == VALUE_TRANSFORM || v.kind == VALUE_EFFECT;

    return waits ? step_makes(c, v.step, of_signal, depth) : 0;
}

/* Of all arguments that are transforms, lists of them included. */
static unsigned arguments_make(struct compiler *c, const struct ast *call,
                               const struct frame *frame, bool of_signal, uint32_t depth)
{
    unsigned made = 0;

    for (uint32_t i = 0; i < call->n_items; i++) {
        const struct ast *const a = call->items[i];
        const bool is_list = a->kind == AST_LIST;
        for (uint32_t k = 0; k < (is_list ? a->n_items : 1); k++)
            made |= value_makes(c, evaluate(c, is_list ? a->items[k] : a, frame, "?"), of_signal,
                                depth + 1);
    }
    return made;
}

/* A built-in: `gain` and its like are parameters of events, effects of signals. */
static unsigned builtin_makes(struct compiler *c, const struct function *f, const struct ast *a,
                              const struct frame *frame, bool of_signal, uint32_t depth)
{
    const struct applied t = { .c = c, .f = f, .call = a };
    const bool is_transform = (f->classes & FUNCTION_TRANSFORM) && transform_takes(f, a->n_items);

    if (shorthand_is_effect(f->canonical))
        return MAKES_AUDIO;
    if (f->classes & FUNCTION_MODIFIER)
        return of_signal && events_modifier_is_effect(f->canonical) ? MAKES_AUDIO : 0;
    if (is_transform && (layer_makes(&t) || (f->flags & FUNCTION_TAKES_TRANSFORM)))
        return (layer_makes(&t) ? MAKES_LAYERS : 0) |
               arguments_make(c, a, frame, of_signal, depth);
    if (is_transform && !(f->classes & FUNCTION_EFFECT))
        return 0;
    return f->classes & (FUNCTION_EFFECT | FUNCTION_FILTER | FUNCTION_ENVELOPE | FUNCTION_UTILITY |
                         FUNCTION_GENERATOR | FUNCTION_SYNTH | FUNCTION_PLUGIN)
               ? MAKES_AUDIO
               : 0;
}

static unsigned link_makes(struct compiler *c, const struct ast *a, const struct frame *frame,
                           bool of_signal, uint32_t depth)
{
    const bool named = a->kind == AST_NAME || a->kind == AST_CALL;
    const struct function *const f = named ? function_find(a->text, strlen(a->text)) : NULL;

    if (depth >= CHAIN_DEPTH_MAX)
        return 0;
    if (f)
        return builtin_makes(c, f, a, frame, of_signal, depth);
    if (named && bridge_has(a->text))
        return 0;
    return value_makes(c, evaluate(c, a, frame, "?"), of_signal, depth + 1);
}

unsigned condition_makes(const struct applied *t)
{
    return arguments_make(t->c, t->call, t->frame, true, 0);
}

/* What f, argument `i`, makes of `v`, where that is no matter of patterns alone; else 0. */
static unsigned makes(const struct applied *t, uint32_t i, struct value v)
{
    const bool of_signal = v.kind == VALUE_SIGNAL;
    const unsigned made = value_makes(t->c, applied_argument(t, i), of_signal, 0);
    const bool has_steps = of_signal && (v.signal->flags & SIG_HAS_STEPS);

    return has_steps ? made : made & MAKES_AUDIO;
}

/* ---- gates ----------------------------------------------------------------------------------- */

static const double crossfade_seconds = 0.005; /* LANGUAGE 9.5 */

/* The crossfade ends where the cycle begins: an onset there is whole on its side. */
static struct sig *gate_signal(const struct applied *t, struct pat *gate, const char *path)
{
    struct compiler *const c = t->c;
    bool overflow = false;
    struct pat *const lead = pat_ratio(
        c, ph_ratio_from_double(crossfade_seconds * c->cps, &overflow), t->offset);
    struct sig *const steps = sig_steps(c, PAT(c, PH_PAT_EARLY, t->offset, lead, gate),
                                        CONTEXT_NUMBER, 0, path);
    struct sig *const seconds = sig_number(c, crossfade_seconds, t->offset);
    struct sig *const args[PARAMS_MAX] = { steps, seconds, sig_number(c, 1, t->offset), seconds };

    return steps && args[2] ? sig_call(c, signal_find("asr"), args, path, t->offset) : NULL;
}

/**
 * What is `v` while `gate` is 0, and f of it, argument `i`, while it is 1. An effect gets what it
 * hears then only, and rings on afterwards.
 */
static struct value route(const struct applied *t, struct value v, struct pat *gate, uint32_t i)
{
    const bool is_effect = (makes(t, i, v) & MAKES_AUDIO) != 0;
    struct compiler *const c = t->c;
    const char *const path = compiler_text(c, "%s.gate", t->path);
    struct sig *const in = value_signal(c, v, CONTEXT_AUDIO, 0, t->path);
    struct sig *const open = in ? gate_signal(t, gate, path) : NULL;
    struct sig *const closed =
        open ? sig_binary(c, AST_SUB, sig_number(c, 1, t->offset), open, path) : NULL;
    struct sig *const sent = is_effect && closed ? sig_binary(c, AST_MUL, in, open, path) : in;

    if (!closed || !sent)
        return value_error();
    const struct value made = applied_inner(t, i, value_of_signal(sent, v.offset));
    struct sig *wet = value_signal(c, made, CONTEXT_AUDIO, 0, path);
    wet = is_effect ? wet : sig_binary(c, AST_MUL, wet, open, path);
    struct sig *const dry = sig_binary(c, AST_MUL, in, closed, path);
    return value_of_signal(sig_binary(c, AST_ADD, dry, wet, path), v.offset);
}

/* 1 in [b, e) of each cycle, else 0. */
static struct pat *window(const struct applied *t, struct pat *b, struct pat *e)
{
    struct compiler *const c = t->c;
    struct pat *const zero = applied_whole(t, 0), *const one = applied_whole(t, 1);
    struct pat *const before[] = { zero, b, zero }, *const in[] = { b, e, one };
    struct pat *const after[] = { e, one, zero };
    struct pat *const layers[] = { pat_op(c, PH_PAT_COMPRESS, before, 3, t->offset),
                                   pat_op(c, PH_PAT_COMPRESS, in, 3, t->offset),
                                   pat_op(c, PH_PAT_COMPRESS, after, 3, t->offset) };

    return pat_op(c, PH_PAT_STACK, layers, 3, t->offset);
}

/* ---- one condition --------------------------------------------------------------------------- */

/* f(p) as a pattern beside p: both become events when one of them does. */
static bool changed(const struct applied *t, uint32_t i, struct value *p, struct pat **made)
{
    struct value v = applied_inner(t, i, *p);

    if (v.kind == VALUE_ERROR)
        return false;
    if (v.kind == VALUE_EVENTS && p->kind != VALUE_EVENTS) {
        *p = value_events(t->c, *p, p->literal);
        v = applied_inner(t, i, *p);
    }
    *made = value_pattern(t->c, v);
    return *made && p->kind != VALUE_ERROR;
}

static struct pat *choose(const struct applied *t, const struct condition *is, struct pat *p,
                          struct pat *q)
{
    struct pat *args[4];

    for (uint32_t i = 0; i < is->n; i++)
        args[i] = is->params[i];
    args[is->n] = p;
    args[is->n + 1] = q;
    return pat_op(t->c, is->op, args, is->n + 2, t->offset);
}

static struct value conditional(const struct applied *t, const struct condition *is, uint32_t f_at,
                                struct value v)
{
    struct pat *made;

    if (makes(t, f_at, v))
        return route(t, v, choose(t, is, applied_whole(t, 0), applied_whole(t, 1)), f_at);
    if (!changed(t, f_at, &v, &made))
        return value_error();
    return value_of_pattern(v.kind, choose(t, is, v.pattern, made), v.offset);
}

static struct condition cycles_that_are(struct pat *n, struct pat *offset)
{
    return (struct condition){ PH_PAT_EVERY, 2, { n, offset } };
}

static struct condition some_cycles(struct pat *probability)
{
    return (struct condition){ PH_PAT_SOME_CYCLES_BY, 1, { probability } };
}

static struct value every(const struct applied *t, struct value v)
{
    const bool with_offset = strcmp(t->f->canonical, "every'") == 0;
    const struct condition is = cycles_that_are(
        applied_pattern(t, 0), with_offset ? applied_pattern(t, 1) : applied_whole(t, 0));

    return conditional(t, &is, with_offset ? 2 : 1, v);
}

static struct value whenmod(const struct applied *t, struct value v)
{
    const struct condition is = { PH_PAT_WHENMOD, 2,
                                  { applied_pattern(t, 0), applied_pattern(t, 1) } };

    return conditional(t, &is, 2, v);
}

/* ---- foldEvery ------------------------------------------------------------------------------- */

/* `made` in the cycles that are not the turn of f, the only argument of `each`, else f(v). */
static struct value take_turn(const struct applied *each, const struct condition *is,
                              struct value v, struct value made)
{
    const enum value_kind before = v.kind;
    struct pat *q;

    if (makes(each, 0, v) || made.kind == VALUE_SIGNAL)
        return conditional(each, is, 0, made);
    if (!changed(each, 0, &v, &q))
        return value_error();
    if (v.kind != before)
        made = value_events(each->c, made, made.literal);
    return made.kind == VALUE_ERROR
               ? made
               : value_of_pattern(made.kind, choose(each, is, made.pattern, q), made.offset);
}

/* foldEvery [f, g] n: in cycle k n the transform number k mod count. */
static struct value take_turns(const struct applied *t, const struct ast *list, struct value v)
{
    struct pat *const n = applied_pattern(t, 1);
    struct pat *const round = applied_arithmetic(t, PH_PAT_MUL, n, applied_whole(t, list->n_items));
    struct value made = v;

    for (uint32_t i = 0; i < list->n_items && made.kind != VALUE_ERROR; i++) {
        struct applied each = *t;
        struct ast call = *t->call;
        call.items = &list->items[i];
        call.n_items = 1;
        each.call = &call;
        each.path = compiler_text(t->c, "%s.%u", t->path, i + 1);
        const struct condition is = cycles_that_are(
            round, applied_arithmetic(t, PH_PAT_MUL, n, applied_whole(t, i)));
        made = take_turn(&each, &is, v, made);
    }
    return made;
}

/* foldEvery [a, b] f: once per match; foldEvery [f, g] n: the next transform each time. */
static struct value fold_every(const struct applied *t, struct value v)
{
    const struct ast *const list = t->call->items[0];

    if (list->kind != AST_LIST || list->n_items == 0)
        return applied_wrong(t, "wants a list first: foldEvery [2, 3] rev");
    for (uint32_t i = 0; i < list->n_items; i++) {
        const struct value n = evaluate(t->c, list->items[i], t->frame, t->path);
        if (n.kind == VALUE_TRANSFORM || n.kind == VALUE_EFFECT)
            return take_turns(t, list, v);
        const struct condition is = cycles_that_are(value_pattern(t->c, n), applied_whole(t, 0));
        v = conditional(t, &is, 1, v);
        if (v.kind == VALUE_ERROR)
            return v;
    }
    return v;
}

/* ---- events by chance ------------------------------------------------------------------------ */

static struct value sometimes(const struct applied *t, struct pat *probability, uint32_t f_at,
                              struct value v)
{
    static const struct ph_value seed = { .kind = PH_VALUE_RATIO, .ratio = { 0, 1 } };
    const struct condition by_cycle = some_cycles(probability);
    struct pat *made;

    if (makes(t, f_at, v)) /* an effect has no events: each cycle is drawn for */
        return conditional(t, &by_cycle, f_at, v);
    struct pat *const keep[] = { probability, v.pattern };
    struct value drawn = value_of_pattern(
        v.kind, pat_op_imm(t->c, PH_PAT_UNDEGRADE_BY, keep, 2, &seed, 1, t->offset), v.offset);
    const enum value_kind before = v.kind;
    if (drawn.kind == VALUE_ERROR || !changed(t, f_at, &drawn, &made))
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

/* 0.5, 0.75, ... of `sometimes` and its relatives; below 0 for other names. */
static double named_probability(const char *name)
{
    static const struct {
        const char *name;
        double probability;
    } table[] = { { "sometimes", 0.5 },    { "often", 0.75 },      { "rarely", 0.25 },
                  { "almostAlways", 0.9 }, { "almostNever", 0.1 }, { "always", 1 },
                  { "never", 0 } };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].probability;
    return -1;
}

/* ---- parts of the cycle ---------------------------------------------------------------------- */

static struct value within(const struct applied *t, struct value v, bool inverted)
{
    struct pat *const begin = applied_pattern(t, 0), *const end = applied_pattern(t, 1);
    struct pat *made;

    if (makes(t, 2, v)) {
        struct pat *gate = window(t, begin, end);
        if (inverted)
            gate = applied_arithmetic(t, PH_PAT_SUB, applied_whole(t, 1), gate);
        return route(t, v, gate, 2);
    }
    if (!changed(t, 2, &v, &made))
        return value_error();
    struct pat *const args[] = { begin, end, inverted ? made : v.pattern,
                                 inverted ? v.pattern : made };
    return value_of_pattern(v.kind, pat_op(t->c, PH_PAT_WITHIN, args, 4, t->offset), v.offset);
}

struct speed {
    enum ph_pattern_op op;
    struct pat *n;
};

static struct pat *speed_leaf(struct compiler *c, struct sig *leaf, void *context)
{
    const struct speed *const s = context;

    return PAT(c, s->op, leaf->offset, s->n, leaf->pattern);
}

static struct value at_speed(const struct applied *t, enum ph_pattern_op op, struct pat *n,
                             struct value v)
{
    struct speed s = { op, n };

    if (v.kind == VALUE_SIGNAL)
        return value_of_signal(sig_map(t->c, v.signal, speed_leaf, &s, NULL), v.offset);
    return value_of_pattern(v.kind, PAT(t->c, op, t->offset, n, value_pattern(t->c, v)), v.offset);
}

/* inside n f: fast n (f (slow n p)); with three arguments, `within`. */
static struct value inside(const struct applied *t, struct value v, bool outside)
{
    if (t->call->n_items == 3)
        return within(t, v, outside);
    struct pat *const n = applied_pattern(t, 0);
    const struct value slowed =
        at_speed(t, outside ? PH_PAT_FAST : PH_PAT_SLOW, n, v);
    const struct value made = slowed.kind == VALUE_ERROR ? slowed : applied_inner(t, 1, slowed);
    return made.kind == VALUE_ERROR ? made
                                    : at_speed(t, outside ? PH_PAT_SLOW : PH_PAT_FAST, n, made);
}

/* The n-th parts of the cycle in turn: of a signal, a window that moves on by one each cycle. */
static struct value chunk(const struct applied *t, struct value v)
{
    struct pat *const n = applied_pattern(t, 0);
    const struct condition is = { PH_PAT_CHUNK, 1, { n } };

    if (!makes(t, 1, v))
        return conditional(t, &is, 1, v);
    struct pat *const part = applied_arithmetic(t, PH_PAT_DIV, applied_whole(t, 1), n);
    struct pat *const back = applied_arithmetic(t, PH_PAT_MUL, n, applied_whole(t, -1));
    struct pat *const gate =
        PAT(t->c, PH_PAT_ITER, t->offset, back, window(t, applied_whole(t, 0), part));
    return route(t, v, gate, 1);
}

/* ---- by name --------------------------------------------------------------------------------- */

bool condition_apply(const struct applied *t, struct value v, struct value *out)
{
    const char *const name = t->f->canonical;
    const double probability = named_probability(name);
    struct condition is;

    if (probability == 0) {
        *out = v;
    } else if (probability == 1) {
        *out = applied_inner(t, 0, v);
    } else if (probability > 0) {
        *out = sometimes(t, pat_number(t->c, probability, t->offset), 0, v);
    } else if (strcmp(name, "every") == 0 || strcmp(name, "every'") == 0) {
        *out = every(t, v);
    } else if (strcmp(name, "foldEvery") == 0) {
        *out = fold_every(t, v);
    } else if (strcmp(name, "whenmod") == 0) {
        *out = whenmod(t, v);
    } else if (strcmp(name, "sometimesBy") == 0) {
        *out = sometimes(t, applied_pattern(t, 0), 1, v);
    } else if (strcmp(name, "someCyclesBy") == 0) {
        is = some_cycles(applied_pattern(t, 0));
        *out = conditional(t, &is, 1, v);
    } else if (strcmp(name, "someCycles") == 0) {
        is = some_cycles(pat_number(t->c, 0.5, t->offset));
        *out = conditional(t, &is, 0, v);
    } else if (strcmp(name, "within") == 0) {
        *out = within(t, v, false);
    } else if (strcmp(name, "chunk") == 0) {
        *out = chunk(t, v);
    } else if (strcmp(name, "inside") == 0 || strcmp(name, "outside") == 0) {
        *out = inside(t, v, name[0] == 'o');
    } else {
        return false;
    }
    return true;
}

/* ---- links of a chain ------------------------------------------------------------------------ */

/* x # every_effect n fx: the effect is the last argument. */
bool condition_chain(struct compiler *c, const struct function *f, const struct ast *call,
                     const struct frame *frame, const char *path, struct value left,
                     struct value *out)
{
    const struct applied t = { c, f, call, frame, path, call->offset };
    const char *const name = f->canonical;
    const bool every = strcmp(name, "every_effect") == 0;
    const bool whenmod = strcmp(name, "whenmod_effect") == 0;
    const uint32_t n = every ? 2 : whenmod ? 3 : 1;
    struct condition is;

    if (!every && !whenmod && strcmp(name, "sometimes_effect") != 0)
        return false;
    if (call->n_items != n) {
        *out = applied_wrong(&t, every     ? "takes a number of cycles and an effect"
                                 : whenmod ? "takes two numbers of cycles and an effect"
                                           : "takes an effect");
        return true;
    }
    if (every)
        is = cycles_that_are(applied_pattern(&t, 0), applied_whole(&t, 0));
    else if (whenmod)
        is = (struct condition){ PH_PAT_WHENMOD, 2,
                                 { applied_pattern(&t, 0), applied_pattern(&t, 1) } };
    else
        is = some_cycles(pat_number(c, 0.5, call->offset));
    *out = conditional(&t, &is, n - 1, left);
    return true;
}
