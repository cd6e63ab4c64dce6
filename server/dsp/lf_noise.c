/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lf_noise.c - random values at a rate of their own, held or joined by curves.        */
/* room: audio.                                                                                   */
#include "server/dsp/interp.h"
#include "server/dsp/lane_random.h"
#include "server/dsp/part.h"

/*
 * LFNoise0, LFClipNoise, LFNoise1, LFNoise2 - a new value every so many frames.
 *
 * in      [0] freq, values per second. Read where a segment begins; a segment has rate / freq
 *         frames without the fraction, at least 1 (LFNoise2: 2), at most 1000 s
 * out     [0] LFNoise0 holds values of -1 .. 1, LFClipNoise -1 or 1; LFNoise1 joins them by
 *         straight lines; LFNoise2 runs on parabolas through the middles between them, and past +-1
 *         where a segment is much longer than the one before
 * state   generator, frames left, value; slope; curvature and the next two points
 * cost    some operations per frame; a hash and a division where a segment begins
 */
enum { LF_FREQ };

/** Frames of a segment that begins with that frequency. */
LANE_FN lane_i segment_frames(const struct dsp_block *b, lane freq, float least)
{
    const lane n_frames = b->rate_hz / lane_max(freq, lane_splat(0.001f));
    return lane_to_i(lane_max(n_frames, lane_splat(least)));
}

struct lf_held { struct random random; lane_i left; lane value; };

PH_RT static void lf_held_init(void *state, const struct dsp_block *b)
{
    *(struct lf_held *)state = (struct lf_held){ random_new(b), lane_splat_i(0), lane_splat(0.0f) };
}

LANE_FN void lf_held_process(void *state, const struct dsp_block *b, bool coin)
{
    struct lf_held s = *(struct lf_held *)state;
    const lane *const freq = dsp_in(b, LF_FREQ);
    const uint32_t df = dsp_step(b, LF_FREQ);
    const int32_t frame = part_whole(b);
    lane *const out = dsp_out(b, 0);

    random_begin(&s.random, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i due = lane_lt_i(s.left, lane_splat_i(1));
        if (lane_any(due)) {
            const lane_u bits = random_draw(&s.random, due);
            s.value =
                lane_select(due, coin ? random_coin_of(bits) : random_bipolar_of(bits), s.value);
            s.left = lane_select_i(due, segment_frames(b, freq[i * df], 1), s.left);
        }
        s.left -= frame;
        out[i] = s.value;
    }
    *(struct lf_held *)state = s;
}

PH_RT static void lf_noise_0_process(void *state, const struct dsp_block *b)
{
    lf_held_process(state, b, false);
}
PH_RT static void lf_clip_noise_process(void *state, const struct dsp_block *b)
{
    lf_held_process(state, b, true);
}
const struct dsp_unit DSP(dsp_LFNoise0) = { sizeof(struct lf_held), lf_held_init,
                                            lf_noise_0_process };
const struct dsp_unit DSP(dsp_LFClipNoise) = { sizeof(struct lf_held), lf_held_init,
                                               lf_clip_noise_process, NULL, 0 };

struct lf_line { struct random random; lane_i left; lane value, slope; struct part_line line; };

PH_RT static void lf_line_init(void *state, const struct dsp_block *b)
{
    struct lf_line *const s = state;
    *s = (struct lf_line){ .random = random_new(b),
                           .left = lane_splat_i(0),
                           .slope = lane_splat(0.0f) };
    s->value = random_bipolar_of(random_draw(&s->random, lane_splat_i(-1)));
    s->line = part_line_new(b, s->value);
}

PH_RT static void lf_line_process(void *state, const struct dsp_block *b)
{
    struct lf_line s = *(struct lf_line *)state;
    const lane *const freq = dsp_in(b, LF_FREQ);
    const uint32_t df = dsp_step(b, LF_FREQ);
    lane *const out = dsp_out(b, 0);

    random_begin(&s.random, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i due = lane_lt_i(s.left, lane_splat_i(1));
        if (lane_any(due)) {
            const lane next = random_bipolar_of(random_draw(&s.random, due));
            const lane_i n = segment_frames(b, freq[i * df], 1);
            s.slope = lane_select(due, (next - s.value) / lane_from_i(n), s.slope);
            s.left = lane_select_i(due, n, s.left);
        }
        s.left -= 1;
        out[i] = s.value;
        s.value += s.slope;
    }
    if (b->rate != PH_AUDIO)
        out[0] = part_line_to(&s.line, out[0]);
    *(struct lf_line *)state = s;
}
const struct dsp_unit DSP(dsp_LFNoise1) = { sizeof(struct lf_line), lf_line_init, lf_line_process,
                                            NULL, 0 };

struct lf_curve {
    struct random random;
    lane_i left;
    lane value, slope, curve; /* of the parabola, per frame */
    lane point, middle;       /* the last value drawn; the middle between the last two */
    struct part_line line;
};

PH_RT static void lf_curve_init(void *state, const struct dsp_block *b)
{
    struct lf_curve *const s = state;
    const lane zero = lane_splat(0.0f);
    *s = (struct lf_curve){ .random = random_new(b), .left = lane_splat_i(0), .value = zero,
                            .slope = zero, .curve = zero };
    s->point = random_bipolar_of(random_draw(&s->random, lane_splat_i(-1)));
    s->middle = s->point * 0.5f;
    s->line = part_line_new(b, s->middle);
}

/** From the middle it has reached to the next one, with the slope that it has. */
LANE_FN void lf_curve_begin(struct lf_curve *s, lane_i due, lane_i n)
{
    const lane point = random_bipolar_of(random_draw(&s->random, due));
    const lane from = s->middle, to = (point + s->point) * 0.5f, length = lane_from_i(n);
    const lane bend = 2.0f * (to - from - length * s->slope) / (length * length + length);
    s->value = lane_select(due, from, s->value);
    s->curve = lane_select(due, bend, s->curve);
    s->middle = lane_select(due, to, s->middle);
    s->point = lane_select(due, point, s->point);
    s->left = lane_select_i(due, n, s->left);
}

PH_RT static void lf_curve_process(void *state, const struct dsp_block *b)
{
    struct lf_curve s = *(struct lf_curve *)state;
    const lane *const freq = dsp_in(b, LF_FREQ);
    const uint32_t df = dsp_step(b, LF_FREQ);
    lane *const out = dsp_out(b, 0);

    random_begin(&s.random, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_i due = lane_lt_i(s.left, lane_splat_i(1));
        if (lane_any(due))
            lf_curve_begin(&s, due, segment_frames(b, freq[i * df], 2));
        s.left -= 1;
        out[i] = s.value;
        s.slope += s.curve;
        s.value += s.slope;
    }
    if (b->rate != PH_AUDIO)
        out[0] = part_line_to(&s.line, out[0]);
    *(struct lf_curve *)state = s;
}
const struct dsp_unit DSP(dsp_LFNoise2) = { sizeof(struct lf_curve), lf_curve_init,
                                            lf_curve_process };

/*
 * LFDNoise0, LFDClipNoise, LFDNoise1, LFDNoise3 - the same with a phase, so that freq counts in
 * every frame and what is left of a frame goes to the next segment.
 *
 * in      [0] freq, values per second, at least 0; it may move within a segment. Of several values
 *         in one frame only the last is drawn
 * out     [0] LFDNoise0 holds values of -1 .. 1, 0 before the first; LFDClipNoise -1 or 1;
 *         LFDNoise1 joins them by straight lines; LFDNoise3 by cubics through values of -0.8 ..
 *         0.8, so that it stays within +-1
 * state   generator, phase (of a segment what is left, 0 .. 1), the last one, two or four values
 */
struct lfd_noise { struct random random; lane phase, values[4]; };

/** All values random: LFDNoise3 begins in the middle of its curve. */
PH_RT static void lfd_noise_init(void *state, const struct dsp_block *b)
{
    struct lfd_noise *const s = state;
    s->random = random_new(b);
    s->phase = lane_splat(0.0f);
    for (int i = 0; i < 4; i++)
        s->values[i] = random_bipolar_of(random_draw(&s->random, lane_splat_i(-1)));
}

/** The values that are held are silent until the first is due. */
PH_RT static void lfd_held_init(void *state, const struct dsp_block *b)
{
    struct lfd_noise *const s = state;
    lfd_noise_init(state, b);
    for (int i = 0; i < 4; i++)
        s->values[i] = lane_splat(0.0f);
}

enum lfd_shape { LFD_HELD, LFD_COIN, LFD_LINE, LFD_CUBIC };

LANE_FN lane lfd_value(const struct lfd_noise *s, enum lfd_shape shape)
{
    const lane *const v = s->values;
    if (shape == LFD_LINE)
        return v[3] + s->phase * (v[2] - v[3]);
    if (shape == LFD_CUBIC)
        return 0.8f * lane_cubic(1.0f - s->phase, v[0], v[1], v[2], v[3]);
    return v[3];
}

LANE_FN void lfd_process(void *state, const struct dsp_block *b, enum lfd_shape shape)
{
    struct lfd_noise s = *(struct lfd_noise *)state;
    const lane *const freq = dsp_in(b, LF_FREQ);
    const uint32_t df = dsp_step(b, LF_FREQ);
    const float frame_seconds = 1.0f / part_rate_hz(b);
    lane *const out = dsp_out(b, 0);

    random_begin(&s.random, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        s.phase -= lane_clamp(freq[i * df] * frame_seconds, 0.0f, 1e6f);
        const lane_i due = lane_lt(s.phase, lane_splat(0.0f));
        if (lane_any(due)) {
            const lane_u bits = random_draw(&s.random, due);
            s.phase = lane_select(due, lane_frac(s.phase), s.phase);
            for (int k = 0; k < 3; k++)
                s.values[k] = lane_select(due, s.values[k + 1], s.values[k]);
            s.values[3] =
                lane_select(due, shape == LFD_COIN ? random_coin_of(bits) : random_bipolar_of(bits),
                            s.values[3]);
        }
        out[i] = lfd_value(&s, shape);
    }
    *(struct lfd_noise *)state = s;
}

PH_RT static void lfd_noise_0_process(void *state, const struct dsp_block *b)
{
    lfd_process(state, b, LFD_HELD);
}
PH_RT static void lfd_clip_noise_process(void *state, const struct dsp_block *b)
{
    lfd_process(state, b, LFD_COIN);
}
PH_RT static void lfd_noise_1_process(void *state, const struct dsp_block *b)
{
    lfd_process(state, b, LFD_LINE);
}
PH_RT static void lfd_noise_3_process(void *state, const struct dsp_block *b)
{
    lfd_process(state, b, LFD_CUBIC);
}
const struct dsp_unit DSP(dsp_LFDNoise0) = { sizeof(struct lfd_noise), lfd_held_init,
                                             lfd_noise_0_process, NULL, 0 };
const struct dsp_unit DSP(dsp_LFDClipNoise) = { sizeof(struct lfd_noise), lfd_held_init,
                                                lfd_clip_noise_process, NULL, 0 };
const struct dsp_unit DSP(dsp_LFDNoise1) = { sizeof(struct lfd_noise), lfd_noise_init,
                                             lfd_noise_1_process, NULL, 0 };
const struct dsp_unit DSP(dsp_LFDNoise3) = { sizeof(struct lfd_noise), lfd_noise_init,
                                             lfd_noise_3_process, NULL, 0 };
