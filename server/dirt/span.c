/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/span.c - an event's part, speed and length.                                        */
/* room: command thread.                                                                          */
#include "server/dirt/span.h"

#include <math.h>
#include <string.h>

#define FADE_SECONDS 0.001
/**
 * Fades take this share of a short event at most: (3 - sqrt(5)) / 4, of each half the golden
 * section.
 */
#define FADE_SHARE 0.19098

static double midi_hz(double note)
{
    return 440.0 * exp2((note - 69.0) / 12.0);
}

static double find_freq(const struct dirt_event *e, bool is_sample)
{
    if (dirt_has(e, DIRT_FREQ))
        return e->numbers[DIRT_FREQ];
    if (dirt_has(e, DIRT_MIDINOTE))
        return midi_hz(e->numbers[DIRT_MIDINOTE]);
    const double n = is_sample ? 0 : dirt_get(e, DIRT_N, 0); /* of a sample it is the index */
    return midi_hz(dirt_get(e, DIRT_NOTE, n) + 12.0 * dirt_get(e, DIRT_OCTAVE, 5));
}

/** `metatune` goes from 1 to the file's own ratio along an exponential. */
static double find_tuning(const struct dirt_event *e, double tune)
{
    return dirt_has(e, DIRT_METATUNE) ? pow(tune, e->numbers[DIRT_METATUNE]) : 1.0;
}

/** 'r' of the sample's rate, 'c' of a cycle, 's' seconds; what is none of them is the first. */
static char unit_of(const struct dirt_event *e)
{
    const char *const unit = e->words[DIRT_WORD_UNIT];
    return unit && (unit[0] == 'c' || unit[0] == 's') && unit[1] == 0 ? unit[0] : 'r';
}

/** Seconds that the part lasts at its mean speed. */
static double find_duration(const struct dirt_event *e, const struct dirt_span *s,
                            double unit_seconds)
{
    const double length = fabs(s->end - s->begin);
    if (unit_of(e) == 's')
        return length;
    const double mean = dirt_has(e, DIRT_ACCELERATE)
                            ? (fabs(s->speed) + fabs(s->end_speed)) / 2
                            : fabs(s->speed);
    return unit_seconds * length / mean;
}

/** Seconds with both fades, where the event says so: `sustain`, else `legato` of its delta. */
static bool said_sustain(const struct dirt_event *e, double *out)
{
    if (dirt_has(e, DIRT_SUSTAIN))
        *out = e->numbers[DIRT_SUSTAIN];
    else if (dirt_has(e, DIRT_LEGATO))
        *out = dirt_get(e, DIRT_DELTA, 1) * e->numbers[DIRT_LEGATO];
    else
        return false;
    return true;
}

/** What is said never makes a sample longer; `loop` does. */
static double sample_sustain(const struct dirt_event *e, double duration)
{
    double seconds;
    return said_sustain(e, &seconds) ? fmin(seconds, duration)
                                     : duration * fabs(dirt_get(e, DIRT_LOOP, 1));
}

static double synth_sustain(const struct dirt_event *e)
{
    double seconds;
    return said_sustain(e, &seconds)
               ? seconds
               : dirt_get(e, DIRT_DELTA, 1) * fabs(dirt_get(e, DIRT_LOOP, 1));
}

bool dirt_span_find(const struct dirt_event *e, double sample_seconds, double tune,
                    double min_seconds, struct dirt_span *out)
{
    const bool is_sample = sample_seconds > 0;
    struct dirt_span s = { .begin = dirt_get(e, DIRT_BEGIN, 0), .end = dirt_get(e, DIRT_END, 1),
                           .speed = dirt_get(e, DIRT_SPEED, 1) };
    s.freq_hz = find_freq(e, is_sample) * (is_sample ? find_tuning(e, tune) : 1.0);
    s.late_by = dirt_get(e, DIRT_LAG, 0) + dirt_get(e, DIRT_OFFSET, 0) * fabs(s.speed);
    if (s.speed < 0) {
        const double begin = s.begin;
        s.begin = s.end;
        s.end = begin;
    }
    const double unit_seconds = is_sample ? sample_seconds * DIRT_SAMPLE_HZ / s.freq_hz : 0;
    if (unit_of(e) == 'c')
        s.speed *= dirt_get(e, DIRT_CPS, 1) * (is_sample ? unit_seconds : 1.0);
    s.end_speed = s.speed * (1.0 + dirt_get(e, DIRT_ACCELERATE, 0));
    if (is_sample && s.speed == 0)
        return false;

    double sustain =
        is_sample ? sample_sustain(e, find_duration(e, &s, unit_seconds)) : synth_sustain(e);
    s.fade = fmin(FADE_SECONDS, sustain * FADE_SHARE);
    s.fade_in = s.begin != 0 ? s.fade : 0;
    if (dirt_has(e, DIRT_TIMESCALE))
        sustain *= e->numbers[DIRT_TIMESCALE];
    s.sustain = fmin(sustain - (s.fade + s.fade_in), DIRT_SECONDS_MAX);
    *out = s;
    return s.sustain >= min_seconds;
}
