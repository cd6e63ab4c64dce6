/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/crew.h - several threads work on the tasks of one level.                             */
/* room: audio and its workers.                                                                   */
/*                                                                                                */
/* The tasks of a level are cut into chunks, by cost alone, so that one thread and many sum the   */
/* same things in the same order. A round is a stretch of chunks: every thread has a share of it, */
/* the same from block to block as long as nothing changes, and takes from others when it is      */
/* done. The audio thread takes part, so that a worker that the system did not schedule holds     */
/* nothing up. Nobody locks or waits on the system: a share is one atomic number.                 */
#ifndef SERVER_RT_CREW_H
#define SERVER_RT_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/rt/plan.h"

enum {
    RT_WRITES_MAX = 2048, /* channels that a round keeps until they are put on their buses */
    RT_CHUNKS_MAX = 1024
};

/** Sorted tasks first .. end - 1. */
struct rt_chunk {
    uint32_t first, end, cost;
    struct dsp_log log;
};

struct rt_share {
    _Alignas(64) atomic_uint_fast64_t range; /* see rt/crew.c */
};

/** What a thread needs to run kernels: its own view of the world and its own scratch wires. */
struct rt_runner {
    struct dsp_env *env;
    float *wires; /* [n_audio_wires_max][64][widest] */
};

struct rt_worker {
    struct dsp_env env;
    float *scratch; /* of env, which is copied anew for every chunk */
    struct rt_runner runner;
};

struct rt_crew {
    uint32_t n_threads;        /* with the audio thread; 1: there is no crew */
    struct rt_worker *workers; /* [n_threads]; 0 is the audio thread */
    struct dsp_write *writes;  /* [RT_WRITES_MAX] */
    void (*make_way)(void);    /* lets a worker run that has started a task and does not go on */
    struct rt_chunk *chunks;   /* [RT_CHUNKS_MAX] */
    struct rt_share *shares;   /* [n_threads] */
    /* the round */
    uint32_t n_chunks, cost, round;
    _Alignas(64) atomic_uint n_done;
    /* for those who wait for work */
    _Alignas(64) atomic_uint n_periods; /* counts up when a period begins */
    atomic_bool in_period, is_wanted;   /* struct rt_crew_call */
    atomic_uint_fast64_t period_ns;
};

/**
 * Audio thread: runs sorted tasks first .. end - 1 of one
 * level; asks and done actions are the caller's.
 */
PH_RT void rt_crew_run(struct rt_world *w, uint32_t first, uint32_t end);
/** Audio thread, around each period: tells workers when to be awake. */
PH_RT void rt_crew_begin_period(struct rt_world *w, uint32_t n_frames);
PH_RT void rt_crew_end_period(struct rt_world *w);

#endif
