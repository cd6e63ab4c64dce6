/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/cloud.h - grains of SuperCollider's units: their envelopes, places and life.        */
/* room: audio. One voice at a time: each grain is at a place of its own.                         */
/*                                                                                                */
/* The grains of a unit lie in its long memory, the oldest first, and are added up in that order. */
#ifndef SERVER_DSP_CLOUD_H
#define SERVER_DSP_CLOUD_H

#include "server/dsp/interp.h"

#if LANE_W == 1

/** x limited to lo .. hi; NaN becomes lo. */
LANE_FN float cloud_limit(float x, float lo, float hi)
{
    return x > lo ? (x < hi ? x : hi) : lo;
}
LANE_FN double cloud_limit_d(double x, double lo, double hi)
{
    return x > lo ? (x < hi ? x : hi) : lo;
}

/** Hann's by the recursion of a sine, or what a buffer holds, on straight lines. */
struct envelope { double turn, y, last, place, step; float level; int32_t buffer; };

/**
 * One grain. What it sounds is the unit's business: a place in a buffer, or phases of oscillators,
 * 2^32 a turn.
 */
struct grain {
    struct envelope envelope;
    double place, rate;
    uint32_t phase, phase_step, modulator, modulator_step;
    float carrier_hz, deviation_hz, gains[2];
    int32_t n_left, buffer, interpolation;
    uint32_t channel; /* output of gains[0]; the next one takes gains[1] */
    uint32_t n_young; /* Warp1: frames left of the block in which it starts */
};

enum { GRAIN_FLOATS = sizeof(struct grain) / sizeof(float) };

/** Grains of one unit, or of one of its outputs. */
struct cloud { struct grain *grains; uint32_t n, max; };

enum { CLOUD_MOST = 1 << 16 };
/** How many grains a unit asks room for; CLOUD_MOST of them play. */
LANE_FN uint32_t cloud_room(float max) { return (uint32_t)cloud_limit(max, 1, 1 << 24); }

LANE_FN struct cloud cloud_of(const struct dsp_block *b, uint32_t n)
{
    const uint32_t room = b->memory_frames / GRAIN_FLOATS;
    return (struct cloud){ (struct grain *)(void *)b->memory, n,
                           room < CLOUD_MOST ? room : CLOUD_MOST };
}

/** The buffer of a grain; a number below 0 is buffer 0. */
LANE_FN const struct dsp_buffer *cloud_buffer(const struct dsp_block *b, int32_t number)
{
    return dsp_buffer_find(b, (float)(number < 0 ? 0 : number));
}

/** Over n frames. @return false where the envelope's buffer doesn't exist: no grain then */
LANE_FN bool envelope_start(struct envelope *e, const struct dsp_block *b, float number, double n)
{
    *e = (struct envelope){ .buffer = number < 0 ? -1 : (int32_t)cloud_limit(number, 0, 1e9f) };
    if (e->buffer < 0) {
        const double w = 3.14159265358979323846 / n;
        e->turn = 2 * cos(w);
        e->y = sin(w);
        e->level = (float)(e->y * e->y);
        return true;
    }
    const struct dsp_buffer *const buffer = cloud_buffer(b, e->buffer);
    if (!buffer || (uint32_t)e->buffer >= b->env->n_buffers)
        return false;
    e->step = (double)buffer->n_frames * buffer->n_channels / n;
    e->level = buffer->data[0];
    return true;
}

LANE_FN void envelope_next_hann(struct envelope *e)
{
    const double next = e->turn * e->y - e->last;
    e->last = e->y;
    e->y = next;
    e->level = (float)(next * next);
}

LANE_FN void envelope_next_of(struct envelope *e, const struct dsp_buffer *buffer)
{
    e->place += e->step;
    const uint32_t last = buffer->n_frames * buffer->n_channels - 1;
    const uint32_t whole = (uint32_t)cloud_limit_d(e->place, 0, last);
    const float from = buffer->data[whole], to = buffer->data[whole < last ? whole + 1 : 0];
    e->level = lane_lerp((float)cloud_limit_d(e->place - whole, 0, 1), from, to);
}

/** Where the outputs of a grain lie: between two neighbours, the last one's is the first. */
LANE_FN void grain_pan(struct grain *g, const struct dsp_block *b, float pan, float gain)
{
    const float quarter = 1.57079633f, n = (float)b->n_out;
    const float half = cloud_limit(pan, -1e6f, 1e6f) * 0.5f;
    g->channel = 0;
    g->gains[0] = gain;
    g->gains[1] = 0;
    if (b->n_out < 2)
        return;
    float share = cloud_limit(half + 0.5f, 0, 1);
    if (b->n_out > 2) {
        const float place = n * (half - floorf(half)) + 0.5f, whole = floorf(place);
        g->channel = (uint32_t)whole % b->n_out;
        share = place - whole;
    }
    g->gains[0] = gain * cosf(share * quarter);
    g->gains[1] = gain * sinf(share * quarter);
}

/** Adds a value of the grain to frame i of its outputs. */
LANE_FN void grain_add(const struct grain *g, const struct dsp_block *b, uint32_t i, float y)
{
    const uint32_t next = g->channel + 1 == b->n_out ? 0 : g->channel + 1;
    dsp_out(b, g->channel)[i] += y * g->gains[0];
    if (b->n_out > 1)
        dsp_out(b, next)[i] += y * g->gains[1];
}

/** Length of a grain in frames; it sounds for the whole ones. */
LANE_FN double grain_frames(const struct dsp_block *b, float seconds)
{
    return cloud_limit_d((double)seconds * b->rate_hz, 4, 1e9);
}

/** Makes room for a grain, the youngest. @return NULL: there is none */
LANE_FN struct grain *cloud_add(struct cloud *c)
{
    if (c->n + 1 >= c->max)
        return NULL;
    struct grain *const g = &c->grains[c->n++];
    *g = (struct grain){ .n_left = 0 };
    return g;
}

/** Lets go of grains that have ended; the others keep their order. */
LANE_FN void cloud_sweep(struct cloud *c)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < c->n; k++) {
        if (c->grains[k].n_left <= 0)
            continue;
        if (n != k)
            c->grains[n] = c->grains[k];
        n++;
    }
    c->n = n;
}

LANE_FN void cloud_silence(const struct dsp_block *b)
{
    for (uint32_t o = 0; o < b->n_out; o++)
        memset(b->out[o], 0, b->n_frames * sizeof(float));
}

/** Number of grain frames from frame `from` to frame `to` of the call. */
LANE_FN uint32_t grain_part(const struct grain *g, uint32_t from, uint32_t to)
{
    return (uint32_t)g->n_left < to - from ? (uint32_t)g->n_left : to - from;
}

/** The place, brought into a buffer of n frames. */
LANE_FN double grain_wrap(double place, double n)
{
    if (place >= n)
        place -= n;
    else if (place < 0)
        place += n;
    return place >= 0 && place < n ? place : place - n * floor(place / n);
}

/** Frame i of a channel; the buffer is a loop. */
LANE_FN float grain_frame(const struct dsp_buffer *buffer, uint32_t channel, int64_t i)
{
    const int64_t n = buffer->n_frames;
    if (i < 0 || i >= n)
        i = (i % n + n) % n;
    return buffer->data[i * buffer->n_channels + channel];
}

/** Reads at the grain's place: `interpolation` 4 a cubic, 2 a straight line, else a frame. */
LANE_FN float grain_read(struct grain *g, const struct dsp_buffer *buffer, uint32_t channel)
{
    const double end = buffer->n_frames;
    g->place = grain_wrap(g->place, end);
    const int64_t whole = (int64_t)cloud_limit_d(g->place, 0, end - 1);
    const float part = (float)(g->place - (double)whole);
    const float now = grain_frame(buffer, channel, whole);
    if (g->interpolation < 2)
        return now;
    const float next = grain_frame(buffer, channel, whole + 1);
    if (g->interpolation < 4)
        return now + part * (next - now);
    return lane_cubic(part, grain_frame(buffer, channel, whole - 1), now, next,
                      grain_frame(buffer, channel, whole + 2));
}

/** What the unit's grains sound at one frame; called in the order of frames. */
typedef float grain_sound(struct grain *g, const struct dsp_block *b, uint32_t i, const void *of);

/** Frames from .. to of one grain. `of`: what the sound is made of, a buffer or NULL. */
LANE_FN void grain_play(struct grain *g, const struct dsp_block *b, uint32_t from, uint32_t to,
                        grain_sound *sound, const void *of)
{
    const uint32_t n = grain_part(g, from, to);
    const struct dsp_buffer *const shape =
        g->envelope.buffer < 0 ? NULL : cloud_buffer(b, g->envelope.buffer);
    g->n_left -= (int32_t)n;
    if (g->envelope.buffer >= 0 && !shape)
        return;
    for (uint32_t i = from; i < from + n; i++) {
        grain_add(g, b, i, g->envelope.level * sound(g, b, i, of));
        if (shape)
            envelope_next_of(&g->envelope, shape);
        else
            envelope_next_hann(&g->envelope);
    }
}

/** Is frame i the first of a trigger? At control rate only the first frame of a call can be. */
LANE_FN bool cloud_triggers(const struct dsp_block *b, uint32_t input, uint32_t i, float *last)
{
    if (i > 0 && !dsp_step(b, input))
        return false;
    const float now = dsp_in(b, input)[i], before = *last;
    *last = now;
    return now > 0 && before <= 0;
}

#endif
#endif
