/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/crew.c - several threads work on the tasks of one level.                             */
/* room: audio and its workers.                                                                   */
#include "server/rt/crew.h"

#include "server/dsp/mix.h"
#include "server/rt/block.h"
#include "server/rt/exec.h"
#include "server/rt/world.h"

enum {
    ROUND_TASKS_MAX = 4096,
    ROUND_COST_MIN = 48, /* units alone, some 5 microseconds: less isn't worth telling anybody */
    STALL_SPINS = 4096   /* some 100 microseconds: no task takes that long by itself */
};

static inline void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

PH_RT static void run_task(const struct rt_runner *runner, const struct rt_task *task)
{
    if (task->batch)
        rt_exec_batch(runner, task->batch);
    else
        rt_exec_synth(runner, task->synth);
}

/* ---- a round --------------------------------------------------------------------------------- */

/** Takes the next task of the round, if one is left. */
PH_RT static struct rt_task *take_task(struct rt_crew *crew)
{
    uint64_t ticket = atomic_load_explicit(&crew->ticket, memory_order_acquire);
    for (;;) {
        const uint32_t next = (uint32_t)ticket & 0xffff, n = (uint32_t)(ticket >> 16) & 0xffff;
        if (next >= n)
            return NULL;
        /* acquire: the tasks were written before the round was announced */
        if (atomic_compare_exchange_weak_explicit(&crew->ticket, &ticket, ticket + 1,
                                                  memory_order_acq_rel, memory_order_acquire))
            return crew->tasks[next];
    }
}

PH_RT static bool help(struct rt_world *w, uint32_t index)
{
    struct rt_crew *const crew = &w->crew;
    struct rt_task *const task = take_task(crew);
    if (!task)
        return false;
    struct rt_worker *const worker = &crew->workers[index];
    worker->env = w->env;
    worker->env.log = &task->log;
    run_task(&worker->runner, task);
    atomic_fetch_add_explicit(&crew->n_done, 1, memory_order_release);
    return true;
}

PH_RT bool rt_crew_help(struct rt_world *w, uint32_t index)
{
    return help(w, index);
}

PH_RT static void announce(struct rt_crew *crew, struct rt_task **tasks, uint32_t n)
{
    crew->tasks = tasks;
    atomic_store_explicit(&crew->n_done, 0, memory_order_relaxed);
    crew->round++;
    atomic_store_explicit(&crew->ticket, (uint64_t)crew->round << 32 | (uint64_t)n << 16,
                          memory_order_release);
}

/** What the tasks wrote goes to the buses, in the order of the tasks. */
PH_RT static void put_writes(struct rt_world *w, struct rt_task *const *tasks, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < tasks[i]->log.n; k++)
            dsp_mix_write(w->env.audio, w->env.block, &tasks[i]->log.writes[k]);
}

PH_RT static void run_round(struct rt_world *w, struct rt_task **tasks, uint32_t n)
{
    struct rt_crew *const crew = &w->crew;
    struct dsp_write *writes = crew->writes;
    for (uint32_t i = 0; i < n; i++) {
        tasks[i]->log = (struct dsp_log){ .writes = writes, .max = tasks[i]->n_writes };
        writes += tasks[i]->n_writes;
    }
    announce(crew, tasks, n);
    while (help(w, 0))
        ;
    /* what is left has been started by a worker, which may have lost its processor, even to this thread */
    for (uint32_t spins = 1; atomic_load_explicit(&crew->n_done, memory_order_acquire) != n; spins++)
        if (spins % STALL_SPINS == 0 && crew->make_way)
            crew->make_way();
        else
            pause_briefly();
    put_writes(w, tasks, n);
}

PH_RT void rt_crew_run(struct rt_world *w, uint32_t first, uint32_t end)
{
    struct rt_task **const tasks = w->plan.sorted;
    const struct rt_runner alone = { &w->env, w->wires };
    while (first < end) {
        uint32_t n = 0, n_writes = 0, cost = 0;
        while (w->crew.n_threads > 1 && first + n < end && n < ROUND_TASKS_MAX &&
               n_writes + tasks[first + n]->n_writes <= RT_WRITES_MAX) {
            n_writes += tasks[first + n]->n_writes;
            cost += tasks[first + n++]->cost;
        }
        if (n >= 2 && cost >= ROUND_COST_MIN)
            run_round(w, tasks + first, n);
        else
            for (uint32_t i = 0; i < (n > 0 ? n : 1); i++)
                run_task(&alone, tasks[first + i]);
        first += n > 0 ? n : 1;
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
    for (uint32_t i = 0; i < w->plan.n_tasks && cost < ROUND_COST_MIN; i++)
        cost += w->plan.tasks[i].cost;
    atomic_store_explicit(&crew->is_wanted, cost >= ROUND_COST_MIN, memory_order_relaxed);
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
