/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_plugins.c - units of sc3-plugins: pitch, bounds, what makes no sense.    */
#include "tests/server/dsp/stream.h"

static const float rate_hz = 48000;
enum { SECOND = 48000, LONG = 10 * SECOND, BLOCK = DSP_BLOCK_FRAMES };
static float x[LONG];
static const float nonsense[] = { NAN, INFINITY, -INFINITY, 1e30f, -1e30f, -1, 0, 1e-42f };
enum { N_NONSENSE = sizeof nonsense / sizeof *nonsense };

/** With the row's values. */
static struct unit_host *unit_of(enum ph_unit id, uint32_t width)
{
    struct unit_host *const h = host_new(id, 0, width, AR, rate_hz);
    for (uint32_t i = 0; i < ph_units[id].n_inputs; i++)
        host_set(h, i, KR, ph_units[id].inputs[i].initial);
    return h;
}

/** Renders n blocks; the largest magnitude in any lane of output 0. */
static float loudest(struct unit_host *h, int n_blocks)
{
    float most = 0;
    for (int block = 0; block < n_blocks; block++) {
        host_block(h);
        for (uint32_t i = 0; i < BLOCK * h->width; i++) {
            REQUIRE(isfinite(h->out[0][i]), "%s: %g", ph_units[h->id].name, (double)h->out[0][i]);
            most = fmaxf(most, fabsf(h->out[0][i]));
        }
    }
    return most;
}

/* --------------------------------------------------------------------------------------- SawDPW */

/**
 * Frames between the first fall and the last one, for so many falls: within a frame of ten seconds.
 */
START_TEST(saw_dpw_is_in_tune)
{
    static const float keys_hz[] = { 27.5f, 440, 4186.009f };
    struct unit_host *const h = unit_of(PH_UNIT_SAW_DPW, 1);
    int first = 0, last = 0, falls = -1;
    host_set(h, 0, _i % 2 ? AR : KR, keys_hz[_i / 2]);
    host_init(h);
    host_render(h, x, LONG);
    for (int i = 1; i < LONG; i++)
        if (x[i - 1] > 0 && x[i] <= 0) {
            first = falls < 0 ? i : first;
            last = i;
            falls++;
        }
    const double hz = falls * (double)rate_hz / (last - first);
    ck_assert_double_lt(fabs(1200 * log2(hz / (double)keys_hz[_i / 2])), 0.02);
    host_free(h);
}
END_TEST

START_TEST(saw_dpw_keeps_its_height_at_any_frequency_and_after_it)
{
    for (uint32_t width = 1; width; width = host_wider(width))
        for (int v = 0; v < N_NONSENSE; v++) {
            struct unit_host *const h = unit_of(PH_UNIT_SAW_DPW, width);
            host_set(h, 0, _i ? AR : KR, nonsense[v]);
            host_set(h, 1, KR, nonsense[v]);
            host_init(h);
            ck_assert_float_le(loudest(h, 10), 0.50001f);
            host_set(h, 0, _i ? AR : KR, 440);
            const float most = loudest(h, 10);
            REQUIRE(most > 0.45f && most < 0.51f, "after %g: %g", (double)nonsense[v],
                    (double)most);
            host_free(h);
        }
}
END_TEST

/* ---------------------------------------------------------------------------------------- BMoog */

START_TEST(b_moog_stays_within_its_stages)
{
    static const float bounds[] = { 0.95f, INFINITY, 3.8f }, q[] = { 0, 1, 1e9f, -1e9f };
    for (uint32_t width = 1; width; width = host_wider(width))
        for (int freq = 10; freq < 100000; freq *= 10)
            for (int k = 0; k < 4; k++) {
                struct unit_host *const h = unit_of(PH_UNIT_B_MOOG, width);
                host_set(h, 0, AR, 0);
                host_set(h, 1, KR, (float)freq);
                host_set(h, 2, KR, q[k]);
                host_set(h, 3, KR, (float)_i);
                host_init(h);
                fill_noise(h->in[0], BLOCK * width, 9);
                for (uint32_t i = 0; i < BLOCK * width; i++)
                    h->in[0][i] *= 100;
                ck_assert_float_le(loudest(h, 20), bounds[_i]);
                host_free(h);
            }
}
END_TEST

/* ------------------------------------------------------------------------------------------ FM7 */

enum { OPERATORS = 6, WEIGHTS = 18, FM7_INPUTS = 54 };

static struct unit_host *fm7(uint32_t width)
{
    struct unit_host *const h = host_new(PH_UNIT_FM7, 0, width, AR, rate_hz);
    for (uint32_t k = 0; k < OPERATORS; k++) {
        host_set(h, 3 * k, KR, 110.0f * (float)(k + 1));
        host_set(h, 3 * k + 1, KR, 0.5f * (float)k);
        host_set(h, 3 * k + 2, KR, 0.3f + 0.1f * (float)k);
    }
    for (uint32_t k = 0; k < OPERATORS * OPERATORS; k++)
        host_set(h, WEIGHTS + k, KR, 0.02f * (float)(k % 11) - 0.1f);
    return h;
}

/** Each moves each and itself: against the definition, in double. */
START_TEST(fm7_with_all_its_modulators_is_what_it_says)
{
    enum { N = 100 * BLOCK };
    static float out[OPERATORS][N];
    struct unit_host *const h = fm7(1);
    float *const outs[HOST_OUTPUTS] = { out[0], out[1], out[2], out[3], out[4], out[5] };
    const double tau = 6.283185307179586;
    double last[OPERATORS], next[OPERATORS];

    stream_run(h, NULL, 0, N, BLOCK, outs);
    for (int k = 0; k < OPERATORS; k++) /* a frame has gone by at birth, without modulators */
        last[k] = (double)h->in[3 * k + 2][0] * sin((double)h->in[3 * k + 1][0]);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < OPERATORS; k++) {
            double radians = tau * (double)h->in[3 * k][0] * (i + 1) / (double)rate_hz;
            radians += (double)h->in[3 * k + 1][0];
            for (int j = 0; j < OPERATORS; j++)
                radians += (double)h->in[WEIGHTS + OPERATORS * k + j][0] * last[j];
            next[k] = (double)h->in[3 * k + 2][0] * sin(radians);
            /* steps cut off at 2^-29 of a turn: 8e-5 radians by the end */
            REQUIRE(fabs(out[k][i] - next[k]) < 2e-4, "operator %d, frame %d: %g, not %g", k, i,
                    (double)out[k][i], next[k]);
        }
        memcpy(last, next, sizeof last);
    }
    host_free(h);
}
END_TEST

START_TEST(fm7_is_never_louder_than_its_amplitudes)
{
    for (uint32_t width = 1; width; width = host_wider(width))
        for (int v = 0; v < N_NONSENSE; v++) {
            struct unit_host *const h = fm7(width);
            for (uint32_t i = 0; i < FM7_INPUTS; i++)
                if (i >= WEIGHTS || i % 3 != 2)
                    host_set(h, i, KR, nonsense[v]);
            host_init(h);
            for (int block = 0; block < 20; block++) {
                host_block(h);
                for (uint32_t k = 0; k < OPERATORS; k++)
                    for (uint32_t i = 0; i < BLOCK * width; i++)
                        REQUIRE(fabsf(h->out[k][i]) <= 1.00001f * h->in[3 * k + 2][0], "%g: %g",
                                (double)nonsense[v], (double)h->out[k][i]);
            }
            host_free(h);
        }
}
END_TEST

/** One input each: it has its effect for a block, and on the way out of it for another. */
START_TEST(fm7_goes_on_after_nonsense)
{
    for (uint32_t width = 1; width; width = host_wider(width))
        for (int v = 0; v < N_NONSENSE; v++) {
            struct unit_host *const h = fm7(width);
            const float sane = h->in[_i][0];
            host_init(h);
            host_set(h, (uint32_t)_i, KR, nonsense[v]);
            host_block(h);
            host_set(h, (uint32_t)_i, KR, sane);
            host_block(h);
            REQUIRE(loudest(h, 20) > 0.25f, "input %d after %g", _i, (double)nonsense[v]);
            host_free(h);
        }
}
END_TEST

/* ------------------------------------------------------------------------------------------- AY */

enum { AY_NOISE = 3, AY_CONTROL, AY_VOLUME, AY_ENV_PERIOD = 8, AY_ENV_SHAPE, AY_CHIP };

/** One tone. */
static struct unit_host *chip(float period, float control, float volume)
{
    struct unit_host *const h = unit_of(PH_UNIT_AY, 1);
    host_set(h, 0, KR, period);
    host_set(h, AY_CONTROL, KR, control);
    for (uint32_t k = 0; k < 3; k++)
        host_set(h, AY_VOLUME + k, KR, k == 0 ? volume : 0);
    host_init(h);
    return h;
}

/** Four steps of the chip a frame, half a wave of so many: each time of the same length. */
START_TEST(ay_holds_half_a_wave_for_its_period)
{
    static const int periods[] = { 4, 40, 400, 4000 };
    struct unit_host *const h = chip((float)periods[_i], 1, 15);
    int last = -1;
    host_render(h, x, SECOND);
    const float half = 0.5f * (float)peak(x, SECOND);
    for (int i = 1; i < SECOND; i++)
        if ((x[i] > half) != (x[i - 1] > half)) {
            REQUIRE(last < 0 || i - last == periods[_i] / 4, "%d frames", i - last);
            last = i;
        }
    ck_assert_int_gt(last, SECOND - periods[_i]);
    host_free(h);
}
END_TEST

/** Renders a tone of some period with noise of another. */
static void render_chip(float period, float noise, float volume, float *to, uint32_t n)
{
    struct unit_host *const h = unit_of(PH_UNIT_AY, 1);
    host_set(h, 0, KR, period);
    host_set(h, AY_NOISE, KR, noise);
    host_set(h, AY_CONTROL, KR, 9);
    host_set(h, AY_VOLUME, KR, volume);
    host_init(h);
    host_render(h, to, n);
    host_free(h);
}

START_TEST(ay_reads_its_registers_within_their_bits)
{
    static float y[6400];
    static const struct {
        float tone, noise, volume, same_tone, same_noise, same_volume;
    } rows[] = {
        { 1e9f, 5, 9, 4095, 5, 9 },      { 4096, 5, 9, 4095, 5, 9 },  { -7, 5, 9, 0, 5, 9 },
        { NAN, 5, 9, 0, 5, 9 },          { 100.9f, 5, 9, 100, 5, 9 }, { 100, 33, 9, 100, 1, 9 },
        { 100, INFINITY, 9, 100, 0, 9 }, { 100, 5, -1, 100, 5, 0 },   { 100, 5, 99, 100, 5, 31 },
        { 100, 5, 20, 100, 5, 16 },
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        render_chip(rows[k].tone, rows[k].noise, rows[k].volume, x, 6400);
        render_chip(rows[k].same_tone, rows[k].same_noise, rows[k].same_volume, y, 6400);
        assert_same(y, x, 6400, "registers");
    }
}
END_TEST

START_TEST(ay_gives_eight_bits_whatever_it_is_told)
{
    fill_noise(x, 12 * 200, 3);
    for (int trial = 0; trial < 200; trial++) {
        struct unit_host *const h = unit_of(PH_UNIT_AY, 1);
        for (uint32_t i = 0; i < h->b.n_in; i++) {
            const float r = x[12 * trial + (int)i];
            const uint32_t k = (uint32_t)(fabsf(r) * 7919) % (2 * N_NONSENSE);
            host_set(h, i, KR, k < N_NONSENSE ? nonsense[k] : r * 5000);
        }
        host_init(h);
        for (int block = 0; block < 20; block++) {
            host_block(h);
            for (int i = 0; i < BLOCK; i++) {
                const float step = h->out[0][i] * 128;
                REQUIRE(step >= 0 && step <= 83 && step == floorf(step), "%g", (double)step);
            }
        }
        host_free(h);
    }
}
END_TEST

/* ---------------------------------------------------------------------------------------- Squiz */

/**
 * Everything that comes out has come in, or is silence: that it also takes for what isn't finite.
 */
START_TEST(squiz_gives_only_what_it_was_given)
{
    for (int ratio = 0; ratio < N_NONSENSE; ratio++)
        for (int waves = 0; waves < N_NONSENSE; waves++) {
            struct unit_host *const h = unit_of(PH_UNIT_SQUIZ, 1);
            host_set(h, 1, KR, nonsense[ratio]);
            host_set(h, 2, KR, nonsense[waves]);
            host_set(h, 3, KR, nonsense[_i]);
            host_set(h, 0, AR, 0);
            fill_noise(h->in[0], BLOCK, 4);
            host_init(h);
            for (int block = 0; block < 40; block++) {
                h->in[0][5] = block < 3 ? NAN : 0.25f;
                h->in[0][6] = block < 3 ? -INFINITY : 0.75f;
                host_block(h);
                for (int i = 0; i < BLOCK; i++) {
                    bool is_known = h->out[0][i] == 0;
                    for (int k = 0; k < BLOCK && !is_known; k++)
                        is_known = h->out[0][i] == h->in[0][k];
                    REQUIRE(is_known, "block %d, frame %d: %g", block, i, (double)h->out[0][i]);
                }
            }
            host_free(h);
        }
}
END_TEST

/* ------------------------------------------------------------------------------------ Decimator */

/** A second of frames that count up: how many of them come out; no other does. */
static int frames_taken(struct unit_host *h)
{
    float before = h->out[0][BLOCK - 1];
    int n = 0;
    for (int at = 0; at < SECOND; at += BLOCK) {
        for (int i = 0; i < BLOCK; i++)
            h->in[0][i] = (float)(at + i + 1);
        host_block(h);
        for (int i = 0; i < BLOCK; i++) {
            const float now = h->out[0][i];
            REQUIRE(now == before || now == h->in[0][i], "frame %d: %g", at + i, (double)now);
            n += now != before;
            before = now;
        }
    }
    return n;
}

START_TEST(decimator_takes_as_many_frames_as_its_rate_says)
{
    static const float rates_hz[] = { 48000, 24000, 12000, 11025, 1000, 7.5f, 0, -5, NAN, 1e30f };
    static const int changes[] = { 48000, 24000, 12000, 11025, 1000, 7, 0, 0, 0, 48000 };
    struct unit_host *const h = unit_of(PH_UNIT_DECIMATOR, 1);
    host_set(h, 0, AR, 0);
    host_set(h, 1, KR, rates_hz[_i]);
    host_set(h, 2, KR, 32);
    host_init(h);
    ck_assert_int_le(abs(frames_taken(h) - changes[_i]), 1);
    host_set(h, 1, KR, 12000);
    ck_assert_int_le(abs(frames_taken(h) - 12000), 1);
    host_free(h);
}
END_TEST

/** Steps of 2^(0.999 - bits): on odd multiples of half a step, at most a step away. */
START_TEST(decimator_has_as_many_levels_as_its_bits_say)
{
    const double step = exp2(0.999 - _i);
    for (uint32_t width = 1; width; width = host_wider(width)) {
        struct unit_host *const h = unit_of(PH_UNIT_DECIMATOR, width);
        host_set(h, 0, AR, 0);
        host_set(h, 1, KR, rate_hz);
        host_set(h, 2, KR, (float)_i);
        fill_noise(h->in[0], BLOCK * width, 8);
        host_init(h);
        host_block(h);
        for (uint32_t i = 0; i < BLOCK * width; i++) {
            const double y = h->out[0][i], half_steps = 2 * y / step;
            REQUIRE(fabs(half_steps - (2 * floor(half_steps / 2) + 1)) <
                        1e-6 * (1 + fabs(half_steps)),
                    "%g is %.9g half steps", y, half_steps);
            REQUIRE(fabs(y - h->in[0][i]) <= step, "%g of %g", y, (double)h->in[0][i]);
        }
        host_free(h);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("plugins");
    tcase_add_loop_test(c, saw_dpw_is_in_tune, 0, 6);
    tcase_add_loop_test(c, saw_dpw_keeps_its_height_at_any_frequency_and_after_it, 0, 2);
    tcase_add_loop_test(c, b_moog_stays_within_its_stages, 0, 3);
    tcase_add_test(c, fm7_with_all_its_modulators_is_what_it_says);
    tcase_add_test(c, fm7_is_never_louder_than_its_amplitudes);
    tcase_add_loop_test(c, fm7_goes_on_after_nonsense, 0, FM7_INPUTS);
    tcase_add_loop_test(c, ay_holds_half_a_wave_for_its_period, 0, 4);
    tcase_add_test(c, ay_reads_its_registers_within_their_bits);
    tcase_add_test(c, ay_gives_eight_bits_whatever_it_is_told);
    tcase_add_loop_test(c, squiz_gives_only_what_it_was_given, 0, N_NONSENSE);
    tcase_add_loop_test(c, decimator_takes_as_many_frames_as_its_rate_says, 0, 10);
    tcase_add_loop_test(c, decimator_has_as_many_levels_as_its_bits_say, 1, 20);
    return host_run(argc, argv, "plugins", c);
}
