/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/synths.c - SuperDirt's synths, unit by unit.                                       */
/* room: command thread.                                                                          */
#include "server/dirt/synths.h"

#include <string.h>

/** A cosine under a Gaussian bell: a grain. */
static struct sound build_gabor(struct graph *g)
{
    const struct ph_input zero = num(g, 0);
    const struct ph_input wave =
        UNIT(g, "SinOsc", PH_AUDIO, fixed(g, "freq", 440), num(g, 1.57079633f));
    const struct ph_input bell = UNIT(g, "LFGauss", PH_AUDIO, fixed(g, "sustain", 0.03f),
                                      fixed(g, "width", 0.3f), zero, zero, zero);
    return (struct sound){ 1, { mul(g, wave, scaled(g, bell, 0.5f, 0.5f)) } };
}

static const struct {
    const char *name;
    uint32_t n_channels;
    struct sound (*build)(struct graph *g);
} synths[] = {
    { "gabor", 1, build_gabor },
};
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
