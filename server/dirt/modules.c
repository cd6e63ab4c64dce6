/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dirt/modules.c - the effects of an event: SuperDirt's graphs, unit by unit.             */
/* room: command thread.                                                                          */
/*                                                                                                */
/* Parameters that an event leaves out are 0, as sclang sends them, whatever a SynthDef says.     */
#include "server/dirt/modules.h"

#include <math.h>
#include <stdio.h>

#include "server/dirt/spectra.h"

/* ---- vowels ---------------------------------------------------------------------------------- */

/**
 * A counter-tenor's formants: Csound's manual, appendix of formant values. Hz, dB, bandwidth in Hz.
 */
bool dirt_formants_of(const char *vowel, struct dirt_formant out[DIRT_FORMANTS])
{
    static const struct {
        char vowel;
        float hz[DIRT_FORMANTS], db[DIRT_FORMANTS], width[DIRT_FORMANTS];
    } table[] = {
        { 'a', { 660, 1120, 2750, 3000, 3350 }, { 0, -6, -23, -24, -38 },
          { 80, 90, 120, 130, 140 } },
        { 'e', { 440, 1800, 2700, 3000, 3300 }, { 0, -14, -18, -20, -20 },
          { 70, 80, 100, 120, 120 } },
        { 'i', { 270, 1850, 2900, 3350, 3590 }, { 0, -24, -24, -36, -36 },
          { 40, 90, 100, 120, 120 } },
        { 'o', { 430, 820, 2700, 3000, 3300 }, { 0, -10, -26, -22, -34 },
          { 40, 80, 100, 120, 120 } },
        { 'u', { 370, 630, 2750, 3000, 3400 }, { 0, -20, -23, -30, -34 },
          { 40, 60, 100, 120, 120 } },
    };
    for (uint32_t v = 0; v < sizeof table / sizeof *table; v++) {
        if (vowel[0] != table[v].vowel || vowel[1])
            continue;
        for (uint32_t i = 0; i < DIRT_FORMANTS; i++)
            out[i] = (struct dirt_formant){ table[v].hz[i], 1 / table[v].width[i],
                                            powf(10, table[v].db[i] / 20) };
        return true;
    }
    return false;
}

/* ---- graphs ---------------------------------------------------------------------------------- */

static struct ph_input formant_knob(struct graph *g, const char *name, uint32_t i)
{
    char text[24];
    snprintf(text, sizeof text, "%s%u", name, i);
    return fixed(g, text, 0);
}

static void build_vowel(struct graph *g, struct sound *s)
{
    const struct ph_input resonance = knob(g, "resonance", 0);
    const struct ph_input level = linlin(g, resonance, 0, 1, 50, 200);
    const struct ph_input width = linlin(g, resonance, 0, 1, 0.1f, 0.5f);
    const struct ph_input place = linlin(g, resonance, 0, 1, -0.5f, 1);
    struct ph_input hz[DIRT_FORMANTS], rq[DIRT_FORMANTS], gain[DIRT_FORMANTS];
    for (uint32_t i = 0; i < DIRT_FORMANTS; i++) {
        hz[i] = formant_knob(g, DIRT_FORMANT_HZ, i);
        rq[i] = over(g, formant_knob(g, DIRT_FORMANT_RQ, i), width);
        gain[i] = mul(g, formant_knob(g, DIRT_FORMANT_GAIN, i), level);
    }
    for (uint32_t c = 0; c < s->n; c++) {
        struct ph_input sum = num(g, 0);
        for (uint32_t i = 0; i < DIRT_FORMANTS; i++) {
            const struct ph_input band = UNIT(g, "BPF", PH_AUDIO, s->c[c], hz[i], rq[i]);
            sum = UNIT(g, "MulAdd", PH_AUDIO, band, gain[i], sum);
        }
        s->c[c] = UNIT(g, "XFade2", PH_AUDIO, s->c[c], sum, place, num(g, 0.25f));
    }
}

/** y = (1 + k) x / (1 + k |x|), k = 2 s / (1 - s). */
static void build_shape(struct graph *g, struct sound *s)
{
    const struct ph_input one = num(g, 1);
    const struct ph_input most = num(g, 1.0f - 4e-7f);
    const struct ph_input shape = binary(g, PH_BINARY_MIN, knob(g, "shape", 0), most);
    const struct ph_input k = over(g, scaled(g, shape, 2, 0), sub(g, one, shape));
    const struct ph_input above = add(g, one, k);
    for (uint32_t i = 0; i < s->n; i++) {
        const struct ph_input size = unary(g, PH_UNARY_ABS, s->c[i]);
        const struct ph_input below = UNIT(g, "MulAdd", PH_AUDIO, size, k, one);
        s->c[i] = over(g, mul(g, s->c[i], above), below);
    }
}

/** What a filter's frequency may be. */
static struct ph_input cutoff_of(struct graph *g, struct ph_input hz)
{
    return clipped(g, hz, 20, g->rate_hz / 2);
}

/** Reciprocal quality of a resonance 0 .. 1. */
static struct ph_input rq_of(struct graph *g, struct ph_input resonance)
{
    return linexp(g, resonance, 0, 1, 1, 0.001f);
}

static void build_hpf(struct graph *g, struct sound *s)
{
    const struct ph_input hz = cutoff_of(g, unary(g, PH_UNARY_ABS, knob(g, "hcutoff", 0)));
    const struct ph_input rq = rq_of(g, knob(g, "hresonance", 0));
    EACH(g, s, "RHPF", hz, rq);
}

static void build_bpf(struct graph *g, struct sound *s)
{
    const struct ph_input q = binary(g, PH_BINARY_MAX, knob(g, "bandq", 0), num(g, 1));
    const struct ph_input hz = cutoff_of(g, knob(g, "bandf", 0));
    const struct ph_input rq = over(g, num(g, 1), q);
    EACH(g, s, "BPF", hz, rq);
    amplify(g, s, q);
}

static void build_crush(struct graph *g, struct sound *s)
{
    const struct ph_input less = scaled(g, knob(g, "crush", 0), 1, -1);
    const struct ph_input step = binary(g, PH_BINARY_POW, num(g, 0.5f), less);
    for (uint32_t i = 0; i < s->n; i++)
        s->c[i] = binary(g, PH_BINARY_ROUND, s->c[i], step);
}

static void build_coarse(struct graph *g, struct sound *s)
{
    const struct ph_input hz = over(g, num(g, g->rate_hz), knob(g, "coarse", 1));
    const struct ph_input clock = UNIT(g, "Impulse", PH_AUDIO, hz, num(g, 0));
    EACH(g, s, "Latch", clock);
}

static void build_lpf(struct graph *g, struct sound *s)
{
    const struct ph_input hz = cutoff_of(g, unary(g, PH_UNARY_ABS, knob(g, "cutoff", 0)));
    const struct ph_input rq = rq_of(g, knob(g, "resonance", 0));
    EACH(g, s, "RLPF", hz, rq);
}

static void build_pitch_shift(struct graph *g, struct sound *s)
{
    const struct ph_input window = linlin(g, fixed(g, "sustain", 1), 0.01f, 0.3f, 0.01f, 0.18f);
    const struct ph_input ratio = knob(g, "psrate", 1), spread = knob(g, "psdisp", 0);
    EACH(g, s, "PitchShift", window, ratio, num(g, 0), spread);
}

/** Env.linen of that many seconds, once for all channels. */
static void build_linen(struct graph *g, struct sound *s, struct ph_input attack,
                        struct ph_input hold, struct ph_input release, struct ph_input seconds)
{
    const struct ph_input zero = num(g, 0), one = num(g, 1), none = num(g, -99);
    const struct ph_input shape = num(g, SHAPE_CURVE), curve = fixed(g, "curve", 0);
    amplify(g, s,
            UNIT(g, "EnvGen", PH_AUDIO, one, one, zero, seconds, zero, zero, num(g, 3), none, none,
                 one, attack, shape, curve, one, hold, shape, curve, zero, release, shape, curve));
}

static void build_envelope(struct graph *g, struct sound *s)
{
    build_linen(g, s, fixed(g, "attack", 0), fixed(g, "hold", 0), fixed(g, "release", 0),
                num(g, 1));
}

static void build_grain_envelope(struct graph *g, struct sound *s)
{
    const struct ph_input hold = clipped(g, fixed(g, "plat", 0), 0, 1);
    const struct ph_input tilt = clipped(g, fixed(g, "tilt", 0.5f), 0, 1);
    const struct ph_input rest = sub(g, num(g, 1), hold);
    build_linen(g, s, mul(g, tilt, rest), hold, mul(g, sub(g, num(g, 1), tilt), rest),
                fixed(g, "sustain", 1));
}

/** 1 - d + d cos(2 pi f t), d half the depth. */
static void build_tremolo(struct graph *g, struct sound *s)
{
    const struct ph_input depth = scaled(g, clipped(g, knob(g, "tremolodepth", 0), 0, 1), 0.5f, 0);
    const struct ph_input wave =
        UNIT(g, "SinOsc", PH_AUDIO, knob(g, "tremolorate", 1), num(g, 1.57079633f));
    amplify(g, s, UNIT(g, "MulAdd", PH_AUDIO, wave, depth, sub(g, num(g, 1), depth)));
}

/** An all-pass of 8.8 .. 10 ms that doesn't ring, on top of the sound. */
static void build_phaser(struct graph *g, struct sound *s)
{
    const struct ph_input depth = clipped(g, knob(g, "phaserdepth", 0), 0, 1);
    const struct ph_input wave = UNIT(g, "LFPar", PH_CONTROL, knob(g, "phaserrate", 1), num(g, 0));
    const struct ph_input seconds = binary(g, PH_BINARY_MIN, scaled(g, wave, 0.0006f, 0.0094f),
                                           fixed(g, "sustain", 1)); /* its memory there */
    for (uint32_t i = 0; i < s->n; i++) {
        const struct ph_input y =
            UNIT(g, "AllpassL", PH_AUDIO, s->c[i], num(g, 0.011f), seconds, num(g, 0));
        s->c[i] = UNIT(g, "MulAdd", PH_AUDIO, y, depth, s->c[i]);
    }
}

static void build_waveloss(struct graph *g, struct sound *s)
{
    const struct ph_input drop = knob(g, "waveloss", 0);
    EACH(g, s, "WaveLoss", drop, num(g, 100), num(g, 2));
}

static void build_squiz(struct graph *g, struct sound *s)
{
    const struct ph_input ratio = knob(g, "squiz", 1);
    EACH(g, s, "Squiz", ratio, num(g, 1), num(g, 0.1f));
}

static void build_freq_shift(struct graph *g, struct sound *s)
{
    const struct ph_input note = mul(g, fixed(g, "freq", 0), knob(g, "fshiftnote", 0));
    const struct ph_input hz = add(g, note, knob(g, "fshift", 0));
    const struct ph_input phase = knob(g, "fshiftphase", 0);
    EACH(g, s, "FreqShift", hz, phase);
}

static void build_triode(struct graph *g, struct sound *s)
{
    const struct ph_input drive = scaled(g, knob(g, "triode", 0), 10, 0.001f), zero = num(g, 0);
    for (uint32_t i = 0; i < s->n; i++) {
        const struct ph_input x = s->c[i];
        const struct ph_input bent = over(g, unary(g, PH_UNARY_TANH, mul(g, x, drive)), drive);
        const struct ph_input above = mul(g, x, binary(g, PH_BINARY_GT, x, zero));
        const struct ph_input below = mul(g, bent, binary(g, PH_BINARY_LT, x, zero));
        s->c[i] = UNIT(g, "LeakDC", PH_AUDIO, add(g, above, below), num(g, 0.995f));
    }
}

/** (x^2 + k x) / (x^2 + |x| (k - 1) + 1), filtered. */
static void build_krush(struct graph *g, struct sound *s)
{
    const struct ph_input k = knob(g, "krush", 0), asked = knob(g, "kcutoff", 0);
    const struct ph_input is_asked = binary(g, PH_BINARY_GT, asked, num(g, 0));
    const struct ph_input hz = add(g, mul(g, scaled(g, asked, 1, -4000), is_asked), num(g, 4000));
    const struct ph_input cutoff = clipped(g, hz, 20, 10000);
    for (uint32_t i = 0; i < s->n; i++) {
        const struct ph_input x = s->c[i], square = unary(g, PH_UNARY_SQUARED, x);
        const struct ph_input size = mul(g, unary(g, PH_UNARY_ABS, x), scaled(g, k, 1, -1));
        const struct ph_input y =
            over(g, add(g, square, mul(g, x, k)), scaled(g, add(g, square, size), 1, 1));
        const struct ph_input both[] = { x, UNIT(g, "RLPF", PH_AUDIO, y, cutoff, num(g, 1)) };
        s->c[i] = select_x(g, scaled(g, k, 2, 0), both, 2);
    }
}

/** Rectified: the octave above; toggled at its zero crossings: one and two octaves below. */
static void build_octer(struct graph *g, struct sound *s)
{
    const struct ph_input above = knob(g, "octer", 0), below = knob(g, "octersub", 0);
    const struct ph_input far_below = knob(g, "octersubsub", 0);
    for (uint32_t i = 0; i < s->n; i++) {
        const struct ph_input x = s->c[i];
        const struct ph_input octave = UNIT(g, "LeakDC", PH_AUDIO, unary(g, PH_UNARY_ABS, x),
                                            num(g, 0.995f));
        const struct ph_input three[] = { x, mul(g, octave, scaled(g, above, 2, 0)),
                                          UNIT(g, "DC", PH_AUDIO, num(g, 0)) };
        const struct ph_input low = UNIT(g, "LPF", PH_AUDIO, x, num(g, 440));
        const struct ph_input half = UNIT(g, "ToggleFF", PH_AUDIO, low);
        const struct ph_input quarter = UNIT(g, "ToggleFF", PH_AUDIO, half);
        const struct ph_input lows = add(g, mul(g, half, below), mul(g, quarter, far_below));
        s->c[i] = UNIT(g, "MulAdd", PH_AUDIO, lows, low, select_x(g, above, three, 3));
    }
}

/** x m + x. */
static void build_ring(struct graph *g, struct sound *s)
{
    const struct ph_input from = knob(g, "ringf", 0);
    const struct ph_input to = add(g, from, knob(g, "ringdf", 0));
    const struct ph_input line = UNIT(g, "XLine", PH_CONTROL, from, to, num(g, 1), num(g, 0));
    const struct ph_input hz = clipped(g, line, 20, 20000);
    const struct ph_input wave = UNIT(g, "SinOsc", PH_AUDIO, hz, num(g, 0));
    const struct ph_input m = mul(g, wave, knob(g, "ring", 0));
    for (uint32_t i = 0; i < s->n; i++)
        s->c[i] = binary(g, PH_BINARY_RING1, s->c[i], m);
}

static void build_distort(struct graph *g, struct sound *s)
{
    static const float hz[] = { 60, 61, 240, 3000 }, seconds[] = { 0.1f, 0.1f, 0.05f, 0.01f };
    const struct ph_input amount = knob(g, "distort", 0);
    const struct ph_input wave = UNIT(g, "SinOsc", PH_AUDIO, num(g, 62), num(g, 0));
    const struct ph_input moving = UNIT(g, "MulAdd", PH_AUDIO, wave, num(g, 100), num(g, hz[3]));
    for (uint32_t i = 0; i < s->n; i++) {
        const struct ph_input x = s->c[i];
        struct ph_input bank = num(g, 0);
        for (uint32_t k = 0; k < 4; k++) {
            const struct ph_input y = UNIT(g, "Ringz", PH_AUDIO, x, k < 3 ? num(g, hz[k]) : moving,
                                           num(g, seconds[k]));
            bank = k == 0 ? y : add(g, bank, y);
        }
        const struct ph_input crossed =
            UNIT(g, "CrossoverDistortion", PH_AUDIO, x, num(g, 0.2f), num(g, 0.01f));
        const struct ph_input y =
            UNIT(g, "MulAdd", PH_AUDIO, bank, scaled(g, amount, 0.1f, 0), crossed);
        const struct ph_input bent = scaled(g, unary(g, PH_UNARY_CUBED, y), 8, 0);
        const struct ph_input both[] = { x, scaled(g, unary(g, PH_UNARY_SOFTCLIP, bent), 0.5f, 0) };
        s->c[i] = select_x(g, amount, both, 2);
    }
}

/** A low-pass in the lower half of the range, a high-pass in the upper. */
static void build_dj_filter(struct graph *g, struct sound *s)
{
    const struct ph_input djf = knob(g, "djf", 0.5f), one = num(g, 1);
    const struct ph_input low = linexp(g, djf, 0, 0.5f, 20, 10000);
    const struct ph_input high = linexp(g, djf, 0.5f, 1, 20, 10000);
    EACH(g, s, "RLPF", low, one);
    EACH(g, s, "RHPF", high, one);
}

/* ---- which modules --------------------------------------------------------------------------- */

typedef void build_fn(struct graph *g, struct sound *s);
/** An event that says any of up to three parameters has the module. */
static const struct {
    build_fn *build;
    bool is_even;
    int8_t asks[3]; /* 1 + enum dirt_number */
} modules[DIRT_MODULE_COUNT] = {
#define ASKS(first) { 1 + DIRT_##first }
    [DIRT_MODULE_VOWEL] = { build_vowel, true, { 0 } }, /* asked for by a word */
    [DIRT_MODULE_SHAPE] = { build_shape, false, ASKS(SHAPE) },
    [DIRT_MODULE_HPF] = { build_hpf, true, ASKS(HCUTOFF) },
    [DIRT_MODULE_BPF] = { build_bpf, true, ASKS(BANDF) },
    [DIRT_MODULE_CRUSH] = { build_crush, false, ASKS(CRUSH) },
    [DIRT_MODULE_COARSE] = { build_coarse, true, ASKS(COARSE) },
    [DIRT_MODULE_LPF] = { build_lpf, true, ASKS(CUTOFF) },
    [DIRT_MODULE_PITCH_SHIFT] = { build_pitch_shift, false, ASKS(PSRATE) },
    [DIRT_MODULE_ENVELOPE] = { build_envelope, true, { 1 + DIRT_ATTACK, 1 + DIRT_RELEASE } },
    [DIRT_MODULE_GRAIN_ENVELOPE] = { build_grain_envelope, true, ASKS(TILT) },
    [DIRT_MODULE_TREMOLO] = { build_tremolo, true, ASKS(TREMOLORATE) },
    [DIRT_MODULE_PHASER] = { build_phaser, true, ASKS(PHASERRATE) },
    [DIRT_MODULE_WAVELOSS] = { build_waveloss, false, ASKS(WAVELOSS) },
    [DIRT_MODULE_SQUIZ] = { build_squiz, true, ASKS(SQUIZ) },
    [DIRT_MODULE_FREQ_SHIFT] = { build_freq_shift, true, ASKS(FSHIFT) },
    [DIRT_MODULE_TRIODE] = { build_triode, false, ASKS(TRIODE) },
    [DIRT_MODULE_KRUSH] = { build_krush, false, ASKS(KRUSH) },
    [DIRT_MODULE_OCTER] = { build_octer, true,
                            { 1 + DIRT_OCTER, 1 + DIRT_OCTERSUB, 1 + DIRT_OCTERSUBSUB } },
    [DIRT_MODULE_RING] = { build_ring, true, ASKS(RING) },
    [DIRT_MODULE_DISTORT] = { build_distort, false, ASKS(DISTORT) },
    [DIRT_MODULE_SPECTRAL_DELAY] = { dirt_build_spectral_delay, true,
                                     { 1 + DIRT_TSDELAY, 1 + DIRT_XSDELAY } },
    [DIRT_MODULE_FREEZE] = { dirt_build_freeze, true, ASKS(FREEZE) },
    [DIRT_MODULE_COMB] = { dirt_build_comb, true, ASKS(COMB) },
    [DIRT_MODULE_SMEAR] = { dirt_build_smear, true, ASKS(SMEAR) },
    [DIRT_MODULE_SCRAMBLE] = { dirt_build_scramble, false, ASKS(SCRAM) },
    [DIRT_MODULE_BIN_SHIFT] = { dirt_build_bin_shift, true, ASKS(BINSHIFT) },
    [DIRT_MODULE_HIGH_BRICK] = { dirt_build_high_brick, true, ASKS(HBRICK) },
    [DIRT_MODULE_LOW_BRICK] = { dirt_build_low_brick, true, ASKS(LBRICK) },
    [DIRT_MODULE_CONFORM] = { dirt_build_conform, false, { 1 + DIRT_REAL, 1 + DIRT_IMAG } },
    [DIRT_MODULE_ENHANCE] = { dirt_build_enhance, false, ASKS(ENHANCE) },
    [DIRT_MODULE_DJ_FILTER] = { build_dj_filter, true, ASKS(DJF) },
#undef ASKS
};
_Static_assert(DIRT_NUMBER_COUNT < INT8_MAX, "numbers fit");

uint64_t dirt_modules_of(const struct dirt_event *e)
{
    struct dirt_formant formants[DIRT_FORMANTS];
    uint64_t found = 0;
    for (uint32_t i = 0; i < DIRT_MODULE_COUNT; i++)
        for (uint32_t k = 0; k < 3 && modules[i].asks[k]; k++)
            if (dirt_is_said(e, (enum dirt_number)(modules[i].asks[k] - 1)))
                found |= UINT64_C(1) << i;
    if (dirt_has(e, DIRT_COARSE) && e->numbers[DIRT_COARSE] <= 1) /* the full rate */
        found &= ~(UINT64_C(1) << DIRT_MODULE_COARSE);
    if (e->words[DIRT_WORD_VOWEL] && dirt_formants_of(e->words[DIRT_WORD_VOWEL], formants))
        found |= UINT64_C(1) << DIRT_MODULE_VOWEL;
    return found;
}

bool dirt_modules_are_even(uint64_t set)
{
    for (; set; set &= set - 1)
        if (!modules[__builtin_ctzll(set)].is_even)
            return false;
    return true;
}

void dirt_modules_build(struct graph *g, uint64_t set, struct sound *sound)
{
    for (; set; set &= set - 1)
        modules[__builtin_ctzll(set)].build(g, sound);
}
