/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/synthdef_build.c - SynthDefs unit by unit.                                            */
/* room: none (pure).                                                                             */
#include <stdlib.h>
#include <string.h>

#include "protocol/synthdef.h"

/** Makes room for one more item; on failure the build is marked and false returned. */
static bool make_room(struct ph_build *b, void *array, uint32_t n, uint32_t n_max, size_t bytes,
                      uint32_t *space)
{
    void *items;

    if (b->failed || n >= n_max) {
        b->failed = true;
        return false;
    }
    if (n < *space)
        return true;
    const uint32_t wanted = *space ? *space * 2 : 16;
    memcpy(&items, array, sizeof items);
    items = realloc(items, wanted * bytes);
    if (!items) {
        b->failed = true;
        return false;
    }
    memcpy(array, &items, sizeof items);
    *space = wanted;
    return true;
}

static char *copy_text(struct ph_build *b, const char *text)
{
    char *const copy = strdup(text);

    if (!copy)
        b->failed = true;
    return copy;
}

void ph_build_begin(struct ph_build *b, const char *name)
{
    *b = (struct ph_build){0};
    b->def.name = copy_text(b, name);
}

struct ph_input ph_build_constant(struct ph_build *b, float value)
{
    struct ph_synthdef *const def = &b->def;

    for (uint32_t i = 0; i < def->n_constants; i++)
        if (memcmp(&def->constants[i], &value, sizeof value) == 0) /* 0 and -0 stay apart */
            return (struct ph_input){-1, (int32_t)i};
    if (!make_room(b, &def->constants, def->n_constants, PH_SYNTHDEF_WIRES_MAX, sizeof(float),
                   &b->constants_space))
        return (struct ph_input){-1, 0};
    def->constants[def->n_constants] = value;
    return (struct ph_input){-1, (int32_t)def->n_constants++};
}

static struct ph_input build_control(struct ph_build *b, const char *name, float initial,
                                     const char *unit, enum ph_rate rate)
{
    struct ph_synthdef *const def = &b->def;
    const uint32_t index = def->n_controls;

    if (!make_room(b, &def->controls, index, PH_SYNTHDEF_CONTROLS_MAX, sizeof(float),
                   &b->controls_space) ||
        !make_room(b, &def->names, def->n_names, PH_SYNTHDEF_CONTROLS_MAX, sizeof *def->names,
                   &b->names_space))
        return (struct ph_input){-1, 0};
    char *const copy = copy_text(b, name);
    if (!copy)
        return (struct ph_input){-1, 0};
    def->controls[def->n_controls++] = initial;
    def->names[def->n_names++] = (struct ph_param_name){copy, index};
    return ph_build_unit(b, unit, rate, (int16_t)index, 1, NULL, 0, 0);
}

struct ph_input ph_build_control(struct ph_build *b, const char *name, float initial,
                                 enum ph_rate rate)
{
    return build_control(b, name, initial, rate == PH_AUDIO ? "AudioControl" : "Control", rate);
}

struct ph_input ph_build_trigger(struct ph_build *b, const char *name)
{
    return build_control(b, name, 0, "TrigControl", PH_CONTROL);
}

struct ph_input ph_build_unit(struct ph_build *b, const char *unit, enum ph_rate rate,
                              int16_t special, uint32_t n_outputs, const struct ph_input *inputs,
                              uint32_t n_inputs, uint64_t key)
{
    struct ph_synthdef *const def = &b->def;

    if (n_inputs > PH_SYNTHDEF_WIRES_MAX || n_outputs > PH_SYNTHDEF_WIRES_MAX)
        b->failed = true;
    if (!make_room(b, &def->units, def->n_units, PH_SYNTHDEF_UNITS_MAX, sizeof *def->units,
                   &b->units_space))
        return (struct ph_input){-1, 0};
    struct ph_unit_spec u = {.rate = (uint8_t)rate, .special = special, .key = key};
    u.name = copy_text(b, unit);
    u.inputs = calloc((size_t)n_inputs + 1, sizeof *u.inputs);
    u.output_rates = malloc((size_t)n_outputs + 1);
    if (!u.name || !u.inputs || !u.output_rates) {
        b->failed = true;
        free(u.name);
        free(u.inputs);
        free(u.output_rates);
        return (struct ph_input){-1, 0};
    }
    u.n_inputs = n_inputs;
    u.n_outputs = n_outputs;
    if (n_inputs)
        memcpy(u.inputs, inputs, n_inputs * sizeof *inputs);
    memset(u.output_rates, (int)rate, n_outputs);
    def->units[def->n_units] = u;
    return (struct ph_input){(int32_t)def->n_units++, 0};
}

ph_status ph_build_end(struct ph_build *b, struct ph_synthdef *out)
{
    /* Reaching a limit and lack of memory both stop the build; counts tell which it was. */
    const bool full = b->def.n_units >= PH_SYNTHDEF_UNITS_MAX ||
                      b->def.n_controls >= PH_SYNTHDEF_CONTROLS_MAX ||
                      b->def.n_constants >= PH_SYNTHDEF_WIRES_MAX;
    ph_status status = !b->failed ? ph_synthdef_validate(&b->def, NULL)
                       : full     ? PH_TOO_LARGE
                                  : PH_NO_MEMORY;

    *out = b->def;
    b->def = (struct ph_synthdef){0};
    if (status != PH_OK)
        ph_synthdef_finish(out);
    return status;
}
