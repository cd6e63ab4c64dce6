/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/filter.c - the filters of LANGUAGE 14: state-variable filters and the ladder.       */
/* room: audio.                                                                                   */
/*                                                                                                */
/* A parameter that holds one value all block and differs from the last block's is ramped over    */
/* the block; one that arrives at audio rate is followed frame by frame.                          */
#include "server/dsp/fastmath.h"
#include "server/dsp/frames.h"
#include "server/dsp/lane.h"

#define PI 3.14159265358979323846
enum { IN, FREQ };

/*
 * SvfLpf, SvfHpf, SvfBpf, SvfNotch - zero-delay state-variable filter, 12 dB per octave.
 *
 * in      [0] signal
 *         [1] freq, Hz, clamped to 20 .. 0.45 * rate
 *         [2] q, clamped to 0.1 .. 40, of SvfBpf to 0.01 .. 4000; damping is 1 / q
 * out     [0] low, high, band (peak gain q) or notch output
 * state   two integrators, zero at birth; the parameters in use, for the ramp
 * cost    one tangent and one division per frame where freq or q is at audio rate or changes
 * source  V. Zavalishin, The Art of VA Filter Design, 4.5; stable under any modulation because the
 *         trapezoidal integrators hold states that don't depend on the coefficients
 */
struct svf { lane s1, s2, g, damping, freq_hz, q; };
enum { Q = 2 };
enum svf_output { SVF_LOW, SVF_HIGH, SVF_BAND, SVF_NOTCH };

LANE_FN lane prewarp(lane freq_hz, float rate_hz)
{
    return lane_tan(lane_clamp(freq_hz, 20.0f, 0.45f * rate_hz) * (float)(PI / rate_hz));
}
/** The outputs that take the band away from the input grow with the damping. */
LANE_FN lane svf_damping(lane q, enum svf_output output)
{
    return 1.0f / (output == SVF_BAND ? lane_clamp(q, 0.01f, 4000.0f) : lane_clamp(q, 0.1f, 40.0f));
}

LANE_FN void svf_init(void *state, const struct dsp_block *b, enum svf_output output)
{
    struct svf *const s = state;
    s->s1 = s->s2 = lane_splat(0.0f);
    s->freq_hz = dsp_in(b, FREQ)[0];
    s->q = dsp_in(b, Q)[0];
    s->g = prewarp(s->freq_hz, b->rate_hz);
    s->damping = svf_damping(s->q, output);
}

/** What a frame multiplies by: 2 g, 2 g^2 and 2 (D - 1), over D = 1 + g (g + damping). */
struct svf_gains { lane band, low, loss; };
LANE_FN struct svf_gains svf_gains(lane g, lane damping)
{
    const lane loss = g * (g + damping), twice = 2.0f / (1.0f + loss), band = twice * g;
    return (struct svf_gains){ band, band * g, twice * loss };
}

/** The states first, so that a frame waits for two multiply-adds of the one before. */
LANE_FN lane svf_frame(lane *s1, lane *s2, lane x, struct svf_gains k, lane damping,
                       enum svf_output output)
{
    const lane v = x - *s2;
    const lane n1 = lane_fma(k.band, v, lane_fma(-k.loss, *s1, *s1));
    const lane n2 = lane_fma(k.low, v, lane_fma(k.band, *s1, *s2));
    const lane band = 0.5f * (*s1 + n1), low = 0.5f * (*s2 + n2);
    *s1 = n1;
    *s2 = n2;
    switch (output) {
    case SVF_LOW: return low;
    case SVF_BAND: return band;
    case SVF_NOTCH: return lane_fma(-damping, band, x);
    default: return lane_fma(-damping, band, x) - low;
    }
}

/** Writes `to(value)` of an audio input, or a ramp from `now` to `target`, one value per frame. */
#define FILL(values, b, input, to, now, target)                                                    \
    do {                                                                                           \
        if (dsp_step(b, input)) {                                                                  \
            for (uint32_t i_ = 0; i_ < (b)->n_frames; i_++) {                                      \
                const lane v_ = dsp_in(b, input)[i_];                                              \
                (values)[i_] = to;                                                                 \
            }                                                                                      \
        } else {                                                                                   \
            const lane step_ = ((target) - (now)) * (1.0f / (float)(b)->n_frames);                 \
            for (uint32_t i_ = 0; i_ < (b)->n_frames; i_++)                                        \
                (values)[i_] = (now) + step_ * (float)(i_ + 1);                                    \
        }                                                                                          \
    } while (0)

LANE_FN void svf_process(void *state, const struct dsp_block *b, enum svf_output output)
{
    struct svf *const s = state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), last = b->n_frames - 1;
    const lane freq_hz = frame_of(b, FREQ, last);
    const lane q = frame_of(b, Q, last);
    lane *const out = dsp_out(b, 0);
    lane s1 = s->s1, s2 = s->s2;

    if (dsp_step(b, FREQ) || dsp_step(b, Q) ||
        lane_any(lane_ne(freq_hz, s->freq_hz) | lane_ne(q, s->q))) {
        lane g[DSP_BLOCK_FRAMES], damping[DSP_BLOCK_FRAMES];
        lane band[DSP_BLOCK_FRAMES], low[DSP_BLOCK_FRAMES], loss[DSP_BLOCK_FRAMES];
        const lane g_end = prewarp(freq_hz, b->rate_hz), damping_end = svf_damping(q, output);
        FILL(g, b, FREQ, prewarp(v_, b->rate_hz), s->g, g_end);
        FILL(damping, b, Q, svf_damping(v_, output), s->damping, damping_end);
        for (uint32_t i = 0; i <= last; i++) { /* at LANE_W 1 along time */
            const struct svf_gains k = svf_gains(g[i], damping[i]);
            band[i] = k.band, low[i] = k.low, loss[i] = k.loss;
        }
        for (uint32_t i = 0; i <= last; i++)
            out[i] = svf_frame(&s1, &s2, x[i * dx], (struct svf_gains){ band[i], low[i], loss[i] },
                               damping[i], output);
        s->freq_hz = freq_hz;
        s->q = q;
        s->g = g_end;
        s->damping = damping_end;
    } else {
        const struct svf_gains k = svf_gains(s->g, s->damping);
        const lane damping = s->damping;
        for (uint32_t i = 0; i <= last; i++)
            out[i] = svf_frame(&s1, &s2, x[i * dx], k, damping, output);
    }
    s->s1 = s1;
    s->s2 = s2;
}

#define SVF(name, Name, output)                                                                    \
    PH_RT static void name##_init(void *state, const struct dsp_block *b)                          \
    {                                                                                              \
        svf_init(state, b, output);                                                                \
    }                                                                                              \
    PH_RT static void name##_process(void *state, const struct dsp_block *b)                       \
    {                                                                                              \
        svf_process(state, b, output);                                                             \
    }                                                                                              \
    const struct dsp_unit DSP(dsp_##Name) = { sizeof(struct svf), name##_init, name##_process }
SVF(svf_lpf, SvfLpf, SVF_LOW);
SVF(svf_hpf, SvfHpf, SVF_HIGH);
SVF(svf_bpf, SvfBpf, SVF_BAND);
SVF(svf_notch, SvfNotch, SVF_NOTCH);

/*
 * MoogLadder - four one-poles in a row with inverted feedback and tanh at the entry.
 *
 * in      [0] signal   [1] freq, Hz, clamped to 20 .. 0.45 * rate   [2] res, 0 .. 1
 * out     [0] signal, 24 dB per octave; at res 1 it sustains a sine at freq
 * state   four integrators; tanh bounds what enters them, so nothing can grow without limit
 * cost    one tanh per frame, one tangent and one division more where a parameter moves
 * source  V. Zavalishin, The Art of VA Filter Design, 5: the loop without delay is solved for the
 *         linear ladder, and tanh is applied to the input that this solution gives
 */
struct moog { lane s[4], gain, feedback, freq_hz, res; };
enum { RES = 2 };

LANE_FN lane moog_gain(lane freq_hz, float rate_hz)
{
    const lane g = prewarp(freq_hz, rate_hz);
    return g / (1.0f + g);
}
LANE_FN lane moog_feedback(lane res) { return 4.0f * lane_clamp(res, 0.0f, 1.0f); }

PH_RT static void moog_init(void *state, const struct dsp_block *b)
{
    struct moog *const s = state;
    for (int k = 0; k < 4; k++)
        s->s[k] = lane_splat(0.0f);
    s->freq_hz = dsp_in(b, FREQ)[0];
    s->res = dsp_in(b, RES)[0];
    s->gain = moog_gain(s->freq_hz, b->rate_hz);
    s->feedback = moog_feedback(s->res);
}

/** What one frame multiplies by: `entry` the input, `back` what the four states alone put out. */
struct moog_gains { lane pole, entry, back; };
LANE_FN struct moog_gains moog_gains(lane gain, lane feedback)
{
    const lane squared = gain * gain, entry = 1.0f / lane_fma(feedback, squared * squared,
                                                              lane_splat(1.0f));
    return (struct moog_gains){ gain, entry, feedback * (1.0f - gain) * entry };
}

LANE_FN lane moog_frame(lane s[4], lane x, struct moog_gains k)
{
    /* each pole passes its own state through 1 - gain */
    const lane rest = lane_fma(lane_fma(lane_fma(s[0], k.pole, s[1]), k.pole, s[2]), k.pole, s[3]);
    lane y = lane_tanh(lane_fma(-k.back, rest, x * k.entry));
    for (int i = 0; i < 4; i++) {
        y = lane_fma(k.pole, y, lane_fma(-k.pole, s[i], s[i]));
        s[i] = lane_fma(lane_splat(2.0f), y, -s[i]);
    }
    return y;
}

PH_RT static void moog_process(void *state, const struct dsp_block *b)
{
    struct moog *const s = state;
    const lane *const x = dsp_in(b, IN);
    const uint32_t dx = dsp_step(b, IN), last = b->n_frames - 1;
    const lane freq_hz = frame_of(b, FREQ, last);
    const lane res = frame_of(b, RES, last);
    lane *const out = dsp_out(b, 0), y[4] = { s->s[0], s->s[1], s->s[2], s->s[3] };

    if (dsp_step(b, FREQ) || dsp_step(b, RES) ||
        lane_any(lane_ne(freq_hz, s->freq_hz) | lane_ne(res, s->res))) {
        lane gain[DSP_BLOCK_FRAMES], feedback[DSP_BLOCK_FRAMES];
        lane entry[DSP_BLOCK_FRAMES], back[DSP_BLOCK_FRAMES];
        const lane gain_end = moog_gain(freq_hz, b->rate_hz), feedback_end = moog_feedback(res);
        FILL(gain, b, FREQ, moog_gain(v_, b->rate_hz), s->gain, gain_end);
        FILL(feedback, b, RES, moog_feedback(v_), s->feedback, feedback_end);
        for (uint32_t i = 0; i <= last; i++) { /* at LANE_W 1 along time */
            const struct moog_gains k = moog_gains(gain[i], feedback[i]);
            entry[i] = k.entry, back[i] = k.back;
        }
        for (uint32_t i = 0; i <= last; i++)
            out[i] = moog_frame(y, x[i * dx], (struct moog_gains){ gain[i], entry[i], back[i] });
        s->freq_hz = freq_hz;
        s->res = res;
        s->gain = gain_end;
        s->feedback = feedback_end;
    } else {
        const struct moog_gains k = moog_gains(s->gain, s->feedback);
        for (uint32_t i = 0; i <= last; i++)
            out[i] = moog_frame(y, x[i * dx], k);
    }
    for (int k = 0; k < 4; k++)
        s->s[k] = y[k];
}
const struct dsp_unit DSP(dsp_MoogLadder) = { sizeof(struct moog), moog_init, moog_process, NULL };
