/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/dummy.c - an ideal sound card that nobody hears: a thread on absolute           */
/* deadlines.                                                                                     */
/* room: callback: audio; the rest: command thread.                                               */
#include "server/drivers/dummy.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/drivers/driver.h"
#include "server/drivers/guard.h"
#include "server/drivers/thread.h"
#include "server/drivers/workers.h"
#include "server/rt/block.h"

enum { PRIORITY = 70 }; /* as JACK gives */

struct drv {
    struct drv_config config;
    struct rt_world *world;
    pthread_t thread;
    struct drv_workers *workers;
    bool running;
    atomic_bool stop;
    float *memory;            /* n_outputs * period_frames */
    float **out;
    float *captured;          /* interleaved */
    uint32_t n_captured;
};

static ph_status open_dummy(const struct drv_config *config, struct drv **out, uint32_t *rate_hz,
                            char *error)
{
    struct drv *const d = calloc(1, sizeof *d);
    if (!d)
        return PH_NO_MEMORY;
    d->config = *config;
    const size_t n = config->n_outputs;
    d->memory = calloc(n * config->period_frames + 1, sizeof *d->memory);
    d->out = calloc(n + 1, sizeof *d->out);
    d->captured = calloc(n * config->capture_frames + 1, sizeof *d->captured);
    if (!d->memory || !d->out || !d->captured) {
        snprintf(error, 256, "out of memory");
        drv_dummy.close(d);
        return PH_NO_MEMORY;
    }
    /* touched now, so that the audio thread meets no page fault */
    memset(d->captured, 0, n * config->capture_frames * sizeof *d->captured);
    for (size_t c = 0; c < n; c++)
        d->out[c] = d->memory + c * config->period_frames;
    *rate_hz = config->rate_hz;
    *out = d;
    return PH_OK;
}

PH_RT static void capture(struct drv *d, uint32_t n_frames)
{
    const uint32_t n = d->config.n_outputs;
    for (uint32_t i = 0; i < n_frames && d->n_captured < d->config.capture_frames; i++) {
        for (uint32_t c = 0; c < n; c++)
            d->captured[(size_t)d->n_captured * n + c] = d->out[c][i];
        d->n_captured++;
    }
}

PH_RT static void run_period(struct drv *d, uint64_t budget_ns)
{
    drv_guard_enter();
    const uint64_t begin_ns = drv_clock_ns(CLOCK_MONOTONIC);
    rt_period_run(d->world, NULL, d->out, d->config.period_frames, drv_now_ntp());
    capture(d, d->config.period_frames);
    rt_meter_period(d->world, drv_clock_ns(CLOCK_MONOTONIC) - begin_ns, budget_ns);
    drv_guard_leave();
}

static void *dummy_thread(void *argument)
{
    struct drv *const d = argument;
    const double period_ns = 1e9 * d->config.period_frames / d->config.rate_hz;
    const uint64_t start_ns = drv_clock_ns(CLOCK_MONOTONIC);
    uint64_t n_periods = 0, skipped_ns = 0;
    drv_flush_denormals();
    while (!atomic_load_explicit(&d->stop, memory_order_relaxed)) {
        const uint64_t due_ns = start_ns + skipped_ns + (uint64_t)((double)n_periods++ * period_ns);
        const struct timespec due = { .tv_sec = (time_t)(due_ns / 1000000000),
                                      .tv_nsec = (long)(due_ns % 1000000000) };
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        const uint64_t late_ns = drv_clock_ns(CLOCK_MONOTONIC) - due_ns;
        /* as a sound card's overrun: time is lost */
        if (late_ns > 4 * (uint64_t)period_ns + 20000000) {
            skipped_ns += late_ns;
            rt_meter_xrun(d->world);
        }
        run_period(d, (uint64_t)period_ns);
    }
    return NULL;
}

static ph_status start_dummy(struct drv *d, struct rt_world *world, char *error)
{
    d->world = world;
    if (drv_workers_start(world, PRIORITY, false, &d->workers) != PH_OK) {
        snprintf(error, 256, "out of memory");
        return PH_NO_MEMORY;
    }
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    d->running = drv_thread_start(&d->thread, &attributes, PRIORITY, dummy_thread, d);
    pthread_attr_destroy(&attributes);
    if (!d->running) {
        drv_workers_stop(d->workers);
        snprintf(error, 256, "the audio thread could not be started");
        return PH_IO;
    }
    return PH_OK;
}

static bool dummy_alive(struct drv *d)
{
    return d->running;
}

static void stop_dummy(struct drv *d)
{
    if (!d->running)
        return;
    atomic_store(&d->stop, true);
    pthread_join(d->thread, NULL);
    drv_workers_stop(d->workers);
    d->running = false;
}

static void close_dummy(struct drv *d)
{
    if (!d)
        return;
    stop_dummy(d);
    free(d->memory);
    free(d->out);
    free(d->captured);
    free(d);
}

const float *drv_dummy_captured(const struct drv *d, uint32_t *n_frames, uint32_t *n_channels)
{
    *n_frames = d->n_captured;
    *n_channels = d->config.n_outputs;
    return d->captured;
}

const struct drv_ops drv_dummy = { .name = "dummy", .open = open_dummy, .start = start_dummy,
                                   .alive = dummy_alive, .stop = stop_dummy, .close = close_dummy };
