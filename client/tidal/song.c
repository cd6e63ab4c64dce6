/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/tidal/song.c - a file of TidalCycles code: what is sent statement by statement there is */
/* one whole program here. Of several patterns for one name the last counts.                      */
#include <stdio.h>
#include <string.h>

#include "client/tidal/library.h"

enum { OUTPUTS_MAX = 256 };

struct output {
    const char *label;
    struct pat *pattern;
    bool muted, alone, once;
};

struct song {
    struct tidal t;
    struct hs_parser p;
    struct compile_commands *commands;
    const struct hs_scope *scope;
    const struct tidal_env *env;
    struct output outputs[OUTPUTS_MAX];
    uint32_t n_outputs;
};

/** A statement: its name and arguments. */
struct call_parts {
    const struct hs_expr *head;
    struct hs_expr *args[4];
    uint32_t n;
};

static struct hs_type *controls(struct song *s)
{
    struct arena *const arena = s->t.c->arena;

    return hs_pattern_of(arena, hs_atom(arena, TIDAL_CONTROLS));
}

static struct tv value_of(struct song *s, struct hs_expr *e, struct hs_type *wanted)
{
    if (!hs_infer(&s->t.typer, e, s->scope, wanted))
        return (struct tv){ .kind = TV_ERROR };
    return tidal_eval(&s->t, e, s->env);
}

static void wrong(struct song *s, uint32_t offset, const char *text)
{
    diag_error(s->t.c->diag, offset, "%s", text);
}

/* ---- outputs --------------------------------------------------------------------------------- */

static struct output *find_output(struct song *s, const char *label, uint32_t offset)
{
    for (uint32_t i = 0; i < s->n_outputs; i++)
        if (strcmp(s->outputs[i].label, label) == 0)
            return &s->outputs[i];
    if (s->n_outputs == OUTPUTS_MAX) {
        wrong(s, offset, "too many names of patterns");
        return NULL;
    }
    struct output *const o = &s->outputs[s->n_outputs++];
    *o = (struct output){ .label = label };
    return o;
}

static void set_output(struct song *s, const char *label, struct hs_expr *e)
{
    struct output *const o = find_output(s, label, e->offset);
    struct pat *const p = tidal_pat(&s->t, value_of(s, e, controls(s)));

    if (o && p)
        o->pattern = p;
}

/* once: a pattern of its own, that another evaluation does not take for the same. */
static void play_once(struct song *s, struct hs_expr *e)
{
    const uint32_t serial = s->commands ? s->commands->serial : 0;
    const char *const label = compiler_text(s->t.c, "once %u %u", serial, s->n_outputs);

    set_output(s, label, e);
    s->outputs[s->n_outputs - 1].once = true;
}

/* The name in `p "bass" $ ...`, `solo 1`: d1 and 1 are one. */
static const char *label_of(struct song *s, struct hs_expr *e)
{
    if (e->kind == HS_E_STRING)
        return e->text;
    if (e->kind == HS_E_NUMBER && e->whole)
        return compiler_text(s->t.c, "d%lld", (long long)e->ratio.num);
    wrong(s, e->offset, "a name in quotes or a number expected");
    return NULL;
}

static struct tv applied(struct tidal *t, struct tv f, struct pat *p)
{
    return p ? tidal_apply(t, f, tidal_of_pat(p)) : (struct tv){ .kind = TV_ERROR };
}

/* all f: of every pattern so far */
static void apply_to_all(struct song *s, struct hs_expr *e)
{
    struct arena *const arena = s->t.c->arena;
    const struct tv f = value_of(s, e, hs_function(arena, controls(s), controls(s)));

    for (uint32_t i = 0; i < s->n_outputs && f.kind != TV_ERROR; i++)
        if (s->outputs[i].pattern)
            s->outputs[i].pattern = tidal_pat(&s->t, applied(&s->t, f, s->outputs[i].pattern));
}

/* ---- statements ------------------------------------------------------------------------------ */

static void set_tempo(struct song *s, struct hs_expr *e)
{
    struct ph_program *const program = s->t.c->out;
    struct ph_ratio cps;

    const struct tv v = value_of(s, e, hs_atom(s->t.c->arena, TIDAL_RATIONAL));
    if (!tidal_known(&s->t, v, "the tempo", &cps))
        return;
    if (ph_ratio_cmp(cps, PH_RATIO(1, 1000)) < 0 || ph_ratio_cmp(cps, PH_RATIO(50, 1)) > 0) {
        wrong(s, e->offset, "a tempo lies between 0.001 and 50 cycles per second");
        return;
    }
    program->cps = cps;
    program->has_cps = true;
}

static void move_clock(struct song *s, enum ph_clock_move move, struct hs_expr *e)
{
    struct ph_program *const program = s->t.c->out;
    struct ph_ratio amount = ph_ratio_of(0);

    if (e && !tidal_known(&s->t, value_of(s, e, hs_atom(s->t.c->arena, TIDAL_RATIONAL)),
                          "how far the clock moves", &amount))
        return;
    program->move = move;
    program->amount = amount;
}

static void hush(struct song *s)
{
    s->n_outputs = 0;
}

static void mute(struct song *s, struct hs_expr *e, bool muted, bool alone)
{
    const char *const label = label_of(s, e);
    struct output *const o = label ? find_output(s, label, e->offset) : NULL;

    if (o) {
        o->muted = muted;
        o->alone = alone;
    }
}

/* d1 .. d16 */
static bool is_stream(const char *text)
{
    const size_t digits = strspn(text + 1, "0123456789");

    return text[0] == 'd' && digits > 0 && digits < 4 && text[1 + digits] == '\0';
}

static const char *const statement_names[] = {
    "hush", "panic", "once", "p", "all", "setcps", "resetCycles", "setCycle", "nudgeAll", "solo",
    "unsolo", "mute", "unmute", "unmuteAll", "unsoloAll", "d1", "let"
};

static void unknown_statement(struct song *s, const struct call_parts *call)
{
    const uint32_t n = sizeof statement_names / sizeof statement_names[0];
    const char *const name = call->head->kind == HS_E_NAME ? call->head->text : NULL;
    const char *const near = name ? diag_nearest(name, statement_names, n) : NULL;

    diag_error(s->t.c->diag, call->head->offset,
               "a statement is expected: d1 $ ..., let x = ..., setcps ..., hush%s%s%s",
               near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

static bool takes(struct song *s, const struct call_parts *call, const char *name, uint32_t n)
{
    if (strcmp(call->head->text, name) != 0)
        return false;
    if (call->n == n)
        return true;
    diag_error(s->t.c->diag, call->head->offset, "`%s` takes %u argument%s, found %u", name, n,
               n == 1 ? "" : "s", call->n);
    return false;
}

static bool set_outputs(struct song *s, const struct call_parts *call)
{
    const char *const name = call->head->text;

    if (is_stream(name)) {
        if (call->n == 1)
            set_output(s, name, call->args[0]);
        else
            wrong(s, call->head->offset, "a pattern is expected: d1 $ sound \"bd*2\"");
        return true;
    }
    if (takes(s, call, "p", 2)) {
        const char *const label = label_of(s, call->args[0]);
        if (label)
            set_output(s, label, call->args[1]);
    } else if (takes(s, call, "once", 1)) {
        play_once(s, call->args[0]);
    } else if (takes(s, call, "all", 1)) {
        apply_to_all(s, call->args[0]);
    } else if (takes(s, call, "hush", 0)) {
        hush(s);
    } else if (takes(s, call, "panic", 0)) {
        hush(s);
        if (s->commands)
            s->commands->panic = true;
    } else {
        return false;
    }
    return true;
}

static bool set_sides(struct song *s, const struct call_parts *call)
{
    if (takes(s, call, "solo", 1))
        mute(s, call->args[0], false, true);
    else if (takes(s, call, "mute", 1))
        mute(s, call->args[0], true, false);
    else if (takes(s, call, "unsolo", 1) || takes(s, call, "unmute", 1))
        mute(s, call->args[0], false, false);
    else if (takes(s, call, "unmuteAll", 0) || takes(s, call, "unsoloAll", 0))
        for (uint32_t i = 0; i < s->n_outputs; i++)
            s->outputs[i].muted = s->outputs[i].alone = false;
    else
        return false;
    return true;
}

static bool set_clock(struct song *s, const struct call_parts *call)
{
    if (takes(s, call, "setcps", 1))
        set_tempo(s, call->args[0]);
    else if (takes(s, call, "resetCycles", 0))
        move_clock(s, PH_CLOCK_JUMPS, NULL);
    else if (takes(s, call, "setCycle", 1))
        move_clock(s, PH_CLOCK_JUMPS, call->args[0]);
    else if (takes(s, call, "nudgeAll", 1))
        move_clock(s, PH_CLOCK_NUDGED_SECONDS, call->args[0]);
    else
        return false;
    return true;
}

static void run_statement(struct song *s, struct hs_expr *e)
{
    struct call_parts call = { .head = e };
    struct diag *const diag = s->t.c->diag;
    const uint32_t n_errors = diag->n_errors;

    for (; call.head->kind == HS_E_APPLY && call.n < 4; call.head = call.head->a)
        call.n++;
    const struct hs_expr *at = e;
    for (uint32_t i = call.n; i-- > 0; at = at->a)
        call.args[i] = at->b;
    s->t.failed = false;
    s->t.n_slots = s->t.depth = s->t.steps = 0;
    if (call.head->kind != HS_E_NAME ||
        (!set_outputs(s, &call) && !set_sides(s, &call) && !set_clock(s, &call) &&
         diag->n_errors == n_errors))
        unknown_statement(s, &call);
}

/* ---- the file -------------------------------------------------------------------------------- */

static void add_bindings(struct song *s, const struct hs_bind *binds)
{
    s->scope = hs_scope_with(s->t.c->arena, binds, s->scope);
    s->env = tidal_env_with(&s->t, binds, s->env);
}

/* To where the next statement begins. */
static void pass_statement(struct song *s)
{
    const struct hs_token *t;

    do
        t = &s->p.tokens->tokens[++s->p.at];
    while (t->kind != HS_END && !(t->first_on_line && t->column <= s->p.indent));
}

/* What a Tidal user's start-up file holds. */
static bool is_start_up(const struct song *s, const struct hs_token *t)
{
    return hs_token_is(&s->p, t, "import") || hs_token_is(&s->p, t, ":set") ||
           hs_token_is(&s->p, t, ":{") || hs_token_is(&s->p, t, ":}") || hs_token_is(&s->p, t, ":");
}

/* Names of a `let` that can't be read: who uses them makes no error of his own. */
static void lose_bindings(struct song *s, uint32_t first, uint32_t end)
{
    const struct hs_token *const tokens = s->p.tokens->tokens;
    const char **const names = arena_alloc(s->t.c->arena, (end - first + 1) * sizeof *names);
    uint32_t n = 0;

    for (uint32_t i = first; i < end; i++) {
        const struct hs_token *const t = &tokens[i];
        const bool begins = i == first || tokens[i - 1].kind == HS_SEMICOLON ||
                            (t->first_on_line && t->column == tokens[first].column);
        if (begins && t->kind == HS_NAME)
            names[n++] = arena_text(s->t.c->arena, s->p.source->text + t->offset, t->length);
    }
    diag_lose(s->t.c->diag, s->t.c->arena, names, n);
}

static void parse_statement(struct song *s)
{
    const struct hs_token *const t = &s->p.tokens->tokens[s->p.at];
    const uint32_t begin = s->p.at;

    s->p.begin = begin;
    s->p.indent = t->column;
    s->p.failed = false;
    s->p.nesting = 0;
    if (hs_token_is(&s->p, t, "do") || t->kind == HS_SEMICOLON) {
        s->p.at++;
        return;
    }
    if (is_start_up(s, t)) {
        pass_statement(s);
        return;
    }
    if (hs_token_is(&s->p, t, "let")) {
        s->p.at++;
        add_bindings(s, hs_parse_bindings(&s->p));
    } else {
        struct hs_expr *const e = hs_parse_expression(&s->p);
        const struct hs_token *const next = &s->p.tokens->tokens[s->p.at];
        if (e && next->kind != HS_END && !next->first_on_line && next->kind != HS_SEMICOLON)
            hs_expected(&s->p, "an operator or a new line");
        else if (e)
            run_statement(s, e);
    }
    if (s->p.failed) {
        s->p.at = begin; /* a bracket that is missing takes in what follows: go by the layout */
        pass_statement(s);
        if (hs_token_is(&s->p, t, "let"))
            lose_bindings(s, begin + 1, s->p.at);
    }
}

static void add_outputs(struct song *s)
{
    struct compiler *const c = s->t.c;
    bool alone = false;

    c->outputs = arena_alloc(c->arena, (s->n_outputs + 1) * sizeof(struct definition *));
    for (uint32_t i = 0; i < s->n_outputs; i++)
        alone |= s->outputs[i].alone;
    for (uint32_t i = 0; i < s->n_outputs; i++) {
        const struct output *const o = &s->outputs[i];
        if (!o->pattern || o->muted || (alone && !o->alone))
            continue;
        struct pat *const p = PAT(c, PH_PAT_STACK, o->pattern->offset, o->pattern);
        if (!p)
            return;
        if (o->once)
            p->flags |= PAT_ONCE;
        struct definition *const d = arena_alloc(c->arena, sizeof *d);
        *d = (struct definition){ .name = o->label, .label = o->label, .state = DEFINITION_DONE,
                                  .value = value_of_pattern(VALUE_EVENTS, p, p->offset) };
        c->outputs[c->n_outputs++] = d;
    }
}

void tidal_program(struct compiler *c, struct compile_commands *commands)
{
    struct song *const s = arena_alloc(c->arena, sizeof *s);
    struct hs_tokens tokens;

    tidal_init(&s->t, c);
    s->commands = commands;
    if (!hs_lex(c->source, c->arena, c->diag, &tokens))
        return;
    s->p = (struct hs_parser){ .source = c->source, .arena = c->arena, .diag = c->diag,
                               .tokens = &tokens };
    while (tokens.tokens[s->p.at].kind != HS_END)
        parse_statement(s);
    add_outputs(s);
}
