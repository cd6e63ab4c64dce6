/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/spectrum_facts.c - SpecCentroid, SpecFlatness, SpecPcile.                           */
/* room: audio. Each gives a number of the last spectrum; 0 before the first.                     */
#include "server/dsp/birth.h"
#include "server/dsp/fastmath.h"
#include "server/dsp/spectrum.h"

#if LANE_W == 1

/** A number is what it was where the new one is not finite. */
static void spectrum_tell(float *value, double now)
{
    *value = fabs(now) < 1e30 ? (float)now : *value;
}

static float length_of(struct spectrum_bin x) { return sqrtf(x.a * x.a + x.b * x.b); }

struct spectrum_fact { float value; };

PH_RT static void spectrum_fact_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct spectrum_fact *)state = (struct spectrum_fact){ 0 };
}

/**
 * SpecCentroid - the mean frequency, weighted by magnitudes.
 *
 * in      [0] chain
 * out     [0] Hz
 * state   the last value
 * cost    per spectrum two multiplications a bin
 */
PH_RT static void spec_centroid_process(void *state, const struct dsp_block *b)
{
    struct spectrum_fact *const s = state;
    const struct spectrum x = spectrum_of(b, 0);
    if (x.buffer) {
        spectrum_to_polar(&x);
        double weight = fabsf(*x.nyquist), sum = weight * (x.n + 1);
        for (uint32_t i = 0; i < x.n; i++) {
            sum += (double)fabsf(x.bins[i].a) * (i + 1);
            weight += fabsf(x.bins[i].a);
        }
        const double bin_hz = b->env->audio_rate_hz / (2.0 * (x.n + 1));
        spectrum_tell(&s->value, weight > 0 ? bin_hz * sum / weight : 0);
    }
    dsp_out(b, 0)[0] = s->value;
}
const struct dsp_unit DSP(dsp_SpecCentroid) = { sizeof(struct spectrum_fact), spectrum_fact_init,
                                                spec_centroid_process, NULL, 0, birth_zero };

/**
 * SpecFlatness - the geometric mean of magnitudes over their arithmetic mean.
 *
 * in      [0] chain
 * out     [0] 0 for a tone .. 1 for noise; 0.8 for silence
 * state   the last value
 * cost    per spectrum a root and a logarithm a bin
 */
PH_RT static void spec_flatness_process(void *state, const struct dsp_block *b)
{
    struct spectrum_fact *const s = state;
    const struct spectrum x = spectrum_of(b, 0);
    if (x.buffer) {
        spectrum_to_complex(&x);
        const float dc = fabsf(*x.dc), nyquist = fabsf(*x.nyquist);
        const double share = 1.0 / (x.n + 2);
        double sum = dc + nyquist, logs = log((double)dc) + log((double)nyquist);
        for (uint32_t i = 0; i < x.n; i++) {
            const float length = length_of(x.bins[i]);
            sum += length;
            logs += length > 0 ? lane_log(length) : 0; /* what is 0 would make the whole 0 */
        }
        spectrum_tell(&s->value, sum > 0 ? exp(logs * share) / (sum * share) : 0.8);
    }
    dsp_out(b, 0)[0] = s->value;
}
const struct dsp_unit DSP(dsp_SpecFlatness) = { sizeof(struct spectrum_fact), spectrum_fact_init,
                                                spec_flatness_process, NULL, 0, birth_zero };

/**
 * SpecPcile - the frequency below which a share of the magnitudes lies.
 *
 * in      [0] chain
 *         [1] fraction     the share
 *         [2] interpolate  > 0: between bins; at birth
 *         [3] binout       > 0: the number of a bin rather than Hz; at birth
 * out     [0] Hz on a scale where half the rate is behind the last bin; 0 where no bin is far
 *             enough
 * state   the last value, and what was chosen at birth
 * cost    per spectrum two roots a bin
 */
struct spec_pcile { float value; int32_t interpolates, counts_bins; };

PH_RT static void spec_pcile_init(void *state, const struct dsp_block *b)
{
    *(struct spec_pcile *)state = (struct spec_pcile){
        0, dsp_in(b, 2)[0] > 0, b->n_in > 3 && dsp_in(b, 3)[0] > 0 };
}

/** The sum of magnitudes from 0 Hz on passes `target` in bin i, from `before` to `now`. */
static double pcile_place(const struct spec_pcile *s, uint32_t i, float target, float before,
                          float now)
{
    const double part = s->interpolates && i > 0 ? (now - target) / (now - before) : 0;
    return s->counts_bins ? i + part : i + 1 - part;
}

PH_RT static void spec_pcile_process(void *state, const struct dsp_block *b)
{
    struct spec_pcile *const s = state;
    const struct spectrum x = spectrum_of(b, 0);
    if (x.buffer) {
        spectrum_to_complex(&x);
        float sum = fabsf(*x.dc), all = sum;
        for (uint32_t i = 0; i < x.n; i++)
            all += length_of(x.bins[i]);
        const float target = (all + fabsf(*x.nyquist)) * dsp_in(b, 1)[0];
        const double step = s->counts_bins ? 1 : b->env->audio_rate_hz * 0.5 / (x.n + 2);
        double place = 0;
        for (uint32_t i = 0; i < x.n; i++) {
            const float before = sum;
            sum += length_of(x.bins[i]);
            if (!(sum < target)) {
                place = pcile_place(s, i, target, before, sum);
                break;
            }
        }
        spectrum_tell(&s->value, place * step);
    }
    dsp_out(b, 0)[0] = s->value;
}
const struct dsp_unit DSP(dsp_SpecPcile) = { sizeof(struct spec_pcile), spec_pcile_init,
                                             spec_pcile_process, NULL, 0, birth_zero };

#endif
