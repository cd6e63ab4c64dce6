/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/follower.c - how loud a signal is: Follower, RunningRms.                            */
/* room: audio.                                                                                   */
#include "server/dsp/decay.h"
#include "server/dsp/frames.h"
#include "server/dsp/lane_double.h"

/*
 * Follower - goes towards |in|, at one speed up and another down.
 *
 * in      [0] signal
 *         [1] attack   [2] release, seconds until 1 - 1/e of the way is gone; 0 and less: at once
 * out     [0] y += (1 - e^(-1 / (t * rate))) (|in| - y), t being attack where |in| > y, else
 *             release
 * state   y, 0 at birth, in double: in float a slow one would stop short of a level that stands.
 *         One that is no longer a number is let go at the end of the call
 * cost    a difference, a product and a maximum per frame; an exp per call and time, or per frame
 *         where a time is at audio rate
 */
struct follower { lane_d y; };
enum { FOLLOWER_IN, FOLLOWER_ATTACK, FOLLOWER_RELEASE };

PH_RT static void follower_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct follower *)state)->y = lane_splat_d(0.0);
}

/**
 * One step both ways; the further one counts where up is the faster way, else the nearer. With all
 * signs turned the nearer one is the further, so that `sign` makes them one case.
 */
LANE_FN lane_dd follower_frame(lane_dd y, lane x, lane_dd sign, lane_dd up, lane_dd down)
{
    const lane_dd way =
        lane_dd_fma(lane_dd_from(lane_abs(x)), sign, lane_dd_sub(lane_dd_splat(0.0), y));
    return lane_dd_max(lane_dd_fma(up, way, y), lane_dd_fma(down, way, y));
}

LANE_FN lane_dd follower_sign(lane up, lane down)
{
    return lane_dd_from(lane_select(lane_ge(up, down), lane_splat(1.0f), lane_splat(-1.0f)));
}

/** Times that stand. */
LANE_FN lane_dd follower_run(const struct dsp_block *b, lane_dd y)
{
    const lane up = decay_step(dsp_in(b, FOLLOWER_ATTACK)[0], b->rate_hz);
    const lane down = decay_step(dsp_in(b, FOLLOWER_RELEASE)[0], b->rate_hz);
    const lane_dd sign = follower_sign(up, down), up_d = lane_dd_from(up);
    const lane_dd down_d = lane_dd_from(down);
    const lane *const x = dsp_in(b, FOLLOWER_IN);
    const uint32_t dx = dsp_step(b, FOLLOWER_IN);
    const lane turn = lane_from_dd(sign);
    lane *const out = dsp_out(b, 0);

    y = lane_dd_mul(y, sign);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        y = follower_frame(y, x[i * dx], sign, up_d, down_d);
        out[i] = lane_from_dd(y) * turn;
    }
    return lane_dd_mul(y, sign);
}

/** Times of which one is at audio rate. */
LANE_FN lane_dd follower_follow(const struct dsp_block *b, lane_dd y)
{
    lane space[2][DSP_BLOCK_FRAMES], up[DSP_BLOCK_FRAMES], down[DSP_BLOCK_FRAMES];
    const lane *const attack = frames_of(b, FOLLOWER_ATTACK, space[0]);
    const lane *const release = frames_of(b, FOLLOWER_RELEASE, space[1]);
    const lane *const x = dsp_in(b, FOLLOWER_IN);
    const uint32_t dx = dsp_step(b, FOLLOWER_IN);
    lane *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) { /* at LANE_W 1 along time */
        up[i] = decay_step(attack[i], b->rate_hz);
        down[i] = decay_step(release[i], b->rate_hz);
    }
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const lane_dd sign = follower_sign(up[i], down[i]);
        y = lane_dd_mul(follower_frame(lane_dd_mul(y, sign), x[i * dx], sign, lane_dd_from(up[i]),
                                       lane_dd_from(down[i])), sign);
        out[i] = lane_from_dd(y);
    }
    return y;
}

PH_RT static void follower_process(void *state, const struct dsp_block *b)
{
    double *const kept = (double *)&((struct follower *)state)->y;
    const bool moves = dsp_step(b, FOLLOWER_ATTACK) || dsp_step(b, FOLLOWER_RELEASE);
    const lane_dd y =
        moves ? follower_follow(b, lane_dd_load(kept)) : follower_run(b, lane_dd_load(kept));
    lane_dd_store(kept, lane_dd_where(lane_finite(lane_from_dd(y)), y));
}
const struct dsp_unit DSP(dsp_Follower) = { sizeof(struct follower), follower_init,
                                            follower_process, NULL, 1 };

#if LANE_W == 1

/*
 * RunningRms - root of the mean square of the last `window` seconds.
 *
 * in      [0] signal; what is no number counts as 0, |in| > 64 as 64
 *         [1] maxwindow, seconds (up to 2^20 frames), read once   [2] window, seconds, may move
 * out     [0] level, over round(window * rate) frames, at least 1; what lies before birth is
 *             silence
 * memory  sums of all squares so far, one for each frame of the longest window. They are whole
 *         steps of 2^-32 in 64 bits that wrap, so that the difference of two is exact, however long
 *         it runs and however the window moves; what a step rounds off goes to the next
 * cost    a store, a load and a root per frame
 */
struct running_rms { uint64_t sum; uint32_t position; float rest; };
enum { RMS_IN, RMS_MAX, RMS_WINDOW };
enum { RMS_FRAMES_MAX = 1 << 20 };
static const float rms_in_max = 64.0f;

PH_RT static uint32_t running_rms_memory(const struct dsp_block *b)
{
    const float n_frames = lane_clamp(dsp_in(b, RMS_MAX)[0] * b->rate_hz, 1, RMS_FRAMES_MAX);
    return 2 * ((uint32_t)(n_frames + 0.5f) + 1);
}

PH_RT static void running_rms_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct running_rms *)state = (struct running_rms){ 0, 0, 0.0f };
}

/** Adds a square, up to what a step holds. */
LANE_FN void running_rms_add(struct running_rms *s, float x)
{
    const float size = lane_min(lane_abs(x), rms_in_max), known = isfinite(x) ? size : 0.0f;
    const double square = (double)known * known * 0x1p32 + (double)s->rest;
    const uint64_t whole = (uint64_t)square;
    s->rest = (float)(square - (double)whole);
    s->sum += whole;
}

PH_RT static void running_rms_process(void *state, const struct dsp_block *b)
{
    struct running_rms s = *(struct running_rms *)state;
    const float *const x = dsp_in(b, RMS_IN), *const window = dsp_in(b, RMS_WINDOW);
    const uint32_t dx = dsp_step(b, RMS_IN), dw = dsp_step(b, RMS_WINDOW);
    const uint32_t n = b->memory_frames / 2;
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float frames = lane_clamp(window[i * dw] * b->rate_hz + 0.5f, 1, (float)(n - 1));
        const uint32_t length = (uint32_t)frames;
        const uint32_t then = s.position >= length ? s.position - length : s.position + n - length;
        uint64_t before;
        running_rms_add(&s, x[i * dx]);
        memcpy(b->memory + 2 * (size_t)s.position, &s.sum, sizeof s.sum);
        memcpy(&before, b->memory + 2 * (size_t)then, sizeof before);
        /* below 0 only where an edited synth and its predecessor have written into one memory */
        const int64_t steps = (int64_t)(s.sum - before);
        out[i] = sqrtf((float)((double)(steps > 0 ? steps : 0) * 0x1p-32) / (float)length);
        s.position = s.position + 1 == n ? 0 : s.position + 1;
    }
    *(struct running_rms *)state = s;
}
const struct dsp_unit DSP(dsp_RunningRms) = { sizeof(struct running_rms), running_rms_init,
                                              running_rms_process, running_rms_memory, 1 };

#endif
