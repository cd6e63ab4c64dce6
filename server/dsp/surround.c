/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/surround.c - Pan4, PanAz, PanB, PanB2, BiPanB2, DecodeB2, Rotate2.                  */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Positions and levels are taken once per block; the gains that they give move in straight lines */
/* from one block's to the next one's, as in scsynth.                                             */
#include "server/dsp/birth.h"
#include "server/dsp/pan.h"

/** Output `o`: x with a gain that is on its way from `*held` to `to`. */
LANE_FN void give(const struct dsp_block *b, uint32_t o, const lane *x, lane *held, lane to)
{
    const struct ramp_line gain = pan_gain(b, held, to);
    lane *const restrict out = dsp_out(b, o);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = x[i] * ramp_at(&gain, i);
}

/**
 * A place in scsynth's sine table of 8192 steps to the turn, as phase; anything not finite is 0.
 */
LANE_FN lane_u table_phase(lane step)
{
    const lane whole = lane_trunc(step);
    const lane place = whole - 8192.0f * lane_floor(whole * (1.0f / 8192.0f));
    return lane_u_from_i(lane_to_i(lane_clamp(place, 0.0f, 8191.0f))) << 19;
}

/**
 * Pan4 - one signal between four channels at equal power.
 *
 * in      [0] signal
 *         [1] xpos   -1 left .. 1 right, [2] ypos -1 back .. 1 front; what lies outside the square
 *                    is moved to its edge, towards the middle
 *         [3] level  linear gain
 * out     [0] left front, [1] right front, [2] left back, [3] right back
 * state   the four gains at the last block's end
 * cost    four multiplications and gains per frame, four sines per block
 *
 * On the diagonals outside the square scsynth goes to a corner on the left, also for what is right.
 */
struct pan4 { lane gain[4]; };

LANE_FN struct pan4 pan4_gains(const struct dsp_block *b)
{
    const lane x = dsp_in(b, 1)[0], y = dsp_in(b, 2)[0], level = dsp_in(b, 3)[0];
    const lane edge = lane_max(lane_max(lane_abs(x), lane_abs(y)), lane_splat(1.0f));
    const struct sides across = pan_sides(x / edge), along = pan_sides(y / edge);
    const lane front = along.right * level, back = along.left * level;
    return (struct pan4){ { across.left * front, across.right * front, across.left * back,
                            across.right * back } };
}

PH_RT static void pan4_init(void *state, const struct dsp_block *b)
{
    *(struct pan4 *)state = pan4_gains(b);
}

PH_RT static void pan4_process(void *state, const struct dsp_block *b)
{
    struct pan4 *const s = state;
    lane frames[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames);
    const struct pan4 to = pan4_gains(b);
    for (uint32_t o = 0; o < 4; o++)
        give(b, o, x, &s->gain[o], to.gain[o]);
}
const struct dsp_unit DSP(dsp_Pan4) = { sizeof(struct pan4), pan4_init, pan4_process,
                                        NULL, 0, pan4_process };

/**
 * PanAz - one signal on a ring of channels.
 *
 * in      [0] signal
 *         [1] pos          2 is once around
 *         [2] level        linear gain; at once where pos is at audio rate
 *         [3] width        number of channels that sound at a time
 *         [4] orientation  channels between position 0 and channel 0
 * out     [i] signal * level * sin(pi d / width), d channels from the sound's edge, 0 beyond width
 * grid    the angle is cut off to steps of pi / 4096, as scsynth's table is
 * memory  per channel the gain at the last block's end
 * cost    per channel one multiplication and gain per frame; where pos is at audio rate a sine
 */
enum { AZ_IN, AZ_POS, AZ_LEVEL, AZ_WIDTH, AZ_ORIENTATION };

/** What does not depend on the position, as floats in scsynth's order of rounding. */
struct az { lane width, orientation, per_width, range, per_range; float half; };

LANE_FN struct az az_ring(const struct dsp_block *b)
{
    const lane width = lane_abs(dsp_in(b, AZ_WIDTH)[0]), per_width = 1.0f / width;
    const lane range = (float)b->n_out * per_width;
    return (struct az){ width, dsp_in(b, AZ_ORIENTATION)[0], per_width, range, 1.0f / range,
                        0.5f * (float)b->n_out };
}

/** The gain of a channel that lies `place` channels behind the sound's edge. */
LANE_FN lane az_gain(const struct az *az, lane place)
{
    const lane x = place * az->per_width, d = x - az->range * lane_floor(az->per_range * x);
    const lane_i step = lane_to_i(lane_clamp(4096.0f * d, 0.0f, 4095.0f));
    const lane sine = lane_sin_phase(lane_u_from_i(step) << 19);
    return lane_where(lane_lt(d, lane_splat(1.0f)), sine);
}

/** The edge of the sound for a position that holds all block. */
LANE_FN lane az_edge(const struct dsp_block *b, const struct az *az)
{
    return dsp_in(b, AZ_POS)[0] * az->half + az->width * 0.5f + az->orientation;
}

static uint32_t pan_az_memory(const struct dsp_block *b)
{
    return b->n_out;
}

PH_RT static void pan_az_init(void *state, const struct dsp_block *b)
{
    (void)state;
    const struct az az = az_ring(b);
    for (uint32_t o = 0; o < b->n_out; o++)
        ((lane *)b->memory)[o] = dsp_in(b, AZ_LEVEL)[0] * az_gain(&az, az_edge(b, &az) - (float)o);
}

/** One channel, where the position moves within the block. */
LANE_FN void az_moved(const struct dsp_block *b, const struct az *az, uint32_t o, const lane *x)
{
    const lane *const pos = dsp_in(b, AZ_POS);
    const lane level = dsp_in(b, AZ_LEVEL)[0], first = az->width * 0.5f + az->orientation;
    lane *const restrict out = dsp_out(b, o);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = x[i] * (level * az_gain(az, pos[i] * az->half + first - (float)o));
}

PH_RT static void pan_az_process(void *state, const struct dsp_block *b)
{
    (void)state;
    lane *const gains = (lane *)b->memory;
    lane frames[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, AZ_IN, frames);
    const struct az az = az_ring(b);
    for (uint32_t o = 0; o < b->n_out; o++) {
        if (dsp_step(b, AZ_POS))
            az_moved(b, &az, o, x);
        else
            give(b, o, x, &gains[o],
                 dsp_in(b, AZ_LEVEL)[0] * az_gain(&az, az_edge(b, &az) - (float)o));
    }
}
const struct dsp_unit DSP(dsp_PanAz) = { 0, pan_az_init, pan_az_process,
                                         pan_az_memory, 0, birth_zero };

/*
 * PanB - one signal in first-order ambisonics.   PanB2 - the same without height.
 * BiPanB2 - two signals in opposite directions.
 *
 * in      PanB: [0] signal, [1] azimuth, [2] elevation, [3] gain; PanB2: [0] signal, [1] azimuth,
 *         [2] gain; BiPanB2: [0] a, [1] b, [2] azimuth, [3] gain
 *         azimuth 1 is half a turn, elevation 1 a quarter
 * out     [0] W, [1] X, [2] Y; PanB: [3] Z. W has gain / sqrt 2
 * grid    angles are cut off to 1/8192 of a turn, as scsynth's table is
 * state   the gains at the last block's end
 * cost    per channel one multiplication and gain per frame; two to four sines per block
 */
struct ambi { lane gain[4]; };

/** The gains of a direction; Z is 0. */
LANE_FN struct ambi ambi_flat(lane azimuth, lane level)
{
    const lane_u angle = table_phase(azimuth * 4096.0f);
    return (struct ambi){ { 0.70710678f * level, lane_cos_phase(angle) * level,
                            (0.0f - lane_sin_phase(angle)) * level, lane_splat(0.0f) } };
}

LANE_FN struct ambi pan_b_gains(const struct dsp_block *b)
{
    const lane level = dsp_in(b, 3)[0];
    const lane_u up = table_phase(dsp_in(b, 2)[0] * 2048.0f);
    struct ambi a = ambi_flat(dsp_in(b, 1)[0], level);
    a.gain[1] *= lane_cos_phase(up);
    a.gain[2] *= lane_cos_phase(up);
    a.gain[3] = lane_sin_phase(up) * level;
    return a;
}

PH_RT static void pan_b_init(void *state, const struct dsp_block *b)
{
    *(struct ambi *)state = pan_b_gains(b);
}

PH_RT static void pan_b_process(void *state, const struct dsp_block *b)
{
    struct ambi *const s = state;
    lane frames[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames);
    const struct ambi to = pan_b_gains(b);
    for (uint32_t o = 0; o < 4; o++)
        give(b, o, x, &s->gain[o], to.gain[o]);
}
const struct dsp_unit DSP(dsp_PanB) = { sizeof(struct ambi), pan_b_init, pan_b_process,
                                        NULL, 0, pan_b_process };

PH_RT static void pan_b2_init(void *state, const struct dsp_block *b)
{
    *(struct ambi *)state = ambi_flat(dsp_in(b, 1)[0], dsp_in(b, 2)[0]);
}

PH_RT static void pan_b2_process(void *state, const struct dsp_block *b)
{
    struct ambi *const s = state;
    lane frames[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames);
    const struct ambi to = ambi_flat(dsp_in(b, 1)[0], dsp_in(b, 2)[0]);
    for (uint32_t o = 0; o < 3; o++)
        give(b, o, x, &s->gain[o], to.gain[o]);
}
const struct dsp_unit DSP(dsp_PanB2) = { sizeof(struct ambi), pan_b2_init, pan_b2_process, NULL, 0,
                                          pan_b2_process };

PH_RT static void bi_pan_b2_init(void *state, const struct dsp_block *b)
{
    *(struct ambi *)state = ambi_flat(dsp_in(b, 2)[0], dsp_in(b, 3)[0]);
}

PH_RT static void bi_pan_b2_process(void *state, const struct dsp_block *b)
{
    struct ambi *const s = state;
    lane frames[2][DSP_BLOCK_FRAMES], sum[DSP_BLOCK_FRAMES], difference[DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames[0]), *const y = pan_signal(b, 1, frames[1]);
    const struct ambi to = ambi_flat(dsp_in(b, 2)[0], dsp_in(b, 3)[0]);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        sum[i] = x[i] + y[i];
        difference[i] = x[i] - y[i];
    }
    for (uint32_t o = 0; o < 3; o++)
        give(b, o, o ? difference : sum, &s->gain[o], to.gain[o]);
}
const struct dsp_unit DSP(dsp_BiPanB2) = { sizeof(struct ambi), bi_pan_b2_init, bi_pan_b2_process,
                                           NULL, 0, bi_pan_b2_process };

/**
 * DecodeB2 - first-order ambisonics without height to a regular ring of speakers.
 *
 * in      [0] W, [1] X, [2] Y
 *         [3] orientation  speakers between the front and speaker 0; read at birth
 * out     [i] W / sqrt 2 + (X cos a + Y sin a) / 2, a = (orientation - i) 2 pi / n
 * state   half the cosine and sine of speaker 0, and those of a step between speakers
 * cost    three multiplications per frame and speaker
 */
struct decode_b2 { lane x, y, cos_step, sin_step; };

PH_RT static void decode_b2_init(void *state, const struct dsp_block *b)
{
    const float orientation = lane_get(dsp_in(b, 3)[0], 0);
    const float step = 6.2831853f / (float)(b->n_out ? b->n_out : 1);
    const float angle = fabsf(orientation) < 1e9f ? orientation * step : 0.0f;
    *(struct decode_b2 *)state = (struct decode_b2){
        lane_splat(0.5f * cosf(angle)), lane_splat(0.5f * sinf(angle)), lane_splat(cosf(step)),
        lane_splat(sinf(step)) };
}

PH_RT static void decode_b2_process(void *state, const struct dsp_block *b)
{
    const struct decode_b2 *const s = state;
    lane frames[3][DSP_BLOCK_FRAMES];
    const lane *const w = pan_signal(b, 0, frames[0]), *const x = pan_signal(b, 1, frames[1]);
    const lane *const y = pan_signal(b, 2, frames[2]);
    lane x_gain = s->x, y_gain = s->y;
    for (uint32_t o = 0; o < b->n_out; o++) {
        lane *const restrict out = dsp_out(b, o);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = w[i] * 0.70710678f + x[i] * x_gain + y[i] * y_gain;
        const lane turned = x_gain * s->cos_step + y_gain * s->sin_step;
        y_gain = y_gain * s->cos_step - x_gain * s->sin_step;
        x_gain = turned;
    }
}
const struct dsp_unit DSP(dsp_DecodeB2) = { sizeof(struct decode_b2), decode_b2_init,
                                            decode_b2_process, NULL, 0 };

/**
 * Rotate2 - two signals turned as the coordinates of a point.
 *
 * in      [0] x, [1] y
 *         [2] pos  1 is half a turn, -0.5 a quarter to the left
 * out     [0] x cos(a) + y sin(a), [1] y cos(a) - x sin(a), a = pos * pi
 * grid    the angle is cut off to 1/8192 of a turn, as scsynth's table is
 * state   cosine and sine at the last block's end
 * cost    four multiplications and two gains per frame; two sines per block
 */
struct rotate2 { lane cosine, sine; };

LANE_FN struct rotate2 rotate2_gains(const struct dsp_block *b)
{
    const lane_u angle = table_phase(dsp_in(b, 2)[0] * 4096.0f);
    return (struct rotate2){ lane_cos_phase(angle), lane_sin_phase(angle) };
}

PH_RT static void rotate2_init(void *state, const struct dsp_block *b)
{
    *(struct rotate2 *)state = rotate2_gains(b);
}

PH_RT static void rotate2_process(void *state, const struct dsp_block *b)
{
    struct rotate2 *const s = state;
    lane frames[2][DSP_BLOCK_FRAMES];
    const lane *const x = pan_signal(b, 0, frames[0]), *const y = pan_signal(b, 1, frames[1]);
    lane *const restrict x_out = dsp_out(b, 0), *const restrict y_out = dsp_out(b, 1);
    const struct rotate2 to = rotate2_gains(b);
    const struct ramp_line c = pan_gain(b, &s->cosine, to.cosine);
    const struct ramp_line r = pan_gain(b, &s->sine, to.sine);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane cosine = ramp_at(&c, i), sine = ramp_at(&r, i);
        x_out[i] = cosine * x[i] + sine * y[i];
        y_out[i] = cosine * y[i] - sine * x[i];
    }
}
const struct dsp_unit DSP(dsp_Rotate2) = { sizeof(struct rotate2), rotate2_init, rotate2_process,
                                           NULL, 0, rotate2_process };
