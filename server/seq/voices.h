/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/voices.h - one sound event (a map of parameters at a time) becomes voices: the one  */
/* place for pattern players, and later for other front doors.                                    */
/* room: sequencer thread.                                                                        */
#ifndef SERVER_SEQ_VOICES_H
#define SERVER_SEQ_VOICES_H

#include "protocol/status.h"
#include "server/nrt/synth.h"
#include "server/pattern/pattern.h"

struct load_bank;

/**
 * One sound event. What its controls mean (numbers outside a range are brought inside it):
 *
 *   s                 word: a definition of the program, a sample, a built-in synth
 *   n                 index of the sample; semitones on a synth without `note`
 *   note up           pitch: numbers are semitones, note names absolute; a chord makes several
 *   voices
 *   gain pan          0 .. 10, -1 .. 1
 *   speed unit accelerate begin end loop   sample playback; unit is a word: r c s
 *   dur legato        length in seconds, in spans of the event; so is sustain without decay
 *   attack hold release                    seconds
 *   attack decay sustain release           `decay` present: an adsr, sustain is its level 0 .. 1
 *   segments times, curvefrom curveto curvetime curve   envelopes: protocol/voice.h
 *   cut               cut group > 0
 *   squiz coarse crush shape vowel         protocol/voice.h; vowel is a number or a word of one
 *   letter
 *
 * Any other control that the definition has is set to its number. `nudge` is the player's:
 * player.c.
 */
struct seq_event {
    const struct pat_value *value;
    double span_seconds;
    double cps;
    bool is_tidal; /* pan is 0 .. 1, and folded back into it */
};

/** Defs that `s` words may name in this program (bus voices, synthdefs). */
struct seq_word {
    const char *word;   /* as in the pattern: "~bass" or "super" */
    struct rt_def *def; /* retained by seq */
};

/** The words of one program, sorted for look-up. */
struct seq_words;
PH_NODISCARD ph_status seq_words_new(const struct seq_word *words, uint32_t n_words,
                                     struct seq_words **out);
void seq_words_free(struct seq_words *words); /* accepts NULL */

/**
 * Sample and built-in definitions, the bank, what was warned about. Used by one thread at a time.
 */
struct seq_voice_table;
PH_NODISCARD ph_status seq_voice_table_new(const struct nrt_target *target, struct nrt_symbols *symbols,
                                           struct load_bank *bank, struct seq_voice_table **out);
void seq_voice_table_free(struct seq_voice_table *table); /* accepts NULL */
/** Words that the next events may name; borrowed until the next call. NULL: none. */
void seq_voice_table_use(struct seq_voice_table *table, const struct seq_words *words);

enum { SEQ_VOICES_PER_EVENT_MAX = PH_CHORD_NOTES_MAX };

struct seq_voice {
    struct rt_synth *synth; /* gives */
    int32_t cut; /* < 0: of group -cut, but cuts nothing: a further note of a chord */
};

/**
 * LANGUAGE 10.3 to 10.6. An event that names nothing known makes no voice and is warned about (once
 * per word); one whose sample isn't loaded requests it and makes no voice this time.
 * @param out_bus      audio bus of the voices
 * @param default_def  for events with a pitch and no `s`; NULL: a sine
 * @param seed         of the voices' random units; each voice adds its number
 * @param voices       space for SEQ_VOICES_PER_EVENT_MAX
 * @return number of voices written
 */
uint32_t seq_event_voices(struct seq_voice_table *table, const struct seq_event *event,
                          uint32_t out_bus, struct rt_def *default_def, uint64_t seed,
                          struct seq_voice *voices);

/** Asks the bank for the samples that events will need. Safe beside every other call. */
void seq_events_request(struct load_bank *bank, const struct pat_hap *haps, uint32_t n);

#endif
