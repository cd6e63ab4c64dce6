/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/compile.h - a compilation in progress, and its steps.                               */
/* room: command and sequencer threads.                                                           */
#ifndef SERVER_NRT_COMPILE_H
#define SERVER_NRT_COMPILE_H

#include "protocol/units.h"
#include "server/nrt/synth.h"

/** Compilation in progress. */
struct compiler {
    const struct ph_synthdef *from;
    const struct dsp_set *set;
    struct rt_def *to;
    uint32_t *first_output; /* [n_units + 1]: index into `outputs` of each unit's first output */
    struct rt_wire *outputs;
    uint32_t *last_use;     /* per output: the last unit that reads it, or the one that writes it */
    bool *taken;            /* [n_wires_max]: scratch wires */
    uint32_t n_wires_max;
    bool is_clients;
    char *error;
};

/** Says why unit `unit` can't be compiled. @return status */
__attribute__((format(printf, 4, 5))) ph_status
nrt_compile_fail(const struct compiler *c, uint32_t unit, ph_status status, const char *format, ...);

/** The unit table's row of an input; NULL: the unit has none. */
static inline const struct ph_unit_input *nrt_compile_row(const struct rt_unit *unit, uint32_t input)
{
    const struct ph_unit_info *const info = &ph_units[unit->unit];
    return info->n_inputs == 0 ? NULL
                               : &info->inputs[input < info->n_inputs ? input : info->n_inputs - 1u];
}

/* The steps, in their order. */

/** compile_units.c: where the feedback loop begins and ends, if there is one. */
PH_NODISCARD ph_status nrt_compile_find_loop(const struct compiler *c);
/** Inputs, outputs and rates of a unit, and the controls that it reads. */
PH_NODISCARD ph_status nrt_compile_check_unit(struct compiler *c, uint32_t u, int unit);

/** compile_wires.c: how many outputs a unit has places for. */
uint32_t nrt_compile_outputs(const struct ph_unit_spec *spec);
void nrt_compile_find_last_uses(struct compiler *c);
/** Inputs and outputs of a unit, behind those of the units before it. */
PH_NODISCARD ph_status nrt_compile_wire(struct compiler *c, uint32_t u);
/** When all units have their wires. `is_clients`: nrt_target. */
void nrt_compile_rate_wires(struct rt_def *def, bool is_clients);

/** compile_relations.c: which unit an input comes from, where some unit asks for it. */
PH_NODISCARD ph_status nrt_compile_find_sources(const struct compiler *c);
/** What the plan (rt/plan.h) must know. */
void nrt_compile_find_accesses(const struct compiler *c);

/** compile_wide.c: makes the def one whose synths may join in lanes, if it can be. */
void nrt_compile_widen(struct rt_def *def, uint32_t width);

/** compile_told.c: records that units keep; messages that they send. */
PH_NODISCARD ph_status nrt_compile_find_taps(struct compiler *c);
PH_NODISCARD ph_status nrt_compile_find_messengers(const struct compiler *c);

/** def.c: an empty def with room for what `from` has, and its constants; NULL: no memory. */
struct rt_def *nrt_def_new(const struct ph_synthdef *from, const struct nrt_target *target);

#endif
