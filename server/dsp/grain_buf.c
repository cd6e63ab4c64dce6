/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/grain_buf.c - GrainBuf, TGrains, Warp1: grains of buffers.                          */
/* room: audio. One voice at a time: each grain is read at a place of its own.                    */
#include "server/dsp/cloud.h"
#include "server/dsp/random.h"

#if LANE_W == 1

/* A rate of a million frames a frame is as good as any larger one. */
#define GRAIN_RATE_MAX 1048576.0f
#define GRAIN_PLACE_MAX 1e12

static float buffer_grain(struct grain *g, const struct dsp_block *b, uint32_t i, const void *of)
{
    (void)b, (void)i;
    const float y = grain_read(g, of, 0);
    g->place += g->rate;
    return y;
}

/** All grains from frame `from` to frame `to`; in silence without a buffer of one channel. */
static void buffer_cloud_play(struct cloud *c, const struct dsp_block *b, uint32_t from,
                              uint32_t to)
{
    for (uint32_t k = 0; k < c->n && to > from; k++) {
        struct grain *const g = &c->grains[k];
        const struct dsp_buffer *const buffer = cloud_buffer(b, g->buffer);
        if (buffer && buffer->n_channels == 1)
            grain_play(g, b, from, to, buffer_grain, buffer);
        else
            g->n_left -= (int32_t)grain_part(g, from, to);
    }
    cloud_sweep(c);
}

/** Rate of a buffer as a factor of this one's. */
static float rate_scale(const struct dsp_block *b, const struct dsp_buffer *buffer)
{
    return (float)((double)buffer->rate_hz * (1.0 / b->rate_hz));
}

static double grain_rate(float rate, float scale)
{
    return cloud_limit(rate * scale, -GRAIN_RATE_MAX, GRAIN_RATE_MAX);
}

/** Plays what there is, and at each trigger starts one more. @return the number of grains */
typedef void grain_birth(struct cloud *c, const struct dsp_block *b, uint32_t i);
LANE_FN uint32_t buffer_cloud(struct cloud c, const struct dsp_block *b, float *last_trig,
                              grain_birth *birth)
{
    uint32_t at = 0;
    cloud_silence(b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (!cloud_triggers(b, 0, i, last_trig))
            continue;
        buffer_cloud_play(&c, b, at, i);
        at = i;
        birth(&c, b, i);
    }
    buffer_cloud_play(&c, b, at, b->n_frames);
    return c.n;
}

struct grain_cloud { uint32_t n; float last_trig; };

PH_RT static void grain_cloud_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct grain_cloud *)state = (struct grain_cloud){ 0 };
}

/*
 * GrainBuf - a grain of a mono buffer at each trigger.
 *
 * in      [0] trigger   [1] dur, seconds, 4 frames at least   [2] sndbuf   [3] rate
 *         [4] pos, 0 .. 1
 *         [5] interp: 1 none, 2 linear, 4 cubic   [6] pan   [7] envbufnum: -1 a Hann window
 *         [8] maxGrains, read at birth. [1] to [7] are read on the frame of the trigger
 * out     one channel, or pan among several: with more than two they stand in a circle
 * state   the grains, in long memory
 * cost    a read, two sums and the envelope per frame and grain
 * source  C. Roads, Microsound (2001), chapter 3
 */
enum { GB_TRIG, GB_DUR, GB_BUFFER, GB_RATE, GB_POS, GB_INTERP, GB_PAN, GB_ENVELOPE, GB_MAX };

PH_RT static uint32_t grain_buf_memory(const struct dsp_block *b)
{
    return cloud_room(dsp_in(b, GB_MAX)[0]) * GRAIN_FLOATS;
}

static void grain_buf_birth(struct cloud *c, const struct dsp_block *b, uint32_t i)
{
    const float shape = dsp_demand(b, GB_ENVELOPE, i);
    const int32_t number = (int32_t)cloud_limit(dsp_demand(b, GB_BUFFER, i), -1, 1e9f);
    const struct dsp_buffer *const buffer = cloud_buffer(b, number);
    struct grain *const g = buffer && buffer->n_channels == 1 ? cloud_add(c) : NULL;
    if (!g)
        return;
    g->buffer = number;
    g->rate = grain_rate(dsp_demand(b, GB_RATE, i), rate_scale(b, buffer));
    const float place = dsp_demand(b, GB_POS, i) * (float)buffer->n_frames;
    const double n_frames = grain_frames(b, dsp_demand(b, GB_DUR, i));
    g->n_left = (int32_t)n_frames;
    g->interpolation = (int32_t)cloud_limit(dsp_demand(b, GB_INTERP, i), 0, 4);
    grain_pan(g, b, dsp_demand(b, GB_PAN, i), 1);
    if (!envelope_start(&g->envelope, b, shape, n_frames) || !isfinite(place))
        c->n--;
    g->place = cloud_limit_d(place, -GRAIN_PLACE_MAX, GRAIN_PLACE_MAX);
}

PH_RT static void grain_buf_process(void *state, const struct dsp_block *b)
{
    struct grain_cloud *const s = state;
    s->n = buffer_cloud(cloud_of(b, s->n), b, &s->last_trig, grain_buf_birth);
}
const struct dsp_unit DSP(dsp_GrainBuf) = { sizeof(struct grain_cloud), grain_cloud_init,
                                            grain_buf_process,
                                            grain_buf_memory, 0, grain_buf_process };

/*
 * TGrains - as GrainBuf, with a place in seconds for the middle of a grain, and a level.
 *
 * in      [0] trigger   [1] bufnum   [2] rate   [3] centerPos, seconds   [4] dur   [5] pan
 *         [6] amp
 *         [7] interp
 * out, state, cost  as GrainBuf; at most 63 grains
 */
enum { TG_TRIG, TG_BUFFER, TG_RATE, TG_CENTRE, TG_DUR, TG_PAN, TG_AMP, TG_INTERP };
enum { TG_GRAINS = 64 };

PH_RT static uint32_t t_grains_memory(const struct dsp_block *b)
{
    (void)b;
    return TG_GRAINS * GRAIN_FLOATS;
}

static void t_grains_birth(struct cloud *c, const struct dsp_block *b, uint32_t i)
{
    const int32_t number = (int32_t)cloud_limit(dsp_demand(b, TG_BUFFER, i), -1, 1e9f);
    const struct dsp_buffer *const buffer = cloud_buffer(b, number);
    struct grain *const g = buffer && buffer->n_channels == 1 ? cloud_add(c) : NULL;
    if (!g)
        return;
    g->buffer = number;
    g->n_left = (int32_t)grain_frames(b, dsp_demand(b, TG_DUR, i));
    g->rate = grain_rate(dsp_demand(b, TG_RATE, i), rate_scale(b, buffer));
    const double centre = dsp_demand(b, TG_CENTRE, i) * buffer->rate_hz;
    g->place = cloud_limit_d(centre - 0.5 * g->n_left * g->rate, -GRAIN_PLACE_MAX, GRAIN_PLACE_MAX);
    const float pan = dsp_demand(b, TG_PAN, i);
    grain_pan(g, b, pan, dsp_demand(b, TG_AMP, i));
    g->interpolation = (int32_t)cloud_limit(dsp_demand(b, TG_INTERP, i), 0, 4);
    envelope_start(&g->envelope, b, -1, g->n_left);
}

PH_RT static void t_grains_process(void *state, const struct dsp_block *b)
{
    struct grain_cloud *const s = state;
    s->n = buffer_cloud(cloud_of(b, s->n), b, &s->last_trig, t_grains_birth);
}
const struct dsp_unit DSP(dsp_TGrains) = { sizeof(struct grain_cloud), grain_cloud_init,
                                           t_grains_process, t_grains_memory, 0 };

/*
 * Warp1 - a buffer at a speed and a pitch of its own: grains at a pointer, one after the other.
 *
 * in      [0] bufnum   [1] pointer, 0 .. 1 of the buffer   [2] freqScale   [3] windowSize, seconds
 *         [4] envbufnum: -1 a Hann window   [5] overlaps   [6] windowRandRatio: lengths vary by up
 *         to that share   [7] interp, as of GrainBuf
 * out     the buffer's channels, each with grains of its own; with more outputs than channels
 *         silence. What moves is read where a grain starts
 * state   when the next grain of an output is due; up to 63 grains an output in long memory
 * cost    as GrainBuf
 * source  as GrainBuf
 */
enum { WARP_BUFFER, WARP_POINTER, WARP_RATE, WARP_SIZE, WARP_ENVELOPE, WARP_OVERLAPS, WARP_RANDOM,
       WARP_INTERP };
enum { WARP_OUTPUTS = 16, WARP_GRAINS = 64 };
struct warp { uint32_t n[WARP_OUTPUTS], until_next[WARP_OUTPUTS]; struct chance chance; };

PH_RT static uint32_t warp_memory(const struct dsp_block *b)
{
    return (b->n_out < WARP_OUTPUTS ? b->n_out : WARP_OUTPUTS) * WARP_GRAINS * GRAIN_FLOATS;
}

PH_RT static void warp_init(void *state, const struct dsp_block *b)
{
    *(struct warp *)state = (struct warp){ .chance = chance_new(b) };
}

/** In the block in which it starts a grain moves in steps of a float, as in scsynth. */
static float warp_grain(struct grain *g, const struct dsp_block *b, uint32_t i, const void *of)
{
    (void)b, (void)i;
    const float y = grain_read(g, of, g->channel);
    g->place += g->rate;
    if (g->n_young > 0) {
        g->place = (float)g->place;
        g->n_young--;
    }
    return y;
}

/** Starts a grain on frame i. @return how many frames later the next one is due */
static uint32_t warp_birth(struct warp *s, struct cloud *c, const struct dsp_block *b,
                           const struct dsp_buffer *buffer, uint32_t output, uint32_t i)
{
    struct grain *const g = cloud_add(c);
    if (!g)
        return 1;
    const float overlaps = dsp_demand(b, WARP_OVERLAPS, i);
    const double size = cloud_limit(dsp_demand(b, WARP_SIZE, i), 0, 1e6f) * (double)b->rate_hz;
    const double varied = random_bipolar(s->chance.n++, s->chance.key) *
                          (double)cloud_limit(dsp_demand(b, WARP_RANDOM, i), -1e6f, 1e6f);
    g->n_left = (int32_t)cloud_limit_d(floor((float)size + (float)size * varied), 4, 1e9);
    g->rate = (float)grain_rate(dsp_demand(b, WARP_RATE, i), rate_scale(b, buffer));
    const float place = dsp_demand(b, WARP_POINTER, i) * (float)buffer->n_frames;
    g->place = cloud_limit(place, -1e12f, 1e12f);
    g->interpolation = (int32_t)cloud_limit(dsp_demand(b, WARP_INTERP, i), 0, 4);
    g->channel = output;
    g->gains[0] = 1;
    g->n_young = b->env->block_frames - (b->node->first_frame + i) % b->env->block_frames;
    if (!envelope_start(&g->envelope, b, truncf(dsp_demand(b, WARP_ENVELOPE, i)), g->n_left))
        c->n--;
    const uint32_t due = (uint32_t)cloud_limit((float)g->n_left / overlaps, 1, 1e9f);
    return due;
}

/** One output's grains. */
static void warp_output(struct warp *s, const struct dsp_block *b, const struct dsp_buffer *buffer,
                        uint32_t output)
{
    struct cloud c = { (struct grain *)(void *)b->memory + output * WARP_GRAINS, s->n[output],
                       WARP_GRAINS };
    for (uint32_t k = 0; k < c.n; k++)
        grain_play(&c.grains[k], b, 0, b->n_frames, warp_grain, buffer);
    cloud_sweep(&c);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (s->until_next[output] > 0) {
            s->until_next[output]--;
            continue;
        }
        const uint32_t n = c.n;
        s->until_next[output] = warp_birth(s, &c, b, buffer, output, i) - 1;
        if (c.n > n)
            grain_play(&c.grains[n], b, i, b->n_frames, warp_grain, buffer);
    }
    cloud_sweep(&c);
    s->n[output] = c.n;
}

PH_RT static void warp_process(void *state, const struct dsp_block *b)
{
    struct warp *const s = state;
    const float number = dsp_in(b, WARP_BUFFER)[0];
    const struct dsp_buffer *const buffer =
        cloud_buffer(b, (int32_t)cloud_limit(number, -1, 1e9f));
    chance_begin(&s->chance, b);
    cloud_silence(b);
    if (!buffer || b->n_out > buffer->n_channels || b->n_out > WARP_OUTPUTS)
        return;
    for (uint32_t o = 0; o < b->n_out; o++)
        warp_output(s, b, buffer, o);
}
const struct dsp_unit DSP(dsp_Warp1) = { sizeof(struct warp), warp_init, warp_process, warp_memory,
                                         0 };

#else
typedef int grain_buf_has_no_wide_form; /* a translation unit must declare something */
#endif
