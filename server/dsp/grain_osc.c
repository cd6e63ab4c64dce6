/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/grain_osc.c - GrainIn, GrainSin, GrainFM: grains of a signal and of oscillators.    */
/* room: audio. One voice at a time: each grain is in a state of its own.                         */
#include "server/dsp/cloud.h"
#include "server/dsp/lane_phase.h"

#if LANE_W == 1

/*
 * GrainIn - the input under an envelope from each trigger on; GrainSin - a sine; GrainFM - a sine
 * whose frequency a sine moves by index * modfreq.
 *
 * in      [0] trigger   [1] dur, seconds, 4 frames at least
 *         GrainIn: [2] in   GrainSin: [2] freq, Hz   GrainFM: [2] carfreq   [3] modfreq   [4] index
 *         then pan, envbufnum (-1 a Hann window), maxGrains, read at birth. All are read on the
 *         frame of the trigger
 * out     as GrainBuf
 * state   the grains, in long memory; phases of 2^29 steps a turn, as in scsynth
 * cost    a sine or two, two sums and the envelope per frame and grain
 * source  as GrainBuf
 */
enum { GRAIN_TRIG, GRAIN_DUR, GRAIN_OF, GRAIN_MODULATOR, GRAIN_INDEX };
enum { IN_PAN = 3, FM_PAN = 5 }; /* envbufnum and maxGrains come behind it */

/** Steps of a phase for a frequency: 2^29 a turn; towards 0. */
LANE_FN int32_t grain_step(const struct dsp_block *b, float hz)
{
    const double step = 536870912.0 / b->rate_hz * (double)hz;
    return (int32_t)cloud_limit_d(step, -2147483648.0, 2147483647.0);
}
LANE_FN float grain_sine(uint32_t phase) { return lane_sin_phase(phase << 3); }

static float in_grain(struct grain *g, const struct dsp_block *b, uint32_t i, const void *of)
{
    (void)g, (void)of;
    const float x = dsp_value(b, GRAIN_OF, i);
    return lane_where(lane_finite(x), x);
}
static float sin_grain(struct grain *g, const struct dsp_block *b, uint32_t i, const void *of)
{
    (void)b, (void)i, (void)of;
    const float y = grain_sine(g->phase);
    g->phase += g->phase_step;
    return y;
}
static float fm_grain(struct grain *g, const struct dsp_block *b, uint32_t i, const void *of)
{
    (void)i, (void)of;
    const float moved = grain_sine(g->modulator) * g->deviation_hz, y = grain_sine(g->phase);
    g->phase += (uint32_t)grain_step(b, g->carrier_hz + moved);
    g->modulator += g->modulator_step;
    return y;
}

/** Starts a grain on frame i. @return NULL where there is no room for one, or no envelope */
static struct grain *osc_birth(struct cloud *c, const struct dsp_block *b, uint32_t pan, uint32_t i)
{
    const float shape = dsp_demand(b, pan + 1, i);
    struct grain *const g = cloud_add(c);
    if (!g)
        return NULL;
    const double n_frames = grain_frames(b, dsp_demand(b, GRAIN_DUR, i));
    g->n_left = (int32_t)n_frames;
    if (!envelope_start(&g->envelope, b, shape, n_frames)) {
        c->n--;
        return NULL;
    }
    grain_pan(g, b, dsp_demand(b, pan, i), 1);
    return g;
}

static void in_birth(struct cloud *c, const struct dsp_block *b, uint32_t i)
{
    osc_birth(c, b, IN_PAN, i);
}
static void sin_birth(struct cloud *c, const struct dsp_block *b, uint32_t i)
{
    struct grain *const g = osc_birth(c, b, IN_PAN, i);
    if (g)
        g->phase_step = (uint32_t)grain_step(b, dsp_demand(b, GRAIN_OF, i));
}
static void fm_birth(struct cloud *c, const struct dsp_block *b, uint32_t i)
{
    struct grain *const g = osc_birth(c, b, FM_PAN, i);
    if (!g)
        return;
    const float modulator_hz = dsp_demand(b, GRAIN_MODULATOR, i);
    g->carrier_hz = cloud_limit(dsp_demand(b, GRAIN_OF, i), -1e9f, 1e9f);
    g->deviation_hz = cloud_limit(dsp_demand(b, GRAIN_INDEX, i) * modulator_hz, -1e9f, 1e9f);
    g->modulator_step = (uint32_t)grain_step(b, modulator_hz);
}

struct osc_cloud { uint32_t n; float last_trig; };

PH_RT static void osc_cloud_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct osc_cloud *)state = (struct osc_cloud){ 0 };
}

LANE_FN void osc_play(struct cloud *c, const struct dsp_block *b, uint32_t from, uint32_t to,
                      grain_sound *sound)
{
    for (uint32_t k = 0; k < c->n && to > from; k++)
        grain_play(&c->grains[k], b, from, to, sound, NULL);
    cloud_sweep(c);
}

typedef void osc_birth_fn(struct cloud *c, const struct dsp_block *b, uint32_t i);
LANE_FN void osc_process(struct osc_cloud *s, const struct dsp_block *b, osc_birth_fn *birth,
                         grain_sound *sound)
{
    struct cloud c = cloud_of(b, s->n);
    uint32_t at = 0;
    cloud_silence(b);
    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (!cloud_triggers(b, GRAIN_TRIG, i, &s->last_trig))
            continue;
        osc_play(&c, b, at, i, sound);
        at = i;
        birth(&c, b, i);
    }
    osc_play(&c, b, at, b->n_frames, sound);
    s->n = c.n;
}

#define OSC_UNIT(name, pan, birth, sound)                                                          \
    PH_RT static uint32_t name##_memory(const struct dsp_block *b)                                 \
    {                                                                                              \
        return cloud_room(dsp_in(b, pan + 2)[0]) * GRAIN_FLOATS;                                   \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        osc_process(state, b, birth, sound);                                                       \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##name) = { sizeof(struct osc_cloud), osc_cloud_init,            \
                                              name##_process, name##_memory, 0, name##_process };

OSC_UNIT(GrainIn, IN_PAN, in_birth, in_grain)
OSC_UNIT(GrainSin, IN_PAN, sin_birth, sin_grain)
OSC_UNIT(GrainFM, FM_PAN, fm_birth, fm_grain)

#else
typedef int grain_osc_has_no_wide_form; /* a translation unit must declare something */
#endif
