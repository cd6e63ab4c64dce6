/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/world.c - owns every room: start and stop order, and the offline turn.                  */
/* room: command thread.                                                                          */
#include "server/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dirt/dirt.h"
#include "server/link/command.h"
#include "server/load/bank.h"
#include "server/load/buffers.h"
#include "server/load/queue.h"
#include "server/nrt/defs.h"
#include "server/nrt/reclaim.h"
#include "server/nrt/scsynth.h"
#include "server/seq/seq.h"

static uint32_t lookahead_ms(const struct world_config *config)
{
    return config->lookahead_ms > 0 ? config->lookahead_ms : WORLD_LOOKAHEAD_MS;
}

/**
 * What waits in the audio thread grows with the look-ahead; three times the usual room more, for
 * events that are asked for early or delayed by nudge.
 */
static uint32_t n_sched_max(const struct world_config *config)
{
    const uint32_t n = config->engine.n_sched_max;
    const uint32_t times = (lookahead_ms(config) + WORLD_LOOKAHEAD_MS - 1) / WORLD_LOOKAHEAD_MS;
    return n * times + 3 * n;
}

/* Loader thread, or the command thread offline. */
static void on_loaded(void *context, uint32_t index, struct dsp_buffer *buffer)
{
    struct world *const w = context;
    uint32_t i = 0;
    pthread_mutex_lock(&w->loaded_mutex);
    while (i < w->n_loaded && w->loaded[i].index != index)
        i++;
    if (i < w->n_loaded) { /* overtaken before it went */
        load_buffer_finish(w->loaded[i].buffer);
        free(w->loaded[i].buffer);
    }
    w->n_loaded += i == w->n_loaded; /* of each number one waits, so there is always room */
    w->loaded[i] = (struct world_loaded){ index, buffer };
    pthread_mutex_unlock(&w->loaded_mutex);
}

void world_flush_buffers(void *context)
{
    struct world *const w = context;
    pthread_mutex_lock(&w->loaded_mutex);
    while (w->n_loaded > 0) {
        const struct world_loaded *const l = &w->loaded[w->n_loaded - 1];
        const struct link_command swap = { .kind = LINK_BUFFER_SWAP,
                                           .u.buffer = { .buffer = l->buffer, .index = l->index } };
        if (!link_ring_push(w->context.commands, &swap))
            break; /* full: the rest goes next turn */
        w->n_loaded--;
    }
    pthread_mutex_unlock(&w->loaded_mutex);
}

/** Offline nothing can have come in the meantime. */
static void idle(void *context)
{
    const struct world *const w = context;
    if (w->context.osc)
        nrt_osc_server_run_once(w->context.osc, 1);
}

static ph_status new_bank(struct world *w, const struct world_config *config)
{
    char *usual[WORLD_ROOTS_MAX];
    const uint32_t n_usual = load_usual_roots(usual, WORLD_ROOTS_MAX);
    const char *roots[2 * WORLD_ROOTS_MAX];
    memcpy(roots, config->roots, config->n_roots * sizeof *roots);
    for (uint32_t i = 0; i < n_usual; i++)
        roots[config->n_roots + i] = usual[i];
    const struct load_bank_config bank = {
        .rate_hz = config->engine.rate_hz,
        .first_buffer = config->engine.n_buffers,
        .n_buffers = WORLD_BANK_BUFFERS,
        .bytes_max = (config->sample_mib > 0 ? config->sample_mib : WORLD_SAMPLE_MIB) << 20,
        .roots = roots,
        .n_roots = config->n_roots + n_usual,
        .loaded = on_loaded,
        .context = w,
    };
    ph_status status = load_bank_new(&bank, &w->context.bank);
    for (uint32_t i = 0; i < n_usual; i++)
        free(usual[i]); /* the bank has copied what it needs */
    if (status == PH_OK && !config->offline)
        status = load_bank_start(w->context.bank);
    return status;
}

static ph_status new_seq(struct world *w, const struct world_config *config,
                         const struct ph_tempo *tempo)
{
    const struct seq_config seq = {
        .rate_hz = config->engine.rate_hz,
        .lookahead_frames = w->lookahead_frames,
        .commands = rt_world_seq_commands(w->rt),
        .snapshot = w->context.snapshot,
        .symbols = w->context.symbols,
        .bank = w->context.bank,
        .target = nrt_target_of(&w->context.engine),
        .tempo = *tempo,
    };
    ph_status status = seq_new(&seq, &w->context.seq);
    if (status == PH_OK && !config->offline)
        status = seq_start(w->context.seq);
    return status;
}

static ph_status new_programs(struct world *w, const struct world_config *config,
                              const struct ph_tempo *tempo)
{
    const struct nrt_program_config programs = {
        .symbols = w->context.symbols,
        .commands = w->context.commands,
        .snapshot = w->context.snapshot,
        .seq = w->context.seq,
        .bank = w->context.bank,
        .rate_hz = config->engine.rate_hz,
        .target = nrt_target_of(&w->context.engine),
        .first_bus = config->engine.n_audio_buses,
        .n_buses = WORLD_PROGRAM_BUSES,
        .n_outputs = config->engine.n_outputs,
        .has_stems = config->has_stems,
        .tempo = *tempo,
        .offline = config->offline,
        .play_at_once = config->play_at_once && !config->offline,
        .idle = idle,
        .flush_buffers = world_flush_buffers,
        .context = w,
    };
    return nrt_programs_new(&programs, &w->context.programs);
}

/**
 * Its audio buses lie behind those of programs. Its control buses are the first: TidalCycles before
 * 1.9 sets bus n of the server for its n-th, whatever the handshake told it.
 */
static ph_status new_dirt(struct world *w, const struct world_config *config)
{
    const uint32_t n_control = config->engine.n_control_buses;
    const uint32_t n_mapped = n_control < DIRT_CONTROL_BUSES ? n_control : DIRT_CONTROL_BUSES;
    const struct dirt_config dirt = {
        .target = nrt_target_of(&w->context.engine),
        .n_orbits = config->n_orbits > 0 ? config->n_orbits : WORLD_ORBITS,
        .has_ports_each = config->n_orbits > 0,
        .first_bus = config->engine.n_audio_buses + WORLD_PROGRAM_BUSES,
        .port_bus = nrt_programs_port_bus(w->context.programs),
        .n_ports = config->engine.n_outputs,
        .first_control_bus = 0,
        .n_control_buses = n_mapped,
        .server_port = config->port,
    };
    return dirt_new(&dirt, &w->context, &w->context.dirt);
}

ph_status world_new(const struct world_config *config, struct world **out, char *error)
{
    struct world *const w = calloc(1, sizeof *w);
    if (!w)
        return PH_NO_MEMORY;
    pthread_mutex_init(&w->loaded_mutex, NULL);
    w->offline = config->offline;
    w->lookahead_frames =
        (uint32_t)((uint64_t)config->engine.rate_hz * lookahead_ms(config) / 1000);
    w->context.engine = config->engine;
    w->context.n_user_audio_buses = w->context.engine.n_audio_buses;
    w->context.engine.n_audio_buses += WORLD_PROGRAM_BUSES + DIRT_BUSES;
    w->context.engine.n_client_buffers = config->engine.n_buffers;
    w->context.engine.n_buffers += WORLD_BANK_BUFFERS;
    w->context.engine.n_sched_max = n_sched_max(config);
    w->context.n_user_buffers = config->engine.n_buffers;
    w->context.max_logins = config->max_logins;
    w->context.unit_memory.n_bytes_max = config->unit_kib << 10;
    w->context.file_root = config->file_root;
    w->context.tap_prefix = config->tap_prefix;
    const struct ph_tempo tempo = { .base_cycle = config->first_cycle, .cps = config->engine.cps,
                                    .rate_hz = config->engine.rate_hz };

    const char *what = "engine";
    ph_status status = rt_world_new(&w->context.engine, &w->rt);
    if (status == PH_OK) {
        w->context.commands = rt_world_commands(w->rt);
        w->context.reports = rt_world_reports(w->rt);
        w->context.snapshot = rt_world_snapshot(w->rt);
        w->context.fft = rt_world_fft(w->rt);
        nrt_scsynth_begin(&w->context);
        what = "symbols";
        status = nrt_symbols_new(&w->context.symbols);
    }
    if (status == PH_OK)
        status = nrt_defs_new(&w->context.defs);
    if (status == PH_OK) {
        what = "buffers";
        status = load_buffers_new(config->engine.n_buffers, config->engine.rate_hz,
                                  NRT_CLIENT_BUFFERS_BYTES_MAX, rt_world_streams(w->rt),
                                  rt_world_disk_ends(w->rt), &w->context.buffers);
    }
    if (status == PH_OK && !config->offline)
        status = load_buffers_start(w->context.buffers);
    if (status == PH_OK)
        status = load_queue_new(!config->offline, &w->context.queue);
    if (status == PH_OK) {
        what = "sample banks";
        status = new_bank(w, config);
    }
    if (status == PH_OK) {
        what = "sequencer";
        status = new_seq(w, config, &tempo);
    }
    if (status == PH_OK) {
        what = "output stage";
        status = new_programs(w, config, &tempo);
    }
    if (status == PH_OK) {
        what = "orbits";
        status = new_dirt(w, config);
    }
    if (status != PH_OK) {
        snprintf(error, 256, "%s: %s", what, ph_status_text(status));
        world_free(w);
        return status;
    }
    *out = w;
    return PH_OK;
}

void world_free(struct world *w)
{
    if (!w)
        return;
    seq_free(w->context.seq); /* its thread first: it looks into everything below */
    nrt_programs_detach(w->context.programs);
    load_queue_free(w->context.queue, nrt_job_give); /* what it works on is freed below */
    w->context.queue = NULL;
    nrt_jobs_finish(&w->context);
    load_buffers_stop(w->context.buffers);
    if (w->rt) {
        nrt_reclaim(&w->context);
        rt_world_drain(w->rt, nrt_reclaim_report, &w->context);
        rt_world_free(w->rt);
    }
    dirt_free(w->context.dirt);
    nrt_programs_free(w->context.programs);
    nrt_inbox_finish(&w->context.inbox);
    load_bank_free(w->context.bank);
    load_buffers_free(w->context.buffers);
    nrt_defs_free(w->context.defs);
    nrt_symbols_free(w->context.symbols);
    for (uint32_t i = 0; i < w->n_loaded; i++) {
        load_buffer_finish(w->loaded[i].buffer);
        free(w->loaded[i].buffer);
    }
    pthread_mutex_destroy(&w->loaded_mutex);
    free(w);
}

void world_prepare_block(struct world *w)
{
    seq_run_until(w->context.seq, rt_world_frame(w->rt) + w->lookahead_frames);
    world_flush_buffers(w);
}

void world_finish_block(struct world *w)
{
    nrt_reclaim(&w->context);
    if (w->offline)
        load_buffers_serve(w->context.buffers);
}

void world_render_block(struct world *w, float *const *out)
{
    world_prepare_block(w);
    rt_block_run(w->rt, NULL, out, 0);
    world_finish_block(w);
}

bool world_stem(struct world *w, uint32_t index, const char **name, const float **left,
                const float **right)
{
    uint32_t bus, n_channels;
    if (!nrt_program_stem(w->context.programs, index, name, &bus, &n_channels))
        return false;
    *left = rt_world_bus(w->rt, bus);
    *right = n_channels > 1 ? rt_world_bus(w->rt, bus + 1) : NULL;
    return true;
}
