/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/pv_pack.c - Unpack1FFT, PackFFT: bins of a chain as demand streams, and back.       */
/* room: audio.                                                                                   */
#include "server/dsp/pv.h"

#if LANE_W == 1

/* ---- Unpack1FFT ------------------------------------------------------------------------------ */

struct unpack {
    float value;
    uint32_t block; /* in which it was taken */
    uint32_t bin;   /* 0 dc .. nyquist */
    uint32_t nyquist;
    uint32_t is_phase;
};

enum { UNPACK_CHAIN, UNPACK_FLOATS, UNPACK_BIN, UNPACK_PHASE };

PH_RT static void unpack_init(void *state, const struct dsp_block *b)
{
    const int32_t most = 1 << DSP_FFT_32768;
    *(struct unpack *)state = (struct unpack){
        .bin = (uint32_t)pv_whole(pv_in(b, UNPACK_BIN), 0, most),
        .nyquist = (uint32_t)pv_whole(pv_in(b, UNPACK_FLOATS), 0, most) / 2,
        .is_phase = pv_in(b, UNPACK_PHASE) != 0,
    };
}

static float measure(const struct unpack *s, const struct spectrum *x)
{
    const bool is_real = s->bin == 0 || s->bin == s->nyquist;
    if (is_real)
        return s->is_phase ? 0 : s->bin == 0 ? *x->dc : *x->nyquist;
    if (s->bin > x->n)
        return 0;
    const struct spectrum_bin bin = x->bins[s->bin - 1];
    return s->is_phase ? atan2f(bin.b, bin.a) : hypotf(bin.a, bin.b);
}

/**
 * Unpack1FFT - magnitude or phase of one bin, as a demand stream.
 *
 * in      [0] chain
 *         [1] bufsize       floats of its buffer, [2] binindex, at birth
 *         [3] whichmeasure  0: the magnitude (dc and nyquist with their sign), else the phase; at
 *             birth
 * out     [0] the same all through a block, whatever happens to the spectrum meanwhile; the last
 *             value where the chain has no spectrum; 0 of a bin that isn't there
 * state   the value and the block it is of
 * cost    a root, or an arctangent, per spectrum
 */
PH_RT static void unpack_process(void *state, const struct dsp_block *b)
{
    struct unpack *const s = state;
    const uint32_t block = (uint32_t)b->env->block;
    if (b->n_frames == 0)
        return;
    const struct spectrum x = spectrum_of(b, UNPACK_CHAIN);
    if (x.buffer && s->block != block) {
        spectrum_to_complex(&x);
        s->value = measure(s, &x);
        s->block = block;
    }
    dsp_out(b, 0)[0] = s->value;
}
const struct dsp_unit DSP(dsp_Unpack1FFT) = { sizeof(struct unpack), unpack_init, unpack_process };

/* ---- PackFFT --------------------------------------------------------------------------------- */

enum { PACK_CHAIN, PACK_FLOATS, PACK_FROM, PACK_TO, PACK_CLEARS, PACK_N, PACK_FIRST };

/** Input i of the list; what is no number, as the end of a stream, counts as silence. */
PH_RT static float pack_input(const struct dsp_block *b, uint32_t i)
{
    const float x = PACK_FIRST + i < b->n_in ? dsp_demand(b, PACK_FIRST + i, 0) : 0.0f;
    return isfinite(x) ? x : 0.0f;
}

/**
 * PackFFT - puts magnitudes and phases, asked for with every spectrum, into a range of its bins.
 *
 * in      [0] chain
 *         [1] bufsize: not needed
 *         [2] frombin, [3] tobin  the range, both of them in it
 *         [4] zeroothers          > 0: the other bins fall silent
 *         [5] count of what follows
 *         [6..] magnitude and phase of each bin; dc and the nyquist bin have no phase, that is
 *               passed over
 * out     [0] the chain
 * cost    per spectrum what the streams cost, and a sine and a cosine a bin
 */
PH_RT static void pack_process(void *state, const struct dsp_block *b)
{
    struct spectrum s;
    (void)state;
    if (!pv_begin(b, PV_COMPLEX, &s))
        return;
    const int32_t nyquist = (int32_t)s.n + 1;
    const int32_t from = pv_whole(pv_in(b, PACK_FROM), 0, nyquist);
    const int32_t to = pv_whole(pv_in(b, PACK_TO), -1, nyquist);
    const bool clears = pv_in(b, PACK_CLEARS) > 0;
    if (from == 0 || clears)
        *s.dc = from == 0 ? pack_input(b, 0) : 0;
    if (to == nyquist || clears)
        *s.nyquist = to == nyquist ? pack_input(b, 2 * (uint32_t)(to - from)) : 0;
    for (int32_t i = 1; i < nyquist; i++) {
        struct spectrum_bin *const bin = &s.bins[i - 1];
        if (i >= from && i <= to) {
            const float magnitude = pack_input(b, 2 * (uint32_t)(i - from));
            const float phase = pack_input(b, 2 * (uint32_t)(i - from) + 1);
            *bin = (struct spectrum_bin){ magnitude * cosf(phase), magnitude * sinf(phase) };
        } else if (clears) {
            *bin = (struct spectrum_bin){ 0, 0 };
        }
    }
}
const struct dsp_unit DSP(dsp_PackFFT) = { 0, dsp_no_init, pack_process, NULL, 0 };

#else
typedef int pv_pack_has_no_wide_form; /* a translation unit must declare something */
#endif
