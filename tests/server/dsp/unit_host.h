/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/unit_host.h - one unit with inputs, outputs and a small world around it.      */
#ifndef TESTS_SERVER_DSP_UNIT_HOST_H
#define TESTS_SERVER_DSP_UNIT_HOST_H

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/dsp/dsp.h"

enum { HOST_INPUTS = 40, HOST_OUTPUTS = 4, HOST_BUSES = 16, HOST_CONTROLS = 8 };
enum { IR = 0, KR = 1, AR = 2 };

/** Everything a kernel sees. Wires are [frame][lane]; `width` is 1 or 8. */
struct unit_host {
    uint32_t width;
    const struct dsp_unit *unit;
    struct dsp_block b;
    struct dsp_env env;
    struct dsp_node node[DSP_WIDE];
    struct dsp_bus audio[HOST_BUSES];
    float control[HOST_BUSES];
    uint64_t control_touched[HOST_BUSES];
    struct dsp_buffer buffers[2];
    float sample[2 * 4000];
    uint8_t in_rate[HOST_INPUTS], control_rate[HOST_CONTROLS];
    const void *in_at[HOST_INPUTS];
    void *out_at[HOST_OUTPUTS];
    _Alignas(64) float in[HOST_INPUTS][DSP_BLOCK_FRAMES * DSP_WIDE];
    _Alignas(64) float out[HOST_OUTPUTS][DSP_BLOCK_FRAMES * DSP_WIDE];
    _Alignas(64) float controls[HOST_CONTROLS * DSP_WIDE];
    _Alignas(64) float control_frames[HOST_CONTROLS * DSP_BLOCK_FRAMES * DSP_WIDE];
    void *state;
};

static inline struct unit_host *host_new(enum ph_unit id, int16_t special, uint32_t width,
                                         uint8_t rate, float audio_rate_hz)
{
    struct unit_host *const h = aligned_alloc(64, (sizeof *h + 63) / 64 * 64);
    memset(h, 0, sizeof *h);
    h->width = width;
    h->unit = width == 1 ? dsp_w1_unit(id, special) : dsp_w8_unit(id, special);
    ck_assert_ptr_nonnull(h->unit);
    h->env = (struct dsp_env){ .audio = h->audio, .control = h->control, .buffers = h->buffers,
                               .n_audio = HOST_BUSES, .n_control = HOST_BUSES, .n_buffers = 2,
                               .n_outputs = 2, .block = 10, .audio_rate_hz = audio_rate_hz,
                               .control_touched = h->control_touched };
    for (uint32_t i = 0; i < 8000; i++)
        h->sample[i] = sinf(0.01f * (float)i);
    h->buffers[0] = (struct dsp_buffer){ h->sample, 8000, 1, audio_rate_hz };
    h->buffers[1] = (struct dsp_buffer){ h->sample, 4000, 2, audio_rate_hz };
    for (int k = 0; k < DSP_WIDE; k++)
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
        .control_frames = h->control_frames, .n_out = 1 };
    const uint32_t n_inputs = ph_units[id].n_inputs;
    h->b.n_in = (uint16_t)n_inputs;
    if (ph_units[id].n_outputs >= 0)
        h->b.n_out = (uint16_t)ph_units[id].n_outputs;
    return h;
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

/** Allocates state and memory and runs `init`; inputs hold the first block's values. */
static inline void host_init(struct unit_host *h)
{
    const size_t bytes = (h->unit->state_bytes + 127) / 64 * 64;
    h->state = aligned_alloc(64, bytes);
    memset(h->state, 0, bytes);
    if (h->unit->memory_frames) {
        h->b.memory_frames = h->unit->memory_frames(&h->b);
        const size_t size = (sizeof(float) * h->width * h->b.memory_frames + 127) / 64 * 64;
        h->b.memory = aligned_alloc(64, size);
        memset(h->b.memory, 0, size);
    }
    h->unit->init(h->state, &h->b);
}

/** Renders n frames from frame `first` of the current block. */
static inline void host_call(struct unit_host *h, uint32_t first, uint32_t n)
{
    h->b.n_frames = n;
    for (uint32_t k = 0; k < h->width; k++)
        h->node[k].first_frame = first;
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

static inline void host_free(struct unit_host *h)
{
    free(h->b.memory);
    free(h->state);
    free(h);
}

/** Level of the sine at `hz` in x: 1 for a sine of amplitude 1. Hann window, so that leaks stay away. */
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

#endif
