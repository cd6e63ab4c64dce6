/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths.c - the table of SuperDirt's synths.                                        */
/* room: command thread.                                                                          */
#include "server/dirt/synths.h"

#include <string.h>

#include "server/dirt/synth_parts.h"

#define ROW(name, channels) { #name, channels, dirt_build_##name },
static const struct {
    const char *name;
    uint32_t n_channels;
    struct sound (*build)(struct graph *g);
} synths[] = { DIRT_SYNTHS(ROW) };
#undef ROW
enum { SYNTHS = sizeof synths / sizeof *synths };
_Static_assert(SYNTHS < 255, "numbers fit struct dirt_form");

int dirt_synth_find(const char *name)
{
    for (int i = 0; i < SYNTHS; i++)
        if (strcmp(synths[i].name, name) == 0)
            return i;
    return -1;
}

uint32_t dirt_synth_channels(uint32_t synth)
{
    return synths[synth].n_channels;
}

uint32_t dirt_synth_count(void)
{
    return SYNTHS;
}

const char *dirt_synth_name(uint32_t synth)
{
    return synths[synth].name;
}

struct sound dirt_synth_build(struct graph *g, uint32_t synth)
{
    return synths[synth].build(g);
}
