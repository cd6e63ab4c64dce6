/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_buffers.c - scsynth's door: sample buffers.                                 */
/* room: command thread; work() alone runs on the queue's thread.                                 */
#include "server/nrt/scsynth_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/load/generate.h"
#include "server/load/request.h"
#include "server/load/sound.h"
#include "server/nrt/jobs.h"
#include "server/nrt/query.h"

/* ---- arguments ------------------------------------------------------------------------------- */

static ph_status read_buffer_number(struct call *call, uint32_t *out)
{
    int32_t number = 0;

    if (*call->args.tags && !ph_osc_next_int(&call->args, &number))
        return PH_WRONG_TYPE;
    if (number < 0 || (uint32_t)number >= call->c->n_user_buffers)
        return PH_OUT_OF_RANGE;
    *out = (uint32_t)number;
    return PH_OK;
}

/** A number that may be missing; a completion message in its place is left where it is. */
static int32_t optional_int(struct call *call, int32_t otherwise)
{
    int32_t value = otherwise;

    if (*call->args.tags && *call->args.tags != 'b' && !ph_osc_next_int(&call->args, &value))
        ph_osc_next(&call->args);
    return value;
}

/** A number that may be missing or something else, which is passed. */
static int32_t any_int(struct call *call)
{
    int32_t value = 0;

    if (!ph_osc_next_int(&call->args, &value))
        ph_osc_next(&call->args);
    return value;
}

static const char *optional_text(struct call *call, const char *otherwise)
{
    const char *text = otherwise;

    ph_osc_next_text(&call->args, &text);
    return text;
}

/* ---- asynchronous commands ------------------------------------------------------------------- */

struct buffer_job {
    struct nrt_job job;
    struct load_request request;
};

static struct buffer_job *buffer_job_of(struct nrt_job *job)
{
    return (struct buffer_job *)job;
}

static void work(struct nrt_job *job)
{
    struct load_request *const request = &buffer_job_of(job)->request;

    job->status = load_request_run(job->context->buffers, request);
    if (request->text[0])
        job->text = request->text;
}

/** Gives new contents to the audio thread, which hands back what was in the slot before. */
static ph_status land(struct nrt_job *job, struct call *call)
{
    struct load_request *const request = &buffer_job_of(job)->request;
    struct dsp_buffer *gives;

    if (!request->swaps)
        return PH_OK;
    gives = malloc(sizeof *gives);
    if (!gives)
        return PH_NO_MEMORY;
    *gives = request->contents;
    const ph_status status = nrt_call_stage(
        call, (struct link_command){.kind = LINK_BUFFER_SWAP, .u.buffer = {gives, request->number}});
    if (status == PH_OK)
        request->swaps = false;
    else
        free(gives);
    return status;
}

static void finish(struct nrt_job *job)
{
    struct load_request *const request = &buffer_job_of(job)->request;

    if (request->swaps) /* never got to the audio thread */
        load_buffers_release(job->context->buffers, &request->contents);
}

static const struct nrt_job_kind buffer_kind = {.work = work, .land = land, .finish = finish};

/** Reads what is special to a command, up to its completion message. */
typedef ph_status read_request(struct call *call, struct load_request *request);

static ph_status begin(struct call *call, enum load_what what, read_request *read)
{
    struct buffer_job *const job = nrt_job_new(call, &buffer_kind, sizeof *job);

    if (!job)
        return PH_FULL;
    job->request.what = what;
    ph_status status = read_buffer_number(call, &job->request.number);
    if (status == PH_OK && read)
        status = read(call, &job->request);
    if (status != PH_OK) {
        nrt_job_free(&job->job);
        return status;
    }
    job->job.has_argument = true;
    job->job.argument = (int32_t)job->request.number;
    job->job.completion = call->args;
    return nrt_job_begin(call, &job->job);
}

static ph_status read_path(struct call *call, struct load_request *request)
{
    if (!ph_osc_next_text(&call->args, &request->path))
        return PH_WRONG_TYPE;
    request->root = call->c->file_root;
    return request->root || nrt_call_is_local(call) ? PH_OK : PH_ACCESS;
}

/** Channels of a file, as many as there are numbers. */
static void read_picks(struct call *call, struct load_request *request)
{
    int32_t channel;

    while ((*call->args.tags == 'i' || *call->args.tags == 'f') &&
           ph_osc_next_int(&call->args, &channel))
        if (request->n_picks < LOAD_PICKS_MAX)
            request->picked[request->n_picks++] = channel;
    request->picks = request->n_picks > 0;
}

static ph_status read_alloc(struct call *call, struct load_request *request)
{
    request->n_frames = optional_int(call, 0);
    request->rate_hz = (float)call->c->engine.rate_hz;
    const int32_t n_channels = optional_int(call, 1);
    if (request->n_frames <= 0 || n_channels <= 0 || n_channels > LOAD_BUFFER_CHANNELS_MAX)
        return PH_OUT_OF_RANGE;
    if (request->n_frames * n_channels > LOAD_SAMPLES_MAX)
        return PH_TOO_LARGE;
    request->n_channels = (uint32_t)n_channels;
    return PH_OK;
}

/* rates stay the file's own, as in scsynth; BufRateScale makes up for the difference */
static ph_status read_alloc_read(struct call *call, struct load_request *request)
{
    const ph_status status = read_path(call, request);

    request->file_frame = optional_int(call, 0);
    request->n_frames = optional_int(call, 0);
    return status;
}

static ph_status read_alloc_read_channel(struct call *call, struct load_request *request)
{
    const ph_status status = read_alloc_read(call, request);

    read_picks(call, request);
    return status;
}

static ph_status read_read(struct call *call, struct load_request *request)
{
    const ph_status status = read_path(call, request);

    request->file_frame = optional_int(call, 0);
    request->n_frames = optional_int(call, -1);
    request->buffer_frame = optional_int(call, 0);
    request->leave_open = optional_int(call, 0) != 0;
    return status;
}

static ph_status read_read_channel(struct call *call, struct load_request *request)
{
    const ph_status status = read_read(call, request);

    read_picks(call, request);
    return status;
}

static ph_status read_write(struct call *call, struct load_request *request)
{
    const ph_status status = read_path(call, request);
    const char *const header = optional_text(call, "aiff"), *const sample = optional_text(call, "int16");

    request->format = load_sound_format(header, sample);
    request->n_frames = optional_int(call, -1);
    request->buffer_frame = optional_int(call, 0);
    request->leave_open = optional_int(call, 0) != 0;
    if (status == PH_OK && request->format == 0) {
        snprintf(call->text, sizeof call->text, "failed"); /* scsynth says no more than that */
        return PH_UNSUPPORTED;
    }
    return status;
}

/** What stands behind the name is the generator's: there is no completion message. */
static ph_status read_generate(struct call *call, struct load_request *request)
{
    const char *name;

    if (!ph_osc_next_text(&call->args, &name))
        return PH_WRONG_TYPE;
    request->generator = load_generator_find(name);
    request->args = call->args;
    call->args = (struct ph_osc_args){.tags = ""};
    if (request->generator)
        return PH_OK;
    snprintf(call->text, sizeof call->text, "buf gen routine not found");
    return PH_NOT_FOUND;
}

ph_status nrt_do_b_alloc(struct call *call)
{
    return begin(call, LOAD_ALLOC, read_alloc);
}

ph_status nrt_do_b_alloc_read(struct call *call)
{
    return begin(call, LOAD_ALLOC_READ, read_alloc_read);
}

ph_status nrt_do_b_alloc_read_channel(struct call *call)
{
    return begin(call, LOAD_ALLOC_READ, read_alloc_read_channel);
}

ph_status nrt_do_b_read(struct call *call)
{
    return begin(call, LOAD_READ, read_read);
}

ph_status nrt_do_b_read_channel(struct call *call)
{
    return begin(call, LOAD_READ, read_read_channel);
}

ph_status nrt_do_b_write(struct call *call)
{
    return begin(call, LOAD_WRITE, read_write);
}

ph_status nrt_do_b_free(struct call *call)
{
    return begin(call, LOAD_FREE, NULL);
}

ph_status nrt_do_b_close(struct call *call)
{
    return begin(call, LOAD_CLOSE, NULL);
}

ph_status nrt_do_b_zero(struct call *call)
{
    return begin(call, LOAD_ZERO, NULL);
}

ph_status nrt_do_b_gen(struct call *call)
{
    return begin(call, LOAD_GENERATE, read_generate);
}

/* ---- values ---------------------------------------------------------------------------------- */

/** A job whose patches point to values of its own. */
struct patch_job {
    struct nrt_job job;
    uint32_t n_values;
    struct link_patch *patches;
    float *values;
};

/** Room for as many patches and values as there are arguments. */
static struct patch_job *patch_job_new(struct call *call)
{
    const size_t n = strlen(call->args.tags) + 1;
    const size_t bytes = sizeof(struct patch_job) + n * (sizeof(struct link_patch) + sizeof(float));
    struct patch_job *const job = nrt_job_new(call, &nrt_job_patch, bytes);

    if (!job)
        return NULL;
    job->patches = (struct link_patch *)(job + 1);
    job->values = (float *)(job->patches + n);
    job->job.link.patches = job->patches;
    return job;
}

/** The next patch, of up to `n` values that follow. */
static ph_status add_patch(struct call *call, struct patch_job *job, int32_t first, int32_t n)
{
    struct link_patch *const patch = &job->patches[job->job.link.n_patches++];

    *patch = (struct link_patch){.first = first, .values = job->values + job->n_values};
    for (int32_t i = 0; i < n && *call->args.tags; i++) {
        if (!ph_osc_next_float(&call->args, &job->values[job->n_values]))
            return PH_WRONG_TYPE;
        job->n_values++;
        patch->n++;
    }
    return PH_OK;
}

/** A score has no thread between: what follows in it finds the values in place. */
static ph_status write_patches(struct call *call, struct patch_job *job)
{
    if (call->c->osc)
        return nrt_job_write(call, &job->job);
    const struct dsp_buffer now = load_buffers_get(call->c->buffers, job->job.link.buffer);
    const int64_t size = (int64_t)now.n_frames * now.n_channels;
    ph_status status = PH_OK;
    for (uint32_t i = 0; i < job->job.link.n_patches && status == PH_OK; i++) {
        const struct link_patch *const p = &job->patches[i];
        const int64_t begin = p->first > 0 ? p->first : 0;
        const int64_t end = (int64_t)p->first + p->n < size ? (int64_t)p->first + p->n : size;
        if (job->job.link.is_strict && (p->first < 0 || p->first >= size))
            status = PH_OUT_OF_RANGE;
        for (int64_t k = begin; k < end; k++)
            now.data[k] = p->values[k - begin];
    }
    nrt_job_free(&job->job);
    return status;
}

static ph_status set_values(struct call *call, bool is_strict)
{
    struct patch_job *const job = patch_job_new(call);

    if (!job)
        return PH_FULL;
    ph_status status = read_buffer_number(call, &job->job.link.buffer);
    job->job.link.is_strict = is_strict;
    while (status == PH_OK && *call->args.tags) {
        int32_t first, n = 1;
        if (!ph_osc_next_int(&call->args, &first) ||
            (!is_strict && !ph_osc_next_int(&call->args, &n)))
            status = PH_WRONG_TYPE;
        else if (*call->args.tags)
            status = add_patch(call, job, first, n);
    }
    if (status == PH_OK)
        return write_patches(call, job);
    nrt_job_free(&job->job);
    return status;
}

ph_status nrt_do_b_set(struct call *call)
{
    return set_values(call, true);
}

ph_status nrt_do_b_setn(struct call *call)
{
    return set_values(call, false);
}

static void fill_now(struct call *call, uint32_t number, int64_t first, int64_t n, float value)
{
    const struct dsp_buffer now = load_buffers_get(call->c->buffers, number);
    const int64_t size = (int64_t)now.n_frames * now.n_channels;

    for (int64_t k = first > 0 ? first : 0; k < size && k < first + n; k++)
        now.data[k] = value;
}

ph_status nrt_do_b_fill(struct call *call)
{
    uint32_t number;
    ph_status status = read_buffer_number(call, &number);

    while (status == PH_OK && *call->args.tags) {
        int32_t first, n;
        float value;
        if (!ph_osc_next_int(&call->args, &first) || !ph_osc_next_int(&call->args, &n) ||
            !ph_osc_next_float(&call->args, &value))
            return PH_WRONG_TYPE;
        if (!call->c->osc)
            fill_now(call, number, first, n, value);
        else
            status = nrt_call_stage(call, (struct link_command){.kind = LINK_BUFFER_FILL,
                                                                .u.fill = {number, first, n, value}});
    }
    return status;
}

/* ---- questions ------------------------------------------------------------------------------- */

static ph_status ask_values(struct call *call, enum nrt_query_form form)
{
    uint32_t number;
    const ph_status status = read_buffer_number(call, &number);

    if (status != PH_OK)
        return status;
    struct link_query *const q = nrt_query_new(call, LINK_QUERY_BUFFER_VALUES, form, (int32_t)number);
    while (q && *call->args.tags) {
        const int32_t first = any_int(call);
        const int32_t n = form == NRT_QUERY_SINGLE ? 1 : any_int(call);
        nrt_query_add(call, q, NULL, first, n);
    }
    return nrt_query_ask(call, q);
}

ph_status nrt_do_b_get(struct call *call)
{
    return ask_values(call, NRT_QUERY_SINGLE);
}

ph_status nrt_do_b_getn(struct call *call)
{
    return ask_values(call, NRT_QUERY_SPANS);
}

ph_status nrt_do_b_query(struct call *call)
{
    struct link_query *const q = nrt_query_new(call, LINK_QUERY_BUFFER_INFO, NRT_QUERY_SINGLE, 0);

    while (q && *call->args.tags)
        nrt_query_add(call, q, NULL, any_int(call), 1);
    return nrt_query_ask(call, q);
}
