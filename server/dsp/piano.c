/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/piano.c - MdaPiano: a piano by its partials.                                        */
/* room: audio. One voice at a time: its partials lie side by side, so lanes gain nothing.        */
#include "server/dsp/delay_line.h"
#include "server/dsp/lane_row.h"

#if LANE_W == 1

/*
 * MdaPiano - a piano behind the inputs of Kellett's and Stowell's unit, which plays a table of
 * recordings. This is a model of its own, without recordings.
 *
 * in      [0] freq      Hz, to the nearest key     [1] gate     rises: a strike; falls: the key is
 *             let go
 *         [2] vel       0 .. 127
 *         [3] decay     0 .. 1                     [4] release  0 .. 1
 *         [5] hard      of the hammer: with a soft one a key sounds like a higher key's string,
 *             slowed down
 *         [6] velhard   how much velocities above 40 do the same
 *         [7] muffle    how bright                 [8] velmuff  how much the velocity counts for
 *             that
 *         [9] velcurve  of the level               [10] stereo  width
 *         [11] tune     0.5: none                  [12] random  detuning of the keys, the same each
 *              time
 *         [13] stretch  of the keys above 60       [14] sustain > 0: letting go changes nothing
 *         all are taken once per call, and but for gate and sustain at a strike
 * out     [0] left   [1] right: low keys to the left, and what was heard 127 frames ago (255 above
 *         64 kHz) added here and taken away there
 *
 * A string has partials of n f sqrt(1 + B n^2), which get the weaker the higher they are, and
 * weaker near the nodes of where the hammer strikes; each dies away as fast as its frequency says.
 * All share an onset, a decay in two stages, and that of the key. `registers` says how strong,
 * bright and long a string sounds: numbers by which level and envelope come within 1.5 dB and 20 %
 * of the unit that SuperCollider has.
 *
 * state   the envelope, place in the echo
 * memory  partials as rotating pairs of numbers, the echo
 * cost    six operations per partial and frame, those out of earshot left out; some 100 sines and
 *         powers per strike
 * source  H. Fletcher, Normal Vibration Frequencies of a Stiff Piano String (1964); two stages: G.
 *         Weinreich, Coupled Piano Strings (1977); filter and inputs: sc3-plugins' class and source
 */
enum {
    PIANO_FREQ, PIANO_GATE, PIANO_VEL, PIANO_DECAY, PIANO_RELEASE, PIANO_HARD, PIANO_VEL_HARD, PIANO_MUFFLE,
    PIANO_VEL_MUFF, PIANO_VEL_CURVE, PIANO_STEREO, PIANO_TUNE, PIANO_RANDOM, PIANO_STRETCH, PIANO_SUSTAIN
};
enum { PIANO_PARTIALS = 56, PIANO_TWINS = 8, PIANO_MODES = PIANO_PARTIALS + PIANO_TWINS, PIANO_ECHO = 256 };

struct piano {
    float gate;
    int32_t key;
    float level, level_fall;   /* of the key: factor per frame */
    float gap, gap_fall;       /* what the onset still lacks */
    float touch, touch_fall;   /* the same of its first millisecond, so that it starts from 0 */
    float prompt, prompt_fall; /* the first stage; what stays of it is `rest` */
    float rest;
    float left, right, width;
    uint32_t n_modes, ringing_frames; /* until partials stop dying away one by one */
    uint32_t echo_at;
};

/** Partials: a number that turns, and what it is multiplied by per frame. */
struct piano_memory {
    float re[PIANO_MODES], im[PIANO_MODES], turn_re[PIANO_MODES], turn_im[PIANO_MODES];
    float echo[PIANO_ECHO];
};

/** Strings of one kind, up to a key. */
struct piano_register {
    int root, highest;     /* keys: the one it is tuned for, the last one it serves */
    float level_db;        /* of the first partial */
    float slope, dullness; /* partial n: n^-slope e^-(n - 1) dullness */
    float rest;            /* what stays after the first stage */
    float prompt_seconds;  /* that takes to fall to 1 / e */
    /* onset: what lacks at first, and the time in which it falls to 1 / e */
    float gap, gap_seconds;
};
static const struct piano_register registers[] = {
    { 36, 37, -12.4f, 0.43f, 0.001f, 0.68f, 0.33f, 0.45f, 0.0150f },
    { 40, 41, -11.9f, 0.40f, 0.019f, 0.90f, 0.12f, 0.05f, 0.0050f },
    { 43, 45, -8.1f, 0.71f, 0.001f, 0.78f, 0.22f, 0.58f, 0.0080f },
    { 48, 49, -10.5f, 0.49f, 0.124f, 1.22f, 1.49f, 0.96f, 0.0036f },
    { 52, 53, -2.4f, 0.89f, 0.107f, 0.49f, 0.40f, 0.80f, 0.0470f },
    { 55, 57, -3.3f, 1.08f, 0.059f, 0.72f, 0.21f, 0.61f, 0.0169f },
    { 60, 61, -5.2f, 1.41f, 0.017f, 1.60f, 1.14f, 0.33f, 0.0160f },
    { 64, 65, -1.7f, 1.86f, 0.002f, 0.60f, 1.04f, 0.55f, 0.0586f },
    { 67, 69, -3.3f, 0.92f, 0.275f, 0.89f, 0.11f, 0.56f, 0.0092f },
    { 72, 73, 2.5f, 1.99f, 0.179f, 0.69f, 0.21f, 0.93f, 0.0075f },
    { 76, 77, -3.6f, 1.32f, 0.340f, 1.39f, 1.33f, 0.29f, 0.0036f },
    { 79, 81, 4.9f, 1.22f, 0.757f, 0.11f, 0.20f, 0.81f, 0.0300f },
    { 84, 85, 5.0f, 1.95f, 0.592f, 0.13f, 0.10f, 0.70f, 0.0192f },
    { 88, 89, 0.2f, 3.60f, 0.391f, 0.14f, 0.11f, 0.72f, 0.0055f },
    { 93, 999, 1.1f, 4.66f, 0.836f, 0.51f, 0.19f, 0.96f, 0.0055f },
};
enum { PIANO_REGISTERS = sizeof registers / sizeof *registers };

/** What a strike makes of the inputs. */
struct piano_strike {
    const struct piano_register *string;
    double hz, speed;   /* of the first partial; of the string against that of its root */
    double filter;      /* coefficient of the muffle filter */
    double rate_hz;
};

PH_RT static uint32_t piano_memory_floats(const struct dsp_block *b)
{
    (void)b;
    return sizeof(struct piano_memory) / sizeof(float);
}

PH_RT static void piano_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct piano *)state = (struct piano){ .gate = 0 };
}

/** An input within bounds far from any sense. */
static double piano_in(const struct dsp_block *b, uint32_t input)
{
    return (double)lane_clamp(dsp_in(b, input)[0], -100, 100);
}

/* ---- a strike -------------------------------------------------------------------------------- */

static double piano_hz(double key)
{
    return 440 * exp2((key - 69) / 12);
}

static int32_t piano_key(float freq)
{
    const double key = freq > 0 ? 12 * log2((double)freq / 440) + 69.5 : 0;
    return key > 0 ? (int32_t)(key < 300 ? key : 300) : 0;
}

static int32_t piano_velocity(const struct dsp_block *b)
{
    return (int32_t)lane_clamp(dsp_in(b, PIANO_VEL)[0], 0, 1000);
}

/** The string that a key sounds like. */
static const struct piano_register *piano_string(const struct dsp_block *b, int32_t key)
{
    const int32_t velocity = piano_velocity(b);
    int32_t softer = (int32_t)(12 * piano_in(b, PIANO_HARD) - 6);
    if (velocity > 40)
        softer += (int32_t)(0.12 * piano_in(b, PIANO_VEL_HARD) * (velocity - 40));
    int i = 0;
    while (i < PIANO_REGISTERS - 1 && key > registers[i].highest + softer)
        i++;
    return &registers[i];
}

/** The key's distance from equal temperament, in keys. */
static double piano_detuning(const struct dsp_block *b, int32_t key)
{
    const int32_t far = (key - 60) * (key - 60);
    const double random = 0.077 * piano_in(b, PIANO_RANDOM) * piano_in(b, PIANO_RANDOM);
    const double stretch = key > 60 ? 0.000434 * (piano_in(b, PIANO_STRETCH) - 0.5) : 0;
    const double keys = piano_in(b, PIANO_TUNE) - 0.5 + random * (far % 13 - 6.5) + stretch * far;
    return keys > -60 ? (keys < 60 ? keys : 60) : -60;
}

/** The muffle filter's coefficient: y[n] = y[n-1] + c (x[n] + x[n-1] - y[n-1]). */
static double piano_filter(const struct dsp_block *b, int32_t key)
{
    const double muffle = piano_in(b, PIANO_MUFFLE), by_velocity = piano_in(b, PIANO_VEL_MUFF);
    const double least_hz = 55 + 0.25 * key; /* the square root of an angular frequency */
    double edge = 50 + 160 * muffle * muffle + 5 * by_velocity * by_velocity * (piano_velocity(b) - 64);
    edge = edge > least_hz ? edge : least_hz;
    edge = edge < 210 ? edge : 210;
    return edge * edge / (double)b->rate_hz;
}

/** What that filter leaves of a frequency, as a factor. */
static double piano_passed(double c, double radians)
{
    const double pole = 1 - c, cosine = cos(radians);
    return c * sqrt((2 + 2 * cosine) / (1 - 2 * pole * cosine + pole * pole));
}

/** How strong partial n of a string is. */
static double piano_strength(const struct piano_register *s, int n)
{
    const double strike = sin(M_PI * n / 7.5), root_hz = piano_hz(s->root);
    const double board = n == 1 ? 1 / (1 + pow(90 / root_hz, 4)) : 1; /* too small for the lowest */
    return board * sqrt(0.1 + 0.9 * strike * strike) * pow(n, -(double)s->slope) *
           exp(-(double)s->dullness * (n - 1)) * pow(10, (double)s->level_db / 20);
}

static void piano_mode(struct piano_memory *m, uint32_t i, double re, double im, double hz, double rate_hz)
{
    const double fall = exp(-0.00053 * hz / rate_hz); /* 4.6 dB a second and kHz */
    const double w = 2 * M_PI * hz / rate_hz;
    m->re[i] = (float)re;
    m->im[i] = (float)im;
    m->turn_re[i] = (float)(fall * cos(w));
    m->turn_im[i] = (float)(fall * sin(w));
}

/** All partials that are heard. @return their number, made full with silent ones */
static uint32_t piano_modes(struct piano_memory *m, const struct piano_strike *k)
{
    const double stiffness = 3.2e-4 * exp(0.0825 * (k->string->root - 60));
    const double first = piano_strength(k->string, 1);
    uint32_t n_modes = 0;
    for (int n = 1; n <= PIANO_PARTIALS; n++) {
        const double hz = n * k->hz * sqrt(1 + stiffness * n * n);
        if (hz > 0.45 * k->rate_hz)
            break;
        const double sign = sin(M_PI * n / 7.5) < 0 ? -1 : 1;
        const double strength = piano_strength(k->string, n) *
                                piano_passed(k->filter, 2 * M_PI * hz / k->rate_hz);
        if (strength < 1e-4 * first)
            continue;
        /* phases as M. R. Schroeder (1970) has them for low peaks: a pulse would be no onset */
        const double phase = M_PI * n * (n - 1) / 20;
        const double re = sign * strength * cos(phase), im = sign * strength * sin(phase);
        piano_mode(m, n_modes++, re, im, hz, k->rate_hz);
        if (n <= PIANO_TWINS) /* a second string, less than a Hz away: beats */
            piano_mode(m, n_modes++, -0.1 * im, 0.1 * re, hz * (1 + 0.0012 / sqrt(n)), k->rate_hz);
    }
    while (n_modes % ROW)
        piano_mode(m, n_modes++, 0, 0, 0, k->rate_hz);
    return n_modes;
}

/** Factor per frame of what falls to 1 / e in a time of the string's own. */
static float piano_fall(const struct piano_strike *k, float seconds)
{
    return (float)exp(-k->speed / ((double)seconds * k->rate_hz));
}

static void piano_onset(struct piano *s, const struct piano_strike *k)
{
    const struct piano_register *const r = k->string;
    const double ringing = r->root < 70 ? 1.4 : 1.4 * exp2((70 - r->root) / 18.0);
    s->gap = r->gap;
    s->gap_fall = piano_fall(k, r->gap_seconds);
    s->touch = 1 - r->gap;
    s->touch_fall = (float)exp(-1 / (0.0005 * k->rate_hz));
    s->prompt = 1 - r->rest;
    s->prompt_fall = piano_fall(k, r->prompt_seconds);
    s->rest = r->rest;
    s->ringing_frames = (uint32_t)(ringing / k->speed * k->rate_hz);
}

static float piano_level(const struct dsp_block *b)
{
    const double curve = piano_in(b, PIANO_VEL_CURVE);
    const double power = 1 + 2 * curve - (curve < 0.25 ? 0.75 - 3 * curve : 0);
    const float level = (float)((0.5 + power) * pow(0.0078 * piano_velocity(b), power));
    return isfinite(level) ? lane_clamp(level, -1e6f, 1e6f) : 0;
}

static void piano_place(struct piano *s, const struct dsp_block *b)
{
    const double stereo = piano_in(b, PIANO_STEREO), key = (double)lane_clamp((float)s->key, 12, 108);
    const double tilt = 0.04 * stereo < 0.03 ? 0.04 * stereo : 0.03;
    const double middle = 0.2 * (1.5 - 0.79 * stereo * stereo), aside = middle * tilt * (key - 60);
    s->width = (float)(stereo * stereo);
    s->left = (float)(middle - aside);
    s->right = (float)(middle + aside);
}

/** Factor per frame of what falls e to the power `exponent` times in e seconds. */
static float piano_key_fall(const struct dsp_block *b, double exponent)
{
    return (float)exp(-exp(exponent) / (double)b->rate_hz);
}

static void piano_hit(struct piano *s, const struct dsp_block *b)
{
    const int32_t key = piano_key(dsp_in(b, PIANO_FREQ)[0]);
    struct piano_strike k = { .string = piano_string(b, key), .filter = piano_filter(b, key),
                              .rate_hz = (double)b->rate_hz };
    k.hz = piano_hz(key + piano_detuning(b, key));
    k.speed = k.hz / piano_hz(k.string->root);
    s->key = key;
    s->n_modes = piano_modes((struct piano_memory *)(void *)b->memory, &k);
    s->level = piano_level(b);
    piano_onset(s, &k);
    piano_place(s, b);

    const double decay = 2 * piano_in(b, PIANO_DECAY);
    const double longer = decay < 1 ? 0.25 + 0.75 * decay : decay;
    const double limited = (double)lane_clamp((float)key, 44, 108);
    s->level_fall = piano_key_fall(b, 0.033 * limited - 0.6 - longer);
}

/** The key is let go. The highest strings have no dampers. */
static void piano_let_go(struct piano *s, const struct dsp_block *b)
{
    if (s->key < 94 && !(dsp_in(b, PIANO_SUSTAIN)[0] > 0))
        s->level_fall = piano_key_fall(b, 2 + 0.017 * s->key - 2 * piano_in(b, PIANO_RELEASE));
}

/* ---- frames ---------------------------------------------------------------------------------- */

/** Adds n frames of one row of partials to `sums`. */
LANE_FN void piano_turn(struct piano_memory *m, uint32_t i, uint32_t n, row *restrict sums)
{
    row re = row_load(m->re + i), im = row_load(m->im + i);
    const row c = row_load(m->turn_re + i), s = row_load(m->turn_im + i);
    for (uint32_t k = 0; k < n; k++) {
        sums[k] += im;
        const row turned = c * re - s * im;
        im = s * re + c * im;
        re = turned;
    }
    row_store(m->re + i, re);
    row_store(m->im + i, im);
}

/** n frames of all partials. */
static void piano_run(const struct piano *s, struct piano_memory *m, float *to, uint32_t n)
{
    row sums[DSP_BLOCK_FRAMES];
    memset(sums, 0, n * sizeof *sums);
    for (uint32_t i = 0; i < s->n_modes; i += ROW)
        piano_turn(m, i, n, sums);
    for (uint32_t k = 0; k < n; k++) {
        float sum = 0;
        for (int j = 0; j < ROW; j++)
            sum += sums[k][j];
        to[k] = sum;
    }
}

/** From here on partials keep their size. */
static void piano_hold(const struct piano *s, struct piano_memory *m)
{
    for (uint32_t i = 0; i < s->n_modes; i++) {
        const float size = sqrtf(m->turn_re[i] * m->turn_re[i] + m->turn_im[i] * m->turn_im[i]);
        m->turn_re[i] /= size;
        m->turn_im[i] /= size;
    }
}

static void piano_partials(struct piano *s, struct piano_memory *m, float *to, uint32_t n_frames)
{
    for (uint32_t i = 0, n; i < n_frames; i += n) {
        const bool dies = s->ringing_frames > 0;
        n = dies ? least(n_frames - i, s->ringing_frames) : n_frames - i;
        piano_run(s, m, to + i, n);
        s->ringing_frames -= dies ? n : 0;
        if (dies && s->ringing_frames == 0)
            piano_hold(s, m);
    }
}

PH_RT static void piano_process(void *state, const struct dsp_block *b)
{
    struct piano *const s = state;
    struct piano_memory *const m = (struct piano_memory *)(void *)b->memory;
    const float gate = dsp_in(b, PIANO_GATE)[0];
    const uint32_t echo_last = b->rate_hz > 64000 ? PIANO_ECHO - 1 : PIANO_ECHO / 2 - 1;
    float *const left = dsp_out(b, 0), *const right = dsp_out(b, 1);
    float string[DSP_BLOCK_FRAMES];

    if (gate > 0 && !(s->gate > 0))
        piano_hit(s, b);
    else if (!(gate > 0) && s->gate > 0)
        piano_let_go(s, b);
    s->gate = gate;
    piano_partials(s, m, string, b->n_frames);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float x = string[i] * s->level * (1 - s->gap - s->touch) * (s->rest + s->prompt);
        s->level *= s->level_fall;
        s->gap *= s->gap_fall;
        s->touch *= s->touch_fall;
        s->prompt *= s->prompt_fall;
        m->echo[s->echo_at] = (s->left + s->right) * x;
        s->echo_at = (s->echo_at + 1) & echo_last;
        const float echo = s->width * m->echo[s->echo_at];
        left[i] = s->left * x + echo;
        right[i] = s->right * x - echo;
    }
}
const struct dsp_unit DSP(dsp_MdaPiano) = { sizeof(struct piano), piano_init, piano_process,
                                            piano_memory_floats, 0 };

#else
typedef int piano_has_no_wide_form; /* a translation unit must declare something */
#endif
