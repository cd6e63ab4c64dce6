/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/seq/player.h - one player: its pattern, cycle by cycle, as items with due frames.       */
/* room: sequencer thread; none of it locks.                                                      */
#ifndef SERVER_SEQ_PLAYER_H
#define SERVER_SEQ_PLAYER_H

#include "server/pattern/pattern.h"
#include "server/seq/seq.h"

/** What happens on a frame: an event of the pattern, or a value for a control. */
struct seq_item {
    /* items take turns by it: the onset, or earlier where nudge may be */
    int64_t turn_frame;
    int64_t due_frame;
    uint32_t delay_frames;     /* EVENTS: due_frame less it decides which program the event is of */
    const struct pat_hap *hap; /* EVENTS: valid until the item is advanced over; STEPS: NULL */
    uint32_t ordinal;          /* EVENTS: among those with the same onset */
    uint32_t symbol;           /* STEPS */
    float value;               /* STEPS */
};

/** A clock and the frame on which it was left: what had its time by then has been played. */
struct seq_past {
    struct ph_tempo tempo;
    int64_t frame;
};
enum { SEQ_PASTS_MAX = 8 };

/** Where a player's time begins. */
struct seq_place {
    struct ph_tempo tempo;
    int64_t frame;  /* of the first event, at the earliest */
    bool is_first;  /* nobody has played what nudge would bring before `frame`: it is due then */
    uint32_t n_pasts;
    struct seq_past pasts[SEQ_PASTS_MAX]; /* at least one: up to `frame`; older ones behind it */
};
/** True when nothing that the past has played can lie at or after a cycle position. */
bool seq_past_is_over(const struct seq_past *past, struct ph_ratio cycle);

/** One cycle, asked for. Two of them: one plays while the next is made ready. */
struct seq_cycle {
    struct pat *pat;
    bool is_there;
    int64_t cycle;
    struct ph_ratio begin, end; /* what was asked for */
    ph_status status;
    const struct pat_hap *haps;
    uint32_t n_haps;
};

/**
 * A pattern is asked for whole cycles, one at a time, whatever the windows are: so the events can't
 * depend on how time is cut, and a pattern's budget counts per cycle.
 */
struct seq_player {
    struct seq_player_spec spec; /* its code lies in `code` */
    struct seq_code *code;       /* shared with players that this one was renewed from */
    struct seq_cycle cycles[2];  /* by the lowest bit of the cycle */
    struct seq_place place;
    uint64_t name_hash;
    struct load_bank *bank;      /* samples are requested a cycle ahead; NULL: not needed */
    bool nudges;                 /* the code names the control */
    bool is_tidal;               /* the code is TidalCycles': pan is 0 .. 1 */
    bool is_once, has_origin;    /* once: one cycle is played, from `origin` on */
    struct ph_ratio origin;      /* the cycle position at which its cycle 0 begins */
    bool is_past;                /* from here on every onset is this program's */

    int64_t next_cycle;           /* the one that is asked for next */
    int64_t next_frame;           /* when its turn comes */
    struct seq_item *items;       /* of the cycle before it, in order of time */
    uint32_t n_items, at, space;
    bool sounds;                  /* STEPS: an event reaches the end of the last cycle */
    int64_t n_pause, n_pause_next; /* cycles passed over after a failure */
    ph_status failure;            /* of a query; the reader sets it back to PH_OK */
    bool is_reported;             /* for the reader: said once */
};

/** A player without a place in time. Takes the spec's code, also on failure. */
PH_NODISCARD ph_status seq_player_new(struct seq_player_spec *spec, struct load_bank *bank,
                                      struct seq_player **out);
/** Another player of the same pattern, likewise. */
PH_NODISCARD ph_status seq_player_renew(const struct seq_player *player, struct seq_player **out);
void seq_player_free(struct seq_player *player); /* accepts NULL */

/** Evaluates what a player needs that begins inside a cycle, so that its beginning costs less. */
void seq_player_warm(struct seq_player *player, int64_t cycle);
/**
 * From here on the player's first event is due at or after the place's frame. May be called again.
 */
void seq_player_begin(struct seq_player *player, const struct seq_place *place);
/**
 * Makes the next cycle ready and requests its samples, once per cycle.
 * @return true when there was something to do
 */
bool seq_player_look_ahead(struct seq_player *player);

/**
 * The next item whose turn comes before `frame`. Stays the next until seq_player_advance(). NULL:
 * none, or a query failed (`failure` says so); then set that back and ask again.
 */
const struct seq_item *seq_player_peek(struct seq_player *player, int64_t frame);
void seq_player_advance(struct seq_player *player);
/** The next item's turn comes no earlier; INT64_MIN while a failure waits to be told. */
static inline int64_t seq_player_turn(const struct seq_player *p)
{
    return p->at < p->n_items       ? p->items[p->at].turn_frame
           : p->failure == PH_OK ? p->next_frame
                                    : INT64_MIN;
}

/**
 * STEPS: what the pattern says where the player begins; call before the first peek. A control that
 * was never set before it gets no value.
 * @return number of values written to `out`, at most 2
 */
uint32_t seq_player_initials(struct seq_player *player, struct rt_initial *out);

#endif
