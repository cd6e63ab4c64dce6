/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/workers.c - threads that help the audio thread.                                 */
/* room: command thread starts and stops them; each is an audio thread of its own.                */
/*                                                                                                */
/* The audio thread wakes nobody: that would be a system call. A worker sleeps until shortly      */
/* before the next period is due, by its own clock, and then looks out for work; when there was   */
/* too little for two in the last period it sleeps for longer. One that comes late is not missed. */
/* Workers are not tied to processors: one that the audio thread displaces goes on elsewhere.     */
#include "server/drivers/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "server/drivers/thread.h"
#include "server/rt/block.h"

enum {
    EARLY_NS = 150000,       /* before the period is due: a sleep ends that late at times */
    IDLE_NS = 2000000,       /* while nobody is needed */
    SPINS_PER_YIELD = 1 << 8 /* offline: the audio thread may wait for this very processor */
};

struct worker {
    struct drv_workers *all;
    uint32_t index;
    pthread_t thread;
};

struct drv_workers {
    struct rt_world *world;
    bool eager;
    atomic_bool stop;
    uint32_t n;
    struct worker workers[];
};

static void sleep_until(uint64_t ns)
{
    const struct timespec t = { .tv_sec = (time_t)(ns / 1000000000),
                                .tv_nsec = (long)(ns % 1000000000) };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/** What a worker knows of the periods. */
struct watch {
    uint32_t n_periods;
    uint64_t begin_ns; /* when it saw the last one begin */
};

/** There is nothing to do right now: looks on, or sleeps until there may be. */
static void wait_for_work(const struct rt_world *world, struct watch *watch)
{
    const struct rt_crew_call call = rt_crew_look(world);
    const uint64_t now_ns = drv_clock_ns(CLOCK_MONOTONIC);
    if (call.n_periods != watch->n_periods) {
        watch->n_periods = call.n_periods;
        watch->begin_ns = now_ns;
    }
    const uint64_t due_ns = watch->begin_ns + call.period_ns;
    if (call.in_period && now_ns < due_ns)
        rt_pause();
    else if (!call.is_wanted || now_ns > due_ns + call.period_ns)
        sleep_until(now_ns + IDLE_NS);
    else if (now_ns + EARLY_NS < due_ns)
        sleep_until(due_ns - EARLY_NS);
    else
        rt_pause();
}

static void *work(void *argument)
{
    const struct worker *const worker = argument;
    struct drv_workers *const all = worker->all;
    struct watch watch = { 0 };
    uint32_t spins = 0;
    drv_flush_denormals();
    while (!atomic_load_explicit(&all->stop, memory_order_relaxed)) {
        if (rt_crew_help(all->world, worker->index))
            spins = 0;
        else if (!all->eager)
            wait_for_work(all->world, &watch);
        else if (++spins % SPINS_PER_YIELD == 0)
            sched_yield();
        else
            rt_pause();
    }
    return NULL;
}

/**
 * The audio thread waits for a worker whose processor it may
 * have taken: a moment of sleep gives it back.
 */
static void make_way(void)
{
    const struct timespec moment = { .tv_nsec = 20000 };
    nanosleep(&moment, NULL);
}

uint32_t drv_processors(void)
{
    cpu_set_t allowed;
    const int n = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
    return n > 1 ? (uint32_t)n : 1;
}

/** More threads than processors would take turns on them, and wait for each other. */
static uint32_t workers_of(const struct rt_world *world)
{
    const uint32_t n = rt_world_config(world)->n_threads - 1, n_free = drv_processors() - 1;
    return n < n_free ? n : n_free;
}

ph_status drv_workers_start(struct rt_world *world, int priority, bool eager,
                            struct drv_workers **out)
{
    const uint32_t n = workers_of(world);
    *out = NULL;
    if (n == 0)
        return PH_OK;
    struct drv_workers *const all = calloc(1, sizeof *all + n * sizeof all->workers[0]);
    if (!all)
        return PH_NO_MEMORY;
    all->world = world;
    all->eager = eager;
    rt_crew_make_way(world, make_way);
    for (uint32_t i = 0; i < n; i++) {
        struct worker *const worker = &all->workers[i];
        pthread_attr_t attributes;
        *worker = (struct worker){ .all = all, .index = i + 1 };
        pthread_attr_init(&attributes);
        /* below the audio thread, which would wait for ever for one that it can't displace */
        const bool started = drv_thread_start(&worker->thread, &attributes,
                                              priority > 1 ? priority - 1 : priority, work, worker);
        pthread_attr_destroy(&attributes);
        if (!started)
            break; /* with fewer it goes slower, and sounds the same */
        all->n++;
    }
    *out = all;
    return PH_OK;
}

void drv_workers_stop(struct drv_workers *all)
{
    if (!all)
        return;
    atomic_store_explicit(&all->stop, true, memory_order_relaxed);
    for (uint32_t i = 0; i < all->n; i++)
        pthread_join(all->workers[i].thread, NULL);
    free(all);
}
