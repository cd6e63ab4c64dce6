/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/synthdef.c - SCgf files: read, write, validate, list.                                 */
/* room: none (pure).                                                                             */
#include "protocol/synthdef.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/units.h"

enum {
    DEFS_MAX = 4096,          /* of one file */
    VARIANTS_MAX = 1024,
    CLASS_NAME_MAX = 255,
    UNIT_BYTES_MIN = 8 /* smallest unit on disk: empty name, rate, counts, special (version 1) */
};

static void unit_finish(struct ph_unit_spec *u)
{
    free(u->name);
    free(u->inputs);
    free(u->output_rates);
}

void ph_synthdef_finish(struct ph_synthdef *def)
{
    if (!def)
        return;
    for (uint32_t i = 0; def->names && i < def->n_names; i++)
        free(def->names[i].name);
    for (uint32_t i = 0; def->units && i < def->n_units; i++)
        unit_finish(&def->units[i]);
    for (uint32_t i = 0; def->variants && i < def->n_variants; i++) {
        free(def->variants[i].name);
        free(def->variants[i].values);
    }
    free(def->name);
    free(def->constants);
    free(def->controls);
    free(def->names);
    free(def->units);
    free(def->variants);
    *def = (struct ph_synthdef){0};
}

void ph_synthdefs_free(struct ph_synthdef *defs, uint32_t n_defs)
{
    for (uint32_t i = 0; defs && i < n_defs; i++)
        ph_synthdef_finish(&defs[i]);
    free(defs);
}

/* ---- reading --------------------------------------------------------------------------------- */

/** A file being read: where, and how wide its counts are. */
struct source {
    struct ph_reader r;
    int32_t version;
};

static int32_t read_count(struct source *s)
{
    return s->version >= 2 ? ph_read_i32(&s->r) : ph_read_i16(&s->r);
}

/**
 * Reads a count and allocates that many items of `bytes`, after checking that the file can hold
 * them: each takes at least `bytes_min` of what is left.
 */
static ph_status read_array(struct source *s, int32_t n_max, size_t bytes_min, size_t bytes,
                            uint32_t *n, void *array)
{
    const int32_t count = read_count(s);

    if (s->r.failed)
        return PH_TRUNCATED;
    if (count < 0)
        return PH_BAD_DEF;
    if (count > n_max)
        return PH_TOO_LARGE;
    if ((size_t)count > ph_reader_left(&s->r) / bytes_min)
        return PH_TRUNCATED;
    void *const items = calloc((size_t)count + 1, bytes);
    if (!items)
        return PH_NO_MEMORY;
    memcpy(array, &items, sizeof items);
    *n = (uint32_t)count;
    return PH_OK;
}

static ph_status read_floats(struct source *s, uint32_t *n, float **out)
{
    const ph_status status =
        read_array(s, PH_SYNTHDEF_WIRES_MAX, sizeof(float), sizeof(float), n, out);

    for (uint32_t i = 0; status == PH_OK && i < *n; i++)
        (*out)[i] = ph_read_f32(&s->r);
    return status;
}

static ph_status read_name(struct source *s, char **out)
{
    const size_t length = ph_read_u8(&s->r);
    const uint8_t *bytes = ph_read_bytes(&s->r, length);

    if (!bytes)
        return PH_TRUNCATED;
    if (memchr(bytes, 0, length))
        return PH_BAD_DEF;
    char *const name = malloc(length + 1);
    if (!name)
        return PH_NO_MEMORY;
    memcpy(name, bytes, length);
    name[length] = 0;
    *out = name;
    return PH_OK;
}

static ph_status read_names(struct source *s, struct ph_synthdef *def)
{
    ph_status status = read_array(s, PH_SYNTHDEF_CONTROLS_MAX, 3, sizeof *def->names,
                                  &def->n_names, &def->names);

    for (uint32_t i = 0; status == PH_OK && i < def->n_names; i++) {
        status = read_name(s, &def->names[i].name);
        const int32_t index = read_count(s);
        if (status == PH_OK && index < 0)
            status = PH_BAD_DEF;
        def->names[i].index = (uint32_t)index;
    }
    return status;
}

static ph_status read_unit(struct source *s, struct ph_unit_spec *u)
{
    ph_status status = read_name(s, &u->name);
    if (status != PH_OK)
        return status;
    u->rate = ph_read_u8(&s->r);
    const size_t count_bytes = s->version >= 2 ? 4 : 2;
    const int32_t n_inputs = read_count(s), n_outputs = read_count(s);
    u->special = ph_read_i16(&s->r);
    if (s->r.failed)
        return PH_TRUNCATED;
    if (n_inputs < 0 || n_outputs < 0)
        return PH_BAD_DEF;
    if (n_inputs > PH_SYNTHDEF_WIRES_MAX || n_outputs > PH_SYNTHDEF_WIRES_MAX)
        return PH_TOO_LARGE;
    if ((size_t)n_inputs * 2 * count_bytes + (size_t)n_outputs > ph_reader_left(&s->r))
        return PH_TRUNCATED;
    u->inputs = calloc((size_t)n_inputs + 1, sizeof *u->inputs);
    u->output_rates = calloc((size_t)n_outputs + 1, 1);
    if (!u->inputs || !u->output_rates)
        return PH_NO_MEMORY;
    u->n_inputs = (uint32_t)n_inputs;
    u->n_outputs = (uint32_t)n_outputs;
    for (uint32_t i = 0; i < u->n_inputs; i++) {
        u->inputs[i].unit = read_count(s);
        u->inputs[i].output = read_count(s);
    }
    for (uint32_t i = 0; i < u->n_outputs; i++)
        u->output_rates[i] = ph_read_u8(&s->r);
    return PH_OK;
}

static ph_status read_units(struct source *s, struct ph_synthdef *def)
{
    ph_status status = read_array(s, PH_SYNTHDEF_UNITS_MAX, UNIT_BYTES_MIN, sizeof *def->units,
                                  &def->n_units, &def->units);

    for (uint32_t i = 0; status == PH_OK && i < def->n_units; i++)
        status = read_unit(s, &def->units[i]);
    return status;
}

static ph_status read_variants(struct source *s, struct ph_synthdef *def)
{
    const int32_t count = ph_read_i16(&s->r);
    const size_t bytes_each = 1 + def->n_controls * sizeof(float);

    if (s->r.failed)
        return PH_TRUNCATED;
    if (count < 0)
        return PH_BAD_DEF;
    if (count > VARIANTS_MAX)
        return PH_TOO_LARGE;
    if ((size_t)count > ph_reader_left(&s->r) / bytes_each)
        return PH_TRUNCATED;
    def->variants = calloc((size_t)count + 1, sizeof *def->variants);
    if (!def->variants)
        return PH_NO_MEMORY;
    def->n_variants = (uint32_t)count;
    for (uint32_t i = 0; i < def->n_variants; i++) {
        struct ph_variant *const v = &def->variants[i];
        const ph_status status = read_name(s, &v->name);
        if (status != PH_OK)
            return status;
        if (def->n_controls * sizeof(float) > ph_reader_left(&s->r))
            return PH_TRUNCATED;
        v->values = calloc((size_t)def->n_controls + 1, sizeof(float));
        if (!v->values)
            return PH_NO_MEMORY;
        for (uint32_t k = 0; k < def->n_controls; k++)
            v->values[k] = ph_read_f32(&s->r);
    }
    return PH_OK;
}

static ph_status read_def(struct source *s, struct ph_synthdef *def)
{
    ph_status status = read_name(s, &def->name);

    if (status == PH_OK)
        status = read_floats(s, &def->n_constants, &def->constants);
    if (status == PH_OK)
        status = read_floats(s, &def->n_controls, &def->controls);
    if (status == PH_OK)
        status = read_names(s, def);
    if (status == PH_OK)
        status = read_units(s, def);
    if (status == PH_OK && s->version >= 1)
        status = read_variants(s, def);
    if (status == PH_OK && s->r.failed)
        status = PH_TRUNCATED;
    if (status == PH_OK)
        status = ph_synthdef_validate(def, NULL);
    return status;
}

ph_status ph_synthdefs_read(const void *data, size_t size, struct ph_synthdef **defs,
                            uint32_t *n_defs)
{
    struct source s = {.r = ph_reader_of(data, size)};
    const uint8_t *magic = ph_read_bytes(&s.r, 4);

    *defs = NULL;
    *n_defs = 0;
    s.version = ph_read_i32(&s.r);
    const int16_t count = ph_read_i16(&s.r);
    if (s.r.failed)
        return PH_TRUNCATED;
    if (memcmp(magic, "SCgf", 4) != 0 || s.version < 0 || s.version > 2 || count < 0)
        return PH_BAD_DEF;
    if (count > DEFS_MAX)
        return PH_TOO_LARGE;
    if ((size_t)count > ph_reader_left(&s.r) / 9) /* name and four counts of 16 bits */
        return PH_TRUNCATED;
    struct ph_synthdef *const list = calloc((size_t)count + 1, sizeof *list);
    if (!list)
        return PH_NO_MEMORY;
    ph_status status = PH_OK;
    uint32_t n = 0; /* that are whole */
    while (n < (uint32_t)count && (status = read_def(&s, &list[n])) == PH_OK)
        n++;
    if (status != PH_OK)
        ph_synthdef_finish(&list[n]);
    if (n == 0 && status != PH_OK) {
        free(list);
        return status;
    }
    *defs = list;
    *n_defs = n;
    return status;
}

/* ---- what other compilers write more than units have ----------------------------------------- */

static bool is_read(const struct ph_synthdef *def, uint32_t unit)
{
    for (uint32_t u = unit + 1; u < def->n_units; u++)
        for (uint32_t i = 0; i < def->units[u].n_inputs; i++)
            if (def->units[u].inputs[i].unit == (int32_t)unit)
                return true;
    return false;
}

static bool takes_any_number(const struct ph_unit_info *info)
{
    const enum ph_quantity last =
        info->n_inputs > 0 ? info->inputs[info->n_inputs - 1].quantity : PH_AMP;
    return last == PH_REST_AMP || last == PH_REST_NUMBER;
}

void ph_synthdef_drop_surplus(struct ph_synthdef *def)
{
    for (uint32_t u = 0; u < def->n_units; u++) {
        struct ph_unit_spec *const spec = &def->units[u];
        const int unit = ph_unit_find(spec->name);
        if (unit < 0)
            continue;
        const struct ph_unit_info *const info = &ph_units[unit];
        if (spec->n_inputs > info->n_inputs && !takes_any_number(info))
            spec->n_inputs = info->n_inputs;
        if (spec->n_outputs > 0 && info->n_outputs == 0 && !is_read(def, u))
            spec->n_outputs = 0;
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_name(struct ph_writer *w, const char *name)
{
    const size_t length = strlen(name);

    ph_write_u8(w, (uint8_t)length);
    ph_write_bytes(w, name, length);
}

static void write_floats(struct ph_writer *w, const float *values, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        ph_write_f32(w, values[i]);
}

static void write_unit(struct ph_writer *w, const struct ph_unit_spec *u)
{
    write_name(w, u->name);
    ph_write_u8(w, u->rate);
    ph_write_i32(w, (int32_t)u->n_inputs);
    ph_write_i32(w, (int32_t)u->n_outputs);
    ph_write_i16(w, u->special);
    for (uint32_t i = 0; i < u->n_inputs; i++) {
        ph_write_i32(w, u->inputs[i].unit);
        ph_write_i32(w, u->inputs[i].output);
    }
    ph_write_bytes(w, u->output_rates, u->n_outputs);
}

static void write_def(struct ph_writer *w, const struct ph_synthdef *def)
{
    write_name(w, def->name);
    ph_write_i32(w, (int32_t)def->n_constants);
    write_floats(w, def->constants, def->n_constants);
    ph_write_i32(w, (int32_t)def->n_controls);
    write_floats(w, def->controls, def->n_controls);
    ph_write_i32(w, (int32_t)def->n_names);
    for (uint32_t i = 0; i < def->n_names; i++) {
        write_name(w, def->names[i].name);
        ph_write_i32(w, (int32_t)def->names[i].index);
    }
    ph_write_i32(w, (int32_t)def->n_units);
    for (uint32_t i = 0; i < def->n_units; i++)
        write_unit(w, &def->units[i]);
    ph_write_i16(w, (int16_t)def->n_variants);
    for (uint32_t i = 0; i < def->n_variants; i++) {
        write_name(w, def->variants[i].name);
        write_floats(w, def->variants[i].values, def->n_controls);
    }
}

ph_status ph_synthdefs_write(const struct ph_synthdef *defs, uint32_t n_defs, struct ph_writer *out)
{
    if (n_defs > DEFS_MAX)
        return PH_TOO_LARGE;
    for (uint32_t i = 0; i < n_defs; i++) {
        const ph_status status = ph_synthdef_validate(&defs[i], NULL);
        if (status != PH_OK)
            return status;
    }
    ph_write_bytes(out, "SCgf", 4);
    ph_write_i32(out, 2);
    ph_write_i16(out, (int16_t)n_defs);
    for (uint32_t i = 0; i < n_defs; i++)
        write_def(out, &defs[i]);
    return out->failed ? PH_NO_MEMORY : PH_OK;
}

ph_status ph_unit_keys_write(const struct ph_synthdef *def, struct ph_writer *out)
{
    for (uint32_t i = 0; i < def->n_units; i++)
        ph_write_i64(out, (int64_t)def->units[i].key);
    return out->failed ? PH_NO_MEMORY : PH_OK;
}

ph_status ph_unit_keys_read(struct ph_synthdef *def, const void *data, size_t size)
{
    struct ph_reader r = ph_reader_of(data, size);

    if (size / 8 < def->n_units)
        return PH_TRUNCATED;
    if (size / 8 != def->n_units || size % 8 != 0)
        return PH_MALFORMED;
    for (uint32_t i = 0; i < def->n_units; i++)
        def->units[i].key = (uint64_t)ph_read_i64(&r);
    return PH_OK;
}

/* ---- validation ------------------------------------------------------------------------------ */

__attribute__((format(printf, 3, 4))) static ph_status refuse(char *error, ph_status status,
                                                              const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error, 128, format, args);
        va_end(args);
    }
    return status;
}

/** Units whose outputs are this def's controls, from number `special` on. */
static bool reads_controls(const char *name)
{
    return strcmp(name, "Control") == 0 || strcmp(name, "AudioControl") == 0 ||
           strcmp(name, "TrigControl") == 0 || strcmp(name, "LagControl") == 0;
}

static ph_status check_input(const struct ph_synthdef *def, uint32_t unit, uint32_t input,
                             char *error)
{
    const struct ph_unit_spec *const u = &def->units[unit];
    const struct ph_input in = u->inputs[input];

    if (in.unit < -1 || in.unit >= (int32_t)unit)
        return refuse(error, PH_BAD_DEF, "unit %u %.40s: input %u is no earlier unit", unit,
                      u->name, input);
    const uint32_t n = in.unit < 0 ? def->n_constants : def->units[in.unit].n_outputs;
    if (in.output < 0 || (uint32_t)in.output >= n)
        return refuse(error, PH_BAD_DEF, "unit %u %.40s: input %u names no %s", unit, u->name,
                      input, in.unit < 0 ? "constant" : "output");
    return PH_OK;
}

static ph_status check_unit(const struct ph_synthdef *def, uint32_t unit, char *error)
{
    const struct ph_unit_spec *const u = &def->units[unit];

    if (!u->name || strlen(u->name) > CLASS_NAME_MAX)
        return refuse(error, PH_BAD_DEF, "unit %u: name", unit);
    if (u->rate > PH_DEMAND)
        return refuse(error, PH_BAD_DEF, "unit %u %.40s: rate %u", unit, u->name, u->rate);
    if (u->n_inputs > PH_SYNTHDEF_WIRES_MAX || u->n_outputs > PH_SYNTHDEF_WIRES_MAX)
        return refuse(error, PH_TOO_LARGE, "unit %u %.40s: too many wires", unit, u->name);
    for (uint32_t i = 0; i < u->n_outputs; i++)
        if (u->output_rates[i] > PH_DEMAND)
            return refuse(error, PH_BAD_DEF, "unit %u %.40s: rate of output %u", unit, u->name, i);
    for (uint32_t i = 0; i < u->n_inputs; i++) {
        const ph_status status = check_input(def, unit, i, error);
        if (status != PH_OK)
            return status;
    }
    if (reads_controls(u->name) &&
        (u->special < 0 || (uint32_t)u->special > def->n_controls ||
         u->n_outputs > def->n_controls - (uint32_t)u->special))
        return refuse(error, PH_BAD_DEF, "unit %u %.40s: no such controls", unit, u->name);
    return PH_OK;
}

ph_status ph_synthdef_validate(const struct ph_synthdef *def, char *error)
{
    uint64_t n_wires = 0;

    if (!def->name || def->name[0] == 0 || strlen(def->name) > PH_NAME_MAX)
        return refuse(error, PH_BAD_DEF, "definition without a name");
    if (def->n_units > PH_SYNTHDEF_UNITS_MAX || def->n_controls > PH_SYNTHDEF_CONTROLS_MAX ||
        def->n_names > PH_SYNTHDEF_CONTROLS_MAX || def->n_constants > PH_SYNTHDEF_WIRES_MAX ||
        def->n_variants > VARIANTS_MAX)
        return refuse(error, PH_TOO_LARGE, "too many units, controls or constants");
    for (uint32_t i = 0; i < def->n_names; i++) {
        if (!def->names[i].name || strlen(def->names[i].name) > PH_NAME_MAX)
            return refuse(error, PH_BAD_DEF, "control %u: name", i);
        if (def->names[i].index >= def->n_controls)
            return refuse(error, PH_BAD_DEF, "control %.40s: index %u", def->names[i].name,
                          def->names[i].index);
    }
    for (uint32_t i = 0; i < def->n_variants; i++)
        if (!def->variants[i].name || !def->variants[i].values ||
            strlen(def->variants[i].name) > PH_NAME_MAX)
            return refuse(error, PH_BAD_DEF, "variant %u", i);
    for (uint32_t i = 0; i < def->n_units; i++) {
        const ph_status status = check_unit(def, i, error);
        if (status != PH_OK)
            return status;
        n_wires += def->units[i].n_inputs + def->units[i].n_outputs;
    }
    if (n_wires > PH_SYNTHDEF_WIRES_MAX)
        return refuse(error, PH_TOO_LARGE, "more than %d wires", PH_SYNTHDEF_WIRES_MAX);
    return PH_OK;
}

/* ---- text ------------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 3))) static void put(struct ph_writer *w, const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    const int length = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (length > 0)
        ph_write_bytes(w, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

void ph_synthdef_list(const struct ph_synthdef *def, struct ph_writer *out)
{
    static const char *const rates[] = {"ir", "kr", "ar", "dr"};

    put(out, "%s\n", def->name ? def->name : "");
    for (uint32_t i = 0; i < def->n_names; i++)
        put(out, "  %s [%u] = %.9g\n", def->names[i].name, def->names[i].index,
            (double)def->controls[def->names[i].index]);
    for (uint32_t i = 0; i < def->n_units; i++) {
        const struct ph_unit_spec *const u = &def->units[i];
        put(out, "%u  %s.%s  %u", i, u->name, rates[u->rate & 3], u->n_outputs);
        if (u->special)
            put(out, "  special %d", u->special);
        put(out, u->n_inputs ? " <- " : "");
        for (uint32_t k = 0; k < u->n_inputs; k++) {
            const struct ph_input in = u->inputs[k];
            if (in.unit < 0)
                put(out, "%s%.9g", k ? ", " : "", (double)def->constants[in.output]);
            else
                put(out, "%su%d:%d", k ? ", " : "", in.unit, in.output);
        }
        put(out, "\n");
    }
}
