/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/offline.h - renders a score of OSC bundles to a file, as scsynth -N does.       */
/* room: command thread; it is the audio thread at the same time.                                 */
#ifndef SERVER_DRIVERS_OFFLINE_H
#define SERVER_DRIVERS_OFFLINE_H

#include "server/options.h"

/**
 * Score: repeated int32 length and bundle; times are seconds from 0 as NTP 32.32, not decreasing;
 * the last bundle's time ends the file. Asynchronous commands are done in place, nothing is
 * replied. Errors are printed. Output is whole blocks of 64 frames.
 */
PH_NODISCARD ph_status offline_render_score(const struct world_config *config,
                                            const struct options *options);

#endif
