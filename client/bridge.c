/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/bridge.c - what .ph has no row of its own for: operators and functions of TidalCycles'  */
/* dialect, called with .ph values.                                                               */
#include <string.h>

#include "client/tidal/library.h"
#include "client/value.h"

enum { ARGS_MAX = 8 };

/** The parts of a call that is being turned into one of the library. */
struct bridge {
    struct compiler *c;
    struct tidal *t;
    const struct frame *frame;
    const char *path;
    bool has_events; /* of some argument: then the result has */
};

static struct tidal *library_of(struct compiler *c)
{
    if (!c->library) {
        c->library = arena_alloc(c->arena, sizeof *c->library);
        tidal_init(c->library, c);
    }
    c->library->failed = false;
    return c->library;
}

static struct tv bridge_error(void)
{
    return (struct tv){ .kind = TV_ERROR };
}

/* ---- .ph values as the library's ------------------------------------------------------------- */

static struct value value_of_pat(struct pat *p, uint32_t offset)
{
    const bool is_events = p && (p->flags & PAT_CONTROLS);

    return value_of_pattern(is_events ? VALUE_EVENTS : VALUE_PATTERN, p, offset);
}

struct waiting_step {
    struct compiler *c;
    const struct step *step;
    uint32_t offset;
};

/* A transform of .ph as a function. */
static struct tv apply_step(struct tidal *t, struct tv x, void *context)
{
    const struct waiting_step *const w = context;
    struct pat *const p = tidal_pat(t, x);

    if (!p)
        return bridge_error();
    const struct value v = evaluate_apply(w->c, w->step, value_of_pat(p, w->offset), w->offset);
    return tidal_of_pat(value_pattern(w->c, v));
}

/* Numbers beside sound events are pitches, as `+` has them. */
static struct pat *as_controls(struct bridge *b, struct value v)
{
    if (v.kind == VALUE_NUMBER || (v.kind == VALUE_PATTERN && !v.literal && v.pattern &&
                                   !(v.pattern->flags & PAT_HAS_WORDS))) {
        struct pat *const p = value_pattern(b->c, v);
        const bool is_n = p && (p->flags & PAT_MADE_N);
        return p ? pat_param(b->c, is_n ? "n" : "note", is_n ? PAT_CLASSES : PAT_NOTES, p) : NULL;
    }
    return value_events(b->c, v, v.literal).pattern;
}

static bool is_controls(struct hs_type *type)
{
    type = hs_pruned(type);
    return type->kind == HS_T_ATOM && type->atom == TIDAL_CONTROLS;
}

static struct tv wrong_kind(struct bridge *b, uint32_t offset, struct hs_type *wanted,
                            const char *found)
{
    diag_error(b->c->diag, offset, "%s expected here, found %s",
               hs_type_text(b->c->arena, wanted), found);
    return bridge_error();
}

static struct tv from_value(struct bridge *b, struct value v, struct hs_type *wanted)
{
    switch (v.kind) {
    case VALUE_ERROR:
        return bridge_error();
    case VALUE_TRANSFORM:
    case VALUE_EFFECT:
        if (wanted->kind == HS_T_FUN || wanted->kind == HS_T_VAR) {
            struct waiting_step *const w = arena_alloc(b->c->arena, sizeof *w);
            *w = (struct waiting_step){ b->c, v.step, v.offset };
            return tidal_native(b->t, apply_step, w);
        }
        return wrong_kind(b, v.offset, wanted, value_kind_name(v.kind));
    case VALUE_NUMBER:
        if (wanted->kind == HS_T_ATOM || wanted->kind == HS_T_VAR)
            return tidal_number(wanted->kind == HS_T_ATOM ? wanted->atom : TIDAL_RATIONAL, v.ratio,
                                v.number);
        break;
    case VALUE_EVENTS:
        b->has_events = true;
        break;
    default:
        break;
    }
    if (wanted->kind != HS_T_PATTERN && wanted->kind != HS_T_VAR)
        return wrong_kind(b, v.offset, wanted, value_kind_name(v.kind));
    const bool controls = wanted->kind == HS_T_PATTERN && is_controls(wanted->a);
    return tidal_of_pat(controls ? as_controls(b, v) : value_pattern(b->c, v));
}

static struct tv from_ast(struct bridge *b, const struct ast *a, struct hs_type *wanted);

static struct tv from_list(struct bridge *b, const struct ast *a, struct hs_type *wanted)
{
    struct tv v = { .kind = wanted->kind == HS_T_LIST ? TV_LIST : TV_TUPLE, .n = a->n_items };

    v.items = arena_alloc(b->c->arena, (a->n_items + 1) * sizeof *v.items);
    for (uint32_t i = 0; i < a->n_items; i++) {
        v.items[i] = from_ast(b, a->items[i],
                              hs_pruned(wanted->kind == HS_T_LIST ? wanted->a : wanted->items[i]));
        if (v.items[i].kind == TV_ERROR)
            return v.items[i];
    }
    return v;
}

/* An argument. Its place in the program is that of the call. */
static struct tv from_ast(struct bridge *b, const struct ast *a, struct hs_type *wanted)
{
    const struct tidal_row *row = a->kind == AST_NAME ? tidal_row_find(a->text) : NULL;

    if (wanted->kind == HS_T_LIST && a->kind == AST_LIST)
        return from_list(b, a, wanted);
    const bool is_arc = a->kind == AST_CALL && strcmp(a->text, "Arc") == 0;
    const bool is_pair = a->kind == AST_TUPLE || is_arc;
    if (wanted->kind == HS_T_TUPLE && is_pair && a->n_items == wanted->n_items)
        return from_list(b, a, wanted);
    if (wanted->kind == HS_T_LIST || wanted->kind == HS_T_TUPLE)
        return wrong_kind(b, a->offset, wanted, "something else");
    /* a function of several arguments is the library's: .ph has none that waits for two */
    const bool is_own = row && function_find(a->text, strlen(a->text));
    if (wanted->kind == HS_T_FUN && row && (!is_own || hs_pruned(wanted->b)->kind == HS_T_FUN))
        return tidal_function(b->t, row);
    if (wanted->kind == HS_T_ATOM && wanted->atom == TIDAL_STRING && a->kind == AST_STRING)
        return (struct tv){ .kind = TV_WORD, .text = a->text };
    return from_value(b, bridge_operand(b->c, a, b->frame, b->path), wanted);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* The types of the parameters; false where the row has more than anybody would write. */
static uint32_t parameters(struct compiler *c, const struct tidal_row *row,
                           struct hs_type *types[ARGS_MAX])
{
    struct hs_type *type = hs_type_read(c->arena, row->type, false);
    uint32_t n = 0;

    for (; type && type->kind == HS_T_FUN && n < ARGS_MAX; type = type->b)
        types[n++] = hs_pruned(type->a);
    return n;
}

static struct value result(struct bridge *b, const struct tidal_row *row, struct tv *args,
                           uint32_t n, uint32_t offset)
{
    b->t->offset = offset;
    struct tv v = tidal_function(b->t, row);
    for (uint32_t i = 0; i < n; i++)
        v = tidal_apply(b->t, v, args[i]);
    struct pat *const p = tidal_pat(b->t, v);
    return p ? value_of_pattern(b->has_events || (p->flags & PAT_CONTROLS) ? VALUE_EVENTS
                                                                          : VALUE_PATTERN,
                                p, offset)
             : value_error();
}

struct value bridge_apply(struct compiler *c, const struct ast *call, const struct frame *frame,
                          const char *path, struct value target)
{
    const struct tidal_row *const row = tidal_row_find(call->text);
    struct bridge b = { c, library_of(c), frame, path, target.kind == VALUE_EVENTS };
    struct hs_type *types[ARGS_MAX];
    struct tv args[ARGS_MAX];
    const uint32_t n = parameters(c, row, types);

    for (uint32_t i = 0; i < call->n_items && i + 1 < n; i++) {
        args[i] = from_ast(&b, call->items[i], types[i]);
        if (args[i].kind == TV_ERROR)
            return value_error();
    }
    args[n - 1] = from_value(&b, target, types[n - 1]);
    return args[n - 1].kind == TV_ERROR ? value_error() : result(&b, row, args, n, call->offset);
}

bool bridge_has(const char *name)
{
    return tidal_row_find(name) != NULL;
}

struct value bridge_call(struct compiler *c, const struct ast *call, const struct frame *frame,
                         const char *path)
{
    const struct tidal_row *const row = tidal_row_find(call->text);
    struct bridge b = { .c = c, .t = library_of(c), .frame = frame, .path = path };
    struct hs_type *types[ARGS_MAX];
    struct tv args[ARGS_MAX];
    const uint32_t n = parameters(c, row, types);

    if (call->n_items + 1 == n)
        return (struct value){ .kind = VALUE_TRANSFORM, .offset = call->offset,
                               .step = evaluate_step(c, call, frame, path) };
    if (call->n_items != n) {
        diag_error(c->diag, call->offset, "`%s` takes %u argument%s, found %u", row->name, n,
                   n == 1 ? "" : "s", call->n_items);
        return value_error();
    }
    for (uint32_t i = 0; i < n; i++) {
        args[i] = from_ast(&b, call->items[i], types[i]);
        if (args[i].kind == TV_ERROR)
            return value_error();
    }
    return result(&b, row, args, n, call->offset);
}

/* ---- operators ------------------------------------------------------------------------------- */

struct value bridge_operand(struct compiler *c, const struct ast *a, const struct frame *frame,
                            const char *path)
{
    if (a->kind != AST_CALL || a->n_items != 1 || a->n_keys > 0 || !events_is_control(a->text))
        return evaluate(c, a, frame, path);
    struct pat *const x = value_pattern(c, evaluate(c, a->items[0], frame, path));
    return value_of_pattern(VALUE_EVENTS, events_control(c, a->text, x), a->offset);
}

struct value bridge_operator(struct compiler *c, const char *symbol, struct value left,
                             struct value right, uint32_t offset)
{
    const struct tidal_row *const row = tidal_row_find(symbol);
    struct bridge b = { .c = c, .t = library_of(c) };
    struct hs_type *types[ARGS_MAX];
    const struct value sides[] = { left, right };
    struct tv args[2];

    if (left.kind == VALUE_ERROR || right.kind == VALUE_ERROR)
        return value_error();
    if (!row || parameters(c, row, types) != 2) {
        diag_error(c->diag, offset, "`%s` is no operator of patterns", symbol);
        return value_error();
    }
    const bool shifts = symbol[0] == '~' || (symbol[0] == '<' && symbol[1] == '~');
    const bool events = !shifts && (left.kind == VALUE_EVENTS || right.kind == VALUE_EVENTS);
    struct hs_type *const controls =
        hs_pattern_of(c->arena, hs_atom(c->arena, TIDAL_CONTROLS));
    for (int i = 0; i < 2; i++) {
        args[i] = from_value(&b, sides[i], events ? controls : types[i]);
        if (args[i].kind == TV_ERROR)
            return value_error();
    }
    return result(&b, row, args, 2, offset);
}

struct value bridge_section(struct compiler *c, const struct step *step, struct value target)
{
    const struct ast *const a = step->ast;
    const struct value operand = bridge_operand(c, a->items[0], step->frame, step->path);

    return a->on_left ? bridge_operator(c, a->text, operand, target, a->offset)
                      : bridge_operator(c, a->text, target, operand, a->offset);
}
