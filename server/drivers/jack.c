/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/drivers/jack.c - a client of a JACK server (or of PipeWire's JACK interface).           */
/* room: process callback: audio; the rest: command thread.                                       */
#include <jack/jack.h>
#include <jack/thread.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/drivers/driver.h"
#include "server/drivers/guard.h"
#include "server/drivers/thread.h"
#include "server/drivers/workers.h"
#include "server/rt/block.h"

enum {
    PORTS_MAX = 64,
    DEAD_AFTER_MS = 2000, /* PipeWire gives no shutdown callback: its callbacks just stop */
    CLOSE_TIMEOUT_MS = 3000
};

struct drv {
    struct drv_config config;
    jack_client_t *client;
    struct rt_world *world;
    struct drv_workers *workers;
    jack_port_t *in[PORTS_MAX], *out[PORTS_MAX];
    bool abandoned;         /* the client would not close: JACK may still call it */
    atomic_bool shut_down, stopped;
    _Atomic uint64_t last_callback_ns;
};

PH_RT static int process(jack_nframes_t n_frames, void *argument)
{
    struct drv *const d = argument;
    const float *in[PORTS_MAX];
    float *out[PORTS_MAX];
    if (atomic_load_explicit(&d->stopped, memory_order_acquire))
        return 0; /* woken after the world has gone */
    drv_guard_enter();
    drv_flush_denormals(); /* JACK may call from another thread after a restart of its graph */
    const uint64_t begin_ns = drv_clock_ns(CLOCK_MONOTONIC);
    atomic_store_explicit(&d->last_callback_ns, begin_ns, memory_order_relaxed);
    for (uint32_t c = 0; c < d->config.n_inputs; c++)
        in[c] = jack_port_get_buffer(d->in[c], n_frames);
    for (uint32_t c = 0; c < d->config.n_outputs; c++)
        out[c] = jack_port_get_buffer(d->out[c], n_frames);
    rt_period_run(d->world, in, out, n_frames, drv_now_ntp());
    const uint64_t budget_ns = (uint64_t)(1e9 * n_frames / d->config.rate_hz);
    rt_meter_period(d->world, drv_clock_ns(CLOCK_MONOTONIC) - begin_ns, budget_ns);
    drv_guard_leave();
    return 0;
}

static int on_xrun(void *argument)
{
    rt_meter_xrun(((struct drv *)argument)->world);
    return 0;
}

static void on_shutdown(void *argument)
{
    atomic_store(&((struct drv *)argument)->shut_down, true);
}

static ph_status register_ports(struct drv *d, char *error)
{
    char name[32];
    for (uint32_t c = 0; c < d->config.n_inputs + d->config.n_outputs; c++) {
        const bool is_out = c >= d->config.n_inputs;
        const uint32_t index = is_out ? c - d->config.n_inputs : c;
        snprintf(name, sizeof name, "%s_%u", is_out ? "out" : "in", index + 1);
        jack_port_t *const port = jack_port_register(d->client, name, JACK_DEFAULT_AUDIO_TYPE,
                                                     is_out ? JackPortIsOutput : JackPortIsInput, 0);
        if (!port) {
            snprintf(error, 256, "JACK refuses port %s", name);
            return PH_IO;
        }
        (is_out ? d->out : d->in)[index] = port;
    }
    return PH_OK;
}

static void quiet(const char *message)
{
    (void)message; /* libjack's own complaints say less than ours */
}

static ph_status open_jack(const struct drv_config *config, struct drv **out, uint32_t *rate_hz,
                           char *error)
{
    const char *const server = config->server_name      ? config->server_name
                               : getenv("JACK_DEFAULT_SERVER") ? getenv("JACK_DEFAULT_SERVER")
                                                               : "default";
    if (strcmp(config->client_name, server) == 0) {
        /* JACK 1.9.21: such a client deletes the server's socket when it closes */
        snprintf(error, 256, "the client can't have the JACK server's own name, '%s'", server);
        return PH_ACCESS;
    }
    struct drv *const d = calloc(1, sizeof *d);
    if (!d)
        return PH_NO_MEMORY;
    d->config = *config;
    if (d->config.n_inputs > PORTS_MAX)
        d->config.n_inputs = PORTS_MAX;
    if (d->config.n_outputs > PORTS_MAX)
        d->config.n_outputs = PORTS_MAX;
    jack_set_error_function(quiet);
    jack_set_info_function(quiet);
    jack_status_t status;
    d->client = jack_client_open(config->client_name, JackNoStartServer | JackServerName, &status,
                                 server);
    if (!d->client) {
        snprintf(error, 256, "no JACK server '%s' is running (start one: jackd -d alsa)", server);
        free(d);
        return PH_IO;
    }
    d->config.rate_hz = jack_get_sample_rate(d->client);
    *rate_hz = d->config.rate_hz;
    const ph_status registered = register_ports(d, error);
    if (registered != PH_OK) {
        drv_jack.close(d);
        return registered;
    }
    *out = d;
    return PH_OK;
}

static void connect_outputs(struct drv *d)
{
    const char **const ports = jack_get_ports(d->client, NULL, JACK_DEFAULT_AUDIO_TYPE,
                                              JackPortIsPhysical | JackPortIsInput);
    for (uint32_t c = 0; ports && ports[c] && c < d->config.n_outputs; c++)
        jack_connect(d->client, jack_port_name(d->out[c]), ports[c]);
    jack_free(ports);
}

static ph_status start_jack(struct drv *d, struct rt_world *world, char *error)
{
    const int priority = jack_is_realtime(d->client) ? jack_client_real_time_priority(d->client) : 0;
    if (drv_workers_start(world, priority, false, &d->workers) != PH_OK) {
        snprintf(error, 256, "out of memory");
        return PH_NO_MEMORY;
    }
    d->world = world;
    atomic_store(&d->last_callback_ns, drv_clock_ns(CLOCK_MONOTONIC));
    jack_set_process_callback(d->client, process, d);
    jack_set_xrun_callback(d->client, on_xrun, d);
    jack_on_shutdown(d->client, on_shutdown, d);
    if (jack_activate(d->client) != 0) {
        snprintf(error, 256, "JACK does not activate the client");
        return PH_IO;
    }
    if (d->config.connect)
        connect_outputs(d);
    return PH_OK;
}

static bool jack_alive(struct drv *d)
{
    const uint64_t last_ns = atomic_load(&d->last_callback_ns), now_ns = drv_clock_ns(CLOCK_MONOTONIC);
    return !atomic_load(&d->shut_down) &&
           (now_ns < last_ns || now_ns - last_ns < (uint64_t)DEAD_AFTER_MS * 1000000);
}

static void *close_client(void *client)
{
    jack_client_close(client);
    return NULL;
}

/**
 * After a stall jack_client_close can block for over a minute: it gets a thread and a time limit.
 */
static void stop_jack(struct drv *d)
{
    if (!d->client)
        return;
    atomic_store(&d->stopped, true);
    pthread_t thread;
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += CLOSE_TIMEOUT_MS / 1000;
    if (pthread_create(&thread, NULL, close_client, d->client) == 0 &&
        pthread_timedjoin_np(thread, NULL, &limit) != 0) {
        pthread_detach(thread);
        d->abandoned = true;
    }
    d->client = NULL;
    drv_workers_stop(d->workers);
    d->workers = NULL;
}

static void close_jack(struct drv *d)
{
    if (!d)
        return;
    stop_jack(d);
    if (!d->abandoned)
        free(d);
}

const struct drv_ops drv_jack = { .name = "jack", .open = open_jack, .start = start_jack,
                                  .alive = jack_alive, .stop = stop_jack, .close = close_jack };
