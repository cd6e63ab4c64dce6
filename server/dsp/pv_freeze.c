/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pv_freeze.c - units of an FFT chain from sc3-plugins: PV_Freeze,                    */
/* PV_SpectralEnhance.                                                                            */
/* room: audio. Both have in [0] the chain and give it on.                                        */
#include "server/dsp/pv.h"

#if LANE_W == 1

/*
 * PV_Freeze - holds a spectrum and lets its phases run on.
 *
 * in      [1] freeze: > 0 holds magnitudes, and moves each phase by what it moved last
 * state   how many spectra have come. As in scsynth the first is only passed on; of the second
 *         magnitudes are held from then on; two more are needed to know how phases move
 * memory  per bin the magnitude, the phase, and its last step
 * cost    a few operations per bin and spectrum
 */
struct pv_freeze { uint32_t n_seen, n_bins; float dc, nyquist; };
enum { FREEZE_PASSED = 1, FREEZE_MAGNITUDES, FREEZE_PHASES }; /* n_seen when these are known */

PH_RT static uint32_t freeze_memory(const struct dsp_block *b)
{
    return 3 * pv_bins_kept(b);
}

PH_RT static void freeze_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct pv_freeze *)state = (struct pv_freeze){ 0, 0, 0, 0 };
}

/** What is held must be a number: it stays for as long as one likes. */
static float held(float x)
{
    return isfinite(x) ? x : 0;
}

/**
 * An angle that has grown by less than a turn, nearer to 0
 * again; in double as in scsynth, for the bits.
 */
static float turned(float phase)
{
    if ((double)phase > M_PI)
        phase = (float)((double)phase - 2 * M_PI);
    return (double)phase < -M_PI ? (float)((double)phase + 2 * M_PI) : phase;
}

static void freeze_magnitudes(struct pv_freeze *f, struct spectrum *s, float *kept, bool holds)
{
    if (!holds) {
        f->dc = held(*s->dc);
        f->nyquist = held(*s->nyquist);
    }
    for (uint32_t i = 0; i < s->n && !holds; i++)
        kept[i] = held(s->bins[i].a);
    for (uint32_t i = 0; i < s->n && holds; i++)
        s->bins[i].a = kept[i];
    if (holds) {
        *s->dc = f->dc;
        *s->nyquist = f->nyquist;
    }
}

static void freeze_phases(const struct spectrum *s, float *phase, float *step, bool holds)
{
    for (uint32_t i = 0; i < s->n; i++) {
        step[i] = holds ? step[i] : s->bins[i].b - phase[i];
        phase[i] = holds ? turned(phase[i] + step[i]) : s->bins[i].b;
        s->bins[i].b = phase[i];
    }
}

PH_RT static void PV_Freeze_process(void *state, const struct dsp_block *b)
{
    struct pv_freeze *const f = state;
    struct spectrum s;
    if (!pv_begin(b, PV_POLAR, &s) || 3 * (uint64_t)s.n > b->memory_frames ||
        (f->n_bins != 0 && f->n_bins != s.n))
        return;
    const bool freezes = pv_in(b, 1) > 0;
    float *const kept = b->memory;
    f->n_bins = s.n;
    if (f->n_seen >= FREEZE_PASSED) {
        freeze_magnitudes(f, &s, kept, freezes && f->n_seen >= FREEZE_MAGNITUDES);
        freeze_phases(&s, kept + s.n, kept + 2 * s.n, freezes && f->n_seen >= FREEZE_PHASES);
    }
    f->n_seen += f->n_seen < FREEZE_PHASES;
}
const struct dsp_unit DSP(dsp_PV_Freeze) = { sizeof(struct pv_freeze), freeze_init,
                                             PV_Freeze_process, freeze_memory };

/** The whole number nearest to x >= 0, halves up. */
static uint32_t nearest_bin(float x)
{
    const uint32_t whole = (uint32_t)x;
    return whole + (x - (float)whole >= 0.5f);
}

/*
 * PV_SpectralEnhance - gives each bin partials above it.
 *
 * in      [1] numPartials   [2] ratio: of their frequencies, 1 or more (scsynth reads beyond the
 *         spectrum
 *         below that)       [3] strength: partial k gets strength / k of the magnitude
 * cost    for n bins n ln n / ratio additions per spectrum at most. From the top down, so that what
 *         is added is not passed on
 */
PH_RT static void PV_SpectralEnhance_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_POLAR, &s))
        return;
    const float n_partials = pv_in(b, 1), strength = pv_in(b, 3), n = (float)s.n;
    const float ratio = lane_clamp(pv_in(b, 2), 1, 1e6f);
    const uint32_t from = (uint32_t)(n / ratio);
    for (uint32_t i = from < s.n ? from : s.n - 1; i > 0; i--) {
        const float magnitude = s.bins[i].a; /* a partial may round to the bin itself */
        for (uint32_t k = 1; (float)k < n_partials; k++) {
            const float at = (float)(k * i) * ratio;
            if (!(at < n) || nearest_bin(at) >= s.n)
                break;
            s.bins[nearest_bin(at)].a += magnitude * (strength / (float)k);
        }
    }
}
const struct dsp_unit DSP(dsp_PV_SpectralEnhance) = { 0, dsp_no_init, PV_SpectralEnhance_process,
                                                      NULL, 0 };

#else
typedef int pv_freeze_has_no_wide_form; /* a translation unit must declare something */
#endif
