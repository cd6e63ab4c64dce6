/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/player.h - one player: its pattern, cycle by cycle, as items with due frames.       */
/* room: sequencer thread; none of it locks.                                                      */
#ifndef SERVER_SEQ_PLAYER_H
#define SERVER_SEQ_PLAYER_H

#include "server/pattern/pattern.h"
#include "server/seq/seq.h"

/** What happens on a frame: an event of the pattern, or a value for a control. */
struct seq_item {
    int64_t due_frame;
    const struct pat_hap *hap; /* EVENTS: valid until the item is advanced over; STEPS: NULL */
    uint32_t ordinal;          /* EVENTS: among those with the same onset */
    uint32_t symbol;           /* STEPS */
    float value;               /* STEPS */
};

/**
 * A pattern is asked for whole cycles, one at a time, whatever the windows are: so the events can't
 * depend on how time is cut, and a pattern's budget counts per cycle.
 */
struct seq_player {
    struct seq_player_spec spec;
    struct pat *pat;
    struct ph_tempo tempo;
    struct ph_tempo tempo_before; /* says which onsets lie before `from_frame` */
    int64_t from_frame;           /* earlier onsets are another program's */
    uint64_t name_hash;
    struct load_bank *bank;       /* samples are requested a cycle ahead; NULL: not needed */

    int64_t next_cycle;           /* the one that is asked for next */
    struct seq_item *items;       /* of the cycle before it, in order of time */
    uint32_t n_items, at, space;
    bool sounds;                  /* STEPS: an event reaches the end of the last cycle */
    int64_t n_pause, n_pause_next; /* cycles passed over after a failure */
    ph_status failure;            /* of a query; the reader sets it back to PH_OK */
    bool is_reported;             /* for the reader: said once */
};

/**
 * A player whose first event is due at or after `from_frame`. Takes the spec's code, also on failure.
 * @param before  tempo that holds until `from_frame`; equal to `tempo` where it doesn't change
 */
PH_NODISCARD ph_status seq_player_new(struct seq_player_spec *spec, const struct ph_tempo *tempo,
                                      const struct ph_tempo *before, int64_t from_frame,
                                      struct load_bank *bank, struct seq_player **out);
void seq_player_free(struct seq_player *player); /* accepts NULL */

/**
 * The next item due before `frame`. Stays the next until seq_player_advance(). NULL: none, or a query
 * failed (`failure` says so); then set that back and ask again.
 */
const struct seq_item *seq_player_peek(struct seq_player *player, int64_t frame);
void seq_player_advance(struct seq_player *player);

/**
 * STEPS: what the pattern says at `from_frame`; call before the first peek. A control that was never
 * set before it gets no value.
 * @return number of values written to `out`, at most 2
 */
uint32_t seq_player_initials(struct seq_player *player, struct rt_initial *out);

#endif
