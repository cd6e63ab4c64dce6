/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/period.c - periods of any length over blocks of one length.                          */
/* room: audio.                                                                                   */
/*                                                                                                */
/* Output: what a period doesn't take of the last block is kept for the next one. Input: a block  */
/* can only be rendered from frames that have arrived; when a period ends inside a block, the     */
/* block's missing input frames are silence put in front, once. From then on the input is that    */
/* much late (at most a block less one frame), and a driver whose periods are whole blocks never  */
/* pays.                                                                                          */
#include <string.h>

#include "server/rt/world.h"

PH_RT static void begin(struct rt_world *w, uint32_t n_frames, uint64_t ntp)
{
    rt_clock_period(&w->clock, w->frame - w->n_kept, n_frames, ntp);
    w->meter.period_frames = n_frames;
    w->meter.command_fill = w->meter.seq_fill = 0;
}

/** Copies what is kept to the start of the period. @return frames copied */
PH_RT static uint32_t take_kept(struct rt_world *w, float *const *out, uint32_t n_frames)
{
    const uint32_t n = n_frames < w->n_kept ? n_frames : w->n_kept;
    const uint32_t first = w->config.block_frames - w->n_kept;
    for (uint32_t c = 0; c < w->config.n_outputs && n > 0; c++)
        memcpy(out[c], w->keep_out[c] + first, n * sizeof(float));
    w->n_kept -= n;
    return n;
}

/**
 * Input of the next block: what was kept, then frames of this period from `*taken` on. NULL when
 * the driver gives no input.
 */
PH_RT static const float *const *next_input(struct rt_world *w, const float *const *in,
                                            uint32_t *taken)
{
    if (!in || w->config.n_inputs == 0)
        return NULL;
    const uint32_t n = w->config.block_frames - w->n_in_kept;
    for (uint32_t c = 0; c < w->config.n_inputs; c++) {
        if (w->n_in_kept == 0) {
            w->block_in[c] = in[c] + *taken;
            continue;
        }
        memcpy(w->keep_in[c] + w->n_in_kept, in[c] + *taken, n * sizeof(float));
        w->block_in[c] = w->keep_in[c];
    }
    w->n_in_kept = 0;
    *taken += n;
    return w->block_in;
}

/** Puts silence in front of the kept input when this period brings less than its blocks need. */
PH_RT static void pad_input(struct rt_world *w, uint32_t n_frames, uint32_t n_blocks)
{
    const uint64_t needed = (uint64_t)n_blocks * w->config.block_frames;
    const uint64_t there = (uint64_t)w->n_in_kept + n_frames;
    if (needed <= there)
        return;
    const uint32_t missing = (uint32_t)(needed - there);
    for (uint32_t c = 0; c < w->config.n_inputs; c++) {
        memmove(w->keep_in[c] + missing, w->keep_in[c], w->n_in_kept * sizeof(float));
        memset(w->keep_in[c], 0, missing * sizeof(float));
    }
    w->n_in_kept += missing;
}

/** Keeps the input frames of this period that no block has used. */
PH_RT static void keep_input(struct rt_world *w, const float *const *in, uint32_t taken,
                             uint32_t n_frames)
{
    for (uint32_t c = 0; c < w->config.n_inputs && taken < n_frames; c++)
        memcpy(w->keep_in[c] + w->n_in_kept, in[c] + taken, (n_frames - taken) * sizeof(float));
    if (taken < n_frames)
        w->n_in_kept += n_frames - taken;
}

PH_RT void rt_period_run(struct rt_world *w, const float *const *in, float *const *out,
                         uint32_t n_frames, uint64_t ntp)
{
    if (n_frames == 0)
        return;
    const uint32_t block = w->config.block_frames;
    rt_crew_begin_period(w, n_frames);
    begin(w, n_frames, ntp);
    uint32_t done = take_kept(w, out, n_frames), taken = 0;
    if (in)
        pad_input(w, n_frames, (n_frames - done + block - 1) / block);
    while (done < n_frames) {
        const uint32_t n = n_frames - done < block ? n_frames - done : block;
        for (uint32_t c = 0; c < w->config.n_outputs; c++)
            w->block_out[c] = n == block ? out[c] + done : w->keep_out[c];
        rt_block_render(w, next_input(w, in, &taken), w->block_out);
        for (uint32_t c = 0; c < w->config.n_outputs && n < block; c++)
            memcpy(out[c] + done, w->keep_out[c], n * sizeof(float));
        w->n_kept = block - n;
        done += n;
    }
    if (in)
        keep_input(w, in, taken, n_frames);
    else
        w->n_in_kept = 0;
    rt_meter_publish(w);
    rt_crew_end_period(w);
}

PH_RT void rt_block_run(struct rt_world *w, const float *const *in, float *const *out, uint64_t ntp)
{
    rt_crew_begin_period(w, w->config.block_frames);
    begin(w, w->config.block_frames, ntp);
    rt_block_render(w, in, out);
    rt_meter_publish(w);
    rt_crew_end_period(w);
}
