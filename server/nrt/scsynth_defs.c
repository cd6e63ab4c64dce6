/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_defs.c - scsynth's door: SynthDefs.                                         */
/* room: command thread; what loads files runs on the queue's thread.                             */
#include "server/nrt/scsynth_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/synthdef.h"
#include "server/dsp/fft.h"
#include "server/load/files.h"
#include "server/nrt/defs.h"
#include "server/nrt/jobs.h"
#include "server/nrt/log.h"
#include "server/nrt/reply.h"
#include "server/nrt/scsynth.h"

/* ---- compiling: on any thread ---------------------------------------------------------------- */

struct made {
    struct rt_def *def;
    bool is_variant;
};

/** Refusals that a sender hears of; the log has all. */
enum { REFUSALS_MAX = 16 };

/** Compiled definitions on their way to the table; each variant behind its definition. */
struct made_list {
    struct nrt_symbols *symbols;
    struct nrt_target target;
    struct made *items;
    uint32_t n, space;
    char refusals[REFUSALS_MAX][192];
    uint32_t n_refusals;
};

static struct made_list list_of(const struct nrt_context *c)
{
    struct made_list list = {.symbols = c->symbols, .target = nrt_target_of(&c->engine)};
    list.target.is_clients = true;
    return list;
}

static void list_finish(struct made_list *list)
{
    for (uint32_t i = 0; i < list->n; i++)
        nrt_def_release(list->items[i].def);
    free(list->items);
    *list = (struct made_list){0};
}

static ph_status append(struct made_list *list, struct rt_def *def, bool is_variant)
{
    if (list->n == list->space) {
        const uint32_t space = list->space ? 2 * list->space : 8;
        struct made *const items = realloc(list->items, space * sizeof *items);
        if (!items)
            return PH_NO_MEMORY;
        list->items = items;
        list->space = space;
    }
    list->items[list->n++] = (struct made){def, is_variant};
    return PH_OK;
}

/** A definition or file that can't be used is printed, told and passed over. */
static void refuse(struct made_list *list, const char *name, const char *why)
{
    nrt_log(NRT_LOG_WARNING, "SynthDef %.100s: %s", name, why);
    if (list->n_refusals < REFUSALS_MAX)
        snprintf(list->refusals[list->n_refusals++], sizeof *list->refusals, "%.100s: %s", name, why);
}

static bool compile(struct made_list *list, const struct ph_synthdef *def, bool is_variant)
{
    char error[128] = "";
    struct rt_def *compiled = NULL;
    ph_status status = nrt_def_compile(def, list->symbols, &list->target, &compiled, error);

    if (status == PH_OK) {
        status = append(list, compiled, is_variant);
        if (status != PH_OK)
            nrt_def_release(compiled);
    }
    if (status != PH_OK)
        refuse(list, def->name, error[0] ? error : ph_status_text(status));
    return status == PH_OK;
}

/** A definition and its variants: the same with other values. */
static void compile_all(struct made_list *list, const struct ph_synthdef *def)
{
    if (!compile(list, def, false))
        return;
    for (uint32_t i = 0; i < def->n_variants; i++) {
        struct ph_synthdef variant = *def; /* borrows all of it */
        variant.name = def->variants[i].name;
        variant.controls = def->variants[i].values;
        variant.variants = NULL;
        variant.n_variants = 0;
        compile(list, &variant, true);
    }
}

static void compile_file(void *context, const char *name, const uint8_t *data, size_t size)
{
    struct ph_synthdef *defs;
    uint32_t n_defs;
    const ph_status status = ph_synthdefs_read(data, size, &defs, &n_defs);

    if (status != PH_OK)
        refuse(context, name, ph_status_text(status));
    for (uint32_t i = 0; i < n_defs; i++) {
        ph_synthdef_drop_surplus(&defs[i]);
        compile_all(context, &defs[i]);
    }
    ph_synthdefs_free(defs, n_defs);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void tell_removed(void *context, const char *name)
{
    nrt_notify_clients(context, "/d_removed", "s", name);
}

void nrt_scsynth_sweep_defs(struct nrt_context *c)
{
    nrt_defs_sweep(c->defs, tell_removed, c);
}

/** Without memory for transforms chains stay silent, that is all: a later definition asks again. */
static void plan_transforms(const struct nrt_context *c, const struct rt_def *def)
{
    if (def->needs_fft && c->fft && !dsp_fft_plan_all(c->fft))
        nrt_log(NRT_LOG_WARNING, "SynthDef %.100s: no memory for transforms", def->name);
}

static void add_all(struct call *call, struct made_list *list)
{
    struct nrt_context *const c = call->c;

    for (uint32_t i = 0; i < list->n; i++)
        plan_transforms(c, list->items[i].def);
    for (uint32_t i = 0; i < list->n; i++)
        if (nrt_defs_add(c->defs, list->items[i].def, list->items[i].is_variant) != PH_OK) {
            refuse(list, list->items[i].def->name, "too many");
            nrt_def_release(list->items[i].def);
        }
    list->n = 0; /* the table has them */
    nrt_scsynth_sweep_defs(c);
    for (uint32_t i = 0; i < list->n_refusals && !nrt_call_is_quiet(call); i++)
        nrt_reply_fail(c, call->sender, ph_addresses[call->address].address, list->refusals[i]);
}

static void tell_received(struct nrt_job *job)
{
    nrt_reply_done(job->context, job->has_sender ? &job->sender : NULL, "/d_recv");
}

static const struct nrt_job_kind received_kind = {.turned = tell_received};

/** Behind what the completion message has started, if there is one. */
static void answer_received(struct call *call, bool has_completion)
{
    struct nrt_job *const job =
        has_completion ? nrt_job_new(call, &received_kind, sizeof *job) : NULL;

    if (!job || nrt_job_begin(call, job) != PH_OK)
        nrt_reply_done(call->c, call->sender, "/d_recv");
}

/**
 * Done at once: what comes behind it in the same packet finds the definition, which scsynth does
 * not promise. /done comes in any case, as in scsynth: clients wait for it.
 */
ph_status nrt_do_d_recv(struct call *call)
{
    const uint8_t *blob;
    size_t size;
    struct made_list list = list_of(call->c);

    if (!ph_osc_next_blob(&call->args, &blob, &size))
        return PH_WRONG_TYPE;
    compile_file(&list, "/d_recv", blob, size);
    add_all(call, &list);
    list_finish(&list);
    const bool has_completion = *call->args.tags == 'b';
    nrt_call_run_completion(call);
    answer_received(call, has_completion);
    return PH_OK;
}

ph_status nrt_do_d_free(struct call *call)
{
    ph_status status = PH_OK;
    const char *name;

    while (status == PH_OK && *call->args.tags) {
        if (ph_osc_next_text(&call->args, &name))
            nrt_defs_remove(call->c->defs, name);
        else
            status = PH_DEF_NOT_FOUND;
    }
    nrt_scsynth_sweep_defs(call->c);
    return status;
}

ph_status nrt_do_d_free_all(struct call *call)
{
    nrt_defs_remove_all(call->c->defs);
    return PH_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

struct defs_job {
    struct nrt_job job;
    const char *root, *path;
    bool is_folder;
    struct made_list list;
};

static void work(struct nrt_job *job)
{
    struct defs_job *const d = (struct defs_job *)job;
    const struct load_files files = {.root = d->root, .path = d->path, .ending = ".scsyndef",
                                     .take = compile_file, .context = &d->list};

    if (d->is_folder)
        load_files_of_folder(&files);
    else
        load_files_of_pattern(&files);
    job->status = d->list.n > 0 ? PH_OK : PH_NOT_FOUND;
    /* scsynth says the path, and no more */
    job->text = d->list.n_refusals > 0 ? d->list.refusals[0] : d->path;
}

static ph_status land(struct nrt_job *job, struct call *call)
{
    add_all(call, &((struct defs_job *)job)->list);
    return PH_OK;
}

static void finish(struct nrt_job *job)
{
    list_finish(&((struct defs_job *)job)->list);
}

static const struct nrt_job_kind defs_kind = {.work = work, .land = land, .finish = finish};

static ph_status load(struct call *call, bool is_folder)
{
    struct defs_job *const job = nrt_job_new(call, &defs_kind, sizeof *job);
    ph_status status = PH_OK;

    if (!job)
        return PH_FULL;
    job->root = call->c->file_root;
    job->is_folder = is_folder;
    job->list = list_of(call->c);
    if (!ph_osc_next_text(&call->args, &job->path))
        status = PH_WRONG_TYPE;
    else if (!job->root && !nrt_call_is_local(call))
        status = PH_ACCESS;
    if (status != PH_OK) {
        nrt_job_free(&job->job);
        return status;
    }
    job->job.completion = call->args;
    return nrt_job_begin(call, &job->job);
}

ph_status nrt_do_d_load(struct call *call)
{
    return load(call, false);
}

ph_status nrt_do_d_load_dir(struct call *call)
{
    return load(call, true);
}
