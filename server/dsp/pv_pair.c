/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pv_pair.c - units of FFT chains that bring two spectra together.                    */
/* room: audio. All have in [0] and [1] chains and give on the first; cost: a few operations per  */
/* bin.                                                                                           */
#include "server/dsp/pv.h"

#if LANE_W == 1

#define PV_UNIT(name) const struct dsp_unit DSP(dsp_##name) = { 0, dsp_no_init, name##_process }

/** PV_Add - the sum. */
PH_RT static void PV_Add_process(void *state, const struct dsp_block *b)
{
    struct spectrum s, other;
    (void)state;
    if (!pv_begin_pair(b, PV_COMPLEX, &s, &other))
        return;
    *s.dc += *other.dc;
    *s.nyquist += *other.nyquist;
    for (uint32_t i = 0; i < s.n; i++) {
        s.bins[i].a += other.bins[i].a;
        s.bins[i].b += other.bins[i].b;
    }
}
PV_UNIT(PV_Add);

/** PV_Mul - the product: a circular convolution. */
PH_RT static void PV_Mul_process(void *state, const struct dsp_block *b)
{
    struct spectrum s, other;
    (void)state;
    if (!pv_begin_pair(b, PV_COMPLEX, &s, &other))
        return;
    *s.dc *= *other.dc;
    *s.nyquist *= *other.nyquist;
    for (uint32_t i = 0; i < s.n; i++) {
        const struct spectrum_bin x = s.bins[i], y = other.bins[i];
        s.bins[i] = (struct spectrum_bin){ x.a * y.a - x.b * y.b, x.a * y.b + x.b * y.a };
    }
}
PV_UNIT(PV_Mul);

/** PV_Div - the quotient; what it would not be finite for is silent in IFFT. */
PH_RT static void PV_Div_process(void *state, const struct dsp_block *b)
{
    struct spectrum s, other;
    (void)state;
    if (!pv_begin_pair(b, PV_COMPLEX, &s, &other))
        return;
    *s.dc /= *other.dc;
    *s.nyquist /= *other.nyquist;
    for (uint32_t i = 0; i < s.n; i++) {
        const struct spectrum_bin x = s.bins[i], y = other.bins[i];
        const float power = y.a * y.a + y.b * y.b;
        s.bins[i] = (struct spectrum_bin){ (x.a * y.a + x.b * y.b) / power,
                                           (x.b * y.a - x.a * y.b) / power };
    }
}
PV_UNIT(PV_Div);

/** PV_MagMul - the first's phases with the product of the magnitudes. */
PH_RT static void PV_MagMul_process(void *state, const struct dsp_block *b)
{
    struct spectrum s, other;
    (void)state;
    if (!pv_begin_pair(b, PV_POLAR, &s, &other))
        return;
    *s.dc *= *other.dc;
    *s.nyquist *= *other.nyquist;
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i].a *= other.bins[i].a;
}
PV_UNIT(PV_MagMul);

/** PV_MagDiv - in [2] zeroed: the least that the first's magnitudes are divided by. */
PH_RT static void PV_MagDiv_process(void *state, const struct dsp_block *b)
{
    struct spectrum s, other;
    (void)state;
    if (!pv_begin_pair(b, PV_POLAR, &s, &other))
        return;
    const float least = pv_in(b, 2);
    *s.dc /= dsp_max(*other.dc, least);
    *s.nyquist /= dsp_max(*other.nyquist, least);
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i].a /= dsp_max(other.bins[i].a, least);
}
PV_UNIT(PV_MagDiv);

/** Per bin the louder one, or the softer one. */
PH_RT static void choose(const struct dsp_block *b, bool louder)
{
    struct spectrum s, other;
    if (!pv_begin_pair(b, PV_POLAR, &s, &other))
        return;
    if (louder ? fabsf(*other.dc) > fabsf(*s.dc) : fabsf(*other.dc) < fabsf(*s.dc))
        *s.dc = *other.dc;
    if (louder ? fabsf(*other.nyquist) > fabsf(*s.nyquist)
               : fabsf(*other.nyquist) < fabsf(*s.nyquist))
        *s.nyquist = *other.nyquist;
    for (uint32_t i = 0; i < s.n; i++)
        if (louder ? other.bins[i].a > s.bins[i].a : other.bins[i].a < s.bins[i].a)
            s.bins[i] = other.bins[i];
}

/** PV_Max - per bin the louder one. */
PH_RT static void PV_Max_process(void *state, const struct dsp_block *b)
{
    (void)state;
    choose(b, true);
}
PV_UNIT(PV_Max);

/** PV_Min - per bin the softer one. */
PH_RT static void PV_Min_process(void *state, const struct dsp_block *b)
{
    (void)state;
    choose(b, false);
}
PV_UNIT(PV_Min);

/** PV_CopyPhase - the first's magnitudes with the second's phases. */
PH_RT static void PV_CopyPhase_process(void *state, const struct dsp_block *b)
{
    struct spectrum s, other;
    (void)state;
    if (!pv_begin_pair(b, PV_POLAR, &s, &other))
        return;
    *s.dc = (*s.dc > 0) == (*other.dc < 0) ? -*s.dc : *s.dc;
    *s.nyquist = (*s.nyquist > 0) == (*other.nyquist < 0) ? -*s.nyquist : *s.nyquist;
    for (uint32_t i = 0; i < s.n; i++)
        s.bins[i].b = other.bins[i].b;
}
PV_UNIT(PV_CopyPhase);

/**
 * PV_BinWipe - in [2] wipe: a share of the bins is the second's, > 0 from below, < 0 from above.
 */
PH_RT static void PV_BinWipe_process(void *state, const struct dsp_block *b)
{
    struct spectrum s, other;
    (void)state;
    if (!pv_begin_pair(b, PV_AS_IT_IS, &s, &other))
        return;
    const int32_t n = (int32_t)s.n, wipe = pv_share(pv_in(b, 2), s.n);
    const int32_t first = wipe > 0 ? 0 : n + wipe, end = wipe > 0 ? wipe : n;
    memmove(s.bins + first, other.bins + first, (size_t)(end - first) * sizeof *s.bins);
    if (wipe > 0 || wipe == -n)
        *s.dc = *other.dc;
    if (wipe < 0 || wipe == n)
        *s.nyquist = *other.nyquist;
}
PV_UNIT(PV_BinWipe);

/** PV_Copy - the first's spectrum into the second's buffer, which is passed on. */
PH_RT static void PV_Copy_process(void *state, const struct dsp_block *b)
{
    const struct spectrum from = spectrum_of(b, 0);
    struct dsp_buffer *const to = dsp_buffer_to_write(b, pv_in(b, 1));
    (void)state;
    dsp_out(b, 0)[0] = from.buffer && to ? pv_in(b, 1) : -1.0f;
    const size_t n = from.buffer ? (size_t)from.buffer->n_frames * from.buffer->n_channels : 0;
    if (!to || n == 0 || (size_t)to->n_frames * to->n_channels != n)
        return;
    memmove(to->data, from.buffer->data, n * sizeof *to->data);
    to->contents = from.buffer->contents;
}
PV_UNIT(PV_Copy);

#else
typedef int pv_pair_has_no_wide_form; /* a translation unit must declare something */
#endif
