/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/make.h - what units each signal function becomes: LANGUAGE 12 to 17.          */
#ifndef CLIENT_FUNCTIONS_MAKE_H
#define CLIENT_FUNCTIONS_MAKE_H

#include "client/value.h"
#include "protocol/synthdef.h"
#include "protocol/units.h"

/** One or two channels. */
struct wires {
    uint32_t n;
    struct ph_input at[2];
};

/** A SynthDef under construction from one definition. */
struct unit_build {
    struct compiler *c;
    struct ph_build b;
    const struct sig *sig;   /* whose units are being made; its args[i]->text is a PARAM_TEXT */
    uint64_t seed;           /* of the keys of that node */
    struct key_set keys;     /* given so far, and the control names taken */
    bool is_voice;
    struct ph_input ratio;   /* voices: factor of pitched frequencies */
    struct ph_input span;    /* voices: seconds of the event, once something asks for it */
    bool has_span;
    struct ph_program_node *node; /* lasting synth that the def is for */
    /* whose signal is being built; NULL: of an output or a voice */
    const struct definition *reader;
    struct ph_input fed_back;     /* FeedbackIn of the reader's group */
    uint32_t stamp;
    bool failed;
};

/* ---- units, folded where every input is a number --------------------------------------------- */

struct ph_input unit_const(struct unit_build *u, double value);
bool unit_is_const(const struct unit_build *u, struct ph_input in, double *value);
struct ph_input unit_make(struct unit_build *u, const char *name, uint32_t n_outputs,
                          const struct ph_input *inputs, uint32_t n_inputs);
struct ph_input unit_binary(struct unit_build *u, int op, struct ph_input a, struct ph_input b);
struct ph_input unit_unary(struct unit_build *u, int op, struct ph_input a);

/** CombL's decay time for a feedback factor: 0.001 = feedback ^ (decay / delay). */
struct ph_input unit_decay_time(struct unit_build *u, struct ph_input delay,
                                struct ph_input feedback);

enum { UNIT_LINEAR = 1, UNIT_EXPONENTIAL = 2, UNIT_CURVED = 5, UNIT_STAGES_MAX = 64, UNIT_NO_RELEASE = -99 };

struct unit_stage {
    struct ph_input level, seconds;
    int shape;
    double curve; /* of UNIT_CURVED */
};

/** An EnvGen that starts at `first` where `gate` rises. */
struct ph_input unit_envelope(struct unit_build *u, struct ph_input gate, struct ph_input first,
                              const struct unit_stage *stages, int n, double release_node);
/** Inside a voice the time base is the event: its seconds, known when the voice starts. */
struct ph_input unit_span(struct unit_build *u);

/** Numbers of a text, separated by blanks or commas; how many there are. */
int unit_numbers(const char *text, double *out, int most);

/* ---- short forms for makers ------------------------------------------------------------------ */

/** A unit with one output and its inputs as arguments. */
#define UNIT(u, name, ...)                                                                         \
    unit_make(u, name, 1, (const struct ph_input[]){ __VA_ARGS__ },                                \
              sizeof((struct ph_input[]){ __VA_ARGS__ }) / sizeof(struct ph_input))

static inline struct ph_input add(struct unit_build *u, struct ph_input a, struct ph_input b)
{
    return unit_binary(u, PH_BINARY_ADD, a, b);
}

static inline struct ph_input sub(struct unit_build *u, struct ph_input a, struct ph_input b)
{
    return unit_binary(u, PH_BINARY_SUB, a, b);
}

static inline struct ph_input mul(struct unit_build *u, struct ph_input a, struct ph_input b)
{
    return unit_binary(u, PH_BINARY_MUL, a, b);
}

static inline struct ph_input quotient(struct unit_build *u, struct ph_input a, struct ph_input b)
{
    return unit_binary(u, PH_BINARY_FDIV, a, b);
}

static inline struct ph_input k(struct unit_build *u, double value)
{
    return unit_const(u, value);
}

/** The second output of a unit that has two. */
static inline struct ph_input unit_second(struct ph_input first)
{
    return (struct ph_input){ first.unit, first.output + (first.unit >= 0) };
}

/** x + t * (y - x) */
static inline struct ph_input blend(struct unit_build *u, struct ph_input x, struct ph_input y,
                                    struct ph_input t)
{
    return add(u, mul(u, x, sub(u, k(u, 1), t)), mul(u, y, t));
}

/**
 * Number of the buffer of a sample, word and index as in `s`; -1 where there is none. In lower.c.
 */
struct ph_input unit_sample(struct unit_build *u, const char *word, int32_t index);

/** A control whose name is that text, or that text and a number. In lower.c. */
struct ph_input unit_name(struct unit_build *u, const char *text);

/** Both channels in one: their mean. */
extern const struct signal_row unit_mono;

/* ---- makers ---------------------------------------------------------------------------------- */

/* oscillator.c */
unit_maker make_sine;
unit_maker make_sp;
unit_maker make_saw;
unit_maker make_square;
unit_maker make_tri;
unit_maker make_pulse;
unit_maker make_noise;
unit_maker make_pink;
unit_maker make_impulse;
unit_maker make_fm;
unit_maker make_pm;
unit_maker make_soft_saw;
unit_maker make_organ;
unit_maker make_brown;
unit_maker make_blip;
unit_maker make_vco;
unit_maker make_wavetable;
unit_maker make_additive;
unit_maker make_pluck;
unit_maker make_waveguide;
unit_maker make_granular;
/* synth.c */
unit_maker make_supersaw;
unit_maker make_superpwm;
unit_maker make_superchip;
unit_maker make_superfm;
unit_maker make_superkick;
unit_maker make_supersnare;
unit_maker make_superhat;
unit_maker make_superclap;
unit_maker make_supersquare;
unit_maker make_superbass;
unit_maker make_superreese;
/* filter.c */
unit_maker make_lpf;
unit_maker make_hpf;
unit_maker make_bpf;
unit_maker make_notch;
unit_maker make_resonz;
unit_maker make_moog;
unit_maker make_comb;
unit_maker make_formant;
unit_maker make_allpass;
unit_maker make_djf;
unit_maker make_eq;
unit_maker make_vowel;
/* space.c */
unit_maker make_delay;
unit_maker make_tape_delay;
unit_maker make_multitap;
unit_maker_of_all make_pingpong;
unit_maker_of_all make_reverb;
unit_maker_of_all make_plate;
unit_maker_of_all make_lush;
unit_maker_of_all make_reverb_stereo;
unit_maker make_diffuser;
/* modulation.c */
unit_maker_of_all make_tremolo;
unit_maker_of_all make_ring;
unit_maker_of_all make_flanger;
unit_maker_of_all make_vibrato;
unit_maker_of_all make_phaser;
unit_maker_of_all make_chorus;
unit_maker_of_all make_fchorus;
/* spectral.c */
unit_maker make_pitch_shift;
unit_maker make_vocoder;
unit_maker make_fm_crossmod;
unit_maker make_freeze;
unit_maker_of_all make_convolve;
/* distortion.c */
unit_maker make_distort;
unit_maker make_crush;
unit_maker make_bitcrush;
unit_maker make_coarse;
unit_maker make_decimator;
unit_maker make_shape;
unit_maker make_clip;
/* dynamics.c */
unit_maker make_limiter;
unit_maker make_compressor;
unit_maker make_sidechain_compressor;
unit_maker make_expander;
unit_maker make_transient_shaper;
unit_maker make_transient;
/* stereo.c */
unit_maker make_product;
unit_maker make_tap;
unit_maker make_xfade;
unit_maker make_mix;
unit_maker_of_all make_widener;
unit_maker_of_all make_pan;
unit_maker_of_all make_pan_left;
unit_maker_of_all make_pan_right;
/* envelope.c */
unit_maker make_adsr;
unit_maker make_asr;
unit_maker make_curve;
unit_maker make_gate_env;
unit_maker make_segments;
unit_maker make_trig;
unit_maker make_ad;
unit_maker make_line;
unit_maker make_xline;
/* utility.c */
unit_maker make_lag;
unit_maker make_range;
unit_maker make_min;
unit_maker make_max;
unit_maker make_mtof;
unit_maker make_if;
unit_maker make_select;
unit_maker make_wrap;
unit_maker make_rms;
unit_maker make_peak_follower;
unit_maker make_amp_follower;
unit_maker make_schmidt;
unit_maker make_latch;
unit_maker make_sample_hold;
unit_maker make_timer;
unit_maker make_pitch;

#endif
