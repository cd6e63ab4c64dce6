/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/voice.h - definitions that play events: sound, effects and gate in one synth.      */
/* room: command thread.                                                                          */
/*                                                                                                */
/* SuperDirt plays an event as a group: a synth for the sound, one for each effect, one for the   */
/* gate, one after the other on one bus. Here the same units are one definition, made when a set  */
/* of effects is first asked for, so that events alike play side by side.                         */
#ifndef SERVER_DIRT_VOICE_H
#define SERVER_DIRT_VOICE_H

#include "server/dirt/modules.h"
#include "server/dirt/span.h"
#include "server/nrt/synth.h"

/** What a definition is made for. All of it is its key: no padding. */
struct dirt_form {
    uint64_t modules;
    uint8_t n_channels; /* of sample or built-in synth; 0: what others put on a bus, cleared then */
    uint8_t glides;     /* the sample's speed changes */
    uint8_t stretches;  /* `timescale` */
    uint8_t follows;    /* parameters may follow buses */
    uint8_t is_routed;  /* `to`: to a bus, with a gate of straight slopes and without level */
    uint8_t synth;      /* one more than the number of a built-in synth, 0: none */
    uint8_t unused[2];
};

/** What controls are set to, beside the event's own numbers: Q(ID, name of the control). */
#define DIRT_QUANTITIES(Q)                                                                         \
    Q(OUT, "out") Q(IN, "in") Q(BUFFER, "bufnum") Q(FRAMES, "frames") Q(RATE, "readrate")          \
    Q(RATE_END, "readrateend") Q(SPEED, "speed") Q(SPEED_END, "endSpeed") Q(BEGIN, "begin")        \
    Q(END, "end") Q(SUSTAIN, "sustain") Q(FADE_IN, "fadeInTime") Q(FADE, "fadeTime")               \
    Q(FREQ, "freq") Q(PAN, "pan") Q(AMP, "amp") Q(LEVEL, "level")
#define DIRT_QUANTITY_ENUM(id, name) DIRT_Q_##id,
enum dirt_quantity {
    DIRT_QUANTITIES(DIRT_QUANTITY_ENUM) DIRT_Q_FORMANTS,
    DIRT_QUANTITY_COUNT = DIRT_Q_FORMANTS + 3 * DIRT_FORMANTS /* hz, rq, gain of each */
};
#undef DIRT_QUANTITY_ENUM

struct dirt_values {
    float list[DIRT_QUANTITY_COUNT];
    bool has_pitch; /* without, a synth plays its definition's own, as in SuperDirt */
};

/** All but buses, buffer and frames. */
void dirt_values_find(const struct dirt_event *event, const struct dirt_span *span,
                      struct dirt_values *out);

struct dsp_fft;
struct dirt_voices;
/** @param fft  planned when the first definition needs it; borrowed */
PH_NODISCARD ph_status dirt_voices_new(const struct nrt_target *target, struct nrt_symbols *symbols,
                                       struct dsp_fft *fft, struct dirt_voices **out);
void dirt_voices_free(struct dirt_voices *voices); /* accepts NULL */

/**
 * A synth of that form, its controls set from the event; it gives. Those made last are kept, so
 * that an event costs no compilation unless it is the first of its kind.
 */
PH_NODISCARD ph_status dirt_voices_make(struct dirt_voices *voices, const struct dirt_form *form,
                                        const struct dirt_event *event,
                                        const struct dirt_values *values, int32_t id, uint64_t seed,
                                        struct rt_synth **out);
/** Definitions at hand. */
uint32_t dirt_voices_count(const struct dirt_voices *voices);

/**
 * Sets what a client's definition has controls for: the quantities, SuperDirt's defaults, the
 * event's numbers and its other parameters; and lets follow buses what shall.
 */
void dirt_client_set(struct nrt_symbols *symbols, const struct dirt_event *event,
                     const struct dirt_values *values, struct rt_synth *synth);

#endif
