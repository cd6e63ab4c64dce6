/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_defs.c - scsynth's door: SynthDefs.                                         */
/* room: command thread.                                                                          */
#include "server/nrt/scsynth_call.h"

#include "protocol/synthdef.h"
#include "server/dsp/fft.h"
#include "server/nrt/defs.h"
#include "server/nrt/log.h"

static void add_def(struct nrt_context *c, const struct ph_synthdef *def)
{
    char error[128] = "";
    struct rt_def *compiled = NULL;
    const struct nrt_target target = nrt_target_of(&c->engine);
    ph_status status = nrt_def_compile(def, c->symbols, &target, &compiled, error);

    if (status == PH_OK && compiled->needs_fft && !dsp_fft_plan_all(c->fft))
        status = PH_NO_MEMORY; /* its chains would stay silent, that is all: it may come again */
    if (status == PH_OK) {
        status = nrt_defs_add(c->defs, compiled);
        if (status != PH_OK)
            nrt_def_release(compiled);
    }
    if (status != PH_OK)
        nrt_log(NRT_LOG_WARNING, "SynthDef %.100s: %s", def->name,
                error[0] ? error : ph_status_text(status));
}

/** As in scsynth a definition that can't be used is printed and passed over: the answer is /done. */
ph_status nrt_do_d_recv(struct call *call)
{
    const uint8_t *blob;
    size_t size;
    struct ph_synthdef *defs;
    uint32_t n_defs;

    if (!ph_osc_next_blob(&call->args, &blob, &size))
        return PH_WRONG_TYPE;
    const ph_status status = ph_synthdefs_read(blob, size, &defs, &n_defs);
    if (status != PH_OK)
        nrt_log(NRT_LOG_WARNING, "/d_recv: %s", ph_status_text(status));
    for (uint32_t i = 0; i < n_defs; i++)
        add_def(call->c, &defs[i]);
    ph_synthdefs_free(defs, n_defs);
    nrt_call_run_completion(call);
    nrt_reply_done(call->c, call->sender, "/d_recv");
    return PH_OK;
}

ph_status nrt_do_d_free(struct call *call)
{
    const char *name;

    while (*call->args.tags) {
        if (!ph_osc_next_text(&call->args, &name))
            return PH_WRONG_TYPE;
        nrt_defs_remove(call->c->defs, name);
    }
    return PH_OK;
}
