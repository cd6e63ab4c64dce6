/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/evaluate.c - expressions -> values: steps that wait, dollars, links. LANGUAGE 3.        */
#include <string.h>

#include "client/evaluate.h"

/* ---- steps: transforms and effects that wait for their input --------------------------------- */

const struct step *evaluate_step(struct compiler *c, const struct ast *ast,
                                 const struct frame *frame, const char *path)
{
    struct step *const s = arena_alloc(c->arena, sizeof *s);

    *s = (struct step){ .ast = ast, .frame = frame, .path = path, .depth = 1 };
    return s;
}

struct value evaluate_waiting(struct compiler *c, enum value_kind kind, const struct ast *ast,
                              const struct frame *frame, const char *path)
{
    return (struct value){ .kind = kind, .offset = ast->offset,
                           .step = evaluate_step(c, ast, frame, path) };
}

struct value evaluate_compose(struct compiler *c, struct value first, struct value second)
{
    const uint32_t depth = 1 + (first.step->depth > second.step->depth ? first.step->depth
                                                                       : second.step->depth);
    if (depth > EVAL_DEPTH_MAX) {
        diag_error(c->diag, second.offset, "more than %d transforms in a row", EVAL_DEPTH_MAX);
        return value_error();
    }
    struct step *const s = arena_alloc(c->arena, sizeof *s);
    *s = (struct step){ .first = first.step, .second = second.step, .depth = depth };
    const bool effect = first.kind == VALUE_EFFECT && second.kind == VALUE_EFFECT;
    return (struct value){ .kind = effect ? VALUE_EFFECT : VALUE_TRANSFORM,
                           .offset = first.offset, .step = s };
}

bool evaluate_waits(struct value v)
{
    return v.kind == VALUE_TRANSFORM || v.kind == VALUE_EFFECT;
}

const struct function *evaluate_builtin_of(const struct ast *a)
{
    if (a->kind != AST_NAME && a->kind != AST_CALL)
        return NULL;
    return function_find(a->text, strlen(a->text));
}

static struct value apply_section(struct compiler *c, const struct step *step, struct value target)
{
    for (uint32_t i = 0; i < step->ast->n_items && target.kind != VALUE_ERROR; i++) {
        const char *const path = compiler_text(c, "%s/#%u", step->path, i + 1);
        target = evaluate_link(c, target, step->ast->items[i], step->ast->items, step->ast->n_items,
                               step->frame, path);
    }
    return target;
}

struct value evaluate_apply(struct compiler *c, const struct step *step, struct value target,
                            uint32_t offset)
{
    if (target.kind == VALUE_ERROR || !compiler_work(c, offset))
        return value_error();
    if (evaluate_waits(target)) {
        const struct value second = { .kind = VALUE_TRANSFORM, .offset = offset, .step = step };
        return evaluate_compose(c, target, second);
    }
    if (!step->ast)
        return evaluate_apply(c, step->second, evaluate_apply(c, step->first, target, offset),
                              offset);
    if (step->ast->kind == AST_SECTION)
        return apply_section(c, step, target);
    if (step->ast->kind == AST_OPERATOR_SECTION)
        return bridge_section(c, step, target);
    const struct function *const f = evaluate_builtin_of(step->ast);
    if (f && strcmp(f->canonical, "struct") == 0 && target.kind == VALUE_SIGNAL &&
        !(target.signal->flags & (SIG_HAS_STEPS | SIG_HAS_EVENTS)))
        return envelope_struck(c, evaluate(c, step->ast->items[0], step->frame, step->path), target,
                               step->path, offset);
    if (f && (f->classes & FUNCTION_TRANSFORM) && transform_takes(f, step->ast->n_items))
        return transform_apply(c, step->ast, step->frame, step->path, target);
    if (!f && (step->ast->kind == AST_NAME || step->ast->kind == AST_CALL) &&
        bridge_has(step->ast->text))
        return bridge_apply(c, step->ast, step->frame, step->path, target);
    return evaluate_link(c, target, step->ast, NULL, 0, step->frame, step->path);
}

/* ---- dollars: LANGUAGE 3.6 ------------------------------------------------------------------- */

/* An ordinary function left of the value receives it, as if chained. */
static bool takes_the_value(struct compiler *c, const struct ast *a, const struct frame *frame)
{
    const struct function *const f = evaluate_builtin_of(a);

    if (!f || !evaluate_is_builtin(c, a, frame) || evaluate_is_transform(c, f, a, frame))
        return false;
    const bool generates = (f->classes & (FUNCTION_GENERATOR | FUNCTION_SYNTH)) != 0 ||
                           strcmp(f->canonical, "s") == 0;
    return !generates || a->n_items == 0; /* `saw 55` has its pitch, `s "bd"` its words */
}

static struct value dollar(struct compiler *c, const struct ast *a, const struct frame *frame,
                           const char *path)
{
    uint32_t at = a->n_items;
    struct value v = value_error();
    struct value *const links = arena_alloc(c->arena, a->n_items * sizeof *links);

    while (at > 0) { /* the value is the last operand that is neither transform nor effect */
        at--;
        links[at] = evaluate(c, a->items[at], frame, path);
        if (links[at].kind == VALUE_ERROR)
            return value_error();
        if (!evaluate_waits(links[at]))
            break;
    }
    if (evaluate_waits(links[at])) { /* all wait: their composition, rightmost first */
        v = links[a->n_items - 1];
        for (uint32_t i = a->n_items - 1; i > 0 && v.kind != VALUE_ERROR; i--)
            v = evaluate_compose(c, v, links[i - 1]);
        return v;
    }
    v = links[at];
    for (uint32_t i = at + 1; i < a->n_items; i++)
        v = evaluate_apply(c, links[i].step, v, a->items[i]->offset);
    for (uint32_t i = at; i > 0 && v.kind != VALUE_ERROR; i--) {
        const struct ast *const left = a->items[i - 1];
        if (takes_the_value(c, left, frame)) {
            const char *const place = compiler_text(c, "%s/%s", path, left->text);
            v = strcmp(evaluate_builtin_of(left)->canonical, "s") == 0 || left->n_items > 0 ||
                        !(evaluate_builtin_of(left)->classes & FUNCTION_CONTROL)
                    ? evaluate_link(c, v, left, NULL, 0, frame, place)
                    : events_modify(c, evaluate_builtin_of(left), left, frame, place, v);
            continue;
        }
        const struct value link = evaluate(c, left, frame, path);
        if (link.kind == VALUE_ERROR)
            return link;
        if (!evaluate_waits(link)) {
            diag_error(c->diag, left->offset, "`$` has two values: %s here and another behind it",
                       value_kind_name(link.kind));
            return value_error();
        }
        v = evaluate_apply(c, link.step, v, left->offset);
    }
    return v;
}

/* ---- expressions ----------------------------------------------------------------------------- */

static struct value string_value(struct compiler *c, const struct ast *a)
{
    const uint32_t n = a->n_items > 1 ? a->n_items : 1;
    struct pat **const items = arena_alloc(c->arena, n * sizeof *items);

    for (uint32_t i = 0; i < n; i++) {
        const struct ast *const s = a->n_items > 1 ? a->items[i] : a;
        const struct mini *const mini = parse_mini(s->text, (uint32_t)strlen(s->text),
                                                   s->text_offset, c->arena, c->diag);
        items[i] = pat_string(c, mini, s->text_offset);
        if (!items[i])
            return value_error();
    }
    struct pat *const p = n == 1 ? items[0] : pat_op(c, PH_PAT_SLOWCAT, items, n, a->offset);
    struct value v = value_of_pattern(VALUE_PATTERN, p, a->offset);
    v.literal = true;
    return v;
}

static struct value definition_value(struct compiler *c, char space, const struct ast *a,
                                     const char *path)
{
    struct definition *const d = resolve_find(c, space, a->text);

    if (!d && space == '~' && outside_is_midi(a->text))
        return outside_midi(c, a->text, a->offset);
    if (!d) {
        resolve_unknown(c, space, a->text, a->offset);
        return value_error();
    }
    if (space != '@')
        return resolve_value(c, d, path, a->offset);
    d->referenced = true; /* substituted as if written here */
    return d->statement->value ? evaluate(c, d->statement->value, NULL, path) : value_error();
}

/* f . g: both wait for their input; g has it first. */
static struct value composed(struct compiler *c, const struct ast *a, const struct frame *frame,
                             const char *path)
{
    const struct value second = evaluate(c, a->items[0], frame, path);
    const struct value first = evaluate(c, a->items[1], frame, path);

    if (first.kind == VALUE_ERROR || second.kind == VALUE_ERROR)
        return value_error();
    for (int i = 0; i < 2; i++) {
        const struct value v = i ? first : second;
        if (evaluate_waits(v))
            continue;
        diag_error(c->diag, v.offset, "`.` stands between functions, found %s",
                   value_kind_name(v.kind));
        return value_error();
    }
    return evaluate_compose(c, first, second);
}

/* ~add a b, LANGUAGE 8: per sample, whatever the operands are. */
static struct value audio_arithmetic(struct compiler *c, const struct ast *a,
                                     const struct frame *frame, const char *path)
{
    static const char *const names[] = { "add", "sub", "mul", "div" };
    uint32_t at = 0;

    while (at < 4 && strcmp(names[at], a->text) != 0)
        at++;
    if (at == 4) {
        resolve_unknown(c, '~', a->text, a->offset);
        return value_error();
    }
    if (a->n_items != 2) {
        diag_error(c->diag, a->offset, "`~%s` takes 2 arguments, found %u", a->text, a->n_items);
        return value_error();
    }
    const char *const left = compiler_text(c, "%s.1", path);
    const char *const right = compiler_text(c, "%s.2", path);
    const enum ast_op op = (enum ast_op)(AST_AUDIO_ADD + at);
    return evaluate_binary(c, op, evaluate(c, a->items[0], frame, left),
                           evaluate(c, a->items[1], frame, right), left, right);
}

static struct value head(struct compiler *c, const struct ast *a, const struct frame *frame,
                         const char *path)
{
    struct definition *d;

    switch (a->kind) {
    case AST_NUMBER:
        return evaluate_number(a->ratio, a->number, a->offset);
    case AST_STRING:
        return string_value(c, a);
    case AST_NAME:
    case AST_CALL:
        return evaluate_call_name(c, a, frame, path);
    case AST_BUS:
        return definition_value(c, '~', a, path);
    case AST_TEMPLATE:
        return definition_value(c, '@', a, path);
    case AST_PATTERN:
        return definition_value(c, '%', a, path);
    case AST_BUS_CALL:
        d = resolve_find(c, '~', a->text);
        if (d)
            return evaluate_call_definition(c, d, a, frame, path);
        return audio_arithmetic(c, a, frame, path);
    case AST_NEG:
        return evaluate_negate(c, evaluate(c, a->items[0], frame, path), path);
    case AST_DOLLAR:
        return dollar(c, a, frame, path);
    case AST_SECTION:
    case AST_OPERATOR_SECTION:
        return evaluate_waiting(c, VALUE_TRANSFORM, a, frame, path);
    case AST_OPERATOR:
        return bridge_operator(c, a->text, bridge_operand(c, a->items[0], frame, path),
                               bridge_operand(c, a->items[1], frame,
                                              compiler_text(c, "%s/%s", path, a->text)),
                               a->offset);
    case AST_COMPOSE:
        return composed(c, a, frame, path);
    case AST_TUPLE:
        diag_error(c->diag, a->offset, "a pair stands only as an argument: within (0, 0.5) rev");
        return value_error();
    case AST_LIST:
        diag_error(c->diag, a->offset, "a list stands only as an argument of `stack`, `cat` and "
                                       "their like");
        return value_error();
    default:
        return value_error();
    }
}

/* Links of a left-leaning run are numbered by name, so that appending one renames no other. */
static const char *link_name(const struct ast *a)
{
    static const char *const ops[] = { "+", "-", "*", "/", "~+", "~-", "~*", "~/", "|+", "|-",
                                       "|*", "|/", "+|", "-|", "*|", "/|", "|>", "<|" };

    if (a->kind == AST_BINARY)
        return ops[a->op];
    return a->items[1]->text ? a->items[1]->text : "#";
}

static uint32_t count_name(const char **names, uint32_t *counts, uint32_t *n, const char *name)
{
    for (uint32_t i = 0; i < *n; i++)
        if (strcmp(names[i], name) == 0)
            return ++counts[i];
    names[*n] = name;
    counts[*n] = 1;
    ++*n;
    return 1;
}

/* `|* gain 0.8`: an operator over the controls of events. */
static bool is_control_operator(const struct ast *link)
{
    const struct ast *const right = link->items[1];
    const bool is_call = right->kind == AST_CALL && right->n_items == 1;

    return is_call && link->op >= AST_LEFT_ADD && events_is_control(right->text);
}

struct value evaluate_link(struct compiler *c, struct value left, const struct ast *written,
                           struct ast *const *calls, uint32_t n, const struct frame *frame,
                           const char *path)
{
    bool is_partner;
    const struct ast *const call = shorthand_expand(c, written, calls, n, &is_partner);

    if (!call)
        return value_error();
    return is_partner ? left : evaluate_chain(c, left, call, frame, path);
}

static struct value spine(struct compiler *c, const struct ast *ast, const struct frame *frame,
                          const char *path)
{
    uint32_t length = 0, n_names = 0;
    const struct ast *at = ast;

    for (; at->kind == AST_BINARY || at->kind == AST_CHAIN; at = at->items[0])
        length++;
    const struct ast **const links = arena_alloc(c->arena, (length + 1) * sizeof *links);
    const char **const names = arena_alloc(c->arena, (length + 1) * sizeof *names);
    uint32_t *const counts = arena_alloc(c->arena, (length + 1) * sizeof *counts);
    uint32_t i = length;
    struct ast **const calls = arena_alloc(c->arena, (length + 1) * sizeof *calls);
    for (at = ast; at->kind == AST_BINARY || at->kind == AST_CHAIN; at = at->items[0]) {
        links[--i] = at;
        calls[i] = at->items[1];
    }

    struct value v = head(c, at, frame, path);
    for (i = 0; i < length && v.kind != VALUE_ERROR; i++) {
        const struct ast *const link = links[i];
        const char *const name = link_name(link);
        const uint32_t n = count_name(names, counts, &n_names, name);
        const char *const place = n == 1 ? compiler_text(c, "%s/%s", path, name)
                                         : compiler_text(c, "%s/%s%u", path, name, n);
        if (link->kind == AST_CHAIN)
            v = evaluate_link(c, v, link->items[1], calls, length, frame, place);
        else if (v.kind == VALUE_EVENTS && is_control_operator(link))
            v = bridge_operator(c, name, v, bridge_operand(c, link->items[1], frame, place),
                                link->offset);
        else
            v = evaluate_binary(c, link->op, v, evaluate(c, link->items[1], frame, place), path,
                                place);
    }
    return v;
}

struct value evaluate(struct compiler *c, const struct ast *ast, const struct frame *frame,
                      const char *path)
{
    if (!ast || !compiler_work(c, ast->offset))
        return value_error();
    if (c->eval_depth >= EVAL_DEPTH_MAX) {
        diag_error(c->diag, ast->offset, "expressions are nested too deeply here, or refer to "
                                         "themselves");
        return value_error();
    }
    c->eval_depth++;
    const struct value v = ast->kind == AST_BINARY || ast->kind == AST_CHAIN
                               ? spine(c, ast, frame, path)
                               : head(c, ast, frame, path);
    c->eval_depth--;
    return v;
}
