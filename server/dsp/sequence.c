/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/sequence.c - demand units of lists: Dseq and its kin, Dswitch; Dbufrd, Dbufwr.      */
/* room: audio. An item of a list is a number or a stream, which it then plays to its end.        */
#include "server/dsp/buffer_phase.h"
#include "server/dsp/stream.h"

#if LANE_W == 1

struct sequence {
    struct stream stream; /* passes of Dseq and Dshuf, items of the others */
    struct chance chance;
    uint32_t item;        /* counted from the first */
    uint32_t plays;       /* 1: the item is a stream that has begun */
    uint32_t by_block;    /* 1: of an item that is a signal a block's first value counts */
};

/** Who picks the next item when one is over. */
typedef void sequence_step(struct sequence *s, const struct dsp_block *b);
/** Which input is the item that plays. */
typedef uint32_t item_input(const struct sequence *s, const struct dsp_block *b);

enum { LIST_LENGTH, LIST_FIRST };

static uint32_t n_items(const struct dsp_block *b)
{
    return b->n_in - LIST_FIRST;
}

/**
 * The next value of input `first + item`. @return whether there is one; else the item is over
 */
PH_RT static bool item_next(struct sequence *s, const struct dsp_block *b, uint32_t input, float *x)
{
    if (b->in_rate[input] != PH_DEMAND) { /* a number: it is over with its value */
        *x = s->plays ? NAN : dsp_value(b, input, s->by_block ? 0 : b->frame);
        s->plays = !s->plays;
        return s->plays;
    }
    if (!s->plays)
        dsp_demand_reset(b, input, b->frame);
    s->plays = 1;
    *x = dsp_demand(b, input, b->frame);
    s->plays = !isnan(*x);
    return s->plays;
}

/**
 * The next value of a list. `input_of`: the input of an item. Streams that are empty are passed
 * over, but not for ever: a list of nothing else is over.
 */
PH_RT static float list_next(struct sequence *s, const struct dsp_block *b, item_input *input_of,
                             sequence_step *step)
{
    float x = NAN;
    stream_measure(&s->stream, b, LIST_LENGTH);
    for (uint32_t tries = 2 * b->n_in + 2; tries > 0 && !stream_is_over(&s->stream); tries--) {
        if (item_next(s, b, input_of(s, b), &x))
            return x;
        step(s, b);
    }
    return NAN;
}

static uint32_t input_in_order(const struct sequence *s, const struct dsp_block *b)
{
    return LIST_FIRST + s->item % n_items(b);
}

PH_RT static void sequence_begin(struct sequence *s)
{
    stream_begin(&s->stream);
    s->plays = 0;
    s->item = 0;
}

PH_RT static void sequence_init(void *state, const struct dsp_block *b)
{
    struct sequence *const s = state;
    *s = (struct sequence){ .chance = chance_new(b) };
    sequence_begin(s);
}

/* ---- in order -------------------------------------------------------------------------------- */

PH_RT static void next_of_pass(struct sequence *s, const struct dsp_block *b)
{
    if (++s->item < n_items(b))
        return;
    s->item = 0;
    s->stream.n++;
}

/**
 * Dseq - a list, several times. Dser - so many items of a list, over and over.
 *
 * in      [0] repeats
 *         [1..] the list
 * out     [0] the next value
 * state   where it is
 */
PH_RT static void dseq_process(void *state, const struct dsp_block *b)
{
    struct sequence *const s = state;
    if (b->n_frames == 0)
        sequence_begin(s);
    else
        dsp_out(b, 0)[0] = list_next(s, b, input_in_order, next_of_pass);
}
const struct dsp_unit DSP(dsp_Dseq) = { sizeof(struct sequence), sequence_init, dseq_process };

PH_RT static void next_item(struct sequence *s, const struct dsp_block *b)
{
    s->item = (s->item + 1) % n_items(b);
    s->stream.n++;
}

PH_RT static void dser_init(void *state, const struct dsp_block *b)
{
    sequence_init(state, b);
    ((struct sequence *)state)->by_block = 1;
}

PH_RT static void dser_process(void *state, const struct dsp_block *b)
{
    struct sequence *const s = state;
    if (b->n_frames == 0)
        sequence_begin(s);
    else
        dsp_out(b, 0)[0] = list_next(s, b, input_in_order, next_item);
}
const struct dsp_unit DSP(dsp_Dser) = { sizeof(struct sequence), dser_init, dser_process, NULL, 0 };

/* ---- by chance ------------------------------------------------------------------------------- */

PH_RT static void any_item(struct sequence *s, const struct dsp_block *b)
{
    chance_begin(&s->chance, b);
    s->item = chance_below(&s->chance, n_items(b));
    s->stream.n++;
}

PH_RT static void other_item(struct sequence *s, const struct dsp_block *b)
{
    chance_begin(&s->chance, b);
    const uint32_t n = n_items(b), drawn = n > 1 ? chance_below(&s->chance, n - 1) : 0;
    s->item = n > 1 && drawn >= s->item ? drawn + 1 : drawn;
    s->stream.n++;
}

/** Begins with an item drawn by `step`. */
PH_RT static void draw_first(struct sequence *s, const struct dsp_block *b, sequence_step *step)
{
    sequence_begin(s);
    step(s, b);
    s->stream.n = 0;
}

PH_RT static void drand_init(void *state, const struct dsp_block *b)
{
    sequence_init(state, b);
    draw_first(state, b, any_item);
}

/**
 * Drand - items by chance. Dxrand - none twice in a row.
 *
 * in      [0] repeats  items
 *         [1..] the list
 * out     [0] the next value
 * state   where it is, and of the random numbers
 */
PH_RT static void drand_process(void *state, const struct dsp_block *b)
{
    if (b->n_frames == 0)
        draw_first(state, b, any_item);
    else
        dsp_out(b, 0)[0] = list_next(state, b, input_in_order, any_item);
}
const struct dsp_unit DSP(dsp_Drand) = { sizeof(struct sequence), drand_init, drand_process };

PH_RT static void dxrand_process(void *state, const struct dsp_block *b)
{
    if (b->n_frames == 0)
        draw_first(state, b, any_item);
    else
        dsp_out(b, 0)[0] = list_next(state, b, input_in_order, other_item);
}
const struct dsp_unit DSP(dsp_Dxrand) = { sizeof(struct sequence), drand_init, dxrand_process };

enum { WEIGHTS = 1, WEIGHTS_FIRST };

/** Weights are as many as there are items, if the first input says so and the rest is enough. */
static uint32_t n_weights(const struct dsp_block *b)
{
    const float n = dsp_in(b, WEIGHTS)[0];
    const uint32_t most = (b->n_in - WEIGHTS_FIRST) / 2;
    return n >= 1 ? (n < (float)most ? (uint32_t)n : most) : 0;
}

static uint32_t input_behind_weights(const struct sequence *s, const struct dsp_block *b)
{
    const uint32_t n = n_weights(b);
    return WEIGHTS_FIRST + n + (n > 0 ? s->item % n : 0);
}

/**
 * The first item at which the sum of the weights reaches a
 * number drawn from 0 .. 1; the same, if none does.
 */
PH_RT static void weighted_item(struct sequence *s, const struct dsp_block *b)
{
    chance_begin(&s->chance, b);
    const float drawn = chance_unit(&s->chance);
    float sum = 0;
    s->stream.n++;
    for (uint32_t i = 0; i < n_weights(b); i++) {
        sum += dsp_in(b, WEIGHTS_FIRST + i)[0];
        if (sum >= drawn) {
            s->item = i;
            return;
        }
    }
}

PH_RT static void dwrand_init(void *state, const struct dsp_block *b)
{
    sequence_init(state, b);
    draw_first(state, b, weighted_item);
}

/**
 * Dwrand - items by chance, each as likely as its weight.
 *
 * in      [0] repeats  items
 *         [1] n        weights, then they, which sum to 1, then as many items
 * out     [0] the next value
 * state   where it is, and of the random numbers
 */
PH_RT static void dwrand_process(void *state, const struct dsp_block *b)
{
    if (b->n_frames == 0)
        draw_first(state, b, weighted_item);
    else
        dsp_out(b, 0)[0] =
            n_weights(b) > 0 ? list_next(state, b, input_behind_weights, weighted_item) : NAN;
}
const struct dsp_unit DSP(dsp_Dwrand) = { sizeof(struct sequence), dwrand_init, dwrand_process };

/** The order: an item's number per place. */
static uint32_t dshuf_memory(const struct dsp_block *b)
{
    return n_items(b);
}

static uint32_t input_shuffled(const struct sequence *s, const struct dsp_block *b)
{
    return LIST_FIRST + (uint32_t)b->memory[s->item % n_items(b)];
}

PH_RT static void shuffle(struct sequence *s, const struct dsp_block *b)
{
    chance_begin(&s->chance, b);
    if (b->memory_frames >= n_items(b))
        chance_shuffle(&s->chance, b->memory, n_items(b));
}

PH_RT static void dshuf_init(void *state, const struct dsp_block *b)
{
    sequence_init(state, b);
    for (uint32_t i = 0; i < n_items(b) && i < b->memory_frames; i++)
        b->memory[i] = (float)i;
    shuffle(state, b);
}

/**
 * Dshuf - a list in an order drawn at its beginning, several times.
 *
 * in      [0] repeats
 *         [1..] the list
 * out     [0] the next value
 * state   where it is, and of the random numbers
 * memory  the order
 */
PH_RT static void dshuf_process(void *state, const struct dsp_block *b)
{
    if (b->n_frames == 0) {
        sequence_begin(state);
        shuffle(state, b);
        return;
    }
    dsp_out(b, 0)[0] =
        b->memory_frames >= n_items(b) ? list_next(state, b, input_shuffled, next_of_pass) : NAN;
}
const struct dsp_unit DSP(dsp_Dshuf) = { sizeof(struct sequence), dshuf_init, dshuf_process,
                                         dshuf_memory };

/* ---- switches -------------------------------------------------------------------------------- */

/** The input that an index names, rounded and wrapped. NaN gives the first. */
static uint32_t input_of_index(const struct dsp_block *b, float index)
{
    const float n = (float)n_items(b), x = floorf(index + 0.5f);
    const float wrapped = x - n * floorf(x / n);
    return LIST_FIRST + (wrapped >= 0 && wrapped < n ? (uint32_t)wrapped : 0);
}

PH_RT static void reset_all(const struct dsp_block *b)
{
    for (uint32_t i = 0; i < b->n_in; i++)
        dsp_demand_reset(b, i, b->frame);
}

/**
 * Dswitch1 - with every value the next one of the item that an index names.
 *
 * in      [0] index  a stream or a signal; rounded, wrapped
 *         [1..] the list
 * out     [0] the next value
 */
PH_RT static void dswitch1_process(void *state, const struct dsp_block *b)
{
    (void)state;
    if (b->n_frames == 0) {
        reset_all(b);
        return;
    }
    const float index = dsp_demand(b, 0, b->frame);
    dsp_out(b, 0)[0] = isnan(index) ? NAN : dsp_demand(b, input_of_index(b, index), b->frame);
}
const struct dsp_unit DSP(dsp_Dswitch1) = { 0, dsp_no_init, dswitch1_process, NULL, 0 };

PH_RT static void dswitch_init(void *state, const struct dsp_block *b)
{
    *(uint32_t *)state = input_of_index(b, dsp_demand(b, 0, b->frame));
}

/**
 * Dswitch - an item to its end, then the one that the index names then.
 *
 * in      [0] index  a stream or a signal; rounded, wrapped
 *         [1..] the list
 * out     [0] the next value
 * state   the item
 */
PH_RT static void dswitch_process(void *state, const struct dsp_block *b)
{
    uint32_t *const input = state;
    if (b->n_frames == 0) {
        reset_all(b);
        dswitch_init(state, b);
        return;
    }
    float x = dsp_demand(b, *input, b->frame);
    const float index = isnan(x) ? dsp_demand(b, 0, b->frame) : 0;
    if (isnan(x) && !isnan(index)) {
        const uint32_t next = input_of_index(b, index);
        x = dsp_demand(b, next, b->frame);
        dsp_demand_reset(b, *input, b->frame);
        *input = next;
    }
    dsp_out(b, 0)[0] = x;
}
const struct dsp_unit DSP(dsp_Dswitch) = { sizeof(uint32_t), dswitch_init, dswitch_process };

/* ---- buffers --------------------------------------------------------------------------------- */

enum { DBUF_NUMBER, DBUF_PHASE, DBUFRD_LOOP, DBUFWR_IN = DBUFRD_LOOP, DBUFWR_LOOP };

/**
 * Streams begin again at birth, as from scsynth's
 * constructors: another unit may have asked them (Dunique).
 */
PH_RT static void dbuf_init(void *state, const struct dsp_block *b)
{
    (void)state;
    reset_all(b);
}

/**
 * Dbufrd - the value of a buffer's first channel at a phase.
 *
 * in      [0] bufnum
 *         [1] phase   in frames; a stream
 *         [2] loop
 * out     [0] the next value; 0 without a buffer
 */
PH_RT static void dbufrd_process(void *state, const struct dsp_block *b)
{
    (void)state;
    if (b->n_frames == 0) {
        reset_all(b);
        return;
    }
    const bool loops = dsp_demand(b, DBUFRD_LOOP, b->frame) != 0;
    const float number = dsp_demand(b, DBUF_NUMBER, b->frame);
    const float phase = dsp_demand(b, DBUF_PHASE, b->frame);
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, number > 0 ? number : 0);
    float x = 0;
    if (isnan(number) || isnan(phase))
        x = NAN;
    else if (buffer && buffer->n_frames > 0 && isfinite(phase))
        x = buffer->data[(size_t)buffer_frame_at(b, phase, buffer->n_frames, loops) *
                         buffer->n_channels];
    dsp_out(b, 0)[0] = x;
}
const struct dsp_unit DSP(dsp_Dbufrd) = { 0, dbuf_init, dbufrd_process, NULL, 0 };

/**
 * Dbufwr - writes a stream into a buffer's first channel.
 *
 * in      [0] bufnum
 *         [1] phase   in frames; a stream
 *         [2] in      a stream
 *         [3] loop
 * out     [0] what it wrote
 */
PH_RT static void dbufwr_process(void *state, const struct dsp_block *b)
{
    (void)state;
    if (b->n_frames == 0) {
        reset_all(b);
        return;
    }
    const bool loops = dsp_demand(b, DBUFWR_LOOP, b->frame) != 0;
    const float number = dsp_demand(b, DBUF_NUMBER, b->frame);
    const float phase = dsp_demand(b, DBUF_PHASE, b->frame);
    const float x = isnan(phase) ? NAN : dsp_demand(b, DBUFWR_IN, b->frame);
    struct dsp_buffer *const buffer = dsp_buffer_to_write(b, number > 0 ? number : 0);
    if (!isnan(number) && isfinite(x) && isfinite(phase) && buffer && buffer->n_frames > 0)
        buffer->data[(size_t)buffer_frame_at(b, phase, buffer->n_frames, loops) *
                     buffer->n_channels] = x;
    dsp_out(b, 0)[0] = isnan(number) ? NAN : x;
}
const struct dsp_unit DSP(dsp_Dbufwr) = { 0, dbuf_init, dbufwr_process, NULL, 0 };

#else
typedef int sequence_has_no_wide_form; /* a translation unit must declare something */
#endif
