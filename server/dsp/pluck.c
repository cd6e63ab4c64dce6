/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pluck.c - Pluck: a string that is excited by its input.                             */
/* room: audio. One voice at a time: each line has its own length, so lanes gain nothing.         */
#include "server/dsp/delay_line.h"

#if LANE_W == 1

/*
 * Pluck - Karplus-Strong.
 *
 * in      [0] signal; what comes in the length of one delay after a trigger goes into the line
 *         [1] trig
 *         [2] maxdelaytime, seconds, read once: the length of the line
 *         [3] delaytime, seconds, clamped to 2 frames .. the line   [4] decaytime, as of combs
 *         [5] coef: the one-pole in the loop gives (1 - |coef|) x + coef y
 * out     [0] what the one-pole gives; between frames the line is read by a cubic. Where the delay
 *         reaches back to before the birth nothing, and the one-pole waits
 * ramp    delay, feedback and coef move over the block when a constant changes
 * state   the line's, the one-pole, how much input is left. A value past 1e15, or no number, is
 *         let go
 * cost    a cubic per frame
 * source  K. Karplus, A. Strong, Digital Synthesis of Plucked-String and Drum Timbres (1983)
 */
enum { PLUCK_IN, PLUCK_TRIG, PLUCK_MAX, PLUCK_DELAY, PLUCK_DECAY, PLUCK_COEF };
static const struct line_form pluck_form = { LINE_COMBS,  LINE_CUBIC,  PLUCK_IN,
                                             PLUCK_DELAY, PLUCK_DECAY, true };
struct pluck { struct line line; float last_trig, last, coef; uint32_t n_input; };

PH_RT static uint32_t pluck_memory(const struct dsp_block *b)
{
    return line_size(b, PLUCK_MAX);
}
LANE_FN struct line_range pluck_range(const struct dsp_block *b)
{
    return (struct line_range){ 2, (float)b->memory_frames };
}

PH_RT static void pluck_init(void *state, const struct dsp_block *b)
{
    struct pluck *const s = state;
    *s = (struct pluck){ .coef = dsp_in(b, PLUCK_COEF)[0] };
    line_start(&s->line, b, pluck_form, pluck_range(b));
}

/** Delay, feedback and coefficient of each frame. */
struct pluck_path { struct line_path line; float coef[DSP_BLOCK_FRAMES]; };

static void pluck_plan(struct pluck *s, const struct dsp_block *b, struct pluck_path *p)
{
    const float *const coef = dsp_in(b, PLUCK_COEF);
    const uint32_t dc = dsp_step(b, PLUCK_COEF), n = b->n_frames;
    const bool changes = !dc && coef[0] != s->coef;
    const lane_i sets_out = -changes | line_changes(&s->line, b, pluck_form);
    line_plan(&s->line, b, pluck_form, pluck_range(b), sets_out, &p->line);
    line_split(&p->line, n);
    const float step = changes ? (coef[0] - s->coef) * (1.0f / (float)n) : 0;
    float at = s->coef;
    for (uint32_t i = 0; i < n; i++) {
        p->coef[i] = dc ? coef[i] : at;
        at += step;
    }
    s->coef = coef[dc ? n - 1 : 0];
}

LANE_FN float pluck_kept(float x) { return lane_where(lane_lt(lane_abs(x), 1e15f), x); }

/** Input that goes into the line on frame i. */
LANE_FN float pluck_input(struct pluck *s, const struct dsp_block *b, uint32_t i)
{
    const float trig = dsp_value(b, PLUCK_TRIG, i);
    if (trig > 0 && s->last_trig <= 0) {
        const float seconds = dsp_value(b, PLUCK_DELAY, i);
        s->n_input = (uint32_t)(limit(seconds, 0, LINE_FRAMES_MAX / b->rate_hz) *
                                (double)b->rate_hz + 0.5);
    }
    s->last_trig = trig;
    if (s->n_input == 0)
        return 0;
    s->n_input--;
    return dsp_value(b, PLUCK_IN, i);
}

PH_RT static void pluck_process(void *state, const struct dsp_block *b)
{
    struct pluck *const s = state;
    const uint32_t mask = b->memory_frames - 1;
    float *const out = dsp_out(b, 0), *const line = b->memory;
    uint32_t position = s->line.position;
    struct pluck_path p;

    pluck_plan(s, b, &p);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const uint32_t at = position - (uint32_t)p.line.whole[i];
        const float x = pluck_input(s, b, i), coef = p.coef[i];
        const bool waits = s->line.n_written + 1 < (uint32_t)p.line.whole[i];
        const float value = lane_cubic(p.line.part[i], line[(at + 1) & mask], line[at & mask],
                                       line[(at - 1) & mask], line[(at - 2) & mask]);
        const float y = pluck_kept((1 - lane_abs(coef)) * value + coef * s->last);
        s->last = waits ? s->last : y;
        out[i] = waits ? 0 : y;
        line[position] = pluck_kept(x + p.line.feedback[i] * out[i]);
        s->line.n_written += s->line.n_written < b->memory_frames;
        position = (position + 1) & mask;
    }
    s->line.position = position;
}
const struct dsp_unit DSP(dsp_Pluck) = { sizeof(struct pluck), pluck_init, pluck_process,
                                         pluck_memory, 0 };

#else
typedef int pluck_has_no_wide_form; /* a translation unit must declare something */
#endif
