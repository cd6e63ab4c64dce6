/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protocol/units.c - the unit table as data, and look-up by class name.                          */
/* room: none (pure).                                                                             */
#include "protocol/units.h"

#include <stddef.h>
#include <string.h>

#define INPUT(name, quantity, initial) {name, quantity, initial},

/* One array of inputs a unit; the empty last row keeps arrays of units without inputs valid. */
#define UNIT_INPUTS(id, name, outputs, rates, ...)                                                 \
    static const struct ph_unit_input inputs_##id[] = {__VA_ARGS__{NULL, PH_NUMBER, 0}};
PH_UNITS(UNIT_INPUTS, UNIT_INPUTS, INPUT)

#define UNIT_INFO(id, name, outputs, rates, ...)                                                   \
    [PH_UNIT_##id] = {#name, outputs, rates, sizeof inputs_##id / sizeof inputs_##id[0] - 1,       \
                      inputs_##id},
const struct ph_unit_info ph_units[PH_UNIT_COUNT] = {PH_UNITS(UNIT_INFO, UNIT_INFO, INPUT)};

int ph_unit_find(const char *name)
{
    for (int i = 0; i < PH_UNIT_COUNT; i++)
        if (strcmp(ph_units[i].name, name) == 0)
            return i;
    return -1;
}
