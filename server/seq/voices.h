/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/voices.h - one sound event (a map of parameters at a time) becomes voices: the one   */
/* place for pattern players, and later for other front doors.                                    */
/* room: sequencer thread.                                                                        */
#ifndef SERVER_SEQ_VOICES_H
#define SERVER_SEQ_VOICES_H

#include "server/nrt/synth.h"
#include "server/pattern/pattern.h"

struct load_bank;

/** What an event is turned into, and how long its span is. */
struct seq_event {
    const struct pat_value *value;
    double span_seconds;
    double cps;
};

struct seq_voice_table; /* sample defs, the bank, the words of the program */

enum { SEQ_VOICES_PER_EVENT_MAX = PH_CHORD_NOTES_MAX };

struct seq_voice {
    struct rt_synth *synth; /* gives */
    int32_t cut;
    double delay_seconds;   /* nudge; 0 */
};

/**
 * LANGUAGE 10.3 to 10.6. An event that names nothing known makes no voice and counts as a warning (said
 * once per word).
 * @return number of voices written, at most SEQ_VOICES_PER_EVENT_MAX
 */
uint32_t seq_event_voices(struct seq_voice_table *table, const struct seq_event *event,
                          uint32_t out_bus, struct rt_def *default_def, uint64_t seed,
                          struct seq_voice *voices);

#endif
