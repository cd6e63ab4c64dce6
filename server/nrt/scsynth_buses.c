/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_buses.c - scsynth's door: control buses.                                    */
/* room: command thread.                                                                          */
#include "server/nrt/query.h"
#include "server/nrt/scsynth_call.h"

ph_status nrt_do_c_set(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && *call->args.tags) {
        int32_t index;
        float value;
        if (!ph_osc_next_int(&call->args, &index) || !ph_osc_next_float(&call->args, &value))
            return PH_WRONG_TYPE;
        if (index < 0 || (uint32_t)index >= call->c->engine.n_control_buses)
            return PH_OUT_OF_RANGE;
        status = nrt_call_stage(call, (struct link_command){.kind = LINK_CONTROL_BUS_SET,
                                                   .u.bus = {(uint32_t)index, value}});
    }
    return status;
}

/** One number after the other, or pairs of the first and how many. */
static ph_status ask_buses(struct call *call, enum nrt_query_form form)
{
    struct link_query *const q = nrt_query_new(call, LINK_QUERY_CONTROL_BUSES, form, 0);

    while (q && *call->args.tags) {
        int32_t first = 0, n = 1;
        ph_osc_next_int(&call->args, &first);
        if (form == NRT_QUERY_SPANS)
            ph_osc_next_int(&call->args, &n);
        nrt_query_add(call, q, NULL, first, n);
    }
    return nrt_query_ask(call, q);
}

ph_status nrt_do_c_get(struct call *call)
{
    return ask_buses(call, NRT_QUERY_SINGLE);
}

ph_status nrt_do_c_getn(struct call *call)
{
    return ask_buses(call, NRT_QUERY_SPANS);
}
