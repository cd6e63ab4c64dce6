/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/def.h - a compiled SynthDef: units in order over wires. Made by nrt/compile.c,       */
/* immutable while any synth uses it.                                                             */
/* room: audio reads it; the command and sequencer threads make and release it.                   */
#ifndef SERVER_RT_DEF_H
#define SERVER_RT_DEF_H

#include <stdatomic.h>
#include <stdint.h>

#include "server/dsp/dsp.h"

/** Where an input or output lives. */
enum rt_wire_kind {
    RT_WIRE_CONSTANT, /* index into rt_def.constants */
    RT_WIRE_VALUE,    /* index into rt_synth values: control and scalar wires, kept between blocks */
    RT_WIRE_AUDIO     /* index of a scratch wire buffer, shared by all synths of one thread */
};

struct rt_wire {
    uint8_t kind, rate; /* enum rt_wire_kind, enum ph_rate */
    uint32_t index;
};

enum { RT_UNIT_WIRES_MAX = 512 };

/** One unit of the block program. */
struct rt_unit {
    const struct dsp_unit *kernel;
    uint64_t key;            /* state is carried between equal keys; 0: never */
    uint32_t state_offset;   /* bytes from the start of the synth's state */
    uint32_t first_wire;     /* n_in inputs, then n_out outputs, in rt_def.wires */
    uint16_t n_in, n_out;    /* at most RT_UNIT_WIRES_MAX each */
    uint16_t memory;         /* 1 + index of the synth's long memory, 0: none */
    uint16_t unit;           /* enum ph_unit */
    int16_t special;
    uint8_t rate;
};

/** Control names as symbols, sorted by symbol. */
struct rt_param {
    uint32_t symbol, first_control, n_controls;
};

struct rt_def {
    char *name;
    atomic_uint n_refs;
    uint32_t n_units, n_wires, n_constants, n_controls, n_params;
    uint32_t n_values, n_audio_wires, n_memories;
    uint32_t n_triggers, n_audio_controls;
    uint32_t state_bytes;
    float rate_hz;          /* audio rate it was compiled for */
    struct rt_unit *units;
    struct rt_wire *wires;
    uint8_t *wire_rates;    /* [n_wires]: the rates of `wires`, side by side for dsp_block.in_rate */
    float *constants;
    float *controls;        /* initial values */
    uint8_t *control_rates; /* enum ph_rate of the unit that reads control i */
    uint32_t *triggers;     /* [n_triggers]: controls that fall back to 0 after each block */
    struct rt_param *params;
};

#endif
