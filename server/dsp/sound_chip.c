/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/dsp/sound_chip.c - AY: the sound chip AY-3-8910 and its sister YM2149.                  */
/* room: audio.                                                                                   */
#include "server/dsp/birth.h"
#include "server/dsp/each.h"

#if LANE_W == 1

enum { VOICES = 3, CLOCK_HZ = 1773400, LEVELS = 32 };
enum { TONE, NOISE = VOICES, CONTROL, VOLUME, ENV_PERIOD = VOLUME + VOICES, ENV_SHAPE, CHIP };
enum { SHAPE_HOLDS = 1, SHAPE_ALTERNATES = 2, SHAPE_RISES = 4, SHAPE_GOES_ON = 8,
       SHAPE_KEPT = 255 };

/** Levels as V_Soft and Lion 17 measured them: of the AY two steps each, of the YM one. */
static const uint16_t chip_levels[2][LEVELS] = {
    { 0, 0, 513, 513, 828, 828, 1239, 1239, 1923, 1923, 3238, 3238, 4926, 4926, 9110, 9110,
      10344, 10344, 17876, 17876, 24682, 24682, 30442, 30442, 38844, 38844, 47270, 47270,
      56402, 56402, 65535, 65535 },
    { 0, 0, 190, 286, 375, 470, 560, 664, 866, 1130, 1515, 1803, 2253, 2848, 3351, 3862,
      4844, 6058, 7290, 8559, 10474, 12878, 15297, 17787, 21500, 26172, 30866, 35676,
      42664, 50986, 58842, 65535 }
};
/** What the left of its three outputs hears of each voice, percent. */
static const uint8_t chip_shares[2][VOICES] = { { 100, 70, 33 }, { 100, 70, 5 } };

/*
 * AY
 *
 * in      [0] .. [2] periods of the tones, 0 .. 4095 eighths of 1.7734 MHz: half a wave
 *         [3] period of the noise, of which five bits count
 *         [4] control: bits 0 .. 2 let the voices' tones through, bits 3 .. 5 the noise. A voice
 *         with
 *         neither stands at its level   [5] .. [7] levels, 0 .. 15; 16 and more: the envelope's
 *         [8] period of the envelope, 0 .. 4095   [9] its shape: four bits; 255 keeps the one
 *             before
 *         [10] at birth: 1 is the YM2149, whose third voice is fainter
 *         All count at the start of a block, where the envelope begins again, but with shape 255
 * out     [0] the three voices, 0 .. 0.65 in steps of 1 / 128
 * state   the chip's registers and counters. It starts a block late, as scsynth's constructor runs
 *         one
 * cost    four to five steps of the chip per frame, some 25 operations each
 * source  General Instrument, AY-3-8910 data manual: registers, noise of 17 bits, envelope shapes
 */
struct sound_chip {
    uint32_t period[VOICES], noise_period, env_period, env_shape, control, volume[VOICES], chip;
    uint32_t count[VOICES], noise_count, env_count, env_at;
    uint32_t up; /* bits of the tones, and of the noise */
    uint32_t shift;
};

/** The envelope's level: ramps of 32 steps; `at` is below 128 and goes back to 64. */
LANE_FN uint32_t chip_envelope(uint32_t shape, uint32_t at)
{
    const uint32_t ramp = at / LEVELS, step = at % LEVELS;
    const bool rises = shape & SHAPE_RISES, alternates = shape & SHAPE_ALTERNATES;
    if (ramp > 0 && !(shape & SHAPE_GOES_ON))
        return 0;
    if (ramp > 0 && (shape & SHAPE_HOLDS))
        return rises != alternates ? LEVELS - 1 : 0;
    return (rises != (alternates && ramp % 2)) ? step : LEVELS - 1 - step;
}

/** Whether a counter has come to its period; then it starts over. */
LANE_FN bool chip_counts(uint32_t *count, uint32_t period)
{
    const bool ends = ++*count >= period;
    *count = ends ? 0 : *count;
    return ends;
}

LANE_FN void chip_step(struct sound_chip *s)
{
    for (uint32_t k = 0; k < VOICES; k++)
        s->up ^= (uint32_t)chip_counts(&s->count[k], s->period[k]) << k;
    if (chip_counts(&s->noise_count, 2 * s->noise_period)) {
        s->shift = (2 * s->shift + 1) ^ ((s->shift >> 16 ^ s->shift >> 13) & 1);
        s->up = (s->up & 7) | (s->shift >> 16 & 1) << VOICES;
    }
    if (chip_counts(&s->env_count, s->env_period))
        s->env_at = s->env_at == 127 ? 64 : s->env_at + 1;
}

/** The sum of the voices that are up. */
LANE_FN uint32_t chip_sum(const struct sound_chip *s)
{
    const uint32_t noise = s->up >> VOICES ? 7 : 0, tones = s->control & 7;
    const uint32_t noises = s->control >> 3;
    const uint32_t open = (s->up | ~tones) & (noise | ~noises);
    uint32_t sum = 0;
    for (uint32_t k = 0; k < VOICES; k++) {
        const uint32_t fixed = 2 * (s->volume[k] & 15) + 1;
        const uint32_t level = s->volume[k] & 16 ? chip_envelope(s->env_shape, s->env_at) : fixed;
        const uint32_t share =
            chip_levels[s->chip][level] * (uint32_t)chip_shares[s->chip][k] / 100;
        sum += open >> k & 1 ? share : 0;
    }
    return sum;
}

/** Steps of the chip per frame; whole, as the emulation in sc3-plugins has it. */
LANE_FN uint32_t chip_steps(const struct dsp_block *b)
{
    const float steps = (float)(CLOCK_HZ / 8) / b->rate_hz;
    return steps >= 2 ? (uint32_t)steps : 1;
}

/** Frames of 8 bits: the loudest sum of all steps is 83 of 128. */
LANE_FN float chip_frame(struct sound_chip *s, uint32_t steps)
{
    const uint32_t full = 157283; /* 65535 and two shares of 70 % */
    uint32_t sum = 0;
    for (uint32_t i = 0; i < steps; i++) {
        chip_step(s);
        sum += chip_sum(s);
    }
    return (float)(sum / (steps * full / 24575) >> 8) * (1.0f / 128.0f);
}

LANE_FN uint32_t chip_register(const struct dsp_block *b, uint32_t input, int32_t highest)
{
    const int32_t x = each_whole((double)dsp_value(b, input, 0));
    return (uint32_t)(x < 0 ? 0 : x > highest ? highest : x);
}

PH_RT static void chip_set(struct sound_chip *s, const struct dsp_block *b)
{
    const uint32_t shape = (uint32_t)each_whole((double)dsp_value(b, ENV_SHAPE, 0)) & 255;
    for (uint32_t k = 0; k < VOICES; k++) {
        s->period[k] = chip_register(b, TONE + k, 4095);
        s->volume[k] = chip_register(b, VOLUME + k, 31);
    }
    s->noise_period = (uint32_t)each_whole((double)dsp_value(b, NOISE, 0)) & 31;
    s->control = (uint32_t)each_whole((double)dsp_value(b, CONTROL, 0)) & 63;
    s->env_period = chip_register(b, ENV_PERIOD, 4095);
    if (shape != SHAPE_KEPT) {
        s->env_shape = shape & 15;
        s->env_at = s->env_count = 0;
    }
}

PH_RT static void chip_init(void *state, const struct dsp_block *b)
{
    struct sound_chip s = { .shift = 0xffff,
                            .chip = each_whole((double)dsp_value(b, CHIP, 0)) == 1 };
    const uint32_t steps = chip_steps(b) * b->env->block_frames;
    chip_set(&s, b);
    for (uint32_t i = 0; i < steps; i++)
        chip_step(&s);
    *(struct sound_chip *)state = s;
}

PH_RT static void chip_process(void *state, const struct dsp_block *b)
{
    struct sound_chip s = *(struct sound_chip *)state;
    const uint32_t steps = chip_steps(b);
    float *const out = dsp_out(b, 0);
    if (b->node[0].first_frame == 0)
        chip_set(&s, b);
    for (uint32_t i = 0; i < b->n_frames; i++)
        out[i] = chip_frame(&s, steps);
    *(struct sound_chip *)state = s;
}
const struct dsp_unit DSP(dsp_AY) = { sizeof(struct sound_chip), chip_init, chip_process };

#else
typedef int sound_chip_has_no_wide_form; /* a translation unit must declare something */
#endif
