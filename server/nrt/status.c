/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/status.c - everything that is counted, by name.                                     */
/* room: command thread.                                                                          */
#include "server/nrt/status.h"

#include <lo/lo.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/dirt/dirt.h"
#include "server/load/bank.h"
#include "server/nrt/context.h"
#include "server/nrt/defs.h"
#include "server/seq/seq.h"

/** Resident memory of this process in bytes; 0 where /proc doesn't tell. */
static int64_t resident_bytes(void)
{
    long total, resident = 0;
    FILE *const f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%ld %ld", &total, &resident) != 2)
        resident = 0;
    if (f)
        fclose(f);
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

/** All sources of one answer. */
struct counters {
    struct link_status engine;
    struct seq_counts seq;
    struct nrt_osc_counts osc;
    struct dirt_counts dirt;
    double cycle;
    int64_t resident_bytes, sample_bytes;
    int32_t n_defs;
    char non_finite_in[NRT_QUARANTINE_MAX * (NRT_QUARANTINE_NAME_BYTES + 24)];
};

/* One list: name, OSC type, value. The names are what `phonon-send status --json` prints. */
#define STATUS_FIELDS(F)                                                                           \
    F("revision", h, (int64_t)s->engine.revision)                                                  \
    F("frame", h, (int64_t)s->engine.frame)                                                        \
    F("cycle", d, s->cycle)                                                                        \
    F("cps", d, ph_ratio_to_double(s->engine.tempo.cps))                                           \
    F("rate", i, (int32_t)s->engine.tempo.rate_hz)                                                 \
    F("period", i, (int32_t)s->engine.period_frames)                                               \
    F("peak_left", f, s->engine.peak[0])                                                           \
    F("peak_right", f, s->engine.peak[1])                                                          \
    F("voices", i, (int32_t)s->engine.n_voices)                                                    \
    F("voices_max", i, (int32_t)s->engine.n_voices_max)                                            \
    F("synths", i, (int32_t)s->engine.n_synths)                                                    \
    F("groups", i, (int32_t)s->engine.n_groups)                                                    \
    F("units", h, (int64_t)s->engine.n_units)                                                      \
    F("defs", i, s->n_defs)                                                                        \
    F("load_mean", f, s->engine.load_mean)                                                         \
    F("load_p99", f, s->engine.load_p99)                                                           \
    F("load_worst", f, s->engine.load_worst)                                                       \
    F("block_worst_us", f, s->engine.block_worst_us)                                               \
    F("xruns", h, (int64_t)s->engine.n_xruns)                                                      \
    F("late", h, (int64_t)s->engine.n_late)                                                        \
    F("stolen", h, (int64_t)s->engine.n_stolen)                                                    \
    F("withdrawn", h, (int64_t)s->engine.n_withdrawn)                                              \
    F("non_finite", h, (int64_t)s->engine.n_non_finite)                                            \
    F("non_finite_in", s, s->non_finite_in)                                                        \
    F("ringing", i, (int32_t)s->engine.n_ringing)                                                  \
    F("dropped_commands", h, (int64_t)s->engine.n_dropped_commands)                                \
    F("dropped_reports", h, (int64_t)s->engine.n_dropped_reports)                                  \
    F("seq_events", h, (int64_t)s->seq.n_events)                                                   \
    F("seq_dropped", h, (int64_t)s->seq.n_dropped)                                                 \
    F("seq_late", h, (int64_t)s->seq.n_late)                                                       \
    F("seq_errors", h, (int64_t)s->seq.n_errors)                                                   \
    F("dirt_events", h, (int64_t)s->dirt.n_events)                                                 \
    F("dirt_orbits", s, s->dirt.by_orbit)                                                          \
    F("dirt_late", h, (int64_t)s->dirt.n_late)                                                     \
    F("dirt_late_worst", f, s->dirt.late_worst_seconds)                                            \
    F("dirt_ignored", h, (int64_t)s->dirt.n_ignored)                                               \
    F("dirt_clamped", h, (int64_t)s->dirt.n_clamped)                                               \
    F("dirt_waiting", i, (int32_t)s->dirt.n_waiting)                                               \
    F("dirt_unknown", s, s->dirt.unknown)                                                          \
    F("command_ring_fill", f, s->engine.command_ring_fill)                                         \
    F("seq_ring_fill", f, s->engine.seq_ring_fill)                                                 \
    F("report_ring_fill", f, s->engine.report_ring_fill)                                           \
    F("sched_fill", f, s->engine.sched_fill)                                                       \
    F("packets", h, (int64_t)s->osc.n_packets)                                                     \
    F("malformed", h, (int64_t)s->osc.n_malformed)                                                 \
    F("kernel_drops", h, (int64_t)s->osc.n_kernel_drops)                                           \
    F("receive_buffer_bytes", i, (int32_t)s->osc.receive_buffer_bytes)                             \
    F("connections", i, (int32_t)s->osc.n_connections)                                             \
    F("sample_bytes", h, s->sample_bytes)                                                          \
    F("resident_bytes", h, s->resident_bytes)

#define ADD_i(m, value) lo_message_add_int32(m, value)
#define ADD_h(m, value) lo_message_add_int64(m, value)
#define ADD_f(m, value) lo_message_add_float(m, value)
#define ADD_s(m, value) lo_message_add_string(m, value)
#define ADD_d(m, value) lo_message_add_double(m, value)
#define ADD_FIELD(name, type, value)                                                               \
    lo_message_add_string(m, name);                                                                \
    ADD_##type(m, value);

static void add_fields(lo_message m, const struct counters *s)
{
    STATUS_FIELDS(ADD_FIELD)
}

void nrt_status_reply(struct nrt_context *c, const struct nrt_sender *to, int32_t request)
{
    struct counters s = { .seq = seq_counts(c->seq), .resident_bytes = resident_bytes(),
                          .sample_bytes = (int64_t)load_bank_bytes(c->bank),
                          .n_defs = (int32_t)nrt_defs_count(c->defs) };
    link_snapshot_read(c->snapshot, &s.engine);
    s.cycle = ph_ratio_to_double(ph_tempo_cycle(&s.engine.tempo, (int64_t)s.engine.frame));
    if (!c->osc || !to)
        return;
    s.osc = nrt_osc_server_counts(c->osc);
    dirt_counts(c->dirt, &s.dirt);
    nrt_quarantine_text(&c->quarantine, s.non_finite_in, sizeof s.non_finite_in);
    const lo_message m = lo_message_new();
    if (!m)
        return;
    lo_message_add_int32(m, request);
    add_fields(m, &s);
    size_t size = 0;
    void *const packet = lo_message_serialise(m, "/phonon/status.reply", NULL, &size);
    if (packet)
        nrt_osc_server_send(c->osc, to, packet, size);
    free(packet);
    lo_message_free(m);
}
