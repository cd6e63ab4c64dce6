/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/builtin.h - definitions that are always there: sample players and plain synths.     */
/* room: sequencer thread.                                                                        */
#ifndef SERVER_SEQ_BUILTIN_H
#define SERVER_SEQ_BUILTIN_H

#include <stdbool.h>

#include "server/nrt/synth.h"

/** Controls of the sample players, beside those of protocol/voice.h. */
#define SEQ_SAMPLE_BUFFER "bufnum"
#define SEQ_SAMPLE_RATE "rate"         /* frames per frame; at the start where the rate moves */
#define SEQ_SAMPLE_RATE_END "rate_end" /* only of the players whose rate moves, linearly ... */
#define SEQ_SAMPLE_SECONDS "seconds"   /* ... over this time */
#define SEQ_SAMPLE_BEGIN "begin"
#define SEQ_SAMPLE_END "end"
#define SEQ_SAMPLE_LOOP "loop"

struct seq_builtins {
    struct rt_def *samples[2][2]; /* [stereo][rate moves] */
    struct rt_def *synths[8];     /* in the order of the names below */
};

/** Compiles all of them. On failure `out` is empty. */
PH_NODISCARD ph_status seq_builtins_new(const struct nrt_target *target, struct nrt_symbols *symbols,
                                        struct seq_builtins *out);
void seq_builtins_finish(struct seq_builtins *b); /* accepts zeroed */
/** A plain synth by the word that names it in `s`, or NULL. */
struct rt_def *seq_builtin_synth(const struct seq_builtins *b, const char *word);
/** True for the words of plain synths. Any thread. */
bool seq_builtin_knows(const char *word);

#endif
