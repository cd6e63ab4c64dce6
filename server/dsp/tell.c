/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/tell.c - units that tell clients something when they are triggered.                 */
/* room: audio. Addresses and labels are inputs, a character each: the compiler has read them.    */
#include "server/dsp/lane.h"
#include "server/dsp/message.h"

#if LANE_W == 1

struct teller {
    float last;        /* the trigger, 0 at birth */
    uint32_t n_values; /* of a message, what there is memory for */
};

/** How many values a message may have that shall have `n`: none for which there is no memory. */
static uint32_t values_with_memory(const struct dsp_block *b, uint32_t n, uint32_t floats)
{
    return n <= DSP_MESSAGE_VALUES_MAX && floats <= b->memory_frames ? n : 0;
}

/** The last n_values inputs as they are on that frame. */
PH_RT static void tell(const struct teller *s, const struct dsp_block *b, float id, uint32_t frame)
{
    float values[DSP_MESSAGE_VALUES_MAX];
    for (uint32_t i = 0; i < s->n_values; i++)
        values[i] = dsp_value(b, b->n_in - s->n_values + i, frame);
    dsp_tell(b, id, values, s->n_values);
}

/** The first input behind a text whose length input `length` tells: length, then its characters. */
static uint32_t behind_text(const struct dsp_block *b, uint32_t length)
{
    const float n = dsp_in(b, length)[0];
    const uint32_t most = b->n_in - length - 1;
    return length + 1 + (n > 0 ? (n < (float)most ? (uint32_t)n : most) : 0);
}

/**
 * SendTrig - /tr node id value, on a rise of its trigger through 0.
 *
 * in      [0] trig
 *         [1] id     a whole number
 *         [2] value
 * out     none
 * memory  the messages of one block
 * cost    a comparison per frame
 */
static uint32_t send_trig_memory(const struct dsp_block *b)
{
    (void)b;
    return dsp_message_floats(1);
}

PH_RT static void send_trig_init(void *state, const struct dsp_block *b)
{
    *(struct teller *)state = (struct teller){ 0, values_with_memory(b, 1, dsp_message_floats(1)) };
}

/** A message with the id of input 1 on each rise of input 0. */
PH_RT static void tell_process(void *state, const struct dsp_block *b)
{
    struct teller *const s = state;
    for (uint32_t i = 0; i < b->n_frames; i++)
        if (dsp_rises(dsp_value(b, 0, i), &s->last))
            tell(s, b, dsp_value(b, 1, i), i);
    if (b->n_out > 0)
        memset(dsp_out(b, 0), 0, b->n_frames * sizeof(float));
}
const struct dsp_unit DSP(dsp_SendTrig) = { sizeof(struct teller), send_trig_init, tell_process,
                                            send_trig_memory };

/**
 * SendReply - address node id values..., on a rise of its trigger through 0.
 *
 * in      [0] trig
 *         [1] id      a whole number
 *         [2] length  of the address, then its characters, then the values
 * out     none
 * memory  the messages of one block
 * cost    a comparison per frame
 */
static uint32_t send_reply_memory(const struct dsp_block *b)
{
    return dsp_message_floats(b->n_in - behind_text(b, 2));
}

PH_RT static void send_reply_init(void *state, const struct dsp_block *b)
{
    const uint32_t n = b->n_in - behind_text(b, 2);
    *(struct teller *)state = (struct teller){ 0, values_with_memory(b, n, dsp_message_floats(n)) };
}

const struct dsp_unit DSP(dsp_SendReply) = { sizeof(struct teller), send_reply_init, tell_process,
                                             send_reply_memory };

/**
 * Poll - prints its input with a label on a rise of its trigger, and sends /tr when its id is 0 or
 * more.
 *
 * in      [0] trig
 *         [1] in      passed on
 *         [2] trigid
 *         [3] length  of the label, then its characters
 * out     [0] in
 * memory  the messages of one block
 * cost    a comparison and a copy per frame
 */
PH_RT static void poll_process(void *state, const struct dsp_block *b)
{
    struct teller *const s = state;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float in = dsp_value(b, 1, i);
        if (dsp_rises(dsp_value(b, 0, i), &s->last))
            dsp_tell(b, dsp_value(b, 2, i), &in, s->n_values);
        if (b->n_out > 0)
            dsp_out(b, 0)[i] = in;
    }
}
const struct dsp_unit DSP(dsp_Poll) = { sizeof(struct teller), send_trig_init, poll_process,
                                        send_trig_memory, 0 };

/** The value, and the frame of the block where it is printed, -1 where it isn't. */
enum { DPOLL_IN, DPOLL_ID, DPOLL_RUN, DPOLL_VALUES = 2 };

static uint32_t dpoll_memory(const struct dsp_block *b)
{
    (void)b;
    return dsp_message_floats(DPOLL_VALUES);
}

PH_RT static void dpoll_init(void *state, const struct dsp_block *b)
{
    *(struct teller *)state = (struct teller){
        0, values_with_memory(b, DPOLL_VALUES, dsp_message_floats(DPOLL_VALUES)) };
}

/**
 * Dpoll - a stream that is printed, value by value, and sent as /tr where its id is 0 or more.
 *
 * in      [0] in      a stream, passed on
 *         [1] trigid
 *         [2] run     <= 0: not printed; a stream
 *         [3] length  of the label, then its characters
 * out     [0] in
 * memory  the messages of one block
 */
PH_RT static void dpoll_process(void *state, const struct dsp_block *b)
{
    const struct teller *const s = state;
    if (b->n_frames == 0) {
        dsp_demand_reset(b, DPOLL_IN, b->frame);
        return;
    }
    const float in = dsp_demand(b, DPOLL_IN, b->frame);
    const bool runs = dsp_demand(b, DPOLL_RUN, b->frame) > 0;
    const float values[DPOLL_VALUES] = { in,
                                         runs ? (float)(b->node->first_frame + b->frame) : -1.0f };
    if (s->n_values == DPOLL_VALUES)
        dsp_tell(b, dsp_value(b, DPOLL_ID, b->frame), values, DPOLL_VALUES);
    dsp_out(b, 0)[0] = in;
}
const struct dsp_unit DSP(dsp_Dpoll) = { sizeof(struct teller), dpoll_init, dpoll_process,
                                         dpoll_memory };

/* ---- levels ---------------------------------------------------------------------------------- */

/** Of one signal, since the last message; `level` is the peak as it was told. */
struct meter { float peak, squares, level; };

struct send_peak_rms {
    uint32_t n;            /* signals */
    uint32_t period, left; /* in frames of the unit's own rate */
    float keep;            /* of a level that falls, per message */
};

enum { METER_RATE, METER_LAG, METER_ID, METER_N, METER_SIGNALS };

/** Signals that it meters: no more than there are inputs, nor than a message holds. */
static uint32_t n_signals(const struct dsp_block *b)
{
    const float n = dsp_in(b, METER_N)[0];
    const uint32_t given = b->n_in - METER_SIGNALS;
    const uint32_t most = given < DSP_MESSAGE_VALUES_MAX / 2 ? given : DSP_MESSAGE_VALUES_MAX / 2;
    return n > 0 ? (n < (float)most ? (uint32_t)n : most) : 0;
}

static struct meter *meters_of(const struct send_peak_rms *s, const struct dsp_block *b)
{
    return (struct meter *)(void *)(b->memory + dsp_message_floats(2 * s->n));
}

static uint32_t send_peak_rms_memory(const struct dsp_block *b)
{
    return dsp_message_floats(2 * n_signals(b)) + 3 * n_signals(b);
}

PH_RT static void send_peak_rms_init(void *state, const struct dsp_block *b)
{
    struct send_peak_rms *const s = state;
    const float rate = dsp_in(b, METER_RATE)[0], lag = dsp_in(b, METER_LAG)[0];
    const float period = rate > 0 ? b->rate_hz / rate : b->rate_hz;
    s->n = values_with_memory(b, n_signals(b), send_peak_rms_memory(b));
    s->period = period >= 1 ? (period < 1e9f ? (uint32_t)period : 1000000000u) : 1;
    s->left = s->period;
    s->keep = lag > 0 && rate > 0 ? expf(-6.9077553f / (lag * rate)) : 0.0f; /* 60 dB per lag */
}

/** Frames of a signal that belong to frames first .. first + n - 1 of the unit. */
PH_RT static void meter_frames(const struct dsp_block *b, uint32_t signal, struct meter *m,
                               uint32_t first, uint32_t n)
{
    const uint32_t input = METER_SIGNALS + signal;
    const float *in = dsp_in(b, input);
    if (b->in_rate[input] != PH_AUDIO) /* one value per block */
        n = first == 0;
    else if (b->rate == PH_AUDIO)
        in += first;
    else
        n = b->env->block_frames - b->node->first_frame;
    for (uint32_t i = 0; i < n; i++) {
        m->peak = dsp_max(m->peak, fabsf(in[i]));
        m->squares += in[i] * in[i];
    }
}

PH_RT static void tell_levels(const struct send_peak_rms *s, const struct dsp_block *b)
{
    float values[DSP_MESSAGE_VALUES_MAX];
    struct meter *const m = meters_of(s, b);
    for (uint32_t i = 0; i < s->n; i++) {
        const bool audio = b->in_rate[METER_SIGNALS + i] == PH_AUDIO;
        /* values that were summed: those of an audio signal
         * are one per audio frame at either rate */
        const float per = audio == (b->rate == PH_AUDIO) ? 1.0f
                          : audio                 ? (float)b->env->block_frames
                                                  : 1.0f / (float)b->env->block_frames;
        m[i].level =
            m[i].peak >= m[i].level ? m[i].peak : m[i].peak + s->keep * (m[i].level - m[i].peak);
        values[2 * i] = m[i].level;
        values[2 * i + 1] = sqrtf(m[i].squares / ((float)s->period * per));
        m[i].peak = m[i].squares = 0;
    }
    dsp_tell(b, dsp_in(b, METER_ID)[0], values, 2 * s->n);
}

/**
 * SendPeakRMS - address node id (peak rms)..., at a rate.
 *
 * in      [0] replyRate  Hz, at birth
 *         [1] peakLag    seconds in which a peak that has passed falls by 60 dB, at birth
 *         [2] replyID
 *         [3] n          signals, then they, then the length of the address, then its characters
 * out     none
 * memory  the messages of one block, then three floats per signal
 * cost    a few operations per frame and signal
 */
PH_RT static void send_peak_rms_process(void *state, const struct dsp_block *b)
{
    struct send_peak_rms *const s = state;
    for (uint32_t done = 0; done < b->n_frames && s->n > 0;) {
        const uint32_t left = b->n_frames - done, now = s->left < left ? s->left : left;
        for (uint32_t i = 0; i < s->n; i++)
            meter_frames(b, i, meters_of(s, b) + i, done, now);
        done += now;
        s->left -= now;
        if (s->left == 0) {
            tell_levels(s, b);
            s->left = s->period;
        }
    }
}
const struct dsp_unit DSP(dsp_SendPeakRMS) = { sizeof(struct send_peak_rms), send_peak_rms_init,
                                               send_peak_rms_process, send_peak_rms_memory, 0 };

#else
typedef int tell_has_no_wide_form; /* a translation unit must declare something */
#endif
