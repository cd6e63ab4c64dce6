/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/call.c - calls of names: definitions, transforms, built-ins. LANGUAGE 3.4 and 5.1.      */
#include <string.h>

#include "client/evaluate.h"

struct value evaluate_call_definition(struct compiler *c, struct definition *d,
                                      const struct ast *call, const struct frame *frame,
                                      const char *path)
{
    const struct statement *const s = d->statement;

    if (call->n_items != s->n_params) {
        diag_error(c->diag, call->offset, "`%s` takes %u argument%s, found %u", d->label,
                   s->n_params, s->n_params == 1 ? "" : "s", call->n_items);
        return value_error();
    }
    if (s->n_params == 0)
        return resolve_value(c, d, path, call->offset);
    struct frame *const frames = arena_alloc(c->arena, s->n_params * sizeof *frames);
    struct value *const values = arena_alloc(c->arena, s->n_params * sizeof *values);
    for (uint32_t i = 0; i < s->n_params; i++) {
        values[i] = evaluate(c, call->items[i], frame,
                             compiler_text(c, "%s.%s", path, s->params[i]));
        if (values[i].kind == VALUE_ERROR)
            return value_error();
        frames[i] = (struct frame){ s->params[i], &values[i], i ? &frames[i - 1] : NULL };
    }
    d->referenced = true;
    if (!s->value)
        return value_error();
    return evaluate(c, s->value, &frames[s->n_params - 1],
                    compiler_text(c, "%s/%s", path, s->name));
}

struct value evaluate_call_name(struct compiler *c, const struct ast *call,
                                const struct frame *frame, const char *path)
{
    const struct value *const param = evaluate_frame_find(frame, call->text);
    struct definition *d;

    if (param && call->n_items == 0)
        return *param;
    d = evaluate_shadowing(c, call->text);
    if (d)
        return evaluate_call_definition(c, d, call, frame, path);
    const struct function *const f = evaluate_builtin_of(call);
    if (f)
        return evaluate_builtin(c, f, call, frame, path);
    d = resolve_find(c, '~', call->text);
    if (d)
        return evaluate_call_definition(c, d, call, frame, path);
    if (bridge_has(call->text))
        return bridge_call(c, call, frame, path);
    resolve_unknown(c, 0, call->text, call->offset);
    return value_error();
}

/* The last argument is what the transform is applied to: `every 3 rev "a b c"`. */
static struct value call_applied(struct compiler *c, const struct function *f,
                                 const struct ast *call, const struct frame *frame,
                                 const char *path)
{
    const struct signal_row *const row = signal_find(f->canonical);
    struct ast *const rest = arena_alloc(c->arena, sizeof *rest);
    const struct value target = evaluate(c, call->items[call->n_items - 1], frame, path);

    *rest = *call;
    rest->n_items--;
    if (target.kind == VALUE_ERROR)
        return target;
    if (evaluate_waits(target))
        return evaluate_compose(c, target, evaluate_waiting(c, VALUE_TRANSFORM, rest, frame, path));
    if (target.kind == VALUE_SIGNAL && strcmp(f->canonical, "struct") == 0)
        return envelope_struck(c, evaluate(c, call->items[0], frame, path), target,
                               compiler_text(c, "%s/struct", path), call->offset);
    if (target.kind == VALUE_SIGNAL && row) /* `range lo hi signal` */
        return evaluate_signal_call(c, row, call, frame,
                                    compiler_text(c, "%s/%s", path, f->canonical), NULL);
    return transform_apply(c, rest, frame, path, target);
}

static bool looks_like_transform(struct compiler *c, const struct ast *a, const struct frame *frame)
{
    const struct function *const f = evaluate_builtin_of(a);

    if (a->kind == AST_SECTION || a->kind == AST_OPERATOR_SECTION || a->kind == AST_COMPOSE)
        return true;
    if (a->kind == AST_DOLLAR)
        return looks_like_transform(c, a->items[a->n_items - 1], frame);
    if (f && evaluate_is_builtin(c, a, frame))
        return (f->classes & (FUNCTION_TRANSFORM | FUNCTION_MODIFIER)) != 0;
    if (a->kind == AST_BUS || a->kind == AST_PATTERN || a->kind == AST_TEMPLATE) {
        const char space = a->kind == AST_BUS ? '~' : a->kind == AST_PATTERN ? '%' : '@';
        const struct definition *const d = resolve_find(c, space, a->text);
        return d && d->state == DEFINITION_DONE && evaluate_waits(d->value);
    }
    return false;
}

bool evaluate_is_transform(struct compiler *c, const struct function *f, const struct ast *call,
                           const struct frame *frame)
{
    if (!(f->classes & FUNCTION_TRANSFORM) || !transform_takes(f, call->n_items))
        return false;
    if (!(f->flags & FUNCTION_TAKES_TRANSFORM) || !transform_takes(f, call->n_items - 1))
        return true;
    return looks_like_transform(c, call->items[call->n_items - 1], frame);
}

static bool has_input_already(const struct signal_row *row, const struct function *f,
                              const struct ast *call)
{
    const uint32_t n = signal_visible_params(row);
    const int chained = signal_chained(row);
    const bool needs_sound = chained >= 0 && row->params[chained].context == CONTEXT_AUDIO;

    if ((f->classes & (FUNCTION_GENERATOR | FUNCTION_SYNTH)) && !needs_sound)
        return true;
    return chained < 0 || call->n_items + call->n_keys >= n;
}

/* `squeeze "0 1" ["a b", "c"]`: TidalCycles' function of the name, where .ph's takes no list. */
static bool takes_list(const struct function *f, const struct ast *call)
{
    return (f->classes & FUNCTION_TRANSFORM) && call->n_items > 1 &&
           call->items[call->n_items - 1]->kind == AST_LIST && bridge_has(call->text);
}

struct value evaluate_builtin(struct compiler *c, const struct function *f,
                              const struct ast *call, const struct frame *frame,
                              const char *path)
{
    const struct signal_row *const row = signal_find(f->canonical);
    const char *const place = compiler_text(c, "%s/%s", path, f->canonical);
    const bool takes_transform = (f->flags & FUNCTION_TAKES_TRANSFORM) != 0;

    if (takes_list(f, call))
        return bridge_call(c, call, frame, path);
    if (evaluate_is_fired_by_pattern(f) && call->n_items > 0)
        return envelope_call(c, f, call, frame, place, NULL);
    if (strcmp(f->canonical, "env") == 0 && call->n_items == 5)
        return evaluate_with_input(c, evaluate_waiting(c, VALUE_EFFECT, call, frame, place), path);
    if (strcmp(f->canonical, "synth") == 0)
        return evaluate_synth_voices(c, call, frame, place);
    if (evaluate_trigger_of(f->canonical))
        return evaluate_triggered_voices(c, f, call, frame, place);
    if (evaluate_is_transform(c, f, call, frame))
        return evaluate_waiting(c, VALUE_TRANSFORM, call, frame, place);
    if ((f->classes & FUNCTION_TRANSFORM) && call->n_items > 0 &&
        transform_takes(f, call->n_items - 1))
        return call_applied(c, f, call, frame, path);
    if (f->classes & FUNCTION_COMBINATOR && !row)
        return transform_combinator(c, f, call, frame, path);
    if (f->classes & FUNCTION_CONTROL && !row)
        return events_source(c, f, call, frame, path);
    if (row && has_input_already(row, f, call))
        return evaluate_signal_call(c, row, call, frame, place, NULL);
    if (f->classes & FUNCTION_TRANSFORM && (takes_transform || !row))
        return evaluate_wrong_count(c, f, call);
    const bool is_operator = strcmp(f->canonical, "mul") == 0 || strcmp(f->canonical, "add") == 0 ||
                             strcmp(f->canonical, "sub") == 0 || strcmp(f->canonical, "div") == 0 ||
                             strcmp(f->canonical, "mix") == 0;
    if (row || is_operator || (f->classes & FUNCTION_MODIFIER))
        return evaluate_waiting(c, VALUE_EFFECT, call, frame, place);
    if (f->classes & FUNCTION_PLUGIN)
        return outside_plugin(c, call, place, NULL);
    if (f->classes & FUNCTION_SETTING) {
        diag_error(c->diag, call->offset, "`%s` stands at the start of a statement", f->name);
        return value_error();
    }
    return evaluate_not_supported(c, f->name, call->offset);
}
