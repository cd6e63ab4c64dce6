/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/sampler.c - PlayBuf, Sampler, TrigSampler, BufRd, Phasor, BufRateScale, BufFrames.  */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A player works out where the frames of a call lie in its buffer (struct run); one reader, the  */
/* same for all players and widths, fetches them (read_run()).                                    */
#include "server/dsp/birth.h"
#include "server/dsp/each.h"
#include "server/dsp/lane_read.h"
#include "server/dsp/part.h"

/** Buffer of that number, or NULL where there is none or it holds nothing. */
static const struct dsp_buffer *find_buffer(const struct dsp_block *b, float number)
{
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, number);
    return buffer && buffer->n_frames && buffer->n_channels ? buffer : NULL;
}

/* ------------------------------------------------------------------------------------- reader */

enum { FRAMES_MAX = 1 << 30 }; /* of a buffer; what lies behind them isn't played */

enum beyond {
    HOLD, /* the first or last frame again */
    TURN, /* round: the last one comes before the first */
    SILENCE
};

/** Where a voice reads. What lies outside frames first .. end - 1 is decided by `beyond`. */
struct source {
    const float *data; /* n_frames of n_channels */
    uint32_t n_frames, n_channels;
    enum beyond beyond;
    int64_t first, end;
    float bend; /* between two frames: 1 the cubic, 0 a straight line */
};

/** Places of the frames of one call, up to where the sound ends. */
struct run {
    _Alignas(64) int64_t place[DSP_BLOCK_FRAMES];
    uint32_t n;
    bool straight; /* each is one step further than the last, and none beyond an end */
};

/** Places at one step from each other. */
static void run_straight(struct run *run, int64_t place, int64_t step)
{
    run->straight = true;
    if (run->n == DSP_BLOCK_FRAMES) /* a length that the compiler knows */
        for (uint32_t i = 0; i < DSP_BLOCK_FRAMES; i++)
            run->place[i] = place + (int64_t)i * step;
    else
        for (uint32_t i = 0; i < run->n; i++)
            run->place[i] = place + (int64_t)i * step;
}

static struct source source_of(const struct dsp_buffer *buffer)
{
    const uint32_t n = buffer->n_frames < FRAMES_MAX ? buffer->n_frames : FRAMES_MAX;
    return (struct source){ .data = buffer->data, .n_frames = n, .n_channels = buffer->n_channels,
                            .beyond = HOLD, .first = 0, .end = n, .bend = 1.0f };
}

/** Frame `i` as one of the buffer, or -1. */
static int64_t frame_of(const struct source *s, int64_t i)
{
    const int64_t length = s->end - s->first;
    if (i >= s->first && i < s->end)
        return i;
    if (s->beyond == SILENCE)
        return -1;
    if (s->beyond == HOLD)
        return i < s->first ? s->first : s->end - 1;
    const int64_t past = (i - s->first) % length;
    return s->first + (past < 0 ? past + length : past);
}

/**
 * The taps around frame `whole` of one channel, or of two, as they would lie in a stereo buffer.
 */
static const float *copy_taps(const struct source *s, int64_t whole, uint32_t channel, bool stereo,
                              float *own)
{
    const uint32_t n = stereo ? 2 : 1;
    for (uint32_t j = 0; j < 4; j++) {
        const int64_t frame = frame_of(s, whole + j - 1);
        for (uint32_t c = 0; c < n; c++) {
            const bool is_there = frame >= 0 && channel + c < s->n_channels;
            own[j * n + c] = is_there ? s->data[frame * s->n_channels + channel + c] : 0.0f;
        }
    }
    return own;
}

/** Number of frames whose taps lie as they are needed, side by side; the first is first + 1. */
static int32_t count_inner(const struct source *s)
{
    const int64_t n = s->n_channels <= 2 ? s->end - s->first - 3 : 0;
    return n > 0 ? (int32_t)n : 0;
}

/** The taps at ROW places. `inner`: all of them are. */
LANE_FN void taps_at(const struct source *s, const int64_t *place, bool inner, uint32_t channel,
                     bool stereo, row left[4], row right[4])
{
    const uint64_t n_inner = (uint64_t)count_inner(s);
    const float *from[ROW];
    float own[ROW][8];
    for (int k = 0; k < ROW; k++) {
        const int64_t whole = place[k] >> PLACE_BITS;
        if (inner || (uint64_t)(whole - 1 - s->first) < n_inner)
            from[k] = s->data + (whole - 1) * (stereo ? 2 : 1);
        else if (k > 0 && whole == place[k - 1] >> PLACE_BITS)
            from[k] = from[k - 1];
        else
            from[k] = copy_taps(s, whole, channel, stereo, own[k]);
    }
    row_taps(from, stereo, left, right);
}

/** First frame of a window that holds the taps of ROW inner places of a straight run, or -1. */
LANE_FN int64_t window_of(const struct source *s, const int64_t *place)
{
    const int64_t a = place[0] >> PLACE_BITS, z = place[ROW - 1] >> PLACE_BITS;
    const int64_t low = (a < z ? a : z) - 1, high = (a < z ? z : a) + 2;
    const int64_t last = (int64_t)s->n_frames - ROW_WINDOW, window = low < last ? low : last;
    return ROW_WINDOW > 0 && high - window < ROW_WINDOW ? window : -1;
}

/** The run's frames of one channel, or of two; ROW at a time. */
LANE_FN void read_channels(const struct source *s, struct run *run, uint32_t channel, bool stereo,
                           float *left_out, float *right_out)
{
    const int32_t n_inner = count_inner(s), first_inner = (int32_t)s->first + 1;
    const bool stands = run->straight && run->place[0] == run->place[run->n - 1];
    for (uint32_t i = 0; i < (stands ? 1 : run->n); i += ROW) {
        const int64_t *const place = run->place + i;
        row left[4], right[4], part;
        row_i whole;
        places_split(place, &whole, &part);
        const bool inner = row_all_below(whole - first_inner, n_inner);
        const int64_t window = inner && run->straight ? window_of(s, place) : -1;
        if (window >= 0)
            row_window(s->data + window * (stereo ? 2 : 1), whole - (int32_t)(window + 1), stereo,
                        left, right);
        else if (inner)
            taps_at(s, place, true, channel, stereo, left, right);
        else
            taps_at(s, place, false, channel, stereo, left, right);
        const struct row_weights w = row_cubic(part, s->bend);
        row_store(left_out + i, row_weigh(&w, left));
        if (stereo)
            row_store(right_out + i, row_weigh(&w, right));
    }
    for (uint32_t i = ROW; i < run->n && stands; i++) {
        left_out[i] = left_out[0];
        right_out[i] = stereo ? right_out[0] : 0.0f;
    }
}

/** Fills the last row of a run up: its places must exist. */
static void pad_run(struct run *run)
{
    for (uint32_t i = run->n; i % ROW; i++)
        run->place[i] = run->place[i - 1];
}

/** Outputs `channel` and the next of one voice; what the buffer lacks, and the rest, is silent. */
static void read_run(const struct source *s, struct run *run, uint32_t channel, float *left,
                     float *right)
{
    const uint32_t n_there = run->n > 0 && channel < s->n_channels ? s->n_channels - channel : 0;
    pad_run(run);
    if (n_there > 0 && s->n_channels > 1)
        read_channels(s, run, channel, true, left, right);
    else if (n_there > 0)
        read_channels(s, run, channel, false, left, right);
    const uint32_t n_left = n_there > 0 ? run->n : 0, n_right = n_there > 1 ? run->n : 0;
    memset(left + n_left, 0, (DSP_BLOCK_FRAMES - n_left) * sizeof *left);
    memset(right + n_right, 0, (DSP_BLOCK_FRAMES - n_right) * sizeof *right);
}

/** One row of frames per voice. */
struct rows { _Alignas(64) float at[LANE_W][DSP_BLOCK_FRAMES]; };

/** Rows to the wire: [frame][lane]. */
static void put_rows(const struct dsp_block *b, uint32_t output, const struct rows *rows)
{
    lane *const out = dsp_out(b, output);
#if LANE_W == 1
    memcpy(out, rows->at[0], b->n_frames * sizeof *out);
#else
    const float *from[LANE_W];
    for (int k = 0; k < LANE_W; k++)
        from[k] = rows->at[k];
    for (uint32_t i = 0; i < b->n_frames; i += 4) {
        lane y[4];
        row_quads(from, i, y);
        for (uint32_t j = 0; j < 4 && i + j < b->n_frames; j++)
            out[i + j] = y[j];
    }
#endif
}

/** Where voice k reads in this call. `advance`: its state moves on; else this only looks ahead. */
typedef void run_fn(void *state, const struct dsp_block *b, int k, bool advance,
                    struct source *source, struct run *run);

/** Renders every voice's channels two by two. */
LANE_FN void play(void *state, const struct dsp_block *b, run_fn *plan)
{
    for (uint32_t c = 0; c < b->n_out; c += 2) {
        struct rows left, right;
        for (int k = 0; k < LANE_W; k++) {
            struct source source = { 0 };
            struct run run;
            run.n = 0;
            if (b->lanes >> k & 1)
                plan(state, b, k, c + 2 >= b->n_out, &source, &run);
            read_run(&source, &run, c, left.at[k], right.at[k]);
        }
        put_rows(b, c, &left);
        if (c + 1 < b->n_out)
            put_rows(b, c + 1, &right);
    }
}


/* A rate of a million frames a frame is as good as any
 * larger one; places stay far from overflow. */
#define RATE_MAX 1048576.0f

static int64_t step_at(const struct dsp_block *b, uint32_t input, int k, uint32_t i)
{
    return place_from(each_in(b, input, k, i), RATE_MAX);
}

/* ------------------------------------------------------------------------------------ PlayBuf */

/*
 * PlayBuf - plays a buffer as SuperCollider does.
 *
 * in      [0] bufnum   [1] rate, buffer frames per output frame   [2] trigger: back to startPos
 *         [3] startPos, frames   [4] loop   [5] doneAction, at the end without loop
 * out     any number of channels; those that the buffer lacks are silent
 * end     without loop the last frame is held, and the action asked for in every block, until a
 *         trigger starts again; beyond an edge the cubic reads the edge frame again
 * state   the place, the last trigger, whether the end was reached
 * cost    one cubic per frame and channel, four loads or permutations each
 */
struct play_buf { int64_t place[LANE_W]; lane last_trigger; lane_u done; };
enum { PLAY_BUFNUM, PLAY_RATE, PLAY_TRIGGER, PLAY_START, PLAY_LOOP, PLAY_ACTION };

/** One voice of it. */
struct play_voice { int64_t place, end; float last_trigger; bool loop, done; };

static int64_t play_start(const struct dsp_block *b, int k, uint32_t i)
{
    return place_from(each_in(b, PLAY_START, k, i), (float)FRAMES_MAX);
}

PH_RT static void play_buf_init(void *state, const struct dsp_block *b)
{
    struct play_buf *const s = state;
    *s = (struct play_buf){ .place = { play_start(b, 0, 0) } };
}

/** Brings the place into the buffer: wraps, or stops at the ends. */
LANE_FN void play_wrap(struct play_voice *v)
{
    if (v->place >= 0 && v->place < v->end)
        return;
    if (v->loop) {
        v->place %= v->end;
        v->place += v->place < 0 ? v->end : 0;
    } else {
        v->place = v->place < 0 ? 0 : v->end;
        v->done = true;
    }
}

/** Goes back to the start where the trigger rises on frame i. */
LANE_FN void play_trigger(struct play_voice *v, const struct dsp_block *b, int k, uint32_t i)
{
    const float now = each_in(b, PLAY_TRIGGER, k, i);
    if (now > 0.0f && v->last_trigger <= 0.0f) {
        v->done = false;
        v->place = play_start(b, k, i);
    }
    v->last_trigger = now;
}

/** Is there anything but the rate that moves the place from frame 1 on? */
static bool play_is_plain(const struct dsp_block *b, int k)
{
    if (dsp_step(b, PLAY_RATE))
        return false;
    for (uint32_t i = 1; i < b->n_frames && dsp_step(b, PLAY_TRIGGER); i++)
        if (each_in(b, PLAY_TRIGGER, k, i) > 0.0f)
            return false;
    return true;
}

/** The run, if it is a straight line: at one rate, or standing at the end. */
static bool play_straight(struct play_voice *v, const struct dsp_block *b, int k, struct run *run)
{
    struct play_voice ahead = *v;
    if (!play_is_plain(b, k))
        return false;
    play_trigger(&ahead, b, k, 0);
    play_wrap(&ahead);
    int64_t step = step_at(b, PLAY_RATE, k, 0);
    if (ahead.place == ahead.end && step >= 0)
        step = 0;
    const int64_t last = ahead.place + (int64_t)(run->n - 1) * step;
    if (last < 0 || last >= ahead.end + (step == 0))
        return false;
    run_straight(run, ahead.place, step);
    ahead.place = last + step;
    ahead.last_trigger = each_in(b, PLAY_TRIGGER, k, run->n - 1);
    *v = ahead;
    return true;
}

PH_RT static void play_buf_run(void *state, const struct dsp_block *b, int k, bool advance,
                               struct source *source, struct run *run)
{
    struct play_buf *const s = state;
    const struct dsp_buffer *const buffer = find_buffer(b, each_in(b, PLAY_BUFNUM, k, 0));
    if (!buffer)
        return;
    *source = source_of(buffer);
    run->n = b->n_frames;
    struct play_voice v = { .place = s->place[k], .last_trigger = lane_get(s->last_trigger, k),
                            .loop = fabsf(each_in(b, PLAY_LOOP, k, 0)) >= 1.0f,
                            .done = lane_get_u(s->done, k) };
    source->beyond = v.loop ? TURN : HOLD;
    v.end = (source->end - (v.loop ? 0 : 1)) * PLACE_ONE;
    if (!play_straight(&v, b, k, run)) {
        run->straight = false;
        for (uint32_t i = 0; i < run->n; i++) {
            play_trigger(&v, b, k, i);
            play_wrap(&v);
            run->place[i] = v.place;
            v.place += step_at(b, PLAY_RATE, k, i);
        }
    }
    if (!advance)
        return;
    if (v.done)
        dsp_ask_done(&b->node[k], each_in(b, PLAY_ACTION, k, 0));
    dsp_mark_done(b, v.done);
    s->place[k] = v.place;
    s->last_trigger = lane_set(s->last_trigger, k, v.last_trigger);
    s->done = lane_set_u(s->done, k, v.done);
}

PH_RT static void play_buf_process(void *state, const struct dsp_block *b)
{
    play(state, b, play_buf_run);
}
const struct dsp_unit DSP(dsp_PlayBuf) = { sizeof(struct play_buf), play_buf_init,
                                           play_buf_process, NULL, 1, birth_zero };

/* ------------------------------------------------------------------------------------ Sampler */

/*
 * Sampler - plays the part begin .. end of a buffer once, or round and round.
 *
 * in      [0] bufnum   [1] rate, buffer frames per output frame: nothing else scales it; negative
 *         plays from end backwards to begin   [2] begin   [3] end, 0 .. 1 of the buffer; exchanged
 *         where end < begin   [4] loop   [5] doneAction
 * out     the first channels of the buffer; outputs that it lacks are silent
 * length  exactly the output frames whose place lies in the part: places are first, first + rate,
 *         ... below last; backwards last - 1, last - 1 + rate, ... above first - 1. After them
 *         silence, and the action asked for in the block where the sound ends.
 * edges   the cubic reads the buffer's own frames beyond the part, silence beyond the buffer; with
 *         loop it reads round the part
 * faults  without a buffer it ends at once; a part without a frame, likewise
 * state   the place, set from begin or end in the first block; whether it has started, ended
 * cost    as PlayBuf
 */
struct sampler { int64_t place[LANE_W]; lane_u started, ended; };
enum { SAMPLER_BUFNUM, SAMPLER_RATE, SAMPLER_BEGIN, SAMPLER_END, SAMPLER_LOOP, SAMPLER_ACTION };

/** One voice of it: places from `first` to below `last`; without loop from above first - 1. */
struct sampler_voice { int64_t place, first, last; bool loop, ended; };

static int64_t sampler_frame(const struct dsp_block *b, uint32_t input, int k, uint32_t n_frames)
{
    const float x = each_in(b, input, k, 0);
    return (int64_t)((x > 0 ? (x < 1 ? (double)x : 1) : 0) * n_frames + 0.5);
}

static void sampler_part(struct sampler_voice *v, const struct dsp_block *b, int k,
                         uint32_t n_frames)
{
    const int64_t begin = sampler_frame(b, SAMPLER_BEGIN, k, n_frames);
    const int64_t end = sampler_frame(b, SAMPLER_END, k, n_frames);
    v->first = (begin <= end ? begin : end) * PLACE_ONE;
    v->last = (begin <= end ? end : begin) * PLACE_ONE;
}

PH_RT static void sampler_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct sampler *)state = (struct sampler){ 0 };
}

/** Does the sound go on at this place? */
LANE_FN bool sampler_inside(const struct sampler_voice *v, int64_t place)
{
    return place > v->first - (v->loop ? 1 : PLACE_ONE) && place < v->last;
}

/** Keeps the place inside the part by wrapping, or tells that the sound is over. */
LANE_FN bool sampler_wrap(struct sampler_voice *v)
{
    if (sampler_inside(v, v->place))
        return true;
    if (!v->loop)
        return false;
    const int64_t length = v->last - v->first, past = (v->place - v->first) % length;
    v->place = v->first + (past < 0 ? past + length : past);
    return true;
}

/** The places of this call, up to where the sound ends. */
static void sampler_places(struct sampler_voice *v, const struct dsp_block *b, int k,
                           struct run *run)
{
    const int64_t step = step_at(b, SAMPLER_RATE, k, 0);
    if (!dsp_step(b, SAMPLER_RATE) && sampler_wrap(v) &&
        sampler_inside(v, v->place + (int64_t)(b->n_frames - 1) * step)) {
        run->n = b->n_frames;
        run_straight(run, v->place, step);
        v->place += (int64_t)run->n * step;
        return;
    }
    run->straight = false;
    for (run->n = 0; run->n < b->n_frames && sampler_wrap(v); run->n++) {
        run->place[run->n] = v->place;
        v->place += step_at(b, SAMPLER_RATE, k, run->n);
    }
}

PH_RT static void sampler_run(void *state, const struct dsp_block *b, int k, bool advance,
                              struct source *source, struct run *run)
{
    struct sampler *const s = state;
    const struct dsp_buffer *const buffer = find_buffer(b, each_in(b, SAMPLER_BUFNUM, k, 0));
    struct sampler_voice v = { .place = s->place[k], .ended = lane_get_u(s->ended, k),
                               .loop = each_in(b, SAMPLER_LOOP, k, 0) > 0.5f };
    if (buffer)
        *source = source_of(buffer);
    sampler_part(&v, b, k, source->n_frames);
    if (!lane_get_u(s->started, k))
        v.place = each_in(b, SAMPLER_RATE, k, 0) < 0.0f ? v.last - PLACE_ONE : v.first;
    v.ended = v.ended || v.first == v.last;
    source->beyond = SILENCE;
    if (v.loop) {
        source->beyond = TURN;
        source->first = v.first / PLACE_ONE;
        source->end = v.last / PLACE_ONE;
    }
    if (!v.ended)
        sampler_places(&v, b, k, run);
    v.ended = v.ended || !sampler_wrap(&v);
    if (!advance)
        return;
    if (v.ended)
        dsp_ask_done(&b->node[k], each_in(b, SAMPLER_ACTION, k, 0));
    s->place[k] = v.place;
    s->started = lane_set_u(s->started, k, 1);
    s->ended = lane_set_u(s->ended, k, v.ended);
}

PH_RT static void sampler_process(void *state, const struct dsp_block *b)
{
    play(state, b, sampler_run);
}
const struct dsp_unit DSP(dsp_Sampler) = { sizeof(struct sampler), sampler_init, sampler_process,
                                           NULL, 1 };

/* -------------------------------------------------------------------------------- TrigSampler */

#if LANE_W == 1

/*
 * TrigSampler - plays a buffer once from each rising edge of a trigger, frame by frame.
 *
 * in      [0] bufnum   [1] trig, rises through 0
 * out     [0] the mean of the buffer's channels from the frame of the edge on; silence behind its
 *         end, before the first edge and without a buffer
 * edges   what sounds when it starts again runs out in 1 ms, in a straight line from its last value
 * state   the next frame of the buffer; the last trigger and value; what runs out
 * cost    one load per frame and channel
 */
struct trig_sampler { uint32_t at, fade_left, plays; float last_trigger, last, rest; };
enum { TRIG_BUFNUM, TRIG_TRIGGER };
#define TRIG_FADE_SECONDS 0.001f

PH_RT static void trig_sampler_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct trig_sampler *)state = (struct trig_sampler){ 0 };
}

/** The mean of all channels of frame s->at, which is behind it then. */
LANE_FN float trig_sampler_frame(struct trig_sampler *s, const struct dsp_buffer *buffer)
{
    float sum = 0.0f;
    if (!s->plays || !buffer || s->at >= buffer->n_frames) {
        s->plays = 0;
        return 0.0f;
    }
    const float *const frame = buffer->data + (size_t)s->at * buffer->n_channels;
    for (uint32_t c = 0; c < buffer->n_channels; c++)
        sum += frame[c];
    s->at++;
    return buffer->n_channels == 1 ? sum : sum / (float)buffer->n_channels;
}

PH_RT static void trig_sampler_process(void *state, const struct dsp_block *b)
{
    struct trig_sampler s = *(struct trig_sampler *)state;
    const struct dsp_buffer *const buffer = find_buffer(b, each_in(b, TRIG_BUFNUM, 0, 0));
    const uint32_t n_fade = (uint32_t)(b->rate_hz * TRIG_FADE_SECONDS) + 1;
    float *const out = dsp_out(b, 0);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float now = each_in(b, TRIG_TRIGGER, 0, i);
        if (now > 0.0f && s.last_trigger <= 0.0f) {
            s.rest = isfinite(s.last) ? s.last : 0.0f;
            s.fade_left = n_fade;
            s.at = 0;
            s.plays = 1;
        }
        s.last_trigger = now;
        s.last = trig_sampler_frame(&s, buffer);
        if (s.fade_left > 0)
            s.last += s.rest * (float)--s.fade_left / (float)n_fade;
        out[i] = s.last;
    }
    *(struct trig_sampler *)state = s;
}
const struct dsp_unit DSP(dsp_TrigSampler) = { sizeof(struct trig_sampler), trig_sampler_init,
                                               trig_sampler_process, NULL, 0 };

#endif

/* -------------------------------------------------------------------------------------- BufRd */

/*
 * BufRd - reads a buffer where a signal says.
 *
 * in      [0] bufnum   [1] phase: place in frames   [2] loop: not 0 wraps places beyond the ends;
 *         else
 *         they are held there   [3] interpolation: 1 none, 2 linear, else cubic
 * out     any number of channels; those that the buffer lacks are silent
 * state   none
 * cost    as PlayBuf with a rate that moves
 */
enum { BUF_RD_BUFNUM, BUF_RD_PHASE, BUF_RD_LOOP, BUF_RD_INTERPOLATION };

PH_RT static void buf_rd_run(void *state, const struct dsp_block *b, int k, bool advance,
                             struct source *source, struct run *run)
{
    (void)state, (void)advance;
    const struct dsp_buffer *const buffer = find_buffer(b, each_in(b, BUF_RD_BUFNUM, k, 0));
    if (!buffer)
        return;
    *source = source_of(buffer);
    const float shape = each_in(b, BUF_RD_INTERPOLATION, k, 0);
    const bool loop = fabsf(each_in(b, BUF_RD_LOOP, k, 0)) >= 1.0f;
    const int64_t kept = shape >= 1.0f && shape < 2.0f ? -PLACE_ONE : -1; /* whole frames, or all */
    struct play_voice v = { .end = (source->end - (loop ? 0 : 1)) * PLACE_ONE, .loop = loop };
    source->bend = shape >= 2.0f && shape < 3.0f ? 0.0f : 1.0f;
    source->beyond = loop ? TURN : HOLD;
    run->n = b->n_frames;
    run->straight = false;
    for (uint32_t i = 0; i < run->n; i++) {
        v.place = place_from(each_in(b, BUF_RD_PHASE, k, i), (float)FRAMES_MAX);
        play_wrap(&v);
        run->place[i] = v.place & kept;
    }
}

PH_RT static void buf_rd_process(void *state, const struct dsp_block *b)
{
    play(state, b, buf_rd_run);
}

/** One frame of the buffer as it is, whatever the interpolation: scsynth's. */
PH_RT static void buf_rd_birth(void *state, const struct dsp_block *b)
{
    const lane none = lane_splat(1.0f);
    const void *const in[] = { b->in[BUF_RD_BUFNUM], b->in[BUF_RD_PHASE], b->in[BUF_RD_LOOP],
                               &none };
    struct dsp_block plain = *b;
    plain.in = in;
    buf_rd_process(state, &plain);
}
const struct dsp_unit DSP(dsp_BufRd) = { 0, dsp_no_init, buf_rd_process, NULL, 0, buf_rd_birth };

/* ------------------------------------------------------------------------------------- Phasor */

/*
 * Phasor - a ramp that turns round, such as BufRd reads by.
 *
 * in      [0] trig: back to resetPos   [1] rate, a frame   [2] start   [3] end: the ramp is in
 *         start ..
 *         end, without end   [4] resetPos
 * out     [0] the ramp. Where trig is a signal, resetPos is taken to be where it crosses 0
 * state   the level in double, the last trigger
 * cost    one multiplication per frame; where it turns or is triggered, or inputs move, a step
 *         after the other
 *
 * As in scsynth a block's first value counts of start, end and resetPos, and of rate where trig is
 * no signal.
 */
struct phasor { double level[LANE_W]; lane last_trigger; };
enum { PHASOR_TRIGGER, PHASOR_RATE, PHASOR_START, PHASOR_END, PHASOR_RESET };

/** One voice of it. */
struct phasor_voice { double level; float last_trigger; };

PH_RT static void phasor_init(void *state, const struct dsp_block *b)
{
    struct phasor *const s = state;
    *s = (struct phasor){ .level = { (double)each_in(b, PHASOR_START, 0, 0) },
                          .last_trigger = dsp_in(b, PHASOR_TRIGGER)[0] };
}

/** Brings x between start and end, whichever is larger. What can't be wrapped starts over. */
static double phasor_wrap(double x, double start, double end)
{
    if (x >= start && x < end)
        return x;
    const double range = end - start, turned = x - range * floor((x - start) / range);
    const double low = start < end ? start : end, high = start < end ? end : start;
    return turned >= low && turned <= high ? turned : start;
}

/** Frames in which nothing happens: the whole call, or nothing is done. */
static bool phasor_straight(struct phasor_voice *v, const struct dsp_block *b, int k, float *out)
{
    const double start = (double)each_in(b, PHASOR_START, k, 0);
    const double end = (double)each_in(b, PHASOR_END, k, 0);
    const double rate = (double)each_in(b, PHASOR_RATE, k, 0), level = v->level;
    const double last = level + rate * (b->n_frames - 1);
    const float trigger = each_in(b, PHASOR_TRIGGER, k, 0);
    const bool inside = level >= start && level < end && last >= start && last < end;
    if (dsp_step(b, PHASOR_TRIGGER) || !inside || b->rate != PH_AUDIO ||
        (trigger > 0 && v->last_trigger <= 0))
        return false;
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = (float)(level + rate * (int32_t)i);
    v->level = last + rate;
    v->last_trigger = trigger;
    return true;
}

/** Frame after frame. */
static void phasor_steps(struct phasor_voice *v, const struct dsp_block *b, int k, float *out)
{
    /* scsynth's two forms */
    const bool between = dsp_step(b, PHASOR_TRIGGER) || b->rate != PH_AUDIO;
    const double start = (double)each_in(b, PHASOR_START, k, 0);
    const double end = (double)each_in(b, PHASOR_END, k, 0), lasts = (double)part_of_block(b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const double rate = (double)each_in(b, PHASOR_RATE, k, between ? i : 0) * lasts;
        const float now = each_in(b, PHASOR_TRIGGER, k, i);
        if (now > 0.0f && v->last_trigger <= 0.0f) {
            /* a frame and the share of it before the
             * crossing: wrong by twice that, but scsynth's */
            const float part = 1.0f - v->last_trigger / (now - v->last_trigger);
            v->level =
                (double)each_in(b, PHASOR_RESET, k, 0) + (between ? (double)part * rate : 0);
        }
        v->level = between ? v->level : phasor_wrap(v->level, start, end);
        out[i] = (float)v->level;
        v->level += rate;
        v->level = between ? phasor_wrap(v->level, start, end) : v->level;
        v->last_trigger = now;
    }
}

PH_RT static void phasor_process(void *state, const struct dsp_block *b)
{
    struct phasor *const s = state;
    struct rows rows = { 0 };
    for (uint32_t left = b->lanes; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        struct phasor_voice v = { s->level[k], lane_get(s->last_trigger, k) };
        if (!phasor_straight(&v, b, k, rows.at[k]))
            phasor_steps(&v, b, k, rows.at[k]);
        s->level[k] = v.level;
        s->last_trigger = lane_set(s->last_trigger, k, v.last_trigger);
    }
    put_rows(b, 0, &rows);
}

PH_RT static void phasor_birth(void *state, const struct dsp_block *b)
{
    (void)state;
    dsp_out(b, 0)[0] = dsp_in(b, PHASOR_START)[0];
}
const struct dsp_unit DSP(dsp_Phasor) = { sizeof(struct phasor), phasor_init, phasor_process,
                                          NULL, 1, phasor_birth };
