/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/combine.c - combinators of whole patterns: LANGUAGE 18.                                 */
#include "client/transform.h"

#include <string.h>

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

/* Strings among sound events are patterns of `s`, whatever they look like. */
static struct value as_sounds(const struct applied *t, struct value v)
{
    if (v.kind != VALUE_PATTERN || !v.literal)
        return value_events(t->c, v, true);
    return value_of_pattern(VALUE_EVENTS, pat_param(t->c, "s", PAT_SOUNDS, v.pattern), v.offset);
}

static struct pat **item_patterns(const struct applied *t, struct value *values, uint32_t n,
                                  enum value_kind kind)
{
    struct pat **const patterns = arena_alloc(t->c->arena, (n + 1) * sizeof *patterns);

    for (uint32_t i = 0; i < n; i++) {
        if (kind == VALUE_EVENTS)
            values[i] = as_sounds(t, values[i]);
        patterns[i] = value_pattern(t->c, values[i]);
    }
    return patterns;
}

static struct value stack_signals(const struct applied *t, struct value *values, uint32_t n)
{
    struct sig *sum = NULL;

    for (uint32_t i = 0; i < n; i++) {
        const char *const path = compiler_text(t->c, "%s.%u", t->path, i + 1);
        if (values[i].kind == VALUE_PATTERN && values[i].literal)
            values[i] = as_sounds(t, values[i]);
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
        return applied_wrong(t, "takes booleans and two patterns");
    for (uint32_t i = 0; i < 3; i++)
        values[i] = applied_argument(t, i);
    if (values[1].kind == VALUE_EVENTS || values[2].kind == VALUE_EVENTS) {
        kind = VALUE_EVENTS;
        values[1] = as_sounds(t, values[1]);
        values[2] = as_sounds(t, values[2]);
    }
    struct pat *const args[] = { value_pattern(t->c, values[0]), value_pattern(t->c, values[1]),
                                 value_pattern(t->c, values[2]) };
    return value_of_pattern(kind, pat_op(t->c, op, args, 3, t->offset), t->offset);
}

/* wedge r a b: a squeezed into the first r of the cycle, b into the rest. */
static struct value wedge(const struct applied *t)
{
    struct compiler *const c = t->c;
    struct value values[2];

    if (t->call->n_items != 3)
        return applied_wrong(t, "takes a share of the cycle and two patterns, or nothing");
    struct pat *const share = applied_pattern(t, 0);
    const struct ast *items[] = { t->call->items[1], t->call->items[2] };
    struct ast list = { .kind = AST_LIST, .n_items = 2, .items = (struct ast **)items };
    const struct value kind = list_items(t, &list, values);
    if (kind.kind == VALUE_ERROR)
        return kind;
    if (kind.kind == VALUE_SIGNAL)
        return applied_wrong(t, "takes patterns, found a signal");
    struct pat **const both = item_patterns(t, values, 2, kind.kind);
    struct pat *const first[] = { applied_whole(t, 0), share, both[0] };
    struct pat *const rest[] = { share, applied_whole(t, 1), both[1] };
    return value_of_pattern(
        kind.kind,
        PAT(c, PH_PAT_STACK, t->offset, pat_op(c, PH_PAT_COMPRESS, first, 3, t->offset),
            pat_op(c, PH_PAT_COMPRESS, rest, 3, t->offset)),
        t->offset);
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
            return applied_wrong(t, "takes pairs of a weight above 0 and a pattern: "
                                    "[[3, \"a\"], [1, \"b\"]]");
        weights[i] = (struct ph_value){ .kind = PH_VALUE_RATIO, .ratio = w.ratio };
        parts.items[i] = pair->items[1];
    }
    const struct value kind = list_items(t, &parts, values);
    if (kind.kind == VALUE_ERROR)
        return kind;
    if (kind.kind == VALUE_SIGNAL)
        return applied_wrong(t, "takes patterns, found a signal");
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
    if (strcmp(name, "wedge") == 0 && call->n_items > 0)
        return wedge(&t);
    if (strcmp(name, "wedge") == 0)
        return sources_pattern(c, f, call, frame, path);
    if (strcmp(name, "stack") != 0 && strcmp(name, "cat") != 0 && strcmp(name, "slowcat") != 0 &&
        strcmp(name, "randcat") != 0 && strcmp(name, "timecat") != 0)
        return (struct value){ .kind = VALUE_EFFECT, .offset = call->offset, /* condition.c */
                               .step = evaluate_step(c, call, frame, t.path) };
    if (call->n_items != 1 || call->items[0]->kind != AST_LIST || call->items[0]->n_items == 0)
        return applied_wrong(&t, "takes one list: [a, b, ...]");
    const struct ast *const list = call->items[0];
    if (strcmp(name, "timecat") == 0)
        return timecat(&t, list);
    struct value *const values = arena_alloc(c->arena, list->n_items * sizeof *values);
    const struct value kind = list_items(&t, list, values);
    if (kind.kind == VALUE_ERROR)
        return kind;
    if (kind.kind == VALUE_SIGNAL) {
        if (strcmp(name, "stack") != 0)
            return applied_wrong(&t, "takes patterns, found a signal");
        return stack_signals(&t, values, list->n_items);
    }
    return concatenate(&t, name, item_patterns(&t, values, list->n_items, kind.kind), list->n_items,
                       kind.kind);
}

