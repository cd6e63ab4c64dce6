/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pv_onsets.c - PV_JensenAndersen, PV_HainsworthFoote: onsets from features of        */
/* spectra.                                                                                       */
/* room: audio.                                                                                   */
#include "server/dsp/fastmath.h"
#include "server/dsp/pv.h"

#if LANE_W == 1

/** What both keep; in long memory the magnitudes of the last spectrum. */
struct detector {
    uint32_t block;  /* the last one that was looked at: a block may be rendered in pieces */
    uint32_t n_rest; /* blocks in which nothing is found, after an onset */
    float value;     /* 1 all through the block of an onset */
};

/** Of a new block. @return whether a spectrum has come, with magnitudes and phases then */
PH_RT static bool detector_begin(struct detector *s, const struct dsp_block *b, struct spectrum *x)
{
    const uint32_t block = (uint32_t)b->env->block;
    if (s->block == block)
        return false;
    *x = spectrum_of(b, 0);
    s->block = block;
    s->value = 0;
    s->n_rest -= s->n_rest > 0;
    if (!x->buffer)
        return false;
    spectrum_to_polar(x);
    x->n = x->n < b->memory_frames ? x->n : b->memory_frames;
    return true;
}

/** With what the spectrum tells; `threshold` and `wait`: inputs. */
PH_RT static void detector_end(struct detector *s, const struct dsp_block *b,
                               const struct spectrum *x, float sum, uint32_t threshold,
                               uint32_t wait)
{
    if (sum > pv_in(b, threshold) && s->n_rest == 0) {
        const uint32_t block = b->env->block_frames;
        const uint32_t frames =
            (uint32_t)pv_whole(pv_in(b, wait) * b->env->audio_rate_hz, 0, 1 << 30);
        const uint32_t n = (frames + block - 1) / block; /* the onset's among them */
        s->n_rest = n > 2 ? n - 1 : 1;
        s->value = 1;
    }
    for (uint32_t i = 0; i < x->n; i++)
        b->memory[i] = x->bins[i].a;
}

PH_RT static void detector_put_out(const struct detector *s, const struct dsp_block *b)
{
    for (uint32_t i = 0; i < b->n_frames; i++)
        dsp_out(b, 0)[i] = s->value;
}

/* ---- Jensen and Andersen --------------------------------------------------------------------- */

struct jensen_andersen {
    struct detector onset;
    float centroid, energy, content, flux; /* of the last spectrum */
};

enum { JA_CHAIN, JA_CENTROID, JA_ENERGY, JA_CONTENT, JA_FLUX, JA_THRESHOLD, JA_WAIT };

PH_RT static void jensen_andersen_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct jensen_andersen *)state = (struct jensen_andersen){ 0 };
}

/** The features of a spectrum; of silence the centroid is no number. */
static struct jensen_andersen features_of(const struct spectrum *x, const float *before)
{
    float sum = 0, weighted = 0, squared = 0, flux = 0, high = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        const float magnitude = x->bins[i].a, k = (float)(i + 1);
        sum += magnitude;
        weighted += k * magnitude;
        squared += k * k * magnitude;
        flux += fabsf(magnitude - before[i]);
        high += i > 0 ? magnitude : 0;
    }
    const float per = 1.0f / (float)x->n;
    return (struct jensen_andersen){ .centroid = weighted / sum * per, .energy = high * per,
                                     .content = squared * per * per * per, .flux = flux * per };
}

/**
 * PV_JensenAndersen - onsets, from how four features grow from one spectrum to the next.
 *
 * in      [0] chain
 *         [1] propsc   weights: of the spectral centroid, as a share of the bins,
 *         [2] prophfe  of the magnitudes above a frequency, which in scsynth comes out as the first
 *             bin's,
 *         [3] prophfc  of the magnitudes times the square of their bins,
 *         [4] propsf   of the spectral flux
 *         [5] threshold
 *         [6] waittime  seconds from an onset to the next
 * out     [0] 1 in the block of an onset, else 0
 * state   the features; memory: the magnitudes of the last spectrum
 * cost    ten operations a bin and spectrum
 * source  Jensen and Andersen, Real-time beat estimation using feature extraction, 2003
 *
 * Of silence there is no centroid, so that no onset is found in the first spectrum behind it, as in
 * scsynth.
 */
PH_RT static void jensen_andersen_process(void *state, const struct dsp_block *b)
{
    struct jensen_andersen *const s = state;
    struct spectrum x;
    if (detector_begin(&s->onset, b, &x)) {
        const struct jensen_andersen now = features_of(&x, b->memory);
        const float sum = pv_in(b, JA_CENTROID) * (now.centroid - s->centroid) +
                          pv_in(b, JA_ENERGY) * (now.energy - s->energy) +
                          pv_in(b, JA_CONTENT) * (now.content - s->content) +
                          pv_in(b, JA_FLUX) * (now.flux - s->flux);
        const struct detector onset = s->onset;
        *s = now;
        s->onset = onset;
        detector_end(&s->onset, b, &x, sum, JA_THRESHOLD, JA_WAIT);
    }
    detector_put_out(&s->onset, b);
}
const struct dsp_unit DSP(dsp_PV_JensenAndersen) = { sizeof(struct jensen_andersen),
                                                     jensen_andersen_init, jensen_andersen_process,
                                                     pv_bins_kept };

/* ---- Hainsworth and Foote -------------------------------------------------------------------- */

struct hainsworth_foote {
    struct detector onset;
    float power; /* of the last spectrum */
};

enum { HF_CHAIN, HF_HAINSWORTH, HF_FOOTE, HF_THRESHOLD, HF_WAIT };
#define HF_LEAST 0.0001f /* that is divided by */

PH_RT static void hainsworth_foote_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct hainsworth_foote *)state = (struct hainsworth_foote){ .power = 1 };
}

/** The place of the bin of a frequency, among n from 1 on, as scsynth counts: of the whole rate. */
static uint32_t place_of(const struct dsp_block *b, double hz, uint32_t n)
{
    return (uint32_t)(hz / b->env->audio_rate_hz * n);
}

/** How many octaves the bins of 30 Hz to 5 kHz have grown, the mean. */
static float hainsworth(const struct dsp_block *b, const struct spectrum *x)
{
    const uint32_t first = place_of(b, 30, x->n), end = place_of(b, 5000, x->n);
    float sum = 0;
    for (uint32_t i = first; i < end && i < x->n; i++) {
        const float ratio = x->bins[i].a / dsp_max(b->memory[i], HF_LEAST);
        sum += ratio > 1 && isfinite(ratio) ? lane_log2(ratio) : 0;
    }
    return end > first ? sum / (float)(end - first) : 0;
}

/**
 * PV_HainsworthFoote - onsets, from how much the bins have grown and how unlike the last spectrum
 * it is.
 *
 * in      [0] chain
 *         [1] proph     weight of the growth of bins, in octaves
 *         [2] propf     of the unlikeness, 1 less the cosine of the angle between the two
 *         [3] threshold
 *         [4] waittime  seconds from an onset to the next
 * out     [0] 1 in the block of an onset, else 0
 * state   the last power; memory: the magnitudes of the last spectrum
 * cost    four operations a bin and spectrum, and a logarithm in each that grew
 * source  S. Hainsworth, Techniques for the Automated Analysis of Musical Audio, 2003; J. Foote,
 *         Automatic audio segmentation using a measure of audio novelty, 2000
 */
PH_RT static void hainsworth_foote_process(void *state, const struct dsp_block *b)
{
    struct hainsworth_foote *const s = state;
    struct spectrum x;
    if (detector_begin(&s->onset, b, &x)) {
        float power = 0, product = 0;
        for (uint32_t i = 0; i < x.n; i++) {
            power += x.bins[i].a * x.bins[i].a;
            product += x.bins[i].a * b->memory[i];
        }
        const float unlikeness = 1.0f - product / dsp_max(sqrtf(power) * sqrtf(s->power), HF_LEAST);
        const float sum =
            pv_in(b, HF_HAINSWORTH) * hainsworth(b, &x) + pv_in(b, HF_FOOTE) * unlikeness;
        s->power = power;
        detector_end(&s->onset, b, &x, sum, HF_THRESHOLD, HF_WAIT);
    }
    detector_put_out(&s->onset, b);
}
const struct dsp_unit DSP(dsp_PV_HainsworthFoote) = { sizeof(struct hainsworth_foote),
                                                      hainsworth_foote_init,
                                                      hainsworth_foote_process, pv_bins_kept };

#else
typedef int pv_onsets_has_no_wide_form; /* a translation unit must declare something */
#endif
