/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/compile_told.c - what the units of a definition tell: messages to clients, records  */
/* of signals.                                                                                    */
/* room: command and sequencer threads.                                                           */
#include "server/nrt/compile.h"

#include <stdlib.h>
#include <string.h>

#include "server/dsp/message.h"

enum { TEXT_MAX = 255 };

/* ---- records --------------------------------------------------------------------------------- */

/* The text of the control that a Tap's third input reads. */
static const char *tap_name(const struct ph_synthdef *from, const struct ph_unit_spec *tap)
{
    const struct ph_input in = tap->n_inputs > 2 ? tap->inputs[2] : (struct ph_input){ -1, 0 };

    for (uint32_t i = 0; in.unit >= 0 && i < from->n_names; i++)
        if ((int64_t)from->names[i].index == (int64_t)from->units[in.unit].special + in.output)
            return from->names[i].name;
    return "tap";
}

ph_status nrt_compile_find_taps(struct compiler *c)
{
    struct rt_def *const def = c->to;
    uint32_t n = 0;

    for (uint32_t u = 0; u < def->n_units; u++)
        n += def->units[u].unit == PH_UNIT_TAP;
    def->taps = calloc(n + 1, sizeof *def->taps);
    if (!def->taps)
        return PH_NO_MEMORY;
    for (uint32_t u = 0; u < def->n_units; u++) {
        if (def->units[u].unit != PH_UNIT_TAP)
            continue;
        struct rt_tap *const tap = &def->taps[def->n_taps++];
        *tap = (struct rt_tap){ u, strdup(tap_name(c->from, &c->from->units[u])) };
        if (!tap->name)
            return PH_NO_MEMORY;
    }
    return PH_OK;
}

/* ---- messages to clients --------------------------------------------------------------------- */

/**
 * The text whose length an input tells: that, then a character each, all constants. Gives a string.
 */
static ph_status read_text(const struct compiler *c, uint32_t u, uint32_t length, char **text,
                           uint32_t *end)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    const uint32_t n_rest = spec->n_inputs > length ? spec->n_inputs - length : 0;
    if (n_rest == 0 || spec->inputs[length].unit >= 0)
        return nrt_compile_fail(c, u, PH_BAD_DEF, "has no text");
    const float n = c->from->constants[spec->inputs[length].output];
    if (!(n >= 0 && n <= TEXT_MAX && n < (float)n_rest))
        return nrt_compile_fail(c, u, PH_BAD_DEF, "its text has %g characters", (double)n);
    *end = length + 1 + (uint32_t)n;
    *text = calloc((uint32_t)n + 1, 1);
    if (!*text)
        return PH_NO_MEMORY;
    for (uint32_t i = length + 1; i < *end; i++) {
        const float x = spec->inputs[i].unit < 0 ? c->from->constants[spec->inputs[i].output] : 0;
        /* a label may end in a new line */
        (*text)[i - length - 1] = x >= ' ' && x < 127 ? (char)x : ' ';
    }
    return PH_OK;
}

static ph_status set_text(struct rt_messenger *m, enum rt_messenger_kind kind, const char *text)
{
    m->kind = (uint8_t)kind;
    m->text = strdup(text);
    return m->text ? PH_OK : PH_NO_MEMORY;
}

static ph_status find_messenger(const struct compiler *c, uint32_t u, struct rt_messenger *m)
{
    const struct ph_unit_spec *const spec = &c->from->units[u];
    uint32_t end = 0, n = 0;
    ph_status status = PH_OK;
    *m = (struct rt_messenger){ .unit = u, .n_values = 1 };
    switch (c->to->units[u].unit) {
    case PH_UNIT_SEND_TRIG:
        return set_text(m, RT_TRIGGER, "/tr");
    case PH_UNIT_POLL:
        m->kind = RT_POLL;
        return read_text(c, u, 3, &m->text, &end);
    case PH_UNIT_DPOLL:
        m->kind = RT_DEMAND_POLL;
        m->n_values = 2;
        return read_text(c, u, 3, &m->text, &end);
    case PH_UNIT_V_DISK_IN:
        return set_text(m, RT_REPLY, "/diskin");
    case PH_UNIT_SEND_REPLY:
        m->kind = RT_REPLY;
        status = read_text(c, u, 2, &m->text, &end);
        m->n_values = spec->n_inputs - end;
        break;
    default: /* SendPeakRMS: the signals stand before the text */
        m->kind = RT_REPLY;
        if (spec->inputs[3].unit < 0 && c->from->constants[spec->inputs[3].output] >= 0 &&
            c->from->constants[spec->inputs[3].output] < RT_UNIT_WIRES_MAX)
            n = (uint32_t)c->from->constants[spec->inputs[3].output];
        status = read_text(c, u, 4 + n, &m->text, &end);
        m->n_values = 2 * n;
        break;
    }
    if (status == PH_OK && m->n_values > DSP_MESSAGE_VALUES_MAX)
        return nrt_compile_fail(c, u, PH_TOO_LARGE, "sends more than %d values",
                                DSP_MESSAGE_VALUES_MAX);
    return status;
}

static bool is_messenger(int unit)
{
    return unit == PH_UNIT_SEND_TRIG || unit == PH_UNIT_SEND_REPLY || unit == PH_UNIT_POLL ||
           unit == PH_UNIT_DPOLL || unit == PH_UNIT_SEND_PEAK_RMS || unit == PH_UNIT_V_DISK_IN;
}

ph_status nrt_compile_find_messengers(const struct compiler *c)
{
    struct rt_def *const def = c->to;
    def->messengers = calloc(def->n_units + 1, sizeof *def->messengers);
    ph_status status = def->messengers ? PH_OK : PH_NO_MEMORY;
    for (uint32_t u = 0; u < def->n_units && status == PH_OK; u++) {
        if (is_messenger(def->units[u].unit))
            status = find_messenger(c, u, &def->messengers[def->n_messengers++]);
    }
    return status;
}
