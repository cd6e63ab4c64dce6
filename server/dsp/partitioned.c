/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/partitioned.c - PartConv: convolution with a long impulse response, in partitions.  */
/* room: audio.                                                                                   */
#include "server/dsp/fft.h"
#include "server/dsp/lane.h"

#if LANE_W == 1

#include <math.h>
#include <string.h>

enum {
    /* where its length isn't known when memory is allocated: 11 s at 48 kHz */
    RESPONSE_FLOATS = 1 << 20,
    RESPONSE_MOST = 1 << 30
};

/**
 * Long memory: a window of n / 2 frames, the spectrum of the last one, n frames of output, and a
 * sum of spectra for each partition, in a ring: those of the windows that are to come.
 */
struct part_conv {
    float number;       /* of the buffer, at birth */
    uint32_t n;         /* frames of a transform; 0: nothing happens */
    uint32_t n_parts;
    uint32_t at;        /* frames of the window that are there */
    uint32_t next;      /* sum that is heard next */
    uint32_t n_done;    /* partitions that the last spectrum has been multiplied by */
};

enum { PART_IN, PART_FFT, PART_BUFFER };

static uint32_t spectrum_floats(uint32_t n)
{
    return 2 * dsp_fft_part(dsp_fft_size_of(n));
}

/** Frames of a transform; 0: that is no size. */
static uint32_t frames_asked(const struct dsp_block *b)
{
    const float x = dsp_in(b, PART_FFT)[0];
    const uint32_t n = x >= 1 && x <= (float)(1 << DSP_FFT_32768) ? (uint32_t)x : 0;
    return dsp_fft_size_of(n) != DSP_FFT_SIZES ? n : 0;
}

static uint32_t part_conv_floats(uint32_t n, uint32_t n_parts)
{
    return n / 2 + n + (n_parts + 1) * spectrum_floats(n);
}

static uint32_t part_conv_memory(const struct dsp_block *b)
{
    const uint32_t n = frames_asked(b), known = b->own_floats;
    const uint32_t most = known < RESPONSE_MOST ? known : RESPONSE_MOST;
    const uint32_t floats = known == 0 ? RESPONSE_FLOATS : most;
    return n > 0 ? part_conv_floats(n, floats / n) : 0;
}

static float *spectrum_kept(const struct part_conv *s, const struct dsp_block *b)
{
    return b->memory + s->n / 2;
}

static float *output_of(const struct part_conv *s, const struct dsp_block *b)
{
    return spectrum_kept(s, b) + spectrum_floats(s->n);
}

/** The sum that is heard `ahead` windows from the next. */
static float *sum_of(const struct part_conv *s, const struct dsp_block *b, uint32_t ahead)
{
    return output_of(s, b) + s->n +
           (size_t)((s->next + ahead) % s->n_parts) * spectrum_floats(s->n);
}

/** The buffer, as long as it holds the partitions that it held at birth. */
static const struct dsp_buffer *response_of(const struct part_conv *s, const struct dsp_block *b)
{
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, s->number);
    const uint64_t n = buffer ? (uint64_t)buffer->n_frames * buffer->n_channels : 0;
    return n >= (uint64_t)s->n_parts * s->n ? buffer : NULL;
}

PH_RT static void part_conv_init(void *state, const struct dsp_block *b)
{
    struct part_conv *const s = state;
    *s = (struct part_conv){ .number = dsp_in(b, PART_BUFFER)[0], .n = frames_asked(b) };
    const struct dsp_buffer *const buffer = dsp_buffer_find(b, s->number);
    const uint64_t n_floats = buffer ? (uint64_t)buffer->n_frames * buffer->n_channels : 0;
    const uint32_t block = b->env->block_frames; /* one at least to spread the work over */
    if (s->n < 4 * block || s->n % (2 * block) != 0 || n_floats == 0 || n_floats % s->n != 0 ||
        part_conv_floats(s->n, 1) > b->memory_frames || !dsp_fft_tables(b->env->fft)) {
        s->n = 0;
        dsp_mark_done(b, true);
        return;
    }
    const uint64_t most = (b->memory_frames - part_conv_floats(s->n, 0)) / spectrum_floats(s->n);
    s->n_parts = (uint32_t)(n_floats / s->n < most ? n_floats / s->n : most);
    s->n_done = s->n_parts;
}

/** sum <- sum + spectrum times a partition's, which lies as pairs behind dc and nyquist. */
PH_RT static void add_product(const struct part_conv *s, float *sum, const float *x,
                              const float *response)
{
    const uint32_t half = s->n / 2, part = dsp_fft_part(dsp_fft_size_of(s->n));
    sum[0] += x[0] * response[0];
    sum[half] += x[half] * response[1];
    for (uint32_t k = 1; k < half; k++) {
        const float re = response[2 * k], im = response[2 * k + 1];
        sum[k] += x[k] * re - x[part + k] * im;
        sum[part + k] += x[k] * im + x[part + k] * re;
    }
}

/** The spectrum of the window and as many zeros. */
PH_RT static void transform(const struct part_conv *s, const struct dsp_block *b)
{
    float *const x = b->env->scratch, *const spectrum = x + s->n;
    for (uint32_t i = 0; i < s->n / 2; i++)
        x[i] = isfinite(b->memory[i]) ? b->memory[i] : 0.0f;
    memset(x + s->n / 2, 0, s->n / 2 * sizeof *x);
    b->env->fft->forward(b->env->fft, dsp_fft_size_of(s->n), x, spectrum);
    memcpy(spectrum_kept(s, b), spectrum, spectrum_floats(s->n) * sizeof *spectrum);
}

/** What the next sum gives, behind the second half of the one before; it is empty then. */
PH_RT static void overlap(const struct part_conv *s, const struct dsp_block *b)
{
    float *const frames = b->env->scratch, *const spectrum = frames + s->n;
    float *const sum = sum_of(s, b, 0), *const out = output_of(s, b);
    const uint32_t half = s->n / 2;
    memcpy(spectrum, sum, spectrum_floats(s->n) * sizeof *sum);
    memset(sum, 0, spectrum_floats(s->n) * sizeof *sum);
    b->env->fft->inverse(b->env->fft, dsp_fft_size_of(s->n), spectrum, frames);
    memcpy(out, out + half, half * sizeof *out);
    memset(out + half, 0, half * sizeof *out);
    for (uint32_t i = 0; i < s->n; i++) { /* an impulse response may hold anything */
        const float x = frames[i] / (float)s->n;
        out[i] += isfinite(x) ? x : 0.0f;
    }
}

/** A whole window has come: its product with the first partition is heard at once. */
PH_RT static void next_window(struct part_conv *s, const struct dsp_block *b,
                              const struct dsp_buffer *buffer)
{
    transform(s, b);
    add_product(s, sum_of(s, b, 0), spectrum_kept(s, b), buffer->data);
    overlap(s, b);
    s->next = (s->next + 1) % s->n_parts;
    s->n_done = 1;
    s->at = 0;
}

/**
 * In every other block a share of the other partitions, so
 * that all are done when a window is whole.
 */
PH_RT static void next_parts(struct part_conv *s, const struct dsp_block *b,
                             const struct dsp_buffer *buffer)
{
    const uint32_t n_blocks = s->n / 2 / b->env->block_frames - 1;
    const uint32_t block = s->at / b->env->block_frames;
    const uint32_t until = 1 + (uint32_t)((uint64_t)(s->n_parts - 1) * block / n_blocks);
    for (; s->n_done < until && s->n_done < s->n_parts; s->n_done++)
        add_product(s, sum_of(s, b, s->n_done - 1), spectrum_kept(s, b),
                    buffer->data + (size_t)s->n_done * s->n);
}

/**
 * PartConv - a signal and an impulse response whose partitions /b_gen PreparePartConv has
 * transformed.
 *
 * in      [0] in
 *         [1] fftsize   frames of a transform, twice those of a partition, at birth: a power of two
 *                       of at least four blocks, up to 32768
 *         [2] irbufnum  the prepared buffer, at birth; a multiple of fftsize floats
 * out     [0] audio, half of fftsize less a block late; silence with another size or without the
 *             buffer
 * end     at birth where there is only silence
 * memory  that of the buffer again, and three windows; where the buffer isn't known when the synth
 *         is made: RESPONSE_FLOATS, and a longer response is cut there
 * cost    two transforms in one block per window, else the other partitions' share: a complex
 *         multiplication a bin each
 * source  Gardner, Efficient convolution without input-output delay, 1995 (with partitions of one
 *         size)
 */
PH_RT static void part_conv_process(void *state, const struct dsp_block *b)
{
    struct part_conv *const s = state;
    const struct dsp_buffer *const buffer = s->n > 0 ? response_of(s, b) : NULL;
    float *const out = dsp_out(b, 0);
    const uint32_t first = b->node->first_frame;
    if (!buffer) {
        memset(out, 0, b->n_frames * sizeof *out);
        return;
    }
    /* a synth that begins within a block has silence before it */
    for (uint32_t i = 0; i < b->n_frames; i++)
        b->memory[s->at + first + i] = dsp_value(b, PART_IN, i);
    if (first + b->n_frames == b->env->block_frames) {
        s->at += b->env->block_frames;
        if (s->at == s->n / 2)
            next_window(s, b, buffer);
        else
            next_parts(s, b, buffer);
    }
    memcpy(out, output_of(s, b) + s->at + first, b->n_frames * sizeof *out);
}
const struct dsp_unit DSP(dsp_PartConv) = { sizeof(struct part_conv), part_conv_init,
                                            part_conv_process, part_conv_memory };

#else
typedef int partitioned_has_no_wide_form; /* a translation unit must declare something */
#endif
