/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/play.h - an event becomes a voice: its sound, its frame, its orbit.                */
/* room: command thread. owner: struct dirt.                                                      */
#ifndef SERVER_DIRT_PLAY_H
#define SERVER_DIRT_PLAY_H

#include "protocol/osc.h"
#include "server/dirt/event.h"
#include "server/dirt/orbit.h"
#include "server/dirt/unknown.h"
#include "server/dirt/voice.h"
#include "server/load/finder.h"

struct dirt_config;
struct nrt_context;

struct dirt_player {
    const struct dirt_config *config;
    struct nrt_context *c;
    struct dirt_reader reader;
    struct load_finder finder;
    struct dirt_voices *voices; /* NULL: nothing has been played yet */
    struct dirt_orbits *orbits; /* likewise */
    int32_t next_id;
    uint64_t serial;            /* of events: seeds */
    bool told_orbit, told_latency;
    struct dirt_unknown unknown;
    uint64_t n_events, n_late, n_ignored, n_clamped, by_orbit[DIRT_ORBITS_MAX];
    double late_worst_seconds;
    struct dirt_event event;    /* the one in hand */
};

/** Borrows both, which must live as long. */
void dirt_player_init(struct dirt_player *player, const struct dirt_config *config,
                      struct nrt_context *context);
void dirt_player_finish(struct dirt_player *player);

/** Makes what the first event needs: the definitions of orbits. */
PH_NODISCARD ph_status dirt_player_begin(struct dirt_player *player);
/**
 * Plays the event of a message, or counts and tells why not.
 * @return false: it waits for its sample, which has been asked for; nothing is counted
 */
bool dirt_player_play(struct dirt_player *player, const struct ph_osc_message *message);

#endif
