/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/klank.c - banks: Klang of sines, Klank of resonators.                               */
/* room: audio.                                                                                   */
/*                                                                                                */
/* All in float and in scsynth's order: what rounding does to a coefficient is heard as pitch.    */
#include "server/dsp/lane.h"

#define RADIANS_PER_TURN 6.28318530717958647692

/* Partials are computed four at a time; those beyond a multiple of four come first. */
enum { GROUP = 4 };

static float bank_in(const struct dsp_block *b, uint32_t input)
{
    const float x = lane_get(dsp_in(b, input)[0], 0);
    return isfinite(x) ? x : 0.0f;
}

/**
 * Radians per frame of the partial whose frequency is input `input`; scale and offset before it.
 */
static float bank_angle(const struct dsp_block *b, uint32_t scale, uint32_t input)
{
    const double per_hz = RADIANS_PER_TURN / (double)b->rate_hz;
    const float times = (float)((double)bank_in(b, scale) * per_hz);
    const float plus = (float)((double)bank_in(b, scale + 1) * per_hz);
    const float w = bank_in(b, input) * times + plus;
    return isfinite(w) ? w : 0.0f;
}

/** `x`, or 0 where it is no number or past all sense. */
static float bank_sane(float x) { return fabsf(x) < 1e15f ? x : 0.0f; }

/* -------------------------------------------------------------------------------------- Klang */

/*
 * Klang - a sum of sines.
 *
 * in      [0] freqscale, [1] freqoffset in Hz: of all partials; then for each partial
 *         frequency in Hz, level, phase in radians. All are read at birth
 * out     [0] the sum
 * memory  per partial the last two frames and the coefficient
 * cost    three operations per frame and partial
 * source  digital resonator, Mathews and Smith 2003
 */
enum { KLANG_SCALE, KLANG_OFFSET, KLANG_PARTIALS };
struct sine { lane y1, y2, pole; };

static uint32_t klang_partials(const struct dsp_block *b)
{
    return b->n_in < KLANG_PARTIALS ? 0 : (uint32_t)(b->n_in - KLANG_PARTIALS) / 3;
}

static uint32_t klang_memory(const struct dsp_block *b)
{
    return klang_partials(b) * (uint32_t)(sizeof(struct sine) / sizeof(lane));
}

PH_RT static void klang_init(void *state, const struct dsp_block *b)
{
    (void)state;
    struct sine *const sines = (struct sine *)b->memory;
    for (uint32_t p = 0; p < klang_partials(b); p++) {
        const uint32_t at = KLANG_PARTIALS + 3 * p;
        const float w = bank_angle(b, KLANG_SCALE, at);
        const float level = bank_sane(bank_in(b, at + 1)), phase = bank_in(b, at + 2);
        sines[p] = (struct sine){ lane_splat(level * sinf(phase - w)),
                                  lane_splat(level * sinf(phase - w - w)),
                                  lane_splat((float)(2.0 * cos((double)w))) };
    }
}

/** Writes, or adds, the sum of n partials. */
LANE_FN void klang_group(struct sine *sines, uint32_t n, bool adds, lane *out, uint32_t n_frames)
{
    struct sine s[GROUP];
    memcpy(s, sines, n * sizeof *s);
    for (uint32_t i = 0; i < n_frames; i++) {
        lane sum = lane_splat(0.0f);
        for (uint32_t p = 0; p < n; p++) {
            const lane y = s[p].pole * s[p].y1 - s[p].y2;
            s[p].y2 = s[p].y1;
            s[p].y1 = y;
            sum = p ? sum + y : y;
        }
        out[i] = adds ? out[i] + sum : sum;
    }
    memcpy(sines, s, n * sizeof *s);
}

PH_RT static void klang_process(void *state, const struct dsp_block *b)
{
    (void)state;
    const uint32_t n = klang_partials(b), whole = n / GROUP * GROUP;
    struct sine *const sines = (struct sine *)b->memory;
    lane *const out = dsp_out(b, 0);
    switch (n - whole) {
    case 3: klang_group(sines, 3, false, out, b->n_frames); break;
    case 2: klang_group(sines, 2, false, out, b->n_frames); break;
    case 1: klang_group(sines, 1, false, out, b->n_frames); break;
    default:
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = lane_splat(0.0f);
    }
    for (uint32_t p = n - whole; p < n; p += GROUP)
        klang_group(sines + p, GROUP, true, out, b->n_frames);
}
const struct dsp_unit DSP(dsp_Klang) = { 0, klang_init, klang_process, klang_memory, 0 };

/* -------------------------------------------------------------------------------------- Klank */

/*
 * Klank - resonators side by side.
 *
 * in      [0] signal
 *         [1] freqscale, [2] freqoffset in Hz, [3] decayscale: of all resonators; then for each
 *         frequency in Hz, level, seconds to -60 dB (0 and less: none). All but [0] read at birth
 * out     [0] the sum
 * state   the sum's last two frames
 * memory  per resonator its last two frames and three coefficients
 * cost    five operations per frame and resonator
 * source  two-pole resonator with zeros at 0 and half the rate: J. O. Smith, Introduction to
 *         Digital Filters
 */
enum { KLANK_IN, KLANK_SCALE, KLANK_OFFSET, KLANK_DECAY, KLANK_PARTIALS };
struct klank { lane x1, x2; };
struct resonator { lane y1, y2, b1, b2, level; };

static uint32_t klank_partials(const struct dsp_block *b)
{
    return b->n_in < KLANK_PARTIALS ? 0 : (uint32_t)(b->n_in - KLANK_PARTIALS) / 3;
}

static uint32_t klank_memory(const struct dsp_block *b)
{
    return klank_partials(b) * (uint32_t)(sizeof(struct resonator) / sizeof(lane));
}

/** The pole's radius of a decay to -60 dB. */
static float klank_radius(float seconds, float rate_hz)
{
    const double ln_0_001 = -6.907755278982137;
    return seconds > 0.0f ? (float)exp(ln_0_001 / (double)(seconds * rate_hz)) : 0.0f;
}

PH_RT static void klank_init(void *state, const struct dsp_block *b)
{
    *(struct klank *)state = (struct klank){ lane_splat(0.0f), lane_splat(0.0f) };
    struct resonator *const r = (struct resonator *)b->memory;
    const uint32_t n = klank_partials(b), beyond = n % GROUP;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t at = KLANK_PARTIALS + 3 * i;
        const uint32_t p = i < n - beyond ? i + beyond : i - (n - beyond);
        const float w = bank_angle(b, KLANK_SCALE, at);
        const float radius = klank_radius(bank_in(b, at + 2) * bank_in(b, KLANK_DECAY), b->rate_hz);
        const float twice = 2.0f * radius, square = radius * radius;
        const float cosine = twice * cosf(w) / (1.0f + square);
        r[p] = (struct resonator){ .b1 = lane_splat(twice * cosine),
                                   .b2 = lane_splat(-square),
                                   .level = lane_splat(bank_sane(bank_in(b, at + 1)) * 0.25f) };
    }
}

/** Writes, or adds, what n resonators make of the input. */
LANE_FN void klank_group(struct resonator *resonators, uint32_t n, bool adds, const lane *in,
                         uint32_t step, lane *out, uint32_t n_frames)
{
    struct resonator r[GROUP];
    memcpy(r, resonators, n * sizeof *r);
    for (uint32_t i = 0; i < n_frames; i++) {
        lane sum = lane_splat(0.0f);
        for (uint32_t p = 0; p < n; p++) {
            const lane y = in[i * step] + r[p].b1 * r[p].y1 + r[p].b2 * r[p].y2;
            r[p].y2 = r[p].y1;
            r[p].y1 = y;
            sum = p ? sum + r[p].level * y : r[p].level * y;
        }
        out[i] = adds ? out[i] + sum : sum;
    }
    const lane limit = lane_splat(1e15f);
    for (uint32_t p = 0; p < n; p++) { /* what is no number must not stay */
        resonators[p].y1 = lane_where(lane_lt(lane_abs(r[p].y1), limit), r[p].y1);
        resonators[p].y2 = lane_where(lane_lt(lane_abs(r[p].y2), limit), r[p].y2);
    }
}

PH_RT static void klank_process(void *state, const struct dsp_block *b)
{
    struct klank *const s = state;
    const uint32_t n = klank_partials(b), beyond = n % GROUP, step = dsp_step(b, KLANK_IN);
    struct resonator *const r = (struct resonator *)b->memory;
    const lane *const in = dsp_in(b, KLANK_IN);
    lane *const out = dsp_out(b, 0), sum[DSP_BLOCK_FRAMES];
    switch (beyond) {
    case 3: klank_group(r, 3, false, in, step, sum, b->n_frames); break;
    case 2: klank_group(r, 2, false, in, step, sum, b->n_frames); break;
    case 1: klank_group(r, 1, false, in, step, sum, b->n_frames); break;
    default:
        for (uint32_t i = 0; i < b->n_frames; i++)
            sum[i] = lane_splat(0.0f);
    }
    for (uint32_t p = beyond; p < n; p += GROUP)
        klank_group(r + p, GROUP, true, in, step, sum, b->n_frames);
    lane x1 = s->x1, x2 = s->x2;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        out[i] = sum[i] - x2;
        x2 = x1;
        x1 = sum[i];
    }
    s->x1 = lane_where(lane_finite(x1), x1);
    s->x2 = lane_where(lane_finite(x2), x2);
}
const struct dsp_unit DSP(dsp_Klank) = { sizeof(struct klank), klank_init, klank_process,
                                         klank_memory, 0 };
