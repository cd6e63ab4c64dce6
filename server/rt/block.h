/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/block.h - the engine: one block from wake to wake.                                   */
/* room: audio, but for the functions marked otherwise.                                           */
#ifndef SERVER_RT_BLOCK_H
#define SERVER_RT_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "server/dsp/dsp.h"
#include "server/link/report.h"
#include "server/link/ring.h"
#include "server/link/snapshot.h"

enum { RT_THREADS_MAX = 64 };

/** Sizes, fixed at start. */
struct rt_config {
    uint32_t rate_hz;
    uint32_t block_frames;             /* 1 .. 64: the blocks that control rate counts */
    uint32_t n_inputs, n_outputs;      /* driver channels */
    uint32_t n_audio_buses;            /* all, hardware included */
    uint32_t n_control_buses;
    uint32_t n_buffers;
    uint32_t n_client_buffers;         /* of these, numbered by clients: units may write them */
    uint32_t n_nodes_max;
    uint32_t n_voices_max;             /* voices of players; the next one steals */
    uint32_t n_audio_wires_max;        /* scratch wires: the largest def that will be accepted */
    uint32_t n_command_messages, n_report_messages, n_sched_max;
    const struct dsp_set *set;         /* kernels; NULL: the fastest that this processor runs */
    uint32_t n_threads;                /* that render, the audio thread among them */
    struct ph_ratio cps;
};
void rt_config_defaults(struct rt_config *config); /* scsynth's defaults where it has the option */

struct rt_world;

/** Command thread. All memory the audio thread will ever use is allocated here. */
PH_NODISCARD ph_status rt_world_new(const struct rt_config *config, struct rt_world **out);
/**
 * Command thread, after the driver has stopped: gives back everything the world still holds -
 * nodes, the contents of buffer slots, what waits in rings and queues - as the reports that the
 * audio thread would have sent. Buffers come on the heap. Call before rt_world_free().
 */
void rt_world_drain(struct rt_world *world,
                    void (*reclaim)(void *context, const struct link_report *report), void *context);
/** Command thread, after rt_world_drain(). Accepts NULL. */
void rt_world_free(struct rt_world *world);

/** The rings and the snapshot; each ring's other end belongs to one thread. */
struct link_ring *rt_world_commands(struct rt_world *world);     /* command thread -> audio */
struct link_ring *rt_world_seq_commands(struct rt_world *world); /* sequencer -> audio */
struct link_ring *rt_world_reports(struct rt_world *world);      /* audio -> command thread */
struct link_ring *rt_world_streams(struct rt_world *world);      /* audio -> loader: dsp/disk.h */
/* loader -> audio: by client's buffer */
_Atomic int32_t *rt_world_disk_ends(struct rt_world *world);
struct link_snapshot *rt_world_snapshot(struct rt_world *world);
const struct rt_config *rt_world_config(const struct rt_world *world);
/**
 * Its transforms: the command thread plans all sizes before it sends the first def that needs them.
 */
struct dsp_fft *rt_world_fft(struct rt_world *world);

/**
 * Renders `n_frames` (any number) into `out[channel]`, reading `in[channel]` (may be NULL:
 * silence). Inner blocks always have config.block_frames; what a period doesn't use of the last one
 * is kept for the next.
 * @param ntp  wall time of the period's first frame, 0 offline
 */
PH_RT void rt_period_run(struct rt_world *world, const float *const *in, float *const *out,
                         uint32_t n_frames, uint64_t ntp);
/** One whole block, for drivers whose period is one block (offline). */
PH_RT void rt_block_run(struct rt_world *world, const float *const *in, float *const *out,
                        uint64_t ntp);
/** Drivers report what a period cost and how long it may take, and overruns they learn of. */
PH_RT void rt_meter_period(struct rt_world *world, uint64_t spent_ns, uint64_t budget_ns);
PH_RT void rt_meter_xrun(struct rt_world *world);
/**
 * A worker's side (drivers/workers.c): does one task of the block that is being rendered, if one is
 * left. `index` 1 .. n_threads - 1, one thread each. @return whether there was one
 */
PH_RT bool rt_crew_help(struct rt_world *world, uint32_t index);
/**
 * Before the first period: what the audio thread does when a
 * worker has stopped in the middle of a task.
 */
void rt_crew_make_way(struct rt_world *world, void (*make_way)(void));
/** Between two looks at what another thread will change. */
static inline void rt_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
/** When workers are needed. */
struct rt_crew_call {
    uint32_t n_periods; /* that have begun */
    bool in_period, is_wanted; /* is_wanted: the last period had work for more than one thread */
    uint64_t period_ns;
};
struct rt_crew_call rt_crew_look(const struct rt_world *world);
/**
 * Who calls the blocks, between two of them: an audio bus as
 * the last one left it, block_frames long.
 */
PH_RT const float *rt_world_bus(const struct rt_world *world, uint32_t bus);
/** First frame that has not been rendered. */
PH_RT uint64_t rt_world_frame(const struct rt_world *world);

#endif
