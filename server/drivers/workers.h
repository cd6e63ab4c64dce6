/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/workers.h - threads that help the audio thread.                                 */
/* room: command thread starts and stops them; each is an audio thread of its own.                */
#ifndef SERVER_DRIVERS_WORKERS_H
#define SERVER_DRIVERS_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"

struct rt_world;
struct drv_workers;

/** Processors that this process may use, at least 1. */
uint32_t drv_processors(void);
/**
 * Starts the workers of a world, one less than its threads, and than there are processors.
 * `priority` is that of the audio thread, 0: no real-time priority. `eager`: there are no periods
 * (offline), they never sleep. *out stays NULL where the world has one thread.
 */
PH_NODISCARD ph_status drv_workers_start(struct rt_world *world, int priority, bool eager,
                                         struct drv_workers **out);
/** After the last period; accepts NULL. */
void drv_workers_stop(struct drv_workers *workers);

#endif
