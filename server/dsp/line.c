/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/line.c - Line and XLine.                                                            */
/* room: audio.                                                                                   */
#include "server/dsp/lane_curve.h"
#include "server/dsp/part.h"

enum { LINE_START, LINE_END, LINE_SECONDS, LINE_DONE_ACTION };

/** `counter` frames remain. */
struct line {
    struct curves course;
    float end[LANE_W];
    int32_t counter[LANE_W];
};

/** Frames of a line; the nearest whole number, at least 0. */
static int32_t line_frames(const struct dsp_block *b)
{
    const double seconds = lane_get(dsp_in(b, LINE_SECONDS)[0], 0);
    const double frames = (seconds + 0.5 / b->rate_hz) * b->rate_hz;
    if (!(frames > 0.0))
        return 0;
    return frames < 2e9 ? (int32_t)frames : 2000000000;
}

/** Lane k in a block where it arrives: the rest of the line, then its end. */
LANE_FN void line_arrive(struct line *s, const struct dsp_block *b, int k, struct curve course,
                         uint32_t run, float *out)
{
    curve_run(course, out, run);
    for (uint32_t i = run; i < b->n_frames; i++)
        out[i] = s->end[k];
    curves_set(&s->course, k, curve_still(s->end[k]));
    dsp_ask_done(&b->node[k], lane_get(dsp_in(b, LINE_DONE_ACTION)[0], k));
    dsp_mark_done(b, true);
}

#if LANE_W == 1

/** Where the course is after the call. */
LANE_FN struct curve line_part(struct curve before, struct curve after, const struct dsp_block *b)
{
    const float part = part_of_block(b);
    if (part < 1)
        after.level = before.level + part * (after.level - before.level);
    return after;
}

PH_RT static void line_process(void *state, const struct dsp_block *b)
{
    struct line *const s = state;
    const struct curve course = curves_get(&s->course, 0);
    const int32_t n = (int32_t)b->n_frames;
    if (s->counter[0] > 0 && s->counter[0] <= n) {
        line_arrive(s, b, 0, course, (uint32_t)s->counter[0], b->out[0]);
        s->counter[0] = 0;
        return;
    }
    curves_set(&s->course, 0, line_part(course, curve_run(course, b->out[0], b->n_frames), b));
    if (s->counter[0] > 0)
        s->counter[0] -= n;
}

#else

/** A block in which the lanes of the bit set `arriving` arrive, one after the other. */
__attribute__((noinline))
static void line_arrivals(struct line *s, const struct dsp_block *b, uint32_t arriving)
{
    const struct curves before = s->course;
    float frames[DSP_BLOCK_FRAMES];
    curves_run(&s->course, dsp_out(b, 0), b->n_frames);
    for (; arriving; arriving &= arriving - 1) {
        const int k = __builtin_ctz(arriving);
        line_arrive(s, b, k, curves_get(&before, k), (uint32_t)s->counter[k], frames);
        for (uint32_t i = 0; i < b->n_frames; i++)
            ((float *)b->out[0])[i * LANE_W + (uint32_t)k] = frames[i];
    }
}

PH_RT static void line_process(void *state, const struct dsp_block *b)
{
    struct line *const s = state;
    const lane_i n = lane_splat_i((int32_t)b->n_frames);
    lane_i counter;
    memcpy(&counter, s->counter, sizeof counter);
    const lane_i moving = lane_gt_i(counter, lane_splat_i(0));
    const lane_i after = counter - (n & moving);
    const uint32_t arriving = lane_mask_bits(moving & ~lane_gt_i(counter, n)) & b->lanes;
    if (arriving)
        line_arrivals(s, b, arriving);
    else
        curves_run(&s->course, dsp_out(b, 0), b->n_frames);
    memcpy(s->counter, &after, sizeof after);
    for (uint32_t left = arriving; left; left &= left - 1)
        s->counter[__builtin_ctz(left)] = 0;
}

#endif

/**
 * Line - a straight line from one value to another.
 *
 * in      [0] start, [1] end, [2] seconds: read at birth
 *         [3] doneAction  asked for in the block where the line arrives
 * out     [0] the frame after start first; end after seconds * rate frames, and from then on
 * state   level, step, remaining frames
 * cost    one multiply-add per frame
 */
PH_RT static void line_init(void *state, const struct dsp_block *b)
{
    struct line *const s = state;
    const double start = lane_get(dsp_in(b, LINE_START)[0], 0);
    const float end = lane_get(dsp_in(b, LINE_END)[0], 0);
    const int32_t n = line_frames(b);
    const double step = n > 0 ? (end - start) / n : 0.0;
    s->end[0] = end;
    s->counter[0] = n > 0 ? n : 1;
    curves_set(&s->course, 0, n > 0 ? curve_line(start + step, step) : curve_still(end));
}
const struct dsp_unit DSP(dsp_Line) = { sizeof(struct line), line_init, line_process, NULL, 4 };

/**
 * XLine - an exponential curve from one value to another.
 *
 * in      [0] start, [1] end, [2] seconds: read at birth; start and end of one sign, neither 0,
 *         else the line stays at start until it jumps to end
 *         [3] doneAction  asked for in the block where the curve arrives
 * out     [0] the frame after start first; end after seconds * rate frames, and from then on
 * state   level, growth, remaining frames
 * cost    one multiply-add per frame
 */
PH_RT static void x_line_init(void *state, const struct dsp_block *b)
{
    struct line *const s = state;
    const double start = lane_get(dsp_in(b, LINE_START)[0], 0);
    const float end = lane_get(dsp_in(b, LINE_END)[0], 0);
    const int32_t n = line_frames(b);
    const double e = n > 0 && start * end > 0.0 ? expm1(log(end / start) / n) : 0.0;
    s->end[0] = end;
    s->counter[0] = n;
    curves_set(&s->course, 0, n > 0 ? curve_exponential(start + start * e, 0.0, e)
                                    : curve_still(end));
}

PH_RT static void x_line_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = dsp_in(b, LINE_START)[0];
}
const struct dsp_unit DSP(dsp_XLine) = { sizeof(struct line), x_line_init, line_process, NULL, 4,
                                         x_line_birth };
