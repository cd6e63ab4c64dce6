/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/apf.c - APF.                                                                        */
/* room: audio.                                                                                   */
#include "server/dsp/fastmath.h"
#include "server/dsp/lane_double.h"

#define PI 3.14159265358979323846

/*
 * APF - y = x + b1 (y1 - x1) + b2 (y2 - x2), b1 = 2 r cos(w), b2 = -r^2.
 *
 * in      [0] signal   [1] freq, Hz   [2] radius, clamped to -1 .. 1. At audio rate they count once
 *         per block
 * out     [0] y
 * quirk   taken alone that would be x. scsynth goes by threes through the block and has y3 for y2
 *         in the second frame of three, y1 for y2 in the third, which is all that one hears of the
 *         filter
 * state   frames before; the parameters and their coefficients, which are ramped by a step every
 *         third frame. It runs for a frame at birth, as scsynth's constructor does. Outputs past
 *         1e15 are let go
 */
struct apf { lane_dd x1, x2, y1, y2, y3; lane b1, b2; };
enum { IN, FREQ, RADIUS };

LANE_FN void apf_design(struct apf *s, const struct dsp_block *b)
{
    const lane r = lane_clamp(dsp_in(b, RADIUS)[0], -1.0f, 1.0f);
    const lane hz = lane_clamp(dsp_in(b, FREQ)[0], -0.5f * b->rate_hz, 0.5f * b->rate_hz);
    s->b1 = 2.0f * r * lane_cos(hz * (float)(2 * PI / b->rate_hz));
    s->b2 = 0.0f - r * r;
}

PH_RT static void apf_init(void *state, const struct dsp_block *b)
{
    struct apf *const s = state;
    s->x1 = s->x2 = s->y1 = s->y2 = s->y3 = lane_dd_splat(0.0);
    apf_design(s, b);
}

LANE_FN void apf_frame(struct apf *s, lane_dd x, lane_dd b1, lane_dd b2, uint32_t in_three)
{
    const lane_dd far = in_three == 1 ? s->y3 : in_three == 2 ? s->y1 : s->y2;
    const lane_dd near = lane_dd_fma(b1, lane_dd_sub(s->y1, s->x1), x);
    const lane_dd y = lane_dd_fma(b2, lane_dd_sub(far, s->x2), near);
    s->y3 = s->y2;
    s->y2 = s->y1;
    s->y1 = lane_dd_where(lane_lt(lane_abs(lane_from_dd(y)), lane_splat(1e15f)), y);
    s->x2 = s->x1;
    s->x1 = lane_dd_where(lane_lt(lane_abs(lane_from_dd(x)), lane_splat(1e15f)), x);
}

PH_RT static void apf_process(void *state, const struct dsp_block *b)
{
    struct apf s = *(struct apf *)state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), n_steps = b->n_frames / 3, first = b->node[0].first_frame;
    const uint32_t in_threes = b->rate == PH_AUDIO ? b->env->block_frames / 3 * 3 : 0;
    const float part = n_steps ? 1.0f / (float)n_steps : 0.0f;
    lane *const out = dsp_out(b, 0), b1 = s.b1, b2 = s.b2;

    apf_design(&s, b);
    const lane step1 = (s.b1 - b1) * part, step2 = (s.b2 - b2) * part;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const uint32_t at = first + i;
        apf_frame(&s, lane_dd_from(x[i * dx]), lane_dd_from(b1), lane_dd_from(b2),
                  at < in_threes ? at % 3 : 0);
        out[i] = lane_from_dd(s.y1);
        if (i % 3 == 2)
            b1 += step1, b2 += step2;
    }
    *(struct apf *)state = s;
}
const struct dsp_unit DSP(dsp_APF) = { sizeof(struct apf), apf_init, apf_process,
                                       NULL, 5, apf_process };
