/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/onsets.c - Onsets.                                                                  */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/fastmath.h"
#include "server/dsp/spectrum.h"

#if LANE_W == 1

enum {
    ONSETS_CHAIN, ONSETS_THRESHOLD, ONSETS_TYPE, ONSETS_RELAX, ONSETS_FLOOR, ONSETS_GAP,
    ONSETS_SPAN, ONSETS_WHITE, ONSETS_RAW
};
/* How much a spectrum tells of an onset: by its power, its magnitudes, how far it is from where the
 * last two point (only where it grows), by the turns of its phases, or by the ratio to the last
 * one. */
enum { BY_POWER, BY_SUM, BY_COMPLEX, BY_GROWTH, BY_PHASE, BY_WEIGHED_PHASE, BY_RATIO };
enum { SPAN_MAX = 128, ONSETS_FLOATS_MAX = 32768 };

struct onsets {
    float value;
    uint32_t n;          /* bins; 0: there was no spectrum yet */
    int32_t type, span;  /* of the first spectrum's block */
    float scale, relax;
    float past_median;   /* the last amount, less the median of the last `span` */
    int32_t gap;         /* spectra that must pass before the next onset */
};

/**
 * Long memory: the last amounts, the peaks of dc, bins,
 * nyquist, three floats a bin of the last ones.
 */
struct onsets_past { float *amounts, *peaks, *bins; };

static uint32_t onsets_floats(const struct dsp_block *b)
{
    return b->own_floats > 0 && b->own_floats <= ONSETS_FLOATS_MAX ? b->own_floats
                                                                   : ONSETS_FLOATS_MAX;
}

static uint32_t onsets_memory(const struct dsp_block *b)
{
    return SPAN_MAX + 2 * onsets_floats(b) + 2;
}

static struct onsets_past onsets_past(const struct onsets *s, const struct dsp_block *b)
{
    float *const peaks = b->memory + SPAN_MAX;
    return (struct onsets_past){ b->memory, peaks, peaks + s->n + 2 };
}

static int32_t whole_within(float x, int32_t lo, int32_t hi)
{
    return x > (float)lo ? (x < (float)hi ? (int32_t)x : hi) : lo; /* NaN: lo */
}

PH_RT static void onsets_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct onsets *)state = (struct onsets){ 0 };
}

/** The factor that brings amounts of all sizes of spectra to the same scale. */
static float onsets_scale(int32_t type, float floats)
{
    switch (type) {
    case BY_POWER: return 2560.0f / ((floats / 2 + 1) * floats);
    case BY_SUM: return 113.137085f / ((floats / 2 + 1) * sqrtf(floats));
    case BY_COMPLEX:
    case BY_GROWTH: return 231.70475f / powf(floats, 1.5f);
    case BY_PHASE: return 5.12f / floats;
    case BY_WEIGHED_PHASE: return 115.852375f / powf(floats, 1.5f);
    default: return 1.92f / floats;
    }
}

/** What holds from the first spectrum on. @return false where there is no memory for its size */
static bool onsets_begin(struct onsets *s, const struct dsp_block *b, uint32_t n)
{
    const float floats = 2.0f * (float)(n + 1), relax = dsp_in(b, ONSETS_RELAX)[0];
    if (SPAN_MAX + 4 * (uint64_t)n + 2 > b->memory_frames)
        return false;
    s->n = n;
    s->type = whole_within(dsp_in(b, ONSETS_TYPE)[0], BY_POWER, BY_RATIO);
    s->span = whole_within(dsp_in(b, ONSETS_SPAN)[0], 1, SPAN_MAX);
    s->scale = onsets_scale(s->type, floats);
    s->relax = relax > 0 ? expf(-2.30258509f * 0.5f * floats / (relax * b->env->audio_rate_hz)) : 0;
    return true;
}

/** A peak follows its magnitude up at once, down in the relaxation's time. */
static float follow_peak(float *peak, float magnitude, float relax)
{
    const float now = fabsf(magnitude);
    *peak = now < *peak ? now + (*peak - now) * relax : now;
    return *peak;
}

/** A magnitude as a share of its peak, which counts as `floor` at least. */
static float whitened(float magnitude, float peak, float floor)
{
    const float by = peak > floor ? peak : floor;
    return by > 0 ? fabsf(magnitude) / by : 0;
}

/** Brought between -pi and pi by whole turns. */
static float turned(float phase)
{
    const float pi = 3.14159265f;
    if (phase > -pi && phase < pi)
        return phase;
    return phase + 2 * pi * (1.0f + floorf((-pi - phase) * 0.159154943f));
}

/** One spectrum as the amounts see it. */
struct onsets_frame {
    const struct spectrum *x;
    const float *peaks; /* NULL: magnitudes as they are */
    float floor;
};

static float magnitude_of(const struct onsets_frame *f, uint32_t i)
{
    const float m = f->x->bins[i].a;
    return f->peaks ? whitened(m, f->peaks[i + 1], f->floor) : fabsf(m);
}

static double amount_of_sum(const struct onsets_frame *f, bool squared)
{
    const uint32_t n = f->x->n;
    const float dc = f->peaks ? whitened(*f->x->dc, f->peaks[0], f->floor) : fabsf(*f->x->dc);
    const float nyquist =
        f->peaks ? whitened(*f->x->nyquist, f->peaks[n + 1], f->floor) : fabsf(*f->x->nyquist);
    float sum = squared ? nyquist * nyquist + dc * dc : nyquist + dc;
    for (uint32_t i = 0; i < n; i++) {
        const float m = magnitude_of(f, i);
        sum += squared ? m * m : m;
    }
    return sum;
}

/** `past`: per bin its magnitude, its phase and how far that had turned. */
static double amount_of_distance(const struct onsets_frame *f, float *past, bool only_growth)
{
    double sum = 0;
    for (uint32_t i = 0; i < f->x->n; i++, past += 3) {
        const float m = magnitude_of(f, i), phase = f->x->bins[i].b, before = past[0];
        if (m > 0.01f && !(only_growth && m < before)) {
            const float angle = turned(past[1] + past[2] - phase);
            sum += sqrtf(before * before + m * m - before * m * lane_cos(angle));
        }
        past[2] = turned(phase - past[1]);
        past[0] = m;
        past[1] = phase;
    }
    return sum;
}

/**
 * `past`: per bin its phase and how far that had turned. As in scsynth a bin that is too soft to
 * count leaves the next one to be compared with its own past.
 */
static double amount_of_turns(const struct onsets_frame *f, float *past, bool weighed)
{
    const float least = weighed ? 0.0001f : 0.01f;
    const float *at = past;
    double sum = 0;
    for (uint32_t i = 0; i < f->x->n; i++) {
        const float m = magnitude_of(f, i);
        if (!(m > least))
            continue;
        const float angle = turned(f->x->bins[i].b - at[0] - at[1]);
        sum += fabsf(weighed ? angle * m : angle);
        at += 2;
    }
    for (uint32_t i = 0; i < f->x->n; i++, past += 2) {
        past[1] = turned(f->x->bins[i].b - past[0]);
        past[0] = f->x->bins[i].b;
    }
    return sum;
}

static double amount_of_ratios(const struct onsets_frame *f, float *past)
{
    double sum = 0;
    for (uint32_t i = 0; i < f->x->n; i++) {
        const float m = magnitude_of(f, i);
        sum += lane_log(1.0f + m / (past[i] + 0.01f));
        past[i] = m;
    }
    return sum;
}

static float onsets_amount(const struct onsets *s, const struct onsets_frame *f, float *past)
{
    double amount;
    switch (s->type) {
    case BY_POWER:
    case BY_SUM: amount = amount_of_sum(f, s->type == BY_POWER); break;
    case BY_COMPLEX:
    case BY_GROWTH: amount = amount_of_distance(f, past, s->type == BY_GROWTH); break;
    case BY_PHASE:
    case BY_WEIGHED_PHASE: amount = amount_of_turns(f, past, s->type == BY_WEIGHED_PHASE); break;
    default: amount = amount_of_ratios(f, past);
    }
    return (float)amount * s->scale;
}

static float median_of(const float *x, int32_t n)
{
    float sorted[SPAN_MAX];
    for (int32_t i = 0; i < n; i++) {
        int32_t k = i;
        for (; k > 0 && sorted[k - 1] > x[i]; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = x[i];
    }
    return n % 2 ? sorted[n / 2] : (sorted[n / 2] + sorted[n / 2 - 1]) * 0.5f;
}

/** Whether the amount, less the median of the last ones, rises through the threshold. */
static bool onsets_detect(struct onsets *s, const struct dsp_block *b, const float *amounts)
{
    const float threshold = dsp_in(b, ONSETS_THRESHOLD)[0], before = s->past_median;
    s->past_median = amounts[0] - median_of(amounts, s->span);
    if (s->gap > 0) {
        s->gap--;
        return false;
    }
    const bool is_one = s->past_median > threshold && before <= threshold;
    if (is_one)
        s->gap = whole_within(dsp_in(b, ONSETS_GAP)[0], 0, 1 << 30);
    return is_one;
}

static void onsets_spectrum(struct onsets *s, const struct dsp_block *b, const struct spectrum *x)
{
    const struct onsets_past past = onsets_past(s, b);
    struct onsets_frame frame = { x, NULL, dsp_in(b, ONSETS_FLOOR)[0] };
    spectrum_to_polar(x);
    if (whole_within(dsp_in(b, ONSETS_WHITE)[0], -1, 1) != 0) {
        follow_peak(&past.peaks[0], *x->dc, s->relax);
        follow_peak(&past.peaks[x->n + 1], *x->nyquist, s->relax);
        for (uint32_t i = 0; i < x->n; i++)
            follow_peak(&past.peaks[i + 1], x->bins[i].a, s->relax);
        frame.peaks = past.peaks;
    }
    memmove(past.amounts + 1, past.amounts, (size_t)(s->span - 1) * sizeof *past.amounts);
    past.amounts[0] = onsets_amount(s, &frame, past.bins);
    const bool is_onset = onsets_detect(s, b, past.amounts);
    const bool is_raw = b->n_in > ONSETS_RAW && dsp_in(b, ONSETS_RAW)[0] > 0;
    s->value = is_raw ? (isfinite(past.amounts[0]) ? past.amounts[0] : 0) : is_onset;
}

/**
 * Onsets - tells where notes begin.
 *
 * in      [0] chain
 *         [1] threshold   of the amount that tells of an onset, less its median
 *         [2] odftype     0 power, 1 sum of magnitudes, 2 distance, 3 distance where it grows,
 *                         4 phases, 5 phases by magnitude, 6 ratio; at the first spectrum
 *         [3] relaxtime   seconds to -20 dB of the peaks by which magnitudes are whitened; at the
 *             first
 *         [4] floor       the least peak
 *         [5] mingap      spectra between onsets
 *         [6] medianspan  spectra that the median is taken of, 1 .. 128; at the first
 *         [7] whtype      0: magnitudes are not whitened
 *         [8] rawodf      > 0: the amount itself is given
 * out     [0] 1 from the spectrum of an onset to the next spectrum, else 0
 * memory  amounts, peaks and the last spectrum
 * cost    per spectrum up to a cosine and two roots a bin
 * source  Stowell and Plumbley 2007, Adaptive whitening for improved real-time audio onset
 *         detection; distances as scsynth takes them: a^2 + b^2 - a b cos
 */
PH_RT static void onsets_process(void *state, const struct dsp_block *b)
{
    struct onsets *const s = state;
    const struct spectrum x = spectrum_of(b, ONSETS_CHAIN);
    if (x.buffer && s->n == 0)
        onsets_begin(s, b, x.n);
    if (x.buffer && s->n == x.n)
        onsets_spectrum(s, b, &x);
    dsp_out(b, 0)[0] = s->value;
}
const struct dsp_unit DSP(dsp_Onsets) = { sizeof(struct onsets), onsets_init, onsets_process,
                                          onsets_memory, 0, birth_zero };

#endif
