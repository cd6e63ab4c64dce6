/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/buffer.c - sample buffers by number.                                                 */
/* room: audio.                                                                                   */
#include "server/rt/buffer.h"

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
                                        .u.buffer = buffer };
    rt_report_must(w, &report);
}
