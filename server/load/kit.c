/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/kit.c - the generated drum kit: sines that fall, noise that is filtered, clusters  */
/* of squares for metal, as in the analogue machines of around 1980.                              */
/* room: loader thread; pure but for the memory of the result.                                    */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "server/load/kit.h"

#define TAU 6.28318530717958647692
#define CEILING 0.89125094 /* -1 dB */
#define FADE_SECONDS 0.008
/* the window of the loudness below: about what a short sound is judged by */
#define LOUD_SECONDS 0.05

/** A sound under construction: layers are added from its first sample on. */
struct sound {
    float *out;
    uint32_t n;
    double rate;
    uint32_t noise; /* state of the generator, never 0 */
};

/** Level of an exponential decay that reaches -60 dB after `t60` seconds. */
static double decay(double t, double t60)
{
    return exp(-6.90775527898 * t / t60);
}

/** White noise in -1 .. 1 (xorshift, Marsaglia 2003). */
static double noise(struct sound *s)
{
    s->noise ^= s->noise << 13;
    s->noise ^= s->noise >> 17;
    s->noise ^= s->noise << 5;
    return (double)s->noise / 2147483648.0 - 1.0;
}

/* ---- filters and oscillators ----------------------------------------------------------------- */

/**
 * State-variable filter with trapezoidal integrators (Zavalishin, The Art of VA Filter Design, 4).
 */
struct filter {
    double g, k, s1, s2;
};

static void filter_tune(struct filter *f, double rate, double freq_hz, double q)
{
    f->g = tan(TAU / 2.0 * fmin(freq_hz / rate, 0.45));
    f->k = 1.0 / q;
}

static void filter_tick(struct filter *f, double in, double *low, double *band, double *high)
{
    const double hp = (in - (f->k + f->g) * f->s1 - f->s2) / (1.0 + f->g * (f->g + f->k));
    const double bp = f->g * hp + f->s1, lp = f->g * bp + f->s2;
    f->s1 = f->g * hp + bp;
    f->s2 = f->g * bp + lp;
    *low = lp;
    *band = bp * f->k;
    *high = hp;
}

enum pass { LOW, BAND, HIGH };

static double filter_pass(struct filter *f, double in, enum pass pass)
{
    double out[3];
    filter_tick(f, in, &out[LOW], &out[BAND], &out[HIGH]);
    return out[pass];
}

/** Correction of a step at phase 0 (Valimaki and Huovilainen 2007, two-sample polynomial BLEP). */
static double blep(double phase, double step)
{
    if (phase < step) {
        const double x = phase / step;
        return x + x - x * x - 1.0;
    }
    if (phase > 1.0 - step) {
        const double x = (phase - 1.0) / step;
        return x * x + x + x + 1.0;
    }
    return 0.0;
}

static double saw_tick(double *phase, double step)
{
    const double out = 2.0 * *phase - 1.0 - blep(*phase, step);
    *phase += step;
    *phase -= floor(*phase);
    return out;
}

static double square_tick(double *phase, double step)
{
    const double half = *phase + 0.5 - floor(*phase + 0.5);
    const double out = (*phase < 0.5 ? 1.0 : -1.0) + blep(*phase, step) - blep(half, step);
    *phase += step;
    *phase -= floor(*phase);
    return out;
}

/* ---- layers ---------------------------------------------------------------------------------- */

/** A sine that falls from `high_hz` to `low_hz` with time constant `fall` seconds. */
struct sweep {
    double low_hz, high_hz, fall, t60, gain;
};

static void add_sweep(struct sound *s, struct sweep p)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const double t = i / s->rate;
        const double cycles =
            p.low_hz * t + (p.high_hz - p.low_hz) * p.fall * (1.0 - exp(-t / p.fall));
        s->out[i] += (float)(p.gain * decay(t, p.t60) * sin(TAU * cycles));
    }
}

/** Noise between two cut-offs, from `start` seconds on. */
struct hiss {
    double start, low_cut_hz, high_cut_hz, t60, gain;
};

static void add_hiss(struct sound *s, struct hiss p)
{
    struct filter high = { 0 }, low = { 0 };
    filter_tune(&high, s->rate, p.low_cut_hz, 0.707);
    filter_tune(&low, s->rate, p.high_cut_hz, 0.707);
    for (uint32_t i = (uint32_t)(p.start * s->rate); i < s->n; i++) {
        const double t = i / s->rate - p.start;
        const double x = filter_pass(&low, filter_pass(&high, noise(s), HIGH), LOW);
        s->out[i] += (float)(p.gain * decay(t, p.t60) * x);
    }
}

/** A cluster of squares through a band or high pass: struck metal. */
struct metal {
    const double *freqs_hz;
    uint32_t n_freqs;
    double tune, cut_hz, q;
    enum pass pass;
    double t60, gain;
};

enum { METAL_MAX = 6 };
/** The six oscillators of the cymbal circuit that everyone knows, in Hz. */
static const double cymbal_hz[METAL_MAX] = { 205.3, 304.4, 369.6, 522.7, 540.0, 800.0 };

static void add_metal(struct sound *s, struct metal p)
{
    struct filter first = { 0 }, second = { 0 };
    double phases[METAL_MAX];
    for (uint32_t k = 0; k < p.n_freqs; k++)
        phases[k] = 0.07 * (k + 1);
    filter_tune(&first, s->rate, p.cut_hz, p.q);
    filter_tune(&second, s->rate, p.cut_hz, 0.707);
    for (uint32_t i = 0; i < s->n; i++) {
        double x = 0.0;
        for (uint32_t k = 0; k < p.n_freqs; k++)
            x += square_tick(&phases[k], fmin(p.freqs_hz[k] * p.tune / s->rate, 0.49));
        x = filter_pass(&first, x / p.n_freqs, p.pass);
        if (p.pass == HIGH) /* four poles: the fundamentals must go */
            x = filter_pass(&second, x, HIGH);
        s->out[i] += (float)(p.gain * decay(i / s->rate, p.t60) * x);
    }
}

/** Valve-like saturation: rounds the top of a kick and lifts its tail. */
static void saturate(struct sound *s, double drive)
{
    for (uint32_t i = 0; i < s->n; i++)
        s->out[i] = (float)tanh(drive * s->out[i]);
}

/* ---- recipes: one a word; `v` is the variant ------------------------------------------------- */

static void kick(struct sound *s, uint32_t v)
{
    static const struct sweep bodies[] = { { 49, 260, 0.020, 0.45, 1.0 },
                                           { 44, 170, 0.034, 0.50, 1.0 },
                                           { 56, 420, 0.013, 0.34, 1.0 },
                                           { 62, 300, 0.026, 0.40, 1.0 } };
    static const double drives[] = { 1.8, 1.2, 2.8, 3.6 }, clicks[] = { 0.30, 0.12, 0.55, 0.25 };
    add_sweep(s, bodies[v]);
    add_hiss(s, (struct hiss){ 0, 900, 6000, 0.012, clicks[v] });
    saturate(s, drives[v]);
}

static void kick_808(struct sound *s, uint32_t v)
{
    const double low_hz = 46.0 + 6.0 * v;
    add_sweep(s, (struct sweep){ low_hz, low_hz * 4.0, 0.007, 1.5 - 0.35 * v, 1.0 });
    add_hiss(s, (struct hiss){ 0, 300, 2500, 0.008, 0.15 });
    saturate(s, 1.1);
}

static void snare(struct sound *s, uint32_t v)
{
    const double hz = 178.0 + 17.0 * v, tail = 0.24 - 0.04 * v;
    add_sweep(s, (struct sweep){ hz, hz * 1.7, 0.010, 0.17, 0.60 });
    add_sweep(s, (struct sweep){ hz * 1.83, hz * 2.4, 0.010, 0.11, 0.35 });
    add_hiss(s, (struct hiss){ 0, 1400, 9500, tail, 0.75 });
    add_hiss(s, (struct hiss){ 0, 4000, 16000, 0.05, 0.40 });
    saturate(s, 1.3);
}

static void snare_808(struct sound *s, uint32_t v)
{
    (void)v;
    add_sweep(s, (struct sweep){ 238, 238, 0.01, 0.16, 0.6 });
    add_sweep(s, (struct sweep){ 476, 476, 0.01, 0.10, 0.4 });
    add_hiss(s, (struct hiss){ 0, 2200, 12000, 0.20, 0.6 });
}

static void hat(struct sound *s, uint32_t v, double t60)
{
    const double tune = 1.0 + 0.09 * v;
    add_metal(s, (struct metal){ cymbal_hz, 6, tune * 1.9, 7000 + 500 * v, 1.1, HIGH, t60, 0.8 });
    add_hiss(s, (struct hiss){ 0, 7500, 15000, t60 * 0.7, 0.35 });
}

static void hat_closed(struct sound *s, uint32_t v)
{
    static const double t60s[] = { 0.09, 0.06, 0.12, 0.075 };
    hat(s, v, t60s[v]);
}

static void hat_open(struct sound *s, uint32_t v)
{
    hat(s, v, v == 0 ? 0.55 : 0.40);
}

static void hat_open_808(struct sound *s, uint32_t v)
{
    (void)v;
    add_metal(s, (struct metal){ cymbal_hz, 6, 1.0, 7800, 0.9, HIGH, 0.70, 0.8 });
}

static void clap(struct sound *s, uint32_t v)
{
    const double gap = 0.0105 + 0.0015 * v;
    for (uint32_t k = 0; k < 3; k++)
        add_hiss(s, (struct hiss){ gap * k, 750, 2600, 0.018, 0.9 });
    add_hiss(s, (struct hiss){ gap * 3, 700, 2400, 0.24, 0.8 });
    add_hiss(s, (struct hiss){ gap * 3, 2500, 9000, 0.07, 0.25 });
}

static void rim(struct sound *s, uint32_t v)
{
    (void)v;
    add_sweep(s, (struct sweep){ 1720, 1900, 0.002, 0.035, 0.7 });
    add_sweep(s, (struct sweep){ 485, 560, 0.003, 0.050, 0.6 });
    add_hiss(s, (struct hiss){ 0, 2500, 12000, 0.008, 0.5 });
}

static void cowbell(struct sound *s, uint32_t v)
{
    static const double bell_hz[] = { 540, 800 };
    const double tune = v == 0 ? 1.0 : 0.84;
    add_metal(s, (struct metal){ bell_hz, 2, tune, 880 * tune, 1.6, BAND, 0.06, 0.7 });
    add_metal(s, (struct metal){ bell_hz, 2, tune, 880 * tune, 1.6, BAND, 0.42, 0.6 });
}

static void tom(struct sound *s, double hz, double t60)
{
    add_sweep(s, (struct sweep){ hz, hz * 1.75, 0.045, t60, 0.9 });
    add_sweep(s, (struct sweep){ hz * 1.59, hz * 2.3, 0.030, t60 * 0.35, 0.22 });
    add_hiss(s, (struct hiss){ 0, 400, 5000, 0.020, 0.25 });
    saturate(s, 1.3);
}

static void tom_low(struct sound *s, uint32_t v)
{
    tom(s, v == 0 ? 82 : 70, 0.62);
}

static void tom_mid(struct sound *s, uint32_t v)
{
    tom(s, v == 0 ? 120 : 108, 0.52);
}

static void tom_high(struct sound *s, uint32_t v)
{
    tom(s, v == 0 ? 172 : 156, 0.44);
}

static void ride(struct sound *s, uint32_t v)
{
    const double tune = v == 0 ? 1.0 : 1.12;
    add_metal(s, (struct metal){ cymbal_hz, 6, 2.7 * tune, 5200, 0.8, HIGH, 1.5, 0.50 });
    add_metal(s, (struct metal){ cymbal_hz, 6, 4.1 * tune, 3300, 3.0, BAND, 0.45, 0.22 });
    add_hiss(s, (struct hiss){ 0, 6500, 14000, 0.10, 0.30 });
}

static void crash(struct sound *s, uint32_t v)
{
    (void)v;
    add_metal(s, (struct metal){ cymbal_hz, 6, 2.3, 3800, 0.7, HIGH, 1.9, 0.45 });
    add_hiss(s, (struct hiss){ 0, 3000, 15000, 1.3, 0.50 });
}

static void tambourine(struct sound *s, uint32_t v)
{
    (void)v;
    for (uint32_t k = 0; k < 3; k++) /* jingles that meet a moment apart */
        add_hiss(s, (struct hiss){ 0.013 * k, 6000.0 + 900.0 * k, 15000, 0.14, 0.7 - 0.2 * k });
    add_metal(s, (struct metal){ cymbal_hz, 6, 7.3, 9000, 1.0, HIGH, 0.16, 0.4 });
}

static void shaker(struct sound *s, uint32_t v)
{
    add_hiss(s, (struct hiss){ 0, 4200.0 + 600.0 * v, 11000, 0.11, 0.6 });
    add_hiss(s, (struct hiss){ 0.022, 5200, 12000, 0.09, 0.6 });
}

static void conga(struct sound *s, uint32_t v)
{
    static const double tones_hz[] = { 215, 290, 165 };
    add_sweep(s, (struct sweep){ tones_hz[v], tones_hz[v] * 1.18, 0.020, 0.34, 0.9 });
    add_sweep(s, (struct sweep){ tones_hz[v] * 2.31, tones_hz[v] * 2.5, 0.01, 0.06, 0.3 });
    add_hiss(s, (struct hiss){ 0, 900, 6000, 0.014, 0.4 });
}

/** Plucked string of an analogue synthesiser; index 0 is c4, then up a pentatonic scale. */
static void pluck(struct sound *s, uint32_t v)
{
    static const double semitones[] = { 0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24 };
    const double hz = 261.6255653 * exp2(semitones[v] / 12.0);
    double phases[3] = { 0.0, 0.11, 0.05 };
    struct filter low = { 0 };
    for (uint32_t i = 0; i < s->n; i++) {
        const double t = i / s->rate;
        const double x = saw_tick(&phases[0], fmin(hz / s->rate, 0.49)) +
                         saw_tick(&phases[1], fmin(hz * 1.0041 / s->rate, 0.49)) +
                         0.6 * square_tick(&phases[2], fmin(hz * 0.5 / s->rate, 0.49));
        filter_tune(&low, s->rate, hz * (1.2 + 14.0 * decay(t, 0.30)), 1.6);
        s->out[i] += (float)(decay(t, 0.75) * filter_pass(&low, x, LOW));
    }
}

/** Hand drum: its bass, its open tone, its slap. */
static void djembe(struct sound *s, uint32_t v)
{
    static const struct sweep heads[] = { { 78, 112, 0.030, 0.42, 1.0 },
                                          { 330, 352, 0.015, 0.24, 0.8 },
                                          { 410, 470, 0.008, 0.13, 0.5 } };
    static const double second_hz[] = { 205, 612, 1240 }, seconds[] = { 0.10, 0.12, 0.09 };
    static const double skin_hz[] = { 1200, 4500, 9000 }, skins[] = { 0.20, 0.30, 0.75 };
    add_sweep(s, heads[v]);
    add_sweep(s, (struct sweep){ second_hz[v], second_hz[v] * 1.06, 0.01, seconds[v], 0.35 });
    add_hiss(s, (struct hiss){ 0, skin_hz[v] / 4, skin_hz[v], 0.030, skins[v] });
}

/** Notes of a synthesiser at c2, by the filter that closes on them. */
static void bass(struct sound *s, uint32_t v)
{
    static const double opens[] = { 9, 5, 20, 2.5 }, closes[] = { 0.22, 0.50, 0.12, 0.35 };
    static const double saws[] = { 1.0, 0.0, 1.0, 0.3 }, squares[] = { 0.0, 0.8, 0.5, 0.0 };
    const double hz = 65.40639133;
    double phases[2] = { 0.0, 0.02 };
    struct filter low = { 0 };
    for (uint32_t i = 0; i < s->n; i++) {
        const double t = i / s->rate;
        const double x = saws[v] * saw_tick(&phases[0], hz / s->rate) +
                         squares[v] * square_tick(&phases[1], hz * 1.0029 / s->rate);
        filter_tune(&low, s->rate, hz * (1.5 + opens[v] * decay(t, closes[v])), 1.4);
        s->out[i] += (float)(decay(t, 1.1) * (filter_pass(&low, x, LOW) + 0.5 * sin(TAU * hz * t)));
    }
}

/** Small things of wood, metal and seeds: a block, claves, a triangle's kin, a rattle. */
static void percussion(struct sound *s, uint32_t v)
{
    static const double tones_hz[] = { 820, 2480, 3650, 640 }, over_hz[] = { 1230, 3900, 8230, 1010 };
    static const double t60s[] = { 0.11, 0.10, 0.45, 0.06 }, grains[] = { 0.15, 0.10, 0.05, 0.9 };
    add_sweep(s, (struct sweep){ tones_hz[v], tones_hz[v] * 1.03, 0.004, t60s[v], 0.8 });
    add_sweep(s, (struct sweep){ over_hz[v], over_hz[v], 0.004, t60s[v] * 0.6, 0.4 });
    add_hiss(s, (struct hiss){ 0, 3000, 12000, 0.05, grains[v] });
}

/* ---- a break: one bar of drums --------------------------------------------------------------- */

enum { BREAK_STEPS = 16, BREAK_SLICES = 8 };

/** Strokes in the order of their steps; levels 0 .. 9, ' ' is none. */
struct bar {
    const char *kick, *snare, *hat, *open;
};
static const struct bar bars[] = {
    { "9 8       78    ", "    9  3 3  9  4", "8 6 8 6 8 6 8 6 ", "                " },
    { "9 7   6   8     ", "    9  3 4    9 ", "7 6 7 6 7 6 7   ", "              8 " },
};
enum { N_BARS = sizeof bars / sizeof *bars };

/** One stroke of another sound, from `at` on, as far as there is room. */
static void add_stroke(struct sound *s, void (*render)(struct sound *s, uint32_t variant),
                       uint32_t variant, uint32_t at, double gain)
{
    struct sound one = { .n = s->n - at, .rate = s->rate, .noise = s->noise + at };
    one.out = calloc((size_t)one.n + 1, sizeof *one.out);
    if (!one.out)
        return;
    render(&one, variant);
    for (uint32_t i = 0; i < one.n; i++)
        s->out[at + i] += (float)gain * one.out[i];
    free(one.out);
}

static void add_strokes(struct sound *s, const char *strokes, double gain, uint32_t variant,
                        void (*render)(struct sound *s, uint32_t variant))
{
    const uint32_t n = s->n - s->n % BREAK_SLICES; /* as many as its slices have */
    for (uint32_t k = 0; k < BREAK_STEPS; k++) {
        const double swing = k % 2 ? 0.14 : 0.0; /* of a step: the sixteenths between lean back */
        if (strokes[k] != ' ')
            add_stroke(s, render, variant, (uint32_t)(n * (k + swing) / BREAK_STEPS),
                       gain * (strokes[k] - '0') / 9.0);
    }
}

static void whole_bar(struct sound *s, uint32_t v)
{
    s->noise = 0x9e3779b9u * (v + 1); /* the same bar whatever it is called */
    add_strokes(s, bars[v].kick, 1.0, 1, kick);
    add_strokes(s, bars[v].snare, 0.9, v, snare);
    add_strokes(s, bars[v].hat, 0.45, 2, hat_closed);
    add_strokes(s, bars[v].open, 0.5, 1, hat_open);
    saturate(s, 1.3); /* one tape for all of them */
}

/** An eighth of the bar: what a sampler would cut it into. */
static void bar_slice(struct sound *s, uint32_t v)
{
    struct sound bar = { .n = s->n * BREAK_SLICES, .rate = s->rate };
    bar.out = calloc((size_t)bar.n + 1, sizeof *bar.out);
    if (!bar.out)
        return;
    whole_bar(&bar, 0);
    for (uint32_t i = 0; i < s->n; i++)
        s->out[i] = bar.out[v * s->n + i];
    free(bar.out);
}

/** A word, how many it stands for, how long each lasts and how loud it is: loudness() in dB. */
struct recipe {
    const char *word;
    uint32_t n_variants;
    double seconds, loudness_db;
    void (*render)(struct sound *s, uint32_t variant);
};

#define SLICE_SECONDS 0.217391304 /* an eighth at 138 beats a minute */

static const struct recipe recipes[] = {
    { "bd", 4, 0.50, -10, kick },          { "sn", 4, 0.30, -12, snare },
    { "hh", 4, 0.13, -15, hat_closed },    { "oh", 2, 0.60, -14, hat_open },
    { "cp", 2, 0.32, -13, clap },          { "rim", 1, 0.07, -15, rim },
    { "cb", 2, 0.45, -14, cowbell },       { "lt", 2, 0.65, -11, tom_low },
    { "mt", 2, 0.55, -11, tom_mid },       { "ht", 2, 0.46, -11, tom_high },
    { "808bd", 3, 1.55, -10, kick_808 },   { "808oh", 1, 0.75, -15, hat_open_808 },
    { "808sd", 1, 0.24, -13, snare_808 },  { "arpy", 11, 0.80, -13, pluck },
    { "ride", 2, 1.60, -14, ride },        { "cr", 1, 2.00, -12, crash },
    { "tamb", 1, 0.22, -14, tambourine },  { "shaker", 2, 0.16, -15, shaker },
    { "conga", 3, 0.38, -12, conga },      { "djembe", 3, 0.45, -12, djembe },
    { "bass", 4, 0.90, -11, bass },        { "perc", 4, 0.48, -14, percussion },
    { "amencutup", BREAK_SLICES, SLICE_SECONDS, -12, bar_slice },
    { "amen", N_BARS, BREAK_SLICES * SLICE_SECONDS, -11, whole_bar },
    { "break", N_BARS, BREAK_SLICES * SLICE_SECONDS, -11, whole_bar },
};

uint32_t load_kit_n_words(void)
{
    return (uint32_t)(sizeof recipes / sizeof *recipes);
}

const char *load_kit_word(uint32_t i)
{
    return recipes[i].word;
}

uint32_t load_kit_n_variants(uint32_t i)
{
    return recipes[i].n_variants;
}

/* ---- level ----------------------------------------------------------------------------------- */

/** A biquad, transposed direct form II. */
struct biquad {
    double b0, b1, b2, a1, a2, s1, s2;
};

static double biquad_tick(struct biquad *f, double x)
{
    const double y = f->b0 * x + f->s1;
    f->s1 = f->b1 * x - f->a1 * y + f->s2;
    f->s2 = f->b2 * x - f->a2 * y;
    return y;
}

/** The two filters of ITU-R BS.1770 for any rate: the head's shelf and the ear's high-pass. */
static void weigh_init(struct biquad f[2], double rate)
{
    const double k = tan(TAU / 2.0 * 1681.974450955533 / rate), q = 0.7071752369554196;
    /* 4 dB, and about half of it */
    const double high = 1.584864701130855, band = 1.258720930232562;
    const double a0 = 1.0 + k / q + k * k;
    f[0] = (struct biquad){ (high + band * k / q + k * k) / a0, 2.0 * (k * k - high) / a0,
                            (high - band * k / q + k * k) / a0, 2.0 * (k * k - 1.0) / a0,
                            (1.0 - k / q + k * k) / a0, 0.0, 0.0 };
    const double h = tan(TAU / 2.0 * 38.13547087602444 / rate), p = 0.5003270373238773;
    const double c0 = 1.0 + h / p + h * h;
    f[1] = (struct biquad){ 1.0, -2.0, 1.0, 2.0 * (h * h - 1.0) / c0, (1.0 - h / p + h * h) / c0,
                            0.0, 0.0 };
}

/** Mean square of the weighed sound over its loudest LOUD_SECONDS. */
static double loudness(const struct sound *s)
{
    const uint32_t window = (uint32_t)(LOUD_SECONDS * s->rate);
    struct biquad now[2], then[2]; /* the same filter at both ends of the window */
    double sum = 0.0, loudest = 0.0;
    weigh_init(now, s->rate);
    weigh_init(then, s->rate);
    for (uint32_t i = 0; i < s->n; i++) {
        const double x = biquad_tick(&now[1], biquad_tick(&now[0], (double)s->out[i]));
        sum += x * x;
        if (i >= window) {
            const double y = biquad_tick(&then[1], biquad_tick(&then[0], (double)s->out[i - window]));
            sum -= y * y;
        }
        loudest = fmax(loudest, sum);
    }
    return loudest / window;
}

static double peak_of(const struct sound *s)
{
    double peak = 0.0;
    for (uint32_t i = 0; i < s->n; i++)
        peak = fmax(peak, fabs((double)s->out[i]));
    return peak;
}

static void scale(struct sound *s, double gain)
{
    for (uint32_t i = 0; i < s->n; i++)
        s->out[i] *= (float)gain;
}

/** Rounds what lies above the ceiling; what lies far below it stays as it is. */
static void limit(struct sound *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        s->out[i] = (float)(CEILING * tanh((double)s->out[i] / CEILING));
}

/** Brings a sound to its loudness; where its peaks would be too high they are rounded. */
static void level(struct sound *s, double loudness_db)
{
    enum { TURNS = 8 };
    const double wanted = pow(10.0, loudness_db / 10.0);
    if (peak_of(s) <= 0.0)
        return;
    scale(s, 1.0 / peak_of(s));
    for (int i = 0; i < TURNS; i++) {
        scale(s, fmin(fmax(sqrt(wanted / fmax(loudness(s), 1e-12)), 0.05), 4.0));
        if (peak_of(s) > CEILING)
            limit(s);
    }
}

/** Fades the last milliseconds to exact zero. */
static void finish(struct sound *s)
{
    const double n_fade = fmin(floor(FADE_SECONDS * s->rate), s->n);
    for (uint32_t i = 0; i < s->n; i++) {
        const double left = s->n - 1 - i;
        if (left < n_fade)
            s->out[i] *= (float)(0.5 - 0.5 * cos(TAU / 2.0 * left / n_fade));
    }
}

ph_status load_kit_render(uint32_t i, uint32_t variant, uint32_t rate_hz, struct dsp_buffer *out)
{
    const struct recipe *const r = &recipes[i];
    struct sound s = { .n = (uint32_t)(r->seconds * rate_hz), .rate = rate_hz,
                       .noise = 0x9e3779b9u * (i + 1) + 0x85ebca6bu * (variant + 1) };
    *out = (struct dsp_buffer){ 0 };
    s.out = calloc(s.n, sizeof *s.out);
    if (!s.out)
        return PH_NO_MEMORY;
    r->render(&s, variant % r->n_variants);
    finish(&s);
    level(&s, r->loudness_db);
    *out = (struct dsp_buffer){ .data = s.out, .n_frames = s.n, .n_channels = 1,
                                .rate_hz = (float)rate_hz };
    return PH_OK;
}
