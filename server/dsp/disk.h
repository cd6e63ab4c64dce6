/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/disk.h - what units that stream ask of the disk: a part of a buffer, from or to its */
/* file.                                                                                          */
/* room: units ask, rt/ passes it on, the loader serves (load/buffers.h).                         */
#ifndef SERVER_DSP_DISK_H
#define SERVER_DSP_DISK_H

#include <stdatomic.h>
#include <stdint.h>

enum dsp_disk_kind { DSP_DISK_READ, DSP_DISK_READ_LOOP, DSP_DISK_WRITE };

struct dsp_disk_ask {
    uint32_t buffer;
    uint32_t first_frame, n_frames; /* of the buffer */
    uint16_t n_channels; /* that the unit saw: another number means another buffer by now */
    uint8_t kind;        /* enum dsp_disk_kind */
};

/**
 * Of one block. Units that ask run by themselves (their
 * buffers are PH_WRITTEN), one after the other.
 */
enum { DSP_DISK_ASKS_MAX = 256 };
struct dsp_disk {
    uint32_t n; /* past the limit nothing is asked: that stream has a gap */
    struct dsp_disk_ask asks[DSP_DISK_ASKS_MAX];
    /* by client's buffer: the frame where its file ended, -1
     * while it goes on; the loader writes it */
    _Atomic int32_t *ends;
};

#endif
