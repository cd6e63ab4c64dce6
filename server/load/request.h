/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/request.h - what a client asks of a buffer, carried out where it may block.        */
/* room: the queue's thread (load/queue.h); offline the command thread.                           */
#ifndef SERVER_LOAD_REQUEST_H
#define SERVER_LOAD_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/osc.h"
#include "server/load/buffers.h"

enum load_what {
    LOAD_ALLOC, LOAD_ALLOC_READ, LOAD_READ, LOAD_WRITE, LOAD_FREE, LOAD_CLOSE, LOAD_ZERO, LOAD_GENERATE
};

enum { LOAD_PICKS_MAX = 256, LOAD_TEXT_BYTES = 768 };

struct load_generator; /* load/generate.h */

struct load_request {
    enum load_what what;
    uint32_t number;
    const char *root, *path; /* of the file; `root` NULL: any folder */
    int64_t file_frame, n_frames, buffer_frame; /* n_frames < 0, or <= 0 to ALLOC_READ: all */
    uint32_t n_channels;     /* ALLOC */
    float rate_hz;           /* ALLOC */
    bool leave_open;
    bool picks;              /* channels of the file that are read, in this order */
    uint32_t n_picks;
    int32_t picked[LOAD_PICKS_MAX];
    int format;              /* WRITE: libsndfile's */
    const struct load_generator *generator;
    struct ph_osc_args args; /* GENERATE: behind its name */

    /* the answer */
    bool swaps;                 /* `contents` belong into the buffer now */
    struct dsp_buffer contents; /* given to who asked, as load_buffers_allocate() makes them */
    char text[LOAD_TEXT_BYTES]; /* why not, in scsynth's words */
};

/**
 * Carries a request out. It works on the newest contents as they are: what the audio thread or a
 * unit writes into them meanwhile may be missed, as in scsynth. Contents that change are new
 * memory, which is swapped in, so that the audio thread never meets half of a change.
 */
PH_NODISCARD ph_status load_request_run(struct load_buffers *buffers, struct load_request *request);

#endif
