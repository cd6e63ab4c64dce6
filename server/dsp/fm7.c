/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/fm7.c - FM7: six sines that move each other's phases.                               */
/* room: audio.                                                                                   */
#include "server/dsp/lane_phase.h"
#include "server/dsp/ramp.h"

enum { OPERATORS = 6, OF_ONE = 3, CONTROLS = OPERATORS * OF_ONE, WEIGHTS = OPERATORS * OPERATORS };
enum { FREQ, PHASE, AMP };

/*
 * FM7
 *
 * in      [3 k] freq of operator k, Hz   [3 k + 1] its phase, radians   [3 k + 2] its amplitude
 *         [18 + 6 k + j] radians by which operator j's last frame moves the phase of operator k
 *         All count once per block, from which on they go in a line to the next block's; what isn't
 *         given is 0
 * out     [k] amplitude * sin(phase), of each operator
 * state   six phases and last frames, 54 inputs as they were at the end of the last block
 * cost    six sine polynomials and 36 multiply-adds per frame, 36 more where a weight moves
 * source  J. Chowning, The Synthesis of Complex Audio Spectra by Means of Frequency Modulation,
 *         JAES 21 (7), 1973, with a matrix of weights in place of an algorithm
 */
struct fm7 { lane_u phase[OPERATORS]; lane last[OPERATORS], input[CONTROLS + WEIGHTS]; };

/**
 * Phase step, of 2^29 to a turn and cut off in float as
 * sc3-plugins does, so that both stay together.
 */
LANE_FN lane_u fm7_step(lane freq, float rate_hz)
{
    const lane units = limit_freq(freq, 3.999f * rate_hz) * (float)(536870912.0 / (double)rate_hz);
    return lane_u_from_i(lane_to_i(units)) << 3;
}

LANE_FN lane fm7_input(const struct dsp_block *b, uint32_t i)
{
    return i < b->n_in ? dsp_in(b, i)[0] : lane_splat(0.0f);
}

/** scsynth's constructor makes a frame, in which nothing moves anything yet. */
PH_RT static void fm7_init(void *state, const struct dsp_block *b)
{
    struct fm7 *const s = state;
    for (uint32_t i = 0; i < CONTROLS + WEIGHTS; i++)
        s->input[i] = fm7_input(b, i);
    for (uint32_t k = 0; k < OPERATORS; k++) {
        const lane *const in = s->input + OF_ONE * k;
        s->phase[k] = fm7_step(in[FREQ], b->rate_hz);
        s->last[k] = in[AMP] * lane_sin_phase(lane_phase_of_radians(in[PHASE]));
    }
}

PH_RT static void fm7_birth(void *state, const struct dsp_block *b)
{
    const struct fm7 *const s = state;
    for (uint32_t k = 0; k < OPERATORS; k++)
        dsp_out(b, k)[0] = s->last[k];
}

/** The inputs of a block: as they are, and what a frame adds. */
struct fm7_lines { lane at[CONTROLS + WEIGHTS], slope[CONTROLS + WEIGHTS]; bool weights_move; };

LANE_FN void fm7_begin(struct fm7_lines *l, struct fm7 *s, const struct dsp_block *b)
{
    l->weights_move = false;
    for (uint32_t i = 0; i < CONTROLS + WEIGHTS; i++) {
        const lane from = s->input[i], to = fm7_input(b, i);
        const lane_i moves = lane_ne(from, to);
        l->at[i] = from;
        l->slope[i] = lane_where(moves, (to - from) * (1.0f / (float)b->n_frames));
        l->weights_move |= i >= CONTROLS && lane_any(moves);
        s->input[i] = to;
    }
}

/** Phases by which the operators move each other on a frame: from the frame before, all at once. */
LANE_FN void fm7_moves(lane *radians, const struct fm7_lines *l, const lane *last)
{
    for (uint32_t k = 0; k < OPERATORS; k++) {
        lane sum = l->at[OF_ONE * k + PHASE];
        for (uint32_t j = 0; j < OPERATORS; j++)
            sum = lane_fma(l->at[CONTROLS + OPERATORS * k + j], last[j], sum);
        radians[k] = sum;
    }
}

LANE_FN void fm7_frame(struct fm7 *s, const struct fm7_lines *l, float rate_hz)
{
    lane radians[OPERATORS];
    fm7_moves(radians, l, s->last);
    for (uint32_t k = 0; k < OPERATORS; k++) {
        const lane *const at = l->at + OF_ONE * k;
        s->last[k] = at[AMP] * lane_sin_phase(s->phase[k] + lane_phase_of_radians(radians[k]));
        s->phase[k] += fm7_step(at[FREQ], rate_hz);
    }
}

PH_RT static void fm7_process(void *state, const struct dsp_block *b)
{
    struct fm7 *const s = state;
    struct fm7_lines l;
    fm7_begin(&l, s, b);
    const uint32_t n_moving = l.weights_move ? CONTROLS + WEIGHTS : CONTROLS;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        fm7_frame(s, &l, b->rate_hz);
        for (uint32_t k = 0; k < OPERATORS; k++)
            dsp_out(b, k)[i] = s->last[k];
        for (uint32_t k = 0; k < n_moving; k++)
            l.at[k] += l.slope[k];
    }
}
const struct dsp_unit DSP(dsp_FM7) = { sizeof(struct fm7), fm7_init, fm7_process,
                                       NULL, 0, fm7_birth };
