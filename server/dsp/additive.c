/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/additive.c - sums of harmonics.                                                     */
/* room: audio.                                                                                   */
#include "server/dsp/lane_phase.h"

/**
 * Additive - sines at whole multiples of one frequency.
 *
 * in      [0] freq  Hz
 *         [1] and on: amplitude of harmonic 1, 2, ...
 * out     [0] sum a_k sin(k phase) / sum |a_k|. Harmonics fade out from 0.45 to 0.5 of the rate:
 *             none is folded back, and a glide has no steps
 * state   the phase
 * cost    a sine polynomial per frame and harmonic that has an amplitude
 */
struct additive { lane_u phase; };
enum { ADDITIVE_FREQ, ADDITIVE_AMPS };

PH_RT static void additive_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct additive *)state)->phase = lane_splat_u(0);
}

/** Frequency as a part of the rate, -0.5 .. 0.5. */
LANE_FN lane additive_part(lane freq, float rate_hz)
{
    return lane_clamp(freq * (1.0f / rate_hz), -0.5f, 0.5f);
}

/** 1 below 0.45 of the rate, 0 from its half on. */
LANE_FN lane additive_level(lane part, float k)
{
    return lane_clamp((0.5f - lane_abs(part) * k) * 20.0f, 0.0f, 1.0f);
}

/** What all harmonics of a block share: per frame the phase and the part of the rate. */
struct additive_run { lane_u phase[DSP_BLOCK_FRAMES]; lane part[DSP_BLOCK_FRAMES]; };

LANE_FN void additive_phases(struct additive *s, const struct dsp_block *b,
                             struct additive_run *run)
{
    const lane *const freq = dsp_in(b, ADDITIVE_FREQ);
    const uint32_t df = dsp_step(b, ADDITIVE_FREQ);
    lane_u phase = s->phase;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        run->part[i] = additive_part(freq[i * df], b->rate_hz);
        run->phase[i] = phase;
        phase += lane_phase_of_part(run->part[i]);
    }
    s->phase = phase;
}

/** Adds harmonic k to the sum of each frame, and its amplitude to the frame's total. */
LANE_FN void additive_add(const struct dsp_block *b, uint32_t k, const struct additive_run *run,
                          lane *restrict sum, lane *restrict total)
{
    const lane *const amps = dsp_in(b, ADDITIVE_AMPS + k - 1);
    const lane_u *const restrict phase = run->phase;
    const lane *const restrict part = run->part;
    if (dsp_step(b, ADDITIVE_AMPS + k - 1)) {
        for (uint32_t i = 0; i < b->n_frames; i++) {
            const lane level = amps[i] * additive_level(part[i], (float)k);
            sum[i] += level * lane_sin_phase(phase[i] * k);
            total[i] += lane_abs(amps[i]);
        }
        return;
    }
    const lane amp = amps[0], more = lane_abs(amp);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane level = amp * additive_level(part[i], (float)k);
        sum[i] += level * lane_sin_phase(phase[i] * k);
        total[i] += more;
    }
}

/** Some amplitude or the frequency moves. */
LANE_FN void additive_follow(struct additive *s, const struct dsp_block *b)
{
    struct additive_run run;
    lane sum[DSP_BLOCK_FRAMES], total[DSP_BLOCK_FRAMES];
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++)
        sum[i] = total[i] = lane_splat(0.0f);
    additive_phases(s, b, &run);
    for (uint32_t k = 1; k + ADDITIVE_AMPS <= b->n_in; k++)
        additive_add(b, k, &run, sum, total);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = sum[i] / lane_max(total[i], lane_splat(1e-20f));
}

/** Everything stands: an amplitude is one number, and what has none costs nothing. */
LANE_FN void additive_hold(struct additive *s, const struct dsp_block *b)
{
    const lane part = additive_part(dsp_in(b, ADDITIVE_FREQ)[0], b->rate_hz);
    const lane_u step = lane_phase_of_part(part);
    lane total = lane_splat(0.0f);
    lane sum[DSP_BLOCK_FRAMES];

    for (uint32_t k = 1; k + ADDITIVE_AMPS <= b->n_in; k++)
        total += lane_abs(dsp_in(b, ADDITIVE_AMPS + k - 1)[0]);
    const lane scale = 1.0f / lane_max(total, lane_splat(1e-20f));
    for (uint32_t i = 0; i < b->n_frames; i++)
        sum[i] = lane_splat(0.0f);
    for (uint32_t k = 1; k + ADDITIVE_AMPS <= b->n_in; k++) {
        const lane level = additive_level(part, (float)k) * scale;
        const lane amp = dsp_in(b, ADDITIVE_AMPS + k - 1)[0] * level;
        const lane_u first = s->phase * k - LANE_QUARTER_TURN, more = step * k;
        if (lane_all(lane_eq(amp, lane_splat(0.0f))))
            continue;
        for (uint32_t i = 0; i < b->n_frames; i++)
            sum[i] += amp * lane_cos_phase(first + more * i);
    }
    memcpy(dsp_out(b, 0), sum, b->n_frames * sizeof *sum);
    s->phase += step * b->n_frames;
}

PH_RT static void additive_process(void *state, const struct dsp_block *b)
{
    for (uint32_t i = 0; i < b->n_in; i++)
        if (dsp_step(b, i)) {
            additive_follow(state, b);
            return;
        }
    additive_hold(state, b);
}
const struct dsp_unit DSP(dsp_Additive) = { sizeof(struct additive), additive_init,
                                            additive_process, NULL, 0 };
