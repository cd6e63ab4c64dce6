/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/voice.h - voices of players: start on their frame, cut, steal.                       */
/* room: audio. At most n_voices_max sound at a time; those that fade out after a theft come on   */
/* top, up to as many again.                                                                      */
#ifndef SERVER_RT_VOICE_H
#define SERVER_RT_VOICE_H

#include "server/rt/world.h"

/** Whom a voice cuts: u.voice of link/command.h. */
struct rt_cut {
    int32_t group; /* > 0: others of it fade out; < 0: it joins those of -group; 0: none */
    uint32_t sound, fade_ms;
    uint16_t scope;
    uint8_t flags;
};

/**
 * Takes a synth and starts it on frame `offset` of the coming block, at the tail of `group`. When
 * all voices are taken, one fades out in 2 ms: of those whose envelope is in its release the
 * quietest, else the oldest (LANGUAGE 10.3).
 */
PH_RT void rt_voice_start(struct rt_world *w, struct rt_synth *synth, struct rt_group *group,
                          uint32_t offset, const struct rt_cut *cut);
/** A voice has ended: takes it off the list. */
PH_RT void rt_voice_leave(struct rt_world *w, struct rt_synth *synth);
/** Fades a voice out for good. */
PH_RT void rt_voice_fade_out(struct rt_world *w, struct rt_synth *synth, uint32_t milliseconds);

#endif
