/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/follower.c - how loud a signal is: Follower, RunningRms.                            */
/* room: audio.                                                                                   */
#include "server/dsp/decay.h"
#include "server/dsp/frames.h"

/*
 * Follower - goes towards |in|, at one speed up and another down.
 *
 * in      [0] signal
 *         [1] attack   [2] release, seconds until 1 - 1/e of the way is gone; 0 and less: at once
 * out     [0] y += (1 - e^(-1 / (t * rate))) (|in| - y), t being attack where |in| > y, else release
 * state   y, 0 at birth. One that is no longer a number is let go at the end of the call
 * cost    two products and a maximum per frame; an exp per block and time, or per frame where a time
 *         is at audio rate
 */
struct follower { lane y; };
enum { FOLLOWER_IN, FOLLOWER_ATTACK, FOLLOWER_RELEASE };

PH_RT static void follower_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct follower *)state)->y = lane_splat(0.0f);
}

/** Steps of every frame, of a time that may move. */
LANE_FN void follower_steps(const struct dsp_block *b, uint32_t input, lane *steps)
{
    const lane *const seconds = dsp_in(b, input);
    if (dsp_step(b, input)) {
        for (uint32_t i = 0; i < b->n_frames; i++)
            steps[i] = decay_step(seconds[i], b->rate_hz);
    } else {
        const lane step = decay_step(seconds[0], b->rate_hz);
        for (uint32_t i = 0; i < b->n_frames; i++)
            steps[i] = step;
    }
}

LANE_FN lane follower_frame(lane y, lane x, lane up, lane down)
{
    const lane way = lane_abs(x) - y;
    return y + lane_select(lane_gt(way, lane_splat(0.0f)), up * way, down * way);
}

PH_RT static void follower_process(void *state, const struct dsp_block *b)
{
    struct follower *const s = state;
    const lane *const x = dsp_in(b, FOLLOWER_IN);
    const uint32_t dx = dsp_step(b, FOLLOWER_IN);
    lane *const out = dsp_out(b, 0);
    lane y = s->y;

    if (dsp_step(b, FOLLOWER_ATTACK) || dsp_step(b, FOLLOWER_RELEASE)) {
        lane up[DSP_BLOCK_FRAMES], down[DSP_BLOCK_FRAMES];
        follower_steps(b, FOLLOWER_ATTACK, up);
        follower_steps(b, FOLLOWER_RELEASE, down);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = y = follower_frame(y, x[i * dx], up[i], down[i]);
    } else {
        const lane up = decay_step(dsp_in(b, FOLLOWER_ATTACK)[0], b->rate_hz);
        const lane down = decay_step(dsp_in(b, FOLLOWER_RELEASE)[0], b->rate_hz);
        for (uint32_t i = 0; i < b->n_frames; i++)
            out[i] = y = follower_frame(y, x[i * dx], up, down);
    }
    s->y = lane_where(lane_finite(y), y);
}
const struct dsp_unit DSP(dsp_Follower) = { sizeof(struct follower), follower_init,
                                            follower_process, NULL, 0 };

#if LANE_W == 1

/*
 * RunningRms - root of the mean square of the last `window` seconds.
 *
 * in      [0] signal; what is no number counts as 0, |in| > 64 as 64
 *         [1] maxwindow, seconds (up to 2^20 frames), read once   [2] window, seconds, may move
 * out     [0] level, over round(window * rate) frames, at least 1; what lies before birth is silence
 * memory  sums of all squares so far, one for each frame of the longest window. They are whole steps of
 *         2^-32 in 64 bits that wrap, so that the difference of two is exact, however long it runs
 *         and however the window moves; what a step rounds off goes to the next
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
        out[i] = sqrtf((float)((double)(s.sum - before) * 0x1p-32) / (float)length);
        s.position = s.position + 1 == n ? 0 : s.position + 1;
    }
    *(struct running_rms *)state = s;
}
const struct dsp_unit DSP(dsp_RunningRms) = { sizeof(struct running_rms), running_rms_init,
                                              running_rms_process, running_rms_memory, 1 };

#endif
