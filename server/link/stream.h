/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/link/stream.h - what units that stream ask of the loader: a part of a buffer from or to its file. */
/* room: both ends. Many threads render, one serves.                                              */
#ifndef SERVER_LINK_STREAM_H
#define SERVER_LINK_STREAM_H

#include <stdbool.h>
#include <stdint.h>

enum link_stream_kind { LINK_STREAM_READ, LINK_STREAM_READ_LOOP, LINK_STREAM_WRITE };

struct link_stream {
    uint32_t buffer;
    uint32_t first_frame, n_frames; /* of the buffer */
    uint16_t n_channels;            /* that the unit saw: another number means another buffer by now */
    uint8_t kind;                   /* enum link_stream_kind */
};

#endif
