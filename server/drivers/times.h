/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/times.h - what each block of an offline render costs.                           */
/* room: command thread.                                                                          */
#ifndef SERVER_DRIVERS_TIMES_H
#define SERVER_DRIVERS_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct world;

/** Nanoseconds of the audio thread's processor time, one number a block. Zeroed: empty. */
struct drv_times {
    uint32_t *ns;
    uint64_t n, space;
};

/**
 * A block as world_render_block() does it, with inputs
 * (NULL: silence); notes what the engine's part cost.
 */
void drv_times_render(struct drv_times *times, struct world *world, const float *const *in,
                      float *const *out);
/** One number a line; says on standard error when it can't. */
void drv_times_write(const struct drv_times *times, const char *program, const char *path);
/**
 * A line on standard output: mean, 99th percentile, worst, against the length of a block. Sorts.
 */
void drv_times_print(struct drv_times *times, uint32_t block_frames, uint32_t rate_hz);
void drv_times_finish(struct drv_times *times);

#endif
