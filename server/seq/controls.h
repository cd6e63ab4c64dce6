/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/controls.h - the controls of an event by number: names are looked up once.          */
/* room: sequencer thread.                                                                        */
#ifndef SERVER_SEQ_CONTROLS_H
#define SERVER_SEQ_CONTROLS_H

#include "protocol/voice.h"
#include "server/nrt/synth.h"
#include "server/pattern/pattern.h"
#include "server/seq/builtin.h"

/** Controls that voices.c knows: those of events first, then those that only definitions have. */
#define SEQ_CONTROLS(C)                                                                            \
    C(S, "s") C(N, "n") C(NOTE, "note") C(UP, "up") C(SPEED, "speed") C(UNIT, "unit")              \
    C(ACCELERATE, "accelerate") C(DUR, "dur") C(LEGATO, "legato") C(CUT, "cut")                    \
    C(GAIN, PH_VOICE_GAIN) C(PAN, PH_VOICE_PAN) C(ATTACK, PH_VOICE_ATTACK)                         \
    C(DECAY, PH_VOICE_DECAY) C(SUSTAIN, PH_VOICE_SUSTAIN) C(HOLD, PH_VOICE_HOLD)                   \
    C(RELEASE, PH_VOICE_RELEASE) C(BEGIN, SEQ_SAMPLE_BEGIN) C(END, SEQ_SAMPLE_END)                 \
    C(LOOP, SEQ_SAMPLE_LOOP) C(OUT, PH_VOICE_OUT) C(RATIO, PH_VOICE_RATIO)                         \
    C(SPAN, PH_VOICE_SPAN) C(BASE, PH_VOICE_BASE) C(BUFFER, SEQ_SAMPLE_BUFFER)                     \
    C(RATE, SEQ_SAMPLE_RATE) C(RATE_END, SEQ_SAMPLE_RATE_END) C(SECONDS, SEQ_SAMPLE_SECONDS)       \
    C(SEGMENTS, "segments") C(TIMES, "times") C(CURVE, "curve") C(CURVE_FROM, "curvefrom")         \
    C(CURVE_TO, "curveto") C(CURVE_TIME, "curvetime") C(STAGES, PH_VOICE_STAGES)

#define SEQ_CONTROL_ENUM(id, name) SEQ_##id,
#define SEQ_EFFECT_ENUM(id, name, low, high, neutral) SEQ_##id,
enum seq_control {
    SEQ_CONTROLS(SEQ_CONTROL_ENUM) PH_VOICE_EFFECTS(SEQ_EFFECT_ENUM) SEQ_CONTROL_COUNT,
    SEQ_FIRST_EFFECT = SEQ_CONTROL_COUNT - PH_VOICE_EFFECT_COUNT
};
#undef SEQ_EFFECT_ENUM
#undef SEQ_CONTROL_ENUM

/** What an event says, by number of the control. */
struct seq_values {
    const struct ph_value *values[SEQ_CONTROL_COUNT]; /* NULL: nothing */
    double numbers[SEQ_CONTROL_COUNT];                /* where `has` has its bit */
    uint64_t has;                                     /* bits: finite numbers */
    uint32_t n_others;                                /* controls that aren't in the table */
};

/** An envelope of any segments: see PH_VOICE_STAGES. */
struct seq_stages {
    uint32_t n;
    double first_level, bend;
    struct {
        double level, frames;
    } list[PH_VOICE_STAGES_MAX];
};

/** What a voice's definition is to be set to. */
struct seq_settings {
    float values[SEQ_CONTROL_COUNT];
    uint64_t set; /* bits */
};

static inline void seq_set(struct seq_settings *s, enum seq_control control, float value)
{
    s->values[control] = value;
    s->set |= UINT64_C(1) << control;
}

/** Names and their numbers. Used by one thread at a time. */
struct seq_control_table;
PH_NODISCARD ph_status seq_control_table_new(struct nrt_symbols *symbols,
                                             struct seq_control_table **out);
void seq_control_table_free(struct seq_control_table *table); /* accepts NULL */

/** A value as a number; false, and `out` as it was, for words and for what isn't finite. */
bool seq_number_of(const struct ph_value *value, double *out);

/** A bare value is a sound where it is a word, else a pitch. */
void seq_values_read(struct seq_control_table *table, const struct pat_value *value,
                     struct seq_values *out);

/** Sets what the synth's definition has, first the event's other controls by their names. */
void seq_settings_apply(struct seq_control_table *table, const struct seq_settings *settings,
                        const struct pat_value *value, uint32_t n_others, struct rt_synth *synth);
/** Number of a definition's control, or -1. */
int32_t seq_def_control(const struct seq_control_table *table, const struct rt_def *def,
                        enum seq_control control);

#endif
