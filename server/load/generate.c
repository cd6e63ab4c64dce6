/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/generate.c - /b_gen: contents of buffers that are computed.                        */
/* room: the queue's thread; offline the command thread.                                          */
/*                                                                                                */
/* A wavetable lies as SuperCollider's: of two neighbours a and b, first 2a - b, then b - a, so   */
/* that an oscillator interpolates with one multiplication: (2a - b) + (b - a) (1 + fraction).    */
#include "server/load/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NORMALIZES = 1, IS_WAVETABLE = 2, CLEARS = 4 }; /* flags of waves */
enum { FFT_MIN = 2, FFT_MAX = 1 << 20 };

struct input {
    const struct load_buffers *buffers;
    struct ph_osc_args *args;
};

static double next_number(struct ph_osc_args *args)
{
    float value = 0;
    if (!ph_osc_next_float(args, &value))
        ph_osc_next(args); /* a text or a blob counts as 0, and is passed */
    return (double)value;
}

static int32_t next_int(struct ph_osc_args *args)
{
    int32_t value = 0;
    if (!ph_osc_next_int(args, &value))
        ph_osc_next(args);
    return value;
}

static size_t samples_of(const struct dsp_buffer *b)
{
    return (size_t)b->n_frames * b->n_channels;
}

/* ---- level ----------------------------------------------------------------------------------- */

/** Loudest value; of a wavetable, that of a pair's sum, which is the wave itself. */
static float peak_of(const float *data, size_t n, bool is_wavetable)
{
    float peak = 0;
    for (size_t i = 0; i + is_wavetable < n; i += 1u + is_wavetable) {
        const float value = fabsf(is_wavetable ? data[i] + data[i + 1] : data[i]);
        if (value > peak)
            peak = value;
    }
    return peak;
}

static void scale_to(float *data, size_t n, bool is_wavetable, float wanted)
{
    const float peak = peak_of(data, n, is_wavetable);
    if (!(peak > 0) || peak == wanted || !isfinite(peak))
        return;
    const float factor = wanted / peak;
    for (size_t i = 0; i < n; i++)
        data[i] *= factor;
}

static void normalize(const struct input *in, struct dsp_buffer *out)
{
    scale_to(out->data, samples_of(out), false, *in->args->tags ? (float)next_number(in->args) : 1);
}

static void normalize_wavetable(const struct input *in, struct dsp_buffer *out)
{
    scale_to(out->data, samples_of(out), true, *in->args->tags ? (float)next_number(in->args) : 1);
}

/* ---- waves ----------------------------------------------------------------------------------- */

struct wave {
    double (*at)(const struct wave *wave, double position); /* position: 0 .. 1 */
    double partial, amp, phase;
};

static double sine_at(const struct wave *w, double position)
{
    return w->amp * sin(w->phase + 2 * M_PI * w->partial * position);
}

/** Chebyshev polynomial of degree `partial` over -1 .. 1, moved so that 0 becomes 0. */
static double chebyshev_at(const struct wave *w, double position)
{
    const double x = fmin(fmax(2 * position - 1, -1), 1);
    return w->amp * (cos(w->partial * acos(x)) - cos(w->partial * M_PI / 2));
}

static void add_wave(const struct wave *w, float *data, size_t n, bool is_wavetable)
{
    if (w->amp == 0)
        return;
    if (!is_wavetable) {
        for (size_t i = 0; i < n; i++)
            data[i] = (float)((double)data[i] + w->at(w, (double)i / (double)n));
        return;
    }
    const double points = (double)(n / 2);
    double now = w->at(w, 0);
    for (size_t i = 0; i + 1 < n; i += 2) {
        const double next = w->at(w, (double)(i / 2 + 1) / points);
        data[i] = (float)((double)data[i] + 2 * now - next);
        data[i + 1] = (float)((double)data[i + 1] + next - now);
        now = next;
    }
}

/** How many numbers describe a partial: 1 its amplitude; 2 frequency and amplitude; 3 phase too. */
static void add_waves(const struct input *in, struct dsp_buffer *out, struct wave wave, int n_numbers)
{
    const size_t n = samples_of(out);
    if (out->n_channels != 1)
        return;
    const int32_t flags = next_int(in->args);
    if (flags & CLEARS)
        memset(out->data, 0, n * sizeof *out->data);
    for (int partial = 1; *in->args->tags; partial++) {
        wave.partial = n_numbers > 1 ? next_number(in->args) : partial;
        wave.amp = next_number(in->args);
        wave.phase = n_numbers > 2 ? next_number(in->args) : 0;
        add_wave(&wave, out->data, n, flags & IS_WAVETABLE);
    }
    if (flags & NORMALIZES)
        scale_to(out->data, n, flags & IS_WAVETABLE, 1);
}

static void sine1(const struct input *in, struct dsp_buffer *out)
{
    add_waves(in, out, (struct wave){ .at = sine_at }, 1);
}

static void sine2(const struct input *in, struct dsp_buffer *out)
{
    add_waves(in, out, (struct wave){ .at = sine_at }, 2);
}

static void sine3(const struct input *in, struct dsp_buffer *out)
{
    add_waves(in, out, (struct wave){ .at = sine_at }, 3);
}

static void chebyshev(const struct input *in, struct dsp_buffer *out)
{
    add_waves(in, out, (struct wave){ .at = chebyshev_at }, 1);
}

/** Adds 1 where a frame's number has no digit 1 in base 3. */
static void cantor(const struct input *in, struct dsp_buffer *out)
{
    (void)in;
    for (size_t i = 0; i < samples_of(out); i++) {
        size_t rest = i;
        while (rest > 0 && rest % 3 != 1)
            rest /= 3;
        if (rest == 0)
            out->data[i] += 1;
    }
}

/* ---- envelopes ------------------------------------------------------------------------------- */

struct segment {
    double from, to, curve;
    int32_t shape;
};

/** Level at `x`, 0 .. 1 of the segment; the shapes are EnvGen's. */
static double level_at(const struct segment *s, double x)
{
    const double span = s->to - s->from;
    switch (s->shape) {
    case 0: /* step */
        return s->to;
    case 2: /* exponential */
        return s->from * pow(s->to / s->from, x);
    case 3: /* sine */
        return s->from + span * (1 - cos(M_PI * x)) / 2;
    case 4: /* welch */
        return span >= 0 ? s->from + span * sin(M_PI / 2 * x) : s->to - span * cos(M_PI / 2 * x);
    case 5: /* curve */
        return fabs(s->curve) < 0.001 ? s->from + span * x
                                      : s->from + span * (1 - exp(s->curve * x)) / (1 - exp(s->curve));
    case 6: { /* squared */
        const double root = sqrt(s->from) + (sqrt(s->to) - sqrt(s->from)) * x;
        return root * root;
    }
    case 7: { /* cubed */
        const double root = cbrt(s->from) + (cbrt(s->to) - cbrt(s->from)) * x;
        return root * root * root;
    }
    case 8: /* hold */
        return s->from;
    default:
        return s->from + span * x;
    }
}

/** Segments over the whole buffer, whose times add up to 1; what they leave stays. */
static void envelope(const struct input *in, struct dsp_buffer *out)
{
    if (out->n_channels != 1)
        return;
    struct segment s = { .from = next_number(in->args) };
    const int32_t n_segments = next_int(in->args);
    double position = 0;
    uint32_t frame = 0;
    next_int(in->args); /* release and loop node: an envelope in a buffer has neither */
    next_int(in->args);
    for (int32_t k = 0; k < n_segments && *in->args->tags; k++, s.from = s.to) {
        s.to = next_number(in->args);
        position += fmax(next_number(in->args), 0) * out->n_frames;
        s.shape = next_int(in->args);
        s.curve = next_number(in->args);
        const uint32_t first = frame, end = position < out->n_frames ? (uint32_t)position : out->n_frames;
        for (; frame < end; frame++) {
            const float level = (float)level_at(&s, (double)(frame - first) / (end - first));
            out->data[frame] = isfinite(level) ? level : 0;
        }
    }
}

/* ---- from other buffers ---------------------------------------------------------------------- */

/** The buffer that the next argument names; as `out` holds it when it is that one. */
static struct dsp_buffer next_buffer(const struct input *in)
{
    const int32_t number = next_int(in->args);
    if (number < 0 || (uint32_t)number >= load_buffers_count(in->buffers))
        return (struct dsp_buffer){ 0 };
    return load_buffers_get(in->buffers, (uint32_t)number);
}

static uint32_t clamp_frame(int32_t frame, uint32_t n_frames)
{
    return frame < 0 ? 0 : (uint32_t)frame >= n_frames ? n_frames - 1 : (uint32_t)frame;
}

static void copy_from(const struct input *in, struct dsp_buffer *out)
{
    const int32_t to = next_int(in->args);
    const struct dsp_buffer source = next_buffer(in);
    const int32_t from = next_int(in->args), wanted = next_int(in->args);
    if (!source.data || source.n_channels != out->n_channels)
        return;
    const uint32_t first = clamp_frame(from, source.n_frames), at = clamp_frame(to, out->n_frames);
    uint32_t n = source.n_frames - first < out->n_frames - at ? source.n_frames - first
                                                              : out->n_frames - at;
    if (wanted >= 0 && (uint32_t)wanted < n)
        n = (uint32_t)wanted;
    memmove(out->data + (size_t)at * out->n_channels, source.data + (size_t)first * source.n_channels,
            (size_t)n * out->n_channels * sizeof *out->data);
}

/**
 * In place, decimation in time. `x`: n complex numbers, n a
 * power of 2. Source: Cooley and Tukey 1965.
 */
static void transform(double *x, uint32_t n)
{
    for (uint32_t i = 1, j = 0; i < n; i++) {
        uint32_t bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i >= j)
            continue;
        for (int part = 0; part < 2; part++) {
            const double swapped = x[2 * i + part];
            x[2 * i + part] = x[2 * j + part];
            x[2 * j + part] = swapped;
        }
    }
    for (uint32_t half = 1; half < n; half *= 2)
        for (uint32_t k = 0; k < half; k++) {
            const double re = cos(M_PI * k / half), im = -sin(M_PI * k / half);
            for (uint32_t i = k; i < n; i += 2 * half) {
                double *const a = x + 2 * (size_t)i, *const b = a + 2 * (size_t)half;
                const double tr = b[0] * re - b[1] * im, ti = b[0] * im + b[1] * re;
                b[0] = a[0] - tr;
                b[1] = a[1] - ti;
                a[0] += tr;
                a[1] += ti;
            }
        }
}

/**
 * Spectra of an impulse response for PartConv: of each half transform, padded with as many zeros,
 * real parts at 0 and at half the rate, then the other bins as pairs. What does not fit is left
 * out.
 */
static void prepare_convolution(const struct input *in, struct dsp_buffer *out)
{
    const struct dsp_buffer source = next_buffer(in);
    const int32_t size = next_int(in->args);
    if (!source.data || size < FFT_MIN || size > FFT_MAX || (size & (size - 1)))
        return;
    const uint32_t n = (uint32_t)size, half = n / 2;
    const size_t n_in = samples_of(&source), n_out = samples_of(out);
    double *const x = malloc(2 * (size_t)n * sizeof *x);
    for (size_t part = 0; x && part * half < n_in && (part + 1) * n <= n_out; part++) {
        float *const to = out->data + part * n;
        memset(x, 0, 2 * (size_t)n * sizeof *x);
        for (uint32_t i = 0; i < half && part * half + i < n_in; i++)
            x[2 * i] = (double)source.data[part * half + i];
        transform(x, n);
        to[0] = (float)x[0];
        to[1] = (float)x[n];
        for (uint32_t i = 2; i < n; i++)
            to[i] = (float)x[i];
    }
    free(x);
}

/* ---- by name --------------------------------------------------------------------------------- */

struct load_generator {
    const char *name;
    void (*fill)(const struct input *in, struct dsp_buffer *out);
};

static const struct load_generator generators[] = {
    { "sine1", sine1 }, { "sine2", sine2 }, { "sine3", sine3 }, { "cheby", chebyshev },
    { "copy", copy_from }, { "normalize", normalize }, { "wnormalize", normalize_wavetable },
    { "env", envelope }, { "cantorFill", cantor }, { "PreparePartConv", prepare_convolution },
};

const struct load_generator *load_generator_find(const char *name)
{
    for (size_t i = 0; i < sizeof generators / sizeof *generators; i++)
        if (strcmp(generators[i].name, name) == 0)
            return &generators[i];
    return NULL;
}

void load_generate(const struct load_generator *generator, const struct load_buffers *buffers,
                   struct ph_osc_args *args, struct dsp_buffer *data)
{
    const struct input in = { buffers, args };
    generator->fill(&in, data);
}
