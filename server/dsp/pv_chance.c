/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pv_chance.c - units of an FFT chain that keep something, or leave something to      */
/* chance.                                                                                        */
/* room: audio. All have in [0] the chain and give it on; cost: a few operations per bin and      */
/* spectrum.                                                                                      */
#include "server/dsp/pv.h"

#if LANE_W == 1

struct kept {
    struct chance chance;
    uint32_t n_bins; /* for which memory holds something; 0: not yet */
    float trigger;
    uint32_t is_due; /* to be drawn anew with the next spectrum */
};

PH_RT static void kept_init(void *state, const struct dsp_block *b)
{
    *(struct kept *)state = (struct kept){ .chance = chance_new(b) };
}

static void follow_trigger(struct kept *s, float trigger)
{
    s->is_due |= dsp_rises(trigger, &s->trigger);
}

/**
 * Whether memory holds `per_bin` floats for each of n bins; `*fresh`: they are to be drawn. Of a
 * spectrum for which it is too small nothing is passed on.
 */
static bool has_memory(struct kept *s, const struct dsp_block *b, uint32_t n, uint32_t per_bin,
                       bool *fresh)
{
    const bool holds = n <= b->memory_frames / per_bin;
    if (!holds)
        dsp_out(b, 0)[0] = -1.0f;
    if (!holds || (s->n_bins != 0 && s->n_bins != n))
        return false;
    *fresh = s->n_bins == 0 || s->is_due;
    s->n_bins = n;
    s->is_due = false;
    return true;
}

static uint32_t one_per_bin(const struct dsp_block *b)
{
    return pv_bins_kept(b);
}

static uint32_t two_per_bin(const struct dsp_block *b)
{
    return 2 * pv_bins_kept(b);
}

/** A random order of n bins. */
PH_RT static void draw_order(struct kept *s, float *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        order[i] = (float)i;
    chance_shuffle(&s->chance, order, n);
}

/** So many bins as a share 0 .. 1 of n says. */
static uint32_t share_of(float x, uint32_t n)
{
    const int32_t share = pv_share(x, n);
    return share > 0 ? (uint32_t)share : 0;
}

/** PV_RandComb - in [1] wipe, the share of the bins that are silent, [2] trig: draws others. */
PH_RT static void PV_RandComb_process(void *state, const struct dsp_block *b)
{
    struct kept *const c = state;
    struct spectrum s;
    bool fresh;
    chance_begin(&c->chance, b);
    follow_trigger(c, pv_in(b, 2));
    if (!pv_begin(b, PV_AS_IT_IS, &s) || !has_memory(c, b, s.n, 1, &fresh))
        return;
    if (fresh)
        draw_order(c, b->memory, s.n);
    const uint32_t n = share_of(pv_in(b, 1), s.n);
    for (uint32_t i = 0; i < n; i++)
        s.bins[(uint32_t)b->memory[i]] = (struct spectrum_bin){ 0, 0 };
    if (n == s.n)
        *s.dc = *s.nyquist = 0;
}
const struct dsp_unit DSP(dsp_PV_RandComb) = { sizeof(struct kept), kept_init,
                                               PV_RandComb_process, one_per_bin, 0 };

/**
 * PV_RandWipe - in [1] a second chain, [2] wipe, the share
 * of the bins that are its, [3] trig: draws others.
 */
PH_RT static void PV_RandWipe_process(void *state, const struct dsp_block *b)
{
    struct kept *const c = state;
    struct spectrum s, other;
    bool fresh;
    chance_begin(&c->chance, b);
    follow_trigger(c, pv_in(b, 3));
    if (!pv_begin_pair(b, PV_AS_IT_IS, &s, &other) || !has_memory(c, b, s.n, 1, &fresh))
        return;
    if (fresh)
        draw_order(c, b->memory, s.n);
    for (uint32_t i = 0; i < share_of(pv_in(b, 2), s.n); i++)
        s.bins[(uint32_t)b->memory[i]] = other.bins[(uint32_t)b->memory[i]];
}
const struct dsp_unit DSP(dsp_PV_RandWipe) = { sizeof(struct kept), kept_init,
                                               PV_RandWipe_process, one_per_bin, 0 };

/**
 * Where bins go, and for each place of that order one within `width` of it, from which it comes.
 */
PH_RT static void draw_scramble(struct kept *c, float *to, float *from, uint32_t n, float width)
{
    const int32_t reach = pv_whole(width * (float)n, 0, (int32_t)n);
    draw_order(c, to, n);
    for (uint32_t i = 0; i < n; i++) {
        const int32_t at = (int32_t)to[i], lo = at > reach ? at - reach : 0;
        const int32_t hi = at + reach < (int32_t)n ? at + reach : (int32_t)n - 1;
        from[i] = (float)(lo + (int32_t)chance_below(&c->chance, (uint32_t)(hi - lo)));
    }
}

/** PV_BinScramble - in [1] wipe, the share of the bins that change places, [2] width, how far as a
 * share of all, when drawn, [3] trig: draws others. */
PH_RT static void PV_BinScramble_process(void *state, const struct dsp_block *b)
{
    struct kept *const c = state;
    struct spectrum s;
    struct spectrum_bin *const kept = (struct spectrum_bin *)(void *)b->env->scratch;
    bool fresh;
    chance_begin(&c->chance, b);
    follow_trigger(c, pv_in(b, 3));
    if (!pv_begin(b, PV_AS_IT_IS, &s) || !has_memory(c, b, s.n, 2, &fresh) ||
        2 * s.n > DSP_SCRATCH_FLOATS)
        return;
    float *const to = b->memory, *const from = b->memory + s.n;
    if (fresh)
        draw_scramble(c, to, from, s.n, pv_in(b, 2));
    memcpy(kept, s.bins, s.n * sizeof *kept);
    for (uint32_t i = 0; i < share_of(pv_in(b, 1), s.n); i++)
        s.bins[(uint32_t)to[i]] = kept[(uint32_t)from[i]];
}
const struct dsp_unit DSP(dsp_PV_BinScramble) = { sizeof(struct kept), kept_init,
                                                  PV_BinScramble_process, two_per_bin, 0 };

/**
 * PV_Diffuser - in [1] trig: adds to the phases what is
 * drawn anew on a rise; its value is the share of bins.
 */
PH_RT static void PV_Diffuser_process(void *state, const struct dsp_block *b)
{
    struct kept *const c = state;
    struct spectrum s;
    bool fresh;
    chance_begin(&c->chance, b);
    follow_trigger(c, pv_in(b, 1));
    if (!pv_begin(b, PV_POLAR, &s) || !has_memory(c, b, s.n, 1, &fresh))
        return;
    for (uint32_t i = 0; i < s.n && fresh; i++)
        b->memory[i] = (chance_bipolar(&c->chance) + 1) * (float)M_PI;
    for (uint32_t i = 0; i < share_of(pv_in(b, 1), s.n); i++)
        s.bins[i].b += b->memory[i];
}
const struct dsp_unit DSP(dsp_PV_Diffuser) = { sizeof(struct kept), kept_init,
                                               PV_Diffuser_process, one_per_bin, 0 };

/** PV_MagNoise - magnitudes times numbers drawn from -1 .. 1. */
PH_RT static void PV_MagNoise_process(void *state, const struct dsp_block *b)
{
    struct kept *const c = state;
    struct spectrum s;
    chance_begin(&c->chance, b);
    if (!pv_begin(b, PV_AS_IT_IS, &s))
        return;
    for (uint32_t i = 0; i < s.n; i++) {
        const float x = chance_bipolar(&c->chance);
        s.bins[i].a *= x;
        if (s.buffer->contents == DSP_COMPLEX)
            s.bins[i].b *= x;
    }
    *s.dc *= chance_bipolar(&c->chance);
    *s.nyquist *= chance_bipolar(&c->chance);
}
const struct dsp_unit DSP(dsp_PV_MagNoise) = { sizeof(struct kept), kept_init,
                                               PV_MagNoise_process, NULL, 0 };

/** PV_MagFreeze - in [1] freeze: > 0 keeps the magnitudes of the last spectrum before. */
PH_RT static void PV_MagFreeze_process(void *state, const struct dsp_block *b)
{
    struct kept *const c = state;
    struct spectrum s;
    bool fresh;
    if (!pv_begin(b, PV_POLAR, &s) || !has_memory(c, b, s.n + 2, 1, &fresh))
        return;
    const bool freezes = pv_in(b, 1) > 0 && !fresh;
    float *const kept = b->memory;
    for (uint32_t i = 0; i < s.n; i++)
        *(freezes ? &s.bins[i].a : &kept[i]) = freezes ? kept[i] : s.bins[i].a;
    *(freezes ? s.dc : &kept[s.n]) = freezes ? kept[s.n] : *s.dc;
    *(freezes ? s.nyquist : &kept[s.n + 1]) = freezes ? kept[s.n + 1] : *s.nyquist;
}
const struct dsp_unit DSP(dsp_PV_MagFreeze) = { sizeof(struct kept), kept_init,
                                                PV_MagFreeze_process, two_per_bin, 0 };

#else
typedef int pv_chance_has_no_wide_form; /* a translation unit must declare something */
#endif
