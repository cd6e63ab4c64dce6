/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/phonond.c - the daemon: start and stop order.                                           */
/* room: command thread.                                                                          */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sndfile.h>

#include "protocol/addresses.h"
#include "protocol/units.h"
#include "server/drivers/dummy.h"
#include "server/drivers/offline.h"
#include "server/drivers/thread.h"
#include "server/drivers/workers.h"
#include "server/link/command.h"
#include "server/nrt/osc_server.h"
#include "server/options.h"
#include "server/world.h"

enum { TURN_MS = 2, FADE_MS = 30 };

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
    signalled = number;
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL); /* a TCP client that left */
}

static void print_units(void)
{
    static const char *const rates[] = { "ir ", "kr ", "ar ", "dr " };
    for (uint32_t i = 0; i < PH_UNIT_COUNT; i++) {
        const struct ph_unit_info *const u = &ph_units[i];
        char all[16] = "";
        for (uint32_t r = 0; r < 4; r++)
            if (u->rates & 1u << r)
                strcat(all, rates[r]);
        printf("%-18s %-12s", u->name, all);
        for (uint32_t k = 0; k < u->n_inputs; k++)
            printf(" %s=%g", u->inputs[k].name, (double)u->inputs[k].initial);
        putchar('\n');
    }
}

static void print_commands(void)
{
    for (uint32_t i = 0; i < PH_ADDR_COUNT; i++) {
        const struct ph_address_info *const a = &ph_addresses[i];
        if (a->number >= 0)
            printf("%s\t%d\t%s\t%s\t%s\n", a->address, a->number, a->arguments, a->reply, a->doc);
    }
}

/** One processor is left for everything else. */
static uint32_t usual_threads(void)
{
    const uint32_t n = drv_processors();
    return n < 2 ? 1 : n - 1 < RT_THREADS_MAX ? n - 1 : RT_THREADS_MAX;
}

static struct world_config world_config_of(const struct options *o, uint32_t rate_hz)
{
    struct world_config config = { .max_logins = (uint32_t)o->n_logins, .n_roots = o->n_samples,
                                   .file_root = o->file_root, .tap_prefix = o->record };
    rt_config_defaults(&config.engine);
    config.engine.rate_hz = rate_hz;
    config.engine.block_frames = (uint32_t)o->block_frames;
    config.engine.n_inputs = (uint32_t)o->n_inputs;
    config.engine.n_outputs = (uint32_t)o->n_outputs;
    config.engine.n_audio_buses = (uint32_t)o->n_audio_buses;
    config.engine.n_control_buses = (uint32_t)o->n_control_buses;
    config.engine.n_buffers = (uint32_t)o->n_buffers;
    config.engine.n_nodes_max = (uint32_t)o->n_nodes;
    config.engine.n_voices_max = (uint32_t)o->n_voices;
    config.engine.set = o->simd ? dsp_set_find(o->simd) : dsp_set_best();
    config.engine.n_threads = o->n_threads > 0 ? (uint32_t)o->n_threads : usual_threads();
    config.first_cycle = PH_RATIO(0, 1);
    config.lookahead_ms = (uint32_t)o->lookahead_ms;
    config.unit_kib = (uint64_t)o->unit_kib;
    config.sample_mib = (uint64_t)o->sample_mib;
    config.play_at_once = o->play_at_once;
    config.n_orbits = (uint32_t)o->n_orbits;
    config.port = (uint16_t)(o->udp_port >= 0 ? o->udp_port : o->tcp_port);
    memcpy(config.roots, o->samples, sizeof config.roots);
    return config;
}

/** A folder that can't be read is passed over; whoever named it hears of that. */
static void check_folders(const struct options *o)
{
    for (uint32_t i = 0; i < o->n_samples; i++) {
        DIR *const folder = opendir(o->samples[i]);
        if (folder)
            closedir(folder);
        else
            fprintf(stderr, "phonond: warning: no samples from %s: %s\n", o->samples[i],
                    strerror(errno));
    }
}

/** Before anything is played: an hour that can't be written is better refused at once. */
static bool can_capture(const struct options *o)
{
    FILE *const file = fopen(o->capture, "ab");
    if (!file) {
        fprintf(stderr, "phonond: can't write %s: %s\n", o->capture, strerror(errno));
        return false;
    }
    fclose(file);
    return true;
}

static void write_capture(const struct options *o, const struct drv *d)
{
    uint32_t n_frames, n_channels;
    const float *const frames = drv_dummy_captured(d, &n_frames, &n_channels);
    SF_INFO info = { .samplerate = o->rate_hz, .channels = (int)n_channels,
                     .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT };
    SNDFILE *const file = sf_open(o->capture, SFM_WRITE, &info);
    if (!file || sf_writef_float(file, frames, n_frames) != (sf_count_t)n_frames)
        fprintf(stderr, "phonond: can't write %s: %s\n", o->capture, sf_strerror(file));
    sf_close(file);
}

/** Turns of the command thread until somebody asks for the end or the driver is gone. */
static int serve(struct world *w, const struct drv_ops *driver, struct drv *d)
{
    while (!signalled && !w->context.quit) {
        nrt_osc_server_run_once(w->context.osc, TURN_MS);
        world_flush_buffers(w);
        if (!driver->alive(d)) {
            fprintf(stderr, "phonond: the %s server is gone\n", driver->name);
            return EXIT_FAILURE;
        }
    }
    const struct link_command fade = { .kind = LINK_FADE_OUT };
    link_ring_push(w->context.commands, &fade);
    const uint64_t end_ns = drv_clock_ns(CLOCK_MONOTONIC) + FADE_MS * UINT64_C(1000000);
    while (drv_clock_ns(CLOCK_MONOTONIC) < end_ns)
        nrt_osc_server_run_once(w->context.osc, TURN_MS);
    return EXIT_SUCCESS;
}

static int run(const struct options *o)
{
    const struct drv_ops *const driver = strcmp(o->driver, "dummy") == 0 ? &drv_dummy : &drv_jack;
    const bool captures = driver == &drv_dummy && o->capture;
    if (captures && !can_capture(o))
        return EXIT_FAILURE;
    check_folders(o);
    const struct drv_config driver_config = {
        .client_name = o->name, .server_name = o->server, .n_inputs = (uint32_t)o->n_inputs,
        .n_outputs = (uint32_t)o->n_outputs, .rate_hz = (uint32_t)o->rate_hz,
        .period_frames = (uint32_t)o->period_frames, .connect = !o->no_connect,
        .capture_frames = captures ? (uint32_t)(o->capture_seconds * o->rate_hz) : 0
    };
    char error[256] = "";
    struct drv *d = NULL;
    struct world *w = NULL;
    uint32_t rate_hz;
    int code = EXIT_FAILURE;
    ph_status status = driver->open(&driver_config, &d, &rate_hz, error);
    if (status == PH_OK) {
        const struct world_config config = world_config_of(o, rate_hz);
        status = world_new(&config, &w, error);
    }
    if (status == PH_OK) {
        const struct nrt_osc_config osc = { .bind = o->bind, .udp = o->udp_port >= 0, .tcp = true,
                                            .password = o->password,
                                            .has_dirt = !o->no_dirt && o->udp_port >= 0,
                                            .dirt_port = (uint16_t)o->dirt_port,
                                            .port = (uint16_t)(o->udp_port >= 0 ? o->udp_port
                                                                                : o->tcp_port) };
        status = nrt_osc_server_new(&osc, &w->context, &w->context.osc, error);
    }
    if (status == PH_OK)
        status = driver->start(d, w->rt, error);
    if (status != PH_OK) {
        fprintf(stderr, "phonond: %s\n", error[0] ? error : ph_status_text(status));
    } else {
        printf("phonond: %s, %u Hz, port %d\nSuperCollider 3 server ready\n", driver->name, rate_hz,
               o->udp_port >= 0 ? o->udp_port : o->tcp_port);
        if (nrt_osc_server_dirt_port(w->context.osc))
            printf("phonond: TidalCycles on port %u\n", nrt_osc_server_dirt_port(w->context.osc));
        fflush(stdout);
        code = serve(w, driver, d);
    }
    if (d)
        driver->stop(d);
    if (status == PH_OK && captures)
        write_capture(o, d);
    if (w)
        nrt_osc_server_free(w->context.osc);
    world_free(w);
    driver->close(d);
    return code;
}

int main(int argc, char **argv)
{
    struct options o;
    if (options_parse(argc, argv, &o) != OPTIONS_OK)
        return 2;
    if (o.help) {
        options_print_help();
        return EXIT_SUCCESS;
    }
    if (o.version) {
        puts("phonond " PHONON_VERSION);
        return EXIT_SUCCESS;
    }
    if (o.commands) {
        print_commands();
        return 0;
    }
    if (o.units) {
        print_units();
        return EXIT_SUCCESS;
    }
    catch_signals();
    if (o.score[0]) {
        const int rate_hz = atoi(o.score[3]);
        if (rate_hz < 1000 || rate_hz > 768000) {
            fprintf(stderr, "phonond: -N: no such sample rate: %s\n", o.score[3]);
            return 2;
        }
        struct world_config config = world_config_of(&o, (uint32_t)rate_hz);
        config.offline = true;
        return offline_render_score(&config, &o) == PH_OK ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return run(&o);
}
