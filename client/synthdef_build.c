/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/synthdef_build.c - signal nodes -> SynthDefs, buses, nodes and players of the program.  */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/functions/make.h"
#include "client/value.h"
#include "protocol/units.h"
#include "protocol/voice.h"

#define DEFAULT_VOICE "default"

static const double step_smoothing_seconds = 0.001; /* LANGUAGE 4.2 */
static const double gate_ramp_seconds = 0.002;

static struct wires lower(struct unit_build *u, struct sig *s);
static void build_definition(struct compiler *c, struct definition *d);

/* ---- records of the program ------------------------------------------------------------------ */

static void *grow(void *array, uint32_t n, uint32_t *space, size_t size)
{
    if (n < *space)
        return array;
    *space = *space ? 2 * *space : 16;
    void *const larger = realloc(array, *space * size);
    if (!larger) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    memset((char *)larger + n * size, 0, (*space - n) * size);
    return larger;
}

static char *copied(const char *text)
{
    char *const copy = strdup(text);

    if (!copy) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return copy;
}

static void add_bus(struct compiler *c, const char *name, uint32_t n_channels)
{
    struct ph_program *const p = c->out;

    p->buses = grow(p->buses, p->n_buses, &c->buses_space, sizeof *p->buses);
    p->buses[p->n_buses++] = (struct ph_program_bus){ copied(name), n_channels };
}

static void add_node(struct compiler *c, struct ph_program_node node)
{
    struct ph_program *const p = c->out;

    p->nodes = grow(p->nodes, p->n_nodes, &c->nodes_space, sizeof *p->nodes);
    p->nodes[p->n_nodes++] = node;
}

static void node_control(struct ph_program_node *node, const char *control, const char *bus)
{
    struct ph_program_control *const controls =
        realloc(node->controls, (node->n_controls + 1) * sizeof *controls);

    if (!controls) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    node->controls = controls;
    controls[node->n_controls++] = (struct ph_program_control){ copied(control), copied(bus), 0 };
}

static void add_def(struct compiler *c, const char *name, struct ph_build *b)
{
    struct ph_program *const p = c->out;
    struct ph_synthdef def;
    const ph_status status = ph_build_end(b, &def);

    if (status != PH_OK) {
        diag_error(c->diag, 0, "%s: %s", name, ph_status_text(status));
        return;
    }
    p->defs = grow(p->defs, p->n_defs, &c->defs_space, sizeof *p->defs);
    p->defs[p->n_defs++] = (struct ph_program_def){ copied(name), 0, def };
}

/* Names of nodes and players are places in the program; equal ones are numbered. */
static const char *record_name(struct compiler *c, const char *path, const char *what)
{
    enum { PATH_SHOWN_MAX = 180 };
    const uint64_t whole = ph_hash_text(PH_HASH_START, path);
    const char *const base = strlen(path) <= PATH_SHOWN_MAX
                                 ? compiler_text(c, "%s%s", path, what)
                                 : compiler_text(c, "%.*s %016llx%s", PATH_SHOWN_MAX, path,
                                                 (unsigned long long)whole, what);

    for (uint32_t i = 1;; i++) {
        const char *const name = i == 1 ? base : compiler_text(c, "%s %u", base, i);
        if (key_set_add(c->arena, &c->record_names, ph_hash_text(PH_HASH_START, name)))
            return name;
    }
}

static struct ph_program_player *add_player(struct compiler *c, const char *name,
                                            enum ph_player_kind kind, const char *node)
{
    struct ph_program *const p = c->out;

    p->players = grow(p->players, p->n_players, &c->players_space, sizeof *p->players);
    struct ph_program_player *const player = &p->players[p->n_players++];
    *player = (struct ph_program_player){ .name = copied(name), .kind = kind,
                                          .node = copied(node) };
    return player;
}

/** A group for voices and the player that fills it; the voices write to `bus`. */
static void add_events(struct compiler *c, struct pat *pattern, const char *path, const char *bus)
{
    struct ph_pattern_code code;

    if (!pattern_compile(c, pattern, c->source->tidal ? PAT_TYPED : PAT_WORDS, &code))
        return;
    const char *const group = record_name(c, path, " voices");
    add_node(c, (struct ph_program_node){ .name = copied(group), .bus = copied(bus) });
    struct ph_program_player *const player =
        add_player(c, record_name(c, path, " events"), PH_PLAYER_EVENTS, group);
    player->code = code;
    if (pattern->flags & PAT_DEFAULT_VOICE) {
        player->default_def = copied(DEFAULT_VOICE);
        c->needs_default_voice = true;
    }
}

/* ---- signal nodes to units ------------------------------------------------------------------- */

static struct wires one_wire(struct ph_input in)
{
    return (struct wires){ 1, { in, in } };
}

static void refuse_in_voice(struct unit_build *u, const struct sig *s, const char *what)
{
    if (!u->failed)
        diag_error(u->c->diag, s->offset, "%s inside a voice is not supported yet", what);
    u->failed = true;
}

static struct wires lower_bus(struct unit_build *u, struct sig *s)
{
    struct definition *const d = s->definition;

    if (u->is_voice) {
        refuse_in_voice(u, s, "a reference to a signal bus");
        return one_wire(unit_const(u, 0));
    }
    build_definition(u->c, d);
    const struct ph_input number = ph_build_control(&u->b, d->label, 0, PH_CONTROL);
    node_control(u->node, d->label, d->label);
    const struct ph_input in = unit_make(u, "In", s->n_channels, &number, 1);
    return (struct wires){ s->n_channels, { in, { in.unit, in.output + s->n_channels - 1 } } };
}

static struct wires lower_events(struct unit_build *u, struct sig *s)
{
    if (u->is_voice) {
        refuse_in_voice(u, s, "a pattern of sound events");
        return one_wire(unit_const(u, 0));
    }
    const char *const bus = record_name(u->c, s->path, " mix");
    add_bus(u->c, bus, 2);
    add_events(u->c, s->pattern, s->path, bus);
    const struct ph_input number = ph_build_control(&u->b, bus, 0, PH_CONTROL);
    node_control(u->node, bus, bus);
    const struct ph_input in = unit_make(u, "In", 2, &number, 1);
    return (struct wires){ 2, { in, { in.unit, in.output + 1 } } };
}

static uint64_t control_key(const char *name)
{
    return ph_hash_text(ph_hash_text(PH_HASH_START, "control "), name);
}

/* A control's name is its place behind the definition's own name. */
static const char *control_name(struct unit_build *u, const char *path)
{
    enum { CONTROL_SHOWN_MAX = 100 };
    const char *const slash = strchr(path, '/');
    const char *base = slash ? slash + 1 : path;

    if (strlen(base) > CONTROL_SHOWN_MAX)
        base = compiler_text(u->c, "%016llx",
                             (unsigned long long)ph_hash_text(PH_HASH_START, path));
    for (uint32_t i = 1;; i++) {
        const char *const name = i == 1 ? base : compiler_text(u->c, "%s %u", base, i);
        if (key_set_add(u->c->arena, &u->keys, control_key(name)))
            return name;
    }
}

static bool context_gates(enum sig_context context)
{
    return context == CONTEXT_PITCH || context == CONTEXT_FILTER_HZ;
}

static struct ph_input smoothed(struct unit_build *u, struct ph_input in, double seconds)
{
    const struct ph_input inputs[] = { in, unit_const(u, seconds) };
    return unit_make(u, "Lag", 1, inputs, 2);
}

/* First wire: the value. Second wire of a gating context: 1 while an event sounds, else 0. */
static struct wires lower_steps(struct unit_build *u, struct sig *s)
{
    struct ph_pattern_code code;

    if (u->is_voice) {
        refuse_in_voice(u, s, "a control pattern");
        return one_wire(unit_const(u, 0));
    }
    const bool to_hz = context_gates(s->context) || s->context == CONTEXT_AUDIO;
    struct pat *const pattern =
        s->strikes ? evaluate_strikes(u->c, s->pattern, s->offset) : s->pattern;
    if (!pattern || !pattern_compile(u->c, pattern, PAT_NOTES, &code)) {
        u->failed = true;
        return one_wire(unit_const(u, 0));
    }
    const char *const name = control_name(u, s->path);
    struct ph_program_player *const player =
        add_player(u->c, record_name(u->c, s->path, ""), PH_PLAYER_STEPS, u->node->name);
    player->code = code;
    player->control = copied(name);
    player->notes_as_hz = to_hz;
    player->rest = s->context == CONTEXT_FACTOR || s->context == CONTEXT_TERM ? PH_REST_ZERO
                                                                              : PH_REST_HOLD;
    struct ph_input value = ph_build_control(&u->b, name, (float)s->number, PH_AUDIO);
    u->seed = ph_hash_text(PH_HASH_START, s->path);
    if (s->context == CONTEXT_FILTER_HZ || s->context == CONTEXT_GAIN)
        value = smoothed(u, value, step_smoothing_seconds);
    struct wires w = one_wire(value);
    if (context_gates(s->context)) {
        const char *const gate = compiler_text(u->c, "%s gate", name);
        player->gate = copied(gate);
        w.at[1] = smoothed(u, ph_build_control(&u->b, gate, 0, PH_AUDIO), gate_ramp_seconds);
    }
    return w;
}

static struct ph_input lower_operator(struct unit_build *u, enum ast_op op, struct ph_input a,
                                      struct ph_input b)
{
    switch (op) {
    case AST_SUB:
        return unit_binary(u, PH_BINARY_SUB, a, b);
    case AST_MUL:
        return unit_binary(u, PH_BINARY_MUL, a, b);
    case AST_DIV: { /* a b / (b^2 + 1e-9): LANGUAGE 8 */
        const struct ph_input square = unit_binary(u, PH_BINARY_MUL, b, b);
        const struct ph_input below = unit_binary(u, PH_BINARY_ADD, square, unit_const(u, 1e-9));
        return unit_binary(u, PH_BINARY_MUL, a, unit_binary(u, PH_BINARY_FDIV, b, below));
    }
    default:
        return unit_binary(u, PH_BINARY_ADD, a, b);
    }
}

static struct wires lower_binary(struct unit_build *u, struct sig *s)
{
    const struct wires a = lower(u, s->args[0]), b = lower(u, s->args[1]);
    struct wires w = { s->n_channels, { { -1, 0 }, { -1, 0 } } };

    for (uint32_t i = 0; i < w.n; i++)
        w.at[i] = lower_operator(u, s->op, a.at[i < a.n ? i : a.n - 1], b.at[i < b.n ? i : b.n - 1]);
    return w;
}

static struct wires missing_argument(struct unit_build *u, const struct signal_param *param)
{
    if (param->context != CONTEXT_PITCH)
        return one_wire(unit_const(u, param->initial));
    if (u->is_voice)
        return one_wire(
            unit_binary(u, PH_BINARY_MUL, unit_const(u, SIGNAL_BASE_HZ), u->ratio));
    return one_wire(unit_const(u, param->initial)); /* 12.1: 1 Hz */
}

/* Ranges of LANGUAGE's {} for moving values; frequencies are clamped by the filters themselves. */
static struct wires limited(struct unit_build *u, const struct signal_param *param, struct wires w)
{
    double value;

    if (param->low >= param->high)
        return w;
    for (uint32_t i = 0; i < w.n; i++)
        if (unit_is_const(u, w.at[i], &value)) {
            value = value < param->low ? param->low : value > param->high ? param->high : value;
            w.at[i] = unit_const(u, value);
        } else {
            w.at[i] = unit_binary(u, PH_BINARY_MAX, w.at[i], unit_const(u, param->low));
            w.at[i] = unit_binary(u, PH_BINARY_MIN, w.at[i], unit_const(u, param->high));
        }
    return w;
}

static struct wires lower_argument(struct unit_build *u, const struct signal_param *param,
                                   struct sig *arg)
{
    double value = 0;

    if (!arg || (u->is_voice && !param->name[0])) /* a voice is struck once, by its start */
        return missing_argument(u, param);
    struct wires w = lower(u, arg);
    for (uint32_t i = 0; u->is_voice && param->context == CONTEXT_PITCH && i < w.n; i++)
        if (!unit_is_const(u, w.at[i], &value) || value >= 20) /* 10.5: not the LFOs */
            w.at[i] = unit_binary(u, PH_BINARY_MUL, w.at[i], u->ratio);
    return limited(u, param, w);
}

static struct wires lower_call(struct unit_build *u, struct sig *s)
{
    const struct signal_row *const row = s->row;
    struct wires args[PARAMS_MAX], w = { 1, { { -1, 0 }, { -1, 0 } } };
    struct ph_input gates[PARAMS_MAX];
    uint32_t n_gates = 0;

    for (uint32_t i = 0; i < row->n_params; i++) {
        args[i] = lower_argument(u, &row->params[i], s->args[i]);
        if (s->args[i] && s->args[i]->kind == SIG_STEPS && context_gates(s->args[i]->context) &&
            !u->is_voice)
            gates[n_gates++] = (struct ph_input){ s->args[i]->wires[1], s->args[i]->outputs[1] };
        if (args[i].n > w.n)
            w.n = args[i].n;
    }
    u->sig = s;
    u->seed = ph_hash_text(ph_hash_text(PH_HASH_START, s->path), row->name);
    if (row->stereo) {
        row->stereo(u, args, &w);
    } else {
        for (uint32_t i = 0; i < w.n; i++) {
            struct ph_input channel[PARAMS_MAX + 1];
            for (uint32_t p = 0; p < row->n_params; p++)
                channel[p] = args[p].at[i < args[p].n ? i : args[p].n - 1];
            w.at[i] = row->mono(u, channel);
        }
    }
    for (uint32_t i = 0; i < w.n; i++)
        for (uint32_t g = 0; g < n_gates; g++)
            w.at[i] = unit_binary(u, PH_BINARY_MUL, w.at[i], gates[g]);
    return w;
}

static struct wires lower(struct unit_build *u, struct sig *s)
{
    struct wires w;

    if (s->wire_stamp == u->stamp) {
        w.n = s->n_wires;
        for (uint32_t i = 0; i < 2; i++)
            w.at[i] = (struct ph_input){ s->wires[i], s->outputs[i] };
        return w;
    }
    u->sig = s;
    u->seed = ph_hash_text(PH_HASH_START, s->path);
    switch (s->kind) {
    case SIG_BUS:
        w = lower_bus(u, s);
        break;
    case SIG_STEPS:
        w = lower_steps(u, s);
        break;
    case SIG_EVENTS:
        w = lower_events(u, s);
        break;
    case SIG_CALL:
        w = lower_call(u, s);
        break;
    case SIG_BINARY:
        w = lower_binary(u, s);
        break;
    default:
        w = one_wire(unit_const(u, s->number));
        break;
    }
    s->wire_stamp = u->stamp;
    s->n_wires = (uint8_t)w.n;
    for (uint32_t i = 0; i < 2; i++) {
        s->wires[i] = w.at[i].unit;
        s->outputs[i] = w.at[i].output;
    }
    return w;
}

/* ---- definitions ----------------------------------------------------------------------------- */

static struct ph_input as_audio(struct unit_build *u, struct ph_input in)
{
    if (in.unit != -1)
        return in;
    return unit_make(u, "DC", 1, &in, 1);
}

static void discard_build(struct ph_build *b)
{
    struct ph_synthdef def;

    if (ph_build_end(b, &def) == PH_OK)
        ph_synthdef_finish(&def);
}

static void free_node(struct ph_program_node *node)
{
    for (uint32_t i = 0; i < node->n_controls; i++) {
        free(node->controls[i].control);
        free(node->controls[i].bus);
    }
    free(node->controls);
    free(node->name);
    free(node->def);
    free(node->bus);
}

/** One lasting synth: `signal` written to `bus` on `n_channels` channels. */
static void build_synth(struct compiler *c, const char *label, struct sig *signal, const char *bus,
                        uint32_t n_channels)
{
    const char *const def_name = compiler_text(c, "$%s", label); /* no word of `s` can be that */
    struct ph_program_node node = { .name = copied(label), .def = copied(def_name) };
    struct unit_build u = { .c = c, .node = &node, .stamp = ++c->stamp };

    ph_build_begin(&u.b, def_name);
    node_control(&node, PH_VOICE_OUT, bus);
    key_set_add(c->arena, &u.keys, control_key(PH_VOICE_OUT));
    struct ph_input out[3] = { ph_build_control(&u.b, PH_VOICE_OUT, 0, PH_CONTROL) };
    const struct wires w = lower(&u, signal);
    u.seed = ph_hash_text(PH_HASH_START, label);
    for (uint32_t i = 0; i < n_channels; i++)
        out[1 + i] = as_audio(&u, w.at[i < w.n ? i : w.n - 1]);
    ph_build_unit(&u.b, "Out", PH_AUDIO, 0, 0, out, 1 + n_channels, 0);
    if (u.failed) {
        discard_build(&u.b);
        free_node(&node);
        return;
    }
    add_def(c, def_name, &u.b);
    add_node(c, node);
}

static void build_definition(struct compiler *c, struct definition *d)
{
    if (d->is_built)
        return;
    d->is_built = true;
    if (c->build_depth >= BUSES_DEEP_MAX) {
        diag_error(c->diag, d->statement->offset, "more than %d signal buses read each other in a "
                   "row", BUSES_DEEP_MAX);
        return;
    }
    c->build_depth++;
    add_bus(c, d->label, d->value.signal->n_channels);
    build_synth(c, d->label, d->value.signal, d->label, d->value.signal->n_channels);
    c->build_depth--;
}

/* ---- voices ---------------------------------------------------------------------------------- */

/* Frequency of the first oscillator, left to right, that is no LFO: LANGUAGE 10.5. */
static bool find_base(const struct sig *s, double *base_hz, uint32_t depth)
{
    if (!s || depth == 0)
        return false;
    if (s->kind == SIG_BUS)
        return find_base(s->definition->value.signal, base_hz, depth - 1);
    if (s->kind == SIG_CALL && s->row->is_oscillator) {
        const struct sig *const freq = s->args[0];
        if (!freq || freq->kind == SIG_NUMBER) {
            *base_hz = freq ? freq->number : SIGNAL_BASE_HZ;
            if (*base_hz >= 20)
                return true;
        }
    }
    for (uint32_t i = 0; i < s->n_args; i++)
        if (find_base(s->args[i], base_hz, depth - 1))
            return true;
    return false;
}

static struct sig *voice_signal(struct compiler *c, struct voice *v)
{
    if (v->signal)
        return v->signal;
    const struct value value = resolve_value(c, v->definition, v->definition->label, v->offset);
    if (value.kind == VALUE_ERROR)
        return NULL;
    if (value.kind != VALUE_SIGNAL) {
        diag_error(c->diag, v->offset, "`%s` holds %s: playing it as a voice is not supported yet",
                   v->word, value_kind_name(value.kind));
        return NULL;
    }
    return v->definition->value.signal;
}

static void build_voice(struct compiler *c, const char *word, struct sig *signal)
{
    struct unit_build u = { .c = c, .is_voice = true, .stamp = ++c->stamp };
    double base_hz = SIGNAL_BASE_HZ;

    ph_build_begin(&u.b, word);
    find_base(signal, &base_hz, SIG_DEPTH_MAX);
    u.ratio = ph_voice_ratio(&u.b, (float)base_hz);
    const struct wires w = lower(&u, signal);
    ph_voice_end(&u.b, as_audio(&u, w.at[0]), as_audio(&u, w.at[w.n - 1]), PH_VOICE_ATTACK_SECONDS,
                 PH_VOICE_RELEASE_SECONDS);
    if (u.failed)
        discard_build(&u.b);
    else
        add_def(c, word, &u.b);
}

static void build_default_voice(struct compiler *c)
{
    struct sig *args[PARAMS_MAX] = { NULL };
    struct sig *const sine = sig_call(c, signal_find("sine"), args, DEFAULT_VOICE, 0);

    if (sine)
        build_voice(c, DEFAULT_VOICE, sine);
}

static void build_voices(struct compiler *c)
{
    for (struct voice *v = c->voices; v; v = v->next) {
        if (!v->used || v->built)
            continue;
        v->built = true;
        struct sig *const signal = voice_signal(c, v);
        if (signal)
            build_voice(c, v->word, signal);
    }
    if (c->needs_default_voice)
        build_default_voice(c);
}

/* ---- outputs --------------------------------------------------------------------------------- */

static void build_output(struct compiler *c, const struct definition *d)
{
    struct value v = d->value;

    if (v.kind == VALUE_NUMBER && v.number == 0)
        return;
    if (v.kind == VALUE_PATTERN && (v.literal || pattern_is_playable(v.pattern)))
        v = value_events(c, v, v.literal);
    if (v.kind == VALUE_EVENTS) {
        add_events(c, v.pattern, d->label, PH_BUS_MAIN);
        return;
    }
    struct sig *const signal = value_signal(c, v, CONTEXT_AUDIO, 0, d->label);
    if (signal)
        build_synth(c, d->label, signal, PH_BUS_MAIN, 2);
}

void build_outputs(struct compiler *c)
{
    for (uint32_t i = 0; i < c->n_outputs; i++)
        build_output(c, c->outputs[i]);
    build_voices(c);
}
