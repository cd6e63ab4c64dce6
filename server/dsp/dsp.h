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

/**
 * What a buffer's data is: samples, or a spectrum as an FFT chain passes it on (dsp/spectrum.h).
 */
enum dsp_contents { DSP_SAMPLES, DSP_COMPLEX, DSP_POLAR };

/**
 * Sample data, interleaved. Zeroed: no such buffer. Only units that write buffers change it: a def
 * with such a unit renders by itself, unless the buffer is one of its own (LocalBuf).
 */
struct dsp_buffer {
    float *data;
    uint32_t n_frames, n_channels;
    float rate_hz;
    uint8_t contents; /* enum dsp_contents */
    float note;       /* MIDI note that it sounds, as its file says; 0: it says nothing */
};

/**
 * The synth a lane belongs to, as its units see it. Units write `done` and `flags`; the executor
 * clears and reads them.
 */
struct dsp_node {
    float gain, gain_step; /* fade applied by Out, ReplaceOut, OffsetOut: gain + i * gain_step */
    uint32_t first_frame;  /* frame of the bus block of this call's frame 0; equal in all lanes */
    /* how far behind the middle before its first frame the synth's time lies */
    float subsample;
    uint32_t done;         /* bit set of done actions 1 << action asked for in this block */
    int32_t free_id;       /* node that Free asks to end, when DSP_NODE_FREE_OTHER is set */
    /* node that Pause asks to stop or to go on: DSP_NODE_PAUSE_OTHER, _RESUME_ */
    int32_t run_id;
    int32_t id;            /* its own */
    uint32_t flags;
    /* RandSeed: when it last seeded the synth's generators
     * (0: never), with what, and how many since */
    uint32_t seeded, random_seed, n_seeded;
};
enum {
    DSP_NODE_NON_FINITE = 1, /* an output was not finite: it was replaced by silence */
    DSP_NODE_FREE_OTHER = 2,
    DSP_NODE_RELEASING = 4, /* EnvGen: past its sustain or in its last segment; stolen first */
    DSP_NODE_TAPPED = 8,    /* a Tap has its record complete */
    DSP_NODE_PAUSE_OTHER = 16,
    DSP_NODE_RESUME_OTHER = 32,
    DSP_NODE_TOLD = 64      /* a unit has messages for clients: dsp/message.h */
};

/** Asks for the done action that a wire names; 0, and what is no action, asks for nothing. */
static inline void dsp_ask_done(struct dsp_node *node, float action)
{
    if (action >= 1.0f && action < 32.0f)
        node->done |= 1u << (uint32_t)action;
}

/**
 * One channel on its way to a bus. What the units of several synths write is kept in a log, and put
 * on the buses later in a fixed order, whichever thread ran them.
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
    struct dsp_buffer *buffers;
    uint32_t n_audio, n_control, n_buffers;
    uint32_t n_writable;   /* buffers 0 .. n_writable-1 are clients': units may write them */
    uint32_t block_frames; /* 1 .. DSP_BLOCK_FRAMES */
    /* audio buses 0 .. n_outputs-1 are the driver's, then its inputs */
    uint32_t n_outputs, n_inputs;
    uint32_t n_synths;     /* that live */
    uint64_t block;      /* number of this block, > 0 */
    float audio_rate_hz;
    uint64_t *control_touched; /* per control bus: the last block in which a unit wrote it */
    struct dsp_log *log;       /* where writes to audio buses go; NULL: to the buses */
    const struct dsp_fft *fft; /* dsp/fft.h; NULL where nothing renders */
    struct dsp_disk *disk;     /* dsp/disk.h: what units ask of it; NULL: nobody serves */
    /* DSP_SCRATCH_FLOATS of the thread that renders, at a multiple of 64 bytes */
    float *scratch;
};

struct dsp_block;

/**
 * How a unit asks the demand-rate units behind its inputs: see dsp_demand(). `run` computes unit
 * `source` of the caller's synth; n 1: its next value, 0: reset.
 */
struct dsp_demand {
    void (*run)(struct dsp_demand *demand, const struct dsp_block *caller, uint32_t source,
                uint32_t frame, uint32_t n);
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
    /* bit k: lane k holds a voice; the others compute and are not heard */
    uint32_t lanes;
    bool fading;              /* some lane's gain is not 1, or moves */
    struct dsp_node *node;    /* LANE_W of them */
    struct dsp_env *env;
    const float *controls;    /* Control: this synth's values, [control][lane] */
    const uint8_t *control_rate; /* AudioControl: PH_AUDIO where control_frames moves */
    const float *control_frames; /* AudioControl: [control][64][lane], valid where it moves */
    /* of synths that run alone, where the def has a unit that needs it */
    struct dsp_buffer *local; /* LocalBuf k of the def is buffer number env->n_buffers + k */
    uint32_t n_local;
    const uint32_t *source;   /* [n_in]: the unit that each input comes from, or DSP_NO_SOURCE */
    /* [units of the def]: those that have come to their end; NULL: nobody asks */
    uint8_t *dones;
    uint32_t unit;            /* number of this unit in the def */
    uint32_t frame;           /* demand units: the caller's frame that they are asked for */
    struct dsp_demand *demand;
    uint32_t own_floats;      /* memory_frames: of the LocalBuf that it writes, the buffer that
                                 PartConv reads; 0: not known */
};
#define DSP_NO_SOURCE UINT32_MAX

#define dsp_in(b, i) ((const lane *)(b)->in[i])
#define dsp_out(b, i) ((lane *)(b)->out[i])

static inline uint32_t dsp_step(const struct dsp_block *b, uint32_t input)
{
    return b->in_rate[input] == PH_AUDIO ? 1u : 0u;
}

/** What an input's wire holds on frame `frame` of this call. Of units at width 1. */
static inline float dsp_value(const struct dsp_block *b, uint32_t input, uint32_t frame)
{
    return ((const float *)b->in[input])[frame * dsp_step(b, input)];
}

/** Whether a trigger rises through 0 after `*last`, which it becomes. */
static inline bool dsp_rises(float now, float *last)
{
    const bool rises = now > 0 && !(*last > 0);
    *last = now;
    return rises;
}

/** For Done and its kin: the unit has come to its end (true), or begun again. */
static inline void dsp_mark_done(const struct dsp_block *b, bool done)
{
    if (b->dones)
        b->dones[b->unit] = done;
}

/** Whether the unit behind an input has come to its end. */
static inline bool dsp_source_is_done(const struct dsp_block *b, uint32_t input)
{
    return b->dones && b->source[input] != DSP_NO_SOURCE && b->dones[b->source[input]];
}

/**
 * The value of an input for frame `frame` of this call: the next one of a demand unit (NaN: its
 * stream has ended), else what the wire holds there. Of units at width 1. A demand unit passes its
 * own b->frame.
 */
static inline float dsp_demand(const struct dsp_block *b, uint32_t input, uint32_t frame)
{
    if (b->in_rate[input] == PH_DEMAND && b->demand && b->source[input] != DSP_NO_SOURCE)
        b->demand->run(b->demand, b, b->source[input], frame, 1);
    return dsp_value(b, input, frame);
}

/** The demand unit behind an input, if it is one, begins its stream again. */
static inline void dsp_demand_reset(const struct dsp_block *b, uint32_t input, uint32_t frame)
{
    if (b->in_rate[input] == PH_DEMAND && b->demand && b->source[input] != DSP_NO_SOURCE)
        b->demand->run(b->demand, b, b->source[input], frame, 0);
}

/**
 * The buffer of a number, the server's or the synth's own;
 * NULL: none of that number, or it is empty.
 */
static inline struct dsp_buffer *dsp_buffer_find(const struct dsp_block *b, float number)
{
    const float end = (float)(b->env->n_buffers + b->n_local);
    if (!(number >= 0 && number < end))
        return NULL;
    const uint32_t n = (uint32_t)number;
    struct dsp_buffer *const buffer =
        n < b->env->n_buffers ? &b->env->buffers[n] : &b->local[n - b->env->n_buffers];
    return buffer->data ? buffer : NULL;
}

/** The same for units that write: what belongs to the sample bank is not theirs. */
static inline struct dsp_buffer *dsp_buffer_to_write(const struct dsp_block *b, float number)
{
    const bool is_banks =
        number >= (float)b->env->n_writable && number < (float)b->env->n_buffers;
    return is_banks ? NULL : dsp_buffer_find(b, number);
}

/**
 * A kernel. State holds no pointers and is laid out in lanes: first `n_doubles` fields of 64 bits,
 * then fields of 32 bits, each [LANE_W]. So a lane can be carried over an edit, and moved between
 * lanes and widths, by copying fields: field f of lane k is element f * LANE_W + k. `init` runs
 * once, before the first `process`; it sets state and never renders. It runs at width 1 only: a
 * voice is born alone and joins a batch later. in[i][0] is what the input gave before its first
 * frame, as scsynth's units do when they are made: what ramps, lags or filters a control signal
 * starts from there. `birth` (NULL: the first frame it is) runs once after init, with its inputs,
 * of which only frame 0 is there, and n_frames 1; it writes out[i][0], that value of the unit's
 * own. It is process itself where scsynth's constructor leaves the state a frame ahead, as most
 * filters' do, or where such a frame changes nothing.
 *
 * A demand unit (PH_DR) runs when it is asked (dsp_demand()): n_frames is 1 for its next value, NaN
 * at the end of its stream, and 0 to begin again. Its init leaves it as a reset does.
 *
 * `memory_frames` (NULL: none needed) says how many floats per lane of long memory the unit needs,
 * from the values of its scalar inputs at birth: it may read only in[i][0], n_in, n_out, rate,
 * rate_hz and own_floats. In a wide form it lies [float][lane], and all lanes need the same: a def
 * is wide where what it follows from is constant.
 *
 * Same inputs, same state: same bits at every width of one instruction set, whatever the other
 * lanes hold. A block may be cut anywhere; units that compute several frames in one step may then
 * differ by rounding, within -110 dB.
 */
struct dsp_unit {
    size_t state_bytes;
    void (*init)(void *state, const struct dsp_block *b);
    void (*process)(void *state, const struct dsp_block *b);
    uint32_t (*memory_frames)(const struct dsp_block *b);
    uint32_t n_doubles;
    void (*birth)(void *state, const struct dsp_block *b);
};

/** `init` of a unit without state. */
static inline void dsp_no_init(void *state, const struct dsp_block *b)
{
    (void)state, (void)b;
}

/**
 * Kernels compiled for one instruction set. The lookups give the kernel of a unit, or NULL where
 * there is none (unknown operator; no wide form); `special` picks the operator of UnaryOpUGen and
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
