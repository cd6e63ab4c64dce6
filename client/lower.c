/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/lower.c - signal nodes -> units.                                                        */
#include <stdio.h>
#include <string.h>

#include "client/build.h"
#include "protocol/units.h"
#include "protocol/voice.h"

static const double step_smoothing_seconds = 0.001; /* LANGUAGE 4.2 */
static const double gate_ramp_seconds = 0.002;

struct ph_input build_audio(struct unit_build *u, struct ph_input in)
{
    if (in.unit != -1)
        return in;
    return unit_make(u, "DC", 1, &in, 1);
}

static struct wires one_wire(struct ph_input in)
{
    return (struct wires){ 1, { in, in } };
}

/* A name that no control of the def has yet: `text`, or `text` and a number. */
static const char *free_name(struct unit_build *u, const char *text)
{
    const char *name = text;

    for (uint32_t i = 2; !key_set_add(u->c->arena, &u->keys, build_control_key(name)); i++)
        name = compiler_text(u->c, "%s %u", text, i);
    return name;
}

struct ph_input unit_name(struct unit_build *u, const char *text)
{
    return ph_build_control(&u->b, free_name(u, text), 0, PH_CONTROL);
}

struct ph_input unit_sample(struct unit_build *u, const char *word, int32_t index)
{
    const char *const control =
        free_name(u, compiler_text(u->c, "sample %s:%d", word, (int)index));

    build_node_sample(u->node, control, word, index);
    return ph_build_control(&u->b, control, -1, PH_CONTROL);
}

static bool context_gates(enum sig_context context)
{
    return context == CONTEXT_PITCH || context == CONTEXT_FILTER_HZ;
}

/**
 * Channels of a program's bus; the number is a control's, so that the def is equal in any program.
 */
static struct wires read_bus(struct unit_build *u, const char *bus, uint32_t n_channels)
{
    const struct ph_input number = ph_build_control(&u->b, bus, 0, PH_CONTROL);

    build_node_control(u->node, bus, bus);
    const struct ph_input in = unit_make(u, "In", n_channels, &number, 1);
    return (struct wires){ n_channels, { in, { in.unit, in.output + (int32_t)n_channels - 1 } } };
}

/* A bus of the group that is being built: a sample late, or the wires themselves. */
static struct wires lower_looped(struct unit_build *u, struct definition *d)
{
    const struct ph_input in = { u->fed_back.unit, d->feedback_output };

    if (!feedback_is_late(u->reader, d))
        return build_lower(u, d->value.signal);
    return (struct wires){ d->value.signal->n_channels,
                           { in, { in.unit, in.output + d->value.signal->n_channels - 1 } } };
}

static struct wires lower_bus(struct unit_build *u, struct sig *s)
{
    struct definition *const d = s->definition;

    if (u->reader && u->reader->group && u->reader->group == d->group)
        return lower_looped(u, d);
    build_definition(u->c, d);
    return read_bus(u, d->label, s->n_channels);
}

static struct wires lower_events(struct unit_build *u, struct sig *s)
{
    const char *const bus = build_name(u->c, s->path, " mix");
    build_add_bus(u->c, bus, 2);
    build_events(u->c, s->pattern, s->path, bus);
    return read_bus(u, bus, 2);
}

uint64_t build_control_key(const char *name)
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
    return free_name(u, base);
}

static struct ph_input smoothed(struct unit_build *u, struct ph_input in, double seconds)
{
    const struct ph_input inputs[] = { in, unit_const(u, seconds) };
    return unit_make(u, "Lag", 1, inputs, 2);
}

/* A voice has no player of its own: the steps run beside it,
 * on a bus, and every voice reads them. */
static struct wires lower_shared_steps(struct unit_build *u, struct sig *s)
{
    if (!s->steps_bus) {
        s->steps_bus = build_name(u->c, s->path, " steps");
        build_add_bus(u->c, s->steps_bus, 2);
        build_synth(u->c, s->steps_bus, s, s->steps_bus, 2);
    }
    struct wires w = read_bus(u, s->steps_bus, 2);
    w.n = 1;
    return w;
}

/* First wire: the value. Second wire of a gating context: 1 while an event sounds, else 0. */
static struct wires lower_steps(struct unit_build *u, struct sig *s)
{
    struct ph_pattern_code code;

    if (s->pattern->flags & PAT_HAS_CHORDS) {
        diag_error(u->c->diag, s->pattern->offset, "a chord is no number: write it as the pitch of "
                   "an oscillator, or behind `# note`");
        u->failed = true;
        return one_wire(unit_const(u, 0));
    }
    if (u->is_voice)
        return lower_shared_steps(u, s);
    const bool to_hz = context_gates(s->context) || s->context == CONTEXT_AUDIO;
    struct pat *const pattern =
        s->open > 0 ? evaluate_strikes(u->c, s->pattern, s->open, s->offset) : s->pattern;
    const enum pat_mode mode = s->context == CONTEXT_VOWEL ? PAT_VOWELS : PAT_NOTES;
    if (!pattern || !pattern_compile(u->c, pattern, mode, &code)) {
        u->failed = true;
        return one_wire(unit_const(u, 0));
    }
    const char *const name = control_name(u, s->path);
    struct ph_program_player *const player =
        build_add_player(u->c, build_name(u->c, s->path, ""), PH_PLAYER_STEPS, u->node->name);
    player->code = code;
    player->control = build_copied(name);
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
        player->gate = build_copied(gate);
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
    const struct wires a = build_lower(u, s->args[0]), b = build_lower(u, s->args[1]);
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
    struct wires w = build_lower(u, arg);
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
        if (s->args[i] && s->args[i]->kind == SIG_STEPS && context_gates(s->args[i]->context))
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

struct wires build_lower(struct unit_build *u, struct sig *s)
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
    case SIG_TEXT:
        w = s->n_args ? build_lower(u, s->args[0]) : one_wire(unit_const(u, 0));
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
