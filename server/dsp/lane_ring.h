/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/lane_ring.h - the memory of a delay line, read and written run by run.              */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A run is a plain array to the kernel that reads or writes it: a place in the ring itself, or a */
/* copy where the run would go past the ring's end. Whole registers (lane_frames.h) may go past a */
/* run's last frame.                                                                              */
#ifndef SERVER_DSP_LANE_RING_H
#define SERVER_DSP_LANE_RING_H

#include "server/dsp/lane_row.h"

#if LANE_W == 1

/** `n` frames of which the one written next is at `position`; n >= RING_RUN. */
struct ring { float *frames; uint32_t n, position; };

/** Space for a run that had to be copied: RING_BEFORE + DSP_BLOCK_FRAMES + ROW and more. */
enum { RING_BEFORE = 4, RING_RUN = 96 };
struct ring_run { _Alignas(64) float frames[2 * RING_RUN]; };

/** Index of the frame `n_back` frames before `position` in a ring of `n_frames`. */
LANE_FN uint32_t ring_behind(uint32_t position, uint32_t n_back, uint32_t n_frames)
{
    return position >= n_back ? position - n_back : position + n_frames - n_back;
}
/** ... and `n_ahead` frames after it. */
LANE_FN uint32_t ring_ahead(uint32_t position, uint32_t n_ahead, uint32_t n_frames)
{
    return position + n_ahead >= n_frames ? position + n_ahead - n_frames : position + n_ahead;
}

/**
 * The frames (at most a block) from `n_back` frames before the position on, and RING_BEFORE frames
 * before them: result[-RING_BEFORE], ... n_back <= ring's n - RING_BEFORE.
 */
LANE_FN const float *ring_read(const struct ring *r, uint32_t n_back, struct ring_run *copy)
{
    const uint32_t first = ring_behind(r->position, n_back + RING_BEFORE, r->n);
    if (first + RING_RUN <= r->n)
        return r->frames + first + RING_BEFORE;
    /* the ring's end and its start, side by side: sizes that are known are copied in no time */
    memcpy(copy->frames, r->frames + r->n - RING_RUN, RING_RUN * sizeof(float));
    memcpy(copy->frames + RING_RUN, r->frames, RING_RUN * sizeof(float));
    return copy->frames + RING_RUN - (r->n - first) + RING_BEFORE;
}

/**
 * Asks for what the next block reads and writes: a line of a second goes round through more memory
 * than the near caches hold, in bursts too short for the processor to see where they lead.
 */
LANE_FN void ring_prefetch(const struct ring *r, uint32_t n_back)
{
    enum { LINE = 16 }; /* floats of a cache line */
    const float *const read = r->frames + ring_behind(r->position, n_back, r->n);
    const float *const written = r->frames + r->position;
    for (int i = 0; i <= DSP_BLOCK_FRAMES; i += LINE) {
        __builtin_prefetch(read + i, 0);
        __builtin_prefetch(written + i, 1);
    }
}

/** Indices: frame i of a run is read from at[i], whole[i] + more frames back; whole[i] > i. */
LANE_FN void ring_places(const struct ring *r, const int32_t *whole, int32_t more, uint32_t n,
                         int32_t *restrict at)
{
    const int32_t size = (int32_t)r->n, first = (int32_t)r->position - more;
    for (uint32_t i = 0; i < n; i++) {
        const int32_t place = first + (int32_t)i - whole[i];
        at[i] = place < 0 ? place + size : place;
    }
}

/**
 * Where to write the next n frames; then comes ring_wrote(). Who stores whole registers overwrites
 * the oldest frames: up to a block ahead of the position none of them may be needed any more.
 */
LANE_FN float *ring_write(const struct ring *r, uint32_t n, struct ring_run *copy)
{
    const uint32_t n_stored = row_count(n) * ROW;
    return r->position + n_stored <= r->n ? r->frames + r->position : copy->frames;
}
LANE_FN void ring_wrote(const struct ring *r, const float *written, uint32_t n)
{
    if (written == r->frames + r->position)
        return;
    const uint32_t until_end = r->n - r->position, n_first = n < until_end ? n : until_end;
    memcpy(r->frames + r->position, written, n_first * sizeof(float));
    memcpy(r->frames, written + n_first, (n - n_first) * sizeof(float));
}

#endif
#endif
