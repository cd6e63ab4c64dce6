/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/builtin.h - definitions that are always there: sample players and plain synths.     */
/* room: sequencer thread.                                                                        */
#ifndef SERVER_SEQ_BUILTIN_H
#define SERVER_SEQ_BUILTIN_H

#include <stdbool.h>

#include "protocol/voice.h"
#include "server/nrt/synth.h"

/** Controls of the sample players, beside those of protocol/voice.h. */
#define SEQ_SAMPLE_BUFFER "bufnum"
#define SEQ_SAMPLE_RATE "rate"         /* frames per frame; at the start where the rate moves */
#define SEQ_SAMPLE_RATE_END "rate_end" /* only of the players whose rate moves, linearly ... */
#define SEQ_SAMPLE_SECONDS "seconds"   /* ... over this time */
#define SEQ_SAMPLE_BEGIN "begin"
#define SEQ_SAMPLE_END "end"
#define SEQ_SAMPLE_LOOP "loop"

enum { SEQ_BUILTIN_SYNTHS = 7, SEQ_BUILTIN_DEFS = 4 + SEQ_BUILTIN_SYNTHS };

/**
 * A definition is compiled when it is first asked for, one for each set of effects: a voice pays
 * for those that its event uses.
 */
struct seq_builtins {
    struct nrt_target target;
    struct nrt_symbols *symbols;
    /* [sample players: mono, moving, stereo, moving; then synths][effects], NULL: not yet */
    struct rt_def *defs[SEQ_BUILTIN_DEFS][PH_VOICE_EFFECTS_ALL + 1];
};

/** Compiles those without effects. On failure `out` is empty. */
PH_NODISCARD ph_status seq_builtins_new(const struct nrt_target *target, struct nrt_symbols *symbols,
                                        struct seq_builtins *out);
void seq_builtins_finish(struct seq_builtins *b); /* accepts zeroed */
/** The sample player for a set of effects; without them where there is no memory. */
struct rt_def *seq_builtin_sample(struct seq_builtins *b, bool is_stereo, bool rate_moves,
                                  uint32_t effects);
/** A plain synth by the word that names it in `s`, likewise; NULL: no such word. */
struct rt_def *seq_builtin_synth(struct seq_builtins *b, const char *word, uint32_t effects);
/** True for the words of plain synths. Any thread. */
bool seq_builtin_knows(const char *word);

#endif
