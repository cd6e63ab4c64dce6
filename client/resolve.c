/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/resolve.c - names: definitions, late binding, what is an output. LANGUAGE 2 and 5.      */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"

static uint32_t bucket_of(char space, const char *name)
{
    return (uint32_t)(ph_hash_text(ph_hash(PH_HASH_START, &space, 1), name) % NAME_BUCKETS);
}

struct definition *resolve_find(struct compiler *c, char space, const char *name)
{
    for (struct definition *d = c->names[bucket_of(space, name)]; d; d = d->next)
        if (d->space == space && strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

static char space_of(enum statement_kind kind)
{
    switch (kind) {
    case STATEMENT_BUS:
    case STATEMENT_BARE:
        return '~';
    case STATEMENT_PATTERN:
        return '%';
    case STATEMENT_TEMPLATE:
        return '@';
    case STATEMENT_FUNCTION:
        return 'f';
    case STATEMENT_SYNTHDEF:
        return 's';
    default:
        return 0;
    }
}

/* What a definition is called in messages and in the program. */
static const char *label_of(struct compiler *c, char space, const char *name)
{
    if (space == 'f' || space == 's')
        return compiler_text(c, "%s %s", space == 'f' ? "fn" : "synthdef", name);
    return compiler_text(c, "%c%s", space, name);
}

static void define(struct compiler *c, const struct statement *s)
{
    const char space = space_of(s->kind);
    struct definition *d = resolve_find(c, space, s->name);

    if (d) { /* the last one wins, in the place of the first */
        diag_note(c->diag, s->offset, "`%s` is defined again: this definition counts", d->label);
        d->statement = s;
        return;
    }
    d = arena_alloc(c->arena, sizeof *d);
    d->statement = s;
    d->name = s->name;
    d->space = space;
    d->label = label_of(c, space, s->name);
    const uint32_t bucket = bucket_of(space, s->name);
    d->next = c->names[bucket];
    c->names[bucket] = d;
    c->definitions[c->n_definitions++] = d;
}

/* ---- outputs --------------------------------------------------------------------------------- */

static struct definition *output_named(struct compiler *c, const char *label)
{
    for (uint32_t i = 0; i < c->n_outputs; i++)
        if (strcmp(c->outputs[i]->label, label) == 0)
            return c->outputs[i];
    struct definition *const d = arena_alloc(c->arena, sizeof *d);
    d->name = d->label = label;
    c->outputs[c->n_outputs++] = d;
    return d;
}

enum { OUTPUTS_MAX = 1024 };

static void add_output(struct compiler *c, const struct statement *s)
{
    const char *const stem = c->has_ports && s->kind == STATEMENT_OUTN ? "out" : "o";

    if (s->number < 0 || s->number > OUTPUTS_MAX ||
        (c->has_ports && s->kind == STATEMENT_OUTN && s->number > PH_PORTS_MAX)) {
        diag_error(c->diag, s->offset, "outputs are numbered 1 to %d, ports 1 to %d", OUTPUTS_MAX,
                   PH_PORTS_MAX);
        return;
    }
    output_named(c, s->kind == STATEMENT_OUT
                        ? "out"
                        : compiler_text(c, "%s%lld", stem, (long long)s->number))
        ->statement = s;
}

/* 2.3: one numbered `outN` is a mix channel; two different ones are physical ports. */
static void find_ports(struct compiler *c, const struct program_ast *program)
{
    int64_t first = 0;

    for (uint32_t i = 0; i < program->n_statements; i++) {
        const struct statement *const s = &program->statements[i];
        if (s->kind != STATEMENT_OUTN)
            continue;
        c->has_ports |= first != 0 && s->number != first;
        first = s->number;
    }
}

/* hushN, unhushN, soloN: what the program says of an output. */
static void set_output_state(struct compiler *c, const struct statement *s)
{
    const bool hushes = strcmp(s->text, "hush") == 0, solos = strcmp(s->text, "solo") == 0;
    const long long n = s->value ? (long long)s->value->number : (long long)s->number;

    if (n <= 0 || (!hushes && !solos && strcmp(s->text, "unhush") != 0))
        return;
    const char *const names[] = { compiler_text(c, "o%lld", n), compiler_text(c, "out%lld", n) };
    for (uint32_t i = 0; i < c->n_outputs; i++)
        if (strcmp(c->outputs[i]->label, names[0]) == 0 ||
            strcmp(c->outputs[i]->label, names[1]) == 0) {
            c->outputs[i]->output_state = hushes  ? PH_OUTPUT_HUSHED
                                          : solos ? PH_OUTPUT_SOLO
                                                  : PH_OUTPUT_SOUNDS;
            return;
        }
    diag_warning(c->diag, s->offset, "there is no output %lld to %s", n, s->text);
}

static struct ast *make_node(struct compiler *c, enum ast_kind kind, uint32_t offset)
{
    struct ast *const a = arena_alloc(c->arena, sizeof *a);

    a->kind = kind;
    a->offset = a->end = offset;
    return a;
}

static struct ast *make_binary(struct compiler *c, enum ast_op op, struct ast *a, struct ast *b)
{
    struct ast *const made = make_node(c, AST_BINARY, a->offset);

    made->op = op;
    made->n_items = 2;
    made->items = arena_alloc(c->arena, 2 * sizeof *made->items);
    made->items[0] = a;
    made->items[1] = b;
    return made;
}

static struct ast *make_reference(struct compiler *c, const struct definition *d)
{
    struct ast *const made = make_node(c, AST_BUS, d->statement->offset);

    made->text = d->name;
    return made;
}

static bool is_numbered_bus(const struct definition *d)
{
    const char *const digits = d->name + 1;

    return d->space == '~' && d->name[0] == 'd' && *digits &&
           strspn(digits, "0123456789") == strlen(digits);
}

/* Leaf buses: those that no other definition refers to. They are found by evaluating everything. */
static bool is_leaf(const struct definition *d)
{
    const enum value_kind kind = d->value.kind;

    return d->space == '~' && !d->referenced && d->statement->n_params == 0 &&
           (kind == VALUE_SIGNAL || kind == VALUE_EVENTS || kind == VALUE_PATTERN);
}

static struct ast *sum_of(struct compiler *c, bool (*chosen)(const struct definition *),
                          uint32_t *n)
{
    struct ast *sum = NULL;

    *n = 0;
    for (uint32_t i = 0; i < c->n_definitions; i++) {
        if (!chosen(c->definitions[i]))
            continue;
        if (*n >= SIG_DEPTH_MAX / 2) {
            diag_error(c->diag, c->definitions[i]->statement->offset,
                       "more than %d buses without an output: write `out $ ...`", SIG_DEPTH_MAX / 2);
            break;
        }
        struct ast *const reference = make_reference(c, c->definitions[i]);
        sum = sum ? make_binary(c, AST_AUDIO_ADD, sum, reference) : reference;
        ++*n;
    }
    return sum;
}

/** LANGUAGE 2.3, automatic output. */
static void add_automatic_output(struct compiler *c)
{
    static const char *const masters[] = { "master", "out" };
    struct ast *value = NULL;
    uint32_t n;

    for (uint32_t i = 0; i < 2 && !value; i++) {
        const struct definition *const d = resolve_find(c, '~', masters[i]);
        value = d ? make_reference(c, d) : NULL;
    }
    if (!value)
        value = sum_of(c, is_numbered_bus, &n);
    if (!value) {
        value = sum_of(c, is_leaf, &n);
        if (!value)
            return;
        struct ast *const quarter = make_node(c, AST_NUMBER, value->offset);
        quarter->number = 0.25;
        quarter->ratio = PH_RATIO(1, 4);
        value = make_binary(c, AST_AUDIO_MUL, value, quarter);
    }
    struct statement *const s = arena_alloc(c->arena, sizeof *s);
    *s = (struct statement){ .kind = STATEMENT_OUT, .offset = value->offset, .value = value };
    add_output(c, s);
    diag_note(c->diag, value->offset, "no output is written: `out` is made of what is defined");
}

/* ---- evaluation ------------------------------------------------------------------------------ */

static void evaluate_once(struct compiler *c, struct definition *d, uint32_t offset)
{
    d->state = DEFINITION_EVALUATING;
    c->evaluating[c->n_evaluating++] = d;
    d->value = d->statement->value ? evaluate(c, d->statement->value, NULL, d->label)
                                   : value_error();
    d->value.offset = d->statement->value ? d->statement->value->offset : offset;
    c->n_evaluating--;
    d->state = DEFINITION_DONE;
}

/* What reads itself must be a signal: a circle of anything else has no beginning. */
static void check_feedback(struct compiler *c, struct definition *d)
{
    if (d->value.kind == VALUE_SIGNAL || d->value.kind == VALUE_ERROR)
        return;
    diag_error(c->diag, d->value.offset, "`%s` refers to itself: only a signal may, found %s",
               d->label, value_kind_name(d->value.kind));
    d->value = value_error();
}

/** A bus that reads itself is taken for one channel until it turns out to have two. */
static void evaluate_definition(struct compiler *c, struct definition *d, uint32_t offset)
{
    if (d->state == DEFINITION_DONE)
        return;
    if (d->state == DEFINITION_EVALUATING) {
        d->is_fed_back = true;
        return;
    }
    if (c->n_evaluating >= EVAL_DEPTH_MAX / 2) {
        diag_error(c->diag, offset, "more than %d definitions refer to each other in a row",
                   EVAL_DEPTH_MAX / 2);
        return;
    }
    const uint32_t n_before = c->n_evaluated, n_messages = c->diag->n_messages;
    const uint32_t n_errors = c->diag->n_errors;
    if (d->n_channels_fed_back == 0)
        d->n_channels_fed_back = 1;
    evaluate_once(c, d, offset);
    if (d->is_fed_back)
        check_feedback(c, d);
    if (d->is_fed_back && d->value.kind == VALUE_SIGNAL && d->value.signal->n_channels == 2 &&
        c->diag->n_errors == n_errors) {
        while (c->n_evaluated > n_before) /* they may have read it as one channel */
            c->evaluated[--c->n_evaluated]->state = DEFINITION_WAITING;
        diag_rewind(c->diag, n_messages);
        d->n_channels_fed_back = 2;
        evaluate_once(c, d, offset);
    }
    c->evaluated[c->n_evaluated++] = d;
}

struct value resolve_value(struct compiler *c, struct definition *d, const char *path,
                           uint32_t offset)
{
    d->referenced |= c->n_evaluating == 0 || c->evaluating[c->n_evaluating - 1] != d;
    if (d->statement->n_params > 0) {
        diag_error(c->diag, offset, "`%s` needs %u argument%s", d->label, d->statement->n_params,
                   d->statement->n_params == 1 ? "" : "s");
        return value_error();
    }
    evaluate_definition(c, d, offset);
    if (d->state == DEFINITION_EVALUATING)
        return value_of_signal(sig_bus(c, d, path, offset), offset);
    struct value v = d->value;
    v.literal = false;
    if (v.kind == VALUE_SIGNAL) {
        v = value_of_signal(sig_bus(c, d, path, offset), offset);
    } else if (v.kind == VALUE_PATTERN || v.kind == VALUE_NUMBER) {
        v.literal = d->value.literal;
        v.offset = offset;
    }
    return v;
}

void resolve_unknown(struct compiler *c, char space, const char *name, uint32_t offset)
{
    enum { SUGGESTIONS_MAX = 20, NAMES_MAX = 500 }; /* a wrong name costs some microseconds each */
    const char *names[NAMES_MAX];
    const char *near = NULL;
    uint32_t n = 0;

    if (diag_is_lost(c->diag, name))
        return; /* the error of its definition has been told */
    if (c->diag->n_errors < SUGGESTIONS_MAX) {
        for (uint32_t i = 0; i < c->n_definitions && n < NAMES_MAX; i++)
            if (c->definitions[i]->space == space || space == 0)
                names[n++] = c->definitions[i]->name;
        near = diag_nearest(name, names, n);
        if (!near && space == 0)
            near = function_nearest(name);
    }
    const char *const sigil = space == '~' ? "~" : space == '%' ? "%" : space == '@' ? "@" : "";
    if (near)
        diag_error(c->diag, offset, "nothing is called `%s%s`; did you mean `%s%s`?", sigil, name,
                   sigil, near);
    else
        diag_error(c->diag, offset, "nothing is called `%s%s`", sigil, name);
}

/* ---- voices ---------------------------------------------------------------------------------- */

static struct voice *add_voice(struct compiler *c, const char *word, uint32_t offset)
{
    struct voice *const v = arena_alloc(c->arena, sizeof *v);

    v->word = word;
    v->offset = offset;
    v->next = c->voices;
    c->voices = v;
    return v;
}

/* A synth of LANGUAGE 13 by its name, where this program can build it. */
static struct sig *builtin_voice(struct compiler *c, const char *word, uint32_t offset)
{
    const struct function *const f = function_find(word, strlen(word));
    const struct signal_row *const row = f && (f->classes & FUNCTION_SYNTH)
                                             ? signal_find(f->canonical)
                                             : NULL;
    struct sig *args[PARAMS_MAX] = { NULL };

    /* drums have a pitch of their own, the others that of an oscillator without a frequency */
    if (row && row->is_oscillator && row->params[0].initial >= 20)
        args[0] = sig_number(c, row->params[0].initial, offset);
    return row ? sig_call(c, row, args, compiler_text(c, "^%s", word), offset) : NULL;
}

struct voice *resolve_voice(struct compiler *c, const char *word, uint32_t offset)
{
    for (struct voice *v = c->voices; v; v = v->next)
        if (strcmp(v->word, word) == 0)
            return v;
    struct definition *const d =
        resolve_find(c, word[0] == '~' ? '~' : 's', word + (word[0] == '~'));
    if (!d && word[0] == '~') {
        resolve_unknown(c, '~', word + 1, offset);
        return NULL;
    }
    struct sig *const signal = d ? NULL : builtin_voice(c, word, offset);
    if (!d && !signal)
        return NULL;
    struct voice *const v = add_voice(c, word, offset);
    v->definition = d;
    v->signal = signal;
    return v;
}

struct voice *resolve_inline_voice(struct compiler *c, const char *path, struct sig *signal,
                                   uint32_t offset)
{
    enum { SHOWN_MAX = 160 };
    /* stands in no word of a string; a colon would split the word */
    char word[SHOWN_MAX + 2] = "^";
    uint64_t key = ph_hash_text(PH_HASH_START, path);

    for (uint32_t i = 0; path[i] && i < SHOWN_MAX; i++)
        word[i + 1] = path[i] == ':' || path[i] == ' ' ? '_' : path[i];
    const char *name = strlen(path) < SHOWN_MAX
                           ? compiler_text(c, "%s", word)
                           : compiler_text(c, "%s_%016llx", word, (unsigned long long)key);
    for (uint32_t i = 2; !key_set_add(c->arena, &c->voice_names, ph_hash_text(key, name)); i++)
        name = compiler_text(c, "%s_%u", word, i);
    struct voice *const v = add_voice(c, name, offset);
    v->signal = signal;
    return v;
}

/* ---- statements ------------------------------------------------------------------------------ */

void resolve_statements(struct compiler *c, const struct program_ast *program)
{
    c->definitions = arena_alloc(c->arena, (program->n_statements + 1) * sizeof *c->definitions);
    c->outputs = arena_alloc(c->arena, (OUTPUTS_MAX + 2) * sizeof *c->outputs);
    c->evaluated = arena_alloc(c->arena, (program->n_statements + OUTPUTS_MAX + 2) *
                                             sizeof *c->evaluated);
    find_ports(c, program);
    for (uint32_t i = 0; i < program->n_statements; i++) {
        const struct statement *const s = &program->statements[i];
        if (space_of(s->kind))
            define(c, s);
        else if (s->kind == STATEMENT_OUT || s->kind == STATEMENT_ON || s->kind == STATEMENT_OUTN)
            add_output(c, s);
    }
    const uint32_t n_written = c->n_outputs;
    for (uint32_t i = 0; i < c->n_definitions; i++)
        if (c->definitions[i]->space != '@' && c->definitions[i]->space != 'f' &&
            c->definitions[i]->statement->n_params == 0)
            evaluate_definition(c, c->definitions[i], c->definitions[i]->statement->offset);
    if (n_written == 0 && c->diag->n_errors == 0)
        add_automatic_output(c);
    for (uint32_t i = 0; i < c->n_outputs; i++)
        evaluate_definition(c, c->outputs[i], c->outputs[i]->statement->offset);
    for (uint32_t i = 0; i < program->n_statements; i++)
        if (program->statements[i].kind == STATEMENT_COMMAND)
            set_output_state(c, &program->statements[i]);
    feedback_find(c);
}
