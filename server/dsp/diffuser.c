/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/diffuser.c - Diffuser: one click becomes thousands.                                 */
/* room: audio. One voice at a time: its memory is what it costs.                                 */
#include "server/dsp/tap.h"

#if LANE_W == 1

/*
 * Diffuser - eight channels through four stages of delay, shuffle, and Hadamard matrix.
 *
 * in      [0] signal, to all channels alike
 *         [1] amount a, 0 .. 1: each delay is an all-pass of gain 0.7 a; 0 leaves plain delays
 * out     [0] the channels' sum. Every stage is lossless; one in and out of eight would keep an
 *         eighth of the power, so the sum is scaled to unity
 * tuning  2 to 9 ms in the first stage, each half as long again as the one before: 62 ms together
 * source  M. Gerzon, Unitary (Energy-Preserving) Multichannel Networks with Feedback, Electronics
 *         Letters 12 (11), 1976: delays between orthogonal matrices
 */
enum { N_STAGES = 4, N_CHANNELS = 8 };
static const uint16_t lengths[N_STAGES][N_CHANNELS] = { /* primes, frames at 48 kHz */
    { 97, 139, 181, 227, 269, 313, 353, 401 },
    { 149, 211, 271, 337, 409, 467, 541, 599 },
    { 211, 293, 373, 457, 547, 631, 719, 809 },
    { 293, 409, 521, 641, 757, 877, 1009, 1129 }
};
/** Channel k of a stage goes on as channel shuffle[k]; a set bit turns its sign. */
static const uint8_t shuffles[N_STAGES][N_CHANNELS] = { { 3, 6, 0, 5, 1, 7, 4, 2 },
                                                        { 5, 0, 7, 2, 6, 4, 1, 3 },
                                                        { 2, 4, 1, 6, 7, 3, 0, 5 },
                                                        { 6, 3, 5, 0, 4, 2, 7, 1 } };
static const uint8_t turned[N_STAGES] = { 0x96, 0x2b, 0xc5, 0x1e };

enum { DIFFUSER_IN, DIFFUSER_AMOUNT };
struct diffuser { uint32_t position[N_STAGES][N_CHANNELS]; float amount; };

LANE_FN uint32_t diffuser_frames(int stage, int channel, float rate_hz)
{
    const uint32_t n = (uint32_t)((float)lengths[stage][channel] * (rate_hz / 48000.0f) + 0.5f);
    return n > 1 ? n : 1;
}

PH_RT static uint32_t diffuser_memory(const struct dsp_block *b)
{
    uint32_t n = 0;
    for (int s = 0; s < N_STAGES; s++)
        for (int c = 0; c < N_CHANNELS; c++)
            n += tap_ring_frames(diffuser_frames(s, c, b->rate_hz));
    return n;
}

PH_RT static void diffuser_init(void *state, const struct dsp_block *b)
{
    *(struct diffuser *)state = (struct diffuser){ .amount = knob_start(b, DIFFUSER_AMOUNT, 0, 1) };
}

/** A run of one stage, from x to y; `memory` moves on behind its lines. */
static void diffuser_stage(struct diffuser *s, int stage, float **memory, float rate_hz,
                           const float *restrict gain, uint32_t n,
                           float (*restrict x)[DSP_BLOCK_FRAMES],
                           float (*restrict y)[DSP_BLOCK_FRAMES])
{
    for (int c = 0; c < N_CHANNELS; c++) {
        const uint32_t frames = diffuser_frames(stage, c, rate_hz);
        const struct ring r = tap_next_ring(memory, frames, s->position[stage][c]);
        const float sign = turned[stage] >> c & 1 ? -0.35355339f : 0.35355339f;
        float *const restrict to = y[shuffles[stage][c]];

        tap_allpass_whole(&r, frames, gain, n, x[c]);
        for (uint32_t i = 0; i < n; i++)
            to[i] = sign * x[c][i];
        s->position[stage][c] = ring_ahead(r.position, n, r.n);
    }
    tap_hadamard(y, n);
}

/** A run, no longer than the shortest line. */
static void diffuser_run(struct diffuser *s, const struct dsp_block *b, const float *restrict x,
                         const float *restrict gain, uint32_t n, float *restrict out)
{
    _Alignas(64) float channels[2][N_CHANNELS][DSP_BLOCK_FRAMES];
    float *memory = b->memory;

    for (int c = 0; c < N_CHANNELS; c++)
        memcpy(channels[0][c], x, n * sizeof(float));
    for (int stage = 0; stage < N_STAGES; stage++)
        diffuser_stage(s, stage, &memory, b->rate_hz, gain, n, channels[stage & 1],
                       channels[~stage & 1]);
    memset(out, 0, n * sizeof(float));
    for (int c = 0; c < N_CHANNELS; c++)
        for (uint32_t i = 0; i < n; i++)
            out[i] += channels[N_STAGES & 1][c][i];
}

PH_RT static void diffuser_process(void *state, const struct dsp_block *b)
{
    struct diffuser *const s = state;
    _Alignas(64) float x[DSP_BLOCK_FRAMES], gain[DSP_BLOCK_FRAMES];
    const uint32_t longest = diffuser_frames(0, 0, b->rate_hz);

    healed_input(b, DIFFUSER_IN, x);
    knob_frames(b, DIFFUSER_AMOUNT, 0, 1, &s->amount, gain);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        x[i] *= 0.35355339f;
        gain[i] *= 0.7f;
    }
    for (uint32_t at = 0, n; at < b->n_frames; at += n) {
        n = tap_least(b->n_frames - at, longest);
        diffuser_run(s, b, x + at, gain + at, n, (float *)dsp_out(b, 0) + at);
    }
}
const struct dsp_unit DSP(dsp_Diffuser) = { sizeof(struct diffuser), diffuser_init,
                                            diffuser_process, diffuser_memory };

#else
typedef int diffuser_has_no_wide_form; /* a translation unit must declare something */
#endif
