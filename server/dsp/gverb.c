/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/gverb.c - GVerb: a room of four lines that feed each other.                         */
/* room: audio. One voice at a time: its memory is what it costs.                                 */
#include "server/dsp/delay_line.h"

#if LANE_W == 1

/*
 * GVerb
 *
 * in      [0] signal   [1] roomsize, m, 1 .. maxroomsize   [2] revtime, seconds to -60 dB
 *         [3] damping   [4] inputbw   [5] spread, read at birth, clamped to -150 .. 150
 *         [6] drylevel   [7] earlyreflevel   [8] taillevel
 *         [9] maxroomsize, read at birth: the length of the lines
 * out     left and right: the same sum through all-passes of other lengths
 * ramp    levels move over a block, from 0 at birth, all else steps; all are read once per call.
 *         The gains of taps and lines are set anew whatever parameter changes
 * sizes   the first line and the all-passes keep the size of birth; a line that was born short
 *         stays so
 * state   positions, what each one-pole gave last, gains. What is past 1e15, or no number, is let
 *         go
 * cost    some 20 reads and 12 writes of memory per frame; nine powers when a parameter changes
 * source  J. Stautner, M. Puckette, Designing Multi-Channel Reverberators (1982); sizes as in
 *         Juhana Sadeharju's gverb
 */
enum {
    GVERB_IN, GVERB_ROOM, GVERB_TIME, GVERB_DAMPING, GVERB_BANDWIDTH, GVERB_SPREAD, GVERB_DRY,
    GVERB_EARLY, GVERB_TAIL, GVERB_MAX
};
enum { N_LINES = 4, N_DIFFUSERS = 7, TAP_FRAMES = 44000, LINE_MORE = 1000 };
enum { LEFT = 1, RIGHT = 4, PER_SIDE = 3 }; /* diffusers: [0] at the input, then the sides */
enum { SIDE_PARTS = 1341, FIRST_PARTS = 210 };

struct damper { float damping, last; };
struct section_of { uint32_t first, n, position; }; /* a ring: part of the memory */
struct levels { float dry, early, tail; };

struct gverb {
    float decay; /* of a frame */
    float room, seconds, damping, bandwidth;
    struct levels given, levels, step; /* how they are given; where they are, on the way */
    uint32_t n_left;                   /* frames of that way */
    float line_gain[N_LINES], tap_gain[N_LINES];
    uint32_t line_frames[N_LINES], tap_frames[N_LINES];
    struct damper input, dampers[N_LINES];
    struct section_of lines[N_LINES], taps, diffusers[N_DIFFUSERS];
};

/** Frames that sound needs for that many metres. */
static float gverb_way(const struct dsp_block *b, float metres)
{
    return (float)((double)b->rate_hz * metres / 340.0);
}

static float gverb_max(const struct dsp_block *b)
{
    return limit(dsp_in(b, GVERB_MAX)[0], 1.0001f, LINE_FRAMES_MAX / 16 * 340.0f / b->rate_hz);
}

/** Four lines, the all-passes of both sides, 0.63 of a line each, and the taps. */
PH_RT static uint32_t gverb_memory(const struct dsp_block *b)
{
    return 6 * ((uint32_t)gverb_way(b, gverb_max(b)) + LINE_MORE) + TAP_FRAMES;
}

/** The next part of the memory: rounded to even, one frame or more. */
static struct section_of gverb_take(uint32_t *first, float n_frames, uint32_t most)
{
    const float n = lane_nearest(limit(n_frames, 1, (float)most));
    const struct section_of section = { *first, (uint32_t)n, 0 };
    *first += section.n;
    return section;
}

static bool is_prime(uint32_t n)
{
    for (uint32_t i = 3; i * i <= n; i += 2)
        if (n % i == 0)
            return false;
    return n == 2 || n % 2;
}

/** The prime number next to x's whole part, the larger one of two; that part where it is one. */
static float nearest_prime(float x)
{
    const uint32_t n = (uint32_t)x;
    uint32_t k = 0;
    while (!is_prime(n + k) && !(k < n && is_prime(n - k)))
        k++;
    return (float)(is_prime(n + k) ? n + k : n - k);
}

/** A side's all-passes: the last line in parts, cut at places that differ. */
static void gverb_side(struct gverb *s, uint32_t side, float second, float third, float scale,
                       uint32_t *first)
{
    const int32_t c = 210 + 159 + (int32_t)second, d = 210 + 159 + 562 + (int32_t)third;
    const int32_t parts[PER_SIDE] = { c - FIRST_PARTS, d - c, SIDE_PARTS - d };
    for (uint32_t k = 0; k < PER_SIDE; k++)
        s->diffusers[side + k] = gverb_take(first, scale * (float)parts[k], LINE_FRAMES_MAX);
}

static void gverb_set_lengths(struct gverb *s, float way)
{
    static const double line_share[N_LINES] = { 1, 0.816490, 0.707100, 0.632450 };
    static const double tap_share[N_LINES] = { 0.410, 0.300, 0.155, 0 };
    for (uint32_t k = 0; k < N_LINES; k++) {
        s->line_frames[k] = k ? least((uint32_t)(line_share[k] * way), s->lines[k].n)
                              : s->lines[k].n;
        s->tap_frames[k] = least(5 + (uint32_t)(tap_share[k] * way), TAP_FRAMES);
    }
}

static float gverb_gain(const struct gverb *s, uint32_t n_frames)
{
    return powf(s->decay, (float)n_frames);
}

/** Seconds that make sense, in frames. */
static double gverb_decay_frames(const struct dsp_block *b, float seconds)
{
    return (double)b->rate_hz * limit(seconds, 0.001f, 1e9f);
}

PH_RT static void gverb_init(void *state, const struct dsp_block *b)
{
    static const float share[N_LINES] = { 1, 0.816490f, 0.707100f, 0.632450f };
    struct gverb *const s = state;
    /* less than the greatest room where that was not known when memory was taken */
    const uint32_t longest = (b->memory_frames - TAP_FRAMES) / 6 - 1;
    const float spread = limit(dsp_in(b, GVERB_SPREAD)[0], -150, 150), thrice = 3 * spread;
    const float room = limit(dsp_in(b, GVERB_ROOM)[0], 1, 1e9f);
    const float way = limit(gverb_way(b, room), 1, (float)longest);
    uint32_t first = 0;

    *s = (struct gverb){ .room = dsp_in(b, GVERB_ROOM)[0], .seconds = dsp_in(b, GVERB_TIME)[0],
                         .damping = dsp_in(b, GVERB_DAMPING)[0], .input = { 1, 0 } };
    for (uint32_t k = 0; k < N_LINES; k++)
        s->lines[k] = gverb_take(&first, k ? share[k] * way : nearest_prime(way), longest);
    s->taps = gverb_take(&first, TAP_FRAMES, TAP_FRAMES);
    const float scale = (float)(s->lines[3].n / (double)SIDE_PARTS);
    s->diffusers[0] = gverb_take(&first, scale * FIRST_PARTS, longest);
    gverb_side(s, LEFT, spread * 0.125541f, thrice * 0.854046f, scale, &first);
    gverb_side(s, RIGHT, spread * -0.568366f, thrice * -0.126815f, scale, &first);

    s->decay = (float)pow(0.001f, 1.0 / gverb_decay_frames(b, s->seconds));
    gverb_set_lengths(s, way);
    for (uint32_t k = 0; k < N_LINES; k++) {
        s->dampers[k].damping = s->damping;
        s->line_gain[k] = -gverb_gain(s, s->line_frames[k]);
        s->tap_gain[k] = gverb_gain(s, s->tap_frames[k]);
    }
}

static struct levels gverb_levels(const struct dsp_block *b)
{
    return (struct levels){ dsp_in(b, GVERB_DRY)[0], dsp_in(b, GVERB_EARLY)[0],
                            dsp_in(b, GVERB_TAIL)[0] };
}

static bool gverb_changes(const struct gverb *s, const struct dsp_block *b)
{
    const struct levels now = gverb_levels(b), *const last = &s->given;
    return dsp_in(b, GVERB_ROOM)[0] != s->room || dsp_in(b, GVERB_TIME)[0] != s->seconds ||
           dsp_in(b, GVERB_DAMPING)[0] != s->damping ||
           dsp_in(b, GVERB_BANDWIDTH)[0] != s->bandwidth || now.dry != last->dry ||
           now.early != last->early || now.tail != last->tail;
}

static void gverb_set_levels(struct gverb *s, const struct dsp_block *b)
{
    const float part = 1.0f / (float)b->env->block_frames;
    s->given = gverb_levels(b);
    s->n_left = b->env->block_frames;
    s->step = (struct levels){ (s->given.dry - s->levels.dry) * part,
                               (s->given.early - s->levels.early) * part,
                               (s->given.tail - s->levels.tail) * part };
}

/** The room first: its taps follow a new decay only with the next change. */
static void gverb_change(struct gverb *s, const struct dsp_block *b)
{
    const float room = dsp_in(b, GVERB_ROOM)[0], max = gverb_max(b);
    s->room = room > 1 ? (room >= max ? max - 1 : room) : 1;
    gverb_set_lengths(s, gverb_way(b, s->room));
    for (uint32_t k = 0; k < N_LINES; k++)
        s->tap_gain[k] = gverb_gain(s, s->tap_frames[k]);
    s->seconds = dsp_in(b, GVERB_TIME)[0];
    s->decay = powf(0.001f, (float)(1.0 / gverb_decay_frames(b, s->seconds)));
    s->damping = dsp_in(b, GVERB_DAMPING)[0];
    for (uint32_t k = 0; k < N_LINES; k++) {
        s->line_gain[k] = -gverb_gain(s, s->line_frames[k]);
        s->dampers[k].damping = s->damping;
    }
    s->bandwidth = dsp_in(b, GVERB_BANDWIDTH)[0];
    s->input.damping = 1 - s->bandwidth;
    gverb_set_levels(s, b);
}

LANE_FN float gverb_kept(float x) { return lane_where(lane_lt(lane_abs(x), 1e15f), x); }

LANE_FN float damper_frame(struct damper *d, float x)
{
    return d->last = gverb_kept(x * (1 - d->damping) + d->last * d->damping);
}

/** What was written `n_back` frames ago. */
LANE_FN float section_read(const struct section_of *r, const float *memory, uint32_t n_back)
{
    return memory[r->first + ring_behind(r->position, n_back, r->n)];
}
LANE_FN void section_write(struct section_of *r, float *memory, float x)
{
    memory[r->first + r->position] = gverb_kept(x);
    r->position = ring_ahead(r->position, 1, r->n);
}

LANE_FN float diffuser_frame(struct section_of *r, float *memory, float x, float coef)
{
    const float delayed = section_read(r, memory, r->n), written = x - delayed * coef;
    section_write(r, memory, written);
    return delayed + gverb_kept(written) * coef;
}

LANE_FN float gverb_side_frame(struct section_of *diffusers, float *memory, float x)
{
    x = diffuser_frame(&diffusers[0], memory, x, 0.75f);
    x = diffuser_frame(&diffusers[1], memory, x, 0.625f);
    return diffuser_frame(&diffusers[2], memory, x, 0.625f);
}

/** Through the lines once: what they and the taps give, added up with changing signs. */
LANE_FN float gverb_room_frame(struct gverb *s, float *memory, float x)
{
    float early[N_LINES], tail[N_LINES], sum = 0;
    const float damped = damper_frame(&s->input, x);
    const float diffuse = diffuser_frame(&s->diffusers[0], memory, damped, 0.75f);
    for (uint32_t k = 0; k < N_LINES; k++)
        early[k] = s->tap_gain[k] * section_read(&s->taps, memory, s->tap_frames[k]);
    section_write(&s->taps, memory, diffuse);
    for (uint32_t k = 0; k < N_LINES; k++)
        tail[k] = damper_frame(&s->dampers[k], s->line_gain[k] *
                                   section_read(&s->lines[k], memory, s->line_frames[k]));
    for (uint32_t k = 0; k < N_LINES; k++) {
        const float both = s->levels.tail * tail[k] + s->levels.early * early[k];
        sum += k % 2 ? -both : both;
    }
    const float *const t = tail;
    const float turned[N_LINES] = { t[0] + t[1] - t[2] - t[3], t[0] - t[1] - t[2] + t[3],
                                    -t[0] + t[1] - t[2] + t[3], t[0] + t[1] + t[2] + t[3] };
    for (uint32_t k = 0; k < N_LINES; k++)
        section_write(&s->lines[k], memory, early[k] + 0.5f * turned[k]);
    return sum + x * s->levels.early;
}

static void gverb_move_levels(struct gverb *s)
{
    s->n_left--;
    s->levels = s->n_left == 0 ? s->given
                               : (struct levels){ s->levels.dry + s->step.dry,
                                                  s->levels.early + s->step.early,
                                                  s->levels.tail + s->step.tail };
}

PH_RT static void gverb_process(void *state, const struct dsp_block *b)
{
    struct gverb *const s = state;
    const float *const in = dsp_in(b, GVERB_IN);
    const uint32_t dx = dsp_step(b, GVERB_IN);
    float *const left = dsp_out(b, 0), *const right = dsp_out(b, 1);

    if (gverb_changes(s, b))
        gverb_change(s, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float x = lane_where(lane_finite(in[i * dx]), in[i * dx]);
        const float sum = gverb_room_frame(s, b->memory, x);
        left[i] = gverb_side_frame(&s->diffusers[LEFT], b->memory, sum) + x * s->levels.dry;
        right[i] = gverb_side_frame(&s->diffusers[RIGHT], b->memory, sum) + x * s->levels.dry;
        if (s->n_left > 0)
            gverb_move_levels(s);
    }
}
const struct dsp_unit DSP(dsp_GVerb) = { sizeof(struct gverb), gverb_init, gverb_process,
                                         gverb_memory, 0 };

#else
typedef int gverb_has_no_wide_form; /* a translation unit must declare something */
#endif
