/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_diffuser.c - Diffuser.                                                   */
#include "tests/server/dsp/decay.h"

enum { N = 48000 };
static float in[N], out[N];

static void render(float amount, float rate)
{
    struct unit_host *const h = host_new(PH_UNIT_DIFFUSER, 0, 1, AR, rate);
    host_set(h, 1, IR, amount);
    stream(h, in, N, 64, out);
    host_free(h);
}

/** Frames of an impulse response that are more than 1e-5 of the impulse. */
static int n_echoes(void)
{
    int n = 0;
    for (int i = 0; i < N; i++)
        n += fabsf(out[i]) > 1e-5f;
    return n;
}

START_TEST(energy_stays_and_is_spread)
{
    const float rates[] = { 44100, 48000, 96000 }, amounts[] = { 0, 0.3f, 0.7f, 1 };
    fill_impulse(in, N);
    for (int r = 0; r < 3; r++)
        for (int k = 0; k < 4; k++) {
            render(amounts[k], rates[r]);
            /* one way through eight channels has an eighth of their power on the average only */
            ck_assert_double_eq_tol(10 * log10(energy(out, N)), 0, 1.5);
            ck_assert_double_lt(peak(out, N), 0.3);
        }
}
END_TEST

START_TEST(amount_multiplies_the_echoes)
{
    int n[3];
    fill_impulse(in, N);
    for (int k = 0; k < 3; k++) {
        render((float)k / 2, 48000);
        n[k] = n_echoes();
    }
    ck_assert_int_gt(n[0], 200); /* plain delays: of 4096 ways many are equally long or cancel */
    ck_assert_int_gt(n[1], 10 * n[0]);
    ck_assert_int_gt(n[2], 2 * n[1]);
}
END_TEST

START_TEST(plain_delays_come_within_their_lengths)
{
    fill_impulse(in, N);
    render(0, 48000);
    ck_assert_double_eq(peak(out, 97 + 149 + 211 + 293), 0);
    ck_assert_double_eq(peak(out + 401 + 599 + 809 + 1129 + 1, 40000), 0);
    ck_assert_double_gt(energy(out, N), 0.7);
}
END_TEST

START_TEST(noise_keeps_its_level)
{
    fill_noise(in, N, 3);
    render(0.7f, 48000);
    ck_assert_double_eq_tol(to_db(rms(out + 9600, N - 9600) / rms(in, N)), 0, 1.5);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("diffuser");
    tcase_add_test(c, energy_stays_and_is_spread);
    tcase_add_test(c, amount_multiplies_the_echoes);
    tcase_add_test(c, plain_delays_come_within_their_lengths);
    tcase_add_test(c, noise_keeps_its_level);
    return host_run(argc, argv, "diffuser", c);
}
