/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/dynamics.c - Limiter, Normalizer, SafetyLimiter, PeakLimiter, DetectSilence.        */
/* room: audio. SafetyLimiter and PeakLimiter have no wide form.                                  */
#include <float.h>

#include "server/dsp/decay.h"
#include "server/dsp/lane.h"

/*
 * DetectSilence - asks for its done action once |in| has stayed at or below a threshold.
 *
 * in      [0] signal   [1] amp, threshold   [2] time, seconds   [3] doneAction
 * out     [0] 1 from the frame on which `time` is over, else 0
 * state   frames since the last one above the threshold; far below 0 before the first of them, so
 *         that silence at birth never counts
 * cost    two comparisons and a count per frame
 */
struct detect_silence { lane_i count; };
enum { SILENCE_IN, SILENCE_AMP, SILENCE_TIME, SILENCE_ACTION };
enum { SILENCE_UNHEARD = -(1 << 30), SILENCE_LONG = 1 << 30 }; /* more than six hours */

PH_RT static void detect_silence_init(void *state, const struct dsp_block *b)
{
    (void)b;
    ((struct detect_silence *)state)->count = lane_splat_i(SILENCE_UNHEARD);
}

/** Whole frames of a time, at least 1; in double as scsynth counts them: 0.7f * 48000 is 33599. */
LANE_FN lane_i silence_frames(lane seconds, float rate_hz)
{
    const lane_d frames = lane_to_d(lane_clamp(seconds, 0.0f, 1e9f / rate_hz)) * (double)rate_hz;
    const lane_i n = lane_i_from_d(frames), one = lane_splat_i(1);
    return lane_select_i(lane_lt_i(n, one), one, n);
}

/** The count as the next block takes it up: it neither overflows nor creeps up to 0. */
LANE_FN lane_i silence_kept(lane_i count)
{
    const lane_i unheard = lane_splat_i(SILENCE_UNHEARD), longest = lane_splat_i(SILENCE_LONG);
    count = lane_select_i(lane_gt_i(count, longest), longest, count);
    return lane_select_i(lane_lt_i(count, lane_splat_i(0)), unheard, count);
}

PH_RT static void detect_silence_process(void *state, const struct dsp_block *b)
{
    struct detect_silence *const s = state;
    const lane *const in = dsp_in(b, SILENCE_IN), *const amp = dsp_in(b, SILENCE_AMP);
    const lane *const seconds = dsp_in(b, SILENCE_TIME);
    const uint32_t dx = dsp_step(b, SILENCE_IN), da = dsp_step(b, SILENCE_AMP);
    const uint32_t dt = dsp_step(b, SILENCE_TIME);
    lane *const out = dsp_out(b, 0);
    lane_i count = s->count, any_done = lane_splat_i(0);
    lane_i end = silence_frames(seconds[0], b->rate_hz);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        if (dt)
            end = silence_frames(seconds[i], b->rate_hz);
        const lane_i loud = lane_gt(lane_abs(in[i * dx]), amp[i * da]);
        count = (count + 1) & ~loud;
        const lane_i done = ~lane_lt_i(count, end); /* never on a loud frame: end is 1 or more */
        out[i] = lane_where(done, lane_splat(1.0f));
        any_done |= done;
    }
    s->count = silence_kept(count);
    for (uint32_t left = lane_mask_bits(any_done) & b->lanes; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        dsp_ask_done(&b->node[k], lane_get(dsp_in(b, SILENCE_ACTION)[0], k));
    }
}
const struct dsp_unit DSP(dsp_DetectSilence) = { sizeof(struct detect_silence),
                                                 detect_silence_init, detect_silence_process,
                                                 NULL, 0 };

/*
 * Limiter, Normalizer - SuperCollider's, which look ahead: gain in straight lines between stretches
 * of `dur`. Lanes run one after the other, since their stretches end at different times.
 *
 * in      [0] signal   [1] level, largest output; of Normalizer that of every stretch, where the
 *         signal
 *         is above 1e-5; at audio rate the block's first counts   [2] dur, seconds, read once
 * out     [0] signal, delayed by twice dur (rounded up to frames)
 * memory  three stretches: being written, waiting, being played
 * cost    one comparison and multiplication per frame, one division per stretch
 */
struct limiter { lane_u position, stretch; lane gain, slope, peak, last_peak; };
struct limiter_lane { uint32_t position, stretch; float gain, slope, peak, last_peak; };
enum { LIMITER_IN, LIMITER_LEVEL, LIMITER_DUR };
enum { LIMITER_FRAMES_MAX = 1 << 22 };

LANE_FN struct limiter_lane limiter_get(const struct limiter *s, int k)
{
    return (struct limiter_lane){ lane_get_u(s->position, k), lane_get_u(s->stretch, k),
                                  lane_get(s->gain, k), lane_get(s->slope, k),
                                  lane_get(s->peak, k), lane_get(s->last_peak, k) };
}

LANE_FN void limiter_put(struct limiter *s, int k, const struct limiter_lane *one)
{
    const bool is_finite = isfinite(one->gain) && isfinite(one->slope);
    s->position = lane_set_u(s->position, k, one->position);
    s->stretch = lane_set_u(s->stretch, k, one->stretch);
    s->gain = lane_set(s->gain, k, is_finite ? one->gain : 0);
    s->slope = lane_set(s->slope, k, is_finite ? one->slope : 0);
    s->peak = lane_set(s->peak, k, one->peak);
    s->last_peak = lane_set(s->last_peak, k, one->last_peak);
}

PH_RT static uint32_t limiter_memory(const struct dsp_block *b)
{
    const double n_frames = ceil((double)lane_get(dsp_in(b, LIMITER_DUR)[0], 0) * b->rate_hz);
    return 3 * (n_frames > 1 ? (uint32_t)fmin(n_frames, LIMITER_FRAMES_MAX) : 1);
}

LANE_FN float limiter_level(const struct dsp_block *b, int k)
{
    return dsp_max(lane_get(dsp_in(b, LIMITER_LEVEL)[0], k), 0);
}

/** Ends a stretch: the next one's gain goes to what the two loudest stretches in memory need. */
LANE_FN void limiter_turn(struct limiter_lane *s, float level, uint32_t n, bool normalizes)
{
    const float peak = dsp_max(s->last_peak, s->peak);
    const float target = normalizes     ? level / dsp_max(peak, 1e-5f)
                         : peak > level ? level / peak
                                        : 1.0f;
    s->last_peak = s->peak;
    s->peak = 0;
    s->slope = (target - s->gain) * (1.0f / (float)n);
    s->position = 0;
    s->stretch = s->stretch == 2 ? 0 : s->stretch + 1;
}

PH_RT static void limiter_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct limiter *)state = (struct limiter){ .gain = lane_splat(1.0f) };
}

/**
 * One lane: its values of `in` and `out` lie LANE_W apart,
 * those of `in` times dx; so does its memory.
 */
LANE_FN void limiter_run_lane(struct limiter_lane *s, const struct dsp_block *b, int k,
                              bool normalizes)
{
    const float *const in = (const float *)dsp_in(b, LIMITER_IN) + k, level = limiter_level(b, k);
    const uint32_t dx = LANE_W * dsp_step(b, LIMITER_IN), n = b->memory_frames / 3;
    float *const out = (float *)dsp_out(b, 0) + k;

    for (uint32_t i = 0; i < b->n_frames;) {
        const uint32_t left = b->n_frames - i, to_turn = n - s->position;
        const uint32_t end = i + (left < to_turn ? left : to_turn);
        const uint32_t oldest = s->stretch == 2 ? 0 : s->stretch + 1;
        float *new = b->memory + (size_t)(s->stretch * n + s->position) * LANE_W + k;
        const float *old = b->memory + (size_t)(oldest * n + s->position) * LANE_W + k;
        s->position += end - i;
        for (; i < end; i++, new += LANE_W, old += LANE_W) {
            const float x = in[i * dx];
            *new = x;
            out[i * LANE_W] = s->gain * *old;
            s->gain += s->slope;
            if (fabsf(x) > s->peak)
                s->peak = fabsf(x);
        }
        if (s->position >= n)
            limiter_turn(s, level, n, normalizes);
    }
}

LANE_FN void limiter_run(void *state, const struct dsp_block *b, bool normalizes)
{
    if (LANE_W > 1) /* lanes without a voice */
        memset(dsp_out(b, 0), 0, b->n_frames * sizeof(lane));
    for (uint32_t left = b->lanes; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        struct limiter_lane s = limiter_get(state, k);
        limiter_run_lane(&s, b, k, normalizes);
        limiter_put(state, k, &s);
    }
}

PH_RT static void limiter_process(void *state, const struct dsp_block *b)
{
    limiter_run(state, b, false);
}
const struct dsp_unit DSP(dsp_Limiter) = { sizeof(struct limiter), limiter_init, limiter_process,
                                           limiter_memory, 0, limiter_process };

PH_RT static void normalizer_process(void *state, const struct dsp_block *b)
{
    limiter_run(state, b, true);
}
const struct dsp_unit DSP(dsp_Normalizer) = { sizeof(struct limiter), limiter_init,
                                              normalizer_process, limiter_memory, 0,
                                              normalizer_process };

#if LANE_W == 1

/*
 * The memory of an edited synth's predecessor is shared during a crossfade where it is large
 * and copied where it is small. Window sums don't survive sharing, so this one stays small.
 */
enum { SAFETY_FRAMES_MAX = 16000 };

/*
 * SafetyLimiter - stereo-linked look-ahead limiter that is the delayed input, bit for bit, as long
 * as nothing within `lookahead` before and behind exceeds the ceiling.
 *
 * in      [0] left   [1] right   [2] ceiling   [3] lookahead, seconds (up to 16000
 *         frames), read once
 * out     [0] left   [1] right, delayed by round(lookahead * rate) frames, never above the ceiling
 * gain    1 - r: r is the largest reduction ceiling / peak asks for in the last n = latency + 1
 *         frames, averaged over n frames. Both windows hold the frame that is put out, so the
 *         average is never less than that frame needs. r is kept in whole steps of 2^-24 and summed
 *         exactly: a passed peak leaves no residue.
 * cost    a copy per frame as long as there is nothing to reduce; then O(1) per frame: window
 *         maximum by van Herk's blocks (one backward pass per n frames)
 * faults  a value that isn't finite counts as 0 and sets DSP_NODE_NON_FINITE
 * memory  four rings of n: left, right, reductions of this and the last n frames, window maxima;
 *         zeroed memory means "nothing to reduce"
 */
struct safety { double sum; uint32_t position; float largest, held; };
enum { SAFETY_LEFT, SAFETY_RIGHT, SAFETY_CEILING, SAFETY_LOOKAHEAD };

PH_RT static uint32_t safety_memory(const struct dsp_block *b)
{
    const double n_frames = (double)dsp_in(b, SAFETY_LOOKAHEAD)[0] * b->rate_hz;
    return 4 * (n_frames > 0 ? (uint32_t)(fmin(n_frames, SAFETY_FRAMES_MAX) + 0.5) + 1 : 1);
}

PH_RT static void safety_init(void *state, const struct dsp_block *b)
{
    (void)b;
    *(struct safety *)state = (struct safety){ 0 };
}

/** Steps of 2^-24 by which the gain must be below 1 to bring `peak` under the ceiling. */
LANE_FN float safety_reduction(float peak, float ceiling)
{
    return peak > ceiling ? (float)ceil((1.0 - (double)ceiling / peak) * 0x1p24) : 0;
}

/** Turns the reductions of the last n frames into the largest from each frame to the end. */
static void safety_turn(float *reductions, uint32_t n)
{
    for (uint32_t k = n - 1; k-- > 0;)
        reductions[k] = dsp_max(reductions[k], reductions[k + 1]);
}

/**
 * Takes the reduction of the newest frame; gives the gain of the oldest. What the window asks for
 * falls to no less than `keep` of itself in a frame.
 */
LANE_FN float safety_gain(struct safety *s, float *reductions, float *maxima, uint32_t n,
                          float reduction, float keep)
{
    const uint32_t p = s->position;
    /* the window: this block's frames so far, and those of the last one that come after p */
    s->largest = dsp_max(s->largest, reduction);
    const float in_window = p + 1 < n ? dsp_max(s->largest, reductions[p + 1]) : s->largest;
    reductions[p] = reduction;
    s->held = dsp_max(in_window, floorf(s->held * keep)); /* whole steps: they are summed exactly */
    s->sum += (double)s->held - (double)maxima[p];
    maxima[p] = s->held;
    if (p + 1 == n) {
        safety_turn(reductions, n);
        s->largest = 0;
    }
    return s->sum > 0 ? (float)(1.0 - s->sum / (n * 0x1p24)) : 1.0f;
}

LANE_FN float bounded(float x, float limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

LANE_FN float safety_ceiling(float x) { return x < FLT_MAX ? dsp_max(x, 0) : FLT_MAX; }

/** The ceiling of every frame: finite, 0 or more. */
LANE_FN void safety_ceilings(const struct dsp_block *b, float *to)
{
    const float *const in = dsp_in(b, SAFETY_CEILING);
    const float held = safety_ceiling(in[0]);
    if (dsp_step(b, SAFETY_CEILING))
        for (uint32_t i = 0; i < b->n_frames; i++)
            to[i] = safety_ceiling(in[i]);
    else
        for (uint32_t i = 0; i < b->n_frames; i++)
            to[i] = held;
}

/** Whether every frame of a signal at audio rate is finite and within its ceiling. */
LANE_FN bool safety_harmless(const struct dsp_block *b, uint32_t input, const float *ceilings)
{
    const float *const in = dsp_in(b, input);
    int32_t harm = 0;
    if (!dsp_step(b, input))
        return false;
    for (uint32_t i = 0; i < b->n_frames; i++)
        harm |= !(fabsf(in[i]) <= ceilings[i]); /* or no number */
    return !harm;
}

/** Delays one channel through a ring of n frames without changing its level. */
static void safety_delay(float *ring, uint32_t n, uint32_t position, const float *in, float *out,
                         uint32_t n_frames)
{
    for (uint32_t i = 0, run; i < n_frames; i += run) {
        const uint32_t to_end = n - position, left = n_frames - i;
        run = to_end < left ? to_end : left;
        memcpy(out + i, ring + position + 1, (run - 1) * sizeof(float));
        memcpy(ring + position, in + i, run * sizeof(float));
        position = position + run == n ? 0 : position + run;
        out[i + run - 1] = ring[position]; /* in a ring this short it has just been written */
    }
}

/** Renders a call without anything to reduce, now or within the window; false when there is. */
static bool safety_pass(struct safety *s, const struct dsp_block *b, uint32_t n)
{
    float ceilings[DSP_BLOCK_FRAMES];
    safety_ceilings(b, ceilings);
    /* window maxima that add up to 0 are all 0, and so is every reduction that is still to come */
    if (s->sum != 0 || !safety_harmless(b, SAFETY_LEFT, ceilings) ||
        !safety_harmless(b, SAFETY_RIGHT, ceilings))
        return false;
    for (uint32_t c = 0; c < 2; c++) {
        float *const out = dsp_out(b, c);
        safety_delay(b->memory + (size_t)c * n, n, s->position, dsp_in(b, c), out, b->n_frames);
        for (uint32_t i = 0; i < b->n_frames; i++) /* the ceiling may have come down since */
            out[i] = bounded(out[i], ceilings[i]);
    }
    s->position = (s->position + b->n_frames) % n;
    return true;
}

PH_RT static void safety_process(void *state, const struct dsp_block *b)
{
    if (safety_pass(state, b, b->memory_frames / 4))
        return;
    struct safety s = *(struct safety *)state;
    const float *const left = dsp_in(b, SAFETY_LEFT), *const right = dsp_in(b, SAFETY_RIGHT);
    const float *const ceilings = dsp_in(b, SAFETY_CEILING);
    const uint32_t dl = dsp_step(b, SAFETY_LEFT), dr = dsp_step(b, SAFETY_RIGHT);
    const uint32_t dc = dsp_step(b, SAFETY_CEILING), n = b->memory_frames / 4;
    float *const delayed_left = b->memory, *const delayed_right = b->memory + n;
    float *const reductions = b->memory + 2 * (size_t)n, *const maxima = b->memory + 3 * (size_t)n;

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float l = left[i * dl], r = right[i * dr], ceiling = dsp_max(ceilings[i * dc], 0);
        const bool sound = isfinite(l) && isfinite(r);
        const float l_in = isfinite(l) ? l : 0, r_in = isfinite(r) ? r : 0;
        if (!sound)
            b->node->flags |= DSP_NODE_NON_FINITE;
        const float peak = dsp_max(fabsf(l_in), fabsf(r_in));
        delayed_left[s.position] = l_in;
        delayed_right[s.position] = r_in;
        const float reduction = safety_reduction(peak, ceiling);
        const float gain = safety_gain(&s, reductions, maxima, n, reduction, 0);
        s.position = s.position + 1 == n ? 0 : s.position + 1;
        /* position is now that of the oldest frame; the bound takes the product's last rounding */
        dsp_out(b, 0)[i] = bounded(gain * delayed_left[s.position], ceiling);
        dsp_out(b, 1)[i] = bounded(gain * delayed_right[s.position], ceiling);
    }
    *(struct safety *)state = s;
}
const struct dsp_unit DSP(dsp_SafetyLimiter) = { sizeof(struct safety), safety_init,
                                                 safety_process, safety_memory };

/*
 * PeakLimiter - look-ahead limiter of one channel, with a release.
 *
 * in      [0] signal; what is no number counts as 0   [1] lookahead, seconds (up to 21000 frames),
 *         read
 *         once   [2] level   [3] release, seconds; both may move
 * out     [0] signal, delayed by round(lookahead * rate) frames, never above the level
 * gain    as SafetyLimiter's, from level / peak of the frames ahead; behind a peak what it takes
 *         away shrinks to 1/e in `release`
 * memory  as SafetyLimiter's, of one channel
 */
enum { PEAK_IN, PEAK_LOOKAHEAD, PEAK_LEVEL, PEAK_RELEASE };
enum { PEAK_FRAMES_MAX = 21000 }; /* three rings that aren't shared: see SAFETY_FRAMES_MAX */

PH_RT static uint32_t peak_limiter_memory(const struct dsp_block *b)
{
    const double n_frames = (double)dsp_in(b, PEAK_LOOKAHEAD)[0] * b->rate_hz;
    return 3 * (n_frames > 0 ? (uint32_t)(fmin(n_frames, PEAK_FRAMES_MAX) + 0.5) + 1 : 1);
}

PH_RT static void peak_limiter_process(void *state, const struct dsp_block *b)
{
    struct safety s = *(struct safety *)state;
    const float *const in = dsp_in(b, PEAK_IN), *const levels = dsp_in(b, PEAK_LEVEL);
    const float *const release = dsp_in(b, PEAK_RELEASE);
    const uint32_t dx = dsp_step(b, PEAK_IN), dl = dsp_step(b, PEAK_LEVEL);
    const uint32_t dr = dsp_step(b, PEAK_RELEASE), n = b->memory_frames / 3;
    float *const delayed = b->memory, *const reductions = delayed + n, *const held = reductions + n;
    float *const out = dsp_out(b, 0);
    float keep = 1.0f - decay_step(release[0], b->rate_hz);

    for (uint32_t i = 0; i < b->n_frames; i++) {
        const float x = isfinite(in[i * dx]) ? in[i * dx] : 0;
        const float level = safety_ceiling(levels[i * dl]);
        if (dr)
            keep = 1.0f - decay_step(release[i], b->rate_hz);
        delayed[s.position] = x;
        const float reduction = safety_reduction(fabsf(x), level);
        const float gain = safety_gain(&s, reductions, held, n, reduction, keep);
        s.position = s.position + 1 == n ? 0 : s.position + 1;
        out[i] = bounded(gain * delayed[s.position], level);
    }
    *(struct safety *)state = s;
}
const struct dsp_unit DSP(dsp_PeakLimiter) = { sizeof(struct safety), safety_init,
                                               peak_limiter_process, peak_limiter_memory };

#endif
