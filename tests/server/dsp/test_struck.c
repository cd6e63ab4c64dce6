/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_struck.c - MdaPiano, MembraneHexagon: pitch, silence, bounds.            */
#include "tests/server/dsp/stream.h"

static const float rate_hz = 48000;
enum { SECOND = 48000 / 64 * 64, GATE = 1, SUSTAIN = 14 };
static float y[2 * SECOND];

static struct unit_host *piano(float freq, float gate)
{
    struct unit_host *const h = host_new(PH_UNIT_MDA_PIANO, 0, 1, AR, rate_hz);
    for (uint32_t i = 0; i < ph_units[PH_UNIT_MDA_PIANO].n_inputs; i++)
        host_set(h, i, KR, ph_units[PH_UNIT_MDA_PIANO].inputs[i].initial);
    host_set(h, 0, KR, freq);
    host_set(h, GATE, KR, gate);
    host_init(h);
    return h;
}

/**
 * Ten times as loud at its key as a quarter of a tone beside
 * it, without random detuning and stretch.
 */
START_TEST(piano_is_in_tune)
{
    const float keys_hz[] = { 110, 440, 1760 };
    struct unit_host *const h = piano(keys_hz[_i], 1);
    host_set(h, 12, KR, 0);
    host_set(h, 13, KR, 0.5f);
    host_render(h, y, SECOND);
    const double tuned = level_at(y, SECOND, (double)keys_hz[_i], (double)rate_hz);
    ck_assert_double_gt(tuned,
                        10 * level_at(y, SECOND, (double)keys_hz[_i] * 1.0293, (double)rate_hz));
    ck_assert_double_gt(tuned,
                        10 * level_at(y, SECOND, (double)keys_hz[_i] / 1.0293, (double)rate_hz));
    host_free(h);
}
END_TEST

START_TEST(piano_sounds_when_the_gate_opens_and_is_damped_when_it_closes)
{
    struct unit_host *const h = piano(220, 0);
    host_render(h, y, 6400);
    ck_assert_double_eq(rms(y, 6400), 0);
    host_set(h, GATE, KR, 1);
    host_render(h, y, 6400);
    const double struck = rms(y, 6400);
    ck_assert_double_gt(struck, 0.01);
    host_set(h, SUSTAIN, KR, _i ? 1 : 0);
    host_set(h, GATE, KR, 0);
    host_render(h, y, 2 * SECOND);
    const double left = rms(y + 2 * SECOND - 6400, 6400);
    ck_assert(_i ? left > 0.03 * struck : left < 1e-3 * struck);
    host_free(h);
}
END_TEST

START_TEST(piano_starts_without_a_click)
{
    struct unit_host *const h = piano(440, 1);
    host_render(h, y, 64);
    ck_assert_float_eq(y[0], 0);
    ck_assert_float_lt(fabsf(y[1]), 0.02f);
    host_free(h);
}
END_TEST

static struct unit_host *membrane(float tension, float loss)
{
    struct unit_host *const h = host_new(PH_UNIT_MEMBRANE_HEXAGON, 0, 1, AR, rate_hz);
    host_set(h, 0, AR, 0);
    host_set(h, 1, KR, tension);
    host_set(h, 2, KR, loss);
    host_init(h);
    return h;
}

/** Of an impulse, from its first frame on, whatever tension and loss are. */
START_TEST(membrane_never_gets_louder)
{
    const float tension[] = { 1e9f, 0.5f, -0.45f, 0.2f, 0 }, loss[] = { 1, 2, -3, NAN };
    struct unit_host *const h = membrane(tension[_i % 5], loss[_i / 5]);
    h->in[0][0] = 1;
    host_render(h, y, 64);
    h->in[0][0] = 0;
    host_render(h, y + 64, SECOND);
    for (int i = 0; i < 64 + SECOND; i++)
        REQUIRE(fabsf(y[i]) <= 1, "frame %d: %g", i, (double)y[i]);
    host_free(h);
}
END_TEST

START_TEST(membrane_goes_on_after_nonsense)
{
    const float nonsense[] = { NAN, INFINITY, 3e38f };
    struct unit_host *const h = membrane(0.1f, 0.999f);
    host_set(h, 0, AR, nonsense[_i]);
    host_render(h, y, 64);
    host_set(h, 0, AR, 0);
    h->in[0][0] = 1;
    host_render(h, y, 640);
    ck_assert(all_finite(y, 640));
    ck_assert_double_gt(rms(y, 640), 1e-4);
    ck_assert_double_lt(rms(y, 640), 1);
    host_free(h);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("struck");
    tcase_add_loop_test(c, piano_is_in_tune, 0, 3);
    tcase_add_loop_test(c, piano_sounds_when_the_gate_opens_and_is_damped_when_it_closes, 0, 2);
    tcase_add_test(c, piano_starts_without_a_click);
    tcase_add_loop_test(c, membrane_never_gets_louder, 0, 20);
    tcase_add_loop_test(c, membrane_goes_on_after_nonsense, 0, 3);
    return host_run(argc, argv, "struck", c);
}
