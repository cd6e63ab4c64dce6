/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/length.h - how an event plays a sample, and how long and how loud a voice is in its */
/* course. LANGUAGE 10.3, 10.4.                                                                   */
/* room: sequencer thread. voices.c's own; pure.                                                  */
#ifndef SERVER_SEQ_LENGTH_H
#define SERVER_SEQ_LENGTH_H

#include <stdbool.h>
#include <stdint.h>

#include "server/load/bank.h"
#include "server/seq/controls.h"
#include "server/seq/voices.h"

#define SEQ_SECONDS_MAX 3600.0 /* every voice ends */

/** An event on its way to voices. */
struct seq_read_event {
    const struct seq_event *from;
    double rate_hz; /* of the engine */
    struct seq_values v;
};

static inline bool seq_has(const struct seq_read_event *e, enum seq_control control)
{
    return e->v.has >> control & 1;
}

/** The event's number, brought between `low` and `high`; `initial` where it says none. */
static inline double seq_get(const struct seq_read_event *e, enum seq_control control, double initial,
                             double low, double high)
{
    if (!seq_has(e, control))
        return initial;
    const double x = e->v.numbers[control];
    return x < low ? low : x > high ? high : x;
}

/** How a sample is read. */
struct seq_playback {
    float rate, rate_end, begin, end;
    bool loop;
    double length_frames; /* until the part is played; infinite in a loop and for synths */
};
/** At a pitch, a factor of the rate; false when nothing of the sample would sound. */
bool seq_playback_find(const struct seq_read_event *event, const struct load_sample *sample,
                       double pitch, struct seq_playback *out);

/** Segments in frames: up to 1, down to `sustain`, along it, down to 0. */
struct seq_envelope {
    double attack, decay, hold, release;
    double sustain;
};
/**
 * Each segment takes at least one frame, as EnvGen has it, also those that shouldn't be there;
 * these frames are taken from the neighbours, so that the whole lasts exactly gate + release
 * frames, or as long as the sample.
 */
struct seq_envelope seq_envelope_find(const struct seq_read_event *event, bool is_sample,
                                      const struct seq_playback *playback);
double seq_envelope_frames(const struct seq_envelope *envelope);
/** The same as segments. */
struct seq_stages seq_stages_of(const struct seq_envelope *envelope);

/** True when the event brings an envelope of its own, `segments` or `curve`. */
bool seq_event_is_shaped(const struct seq_read_event *event);
/**
 * That envelope. It lasts as 10.3 says, and ends when its last level is 0; where it would go on, it
 * is cut and released.
 */
struct seq_stages seq_stages_find(const struct seq_read_event *event, bool is_sample,
                                  const struct seq_playback *playback);
double seq_stages_frames(const struct seq_stages *stages);

/** Seconds that EnvGen, which rounds down, turns into exactly that many frames. */
float seq_seconds_of(const struct seq_read_event *event, double frames);

#endif
