/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/dsp.h - the kernel contract: what a unit sees when it renders.                      */
/* room: audio. Kernels know nothing of tree, OSC, patterns or files.                             */
/*                                                                                                */
/* Kernel source is compiled once per instruction set and width: LANE_W is 1 or the number of     */
/* voices side by side. Everything of type `lane` holds one value per voice; wires are laid out   */
/* [frame][lane].                                                                                 */
#ifndef SERVER_DSP_DSP_H
#define SERVER_DSP_DSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/units.h"

/** Runs in the audio thread: no allocation, lock, system call or log. */
#if defined(__has_attribute)
#if __has_attribute(nonblocking)
#define PH_RT __attribute__((nonblocking))
#endif
#endif
#ifndef PH_RT
#define PH_RT
#endif

enum {
    DSP_BLOCK_FRAMES = 64, /* frames of the longest, and usual, engine block */
    DSP_LANES_MAX = 16     /* lanes of the widest build */
};

/** The larger one; libm's fmaxf is a call. With a NaN: `b`. */
static inline float dsp_max(float a, float b)
{
    return a > b ? a : b;
}

/** One audio bus channel. `touched` is the number of the last block that wrote it. */
struct dsp_bus {
    float frames[DSP_BLOCK_FRAMES];
    uint64_t touched;
};

/** Sample data, interleaved. Immutable while a block renders. Zeroed: no such buffer. */
struct dsp_buffer {
    float *data;
    uint32_t n_frames, n_channels;
    float rate_hz;
};

/**
 * The synth a lane belongs to, as its units see it. Units write `done` and `flags`; the executor
 * clears and reads them.
 */
struct dsp_node {
    float gain, gain_step; /* fade applied by Out, ReplaceOut, OffsetOut: gain + i * gain_step */
    uint32_t first_frame;  /* frame of the bus block of this call's frame 0; equal in all lanes */
    uint32_t done;         /* bit set of done actions 1 << action asked for in this block */
    int32_t free_id;       /* node that Free asks to end, when DSP_NODE_FREE_OTHER is set */
    uint32_t flags;
};
enum {
    DSP_NODE_NON_FINITE = 1, /* an output was not finite: it was replaced by silence */
    DSP_NODE_FREE_OTHER = 2,
    DSP_NODE_RELEASING = 4, /* EnvGen: past its sustain or in its last segment; stolen first */
    DSP_NODE_TAPPED = 8     /* a Tap has its record complete */
};

/** Asks for the done action that a wire names; 0, and what is no action, asks for nothing. */
static inline void dsp_ask_done(struct dsp_node *node, float action)
{
    if (action >= 1.0f && action < 32.0f)
        node->done |= 1u << (uint32_t)action;
}

/**
 * One channel on its way to a bus. What the units of several synths write is kept in a log, and put on
 * the buses later in a fixed order, whichever thread ran them.
 */
struct dsp_write {
    uint32_t bus, first, n_frames; /* bus frames first .. first + n_frames - 1 */
    bool replaces;
    _Alignas(64) float frames[DSP_BLOCK_FRAMES];
};
struct dsp_log {
    struct dsp_write *writes;
    uint32_t n, max; /* past max nothing is written */
    bool sums;       /* what is added to one bus in whole blocks becomes one write */
};

/** The world as kernels see it; constant during a block but for what Out writes. */
struct dsp_env {
    struct dsp_bus *audio;
    float *control;
    const struct dsp_buffer *buffers;
    uint32_t n_audio, n_control, n_buffers;
    uint32_t block_frames; /* 1 .. DSP_BLOCK_FRAMES */
    uint32_t n_outputs;  /* audio buses 0 .. n_outputs-1 are the driver's outputs */
    uint64_t block;      /* number of this block, > 0 */
    float audio_rate_hz;
    uint64_t *control_touched; /* per control bus: the last block in which a unit wrote it */
    struct dsp_log *log;       /* where writes to audio buses go; NULL: to the buses */
    const struct dsp_fft *fft; /* dsp/fft.h; NULL where nothing renders */
};

/**
 * One call. Audio units render n_frames (1 .. 64) frames; control and scalar units render 1.
 * An input of rate PH_AUDIO has n_frames values, others one: index in[i][k * dsp_step(b, i)].
 * Outputs never alias inputs of the same call unless the kernel's `in_place` is set.
 */
struct dsp_block {
    uint32_t n_frames;
    uint8_t rate;             /* enum ph_rate of the unit itself */
    int16_t special;
    uint16_t n_in, n_out;
    float rate_hz;            /* of this unit: audio rate, or audio rate / block_frames */
    const void *const *in;    /* lane *: wires */
    void *const *out;
    const uint8_t *in_rate;   /* enum ph_rate of each input */
    float *memory;            /* long memory of this unit (delay lines), zeroed at birth, or NULL */
    uint32_t memory_frames;   /* floats per lane in `memory` */
    uint64_t seed;            /* for random units: differs per synth and unit, equal on every run */
    uint32_t lanes;           /* bit k: lane k holds a voice; the others compute and are not heard */
    bool fading;              /* some lane's gain is not 1, or moves */
    struct dsp_node *node;    /* LANE_W of them */
    struct dsp_env *env;
    const float *controls;    /* Control: this synth's values, [control][lane] */
    const uint8_t *control_rate; /* AudioControl: PH_AUDIO where control_frames moves */
    const float *control_frames; /* AudioControl: [control][64][lane], valid where it moves */
};

#define dsp_in(b, i) ((const lane *)(b)->in[i])
#define dsp_out(b, i) ((lane *)(b)->out[i])

static inline uint32_t dsp_step(const struct dsp_block *b, uint32_t input)
{
    return b->in_rate[input] == 2 /* PH_AUDIO */ ? 1u : 0u;
}

/**
 * A kernel. State holds no pointers and is laid out in lanes: first `n_doubles` fields of 64 bits, then
 * fields of 32 bits, each [LANE_W]. So a lane can be carried over an edit, and moved between lanes and
 * widths, by copying fields: field f of lane k is element f * LANE_W + k. `init` runs once, before the
 * first `process`, with the first block's inputs in place; it sets state and never renders. It runs at
 * width 1 only: a voice is born alone and joins a batch later.
 *
 * `memory_frames` (NULL: none needed) says how many floats per lane of long memory the unit needs, from
 * the values of its scalar inputs at birth: it may read only in[i][0], n_in, n_out and rate_hz. The wide
 * form of a unit with memory needs an amount that follows from n_in and n_out alone, [float][lane].
 *
 * Same inputs, same state: same bits at every width of one instruction set, whatever the other lanes
 * hold. A block may be cut anywhere; units that compute several frames in one step may then differ by
 * rounding, within -110 dB.
 */
struct dsp_unit {
    size_t state_bytes;
    void (*init)(void *state, const struct dsp_block *b);
    void (*process)(void *state, const struct dsp_block *b);
    uint32_t (*memory_frames)(const struct dsp_block *b);
    uint32_t n_doubles;
};

/** `init` of a unit without state. */
static inline void dsp_no_init(void *state, const struct dsp_block *b)
{
    (void)state, (void)b;
}

/**
 * Kernels compiled for one instruction set. The lookups give the kernel of a unit, or NULL where there
 * is none (unknown operator; no wide form); `special` picks the operator of UnaryOpUGen and
 * BinaryOpUGen. Not for the audio thread.
 */
struct dsp_set {
    const char *name; /* "base", "avx2", "avx512" */
    uint32_t width;   /* lanes of the wide form */
    const struct dsp_unit *(*narrow)(enum ph_unit unit, int16_t special);
    const struct dsp_unit *(*wide)(enum ph_unit unit, int16_t special);
};

/** The fastest set that this processor runs. */
const struct dsp_set *dsp_set_best(void);
/** The set of that name; NULL when it wasn't compiled or the processor doesn't run it. */
const struct dsp_set *dsp_set_find(const char *name);

#endif
