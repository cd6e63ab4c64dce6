/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/reverb.c - FreeVerb, FreeVerb2.                                                     */
/* room: audio. One voice at a time: its memory is what it costs, and lanes multiply that.        */
#include "server/dsp/lane.h"

#if LANE_W == 1

/*
 * FreeVerb, FreeVerb2 - eight damped combs side by side, then four all-passes in a row.
 *
 * in      FreeVerb: [0] signal; FreeVerb2: [0] left, [1] right, summed into both tanks
 *         mix, room, damp, each clamped to 0 .. 1
 * out     (1 - mix) * in + mix * wet; the right tank's lines are 23 frames longer
 * tuning  lengths in frames at any rate, as in scsynth: combs 1116 .. 1617 at feedback
 *         0.7 + 0.28 room with a one-pole of 0.4 damp in the loop, all-passes 556 .. 225 at 0.5
 * ramp    a literal (scalar) that changed with an edit moves over one block; a control steps, as in
 *         scsynth
 * source  Jezar's Freeverb, public domain 2000; M. R. Schroeder 1962
 */
enum { N_COMBS = 8, N_ALLPASSES = 4, N_LINES = N_COMBS + N_ALLPASSES, SPREAD = 23 };
static const uint16_t line_frames[N_LINES] = {
    1617, 1557, 1491, 1422, 1277, 1116, 1188, 1356, 556, 441, 341, 225
};
enum { TANK_FRAMES = 12587 + N_LINES * DSP_BLOCK_FRAMES };

/*
 * A line's memory is one block longer than the line: what one call reads, it never writes. So an
 * edited synth and its predecessor, which for the time of a crossfade share this memory and take
 * turns block by block, both read the past and not each other.
 *
 * `position` is where the line is written next; `read` is what it gave last, for each loop is one
 * frame longer than its line.
 */
struct tank { uint32_t position[N_LINES]; float read[N_LINES], damped[N_COMBS]; };
struct knobs { float mix, feedback, damp; };
struct reverb { struct knobs knobs; struct tank tanks[]; };
struct reverb_mono { struct knobs knobs; struct tank tanks[1]; };
struct reverb_stereo { struct knobs knobs; struct tank tanks[2]; };

/*
 * What a call reads doesn't depend on what it writes: each step below runs over the whole block,
 * line by line, and the eight recursions run side by side.
 */
struct scratch {
    struct knobs knobs[DSP_BLOCK_FRAMES];
    float in[DSP_BLOCK_FRAMES], wet[DSP_BLOCK_FRAMES], line[DSP_BLOCK_FRAMES];
    float combs[DSP_BLOCK_FRAMES][N_COMBS];
};

/** Runs `body` for frames i = 0 .. n_frames-1, `slot` being that frame's place in the line. */
#define FOR_EACH_SLOT(line, n_line, start, n_frames, body)                                         \
    do {                                                                                           \
        const uint32_t until_wrap_ = (n_line) - (start);                                           \
        const uint32_t n_first_ = (n_frames) < until_wrap_ ? (n_frames) : until_wrap_;             \
        for (uint32_t i = 0; i < n_first_; i++) {                                                  \
            float *const slot = &(line)[(start) + i];                                              \
            body;                                                                                  \
        }                                                                                          \
        for (uint32_t i = n_first_; i < (n_frames); i++) {                                         \
            float *const slot = &(line)[i - n_first_];                                             \
            body;                                                                                  \
        }                                                                                          \
    } while (0)

/** The one-poles in the combs' loops: reads become what is fed back, and their sum the output. */
static void damp_combs(struct tank *t, struct scratch *w, uint32_t n_frames)
{
    for (uint32_t i = 0; i < n_frames; i++) {
        const float damp = w->knobs[i].damp, pass = 1.0f - damp;
        float sum = 0;
        for (int k = 0; k < N_COMBS; k++) {
            const float read = w->combs[i][k];
            sum += read;
            t->damped[k] = pass * t->read[k] + damp * t->damped[k];
            t->read[k] = read;
            w->combs[i][k] = w->knobs[i].feedback * t->damped[k];
        }
        w->wet[i] = sum;
    }
}

/** A line's memory; lines follow one another. */
struct ring { float *frames; uint32_t n; };
LANE_FN struct ring next_line(float **memory, int k, uint32_t spread)
{
    const struct ring r = { *memory, line_frames[k] + spread + DSP_BLOCK_FRAMES };
    *memory += r.n;
    return r;
}

LANE_FN uint32_t ahead(uint32_t position, uint32_t n_frames, struct ring r)
{
    return position + n_frames >= r.n ? position + n_frames - r.n : position + n_frames;
}

static void tank_render(struct tank *t, float *memory, struct scratch *w, uint32_t n_frames,
                        uint32_t spread)
{
    float *next = memory;
    for (int k = 0; k < N_COMBS; k++) {
        const struct ring r = next_line(&next, k, spread);
        const uint32_t oldest = ahead(t->position[k], DSP_BLOCK_FRAMES, r);
        FOR_EACH_SLOT(r.frames, r.n, oldest, n_frames, w->combs[i][k] = *slot);
    }
    damp_combs(t, w, n_frames);
    next = memory;
    for (int k = 0; k < N_COMBS; k++) {
        const struct ring r = next_line(&next, k, spread);
        FOR_EACH_SLOT(r.frames, r.n, t->position[k], n_frames, *slot = w->in[i] + w->combs[i][k]);
        t->position[k] = ahead(t->position[k], n_frames, r);
    }
    for (int k = N_COMBS; k < N_LINES; k++) {
        const struct ring r = next_line(&next, k, spread);
        const uint32_t oldest = ahead(t->position[k], DSP_BLOCK_FRAMES, r);
        FOR_EACH_SLOT(r.frames, r.n, oldest, n_frames, w->line[i] = *slot);
        FOR_EACH_SLOT(r.frames, r.n, t->position[k], n_frames, {
            *slot = 0.5f * (i ? w->line[i - 1] : t->read[k]) + w->wet[i];
            w->wet[i] = w->line[i] - w->wet[i];
        });
        t->read[k] = w->line[n_frames - 1];
        t->position[k] = ahead(t->position[k], n_frames, r);
    }
}

LANE_FN float unit_range(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }

LANE_FN struct knobs knobs_at(const struct dsp_block *b, uint32_t first, uint32_t i)
{
    const float mix = dsp_in(b, first)[i * dsp_step(b, first)];
    const float room = dsp_in(b, first + 1)[i * dsp_step(b, first + 1)];
    const float damp = dsp_in(b, first + 2)[i * dsp_step(b, first + 2)];
    return (struct knobs){ unit_range(mix), 0.7f + 0.28f * unit_range(room),
                           0.4f * unit_range(damp) };
}

/** The knob of frame i: `now`, or on its way there from `from` where it is a literal. */
LANE_FN float knob(const struct dsp_block *b, uint32_t input, float from, float now, uint32_t i)
{
    if (b->in_rate[input] != 0)
        return now;
    return from + (now - from) * ((float)(i + 1) / (float)b->n_frames);
}

LANE_FN void reverb_process(struct reverb *s, const struct dsp_block *b, uint32_t n_channels)
{
    const uint32_t first = n_channels; /* the knobs follow the signals */
    const struct knobs from = s->knobs;
    struct scratch w;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const struct knobs now = knobs_at(b, first, i);
        w.knobs[i] = (struct knobs){ knob(b, first, from.mix, now.mix, i),
                                     knob(b, first + 1, from.feedback, now.feedback, i),
                                     knob(b, first + 2, from.damp, now.damp, i) };
        float x = dsp_in(b, 0)[i * dsp_step(b, 0)];
        if (n_channels == 2)
            x += dsp_in(b, 1)[i * dsp_step(b, 1)];
        w.in[i] = 0.015f * x;
    }
    for (uint32_t c = 0; c < n_channels; c++) {
        tank_render(&s->tanks[c], b->memory + c * TANK_FRAMES, &w, b->n_frames, c * SPREAD);
        for (uint32_t i = 0; i < b->n_frames; i++)
            dsp_out(b, c)[i] = (1.0f - w.knobs[i].mix) * dsp_in(b, c)[i * dsp_step(b, c)] +
                               w.knobs[i].mix * w.wet[i];
    }
    s->knobs = knobs_at(b, first, b->n_frames - 1);
}

PH_RT static void free_verb_init(void *state, const struct dsp_block *b)
{
    struct reverb_mono *const s = state;
    memset(s, 0, sizeof *s);
    s->knobs = knobs_at(b, 1, 0);
}
PH_RT static void free_verb_process(void *state, const struct dsp_block *b)
{
    reverb_process(state, b, 1);
}
PH_RT static uint32_t free_verb_memory(const struct dsp_block *b)
{
    (void)b;
    return TANK_FRAMES;
}
const struct dsp_unit DSP(dsp_FreeVerb) = { sizeof(struct reverb_mono), free_verb_init,
                                            free_verb_process, free_verb_memory };

PH_RT static void free_verb2_init(void *state, const struct dsp_block *b)
{
    struct reverb_stereo *const s = state;
    memset(s, 0, sizeof *s);
    s->knobs = knobs_at(b, 2, 0);
}
PH_RT static void free_verb2_process(void *state, const struct dsp_block *b)
{
    reverb_process(state, b, 2);
}
PH_RT static uint32_t free_verb2_memory(const struct dsp_block *b)
{
    (void)b;
    return 2 * TANK_FRAMES + N_LINES * SPREAD;
}
const struct dsp_unit DSP(dsp_FreeVerb2) = { sizeof(struct reverb_stereo), free_verb2_init,
                                             free_verb2_process, free_verb2_memory };

#else
typedef int reverb_has_no_wide_form; /* a translation unit must declare something */
#endif
