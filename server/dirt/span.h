/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/span.h - which part of its sound an event plays, how fast, how long: SUPERDIRT 2.  */
/* room: command thread. Pure.                                                                    */
#ifndef SERVER_DIRT_SPAN_H
#define SERVER_DIRT_SPAN_H

#include "server/dirt/event.h"

#define DIRT_SECONDS_MAX 3600.0 /* every event ends */

struct dirt_span {
    double freq_hz;            /* of a synth; of a sample relative to DIRT_SAMPLE_HZ */
    double speed, end_speed;   /* at the beginning and end of `sustain`; negative: backwards */
    double begin, end;         /* 0 .. 1; exchanged where speed is negative */
    double sustain, fade_in, fade; /* seconds: of full level, and of the slopes around it */
    double late_by;            /* seconds behind the event's time: `lag` and `offset` */
};

/** What a sample without `note` plays at its own speed. */
#define DIRT_SAMPLE_HZ 261.6255653005986 /* MIDI note 60 */

/**
 * @param sample_seconds  length of the sample as it is; 0: a synth plays
 * @param tune            ratio of the sample's pitch to MIDI note 60, for `metatune`; 1: unknown
 * @param min_seconds     what is shorter isn't played
 * @return false when there is nothing to be heard: too short, or a sample that stands still
 */
bool dirt_span_find(const struct dirt_event *event, double sample_seconds, double tune,
                    double min_seconds, struct dirt_span *out);

#endif
