/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/switch_delay.c - SwitchDelay of sc3-plugins.                                        */
/* room: audio. One voice at a time: each line has its own length, so lanes gain nothing.         */
#include "server/dsp/delay_line.h"

#if LANE_W == 1

/*
 * SwitchDelay - a delay with feedback whose time changes by leaps.
 *
 * in      [0] signal
 *         [1] drylevel, [2] wetlevel
 *         [3] delaytime, seconds; what is longer than the line counts without whole lines
 *         [4] delayfactor: what comes out goes in again, times this
 *         [5] maxdelaytime, seconds, read once: the length of the line
 *         1 to 4 are taken once per call
 * out     [0] in * drylevel + what comes out of the line * wetlevel
 * state   places in the line, what came out last, and the leap. A leap is made good by an offset
 *         that falls to nothing in 2000 frames. Which frames it is the difference of is scsynth's
 *         choice: the one where the new time reads, and the one that lies the new time further
 *         back. So a leap is heard as there
 * memory  the line, zero at birth. What isn't finite, or above 1e18, doesn't enter it
 * cost    ten operations per frame
 */
struct switch_delay { uint32_t position, delay_frames, fade_left; float last, leap, offset; };
enum { SWITCH_IN, SWITCH_DRY, SWITCH_WET, SWITCH_DELAY, SWITCH_FACTOR, SWITCH_MAX };
enum { SWITCH_FADE_FRAMES = 2000 };

/** Seconds as whole frames; 0 for what is negative or no number. */
static uint32_t switch_frames(const struct dsp_block *b, uint32_t input)
{
    const double n_frames = (double)dsp_in(b, input)[0] * (double)b->rate_hz;
    return n_frames > 0 ? (n_frames < 4e9 ? (uint32_t)n_frames : UINT32_MAX) : 0;
}

PH_RT static uint32_t switch_memory(const struct dsp_block *b)
{
    const uint32_t n_frames = switch_frames(b, SWITCH_MAX);
    return n_frames < 1 ? 1 : least(n_frames, LINE_FRAMES_MAX);
}

PH_RT static void switch_init(void *state, const struct dsp_block *b)
{
    *(struct switch_delay *)state = (struct switch_delay){ .delay_frames =
                                                               switch_frames(b, SWITCH_DELAY) };
}

/** Another delay from here on. `read` is where it reads. */
static void switch_leap(struct switch_delay *s, const struct dsp_block *b, uint32_t read)
{
    const uint32_t further =
        ring_behind(read, s->delay_frames % b->memory_frames, b->memory_frames);
    s->leap = s->offset = b->memory[read] + s->offset - b->memory[further];
    s->fade_left = SWITCH_FADE_FRAMES;
}

static void switch_fade(struct switch_delay *s)
{
    if (s->fade_left > 0)
        s->fade_left--;
    s->offset = s->leap * ((float)s->fade_left / SWITCH_FADE_FRAMES);
}

PH_RT static void switch_process(void *state, const struct dsp_block *b)
{
    struct switch_delay s = *(struct switch_delay *)state;
    const uint32_t n = b->memory_frames, delay_frames = switch_frames(b, SWITCH_DELAY);
    const float dry = dsp_in(b, SWITCH_DRY)[0], wet = dsp_in(b, SWITCH_WET)[0];
    const float factor = dsp_in(b, SWITCH_FACTOR)[0];
    float *const line = b->memory, *const out = dsp_out(b, 0);
    uint32_t read = ring_behind(s.position, delay_frames % n, n);

    if (delay_frames != s.delay_frames) {
        s.delay_frames = delay_frames;
        switch_leap(&s, b, read);
    }
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float x = dsp_value(b, SWITCH_IN, i), delayed = line[read] + s.offset;
        const float written = x + s.last * factor;
        out[i] = x * dry + delayed * wet;
        line[s.position] = fabsf(written) < 1e18f ? written : 0;
        s.last = delayed;
        read = ring_ahead(read, 1, n);
        s.position = ring_ahead(s.position, 1, n);
        switch_fade(&s);
    }
    *(struct switch_delay *)state = s;
}
const struct dsp_unit DSP(dsp_SwitchDelay) = { sizeof(struct switch_delay), switch_init,
                                               switch_process, switch_memory, 0 };

#else
typedef int switch_delay_has_no_wide_form; /* a translation unit must declare something */
#endif
