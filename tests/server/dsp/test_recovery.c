/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/dsp/test_recovery.c - filters go on once what they are given makes sense again.   */
#include "tests/server/dsp/stream.h"

enum { N = 64, SETTLE = 80, HEARD = 40 * N };
static float in[N], out[HEARD], before[HEARD], wide[N * DSP_LANES_MAX];

static const enum ph_unit ids[] = {
    PH_UNIT_LPF, PH_UNIT_HPF, PH_UNIT_RLPF, PH_UNIT_RHPF, PH_UNIT_BPF, PH_UNIT_BRF, PH_UNIT_MID_EQ,
    PH_UNIT_RESONZ, PH_UNIT_RINGZ, PH_UNIT_FORMLET, PH_UNIT_TWO_POLE, PH_UNIT_TWO_ZERO, PH_UNIT_APF,
    PH_UNIT_B_MOOG, PH_UNIT_DECIMATOR,
    PH_UNIT_B_LOW_PASS, PH_UNIT_B_HI_PASS, PH_UNIT_B_BAND_PASS, PH_UNIT_B_BAND_STOP,
    PH_UNIT_B_ALL_PASS, PH_UNIT_B_PEAK_EQ, PH_UNIT_B_LOW_SHELF, PH_UNIT_B_HI_SHELF,
    PH_UNIT_ONE_POLE, PH_UNIT_ONE_ZERO, PH_UNIT_LEAK_DC, PH_UNIT_INTEGRATOR,
    PH_UNIT_LAG, PH_UNIT_LAG2, PH_UNIT_LAG3, PH_UNIT_LAG_UD, PH_UNIT_LAG2_UD, PH_UNIT_LAG3_UD,
    PH_UNIT_VAR_LAG, PH_UNIT_RAMP, PH_UNIT_SLEW, PH_UNIT_DECAY, PH_UNIT_DECAY2, PH_UNIT_SLOPE,
    PH_UNIT_LPZ1, PH_UNIT_HPZ1, PH_UNIT_LPZ2, PH_UNIT_HPZ2, PH_UNIT_BPZ2, PH_UNIT_BRZ2,
    PH_UNIT_DELAY1, PH_UNIT_DELAY2, PH_UNIT_FLIP, PH_UNIT_MOOG_FF, PH_UNIT_HILBERT,
    PH_UNIT_FREQ_SHIFT, PH_UNIT_AMPLITUDE, PH_UNIT_COMPANDER, PH_UNIT_NORMALIZER, PH_UNIT_LIMITER,
    PH_UNIT_MEDIAN, PH_UNIT_SWITCH_DELAY, PH_UNIT_WAVE_LOSS, PH_UNIT_CROSSOVER_DISTORTION,
    PH_UNIT_RLPFD, PH_UNIT_INSIDE_OUT, PH_UNIT_MEAN_TRIGGERED, PH_UNIT_MEDIAN_TRIGGERED
};
enum { N_IDS = sizeof ids / sizeof *ids };
static const float nonsense[] = { NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 0, -1, 1e-42f, 1e9f };
/* A loud signal, the last, is no nonsense: LeakDC and Hilbert decay from it for seconds. */
enum { N_NONSENSE = sizeof nonsense / sizeof *nonsense, N_NONSENSE_SIGNALS = N_NONSENSE - 1 };

/** Which input is the signal. */
static uint32_t signal_of(enum ph_unit id) { return id == PH_UNIT_MEDIAN; }

/** Defaults that pass a signal, with times short enough to settle within SETTLE blocks. */
static void set_sane(struct unit_host *h, uint8_t rate)
{
    for (uint32_t i = 0; i < ph_units[h->id].n_inputs; i++) {
        const struct ph_unit_input *const row = &ph_units[h->id].inputs[i];
        const float value = row->quantity == PH_SECONDS ? 0.001f : row->initial;
        if (i != signal_of(h->id))
            host_set(h, i, rate, value);
    }
    if (h->id == PH_UNIT_FORMLET || h->id == PH_UNIT_DECAY2)
        host_set(h, h->id == PH_UNIT_FORMLET ? 2 : 1, rate, 0.0005f);
    if (h->id == PH_UNIT_MEAN_TRIGGERED || h->id == PH_UNIT_MEDIAN_TRIGGERED)
        host_set(h, 1, rate, 1);
    if (h->id == PH_UNIT_INTEGRATOR)
        host_set(h, 1, rate, 0.9f);
    if (h->id == PH_UNIT_SLEW) {
        host_set(h, 1, rate, 1e4f);
        host_set(h, 2, rate, 1e4f);
    }
    if (h->id == PH_UNIT_COMPANDER)
        host_set(h, 1, rate, 0.5f);
}

/** One block of the noise in lane 0, into `to`. */
static void render(struct unit_host *h, float *to)
{
    const float *signals[2] = { NULL, NULL };
    float *const outs[HOST_OUTPUTS] = { wide };
    signals[signal_of(h->id)] = in;
    stream_run(h, signals, 2, N, N, outs);
    for (int i = 0; i < N; i++)
        to[i] = wide[(uint32_t)i * h->width];
}

/** The last blocks of SETTLE. */
static void settle(struct unit_host *h, float *to)
{
    for (int block = 0; block < SETTLE; block++)
        render(h, to + block % (HEARD / N) * N);
}

/** As if nothing had been: finite, and as loud as before. */
static void check_recovered(struct unit_host *h, float was)
{
    settle(h, out);
    REQUIRE(all_finite(out, HEARD), "%s, width %u: not finite after %g", ph_units[h->id].name,
            h->width, (double)was);
    const double near_db = h->id == PH_UNIT_RAMP ? 12 : 1; /* it hears a few values of the noise */
    ck_assert_msg(fabs(to_db(rms(out, HEARD)) - to_db(rms(before, HEARD))) < near_db,
                  "%s, width %u: %g dB after %g, %g before", ph_units[h->id].name, h->width,
                  to_db(rms(out, HEARD)), (double)was, to_db(rms(before, HEARD)));
}

static struct unit_host *open_sane(enum ph_unit id, uint32_t width)
{
    struct unit_host *const h = host_new(id, 0, width, AR, 48000);
    set_sane(h, KR);
    settle(h, before);
    ck_assert_double_gt(rms(before, HEARD), 1e-4);
    return h;
}

static bool has_width(enum ph_unit id, uint32_t width)
{
    return width == 1 || host_kernels->wide(id, 0);
}

START_TEST(filters_recover_from_any_signal)
{
    fill_noise(in, N, 5);
    for (uint32_t width = 1; width; width = host_wider(width))
        for (int v = 0; v < N_NONSENSE_SIGNALS && has_width(ids[_i], width); v++) {
            struct unit_host *const h = open_sane(ids[_i], width);
            for (int block = 0; block < 3; block++) {
                host_set(h, signal_of(ids[_i]), AR, nonsense[v]);
                host_call(h, 0, N);
            }
            check_recovered(h, nonsense[v]);
            host_free(h);
        }
}
END_TEST

START_TEST(filters_recover_from_any_parameter)
{
    fill_noise(in, N, 6);
    for (uint32_t width = 1; width; width = host_wider(width))
        for (int v = 0; v < 2 * N_NONSENSE && has_width(ids[_i], width); v++)
            for (uint32_t p = 0; p < ph_units[ids[_i]].n_inputs; p++) {
                const bool once = ids[_i] == PH_UNIT_NORMALIZER || ids[_i] == PH_UNIT_LIMITER;
                if (p == signal_of(ids[_i]) || (once && p == 2)) /* read once */
                    continue;
                struct unit_host *const h = open_sane(ids[_i], width);
                host_set(h, p, v < N_NONSENSE ? KR : AR, nonsense[v % N_NONSENSE]);
                for (int block = 0; block < 3; block++)
                    render(h, out);
                set_sane(h, KR);
                check_recovered(h, nonsense[v % N_NONSENSE]);
                host_free(h);
            }
}
END_TEST

START_TEST(filters_live_with_any_parameter_at_birth)
{
    fill_noise(in, N, 7);
    for (int v = 0; v < N_NONSENSE; v++) {
        struct unit_host *const h = host_new(ids[_i], 0, 1, AR, 48000);
        set_sane(h, KR);
        for (uint32_t p = 0; p < ph_units[ids[_i]].n_inputs; p++)
            if (p != signal_of(ids[_i]))
                host_set(h, p, KR, nonsense[v]);
        settle(h, out);
        set_sane(h, KR);
        settle(h, out);
        REQUIRE(all_finite(out, HEARD), "%s after %g at birth", ph_units[ids[_i]].name,
                (double)nonsense[v]);
        host_free(h);
    }
}
END_TEST

int main(int argc, char **argv)
{
    TCase *const c = tcase_create("recovery");
    tcase_add_loop_test(c, filters_recover_from_any_signal, 0, N_IDS);
    tcase_add_loop_test(c, filters_recover_from_any_parameter, 0, N_IDS);
    tcase_add_loop_test(c, filters_live_with_any_parameter_at_birth, 0, N_IDS);
    return host_run(argc, argv, "recovery", c);
}
