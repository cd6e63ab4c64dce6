/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/due.c - time tags as frames.                                                        */
/* room: command thread.                                                                          */
#include "server/nrt/due.h"

#include <math.h>

#include "protocol/osc.h"
#include "protocol/timetag.h"
#include "server/nrt/context.h"

static struct nrt_due due_at(double frames, bool is_ahead)
{
    const double nearest = floor(frames + 0.5);
    return (struct nrt_due){ (uint64_t)nearest, (float)(frames + 0.5 - nearest), is_ahead };
}

/** As the estimate has it now. */
static struct nrt_due estimate(const struct nrt_context *c, const struct link_status *now,
                               uint64_t ntp)
{
    const double rate = now->frames_per_second > 0 ? now->frames_per_second : c->engine.rate_hz;
    const double ahead = ph_ntp_difference_seconds(ntp, now->ntp) * rate;
    const double frame = (double)now->frame + ahead;
    return due_at(frame < 1 ? 1 : frame, ahead > 0); /* the past stays visible as late */
}

/**
 * The place of a tag among those that came lately, or of the earliest one in its row, which makes
 * room. Multiplicative hashing: Knuth 6.4.
 */
static struct nrt_due_tag *place_of(struct nrt_dues *dues, uint64_t ntp)
{
    const uint64_t hash = ntp * UINT64_C(0x9e3779b97f4a7c15);
    struct nrt_due_tag *const row = dues->rows[hash >> (64 - NRT_DUES_BITS)];
    struct nrt_due_tag *place = row;
    for (uint32_t i = 0; i < NRT_DUES_ROW; i++) {
        if (row[i].ntp == ntp)
            return &row[i];
        if (row[i].ntp < place->ntp)
            place = &row[i];
    }
    return place;
}

struct nrt_due nrt_due_of(struct nrt_context *c, uint64_t ntp)
{
    static const struct nrt_due at_once;
    struct link_status now;

    if (!c->osc) /* a score: its time starts at 0 */
        return due_at(ntp > PH_OSC_NOW ? ph_ntp_to_seconds(ntp) * c->engine.rate_hz : 0, false);
    if (ntp <= PH_OSC_NOW)
        return at_once;
    link_snapshot_read(c->snapshot, &now);
    if (now.ntp == 0) /* no wall clock: nothing has rendered yet */
        return at_once;
    struct nrt_due_tag *const tag = place_of(&c->dues, ntp);
    struct nrt_due due = estimate(c, &now, ntp);
    if (tag->ntp == ntp) {
        due.frame = tag->frame;
        due.subsample = tag->subsample;
    }
    *tag = (struct nrt_due_tag){ ntp, due.frame, due.subsample };
    return due;
}

uint64_t nrt_due_frame(struct nrt_context *c, uint64_t ntp, bool *is_ahead)
{
    const struct nrt_due due = nrt_due_of(c, ntp);
    *is_ahead = due.is_ahead;
    return due.frame;
}
