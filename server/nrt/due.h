/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/due.h - time tags as frames.                                                        */
/* room: command thread.                                                                          */
#ifndef SERVER_NRT_DUE_H
#define SERVER_NRT_DUE_H

#include <stdbool.h>
#include <stdint.h>

struct nrt_context;

/** When a time tag is due. */
struct nrt_due {
    uint64_t frame;  /* 0: as soon as possible */
    float subsample; /* SubsampleOffset: how far behind the middle before that frame */
    bool is_ahead;   /* it is still to come */
};

/** Tags that came lately, and where they fell, by hash; zeroed is empty. */
enum { NRT_DUES_BITS = 8, NRT_DUES_ROW = 4 };
struct nrt_dues {
    struct nrt_due_tag {
        uint64_t ntp, frame;
        float subsample;
    } rows[1 << NRT_DUES_BITS][NRT_DUES_ROW];
};

/**
 * Live by the clock's estimate, which moves by microseconds from period to period: equal tags fall
 * on one frame all the same, whenever they come, so that they keep their order of arrival.
 */
struct nrt_due nrt_due_of(struct nrt_context *context, uint64_t ntp);
/** Its frame alone. */
uint64_t nrt_due_frame(struct nrt_context *context, uint64_t ntp, bool *is_ahead);

#endif
