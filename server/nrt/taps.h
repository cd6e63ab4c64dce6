/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/taps.h - records of `tap` become sound files. room: command thread.                 */
#ifndef SERVER_NRT_TAPS_H
#define SERVER_NRT_TAPS_H

#include "server/rt/node.h"

/**
 * Writes what the synth's Tap units have recorded: PREFIX/NAME.wav, or PREFIX NAME.wav where the
 * prefix ends with `-`; one channel, 32-bit float. A record is written once, when it is full or the
 * synth has ended. Without a prefix (NULL) nothing is written, and a warning says so.
 */
void nrt_taps_write(const char *prefix, struct rt_synth *synth);

#endif
