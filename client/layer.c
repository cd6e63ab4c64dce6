/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/layer.c - transforms that make several copies of what they are applied to: the layers   */
/* of LANGUAGE 9.                                                                                 */
#include "client/transform.h"

#include <math.h>
#include <string.h>

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
        p = applied_control(t, "pan", pat_number(t->c, l->pan, t->offset), p);
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

/* A copy of a signal keeps apart from the original: what is in it has places of its own. */
static struct value apply_echo(const struct applied *t, struct value v, uint32_t n,
                               const struct value *time, double decay)
{
    struct value layers[LAYERS_MAX];
    double gain = 1;

    for (uint32_t i = 0; i < n; i++, gain *= decay) {
        struct pat *const shift = value_pattern(t->c, *time);
        struct layer l = { 0 };
        if (i > 0) {
            l.late = applied_arithmetic(t, PH_PAT_MUL, shift, applied_whole(t, i));
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
    const struct value time = applied_argument(t, 1);

    if (time.kind == VALUE_ERROR || !applied_number(t, 0, 1, LAYERS_MAX, &n) ||
        !applied_number(t, 2, 0, 4, &decay))
        return value_error();
    return apply_echo(t, v, (uint32_t)floor(n.number), &time, decay.number);
}

static struct value off(const struct applied *t, struct value v)
{
    struct value layers[2] = { v };
    const struct layer l = { .late = applied_pattern(t, 0) };

    if (!l.late)
        return value_error();
    layers[1] = applied_inner(t, 1, make_layer(t, &l, v, 1));
    return stack_layers(t, layers, 2);
}

static struct value superimpose(const struct applied *t, struct value v)
{
    const struct layer l = { 0 };
    struct value layers[2] = { v, applied_inner(t, 0, make_layer(t, &l, v, 1)) };

    return stack_layers(t, layers, 2);
}

static struct value layer_list(const struct applied *t, struct value v)
{
    const struct ast *const list = t->call->items[0];
    struct value layers[LAYERS_MAX];

    if (list->kind != AST_LIST || list->n_items == 0 || list->n_items > LAYERS_MAX)
        return applied_wrong(t, "wants a list of transforms: layer [rev, fast 2]");
    for (uint32_t i = 0; i < list->n_items; i++) {
        const struct value f = evaluate(t->c, list->items[i], t->frame, t->path);
        const struct layer l = { 0 };
        if (f.kind != VALUE_TRANSFORM && f.kind != VALUE_EFFECT)
            return f.kind == VALUE_ERROR ? f : applied_wrong(t, "wants a list of transforms");
        layers[i] = evaluate_apply(t->c, f.step, make_layer(t, &l, v, i), t->offset);
    }
    return stack_layers(t, layers, list->n_items);
}

static struct value jux(const struct applied *t, struct value v, double amount, uint32_t f_at)
{
    const struct layer left = { .panned = true, .pan = -amount };
    const struct layer right = { .panned = true, .pan = amount }, copy = { 0 };
    const struct value changed = applied_inner(t, f_at, make_layer(t, &copy, v, 1));
    struct value layers[2] = { make_layer(t, &left, v, 0), make_layer(t, &right, changed, 2) };

    return stack_layers(t, layers, 2);
}

static struct value spin(const struct applied *t, struct value v)
{
    struct value n, layers[LAYERS_MAX];
    bool overflow = false;

    if (!applied_number(t, 0, 1, LAYERS_MAX, &n))
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

/* Quieter, shorter, higher copies 1.5, 2.5 and 4 steps of `t` later; of ghostWith, f of it. */
static struct value ghost_copy(const struct applied *t, struct value v, uint32_t f_at)
{
    if (f_at > 0)
        return applied_inner(t, f_at, v);
    if (v.kind != VALUE_EVENTS)
        return v.kind == VALUE_ERROR ? v : applied_wrong(t, "wants sound events");
    struct pat *p = pat_param_op(t->c, PH_PAT_PARAM_MUL, "gain",
                                 pat_number(t->c, 0.7, t->offset), v.pattern);
    p = p ? applied_control(t, "end", pat_number(t->c, 0.2, t->offset), p) : NULL;
    p = pat_param_op(t->c, PH_PAT_PARAM_MUL, "speed", pat_number(t->c, 1.25, t->offset), p);
    return value_of_pattern(VALUE_EVENTS, p, v.offset);
}

static struct value ghost(const struct applied *t, struct value v, uint32_t f_at)
{
    struct value layers[4] = { v };
    struct pat *const step = t->call->n_items > 0 ? applied_pattern(t, 0)
                                                  : pat_ratio(t->c, PH_RATIO(1, 8), t->offset);
    static const struct ph_ratio times[] = { { 3, 2 }, { 5, 2 }, { 4, 1 } };

    for (uint32_t i = 0; i < 3; i++) {
        const struct layer l = { .late = applied_arithmetic(t, PH_PAT_MUL, step,
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

bool layer_apply(const struct applied *t, struct value v, struct value *out)
{
    const char *const name = t->f->canonical;
    const bool two = strcmp(name, "stutter") == 0 && t->call->n_items == 2;
    struct value n;

    if (strcmp(name, "echo") == 0) {
        *out = echo(t, v);
    } else if (two) {
        const struct value time = applied_argument(t, 1);
        *out = applied_number(t, 0, 1, LAYERS_MAX, &n) && time.kind != VALUE_ERROR
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
        *out = applied_number(t, 0, -1, 1, &n) ? jux(t, v, n.number, 1) : value_error();
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


bool layer_makes(const struct applied *t)
{
    static const char *const names[] = { "echo", "off",  "superimpose", "layer", "jux",
                                         "juxBy", "spin", "ghost",       "ghostWith" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], t->f->canonical) == 0)
            return true;
    return strcmp(t->f->canonical, "stutter") == 0 && t->call->n_items == 2;
}
