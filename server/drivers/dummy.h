/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/dummy.h - what the dummy driver can do beyond drv_ops: keep what it plays.      */
/* room: command thread.                                                                          */
#ifndef SERVER_DRIVERS_DUMMY_H
#define SERVER_DRIVERS_DUMMY_H

#include <stdint.h>

struct drv;

/** Interleaved frames kept since start, up to drv_config.capture_frames. After stop. */
const float *drv_dummy_captured(const struct drv *d, uint32_t *n_frames, uint32_t *n_channels);

#endif
