/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/seq.h - players: pattern code evaluated ahead of the clock into voices and steps.   */
/* room: sequencer thread runs them; the command thread replaces them (a mutex lies between).     */
#ifndef SERVER_SEQ_SEQ_H
#define SERVER_SEQ_SEQ_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/program.h"
#include "protocol/timetag.h"
#include "server/link/ring.h"
#include "server/nrt/synth.h"
#include "server/rt/program.h"
#include "server/seq/voices.h"

/** One player as program.c hands it over. The code is moved in (the source is emptied). */
struct seq_player_spec {
    char name[256];            /* for messages */
    uint16_t slot;             /* player slot */
    uint32_t generation;
    bool is_added;             /* no player of that name played before */
    enum ph_player_kind kind;
    uint16_t node_slot;        /* EVENTS: slot of the group; STEPS: slot of the synth */
    uint32_t out_bus;          /* EVENTS: audio bus number for the voices' `out` */
    /* EVENTS: notes without `s`; borrowed, retained by seq; may be NULL */
    struct rt_def *default_def;
    uint32_t symbol, gate_symbol; /* STEPS; gate 0: none */
    bool notes_as_hz;
    enum ph_rest rest;
    struct ph_pattern_code code;
};

struct seq_config {
    uint32_t rate_hz;
    /* events are sent this far ahead of the period they are due in */
    uint32_t lookahead_frames;
    struct link_ring *commands;      /* to the audio thread; seq is its producer */
    struct link_snapshot *snapshot;
    struct nrt_symbols *symbols;
    struct load_bank *bank;
    struct nrt_target target;        /* of the definitions that are always there */
    struct ph_tempo tempo;
};

struct seq;
PH_NODISCARD ph_status seq_new(const struct seq_config *config, struct seq **out);
void seq_free(struct seq *seq); /* stops the thread if it runs; accepts NULL */
/** Starts the thread that keeps the look-ahead filled. Offline this is not called. */
PH_NODISCARD ph_status seq_start(struct seq *seq);
/**
 * Sends everything due before `frame`, in order of time. Offline: called before each block; live:
 * by the thread. Where the ring is full it stops and goes on at the next call; what is too late by
 * then is dropped and counted.
 */
void seq_run_until(struct seq *seq, uint64_t frame);

/**
 * A new program in three steps: prepare, arm, then one of commit and abort. Nothing that plays is
 * disturbed until the commit.
 *
 * Prepare makes its players and evaluates what they need around `near_frame`, under `tempo`, which
 * takes as long as the patterns ask for. On failure there is nothing to abort.
 */
PH_NODISCARD ph_status seq_prepare(struct seq *seq, struct seq_player_spec *players,
                                   uint32_t n_players, const struct seq_word *words,
                                   uint32_t n_words, const struct ph_tempo *tempo,
                                   uint64_t near_frame);
/** The same for the players that play, for a clock that is moved: they are renewed as they are. */
PH_NODISCARD ph_status seq_prepare_again(struct seq *seq, const struct ph_tempo *tempo,
                                         uint64_t near_frame);

/**
 * From here to seq_let_go() the sequencer thread stands still, so that between the choice of a
 * frame and seq_arm() nothing has to be waited for. Not for long.
 */
void seq_hold(struct seq *seq);
void seq_let_go(struct seq *seq); /* the thread takes its turn at once */

/** Where the prepared players take over. */
struct seq_switch {
    uint64_t frame;
    /* what is due before it is sent by the call, the rest by the thread */
    uint64_t first_until;
    struct ph_tempo tempo;           /* from the frame on */
    bool jumps;                      /* to another cycle: no event there has been played */
    /* generations by slot; those of other slots stay as they are */
    const struct rt_player *players;
    uint32_t n_players;
};

/**
 * Begins to send the prepared players' events, those from `frame` on, with their own generations,
 * so that the audio thread starts them if and only if it has switched. Where the tempo changes or
 * the clock is nudged, an onset belongs to the new program if and only if its frame under the old
 * tempo is at or after the switch, so that none is lost or doubled. May be called again, with
 * generations that are newer. Between seq_hold() and seq_let_go().
 * @param initials  what each STEPS pattern says at the switch: space for 2 per player
 * @param errors    text of patterns that exceed their budget, space for 512; "" when none
 */
void seq_arm(struct seq *seq, const struct seq_switch *at, struct rt_initial *initials,
             uint32_t *n_initials, char *errors);
/**
 * The audio thread has switched, before `frame`: players whose slot has a newer generation, or is
 * not among `live_slots`, end when what they have before it is sent; the new tempo and words hold.
 * Kept players go on where they are. Without a preparation it only ends players.
 */
void seq_commit(struct seq *seq, const struct ph_tempo *tempo, uint64_t frame,
                const uint16_t *live_slots, uint32_t n_live);
void seq_abort(struct seq *seq);

/**
 * Counters for status: events sent, events dropped because the ring was full, patterns in error.
 */
struct seq_counts {
    uint64_t n_events, n_dropped, n_late, n_errors;
};
struct seq_counts seq_counts(struct seq *seq);

#endif
