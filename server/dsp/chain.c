/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/chain.c - both ends of an FFT chain: sound to spectra in a buffer, and back;        */
/* FFTTrigger.                                                                                    */
/* room: audio.                                                                                   */
#include "server/dsp/spectrum.h"

#if LANE_W == 1

enum { CHAIN_FRAMES_MAX = 1 << DSP_FFT_32768 };

/** Frames of the window: what an input asks for, at most the buffer's. 0: they are no good. */
static uint32_t window_frames(const struct dsp_block *b, uint32_t input, uint32_t n_floats)
{
    const float asked = b->n_in > input ? dsp_in(b, input)[0] : 0.0f;
    const uint32_t n = asked >= 1 && asked < (float)n_floats ? (uint32_t)asked : n_floats;
    const bool is_size =
        dsp_fft_size_of(n_floats) != DSP_FFT_SIZES && dsp_fft_size_of(n) != DSP_FFT_SIZES;
    return is_size && n % b->env->block_frames == 0 ? n : 0;
}

static uint32_t floats_of(const struct dsp_buffer *buffer)
{
    const uint64_t n = buffer ? (uint64_t)buffer->n_frames * buffer->n_channels : 0;
    return n <= CHAIN_FRAMES_MAX ? (uint32_t)n : 0;
}

/** A window's worth of frames: of the LocalBuf if that is known, else of the largest transform. */
static uint32_t chain_memory(const struct dsp_block *b)
{
    return b->own_floats > 0 && b->own_floats <= CHAIN_FRAMES_MAX ? b->own_floats
                                                                  : CHAIN_FRAMES_MAX;
}

/** The window of a type, -1 rectangle, 0 sine, 1 Hann; NULL: all ones. */
static const float *window_of(const struct dsp_fft_tables *t, float type, uint32_t n)
{
    const enum dsp_fft_size size = dsp_fft_size_of(n);
    return type > -1.0f && type < 1.0f ? t->sine[size] : type >= 1.0f ? t->hann[size] : NULL;
}

static void shape(float *frames, const float *window, uint32_t n)
{
    for (uint32_t i = 0; i < n && window; i++)
        frames[i] *= window[i];
}

/* ---- FFT ------------------------------------------------------------------------------------- */

struct fft_unit {
    float number;    /* of the buffer, at birth */
    float type;      /* of the window */
    uint32_t n_full; /* floats of the buffer; 0: it is no good, nothing happens */
    uint32_t n, hop; /* frames of the window, and from one to the next */
    uint32_t at;     /* frames since the last spectrum */
};

enum { FFT_BUFFER, FFT_IN, FFT_HOP, FFT_WINDOW, FFT_ACTIVE, FFT_FRAMES };

PH_RT static void fft_init(void *state, const struct dsp_block *b)
{
    struct fft_unit *const s = state;
    const uint32_t block = b->env->block_frames;
    *s = (struct fft_unit){ .number = dsp_in(b, FFT_BUFFER)[0], .type = dsp_in(b, FFT_WINDOW)[0] };
    s->n_full = floats_of(dsp_buffer_to_write(b, s->number));
    s->n = window_frames(b, FFT_FRAMES, s->n_full);
    if (s->n == 0 || s->n > b->memory_frames)
        s->n = s->n_full = 0;
    const float share = dsp_in(b, FFT_HOP)[0];
    const uint32_t hop = (uint32_t)((share > 0 ? (share < 1 ? share : 1.0f) : 0.0f) * (float)s->n);
    /* a block has one chance to pass a spectrum on */
    s->hop = hop < block ? block : hop / block * block;
}

/** Window and transform of the frames in memory into the buffer, padded with zeros. */
PH_RT static void transform(const struct fft_unit *s, const struct dsp_block *b,
                            struct dsp_buffer *buffer)
{
    const struct dsp_fft *const fft = b->env->fft;
    const enum dsp_fft_size size = dsp_fft_size_of(s->n_full);
    float *const frames = b->env->scratch, *const spectrum = frames + s->n_full;
    const float *const imaginary = spectrum + dsp_fft_part(size);
    memcpy(frames, b->memory, s->n * sizeof *frames);
    memset(frames + s->n, 0, (s->n_full - s->n) * sizeof *frames);
    shape(frames, window_of(dsp_fft_tables(fft), s->type, s->n), s->n);
    fft->forward(fft, size, frames, spectrum);
    buffer->data[0] = spectrum[0];
    buffer->data[1] = spectrum[s->n_full / 2];
    for (uint32_t k = 1; k < s->n_full / 2; k++) {
        buffer->data[2 * k] = spectrum[k];
        buffer->data[2 * k + 1] = imaginary[k];
    }
    buffer->contents = DSP_COMPLEX;
}

/**
 * FFT - writes the spectrum of its input into a buffer, every hop.
 *
 * in      [0] buffer    whose floats are a power of two, 32 .. 32768, as when the synth began
 *         [1] in
 *         [2] hop       share of the window, at birth; whole blocks
 *         [3] wintype   -1 rectangle, 0 sine, 1 Hann, at birth
 *         [4] active    > 0; else the input is followed, and nothing passed on
 *         [5] winsize   frames of the window, 0: the whole buffer; a power of two and whole blocks
 * out     [0] the buffer's number when a spectrum is there, else -1
 * memory  a window of the input
 * cost    a copy per frame, and a transform per hop in one block
 */
PH_RT static void fft_process(void *state, const struct dsp_block *b)
{
    struct fft_unit *const s = state;
    const bool audio = b->in_rate[FFT_IN] == PH_AUDIO;
    const uint32_t first = audio ? b->node->first_frame : 0;
    const uint32_t n = audio ? b->env->block_frames - first : 1;
    struct dsp_buffer *const buffer = dsp_buffer_to_write(b, s->number);
    dsp_out(b, 0)[0] = -1.0f;
    if (s->n == 0)
        return;
    /* a synth that begins within a block has silence before it */
    memcpy(b->memory + s->n - s->hop + s->at + first, dsp_in(b, FFT_IN), n * sizeof(float));
    s->at += first + n;
    if (s->at < s->hop)
        return;
    s->at = 0;
    if (dsp_in(b, FFT_ACTIVE)[0] > 0 && floats_of(buffer) == s->n_full &&
        dsp_fft_tables(b->env->fft)) {
        transform(s, b, buffer);
        dsp_out(b, 0)[0] = s->number;
    }
    memmove(b->memory, b->memory + s->hop, (s->n - s->hop) * sizeof(float));
}
const struct dsp_unit DSP(dsp_FFT) = { sizeof(struct fft_unit), fft_init, fft_process,
                                       chain_memory };

/* ---- FFTTrigger ------------------------------------------------------------------------------ */

struct fft_trigger {
    float number;
    uint32_t period, left; /* blocks between two, and until the next */
};

enum { TRIGGER_BUFFER, TRIGGER_HOP, TRIGGER_POLAR };

PH_RT static void fft_trigger_init(void *state, const struct dsp_block *b)
{
    struct fft_trigger *const s = state;
    *s = (struct fft_trigger){ .number = dsp_in(b, TRIGGER_BUFFER)[0] };
    struct dsp_buffer *const buffer = dsp_buffer_to_write(b, s->number);
    const float blocks =
        (float)floats_of(buffer) * dsp_in(b, TRIGGER_HOP)[0] / (float)b->env->block_frames;
    s->period = blocks >= 1 ? (blocks < 1e9f ? (uint32_t)blocks - 1 : 1000000000u) : 0;
    s->left = s->period;
    if (buffer)
        buffer->contents = dsp_in(b, TRIGGER_POLAR)[0] == 1.0f ? DSP_POLAR : DSP_COMPLEX;
}

/**
 * FFTTrigger - passes a buffer on as a chain every hop, as it is: what is in it comes from other
 * units.
 *
 * in      [0] buffer  as when the synth began
 *         [1] hop     share of its floats, at birth; whole blocks
 *         [2] polar   1: they are magnitudes and phases, else real and imaginary parts; at birth
 * out     [0] the buffer's number once a hop, else -1
 */
PH_RT static void fft_trigger_process(void *state, const struct dsp_block *b)
{
    struct fft_trigger *const s = state;
    const bool is_due = s->left == 0;
    dsp_out(b, 0)[0] = is_due ? s->number : -1.0f;
    s->left = is_due ? s->period : s->left - 1;
}
const struct dsp_unit DSP(dsp_FFTTrigger) = { sizeof(struct fft_trigger), fft_trigger_init,
                                              fft_trigger_process, NULL, 0 };

/* ---- IFFT ------------------------------------------------------------------------------------ */

struct ifft_unit {
    float type;
    uint32_t n_full, n;
    uint32_t at; /* the next frame to be heard, in memory */
};

enum { IFFT_CHAIN, IFFT_WINDOW, IFFT_FRAMES };

PH_RT static void ifft_init(void *state, const struct dsp_block *b)
{
    struct ifft_unit *const s = state;
    *s = (struct ifft_unit){ .type = dsp_in(b, IFFT_WINDOW)[0] };
}

/** Adds the frames of a new spectrum to what is still to be heard. */
PH_RT static void overlap(struct ifft_unit *s, const struct dsp_block *b,
                          const struct spectrum *from)
{
    const struct dsp_fft *const fft = b->env->fft;
    const enum dsp_fft_size size = dsp_fft_size_of(s->n_full);
    float *const frames = b->env->scratch, *const spectrum = frames + s->n_full;
    float *const imaginary = spectrum + dsp_fft_part(size);
    const uint32_t kept = s->n - s->at;
    spectrum[0] = *from->dc;
    spectrum[s->n_full / 2] = *from->nyquist;
    imaginary[0] = imaginary[s->n_full / 2] = 0;
    for (uint32_t k = 0; k < from->n; k++) {
        spectrum[k + 1] = from->bins[k].a;
        imaginary[k + 1] = from->bins[k].b;
    }
    fft->inverse(fft, size, spectrum, frames);
    for (uint32_t i = 0; i < s->n; i++)
        frames[i] *= 1.0f / (float)s->n_full;
    shape(frames, window_of(from->tables, s->type, s->n), s->n);
    memmove(b->memory, b->memory + s->at, kept * sizeof *frames);
    memset(b->memory + kept, 0, s->at * sizeof *frames);
    /* a value that is none would stay until the window has passed */
    for (uint32_t i = 0; i < s->n; i++)
        b->memory[i] += isfinite(frames[i]) ? frames[i] : 0.0f;
    s->at = 0;
}

/**
 * IFFT - the sound of the spectra that a chain passes on, overlapped.
 *
 * in      [0] buffer    a chain
 *         [1] wintype   as FFT's, at birth
 *         [2] winsize   likewise
 * out     [0] audio; silent when what the last spectrum gave is over
 * memory  a window
 * cost    a copy per frame, and a transform per spectrum in one block
 */
PH_RT static void ifft_process(void *state, const struct dsp_block *b)
{
    struct ifft_unit *const s = state;
    const struct spectrum from = spectrum_of(b, IFFT_CHAIN);
    float *const out = dsp_out(b, 0);
    if (from.buffer) {
        const uint32_t n_full = floats_of(from.buffer), n = window_frames(b, IFFT_FRAMES, n_full);
        if (n_full != s->n_full) { /* the first, or another size: what was to be heard is over */
            s->n = n <= b->memory_frames ? n : 0;
            s->n_full = n_full;
            s->at = s->n;
        }
        if (s->n > 0) {
            spectrum_to_complex(&from);
            overlap(s, b, &from);
        }
    }
    const uint32_t left = s->n - s->at, now = left < b->n_frames ? left : b->n_frames;
    memcpy(out, b->memory + s->at, now * sizeof *out);
    memset(out + now, 0, (b->n_frames - now) * sizeof *out);
    s->at += now;
}
const struct dsp_unit DSP(dsp_IFFT) = { sizeof(struct ifft_unit), ifft_init, ifft_process,
                                        chain_memory };

#else
typedef int chain_has_no_wide_form; /* a translation unit must declare something */
#endif
