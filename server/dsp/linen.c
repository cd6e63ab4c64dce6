/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/linen.c - Linen: an envelope of two straight lines.                                 */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/lane.h"
#include "server/dsp/part.h"

enum { LINEN_GATE, LINEN_ATTACK, LINEN_SUSTAIN, LINEN_RELEASE, LINEN_DONE_ACTION };
enum { RISES, HOLDS, FALLS, ENDS, IS_OVER };

/**
 * Linen - up while the gate opens, then level, down when it closes.
 *
 * in      [0] gate        > 0 opens, also again; <= 0 closes; <= -1 closes within -gate - 1 seconds
 *         [1] attack, [2] level, [3] release  seconds and level, read where their line begins
 *         [4] doneAction  asked for when the release is over
 * out     [0] level; at control rate
 * state   level and step in double, steps left of the line, stage, the last gate. Born one step
 *         into its course, as scsynth's, or, within a block, the part of a step that is left of it:
 *         by this `lead` lines are read late, until the gate acts
 * cost    a few operations per block
 */
struct linen {
    double level[LANE_W], step[LANE_W];
    int32_t left[LANE_W], stage[LANE_W];
    float gate[LANE_W], lead[LANE_W];
};

static float linen_in(const struct dsp_block *b, uint32_t input, int k)
{
    return lane_get(dsp_in(b, input)[0], k);
}

/** A line to `target`, of one step at least. */
static void linen_head_for(struct linen *s, int k, double target, float seconds, float rate_hz)
{
    const double steps = (double)seconds * (double)rate_hz;
    s->left[k] = !(steps > 1.0) ? 1 : steps < 2e9 ? (int32_t)steps : 2000000000;
    s->step[k] = (target - s->level[k]) / s->left[k];
    s->level[k] += (double)s->lead[k] * s->step[k];
}

/** The gate, where the level holds. */
static void linen_release(struct linen *s, const struct dsp_block *b, int k, float gate)
{
    if (!(gate <= 0.0f))
        return;
    const float seconds = gate <= -1.0f ? -gate - 1.0f : linen_in(b, LINEN_RELEASE, k);
    s->stage[k] = FALLS;
    linen_head_for(s, k, 0.0, seconds, b->rate_hz);
}

/** Takes note of the gate: what it opens rises with that lead. */
static void linen_gate(struct linen *s, const struct dsp_block *b, int k, float lead)
{
    const float gate = linen_in(b, LINEN_GATE, k);
    const bool opens = s->gate[k] <= 0.0f && gate > 0.0f;
    const bool closes = s->gate[k] > 0.0f && gate <= 0.0f;
    s->gate[k] = gate;
    if (opens || (closes && s->stage[k] == HOLDS))
        s->lead[k] = lead;
    if (!opens)
        return;
    s->stage[k] = RISES;
    dsp_mark_done(b, false);
    linen_head_for(s, k, (double)linen_in(b, LINEN_SUSTAIN, k), linen_in(b, LINEN_ATTACK, k),
                   b->rate_hz);
}

/** One step of lane k; the level before it. */
static float linen_step(struct linen *s, const struct dsp_block *b, int k)
{
    const float level = s->stage[k] < ENDS ? (float)s->level[k] : 0.0f;
    switch (s->stage[k]) {
    case RISES:
    case FALLS:
        s->level[k] += s->step[k];
        if (--s->left[k] == 0) {
            s->level[k] -= (double)s->lead[k] * s->step[k];
            s->stage[k]++;
        }
        break;
    case HOLDS:
        linen_release(s, b, k, s->gate[k]);
        break;
    case ENDS:
        dsp_ask_done(&b->node[k], linen_in(b, LINEN_DONE_ACTION, k));
        dsp_mark_done(b, true);
        s->stage[k] = IS_OVER;
        break;
    default:
        break;
    }
    if (!isfinite(s->level[k]))
        s->level[k] = 0.0;
    return level;
}

PH_RT static void linen_init(void *state, const struct dsp_block *b)
{
    struct linen *const s = state;
    s->level[0] = s->step[0] = 0.0;
    s->gate[0] = s->lead[0] = 0.0f;
    s->left[0] = 0;
    s->stage[0] = linen_in(b, LINEN_GATE, 0) <= -1.0f ? HOLDS : IS_OVER;
    linen_gate(s, b, 0, part_lead(b));
    if (!(s->lead[0] > 0.0f))
        linen_step(s, b, 0);
}

PH_RT static void linen_process(void *state, const struct dsp_block *b)
{
    struct linen *const s = state;
    lane out = lane_splat(0.0f);
    for (uint32_t left = b->lanes; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        linen_gate(s, b, k, 0.0f);
        out = lane_set(out, k, linen_step(s, b, k));
    }
    dsp_out(b, 0)[0] = out;
}
const struct dsp_unit DSP(dsp_Linen) = { sizeof(struct linen), linen_init, linen_process, NULL, 2,
                                         birth_zero };
