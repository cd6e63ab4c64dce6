/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/convolution.c - Convolution, Convolution2, Convolution2L, StereoConvolution2L,      */
/* Convolution3.                                                                                  */
/* room: audio.                                                                                   */
/*                                                                                                */
/* All but the last gather a window of frames, transform it with as many zeros behind it,         */
/* multiply by the kernel's spectrum and overlap the ends (Stockham 1966). What they give comes a */
/* window less one block late, as in scsynth.                                                     */
#include "server/dsp/fft.h"
#include "server/dsp/lane.h"

#if LANE_W == 1

enum { WINDOW_MAX = 1 << (DSP_FFT_32768 - 1), KERNELS_MAX = 2, CHANNELS_MAX = 2 };

struct convolver {
    uint32_t n, at;          /* frames of the window, and those gathered; n 0: nothing happens */
    float trigger;
    uint32_t current;        /* kernel that is heard */
    uint32_t fade_at, fade_n; /* windows of the fade to the other; fade_n: it is over */
};

/** Where a unit's inputs are, and how many kernels and channels it keeps. */
struct layout { uint8_t kernel, trigger, window, fade, n_kernels, n_channels; };

static uint32_t spectrum_floats(uint32_t n)
{
    return 2 * dsp_fft_part(dsp_fft_size_of(2 * n));
}

/** Long memory: input, spectrum of the input, then per channel output, tail and kernels. */
static uint32_t floats_of(const struct layout *l, uint32_t n)
{
    return n + spectrum_floats(n) + l->n_channels * (3 * n + l->n_kernels * spectrum_floats(n));
}

static float *spectrum_kept(const struct convolver *s, const struct dsp_block *b)
{
    return b->memory + s->n;
}

static float *output_of(const struct layout *l, const struct convolver *s,
                        const struct dsp_block *b, uint32_t channel)
{
    return spectrum_kept(s, b) + spectrum_floats(s->n) +
           (size_t)channel * (3 * s->n + l->n_kernels * spectrum_floats(s->n));
}

static float *kernel_of(const struct layout *l, const struct convolver *s,
                        const struct dsp_block *b, uint32_t channel, uint32_t kernel)
{
    return output_of(l, s, b, channel) + 3 * s->n + kernel * spectrum_floats(s->n);
}

static bool is_window(uint32_t n, uint32_t block)
{
    return n > 0 && n <= WINDOW_MAX && n >= block && n % block == 0 &&
           dsp_fft_size_of(2 * n) != DSP_FFT_SIZES;
}

/** Frames that an input asks for; 0: as many as the kernel has. */
static uint32_t window_asked(const struct dsp_block *b, const struct layout *l)
{
    const float x = dsp_in(b, l->window)[0];
    return x >= 1 ? (x < (float)WINDOW_MAX ? (uint32_t)x : WINDOW_MAX) : 0;
}

static uint32_t convolver_memory(const struct dsp_block *b, const struct layout *l)
{
    const uint32_t n = window_asked(b, l);
    return floats_of(l, n > 0 && dsp_fft_size_of(2 * n) != DSP_FFT_SIZES ? n : WINDOW_MAX);
}

/* ---- transforms: in the thread's scratch, where plans find the alignment they were made for -- */

static float *scratch_spectrum(const struct convolver *s, const struct dsp_block *b)
{
    return b->env->scratch + 2 * s->n;
}

/** The spectrum of n frames and as many zeros, into scratch_spectrum(). */
PH_RT static void transform(const struct convolver *s, const struct dsp_block *b,
                            const float *frames, uint32_t n)
{
    const struct dsp_fft *const fft = b->env->fft;
    float *const x = b->env->scratch;
    for (uint32_t i = 0; i < n; i++)
        x[i] = isfinite(frames[i]) ? frames[i] : 0.0f;
    memset(x + n, 0, (2 * s->n - n) * sizeof *x);
    fft->forward(fft, dsp_fft_size_of(2 * s->n), x, scratch_spectrum(s, b));
}

/** Frames of the product of two spectra, 2 n of them, at the start of the scratch memory. */
PH_RT static float *product(const struct convolver *s, const struct dsp_block *b, const float *x,
                            const float *y)
{
    const struct dsp_fft *const fft = b->env->fft;
    const enum dsp_fft_size size = dsp_fft_size_of(2 * s->n);
    const uint32_t part = dsp_fft_part(size);
    float *const to = scratch_spectrum(s, b), *const frames = b->env->scratch;
    for (uint32_t k = 0; k <= s->n; k++) {
        const float re = x[k] * y[k] - x[part + k] * y[part + k];
        to[part + k] = x[k] * y[part + k] + x[part + k] * y[k];
        to[k] = re;
    }
    fft->inverse(fft, size, to, frames);
    for (uint32_t i = 0; i < 2 * s->n; i++)
        frames[i] *= 0.5f / (float)s->n;
    return frames;
}

/* ---- windows --------------------------------------------------------------------------------- */

/**
 * The first frames of a buffer, as kernel `kernel` of a channel. @return false: there is no buffer
 */
PH_RT static bool take_kernel(const struct layout *l, struct convolver *s,
                              const struct dsp_block *b, uint32_t channel, uint32_t kernel)
{
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, dsp_in(b, l->kernel + channel)[0]);
    if (!buffer)
        return false;
    transform(s, b, buffer->data, buffer->n_frames < s->n ? buffer->n_frames : s->n);
    memcpy(kernel_of(l, s, b, channel, kernel), scratch_spectrum(s, b),
           spectrum_floats(s->n) * sizeof(float));
    return true;
}

PH_RT static void convolver_init(struct convolver *s, const struct dsp_block *b,
                                 const struct layout *l)
{
    const struct dsp_buffer *const buffer =
        l->n_kernels > 0 ? dsp_buffer_find(b, dsp_in(b, l->kernel)[0]) : NULL;
    const uint32_t asked = window_asked(b, l), n = asked ? asked : buffer ? buffer->n_frames : 0;
    *s = (struct convolver){ .n = n };
    if (!is_window(n, b->env->block_frames) || floats_of(l, n) > b->memory_frames ||
        !dsp_fft_tables(b->env->fft)) {
        s->n = 0;
        return;
    }
    for (uint32_t c = 0; c < l->n_channels && l->n_kernels > 0 && s->n > 0; c++)
        if (!take_kernel(l, s, b, c, 0))
            s->n = 0;
}

/**
 * On a rise of the trigger the kernel is read again: over
 * the one that is heard, or for a fade to it.
 */
PH_RT static void follow_trigger(struct convolver *s, const struct dsp_block *b,
                                 const struct layout *l)
{
    const bool rises = dsp_rises(dsp_in(b, l->trigger)[0], &s->trigger);
    const uint32_t kernel = l->n_kernels > 1 ? 1 - s->current : 0;
    if (!rises)
        return;
    for (uint32_t c = 0; c < l->n_channels; c++)
        if (!take_kernel(l, s, b, c, kernel))
            return;
    if (l->n_kernels < 2)
        return;
    const float fade = dsp_in(b, l->fade)[0];
    s->fade_n = fade >= 1 ? (fade < 1e6f ? (uint32_t)fade : 1000000) : 0;
    s->fade_at = 0;
}

/**
 * From `out` to `other` over the windows of a fade: over the n frames of the window and, but for a
 * fade of one window, on over those behind it, of which scsynth leaves out the first.
 */
static void fade(const struct convolver *s, float *out, const float *other)
{
    const float step = 1.0f / ((float)s->fade_n * (float)s->n);
    float share = (float)s->fade_at / (float)s->fade_n;
    for (uint32_t i = 0; i < 2 * s->n; i++) {
        if (i >= s->n && s->fade_n == 1)
            out[i] = other[i];
        else if (i != s->n) {
            out[i] = (1 - share) * out[i] + share * other[i];
            share += step;
        }
    }
}

/**
 * A whole window has come: what it gives, per channel.
 * `second`: the spectrum to multiply by, or kernels.
 */
PH_RT static void convolve(struct convolver *s, const struct dsp_block *b, const struct layout *l,
                           const float *second)
{
    const bool fades = l->n_kernels > 1 && s->fade_at < s->fade_n;
    const float *const x = spectrum_kept(s, b);
    for (uint32_t c = 0; c < l->n_channels; c++) {
        float *const out = output_of(l, s, b, c), *const tail = out + 2 * s->n;
        memcpy(tail, out + s->n, s->n * sizeof *tail);
        memcpy(out, product(s, b, x, second ? second : kernel_of(l, s, b, c, s->current)),
               2 * s->n * sizeof *out);
        if (fades)
            fade(s, out, product(s, b, x, kernel_of(l, s, b, c, 1 - s->current)));
    }
    if (fades && ++s->fade_at == s->fade_n)
        s->current = 1 - s->current;
}

/**
 * Frames of a block into a window at `at`; a synth that
 * begins within a block has silence before it.
 */
static void gather(const struct dsp_block *b, uint32_t input, float *window)
{
    const float *const in = dsp_in(b, input);
    const uint32_t step = dsp_step(b, input);
    for (uint32_t i = 0; i < b->n_frames; i++)
        window[b->node->first_frame + i] = in[i * step];
}

/** Puts out what lies at the place of this block. */
static void put_out(const struct convolver *s, const struct dsp_block *b, const struct layout *l)
{
    for (uint32_t c = 0; c < b->n_out; c++) {
        const float *const out = c < l->n_channels && s->n > 0 ? output_of(l, s, b, c) : NULL;
        const uint32_t at = s->at + b->node->first_frame;
        for (uint32_t i = 0; i < b->n_frames; i++)
            dsp_out(b, c)[i] = out ? out[at + i] + out[2 * s->n + at + i] : 0.0f;
    }
}

PH_RT static void convolver_process(struct convolver *s, const struct dsp_block *b,
                                    const struct layout *l)
{
    if (s->n > 0) {
        gather(b, 0, b->memory + s->at);
        follow_trigger(s, b, l);
        s->at += b->env->block_frames;
    }
    if (s->n > 0 && s->at >= s->n) {
        s->at = 0;
        transform(s, b, b->memory, s->n);
        memcpy(spectrum_kept(s, b), scratch_spectrum(s, b), spectrum_floats(s->n) * sizeof(float));
        convolve(s, b, l, NULL);
    }
    put_out(s, b, l);
}

/* ---- of two signals -------------------------------------------------------------------------- */

static const struct layout of_two = { .window = 2, .n_kernels = 0, .n_channels = 1 };

/** Behind the rest: the second signal's window. */
static uint32_t convolution_memory(const struct dsp_block *b)
{
    const uint32_t n = window_asked(b, &of_two);
    return convolver_memory(b, &of_two) + (n > 0 ? n : WINDOW_MAX);
}

PH_RT static void convolution_init(void *state, const struct dsp_block *b)
{
    struct convolver *const s = state;
    convolver_init(s, b, &of_two);
    if (floats_of(&of_two, s->n) + s->n > b->memory_frames)
        s->n = 0;
}

/**
 * Convolution - the product of the spectra of two signals, window by window.
 *
 * in      [0] in, [1] kernel  signals
 *         [2] framesize       of the window, at birth: a power of two of whole blocks, up to 16384
 * out     [0] audio; silence with another size
 * memory  some 11 windows
 * cost    three transforms of twice the window in one block per window
 */
PH_RT static void convolution_process(void *state, const struct dsp_block *b)
{
    struct convolver *const s = state;
    float *const second = s->n > 0 ? b->memory + floats_of(&of_two, s->n) : NULL;
    if (s->n > 0) {
        gather(b, 0, b->memory + s->at);
        gather(b, 1, second + s->at);
        s->at += b->env->block_frames;
    }
    if (s->n > 0 && s->at >= s->n) {
        s->at = 0;
        transform(s, b, b->memory, s->n);
        memcpy(spectrum_kept(s, b), scratch_spectrum(s, b), spectrum_floats(s->n) * sizeof(float));
        transform(s, b, second, s->n);
        convolve(s, b, &of_two, scratch_spectrum(s, b));
    }
    put_out(s, b, &of_two);
}
const struct dsp_unit DSP(dsp_Convolution) = { sizeof(struct convolver), convolution_init,
                                               convolution_process, convolution_memory, 0 };

/* ---- of a signal and a buffer ---------------------------------------------------------------- */

/**
 * Convolution2 - a signal and the first frames of a buffer. Convolution2L - the same with fades
 * from kernel to kernel. StereoConvolution2L - that with a kernel for each channel.
 *
 * in      [0] in
 *         [1] kernel     number of a buffer of one channel; StereoConvolution2L: [1] and [2]
 *         [2] trigger    a rise through 0 reads the buffer again
 *         [3] framesize  of the window, at birth, as Convolution's; 0: as many as the buffer has
 *         [4] crossfade  Convolution2L: windows that a fade takes
 * out     [0] audio; silence without a buffer at birth
 * memory  some 11 windows per kernel
 * cost    two transforms of twice the window in one block per window, three in a fade
 */
#define CONVOLVER(name, ...)                                                                       \
    static const struct layout name##_layout = { __VA_ARGS__ };                                    \
    static uint32_t name##_memory(const struct dsp_block *b)                                       \
    {                                                                                              \
        return convolver_memory(b, &name##_layout);                                                \
    }                                                                                              \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        convolver_init(state, b, &name##_layout);                                                  \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        convolver_process(state, b, &name##_layout);                                               \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##name) = { sizeof(struct convolver), name##_init,               \
                                              name##_process, name##_memory };
CONVOLVER(Convolution2, .kernel = 1, .trigger = 2, .window = 3, .n_kernels = 1, .n_channels = 1)
CONVOLVER(Convolution2L, .kernel = 1, .trigger = 2, .window = 3, .fade = 4, .n_kernels = 2,
          .n_channels = 1)
CONVOLVER(StereoConvolution2L, .kernel = 1, .trigger = 3, .window = 4, .fade = 5, .n_kernels = 2,
          .n_channels = 2)

/* ---- in time --------------------------------------------------------------------------------- */

struct direct { uint32_t n, at; float trigger; };

enum { DIRECT_IN, DIRECT_KERNEL, DIRECT_TRIGGER, DIRECT_N };

static uint32_t direct_asked(const struct dsp_block *b)
{
    const float x = dsp_in(b, DIRECT_N)[0];
    return x >= 1 ? (x < (float)WINDOW_MAX ? (uint32_t)x : WINDOW_MAX) : 0;
}

/** The kernel, then what is still to come: a ring of sums. */
static uint32_t direct_memory(const struct dsp_block *b)
{
    const uint32_t n = direct_asked(b);
    return 2 * (n > 0 ? n : WINDOW_MAX);
}

PH_RT static bool direct_kernel(const struct direct *s, const struct dsp_block *b)
{
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, dsp_in(b, DIRECT_KERNEL)[0]);
    const uint32_t given = buffer ? buffer->n_frames : 0, n = given < s->n ? given : s->n;
    for (uint32_t i = 0; i < s->n && buffer; i++)
        b->memory[i] = i < n && isfinite(buffer->data[i]) ? buffer->data[i] : 0.0f;
    return buffer;
}

PH_RT static void direct_init(void *state, const struct dsp_block *b)
{
    struct direct *const s = state;
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, dsp_in(b, DIRECT_KERNEL)[0]);
    const uint32_t asked = direct_asked(b), n = asked ? asked : buffer ? buffer->n_frames : 0;
    *s = (struct direct){ .n = 2 * (uint64_t)n <= b->memory_frames ? n : 0 };
    if (s->n > 0 && !direct_kernel(s, b))
        s->n = 0;
}

/**
 * Convolution3 - a signal and a buffer, multiplied out. scsynth's adds what it has already given
 * again and again; this one doesn't.
 *
 * in      as Convolution2's; framesize may be any number up to 16384
 * out     [0] audio, without delay
 * memory  two windows
 * cost    a multiplication per frame and frame of the kernel: use Convolution2
 */
PH_RT static void direct_process(void *state, const struct dsp_block *b)
{
    struct direct *const s = state;
    float *const sums = b->memory ? b->memory + s->n : NULL;
    if (dsp_rises(dsp_in(b, DIRECT_TRIGGER)[0], &s->trigger) && s->n > 0)
        (void)direct_kernel(s, b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float x = dsp_value(b, DIRECT_IN, i);
        const uint32_t first = s->n - s->at; /* of the kernel, up to the end of the ring */
        for (uint32_t k = 0; k < first && isfinite(x); k++)
            sums[s->at + k] += b->memory[k] * x;
        for (uint32_t k = first; k < s->n && isfinite(x); k++)
            sums[k - first] += b->memory[k] * x;
        dsp_out(b, 0)[i] = s->n > 0 ? sums[s->at] : 0.0f;
        if (s->n > 0)
            sums[s->at] = 0;
        s->at = s->at + 1 < s->n ? s->at + 1 : 0;
    }
}
const struct dsp_unit DSP(dsp_Convolution3) = { sizeof(struct direct), direct_init, direct_process,
                                                direct_memory, 0 };

#else
typedef int convolution_has_no_wide_form; /* a translation unit must declare something */
#endif
