/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/meter.c - load, peaks, counts: published once per period.                            */
/* room: audio.                                                                                   */
#include "server/rt/meter.h"

#include <math.h>
#include <string.h>

#include "server/rt/world.h"

#define PEAK_FALL_SECONDS 1.5 /* for 20 dB */
#define SECOND_NS UINT64_C(1000000000)

PH_RT void rt_meter_init(struct rt_meter *m, uint32_t rate_hz, uint32_t block_frames)
{
    memset(m, 0, sizeof *m);
    m->peak_decay = (float)pow(0.1, block_frames / (PEAK_FALL_SECONDS * rate_hz));
}

PH_RT void rt_meter_peak(struct rt_meter *m, uint32_t port, float peak)
{
    m->peak[port] = dsp_max(peak, m->peak[port] * m->peak_decay);
}

PH_RT void rt_meter_xrun(struct rt_world *w)
{
    atomic_fetch_add_explicit(&w->meter.n_xruns, 1, memory_order_relaxed);
}

/** The oldest second leaves the total; its histogram is the new present. */
PH_RT static void next_second(struct rt_meter *m)
{
    m->now = (m->now + 1) % RT_METER_SECONDS;
    struct rt_meter_second *const oldest = &m->seconds[m->now];
    for (uint32_t i = 0; i < RT_METER_BINS; i++)
        m->total.bins[i] -= oldest->bins[i];
    m->total.n -= oldest->n;
    memset(oldest, 0, sizeof *oldest);
}

PH_RT void rt_meter_period(struct rt_world *w, uint64_t spent_ns, uint64_t budget_ns)
{
    struct rt_meter *const m = &w->meter;
    const float load = budget_ns > 0 ? (float)((double)spent_ns / (double)budget_ns) : 0;
    const uint32_t bin = (uint32_t)fminf(load / RT_METER_BIN, RT_METER_BINS - 1);
    struct rt_meter_second *const s = &m->seconds[m->now];
    s->bins[bin]++;
    m->total.bins[bin]++;
    s->n++;
    m->total.n++;
    s->sum += load;
    s->worst = dsp_max(s->worst, load);
    if (m->n_period_blocks > 0) /* a short period may have been served from what was kept */
        m->block_worst_us =
            dsp_max(m->block_worst_us, (float)spent_ns * 0.001f / (float)m->n_period_blocks);
    m->n_period_blocks = 0;
    m->filled_ns += budget_ns;
    if (m->filled_ns >= SECOND_NS) {
        m->filled_ns = 0;
        next_second(m);
    }
}

/** Upper edge of the bin below which 99 % of the loads lie. */
PH_RT static float percentile_99(const struct rt_meter *m, float worst)
{
    const uint32_t above = m->total.n / 100; /* as many may lie above */
    uint32_t n = 0, bin = RT_METER_BINS;
    if (m->total.n == 0) /* offline nobody counts */
        return 0;
    while (bin > 0 && n <= above)
        n += m->total.bins[--bin];
    return fminf((float)(bin + 1) * RT_METER_BIN, worst);
}

PH_RT static void publish_load(const struct rt_meter *m, struct link_status *status)
{
    double sum = 0;
    float worst = 0;
    for (uint32_t i = 0; i < RT_METER_SECONDS; i++) {
        sum += m->seconds[i].sum;
        worst = dsp_max(worst, m->seconds[i].worst);
    }
    status->load_mean = m->total.n > 0 ? (float)(sum / m->total.n) : 0;
    status->load_worst = worst;
    status->load_p99 = percentile_99(m, worst);
    status->block_worst_us = m->block_worst_us;
}

PH_RT void rt_meter_publish(struct rt_world *w)
{
    const struct rt_meter *const m = &w->meter;
    const struct rt_counts *const c = &w->counts;
    const uint32_t report_messages = w->reports.mask + 1;
    struct link_status status = {
        .frame = w->frame,
        .period_frames = m->period_frames,
        .ntp = rt_clock_ntp(&w->clock, w->frame),
        .frames_per_second = rt_clock_frames_per_second(&w->clock),
        .tempo = w->tempo,
        .revision = w->revision,
        .n_synths = c->n_synths,
        .n_groups = c->n_groups,
        .n_voices = w->n_voices,
        .n_voices_max = w->config.n_voices_max,
        .n_units = c->n_units,
        .n_ringing = w->n_ringing,
        .n_xruns = atomic_load_explicit(&m->n_xruns, memory_order_relaxed),
        .n_late = c->n_late,
        .n_dropped_commands = c->n_dropped_commands,
        .n_dropped_reports = c->n_dropped_reports,
        .n_stolen = c->n_stolen,
        .n_non_finite = c->n_non_finite,
        .n_blocks = c->n_blocks,
        .n_withdrawn = c->n_withdrawn,
        .peak = { m->peak[0], m->peak[1] },
        .command_ring_fill = m->command_fill,
        .seq_ring_fill = m->seq_fill,
        .report_ring_fill = 1 - (float)link_ring_room(&w->reports) / (float)report_messages,
        .sched_fill = (float)w->sched.n / (float)w->sched.max,
    };
    publish_load(m, &status);
    link_snapshot_write(&w->snapshot, &status);
}
