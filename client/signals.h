/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/signals.h - signal functions: parameters (LANGUAGE 12, 14 to 17) and the units they make. */
#ifndef CLIENT_SIGNALS_H
#define CLIENT_SIGNALS_H

#include "client/value.h"
#include "protocol/synthdef.h"

/** One or two channels. */
struct wires {
    uint32_t n;
    struct ph_input at[2];
};

/** A SynthDef under construction from one definition. */
struct unit_build {
    struct compiler *c;
    struct ph_build b;
    const struct sig *sig;   /* whose units are being made */
    uint64_t seed;           /* of the keys of that node */
    struct key_set keys;     /* given so far, and the control names taken */
    bool is_voice;
    struct ph_input ratio;   /* voices: factor of pitched frequencies */
    struct ph_input span;    /* voices: seconds of the event, once something asks for it */
    bool has_span;
    struct ph_program_node *node; /* lasting synth that the def is for */
    uint32_t stamp;
    bool failed;
};

struct signal_param {
    const char *name;
    enum sig_context context;
    uint8_t flags;
    double initial, low, high; /* low < high: range, clamped */
};
enum { PARAM_CHAINED = 1, PARAM_REQUIRED = 2, PARAM_CONST = 4 };

struct signal_row {
    const char *name; /* canonical */
    uint8_t n_channels; /* 0: as many as the arguments have; else fixed */
    uint8_t n_params;
    struct signal_param params[PARAMS_MAX];
    /* one of: per channel, or all at once */
    struct ph_input (*mono)(struct unit_build *u, const struct ph_input *args);
    void (*stereo)(struct unit_build *u, const struct wires *args, struct wires *out);
    bool is_oscillator; /* the first parameter is a pitch */
};

extern const struct signal_row signal_rows[];
extern const uint32_t n_signal_rows;
const struct signal_row *signal_find(const char *canonical);
/** Index of the parameter that a chain fills, or -1. */
int signal_chained(const struct signal_row *row);

/** Parameters with a name; those behind it are given by the compiler (the gate of an envelope). */
uint32_t signal_visible_params(const struct signal_row *row);

/** Frequency of a generator that was written without one. */
#define SIGNAL_BASE_HZ 261.6256

/* units, folded where every input is a number */
struct ph_input unit_const(struct unit_build *u, double value);
bool unit_is_const(const struct unit_build *u, struct ph_input in, double *value);
struct ph_input unit_make(struct unit_build *u, const char *name, uint32_t n_outputs,
                          const struct ph_input *inputs, uint32_t n_inputs);
struct ph_input unit_binary(struct unit_build *u, int op, struct ph_input a, struct ph_input b);
struct ph_input unit_unary(struct unit_build *u, int op, struct ph_input a);

#endif
