/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pan.c - Pan2, Balance2.                                                             */
/* room: audio.                                                                                   */
#include "server/dsp/fastmath.h"
#include "server/dsp/lane.h"

/*
 * Pan2 - one signal between two channels at equal power.   Balance2 - the same for two signals.
 *
 * in      Pan2: [0] signal; Balance2: [0] left, [1] right
 *         then pos, -1 left .. 1 right, clamped, and level, linear gain
 * out     left * level * cos(a), right * level * sin(a), a = (pos + 1) pi / 4
 * grid    pos is rounded to steps of 1/1024, as scsynth's table is
 * ramp    with pos and level both constant in a block, the two gains move linearly to their new
 *         values from one block to the next; level does so alone where pos is at audio rate
 * cost    two sines per block, or per frame where pos is at audio rate
 */
/** At the last block's end: the gains without level, and level. */
struct pan { lane left, right, level; };

/** sin and cos on scsynth's grid: 2048 steps to the quarter circle. */
struct sides { lane left, right; };
LANE_FN struct sides pan_sides(lane pos)
{
    const lane step = lane_trunc(lane_clamp(1024.0f * pos + 1024.5f, 0.0f, 2048.0f));
    const float angle = 1.57079632679f / 2048.0f;
    return (struct sides){ lane_sin((2048.0f - step) * angle), lane_sin(step * angle) };
}

LANE_FN void pan_init(void *state, const struct dsp_block *b, uint32_t pos)
{
    struct pan *const s = state;
    const struct sides sides = pan_sides(dsp_in(b, pos)[0]);
    *s = (struct pan){ sides.left, sides.right, dsp_in(b, pos + 1)[0] };
}

/** Position and level hold all block: both products move in straight lines. */
LANE_FN void pan_ramp(struct pan *s, const struct dsp_block *b, uint32_t pos)
{
    const lane *const x = dsp_in(b, 0), *const y = dsp_in(b, pos - 1);
    const uint32_t dx = dsp_step(b, 0), dy = dsp_step(b, pos - 1);
    lane *const left = dsp_out(b, 0), *const right = dsp_out(b, 1);
    const struct sides sides = pan_sides(dsp_in(b, pos)[0]);
    const lane level = dsp_in(b, pos + 1)[0];
    const lane l = s->level * s->left, r = s->level * s->right;
    const float part = 1.0f / (float)b->n_frames;
    const lane l_step = (level * sides.left - l) * part, r_step = (level * sides.right - r) * part;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        left[i] = x[i * dx] * (l + l_step * (float)i);
        right[i] = y[i * dy] * (r + r_step * (float)i);
    }
    *s = (struct pan){ sides.left, sides.right, level };
}

/** Position or level moves within the block. */
LANE_FN void pan_follow(struct pan *s, const struct dsp_block *b, uint32_t pos)
{
    const lane *const x = dsp_in(b, 0), *const y = dsp_in(b, pos - 1);
    const uint32_t dx = dsp_step(b, 0), dy = dsp_step(b, pos - 1);
    const uint32_t dp = dsp_step(b, pos), dl = dsp_step(b, pos + 1);
    const struct sides to = pan_sides(dsp_in(b, pos)[0]);
    const lane level_to = dsp_in(b, pos + 1)[0];
    const float part = 1.0f / (float)b->n_frames;
    struct sides sides = { s->left, s->right };

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (dp) {
            sides = pan_sides(dsp_in(b, pos)[i]);
        } else {
            sides.left = s->left + (to.left - s->left) * (part * (float)i);
            sides.right = s->right + (to.right - s->right) * (part * (float)i);
        }
        const lane level = dl ? dsp_in(b, pos + 1)[i]
                              : s->level + (level_to - s->level) * (part * (float)i);
        dsp_out(b, 0)[i] = x[i * dx] * (level * sides.left);
        dsp_out(b, 1)[i] = y[i * dy] * (level * sides.right);
    }
    const lane level_last = dsp_in(b, pos + 1)[(b->n_frames - 1) * dl];
    *s = dp ? (struct pan){ sides.left, sides.right, level_last }
            : (struct pan){ to.left, to.right, level_last };
}

LANE_FN void pan_process(void *state, const struct dsp_block *b, uint32_t pos)
{
    if (dsp_step(b, pos) || dsp_step(b, pos + 1))
        pan_follow(state, b, pos);
    else
        pan_ramp(state, b, pos);
}

#define PAN(name, Name, pos)                                                                       \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        pan_init(state, b, pos);                                                                   \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        pan_process(state, b, pos);                                                                \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct pan), name##_init,                     \
                                              name##_process, NULL }
PAN(pan2, Pan2, 1);
PAN(balance2, Balance2, 2);
