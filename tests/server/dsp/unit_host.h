/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/unit_host.h - one unit with inputs, outputs and a small world around it.      */
#ifndef TESTS_SERVER_DSP_UNIT_HOST_H
#define TESTS_SERVER_DSP_UNIT_HOST_H

#if defined(__linux__)
#include <malloc.h>
#endif
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dsp/dsp.h"
#include "server/dsp/fft.h"
#include "tests/support/check_main.h"

enum { HOST_INPUTS = 56, HOST_OUTPUTS = 6, HOST_BUSES = 16, HOST_CONTROLS = 8 };
enum { HOST_MEMORY_MAX = 1 << 26 };
enum { IR = 0, KR = 1, AR = 2 };

/** The set whose kernels a program tests, from its command line: see host_run(). */
static const struct dsp_set *host_kernels;

/** Lanes of its wide form. */
static inline uint32_t host_wide(void) { return host_kernels->width; }

/** for (width = 1; width; width = host_wider(width)): both forms. */
static inline uint32_t host_wider(uint32_t width) { return width == 1 ? host_wide() : 0; }

/**
 * Everything a kernel sees. Wires are [frame][lane]; `width` is 1 or host_wide(). Wires and state
 * lie at addresses that are no rounder than the engine's: multiples of 64, for state of 128.
 */
struct unit_host {
    enum ph_unit id;
    uint32_t width;
    const struct dsp_unit *unit;
    struct dsp_block b;
    struct dsp_env env;
    struct dsp_node node[DSP_LANES_MAX];
    struct dsp_bus audio[HOST_BUSES];
    float control[HOST_BUSES];
    uint64_t control_touched[HOST_BUSES];
    struct dsp_buffer buffers[2];
    float sample[2 * 4000];
    uint8_t in_rate[HOST_INPUTS], control_rate[HOST_CONTROLS];
    const void *in_at[HOST_INPUTS];
    void *out_at[HOST_OUTPUTS];
    _Alignas(128) float odd[16]; /* the wires behind it are at odd multiples of 64 */
    float in[HOST_INPUTS][DSP_BLOCK_FRAMES * DSP_LANES_MAX];
    float out[HOST_OUTPUTS][DSP_BLOCK_FRAMES * DSP_LANES_MAX];
    float controls[HOST_CONTROLS * DSP_LANES_MAX];
    float control_frames[HOST_CONTROLS * DSP_BLOCK_FRAMES * DSP_LANES_MAX];
    void *state;
};

/** Zeroed, at an odd multiple of 128. */
static inline void *host_alloc(size_t bytes)
{
    char *const block = aligned_alloc(256, (bytes + 128 + 255) / 256 * 256);
    REQUIRE(block, "out of memory");
    memset(block + 128, 0, bytes);
    return block + 128;
}
static inline void host_release(void *memory)
{
    if (memory)
        free((char *)memory - 128);
}

/** What the buffers hold. Hosts are made by the thousand: the sines are computed once. */
static inline void host_fill_sample(float *to)
{
    static float sines[8000];
    static bool computed;
    for (uint32_t i = 0; i < 8000 && !computed; i++)
        sines[i] = sinf(0.01f * (float)i);
    computed = true;
    memcpy(to, sines, sizeof sines);
}

/** Transforms, planned once for all hosts. */
static inline const struct dsp_fft *host_fft(void)
{
    static const struct dsp_fft *fft;
    if (!fft) {
        struct dsp_fft *const planned = dsp_fft_new();
        REQUIRE(planned && dsp_fft_plan_all(planned), "no transforms");
        fft = planned;
    }
    return fft;
}

/** Of transforms, one after the other. */
static inline float *host_scratch(void)
{
    static _Alignas(64) float scratch[DSP_SCRATCH_FLOATS];
    return scratch;
}

/**
 * Hosts that were freed: a new one every few blocks, from
 * malloc() and all zeroed, took most of the time.
 */
static struct unit_host *host_kept[2 * DSP_LANES_MAX];
static uint32_t host_n_kept;

/** One of them or a new one, zeroed as far as a host of that width is used. */
static inline struct unit_host *host_take(uint32_t width)
{
    if (host_n_kept == 0)
        return host_alloc(sizeof(struct unit_host));
    struct unit_host *const h = host_kept[--host_n_kept];
    const size_t wire = sizeof(float) * DSP_BLOCK_FRAMES * width;
    memset(h, 0, offsetof(struct unit_host, in));
    for (int i = 0; i < HOST_INPUTS; i++)
        memset(h->in[i], 0, wire);
    memset(h->out, 0, sizeof h->out);
    memset(h->controls, 0, sizeof h->controls);
    memset(h->control_frames, 0, HOST_CONTROLS * wire);
    h->state = NULL;
    return h;
}

static inline struct unit_host *host_new(enum ph_unit id, int16_t special, uint32_t width,
                                         uint8_t rate, float audio_rate_hz)
{
    struct unit_host *const h = host_take(width);
    h->id = id;
    h->width = width;
    h->unit = (width == 1 ? host_kernels->narrow : host_kernels->wide)(id, special);
    REQUIRE(h->unit, "%s %d has no form of width %u", ph_units[id].name, special, width);
    h->env = (struct dsp_env){ .audio = h->audio, .control = h->control, .buffers = h->buffers,
                               .n_audio = HOST_BUSES, .n_control = HOST_BUSES, .n_buffers = 2,
                               .n_writable = 2, .scratch = host_scratch(),
                               .n_outputs = 2, .block = 10, .audio_rate_hz = audio_rate_hz,
                               .block_frames = DSP_BLOCK_FRAMES,
                               .control_touched = h->control_touched, .fft = host_fft() };
    host_fill_sample(h->sample);
    h->buffers[0] = (struct dsp_buffer){ h->sample, 8000, 1, audio_rate_hz };
    h->buffers[1] = (struct dsp_buffer){ h->sample, 4000, 2, audio_rate_hz };
    for (int k = 0; k < DSP_LANES_MAX; k++)
        h->node[k].gain = 1.0f;
    for (int i = 0; i < HOST_INPUTS; i++)
        h->in_at[i] = h->in[i];
    for (int i = 0; i < HOST_OUTPUTS; i++)
        h->out_at[i] = h->out[i];
    h->b = (struct dsp_block){
        .n_frames = rate == AR ? DSP_BLOCK_FRAMES : 1, .rate = rate, .special = special,
        .rate_hz = rate == AR ? audio_rate_hz : audio_rate_hz / DSP_BLOCK_FRAMES,
        .in = h->in_at, .out = h->out_at, .in_rate = h->in_rate, .seed = 1, .node = h->node,
        .env = &h->env, .controls = h->controls, .control_rate = h->control_rate,
        .control_frames = h->control_frames, .n_out = 1, .lanes = (1u << width) - 1 };
    const uint32_t n_inputs = ph_units[id].n_inputs;
    h->b.n_in = (uint16_t)n_inputs;
    if (ph_units[id].n_outputs >= 0)
        h->b.n_out = (uint16_t)ph_units[id].n_outputs;
    return h;
}

static inline void host_free(struct unit_host *h)
{
    host_release(h->b.memory);
    host_release(h->state);
    if (host_n_kept < sizeof host_kept / sizeof *host_kept)
        host_kept[host_n_kept++] = h;
    else
        host_release(h);
}

/** Gives input i a rate and one value in all frames and lanes. */
static inline void host_set(struct unit_host *h, uint32_t i, uint8_t rate, float value)
{
    if (h->b.n_in <= i)
        h->b.n_in = (uint16_t)(i + 1);
    h->in_rate[i] = rate;
    for (uint32_t k = 0; k < DSP_BLOCK_FRAMES * h->width; k++)
        h->in[i][k] = value;
}

/* ---------------------------------------------------------------------- voices and their lanes */

/** State and memory, zeroed. */
static inline void host_clear(struct unit_host *h, uint32_t memory_frames)
{
    host_release(h->state);
    host_release(h->b.memory);
    h->state = host_alloc(h->unit->state_bytes);
    h->b.memory_frames = memory_frames;
    h->b.memory = memory_frames ? host_alloc(sizeof(float) * h->width * memory_frames) : NULL;
}

/** One lane of [item][lane] to one lane of another width. */
static inline void host_copy_lane(void *to, uint32_t to_width, uint32_t to_lane, const void *from,
                                  uint32_t from_width, uint32_t from_lane, size_t item, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy((char *)to + (i * to_width + to_lane) * item,
               (const char *)from + (i * from_width + from_lane) * item, item);
}

/** Fields of 32 bits in a state; the padding at its end may look like one more. */
static inline size_t host_n_words(const struct unit_host *h)
{
    return (h->unit->state_bytes / h->width - 8 * h->unit->n_doubles) / 4;
}

/** A voice's state and memory from one lane to another, field by field, as the engine moves it. */
static inline void host_move(struct unit_host *to, uint32_t to_lane, const struct unit_host *from,
                             uint32_t from_lane)
{
    const size_t doubles = from->unit->n_doubles;
    const size_t a = host_n_words(to), b = host_n_words(from), words = a < b ? a : b;
    host_copy_lane(to->state, to->width, to_lane, from->state, from->width, from_lane, 8, doubles);
    host_copy_lane((char *)to->state + 8 * doubles * to->width, to->width, to_lane,
                   (const char *)from->state + 8 * doubles * from->width, from->width, from_lane, 4,
                   words);
    REQUIRE(to->b.memory_frames == from->b.memory_frames, "%s: memory of %u floats, of %u",
            ph_units[to->id].name, from->b.memory_frames, to->b.memory_frames);
    host_copy_lane(to->b.memory, to->width, to_lane, from->b.memory, from->width, from_lane, 4,
                   from->b.memory_frames);
}

/** What lane k of h is given, as a host of width 1 in the same world. */
static inline struct unit_host *host_of_lane(const struct unit_host *h, uint32_t k)
{
    struct unit_host *const one = host_new(h->id, h->b.special, 1, h->b.rate, h->env.audio_rate_hz);
    one->b.n_in = h->b.n_in;
    one->b.n_out = h->b.n_out;
    one->b.seed = h->b.seed + k;
    one->b.env = h->b.env;
    one->node[0] = h->node[k];
    memcpy(one->in_rate, h->in_rate, sizeof one->in_rate);
    memcpy(one->control_rate, h->control_rate, sizeof one->control_rate);
    for (uint32_t i = 0; i < h->b.n_in; i++)
        host_copy_lane(one->in[i], 1, 0, h->in[i], h->width, k, 4, DSP_BLOCK_FRAMES);
    host_copy_lane(one->controls, 1, 0, h->controls, h->width, k, 4, HOST_CONTROLS);
    host_copy_lane(one->control_frames, 1, 0, h->control_frames, h->width, k, 4,
                   HOST_CONTROLS * DSP_BLOCK_FRAMES);
    return one;
}

/**
 * Allocates state and memory and runs `init`; inputs hold the first block's values. The voices of a
 * wide unit are born alone and moved in, as in the engine.
 */
static inline void host_init(struct unit_host *h)
{
    if (h->width == 1) {
        const uint32_t n = h->unit->memory_frames ? h->unit->memory_frames(&h->b) : 0;
        host_clear(h, n <= HOST_MEMORY_MAX ? n : 0); /* the engine refuses such a synth */
        h->unit->init(h->state, &h->b);
        return;
    }
    for (uint32_t k = 0; k < h->width; k++) {
        struct unit_host *const one = host_of_lane(h, k);
        host_init(one);
        if (k == 0)
            host_clear(h, one->b.memory_frames);
        host_move(h, k, one, 0);
        host_free(one);
    }
}

/* ------------------------------------------------------------------------------------ rendering */

/** Renders n frames from frame `first` of the current block. */
static inline void host_call(struct unit_host *h, uint32_t first, uint32_t n)
{
    h->b.n_frames = n;
    h->b.fading = false;
    for (uint32_t k = 0; k < h->width; k++) {
        h->node[k].first_frame = first;
        if (h->b.lanes & 1u << k)
            h->b.fading |= h->node[k].gain != 1.0f || h->node[k].gain_step != 0;
    }
    h->unit->process(h->state, &h->b);
}

/** Renders a whole block of the unit's rate. */
static inline void host_block(struct unit_host *h)
{
    host_call(h, 0, h->b.rate == AR ? DSP_BLOCK_FRAMES : 1);
    h->env.block++;
}

/** Renders n frames (a multiple of 64 at audio rate) of output 0, lane 0. */
static inline void host_render(struct unit_host *h, float *to, uint32_t n)
{
    const uint32_t part = h->b.rate == AR ? DSP_BLOCK_FRAMES : 1;
    for (uint32_t done = 0; done < n; done += part) {
        host_block(h);
        for (uint32_t i = 0; i < part; i++)
            to[done + i] = h->out[0][i * h->width];
    }
}

/**
 * Level of the sine at `hz` in x: 1 for a sine of amplitude
 * 1. Hann window, so that leaks stay away.
 */
static inline double level_at(const float *x, uint32_t n, double hz, double rate_hz)
{
    const double tau = 6.283185307179586;
    double re = 0, im = 0;
    for (uint32_t i = 0; i < n; i++) {
        const double window = 1.0 - cos(tau * i / n), t = tau * hz * i / rate_hz;
        re += window * x[i] * cos(t);
        im += window * x[i] * sin(t);
    }
    return 2.0 * sqrt(re * re + im * im) / n;
}

static inline double to_db(double ratio) { return 20.0 * log10(ratio + 1e-30); }

/**
 * Runs a test case on the kernels of the set that the command line names, or on the best; returns
 * the exit status of main(). 77: this processor doesn't run that set, which the build reports as
 * skipped.
 */
static inline int host_run(int argc, char **argv, const char *name, TCase *tests)
{
    host_kernels = argc > 1 ? dsp_set_find(argv[1]) : dsp_set_best();
    if (!host_kernels) {
        printf("%s: NOT RUN on set %s, which this processor hasn't got\n", name, argv[1]);
        return 77;
    }
    printf("%s on set %s\n", name, host_kernels->name);
#if defined(M_MMAP_THRESHOLD)
    mallopt(M_MMAP_THRESHOLD, 1 << 26); /* hosts come and go: their pages stay */
    mallopt(M_TRIM_THRESHOLD, 1 << 26);
#endif
    return check_run(name, tests);
}

#endif
