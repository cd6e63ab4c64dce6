/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/stream.h - what demand units share: how long a stream is.                           */
/* room: audio. One voice at a time.                                                              */
#ifndef SERVER_DSP_STREAM_H
#define SERVER_DSP_STREAM_H

#include <math.h>

#include "server/dsp/lane.h"
#include "server/dsp/random.h"

#if LANE_W == 1

#define STREAM_UNKNOWN (-1.0f)

/** How many values, or passes, a stream has: asked for with its first value. */
struct stream {
    float length; /* STREAM_UNKNOWN until then */
    uint32_t n;   /* taken */
};

PH_RT static inline void stream_begin(struct stream *s)
{
    *s = (struct stream){ .length = STREAM_UNKNOWN };
}

PH_RT static inline void stream_measure(struct stream *s, const struct dsp_block *b, uint32_t input)
{
    if (s->length != STREAM_UNKNOWN)
        return;
    const float x = dsp_demand(b, input, b->frame);
    s->length = x > 0 ? floorf(x + 0.5f) : 0.0f; /* NaN: none */
}

static inline bool stream_is_over(const struct stream *s)
{
    return (float)s->n >= s->length;
}

/** Takes one if there is one. */
static inline bool stream_takes(struct stream *s)
{
    if (stream_is_over(s))
        return false;
    s->n++;
    return true;
}

#endif
#endif
