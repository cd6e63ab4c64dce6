/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/convolve.c - convolution with a response of any length, without delay: Convolve.    */
/* room: audio. One voice at a time: its work is long enough for lanes of its own.                */
#include "server/dsp/fastmath.h"
#include "server/dsp/fft.h"
#include "server/dsp/lane.h"

#if LANE_W == 1

/**
 * Convolve - the input through a response.
 *
 * in      [0] signal
 *         [1] maxtime, seconds, read once: what of the response counts
 *         [2] buffer of the response; below 0: the response of LANGUAGE 15.1. Another one, or one
 *             that is loaded late, counts from the next call on
 *         [3] channel of the buffer, read once
 * out     [0] the sum over k of response[k] in[n - k]
 * memory  spectra of the response and of the input, twice the response in all
 * cost    64 multiply-adds a frame for the first taps, 31 spectra of 64 frames, then a complex
 *         multiply-add per frame for every 512 taps. Every 64 frames do the same work but for one
 *         or two transforms of 2048 frames in sixteen
 * source  W. G. Gardner, Efficient Convolution without Input-Output Delay (1995): the response in
 *         parts of two lengths, each far enough from its start to be ready in time
 *
 * Taps 0 .. 63 are summed up directly. Taps 64 .. 2047 are parts of 64, in time at the end of a
 * block of 64 frames. From tap 2048 on they are parts of 1024, which have the next 1024 frames for
 * their work: transform, sixteenth by sixteenth of the products, and back. A part's spectrum is
 * made when the first input reaches it, so that birth costs nothing.
 *
 * After an edit two synths may run over one memory for a while. So nothing is summed up in place:
 * doing a step again from the same state writes the same numbers.
 */
enum { CONVOLVE_IN, CONVOLVE_SECONDS, CONVOLVE_BUFFER, CONVOLVE_CHANNEL };
enum {
    SMALL = 64,             /* frames of a small part, and taps that are summed directly */
    LARGE = 1024,           /* frames of a large part */
    STEPS = LARGE / SMALL,
    LARGE_TAP = 2 * LARGE,  /* first tap of the large parts */
    N_SMALL = LARGE_TAP / SMALL - 1,
    SMALL_PART = SMALL + 16, /* dsp_fft_part() of the two transforms */
    LARGE_PART = LARGE + 16,
    SMALL_SPECTRUM = 2 * SMALL_PART,
    LARGE_SPECTRUM = 2 * LARGE_PART,
    HISTORY = 4096,          /* frames of input; a power of two */
    TAPS_MAX = 1 << 22
};

struct convolve {
    uint64_t frame; /* frames rendered */
    uint32_t n_small_ready, n_large_ready; /* parts whose spectrum is made */
    int32_t buffer;
    uint32_t channel, rate_hz;
    uint32_t is_there; /* whether there was anything in the buffer */
};

/** The memory, cut into its parts. */
struct convolve_rows {
    float *history, *head;                 /* input; the first taps */
    float *small_out, *large_out;          /* what has been made ready: two blocks each */
    float *sums;                           /* of the large products: before and after a step */
    float *small_taps, *small_in;          /* N_SMALL spectra each */
    float *large_taps, *large_in;          /* n_large spectra each */
    uint32_t n_large;
};
enum {
    CONVOLVE_FIXED = HISTORY + SMALL + 2 * SMALL + 2 * LARGE + 2 * LARGE_SPECTRUM +
                     2 * N_SMALL * SMALL_SPECTRUM
};

PH_RT static uint32_t convolve_memory(const struct dsp_block *b)
{
    const float seconds = dsp_in(b, CONVOLVE_SECONDS)[0];
    const float n_taps = lane_clamp(ceilf(seconds * b->rate_hz), 0, TAPS_MAX);
    const uint32_t n = (uint32_t)n_taps;
    const uint32_t n_large = n > LARGE_TAP ? (n - LARGE_TAP + LARGE - 1) / LARGE : 0;
    return CONVOLVE_FIXED + 2 * n_large * LARGE_SPECTRUM;
}

static struct convolve_rows convolve_rows(const struct dsp_block *b)
{
    struct convolve_rows r;
    float *at = b->memory;
    r.n_large = (b->memory_frames - CONVOLVE_FIXED) / (2 * LARGE_SPECTRUM);
    r.history = at;
    r.head = at += HISTORY;
    r.small_out = at += SMALL;
    r.large_out = at += 2 * SMALL;
    r.sums = at += 2 * LARGE;
    r.small_taps = at += 2 * LARGE_SPECTRUM;
    r.small_in = at += N_SMALL * SMALL_SPECTRUM;
    r.large_taps = at += N_SMALL * SMALL_SPECTRUM;
    r.large_in = at + (size_t)r.n_large * LARGE_SPECTRUM;
    return r;
}

/* ---- the response ---------------------------------------------------------------------------- */

/** Taps first .. first + n - 1 of LANGUAGE's response: half a second. */
static void default_taps(uint32_t rate_hz, uint32_t first, uint32_t n, float *to)
{
    static const struct { float seconds, level; } echoes[] = {
        { 0, 1 }, { 0.021f, 0.6f }, { 0.043f, 0.4f }, { 0.067f, 0.3f }, { 0.089f, 0.2f },
        { 0.121f, 0.15f }, { 0.156f, 0.1f }
    };
    const uint32_t end = rate_hz / 2;
    for (uint32_t i = 0; i < n; i++) {
        const float seconds = (float)(first + i) / (float)rate_hz;
        to[i] = first + i < end ? 0.05f * lane_exp(-3.0f * seconds) : 0;
    }
    for (uint32_t e = 0; e < sizeof echoes / sizeof *echoes; e++) {
        const uint32_t at = (uint32_t)(echoes[e].seconds * (float)rate_hz + 0.5f);
        if (at >= first && at < first + n && at < end)
            to[at - first] += echoes[e].level;
    }
}

static void buffer_taps(const struct dsp_buffer *buffer, uint32_t channel, uint32_t first,
                        uint32_t n, float *to)
{
    const uint32_t n_channels = buffer->n_channels;
    for (uint32_t i = 0; i < n; i++)
        to[i] = first + i < buffer->n_frames
                    ? buffer->data[(size_t)(first + i) * n_channels + channel % n_channels] : 0;
}

/** What to read the response from, or NULL. */
static const struct dsp_buffer *convolve_buffer(const struct convolve *s, const struct dsp_block *b)
{
    if (s->buffer < 0 || (uint32_t)s->buffer >= b->env->n_buffers)
        return NULL;
    const struct dsp_buffer *const buffer = &b->env->buffers[s->buffer];
    return buffer->data && buffer->n_channels > 0 ? buffer : NULL;
}

static void convolve_taps(const struct convolve *s, const struct dsp_block *b, uint32_t first,
                          uint32_t n, float *to)
{
    const struct dsp_buffer *const buffer = convolve_buffer(s, b);
    memset(to, 0, n * sizeof *to);
    if (s->buffer < 0)
        default_taps(s->rate_hz, first, n, to);
    else if (buffer)
        buffer_taps(buffer, s->channel, first, n, to);
}

/** The spectrum of n taps and as many zeros, scaled so that forth and back is 1. */
static void convolve_spectrum(const struct convolve *s, const struct dsp_block *b,
                              enum dsp_fft_size size, uint32_t first, float *to)
{
    _Alignas(64) float frames[2 * LARGE], spectrum[LARGE_SPECTRUM];
    const uint32_t n = dsp_fft_frames(size) / 2, part = dsp_fft_part(size);
    const float scale = 1.0f / (float)(2 * n);
    memset(frames, 0, 2 * n * sizeof *frames);
    memset(spectrum, 0, 2 * part * sizeof *spectrum);
    convolve_taps(s, b, first, n, frames);
    b->env->fft->forward(b->env->fft, size, frames, spectrum);
    for (uint32_t i = 0; i < 2 * part; i++)
        to[i] = spectrum[i] * scale;
}

/** The buffer as it is now. */
static void convolve_choose(struct convolve *s, const struct dsp_block *b)
{
    const float buffer = dsp_in(b, CONVOLVE_BUFFER)[0];
    s->buffer = buffer >= 0 ? (int32_t)lane_clamp(buffer, 0, 1e6f) : -1;
    s->is_there = convolve_buffer(s, b) != NULL;
}

/** Another response: all of its parts are to be made. */
static void convolve_begin(struct convolve *s, const struct dsp_block *b)
{
    const struct convolve_rows r = convolve_rows(b);
    convolve_taps(s, b, 0, SMALL, r.head);
    s->n_small_ready = s->n_large_ready = 0;
}

PH_RT static void convolve_init(void *state, const struct dsp_block *b)
{
    struct convolve *const s = state;
    const float channel = lane_clamp(dsp_in(b, CONVOLVE_CHANNEL)[0], 0, 1e3f);
    *s = (struct convolve){ .rate_hz = (uint32_t)b->rate_hz, .channel = (uint32_t)channel };
    convolve_choose(s, b);
    convolve_begin(s, b);
}

/* ---- spectra --------------------------------------------------------------------------------- */

/** sum += a b, bin by bin; rows of real parts, then of imaginary ones. */
LANE_FN void multiply_add(float *restrict sum, const float *restrict a, const float *restrict b,
                          uint32_t part)
{
    const float *restrict const ai = a + part, *restrict const bi = b + part;
    float *restrict const sumi = sum + part;
    for (uint32_t i = 0; i < part; i++) {
        sum[i] += a[i] * b[i] - ai[i] * bi[i];
        sumi[i] += a[i] * bi[i] + ai[i] * b[i];
    }
}

/** The spectrum of the last two parts' worth of input, before frame `end`. */
static void input_spectrum(const struct convolve_rows *r, const struct dsp_block *b,
                           enum dsp_fft_size size, uint64_t end, float *to)
{
    _Alignas(64) float frames[2 * LARGE], spectrum[LARGE_SPECTRUM];
    const uint32_t n = dsp_fft_frames(size), part = dsp_fft_part(size);
    const uint32_t first = (uint32_t)(end - n) % HISTORY, until = HISTORY - first;
    const uint32_t n_first = n < until ? n : until;
    memcpy(frames, r->history + first, n_first * sizeof *frames);
    memcpy(frames + n_first, r->history, (n - n_first) * sizeof *frames);
    memset(spectrum, 0, 2 * part * sizeof *spectrum);
    b->env->fft->forward(b->env->fft, size, frames, spectrum);
    memcpy(to, spectrum, 2 * part * sizeof *to);
}

/** The second half of the frames that have this spectrum: what doesn't wrap round. */
static void output_frames(const struct dsp_block *b, enum dsp_fft_size size, const float *from,
                          float *to)
{
    _Alignas(64) float frames[2 * LARGE], spectrum[LARGE_SPECTRUM];
    const uint32_t n = dsp_fft_frames(size), part = dsp_fft_part(size);
    memcpy(spectrum, from, 2 * part * sizeof *from);
    b->env->fft->inverse(b->env->fft, size, spectrum, frames);
    memcpy(to, frames + n / 2, n / 2 * sizeof *to);
}

/** A block of 64 frames has ended before frame `end`: the small parts' share of the next one. */
static void small_step(struct convolve *s, const struct convolve_rows *r,
                       const struct dsp_block *b, uint64_t end)
{
    _Alignas(64) float sum[SMALL_SPECTRUM] = { 0 };
    const uint64_t block = end / SMALL - 1;
    const uint32_t newest = (uint32_t)(block % N_SMALL);
    if (s->n_small_ready < N_SMALL) {
        convolve_spectrum(s, b, DSP_FFT_128, SMALL * (1 + s->n_small_ready),
                          r->small_taps + s->n_small_ready * SMALL_SPECTRUM);
        s->n_small_ready++;
    }
    input_spectrum(r, b, DSP_FFT_128, end, r->small_in + newest * SMALL_SPECTRUM);
    for (uint32_t k = 0; k < s->n_small_ready; k++) {
        const uint32_t from = newest >= k ? newest - k : newest + N_SMALL - k;
        multiply_add(sum, r->small_taps + k * SMALL_SPECTRUM,
                     r->small_in + from * SMALL_SPECTRUM, SMALL_PART);
    }
    output_frames(b, DSP_FFT_128, sum, r->small_out + (block + 1) % 2 * SMALL);
}

/** Products first .. last - 1 of the large parts, on top of `from`. */
static void large_products(const struct convolve_rows *r, uint32_t newest, uint32_t first,
                           uint32_t last, const float *from, float *to)
{
    memcpy(to, from, LARGE_SPECTRUM * sizeof *to);
    for (uint32_t k = first; k < last; k++) {
        const uint32_t in = newest >= k ? newest - k : newest + r->n_large - k;
        multiply_add(to, r->large_taps + (size_t)k * LARGE_SPECTRUM,
                     r->large_in + (size_t)in * LARGE_SPECTRUM, LARGE_PART);
    }
}

/**
 * The large parts' work behind frame `end`, a sixteenth of what the last 1024 frames of input ask
 * for: the transforms in the first step, products in all others, back in the last.
 */
static void large_step(struct convolve *s, const struct convolve_rows *r,
                       const struct dsp_block *b, uint64_t end)
{
    if (end < LARGE || r->n_large == 0)
        return;
    const uint64_t block = end / LARGE - 1;
    const uint32_t newest = (uint32_t)(block % r->n_large), step = (uint32_t)(end / SMALL % STEPS);
    float *const from = r->sums + step % 2 * LARGE_SPECTRUM;
    float *const to = r->sums + (step + 1) % 2 * LARGE_SPECTRUM;
    if (step == 0) {
        if (s->n_large_ready < r->n_large) {
            convolve_spectrum(s, b, DSP_FFT_2048, LARGE_TAP + LARGE * s->n_large_ready,
                              r->large_taps + (size_t)s->n_large_ready * LARGE_SPECTRUM);
            s->n_large_ready++;
        }
        input_spectrum(r, b, DSP_FFT_2048, end, r->large_in + (size_t)newest * LARGE_SPECTRUM);
        memset(to, 0, LARGE_SPECTRUM * sizeof *to);
        return;
    }
    const uint32_t n = s->n_large_ready, last_step = STEPS - 1;
    large_products(r, newest, n * (step - 1) / last_step, n * step / last_step, from, to);
    if (step == last_step)
        output_frames(b, DSP_FFT_2048, to, r->large_out + block % 2 * LARGE);
}

/* ---- frames ---------------------------------------------------------------------------------- */

/** The first taps of n frames, all in one block of 64. */
static void convolve_head(const struct convolve_rows *r, uint64_t frame, uint32_t n,
                          float *restrict out)
{
    float x[2 * SMALL];
    float sum[SMALL] = { 0 };
    for (uint32_t i = 0; i < n + SMALL; i++)
        x[i] = r->history[(frame - SMALL + i) % HISTORY];
    for (uint32_t k = 0; k < SMALL; k++)
        for (uint32_t i = 0; i < n; i++)
            sum[i] += r->head[k] * x[SMALL + i - k];
    memcpy(out, sum, n * sizeof *out);
}

/** n frames, all in one block of 64. */
static void convolve_run(struct convolve *s, const struct convolve_rows *r,
                         const struct dsp_block *b, uint32_t first, uint32_t n)
{
    const float *const x = dsp_in(b, CONVOLVE_IN);
    const uint32_t dx = dsp_step(b, CONVOLVE_IN);
    const uint64_t frame = s->frame;
    float *const out = (float *)dsp_out(b, 0) + first;
    const float *const small = r->small_out + frame / SMALL % 2 * SMALL + frame % SMALL;
    const float *const large = r->large_out + frame / LARGE % 2 * LARGE + frame % LARGE;

    for (uint32_t i = 0; i < n; i++) {
        const float now = x[(first + i) * dx];
        r->history[(frame + i) % HISTORY] = lane_where(lane_finite(now), now);
    }
    convolve_head(r, frame, n, out);
    for (uint32_t i = 0; i < n; i++)
        out[i] += small[i] + large[i];
    s->frame += n;
    if (s->frame % SMALL == 0 && b->env->fft) {
        small_step(s, r, b, s->frame);
        large_step(s, r, b, s->frame);
    }
}

PH_RT static void convolve_process(void *state, const struct dsp_block *b)
{
    struct convolve *const s = state;
    const struct convolve_rows r = convolve_rows(b);
    const struct convolve before = *s;
    convolve_choose(s, b);
    if (s->buffer != before.buffer || s->is_there != before.is_there)
        convolve_begin(s, b);
    for (uint32_t i = 0, n; i < b->n_frames; i += n) {
        const uint32_t left = SMALL - (uint32_t)(s->frame % SMALL);
        n = b->n_frames - i < left ? b->n_frames - i : left;
        convolve_run(s, &r, b, i, n);
    }
}
const struct dsp_unit DSP(dsp_Convolve) = { sizeof(struct convolve), convolve_init,
                                            convolve_process, convolve_memory, 1 };

#endif
