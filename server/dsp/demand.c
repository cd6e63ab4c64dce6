/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/demand.c - units that ask demand units for their values: Demand, Duty, TDuty.       */
/* room: audio. Synths with demand units run alone.                                               */
#include "server/dsp/birth.h"
#include "server/dsp/lane.h"
#include "server/dsp/part.h"

#if LANE_W == 1

/* ---- Demand ---------------------------------------------------------------------------------- */

struct demand_unit { float trigger, reset; /* of the last frame */ };

enum { DEMAND_TRIG, DEMAND_RESET, DEMAND_FIRST };

/** The last value of each output. */
static uint32_t demand_memory(const struct dsp_block *b)
{
    return b->n_out;
}

PH_RT static void demand_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct demand_unit *)state = (struct demand_unit){ 0, 0 };
}

/** Streams that a unit has, one per output. */
static uint32_t n_streams(const struct dsp_block *b)
{
    const uint32_t n = b->n_in > DEMAND_FIRST ? b->n_in - DEMAND_FIRST : 0;
    return n < b->memory_frames ? n : b->memory_frames;
}

/**
 * Demand - the next values of its streams, on a rise of its trigger through 0.
 *
 * in      [0] trig
 *         [1] reset  a rise through 0 begins the streams again
 *         [2..] one stream per output
 * out     [i] the last value of stream i; it stays when the stream has ended
 * memory  a value per output
 * cost    a comparison and a copy per frame and output
 */
PH_RT static void demand_process(void *state, const struct dsp_block *b)
{
    struct demand_unit *const s = state;
    const uint32_t n = n_streams(b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (dsp_rises(dsp_value(b, DEMAND_RESET, i), &s->reset))
            for (uint32_t k = 0; k < n; k++)
                dsp_demand_reset(b, DEMAND_FIRST + k, i);
        const bool is_asked = dsp_rises(dsp_value(b, DEMAND_TRIG, i), &s->trigger);
        for (uint32_t k = 0; k < n && is_asked; k++) {
            const float x = dsp_demand(b, DEMAND_FIRST + k, i);
            if (isnan(x))
                dsp_mark_done(b, true);
            else
                b->memory[k] = x;
        }
        for (uint32_t k = 0; k < b->n_out; k++)
            dsp_out(b, k)[i] = k < n ? b->memory[k] : 0.0f;
    }
}
const struct dsp_unit DSP(dsp_Demand) = { sizeof(struct demand_unit), demand_init, demand_process,
                                          demand_memory, 0, birth_zero };

/* ---- Duty ------------------------------------------------------------------------------------ */

/** `count` is single as in scsynth: on which frame a value comes follows from how it is rounded. */
struct duty {
    float count; /* frames to the next value; NaN: there is none */
    float level;
    float reset; /* the last frame's, or, where that is a stream, frames to the next reset */
};

enum { DUTY_DUR, DUTY_RESET, DUTY_ACTION, DUTY_LEVEL, TDUTY_GAP };

PH_RT static void duty_begin(struct duty *s, const struct dsp_block *b)
{
    const bool is_stream = b->in_rate[DUTY_RESET] == PH_DEMAND;
    *s = (struct duty){ .reset = is_stream ? dsp_demand(b, DUTY_RESET, 0) * b->rate_hz : 0.0f };
}

PH_RT static void duty_init(void *state, const struct dsp_block *b)
{
    struct duty *const s = state;
    duty_begin(s, b);
    s->count = dsp_demand(b, DUTY_DUR, 0) * b->rate_hz;
    const float level = dsp_demand(b, DUTY_LEVEL, 0);
    s->level = isnan(level) ? 0.0f : level;
}

/** Begins both streams again where that is asked for on frame i. */
PH_RT static void duty_reset(struct duty *s, const struct dsp_block *b, uint32_t i)
{
    const bool is_stream = b->in_rate[DUTY_RESET] == PH_DEMAND;
    const bool is_due =
        is_stream ? s->reset <= 0 : dsp_rises(dsp_value(b, DUTY_RESET, i), &s->reset);
    if (is_due) {
        dsp_demand_reset(b, DUTY_LEVEL, i);
        dsp_demand_reset(b, DUTY_DUR, i);
        s->count = 0;
    }
    if (is_stream && is_due)
        s->reset = dsp_demand(b, DUTY_RESET, i) * b->rate_hz + s->reset;
    else if (is_stream)
        s->reset -= (float)part_whole(b);
}

PH_RT static void duty_end(const struct dsp_block *b)
{
    dsp_ask_done(b->node, dsp_in(b, DUTY_ACTION)[0]);
    dsp_mark_done(b, true);
}

/** The next duration and level. @return the level, NaN: there is none */
PH_RT static float duty_next(struct duty *s, const struct dsp_block *b, uint32_t i)
{
    s->count = dsp_demand(b, DUTY_DUR, i) * b->rate_hz + s->count;
    if (isnan(s->count))
        duty_end(b);
    return dsp_demand(b, DUTY_LEVEL, i);
}

/**
 * Duty - a stream of levels, each for the next duration of another.
 *
 * in      [0] dur         seconds; a stream
 *         [1] reset       a rise through 0 begins both again, or a stream of seconds between resets
 *         [2] doneAction  when one of them has ended
 *         [3] level       a stream
 * out     [0] the level
 * state   the next frame it changes on
 * cost    a few operations per frame
 */
PH_RT static void duty_process(void *state, const struct dsp_block *b)
{
    struct duty *const s = state;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        duty_reset(s, b, i);
        if (s->count <= 0) {
            const float x = duty_next(s, b, i);
            if (isnan(x))
                duty_end(b);
            else
                s->level = x;
        }
        dsp_out(b, 0)[i] = s->level;
        s->count -= (float)part_whole(b);
    }
}
const struct dsp_unit DSP(dsp_Duty) = { sizeof(struct duty), duty_init, duty_process, NULL, 0 };

PH_RT static void tduty_init(void *state, const struct dsp_block *b)
{
    struct duty *const s = state;
    duty_begin(s, b);
    s->count = dsp_in(b, TDUTY_GAP)[0] != 0 ? dsp_demand(b, DUTY_DUR, 0) * b->rate_hz : 0.0f;
}

/**
 * TDuty - as Duty, but a level lasts one frame; 0 in between.
 *
 * in      [0] dur, [1] reset, [2] doneAction, [3] level: as Duty's
 *         [4] gapFirst    other than 0: the first duration comes before the first level; at birth
 * out     [0] triggers
 * state   the next frame it triggers on
 * cost    a few operations per frame
 */
PH_RT static void tduty_process(void *state, const struct dsp_block *b)
{
    struct duty *const s = state;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        duty_reset(s, b, i);
        const float x = s->count <= 0 ? duty_next(s, b, i) : 0.0f;
        dsp_out(b, 0)[i] = isnan(x) ? 0.0f : x;
        s->count -= (float)part_whole(b);
    }
}
const struct dsp_unit DSP(dsp_TDuty) = { sizeof(struct duty), tduty_init, tduty_process, NULL, 0,
                                         birth_zero };

#else
typedef int demand_has_no_wide_form; /* a translation unit must declare something */
#endif
