/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/morph_osc.c - oscillators between two wavetables: VOsc, VOsc3.                      */
/* room: audio.                                                                                   */
#include "server/dsp/wavetable.h"

/**
 * VOsc - reads between the wavetables of two buffers that follow each other.
 *
 * in      [0] bufpos  buffer number and how far towards the next one. Ramped where it is not at
 *                     audio rate. Both must hold wavetables of one size, else silence; below 0
 *                     counts as 0
 *         [1] freq    Hz, followed frame by frame at audio rate
 *         [2] phase   radians, as with Osc
 * out     [0] the one and the other, mixed
 * state   running phase, phase and bufpos of the last block
 * cost    two table reads per frame, each voice by itself
 *
 * VOsc3 - three of them.
 *
 * in      [0] bufpos   [1] freq1, [2] freq2, [3] freq3  Hz
 * out     [0] their sum
 */
enum { V_OSC_BUFPOS, V_OSC_FREQ, V_OSC_PHASE, V_OSC_VOICES = 3 };
struct v_osc { lane_u phase[V_OSC_VOICES]; lane position, offset; };

/** One voice. */
struct morph {
    uint32_t n, phase[V_OSC_VOICES], step[V_OSC_VOICES];
    struct wavetable from, to;
};

LANE_FN float v_osc_position(const struct dsp_block *b, int k, uint32_t frame)
{
    const float x = each_in(b, V_OSC_BUFPOS, k, frame);
    const float last = (float)(b->env->n_buffers + b->n_local);
    return x > 0.0f ? x < last ? x : last : 0.0f;
}

/** The tables on both sides of a position: `number` and the next. False: they make no pair. */
LANE_FN bool morph_tables(struct morph *m, const struct dsp_block *b, float number)
{
    const struct samples from = samples_of(b, number), to = samples_of(b, number + 1.0f);
    m->from = wavetable_from(b, from, true);
    m->to = wavetable_from(b, to, true);
    return m->from.data && m->to.data && from.n == to.n;
}

/** Phase steps of the frame. */
LANE_FN void morph_tune(struct morph *m, const struct dsp_block *b, int k, uint32_t frame)
{
    for (uint32_t v = 0; v < m->n; v++)
        m->step[v] = place_of((double)each_in(b, V_OSC_FREQ + v, k, frame) * m->from.per_hz);
}

/** One frame, `shift` behind the phases. */
LANE_FN float morph_frame(struct morph *m, uint32_t shift, float level)
{
    float from = 0.0f, to = 0.0f;
    for (uint32_t v = 0; v < m->n; v++) {
        from += wavetable_at(&m->from, m->phase[v] + shift);
        to += wavetable_at(&m->to, m->phase[v] + shift);
        m->phase[v] += m->step[v];
    }
    return from + level * (to - from);
}

/** A stretch of frames between two buffers: where it begins, and how far it goes in each frame. */
struct stretch { float number, level, slope, end; uint32_t n; };

/** The next stretch on the way from `at` to `target`, `done` frames of this block behind it. */
LANE_FN struct stretch stretch_next(float at, float start, float target, uint32_t done, uint32_t n)
{
    const float way = target - start;
    const float number = way < 0.0f ? ceilf(at) - 1.0f : floorf(at);
    const float edge = way < 0.0f ? number : number + 1.0f;
    const bool arrives = way == 0.0f || (way < 0.0f ? target >= edge : target <= edge);
    struct stretch s = { number, at - number, 0.0f, arrives ? target : edge, n - done };
    if (!arrives) {
        const float until = floorf((float)n / way * (s.end - at) + 0.5f) - (float)done;
        s.n = until > 1.0f ? until < (float)s.n ? (uint32_t)until : s.n : 1;
    }
    s.slope = (s.end - at) / (float)s.n;
    return s;
}

/** The frames of one stretch; shift moves where the phase input is a signal. */
LANE_FN void stretch_run(const struct stretch *s, struct morph *m, const struct dsp_block *b, int k,
                         uint32_t first, bool has_phase)
{
    const bool shifts = has_phase && dsp_step(b, V_OSC_PHASE);
    bool tunes = false;
    for (uint32_t v = 0; v < m->n; v++)
        tunes |= dsp_step(b, V_OSC_FREQ + v);
    float level = s->level;
    for (uint32_t i = first; i < first + s->n; i++, level += s->slope) {
        uint32_t shift = 0;
        if (shifts)
            shift = place_of((double)each_in(b, V_OSC_PHASE, k, i) * m->from.per_radian);
        if (tunes)
            morph_tune(m, b, k, i);
        *each_out(b, k, i) = morph_frame(m, shift, level);
    }
}

/** A block of one voice; `turn` is what the phase input adds to each step. */
LANE_FN void morph_run(struct morph *m, const struct dsp_block *b, int k, float position,
                       float offset_slope, bool has_phase)
{
    const bool follows = dsp_step(b, V_OSC_BUFPOS);
    const float target = v_osc_position(b, k, 0), start = follows ? target : position;
    float at = start;
    for (uint32_t done = 0; done < b->n_frames;) {
        if (follows)
            at = v_osc_position(b, k, done);
        struct stretch s = stretch_next(at, start, follows ? at : target, done, b->n_frames);
        if (start == target || follows)
            s = (struct stretch){ floorf(at), at - floorf(at), 0.0f, at,
                                  follows ? 1 : b->n_frames };
        if (!morph_tables(m, b, s.number)) {
            for (uint32_t i = done; i < done + s.n; i++)
                *each_out(b, k, i) = 0.0f;
        } else {
            morph_tune(m, b, k, done);
            for (uint32_t v = 0; v < m->n; v++)
                m->step[v] += place_of((double)offset_slope * m->from.per_radian);
            stretch_run(&s, m, b, k, done, has_phase);
        }
        done += s.n;
        at = s.end;
    }
}

LANE_FN void v_osc_process_n(void *state, const struct dsp_block *b, uint32_t n, bool has_phase)
{
    struct v_osc *const s = state;
    FOR_EACH_VOICE(k) {
        struct morph m = { .n = n };
        float offset_slope = 0.0f;
        for (uint32_t v = 0; v < n; v++)
            m.phase[v] = lane_get_u(s->phase[v], k);
        if (has_phase && !dsp_step(b, V_OSC_PHASE)) {
            const float now = each_in(b, V_OSC_PHASE, k, 0);
            offset_slope = (now - lane_get(s->offset, k)) * (1.0f / (float)b->n_frames);
            s->offset = lane_set(s->offset, k, now);
        }
        morph_run(&m, b, k, lane_get(s->position, k), offset_slope, has_phase);
        s->position = lane_set(s->position, k, v_osc_position(b, k, 0));
        for (uint32_t v = 0; v < n; v++)
            s->phase[v] = lane_set_u(s->phase[v], k, m.phase[v]);
    }
}

PH_RT static void v_osc_init(void *state, const struct dsp_block *b)
{
    struct v_osc *const s = state;
    const float position = v_osc_position(b, 0, 0), offset = each_in(b, V_OSC_PHASE, 0, 0);
    const struct wavetable table = wavetable_of(b, floorf(position), true);
    const bool runs = table.data && !dsp_step(b, V_OSC_PHASE);
    *s = (struct v_osc){ .position = lane_splat(position), .offset = lane_splat(offset) };
    s->phase[0] = lane_splat_u(runs ? place_of((double)offset * table.per_radian) : 0);
}
PH_RT static void v_osc_process(void *state, const struct dsp_block *b)
{
    v_osc_process_n(state, b, 1, true);
}
const struct dsp_unit DSP(dsp_VOsc) = { sizeof(struct v_osc), v_osc_init, v_osc_process, NULL, 0 };

PH_RT static void v_osc3_init(void *state, const struct dsp_block *b)
{
    *(struct v_osc *)state = (struct v_osc){ .position = lane_splat(v_osc_position(b, 0, 0)) };
}
PH_RT static void v_osc3_process(void *state, const struct dsp_block *b)
{
    v_osc_process_n(state, b, V_OSC_VOICES, false);
}
const struct dsp_unit DSP(dsp_VOsc3) = { sizeof(struct v_osc), v_osc3_init, v_osc3_process };
