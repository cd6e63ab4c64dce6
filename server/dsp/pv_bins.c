/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pv_bins.c - units of an FFT chain that change one spectrum bin by bin.              */
/* room: audio. All have in [0] the chain and give it on; cost: a few operations per bin and      */
/* spectrum.                                                                                      */
#include "server/dsp/pv.h"

#if LANE_W == 1

#define PV_UNIT(name) const struct dsp_unit DSP(dsp_##name) = { 0, dsp_no_init, name##_process }

/* ---- magnitudes ------------------------------------------------------------------------------ */

/** PV_MagAbove - in [1] threshold: what lies below is silent. */
PH_RT static void PV_MagAbove_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_POLAR, &s))
        return;
    const float threshold = pv_in(b, 1);
    *s.dc = fabsf(*s.dc) < threshold ? 0 : *s.dc;
    *s.nyquist = fabsf(*s.nyquist) < threshold ? 0 : *s.nyquist;
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i].a = s.bins[i].a < threshold ? 0 : s.bins[i].a;
}
PV_UNIT(PV_MagAbove);

/** PV_MagBelow - in [1] threshold: what lies above is silent. */
PH_RT static void PV_MagBelow_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_POLAR, &s))
        return;
    const float threshold = pv_in(b, 1);
    *s.dc = fabsf(*s.dc) > threshold ? 0 : *s.dc;
    *s.nyquist = fabsf(*s.nyquist) > threshold ? 0 : *s.nyquist;
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i].a = s.bins[i].a > threshold ? 0 : s.bins[i].a;
}
PV_UNIT(PV_MagBelow);

static float clipped(float x, float most)
{
    return fabsf(x) > most ? (x < 0 ? -most : most) : x;
}

/** PV_MagClip - in [1] threshold: the largest magnitude. */
PH_RT static void PV_MagClip_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_POLAR, &s))
        return;
    const float threshold = pv_in(b, 1);
    *s.dc = clipped(*s.dc, threshold);
    *s.nyquist = clipped(*s.nyquist, threshold);
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i].a = s.bins[i].a > threshold ? threshold : s.bins[i].a;
}
PV_UNIT(PV_MagClip);

/** PV_MagSquared - squares magnitudes. */
PH_RT static void PV_MagSquared_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_POLAR, &s))
        return;
    *s.dc *= *s.dc;
    *s.nyquist *= *s.nyquist;
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i].a *= s.bins[i].a;
}
PV_UNIT(PV_MagSquared);

/** PV_LocalMax - in [1] threshold: only peaks above it sound. A bin is held against the one below
 * as that was passed on, and against the one above as it came. */
PH_RT static void PV_LocalMax_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_POLAR, &s))
        return;
    const float threshold = pv_in(b, 1), dc = fabsf(*s.dc), nyquist = fabsf(*s.nyquist);
    const float last = s.bins[s.n - 1].a;
    float below = dc;
    if (dc < threshold || dc < s.bins[0].a)
        *s.dc = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        const float x = s.bins[i].a, above = i + 1 < s.n ? s.bins[i + 1].a : nyquist;
        if (x < threshold || x < below || x < above)
            s.bins[i].a = 0;
        below = s.bins[i].a;
    }
    if (nyquist < threshold || nyquist < last)
        *s.nyquist = 0;
}
PV_UNIT(PV_LocalMax);

/** PV_MagSmear - in [1] bins: the mean of so many magnitudes on either side. */
PH_RT static void PV_MagSmear_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    float *const kept = b->env->scratch;
    (void)state;
    if (!pv_begin(b, PV_POLAR, &s) || s.n > DSP_SCRATCH_FLOATS)
        return;
    const int32_t n = (int32_t)s.n, width = pv_whole(pv_in(b, 1), 0, n - 1);
    double sum = 0; /* of the bins around the one in turn */
    for (int32_t i = 0; i < n; i++)
        kept[i] = isfinite(s.bins[i].a) ? s.bins[i].a : 0;
    for (int32_t i = 0; i < width; i++)
        sum += (double)kept[i];
    for (int32_t i = 0; i < n; i++) {
        sum += i + width < n ? (double)kept[i + width] : 0;
        sum -= i - width > 0 ? (double)kept[i - width - 1] : 0;
        s.bins[i].a = (float)(sum / (2 * width + 1));
    }
}
PV_UNIT(PV_MagSmear);

/* ---- places ---------------------------------------------------------------------------------- */

/** Where a bin goes, rounded; -1: out of the spectrum. */
static int32_t place_of(float x, int32_t n)
{
    const float at = x + 0.5f;
    return at > -1 && at < (float)n ? (int32_t)at : -1;
}

/** PV_MagShift - in [1] stretch, [2] shift, in bins, of magnitudes alone. */
PH_RT static void PV_MagShift_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    float *const kept = b->env->scratch;
    (void)state;
    if (!pv_begin(b, PV_POLAR, &s) || s.n > DSP_SCRATCH_FLOATS)
        return;
    for (uint32_t i = 0; i < s.n; i++) {
        kept[i] = s.bins[i].a;
        s.bins[i].a = 0;
    }
    float at = pv_in(b, 2);
    for (uint32_t i = 0; i < s.n; i++, at += pv_in(b, 1)) {
        const int32_t place = place_of(at, (int32_t)s.n);
        if (place >= 0)
            s.bins[place].a += kept[i];
    }
}
PV_UNIT(PV_MagShift);

static void add_bin(struct spectrum *s, float place, float share, struct spectrum_bin x)
{
    if (!(place >= 0 && place < (float)s->n))
        return;
    struct spectrum_bin *const to = &s->bins[(uint32_t)place];
    to->a += share * x.a;
    to->b += share * x.b;
}

/** PV_BinShift - in [1] stretch, [2] shift, in bins, [3] interp: > 0 between two bins. */
PH_RT static void PV_BinShift_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    struct spectrum_bin *const kept = (struct spectrum_bin *)(void *)b->env->scratch;
    (void)state;
    if (!pv_begin(b, PV_COMPLEX, &s) || 2 * s.n > DSP_SCRATCH_FLOATS)
        return;
    const float interp = b->n_in > 3 ? pv_in(b, 3) : 0.0f;
    memcpy(kept, s.bins, s.n * sizeof *kept);
    memset(s.bins, 0, s.n * sizeof *kept);
    float at = pv_in(b, 2);
    for (uint32_t i = 0; i < s.n; i++, at += pv_in(b, 1)) {
        if (interp > 0) {
            add_bin(&s, floorf(at), 1.0f - (at - floorf(at)), kept[i]);
            add_bin(&s, floorf(at) + 1.0f, at - floorf(at), kept[i]);
        } else {
            add_bin(&s, (float)place_of(at, (int32_t)s.n), 1.0f, kept[i]);
        }
    }
}
PV_UNIT(PV_BinShift);

/** PV_BrickWall - in [1] wipe: a share of the bins is silent, > 0 from below, < 0 from above. */
PH_RT static void PV_BrickWall_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_AS_IT_IS, &s))
        return;
    const int32_t n = (int32_t)s.n, wipe = pv_share(pv_in(b, 1), s.n);
    const int32_t first = wipe > 0 ? 0 : n + wipe, end = wipe > 0 ? wipe : n;
    memset(s.bins + first, 0, (size_t)(end - first) * sizeof *s.bins);
    if (wipe > 0 || wipe == -n)
        *s.dc = 0;
    if (wipe < 0 || wipe == n)
        *s.nyquist = 0;
}
PV_UNIT(PV_BrickWall);

/** The teeth of a comb over the spectrum: whether a bin lies in a gap, one bin after the other. */
struct comb { float phase, step, width; };

static struct comb comb_of(const struct dsp_block *b, uint32_t input, uint32_t n)
{
    return (struct comb){ pv_in(b, input + 1), pv_in(b, input) / (float)(n + 1),
                          pv_in(b, input + 2) };
}

static bool is_gap(struct comb *c)
{
    const bool is = c->phase > c->width;
    c->phase += c->step;
    c->phase += c->phase >= 1 ? -1.0f : c->phase < 0 ? 1.0f : 0.0f;
    return is;
}

/** PV_RectComb - in [1] teeth, [2] phase, [3] width: silent between the teeth. */
PH_RT static void PV_RectComb_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_AS_IT_IS, &s))
        return;
    struct comb comb = comb_of(b, 1, s.n);
    *s.dc = is_gap(&comb) ? 0 : *s.dc;
    for (uint32_t i = 0; i < s.n; i++)
        if (is_gap(&comb))
            s.bins[i] = (struct spectrum_bin){ 0, 0 };
    *s.nyquist = is_gap(&comb) ? 0 : *s.nyquist;
}
PV_UNIT(PV_RectComb);

/**
 * PV_RectComb2 - in [1] a second chain, [2] teeth, [3]
 * phase, [4] width: that one between the teeth.
 */
PH_RT static void PV_RectComb2_process(void *state, const struct dsp_block *b)
{
    struct spectrum s, other;
    (void)state;
    if (!pv_begin_pair(b, PV_AS_IT_IS, &s, &other))
        return;
    struct comb comb = comb_of(b, 2, s.n);
    *s.dc = is_gap(&comb) ? *other.dc : *s.dc;
    for (uint32_t i = 0; i < s.n; i++)
        if (is_gap(&comb))
            s.bins[i] = other.bins[i];
    *s.nyquist = is_gap(&comb) ? *other.nyquist : *s.nyquist;
}
PV_UNIT(PV_RectComb2);

/* ---- phases ---------------------------------------------------------------------------------- */

/** PV_PhaseShift - in [1] radians, [2] integrate: > 0 adds up from spectrum to spectrum. */
PH_RT static void PV_PhaseShift_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    float *const sum = state;
    if (!pv_begin(b, PV_POLAR, &s))
        return;
    const bool adds = b->n_in > 2 && pv_in(b, 2) >= 1;
    const float shift = pv_in(b, 1) + (adds ? *sum : 0.0f);
    if (adds)
        *sum = isfinite(shift) ? fmodf(shift, (float)(2 * M_PI)) : 0.0f;
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i].b += shift;
}
PH_RT static void phase_shift_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(float *)state = 0;
}
const struct dsp_unit DSP(dsp_PV_PhaseShift) = { sizeof(float), phase_shift_init,
                                                 PV_PhaseShift_process };

/** Every bin times j, or -j. */
PH_RT static void turn(const struct dsp_block *b, float sign)
{
    struct spectrum s;
    if (!pv_begin(b, PV_COMPLEX, &s))
        return;
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i] = (struct spectrum_bin){ -sign * s.bins[i].b, sign * s.bins[i].a };
}

/** PV_PhaseShift90 - a quarter of a turn. */
PH_RT static void PV_PhaseShift90_process(void *state, const struct dsp_block *b)
{
    (void)state;
    turn(b, 1);
}
PV_UNIT(PV_PhaseShift90);

/** PV_PhaseShift270 - three quarters. */
PH_RT static void PV_PhaseShift270_process(void *state, const struct dsp_block *b)
{
    (void)state;
    turn(b, -1);
}
PV_UNIT(PV_PhaseShift270);

/** PV_Conj - imaginary parts change their sign. */
PH_RT static void PV_Conj_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    for (uint32_t i = 0; pv_begin(b, PV_COMPLEX, &s) && i < s.n; i++)
        s.bins[i].b = -s.bins[i].b;
}
PV_UNIT(PV_Conj);

/** PV_ConformalMap - in [1] areal, [2] aimag: z -> (z - a) / (1 - conj(a) z), with an imaginary
 * part that counts the real part of the product already made, as scsynth's does: pieces were
 * written to that sound. */
PH_RT static void PV_ConformalMap_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    const float re = pv_in(b, 1), im = pv_in(b, 2);
    (void)state;
    if (!pv_begin(b, PV_COMPLEX, &s))
        return;
    for (uint32_t i = 0; i < s.n; i++) {
        const struct spectrum_bin z = s.bins[i];
        const float n_re = z.a - re, n_im = z.b - im;
        const float d_re = 1 - (re * z.a + im * z.b), d_im = im * z.a - re * z.b;
        const float power = d_re * d_re + d_im * d_im;
        const float scale = 1 / (power < 0.001f ? 0.001f : power);
        const float product = n_re * d_re + n_im * d_im;
        s.bins[i] =
            (struct spectrum_bin){ product * scale, (n_im * d_re - product * d_im) * scale };
    }
}
PV_UNIT(PV_ConformalMap);

#else
typedef int pv_bins_has_no_wide_form; /* a translation unit must declare something */
#endif
