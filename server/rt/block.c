/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/rt/block.c - one block: drain, fire, render, report.                                    */
/* room: audio.                                                                                   */
#include "server/rt/block.h"

#include <math.h>

#include "server/rt/buffer.h"
#include "server/rt/bus.h"
#include "server/rt/fire.h"
#include "server/rt/report.h"
#include "server/rt/switch.h"
#include "server/rt/tree.h"
#include "server/rt/world.h"

/** Takes up to `n` commands: those without a frame are carried out, the others wait for theirs. */
PH_RT static void take(struct rt_world *w, struct link_ring *ring, uint32_t n)
{
    struct link_command command;
    /* the command thread is far behind when there is no room: what it sends waits in its ring */
    while (n-- > 0 && rt_report_has_room(w) && link_ring_pop(ring, &command)) {
        if (command.due_frame == 0 || command.kind == LINK_PROGRAM_SWAP)
            rt_fire(w, &command);
        else if (!rt_sched_push(&w->sched, &command))
            rt_fire_refuse(w, &command);
    }
}

PH_RT static void drain(struct rt_world *w)
{
    /* In this order: what the sequencer published before the command thread pushed a program is
     * seen no later than the program. */
    const uint32_t n_commands = link_ring_ready(&w->commands);
    const uint32_t n_seq = link_ring_ready(&w->seq_commands);
    const float slots = (float)(w->commands.mask + 1), seq_slots = (float)(w->seq_commands.mask + 1);
    w->meter.command_fill = dsp_max(w->meter.command_fill, (float)n_commands / slots);
    w->meter.seq_fill = dsp_max(w->meter.seq_fill, (float)n_seq / seq_slots);
    take(w, &w->commands, n_commands);
    /* a program switches before the events that were sent for it, also those of the first frame */
    rt_switch_due(w);
    take(w, &w->seq_commands, n_seq);
}

PH_RT static void fire_due(struct rt_world *w)
{
    struct link_command command;
    while (rt_report_has_room(w) &&
           rt_sched_pop_due(&w->sched, w->frame + w->config.block_frames, &command))
        rt_fire(w, &command);
}

PH_RT void rt_block_render(struct rt_world *w, const float *const *in, float *const *out)
{
    w->env.n_synths = w->counts.n_synths;
    w->env.block++;
    rt_bus_read_inputs(w, in);
    drain(w);
    fire_due(w);
    rt_tree_render(w);
    rt_buffer_ask_disk(w);
    rt_tree_sweep(w);
    rt_bus_write_outputs(w, out);
    rt_report_flush(w);
    w->frame += w->config.block_frames;
    w->counts.n_blocks++;
    w->meter.n_period_blocks++;
}

PH_RT uint64_t rt_world_frame(const struct rt_world *w)
{
    return w->frame;
}

PH_RT const float *rt_world_bus(const struct rt_world *w, uint32_t bus)
{
    static const float silence[DSP_BLOCK_FRAMES];
    return bus < w->config.n_audio_buses && w->env.audio[bus].touched == w->env.block
               ? w->env.audio[bus].frames
               : silence;
}
