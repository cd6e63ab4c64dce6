/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/compile_wires.c - where the outputs of a definition's units live.                   */
/* room: command and sequencer threads.                                                           */
/*                                                                                                */
/* Audio outputs live in scratch wires that all synths of a thread share: a wire is taken when    */
/* its unit writes it and free again behind the last unit that reads it, so that the working set  */
/* of a synth stays in the first-level cache. An output never takes a wire that its own unit      */
/* still reads: kernels may write before they have read (server/dsp/dsp.h). Outputs of slower     */
/* rates have a place of their own in each synth.                                                 */
/*                                                                                                */
/* From FeedbackIn to FeedbackOut the units run one frame at a time, all of them, again and       */
/* again. What comes in from before is read until the last frame: it keeps its wire over the      */
/* whole loop.                                                                                    */
#include "server/nrt/compile.h"

/* ---- wires ----------------------------------------------------------------------------------- */

/**
 * Outputs that the kernel writes: those of the table, where it says how many. A unit that claims
 * more is refused when its turn comes; until then its outputs have places.
 */
uint32_t nrt_compile_outputs(const struct ph_unit_spec *spec)
{
    const int unit = ph_unit_find(spec->name);
    const int fixed = unit >= 0 ? ph_units[unit].n_outputs : PH_ANY;
    return fixed >= 0 && (uint32_t)fixed > spec->n_outputs ? (uint32_t)fixed : spec->n_outputs;
}

static void keep(struct compiler *c, uint32_t output, uint32_t until)
{
    if (c->last_use[output] < until)
        c->last_use[output] = until;
}

void nrt_compile_find_last_uses(struct compiler *c)
{
    for (uint32_t u = 0; u < c->from->n_units; u++) {
        const struct ph_unit_spec *const spec = &c->from->units[u];
        for (uint32_t i = c->first_output[u]; i < c->first_output[u + 1]; i++)
            c->last_use[i] = u;
        for (uint32_t i = 0; i < spec->n_inputs; i++)
            if (spec->inputs[i].unit >= 0)
                c->last_use[c->first_output[spec->inputs[i].unit] +
                            (uint32_t)spec->inputs[i].output] = u;
    }
    /* what a demand unit reads, it reads when it is asked: its inputs stay as long as its value */
    for (uint32_t u = c->from->n_units; u-- > 0;) {
        const struct ph_unit_spec *const spec = &c->from->units[u];
        const bool is_asked = spec->rate == PH_DEMAND && c->first_output[u] < c->first_output[u + 1];
        for (uint32_t i = 0; i < spec->n_inputs && is_asked; i++)
            if (spec->inputs[i].unit >= 0)
                keep(c, c->first_output[spec->inputs[i].unit] + (uint32_t)spec->inputs[i].output,
                     c->last_use[c->first_output[u]]);
    }
    /* what the loop reads from before it, it reads until its end */
    const struct rt_def *const def = c->to;
    for (uint32_t i = 0; i < c->first_output[def->loop_first] && def->loop_end > 0; i++)
        if (c->last_use[i] >= def->loop_first && c->last_use[i] < def->loop_end)
            c->last_use[i] = def->loop_end - 1;
}

static struct rt_wire input_wire(const struct compiler *c, struct ph_input input)
{
    if (input.unit < 0)
        return (struct rt_wire){ RT_WIRE_CONSTANT, PH_SCALAR, (uint32_t)input.output };
    return c->outputs[c->first_output[input.unit] + (uint32_t)input.output];
}

static ph_status take_wire(struct compiler *c, uint32_t u, struct rt_wire *wire)
{
    const uint8_t rate = c->from->units[u].rate;
    if (rate != PH_AUDIO) {
        *wire = (struct rt_wire){ RT_WIRE_VALUE, rate, c->to->n_values++ };
        return PH_OK;
    }
    uint32_t w = 0;
    while (w < c->n_wires_max && c->taken[w])
        w++;
    if (w == c->n_wires_max)
        return nrt_compile_fail(c, u, PH_TOO_LARGE, "needs more than %u wire buffers at once", w);
    c->taken[w] = true;
    if (c->to->n_audio_wires <= w)
        c->to->n_audio_wires = w + 1;
    *wire = (struct rt_wire){ RT_WIRE_AUDIO, rate, w };
    return PH_OK;
}

static void release(struct compiler *c, uint32_t u, uint32_t output)
{
    if (c->last_use[output] == u && c->outputs[output].kind == RT_WIRE_AUDIO)
        c->taken[c->outputs[output].index] = false;
}

ph_status nrt_compile_wire(struct compiler *c, uint32_t u)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    struct rt_def *const def = c->to;
    for (uint32_t i = 0; i < spec->n_inputs; i++)
        def->wires[def->n_wires++] = input_wire(c, spec->inputs[i]);
    for (uint32_t i = c->first_output[u]; i < c->first_output[u + 1]; i++) {
        const ph_status status = take_wire(c, u, &c->outputs[i]);
        if (status != PH_OK)
            return status;
        def->wires[def->n_wires++] = c->outputs[i];
    }
    for (uint32_t i = 0; i < spec->n_inputs; i++)
        if (spec->inputs[i].unit >= 0)
            release(c, u,
                    c->first_output[spec->inputs[i].unit] + (uint32_t)spec->inputs[i].output);
    for (uint32_t i = c->first_output[u]; i < c->first_output[u + 1]; i++)
        release(c, u, i); /* nobody reads it */
    for (uint32_t i = 0; i < c->first_output[def->loop_first] && u + 1 == def->loop_end; i++)
        release(c, u, i);
    return PH_OK;
}

/* ---- rates ----------------------------------------------------------------------------------- */

/**
 * Inputs (bit i: input i) of which scsynth's units take a
 * block's first value where they are signals.
 */
static uint32_t once_a_block(enum ph_unit unit, const uint8_t *rates)
{
    switch (unit) {
    case PH_UNIT_COMB_N: case PH_UNIT_COMB_L: case PH_UNIT_COMB_C: case PH_UNIT_ALLPASS_N:
    case PH_UNIT_ALLPASS_L: case PH_UNIT_ALLPASS_C: /* decaytime */
    case PH_UNIT_BUF_COMB_N: case PH_UNIT_BUF_COMB_L: case PH_UNIT_BUF_COMB_C:
    case PH_UNIT_BUF_ALLPASS_N: case PH_UNIT_BUF_ALLPASS_L: case PH_UNIT_BUF_ALLPASS_C:
        return 1u << 3;
    case PH_UNIT_FREE_VERB:
        return 1u << 1 | 1u << 2 | 1u << 3;
    case PH_UNIT_FREE_VERB2:
        return 1u << 2 | 1u << 3 | 1u << 4;
    case PH_UNIT_SCHMIDT: case PH_UNIT_DETECT_SILENCE:
        return 1u << 1 | 1u << 2;
    case PH_UNIT_PLAY_BUF: /* startPos, beside signals for rate and trigger */
        return rates[1] == PH_AUDIO && rates[2] == PH_AUDIO ? 1u << 3 : 0;
    case PH_UNIT_V_OSC: /* bufpos, freq */
        return 1u << 0 | 1u << 1;
    case PH_UNIT_DEMAND_ENV_GEN: /* beside a signal for the gate only the scales */
        return rates[4] == PH_AUDIO ? 7u << 6 : 0x1ef;
    case PH_UNIT_PEAK_FOLLOWER:
        return 1u << 1;
    case PH_UNIT_IMPULSE: /* phase, unless freq is a signal too */
        return rates[0] == PH_AUDIO ? 0 : 1u << 1;
    case PH_UNIT_PITCH_SHIFT:
        return 0xfu << 1;
    case PH_UNIT_PLUCK: /* delaytime, decaytime */
        return 1u << 3 | 1u << 4;
    case PH_UNIT_SAW: case PH_UNIT_F_SIN_OSC:
        return 1u << 0;
    case PH_UNIT_PULSE: case PH_UNIT_BLIP:
        return 1u << 0 | 1u << 1;
    case PH_UNIT_V_OSC3:
        return 0xf;
    default:
        return 0;
    }
}

/**
 * The rates at which units read their inputs: what is to be read once a block looks like a control.
 */
void nrt_compile_rate_wires(struct rt_def *def, bool is_clients)
{
    for (uint32_t i = 0; i < def->n_wires; i++)
        def->wire_rates[i] = def->wires[i].rate;
    for (uint32_t u = 0; u < def->n_units && is_clients; u++) {
        const struct rt_unit *const unit = &def->units[u];
        uint8_t *const rates = def->wire_rates + unit->first_wire;
        const uint32_t once = once_a_block(unit->unit, rates);
        for (uint32_t i = 0; i < unit->n_in && once >> i; i++)
            if (once >> i & 1 && rates[i] == PH_AUDIO)
                rates[i] = PH_CONTROL;
    }
}
