/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/formant.c - Formant: bursts of a sine.                                              */
/* room: audio.                                                                                   */
#include "server/dsp/lane_phase.h"

/* A turn of scsynth's phases, whose lowest 16 bits fall between the places of its sine table. */
#define TURN 0x20000000
#define TABLE_PLACE 0xffff0000u

/**
 * Formant - a sine in bursts: harmonics of one frequency around another.
 *
 * in      [0] fundfreq  Hz, how often a burst begins
 *         [1] formfreq  Hz, the sine
 *         [2] bwfreq    Hz, one over the length of a burst; fundfreq where that is more. Of all
 *                       three a block's first value counts
 * out     [0] (1 - cos(burst)) * sin(formant), -2 .. 2; 0 between the bursts
 * state   three phases of 2^-29 turns
 * cost    two sine polynomials per frame, and two integer divisions where a burst begins
 * source  Roads, Computer Music Tutorial, formant synthesis. As in scsynth the sines are those of a
 *         table of 8192 places without interpolation, and what a new burst begins with is a product
 *         of 32 bits that wraps
 */
struct formant { lane_i fundamental, form, burst; };

/** Phase step of input i. In float, as scsynth's. */
LANE_FN lane_i formant_step(const struct dsp_block *b, uint32_t input)
{
    const float per_hz = (float)(536870912.0 / (double)b->rate_hz);
    const lane x = dsp_in(b, input)[0] * per_hz;
    return lane_to_i(lane_clamp(x, -2147483520.0f, 2147483520.0f));
}

LANE_FN lane formant_sine(lane_u phase)
{
    return lane_sin_phase((phase & TABLE_PLACE) << 3);
}

/** a * b / by, the product as 32 bits. */
static int32_t wrapped_share(int32_t a, int32_t b, int32_t by)
{
    const int32_t product = (int32_t)((uint32_t)a * (uint32_t)b);
    return by > 0 ? product / by : 0;
}

/** A new burst in the lanes of `over`. */
LANE_FN void formant_burst(struct formant *s, lane_i over, const lane_i step[3])
{
    s->fundamental -= TURN & over;
    for (uint32_t left = lane_mask_bits(over); left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        const int32_t past = lane_get_i(s->fundamental, k), by = lane_get_i(step[0], k);
        s->form = lane_set_i(s->form, k, wrapped_share(past, lane_get_i(step[1], k), by));
        s->burst = lane_set_i(s->burst, k, wrapped_share(past, lane_get_i(step[2], k), by));
    }
}

/** Sums that wrap. */
LANE_FN lane_i formant_add(lane_i a, lane_i b)
{
    return lane_i_from_u(lane_u_from_i(a) + lane_u_from_i(b));
}

PH_RT static void formant_process(void *state, const struct dsp_block *b)
{
    struct formant s = *(struct formant *)state;
    lane *const out = dsp_out(b, 0);
    const lane one = lane_splat(1.0f);
    const lane_i step[] = { formant_step(b, 0), formant_step(b, 1), formant_step(b, 2) };
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i sounds = lane_lt_i(s.burst, lane_splat_i(TURN));
        const lane window = formant_sine(lane_u_from_i(s.burst) + 3u * (TURN / 4)) + one;
        out[i] = lane_where(sounds, window * formant_sine(lane_u_from_i(s.form)));
        const lane_i longest = lane_select_i(lane_gt_i(step[0], step[2]), step[0], step[2]);
        s.burst = formant_add(s.burst, longest & sounds);
        s.fundamental = formant_add(s.fundamental, step[0]);
        s.form = formant_add(s.form, step[1]);
        const lane_i over = lane_gt_i(s.fundamental, lane_splat_i(TURN));
        if (lane_any(over))
            formant_burst(&s, over, step);
    }
    *(struct formant *)state = s;
}
const struct dsp_unit DSP(dsp_Formant) = { sizeof(struct formant), dsp_no_init, formant_process,
                                           NULL, 0 };
