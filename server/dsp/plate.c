/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/plate.c - Plate: the figure-of-eight reverb.                                        */
/* room: audio. One voice at a time: its memory is what it costs.                                 */
#include "server/dsp/lane_phase.h"
#include "server/dsp/tap.h"

#if LANE_W == 1

/*
 * Plate - four all-passes in a row, then two halves of a tank that feed each other: all-pass whose
 * delay moves, delay, one-pole, all-pass, delay.
 *
 * in      [0] left, [1] right: their mean enters
 *         [2] decay, seconds to -60 dB, 0.1 .. 10
 *         [3] diffusion, 0 .. 1: gains of the all-passes; 0.7 gives those of the paper
 *         [4] damping, 0 .. 1: the one-pole's memory, 0.95 of it at the paper's rate
 *         [5] moddepth, 0 .. 1: of the 16 frames that the paper lets the moving all-passes swing
 * out     [0] left, [1] right: seven taps each, 0.6 times their sum; without the dry signal
 * tuning  the paper's lengths, which count at 29,761 Hz, in seconds; swing at 1 Hz, the halves a
 *         quarter of a turn apart
 * decay   half the tank holds T seconds (all-passes by their mean group delay) and keeps
 *         10^(-3 T / decay), half of it (in dB) behind each of its two long delays
 * cost    20 reads and 12 writes of memory per frame, two of them interpolated
 * source  J. Dattorro, Effect Design Part 1: Reverberator and Other Filters, J. Audio Eng. Soc.
 *         45 (9), 1997, figure 1 and tables 1 and 2
 */
enum plate_line {
    IN_1, IN_2, IN_3, IN_4,
    LEFT_SWING, LEFT_DELAY, LEFT_ALLPASS, LEFT_END,
    RIGHT_SWING, RIGHT_DELAY, RIGHT_ALLPASS, RIGHT_END,
    N_LINES
};
static const uint16_t line_lengths[N_LINES] = {
    142, 107, 379, 277, 672, 4453, 1800, 3720, 908, 4217, 2656, 3163
};
static const float table_rate_hz = 29761;
enum { SWING = 16, HALF = LEFT_END - LEFT_SWING + 1, N_OUT_TAPS = 7 };

static const struct out_tap { uint8_t line; uint16_t at; float sign; } out_taps[2][N_OUT_TAPS] = {
    { { RIGHT_DELAY, 266, 1 }, { RIGHT_DELAY, 2974, 1 }, { RIGHT_ALLPASS, 1913, -1 },
      { RIGHT_END, 1996, 1 }, { LEFT_DELAY, 1990, -1 }, { LEFT_ALLPASS, 187, -1 },
      { LEFT_END, 1066, -1 } },
    { { LEFT_DELAY, 353, 1 }, { LEFT_DELAY, 3627, 1 }, { LEFT_ALLPASS, 1228, -1 },
      { LEFT_END, 2673, 1 }, { RIGHT_DELAY, 2111, -1 }, { RIGHT_ALLPASS, 335, -1 },
      { RIGHT_END, 121, -1 } }
};

enum { PLATE_LEFT, PLATE_RIGHT, PLATE_DECAY, PLATE_DIFFUSION, PLATE_DAMPING, PLATE_SWING };
struct plate {
    uint32_t position[N_LINES], phase;
    float damped[2], decay, diffusion, damping, swing;
};

/** A length of the tables in frames. */
LANE_FN uint32_t plate_frames(uint32_t length, float rate_hz)
{
    return (uint32_t)((float)length * (rate_hz / table_rate_hz) + 0.5f);
}
/** The longest that is read from a line. */
LANE_FN uint32_t plate_longest(int line, float rate_hz)
{
    const bool swings = line == LEFT_SWING || line == RIGHT_SWING;
    return plate_frames(line_lengths[line] + (swings ? SWING + 1 : 0), rate_hz) + 2;
}

PH_RT static uint32_t plate_memory(const struct dsp_block *b)
{
    uint32_t n = 0;
    for (int k = 0; k < N_LINES; k++)
        n += tap_ring_frames(plate_longest(k, b->rate_hz));
    return n;
}

PH_RT static void plate_init(void *state, const struct dsp_block *b)
{
    *(struct plate *)state = (struct plate){ .decay = knob_start(b, PLATE_DECAY, 0.1f, 10),
                                             .diffusion = knob_start(b, PLATE_DIFFUSION, 0, 1),
                                             .damping = knob_start(b, PLATE_DAMPING, 0, 1),
                                             .swing = knob_start(b, PLATE_SWING, 0, 1) };
}

/** One call: the knobs as the network needs them, frame by frame, and the rings. */
struct plate_run {
    struct ring rings[N_LINES];
    uint32_t frames[N_LINES];
    _Alignas(64) float in[DSP_BLOCK_FRAMES];
    _Alignas(64) float in_1[DSP_BLOCK_FRAMES], in_2[DSP_BLOCK_FRAMES]; /* gains of all-passes */
    _Alignas(64) float tank_1[DSP_BLOCK_FRAMES], tank_2[DSP_BLOCK_FRAMES];
    _Alignas(64) float keep[DSP_BLOCK_FRAMES]; /* of the one-poles */
    _Alignas(64) float gain[2][DSP_BLOCK_FRAMES]; /* of a quarter of the tank */
    double swing[2][DSP_BLOCK_FRAMES];
    bool swings;
};

/** f(knob) for every frame, once where it stands still. */
#define EACH(to, moves, n, f)                                                                      \
    do {                                                                                           \
        const uint32_t n_different = (moves) ? (n) : 1;                                            \
        for (uint32_t i = 0; i < n_different; i++)                                                 \
            (to)[i] = f;                                                                           \
        for (uint32_t i = n_different; i < (n); i++)                                               \
            (to)[i] = (to)[0];                                                                     \
    } while (0)

static void plate_gains(struct plate *s, const struct dsp_block *b, struct plate_run *w)
{
    _Alignas(64) float knob[DSP_BLOCK_FRAMES];
    const uint32_t n = b->n_frames;

    bool moves = knob_frames(b, PLATE_DECAY, 0.1f, 10, &s->decay, knob);
    for (int half = 0; half < 2; half++) {
        float seconds = 0;
        for (int k = 0; k < HALF; k++)
            seconds += line_lengths[LEFT_SWING + half * HALF + k] / table_rate_hz;
        EACH(w->gain[half], moves, n, lane_exp(0.5f * tap_decay(seconds, knob[i])));
    }
    moves = knob_frames(b, PLATE_DIFFUSION, 0, 1, &s->diffusion, knob);
    EACH(w->in_1, moves, n, lane_min(knob[i] * (0.75f / 0.7f), 0.9f));
    EACH(w->in_2, moves, n, knob[i] * (0.625f / 0.7f));
    EACH(w->tank_1, moves, n, lane_min(knob[i], 0.9f));
    /* a short decay needs the long all-passes to ring less: the paper's rule for 0.5 */
    EACH(w->tank_2, moves || w->gain[0][0] != w->gain[0][n - 1], n,
         (1 / 0.7f) * knob[i] * tap_limit(w->gain[0][i] + 0.15f, 0.25f, 0.5f));
    moves = knob_frames(b, PLATE_DAMPING, 0, 1, &s->damping, knob);
    EACH(w->keep, moves, n, lane_pow(0.95f * knob[i], table_rate_hz / b->rate_hz));
}

/** The delays of the two all-passes that swing. */
static void plate_swing(struct plate *s, const struct dsp_block *b, struct plate_run *w)
{
    _Alignas(64) float depth[DSP_BLOCK_FRAMES];
    const uint32_t step = (uint32_t)(4294967296.0 / b->rate_hz);
    const float most = SWING * (b->rate_hz / table_rate_hz);
    const double left = w->frames[LEFT_SWING], right = w->frames[RIGHT_SWING];

    w->swings = knob_frames(b, PLATE_SWING, 0, 1, &s->swing, depth) || depth[0] > 0;
    for (uint32_t i = 0; i < b->n_frames; i++) {
        const uint32_t phase = s->phase + i * step;
        w->swing[0][i] = left + (double)(most * depth[i] * lane_sin_phase(phase));
        w->swing[1][i] = right + (double)(most * depth[i] * lane_cos_phase(phase));
    }
    s->phase += b->n_frames * step;
}

static void plate_set(struct plate *s, const struct dsp_block *b, struct plate_run *w)
{
    _Alignas(64) float right[DSP_BLOCK_FRAMES];
    float *memory = b->memory;

    for (int k = 0; k < N_LINES; k++) {
        w->frames[k] = plate_frames(line_lengths[k], b->rate_hz);
        w->rings[k] = tap_next_ring(&memory, plate_longest(k, b->rate_hz), s->position[k]);
    }
    healed_input(b, PLATE_LEFT, w->in);
    healed_input(b, PLATE_RIGHT, right);
    for (uint32_t i = 0; i < b->n_frames; i++)
        w->in[i] = 0.5f * (w->in[i] + right[i]);
    plate_gains(s, b, w);
    plate_swing(s, b, w);
}

/** The one-pole behind the long delay of a half, and the half's first gain. */
LANE_FN float plate_damp(const float *restrict keep, const float *restrict gain, uint32_t n,
                         float y, float *restrict x)
{
    for (uint32_t i = 0; i < n; i++)
        x[i] = (1.0f - keep[i]) * x[i];
    for (uint32_t i = 0; i < n; i++) {
        y = lane_fma(keep[i], y, x[i]);
        x[i] = gain[i] * y;
    }
    return y;
}

/** A run of one half: frames `at` and behind; x holds what enters it. */
static void plate_half(struct plate *s, const struct plate_run *w, int half, uint32_t at,
                       uint32_t n, float *restrict x)
{
    _Alignas(64) float swung[DSP_BLOCK_FRAMES];
    const struct ring *const r = w->rings + LEFT_SWING + half * HALF;
    const uint32_t *const frames = w->frames + LEFT_SWING + half * HALF;

    tap_read(r, w->swing[half] + at, w->swings, n, swung);
    tap_allpass(r, swung, w->tank_1 + at, -1, n, x);
    tap_write(r + 1, x, n);
    tap_copy(r + 1, frames[1], n, x);
    s->damped[half] = plate_damp(w->keep + at, w->gain[half] + at, n, s->damped[half], x);
    tap_allpass_whole(r + 2, frames[2], w->tank_2 + at, n, x);
    tap_write(r + 3, x, n);
}

/** The taps of one side. */
static void plate_out(const struct plate_run *w, int side, float rate_hz, uint32_t n,
                      float *restrict out)
{
    struct ring_run copy;
    memset(out, 0, n * sizeof(float));
    for (int k = 0; k < N_OUT_TAPS; k++) {
        const struct out_tap *const tap = &out_taps[side][k];
        const float gain = 0.6f * tap->sign;
        const uint32_t frames = plate_frames(tap->at, rate_hz);
        const float *const x = ring_read(&w->rings[tap->line], frames, &copy);
        for (uint32_t i = 0; i < n; i++)
            out[i] += gain * x[i];
    }
}

/** Frames at .. at + n - 1, no more than the shortest line holds. */
static void plate_run(struct plate *s, const struct dsp_block *b, struct plate_run *w, uint32_t at,
                      uint32_t n)
{
    _Alignas(64) float left[DSP_BLOCK_FRAMES], right[DSP_BLOCK_FRAMES];
    float *const x = w->in + at;

    for (int k = IN_1; k <= IN_4; k++)
        tap_allpass_whole(&w->rings[k], w->frames[k], (k < IN_3 ? w->in_1 : w->in_2) + at, n, x);
    tap_copy(&w->rings[RIGHT_END], w->frames[RIGHT_END], n, left);
    tap_copy(&w->rings[LEFT_END], w->frames[LEFT_END], n, right);
    for (uint32_t i = 0; i < n; i++) {
        left[i] = x[i] + w->gain[1][at + i] * left[i];
        right[i] = x[i] + w->gain[0][at + i] * right[i];
    }
    plate_half(s, w, 0, at, n, left);
    plate_half(s, w, 1, at, n, right);
    for (int side = 0; side < 2; side++)
        plate_out(w, side, b->rate_hz, n, (float *)dsp_out(b, side) + at);
    for (int k = 0; k < N_LINES; k++)
        w->rings[k].position = ring_ahead(w->rings[k].position, n, w->rings[k].n);
}

PH_RT static void plate_process(void *state, const struct dsp_block *b)
{
    struct plate *const s = state;
    struct plate_run w;

    plate_set(s, b, &w);
    for (uint32_t at = 0, n; at < b->n_frames; at += n) {
        n = tap_least(b->n_frames - at, w.frames[IN_2]);
        plate_run(s, b, &w, at, n);
    }
    for (int k = 0; k < N_LINES; k++)
        s->position[k] = w.rings[k].position;
}
const struct dsp_unit DSP(dsp_Plate) = { sizeof(struct plate), plate_init, plate_process,
                                         plate_memory };

#else
typedef int plate_has_no_wide_form; /* a translation unit must declare something */
#endif
