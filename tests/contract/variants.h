/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/contract/variants.h - every unit and operator of the tables, and inputs that suit them.  */
#ifndef TESTS_CONTRACT_VARIANTS_H
#define TESTS_CONTRACT_VARIANTS_H

#include "tests/server/dsp/unit_host.h"

static const uint8_t rate_bits[] = { PH_IR, PH_KR, PH_AR };

static inline bool is_operator(int id) { return id == PH_UNIT_BINARY_OP || id == PH_UNIT_UNARY_OP; }

/* ---------------------------------------------------------------- variants: a row, an operator */

/** One thing to test: a unit, or an operator of an operator unit. */
struct variant { enum ph_unit id; int16_t special; };
#define A_UNIT(ID, name, outputs, rates, ...) { PH_UNIT_##ID, 0 },
#define A_UNARY(number, NAME, text) { PH_UNIT_UNARY_OP, number },
#define A_BINARY(number, NAME, text) { PH_UNIT_BINARY_OP, number },
/** The rows of the operator units are their operator 0 once more. */
static const struct variant variants[] = {
    PH_UNITS(A_UNIT, A_UNIT, ) PH_UNARY_OPS(A_UNARY) PH_BINARY_OPS(A_BINARY)
};
enum { N_VARIANTS = sizeof variants / sizeof *variants };

static inline const char *name_of(const struct variant *v) { return ph_units[v->id].name; }

/* ------------------------------------------------------------------------------- a unit at work */

static uint32_t random_state = 1;
static inline float uniform(float lo, float hi)
{
    random_state = random_state * 1664525u + 1013904223u;
    return lo + (hi - lo) * (float)(random_state >> 8) / 16777216.0f;
}

/** A plausible value of an input, different on every call. */
static inline float plausible(enum ph_quantity q)
{
    switch (q) {
    case PH_AMP: case PH_REST_AMP: return uniform(-1, 1);
    case PH_HZ: return uniform(20, 5000);
    case PH_RADIANS: return uniform(-6, 6);
    case PH_SECONDS: return uniform(0.001f, 0.1f);
    case PH_RATIO_: return uniform(0.3f, 2);
    case PH_ZERO_ONE: return uniform(0.05f, 0.95f);
    case PH_BIPOLAR: return uniform(-0.9f, 0.9f);
    case PH_GATE: case PH_TRIGGER: return uniform(-1, 1) > 0 ? 1.0f : 0.0f;
    case PH_NUMBER: return uniform(0.1f, 3);
    case PH_FLAG: return uniform(-1, 1) > 0 ? 1.0f : 0.0f;
    default: return 0;
    }
}

/** The row of input i; repeated inputs share the last one. */
static inline const struct ph_unit_input *row_of(enum ph_unit id, uint32_t i)
{
    const struct ph_unit_info *const info = &ph_units[id];
    return &info->inputs[i < info->n_inputs ? i : info->n_inputs - 1u];
}

enum { FM7_INPUTS = 6 * 3 + 6 * 6 };

/** What input i means; of FM7's list: six operators, then radians by which they move each other. */
static inline enum ph_quantity quantity_of(enum ph_unit id, uint32_t i)
{
    static const enum ph_quantity fm7_operator[] = { PH_HZ, PH_RADIANS, PH_AMP };
    if (id == PH_UNIT_FM7)
        return i < 6 * 3 ? fm7_operator[i % 3] : PH_RADIANS;
    return row_of(id, i)->quantity;
}

/** An envelope of four segments, in the inputs of EnvGen from 5 on. */
static inline void set_envelope(struct unit_host *h)
{
    const float list[] = { 0.1f, 4, 2, -1, 1, 0.01f, 1, 0, 0.5f, 0.02f, 5, -4,
                           0.7f, 0.01f, 2, 0, 0, 0.05f, 3, 0 };
    for (uint32_t i = 0; i < sizeof list / sizeof *list; i++)
        host_set(h, 5 + i, IR, list[i]);
}

/** The unit with its defaults, every input a constant; FM7's are silent, it has others. */
static inline struct unit_host *open_unit(const struct variant *v, uint32_t width, uint8_t rate,
                                          float rate_hz)
{
    struct unit_host *const h = host_new(v->id, v->special, width, rate, rate_hz);
    for (uint32_t i = 0; i < ph_units[v->id].n_inputs; i++)
        host_set(h, i, IR, row_of(v->id, i)->initial);
    if (v->id == PH_UNIT_ENV_GEN)
        set_envelope(h);
    for (uint32_t i = 0; i < FM7_INPUTS && v->id == PH_UNIT_FM7; i++)
        host_set(h, i, IR, plausible(quantity_of(v->id, i)));
    for (uint32_t i = 0; i < HOST_CONTROLS * width; i++)
        h->controls[i] = 0.5f;
    return h;
}

/** Whether the unit has kernels at that width. */
static inline bool has_form(const struct variant *v, uint32_t width)
{
    return width == 1 || host_kernels->wide(v->id, v->special);
}

static inline bool runs_at(const struct variant *v, uint8_t rate)
{
    return ph_units[v->id].rates & rate_bits[rate];
}

/**
 * Inputs that name things, or that are read at birth or once per call, don't come at audio rate.
 */
static inline bool may_move(const struct variant *v, uint32_t i)
{
    if (v->id == PH_UNIT_ENV_GEN)
        return i == 0;
    if (v->id == PH_UNIT_G_VERB) /* the room */
        return i == 0;
    if (v->id == PH_UNIT_SAMPLER && (i == 2 || i == 3)) /* begin, end */
        return false;
    switch (quantity_of(v->id, i)) {
    case PH_BUS: case PH_BUFFER: case PH_ACTION: case PH_FRAMES: case PH_FLAG: return false;
    case PH_SECONDS: return i > 1;
    default: return true;
    }
}

/**
 * Inputs that are taken once per call, as scsynth takes them once per block: where one moves, what
 * it gives follows from how blocks are cut.
 */
static inline bool is_taken_once(const struct variant *v, uint32_t i)
{
    static const struct { enum ph_unit id; uint32_t inputs; /* bit i: input i */ } units[] = {
        { PH_UNIT_PAN2, 1u << 2 }, { PH_UNIT_BALANCE2, 1u << 3 }, { PH_UNIT_X_FADE2, 1u << 3 },
        { PH_UNIT_LIN_PAN2, 1u << 2 }, { PH_UNIT_PAN4, 7u << 1 }, { PH_UNIT_PAN_AZ, 7u << 2 },
        { PH_UNIT_PAN_B, 7u << 1 }, { PH_UNIT_PAN_B2, 3u << 1 }, { PH_UNIT_BI_PAN_B2, 3u << 2 },
        { PH_UNIT_DECODE_B2, 1u << 3 }, { PH_UNIT_ROTATE2, 1u << 2 }, { PH_UNIT_X_OUT, 1u << 1 },
        { PH_UNIT_SWITCH_DELAY, 31u << 1 }, { PH_UNIT_WAVE_LOSS, 7u << 1 },
        { PH_UNIT_CROSSOVER_DISTORTION, 3u << 1 }, { PH_UNIT_MEMBRANE_HEXAGON, 3u << 1 },
        { PH_UNIT_B_MOOG, 7u << 1 }, { PH_UNIT_DECIMATOR, 3u << 1 }, { PH_UNIT_SQUIZ, 7u << 1 },
        { PH_UNIT_MDA_PIANO, 0x7fffu }
    };
    for (uint32_t k = 0; k < sizeof units / sizeof *units; k++)
        if (units[k].id == v->id)
            return units[k].inputs >> i & 1;
    return v->id == PH_UNIT_FM7;
}

/**
 * An input that the size of the long memory follows from:
 * constant in a definition whose voices share lanes.
 */
static inline bool is_size(const struct variant *v, uint32_t i)
{
    return ((v->id == PH_UNIT_LIMITER || v->id == PH_UNIT_NORMALIZER) && i == 2) ||
           strcmp(row_of(v->id, i)->name, "maxdelaytime") == 0;
}

/** Operators whose true result may be infinite or no float at all: a / 0, x * y past 3e38. */
static inline bool may_be_infinite(const struct variant *v)
{
    return (v->id == PH_UNIT_BINARY_OP && (v->special == PH_BINARY_FDIV ||
                                           v->special == PH_BINARY_IDIV)) ||
           (v->id == PH_UNIT_UNARY_OP && v->special == PH_UNARY_RECIPROCAL);
}

#endif
