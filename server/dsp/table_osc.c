/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/table_osc.c - oscillators that read a table: Osc, OscN, COsc.                       */
/* room: audio.                                                                                   */
#include "server/dsp/wavetable.h"

/* ---------------------------------------------------------------------------------- Osc, OscN */

/*
 * Osc - reads a wavetable by linear interpolation; OscN - a plain table, without.
 *
 * in      [0] bufnum  a power of two samples, 2^17 at most, else silence. Osc: in SuperCollider's
 *                     wavetable format, pairs of 2 a - b and b - a for neighbours a, b
 *         [1] freq    Hz, followed frame by frame at audio rate
 *         [2] phase   radians, added to the running phase; ramped where it is not at audio rate
 * out     [0] what the table holds
 * state   running phase in 2^-16 table places, which is scsynth's; the phase of the last block
 * cost    a table read per frame, each voice by itself
 */
struct osc { lane_u phase; lane offset; };
enum { OSC_BUFNUM, OSC_FREQ, OSC_PHASE };

LANE_FN void osc_start(void *state, const struct dsp_block *b, bool is_pairs)
{
    struct osc *const s = state;
    const struct wavetable table = wavetable_of(b, each_in(b, OSC_BUFNUM, 0, 0), is_pairs);
    const float offset = each_in(b, OSC_PHASE, 0, 0);
    const bool runs = !dsp_step(b, OSC_FREQ) && !dsp_step(b, OSC_PHASE); /* else added when read */
    s->offset = lane_splat(offset);
    s->phase = lane_splat_u(runs && table.data ? place_of((double)offset * table.per_radian) : 0);
}

/** What a block knows before its first frame. */
struct osc_block { uint32_t step; float offset, slope; };

/** freq and phase stand, or phase is a line: the line is part of the step. */
LANE_FN uint32_t osc_run(const struct wavetable *t, uint32_t phase, const struct osc_block *r,
                         const struct dsp_block *b, int k)
{
    const uint32_t step = r->step + place_of((double)r->slope * t->per_radian);
    for (uint32_t i = 0; i < b->n_frames; i++, phase += step)
        *each_out(b, k, i) = wavetable_at(t, phase);
    return phase;
}

/** freq or phase is a signal. */
LANE_FN uint32_t osc_follow(const struct wavetable *t, uint32_t phase, const struct osc_block *r,
                            const struct dsp_block *b, int k)
{
    const float per_radian = (float)t->per_radian, per_hz = (float)t->per_hz;
    uint32_t step = r->step;
    float offset = r->offset;
    for (uint32_t i = 0; i < b->n_frames; i++, phase += step) {
        if (dsp_step(b, OSC_PHASE))
            offset = each_in(b, OSC_PHASE, k, i);
        *each_out(b, k, i) = wavetable_at(t, phase + place_of((double)(per_radian * offset)));
        offset += r->slope;
        if (dsp_step(b, OSC_FREQ))
            step = place_of((double)(per_hz * each_in(b, OSC_FREQ, k, i)));
    }
    return phase;
}

LANE_FN void osc_process(void *state, const struct dsp_block *b, bool is_pairs)
{
    struct osc *const s = state;
    FOR_EACH_VOICE(k) {
        const struct wavetable table = wavetable_of(b, each_in(b, OSC_BUFNUM, k, 0), is_pairs);
        const float now = each_in(b, OSC_PHASE, k, 0), before = lane_get(s->offset, k);
        struct osc_block r = { .offset = before };
        if (!table.data) {
            wavetable_silence(b, k);
            continue;
        }
        if (!dsp_step(b, OSC_PHASE)) {
            r.slope = (now - before) * (1.0f / (float)b->n_frames);
            s->offset = lane_set(s->offset, k, now);
        }
        r.step = place_of((double)each_in(b, OSC_FREQ, k, 0) * table.per_hz);
        const bool moves = dsp_step(b, OSC_FREQ) || dsp_step(b, OSC_PHASE);
        const uint32_t phase = lane_get_u(s->phase, k);
        s->phase = lane_set_u(s->phase, k, moves ? osc_follow(&table, phase, &r, b, k)
                                                 : osc_run(&table, phase, &r, b, k));
    }
}

PH_RT static void osc_pairs_init(void *state, const struct dsp_block *b)
{
    osc_start(state, b, true);
}
PH_RT static void osc_pairs_process(void *state, const struct dsp_block *b)
{
    osc_process(state, b, true);
}
const struct dsp_unit DSP(dsp_Osc) = { sizeof(struct osc), osc_pairs_init, osc_pairs_process };

PH_RT static void osc_n_init(void *state, const struct dsp_block *b) { osc_start(state, b, false); }
PH_RT static void osc_n_process(void *state, const struct dsp_block *b)
{
    osc_process(state, b, false);
}
const struct dsp_unit DSP(dsp_OscN) = { sizeof(struct osc), osc_n_init, osc_n_process, NULL, 0 };

/* --------------------------------------------------------------------------------------- COsc */

/**
 * COsc - two oscillators that beat.
 *
 * in      [0] bufnum  a wavetable, as Osc's
 *         [1] freq    Hz
 *         [2] beats   Hz: one runs higher by half of it, one lower. Of both a block's first value
 *             counts
 * out     [0] the sum of both
 * state   two phases in 2^-16 table places
 * cost    two table reads per frame, each voice by itself
 */
struct c_osc { lane_u upper, lower; };
enum { C_OSC_BUFNUM, C_OSC_FREQ, C_OSC_BEATS };

PH_RT static void c_osc_process(void *state, const struct dsp_block *b)
{
    struct c_osc *const s = state;
    FOR_EACH_VOICE(k) {
        const struct wavetable table = wavetable_of(b, each_in(b, C_OSC_BUFNUM, k, 0), true);
        if (!table.data) {
            wavetable_silence(b, k);
            continue;
        }
        uint32_t upper = lane_get_u(s->upper, k), lower = lane_get_u(s->lower, k);
        const uint32_t step = place_of((double)each_in(b, C_OSC_FREQ, k, 0) * table.per_hz);
        const float beats = each_in(b, C_OSC_BEATS, k, 0) * 0.5f;
        const uint32_t apart = place_of((double)beats * table.per_hz);
        for (uint32_t i = 0; i < b->n_frames; i++) {
            *each_out(b, k, i) = wavetable_at(&table, upper) + wavetable_at(&table, lower);
            upper += step + apart;
            lower += step - apart;
        }
        s->upper = lane_set_u(s->upper, k, upper);
        s->lower = lane_set_u(s->lower, k, lower);
    }
}
const struct dsp_unit DSP(dsp_COsc) = { sizeof(struct c_osc), dsp_no_init, c_osc_process, NULL, 0 };
