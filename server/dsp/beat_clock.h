/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/beat_clock.h - ticks of a tempo that is found anew now and then.                    */
/* room: audio. One voice at a time.                                                              */
#ifndef SERVER_DSP_BEAT_CLOCK_H
#define SERVER_DSP_BEAT_CLOCK_H

#include "server/dsp/lane.h"

#if LANE_W == 1

/** A phase in beats, 0 .. 1, at `step` a block. */
struct beat_pulse { float phase, step, tempo; }; /* tempo in beats a second */

/** What was found, and what is heard: while that is locked, it goes on by itself. */
struct beat_clock {
    struct beat_pulse found, heard;
    uint32_t ticked; /* bit k: quarter k + 1 of this beat has had its tick */
};

/** Two beats a second. */
static inline struct beat_clock beat_clock_new(float step)
{
    const struct beat_pulse pulse = { 0, step, 2 };
    return (struct beat_clock){ .found = pulse, .heard = pulse };
}

/**
 * One block. `ticks`: 1 at each beat, at each half, at each quarter of one, else 0. The phase that
 * is heard passes 1 in the block before its tick is counted: it is given as `at`.
 */
static inline void beat_clock_block(struct beat_clock *c, bool locked, float *const *ticks,
                                    float *tempo, float *at)
{
    c->found.phase += c->found.step;
    if (locked)
        c->heard.phase += c->heard.step;
    else
        c->heard = c->found;
    if (c->found.phase >= 1)
        c->found.phase -= 1;
    *tempo = c->heard.tempo;
    *at = c->heard.phase;
    const bool is_beat = c->heard.phase >= 1;
    if (is_beat) {
        c->heard.phase -= 1;
        c->ticked = 0;
    }
    uint32_t now = 0;
    for (uint32_t k = 0; k < 3; k++)
        now |= (uint32_t)(c->heard.phase >= 0.25f * (float)(k + 1)) << k;
    now &= ~c->ticked;
    c->ticked |= now;
    *ticks[0] = is_beat;
    *ticks[1] = is_beat || now & 2;
    *ticks[2] = is_beat || now;
}

#endif
#endif
