/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/world.c - the world's memory: allocated before the driver starts, freed after it     */
/* stops.                                                                                         */
/* room: command thread; the one file here that allocates.                                        */
#include "server/rt/world.h"

#include <stdlib.h>
#include <string.h>

#include "server/dsp/disk.h"
#include "server/dsp/fft.h"
#include "server/link/job.h"
#include "server/rt/report.h"
#include "server/rt/tree.h"

/* One DiskOut asks once a block: some seconds of several, should the disk stand still. */
enum { N_STREAM_MESSAGES = 8192 };

void rt_config_defaults(struct rt_config *config)
{
    *config = (struct rt_config){
        .rate_hz = 48000,
        .block_frames = DSP_BLOCK_FRAMES,
        .n_inputs = 2,
        .n_outputs = 2,
        .n_audio_buses = 1024,
        .n_control_buses = 16384,
        .n_buffers = 1024,
        .n_client_buffers = 1024,
        .n_nodes_max = 1024,
        .n_voices_max = 512,
        .n_audio_wires_max = 512, /* a SynthDef of SuperDirt needs more than 64 */
        .n_command_messages = 8192,
        .n_report_messages = 8192,
        .n_sched_max = 16384,
        .n_threads = 1,
        .cps = { 1, 2 },
    };
}

/** Zeroed and touched, so that the audio thread meets no page fault; failures are counted. */
static void *allocate(size_t n, size_t bytes, bool *failed)
{
    void *memory = NULL;
    const size_t size = n > 0 ? n * bytes : bytes;
    if (posix_memalign(&memory, 128, size) != 0) {
        *failed = true;
        return NULL;
    }
    memset(memory, 0, size);
    return memory;
}

static void **allocate_rows(uint32_t n, bool *failed)
{
    void **const rows = allocate(n, sizeof *rows, failed);
    for (uint32_t i = 0; rows && i < n; i++)
        rows[i] = allocate(DSP_BLOCK_FRAMES, sizeof(float), failed);
    return rows;
}

static void free_rows(void *rows, uint32_t n)
{
    void **const row = rows;
    for (uint32_t i = 0; row && i < n; i++)
        free(row[i]);
    free(rows);
}

/** Ids of clients fill at most half of the table; the rest is for hidden nodes. */
static uint32_t table_places(const struct rt_config *c)
{
    uint32_t places = 1024;
    while (places < 2 * (uint64_t)c->n_nodes_max + 1024 && places < UINT32_C(1) << 30)
        places *= 2;
    return places;
}

/** Floats of a thread's wires; behind them lies what transforms need (dsp_env.scratch). */
static size_t wire_floats(const struct rt_config *c)
{
    return (size_t)c->n_audio_wires_max * DSP_BLOCK_FRAMES * c->set->width;
}

static float *allocate_wires(const struct rt_config *c, bool *failed)
{
    return allocate(wire_floats(c) + DSP_SCRATCH_FLOATS, sizeof(float), failed);
}

/**
 * Synths that may be in the tree at once: clients', voices and those they replace, program nodes.
 */
static uint32_t tasks_max(const struct rt_config *c)
{
    return c->n_nodes_max + 2 * c->n_voices_max + 2 * RT_SLOTS_MAX;
}

static void allocate_plan(struct rt_plan *plan, const struct rt_config *c, bool *failed)
{
    plan->n_max = tasks_max(c);
    plan->tasks = allocate(plan->n_max, sizeof *plan->tasks, failed);
    plan->sorted = allocate(plan->n_max, sizeof(struct rt_task *), failed);
    plan->level_first = allocate(plan->n_max + 2, sizeof *plan->level_first, failed);
    plan->members = allocate(plan->n_max, sizeof(struct rt_synth *), failed);
    plan->buses = allocate(c->n_audio_buses + 1, sizeof *plan->buses, failed);
    plan->is_stale = true;
}

/** The audio thread's scratch wires are the same in a round and out of it. */
static void allocate_crew(struct rt_crew *crew, const struct rt_config *c, float *wires, bool *failed)
{
    crew->n_threads = c->n_threads;
    crew->writes = allocate(RT_WRITES_MAX, sizeof *crew->writes, failed);
    crew->chunks = allocate(RT_CHUNKS_MAX, sizeof *crew->chunks, failed);
    crew->shares = allocate(crew->n_threads, sizeof *crew->shares, failed);
    if (crew->n_threads == 1)
        return;
    crew->workers = allocate(crew->n_threads, sizeof *crew->workers, failed);
    for (uint32_t i = 0; crew->workers && i < crew->n_threads; i++)
        crew->workers[i].runner =
            (struct rt_runner){ &crew->workers[i].env, i == 0 ? wires : allocate_wires(c, failed) };
    for (uint32_t i = 0; crew->workers && i < crew->n_threads; i++)
        crew->workers[i].scratch = crew->workers[i].runner.wires + wire_floats(c);
}

static void free_crew(struct rt_crew *crew)
{
    for (uint32_t i = 1; crew->workers && i < crew->n_threads; i++)
        free(crew->workers[i].runner.wires);
    free(crew->workers);
    free(crew->shares);
    free(crew->chunks);
    free(crew->writes);
}

static ph_status allocate_all(struct rt_world *w)
{
    const struct rt_config *const c = &w->config;
    bool failed = false;
    const uint32_t places = table_places(c);
    w->env.audio = allocate(c->n_audio_buses, sizeof *w->env.audio, &failed);
    w->env.control = allocate(c->n_control_buses, sizeof *w->env.control, &failed);
    w->env.control_touched = allocate(c->n_control_buses, sizeof *w->env.control_touched, &failed);
    w->buffers = allocate(c->n_buffers, sizeof *w->buffers, &failed);
    w->disk = allocate(1, sizeof *w->disk, &failed);
    w->disk_ends = allocate(c->n_client_buffers, sizeof *w->disk_ends, &failed);
    for (uint32_t i = 0; w->disk_ends && i < c->n_client_buffers; i++)
        atomic_init(&w->disk_ends[i], -1);
    w->wires = allocate_wires(c, &failed);
    allocate_plan(&w->plan, c, &failed);
    allocate_crew(&w->crew, c, w->wires, &failed);
    w->sched.entries = allocate(c->n_sched_max, sizeof *w->sched.entries, &failed);
    w->table.places = allocate(places, sizeof *w->table.places, &failed);
    w->keep_out = (float **)allocate_rows(c->n_outputs, &failed);
    w->keep_in = (float **)allocate_rows(c->n_inputs, &failed);
    w->block_in = allocate(c->n_inputs, sizeof *w->block_in, &failed);
    w->block_out = allocate(c->n_outputs, sizeof *w->block_out, &failed);
    w->table.mask = places - 1;
    w->sched.max = c->n_sched_max > 0 ? c->n_sched_max : 1;
    w->fft = dsp_fft_new();
    if (failed || !w->fft)
        return PH_NO_MEMORY;
    ph_status status =
        link_ring_init(&w->commands, sizeof(struct link_command), c->n_command_messages);
    if (status == PH_OK)
        status =
            link_ring_init(&w->seq_commands, sizeof(struct link_command), c->n_command_messages);
    if (status == PH_OK)
        status = link_ring_init(&w->reports, sizeof(struct link_report), c->n_report_messages);
    if (status == PH_OK)
        status = link_ring_init(&w->streams, sizeof(struct dsp_disk_ask), N_STREAM_MESSAGES);
    return status;
}

static bool config_is_sound(const struct rt_config *c)
{
    return c->rate_hz > 0 && c->block_frames > 0 && c->block_frames <= DSP_BLOCK_FRAMES &&
           c->n_audio_buses >= (uint64_t)c->n_outputs + c->n_inputs &&
           c->n_voices_max > 0 && c->n_threads > 0 && c->n_threads <= RT_THREADS_MAX &&
           ph_ratio_cmp(c->cps, PH_RATIO(0, 1)) > 0;
}

ph_status rt_world_new(const struct rt_config *config, struct rt_world **out)
{
    bool failed = false;
    if (!config_is_sound(config))
        return PH_OUT_OF_RANGE;
    struct rt_world *const w = allocate(1, sizeof *w, &failed);
    if (!w)
        return PH_NO_MEMORY;
    w->config = *config;
    if (!w->config.set)
        w->config.set = dsp_set_best();
    const ph_status status = allocate_all(w);
    if (status != PH_OK) {
        rt_world_free(w);
        return status;
    }
    link_snapshot_init(&w->snapshot);
    w->env.buffers = w->buffers;
    w->env.fft = w->fft;
    w->env.disk = w->disk;
    w->disk->ends = w->disk_ends;
    w->env.scratch = w->wires + wire_floats(&w->config);
    w->env.n_audio = config->n_audio_buses;
    w->env.n_control = config->n_control_buses;
    w->env.n_buffers = config->n_buffers;
    w->env.n_writable = config->n_client_buffers;
    w->env.n_inputs = config->n_inputs;
    w->env.block_frames = config->block_frames;
    w->env.n_outputs = config->n_outputs;
    w->env.audio_rate_hz = (float)config->rate_hz;
    w->tempo = (struct ph_tempo){ .base_cycle = { 0, 1 },
                                  .cps = config->cps,
                                  .rate_hz = config->rate_hz };
    w->port_gain = 1;
    rt_clock_init(&w->clock, config->rate_hz);
    rt_meter_init(&w->meter, config->rate_hz, config->block_frames);
    rt_tree_init(w);
    rt_meter_publish(w);
    *out = w;
    return PH_OK;
}

/* ---- giving everything back ------------------------------------------------------------------ */

struct reclaimer {
    void (*reclaim)(void *context, const struct link_report *report);
    void *context;
};

static void give(const struct reclaimer *r, const struct link_report *report)
{
    r->reclaim(r->context, report);
}

static void give_program(const struct reclaimer *r, struct rt_program *program, uint32_t request_id)
{
    /* nothing of it was applied: its new nodes are still inside, and come first */
    for (uint32_t i = 0; i < program->n_entries; i++) {
        struct rt_node *const node = program->entries[i].node;
        if (node) {
            const struct link_report report = rt_report_of_node(node);
            program->entries[i].node = NULL;
            give(r, &report);
        }
    }
    const struct link_report report = { .kind = LINK_REPORT_PROGRAM,
                                        .request_id = request_id,
                                        .u.program = program };
    give(r, &report);
}

static void give_command(const struct reclaimer *r, const struct link_command *c)
{
    struct link_report report = { .request_id = c->request_id };
    switch (c->kind) {
    case LINK_SYNTH_ADD:
        report = rt_report_of_node(&c->u.add.synth->node);
        break;
    case LINK_GROUP_ADD:
        report = rt_report_of_node(&c->u.add.group->node);
        break;
    case LINK_VOICE:
        report = rt_report_of_node(&c->u.voice.synth->node);
        break;
    case LINK_BUFFER_SWAP:
        report.kind = LINK_REPORT_BUFFER;
        report.u.buffer = c->u.buffer.buffer;
        report.u.buffer_index = c->u.buffer.index;
        break;
    case LINK_QUERY:
        report.kind = LINK_REPORT_QUERY;
        report.status = PH_STALE;
        report.u.query = c->u.query;
        break;
    case LINK_JOB:
    case LINK_BUFFER_WRITE:
        report.kind = LINK_REPORT_JOB;
        report.u.job = c->u.job;
        c->u.job->status = PH_FULL;
        break;
    case LINK_PROGRAM_SWAP:
        give_program(r, c->u.program, c->request_id);
        return;
    default:
        return;
    }
    give(r, &report);
}

/** Those whose turn had come: there is no thread left to carry them on. */
static void give_jobs(struct rt_world *w, const struct reclaimer *r)
{
    for (struct link_job *job = w->job_head, *next; job; job = next) {
        next = job->next;
        job->status = PH_FULL;
        const struct link_report report = { .kind = LINK_REPORT_JOB, .u.job = job };
        give(r, &report);
    }
    w->job_head = w->job_tail = NULL;
}

static void give_buffers(struct rt_world *w, const struct reclaimer *r)
{
    for (uint32_t i = 0; i < w->config.n_buffers; i++) {
        if (!w->buffers[i].data)
            continue;
        struct dsp_buffer *const copy = malloc(sizeof *copy);
        if (!copy)
            continue; /* the process is about to end: the data goes with it */
        *copy = w->buffers[i];
        w->buffers[i] = (struct dsp_buffer){ 0 };
        const struct link_report report = { .kind = LINK_REPORT_BUFFER, .u.buffer = copy,
                                            .u.buffer_index = i };
        give(r, &report);
    }
}

void rt_world_drain(struct rt_world *w,
                    void (*reclaim)(void *context, const struct link_report *report), void *context)
{
    const struct reclaimer r = { reclaim, context };
    struct link_command command;
    struct link_report report;
    while (link_ring_pop(&w->reports, &report))
        give(&r, &report);
    for (; w->n_backlog > 0; w->n_backlog--) {
        give(&r, &w->backlog[w->backlog_first]);
        w->backlog_first = (w->backlog_first + 1) % RT_BACKLOG_MAX;
    }
    while (link_ring_pop(&w->commands, &command))
        give_command(&r, &command);
    while (link_ring_pop(&w->seq_commands, &command))
        give_command(&r, &command);
    while (w->sched.n > 0)
        give_command(&r, rt_sched_command(&w->sched, --w->sched.n));
    if (w->waiting)
        give_program(&r, w->waiting, w->waiting_request);
    w->waiting = NULL;
    rt_tree_free_all(w, &w->root);
    rt_tree_free_all(w, &w->program);
    rt_tree_free_all(w, &w->events);
    rt_tree_free_all(w, &w->output);
    while (link_ring_pop(&w->reports, &report))
        ; /* notifications nobody waits for */
    for (struct rt_node *node = w->gone_head, *next; node; node = next) {
        next = node->gone_next;
        const struct link_report gone = rt_report_of_node(node);
        give(&r, &gone);
    }
    w->gone_head = w->gone_tail = NULL;
    give_jobs(w, &r);
    give_buffers(w, &r);
}

void rt_world_free(struct rt_world *w)
{
    if (!w)
        return;
    link_ring_finish(&w->commands);
    link_ring_finish(&w->seq_commands);
    link_ring_finish(&w->reports);
    link_ring_finish(&w->streams);
    free_rows(w->keep_out, w->config.n_outputs);
    free_rows(w->keep_in, w->config.n_inputs);
    free(w->block_in);
    free(w->block_out);
    dsp_fft_free(w->fft);
    free(w->table.places);
    free(w->sched.entries);
    free_crew(&w->crew);
    free(w->plan.tasks);
    free(w->plan.sorted);
    free(w->plan.level_first);
    free(w->plan.members);
    free(w->plan.buses);
    free(w->wires);
    free(w->disk_ends);
    free(w->disk);
    free(w->buffers);
    free(w->env.control_touched);
    free(w->env.control);
    free(w->env.audio);
    free(w);
}

/* ---- looking in ------------------------------------------------------------------------------ */

struct link_ring *rt_world_commands(struct rt_world *w)
{
    return &w->commands;
}

struct link_ring *rt_world_seq_commands(struct rt_world *w)
{
    return &w->seq_commands;
}

struct link_ring *rt_world_reports(struct rt_world *w)
{
    return &w->reports;
}

struct link_ring *rt_world_streams(struct rt_world *w)
{
    return &w->streams;
}

_Atomic int32_t *rt_world_disk_ends(struct rt_world *w)
{
    return w->disk_ends;
}

struct link_snapshot *rt_world_snapshot(struct rt_world *w)
{
    return &w->snapshot;
}

struct dsp_fft *rt_world_fft(struct rt_world *w)
{
    return w->fft;
}

const struct rt_config *rt_world_config(const struct rt_world *w)
{
    return &w->config;
}
