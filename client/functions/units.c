/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/functions/units.c - units of a SynthDef under construction, folded where all is known.  */
#include "client/functions/make.h"

#include <math.h>

#include "protocol/units.h"

struct ph_input unit_const(struct unit_build *u, double value)
{
    return ph_build_constant(&u->b, (float)value);
}

bool unit_is_const(const struct unit_build *u, struct ph_input in, double *value)
{
    if (in.unit != -1 || u->b.failed || (uint32_t)in.output >= u->b.def.n_constants)
        return false;
    *value = (double)u->b.def.constants[in.output];
    return true;
}

/* Place, function, unit, and its number among the equal ones: survives edits of anything else. */
static uint64_t next_key(struct unit_build *u, const char *unit)
{
    const uint64_t base = ph_hash_text(u->seed, unit);

    for (uint32_t i = 0;; i++) {
        const uint64_t key = ph_hash(base, &i, sizeof i);
        if (key_set_add(u->c->arena, &u->keys, key))
            return key;
    }
}

struct ph_input unit_make(struct unit_build *u, const char *name, uint32_t n_outputs,
                          const struct ph_input *inputs, uint32_t n_inputs)
{
    if (u->b.def.n_units >= PH_SYNTHDEF_UNITS_MAX) {
        if (!u->failed)
            diag_error(u->c->diag, u->sig ? u->sig->offset : 0,
                       "the definition needs more than %d units", PH_SYNTHDEF_UNITS_MAX);
        u->failed = true;
        return unit_const(u, 0);
    }
    return ph_build_unit(&u->b, name, PH_AUDIO, 0, n_outputs, inputs, n_inputs,
                         u->is_voice ? 0 : next_key(u, name));
}

static bool fold_binary(int op, double a, double b, double *out)
{
    switch (op) {
    case PH_BINARY_ADD: *out = a + b; return true;
    case PH_BINARY_SUB: *out = a - b; return true;
    case PH_BINARY_MUL: *out = a * b; return true;
    case PH_BINARY_FDIV: *out = a / b; return b != 0;
    case PH_BINARY_MIN: *out = a < b ? a : b; return true;
    case PH_BINARY_MAX: *out = a > b ? a : b; return true;
    case PH_BINARY_GT: *out = a > b; return true;
    case PH_BINARY_LT: *out = a < b; return true;
    default: return false;
    }
}

struct ph_input unit_binary(struct unit_build *u, int op, struct ph_input a, struct ph_input b)
{
    double x = 0, y = 0, folded;
    const bool ca = unit_is_const(u, a, &x), cb = unit_is_const(u, b, &y);

    if (ca && cb && fold_binary(op, x, y, &folded))
        return unit_const(u, folded);
    if (cb && ((op == PH_BINARY_MUL && y == 1) || (op == PH_BINARY_ADD && y == 0) ||
               (op == PH_BINARY_SUB && y == 0)))
        return a;
    if (ca && ((op == PH_BINARY_MUL && x == 1) || (op == PH_BINARY_ADD && x == 0)))
        return b;
    if (u->b.def.n_units >= PH_SYNTHDEF_UNITS_MAX)
        return UNIT(u, "BinaryOpUGen", a, b); /* reports */
    const struct ph_input inputs[] = { a, b };
    return ph_build_unit(&u->b, "BinaryOpUGen", PH_AUDIO, (int16_t)op, 1, inputs, 2, 0);
}

struct ph_input unit_unary(struct unit_build *u, int op, struct ph_input a)
{
    double x = 0;

    if (unit_is_const(u, a, &x)) {
        switch (op) {
        case PH_UNARY_NEG: return unit_const(u, -x);
        case PH_UNARY_TANH: return unit_const(u, tanh(x));
        case PH_UNARY_MIDIRATIO: return unit_const(u, exp2(x / 12));
        case PH_UNARY_MIDICPS: return unit_const(u, 440 * exp2((x - 69) / 12));
        case PH_UNARY_LOG: return unit_const(u, log(x > 1e-9 ? x : 1e-9));
        case PH_UNARY_ABS: return unit_const(u, fabs(x));
        case PH_UNARY_EXP: return unit_const(u, exp(x));
        case PH_UNARY_DBAMP: return unit_const(u, pow(10, x / 20));
        case PH_UNARY_AMPDB: return unit_const(u, 20 * log10(x > 1e-9 ? x : 1e-9));
        default: break;
        }
    }
    if (u->b.def.n_units >= PH_SYNTHDEF_UNITS_MAX)
        return UNIT(u, "UnaryOpUGen", a);
    return ph_build_unit(&u->b, "UnaryOpUGen", PH_AUDIO, (int16_t)op, 1, &a, 1, 0);
}
