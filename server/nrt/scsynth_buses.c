/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_buses.c - scsynth's door: control buses.                                    */
/* room: command thread.                                                                          */
#include "server/nrt/query.h"
#include "server/nrt/scsynth_call.h"

/** A bus that isn't there is told by the audio thread, in its turn. */
static ph_status set(struct call *call, int64_t first, int64_t n, float value)
{
    return nrt_call_stage(call, (struct link_command){.kind = LINK_CONTROL_BUS_SET,
                                             .u.bus = {.index = (uint32_t)first, .n = (uint32_t)n,
                                                       .value = value}});
}

ph_status nrt_do_c_set(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 2)) {
        const int32_t index = nrt_take_int(call);
        status = set(call, index, 1, nrt_take_float(call));
    }
    return status;
}

ph_status nrt_do_c_setn(struct call *call)
{
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 1)) {
        const int32_t first = nrt_take_int(call), n = nrt_take_int(call);
        if (first < 0 || n < 1 || (int64_t)first + n > call->c->engine.n_control_buses)
            return PH_OUT_OF_RANGE;
        for (int32_t i = 0; status == PH_OK && i < n && nrt_has(call, 1); i++)
            status = set(call, first + i, 1, nrt_take_float(call));
    }
    return status;
}

/** What lies outside is passed over. */
ph_status nrt_do_c_fill(struct call *call)
{
    const int64_t n_buses = call->c->engine.n_control_buses;
    ph_status status = PH_OK;

    while (status == PH_OK && nrt_has(call, 3)) {
        const int64_t first = nrt_take_int(call), end = first + nrt_take_int(call);
        const float value = nrt_take_float(call);
        const int64_t from = first > 0 ? first : 0, to = end < n_buses ? end : n_buses;
        if (from < to)
            status = set(call, from, to - from, value);
    }
    return status;
}

/** One number after the other, or pairs of the first and how many. */
static ph_status ask_buses(struct call *call, enum nrt_query_form form)
{
    struct link_query *const q = nrt_query_new(call, LINK_QUERY_CONTROL_BUSES, form, 0);

    while (q && nrt_has(call, 1)) {
        const int32_t first = nrt_take_int(call);
        nrt_query_add(call, q, NULL, first, form == NRT_QUERY_SPANS ? nrt_take_int(call) : 1);
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
