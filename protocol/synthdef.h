/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/synthdef.h - SynthDefs in memory, as SCgf files, as text; unit keys beside them.      */
/* room: none (pure).                                                                             */
#ifndef PROTOCOL_SYNTHDEF_H
#define PROTOCOL_SYNTHDEF_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/bytes.h"
#include "protocol/status.h"
#include "protocol/units.h"

enum {
    PH_NAME_MAX = 255,              /* bytes of a def name, without the terminator */
    PH_SYNTHDEF_UNITS_MAX = 4096,   /* limits that keep hostile defs cheap to refuse */
    PH_SYNTHDEF_CONTROLS_MAX = 4096,
    PH_SYNTHDEF_WIRES_MAX = 65536
};

/** Unit index -1: constant number `output`; else output `output` of an earlier unit. */
struct ph_input {
    int32_t unit, output;
};

struct ph_unit_spec {
    char *name;           /* class name: "SinOsc" */
    uint8_t rate;         /* enum ph_rate */
    int16_t special;      /* operator number, first control index, else 0 */
    uint32_t n_inputs, n_outputs;
    struct ph_input *inputs;
    uint8_t *output_rates;
    uint64_t key;         /* stable key for state carried over an edit; 0: none */
};

struct ph_param_name {
    char *name;
    uint32_t index;
};

struct ph_variant {
    char *name; /* "def.variant" */
    float *values;
};

/** One definition; owns everything it points to. Zeroed is empty. */
struct ph_synthdef {
    char *name;
    uint32_t n_constants, n_controls, n_names, n_units, n_variants;
    float *constants;
    float *controls; /* initial control values */
    struct ph_param_name *names;
    struct ph_unit_spec *units;
    struct ph_variant *variants;
};

void ph_synthdef_finish(struct ph_synthdef *def);

/**
 * All defs of one SCgf file, version 0, 1 or 2; after a failure those before the damaged one. Free
 * `defs` with ph_synthdefs_free() in any case.
 */
PH_NODISCARD ph_status ph_synthdefs_read(const void *data, size_t size, struct ph_synthdef **defs,
                                         uint32_t *n_defs);
void ph_synthdefs_free(struct ph_synthdef *defs, uint32_t n_defs);

/**
 * Drops inputs behind a unit's last one, and outputs of a unit that has none if nobody reads them.
 * Overtone writes both (mul and add of a SinOsc, an output of SendReply), and scsynth never looks.
 */
void ph_synthdef_drop_surplus(struct ph_synthdef *def);

/** Appends an SCgf version 2 file that holds `n_defs` definitions. */
PH_NODISCARD ph_status ph_synthdefs_write(const struct ph_synthdef *defs, uint32_t n_defs,
                                          struct ph_writer *out);

/** Unit keys beside an SCgf blob: one big-endian int64 per unit, in unit order. */
PH_NODISCARD ph_status ph_unit_keys_write(const struct ph_synthdef *def, struct ph_writer *out);
PH_NODISCARD ph_status ph_unit_keys_read(struct ph_synthdef *def, const void *data, size_t size);

/**
 * Structure only: inputs refer to earlier units and existing outputs, constants and control ranges
 * exist, names are terminated. Whether the units are known is the server compiler's to say.
 * `error` (may be NULL, space for 128) receives what is wrong, naming the unit.
 */
PH_NODISCARD ph_status ph_synthdef_validate(const struct ph_synthdef *def, char *error);

/** Writes the def as text, one unit a line: `3  Out.ar  2 <- c0, u2:0`. For people and tests. */
void ph_synthdef_list(const struct ph_synthdef *def, struct ph_writer *out);

/* ---- building -------------------------------------------------------------------------------- */

/**
 * A def under construction. Failed allocations set `failed`; every call is then harmless and
 * ph_build_end() says PH_NO_MEMORY. Equal constants share one slot.
 */
struct ph_build {
    struct ph_synthdef def;
    bool failed;
    uint32_t units_space, constants_space, controls_space, names_space;
};

void ph_build_begin(struct ph_build *b, const char *name);
struct ph_input ph_build_constant(struct ph_build *b, float value);
/**
 * One named parameter behind a Control (`PH_CONTROL`,
 * `PH_SCALAR`) or AudioControl (`PH_AUDIO`) unit.
 */
struct ph_input ph_build_control(struct ph_build *b, const char *name, float initial,
                                 enum ph_rate rate);
/** A named parameter that is 0 again after each block in which it was set: TrigControl. */
struct ph_input ph_build_trigger(struct ph_build *b, const char *name);
/** Adds a unit and returns its first output; further outputs: same unit, output + 1 ... */
struct ph_input ph_build_unit(struct ph_build *b, const char *unit, enum ph_rate rate,
                              int16_t special, uint32_t n_outputs, const struct ph_input *inputs,
                              uint32_t n_inputs, uint64_t key);
/** Moves the def to `out` (also on failure, then empty) and validates it. */
PH_NODISCARD ph_status ph_build_end(struct ph_build *b, struct ph_synthdef *out);

#endif
