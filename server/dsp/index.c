/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/index.c - tables that a signal looks up: Index and its kin, Shaper, DegreeToKey.    */
/* room: audio.                                                                                   */
#include "server/dsp/ramp.h"
#include "server/dsp/tables.h"

enum { INDEX_BUFNUM, INDEX_IN, INDEX_OCTAVE };

/* Inputs that hold one value all block are looked up once. */
typedef float look_up(const struct samples *table, float x);

LANE_FN void index_process(const struct dsp_block *b, look_up *f)
{
    const bool moves = dsp_step(b, INDEX_IN);
    FOR_EACH_VOICE(k) {
        const struct samples table = samples_of(b, each_in(b, INDEX_BUFNUM, k, 0));
        float y = 0.0f;
        for (uint32_t i = 0; i < b->n_frames; i++) {
            if (table.data && (moves || i == 0))
                y = f(&table, each_in(b, INDEX_IN, k, i));
            *each_out(b, k, i) = y;
        }
    }
}

/** x within the table, towards zero. */
LANE_FN uint32_t index_clip(const struct samples *table, float x)
{
    return x > 0.0f ? x < (float)table->n ? (uint32_t)x : table->n - 1 : 0;
}

/** What remains of x in 0 .. n-1 when whole n are taken away. */
LANE_FN uint32_t index_turn(int32_t x, uint32_t n)
{
    const int64_t rest = (int64_t)x % (int64_t)n;
    return (uint32_t)(rest < 0 ? rest + n : rest);
}

/*
 * Index - a table's value; FoldIndex, WrapIndex - places beyond it are reflected or turned round.
 *
 * in      [0] bufnum   [1] in: a place, cut off towards zero; Index holds it within the table.
 *         WrapIndex rounds down at control rate, as scsynth's
 * out     [0] the value; 0 without a buffer
 * cost    a table read per frame, each voice by itself
 */
LANE_FN float index_at(const struct samples *table, float x)
{
    const uint32_t i = index_clip(table, x);
    return table->data[i < table->n ? i : table->n - 1];
}
PH_RT static void index_run(void *state, const struct dsp_block *b)
{
    (void)state;
    index_process(b, index_at);
}
const struct dsp_unit DSP(dsp_Index) = { 0, dsp_no_init, index_run, NULL, 0, index_run };

LANE_FN float index_folded(const struct samples *table, float x)
{
    const uint32_t last = table->n - 1, twice = last ? 2 * last : 1;
    const uint32_t c = index_turn(each_whole((double)x), twice);
    return table->data[c > last ? twice - c : c];
}
PH_RT static void fold_index_run(void *state, const struct dsp_block *b)
{
    (void)state;
    index_process(b, index_folded);
}
const struct dsp_unit DSP(dsp_FoldIndex) = { 0, dsp_no_init, fold_index_run,
                                             NULL, 0, fold_index_run };

LANE_FN float index_wrapped(const struct samples *table, float x)
{
    return table->data[index_turn(each_whole((double)x), table->n)];
}
LANE_FN float index_wrapped_down(const struct samples *table, float x)
{
    return index_wrapped(table, floorf(x));
}
PH_RT static void wrap_index_run(void *state, const struct dsp_block *b)
{
    (void)state;
    if (b->rate == PH_AUDIO)
        index_process(b, index_wrapped);
    else
        index_process(b, index_wrapped_down);
}
const struct dsp_unit DSP(dsp_WrapIndex) = { 0, dsp_no_init, wrap_index_run,
                                             NULL, 0, wrap_index_run };

/**
 * IndexL - a table's value, by linear interpolation.
 *
 * in      [0] bufnum   [1] in: a place, held within the table
 * out     [0] the value; 0 without a buffer
 * cost    two table reads per frame, each voice by itself
 */
LANE_FN float index_between(const struct samples *table, float x)
{
    const float part = x - floorf(x);
    uint32_t i = index_clip(table, x);
    i = i < table->n ? i : table->n - 1;
    const float a = table->data[i], next = table->data[i + 1 < table->n ? i + 1 : i];
    return part >= 0.0f ? a + part * (next - a) : a;
}
PH_RT static void index_l_run(void *state, const struct dsp_block *b)
{
    (void)state;
    index_process(b, index_between);
}
const struct dsp_unit DSP(dsp_IndexL) = { 0, dsp_no_init, index_l_run, NULL, 0, index_l_run };

/**
 * IndexInBetween - where a value lies in a table that rises.
 *
 * in      [0] bufnum   [1] in
 * out     [0] place between the two values around it; the table's ends beyond them
 * cost    the table is searched from its start; not again while the value lies between the same two
 */
struct found { uint32_t at; float above, below; };

/** The first value above x; with it the highest before it. */
LANE_FN struct found index_search(const struct samples *table, float x)
{
    struct found f = { 0, -INFINITY, INFINITY };
    while (f.at < table->n && !(table->data[f.at] > x)) {
        f.above = dsp_max(table->data[f.at], f.above);
        f.at++;
    }
    f.below = f.at < table->n ? table->data[f.at] : INFINITY;
    return f;
}

LANE_FN float index_place(const struct samples *table, const struct found *f, float x)
{
    if (f->at == 0 || f->at >= table->n)
        return f->at ? (float)(table->n - 1) : 0.0f;
    const float before = table->data[f->at - 1];
    return (x - before) / (table->data[f->at] - before) + (float)f->at - 1.0f;
}

PH_RT static void index_in_between_run(void *state, const struct dsp_block *b)
{
    (void)state;
    FOR_EACH_VOICE(k) {
        const struct samples table = samples_of(b, each_in(b, INDEX_BUFNUM, k, 0));
        struct found f = { 0, INFINITY, -INFINITY };
        for (uint32_t i = 0; i < b->n_frames; i++) {
            const float x = each_in(b, INDEX_IN, k, i);
            if (table.data && !(x >= f.above && x < f.below))
                f = index_search(&table, x);
            *each_out(b, k, i) = table.data ? index_place(&table, &f, x) : 0.0f;
        }
    }
}
const struct dsp_unit DSP(dsp_IndexInBetween) = { 0, dsp_no_init, index_in_between_run, NULL, 0,
                                                  index_in_between_run };

/**
 * DetectIndex - where a table holds a value.
 *
 * in      [0] bufnum   [1] in
 * out     [0] the first place that holds exactly this value, or -1; 0 without a buffer
 * state   the last value and its place
 * cost    where the value is new, the table is searched from its start
 */
struct detect_index { lane last, place; };

LANE_FN float index_detect(const struct samples *table, float x)
{
    for (uint32_t i = 0; i < table->n; i++)
        if (table->data[i] == x)
            return (float)i;
    return -1.0f;
}

PH_RT static void detect_index_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct detect_index *)state = (struct detect_index){ lane_splat(NAN), lane_splat(-1.0f) };
}

PH_RT static void detect_index_run(void *state, const struct dsp_block *b)
{
    struct detect_index *const s = state;
    FOR_EACH_VOICE(k) {
        const struct samples table = samples_of(b, each_in(b, INDEX_BUFNUM, k, 0));
        float last = lane_get(s->last, k), place = lane_get(s->place, k);
        for (uint32_t i = 0; i < b->n_frames; i++) {
            const float x = each_in(b, INDEX_IN, k, i);
            if (table.data && x != last) {
                place = index_detect(&table, x);
                last = x;
            }
            *each_out(b, k, i) = table.data ? place : 0.0f;
        }
        s->last = lane_set(s->last, k, last);
        s->place = lane_set(s->place, k, place);
    }
}
const struct dsp_unit DSP(dsp_DetectIndex) = { sizeof(struct detect_index), detect_index_init,
                                               detect_index_run, NULL, 0, detect_index_run };

/**
 * DegreeToKey - the key of a degree of a scale.
 *
 * in      [0] bufnum: the scale   [1] in: the degree, rounded down   [2] octave: what a scale
 *         further on adds, a whole number, read at birth
 * out     [0] the key; 0 without a buffer
 * state   octave
 * cost    a table read per frame, each voice by itself
 */
struct degree_to_key { lane octave; };

PH_RT static void degree_to_key_init(void *state, const struct dsp_block *b)
{
    const int32_t octave = each_whole((double)each_in(b, INDEX_OCTAVE, 0, 0));
    ((struct degree_to_key *)state)->octave = lane_splat((float)octave);
}

PH_RT static void degree_to_key_run(void *state, const struct dsp_block *b)
{
    const struct degree_to_key *const s = state;
    FOR_EACH_VOICE(k) {
        const struct samples table = samples_of(b, each_in(b, INDEX_BUFNUM, k, 0));
        for (uint32_t i = 0; i < b->n_frames; i++) {
            const int32_t degree = each_whole(floor((double)each_in(b, INDEX_IN, k, i)));
            const uint32_t place = table.data ? index_turn(degree, table.n) : 0;
            const int64_t octaves = table.data ? (degree - (int64_t)place) / table.n : 0;
            const float up = (float)octaves * lane_get(s->octave, k);
            *each_out(b, k, i) = table.data ? table.data[place] + up : 0.0f;
        }
    }
}
const struct dsp_unit DSP(dsp_DegreeToKey) = { sizeof(struct degree_to_key), degree_to_key_init,
                                               degree_to_key_run, NULL, 0, degree_to_key_run };

/**
 * Shaper - a wavetable as the curve of a distortion.
 *
 * in      [0] bufnum  in SuperCollider's wavetable format, as Osc's; any even size
 *         [1] in      -1 .. 1 are the table's ends, and held there; ramped where it is not at audio
 *                     rate
 * out     [0] what the table holds there; 0 without a buffer
 * state   the input at the end of the last block
 * cost    a table read per frame, each voice by itself
 */
struct shaper { lane last; };

PH_RT static void shaper_init(void *state, const struct dsp_block *b)
{
    ((struct shaper *)state)->last = dsp_in(b, INDEX_IN)[0];
}

LANE_FN float shaper_at(const struct samples *table, float x)
{
    const float middle = (float)table->n * 0.25f;
    const float most = (float)((double)(table->n >> 1) - 0.001), at = middle + x * middle;
    const float place = at > 0.0f ? at < most ? at : most : 0.0f;
    uint32_t whole = (uint32_t)place;
    whole = whole < table->n >> 1 ? whole : (table->n >> 1) - 1;
    const float part = place - ((float)whole - 1.0f);
    return table->data[2 * whole] + table->data[2 * whole + 1] * part;
}

PH_RT static void shaper_run(void *state, const struct dsp_block *b)
{
    struct shaper *const s = state;
    lane frames[DSP_BLOCK_FRAMES];
    const lane *in = dsp_in(b, INDEX_IN);
    if (b->rate == PH_AUDIO)
        in = ramp_frames(b, INDEX_IN, &s->last, frames);
    FOR_EACH_VOICE(k) {
        const struct samples table = samples_of(b, each_in(b, INDEX_BUFNUM, k, 0));
        for (uint32_t i = 0; i < b->n_frames; i++)
            *each_out(b, k, i) = table.n > 1 ? shaper_at(&table, lane_get(in[i], k)) : 0.0f;
    }
}
const struct dsp_unit DSP(dsp_Shaper) = { sizeof(struct shaper), shaper_init, shaper_run,
                                          NULL, 0, shaper_run };
