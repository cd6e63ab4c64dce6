/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/spectra.c - a delay in sixteen bands; what changes spectra of 2048 frames.         */
/* room: command thread.                                                                          */
#include "server/dirt/spectra.h"

#include <math.h>

enum { BANDS = 16, FFT_FRAMES = 2048 };

/** Bands from 40 to 17000 Hz; the bits of `xsdelay` choose by how many sixteenths each is late. */
void dirt_build_spectral_delay(struct graph *g, struct sound *s)
{
    const struct ph_input most = scaled(g, knob(g, "tsdelay", 0), 0.2f / BANDS, 0);
    const struct ph_input pattern = knob(g, "xsdelay", 0), longest = num(g, 0.2f);
    struct ph_input late[BANDS];
    for (uint32_t i = 0; i < BANDS; i++) {
        const struct ph_input bits = binary(g, PH_BINARY_BIT_AND, num(g, (float)(i + 1)), pattern);
        late[i] = mul(g, bits, most);
    }
    for (uint32_t c = 0; c < s->n; c++) {
        struct ph_input sum = num(g, 0);
        for (uint32_t i = 0; i < BANDS; i++) {
            const float hz = 40 * powf(17000.0f / 40, (float)i / (BANDS - 1));
            const struct ph_input band =
                UNIT(g, "BPF", PH_AUDIO, s->c[c], num(g, hz), num(g, 0.005f));
            const struct ph_input y = UNIT(g, "DelayN", PH_AUDIO, band, longest, late[i]);
            sum = i == 0 ? y : add(g, sum, y);
        }
        s->c[c] = UNIT(g, "MulAdd", PH_AUDIO, sum, num(g, 4), scaled(g, s->c[c], 0.2f, 0));
    }
}

/** A channel's spectrum, half a window on each time. */
static struct ph_input spectrum(struct graph *g, struct ph_input x)
{
    const struct ph_input frames = UNIT(g, "LocalBuf", PH_SCALAR, num(g, 1), num(g, FFT_FRAMES));
    return UNIT(g, "FFT", PH_CONTROL, frames, x, num(g, 0.5f), num(g, 0), num(g, 1), num(g, 0));
}

static struct ph_input sound_of(struct graph *g, struct ph_input chain)
{
    return UNIT(g, "IFFT", PH_AUDIO, chain, num(g, 0), num(g, 0));
}

/** Each channel's spectrum through a unit. */
#define EACH_SPECTRUM(g, s, name, ...)                                                             \
    do                                                                                             \
        for (uint32_t i_ = 0; i_ < (s)->n; i_++)                                                   \
            (s)->c[i_] = sound_of(                                                                 \
                g, UNIT(g, name, PH_CONTROL, spectrum(g, (s)->c[i_]), __VA_ARGS__));               \
    while (0)

static void bend(struct graph *g, struct sound *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        s->c[i] = unary(g, PH_UNARY_TANH, s->c[i]);
}

void dirt_build_freeze(struct graph *g, struct sound *s)
{
    const struct ph_input freeze = knob(g, "freeze", 0);
    EACH_SPECTRUM(g, s, "PV_Freeze", freeze);
}

void dirt_build_comb(struct graph *g, struct sound *s)
{
    const struct ph_input comb = knob(g, "comb", 0), teeth = scaled(g, comb, 256, 0);
    const struct ph_input width = sub(g, num(g, 1), comb);
    EACH_SPECTRUM(g, s, "PV_RectComb", teeth, num(g, 0), width);
}

void dirt_build_smear(struct graph *g, struct sound *s)
{
    const struct ph_input bins = linexp(g, knob(g, "smear", 0), 0, 1, 1, 64);
    EACH_SPECTRUM(g, s, "PV_MagSmear", bins);
}

void dirt_build_scramble(struct graph *g, struct sound *s)
{
    const struct ph_input scram = knob(g, "scram", 0);
    EACH_SPECTRUM(g, s, "PV_BinScramble", scram, scram, num(g, 0));
}

void dirt_build_bin_shift(struct graph *g, struct sound *s)
{
    const struct ph_input shift = knob(g, "binshift", 0);
    const struct ph_input stretch = linlin(g, shift, 0, 1, 0.01f, 4);
    const struct ph_input bins = scaled(g, shift, 10, 0);
    EACH_SPECTRUM(g, s, "PV_BinShift", stretch, bins, num(g, 1));
}

/** Near 0.5 hardly anything is left, hence the factor. */
void dirt_build_high_brick(struct graph *g, struct sound *s)
{
    const struct ph_input wipe = scaled(g, knob(g, "hbrick", 0), 0.6f, 0);
    EACH_SPECTRUM(g, s, "PV_BrickWall", wipe);
}

void dirt_build_low_brick(struct graph *g, struct sound *s)
{
    const struct ph_input wipe = scaled(g, clipped(g, knob(g, "lbrick", 0), 0, 1), -1, 0);
    EACH_SPECTRUM(g, s, "PV_BrickWall", wipe);
}

void dirt_build_conform(struct graph *g, struct sound *s)
{
    const struct ph_input real = linlin(g, knob(g, "real", 0), 0, 1, 0.01f, 2);
    const struct ph_input imaginary = linlin(g, knob(g, "imag", 0), 0, 1, 0.01f, 10);
    EACH_SPECTRUM(g, s, "PV_ConformalMap", real, imaginary);
    bend(g, s);
}

void dirt_build_enhance(struct graph *g, struct sound *s)
{
    const struct ph_input amount = knob(g, "enhance", 0);
    const struct ph_input partials = linlin(g, amount, 0, 1, 1, 16);
    const struct ph_input ratio = linlin(g, amount, 0, 1, 1, 5);
    const struct ph_input strength = linlin(g, amount, 0, 1, 0, 0.99f);
    EACH_SPECTRUM(g, s, "PV_SpectralEnhance", partials, ratio, strength);
    bend(g, s);
}
