/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/crew.c - several threads work on the tasks of one level.                             */
/* room: audio and its workers.                                                                   */
#include "server/rt/crew.h"

#include "server/dsp/mix.h"
#include "server/rt/block.h"
#include "server/rt/exec.h"
#include "server/rt/world.h"

enum {
    /* units alone, some 10 microseconds in all: less isn't worth a turn of its own */
    CHUNK_COST = 96,
    LEVEL_CHUNKS = 16,   /* so many chunks a level is cut into when it costs enough */
    STALL_SPINS = 4096   /* some 100 microseconds: no chunk takes that long by itself */
};

PH_RT static void run_task(const struct rt_runner *runner, const struct rt_task *task)
{
    if (task->batch)
        rt_exec_batch(runner, task->batch);
    else
        rt_exec_synth(runner, task->synth);
}

/* ---- chunks ---------------------------------------------------------------------------------- */

/**
 * Runs the tasks of a chunk. Those of several add up in its log before they go to a bus, on one
 * thread as on many; what a single one writes stays apart.
 */
PH_RT static void run_chunk(const struct rt_world *w, const struct rt_runner *runner,
                            const struct rt_chunk *chunk)
{
    for (uint32_t i = chunk->first; i < chunk->end; i++)
        run_task(runner, w->plan.sorted[i]);
}

PH_RT static void put_writes(struct rt_world *w, const struct dsp_log *log)
{
    for (uint32_t k = 0; k < log->n; k++)
        dsp_mix_write(w->env.audio, w->env.block, &log->writes[k]);
}

/**
 * On the audio thread, straight to the buses: what a single
 * task writes, or the only chunk of a level.
 */
PH_RT static void run_straight(struct rt_world *w, const struct rt_chunk *chunk)
{
    const struct rt_runner runner = { &w->env, w->wires };
    run_chunk(w, &runner, chunk);
}

PH_RT static void run_alone(struct rt_world *w, struct rt_chunk *chunk)
{
    if (chunk->log.sums)
        w->env.log = &chunk->log;
    run_straight(w, chunk);
    w->env.log = NULL;
    put_writes(w, &chunk->log);
}

/**
 * Cuts sorted tasks from `first` on into chunks, as far as there is room for what they write.
 * @return the first task that is in none
 */
PH_RT static uint32_t cut(struct rt_world *w, uint32_t first, uint32_t end, uint32_t chunk_cost)
{
    struct rt_crew *const crew = &w->crew;
    struct rt_task *const *const tasks = w->plan.sorted;
    uint32_t n_writes = 0;
    crew->n_chunks = crew->cost = 0;
    while (first < end && crew->n_chunks < RT_CHUNKS_MAX) {
        struct rt_chunk *const chunk = &crew->chunks[crew->n_chunks];
        uint32_t cost = 0, at = first, n = 0;
        while (at < end && cost < chunk_cost && n_writes + n + tasks[at]->n_writes <= RT_WRITES_MAX) {
            n += tasks[at]->n_writes;
            cost += tasks[at++]->cost;
        }
        if (at == first)
            break;
        *chunk = (struct rt_chunk){ first, at, cost,
                                    { crew->writes + n_writes, 0, n, at - first > 1 } };
        crew->n_chunks++;
        crew->cost += cost;
        n_writes += n;
        first = at;
    }
    return first;
}

/* ---- a round --------------------------------------------------------------------------------- */

/* A share: round << 32 | first chunk << 16 | end. Its thread
 * takes from the front, others from behind. */

PH_RT static struct rt_chunk *take(struct rt_crew *crew, uint32_t share, bool from_behind)
{
    atomic_uint_fast64_t *const range = &crew->shares[share].range;
    uint64_t now = atomic_load_explicit(range, memory_order_acquire);
    for (;;) {
        const uint32_t first = (uint32_t)(now >> 16) & 0xffff, end = (uint32_t)now & 0xffff;
        if (first >= end)
            return NULL;
        /* acquire: the chunks were written before the round was announced */
        if (atomic_compare_exchange_weak_explicit(range, &now, from_behind ? now - 1 : now + (1u << 16),
                                                  memory_order_acq_rel, memory_order_acquire))
            return &crew->chunks[from_behind ? end - 1 : first];
    }
}

/**
 * A thread's own share first: the voices in it were in this processor's cache in the last block.
 */
PH_RT static struct rt_chunk *take_any(struct rt_crew *crew, uint32_t index)
{
    struct rt_chunk *chunk = take(crew, index, false);
    for (uint32_t k = 1; k < crew->n_threads && !chunk; k++)
        chunk = take(crew, (index + k) % crew->n_threads, true);
    return chunk;
}

PH_RT bool rt_crew_help(struct rt_world *w, uint32_t index)
{
    struct rt_crew *const crew = &w->crew;
    struct rt_chunk *const chunk = take_any(crew, index);
    if (!chunk)
        return false;
    struct rt_worker *const worker = &crew->workers[index];
    worker->env = w->env;
    worker->env.scratch = worker->scratch;
    worker->env.log = &chunk->log;
    run_chunk(w, &worker->runner, chunk);
    atomic_fetch_add_explicit(&crew->n_done, 1, memory_order_release);
    return true;
}

/** Gives every thread a stretch of chunks of about equal cost. */
PH_RT static void announce(struct rt_crew *crew)
{
    atomic_store_explicit(&crew->n_done, 0, memory_order_relaxed);
    crew->round++;
    uint32_t at = 0, cost = 0;
    for (uint32_t t = 0; t < crew->n_threads; t++) {
        const uint32_t first = at;
        const uint64_t goal = (uint64_t)crew->cost * (t + 1);
        while (at < crew->n_chunks &&
               (uint64_t)(cost + crew->chunks[at].cost / 2) * crew->n_threads < goal)
            cost += crew->chunks[at++].cost;
        if (t + 1 == crew->n_threads)
            at = crew->n_chunks;
        atomic_store_explicit(&crew->shares[t].range,
                              (uint64_t)crew->round << 32 | (uint64_t)first << 16 | at,
                              memory_order_release);
    }
}

PH_RT static void run_round(struct rt_world *w)
{
    struct rt_crew *const crew = &w->crew;
    const uint32_t n = crew->n_chunks;
    announce(crew);
    while (rt_crew_help(w, 0))
        ;
    /* what is left has been started by a worker, which may
     * have lost its processor, even to this thread */
    for (uint32_t spins = 1; atomic_load_explicit(&crew->n_done, memory_order_acquire) != n; spins++)
        if (spins % STALL_SPINS == 0 && crew->make_way)
            crew->make_way();
        else
            rt_pause();
    for (uint32_t i = 0; i < n; i++)
        put_writes(w, &crew->chunks[i].log);
}

PH_RT void rt_crew_run(struct rt_world *w, uint32_t first, uint32_t end)
{
    struct rt_crew *const crew = &w->crew;
    uint32_t level_cost = 0;
    for (uint32_t i = first; i < end; i++)
        level_cost += w->plan.sorted[i]->cost;
    const uint32_t share = level_cost / LEVEL_CHUNKS;
    if (level_cost <= CHUNK_COST) {
        const struct rt_chunk only = { .first = first, .end = end };
        run_straight(w, &only);
        return;
    }
    while (first < end) {
        const uint32_t next = cut(w, first, end, share > CHUNK_COST ? share : CHUNK_COST);
        if (next == first) { /* one task that writes more than a round can keep */
            const struct rt_chunk whole = { .first = first, .end = first + 1 };
            run_straight(w, &whole);
            first++;
        } else if (crew->n_threads > 1 && crew->n_chunks > 1) {
            run_round(w);
        } else {
            for (uint32_t i = 0; i < crew->n_chunks; i++)
                run_alone(w, &crew->chunks[i]);
        }
        first = next > first ? next : first;
    }
}

/* ---- periods --------------------------------------------------------------------------------- */

PH_RT void rt_crew_begin_period(struct rt_world *w, uint32_t n_frames)
{
    struct rt_crew *const crew = &w->crew;
    if (crew->n_threads == 1)
        return;
    const uint64_t period_ns = UINT64_C(1000000000) * n_frames / w->config.rate_hz;
    atomic_store_explicit(&crew->period_ns, period_ns, memory_order_relaxed);
    atomic_store_explicit(&crew->in_period, true, memory_order_relaxed);
    atomic_fetch_add_explicit(&crew->n_periods, 1, memory_order_release);
}

PH_RT void rt_crew_end_period(struct rt_world *w)
{
    struct rt_crew *const crew = &w->crew;
    if (crew->n_threads == 1)
        return;
    uint32_t cost = 0;
    for (uint32_t i = 0; i < w->plan.n_tasks && cost <= CHUNK_COST; i++)
        cost += w->plan.tasks[i].cost;
    atomic_store_explicit(&crew->is_wanted, cost > CHUNK_COST, memory_order_relaxed);
    atomic_store_explicit(&crew->in_period, false, memory_order_release);
}

struct rt_crew_call rt_crew_look(const struct rt_world *w)
{
    const struct rt_crew *const crew = &w->crew;
    return (struct rt_crew_call){
        .n_periods = atomic_load_explicit(&crew->n_periods, memory_order_acquire),
        .in_period = atomic_load_explicit(&crew->in_period, memory_order_acquire),
        .is_wanted = atomic_load_explicit(&crew->is_wanted, memory_order_relaxed),
        .period_ns = atomic_load_explicit(&crew->period_ns, memory_order_relaxed),
    };
}

void rt_crew_make_way(struct rt_world *w, void (*make_way)(void))
{
    w->crew.make_way = make_way;
}
