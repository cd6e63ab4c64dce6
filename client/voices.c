/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/voices.c - definitions of voices: LANGUAGE 10.5 and 10.6.                               */
#include <string.h>

#include "client/build.h"
#include "protocol/voice.h"

/* Frequency of the first oscillator, left to right, that is no LFO: LANGUAGE 10.5. */
static bool find_base(const struct sig *s, double *base_hz, uint32_t depth)
{
    if (!s || depth == 0)
        return false;
    if (s->kind == SIG_BUS) /* shared, so of no pitch of its own */
        return false;
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

/* Events of its own: not those of the buses it reads. */
static bool has_events(const struct compiler *c, struct sig *s)
{
    if (!s || s->kind == SIG_BUS || !(s->flags & SIG_HAS_EVENTS))
        return false;
    if (s->kind == SIG_EVENTS)
        return true;
    if (s->group_stamp == c->stamp) /* searched: it had none */
        return false;
    s->group_stamp = c->stamp;
    for (uint32_t i = 0; i < s->n_args; i++)
        if (has_events(c, s->args[i]))
            return true;
    return false;
}

/* 10.6: what plays by itself runs on; the voice is a gate on it. */
static struct sig *running_bus(struct compiler *c, struct definition *d, struct value value,
                               uint32_t offset)
{
    struct definition *running = d;

    if (value.kind != VALUE_SIGNAL) {
        running = arena_alloc(c->arena, sizeof *running);
        *running = *d;
        running->state = DEFINITION_DONE;
        running->value = value_of_signal(
            value_signal(c, value, CONTEXT_AUDIO, 0, d->label), value.offset);
        if (running->value.kind == VALUE_ERROR)
            return NULL;
    }
    return sig_bus(c, running, d->label, offset);
}

static struct sig *voice_signal(struct compiler *c, struct voice *v)
{
    if (v->signal)
        return v->signal;
    struct value value = resolve_value(c, v->definition, v->definition->label, v->offset);
    if (value.kind == VALUE_EFFECT || value.kind == VALUE_TRANSFORM) {
        diag_error(c->diag, v->offset, "`%s` is %s: a voice needs something that sounds", v->word,
                   value_kind_name(value.kind));
        return NULL;
    }
    if (value.kind == VALUE_NUMBER || value.kind == VALUE_ERROR)
        return value_signal(c, value, CONTEXT_AUDIO, 0, v->definition->label);
    c->stamp++;
    if (value.kind != VALUE_SIGNAL || has_events(c, v->definition->value.signal))
        return running_bus(c, v->definition, value, v->offset);
    return v->definition->value.signal;
}

static void build_voice(struct compiler *c, const char *word, struct sig *signal)
{
    struct ph_program_node bound = { 0 }; /* whatever buses it reads */
    struct unit_build u = { .c = c, .is_voice = true, .node = &bound, .stamp = ++c->stamp };
    double base_hz = SIGNAL_BASE_HZ;

    ph_build_begin(&u.b, word);
    find_base(signal, &base_hz, SIG_DEPTH_MAX);
    u.ratio = ph_voice_ratio(&u.b, (float)base_hz);
    const struct wires w = build_lower(&u, signal);
    ph_voice_end_effects(&u.b, build_audio(&u, w.at[0]), build_audio(&u, w.at[w.n - 1]),
                         PH_VOICE_ATTACK_SECONDS, PH_VOICE_RELEASE_SECONDS, c->voice_effects);
    build_finish_voice(c, &u, word);
}

static void build_default_voice(struct compiler *c)
{
    struct sig *args[PARAMS_MAX] = { NULL };
    struct sig *const sine = sig_call(c, signal_find("sine"), args, BUILD_DEFAULT_VOICE, 0);

    if (sine)
        build_voice(c, BUILD_DEFAULT_VOICE, sine);
}

void build_voices(struct compiler *c)
{
    for (struct voice *v = c->voices; v; v = v->next) {
        if (!v->used || v->built)
            continue;
        v->built = true;
        struct sig *const signal = voice_signal(c, v);
        if (signal)
            build_voice(c, v->word, signal);
    }
    if (c->needs_default_voice && !c->has_default_voice)
        build_default_voice(c);
    c->has_default_voice |= c->needs_default_voice;
}

