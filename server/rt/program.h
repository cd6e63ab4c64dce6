/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/program.h - the switch from one program to the next, at one block boundary.          */
/* room: audio executes; prepared and reclaimed by nrt/program.c.                                 */
#ifndef SERVER_RT_PROGRAM_H
#define SERVER_RT_PROGRAM_H

#include <stdint.h>

#include "protocol/timetag.h"
#include "server/rt/node.h"

struct rt_world;

enum {
    RT_SLOTS_MAX = 4096,       /* slot 0 is none; names keep their slot over programs */
    RT_RINGING_MAX = 64,       /* synths that ring out at a time; more just fade */
    RT_RING_SECONDS = 10,      /* the longest */
    RT_PROGRAM_GROUP_ID = -2,  /* hidden group that holds every program node, at the root's head */
    RT_OWN_IDS_END = -15,      /* ids from -2 down to it are the server's; clients' hidden ones below */
    RT_EVENTS_GROUP_ID = -5,   /* hidden group behind it: events from outside a program, by orbit */
    RT_OUTPUT_GROUP_ID = -3    /* hidden group behind both: the output stage */
};

/** What moves from a unit of a running synth to its counterpart in the successor at the switch. */
struct rt_carry {
    uint32_t from, to, bytes;          /* offsets into the synths' states */
    /* 1 + index of long memories of equal size to copy; 0: none */
    uint16_t from_memory, to_memory;
};

enum rt_entry_kind {
    RT_ENTRY_KEEP,    /* the node in the slot stays as it is (it may move to its new place) */
    RT_ENTRY_ADD,     /* new node; a synth fades in over 5 ms when `fade_in` */
    RT_ENTRY_REPLACE, /* synth takes the place of the one in the slot; the two crossfade, 5 ms */
    RT_ENTRY_REMOVE   /* node in the slot fades out (10 ms), or rings; a group's voices live on */
};

/** One node of the new program, in execution order; REMOVE entries stand last. */
struct rt_entry {
    uint16_t slot;
    uint8_t kind;
    bool fade_in;
    bool hushed; /* not REMOVE: stays silent, or fades out, until LINK_OUTPUT says otherwise */
    /* REMOVE and REPLACE: the old synth rings out; REMOVE of a group: its voices fade, 10 ms */
    bool rings;
    uint32_t first_carry, n_carries;
    /* rings: enum rt_ring_unit of each unit of the old synth, in rt_program.rings */
    uint32_t first_ring;
    struct rt_node *node; /* ADD and REPLACE: gives */
};

/** A player's generation from the switch on; 0 ends it. Pending events of others are withdrawn. */
struct rt_player {
    uint16_t slot;
    uint32_t generation;
};

/** Control value at the switch: what the new player's pattern says there. */
struct rt_initial {
    uint16_t synth_slot;
    uint32_t symbol;
    float value;
};

/**
 * Prepared whole by the command thread. rt_program_swap() exchanges pointers and copies states; it
 * can't fail. Then it goes back in LINK_REPORT_PROGRAM with `switch_frame` set. Replaced and
 * removed synths come back one by one in LINK_REPORT_SYNTH when their fades are complete.
 */
struct rt_program {
    uint64_t revision;
    bool keeps_hush;       /* sent before a hush that is in force: it takes over in silence */
    bool has_tempo;        /* the tempo changes with this program */
    /* on its frame or not at all: a late one goes back, nothing has changed */
    bool is_exact;
    bool is_late;          /* result */
    /* holds from the switch on, however late that is; rate_hz 0: as it was */
    struct ph_tempo tempo;
    uint32_t n_entries, n_carries, n_rings, n_players, n_initials;
    struct rt_entry *entries;
    struct rt_carry *carries;
    uint8_t *rings;
    uint32_t quiet_frames; /* what rings ends after so much silence */
    struct rt_player *players;
    struct rt_initial *initials;
    uint64_t switch_frame;     /* result */
    struct ph_ratio switch_cycle;
};

#endif
