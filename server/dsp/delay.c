/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/delay.c - DelayN DelayL DelayC, CombN CombL CombC, AllpassN AllpassL AllpassC.      */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A voice alone computes by runs along time. In lanes, where each voice reads and writes at a    */
/* place of its own, the lines themselves gain nothing; what stands beside them in a short line's */
/* definition does.                                                                               */
#include "server/dsp/birth.h"
#include "server/dsp/delay_line.h"

/*
 * Delays without and with feedback; N reads whole frames, L a straight line between two, C a cubic.
 *
 * in      [0] signal
 *         [1] maxdelaytime, seconds, read once: the length of the line
 *         [2] delaytime, seconds, clamped to 1 frame (CombC, AllpassC: 2) .. the line; a constant 0
 *             of a delay is none
 *         [3] decaytime of combs and all-passes, seconds to -60 dB; negative inverts the feedback,
 *             0 has none
 * out     [0] Delay, Comb: the delayed signal; Allpass: flat magnitude, delayed - feedback *
 *         written.
 *             AllpassC is silent until its delay has passed, as scsynth's is
 * ramp    delay and feedback move linearly over the block when a constant changes
 * state   delay and feedback in use; the line is zero at birth. What is not finite doesn't enter it
 * cost    one exp per changed time, or per frame while times move. Delays of less than LEAST_RUN
 *         frames go frame by frame, others by runs that are no longer than the delay. In lanes all
 *         go frame by frame, each tap a read per voice
 * source  M. R. Schroeder, Natural Sounding Artificial Reverberation (1962)
 */
enum { LINE_IN, LINE_MAX, LINE_DELAY, LINE_DECAY };

/* memory beyond scsynth's: room for runs, and the first frames repeated behind the end */
enum { LINE_REPEATED = 3, LINE_EXTRA = 16 };

PH_RT static uint32_t line_memory(const struct dsp_block *b)
{
    return line_size(b, LINE_MAX) + LINE_EXTRA;
}

LANE_FN struct line_range line_range(const struct dsp_block *b, struct line_form form)
{
    return (struct line_range){ line_shortest(b, form), (float)(b->memory_frames - LINE_EXTRA) };
}

/** Has the delay not passed yet for a cubic all-pass? */
LANE_FN lane_i line_waits(const struct line *s, uint32_t i, lane_i whole, struct line_form form)
{
    if (form.use != LINE_ALLPASSES || form.read != LINE_CUBIC)
        return lane_splat_i(0);
    return lane_lt_i(lane_i_from_u(s->n_written + i), whole - 1);
}

#if LANE_W == 1

LANE_FN struct ring line_ring(const struct line *s, const struct dsp_block *b)
{
    return (struct ring){ b->memory, b->memory_frames - LINE_REPEATED, s->position };
}

/** A run at rest: `near` is what was written a whole number of frames ago. */
LANE_FN void line_steady(const float *restrict near, float *restrict line, const float *restrict x,
                         float *restrict out, uint32_t n, const struct line *s,
                         struct line_form form)
{
    const float part = s->delay_frames - (float)(int32_t)s->delay_frames, feedback = s->feedback;
    const float *const taps = near - line_after(form.read);
    for (uint32_t i = 0; i < n; i++) {
        const float delayed = line_between(form.read, taps + i, part);
        const float written = line_written(form.use, x[i], feedback, delayed);
        line[i] = written;
        out[i] = line_heard(form.use, written, feedback, delayed);
    }
}

/** By runs in which nothing is read that is written. @return the position afterwards */
LANE_FN uint32_t line_steady_runs(const struct line *s, const struct dsp_block *b, const float *x,
                                  struct line_form form)
{
    const uint32_t whole = (uint32_t)s->delay_frames;
    struct ring ring = line_ring(s, b);
    const uint32_t longest = least(whole - (form.read == LINE_CUBIC), ring.n - whole - 2);
    float *const out = dsp_out(b, 0);
    struct ring_run read, written;

    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = least(b->n_frames - i, longest);
        float *const line = ring_write(&ring, n, &written);
        line_steady(ring_read(&ring, whole, &read), line, x + i, out + i, n, s, form);
        ring_wrote(&ring, line, n);
        ring.position = ring_ahead(ring.position, n, ring.n);
    }
    ring_prefetch(&ring, whole);
    return ring.position;
}

/** The frames around where frames 0 .. n - 1 are read, the earliest first. */
LANE_FN void line_gather(const struct ring *r, const int32_t *whole, uint32_t n, float *restrict to,
                         enum line_read read)
{
    const uint32_t taps = line_taps(read);
    int32_t at[DSP_BLOCK_FRAMES];
    ring_places(r, whole, (int32_t)line_after(read), n, at);
    memcpy(r->frames + r->n, r->frames, LINE_REPEATED * sizeof(float));
    for (uint32_t i = 0; i < n; i++)
        memcpy(to + taps * i, r->frames + at[i], taps * sizeof(float));
}

/** A run of line_path_runs(). */
LANE_FN void line_moving(const float *restrict taps, float *restrict line, const float *restrict x,
                         float *restrict out, uint32_t n, const float *restrict part,
                         const float *restrict feedback, struct line_form form)
{
    for (uint32_t i = 0; i < n; i++) {
        const float delayed = line_between(form.read, taps + line_taps(form.read) * i, part[i]);
        const float written = line_written(form.use, x[i], feedback[i], delayed);
        line[i] = written;
        out[i] = line_heard(form.use, written, feedback[i], delayed);
    }
}

LANE_FN uint32_t line_path_runs(const struct line *s, const struct dsp_block *b, const float *x,
                                const struct line_path *p, uint32_t longest, struct line_form form)
{
    _Alignas(64) float taps[4 * DSP_BLOCK_FRAMES];
    struct ring ring = line_ring(s, b);
    struct ring_run written;
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        n = least(b->n_frames - i, longest);
        float *const line = ring_write(&ring, n, &written);
        line_gather(&ring, p->whole + i, n, taps, form.read);
        line_moving(taps, line, x + i, out + i, n, p->part + i, p->feedback + i, form);
        ring_wrote(&ring, line, n);
        ring.position = ring_ahead(ring.position, n, ring.n);
    }
    return ring.position;
}

/** One frame after another: delays of a few frames, and cubic all-passes at their start. */
LANE_FN uint32_t line_path_frames(const struct line *s, const struct dsp_block *b, const float *x,
                                  const struct line_path *p, struct line_form form)
{
    struct ring r = line_ring(s, b);
    const uint32_t after = line_after(form.read);
    float *const out = dsp_out(b, 0);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        float taps[4];
        if (form.use == LINE_DELAYS) /* may read what it has just been given */
            r.frames[r.position] = line_written(form.use, x[i], 0, 0);
        uint32_t at = ring_behind(r.position, (uint32_t)p->whole[i] + after, r.n);
        for (uint32_t k = 0; k < line_taps(form.read); k++) {
            taps[k] = r.frames[at];
            at = ring_ahead(at, 1, r.n);
        }
        const float delayed = line_between(form.read, taps, p->part[i]);
        const float written = line_written(form.use, x[i], p->feedback[i], delayed);
        r.frames[r.position] = written;
        out[i] = line_waits(s, i, p->whole[i], form)
                     ? 0 : line_heard(form.use, written, p->feedback[i], delayed);
        r.position = ring_ahead(r.position, 1, r.n);
    }
    return r.position;
}

/** A run holds LEAST_RUN frames or more, and a cubic all-pass has begun. */
LANE_FN bool line_runs(const struct line *s, const struct dsp_block *b, uint32_t shortest,
                       struct line_form form)
{
    const bool begun = s->n_written >= b->memory_frames;
    return shortest > LEAST_RUN && b->n_frames >= LEAST_RUN &&
           (begun || form.use != LINE_ALLPASSES || form.read != LINE_CUBIC);
}

LANE_FN uint32_t line_render(struct line *s, const struct dsp_block *b, struct line_form form)
{
    const struct line_range range = line_range(b, form);
    _Alignas(64) float space[DSP_BLOCK_FRAMES];
    const float *const x = row_input(b, LINE_IN, space);
    struct line_path p;

    const lane_i changes = line_changes(s, b, form);
    if (!line_moves(b, form) && !changes && line_runs(s, b, (uint32_t)s->delay_frames, form))
        return line_steady_runs(s, b, x, form);
    line_plan(s, b, form, range, changes, &p);
    const uint32_t shortest = (uint32_t)line_split(&p, b->n_frames);
    if (!line_runs(s, b, shortest, form))
        return line_path_frames(s, b, x, &p, form);
    return line_path_runs(s, b, x, &p, shortest - (form.read == LINE_CUBIC), form);
}

LANE_FN void line_process(struct line *s, const struct dsp_block *b, struct line_form form)
{
    s->position = line_render(s, b, form);
    s->n_written = least(s->n_written + b->n_frames, b->memory_frames);
}

#else

/** Where lane by lane a line is read or written: 0 .. 2 n - 1 brought below n. */
LANE_FN lane_i line_wrapped(lane_i at, lane_i n)
{
    return at - (n & ~lane_lt_i(at, n));
}

LANE_FN lane line_read_at(const struct dsp_block *b, lane_i at)
{
    lane x = lane_splat(0.0f);
    for (int k = 0; k < LANE_W; k++)
        x = lane_set(x, k, b->memory[(size_t)lane_get_i(at, k) * LANE_W + (uint32_t)k]);
    return x;
}
LANE_FN void line_write_at(const struct dsp_block *b, lane_i at, lane x)
{
    for (int k = 0; k < LANE_W; k++)
        b->memory[(size_t)lane_get_i(at, k) * LANE_W + (uint32_t)k] = lane_get(x, k);
}

/**
 * The frames around those `whole` before `position`, as line_between() takes them. `slides`: those
 * of the frame before are in `taps`, and all but the latest stay.
 */
LANE_FN void line_taps_at(const struct dsp_block *b, lane_i position, lane_i whole, lane_i n,
                          enum line_read read, bool slides, lane taps[4])
{
    const uint32_t n_taps = line_taps(read), first = slides ? n_taps - 1 : 0;
    lane_i at = line_wrapped(position + n - whole - (int32_t)(line_after(read) - first), n);
    for (uint32_t t = 0; t < first; t++)
        taps[t] = taps[t + 1];
    for (uint32_t t = first; t < n_taps; t++) {
        taps[t] = line_read_at(b, at);
        at = line_wrapped(at + 1, n);
    }
}

/** Every voice frame after frame, as line_path_frames(). @return the position afterwards */
LANE_FN lane_i line_path_lanes(const struct line *s, const struct dsp_block *b, lane_i position,
                               const struct line_path *p, struct line_form form, bool slides)
{
    lane space[DSP_BLOCK_FRAMES], taps[4];
    const lane *const x = frames_of(b, LINE_IN, space), zero = lane_splat(0.0f);
    const lane_i n = lane_splat_i((int32_t)(b->memory_frames - LINE_REPEATED));
    lane *const out = dsp_out(b, 0);

    if (slides) /* those of the frame before the first */
        line_taps_at(b, line_wrapped(position + n - 1, n), p->whole[0], n, form.read, false, taps);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (form.use == LINE_DELAYS) /* may read what it has just been given */
            line_write_at(b, position, line_written(form.use, x[i], zero, zero));
        line_taps_at(b, position, p->whole[i], n, form.read, slides, taps);
        const lane delayed = line_between(form.read, taps, p->part[i]), feedback = p->feedback[i];
        const lane written = line_written(form.use, x[i], feedback, delayed);
        if (form.use != LINE_DELAYS)
            line_write_at(b, position, written);
        const lane heard = line_heard(form.use, written, feedback, delayed);
        out[i] = lane_where(~line_waits(s, i, p->whole[i], form), heard);
        position = line_wrapped(position + 1, n);
    }
    return position;
}

LANE_FN void line_process(struct line *s, const struct dsp_block *b, struct line_form form)
{
    const struct line_range range = line_range(b, form);
    const lane_i n = lane_splat_i((int32_t)(b->memory_frames - LINE_REPEATED));
    const lane_i one = lane_splat_i(1), full = lane_splat_i((int32_t)b->memory_frames);
    const lane_i changes = line_changes(s, b, form);
    const lane_i n_written = lane_i_from_u(s->n_written + b->n_frames);
    lane_i position = lane_i_from_u(s->position);
    struct line_path p;
    /* a lane without a voice may hold anything */
    position &= lane_lt_i(position, n) & ~lane_lt_i(position, lane_splat_i(0));
    s->delay_frames = line_within(s->delay_frames, range);
    line_plan(s, b, form, range, changes, &p);
    const bool is_past = lane_all(lane_gt_i(line_split(&p, b->n_frames), one));
    if (is_past && !line_moves(b, form) && !lane_any(changes))
        position = line_path_lanes(s, b, position, &p, form, true);
    else
        position = line_path_lanes(s, b, position, &p, form, false);
    s->position = lane_u_from_i(position);
    s->n_written = lane_u_from_i(lane_select_i(lane_lt_i(n_written, full), n_written, full));
}

#endif

#define LINE_UNIT(name, use, read, decay)                                                          \
    static const struct line_form name##_form = { use, read, LINE_IN, LINE_DELAY, decay, false };  \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        line_start(state, b, name##_form, line_range(b, name##_form));                             \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        line_process(state, b, name##_form);                                                       \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##name) = { sizeof(struct line), name##_init, name##_process,    \
                                              line_memory, 0, birth_zero };

LINE_UNIT(DelayN, LINE_DELAYS, LINE_WHOLE, 0)
LINE_UNIT(DelayL, LINE_DELAYS, LINE_LINEAR, 0)
LINE_UNIT(DelayC, LINE_DELAYS, LINE_CUBIC, 0)
LINE_UNIT(CombN, LINE_COMBS, LINE_WHOLE, LINE_DECAY)
LINE_UNIT(CombL, LINE_COMBS, LINE_LINEAR, LINE_DECAY)
LINE_UNIT(CombC, LINE_COMBS, LINE_CUBIC, LINE_DECAY)
LINE_UNIT(AllpassN, LINE_ALLPASSES, LINE_WHOLE, LINE_DECAY)
LINE_UNIT(AllpassL, LINE_ALLPASSES, LINE_LINEAR, LINE_DECAY)
LINE_UNIT(AllpassC, LINE_ALLPASSES, LINE_CUBIC, LINE_DECAY)
