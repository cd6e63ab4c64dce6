/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/scsynth_buses.c - scsynth's door: control buses.                                    */
/* room: command thread.                                                                          */
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
