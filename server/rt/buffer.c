/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/buffer.c - sample buffers by number.                                                 */
/* room: audio.                                                                                   */
#include "server/rt/buffer.h"

#include "server/dsp/disk.h"
#include "server/link/job.h"
#include "server/rt/report.h"

PH_RT void rt_buffer_swap(struct rt_world *w, uint32_t index, struct dsp_buffer *buffer,
                          uint32_t request_id)
{
    ph_status status = PH_OUT_OF_RANGE;
    if (index < w->config.n_buffers) {
        const struct dsp_buffer old = w->buffers[index];
        w->buffers[index] = *buffer;
        *buffer = old;
        status = PH_OK;
    }
    const struct link_report report = { .kind = LINK_REPORT_BUFFER,
                                        .request_id = request_id,
                                        .status = status,
                                        .u.buffer = buffer,
                                        .u.buffer_index = index };
    rt_report_must(w, &report);
}

/** The part of first .. first + n - 1 that a buffer has. @return its first sample, `*count` long */
PH_RT static uint64_t part_of(const struct rt_world *w, uint32_t index, int64_t first, int64_t n,
                              uint64_t *count)
{
    const int64_t size = index < w->config.n_buffers && w->buffers[index].data
                             ? (int64_t)w->buffers[index].n_frames * w->buffers[index].n_channels
                             : 0;
    const int64_t end = first + n < size ? first + n : size, begin = first > 0 ? first : 0;
    *count = end > begin ? (uint64_t)(end - begin) : 0;
    return (uint64_t)begin;
}

PH_RT void rt_buffer_write(struct rt_world *w, struct link_job *job, uint32_t request_id)
{
    for (uint32_t i = 0; i < job->n_patches; i++) {
        const struct link_patch *const p = &job->patches[i];
        uint64_t count;
        const uint64_t begin = part_of(w, job->buffer, p->first, p->n, &count);
        if (job->is_strict && count < p->n) {
            rt_report_fail(w, request_id, PH_OUT_OF_RANGE, p->first);
            break;
        }
        /* scsynth's way with what begins before the buffer:
         * the values begin at its start all the same */
        for (uint64_t k = 0; k < count; k++)
            w->buffers[job->buffer].data[begin + k] = p->values[k];
    }
    rt_report_job(w, job, PH_OK);
}

PH_RT void rt_buffer_fill(struct rt_world *w, uint32_t index, int32_t first, int32_t n, float value)
{
    uint64_t count;
    const uint64_t begin = part_of(w, index, first, n, &count);
    for (uint64_t k = 0; k < count; k++)
        w->buffers[index].data[begin + k] = value;
}

PH_RT void rt_buffer_ask_disk(struct rt_world *w)
{
    for (uint32_t i = 0; i < w->disk->n; i++)
        if (!link_ring_push(&w->streams, &w->disk->asks[i]))
            w->counts.n_dropped_reports++;
    w->disk->n = 0;
}
