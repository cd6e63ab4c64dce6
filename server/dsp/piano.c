/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/piano.c - MdaPiano: a piano by its partials.                                        */
/* room: audio. One voice at a time: its partials lie side by side, so lanes gain nothing.        */
#include "server/dsp/delay_line.h"
#include "server/dsp/lane_row.h"

#if LANE_W == 1
#include "server/dsp/piano_registers.h"

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
 * A string has partials of n f sqrt(1 + B n^2), each dies away as fast as its frequency says. All
 * share an onset, a decay in two stages, and that of the key. Where partials are many, one stands
 * for several. Below the first one the hammer's knock is heard. piano_registers[] says how strong,
 * bright and long a string sounds.
 *
 * state   the envelope, place in the echo
 * memory  partials as rotating pairs of numbers, the echo
 * cost    seven operations per partial and frame, those out of earshot left out; some 200 sines and
 *         powers per strike
 * source  H. Fletcher, Normal Vibration Frequencies of a Stiff Piano String (1964); two stages: G.
 *         Weinreich, Coupled Piano Strings (1977); filter and inputs: sc3-plugins' class and source
 */
enum {
    PIANO_FREQ, PIANO_GATE, PIANO_VEL, PIANO_DECAY, PIANO_RELEASE, PIANO_HARD, PIANO_VEL_HARD,
    PIANO_MUFFLE, PIANO_VEL_MUFF, PIANO_VEL_CURVE, PIANO_STEREO, PIANO_TUNE, PIANO_RANDOM,
    PIANO_STRETCH, PIANO_SUSTAIN
};
enum { PIANO_PARTIALS = 56, PIANO_TWINS = 6, PIANO_KNOCKS = 9 };
enum {
    PIANO_HEARD = PIANO_PARTIALS + PIANO_TWINS + PIANO_KNOCKS,
    PIANO_GROUP = 16, /* modes that are computed together */
    PIANO_MODES = (PIANO_HEARD + PIANO_GROUP - 1) / PIANO_GROUP * PIANO_GROUP,
    PIANO_ECHO = 256
};

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

/** As a factor: what is below is left out. */
static const double PIANO_SILENT = 3e-4;

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
    while (i < PIANO_REGISTERS - 1 && key > piano_registers[i].highest + softer)
        i++;
    return &piano_registers[i];
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
    const double softer = 5 * by_velocity * by_velocity * (piano_velocity(b) - 64);
    double edge = 50 + 160 * muffle * muffle + softer;
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
    int i = 0;
    while (i < PIANO_LEVELS - 1 && n > piano_highest[i])
        i++;
    return pow(10, s->level_db[i] / 20.0);
}

/** One more, that falls by `db` a second. */
static void piano_mode(struct piano_memory *m, uint32_t i, double re, double im, double hz,
                       double db, double rate_hz)
{
    const double fall = exp(-0.1151 * db / rate_hz), w = 2 * M_PI * hz / rate_hz;
    m->re[i] = (float)re;
    m->im[i] = (float)im;
    m->turn_re[i] = (float)(fall * cos(w));
    m->turn_im[i] = (float)(fall * sin(w));
}

/**
 * The hammer's knock: two modes an octave, up to the first partial.
 * @return number of modes then
 */
static uint32_t piano_knocks(struct piano_memory *m, uint32_t n_modes, const struct piano_strike *k)
{
    const double highest_hz = 0.8 * piano_hz(k->string->root);
    double hz = 80;
    for (int i = 0; i < PIANO_KNOCKS && hz < highest_hz; i++, hz *= M_SQRT2) {
        const double own_hz = hz * k->speed, turn = 2.4 * i;
        if (own_hz > 0.45 * k->rate_hz)
            break;
        const double strength = 0.13 * hz / (hz + 800) *
                                piano_passed(k->filter, 2 * M_PI * own_hz / k->rate_hz);
        piano_mode(m, n_modes++, strength * cos(turn), strength * sin(turn), own_hz,
                   108 * k->speed, k->rate_hz);
    }
    return n_modes;
}

/** All partials that are heard. @return their number */
static uint32_t piano_partials_of(struct piano_memory *m, const struct piano_strike *k)
{
    const struct piano_register *const string = k->string;
    const double stiffness = 3.2e-4 * exp(0.0825 * (string->root - 60));
    uint32_t n_modes = 0;
    for (int n = 1, next; n <= piano_highest[PIANO_LEVELS - 1]; n = next) {
        next = n + 1 + n / 24;
        const double hz = n * k->hz * sqrt(1 + stiffness * n * n);
        if (hz > 0.45 * k->rate_hz)
            break;
        const double strength = piano_strength(string, n) * sqrt(next - n) *
                                piano_passed(k->filter, 2 * M_PI * hz / k->rate_hz);
        if (strength < PIANO_SILENT)
            continue;
        /* phases as M. R. Schroeder (1970) has them for low peaks: a pulse would be no onset */
        const double phase = M_PI * (double)string->spread * n * (n - 1);
        const double re = strength * cos(phase), im = strength * sin(phase);
        const double fall_db = (double)string->fall_db * hz / 1000;
        piano_mode(m, n_modes++, re, im, hz, fall_db, k->rate_hz);
        if (n <= PIANO_TWINS) /* a second string, less than a Hz away: beats */
            piano_mode(m, n_modes++, -0.1 * im, 0.1 * re, hz * (1 + 0.0012 / sqrt(n)), fall_db,
                       k->rate_hz);
    }
    return n_modes;
}

/** Everything that sounds. @return number of modes, made full with silent ones */
static uint32_t piano_modes(struct piano_memory *m, const struct piano_strike *k)
{
    uint32_t n_modes = piano_knocks(m, piano_partials_of(m, k), k);
    while (n_modes % PIANO_GROUP)
        piano_mode(m, n_modes++, 0, 0, 0, 0, k->rate_hz);
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
    s->gap = r->gap;
    s->gap_fall = piano_fall(k, r->gap_seconds);
    s->touch = 1 - r->gap;
    s->touch_fall = (float)exp(-1 / (0.0005 * k->rate_hz));
    s->prompt = 1 - r->rest;
    s->prompt_fall = piano_fall(k, r->prompt_seconds);
    s->rest = r->rest;
    s->ringing_frames = (uint32_t)((double)r->ringing_seconds / k->speed * k->rate_hz);
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
    const double stereo = piano_in(b, PIANO_STEREO);
    const double key = (double)lane_clamp((float)s->key, 12, 108);
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

/* of a group: each frame of a row waits for the one before, rows don't wait for each other */
enum { PIANO_ROWS = PIANO_GROUP / ROW };

/** Adds n frames of one group of modes to `sums`. */
LANE_FN void piano_turn(struct piano_memory *m, uint32_t first, uint32_t n, row *restrict sums)
{
    row re[PIANO_ROWS], im[PIANO_ROWS], c[PIANO_ROWS], s[PIANO_ROWS];
    ROW_UNROLL
    for (uint32_t j = 0; j < PIANO_ROWS; j++) {
        re[j] = row_load(m->re + first + j * ROW);
        im[j] = row_load(m->im + first + j * ROW);
        c[j] = row_load(m->turn_re + first + j * ROW);
        s[j] = row_load(m->turn_im + first + j * ROW);
    }
    for (uint32_t k = 0; k < n; k++) {
        row sum = sums[k];
        ROW_UNROLL
        for (uint32_t j = 0; j < PIANO_ROWS; j++) {
            sum += im[j];
            const row turned = c[j] * re[j] - s[j] * im[j];
            im[j] = s[j] * re[j] + c[j] * im[j];
            re[j] = turned;
        }
        sums[k] = sum;
    }
    ROW_UNROLL
    for (uint32_t j = 0; j < PIANO_ROWS; j++) {
        row_store(m->re + first + j * ROW, re[j]);
        row_store(m->im + first + j * ROW, im[j]);
    }
}

/** n frames of all modes. */
static void piano_run(const struct piano *s, struct piano_memory *m, float *to, uint32_t n)
{
    row sums[DSP_BLOCK_FRAMES];
    memset(sums, 0, n * sizeof *sums);
    for (uint32_t i = 0; i < s->n_modes; i += PIANO_GROUP)
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
