/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/reverb.c - FreeVerb, FreeVerb2.                                                     */
/* room: audio. One voice at a time: its memory is what it costs, and lanes multiply that.        */
#include "server/dsp/lane_row.h"
#include "server/dsp/lane_ring.h"

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
 * cost    12 reads and 12 writes of memory per frame and tank; a tank is 56 KiB
 * source  Jezar's Freeverb, public domain 2000; M. R. Schroeder 1962
 */
enum { N_COMBS = 8, N_ALLPASSES = 4, N_LINES = N_COMBS + N_ALLPASSES, SPREAD = 23 };
static const uint16_t line_frames[N_LINES] = {
    1617, 1557, 1491, 1422, 1277, 1116, 1188, 1356, 556, 441, 341, 225
};

/** `position` is where each line is written next; `damped` what each comb's one-pole gave last. */
struct tank { uint32_t position[N_LINES]; float damped[N_COMBS]; };
enum { MIX, FEEDBACK, DAMP, N_KNOBS };
struct reverb { float knobs[N_KNOBS]; struct tank tanks[2]; }; /* FreeVerb: the first tank only */
#define REVERB_BYTES(n_tanks) (offsetof(struct reverb, tanks) + (n_tanks) * sizeof(struct tank))

/*
 * A line's ring is one block longer than what is read from it: what one call reads, it never
 * writes. So an edited synth and its predecessor, which for the time of a crossfade share this
 * memory and take turns block by block, both read the past and not each other. Its length is a
 * whole number of blocks: who renders whole blocks never writes across its end.
 */
LANE_FN uint32_t ring_frames(int k, uint32_t spread)
{
    const uint32_t least = line_frames[k] + spread + RING_BEFORE + DSP_BLOCK_FRAMES;
    return (least + DSP_BLOCK_FRAMES - 1) / DSP_BLOCK_FRAMES * DSP_BLOCK_FRAMES;
}

static uint32_t tank_frames(uint32_t spread)
{
    uint32_t n = 0;
    for (int k = 0; k < N_LINES; k++)
        n += ring_frames(k, spread);
    return n;
}

/** The line's ring; `memory` moves on to the next one's. */
LANE_FN struct ring next_ring(const struct tank *t, float **memory, int k, uint32_t spread)
{
    const struct ring r = { *memory, ring_frames(k, spread), t->position[k] };
    *memory += r.n;
    return r;
}

/*
 * The one-pole in a comb's loop, y[n] = (1 - a) x[n] + a y[n-1], a register of frames in one step:
 * four taps, made longer by the sums 4 and 8 frames earlier until they span a register, and the
 * register before times what is left of it. The factors are those of all combs, and each frame has
 * its own: the knob may move. Nothing but y lies before frame 0 of a call: taps there are 0.
 */
enum { N_TAPS = 4, N_REGISTERS = DSP_BLOCK_FRAMES / ROW };
struct one_pole {
    row tap[N_TAPS];
    row over_4, over_8, over_register; /* products of the last 4, 8, ROW values of a */
};
/** One row per register; while the knob stands still all after the first are the second. */
struct damping { struct one_pole rows[N_REGISTERS]; uint32_t last_row; };

static void damping_set(struct damping *d, const float *damp, uint32_t n_rows)
{
    _Alignas(64) float a[N_TAPS + DSP_BLOCK_FRAMES], pass[N_TAPS + DSP_BLOCK_FRAMES];
    for (int i = 0; i < N_TAPS; i++) {
        a[i] = 1;
        pass[i] = 0;
    }
    for (uint32_t i = 0; i < n_rows * ROW; i++) {
        a[N_TAPS + i] = damp[i];
        pass[N_TAPS + i] = 1.0f - damp[i];
    }
    row over_4 = row_splat(1), over_8 = over_4;
    for (uint32_t r = 0; r < n_rows; r++) {
        struct one_pole *const pole = &d->rows[r];
        const uint32_t at = N_TAPS + r * ROW;
        row over = row_splat(1);
        for (uint32_t k = 0; k < N_TAPS; k++) {
            pole->tap[k] = over * row_load(pass + at - k);
            over *= row_load(a + at - k);
        }
        pole->over_4 = over;
        pole->over_8 = over * row_4_earlier(over_4, over);
        pole->over_register = ROW == 4 ? over
                              : ROW == 8 ? pole->over_8
                                         : pole->over_8 * row_8_earlier(over_8, pole->over_8);
        over_4 = over;
        over_8 = pole->over_8;
    }
    d->last_row = n_rows - 1;
}

/*
 * What a call reads doesn't depend on what it writes: each step runs over the whole block, line by
 * line.
 */
struct scratch {
    _Alignas(64) float in[DSP_BLOCK_FRAMES], wet[DSP_BLOCK_FRAMES];
    _Alignas(64) float knobs[N_KNOBS][DSP_BLOCK_FRAMES];
    const float *signals[2];
    _Alignas(64) float constant[2][DSP_BLOCK_FRAMES];
    struct damping damping;
    struct ring_run read, written;
};

/** Adds what the line gives to `wet`. @return what its one-pole gave last */
LANE_FN float comb_render(struct scratch *w, const float *read, float *write, uint32_t n_frames,
                          float damped)
{
    row y = row_splat(damped), sum_4 = { 0 }, sum_8 = { 0 };
    struct one_pole p = w->damping.rows[0];
    const uint32_t last_row = w->damping.last_row;
    for (uint32_t i = 0, r = 0; i < n_frames; i += ROW) {
        row sum = p.tap[0] * row_load(read + i - 1);
        sum = row_fma(p.tap[1], row_load(read + i - 2), sum);
        sum = row_fma(p.tap[2], row_load(read + i - 3), sum);
        sum = row_fma(p.tap[3], row_load(read + i - 4), sum);
        row longer = sum;
        if (ROW >= 8)
            longer = row_fma(p.over_4, row_4_earlier(sum_4, sum), longer);
        sum_4 = sum;
        sum = longer;
        if (ROW >= 16)
            longer = row_fma(p.over_8, row_8_earlier(sum_8, sum), longer);
        sum_8 = sum;
        y = row_fma(p.over_register, y, longer);
        row_store(w->wet + i, row_load(w->wet + i) + row_load(read + i));
        const row fed_back = row_load(w->knobs[FEEDBACK] + i);
        row_store(write + i, row_fma(fed_back, y, row_load(w->in + i)));
        if (r < last_row)
            p = w->damping.rows[++r];
    }
    _Alignas(64) float last[ROW];
    row_store(last, y);
    return last[(n_frames - 1) % ROW];
}

LANE_FN void allpass_render(float *wet, const float *read, float *write, uint32_t n_frames)
{
    const row half = row_splat(0.5f);
    for (uint32_t i = 0; i < n_frames; i += ROW) {
        const row x = row_load(wet + i);
        row_store(write + i, row_fma(half, row_load(read + i - 1), x));
        row_store(wet + i, row_load(read + i) - x);
    }
}

/** `w->in` through the tank to `w->wet`. */
static void tank_render(struct tank *t, float *memory, struct scratch *w, uint32_t n_frames,
                        uint32_t spread)
{
    for (uint32_t i = 0; i < n_frames; i += ROW)
        row_store(w->wet + i, (row){ 0 });
    for (int k = 0; k < N_LINES; k++) {
        const struct ring ring = next_ring(t, &memory, k, spread);
        const float *const read = ring_read(&ring, line_frames[k] + spread, &w->read);
        float *const write = ring_write(&ring, n_frames, &w->written);
        if (k < N_COMBS)
            t->damped[k] = comb_render(w, read, write, n_frames, t->damped[k]);
        else
            allpass_render(w->wet, read, write, n_frames);
        ring_wrote(&ring, write, n_frames);
        t->position[k] = ring_ahead(ring.position, n_frames, ring.n);
    }
}

LANE_FN float unit_range(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }

/** The knobs follow the signals: mix; 0.7 + 0.28 room; 0.4 damp. */
LANE_FN float knob_value(int knob, float x)
{
    static const float least[N_KNOBS] = { 0, 0.7f, 0 }, span[N_KNOBS] = { 1, 0.28f, 0.4f };
    return least[knob] + span[knob] * unit_range(x);
}

/**
 * The knob's value in each frame, those included that a register computes past the last one; a
 * literal that changed is on its way from `*last`. @return whether it moves
 */
LANE_FN bool knob_frames(const struct dsp_block *b, uint32_t input, int knob, float *last,
                         float *to)
{
    const float *const x = dsp_in(b, input);
    const float from = *last, now = knob_value(knob, x[0]);
    const bool is_signal = dsp_step(b, input);
    const bool ramps = b->in_rate[input] == PH_SCALAR && now != from;

    for (uint32_t i = 0; i < b->n_frames; i += ROW)
        row_store(to + i, row_splat(now));
    if (is_signal)
        for (uint32_t i = 0; i < b->n_frames; i++)
            to[i] = knob_value(knob, x[i]);
    else if (ramps)
        for (uint32_t i = 0; i < b->n_frames; i++)
            to[i] = from + (now - from) * ((float)(i + 1) / (float)b->n_frames);
    *last = to[b->n_frames - 1];
    return is_signal || ramps;
}

/** What both tanks are given: knobs and the sum of the inputs. */
LANE_FN void scratch_set(struct scratch *w, float *knobs, const struct dsp_block *b,
                         uint32_t n_channels)
{
    const uint32_t n_registers = row_count(b->n_frames);
    bool moves[N_KNOBS];
    for (int k = 0; k < N_KNOBS; k++)
        moves[k] = knob_frames(b, n_channels + k, k, &knobs[k], w->knobs[k]);
    damping_set(&w->damping, w->knobs[DAMP], moves[DAMP] || n_registers < 2 ? n_registers : 2);


    for (uint32_t c = 0; c < n_channels; c++)
        w->signals[c] = row_input(b, c, w->constant[c]);
    const float *const left = w->signals[0], *const right = w->signals[n_channels - 1];
    for (uint32_t i = 0; i < b->n_frames; i++)
        w->in[i] = 0.015f * (n_channels == 2 ? left[i] + right[i] : left[i]);
    for (uint32_t i = b->n_frames; i < n_registers * ROW; i++)
        w->in[i] = 0;
}

LANE_FN void reverb_process(struct reverb *s, const struct dsp_block *b, uint32_t n_channels)
{
    float *memory = b->memory;
    const uint32_t n_frames = b->n_frames;
    struct scratch w;

    scratch_set(&w, s->knobs, b, n_channels);
    for (uint32_t c = 0; c < n_channels; c++) {
        tank_render(&s->tanks[c], memory, &w, n_frames, c * SPREAD);
        memory += tank_frames(c * SPREAD);
        const float *const x = w.signals[c], *const mix = w.knobs[MIX];
        float *const restrict out = dsp_out(b, c);
        for (uint32_t i = 0; i < n_frames; i++)
            out[i] = (1.0f - mix[i]) * x[i] + mix[i] * w.wet[i];
    }
}

/** A synth born inside a block starts where its later, whole blocks begin on whole registers. */
LANE_FN void reverb_init(struct reverb *s, const struct dsp_block *b, uint32_t n_channels)
{
    memset(s, 0, REVERB_BYTES(n_channels));
    for (int k = 0; k < N_KNOBS; k++)
        s->knobs[k] = knob_value(k, dsp_in(b, n_channels + k)[0]);
    for (uint32_t c = 0; c < n_channels; c++)
        for (int k = 0; k < N_LINES; k++)
            s->tanks[c].position[k] = DSP_BLOCK_FRAMES - b->n_frames;
}

PH_RT static void free_verb_init(void *state, const struct dsp_block *b)
{
    reverb_init(state, b, 1);
}
PH_RT static void free_verb_process(void *state, const struct dsp_block *b)
{
    reverb_process(state, b, 1);
}
PH_RT static uint32_t free_verb_memory(const struct dsp_block *b)
{
    (void)b;
    return tank_frames(0);
}
const struct dsp_unit DSP(dsp_FreeVerb) = { REVERB_BYTES(1), free_verb_init, free_verb_process,
                                            free_verb_memory, 0, free_verb_process };

PH_RT static void free_verb2_init(void *state, const struct dsp_block *b)
{
    reverb_init(state, b, 2);
}
PH_RT static void free_verb2_process(void *state, const struct dsp_block *b)
{
    reverb_process(state, b, 2);
}
PH_RT static uint32_t free_verb2_memory(const struct dsp_block *b)
{
    (void)b;
    return tank_frames(0) + tank_frames(SPREAD);
}
const struct dsp_unit DSP(dsp_FreeVerb2) = { REVERB_BYTES(2), free_verb2_init, free_verb2_process,
                                             free_verb2_memory, 0, free_verb2_process };

#else
typedef int reverb_has_no_wide_form; /* a translation unit must declare something */
#endif
