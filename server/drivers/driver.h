/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/driver.h - what a driver is: it owns the audio thread and calls                 */
/* rt_period_run().                                                                               */
/* room: open, start, stop, close: command thread. Callbacks inside: audio.                       */
#ifndef SERVER_DRIVERS_DRIVER_H
#define SERVER_DRIVERS_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/status.h"

struct rt_world;
struct drv; /* a driver's own state */

struct drv_config {
    const char *client_name; /* JACK client; never the server's name */
    const char *server_name; /* JACK server, NULL: default */
    uint32_t n_inputs, n_outputs;
    uint32_t rate_hz;        /* dummy; JACK dictates its own */
    uint32_t period_frames;  /* dummy */
    bool connect;            /* connect outputs to the first physical playback ports */
    uint32_t capture_frames; /* dummy: keep that many frames of what is played, see dummy.h */
};

/**
 * open: finds out the rate (*rate_hz) without rendering; error text (space 256) on failure.
 * start: from now on the callback runs `world`. alive: false once the server is gone or its
 * callbacks have stopped for 2 s. stop: no callback after return, at most 3 s. close accepts NULL.
 */
struct drv_ops {
    const char *name;
    ph_status (*open)(const struct drv_config *config, struct drv **out, uint32_t *rate_hz,
                      char *error);
    ph_status (*start)(struct drv *d, struct rt_world *world, char *error);
    bool (*alive)(struct drv *d);
    void (*stop)(struct drv *d);
    void (*close)(struct drv *d);
};
extern const struct drv_ops drv_jack, drv_dummy;

#endif
