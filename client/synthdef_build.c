/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/synthdef_build.c - lasting synths, players and outputs of the program.                  */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/build.h"
#include "protocol/units.h"
#include "protocol/voice.h"

void build_events(struct compiler *c, struct pat *pattern, const char *path, const char *bus)
{
    struct ph_pattern_code code;

    if (!pattern_compile(c, pattern, c->source->tidal ? PAT_TYPED : PAT_WORDS, &code))
        return;
    build_voices(c); /* what they read is written before them */
    const char *const group = build_name(c, path, " voices");
    build_add_node(c, (struct ph_program_node){ .name = build_copied(group), .bus = build_copied(bus) });
    struct ph_program_player *const player =
        build_add_player(c, build_name(c, path, " events"), PH_PLAYER_EVENTS, group);
    player->code = code;
    if (pattern->flags & PAT_DEFAULT_VOICE) {
        player->default_def = build_copied(BUILD_DEFAULT_VOICE);
        c->needs_default_voice = true;
    }
}

void build_synth(struct compiler *c, const char *label, struct sig *signal, const char *bus,
                 uint32_t n_channels)
{
    const char *const def_name = compiler_text(c, "$%s", label); /* no word of `s` can be that */
    struct ph_program_node node = { .name = build_copied(label), .def = build_copied(def_name) };
    struct unit_build u = { .c = c, .node = &node, .stamp = ++c->stamp };

    ph_build_begin(&u.b, def_name);
    build_node_control(&node, PH_VOICE_OUT, bus);
    key_set_add(c->arena, &u.keys, build_control_key(PH_VOICE_OUT));
    struct ph_input out[3] = { ph_build_control(&u.b, PH_VOICE_OUT, 0, PH_CONTROL) };
    const struct wires w = build_lower(&u, signal);
    u.seed = ph_hash_text(PH_HASH_START, label);
    const uint32_t n_wires = signal->kind == SIG_STEPS ? 2 : w.n; /* value and gate */
    for (uint32_t i = 0; i < n_channels; i++)
        out[1 + i] = build_audio(&u, w.at[i < n_wires ? i : n_wires - 1]);
    ph_build_unit(&u.b, "Out", PH_AUDIO, 0, 0, out, 1 + n_channels, 0);
    build_finish_node(c, &u, def_name);
}

/* ---- feedback: LANGUAGE 5.4 ------------------------------------------------------------------ */

/* Marks what somebody of the group hears late; those are fed back. */
static void mark_late(struct compiler *c, struct feedback_group *g, const struct definition *reader,
                      struct sig *s)
{
    if (!s || s->group_stamp == c->stamp)
        return;
    s->group_stamp = c->stamp;
    if (s->kind == SIG_BUS && feedback_is_late(reader, s->definition) &&
        s->definition->feedback_output < 0) {
        s->definition->feedback_output = (int32_t)g->n_channels;
        g->n_channels += s->definition->value.signal->n_channels;
    }
    for (uint32_t i = 0; i < s->n_args; i++)
        mark_late(c, g, reader, s->args[i]);
}

/* What reads no bus of the group runs block by block, before the loop. */
static void lower_outside(struct unit_build *u, struct sig *s, const struct feedback_group *g)
{
    if (!s || s->kind == SIG_NUMBER || s->kind == SIG_TEXT)
        return;
    if (!feedback_reads(u->c, s, g)) {
        build_lower(u, s);
        return;
    }
    for (uint32_t i = 0; i < s->n_args; i++)
        lower_outside(u, s->args[i], g);
}

static void lower_loop(struct unit_build *u, const struct feedback_group *g, struct wires *made)
{
    struct ph_input *const back = arena_alloc(u->c->arena, g->n_channels * sizeof *back);

    u->sig = NULL;
    u->seed = ph_hash_text(PH_HASH_START, g->members[0]->label);
    u->fed_back = unit_make(u, "FeedbackIn", g->n_channels, NULL, 0);
    for (uint32_t i = 0; i < g->n; i++) {
        u->reader = g->members[i];
        made[i] = build_lower(u, g->members[i]->value.signal);
    }
    for (uint32_t i = 0; i < g->n; i++)
        for (uint32_t k = 0; k < made[i].n && g->members[i]->feedback_output >= 0; k++)
            back[(uint32_t)g->members[i]->feedback_output + k] = build_audio(u, made[i].at[k]);
    ph_build_unit(&u->b, "FeedbackOut", PH_AUDIO, 0, 0, back, g->n_channels, 0);
}

/* Each member writes to its own bus, as it would alone. */
static void write_members(struct unit_build *u, const struct feedback_group *g,
                          const struct wires *made)
{
    for (uint32_t i = 0; i < g->n; i++) {
        const struct definition *const d = g->members[i];
        const char *const control =
            i == 0 ? PH_VOICE_OUT : compiler_text(u->c, PH_VOICE_OUT " %s", d->label);
        struct ph_input out[3] = { ph_build_control(&u->b, control, 0, PH_CONTROL) };
        build_node_control(u->node, control, d->label);
        for (uint32_t k = 0; k < made[i].n; k++)
            out[1 + k] = build_audio(u, made[i].at[k]);
        ph_build_unit(&u->b, "Out", PH_AUDIO, 0, 0, out, 1 + made[i].n, 0);
    }
}

/** One lasting synth for all: they hear each other frame by frame. */
static void build_group(struct compiler *c, struct feedback_group *g)
{
    const char *const label = g->members[0]->label;
    const char *const def_name = compiler_text(c, "$%s", label);
    struct wires *const made = arena_alloc(c->arena, g->n * sizeof *made);
    struct ph_program_node node = { .name = build_copied(label), .def = build_copied(def_name) };

    for (uint32_t i = 0; i < g->n; i++) {
        build_add_bus(c, g->members[i]->label, g->members[i]->value.signal->n_channels);
        g->members[i]->is_built = true;
        g->members[i]->feedback_output = -1;
    }
    for (uint32_t i = 0; i < g->n; i++) {
        c->stamp++;
        mark_late(c, g, g->members[i], g->members[i]->value.signal);
    }
    struct unit_build u = { .c = c, .node = &node, .stamp = ++c->stamp };
    ph_build_begin(&u.b, def_name);
    key_set_add(c->arena, &u.keys, build_control_key(PH_VOICE_OUT));
    for (uint32_t i = 0; i < g->n; i++) {
        u.reader = g->members[i];
        lower_outside(&u, g->members[i]->value.signal, g);
    }
    lower_loop(&u, g, made);
    write_members(&u, g, made);
    build_finish_node(c, &u, def_name);
}

void build_definition(struct compiler *c, struct definition *d)
{
    if (d->is_built)
        return;
    if (d->group) {
        c->build_depth++;
        build_group(c, d->group);
        c->build_depth--;
        return;
    }
    d->is_built = true;
    if (d->value.kind != VALUE_SIGNAL) /* it has turned out to be wrong since it was referred to */
        return;
    if (c->build_depth >= BUSES_DEEP_MAX) {
        diag_error(c->diag, d->statement->offset, "more than %d signal buses read each other in a "
                   "row", BUSES_DEEP_MAX);
        return;
    }
    c->build_depth++;
    build_add_bus(c, d->label, d->value.signal->n_channels);
    build_synth(c, d->label, d->value.signal, d->label, d->value.signal->n_channels);
    c->build_depth--;
}

/* ---- outputs --------------------------------------------------------------------------------- */

/* What the output's name means: a port, or the mix. */
static uint32_t port_of(const struct compiler *c, const struct definition *d)
{
    return c->has_ports && d->statement->kind == STATEMENT_OUTN ? (uint32_t)d->statement->number : 0;
}

static void build_output(struct compiler *c, const struct definition *d)
{
    const char *const bus = compiler_text(c, "> %s", d->label);
    struct value v = d->value;

    if (v.kind == VALUE_NUMBER && v.number == 0)
        return;
    build_add_output(c, (struct ph_program_output){ .name = build_copied(d->label),
                                                    .bus = build_copied(bus),
                                                    .port = port_of(c, d),
                                                    .state = d->output_state },
                     port_of(c, d) ? 1 : 2);
    if (v.kind == VALUE_PATTERN && (v.literal || pattern_is_playable(v.pattern)))
        v = value_events(c, v, v.literal);
    if (v.kind == VALUE_EVENTS && port_of(c, d) == 0) {
        build_events(c, v.pattern, d->label, bus);
        return;
    }
    struct sig *signal = value_signal(c, v, CONTEXT_AUDIO, 0, d->label);
    if (signal && port_of(c, d)) {
        struct sig *const args[PARAMS_MAX] = { signal };
        signal = sig_call(c, &unit_mono, args, compiler_text(c, "%s/mono", d->label), v.offset);
    }
    if (signal)
        build_synth(c, d->label, signal, bus, port_of(c, d) ? 1 : 2);
}

void build_outputs(struct compiler *c)
{
    for (uint32_t i = 0; i < c->n_outputs; i++)
        build_output(c, c->outputs[i]);
    build_voices(c);
}
