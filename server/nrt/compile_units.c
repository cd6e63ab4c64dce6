/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/compile_units.c - what a SynthDef says of its units, against the unit table.        */
/* room: command and sequencer threads.                                                           */
#include "server/nrt/compile.h"

enum { ENVELOPE_HEADER = 4, ENVELOPE_SEGMENT = 4 };

/* ---- units against the unit table ------------------------------------------------------------ */

static bool may_repeat(const struct ph_unit_info *info)
{
    if (info->n_inputs == 0)
        return false;
    const enum ph_quantity last = info->inputs[info->n_inputs - 1].quantity;
    return last == PH_REST_AMP || last == PH_REST_NUMBER;
}

/** What repeats is needed once, but for a few units that do without. */
static uint32_t inputs_least(const struct ph_unit_info *info, int unit)
{
    if (unit == PH_UNIT_ENV_GEN)
        return info->n_inputs - 1u + ENVELOPE_HEADER;
    const bool rest_is_optional = unit == PH_UNIT_LAG_CONTROL || unit == PH_UNIT_LOCAL_BUF ||
                                  unit == PH_UNIT_LOCAL_IN || unit == PH_UNIT_POLL ||
                                  unit == PH_UNIT_DPOLL || unit == PH_UNIT_SEND_REPLY;
    return info->n_inputs - (rest_is_optional ? 1u : 0u);
}

static ph_status check_arity(const struct compiler *c, uint32_t u, int unit)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    const struct ph_unit_info *const info = &ph_units[unit];
    const uint32_t least = inputs_least(info, unit);
    const uint32_t most = may_repeat(info) ? RT_UNIT_WIRES_MAX : info->n_inputs;
    if (spec->n_inputs < least)
        return nrt_compile_fail(c, u, PH_BAD_DEF, "has %u inputs, needs %u", spec->n_inputs, least);
    if (spec->n_inputs > most)
        return nrt_compile_fail(c, u, PH_BAD_DEF, "has %u inputs, takes %u", spec->n_inputs, most);
    if (unit == PH_UNIT_ENV_GEN && (spec->n_inputs - least) % ENVELOPE_SEGMENT != 0)
        return nrt_compile_fail(c, u, PH_BAD_DEF, "envelope ends inside a segment");
    /* sclang gives some units that are run for their effect
     * no output; the kernel has it all the same */
    if (info->n_outputs >= 0 && spec->n_outputs > (uint32_t)info->n_outputs)
        return nrt_compile_fail(c, u, PH_BAD_DEF, "has %u outputs, gives %d", spec->n_outputs,
                                info->n_outputs);
    if (info->n_outputs < 0 && spec->n_outputs == 0)
        return nrt_compile_fail(c, u, PH_BAD_DEF, "has no outputs");
    if (spec->n_outputs > RT_UNIT_WIRES_MAX)
        return nrt_compile_fail(c, u, PH_TOO_LARGE, "has more than %d outputs", RT_UNIT_WIRES_MAX);
    return PH_OK;
}

static const char *rate_name(uint8_t rate)
{
    static const char *const names[] = { "scalar", "control", "audio", "demand" };
    return rate < 4 ? names[rate] : "unknown";
}

static ph_status check_rates(const struct compiler *c, uint32_t u, int unit)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    if (spec->rate > PH_DEMAND || !(ph_units[unit].rates & (1 << spec->rate)))
        return nrt_compile_fail(c, u, PH_BAD_DEF, "can't run at %s rate", rate_name(spec->rate));
    for (uint32_t i = 0; i < spec->n_outputs; i++)
        if (spec->output_rates[i] != spec->rate)
            return nrt_compile_fail(c, u, PH_BAD_DEF, "output %u has %s rate, the unit %s", i,
                                    rate_name(spec->output_rates[i]), rate_name(spec->rate));
    return PH_OK;
}

static bool reads_controls(int unit)
{
    return unit == PH_UNIT_CONTROL || unit == PH_UNIT_AUDIO_CONTROL ||
           unit == PH_UNIT_TRIG_CONTROL || unit == PH_UNIT_LAG_CONTROL;
}

static ph_status note_controls(struct compiler *c, uint32_t u, int unit)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    struct rt_def *const def = c->to;
    if (!reads_controls(unit))
        return PH_OK;
    if (spec->special < 0 || (uint32_t)spec->special + spec->n_outputs > def->n_controls)
        return nrt_compile_fail(c, u, PH_BAD_DEF, "reads controls that don't exist");
    for (uint32_t i = 0; i < spec->n_outputs; i++) {
        const uint32_t control = (uint32_t)spec->special + i;
        def->n_audio_controls +=
            spec->rate == PH_AUDIO && def->control_rates[control] != PH_AUDIO;
        def->control_rates[control] = spec->rate;
        if (unit == PH_UNIT_TRIG_CONTROL && def->n_triggers < def->n_controls)
            def->triggers[def->n_triggers++] = control;
    }
    return PH_OK;
}

ph_status nrt_compile_check_unit(struct compiler *c, uint32_t u, int unit)
{
    ph_status status = check_arity(c, u, unit);
    if (status == PH_OK)
        status = check_rates(c, u, unit);
    return status == PH_OK ? note_controls(c, u, unit) : status;
}

/* ---- feedback -------------------------------------------------------------------------------- */

/** Units that look at the block as a whole: controls and buses, and ramps over a block. */
static bool counts_in_blocks(int unit)
{
    return reads_controls(unit) || unit == PH_UNIT_IN_ || unit == PH_UNIT_IN_FEEDBACK ||
           unit == PH_UNIT_OUT || unit == PH_UNIT_OFFSET_OUT || unit == PH_UNIT_REPLACE_OUT ||
           unit == PH_UNIT_K2A || unit == PH_UNIT_LOCAL_IN || unit == PH_UNIT_LOCAL_OUT;
}

static ph_status check_looped(const struct compiler *c, uint32_t u)
{
    if (c->from->units[u].rate != PH_AUDIO)
        return nrt_compile_fail(c, u, PH_BAD_DEF, "has %s rate inside a feedback loop",
                                rate_name(c->from->units[u].rate));
    if (counts_in_blocks(ph_unit_find(c->from->units[u].name)))
        return nrt_compile_fail(c, u, PH_BAD_DEF, "can't run frame by frame in a feedback loop");
    return PH_OK;
}

/**
 * Where the loop begins and ends, if there is one: at most one, closed, all of it at audio rate.
 */
ph_status nrt_compile_find_loop(const struct compiler *c)
{
    const struct ph_unit_spec *const units = c->from->units;
    struct rt_def *const def = c->to;
    bool open = false;
    for (uint32_t u = 0; u < c->from->n_units; u++) {
        const int unit = ph_unit_find(units[u].name);
        if (unit == PH_UNIT_FEEDBACK_IN && (open || def->loop_end > 0))
            return nrt_compile_fail(c, u, PH_BAD_DEF, "there is a second one");
        if (unit == PH_UNIT_FEEDBACK_OUT && !open)
            return nrt_compile_fail(c, u, PH_BAD_DEF, "has no FeedbackIn before it");
        if (unit == PH_UNIT_FEEDBACK_IN)
            def->loop_first = u;
        open |= unit == PH_UNIT_FEEDBACK_IN;
        const ph_status status = open ? check_looped(c, u) : PH_OK;
        if (status != PH_OK)
            return status;
        if (unit != PH_UNIT_FEEDBACK_OUT)
            continue;
        if (units[u].n_inputs != units[def->loop_first].n_outputs)
            return nrt_compile_fail(c, u, PH_BAD_DEF, "has %u inputs, FeedbackIn %u outputs",
                                    units[u].n_inputs, units[def->loop_first].n_outputs);
        def->loop_end = u + 1;
        open = false;
    }
    if (open)
        return nrt_compile_fail(c, def->loop_first, PH_BAD_DEF, "has no FeedbackOut behind it");
    return PH_OK;
}
