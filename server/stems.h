/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/stems.h - a sound file for each output: phonon-render --stems. room: the main thread.   */
#ifndef SERVER_STEMS_H
#define SERVER_STEMS_H

#include <stdbool.h>
#include <stdint.h>

struct world;
struct stems;

/**
 * Files are named after `out`: song.wav gives song-o1.wav, song-out.wav. NULL when memory is short.
 */
struct stems *stems_new(const char *out, uint32_t rate_hz);
/**
 * What the outputs of `world` (with has_stems) added in the block that begins at `frame`; of it
 * `n_frames` count. An output that comes late has silence before it. False after printing why.
 */
bool stems_add(struct stems *stems, struct world *world, uint64_t frame, uint32_t n_frames);
/** Every file gets its full length. False after printing why. Accepts NULL. */
bool stems_close(struct stems *stems, uint64_t n_frames);

#endif
