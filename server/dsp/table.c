/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/table.c - unit id -> kernel, expanded from protocol/units.h.                        */
/* room: none; called when a definition is compiled.                                              */
#include "server/dsp/arith.h"
#include "server/dsp/sets.h"

#define NOTHING(id, name, outputs, rates, ...)
#define DECLARE(id, name, outputs, rates, ...) extern const struct dsp_unit DSP(dsp_##name);
#define ENTRY(id, name, outputs, rates, ...) [PH_UNIT_##id] = &DSP(dsp_##name),
#if LANE_W == 1
#define ROWS(U) PH_UNITS(U, U, )
#else
#define ROWS(U) PH_UNITS(U, NOTHING, )
#endif

ROWS(DECLARE)
static const struct dsp_unit *const kernels[PH_UNIT_COUNT] = { ROWS(ENTRY) };

const struct dsp_unit *DSP(dsp_unit)(enum ph_unit unit, int16_t special)
{
    if (unit == PH_UNIT_BINARY_OP)
        return DSP(dsp_binary_op)(special);
    if (unit == PH_UNIT_UNARY_OP)
        return DSP(dsp_unary_op)(special);
    return (unsigned)unit < PH_UNIT_COUNT ? kernels[unit] : NULL;
}
